"""How a forecast would have done: what its back-tests say, all series together."""

import numpy as np
import pandas as pd

from aiecon.forecasting import backtest as backtests
from aiecon.forecasting import calibration, combine
from aiecon.forecasting.backtest import Backtest
from aiecon.forecasting.combine import SHARES
from aiecon.forecasting.ensemble import Forecast


def coverage(forecasted: Forecast, *, level: float) -> float | None:
    """Share of back-tested periods inside the central range as it would have been given on the day."""
    low, high = (0, -1) if level == calibration.OUTER else (1, -2)
    inside = []
    for test in forecasted.backtests.values():
        said, seen = _given(forecasted, test)
        if seen.any():
            inside.append(((test.actual >= said[:, low]) & (test.actual <= said[:, high]))[seen].mean())
    return float(np.mean(inside)) if inside else None


def _given(forecasted: Forecast, test: Backtest) -> tuple[np.ndarray, np.ndarray]:
    """Ranges as they would have been given, and where there is one and an actual."""
    said = test.calibrated(calibration.MEASURED[forecasted.calendar.frequency])
    return said, np.isfinite(test.actual) & np.isfinite(said).all(axis=1)


def reliability(forecasted: Forecast) -> pd.DataFrame:
    """Return level -> share of back-tested actuals at or below that quantile, as it would have been given on the day.

    Columns level, observed, cells.
    """
    below, cells = np.zeros(len(SHARES)), 0
    for test in forecasted.backtests.values():
        said, seen = _given(forecasted, test)
        below += [(test.actual <= said[:, place])[seen].sum() for place in range(len(SHARES))]
        cells += int(seen.sum())
    return pd.DataFrame({"level": SHARES, "observed": below / max(cells, 1), "cells": cells})


def mase(forecasted: Forecast) -> dict[str, float]:
    """Method -> mean absolute scaled error of its back-test, averaged over series; all together is "median"."""
    found: dict[str, list[float]] = {}
    for test in forecasted.backtests.values():
        for name, said in {**test.members, backtests.COMBINED: test.said}.items():
            scales = np.where(test.scales > 0, test.scales, np.nan)
            error = np.abs(test.actual - said[:, combine.MIDDLE]) / scales[:, None]
            if np.isfinite(error).any():
                found.setdefault(name, []).append(float(np.mean(error[np.isfinite(error)])))
    return {name: float(np.mean(scores)) for name, scores in found.items()}
