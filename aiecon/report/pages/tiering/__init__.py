"""The page of tiering: what a CFO reads, made of the answer's figures, of asking again, and of the price ladders."""

from aiecon.report.pages.tiering.claim import claim, claim_table
from aiecon.report.pages.tiering.evidence import confidence, method, prices, stale
from aiecon.report.pages.tiering.headline import decision, figures, headline, is_synthetic, sentence, verdict
from aiecon.report.pages.tiering.limits import limits
from aiecon.report.pages.tiering.pictures import bridge_picture, draws_picture, frontier_picture
from aiecon.report.pages.tiering.review import review
from aiecon.report.pages.tiering.tables import levers, tiers

__all__ = [
    "bridge_picture",
    "claim",
    "claim_table",
    "confidence",
    "decision",
    "draws_picture",
    "figures",
    "frontier_picture",
    "headline",
    "is_synthetic",
    "levers",
    "limits",
    "method",
    "prices",
    "review",
    "sentence",
    "stale",
    "tiers",
    "verdict",
]
