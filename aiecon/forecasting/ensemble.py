"""The forecast: methods combined, ranges calibrated, paths for every sum of periods and series."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import starmap
from typing import Any

import numpy as np
import pandas as pd

from aiecon.errors import InputError
from aiecon.forecasting import backtest as backtests
from aiecon.forecasting import calendar as calendars
from aiecon.forecasting import calibration, combine, methods, paths, remarks
from aiecon.forecasting.arguments import asked_problems, ceiling_problems
from aiecon.forecasting.backtest import ORIGINS, Backtest
from aiecon.forecasting.calendar import Calendar, Frequency
from aiecon.forecasting.combine import LEVELS, SHARES
from aiecon.forecasting.history import checked
from aiecon.forecasting.paths import Drawn, Fan
from aiecon.forecasting.predicted import Method

LEAST_VALUES = 6
_ROUNDING = 1e-12  # part of a limit that a sum may lie above it and not pass it
WIDE_CALL = 200  # series from which processes share the work


@dataclass(frozen=True, eq=False)
class Forecast:
    """Expected values and their uncertainty for one or several series.

    Attributes
    ----------
    history
        Regular values, NaN where missing, shape (n_periods, n_series).
    calendar
        Frequency and how the dates go on.
    dates
        The periods ahead.
    fans
        Series -> its periods ahead.
    nodes
        Node of a hierarchy -> the series below it.
    extras
        Series -> what is uncertain about the drivers and overlays of it, about what is expected of them, shape
        (n_paths, horizon).
    backtests
        Series -> its back-test; a series too short for one is absent.
    factors
        Level -> what the ranges of all series were stretched by before their own scores counted.
    failures
        Series -> method -> why it failed.
    refused
        Series -> why it was not forecast.
    notes
        What a reader should know.
    seed
        Of the paths.
    """

    history: pd.DataFrame
    calendar: Calendar
    dates: pd.DatetimeIndex
    fans: Mapping[str, Fan | Drawn]
    backtests: Mapping[str, Backtest]
    factors: Mapping[float, float]
    failures: Mapping[str, Mapping[str, str]]
    refused: Mapping[str, str]
    notes: tuple[str, ...]
    seed: int
    nodes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    extras: Mapping[str, np.ndarray] = field(default_factory=dict)

    @cached_property
    def expected(self) -> pd.DataFrame:
        """The expected course (p50) of every series, shape (horizon, n_series)."""
        return pd.DataFrame({name: fan.middle for name, fan in self.fans.items()}, index=self.dates)

    @cached_property
    def parents(self) -> dict[str, Drawn]:
        """Node of a hierarchy -> its periods ahead: its series' paths added up; totals do not count them again."""
        return {
            node: Drawn(
                np.sum([self.doubted(name).paths(seed=self.seed) for name in below], axis=0),
                np.sum([self.doubted(name).lowest for name in below], axis=0),
            )
            for node, below in self.nodes.items()
        }

    def doubted(self, name: str) -> Fan | Drawn:
        """The periods ahead of a series with what is uncertain about drivers and overlays in its paths."""
        fan = self.fans[name]
        if name not in self.extras:
            return fan
        drawn = np.maximum(fan.paths(seed=self.seed), fan.lowest) + self.extras[name]
        return Drawn(drawn, np.full(drawn.shape[1], -np.inf))

    def to_frame(self) -> pd.DataFrame:
        """One row a series and date: series, date, p2_5, p10, p50, p90, p97_5."""
        every = {**{name: self.doubted(name) for name in self.fans}, **self.parents}
        levels = np.concatenate([fan.quantiles for fan in every.values()], axis=1)
        frame = pd.DataFrame(dict(zip(LEVELS, levels, strict=True)))
        frame.insert(0, "date", np.tile(self.dates, len(every)))
        frame.insert(0, "series", np.repeat(list(every), len(self.dates)))
        return frame

    @cached_property
    def total_paths(self) -> np.ndarray:
        """Paths of all series added up, shape (n_paths, horizon)."""
        total = self._together(np.zeros((paths.PATHS, len(self.dates))))
        for fan in self.fans.values():
            total = total + fan.paths(seed=self.seed)
        return total

    def _together(self, nothing: Any) -> Any:
        """What is uncertain about drivers and overlays, of all series together."""
        return sum(self.extras.values(), nothing)

    @cached_property
    def lowest(self) -> np.ndarray:
        """What the total of each period cannot fall below, shape (horizon,)."""
        return np.sum([fan.lowest for fan in self.fans.values()], axis=0)

    def _sums(self, weights: np.ndarray) -> np.ndarray:
        """The weighted sum of every path, not below what the sum cannot fall below; weights are zero or more."""
        counted = weights > 0
        bound = self.lowest[counted] @ weights[counted] + self._together(np.zeros(len(weights))) @ weights
        return np.maximum(self.total_paths @ weights, bound)

    def total_frame(self) -> pd.DataFrame:
        """One row a date for all series added up: date, p2_5, p10, p50, p90, p97_5."""
        if len(self.fans) == 1 and not self.extras:
            return self.to_frame().drop(columns="series")
        bound = self.lowest + self._together(0.0)
        levels = np.quantile(np.maximum(self.total_paths, bound), SHARES, axis=0)
        return pd.DataFrame({"date": self.dates, **dict(zip(LEVELS, levels, strict=True))})

    def sum_quantiles(self, weights: np.ndarray, *, offset: float = 0.0) -> dict[str, float]:
        """Quantiles of `offset` plus the weighted sum of all series over the periods; weights have shape (horizon,)."""
        found = np.quantile(self._sums(weights), SHARES) + offset
        return dict(zip(LEVELS, found.tolist(), strict=True))

    def sum_exceeds(self, weights: np.ndarray, limit: float, *, offset: float = 0.0) -> float:
        """Probability that `offset` plus the weighted sum of all series passes a limit."""
        return float(np.mean(self._sums(weights) + offset > limit + _ROUNDING * abs(limit)))

    def changed(self, change: Callable[[str, Fan | Drawn], Fan | Drawn]) -> "Forecast":
        """The forecast with each series' fan replaced."""
        return replace(self, fans=dict(zip(self.fans, starmap(change, self.fans.items()), strict=True)))


