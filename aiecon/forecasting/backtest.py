"""Back-tests from rolling origins: what would have been said on days of the past, and what then came.

Origins lie on a fixed grid counted from the first value, and nothing at an origin (fit, weights, calibration) knows
what came after it, so rows that are added later leave every earlier score as it was.
"""

import warnings
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from aiecon.forecasting import accuracy, calibration, combine
from aiecon.forecasting.calendar import Calendar, Frequency
from aiecon.forecasting.calibration import Scores
from aiecon.forecasting.predicted import Method, Predicted, filled, predicted

COMBINED = "median"
ORIGINS = 20
LEAST_TRAINING = 4
_SPACING: dict[Frequency, tuple[int, int]] = {"D": (7, 28), "W": (1, 4), "MS": (1, 6)}
"""Frequency -> periods between origins for each so many periods of horizon."""


@dataclass(frozen=True, eq=False)
class Backtest:
    """What the methods of one series would have said.

    Attributes
    ----------
    origins
        Positions of the first forecast period of each origin, shape (n_origins,).
    actual
        What came, NaN where missing, shape (n_origins, steps).
    said
        Quantiles of all methods together before calibration, shape (n_origins, 5, steps).
    members
        Method -> its own quantiles, shape (n_origins, 5, steps); NaN where it failed.
    scales
        Mean absolute error of the naive method inside the training values, shape (n_origins,).
    weights
        Method -> weight at the end of the history; None for the plain median.
    failures
        Method -> why it failed at some origin.
    """

    origins: np.ndarray
    actual: np.ndarray
    said: np.ndarray
    members: Mapping[str, np.ndarray]
    scales: np.ndarray
    weights: Mapping[str, float] | None
    failures: Mapping[str, str]

    @property
    def steps(self) -> int:
        """Periods ahead that were tested."""
        return self.actual.shape[1]

    def scores(self, *, known_at: int | None = None) -> Scores:
        """How far actuals fell from the ranges; of what was known at a position alone when one is given."""
        actual = self.actual if known_at is None else np.where(self._known(known_at), self.actual, np.nan)
        origins = self.origins if known_at is None else self.origins[self.origins < known_at]
        count = len(origins)
        windows = (origins[-1] - origins[0] + self.steps) / self.steps if count else 0.0
        return Scores(calibration.scores(actual[:count], self.said[:count]), float(windows))

    def _known(self, position: int) -> np.ndarray:
        return self.origins[:, None] + np.arange(self.steps) < position

    def calibrated(self, prior: Mapping[float, float], *, floor: bool) -> np.ndarray:
        """Quantiles as they would have been given at each origin, shape (n_origins, 5, steps)."""
        found = [
            calibration.stretched(
                self.said[place],
                calibration.factors(self.scores(known_at=int(origin)), dict(prior)),
                floor=floor,
            )
            for place, origin in enumerate(self.origins)
        ]
        return np.array(found)


