"""Strict, frozen models: every door of aiecon (TOML, JSON, `--set`, Python) checks its input the same way.

ISO dates as text and whole numbers for floats are accepted, a frame does for a list of records; nothing else is
coerced. Unknown fields are refused with the nearest name. All problems come in one InputError, a line each, which
starts with the dotted name of the field.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from difflib import get_close_matches
from typing import Annotated, Any, ClassVar, Self, TypeVar

import pandas as pd
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError, model_validator
from pydantic._internal._model_construction import ModelMetaclass  # it has no public name

from aiecon.errors import InputError
from aiecon.vocabulary.unreached import unreached

T = TypeVar("T")


def _iso_date(value: Any) -> Any:
    if isinstance(value, datetime):
        if value.time() != time():
            raise ValueError("must be a date without a time of day")
        return value.date()
    if not isinstance(value, str):
        return value
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError("must be an ISO date such as 2026-03-31") from None


def as_day(value: Any, *, name: str) -> date:
    """Return a date, or ISO text, as a date; InputError names the argument.

    Examples
    --------
    >>> as_day("2026-03-31", name="day")
    datetime.date(2026, 3, 31)
    """
    try:
        day = _iso_date(value)
    except ValueError:
        day = None
    if not isinstance(day, date):
        raise InputError(f"{name} must be an ISO date such as 2026-03-31, got {value!r}")
    return day


def _as_tuple(value: Any) -> Any:
    if isinstance(value, pd.DataFrame):
        return tuple(value.astype(object).where(value.notna(), None).to_dict("records"))
    return tuple(value) if isinstance(value, list) else value


Date = Annotated[date, BeforeValidator(_iso_date)]
Many = Annotated[tuple[T, ...], BeforeValidator(_as_tuple)]


class _Explaining(ModelMetaclass):
    """Turns pydantic's ValidationError into our InputError when a model is made in Python."""

    def __call__(cls, *args: Any, **values: Any) -> Any:
        try:
            return super().__call__(*args, **values)
        except ValidationError as error:
            raise InputError(explain(error, cls, values)) from None  # type: ignore[arg-type]  # cls is the model


