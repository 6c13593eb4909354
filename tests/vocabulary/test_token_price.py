from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import LAW

from aiecon.errors import InputError
from aiecon.vocabulary.token_price import LongContext, TokenPrice

prices = st.floats(0.0, 1_000.0)
tokens = st.integers(0, 400_000)


def price(**fields):
    return TokenPrice.build({"provider": "p", "model": "m", "input_per_mtok": 3, "output_per_mtok": 15, **fields})


def test_a_request_costs_its_known_answer():
    """Known answer D-OP-2 (own derivation): 10,000 in and 500 out at $3 and $15; 80 % cached at a tenth."""
    assert price().request_cost(input_tokens=10_000, output_tokens=500) == pytest.approx(0.0375, abs=1e-12)
    cached = price(cached_input_per_mtok=0.3)
    cost = cached.request_cost(input_tokens=10_000, output_tokens=500, cached_input_tokens=8_000)
    assert cost == pytest.approx(0.0159, abs=1e-12)


def test_cache_writes_come_on_top_of_the_input():
    """Known answer D-IO-1: Sonnet 4.6, 15.46K in, 10.37K out, 19.81K written to the cache (langfuse issue 14249)."""
    sonnet = price(cache_write_per_mtok=3.75)
    counts = {"input_tokens": 15_460, "output_tokens": 10_370}
    assert sonnet.request_cost(**counts, cache_write_tokens=19_810) == pytest.approx(0.2762175, abs=1e-12)
    assert sonnet.request_cost(**counts) == pytest.approx(0.20193, abs=1e-12)


def test_without_a_cached_price_cached_tokens_cost_as_input():
    assert price().cached_ratio == 1.0
    assert price().request_cost(input_tokens=1_000_000, output_tokens=0, cached_input_tokens=400_000) == 3.0


def test_without_a_write_price_cache_writes_cost_as_input():
    assert price().request_cost(input_tokens=0, output_tokens=0, cache_write_tokens=1_000_000) == 3.0


def test_long_context_prices_hold_for_the_whole_request_from_the_threshold_on():
    level = price(long_context={"from_tokens": 200_000, "input_per_mtok": 6, "output_per_mtok": 22.5})
    below = level.request_cost(input_tokens=199_999, output_tokens=1_000)
    at = level.request_cost(input_tokens=200_000, output_tokens=1_000)
    assert below == pytest.approx(199_999 * 3e-6 + 1_000 * 15e-6)
    assert at == pytest.approx(200_000 * 6e-6 + 1_000 * 22.5e-6)


def test_cached_input_keeps_its_ratio_in_long_context():
    level = price(
        cached_input_per_mtok=0.3, long_context=LongContext(from_tokens=200_000, input_per_mtok=6, output_per_mtok=22.5)
    )
    cost = level.request_cost(input_tokens=300_000, output_tokens=0, cached_input_tokens=200_000)
    assert cost == pytest.approx(100_000 * 6e-6 + 200_000 * 0.6e-6)


@LAW
@given(level=st.lists(prices, min_size=6, max_size=6), read=tokens, written=tokens, answered=tokens)
def test_the_cost_doubles_when_all_prices_double(level, read, written, answered):
    def cost(factor):
        per_input, per_output, per_cached, per_write, long_input, long_output = (factor * one for one in level)
        doubled = price(
            input_per_mtok=per_input,
            output_per_mtok=per_output,
            cached_input_per_mtok=per_cached,
            cache_write_per_mtok=per_write,
            long_context={"from_tokens": 200_000, "input_per_mtok": long_input, "output_per_mtok": long_output},
        )
        return doubled.request_cost(
            input_tokens=read, output_tokens=answered, cached_input_tokens=read // 2, cache_write_tokens=written
        )

    assert cost(2.0) == pytest.approx(2 * cost(1.0), rel=1e-12)


@LAW
@given(read=tokens, cached=st.floats(0.0, 1.0))
def test_a_higher_cached_share_never_costs_more_when_cached_input_is_cheaper(read, cached):
    level = price(cached_input_per_mtok=0.3)
    uncached = level.request_cost(input_tokens=read, output_tokens=0)
    assert level.request_cost(input_tokens=read, output_tokens=0, cached_input_tokens=cached * read) <= uncached + 1e-12


def test_an_uncertain_price_counts_with_its_base():
    doubtful = price(input_per_mtok={"shape": "uniform", "low": 2, "high": 4})
    assert doubtful.request_cost(input_tokens=1_000_000, output_tokens=0) == 3.0


def test_effective_from_counts_and_effective_to_does_not():
    level = price(effective_from="2026-01-01", effective_to="2026-04-01")
    days = [date(2025, 12, 31), date(2026, 1, 1), date(2026, 3, 31), date(2026, 4, 1)]
    assert [level.holds_on(day) for day in days] == [False, True, True, False]


def test_a_level_without_dates_always_holds():
    assert price().holds_on(date(1990, 1, 1))
    assert price(effective_from="2026-01-01").holds_on(date(2090, 1, 1))


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"input_per_mtok": -1}, "input_per_mtok must be greater than or equal to 0, got -1"),
        ({"batch_discount": 50}, "batch_discount must be less than or equal to 1, got 50"),
        ({"output_per_mtok": "15"}, "output_per_mtok must be a number, got '15'"),
    ],
)
def test_a_price_that_cannot_be_is_refused(fields, problem):
    with pytest.raises(InputError) as caught:
        price(**fields)
    assert caught.value.problems == (problem,)


def test_a_currency_is_three_capital_letters():
    assert price().currency == "USD"
    with pytest.raises(InputError, match="currency"):
        price(currency="dollars")
