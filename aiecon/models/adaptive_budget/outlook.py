"""What pools are expected to spend and to need: from the forecast given, else from their own past."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from aiecon.models.adaptive_budget.inputs import Expected
from aiecon.vocabulary.distribution import base, draw, stream

_LEAST = 4
_SEASON = 12


@dataclass(frozen=True, eq=False)
class Outlook:
    """A pool's months ahead.

    Attributes
    ----------
    driver
        Expected, one a month; None where not known.
    spend
        Draws of the spend of each month, shape (n_draws, n_months). [currency/month]
    """

    driver: list[float | None]
    spend: np.ndarray


def outlook(
    rows: pd.DataFrame, given: Sequence[Expected], months: pd.DatetimeIndex, *, name: str, draws: int, seed: int
) -> Outlook:
    """Return what a pool is expected to need and to spend in the months ahead.

    Parameters
    ----------
    rows
        Its actuals by month: month, spend, driver.
    given
        What is expected of it, where the user says so.
    months
        Months ahead, first days.
    name
        Of the random stream.

    Notes
    -----
    A value not given is the last one, grown by the mean change of the log over the past (at most a year), and strays as
    those changes did: a random walk with drift, drawn. With fewer than four months it stays where it is, straying by a
    tenth a month.
    """
    by_month = {pd.Timestamp(one.month).to_period("M"): one for one in given}
    spend = _walk(rows["spend"].to_numpy(dtype=float), len(months), f"{name}.spend", draws, seed)
    known = rows["driver"].dropna() if "driver" in rows else pd.Series(dtype=float)
    middle = _walk(known.to_numpy(dtype=float), len(months), f"{name}.driver", draws, seed) if len(known) else None
    driver: list[float | None] = []
    for place, month in enumerate(months):
        one = by_month.get(month.to_period("M"))
        if one is not None and one.spend is not None:
            spend[:, place] = draw(one.spend, f"{name}.forecast.{place}", draws=draws, seed=seed)
            spend[:, place] *= base(one.spend) / np.median(spend[:, place]) if np.median(spend[:, place]) > 0 else 1.0
        if one is not None and one.driver is not None:
            driver.append(one.driver)
        else:
            driver.append(None if middle is None else float(np.median(middle[:, place])))
    return Outlook(driver, spend)


def _walk(past: np.ndarray, months: int, name: str, draws: int, seed: int) -> np.ndarray:
    """Draws of a random walk with drift in logs from the last value, shape (draws, months)."""
    last = float(past[-1])
    positive = past[-_SEASON - 1 :]
    positive = positive[positive > 0]
    if last <= 0:
        return np.full((draws, months), max(last, 0.0))
    drift, spread = 0.0, 0.1
    if len(positive) >= _LEAST:
        steps = np.diff(np.log(positive))
        drift, spread = float(steps.mean()), float(steps.std(ddof=1))
    strays = stream(name, seed=seed).standard_normal((draws, months)) * spread
    return np.asarray(last * np.exp(np.cumsum(drift + strays, axis=1)))
