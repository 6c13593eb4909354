import gzip
from datetime import date

import numpy as np
import pandas as pd
import pytest

import aiecon
from aiecon.errors import FrameError, InputError
from aiecon.ingestion import request_log
from aiecon.ingestion.demand import read_demand
from aiecon.models.provisioned import ProvisionedInputs
from aiecon.vocabulary.source import Source

DAY = 24 * 60


@pytest.fixture
def file(tmp_path, monkeypatch):
    """Writes lines to trace.csv, or a frame to trace.parquet, in the working folder and returns it as a source."""
    monkeypatch.chdir(tmp_path)

    def write(*lines, **columns):
        if columns:
            pd.DataFrame(columns).to_parquet("trace.parquet")
            return Source(path="trace.parquet")
        (tmp_path / "trace.csv").write_text("\n".join([*lines, ""]))
        return Source(path="trace.csv")

    return write


def question(*, as_of=None, cached_weight=0.0, **payg):
    """Output weighs 4 and costs 40 per million; input costs 10, cached input 1."""
    return ProvisionedInputs.build(
        {
            "capacity_unit": {
                "provider": "p",
                "model": "m",
                "tokens_per_minute": 100,
                "output_weight": 4,
                "cached_weight": cached_weight,
                "minimum_units": 1,
                "increment_units": 1,
            },
            "payg": {
                "provider": "p",
                "model": "m",
                "input_per_mtok": 10.0,
                "output_per_mtok": 40.0,
                "cached_input_per_mtok": 1.0,
                **payg,
            },
            "terms": [{"name": "month", "price_per_unit_month": 1.0, "commitment_months": 1}],
            "shape": {"input_tokens_per_request": 1, "output_tokens_per_request": 0},
            "demand": {"peak_requests_per_minute": 1.0},
            "as_of": as_of,
        }
    )


def read(source, **more):
    return read_demand(source, question(**more))


def tokens(source, **more):
    return read(source, **more).frame["tokens"].tolist()


def refused(source, **more):
    with pytest.raises(InputError) as caught:
        read(source, **more)
    return caught.value.problems


def test_moments_of_one_minute_are_added_up(file):
    lines = ("timestamp,tokens", "2026-03-01T00:00:50Z,5", "2026-03-01T00:01:10Z,1", "2026-03-01T00:00:10Z,7")
    assert tokens(file(*lines)) == [12, 1]


def test_minutes_by_number_with_the_absent_ones_zero(file):
    table = read(file("minute,tokens", "3,5", "4,7.5", "7,1"))
    assert table.frame["tokens"].tolist() == [5, 7.5, 0, 0, 1]
    assert table.frame["minute"].tolist() == [0, 1, 2, 3, 4]
    assert (table.rows, table.facts["minutes"], table.facts["absent"]) == (3, 5, 2)
    assert table.facts["as_of"] is table.facts["first"] is table.facts["requests"] is None
    assert len(table.digest) == 64


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("2026-03-01T23:59", "2026-03-02T00:01"),
        ("2026-03-01 23:59:00", "2026-03-02 00:01:59"),
        ("2026-03-01T23:59:00Z", "2026-03-02T00:01:00Z"),
        ("2026-03-02T01:59:00+02:00", "2026-03-02T02:01:00+02:00"),
    ],
)
@pytest.mark.parametrize("column", ["minute", "timestamp"])
def test_minutes_by_moment_with_and_without_a_time_zone(file, column, first, second):
    table = read(file(f"{column},tokens", f"{first},5", f"{second},7"))
    assert table.frame["tokens"].tolist() == [5, 0, 7]
    assert table.frame["day"].tolist() == [0, 1, 1]
    assert table.facts["first"] == pd.Timestamp("2026-03-01 23:59")
    assert table.facts["last"] == pd.Timestamp("2026-03-02 00:02")
    assert table.facts["as_of"] == date(2026, 3, 2)


