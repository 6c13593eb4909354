"""`aiecon check`: every table under a path recognised by its columns and checked by the rules of its kind."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from difflib import get_close_matches
from functools import cache, partial
from pathlib import Path

import pandas as pd

from aiecon import resources
from aiecon.errors import InputError, one_line
from aiecon.ingestion import cells, claims, engine, focus, history, rate_cards, staleness
from aiecon.ingestion.readers import READERS
from aiecon.ingestion.staleness import SHOWN
from aiecon.vocabulary import assumptions, focus_columns, rate_card, scenarios, tables
from aiecon.vocabulary import claims as claim_rows
from aiecon.vocabulary.fact_tables import CORRECTIONS, FACT_TABLES, FactTable
from aiecon.vocabulary.source import Source
from aiecon.vocabulary.usage_tables import USAGE_TABLES

CHECKED = (".csv", ".csv.gz", ".parquet")
UNKNOWN = "not a table aiecon knows"
_MOST = 0.6  # share of a kind's columns from which a file is taken for one of it


@dataclass(frozen=True)
class Found:
    """What a file is and how it fared: rows when it is well, problems when it is not, neither when it is not ours.

    `key` is what a row of `frame` is about, where rows can grow stale; `notes` are no problems but worth knowing.
    """

    name: str
    kind: str
    rows: int | None
    problems: tuple[str, ...]
    frame: pd.DataFrame | None = None
    key: tuple[str, ...] = ()
    unit: str = "rows"
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Asked:
    """What a check is told beside the file: the day it is asked for, and the fields a scenario may set."""

    as_of: date | None = None
    fields: frozenset[str] | None = None


def check_path(
    path: Path, *, stale: int | None = None, as_of: date | None = None, fields: frozenset[str] | None = None
) -> list[Found]:
    """Check a table, or every table in a folder and the folders below it.

    Parameters
    ----------
    path
        File or folder.
    stale
        Days after which a price that nobody has seen again counts as stale; None asks for no such check.
    as_of
        The day staleness is measured at, and that no row can have been read after; when None the last day the tables
        speak of.
    fields
        First parts of the dotted names that a scenario may set; any when None.

    Raises
    ------
    InputError
        When there is no such path, or no table in it.
    """
    asked = Asked(as_of, fields)
    if path.is_file():
        found = [_checked(path, str(path), asked)]
        found = [_expected(one) if one.kind == UNKNOWN else one for one in found]
    else:
        files = files_of(path, CHECKED)
        if not files:
            raise InputError(f"{path}: no {', '.join(CHECKED)} file in it")
        found = [_unless_blank(_checked(file, str(file.relative_to(path)), asked)) for file in files]
    most = None if path.is_file() else SHOWN
    return found if stale is None else _with_stale(found, stale, as_of, most)


def files_of(path: Path, endings: tuple[str, ...]) -> list[Path]:
    """The files of a folder and the folders below it with one of the endings, hidden ones left out, in order."""
    if not path.exists():
        raise InputError(f"{path}: no such file or folder")
    return sorted(
        file
        for file in path.rglob("*")
        if file.is_file()
        and file.name.lower().endswith(endings)
        and not any(part.startswith(".") for part in file.relative_to(path).parts)
    )


def _unless_blank(one: Found) -> Found:
    """In a folder a table that waits to be filled is no problem."""
    is_blank = len(one.problems) == 1 and one.problems[0].endswith(tables.NO_ROWS)
    return Found(one.name, "blank, to be filled", None, ()) if is_blank else one


def _expected(one: Found) -> Found:
    marks = {kind.name: ", ".join(sorted(kind.known_by)) for kind in KINDS}
    known = "; ".join(f"{kind} ({columns})" for kind, columns in marks.items())
    return replace(one, problems=(f"{one.name}: {UNKNOWN} by its columns; one of these is expected: {known}",))


def _checked(file: Path, name: str, asked: Asked) -> Found:
    kind = None
    try:
        kind = _kind(_columns(file, name))
        if kind is None:
            return Found(name, UNKNOWN, None, ())
        frame = kind.check(file, name, asked)
        return Found(name, kind.name, len(frame), (), frame, kind.key)
    except InputError as error:
        return Found(name, kind.name if kind else "", None, error.problems)


def _columns(file: Path, name: str) -> set[str]:
    if file.stat().st_size > 0 and file.name.lower().endswith((".csv", ".csv.gz")):
        columns = cells.header(file, name=name)[0]
        return set(focus_columns.spelled(columns).values() if focus_columns.are_charges(columns) else columns)
    source = Source(path=str(file))
    try:
        with engine.readable(source):
            return set(engine.open_file(source).columns)
    except InputError as error:
        raise InputError([problem.replace(one_line(str(file)), name) for problem in error.problems]) from None


@dataclass(frozen=True)
class Kind:
    """A kind of file: its name, the columns it is known by, how it is read and checked, its columns and its key."""

    name: str
    known_by: frozenset[str]
    check: Callable[[Path, str, Asked], pd.DataFrame]
    columns: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()
    key: tuple[str, ...] = ()


def _kind(columns: set[str]) -> Kind | None:
    """The kind a file is most like: one whose marks it has, if need be misspelt; else one most of whose columns."""
    likeness = {kind: _likeness(kind, columns) for kind in KINDS}
    nearest = max(KINDS, key=lambda kind: likeness[kind])
    return nearest if likeness[nearest] > (0,) else None


def _likeness(kind: Kind, columns: set[str]) -> tuple[float, ...]:
    """How well a file goes for a kind: marks and columns of the kind that it has, if need be misspelt; (0,) for not."""
    known = set(kind.columns) | kind.known_by
    others = [column for column in columns if column not in known]
    has = {column for column in known if column in columns or any(_alike(column, other) for other in others)}
    marks = len(has & kind.known_by) / len(kind.known_by)
    share = len(has & known) / len(known)
    needed = len(has & set(kind.needed)) / len(kind.needed) if kind.needed else 0.0
    if marks == 1 or share >= _MOST or (marks > 0 and needed >= _MOST):
        return (marks, len(has), share)
    return (0,)


@cache
def _alike(known: str, column: str) -> bool:
    """Whether a column's name may be a slip of a known one."""
    return bool(get_close_matches(known, [column], 1, tables.ALIKE))


