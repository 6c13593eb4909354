import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import LAW

from aiecon.errors import InputError
from aiecon.units import MINUTES_PER_MONTH
from aiecon.vocabulary.capacity import CapacityUnit, rounded_up
from aiecon.vocabulary.shape import RequestShape
from aiecon.vocabulary.token_price import TokenPrice

PAYG = TokenPrice(provider="p", model="m", input_per_mtok=2.0, output_per_mtok=10.0, cached_input_per_mtok=0.5)


def unit_of(**more):
    values = {
        "provider": "p",
        "model": "m",
        "tokens_per_minute": 1_000,
        "output_weight": 4,
        "minimum_units": 15,
        "increment_units": 5,
    }
    return CapacityUnit.build(values | more)


def test_rounding_up_forgives_a_billionth_of_the_quotient():
    assert [rounded_up(value) for value in (0, 0.2, 1, 1 + 1e-10, 1 + 1e-8, 1e6 + 5e-4, 1e6 + 5e-3)] == [
        0,
        1,
        1,
        1,
        2,
        1_000_000,
        1_000_001,
    ]


@LAW
@given(raw=st.floats(0, 1e4), minimum=st.integers(0, 60), increment=st.integers(1, 60))
def test_units_sold_are_the_fewest_that_the_two_rules_allow(raw, minimum, increment):
    unit = unit_of(minimum_units=minimum, increment_units=increment)
    sold = unit.sold(raw)
    assert sold >= raw * (1 - 1e-9) - 1e-9
    assert sold == 0 or sold == minimum or (sold > minimum and sold % increment == 0)
    assert sold in (0, minimum) or sold - increment < max(raw, minimum)


def test_no_demand_needs_no_unit_and_a_little_the_minimum():
    assert [unit_of().units_for(tokens) for tokens in (0, 1, 15_000, 15_001, 20_000)] == [0, 15, 15, 20, 20]


def test_a_used_up_unit_is_worth_its_tokens_at_the_price_of_the_shape():
    shape = RequestShape(input_tokens_per_request=100, output_tokens_per_request=10, cached_input_share=0.5)
    normalised, cost = 100 + 40 - 50, (50 * 2.0 + 50 * 0.5 + 10 * 10.0) / 1e6
    assert unit_of().normalised(shape) == normalised
    assert unit_of().value_per_month(shape, PAYG) == pytest.approx(1_000 * MINUTES_PER_MONTH * cost / normalised)
    nothing = RequestShape(input_tokens_per_request=0, output_tokens_per_request=0)
    assert unit_of().value_per_month(nothing, PAYG) == 0.0


def test_fields_out_of_range_are_refused_together():
    with pytest.raises(InputError) as caught:
        unit_of(tokens_per_minute=0, output_weight=-1, cached_weight=1.5, minimum_units=-1, increment_units=0)
    assert [problem.split(" ")[0] for problem in caught.value.problems] == [
        "tokens_per_minute",
        "output_weight",
        "cached_weight",
        "minimum_units",
        "increment_units",
    ]


def test_what_a_unit_serves_may_be_uncertain():
    unit = unit_of(tokens_per_minute={"shape": "uniform", "low": 500, "high": 1_500})
    assert unit.units_for(20_000) == 20
