"""Rate cards: dated token prices with their source, checked as a table and asked by model and day.

A row holds from `effective_from` up to, not including, `effective_to`; without one, until the next row of the same
provider and model begins. Prices are currency per million tokens.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import Any

import numpy as np
import pandas as pd

from aiecon.errors import InputError
from aiecon.vocabulary import price_rules, tables
from aiecon.vocabulary.price_rules import KEY, LONG_CONTEXT, PRICES
from aiecon.vocabulary.strict import as_day
from aiecon.vocabulary.token_price import LongContext, TokenPrice

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
    amounts=PRICES,
    shares=("batch_discount",),
    counts=LONG_CONTEXT[:1],
    days=("effective_from", "effective_to", "retrieved_on", "last_seen"),
)


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

    @property
    def seen_on(self) -> date:
        """The last day the price was read anywhere."""
        return max(self.retrieved_on, self.last_seen or self.retrieved_on)


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

    def has(self, provider: str, model: str) -> bool:
        """Whether the card has any price of a provider's model."""
        return bool(((self.frame["provider"] == provider) & (self.frame["model"] == model)).any())

    def knows(self, model: str) -> bool:
        """Whether any provider sells a model of this name."""
        return bool((self.frame["model"] == model).any())

    def levels(self, model: str, *, provider: str | None = None) -> list[Quote]:
        """Every price level of a model, provider by provider, oldest first; InputError with the nearest names."""
        rows = self._rows(model, provider)
        return [_quote(place, row) for place, row in zip(rows.index, rows.to_dict("records"), strict=True)]

    def on(self, model: str, *, day: date | str, provider: str | None = None) -> list[Quote]:
        """Return the price in force on a day from each provider, the model's maker first.

        Parameters
        ----------
        model
            As the card spells it, or PROVIDER/MODEL.
        day
            The day asked about; a date, or ISO text.
        provider
            Keep this one alone.

        Raises
        ------
        InputError
            When the card does not know the model, with the nearest names; when it has no price that day, with the
            first day it has; when `day` is none.
        """
        day = as_day(day, name="day")
        levels = self.levels(model, provider=provider)
        found = [quote for quote in levels if quote.price.holds_on(day)]
        if not found:
            first = min(quote.price.effective_from for quote in levels if quote.price.effective_from)
            raise InputError(f"{self.name}: {model} has no price on {day}; its first is from {first}")
        return found

    def begun(self, since: date, last: date | None = None) -> list[Quote]:
        """Price levels that began after a day and up to the last, and hold on it; by provider and model."""
        last = last or self.last_day
        starts = self.frame["effective_from"]
        ends = self.frame["effective_to"]
        is_new = (starts > pd.Timestamp(since)) & (starts <= pd.Timestamp(last))
        rows = self.frame[is_new & ~(ends <= pd.Timestamp(last))].sort_values(["rank", "provider", "model"])
        return [_quote(place, row) for place, row in zip(rows.index, rows.to_dict("records"), strict=True)]

    def _rows(self, model: str, provider: str | None) -> pd.DataFrame:
        frame = self.frame if provider is None else self.frame[self.frame["provider"] == provider]
        named = frame["model"] == model
        if not named.any() and "/" in model:
            head, _, tail = model.partition("/")
            named = (frame["provider"] == head) & (frame["model"] == tail)
        if not named.any():
            whose = f" of provider {provider}" if provider else ""
            raise InputError(f"{self.name}: no model {model!r}{whose}; {self._nearest(model, frame)}")
        rows = frame[named]
        return rows.sort_values(["rank", "provider", "effective_from"])

    def _nearest(self, model: str, frame: pd.DataFrame) -> str:
        """What the name may have been meant for: models of a provider named before a slash, else of any."""
        head, slash, tail = model.partition("/")
        providers = sorted(set(frame["provider"]))
        if slash and head not in providers:
            near = get_close_matches(head, providers, n=1, cutoff=0.6)
            head = near[0] if near else head
        own = sorted(set(frame.loc[frame["provider"] == head, "model"])) if slash else []
        if own:
            near = get_close_matches(tail, own, n=4, cutoff=0.4)
            return f"nearest: {', '.join(f'{head}/{name}' for name in near or own[:4])}"
        near = get_close_matches(tail if slash else model, sorted(set(frame["model"])), n=4, cutoff=0.4)
        return (
            f"nearest: {', '.join(near)}"
            if near
            else f"name one as the card spells it (providers: {', '.join(providers)})"
        )


def card(frame: pd.DataFrame, *, name: str, makers: Sequence[str] = (), **options: Any) -> RateCard:
    """Return checked rows (see `check`, also for the options) as a rate card.

    Providers named in `makers` are answered first, in order.
    """
    return _ranked(check(frame, name=name, **options), name=name, makers=makers)


def trusted(frame: pd.DataFrame, *, name: str, makers: Sequence[str] = ()) -> RateCard:
    """Return rows that were checked when they were shipped as a rate card, typed and not checked again."""
    return _ranked(tables.trusted(frame, RULES), name=name, makers=makers)


def _ranked(typed: pd.DataFrame, *, name: str, makers: Sequence[str]) -> RateCard:
    typed = typed.assign(effective_to=_ends(typed))
    ranks = {provider: place for place, provider in enumerate(makers)}
    return RateCard(name, typed.assign(rank=typed["provider"].map(ranks).fillna(len(makers))))


def check(
    frame: pd.DataFrame, *, name: str, neighbours: pd.DataFrame | None = None, as_of: date | None = None
) -> pd.DataFrame:
    """Return the rows with numbers and days typed, or raise FrameError with every problem by row.

    Parameters
    ----------
    frame
        Columns as in COLUMNS, those that RULES do not need only when known; every cell as text or None, shape
        (n_rows, n_columns).
    name
        The file's name, for the messages.
    neighbours
        Rows of another, trusted card that prices and days are compared with.
    as_of
        The day that no row can have been read after.
    """
    return tables.checked(
        frame,
        RULES,
        name=name,
        more=(
            lambda typed: price_rules.problems(typed, neighbours=neighbours),
            lambda typed: tables.days_to_come(typed, as_of=as_of, neighbours=neighbours),
        ),
    )


def doubts(frame: pd.DataFrame, *, name: str) -> dict[int, list[str]]:
    """Return row -> what `check` would say of it, for rows whose cells are well formed."""
    typed = tables.checked(frame, RULES, name=name)
    found: dict[int, list[str]] = {}
    for row, words in price_rules.problems(typed):
        found.setdefault(row, []).append(words)
    return found


def _ends(typed: pd.DataFrame) -> pd.Series:
    """The day each row ends: its own, else that on which the next row of the model begins."""
    ordered = typed.sort_values("effective_from", kind="stable")
    following = ordered.groupby(KEY)["effective_from"].shift(-1)
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
