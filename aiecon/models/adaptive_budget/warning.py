"""How soon watching the burn sees a rise of spend, and how often for nothing: windows and control charts, simulated."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from aiecon.budgets import MOVING_RANGE_TO_SD, XMR, check_weekdays, cusum
from aiecon.errors import InputError
from aiecon.units import DAYS_PER_WEEK, DAYS_PER_YEAR, HOURS_PER_DAY
from aiecon.vocabulary.arguments import is_number, number_problems, whole_problems
from aiecon.vocabulary.distribution import stream

WINDOWS = ((14.4, (1,)), (6.0, (6,)), (1.0, (72,)), (1.0, (72, 6)))
"""Burn rate from which windows alarm together, and their hours (The Site Reliability Workbook, chapter 5, table 5-8).

The workbook pairs each window with one of a twelfth, so that an alarm ends soon after its cause: 72 h with 6 h. Those
of 6 h and 1 h are 30 and 5 minutes, which spend by the hour does not show.
"""
DECISIONS = (5.0, 15.0)
"""CUSUM: sums that alarm, in standard deviations: the textbook's, and one for days that follow the day before."""
RISES = (0.3, 1.0, 9.0)
_RUN_IN, _LOOK_OUT = 14, 60  # days between limits and the rise, and after it


def early_warning(
    *,
    day_spread: float,
    day_autocorrelation: float = 0.0,
    hour_spread: float = 0.0,
    headroom: float = 0.0,
    weekday_shares: Sequence[float] | None = None,
    rises: Sequence[float] = RISES,
    baseline_days: int = 28,
    paths: int = 200,
    seed: int = 0,
) -> pd.DataFrame:
    """Say how often each way to watch the burn alarms for nothing, and after how long it sees a rise.

    Parameters
    ----------
    day_spread, hour_spread
        Standard deviation of the logarithm of a day's spend, weekdays taken out, and of an hour's within its day.
    day_autocorrelation
        Of a day's logarithm with that of the day before.
    headroom
        Of the budget above the spend that is planned. [share]
    weekday_shares
        Spend expected of a weekday over the mean day, Monday first, shape (7,); even when left out. [ratio]
    rises
        Of spend, from the first hour of a day on: 1.0 doubles it. [share]
    baseline_days
        That the limits of the charts are learnt from. [days]
    paths
        Years without a rise, and rises of each size, that are simulated.

    Returns
    -------
    pandas.DataFrame
        One row a rule: rule, false_alarms_per_year (alarms that begin on a day after one without any), alarmed_share
        (of days without a rise), then for each rise its median delay in days, missing when less than half of the rises
        are seen within 60 days: `delay_30%`, ... [days]

    Notes
    -----
    A window alarms in the hour in which its burn reaches the rate, windows together in one in which all do. Burn is
    spend over the budget expected of those hours, charts take a day's spend over what its weekday is expected to cost,
    and days without any are passed over. With weekday shares every window is also read evenly, as if each hour had the
    same budget: a working week then alarms for nothing. XmR alarms at the end of a day above the upper
    natural process limit of the baseline (Wheeler 1993), CUSUM at the end of a day whose sum is above 5 or 15 standard
    deviations at an allowance of one half (Page 1954; Montgomery, Introduction to Statistical Quality Control). 5 is
    for independent days; days that follow the day before make it alarm more often, 15 about twice a year.

    Examples
    --------
    >>> found = early_warning(day_spread=0.1, headroom=0.1, paths=50).set_index("rule")
    >>> float(found.loc["burn 6 in 6 h", "false_alarms_per_year"])
    0.0
    >>> round(found.loc["burn 6 in 6 h", "delay_900%"] * 24)  # hours until ten times the spend is seen
    4
    """
    problems = number_problems("above zero", day_spread=day_spread)
    problems += number_problems(hour_spread=hour_spread, headroom=headroom)
    problems += whole_problems("baseline_days", baseline_days, least=2) + whole_problems("paths", paths, least=1)
    if not (is_number(day_autocorrelation) and -1 < day_autocorrelation < 1):
        problems.append(f"day_autocorrelation must be between -1 and 1, got {day_autocorrelation!r}")
    problems += [problem for rise in rises for problem in number_problems("above zero", rises=rise)]
    if problems:
        raise InputError(problems)
    days = baseline_days + max(DAYS_PER_YEAR, _RUN_IN + _LOOK_OUT)
    week = check_weekdays([1.0] * DAYS_PER_WEEK if weekday_shares is None else weekday_shares)
    plan = week[np.arange(days) % DAYS_PER_WEEK]
    hours = _hours(paths, days, day_spread, day_autocorrelation, hour_spread, seed) * plan[:, None]
    calm = _alarms(hours, plan, baseline_days, headroom)
    found = pd.DataFrame(
        [
            {
                "rule": rule,
                "false_alarms_per_year": _begun(alarm[:, baseline_days:]) * DAYS_PER_YEAR / (days - baseline_days),
                "alarmed_share": float(_by_day(alarm[:, baseline_days:]).mean()),
            }
            for rule, alarm in calm.items()
        ]
    )
    at = baseline_days + _RUN_IN
    for rise in rises:
        risen = hours[:, : at + _LOOK_OUT].copy()
        risen[:, at:] *= 1.0 + rise
        delays = [_delay(alarm[:, at:]) for alarm in _alarms(risen, plan, baseline_days, headroom).values()]
        found[delay_name(rise)] = delays
    return found


