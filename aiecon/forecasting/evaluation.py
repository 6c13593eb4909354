"""A back-test that is read on its own: point, quantile and interval scores of every method, origin by origin."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from aiecon.errors import InputError
from aiecon.forecasting import accuracy, calibration
from aiecon.forecasting import backtest as backtests
from aiecon.forecasting import calendar as calendars
from aiecon.forecasting import methods as shipped
from aiecon.forecasting.arguments import asked_problems
from aiecon.forecasting.backtest import COMBINED, ORIGINS, Backtest
from aiecon.forecasting.calendar import Calendar, Frequency
from aiecon.forecasting.combine import LEVELS, MIDDLE, SHARES
from aiecon.forecasting.history import checked
from aiecon.forecasting.predicted import Method
from aiecon.forecasting.remarks import without_credits
from aiecon.vocabulary.strict import nearest

NAIVE = "seasonal_naive"
_LEAST_VALUES = 6
_LEAST: dict[Frequency, int] = {"D": 42, "W": 16, "MS": 8}
"""Frequency -> values the first origin has behind it, whatever the length, so that later rows change nothing before."""


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What the methods would have said on days of the past, and how good it was.

    Attributes
    ----------
    frame
        One row a series, method, origin and period: series, method, origin (last day known), step (1 is the first
        period after it), date, actual, p2_5, p10, p50, p90, p97_5. The combination is the method "median"; its ranges
        are those it would have given on the day.
    scores
        One row a series and method; see `scored`. The rows of series "all" are means over series.
    refused
        Series -> why it was not tested.
    """

    frame: pd.DataFrame
    scores: pd.DataFrame
    refused: Mapping[str, str]

    def to_frame(self) -> pd.DataFrame:
        """The scores."""
        return self.scores

    def reliability(self) -> pd.DataFrame:
        """Method and level -> share of actuals at or below that quantile: columns method, level, observed, cells."""
        rows = self.frame.dropna(subset=["actual"])
        parts = [
            rows.assign(level=share, below=rows["actual"] <= rows[name])
            .groupby(["method", "level"], sort=False)["below"]
            .agg(observed="mean", cells="size")
            .reset_index()
            for name, share in LEVELS.items()
        ]
        return pd.concat(parts, ignore_index=True)


def backtest(
    history: pd.DataFrame | Sequence[Mapping[str, object]],
    *,
    horizon: int,
    frequency: Frequency | None = None,
    methods: Mapping[str, Method] | None = None,
    is_weighted: bool | None = None,
    origins: int = ORIGINS,
    compare: Collection[str] = (),
) -> Evaluation:
    """Try the forecast and each of its methods from days of the past and score what they said.

    Origins lie on a grid counted from the first value and nothing at an origin knows what came later, so rows added
    later leave the scores of earlier origins as they were.

    Parameters
    ----------
    history, horizon, frequency, methods, is_weighted
        As for `forecast`.
    origins
        The last so many origins of the grid.
    compare
        Further methods of `aiecon.forecasting.methods.METHODS` to score beside the combination, not in it.

    Raises
    ------
    InputError
        When the history is no such frame or too short to hold an origin.

    Examples
    --------
    >>> days = pd.date_range("2026-01-01", periods=120)
    >>> found = backtest(pd.DataFrame({"date": days, "value": 100.0 + np.arange(120)}), horizon=14)
    >>> found.scores.query("series == 'all' and method == 'median'")["mase"].item() < 1
    True
    """
    problems = asked_problems({"horizon": horizon, "origins": origins}, methods=methods, is_weighted=is_weighted)
    if problems:
        raise InputError(problems)
    frame, refused = checked(history)
    values, calendar = calendars.regular(frame, frequency)
    values, _ = without_credits(values)
    beside = _beside(compare)
    parts, scores = [], []
    for name in values:
        tested = _tested(values[name], calendar, methods, is_weighted, horizon, origins, beside)
        if tested is None or not np.isfinite(tested.said).any():
            refused[str(name)] = _why_not(values[name], tested)
            continue
        given = tested.calibrated(calibration.MEASURED[calendar.frequency])
        kept, said = tested.last(origins), {**tested.members, COMBINED: given}
        parts.append(_cells(str(name), tested, said, kept, values.index))
        scores.append(scored(tested, said, kept).assign(series=str(name)))
    if not parts:
        raise InputError([f"series '{name}': {why}" for name, why in refused.items()])
    every = pd.concat(scores, ignore_index=True)
    means = every.drop(columns="series").groupby("method", sort=False).mean().reset_index().assign(series="all")
    table = pd.concat([means, every], ignore_index=True)
    return Evaluation(pd.concat(parts, ignore_index=True), table[["series", *table.columns.drop("series")]], refused)


def _beside(names: Collection[str]) -> dict[str, Method]:
    known = list(shipped.METHODS)
    problems = [f"compare: {name!r} is not a method{nearest(name, known)}" for name in names if name not in known]
    if problems:
        raise InputError(problems)
    return {name: shipped.METHODS[name] for name in dict.fromkeys((NAIVE, *names))}