class Strict(BaseModel, metaclass=_Explaining):
    """Base of every input model.

    `one_of` lists groups of fields of which exactly one must be given; `belongs` names a field, and for which of its
    values each of some other fields may be given; `replaces` names, for a field, those that setting it clears;
    `populations` names fields whose distribution describes many people or minutes and no doubt; `speakers` names, for a
    figure (`*`: every number), the fields that say where it is from.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False, populate_by_name=True)
    one_of: ClassVar[tuple[tuple[str, ...], ...]] = ()
    belongs: ClassVar[tuple[str, Mapping[str, tuple[str, ...]]] | None] = None
    replaces: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    populations: ClassVar[tuple[str, ...]] = ()
    speakers: ClassVar[Mapping[str, tuple[str, ...]]] = {}

    @model_validator(mode="after")
    def _check_groups(self) -> Self:
        problems = [*group_problems(type(self), dict(self)), *_name_problems(self)]
        if problems:
            raise ValueError("\n".join(problems))
        return self

    @classmethod
    def build(cls, values: Mapping[str, Any]) -> Self:
        """Make the model from raw values (TOML, JSON, overrides) or raise InputError with every problem."""
        try:
            return cls.model_validate(dict(values))
        except ValidationError as error:
            raise InputError(explain(error, cls, values)) from None


def _name_problems(model: Strict) -> list[str]:
    """Items of a list go by their name, so it must be unique in its list."""
    problems = []
    for field in type(model).model_fields:
        items = getattr(model, field, None)
        names = [getattr(item, "name", None) for item in items] if isinstance(items, tuple) else []
        twice = sorted({name for name in names if isinstance(name, str) and names.count(name) > 1})
        problems += [f"{field}.{quoted(name)}: the name stands twice; names are unique in their list" for name in twice]
    return problems


def group_problems(model: type[Strict], values: Mapping[str, Any]) -> list[str]:
    """Say which one-of groups of a model are not met by the given values."""
    problems = []
    for group in model.one_of:
        given = [name for name in group if values.get(name) is not None]
        if not given:
            problems.append(f"one of {', '.join(group)} is needed; none was given")
        elif len(given) > 1:
            problems.append(f"only one of {', '.join(group)} may be given; got {' and '.join(given)}")
    return problems


def explain(error: ValidationError, model: type[Strict], values: Any) -> list[str]:
    """One line for each problem of a ValidationError: dotted name, what was expected, what arrived."""
    problems: list[str] = []
    details = [detail for detail in error.errors() if not _is_echo(detail, error.errors())]
    told = {_dotted(detail["loc"], values, missing=False) for detail in details if detail["type"] != "model_type"}
    for detail in [*details, *unreached(model, values, [detail["loc"] for detail in details])]:
        is_told = _dotted(detail["loc"], values, missing=False) in told  # "a number is expected" says enough
        if detail["type"] != "model_type" or not is_told:
            problems += _lines(detail, model, values)
    return _in_one(list(dict.fromkeys(problems)))


_KIND = re.compile(
    r"^(?P<name>\S+) must be (?P<kind>a string|an integer|a number|a boolean), (?P<got>got .*)$", re.DOTALL
)


def _in_one(problems: list[str]) -> list[str]:
    """Problems with the kinds that one field may be of told in one line."""
    kinds: dict[tuple[str, str], list[str]] = {}
    for problem in problems:
        found = _KIND.match(problem)
        kinds.setdefault((found["name"], found["got"]) if found else (problem, ""), []).extend(
            [found["kind"]] if found else []
        )
    return [
        f"{name} must be {' or '.join([', '.join(of[:-1]), of[-1]] if of[1:] else of)}, {got}" if of else name
        for (name, got), of in kinds.items()
    ]


def _is_echo(detail: Any, details: Sequence[Any]) -> bool:
    """Whether a list is only called too short because one of its items is not sound."""
    return detail["type"] == "too_short" and any(
        other["loc"][: len(detail["loc"])] == detail["loc"] and len(other["loc"]) > len(detail["loc"])
        for other in details
    )


def _lines(detail: Any, model: type[Strict], values: Any) -> list[str]:
    name = _dotted(detail["loc"], values, missing=detail["type"] == "missing")
    if detail["type"] == "extra_forbidden":
        return [_unknown(name, detail["loc"], model)]
    if detail["type"] == "missing":
        return [f"{name} is missing"]
    if detail["type"] == "too_short":
        return [f"{name} must have at least {detail['ctx']['min_length']} item, got none"]
    words = str(detail["ctx"]["error"]) if detail["type"] == "value_error" else detail["msg"]
    words = (
        words.replace("Input should be", "must be")
        .replace("String should have at least 1 character", "must be text")
        .replace("a valid ", "a ")
        .replace("a integer", "an integer")
        .replace("a tuple", "a list")
    )
    if detail["type"] == "model_type":
        words = "must be a table of fields"
    if not name:
        return words.split("\n")
    if words.startswith("must"):
        said = "is blank; it " if is_blank(detail["input"]) else ""
        return [f"{name} {said}{words}, got {_short(detail['input'])}{_near_literal(detail)}"]
    return [f"{name}: {line}" for line in words.split("\n")]


def is_blank(value: Any) -> bool:
    """Whether a cell of a file is text without a letter: what nobody has filled in."""
    return isinstance(value, str) and not value.strip()


def _near_literal(detail: Any) -> str:
    """The end of a message about a word that is none of those known: the nearest of them."""
    if detail["type"] != "literal_error" or not isinstance(detail["input"], str):
        return ""
    near = get_close_matches(detail["input"], re.findall(r"'([^']*)'", detail["ctx"]["expected"]), n=1, cutoff=0.5)
    return f"; did you mean {near[0]}?" if near else ""


def _unknown(name: str, loc: Sequence[Any], model: type[Strict]) -> str:
    fields = _fields_at(model, loc[:-1])
    return f"{name} is not a field{nearest(str(loc[-1]), fields)}" if fields else f"{name} is not a field"


def nearest(word: str, known: Sequence[str]) -> str:
    """The end of a message about an unknown name: the nearest known one, and all of them."""
    near = get_close_matches(word, known, n=1, cutoff=0.5)
    return f"{f'; did you mean {near[0]}?' if near else ''} (known: {', '.join(known)})"


def _fields_at(model: Any, loc: Sequence[Any]) -> list[str]:
    """Field names of the model that a location leads to; empty when it leads out of plain models."""
    for step in loc:
        if isinstance(step, int):
            continue
        field = model.model_fields.get(step)
        inner = field and next(iter(models_in(field.annotation)), None)
        if not inner:
            return []
        model = inner
    return list(model.model_fields)


def models_in(annotation: Any) -> list[type[Strict]]:
    """The Strict models an annotation mentions, in order."""
    if isinstance(annotation, type):
        return [annotation] if issubclass(annotation, Strict) else []
    return [model for part in getattr(annotation, "__args__", ()) for model in models_in(part)]


def _dotted(loc: Sequence[Any], values: Any, *, missing: bool) -> str:
    """The dotted name of a location; items of a list go by their `name`, else by their place, from 1 on.

    Steps that only name a type are left out.
    """
    parts: list[str] = []
    for step in loc:
        inner = _step(values, step)
        if inner is _NOWHERE:
            parts += [str(step)] if missing and step == loc[-1] else []
            continue
        values = inner
        name = _step(values, "name") if isinstance(step, int) else None
        place = str(step + 1) if isinstance(step, int) else str(step)
        parts.append(quoted(name) if isinstance(name, str) and not is_blank(name) else place)
    return ".".join(parts)


_NOWHERE = object()


def _step(values: Any, step: Any) -> Any:
    if isinstance(values, Mapping):
        return values.get(step, _NOWHERE)
    if isinstance(values, list | tuple) and isinstance(step, int) and step < len(values):
        return values[step]
    return getattr(values, str(step), _NOWHERE) if isinstance(values, BaseModel) else _NOWHERE


def quoted(name: str) -> str:
    """A name as it stands in a dotted path: quoted as in TOML when it has a dot."""
    return f'"{name}"' if "." in name else name


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
