"""The adaptive budget's function: from actuals and the agreement to the envelopes ahead."""

from collections.abc import Sequence
from datetime import date

import pandas as pd

from aiecon.budgets import weekday_shares
from aiecon.errors import InputError
from aiecon.models.adaptive_budget.answer import AdaptiveBudget, Line
from aiecon.models.adaptive_budget.decided import ahead, decided, since
from aiecon.models.adaptive_budget.inputs import AdaptiveBudgetInputs, Expected, Pool
from aiecon.models.adaptive_budget.outlook import outlook
from aiecon.vocabulary.strict import nearest


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
    _check_forecast(inputs, frame)
    matched = _matched(inputs, frame)
    last = frame["month"].max()
    months = pd.date_range(last + pd.DateOffset(months=1), periods=inputs.horizon_months, freq="MS")
    lines = []
    for (team, name), pool in matched.items():
        rows = frame[(frame["team"] == team) & (frame["pool"] == name)].sort_values("month", ignore_index=True)
        given = [one for one in inputs.forecast if (one.team, one.pool) == (team, name)]
        lines.append(_line(inputs, pool, rows, given, months))
    resolved = inputs.model_copy(update={"as_of": as_of, "currency": _currency(inputs)})
    return AdaptiveBudget(resolved, as_of, months, lines, _notes(inputs, lines), _weekdays(inputs, as_of))


def _line(
    inputs: AdaptiveBudgetInputs, pool: Pool, rows: pd.DataFrame, given: Sequence[Expected], months: pd.DatetimeIndex
) -> Line:
    """A pool of a team: what was decided for its months, what is expected ahead, and the budgets that follow."""
    team, name = rows["team"].iloc[0], rows["pool"].iloc[0]
    draws, seed, valid_from = inputs.draws, inputs.seed, inputs.policy.valid_from
    likely = outlook(rows, given, months, name=f"{team}.{name}", draws=draws, seed=seed, response=pool.response)
    past = decided(pool, rows, given, valid_from)
    in_force = past[-1].budget if past else pool.base
    moves = ahead(pool, in_force, rows, likely.driver, months=since(pool, valid_from, months[0]))
    return Line(str(team), pool, rows, past, moves, likely)


def _actuals(inputs: AdaptiveBudgetInputs) -> tuple[pd.DataFrame, date]:
    """Actuals by month, team and pool up to the as-of day; InputError for doubled or missing months."""
    if inputs.file is not None:
        frame = inputs.file.table.frame.drop(columns="row").copy()
    else:
        frame = pd.DataFrame([row.model_dump() for row in inputs.actuals or ()])
        if frame.empty:
            raise InputError("actuals: at least one month is needed")
        frame["month"] = pd.to_datetime(frame["month"])
    frame["month"] = frame["month"].dt.to_period("M").dt.to_timestamp()
    ends = frame["month"] + pd.offsets.MonthEnd(0)
    if inputs.as_of is not None:
        frame = frame[ends <= pd.Timestamp(inputs.as_of)]
        if frame.empty:
            raise InputError(f"as_of: no month of the actuals is over on {inputs.as_of}")
    for column in ("driver", "value", "budget"):
        if column not in frame:
            frame[column] = float("nan")
    problems = _gaps(frame)
    if problems:
        raise InputError(problems)
    as_of = inputs.as_of or (frame["month"].max() + pd.offsets.MonthEnd(0)).date()
    return frame.astype(dict.fromkeys(("spend", "driver", "value", "budget"), float)), as_of


def _currency(inputs: AdaptiveBudgetInputs) -> str:
    """That of the question, its policy or its file, which must be one."""
    said, file = inputs.currency or inputs.policy.currency, inputs.file
    frame = pd.DataFrame() if file is None else file.table.frame
    given = [one for one in frame["currency"].dropna() if one] if "currency" in frame else []
    if said and given and given[0] != said and file is not None:
        raise InputError(f"{file.path}: column 'currency' is {given[0]} and the budgets are in {said}; convert one")
    return said or next(iter(given), "USD")


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


def _weekdays(inputs: AdaptiveBudgetInputs, as_of: date) -> tuple[float, ...] | None:
    """Spend expected of a weekday over the mean day, given, or learnt from the days up to the as-of day."""
    if inputs.days is None:
        return inputs.weekday_shares
    frame = inputs.days.table.frame.dropna(subset="value")
    by_day = frame[frame["date"] <= pd.Timestamp(as_of)].groupby("date")["value"].sum()
    return tuple(weekday_shares([day.date() for day in by_day.index], by_day.to_numpy()).tolist())


