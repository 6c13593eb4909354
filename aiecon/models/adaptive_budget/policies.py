"""Policies on the same months: what each overspends, strands, escalates and moves."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from aiecon.budgets import escalation
from aiecon.errors import InputError
from aiecon.models.adaptive_budget.engine import Evidence, next_budget
from aiecon.models.adaptive_budget.inputs import Pool

_WINDOW = 3


def compare_policies(
    spend: Sequence[float] | np.ndarray, pool: Pool, *, driver: Sequence[float] | None = None
) -> pd.DataFrame:
    """Hold ways to budget against the same months.

    Parameters
    ----------
    spend
        Of each month: one history, shape (n_months,), or futures, shape (n_paths, n_months). [currency/month]
    pool
        The agreed rules; its base is the first month's budget of every policy.
    driver
        Of each month, for the adaptive policy; each month's budget knows that of the month before. Shape (n_months,)

    Returns
    -------
    pandas.DataFrame
        One row a policy: policy (static, rolling, run-rate, adaptive), overspend, stranded (means over paths,
        [currency]), escalations (months a path), revisions (months a path in which the budget moved).

    Notes
    -----
    static keeps the base; rolling is the mean of the last three months; run-rate is the last month; adaptive follows
    the pool's rules. A budget is set from the months before it alone.

    Examples
    --------
    >>> pool = Pool(name="prod", owner="finance", base=100.0, growth_cap=0.1)
    >>> compare_policies([100.0, 130.0, 130.0], pool)[["policy", "overspend"]].values.tolist()[0]
    ['static', 60.0]
    """
    paths = np.atleast_2d(np.asarray(spend, dtype=float))
    if paths.ndim != 2 or not paths.size or not np.all(np.isfinite(paths)):
        raise InputError("spend: one number a month is needed")
    if driver is not None and len(driver) != paths.shape[1]:
        raise InputError(f"driver: {paths.shape[1]} months are needed, got {len(driver)}")
    rows = []
    for name in ("static", "rolling", "run-rate", "adaptive"):
        budgets = _budgets(name, paths, pool, driver)
        over = paths - budgets
        levels = [
            escalation(float(budget), float(cost), **pool.escalation.model_dump())
            for budget, cost in zip(budgets.ravel(), paths.ravel(), strict=True)
        ]
        rows.append(
            {
                "policy": name,
                "overspend": float(np.maximum(over, 0.0).sum(axis=1).mean()),
                "stranded": float(np.maximum(-over, 0.0).sum(axis=1).mean()),
                "escalations": sum(level is not None for level in levels) / len(paths),
                "revisions": float((np.abs(np.diff(budgets, axis=1)) > 1e-9).sum(axis=1).mean()),
            }
        )
    return pd.DataFrame(rows)


def _budgets(name: str, paths: np.ndarray, pool: Pool, driver: Sequence[float] | None) -> np.ndarray:
    """Budget of every path and month, shape of `paths`."""
    budgets = np.full_like(paths, pool.base)
    if name == "static":
        return budgets
    for month in range(1, paths.shape[1]):
        past = paths[:, max(0, month - _WINDOW) : month]
        if name == "rolling":
            budgets[:, month] = past.mean(axis=1)
        elif name == "run-rate":
            budgets[:, month] = past[:, -1]
        else:
            known = None if driver is None else float(driver[month - 1])
            for path in range(len(paths)):
                evidence = Evidence(month, known, None, None)
                budgets[path, month] = next_budget(pool, float(budgets[path, month - 1]), evidence).budget
    return budgets
