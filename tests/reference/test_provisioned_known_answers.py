"""Known answers of provisioned throughput.

D-PT-1 Microsoft, "Determine PTU sizing" (regional from the same rules). D-PT-3, D-PT-14 Google, "Measure provisioned
throughput" and its prices. D-PT-5, D-PT-8, D-PT-16 computed from Microsoft's table and list prices; the gpt-5 figure is
Redress's ("$260", "85 %"). D-PT-10 Microsoft's rules for reservations shared by deployments. D-PT-11 LiteLLM's
documentation of PTU reservations. D-PT-12 AWS's pricing example. D-PT-15 closed form of a normal loss function.
"""

import numpy as np
import pytest

from aiecon.models.provisioned import ProvisionedInputs, break_even_by_term, pool, provisioned, required_units
from aiecon.units import MINUTES_PER_MONTH
from aiecon.vocabulary.capacity import CapacityUnit
from aiecon.vocabulary.distribution import Z90
from aiecon.vocabulary.shape import RequestShape

HOUR, DAY = 60, 24 * 60


def unit_of(tokens_per_minute, *, output_weight=1.0, minimum=1, increment=1, **more):
    return {
        "provider": "p",
        "model": "m",
        "tokens_per_minute": tokens_per_minute,
        "output_weight": output_weight,
        "minimum_units": minimum,
        "increment_units": increment,
        **more,
    }


def asked(unit, *, input_per_mtok, prices, demand, shape=None):
    """A question whose output costs what it burns, so that the shape does not matter."""
    return ProvisionedInputs.build(
        {
            "capacity_unit": unit,
            "payg": {
                "provider": "p",
                "model": "m",
                "input_per_mtok": input_per_mtok,
                "output_per_mtok": input_per_mtok * unit["output_weight"],
            },
            "terms": [
                {"name": name, "price_per_unit_month": price, "commitment_months": months}
                for name, (price, months) in prices.items()
            ],
            "shape": shape or {"input_tokens_per_request": 1_000, "output_tokens_per_request": 100},
            "demand": demand,
        }
    )


@pytest.mark.parametrize(
    ("cached", "minimum", "increment", "tokens", "raw", "units"),
    [
        (0.0, 15, 5, 360_000, 105.8824, 110),
        (0.5, 15, 5, 260_000, 76.4706, 80),
        (0.0, 50, 50, 360_000, 105.8824, 150),
        (0.5, 50, 50, 260_000, 76.4706, 100),
    ],
)
def test_d_pt_1_microsofts_sizing_of_gpt_5_2(cached, minimum, increment, tokens, raw, units):
    unit = CapacityUnit.build(unit_of(3_400, output_weight=8, minimum=minimum, increment=increment))
    shape = RequestShape(input_tokens_per_request=200, output_tokens_per_request=20, cached_input_share=cached)
    assert unit.normalised(shape) * 1_000 == pytest.approx(tokens)
    assert unit.normalised(shape) * 1_000 / 3_400 == pytest.approx(raw, abs=5e-5)
    assert required_units(unit, shape, requests_per_minute=1_000) == units


def test_d_pt_3_googles_sizing_of_text_and_audio():
    unit = CapacityUnit.build(unit_of(3_360 * 60, output_weight=4, input_weights={"audio": 7.0}))
    shape = RequestShape(
        input_tokens_per_request=1_000, output_tokens_per_request=300, other_input_tokens={"audio": 500}
    )
    assert unit.normalised(shape) == 5_700
    assert unit.normalised(shape) * 10 / 3_360 == pytest.approx(16.9643, abs=5e-5)
    assert required_units(unit, shape, requests_per_minute=600) == 17


