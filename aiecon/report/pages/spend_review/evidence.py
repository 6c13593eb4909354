"""How the figures came about, in words, and what limits them."""

from aiecon.charts.formats import money
from aiecon.models.spend_review import SpendReview
from aiecon.report import blocks
from aiecon.report.blocks import Block
from aiecon.report.pages.spend_review.headline import dimension_of, filter_words


def method(answer: SpendReview) -> Block:
    """How the figures were made, and what limits them."""
    first, last = answer.span
    count = f"{int(answer.rows['charges'].sum()):,}"
    only = f" where {filter_words(answer)}" if answer.inputs.where else ""
    paragraphs = [
        f"BilledCost of {count} charges{only} that start from {first} to {min(last, answer.as_of)}; amortised they are "
        f"{money(answer.effective_cost, answer.currency)}{_effective(answer)}. A charge has an owner when its "
        f"{answer.inputs.dimension} says one. Price: change of a model's cost per token times its tokens now; volume: "
        "change of all tokens at the earlier average cost; mix: the rest of what tokens cost.",
        "Limits: an outcome carries what was billed to its use case, not people's time; value and revenue are as "
        f"stated; cost without a {dimension_of(answer)} is in no use case unless the charge names one."
        f"{'' if answer.reconciled is not None else ' Nothing here was held against an invoice.'}",
        *answer.notes,
    ]
    return blocks.text("Method and limits", [one if one.endswith(".") else f"{one}." for one in paragraphs])


def _effective(answer: SpendReview) -> str:
    return "" if answer.facts["has_effective"] else " (the charges have no EffectiveCost; billed is taken)"
