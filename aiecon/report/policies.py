"""A budget policy read as the agreement it is: what is wrong with it, in the words of those who sign it."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import pandas as pd

from aiecon import resources
from aiecon.errors import InputError
from aiecon.models.adaptive_budget.inputs import Policy, Pool
from aiecon.models.adaptive_budget.notes import never_growing, unsigned

RULES = {
    "upgrade_reserve_share": "rule.policy.upgrade_reserve_share",
    "forecast_error_gate": "forecast_error_gate",
    "vice_president": "rule.escalation.vice_president_above",
    "c_suite": "rule.escalation.c_suite_above",
}
"""Field of a line -> the assumption row whose value or range the house agreed on."""

MEANING = {
    "upgrade_reserve_share": "it is the part of spend that is held for model upgrades",
    "forecast_error_gate": "a budget does not grow after a forecast that was further off",
    "vice_president": "further over budget than this a vice president decides",
    "c_suite": "further over budget than this the C-suite decides",
}
"""The same fields in the words of those who sign."""


def problems(raw: Mapping[str, Any]) -> list[str]:
    """Return every problem of a policy, a line each."""
    try:
        Policy.build(raw)
    except InputError as error:
        return [_in_words(problem) for problem in error.problems]
    return []


def _in_words(problem: str) -> str:
    """A problem that names the pool instead of a path."""
    where, found, rest = problem.partition("pools.")
    return f"pool {rest}" if found and not where else problem


def notes(raw: Mapping[str, Any]) -> list[str]:
    """Return what those who sign a sound policy should know: its pools, open signatures, departures."""
    policy = Policy.build(raw)
    count = f"1 pool, {policy.pools[0].name}" if len(policy.pools) == 1 else f"{len(policy.pools)} pools"
    return [
        f"policy {policy.version} has {count}",
        *unsigned(policy),
        *_counted(policy),
        *never_growing(policy),
        *_explained(policy),
    ]


def _counted(policy: Policy) -> list[str]:
    """Pools reviewed every few months of which nothing says from when."""
    open_ones = [pool.name for pool in policy.pools if pool.review_every_months > 1 and pool.first_review is None]
    if policy.valid_from or not open_ones:
        return []
    named = ", ".join(open_ones)
    words = f"nothing says when the reviews of {named} began, so the first month of every answer is one"
    return [f"{words}; give valid_from or first_review"]


def departures(policy: Policy) -> list[str]:
    """Return where a policy leaves what the assumptions say of all policies, for its readers to know."""
    return list(_departures(policy).values())


def _explained(policy: Policy) -> list[str]:
    return [f"{words}; {MEANING[field]}" for field, words in _departures(policy).items()]


def _departures(policy: Policy) -> dict[str, str]:
    """Field -> where lines leave the assumption row of it."""
    found = {}
    for field, row in RULES.items():
        low, high = ends(row)
        values = {pool.name: _value(pool, field) for pool in policy.pools}
        apart = {name: value for name, value in values.items() if value is not None and not low <= value <= high}
        if apart:
            between = f"{low:.0%}" if low == high else f"{low:.0%} to {high:.0%}"
            pools = ", ".join(f"{name} ({value:.1%})" for name, value in apart.items())
            found[field] = f"{field} is not the {between} of {row}: {pools}"
    return found


def _value(pool: Pool, field: str) -> float | None:
    value: float | None = getattr(pool.escalation if field in ("vice_president", "c_suite") else pool, field)
    return value


def ends(name: str) -> tuple[float, float]:
    """Lowest and highest value of an assumption row; its value twice where it has no range."""
    row = _rows().loc[name]
    value = float(row["value"])
    return (float(row["low"]) if row["low"] else value), (float(row["high"]) if row["high"] else value)


@cache
def _rows() -> pd.DataFrame:
    path = resources.path("data/assumptions.csv")
    return pd.read_csv(path, dtype=str, keep_default_na=False).set_index("name")
