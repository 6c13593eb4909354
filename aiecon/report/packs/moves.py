"""The moves that the buying pages found, one row each: what, what it saves, how sure, what it takes, who.

Each reader knows one question's keys; a question that is not in the pack has no row.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiecon.charts.formats import full, percent, probability
from aiecon.report import blocks
from aiecon.report.blocks import Block
from aiecon.report.packs.agreement import Results, figure

Result = Mapping[str, Any]
_NOTHING = "–"
_NOT_SAID = "not stated"
_ROUTE = "Route requests"
_ENGINEERING = "engineering lead"


@dataclass(frozen=True)
class Move:
    """One row in words; what it saves as a number where that is known.

    Attributes
    ----------
    what, confidence, effort, owner
        Words.
    saved
        What it saves a month by itself; 0 where it is not to be made, None where it is not known. [currency/month]
    currency
        Of it.
    of_tokens
        Part that it saves of what its tokens cost; None where it acts on no tokens that another move acts on.
    said
        Words where the saving is not a number.
    """

    what: str
    confidence: str
    effort: str
    owner: str
    saved: float | None = 0.0
    currency: str = ""
    of_tokens: float | None = None
    said: str = ""

    @property
    def saving(self) -> str:
        """The saving in words."""
        if self.said or self.saved is None:
            return self.said or _NOT_SAID
        return f"{full(self.saved)} {self.currency}" if self.saved else _NOTHING


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
    total = together(found)
    if total is not None:
        least, most = (full(amount) for amount in total)
        amount = least if least == most else f"{least} to {most}"
        rows.append(["Together", "", "", "", f"{amount} {next(one.currency for one in found if one.saved)}"])
    columns = ["Move", "Confidence", "Effort", "Owner", "Saving a month"]
    bold = [] if total is None else [len(rows) - 1]
    widths = (2.5, 1.1, 1.5, 1.3, 1.1)
    return blocks.table("Moves", columns, rows, text_columns=4, note=_note(total), bold=bold, widths=widths)


def together(found: Sequence[Move]) -> tuple[float, float] | None:
    """What all moves save a month, interactions counted once: if all act on the same tokens, and if each on its own.

    On the same tokens routing comes first, and a reservation or hosting, of which one alone can serve them, saves its
    part of what routing leaves. None where a saving is not known, or in another currency, or there is nothing to add.
    """
    if any(one.saved is None for one in found) or len({one.currency for one in found if one.saved}) != 1:
        return None
    saved = [(one.saved or 0.0, one.of_tokens) for one in found]
    left, capacity, alone = 1.0, 0.0, sum(amount for amount, part in saved if part is None)
    for one in found:
        if one.of_tokens is not None and one.what.startswith(_ROUTE):
            left, alone = 1.0 - one.of_tokens, alone + (one.saved or 0.0)
        elif one.of_tokens is not None:
            capacity = max(capacity, one.saved or 0.0)
    return alone + left * capacity, sum(amount for amount, _ in saved)


def _note(total: tuple[float, float] | None) -> str:
    order = "In this order: what needs fewer tokens first, what buys capacity for the rest last. "
    if total is None:
        return f"{order}Not added up: a saving is not known as a number, or there is none."
    if full(total[0]) == full(total[1]):
        return f"{order}No two of them act on the same tokens."
    return (
        f"{order}Together: the smaller figure if all act on the same tokens, each then saves its part of what is left "
        "and one alone serves them; the larger if each has tokens of its own."
    )


def _currency(result: Result) -> str:
    """That the page's figures are in."""
    return next((unit.split("/")[0] for unit in result["units"].values() if "/" in unit), "USD")


def _tiering(result: Result) -> Move:
    """The mix that was asked about, in money where what runs today is known, at as many accepted answers."""
    summary, is_known = result["summary"], result["inputs"].get("baseline") is not None
    share = summary["saving_share"]
    monthly = summary.get("accepted_saving_per_month") if is_known else None
    if not share or share <= 0:
        return Move("Keep every request on its model", _NOT_SAID, "none", _ENGINEERING)
    mix = {tier["name"]: figure(tier["share"]) for tier in result["inputs"]["tiers"]}
    said = ", ".join(f"{percent(part, 0)} {name}" for name, part in mix.items() if part)
    if "saving_share" in result.get("notes", {}):  # what it misses stands there
        return Move("Choose another mix than that asked about", "misses what is asked", "see its page", _ENGINEERING)
    return Move(
        f"{_ROUTE}: {said}",
        _chance(summary.get("saves_probability")),
        "routing",
        _ENGINEERING,
        saved=monthly,
        currency=_currency(result),
        of_tokens=_of_tokens(summary),
        said=""
        if monthly is not None
        else f"{percent(share, 0)} of {'its cost' if is_known else 'all on the dearest'}",
    )


