"""Prices that nobody has seen for so long that a pack does not take them."""

from collections.abc import Mapping
from typing import Any

from aiecon.catalog import Question
from aiecon.errors import IdleScenarioError, InputError
from aiecon.report import asking


def asked_prices(question: Question, options: Mapping[str, Any]) -> list[str]:
    """Return the lines of `old_prices` for a page that is asked, before it is made; bad inputs are told elsewhere."""
    if "refused_after_days" not in question.load_inputs().model_fields:
        return []
    try:
        return old_prices(question.name, asking.prepare(question.name, **options))
    except IdleScenarioError:
        return asked_prices(question, {**options, "scenario": None})
    except InputError:
        return []


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
