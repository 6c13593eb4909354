"""Money over time: discounting, annuities, payback."""

import numpy as np

from aiecon.errors import InputError
from aiecon.units import MONTHS_PER_YEAR


def monthly_rate(rate_per_year: float | np.ndarray) -> float | np.ndarray:
    """Rate of a month of an effective yearly one: (1 + r)^(1/12) − 1. [share per month]"""
    return (1.0 + rate_per_year) ** (1.0 / MONTHS_PER_YEAR) - 1.0


def capital_recovery_factor(rate: float, periods: float) -> float:
    """Payment at the end of each period that repays one unit of capital with interest.

    Parameters
    ----------
    rate
        Of a period; 0 spreads the capital evenly. [share per period]
    periods
        Number of them, above zero.

    Notes
    -----
    r (1 + r)^n ÷ ((1 + r)^n − 1); 1 ÷ n at a rate of 0.

    Examples
    --------
    >>> round(capital_recovery_factor(0.08, 4), 8)
    0.3019208
    >>> capital_recovery_factor(0.0, 4)
    0.25
    """
    problems = []
    if not (np.isfinite(rate) and rate > -1):
        problems.append(f"rate must be above -1, got {rate!r}")
    if not (np.isfinite(periods) and periods > 0):
        problems.append(f"periods must be above zero, got {periods!r}")
    if problems:
        raise InputError(problems)
    return float(recovery(np.asarray(rate), np.asarray(periods)))


def recovery(rate: np.ndarray, periods: np.ndarray) -> np.ndarray:
    """Capital recovery factors of arrays, unchecked; see `capital_recovery_factor`."""
    rate, periods = np.broadcast_arrays(np.asarray(rate, dtype=float), np.asarray(periods, dtype=float))
    is_small = np.abs(rate) < 1e-12
    safe = np.where(is_small, 1.0, rate)
    return np.where(is_small, 1.0 / periods, safe / -np.expm1(-periods * np.log1p(safe)))


def payback(start: float, flows: np.ndarray, *, at_starts: np.ndarray | None = None) -> float | None:
    """Periods until a running sum is no longer negative, linear inside a period; None when that never comes.

    Parameters
    ----------
    start
        Flow at time 0, below zero when something is spent. [currency]
    flows
        What each period brings, evenly over it. [currency/period], shape (n,)
    at_starts
        What is added at the start of each period beside the first, shape (n,); nothing by default.

    Returns
    -------
    float or None
        0 when the sum never was negative, or nothing is spent at the start and the first period brings something.

    Examples
    --------
    >>> payback(-1_000.0, np.array([400.0, 400.0, 400.0]))
    2.5
    """
    flows = np.asarray(flows, dtype=float)
    running, was_negative = float(start), start < 0
    if not was_negative and len(flows) and flows[0] > 0:
        return 0.0
    for period, flow in enumerate(flows):
        if at_starts is not None and period:
            running += float(at_starts[period])
            was_negative = was_negative or running < 0
        after = running + float(flow)
        if was_negative and after >= 0 > running:
            return period + -running / float(flow)
        if was_negative and running >= 0:
            return float(period)
        was_negative = was_negative or after < 0
        running = after
    return None if was_negative else 0.0
