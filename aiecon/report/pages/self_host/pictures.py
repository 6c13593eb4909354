"""The page's charts with the words that stand for them; none where there is nothing to see."""

from aiecon.charts import self_host as charts
from aiecon.charts.formats import full, money, probability
from aiecon.models.self_host import SelfHost
from aiecon.models.self_host.curves import cumulative, probability_map
from aiecon.models.self_host.turns import name_of, swings
from aiecon.report import blocks
from aiecon.report.blocks import Block
from aiecon.report.pages.self_host.tables import signed_saving


def volume_picture(answer: SelfHost) -> Block:
    """What a month costs over volume."""
    said = (
        f"Self-hosting is cheaper {charts.wins_words(answer)} Mtok a month; now {full(float(answer.case.mtok[0, 0]))}."
    )
    return blocks.chart(charts.self_host_chart(answer), alt=f"Cost of a month over volume. {said}")


def cumulative_picture(answer: SelfHost) -> Block:
    """What has been spent month by month."""
    rows = cumulative(answer)
    last = rows[rows["month"] == rows["month"].max()]
    said = "; ".join(f"{row['option']} {money(row['cost'], answer.currency)}" for row in last.to_dict("records"))
    months = charts.count_of(answer.inputs.horizon_months)
    return blocks.chart(charts.cumulative_chart(answer), alt=f"Spent after {months}: {said}.")


def probability_picture(answer: SelfHost) -> Block:
    """How likely hosting saves, over volume and usable share."""
    if float(answer.case.mtok[0, 0]) <= 0:
        return blocks.nothing()
    rows = probability_map(answer)
    ends = rows["probability"].min(), rows["probability"].max()
    said = f"From {probability(ends[0])} to {probability(ends[1])} over the volumes and shares shown"
    return blocks.chart(charts.probability_chart(answer), alt=f"Probability that hosting saves. {said}.")


def tornado_picture(answer: SelfHost) -> Block:
    """What each doubt does to the saving."""
    bars = swings(answer).bars
    if not bars:
        return blocks.nothing()
    said = "; ".join(f"{name_of(bar.name)} {signed_saving(bar.low)} to {signed_saving(bar.high)}" for bar in bars[:5])
    return blocks.chart(
        charts.self_host_tornado_chart(answer),
        alt=f"Saving when one figure varies, thousand {answer.currency}: {said}.",
    )
