"""Figures that are set over what stood there: the grade, source and range of before do not speak for them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

from aiecon.errors import InputError
from aiecon.vocabulary.overrides import item_name, override, owners, parts
from aiecon.vocabulary.question import QuestionInputs
from aiecon.vocabulary.strict import Strict, quoted
from aiecon.vocabulary.unreached import takes_a_number

Inputs = TypeVar("Inputs", bound=QuestionInputs)
BY_HAND = "set by hand"
_LEAST = "judgement"  # grade of a figure set by hand where a grade must be given
_RUN = frozenset(QuestionInputs.model_fields)  # say how it is asked and are no figures of the question
_ENDS = (("p10", "p90"), ("low", "high"))


def put(inputs: Inputs, changes: Mapping[str, Any]) -> Inputs:
    """Return the inputs with figures set by hand: as `override`, and each of them says so.

    Examples
    --------
    >>> from aiecon.vocabulary.question import QuestionInputs
    >>> class Asked(QuestionInputs):
    ...     price: float
    >>> put(Asked(price=3.0), {"price": 4.0}).by_hand["price"]["was"]
    3.0
    """
    found = set_over(type(inputs), inputs, changes)
    result = override(inputs, {**changes, **unspoken(type(inputs), found, changes)})
    result._by_hand = {**inputs.by_hand, **records(result, found)}
    return result


def set_over(
    model: type[Strict], values: Any, changes: Mapping[str, Any], *, said: str = BY_HAND
) -> dict[str, dict[str, Any]]:
    """Return dotted name of each figure that changes set -> what it was, and who says it now (`source`, `grade`).

    A change that leaves a figure as it was sets nothing; one that is said with a grade and a source speaks for itself.

    Parameters
    ----------
    model
        Inputs of the question.
    values
        The inputs without the changes, or their raw values.
    changes
        Dotted name -> value.
    said
        Who sets them.
    """
    leaves, found = _leaves_of(changes), {}
    for name, value in leaves.items():
        path = _figure(model, name)
        if path is None or _plain(value) is None or _at(values, parts(name)) == value:
            continue
        told = {field: leaves.get(field) for field in _speakers(model, path)}
        if not told or not all(one for field, one in told.items() if not field.endswith("dated")):
            grade = next((one for field, one in told.items() if field.endswith("grade")), None)
            was = _plain(_at(values, path))
            found[_dotted(path)] = {"was": was, "source": said, "grade": grade, "is_item": bool(told)}
    return found


def unspoken(model: type[Strict], found: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the changes that take away who spoke for figures, as far as the changes do not say it themselves."""
    leaves = _leaves_of(changes)
    set_in: dict[str, list[str]] = {}
    result: dict[str, Any] = {}
    for name, record in found.items():
        for field in _speakers(model, parts(name)):
            if field in leaves:
                continue
            told = set_in.setdefault(field, [])
            told.append(f"{parts(name)[-1]}{_lost(record['was'], leaves.get(name))}")
            result[field] = _instead(model, field, f"{record['source']}: {', '.join(told)}")
    return result


def records(inputs: Strict, found: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the figures set over others with what they are now: name, value, was, source, grade, is_item."""
    return {name: {"name": name, "value": _plain(_at(inputs, parts(name))), **record} for name, record in found.items()}


def words(inputs: QuestionInputs) -> list[str]:
    """Return a sentence on each figure that was set over another."""
    return [_sentence(record) for record in inputs.by_hand.values()]


def shown(value: Any) -> str:
    """Return a figure in words, with its range where it has one.

    Examples
    --------
    >>> shown(9_000), shown({"shape": "normal", "p10": 1.0, "p90": 3.0, "value": 2.0})
    ('9,000', '2 (1 to 3)')
    """
    if not isinstance(value, Mapping):
        return f"{value:,.6g}"
    ends = _range(value)
    between = f"{value['shape']} distribution" if ends is None else f"{ends[0]:,.6g} to {ends[1]:,.6g}"
    middle = value.get("value", value.get("mode"))
    return between if middle is None else f"{middle:,.6g} ({between})"


def _sentence(record: Mapping[str, Any]) -> str:
    was, value = record["was"], record["value"]
    before = "" if was is None else f" in place of {shown(was)}"
    grade = f"its grade is {record['grade']}" if record["grade"] else "it has no grade"
    lost = ", whose range is gone: it counts as certain" if _lost(was, value) else ""
    return f"{record['name']} is {record['source']}: {shown(value)}{before}{lost}; {grade}"


def _lost(was: Any, value: Any) -> str:
    """Words on a range that a plain number has taken the place of; none where there is none."""
    if not isinstance(was, Mapping) or not isinstance(value, int | float):
        return ""
    ends = _range(was)
    return " (its range is gone)" if ends is None else f" (its range {ends[0]:,.6g} to {ends[1]:,.6g} is gone)"


def _range(value: Mapping[str, Any]) -> tuple[float, float] | None:
    return next(((value[low], value[high]) for low, high in _ENDS if value.get(high) is not None), None)


def _leaves_of(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Changes of single fields by dotted name, each quoted alike; names that are none are left to who refuses them."""
    found: dict[str, Any] = {}
    for name, value in changes.items():
        try:
            found |= dict(_leaves(_dotted(parts(name)), value))
        except InputError:
            continue
    return found


def _leaves(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Dotted name and value of each part of a table that is set as a whole; a distribution is one figure."""
    if isinstance(value, Mapping) and "shape" not in value:
        for key, part in value.items():
            yield from _leaves(f"{name}.{quoted(str(key))}", part)
    else:
        yield name, value


def _figure(model: type[Strict], name: str) -> list[str] | None:
    """Path of the figure that a dotted name sets, or sets a part of; None where it sets none."""
    path = parts(name)
    found = owners(model, name)
    if any(hasattr(one, "ppf") for one in found):
        path = path[:-1]
        found = owners(model, _dotted(path))
    fields = [one.model_fields.get(path[-1]) for one in found]
    is_number = any(field is not None and takes_a_number(field.annotation) for field in fields)
    return path if is_number and path[0] not in _RUN else None


def _speakers(model: type[Strict], path: Sequence[str]) -> tuple[str, ...]:
    """Dotted names of the fields that say where a figure is from; none where nothing does."""
    figure = path[-1]
    for owner in owners(model, _dotted(path)):
        if fields := owner.speakers.get(figure, owner.speakers.get("*", ())):
            return tuple(_dotted([*path[:-1], field]) for field in fields)
    return ()


def _instead(model: type[Strict], name: str, said: str) -> str | None:
    """What stands in a field that says where a figure is from once it was set."""
    if name.endswith("source"):
        return said
    fields = (owner.model_fields[parts(name)[-1]] for owner in owners(model, name))
    return _LEAST if name.endswith("grade") and any(field.is_required() for field in fields) else None


def _at(values: Any, path: Sequence[str]) -> Any:
    """The value at a path of raw values or of a model; None where there is none."""
    for part in path:
        if isinstance(values, list | tuple):
            values = next((item for place, item in enumerate(values) if item_name(item, place) == part), None)
        else:
            values = values.get(part) if isinstance(values, Mapping) else getattr(values, part, None)
    return values


def _plain(value: Any) -> Any:
    """A number, or a distribution as a table; None for what is neither."""
    if isinstance(value, Strict):
        value = value.model_dump(mode="json", exclude_none=True)
    is_figure = (isinstance(value, int | float) and not isinstance(value, bool)) or (
        isinstance(value, Mapping) and "shape" in value
    )
    return value if is_figure else None


def _dotted(path: Sequence[str]) -> str:
    return ".".join(map(quoted, path))
