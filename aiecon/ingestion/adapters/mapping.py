"""A mapping file makes an adapter of any invoice or gateway CSV: our column = their column, in TOML.

[columns] names a column of theirs, a key of a map in one ("labels.team"), or a table: `column`, `unit` (a count in
thousands: "1K"), `sign` (-1 turns credits listed as positive), `factor` (0.01 for cents), `date` (of a date that is not
ISO: "%m/%d/%Y"), `pattern` (the first group of a regular expression), `values` (their word = ours; a word that is not
listed is refused), `optional` (true of a column that a file may lack). [constants] are the same in each row. [filter]
keeps the rows whose column matches one of the patterns ("*OpenAI*"). `period` (hour, day, month) is that of a row
without ChargePeriodEnd.
"""

import re
import tomllib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from difflib import get_close_matches
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from aiecon import resources
from aiecon.errors import InputError
from aiecon.ingestion import tags
from aiecon.ingestion.adapters import reading, words
from aiecon.ingestion.adapters.columns import CANONICAL, MOMENTS
from aiecon.ingestion.adapters.reading import Reading, RefusedError
from aiecon.vocabulary.spend import AI_CATEGORY
from aiecon.vocabulary.strict import Strict

FOLDER = "data/mappings"


class Cell(Strict):
    """Where a column of ours comes from, and what turns theirs into it."""

    column: str = Field(min_length=1, description="their column")
    unit: str | None = Field(default=None, description="tokens in one of theirs: 1K, 1M")
    sign: Literal[1, -1] = Field(default=1, description="-1 turns the sign")
    factor: float | None = Field(default=None, description="multiplies theirs: 0.01 for cents")
    date: str | None = Field(default=None, description="how a date that is not ISO is written: %m/%d/%Y")
    pattern: str | None = Field(default=None, description="regular expression whose first group is kept")
    values: dict[str, str] | None = Field(default=None, min_length=1, description="their word = ours")
    optional: bool = Field(default=False, description="whether a file may lack the column")

    @field_validator("unit")
    @classmethod
    def _is_known(cls, unit: str | None) -> str | None:
        if unit is not None and words.unit_factor(unit, is_tokens=True) is None:
            raise ValueError(f"unit {unit!r} is not known; Tokens, 1K or 1M is expected")
        return unit

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        return {"column": value} if isinstance(value, str) else value


class Mapping(Strict):
    """A mapping file."""

    name: str = Field(min_length=1, description="what the source is called in x_Source")
    kind: Literal["bill", "vendor_usage", "usage"] = Field(
        default="bill", description="an invoice, the vendor's own count of use, or a gateway's record of use"
    )
    period: Literal["hour", "day", "month"] = Field(default="day", description="of a row without ChargePeriodEnd")
    columns: dict[str, Cell] = Field(description="our column = their column")
    constants: dict[str, str] = Field(default_factory=dict, description="the same in each row")
    filter: dict[str, str | list[str]] = Field(default_factory=dict, description="rows that are kept")

    @property
    def theirs(self) -> set[str]:
        """Columns of theirs that the mapping needs."""
        return {cell.column for cell in self.columns.values() if not cell.optional} | set(self.filter)


def shipped() -> dict[str, Mapping]:
    """The mappings that ship with aiecon, by name."""
    folder = resources.path(FOLDER)
    return {path.stem: load(path, name=path.name) for path in sorted(folder.glob("*.toml"))}


def load(path: Path, *, name: str) -> Mapping:
    """Read a mapping file; InputError with every problem."""
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(f"{name}: no such mapping file") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{name}: not readable as TOML ({error})") from None
    problems = list(_column_problems(given))
    try:
        made = Mapping(**given)
    except InputError as error:
        problems += error.problems
    if problems:
        raise InputError([f"{name}: {problem}" for problem in problems])
    return made


def _column_problems(given: dict[str, Any]) -> Iterator[str]:
    """Words on columns of ours that are none, and on those that every charge needs."""
    named = [(table, column) for table in ("columns", "constants") for column in given.get(table, {})]
    for table, column in named:
        if column not in CANONICAL:
            near = get_close_matches(column, CANONICAL, n=1)
            yield f"{table}.{column} is no column of the store{f'; did you mean {near[0]}?' if near else ''}"
    needed = ("BilledCost", "BillingCurrency", "ChargePeriodStart", "ProviderName")
    if missing := [column for column in needed if column not in {column for _, column in named}]:
        yield f"{', '.join(missing)} must be given under [columns] or [constants]"


