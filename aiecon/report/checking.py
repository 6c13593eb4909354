"""What `aiecon check` says of a path: its tables by their rules, its inputs files as a question would take them."""

from collections.abc import Iterator, Mapping
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from aiecon import catalog
from aiecon.catalog import Question
from aiecon.errors import InputError
from aiecon.ingestion import checks
from aiecon.ingestion.checks import Found
from aiecon.report import asking, policies, scenarios
from aiecon.vocabulary import overrides
from aiecon.vocabulary.strict import as_day
from aiecon.vocabulary.tables import NO_ROWS

INPUTS = (".toml", ".json")
_UNKNOWN = "not a file aiecon knows"
_BESIDE_POLICY = {"policy", "currency", "scenarios"}
_MOST = 0.5  # share of a file's names from which it is taken for inputs
_ALIKE = 0.8  # likeness from which a name is taken for a slip of a known one; difflib's ratio


def check_path(path: Path, *, stale: int | None = None, as_of: date | str | None = None) -> list[Found]:
    """Check a file, or every table and inputs file in a folder and the folders below it, in the order of their names.

    Parameters
    ----------
    path
        File or folder.
    stale
        Days after which a price that nobody has seen again counts as stale; None asks for no such check.
    as_of
        The day the check is made for, a date or ISO text; the last day the tables speak of when None.

    Raises
    ------
    InputError
        When there is no such path, or nothing in it that can be checked.
    """
    day = None if as_of is None else as_day(as_of, name="as_of")
    if path.is_file() and path.suffix.lower() in INPUTS:
        return [_inputs(path, str(path), is_alone=True)]
    files = [] if path.is_file() else checks.files_of(path, INPUTS)
    inputs = [_inputs(file, str(file.relative_to(path)), is_alone=False) for file in files]
    if inputs and not checks.files_of(path, checks.CHECKED):
        return inputs
    tables = checks.check_path(path, stale=stale, as_of=day, fields=scenarios.fields())
    return sorted([*tables, *inputs], key=lambda one: one.name)


def _built() -> list[Question]:
    return [question for question in catalog.QUESTIONS if question.is_built]


def _inputs(file: Path, name: str, *, is_alone: bool) -> Found:
    try:
        raw = asking.read_inputs(file, name)
    except InputError as error:
        is_other = file.suffix.lower() == ".json" and "a table of fields is expected" in str(error) and not is_alone
        return Found(name, _UNKNOWN, None, ()) if is_other else Found(name, "inputs", None, error.problems)
    if answers := _answers(raw):
        return Found(name, "answers", answers, (), unit="question" if answers == 1 else "questions")
    if policy := _policy(raw):
        return _checked_policy(name, policy)
    if slip := _misspelt_policy(raw):
        return Found(name, "budget policy", None, (f"{name}: {slip} is not a field; did you mean policy?",))
    if not _is_ours(raw):
        what = f"{name}: {_UNKNOWN}; tables of questions or fields of one are expected, such as spend = 'spend.csv'"
        return Found(name, _UNKNOWN, None, (what,) if is_alone else ())
    found = list(_problems(raw, file)) or [*_unread(file, raw), *_unworkable(raw)]
    problems = tuple(dict.fromkeys(f"{name}: {problem}" for problem in found))
    notes = () if problems else (*_policy_notes(raw), *_launch_notes(raw))
    return Found(name, "inputs", None if problems else len(raw), problems, unit="fields", notes=notes)


def _unworkable(raw: Mapping[str, Any]) -> list[str]:
    """What could never hold of a policy among the inputs of its question, or of several."""
    policy = _policy_within(raw)
    return [] if policy is None else policies.problems(policy)


def _policy_notes(raw: Mapping[str, Any]) -> tuple[str, ...]:
    """What those who sign should know of a policy that stands among inputs."""
    policy = _policy_within(raw)
    return () if policy is None else tuple(policies.notes(policy))


def _launch_notes(raw: Mapping[str, Any]) -> tuple[str, ...]:
    """Why a curve among the inputs does not pass its gate before launch: what is blank, missing or too dear."""
    inputs = raw.get("cost_curve", raw)
    if not isinstance(inputs, Mapping) or "pre_launch" not in inputs:
        return ()
    notes = asking.ask("cost_curve", inputs=dict(raw), profile="fast").notes
    return tuple(note for note in notes if note.startswith("Gate before launch"))


def _policy_within(raw: Mapping[str, Any]) -> Mapping[str, Any] | None:
    inputs = raw.get("adaptive_budget", raw)
    policy = inputs.get("policy") if isinstance(inputs, Mapping) else None
    return policy if isinstance(policy, Mapping) else None


