import csv
import math
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import LAW_WITH_FILES, charge_frames

from aiecon.errors import FrameError, InputError
from aiecon.ingestion.focus import read_daily_spend
from aiecon.models.spend_forecast import SpendForecastInputs

EXCERPT = Path(__file__).parents[1] / "data" / "focus_1_0_excerpt.csv"


def read(path, **asked):
    inputs = SpendForecastInputs(spend=str(path), **asked)
    return read_daily_spend(inputs.spend, inputs)


@pytest.fixture
def bill(tmp_path, monkeypatch):
    """Four charges of three days; call it with other columns, or columns to leave out, to get a bill.csv."""
    monkeypatch.chdir(tmp_path)

    def write(name="bill.csv", without=(), **columns):
        frame = charges().assign(**columns).drop(columns=list(without))
        frame.to_csv(name, index=False) if name.endswith(".csv") else frame.to_parquet(name)
        return name

    return write


def charges():
    return pd.DataFrame(
        {
            "ChargePeriodStart": ["2026-01-01", "2026-01-01", "2026-01-02", "2026-01-04"],
            "ChargePeriodEnd": ["2026-01-02", "2026-01-02", "2026-01-03", "2026-01-05"],
            "BillingCurrency": "USD",
            "BilledCost": ["10.25", "0.50", "20.00", "-4.00"],
            "EffectiveCost": ["8.00", "0.50", "16.00", "1.00"],
            "x_Team": ["search", "support", "search", "support"],
            "ServiceName": ["chat", "chat", "embed", "chat"],
        }
    )


def typed(frame):
    """The charges as Parquet holds them: dates and numbers."""
    numbers = {name: pd.to_numeric(frame[name]) for name in ("BilledCost", "EffectiveCost") if name in frame}
    times = {name: pd.to_datetime(frame[name]) for name in ("ChargePeriodStart", "ChargePeriodEnd")}
    return frame.assign(**numbers, **times)


def days(table):
    return {f"{row.date:%m-%d}": row.value for row in table.frame.itertuples()}


def refused(name, **asked):
    with pytest.raises(InputError) as caught:
        read(name, **asked)
    return caught.value.problems


def test_charges_are_summed_by_day_and_absent_days_stay_absent(bill):
    table = read(bill())
    assert days(table) == {"01-01": 10.75, "01-02": 20.0, "01-04": -4.0}
    assert list(table.frame.columns) == ["date", "series", "value"]
    assert set(table.frame["series"]) == {"total"}
    assert table.rows == 4


def test_the_facts_say_what_was_read(bill):
    facts = read(bill(), as_of="2026-01-02").facts
    assert facts["currency"] == "USD"
    assert (facts["first_day"], facts["as_of"]) == (date(2026, 1, 1), date(2026, 1, 2))
    assert (facts["charges"], facts["charges_after"]) == (3, 1)


def test_the_breakdown_adds_up_to_the_days(bill):
    table = read(bill())
    breakdown = table.facts["breakdown"]
    by_item = breakdown[breakdown["dimension"] == "x_Team"].set_index("item")["value"].to_dict()
    assert by_item == {"search": 30.25, "support": -3.5}
    assert breakdown.groupby("dimension")["value"].sum().tolist() == [26.75, 26.75]


COUNTED = {
    "x_ModelId": ["small", "small", "large", None],
    "x_InputTokens": ["100", "20", "", "0"],
    "x_CacheReadTokens": ["0", "5", "0", "0"],
    "x_CacheWrite5mTokens": ["1", "0", "0", "0"],
    "x_CacheWrite1hTokens": ["2", "0", "0", "0"],
    "x_OutputTokens": ["30", "10", "7", ""],
    "x_Requests": ["3", "1", "2", "9"],
    "x_User": ["ann", "bob", "ann", ""],
}


