"""Rate cards: dated token prices with their source, checked as a table and asked by model and day.

A row holds from `effective_from` up to, not including, `effective_to`; without one, until the next row of the same
provider and model begins. Prices are currency per million tokens.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import Any

import numpy as np
import pandas as pd

from aiecon.errors import FrameError, InputError
from aiecon.vocabulary import tables
from aiecon.vocabulary.token_price import LongContext, TokenPrice

PRICES = (
    "input_per_mtok",
    "output_per_mtok",
    "cached_input_per_mtok",
    "cache_write_per_mtok",
    "cache_write_1h_per_mtok",
    "long_context_input_per_mtok",
    "long_context_output_per_mtok",
)
LONG_CONTEXT = ("long_context_from_tokens", "long_context_input_per_mtok", "long_context_output_per_mtok")
COLUMNS = (
    "provider",
    "model",
    "currency",
    *PRICES[:5],
    "batch_discount",
    *LONG_CONTEXT,
    "effective_from",
    "effective_to",
    "source",
    "source_url",
    "retrieved_on",
    "last_seen",
    "grade",
    "note",
)
RULES = tables.Rules(
    columns=COLUMNS,
    needed=(
        "provider",
        "model",
        "currency",
        "input_per_mtok",
        "output_per_mtok",
        "effective_from",
        "source",
        "retrieved_on",
        "grade",
    ),
    amounts=(*PRICES, "long_context_from_tokens"),
    shares=("batch_discount",),
    days=("effective_from", "effective_to", "retrieved_on", "last_seen"),
)
JUMP = 4.0
"""Factor between neighbouring prices of a model above which a row needs a note that says why."""
UNIT_JUMP = 300.0
"""Factor beyond which a price is suspected of another unit: per token or per thousand instead of per million."""
_KEY = ["provider", "model"]


@dataclass(frozen=True)
class Quote:
    """A price and who said so: the row it stands in, its source, the days it was read and last seen, its grade."""

    price: TokenPrice
    source: str
    source_url: str
    retrieved_on: date
    last_seen: date | None
    grade: str
    note: str
    row: int


@dataclass(frozen=True, eq=False)
class RateCard:
    """Checked rows of a rate card, asked by model and day."""

    name: str
    frame: pd.DataFrame

    @property
    def last_day(self) -> date:
        """The last day a row of the card begins or was seen on."""
        days = self.frame[["effective_from", "last_seen"]].max()
        found: date = days.dropna().max().date()
        return found

    def levels(self, model: str, *, provider: str | None = None) -> list[Quote]:
        """Every price level of a model, provider by provider, oldest first; InputError with the nearest names."""
        rows = self._rows(model, provider)
        return [_quote(place, row) for place, row in zip(rows.index, rows.to_dict("records"), strict=True)]

    def on(self, model: str, *, day: date, provider: str | None = None) -> list[Quote]:
        """Return the price in force on a day from each provider, the model's maker first.

        Parameters
        ----------
        model
            As the card spells it, or PROVIDER/MODEL.
        day
            The day asked about.
        provider
            Keep this one alone.

        Raises
        ------
        InputError
            When the card does not know the model, with the nearest names; when it has no price that day, with the
            first day it has.
        """
        levels = self.levels(model, provider=provider)
        found = [quote for quote in levels if quote.price.holds_on(day)]
        if not found:
            first = min(quote.price.effective_from for quote in levels if quote.price.effective_from)
            raise InputError(f"{self.name}: {model} has no price on {day}; its first is from {first}")
        return found

    def _rows(self, model: str, provider: str | None) -> pd.DataFrame:
        frame = self.frame if provider is None else self.frame[self.frame["provider"] == provider]
        named = frame["model"] == model
        if not named.any() and "/" in model:
            head, _, tail = model.partition("/")
            named = (frame["provider"] == head) & (frame["model"] == tail)
        if not named.any():
            names = sorted(set(frame["model"]))
            near = get_close_matches(model, names, n=4, cutoff=0.4) or names[:4]
            whose = f" of provider {provider}" if provider else ""
            raise InputError(f"{self.name}: no model {model!r}{whose}; nearest: {', '.join(near)}")
        rows = frame[named]
        return rows.sort_values(["rank", "provider", "effective_from"])


def card(frame: pd.DataFrame, *, name: str, makers: Sequence[str] = ()) -> RateCard:
    """Return checked rows (see `check`) as a rate card; providers named in `makers` are answered first, in order."""
    typed = check(frame, name=name)
    typed = typed.assign(effective_to=_ends(typed))
    ranks = {provider: place for place, provider in enumerate(makers)}
    return RateCard(name, typed.assign(rank=typed["provider"].map(ranks).fillna(len(makers))))


def check(frame: pd.DataFrame, *, name: str, neighbours: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return the rows with numbers and days typed, or raise FrameError with every problem by row.

    Parameters
    ----------
    frame
        Columns as in COLUMNS, every cell as text or None, shape (n_rows, n_columns).
    name
        The file's name, for the messages.
    neighbours
        Rows of another, trusted card that prices are compared with.

    Notes
    -----
    Rows of one provider and model may not overlap and leave no gap without a note; a price that moves by more than
    JUMP between neighbouring rows needs a note; one that differs by UNIT_JUMP from what is known of the model is
    suspected of another unit.
    """
    typed, problems = tables.read(frame, RULES, name=name)
    if not problems:
        problems = tables.listed(_found(typed, neighbours), name=name)
    if problems:
        raise FrameError(problems)
    return typed


