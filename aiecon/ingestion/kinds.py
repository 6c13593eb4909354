"""What kind a charge is: use, which comes day by day, or a purchase, credit, tax or correction, which comes once."""

from typing import Any

import ibis

USE, CORRECTION, BELOW = "Usage", "Correction", "Below zero"
CATEGORIES = (USE, "Purchase", "Tax", "Credit", "Adjustment")
"""Categories of a charge by FOCUS."""
COLUMNS = ("ChargeCategory", "ChargeClass")
"""FOCUS columns that say it, where a file has them."""


def kind_of(charges: Any, billed: Any) -> Any:
    """The FOCUS category of a charge of this cost, a correction first of all; use below zero is a kind of its own.

    A charge that says nothing is use.
    """
    if not is_said(charges):
        return (billed < 0).ifelse(BELOW, USE)
    said = [_said(charges[name]) if name in charges.columns else ibis.literal("") for name in COLUMNS]
    category = (said[0] == "").ifelse(USE, said[0])
    return ibis.cases(
        (said[1] == CORRECTION, CORRECTION),
        (category != USE, category),
        (billed < 0, BELOW),
        else_=USE,
    )


def is_said(charges: Any) -> bool:
    """Whether the charges have a column that says their kind."""
    return any(name in charges.columns for name in COLUMNS)


def _said(cell: Any) -> Any:
    return ibis.coalesce(cell.cast("string").strip(), "")
