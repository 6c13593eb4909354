"""Files opened as Ibis tables on an embedded DuckDB, and column rules checked in one aggregate.

Cells of a CSV stay text until a rule has passed them, so that a message can show what stands in the file.
Rows are counted as a spreadsheet shows them: the header is row 1.
"""

import csv
import gzip
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cached_property, wraps
from pathlib import Path
from typing import Any

import duckdb
import ibis

from aiecon import resources
from aiecon.errors import FrameError, InputError
from aiecon.ingestion import delimited, duck
from aiecon.vocabulary import focus_columns
from aiecon.vocabulary.money_text import AMOUNT, BESIDE_DIGITS, PLAIN_NUMBER
from aiecon.vocabulary.source import SAMPLE, SHIPPED, Source, Table

ibis.options.sql.fuse_selects = False  # DuckDB merges them itself, in a tenth of the time
ROW, PLACE = "__row", "__place"
ISO_TIME = r"^\s*\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?\s*(Z|[+-]\d{2}(:?\d{2})?)?)?\s*$"
FALSE = ibis.literal(False)
CSV_ENDINGS = (".csv", ".csv.gz")
STORED = "sources.json"
"""File of a folder of Parquet that says that it is a spend store."""
_ROWS_NAMED = 5  # of those that break a rule
FEW_ROWS = 1_000_000
"""Rows up to which typed columns are kept in memory beside the file's own."""


@dataclass(frozen=True, eq=False)
class Opened:
    """A file as a table with a row number; `name` is the path as the user gave it, `path` where it lies."""

    name: str
    path: Path
    table: Any
    is_text: bool

    @property
    def columns(self) -> list[str]:
        """The file's own columns."""
        return [column for column in self.table.columns if column not in (ROW, PLACE)]

    @cached_property
    def rows(self) -> int:
        """How many rows the file has."""
        return int(row(self.table, rows=self.table.count())["rows"])

    @property
    def every_row(self) -> Any:
        """True in each row: the mark of a rule that a whole column breaks."""
        return self.table[ROW].notnull()

    def narrowed(self, columns: Sequence[str]) -> "Opened":
        """The file with these of its columns alone; the text of a CSV is kept, so that it is parsed once."""
        marks = [mark for mark in (ROW, PLACE) if mark in self.table.columns]
        table = self.table.select(*dict.fromkeys(column for column in columns if column in self.columns), *marks)
        return replace(self, table=table.cache() if self.is_text else table)


def row(table: Any, **figures: Any) -> dict[str, Any]:
    """Return one row of figures over a table, all in one query."""
    found: dict[str, Any] = table.aggregate(**figures).to_pyarrow().to_pylist()[0]
    return found


def settled(charges: Any, opened: Opened) -> Any:
    """Rows as typed once and for all where they are few: each later question of them is a short query."""
    return charges.cache() if opened.rows <= FEW_ROWS else charges


def locate(source: Source) -> Path:
    """Return where a source lies on disk."""
    for mark, shipped in ((SAMPLE, "data/sample/"), (SHIPPED, "data/")):
        if source.path.startswith(mark):
            try:
                return resources.path(shipped + source.path.removeprefix(mark))
            except FileNotFoundError:
                raise InputError(f"{source.path}: aiecon ships no such file") from None
    path = Path(source.path).expanduser()
    return path if path.is_absolute() or source.folder is None else Path(source.folder) / path


def open_file(source: Source, *, asked: Sequence[str] = ()) -> Opened:
    """Open a CSV, a Parquet file or a folder of Parquet files, with columns `asked` for that no charge of it fills."""
    path = locate(source)
    connection = duck.connected()
    if not path.exists():
        raise InputError(f"{source.path}: no such file or folder{looked(source)}")
    table, is_text = _table(connection, path, source.path, asked)
    return Opened(source.path, path, _as_focus(table, source.path), is_text)


