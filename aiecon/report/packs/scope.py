"""What a page's total is of, where it is not all spend: said beside the forecast of all of it."""

from collections.abc import Mapping
from typing import Any

from aiecon.charts.formats import full
from aiecon.report import blocks
from aiecon.report.blocks import Block
from aiecon.report.packs.quarter import FORECAST

_PART = "variability"
_SAYS = "scale.users_start"  # whose source says whose use it is


def notes(results: Mapping[str, Mapping[str, Any]]) -> dict[str, Block]:
    """Question -> what its bill is of, beside that of all spend."""
    if _PART not in results or FORECAST not in results:
        return {}
    part, whole = results[_PART], results[FORECAST]["summary"]
    rows = {row["name"]: row for row in part["provenance"]["assumption_rows"]}
    source = f" ({rows[_SAYS]['source']})" if _SAYS in rows else ""
    months, currency = part["inputs"]["horizon_months"], part["inputs"]["currency"]
    said = (
        f"This bill is of the use and tiers simulated here alone{source}: {full(part['summary']['p50'])} {currency} "
        f"over {months} months. The forecast's page has all that is billed, {full(whole['total_p50'])} up to the end "
        "of its period, and another budget; the two are not to be added or compared."
    )
    return {_PART: blocks.text("What this bill is of", [said])}
