"""Budget arithmetic: how fast money burns, what to hold in reserve, who must decide, what is out of control."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import numpy as np
from scipy.special import ndtr, ndtri

from aiecon.errors import InputError
from aiecon.units import DAYS_PER_WEEK, EXACTLY
from aiecon.vocabulary.arguments import as_numbers, is_number, number_problems, whole_problems

Level = Literal["vice_president", "c_suite"]
_LEAST_DAYS, _LEAST_WEEKS = 3, 2
MOVING_RANGE_TO_SD = 1.128
"""Mean moving range of two normal values over their standard deviation (d2)."""
XMR = 2.66
"""Three standard deviations of individual values over the mean moving range: 3 ÷ 1.128."""


def burn_rate(
    spent: float,
    budget: float,
    *,
    elapsed: float,
    period: float,
    since: float = 0.0,
    profile: Sequence[float] | np.ndarray | None = None,
) -> float:
    """Return how many times faster than planned a budget is spent: 1 ends just with the period.

    Parameters
    ----------
    spent, budget
        In the window, and of the whole period. [currency]
    elapsed, period
        Length of the window, and of the whole period, in the same unit.
    since
        Start of the window in the period, in that unit.
    profile
        Expected spend of equal parts of the period, such as its days (`day_shares`); even when left out, and then it
        does not matter when the window starts.

    Examples
    --------
    >>> round(burn_rate(42_000, 90_000, elapsed=10, period=30), 6)
    1.4
    >>> round(burn_rate(0.02, 1.0, elapsed=1, period=720), 6)
    14.4
    >>> round(burn_rate(40, 100, elapsed=1, period=4, profile=[4, 2, 2, 2]), 6)  # the first quarter is the busy one
    1.0
    """
    problems = _no_numbers(spent=spent) + number_problems(since=since)
    _refuse(problems + number_problems("above zero", budget=budget, elapsed=elapsed, period=period))
    if profile is None:
        return (spent / budget) / (elapsed / period)
    return (spent / budget) / _planned(since / period, (since + elapsed) / period, profile)


def run_rate(
    spent: float, *, elapsed_days: float, period_days: float, profile: Sequence[float] | np.ndarray | None = None
) -> float:
    """Return what a period costs at the pace so far; three days at least are needed to say it.

    Parameters
    ----------
    spent
        Since the period began. [currency]
    elapsed_days, period_days
        Of the period so far, and in all. [days]
    profile
        Expected spend of equal parts of the period, such as its days (`day_shares`); even when left out.

    Examples
    --------
    >>> run_rate(42_000, elapsed_days=10, period_days=30)
    126000.0
    """
    problems = _no_numbers(spent=spent) + number_problems("above zero", period_days=period_days)
    if not (is_number(elapsed_days) and elapsed_days >= _LEAST_DAYS):
        problems.append(f"elapsed_days must be {_LEAST_DAYS} or more to speak of a pace, got {elapsed_days!r}")
    _refuse(problems)
    if profile is None:
        return spent / elapsed_days * period_days
    return spent / _planned(0.0, elapsed_days / period_days, profile)


def _planned(start: float, end: float, profile: Sequence[float] | np.ndarray) -> float:
    """Share of a period's expected spend between two moments of it, both in [0, 1]."""
    parts = as_numbers(profile)
    if parts is None or parts.ndim != 1 or not _is_pattern(parts):
        raise InputError("profile: numbers of zero or more are needed, one a part of the period, and one above zero")
    if end > 1.0 + 1e-9:
        raise InputError(f"profile: the window ends after its period, at {end:.4g} of it")
    gone = np.concatenate([[0.0], np.cumsum(parts)]) / parts.sum()
    first, last = np.interp([start, end], np.linspace(0.0, 1.0, len(gone)), gone)
    if not last > first:
        raise InputError("profile: nothing is expected in the window, so nothing can be said of its pace")
    return float(last - first)


def _is_pattern(parts: np.ndarray) -> bool:
    return bool((np.isfinite(parts) & (parts >= 0)).all() and parts.sum() > 0)


