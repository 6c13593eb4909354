"""One way to set a field by its dotted name: scenarios, `--set`, sliders, tornado bars and notebooks all use it."""

import re
from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Any, Literal, TypeVar, get_args, get_origin

from pydantic import BaseModel

from aiecon.errors import InputError
from aiecon.vocabulary.source import Reads, Source
from aiecon.vocabulary.strict import Strict, models_in, nearest

Model = TypeVar("Model", bound=Strict)

_PART = re.compile(r'"([^"]*)"|([^."]+)')
_NAME = re.compile(r'(?:"[^"]*"|[^."]+)(?:\.(?:"[^"]*"|[^."]+))*')


def override(inputs: Model, changes: Mapping[str, Any]) -> Model:
    """Return the inputs with the named fields changed, every check run again.

    Parameters
    ----------
    inputs
        Any question's inputs.
    changes
        Dotted name -> value. A list item is addressed by its `name`, `tiers."gpt-4.1".share`, or where it has none by
        its place, from 1 on. Setting one member of a one-of group clears the others; setting a field that says which
        others belong to its table clears those that no longer do.

    Raises
    ------
    InputError
        With every problem: unknown names (the nearest is suggested) and every check the new values fail.
    """
    result = build(type(inputs), raw(inputs), changes)
    result = _read_again(result, result, frozenset(parts(name)[0] for name in changes))
    keep_notes(inputs, result, changes)
    return result


def _read_again(model: Model, question: Strict, changed: frozenset[str]) -> Model:
    """The model with the files read again whose reading uses a changed field of the question."""
    updates: dict[str, Any] = {}
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        if isinstance(value, Source):
            reads = next((mark for mark in field.metadata if isinstance(mark, Reads)), None)
            if value.is_read and reads is not None and changed.intersection(reads.uses):
                updates[name] = value.read_again(question if reads.of_question else model)
        elif isinstance(value, Strict):
            inner = _read_again(value, question, changed)
            updates |= {name: inner} if inner is not value else {}
    return model.model_copy(update=updates) if updates else model


def build(model: type[Model], values: Mapping[str, Any], changes: Mapping[str, Any]) -> Model:
    """Make a model from raw values and changes by dotted name; InputError with the problems of names and values."""
    changed, problems = _applied(model, values, changes)
    try:
        built = model.build(changed)
    except InputError as error:
        raise InputError([*problems, *error.problems]) from None
    if problems:
        raise InputError(problems)
    return built


