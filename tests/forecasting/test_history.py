import numpy as np
import pandas as pd
import pytest

from aiecon.errors import FrameError, InputError
from aiecon.forecasting.history import TOTAL, checked, without_total


def two_series(values_of_b, dates=("2026-01-01", "2026-01-02", "2026-01-03")):
    """Series a is sound; series b has the values given."""
    rows = [{"date": date, "series": "a", "value": 1.0} for date in dates]
    return pd.DataFrame(
        [*rows, *({"date": d, "series": "b", "value": v} for d, v in zip(dates, values_of_b, strict=True))]
    )


def problems(history):
    with pytest.raises(FrameError) as caught:
        checked(history)
    return caught.value.problems


def test_a_sound_history_comes_back_typed_and_nothing_is_left_out():
    frame, refused = checked(two_series([1, "2", 3.5]))
    assert list(frame) == ["date", "series", "value"]
    assert frame["date"].dtype.kind == "M"
    assert frame["value"].tolist() == [1.0, 1.0, 1.0, 1.0, 2.0, 3.5]
    assert refused == {}


def test_records_do_for_a_frame_and_one_series_is_called_total():
    frame, _ = checked([{"date": "2026-01-01", "value": 2.0}, {"date": "2026-01-02", "value": None}])
    assert frame.to_dict("records") == [{"date": pd.Timestamp("2026-01-01"), "series": TOTAL, "value": 2.0}]


def test_a_missing_value_is_no_problem_and_no_row():
    frame, refused = checked(two_series([1.0, np.nan, 3.0]))
    assert len(frame) == 5
    assert refused == {}


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([1.0, np.inf, 2.0], "column 'value': row 4 has 'inf', a finite number is expected"),
        ([1.0, -np.inf, np.inf], "column 'value': row 4 has '-inf', a finite number is expected; 2 rows break this"),
        ([1.0, "n/a?", 2.0], "column 'value': row 4 has 'n/a?', a number is expected"),
        ([None, None, None], "it has no value"),
    ],
)
def test_a_broken_series_is_left_out_and_named_with_its_row(values, words):
    frame, refused = checked(two_series(values))
    assert set(frame["series"]) == {"a"}
    assert refused == {"b": words}


@pytest.mark.parametrize(
    ("dates", "words"),
    [
        (("2026-01-01", "2026-01-02", "2026-01-02"), "row 5 has '2026-01-02', one row a date and series is expected"),
        (("2026-01-01", "4/1/26", "2026-01-03"), "row 4 has '4/1/26', an ISO date is expected"),
        (("2026-01-01", None, "2026-01-03"), "row 4 has 'nan', an ISO date is expected"),
        (("2026-01-01", "2026-01-02 10:00", "2026-01-03"), "row 4 has '2026-01-02 10:00', a date without a time"),
    ],
)
def test_a_bad_date_is_named_with_its_row(dates, words):
    history = two_series([1.0, 2.0, 3.0])
    history.loc[3:, "date"] = list(dates)
    _, refused = checked(history)
    assert list(refused) == ["b"]
    assert f"column 'date': {words}" in refused["b"]


def test_all_problems_of_a_series_come_together():
    history = two_series(["x", 2.0, np.inf])
    history.loc[4, "date"] = "yesterday"
    _, refused = checked(history)
    assert refused["b"].count("column") == 3


def test_a_history_of_broken_series_alone_is_refused_with_each_of_them():
    found = problems(two_series(["x", 2.0, 3.0]).assign(series=["a", "a", "a", "b", "b", "b"]).replace(1.0, np.inf))
    assert len(found) == 2
    assert sorted(line.partition(",")[0] for line in found) == [
        "history: series 'a': column 'value': row 0 has 'inf'",
        "history: series 'b': column 'value': row 3 has 'x'",
    ]


def test_one_broken_series_alone_is_refused_without_a_name_it_never_had():
    assert problems([{"date": "2026-01-01", "value": np.inf}]) == (
        "history: column 'value': row 0 has 'inf', a finite number is expected",
    )
    assert problems([{"date": "2026-01-01", "value": None}]) == ("history: it has no value",)


def test_an_empty_history_is_refused():
    assert problems(pd.DataFrame({"date": [], "value": []})) == ("history: it has no value",)


def test_missing_columns_are_all_named():
    found = problems(pd.DataFrame({"day": ["2026-01-01"]}))
    assert found == (
        "history: column 'date' is missing; it has ['day']",
        "history: column 'value' is missing; it has ['day']",
    )


def test_credits_below_zero_are_values_like_others():
    frame, refused = checked(two_series([-5.0, 0.0, 3.0]))
    assert frame["value"].min() == -5.0
    assert refused == {}


def test_rows_are_counted_in_the_order_given_whatever_the_index():
    history = two_series([1.0, np.inf, 2.0]).set_index(pd.Index([9, 8, 7, 6, 5, 4]))
    assert "row 4 has 'inf'" in checked(history)[1]["b"]


def test_frames_put_one_under_the_other_have_their_broken_rows_named():
    sound, broken = (rows for _, rows in two_series([1.0, np.inf, 2.0]).groupby("series"))
    stacked = pd.concat([sound.reset_index(drop=True), broken.reset_index(drop=True)])
    assert "row 4 has 'inf'" in checked(stacked)[1]["b"]


def test_a_total_beside_its_parts_is_left_out_and_said():
    rows = [
        {"date": f"2026-01-{day:02}", "series": name, "value": value}
        for day in range(1, 11)
        for name, value in (("a", 6.0), ("b", 4.0), ("total", 10.0))
    ]
    frame, said = without_total(checked(rows)[0])
    assert set(frame["series"]) == {"a", "b"}
    assert said == ["Series 'total' is the sum of the others and is left out"]
    rows[2]["value"] = 12.0
    with pytest.raises(InputError, match="on 2026-01-01 it is 12 and the others 10"):
        without_total(checked(rows)[0])
    alone = checked([row for row in rows if row["series"] == "total"])[0]
    assert without_total(alone)[1] == []


def test_a_row_without_a_series_among_others_is_refused():
    rows = [{"date": "2026-01-01", "series": "a", "value": 1.0}, {"date": "2026-01-02", "series": None, "value": 1.0}]
    with pytest.raises(FrameError, match="column 'series': row 1 is empty"):
        checked(rows)
