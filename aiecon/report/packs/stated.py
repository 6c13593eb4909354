"""Figures that stand in the inputs with no assumption row: components, benefits, levers, what waiting costs, papers."""

from collections.abc import Iterator, Mapping
from typing import Any

from aiecon.charts.formats import full, percent, significant
from aiecon.report.packs.agreement import figure, named_items

Item = Mapping[str, Any]
_ENDS = (("p10", "p90"), ("low", "high"))
_LIST, _PAPERS = "cost_of_not_scaling", "pre_launch"
_SPEAKER = ("grade", "source", "owner", "dated")
_UNITS = {
    "amount": "{value} {currency} a {period}",
    "cost_per_month": "{value} {currency} a month",
    "cost_per_user_month": "{value} {currency} a user and month",
    "cost_per_step": "{value} {currency} a month and step",
    "users_per_step": "a step is {value} users",
    "exponent": "exponent {value}",
    "at_users": "known at {value} users",
    "from_users": "from {value} users",
    "investment": "{value} {currency} once",
    "amount_per_month": "{value} {currency} a month",
    "change": "changes by {value}",
    "saving": "saves {value} of its cost",
    "effort_cost": "effort {value} {currency} once",
    "from_month": "from month {value}",
    "learning_rate": "{value} less with each doubling of what was served",
    "price_decline_per_year": "list price falls by {value} a year",
    "fixed_quality_decline_per_year": "price at equal quality falls by {value} a year",
    "switch_every_months": "switched every {value} months",
    "falls_from_month": "falling from month {value}",
    "from_period": "from {period} {value}",
    "to_period": "to {period} {value}",
    "start_period": "starts in {period} {value}",
    "ramp_months": "whole after {value} months",
    "transactions_per_user_month": "{value} transactions a user and month",
    "value_per_user_month": "worth {value} {currency} a user and month",
    "tolerance": "tolerance {value}",
}
"""Fields of an item that are figures, as they are told."""
_WITH_APPROVAL = {"lasts": "and on until approval"}
"""Switches of an item that let it last longer."""
_AMOUNTS = ("amount", "cost_per_month", "cost_per_user_month", "cost_per_step", "investment", "amount_per_month")
_MAIN = (*_AMOUNTS, "change", "saving")
_SAY_NOTHING = {
    "from_users": 0,
    "start_period": 0,
    "from_period": 1,
    "learning_rate": 0,
    "price_decline_per_year": 0,
    "fixed_quality_decline_per_year": 0,
    "falls_from_month": 1,
}


def rows(question: str, result: Item) -> Iterator[tuple[str, str, Item]]:
    """Name, figures in words, and who says so (grade, dated, owner, source), of each item that has figures."""
    told = {row["name"] for row in result["provenance"]["assumption_rows"]}
    inputs = result["inputs"]
    words = {"currency": inputs.get("currency") or "USD", "period": inputs.get("period") or "month"}
    for path, item in named_items(inputs):
        main = next((name for name in _MAIN if item.get(name) is not None), None)
        is_said = "grade" in item
        if main is not None and is_said and f"{path}.{main}" not in told:
            yield f"{question}: {item['name']}", _figures(item, words), _speaker(item)
    yield from _waiting(question, inputs, words)
    yield from _papers(question, inputs, words)


def _figures(item: Item, words: Mapping[str, str]) -> str:
    found = [
        told.format(value=value_of(item[name]), **words)
        for name, told in _UNITS.items()
        if isinstance(item.get(name), int | float | Mapping) and item[name] != _SAY_NOTHING.get(name)
    ]
    return "; ".join([*found, *(words for name, words in _WITH_APPROVAL.items() if item.get(name))])


def _speaker(item: Item) -> Item:
    without = item.get("counterfactual")
    source = item.get("source") or "as given"
    return {**item, "source": f"{source}. Without it: {without}" if without else source}


def _waiting(question: str, inputs: Item, words: Mapping[str, str]) -> Iterator[tuple[str, str, Item]]:
    """What each quarter of waiting costs, in one row for all that one source says."""
    said_by: dict[tuple[Any, ...], list[Item]] = {}
    for one in inputs.get(_LIST) or []:
        said_by.setdefault(tuple(one.get(field) for field in _SPEAKER), []).append(one)
    name = f"{question}: cost of not scaling"
    for listed in said_by.values():
        said = ", ".join(full(figure(one["amount"])) for one in listed)
        quarters = f"{'quarters' if len(listed) > 1 else 'quarter'} {', '.join(str(one['quarter']) for one in listed)}"
        yield (
            name if len(said_by) == 1 else f"{name}, {quarters}",
            f"{said} {words['currency']} in {quarters}",
            listed[0],
        )


def _papers(question: str, inputs: Item, words: Mapping[str, str]) -> Iterator[tuple[str, str, Item]]:
    """What the papers before launch state."""
    papers = inputs.get(_PAPERS)
    if papers:
        source = papers.get("value_source") or "as given"
        said = {
            "grade": papers.get("value_grade"),
            "owner": papers.get("owner"),
            "source": f"value: {source}",
            "dated": papers.get("value_dated"),
        }
        yield f"{question}: papers before launch", _figures(papers, words), said


def value_of(given: Any) -> str:
    """Base with its range, of a row or of a figure in inputs."""
    if not isinstance(given, Mapping):
        return f"{given:,.0f}" if float(given).is_integer() else significant(float(given))
    middle = given["value"] if "unit" in given else figure(given)
    ends = next(((given[low], given[high]) for low, high in _ENDS if _both(given, low, high)), None)
    between = f" ({significant(ends[0])} to {significant(ends[1])})" if ends and given.get("shape") else ""
    return f"{significant(float(middle))}{between}"


def _both(given: Item, low: str, high: str) -> bool:
    return given.get(low) is not None and given.get(high) is not None


def yearly(rate: Any) -> str:
    """A rate that a company has once."""
    return f"{percent(figure(rate))} a year"
