"""Money over time: discounting, annuities, payback."""

from collections.abc import Sequence

import numpy as np

from aiecon.errors import InputError
from aiecon.units import MONTHS_PER_YEAR
from aiecon.vocabulary.arguments import is_number, number_problems


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
    if not (is_number(rate) and rate > -1):
        problems.append(f"rate must be above -1, got {rate!r}")
    problems += number_problems("above zero", periods=periods)
    if problems:
        raise InputError(problems)
    return float(recovery(np.asarray(rate), np.asarray(periods)))


def recovery(rate: np.ndarray, periods: np.ndarray) -> np.ndarray:
    """Capital recovery factors of arrays, unchecked; see `capital_recovery_factor`."""
    rate, periods = np.broadcast_arrays(np.asarray(rate, dtype=float), np.asarray(periods, dtype=float))
    is_small = np.abs(rate) < 1e-12
    safe = np.where(is_small, 1.0, rate)
    return np.where(is_small, 1.0 / periods, safe / -np.expm1(-periods * np.log1p(safe)))


def npv(rate: float, flows: Sequence[float] | np.ndarray) -> float:
    """Present value of flows, the first not discounted.

    Parameters
    ----------
    rate
        Of a period. [share per period]
    flows
        One a period, the first now. [currency], shape (n,)

    Examples
    --------
    >>> round(npv(0.08, [-40_000, 5_000, 8_000, 12_000, 30_000]), 4)
    3065.2227
    """
    values = np.asarray(flows, dtype=float)
    return float(values @ (1.0 + rate) ** -np.arange(len(values)))


def irr(flows: Sequence[float] | np.ndarray) -> list[float]:
    """Return every real rate of a period above −1 at which flows are worth nothing, ascending; empty where none is.

    Notes
    -----
    Real positive roots of the polynomial in 1 ÷ (1 + rate), each refined by Newton's method on its logarithm. Flows
    that are all zero, or change sign nowhere, have none. Several changes of sign can have several; a rate at which the
    value touches zero without crossing it counts once.

    Examples
    --------
    >>> [round(rate, 7) for rate in irr([-100, 39, 59, 55, 20])]
    [0.2809484]
    >>> [round(rate, 6) for rate in irr([-1_000, 2_500, -1_540])]
    [0.1, 0.4]
    >>> irr([100, 10])
    []
    """
    values = np.asarray(flows, dtype=float)
    held = np.flatnonzero(np.abs(values) > _NOTHING * np.abs(values).max(initial=0.0))
    if not len(held):
        return []
    values = values[held[0] : held[-1] + 1]  # zeros at the ends move no root but 0 and infinity
    if len(values) < 2 or np.all(values >= 0) or np.all(values <= 0):
        return []
    scaled = values / np.abs(values).max()
    roots = np.roots(scaled[::-1])
    near = roots[(np.abs(roots.imag) < _NEARLY_REAL * np.abs(roots)) & (roots.real > 0)].real
    found: list[float] = []
    for start in np.log(near):
        place = _polished(scaled, float(start))
        if place is not None and all(abs(place - other) > _SAME for other in found):
            found.append(place)
    return sorted(float(np.expm1(-place)) for place in found)


_NOTHING = 1e-100  # part of the largest flow below which one at the ends is none
_NEARLY_REAL = 1e-3  # imaginary part over size below which a root is tried; refining says whether it is one
_SAME = 2e-5  # logarithms of two rates nearer than this are one root met twice
_FLAT = 1e-6  # slope over its largest possible size below which a root is met more than once


def _polished(flows: np.ndarray, place: float) -> float | None:
    """ln(1 ÷ (1 + rate)) of a root refined from a start; None where there is none.

    At a root met twice the curve touches zero: Newton's method stalls there, and finds the turning point instead.
    """
    powers = np.arange(len(flows), dtype=float)
    place = _newton(flows, place)
    weights = _weights(powers, place)
    slope = abs(float((flows * powers) @ weights)) / float((np.abs(flows) * powers) @ weights)
    if slope < _FLAT:
        place = _newton(flows * powers, place)
        weights = _weights(powers, place)
    return place if abs(float(flows @ weights)) <= 1e-12 * float(np.abs(flows) @ weights) else None


def _newton(flows: np.ndarray, place: float) -> float:
    powers = np.arange(len(flows), dtype=float)
    for _ in range(100):
        weights = _weights(powers, place)
        value, slope = float(flows @ weights), float((flows * powers) @ weights)
        if slope == 0 or abs(value) <= 1e-16 * float(np.abs(flows) @ weights):  # only rounding is left
            break
        step = value / slope
        place -= float(np.clip(step, -1.0, 1.0))
        if abs(step) <= 1e-16:
            break
    return place


def _weights(powers: np.ndarray, place: float) -> np.ndarray:
    """Discount factors over the largest of them, so that none overflows."""
    exponents = powers * place
    return np.asarray(np.exp(exponents - exponents.max()))


def mirr(flows: Sequence[float] | np.ndarray, *, finance_rate: float, reinvest_rate: float) -> float | None:
    """Return the modified rate of return of a period; None when nothing is spent or nothing comes back.

    Parameters
    ----------
    flows
        One a period, the first now. [currency], shape (n,)
    finance_rate, reinvest_rate
        At which what is spent is financed, and what comes back is put to work. [share per period]

    Notes
    -----
    (value at the end of what comes back, reinvested ÷ value today of what is spent, financed)^(1 ÷ n) − 1.

    Examples
    --------
    >>> flows = [-4500, -800, 800, 800, 600, 600, 800, 800, 700, 3000]
    >>> round(mirr(flows, finance_rate=0.08, reinvest_rate=0.055), 9)
    0.066597175
    """
    values = np.asarray(flows, dtype=float)
    periods = len(values) - 1
    spent = -npv(finance_rate, np.minimum(values, 0.0))
    back = float(np.maximum(values, 0.0) @ (1.0 + reinvest_rate) ** np.arange(periods, -1, -1))
    return (back / spent) ** (1.0 / periods) - 1.0 if spent > 0 and back > 0 and periods else None


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


def lasting_payback(flows: Sequence[float] | np.ndarray) -> float | None:
    """Periods until a running sum is no longer negative and stays so to the end; None when that never comes.

    Parameters
    ----------
    flows
        One a period, the first now, each after it evenly over its period. [currency], shape (n,)

    Returns
    -------
    float or None
        Linear inside a period; 0 when the sum never is negative.

    Examples
    --------
    >>> lasting_payback([-1_000.0, 400.0, 400.0, 400.0])
    2.5
    >>> lasting_payback([-100.0, 150.0, -300.0, 500.0])  # its first return does not last
    2.5
    >>> lasting_payback([0.0, 10.0, -100.0, 20.0]) is None
    True
    """
    values = np.asarray(flows, dtype=float)
    running = np.cumsum(values)
    below = np.flatnonzero(running < -_ROUNDING * np.abs(values).sum())
    if not len(below):
        return 0.0
    last = int(below[-1])
    return None if last == len(values) - 1 else last - float(running[last] / values[last + 1])


_ROUNDING = 1e-12  # part of all flows below which a running sum is zero