def test_the_last_day_of_a_trace_that_ends_at_midnight_is_the_day_before(file):
    assert read(file("minute,tokens", "2026-03-01T23:59,5")).facts["as_of"] == date(2026, 3, 1)


@pytest.mark.parametrize("zone", [None, "UTC", "America/New_York"])
def test_parquet_with_and_without_a_time_zone_gives_what_csv_gives(file, zone):
    when = pd.to_datetime(["2026-03-01 23:59:00", "2026-03-02 00:01:30"])
    when = when if zone is None else when.tz_localize("UTC").tz_convert(zone)
    from_parquet = read(file(timestamp=when, tokens=[5, 7]))
    from_csv = read(file("timestamp,tokens", "2026-03-01T23:59:00Z,5", "2026-03-02T00:01:30Z,7"))
    pd.testing.assert_frame_equal(from_parquet.frame, from_csv.frame)
    assert from_parquet.facts == from_csv.facts


def test_parquet_of_numbers_and_a_packed_csv(file, tmp_path):
    assert tokens(file(minute=[0, 2], tokens=[1.0, 2.0])) == [1, 0, 2]
    with gzip.open(tmp_path / "trace.csv.gz", "wt") as packed:
        packed.write("minute,tokens\n0,1\n2,2\n")
    assert tokens(Source(path="trace.csv.gz")) == [1, 0, 2]


def test_requests_are_added_up_by_minute_in_any_order(file):
    lines = ["timestamp,input_tokens,output_tokens", "59.9,20,1", "0,10,0", "120,5,5", "60,1,1"]
    table = read(file(*lines))
    assert table.frame["tokens"].tolist() == [34, 5, 25]
    assert table.frame["value"].to_numpy() * 1e6 == pytest.approx([340, 50, 250])
    assert table.facts["requests"] == 4


def test_a_second_just_before_the_full_minute_belongs_to_the_minute_before(file):
    lines = ["timestamp,input_tokens,output_tokens", "2026-03-01T00:00:59.9Z,10,0", "2026-03-01T00:01:00Z,5,0"]
    assert tokens(file(*lines)) == [10, 5]


def test_columns_of_the_azure_and_mooncake_traces(file):
    azure = file(
        "timestamp,context_tokens,generated_tokens",
        "2023-11-16 18:17:03.9799600,4808,10",
        "2023-11-16 18:18:04.0319600,3180,8",
    )
    assert tokens(azure) == [4_848, 3_212]
    mooncake = ["timestamp_ms,input_tokens,output_tokens", "0,100,1", "59999,10,0", "60000,1,0"]
    assert tokens(file(*mooncake)) == [114, 1]
    assert tokens(file(timestamp_ms=[0, 59_999, 60_000], input_tokens=[100, 10, 1], output_tokens=[1, 0, 0])) == [
        114,
        1,
    ]


def test_milliseconds_since_1970_are_counted_from_the_first_minute(file):
    lines = [
        "timestamp_ms,input_tokens,output_tokens",
        "1700000000123,100,1",
        "1700000039999,10,0",
        "1700000040000,1,0",
    ]
    assert tokens(file(*lines)) == [114, 1]


def test_cached_tokens_burn_their_weight_and_cost_their_price(file):
    lines = ["timestamp,input_tokens,output_tokens,cached_tokens", "0,100,10,40"]
    table = read(file(*lines), cached_weight=0.25)
    assert table.frame["tokens"].tolist() == [100 - 0.75 * 40 + 40]
    assert table.frame["value"].item() * 1e6 == pytest.approx(60 * 10 + 40 * 1 + 10 * 40)


def test_other_columns_are_not_read(file):
    lines = ["timestamp,input_tokens,output_tokens,team", "0,100,10,a"]
    assert tokens(file(*lines)) == [140]


