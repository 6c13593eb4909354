import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import LAW

from aiecon.errors import InputError
from aiecon.vocabulary.shape import RequestShape
from aiecon.vocabulary.token_price import TokenPrice

PRICE = TokenPrice(provider="p", model="m", input_per_mtok=2.0, output_per_mtok=10.0, cached_input_per_mtok=0.5)
tokens = st.integers(0, 10_000)
shares = st.floats(0, 1)


def shape_of(read, written, *, cached=0.0, **other):
    return RequestShape(
        input_tokens_per_request=read,
        output_tokens_per_request=written,
        cached_input_share=cached,
        other_input_tokens=other or None,
    )


def test_every_part_of_a_request_counts_its_weight():
    shape = shape_of(1_000, 300, cached=0.2, audio=500)
    found = shape.normalised(output_weight=4, cached_weight=0.1, input_weights={"audio": 7.0})
    assert found == 1_000 + 7 * 500 + 4 * 300 - 0.9 * 200


@LAW
@given(read=tokens, written=tokens, cached=shares, weight=shares)
def test_cache_that_weighs_as_much_as_input_changes_nothing_and_less_weight_never_more(read, written, cached, weight):
    shape = shape_of(read, written, cached=cached)
    whole = shape_of(read, written).normalised(output_weight=3, cached_weight=0.0)
    assert shape.normalised(output_weight=3, cached_weight=1.0) == pytest.approx(whole)
    assert shape.normalised(output_weight=3, cached_weight=weight) <= whole + 1e-9


@LAW
@given(read=tokens, written=tokens, cached=shares, times=st.integers(1, 50))
def test_a_request_of_k_times_the_tokens_costs_and_burns_k_times(read, written, cached, times):
    one, many = shape_of(read, written, cached=cached), shape_of(read * times, written * times, cached=cached)
    assert many.cost(PRICE) == pytest.approx(times * one.cost(PRICE))
    burnt = one.normalised(output_weight=4, cached_weight=0.0)
    assert many.normalised(output_weight=4, cached_weight=0.0) == pytest.approx(times * burnt, abs=1e-6)


def test_a_request_costs_cached_and_other_inputs_at_their_prices():
    assert shape_of(1_000, 100, cached=0.4).cost(PRICE) == pytest.approx((600 * 2 + 400 * 0.5 + 1_000) / 1e6)
    assert shape_of(1_000, 0, audio=10).cost(PRICE, input_weights={"audio": 7.0}) == pytest.approx(1_070 * 2 / 1e6)


def test_fields_out_of_range_are_refused_together():
    with pytest.raises(InputError) as caught:
        shape_of(-1, -2, cached=1.5)
    assert [problem.split(" ")[0] for problem in caught.value.problems] == [
        "input_tokens_per_request",
        "output_tokens_per_request",
        "cached_input_share",
    ]


def test_numbers_may_be_uncertain_and_count_by_their_base():
    shape = RequestShape.build(
        {
            "input_tokens_per_request": {"shape": "uniform", "low": 0, "high": 200},
            "output_tokens_per_request": {"shape": "normal", "p10": 5, "p90": 15},
        }
    )
    assert shape.normalised(output_weight=2, cached_weight=0.0) == pytest.approx(120)
