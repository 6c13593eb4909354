"""`aiecon check`: every file under a path recognised by its columns and checked by the rules of its kind."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from aiecon.errors import InputError
from aiecon.ingestion import engine, focus, history, rate_cards
from aiecon.vocabulary import assumptions, claims, rate_card, scenarios
from aiecon.vocabulary.fact_tables import CORRECTIONS, FACT_TABLES
from aiecon.vocabulary.source import Source

CHECKED = (".csv", ".csv.gz", ".parquet")
STALE_SHOWN = 10
_MOST = 0.6  # share of a kind's columns from which a file is taken for one of it
NO_ROWS = "the file has a header and no rows"
_DATED = ("last_seen", "retrieved_on")


@dataclass(frozen=True)
class Found:
    """What a file is and how it fared: rows when it is well, problems when it is not, neither when it is not ours."""

    name: str
    kind: str
    rows: int | None
    problems: tuple[str, ...]
    frame: pd.DataFrame | None = None


def check_path(path: Path, *, stale: int | None = None, as_of: date | None = None) -> list[Found]:
    """Check a file, or every table in a folder and the folders below it.

    Parameters
    ----------
    path
        File or folder.
    stale
        Days after which a price that nobody has seen again counts as stale; None asks for no such check.
    as_of
        The day staleness is measured at; the last day the tables speak of when None.

    Raises
    ------
    InputError
        When there is no such path, or nothing in it that can be checked.
    """
    if not path.exists():
        raise InputError(f"{path}: no such file or folder")
    files = [path] if path.is_file() else sorted(file for file in path.rglob("*") if _is_table(file))
    if not files:
        raise InputError(f"{path}: no {', '.join(CHECKED)} file in it")
    if path.is_file():
        found = [_checked(path, str(path))]
    else:
        found = [_unless_blank(_checked(file, str(file.relative_to(path)))) for file in files]
    return found if stale is None else _with_stale(found, stale, as_of)


def _unless_blank(one: Found) -> Found:
    """In a folder a table that waits to be filled is no problem."""
    is_blank = len(one.problems) == 1 and one.problems[0].endswith(NO_ROWS)
    return Found(one.name, "blank, to be filled", None, ()) if is_blank else one


def _is_table(file: Path) -> bool:
    hidden = any(part.startswith(".") for part in file.parts)
    return file.is_file() and not hidden and file.name.lower().endswith(CHECKED)


def _checked(file: Path, name: str) -> Found:
    try:
        columns = _columns(file, name)
        kind = _kind(columns)
        if kind is None:
            return Found(name, "not a table aiecon knows", None, ())
        frame = kind.check(file, name)
        return Found(name, kind.name, len(frame), (), frame)
    except InputError as error:
        return Found(name, "", None, error.problems)


def _columns(file: Path, name: str) -> set[str]:
    source = Source(path=str(file))
    try:
        with engine.readable(source):
            is_text = file.suffix != ".parquet" and file.stat().st_size > 0
            return set(engine.header(file)[0] if is_text else engine.open_file(source).columns)
    except InputError as error:
        raise InputError([problem.replace(str(file), name) for problem in error.problems]) from None


def _kind(columns: set[str]) -> "Kind | None":
    """The kind whose marks a file has; else that of which it has most of the columns, so that others can be missed."""
    marked = next((kind for kind in KINDS if kind.known_by <= columns), None)
    shares = {kind: len(columns & set(kind.columns)) / len(kind.columns) for kind in KINDS if kind.columns}
    nearest = max(shares, key=lambda kind: shares[kind])
    return marked or (nearest if shares[nearest] >= _MOST else None)


@dataclass(frozen=True)
class Kind:
    """A kind of file: its name, the columns it is known by, and how it is read and checked."""

    name: str
    known_by: frozenset[str]
    check: Callable[[Path, str], pd.DataFrame]
    columns: tuple[str, ...] = ()


def _text(check: Callable[..., pd.DataFrame]) -> Callable[[Path, str], pd.DataFrame]:
    return lambda file, name: check(rate_cards.read_text(file, name=name), name=name)


def _prices(file: Path, name: str) -> pd.DataFrame:
    """A rate card, its prices held against the shipped one's."""
    shipped = rate_cards.shipped_rate_card().frame
    return rate_card.check(rate_cards.read_text(file, name=name), name=name, neighbours=shipped)


