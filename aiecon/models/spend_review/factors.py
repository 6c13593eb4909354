"""Spend on tokens as users × requests × tokens × price, and the effect of each on the change."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd

from aiecon.bridges import move_effects
from aiecon.models.spend_review.phantom import UNSAID, without_dust
from aiecon.units import TOKENS_PER_MTOK
from aiecon.vocabulary.spend import TOKEN_COLUMNS

_AVERAGE = "price_per_mtok"


def with_tokens(rows: pd.DataFrame) -> pd.DataFrame:
    """Charges that count tokens, with their sum in `tokens`."""
    tokens = rows[list(TOKEN_COLUMNS)].sum(axis=1)
    return rows.assign(tokens=tokens)[tokens > 0]


def named_models(rows: pd.DataFrame) -> pd.DataFrame:
    """Charges that say a model; all of them where they have no such column."""
    if "x_ModelId" not in rows:
        return rows
    return rows[rows["x_ModelId"].notna() & ~rows["x_ModelId"].isin(UNSAID)]


def active_users(users: pd.DataFrame, period: tuple[date, date]) -> float | None:
    """People who use AI in a month of a period, on average; None unless each whole month of it names any.

    Parameters
    ----------
    users
        month, users.
    period
        First and last day.
    """
    first, last = (pd.Timestamp(day) for day in period)
    if not (first.is_month_start and last.is_month_end):
        return None
    counts = users.set_index("month")["users"].reindex(pd.date_range(first, last, freq="MS"))
    return float(counts.mean()) if (counts > 0).all() else None


def token_factors(
    before: pd.DataFrame, rows: pd.DataFrame, *, users: Sequence[float | None] = (None, None)
) -> pd.DataFrame | None:
    """Split the change of spend on tokens into its factors.

    Parameters
    ----------
    before, rows
        Charges of two periods: token columns, x_Requests, billed [currency] and, where known, x_ModelId.
    users
        Active users of the two; None for either leaves requests whole.

    Returns
    -------
    pandas.DataFrame or None
        factor (users, requests_per_user or requests; tokens_per_request, mix, price_per_mtok), before, now, effect
        [currency]; a mix has no figure of its own. None where tokens, requests or cost of either are zero.
        Tokens of which nobody counted the requests, or said the model where others say theirs, are no part of it.

    Notes
    -----
    Spend = users × requests per user × tokens per request × Σ share of a model × its price; the effects are Shapley's,
    over every order in which users, requests, tokens, shares and prices could have moved. A model of one period alone
    keeps its price, so that what it changes is mix.
    """
    parts = [counted(part) for part in (before, rows)]
    ends = [_ends(part, count) for part, count in zip(parts, users if None not in users else (None, None), strict=True)]
    if any(min(end.values()) <= 0 for end in ends):
        return None
    shares, prices = _by_model(*parts)
    names = [name for name in ends[0] if name != _AVERAGE]

    def total(moved: frozenset[str]) -> float:
        scale = float(np.prod([ends[name in moved][name] for name in names]))
        return scale * float(shares["mix" in moved] @ prices[_AVERAGE in moved]) / TOKENS_PER_MTOK

    has_mix = len(shares[0]) > 1
    effects = move_effects([*names, *(["mix"] if has_mix else []), _AVERAGE], total)
    figures = [{**end, "mix": None} for end in ends]
    columns = {"before": [figures[0][name] for name in effects], "now": [figures[1][name] for name in effects]}
    return pd.DataFrame({"factor": list(effects), **columns, "effect": list(effects.values())})


def counted(rows: pd.DataFrame) -> pd.DataFrame:
    """Charges that count tokens and requests, of known models where any is known."""
    used = with_tokens(rows)
    used = used[used["x_Requests"] > 0]
    named = named_models(used)
    return named if len(named) else used


def left_out(rows: pd.DataFrame) -> float:
    """Billed for tokens that are no part of `token_factors`. [currency]"""
    return without_dust(float(with_tokens(rows)["billed"].sum()) - float(counted(rows)["billed"].sum()))


def _ends(part: pd.DataFrame, users: float | None) -> dict[str, float]:
    """Factors of a period; zeros where there is nothing to divide by."""
    tokens, cost, requests = (float(part[name].sum()) for name in ("tokens", "billed", "x_Requests"))
    if min(tokens, cost, requests) <= 0:
        return {"requests": 0.0}
    whole = {"requests": requests} if users is None else {"users": users, "requests_per_user": requests / users}
    return {**whole, "tokens_per_request": tokens / requests, _AVERAGE: cost / tokens * TOKENS_PER_MTOK}


def _by_model(before: pd.DataFrame, rows: pd.DataFrame) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Share of tokens and price of a million of them, model by model, of both periods."""
    sums = []
    for part in (before, rows):
        item = part["x_ModelId"] if "x_ModelId" in part else pd.Series("all", index=part.index)
        sums.append(part[["tokens", "billed"]].groupby(item).sum())
    every = sums[0].index.union(sums[1].index)
    tokens = [found["tokens"].reindex(every, fill_value=0.0) for found in sums]
    price = [(found["billed"] / found["tokens"]).reindex(every) * TOKENS_PER_MTOK for found in sums]
    shares = [(count / count.sum()).to_numpy(dtype=float) for count in tokens]
    return shares, [price[0].fillna(price[1]).to_numpy(dtype=float), price[1].fillna(price[0]).to_numpy(dtype=float)]
