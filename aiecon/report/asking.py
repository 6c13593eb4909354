"""The one way from a question's name and what the user says to inputs, an answer and its JSON.

The command line, notebooks, reports and panels all come through here.
"""

import hashlib
import json
import math
import tomllib
from collections.abc import Callable, Mapping
from datetime import date
from difflib import get_close_matches
from inspect import signature
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import aiecon
from aiecon import catalog, resources
from aiecon.catalog import Question
from aiecon.errors import IdleScenarioError, InputError, no_day
from aiecon.ingestion import by_name
from aiecon.ingestion.resolve import problems_beside, resolve, sources
from aiecon.report import provenance, scenarios
from aiecon.vocabulary import assumptions, by_hand, overrides
from aiecon.vocabulary.question import Answer, Chosen, HasTables, QuestionInputs
from aiecon.vocabulary.source import Source
from aiecon.vocabulary.strict import models_in, nearest

PROFILES = ("full", "fast")
_ALIKE = 0.8  # likeness from which a table is taken for a question's, misspelt; difflib's ratio


def prepare(name: str, **options: Any) -> QuestionInputs:
    """Return a question's inputs, every check passed and every file read; options as in `build`."""
    return resolve(build(name, **options))


def build(
    name: str,
    *,
    inputs: str | Path | Mapping[str, Any] | None = None,
    changes: Mapping[str, Any] | None = None,
    scenario: str | None = None,
    as_of: date | str | None = None,
    seed: int | None = None,
    profile: str = "full",
) -> QuestionInputs:
    """Return a question's checked inputs, no file read yet.

    Parameters
    ----------
    name
        A question of the catalog.
    inputs
        A TOML or JSON file, or its content; the sample company when None and no change brings own data.
    changes
        Dotted name -> value, applied last.
    scenario
        A named set of changes, from the inputs file's [scenarios] or the shipped ones.
    as_of, seed
        Set the fields of the same name.
    profile
        "full", or "fast" for a rougher answer in less time.

    Raises
    ------
    InputError
        With every problem.
    """
    question = catalog.find(name)
    model = question.load_inputs()
    changes = dict(changes or {})
    raw, own = _raw(question, model, inputs, changes)
    chosen, slips = scenarios.chosen(question, model, scenario, own)
    settings = {**_profile(question, profile), **chosen}
    settings |= {key: value for key, value in (("as_of", as_of), ("seed", seed)) if value is not None}
    rows = _assumption_rows(question, model)
    is_sample = is_sample_file(question, inputs) or (inputs is None and bool(raw))
    raw, given, unnamed = by_name.taken(model, raw, {**settings, **changes}, is_sample=is_sample)
    of_sample = set(rows["name"][rows["is_own"]]) if not is_sample else set()
    rows = rows.drop(columns="is_own")
    values = {key: value for key, value in assumptions.changes(rows).items() if key not in of_sample}
    fed = {key: value for key, value in values.items() if _feeds(key, raw, is_sample=is_sample)}
    raw = overrides.filled(model, raw, _whole(model, fed))
    over = _set_over(model, raw, chosen, changes, scenario)
    given |= by_hand.unspoken(model, over, {**chosen, **changes})
    try:
        built: QuestionInputs = _built(model, raw, given, unnamed)
    except InputError as error:
        raise InputError(
            [*slips, *(scenarios.of_scenario(scenario, chosen, problem) for problem in error.problems)]
        ) from None
    if slips:
        raise InputError(slips)
    built._is_of_sample = is_sample
    built._by_hand = by_hand.records(built, over)
    if chosen:
        built._chosen = _chosen(name, str(scenario), inputs, changes, as_of, seed, profile)
    built._replaced = overrides.cleared(model, raw, given)
    built._assumption_rows = {
        key: row
        for key, row in assumptions.records(rows).items()
        if key in fed and not overrides.covers(given, key) and overrides.is_given(built, key)
    }
    return built


