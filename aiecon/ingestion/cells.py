"""Small tables read cell by cell: every cell as text, every row with the number a spreadsheet shows."""

import codecs
import csv
import gzip
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd

from aiecon.errors import FrameError, InputError
from aiecon.ingestion import delimited, engine
from aiecon.vocabulary import tables

T = TypeVar("T")
_PART = 1 << 20  # characters that are looked through at once
_GZIP = b"\x1f\x8b"
_MARKS = {
    b"\xff\xfe": "it begins with FF FE as UTF-16 text does",
    b"\xfe\xff": "it begins with FE FF as UTF-16 text does",
    b"PK\x03\x04": "it begins as a zip archive or an Excel workbook does",
    b"%PDF": "it begins as a PDF does",
    b"PAR1": "it begins as a Parquet file does; name it .parquet",
}
"""First bytes of files that are no text -> what they are."""
UNREADABLE = (UnicodeDecodeError, gzip.BadGzipFile, EOFError, zlib.error, csv.Error)


def checked(path: Path, check: Callable[..., T], *, name: str) -> T:
    """Read a CSV or Parquet file and check it, or raise FrameError with what is wrong with its lines and its cells.

    Parameters
    ----------
    path
        A .csv, .csv.gz or .parquet file.
    check
        Takes the frame and `name`, returns what was made of the rows or raises FrameError.
    name
        What messages call the file.
    """
    frame, problems = read(path, name=name)
    if frame.empty:
        engine.refuse(problems)
    try:
        made = check(frame, name=name)
    except FrameError as error:
        raise FrameError([*problems, *error.problems]) from None
    if problems:
        raise FrameError(problems)
    return made


def read(path: Path, *, name: str) -> tuple[pd.DataFrame, list[str]]:
    """Return a file with every cell as text, and what is wrong with its lines; InputError when it cannot be read."""
    if not path.is_file():
        raise InputError(f"{name}: no such file" if not path.exists() else f"{name}: a file is expected, not a folder")
    if path.stat().st_size == 0:
        raise InputError(f"{name}: the file is empty (0 bytes)")
    try:
        return _parquet(path) if path.suffix.lower() == ".parquet" else _csv(path, name)
    except UNREADABLE as error:
        raise InputError(unreadable(name, path, error)) from None
    except (OSError, ValueError) as error:
        raise InputError(f"{name}: cannot be read ({str(error)[:120]})") from None


def unreadable(name: str, path: Path, error: Exception) -> str:
    """Words for a CSV that is none."""
    if isinstance(error, UnicodeDecodeError):
        return f"{name}: not readable as CSV; export it as UTF-8 text with a header row ({no_text(path)})"
    if isinstance(error, csv.Error):
        return f"{name}: not readable as CSV ({error}); look for a quotation mark that is not closed"
    return f"{name}: not a whole gzip file ({error}); pack it again"


def no_text(path: Path) -> str:
    """Words for why a file is no UTF-8 text: what its first bytes say it is, else the first byte that is none."""
    with path.open("rb") as file:
        start = file.read(4)
    for mark, words in _MARKS.items():
        if start.startswith(mark):
            return words
    is_packed = start.startswith(_GZIP)
    if is_packed and path.suffix.lower() != ".gz":
        return "it is packed by gzip; end its name in .gz"
    line, place = 1, 0
    decoder = codecs.getincrementaldecoder("utf-8")()
    opener: Any = gzip.open if is_packed else open
    with opener(path, "rb") as file:
        for part in iter(partial(file.read, _PART), b""):
            held = len(decoder.getstate()[0])
            try:
                decoder.decode(part)
            except UnicodeDecodeError as error:
                at = max(error.start - held, 0)
                byte, line = error.object[error.start], line + part[:at].count(b"\n")
                return f"byte {place + at + 1:,}, in line {line:,}, is 0x{byte:02X}, as Latin-1 or Windows text has it"
            line, place = line + part.count(b"\n"), place + len(part)
    return f"its {place:,} bytes end inside a character; it may be truncated"


def header(path: Path, *, name: str) -> tuple[list[str], str]:
    """Return the columns of a CSV and what stands between them; InputError when it has none, or is no text."""
    try:
        columns, delimiter = delimited.header(path)
        has_nul = _has_nul(path)
    except UNREADABLE as error:
        raise InputError(unreadable(name, path, error)) from None
    if has_nul:
        raise InputError(f"{name}: it has NUL bytes; export it as CSV in UTF-8")
    if not any(column.strip() for column in columns):
        raise InputError(f"{name}: its first line is blank; a header row with the names of the columns is expected")
    if twice := delimited.doubled(columns, name):
        raise FrameError(twice)
    return columns, delimiter


def _has_nul(path: Path) -> bool:
    """Whether a text file has NUL bytes: it is damaged, or text in another encoding."""
    with delimited.open_text(path) as file:
        return any("\0" in part for part in iter(partial(file.read, _PART), ""))


def _parquet(path: Path) -> tuple[pd.DataFrame, list[str]]:
    frame = pd.read_parquet(path).astype(object)
    return frame.map(lambda cell: "" if pd.isna(cell) else str(cell)), []


def _csv(path: Path, name: str) -> tuple[pd.DataFrame, list[str]]:
    """Rows with more or fewer cells than the header, which would shift a price into another column, are left out."""
    columns, delimiter = header(path, name=name)
    rows, odd = {}, []
    for row, cells in lines(path, delimiter):
        if len(cells) == len(columns):
            rows[row] = cells
        else:
            what = "look for a stray or missing separator"
            odd.append((row, f"it has {len(cells)} cells and the header {len(columns)}; {what}"))
    index = pd.Index(rows, name=tables.ROW, dtype="int64")
    frame = pd.DataFrame(rows.values(), columns=columns, index=index, dtype=object)
    return frame.loc[:, [column != "" for column in columns]], tables.listed(odd, name=name)


def lines(path: Path, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """The rows below the header that are not blank, numbered."""
    with delimited.open_text(path) as file:
        for row, cells in enumerate(csv.reader(file, delimiter=delimiter, strict=True), start=1):
            if cells and row > 1:
                yield row, cells
