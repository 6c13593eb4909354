"""The way from the baseline to the mix: routing, batches and each lever, in effects that close exactly."""

import numpy as np
import pandas as pd

from aiecon.bridges import move_effects
from aiecon.models.tiering.chains import Chains
from aiecon.models.tiering.inputs import TieringInputs
from aiecon.vocabulary.token_price import TokenPrice

ROUTING, BATCH = "Routing and escalation", "Batches"
_NOTHING = np.array([0.0])


def bridge_of(inputs: TieringInputs, case: Chains, shares: dict[str, float]) -> pd.DataFrame:
    """Return step, kind (start, change or end), amount and total of every step from the baseline to the mix.

    Amounts are of an accepted answer where success is known, else of a request. [currency]

    Notes
    -----
    The question is asked with every set of the moves made: routing (shares, escalation, retries, checks, router,
    review, switches), batches, each lever. Each move's effect is Shapley's, the mean of what it changes over every
    order.
    """

    def total(made: frozenset[str]) -> float:
        return _total(inputs, _means(inputs, case, shares, made))

    discounted = any(isinstance(tier.price, TokenPrice) and tier.price.batch_discount for tier in inputs.tiers)
    moves = [ROUTING, *([BATCH] if discounted else []), *(lever.name for lever in inputs.levers)]
    return _rows(_total(inputs, case.baseline), move_effects(moves, total), _total(inputs, case.of_mix(shares)))


def lever_savings(inputs: TieringInputs, case: Chains, shares: dict[str, float]) -> dict[str, float]:
    """Lever -> what it saves on a request of the mix, together what all of them save. [currency/request]"""

    def total(made: frozenset[str]) -> float:
        return float(_means(inputs, case, shares, made | {ROUTING, BATCH})[0][0])

    return {name: -effect for name, effect in move_effects([lever.name for lever in inputs.levers], total).items()}


def _means(
    inputs: TieringInputs, case: Chains, shares: dict[str, float], made: frozenset[str]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cost, review and success of a request once some of the moves have been made."""
    changes: dict[str, object] = {"levers": tuple(lever for lever in inputs.levers if lever.name in made)}
    values = dict(case.values)
    if BATCH not in made:
        values["batch_share"] = _NOTHING
    if ROUTING not in made:
        changes["escalate"], values["router_cost"] = (), _NOTHING
        changes["tiers"] = tuple(tier.model_copy(update={"attempts": 1, "check": None}) for tier in inputs.tiers)
        values = {name: value for name, value in values.items() if ".check." not in name}
    chains = Chains(inputs.model_copy(update=changes), values)
    return chains.of_mix(shares if ROUTING in made else case.baseline_shares)


def _total(inputs: TieringInputs, means: tuple[np.ndarray, np.ndarray, np.ndarray]) -> float:
    cost, review, success = (float(part[0]) for part in means)
    accepted = success if inputs.has_success and success > 0 else 1.0
    return (cost + (review if inputs.has_success else 0.0)) / accepted


def _rows(start: float, effects: dict[str, float], end: float) -> pd.DataFrame:
    rows: list[dict[str, object]] = [{"step": "Baseline", "kind": "start", "amount": start, "total": start}]
    total = start
    for name, effect in effects.items():
        total += effect
        rows.append({"step": name, "kind": "change", "amount": effect, "total": total})
    return pd.DataFrame([*rows, {"step": "The mix", "kind": "end", "amount": end, "total": end}])
