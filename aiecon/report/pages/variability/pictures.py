"""The page's charts with the words that stand for them; none where there is nothing to see."""

from aiecon.charts import variability as charts
from aiecon.charts.formats import full, money, percent
from aiecon.models.variability import Variability
from aiecon.report import blocks
from aiecon.report.blocks import Block


def tail_picture(answer: Variability) -> Block:
    """How likely each total is passed."""
    if answer.attribution is None:
        return blocks.nothing()
    said = ", ".join(f"{key} {money(amount, answer.currency)}" for key, amount in answer.quantiles.items())
    return blocks.chart(charts.variability_chart(answer), alt=f"Probability that the total passes an amount: {said}.")


def origins_picture(answer: Variability) -> Block:
    """Which origin the variance is from."""
    if answer.attribution is None:
        return blocks.nothing()
    said = ", ".join(f"{charts.ORIGIN_NAMES[key]} {percent(share or 0.0)}" for key, share in answer.shares.items())
    return blocks.chart(charts.origins_chart(answer), alt=f"Share of the variance of spend by origin: {said}.")


def guardrails_picture(answer: Variability) -> Block:
    """What each guardrail does to the range."""
    if len(answer.guardrails) == 1:
        return blocks.nothing()
    said = "; ".join(f"{row['name']} {full(row['p90'])}" for row in answer.guardrails.to_dict("records"))
    return blocks.chart(charts.guardrails_chart(answer), alt=f"p90 with each guardrail, {answer.currency}: {said}.")


def months_picture(answer: Variability) -> Block:
    """The fan of months."""
    frame = answer.to_frame()
    first, last = frame.iloc[0], frame.iloc[-1]
    said = (
        f"Cost of a month, {answer.currency}: the median goes from {full(first['p50'])} in month 1 to "
        f"{full(last['p50'])} in month {len(frame)}, the 80 % range from {full(first['p10'])} to {full(first['p90'])}, "
        f"at the end {full(last['p10'])} to {full(last['p90'])}."
    )
    return blocks.chart(charts.months_chart(answer), alt=said)