def doubts(frame: pd.DataFrame, *, name: str) -> dict[int, list[str]]:
    """Return row -> what `check` would say of it, for rows whose cells are well formed."""
    typed, problems = tables.read(frame, RULES, name=name)
    if problems:
        raise FrameError(problems)
    found: dict[int, list[str]] = {}
    for row, words in _found(typed, None):
        found.setdefault(row, []).append(words)
    return found


def _found(typed: pd.DataFrame, neighbours: pd.DataFrame | None) -> list[tuple[int, str]]:
    return sorted([*_row_problems(typed), *_life_problems(typed), *_unit_problems(typed, neighbours)])


def _row_problems(typed: pd.DataFrame) -> Iterator[tuple[int, str]]:
    for row, record in zip(typed.index, typed.to_dict("records"), strict=True):
        if record["effective_to"] <= record["effective_from"]:
            yield row, f"it ends on {record['effective_to']:%Y-%m-%d}, before it starts; effective_to is exclusive"
        given = [pd.notna(record[column]) for column in LONG_CONTEXT]
        if any(given) and not all(given):
            yield row, f"{', '.join(LONG_CONTEXT)} come together"
        if record["cached_input_per_mtok"] > record["input_per_mtok"] and not record["note"]:
            yield row, "cached input costs more than input; a note that says why is expected"


def _life_problems(typed: pd.DataFrame) -> Iterator[tuple[int, str]]:
    """Overlaps, gaps and jumps inside the life of each model."""
    for (provider, model), rows in typed.sort_values("effective_from", kind="stable").groupby(_KEY):
        records = list(zip(rows.index, rows.to_dict("records"), strict=True))
        for (row, record), (later_row, later) in itertools.pairwise(records):
            begins = f"{later['effective_from']:%Y-%m-%d}"
            ends = record["effective_to"]
            if record["effective_from"] == later["effective_from"]:
                yield later_row, f"{provider}/{model} has two prices from {begins} (the other in row {row})"
            elif ends > later["effective_from"]:
                yield row, f"it ends on {ends:%Y-%m-%d}, after row {later_row} of {provider}/{model} begins on {begins}"
            elif ends < later["effective_from"] and not record["note"]:
                yield row, f"{provider}/{model} has no price from {ends:%Y-%m-%d} to {begins}; a note is expected"
            factor = jump(record, later)
            if factor > JUMP and not later["note"]:
                yield (
                    later_row,
                    f"a price of {provider}/{model} moves by a factor of {_round(factor)}; a note is expected",
                )


def _round(factor: float) -> str:
    return f"{factor:,.0f}" if factor >= 100 else f"{factor:.3g}"


def jump(record: Mapping[str, Any], later: Mapping[str, Any]) -> float:
    """The largest factor between the input and output prices of two rows; 1 where one has none."""
    pairs = [(record[column], later[column]) for column in PRICES[:2]]
    return max([max(a, b) / min(a, b) for a, b in pairs if a > 0 and b > 0], default=1.0)


def _unit_problems(typed: pd.DataFrame, neighbours: pd.DataFrame | None) -> Iterator[tuple[int, str]]:
    """Prices hundreds of times those of the same model, of its provider or, failing these, of the whole table."""
    known = typed if neighbours is None else pd.concat([typed, neighbours])
    for column in PRICES[:2]:
        positive = known[known[column] > 0]
        by_model, by_provider = (positive.groupby(key)[column] for key in ("model", "provider"))
        medians = {"model": by_model.median(), "provider": by_provider.median()}
        counts = {"model": by_model.count(), "provider": by_provider.count()}
        for row, record in zip(typed.index, typed.to_dict("records"), strict=True):
            kind = next((kind for kind in medians if counts[kind].get(record[kind], 0) >= _ENOUGH[kind]), None)
            usual = positive[column].median() if kind is None else medians[kind][record[kind]]
            factor = record[column] / usual if usual else 1.0
            if factor and not record["note"] and not 1 / UNIT_JUMP < factor < UNIT_JUMP:
                far = f"{factor:,.0f} times" if factor > 1 else f"1/{1 / factor:,.0f} of"
                yield (
                    row,
                    (
                        f"'{column}' {record[column]:g} is {far} its neighbours ({usual:g}); prices are per million "
                        "tokens, this looks like another unit"
                    ),
                )


_ENOUGH = {"model": 3, "provider": 5}  # rows from which a median stands for the usual price


def _ends(typed: pd.DataFrame) -> pd.Series:
    """The day each row ends: its own, else that on which the next row of the model begins."""
    ordered = typed.sort_values("effective_from", kind="stable")
    following = ordered.groupby(_KEY)["effective_from"].shift(-1)
    return typed["effective_to"].fillna(following.reindex(typed.index))


def _quote(row: int, record: Mapping[str, Any]) -> Quote:
    given = {column: float(record[column]) for column in PRICES[:5] if pd.notna(record[column])}
    long = None
    if pd.notna(record["long_context_from_tokens"]):
        long = LongContext(
            from_tokens=int(record["long_context_from_tokens"]),
            input_per_mtok=float(record["long_context_input_per_mtok"]),
            output_per_mtok=float(record["long_context_output_per_mtok"]),
        )
    price = TokenPrice(
        provider=record["provider"],
        model=record["model"],
        currency=record["currency"],
        batch_discount=None if np.isnan(record["batch_discount"]) else float(record["batch_discount"]),
        long_context=long,
        effective_from=record["effective_from"].date(),
        effective_to=_day(record["effective_to"]),
        **given,
    )
    texts = {column: record[column] for column in ("source", "source_url", "grade", "note")}
    retrieved = record["retrieved_on"].date()
    return Quote(price=price, retrieved_on=retrieved, last_seen=_day(record["last_seen"]), row=row, **texts)


def _day(stamp: pd.Timestamp) -> date | None:
    return None if pd.isna(stamp) else stamp.date()
