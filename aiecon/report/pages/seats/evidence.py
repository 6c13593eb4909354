"""What a buyer brings to a renewal, how lasting use is, the shape of its tail, the method and its limits."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from aiecon import resources
from aiecon.charts.formats import full, percent, signed, significant
from aiecon.charts.seats import count_of
from aiecon.models.seats import Seats, UsageFit
from aiecon.models.seats.inputs import Plan
from aiecon.report import blocks
from aiecon.report.blocks import Block
from aiecon.vocabulary.distribution import base

_TENTHS = 10
_SAME = 1e-6


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
            (f"of all {count_of(people.count)} people, used nothing in {last.months} months", never),
        ]
    whole = found[0][1]
    prices = {plan.name: base(plan.price_per_seat_month) for plan in answer.inputs.plans}
    rows = [
        [words, count_of(count), percent(count / whole, 0), *(full(count * price) for price in prices.values())]
        for words, count in found
    ]
    return blocks.table(
        f"Renewal sheet: seats and idleness, {answer.currency} a month",
        ["Evidence", "People", "Share", *(f"in {name} seats" for name in prices)],
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


def terms(answer: Seats) -> Block:
    """What each plan asks and gives, with where its price is from."""
    rows, sources = [], []
    for plan in answer.inputs.plans:
        included, factor = base(plan.included_usage_per_seat_month), base(plan.overage_factor)
        beyond = "flat rate" if factor == 0 else f"use beyond at {factor:g} × API price"
        pool = "pooled" if plan.pooled else "for each seat alone"
        gives = f"{included:g} {pool}; {beyond}" if included else beyond
        least = f"; {plan.minimum_seats:,} seats" if plan.minimum_seats else ""
        rows.append([plan.name, _price(plan), f"{committed(plan)}{least}", gives])
        sources.append(f"{plan.name}: {_origin(plan, answer.currency)}.")
    fee = f"{answer.fee:g} a person" if answer.fee else "–"
    rows.append(["At API prices", fee, "none", "nothing; all use at API price"])
    return blocks.table(
        f"Renewal sheet: terms of the alternatives, {answer.currency} a seat and month",
        ["Plan", "Price", "Commitment, minimum", "Includes"],
        rows,
        text_columns=4,
        note=" ".join(sources),
    )


def committed(plan: Plan) -> str:
    """A plan's commitment in words."""
    months = plan.commitment_months
    return "by the month" if months <= 1 else f"{months:g} months"


def _price(plan: Plan) -> str:
    tiers = [f"{base(tier.price_per_seat_month):g} from {tier.from_seats:,}" for tier in plan.volume_tiers]
    return "; ".join([f"{base(plan.price_per_seat_month):g}", *tiers])


def _origin(plan: Plan, currency: str) -> str:
    """The shipped row with this name and price, else as given."""
    table = pd.read_csv(resources.path("data/seats/seat_plans.csv"))
    price = base(plan.price_per_seat_month)
    same = table[(table["name"] == plan.name) & (table["currency"] == currency)]
    for row in same.to_dict("records"):
        if price in (row["price_per_seat_month"], row["price_monthly_billing"]):
            return f"price of {row['vendor']}, {row['grade']}, read {row['retrieved_on']}; {row['source']}"
    return "as given" if same.empty else "as given, unlike the shipped table"


def persistence(answer: Seats) -> Block:
    """Whether last month or the expectation foresees who is heavy next month, month by month."""
    found = answer.persistence
    if found is None or found.backtest.empty:
        return blocks.nothing()
    rows = [
        [
            f"{row['month']:%Y-%m}",
            *(significant(row[key]) for key in ("error_last", "error_expected")),
            *(full(row[key]) for key in ("cost_last", "cost_expected", "cost_best")),
            signed(row["cost_expected"] - row["cost_last"]),
        ]
        for row in found.backtest.to_dict("records")
    ]
    mean = found.backtest.drop(columns="month").mean()
    rows.append(
        [
            "Mean",
            *(significant(mean[key]) for key in ("error_last", "error_expected")),
            *(full(mean[key]) for key in ("cost_last", "cost_expected", "cost_best")),
            signed(mean["cost_expected"] - mean["cost_last"]),
        ]
    )
    return blocks.table(
        f"Does this month's heavy user stay heavy? {answer.currency} a month",
        ["Month", "Error, last", "Error, expected", "Cost, last", "Cost, expected", "Hindsight", "Δ cost"],
        rows,
        note=_persistence_words(answer, float(mean["cost_expected"] - mean["cost_last"])),
        bold=[len(rows) - 1],
        variance=6,
    )


