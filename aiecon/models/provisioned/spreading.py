"""Forecast volumes spread over the minutes of a week, as a trace had them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from aiecon.models.provisioned.inputs import Forecast

MINUTES_PER_WEEK = 7 * 24 * 60
_MINUTES_PER_DAY = 24 * 60


@dataclass(frozen=True, eq=False)
class Weeks:
    """Demand of the minutes of a week, from Monday 00:00 on, in each week that a trace touches.

    Attributes
    ----------
    tokens
        NaN where the trace does not reach. Shape (n_weeks, 10080)
    is_dated
        Whether the trace says its days; without, its first minute is taken to be Monday 00:00.
    """

    tokens: np.ndarray
    is_dated: bool

    @property
    def unseen(self) -> int:
        """Minutes of a week that no week of the trace reaches."""
        return int(np.isnan(self.tokens).all(axis=0).sum())

    def of(self, minutes: np.ndarray) -> np.ndarray:
        """Demand of minutes numbered from a Monday 00:00: the weeks in turn; shape (n,).

        Where a week of the trace does not reach, the mean of those that do stands; where none does, zero.
        """
        seen = ~np.isnan(self.tokens)
        mean = np.nansum(self.tokens, axis=0) / np.maximum(seen.sum(axis=0), 1)
        filled = np.where(seen, self.tokens, mean)
        return filled[(minutes // MINUTES_PER_WEEK) % len(filled), minutes % MINUTES_PER_WEEK]


def weeks_of(trace: pd.DataFrame, first: pd.Timestamp | None) -> Weeks:
    """Lay a trace of minutes out by weeks; `first` is the moment of its first minute, None where it says none."""
    start = 0 if first is None else first.weekday() * _MINUTES_PER_DAY + first.hour * 60 + first.minute
    count = -(-(start + len(trace)) // MINUTES_PER_WEEK)
    tokens = np.full(count * MINUTES_PER_WEEK, np.nan)
    tokens[start : start + len(trace)] = trace["tokens"].to_numpy(dtype=float)
    return Weeks(tokens.reshape(count, MINUTES_PER_WEEK), first is not None)


def spread(forecast: Forecast) -> tuple[np.ndarray, int]:
    """Return the tokens of every minute of the forecast, and how many of its periods had to be spread evenly.

    Each period's volume is shared among its minutes as the trace's weeks share theirs, so periods keep their volume to
    the token. Weeks of the trace come in turn, not their mean, which would be smoother than any week. A period whose
    minutes the trace never saw busy is spread evenly.
    """
    volumes, trace = forecast.volumes.table, forecast.profile.table
    weeks = weeks_of(trace.frame, trace.facts["first"])
    lengths = volumes.frame["days"].to_numpy() * _MINUTES_PER_DAY
    offset = volumes.frame["start"].iloc[0].weekday() * _MINUTES_PER_DAY
    weight = weeks.of(offset + np.arange(lengths.sum()))
    starts = np.append(0, np.cumsum(lengths)[:-1])
    sums = np.add.reduceat(weight, starts)
    is_flat = sums <= 0
    weight[np.repeat(is_flat, lengths)] = 1.0
    per_weight = volumes.frame["tokens"].to_numpy() / np.where(is_flat, lengths, sums)
    return weight * np.repeat(per_weight, lengths), int((is_flat & (volumes.frame["tokens"] > 0)).sum())


def forecast_notes(forecast: Forecast) -> list[str]:
    """What a reader must know of a forecast: periods and minutes that are absent, and what was taken for granted."""
    volumes, trace = forecast.volumes.table, forecast.profile.table
    weeks = weeks_of(trace.frame, trace.facts["first"])
    found = []
    if volumes.facts["absent"]:
        period = "months" if volumes.facts["is_monthly"] else "days"
        found.append(
            f"{volumes.facts['absent']:,} of {len(volumes.frame):,} {period} of the forecast have no row; they count "
            "as no demand"
        )
    if weeks.unseen:
        found.append(
            f"The profile saw {MINUTES_PER_WEEK - weeks.unseen:,} of the {MINUTES_PER_WEEK:,} minutes of a week; the "
            "others count as no demand, which makes demand look peakier than it is"
        )
    if not weeks.is_dated:
        found.append("The profile has no dates; its first minute is taken to be Monday 00:00")
    flat = spread(forecast)[1]
    if flat:
        found.append(f"{flat:,} periods lie where the profile saw no demand; their volume is spread evenly")
    return found
