"""The ladder over several months: the base on the long term, busy months on the short one, never beaten by any mix."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import LAW, law

from aiecon.errors import InputError
from aiecon.models.provisioned import ProvisionedInputs, provisioned, term_ladder
from aiecon.units import MINUTES_PER_MONTH

MONTH = int(MINUTES_PER_MONTH)
YEAR_AND_MONTH = [
    {"name": "year", "price_per_unit_month": 50.0, "commitment_months": 12},
    {"name": "month", "price_per_unit_month": 60.0, "commitment_months": 1},
]


def cheapest_mix(demand, months, payg, terms, increment):
    """Lowest cost of every mix: each term holds any number of steps in each of its stretches, each tried in turn."""
    steps = int(np.ceil(max(demand) / increment))
    counts = increment * np.arange(steps + 1)
    every = np.unique(months)
    shares = np.array([np.mean(months == month) for month in every])
    spill = [
        [np.maximum(demand[months == month] - held, 0).sum() / len(demand) * payg for held in counts] for month in every
    ]

    def least(first, last, left):
        """Cost of months first to last with each number of steps already held; terms are tried longest first."""
        if not left:
            return np.sum(spill[first:last], axis=0)
        (length, price), *more = left
        total = np.zeros(steps + 1)
        for start in range(first, last, length):
            end = min(start + length, last)
            below = least(start, end, more)
            own = counts * price * shares[start:end].sum()
            total += [
                min(own[add] + below[min(held + add, steps)] for add in range(steps + 1)) for held in range(steps + 1)
            ]
        return total

    lengths = [(max(int(np.ceil(months_of)), 1), price) for price, months_of in terms]
    return least(0, len(every), sorted(lengths, reverse=True))[0]


def cost_of(by_month, demand, months, payg, terms):
    """What the units of each month and what spills above them cost."""
    held = np.array([list(row.values()) for row in by_month])[months - months[0]]
    spill = np.maximum(demand - held.sum(axis=1), 0) * payg
    return float(np.mean(held @ np.array([price for price, _ in terms]) + spill))


def test_the_ladder_is_the_best_of_all_mixes_in_500_cases():
    random = np.random.default_rng(16)
    has_mixed = 0
    for case in range(500):
        count = 1 + case % 4
        peak, increment = int(random.integers(1, 41)), int(random.integers(1, 4)) if case % 7 else 1
        minutes, horizon = int(random.integers(1, 6)), int(random.integers(1, 5))
        months = np.repeat(np.arange(horizon), random.integers(1, minutes + 1, horizon))
        busy = random.integers(0, peak + 1, horizon)[months]
        demand = random.integers(busy // 2, busy + 1) / (2 if case % 3 else 1)
        lengths = [int(random.choice([0, 1, 2, 4])) for _ in range(count)]
        rate = (
            {0: 1.0, 1: 0.95, 2: 0.8, 4: 0.65} if case % 5 else dict.fromkeys(lengths, 1.0)
        )  # longer is cheaper, mostly
        level = float(random.integers(1, 13))
        terms = [(level * rate[length] * random.uniform(0.9, 1.1), length) for length in lengths]
        payg = level * random.uniform(0.5, 3)
        rows = [
            {"name": f"t{place}", "price_per_unit_month": price, "commitment_months": length}
            for place, (price, length) in enumerate(terms)
        ]
        found = term_ladder(demand, payg_per_unit_month=payg, terms=rows, increment=increment, months=months)
        assert found.cost_per_month == pytest.approx(cheapest_mix(demand, months, payg, terms, increment), abs=1e-6), (
            case
        )
        assert found.cost_per_month == pytest.approx(cost_of(found.by_month, demand, months, payg, terms), abs=1e-6), (
            case
        )
        has_mixed += sum(units > 0 for units in found.layers.values()) > 1
    assert has_mixed > 90  # cases in which more than one term carries units


def test_the_base_is_on_the_year_busy_months_on_the_month_and_the_top_is_paid_as_it_goes():
    demand = np.concatenate([[2.0, 3.0], [2.0, 9.0]])
    found = term_ladder(demand, payg_per_unit_month=100.0, terms=YEAR_AND_MONTH, months=[0, 0, 1, 1])
    assert found.by_month == ({"year": 2, "month": 0}, {"year": 2, "month": 0})
    tight = term_ladder([2.0, 2.0, 6.0, 9.0], payg_per_unit_month=100.0, terms=YEAR_AND_MONTH, months=[0, 0, 1, 1])
    assert tight.layers == {"year": 2, "month": 4}
    assert tight.by_month == ({"year": 2, "month": 0}, {"year": 2, "month": 4})
    assert tight.units_cost_per_month == {"year": 2 * 50.0, "month": 4 * 60.0 / 2}
    assert tight.cost_per_month == pytest.approx(100 + 120 + 3 / 4 * 100)


def test_a_minimum_holds_in_every_month():
    found = term_ladder(
        [1.0, 1.0, 6.0, 6.0], payg_per_unit_month=100.0, terms=YEAR_AND_MONTH, minimum=5, months=[0, 0, 1, 1]
    )
    assert [sum(held.values()) for held in found.by_month] == [0, 6]


MIXES = st.lists(st.tuples(st.integers(0, 900), st.integers(0, 900)), min_size=1, max_size=20)


@LAW
@given(demand=MIXES, price=st.integers(0, 600), times=st.sampled_from([0.25, 3.0, 1_000.0]))
def test_all_prices_times_k_multiply_the_cost_and_move_no_unit(demand, price, times):
    minutes = np.array(demand).T.ravel() / 100
    months = np.repeat([0, 1], len(demand))
    rows = [{**YEAR_AND_MONTH[0], "price_per_unit_month": float(price)}, YEAR_AND_MONTH[1]]
    dearer = [{**row, "price_per_unit_month": row["price_per_unit_month"] * times} for row in rows]
    one = term_ladder(minutes, payg_per_unit_month=100.0, terms=rows, months=months)
    other = term_ladder(minutes, payg_per_unit_month=100.0 * times, terms=dearer, months=months)
    assert other.cost_per_month == pytest.approx(one.cost_per_month * times)
    assert other.by_month == one.by_month


def test_months_that_do_not_rise_are_refused():
    for months in ([1, 0], [0]):
        with pytest.raises(InputError, match="months: one rising number is needed for each minute"):
            term_ladder([1.0, 2.0], payg_per_unit_month=1.0, terms=YEAR_AND_MONTH, months=months)


def test_more_steps_than_could_be_sold_are_refused():
    with pytest.raises(InputError, match="needs 10,000,000 steps of units"):
        term_ladder([1e7], payg_per_unit_month=1.0, terms=YEAR_AND_MONTH)


def asked(demand, **more):
    unit = {"tokens_per_minute": 100, "output_weight": 4, "minimum_units": 1, "increment_units": 1}
    terms = [{**YEAR_AND_MONTH[0], "price_per_unit_month": 200.0}, {**YEAR_AND_MONTH[1], "price_per_unit_month": 250.0}]
    inputs = {
        "capacity_unit": {"provider": "p", "model": "m", **unit},
        "payg": {"provider": "p", "model": "m", "input_per_mtok": 100.0, "output_per_mtok": 400.0},
        "terms": terms,
        "shape": {"input_tokens_per_request": 10, "output_tokens_per_request": 0},
        "demand": {"tokens_per_minute": demand},
        "bootstrap": 0,
    }
    return provisioned(ProvisionedInputs.build(inputs | more))


@pytest.mark.parametrize(("extra", "months"), [(840, 2), (MONTH // 2 - 1, 2), (MONTH // 2, 3)])
def test_what_is_left_of_less_than_half_a_month_belongs_to_the_month_before(extra, months):
    demand = [200.0] * MONTH + [600.0] * MONTH + [0.0] * extra
    assert len(asked(demand).ladder.by_month) == months


def test_an_answer_lays_its_own_months():
    answer = asked([200.0] * MONTH + [600.0] * MONTH)
    assert answer.ladder.by_month == ({"year": 2, "month": 0}, {"year": 2, "month": 4})
    assert answer.ladder.cost_per_month == pytest.approx(2 * 200 + 4 * 250 / 2)
    assert answer.ladder.cost_per_month < answer.optimal_cost


@law(30)
@given(
    demand=st.lists(st.integers(0, 900), min_size=1, max_size=40),
    share=st.sampled_from([0.0, 0.3, 1.0]),
    worth=st.integers(0, 900),
)
def test_the_ladder_of_one_month_costs_what_the_optimum_does_with_refusals_too(demand, share, worth):
    answer = asked([float(minute) for minute in demand], refused_share=share, refusal_cost_per_mtok=float(worth))
    if answer.ladder is not None:
        assert answer.ladder.cost_per_month == pytest.approx(answer.optimal_cost, abs=1e-6)
        assert sum(answer.ladder.layers.values()) == answer.optimal_units
