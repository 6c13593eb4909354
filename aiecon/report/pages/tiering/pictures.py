"""The page's charts with the words that stand for them; none where there is nothing to see."""

from aiecon.charts import tiering as charts
from aiecon.charts.formats import percent, significant
from aiecon.models.tiering import Tiering
from aiecon.report import blocks
from aiecon.report.blocks import Block
from aiecon.report.pages.tiering.headline import is_uncertain


def frontier_picture(answer: Tiering) -> Block:
    """Cost against quality."""
    rows = answer.to_frame().to_dict("records")
    key = "cost_per_accepted" if answer.inputs.has_success else "cost_per_request"
    said = ", ".join(f"{row['tier']} {significant(1_000 * row[key])}" for row in rows if row[key] is not None)
    unit = f"{answer.currency} per {charts.unit_of(answer)}"
    mix = significant(charts.cost_of(answer, answer.shares)) if answer.saving_share is not None else "–"
    return blocks.chart(charts.tiering_chart(answer), alt=f"{unit}, by the tier entered: {said}; the mix {mix}.")


def bridge_picture(answer: Tiering) -> Block:
    """The way from the baseline to the mix."""
    if answer.saving_share is None:
        return blocks.nothing()
    said = ", ".join(f"{row['step']} {significant(1_000 * row['amount'])}" for row in answer.bridge.to_dict("records"))
    unit = f"{answer.currency} per {charts.unit_of(answer)}"
    return blocks.chart(charts.saving_bridge_chart(answer), alt=f"From the baseline to the mix, {unit}: {said}.")


def draws_picture(answer: Tiering) -> Block:
    """The saving over the draws."""
    if answer.saving_share is None or not is_uncertain(answer):
        return blocks.nothing()
    low, high = answer.saving_range
    said = f"Saving of the mix: 80 % of draws between {percent(low)} and {percent(high)}."
    return blocks.chart(charts.saving_draws_chart(answer), alt=said)