def test_the_volumes_say_tokens_by_class_requests_and_cost_of_each_model_and_month(bill):
    found = read(bill(**COUNTED)).facts["volumes"]
    classes = ["x_InputTokens", "x_CacheReadTokens", "x_CacheWrite5mTokens", "x_CacheWrite1hTokens", "x_OutputTokens"]
    assert list(found) == ["month", "item", "tokens", "cost", "requests", *classes]
    assert found.to_numpy().tolist() == [  # the charge of no tokens is in none of them
        [pd.Timestamp("2026-01-01"), "large", 7.0, 20.0, 2.0, 0.0, 0.0, 0.0, 0.0, 7.0],
        [pd.Timestamp("2026-01-01"), "small", 168.0, 10.75, 4.0, 120.0, 5.0, 1.0, 2.0, 40.0],
    ]


def test_classes_and_requests_that_a_bill_does_not_count_are_zero(bill):
    name = bill(without=("x_Requests", "x_CacheReadTokens", "x_CacheWrite5mTokens", "x_CacheWrite1hTokens"), **COUNTED)
    found = read(name).facts["volumes"]
    assert found["tokens"].tolist() == [7.0, 160.0]
    assert (found[["requests", "x_CacheReadTokens", "x_CacheWrite1hTokens"]] == 0.0).all(axis=None)


@pytest.mark.parametrize("without", [["x_ModelId"], [name for name in COUNTED if name.endswith("Tokens")]])
def test_volumes_are_empty_where_the_bill_names_no_model_or_no_tokens(bill, without):
    found = read(bill(without=without, **COUNTED)).facts["volumes"]
    assert found.empty
    assert {"month", "item", "tokens", "cost", "requests", "x_OutputTokens"} <= set(found)


def test_users_are_counted_once_a_month_and_nobody_is_none(bill):
    starts = ["2026-01-01", "2026-01-01", "2026-01-02", "2026-02-04"]
    ends = ["2026-01-02", "2026-01-02", "2026-01-03", "2026-02-05"]
    name = bill(ChargePeriodStart=starts, ChargePeriodEnd=ends, **COUNTED)
    assert read(name).facts["users"].to_numpy().tolist() == [
        [pd.Timestamp("2026-01-01"), 2],
        [pd.Timestamp("2026-02-01"), 0],
    ]
    assert read(name, where={"x_Team": "search"}).facts["users"]["users"].tolist() == [1]
    assert read(bill()).facts["users"].empty


def test_volumes_and_users_end_with_the_day_the_bill_is_read_to(bill):
    facts = read(bill(**{**COUNTED, "x_User": ["ann", "bob", "eve", "eve"]}), as_of="2026-01-01").facts
    assert facts["volumes"]["item"].tolist() == ["small"]
    assert facts["users"]["users"].tolist() == [2]


def test_csv_parquet_and_a_store_give_the_same_days(tmp_path):
    frame = charges()
    frame.to_csv(tmp_path / "bill.csv", index=False)
    typed(frame).to_parquet(tmp_path / "bill.parquet")
    store = tmp_path / "store" / "month=2026-01"
    store.mkdir(parents=True)
    typed(frame).iloc[:1].to_parquet(store / "a.parquet")
    typed(frame).iloc[1:].to_parquet(store / "b.parquet")
    first, *others = (
        read(tmp_path / name, group_by=["x_Team"]).frame for name in ("bill.csv", "bill.parquet", "store")
    )
    assert len(first) == 6
    for other in others:
        pd.testing.assert_frame_equal(other, first)


def test_a_series_costs_nothing_on_days_that_the_bill_has_and_it_has_not(bill):
    found = read(bill(x_Team=["search", "search", "support", "search"]), group_by=["x_Team"]).frame
    by_series = {name: rows.set_index(rows["date"].dt.day)["value"].to_dict() for name, rows in found.groupby("series")}
    assert by_series == {
        "search": {1: 10.75, 2: 0.0, 4: -4.0},
        "support": {2: 20.0, 4: 0.0},  # it begins on the second
    }


@LAW_WITH_FILES
@given(frame=charge_frames)
def test_the_series_of_a_group_add_up_to_the_total(frame):
    with TemporaryDirectory() as folder:
        file = Path(folder) / "bill.csv"
        frame.to_csv(file, index=False)
        total, groups = read(file).frame, read(file, group_by=["x_Team"]).frame
    summed = groups.groupby("date")["value"].sum()
    np.testing.assert_allclose(summed.reindex(total["date"]), total["value"], rtol=1e-9, atol=1e-9)


