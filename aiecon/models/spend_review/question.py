"""The spend review's function: from charges and outcomes to what they cost and brought."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd

from aiecon.errors import InputError
from aiecon.models.spend_review.answer import SpendReview
from aiecon.models.spend_review.inputs import SpendReviewInputs, span
from aiecon.models.spend_review.peers import spans_of
from aiecon.models.spend_review.phantom import UNSAID, tag_coverage
from aiecon.models.spend_review.planned import budget_notes, budget_problems, planned
from aiecon.models.spend_review.shadow import without_model
from aiecon.vocabulary.strict import nearest

_OUTCOMES = ("date", "use_case", "outcome", "count", "value", "human_minutes", "revenue")


def spend_review(inputs: SpendReviewInputs) -> SpendReview:
    """Say what AI cost, who used it, for what, and what came of it.

    Parameters
    ----------
    inputs
        Read by `aiecon.resolve`.

    Returns
    -------
    SpendReview
        Billed and effective cost, attribution and the phantom bill, unit economics, bridge, outliers, spikes.

    Raises
    ------
    InputError
        When no charge lies in the period, a price event is of no model or service there is, or less of the cost
        than `least_coverage` has every required tag.
    """
    table = inputs.spend.table
    as_of: date = table.facts["as_of"]
    period = inputs.window(as_of, table.facts["first_day"])
    before = span(inputs.compare_to) if inputs.compare_to else period if inputs.budget else _before(period)
    rows = _within(table.frame, period)
    if rows.empty:
        raise InputError(
            f"period: no charge of {inputs.spend.path} lies from {period[0]} to {period[1]}; it has "
            f"{table.facts['first_day']} to {as_of}"
        )
    problems = [*_unknown_series(inputs, table.frame), *_unmatched(inputs, table.frame)]
    problems += _other_currency(inputs, table.facts["currency"])
    problems += budget_problems(inputs.budget, table.facts["currency"])
    if problems:
        raise InputError(problems)
    covered = tag_coverage(rows, inputs.required_tags)
    if covered["share"].iloc[-1] < inputs.least_coverage:
        raise InputError(_uncovered(inputs, covered, _name(period)))
    outcomes = _outcomes(inputs, period, as_of)
    resolved = inputs.model_copy(update={"as_of": as_of, "currency": table.facts["currency"]})
    return SpendReview(
        inputs=resolved,
        as_of=as_of,
        label=_name(period),
        before_label="the budget" if inputs.budget else _name(before),
        span=period,
        before_span=before,
        rows=rows,
        before=_within(table.frame, before) if inputs.budget is None else planned(inputs.budget, period),
        outcomes=outcomes,
        outcomes_before=_outcomes(inputs, before, as_of).iloc[: 0 if inputs.budget else None],
        facts=table.facts,
        notes=[
            *table.facts["notes"],
            *_coverage_note(covered),
            *_notes(inputs, period, table.facts, rows, outcomes),
            *budget_notes(inputs.budget, period, rows, inputs.dimension),
        ],
    )


def _unknown_series(inputs: SpendReviewInputs, frame: pd.DataFrame) -> list[str]:
    """Words on price events of a model or service that no charge has."""
    known = {str(name) for column in ("x_ModelId", "ServiceName") if column in frame for name in frame[column].unique()}
    known -= {*UNSAID}
    return [
        f"price_events: series {event.series!r} is no model or service of the charges"
        f"{nearest(event.series, sorted(known))}"
        for event in inputs.price_events
        if event.series is not None and event.series not in known
    ]


def _unmatched(inputs: SpendReviewInputs, frame: pd.DataFrame) -> list[str]:
    """Words on columns to match by, and on the model they need, that charges or records do not have."""
    if inputs.gateway is None:
        return ["gateway_match: name the gateway that charges are looked for in"] if inputs.gateway_match else []
    sides = ((inputs.spend.path, frame), (inputs.gateway.path, inputs.gateway.table.frame))
    match = inputs.gateway_match or ("x_ModelId",)
    return [
        f"gateway_match: {name} is no column that {path} is read with{nearest(name, sorted(map(str, side)))}"
        for name in match
        for path, side in sides
        if name not in side
    ]


def _other_currency(inputs: SpendReviewInputs, currency: str) -> list[str]:
    """Words on spans that are priced in another currency than the charges."""
    if inputs.spans is None or (priced := inputs.spans.table.facts.get("currency")) in (None, currency):
        return []
    return [
        f"spans: {inputs.spans.path} is priced in {priced}, the charges are in {currency}; give a table with their cost"
    ]


def _uncovered(inputs: SpendReviewInputs, covered: pd.DataFrame, label: str) -> list[str]:
    """Words on the required tags that too much of the cost lacks."""
    least = f"least_coverage asks for {inputs.least_coverage * 100:.1f} %"
    shares = covered.set_index("tag")["share"]
    whole = f"required_tags: {shares['all'] * 100:.1f} % of the cost of {label} has all of them and {least}"
    lacking = [
        f"required_tags: {tag} is filled for {share * 100:.1f} % of the cost; tag the rest, or ask for less"
        for tag, share in shares.items()
        if tag != "all" and share < inputs.least_coverage
    ]
    return [whole, *lacking]


def _coverage_note(covered: pd.DataFrame) -> list[str]:
    """A warning where some of the cost lacks a required tag."""
    shares = covered.set_index("tag")["share"]
    if len(shares) == 1 or shares["all"] >= 1:
        return []
    each = ", ".join(f"{tag} {share * 100:.1f} %" for tag, share in shares.items() if tag != "all")
    return [f"Of the cost, {shares['all'] * 100:.1f} % has every required tag ({each})"]


def _outcomes(inputs: SpendReviewInputs, period: tuple[date, date], as_of: date) -> pd.DataFrame:
    """Outcomes of a period up to the day the charges are read as of."""
    if inputs.outcomes is None:
        return pd.DataFrame(columns=list(_OUTCOMES))
    frame = inputs.outcomes.table.frame
    return frame[_days_within(frame["date"], (period[0], min(period[1], as_of)))].reset_index(drop=True)


def _before(period: tuple[date, date]) -> tuple[date, date]:
    """As many whole months, or days, as lie before a period."""
    first, last = (pd.Timestamp(day) for day in period)
    if first.is_month_start and last.is_month_end:
        months = (last.to_period("M") - first.to_period("M")).n + 1
        return (first - pd.DateOffset(months=months)).date(), (first - pd.Timedelta(days=1)).date()
    days = (last - first).days + 1
    return (first - pd.Timedelta(days=days)).date(), (first - pd.Timedelta(days=1)).date()


def _days_within(dates: pd.Series, period: tuple[date, date]) -> pd.Series:
    return (dates >= pd.Timestamp(period[0])) & (dates <= pd.Timestamp(period[1]))


def _within(frame: pd.DataFrame, period: tuple[date, date]) -> pd.DataFrame:
    return frame[_days_within(frame["when"], period)].reset_index(drop=True)


def _name(period: tuple[date, date]) -> str:
    """A period as finance calls it."""
    first, last = (pd.Timestamp(day) for day in period)
    if first.is_year_start and last == first + pd.offsets.YearEnd():
        return f"{first.year}"
    if first.is_quarter_start and last == first + pd.offsets.QuarterEnd():
        return f"Q{first.quarter} {first.year}"
    if first.is_month_start and last == first + pd.offsets.MonthEnd():
        return f"{first:%B %Y}"
    return f"{first:%Y-%m-%d} to {last:%Y-%m-%d}"


def _notes(
    inputs: SpendReviewInputs,
    period: tuple[date, date],
    facts: Mapping[str, Any],
    rows: pd.DataFrame,
    outcomes: pd.DataFrame,
) -> list[str]:
    found = []
    if period[1] > facts["as_of"]:
        found.append(f"The period runs to {period[1]} and the charges end on {facts['as_of']}; it is not over")
    if period[0] < facts["first_day"]:
        found.append(f"The charges begin on {facts['first_day']}, inside the period")
    if inputs.gateway is not None and round(unnamed := without_model(rows), 2):
        found.append(
            f"Charges of {unnamed:,.2f} {facts['currency']} for the use of models name no model and were looked for "
            "in no gateway record"
        )
    if inputs.spans is not None:
        every = inputs.spans.table.frame
        other = len(every) - len(spans_of(every, period, facts["as_of"]))
        found += (
            [f"Spans that start outside the period or after {facts['as_of']}: {other:,}, not read"] if other else []
        )
    if inputs.outcomes is not None and outcomes.empty:
        found.append("No outcome lies in the period")
    elif "x_UseCase" in rows:
        idle = sorted(set(outcomes["use_case"]) - set(rows["x_UseCase"]))
        found += [f"Outcomes of {', '.join(idle)} have no charge of that x_UseCase in the period"] if idle else []
    return found
