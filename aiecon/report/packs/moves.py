"""The moves that the pages decide, one row each: what, what it saves, how sure, what it takes, who.

Each is what its page's decision says, with the same figure; a question that is not in the pack has no row.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from aiecon.charts.formats import full
from aiecon.report import blocks
from aiecon.report.blocks import Block
from aiecon.report.move import Move
from aiecon.report.packs.agreement import Results, figure

Result = Mapping[str, Any]
ORDER = ("tiering", "cost_curve", "seats", "provisioned", "self_host")
"""Questions with moves: what needs fewer tokens first, what buys capacity for the rest last."""


def moves(results: Results, decisions: Mapping[str, Mapping[str, Any]]) -> list[Move]:
    """The moves of the pages' decisions in the order they should be made, and the levers of the new use case."""
    found: list[Move] = []
    for name in ORDER:
        if name == "cost_curve" and name in results:
            found += _levers(results[name])
        found += [Move(**one) for one in decisions.get(name, {}).get("moves", ())]
    return found


def table(found: Sequence[Move]) -> Block:
    """The moves as a table."""
    if not found:
        return blocks.nothing()
    rows = [
        [f"{place}. {_words(one)}", one.confidence, one.effort, one.owner, one.saving]
        for place, one in enumerate(found, start=1)
    ]
    total = together(found)
    if total is not None:
        least, most = (full(amount) for amount in total)
        amount = least if least == most else f"{least} to {most}"
        rows.append(["Together", "", "", "", f"{amount} {_counted(found)[0].currency}"])
    columns = ["Move", "Confidence", "Effort", "Owner", "Saving a month"]
    bold = [] if total is None else [len(rows) - 1]
    widths = (2.9, 1.0, 1.2, 1.0, 1.3)
    return blocks.table("Moves", columns, rows, text_columns=4, note=_note(found, total), bold=bold, widths=widths)


def _words(one: Move) -> str:
    return f"{one.what}, only once shown: {one.condition}" if one.condition else one.what


def _counted(found: Sequence[Move]) -> list[Move]:
    """Moves whose saving is added up."""
    return [one for one in found if one.is_counted and one.saved != 0]


def together(found: Sequence[Move]) -> tuple[float, float] | None:
    """What all moves save a month, interactions counted once: if all act on the same tokens, and if each on its own.

    On the same tokens routing comes first, and a reservation or hosting, of which one alone can serve them, saves its
    part of what routing leaves. What must be shown first is not added. None where a saving is not known, or in another
    currency, or there is nothing to add.
    """
    counted = _counted(found)
    if any(one.saved is None for one in counted) or len({one.currency for one in counted}) != 1:
        return None
    left, capacity, alone, amounts = 1.0, 0.0, 0.0, [one.saved or 0.0 for one in counted]
    for one, amount in zip(counted, amounts, strict=True):
        if one.of_tokens is None or one.is_routing:
            left, alone = left * (1.0 - (one.of_tokens or 0.0)), alone + amount
        else:
            capacity = max(capacity, amount)
    return alone + left * capacity, sum(amounts)


def _note(found: Sequence[Move], total: tuple[float, float] | None) -> str:
    order = "In this order: what needs fewer tokens first, what buys capacity for the rest last. "
    if any(one.condition for one in found):
        order += "In brackets: not added, as something must be shown first. "
    if any("in the curve" in one.said for one in found):
        order += "What the new use case's levers save is in its curve, and so in its case, already. "
    efforts = "No effort is in the case's flows. "
    return " ".join([f"{order}{efforts}{_shared(found, total)}", *(one.note for one in found if one.note)])


def _shared(found: Sequence[Move], total: tuple[float, float] | None) -> str:
    """How what acts on the same tokens was added up."""
    on_tokens = [one for one in _counted(found) if one.of_tokens is not None]
    if total is None:
        return "Not added up: a saving is not known as a number, or there is none."
    if len(on_tokens) < 2:
        return "At most one of those added acts on the products' tokens, so none is counted twice."
    return (
        "Together: the smaller figure if all act on the same tokens, each then saves its part of what is left and one "
        "alone serves them; the larger if each has tokens of its own."
    )


def _levers(result: Result) -> list[Move]:
    """The levers of the new use case, whose saving its curve has already."""
    summary, levers = result["summary"], result["inputs"]["levers"]
    share = summary["lever_saving_share"] or 0.0
    if not levers or not share:
        return []
    saved = summary["production_cost_per_month"] * share / (1.0 - share) if share < 1 else 0.0
    effort = sum(figure(lever["effort_cost"]) for lever in levers)
    names = ", ".join(str(lever["name"]).lower() for lever in levers)
    currency = next((unit.split("/")[0] for unit in result["units"].values() if "/" in unit), "USD")
    return [
        Move(
            f"New use case: {names}",
            "planned, not measured",
            f"{full(effort)} {currency} once" if effort else "not stated",
            "engineering lead",
            said=f"{full(saved)} {currency}, in the curve already",
            note=_early(levers, summary["production_cost_per_month"], saved, effort, currency),
        )
    ]


def _early(levers: Sequence[Result], cost: float, saved: float, effort: float, currency: str) -> str:
    """What the case has of levers too soon, and of their effort not at all."""
    last = max(lever["from_month"] for lever in levers)
    if last == 1 and not effort:
        return ""
    return (
        f"The case runs production at {full(cost)} {currency} from its first month, though without levers it costs "
        f"{full(cost + saved)} and the last starts in month {last}: that flatters it by at most "
        f"{full((last - 1) * saved)}, and the effort left out by {full(effort)}, before discounting."
    )
