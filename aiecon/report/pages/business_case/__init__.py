"""The page of the business case: what a CFO reads, made of the answer's figures and nothing else."""

from aiecon.report.pages.business_case.headline import decision, figures, headline, is_synthetic, sentence, verdict
from aiecon.report.pages.business_case.tables import (
    benefits,
    chart_words,
    flows,
    gates,
    method,
    phases,
    waiting,
    worth_words,
)

__all__ = [
    "benefits",
    "chart_words",
    "decision",
    "figures",
    "flows",
    "gates",
    "headline",
    "is_synthetic",
    "method",
    "phases",
    "sentence",
    "verdict",
    "waiting",
    "worth_words",
]