def read(source: Reading, *, mapping: Mapping) -> Iterator[Any]:
    """Read one charge for each row of a CSV that the filter keeps."""
    columns, _ = reading.csv_rows(source)
    if missing := sorted(column for column in mapping.theirs if _place(column, columns, mapping) is None):
        shown = ", ".join(columns[:8])
        raise InputError(
            f"{source.name}: mapping {mapping.name} reads {', '.join(missing)}, which the file lacks; it has {shown}"
        )
    places = {cell.column: _place(cell.column, columns, mapping) for cell in mapping.columns.values()}
    charge = partial(_charge, mapping=mapping, places=places)
    yield from reading.tables(source, reading.csv_records(source), charge, CANONICAL)


def _place(named: str, columns: Sequence[str], mapping: Mapping) -> tuple[str, str] | None:
    """The column of a file that a mapping names and, of `labels.team` or `Tags.team`, the key in its map."""
    if named in columns:
        return named, ""
    column, dot, key = named.partition(".")
    if column == tags.TAGS and column in mapping.columns:
        column = mapping.columns[column].column
    return (column, key) if dot and column in columns else None


def _theirs(record: dict[str, str | None], place: tuple[str, str] | None) -> str | None:
    """What stands there in a row; nothing where the file lacks the column or the map has no such key."""
    value = record[place[0]] if place else None
    return tags.value_of(value, place[1]) if place and place[1] and value else value


def _charge(record: dict[str, str | None], *, mapping: Mapping, places: dict[str, Any]) -> dict[str, Any] | str:
    for column, wanted in mapping.filter.items():
        patterns = [wanted] if isinstance(wanted, str) else wanted
        if not any(fnmatchcase(record[column] or "", pattern) for pattern in patterns):
            return "the filter of the mapping"
    made: dict[str, Any] = {"ChargeCategory": "Usage", "ServiceCategory": AI_CATEGORY, "x_CostSource": "billed"}
    made |= mapping.constants
    made |= {ours: _value(ours, cell, _theirs(record, places[cell.column])) for ours, cell in mapping.columns.items()}
    if not made.get("ChargePeriodEnd"):
        start = words.moment(made.get("ChargePeriodStart"), mapping.columns["ChargePeriodStart"].column)
        made |= words.period(start, _end(start, mapping.period))
    return made


def _end(start: datetime, period: str) -> datetime:
    if period == "month":
        return (start.replace(day=1) + timedelta(days=32)).replace(day=1)
    return start + timedelta(**{f"{period}s": 1})


def _value(ours: str, cell: Cell, value: str | None) -> Any:
    if value is None:
        return None
    if cell.pattern is not None:
        found = re.search(cell.pattern, value)
        return found[found.re.groups and 1] if found else None
    if cell.values is not None:
        return _translated(cell, cell.values, value)
    if cell.date is not None and ours in MOMENTS:
        try:
            return f"{datetime.strptime(value.strip(), cell.date).replace(tzinfo=UTC):%Y-%m-%dT%H:%M:%SZ}"
        except ValueError:
            raise RefusedError(cell.column, f"has {value[:40]!r}, a date written {cell.date} is expected") from None
    return _scaled(cell, value)


def _translated(cell: Cell, values: dict[str, str], value: str) -> str:
    """Their word as ours, whatever its capitals and blanks around it."""
    ours = {theirs.lower(): word for theirs, word in values.items()}
    if (word := ours.get(value.strip().lower())) is None:
        known = ", ".join(values)
        raise RefusedError(
            cell.column, f"has {value[:40]!r}, one of {known} is expected; add it to the mapping's values"
        )
    return word


def _scaled(cell: Cell, value: str) -> Any:
    """Their number as ours; text that no unit, sign or factor touches stays as it is."""
    if cell.unit is None and cell.sign == 1 and cell.factor is None:
        return value
    number = words.amount(value, cell.column)
    factor = 1 if cell.unit is None else words.unit_factor(cell.unit, is_tokens=True) or 1
    return number * factor * cell.sign * Decimal(str(1 if cell.factor is None else cell.factor))
