"""Fact tables (prices, capacities, plans): cells typed and checked the same way, every problem with its row.

A column that is not needed may be absent, and counts as empty. Columns of a user's own are welcome, unless their name
is nearly that of a known one: then it is taken for a slip.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from typing import Any

import pandas as pd

from aiecon.errors import FrameError
from aiecon.vocabulary.money_text import AMOUNT, BESIDE_DIGITS
from aiecon.vocabulary.spend import CURRENCIES

SHOWN = 5  # rows of one problem that are listed one by one
FIRST_ROW = 2  # as a spreadsheet counts: the header is row 1
ROW = "row"
"""Name of an index that holds the rows as a spreadsheet shows them; without it they are counted from FIRST_ROW."""
NO_ROWS = "the file has a header and no rows"
GRADES = ("contract", "measured", "published", "judgement", "rumour")
ALIKE = 0.8
"""Likeness of two column names from which one is taken for a slip of the other; difflib's ratio. [0..1]"""
FAR_AHEAD = 366
"""Days after every other reading from which the day of one is taken for a slip."""
_SLIP = 0.75  # the same, to a known column that is absent
_HINTED = 0.6  # likeness from which an unknown column is shown beside a needed one that is missing
_DEFAULTS = {"currency": "USD"}  # of a column that is absent
_READ_ON = ("retrieved_on", "last_seen")

Found = tuple[int, str]
Rule = Callable[[pd.DataFrame], Iterable[Found]]


@dataclass(frozen=True)
class Rules:
    """What the cells of a table must hold.

    `amounts` are zero or more, `shares` from 0 to 1, `numbers` may be negative, `money` too and as it is written
    ($1,234.50), `counts` are whole numbers from 1, `days` ISO dates.
    """

    columns: tuple[str, ...]
    needed: tuple[str, ...]
    amounts: tuple[str, ...] = ()
    shares: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    money: tuple[str, ...] = ()
    counts: tuple[str, ...] = ()
    days: tuple[str, ...] = ()
    one_of: dict[str, tuple[str, ...]] = field(default_factory=dict)


def checked(frame: pd.DataFrame, rules: Rules, *, name: str, more: Sequence[Rule] = ()) -> pd.DataFrame:
    """Return the rows typed, numbered as a spreadsheet shows them, or raise FrameError with every problem by row.

    Parameters
    ----------
    frame
        Every cell as text or None, shape (n_rows, n_columns).
    rules
        What the cells must hold.
    name
        The file's name, for the messages.
    more
        What only several cells together can show; they meet malformed cells as missing ones.
    """
    header = header_problems(list(frame), known=rules.columns, needed=rules.needed, name=name)
    text = _text(frame, rules)
    typed = _typed(text, rules)
    if typed.empty:
        raise FrameError([*header, f"{name}: {NO_ROWS}"])
    found = [*_malformed(text, typed, rules, in_file=set(frame)), *(pair for rule in more for pair in rule(typed))]
    problems = [*header, *listed(found, name=name)]
    if problems:
        raise FrameError(problems)
    return typed


