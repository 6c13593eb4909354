"""Prices that nobody has seen for so long that a pack does not take them."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from aiecon.report.packs.agreement import Results
from aiecon.vocabulary.strict import quoted


def old_prices(results: Results) -> list[str]:
    """Return a line for each tier whose price is older than `refused_after_days` on the day of its page."""
    return [line for question, result in results.items() for line in _of_question(question, result)]


def _of_question(question: str, result: Mapping[str, Any]) -> list[str]:
    limit, as_of = result["inputs"].get("refused_after_days"), result["provenance"]["as_of"]
    found = []
    for tier in result["inputs"].get("tiers", ()) if limit is not None else ():
        seen = tier.get("price_seen")
        age = (date.fromisoformat(as_of) - date.fromisoformat(seen)).days if seen else 0
        if age > limit:
            name = f"{question}.tiers.{quoted(tier['name'])}"
            found.append(
                f"{name}.price: last seen on {seen}, {age} days before {as_of}; a pack takes {limit:g} at most. Look "
                f"it up and give the price with its day (price_seen), or raise {question}.refused_after_days"
            )
    return found
