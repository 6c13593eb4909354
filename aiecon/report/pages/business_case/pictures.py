"""The page's charts with the words that stand for them; none where there is nothing to see."""

from aiecon.charts import business_case as charts
from aiecon.charts.formats import full, signed
from aiecon.models.business_case import BusinessCase
from aiecon.report import blocks
from aiecon.report.blocks import Block


def flows_picture(answer: BusinessCase) -> Block:
    """The running sum to its payback."""
    table = answer.to_frame()
    lowest, last = signed(table["cumulated"].min()), signed(table["cumulated"].iloc[-1])
    said = f"Running sum of the flows, {answer.currency}: {lowest} at its lowest, {last} at the end."
    return blocks.chart(charts.business_case_chart(answer), alt=said)


def worth_picture(answer: BusinessCase) -> Block:
    """How sure the worth is."""
    low, high = answer.npv_range
    if high - low <= 1e-9 * abs(high):
        return blocks.nothing()
    said = f"Present value, {answer.currency}: 80 % of the futures lie between {signed(low)} and {signed(high)}."
    return blocks.chart(charts.worth_chart(answer), alt=said)


def ends_picture(answer: BusinessCase) -> Block:
    """Which figure moves the worth most."""
    table = answer.ends
    if table.empty:
        return blocks.nothing()
    said = "; ".join(
        f"{charts.label(row['name'])} {full(min(row['npv_at_low'], row['npv_at_high']))} to "
        f"{full(max(row['npv_at_low'], row['npv_at_high']))}"
        for row in table.head(5).to_dict("records")
    )
    return blocks.chart(charts.ends_chart(answer), alt=f"Present value at both ends of a figure: {said}.")
