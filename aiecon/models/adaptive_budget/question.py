"""The adaptive budget's function: from actuals and the agreement to the envelopes ahead."""

from collections.abc import Sequence
from datetime import date

import pandas as pd

from aiecon.budgets import weekday_shares
from aiecon.errors import InputError
from aiecon.models.adaptive_budget import problems
from aiecon.models.adaptive_budget.answer import AdaptiveBudget
from aiecon.models.adaptive_budget.decided import ahead, decided
from aiecon.models.adaptive_budget.inputs import AdaptiveBudgetInputs, Expected, Pool
from aiecon.models.adaptive_budget.line import Line
from aiecon.models.adaptive_budget.notes import notes
from aiecon.models.adaptive_budget.outlook import outlook


def adaptive_budget(inputs: AdaptiveBudgetInputs) -> AdaptiveBudget:
    """Say what envelope each team gets, when it moves and who must sign.

    Budgets start from the base on the day the policy holds from; every month follows from the one before by the pool's
    rules and what was expected of it, each move with the rule that made it. Months that are over are held against the
    budget that was decided for them, whatever came later (`decided`). Where nothing says when reviews began the base is
    the budget in force.

    Parameters
    ----------
    inputs
        Read by `aiecon.resolve` when actuals are a file.

    Returns
    -------
    AdaptiveBudget
        Next budgets, probability and month of breach, overspend, stranded money, reserve, escalations.

    Raises
    ------
    InputError
        For actuals of a pool that the policy does not have, doubled or missing months.

    Examples
    --------
    >>> inputs = AdaptiveBudgetInputs.build({
    ...     "actuals": [{"month": "2026-03-01", "team": "search", "pool": "prod", "spend": 118.0, "driver": 100}],
    ...     "policy": {"version": "1", "pools": [{"name": "prod", "owner": "finance", "base": 100.0,
    ...                "unit_cost_target": 1.2, "headroom": 0.1, "growth_cap": 0.25}]},
    ...     "forecast": [{"month": "2026-04-01", "team": "search", "pool": "prod", "driver": 90}],
    ... })
    >>> round(adaptive_budget(inputs).next_budget, 2)  # 90 × 1.2 × 1.1, below 100 × 1.25
    118.8
    """
    frame, as_of = _actuals(inputs)
    pools = inputs.policy.pools
    if refused := problems.of_actuals(frame, pools, inputs.forecast) if inputs.file is None else _of_file(inputs):
        raise InputError(refused)
    matched = {
        (team, name): next(pool for pool in pools if pool.is_for(team, name))
        for team, name in sorted(set(frame[["team", "pool"]].itertuples(index=False, name=None)))
    }
    last = frame["month"].max()
    months = pd.date_range(last + pd.DateOffset(months=1), periods=inputs.horizon_months, freq="MS")
    lines = []
    for (team, name), pool in matched.items():
        rows = frame[(frame["team"] == team) & (frame["pool"] == name)].sort_values("month", ignore_index=True)
        given = [one for one in inputs.forecast if (one.team, one.pool) == (team, name)]
        lines.append(_line(inputs, pool, rows, given, months))
    resolved = inputs.model_copy(update={"as_of": as_of, "currency": _currency(inputs)})
    return AdaptiveBudget(resolved, as_of, months, lines, notes(inputs, lines), _weekdays(inputs, as_of))


def _line(
    inputs: AdaptiveBudgetInputs, pool: Pool, rows: pd.DataFrame, given: Sequence[Expected], months: pd.DatetimeIndex
) -> Line:
    """A pool of a team: what was decided for its months, what is expected ahead, and the budgets that follow."""
    team, name = rows["team"].iloc[0], rows["pool"].iloc[0]
    valid_from = inputs.policy.valid_from
    likely = outlook(
        rows,
        given,
        months,
        name=f"{team}.{name}",
        draws=inputs.draws,
        seed=inputs.seed,
        response=pool.response,
        quantile=pool.forecast_quantile,
    )
    past = decided(pool, rows, given, valid_from)
    in_force = past[-1].budget if past else pool.base
    moves = ahead(pool, in_force, rows, likely.driver, months=months, valid_from=valid_from)
    return Line(str(team), pool, rows, past, months, moves, likely)


def _actuals(inputs: AdaptiveBudgetInputs) -> tuple[pd.DataFrame, date]:
    """Actuals by month, team and pool up to the as-of day; InputError where there are none."""
    if inputs.file is not None:
        frame = inputs.file.table.frame.drop(columns="row").copy()
    else:
        frame = pd.DataFrame([row.model_dump() for row in inputs.actuals or ()])
        if frame.empty:
            raise InputError("actuals: at least one month is needed")
    frame = problems.until(frame, inputs.as_of)
    if frame.empty:
        raise InputError(f"as_of: no month of the actuals is over on {inputs.as_of}")
    for column in ("driver", "value", "budget"):
        if column not in frame:
            frame[column] = float("nan")
    as_of = inputs.as_of or (frame["month"].max() + pd.offsets.MonthEnd(0)).date()
    return frame.astype(dict.fromkeys(("spend", "driver", "value", "budget"), float)), as_of


def _currency(inputs: AdaptiveBudgetInputs) -> str:
    """That of the question, its policy or its file, else the dollar."""
    return inputs.currency or inputs.policy.currency or next(iter(_currencies(inputs)), "USD")


def _currencies(inputs: AdaptiveBudgetInputs) -> list[str]:
    """What the file of the actuals says."""
    frame = pd.DataFrame() if inputs.file is None else inputs.file.table.frame
    return [one for one in frame["currency"].dropna() if one] if "currency" in frame else []


def _of_file(inputs: AdaptiveBudgetInputs) -> list[str]:
    """What the policy as it is now says of the file, which was read under the one it was asked with."""
    return [] if inputs.file is None else inputs.problems_of(inputs.file.path, inputs.file.table.frame)


def _weekdays(inputs: AdaptiveBudgetInputs, as_of: date) -> tuple[float, ...] | None:
    """Spend expected of a weekday over the mean day, given, or learnt from the days up to the as-of day."""
    if inputs.days is None:
        return inputs.weekday_shares
    frame = inputs.days.table.frame.dropna(subset="value")
    by_day = frame[frame["date"] <= pd.Timestamp(as_of)].groupby("date")["value"].sum()
    return tuple(weekday_shares([day.date() for day in by_day.index], by_day.to_numpy()).tolist())
