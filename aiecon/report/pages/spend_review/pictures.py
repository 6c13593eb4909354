"""The page's charts with the words that stand for them; none where there is nothing to see."""

from aiecon.charts import spend_review as charts
from aiecon.charts.formats import full, signed, signed_percent
from aiecon.models.spend_review import SpendReview
from aiecon.report import blocks
from aiecon.report.blocks import Block
from aiecon.report.pages.spend_review.headline import dimension_of


def bridge_picture(answer: SpendReview) -> Block:
    """Why it changed; who it was where nothing is there to compare with, or what it was where nobody owns any."""
    if answer.bridge is None:
        return owners_picture(answer) if answer.attributed_cost else _phantom(answer)
    rows = answer.bridge.to_dict("records")
    said = "; ".join(
        f"{row['step']} {(signed if row['kind'] == 'effect' else full)(row['amount'], answer.larger_cost)}"
        for row in rows
    )
    return blocks.chart(charts.spend_review_chart(answer), alt=f"Bridge, {answer.currency}: {said}.")


def owners_picture(answer: SpendReview) -> Block:
    """Who it was."""
    rows = charts.folded(answer.by(answer.inputs.dimension)).to_dict("records")
    said = "; ".join(f"{row['item']} {full(row['billed'], answer.larger_cost)}" for row in rows)
    return blocks.chart(
        charts.owners_chart(answer), alt=f"Billed by {dimension_of(answer)}, {answer.currency}: {said}."
    )


def attribution_picture(answer: SpendReview) -> Block:
    """Who spent on what."""
    data = charts.attribution(answer)
    if min(data["owner"].nunique(), data["item"].nunique()) <= 1:
        return blocks.nothing()
    top = data[data["billed"] > 0].sort_values("billed", ascending=False).head(5)
    said = "; ".join(
        f"{row['owner']} with {row['item']} {full(row['billed'], answer.larger_cost)}" for row in top.to_dict("records")
    )
    return blocks.chart(charts.attribution_chart(answer), alt=f"The largest fields, {answer.currency}: {said}.")


def unit_costs_picture(answer: SpendReview) -> Block:
    """How the cost of an outcome moved."""
    data = charts.unit_costs(answer)
    if data.empty:
        return blocks.nothing()
    said = "; ".join(f"{row['use_case']} {signed_percent(row['change'])}" for row in data.to_dict("records"))
    return blocks.chart(charts.unit_costs_chart(answer), alt=f"Cost of an outcome, change: {said}.")


def phantom_picture(answer: SpendReview) -> Block:
    """Where the cost is that nobody owns, unless that is the first picture."""
    return blocks.nothing() if answer.bridge is None and not answer.attributed_cost else _phantom(answer)


def _phantom(answer: SpendReview) -> Block:
    data = charts.phantom_items(answer)
    if data.empty:
        return blocks.nothing()
    said = "; ".join(
        f"{row['item']} {full(row['billed'], answer.larger_cost)}" for row in data.head(5).to_dict("records")
    )
    alt = f"Billed without a {dimension_of(answer)}, {answer.currency}: {said}."
    return blocks.chart(charts.phantom_chart(answer), alt=alt)
