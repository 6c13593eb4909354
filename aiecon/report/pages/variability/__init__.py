"""The page of variability: what a CFO reads, made of the answer's figures and of asking again on the same futures."""

from aiecon.report.pages.variability.evidence import method, prices
from aiecon.report.pages.variability.headline import decision, figures, headline, is_synthetic, sentence, verdict
from aiecon.report.pages.variability.pictures import guardrails_picture, months_picture, origins_picture, tail_picture
from aiecon.report.pages.variability.tables import guardrails, months, shares, tail

__all__ = [
    "decision",
    "figures",
    "guardrails",
    "guardrails_picture",
    "headline",
    "is_synthetic",
    "method",
    "months",
    "months_picture",
    "origins_picture",
    "prices",
    "sentence",
    "shares",
    "tail",
    "tail_picture",
    "verdict",
]
