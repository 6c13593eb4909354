"""Unit economics: what a request and an outcome cost, how sure the count makes it, and what it was worth."""

from collections.abc import Collection
from math import sqrt
from statistics import NormalDist

import numpy as np
import pandas as pd

from aiecon.errors import InputError

_COLUMNS = ("billed", "requests", "outcomes", "attempts", "value", "revenue")


def wilson_interval(successes: float, trials: float, *, level: float = 0.95) -> tuple[float, float]:
    """Return the range in which the share behind so many successes lies (Wilson 1927).

    Examples
    --------
    >>> [round(end, 5) for end in wilson_interval(30, 40)]
    [0.59806, 0.85813]
    """
    problems = [] if trials > 0 else [f"trials must be above zero, got {trials!r}"]
    problems += [] if 0 <= successes <= trials else [f"successes must lie between 0 and trials, got {successes!r}"]
    problems += [] if 0 < level < 1 else [f"level must lie between 0 and 1, got {level!r}"]
    if problems:
        raise InputError(problems)
    z, share = NormalDist().inv_cdf((1 + level) / 2), successes / trials
    middle = share + z**2 / (2 * trials)
    half = z * sqrt(share * (1 - share) / trials + z**2 / (4 * trials**2))
    whole = 1 + z**2 / trials
    return max(0.0, (middle - half) / whole), min(1.0, (middle + half) / whole)


def counting(outcomes: pd.DataFrame, failed: Collection[str]) -> pd.DataFrame:
    """Outcomes that count: those whose word is not among the failed ones."""
    words = {word.lower() for word in failed}
    return outcomes[~outcomes["outcome"].astype(str).str.lower().isin(words)]


def unit_economics(rows: pd.DataFrame, outcomes: pd.DataFrame, failed: Collection[str]) -> pd.DataFrame:
    """Put spend beside outcomes, a row a use case, dearest first.

    Parameters
    ----------
    rows
        Charges: x_UseCase, billed [currency], x_Requests.
    outcomes
        use_case, outcome, count and, where known, value and revenue [currency].
    failed
        Words of outcomes that do not count.

    Returns
    -------
    pandas.DataFrame
        use_case, billed, requests, outcomes (that count), attempts (all), cost_per_request, cost_per_outcome with
        cost_low and cost_high (at the 95 % Wilson range of the share that counts), value, roi, revenue; what is not
        known is missing.
    """
    if "x_UseCase" not in rows:
        return pd.DataFrame(columns=["use_case", *_COLUMNS])
    spent = rows.groupby("x_UseCase").agg(billed=("billed", "sum"), requests=("x_Requests", "sum"))
    good = counting(outcomes, failed)
    came = pd.DataFrame(
        {
            "outcomes": good.groupby("use_case")["count"].sum(),
            "attempts": outcomes.groupby("use_case")["count"].sum(),
            **{
                name: frame.groupby("use_case")[name].sum(min_count=1)
                for name, frame in (("value", good), ("revenue", outcomes))
                if name in frame
            },
        }
    ).astype(float)
    table = spent.join(came.reindex(columns=list(_COLUMNS[2:])), how="left").reset_index(names="use_case")
    has_any = table["outcomes"] > 0
    ends = [_interval(row) for row in table.to_dict("records")]
    table = table.assign(
        cost_per_request=(table["billed"] / table["requests"]).where(table["requests"] > 0),
        cost_per_outcome=(table["billed"] / table["outcomes"]).where(has_any),
        cost_low=[low for low, _ in ends],
        cost_high=[high for _, high in ends],
        roi=(table["value"] / table["billed"]).where(table["billed"] > 0),
    )
    return table.sort_values("billed", ascending=False, ignore_index=True, kind="stable")


def _interval(row: dict[str, float]) -> tuple[float, float]:
    """Cost of an outcome at the ends of the share that counts; missing where the count says nothing of it."""
    if not (0 < row["outcomes"] < row["attempts"] and row["billed"] > 0):
        return np.nan, np.nan
    low, high = wilson_interval(row["outcomes"], row["attempts"])
    each = row["billed"] / row["attempts"]
    return each / high, each / low
