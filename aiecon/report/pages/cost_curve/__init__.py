"""The page of the cost curve: what a CFO reads, made of the answer's figures and nothing else."""

from aiecon.report.pages.cost_curve.headline import decision, figures, headline, is_synthetic, sentence, verdict
from aiecon.report.pages.cost_curve.pictures import cliff_picture, curve_picture
from aiecon.report.pages.cost_curve.tables import cliff, components, layers, levers, method, pre_launch

__all__ = [
    "cliff",
    "cliff_picture",
    "components",
    "curve_picture",
    "decision",
    "figures",
    "headline",
    "is_synthetic",
    "layers",
    "levers",
    "method",
    "pre_launch",
    "sentence",
    "verdict",
]
