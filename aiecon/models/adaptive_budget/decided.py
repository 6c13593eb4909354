"""Budgets month by month: those of months that are over as they were decided, those ahead from the last of them."""

from collections.abc import Sequence
from datetime import date

import pandas as pd

from aiecon.models.adaptive_budget.engine import BEFORE_POLICY, Evidence, Move, next_budget
from aiecon.models.adaptive_budget.inputs import Expected, Pool
from aiecon.models.adaptive_budget.outlook import expected_driver
from aiecon.units import MONTHS_PER_YEAR

_NOTHING = 1e-9  # of a month: what another is nothing beside


def decided(pool: Pool, rows: pd.DataFrame, given: Sequence[Expected], valid_from: date | None) -> list[Move]:
    """Return the budget of each month that is over, as the rules gave it on what was known at its review.

    Parameters
    ----------
    pool
        The rules; its base is the budget before the first review.
    rows
        Actuals by month, in order: month, spend, driver, value, budget (decided; missing where the rules decide).
    given
        What was expected of its months.
    valid_from
        First day of the policy; months before it have no budget and are left out.

    Notes
    -----
    At a review the actuals of the months before are known, the driver given for the month, else the one learnt from
    those months, and the error of the last forecast as the policy states it. So no month that comes later moves a
    budget that was decided. A pool of which neither policy nor line says when reviews began keeps its base.
    """
    budget, moves = pool.base, []
    start = pool.first_review or valid_from
    for place in range(len(rows) - len(held(rows, valid_from)), len(rows)):
        month, known = rows["month"].iloc[place], rows["budget"].iloc[place]
        if pd.notna(known):
            move = Move(float(known), "as decided")
        elif start is None:
            move = Move(budget, "base")
        else:
            past = rows.iloc[:place]
            ahead_of_it = pd.DatetimeIndex([month])
            (driver,) = expected_driver(
                past, given, ahead_of_it, response=pool.response, quantile=pool.forecast_quantile
            )
            move = next_budget(pool, budget, evidence(pool, past, driver, since(start, month)))
        moves.append(move)
        budget = move.budget
    return moves


def ahead(
    pool: Pool,
    budget: float,
    rows: pd.DataFrame,
    drivers: Sequence[float | None],
    *,
    months: pd.DatetimeIndex,
    valid_from: date | None,
) -> list[Move]:
    """Return the budgets of the months ahead, each from the one before, the first from the budget in force.

    `drivers` has one a month. Reviews count from the pool's first, else from the policy's first month, and from the
    first month ahead where neither is said; a month before the policy's first has none.
    """
    moves, start = [], pool.first_review or valid_from or months[0]
    for month, driver in zip(months, drivers, strict=True):
        if is_held(month, valid_from):
            moves.append(next_budget(pool, budget, evidence(pool, rows, driver, since(start, month))))
        else:
            moves.append(Move(budget, BEFORE_POLICY))
        budget = moves[-1].budget
    return moves


def held(rows: pd.DataFrame, valid_from: date | None) -> pd.DataFrame:
    """Return the months that are held against a budget: all, or those the policy was in force in."""
    return rows[[is_held(month, valid_from) for month in rows["month"]]]


def is_held(month: pd.Timestamp, valid_from: date | None) -> bool:
    """Whether the policy is in force in a month, given as its first day."""
    return valid_from is None or month >= pd.Timestamp(valid_from).replace(day=1)


def since(start: date, month: pd.Timestamp) -> int:
    """Months from that of a day to another, negative before it."""
    return (month.year - start.year) * MONTHS_PER_YEAR + month.month - start.month


def evidence(pool: Pool, rows: pd.DataFrame, driver: float | None, months: int) -> Evidence:
    """Return what is known of a pool when a budget is set after the months of `rows`."""
    earlier = rows["value"].iloc[: -pool.review_every_months].tail(1)
    is_from_loss = bool((earlier < 0).any()) and bool(rows["value"].tail(1).notna().all())
    return Evidence(months, driver, _growth(rows["spend"], pool), _growth(rows["value"], pool), is_from_loss)


def _growth(values: pd.Series, pool: Pool) -> float | None:
    """Growth since the last review; None where a month is not known, or the first was nothing beside the last."""
    back = pool.review_every_months
    if len(values) <= back:
        return None
    before, last = float(values.iloc[-1 - back]), float(values.iloc[-1])
    return last / before - 1 if before > _NOTHING * abs(last) else None
