import pandas as pd
import pytest

from aiecon.errors import FrameError, InputError
from aiecon.ingestion.history import read_budget, read_column, read_history
from aiecon.vocabulary.distribution import Empirical
from aiecon.vocabulary.source import Source


@pytest.fixture
def file(tmp_path, monkeypatch):
    """Writes lines to days.csv in the working folder and returns it as a source."""
    monkeypatch.chdir(tmp_path)

    def write(*lines):
        (tmp_path / "days.csv").write_text("\n".join([*lines, ""]))
        return Source(path="days.csv")

    return write


def refused(reader, source, inputs=None):
    with pytest.raises(InputError) as caught:
        reader(source, inputs)
    return caught.value.problems


def rows(table, when="date"):
    return [(f"{day:%Y-%m-%d}", *rest) for day, *rest in table.frame[[when, *list(table.frame)[1:]]].to_numpy()]


def test_a_negative_budget_and_dates_that_are_numbers_are_refused(file):
    (negative,) = refused(read_budget, file("month,amount", "2026-04,-5"))
    assert negative == "days.csv: column 'amount': row 2 (month 2026-04) has '-5', a budget of zero or more is expected"
    pd.DataFrame({"date": [46_000, 46_001], "value": [1.0, 2.0]}).to_parquet("serials.parquet")
    (serial,) = refused(read_history, Source(path="serials.parquet"))
    assert "row 2 has '46000', a date is expected, the column holds numbers; 2 rows" in serial


def test_a_blank_value_is_missing_and_not_zero(file):
    table = read_history(file("date,value", "2026-01-01,1", "2026-01-02,", "2026-01-03,NULL", "2026-01-04,0"), None)
    assert rows(table) == [("2026-01-01", "total", 1.0), ("2026-01-04", "total", 0.0)]
    assert table.facts["blank"] == 2
    assert table.rows == 4


def test_a_series_column_makes_series_and_rows_may_stand_in_any_order(file):
    source = file("series,date,value", "b,2026-01-02,1", "a,2026-01-02,2", "total,2026-01-01,4", "b,2026-01-01,3")
    assert rows(read_history(source, None)) == [
        ("2026-01-02", "a", 2.0),
        ("2026-01-01", "b", 3.0),
        ("2026-01-02", "b", 1.0),
        ("2026-01-01", "total", 4.0),
    ]


def test_a_row_without_a_series_among_others_is_refused(file):
    with pytest.raises(FrameError) as error:
        read_history(file("series,date,value", "b,2026-01-02,1", ",2026-01-01,4", "b,2026-01-02,inf"), None)
    assert list(error.value.problems) == [
        "days.csv: column 'value': row 4 (series b, date 2026-01-02) has 'inf', a plain number such as 12.50 is "
        "expected",
        "days.csv: column 'series': row 3 (date 2026-01-01) is empty, the name of a series is expected",
        "days.csv: column 'date': row 4 repeats 2026-01-02 of series 'b', one row a date and series is expected",
    ]


def test_a_number_with_a_comma_inside_is_told_as_such(file):
    with pytest.raises(InputError, match="row 2 has 3 cells and the header 2; write numbers without thousands"):
        read_history(file("date,value", "2026-01-01,1,200"), None)


def test_csv_and_parquet_give_the_same_history(file, tmp_path):
    read = read_history(file("date,value", "2026-01-01,1.5", "2026-01-02,2"), None).frame
    frame = pd.DataFrame({"date": pd.date_range("2026-01-01", periods=2), "value": [1.5, 2.0]})
    frame.to_parquet(tmp_path / "days.parquet")
    pd.testing.assert_frame_equal(read_history(Source(path="days.parquet"), None).frame, read, check_dtype=False)


def test_a_repeated_date_is_named_with_its_row(file):
    source = file("date,value", "2026-01-01,1", "2026-01-02,2", "2026-01-01,3")
    assert refused(read_history, source) == (
        "days.csv: column 'date': row 4 repeats 2026-01-01 of series 'total', one row a date and series is expected",
    )


