"""The cost curve's function: from components to what any number of users costs."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from aiecon.errors import InputError
from aiecon.models.cost_curve.answer import CostCurve
from aiecon.models.cost_curve.curve import Curve, figures
from aiecon.models.cost_curve.inputs import MUST_HAVE, CostCurveInputs
from aiecon.vocabulary.distribution import base
from aiecon.vocabulary.limits import draw_held
from aiecon.vocabulary.question import day_of
from aiecon.vocabulary.strict import quoted


def cost_curve(inputs: CostCurveInputs) -> CostCurve:
    """Say what it costs at ten, a thousand, ten thousand users, and what drives the curve.

    Parameters
    ----------
    inputs
        Components in their layers, levers, regulation.

    Returns
    -------
    CostCurve
        Pilot and production cost, cliff, cost of a user and of one more, elasticity, what levers save.

    Examples
    --------
    >>> inputs = CostCurveInputs.build({
    ...     "components": [
    ...         {"name": "tokens", "layer": "model", "kind": "power", "cost_per_month": 20_000.0, "at_users": 1_000,
    ...          "exponent": 0.7},
    ...         {"name": "gateway", "layer": "platform", "kind": "fixed", "cost_per_month": 5_000.0},
    ...     ],
    ...     "pilot_users": 100, "production_users": 10_000,
    ... })
    >>> answer = cost_curve(inputs)
    >>> round(answer.production_cost, 2), round(answer.cliff_multiple, 2)
    (105237.45, 11.71)
    """
    given = figures(inputs)
    case = Curve(inputs, {name: np.array([base(value)]) for name, value in given.items()})
    _check_finite(case)
    drawn = {name: draw_held(inputs, name, value) for name, value in given.items() if hasattr(value, "ppf")}
    cases = Curve(inputs, {**case.values, **drawn}) if drawn else case
    notes = [f"Layer {layer} has no component" for layer in MUST_HAVE if not _has(inputs, layer)]
    as_of = day_of(inputs)
    answer = CostCurve(inputs.model_copy(update={"currency": inputs.currency or "USD"}), as_of, case, cases, notes)
    return replace(answer, notes=[*notes, *_gate_notes(answer)])


def _check_finite(case: Curve) -> None:
    """Raise InputError for components whose cost in production is beyond any number."""
    with np.errstate(over="ignore"):
        parts = case.parts(np.array([case.inputs.production_users], dtype=float))
    problems = [
        f"components.{quoted(name)}: its cost at production_users is beyond any number; look at its cost and exponent"
        for name, cost in parts.items()
        if not np.all(np.isfinite(cost))
    ]
    if problems:
        raise InputError(problems)


def _gate_notes(answer: CostCurve) -> list[str]:
    """Why the gate before launch is not passed, a note each."""
    found = answer.pre_launch[answer.pre_launch["verdict"] != "passed"]
    return [
        f"Gate before launch, {row['artefact']}: {row['verdict']}, since {row['reason']}"
        for row in found.to_dict("records")
    ]


def _of_draws(inputs: CostCurveInputs, drawn: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Costs of many draws at once, by key; empty where what is drawn may move them and is not on the curve."""
    values = {name: np.array([base(value)]) for name, value in figures(inputs).items()}
    if not {name for name in drawn if not name.startswith("pre_launch.")} <= set(values):
        return {}
    users = np.array([inputs.pilot_users, inputs.production_users], dtype=float)
    count = max((len(one) for one in drawn.values()), default=1)
    total = np.broadcast_to(Curve(inputs, {**values, **drawn}).total(users), (count, 2))
    cost = {"pilot_cost_per_month": total[:, 0], "production_cost_per_month": total[:, 1]}
    return cost | {"cost_per_user": total[:, 1] / users[1]}


cost_curve.vectorised = _of_draws  # type: ignore[attr-defined]


def _has(inputs: CostCurveInputs, layer: str) -> bool:
    return any(component.layer == layer for component in inputs.components)
