"""Tables of which names are enough: the shipped row that they name says the rest, or is refused with the nearest."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from pydantic.fields import FieldInfo

from aiecon.errors import InputError
from aiecon.vocabulary.overrides import item_name
from aiecon.vocabulary.source import ByName
from aiecon.vocabulary.strict import Strict, models_in, quoted

_SELLERS = {"google": ("vertex_ai", "gemini")}
"""Providers as the rate card spells them, where the table of units has another name."""


def taken(
    model: type[Strict], raw: Mapping[str, Any], changes: Mapping[str, Any], *, is_sample: bool
) -> tuple[dict[str, Any], dict[str, Any], dict[str, list[str]]]:
    """Return raw inputs and changes in which every table that is only named holds its shipped row, and problems.

    A change of a table's names alone takes the row of the new names; what else is changed counts beside it. In the
    sample company the price follows a unit taken by name, and its terms are refused for one they are no prices of.

    Parameters
    ----------
    model
        Inputs of the question; fields marked ByName are looked at.
    raw, changes
        What was given, and dotted name -> value on top.
    is_sample
        Whether the raw inputs are the sample company's.

    Returns
    -------
    tuple
        Raw inputs, changes, and field -> problems of a table whose names no shipped row has, which is left as it was.
    """
    found, given = dict(raw), dict(changes)
    problems: dict[str, list[str]] = {}
    followed = set()
    as_of = given.get("as_of") or raw.get("as_of")
    for name, field in model.model_fields.items():
        mark = _mark_of(field)
        if mark is None:
            problems |= _in_items(name, field, found, given, as_of)
            continue
        table = _Named(name, mark, as_of)
        try:
            if table.change(found, given):
                followed.add(name)
                problems |= table.other_prices(raw, found, given) if is_sample else {}
            elif is_sample and mark.beside in followed and not _is_set(name, given):
                found[name] = table.row(given.get(mark.beside) or found[mark.beside])
        except InputError as error:
            problems[name] = _unsaid(name, mark, error)
    return found, given, problems


def _mark_of(field: FieldInfo) -> ByName | None:
    return next((one for one in field.metadata if isinstance(one, ByName)), None)


def _unsaid(name: str, mark: ByName, error: InputError) -> list[str]:
    start = f"{name}.{mark.told} is not given and no shipped row says it"
    return [f"{start}: {problem}" for problem in error.problems]


def _in_items(
    name: str, field: FieldInfo, raw: dict[str, Any], changes: dict[str, Any], as_of: date | str | None
) -> dict[str, list[str]]:
    """Put rows into the tables of a list's items that are only named; the problems of those that no row has."""
    given = changes if name in changes else raw  # a list that is set as a whole stands for the one in the inputs
    items, problems = given.get(name), {}
    inner = models_in(field.annotation)
    if not isinstance(items, list | tuple) or len(inner) != 1:
        return {}
    marks = {part: mark for part, one in inner[0].model_fields.items() if (mark := _mark_of(one))}
    made = [dict(item) if marks and isinstance(item, Mapping) else item for item in items]
    for place, item in enumerate(made):
        for part in marks if isinstance(item, dict) else ():
            at = f"{name}.{quoted(item_name(item, place))}.{part}"
            holder = {at: item.get(part)}
            try:
                _Named(at, marks[part], as_of).change(holder, changes)
            except InputError as error:
                problems[at] = _unsaid(at, marks[part], error)
            item |= {part: holder[at]} if holder.get(at) is not None else {}
    given[name] = made
    return problems


def _is_set(name: str, changes: Mapping[str, Any]) -> bool:
    return any(key.split(".")[0] == name for key in changes)


