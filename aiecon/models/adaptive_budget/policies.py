"""Policies on the same months: what each overspends, strands, escalates and moves."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from aiecon.errors import InputError
from aiecon.kernels.budgets import LEAST_SPEND
from aiecon.models.adaptive_budget.engine import Evidence, next_budget
from aiecon.models.adaptive_budget.inputs import Pool
from aiecon.units import EXACTLY
from aiecon.vocabulary.arguments import as_numbers

_WINDOW = 3
_YEAR = 13  # months held against: a first one to start from and a year
TRIED = {"headroom": (0.0, 0.05, 0.1, 0.2, 0.3), "growth_cap": (0.0, 0.1, 0.2, 0.3, 0.5)}


def compare_policies(
    spend: Sequence[float] | np.ndarray,
    pool: Pool | Mapping[str, Any],
    *,
    driver: Sequence[float] | None = None,
    value: Sequence[float] | np.ndarray | None = None,
) -> pd.DataFrame:
    """Hold ways to budget against the same months.

    Parameters
    ----------
    spend
        Of each month: one history, shape (n_months,), or futures, shape (n_paths, n_months). [currency/month]
    pool
        The agreed rules, a line of a policy; its base is the first month's budget of every policy.
    driver
        Of each month, for the adaptive policy; each month's budget knows that of the month before. Shape (n_months,)
    value
        That the spend brings, shape of `spend`; missing where it is not known. [currency/month]

    Returns
    -------
    pandas.DataFrame
        One row a policy: policy (static, rolling, run-rate, adaptive), overspend, stranded (means over paths,
        [currency]), escalations (months a path), revisions (months a path in which the budget moved), value_refused
        (of what is over budget, were a budget a hard limit and value even over spend; missing when none is known,
        [currency]).

    Notes
    -----
    static keeps the base; rolling is the mean of the last three months; run-rate is the last month, both at least 0;
    adaptive follows the pool's rules. A budget is set from the months before it alone.

    Examples
    --------
    >>> pool = {"name": "prod", "owner": "finance", "base": 100.0, "growth_cap": 0.1}
    >>> compare_policies([100.0, 130.0, 130.0], pool)[["policy", "overspend"]].values.tolist()[0]
    ['static', 60.0]
    """
    pool = pool if isinstance(pool, Pool) else Pool.build(pool)
    given = as_numbers(spend)
    if given is None or given.ndim not in (1, 2) or not given.size or not np.isfinite(given).all():
        raise InputError("spend: one number a month is needed")
    paths = np.atleast_2d(given)
    if driver is not None:
        _check_driver(driver, paths.shape[1])
    unit = _worth(paths, value)
    rows = []
    for name in ("static", "rolling", "run-rate", "adaptive"):
        budgets = _budgets(name, paths, pool, driver)
        over = paths - budgets
        limits = budgets * ((1.0 + pool.escalation.vice_president) * EXACTLY)  # as `escalation` has it
        rows.append(
            {
                "policy": name,
                "overspend": float(np.maximum(over, 0.0).sum(axis=1).mean()),
                "stranded": float(np.maximum(-over, 0.0).sum(axis=1).mean()),
                "escalations": float((paths > limits).sum(axis=1).mean()),
                "revisions": float((np.abs(np.diff(budgets, axis=1)) > 1e-9).sum(axis=1).mean()),
                "value_refused": np.nan if unit is None else float((np.maximum(over, 0.0) * unit).sum(axis=1).mean()),
            }
        )
    return pd.DataFrame(rows)


def _check_driver(driver: Sequence[float], months: int) -> None:
    known = as_numbers(driver)
    if known is None or known.ndim != 1 or not np.isfinite(known).all():
        raise InputError("driver: one number a month is needed")
    if len(known) != months:
        raise InputError(f"driver: {months} months are needed, got {len(known)}")


def _worth(paths: np.ndarray, value: Sequence[float] | np.ndarray | None) -> np.ndarray | None:
    """Value of a unit of spend, shape of `paths`; None when no value is known. [ratio]"""
    given = as_numbers([] if value is None else value)
    if given is None or np.isinf(given).any():
        raise InputError("value: a number a month is needed, missing where it is not known")
    if np.isnan(given).all():
        return None
    known = np.atleast_2d(given)
    if known.shape != paths.shape:
        raise InputError(f"value must have the shape of spend, {paths.shape}, got {known.shape}")
    found = np.zeros_like(paths)
    return np.divide(known, paths, out=found, where=paths > LEAST_SPEND * np.abs(known))


def compare_lines(lines: Sequence[tuple[pd.DataFrame, Pool]]) -> pd.DataFrame:
    """Hold ways to budget against the last year of several pools, and sum over them.

    Every pool starts from what it spent in the first of those months, and follows its own target, headroom, growth cap
    and reviews, without gates, floor and ceiling: the past has no evidence for the first, the others are of today.

    Returns
    -------
    pandas.DataFrame
        One row a policy as agreed, then adaptive ones with one field tried for all pools: policy, field, tried,
        overspend, stranded, escalations, revisions, value_refused (of pools whose value is known).
    """
    agreed = pd.concat([_compared(rows, pool, {}) for rows, pool in lines])
    parts = [agreed.groupby("policy", sort=False).sum(min_count=1).reset_index().assign(field=None, tried=np.nan)]
    for field, values in TRIED.items():
        for value in values:
            found = pd.concat([_compared(rows, pool, {field: value}) for rows, pool in lines])
            adaptive = found[found["policy"] == "adaptive"].drop(columns="policy").sum(min_count=1)
            parts.append(pd.DataFrame([{"policy": "adaptive", **adaptive, "field": field, "tried": value}]))
    return pd.concat([part.astype({"field": object}) for part in parts], ignore_index=True)


def _compared(rows: pd.DataFrame, pool: Pool, changes: Mapping[str, float]) -> pd.DataFrame:
    recent = rows.tail(_YEAR)
    driver = recent["driver"].to_numpy(dtype=float)
    asked = {
        "base": float(max(recent["spend"].iloc[0], 0.0)),
        "floor": 0.0,
        "ceiling": None,
        "forecast_error_gate": None,
        "value_per_cost_growth": None,
        **changes,
    }
    known = None if np.isnan(driver).any() else driver
    spend, value = (recent[name].to_numpy(dtype=float) for name in ("spend", "value"))
    return compare_policies(spend, pool.model_copy(update=asked), driver=known, value=value)


def _budgets(name: str, paths: np.ndarray, pool: Pool, driver: Sequence[float] | None) -> np.ndarray:
    """Budget of every path and month, shape of `paths`."""
    budgets = np.full_like(paths, pool.base)
    if name == "static":
        return budgets
    for month in range(1, paths.shape[1]):
        past = paths[:, max(0, month - _WINDOW) : month]
        if name == "rolling":
            budgets[:, month] = np.maximum(past.mean(axis=1), 0.0)
        elif name == "run-rate":
            budgets[:, month] = np.maximum(past[:, -1], 0.0)
        else:
            known = None if driver is None else float(driver[month - 1])  # it is the same on every path
            budgets[:, month] = next_budget(
                pool, float(budgets[0, month - 1]), Evidence(month, known, None, None)
            ).budget
    return budgets