def _as_focus(table: Any, name: str) -> Any:
    """Charges with their columns as FOCUS spells them, whatever the letters in the file; other tables as they are."""
    if not focus_columns.are_charges(table.columns):
        return table
    names = focus_columns.spelled(table.columns)
    if twice := focus_columns.met_twice(table.columns, name):
        raise InputError(twice)
    others = {ours: theirs for theirs, ours in names.items() if ours != theirs}
    return table.rename(others) if others else table


def looked(source: Source) -> str:
    """Words for where a file that is not there was looked for."""
    if Path(source.path).is_absolute() or source.is_sample or source.is_shipped:
        return ""
    return f" (looked for it in the {'working folder' if source.folder is None else 'folder of the inputs file'})"


def _table(connection: Any, path: Path, name: str, asked: Sequence[str]) -> tuple[Any, bool]:
    """The file with the number of each row and, in a store, the file it stands in; and whether its cells are text."""
    if path.is_dir():
        files = sorted(path.rglob("*.parquet"))
        if not files:
            raise InputError(f"{name}: the folder holds no .parquet file")
        store = connection.read_parquet(
            [str(file) for file in files], union_by_name=True, filename=True, file_row_number=True
        )
        place = (
            store["filename"].substr(len(str(path)) + 1).concat(": row ", (store["file_row_number"] + 2).cast("string"))
        )
        numbered = store.mutate(**{ROW: ibis.row_number() + 2, PLACE: place})
        silent = {*_silent(connection, path, files)} - {*asked}
        return numbered.drop("filename", "file_row_number", *silent), False
    if path.stat().st_size == 0:
        raise InputError(f"{name}: the file is empty (0 bytes)")
    is_text = path.name.lower().endswith(CSV_ENDINGS)
    if not is_text and path.suffix.lower() != ".parquet":
        raise InputError(f"{name}: a .csv, .csv.gz or .parquet file, or a folder of Parquet files is expected")
    table = delimited.csv_table(connection, path, name) if is_text else connection.read_parquet(str(path))
    return table.mutate(**{ROW: ibis.row_number() + 2}), is_text


def _silent(connection: Any, folder: Path, files: Sequence[Path]) -> list[str]:
    """Columns of a spend store in which no charge says anything; to a reader they are as good as not there."""
    if not (folder / STORED).exists():
        return []
    names = ", ".join("'" + str(file).replace("'", "''") + "'" for file in files)
    found = connection.raw_sql(
        f"SELECT path_in_schema FROM parquet_metadata([{names}]) "
        "GROUP BY 1 HAVING bool_and(coalesce(stats_null_count = num_values, false)) ORDER BY 1"
    ).fetchall()
    return [column for (column,) in found]


def reader(read: Callable[[Source, Any], Table]) -> Callable[[Source, Any], Table]:
    """Turn what goes wrong inside a file (broken pages, another encoding) into words about the file."""

    @wraps(read)
    def guarded(source: Source, inputs: Any) -> Table:
        with readable(source):
            return read(source, inputs)

    return guarded


@contextmanager
def readable(source: Source) -> Iterator[None]:
    """Raise InputError in words where a file turns out to be broken inside."""
    try:
        yield
    except (duckdb.Error, UnicodeDecodeError, EOFError, gzip.BadGzipFile) as error:
        path = locate(source)
        is_cells = isinstance(error, duckdb.Error) and path.name.lower().endswith(CSV_ENDINGS)
        odd = delimited.odd_rows(path, source.path) if is_cells and path.is_file() else []
        raise InputError(odd or _unreadable(source, error)) from None


def _unreadable(source: Source, error: Exception) -> str:
    """Words for a file that cannot be read, with the path as given and no other."""
    path = locate(source)
    words = " ".join(str(error).split("\n\n")[0].split())
    words = words.replace(f"{path}/", "").replace(str(path), source.path).split("Possible")[0].strip()
    if path.is_dir():
        what = "a Parquet file of the folder is not whole; export it again, or name the file that is meant"
        return f"{source.path}: {what} ({words[:200]})"
    if path.suffix.lower() == ".parquet":
        return f"{source.path}: not a whole Parquet file, it may be truncated; export it again ({words[:200]})"
    return f"{source.path}: not readable as CSV; export it as UTF-8 text with a header row ({words[:200]})"


