"""The spend review's function: from charges and outcomes to what they cost and brought."""

from datetime import date

import pandas as pd

from aiecon.errors import InputError
from aiecon.models.spend_review.answer import SpendReview
from aiecon.models.spend_review.inputs import SpendReviewInputs, span

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
        When no charge lies in the period.
    """
    table = inputs.spend.table
    as_of: date = table.facts["as_of"]
    period = span(inputs.period) if inputs.period else _last_quarter(as_of)
    before = span(inputs.compare_to) if inputs.compare_to else _before(period)
    rows = _within(table.frame, period)
    if rows.empty:
        raise InputError(
            f"period: no charge of {inputs.spend.path} lies from {period[0]} to {period[1]}; it has "
            f"{table.facts['first_day']} to {as_of}"
        )
    outcomes = pd.DataFrame(columns=list(_OUTCOMES))
    if inputs.outcomes is not None:
        frame = inputs.outcomes.table.frame
        outcomes = frame[_days_within(frame["date"], period)].reset_index(drop=True)
    resolved = inputs.model_copy(update={"as_of": as_of, "currency": table.facts["currency"]})
    return SpendReview(
        inputs=resolved,
        as_of=as_of,
        label=_name(period),
        before_label=_name(before),
        span=period,
        before_span=before,
        rows=rows,
        before=_within(table.frame, before),
        outcomes=outcomes,
        facts=table.facts,
        notes=_notes(inputs, period, as_of, outcomes),
    )


def _last_quarter(as_of: date) -> tuple[date, date]:
    """The last whole calendar quarter, or the one under way where none is whole."""
    quarter = (pd.Timestamp(as_of) + pd.Timedelta(days=1)).to_period("Q") - 1
    return quarter.start_time.date(), quarter.end_time.date()


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


def _notes(inputs: SpendReviewInputs, period: tuple[date, date], as_of: date, outcomes: pd.DataFrame) -> list[str]:
    found = []
    if period[1] > as_of:
        found.append(f"The period runs to {period[1]} and the charges end on {as_of}; it is not over")
    if inputs.outcomes is not None and outcomes.empty:
        found.append("No outcome lies in the period")
    return found
