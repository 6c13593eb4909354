"""The page of provisioned throughput: what a buyer reads, made of the answer's figures and nothing else."""

from aiecon.report.pages.provisioned.evidence import claim, confidence, method, premium, prices
from aiecon.report.pages.provisioned.headline import decision, figures, headline, is_synthetic, sentence
from aiecon.report.pages.provisioned.held import admission, pool, rightsizing
from aiecon.report.pages.provisioned.pictures import break_even, costs, duration, resamples
from aiecon.report.pages.provisioned.tables import ladder, outlook, sizes, terms
from aiecon.report.pages.provisioned.verdicts import verdict

__all__ = [
    "admission",
    "break_even",
    "claim",
    "confidence",
    "costs",
    "decision",
    "duration",
    "figures",
    "headline",
    "is_synthetic",
    "ladder",
    "method",
    "outlook",
    "pool",
    "premium",
    "prices",
    "resamples",
    "rightsizing",
    "sentence",
    "sizes",
    "terms",
    "verdict",
]
