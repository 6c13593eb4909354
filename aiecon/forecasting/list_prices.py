"""Dated steps of list prices: what a history would have cost at its last prices, and what changes ahead.

A step counts where the bill followed it: the cost per token of the model's own charges moved by at least half of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from aiecon.forecasting.calendar import Calendar, last_day
from aiecon.forecasting.known import part_after
from aiecon.units import TOKENS_PER_MTOK
from aiecon.vocabulary.known import PriceEvent
from aiecon.vocabulary.spend import TOKEN_COLUMNS

_FOLLOWED = 0.5  # part of a step that the bill must show
_RECENT_MONTHS = 3  # whose costs say what part of a series a model is
_PRICED = {
    "x_InputTokens": ("input_per_mtok",),
    "x_CacheReadTokens": ("cached_input_per_mtok", "input_per_mtok"),
    "x_CacheWrite5mTokens": ("cache_write_per_mtok", "input_per_mtok"),
    "x_CacheWrite1hTokens": ("cache_write_1h_per_mtok", "cache_write_per_mtok", "input_per_mtok"),
    "x_OutputTokens": ("output_per_mtok",),
}


@dataclass(frozen=True, eq=False)
class ListPrices:
    """What list prices say of a history.

    Attributes
    ----------
    index
        Cost of a period's own volume at the last prices over its cost at those of its day, dates × series.
    ahead
        Steps after the history, as price events of the series.
    steps
        Past steps that the bill followed: date, item, change. [share]
    notes
        What was found, and what the bill does not show.
    """

    index: pd.DataFrame
    ahead: tuple[PriceEvent, ...] = ()
    steps: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=["date", "item", "change"]))
    notes: tuple[str, ...] = ()


def none(values: pd.DataFrame) -> ListPrices:
    """No step: an index of ones."""
    return ListPrices(pd.DataFrame(1.0, index=values.index, columns=values.columns))


def list_prices(
    values: pd.DataFrame,
    calendar: Calendar,
    volumes: pd.DataFrame,
    card: pd.DataFrame,
    *,
    group_by: Sequence[str],
    is_shipped: bool,
) -> ListPrices:
    """Return what the steps of a rate card do to a history and after it.

    Parameters
    ----------
    values
        Dates × series. [currency/period]
    calendar
        Of the history.
    volumes
        Tokens by class and cost, by month and model: month, item, tokens, cost and TOKEN_COLUMNS.
    card
        A rate card's rows: model, rank, effective_from, prices, grade, source.
    group_by
        What makes a series: nothing (their total), or the model alone; other series have no price of their own.
    is_shipped
        Whether the card is the shipped one, of which rows after the history are not read.
    """
    models = tuple(group_by) == ("x_ModelId",)
    if volumes.empty or (group_by and not models):
        return none(values)
    dates, index, ahead, kept, notes = pd.DatetimeIndex(values.index), none(values).index, [], [], []
    last, months = last_day(dates[-1], calendar.frequency), dates.to_period("M").to_timestamp()
    monthly = values.groupby(months).sum().sum(axis=1)
    for item, rows in volumes.groupby("item"):
        name, used = str(item), rows.set_index("month")
        series = [column for column in values if not models or column == name]
        if not series:  # it is in the rest of a long tail, which has no price of its own
            continue
        level = np.ones(len(dates))
        for step in _steps(name, used, card):
            if step.date > last:
                part = 1.0 if models else _recent_share(used, monthly)
                ahead += [step.event(part, series=name if models else None)] if part and not is_shipped else []
            elif step.month <= used.index.min():
                continue  # no month before it shows the old price
            elif _is_followed(used, step):
                kept.append({"date": step.date, "item": name, "change": step.change})
                level = level * (1.0 + step.change) / (1.0 + step.change * part_after(calendar, dates, step.date))
                notes.append(f"List price of {name}: {step.words}; earlier spend is read at the new price")
            else:
                notes.append(f"List price of {name}: {step.words}; the bill does not follow it, so it does not count")
        part_of = pd.Series(1.0, index=monthly.index) if models else _share(used, monthly)
        part = part_of.reindex(months).fillna(0.0).to_numpy()
        index[series] = index[series].add(part * (level - 1.0), axis=0)
    steps = pd.DataFrame(kept, columns=["date", "item", "change"])
    return ListPrices(index, tuple(ahead), steps, tuple(notes))


def price_steps(volumes: pd.DataFrame, card: pd.DataFrame) -> tuple[PriceEvent, ...]:
    """Dated changes of the list price of each model, weighted by its tokens in the months beside them.

    Parameters
    ----------
    volumes
        Tokens by month and model: month, item and TOKEN_COLUMNS.
    card
        A rate card's rows.
    """
    return tuple(
        step.event(1.0, series=str(item))
        for item, rows in volumes.groupby("item")
        for step in _steps(str(item), rows.set_index("month"), card)
    )


@dataclass(frozen=True)
class _Step:
    """One change of a model's price, weighted by the classes of its tokens."""

    item: str
    date: pd.Timestamp
    change: float
    row: Mapping[str, object]

    @property
    def month(self) -> pd.Timestamp:
        return self.date.to_period("M").to_timestamp()

    @property
    def words(self) -> str:
        size = f"{self.change * 100:+.3g}".replace("-", "\N{MINUS SIGN}")
        return f"{size} % on {self.date:%Y-%m-%d}"

    def event(self, part: float, *, series: str | None) -> PriceEvent:
        return PriceEvent.build(
            {
                "date": self.date.date(),
                "change": self.change * part,
                "series": series,
                "name": f"List price of {self.item}, {self.words}",
                "source": str(self.row["source"]),
                "grade": str(self.row["grade"]),
            }
        )