def _policy(raw: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """A budget policy that stands by itself: a [policy] table without the rest of inputs, or its fields at the top."""
    within = raw.get("policy")
    if isinstance(within, Mapping) and set(raw) <= _BESIDE_POLICY:
        return within
    return raw if {"version", "pools"} <= set(raw) else None


def _misspelt_policy(raw: Mapping[str, Any]) -> str | None:
    """The name of a table that stands alone and was meant to be the policy."""
    named = [key for key, part in raw.items() if isinstance(part, Mapping) and "pools" in part]
    alike = get_close_matches("policy", named, 1, _ALIKE)
    return alike[0] if alike and set(raw) <= {*_BESIDE_POLICY, *alike} else None


def _checked_policy(name: str, policy: Mapping[str, Any]) -> Found:
    """What is wrong with a policy, and what is open or lies outside the ranges agreed on for all."""
    problems = policies.problems(policy)
    pools = policy.get("pools")
    lines = len(pools) if isinstance(pools, list) and not problems else None
    words = tuple(f"{name}: {problem}" for problem in problems)
    notes = () if problems else tuple(policies.notes(policy))
    return Found(name, "budget policy", lines, words, unit="pool" if lines == 1 else "pools", notes=notes)


def _answers(raw: Mapping[str, Any]) -> int:
    """How many questions a file has answers of, as `ask --json` prints them or a report keeps them."""
    return sum(isinstance(part, Mapping) and "summary" in part for part in (raw, *raw.values()))


def _is_ours(raw: Mapping[str, Any]) -> bool:
    """Whether most names of a file are those of inputs, if need be misspelt."""
    known = [name for name in raw if get_close_matches(name, {*scenarios.fields(), "scenarios"}, 1, _ALIKE)]
    return bool(raw) and len(known) >= _MOST * len(raw)


def _problems(raw: Mapping[str, Any], file: Path) -> Iterator[str]:
    """What the questions a file is for say of it, without a scenario and with each of the file's own."""
    try:
        own = scenarios.tables(raw.get("scenarios", {}))
    except InputError as error:
        yield from error.problems
        own, raw = {}, {key: part for key, part in raw.items() if key != "scenarios"}
    fields = scenarios.fields()
    slips = [words for name, changes in own.items() for words in scenarios.slips_of(name, changes, fields)]
    yield from slips
    told = tuple(words.split(" (known:")[0].split(";")[0] for words in slips)
    for question in _asked(raw):
        known = question.load_inputs().model_fields.keys()
        reaching = [name for name, changes in own.items() if changes.keys() & known]
        given = str(file) if asking.is_sample_file(question, file) else raw
        yield from (words for words in _refusals(question, given, reaching) if not words.startswith(told))


def _unread(file: Path, raw: Mapping[str, Any]) -> Iterator[str]:
    """What the files say that an inputs file names, read as the questions would; a blank one waits to be filled."""
    for question in _asked(raw):
        try:
            asking.prepare(question.name, inputs=file)
        except InputError as error:
            yield from (problem for problem in error.problems if not problem.endswith(NO_ROWS))


def _refusals(question: Question, given: str | Mapping[str, Any], named: list[str]) -> Iterator[str]:
    for scenario in (None, *named):
        try:
            asking.build(question.name, inputs=given, scenario=scenario)
        except InputError as error:
            where = f" (scenario {scenario})" if scenario else ""
            yield from (f"{problem.removeprefix('inputs: ').removesuffix(where)}{where}" for problem in error.problems)
            if scenario is None:
                return


def _asked(raw: Mapping[str, Any]) -> list[Question]:
    """The built questions a file is for: in a pack those it has a table or shared fields of, else the most alike.

    Every question refuses a name that is none; any will do to say so.
    """
    names = {"scenarios", *catalog.SHARED_IN_PACKS, *(question.name for question in catalog.QUESTIONS)}
    if asking.is_pack(raw):
        asked = [one for one in _built() if one.name in raw or asking.shared(one.load_inputs()) & raw.keys()]
        return asked or (_built()[:1] if raw.keys() - names else [])
    said = [overrides.parts(name)[0] for name in (*raw, *_scenario_names(raw))]
    fields = {question: [*question.load_inputs().model_fields] for question in _built()}
    alike = {one: sum(bool(get_close_matches(name, fields[one], 1, _ALIKE)) for name in said) for one in fields}
    return sorted(alike, key=lambda question: -alike[question])[:1]


def _scenario_names(raw: Mapping[str, Any]) -> list[str]:
    """Every name that the file's scenarios set; none where they are not tables of changes."""
    try:
        return [name for changes in scenarios.tables(raw.get("scenarios", {})).values() for name in changes]
    except InputError:
        return []
