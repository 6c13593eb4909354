"""Days that cost more than days of their kind."""

import numpy as np
import pandas as pd
from numpy.lib.stride_tricks import sliding_window_view

from aiecon.errors import FrameError

THRESHOLD = 4.0
"""Robust standard deviations above what was expected, from which a day stands out."""
_SPREAD = 1.4826  # median absolute deviation of a normal in standard deviations
_WEEKS = 8
_LEAST_DAYS = 21
_LEAST_LEFT = 14  # distances, of which there is a measure
_LEAST_SPREAD = 0.01
_FAR = 4.0
_LEAST_SCALE = 0.05  # of the usual day, at which a day that should cost next to nothing is measured


def anomalies(daily: pd.DataFrame, *, threshold: float = THRESHOLD, least: float = 0.0) -> pd.DataFrame:
    """Return days that cost more than days of their kind do.

    Parameters
    ----------
    daily
        Columns date, value: one row a day. [currency/day]
    threshold
        Robust standard deviations above what was expected.
    least
        Smallest excess that is told. [currency]

    Returns
    -------
    pandas.DataFrame
        Largest excess first: date, value, expected, excess, score.

    Notes
    -----
    What a day should cost is the level of the week before it (a median, so that growth and steps move it and single
    days do not) times the weight of its weekday. It stands out by the logarithm of its cost over that; over half way
    to what the day before cost where that is more: an episode is told when it begins, not on each of its days; and over
    what its weekday cost before with the whole rise of the level on top where that is more: what has joined lately and
    costs the same every day is no alarm on the first weekends, before the weights have learnt it; and over what the
    same day of the month before cost beyond its own: what is charged on a day of every month is told once. The
    measure is the root mean square of such distances in the weeks before, none counted beyond four medians of them.

    Examples
    --------
    >>> days = pd.date_range("2026-01-01", periods=60)
    >>> value = [100.0 + day.day % 3 for day in days]
    >>> value[50] = 400.0
    >>> anomalies(pd.DataFrame({"date": days, "value": value}))["date"].dt.strftime("%Y-%m-%d").tolist()
    ['2026-02-20']
    """
    if missing := [column for column in ("date", "value") if column not in daily]:
        raise FrameError([f"daily: column '{column}' is missing; it has {list(daily)}" for column in missing])
    frame = daily.assign(date=pd.to_datetime(daily["date"])).sort_values("date", ignore_index=True)
    if frame["date"].duplicated().any():
        raise FrameError("daily: a date stands twice; one row a day is expected")
    found = _measured(frame["value"].to_numpy(dtype=float), frame["date"])
    table = frame[["date", "value"]].assign(**found)
    told = table[(table["score"] > threshold) & (table["excess"] > least)]
    return told.sort_values("excess", ascending=False, ignore_index=True)


def _measured(values: np.ndarray, dates: pd.Series) -> dict[str, np.ndarray]:
    """What each day should cost, by how much it costs more and how far that is; no number where that is not known."""
    past, of_kind = _before(values, dates.dt.day_of_week.to_numpy())
    whole, week, same = _median(past), _median(past[:, -7:]), _median(of_kind)
    expected = week * np.where(whole > 0, same / np.where(whole > 0, whole, 1.0), 1.0)
    expected = np.where(np.isnan(same), week, expected)
    floor = np.maximum(_LEAST_SCALE * _median(np.abs(past)), 1e-12)
    usual = np.fmax(expected, floor)
    ratio = np.fmax(values, floor) / usual
    is_measured = np.isfinite(values) & np.isfinite(expected) & (np.arange(len(values)) >= _LEAST_DAYS)
    joined = np.where(week > whole, same + week - whole, 0.0)
    scores = _scores(ratio, joined / usual, is_measured)
    again = np.where(scores > THRESHOLD, values - usual, 0.0)  # what stood out, and may do so every month
    monthly = 1.0 + _a_month_ago(again, dates) / usual
    scores = np.where(monthly > 1.0, _scores(ratio, np.fmax(joined / usual, monthly), is_measured), scores)
    return {"expected": expected, "excess": values - expected, "score": scores}


def _a_month_ago(values: np.ndarray, dates: pd.Series) -> np.ndarray:
    """The values of the same day of the month before, the larger one where that is the last of it; 0 without one."""
    known = pd.Series(values, index=pd.DatetimeIndex(dates))
    same = known.reindex(dates - pd.DateOffset(months=1)).to_numpy()
    ends = known.reindex(dates - pd.offsets.MonthEnd(1)).to_numpy()
    return np.nan_to_num(np.fmax(same, np.where(dates.dt.is_month_end, ends, np.nan)))


def _before(values: np.ndarray, kinds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The weeks before each day, a row each and the oldest first; and of those the days of its weekday alone."""
    weeks = 7 * _WEEKS
    past = sliding_window_view(np.concatenate([np.full(weeks, np.nan), values]), weeks)[:-1]
    weekdays = sliding_window_view(np.concatenate([np.full(weeks, -1), kinds]), weeks)[:-1]
    return past, np.where(weekdays == kinds[:, None], past, np.nan)


def _median(rows: np.ndarray) -> np.ndarray:
    """Median of each row, without what is no number."""
    return pd.DataFrame(rows).median(axis=1).to_numpy()


def _scores(ratio: np.ndarray, recurs: np.ndarray, is_measured: np.ndarray) -> np.ndarray:
    """Robust standard deviations of each measured day above what is known to move it; no number of others."""
    left: np.ndarray = np.log(ratio[is_measured])
    before = np.concatenate([[1.0], ratio[is_measured]])[:-1]  # what the last day cost, of what it should have
    known = np.maximum(np.maximum(1.0, (1.0 + before) / 2), np.nan_to_num(recurs[is_measured]))
    scores = np.full(len(ratio), np.nan)
    scores[is_measured] = (left - np.log(known)) / _spread(left)
    return scores


def _spread(left: np.ndarray) -> np.ndarray:
    """Root mean square of the distances before each, none counted beyond four robust deviations; no measure of few."""
    away = sliding_window_view(np.concatenate([np.full(7 * _WEEKS, np.nan), np.abs(left)]), 7 * _WEEKS)[:-1]
    capped = np.minimum(away, (_FAR * _SPREAD * _median(away))[:, None])
    counted = np.isfinite(away).sum(axis=1)
    squares = np.nansum(capped**2, axis=1) / np.maximum(counted, 1)
    return np.where(counted < _LEAST_LEFT, np.inf, np.maximum(np.sqrt(squares), _LEAST_SPREAD))