def _rows(check: Callable[..., pd.DataFrame]) -> Callable[[Path, str, Asked], pd.DataFrame]:
    return lambda file, name, asked: cells.checked(file, check, name=name)


def _prices(file: Path, name: str, asked: Asked) -> pd.DataFrame:
    return rate_cards.read_rate_card(file, name=name, as_of=asked.as_of).frame


def _scenarios(file: Path, name: str, asked: Asked) -> pd.DataFrame:
    return cells.checked(file, partial(scenarios.check, fields=asked.fields), name=name)


def _facts(table: FactTable) -> Kind:
    def check(file: Path, name: str, asked: Asked) -> pd.DataFrame:
        neighbours = None
        if table.shipped and not rate_cards.is_shipped(file, table.shipped):
            neighbours = _rows(table.check)(resources.path(table.shipped), table.shipped, asked)
        return cells.checked(file, partial(table.check, neighbours=neighbours, as_of=asked.as_of), name=name)

    return Kind(table.kind, table.known_by, check, table.rules.columns, table.rules.needed, table.key)


@dataclass(frozen=True)
class _Plain:
    """What the reader of charges asks of inputs, when nothing is asked."""

    cost: str = "BilledCost"
    group_by: tuple[str, ...] = ()
    where: None = None
    as_of: date | None = None
    currency: str | None = None


def _source(reader: Callable[..., object]) -> Callable[[Path, str, Asked], pd.DataFrame]:
    def check(file: Path, name: str, asked: Asked) -> pd.DataFrame:
        try:
            table = reader(Source(path=file.name, folder=str(file.resolve().parent)), _Plain())
        except InputError as error:
            swapped = [f"{name}{problem.removeprefix(one_line(file.name))}" for problem in error.problems]
            raise InputError(swapped) from None
        return pd.DataFrame(index=range(table.rows))  # type: ignore[attr-defined]  # a Table

    return check


KINDS = (
    replace(_facts(CORRECTIONS), known_by=frozenset({"action", "effective_from"})),
    Kind(
        "rate card",
        frozenset({"input_per_mtok", "effective_from"}),
        _prices,
        rate_card.COLUMNS,
        rate_card.RULES.needed,
        key=("provider", "model"),
    ),
    Kind(
        "assumptions",
        frozenset({"name", "value", "shape", "grade"}),
        _rows(assumptions.check),
        assumptions.COLUMNS,
        assumptions.NEEDED,
        key=("name",),
    ),
    Kind(
        "scenarios",
        frozenset({"scenario", "name", "value"}),
        _scenarios,
        scenarios.RULES.columns,
        scenarios.RULES.needed,
    ),
    Kind("claims", frozenset({"claim", "verdict"}), _rows(claims.check), claim_rows.COLUMNS, claim_rows.COLUMNS),
    *map(_facts, (*FACT_TABLES, *USAGE_TABLES)),
    Kind("FOCUS charges", frozenset({"ChargePeriodStart"}), _source(focus.read_daily_spend)),
    Kind("FOCUS charges", frozenset({"BilledCost"}), _source(focus.read_daily_spend)),
    Kind("history", frozenset({"date", "value"}), _source(history.read_history)),
    Kind("budget", frozenset({"month", "amount"}), _source(history.read_budget)),
    Kind("use by person", frozenset({"user", "spend"}), _source(READERS["seat_usage"])),
    Kind("actuals", frozenset({"pool", "spend"}), _source(READERS["actuals"])),
)


def _with_stale(found: list[Found], days: int, as_of: date | None, most: int | None) -> list[Found]:
    seen = {one.name: staleness.last_seen(one.frame, one.key) for one in found if one.frame is not None and one.key}
    newest = [days_seen.max() for days_seen in seen.values() if len(days_seen.dropna())]
    if not newest:
        return found
    span = pd.Timedelta(days=days)
    limit = (pd.Timestamp(as_of) if as_of else max(newest)) - span
    return [
        replace(one, problems=(*one.problems, *_stale_lines(one, seen[one.name], limit, span, most)))
        if one.name in seen
        else one
        for one in found
    ]


def _stale_lines(one: Found, seen: pd.Series, limit: pd.Timestamp, days: pd.Timedelta, most: int | None) -> list[str]:
    assert one.frame is not None
    return [
        f"{one.name}: {words}" for words in staleness.words(one.frame, seen, one.key, limit=limit, days=days, most=most)
    ]
