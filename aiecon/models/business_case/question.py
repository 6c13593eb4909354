"""The business case's function: from flows or parts to what it is worth."""

from collections.abc import Mapping

import numpy as np

from aiecon.errors import InputError
from aiecon.models.business_case import gates
from aiecon.models.business_case.answer import BusinessCase
from aiecon.models.business_case.flows import DELAY, at_base, drawn, flows_of, uncertain_values
from aiecon.models.business_case.inputs import Benefit, BusinessCaseInputs, Cost
from aiecon.models.business_case.what_if import worth
from aiecon.vocabulary.distribution import base
from aiecon.vocabulary.question import day_of
from aiecon.vocabulary.stand_ins import is_stand_in

_MOST = 1e100  # more money than there is, and beyond what its sums and products can be told


def business_case(inputs: BusinessCaseInputs) -> BusinessCase:
    """Say whether to fund the next phase.

    Parameters
    ----------
    inputs
        Flows, or investment, benefits, costs and phases; rates; gates.

    Returns
    -------
    BusinessCase
        Present value, every rate of return, payback, what waiting loses, the verdict of the gates, what is asked.

    Examples
    --------
    >>> answer = business_case(BusinessCaseInputs(cash_flows=[-100.0, 39.0, 59.0, 55.0, 20.0], discount_rate=0.08))
    >>> [round(rate, 7) for rate in answer.irr], round(answer.payback_months, 4)
    ([0.2809484], 24.4364)
    """
    _check_finite(inputs)
    parts = flows_of(inputs, at_base(inputs))
    varies = any(hasattr(value, "ppf") for value in uncertain_values(inputs).values())
    values = drawn(inputs) if varies else at_base(inputs)
    net = np.asarray(sum(flows_of(inputs, values).values()))
    as_of = day_of(inputs)
    return BusinessCase(
        inputs=inputs.model_copy(update={"currency": inputs.currency or "USD"}),
        as_of=as_of,
        parts=parts,
        draws=net,
        rates=values["discount_rate"],
        notes=_notes(inputs),
    )


def _check_finite(inputs: BusinessCaseInputs) -> None:
    """Raise InputError where flows, those that the delay loses included, add up beyond any number."""
    with np.errstate(over="ignore"):
        parts = flows_of(inputs, {**at_base(inputs), DELAY: np.zeros(1)})
        whole = sum(float(np.abs(part).sum()) for part in parts.values())
    if not whole < _MOST:
        raise InputError(f"cash_flows, or benefits, costs and investments, add up to {whole:.0e}; less is expected")


def _of_draws(inputs: BusinessCaseInputs, drawn: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Worth of many draws at once, by key; empty where a figure is drawn that is not among the flows."""
    return {"npv": worth(inputs, drawn)} if set(drawn) <= set(uncertain_values(inputs)) else {}


business_case.vectorised = _of_draws  # type: ignore[attr-defined]


def _too_late(inputs: BusinessCaseInputs) -> list[str]:
    """Benefits and costs of phases in time that start after the last period."""
    found = []
    for phase in inputs.phases:
        items: tuple[Benefit | Cost, ...] = (*phase.benefits, *phase.costs)
        late = [one.name for one in items if phase.start_period + one.from_period > (inputs.length or 0)]
        if phase.start_period <= (inputs.length or 0):
            found += [f"Phase {phase.name}: {name}" for name in late]
    return found


def _replaced(inputs: BusinessCaseInputs) -> list[str]:
    """That flows stand where parts stood, and what of the inputs still counts."""
    if not inputs.replaced:
        return []
    kept = [f"a period is a {inputs.period}", f"the discount rate is {base(inputs.discount_rate):.3g}"]
    if base(inputs.approval.delay_months):
        kept.append(f"inflows wait approval.delay_months, {base(inputs.approval.delay_months):.3g}")
    if inputs.cost_of_not_scaling:
        kept.append("cost_of_not_scaling is as it was")
    return [f"cash_flows replace {' and '.join(inputs.replaced)} that stood there; kept: {', '.join(kept)}"]


def _notes(inputs: BusinessCaseInputs) -> list[str]:
    found = _replaced(inputs)
    if base(inputs.approval.delay_months) > 0:
        found.append(
            f"Benefits come {base(inputs.approval.delay_months):g} months later than stated: governance and approval"
        )
    beyond = [phase.name for phase in inputs.phases if inputs.length is not None and phase.start_period > inputs.length]
    found += [f"Phase {name} starts after the last period and counts for nothing" for name in beyond]
    found += [f"{name} starts after the last period and counts for nothing" for name in _too_late(inputs)]
    found += [
        f"Phase {phase.name} is funded: its investment is sunk and left out"
        for phase in inputs.phases
        if phase.is_funded and base(phase.investment)
    ]
    if inputs.phases and not gates.waiting(inputs) and not base(inputs.investment):
        found.append("Every phase is funded: nothing is asked any more")
    return [*found, *_doubtful(inputs), *gates.notes(inputs)]


def _doubtful(inputs: BusinessCaseInputs) -> list[str]:
    """Benefits of which too little is known, amounts of the other sign, and that nothing has a range."""
    benefits = [*inputs.benefits, *(one for phase in inputs.phases for one in phase.benefits)]
    costs = [*inputs.costs, *(one for phase in inputs.phases for one in phase.costs)]
    named = {
        "Benefits without a counterfactual": [one.name for one in benefits if is_stand_in(one.counterfactual or "")],
        "Benefits without a grade": [one.name for one in benefits if one.grade is None],
        "Benefits below zero, which count as money lost": [one.name for one in benefits if base(one.amount) < 0],
        "Costs below zero, which count as money that comes in": [one.name for one in costs if base(one.amount) < 0],
    }
    found = [f"{words}: {', '.join(names)}" for words, names in named.items() if names]
    if not any(hasattr(value, "ppf") for value in uncertain_values(inputs).values()):
        found.append("No figure has a range: probability and range say nothing of the risk")
    return found
