"""People to plans as a linear program: whole people where there are few, proved by its dual where there are many."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import optimize, sparse

from aiecon.models.seats.cuts import banded
from aiecon.models.seats.people import People

_EXACT_CELLS = 1_200  # people × plans up to which all are decided together, as whole people
_GROUPS = 2_400  # groups of like people that find the prices of many
_OPEN = 250  # people nearest to a change of plan that are decided one by one
_BOUND_GROUPS = 200  # groups that find the prices of a bound
_POPULATION_GROUPS = 1_500  # groups of a population
_WHOLE = 1e-6
_TINY = 1e-8  # of all people
_FEW_CELLS = 60  # people × plans up to which all branches are looked at, and more or less until proved
_NODES_OF_FEW, _NODES = 100_000, 200  # branches looked at
_LEAN = 1e-7  # what a seat costs beyond its price at most, so that ties go to fewer unit-months and seats
_LEAN_UNCOMMITTED = 0.1  # of it for a seat without a commitment beside seats with one


@dataclass(frozen=True, eq=False)
class Solution:
    """Part of each person in each plan, shape (n, n_plans), and what the cost may be above the lowest."""

    parts: np.ndarray
    gap: float


def solve(people: People, tariffs: Sequence[Any], *, fee: float, below: float) -> Solution | None:
    """Return who is in which of these plans, all of them paid for with their minimum; None if not `below` a cost.

    Cost is linear in parts of people, seats N ≥ holders, N ≥ minimum, and pooled overage s ≥ use − N × included. A
    population may be split, so its program is the answer. Few people are decided as whole ones, by branch and bound.
    Of many, groups of like people give the program's prices first; with them all but those nearest to a change of plan
    are settled, and these are decided as whole people.
    """
    count, width = len(people.spend), len(tariffs)
    is_small = not people.is_population and count * width <= _EXACT_CELLS
    groups = _grouped(people, count if is_small else _POPULATION_GROUPS if people.is_population else _GROUPS)
    lp = _program(groups.spent / groups.weight, groups.weight, tariffs, fee, whole=False)
    if lp is None:
        return None
    if people.is_population:
        parts = lp.parts[groups.of]
        tiny = people.weight < _TINY * people.count  # the program does not see them
        choice = _reduced(people.spend[tiny], tariffs, fee, lp).argmin(axis=1)
        parts[tiny] = np.eye(width + 1)[choice, :width]
        return Solution(parts, 0.0) if _cost(people, tariffs, parts, fee) <= below else None
    if is_small:
        if lp.bound > below:
            return None
        found = _program(people.spend, people.weight, tariffs, fee, whole=True)
        if found is None or found.gap <= 0:
            return None if found is None else Solution(found.parts, 0.0)
        return _refined(people, tariffs, found.parts, fee, _cost(people, tariffs, found.parts, fee) - found.gap)
    costs = _reduced(people.spend, tariffs, fee, lp)
    order = np.sort(costs, axis=1)
    bound = lp.constant + float(order[:, 0].sum())
    if bound - _LEAN * lp.size * count > below:
        return None
    margin = order[:, 1] - order[:, 0]
    choice = costs.argmin(axis=1)
    free = np.sort(np.argsort(margin, kind="stable")[:_OPEN])
    settled = np.ones(count, dtype=bool)
    settled[free] = False
    parts = np.zeros((count, width))
    for plan in range(width):
        parts[settled & (choice == plan), plan] = 1.0
    fixed = [(float(parts[:, plan].sum()), float(parts[:, plan] @ people.spend)) for plan in range(width)]
    opened = _program(people.spend[free], people.weight[free], tariffs, fee, whole=True, fixed=fixed)
    parts[free] = opened.parts if opened is not None else np.eye(width + 1)[choice[free], :width]
    return _refined(people, tariffs, parts, fee, bound)


def _refined(people: People, tariffs: Sequence[Any], parts: np.ndarray, fee: float, bound: float) -> Solution:
    """Parts as they are, or as bands of the ranking near them where these are cheaper."""
    tried = (parts, banded(people, tariffs, parts, fee=fee))
    costs = [_cost(people, tariffs, one, fee) for one in tried]
    least = int(np.argmin(costs))
    return Solution(tried[least], max(costs[least] - bound, 0.0))


def lowest(people: People, tariffs: Sequence[Any], *, fee: float) -> float:
    """Return a cost below which no allocation over these plans is, from the prices of a program over few groups."""
    groups = _grouped(people, _BOUND_GROUPS)
    lp = _program(groups.spent / groups.weight, groups.weight, tariffs, fee, whole=False)
    if lp is None:
        return np.inf
    each = _reduced(people.spend, tariffs, fee, lp).min(axis=1)
    return lp.constant + float(people.weight @ each) - _LEAN * lp.size * people.count


@dataclass(frozen=True, eq=False)
class _Groups:
    starts: np.ndarray
    of: np.ndarray
    weight: np.ndarray
    spent: np.ndarray


def _grouped(people: People, groups: int) -> _Groups:
    """Neighbours by use put together, heaviest first."""
    count = len(people.spend)
    of = np.arange(count) * min(groups, count) // count
    starts = np.flatnonzero(np.diff(of, prepend=-1))
    weight = np.bincount(of, weights=people.weight)
    spent = np.bincount(of, weights=people.weight * people.spend)
    return _Groups(starts, of, weight, spent)


@dataclass(frozen=True, eq=False)
class _Program:
    parts: np.ndarray
    seat_price: np.ndarray
    use_price: np.ndarray
    constant: float
    bound: float
    """Below it no allocation costs. [currency/month]"""
    gap: float
    size: float


def _program(
    spend: np.ndarray,
    weight: np.ndarray,
    tariffs: Sequence[Any],
    fee: float,
    *,
    whole: bool,
    spent: np.ndarray | None = None,
    fixed: Sequence[tuple[float, float]] | None = None,
) -> _Program | None:
    """Parts of people (or groups) in plans; None where no parts fill these plans.

    Columns are the parts, then seats and pooled overage of each plan. `fixed` has holders and use of each plan that are
    settled already.
    """
    count, width = len(spend), len(tariffs)
    used = weight * spend if spent is None else spent
    fixed = fixed or [(0.0, 0.0)] * width
    size = max(float(np.abs(used).sum()) / max(float(weight.sum()), 1.0), 1e-9)  # costs are counted in mean uses
    objective, lean = np.zeros((count, width)), _leans(tariffs) * size
    columns, rest = count * width, np.zeros((2, width))
    low, rows, upper = np.zeros((2, width)), [], []
    for plan, one in enumerate(tariffs):
        over = 0.0 if one.is_pooled else one.overage * weight * np.maximum(spend - one.included, 0.0)
        fee_of_seat = one.price if one.fill == "holders" else 0.0
        objective[:, plan] = over - used - fee * weight + (fee_of_seat + lean[plan]) * weight
        rest[0, plan] = 0.0 if one.fill == "holders" else one.price
        rest[1, plan] = one.overage if one.is_pooled else 0.0
        low[0, plan] = 0.0 if one.fill == "holders" else float(one.minimum)
        for coefficients, limit in _rows(plan, one, weight, used, fixed[plan], (columns, width)):
            rows.append(coefficients)
            upper.append(limit)
    choice = sparse.hstack([sparse.kron(sparse.eye(count), np.ones((1, width))), sparse.csr_matrix((count, 2 * width))])
    matrix = sparse.vstack([choice, sparse.csr_matrix(np.array(rows))], format="csr")
    limits = np.concatenate([np.ones(count), upper])
    high = np.full((2, width), np.inf)
    high[0] = [float(one.minimum) if one.fill == "minimum" else np.inf for one in tariffs]
    costs = np.concatenate([objective.ravel(), rest.ravel()]) / size
    lowest = np.concatenate([np.zeros(columns), low.ravel()])
    highest = np.concatenate([np.ones(columns), high.ravel()])
    if whole:
        parts, gap = _whole(costs, matrix, limits, lowest, highest, columns)
        if parts is None:
            return None
        none = np.zeros(width)
        return _Program(parts.reshape(count, width), none, none, 0.0, 0.0, gap * size, size)
    bounds = np.column_stack([lowest, highest])
    lp = optimize.linprog(costs, A_ub=matrix, b_ub=limits, bounds=bounds, method="highs")
    if lp.x is None:
        return None
    duals = -lp.ineqlin.marginals[count:] * size
    by_seat, by_use = np.zeros(width), np.zeros(width)
    for price, row in zip(duals, rows, strict=True):
        for plan in range(width):
            column = row[plan:columns:width]
            seats, uses = _split(column, weight, used)
            by_seat[plan] += price * seats
            by_use[plan] += price * uses
    by_seat += np.array([one.price if one.fill == "holders" else 0.0 for one in tariffs]) + lean
    found = _Program(lp.x[:columns].reshape(count, width), by_seat, by_use, 0.0, 0.0, 0.0, size)
    each = _reduced(used / np.maximum(weight, 1e-300), tariffs, fee, found)
    everyone = float(used.sum()) + fee * float(weight.sum())
    cost = lp.fun * size + everyone
    constant = cost - float(weight @ each.min(axis=1))
    bound = cost - _LEAN * size * float(weight.sum())
    return replace(found, constant=constant, bound=bound)


def _leans(tariffs: Sequence[Any]) -> np.ndarray:
    """What a seat of each plan costs beyond its price, in mean uses: more the longer it is committed for."""
    months = np.array([one.commitment for one in tariffs])
    longest = float(months.max())
    if longest <= 0:
        return np.full(len(months), _LEAN)
    return np.asarray(_LEAN * (_LEAN_UNCOMMITTED + (1.0 - _LEAN_UNCOMMITTED) * months / longest))


def _rows(
    plan: int,
    one: Any,
    weight: np.ndarray,
    used: np.ndarray,
    fixed: tuple[float, float],
    shape: tuple[int, int],
) -> list[tuple[np.ndarray, float]]:
    """Rows ≤ limit of a plan over parts, seats and pooled overage: its seats, and its pool."""
    columns, width = shape
    holders, pool = np.zeros(columns + 2 * width), np.zeros(columns + 2 * width)
    pool[plan:columns:width] = used
    pool[columns + width + plan] = -1.0
    if one.fill == "holders":
        holders[plan:columns:width] = -weight
        pool[plan:columns:width] -= one.included * weight
        limits = (fixed[0] - one.minimum, one.included * fixed[0] - fixed[1])
    else:
        holders[plan:columns:width] = weight
        holders[columns + plan] = -1.0
        pool[columns + plan] = -one.included
        limits = (-fixed[0], -fixed[1])
    return [(holders, limits[0]), *([(pool, limits[1])] if one.is_pooled else [])]


def _split(column: np.ndarray, weight: np.ndarray, used: np.ndarray) -> tuple[float, float]:
    """A row's part of each plan as so much a person and so much a use: it is weight × a + used × b."""
    if not column.any():
        return 0.0, 0.0
    if np.allclose(column, weight * (column[0] / weight[0]), rtol=1e-12, atol=0.0):
        return float(column[0] / weight[0]), 0.0
    found, *_ = np.linalg.lstsq(np.column_stack([weight, used]), column, rcond=None)
    return float(found[0]), float(found[1])


