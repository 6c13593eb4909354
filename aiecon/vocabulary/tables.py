"""Fact tables (prices, capacities, plans): cells typed and checked the same way, every problem with its row."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from aiecon.vocabulary.assumptions import GRADES
from aiecon.vocabulary.spend import CURRENCIES

SHOWN = 5  # rows of one problem that are listed one by one
FIRST_ROW = 2  # as a spreadsheet counts: the header is row 1


@dataclass(frozen=True)
class Rules:
    """What the cells of a table must hold: amounts are zero or more, shares from 0 to 1, days ISO dates."""

    columns: tuple[str, ...]
    needed: tuple[str, ...]
    amounts: tuple[str, ...] = ()
    shares: tuple[str, ...] = ()
    days: tuple[str, ...] = ()
    one_of: dict[str, tuple[str, ...]] = field(default_factory=dict)


def read(frame: pd.DataFrame, rules: Rules, *, name: str) -> tuple[pd.DataFrame, list[str]]:
    """Return the rows typed, numbered as a spreadsheet shows them, and every problem.

    Parameters
    ----------
    frame
        Every cell as text or None, shape (n_rows, n_columns).
    rules
        What the cells must hold.
    name
        The file's name, for the messages.
    """
    missing = [column for column in rules.columns if column not in frame]
    if missing:
        return frame, [f"{name}: column '{column}' is missing" for column in missing]
    if frame.empty:
        return frame, [f"{name}: the file has a header and no rows"]
    text = frame[list(rules.columns)].fillna("").astype(str).apply(lambda cells: cells.str.strip())
    text.index = pd.RangeIndex(FIRST_ROW, FIRST_ROW + len(text))
    typed = text.assign(
        **{column: pd.to_numeric(text[column], errors="coerce") for column in (*rules.amounts, *rules.shares)},
        **{column: pd.to_datetime(text[column], errors="coerce", format="%Y-%m-%d") for column in rules.days},
    )
    found = [*_empty(text, rules), *_numbers(text, typed, rules), *_days(text, typed, rules), *_words(text, rules)]
    return typed, listed(found, name=name)


def listed(found: Iterable[tuple[int, str]], *, name: str) -> list[str]:
    """Problems by row as lines; of one that many rows have the first few, and how many more."""
    by_rule: dict[str, list[tuple[int, str]]] = {}
    for row, words in sorted(found):
        by_rule.setdefault(re.sub(r"[\d.,:/-]+|, got .*", "", words), []).append((row, words))
    lines = []
    for rows in by_rule.values():
        shown = rows if len(rows) <= SHOWN + 1 else rows[:SHOWN]
        lines += [(row, f"{name}: row {row}: {words}") for row, words in shown]
        if len(rows) > len(shown):
            last, words = rows[-1]
            lines.append(
                (last, f"{name}: row {last}: {words}; {len(rows) - len(shown) - 1:,} rows between break this too")
            )
    return [line for _, line in sorted(lines)]


def _empty(text: pd.DataFrame, rules: Rules) -> Iterator[tuple[int, str]]:
    for column in rules.needed:
        why = "; a source needs the day it was read" if column == "retrieved_on" else ""
        yield from ((row, f"'{column}' is empty{why}") for row in text.index[text[column] == ""])


def _numbers(text: pd.DataFrame, typed: pd.DataFrame, rules: Rules) -> Iterator[tuple[int, str]]:
    for column in (*rules.amounts, *rules.shares):
        most = 1.0 if column in rules.shares else float("inf")
        expected = "a share from 0 to 1" if column in rules.shares else "a number of zero or more"
        broken = (text[column] != "") & ~((typed[column] >= 0) & (typed[column] <= most) & (typed[column] < _INFINITE))
        yield from ((row, f"'{column}' must be {expected}, got {text[column][row]!r}") for row in text.index[broken])


_INFINITE = float("inf")


def _days(text: pd.DataFrame, typed: pd.DataFrame, rules: Rules) -> Iterator[tuple[int, str]]:
    for column in rules.days:
        broken = (text[column] != "") & typed[column].isna()
        words = "must be an ISO date such as 2026-03-31"
        yield from ((row, f"'{column}' {words}, got {text[column][row]!r}") for row in text.index[broken])


def _words(text: pd.DataFrame, rules: Rules) -> Iterator[tuple[int, str]]:
    allowed: dict[str, Any] = {"currency": CURRENCIES, "grade": GRADES, **rules.one_of}
    for column, known in allowed.items():
        if column not in rules.columns:
            continue
        shown = "a currency of ISO 4217 such as USD" if column == "currency" else f"one of {', '.join(known)}"
        broken = (text[column] != "") & ~text[column].isin(list(known))
        yield from ((row, f"'{column}' must be {shown}, got {text[column][row]!r}") for row in text.index[broken])
