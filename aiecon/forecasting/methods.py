"""Single forecasting methods. Each takes a training series and a horizon and returns the expected values.

A training series has a regular DatetimeIndex and may have missing values; what comes back has shape (horizon,).
"""

import logging
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

Method = Callable[[pd.Series, pd.DatetimeIndex, int], np.ndarray]

_ENOUGH_FOR_A_TREND = 10  # below so many values no smoothing weight can be fitted
_SHORT_ALPHA = 0.5  # the weight used then


def seasonal_naive(train: pd.Series, future: pd.DatetimeIndex, season: int) -> np.ndarray:
    """Repeat the last season; with fewer than two seasons, go on along the line from the first value to the last."""
    values = filled(train, season).to_numpy()
    steps = np.arange(len(future))
    if season > 1 and len(values) >= 2 * season:
        return values[len(values) - season + steps % season]
    slope = (values[-1] - values[0]) / (len(values) - 1)
    return values[-1] + slope * (steps + 1)


def ets(train: pd.Series, future: pd.DatetimeIndex, season: int) -> np.ndarray:
    """Fit exponential smoothing with and without a damped trend, keep the one with the lower AICc.

    Additive error, trend and season (Hyndman et al., "Forecasting with Exponential Smoothing", 2008). A season is
    fitted when two of them are there; fewer than ten values get a simply smoothed level.
    """
    values = filled(train, season)
    if len(values) < _ENOUGH_FOR_A_TREND:
        first, *rest = values
        return np.full(len(future), simple_smoothing(np.array(rest), alpha=_SHORT_ALPHA, level=float(first)))
    best = min((_ets_fit(values, trend, season) for trend in (None, "add")), key=_aicc)
    return np.asarray(best.forecast(len(future)), dtype=float)


def _ets_fit(values: pd.Series, trend: str | None, season: int) -> Any:
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    seasonal = season > 1 and len(values) >= max(2 * season + 2, season + 12)  # what its first states are made from
    model = ETSModel(
        values.reset_index(drop=True),
        error="add",
        trend=trend,
        damped_trend=trend is not None,
        seasonal="add" if seasonal else None,
        seasonal_periods=season if seasonal else None,
        initialization_method="heuristic",
    )
    return model.fit(disp=False, maxiter=200)


def _aicc(fit: Any) -> float:
    return fit.aicc if np.isfinite(fit.aicc) else np.inf


def simple_smoothing(values: np.ndarray, *, alpha: float, level: float) -> float:
    """Return the level after smoothing each value in turn: level + alpha × (value − level).

    Examples
    --------
    >>> simple_smoothing(np.array([12.0, 14.0, 13.0]), alpha=0.5, level=10.0)
    12.75
    """
    for value in values:
        level += alpha * (float(value) - level)
    return level


def prophet(train: pd.Series, future: pd.DatetimeIndex, season: int) -> np.ndarray:
    """Fit Prophet's trend and seasons (Taylor and Letham 2018) and return its expectation; it bridges gaps itself."""
    model = _prophet_class()(
        weekly_seasonality=3 <= season <= 7 and len(train) >= 2 * season,
        yearly_seasonality=bool(train.index[-1] - train.index[0] >= pd.Timedelta(days=730)),
        daily_seasonality=False,
        uncertainty_samples=0,
        n_changepoints=min(25, max(0, len(train) // 3 - 1)),
    )
    seen = train.dropna()
    # L-BFGS: on some short series Prophet's own choice, Newton, takes a hundred times as long
    model.fit(pd.DataFrame({"ds": seen.index, "y": seen.to_numpy()}), seed=0, algorithm="LBFGS")
    return model.predict(pd.DataFrame({"ds": future}))["yhat"].to_numpy()


@cache
def _prophet_class() -> Any:
    """Prophet, imported when first used and without its chatter."""
    logging.disable(logging.CRITICAL)  # it warns of plotting packages at import
    try:
        from prophet import Prophet
    finally:
        logging.disable(logging.NOTSET)
    for name in ("prophet", "prophet.models", "cmdstanpy"):
        logging.getLogger(name).disabled = True  # a level would be set back when the backend loads
    return Prophet


METHODS: dict[str, Method] = {"seasonal_naive": seasonal_naive, "ets": ets, "prophet": prophet}


def filled(train: pd.Series, season: int) -> pd.Series:
    """Bridge missing values by a straight line, each day of the season on its own line when there are two seasons."""
    if not train.isna().any():
        return train
    if season > 1 and len(train) >= 2 * season:
        phase = np.arange(len(train)) % season
        train = train.groupby(phase).transform(lambda part: part.interpolate(limit_direction="both"))
    return train.interpolate(limit_direction="both")
