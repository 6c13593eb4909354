"""Named sets of changes: the shipped ones and those of an inputs file, of which every name must be a field."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from aiecon import catalog, resources
from aiecon.catalog import Question
from aiecon.errors import IdleScenarioError, InputError
from aiecon.vocabulary import overrides

BASE = "base"  # the inputs as given, unless a file has a scenario of this name
_NAMED = 3  # fields of a scenario told in a refusal


@dataclass(frozen=True)
class Own:
    """The scenarios of an inputs file, and the first parts of the names that they may set."""

    scenarios: Any
    fields: frozenset[str]


def settable(model: Any, raw: Mapping[str, Any], *, is_pack: bool) -> frozenset[str]:
    """First parts of the names a file's scenarios may set: fields of its question, of any in the file of a pack."""
    is_for_one = not is_pack and bool(raw.keys() - {*catalog.SHARED_IN_PACKS, "scenarios"})
    return frozenset(model.model_fields) if is_for_one else fields()


def fields() -> frozenset[str]:
    """First parts of the names a scenario may set: a field of a built question, a rule, a question that will be."""
    built = [question for question in catalog.QUESTIONS if question.is_built]
    names = {name for question in built for name in question.load_inputs().model_fields}
    return frozenset({*names, "rule", *(question.name for question in catalog.QUESTIONS)})


def chosen(question: Question, model: Any, scenario: str | None, own: Own) -> tuple[dict[str, Any], list[str]]:
    """The changes of a scenario that reach the model, one of the user's wins over a shipped one; and its slips."""
    if scenario is None:
        return {}, []
    known = {BASE: {}, **_shipped(), **tables(own.scenarios)}
    if scenario not in known:
        raise InputError(
            _not_known(scenario, question, [one for one in known if _reaching(question, model, known[one])])
        )
    found = _of_question(question, known[scenario])
    slips = slips_of(scenario, found, own.fields) if scenario in own.scenarios else []
    reaching = _reaching(question, model, known[scenario])
    if not reaching and not slips and scenario != BASE:
        named = ", ".join(list(found)[:_NAMED]) + (", ..." if len(found) > _NAMED else "")
        raise IdleScenarioError(
            f"scenario {scenario!r} would change nothing: it sets {named or 'no field'}, and this question has only the"
            f" fields {', '.join(model.model_fields)}; choose another, or bring one in [scenarios.NAME] of your inputs"
        )
    return reaching, slips


def _not_known(scenario: str, question: Question, own: Sequence[str]) -> str:
    """Words on a scenario that there is not, with those that change anything of the question."""
    those = f"scenarios of {question.name}: {', '.join(sorted({BASE, *own}))}"
    none = (
        f"{question.name} has no scenario but {BASE}, its inputs as given; bring one in [scenarios.NAME] of your inputs"
    )
    return f"scenario {scenario!r} is not known ({those if own else none})"


def _of_question(question: Question, changes: Mapping[str, Any]) -> dict[str, Any]:
    """The changes of a scenario by the names that a question itself has for them."""
    return {name.removeprefix(f"{question.name}."): value for name, value in changes.items()}


def _reaching(question: Question, model: Any, changes: Mapping[str, Any]) -> dict[str, Any]:
    """The changes of a scenario that set a field of the question."""
    found = _of_question(question, changes)
    return {name: value for name, value in found.items() if name.split(".")[0] in model.model_fields}


def names(own: Own) -> list[str]:
    """Every scenario there is: the shipped ones and those of an inputs file."""
    return sorted({**_shipped(), **tables(own.scenarios)})


def slips_of(scenario: str, changes: Mapping[str, Any], fields: frozenset[str]) -> list[str]:
    """Words on every name a scenario sets that starts with none of the fields.

    Examples
    --------
    >>> slips_of("rush", {"budgte": 1.0}, frozenset({"budget", "spend"}))
    ['scenarios.rush.set: budgte is not a field; did you mean budget? (known: budget, spend)']
    """
    return [f"scenarios.{scenario}.set: {words}" for name in changes if (words := overrides.unknown(name, fields))]


def sets_nothing(scenario: str, own: Own) -> list[str]:
    """Words on a scenario of an inputs file that sets no field at all; none on one that other questions have fields of.

    Examples
    --------
    >>> sets_nothing("rush", Own({"rush": {"budget": 1.0}}, frozenset({"budget"})))
    ['scenarios.rush: it sets no field; lines FIELD = value are expected below [scenarios.rush.set]']
    """
    if scenario not in own.scenarios or own.scenarios[scenario].get("set"):
        return []
    return [
        f"scenarios.{scenario}: it sets no field; lines FIELD = value are expected below [scenarios.{scenario}.set]"
    ]


def of_scenario(scenario: str | None, changes: Mapping[str, Any], problem: str) -> str:
    """A problem with the scenario that set the field, where one did."""
    return f"{problem} (scenario {scenario})" if problem.startswith(tuple(changes)) and changes else problem


def _shipped() -> dict[str, dict[str, Any]]:
    rows = pd.read_csv(resources.path("data/scenarios.csv"), dtype=str, keep_default_na=False)
    return {
        str(scenario): {name: _toml(value) for name, value in zip(part["name"], part["value"], strict=True)}
        for scenario, part in rows.groupby("scenario")
    }


def tables(own: Any) -> dict[str, dict[str, Any]]:
    """Return the `set` tables of the user's [scenarios.NAME]; InputError when one is none."""
    if not isinstance(own, Mapping):
        raise InputError(f"scenarios: a table [scenarios.NAME] is expected, got {own!r}")
    found = {name: table.get("set", {}) if isinstance(table, Mapping) else table for name, table in own.items()}
    problems = [
        f"scenarios.{name}: a table with set.FIELD = value is expected, got {table!r}"
        for name, table in found.items()
        if not isinstance(table, Mapping)
    ]
    if problems:
        raise InputError(problems)
    return {name: dict(table) for name, table in found.items()}


def _toml(text: str) -> Any:
    """A cell as TOML reads it, else as text."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text