def weekday_shares(days: Sequence[date], spend: Sequence[float] | np.ndarray) -> np.ndarray:
    """Learn what each weekday costs over the mean day of its week, Monday first, from spend by day.

    Parameters
    ----------
    days, spend
        Each day once, in any order, and what it cost. [currency/day]

    Returns
    -------
    numpy.ndarray
        Mean one, shape (7,). The median over weeks of seven days without a gap, so that one odd day is no pattern;
        two such weeks at least are needed.

    Examples
    --------
    >>> from datetime import date, timedelta
    >>> days = [date(2026, 3, 2) + timedelta(days=at) for at in range(14)]
    >>> weekday_shares(days, [14.0, 14, 14, 14, 14, 0, 0] * 2).round(6).tolist()
    [1.4, 1.4, 1.4, 1.4, 1.4, 0.0, 0.0]
    """
    amounts = as_numbers(spend)
    if amounts is None or amounts.shape != (len(days),) or np.isinf(amounts).any():
        raise InputError(f"spend: a number for each of {len(days)} days is needed, got {spend!r:.60}")
    if not all(isinstance(day, date) for day in days):
        raise InputError("days: dates are needed, such as date(2026, 3, 2)")
    found = dict(zip(days, amounts.tolist(), strict=True))
    if len(found) < len(days):
        raise InputError(f"days: each day once is expected, got {len(days) - len(found)} of them again")
    weeks = []
    for first in sorted(day for day in found if day.weekday() == 0):
        week = [found.get(first + timedelta(days=at), np.nan) for at in range(DAYS_PER_WEEK)]
        if np.sum(week) > 0:  # whole: a gap has no sum
            weeks.append(np.array(week) / np.mean(week))
    if len(weeks) < _LEAST_WEEKS:
        raise InputError(f"days: {_LEAST_WEEKS} whole weeks of spend, Monday to Sunday, are needed, got {len(weeks)}")
    middle = np.maximum(np.median(weeks, axis=0), 0.0)
    return np.asarray(middle / middle.mean())


def day_shares(weekdays: Sequence[float] | np.ndarray, *, first: date, days: int) -> np.ndarray:
    """Return the share of a period's expected spend that falls on each of its days, shape (days,), sum one.

    Examples
    --------
    >>> from datetime import date
    >>> day_shares([1.4] * 5 + [0, 0], first=date(2026, 2, 1), days=28)[:3].round(3).tolist()  # a Sunday first
    [0.0, 0.05, 0.05]
    """
    _refuse(whole_problems("days", days, least=1))
    pattern = check_weekdays(weekdays)
    shares = np.array([pattern[(first + timedelta(days=at)).weekday()] for at in range(days)])
    if not shares.sum() > 0:
        raise InputError(f"days: at least one day with expected spend is needed, got {days} from {first}")
    return np.asarray(shares / shares.sum())


def check_weekdays(weekdays: Sequence[float] | np.ndarray) -> np.ndarray:
    """Return expected spend by weekday, Monday first, over its mean, shape (7,); InputError for what is no week."""
    given = as_numbers(weekdays)
    if given is None or given.shape != (DAYS_PER_WEEK,) or not _is_pattern(given):
        shown = weekdays if given is None else given.tolist()
        raise InputError(f"weekday_shares: seven numbers of zero or more are needed, Monday first, got {shown}")
    return np.asarray(given / given.mean())


def exhausted_after(spent: float, budget: float, *, elapsed: float) -> float | None:
    """Return when a budget is gone at the pace so far, in the unit of `elapsed`; None when nothing is spent.

    Examples
    --------
    >>> round(exhausted_after(42_000, 90_000, elapsed=10), 2)
    21.43
    """
    _refuse(_no_numbers(spent=spent) + number_problems(budget=budget) + number_problems("above zero", elapsed=elapsed))
    return budget / (spent / elapsed) if spent > 0 else None


