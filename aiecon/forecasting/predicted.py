"""What a forecasting method takes and says.

A method takes a training series (a regular DatetimeIndex, missing values allowed), the dates to come and the season. It
returns a `Predicted`, or just the expected values, shape (horizon,), as a user's own function may.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True, eq=False)
class Predicted:
    """What a method expects.

    Attributes
    ----------
    center
        Expected values, of the logarithm when `is_log`, shape (horizon,).
    spread
        Their standard deviations, shape (horizon,); None when the method does not say.
    response
        What an error of one in the first period adds to each; shape (horizon,).
    is_log
        Whether they are of the logarithm.
    """

    center: np.ndarray
    spread: np.ndarray | None = None
    response: np.ndarray | None = None
    is_log: bool = False

    def quantiles(self, scores: np.ndarray) -> np.ndarray:
        """Quantiles at the given standard normal scores, shape (n_scores, horizon)."""
        spread = np.zeros_like(self.center) if self.spread is None else self.spread
        found = self.center + scores[:, None] * spread
        return np.exp(found) if self.is_log else found


Method = Callable[[pd.Series, pd.DatetimeIndex, int], "Predicted | np.ndarray"]


def predicted(found: "Predicted | np.ndarray", horizon: int) -> Predicted:
    """Return what a method gave as a Predicted; ValueError where it is no finite forecast of the horizon."""
    result = found if isinstance(found, Predicted) else Predicted(np.asarray(found, dtype=float))
    if result.center.shape != (horizon,):
        raise ValueError(f"it returned shape {result.center.shape}, expected ({horizon},)")
    ends = result.quantiles(np.array([0.0, 2.0]))
    if not np.isfinite(ends).all():
        raise ValueError("it returned values that are not finite")
    return result


def filled(train: pd.Series, season: int) -> pd.Series:
    """Bridge missing values by a straight line, each day of the season on its own line when there are two seasons."""
    if not train.isna().any():
        return train
    if season > 1 and len(train) >= 2 * season:
        phase = np.arange(len(train)) % season
        train = train.groupby(phase).transform(lambda part: part.interpolate(limit_direction="both"))
    return train.interpolate(limit_direction="both")
