"""Files opened as Ibis tables on an embedded DuckDB, and column rules checked in one aggregate.

Cells of a CSV stay text until a rule has passed them, so that a message can show what stands in the file.
Rows are counted as a spreadsheet shows them: the header is row 1.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import duckdb
import ibis

from aiecon import resources
from aiecon.errors import FrameError, InputError
from aiecon.vocabulary.source import SAMPLE, Source

ROW = "__row"
ISO_TIME = r"^\s*\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?\s*(Z|[+-]\d{2}(:?\d{2})?)?)?\s*$"
FALSE = ibis.literal(False)


@dataclass(frozen=True, eq=False)
class Opened:
    """A file as a table with a row number; `name` is the path as the user gave it."""

    name: str
    table: Any
    digest: str
    is_text: bool

    @property
    def columns(self) -> list[str]:
        """The file's own columns."""
        return [column for column in self.table.columns if column != ROW]

    @property
    def every_row(self) -> Any:
        """True in each row: the mark of a rule that a whole column breaks."""
        return self.table[ROW].notnull()


def locate(source: Source) -> Path:
    """Return where a source lies on disk."""
    if source.is_sample:
        return resources.path(f"data/sample/{source.path.removeprefix(SAMPLE)}")
    path = Path(source.path).expanduser()
    return path if path.is_absolute() or source.folder is None else Path(source.folder) / path


def open_file(source: Source) -> Opened:
    """Open a CSV, a Parquet file or a folder of Parquet files; InputError when it cannot be read."""
    path = locate(source)
    connection = ibis.duckdb.connect()
    connection.raw_sql("SET TimeZone = 'UTC'")
    connection.raw_sql("SET enable_progress_bar = false")
    try:
        table, is_text = _table(connection, path, source.path)
        return Opened(source.path, table.mutate(**{ROW: ibis.row_number() + 2}), digest(path), is_text)
    except (duckdb.Error, UnicodeDecodeError) as error:
        raise InputError(f"{source.path}: {_reason(path, error)}") from None


def _table(connection: Any, path: Path, name: str) -> tuple[Any, bool]:
    if not path.exists():
        raise InputError(f"{name}: no such file or folder (looked for it in {_folder(path)})")
    if path.is_dir():
        files = sorted(path.rglob("*.parquet"))
        if not files:
            raise InputError(f"{name}: the folder holds no .parquet file")
        return connection.read_parquet([str(file) for file in files], union_by_name=True), False
    if path.stat().st_size == 0:
        raise InputError(f"{name}: the file is empty (0 bytes)")
    if path.suffix.lower() == ".parquet":
        return connection.read_parquet(str(path)), False
    if path.name.lower().endswith((".csv", ".csv.gz")):
        return _csv(connection, path, name), True
    raise InputError(f"{name}: a .csv, .csv.gz or .parquet file, or a folder of Parquet files is expected")


def _csv(connection: Any, path: Path, name: str) -> Any:
    table = connection.read_csv(str(path), all_varchar=True, header=True, nullstr=["", "NULL", "null"], sample_size=-1)
    doubled = [column for column in table.columns if column.endswith("_1") and column[:-2] in table.columns]
    if doubled:
        raise InputError([f"{name}: column '{column[:-2]}' stands twice" for column in doubled])
    return table


def _folder(path: Path) -> str:
    return "the folder of the inputs file" if path.is_absolute() else "the working folder"


def _reason(path: Path, error: Exception) -> str:
    first = str(error).splitlines()[0]
    if path.is_dir() or path.suffix.lower() == ".parquet":
        return f"not a whole Parquet file, it may be truncated; export it again ({first[:120]})"
    return f"not readable as CSV; export it as UTF-8 text with a header row ({first[:120]})"


