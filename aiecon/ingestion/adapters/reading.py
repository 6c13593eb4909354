"""What an adapter hands on: charges as text in the columns of the spend store, rows refused, records left out.

Every record of a source is one of the three, so that nothing is lost without a word.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa

from aiecon.errors import InputError
from aiecon.ingestion import cells, delimited

ROW = "x_SourceRow"
BATCH = 50_000
EMPTY = frozenset(("", "NULL", "null"))
Cells = Mapping[str, Any]
Value = TypeVar("Value")
MISSHAPEN = (AttributeError, KeyError, TypeError, ValueError, OverflowError)
_gathered: ContextVar[list["RefusedError"] | None] = ContextVar("gathered", default=None)


class RefusedError(ValueError):
    """One record that cannot be a charge: the column and the words for its line in refused.csv."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(reason)
        self.column = column
        self.reason = reason

    def with_all(self, others: Iterable["RefusedError"]) -> "RefusedError":
        """Return this refusal with what else is wrong with the record."""
        more = (f"column '{one.column}' {one.reason}" if one.column else one.reason for one in others)
        return RefusedError(self.column, "; ".join([self.reason, *more]))


def refused(error: RefusedError, *, instead: Value) -> Value:
    """Refuse a record for one of its cells; while all that is wrong with it is gathered, go on with another value."""
    found = _gathered.get()
    if found is None:
        raise error
    found.append(error)
    return instead


def all_wrong(charge: Callable[[Any], Any], record: Any, first: RefusedError) -> RefusedError:
    """What is wrong with all cells of a record that was refused for the first of them."""
    token = _gathered.set([])
    try:
        charge(record)
    except (RefusedError, *MISSHAPEN):
        pass  # of a value that another stood in for
    finally:
        found = {error.column: error for error in _gathered.get() or []}
        _gathered.reset(token)
    told = [*found.values()] if first.column in found else [first, *found.values()]
    return told[0].with_all(told[1:])


@dataclass(frozen=True)
class Refusal:
    """A line of refused.csv."""

    file: str
    row: int
    column: str
    reason: str

    @property
    def words(self) -> str:
        """The line for a terminal."""
        column = f"column '{self.column}': " if self.column else ""
        return f"{self.file}: {column}row {self.row} {self.reason}"


@dataclass(frozen=True)
class UnknownUnit:
    """A unit that is neither of tokens nor of another thing we know: rows, those that speak of tokens, cost."""

    unit: str
    rows: int
    of_tokens: int
    cost: Decimal


@dataclass(eq=False)
class Reading:
    """A source while it is read: its name in messages, what was refused or left out and why, units unknown, notes."""

    name: str
    path: Path
    refused: list[Refusal] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    units: list[UnknownUnit] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def refuse(self, row: int, column: str, reason: str) -> None:
        """Note a row that is not loaded."""
        self.refused.append(Refusal(self.name, row, column, reason))


def csv_rows(reading: Reading) -> tuple[list[str], Iterator[tuple[int, list[str]]]]:
    """Return the columns of a CSV and its rows, those with another number of cells refused."""
    columns, delimiter = cells.header(reading.path, name=reading.name)
    return columns, _whole_rows(reading, columns, delimiter)


def _whole_rows(reading: Reading, columns: list[str], delimiter: str) -> Iterator[tuple[int, list[str]]]:
    row = 1
    try:
        for row, found in cells.lines(reading.path, delimiter):
            if len(found) == len(columns) or (len(found) == len(columns) + 1 and not found[-1]):
                yield row, found[: len(columns)]  # a separator at the end of a row adds nothing
            else:
                words = f"it has {len(found)} cells and the header {len(columns)}; the line may be truncated"
                reading.refuse(row, "", words)
    except (UnicodeDecodeError, EOFError) as error:
        raise InputError(cells.unreadable(reading.name, reading.path, error)) from None
    except cells.UNREADABLE as error:
        reading.refuse(row + 1, "", f"the file breaks off here ({error}); export it again")


def csv_records(reading: Reading) -> Iterator[tuple[int, dict[str, str | None]]]:
    """Rows of a CSV as cells by column, empty ones None."""
    columns, rows = csv_rows(reading)
    for row, found in rows:
        yield row, {name: None if cell in EMPTY else cell for name, cell in zip(columns, found, strict=True)}


