import pandas as pd
import pytest

from aiecon.errors import InputError
from aiecon.ingestion import frames
from aiecon.ingestion.frames import Column, read_columns
from aiecon.vocabulary.source import Source

DAYS = (
    Column("date", "day", also=("day",)),
    Column("requests", at_least=0),
    Column("team", "text", is_needed=False, may_be_empty=True),
)


@pytest.fixture
def file(tmp_path, monkeypatch):
    """Writes lines to usage.csv in the working folder and returns it as a source."""
    monkeypatch.chdir(tmp_path)

    def write(*lines):
        (tmp_path / "usage.csv").write_text("\n".join([*lines, ""]))
        return Source(path="usage.csv")

    return write


def refused(read, *args, **more):
    with pytest.raises(InputError) as caught:
        read(*args, **more)
    return caught.value.problems


def test_known_columns_come_typed_in_the_order_of_the_rows(file):
    table = read_columns(file("requests,date,other", "3,2026-01-02,x", "1.5,2026-01-01,y"), DAYS)
    assert list(table.frame) == ["row", "date", "requests"]
    assert table.frame["row"].tolist() == [2, 3]
    assert table.frame["date"].tolist() == [pd.Timestamp("2026-01-02"), pd.Timestamp("2026-01-01")]
    assert table.frame["requests"].tolist() == [3.0, 1.5]
    assert table.facts["columns"] == ("date", "requests")
    assert table.rows == 2


def test_another_name_does_where_the_first_is_not_there(file):
    assert read_columns(file("day,requests", "2026-01-01,1"), DAYS).frame["date"].item() == pd.Timestamp("2026-01-01")
    both = read_columns(file("day,date,requests", "x,2026-01-02,1"), DAYS)
    assert both.frame["date"].item() == pd.Timestamp("2026-01-02")


def test_parquet_gives_what_csv_gives(file, tmp_path):
    from_csv = read_columns(file("date,requests,team", "2026-01-01,1,a", "2026-01-02,2,b"), DAYS).frame
    frame = pd.DataFrame({"date": pd.date_range("2026-01-01", periods=2), "requests": [1, 2], "team": ["a", "b"]})
    frame.to_parquet(tmp_path / "usage.parquet")
    from_parquet = read_columns(Source(path="usage.parquet"), DAYS).frame
    pd.testing.assert_frame_equal(from_csv, from_parquet, check_dtype=False)


def test_an_empty_cell_is_missing_where_it_may_be(file):
    columns = (Column("name", "text"), Column("share", may_be_empty=True), Column("since", "moment", may_be_empty=True))
    frame = read_columns(file("name,share,since", "a,,", "b,0.5,2026-01-01T10:00:00Z"), columns).frame
    assert frame["share"].isna().tolist() == [True, False]
    assert frame["since"].tolist()[1] == pd.Timestamp("2026-01-01 10:00")
    assert refused(read_columns, file("name,share,since", ",1,"), columns) == (
        "usage.csv: column 'name': row 2 is empty, a name is expected",
    )


def test_true_and_false_are_a_flag_in_any_letters_and_in_parquet(file, tmp_path):
    failed = (Column("name", "text"), Column("failed", "flag", may_be_empty=True))
    frame = read_columns(file("name,failed", "a,true", "b,FALSE", "c,1", "d,0", "e,"), failed).frame
    assert frame["failed"].tolist()[:4] == [1.0, 0.0, 1.0, 0.0]
    assert frame["failed"].isna().tolist() == [False] * 4 + [True]
    pd.DataFrame({"name": ["a", "b"], "failed": [True, False]}).to_parquet(tmp_path / "calls.parquet")
    assert read_columns(Source(path="calls.parquet"), failed).frame["failed"].tolist() == [1.0, 0.0]
    assert refused(read_columns, file("name,failed", "a,perhaps", "b,2", "c,1"), failed) == (
        "usage.csv: column 'failed': row 2 has 'perhaps', true or false, or 1 or 0, is expected (rows 2, 3); 2 rows "
        "break this",
    )


def test_a_month_may_be_written_short(file):
    frame = read_columns(file("month,amount", "2026-04,1"), (Column("month", "month"), Column("amount"))).frame
    assert frame["month"].item() == pd.Timestamp("2026-04-01")


def test_every_problem_is_named_at_once_with_its_row(file):
    assert refused(read_columns, file("date,requests", "2026-13-01,-1", "2026-01-01,x"), DAYS) == (
        "usage.csv: column 'date': row 2 has '2026-13-01', an ISO date such as 2026-03-31 or 2026-03-31T00:00:00Z is "
        "expected",
        "usage.csv: column 'requests': row 3 has 'x', a plain number such as 12.50 is expected",
        "usage.csv: column 'requests': row 2 has '-1', a number of 0 or more is expected",
    )


def test_missing_columns_and_rows_are_named(file):
    (problem,) = refused(read_columns, file("date,request", "2026-01-01,1"), DAYS)
    assert problem == "usage.csv: column 'requests' is missing; it has 'request': rename that one"
    assert refused(read_columns, file("date,requests"), DAYS) == ("usage.csv: the file has a header and no rows",)


def test_a_reader_refuses_rows_that_repeat_one(file):
    read = frames.reader(*DAYS, check=frames.doubled("date", "team"))
    once = file("date,requests,team", "2026-01-01,1,a", "2026-01-01,1,b")
    assert len(read(once, None).frame) == 2
    twice = file("date,requests,team", "2026-01-01,1,a", "2026-01-01,2,a", "2026-01-01,3,a")
    assert refused(read, twice, None) == (
        "usage.csv: row 3 repeats date 2026-01-01, team 'a'; one row each is expected; 2 rows repeat one",
    )
    assert refused(read, file("date,requests", "2026-01-01,1", "2026-01-01,1"), None) == (
        "usage.csv: row 3 repeats date 2026-01-01; one row each is expected",
    )


def test_months_without_a_row_between_first_and_last_are_told_beside_other_problems(file):
    columns = Column("team", "text"), Column("month", "month")
    check = frames.every(frames.doubled("team", "month"), frames.unbroken("month"))
    rows = "team,month", "a,2026-01", "a,2026-01", "a,2026-04"
    twice, hole = refused(read_columns, file(*rows), columns, check=check)
    assert "row 3 repeats" in twice
    assert "no row is of 2026-02, 2026-03, between 2026-01 and 2026-04" in hole
    assert frames.unbroken("month")("usage.csv", pd.DataFrame({"team": ["a"]})) == []