def forecast(
    history: pd.DataFrame | Sequence[Mapping[str, object]],
    *,
    horizon: int,
    frequency: Frequency | None = None,
    seed: int = 0,
    methods: Mapping[str, Method] | None = None,
    is_weighted: bool | None = None,
    ceiling: float | None = None,
    origins: int = ORIGINS,
    workers: int = 1,
    tell: Callable[[int, int], None] = lambda done, every: None,
) -> Forecast:
    """Forecast one or thousands of dated series, saying how sure each period and each sum is.

    The middle of a fixed family of methods (weighted by back-test on long daily series) is the expectation; its ranges
    are stretched until they cover as often as they say, learnt from the series' own past, from the other series of the
    call and from what was measured beforehand.

    Parameters
    ----------
    history
        Columns date, value and, with several series, series; any order, absent periods are missing.
    horizon
        Periods after the last date.
    frequency
        D, W or MS; inferred when None.
    seed
        Of the paths that sums are counted on; the quantiles of single periods do not depend on it.
    methods
        Name -> function of (training series, future dates, season) returning the expected values or a Predicted; the
        default family when None. `aiecon.forecasting.methods.METHODS` has all that ship.
    is_weighted
        Whether methods are weighted by their back-test; the default rule when None.
    ceiling
        What no value can pass, such as the spend at full adoption. [units of the series]
    origins
        Back-test origins at most.
    workers
        Processes that share the series; the answer does not depend on it.
    tell
        Called with how many series are done, and of how many.

    Returns
    -------
    Forecast
        A series that cannot be forecast is left out and named in `refused`.

    Raises
    ------
    InputError
        When the history is no such frame, or no series can be forecast.

    Examples
    --------
    >>> days = pd.date_range("2026-01-01", periods=60)
    >>> answer = forecast(pd.DataFrame({"date": days, "value": 100.0}), horizon=7)
    >>> answer.to_frame()["p50"].round(1).unique().tolist()
    [100.0]
    """
    whole = {"horizon": horizon, "origins": origins, "workers": workers, "seed": seed}
    problems = asked_problems(whole, methods=methods, is_weighted=is_weighted)
    problems += ceiling_problems(ceiling)
    if problems:
        raise InputError(problems)
    frame, refused = checked(history)
    values, calendar = calendars.regular(frame, frequency)
    settings = Settings(methods, is_weighted, ceiling, origins, workers)
    return forecast_values(values, calendar, horizon=horizon, seed=seed, settings=settings, refused=refused, tell=tell)