def json_records(reading: Reading) -> Iterator[tuple[int, dict[str, Any]]]:
    """Objects of a file of JSON lines, or of one JSON array or object, numbers exact; broken ones are refused."""
    text = json_text(reading)
    if is_one_document(text):
        found = parsed(text)
        for row, record in enumerate(found if isinstance(found, list) else [found], start=1):
            if isinstance(record, dict):
                yield row, record
            else:
                reading.refuse(row, "", "a JSON object is expected")
        return
    if not text.strip():
        raise InputError(f"{reading.name}: the file has nothing but blanks ({len(text):,} characters)")
    lines = text.splitlines()
    if not any(map(is_one_document, [line for line in lines if line.strip()][:2])):
        words = f"not a whole JSON file, it may be truncated; export it again ({_break(text)})"
        raise InputError(f"{reading.name}: {words}")
    for row, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            record = parsed(line)
        except ValueError as error:
            reading.refuse(row, "", f"not a whole JSON object ({error}); the line may be truncated or damaged")
            continue
        if isinstance(record, dict):
            yield row, record
        else:
            reading.refuse(row, "", "a JSON object is expected")


def page_results(reading: Reading) -> Iterator[tuple[int, tuple[dict[str, Any], dict[str, Any]]]]:
    """Results of the pages of a usage or cost API, numbered, each with the bucket of time it stands in."""
    row, is_open = 0, False
    for page, record in json_records(reading):
        is_open = record.get("has_more") is True
        buckets = record.get("data", [record]) if isinstance(record, dict) else None
        if not isinstance(buckets, list):
            reading.refuse(page, "data", "a page with a list of buckets is expected")
            continue
        for bucket in buckets:
            results = bucket.get("results") or bucket.get("result") or [] if isinstance(bucket, dict) else None
            if not isinstance(results, list):
                reading.refuse(page, "results", "a bucket with a list of results is expected")
                continue
            for result in results:
                row += 1
                yield row, (bucket, result)
    if is_open:
        reading.notes.append("its last page says that more follow (has_more); export and load those too")


def bucket_words(result: dict[str, Any]) -> str:
    """What a result of a bucket is of (model, project, key, line item, ...), without its counts and amounts."""
    said = {name: value for name, value in result.items() if isinstance(value, str | bool) and name != "amount"}
    return json.dumps(said, sort_keys=True)


def json_text(reading: Reading) -> str:
    """The text of a JSON file; InputError when it is no UTF-8."""
    if reading.path.stat().st_size == 0:
        raise InputError(f"{reading.name}: the file is empty (0 bytes)")
    try:
        with delimited.open_text(reading.path) as file:
            return re.sub(
                r",(\s*\]\s*)$", r"\1", file.read()
            )  # a comma behind the last object, as Helicone's tool writes
    except UnicodeDecodeError:
        why = cells.no_text(reading.path)
        raise InputError(f"{reading.name}: not readable as JSON; export it as UTF-8 text ({why})") from None


def is_one_document(text: str) -> bool:
    """Whether a text is one JSON array or object, rather than a line for each."""
    try:
        parsed(text)
    except ValueError:
        return False
    return True


def _break(text: str) -> str:
    """Words for where a JSON text breaks off."""
    try:
        parsed(text)
    except json.JSONDecodeError as error:
        return f"line {error.lineno:,}, character {error.colno:,} of {len(text):,} in all: {error.msg}"
    return "it is whole"


def parsed(text: str) -> Any:
    """Read JSON with numbers as exact decimals."""
    return json.loads(text, parse_float=Decimal)


def tables(reading: Reading, records: Iterable[tuple[int, Any]], charge: Any, columns: tuple[str, ...]) -> Iterator:
    """Turn records into tables of text: `charge` makes one record a charge, refuses it, or leaves it out with None."""
    made = _charges(reading, records, charge)
    schema = pa.schema([(ROW, pa.int64()), *((column, pa.string()) for column in columns)])
    while batch := list(islice(made, BATCH)):
        yield pa.Table.from_pylist(batch, schema=schema)


def _charges(reading: Reading, records: Iterable[tuple[int, Any]], charge: Any) -> Iterator[dict[str, Any]]:
    for row, record in records:
        try:
            made = charge(record)
        except RefusedError as error:
            whole = all_wrong(charge, record, error)
            reading.refuse(row, whole.column, whole.reason)
            continue
        except MISSHAPEN:
            reading.refuse(row, "", "its fields do not have the shape that the vendor documents")
            continue
        if isinstance(made, str):
            reading.left_out[made] += 1
        else:
            yield {ROW: row, **{column: as_text(value) for column, value in made.items()}}


def together(*parts: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Make a charge of its parts, or refuse it with what is wrong with each of them."""
    made: dict[str, Any] = {}
    refused = []
    for part in parts:
        try:
            made |= part()
        except RefusedError as error:
            refused.append(error)
    if refused:
        raise refused[0].with_all(refused[1:])
    return made


def as_text(value: Any) -> str | None:
    """A cell as the store's text: exact numbers without exponent, objects as JSON."""
    if value is None or (isinstance(value, str) and value.strip() in EMPTY):
        return None
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dict | list):
        return json.dumps(value, default=str, sort_keys=True)
    return str(value)