def test_repeated_dates_are_counted(file):
    source = file("date,value", "2026-01-01,1", "2026-01-01,2", "2026-01-01,3")
    assert refused(read_history, source)[0].endswith("is expected; 2 rows repeat one")


def test_two_series_may_share_a_date(file):
    source = file("date,series,value", "2026-01-01,a,1", "2026-01-01,b,2")
    assert len(read_history(source, None).frame) == 2


def test_a_date_that_is_repeated_in_another_spelling_is_still_repeated(file):
    source = file("month,amount", "2026-04,1", "2026-04-01,2")
    assert "row 3 repeats 2026-04-01" in refused(read_budget, source)[0]


def test_a_month_is_2026_04_or_its_first_day(file):
    table = read_budget(file("month,amount", "2026-04,100", "2026-05-01,200.5"), None)
    assert rows(table, "month") == [("2026-04-01", "total", 100.0), ("2026-05-01", "total", 200.5)]


def test_a_day_inside_a_month_is_no_month(file):
    source = file("month,amount", "2026-04-15,100")
    assert "column 'month': row 2 has '2026-04-15'" in refused(read_budget, source)[0]


def test_a_budget_may_be_split_by_series(file):
    source = file("month,series,amount", "2026-04,b,1", "2026-04,a,2")
    assert rows(read_budget(source, None), "month") == [("2026-04-01", "a", 2.0), ("2026-04-01", "b", 1.0)]


def test_a_blank_budget_is_refused(file):
    (problem,) = refused(read_budget, file("month,amount", "2026-04,100", "2026-05,"))
    assert problem.startswith("days.csv: column 'amount': row 3 (month 2026-05) is empty")


def test_a_time_of_day_is_refused(file):
    (problem,) = refused(read_history, file("date,value", "2026-01-01,1", "2026-01-02T05:00:00Z,2"))
    assert problem == (
        "days.csv: column 'date': row 3 has '2026-01-02T05:00:00Z', "
        "a date without a time of day is expected; sum the values by day first"
    )


def test_midnight_is_no_time_of_day(file):
    table = read_history(file("date,value", "2026-01-01 00:00:00,1", "2026-01-02T00:00:00Z,2"), None)
    assert [day for day, *_ in rows(table)] == ["2026-01-01", "2026-01-02"]


@pytest.mark.parametrize("cell", ["4/1/25", "2026-13", "2026-1", "Jan 2026", "46023", "2026-02-30"])
def test_what_is_no_date_is_named_with_its_row(file, cell):
    (problem,) = refused(read_history, file("date,value", "2026-01-01,1", f"{cell},2"))
    assert problem.startswith(f"days.csv: column 'date': row 3 has '{cell}', an ISO date such as 2026-03-31")


def test_problems_of_both_columns_come_together(file):
    found = refused(read_history, file("date,value", "4/1/25,1", "2026-01-02,a lot"))
    assert [line.split(", ")[0] for line in found] == [
        "days.csv: column 'date': row 2 has '4/1/25'",
        "days.csv: column 'value': row 3 (date 2026-01-02) has 'a lot'",
    ]


def test_missing_columns_are_named_with_the_nearest_one(file):
    assert refused(read_history, file("Date,amount", "2026-01-01,1")) == (
        "days.csv: column 'date' is missing; it has 'Date': rename that one",
        "days.csv: column 'value' is missing; add it",
    )


@pytest.mark.parametrize(("reader", "header"), [(read_history, "date,value"), (read_budget, "month,amount")])
def test_a_header_without_rows_is_refused(file, reader, header):
    assert refused(reader, file(header)) == ("days.csv: the file has a header and no rows",)


def test_the_column_of_an_empirical_distribution_is_read(file):
    source = file("case,minutes", "a,3", "b,1.5")
    table = read_column(source, Empirical(file=source, column="minutes"))
    assert table.frame["minutes"].tolist() == [3.0, 1.5]


def test_a_column_with_gaps_or_text_is_refused(file):
    source = file("case,minutes", "a,3", "b,", "c,long")
    (problem,) = refused(read_column, source, Empirical(file=source, column="minutes"))
    assert problem.startswith("days.csv: column 'minutes': row 3 is empty")
    assert problem.endswith("2 rows break this")
