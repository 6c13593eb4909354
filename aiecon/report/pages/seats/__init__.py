"""The page of seats: who gets a seat and who pays by the token, what to sign, and what to bring to a renewal."""

from aiecon.report.pages.seats.evidence import expectation, fit, method, persistence, value
from aiecon.report.pages.seats.headline import decision, figures, headline, is_synthetic, sentence, verdict
from aiecon.report.pages.seats.pictures import cost_picture, lorenz_picture, people_picture, signing_picture
from aiecon.report.pages.seats.renewal import by_month, idle, use_by_decile
from aiecon.report.pages.seats.signing import signing, when
from aiecon.report.pages.seats.tables import allocation, edge, sensitivity, ways
from aiecon.report.pages.seats.terms import terms

__all__ = [
    "allocation",
    "by_month",
    "cost_picture",
    "decision",
    "edge",
    "expectation",
    "figures",
    "fit",
    "headline",
    "idle",
    "is_synthetic",
    "lorenz_picture",
    "method",
    "people_picture",
    "persistence",
    "sensitivity",
    "sentence",
    "signing",
    "signing_picture",
    "terms",
    "use_by_decile",
    "value",
    "verdict",
    "ways",
    "when",
]
