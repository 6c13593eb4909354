"""Days that cost more than days of their kind."""

import numpy as np
import pandas as pd

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
    costs the same every day is no alarm on the first weekends, before the weights have learnt it. The
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
    values = frame["value"].to_numpy(dtype=float)
    weekday = frame["date"].dt.dayofweek.to_numpy()
    columns = ["date", "value", "expected", "excess", "score"]
    left: list[float] = []
    rows = []
    before = 1.0  # what the last day cost, of what it should have
    for place in range(_LEAST_DAYS, len(values)):
        past = slice(max(0, place - 7 * _WEEKS), place)
        if not np.isfinite(values[place]):
            continue
        expected = _expected(values[past], weekday[past], weekday[place])
        floor = max(_LEAST_SCALE * float(np.nanmedian(np.abs(values[past]))), 1e-12)
        usual = max(expected, floor)
        ratio = max(values[place], floor) / usual
        known = max(1.0, (1.0 + before) / 2, _joined(values[past], weekday[past], weekday[place]) / usual)
        score = float(np.log(ratio / known)) / _spread(left[-7 * _WEEKS :])
        off = values[place] - expected
        if score > threshold and off > least:
            rows.append((frame["date"][place], values[place], expected, off, score))
        left.append(float(np.log(ratio)))
        before = ratio
    return pd.DataFrame(rows, columns=columns).sort_values("excess", ascending=False, ignore_index=True)


def _spread(left: list[float]) -> float:
    """Root mean square of distances, none counted beyond four robust deviations; no measure of a few."""
    if len(left) < _LEAST_LEFT:
        return np.inf
    away = np.abs(left)
    capped = np.minimum(away, _FAR * _SPREAD * np.median(away))
    return max(float(np.sqrt(np.mean(capped**2))), _LEAST_SPREAD)


def _joined(past: np.ndarray, kinds: np.ndarray, kind: int) -> float:
    """What a weekday cost before, and the rise of the level on top; 0 where the level has not risen."""
    rise = float(np.nanmedian(past[-7:])) - float(np.nanmedian(past))
    same = past[kinds == kind]
    return float(np.nanmedian(same)) + rise if len(same) and rise > 0 else 0.0


def _expected(past: np.ndarray, kinds: np.ndarray, kind: int) -> float:
    """Level of the last week times the weight of a weekday."""
    level = float(np.nanmedian(past[-7:]))
    whole = float(np.nanmedian(past))
    same = past[kinds == kind]
    weight = float(np.nanmedian(same)) / whole if len(same) and whole > 0 else 1.0
    return level * weight