def trusted(frame: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Return the rows of a table that was checked when it was shipped typed, as `checked` does."""
    text = frame[list(rules.columns)].astype(str)
    text.index = rows_of(frame)
    return _typed(text, rules)


def _text(frame: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    absent = {column: _DEFAULTS.get(column, "") for column in rules.columns if column not in frame}
    text = frame.assign(**absent)[list(rules.columns)].fillna("").astype(str).apply(lambda cells: cells.str.strip())
    text.index = rows_of(frame)
    return text


def _typed(text: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """The cells as numbers and days where they are to be; what is malformed becomes a missing value."""
    typed = {}
    for column in (column for columns, *_ in _kinds_of_number(rules) for column in columns):
        cells = _plain(text[column]) if column in rules.money else text[column]
        typed[column] = pd.to_numeric(cells, errors="coerce").replace([_INFINITE, -_INFINITE], float("nan"))
    for column in rules.days:
        typed[column] = pd.to_datetime(text[column], errors="coerce", format="%Y-%m-%d")
    return text.assign(**typed)


def _malformed(text: pd.DataFrame, typed: pd.DataFrame, rules: Rules, *, in_file: set[str]) -> Iterator[Found]:
    """What is wrong with single cells; columns that are not in the file are told by its header."""
    yield from _empty(text, rules, in_file)
    yield from _words(text, rules)
    for columns, expected, is_good in _kinds_of_number(rules):
        for column in columns:
            yield from _broken(text[column], is_good(typed[column]), expected)
    for column in rules.days:
        yield from _broken(text[column], typed[column].notna(), "an ISO date such as 2026-03-31")


def rows_of(frame: pd.DataFrame) -> pd.Index:
    """The rows of a frame as a spreadsheet shows them."""
    return frame.index if frame.index.name == ROW else pd.RangeIndex(FIRST_ROW, FIRST_ROW + len(frame), name=ROW)


def header_problems(columns: Sequence[str], *, known: Sequence[str], needed: Sequence[str], name: str) -> list[str]:
    """One line for each needed column that is missing, and for each unknown one that looks like a slip."""
    unknown = {column.lower(): column for column in columns if column not in known}
    missing = [column for column in known if column not in columns and column not in _DEFAULTS]
    lines = []
    for column in (column for column in missing if column in needed):
        near = get_close_matches(column, unknown, n=1, cutoff=_HINTED)
        what = f"it has '{unknown.pop(near[0])}': rename that one" if near else "add it"
        lines.append(f"{name}: column '{column}' is missing; {what}")
    for lower, column in unknown.items():
        near = get_close_matches(lower, missing, n=1, cutoff=_SLIP) or get_close_matches(lower, known, 1, ALIKE)
        if near:
            what = f"did you mean '{near[0]}'? Rename it, or give a column of your own a name less alike"
            lines.append(f"{name}: column '{column}' is not known; {what}")
    return lines


def listed(found: Iterable[Found], *, name: str) -> list[str]:
    """Problems by row as lines; of one that many rows have the first few, and how many more."""
    by_rule: dict[str, list[Found]] = {}
    for row, words in sorted(found):
        by_rule.setdefault(re.sub(r"[\d.,:/-]*\d(e[+-]?\d+)?|[.,:/-]+|, got .*", "", words), []).append((row, words))
    lines = []
    for rows in by_rule.values():
        shown = rows if len(rows) <= SHOWN + 1 else rows[:SHOWN]
        lines += [(row, f"{name}: row {row}: {words}") for row, words in shown]
        if len(rows) > len(shown):
            row, words = rows[len(shown)]
            more = f"and {len(rows) - len(shown) - 1:,} more rows, the last of them row {rows[-1][0]}"
            lines.append((row, f"{name}: row {row}: {words}; {more}"))
    return [line for _, line in sorted(lines)]


def days_to_come(
    typed: pd.DataFrame, *, as_of: date | None = None, neighbours: pd.DataFrame | None = None
) -> Iterator[Found]:
    """Readings later than the day asked about or, when none is, FAR_AHEAD days later than every other reading.

    Beside a trusted table a day that many rows share counts as one reading: a file may be wrong throughout.
    """
    columns = [column for column in _READ_ON if column in typed]
    newest = typed[columns].max(axis=1).dropna()
    elsewhere = [neighbours[column].max() for column in _READ_ON if neighbours is not None and column in neighbours]
    if newest.empty:
        return
    rest = newest[newest < newest.max()] if elsewhere else newest.drop(index=newest.idxmax())
    others = pd.Series([rest.max(), *elsewhere], dtype="datetime64[us]").max()
    limit = pd.Timestamp(as_of) if as_of else others + pd.Timedelta(days=FAR_AHEAD)
    known = f"after {as_of}, the day asked about" if as_of else "more than a year after every other reading"
    for row, day in newest[newest > limit].items():
        words = f"it was read on {day:%Y-%m-%d}, {known}; correct the day, or say with --as-of what today is"
        yield int(str(row)), words


def _empty(text: pd.DataFrame, rules: Rules, in_file: set[str]) -> Iterator[Found]:
    for column in (column for column in rules.needed if column in in_file):
        why = "; a source needs the day it was read" if column == "retrieved_on" else ""
        yield from ((row, f"'{column}' is empty{why}") for row in text.index[text[column] == ""])


def _kinds_of_number(rules: Rules) -> tuple[tuple[tuple[str, ...], str, Callable[[pd.Series], pd.Series]], ...]:
    return (
        (rules.amounts, "a number of zero or more", lambda values: values >= 0),
        (rules.shares, "a share from 0 to 1", lambda values: (values >= 0) & (values <= 1)),
        ((*rules.numbers, *rules.money), "a number", lambda values: values.notna()),
        (rules.counts, "a whole number of 1 or more", lambda values: (values >= 1) & (values % 1 == 0)),
    )


_INFINITE = float("inf")


def _plain(cells: pd.Series) -> pd.Series:
    """Money without dollar sign and thousands separators, where it is an amount."""
    return cells.where(~cells.str.match(AMOUNT), cells.str.replace(BESIDE_DIGITS, "", regex=True))


def _broken(text: pd.Series, is_good: pd.Series, expected: str) -> Iterator[Found]:
    for row in text.index[(text != "") & ~is_good]:
        yield row, f"'{text.name}' must be {expected}, got {text[row]!r}"


def _words(text: pd.DataFrame, rules: Rules) -> Iterator[Found]:
    allowed: dict[str, Any] = {"currency": CURRENCIES, "grade": GRADES, **rules.one_of}
    for column, known in allowed.items():
        if column in rules.columns:
            shown = "a currency of ISO 4217 such as USD" if column == "currency" else f"one of {', '.join(known)}"
            yield from _broken(text[column], text[column].isin(list(known)), shown)