def plan(length: int, *, frequency: Frequency, horizon: int, origins: int) -> tuple[np.ndarray, int]:
    """Return the positions of the origins and the number of steps each is tested over.

    Half of the history stays for training, the steps are a quarter of it at most; the last origins of the grid count.
    """
    steps = max(1, min(horizon, length // 4))
    every, each = _SPACING[frequency]
    spacing = every * max(1, horizon // each)
    least = max(LEAST_TRAINING, length // 2)
    grid = np.arange(0, length - steps + 1, spacing)
    grid = grid[grid >= least]
    if not len(grid) and length - steps >= LEAST_TRAINING:
        grid = np.array([length - steps])
    return grid[-origins:], steps


def run(
    values: pd.Series,
    calendar: Calendar,
    *,
    methods: Mapping[str, Method],
    is_weighted: bool,
    horizon: int,
    origins: int = ORIGINS,
    combined: Collection[str] | None = None,
) -> Backtest:
    """Back-test the methods and their combination on one series; without an origin its arrays are empty.

    `combined` names the methods that the combination is of, all by default.
    """
    combined = methods if combined is None else combined
    positions, steps = plan(len(values), frequency=calendar.frequency, horizon=horizon, origins=origins)
    failures: dict[str, str] = {}
    actual = np.array([values.iloc[at : at + steps].to_numpy() for at in positions]).reshape(-1, steps)
    members = {name: np.full((len(positions), len(combine.LEVELS), steps), np.nan) for name in methods}
    losses = {name: np.full((len(positions), steps), np.nan) for name in methods}
    said = np.full((len(positions), len(combine.LEVELS), steps), np.nan)
    for place, position in enumerate(positions):
        train, future = values.iloc[:position], values.index[position : position + steps]
        parts = quantiles(predict(train, future, calendar, methods, failures), train, calendar, steps)
        for name, found in parts.items():
            members[name][place] = found
            losses[name][place] = combine.losses(actual[place], found)
        counted = {name: found for name, found in parts.items() if name in combined}
        if counted:
            kept = _weights(losses, positions[:place], position, counted) if is_weighted else None
            said[place] = bounded(combine.combined(counted, kept), train)
    final = _weights(losses, positions, len(values), combined) if is_weighted else None
    scales = np.array([_scale(values.iloc[:at].to_numpy(), calendar.season) for at in positions])
    return Backtest(positions, actual, said, members, scales, final, failures)


def predict(
    train: pd.Series,
    future: pd.DatetimeIndex,
    calendar: Calendar,
    methods: Mapping[str, Method],
    failures: dict[str, str],
) -> dict[str, Predicted]:
    """Forecast with every method; one that fails is noted and left out."""
    train = train.loc[train.first_valid_index() :] if train.notna().any() else train
    members: dict[str, Predicted] = {}
    with warnings.catch_warnings(record=True):  # a doubtful fit is judged by its back-test like any other
        for name, method in methods.items():
            try:
                members[name] = predicted(method(train, future, _season(calendar.season, len(train))), len(future))
            except Exception as error:  # noqa: BLE001 (one method failing must not lose the forecast; it is reported)
                failures[name] = f"{type(error).__name__}: {error}".splitlines()[0][:200]
    return members


def quantiles(
    members: Mapping[str, Predicted], train: pd.Series, calendar: Calendar, horizon: int
) -> dict[str, np.ndarray]:
    """Quantiles of each member, shape (5, horizon); who gives no range falls back on that of a random walk."""
    if all(one.spread is not None for one in members.values()):
        return combine.quantiles(members, np.zeros(horizon))
    seen = filled(train.loc[train.first_valid_index() :], calendar.season).to_numpy()
    step = float(np.sqrt(np.mean(np.diff(seen) ** 2))) if len(seen) > 1 else 0.0
    return combine.quantiles(members, step * np.sqrt(np.arange(1, horizon + 1)))


def bounded(said: np.ndarray, train: pd.Series) -> np.ndarray:
    """Nothing below zero where the training values never were."""
    return np.maximum(said, 0.0) if has_floor(train) else said


def has_floor(values: pd.Series) -> bool:
    """Whether a series never was below zero."""
    return bool((values.dropna() >= 0).all())


def _season(season: int, length: int) -> int:
    return season if length >= 2 * season else 1


def _weights(
    losses: Mapping[str, np.ndarray], origins: np.ndarray, now: int, present: Collection[str]
) -> dict[str, float] | None:
    """Weights of the members present, from the losses that were known at a position."""
    if not len(origins):
        return None
    known = origins[:, None] + np.arange(next(iter(losses.values())).shape[1]) < now
    means = {name: _mean(losses[name][: len(origins)][known]) for name in present}
    if not all(np.isfinite(list(means.values()))):
        return None
    return combine.weights(means)


def _mean(values: np.ndarray) -> float:
    seen = values[np.isfinite(values)]
    return float(seen.mean()) if len(seen) else np.nan


def _scale(train: np.ndarray, season: int) -> float:
    return accuracy.naive_scale(train, season if len(train) > season else 1)
