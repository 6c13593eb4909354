"""Budget arithmetic: laws, limits and messages."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from strategies import LAW

from aiecon.budgets import (
    burn_rate,
    control_limits,
    cusum,
    day_shares,
    escalation,
    exhausted_after,
    mismatch_cost,
    reserve,
    run_rate,
    weekday_shares,
)
from aiecon.errors import InputError

amounts = st.floats(1.0, 1e9)
shares = st.floats(0.0, 3.0)


@LAW
@given(amounts, st.floats(0.01, 100))
def test_spending_evenly_burns_at_one(budget, period):
    half = burn_rate(budget / 2, budget, elapsed=period / 2, period=period)
    assert half == pytest.approx(1.0)
    assert exhausted_after(budget / 2, budget, elapsed=period / 2) == pytest.approx(period)


@LAW
@given(amounts, amounts, st.floats(3, 30))
def test_the_run_rate_over_the_budget_is_the_burn_rate(spent, budget, elapsed):
    expected = burn_rate(spent, budget, elapsed=elapsed, period=30)
    assert run_rate(spent, elapsed_days=elapsed, period_days=30) / budget == pytest.approx(expected)


@LAW
@given(amounts, amounts, st.floats(3, 30), st.floats(0, 1), st.floats(0.1, 9))
def test_an_even_profile_changes_nothing(spent, budget, elapsed, part, weight):
    even, since = [weight] * 30, part * (30 - elapsed)
    found = burn_rate(spent, budget, elapsed=elapsed, period=30, since=since, profile=even)
    assert found == pytest.approx(burn_rate(spent, budget, elapsed=elapsed, period=30), rel=1e-9)
    pace = run_rate(spent, elapsed_days=elapsed, period_days=30, profile=even)
    assert pace == pytest.approx(run_rate(spent, elapsed_days=elapsed, period_days=30), rel=1e-9)


@LAW
@given(st.lists(st.floats(0.01, 9), min_size=7, max_size=7), st.dates(), st.integers(3, 31), st.integers(0, 30))
def test_spending_as_the_week_does_burns_at_one_on_every_day(pattern, first, days, day):
    shares = day_shares(pattern, first=first, days=days)
    assert shares.sum() == pytest.approx(1)
    day = day % days
    burn = burn_rate(500 * shares[day], 500, elapsed=1, period=days, since=day, profile=shares)
    assert burn == pytest.approx(1, rel=1e-6)
    gone = max(day, 3)
    found = run_rate(500 * shares[:gone].sum(), elapsed_days=gone, period_days=days, profile=shares)
    assert found == pytest.approx(500)


def test_a_busy_monday_is_no_alarm():
    """March 2026 begins on a Sunday: with weekends idle, Monday's 20 of 440 is one of 22 working days."""
    shares = day_shares([1.4] * 5 + [0, 0], first=date(2026, 3, 1), days=31)
    assert burn_rate(20, 440, elapsed=1, period=31, since=1) == pytest.approx(31 / 22)
    assert burn_rate(20, 440, elapsed=1, period=31, since=1, profile=shares) == pytest.approx(1)
    assert run_rate(100, elapsed_days=7, period_days=31, profile=shares) == pytest.approx(440)


@LAW
@given(st.lists(st.floats(0.01, 9), min_size=7, max_size=7), st.dates(max_value=date(9000, 1, 1)), st.integers(20, 40))
def test_a_week_is_learnt_whatever_its_level(pattern, first, count):
    days = [first + timedelta(days=at) for at in range(count)]
    spend = [pattern[day.weekday()] * 3 ** ((day.toordinal() - day.weekday()) % 5) for day in days]  # a level a week
    np.testing.assert_allclose(weekday_shares(days, spend), np.array(pattern) / np.mean(pattern))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: burn_rate(1, 2, elapsed=1, period=2, since=-1), "since must be zero or more, got -1"),
        (
            lambda: burn_rate(1, 2, elapsed=1, period=2, since=1.5, profile=[1, 1]),
            "after its period, at 1.25 of",
        ),
        (lambda: burn_rate(1, 2, elapsed=1, period=2, profile=[0, 1]), "nothing is expected in the window"),
        (lambda: run_rate(1, elapsed_days=3, period_days=6, profile=[-1, 1]), "numbers of zero or more are needed"),
        (lambda: day_shares([1] * 6, first=date(2026, 1, 1), days=3), "seven numbers of zero or more"),
        (lambda: day_shares([1] + [0] * 6, first=date(2026, 1, 1), days=3), "one day with expected spend"),
        (lambda: weekday_shares([date(2026, 1, 5)] * 2, [1, 2]), "each day once is expected, got 1 of them again"),
        (
            lambda: weekday_shares([date(2026, 1, 5)], [1]),
            "2 whole weeks of spend, Monday to Sunday, are needed",
        ),
    ],
)
def test_a_profile_says_what_it_needs(call, words):
    with pytest.raises(InputError, match=words):
        call()


