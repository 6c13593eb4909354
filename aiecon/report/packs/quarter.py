"""The same months on two pages: all spend as one forecast, and pool by pool against what the rules give."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiecon.charts.formats import full, probability, signed
from aiecon.report import blocks
from aiecon.report.blocks import Block

FORECAST, BUDGETS = "spend_forecast", "adaptive_budget"
_ENDS = ("total_p10", "total_p50", "total_p90")
_KNOWN = ("price", "driver", "overlay")
_EXACT = 1e-6  # of a figure: what two sums of the same numbers may differ by
_EVEN = 0.05  # probability by which an even chance may stray where median and budget are about equal
_CLOSE = 0.01  # of the budget, about equal


@dataclass(frozen=True)
class Quarter:
    """Both pages' figures of the same months.

    Attributes
    ----------
    period
        As the forecast calls it: 2026-Q2.
    currency
        Of every amount.
    forecast, budgets
        total_p10, total_p50, total_p90, budget, breach_probability.
    known
        What is entered on the forecast's page alone (dated prices, drivers, overlays), by its name. [currency]
    """

    period: str
    currency: str
    forecast: Mapping[str, Any]
    budgets: Mapping[str, Any]
    known: Mapping[str, float]

    @property
    def by_pools(self) -> float:
        """What is left of the difference as printed: pools forecast each by its own driver. [currency]"""
        difference = round(self.budgets["total_p50"]) - round(self.forecast["total_p50"])
        return float(difference + sum(round(amount) for amount in self.known.values()))


def of(results: Mapping[str, Mapping[str, Any]]) -> Quarter | None:
    """The months that both pages are about; None where one is missing, or of others, or of a part."""
    if FORECAST not in results or BUDGETS not in results:
        return None
    forecast, budgets = results[FORECAST], results[BUDGETS]
    months = sorted({one["month"][:7] for one in budgets["table"]})
    if not months or _months(forecast) != months or forecast["inputs"].get("where"):
        return None
    row, currency = _row(forecast, months), str(budgets["inputs"]["currency"])
    period = f"{months[0]} to {months[-1]}" if row is None else str(row["period"])
    steps = forecast.get("tables", {}).get("bridge", [])
    known = {one["step"]: float(one["amount"]) for one in steps if one["kind"] in _KNOWN}
    return Quarter(period, currency, _landing(forecast["summary"]), budgets["summary"], known)


def _landing(summary: Mapping[str, Any]) -> dict[str, Any]:
    """The forecast's figures of the budget's months, or of all that is forecast where there is none."""
    start = "total" if summary.get("landing_p50") is None else "landing"
    ends = {f"total_{end}": summary[f"{start}_{end}"] for end in ("p10", "p50", "p90")}
    return {**ends, "budget": summary["budget"], "breach_probability": summary["breach_probability"]}


def _months(forecast: Mapping[str, Any]) -> list[str]:
    """Months that the forecast's table expects something of."""
    return [one["start"][:7] for one in forecast["table"] if one["level"] == "month" and one["p50"] is not None]


def _row(forecast: Mapping[str, Any], months: Sequence[str]) -> Mapping[str, Any] | None:
    """The quarter of the forecast's table that is just these months."""
    ends = (months[0], months[-1])
    rows = (one for one in forecast["table"] if one["level"] == "quarter")
    return next((one for one in rows if (one["start"][:7], one["end"][:7]) == ends), None)


