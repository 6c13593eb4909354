"""The page of the spend forecast: what a CFO reads, made of the answer's figures and nothing else."""

from aiecon.report.pages.spend_forecast.evidence import (
    back_test,
    bridge_words,
    chart_words,
    method,
    path_words,
    reliability_words,
)
from aiecon.report.pages.spend_forecast.headline import (
    decision,
    figures,
    headline,
    is_synthetic,
    sentence,
    verdict,
)
from aiecon.report.pages.spend_forecast.tables import (
    bridge,
    factors,
    last_forecast,
    months,
    parts,
    what,
    who,
    why,
    why_missed,
    year,
)

__all__ = [
    "back_test",
    "bridge",
    "bridge_words",
    "chart_words",
    "decision",
    "factors",
    "figures",
    "headline",
    "is_synthetic",
    "last_forecast",
    "method",
    "months",
    "parts",
    "path_words",
    "reliability_words",
    "sentence",
    "verdict",
    "what",
    "who",
    "why",
    "why_missed",
    "year",
]
