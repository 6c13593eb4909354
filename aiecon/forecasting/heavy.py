"""Methods of other libraries, imported when first used: Prophet, and ARIMA and unobserved components of statsmodels."""

import logging
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from aiecon.forecasting.predicted import Predicted

_LONGEST_STATE_SPACE = 400  # the last values that a state space model is fitted to
_LONGEST_SEASON = 12


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


def arima(train: pd.Series, future: pd.DatetimeIndex, season: int) -> Predicted:
    """Fit ARIMA(1, 1, 1), with a seasonal (0, 1, 1) where two seasons are there (Box and Jenkins 1970)."""
    from statsmodels.tsa.statespace.sarimax import SARIMAX

    values, size = _sized(train)
    has_season = 1 < season <= _LONGEST_SEASON and len(values) >= 2 * season + 3
    model = SARIMAX(
        values,
        order=(1, 1, 1),
        seasonal_order=(0, 1, 1, season) if has_season else (0, 0, 0, 0),
        enforce_stationarity=False,
    )
    return _state_space(model, len(future), size)


def unobserved_components(train: pd.Series, future: pd.DatetimeIndex, season: int) -> Predicted:
    """Fit a local linear trend and a season that move at random (Harvey 1989); missing values are no hindrance."""
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    values, size = _sized(train)
    has_season = 1 < season <= _LONGEST_SEASON and len(values) >= 2 * season
    model = UnobservedComponents(values, "local linear trend", seasonal=season if has_season else None)
    return _state_space(model, len(future), size)


def _sized(train: pd.Series) -> tuple[np.ndarray, float]:
    values = train.to_numpy()[-_LONGEST_STATE_SPACE:]
    size = float(np.nanmean(np.abs(values))) or 1.0
    return values / size, size


def _state_space(model: Any, horizon: int, size: float) -> Predicted:
    found = model.fit(disp=False, maxiter=100).get_forecast(horizon)
    return Predicted(np.asarray(found.predicted_mean) * size, np.asarray(found.se_mean) * size)