def _set_over(
    model: Any, raw: Mapping[str, Any], chosen: Mapping[str, Any], changes: Mapping[str, Any], scenario: str | None
) -> dict[str, dict[str, Any]]:
    """The figures that a scenario and changes set over what stood there."""
    kept = {name: value for name, value in chosen.items() if not overrides.covers(changes, name)}
    by_scenario = by_hand.set_over(model, raw, kept, said=f"set by scenario {scenario}")
    return {**by_scenario, **by_hand.set_over(model, raw, changes)}


def _chosen(
    name: str,
    scenario: str,
    inputs: str | Path | Mapping[str, Any] | None,
    changes: Mapping[str, Any],
    as_of: date | str | None,
    seed: int | None,
    profile: str,
) -> Chosen | None:
    """The scenario with the inputs as they are without it; None where they cannot be without."""
    try:
        without = build(name, inputs=inputs, changes=changes, as_of=as_of, seed=seed, profile=profile)
    except InputError:
        return None
    return Chosen(scenario, without)


def _built(
    model: Any, raw: Mapping[str, Any], given: Mapping[str, Any], unnamed: Mapping[str, list[str]]
) -> QuestionInputs:
    """The checked inputs, or every problem: of tables that could not be taken by name, and of the other fields."""
    problems = [problem for own in unnamed.values() for problem in own]
    try:
        built: QuestionInputs = overrides.build(model, raw, given)
    except InputError as error:
        problems += [problem for problem in error.problems if not problem.startswith(tuple(unnamed))]
        problems += problems_beside(model, {**raw, **given})
        raise InputError(problems or error.problems) from None
    if problems:
        raise InputError(problems)
    return built


def _feeds(name: str, raw: Mapping[str, Any], *, is_sample: bool) -> bool:
    """Whether a row feeds a field: one that is not given, and a part of a table only for the sample company.

    A table that a user gives is whole: what it leaves out is off.
    """
    if "." in name and not is_sample:
        return False
    at: Any = raw
    for part in overrides.parts(name):
        if isinstance(at, list):
            named = {item.get("name"): item for item in at}
            if part not in named:
                return False
            at = named[part]
            continue
        if not isinstance(at, Mapping) or part not in at:
            return True
        at = at[part]
    return False


def is_sample_file(question: Question, inputs: Any) -> bool:
    """Whether inputs are the file that a question answers for when none are given."""
    if not isinstance(inputs, str | Path):
        return False
    return Path(inputs).resolve() == resources.path(f"data/sample/{question.name}.toml").resolve()


def is_fed(question: Question, inputs: str | Path | None, changes: Mapping[str, Any]) -> bool:
    """Whether a user's own data reaches a page of a pack: by a change, its table in the inputs, or what all share."""
    if any(overrides.parts(name)[0] in question.data for name in changes):
        return True
    if inputs is None or is_sample_file(question, inputs):
        return False
    try:
        raw = read_inputs(Path(inputs), str(inputs))
    except InputError:
        return True  # it will be refused where all problems are told
    return question.name in raw or not raw.keys().isdisjoint(question.data or question.load_inputs().model_fields)


def shared(model: Any) -> set[str]:
    """The fields that stand once in a pack and reach a question: those it reads from a file."""
    fields = {
        name: model.model_fields[name].annotation for name in catalog.SHARED_IN_PACKS if name in model.model_fields
    }
    return {name for name, annotation in fields.items() if Source in models_in(annotation)}


def ask(name: str, *, tell: Callable[[int, int], None] = lambda done, every: None, **options: Any) -> Answer:
    """Answer a question; options as in `build`. `tell` hears how much of a long answer is done, and of how much.

    Examples
    --------
    >>> days = [{"date": f"2026-{month:02}-01", "value": 100.0} for month in range(1, 10)]
    >>> round(ask("spend_forecast", inputs={"history": days}).total["p50"])
    300
    """
    inputs = prepare(name, **options)
    function = catalog.find(name).load_function()
    hears = {"tell": tell} if "tell" in signature(function).parameters else {}
    answer: Answer = function(inputs, **hears)
    return answer