@LAW_WITH_FILES
@given(frame=charge_frames, chance=st.randoms(use_true_random=False))
def test_the_order_of_rows_never_matters(frame, chance):
    places = list(range(len(frame)))
    chance.shuffle(places)
    with TemporaryDirectory() as folder:
        file = Path(folder) / "bill.csv"
        frame.to_csv(file, index=False)
        before = read(file, group_by=["x_Team"])
        frame.iloc[places].to_csv(file, index=False)
        after = read(file, group_by=["x_Team"])
    pd.testing.assert_frame_equal(after.frame, before.frame, rtol=1e-12)
    assert after.facts["as_of"] == before.facts["as_of"]


@LAW_WITH_FILES
@given(frame=charge_frames)
def test_series_add_up_to_the_total(frame):
    with TemporaryDirectory() as folder:
        file = Path(folder) / "bill.csv"
        frame.to_csv(file, index=False)
        total = read(file).frame
        split = read(file, group_by=["x_Team", "x_ModelId"]).frame.groupby("date")["value"].sum()
    expected = frame["BilledCost"].astype(float).groupby(frame["ChargePeriodStart"]).sum()
    np.testing.assert_allclose(total["value"], expected, atol=1e-6)
    np.testing.assert_allclose(split, expected, atol=1e-6)


def test_the_same_large_file_gives_the_same_bytes_each_time(tmp_path):
    count = 200_000
    start = pd.Timestamp("2026-01-01") + pd.to_timedelta(np.arange(count) % 3, unit="D")
    cost = np.random.default_rng(3).random(count)
    frame = pd.DataFrame({"ChargePeriodStart": start, "ChargePeriodEnd": start + pd.Timedelta(days=1)})
    file = tmp_path / "bill.parquet"
    frame.assign(BillingCurrency="USD", BilledCost=cost).to_parquet(file, row_group_size=10_000)
    first, *others = (read(file).frame["value"].to_numpy().tobytes() for _ in range(3))
    assert set(others) == {first}


def test_group_by_makes_a_series_of_each_combination(bill):
    frame = read(bill(), group_by=["x_Team", "ServiceName"]).frame
    assert frame.groupby("series")["value"].sum().to_dict() == {
        "search / chat": 10.25,
        "search / embed": 20.0,
        "support / chat": -3.5,
    }


def test_charges_without_a_tag_are_a_series_of_their_own(bill):
    frame = read(bill(x_Team=["search", "NULL", None, "search"]), group_by=["x_Team"]).frame
    assert frame.groupby("series")["value"].sum().to_dict() == {"(not tagged)": 20.5, "search": 6.25}


def test_where_keeps_the_charges_that_have_the_value(bill):
    assert days(read(bill(), where={"x_Team": "search"})) == {"01-01": 10.25, "01-02": 20.0, "01-04": 0.0}
    both = {"x_Team": "support", "ServiceName": "chat"}
    assert days(read(bill(), where=both)) == {"01-01": 0.5, "01-02": 0.0, "01-04": -4.0}


@pytest.mark.parametrize(("column", "value"), [([1, 2, 2, 2], 2), ([True, False, False, False], False)])
def test_where_takes_numbers_and_booleans_of_a_parquet_file(tmp_path, column, value):
    typed(charges()).assign(x_Flag=column).to_parquet(tmp_path / "bill.parquet")
    assert days(read(tmp_path / "bill.parquet", where={"x_Flag": value})) == {"01-01": 0.5, "01-02": 20.0, "01-04": -4}


def test_cost_chooses_the_column_that_is_summed(bill):
    assert days(read(bill(), cost="EffectiveCost")) == {"01-01": 8.5, "01-02": 16.0, "01-04": 1.0}


