"""Back-tests from rolling origins: what would have been said on days of the past, and what then came.

Origins lie on a fixed grid counted from the first value, and nothing at an origin (fit, weights, calibration) knows
what came after it, so rows that are added later leave every earlier score as it was.
"""

import warnings
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from aiecon.forecasting import accuracy, calibration, combine
from aiecon.forecasting.calendar import Calendar, Frequency
from aiecon.forecasting.calibration import Scores
from aiecon.forecasting.predicted import Method, Predicted, filled, predicted

COMBINED = "median"
ORIGINS = 20
TESTED: dict[Frequency, int] = {"D": 56, "W": 13, "MS": 6}
"""Frequency -> periods ahead that a forecast's own back-test looks, whatever its horizon."""
LONGEST_TRAINING: dict[Frequency, int] = {"D": 1461, "W": 520, "MS": 480}
"""Frequency -> last values that methods are fitted to."""
LEAST_TRAINING = 4
LEVEL_WINDOW: dict[Frequency, int] = {"D": 28, "W": 8, "MS": 3}
"""Frequency -> last periods that say what is usual."""
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
        Method -> its own quantiles, shape (n_origins, 5, steps); NaN where it was not asked or failed.
    scales
        Mean absolute error of the naive method inside the training values, shape (n_origins,).
    floors
        Whether the training values never were below zero, shape (n_origins,).
    memory
        How many origins before it an origin's weights and ranges are learnt from.
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
    floors: np.ndarray
    memory: int
    weights: Mapping[str, float] | None
    failures: Mapping[str, str]

    @property
    def steps(self) -> int:
        """Periods ahead that were tested."""
        return self.actual.shape[1]

    def scores(self, *, known_at: int | None = None) -> Scores:
        """How far actuals fell from the ranges; of what was known at a position alone when one is given."""
        kept = _remembered(self.origins, known_at, self.memory)
        actual = self.actual[kept]
        if known_at is not None:
            actual = np.where(self.origins[kept, None] + np.arange(self.steps) < known_at, actual, np.nan)
        origins = self.origins[kept]
        windows = (origins[-1] - origins[0] + self.steps) / self.steps if len(origins) else 0.0
        return Scores(calibration.scores(actual, self.said[kept]), float(windows))

    def calibrated(self, prior: Mapping[float, float]) -> np.ndarray:
        """Quantiles as they would have been given at each origin, shape (n_origins, 5, steps)."""
        found = [
            calibration.stretched(
                self.said[place],
                calibration.factors(self.scores(known_at=int(origin)), dict(prior)),
                floor=bool(self.floors[place]),
            )
            for place, origin in enumerate(self.origins)
        ]
        return np.array(found)

    def last(self, count: int) -> np.ndarray:
        """Mark the last so many origins, shape (n_origins,)."""
        return np.arange(len(self.origins)) >= len(self.origins) - count


def _remembered(origins: np.ndarray, known_at: int | None, memory: int) -> np.ndarray:
    """Places of the origins before a position that still count."""
    before = np.flatnonzero(origins < known_at) if known_at is not None else np.arange(len(origins))
    return before[-memory:]


@dataclass(frozen=True)
class Asked:
    """Which methods are tried on a training series, and how they are combined.

    Attributes
    ----------
    family
        Training series -> methods that are combined.
    is_weighted
        Training series -> whether they are weighted by their losses so far.
    beside
        Methods tried beside them.
    last
        At the last so many origins alone, where they are wanted; at every one when None.
    prior
        Method -> what its weight is multiplied by, for what it was worth on other series; 1 where not named.
    """

    family: Callable[[pd.Series], Mapping[str, Method]]
    is_weighted: Callable[[pd.Series], bool]
    beside: Mapping[str, Method] = field(default_factory=dict)
    last: int | None = None
    prior: Mapping[str, float] = field(default_factory=dict)


