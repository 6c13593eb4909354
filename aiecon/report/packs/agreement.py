"""Whether the pages of a pack agree: one figure has one value, one assumption one row, everywhere."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import TypeAdapter

from aiecon.vocabulary.distribution import Distribution, base
from aiecon.vocabulary.strict import quoted

_CLOSE = 0.005  # part by which a figure rounded to three digits may differ from its page
_AMOUNT = "amount"
COMPANY_WIDE = ("discount_rate", "finance_rate", "reinvest_rate")
_DISTRIBUTION: TypeAdapter[Any] = TypeAdapter(Distribution)

Results = Mapping[str, Mapping[str, Any]]
"""Question -> its result, as results.json has it."""
Page = tuple[str, list[dict[str, Any]]]
"""A page's title and its blocks."""


def disagreements(results: Results) -> list[str]:
    """Say which figures differ between pages, and what to do; empty when they agree."""
    return [*_borrowed(results), *_company_wide(results)]


def _borrowed(results: Results) -> list[str]:
    """Amounts that are said to be a figure of another page (`same_as`) and are not."""
    found = []
    for question, result in results.items():
        for path, item in named_items(result["inputs"]):
            owner, _, key = str(item.get("same_as") or "").partition(".")
            if owner not in results:
                continue
            name = f"{question}.{path}.{_AMOUNT}"
            if key not in results[owner]["summary"]:
                found.append(f"{name}: same_as names {owner}.{key}, which is no figure of {owner}")
                continue
            mine, theirs = figure(item[_AMOUNT]), results[owner]["summary"][key]
            if theirs is None or abs(mine - theirs) > _CLOSE * abs(theirs):
                told = "nothing" if theirs is None else f"{theirs:,.0f}"
                found.append(f"{name} is {mine:,.0f} and {owner}.{key} says {told}; set one of them")
    return found


def _company_wide(results: Results) -> list[str]:
    """Rates that a company has once and that two pages have differently."""
    found = []
    for field in COMPANY_WIDE:
        given = {name: result["inputs"].get(field) for name, result in results.items()}
        rates = {name: figure(rate) for name, rate in given.items() if rate is not None}
        if len(set(rates.values())) > 1:
            told = ", ".join(f"{rate:g} for {name}" for name, rate in rates.items())
            found.append(f"{field} is {told}; set it alike with QUESTION.{field}")
    return found


def named_items(values: Any, path: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every table with a name inside inputs, with its dotted path."""
    if isinstance(values, Mapping):
        for key, inner in values.items():
            yield from named_items(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(values, list | tuple):
        for item in values:
            if isinstance(item, Mapping) and isinstance(item.get("name"), str):
                here = f"{path}.{quoted(item['name'])}"
                yield here, item
                yield from named_items(item, here)


def figure(value: Any) -> float:
    """The base of a number or of a distribution as results.json writes it."""
    return base(_DISTRIBUTION.validate_python(value)) if isinstance(value, Mapping) else float(value)
