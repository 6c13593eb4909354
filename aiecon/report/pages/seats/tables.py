"""The tables of the page: who gets what, the plain choices, people at the edge, other prices and use."""

from typing import Any

import numpy as np
import pandas as pd

from aiecon.charts.formats import full, probability, signed, signed_percent, significant
from aiecon.charts.seat_words import count_of, has_everybody_anyway, people_of, plan_seats
from aiecon.charts.seats import NO_SEAT
from aiecon.models.seats import Seats
from aiecon.models.seats.allocation import edges, threshold_of
from aiecon.report import blocks
from aiecon.report.blocks import Block
from aiecon.report.pages.seats.changes import WHY_MINIMUM_SAVES
from aiecon.report.pages.seats.choices import asked_again, plain_choices, priced

_EVERYBODY, _ANY_USE = "everybody", "any use"
_SAME = 1e-6
_BESIDE = 3  # people shown on either side of an edge


def allocation(answer: Seats) -> Block:
    """Who gets what: plan, seats, people, their use, what it costs."""
    people = answer.by_person()
    frame = answer.to_frame()
    rows = []
    for row in frame.to_dict("records"):
        if not (row["seats"] or row["holders"]):
            rows.append([_named(row["plan"]), *["–"] * 6])
            continue
        own = people.loc[people["plan"] == row["plan"], "spend"]
        between = _between(answer, row["plan"], own)
        each = significant(row["cost"] / row["holders"]) if row["holders"] else "–"
        seats = count_of(row["seats"]) if row["plan"] != NO_SEAT else "–"
        use, cost = full(row["spend_at_api"]), full(row["cost"])
        rows.append([_named(row["plan"]), seats, count_of(row["holders"]), between, use, cost, each])
    every, whole = answer.people.count, answer.allocation.cost
    total = [count_of(answer.allocation.total_seats), count_of(every), "", full(answer.people.total), full(whole)]
    rows.append(["All", *total, significant(whole / every)])
    fee = (
        f" Those without a seat pay {significant(answer.fee)} {answer.currency} a month each on top."
        if answer.fee
        else ""
    )
    gap = answer.allocation.gap
    exact = f" It may be {significant(gap)} above the lowest possible." if gap > _SAME else ""
    return blocks.table(
        f"Who gets what, {answer.currency} a month",
        ["Plan", "Seats", "People", "Use of a person", "Use at API prices", "Cost", "Cost a person"],
        rows,
        note=f"Cost: seats, those of a minimum included, and overage.{fee}{exact}{_next_month(answer)}",
        bold=[len(rows) - 1],
    )


def _next_month(answer: Seats) -> str:
    """The allocation by the use expected next month, and how many people it gives another plan."""
    found = answer.allocation_next
    if found is None:
        return ""
    people = answer.by_person()
    moved = int((people["plan"] != people["plan_next"]).sum())
    plans = " and ".join(plan_seats(count, name) for name, count in found.seats.items()) or "no seats"
    who = "nobody then has" if moved == 0 else f"{people_of(moved)} then {'has' if moved == 1 else 'have'}"
    return f" By the use expected next month: {plans} for {full(found.cost)}; {who} another plan than by their mean."


def _between(answer: Seats, plan: str, own: pd.Series) -> str:
    """The least and most that a person of a plan uses; a population has no lightest and no heaviest."""
    if own.empty:
        return "–"
    if answer.people.is_population:
        return f"up to {significant(own.max())}" if plan == NO_SEAT else f"from {significant(own.min())}"
    return f"{significant(own.min())} to {significant(own.max())}"


def _named(plan: str) -> str:
    return "At API prices" if plan == NO_SEAT else plan


def ways(answer: Seats) -> Block:
    """The cheapest allocation beside the plain choices."""
    best = answer.allocation.cost
    found = sorted(plain_choices(answer), key=lambda choice: choice.cost)
    rows = [["The cheapest allocation", full(best), "", ""]]
    for choice in found:
        more = signed_percent(choice.cost / best - 1) if best and round(choice.cost - best) else "–"
        rows.append([choice.name, full(choice.cost), signed(choice.cost - best), more])
    minimum = ""
    if any(plan.minimum_seats for plan in answer.inputs.plans):
        minimum = f" {_minimum(answer)}"
    return blocks.table(
        f"The choices, {answer.currency} a month",
        ["Choice", "Cost", "To the cheapest", "%"],
        rows,
        note=f"Use of the people as it is; seats of a minimum are paid.{minimum}{_doubt(answer)}",
        bold=[0],
        variance=2,
    )


