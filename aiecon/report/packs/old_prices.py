"""Prices that nobody has seen for so long that a pack does not take them."""

from typing import Any


def old_prices(question: str, inputs: Any) -> list[str]:
    """Return a line for each price of tiers and candidates older than `refused_after_days` on the inputs' day."""
    limit, as_of = inputs.refused_after_days, inputs.as_of
    if limit is None or as_of is None:
        return []
    return [
        f"{question}.{one.field}.price: {one.words}, {age} days before {as_of}; a pack takes {limit:g} at most. Look "
        f"it up and give the price with its day (price_seen), or raise {question}.refused_after_days"
        for one in inputs.price_days
        if (age := one.age(as_of)) is not None and age > limit
    ]
