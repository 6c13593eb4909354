"""Single forecasting methods: each takes a training series, the dates to come and the season, and says what it expects.

Those here are ours; `heavy` has those of other libraries. What a method takes and returns: `predicted`.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from aiecon.forecasting import heavy, seasons
from aiecon.forecasting.backtest import Asked
from aiecon.forecasting.calendar import Frequency
from aiecon.forecasting.predicted import Method, Predicted, filled
from aiecon.kernels import smoothing

LONGEST_SEASON = 12  # periods up to which smoothing carries a season of its own
DAYS_FOR_A_YEAR = 731  # daily values that have seen the season of the year twice
_LEAST_FOR_A_SEASON = 3  # seasons from which smoothing carries its own; before, the shrunken one is taken off
_LAST_WEEKDAY = 7
_WIDEST_LOG = 3.0  # standard deviations of a logarithm are cut there
_HIGHEST_LOG = 4.0  # above the largest value so far, as a logarithm: growth that no spend sustains


_Core = Callable[[np.ndarray, int], Predicted]


def seasonal_naive(train: pd.Series, future: pd.DatetimeIndex, season: int) -> Predicted:
    """Repeat the last season; with fewer than two seasons, `drift`."""
    values, steps = filled(train, season).to_numpy(), np.arange(len(future))
    if season < 2 or len(values) < 2 * season:
        return drift(train, future, season)
    error = np.sqrt(np.mean((values[season:] - values[:-season]) ** 2))
    return Predicted(values[len(values) - season + steps % season], error * np.sqrt(1 + steps // season))


def drift(train: pd.Series, future: pd.DatetimeIndex, season: int) -> Predicted:
    """Go on along the line from the first value to the last."""
    values, steps = filled(train, season).to_numpy(), np.arange(1, len(future) + 1)
    slope = (values[-1] - values[0]) / (len(values) - 1)
    error = np.sqrt(np.mean((np.diff(values) - slope) ** 2))
    return Predicted(values[-1] + slope * steps, error * np.sqrt(steps * (1 + steps / len(values))))


def _smoothed(values: np.ndarray, horizon: int, *, season: int = 1) -> Predicted:
    """Exponential smoothing with the lowest AICc of: damped trend or none, season or none (Hyndman et al. 2008)."""
    fits = [
        (_aicc(fit[0], len(values), _count(has_trend, has_season, season)), has_trend, has_season, fit)
        for has_trend in (False, True)
        for has_season in ({False, season > 1})
        if len(values) - _count(has_trend, has_season, season) > 2
        for fit in [smoothing.fit_smoothing(values, season if has_season else 1, has_trend, has_season)]
    ]
    if not fits:
        fits = [(0.0, False, False, smoothing.fit_smoothing(values, 1, False, False))]
    _, has_trend, has_season, fit = min(fits, key=lambda one: one[0])
    squares, weights, states, _ = fit
    center, response = smoothing.project_smoothing(
        values, season if has_season else 1, has_trend, has_season, weights, states, horizon
    )
    left = len(values) - _count(has_trend, has_season, season) + 1
    return _spreading(center, response, squares, len(values), left)


def _count(has_trend: bool, has_season: bool, season: int) -> int:
    """Parameters fitted: weights, first states and the variance."""
    return 3 + 3 * has_trend + season * has_season


def _aicc(squares: float, length: int, count: int) -> float:
    return float(
        length * np.log(max(squares, 1e-300) / length) + 2 * count + 2 * count * (count + 1) / (length - count - 1)
    )


def _spreading(center: np.ndarray, response: np.ndarray, squares: float, length: int, left: float) -> Predicted:
    """Spread that grows as errors pass on; `left` degrees of freedom, half as many as values at least."""
    error = np.sqrt(squares / max(left, 0.5 * length))
    return Predicted(center, error * np.sqrt(np.cumsum(response**2)), response)


def _theta(values: np.ndarray, horizon: int) -> Predicted:
    """Simple smoothing with half the slope of the line through all values (Hyndman and Billah 2003)."""
    length = len(values)
    squares, weights, states, _ = smoothing.fit_smoothing(values, 1, False, False)
    center, response = smoothing.project_smoothing(values, 1, False, False, weights, states, horizon)
    slope = np.polyfit(np.arange(length), values, 1)[0]
    steps = np.arange(horizon) + (1 - (1 - weights[0]) ** length) / weights[0]
    return _spreading(center + slope / 2 * steps, response, squares, length, length - 2)


def _complex(values: np.ndarray, horizon: int) -> Predicted:
    """Complex smoothing, which turns between level and trend as it goes (Svetunkov et al. 2022)."""
    squares, weights, states, _ = smoothing.fit_complex(values)
    center, response = smoothing.project_complex(values, weights, states, horizon)
    return _spreading(center, response, squares, len(values), len(values) - 4)


def _autoregressive(values: np.ndarray, horizon: int, *, differences: bool) -> Predicted:
    """Regression on the last values (of their differences), as many as the AICc says; levels with a line or without."""
    series = np.diff(values) if differences else values
    most = min((7 if differences else 8) if len(values) > 60 else 3 - (not differences), (len(series) - 5) // 3)
    fits = [
        fit
        for has_line in ((False,) if differences else (False, True))
        for lags in range(0 if differences else 1, most + 1)
        if (fit := _lagged(series, lags, most, has_line))
    ]
    _, lags, has_line, weights, squares, left = min(fits, key=lambda fit: fit[0])
    passing = weights[1 + has_line :]
    known = list(series[::-1][:lags][::-1])
    for step in range(horizon):
        line = weights[1] * (len(series) + step) / len(series) if has_line else 0.0
        known.append(weights[0] + line + float(passing @ np.array(known[len(known) - lags :][::-1])))
    center, response = np.array(known[lags:]), np.ones(horizon)
    for step in range(1, horizon):
        response[step] = sum(passing[lag] * response[step - 1 - lag] for lag in range(min(lags, step)))
    if differences:
        center, response = values[-1] + np.cumsum(center), np.cumsum(response)
    return _spreading(center, response, squares, len(series) - most, left)


def _lagged(series: np.ndarray, lags: int, most: int, has_line: bool) -> tuple | None:
    """Least squares of a series on its last `lags` values: AICc, lags, has_line, weights, squares, degrees left."""
    length = len(series) - most
    columns = [np.ones(length)] + ([np.arange(most, len(series)) / len(series)] if has_line else [])
    columns += [series[most - lag - 1 : len(series) - lag - 1] for lag in range(lags)]
    design, count = np.column_stack(columns), len(columns) + 1
    if length - count < 2:
        return None
    weights = np.linalg.lstsq(design, series[most:], rcond=None)[0]
    squares = float(np.sum((series[most:] - design @ weights) ** 2))
    return _aicc(squares, length, count), lags, has_line, weights, squares, length - count


def _seasonal(core: _Core, *, own_season: bool = False, is_log: bool = False) -> Method:
    """A method of a core that knows no season: the shrunken season comes off before and goes back on after.

    Values are brought to a size of one first (logarithms to a mean of zero), so that the scale of a series scales its
    forecast.
    """

    def method(train: pd.Series, future: pd.DatetimeIndex, season: int) -> Predicted:
        seen = filled(train, season).to_numpy()
        size = 1.0 if is_log else float(np.mean(np.abs(seen))) or 1.0
        middle = float(np.mean(np.log(seen))) if is_log else 0.0
        values = np.log(seen) - middle if is_log else seen / size
        carries = own_season and season <= LONGEST_SEASON and len(values) >= _LEAST_FOR_A_SEASON * season
        found, off = _deseasoned(values, train.index, future, 1 if carries else season, core, season if carries else 1)
        degrees, variance = sum(one.degrees for one in off), sum(one.stat_variance for one in off)
        left = max(len(values) - degrees, len(values) / 3)
        spread = np.sqrt(np.asarray(found.spread) ** 2 * len(values) / left + variance)
        center = found.center + sum(one.ahead for one in off)
        if is_log:
            spread, center = np.minimum(spread, _WIDEST_LOG), np.minimum(center, values.max() + _HIGHEST_LOG)
        return replace(found, center=center * size + middle, spread=spread * size, is_log=is_log)

    return method


def _deseasoned(
    values: np.ndarray, past: pd.Index, future: pd.DatetimeIndex, season: int, core: _Core, carried: int
) -> tuple[Predicted, list[seasons.Season]]:
    """The core's forecast of the values without the season of the year and the given one, and what was taken off."""
    off = []
    if max(season, carried) <= _LAST_WEEKDAY and len(values) >= DAYS_FOR_A_YEAR:
        days = pd.DatetimeIndex(past).append(future)
        share = (days - days[0]).days.to_numpy() / seasons.DAYS_PER_YEAR % 1.0
        off.append(seasons.by_year(values, share))
        values = values - off[-1].past
    off.append(seasons.by_phase(values, season, len(future)))
    values = values - off[-1].past
    found = core(values, len(future)) if carried == 1 else _smoothed(values, len(future), season=carried)
    return found, off