def test_decimal_costs_of_a_parquet_file_are_read_as_they_stand(tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.Table.from_pandas(typed(charges()))
    cost = pa.array(["10.25", "0.50", "20.00", "-4.00"]).cast(pa.decimal128(30, 10))
    place = table.column_names.index("BilledCost")
    pq.write_table(table.set_column(place, "BilledCost", cost), tmp_path / "bill.parquet")
    assert days(read(tmp_path / "bill.parquet")) == {"01-01": 10.75, "01-02": 20.0, "01-04": -4.0}


def test_a_real_bill_is_read_to_its_last_complete_day():
    """The excerpt stops on 30 September at 23:00; its sums are checked with the standard library's csv reader."""
    with EXCERPT.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["ChargePeriodStart"] < "2024-09-30"]
    table = read(EXCERPT, group_by=["ServiceCategory"])
    assert table.facts["as_of"] == date(2024, 9, 29)
    assert table.facts["charges"] == len(rows)
    assert table.frame["value"].sum() == pytest.approx(math.fsum(float(row["BilledCost"]) for row in rows), rel=1e-12)
    assert set(table.frame["series"]) == {row["ServiceCategory"] for row in rows}
    assert {f"{day:%Y-%m-%d}" for day in table.frame["date"]} == {row["ChargePeriodStart"][:10] for row in rows}


def test_cells_that_say_null_are_empty(bill):
    assert refused(bill(BilledCost=["10.25", "NULL", "20.00", "1.00"])) == (
        "bill.csv: column 'BilledCost': row 3 is empty, a plain number such as 12.50 is expected",
    )


def test_a_byte_order_mark_is_no_part_of_the_first_column(bill, tmp_path):
    file = tmp_path / bill()
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert days(read(file)) == days(read(bill()))


def test_extra_columns_in_any_place_change_nothing(bill):
    frame = charges()
    frame.insert(0, "Tags", '{"a": "1, 2"}')
    frame.assign(x_Note='said, "so"\nand more').to_csv("wide.csv", index=False)
    pd.testing.assert_frame_equal(read("wide.csv").frame, read(bill()).frame)


@pytest.mark.parametrize(
    ("start", "day"),
    [
        ("2026-01-02T23:30:00Z", "01-02"),
        ("2026-01-02T01:30:00+02:00", "01-01"),
        ("2026-01-01T23:30:00-01:00", "01-02"),
        ("2026-01-02T00:00:00+00:00", "01-02"),
        ("2026-01-02 05:00:00", "01-02"),
        ("2026-01-02 05:00:00.250", "01-02"),
        ("2026-01-02", "01-02"),
    ],
)
def test_a_charge_belongs_to_the_utc_day_it_starts_on(bill, start, day):
    starts = [start, "2026-01-01", "2026-01-02", "2026-01-04"]
    ends = [f"{pd.to_datetime(start, utc=True) + pd.Timedelta(hours=1)}", "2026-01-02", "2026-01-03", "2026-01-05"]
    found = days(read(bill(ChargePeriodStart=starts, ChargePeriodEnd=ends, BilledCost=["1", "0", "0", "0"])))
    assert found == {"01-01": 0.0, "01-02": 0.0, "01-04": 0.0, day: 1.0}


def test_times_of_a_parquet_file_keep_their_zone(tmp_path):
    frame = typed(charges())
    starts = frame["ChargePeriodStart"].dt.tz_localize("UTC").dt.tz_convert("America/New_York")
    frame.assign(ChargePeriodStart=starts).to_parquet(tmp_path / "bill.parquet")
    assert days(read(tmp_path / "bill.parquet")) == {"01-01": 10.75, "01-02": 20.0, "01-04": -4.0}


def test_as_of_is_the_last_day_when_its_charges_run_to_midnight(bill):
    assert read(bill()).facts["as_of"] == date(2026, 1, 4)


def test_a_last_day_that_ends_before_midnight_is_dropped(bill):
    table = read(bill(ChargePeriodEnd=["2026-01-02", "2026-01-02", "2026-01-03", "2026-01-04T23:00:00Z"]))
    assert table.facts["as_of"] == date(2026, 1, 3)
    assert days(table) == {"01-01": 10.75, "01-02": 20.0}


