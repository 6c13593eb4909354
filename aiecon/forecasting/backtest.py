"""Back-tests from rolling origins: every method forecasts from several days of the past what then came."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from aiecon.forecasting import accuracy
from aiecon.forecasting.calendar import Calendar
from aiecon.forecasting.methods import Method

COMBINED = "median"
_LEVEL_WINDOW = {"D": 28, "W": 8, "MS": 3}


@dataclass(frozen=True, eq=False)
class Backtest:
    """What one series' methods would have said.

    Attributes
    ----------
    origins
        Positions of the first forecast period of each origin, shape (n_origins,).
    errors
        Actual − combined forecast over the level at the origin, shape (n_origins, steps); a row of NaN where the
        series had not begun.
    levels
        Recent mean size of the series at each origin, shape (n_origins,).
    forecasts
        Method -> expected values, shape (n_origins, steps); the combined one under "median".
    actual
        Shape (n_origins, steps), NaN where missing.
    mase
        Method -> mean absolute error over the naive one inside the training values, averaged over origins.
    failures
        Method -> why it failed at some origin.
    """

    origins: np.ndarray
    errors: np.ndarray
    levels: np.ndarray
    forecasts: Mapping[str, np.ndarray]
    actual: np.ndarray
    mase: Mapping[str, float]
    failures: Mapping[str, str]


def plan(length: int, *, horizon: int, origins: int) -> tuple[np.ndarray, int]:
    """Return the positions of the origins and the number of steps each is tested over.

    At least half of the history stays for training; the steps are at most a
    quarter of the history; origins are spread evenly.
    """
    steps = max(1, min(horizon, length // 4))
    first = max(3, length // 2)
    last = length - steps
    positions = np.unique(np.linspace(min(first, last), last, min(origins, last - min(first, last) + 1)).round())
    return positions.astype(int), steps


def level(train: pd.Series, calendar: Calendar) -> float:
    """Return the recent size of a series, the yardstick its errors are measured in.

    The median of the last periods, which one spike does not move; the mean of all when most of them are zero, so that a
    series that has stopped or is billed now and then keeps its width; 1 when all is zero.
    """
    sizes = train.dropna().abs()
    recent = float(sizes.iloc[-_LEVEL_WINDOW[calendar.frequency] :].median())
    return recent or float(sizes.mean()) or 1.0


def run(
    values: pd.Series, calendar: Calendar, *, methods: Mapping[str, Method], horizon: int, origins: int
) -> Backtest:
    """Back-test the methods and their median on one series."""
    positions, steps = plan(len(values), horizon=horizon, origins=origins)
    failures: dict[str, str] = {}
    rows: dict[str, list[np.ndarray]] = {name: [] for name in (*methods, COMBINED)}
    for position in positions:
        train, future = values.iloc[:position], values.index[position : position + steps]
        members = predict(train, future, calendar, methods, failures)
        for name in rows:
            rows[name].append(members.get(name, np.full(steps, np.nan)))
    forecasts = {name: np.array(found) for name, found in rows.items()}
    actual = np.array([values.iloc[position : position + steps].to_numpy() for position in positions])
    levels = np.array([level(values.iloc[:position], calendar) for position in positions])
    errors = _without_gaps((actual - forecasts[COMBINED]) / levels[:, None])
    scores = _scores(values, positions, actual, forecasts, calendar.season)
    return Backtest(positions, errors, levels, forecasts, actual, scores, failures)


def predict(
    train: pd.Series,
    future: pd.DatetimeIndex,
    calendar: Calendar,
    methods: Mapping[str, Method],
    failures: dict[str, str],
) -> dict[str, np.ndarray]:
    """Forecast with every method and combine by the median; a method that fails is noted and left out."""
    train = train.loc[train.first_valid_index() :]
    members: dict[str, np.ndarray] = {}
    for name, method in methods.items():
        try:
            with warnings.catch_warnings(record=True):  # a doubtful fit is judged by its back-test like any other
                found = np.asarray(method(train, future, calendar.season), dtype=float)
            if not np.isfinite(found).all():
                raise ValueError("it returned values that are not finite")
            members[name] = found
        except Exception as error:  # noqa: BLE001 (one method failing must not lose the forecast; it is reported)
            failures[name] = f"{type(error).__name__}: {error}".splitlines()[0][:200]
    if members:
        combined = np.median(list(members.values()), axis=0)
        members[COMBINED] = np.maximum(combined, 0) if (train.dropna() >= 0).all() else combined
    return members


def _without_gaps(errors: np.ndarray) -> np.ndarray:
    """A missing actual gets the mean error of its origin, so that sums over the horizon stay whole."""
    seen = np.where(np.isnan(errors), 0, 1).sum(axis=1, keepdims=True)
    means = np.divide(np.nansum(errors, axis=1, keepdims=True), seen, out=np.full(seen.shape, np.nan), where=seen > 0)
    return np.where(np.isnan(errors), means, errors)


def _scores(
    values: pd.Series, positions: np.ndarray, actual: np.ndarray, forecasts: Mapping[str, np.ndarray], season: int
) -> dict[str, float]:
    scores = {}
    for name, rows in forecasts.items():
        found = [
            accuracy.mase(
                seen[keep], row[keep], train=values.iloc[:position].to_numpy(), season=_scale_season(season, position)
            )
            for position, seen, row in zip(positions, actual, rows, strict=True)
            if (keep := ~np.isnan(seen) & ~np.isnan(row)).any()
        ]
        finite = [score for score in found if np.isfinite(score)]
        if finite:
            scores[name] = float(np.mean(finite))
    return scores


def _scale_season(season: int, length: int) -> int:
    return season if length > season else 1