@pytest.mark.parametrize(
    ("model", "tokens_per_minute", "price", "value", "at_221"),
    [
        ("gpt-5", 4_750, 1.25, 260.0625, 0.8498),
        ("gpt-5-mini", 23_750, 0.25, 260.0625, 0.8498),
        ("gpt-4.1", 3_000, 2.00, 262.80, 0.8409),
        ("gpt-4.1-mini", 14_900, 0.40, 261.048, 0.8466),
        ("gpt-4.1-nano", 59_400, 0.10, 260.172, 0.8494),
        ("o4-mini", 5_400, 1.10, 260.172, 0.8494),
        ("gpt-5.2", 3_400, 1.75, 260.61, 0.8480),
        ("gpt-4o", 2_500, 2.50, 273.75, 0.8073),
        ("gpt-4o-mini", 37_000, 0.15, 243.09, 0.9091),
    ],
)
def test_d_pt_5_value_of_a_ptu_month_and_where_its_terms_break_even(model, tokens_per_minute, price, value, at_221):
    prices = {"year": (221.0, 12), "month": (260.0, 1), "hour": (730.0, 0)}
    unit = unit_of(tokens_per_minute, output_weight=8, minimum=15, increment=5, model=model)
    inputs = asked(unit, input_per_mtok=price, prices=prices, demand={"peak_requests_per_minute": 1.0})
    table = break_even_by_term(inputs).set_index("term")
    assert table["payg_value_per_unit_month"].to_numpy() == pytest.approx(value)
    assert table.loc["year", "break_even_utilization"] == pytest.approx(at_221, abs=5e-5)
    assert table.loc["month", "break_even_utilization"] == pytest.approx(260 / value)
    assert (table.loc["month", "break_even_utilization"] > 1) == (model == "gpt-4o-mini")
    assert provisioned(inputs).break_even_utilization == pytest.approx(at_221, abs=5e-5)


def test_d_pt_5_the_hourly_price_never_breaks_even_and_the_note_says_so():
    inputs = asked(
        unit_of(4_750), input_per_mtok=1.25, prices={"hour": (730.0, 0)}, demand={"tokens_per_minute": [4_750]}
    )
    answer = provisioned(inputs)
    assert answer.break_even_utilization == pytest.approx(2.81, abs=5e-3)
    assert answer.optimal_units == 0
    (metric,) = (metric for metric in answer.summary() if metric.key == "break_even_utilization")
    assert "never" in metric.note


def test_d_pt_8_an_average_hides_what_spills():
    unit, prices = unit_of(100), {"month": (300.0, 1)}
    by_minute = asked(unit, input_per_mtok=100.0, prices=prices, demand={"tokens_per_minute": [50, 150, 50, 150]})
    answer = provisioned(by_minute)
    assert (answer.optimal_units, answer.spill_share, answer.utilization) == (1, 0.25, 0.75)
    assert answer.curve.spill_tokens[1] == pytest.approx(100 / 4 * MINUTES_PER_MONTH)
    average = provisioned(asked(unit, input_per_mtok=100.0, prices=prices, demand={"tokens_per_minute": [100] * 4}))
    assert (average.optimal_units, average.spill_share, average.utilization) == (1, 0.0, 1.0)


@pytest.mark.parametrize(
    ("deployed", "reserved", "beyond"),
    [
        ({"all": 250}, 200, 50),
        ({"openai": 300, "deepseek": 200}, 500, 0),
        ({"openai": 300, "deepseek": 300}, 500, 100),
    ],
)
def test_d_pt_10_what_is_beyond_a_shared_reservation_is_paid_by_the_hour(deployed, reserved, beyond):
    found = pool(deployed, reserved_units=reserved, reserved_price_per_unit_hour=0.3, hourly_price_per_unit=1.0)
    assert found.hourly_units.tolist() == [beyond]
    assert found.hourly_cost == beyond


def test_d_pt_10_a_quarter_of_an_hour_is_billed_as_a_quarter():
    found = pool(
        {"all": 300}, reserved_units=0, reserved_price_per_unit_hour=0.0, hourly_price_per_unit=1.0, minutes=15
    )
    assert found.cost == pytest.approx(75.0)