def delay_name(rise: float) -> str:
    """Column of the median delay until a rise is seen."""
    return f"delay_{rise:.0%}"


def _hours(paths: int, days: int, spread: float, correlation: float, hour_spread: float, seed: int) -> np.ndarray:
    """Spend of each hour over what is planned, mean one, shape (n_paths, n_days, 24)."""
    drawn = stream("early_warning.day", seed=seed).standard_normal((paths, days))
    level = drawn.copy()
    for day in range(1, days):
        level[:, day] = correlation * level[:, day - 1] + np.sqrt(1.0 - correlation**2) * drawn[:, day]
    within = stream("early_warning.hour", seed=seed).standard_normal((paths, days, HOURS_PER_DAY))
    by_day = np.exp(spread * level - spread**2 / 2)
    return by_day[:, :, None] * np.exp(hour_spread * within - hour_spread**2 / 2)


def _alarms(hours: np.ndarray, plan: np.ndarray, baseline: int, headroom: float) -> dict[str, np.ndarray]:
    """Rule -> whether it alarms, hour by hour, shape (n_paths, n_days, 24); charts speak in a day's last hour.

    `plan` is what each day is expected to cost over the mean day, shape (n_days or more,).
    """
    plan = plan[: hours.shape[1]]
    found = _burns(hours, plan, headroom)
    if not np.all(plan == 1.0):
        evenly = _burns(hours, np.ones(len(plan)), headroom)
        found |= {f"{name}, read evenly": alarm for name, alarm in evenly.items()}
    for name, is_out in _charts(hours.mean(axis=2)[:, plan > 0] / plan[plan > 0], int((plan[:baseline] > 0).sum())):
        found[name] = np.zeros(hours.shape, dtype=bool)
        found[name][:, plan > 0, -1] = is_out
    return found


def _burns(hours: np.ndarray, plan: np.ndarray, headroom: float) -> dict[str, np.ndarray]:
    """Rule -> whether all its windows burn at its rate, shape of `hours`."""
    burnt = np.cumsum(hours.reshape(len(hours), -1), axis=1)
    planned = np.cumsum(np.repeat(plan, HOURS_PER_DAY))
    found = {}
    for rate, windows in WINDOWS:
        name = f"burn {rate:g} in {' and '.join(f'{window} h' for window in windows)}"
        is_burning = [_burn(burnt, planned, window) / (1.0 + headroom) >= rate for window in windows]
        found[name] = np.all(is_burning, axis=0).reshape(hours.shape)
    return found


def _burn(burnt: np.ndarray, planned: np.ndarray, window: int) -> np.ndarray:
    """Spend over plan of the last hours, shape of `burnt`; 0 before there are so many, and where none is planned."""
    spent, plan = np.zeros_like(burnt), np.zeros_like(planned)
    for sums, found in ((burnt, spent), (planned, plan)):
        found[..., window - 1] = sums[..., window - 1]
        found[..., window:] = sums[..., window:] - sums[..., :-window]
    return np.divide(spent, plan, out=np.zeros_like(spent), where=plan > 0)


def _charts(spend: np.ndarray, baseline: int) -> Iterator[tuple[str, np.ndarray]]:
    """Rule -> whether a day is above its limit, shape (n_paths, n_days), from each day over what it is expected to."""
    known = spend[:, :baseline]
    centre, moving = known.mean(axis=1), np.abs(np.diff(known, axis=1)).mean(axis=1)
    yield "XmR by day", spend > (centre + XMR * moving)[:, None]
    for decision in DECISIONS:
        sums = cusum(spend, centre=centre, sd=moving / MOVING_RANGE_TO_SD, decision=decision)
        yield f"CUSUM {decision:g} by day", sums > decision


def _by_day(alarm: np.ndarray) -> np.ndarray:
    return np.asarray(alarm.any(axis=2))


def _begun(alarm: np.ndarray) -> float:
    """Alarms that begin on a day after one without any, a path."""
    days = _by_day(alarm)
    return float((days[:, 1:] & ~days[:, :-1]).sum(axis=1).mean() + days[:, 0].mean())


def _delay(alarm: np.ndarray) -> float:
    """Median days until the end of the hour that alarms; missing when less than half of the paths do."""
    flat = alarm.reshape(len(alarm), -1)
    first = np.where(flat.any(axis=1), flat.argmax(axis=1) + 1.0, np.inf)
    middle = float(np.median(first)) / HOURS_PER_DAY
    return middle if np.isfinite(middle) else float("nan")