def _steps(item: str, used: pd.DataFrame, card: pd.DataFrame) -> list[_Step]:
    """The steps of a model's price, each weighted by the tokens of the months beside it; to or from nothing is none."""
    rows = card[card["model"] == item]
    if rows.empty:
        return []
    rows = rows[rows["rank"] == rows["rank"].min()]
    rows = rows[rows["provider"] == rows["provider"].iloc[0]].sort_values("effective_from")
    found = []
    for before, after in zip(rows.to_dict("records"), rows.to_dict("records")[1:], strict=False):
        date = pd.Timestamp(after["effective_from"])
        near = used[(used.index >= date - pd.DateOffset(months=2)) & (used.index <= date + pd.DateOffset(months=2))]
        tokens = (near if len(near) else used.iloc[-_RECENT_MONTHS:])[list(TOKEN_COLUMNS)].sum()
        old, new = _price(tokens, before), _price(tokens, after)
        if old > 0 and new > 0 and abs(new / old - 1) > 1e-9:
            found.append(_Step(item, date, new / old - 1, after))
    return found


def _price(tokens: pd.Series, row: Mapping[str, object]) -> float:
    """What tokens cost at a row's prices. [currency]"""
    total = 0.0
    for column, fields in _PRICED.items():
        known = [float(row[name]) for name in fields if pd.notna(row.get(name))]  # type: ignore[arg-type]
        total += tokens.get(column, 0.0) / TOKENS_PER_MTOK * known[0]
    return total


def _is_followed(used: pd.DataFrame, step: _Step) -> bool:
    """Whether the model's cost at constant tokens moved with the step, in the whole months before and after it."""
    before = used[used.index < step.month].iloc[-2:]
    first_whole = step.month if step.date == step.month else step.month + pd.DateOffset(months=1)
    after = used[used.index >= first_whole].iloc[:2]
    if after.empty:
        return True  # used to the step and not after it: nothing contradicts the list
    paid = [part["cost"].sum() / _price(part[list(TOKEN_COLUMNS)].sum(), step.row) for part in (before, after)]
    moved = paid[1] / paid[0] - 1 if paid[0] > 0 else 0.0
    return bool(moved / step.change >= _FOLLOWED)


def _share(used: pd.DataFrame, monthly: pd.Series) -> pd.Series:
    """Part of each month's spend that a model is."""
    cost = used["cost"].reindex(monthly.index).fillna(0.0)
    return (cost / monthly.where(monthly > 0)).fillna(0.0).clip(0.0, 1.0)


def _recent_share(used: pd.DataFrame, monthly: pd.Series) -> float:
    recent = monthly.iloc[-_RECENT_MONTHS:]
    total = float(recent.sum())
    return float(used["cost"].reindex(recent.index).fillna(0.0).sum()) / total if total > 0 else 0.0