def reserve(
    mean: float | Sequence[float],
    sd: float | Sequence[float],
    *,
    quantile: float,
    correlation: float = 0.0,
    pooled: bool = True,
) -> float:
    """Return the money to hold in total so that it suffices with a probability, means included.

    Parameters
    ----------
    mean, sd
        Of each team's spend; numbers or lists of the same length. [currency]
    quantile
        Probability that it suffices; 3 ÷ (3 + 1) when being short costs three times what being long does.
    correlation
        Between any two teams.
    pooled
        Whether teams share one reserve; siloed ones hold one each, and the sum is more.

    Notes
    -----
    Newsvendor fractile of normal spend: mean + z × sd, pooled sd = √(Σ sd² + correlation × Σ sd_i sd_j).

    Examples
    --------
    >>> round(reserve(100_000, 20_000, quantile=0.75), 2)
    113489.8
    """
    means, deviations = _amounts("mean", mean), _amounts("sd", sd)
    problems = []
    if means.shape != deviations.shape:
        problems.append(f"mean and sd must be equally many, got {len(means)} and {len(deviations)}")
    if (deviations < 0).any():
        problems.append("sd must be zero or more")
    if not (is_number(quantile) and 0 < quantile < 1):
        problems.append(f"quantile must be between 0 and 1, got {quantile!r}")
    if not (is_number(correlation) and -1 <= correlation <= 1):
        problems.append(f"correlation must be between -1 and 1, got {correlation!r}")
    _refuse(problems)
    z = float(ndtri(quantile))
    if not pooled:
        return float((means + z * deviations).sum())
    squares = float((deviations**2).sum())
    across = float(deviations.sum() ** 2) - squares
    return float(means.sum()) + z * float(np.sqrt(max(squares + correlation * across, 0.0)))


def mismatch_cost(held: float, mean: float, sd: float, *, short_cost: float, long_cost: float) -> float:
    """Return the expected cost of holding an amount against normal spend: of being short, and of what lies idle.

    Parameters
    ----------
    held, mean, sd
        Money held, and what is spent. [currency]
    short_cost, long_cost
        Of each unit that is missing, or left over. [currency/currency]

    Notes
    -----
    sd × (short × (φ(z) − z × (1 − Φ(z))) + long × (φ(z) + z × Φ(z))) at z = (held − mean) ÷ sd (Arrow, Harris and
    Marschak 1951); least at Φ(z) = short ÷ (short + long).

    Examples
    --------
    >>> round(mismatch_cost(113_489.80, 100_000, 20_000, short_cost=3, long_cost=1), 2)
    25422.13
    """
    problems = _no_numbers(held=held, mean=mean) + number_problems("above zero", sd=sd)
    _refuse(problems + number_problems(short_cost=short_cost, long_cost=long_cost))
    z = (held - mean) / sd
    density, below = np.exp(-z * z / 2) / np.sqrt(2 * np.pi), ndtr(z)
    return float(sd * (short_cost * (density - z * (1 - below)) + long_cost * (density + z * below)))


def escalation(budget: float, actual: float, *, vice_president: float = 0.2, c_suite: float = 0.4) -> Level | None:
    """Return who must decide about an overrun: nobody up to a fifth over, strictly over it a vice president, and so on.

    Examples
    --------
    >>> escalation(100_000, 120_000), escalation(100_000, 120_000.01), escalation(100_000, 140_000.01)
    (None, 'vice_president', 'c_suite')
    """
    problems = number_problems(budget=budget, vice_president=vice_president, c_suite=c_suite) + _no_numbers(
        actual=actual
    )
    if not problems and c_suite < vice_president:
        problems = [f"c_suite must not be below vice_president, got {c_suite:g} and {vice_president:g}"]
    _refuse(problems)
    if actual > _limit(budget, c_suite):
        return "c_suite"
    return "vice_president" if actual > _limit(budget, vice_president) else None


def _no_numbers(**values: float) -> list[str]:
    """A sentence for each value that is no finite number, be it below zero."""
    return [f"{name} must be a number, got {value!r}" for name, value in values.items() if not is_number(value)]