def _matched(inputs: AdaptiveBudgetInputs, frame: pd.DataFrame) -> dict[tuple[str, str], Pool]:
    """Team and pool -> the policy's line; InputError for actuals without one."""
    found, problems = {}, []
    for team, name in frame[["team", "pool"]].drop_duplicates().sort_values(["team", "pool"]).itertuples(index=False):
        given = [pool for pool in inputs.policy.pools if pool.is_for(team, name)]
        if len(given) > 1:
            both = " and ".join(pool.name for pool in given)
            problems.append(f"policy.pools: {both} are both for {name} of {team}; lines must not overlap")
        elif not given:
            known = [pool.name for pool in inputs.policy.pools]
            problems.append(f"policy.pools: no line for pool {name!r} of {team}{nearest(str(name), known)}")
        else:
            found[team, name] = given[0]
    if problems:
        raise InputError(problems)
    return found


def _check_forecast(inputs: AdaptiveBudgetInputs, frame: pd.DataFrame) -> None:
    """InputError for a month expected twice, or of a pool that no actuals are of."""
    known = set(frame[["team", "pool"]].itertuples(index=False, name=None))
    names = [f"{team} {pool}" for team, pool in sorted(known)]
    problems, seen = [], set()
    for one in inputs.forecast:
        key = (one.team, one.pool, f"{one.month:%Y-%m}")
        if key in seen:
            problems.append(f"forecast: {one.team} {one.pool} has {one.month:%Y-%m} twice")
        if key[:2] not in known:
            problems.append(f"forecast: no actuals of {one.team} {one.pool}{nearest(f'{one.team} {one.pool}', names)}")
        seen.add(key)
    if problems:
        raise InputError(list(dict.fromkeys(problems)))


def _notes(inputs: AdaptiveBudgetInputs, lines: list[Line]) -> list[str]:
    found = []
    found += _decided_notes(inputs, lines)
    bare = [f"{line.team} {line.name}" for line in lines if _is_bare(line)]
    if bare:
        found.append(f"Without driver or unit cost target a budget stays between floor and ceiling: {', '.join(bare)}")
    for line in lines:
        idle = [f"{month:%Y-%m}" for month in line.rows["month"][line.rows["driver"] == 0]]
        if idle:
            found.append(
                f"{line.team} {line.name}: its driver was 0 in {', '.join(idle)}; a unit's cost is undefined there"
            )
    unused = [pool.name for pool in inputs.policy.pools if pool not in [line.pool for line in lines]]
    if unused:
        found.append(f"No actuals are of {', '.join(unused)}; what the policy gives there is not counted")
    open_ones = [one.name for one in inputs.policy.sign_offs if one.date is None]
    if open_ones:
        found.append(f"Policy {inputs.policy.version} is not signed by {', '.join(open_ones)}")
    if not inputs.policy.sign_offs:
        found.append(f"Policy {inputs.policy.version} names nobody who signs it")
    return found


def _decided_notes(inputs: AdaptiveBudgetInputs, lines: list[Line]) -> list[str]:
    """How the budgets of months that are over came about."""
    rules = {move.rule for line in lines for move in line.decided}
    found = []
    if rules - {"base", "as decided"}:
        error = "; the forecast error is that of the policy" if _has_error_gate(lines) else ""
        found.append(
            "Budgets of months that are over are the rules replayed on what was known at each review: actuals up to "
            "the month before and the forecast given for the month, else the driver learnt from those actuals, as "
            f"what was expected then is not on record{error}. Where others were decided, give them as `budget` of the "
            "actuals"
        )
    if "base" in rules:
        names = [f"{line.team} {line.name}" for line in lines if "base" in {move.rule for move in line.decided}]
        found.append(
            f"Months that are over are held against the base, which is taken to be in force: {', '.join(names)}; give "
            "policy.valid_from, or `budget` of the actuals, so that a month keeps the budget that was decided for it"
        )
    return found


def _has_error_gate(lines: list[Line]) -> bool:
    return any(line.pool.forecast_error_gate is not None for line in lines)


def _is_bare(line: Line) -> bool:
    return line.pool.unit_cost_target is None or all(driver is None for driver in line.outlook.driver)