def digest(path: Path) -> str:
    """Return the sha256 of a file, or of a folder's file names and contents."""
    if path.is_dir():
        parts = [f"{file.relative_to(path)}:{digest(file)}" for file in sorted(path.rglob("*.parquet"))]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digesting(path: Path) -> Future[str]:
    """Start to make the `digest` of a path beside other work."""
    return ThreadPoolExecutor(max_workers=1).submit(digest, path)


def missing_columns(opened: Opened, needed: Sequence[str]) -> list[str]:
    """One problem for each needed column the file lacks, with the nearest name it has beside those needed."""
    problems = []
    others = {name.lower(): name for name in opened.columns if name not in needed}
    for column in needed:
        if column in opened.columns:
            continue
        near = get_close_matches(column.lower(), others, n=1, cutoff=0.7)
        hint = f"; it has '{others[near[0]]}': rename that one" if near else ""
        problems.append(f"{opened.name}: column '{column}' is missing{hint or '; add it'}")
    return problems


def unread_columns(opened: Opened, known: Sequence[str]) -> list[str]:
    """A sentence for each column that is not read, with the nearest of those the file might have had instead."""
    absent = {column.lower(): column for column in known if column not in opened.columns}
    found = []
    for name in (column for column in opened.columns if column not in known):
        near = get_close_matches(name.lower(), absent, n=1, cutoff=0.6)
        hint = f"; did you mean '{absent[near[0]]}'?" if near else ""
        found.append(f"{opened.name}: column '{name}' is not read{hint} (read: {', '.join(known)})")
    return found


@dataclass(frozen=True, eq=False)
class Rule:
    """A rule every row must keep: `broken` marks those that do not, `expected` says what should stand there."""

    column: str
    broken: Any
    expected: str
    by_bounds: bool = False  # whether a typed value that lies between two others keeps it


def check(opened: Opened, rules: Sequence[Rule], *, beside: Sequence[str] = ()) -> list[str]:
    """Return one problem for each broken rule: how many rows, the first of them, what stands there, what should.

    Cells of the columns named in `beside` say where that is, too.
    """
    table = opened.table
    if not rules:
        return []
    figures = {}
    for place, rule in enumerate(rules):
        broken = ibis.coalesce(rule.broken, FALSE)
        figures[f"n{place}"] = table.count(where=broken)
        figures[f"row{place}"] = table[ROW].min(where=broken)
        if PLACE in table.columns:
            figures[f"place{place}"] = table[PLACE].argmin(table[ROW], where=broken)
        figures[f"cell{place}"] = table[rule.column].cast("string").argmin(table[ROW], where=broken)
        for column in beside:
            if column in table.columns and column != rule.column:
                figures[f"{column}{place}"] = table[column].cast("string").argmin(table[ROW], where=broken)
    found = row(table, **figures)
    broken_rules = [place for place in range(len(rules)) if found[f"n{place}"]]
    rows = {place: _first_rows(table, rules[place]) for place in broken_rules if 1 < found[f"n{place}"] < opened.rows}
    seen = [found[f"row{place}"] for place in broken_rules] + [row for some in rows.values() for row in some]
    blank = _blank_lines(opened, max(seen, default=0))
    return [
        _problem(
            opened,
            rules[place],
            {key: found.get(f"{key}{place}") for key in ("n", "row", "place", "cell")} | {"rows": rows.get(place, [])},
            blank,
            {column: cell for column in beside if (cell := found.get(f"{column}{place}")) is not None},
        )
        for place in broken_rules
    ]


def _first_rows(table: Any, rule: Rule) -> list[int]:
    """The first rows that break a rule; none of a folder, whose files each count their own."""
    if PLACE in table.columns:
        return []
    first = table.filter(ibis.coalesce(rule.broken, FALSE)).select(ROW).order_by(ROW).limit(_ROWS_NAMED)
    return [int(found) for found in first.to_pyarrow()[ROW].to_pylist()]


