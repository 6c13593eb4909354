"""Who joined, who left and who used nothing, of a file of months."""

import numpy as np
import pytest

import aiecon
from aiecon.errors import InputError
from aiecon.models.seats import SeatsInputs, seats
from aiecon.models.seats.panel import panel

FLAT = {"name": "seat", "price_per_seat_month": 30, "overage_factor": 0}
LOG = ["ann,2026-01,60", "ann,2026-02,80", "ann,2026-03,70", "bo,2026-02,10", "cy,2026-01,30", "dee,2026-03,40"]
LOG += ["eve,2026-01,9", "eve,2026-03,3"]


def asked(tmp_path, rows, **usage):
    file = tmp_path / "usage.csv"
    file.write_text("\n".join(["user,month,spend", *rows]) + "\n")
    return aiecon.resolve(SeatsInputs.build({"usage": {"file": str(file), **usage}, "plans": [FLAT]}))


def means(tmp_path, rows, **usage):
    people = seats(asked(tmp_path, rows, **usage)).people
    return dict(zip(people.names, people.spend, strict=True))


def test_a_log_without_zeros_counts_who_joined_from_then_on_and_silence_as_none(tmp_path):
    assert means(tmp_path, LOG) == pytest.approx({"ann": 70, "dee": 40, "cy": 10, "bo": 5, "eve": 4})


def test_a_file_that_lists_the_idle_takes_who_has_no_more_rows_as_gone(tmp_path):
    rows = [*LOG, "fay,2026-01,12", "fay,2026-02,0", "fay,2026-03,0"]
    assert means(tmp_path, rows) == pytest.approx({"ann": 70, "dee": 40, "eve": 4, "fay": 4})
    notes = seats(asked(tmp_path, rows)).notes
    assert "2 of 6 people left before 2026-03; they are in no count" in notes
    assert "2 of 6 people joined after 2026-01; no month before counts" in notes


def test_absence_may_be_stated(tmp_path):
    assert set(means(tmp_path, LOG, absence="left")) == {"ann", "dee", "eve"}
    rows = [*LOG, "fay,2026-03,0"]
    assert set(means(tmp_path, rows, absence="idle")) == {"ann", "bo", "cy", "dee", "eve", "fay"}
    with pytest.raises(InputError, match=r"usage.absence"):
        asked(tmp_path, LOG, absence="gone")


def test_a_panel_is_missing_before_the_first_row_zero_between_and_missing_after_the_last_of_leavers(tmp_path):
    found = panel(asked(tmp_path, LOG, absence="left").usage)
    missing = np.nan
    np.testing.assert_equal(found.loc["eve"].to_numpy(), [9, 0, 3])
    np.testing.assert_equal(found.loc["bo"].to_numpy(), [missing, 10, missing])
    np.testing.assert_equal(found.loc["dee"].to_numpy(), [missing, missing, 40])


def test_the_order_of_rows_changes_nothing(tmp_path):
    assert means(tmp_path, LOG) == means(tmp_path, LOG[::-1])