def test_a_filter_does_not_make_a_complete_day_incomplete(bill):
    starts = ["2026-01-01", "2026-01-02", "2026-01-04T10:00:00Z", "2026-01-04"]
    ends = ["2026-01-02", "2026-01-03", "2026-01-04T11:00:00Z", "2026-01-05"]
    table = read(bill(ChargePeriodStart=starts, ChargePeriodEnd=ends), where={"x_Team": "search"})
    assert table.facts["as_of"] == date(2026, 1, 4)
    assert days(table) == {"01-01": 10.25, "01-02": 0.0, "01-04": 20.0}


@pytest.mark.parametrize(
    ("starts", "ends", "as_of"),
    [
        (["2025-11-01", "2025-12-01"], ["2025-12-01", "2026-01-01"], date(2025, 12, 31)),
        (["2025-12-15", "2025-12-22"], ["2025-12-22", "2025-12-29"], date(2025, 12, 28)),
    ],
    ids=["by month", "by week"],
)
def test_a_bill_of_longer_charges_is_complete_to_the_end_of_the_last(bill, starts, ends, as_of):
    table = read(bill(ChargePeriodStart=starts * 2, ChargePeriodEnd=ends * 2))
    assert table.facts["as_of"] == as_of
    assert table.frame["date"].max() == pd.Timestamp(starts[-1])


def test_charges_for_longer_than_a_day_count_evenly_on_their_days_within_the_month(bill):
    starts = ["2026-01-30", "2026-01-30", "2026-01-31", "2026-02-01"]
    ends = ["2026-03-01", "2026-01-31", "2026-02-01", "2026-02-02"]
    table = read(bill(ChargePeriodStart=starts, ChargePeriodEnd=ends, BilledCost=["20.00", "1", "1", "1"]))
    assert days(table) == {"01-30": 11.0, "01-31": 11.0, "02-01": 1.0}
    assert table.facts["charges"] == 4
    (note,) = table.facts["notes"]
    assert note.startswith("Charges for longer than a day, 87.0 % of the cost, count evenly on the days")


@LAW_WITH_FILES
@given(frame=charge_frames, long=st.integers(2, 40))
def test_a_month_costs_what_was_charged_in_it_however_long_the_charges(frame, long):
    later = pd.to_datetime(frame["ChargePeriodStart"].iloc[:1]) + pd.Timedelta(days=long)
    ends = frame["ChargePeriodEnd"].where(frame.index > 0, later.dt.strftime("%Y-%m-%d").iloc[0])
    with TemporaryDirectory() as folder:
        file = Path(folder) / "bill.csv"
        frame.assign(ChargePeriodEnd=ends).to_csv(file, index=False)
        daily = read(file, as_of="2030-12-31").frame
    charged = pd.to_numeric(frame["BilledCost"]).groupby(frame["ChargePeriodStart"].str[:7])
    found = daily.groupby(daily["date"].dt.strftime("%Y-%m"))["value"].sum()
    np.testing.assert_allclose(found, charged.sum().reindex(found.index), rtol=1e-9, atol=1e-9)


def test_many_series_are_forecast_as_the_dearest_and_the_rest(bill):
    teams = [f"team {number:02}" for number in range(30)]
    frame = pd.concat([charges().iloc[:1]] * 30, ignore_index=True)
    frame.assign(x_Team=teams, BilledCost=[str(number + 1) for number in range(30)]).to_csv("many.csv", index=False)
    table = read("many.csv", group_by=["x_Team"], as_of="2026-01-01")
    cost = table.frame.set_index("series")["value"]
    assert len(cost) == 24
    assert cost["team 29"] == 30.0
    assert cost["(7 others)"] == sum(range(1, 8))
    assert "Of 30 series the 23 dearest are forecast one by one, 7 together" in table.facts["notes"]


def test_a_monthly_fee_does_not_make_a_daily_bill_complete(bill):
    starts = ["2026-01-01", "2026-01-02", "2026-01-03", "2026-01-01"]
    ends = ["2026-01-02", "2026-01-03", "2026-01-04", "2026-02-01"]
    assert read(bill(ChargePeriodStart=starts, ChargePeriodEnd=ends)).facts["as_of"] == date(2026, 1, 3)


def test_rows_after_a_given_as_of_are_not_read(bill):
    table = read(bill(), as_of="2026-01-02")
    assert table.facts["as_of"] == date(2026, 1, 2)
    assert days(table) == {"01-01": 10.75, "01-02": 20.0}