def _ar(values: np.ndarray, horizon: int) -> Predicted:
    return _autoregressive(values, horizon, differences=False)


def _ari(values: np.ndarray, horizon: int) -> Predicted:
    return _autoregressive(values, horizon, differences=True)


_CORES: dict[str, tuple[_Core, bool]] = {
    "ets": (_smoothed, True),
    "theta": (_theta, False),
    "ces": (_complex, False),
    "ar": (_ar, False),
    "ari": (_ari, False),
}
METHODS: dict[str, Method] = {
    "seasonal_naive": seasonal_naive,
    "drift": drift,
    **{name: _seasonal(core, own_season=own) for name, (core, own) in _CORES.items()},
    **{f"log_{name}": _seasonal(core, own_season=own, is_log=True) for name, (core, own) in _CORES.items()},
    "prophet": heavy.prophet,
    "arima": heavy.arima,
    "unobserved_components": heavy.unobserved_components,
}
"""Name -> method; log_ methods work on the logarithm and need values above zero."""

_LEAST_FOR_LAGS = 12  # values below which nothing is regressed on the past
_MANY_ZEROS = 0.3
_TINY = ("drift", "theta", "ets")
_DAILY, _DAILY_WITH_ZEROS = ("ets", "log_ces", "log_ar"), ("ets", "ces", "ar")
_LONGER, _LONGER_WITH_ZEROS = ("ets", "log_theta", "log_ces", "log_ar"), ("ets", "theta", "ces", "ar")


