"""What a reader must know before trusting the budgets: what was taken for granted, left out or not signed."""

from collections.abc import Iterator

import pandas as pd

from aiecon.models.adaptive_budget.engine import BEFORE_POLICY, ZERO_DRIVER
from aiecon.models.adaptive_budget.inputs import AdaptiveBudgetInputs, Policy
from aiecon.models.adaptive_budget.line import Line

_NO_RULE = {"base", "as decided"}  # how a budget came about where nothing was replayed


def notes(inputs: AdaptiveBudgetInputs, lines: list[Line]) -> list[str]:
    """Return the notes of an answer, what touches its figures most first."""
    found = [*_decided(lines), *_of_data(inputs, lines)]
    bare = [f"{line.team} {line.name}" for line in lines if _is_bare(line)]
    if bare:
        found.append(f"Without driver or unit cost target a budget stays between floor and ceiling: {', '.join(bare)}")
    for line in lines:
        idle = [f"{month:%Y-%m}" for month in line.rows["month"][line.rows["driver"] == 0]]
        if idle:
            found.append(
                f"{line.team} {line.name}: its driver was 0 in {', '.join(idle)}; a unit's cost is undefined there"
            )
    credited = [f"{line.team} {line.name}" for line in lines if line.recent < 0 < line.pool.upgrade_reserve_share]
    if credited:
        found.append(f"Credits exceed the spend of three months, nothing is held for upgrades: {', '.join(credited)}")
    return [
        *found,
        *_unmoved(inputs.policy, lines),
        *never_growing(inputs.policy),
        *_shared(inputs.policy, lines),
        *unsigned(inputs.policy),
    ]


def never_growing(policy: Policy) -> list[str]:
    """Return the pools whose budget is 0 whatever happens: their growth cap is a share of it."""
    idle = [pool.name for pool in policy.pools if pool.base == 0]
    if not idle:
        return []
    return [f"A base of 0 grows by no growth cap, so the budget stays 0: {', '.join(idle)}; give a base above 0"]


def _unmoved(policy: Policy, lines: list[Line]) -> Iterator[str]:
    """Reviews without a driver to move a budget by, and months ahead that come before the policy."""
    for line in lines:
        course = [*zip(line.held["month"], line.decided, strict=True), *zip(line.months, line.moves, strict=True)]
        if at := [f"{month:%Y-%m}" for month, move in course if move.rule == ZERO_DRIVER]:
            yield (
                f"{line.team} {line.name}: a driver of 0 is expected at the review of {', '.join(at)}; a unit's cost "
                "is undefined then and the budget stays"
            )
    first = lines[0]
    early = [
        f"{month:%Y-%m}" for month, move in zip(first.months, first.moves, strict=True) if move.rule == BEFORE_POLICY
    ]
    if early:
        words = f"{', '.join(early)} come before it and keep the base, without a review"
        yield f"The policy holds from {policy.valid_from}: {words}"


def unsigned(policy: Policy) -> list[str]:
    """Return who has not signed a policy."""
    open_ones = [one.name for one in policy.sign_offs if one.date is None]
    if open_ones:
        return [f"Policy {policy.version} is not signed by {', '.join(open_ones)}"]
    return [] if policy.sign_offs else [f"Policy {policy.version} names nobody who signs it"]


def _decided(lines: list[Line]) -> Iterator[str]:
    """How the budgets of months that are over came about."""
    rules = {move.rule for line in lines for move in line.decided}
    if rules - _NO_RULE:
        has_gate = any(line.pool.forecast_error_gate is not None for line in lines)
        error = "; the forecast error is that of the policy" if has_gate else ""
        yield (
            "Budgets of months that are over are the rules replayed on what was known at each review: actuals up to "
            "the month before and the forecast given for the month, else the driver learnt from those actuals, as "
            f"what was expected then is not on record{error}. Where others were decided, give them as `budget` of the "
            "actuals"
        )
    if "base" in rules:
        names = [f"{line.team} {line.name}" for line in lines if "base" in {move.rule for move in line.decided}]
        yield (
            f"Months that are over are held against the base, which is taken to be in force: {', '.join(names)}; give "
            "policy.valid_from, or `budget` of the actuals, so that a month keeps the budget that was decided for it"
        )


def _of_data(inputs: AdaptiveBudgetInputs, lines: list[Line]) -> Iterator[str]:
    """What of the data is not read, and what is missing of it."""
    for source in (inputs.file, inputs.days):
        yield from [] if source is None else source.table.facts.get("unread", ())
    last = max(line.rows["month"].max() for line in lines)
    following = last + pd.offsets.MonthEnd(0) + pd.offsets.MonthEnd(1)
    if inputs.as_of is not None and pd.Timestamp(inputs.as_of) >= following:
        yield (
            f"Actuals end with {last:%Y-%m} and the day asked for is {inputs.as_of}: the months between are taken as "
            "months ahead; add their actuals"
        )
    past = sum(_is_idle(pd.Timestamp(one.month), one.team, one.pool, last, lines) for one in inputs.forecast)
    if past:
        yield f"Rows of the forecast that are not used, as their months are over and no review looked at them: {past}"


def _is_idle(month: pd.Timestamp, team: str, pool: str, last: pd.Timestamp, lines: list[Line]) -> bool:
    """Whether a forecast is of a month that is over and whose budget was not replayed."""
    month = month.to_period("M").to_timestamp()
    (line,) = (one for one in lines if (one.team, one.name) == (team, pool))
    rules = dict(zip(line.held["month"], (move.rule for move in line.decided), strict=True))
    return month <= last and rules.get(month, "base") in _NO_RULE


def _shared(policy: Policy, lines: list[Line]) -> Iterator[str]:
    """Lines of the policy that are for several teams, and those that are for none."""
    for pool in policy.pools:
        teams = [line.team for line in lines if line.pool is pool]
        if not teams:
            yield f"No actuals are of {pool.name}; what the policy gives there is not counted"
        elif len(teams) > 1:
            yield (
                f"Pool {pool.name} names no team: each of {', '.join(teams)} gets its budget of {pool.base:,.0f} in "
                "full; give each a line with its team where they share one"
            )


def _is_bare(line: Line) -> bool:
    return line.pool.unit_cost_target is None or all(driver is None for driver in line.outlook.driver)