def test_a_given_as_of_keeps_a_day_that_is_not_complete(bill):
    name = bill(ChargePeriodEnd=["2026-01-02", "2026-01-02", "2026-01-03", "2026-01-04T23:00:00Z"])
    assert days(read(name, as_of="2026-01-04"))["01-04"] == -4.0


def test_an_as_of_before_the_first_charge_is_refused(bill):
    assert refused(bill(), as_of="2025-12-31") == (
        "bill.csv: no charge starts on or before 2025-12-31, the day it is read as of",
    )


def test_a_single_day_that_is_not_complete_is_refused(bill):
    (problem,) = refused(bill(ChargePeriodStart="2026-01-01T10:00:00Z", ChargePeriodEnd="2026-01-01T11:00:00Z"))
    assert problem == "bill.csv: all charges lie on 2026-01-01, which is not complete"


def test_missing_columns_are_named_with_the_nearest_one(bill):
    name = bill(without=["BilledCost", "BillingCurrency"], billed_costs="1")
    assert refused(name) == (
        "bill.csv: column 'BilledCost' is missing; it has 'billed_costs': rename that one",
        "bill.csv: column 'BillingCurrency' is missing; add it",
    )


def test_columns_of_group_by_and_where_must_be_there_too(bill):
    assert refused(bill(), group_by=["x_Tem"], where={"Region": "eu"}) == (
        "bill.csv: column 'x_Tem' is missing; it has 'x_Team': rename that one",
        "bill.csv: column 'Region' is missing; add it",
    )


ISO = "an ISO date such as 2026-03-31 or 2026-03-31T00:00:00Z is expected"
NUMBER = "a plain number such as 12.50 is expected"


@pytest.mark.parametrize(
    ("column", "cells", "words"),
    [
        ("BilledCost", ["1", "free", "2", "3"], f"row 3 has 'free', {NUMBER}"),
        ("BilledCost", ["1", "2", "3 $", "4,50"], f"row 4 has '3 $', {NUMBER} (rows 4, 5); 2 rows break this"),
        ("BilledCost", ["1", "2", "inf", "nan"], f"row 4 has 'inf', {NUMBER} (rows 4, 5); 2 rows break this"),
        ("ChargePeriodStart", ["4/1/25"] * 4, f"row 2 has '4/1/25', {ISO}; 4 rows break this"),
        (
            "ChargePeriodStart",
            ["2026-01-01", "46023", "46024", "46025"],
            f"row 3 has '46023', {ISO} (rows 3, 4, 5); 3 rows break this",
        ),
        ("ChargePeriodStart", ["2026-01-01"] * 3 + ["2026-02-30"], f"row 5 has '2026-02-30', {ISO}"),
        ("ChargePeriodEnd", ["2026-01-02", "", "2026-01-03", "2026-01-05"], f"row 3 is empty, {ISO}"),
        (
            "ChargePeriodEnd",
            ["2026-01-02", "2026-01-02", "2026-01-01", "2026-01-05"],
            "row 4 has '2026-01-01', a period that ends after its ChargePeriodStart is expected",
        ),
        (
            "BillingCurrency",
            ["USD", "USD", "usd", "US Dollar"],
            "row 4 has 'usd', a currency code of ISO 4217 such as USD is expected (rows 4, 5); 2 rows break this",
        ),
    ],
)
def test_a_bad_cell_is_named_with_file_column_and_row(bill, column, cells, words):
    assert refused(bill(**{column: cells})) == (f"bill.csv: column '{column}': {words}",)


@pytest.mark.parametrize(
    ("column", "cells", "words"),
    [
        ("BilledCost", ["1", "2", "3", "4"], "row 2 has '1', a number is expected, the column holds text"),
        ("BilledCost", [True] * 4, "row 2 has 'true', a number is expected, the column holds true and false"),
        ("ChargePeriodStart", [46023, 1, 2, 3], "row 2 has '46023', a date is expected, the column holds numbers"),
    ],
)
def test_a_column_of_the_wrong_type_in_a_parquet_file_is_named(tmp_path, column, cells, words):
    typed(charges()).assign(**{column: cells}).to_parquet(tmp_path / "bill.parquet")
    (problem,) = refused(tmp_path / "bill.parquet")
    assert problem == f"{tmp_path / 'bill.parquet'}: column '{column}': {words}; 4 rows break this"