def test_requests_are_kept_one_by_one_in_order_of_arrival(file):
    lines = ["timestamp,input_tokens,output_tokens,max_tokens", "61.5,7,2,9", "60.25,5,1,8"]
    expected = {
        "arrival_s": [0.0, 1.25],
        "input_tokens": [5.0, 7.0],
        "cached_tokens": [0.0, 0.0],
        "output_tokens": [1.0, 2.0],
        "max_tokens": [8.0, 9.0],
    }
    pd.testing.assert_frame_equal(read(file(*lines)).facts["log"], pd.DataFrame(expected))
    dated = ["timestamp,input_tokens,output_tokens", "2026-03-01T00:01:01.5Z,7,2", "2026-03-01T00:01:00.25Z,5,1"]
    assert read(file(*dated)).facts["log"]["arrival_s"].tolist() == [0.0, 1.25]
    packed = read(file(timestamp_ms=[61_500, 60_250], input_tokens=[7, 5], output_tokens=[2, 1])).facts["log"]
    assert packed["arrival_s"].tolist() == [0.0, 1.25]


def test_minutes_and_rows_of_several_requests_are_no_log_of_requests(file, monkeypatch):
    assert read(file("minute,tokens", "0,5")).facts["log"] is None
    assert read(file("minute,input_tokens,output_tokens", "0,5,1")).facts["log"] is None
    assert read(file("timestamp,input_tokens,output_tokens,requests", "0,5,1,3")).facts["log"] is None
    monkeypatch.setattr(request_log, "MOST_REQUESTS", 1)
    assert read(file("timestamp,input_tokens,output_tokens", "0,5,1", "1,5,1")).facts["log"] is None


def test_a_column_of_requests_says_how_many_a_row_stands_for(file):
    lines = ["minute,input_tokens,output_tokens,requests", "0,1000,100,7", "2,500,0,3"]
    long = {"long_context": {"from_tokens": 600, "input_per_mtok": 99.0, "output_per_mtok": 99.0}}
    table = read(file(*lines), **long)
    assert table.facts["requests"] == 10
    assert table.frame["value"].to_numpy() * 1e6 == pytest.approx([14_000, 0, 5_000])  # none of the seven is long


def test_requests_a_minute_alone_have_the_shape_of_the_question(file):
    table = read(file("minute,requests", "0,7", "2,3"), cached_weight=0.5)
    each = question(cached_weight=0.5).capacity_unit.normalised(question().shape)
    assert each > 0
    assert table.frame["tokens"].tolist() == [7 * each, 0, 3 * each]
    assert table.facts["requests"] == 10
    assert refused(file("minute,requests", "0,-7"))[0].endswith("a number of zero or more is expected")


def test_long_requests_are_priced_one_by_one(file):
    long = {"long_context": {"from_tokens": 100, "input_per_mtok": 20.0, "output_per_mtok": 60.0}}
    lines = ["timestamp,input_tokens,output_tokens,cached_tokens", "0,99,1,0", "1,100,1,50"]
    table = read(file(*lines), **long)
    short, longer = 99 * 10 + 40, 50 * 20 + 50 * 20 * 0.1 + 60
    assert table.frame["value"].item() * 1e6 == pytest.approx(short + longer)


def test_rows_after_the_day_it_is_read_as_of_are_not_counted(file):
    rows = [f"2026-03-0{day}T{hour:02}:00:00Z,1" for day in (1, 2, 3) for hour in (0, 23)]
    table = read(file("timestamp,tokens", *rows), as_of="2026-03-02")
    assert table.frame["tokens"].sum() == 4
    assert table.facts["as_of"] == date(2026, 3, 2)
    assert len(table.frame) == DAY + 23 * 60 + 1
    (problem,) = refused(file("timestamp,tokens", *rows), as_of="2026-02-01")
    assert problem == "trace.csv: no row lies on or before 2026-02-01, the day it is read as of"


