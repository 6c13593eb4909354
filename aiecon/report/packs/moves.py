"""The moves that the buying pages found, one row each: what, what it saves, how sure, what it takes, who.

Each reader knows one question's keys; a question that is not in the pack has no row.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aiecon.charts.formats import full, percent, probability
from aiecon.report import blocks
from aiecon.report.blocks import Block
from aiecon.report.packs.agreement import Results, figure

Result = Mapping[str, Any]
_NOTHING = "–"
_NOT_SAID = "not stated"


@dataclass(frozen=True)
class Move:
    """One row: words, all of them."""

    what: str
    saving: str
    confidence: str
    effort: str
    owner: str


def moves(results: Results) -> list[Move]:
    """The moves of the pages in this pack, in the order they should be made."""
    return [read(results[name]) for name, read in _READERS.items() if name in results]


def table(results: Results) -> Block:
    """The moves as a table."""
    found = moves(results)
    if not found:
        return blocks.nothing()
    rows = [
        [f"{place}. {one.what}", one.confidence, one.effort, one.owner, one.saving]
        for place, one in enumerate(found, start=1)
    ]
    note = (
        "In this order: what needs fewer tokens first, what buys capacity for the rest last. Not added up: several act "
        "on the same tokens, and each page measures against its own case."
    )
    columns = ["Move", "Confidence", "Effort", "Owner", "Saving a month"]
    return blocks.table("Moves", columns, rows, text_columns=4, note=note, widths=(2.5, 1.1, 1.5, 1.3, 1.1))


def _money(result: Result, amount: float) -> str:
    """Whole units with the currency that the page's figures are in."""
    currency = next((unit.split("/")[0] for unit in result["units"].values() if "/" in unit), "USD")
    return f"{full(amount)} {currency}"


def _tiering(result: Result) -> Move:
    summary = result["summary"]
    share, monthly = summary.get("best_saving_share"), summary.get("saving_per_month")
    if not share or share <= 0:
        return Move("Keep every request on its model", _NOTHING, _NOT_SAID, "none", "engineering lead")
    mix = summary.get("best_mix") or {}
    said = ", ".join(f"{percent(part, 0)} {name}" for name, part in mix.items() if part)
    saving = f"{percent(share, 0)} of its cost" if monthly is None else _money(result, monthly)
    return Move(
        f"Route requests: {said}", saving, _chance(summary.get("saves_probability")), "routing", "engineering lead"
    )


def _cost_curve(result: Result) -> Move:
    summary, levers = result["summary"], result["inputs"]["levers"]
    share = summary["lever_saving_share"] or 0.0
    if not levers or not share:
        return Move("No lever on the new use case", _NOTHING, _NOT_SAID, "none", "engineering lead")
    saved = summary["production_cost_per_month"] * share / (1.0 - share) if share < 1 else 0.0
    effort = sum(figure(lever["effort_cost"]) for lever in levers)
    names = ", ".join(str(lever["name"]).lower() for lever in levers)
    words = f"{full(effort)} once" if effort else _NOT_SAID
    return Move(f"New use case: {names}", _money(result, saved), "planned, not measured", words, "engineering lead")


def _seats(result: Result) -> Move:
    summary = result["summary"]
    plain = min(summary["all_api_cost"], summary["all_seats_cost"])
    saved, count = plain - summary["best_cost"], summary["seats"]
    if saved <= 0:
        return Move("Seats: keep the plain choice", _NOTHING, _NOT_SAID, "none", "procurement lead")
    what = f"Seats for {count:,.0f} people, the others by the token"
    return Move(what, _money(result, saved), "of the months read", "at the renewal", "procurement lead")


def _provisioned(result: Result) -> Move:
    summary = result["summary"]
    saved, units = summary["payg_cost_per_month"] - summary["optimal_cost_per_month"], summary["optimal_units"]
    if not units or saved <= 0:
        return Move("Reserve nothing: stay on pay-as-you-go", _NOTHING, "see its page", "none", "platform lead")
    what = f"Reserve {units:,.0f} units, term {summary['best_term']}"
    return Move(what, _money(result, saved), _chance(summary.get("saves_probability")), "a commitment", "platform lead")


def _self_host(result: Result) -> Move:
    summary, inputs = result["summary"], result["inputs"]
    api, own = summary["cost_per_mtok_api"], summary["cost_per_mtok_self_hosted"]
    worth = summary["npv_savings"]
    chance = _chance(summary["probability_self_host_cheaper"])
    if worth is None or worth <= 0 or api is None or own is None:
        return Move("Do not host: stay on the API", _NOTHING, chance, "none", "platform lead")
    volume = inputs["workload"].get("mtok_per_month")
    saved = _NOT_SAID if volume is None else _money(result, (api - own) * figure(volume))
    migration = inputs.get("migration_cost")
    effort = f"{full(figure(migration))} once" if migration else _NOT_SAID
    return Move("Host it ourselves", saved, chance, effort, "platform lead")


_READERS: dict[str, Callable[[Result], Move]] = {
    "tiering": _tiering,
    "cost_curve": _cost_curve,
    "seats": _seats,
    "provisioned": _provisioned,
    "self_host": _self_host,
}


def _chance(share: float | None) -> str:
    return _NOT_SAID if share is None else f"saves with {probability(share)}"
