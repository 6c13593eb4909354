"""The page of self-hosting: what a CFO reads, made of the answer's figures and of asking again with others."""

from aiecon.report.pages.self_host.alternatives import alternatives
from aiecon.report.pages.self_host.evidence import method, prices, serving_rows
from aiecon.report.pages.self_host.headline import decision, figures, headline, is_synthetic, sentence, verdict
from aiecon.report.pages.self_host.pictures import (
    cumulative_picture,
    probability_picture,
    tornado_picture,
    volume_picture,
)
from aiecon.report.pages.self_host.tables import (
    intervals,
    months,
    now_or_later,
    per_mtok,
    plans,
    regrets,
    turning_points,
    waiting,
)
from aiecon.report.pages.self_host.upper_bound import upper_bound

__all__ = [
    "alternatives",
    "cumulative_picture",
    "decision",
    "figures",
    "headline",
    "intervals",
    "is_synthetic",
    "method",
    "months",
    "now_or_later",
    "per_mtok",
    "plans",
    "prices",
    "probability_picture",
    "regrets",
    "sentence",
    "serving_rows",
    "tornado_picture",
    "turning_points",
    "upper_bound",
    "verdict",
    "volume_picture",
    "waiting",
]
