"""A bill laid on the records of use that it covers: totals stay, owners are known, the rest stays with the bill."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import LAW

from aiecon.ingestion.covering import laid_on_records
from aiecon.ingestion.focus import NOT_SAID
from aiecon.vocabulary.spend import TOKEN_COLUMNS

MONTH = pd.Timestamp("2026-03-01")


def sums(*rows):
    """kind, team, model, billed, own, tokens."""
    frame = pd.DataFrame(
        rows, columns=["x_SourceKind", "x_Team", "x_ModelId", "billed", "x_SourceCost", "x_InputTokens"]
    )
    others = dict.fromkeys(TOKEN_COLUMNS[1:], 0.0)
    return frame.assign(when=MONTH, ProviderName="P", ChargeCategory="Usage", effective=frame["billed"], **others)


def test_teams_get_the_bill_by_their_own_cost_and_the_rest_stays():
    table = laid_on_records(
        sums(
            ("bill", NOT_SAID, "m", 100.0, 100.0, 50.0),
            ("usage", "a", "m", 0.0, 60.0, 30.0),
            ("usage", "b", "m", 0.0, 20.0, 10.0),
        )
    )
    assert table["billed"].tolist() == pytest.approx([20, 60, 20])
    assert table["effective"].sum() == pytest.approx(100)
    assert table["x_InputTokens"].tolist() == pytest.approx([10, 30, 10])  # of the bill only what no record has


def test_a_bill_below_list_prices_is_shared_whole():
    table = laid_on_records(sums(("bill", NOT_SAID, "m", 40.0, 40.0, 0.0), ("usage", "a", "m", 0.0, 80.0, 1.0)))
    assert table["billed"].tolist() == pytest.approx([0, 40])


def test_a_bill_without_models_covers_what_is_left_of_the_provider():
    table = laid_on_records(
        sums(
            ("bill", NOT_SAID, "m", 10.0, 10.0, 0.0),
            ("bill", NOT_SAID, NOT_SAID, 30.0, 30.0, 0.0),
            ("usage", "a", "m", 0.0, 15.0, 1.0),
            ("usage", "b", "n", 0.0, 20.0, 1.0),
        )
    )
    assert table["billed"].tolist() == pytest.approx([0, 5, 15, 20])


def test_use_that_no_bill_speaks_of_and_bills_of_other_things_stay():
    frame = sums(
        ("bill", NOT_SAID, "m", 10.0, 10.0, 0.0),
        ("bill", NOT_SAID, "m", 3.0, 3.0, 0.0),
        ("usage", "a", "m", 5.0, 5.0, 1.0),
    )
    frame.loc[1, "ChargeCategory"] = "Tax"
    assert laid_on_records(frame)["billed"].tolist() == [10, 3, 5]
    alone = frame.drop(columns="x_SourceKind")
    assert laid_on_records(alone) is alone


money = st.floats(0, 1e6).map(lambda value: round(value, 2))
rows = st.tuples(st.sampled_from(["a", "b", NOT_SAID]), st.sampled_from(["m", "n", NOT_SAID]), money)


@LAW
@given(st.lists(rows, min_size=1, max_size=6), st.lists(rows, min_size=1, max_size=6))
def test_law_totals_stay_and_no_record_carries_more_than_its_own(bills, uses):
    frame = sums(
        *[("bill", team, model, cost, cost, 1.0) for team, model, cost in bills],
        *[("usage", team, model, 0.0, cost, 1.0) for team, model, cost in uses],
    )
    table = laid_on_records(frame)
    assert table["billed"].sum() == pytest.approx(frame["billed"].sum(), abs=1e-6)
    used = table["x_SourceKind"] == "usage"
    assert (table.loc[used, "billed"] <= frame.loc[used, "x_SourceCost"] + 1e-6).all()
    assert (table["billed"] >= -1e-6).all()