def _raw(
    question: Question, model: Any, inputs: str | Path | Mapping[str, Any] | None, changes: Mapping[str, Any]
) -> tuple[dict[str, Any], scenarios.Own]:
    """What the user gave or, when nothing but settings was given, the sample company; and the user's scenarios."""
    if inputs is None:
        is_whole = bool(question.whole) and all(not changes.keys().isdisjoint(group) for group in question.whole)
        if is_whole or any(overrides.parts(key)[0] in question.data for key in changes):
            return {}, scenarios.Own({}, frozenset())
        inputs = resources.path(f"data/sample/{question.name}.toml")
    if isinstance(inputs, Mapping):
        found = _table(question, model, dict(inputs), "inputs")
        return found, _own(model, inputs)
    path = Path(inputs)
    raw = read_inputs(path, str(inputs))
    found = _table(question, model, raw, str(inputs))
    return anchored(model, found, str(path.resolve().parent)), _own(model, raw)


def _own(model: Any, raw: Mapping[str, Any]) -> scenarios.Own:
    return scenarios.Own(raw.get("scenarios", {}), scenarios.settable(model, raw, is_pack=is_pack(raw)))


def _table(question: Question, model: Any, raw: dict[str, Any], name: str) -> dict[str, Any]:
    """The part of an inputs file that is a question's: all of it, or its table in the file of a pack."""
    raw = {key: value for key, value in raw.items() if key != "scenarios"}
    if not is_pack(raw):
        return raw
    tables = {one.name for one in catalog.QUESTIONS}
    for_packs = set(catalog.SHARED_IN_PACKS)
    unknown = [key for key in raw if key not in tables | for_packs]
    if unknown:
        known = [*sorted(tables | for_packs), "scenarios"]
        raise InputError([f"{name}: {key} is not known{nearest(key, known)}" for key in unknown])
    for_all = {key: raw[key] for key in catalog.SHARED_IN_PACKS if key in raw and key in shared(model)}
    return {**for_all, **raw.get(question.name, {})}


def is_pack(raw: Mapping[str, Any]) -> bool:
    """Whether raw inputs have a table for a question, if need be misspelt, as the file of a pack has."""
    names = [question.name for question in catalog.QUESTIONS]
    return any(get_close_matches(key, names, 1, _ALIKE) for key, part in raw.items() if isinstance(part, Mapping))