def _blank_lines(opened: Opened, last: int) -> list[int]:
    """Rows of a CSV without any cell up to a record, counted as records: a spreadsheet shows them, DuckDB does not."""
    if not opened.is_text or not last:
        return []
    blank, record = [], 0
    with delimited.open_text(opened.path) as file:
        for cells in csv.reader(file):
            record += bool(cells)
            if not cells:
                blank.append(record + 1)
            if record >= last:
                break
    return blank


def _problem(opened: Opened, rule: Rule, found: dict[str, Any], blank: Sequence[int], beside: Mapping[str, str]) -> str:
    shown = "is empty" if found["cell"] is None else f"has {found['cell'][:40]!r}"
    named = [str(_in_sheet(row, blank)) for row in found["rows"]] + ["more"] * (found["n"] > len(found["rows"]))
    among = f" (rows {', '.join(named)})" if found["rows"] else ""
    more = f"{among}; {found['n']:,} rows break this" if found["n"] > 1 else ""
    place = found["place"] or f"row {_in_sheet(found['row'], blank)}"
    place += f" ({', '.join(f'{column} {cell}' for column, cell in beside.items())})" if beside else ""
    return f"{opened.name}: column '{rule.column}': {place} {shown}, {rule.expected}{more}"


def _in_sheet(row: int, blank: Sequence[int]) -> int:
    """The number that a spreadsheet shows for a row that was counted without blank lines."""
    return row + sum(line <= row for line in blank)


def number(opened: Opened, column: str) -> tuple[Any, list[Rule]]:
    """Return a column as float64 with the rules that make it one; empty cells break them."""
    cell = opened.table[column]
    expected = "a plain number such as 12.50 is expected"
    if opened.is_text:
        value = cell.try_cast("float64")
        return value, [Rule(column, value.isnull() | ~cell.re_search(PLAIN_NUMBER), expected)]
    if not cell.type().is_numeric() or cell.type().is_boolean():
        words = f"a number is expected, the column holds {type_words(cell)}"
        return ibis.null().cast("float64"), [Rule(column, opened.every_row, words)]
    value = cell.cast("float64")
    return value, [Rule(column, value.isnull() | value.isnan() | value.isinf(), expected, by_bounds=True)]


def amount(opened: Opened, column: str) -> tuple[Any, list[Rule]]:
    """Return a column of money as float64 with its rules, as `number`, in a CSV also $50,000.00 and the like."""
    if not opened.is_text:
        return number(opened, column)
    value = plain_amount(opened.table[column]).try_cast("float64")
    return value, [Rule(column, value.isnull(), "a plain number such as 12.50 is expected")]


def plain_amount(cell: Any) -> Any:
    """Text of money as a plain number, still text; NULL where it can mean two things or is none."""
    plain = cell.re_search(AMOUNT).ifelse(cell.re_replace(BESIDE_DIGITS, ""), ibis.null().cast("string"))
    return cell.re_search(PLAIN_NUMBER).ifelse(cell, plain)


def moment(opened: Opened, column: str, *, cell: Any = None) -> tuple[Any, list[Rule]]:
    """Return a column (or `cell`, made from it) as a UTC timestamp with its rules; empty cells break them."""
    cell = opened.table[column] if cell is None else cell
    expected = "an ISO date such as 2026-03-31 or 2026-03-31T00:00:00Z is expected"
    kind = cell.type()
    if kind.is_timestamp() or kind.is_date():
        value = cell.cast("timestamp")
        return value, [Rule(column, value.isnull(), expected, by_bounds=True)]
    if not kind.is_string():
        words = f"a date is expected, the column holds {type_words(cell)}"
        return ibis.null().cast("timestamp"), [Rule(column, opened.every_row, words)]
    value = cell.try_cast("timestamp('UTC')").cast("timestamp")
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