def _whole(
    costs: np.ndarray, matrix: Any, limits: np.ndarray, low: np.ndarray, high: np.ndarray, columns: int
) -> tuple[np.ndarray | None, float]:
    """The cheapest whole-person solution and what it may be above the lowest, by branch and bound (HiGHS).

    The nodes are limited by their number, not by a clock, so that the same people get the same plans.
    """
    integral = np.concatenate([np.ones(columns), np.zeros(len(costs) - columns)])
    with _silent():
        found = optimize.milp(
            costs,
            constraints=optimize.LinearConstraint(matrix, -np.inf, limits),
            bounds=optimize.Bounds(low, high),
            integrality=integral,
            options={"mip_rel_gap": 0.0, "node_limit": _NODES_OF_FEW if columns <= _FEW_CELLS else _NODES},
        )
    if found.x is None:
        return None, 0.0
    return np.round(found.x[:columns]), 0.0 if found.status == 0 else float(found.fun - found.mip_dual_bound)


@contextmanager
def _silent() -> Iterator[None]:
    """Keep what HiGHS prints by itself, whatever it is told, out of the answer on standard output."""
    sys.stdout.flush()
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)


def _reduced(spend: np.ndarray, tariffs: Sequence[Any], fee: float, lp: _Program) -> np.ndarray:
    """What each person costs in each plan at the program's prices, and without one in the last column."""
    costs = np.empty((len(spend), len(tariffs) + 1))
    for plan, one in enumerate(tariffs):
        use = lp.use_price[plan] * spend if one.is_pooled else one.overage * np.maximum(spend - one.included, 0.0)
        costs[:, plan] = lp.seat_price[plan] + use
    costs[:, -1] = spend + fee
    return costs


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
