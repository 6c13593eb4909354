"""The agreed rules at work: what a pool's next budget is, and the rule that made it so."""

from dataclasses import dataclass

from aiecon.models.adaptive_budget.inputs import Pool
from aiecon.vocabulary.distribution import base

_ROUNDING = 1e-9  # of growth: a bound that is met exactly is met


@dataclass(frozen=True)
class Move:
    """A budget and why it is what it is.

    Attributes
    ----------
    budget
        Of the month. [currency/month]
    rule
        growth cap, driver, floor, ceiling, between reviews, value gate, forecast gate, no driver.
    gate
        passed, held or failed: whether more may be given.
    reason
        The gate in words.
    """

    budget: float
    rule: str
    gate: str
    reason: str


@dataclass(frozen=True)
class Evidence:
    """What is known when a budget is set.

    Attributes
    ----------
    months
        Months since the pool's first review, negative before it; reviews come every so many.
    driver
        Expected of the month; None where none is known.
    cost_growth, value_growth
        Since the last review: share; None where not known.
    """

    months: int
    driver: float | None
    cost_growth: float | None
    value_growth: float | None


def next_budget(pool: Pool, budget: float, evidence: Evidence) -> Move:
    """Return the budget that follows one by the pool's rules.

    min(ceiling, max(floor, min(budget × (1 + growth cap), expected driver × unit cost target × (1 + headroom)))) at a
    review, gates permitting: a gate that is not passed gives no more than there is. Without a driver or a target the
    growth cap alone limits, and nothing says more is needed: the budget stays.
    """
    gate, reason = review(pool, evidence)
    if evidence.months < 0 or evidence.months % pool.review_every_months:
        return Move(_within(pool, budget)[0], "between reviews", gate, reason)
    capped = budget * (1.0 + pool.growth_cap)
    if evidence.driver is None or pool.unit_cost_target is None:
        wanted, rule = budget, "no driver"
    else:
        wanted, rule = evidence.driver * base(pool.unit_cost_target) * (1.0 + pool.headroom), "driver"
        if capped < wanted:
            wanted, rule = capped, "growth cap"
    if wanted > budget and gate != "passed":
        wanted, rule = budget, reason.split(":")[0]
    held, limit = _within(pool, wanted)
    return Move(held, limit or rule, gate, reason)


def _within(pool: Pool, amount: float) -> tuple[float, str | None]:
    """An amount between floor and ceiling, and which of them held it."""
    if pool.ceiling is not None and max(amount, pool.floor) > pool.ceiling:
        return pool.ceiling, "ceiling"
    return (pool.floor, "floor") if amount < pool.floor else (amount, None)


def review(pool: Pool, evidence: Evidence) -> tuple[str, str]:
    """Whether more may be given: failed when evidence is against it, held when it is missing, else passed."""
    if pool.forecast_error_gate is not None:
        if pool.forecast_error is None:
            return "held", "forecast gate: the error of the last forecast is not known"
        if pool.forecast_error > pool.forecast_error_gate:
            words = f"{pool.forecast_error:.1%} off, {pool.forecast_error_gate:.1%} allowed"
            return "failed", f"forecast gate: the last forecast was {words}"
    if pool.value_per_cost_growth is not None:
        if evidence.cost_growth is None or evidence.value_growth is None:
            return "held", "value gate: value and cost of two months are not known"
        asked = pool.value_per_cost_growth * max(evidence.cost_growth, 0.0)
        if evidence.value_growth < asked - _ROUNDING:
            words = f"value grew {evidence.value_growth:+.1%} where {asked:+.1%} is asked"
            return "failed", f"value gate: {words}"
    return "passed", "gates: every gate is passed"
