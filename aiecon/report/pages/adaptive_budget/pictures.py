"""The page's charts with the words that stand for them."""

from aiecon.charts import adaptive_budget as charts
from aiecon.charts.formats import full, money, probability
from aiecon.models.adaptive_budget import AdaptiveBudget
from aiecon.report import blocks
from aiecon.report.blocks import Block


def envelope_picture(answer: AdaptiveBudget) -> Block:
    """Budgets against what was spent and what is expected."""
    said = "; ".join(
        f"{row.month:%Y-%m} budget {full(row.budget)}, expected {full(row.p50)} ({full(row.p10)} to {full(row.p90)})"
        for row in answer.course().tail(len(answer.months)).itertuples()
    )
    words = f"Budgets and spend of all pools, {answer.currency}: {said}."
    return blocks.chart(charts.adaptive_budget_chart(answer), alt=words)


def gates_picture(answer: AdaptiveBudget) -> Block:
    """Every pool's months: overruns, who decided, gates."""
    said = "; ".join(
        f"{line.name} of {line.team}: gate {line.moves[0].gate}, passed with {probability(line.breach_probability)}"
        for line in charts.by_size(answer)
    )
    return blocks.chart(charts.gates_chart(answer), alt=f"Gates, and how likely each pool passes its budgets: {said}.")


def policies_picture(answer: AdaptiveBudget) -> Block:
    """Ways to budget on the last year."""
    if answer.comparison["overspend"].max() == 0 and answer.comparison["stranded"].max() == 0:
        return blocks.nothing()
    rows = answer.comparison[answer.comparison["field"].isna()]
    said = "; ".join(
        f"{charts.policy_name(row.policy)} {money(row.overspend)} over, {money(row.stranded)} unspent"
        for row in rows.itertuples()
    )
    return blocks.chart(
        charts.policies_chart(answer), alt=f"Ways to budget on the last year, {answer.currency}: {said}."
    )
