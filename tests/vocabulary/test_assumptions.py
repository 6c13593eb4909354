import pandas as pd
import pytest

from aiecon import resources
from aiecon.errors import FrameError
from aiecon.vocabulary import assumptions
from aiecon.vocabulary.distribution import Normal, Pert
from aiecon.vocabulary.overrides import override
from aiecon.vocabulary.strict import Strict
from aiecon.vocabulary.token_price import Price


def row(name, **cells):
    given = {"value": "1", "unit": "share", "grade": "judgement", "source": "us", "retrieved_on": "2026-01-31"}
    return {**dict.fromkeys(assumptions.COLUMNS, ""), "name": name, **given, **cells}


def checked(*rows):
    return assumptions.check(pd.DataFrame(rows), name="assumptions.csv")


def problems(*rows):
    with pytest.raises(FrameError) as caught:
        checked(*rows)
    return caught.value.problems


def test_numbers_become_floats_and_blank_ends_stay_absent():
    frame = checked(row("growth", value="2", p10="1.5"))
    assert frame[["value", "p10"]].iloc[0].tolist() == [2.0, 1.5]
    assert pd.isna(frame["p90"].iloc[0])


def test_a_column_beyond_the_known_ones_is_left_out():
    assert list(checked({**row("growth"), "colour": "blue"}).columns) == list(assumptions.COLUMNS)


def test_missing_columns_are_all_named():
    with pytest.raises(FrameError) as caught:
        assumptions.check(pd.DataFrame([row("growth")]).drop(columns=["grade", "unit"]), name="mine.csv")
    assert caught.value.problems == ("mine.csv: column 'unit' is missing", "mine.csv: column 'grade' is missing")


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"value": ""}, "'value' is empty"),
        ({"source": ""}, "'source' is empty"),
        ({"unit": None}, "'unit' is empty"),
        ({"value": "a lot"}, "'value' must be a number, got 'a lot'"),
        ({"p90": "1,5"}, "'p90' must be a number, got '1,5'"),
        ({"grade": "guess"}, "'grade' must be one of contract, measured, published, judgement, rumour, got 'guess'"),
        ({"retrieved_on": "31/1/2026"}, "'retrieved_on' must be an ISO date, got '31/1/2026'"),
    ],
)
def test_a_bad_cell_is_named_with_its_row(cells, words):
    assert problems(row("growth"), row("churn", **cells)) == (f"assumptions.csv: row 3: {words}",)


def test_a_name_that_stands_twice_is_refused_at_its_second_row():
    assert problems(row("growth"), row("churn"), row("growth")) == ("assumptions.csv: row 4: 'growth' stands twice",)


def test_every_problem_comes_at_once_in_the_order_of_the_rows():
    found = problems(row("growth", value="x", grade="guess"), row("churn"), row("churn", unit="", retrieved_on="soon"))
    assert [line.split(": ")[1] for line in found] == ["row 2", "row 2", "row 4", "row 4", "row 4"]


def test_the_shipped_assumptions_pass():
    raw = pd.read_csv(resources.path("data/assumptions.csv"), dtype=str, keep_default_na=False)
    frame = assumptions.check(raw, name="assumptions.csv")
    assert len(frame) == len(raw) > 0
    assert "rumour" not in set(frame["grade"])


def test_changes_are_numbers_where_no_shape_is_given():
    assert assumptions.changes(checked(row("growth", value="0.02"))) == {"growth": 0.02}


class Question(Strict):
    growth: Price = 0.0
    delay_months: Price = 0.0


def test_changes_make_distributions_whose_base_is_the_value():
    frame = checked(
        row("growth", shape="normal", value="0.02", p10="0.01", p90="0.05"),
        row("delay_months", shape="pert", value="9", low="6", high="18"),
    )
    inputs = override(Question(), assumptions.changes(frame))
    assert inputs.growth == Normal(value=0.02, p10=0.01, p90=0.05)
    assert inputs.growth.base == 0.02
    assert inputs.delay_months == Pert(low=6, mode=9, high=18)
    assert inputs.delay_months.mean == 10.0


def test_records_keep_what_was_given_and_nothing_else():
    (record,) = assumptions.records(checked(row("growth", note="see memo"))).values()
    assert record["note"] == "see memo"
    assert "p10" not in record
    assert "owner" not in record
