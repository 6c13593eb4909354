"""A CSV that DuckDB reads lands like one that is read row by row."""

import gzip
import re

import pandas as pd
import pytest
import spend_scene as scene

from aiecon.errors import InputError
from aiecon.ingestion import engine, store
from aiecon.ingestion.adapters import focus
from aiecon.vocabulary.source import Source


def rows(folder):
    frame = pd.concat(map(pd.read_parquet, sorted(folder.rglob("*.parquet"))), ignore_index=True)
    return frame.drop(columns=["x_SourceFile", "x_SourceDigest"])


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text,
        lambda text: text.replace("\n", "\r\n"),
        lambda text: "\ufeff" + text,
        lambda text: text.rstrip("\n"),
        lambda text: text.replace("\n", ",\n"),
        lambda text: text + "\n\n",
        lambda text: text.replace("USD", '"USD"'),
        lambda text: text.replace("\n", "\n\n", 2),
    ],
    ids=["plain", "crlf", "mark", "no end", "separator at the end", "blank end", "quoted", "blank between"],
)
def test_both_ways_land_on_the_same_rows(change, tmp_path, monkeypatch):
    text = scene.to_csv(tmp_path / "bill.csv", scene.focus_rows()).read_text(encoding="utf-8")
    (tmp_path / "bill.csv").write_bytes(change(text).encode())
    store.load([str(tmp_path / "bill.csv")], to=str(tmp_path / "quick"))
    monkeypatch.setattr(focus, "_is_plain", lambda source: False)
    store.load([str(tmp_path / "bill.csv")], to=str(tmp_path / "slow"))
    pd.testing.assert_frame_equal(rows(tmp_path / "quick"), rows(tmp_path / "slow"))


def test_a_packed_file_and_one_with_an_odd_row_are_read_row_by_row(tmp_path):
    path = scene.to_csv(tmp_path / "bill.csv", scene.focus_rows())
    whole = path.read_text(encoding="utf-8")
    with gzip.open(tmp_path / "bill.csv.gz", "wt", encoding="utf-8") as file:
        file.write(whole)
    made = store.load([str(tmp_path / "bill.csv.gz")], to=str(tmp_path / "packed"))
    assert made.rows == len(scene.focus_rows())
    path.write_text(whole + "1,2,3\n", encoding="utf-8")
    odd = store.load([str(path)], to=str(tmp_path / "odd"))
    assert (odd.rows, len(odd.refused)) == (len(scene.focus_rows()), 1)
    assert "the line may be truncated" in odd.refused[0].words


SPELLINGS = {
    "small": str.lower,
    "capitals": str.upper,
    "blank before": lambda column: f" {column}",
    "one in small letters": lambda column: "billingCurrency" if column == "BillingCurrency" else column,
    "underscores": lambda column: column if column.startswith("x_") else re.sub(r"(?<=[a-z])(?=[A-Z])", "_", column),
}


@pytest.mark.parametrize("spelled", SPELLINGS.values(), ids=SPELLINGS)
def test_columns_are_read_whatever_their_letters(spelled, tmp_path):
    plain = scene.focus_rows()
    store.load([str(scene.to_csv(tmp_path / "plain.csv", plain))], to=str(tmp_path / "plain"))
    respelled = [{spelled(name): cell for name, cell in row.items()} for row in plain]
    other = str(scene.to_csv(tmp_path / "other.csv", respelled))
    store.load([other], to=str(tmp_path / "other"))
    pd.testing.assert_frame_equal(rows(tmp_path / "plain"), rows(tmp_path / "other"))
    assert set(engine.open_file(Source(path=other)).columns) == set(plain[0])
    pd.read_csv(other, dtype=str).to_parquet(tmp_path / "other.parquet")
    store.load([str(tmp_path / "other.parquet")], to=str(tmp_path / "parquet"))
    unnumbered = [rows(tmp_path / name).drop(columns="x_SourceRow") for name in ("plain", "parquet")]
    pd.testing.assert_frame_equal(*unnumbered, check_like=True)


@pytest.mark.parametrize(
    "read", [lambda path: store.load([path], to=f"{path}-store"), lambda path: engine.open_file(Source(path=path))]
)
def test_two_columns_that_differ_in_their_letters_are_refused(read, tmp_path):
    path = str(scene.to_csv(tmp_path / "bill.csv", [{**row, "billed_cost": "1"} for row in scene.focus_rows()]))
    with pytest.raises(InputError, match="columns 'BilledCost' and 'billed_cost' are read as one; rename or remove"):
        read(path)


def test_another_export_named_focus_is_refused_with_what_it_lacks(tmp_path):
    path = scene.to_csv(tmp_path / "other.csv", [{"date": "2026-03-01", "billingCurrency": "USD"}])
    with pytest.raises(InputError, match="no column BilledCost, ChargePeriodStart; where it is no FOCUS export"):
        store.load([f"focus:{path}"], to=str(tmp_path / "store"))
