"""Whether the pages of a pack agree: one figure has one value, one assumption one row, everywhere."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter

from aiecon.report.packs import gates, quarter
from aiecon.vocabulary.distribution import Distribution, base
from aiecon.vocabulary.strict import quoted

AMOUNT = "amount"
COMPANY_WIDE = ("discount_rate", "finance_rate", "reinvest_rate")
_DISTRIBUTION: TypeAdapter[Any] = TypeAdapter(Distribution)

Results = Mapping[str, Mapping[str, Any]]
"""Question -> its result, as results.json has it."""
Page = tuple[str, list[dict[str, Any]]]
"""A page's title and its blocks."""


def day_of(results: Results) -> str:
    """The day of a pack: the last that a page of it is as of."""
    return max(str(result["provenance"]["as_of"]) for result in results.values())


def stamp_of(pages: Sequence[Page], results: Results) -> str:
    """The stamp of a page, or of a pack: its day, which names its folder and from which ages are counted."""
    if len(pages) == 1:
        return str(next(block["text"] for block in pages[0][1] if block["kind"] == "result"))
    known = results[min(results)]["provenance"]
    return f"As of {day_of(results)} · aiecon {known['version']} · seed {known['seed']}"


def disagreements(results: Results) -> list[str]:
    """Say which figures differ between pages, and what to do; empty when they agree."""
    return [*_borrowed(results), *_company_wide(results), *gates.problems(results), *quarter.problems(results)]


def _borrowed(results: Results) -> list[str]:
    """Amounts that are said to be a figure of another page (`same_as`) and are not."""
    found = []
    for question, result in results.items():
        for path, item in named_items(result["inputs"]):
            owner, _, key = str(item.get("same_as") or "").partition(".")
            if owner not in results:
                continue
            name = f"{question}.{path}.{AMOUNT}"
            if key not in results[owner]["summary"]:
                found.append(f"{name}: same_as names {owner}.{key}, which is no figure of {owner}")
                continue
            mine, theirs = _told(figure(item[AMOUNT])), _told(results[owner]["summary"][key])
            if mine != theirs:
                found.append(f"{name} is {mine} and {owner}.{key} says {theirs}; set one of them")
            found += _other_ends(name, item[AMOUNT], f"{owner}.{key}", results[owner]["summary"])
    return found


def _other_ends(name: str, given: Any, page: str, summary: Mapping[str, Any]) -> list[str]:
    """A range that differs from that of the page the amount is from."""
    theirs = [_told(summary.get(key)) for key in range_keys(page.partition(".")[2])]
    if "nothing" in theirs or not isinstance(given, Mapping) or given.get("p10") is None:
        return []
    mine = [_told(given["p10"]), _told(given["p90"])]
    if mine == theirs:
        return []
    return [
        f"{name} is within {' to '.join(mine)} and {page} within {' to '.join(theirs)} (p10 to p90); set one of them"
    ]


def range_keys(key: str) -> tuple[str, str]:
    """The keys of a figure's 80 % range: total_p50 has total_p10, a cost per month that of what it is the cost of."""
    name = key.removesuffix("_cost_per_month").removesuffix("_p50")
    return f"{name}_p10", f"{name}_p90"


def _told(amount: float | None) -> str:
    """An amount as it is printed in full."""
    return "nothing" if amount is None else f"{amount:,.0f}"


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
