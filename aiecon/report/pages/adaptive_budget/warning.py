"""The ways to watch the burn: how soon a rise is seen, and how often for nothing."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from aiecon.charts.formats import percent, significant
from aiecon.models.adaptive_budget import AdaptiveBudget
from aiecon.models.adaptive_budget.warning import DECISIONS, RISES, delay_name
from aiecon.report import blocks
from aiecon.report.blocks import Block
from aiecon.units import HOURS_PER_DAY

_RISES = {0.3: "+30 %", 1.0: "twice", 9.0: "ten times"}


def warning(answer: AdaptiveBudget) -> Block:
    """Every window and chart: false alarms a year, days in alarm, delay until a rise of spend is seen."""
    asked = answer.inputs
    rows = [_row(row) for row in answer.warning.to_dict("records")]
    columns = ["Rule", "False alarms a year", "Days in alarm", *(f"Seen after: {_RISES[rise]}" for rise in RISES)]
    low, high = (f"{one:g}" for one in DECISIONS)
    note = (
        "Simulated: 200 years of spend as planned, the budget less its headroom of "
        f"{percent(answer.headroom)}, and 200 rises of each size; a day strays by {percent(asked.day_spread, 0)} "
        f"(correlation with the day before {asked.day_autocorrelation:g}), an hour within it by "
        f"{percent(asked.hour_spread, 0)}{_week(answer)}. burn: spend over budget so many times as fast as planned; "
        "two windows alarm while both burn, so that 6 h end what 72 h began (partners of 6 h and 1 h are 30 and 5 "
        "minutes, which hours do not show). Limits of XmR (2.66 moving ranges) and CUSUM (half a standard "
        f"deviation a day is let pass; alarm above a sum of {low} or {high}) are learnt from 28 days. –: fewer than "
        f"half are seen within 60 days. {_signals(answer)}"
    )
    return blocks.table("Early warning: how soon a lasting rise of spend is seen", columns, rows, note=note)


def _week(answer: AdaptiveBudget) -> str:
    """What weekdays are expected to cost, and where that is known from."""
    shares = answer.weekdays
    if shares is None:
        return ""
    origin = "given" if answer.inputs.days is None else "learnt from spend by day"
    days = ", ".join(f"{share / sum(shares) * len(shares):.2f}" for share in shares)
    return f"; weekdays over the mean day, Monday first, {origin}: {days}"


def _row(row: Mapping[str, Any]) -> list[str]:
    alarms = row["false_alarms_per_year"]
    often = "none" if alarms == 0 else significant(alarms, 2)
    return [row["rule"], often, percent(row["alarmed_share"]), *(_after(row[delay_name(rise)]) for rise in RISES)]


def _after(days: float) -> str:
    """A delay in the unit it is read in."""
    if pd.isna(days):
        return "–"
    return f"{round(days * HOURS_PER_DAY)} h" if days < 1 else f"{days:.3g} d"


def _signals(answer: AdaptiveBudget) -> str:
    month = f"{answer.months[0] - pd.DateOffset(months=1):%B}"
    names = [f"{line.name} / {line.team}" for line in answer.signals]
    found = ", ".join(names) if names else "no pool"
    return f"In {month} {found} moved further from the month before than the XmR limits of a year's moves."
