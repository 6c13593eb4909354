"""The page's charts with the words that stand for them."""

from aiecon.charts import cost_curve as charts
from aiecon.charts.formats import full, signed
from aiecon.models.cost_curve import CostCurve
from aiecon.report import blocks
from aiecon.report.blocks import Block


def curve_picture(answer: CostCurve) -> Block:
    """Cost over users with its range."""
    first, last = answer.users[answer.users > 0][0], answer.users[-1]
    said = (
        f"Cost a month over users, {answer.currency}: {full(answer.cost(first))} at {first:,.0f}, "
        f"{full(answer.production_cost)} at {answer.inputs.production_users:,.0f}, "
        f"{full(answer.cost(last))} at {last:,.0f}."
    )
    return blocks.chart(charts.cost_curve_chart(answer), alt=said)


def cliff_picture(answer: CostCurve) -> Block:
    """What each component adds on the way to production."""
    table = answer.cliff().head(5)
    said = "; ".join(f"{row['component']} {signed(row['change'])}" for row in table.to_dict("records"))
    return blocks.chart(charts.cliff_chart(answer), alt=f"From pilot to production, {answer.currency} a month: {said}.")