def test_nothing_spent_is_never_exhausted():
    assert exhausted_after(0.0, 100.0, elapsed=5) is None


@LAW
@given(amounts, st.floats(0.0, 1.0))
def test_spend_within_the_budget_never_escalates(budget, share):
    assert escalation(budget, budget * share) is None


@LAW
@given(st.integers(100, 10**9))
def test_the_levels_begin_strictly_above_a_fifth_and_two_fifths(cents):
    budget = cents / 100
    at_20, at_40 = cents * 12 / 1000, cents * 14 / 1000
    assert escalation(budget, at_20) is None
    assert escalation(budget, at_40) == "vice_president"
    assert escalation(budget, at_20 + 0.01) == "vice_president"
    assert escalation(budget, at_40 + 0.01) == "c_suite"


def test_without_any_budget_the_first_cent_is_for_the_top():
    assert escalation(0.0, 0.0) is None
    assert escalation(0.0, 0.01) == "c_suite"


@LAW
@given(st.lists(st.tuples(amounts, amounts), min_size=1, max_size=8), st.floats(0.5, 0.99), st.floats(0, 1))
def test_one_reserve_for_all_never_needs_more_than_one_each(teams, quantile, correlation):
    mean, sd = (list(part) for part in zip(*teams, strict=True))
    siloed = reserve(mean, sd, quantile=quantile, pooled=False)
    apart = reserve(mean, sd, quantile=quantile, correlation=0.0)
    pooled = reserve(mean, sd, quantile=quantile, correlation=correlation)
    assert apart <= pooled * (1 + 1e-12)
    assert pooled <= siloed * (1 + 1e-12)
    assert reserve(mean, sd, quantile=quantile, correlation=1.0) == pytest.approx(siloed)


@LAW
@given(amounts, amounts, st.floats(0.01, 0.99))
def test_a_reserve_of_one_team_is_its_quantile(mean, sd, quantile):
    expected = stats.norm(mean, sd).ppf(quantile)
    for pooled in (True, False):
        assert reserve(mean, sd, quantile=quantile, pooled=pooled) == pytest.approx(expected, rel=1e-9, abs=1e-6)


@LAW
@given(st.floats(0.1, 20), st.floats(0.1, 20), st.floats(-3, 3))
def test_no_amount_costs_less_than_the_fractile(short, long, z):
    best = reserve(100.0, 20.0, quantile=short / (short + long))
    least = mismatch_cost(best, 100.0, 20.0, short_cost=short, long_cost=long)
    assert mismatch_cost(100.0 + 20.0 * z, 100.0, 20.0, short_cost=short, long_cost=long) >= least * (1 - 1e-9)


def test_the_cost_of_a_mismatch_is_that_of_many_draws():
    drawn = np.random.default_rng(0).normal(100.0, 20.0, 400_000)
    cost = np.where(drawn > 110, 3 * (drawn - 110), 110 - drawn).mean()
    assert mismatch_cost(110.0, 100.0, 20.0, short_cost=3, long_cost=1) == pytest.approx(cost, rel=0.01)


