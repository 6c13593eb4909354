"""The renewal sheet: seats and who left them idle, use month by month and by tenths of people."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from aiecon.charts.formats import full, percent, significant
from aiecon.charts.seat_words import count_of, people_of
from aiecon.models.seats import Seats
from aiecon.models.seats.panel import panel
from aiecon.report import blocks
from aiecon.report.blocks import Block
from aiecon.vocabulary.distribution import base

_TENTHS = 10
_MONTHS = 12  # shown, the last ones


def idle(answer: Seats) -> Block:
    """How many of the people used nothing, in the last month and in all months, and what their seats cost."""
    people = answer.people
    never = float(people.weight[people.spend <= 0].sum())
    last = last_month(answer)
    if last is None:
        found = [("People", people.count), ("of whom used nothing", never)]
    else:
        found = [
            (f"People with a row in {last.month:%B %Y}", last.people),
            (f"of whom used nothing in {last.month:%B %Y} (idle 30 days or more)", last.idle),
            (f"of all {people_of(people.count)}, used nothing in {last.months} months", never),
        ]
    whole = found[0][1]
    prices = {plan.name: base(plan.price_per_seat_month) for plan in answer.inputs.plans}
    rows = [
        [words, count_of(count), percent(count / whole, 0), *(full(count * price) for price in prices.values())]
        for words, count in found
    ]
    return blocks.table(
        f"Renewal sheet: seats and idleness, {answer.currency} a month",
        ["Evidence", "People", "Share", *(f"in {name}" for name in prices)],
        rows,
        note="Right: what a seat for each of them costs a month. A seat that nobody uses is the first to take out.",
    )


@dataclass(frozen=True)
class LastMonth:
    """The last month of a file: people with a row in it, those of them who used nothing, months of the file."""

    month: pd.Timestamp
    people: float
    idle: float
    months: int


def last_month(answer: Seats) -> LastMonth | None:
    """Who used anything in the last month; None for use without months."""
    file = answer.inputs.usage.file
    if file is None or "month" not in file.table.frame:
        return None
    frame = file.table.frame
    last = frame[frame["month"] == frame["month"].max()]
    used = last.groupby("user")["spend"].sum()
    idle_people = float((used <= 0).sum())
    return LastMonth(frame["month"].max(), float(len(used)), idle_people, int(frame["month"].nunique()))


def by_month(answer: Seats) -> Block:
    """Who used how much in each month, and how far use strays: what a commitment is held against."""
    months = panel(answer.inputs.usage)
    if months is None or months.shape[1] < 2:
        return blocks.nothing()
    paid = sum(answer.allocation.seats[name] * answer.seat_price(name) for name in answer.allocation.seats)
    rows = []
    for month in months.columns:
        there = months[month].dropna()
        used, active = float(there.sum()), int((there > 0).sum())
        of_fee = percent(used / paid, 0) if paid else "–"
        active_share = percent(active / len(there), 0) if len(there) else "–"
        rows.append([f"{month:%Y-%m}", f"{len(there):,}", f"{active:,}", active_share, full(used), of_fee])
    total = months.sum()
    shown = rows[-_MONTHS:]
    left_out = f" {len(rows) - _MONTHS} months before are not shown." if len(rows) > _MONTHS else ""
    return blocks.table(
        f"Renewal sheet: use month by month, {answer.currency} at API prices",
        ["Month", "People", "Used something", "Share", "Use", "Of the seats' fee"],
        shown,
        note=f"{_strays(total)} {_strays_of_a_person(months)} Of the seats' fee: use of all over what the seats of the "
        f"cheapest allocation cost a month ({full(paid)}).{left_out}",
    )


def _strays(total: pd.Series) -> str:
    """How far the use of all strays from month to month."""
    mean = float(total.mean())
    if mean <= 0:
        return "Nobody used anything."
    low, high = float(total.min()), float(total.max())
    return (
        f"Use of all: mean {full(mean)}, {full(low)} to {full(high)}, standard deviation "
        f"{percent(float(total.std()) / mean, 0)} of the mean."
    )


def _strays_of_a_person(months: pd.DataFrame) -> str:
    """How far the use of a person strays, at the median of people who use anything."""
    mean = months.mean(axis=1)
    over = (months.std(axis=1) / mean)[mean > 0].dropna()
    return f"Of a person: {percent(float(over.median()), 0)} at the median." if len(over) else ""


def use_by_decile(answer: Seats) -> Block:
    """Use by tenths of people, and how many of each get a seat."""
    people = answer.people
    if people.total <= 0:
        return blocks.nothing()
    edges = np.linspace(0.0, people.count, _TENTHS + 1)
    end = np.cumsum(people.weight)
    start = end - people.weight
    seated = answer.has_seat * people.weight
    rows: list[list[str]] = []
    for low, high in pairwise(edges):
        part = np.clip(np.minimum(end, high) - np.maximum(start, low), 0.0, None)  # a person on an edge counts in parts
        used = float(part @ people.spend)
        with_seat = float((part * (seated > 0)).sum()) / (high - low)
        mean = used / (high - low)
        rows.append([_tenth(len(rows)), _amount(mean), full(used), percent(used / people.total), percent(with_seat, 0)])
    return blocks.table(
        f"Renewal sheet: use by tenths of people, {answer.currency} a month at API prices",
        ["Tenth", "Mean of a person", "Use", "Share of use", "With a seat"],
        rows,
        note=f"{significant(people.count / _TENTHS)} people a tenth. Gini {people.gini:.2f}.",
    )


def _tenth(place: int) -> str:
    return {0: "1 (heaviest)", _TENTHS - 1: f"{_TENTHS} (lightest)"}.get(place, str(place + 1))


def _amount(value: float) -> str:
    return "–" if round(value, 2) == 0 else significant(value) if value >= 1 else f"{value:.2f}"
