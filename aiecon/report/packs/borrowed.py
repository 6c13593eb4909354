"""Amounts (`same_as`) and evidence (`evidence_from`) that are a figure of another page: a pack takes them from it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from aiecon.catalog import Question
from aiecon.errors import InputError
from aiecon.report import asking
from aiecon.report.packs.agreement import AMOUNT, figure, named_items, range_keys
from aiecon.vocabulary import overrides

_SCALED = ("value", "p10", "p90", "low", "mode", "high", "values")
"""Members of a distribution that are amounts."""


def taken(
    questions: Sequence[Question], options: Mapping[str, Mapping[str, Any]]
) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """Return question -> changes by dotted name, and words on amounts that cannot be the other page's figure.

    The sample company's amounts follow the other page wherever it goes, and so does its evidence. One that the user
    gave is his: it is refused where it differs from the other page in three digits, and else made the same; evidence of
    his is left to him. Bad inputs are told elsewhere.
    """
    names = {question.name for question in questions}
    found: dict[str, dict[str, Any]] = {}
    problems: list[str] = []
    for question in questions:
        for path, item, is_given in _borrowing(question.name, options[question.name]):
            owner, _, key = str(item.get("same_as") or item["evidence_from"]).partition(".")
            summary = _summary(owner, options[owner]) if owner in names else {}
            if not isinstance(summary.get(key), float | int):
                continue
            mine = found.setdefault(question.name, {})
            if "same_as" not in item:
                mine |= {} if is_given else _evidence(path, item, float(summary[key]))
            elif is_given and not _is_same(item[AMOUNT], summary[key]):
                problems.append(_differs(f"{question.name}.{path}.{AMOUNT}", item, summary[key]))
            else:
                mine |= {f"{path}.{AMOUNT}": _amount(item[AMOUNT], key, summary), **_speakers(path, item)}
    return {name: changes for name, changes in found.items() if changes}, problems


def _evidence(path: str, item: Mapping[str, Any], value: float) -> dict[str, Any]:
    """Evidence that is no longer what the other page says."""
    return {} if item["evidence"] in (None, value) else {f"{path}.evidence": value, **_speakers(path, item)}


def _speakers(path: str, item: Mapping[str, Any]) -> dict[str, Any]:
    """Who says a figure, as before: it is the other page's and set by nobody's hand."""
    return {f"{path}.{name}": item[name] for name in ("grade", "source", "dated") if item.get(name)}


def _borrowing(name: str, options: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any], bool]]:
    """Dotted path and table of each item that borrows, and whether the user gave its figure."""
    try:
        inputs = asking.prepare(name, **options)
    except InputError:
        return
    for path, item in named_items(inputs.model_dump(mode="json")):
        if item.get("same_as") or item.get("evidence_from"):
            field = AMOUNT if "same_as" in item else "evidence"
            yield path, item, not inputs.is_of_sample or _is_set(f"{path}.{field}", options["changes"])


def _is_set(name: str, changes: Mapping[str, Any]) -> bool:
    """Whether a change sets a field, the table it stands in or a part of it, however its name is quoted."""
    mine = overrides.parts(name)
    return any(mine[: len(other)] == other[: len(mine)] for other in map(overrides.parts, changes))


def _summary(name: str, options: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return {metric.key: metric.value for metric in asking.ask(name, **options).summary()}
    except InputError:
        return {}


def _is_same(given: Any, value: float) -> bool:
    return f"{figure(given):.3g}" == f"{value:.3g}"


def _differs(name: str, item: Mapping[str, Any], value: float) -> str:
    return (
        f"{name} is {figure(item[AMOUNT]):,.0f} and {item['same_as']}, which it is said to be, says {value:,.0f}; take "
        f"that with --set '{name}={value:.0f}', or leave same_as out"
    )


def _amount(given: Any, key: str, summary: Mapping[str, Any]) -> Any:
    """The other page's figure: with its range where an amount is uncertain, else as uncertain as the amount was."""
    value = summary[key]
    if not isinstance(given, Mapping):
        return value
    low, high = (summary.get(one) for one in range_keys(key))
    if low is None or high is None:
        return _scaled(given, value)
    return {"shape": "normal", "value": value, "p10": low, "p90": high} if low < high else value


def _scaled(given: Mapping[str, Any], value: float) -> Any:
    """A distribution made as much wider as its base is larger; the figure alone where that cannot be."""
    before = figure(given)
    if before <= 0 or not any(name in given for name in _SCALED):
        return value
    times = value / before
    return {name: _times(part, times) if name in _SCALED and part is not None else part for name, part in given.items()}


def _times(part: Any, times: float) -> Any:
    return [one * times for one in part] if isinstance(part, list | tuple) else part * times