def test_csv_and_parquet_of_the_same_requests_give_the_same_minutes(file):
    random = np.random.default_rng(4)
    seconds, read_, written = random.uniform(0, 7_200, 500), random.integers(1, 999, 500), random.integers(0, 99, 500)
    rows = [f"{s!r},{r},{w}" for s, r, w in zip(seconds.tolist(), read_.tolist(), written.tolist(), strict=True)]
    from_csv = read(file("timestamp,input_tokens,output_tokens", *rows)).frame
    from_parquet = read(file(timestamp=seconds, input_tokens=read_, output_tokens=written)).frame
    pd.testing.assert_frame_equal(from_csv, from_parquet)
    plain = np.bincount((seconds // 60).astype(int), weights=read_ + 4.0 * written)
    assert from_csv["tokens"].to_numpy() == pytest.approx(plain[plain.nonzero()[0][0] :])


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (("minute,tokens", "1,5", "0,5"), "row 3 lies before the row above it; minutes in order are expected"),
        (("minute,tokens", "1,5", "1,5"), "row 3 repeats the minute before it; one row a minute is expected"),
        (
            ("minute,tokens", "0,-1", "1,-2"),
            "column 'tokens': row 2 has '-1', a number of zero or more is expected; 2 rows",
        ),
        (("minute,tokens", "0,many"), "column 'tokens': row 2 has 'many', a plain number such as 12.50 is expected"),
        (("minute,tokens", "soon,1"), "column 'minute': row 2 has 'soon', an ISO date"),
        (
            ("timestamp,tokens", "2026-03-01T00:00Z,5", "2026-03-01T00:01,5", "2026-03-01T00:02+01:00,1"),
            "column 'timestamp': row 3 has '2026-03-01T00:01', moments that all say their time zone, or none, are",
        ),
        (
            ("timestamp,input_tokens,output_tokens,cached_tokens", "0,10,1,11"),
            "column 'cached_tokens': row 2 has '11', no more than input_tokens is expected, which holds them",
        ),
        (("timestamp,input_tokens,output_tokens", "0,10,-1"), "column 'output_tokens': row 2 has '-1'"),
        (("timestamp,input_tokens,output_tokens,max_tokens", "0,10,1,lots"), "column 'max_tokens': row 2 has 'lots'"),
        (("minute,input_tokens,output_tokens,requests", "0,10,1,-3"), "column 'requests': row 2 has '-3'"),
        (("timestamp_ms,input_tokens,output_tokens", "soon,10,1"), "column 'timestamp_ms': row 2 has 'soon', a plain"),
        (("timestamp,input_tokens", "0,10"), "column 'output_tokens' is missing; add it"),
        (("minute,token", "0,10"), "column 'tokens' is missing; it has 'token': rename that one"),
        (("minute,tokens",), "the file has a header and no rows"),
        (("minute,input_tokens,output_tokens", "1,5,5", "1,5,5"), "row 3 repeats the minute before it"),
        (("minute,requests", "1,5", "0,5"), "row 3 lies before the row above it"),
        (
            ("timestamp,tokens", "2026-03-01T00:00Z,5", "2026-03-01T00:01Z,5", "2026-03-01T00:00Z,5"),
            "row 4 repeats a moment that stands above; one row a minute is expected",
        ),
        (("timestamp,requests", "0,5", "60,5", "60,5"), "row 4 repeats a moment that stands above"),
        (
            ("timestamp,tokens", "2026-03-01T00:00Z,5", "2026-03-01T00:01Z,1", "2026-03-01T00:02+02:00,5"),
            "row 4 has '2026-03-01T00:02+02:00', one time zone is expected, Z as in most rows (there is +02:00 too)",
        ),
        (
            ("timestamp,tokens", *(f"2026-03-01T0{2 * at}:00+0{1 + at % 2}:00,5" for at in range(4))),
            "one time zone is expected",
        ),
        (("minute,tokens", "0,1", "99999999,1"), "it spans 100,000,000 minutes, more than ten years; check its unit"),
    ],
)
def test_a_broken_file_is_refused_in_words(file, lines, words):
    (problem,) = refused(file(*lines))
    assert problem.startswith("trace.csv: ")
    assert words in problem


