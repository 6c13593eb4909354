"""Last month's heavy user is not next month's: what people are expected to use, learnt from a panel of months."""

from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np
import pandas as pd
from scipy.optimize import nnls

_LEAST_MONTHS = 3
_LEVEL_MONTHS = 3  # last months whose level next month is expected to have
_CORRELATIONS = np.arange(0.0, 1.0, 0.05)
_TINY = 1e-12


@dataclass(frozen=True)
class Habit:
    """What makes use differ between people and between months.

    Attributes
    ----------
    person
        Variance of log use that lasts: people are different. [log²]
    drift
        Variance that wears off from month to month: projects, roles. [log²]
    month
        Variance of one month alone. [log²]
    correlation
        Of the drifting part, from one month to the next.
    stays, returns
        Share of those who used something, and of those who did not, who use something in the month after.
    """

    person: float
    drift: float
    month: float
    correlation: float
    stays: float
    returns: float

    @property
    def kept(self) -> float:
        """Correlation of log use of one month with the next, between people who use something in both."""
        whole = self.person + self.drift + self.month
        return (self.person + self.drift * self.correlation) / whole if whole > _TINY else 1.0


def learnt(panel: pd.DataFrame) -> Habit:
    """Learn from a panel how much of use lasts, how much wears off, and how people fall idle and come back.

    Covariances of log use k months apart are fitted by person + drift × correlation^k, and month at k = 0, by least
    squares with no part below zero. Months without use tell of idleness only.
    """
    logs, _ = _logs(panel)
    rows = []
    for first, second in combinations_with_replacement(range(logs.shape[1]), 2):
        product = logs[:, first] * logs[:, second]
        count = int(np.isfinite(product).sum())
        if count > 1:
            rows.append((float(second - first), float(np.nanmean(product)), float(np.sqrt(count))))
    lag, covariance, weight = np.array(rows or [(0.0, 0.0, 1.0)]).T
    fits = []
    for one in _CORRELATIONS:
        columns = np.column_stack([np.ones(len(lag)), one**lag, lag == 0])
        parts, missed = nnls(columns * weight[:, None], covariance * weight)
        fits.append((round(missed, 12), one, parts))
    _, correlation, (person, drift, month) = min(fits, key=lambda fit: fit[0])
    return Habit(float(person), float(drift), float(month), float(correlation), *_activity(panel))


def foreseen(panel: pd.DataFrame, habit: Habit | None = None) -> pd.Series:
    """Expected spend of each person in the month after a panel. [currency/month]

    Empirical Bayes (Robbins 1956; Efron and Morris 1973): log use = level of the month + person + drift (AR 1) + month,
    normal with the variances learnt from all; each person's parts are followed through their months (Kalman 1960), and
    what is left is the chance to use nothing.
    """
    habit = habit or learnt(panel)
    logs, levels = _logs(panel)
    mean, variance = _followed(logs, habit)
    level = float(np.mean(levels[-_LEVEL_MONTHS:])) if len(levels) else -np.inf
    is_active = panel.iloc[:, -1].to_numpy() > 0
    chance = np.where(is_active, habit.stays, habit.returns)
    return pd.Series(chance * np.exp(level + mean + variance / 2), index=panel.index)


def _logs(panel: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Log use from the level of its month, missing where there is none; and the levels of months with any use."""
    spend = panel.to_numpy()
    logs = np.log(np.where(spend > 0, spend, np.nan))
    count = np.isfinite(logs).sum(axis=0)
    level = np.nansum(logs, axis=0) / np.maximum(count, 1)
    return logs - level, level[count > 0]


def _activity(panel: pd.DataFrame) -> tuple[float, float]:
    """Shares who use something after a month with, and after a month without; that of all where none was seen."""
    spend = panel.to_numpy()
    before, after = spend[:, :-1], spend[:, 1:]
    seen = np.isfinite(before) & np.isfinite(after)
    there = np.isfinite(spend)
    of_all = float((spend[there] > 0).mean()) if there.any() else 0.0

    def share(who: np.ndarray) -> float:
        return float((after[who] > 0).mean()) if who.any() else of_all

    return share(seen & (before > 0)), share(seen & (before == 0))


def _followed(logs: np.ndarray, habit: Habit) -> tuple[np.ndarray, np.ndarray]:
    """Mean and variance of each person's next month; shapes (n_people,)."""
    kept = habit.correlation
    person, drift = np.zeros((2, len(logs)))
    pp, pd_, dd = (np.full(len(logs), one) for one in (habit.person, 0.0, habit.drift))  # their covariances
    for seen in logs.T:
        is_seen = np.isfinite(seen)
        left = np.where(is_seen, seen - person - drift, 0.0)
        to_person, to_drift = pp + pd_, pd_ + dd
        whole = to_person + to_drift + habit.month + _TINY
        gain = np.where(is_seen, 1.0 / whole, 0.0)
        person, drift = person + to_person * gain * left, drift + to_drift * gain * left
        pp, pd_, dd = pp - to_person**2 * gain, pd_ - to_person * to_drift * gain, dd - to_drift**2 * gain
        drift, pd_, dd = kept * drift, kept * pd_, kept**2 * dd + (1 - kept**2) * habit.drift
    return person + drift, pp + 2 * pd_ + dd + habit.month


def lasting(panel: pd.DataFrame) -> tuple[float, float]:
    """Autocorrelation and standard deviation of log use about each person's own mean, of those who use every month."""
    used = panel[(panel > 0).all(axis=1)]
    if len(used) < 2 or panel.shape[1] < _LEAST_MONTHS:
        return 0.0, 0.0
    logs = np.log(used.to_numpy())
    left = logs - logs.mean(axis=1, keepdims=True)
    variance = float((left**2).sum())
    if variance <= 0:
        return 0.0, 0.0
    months = logs.shape[1]
    r = float((left[:, 1:] * left[:, :-1]).sum()) / variance * months / (months - 1)
    pulled = r + (1 + r) / (months - 1)  # taking off own means pulls it down by about (1 + r)/(T − 1)
    corrected = min(max(pulled, 0.0), 0.99)
    return corrected, float(np.sqrt(variance / (len(used) * (months - 1))))