def _persistence_words(answer: Seats, more: float) -> str:
    found = answer.persistence
    assert found is not None
    amount = f"{significant(abs(more))} {answer.currency} a month"
    if more < -_SAME:
        gain = f"Giving seats by expected use saved {amount} on last month's ranking"
    elif more > _SAME:
        gain = f"Expectation saves nothing here: seats given by it cost {amount} more than by last month's ranking"
    else:
        gain = "Expectation saves nothing here: seats given by it and by last month's ranking cost the same"
    return (
        f"{gain}. Error: mean distance a person between what was foreseen and what came. Expected: "
        f"{percent(found.weight, 0)} of a person's own mean, the rest the mean of all (empirical Bayes). Each month is "
        f"foreseen from those before it. A month's log use keeps {found.autocorrelation:.2f} of its distance from the "
        "person's mean."
    )


def fit(answer: Seats) -> Block:
    """Which family describes the tail, how well, and how sure its parameters are."""
    if not answer.fit:
        return blocks.nothing()
    rows = [
        [
            one.family if place else f"{one.family} (better)",
            _parameters(one),
            percent(one.distance),
            f"{one.log_likelihood:,.0f}".replace("-", "−"),
        ]
        for place, one in enumerate(answer.fit)
    ]
    none = answer.fit[0].zero_share
    return blocks.table(
        "The tail of use",
        ["Family", "Parameters (80 % range)", "Largest distance", "Log likelihood"],
        rows,
        text_columns=3,
        note=f"Fitted to those who use anything; {percent(none)} use nothing. Distance: of the cumulated shares of "
        "people (Kolmogorov and Smirnov). Ranges by bootstrap over people. The allocation does not use the fit.",
    )


def _parameters(one: UsageFit) -> str:
    said = []
    for name, number in one.parameters.items():
        low, high = one.intervals[name]
        said.append(f"{name} {significant(number)} ({significant(low)} to {significant(high)})")
    return ", ".join(said)


def value(answer: Seats) -> Block:
    """What a seat is said to be worth in work, apart from every cost; nothing where nobody stated it."""
    stated = answer.net_value
    if stated is None:
        return blocks.nothing()
    row = answer.inputs.assumption_rows.get("value_per_seat_month")
    grade = f"{row['grade']}, {row['source']}" if row else "as given, without a source"
    each = base(answer.inputs.value_per_seat_month)  # type: ignore[arg-type]  # stated
    seats = count_of(answer.allocation.total_seats)
    words = (
        f"A seat is said to be worth {significant(each)} {answer.currency} of work a month ({grade}): {full(stated)} "
        f"{answer.currency} for {seats} seats. It is in no cost, threshold or verdict above, and it counts only as far "
        "as people would do without the tool, not as far as they would pay for it by the token."
    )
    return blocks.text("Value of a seat, apart from cost", [words])


def method(answer: Seats) -> Block:
    """How the figures were made, and what limits them."""
    how = (
        "Each person is in one plan or none. Every set of plans that could be bought, with minimum and volume price, "
        "is solved as a program over whole people; the cheapest is shown and the threshold follows from it."
    )
    if len(answer.inputs.plans) == 1:
        how = "Each person has a seat or none; every number of seats is tried, those who gain most from one first."
    fee = " Everyone without a seat pays the fee, those who use nothing too." if answer.fee else ""
    paragraphs = [
        f"{how} A pool is shared by the seats of its plan; use beyond it is paid at the overage price. Seats of a "
        "minimum bring their allowance, no other empty seat is bought.",
        "Limits: a person who gets a seat, or loses one, is taken to use as much as before; use at API prices is what "
        f"tokens would cost, not what a vendor's plan measures.{fee}",
        *_future_words(answer),
        *(f"{note}." for note in answer.notes),
    ]
    return blocks.text("Method and limits", paragraphs)


def _future_words(answer: Seats) -> list[str]:
    if answer.signing is None:
        why = "a population has no people to follow" if answer.people.is_population else "no future was given"
        return [f"How many seats to sign for is not said: {why}."]
    return [
        "Futures: each person's use × growth × lognormal noise that lasts from month to month, for the most bought "
        "plan; other plans and people moving between them are left out."
    ]
