"""Break-even values: where nine of ten futures just meet the budget, found by asking again on the same futures."""

from collections.abc import Callable

import numpy as np

from aiecon.charts.formats import money, percent, signed_percent
from aiecon.models.variability import Variability
from aiecon.models.variability.paths import simulate
from aiecon.vocabulary.distribution import base
from aiecon.vocabulary.overrides import override

FUTURES = 10_000  # the first ones of the answer; a break-even needs no more
_MOST_STEPS = 64
_GROWTH = (-0.3, 0.5)  # per month; beyond lies no business
_HALVINGS = 12  # to a ten-thousandth of the growth searched


def turns(answer: Variability) -> list[str]:
    """Sentences with the cost, step cap and growth at which p90 meets the budget; none without a budget."""
    budget = answer.inputs.budget
    if not budget or answer.attribution is None:
        return []
    p90 = answer.quantiles["p90"]
    side = "more" if budget > p90 else "less"
    needed = f"If every future cost {percent(abs(budget / p90 - 1))} {side}, p90 would be the budget."
    return [needed, *step_cap_words(answer, budget), *growth_words(answer, budget)]


def step_cap(answer: Variability, budget: float) -> int | None:
    """The most steps of a request with which p90 stays within the budget; None when not even one step does."""
    highest = answer.inputs.agent.steps_cap or _MOST_STEPS
    low, high = 0, highest
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if _p90(answer, "agent.steps_cap", middle) <= budget else (low, middle - 1)
    return low or None


def growth(answer: Variability, budget: float) -> float | None:
    """The growth per month, if it were known, with which p90 meets the budget; None when none does."""
    low, high = _GROWTH

    def over(value: float) -> bool:
        return _p90(answer, "scale.growth_per_month", value) > budget

    if over(low) or not over(high):
        return None
    return _halved(over, low, high)


def _halved(over: Callable[[float], bool], low: float, high: float) -> float:
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if over(middle) else (middle, high)
    return (low + high) / 2


def _p90(answer: Variability, name: str, value: float) -> float:
    changed = override(answer.inputs, {name: value}).model_copy(update={"store_paths": False})
    found = simulate(changed, min(FUTURES, len(answer.totals)))
    return float(np.quantile(found.totals, 0.9))


def step_cap_words(answer: Variability, budget: float) -> list[str]:
    """The break-even step cap, where steps vary and p90 is over the budget."""
    agent = answer.inputs.agent
    if base(agent.steps_mean) <= 1 or agent.steps_cap == 1 or answer.quantiles["p90"] <= budget:
        return []
    found = step_cap(answer, budget)
    now = f"the cap is {agent.steps_cap}" if agent.steps_cap else "there is no cap"
    if found is None:
        return [f"No step cap alone brings p90 within the budget, not even one step a request (now {now})."]
    steps = "one step" if found == 1 else f"{found} steps"
    return [f"A cap of {steps} a request, or fewer, brings p90 within the budget; now {now}."]


def growth_words(answer: Variability, budget: float) -> list[str]:
    """The break-even growth, beside the growth at base."""
    found, now = growth(answer, budget), base(answer.inputs.scale.growth_per_month)
    here = f"here {signed_percent(now)}"
    still = _p90(answer, "scale.growth_per_month", 0.0)
    if still > budget:
        most = f"; it would take {signed_percent(found)}" if found is not None else ""
        words = f"Without any growth p90 would still be {money(still, answer.currency)}"
        return [f"{words}{most} a month ({here})." if most else f"{words} ({here} a month)."]
    if found is None:
        return []
    return [f"Growth of {signed_percent(found)} a month, if it were known, puts p90 on the budget ({here})."]
