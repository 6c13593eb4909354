import pandas as pd
import pytest

from aiecon.errors import FrameError
from aiecon.vocabulary import claims


def row(number, **cells):
    given = {"claim": "a token costs this", "figure": "0.01", "verdict": "UNIT", "source": "a guide"}
    return {**dict.fromkeys(claims.COLUMNS, ""), "id": number, **given, **cells}


def problems(*rows):
    with pytest.raises(FrameError) as caught:
        claims.check(pd.DataFrame(rows), name="claims.csv")
    return caught.value.problems


def test_good_rows_come_back_as_text_without_unknown_columns():
    frame = claims.check(pd.DataFrame([{**row("S3-09", note=None), "colour": "blue"}]), name="claims.csv")
    assert list(frame) == list(claims.COLUMNS)
    assert frame["note"].tolist() == [""]


def test_missing_columns_are_all_named():
    with pytest.raises(FrameError) as caught:
        claims.check(pd.DataFrame([row("S3-09")]).drop(columns=["verdict", "check"]), name="mine.csv")
    assert caught.value.problems == (
        "mine.csv: column 'verdict' is missing; add it",
        "mine.csv: column 'check' is missing; add it",
    )


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"claim": ""}, "'claim' is empty"),
        ({"source": None}, "'source' is empty"),
        ({"verdict": "RUBBISH"}, "'verdict' must be of OK, IMPRECISE"),
        ({"verdict": "UNIT, WRONG"}, "got 'UNIT, WRONG'"),
        ({"id": "S309"}, "'id' must be a requirement such as S3-09, got 'S309'"),
    ],
)
def test_a_bad_cell_is_named_with_its_row(cells, words):
    (found,) = problems(row("S3-09"), {**row("S3-10"), **cells})
    assert found.startswith("claims.csv: row 3: ")
    assert words in found


def test_every_problem_comes_at_once_and_a_second_row_of_an_id_is_refused():
    found = problems(row("S3-09", claim=""), row("S3-09", verdict="MAYBE"))
    assert [line.split(": ")[1] for line in found] == ["row 2", "row 3", "row 3"]
    assert "claims.csv: row 3: 'S3-09' stands twice" in found


def test_verdicts_may_be_joined():
    assert claims.verdicts("UNIT + WRONG") == ("UNIT", "WRONG")
    assert claims.verdicts("") == ()
