"""What is behind a day that stands out: cells of charges, the likely driver, dated price changes that explain it.

A cell is expected to cost its mean on the same weekday of the weeks before, scaled so that all cells together cost what
the day was expected to; their excesses therefore add up to that of the day.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log
from typing import Any

import pandas as pd

from aiecon.models.spend_review.phantom import UNSAID
from aiecon.vocabulary.known import PriceEvent

DRIVERS = {
    "new": "a new cell of charges",
    "price": "price of the same tokens",
    "volume": "more tokens",
    "mix": "tokens moved to dearer cells",
    "other": "charges that count no tokens",
}
"""Effects behind an excess, and how they are called."""
_FIGURES = ("billed", "tokens", "charges", "dearest")
_ROWS = 5  # largest cells of a day that are told
_ADAPTS = 7  # days that the level of the last week takes to learn a step


@dataclass(frozen=True, eq=False)
class Spike:
    """A day that stands out, and what is behind it.

    Attributes
    ----------
    date
        The day.
    value, expected, excess
        What it cost, what a day of its kind does, the difference. [currency]
    score
        Robust standard deviations above what was expected.
    days
        Days in a row that stand out, of which this is the dearest.
    cells
        Largest excess first: the key columns, billed, expected, excess [currency], share (of the day's excess), tokens,
        tokens_expected, charges, dearest (where the dearest charge stands).
    effects
        Parts of the excess by DRIVERS. [currency]
    event
        The dated price change that explains it; None where none does.
    explained
        What that change does at the expected volume. [currency]
    """

    date: pd.Timestamp
    value: float
    expected: float
    excess: float
    score: float
    days: int
    cells: pd.DataFrame
    effects: dict[str, float]
    event: PriceEvent | None = None
    explained: float = 0.0

    @property
    def driver(self) -> str:
        """The largest of the effects."""
        return max(self.effects, key=lambda name: self.effects[name])

    @property
    def largest(self) -> str:
        """The cell with the largest excess, in words, and its share of the day's."""
        cell = self.cells.iloc[0]
        return f"{cell_words(cell, self.keys)} ({cell['share'] * 100:.0f} %)"

    def record(self) -> dict[str, Any]:
        """The day as plain figures, to the cent: driver, the price change that explains it, largest cells."""
        amounts = ("value", "expected", "excess")
        return {
            "date": f"{self.date:%Y-%m-%d}",
            **{name: round(getattr(self, name), 2) for name in amounts},
            "days": self.days,
            "driver": self.driver,
            "largest": self.largest,
            "price_event": self.event.label if self.event else None,
            "effects": {name: round(amount, 2) for name, amount in self.effects.items()},
            "rows": [self._row(cell) for cell in self.cells.head(_ROWS).to_dict("records")],
        }

    def _row(self, cell: dict[Any, Any]) -> dict[str, Any]:
        amounts = {name: round(cell[name], 2) for name in ("billed", "expected", "excess")}
        said = {name: cell[name] for name in self.keys}
        place = {"charges": int(cell["charges"]), "dearest": cell["dearest"]}
        return {**said, **amounts, "share": round(cell["share"], 4), **place}

    @property
    def keys(self) -> list[str]:
        """Columns that tell cells apart."""
        return keys_of(self.cells)


def cell_words(cell: Any, keys: Sequence[str]) -> str:
    """What a cell says of itself, each word once."""
    said = [str(cell[name]) for name in keys if cell[name] not in UNSAID]
    return ", ".join(dict.fromkeys(said)) or "charges that say nothing of themselves"


def keys_of(cells: pd.DataFrame) -> list[str]:
    """Columns of cells that tell one from another."""
    return [name for name in cells if name not in ("date", *_FIGURES, "expected", "excess", "share", "tokens_expected")]


def episodes(spikes: pd.DataFrame) -> pd.DataFrame:
    """The dearest day of each run of days that stand out, largest excess first, with the length of the run: days."""
    ordered = spikes.sort_values("date", ignore_index=True)
    run = (ordered["date"].diff() != pd.Timedelta(days=1)).cumsum()
    ordered = ordered.assign(days=ordered.groupby(run)["date"].transform("size"))
    largest = ordered.sort_values("excess", ascending=False, kind="stable").groupby(run, sort=False).head(1)
    return largest.reset_index(drop=True)


def explained(
    spikes: pd.DataFrame, cells: pd.DataFrame, events: Sequence[PriceEvent], *, score: float
) -> Iterator[Spike]:
    """Put the charges and the dated price changes behind each day that stands out.

    Parameters
    ----------
    spikes
        date, value, expected, excess, score, days, as `episodes` gives them.
    cells
        Charges of these days and of the same weekdays before: date, key columns, billed, tokens, charges, dearest.
    events
        Dated price changes, each of all charges or of one model or service.
    score
        Robust standard deviations from which a day stands out.
    """
    for row in spikes.to_dict("records"):
        own = _against(row, cells)
        event, amount = _event(row, own, events, score)
        yield Spike(**row, cells=own, effects=_effects(own), event=event, explained=amount)


def _against(row: dict[str, float], cells: pd.DataFrame) -> pd.DataFrame:
    """The cells of a day beside what they usually cost, largest excess first."""
    day, keys = pd.Timestamp(row["date"]), keys_of(cells)
    is_same = (cells["date"] < day) & (cells["date"].dt.dayofweek == day.dayofweek)
    past = cells[is_same & (cells["date"] >= day - pd.Timedelta(weeks=4))]
    usual = past.groupby(keys)[["billed", "tokens"]].sum()
    whole = float(usual["billed"].sum())
    usual = usual * (row["expected"] / whole) if whole > 0 else usual.iloc[:0]
    now = cells[cells["date"] == day].set_index(keys)[list(_FIGURES)]
    both = now.join(usual.rename(columns={"billed": "expected", "tokens": "tokens_expected"}), how="outer")
    counted = ["billed", "tokens", "charges", "expected", "tokens_expected"]
    both[counted] = both[counted].fillna(0.0)
    both["excess"] = both["billed"] - both["expected"]
    both["share"] = both["excess"] / row["excess"]
    return both.reset_index().sort_values("excess", ascending=False, ignore_index=True, kind="stable")


def _effects(cells: pd.DataFrame) -> dict[str, float]:
    """The excess as new cells, price, volume and mix of tokens, and charges that count none.

    Price: cost of the day's tokens beyond what they would have cost as before, cell by cell. The rest of a cell that
    counts tokens is volume, or a new cell, to the part to which its owner used more tokens in all; it is mix to the
    part to which the owner used fewer elsewhere.
    """
    counts = (cells["tokens"] > 0) | (cells["tokens_expected"] > 0)
    is_known = (cells["tokens"] > 0) & (cells["tokens_expected"] > 0)
    is_new = (cells["expected"] == 0) & (cells["billed"] > 0)
    usual = cells["expected"] / cells["tokens_expected"].where(is_known)
    price = (cells["billed"] - usual * cells["tokens"]).where(is_known, 0.0)
    quantity = cells["excess"] - price
    more = _more_in_all(cells)
    effects = {
        "new": quantity[is_new & counts] * more,
        "volume": quantity[~is_new & counts] * more,
        "mix": quantity[counts] * (1.0 - more),
        "other": quantity[~is_new & ~counts],
    }
    found = {name: float(part.sum()) for name, part in effects.items()}
    found["new"] += float(quantity[is_new & ~counts].sum())
    return {name: {**found, "price": float(price.sum())}[name] for name in DRIVERS}


def _more_in_all(cells: pd.DataFrame) -> pd.Series:
    """Of the tokens that the cells of an owner gained, the part that its other cells did not lose."""
    change = cells["tokens"] - cells["tokens_expected"]
    owner = cells[keys_of(cells)[0]]
    gained, net = (part.groupby(owner).transform("sum") for part in (change.clip(lower=0.0), change))
    return (net / gained.where(gained > 0)).fillna(1.0).clip(0.0, 1.0)


def _event(
    row: dict[str, float], cells: pd.DataFrame, events: Sequence[PriceEvent], score: float
) -> tuple[PriceEvent | None, float]:
    """The price change of the week before that leaves nothing to stand out, and what it does; None where none does."""
    day = pd.Timestamp(row["date"])
    best: tuple[PriceEvent | None, float] = (None, 0.0)
    for event in events:
        age = (day - pd.Timestamp(event.date)).days
        if not 0 <= age < _ADAPTS or event.change <= 0:
            continue
        amount = event.change * float(cells.loc[_reached(cells, event), "expected"].sum())
        if amount > best[1] and _is_usual(row, amount, score):
            best = event, min(amount, row["excess"])
    return best


def _reached(cells: pd.DataFrame, event: PriceEvent) -> pd.Series:
    """Cells whose price it is."""
    if event.series is None:
        return pd.Series(True, index=cells.index)
    return cells[keys_of(cells)].eq(event.series).any(axis=1)


def _is_usual(row: dict[str, float], amount: float, score: float) -> bool:
    """Whether the day would not stand out without this amount."""
    left = row["value"] - amount
    if left <= row["expected"] or row["expected"] <= 0:
        return left <= row["expected"]
    return row["score"] * log(left / row["expected"]) / log(row["value"] / row["expected"]) <= score
