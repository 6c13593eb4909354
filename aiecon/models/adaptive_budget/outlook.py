"""What pools are expected to spend and to need: from the forecast given, else from their own past."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtri

from aiecon.models.adaptive_budget.inputs import Expected
from aiecon.vocabulary.distribution import Distribution, base, draw, stream

_LEAST = 4
_SEASON = 12
_NORMAL = 1.4826  # standard deviation of normal values over their median absolute deviation
_FAR = 20.0  # of logs: half a billion times; no month lies beyond
_SMOOTH = 0.5  # weight of the latest month in the level
_STRAY = 0.1  # per month, where the past is too short to tell


@dataclass(frozen=True, eq=False)
class Outlook:
    """A pool's months ahead.

    Attributes
    ----------
    driver
        Expected, one a month; None where not known.
    spend
        Draws of the spend of each month, shape (n_draws, n_months). [currency/month]
    """

    driver: list[float | None]
    spend: np.ndarray


def outlook(
    rows: pd.DataFrame,
    given: Sequence[Expected],
    months: pd.DatetimeIndex,
    *,
    name: str,
    draws: int,
    seed: int,
    response: float = 1.0,
    quantile: float | None = None,
) -> Outlook:
    """Return what a pool is expected to need and to spend in the months ahead.

    Parameters
    ----------
    rows
        Its actuals by month: month, spend, driver.
    given
        What is expected of it, where the user says so.
    months
        Months ahead, first days.
    name
        Of the random stream.
    response
        Of demand to what is charged from now on: what is learnt from the past is multiplied by it. [ratio]
    quantile
        Of the driver, that the budget follows; its base value when left out. [share]

    Notes
    -----
    A value not given follows the theta method (Assimakopoulos and Nikolopoulos 2000) on logs: the smoothed level,
    growing by half the slope of the last year (median of pairwise slopes: a single jump is no trend), and strays month
    after month as the past did (median absolute deviation of its changes). With fewer than four months it stays where
    it is, straying by a tenth a month. A driver is expected on that course, without any draw: a budget has no chance
    in it. Spend that is given is drawn as given, each month by itself. A given driver that is uncertain leaves the
    budget at its base value and widens the spend that is learnt: a unit costs what it costs.
    """
    by_month = _by_month(given)
    spend = response * walk(rows["spend"].to_numpy(dtype=float), len(months), f"{name}.spend", draws, seed)
    for place, month in enumerate(months):
        one = by_month.get(month.to_period("M"))
        if one is None:
            continue
        if one.spend is not None:
            spend[:, place] = draw(one.spend, f"{name}.forecast.{place}", draws=draws, seed=seed)
        elif one.driver is not None and (usual := base(one.driver)) > 0:
            spend[:, place] *= draw(one.driver, f"{name}.driver.{place}", draws=draws, seed=seed) / usual
    return Outlook(expected_driver(rows, given, months, response=response, quantile=quantile), spend)


def expected_driver(
    rows: pd.DataFrame,
    given: Sequence[Expected],
    months: pd.DatetimeIndex,
    *,
    response: float = 1.0,
    quantile: float | None = None,
) -> list[float | None]:
    """Return the driver a budget follows in each of the months after `rows`; None where nothing is known of it.

    With a `quantile` it is that of the driver given, or of the course learnt, which strays further month by month;
    without one the base value of the first and the middle of the second. A course is learnt from the months that had a
    driver; where the last known was 0, nothing is known of the month after it, which is expected to have 0 too.
    """
    by_month = _by_month(given)
    known = rows["driver"].dropna().to_numpy(dtype=float) if "driver" in rows else np.zeros(0)
    learnt = _learnt(known, len(months), response, quantile) if len(known) else [None] * len(months)
    found: list[float | None] = []
    for month, usual in zip(months, learnt, strict=True):
        one = by_month.get(month.to_period("M"))
        if one is not None and one.driver is not None:
            found.append(_given_at(one.driver, quantile))
        else:
            found.append(None if usual is None else float(usual))
    return found


def _learnt(known: np.ndarray, months: int, response: float, quantile: float | None) -> np.ndarray:
    """The course of the months that had a driver, shape (months,); a month right after one of 0 has 0."""
    used = known[known > 0]
    found = response * _at(used, months, quantile) if len(used) else np.zeros(months)
    found[:1] *= known[-1] > 0
    return found


def _given_at(driver: float | Distribution, quantile: float | None) -> float:
    if quantile is None or isinstance(driver, int | float):
        return base(driver)
    return max(float(driver.ppf(np.array([quantile]))[0]), 0.0)


def _at(past: np.ndarray, months: int, quantile: float | None) -> np.ndarray:
    """The course, or a quantile of what `walk` draws around it, shape (months,)."""
    course = _course(past, months)
    if quantile is None:
        return course
    _, _, spread = _trend(past)
    strays = ndtri(quantile) * spread * np.sqrt(np.arange(1, months + 1))
    return np.asarray(course * np.exp(np.clip(strays, -_FAR, _FAR)))


def _by_month(given: Sequence[Expected]) -> dict[pd.Period, Expected]:
    return {pd.Timestamp(one.month).to_period("M"): one for one in given}


def walk(past: np.ndarray, months: int, name: str, draws: int, seed: int) -> np.ndarray:
    """Draws around the course that stray further month by month, shape (draws, months)."""
    _, _, spread = _trend(past)
    strays = stream(name, seed=seed).standard_normal((draws, months)) * spread
    return np.asarray(_course(past, months) * np.exp(np.clip(np.cumsum(strays, axis=1), -_FAR, _FAR)))


def _course(past: np.ndarray, months: int) -> np.ndarray:
    """What is expected month by month, shape (months,); nothing grows to nothing."""
    level, drift, _ = _trend(past)
    return np.asarray(level * np.exp(np.clip(drift * np.arange(1, months + 1), -_FAR, _FAR)))


def _trend(past: np.ndarray) -> tuple[float, float, float]:
    """Level, half the slope and the spread of a month's change, the last two of logs."""
    recent = past[-_SEASON - 1 :]
    logs = np.log(recent[recent > 0])
    if recent[-1] <= 0 or len(logs) < _LEAST:
        return max(float(recent[-1]), 0.0), 0.0, _STRAY
    level = float(logs[0])
    for one in logs:
        level += _SMOOTH * (float(one) - level)
    first, second = np.triu_indices(len(logs), 1)
    slope = float(np.median((logs[second] - logs[first]) / (second - first)))
    steps = np.diff(logs)
    return float(np.exp(level)), slope / 2, _NORMAL * float(np.median(np.abs(steps - np.median(steps))))