def _tested(
    values: pd.Series,
    calendar: Calendar,
    asked: Mapping[str, Method] | None,
    is_weighted: bool | None,
    horizon: int,
    origins: int,
    beside: Mapping[str, Method],
) -> Backtest | None:
    if values.notna().sum() < _LEAST_VALUES:
        return None
    return backtests.run(
        values,
        calendar,
        asked=shipped.asked(asked, is_weighted, calendar.frequency, beside=beside, last=origins),
        horizon=horizon,
        origins=origins + 2 * ORIGINS,  # ranges learn from scores, whose weights learn from losses before them
        least=_LEAST[calendar.frequency],
    )


def _why_not(values: pd.Series, tested: Backtest | None) -> str:
    """Why a series has no back-test."""
    if tested is not None and tested.failures:
        return "every method failed (" + "; ".join(f"{name}: {why}" for name, why in tested.failures.items()) + ")"
    return f"{int(values.notna().sum())} values are too few to hold an origin"


def _cells(
    name: str, tested: Backtest, said: Mapping[str, np.ndarray], kept: np.ndarray, dates: pd.Index
) -> pd.DataFrame:
    """Every forecast cell of the kept origins of a series as a row."""
    origins, steps = tested.origins[kept], tested.steps
    count, places = len(origins), (origins[:, None] + np.arange(steps)).ravel()
    every = {
        "series": name,
        "origin": np.repeat(dates[origins - 1], steps),
        "step": np.tile(np.arange(1, steps + 1), count),
        "date": dates[places],
        "actual": tested.actual[kept].ravel(),
    }
    parts = [
        pd.DataFrame(
            {**every, "method": method, **{level: found[kept][:, place].ravel() for place, level in enumerate(LEVELS)}}
        )
        for method, found in said.items()
    ]
    frame = pd.concat(parts, ignore_index=True)
    return frame[["series", "method", "origin", "step", "date", "actual", *LEVELS]]


def scored(tested: Backtest, said: Mapping[str, np.ndarray], kept: np.ndarray) -> pd.DataFrame:
    """Return one row a method: how good its forecasts were over the kept origins and all periods of one series.

    Columns: mase (mean absolute error over that of the naive method inside the training values), wape (share of the
    actual), bias (forecast over actual, share; above zero too high), wql (weighted quantile loss: twice the mean
    pinball loss over the mean size), scaled_crps (the same over the naive error), coverage_80, coverage_95, width_80,
    width_95 (share of the mean size), value_added (1 − absolute error over that of the seasonal naive method).
    """
    actual, scales = tested.actual[kept], tested.scales[kept]
    seen = np.isfinite(actual)
    size, scale = float(np.mean(np.abs(actual[seen]))), _mean(scales)
    naive = said[NAIVE][kept]
    rows = []
    for method, every in said.items():
        found = every[kept]
        known = seen & np.isfinite(found).all(axis=1)
        if not known.any():
            continue
        middle, error = found[:, MIDDLE], np.abs(actual - found[:, MIDDLE])
        loss = 2 * np.mean(
            [accuracy.pinball_losses(actual, found[:, place], level=share)[known] for place, share in enumerate(SHARES)]
        )
        by_origin = np.array(
            [row[mark].mean() if mark.any() else np.nan for row, mark in zip(error, known, strict=True)]
        )
        rows.append(
            {
                "method": method,
                "mase": _mean(by_origin / np.where(scales > 0, scales, np.nan)),
                "wape": _ratio(float(error[known].mean()), size),
                "bias": _ratio(float((middle - actual)[known].mean()), float(actual[known].mean())),
                "wql": _ratio(float(loss), size),
                "scaled_crps": _ratio(float(loss), scale),
                "coverage_80": _inside(actual, found[:, 1], found[:, 3], known),
                "coverage_95": _inside(actual, found[:, 0], found[:, 4], known),
                "width_80": _ratio(float((found[:, 3] - found[:, 1])[known].mean()), size),
                "width_95": _ratio(float((found[:, 4] - found[:, 0])[known].mean()), size),
                "value_added": _added(actual, found, naive),
            }
        )
    return pd.DataFrame(rows)


def _added(actual: np.ndarray, found: np.ndarray, naive: np.ndarray) -> float:
    """1 − absolute error over that of the naive method, where both said something."""
    errors = [np.abs(actual - said[:, MIDDLE]) for said in (found, naive)]
    both = np.isfinite(errors).all(axis=0)
    return 1 - _ratio(*(float(error[both].mean()) if both.any() else np.nan for error in errors))


def _mean(values: np.ndarray) -> float:
    seen = values[np.isfinite(values)]
    return float(seen.mean()) if len(seen) else np.nan


def _ratio(value: float, size: float) -> float:
    return value / size if size else np.nan


def _inside(actual: np.ndarray, low: np.ndarray, high: np.ndarray, known: np.ndarray) -> float:
    return float(((actual >= low) & (actual <= high))[known].mean())