def problems(results: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """What of the same months differs and is not explained by what the two pages read and forecast."""
    found = of(results)
    if found is None:
        return []
    return [*_read_alike(results), *_own_sums(results), *_ranges(found), *_chances(found)]


def _read_alike(results: Mapping[str, Mapping[str, Any]]) -> list[str]:
    days = [results[name]["provenance"]["as_of"] for name in (FORECAST, BUDGETS)]
    money = [results[name]["units"]["total_p50"] for name in (FORECAST, BUDGETS)]
    said = [
        (days, "read as of", "give both the same --as-of"),
        (money, "in", "give both the same currency"),
    ]
    return [
        f"{FORECAST} is {words} {pair[0]} and {BUDGETS} {pair[1]}; {do}"
        for pair, words, do in said
        if pair[0] != pair[1]
    ]


def _own_sums(results: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Totals that are not those of their own page's table."""
    forecast = results[FORECAST]["summary"]
    row = _row(results[FORECAST], _months(results[FORECAST]))
    pairs: list[tuple[str, float | None, float | None]] = []
    if row is not None:
        said = _landing(forecast)
        pairs += [(f"{FORECAST}.{end}", said[f"total_{end}"], row[end]) for end in ("p10", "p50", "p90")]
        pairs += [(f"{FORECAST}.{key}", said[key], row[key]) for key in ("budget", "breach_probability")]
    given = sum(one["budget"] for one in results[BUDGETS]["table"])
    pairs.append((f"{BUDGETS}.budget", results[BUDGETS]["summary"]["budget"], given))
    return [
        f"{name} is {_told(total)} and its table says {_told(table)}; they must be the same"
        for name, total, table in pairs
        if not _same(total, table)
    ]


def _same(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) <= _EXACT * max(abs(one), abs(other), 1.0)


def _told(amount: float | None) -> str:
    return "nothing" if amount is None else f"{amount:,.4g}" if abs(amount) <= 1 else full(amount)


def _ranges(found: Quarter) -> list[str]:
    """A median outside the other page's 80 % range, or quantiles out of order."""
    said = []
    for name, mine, other, theirs in (
        (FORECAST, found.forecast, BUDGETS, found.budgets),
        (BUDGETS, found.budgets, FORECAST, found.forecast),
    ):
        low, middle, high = (mine[end] for end in _ENDS)
        if not low <= middle <= high:
            said.append(f"{name}: p10, p50 and p90 of {found.period} must rise, got {_many((low, middle, high))}")
        if not low <= theirs["total_p50"] <= high:
            said.append(
                f"{other} expects {full(theirs['total_p50'])} for {found.period}, outside the 80 % range of {name}, "
                f"{full(low)} to {full(high)}; both must be of the same spend"
            )
    return said


def _many(amounts: Sequence[float]) -> str:
    return ", ".join(full(one) for one in amounts)


def _chances(found: Quarter) -> list[str]:
    """A probability of passing a budget that does not go with the median."""
    said = []
    for name, page in ((FORECAST, found.forecast), (BUDGETS, found.budgets)):
        chance, budget = page["breach_probability"], page["budget"]
        if chance is None or not budget:
            continue
        gap = page["total_p50"] / budget - 1
        slack = _EVEN if abs(gap) < _CLOSE else 0.0
        if (chance - 0.5) * (1 if gap > 0 else -1) < -slack:
            said.append(
                f"{name}: the budget {full(budget)} of {found.period} is passed with {probability(chance)} probability "
                f"and {full(page['total_p50'])} is expected; they contradict each other"
            )
    return said


def bridge(found: Quarter) -> Block:
    """From what the forecast expects to what the pools expect, and each page's range, budget and probability."""
    rows = [_page_row("All spend, one forecast, against the approved budget", found.forecast)]
    rows += [[f"not in the pools: {name}", signed(-amount), "", "", ""] for name, amount in found.known.items()]
    rows.append(["pools forecast each by its own driver", signed(found.by_pools), "", "", ""])
    rows.append(_page_row("Pool by pool, against what the rules give", found.budgets))
    columns = [f"{found.period}, {found.currency}", "Expected", "p10 to p90", "Budget", "P(over)"]
    note = (
        "Two budgets: the approved one is what finance holds, the other what the budget agreement's rules give, "
        f"{signed(found.budgets['budget'] - found.forecast['budget'])}."
        if found.forecast["budget"]
        else ""
    )
    last = len(rows) - 1
    return blocks.table(
        "The same months on two pages", columns, rows, note=note, bold=[0, last], widths=(3, 1, 1.5, 1, 1)
    )


def _page_row(name: str, page: Mapping[str, Any]) -> list[str]:
    chance = page["breach_probability"]
    return [
        name,
        full(page["total_p50"]),
        f"{full(page['total_p10'])} to {full(page['total_p90'])}",
        full(page["budget"]) if page["budget"] else "none",
        "–" if chance is None else probability(chance),
    ]


def notes(results: Mapping[str, Mapping[str, Any]]) -> dict[str, Block]:
    """Question -> what its page says of the other page about the same months."""
    found = of(results)
    if found is None:
        return {}
    forecast, budgets, currency = found.forecast, found.budgets, found.currency
    known = sum(found.known.values())
    apart = (
        f"{signed(-known)} {currency} for what is entered on the forecast's page alone "
        f"({', '.join(found.known) or 'nothing'}), {signed(found.by_pools)} for pools forecast each by its driver"
    )
    title = f"{found.period} on the other page"
    return {
        FORECAST: blocks.text(
            title,
            [
                f"The budgets' page expects {full(budgets['total_p50'])} against {full(budgets['budget'])} that the "
                f"rules give; from here to there: {apart}. What is held here is the approved budget."
            ],
        ),
        BUDGETS: blocks.text(
            title,
            [
                f"The forecast's page expects {full(forecast['total_p50'])}"
                + (f" against {full(forecast['budget'])} approved" if forecast["budget"] else "")
                + f"; from there to here: {apart}. What is held here is what the rules give."
            ],
        ),
    }