def filled(model: type[Strict], values: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """Raw values with fields that they leave open, by dotted name; nothing is checked.

    Examples
    --------
    >>> from aiecon.vocabulary.token_price import TokenPrice
    >>> filled(TokenPrice, {"model": "m"}, {"long_context.from_tokens": 200_000})
    {'model': 'm', 'long_context': {'from_tokens': 200000}}
    """
    result = dict(values)
    for name, value in defaults.items():
        path = parts(name)
        result = _set((model,), result, path, value, name) if len(path) > 1 else {name: value, **result}
    return result


def is_field(model: type[Strict], name: str) -> bool:
    """Whether a dotted name leads to a field of the model; any name may stand for an item of a list.

    Examples
    --------
    >>> from aiecon.vocabulary.token_price import TokenPrice
    >>> is_field(TokenPrice, "long_context.from_tokens"), is_field(TokenPrice, "rule.model.weeks")
    (True, False)
    """
    return bool(owners(model, name))


def owners(model: type[Strict], name: str) -> list[Any]:
    """The models that have the last part of a dotted name as a field; any name may stand for an item of a list."""
    owners: list[Any] = [model]
    found: list[Any] = [model]
    is_item = False
    for part in parts(name):
        if is_item:
            is_item = False
            continue
        found = [one for one in owners if part in one.model_fields]
        if not found:
            return []
        is_item = any(get_origin(one.model_fields[part].annotation) is tuple for one in found)
        owners = [inner for one in found for inner in _inner(one, part)]
    return found


def is_given(model: Strict, name: str) -> bool:
    """Whether the field that a dotted name leads to was given; what no longer belongs to a table is not.

    Examples
    --------
    >>> from aiecon.vocabulary.token_price import TokenPrice
    >>> price = TokenPrice(provider="p", model="m", input_per_mtok=3, output_per_mtok=15)
    >>> is_given(price, "input_per_mtok"), is_given(price, "batch_discount")
    (True, False)
    """
    at: Any = model
    for part in parts(name):
        if isinstance(at, tuple):
            at = next((item for place, item in enumerate(at) if item_name(item, place) == part), None)
        elif isinstance(at, Mapping):
            at = at.get(part)
        elif isinstance(at, Strict) and part in at.model_fields_set:
            at = getattr(at, part)
        else:
            return False
    return at is not None


def keep_notes(old: Any, new: Any, changes: Mapping[str, Any]) -> None:
    """Carry over whose inputs these are, of which scenario, and which assumption rows fed them but changed fields."""
    if hasattr(old, "_is_of_sample"):
        new._is_of_sample = old._is_of_sample
    if hasattr(old, "_replaced"):
        new._replaced = old._replaced + cleared(type(old), old.model_dump(exclude_defaults=True), changes)
    if getattr(old, "_by_hand", None):
        new._by_hand = old._by_hand
    if getattr(old, "_chosen", None) is not None:
        new._chosen = old._chosen.also(changes)
    rows = getattr(old, "_assumption_rows", None)
    if rows:
        new._assumption_rows = {name: row for name, row in rows.items() if not covers(changes, name)}


def cleared(model: type[Strict], values: Mapping[str, Any], changes: Mapping[str, Any]) -> tuple[str, ...]:
    """Fields with a value that changes of other fields take the place of (`replaces`)."""
    return tuple(name for field in changes for name in model.replaces.get(field, ()) if values.get(name))


def covers(changes: Mapping[str, Any], name: str) -> bool:
    """Whether a change sets the named field, a parent of it or a part of it."""
    return any(
        name == changed or name.startswith(changed + ".") or changed.startswith(name + ".") for changed in changes
    )


def raw(model: Strict) -> dict[str, Any]:
    """The given fields of a model, one level deep; nested models stay as they are, with what was read into them."""
    return {name: getattr(model, name) for name in model.model_fields_set}


def _applied(
    model: type[Strict], values: Mapping[str, Any], changes: Mapping[str, Any]
) -> tuple[dict[str, Any], list[str]]:
    """Raw values with the named fields set, not yet checked, and a problem for each name that leads nowhere."""
    set_names = tuple(name for name, value in changes.items() if value is not None)
    result, problems = dict(values), list(_conflicts(model, set_names))
    for name, value in sorted(changes.items(), key=lambda change: not _chooses(model, change[0])):
        try:
            result = _set((model,), result, parts(name), value, name)
        except InputError as error:
            problems += error.problems
    return result, problems


@lru_cache(maxsize=1024)
def _chooses(model: type[Strict], name: str) -> bool:
    """Whether a dotted name leads to a field that says which others belong to a table, or replaces some."""
    if not _NAME.fullmatch(name):
        return False
    last = parts(name)[-1]
    return any(last in owner.replaces or (owner.belongs and owner.belongs[0] == last) for owner in owners(model, name))


@lru_cache(maxsize=1024)
def _conflicts(model: type[Strict], changed: tuple[str, ...]) -> tuple[str, ...]:
    """Fields of one one-of group that are set together."""
    set_in: dict[tuple[str, ...], tuple[Any, set[str]]] = {}
    for name in filter(_NAME.fullmatch, changed):
        place: tuple[str, ...] = ()
        owner: Any = model
        for part in parts(name):
            if owner is None:
                break
            if part in owner.model_fields:  # else the name of a list's item, whose model stays the same
                set_in.setdefault(place, (owner, set()))[1].add(part)
                owner = next(iter(_inner(owner, part)), None)
            place = (*place, part)
    problems = []
    for place, (owner, names) in set_in.items():
        where = f"{'.'.join(place)}: " if place else ""
        for group in owner.one_of:
            given = [name for name in group if name in names]
            if len(given) > 1:
                problems.append(f"{where}only one of {', '.join(group)} may be set; got {' and '.join(given)}")
    return tuple(problems)


def parts(name: str) -> list[str]:
    """Split a dotted name, keeping quoted parts whole.

    Examples
    --------
    >>> parts('tiers."gpt-4.1".share')
    ['tiers', 'gpt-4.1', 'share']
    """
    if not _NAME.fullmatch(name):
        raise InputError(f"{name!r} is not a dotted name such as gpu.price_per_gpu_hour")
    return [quote or plain for quote, plain in _PART.findall(name)]


def unknown(name: str, fields: Collection[str]) -> str | None:
    """Words about a dotted name that starts with none of the fields; None when it starts with one.

    Examples
    --------
    >>> unknown("budgte", ["budget", "spend"])
    'budgte is not a field; did you mean budget? (known: budget, spend)'
    """
    try:
        head = parts(name)[0]
    except InputError as error:
        return str(error)
    return None if head in fields else f"{name} is not a field{nearest(head, sorted(fields))}"


def _set(models: tuple[Any, ...], values: Any, path: list[str], value: Any, name: str) -> Any:
    """Raw values of one of some models, or a list of them, with the field at the path set."""
    head, rest = path[0], path[1:]
    if isinstance(values, list | tuple):
        return _set_item(models, values, path, value, name)
    model: Any
    if isinstance(values, BaseModel):
        model, values = type(values), raw(values)  # type: ignore[arg-type]  # every nested model is Strict
    else:
        values = dict(values or {})
        model = _meant(models, values)
    if model is not None:
        _check_name(model, head, name)
        for group in model.one_of:
            if head in group:
                values = {key: kept for key, kept in values.items() if key == head or key not in group}
        values = {key: kept for key, kept in values.items() if key not in model.replaces.get(head, ())}
        if model.belongs and model.belongs[0] == head and not rest:
            whose = model.belongs[1]
            values = {key: kept for key, kept in values.items() if value in whose.get(key, (value,))}
    if rest:
        inner, field = _inner(model, head), model and model.model_fields[head]
        start = values.get(head)
        if head not in values and field and not field.is_required():
            start = field.get_default(call_default_factory=True)
        value = _set(inner, start, rest, value, name)
    values[head] = value
    return values


def _set_item(models: tuple[Any, ...], items: Any, path: list[str], value: Any, name: str) -> list[Any]:
    head, rest = path[0], path[1:]
    names = [item_name(item, place) for place, item in enumerate(items)]
    if head not in names:
        known = f"the names are {', '.join(names)}" if names else "the list is empty"
        raise InputError(f"{name}: no item is named {head!r}; {known}")
    return [
        (_set(models, item, rest, value, name) if rest else value) if called == head else item
        for item, called in zip(items, names, strict=True)
    ]


def item_name(item: Any, place: int) -> str:
    """What an item of a list goes by: its name, or where it has none its place, from 1 on.

    Examples
    --------
    >>> item_name({"name": "mini"}, 0), item_name({"month": "2026-01"}, 0)
    ('mini', '1')
    """
    name = item.get("name") if isinstance(item, Mapping) else getattr(item, "name", None)
    return str(place + 1) if name is None else str(name)


@lru_cache(maxsize=1024)  # a simulation asks the same few fields ten thousand times
def _inner(model: Any, field: str) -> tuple[Any, ...]:
    """The models that a field, or an item of it, may be of; none for a table, whose entries go by any key."""
    if model is None or _is_table(model.model_fields[field].annotation):
        return ()
    return tuple(models_in(model.model_fields[field].annotation))


def _is_table(annotation: Any) -> bool:
    return get_origin(annotation) is dict or any(get_origin(part) is dict for part in get_args(annotation))


def _meant(models: tuple[Any, ...], values: Mapping[str, Any]) -> Any:
    """Of some models the one whose kind raw values say, else the first; None where there is none."""
    for model in models if len(models) > 1 else ():
        said = {name: choices for name, choices in _kinds(model).items() if name in values}
        if said and all(values[name] in choices for name, choices in said.items()):
            return model
    return next(iter(models), None)


@lru_cache(maxsize=1024)
def _kinds(model: type[Strict]) -> dict[str, tuple[Any, ...]]:
    """Fields of a model that take one of some words, with the words."""
    fields = model.model_fields.items()
    return {name: get_args(field.annotation) for name, field in fields if get_origin(field.annotation) is Literal}


def _check_name(model: Any, head: str, name: str) -> None:
    if head in model.model_fields:
        return
    raise InputError(f"{name} is not a field{nearest(head, list(model.model_fields))}")
