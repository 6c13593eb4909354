"""How the figures came about, in words."""

from aiecon.models.adaptive_budget import AdaptiveBudget
from aiecon.report import blocks
from aiecon.report.blocks import Block


def method(answer: AdaptiveBudget) -> Block:
    """How the figures were made, and what limits them."""
    given = {(one.team, one.pool) for one in answer.inputs.forecast}
    known = f"; expected as given for {', '.join(f'{team} {pool}' for team, pool in sorted(given))}" if given else ""
    paragraphs = [
        "Budgets follow the agreement month by month from the budget in force, without any chance in them. Spend ahead "
        f"is drawn {answer.inputs.draws:,} times for each pool: a theta forecast of its own past, straying as it "
        f"did{known}. Months that are over are held against the budget in force, pool by pool.",
        "Limits: pools are drawn independently, which narrows the range of their sum; spend does not react to the "
        "budget; the comparison of policies takes the agreed rules without gates, floors and ceilings, and the reserve "
        "takes spend as normal.",
        *answer.notes,
    ]
    return blocks.text("Method and limits", paragraphs)