def test_d_pt_11_reservations_by_the_hour_and_their_shares():
    week = pool(
        {"all": 15}, reserved_units=15, reserved_price_per_unit_hour=2.0, hourly_price_per_unit=2.0, minutes=7 * DAY
    )
    assert week.reserved_cost == pytest.approx(5_040.0)
    shared = {"reserved_units": 50, "reserved_price_per_unit_hour": 1.0, "hourly_price_per_unit": 1.0}
    day = pool({"first": 30, "second": 20}, **shared, minutes=DAY)
    assert day.cost == pytest.approx(1_200.0)
    assert day.by_team == pytest.approx({"first": 720.0, "second": 480.0})
    from_noon = pool({"first": 30, "second": 20}, **shared, minutes=12 * HOUR)
    assert from_noon.cost == pytest.approx(1_200.0 * 12 / 24)


def test_d_pt_11_thirty_units_of_gpt_4_1_hold_90_000_tokens_a_minute():
    unit = CapacityUnit.build(unit_of(3_000, output_weight=4, minimum=15, increment=5))
    assert unit.units_for(90_000) == 30
    assert unit.units_for(90_001) == 35


def test_d_pt_12_bedrocks_example_of_two_model_units_in_a_month_of_31_days():
    found = pool(
        {"titan": 2}, reserved_units=2, reserved_price_per_unit_hour=18.40, hourly_price_per_unit=0.0, minutes=31 * DAY
    )
    assert found.cost == pytest.approx(27_379.20)


@pytest.mark.parametrize(
    ("tokens_per_second", "price", "value", "break_evens"),
    [(2_015, 0.50, 2_647.71, (1.0197, 0.9064, 0.7554)), (500, 2.00, 2_628.00, (1.0274, 0.9132, 0.7610))],
    ids=["gemini 3 flash", "gemini 3 pro"],
)
def test_d_pt_14_value_of_a_gsu_month_and_where_its_terms_break_even(tokens_per_second, price, value, break_evens):
    prices = {"month": (2_700.0, 1), "quarter": (2_400.0, 3), "year": (2_000.0, 12)}
    inputs = asked(
        unit_of(tokens_per_second * 60), input_per_mtok=price, prices=prices, demand={"tokens_per_minute": [1.0]}
    )
    table = break_even_by_term(inputs)
    assert table["payg_value_per_unit_month"].to_numpy() == pytest.approx(value)
    assert table["break_even_utilization"].to_numpy() == pytest.approx(break_evens, abs=5e-5)
    assert table["price_per_unit_month"].to_numpy() / 730 == pytest.approx([3.6986, 3.2877, 2.7397], abs=5e-5)


def test_d_pt_14_a_thousand_cached_tokens_burn_a_hundred():
    unit = CapacityUnit.build(unit_of(1.0, output_weight=8, cached_weight=0.1))
    shape = RequestShape(input_tokens_per_request=1_000, output_tokens_per_request=0, cached_input_share=1.0)
    assert unit.normalised(shape) == pytest.approx(100.0)


def test_d_pt_15_what_a_normal_population_of_minutes_spills():
    distribution = {"shape": "normal", "p10": 100 - 30 * Z90, "p90": 100 + 30 * Z90}
    inputs = asked(unit_of(110), input_per_mtok=1.0, prices={"month": (0.0, 1)}, demand={"distribution": distribution})
    assert provisioned(inputs).curve.spill_tokens[1] / MINUTES_PER_MONTH == pytest.approx(7.627083, abs=5e-7)


def test_d_pt_16_office_hours_never_fill_a_unit_bought_for_a_year():
    week = np.zeros(7 * DAY)
    week.reshape(7, DAY)[:5, 8 * HOUR : 18 * HOUR] = 1_000.0
    value = 1_000 * MINUTES_PER_MONTH * 2.0 / 1e6
    inputs = asked(
        unit_of(1_000),
        input_per_mtok=2.0,
        prices={"year": (0.84 * value, 12)},
        demand={"tokens_per_minute": week.tolist()},
    )
    answer = provisioned(inputs)
    bought = answer.to_frame().query("units == 1").iloc[0]
    assert bought["utilization"] == pytest.approx(0.29762, abs=5e-6)
    assert answer.peak_sized_cost / answer.payg_cost == pytest.approx(2.8224)
    assert answer.optimal_units == 0