def test_an_empty_cost_of_a_parquet_file_is_named_with_its_row(tmp_path):
    typed(charges()).assign(BilledCost=[1.0, 2.0, None, 4.0]).to_parquet(tmp_path / "bill.parquet")
    assert "column 'BilledCost': row 4 is empty" in refused(tmp_path / "bill.parquet")[0]


def test_all_problems_of_a_file_come_together(bill):
    name = bill(
        without=["ChargePeriodEnd"],
        ChargePeriodStart=["4/1/25", "2026-01-01", "2026-01-02", "2026-01-04"],
        BilledCost=["1", "2", "3", "x"],
        BillingCurrency=["USD", "EUR", "USD", "???"],
    )
    found = refused(name, group_by=["x_Tem"])
    assert [line.split("'")[1] for line in found] == [
        "ChargePeriodEnd",
        "x_Tem",
        "BilledCost",
        "ChargePeriodStart",
        "BillingCurrency",
        "BillingCurrency",
    ]


def test_problems_of_a_file_are_a_frame_error(bill):
    with pytest.raises(FrameError, match=r"bill\.csv"):
        read(bill(BilledCost="x"))


def test_a_bad_cell_far_down_is_named_with_its_row(tmp_path):
    frame = pd.concat([charges()] * 10_000, ignore_index=True)
    frame.loc[39_998, "BilledCost"] = "oops"
    frame.to_csv(tmp_path / "bill.csv", index=False)
    assert "row 40000 has 'oops'" in refused(tmp_path / "bill.csv")[0]


def test_blank_lines_are_counted_as_a_spreadsheet_counts_them(bill, tmp_path):
    file = tmp_path / bill(BilledCost=["1", "oops", "2", "3"])
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join([*lines[:2], "\n", *lines[2:]]))
    assert "row 4 has 'oops'" in refused("bill.csv")[0]


def test_a_row_with_too_few_cells_is_not_taken_for_missing_columns(bill, tmp_path):
    file = tmp_path / bill()
    file.write_text(file.read_text() + "2026-01-05,2026-01-06\n")
    found = refused("bill.csv")
    assert not [line for line in found if "is missing" in line]
    assert found[0].startswith("bill.csv: ")


def test_mixed_currencies_are_refused_and_one_can_be_chosen(bill):
    name = bill(BillingCurrency=["USD", "EUR", "USD", "USD"])
    (problem,) = refused(name)
    assert problem.startswith("bill.csv: column 'BillingCurrency' mixes currencies (USD in 3 rows, EUR in 1 rows)")
    assert days(read(name, where={"BillingCurrency": "EUR"})) == {"01-01": 0.5, "01-02": 0.0, "01-04": 0.0}


def test_another_currency_than_asked_for_is_refused(bill):
    assert refused(bill(), currency="EUR")[0].startswith("currency is EUR and bill.csv is billed in USD")


def test_a_filter_that_matches_nothing_says_what_the_column_has(bill):
    assert refused(bill(), where={"x_Team": "sales"}) == (
        "bill.csv: no row has x_Team = 'sales'",
        "bill.csv: column 'x_Team' has search, support",
    )


def test_an_empty_file_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("bill.csv", "bill.parquet"):
        Path(name).touch()
        assert refused(name) == (f"{name}: the file is empty (0 bytes)",)


def test_a_header_without_rows_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    charges().head(0).to_csv("bill.csv", index=False)
    typed(charges()).head(0).to_parquet("bill.parquet")
    for name in ("bill.csv", "bill.parquet"):
        assert refused(name) == (f"{name}: the file has a header and no rows",)


