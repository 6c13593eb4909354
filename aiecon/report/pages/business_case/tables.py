"""The tables of the page: flows, phases, gates, waiting, method."""

from aiecon.charts.formats import full, percent, signed
from aiecon.models.business_case import BusinessCase
from aiecon.report import blocks
from aiecon.report.blocks import Block
from aiecon.vocabulary.distribution import base

_SHOWN = 13


def flows(answer: BusinessCase) -> Block:
    """Benefits, costs and capital of each period, or of each year of months."""
    table = answer.to_frame()
    if len(table) > _SHOWN:
        table = table.assign(period=(table["period"] + answer.per_year - 1) // answer.per_year)
        sums = table.groupby("period")[["benefits", "costs", "capital", "net", "discounted"]].sum()
        table = sums.assign(cumulated=sums["net"].cumsum()).reset_index()
        word = "year"
    else:
        word = answer.inputs.period
    names = ["benefits", "costs", "capital", "net", "cumulated", "discounted"]
    rows = [[f"{int(row['period'])}", *(signed(row[name]) for name in names)] for row in table.to_dict("records")]
    rows.append(["All", *(signed(table[name].sum()) for name in names[:4]), "", signed(table["discounted"].sum())])
    columns = [word.capitalize(), "Benefits", "Running cost", "Capital", "Net", "Running sum", "Discounted"]
    note = "0: today. Costs are below zero."
    return blocks.table(f"Flows, {answer.currency}", columns, rows, note=note, bold=[len(rows) - 1])


def phases(answer: BusinessCase) -> Block:
    """Steps that are funded one by one."""
    table = answer.phases()
    if table.empty:
        return blocks.nothing()
    rows = [
        [str(row["phase"]), f"{row['start']}", full(row["investment"]), f"{row['gates']}", row["verdict"] or "no gate"]
        for row in table.to_dict("records")
    ]
    columns = ["Phase", f"Starts in {answer.inputs.period}", f"Investment, {answer.currency}", "Gates", "Verdict"]
    return blocks.table("Funded one by one", columns, rows)


def gates(answer: BusinessCase) -> Block:
    """Every gate with its evidence and verdict."""
    if not answer.gates:
        return blocks.nothing()
    rows = [[of, gate.name, gate.reason, gate.verdict, gate.owner or gate.source or ""] for of, gate in answer.gates]
    note = "A gate without evidence is held; it is never assumed."
    columns = ["Of", "Gate", "Evidence", "Verdict", "Owner or source"]
    return blocks.table("Gates", columns, rows, note=note, text_columns=5)


def waiting(answer: BusinessCase) -> Block:
    """What each quarter without the next phase loses."""
    table = answer.waiting
    if table.empty:
        return blocks.nothing()
    rows = [
        [f"Quarter {row['quarter']}", full(row["amount"]), full(row["cumulated"]), full(row["present_value"])]
        for row in table.to_dict("records")
    ]
    columns = ["", "Lost", "Lost so far", "Worth today"]
    return blocks.table(f"What waiting costs, {answer.currency}", columns, rows)


def benefits(answer: BusinessCase) -> Block:
    """Each benefit with what would happen without it, and its grade."""
    items = [("", one) for one in answer.inputs.benefits]
    items += [(phase.name, one) for phase in answer.inputs.phases for one in phase.benefits]
    if not items:
        return blocks.nothing()
    rows = [
        [
            one.name,
            where or "all",
            one.counterfactual or "not stated",
            one.grade or "not graded",
            full(base(one.amount)),
        ]
        for where, one in items
    ]
    columns = ["Benefit", "Phase", "Without it", "Grade", f"{answer.currency} a {answer.inputs.period}"]
    return blocks.table("What it brings", columns, rows, text_columns=4)


def method(answer: BusinessCase) -> Block:
    """How the figures were made and what limits them."""
    rates = ", ".join(percent(rate) for rate in answer.irr) or "none"
    paragraphs = [
        f"Flows are discounted at {percent(base(answer.inputs.discount_rate))} a year, the first not at all; rates of "
        f"return are every real one ({rates}). Uncertain amounts are drawn {answer.inputs.draws:,} times, each from "
        "its own stream. What is asked is the lowest the running sum gets.",
        *answer.notes,
    ]
    return blocks.text("Method and limits", paragraphs)


def chart_words(answer: BusinessCase) -> str:
    """The flows in words."""
    table = answer.to_frame()
    return f"Running sum from {signed(table['cumulated'].min())} at its lowest to {signed(table['cumulated'].iloc[-1])}"


def worth_words(answer: BusinessCase) -> str:
    """The draws in words."""
    low, high = answer.npv_range
    return f"Present value from {signed(low)} (p10) to {signed(high)} (p90) {answer.currency}"