@dataclass(frozen=True)
class Settings:
    """How a forecast is made; fields as the arguments of `forecast`."""

    methods: Mapping[str, Method] | None = None
    is_weighted: bool | None = None
    ceiling: float | None = None
    origins: int = ORIGINS
    workers: int = 1


def forecast_values(
    values: pd.DataFrame,
    calendar: Calendar,
    *,
    horizon: int,
    seed: int = 0,
    settings: Settings = Settings(),
    refused: Mapping[str, str] | None = None,
    tested: Mapping[str, Backtest] | None = None,
    tell: Callable[[int, int], None] = lambda done, every: None,
) -> Forecast:
    """Forecast values that are on their calendar already, shape (n_periods, n_series); see `forecast`.

    `tested` has the back-tests of an earlier call on the same values, whose weights and ranges are to hold.
    """
    future = calendar.after(values.index[-1], horizon)
    job = _Job(future, calendar, settings.methods, settings.is_weighted, settings.origins, tested)
    given, (values, credited) = values, remarks.without_credits(values)
    runs = _all(values, job, settings.workers, tell)
    refused = {**(refused or {}), **{name: run.refused for name, run in runs.items() if run.refused}}
    runs = {name: run for name, run in runs.items() if not run.refused}
    if not any(run.tested for run in runs.values()):
        raise InputError(_none_forecast(values, refused))
    tests = {name: run.tested for name, run in runs.items() if run.tested}
    prior = calibration.pooled([test.scores() for test in tests.values()], calendar.frequency)
    return Forecast(
        history=given[list(runs)],
        calendar=calendar,
        dates=future,
        fans=_fans(runs, values, calendar, prior, settings.ceiling),
        backtests=tests,
        factors=prior,
        failures={name: run.failures for name, run in runs.items() if run.failures},
        refused=refused,
        notes=(
            *calendar.notes,
            *credited,
            *remarks.all_of(given[list(runs)], calendar, tests, refused, horizon),
        ),
        seed=seed,
    )


@dataclass(frozen=True)
class _Job:
    """What every series is asked."""

    future: pd.DatetimeIndex
    calendar: Calendar
    methods: Mapping[str, Method] | None
    is_weighted: bool | None
    origins: int
    tested: Mapping[str, Backtest] | None


@dataclass(frozen=True, eq=False)
class _Run:
    said: np.ndarray
    response: np.ndarray
    tested: Backtest | None
    failures: Mapping[str, str]
    refused: str = ""


def _all(values: pd.DataFrame, job: _Job, workers: int, tell: Callable[[int, int], None]) -> dict[str, _Run]:
    """Forecast every series, in processes when there are many and several are wanted."""
    count = values.shape[1]
    columns = [values[name] for name in values]
    runs: dict[str, _Run] = {}
    for name, run in zip(values, _each(columns, job, workers if count >= WIDE_CALL else 1), strict=True):
        runs[name] = run
        tell(len(runs), count)
    return runs