def plan(
    length: int, *, frequency: Frequency, horizon: int, origins: int, least: int | None = None
) -> tuple[np.ndarray, int]:
    """Return the positions of the origins and the number of steps each is tested over.

    The grid starts at `least` values, half of the history by default, and the last origins of it count. The steps are a
    quarter of the history at most, or what is left after the least.
    """
    first = max(LEAST_TRAINING, length // 2 if least is None else least)
    steps = max(1, min(horizon, length // 4 if least is None else length - first))
    every, each = _SPACING[frequency]
    spacing = every * max(1, horizon // each)
    grid = np.arange(0, length - steps + 1, spacing)
    grid = grid[grid >= first]
    if not len(grid) and length - steps >= LEAST_TRAINING:
        grid = np.array([length - steps])
    return grid[-origins:], steps


def run(
    values: pd.Series,
    calendar: Calendar,
    *,
    asked: Asked,
    horizon: int,
    origins: int = ORIGINS,
    memory: int = ORIGINS,
    least: int | None = None,
) -> Backtest:
    """Back-test methods and their combination on one series; without an origin its arrays are empty.

    Parameters
    ----------
    values, calendar, horizon
        As for a forecast.
    asked
        The methods.
    origins
        The last so many of the grid.
    memory
        How many origins before it an origin learns its weights and ranges from.
    least
        Values the grid starts at; half of the history when None.
    """
    positions, steps = plan(len(values), frequency=calendar.frequency, horizon=horizon, origins=origins, least=least)
    begun = int(np.argmax(values.notna().to_numpy())) if values.notna().any() else len(values)
    positions = positions[positions >= begun + LEAST_TRAINING]
    shape = (len(positions), len(combine.LEVELS), steps)
    failures: dict[str, str] = {}
    actual = np.array([values.iloc[at : at + steps].to_numpy() for at in positions]).reshape(-1, steps)
    members: dict[str, np.ndarray] = {}
    losses: dict[str, np.ndarray] = {}
    said = np.full(shape, np.nan)
    for place, position in enumerate(positions):
        train, future = values.iloc[:position], values.index[position : position + steps]
        combined = asked.family(train)
        beside = asked.beside if asked.last is None or place >= len(positions) - asked.last else {}
        found = predict(train, future, calendar, {**beside, **combined}, failures)
        parts = quantiles(found, train, calendar, steps)
        for name, one in parts.items():
            members.setdefault(name, np.full(shape, np.nan))[place] = one
            losses.setdefault(name, np.full(shape[::2], np.nan))[place] = combine.losses(actual[place], one)
        counted = {name: one for name, one in parts.items() if name in combined}
        if counted:
            kept = _weights(losses, positions, position, memory, counted, asked) if asked.is_weighted(train) else None
            said[place] = combine.combined(counted, kept)
    final = (
        _weights(losses, positions, len(values), memory, asked.family(values), asked)
        if asked.is_weighted(values)
        else None
    )
    scales = np.array([_scale(values.iloc[:at].to_numpy(), calendar.season) for at in positions])
    floors = np.array([has_floor(values.iloc[:at]) for at in positions], dtype=bool)
    return Backtest(positions, actual, said, members, scales, floors, memory, final, failures)


def predict(
    train: pd.Series,
    future: pd.DatetimeIndex,
    calendar: Calendar,
    methods: Mapping[str, Method],
    failures: dict[str, str],
) -> dict[str, Predicted]:
    """Forecast with every method; one that fails is noted and left out."""
    train = train.loc[train.first_valid_index() :] if train.notna().any() else train
    train = train.iloc[-LONGEST_TRAINING[calendar.frequency] :]
    members: dict[str, Predicted] = {}
    with warnings.catch_warnings(record=True):  # a doubtful fit is judged by its back-test like any other
        for name, method in methods.items():
            try:
                members[name] = predicted(
                    method(train.copy(), future, _season(calendar.season, len(train))), len(future)
                )
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


def has_floor(values: pd.Series) -> bool:
    """Whether a series never was below zero."""
    return bool((values.dropna() >= 0).all())


def _season(season: int, length: int) -> int:
    return season if length >= 2 * season else 1


def _weights(
    losses: Mapping[str, np.ndarray],
    origins: np.ndarray,
    now: int,
    memory: int,
    present: Collection[str],
    asked: Asked,
) -> dict[str, float] | None:
    """Weights of the members present, from the losses known at a position; one without any loss counts for nothing."""
    kept = _remembered(origins, now, memory)
    if not len(kept):
        return None
    known = origins[kept, None] + np.arange(next(iter(losses.values())).shape[1]) < now
    means = {name: _mean(losses[name][kept][known]) for name in present if name in losses}
    found = combine.weights({name: mean for name, mean in means.items() if np.isfinite(mean)})
    return found and {name: weight * asked.prior.get(name, 1.0) for name, weight in found.items()}


def _mean(values: np.ndarray) -> float:
    seen = values[np.isfinite(values)]
    return float(seen.mean()) if len(seen) else np.nan


def _scale(train: np.ndarray, season: int) -> float:
    return accuracy.naive_scale(train, _season(season, len(train)))
