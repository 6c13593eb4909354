"""Amounts that are a figure of another page (`same_as`): a pack takes them from that page's answer, with its range."""

from collections.abc import Mapping, Sequence
from typing import Any

from aiecon.catalog import Question
from aiecon.errors import InputError
from aiecon.report import asking
from aiecon.report.packs.agreement import AMOUNT, figure, named_items, range_keys


def taken(questions: Sequence[Question], options: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return question -> changes by dotted name, for amounts that are another page's figure to three digits.

    One that differs more is left as it is, and stops the pack when the pages are compared. Bad inputs are told
    elsewhere.
    """
    names = {question.name for question in questions}
    found: dict[str, dict[str, Any]] = {}
    for question in questions:
        for path, item in _borrowing(question.name, options[question.name]):
            owner, _, key = str(item["same_as"]).partition(".")
            if owner in names and (amount := _amount(item[AMOUNT], key, _summary(owner, options[owner]))) is not None:
                found.setdefault(question.name, {})[f"{path}.{AMOUNT}"] = amount
    return found


def _borrowing(name: str, options: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    try:
        inputs = asking.prepare(name, **options).model_dump(mode="json")
    except InputError:
        return []
    return [(path, item) for path, item in named_items(inputs) if item.get("same_as")]


def _summary(name: str, options: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return {metric.key: metric.value for metric in asking.ask(name, **options).summary()}
    except InputError:
        return {}


def _amount(given: Any, key: str, summary: Mapping[str, Any]) -> Any:
    """The other page's figure, as uncertain as it is there; None where it is another."""
    value = summary.get(key)
    if not isinstance(value, float) or f"{figure(given):.3g}" != f"{value:.3g}":
        return None
    low, high = (summary.get(one) for one in range_keys(key))
    if not isinstance(given, Mapping) or low is None or high is None:
        return value
    return {"shape": "normal", "value": value, "p10": low, "p90": high}
