from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import LAW

from aiecon.errors import FrameError, InputError
from aiecon.vocabulary import rate_card
from aiecon.vocabulary.token_price import LongContext, TokenPrice

ROW = {
    "provider": "maker",
    "model": "small",
    "currency": "USD",
    "input_per_mtok": "1.00",
    "output_per_mtok": "4.00",
    "effective_from": "2025-01-01",
    "source": "price page of the maker",
    "retrieved_on": "2025-01-02",
    "grade": "published",
}


def rows(*changes):
    return pd.DataFrame([{**dict.fromkeys(rate_card.COLUMNS, ""), **ROW, **change} for change in changes])


def problems(*changes, **options):
    with pytest.raises(FrameError) as caught:
        rate_card.check(rows(*changes), name="prices.csv", **options)
    return caught.value.problems


def test_a_row_holds_until_the_next_of_its_model_begins():
    card = rate_card.card(rows({}, {"effective_from": "2025-06-01", "input_per_mtok": "0.80"}), name="prices.csv")
    assert [quote.price.input_per_mtok for quote in card.on("small", day=date(2025, 5, 31))] == [1.0]
    assert [quote.price.input_per_mtok for quote in card.on("small", day=date(2025, 6, 1))] == [0.8]
    assert card.on("small", day=date(2025, 5, 31))[0].price.effective_to == date(2025, 6, 1)


@given(st.lists(st.dates(date(2024, 1, 1), date(2026, 1, 1)), min_size=1, max_size=6, unique=True), st.integers(0, 900))
@LAW
def test_one_price_holds_on_every_day_of_a_models_life(starts, offset):
    starts = sorted(starts)
    made = [
        {"effective_from": day.isoformat(), "input_per_mtok": str(1 + place / 10)} for place, day in enumerate(starts)
    ]
    card = rate_card.card(rows(*made), name="prices.csv")
    day = date.fromordinal(starts[0].toordinal() + offset)
    (quote,) = card.on("small", day=day)
    assert quote.price.effective_from == max(start for start in starts if start <= day)


def test_a_quote_can_be_walked_to_its_row_source_and_days():
    (quote,) = rate_card.card(rows({}), name="prices.csv").on("small", day=date(2025, 3, 1))
    assert (quote.row, quote.source, quote.retrieved_on) == (2, "price page of the maker", date(2025, 1, 2))


def test_makers_are_answered_before_those_who_resell():
    both = rows({"provider": "cloud"}, {})
    card = rate_card.card(both, name="prices.csv", makers=("maker", "cloud"))
    assert [quote.price.provider for quote in card.on("small", day=date(2025, 3, 1))] == ["maker", "cloud"]
    assert [quote.price.provider for quote in card.on("cloud/small", day=date(2025, 3, 1))] == ["cloud"]


def test_unknown_models_and_days_before_the_first_price_are_refused_in_words():
    card = rate_card.card(rows({}), name="prices.csv")
    with pytest.raises(InputError, match="no model 'smal'; nearest: small"):
        card.on("smal", day=date(2025, 3, 1))
    with pytest.raises(InputError, match="small has no price on 2024-12-31; its first is from 2025-01-01"):
        card.on("small", day=date(2024, 12, 31))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            [{"effective_to": "2025-09-01"}, {"effective_from": "2025-06-01"}],
            "row 2: it ends on 2025-09-01, after row 3",
        ),
        ([{}, {}], "row 3: maker/small has two prices from 2025-01-01 (the other in row 2)"),
        ([{"effective_to": "2025-02-01"}, {"effective_from": "2025-06-01"}], "no price from 2025-02-01 to 2025-06-01"),
        ([{}, {"effective_from": "2025-06-01", "input_per_mtok": "9"}], "moves by a factor of 9; a note is expected"),
        ([{"currency": "XQZ"}], "row 2: 'currency' must be a currency of ISO 4217 such as USD, got 'XQZ'"),
        ([{"retrieved_on": ""}], "row 2: 'retrieved_on' is empty; a source needs the day it was read"),
        ([{"input_per_mtok": "-1"}], "row 2: 'input_per_mtok' must be a number of zero or more, got '-1'"),
        ([{"output_per_mtok": "inf"}], "row 2: 'output_per_mtok' must be a number of zero or more, got 'inf'"),
        ([{"batch_discount": "50"}], "row 2: 'batch_discount' must be a share from 0 to 1, got '50'"),
        ([{"effective_from": "1/1/2025"}], "row 2: 'effective_from' must be an ISO date such as 2026-03-31"),
        ([{"effective_to": "2024-01-01"}], "row 2: it ends on 2024-01-01, before it starts"),
        ([{"grade": "sure"}], "row 2: 'grade' must be one of contract, measured"),
        ([{"cached_input_per_mtok": "2"}], "row 2: cached input costs more than input"),
        ([{"long_context_from_tokens": "200001"}], "come together"),
    ],
)
def test_what_is_wrong_is_said_with_its_row(changes, words):
    assert any(words in problem for problem in problems(*changes)), problems(*changes)


def test_all_problems_come_at_once():
    found = problems({"currency": "XQZ", "retrieved_on": ""}, {"model": "", "effective_from": "x"})
    assert len(found) == 4


@pytest.mark.parametrize(
    ("price", "far"), [("0.000001", "1/1,000,000 of"), ("0.001", "1/1,000 of"), ("1000", "1,000 times")]
)
def test_a_price_in_another_unit_is_suspected_and_said(price, far):
    neighbours = rate_card.check(rows(*({"provider": f"cloud {place}"} for place in range(3))), name="shipped.csv")
    found = problems({"input_per_mtok": price}, neighbours=neighbours)
    assert any(
        f"'input_per_mtok' {float(price):g} is {far} its neighbours (1, the median" in words for words in found
    ), found


def test_a_note_answers_for_a_jump():
    jumped = rows({}, {"effective_from": "2025-06-01", "input_per_mtok": "9", "note": "the maker said so in May"})
    assert len(rate_card.check(jumped, name="prices.csv")) == 2


def test_a_month_of_tokens_is_not_one_request():
    price = TokenPrice(
        provider="maker",
        model="long",
        input_per_mtok=1.0,
        output_per_mtok=4.0,
        long_context=LongContext(from_tokens=200_001, input_per_mtok=2.0, output_per_mtok=6.0),
    )
    requests = np.array([100_000.0, 150_000.0, 250_000.0])
    outputs = np.array([1_000.0, 1_000.0, 1_000.0])
    each = price.request_cost(input_tokens=requests, output_tokens=outputs)
    one_by_one = [
        price.request_cost(input_tokens=tokens, output_tokens=output)
        for tokens, output in zip(requests, outputs, strict=True)
    ]
    assert each == pytest.approx(one_by_one)
    assert each.sum() == pytest.approx(0.104 + 0.154 + 0.506)
    assert price.request_cost(input_tokens=requests.sum(), output_tokens=outputs.sum()) > 1.3 * each.sum()


@pytest.mark.parametrize(("asked", "words"), [("openai/gpt5", "openai/gpt-5"), ("openia/gpt-5", "openai/gpt-5")])
def test_a_misspelt_model_of_a_provider_is_met_with_that_providers_models(asked, words):
    from aiecon.ingestion.rate_cards import shipped_rate_card

    with pytest.raises(InputError, match=f"no model '{asked}'; nearest: {words}, "):
        shipped_rate_card().levels(asked)
    with pytest.raises(InputError, match="name one as the card spells it"):
        shipped_rate_card().levels("")