@LAW
@given(st.lists(st.floats(0, 1e6), min_size=2, max_size=30), st.floats(0.1, 100))
def test_control_limits_scale_with_money(values, times):
    found, scaled = control_limits(values), control_limits([times * value for value in values])
    assert scaled.high == pytest.approx(times * found.high, abs=1e-6)
    assert found.low <= found.centre <= found.high
    assert not found.signals(found.centre)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: burn_rate(1, 0, elapsed=0, period=0), "budget must be above zero, got 0"),
        (lambda: burn_rate(1, 0, elapsed=0, period=0), "elapsed must be above zero"),
        (lambda: run_rate(1, elapsed_days=2.9, period_days=30), "elapsed_days must be 3 or more"),
        (lambda: run_rate(1, elapsed_days=3, period_days=0), "period_days must be above zero"),
        (lambda: reserve([1, 2], [1], quantile=0.8), "mean and sd must be equally many, got 2 and 1"),
        (lambda: reserve(1, -1, quantile=1.0), "quantile must be between 0 and 1, got 1.0"),
        (lambda: reserve(1, -1, quantile=0.5, correlation=2), "correlation must be between -1 and 1"),
        (lambda: mismatch_cost(1, 1, 0, short_cost=1, long_cost=1), "sd must be above zero"),
        (lambda: escalation(-1, 1), "budget must be zero or more"),
        (lambda: control_limits([1.0]), "at least two numbers are needed"),
        (lambda: cusum([], centre=0, sd=1), "at least one number is needed"),
        (lambda: cusum([1.0], centre=0, sd=0), "sd must be above zero"),
        (lambda: control_limits([1.0, float("nan")]), "at least two numbers are needed"),
    ],
)
def test_what_cannot_be_said_is_refused_in_words(call, words):
    with pytest.raises(InputError) as error:
        call()
    assert words in str(error.value)


# sums


def test_sums_alarm_as_often_and_as_soon_as_the_textbook_says():
    """Montgomery, Introduction to Statistical Quality Control, table 9.3; Siegmund (1985) for one side: 938."""
    calm = np.random.default_rng(0).standard_normal((500, 3_000))
    assert 1 / (cusum(calm, centre=0.0, sd=1.0) > 5).mean() == pytest.approx(938, rel=0.06)
    risen = cusum(calm[:, :200] + 1.0, centre=0.0, sd=1.0) > 5
    assert (risen.argmax(axis=1) + 1).mean() == pytest.approx(10.38, rel=0.05)


@LAW
@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=30), st.floats(0.1, 10), st.floats(0, 2), st.floats(1, 9))
def test_sums_are_those_of_a_slow_twin(values, sd, allowance, decision):
    slow, before = [], 0.0
    for value in values:
        before = max(0.0, (0.0 if before > decision else before) + (value - 5.0) / sd - allowance)
        slow.append(before)
    found = cusum(values, centre=5.0, sd=sd, allowance=allowance, decision=decision)
    np.testing.assert_allclose(found, slow, rtol=1e-12, atol=1e-12)
    many = cusum([values, values], centre=np.array([5.0, 5.0]), sd=np.array([sd, sd]), decision=decision)
    assert many.shape == (2, len(values))


def test_spend_at_or_below_its_centre_never_alarms():
    assert cusum([1.0, 2.0, 3.0], centre=3.0, sd=1.0, allowance=0.0).tolist() == [0.0, 0.0, 0.0]


NAN = float("nan")


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: burn_rate("a", NAN, elapsed=1, period=2), "spent must be a number, got 'a'"),
        (lambda: burn_rate(1, NAN, elapsed=1, period=2), "budget must be above zero, got nan"),
        (lambda: run_rate(NAN, elapsed_days="9", period_days=30), "elapsed_days must be 3 or more"),
        (lambda: exhausted_after(1, NAN, elapsed=0), "elapsed must be above zero, got 0"),
        (lambda: reserve(NAN, 1, quantile=0.5), "mean must be a number or a list of numbers, got nan"),
        (lambda: reserve(1, ["a"], quantile=0.5), "sd must be a number or a list of numbers"),
        (lambda: reserve(1, 1, quantile="high"), "quantile must be between 0 and 1, got 'high'"),
        (lambda: mismatch_cost(1, NAN, 1, short_cost=-1, long_cost=1), "short_cost must be zero or more, got -1"),
        (lambda: escalation(NAN, "a"), "actual must be a number, got 'a'"),
        (lambda: escalation(1, 2, vice_president=0.5, c_suite=0.4), "c_suite must not be below vice_president"),
        (lambda: control_limits(["a", "b"]), "at least two numbers are needed"),
        (lambda: cusum(["a"], centre=0, sd=NAN), "sd must be above zero, got nan"),
        (lambda: cusum([1.0], centre="a", sd=1), "centre must be a number"),
        (lambda: weekday_shares(["2026-03-02"], [1.0]), "dates are needed"),
        (lambda: weekday_shares([date(2026, 3, 2)], ["a"]), "a number for each of 1 days is needed"),
        (lambda: day_shares(["a"] * 7, first=date(2026, 3, 2), days=7), "seven numbers of zero or more"),
    ],
)
def test_what_is_no_number_is_refused_in_words(call, words):
    with pytest.raises(InputError) as caught:
        call()
    assert words in "\n".join(caught.value.problems)
