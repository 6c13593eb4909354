"""The agreed rules at work: what a pool's next budget is, and the rule that made it so."""

import math
from dataclasses import dataclass

from aiecon.models.adaptive_budget.inputs import Pool
from aiecon.vocabulary.distribution import base
from aiecon.vocabulary.gate import Gate, Verdict, joint, reasons

ZERO_DRIVER = "driver zero: stays"
"""Rule of a review whose driver is zero: a unit's cost is undefined, so nothing says what its budget should be."""
_QUOTIENT = 1e-14  # what rounding leaves of a ratio of two months
BEFORE_POLICY = "before the policy holds"
"""Rule of a month ahead before the policy's first."""


@dataclass(frozen=True)
class Move:
    """A budget and why it is what it is.

    Attributes
    ----------
    budget
        Of the month. [currency/month]
    rule
        growth cap, driver, floor, ceiling, between reviews, value gate, forecast gate, no driver, driver zero: stays;
        as decided, base, before the policy holds.
    gates
        Each gate of the pool with its evidence and verdict.
    is_review
        Whether the month has a review.
    """

    budget: float
    rule: str
    gates: tuple[Gate, ...] = ()
    is_review: bool = False

    @property
    def gate(self) -> Verdict:
        """Whether more may be given: the worst verdict of the gates."""
        return joint(self.gates)

    @property
    def reason(self) -> str:
        """Every gate that does not pass, in words."""
        return reasons(self.gates) or "gates: every gate is passed"


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
    is_from_loss
        Whether value was below zero at the last review: no growth of it is defined.
    """

    months: int
    driver: float | None
    cost_growth: float | None
    value_growth: float | None
    is_from_loss: bool = False


def next_budget(pool: Pool, budget: float, evidence: Evidence) -> Move:
    """Return the budget that follows one by the pool's rules.

    min(ceiling, max(floor, min(budget × (1 + growth cap), expected driver × unit cost target × (1 + headroom)))) at a
    review, gates permitting: a gate that is not passed gives no more than there is. Without a driver or a target the
    growth cap alone limits, and nothing says more is needed: the budget stays. So it does with a driver of zero.
    """
    gates = review(pool, evidence)
    if evidence.months < 0 or evidence.months % pool.review_every_months:
        held, limit = _within(pool, budget)
        return Move(held, limit or "between reviews", gates)
    wanted, rule = _wanted(pool, budget, evidence.driver)
    if wanted > budget and joint(gates) != "passed":
        wanted, rule = budget, " and ".join(gate.name for gate in gates if gate.verdict != "passed")
    held, limit = _within(pool, wanted)
    return Move(held, limit or rule, gates, is_review=True)


def _wanted(pool: Pool, budget: float, driver: float | None) -> tuple[float, str]:
    """What a review asks for before gates, floor and ceiling, and by which rule."""
    if driver is None or pool.unit_cost_target is None:
        return budget, "no driver"
    if driver == 0:
        return budget, ZERO_DRIVER
    needed, capped = driver * base(pool.unit_cost_target) * (1.0 + pool.headroom), budget * (1.0 + pool.growth_cap)
    return (capped, "growth cap") if capped < needed else (needed, "driver")


def _within(pool: Pool, amount: float) -> tuple[float, str | None]:
    """An amount between floor and ceiling, and which of them held it."""
    if pool.ceiling is not None and max(amount, pool.floor) > pool.ceiling:
        return pool.ceiling, "ceiling"
    return (pool.floor, "floor") if amount < pool.floor else (amount, None)


def review(pool: Pool, evidence: Evidence) -> tuple[Gate, ...]:
    """Return a pool's gates with their evidence: more may be given when all of them are passed."""
    found = []
    if pool.forecast_error_gate is not None:
        limit, error = pool.forecast_error_gate, pool.forecast_error
        metric = "error of the last forecast"
        found.append(Gate(name="forecast gate", metric=metric, at_most=limit, evidence=error, unit="share"))
    if pool.value_per_cost_growth is not None:
        found.append(_value_gate(pool.value_per_cost_growth, evidence))
    return tuple(found)


def _value_gate(per_cost: float, evidence: Evidence) -> Gate:
    """Growth of value held against so much for each of growth of cost; a cost that falls asks that value does not."""
    if evidence.is_from_loss:
        metric = "growth of value, which is undefined from a loss at the last review"
        return Gate(name="value gate", metric=metric, at_least=per_cost)
    if evidence.cost_growth is None or evidence.value_growth is None:
        metric = "growth of value over growth of cost, as value and cost of two months are not known"
        return Gate(name="value gate", metric=metric, at_least=per_cost)
    asked, grown = per_cost * max(evidence.cost_growth, 0.0), evidence.value_growth
    if math.isclose(1.0 + grown, 1.0 + asked, rel_tol=_QUOTIENT):
        grown = asked
    return Gate(name="value gate", metric="growth of value", at_least=asked, evidence=grown, unit="share")
