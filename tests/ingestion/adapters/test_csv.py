"""A CSV that DuckDB reads lands like one that is read row by row."""

import gzip

import pandas as pd
import pytest
import spend_scene as scene

from aiecon.ingestion import store
from aiecon.ingestion.adapters import focus


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
