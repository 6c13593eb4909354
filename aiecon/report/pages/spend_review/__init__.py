"""The page of the spend review: what a CFO reads, made of the answer's figures and nothing else."""

from aiecon.report.pages.spend_review.control import invoices, phantom_layers, shadow
from aiecon.report.pages.spend_review.evidence import method
from aiecon.report.pages.spend_review.headline import decision, figures, headline, is_synthetic, sentence, verdict
from aiecon.report.pages.spend_review.pictures import (
    attribution_picture,
    bridge_picture,
    owners_picture,
    phantom_picture,
    unit_costs_picture,
)
from aiecon.report.pages.spend_review.tables import (
    behind,
    layers,
    models,
    phantom,
    stands_out,
    traces,
    unit_economics,
    who,
    why,
)

__all__ = [
    "attribution_picture",
    "behind",
    "bridge_picture",
    "decision",
    "figures",
    "headline",
    "invoices",
    "is_synthetic",
    "layers",
    "method",
    "models",
    "owners_picture",
    "phantom",
    "phantom_layers",
    "phantom_picture",
    "sentence",
    "shadow",
    "stands_out",
    "traces",
    "unit_costs_picture",
    "unit_economics",
    "verdict",
    "who",
    "why",
]