class _Named:
    """A field whose table may be given by name."""

    def __init__(self, name: str, mark: ByName, as_of: date | str | None) -> None:
        self.name, self.mark, self.as_of = name, mark, as_of

    def change(self, raw: dict[str, Any], changes: dict[str, Any]) -> bool:
        """Put the row that is named into raw inputs or changes; whether a change named one."""
        own = raw[self.name] = self._whole(raw.get(self.name), {})
        if own is None:
            del raw[self.name]
        if self.name in changes:
            given = changes[self.name]
            changes[self.name] = self._whole(given, own or {})
            return bool(changes[self.name] != given)
        named = {key: changes[at] for key in self.mark.names if (at := f"{self.name}.{key}") in changes}
        if not isinstance(own, Mapping) or all(own.get(key) == value for key, value in named.items()):
            return False
        try:
            raw[self.name] = self.row(self._meant(own, named), stays=self._stays(own, named))
        except InputError:
            if f"{self.name}.{self.mark.told}" not in changes:
                raise
            return False
        return True

    def _whole(self, given: Any, own: Mapping[str, Any]) -> Any:
        """A table as given, with its row where it only has names."""
        table = {"model": given} if isinstance(given, str) else given
        if not isinstance(table, Mapping) or self.mark.told in table or "model" not in table:
            return table
        own = own if isinstance(own, Mapping) else {}
        return {**self.row(self._meant(own, self._names(table)), stays=self._stays(own, table)), **table}

    def _names(self, table: Mapping[str, Any]) -> dict[str, Any]:
        return {key: table[key] for key in self.mark.names if table.get(key) is not None}

    def _meant(self, own: Mapping[str, Any], named: Mapping[str, Any]) -> dict[str, Any]:
        """The names of a row: those named anew, and of the old ones what may still be meant."""
        names = self._names(own) | dict(named)
        if self.mark.rows == "prices" and "provider" not in named and not _sells(names):
            names.pop("provider", None)
        return names

    def _stays(self, own: Mapping[str, Any], named: Mapping[str, Any]) -> bool:
        """Whether what is not named anew still holds: another seller may deploy otherwise."""
        return "deployment" in named or named.get("provider", own.get("provider")) == own.get("provider")

    def row(self, names: Mapping[str, Any], *, stays: bool = True) -> dict[str, Any]:
        """The shipped row of some names."""
        wanted = {key: value for key, value in names.items() if key != "deployment" or stays}
        return _ROWS[self.mark.rows]({"provider": self.mark.provider, **wanted}, self.as_of)

    def other_prices(
        self, raw: Mapping[str, Any], found: Mapping[str, Any], changes: Mapping[str, Any]
    ) -> dict[str, list[str]]:
        """Words for prices of the sample that are of another seller or deployment than the unit that is named."""
        field = self.mark.priced_in
        now, then = (changes.get(self.name) or found[self.name]), raw[self.name]
        parts = [[str(one.get(key)) for key in ("provider", "deployment") if one.get(key)] for one in (now, then)]
        if field is None or parts[0] == parts[1] or _is_set(field, changes):
            return {}
        theirs, ours = (" ".join(part) for part in parts)
        return {field: [f"{field}: the sample's are prices of {ours} units; give those of {theirs} ones, a table each"]}


def _unit(names: Mapping[str, Any], _as_of: date | str | None) -> dict[str, Any]:
    from aiecon.ingestion.capacity import capacity_unit

    where = {key: str(names[key]) for key in ("provider", "deployment") if names.get(key) is not None}
    return capacity_unit(str(names["model"]), **where).model_dump(exclude_none=True)


def _sells(names: Mapping[str, Any]) -> bool:
    """Whether the provider of some names has a price of their model."""
    from aiecon.ingestion.rate_cards import shipped_rate_card

    provider = str(names.get("provider"))
    return any(shipped_rate_card().has(one, str(names["model"])) for one in (provider, *_SELLERS.get(provider, ())))


def _price(names: Mapping[str, Any], as_of: date | str | None) -> dict[str, Any]:
    from aiecon.ingestion.rate_cards import shipped_rate_card

    card, model, provider = shipped_rate_card(), str(names["model"]), names["provider"]
    sellers = [one for one in _SELLERS.get(provider, ()) if card.has(one, model)]
    try:
        quote = card.on(model, day=as_of or card.last_day, provider=sellers[0] if sellers else provider)[0]
    except InputError as error:
        sold = sorted({one.price.provider for one in card.levels(model)}) if card.knows(model) else []
        who = f"; {', '.join(sold)} sells it: say provider" if sold and provider not in sold else ""
        more = f"{who}; or give input_per_mtok and output_per_mtok yourself"
        raise InputError([f"{problem}{more}" for problem in error.problems]) from None
    return quote.price.model_dump(exclude_none=True)


_ROWS: dict[str, Callable[[Mapping[str, Any], date | str | None], dict[str, Any]]] = {"units": _unit, "prices": _price}


def price_days(inputs: Any, items: str) -> dict[date, dict[str, Any]]:
    """Days on which the rate card moved a price that a list's items name -> the changes that take the prices of it.

    From the first day on which all of them have a price; none where an item names no model of the card.
    """
    from aiecon.ingestion.rate_cards import shipped_rate_card

    card, named = shipped_rate_card(), dict[str, dict[str, str]]()
    days: list[set[date]] = []
    for item in getattr(inputs, items):
        provider, model = (getattr(item.price, name, None) for name in ("provider", "model"))
        if provider is None or model is None or not card.has(provider, model):
            return {}
        named[f"{items}.{quoted(item.name)}.price"] = {"provider": provider, "model": model}
        begins = (quote.price.effective_from for quote in card.levels(model, provider=provider))
        days.append({day for day in begins if day is not None})
    first = max((min(own, default=date.max) for own in days), default=date.max)
    moved = sorted(day for day in set[date]().union(*days) if day >= first)
    return {day: {"as_of": day.isoformat(), **named} for day in moved}