def digest(path: Path) -> str:
    """Return the sha256 of a file, or of a folder's file names and contents."""
    if path.is_dir():
        parts = [f"{file.relative_to(path)}:{digest(file)}" for file in sorted(path.rglob("*.parquet"))]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def missing_columns(opened: Opened, needed: Sequence[str]) -> list[str]:
    """One problem for each needed column the file lacks, with the nearest name it has."""
    problems = []
    for column in needed:
        if column in opened.columns:
            continue
        near = get_close_matches(column.lower(), [name.lower() for name in opened.columns], n=1, cutoff=0.7)
        hint = next((f"; it has '{name}'" for name in opened.columns if near and name.lower() == near[0]), "")
        problems.append(f"{opened.name}: column '{column}' is missing{hint}")
    return problems


@dataclass(frozen=True, eq=False)
class Rule:
    """A rule every row must keep: `broken` marks the rows that do not, `expected` says what should stand there."""

    column: str
    broken: Any
    expected: str


def check(opened: Opened, rules: Sequence[Rule]) -> list[str]:
    """Return one problem for each broken rule: how many rows, the first of them, what stands there, what should."""
    table = opened.table
    if not rules:
        return []
    figures = {}
    for place, rule in enumerate(rules):
        broken = ibis.coalesce(rule.broken, FALSE)
        figures[f"n{place}"] = broken.sum()
        figures[f"row{place}"] = table[ROW].min(where=broken)
        figures[f"cell{place}"] = table[rule.column].cast("string").argmin(table[ROW], where=broken)
    found = table.aggregate(**figures).to_pyarrow().to_pylist()[0]
    return [
        _problem(opened.name, rule, found[f"n{place}"], found[f"row{place}"], found[f"cell{place}"])
        for place, rule in enumerate(rules)
        if found[f"n{place}"]
    ]


def _problem(name: str, rule: Rule, count: int, row: int, cell: str | None) -> str:
    shown = "is empty" if cell is None else f"has {cell[:40]!r}"
    more = f"; {count:,} rows break this" if count > 1 else ""
    return f"{name}: column '{rule.column}': row {row} {shown}, {rule.expected}{more}"


def number(opened: Opened, column: str) -> tuple[Any, list[Rule]]:
    """Return a column as float64 with the rules that make it one; empty cells break them."""
    cell = opened.table[column]
    expected = "a plain number such as 12.50 is expected"
    if opened.is_text:
        value = cell.try_cast("float64")
        return value, [Rule(column, value.isnull() | value.isnan() | value.isinf(), expected)]
    if not cell.type().is_numeric() or cell.type().is_boolean():
        words = f"a number is expected, the column holds {type_words(cell)}"
        return ibis.null().cast("float64"), [Rule(column, opened.every_row, words)]
    value = cell.cast("float64")
    return value, [Rule(column, value.isnull() | value.isnan() | value.isinf(), expected)]


def moment(opened: Opened, column: str, *, cell: Any = None) -> tuple[Any, list[Rule]]:
    """Return a column (or `cell`, made from it) as a UTC timestamp with its rules; empty cells break them."""
    cell = opened.table[column] if cell is None else cell
    expected = "an ISO date such as 2026-03-31 or 2026-03-31T00:00:00Z is expected"
    kind = cell.type()
    if kind.is_timestamp() or kind.is_date():
        value = cell.cast("timestamp")
        return value, [Rule(column, value.isnull(), expected)]
    if not kind.is_string():
        words = f"a date is expected, the column holds {type_words(cell)}"
        return ibis.null().cast("timestamp"), [Rule(column, opened.every_row, words)]
    value = cell.try_cast("timestamp")
    return value, [Rule(column, value.isnull() | ~cell.re_search(ISO_TIME), expected)]


def type_words(cell: Any) -> str:
    """A column's type in words a spreadsheet user knows."""
    kind = cell.type()
    if kind.is_string():
        return "text"
    if kind.is_boolean():
        return "true and false"
    if kind.is_numeric():
        return "numbers"
    return str(kind)


def refuse(problems: Sequence[str]) -> None:
    """Raise FrameError when there are problems."""
    if problems:
        raise FrameError(list(problems))