def test_clocks_that_are_moved_change_the_offset_once(file):
    lines = ("timestamp,tokens", "2026-03-29T01:59:00+01:00,5", "2026-03-29T03:00:00+02:00,7")
    assert tokens(file(*lines)) == [5, 7]


def test_rows_of_minutes_out_of_order_are_put_in_order_and_that_is_said(file):
    table = read(file("timestamp,tokens", "2026-03-01T00:00Z,5", "2026-03-01T00:02Z,7", "2026-03-01T00:01Z,1"))
    assert table.frame["tokens"].tolist() == [5, 1, 7]
    assert table.facts["notes"] == ["trace.csv: row 4 lies before the row above it; rows were put in order"]
    moments = ("timestamp,tokens", "2026-03-01T00:00:50Z,5", "2026-03-01T00:01:10Z,1", "2026-03-01T00:00:50Z,7")
    assert read(file(*moments)).facts["notes"] == []


def test_columns_that_are_not_looked_at_beside_tokens_are_said(file):
    (note,) = read(file("minute,tokens,input_tokens", "0,5,9")).facts["notes"]
    assert note == "trace.csv: tokens are read, which are normalised; input_tokens are not looked at"


def test_a_minute_of_many_requests_is_no_long_request(file):
    long = {"long_context": {"from_tokens": 100, "input_per_mtok": 20.0, "output_per_mtok": 60.0}}
    table = read(file("minute,input_tokens,output_tokens", "0,1000,0"), **long)
    assert table.frame["value"].item() * 1e6 == pytest.approx(10_000)  # a request of the shape reads one token
    (note,) = table.facts["notes"]
    assert "long-context prices hold by the input of the shape" in note
    table = read(file("minute,input_tokens,output_tokens,requests", "0,1000,0,2", "1,150,0,2", "2,0,0,0"), **long)
    assert table.frame["value"].to_numpy() * 1e6 == pytest.approx([20_000, 1_500, 0])


def test_order_is_told_beside_cells_that_cannot_be_read(file):
    problems = refused(file("minute,tokens", "0,-1", "0,5", "3,7", "2,1", "x,1"))
    assert [problem.split("row ")[1][0] for problem in problems] == ["6", "2", "3", "5"]


def test_all_problems_come_at_once(file):
    problems = refused(file("timestamp,input_tokens,output_tokens", "x,-1,y", "0,1,1"))
    assert len(problems) == 3
    with pytest.raises(FrameError):
        read(file("minute,tokens", "0,-1"))


@pytest.mark.parametrize("as_dates", [False, True])
def test_a_log_says_how_uneven_its_ten_seconds_are(tmp_path, as_dates):
    random = np.random.default_rng(0)
    seconds = np.sort(random.uniform(0, 600, 3_000))
    whole = pd.Timestamp("2026-03-02") + pd.to_timedelta(seconds, unit="s")
    stamps = whole.strftime("%Y-%m-%dT%H:%M:%S.%fZ") if as_dates else seconds
    found = workload_facts(tmp_path, stamps)["arrival_variation"]
    counts = np.bincount((seconds // 10).astype(int), minlength=60).reshape(10, 6)
    assert found == pytest.approx(counts.var(axis=1, ddof=1).sum() / counts.mean(axis=1).sum())
    assert 0.6 < found < 1.5  # pure chance


def test_a_log_in_bursts_is_uneven_and_one_by_the_minute_does_not_say(tmp_path):
    assert workload_facts(tmp_path, np.repeat(np.arange(5, 600, 60), 8))["arrival_variation"] == pytest.approx(8)
    assert workload_facts(tmp_path, np.arange(0, 600, 60))["arrival_variation"] is None


def workload_facts(tmp_path, stamps):
    path = tmp_path / "requests.csv"
    pd.DataFrame({"timestamp": stamps, "input_tokens": 100, "output_tokens": 10}).to_csv(path, index=False)
    inputs = aiecon.prepare("self_host", changes={"workload.file": str(path)})
    return inputs.workload.file.table.facts
