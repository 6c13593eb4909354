"""The risks of a pack: what may happen, how likely, what it costs, what is done about it, and who answers for it."""

from collections.abc import Callable, Mapping
from typing import Any

from aiecon.charts.formats import full, probability
from aiecon.report import blocks
from aiecon.report.blocks import Block

Result = Mapping[str, Any]
Risk = tuple[str, float | None, float | None]
"""What may happen; its probability; what it costs where it does. [currency]"""
_TAIL = 0.1  # probability of costing more than p90


def table(results: Mapping[str, Result], decisions: Mapping[str, Mapping[str, Any]]) -> Block:
    """One row a page, the likeliest first."""
    found = [
        (name, read(results[name]), decisions[name])
        for name, read in _READERS.items()
        if name in results and name in decisions
    ]
    if not found:
        return blocks.nothing()
    found.sort(key=lambda one: -(one[1][1] or 0.0))
    rows = [
        [
            what,
            "not stated" if chance is None else probability(chance),
            "not stated" if cost is None else f"{full(cost)} {_currency(results[name])}",
            _done(decision),
            decision["who"],
        ]
        for name, (what, chance, cost), decision in found
    ]
    columns = ["Risk", "Likelihood", "Impact", "What is done", "Who"]
    note = (
        "Impact: above the budget or the expected at p90; for the case what is spent by then, for seats what is "
        "committed, for hosting the expected loss, for the mix asked about the saving of a "
        "month that does not come. What turns each answer is on its page."
    )
    return blocks.table("Risks", columns, rows, text_columns=5, note=note, widths=(1.5, 0.8, 0.8, 2.6, 2.2))


def _done(decision: Mapping[str, Any]) -> str:
    """What its page decides, in a few words."""
    moves = decision.get("moves")
    return str(moves[0]["what"] if moves else decision["what"].partition(". ")[0].removesuffix("."))


def _currency(result: Result) -> str:
    return str(result["inputs"].get("currency") or "USD")


def _case(result: Result) -> Risk:
    summary = result["summary"]
    return "The case is worth less than nothing", 1.0 - summary["npv_probability"], summary["peak_funding"]


def _over(words: str, end: str) -> Callable[[Result], Risk]:
    """A budget that may be passed, by how much at p90."""

    def read(result: Result) -> Risk:
        summary = result["summary"]
        over = max(summary[end] - summary["budget"], 0.0) if summary["budget"] else None
        return words, summary["breach_probability"], over

    return read


def _production(result: Result) -> Risk:
    summary = result["summary"]
    more = summary["production_p90"] - summary["production_cost_per_month"]
    return "A month of production costs more than its p90", _TAIL, more


def _routing(result: Result) -> Risk:
    summary = result["summary"]
    sure, saved = summary["saves_probability"], summary["accepted_saving_per_month"]
    return "The mix of models saves nothing", None if sure is None else 1.0 - sure, saved


def _seats(result: Result) -> Risk:
    summary = result["summary"]
    return "Seats signed for cost more than none", summary["loses_probability"], summary["committed_cost"]


def _hosting(result: Result) -> Risk:
    summary = result["summary"]
    chance = summary["probability_self_host_cheaper"]
    is_hosted = (summary["npv_savings"] or 0.0) > 0
    words = "Hosting costs more than the API" if is_hosted else "Hosting would have been cheaper"
    return words, 1.0 - chance if is_hosted else chance, summary["regret_if_wrong"]


_READERS: dict[str, Callable[[Result], Risk]] = {
    "business_case": _case,
    "spend_forecast": _over("The approved budget is passed", "total_p90"),
    "cost_curve": _production,
    "adaptive_budget": _over("The budgets that the rules give are passed", "total_p90"),
    "variability": _over("The bill of the simulated use passes its budget", "p90"),
    "self_host": _hosting,
    "seats": _seats,
    "tiering": _routing,
}
