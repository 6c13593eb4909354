"""The page of the adaptive budget: what a CFO and the owners of pools read, and the agreement that they signed."""

from aiecon.report.pages.adaptive_budget.agreement import agreement, sign_offs
from aiecon.report.pages.adaptive_budget.controls import controls
from aiecon.report.pages.adaptive_budget.evidence import method
from aiecon.report.pages.adaptive_budget.headline import (
    decision,
    figures,
    headline,
    is_synthetic,
    sentence,
    verdict,
)
from aiecon.report.pages.adaptive_budget.pictures import envelope_picture, gates_picture, policies_picture
from aiecon.report.pages.adaptive_budget.reserves import cover, upgrades
from aiecon.report.pages.adaptive_budget.tables import escalations, gates, policies, pools, years
from aiecon.report.pages.adaptive_budget.warning import warning

__all__ = [
    "agreement",
    "controls",
    "cover",
    "decision",
    "envelope_picture",
    "escalations",
    "figures",
    "gates",
    "gates_picture",
    "headline",
    "is_synthetic",
    "method",
    "policies",
    "policies_picture",
    "pools",
    "sentence",
    "sign_offs",
    "upgrades",
    "verdict",
    "warning",
    "years",
]
