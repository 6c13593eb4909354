"""Levers on a cost: what they save together, and how much of it is each one's."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from aiecon.bridges import factor_effects
from aiecon.errors import InputError
from aiecon.vocabulary.arguments import is_number, number_problems
from aiecon.vocabulary.lever import ALL, Lever
from aiecon.vocabulary.strict import nearest

_MOST = 14


def split_saving(
    levers: Sequence[Lever | Mapping[str, Any]],
    base: Mapping[str, float],
    *,
    requests: Mapping[str, float] | None = None,
) -> dict[str, float]:
    """Split what levers save together into one saving each, whatever their order.

    Parameters
    ----------
    levers
        {name, applies_to, saving} each: applies_to is a part of the cost, a list of them, or "all". A semantic cache
        has {hit_rate, wrong_hit_share, wrong_hit_cost, lookup_cost} as `semantic_cache` instead of a saving.
    base
        Part -> cost without any lever. [currency]
    requests
        Part -> requests behind its cost; needed where a semantic cache applies. [requests]

    Returns
    -------
    dict
        Lever -> saving; together they are what all save. [currency]

    Notes
    -----
    Savings on one part multiply: it costs base × (1 − s1) × (1 − s2) ... after them. Each lever's share is Shapley's:
    the mean of what it takes off over every order of the levers. A semantic cache takes its hit rate off; lookups and
    wrong hits, requests × (lookup + hits × wrong × cost of a wrong hit), are its own in any order.

    Examples
    --------
    >>> cache = {"name": "cache", "applies_to": "all", "saving": 0.5}
    >>> batch = {"name": "batch", "applies_to": "b", "saving": 0.5}
    >>> split_saving([cache, batch], {"a": 100.0, "b": 100.0})
    {'cache': 87.5, 'batch': 37.5}
    """
    rows = _read(levers, base, requests)
    problems = unknown_targets(rows, list(base))
    names = [row.name for row in rows]
    problems += [f"levers: {name} stands twice" for name in sorted({one for one in names if names.count(one) > 1})]
    problems += number_problems("zero or more", **{f"base.{part}": cost for part, cost in base.items()})
    caches = [row for row in rows if row.semantic_cache is not None]
    problems += cache_problems(rows, list(base))
    asked = requests or {}
    problems += [
        f"requests.{part} is needed, zero or more: levers.{row.name} is a semantic cache"
        for part in base
        for row in caches
        if row.reaches(part) and number_problems(requests=asked.get(part))
    ]
    if len(rows) > _MOST:
        problems.append(f"levers: at most {_MOST} can be split, got {len(rows)}")
    if problems:
        raise InputError(problems)
    found = dict.fromkeys(names, 0.0)
    for part, cost in base.items():
        acting = {row.name: 1.0 - row.taken for row in rows if row.reaches(part)}
        effects = factor_effects(dict.fromkeys(acting, 1.0), acting) if acting else {}
        for name, effect in effects.items():
            found[name] -= cost * effect
        for row in caches:
            found[row.name] -= asked[part] * row.added_per_request if row.reaches(part) else 0.0
    return found


def _read(levers: Any, base: Any, requests: Any) -> list[Lever]:
    """The levers, once the arguments are of the kind that is expected."""
    problems = [
        f"{name} must be a table of numbers by part, got {value!r}"
        for name, value in (("base", base), ("requests", requests or {}))
        if not isinstance(value, Mapping)
    ]
    if isinstance(levers, str | Mapping) or not isinstance(levers, Iterable):
        raise InputError([f"levers must be a list of levers, a table each, got {levers!r}", *problems])
    found = []
    for place, lever in enumerate(levers, start=1):
        try:
            found.append(_lever(lever, place))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return found


def _lever(lever: Any, place: int) -> Lever:
    if isinstance(lever, Lever):
        return lever
    if not isinstance(lever, Mapping):
        raise InputError(f"levers: number {place} must be a table {{name, applies_to, saving}}, got {lever!r}")
    try:
        return Lever.build(lever)
    except InputError as error:
        raise InputError([f"levers.{lever.get('name', place)}.{problem}" for problem in error.problems]) from None


def remaining(levers: Sequence[Lever], *names: str) -> float:
    """Part of a cost that is left after the levers that reach any of these names."""
    return float(np.prod([1.0 - lever.taken for lever in levers if lever.reaches(*names)]))


def cache_problems(levers: Sequence[Lever], parts: Sequence[str], *, field: str = "levers") -> list[str]:
    """Problems of semantic caches: two in front of one part would make their order matter."""
    found = []
    for part in parts:
        names = [lever.name for lever in levers if lever.semantic_cache is not None and lever.reaches(part)]
        if len(names) > 1:
            found.append(f"{field}: one semantic cache at most may stand before {part}, got {' and '.join(names)}")
    return found


def unknown_targets(levers: Sequence[Lever], known: Sequence[str], *, field: str = "levers") -> list[str]:
    """Problems of levers that apply to what is not there."""
    return [
        f"{field}.{lever.name}: applies_to {target!r} is not a part of the cost{nearest(target, [*known, ALL])}"
        for lever in levers
        for target in lever.targets
        if target not in known and target != ALL
    ]


def prompt_cache_ratio(reuses: float, *, write: float = 1.25, read: float = 0.1) -> float:
    """Return the cost of a cached prompt over that of an uncached one.

    Parameters
    ----------
    reuses
        Times it is read again while it is kept, after the request that wrote it. [uses]
    write, read
        Price of writing and of reading it over that of plain input; 1.25 and 0.1 as Anthropic lists them for five
        minutes.

    Notes
    -----
    (write + reuses × read) ÷ (1 + reuses): above 1 the cache costs more than it saves.

    Examples
    --------
    >>> prompt_cache_ratio(0), round(prompt_cache_ratio(9), 4)
    (1.25, 0.215)
    """
    if problems := number_problems(reuses=reuses, write=write, read=read):
        raise InputError(problems)
    return (write + reuses * read) / (1.0 + reuses)


def semantic_cache_saving(
    cost_per_request: float,
    *,
    hit_rate: float,
    wrong_hit_share: float = 0.0,
    wrong_hit_cost: float = 0.0,
    lookup_cost: float = 0.0,
) -> float:
    """Return the share of a request's cost that a semantic cache saves; negative where it costs more than it saves.

    Parameters
    ----------
    cost_per_request
        Without the cache. [currency/request]
    hit_rate
        Requests answered from it. [share]
    wrong_hit_share
        Hits whose answer does not fit. [share of hits]
    wrong_hit_cost
        Of putting one right. [currency/wrong hit]
    lookup_cost
        Of a lookup, hit or not. [currency/request]

    Notes
    -----
    hit rate − (lookup + hit rate × wrong share × cost of a wrong hit) ÷ cost of a request; it pays from a hit rate of
    lookup ÷ (cost of a request − wrong share × cost of a wrong hit) on.

    Examples
    --------
    >>> round(semantic_cache_saving(0.0375, hit_rate=0.4, lookup_cost=0.0015), 2)
    0.36
    """
    cache = {
        "hit_rate": hit_rate,
        "wrong_hit_share": wrong_hit_share,
        "wrong_hit_cost": wrong_hit_cost,
        "lookup_cost": lookup_cost,
    }
    if not is_number(cost_per_request) or cost_per_request <= 0:
        raise InputError(f"cost_per_request must be more than zero, got {cost_per_request!r}")
    lever = Lever.build({"name": "semantic cache", "applies_to": ALL, "semantic_cache": cache})
    return lever.taken - lever.added_per_request / cost_per_request