def read_inputs(path: Path, name: str) -> dict[str, Any]:
    """Read a TOML or JSON file of inputs; InputError says what is wrong with it."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        found = json.loads(text) if path.suffix.lower() == ".json" else tomllib.loads(text)
    except OSError as error:
        raise InputError(f"{name}: cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise InputError(f"{name}: not UTF-8 text; a TOML or JSON file is expected") from None
    except (json.JSONDecodeError, tomllib.TOMLDecodeError) as error:
        kind = "JSON" if path.suffix.lower() == ".json" else "TOML"
        raise InputError(f"{name}: not valid {kind}: {no_day(text, str(error)) or error}") from None
    if not isinstance(found, dict):
        raise InputError(f"{name}: a table of fields is expected, got {type(found).__name__}")
    return found


def anchored(model: Any, raw: Mapping[str, Any], folder: str) -> dict[str, Any]:
    """Tie the paths in raw inputs to the folder of the file they stand in."""
    result = dict(raw)
    for name, field in model.model_fields.items():
        inner = models_in(field.annotation)
        value = raw.get(name)
        if Source in inner and isinstance(value, str):
            result[name] = {"path": value, "folder": folder}
        elif inner and isinstance(value, Mapping):
            result[name] = anchored(inner[0], value, folder)
        elif inner and isinstance(value, list):
            result[name] = [anchored(inner[0], item, folder) if isinstance(item, Mapping) else item for item in value]
    return result


def _whole(model: Any, fed: Mapping[str, Any]) -> dict[str, Any]:
    """Assumption values as the field takes them: a CSV knows no whole numbers."""
    integers = {name for name, field in model.model_fields.items() if field.annotation is int}
    return {
        name: int(value) if name in integers and isinstance(value, float) and value.is_integer() else value
        for name, value in fed.items()
    }


def _assumption_rows(question: Question, model: Any) -> pd.DataFrame:
    """The shipped assumption rows that feed a field of the model.

    A row named with the question before the field, as in a pack, is the sample company's own (`is_own`).
    """
    path = resources.path("data/assumptions.csv")
    frame = assumptions.check(pd.read_csv(path, dtype=str, keep_default_na=False), name="assumptions.csv")
    head = f"{question.name}."
    frame = frame.assign(is_own=frame["name"].str.startswith(head), name=frame["name"].str.removeprefix(head))
    return frame[[overrides.is_field(model, name) for name in frame["name"]]]


def _profile(question: Question, profile: str) -> dict[str, Any]:
    if profile not in PROFILES:
        raise InputError(f"profile must be {' or '.join(PROFILES)}, got {profile!r}")
    return dict(question.fast) if profile == "fast" else {}


def scenario_names(name: str, inputs: str | Path | Mapping[str, Any] | None = None) -> tuple[list[str], list[str]]:
    """Return the scenarios that change anything of a question, and words on those of the inputs that cannot be.

    They are the shipped ones and those of the inputs file, or of the sample company's without one.
    """
    question = catalog.find(name)
    model = question.load_inputs()
    own = _raw(question, model, inputs, {})[1]
    found, told = list[str](), list[str]()
    for scenario in scenarios.names(own):
        try:
            slips = scenarios.chosen(question, model, scenario, own)[1]
        except IdleScenarioError:
            told += scenarios.sets_nothing(scenario, own)
            continue
        told += slips
        found += [] if slips else [scenario]
    return found, told


def result(name: str, answer: Answer) -> dict[str, Any]:
    """Return what `ask --json` prints: question, summary, notes, units, table, inputs, provenance."""
    metrics, inputs = answer.summary(), answer.inputs
    asked, files = inputs.model_dump(mode="json"), sources(inputs)
    digest = hashlib.sha256(json.dumps([asked, files], sort_keys=True).encode()).hexdigest()
    return plain(
        {
            "question": name,
            "summary": {metric.key: metric.value for metric in metrics},
            "notes": {metric.key: metric.note for metric in metrics if metric.note},
            "units": {metric.key: metric.unit for metric in metrics},
            "table": answer.to_frame().to_dict("records"),
            **_more_tables(answer),
            "inputs": asked,
            "provenance": {
                "version": aiecon.__version__,
                "as_of": answer.as_of,
                "seed": inputs.seed,
                "digest": digest,
                "inputs": files,
                "prices": provenance.prices(inputs, as_of=answer.as_of),
                "rows": provenance.rows(answer),
                "assumption_rows": list(inputs.assumption_rows.values()),
                "set_by_hand": list(inputs.by_hand.values()),
                "notes": [*answer.notes, *by_hand.words(inputs)],
            },
        }
    )


def _more_tables(answer: Answer) -> dict[str, Any]:
    """`tables`, records by name, of an answer that has more than one."""
    if not isinstance(answer, HasTables):
        return {}
    return {"tables": {name: frame.to_dict("records") for name, frame in answer.tables().items()}}


def plain(value: Any) -> Any:
    """Return a value in JSON's own types: dates as ISO text, missing and not finite numbers as None."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, np.generic):
        return plain(value.item())
    if value is None or value is pd.NaT or (isinstance(value, float) and not math.isfinite(value)):
        return None
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    return value.isoformat() if isinstance(value, date) else value
