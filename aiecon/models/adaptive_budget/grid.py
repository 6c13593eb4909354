"""Many policies on many futures at once: which headroom and growth cap would have been best."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from aiecon.errors import InputError
from aiecon.kernels import budgets as kernel
from aiecon.models.adaptive_budget.inputs import Pool
from aiecon.vocabulary.arguments import as_numbers, number_problems
from aiecon.vocabulary.distribution import base

SUMS = ["overspend", "stranded", "escalations", "revisions", "value_refused"]
"""What a way to budget comes to, in the order of the kernel's sums."""
_BLOCK = 64  # paths summed together, whatever the number of threads


def policy_grid(
    spend: np.ndarray,
    driver: np.ndarray,
    pools: Sequence[Pool],
    *,
    headrooms: Sequence[float],
    growth_caps: Sequence[float],
    value: np.ndarray | None = None,
) -> pd.DataFrame:
    """Follow every headroom and growth cap along every future.

    Parameters
    ----------
    spend, driver
        Of each future, month and pool, shape (n_paths, n_months, n_pools); a month's budget knows the driver of the
        month before. [currency/month, units/month]
    pools
        The other rules of each: base (of the first month), target, floor, ceiling, reviews, first level of
        escalation. Gates are taken as passed.
    headrooms, growth_caps
        To try, every pair.
    value
        That the spend brings, shape of `spend`; missing where it is not known. [currency/month]

    Returns
    -------
    pandas.DataFrame
        One row a pair: headroom, growth_cap and the means over futures of overspend, stranded [currency], escalations,
        revisions [months] and value_refused: the value of what is over budget, were a budget a hard limit and value
        even over spend; missing when no value is known. [currency]

    Examples
    --------
    >>> pool = Pool(name="prod", owner="finance", base=100.0, unit_cost_target=1.0)
    >>> spend = np.array([[[100.0], [110.0], [120.0]]])
    >>> found = policy_grid(spend, spend, [pool], headrooms=[0.0], growth_caps=[0.0, 0.5])
    >>> found["overspend"].tolist()
    [30.0, 20.0]
    """
    problems = [problem for room in headrooms for problem in number_problems(headrooms=room)]
    problems += [problem for cap in growth_caps for problem in number_problems(growth_caps=cap)]
    given = {"spend": spend, "driver": driver, "value": 0.0 if value is None else value}
    problems += [f"{name} must be numbers" for name, one in given.items() if as_numbers(one) is None]
    if problems:
        raise InputError(problems)
    spend, driver = np.ascontiguousarray(spend, dtype=float), np.ascontiguousarray(driver, dtype=float)
    _check(spend, driver, pools, value)
    pairs = [(room, cap) for room in headrooms for cap in growth_caps]
    room, cap = (np.array([pair[place] for pair in pairs], dtype=float) for place in (0, 1))
    sums = np.zeros((-(-len(spend) // _BLOCK), len(SUMS), len(pairs)))
    known = np.zeros_like(spend) if value is None else np.ascontiguousarray(value, dtype=float)
    first, target, floor, ceiling, every, over = _rules(pools)
    kernel.policy_grid(spend, driver, known, cap, room, first, target, floor, ceiling, every, over, sums)
    found = pd.DataFrame(sums.sum(axis=0).T / len(spend), columns=SUMS)
    if value is None or np.isnan(value).all():
        found["value_refused"] = np.nan
    return found.assign(headroom=room, growth_cap=cap)[["headroom", "growth_cap", *found]]


def _check(spend: np.ndarray, driver: np.ndarray, pools: Sequence[Pool], value: np.ndarray | None) -> None:
    problems = []
    if value is not None and np.shape(value) != spend.shape:
        problems.append(f"value must have the shape of spend, {spend.shape}, got {np.shape(value)}")
    if spend.ndim != 3 or not spend.size or spend.shape != driver.shape:
        problems.append(
            f"spend and driver must have one shape (paths, months, pools), got {spend.shape}, {driver.shape}"
        )
    elif spend.shape[2] != len(pools):
        problems.append(f"pools: {spend.shape[2]} are needed, one for each of spend's, got {len(pools)}")
    elif not (np.isfinite(spend).all() and np.isfinite(driver).all()):
        problems.append("spend and driver must be numbers in every month")
    problems += [f"pools: {pool.name} has no unit_cost_target" for pool in pools if pool.unit_cost_target is None]
    if problems:
        raise InputError(problems)


def _rules(pools: Sequence[Pool]) -> tuple[np.ndarray, ...]:
    """Base, target, floor, ceiling, months between reviews and first level of escalation, shape (n_pools,) each."""
    rows = [
        (
            pool.base,
            base(pool.unit_cost_target or 0.0),
            pool.floor,
            np.inf if pool.ceiling is None else pool.ceiling,
            pool.review_every_months,
            pool.escalation.vice_president,
        )
        for pool in pools
    ]
    columns = np.array(rows, dtype=float).T
    return (*columns[:4], columns[4].astype(np.int64), columns[5])
