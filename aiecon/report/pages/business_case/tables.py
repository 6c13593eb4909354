"""The tables of the page: flows, phases, gates, waiting, method."""

from aiecon.charts.formats import full, percent, signed
from aiecon.models.business_case import BusinessCase
from aiecon.report import blocks
from aiecon.report.blocks import Block
from aiecon.vocabulary.distribution import base

_SHOWN = 13
_CASES = {"low": "all worse", "high": "all better"}
"""What the page calls them, since `--scenario low` and `high` are the ends of assumptions, not of the worth."""


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
    note = "0: today. Costs are below zero." + (
        "" if answer.cost_of_not_scaling is None else " What waiting loses is not in the flows."
    )
    return blocks.table(f"Flows, {answer.currency}", columns, rows, note=note, bold=[len(rows) - 1])


def phases(answer: BusinessCase) -> Block:
    """Steps that are funded one by one."""
    table = answer.phases()
    if table.empty:
        return blocks.nothing()
    rows = [
        [str(row["phase"]), row["verdict"], f"{row['gates']}", f"{row['start']}", full(row["investment"])]
        for row in table.to_dict("records")
    ]
    columns = ["Phase", "Verdict", "Gates", f"Starts in {answer.inputs.period}", f"Investment, {answer.currency}"]
    note = "Each is approved by itself, once the one before it has brought its evidence."
    return blocks.table("Funded one by one", columns, rows, text_columns=2, note=note)


def gates(answer: BusinessCase) -> Block:
    """Every gate with its evidence and verdict."""
    if not answer.gates and not answer.ungated:
        return blocks.nothing()
    rows = [
        [f"{of}: {gate.name}", gate.verdict, gate.reason, gate.owner or "nobody named", gate.source or "none"]
        for of, gate in answer.gates
    ]
    rows += [[f"{phase.name}: none", "held", "nothing is asked of it", "–", "–"] for phase in answer.ungated]
    note = "A gate without evidence is held, and so is a phase without a gate; neither is ever assumed."
    columns = ["Gate", "Verdict", "Evidence", "Owner", "Source"]
    return blocks.table("Gates", columns, rows, note=note, text_columns=5, widths=(1.6, 0.7, 2.4, 1.2, 1.6))


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
    note = _waiting_note(answer)
    return blocks.table(f"What waiting costs, {answer.currency}", columns, rows, note=note)


def _waiting_note(answer: BusinessCase) -> str:
    """Who says what waiting loses."""
    said = {f"{one.grade or 'not graded'}: {one.source or 'as given'}" for one in answer.inputs.cost_of_not_scaling}
    return f"{'; '.join(sorted(said))}."


def benefits(answer: BusinessCase) -> Block:
    """Each benefit with what would happen without it, and its grade."""
    items = [("", one) for one in answer.inputs.benefits]
    items += [(phase.name, one) for phase in answer.inputs.phases for one in phase.benefits]
    if not items:
        return blocks.nothing()
    rows = [
        [
            f"{one.name} ({where})" if where else one.name,
            one.counterfactual or "not stated",
            one.grade or "not graded",
            full(base(one.amount)),
        ]
        for where, one in items
    ]
    columns = ["Benefit", "Without it", "Grade", f"{answer.currency} a {answer.inputs.period}"]
    return blocks.table("What it brings", columns, rows, text_columns=3)


def scenarios(answer: BusinessCase) -> Block:
    """Worth in the base, low, high and stress scenario."""
    rows = [
        [_CASES.get(row["scenario"], row["scenario"]), str(row["words"]), signed(row["npv"])]
        for row in answer.scenarios.to_dict("records")
    ]
    columns = ["Scenario", "What it sets", f"Worth, {answer.currency}"]
    note = (
        "--scenario base and stress give these too; low and high set assumptions to their lower and upper ends instead."
    )
    return blocks.table("Scenarios", columns, rows, text_columns=2, note=note, widths=(0.8, 3.4, 1.0))


def method(answer: BusinessCase) -> Block:
    """How the figures were made and what limits them."""
    rates = ", ".join(percent(rate) for rate in answer.irr) or "none"
    paragraphs = [
        f"Flows are discounted at {percent(base(answer.inputs.discount_rate))} a year, the first not at all; rates of "
        f"return are every real one ({rates}). Uncertain amounts are drawn {answer.inputs.draws:,} times, each from "
        f"its own stream, {'some moving together' if answer.inputs.correlations else 'independent of the others'}. "
        "The delay moves benefits, and costs that wait for approval, later; what falls beyond the last "
        f"{answer.inputs.period} is lost. The money that all phases need is the lowest the running sum gets.",
        ". ".join(answer.notes) + "." if answer.notes else "",
    ]
    return blocks.text("Method and limits", [words for words in paragraphs if words])
