"""What did AI cost, who used it, for what, and what did we get?"""

from aiecon.models.spend_review.answer import SpendReview
from aiecon.models.spend_review.economics import wilson_interval
from aiecon.models.spend_review.inputs import SpendReviewInputs
from aiecon.models.spend_review.peers import TraceCost, peer_outliers, trace_cost
from aiecon.models.spend_review.phantom import phantom_bill
from aiecon.models.spend_review.question import spend_review

__all__ = [
    "SpendReview",
    "SpendReviewInputs",
    "TraceCost",
    "peer_outliers",
    "phantom_bill",
    "spend_review",
    "trace_cost",
    "wilson_interval",
]
