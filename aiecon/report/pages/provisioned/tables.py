"""The tables of the page: terms, numbers of units around the answer, the ladder, terms under change."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from aiecon.charts.formats import full, money, percent, probability, signed, significant
from aiecon.models.provisioned import Provisioned, TermLadder
from aiecon.models.provisioned.inputs import Term
from aiecon.report import blocks
from aiecon.report.blocks import Block
from aiecon.report.pages.provisioned.headline import months_words
from aiecon.vocabulary.distribution import base

_AROUND = 2  # steps shown on each side of the optimum
_SAME = 1e-9


def terms(answer: Provisioned) -> Block:
    """Where each term breaks even, and what its own cheapest number of units would be."""
    currency, found, payg = answer.currency, answer.curve, answer.payg_cost
    columns = ["Term", "Signed for", "Unit, a month", "Same at payg", "Break-even use"]
    columns += ["Cheapest units", "Saving a month"] if found is not None else []
    rows = []
    for term in answer.inputs.terms:
        price = base(term.price_per_unit_month)
        needed = answer.needed_utilization(price)
        cells = [
            term.name,
            months_words(term.commitment_months) if term.commitment_months else "nothing",
            significant(price),
            significant(answer.unit_worth),
            "none" if needed is None else percent(needed, 0),
        ]
        if found is not None and payg is not None:
            place = found.best(price)
            cells += [f"{found.units[place]:,}", full(payg - float(found.cost(price)[place]))]
        rows.append(cells)
    note = (
        "Same at payg: what the tokens of a unit used all month cost as you go. Break-even use: the first over the "
        "second; above 100 % a unit never pays."
    )
    if answer.inputs.is_refusal_priced:
        note += " What pay-as-you-go refuses counts with what it costs the business."
    bold = [place for place, term in enumerate(answer.inputs.terms) if term == answer.term]
    return blocks.table(f"Break-even by term, {currency}", columns, rows, note=note, bold=bold)


def sizes(answer: Provisioned) -> Block:
    """Units around the cheapest number and up to the peak: what they cost, spill and use."""
    if answer.curve is None or len(answer.curve.units) == 1:
        return blocks.nothing()
    term = answer.term or answer.cheapest
    table = answer.to_frame()
    table = table[table["term"] == term.name].reset_index(drop=True)
    last, place = len(table) - 1, answer.place
    near = range(place - _AROUND, place + _AROUND + 1)
    shown = sorted({0, *(at for at in near if 0 <= at <= last), (place + last) // 2, last})
    payg = float(table["cost_per_month"].iloc[0])
    rows = [_size_row(table.iloc[at], payg) for at in shown]
    note = (
        f"Cheapest in bold; the last row is sized to the peak. Δ payg: against everything at pay-as-you-go, more is "
        f"bad. Term {term.name} at {significant(base(term.price_per_unit_month))} {answer.currency} a unit and month."
    )
    return blocks.table(
        f"Numbers of units, {answer.currency} a month",
        ["Units", "Units cost", "Spill costs", "Together", "Δ payg", "Tokens spilled", "Units used"],
        rows,
        note=note,
        bold=[shown.index(place)],
        variance=4,
    )


def _size_row(row: pd.Series, payg: float) -> list[str]:
    spilled, used = row["spill_share"], row["utilization"]
    return [
        f"{row['units']:,}",
        full(row["units_cost"]),
        full(row["spill_cost"]),
        full(row["cost_per_month"]),
        signed(row["cost_per_month"] - payg),
        percent(spilled) if np.isfinite(spilled) else "",
        percent(used) if np.isfinite(used) else "",
    ]


def ladder(answer: Provisioned) -> Block:
    """The cheapest stack of terms, longest commitment first; one that buys nothing is not shown."""
    found = answer.ladder
    if found is None or not sum(found.layers.values()):
        return blocks.nothing()
    months = len(found.by_month)
    terms = sorted((term for term in answer.inputs.terms if found.layers[term.name]), key=_commitment, reverse=True)
    rows = [[term.name, _held(found, term.name), full(found.units_cost_per_month[term.name])] for term in terms]
    bought = sum(found.units_cost_per_month.values())
    rows += [
        ["pay as you go", "", full(found.cost_per_month - bought)],
        ["Together", _span(sum(held.values()) for held in found.by_month), full(found.cost_per_month)],
    ]
    note = _LADDER_NOTE if months == 1 else _months_note(answer, months)
    columns = ["Layer", "Units", f"{answer.currency} a month"]
    return blocks.table("Ladder of terms", columns, rows, note=note, bold=[len(rows) - 1])


_LADDER_NOTE = (
    "Within one month units can be on any term, so each goes to the cheapest that pays; a dearer term that commits to "
    "less pays only when months differ or things change."
)


def _months_note(answer: Provisioned, months: int) -> str:
    less = (answer.optimal_cost or 0.0) - (answer.ladder.cost_per_month if answer.ladder else 0.0)
    against = (
        f"{money(less, answer.currency)} a month less than the cheapest single number of units"
        if less > _SAME * max(answer.payg_cost or 0.0, 1.0)
        else "As cheap as the cheapest single number of units"
    )
    return (
        f"{against}, over {months:,} months of 730 hours known in advance: a term of several months keeps its units "
        "for as long, one of a month or less is chosen each month anew, and what is above is paid as it goes."
    )


def _commitment(term: Term) -> float:
    return base(term.commitment_months)


def _held(found: TermLadder, name: str) -> str:
    return _span(held[name] for held in found.by_month)


def _span(units: Iterable[int]) -> str:
    """A number of units, or the fewest and the most."""
    every = list(units)
    low, high = min(every), max(every)
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def outlook(answer: Provisioned) -> Block:
    """What each term is expected to cost when prices, model or volume change, and the regret of having chosen it."""
    if answer.commitment is None or answer.inputs.outlook is None:
        return blocks.nothing()
    table, assumed = answer.commitment.table, _assumed(answer)
    months = months_words(answer.inputs.outlook.horizon_months)
    costs = table["expected_cost"].to_numpy()
    if np.ptp(costs) <= _SAME * max(costs.max(), 1.0):
        said = f"{assumed}: no term would buy a unit in any of the futures drawn, so none costs less than another."
        return blocks.text("If things change", [said])
    rows = [
        [
            row["term"],
            full(row["expected_cost"]),
            full(row["p10"]),
            full(row["p90"]),
            full(row["expected_regret"]),
            probability(row["best_share"]),
        ]
        for row in table.to_dict("records")
    ]
    note = (
        f"{assumed}. Each term is signed again when it ends, at the number of units cheapest on that day. Regret: cost "
        "above that of the term that turns out cheapest. Terms that tie are all counted as cheapest."
    )
    if ((table["expected_cost"] < table["p10"]) | (table["expected_cost"] > table["p90"])).any():
        note += " A mean outside p10 to p90 comes from fewer than one future in ten, far off the others."
    columns = ["Term", "Mean", "p10", "p90", "Mean regret", "Cheapest in"]
    bold = [list(table["term"]).index(answer.commitment.best)]
    return blocks.table(f"If things change: {months}, {answer.currency}", columns, rows, note=note, bold=bold)


def _assumed(answer: Provisioned) -> str:
    outlook = answer.inputs.outlook
    assert outlook is not None
    parts = []
    if outlook.price_cut_probability:
        cut = percent(base(outlook.price_cut), 0)
        parts.append(f"pay-as-you-go {cut} cheaper with {probability(outlook.price_cut_probability)} probability")
    if outlook.upgrade_probability:
        ratio = significant(base(outlook.upgrade_capacity))
        chance = probability(outlook.upgrade_probability)
        parts.append(f"a model of which a unit serves {ratio} times the tokens with {chance} probability")
    if base(outlook.monthly_growth):
        parts.append(f"demand growing {percent(base(outlook.monthly_growth))} a month")
    months = months_words(outlook.horizon_months)
    return f"Assumed within {months}: {'; '.join(parts) or 'no change'}"
