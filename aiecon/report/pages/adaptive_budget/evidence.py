"""How the figures came about, in words."""

from aiecon.charts.formats import signed_percent
from aiecon.models.adaptive_budget import AdaptiveBudget
from aiecon.report import blocks
from aiecon.report.blocks import Block


def method(answer: AdaptiveBudget) -> Block:
    """How the figures were made, and what limits them."""
    given = {(one.team, one.pool) for one in answer.inputs.forecast}
    known = f"; expected as given for {', '.join(f'{team} {pool}' for team, pool in sorted(given))}" if given else ""
    paragraphs = [
        "Budgets follow the agreement month by month, without any chance in them. Spend ahead is drawn "
        f"{answer.inputs.draws:,} times for each pool: a theta forecast of its own past, straying as it did{known}. "
        "Months that are over are held against the budget decided for them, pool by pool. Expected spend is the sum of "
        "pools, each from its months; spend_forecast learns the whole bill from its days: the two differ.",
        f"Limits: pools are drawn independently, which narrows the range of their sum; {_response(answer)}; the "
        "comparison of policies takes the agreed rules without gates, floors and ceilings, and the reserve "
        "takes spend as normal.",
        *answer.notes,
    ]
    return blocks.text("Method and limits", paragraphs)


def _response(answer: AdaptiveBudget) -> str:
    """Whether demand is taken to react to what is charged."""
    found = [f"{line.team} {line.name} {signed_percent(line.pool.response - 1)}" for line in answer.lines]
    changed = [words for words, line in zip(found, answer.lines, strict=True) if line.pool.response != 1.0]
    if not changed:
        return "spend does not react to budgets or to being charged"
    return f"demand is taken to react to what is charged ({', '.join(changed)}) and to nothing else"
