"""A budget as what a period is compared to: its months by their days in the period, and what keeps it from that."""

from datetime import date

import pandas as pd

from aiecon.errors import InputError
from aiecon.models.spend_review.phantom import UNSAID
from aiecon.vocabulary.source import Source
from aiecon.vocabulary.spend import TOKEN_COLUMNS
from aiecon.vocabulary.strict import nearest

_AMOUNTS = ["billed", "effective", *TOKEN_COLUMNS, "x_Requests"]


def planned(budget: Source, period: tuple[date, date]) -> pd.DataFrame:
    """The budget of a period: its months, each by the share of its days that lie in it; all of it where it says none.

    Raises
    ------
    InputError
        Where a month of the period has no row.
    """
    frame = budget.table.frame
    if frame["when"].isna().all():
        return frame
    first, last = (pd.Timestamp(day) for day in period)
    months = pd.period_range(first, last, freq="M")
    missing = months.difference(pd.PeriodIndex(frame["when"], freq="M"))
    if len(missing):
        shown = ", ".join(str(month) for month in missing)
        raise InputError(
            f"{budget.path}: no row for {shown}, which the period has; add it, or ask about another period"
        )
    begin, end = frame["when"], frame["when"] + pd.offsets.MonthEnd(0)
    days = (end.clip(upper=last) - begin.clip(lower=first)).dt.days + 1
    share = (days / end.dt.day).clip(lower=0.0)
    found = frame.assign(**{name: frame[name] * share for name in _AMOUNTS})
    return found[share > 0].reset_index(drop=True)


def budget_problems(budget: Source | None, currency: str) -> list[str]:
    """Words on a budget in another currency than the charges."""
    other = None if budget is None else budget.table.facts["currency"]
    if budget is None or other in (None, currency):
        return []
    return [f"{budget.path}: column 'currency' is {other} and the charges are in {currency}; convert at a dated rate"]


def budget_notes(budget: Source | None, period: tuple[date, date], rows: pd.DataFrame, dimension: str) -> list[str]:
    """What of a budget is not read, counts in part, or names what no charge has."""
    if budget is None:
        return []
    frame, found = budget.table.frame, list(budget.table.facts["unread"])
    begins_inside, ends_inside = pd.Timestamp(period[0]).day > 1, not pd.Timestamp(period[1]).is_month_end
    if (begins_inside or ends_inside) and frame["when"].notna().any():
        found.append("Months of the budget that lie partly in the period count by their days in it")
    for name in dict.fromkeys([dimension, "x_ModelId"]):
        if name in frame and name in rows:
            known = sorted(set(rows[name].astype(str)) - {*UNSAID})
            strange = sorted(set(frame[name].astype(str)) - {*known, *UNSAID})
            found += [f"The budget has {name} {one}, which no charge has{nearest(one, known)}" for one in strange[:5]]
    return found