PRIOR = {"log_ces": 1.0, "log_theta": 0.85, "log_ar": 0.85, "ets": 0.7}
"""Default method -> what its back-tested weight is multiplied by, after what it erred on public series.

What each erred: benchmarks/forecasting.py.
"""


def family(values: pd.Series, frequency: Frequency) -> dict[str, Method]:
    """Return the default methods, fixed by frequency and length; log_ ones where all is above zero.

    Log methods whose trends differ, and one on the values with a damped trend that holds them in check. Larger families
    were tried and forecast no better. What each is worth: benchmarks/forecasting.py.
    """
    seen = values.dropna()
    if len(seen) < _LEAST_FOR_LAGS:
        names: tuple[str, ...] = _TINY
    elif (seen > 0).all():
        names = _DAILY if frequency == "D" else _LONGER
    else:
        names = _DAILY_WITH_ZEROS if frequency == "D" else _LONGER_WITH_ZEROS
    return {name: METHODS[name] for name in names}


def is_weighted(values: pd.Series) -> bool:
    """Whether back-tested weights are the default: they beat the plain median at every frequency.

    Not where many periods are zero: there the smallest loss is that of saying nothing, and sums would be too low.
    """
    seen = values.dropna()
    return len(seen) >= _LEAST_FOR_LAGS and float((seen == 0).mean()) <= _MANY_ZEROS


def asked(
    methods: Mapping[str, Method] | None,
    weighted: bool | None,
    frequency: Frequency,
    *,
    beside: Mapping[str, Method] | None = None,
    last: int | None = None,
) -> Asked:
    """What to try on a training series: the methods asked for, else the family; weighted as asked, else by rule."""
    return Asked(
        family=(lambda train: family(train, frequency)) if methods is None else (lambda train: methods),
        is_weighted=is_weighted if weighted is None else (lambda train: weighted),
        beside=beside or {},
        last=last,
        prior=PRIOR if methods is None else {},
    )
