"""The tables of the page: the tail, where the variance is from, what guardrails buy, the months."""

from aiecon.charts.formats import full, percent, scale_of, signed, signed_percent
from aiecon.charts.variability import ORIGIN_NAMES
from aiecon.models.variability import Variability
from aiecon.report import blocks
from aiecon.report.blocks import Block

_PLAIN = 1e6  # amounts are written in full below a million of the unit


def tail(answer: Variability) -> Block:
    """How far the bill can stray: mean, quantiles and the dearest twentieth, with their Monte Carlo error."""
    found, errors = answer.quantiles, answer.standard_errors
    amounts = {
        "p10": (found["p10"], errors["p10"]),
        "p50 (median)": (found["p50"], errors["p50"]),
        "Mean": (answer.mean, errors["mean"]),
        "p90": (found["p90"], errors["p90"]),
        "p99": (found["p99"], errors["p99"]),
        "Mean of the dearest 5 %": (answer.expected_shortfall, errors["expected_shortfall_95"]),
    }
    size, unit = _unit(answer, max(amount for amount, _ in amounts.values()))
    budget, median = answer.inputs.budget, found["p50"]
    rows = []
    for label, (amount, error) in amounts.items():
        cells = [label, full(amount / size), full(error / size), _relative(amount, median)]
        rows.append(cells if budget is None else [*cells, signed((amount - budget) / size)])
    columns = ["Total", "Amount", "± Monte Carlo", "To the median"]
    columns += [] if budget is None else ["ΔBU"]
    note = "p90: not exceeded in nine of ten futures. "
    note += "± Monte Carlo: one standard error, from drawing a finite number of futures; not the doubt in the inputs."
    if budget is not None:
        note += f" ΔBU: amount minus the budget of {full(budget)} {answer.currency}; more is bad."
    return blocks.table(
        f"How far the bill can stray, {unit}",
        columns,
        rows,
        note=note,
        bold=[3],
        variance=None if budget is None else len(columns) - 1,
    )


def _relative(amount: float, median: float) -> str:
    return "–" if not median or amount == median else signed_percent(amount / median - 1)


def _unit(answer: Variability, largest: float) -> tuple[float, str]:
    """The divisor and the unit in words for a table's amounts."""
    size = next((size for size in (1.0, 1e3, 1e6) if largest < size * 10 * _PLAIN), 1e9)
    word = f"{scale_of(size)[1]} " if size > 1 else ""
    return size, f"{word}{answer.currency}"


def shares(answer: Variability) -> Block:
    """Which origin the variance is from, on the scale of spend and of its logarithm."""
    if answer.attribution is None:
        return blocks.nothing()
    table = answer.attribution.table.sort_values("share", ascending=False)
    rows = [
        [
            ORIGIN_NAMES[row["origin"]],
            percent(row["share"]),
            percent(row["standard_error"]),
            percent(row["share_log"]),
            percent(row["first"]),
            percent(row["total"]),
        ]
        for row in table.to_dict("records")
    ]
    rows.append(["All", percent(table["share"].sum()), "", percent(table["share_log"].sum()), "", ""])
    tied = " Correlated inputs count on both sides, so alone may exceed held." if answer.inputs.correlations else ""
    note = (
        "Spend: of the variance in money, in which dear futures weigh most. Log spend: of relative variation. Both are "
        "Shapley shares: interactions are split evenly, so they add up. Alone: explained by this origin by itself "
        f"(first Sobol index of spend). Held: what would go if it stood still (total index of spend).{tied}"
    )
    columns = ["Origin", "Share, spend", "± Monte Carlo", "Share, log spend", "Alone", "Held"]
    return blocks.table("Where the variance is from", columns, rows, note=note, bold=[len(rows) - 1])


def guardrails(answer: Variability) -> Block:
    """What each guardrail does to the median and the tail, on the same futures."""
    table = answer.guardrails
    if len(table) == 1:
        return blocks.nothing()
    size, unit = _unit(answer, float(table["expected_shortfall_95"].max()))
    first = table.iloc[0]
    rows = []
    for row in table.to_dict("records"):
        amounts = [full(row[key] / size) for key in ("p50", "p90", "expected_shortfall_95")]
        changes = [
            "" if row["name"] == first["name"] else _change(row["p50"], first["p50"]),
            "" if row["name"] == first["name"] else _change(row["p90"], first["p90"]),
            "" if row["name"] == first["name"] else signed((row["p90"] - first["p90"]) / size),
        ]
        rows.append([row["name"], *amounts, *changes])
    note = (
        "The same futures with each measure, so differences carry hardly any Monte Carlo error. A step cap leaves work "
        "undone and a cheaper model may do it worse: what that costs is not in these figures."
    )
    columns = ["Guardrail", "p50", "p90", "Dearest 5 %", "Δ p50 %", "Δ p90 %", "Δ p90"]
    return blocks.table(f"What guardrails buy, {unit}", columns, rows, note=note, bold=[0], variance=6)


def _change(now: float, before: float) -> str:
    return signed_percent(now / before - 1) if before else "–"


def months(answer: Variability) -> Block:
    """Every month with its range, and what is spent up to its end on average."""
    frame = answer.to_frame()
    size, unit = _unit(answer, float(frame["p99"].max()))
    frame = frame.assign(so_far=frame["mean"].cumsum())
    keys = ["base", "p10", "p50", "p90", "p99", "mean", "so_far"]
    rows = [[str(row["month"]), *(full(row[key] / size) for key in keys)] for row in frame.to_dict("records")]
    columns = ["Month", "Base", "p10", "p50", "p90", "p99", "Mean", "Mean so far"]
    return blocks.table(f"Months, {unit}", columns, rows, note=_passing(answer))


def _passing(answer: Variability) -> str:
    """When the mean of the futures has spent the budget; quantiles of months do not add up."""
    words = "Base: at base values, without chance. Means add up to the mean of the total; quantiles do not."
    budget = answer.inputs.budget
    if budget is None:
        return words
    so_far = answer.to_frame()["mean"].cumsum()
    over = so_far.index[so_far > budget]
    return f"{words} On average the budget is spent in month {over[0] + 1}." if len(over) else words
