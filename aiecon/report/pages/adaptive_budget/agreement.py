"""The policy printed as the agreement it is: who owns what, by which rule it moves, and who signed."""

from aiecon.charts.formats import full, percent, signed
from aiecon.models.adaptive_budget import AdaptiveBudget
from aiecon.models.adaptive_budget.inputs import Policy, Pool
from aiecon.report import blocks
from aiecon.report.blocks import Block
from aiecon.report.pages.adaptive_budget.controls import acts
from aiecon.report.policies import departures
from aiecon.vocabulary.distribution import base


def agreement(answer: AdaptiveBudget) -> Block:
    """Every line of the policy: owner, rule, gates, base, limits and cadence; what all lines share stands below."""
    policy = answer.inputs.policy
    rows = [
        [pool.name, pool.owner, _rule(pool), _gates(pool), full(pool.base), _limits(pool), _cadence(pool)]
        for pool in policy.pools
    ]
    since = f", in force from {policy.valid_from}" if policy.valid_from else ""
    columns = ["Pool", "Owner", "Target; cap", "Gates", "Base", "Floor to ceiling", "Review"]
    title = f"The agreement, version {policy.version}{since}, {answer.currency} a month"
    return blocks.table(title, columns, rows, note=_shared(policy), text_columns=4)


def _rule(pool: Pool) -> str:
    if pool.unit_cost_target is None:
        return "no driver: stays"
    level = "" if pool.forecast_quantile is None else f" at p{100 * pool.forecast_quantile:g}"
    return f"{base(pool.unit_cost_target):g} + {percent(pool.headroom, 0)}{level}; cap {percent(pool.growth_cap, 0)}"


def _gates(pool: Pool) -> str:
    said = []
    if pool.forecast_error_gate is not None:
        said.append(f"forecast {percent(pool.forecast_error_gate, 0)}")
    if pool.value_per_cost_growth is not None:
        said.append(f"value {pool.value_per_cost_growth:g} ×")
    return ", ".join(said) or "none"


def _limits(pool: Pool) -> str:
    top = "none" if pool.ceiling is None else full(pool.ceiling)
    return f"{full(pool.floor)} to {top}"


def _cadence(pool: Pool) -> str:
    every = "month" if pool.review_every_months == 1 else f"{pool.review_every_months} months"
    return every if pool.first_review is None else f"{every} from {pool.first_review:%Y-%m}"


def _shared(policy: Policy) -> str:
    """The formula, the levels, the reserve, and where the policy leaves the assumptions."""
    parts = [
        "At a review the budget becomes the lesser of the one before + cap and expected driver × target + headroom, "
        "within floor and ceiling. A gate that is not passed lets it fall and not grow: the last forecast within so "
        "much of what came, value grown by so many times what cost grew. No pool pays for another.",
        _levels(policy),
        _reserves(policy),
        _controls(policy),
        _charges(policy),
    ]
    apart = departures(policy)
    parts.append(
        f"Other than the assumptions: {'; '.join(apart)}."
        if apart
        else "Levels, reserve and forecast gates lie within their assumption rows."
    )
    return " ".join(part for part in parts if part)


def _levels(policy: Policy) -> str:
    found = sorted({(pool.escalation.vice_president, pool.escalation.c_suite) for pool in policy.pools})
    said = " or ".join(
        f"{percent(low, 0)} a vice president, over {percent(high, 0)} the C-suite" for low, high in found
    )
    return f"Strictly over budget by {said} decides."


def _reserves(policy: Policy) -> str:
    by_share: dict[float, list[str]] = {}
    for pool in policy.pools:
        by_share.setdefault(pool.upgrade_reserve_share, []).append(pool.name)
    *others, usual = sorted(by_share, key=lambda share: len(by_share[share]))
    shares = [f"{percent(share, 0)} ({', '.join(by_share[share])})" for share in others]
    shares.append(f"{'else ' if others else ''}{percent(usual, 0)}")
    said = f"Held for model upgrades, of spend: {', '.join(shares)}."
    if set(by_share) == {0.0}:
        said = "Nothing is held for model upgrades."
    if policy.incidents is not None:
        said += f" Against {policy.incidents.per_year:g} incidents a year money is held on top of budgets."
    return said


def _controls(policy: Policy) -> str:
    said = "; ".join(f"{one.name}, {acts(one)}" for one in policy.controls)
    return f"Controls, in this order: {said}." if said else ""


def _charges(policy: Policy) -> str:
    """What of its cost each pool is charged, and how its demand answers."""
    said = [
        f"{pool.name} {percent(pool.charged_share, 0)}, elasticity {signed(pool.elasticity)}"
        for pool in policy.pools
        if pool.charged_share or pool.elasticity
    ]
    return f"Of its cost each team is charged: {'; '.join(said)}." if said else ""


def sign_offs(answer: AdaptiveBudget) -> Block:
    """Who signs, and whether they have."""
    policy = answer.inputs.policy
    if not policy.sign_offs:
        return blocks.text("Signatures", [f"Policy {policy.version} names nobody who signs it."])
    rows = [[one.name, f"signed {one.date}" if one.date else "open"] for one in policy.sign_offs]
    signed = sum(one.date is not None for one in policy.sign_offs)
    return blocks.table(f"Signatures, {signed} of {len(rows)}", ["Who", "State"], rows, text_columns=2)