@dataclass(frozen=True)
class _Plain:
    """What the reader of charges asks of inputs, when nothing is asked."""

    cost: str = "BilledCost"
    group_by: tuple[str, ...] = ()
    where: None = None
    as_of: date | None = None
    currency: str | None = None


def _source(reader: Callable[..., object]) -> Callable[[Path, str], pd.DataFrame]:
    def check(file: Path, name: str) -> pd.DataFrame:
        try:
            table = reader(Source(path=file.name, folder=str(file.resolve().parent)), _Plain())
        except InputError as error:
            swapped = [f"{name}{problem.removeprefix(file.name)}" for problem in error.problems]
            raise InputError(swapped) from None
        return pd.DataFrame(index=range(table.rows))  # type: ignore[attr-defined]  # a Table

    return check


KINDS = (
    Kind("rate card corrections", frozenset({"action", "effective_from"}), _text(CORRECTIONS.check)),
    Kind("rate card", frozenset({"input_per_mtok", "effective_from"}), _prices, rate_card.COLUMNS),
    Kind("assumptions", frozenset({"name", "value", "shape", "grade"}), _text(assumptions.check), assumptions.COLUMNS),
    Kind("scenarios", frozenset({"scenario", "name", "value"}), _text(scenarios.check)),
    Kind("claims", frozenset({"claim", "verdict"}), _text(claims.check), claims.COLUMNS),
    *(Kind(table.kind, table.known_by, _text(table.check), table.rules.columns) for table in FACT_TABLES),
    Kind("FOCUS charges", frozenset({"ChargePeriodStart"}), _source(focus.read_daily_spend)),
    Kind("FOCUS charges", frozenset({"BilledCost"}), _source(focus.read_daily_spend)),
    Kind("history", frozenset({"date", "value"}), _source(history.read_history)),
    Kind("budget", frozenset({"month", "amount"}), _source(history.read_budget)),
)


def _with_stale(found: list[Found], stale: int, as_of: date | None) -> list[Found]:
    seen = {one.name: _last_seen(one.frame) for one in found if one.frame is not None}
    days = [pd.Timestamp(as_of)] if as_of else [days.max() for days in seen.values() if len(days.dropna())]
    if not days:
        return found
    limit = max(days) - pd.Timedelta(days=stale)
    return [
        Found(one.name, one.kind, one.rows, (*one.problems, *_stale_words(one, seen.get(one.name), limit)), one.frame)
        for one in found
    ]


def _last_seen(frame: pd.DataFrame) -> pd.Series:
    """The day each row that still holds was last seen."""
    given = [column for column in _DATED if column in frame]
    if not given:
        return pd.Series(dtype="datetime64[us]")
    holds = frame
    if {"provider", "model", "effective_from"} <= set(frame):
        holds = frame.sort_values("effective_from").groupby(["provider", "model"]).tail(1)
    return holds[given].apply(pd.to_datetime, errors="coerce").max(axis=1)


def _stale_words(one: Found, seen: pd.Series | None, limit: pd.Timestamp) -> Iterator[str]:
    if seen is None or one.frame is None:
        return
    old = seen[seen < limit].sort_values()
    names = [column for column in ("provider", "vendor", "model", "name", "product", "gpu") if column in one.frame]
    for row in old.index[:STALE_SHOWN]:
        what = "/".join(str(one.frame.loc[row, column]) for column in names)
        yield f"{one.name}: row {row}: {what} was last seen on {old[row]:%Y-%m-%d}, before {limit:%Y-%m-%d}"
    if len(old) > STALE_SHOWN:
        yield f"{one.name}: {len(old) - STALE_SHOWN:,} more rows were last seen before {limit:%Y-%m-%d}"
