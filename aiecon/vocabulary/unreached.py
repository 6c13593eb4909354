"""What the checks of a whole model find when one of its fields is not sound: pydantic does not come to them then.

A reader should hear of every problem at once, so the checks are run on the sound part of the model, and what they say
about a field that is broken anyway is left out.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

Path = tuple[Any, ...]
_NO_NUMBER, _NOT_THERE = float("nan"), "nan"  # that checks reckon with, and how they say it
_OF_A_PART = (AttributeError, TypeError, KeyError, IndexError, ArithmeticError)  # a check met a field that is not there


def unreached(model: type[BaseModel], values: Any, broken: Sequence[Path]) -> list[dict[str, Any]]:
    """Return what the checks of models say that have a problem, each as a detail of pydantic's ValidationError.

    Of the checks of a model pydantic runs none where a field is not sound, and none after the first that fails.

    Parameters
    ----------
    model
        Of the values.
    values
        As they were given.
    broken
        Place of each problem that is known, as pydantic says it.
    """
    if not isinstance(values, Mapping):
        return []
    return list(_Sound(tuple(broken)).problems(model, values, ()))


@dataclass(frozen=True)
class _Sound:
    """The sound part of models of which some places are broken."""

    broken: tuple[Path, ...]

    def problems(self, model: type[BaseModel], values: Mapping[str, Any], at: Path) -> Iterator[dict[str, Any]]:
        """What the checks of a model and of its parts say."""
        here = [place for place in self.broken if place[: len(at)] == at]
        below = [place for place in here if len(place) > len(at)]
        if not here:
            return
        for name in {place[len(at)]: None for place in below}:
            if name in model.model_fields and name in values:
                for inner, part, place in _parts(model, values, name, at):
                    yield from self.problems(inner, part, place)
        known = [found for place in below if (found := _broken_names(model, values, place[len(at) :], at))]
        for words in _said(self.part(model, values, at)):
            lines = [line for line in words.split("\n") if not any(_speaks_of(line, *names) for names in known)]
            if lines:
                yield {"type": "value_error", "loc": at, "ctx": {"error": "\n".join(lines)}, "input": values}

    def part(self, model: type[BaseModel], values: Mapping[str, Any], at: Path) -> BaseModel:
        """The model without its checks; a number that is not sound is no number, text stays as given."""
        sound = {
            name: self._field(model, values, name, at) if name in values else _absent(field)
            for name, field in model.model_fields.items()
        }
        return model.model_construct(
            _fields_set=None, **{name: value for name, value in sound.items() if value is not ...}
        )

    def _field(self, model: type[BaseModel], values: Mapping[str, Any], name: str, at: Path) -> Any:
        place = (*at, name)
        if not any(one[: len(place)] == place for one in self.broken):
            return _read(model, name, values[name])
        found = [self.part(inner, part, where) for inner, part, where in _parts(model, values, name, at)]
        if isinstance(values[name], list | tuple):
            return tuple(found) if len(found) == len(values[name]) else ...
        if found:
            return found[0]
        is_number = takes_a_number(model.model_fields[name].annotation)
        return _NO_NUMBER if is_number else values[name] if isinstance(values[name], str) else ...


def _broken_names(
    model: type[BaseModel], values: Mapping[str, Any], steps: Sequence[Any], at: Path
) -> tuple[str, tuple[str, ...]] | None:
    """A broken field and, where it is a table, the names further in; None for a table whose own check has failed."""
    head, inner = str(steps[0]), tuple(step for step in steps[1:] if isinstance(step, str))
    is_table = head in model.model_fields and head in values and bool(_parts(model, values, head, at))
    if not is_table:
        return head, ()
    return (head, inner) if inner else None


def _speaks_of(line: str, head: str, inner: Sequence[str]) -> bool:
    """Whether a line names what is broken, or was reckoned with a number that is not there."""
    if _mentions(line, _NOT_THERE):
        return True
    return _mentions(line, head) and (not inner or any(_mentions(line, name) for name in inner))


def _absent(field: FieldInfo) -> Any:
    """What stands for a field that was not given: nothing where it has a default."""
    return _NO_NUMBER if field.is_required() and takes_a_number(field.annotation) else ...


def takes_a_number(annotation: Any) -> bool:
    """Whether a field of this type may be a number."""
    if annotation in (int, float):
        return True
    return any(takes_a_number(part) for part in getattr(annotation, "__args__", ()))


def _mentions(line: str, name: str) -> bool:
    return re.search(rf"\b{re.escape(name)}\b", line) is not None


def _parts(
    model: type[BaseModel], values: Mapping[str, Any], name: str, at: Path
) -> list[tuple[type[BaseModel], Mapping[str, Any], Path]]:
    """Model, values and place of the tables in a field that are of one model."""
    inner = _models_in(model.model_fields[name].annotation)
    if len(inner) != 1:
        return []
    value = values[name]
    if isinstance(value, Mapping):
        return [(inner[0], value, (*at, name))]
    items = enumerate(value) if isinstance(value, list | tuple) else ()
    return [(inner[0], item, (*at, name, number)) for number, item in items if isinstance(item, Mapping)]


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type):
        return [annotation] if issubclass(annotation, BaseModel) else []
    return [model for part in getattr(annotation, "__args__", ()) for model in _models_in(part)]


def _read(model: type[BaseModel], name: str, value: Any) -> Any:
    try:
        return _adapter(model, name).validate_python(value)
    except (ValidationError, ValueError):
        return ...


@lru_cache(maxsize=256)
def _adapter(model: type[BaseModel], name: str) -> TypeAdapter[Any]:
    field = model.model_fields[name]
    kind: Any = Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation
    return TypeAdapter(kind)


def _said(part: BaseModel) -> Iterator[str]:
    """What the checks of a part of a model say."""
    for name, check in type(part).__pydantic_decorators__.model_validators.items():
        if check.info.mode != "after":
            continue
        try:
            getattr(part, name)()
        except ValueError as error:
            yield str(error)
        except _OF_A_PART:
            continue
