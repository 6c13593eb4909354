"""What a reader should know of a forecast: series left out, short or ended, last values far from the usual."""

from collections.abc import Mapping

import pandas as pd

from aiecon.forecasting.backtest import LEVEL_WINDOW, TESTED, Backtest
from aiecon.forecasting.calendar import Calendar
from aiecon.forecasting.history import TOTAL

_RARE = 0.1  # part of the values up to which those below zero are credits
_NAMED = 3  # days named in a remark
_ODD = 4.0  # times the usual size from which a last value is pointed out


def all_of(
    values: pd.DataFrame,
    calendar: Calendar,
    tests: Mapping[str, Backtest],
    refused: Mapping[str, str],
    horizon: int,
) -> tuple[str, ...]:
    """Return every remark on a forecast of these values, shape (n_periods, n_series)."""
    notes = [f"Series {name} is not forecast and not in the totals: {why}" for name, why in refused.items()]
    steps = max(test.steps for test in tests.values())
    if steps < min(horizon, TESTED[calendar.frequency]):
        notes.append(
            f"The history is short: {horizon} periods are forecast and only {steps} could be back-tested; beyond "
            "them the ranges grow as the methods say"
        )
    short = [str(name) for name in values if name not in tests]
    if short:
        notes.append(f"Too few values for a back-test, width taken from the other series: {', '.join(short)}")
    if values.shape[1] > 1:
        notes += [words for name in values if (words := _gap(values[name]))]
    return (*notes, *(words for name in values if (words := _odd_end(values[name], calendar))))


def _gap(values: pd.Series) -> str:
    """Words about periods that one of several series lacks between its first value and its last."""
    inner = values.loc[values.first_valid_index() : values.last_valid_index()] if values.notna().any() else values
    absent = inner.index[inner.isna()]
    if not len(absent):
        return ""
    span = f"{absent[0]:%Y-%m-%d} to {absent[-1]:%Y-%m-%d}" if len(absent) > 1 else f"{absent[0]:%Y-%m-%d}"
    return (
        f"Series {values.name} has no value in {len(absent)} of {len(inner)} periods ({span}); what is spent then is "
        "not known, and sums of all series have nothing of it there"
    )


def without_credits(values: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Return the values without rare credits, which methods would take for use, and words about what was left out.

    A value below zero is a credit where nine of ten of its series are above zero. Shape (n_periods, n_series),
    missing where left out.
    """
    below = values < 0
    rare = below.sum() <= _RARE * values.notna().sum()
    credited = below & rare & ((values > 0).sum() >= (1 - _RARE) * values.notna().sum())
    notes = [
        f"{'Values' if int(credited[name].sum()) > 1 else 'A value'} of {name} below zero "
        f"({', '.join(f'{day:%Y-%m-%d}' for day in credited.index[credited[name]][:_NAMED])}"
        f"{', ...' if int(credited[name].sum()) > _NAMED else ''}) count as credits: in what was spent, not in what "
        "methods learn from"
        for name in values
        if credited[name].any()
    ]
    return values.mask(credited), notes


def _odd_end(values: pd.Series, calendar: Calendar) -> str:
    """Words about a series that ended before the others, or whose last value is far from what is usual."""
    seen, window = values.dropna(), LEVEL_WINDOW[calendar.frequency]
    name = "The history" if values.name == TOTAL else f"Series {values.name}"
    if seen.empty:
        return ""
    if len(values) - 1 - int(values.index.get_indexer([seen.index[-1]])[0]) >= window:
        return f"{name} has no value after {seen.index[-1]:%Y-%m-%d}; it is forecast on from there all the same"
    usual = float(seen.iloc[-window - 1 : -1].abs().median()) if len(seen) > window else 0.0
    if not usual or abs(seen.iloc[-1]) <= _ODD * usual:
        return ""
    return (
        f"{name} ends on {seen.index[-1]:%Y-%m-%d} at {abs(seen.iloc[-1]) / usual:,.0f} times its usual size, which "
        "moves the forecast; if that was a one-off, mask the day with an event"
    )
