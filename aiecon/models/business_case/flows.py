"""Cash flows of a case or many, from parts: investment, benefits, costs, phases, and their delay."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from aiecon.models.business_case.inputs import Benefit, BusinessCaseInputs, Cost, Phase
from aiecon.sensitivity.copula import draw_inputs
from aiecon.units import MONTHS_PER_YEAR
from aiecon.vocabulary.distribution import base
from aiecon.vocabulary.limits import limits
from aiecon.vocabulary.strict import quoted

DELAY = "approval.delay_months"


def uncertain_values(inputs: BusinessCaseInputs) -> dict[str, Any]:
    """Dotted name -> number or distribution of every figure."""
    names = ("investment", "benefit_multiple", "cost_multiple", "discount_rate")
    found = {name: getattr(inputs, name) for name in names}
    found[DELAY] = inputs.approval.delay_months
    found |= {f"benefits.{quoted(one.name)}.amount": one.amount for one in inputs.benefits}
    found |= {f"costs.{quoted(one.name)}.amount": one.amount for one in inputs.costs}
    for phase in inputs.phases:
        head = f"phases.{quoted(phase.name)}."
        found[f"{head}investment"] = phase.investment
        found |= {f"{head}benefits.{quoted(one.name)}.amount": one.amount for one in phase.benefits}
        found |= {f"{head}costs.{quoted(one.name)}.amount": one.amount for one in phase.costs}
    return found


def at_base(inputs: BusinessCaseInputs) -> dict[str, np.ndarray]:
    """Every figure at its base, as arrays of one."""
    return {name: np.array([base(value)]) for name, value in uncertain_values(inputs).items()}


def drawn(inputs: BusinessCaseInputs) -> dict[str, np.ndarray]:
    """Every figure drawn, each from its own stream and held to what it may be; correlated as asked."""
    values = uncertain_values(inputs)
    found = draw_inputs(values, correlations=inputs.correlations, draws=inputs.draws, seed=inputs.seed)
    return {
        name: np.clip(figures, *limits(type(inputs), name)) if hasattr(values[name], "ppf") else figures
        for name, figures in found.items()
    }


def periods_per_year(inputs: BusinessCaseInputs) -> int:
    """Periods of a year."""
    return MONTHS_PER_YEAR if inputs.period == "month" else 1


def flows_of(inputs: BusinessCaseInputs, values: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Benefits, running costs and capital by period, each of shape (n_cases, n_periods + 1); costs below zero.

    Benefits, and what waits of costs and investments, come later by the delay: a part of a period moves that part into
    the next, and what would come after the last period is lost. A cost that lasts ends later by the delay.
    """
    cases = max(len(one) for one in values.values())
    if inputs.cash_flows is not None:
        given = np.array(inputs.cash_flows, dtype=float)
        gains, spent = np.maximum(given, 0.0), np.minimum(given, 0.0)
        capital = np.zeros_like(given)
        capital[0], spent[0] = spent[0], 0.0
        gains = _delayed(np.tile(gains, (cases, 1)), values[DELAY], periods_per_year(inputs))
        found = {"benefits": gains, "costs": spent, "capital": capital}
        return {name: _scaled(name, np.atleast_2d(rows), values) for name, rows in found.items()}
    assert inputs.length is not None  # the model takes no parts without one
    shape = (cases, inputs.length + 1)
    found = {name: np.zeros(shape) for name in (*PARTS, *_WAITING.values())}
    found["capital"][:, 0] -= values["investment"]
    _put(found, inputs.benefits, "benefits.", values, 0)
    _put(found, inputs.costs, "costs.", values, 0)
    for phase in inputs.phases:
        head, start = f"phases.{quoted(phase.name)}.", phase.start_period
        if start < shape[1] and not phase.is_funded:
            found[_WAITING["capital"] if phase.waits else "capital"][:, start] -= values[f"{head}investment"]
        _put(found, phase.benefits, f"{head}benefits.", values, start)
        _put(found, phase.costs, f"{head}costs.", values, start)
    for name, waiting in _WAITING.items():
        later = _delayed(found.pop(waiting), values[DELAY], periods_per_year(inputs))
        found[name] = found[name] + later
    return {name: _scaled(name, rows, values) for name, rows in found.items()}


def running_until(inputs: BusinessCaseInputs, phase: Phase, later: Phase) -> tuple[float, float]:
    """Months from a phase to a later one, the delay of what waits in them, and what it costs to run in them. [currency]

    All at base, up to the last period. What the phase costs from the later one on is not in it.
    """
    wait = base(inputs.approval.delay_months) * periods_per_year(inputs) / MONTHS_PER_YEAR if later.waits else 0.0
    end = later.start_period + wait if inputs.length is None else min(later.start_period + wait, inputs.length)
    alone = inputs.model_copy(update={"phases": (phase,), "benefits": (), "costs": (), "investment": 0.0})
    running = -flows_of(alone, {**at_base(inputs), "investment": np.zeros(1)})["costs"][0, : int(end) + 1]
    return (end - phase.start_period) * MONTHS_PER_YEAR / periods_per_year(inputs), float(running.sum())


PARTS = ("benefits", "costs", "capital")
_WAITING = {name: f"waiting {name}" for name in PARTS}


def _scaled(name: str, rows: np.ndarray, values: dict[str, np.ndarray]) -> np.ndarray:
    multiple = values["benefit_multiple" if name == "benefits" else "cost_multiple"]
    return np.asarray(rows * multiple[:, None])


def _put(
    found: dict[str, np.ndarray],
    items: Sequence[Benefit | Cost],
    head: str,
    values: dict[str, np.ndarray],
    start: int,
) -> None:
    """Add the items of a phase or of the case to their part, costs below zero."""
    for item in items:
        name, waits = "benefits", True
        if isinstance(item, Cost):
            name, waits = "capital" if item.is_capital else "costs", item.waits
        rows = found[_WAITING[name] if waits else name]
        amount = values[f"{head}{quoted(item.name)}.amount"][:, None]
        last = rows.shape[1] - 1
        end = last if item.to_period is None else min(start + item.to_period, last)
        if isinstance(item, Cost) and item.lasts:
            found[_WAITING[name]][:, end + 1 :] += amount  # ends later by the delay
            end = last
        rows[:, start + item.from_period : end + 1] += amount if name == "benefits" else -amount


def _delayed(rows: np.ndarray, months: np.ndarray, per_year: int) -> np.ndarray:
    """Rows moved later by months, what falls beyond the end lost; shape kept."""
    shift = np.broadcast_to(np.maximum(months, 0.0) * per_year / MONTHS_PER_YEAR, (len(rows),))
    if not shift.any():
        return rows
    count = rows.shape[1]
    whole = np.floor(shift).astype(int)
    part = shift - whole
    place = np.arange(count)[None, :]

    def taken(back: np.ndarray) -> np.ndarray:
        at = place - back[:, None]
        return np.where(at >= 0, np.take_along_axis(rows, np.clip(at, 0, count - 1), axis=1), 0.0)

    return (1.0 - part)[:, None] * taken(whole) + part[:, None] * taken(whole + 1)
