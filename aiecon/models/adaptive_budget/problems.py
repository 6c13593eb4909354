"""What is wrong between actuals, policy and forecast, each sound in itself: gaps, strangers, months told twice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from aiecon.vocabulary.strict import nearest

if TYPE_CHECKING:
    from aiecon.models.adaptive_budget.inputs import AdaptiveBudgetInputs, Expected, Pool


_KEY = ("month", "team", "pool")


def of_file(name: str, frame: pd.DataFrame, inputs: AdaptiveBudgetInputs) -> list[str]:
    """Return every problem between the rows of a file and the rest of the inputs; a row told twice counts once."""
    over = until(frame, inputs.as_of).drop_duplicates(list(_KEY))
    found = of_actuals(over, inputs.policy.pools, inputs.forecast) if len(over) else []
    return [
        *found,
        *of_forecast(inputs.forecast),
        *_of_currency(name, frame, inputs.currency or inputs.policy.currency),
    ]


def _of_currency(name: str, frame: pd.DataFrame, currency: str | None) -> list[str]:
    given = frame["currency"].replace("", None).dropna() if "currency" in frame else frame.iloc[:, 0].iloc[:0]
    others = [one for one in given.head(1) if currency is not None and one != currency]
    return [f"{name}: column 'currency' is {one} and the budgets are in {currency}; convert one" for one in others]


def until(frame: pd.DataFrame, as_of: date | None) -> pd.DataFrame:
    """Return actuals with months as their first days, those alone that are over on a day."""
    months = pd.to_datetime(frame["month"]).dt.to_period("M").dt.to_timestamp()
    frame = frame.assign(month=months)
    return frame if as_of is None else frame[~(months + pd.offsets.MonthEnd(0) > pd.Timestamp(as_of))]


def of_actuals(frame: pd.DataFrame, pools: Sequence[Pool], forecast: Sequence[Expected]) -> list[str]:
    """Return every problem of actuals that are over: months, pools without a line, forecasts of pools without actuals.

    `frame` has month (first day), team and pool. Where one of these cannot be read it is not known what is absent: the
    pools of the other rows alone are looked at.
    """
    sound = frame.dropna(subset=list(_KEY))
    known = sorted(set(sound[["team", "pool"]].itertuples(index=False, name=None)))
    strangers = [problem for team, name in known for problem in _unmatched(team, name, pools)]
    names = [f"{team} {pool}" for team, pool in known]
    unknown = [
        f"forecast: no actuals of {one.team} {one.pool}{nearest(f'{one.team} {one.pool}', names)}"
        for one in forecast
        if (one.team, one.pool) not in known
    ]
    return [*_gaps(frame), *strangers, *dict.fromkeys(unknown)] if len(sound) == len(frame) else strangers


def of_forecast(forecast: Sequence[Expected]) -> list[str]:
    """Return the months that are expected twice."""
    told = [f"{one.team} {one.pool} has {one.month:%Y-%m}" for one in forecast if isinstance(one.month, date)]
    return [f"forecast: {words} twice" for words in dict.fromkeys(told) if told.count(words) > 1]


def _gaps(frame: pd.DataFrame) -> list[str]:
    problems = []
    for (team, pool), rows in frame.groupby(["team", "pool"]):
        months = rows["month"].sort_values()
        twice = months[months.duplicated()]
        problems += [f"actuals: {team} {pool} has {month:%Y-%m} twice" for month in twice]
        whole = pd.date_range(months.iloc[0], frame["month"].max(), freq="MS")
        absent = [f"{month:%Y-%m}" for month in whole.difference(pd.DatetimeIndex(months))]
        if absent:
            problems.append(f"actuals: {team} {pool} has no row for {', '.join(absent)}; give 0 where none was")
    return problems


def _unmatched(team: str, name: str, pools: Sequence[Pool]) -> list[str]:
    if any(pool.is_for(team, name) for pool in pools):
        return []
    return [f"actuals: no line for pool {name!r} of {team}{nearest(name, [pool.name for pool in pools])}"]
