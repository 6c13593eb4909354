"""Last month's heavy user is not next month's: what people are expected to use, learnt from a panel of months."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

_LEAST_MONTHS = 3


@dataclass(frozen=True, eq=False)
class Persistence:
    """What a panel says of next month.

    Attributes
    ----------
    expected
        User -> expected spend next month. [currency/month]
    weight
        How much of a person's own mean counts; the rest is the mean of all. [share]
    autocorrelation
        Of a person's log use from month to month, about its own mean.
    sigma
        Standard deviation of a person's log use about its mean over the months.
    backtest
        One row a month foreseen: month, error_last, error_expected (mean absolute error of ranking by last month, and
        of the expectation), cost_last, cost_expected, cost_best (of seats chosen by each, and with hindsight).
    """

    expected: pd.Series
    weight: float
    autocorrelation: float
    sigma: float
    backtest: pd.DataFrame


def shrunk(panel: pd.DataFrame) -> tuple[pd.Series, float]:
    """Expected spend of each person, and the weight of their own mean.

    Empirical Bayes (Robbins 1956; Efron and Morris 1973): own mean × w + mean of all × (1 − w), w the part of the
    variance between people's means that is not chance, from the variance within people over the months.
    """
    own = panel.mean(axis=1)
    months = panel.shape[1]
    within = float(panel.var(axis=1, ddof=1).mean()) / months
    between = float(own.var(ddof=1)) if len(own) > 1 else 0.0
    weight = max(0.0, 1.0 - within / between) if between > 0 else 0.0
    return weight * own + (1.0 - weight) * own.mean(), weight


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
    corrected = min(
        max(r + (1 + r) / (months - 1), 0.0), 0.99
    )  # taking off own means pulls it down by about (1 + r)/(T − 1)
    return corrected, float(np.sqrt(variance / (len(used) * (months - 1))))


def history(panel: pd.DataFrame, *, chosen_cost: object) -> pd.DataFrame:
    """Foresee each month from the third on from those before it: by last month, and by expectation.

    `chosen_cost(foreseen, came)` is what the people who came cost when seats are given by what was foreseen.
    """
    rows = []
    for place in range(_LEAST_MONTHS - 1, panel.shape[1]):
        past, came = panel.iloc[:, :place], panel.iloc[:, place]
        last, expected = past.iloc[:, -1], shrunk(past)[0]
        rows.append(
            {
                "month": panel.columns[place],
                "error_last": float((last - came).abs().mean()),
                "error_expected": float((expected - came).abs().mean()),
                "cost_last": chosen_cost(last, came),  # type: ignore[operator]
                "cost_expected": chosen_cost(expected, came),  # type: ignore[operator]
                "cost_best": chosen_cost(came, came),  # type: ignore[operator]
            }
        )
    columns = ["month", "error_last", "error_expected", "cost_last", "cost_expected", "cost_best"]
    return pd.DataFrame(rows, columns=columns)