def _each(columns: Sequence[pd.Series], job: _Job, workers: int) -> Iterable[_Run]:
    """One run after the other, in the order of the series whatever the number of processes."""
    if workers == 1:
        return (_one(column, job) for column in columns)
    from joblib import Parallel, delayed

    runs: Iterable[_Run] = Parallel(workers, return_as="generator")(delayed(_one)(column, job) for column in columns)
    return runs


def _one(values: pd.Series, job: _Job) -> _Run:
    """Forecast one series; one with too few values is held at their mean, its width learnt from the others."""
    horizon = len(job.future)
    if values.notna().sum() < LEAST_VALUES:
        flat = np.full((len(LEVELS), horizon), np.nan_to_num(values.mean()))
        return _Run(flat, np.ones(horizon), None, {})
    failures: dict[str, str] = {}
    asked = methods.asked(job.methods, job.is_weighted, job.calendar.frequency)
    members = backtests.predict(values, job.future, job.calendar, asked.family(values), failures)
    if not members:
        reasons = "; ".join(f"{name}: {why}" for name, why in failures.items())
        return _Run(np.empty(0), np.empty(0), None, {}, f"every method failed ({reasons})")
    tested = (job.tested or {}).get(str(values.name)) or backtests.run(
        values,
        job.calendar,
        asked=asked,
        horizon=backtests.TESTED[job.calendar.frequency],
        origins=job.origins,
    )
    parts = backtests.quantiles(members, values, job.calendar, horizon)
    weights = tested.weights if set(tested.weights or ()) & set(parts) else None
    responses = [one.response for one in members.values() if one.response is not None]
    return _Run(
        combine.combined(parts, weights),
        np.median(responses, axis=0) if responses else np.ones(horizon),
        tested if np.isfinite(tested.said).any() else None,
        {**tested.failures, **failures},
    )


def _fans(
    runs: Mapping[str, _Run],
    values: pd.DataFrame,
    calendar: Calendar,
    prior: dict[float, float],
    ceiling: float | None,
) -> dict[str, Fan | Drawn]:
    """The calibrated fan of every series."""
    loading = dict(zip(values, paths.loadings(_errors(values, calendar)), strict=True))
    width = _relative_width(runs, values)
    fans: dict[str, Fan | Drawn] = {}
    for name, run in runs.items():
        said = run.said if run.tested else run.said + width * float(values[name].abs().mean())
        own = run.tested.scores() if run.tested else None
        said = calibration.stretched(said, calibration.factors(own, prior), floor=False)
        shape = said.shape[1]
        fans[name] = Fan(
            said=said,
            response=run.response,
            shared=calibration.SHARED[calendar.frequency],
            loading=float(loading[name]),
            name=str(name),
            lowest=np.full(shape, 0.0 if backtests.has_floor(values[name]) else -np.inf),
            highest=np.full(shape, np.inf if ceiling is None else ceiling),
        )
    return fans


def _errors(values: pd.DataFrame, calendar: Calendar) -> pd.DataFrame:
    """What moves the series from one season to the next."""
    lag = calendar.season if len(values) > 3 * calendar.season else 1
    return values.diff(lag).iloc[lag:]


def _relative_width(runs: Mapping[str, _Run], values: pd.DataFrame) -> np.ndarray:
    """The widest range of the tested series over their size: what one without a test of its own gets; (5, horizon)."""
    widths = [
        (run.said - run.said[combine.MIDDLE]) / (float(values[name].abs().mean()) or 1.0)
        for name, run in runs.items()
        if run.tested
    ]
    return max(widths, key=lambda width: float(np.mean(width[-1] - width[0])))


def _none_forecast(values: pd.DataFrame, refused: Mapping[str, str]) -> list[str]:
    if refused:
        return [f"series '{name}': {why}" for name, why in refused.items()]
    counted = int(values.notna().sum().max())
    return [f"the history has {counted} values; at least {LEAST_VALUES} are needed to say how sure a forecast is"]