@pytest.mark.parametrize("cut", [3, 100, -100, -1])
def test_a_truncated_parquet_file_is_refused(tmp_path, monkeypatch, cut):
    monkeypatch.chdir(tmp_path)
    typed(charges()).to_parquet("bill.parquet")
    Path("bill.parquet").write_bytes(Path("bill.parquet").read_bytes()[:cut])
    (problem,) = refused("bill.parquet")
    assert problem.startswith("bill.parquet: not a whole Parquet file, it may be truncated; export it again")


def test_a_parquet_file_that_is_none_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    charges().to_csv("bill.parquet", index=False)
    assert refused("bill.parquet")[0].startswith("bill.parquet: not a whole Parquet file")


@pytest.mark.parametrize("place", [60, 100, 300])
def test_a_damaged_parquet_file_is_refused(tmp_path, monkeypatch, place):
    """Its head and foot are whole; what lies between is not."""
    monkeypatch.chdir(tmp_path)
    typed(charges()).to_parquet("bill.parquet")
    content = bytearray(Path("bill.parquet").read_bytes())
    content[place : place + 20] = b"\xff" * 20
    Path("bill.parquet").write_bytes(bytes(content))
    assert refused("bill.parquet")[0].startswith("bill.parquet: ")


def test_a_store_with_a_broken_file_names_that_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("store").mkdir()
    typed(charges()).to_parquet("store/a.parquet")
    Path("store/b.parquet").write_bytes(Path("store/a.parquet").read_bytes()[:100])
    (problem,) = refused("store")
    assert problem.startswith("store")
    assert "b.parquet" in problem


def test_a_bad_row_of_a_store_names_the_file_it_stands_in(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("store").mkdir()
    typed(charges()).to_parquet("store/a.parquet")
    typed(charges()).assign(BilledCost=[1.0, None, 3.0, 4.0]).to_parquet("store/b.parquet")
    (problem,) = refused("store")
    assert "b.parquet" in problem
    assert "row 3 is empty" in problem


def test_messages_show_the_path_as_given_and_no_other(tmp_path):
    inputs = SpendForecastInputs(spend={"path": "bill.parquet", "folder": str(tmp_path)})
    charges().to_csv(tmp_path / "bill.parquet", index=False)
    with pytest.raises(InputError) as caught:
        read_daily_spend(inputs.spend, inputs)
    assert caught.value.problems[0].startswith("bill.parquet: ")
    assert str(tmp_path) not in caught.value.problems[0]


def test_a_missing_file_says_where_it_was_looked_for(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert refused("bill.csv") == ("bill.csv: no such file or folder (looked for it in the working folder)",)
    assert refused("store/bill.parquet")[0].startswith("store/bill.parquet: no such file or folder")


def test_a_store_without_parquet_files_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("store").mkdir()
    assert refused("store") == ("store: the folder holds no .parquet file",)


def test_another_kind_of_file_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("bill.xlsx").write_bytes(b"PK")
    assert refused("bill.xlsx")[0].startswith("bill.xlsx: a .csv, .csv.gz or .parquet file")


def test_text_that_is_not_utf_8_is_refused(bill, tmp_path):
    file = tmp_path / bill(x_Team="Zürich")
    file.write_bytes(file.read_text(encoding="utf-8").encode("latin-1"))
    assert refused("bill.csv")[0].startswith("bill.csv: not readable as CSV; export it as UTF-8 text")


def test_a_column_that_stands_twice_is_refused(bill, tmp_path):
    file = tmp_path / bill()
    file.write_text(file.read_text().replace("x_Team", "BilledCost"))
    assert refused("bill.csv") == ("bill.csv: column 'BilledCost' stands twice; rename or remove one of the two",)


@pytest.mark.parametrize(("line", "words"), [("1.0,US", "row 6 has 2 cells"), ("Total", "row 6 has 1 cells")])
@pytest.mark.parametrize("times", [1, 8_000])
def test_a_line_that_is_cut_off_is_named_with_its_row(bill, line, words, times):
    name = bill()
    header, *rows = Path(name).read_text().splitlines()
    Path(name).write_text("\n".join([header, *rows * times, line]))
    (problem,) = refused(name)
    assert problem.startswith(f"bill.csv: {words.replace('6', str(len(rows) * times + 2))} and the header")
    assert problem.endswith("the line may be truncated or a total: mend it or leave it out")
