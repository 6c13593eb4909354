"""What the checks of a whole model find when one of its fields is not sound: pydantic does not come to them then.

A reader should hear of every problem at once, so the checks are run on the sound part of the model, and what they say
about a field that is broken anyway is left out.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any

from pydantic import BaseModel, TypeAdapter, ValidationError

Path = tuple[Any, ...]
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
        names = {str(step) for place in below for step in place[len(at) :]} - _inner_names(model, values, below, at)
        for words in _said(self.part(model, values, at)):
            lines = [line for line in words.split("\n") if not _mentions(line, names)]
            if lines:
                yield {"type": "value_error", "loc": at, "ctx": {"error": "\n".join(lines)}, "input": values}

    def part(self, model: type[BaseModel], values: Mapping[str, Any], at: Path) -> BaseModel:
        """The model without its checks; a field that is not sound is left out, or at its default."""
        sound = {name: self._field(model, values, name, at) for name in model.model_fields if name in values}
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
        return found[0] if found else ...


def _mentions(line: str, names: Iterable[str]) -> bool:
    return any(re.search(rf"\b{re.escape(name)}\b", line) for name in names)


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


def _inner_names(model: type[BaseModel], values: Mapping[str, Any], below: Sequence[Path], at: Path) -> set[str]:
    """Fields that are only broken further in: a check may well speak of them."""
    deeper = {place[len(at)] for place in below if len(place) > len(at) + 1}
    known = {name for name in deeper if name in model.model_fields and name in values}
    return {name for name in known if _parts(model, values, name, at)}


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
