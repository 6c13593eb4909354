"""The page of the cost curve: what a CFO reads, made of the answer's figures and nothing else."""

from aiecon.report.pages.cost_curve.headline import decision, figures, headline, is_synthetic, sentence, verdict
from aiecon.report.pages.cost_curve.tables import (
    chart_words,
    cliff,
    cliff_words,
    components,
    layers,
    levers,
    method,
)

__all__ = [
    "chart_words",
    "cliff",
    "cliff_words",
    "components",
    "decision",
    "figures",
    "headline",
    "is_synthetic",
    "layers",
    "levers",
    "method",
    "sentence",
    "verdict",
]
