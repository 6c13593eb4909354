"""The forecast: several methods combined by their median, with intervals for every period and every sum of periods."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import stdtr

from aiecon.errors import FrameError, InputError
from aiecon.forecasting import backtest as backtests
from aiecon.forecasting import calendar as calendars
from aiecon.forecasting import intervals
from aiecon.forecasting.backtest import COMBINED, Backtest
from aiecon.forecasting.calendar import Calendar, Frequency
from aiecon.forecasting.intervals import ErrorPaths
from aiecon.forecasting.methods import METHODS, Method

LEVELS = {"p2_5": 0.025, "p10": 0.1, "p50": 0.5, "p90": 0.9, "p97_5": 0.975}
LEAST_VALUES = 6
ORIGINS = 12


@dataclass(frozen=True, eq=False)
class Forecast:
    """Expected values and their uncertainty for one or several series.

    Attributes
    ----------
    history
        Regular values, NaN where missing, shape (n_periods, n_series).
    calendar
        Frequency and how the dates go on.
    expected
        The median of the methods, shape (horizon, n_series).
    errors
        Series -> its error paths.
    floor
        Series -> whether its values cannot fall below zero.
    backtests
        Series -> its back-test; a series too short for one is absent.
    failures
        Series -> method -> why it failed.
    notes
        What a reader should know.
    """

    history: pd.DataFrame
    calendar: Calendar
    expected: pd.DataFrame
    errors: Mapping[str, ErrorPaths]
    floor: Mapping[str, bool]
    backtests: Mapping[str, Backtest]
    failures: Mapping[str, Mapping[str, str]]
    notes: tuple[str, ...]

    @property
    def dates(self) -> pd.DatetimeIndex:
        """The dates forecast."""
        return pd.DatetimeIndex(self.expected.index)

    def to_frame(self) -> pd.DataFrame:
        """One row a series and date: series, date, p2_5, p10, p50, p90, p97_5."""
        parts = [
            self._quantiles(self.expected[name], self.errors[name], floor=self.floor[name]).assign(series=name)
            for name in self.expected
        ]
        return pd.concat(parts, ignore_index=True)[["series", "date", *LEVELS]]

    def total_frame(self) -> pd.DataFrame:
        """One row a date for all series added up: date, p2_5, p10, p50, p90, p97_5."""
        paths = intervals.total(list(self.errors.values()))
        return self._quantiles(self.expected.sum(axis=1), paths, floor=all(self.floor.values()))

    def _quantiles(self, expected: pd.Series, paths: ErrorPaths, *, floor: bool) -> pd.DataFrame:
        scale, low = paths.step_scale(), 0.0 if floor else -np.inf
        values = {
            name: np.maximum(low, expected.to_numpy() + paths.quantile(share) * scale) for name, share in LEVELS.items()
        }
        return pd.DataFrame({"date": self.dates, **values})

    def sum_quantiles(self, weights: np.ndarray, *, offset: float = 0.0) -> dict[str, float]:
        """Quantiles of `offset` plus the weighted sum of all series over the periods; weights have shape (horizon,)."""
        paths, middle = self._total(weights)
        scale = paths.sum_scale(weights)
        low = 0.0 if all(self.floor.values()) else -np.inf
        return {name: offset + max(low, middle + paths.quantile(share) * scale) for name, share in LEVELS.items()}

    def sum_exceeds(self, weights: np.ndarray, limit: float, *, offset: float = 0.0) -> float:
        """Probability that `offset` plus the weighted sum of all series passes a limit."""
        paths, middle = self._total(weights)
        scale = paths.sum_scale(weights)
        distance = limit - offset - middle
        if scale == 0:
            return float(distance < 0)
        if all(self.floor.values()) and limit < offset:
            return 1.0
        return float(1 - stdtr(paths.degrees, distance / scale))

    def _total(self, weights: np.ndarray) -> tuple[ErrorPaths, float]:
        return intervals.total(list(self.errors.values())), float(weights @ self.expected.sum(axis=1).to_numpy())


def forecast(
    history: pd.DataFrame | Sequence[Mapping[str, object]],
    *,
    horizon: int,
    frequency: Frequency | None = None,
    seed: int = 0,
    methods: Mapping[str, Method] = METHODS,
    origins: int = ORIGINS,
) -> Forecast:
    """Forecast one or several dated series, saying how sure each period and each sum is.

    Every method forecasts from several origins of the past; the median of the methods is the expectation and its
    errors from these origins give the intervals.

    Parameters
    ----------
    history
        Columns date, value and, with several series, series; any order, absent periods are missing.
    horizon
        Periods after the last date.
    frequency
        D, W or MS; inferred when None.
    seed
        Accepted like everywhere; this forecast draws nothing.
    methods
        Name -> function of (training series, future dates, season) returning the expected values.
    origins
        Back-test origins at most.

    Raises
    ------
    InputError
        When the history is no such frame, has fewer than six values, or every method fails.

    Examples
    --------
    >>> days = pd.date_range("2026-01-01", periods=60)
    >>> answer = forecast(pd.DataFrame({"date": days, "value": 100.0}), horizon=7)
    >>> answer.to_frame()["p50"].round(1).unique().tolist()
    [100.0]
    """
    values, calendar = calendars.regular(checked(history), frequency)
    if horizon < 1:
        raise InputError(f"horizon must be at least 1 period, got {horizon}")
    future = calendar.after(values.index[-1], horizon)
    runs = {name: _one(values[name], future, calendar, methods, origins) for name in values}
    if not any(run.tested for run in runs.values()):
        counted = int(values.notna().sum().max())
        raise InputError(
            f"the history has {counted} values; at least {LEAST_VALUES} are needed to say how sure a forecast is"
        )
    tests = {name: run.tested for name, run in runs.items() if run.tested}
    return Forecast(
        history=values,
        calendar=calendar,
        expected=pd.DataFrame({name: run.expected for name, run in runs.items()}, index=future),
        errors=_errors(runs, values, calendar, horizon),
        floor={name: bool((values[name].dropna() >= 0).all()) for name in values},
        backtests=tests,
        failures={name: run.failures for name, run in runs.items() if run.failures},
        notes=calendar.notes + _notes(runs, tests, horizon),
    )


def checked(history: pd.DataFrame | Sequence[Mapping[str, object]]) -> pd.DataFrame:
    """Return a history as date, series, value without missing rows, or raise FrameError with every problem."""
    frame = pd.DataFrame(history)
    missing = [column for column in ("date", "value") if column not in frame]
    if missing:
        raise FrameError([f"history: column '{column}' is missing; it has {list(frame.columns)}" for column in missing])
    if "series" not in frame:
        frame = frame.assign(series="total")
    dates = pd.to_datetime(frame["date"], errors="coerce", format="ISO8601")
    numbers = pd.to_numeric(frame["value"], errors="coerce")
    problems = [
        *_problem("date", frame["date"], dates.isna(), "an ISO date is expected"),
        *_problem("date", frame["date"], dates != dates.dt.normalize(), "a date without a time of day is expected"),
        *_problem("value", frame["value"], numbers.isna() & frame["value"].notna(), "a number is expected"),
        *_problem("value", frame["value"], np.isinf(numbers), "a finite number is expected"),
    ]
    frame = pd.DataFrame({"date": dates, "series": frame["series"].astype(str), "value": numbers})
    twice = frame.duplicated(["date", "series"])
    problems += _problem("date", frame["date"], twice, "one row a date and series is expected")
    if not len(frame.dropna()):
        problems.append("history: it has no value")
    if problems:
        raise FrameError(problems)
    return frame.dropna(subset=["value"])


def _problem(column: str, cells: pd.Series, broken: pd.Series, expected: str) -> list[str]:
    if not broken.any():
        return []
    row = int(np.flatnonzero(broken)[0])
    shown, count = str(cells.iloc[row]), int(broken.sum())
    return [f"history: column '{column}': row {row} has {shown!r}, {expected}; {count} rows break this"]


@dataclass(frozen=True, eq=False)
class _Run:
    expected: np.ndarray
    tested: Backtest | None
    failures: Mapping[str, str]


def _one(
    values: pd.Series, future: pd.DatetimeIndex, calendar: Calendar, methods: Mapping[str, Method], origins: int
) -> _Run:
    """Forecast one series; one with too few values is held at their mean, its width learnt from the others."""
    if values.notna().sum() < LEAST_VALUES:
        return _Run(np.full(len(future), np.nan_to_num(values.mean())), None, {})
    failures: dict[str, str] = {}
    members = backtests.predict(values, future, calendar, methods, failures)
    if not members:
        reasons = "; ".join(f"{name}: {why}" for name, why in failures.items())
        raise InputError(f"every method failed on series '{values.name}' ({reasons})")
    tested = backtests.run(values, calendar, methods=methods, horizon=len(future), origins=origins)
    return _Run(
        members[COMBINED], tested if np.isfinite(tested.errors).any() else None, {**tested.failures, **failures}
    )


def _errors(runs: Mapping[str, _Run], values: pd.DataFrame, calendar: Calendar, horizon: int) -> dict[str, ErrorPaths]:
    """Error paths of every series on the same origins, in units of the series."""
    relative = {name: _relative(run.tested, calendar, horizon) for name, run in runs.items() if run.tested}
    widest = max(relative.values(), key=lambda paths: paths.sum_scale(np.ones(horizon)))
    return {
        name: ErrorPaths(
            relative.get(name, widest).paths * backtests.level(values[name], calendar),
            relative.get(name, widest).degrees,
            calendar.season,
        )
        for name in runs
    }


def _relative(tested: Backtest, calendar: Calendar, horizon: int) -> ErrorPaths:
    known = np.isfinite(tested.errors).all(axis=1)
    paths = np.where(known[:, None], tested.errors, 0.0) * np.sqrt(len(known) / known.sum())
    degrees = intervals.degrees_of_freedom(tested.origins[known], tested.errors.shape[1])
    return ErrorPaths(intervals.extended(paths, horizon, calendar.season), degrees, calendar.season)


def _notes(runs: Mapping[str, _Run], tests: Mapping[str, Backtest], horizon: int) -> tuple[str, ...]:
    notes = []
    steps = max(test.errors.shape[1] for test in tests.values())
    if steps < horizon:
        notes.append(
            f"The history is short: {horizon} periods are forecast and only {steps} could be back-tested; beyond "
            "them the interval grows with the square root of the distance"
        )
    short = [name for name, run in runs.items() if not run.tested]
    if short:
        notes.append(f"Too few values for a back-test, width taken from the other series: {', '.join(short)}")
    return tuple(notes)


def coverage(forecasted: Forecast, *, level: float) -> float | None:
    """Share of back-tested periods inside the central interval, each origin judged by the errors of the others."""
    shares = [
        share
        for test in forecasted.backtests.values()
        if (share := _coverage(test, forecasted.calendar.season, level)) is not None
    ]
    return float(np.mean(shares)) if shares else None


def _coverage(test: Backtest, season: int, level: float) -> float | None:
    known = np.isfinite(test.errors).all(axis=1)
    degrees = intervals.degrees_of_freedom(test.origins[known], test.errors.shape[1])
    return intervals.left_out_coverage(test.errors[known], degrees, season, coverage=level)


def mase(forecasted: Forecast) -> dict[str, float]:
    """Method -> mean absolute scaled error of its back-test, averaged over series; the combination is "median"."""
    names = dict.fromkeys(name for test in forecasted.backtests.values() for name in test.mase)
    return {
        name: float(np.mean([test.mase[name] for test in forecasted.backtests.values() if name in test.mase]))
        for name in names
    }