def _of_tokens(summary: Mapping[str, Any]) -> float:
    """Part of what today's tokens cost that routing saves for as many accepted answers, review out."""
    ratio = float(summary["cost_per_request"] / summary["baseline_cost_per_request"])
    accepted, before = summary.get("success_rate"), summary.get("baseline_success_rate")
    return 1.0 - ratio * (before / accepted if accepted and before else 1.0)


def _cost_curve(result: Result) -> Move:
    summary, levers = result["summary"], result["inputs"]["levers"]
    share = summary["lever_saving_share"] or 0.0
    if not levers or not share:
        return Move("No lever on the new use case", _NOT_SAID, "none", _ENGINEERING)
    saved = summary["production_cost_per_month"] * share / (1.0 - share) if share < 1 else 0.0
    effort = sum(figure(lever["effort_cost"]) for lever in levers)
    names = ", ".join(str(lever["name"]).lower() for lever in levers)
    words = f"{full(effort)} {_currency(result)} once" if effort else _NOT_SAID
    return Move(
        f"New use case: {names}",
        "planned, not measured",
        words,
        _ENGINEERING,
        saved=saved,
        currency=_currency(result),
    )


def _seats(result: Result) -> Move:
    summary = result["summary"]
    plain = min(summary["all_api_cost"], summary["all_seats_cost"])
    saved, count = plain - summary["best_cost"], summary["seats"]
    if saved <= 0:
        return Move("Seats: keep the plain choice", _NOT_SAID, "none", "procurement lead")
    what = f"Seats for {count:,.0f} people, the others by the token"
    return Move(
        what, "of the months read", "at the renewal", "procurement lead", saved=saved, currency=_currency(result)
    )


def _provisioned(result: Result) -> Move:
    summary = result["summary"]
    saved, units = summary["payg_cost_per_month"] - summary["optimal_cost_per_month"], summary["optimal_units"]
    if not units or saved <= 0:
        return Move("Reserve nothing: stay on pay-as-you-go", "see its page", "none", "platform lead")
    held = (result["inputs"].get("contract") or {}).get("units")
    if held is not None:  # what the contract costs already is on its page alone
        what = f"Reservation: {units:,.0f} units instead of the {figure(held):,.0f} held"
        return Move(what, "see its page", "a contract to change", "platform lead", saved=None, said="see its page")
    what = f"Reserve {units:,.0f} units, term {summary['best_term']}"
    return Move(
        what,
        _chance(summary.get("saves_probability")),
        "a commitment",
        "platform lead",
        saved=saved,
        currency=_currency(result),
        of_tokens=saved / summary["payg_cost_per_month"],
    )


def _self_host(result: Result) -> Move:
    summary, inputs = result["summary"], result["inputs"]
    api, own = summary["cost_per_mtok_api"], summary["cost_per_mtok_self_hosted"]
    worth = summary["npv_savings"]
    chance = _chance(summary["probability_self_host_cheaper"])
    if worth is None or worth <= 0 or api is None or own is None:
        return Move("Do not host: stay on the API", chance, "none", "platform lead")
    volume = inputs["workload"].get("mtok_per_month")
    saved = None if volume is None else (api - own) * figure(volume)
    migration = inputs.get("migration_cost")
    effort = f"{full(figure(migration))} {_currency(result)} once" if migration else _NOT_SAID
    part = (api - own) / api if api else 0.0
    return Move(
        "Host it ourselves", chance, effort, "platform lead", saved=saved, currency=_currency(result), of_tokens=part
    )


_READERS: dict[str, Callable[[Result], Move]] = {
    "tiering": _tiering,
    "cost_curve": _cost_curve,
    "seats": _seats,
    "provisioned": _provisioned,
    "self_host": _self_host,
}


def _chance(share: float | None) -> str:
    return _NOT_SAID if share is None else f"saves with {probability(share)}"
