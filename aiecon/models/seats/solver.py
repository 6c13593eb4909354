"""People to plans as a linear program: whole people where there are few, proved by its dual where there are many."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from aiecon.models.seats.cuts import banded
from aiecon.models.seats.people import People
from aiecon.models.seats.program import LEAN, Program, program, reduced

_EXACT_CELLS = 1_200  # people × plans up to which all are decided together, as whole people
_GROUPS = 2_400  # groups of like people that find the prices of many
_ROUGH_GROUPS = 400  # of them where a rough answer will do
_OPEN = 250  # people nearest to a change of plan that are decided one by one
_MOST_OPEN = 1_000  # of them at most, where that proves the cost
_BOUND_GROUPS = 200  # groups that find the prices of a bound
_POPULATION_GROUPS = 1_500  # groups of a population
_WHOLE = 1e-6
_TINY = 1e-8  # of all people


@dataclass(frozen=True, eq=False)
class Solution:
    """Part of each person in each plan, shape (n, n_plans), and what the cost may be above the lowest."""

    parts: np.ndarray
    gap: float


def solve(
    people: People, tariffs: Sequence[Any], *, fee: float, below: float, is_rough: bool = False
) -> Solution | None:
    """Return who is in which of these plans, all of them paid for with their minimum; None if not `below` a cost.

    Cost is linear in parts of people, seats N ≥ holders, N ≥ minimum, and pooled overage s ≥ use − N × included. A
    population may be split, so its program is the answer. Few people are decided as whole ones, by branch and bound.
    Of many, groups of like people give the program's prices first, finer ones about those near a change of plan; all
    others are where the program puts them, and those near are decided as whole people, unless a rough answer will do.
    """
    if people.is_population:
        return _population(people, tariffs, fee, below)
    if len(people.spend) * len(tariffs) <= _EXACT_CELLS:
        return _few(people, tariffs, fee, below)
    return _many(people, tariffs, fee, below, is_rough=is_rough)


def _population(people: People, tariffs: Sequence[Any], fee: float, below: float) -> Solution | None:
    groups = _grouped(people, _POPULATION_GROUPS)
    lp = program(groups.spent / groups.weight, groups.weight, tariffs, fee, whole=False)
    if lp is None:
        return None
    parts, width = lp.parts[groups.of], len(tariffs)
    tiny = people.weight < _TINY * people.count  # the program does not see them
    choice = reduced(people.spend[tiny], tariffs, fee, lp).argmin(axis=1)
    parts[tiny] = np.eye(width + 1)[choice, :width]
    return Solution(parts, 0.0) if _cost(people, tariffs, parts, fee) <= below else None


def _few(people: People, tariffs: Sequence[Any], fee: float, below: float) -> Solution | None:
    lp = program(people.spend, people.weight, tariffs, fee, whole=False)
    if lp is None or lp.bound > below:
        return None
    found = program(people.spend, people.weight, tariffs, fee, whole=True)
    if found is None or found.gap <= 0:
        return None if found is None else Solution(found.parts, 0.0)
    return _refined(people, tariffs, found.parts, fee, _cost(people, tariffs, found.parts, fee) - found.gap)


def _many(people: People, tariffs: Sequence[Any], fee: float, below: float, *, is_rough: bool) -> Solution | None:
    groups = _grouped(people, _ROUGH_GROUPS if is_rough else _GROUPS)
    lp = program(groups.spent / groups.weight, groups.weight, tariffs, fee, whole=False)
    if lp is None:
        return None
    priced = _priced(people, tariffs, fee, lp, groups)
    if not is_rough:
        priced = _finer(people, tariffs, fee, priced, groups)
    priced = replace(priced, bound=priced.bound - LEAN * lp.size * len(people.spend))
    if priced.bound > below:
        return None
    if is_rough:
        return _refined(people, tariffs, np.eye(len(tariffs) + 1)[priced.choice, :-1], fee, priced.bound)
    near = np.lexsort([priced.margin, ~priced.is_split])
    found, is_solved = _opened(people, tariffs, fee, priced, near[:_OPEN])
    open_ones = int((priced.is_split | (priced.margin <= found.gap)).sum())
    if is_solved and _OPEN < open_ones <= _MOST_OPEN:
        found, _ = _opened(people, tariffs, fee, priced, near[:open_ones])
    return found


@dataclass(frozen=True, eq=False)
class _Groups:
    starts: np.ndarray
    of: np.ndarray
    weight: np.ndarray
    spent: np.ndarray


@dataclass(frozen=True, eq=False)
class _Priced:
    """People at a program's prices: where it puts each, what a change adds, and what all cost at least.

    Attributes
    ----------
    choice
        Place of the plan of each person, the number of plans for none. Shape (n,)
    is_split
        Whether the program gives parts of them to several. Shape (n,)
    margin
        What the next best plan costs more. [currency/month], shape (n,)
    bound
        Below it no allocation costs. [currency/month]
    """

    choice: np.ndarray
    is_split: np.ndarray
    margin: np.ndarray
    bound: float


def _priced(people: People, tariffs: Sequence[Any], fee: float, lp: Program, groups: _Groups) -> _Priced:
    costs = reduced(people.spend, tariffs, fee, lp)
    order = np.sort(costs, axis=1)
    shares = np.column_stack([lp.parts, 1.0 - lp.parts.sum(axis=1)])[groups.of]
    is_split = shares.max(axis=1) < 1.0 - _WHOLE
    return _Priced(shares.argmax(axis=1), is_split, order[:, 1] - order[:, 0], lp.constant + float(order[:, 0].sum()))


def _finer(people: People, tariffs: Sequence[Any], fee: float, priced: _Priced, groups: _Groups) -> _Priced:
    """People at the prices of a program in which those near a change of plan are alone, where that proves more."""
    finer = _around(people, np.argsort(priced.margin, kind="stable")[:_MOST_OPEN], groups)
    again = program(finer.spent / finer.weight, finer.weight, tariffs, fee, whole=False)
    if again is None:
        return priced
    return max(priced, _priced(people, tariffs, fee, again, finer), key=lambda one: one.bound)


def _opened(
    people: People, tariffs: Sequence[Any], fee: float, priced: _Priced, free: np.ndarray
) -> tuple[Solution, bool]:
    """Decide some people as whole ones, all others where a program puts them; and say whether that was solved.

    An allocation that puts one of the others elsewhere costs at least the bound and that person's margin more; so the
    lowest cost is no less than that, or than what the program of whole people proves of the free ones.
    """
    count, width = len(people.spend), len(tariffs)
    free, bound = np.sort(free), priced.bound
    settled = np.ones(count, dtype=bool)
    settled[free] = False
    parts = np.eye(width + 1)[priced.choice, :width]
    fixed = [
        (float(parts[settled, plan].sum()), float(parts[settled, plan] @ people.spend[settled]))
        for plan in range(width)
    ]
    opened = program(people.spend[free], people.weight[free], tariffs, fee, whole=True, fixed=fixed)
    if opened is not None:
        parts[free] = opened.parts
        others = bound + float(priced.margin[settled].min(initial=np.inf))
        proved = _cost(people, tariffs, parts, fee) - opened.gap - LEAN * opened.size * count
        bound = max(bound, min(proved, others))
    return _refined(people, tariffs, parts, fee, bound), opened is not None and opened.gap <= 0


def _refined(people: People, tariffs: Sequence[Any], parts: np.ndarray, fee: float, bound: float) -> Solution:
    """Parts as they are, or as bands of the ranking near them where these are cheaper."""
    tried = (parts, banded(people, tariffs, parts, fee=fee))
    costs = [_cost(people, tariffs, one, fee) for one in tried]
    least = int(np.argmin(costs))
    return Solution(tried[least], max(costs[least] - bound, 0.0))


def lowest(people: People, tariffs: Sequence[Any], *, fee: float) -> float:
    """Return a cost below which no allocation over these plans is, from the prices of a program over few groups."""
    groups = _grouped(people, _BOUND_GROUPS)
    lp = program(groups.spent / groups.weight, groups.weight, tariffs, fee, whole=False)
    if lp is None:
        return np.inf
    each = reduced(people.spend, tariffs, fee, lp).min(axis=1)
    return lp.constant + float(people.weight @ each) - LEAN * lp.size * people.count


def _grouped(people: People, groups: int) -> _Groups:
    """Neighbours by use put together, heaviest first."""
    count = len(people.spend)
    of = np.arange(count) * min(groups, count) // count
    starts = np.flatnonzero(np.diff(of, prepend=-1))
    weight = np.bincount(of, weights=people.weight)
    spent = np.bincount(of, weights=people.weight * people.spend)
    return _Groups(starts, of, weight, spent)


def _around(people: People, alone: np.ndarray, groups: _Groups) -> _Groups:
    """Groups in which some people are alone, the others with their neighbours."""
    starts = np.unique(np.concatenate([groups.starts, alone, alone + 1]))
    starts = starts[starts < len(people.spend)]
    of = np.searchsorted(starts, np.arange(len(people.spend)), side="right") - 1
    weight = np.bincount(of, weights=people.weight)
    return _Groups(starts, of, weight, np.bincount(of, weights=people.weight * people.spend))


def _cost(people: People, tariffs: Sequence[Any], parts: np.ndarray, fee: float) -> float:
    total = 0.0
    for plan, one in enumerate(tariffs):
        part = parts[:, plan] * people.weight
        if one.fill == "holders" and float(part.sum()) < one.minimum - _WHOLE:
            return np.inf
        seats = max(float(part.sum()), float(one.floor))
        total += seats * one.price
        if one.is_pooled:
            total += one.overage * max(float(part @ people.spend) - seats * one.included, 0.0)
        else:
            total += one.overage * float(part @ np.maximum(people.spend - one.included, 0.0))
    outside = (1.0 - parts.sum(axis=1)) * people.weight
    return total + float(outside @ people.spend) + fee * float(outside.sum())