def _amounts(name: str, value: float | Sequence[float]) -> np.ndarray:
    """A number or a list of them, shape (n,); InputError for anything else."""
    found = as_numbers(value)
    if found is None or found.ndim > 1 or not found.size or not np.isfinite(found).all():
        raise InputError(f"{name} must be a number or a list of numbers, got {value!r:.60}")
    return np.atleast_1d(found)


def _refuse(problems: Sequence[str]) -> None:
    if problems:
        raise InputError(problems)


def _limit(budget: float, share: float) -> float:
    """Budget × (1 + share), and what binary numbers may add to an actual that is just that."""
    return budget * ((1.0 + share) * EXACTLY)


@dataclass(frozen=True)
class ControlLimits:
    """Limits of individual values (XmR chart).

    Attributes
    ----------
    centre, moving_range
        Mean of the values, and of their steps.
    low, high
        Natural process limits: centre ± 2.66 × moving range.
    """

    centre: float
    moving_range: float
    low: float
    high: float

    def signals(self, value: float) -> bool:
        """Whether a value lies outside."""
        return not self.low <= value <= self.high


def control_limits(values: Sequence[float]) -> ControlLimits:
    """Return the limits within which values vary by themselves (Shewhart; Wheeler 1993).

    Examples
    --------
    >>> found = control_limits([10, 12, 11, 13, 12, 11])
    >>> found.centre, round(found.moving_range, 4), round(found.low, 3), round(found.high, 3), found.signals(30)
    (11.5, 1.4, 7.776, 15.224, True)
    """
    given = as_numbers(values)
    if given is None or given.ndim != 1 or len(given) < 2 or not np.all(np.isfinite(given)):
        raise InputError("values: at least two numbers are needed")
    centre, moving = float(given.mean()), float(np.abs(np.diff(given)).mean())
    return ControlLimits(centre, moving, centre - XMR * moving, centre + XMR * moving)


def cusum(
    values: Sequence[float] | np.ndarray,
    *,
    centre: float | np.ndarray,
    sd: float | np.ndarray,
    allowance: float = 0.5,
    decision: float = 5.0,
) -> np.ndarray:
    """Return the sums of what lies above a centre, which see a small lasting rise sooner than single values do.

    Parameters
    ----------
    values
        In the order of time along the last axis, shape (..., n_values).
    centre, sd
        Of values that vary by themselves; numbers or one a series, shape (...).
    allowance
        What a value may lie above the centre without counting: half the rise that is looked for. [sd]
    decision
        Sum that alarms; after one above it the next starts from nothing. [sd]

    Returns
    -------
    numpy.ndarray
        Sums in standard deviations, shape of `values`; an alarm where one is above `decision`.

    Notes
    -----
    S = max(0, S before + (value − centre) ÷ sd − allowance), upwards alone: spend below its mean alarms nobody (Page
    1954). At 0.5 and 5 independent normal values alarm once in 930 for nothing, and after 10 a rise by one standard
    deviation is seen (Montgomery, Introduction to Statistical Quality Control, table 9.3).

    Examples
    --------
    >>> cusum([10, 12, 14, 14], centre=10, sd=1, decision=3).tolist()
    [0.0, 1.5, 5.0, 3.5]
    """
    given, middle, spread = as_numbers(values), as_numbers(centre), as_numbers(sd)
    problems = number_problems(allowance=allowance) + number_problems("above zero", decision=decision)
    if given is None or not given.ndim or not given.size or not np.isfinite(given).all():
        problems.append("values: at least one number is needed")
    if middle is None or not np.isfinite(middle).all():
        problems.append(f"centre must be a number, or one a series, got {centre!r:.60}")
    if spread is None or not (np.isfinite(spread) & (spread > 0)).all():
        problems.append(f"sd must be above zero, got {sd!r:.60}")
    if problems or given is None or middle is None or spread is None:
        raise InputError(problems)
    far = (given - middle[..., None]) / spread[..., None] - allowance
    sums = np.empty_like(given)
    before = np.zeros(given.shape[:-1])
    for place in range(given.shape[-1]):
        sums[..., place] = np.maximum(0.0, np.where(before > decision, 0.0, before) + far[..., place])
        before = sums[..., place]
    return sums
