import pandas as pd
import pytest

from aiecon.errors import FrameError
from aiecon.vocabulary.tables import ROW, Rules, checked, listed

RULES = Rules(
    columns=("item", "price", "units", "share", "balance", "day", "currency", "retrieved_on", "note"),
    needed=("item", "price", "currency"),
    amounts=("price",),
    counts=("units",),
    shares=("share",),
    numbers=("balance",),
    days=("day", "retrieved_on"),
)


def problems(*records, more=(), drop=()):
    with pytest.raises(FrameError) as caught:
        checked(frame(*records).drop(columns=list(drop)), RULES, name="t.csv", more=more)
    return list(caught.value.problems)


def frame(*records):
    return pd.DataFrame([{"item": "a", "price": "1", "currency": "USD", **record} for record in records]).fillna("")


def test_columns_that_are_not_needed_may_be_absent_and_count_as_empty():
    typed = checked(frame({}), RULES, name="t.csv")
    assert list(typed) == list(RULES.columns)
    assert typed["units"].isna().all()
    assert typed["note"].tolist() == [""]


def test_an_absent_currency_is_dollars_and_an_empty_one_a_problem():
    assert checked(frame({}).drop(columns="currency"), RULES, name="t.csv")["currency"].tolist() == ["USD"]
    assert problems({"currency": ""}) == ["t.csv: row 2: 'currency' is empty"]


def test_a_missing_column_is_said_once_and_hides_no_other_problem():
    assert problems({"units": "0"}, {"units": "1.5"}, drop=["price"]) == [
        "t.csv: column 'price' is missing; add it",
        "t.csv: row 2: 'units' must be a whole number of 1 or more, got '0'",
        "t.csv: row 3: 'units' must be a whole number of 1 or more, got '1.5'",
    ]


@pytest.mark.parametrize(
    ("own", "words"),
    [
        ("notes", "column 'notes' is not known; did you mean 'note'?"),
        ("Shares", "column 'Shares' is not known; did you mean 'share'?"),
        ("Retrieved on", "column 'Retrieved on' is not known; did you mean 'retrieved_on'?"),
    ],
)
def test_a_column_that_looks_like_a_slip_is_refused_with_the_nearest_name(own, words):
    assert words in problems({own: "x"})[0]


def test_a_column_of_a_users_own_is_welcome():
    assert len(checked(frame({"cost_centre": "x", "approved": "y"}), RULES, name="t.csv")) == 1


def test_a_misspelt_needed_column_is_shown_beside_the_missing_one():
    misspelt = frame({}).rename(columns={"price": "prise"})
    with pytest.raises(FrameError) as caught:
        checked(misspelt, RULES, name="t.csv")
    assert caught.value.problems == ("t.csv: column 'price' is missing; it has 'prise': rename that one",)


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"price": "nan"}, "'price' must be a number of zero or more, got 'nan'"),
        ({"price": "inf"}, "'price' must be a number of zero or more, got 'inf'"),
        ({"share": "1.1"}, "'share' must be a share from 0 to 1, got '1.1'"),
        ({"balance": "x"}, "'balance' must be a number, got 'x'"),
        ({"day": "2026-13-01"}, "'day' must be an ISO date such as 2026-03-31, got '2026-13-01'"),
    ],
)
def test_a_cell_of_the_wrong_kind_is_named(cells, words):
    assert problems(cells) == [f"t.csv: row 2: {words}"]


def test_a_number_that_may_be_negative_may():
    assert checked(frame({"balance": "-3"}), RULES, name="t.csv")["balance"].tolist() == [-3.0]


def test_a_malformed_row_does_not_hide_what_the_other_rows_show_together():
    def doubled(typed):
        yield from ((row, "the item stands twice") for row in typed.index[typed.duplicated("item")])

    assert problems({"price": "x"}, {}, more=(doubled,)) == [
        "t.csv: row 2: 'price' must be a number of zero or more, got 'x'",
        "t.csv: row 3: the item stands twice",
    ]


def test_rows_keep_the_number_that_a_spreadsheet_shows():
    numbered = frame({}, {"price": "x"}).set_axis(pd.Index([2, 7], name=ROW))
    with pytest.raises(FrameError, match="row 7: 'price'"):
        checked(numbered, RULES, name="t.csv")


def test_rows_that_are_not_listed_are_counted():
    lines = listed([(row, "'item' is empty") for row in range(2, 402, 2)], name="t.csv")
    assert lines[:2] == ["t.csv: row 2: 'item' is empty", "t.csv: row 4: 'item' is empty"]
    assert lines[5:] == ["t.csv: row 12: 'item' is empty; and 194 more rows, the last of them row 400"]
