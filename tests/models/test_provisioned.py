"""Definitions, laws and messages of provisioned throughput against pay-as-you-go."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtr
from strategies import LAW, law

from aiecon.errors import FrameError, InputError
from aiecon.ingestion.resolve import resolve
from aiecon.models.provisioned import (
    ProvisionedInputs,
    break_even_by_term,
    pool,
    provisioned,
    replay,
    required_units,
    rightsize,
    term_ladder,
)
from aiecon.units import MINUTES_PER_MONTH
from aiecon.vocabulary.distribution import Beta, Discrete, Lognormal, Mixture, Normal, Pareto, Pert, Triangular, Uniform
from aiecon.vocabulary.shape import RequestShape

DAY = 24 * 60
FULL = 100 * MINUTES_PER_MONTH * 100.0 / 1e6
"""Pay-as-you-go cost of a unit of `question` used all month: 438."""

demands = st.lists(st.integers(0, 900), min_size=1, max_size=40)
prices = st.integers(0, 600)
minimums, increments = st.integers(0, 9), st.integers(1, 5)


def question(demand, *terms, minimum=1, increment=1, **more):
    """Units of 100 tokens a minute against 100 per million tokens; demand is a list of minutes or a table."""
    terms = terms or ((300.0, 1),)
    unit = {"tokens_per_minute": 100, "output_weight": 4, "minimum_units": minimum, "increment_units": increment}
    payg = {"input_per_mtok": 100.0, "output_per_mtok": 400.0}
    values = {
        "capacity_unit": {"provider": "azure", "model": "m", **unit, **more.pop("unit", {})},
        "payg": {"provider": "azure", "model": "m", **payg, **more.pop("payg", {})},
        "terms": [
            {"name": f"term-{place}", "price_per_unit_month": price, "commitment_months": months}
            for place, (price, months) in enumerate(terms)
        ],
        "shape": {"input_tokens_per_request": 10, "output_tokens_per_request": 0},
        "demand": demand if isinstance(demand, dict) else {"tokens_per_minute": list(demand)},
        "bootstrap": 0,
    }
    return ProvisionedInputs.build(values | more)


def asked(demand, *terms, **more):
    return provisioned(question(demand, *terms, **more))


def figures(answer):
    return {metric.key: metric.value for metric in answer.summary()}


def notes(answer):
    return {metric.key: metric.note for metric in answer.summary()}


@pytest.fixture
def log(tmp_path, monkeypatch):
    """Writes lines to trace.csv in the working folder and returns the demand that names it."""
    monkeypatch.chdir(tmp_path)

    def write(*lines):
        (tmp_path / "trace.csv").write_text("\n".join([*lines, ""]))
        return {"file": "trace.csv"}

    return write


def from_file(demand, *terms, **more):
    return provisioned(resolve(question(demand, *terms, **more)))


def refused(function, *args, **more):
    with pytest.raises(InputError) as caught:
        function(*args, **more)
    return caught.value.problems


# Keys, one by one


def test_the_keys_of_the_contract_are_there_in_reading_order():
    keys = list(figures(asked([50, 150])))
    assert keys[:8] == [
        "optimal_units",
        "best_term",
        "optimal_cost_per_month",
        "payg_cost_per_month",
        "savings_per_month",
        "utilization",
        "spill_share",
        "break_even_utilization",
    ]
    assert {"peak_sized_units", "peak_sized_cost_per_month", "latency_premium_per_month"} < set(keys)


def test_four_minutes_by_hand():
    found = figures(asked([50, 150, 50, 150]))
    assert found["optimal_units"] == 1
    assert found["best_term"] == "term-0"
    assert found["payg_cost_per_month"] == pytest.approx(FULL)
    assert found["optimal_cost_per_month"] == pytest.approx(300 + 0.25 * FULL)
    assert found["savings_per_month"] == pytest.approx(0.75 * FULL - 300)
    assert found["peak_sized_units"] == 2
    assert found["peak_sized_cost_per_month"] == pytest.approx(600)
    assert found["latency_premium_per_month"] == pytest.approx(600 - 300 - 0.25 * FULL)
    assert found["break_even_utilization"] == pytest.approx(300 / FULL)


def test_normalised_tokens_follow_the_formula_with_other_inputs_and_cached_weight():
    unit = question([1], unit={"cached_weight": 0.25, "input_weights": {"audio": 7.0, "image": 2.0}}).capacity_unit
    shape = shape_of(100, 30, cached=0.4, audio=5, image=10)
    assert unit.normalised(shape) == pytest.approx(100 + 7 * 5 + 2 * 10 + 4 * 30 - 0.75 * 40)


def shape_of(read, written, *, cached=0.0, **other):
    return RequestShape(
        input_tokens_per_request=read,
        output_tokens_per_request=written,
        cached_input_share=cached,
        other_input_tokens=other or None,
    )


def test_cached_tokens_that_burn_nothing_are_worth_money_at_pay_as_you_go():
    shape = {"input_tokens_per_request": 100, "output_tokens_per_request": 0, "cached_input_share": 0.5}
    inputs = question([100], payg={"cached_input_per_mtok": 10.0}, shape=shape)
    worth = (50 * 100 + 50 * 10) / 50  # per million normalised tokens
    table = break_even_by_term(inputs)
    assert table["payg_value_per_unit_month"].item() == pytest.approx(100 * MINUTES_PER_MONTH * worth / 1e6)
    assert provisioned(inputs).payg_cost == pytest.approx(100 * MINUTES_PER_MONTH * worth / 1e6)


@pytest.mark.parametrize(
    ("raw", "units"),
    [(0, 0), (0.01, 7), (5, 7), (7, 10), (9.9, 10), (10 * (1 + 9e-10), 10), (10 * (1 + 1e-8), 15)],
)
def test_units_are_none_or_the_minimum_or_the_next_multiple_forgiving_a_billionth(raw, units):
    assert question([1], minimum=7, increment=5).capacity_unit.sold(raw) == units


def test_required_units_takes_tables_and_refuses_a_negative_rate():
    unit = question([1]).capacity_unit.model_dump()
    shape = {"input_tokens_per_request": 10, "output_tokens_per_request": 5}
    assert required_units(unit, shape, requests_per_minute=10) == 3
    (problem,) = refused(required_units, unit, shape, requests_per_minute=-1)
    assert problem == "requests_per_minute must be zero or more, got -1"


def test_the_table_has_one_row_for_each_term_and_number_of_units_that_is_sold():
    table = asked([1_150], (300.0, 1), (200.0, 12), minimum=7, increment=5).to_frame()
    assert table.groupby("term")["units"].agg(list).to_dict() == {
        "term-0": [0, 7, 10, 15],
        "term-1": [0, 7, 10, 15],
    }
    assert table.loc[table["is_peak"], "units"].tolist() == [15, 15]
    assert table.loc[table["is_optimum"], "units"].tolist() == [10, 10]
    assert table["units_cost"].add(table["spill_cost"]).to_numpy() == pytest.approx(table["cost_per_month"])


def test_no_number_of_units_beyond_the_peak_is_offered():
    table = asked([90], minimum=7, increment=5).to_frame()
    assert table["units"].tolist() == [0, 7]


def test_the_peak_is_the_largest_minute_or_the_999th_permille_of_a_population():
    assert asked([10] * 5_000 + [990]).peak_sized_units == 10
    assert asked({"distribution": {"shape": "uniform", "low": 0, "high": 1_000}}).peak_sized_units == 10
    assert asked({"distribution": {"shape": "uniform", "low": 0, "high": 1_001.5}}).peak_sized_units == 11


def test_a_mean_minute_stands_for_all_43_800_of_a_month():
    one, many = asked([70, 130]), asked([70, 130] * 500)
    assert figures(one) == pytest.approx(figures(many))
    assert one.payg_cost == pytest.approx(43_800 * 100 * 100 / 1e6)


def test_minutes_that_are_absent_count_as_none_and_that_is_said(log):
    answer = from_file(log("minute,tokens", "0,150", "3,50"))
    assert answer.minutes.tokens.tolist() == [150, 0, 0, 50]
    assert answer.payg_cost == pytest.approx(43_800 * 50 * 100 / 1e6)
    assert "2 of 4 minutes have no row; they count as no demand" in answer.notes


def test_no_term_is_best_when_no_unit_is_worth_buying():
    answer = asked([50, 0, 0, 0])
    assert (answer.optimal_units, figures(answer)["best_term"], figures(answer)["utilization"]) == (0, None, None)
    assert notes(answer)["best_term"] == notes(answer)["utilization"] == "no unit is worth buying"
    assert notes(answer)["saves_probability"] == "no unit is worth buying"
    assert answer.optimal_cost == answer.payg_cost
    assert answer.spill_share == 1.0


def test_a_break_even_above_one_says_never():
    answer = asked([150, 50], (FULL * 1.2, 1))
    assert answer.break_even_utilization == pytest.approx(1.2)
    assert "never" in notes(answer)["break_even_utilization"]
    assert "never" not in notes(asked([150, 50]))["break_even_utilization"]


def test_the_break_even_is_of_the_term_cheapest_by_the_month_and_free_tokens_have_none():
    assert asked([150], (300.0, 1), (219.0, 12)).break_even_utilization == pytest.approx(0.5)
    free = asked([150], payg={"input_per_mtok": 0.0, "output_per_mtok": 0.0})
    assert free.break_even_utilization is None
    assert "costs nothing" in notes(free)["break_even_utilization"]
    assert free.optimal_units == 0


def test_the_best_term_is_the_one_whose_own_optimum_is_cheapest():
    answer = asked([200, 300, 400], (300.0, 1), (250.0, 12), (310.0, 0))
    assert answer.term.name == "term-1"
    assert answer.optimal_cost == pytest.approx(answer.to_frame()["cost_per_month"].min())


@pytest.mark.parametrize(
    ("demand", "terms", "term", "units"),
    [
        ([100, 100], ((FULL, 1),), None, 0),  # a unit that only breaks even
        ([100, 100], ((300.0, 12), (300.0, 1)), "term-1", 1),
        ([100, 200], ((FULL / 2, 1),), "term-0", 1),  # the second unit only breaks even
        ([200], ((0.0, 12), (0.0, 0)), "term-1", 2),
        ([100], ((FULL, 0), (FULL, 12)), None, 0),
    ],
)
def test_a_tie_goes_to_what_commits_to_less(demand, terms, term, units):
    answer = asked(demand, *terms)
    assert (answer.term and answer.term.name, answer.optimal_units) == (term, units)


def test_the_peak_sized_cost_is_at_the_cheapest_term_and_counts_what_still_spills():
    population = asked({"distribution": {"shape": "uniform", "low": 0, "high": 1_000.5}}, (300.0, 1), (200.0, 12))
    assert population.peak_sized_units == 10
    spilled = 0.5**2 / 2 / 1_000.5 * MINUTES_PER_MONTH * 100 / 1e6
    assert population.peak_sized_cost == pytest.approx(2_000 + spilled, rel=1e-9)
    assert population.latency_premium == pytest.approx(population.peak_sized_cost - population.optimal_cost)


def test_nothing_spills_when_nothing_is_demanded():
    answer = asked([0, 0, 0])
    found = figures(answer)
    assert found["spill_share"] is None
    assert notes(answer)["spill_share"] == "nothing is demanded"
    assert (found["optimal_units"], found["payg_cost_per_month"], found["peak_sized_units"]) == (0, 0.0, 0)
    assert found["ladder_cost_per_month"] is None


def test_a_peak_alone_sizes_and_says_why_the_rest_is_not_known():
    answer = asked({"peak_requests_per_minute": 25.0}, (300.0, 1), (200.0, 12), minimum=2, increment=2)
    found, words = figures(answer), notes(answer)
    assert found["peak_sized_units"] == 4
    assert found["peak_sized_cost_per_month"] == pytest.approx(800.0)
    assert found["break_even_utilization"] == pytest.approx(200 / FULL)
    unknown = {
        "optimal_units",
        "best_term",
        "optimal_cost_per_month",
        "payg_cost_per_month",
        "savings_per_month",
        "utilization",
        "spill_share",
        "latency_premium_per_month",
        "saves_probability",
        "ladder_cost_per_month",
    }
    assert {key for key, value in found.items() if value is None} == unknown
    assert all(words[key] for key in unknown)
    assert "by the minute" in words["saves_probability"]
    assert answer.to_frame()["units"].tolist() == [4, 4]


# Populations


SHAPES = [
    Normal(p10=50.0, p90=800.0),
    Lognormal(p10=60.0, p90=900.0),
    Uniform(low=-100.0, high=700.0),
    Triangular(low=0.0, mode=200.0, high=900.0),
    Pert(low=-50.0, mode=100.0, high=1_200.0),
    Pareto(minimum=60.0, alpha=3.0),
    Mixture(parts=[Lognormal(p10=20.0, p90=90.0), Lognormal(p10=300.0, p90=900.0)], weights=[4.0, 1.0]),
    Discrete(values=[300.0, -5.0, 100.0, 850.0], weights=[2.0, 1.0, 3.0, 0.5]),
]
shaped = pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.shape)


def spill_of(shape, unit=100):
    """Tokens beyond each number of units of a mean minute, of a population."""
    found = asked({"distribution": shape.model_dump(exclude_none=True)}, unit={"tokens_per_minute": unit}).curve
    return found.spill_tokens / MINUTES_PER_MONTH


@shaped
def test_a_population_spills_what_many_of_its_minutes_spill(shape):
    shares = (np.arange(400_000) + 0.5) / 400_000
    minutes = np.maximum(shape.ppf(shares), 0.0)
    found = spill_of(shape)
    brute = [np.maximum(minutes - 100 * units, 0.0).mean() for units in range(len(found))]
    assert found == pytest.approx(brute, rel=1e-3, abs=1e-2)


def test_a_beta_population_too():
    found = spill_of(Beta(successes=3, failures=9), unit=0.1)
    minutes = Beta(successes=3, failures=9).ppf((np.arange(400_000) + 0.5) / 400_000)
    assert found == pytest.approx(
        [np.maximum(minutes - 0.1 * units, 0.0).mean() for units in range(len(found))], rel=1e-4, abs=1e-7
    )
    assert found[0] == pytest.approx(4 / 14, rel=1e-9)


def test_a_lognormal_population_spills_by_the_formula_of_black_and_scholes():
    shape = Lognormal(p10=20.0, p90=500.0)
    found, sigma = spill_of(shape), shape.sigma
    capacity = 100.0 * np.arange(1, len(found))
    d = (np.log(np.sqrt(20.0 * 500.0) / capacity) + sigma**2) / sigma
    assert found[1:] == pytest.approx(shape.mean * ndtr(d) - capacity * ndtr(d - sigma), rel=1e-9)
    assert found[0] == pytest.approx(shape.mean, rel=1e-9)


def test_a_uniform_and_a_triangular_population_spill_by_their_polynomials():
    assert spill_of(Uniform(low=0.0, high=500.0)) == pytest.approx(
        [(500 - 100 * units) ** 2 / 1_000 for units in range(6)], rel=1e-9, abs=1e-9
    )
    falling = [(900 - 100 * units) ** 3 / (3 * 900 * 700) for units in range(2, 10)]
    assert spill_of(Triangular(low=0.0, mode=200.0, high=900.0))[2:] == pytest.approx(falling, rel=1e-6, abs=1e-6)


def test_a_population_in_a_file_is_the_sample_in_it(log, tmp_path):
    log("load", *(str(value) for value in (50, 150, 50, 150)))
    inputs = question({"distribution": {"shape": "empirical", "file": "trace.csv", "column": "load"}})
    found, sample = figures(provisioned(resolve(inputs))), figures(asked([50, 150, 50, 150]))
    for key in ("optimal_units", "optimal_cost_per_month", "payg_cost_per_month", "spill_share", "utilization"):
        assert found[key] == pytest.approx(sample[key])


def test_a_population_of_hundreds_of_units_is_answered_at_once():
    answer = asked({"distribution": {"shape": "lognormal", "p10": 5_000, "p90": 30_000}})
    assert answer.peak_sized_units > 500
    assert answer.is_population


# Files of requests


def test_long_requests_are_priced_row_by_row(log):
    payg = {"long_context": {"from_tokens": 200, "input_per_mtok": 200.0, "output_per_mtok": 1_000.0}}
    lines = log("timestamp,input_tokens,output_tokens", "0,199,10", "1,200,10", "60,50,0")
    answer = from_file(lines, payg=payg)
    assert answer.minutes.tokens.tolist() == [199 + 200 + 2 * 40, 50]
    short, long = 199 * 100 + 10 * 400, 200 * 200 + 10 * 1_000
    assert answer.minutes.value * 2 == pytest.approx((short + long + 50 * 100) / 1e6)


def test_what_spills_costs_what_its_own_minute_costs(log):
    lines = log("timestamp,input_tokens,output_tokens", "0,200,0", "60,0,50")
    answer = from_file(lines, payg={"output_per_mtok": 1_200.0})  # a normalised token of output costs 300 per million
    spilled = answer.to_frame().query("units == 1")["spill_cost"].item()
    assert spilled == pytest.approx((100 * 100 + 100 * 300) / 2 / 1e6 * MINUTES_PER_MONTH)
    assert answer.break_even_utilization == pytest.approx(300 / (2 * FULL))


def test_cached_input_that_burns_no_capacity_is_still_paid_without_units(log):
    lines = log("timestamp,input_tokens,output_tokens,cached_tokens", "0,100,0,100", "60,100,0,0")
    answer = from_file(lines)
    assert answer.payg_cost == pytest.approx(200 / 2 * 100 / 1e6 * MINUTES_PER_MONTH)
    assert answer.to_frame().query("units == 1")["spill_cost"].item() == 0.0


@pytest.mark.parametrize("seed", range(4))
def test_the_order_of_requests_does_not_matter(log, seed):
    rows = [f"{13 * place},{50 + 17 * place},{place}" for place in range(8)]
    np.random.default_rng(seed).shuffle(rows)
    answer = from_file(log("timestamp,input_tokens,output_tokens", *rows))
    assert answer.minutes.tokens.tolist() == [460.0, 528.0]


# Laws


@law(12)
@given(price=st.floats(0.02, 0.98), shape=st.sampled_from(SHAPES[:-1]))
def test_the_last_unit_is_used_just_as_often_as_it_must_be_to_pay(price, shape):
    """P(demand > C*) = price ÷ value; between the two units of a token a minute around it."""
    value = MINUTES_PER_MONTH * 100.0 / 1e6
    population = {"distribution": shape.model_dump(exclude_none=True)}
    units = asked(population, (price * value, 1), unit={"tokens_per_minute": 1}).optimal_units
    minutes = shape.ppf((np.arange(100_000) + 0.5) / 100_000)
    assert np.mean(minutes > units + 1) <= price + 1e-4
    assert units == 0 or np.mean(minutes > units - 1) >= price - 1e-4


@LAW
@given(demand=demands, price=prices, minimum=minimums, increment=increments)
def test_cost_is_convex_in_units(demand, price, minimum, increment):
    table = asked(demand, (float(price), 1), minimum=minimum, increment=increment).to_frame()
    slopes = np.diff(table["cost_per_month"]) / np.diff(table["units"])
    assert (np.diff(slopes) >= -1e-6).all()


@LAW
@given(demand=demands, price=prices, minimum=minimums, increment=increments)
def test_what_spills_and_what_is_served_is_what_is_demanded(demand, price, minimum, increment):
    answer = asked(demand, (float(price), 1), minimum=minimum, increment=increment)
    table = answer.to_frame().query("units > 0")
    served = table["utilization"] * table["units"] * 100
    spilled = table["spill_share"] * np.mean(demand)
    assert (served + spilled).to_numpy() == pytest.approx(np.full(len(table), np.mean(demand)), abs=1e-9)


def brute(demand, terms, minimum, increment):
    """Cheapest (cost, unit-months, units) over every term and every number of units sold up to the peak."""
    most = int(max(demand) // 100 + minimum + increment + 1)
    counts = [0, *sorted({max(minimum, increment * step) for step in range(1, most + 1)})]
    options = []
    for (price, months), units in product(terms, counts):
        spilled = sum(max(minute - 100 * units, 0) for minute in demand) / len(demand)
        cost = units * price + spilled * MINUTES_PER_MONTH * 100 / 1e6
        options.append((round(cost, 6), units * months, units))
    return min(options)


@LAW
@given(
    demand=demands,
    terms=st.lists(st.tuples(prices, st.sampled_from([0, 1, 12])), min_size=1, max_size=3),
    minimum=minimums,
    increment=increments,
)
def test_no_term_and_number_of_units_is_cheaper_than_the_optimum(demand, terms, minimum, increment):
    answer = asked(demand, *((float(price), months) for price, months in terms), minimum=minimum, increment=increment)
    cost, unit_months, units = brute(demand, terms, minimum, increment)
    months = answer.term.commitment_months if answer.term else 0
    assert answer.optimal_cost == pytest.approx(cost, abs=1e-5)
    assert (answer.optimal_units * months, answer.optimal_units) == (unit_months, units)
    assert answer.latency_premium >= -1e-6
    assert answer.savings >= -1e-6


@LAW
@given(demand=demands, price=prices, scale=st.sampled_from([0.25, 2.0, 8.0]))
def test_scaling_demand_and_capacity_together_changes_nothing_but_the_price_of_a_token(demand, price, scale):
    base = asked(demand, (float(price), 1))
    scaled = asked(
        [minute * scale for minute in demand],
        (float(price), 1),
        unit={"tokens_per_minute": 100 * scale},
        payg={"input_per_mtok": 100.0 / scale, "output_per_mtok": 400.0 / scale},
    )
    assert figures(scaled) == pytest.approx(figures(base))


@LAW
@given(demand=demands, price=prices, times=st.sampled_from([0.5, 2.0, 16.0]))
def test_all_prices_times_k_multiply_costs_and_change_no_decision(demand, price, times):
    base = figures(asked(demand, (float(price), 1)))
    dearer = figures(
        asked(demand, (price * times, 1), payg={"input_per_mtok": 100.0 * times, "output_per_mtok": 400.0 * times})
    )
    for key, value in base.items():
        is_cost = key.endswith("_per_month")
        assert dearer[key] == (pytest.approx(value * times) if is_cost and value is not None else pytest.approx(value))


@LAW
@given(demand=demands, minimum=minimums, increment=increments)
def test_free_units_are_bought_up_to_the_peak(demand, minimum, increment):
    answer = asked(demand, (0.0, 1), minimum=minimum, increment=increment)
    assert answer.optimal_cost == 0
    assert answer.spill_share in (None, 0.0)
    assert answer.optimal_units * 100 >= max(demand)
    assert answer.optimal_units <= answer.peak_sized_units


@LAW
@given(demand=demands, price=prices, order=st.randoms(use_true_random=False))
def test_the_order_of_minutes_does_not_matter(demand, price, order):
    mixed = list(demand)
    order.shuffle(mixed)
    assert figures(asked(mixed, (float(price), 1))) == pytest.approx(figures(asked(demand, (float(price), 1))))


def test_what_pay_as_you_go_refuses_costs_what_it_costs_the_business():
    answer = asked([50, 150, 50, 150], refused_share=0.4, refusal_cost_per_mtok=1_000.0)
    worth = 0.6 * 100 + 0.4 * 1_000
    assert answer.payg_cost == pytest.approx(100 * MINUTES_PER_MONTH * worth / 1e6)
    assert answer.optimal_units == 2


def test_an_uncertain_refusal_counts_with_its_base_value():
    share = {"shape": "beta", "successes": 4, "failures": 6}
    worth = {"shape": "lognormal", "p10": 500.0, "p90": 2_000.0}
    answer = asked([50, 150, 50, 150], refused_share=share, refusal_cost_per_mtok=worth)
    plain = asked([50, 150, 50, 150], refused_share=0.4, refusal_cost_per_mtok=1_000.0)
    assert answer.payg_cost == pytest.approx(plain.payg_cost)
    assert answer.optimal_units == plain.optimal_units


# Ladder


def every_stack(demand, payg, terms, increment):
    """(cost, unit-months, units) of the best stack, found by trying every mix of steps over terms."""
    steps = int(np.ceil(max(demand) / increment))
    best = None
    for mix in product(range(steps + 1), repeat=len(terms)):
        if sum(mix) > steps:
            continue
        units = increment * sum(mix)
        spill = sum(max(minute - units, 0) for minute in demand) / len(demand) * payg
        cost = spill + sum(increment * count * price for count, (price, _) in zip(mix, terms, strict=True))
        months = sum(increment * count * length for count, (_, length) in zip(mix, terms, strict=True))
        option = (round(cost, 7), months, units)
        best = option if best is None or option < best else best
    return best


def test_the_ladder_is_the_best_of_all_stacks_in_500_cases():
    random = np.random.default_rng(6)
    for case in range(500):
        count = 1 + case % 4
        increment = int(random.integers(1, 4)) if count < 3 else int(random.integers(4, 9))
        peak = int(random.integers(1, 41))
        demand = random.integers(0, peak + 1, size=int(random.integers(1, 9))).astype(float)
        demand = demand / 2 if case % 3 else demand
        terms = [(float(random.integers(0, 13)), int(random.choice([0, 1, 3, 12]))) for _ in range(count)]
        payg = float(random.integers(1, 13))
        found = term_ladder(
            demand,
            payg_per_unit_month=payg,
            terms=[
                {"name": f"t{place}", "price_per_unit_month": price, "commitment_months": months}
                for place, (price, months) in enumerate(terms)
            ],
            increment=increment,
        )
        cost, months, units = every_stack(demand, payg, terms, increment)
        held = sum(found.layers[f"t{place}"] * length for place, (_, length) in enumerate(terms))
        assert found.cost_per_month == pytest.approx(cost, abs=1e-6), case
        assert (held, sum(found.layers.values())) == (months, units), case


@LAW
@given(demand=demands, price=prices, minimum=minimums, increment=increments)
def test_the_ladder_of_an_answer_costs_what_its_optimum_costs(demand, price, minimum, increment):
    answer = asked(demand, (float(price), 1), (float(price) + 5, 0), minimum=minimum, increment=increment)
    if answer.ladder is not None:
        assert answer.ladder.cost_per_month == pytest.approx(answer.optimal_cost, abs=1e-6)
        assert sum(answer.ladder.layers.values()) == answer.optimal_units


def test_the_ladder_says_what_is_wrong_with_what_it_is_given():
    term = {"name": "a", "price_per_unit_month": 1.0, "commitment_months": 1}
    problems = refused(term_ladder, [-1.0], payg_per_unit_month=-2.0, terms=[term, term], increment=0, minimum=-1)
    assert [problem.split(":")[0].split(" must")[0] for problem in problems] == [
        "terms.a",
        "demand_units",
        "payg_per_unit_month",
        "increment",
        "minimum",
    ]
    assert refused(term_ladder, [1.0], payg_per_unit_month=1.0, terms=[]) == ("terms: at least one is needed",)
    (problem,) = refused(term_ladder, [1.0], payg_per_unit_month=1.0, terms=[{"name": "a", "commitment_months": 1}])
    assert problem == "terms.a.price_per_unit_month is missing"


# Confidence and outlook


def days(count, *, seed=0, spread=0.3):
    """Minutes of independent days, each of its own level."""
    random = np.random.default_rng(seed)
    level = random.normal(500, 500 * spread, count).clip(50)
    return np.repeat(level, DAY) * random.uniform(0.5, 1.5, count * DAY)


def test_resampled_days_are_the_same_by_seed_and_differ_between_seeds():
    demand = days(5).tolist()
    one, again, other = (asked(demand, bootstrap=200, seed=seed).confidence.savings.tolist() for seed in (1, 1, 2))
    assert one == again
    assert one != other


def test_the_saving_of_a_resample_is_that_of_its_days():
    demand = np.concatenate([np.full(DAY, 150.0), np.full(DAY, 450.0)])
    found = asked(demand, bootstrap=400).confidence
    price, units = 300.0, asked(demand).optimal_units
    levels = {
        round(share * low(150, units) + (1 - share) * low(450, units) - units * price, 6) for share in (0, 0.5, 1)
    }
    assert {round(value, 6) for value in found.savings} == levels
    assert np.mean(np.isclose(found.savings, sorted(levels)[1])) == pytest.approx(0.5, abs=0.1)
    assert set(found.units) <= {1, 2, 4}


def low(minute, units):
    """Pay-as-you-go cost a month of what units serve of a minute."""
    return min(minute, 100 * units) * MINUTES_PER_MONTH * 100 / 1e6


def test_eight_of_ten_ranges_hold_the_saving_of_the_next_months():
    """Independent days: the bootstrap's 10-90 range should hold the true mean saving in about 80 % of traces."""
    held, tries, size = 0, 60, 30
    truth_days = np.random.default_rng(99).normal(500, 150, 20_000).clip(50)
    for seed in range(tries):
        level = np.random.default_rng(seed).normal(500, 150, size).clip(50)
        answer = asked(np.repeat(level, DAY)[:: DAY // 24].repeat(60).tolist()[: size * DAY], bootstrap=200)
        units = answer.optimal_units
        truth = np.minimum(truth_days, 100 * units).mean() * MINUTES_PER_MONTH * 100 / 1e6 - 300 * units
        first, last = answer.confidence.savings_range
        held += first <= truth <= last
    assert 0.65 <= held / tries <= 0.95


def test_one_day_cannot_be_resampled_and_that_is_said():
    answer = asked([150] * DAY, bootstrap=100)
    assert answer.confidence is None
    assert "two days" in notes(answer)["saves_probability"]
    assert "asked for" in notes(asked([150] * 2 * DAY))["saves_probability"]


def test_a_sure_thing_saves_in_every_resample():
    answer = asked([150] * 3 * DAY, bootstrap=100)
    assert figures(answer)["saves_probability"] == 1.0
    assert answer.confidence.units_range == (1, 1)


def test_a_likelier_price_cut_makes_the_year_dearer_beside_the_month():
    demand = np.random.default_rng(5).uniform(0, 1_000, 400).tolist()
    apart = []
    for probability in np.linspace(0, 1, 11):
        outlook = {"horizon_months": 12, "price_cut_probability": float(probability), "price_cut": 0.5}
        table = asked(demand, (250.0, 1), (240.0, 12), outlook=outlook).commitment.table.set_index("term")
        apart.append(table.loc["term-1", "expected_cost"] - table.loc["term-0", "expected_cost"])
    assert (np.diff(apart) >= -1e-6).all()
    assert apart[0] < 0 < apart[-1]


def test_an_outlook_without_change_costs_the_months_of_the_curve():
    answer = asked([120, 340, 560, 90], (300.0, 1), (250.0, 12), outlook={"horizon_months": 6})
    table = answer.commitment.table.set_index("term")
    best = answer.to_frame().groupby("term")["cost_per_month"].min()
    for term in ("term-0", "term-1"):
        assert table.loc[term, "expected_cost"] == pytest.approx(6 * best[term])
    assert table.loc["pay as you go", "expected_cost"] == pytest.approx(6 * answer.payg_cost)
    assert answer.commitment.best == answer.term.name
    assert table.loc["term-1", "expected_regret"] == 0
    assert table.loc["term-1", "best_share"] == 1


def test_an_upgrade_that_doubles_capacity_halves_the_demand_in_units():
    outlook = {"horizon_months": 2, "upgrade_probability": 1.0, "upgrade_capacity": 2.0}
    table = asked([400], (300.0, 1), outlook=outlook).commitment.table.set_index("term")
    assert table.loc["term-0", "expected_cost"] == pytest.approx(4 * 300 + 2 * 300)
    assert table.loc["pay as you go", "expected_cost"] == pytest.approx(2 * 4 * FULL)


def test_growth_is_met_by_units_that_are_sold_between_those_of_today():
    outlook = {"horizon_months": 2, "monthly_growth": 0.5}
    table = asked([1_000], (300.0, 1), minimum=5, increment=5, outlook=outlook).commitment.table.set_index("term")
    assert table.loc["term-0", "expected_cost"] == pytest.approx(10 * 300 + 15 * 300)


def test_regret_is_against_the_best_of_each_future():
    outlook = {"price_cut_probability": 0.5, "price_cut": 0.6}
    table = asked([350, 120, 800], (280.0, 1), (240.0, 12), outlook=outlook).commitment.table
    assert (table["expected_regret"] >= 0).all()
    assert (table["p10"] <= table["p90"]).all()
    assert table["best_share"].sum() >= 1 - 1e-9


# Replay


def requests(*rows):
    columns = ["arrival_s", "input_tokens", "cached_tokens", "max_tokens", "output_tokens", "completion_s"]
    return pd.DataFrame(rows, columns=columns)


def replayed_plainly(frame, *, tokens_per_minute, output_weight, cached_weight):
    """Admission as the fine print words it, one event after the other."""
    drain, capacity = tokens_per_minute / 60, tokens_per_minute
    found, running, level, now = {}, [], 0.0, None
    for place in sorted(range(len(frame)), key=lambda at: (frame["arrival_s"].iloc[at], at)):
        row = frame.iloc[place]
        arrival = row["arrival_s"]
        now = arrival if now is None else now
        while running and min(running)[0] <= arrival:
            ends, _, correction = event = min(running)
            running.remove(event)
            level, now = max(0.0, level - drain * (ends - now)), ends
            level = max(0.0, level + correction)
        level, now = max(0.0, level - drain * (arrival - now)), arrival
        found[place] = (level <= capacity, max(level - capacity, 0.0) / drain, level)
        if level <= capacity:
            kept = row["input_tokens"] - (1 - cached_weight) * row["cached_tokens"]
            level += kept + output_weight * row["max_tokens"]
            correction = output_weight * (row["output_tokens"] - row["max_tokens"])
            running.append((row["completion_s"], len(found), correction))
    return [found[place] for place in range(len(frame))]


rows = st.lists(
    st.tuples(*(st.integers(0, 30) for _ in range(3)), st.integers(0, 20), st.integers(0, 10)), min_size=1, max_size=25
)


@LAW
@given(rows=rows, rate=st.sampled_from([30, 60, 120]), cached_weight=st.sampled_from([0.0, 0.5]))
def test_replay_admits_what_its_words_admit(rows, rate, cached_weight):
    """Random requests with ties, of no length, in any order."""
    frame = requests(*((a, read, read // 2, most, min(most, 6), a + length) for a, read, most, length, _ in rows))
    rules = {"tokens_per_minute": float(rate), "output_weight": 2.0, "cached_weight": cached_weight}
    found, plain = replay(frame, **rules), replayed_plainly(frame, **rules)
    assert found.admitted.tolist() == [row[0] for row in plain]
    np.testing.assert_allclose(found.retry_after_s, [row[1] for row in plain], atol=1e-9)
    np.testing.assert_allclose(found.level, [row[2] for row in plain], atol=1e-9)


def test_the_level_is_that_before_the_request_and_retry_after_is_the_time_it_needs_to_drain():
    frame = requests((0, 150, 0, 0, 0, 90), (30, 10, 0, 0, 0, 31), (0, 5, 0, 0, 0, 1), (51, 10, 0, 0, 0, 52))
    found = replay(frame, tokens_per_minute=60.0, output_weight=1.0)
    assert found.admitted.tolist() == [True, False, False, False]
    assert found.level.tolist() == [0.0, 120.0, 150.0, 99.0]
    assert found.retry_after_s.tolist() == [0.0, 60.0, 90.0, 39.0]
    assert found.refused_share == 0.75


def test_a_level_that_just_meets_the_capacity_admits():
    found = replay(requests((0, 60, 0, 0, 0, 9), (0, 1, 0, 0, 0, 9)), tokens_per_minute=60.0, output_weight=1.0)
    assert found.admitted.tolist() == [True, True]


def test_a_completion_comes_before_an_arrival_of_the_same_instant():
    frame = requests((0, 0, 0, 100, 0, 10), (10, 1, 0, 0, 0, 11))
    found = replay(frame, tokens_per_minute=60.0, output_weight=1.0)
    assert found.level.tolist() == [0.0, 0.0]
    assert found.overestimate_share == pytest.approx(100.0)


def test_a_larger_window_refuses_fewer():
    frame = requests(*((second, 90, 0, 5, 5, second + 0.5) for second in range(60)))
    shares = [
        replay(frame, tokens_per_minute=600.0, output_weight=1.0, window_minutes=window).refused_share
        for window in (0.5, 1.0, 2.0, 10.0)
    ]
    assert shares == sorted(shares, reverse=True)
    assert shares[-1] == 0


def test_requests_that_cannot_be_are_refused_with_their_rows():
    rules = {"tokens_per_minute": 60.0, "output_weight": 1.0}
    late = requests((5, 1, 2, 0, 0, 4))
    assert refused(replay, late, **rules) == (
        "requests: row 0 ends before it arrives; 1 rows do",
        "requests: row 0 has more cached tokens than input tokens; 1 rows do",
    )
    (negative,) = refused(replay, requests((0, 1, 0, 0, 0, 1), (0, -4, 0, 0, 0, 1)), **rules)
    assert "column 'input_tokens': row 1 has" in negative
    missing = refused(replay, pd.DataFrame({"arrival_s": [0.0]}), **rules)
    assert len(missing) == 5
    assert refused(replay, requests(), **rules) == ("requests: there is no row",)
    with pytest.raises(FrameError):
        replay(late, **rules)


def test_settings_of_a_replay_out_of_range_are_refused_together():
    problems = refused(
        replay,
        requests((0, 1, 0, 0, 0, 1)),
        tokens_per_minute=0.0,
        output_weight=-1.0,
        cached_weight=2.0,
        window_minutes=float("nan"),
    )
    assert [problem.split(" ")[0] for problem in problems] == [
        "tokens_per_minute",
        "output_weight",
        "cached_weight",
        "window_minutes",
    ]


# Pool

shared = {"reserved_units": 100, "reserved_price_per_unit_hour": 0.5, "hourly_price_per_unit": 1.0}


@LAW
@given(
    first=st.lists(st.integers(0, 200), min_size=4, max_size=4),
    second=st.lists(st.integers(0, 200), min_size=4, max_size=4),
    minutes=st.sampled_from([15, 60, 720]),
)
def test_teams_and_nobody_pay_all_of_a_pool(first, second, minutes):
    found = pool({"first": np.array(first), "second": np.array(second)}, **shared, minutes=minutes)
    assert sum(found.by_team.values()) + found.unused_cost == pytest.approx(found.cost)
    assert found.to_frame()["cost"].sum() == pytest.approx(found.cost)
    assert found.reserved_cost == pytest.approx(100 * 0.5 * 4 * minutes / 60)
    assert found.hourly_units.tolist() == [max(a + b - 100, 0) for a, b in zip(first, second, strict=True)]


def test_what_no_deployment_uses_is_named():
    found = pool({"search": [60, 0]}, **shared)
    assert found.unused_cost == pytest.approx(20 + 50)
    assert found.to_frame()["name"].tolist() == ["search", "(unused)"]


def test_a_pool_says_what_is_wrong_with_it():
    assert refused(pool, {}, **shared) == ("deployed: at least one deployment is needed",)
    problems = refused(
        pool,
        {"a": [-1.0, 2.0], "b": [1.0, 2.0, 3.0], "c": float("nan")},
        reserved_units=-1,
        reserved_price_per_unit_hour=1.0,
        hourly_price_per_unit=1.0,
        minutes=-5,
    )
    assert problems == (
        "reserved_units must be zero or more, got -1",
        "deployed.a: units of zero or more are expected",
        "deployed.c: units of zero or more are expected",
        "minutes must be zero or more, got -5",
        "deployed and minutes: as many stretches each are expected, got [2, 3]",
    )


# Bad input


def test_a_negative_minute_is_named_by_its_place():
    (problem,) = refused(question, [5, -3, 7])
    assert "minute 1 has -3; zero or more is expected" in problem
    (problem,) = refused(question, [])
    assert "at least one minute is needed" in problem


def test_exactly_one_demand_is_needed():
    (problem,) = refused(question, {})
    assert "one of tokens_per_minute, file, distribution, peak_requests_per_minute, forecast is needed" in problem


def test_a_term_without_a_price_is_named():
    values = question([1]).model_dump(exclude_none=True)
    values["terms"] = [{"name": "year", "commitment_months": 12}]
    assert "terms.year.price_per_unit_month is missing" in refused(ProvisionedInputs.build, values)


def test_another_currency_than_the_prices_is_refused():
    (problem,) = refused(question, [1], currency="EUR")
    assert problem == "currency is EUR and payg is priced in USD; leave currency out"


def test_another_input_without_a_weight_is_refused():
    shape = {"input_tokens_per_request": 1, "output_tokens_per_request": 0, "other_input_tokens": {"video": 3.0}}
    (problem,) = refused(question, [1], shape=shape)
    assert problem == "shape.other_input_tokens.video: capacity_unit.input_weights has no weight for it; give one"


def test_a_shape_of_no_tokens_cannot_price_what_spills():
    (problem,) = refused(question, [1], shape={"input_tokens_per_request": 0, "output_tokens_per_request": 0})
    assert "a request of no normalised tokens" in problem


def test_demand_that_would_need_millions_of_units_asks_whether_the_units_agree():
    (problem,) = refused(asked, [5e9])
    assert problem.startswith(
        "demand: its busiest minute of 5,000,000,000 normalised tokens would need 50,000,000 units"
    )
    assert "check that tokens and units of the two agree" in problem


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (("minute,tokens", "0,5", "2,5", "1,5"), "row 4 lies before the row above it"),
        (("minute,tokens", "0,5", "0,5"), "row 3 repeats the minute before it"),
        (("minute,tokens", "0,5", "1,-5"), "column 'tokens': row 3 has '-5', a number of zero or more is expected"),
        (
            ("timestamp,tokens", "2026-01-01T00:00Z,5", "2026-01-01T00:01Z,5", "2026-01-01T00:02,5"),
            "row 4 has '2026-01-01T00:02', moments that all say their time zone",
        ),
        (("timestamp,tokens", "01/02/2026 00:00,5"), "an ISO date such as"),
    ],
)
def test_a_broken_file_is_refused_with_its_row(log, lines, words):
    (problem,) = refused(from_file, log(*lines))
    assert problem.startswith("trace.csv: ")
    assert words in problem


def test_a_file_that_was_not_read_names_the_call(log):
    (problem,) = refused(provisioned, question(log("minute,tokens", "0,5")))
    assert "resolve" in problem


def test_an_hour_of_trace_and_a_year_of_commitment_is_answered_and_flagged(log):
    lines = log("minute,tokens", *(f"{minute},{100 + minute}" for minute in range(60)))
    answer = from_file(lines, (200.0, 12))
    assert answer.optimal_units == 1
    assert answer.is_short
    assert any("Only 60 minutes of demand were seen, fewer than 28 days" in note for note in answer.notes)
    assert any("A commitment of 12 months should rest on 6 months of production data" in note for note in answer.notes)


def test_enough_days_and_no_commitment_need_no_warning():
    answer = asked([150] * DAY * 2, (300.0, 1), enough_days=2)
    assert answer.notes == []
    assert not answer.is_short


def test_every_kind_of_broken_minute_is_told_with_how_many():
    problems = refused(question, [1, 2, float("nan"), -3, -4])
    assert problems == (
        "demand.tokens_per_minute: minute 2 has nan; a number is expected",
        "demand.tokens_per_minute: minute 3 has -3; zero or more is expected; 2 minutes break this",
    )
    (problem,) = refused(question, [1, "two"])
    assert problem == "demand.tokens_per_minute: minute 1 has 'two'; a number is expected"


def test_volumes_that_stand_twice_are_told_beside_what_else_is_wrong(log, tmp_path):
    log("minute,tokens", "0,5")
    (tmp_path / "volumes.csv").write_text("month,tokens\n2026-01,5\n2026-01,6\n2026-02,x\n")
    problems = refused(from_file, {"forecast": {"volumes": "volumes.csv", "profile": "trace.csv"}})
    assert len(problems) == 2
    assert problems[1] == "volumes.csv: row 3 repeats month 2026-01-01; one row each is expected"


def test_a_number_too_large_to_read_is_told_by_its_power():
    (problem,) = refused(asked, [1e300])
    assert len(problem) < 200
    assert "1e+300 normalised tokens would need 1e+298 units" in problem
    assert "would need" in refused(asked, {"peak_requests_per_minute": 1e15})[0]


def test_arguments_that_are_no_numbers_are_refused_in_words():
    unit = question([1]).capacity_unit
    assert refused(required_units, unit, shape_of(1, 1), requests_per_minute="x") == (
        "requests_per_minute must be zero or more, got 'x'",
    )
    assert refused(required_units, unit, shape_of(1, 1, audio=5), requests_per_minute=1) == (
        "shape.other_input_tokens.audio: capacity_unit.input_weights has no weight for it; give one",
    )
    rules = {"output_weight": 1.0, "cached_weight": "b"}
    assert len(refused(replay, requests((0, 1, 0, 0, 0, 1)), tokens_per_minute="x", **rules)) == 2
    term = {"name": "a", "price_per_unit_month": 1.0, "commitment_months": 1}
    assert refused(term_ladder, ["a"], payg_per_unit_month="b", terms=[term, 3], increment=float("nan")) == (
        "terms.1: a table of name, price_per_unit_month, commitment_months, got 3",
        "demand_units: a list of numbers of zero or more is needed, one a minute",
        "payg_per_unit_month must be zero or more, got 'b'",
        "increment must be a whole number of 1 or more, got nan",
    )
    prices = {"price_per_unit_month": "c", "payg_per_unit_month": 1.0}
    assert refused(rightsize, ["a"], committed_units=float("nan"), **prices) == (
        "committed_units must be a whole number of 0 or more, got nan",
        "price_per_unit_month must be zero or more, got 'c'",
        "demand_units: a list of numbers of zero or more is needed, one a minute",
    )
    assert refused(pool, {"a": "x"}, **shared | {"reserved_price_per_unit_hour": "y"}, minutes="z") == (
        "reserved_price_per_unit_hour must be zero or more, got 'y'",
        "deployed.a: units of zero or more are expected",
        "minutes must be zero or more, got 'z'",
    )


def test_a_resampled_month_has_thirty_days_in_runs():
    year = np.where(np.arange(365) < 243, 500.0, 50.0)  # use collapses in September
    found = asked(np.repeat(year, DAY).tolist(), bootstrap=400).confidence
    assert (found.month_days, found.run_days) == (30, 30)
    assert 0.5 < found.saves_probability < 0.8  # four months of twelve lose
    short = asked(days(10).tolist(), bootstrap=50).confidence
    assert (short.month_days, short.run_days) == (10, 1)


def test_a_tie_of_terms_under_change_goes_to_what_commits_to_nothing():
    outlook = {"horizon_months": 2}
    found = asked([50, 0, 0, 0], (400.0, 1), (430.0, 0), (420.0, 12), outlook=outlook).commitment
    assert found.best == "pay as you go"
    assert asked([100], (300.0, 12), (300.0, 1), outlook=outlook).commitment.best == "term-1"


def test_a_population_says_that_nothing_of_it_was_seen():
    answer = asked({"distribution": {"shape": "uniform", "low": 0, "high": 1_000}}, (200.0, 12))
    assert answer.notes[0] == "Demand is an assumed distribution; no minute of it was seen"
    assert answer.notes[1].endswith("should rest on 6 months of production data; none were seen")


def test_one_minute_is_told_in_the_singular():
    assert asked([50]).notes[0].startswith("Only 1 minute of demand was seen")


def test_what_a_contract_would_save_is_said():
    contract = {"units": 3, "price_per_unit_month": 300.0}
    (note,) = [note for note in asked([50, 150, 50, 150], contract=contract).notes if "contract" in note]
    assert note.startswith("The contract of 3 units costs 900 USD a month with what spills; 1 units would cost ")
