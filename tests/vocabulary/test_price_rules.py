import pandas as pd
import pytest

from aiecon.errors import FrameError
from aiecon.vocabulary import rate_card

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
LONG = {"long_context_from_tokens": "200001", "long_context_input_per_mtok": "2", "long_context_output_per_mtok": "6"}


def problems(*changes):
    frame = pd.DataFrame([{**dict.fromkeys(rate_card.COLUMNS, ""), **ROW, **change} for change in changes])
    try:
        rate_card.check(frame, name="prices.csv")
    except FrameError as error:
        return list(error.problems)
    return []


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"cached_input_per_mtok": "5"}, "cached input costs more than input ('cached_input_per_mtok' 5, "),
        ({"cached_input_per_mtok": "0.0001"}, "'cached_input_per_mtok' 0.0001 is 1/10,000 of 'input_per_mtok' (1)"),
        ({"cache_write_per_mtok": "1250"}, "'cache_write_per_mtok' 1250 is 1,250 times 'input_per_mtok' (1)"),
        ({**LONG, "long_context_input_per_mtok": "0.5"}, "a long-context price is below the base price"),
        ({**LONG, "long_context_output_per_mtok": "0"}, "a long-context price is below the base price"),
        ({**LONG, "long_context_input_per_mtok": "2000"}, "'long_context_input_per_mtok' 2000 is 2,000 times"),
    ],
)
def test_a_derived_price_that_cannot_be_needs_a_confirmed_note(cells, words):
    (found,) = problems(cells)
    assert words in found
    assert problems({**cells, "note": "from the vendor page"}) == [found]
    assert problems({**cells, "note": "confirmed: by the contract"}) == []


@pytest.mark.parametrize(
    ("absent", "words"),
    [
        ("long_context_from_tokens", "come together; give long_context_from_tokens too, or none"),
        ("long_context_output_per_mtok", "come together; give long_context_output_per_mtok too, or none"),
    ],
)
def test_long_context_prices_and_their_threshold_come_together(absent, words):
    assert problems(LONG) == []
    assert words in problems({**LONG, absent: ""})[0]
    assert words in problems({**LONG, absent: "", "currency": "XQZ"})[1]


def test_a_threshold_is_a_whole_number():
    (found,) = problems({**LONG, "long_context_from_tokens": "200000.5"})
    assert found.endswith("'long_context_from_tokens' must be a whole number of 1 or more, got '200000.5'")


@pytest.mark.parametrize("column", ["input_per_mtok", "output_per_mtok", "cached_input_per_mtok"])
def test_a_price_of_zero_needs_a_note(column):
    found = problems({column: "0"})
    assert f"prices.csv: row 2: '{column}' is 0; say why in its note, or correct it" in found
    assert "nan" not in " ".join(found)
    assert problems({column: "0", "note": "free until June"}) == []


def test_an_embedding_model_has_no_output():
    assert problems({"model": "text-embedding-3-small", "output_per_mtok": "0"}) == []


def test_a_model_of_a_provider_stays_in_one_currency():
    (found,) = problems({}, {"effective_from": "2025-06-01", "currency": "EUR", "input_per_mtok": "9"})
    assert found == (
        "prices.csv: row 3: maker/small is in EUR here and in USD in row 2; keep a model of a provider in one currency"
    )


def test_a_malformed_row_does_not_hide_the_overlap_of_others():
    found = problems(
        {"effective_to": "2025-09-01", "grade": "sure"},
        {"effective_from": "2025-06-01"},
        {"model": "m", "input_per_mtok": "x"},
    )
    assert len(found) == 3
    assert "end it on 2025-06-01, which is exclusive, or correct the days" in found[1]


def test_an_overlap_across_a_row_between_is_found():
    found = problems(
        {"effective_to": "2026-01-01"},
        {"effective_from": "2025-02-01", "effective_to": "2025-03-01"},
        {"effective_from": "2025-06-01"},
    )
    assert [words.split(" of maker")[0] for words in found] == [
        "prices.csv: row 2: it ends on 2026-01-01, after row 3",
        "prices.csv: row 2: it ends on 2026-01-01, after row 4",
    ]


def test_a_jump_and_a_gap_say_what_to_do():
    later = {"effective_from": "2025-06-01", "input_per_mtok": "9"}
    assert problems({"effective_to": "2025-05-01"}, later) == [
        "prices.csv: row 2: maker/small has no price from 2025-05-01 to 2025-06-01; a note is expected: say why, or "
        "add the row that is missing",
        "prices.csv: row 3: a price of maker/small moves by a factor of 9; a note is expected: say why, or correct the "
        "price",
    ]
