"""The way from the baseline to the mix: routing, batches and each lever, in effects that close exactly."""

import numpy as np
import pandas as pd

from aiecon.bridges import factor_effects
from aiecon.models.tiering.chains import Chains
from aiecon.models.tiering.inputs import TieringInputs
from aiecon.vocabulary.strict import quoted
from aiecon.vocabulary.token_price import TokenPrice

ROUTING, BATCH = "Routing and escalation", "Batches"


def bridge_of(inputs: TieringInputs, case: Chains, shares: dict[str, float]) -> pd.DataFrame:
    """Return step, kind (start, change or end), amount and total of every step from the baseline to the mix.

    Amounts are of an accepted answer where success is known, else of a request. [currency]

    Notes
    -----
    The cost is a sum over tiers of attempts × list cost × what batches leave × what each lever leaves, over success.
    Routing moves the attempts and the success; each move's effect is Shapley's, so no order is preferred. Review,
    router and switches belong to routing.
    """
    before = _of_baseline(inputs, case)
    fixed_before, fixed_after, after = before[1], *_of_mix(inputs, case, shares)
    effects = {ROUTING: fixed_after - fixed_before}
    for tier in inputs.tiers:
        plain = float(case.plain(tier)[0])
        moves = {ROUTING: (before[0].get(tier.name, 0.0) * plain, after[tier.name] * plain)}
        if isinstance(tier.price, TokenPrice) and tier.price.batch_discount:
            moves[BATCH] = (1.0, 1.0 - float(case.figure("batch_share")[0]) * tier.price.batch_discount)
        for lever in inputs.levers:
            if lever.reaches(tier.name):
                moves[lever.name] = (1.0, 1.0 - float(case.figure(f"levers.{quoted(lever.name)}.saving")[0]))
        found = factor_effects(*({name: ends[place] for name, ends in moves.items()} for place in (0, 1)))
        for name, effect in found.items():
            effects[name] = effects.get(name, 0.0) + effect
    return _rows(_total(inputs, case.baseline), effects, _total(inputs, case.of_mix(shares)))


def _success(inputs: TieringInputs, success: np.ndarray) -> float:
    return float(success[0]) if inputs.has_success and float(success[0]) > 0 else 1.0


def _total(inputs: TieringInputs, means: tuple[np.ndarray, np.ndarray, np.ndarray]) -> float:
    cost, review, success = means
    return (float(cost[0]) + (float(review[0]) if inputs.has_success else 0.0)) / _success(inputs, success)


def _of_baseline(inputs: TieringInputs, case: Chains) -> tuple[dict[str, float], float]:
    """Attempts at each tier, and what is paid beside them; both over success."""
    _, review, success = case.baseline
    accepted = _success(inputs, success)
    paid = float(review[0]) if inputs.has_success else 0.0
    return {name: share / accepted for name, share in case.baseline_shares.items()}, paid / accepted


def _of_mix(inputs: TieringInputs, case: Chains, shares: dict[str, float]) -> tuple[float, dict[str, float]]:
    cost, review, success = case.of_mix(shares)
    accepted, visits = _success(inputs, success), case.visits(shares)
    attempts = sum(seen * float(case.attempt[name][0]) for name, seen in visits.items())
    paid = float(cost[0]) - attempts + (float(review[0]) if inputs.has_success else 0.0)
    return paid / accepted, {name: seen / accepted for name, seen in visits.items()}


def _rows(start: float, effects: dict[str, float], end: float) -> pd.DataFrame:
    rows: list[dict[str, object]] = [{"step": "Baseline", "kind": "start", "amount": start, "total": start}]
    total = start
    for name, effect in effects.items():
        total += effect
        rows.append({"step": name, "kind": "change", "amount": effect, "total": total})
    return pd.DataFrame([*rows, {"step": "The mix", "kind": "end", "amount": end, "total": end}])
