"""The page of the business case: what a CFO reads, made of the answer's figures and nothing else."""

from aiecon.report.pages.business_case.headline import decision, figures, headline, is_synthetic, sentence, verdict
from aiecon.report.pages.business_case.pictures import ends_picture, flows_picture, worth_picture
from aiecon.report.pages.business_case.tables import benefits, flows, gates, method, phases, scenarios, waiting

__all__ = [
    "benefits",
    "decision",
    "ends_picture",
    "figures",
    "flows",
    "flows_picture",
    "gates",
    "headline",
    "is_synthetic",
    "method",
    "phases",
    "scenarios",
    "sentence",
    "verdict",
    "waiting",
    "worth_picture",
]