def _minimum(answer: Seats) -> str:
    """What the minimum adds to the cheapest allocation, or takes from it."""
    cost = answer.minimum_cost
    amount = f"{significant(abs(cost))} {answer.currency} a month"
    if cost < -_SAME:
        return f"The minimum saves {amount}: {WHY_MINIMUM_SAVES}."
    return f"What the minimum adds to the cheapest: {amount if cost > _SAME else 'nothing'}."


def _doubt(answer: Seats) -> str:
    """What the allocation and API prices cost over the uncertain inputs, with the chance that it is the dearer."""
    found = answer.doubt
    if found is None:
        return ""
    (low, high), (least, most) = found.cost, found.api
    return (
        f" With {', '.join(found.names)} uncertain, the cheapest as it is held costs {full(low)} to {full(high)} (80 % "
        f"range of {answer.inputs.draws:,} draws), everyone at API prices {full(least)} to {full(most)}; it is "
        f"the dearer in {probability(found.dearer_probability)} of draws."
    )


def edge(answer: Seats) -> Block:
    """People on either side of the lowest use that gets a seat, the first to look at."""
    people = answer.people
    seated = np.flatnonzero(answer.has_seat)
    if people.is_population or not len(seated) or len(seated) == len(people.spend):
        return blocks.nothing()
    last = int(seated.max())
    shown = answer.by_person().iloc[max(last + 1 - _BESIDE, 0) : last + 1 + _BESIDE]
    rows = []
    for row in shown.to_dict("records"):
        cells = [f"{row['user']}: {_named(row['plan'])}", significant(row["spend"])]
        rows.append([*cells, significant(row["expected"]), _named(row["plan_next"])] if "expected" in row else cells)
    columns = ["Person, and what they get", "Mean use"]
    columns += ["Expected next month", "By the expected"] if "expected" in shown else []
    note = "The people a change of use or price moves first; for them either choice costs nearly the same."
    return blocks.table(f"At the edge of a seat, {answer.currency} a month", columns, rows, note=note)


def sensitivity(answer: Seats) -> Block:
    """The cheapest allocation with other prices, use, fee and without minimums."""
    cases: list[tuple[str, dict[str, Any]]] = [("As it is", {})]
    cases += [(f"Use {signed_percent(factor - 1, 0)}", {"use": factor}) for factor in (0.5, 0.8, 1.2, 1.5)]
    cases += [(f"Seat prices {signed_percent(factor - 1, 0)}", {"price": factor}) for factor in (0.8, 1.2)]
    if answer.fee:
        cases.append(("No fee without a seat", {"fee": 0.0}))
    rows = []
    for name, change in cases:
        found, people = asked_again(answer, **change) if change else (answer.allocation, answer.people)
        fee = answer.fee if change.get("fee") is None else change["fee"]
        api = people.total + fee * people.count
        counts = [count_of(found.seats[plan.name]) if plan.name in found.seats else "–" for plan in answer.inputs.plans]
        plans = [priced(plan, change.get("price", 1.0)) for plan in answer.inputs.plans]
        turns = edges(plans, fee) if answer.is_smooth else []
        threshold = threshold_of(people, found, turns) if change else answer.seat_threshold
        least = _from(threshold, is_anyway=has_everybody_anyway(answer, found))
        rows.append([name, *counts, least, full(found.cost), signed(found.cost - api)])
    return blocks.table(
        f"What moves the answer, {answer.currency} a month",
        ["Case", *(plan.name for plan in answer.inputs.plans), "Seat from", "Cost", "To API prices"],
        rows,
        note=f"Seats by plan, the smallest use that gets one{_from_words(rows)}, and cost, each allocated anew; to API "
        "prices: minus everyone at API prices in the same case.",
        bold=[0],
        variance=len(answer.inputs.plans) + 3,
    )


def _from(threshold: float | None, *, is_anyway: bool) -> str:
    """The smallest use that gets a seat, in words where it is none of a person's."""
    if threshold is None:
        return "nobody"
    return _EVERYBODY if is_anyway else significant(threshold) if threshold > 0 else _ANY_USE


def _from_words(rows: list[list[str]]) -> str:
    """What the words for the smallest use mean, where they stand in the table."""
    said = {
        _EVERYBODY: "everybody: the minimum is paid anyway",
        _ANY_USE: "any use: a seat of somebody who uses nothing pays by its allowance, which the others use",
    }
    shown = [meaning for word, meaning in said.items() if any(row[-3] == word for row in rows)]
    return f" ({'; '.join(shown)})" if shown else ""
