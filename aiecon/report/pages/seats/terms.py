"""The renewal sheet's terms: what each plan asks and gives, what it commits to, what price to aim at."""

from functools import cache
from typing import Any

import pandas as pd

from aiecon import resources
from aiecon.charts.formats import full
from aiecon.charts.seat_words import plan_seats
from aiecon.models.seats import Seats
from aiecon.models.seats.inputs import Plan
from aiecon.models.seats.true_up import months_billed, term_of
from aiecon.report import blocks
from aiecon.report.blocks import Block
from aiecon.vocabulary.distribution import base

_BETTER_TERMS = "rule.renewal.better_terms_share"


def terms(answer: Seats) -> Block:
    """What each plan asks and gives, with where its price is from."""
    rows, sources = [], []
    for plan in answer.inputs.plans:
        included, factor = base(plan.included_usage_per_seat_month), base(plan.overage_factor)
        beyond = "flat rate" if factor == 0 else f"use beyond at {factor:g} × API price"
        pool = "pooled" if plan.pooled else "for each seat alone"
        gives = f"{included:g} {pool}; {beyond}" if included else beyond
        least = f"; {plan.minimum_seats:,} seats" if plan.minimum_seats else ""
        asked = full(answer.committed.get(plan.name, 0.0))
        rows.append([plan.name, _price(plan), f"{_term(plan)}{least}", gives, _target(answer, plan), asked])
        sources.append(f"{plan.name}: {_origin(answer, plan)}.{_true_up(plan)}")
    fee = f"{answer.fee:g} a person" if answer.fee else "–"
    rows.append(["At API prices", fee, "none", "nothing; all use at API price", "–", "–"])
    return blocks.table(
        f"Renewal sheet: terms of the alternatives, {answer.currency} a seat and month",
        ["Plan", "Price", "Commitment, minimum", "Includes", "Price to aim at", "Committed"],
        rows,
        text_columns=4,
        note=" ".join([*sources, *_better_terms(answer), *_committed(answer)]),
        widths=(1.6, 1.1, 1.5, 2.2, 1.1, 0.9),
    )


def commits(answer: Seats) -> str:
    """The money that signing commits to, in words; nothing where no plan is signed for a term."""
    if not answer.committed:
        return ""
    plans = {plan.name: plan for plan in answer.inputs.plans}
    parts = []
    for name, amount in answer.committed.items():
        seats, months = answer.seats_to_hold[name], base(plans[name].commitment_months)
        parts.append(f"{plan_seats(seats, name)} × {round(amount / seats / months, 2):g} × {months:g} months")
    return f"Signing commits {full(sum(answer.committed.values()))} {answer.currency}: {' + '.join(parts)}."


def _committed(answer: Seats) -> list[str]:
    return [f"Committed: {answer.currency} of the whole term. {commits(answer)}"] if answer.committed else []


def _target(answer: Seats, plan: Plan) -> str:
    """The price to ask for where there is something to sign: that of the seats bought less what buyers get off."""
    if not _is_negotiable(plan):
        return "–"
    row, price = _rule(), answer.seat_price(plan.name)
    return " to ".join(f"{round(price * (1 - row[end]), 2):g}" for end in ("high", "low"))


def _is_negotiable(plan: Plan) -> bool:
    return base(plan.commitment_months) > 1 or plan.minimum_seats > 0


def _better_terms(answer: Seats) -> list[str]:
    """What the price to aim at rests on; nothing where no plan has one."""
    if not any(_is_negotiable(plan) for plan in answer.inputs.plans):
        return []
    row = _rule()
    return [
        "Price to aim at: buyers who bring such evidence are said to get "
        f"{100 * row['low']:g} to {100 * row['high']:g} % off the first offer ({row['grade']}, unverified; "
        f"{row['source']})."
    ]


@cache
def _rule() -> dict[str, Any]:
    """The assumption row of what buyers get off the first offer."""
    rows = pd.read_csv(resources.path("data/assumptions.csv"))
    found = rows[rows["name"] == _BETTER_TERMS].iloc[0]
    return {str(key): cell for key, cell in found.items()}


def _term(plan: Plan) -> str:
    """A plan's commitment in words."""
    months = base(plan.commitment_months)
    return "by the month" if months <= 1 else f"{months:g} months"


def _true_up(plan: Plan) -> str:
    """From when seats added within a term are billed, and what one added half-way costs; nothing without a term."""
    term = term_of(base(plan.commitment_months))
    if term <= 1:
        return ""
    every, half = plan.true_up_months, term // 2 + 1
    billed = months_billed(half, commitment_months=term, true_up_months=every)
    when = "the month they are added" if every == 1 else f"the next true-up, every {every} months,"
    cost = full(billed * base(plan.price_per_seat_month))
    return (
        f" {plan.name}: seats cannot be given back before the {term} months end; those added are billed from {when} to "
        f"that end (one added in month {half}: {cost})."
    )


def _price(plan: Plan) -> str:
    tiers = [f"{base(tier.price_per_seat_month):g} from {tier.from_seats:,}" for tier in plan.volume_tiers]
    return "; ".join([f"{base(plan.price_per_seat_month):g}", *tiers])


def shipped_row(name: str, *, price: float, currency: str) -> dict[str, Any] | None:
    """The row of the shipped table with this name and price a seat and month; None where there is none."""
    table = pd.read_csv(resources.path("data/seats/seat_plans.csv"))
    for row in table[(table["name"] == name) & (table["currency"] == currency)].to_dict("records"):
        if price in (row["price_per_seat_month"], row["price_monthly_billing"]):
            return {str(key): value for key, value in row.items()}
    return None


def _origin(answer: Seats, plan: Plan) -> str:
    """Where a plan's price is from, and whether its allowance is from there too."""
    row = shipped_row(plan.name, price=base(plan.price_per_seat_month), currency=answer.currency)
    if row is None:
        return "as given"
    rest = "; what it includes is as given, the source does not say" if pd.isna(row["overage_factor"]) else ""
    day = row["retrieved_on"]
    late = " (after the day of this page)" if answer.as_of is not None and day > answer.as_of.isoformat() else ""
    return f"price of {row['vendor']}, {row['grade']}, read {day}{late}, {row['source']}{rest}"
