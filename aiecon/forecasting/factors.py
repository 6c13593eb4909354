"""Spend as users × requests per user × tokens per request × price per token, and what each did to a quarter."""

from datetime import date

import pandas as pd

from aiecon.bridges import factor_effects
from aiecon.forecasting.periods import last_quarter_months
from aiecon.units import TOKENS_PER_MTOK

NAMES = {
    "users": ("Users", "people a month"),
    "requests_per_user": ("Requests per user", "requests/month"),
    "requests": ("Requests", "requests/month"),
    "tokens_per_request": ("Tokens per request", "tokens"),
    "price_per_mtok": ("Price", "currency/Mtok"),
}
"""Factor -> how it is called, and its unit."""


def factors(volumes: pd.DataFrame, users: pd.DataFrame, as_of: date) -> pd.DataFrame | None:
    """Return the factors of token spend in the last three whole months and in the three before, with their effects.

    Parameters
    ----------
    volumes
        By month and model: month, tokens, requests, cost.
    users
        month, users; where a month names nobody, requests are one factor.
    as_of
        Day of the last actual.

    Returns
    -------
    pandas.DataFrame or None
        Columns factor (key of NAMES), before, now, effect; the effects add up to the change of token spend exactly
        (Shapley, so that their order does not matter). None where a month, or its requests, are not known.
    """
    months = last_quarter_months(as_of)
    sums = volumes.groupby("month")[["tokens", "requests", "cost"]].sum().reindex(months)
    if not (sums > 0).all(axis=None):
        return None
    people = users.set_index("month")["users"].reindex(months) if len(users) else pd.Series(float("nan"), index=months)
    named = people if (people > 0).all() else None
    before, now = (_of(sums.loc[part], named) for part in (months[:3], months[3:]))
    size = 3.0 / TOKENS_PER_MTOK  # of three months, tokens in millions
    effects = factor_effects(before, now)
    return pd.DataFrame(
        {
            "factor": list(before),
            "before": list(before.values()),
            "now": list(now.values()),
            "effect": [effects[name] * size for name in before],
        }
    )


def _of(sums: pd.DataFrame, people: pd.Series | None) -> dict[str, float]:
    """The factors of three months, each a mean over them: their product times three is what they cost."""
    tokens, requests, cost = (float(sums[name].sum()) for name in ("tokens", "requests", "cost"))
    monthly = requests / len(sums)
    who = {"requests": monthly}
    if people is not None:
        users = float(people.reindex(sums.index).mean())
        who = {"users": users, "requests_per_user": monthly / users}
    return {**who, "tokens_per_request": tokens / requests, "price_per_mtok": cost / (tokens / TOKENS_PER_MTOK)}
