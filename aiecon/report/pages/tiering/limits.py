"""What is asked of the mix: which limits the mix and the best mix keep, and what each limit costs."""

from typing import Any

from aiecon.charts.formats import full, percent, significant
from aiecon.models.tiering import Tiering, tiering
from aiecon.models.tiering.asked import Check
from aiecon.report import blocks
from aiecon.report.blocks import Block
from aiecon.vocabulary.distribution import base

_WORDS = {
    "minimum_success_rate": "Requests accepted, at least",
    "maximum_latency_s": "Seconds in the mean, at most",
    "minimum_local_share": "Requests that enter at local models, at least",
}


def limits(answer: Tiering) -> Block:
    """Every limit with the mix, the best mix and the saving given up for it; nothing where success alone is asked."""
    asked = answer.checks(answer.shares)
    fixed = [tier.name for tier in answer.inputs.tiers if base(tier.fixed_cost_per_month) > 0]
    if not fixed and all(one.field == "minimum_success_rate" for one in asked):
        return blocks.nothing()
    best = answer.checks(answer.best_plan) if answer.best_plan is not None else [None] * len(asked)
    rows = [
        [_what(answer, one), _asked(one), _state(one), _state(other), _given_up(answer, _lifted(answer, one))]
        for one, other in zip(asked, best, strict=True)
    ]
    rows += [_fixed_row(answer, name) for name in fixed]
    note = (
        "Gives up: points of saving the best mix would have more without this limit alone; limits act together, so the "
        "points do not add up. Mix: requests of every region enter by the same shares."
    )
    columns = ["What is asked", "Asked", "The mix", "Best mix", "Gives up"]
    return blocks.table("What is asked of the mix, and what it costs", columns, rows, note=note, widths=(3, 1, 1, 1, 1))


def _what(answer: Tiering, one: Check) -> str:
    if one.field == "residency":
        region = next(region for region in answer.inputs.residency if region.name == one.name)
        return f"Requests of {one.name} stay with {', '.join(region.tiers)}"
    if one.field == "minimum_share":
        return f"Attempts at {one.name} once it is used, at least"
    return _WORDS[one.field]


def _asked(one: Check) -> str:
    return _figure(one, one.asked)


def _figure(one: Check, value: float | None) -> str:
    if value is None:
        return ""
    return significant(value) if one.field == "maximum_latency_s" else percent(value)


def _state(one: Check | None) -> str:
    if one is None:
        return "–"
    if one.field == "minimum_share" and not one.found:
        return "not used"
    words = [] if one.found is None else [_figure(one, one.found)]
    if one.found is None or not one.is_kept:
        words.append("kept" if one.is_kept else "missed")
    return " ".join(words)


def _lifted(answer: Tiering, one: Check) -> dict[str, Any]:
    """The inputs without one limit."""
    if one.field == "residency":
        anywhere = {"tiers": tuple(answer.inputs.names)}
        regions = answer.inputs.residency
        return {
            "residency": tuple(
                region.model_copy(update=anywhere) if region.name == one.name else region for region in regions
            )
        }
    if one.field == "minimum_share":
        return _without(answer, one.name, "minimum_share")
    return {one.field: None}


def _without(answer: Tiering, name: str, field: str) -> dict[str, Any]:
    tiers = answer.inputs.tiers
    return {"tiers": tuple(tier.model_copy(update={field: 0.0}) if tier.name == name else tier for tier in tiers)}


def _given_up(answer: Tiering, changes: dict[str, Any]) -> str:
    free = tiering(answer.inputs.model_copy(update={"draws": 100, **changes})).best_saving_share
    if free is None:
        return "–"
    if answer.best_saving_share is None:
        return f"all of {percent(free)}"
    points = 100 * max(0.0, free - answer.best_saving_share)
    return f"{points:.1f}" if points >= 0.05 else "–"


def _fixed_row(answer: Tiering, name: str) -> list[str]:
    """A tier that costs something by the month, and whether it is used."""
    fixed = next(base(tier.fixed_cost_per_month) for tier in answer.inputs.tiers if tier.name == name)
    used = [
        "–" if shares is None else "used" if answer.case.visits(shares)[name] > 0 else "not used"
        for shares in (answer.shares, answer.best_plan)
    ]
    what = f"{answer.currency} a month for {name} once it is used"
    return [what, full(fixed), *used, _given_up(answer, _without(answer, name, "fixed_cost_per_month"))]
