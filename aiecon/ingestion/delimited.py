"""Text files of cells: their header, the rows that do not fit it, and the table that DuckDB makes of them."""

import csv
import gzip
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

from aiecon.errors import InputError
from aiecon.vocabulary import focus_columns

_LOOKED_AT = 1_000  # first rows whose cells are counted before a file is read
_SHOWN = 5  # odd rows that a message names


def header(path: Path) -> tuple[list[str], str]:
    """Return the column names of a CSV and what stands between them: a comma, semicolon, tab or bar."""
    with open_text(path) as file:
        first = file.readline()
    delimiter = max(",;\t|", key=first.count)
    return next(csv.reader([first], delimiter=delimiter), []), delimiter


def open_text(path: Path) -> TextIO:
    """Open a CSV, packed with gzip or not, as text with its line ends as they are."""
    opener: Any = gzip.open if path.name.lower().endswith(".gz") else open
    file: TextIO = opener(path, "rt", encoding="utf-8-sig", newline="")
    return file


def doubled(columns: Sequence[str], name: str) -> list[str]:
    """One problem for each column name that a header has twice."""
    twice = sorted({column for column in columns if column and columns.count(column) > 1})
    return [f"{name}: column '{column}' stands twice; rename or remove one of the two" for column in twice]


def csv_table(connection: Any, path: Path, name: str) -> Any:
    """Open a CSV as a table of text; InputError on columns that stand twice and rows that are too wide."""
    names, delimiter = header(path)
    twice = doubled(names, name)
    if focus_columns.are_charges(names):
        twice = focus_columns.met_twice(names, name) or twice  # of two alike DuckDB renames one
    if twice:
        raise InputError(twice)
    if wide := _too_wide(path, name, delimiter, len(names)):
        raise InputError(wide)
    return connection.read_csv(
        str(path),
        all_varchar=True,
        header=True,
        delim=delimiter,
        quote='"',
        escape='"',
        nullstr=["", "NULL", "null"],
    )


def _too_wide(path: Path, name: str, delimiter: str, width: int) -> list[str]:
    """Words on the first row that has more cells than the header, as numbers with a comma inside make them."""
    wide = ((place, cells) for place, cells in _odd_rows(path, delimiter, width, most=_LOOKED_AT) if cells > width)
    return [
        f"{name}: row {place} has {cells} cells and the header {width}; write numbers without thousands separators, or "
        f"quote what has a {delimiter!r}"
        for place, cells in islice(wide, 1)
    ]


def odd_rows(path: Path, name: str) -> list[str]:
    """Words on the rows of a CSV that have more or fewer cells than the header."""
    names, delimiter = header(path)
    found: list[tuple[int, int]] = []
    with suppress(UnicodeDecodeError, csv.Error, EOFError, gzip.BadGzipFile):
        found += islice(_odd_rows(path, delimiter, len(names)), _SHOWN)
    return [
        f"{name}: row {place} has {cells} cells and the header {len(names)}; the line may be truncated or a total: "
        "mend it or leave it out"
        for place, cells in found
    ]


def _odd_rows(path: Path, delimiter: str, width: int, *, most: int | None = None) -> Iterator[tuple[int, int]]:
    """Rows, up to the `most`th, with another number of cells than the header, and how many; blank lines are none."""
    with open_text(path) as file:
        for place, cells in enumerate(islice(csv.reader(file, delimiter=delimiter), most), start=1):
            if cells and (len(cells) < width or any(cells[width:])):
                yield place, len(cells)
