"""Money over time against plain loops."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import LAW

from aiecon.errors import InputError
from aiecon.finance import capital_recovery_factor, irr, mirr, monthly_rate, npv, payback, recovery


@LAW
@given(st.floats(-0.05, 0.5), st.integers(1, 120))
def test_the_annuity_repays_one_unit_with_interest(rate, periods):
    owed = 1.0
    for _ in range(periods):
        owed = owed * (1 + rate) - capital_recovery_factor(rate, periods)
    assert owed == pytest.approx(0, abs=1e-7 * (1 + abs(rate)) ** periods)


@pytest.mark.parametrize("rate", [0.0, 1e-13, -1e-13, 1e-11, 1e-9])
def test_at_a_rate_near_zero_capital_is_spread_evenly(rate):
    assert capital_recovery_factor(rate, 48) == pytest.approx(1 / 48, rel=1e-6)


def test_recovery_of_arrays_is_that_of_each():
    rates, periods = np.array([0.0, 0.01, 0.1]), np.array([12.0, 48.0, 7.5])
    expected = [capital_recovery_factor(rate, count) for rate, count in zip(rates, periods, strict=True)]
    np.testing.assert_allclose(recovery(rates, periods), expected, rtol=1e-14)


def test_twelve_months_make_a_year():
    assert (1 + monthly_rate(0.08)) ** 12 == pytest.approx(1.08)


@pytest.mark.parametrize(
    ("rate", "periods", "words"),
    [
        (-1.0, 12, ["rate must be above -1, got -1.0"]),
        (float("nan"), 0, ["rate must be above -1, got nan", "periods must be above zero, got 0"]),
    ],
)
def test_an_impossible_annuity_is_refused(rate, periods, words):
    with pytest.raises(InputError) as caught:
        capital_recovery_factor(rate, periods)
    assert list(caught.value.problems) == words


@pytest.mark.parametrize(
    ("start", "flows", "later", "expected"),
    [
        (-1_000, [400, 400, 400], None, 2.5),
        (-800, [400, 400, 400], None, 2.0),
        (-1_000, [400, 400], None, None),
        (0, [5, 5], None, 0.0),
        (0, [0, 0], None, 0.0),
        (-100, [0, 200], None, 1.5),
        (0, [-100, 50, 100], None, 2.5),  # the first month does not save
        (0, [-100, 50], None, None),
        (0, [10, -100, 50], None, 0.0),  # nothing is spent up front and the first month saves
        (-100, [50, 100, 300], [0, -200, 0], 2.5),  # bought again before it has come back
        (-100, [50, 100, 10], [0, -200, 0], None),
        (-100, [150, 10], [0, -500], 2 / 3),  # and after
        (-100, [-50, 200], None, 1.75),
        (0, [], None, 0.0),
        (-1, [], None, None),
    ],
)
def test_payback_is_the_first_moment_the_sum_is_no_longer_negative(start, flows, later, expected):
    at_starts = None if later is None else np.array([start, *later[1:]], dtype=float)
    found = payback(start, np.array(flows, dtype=float), at_starts=at_starts)
    assert found == (None if expected is None else pytest.approx(expected))


@LAW
@given(
    st.floats(-1_000, -1),
    st.lists(st.floats(-50, 200), min_size=1, max_size=30),
    st.lists(st.sampled_from([0.0, 0.0, 0.0, -300.0]), min_size=30, max_size=30),
)
def test_payback_is_where_a_fine_clock_first_sees_the_sum_at_zero(start, flows, later):
    at_starts = np.array(later[: len(flows)])
    found = payback(start, np.array(flows), at_starts=at_starts)
    steps, running, seen = 1_000, start, None
    for period, flow in enumerate(flows):
        running += at_starts[period] if period else 0.0
        for step in range(1, steps + 1):
            if seen is None and running + flow * step / steps >= 0:
                seen = period + step / steps
        running += flow
    assert (found is None) == (seen is None) or abs(running) < 1e-6
    if found is not None and seen is not None:
        assert found == pytest.approx(seen, abs=1.01 / steps)


def flows_with(rates):
    """Flows that are worth nothing at these rates and, beside them, nowhere."""
    flows = np.array([-1.0])
    for rate in rates:
        flows = np.convolve(flows, [1.0, -(1.0 + rate)])
    return 1_000 * flows


def test_npv_is_a_plain_sum():
    flows = [-100.0, 30.0, 40.0, 50.0]
    assert npv(0.1, flows) == pytest.approx(sum(flow / 1.1**time for time, flow in enumerate(flows)))
    assert npv(0.0, flows) == pytest.approx(20.0)
    assert npv(0.5, [7.0]) == 7.0


@pytest.mark.parametrize(
    "rates",
    [
        [0.1],
        [0.1, 0.4],
        [-0.9, 0.5],
        [-0.999, 5.0],
        [-0.2, 0.0, 0.3],
        [0.05, 0.1, 0.2, 0.3, 0.5],
        [0.1001, 0.1],
    ],
)
def test_every_rate_is_found_ascending(rates):
    assert irr(flows_with(rates)) == pytest.approx(sorted(rates), abs=1e-8)


@pytest.mark.parametrize("rates", [[0.1, 0.1], [0.1, 0.1, 0.3, 0.3], [-0.5, 0.2, 0.2]])
def test_a_rate_that_the_value_only_touches_counts_once(rates):
    assert irr(flows_with(rates)) == pytest.approx(sorted(set(rates)), abs=1e-7)


def test_a_rate_met_three_times_counts_once():
    assert irr(flows_with([0.1, 0.1, 0.1])) == pytest.approx([0.1], abs=1e-4)


@pytest.mark.parametrize(
    "flows",
    [
        [],
        [0.0],
        [5.0],
        [0.0, 0.0],
        [100, 10],
        [-100, -10],
        [0, -100, 0],
        [1.0, -2.0, 1.0001],
        [-1, 1.9, -1],
        [-1, 1e-310],
    ],
)
def test_where_no_real_rate_is_the_list_is_empty(flows):
    assert irr(flows) == []


def test_zeros_before_and_after_move_no_rate():
    assert irr([0, 0, -100, 110, 0]) == pytest.approx([0.1])


def test_a_loan_has_the_rate_of_its_mirror():
    assert irr([100, -39, -59, -55, -20]) == pytest.approx(irr([-100, 39, 59, 55, 20]))


def test_a_hundred_and_twenty_months():
    rate = 0.0123
    flows = np.full(121, 1_000.0)
    flows[0] = -1_000.0 / capital_recovery_factor(rate, 120)
    assert irr(flows) == pytest.approx([rate], abs=1e-12)
    assert irr(np.convolve([-1.0, 2.02, -(1.01**2)], np.ones(119))) == pytest.approx([0.01], abs=1e-7)
    assert irr([-1e6, *[0.0] * 119, 1.0]) == pytest.approx([1e-6 ** (1 / 120) - 1])


@LAW
@given(st.lists(st.floats(-1e6, 1e6).map(lambda value: round(value, 2)), min_size=2, max_size=40))
def test_at_every_rate_found_the_flows_are_worth_nothing(flows):
    for rate in irr(flows):
        sizes = np.abs(flows) * (1.0 + rate) ** -np.arange(len(flows))
        assert abs(npv(rate, flows)) <= 1e-9 * sizes.sum()


@pytest.mark.parametrize("seed", range(6))
def test_as_many_rates_as_a_fine_scan_sees_signs_change(seed):
    values = np.random.default_rng(seed)
    flows = values.normal(size=60)
    places = np.linspace(-2, 2, 8_001)
    weights = np.exp(np.outer(places, np.arange(60)) - np.maximum(places, 0)[:, None] * 59)
    worth = weights @ flows
    inside = [rate for rate in irr(flows) if np.exp(-2) < 1 + rate < np.exp(2)]
    assert len(inside) == np.sum(worth[1:] * worth[:-1] < 0)


@pytest.mark.parametrize("flows", [[-100, -10], [100, 10], [-100], [0, 0]])
def test_a_modified_rate_needs_money_out_and_back(flows):
    assert mirr(flows, finance_rate=0.08, reinvest_rate=0.05) is None


def test_a_modified_rate_is_the_plain_one_when_all_comes_back_at_the_end():
    assert mirr([-100, 0, 121], finance_rate=0.3, reinvest_rate=0.3) == pytest.approx(0.1)
