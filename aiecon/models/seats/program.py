"""The program of people and plans: parts of people, seats and pooled overage, its prices, and whole people."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import optimize, sparse

LEAN = 1e-7
"""What a seat costs beyond its price at most, in mean uses, so that ties go to fewer unit-months and seats."""
_LEAN_UNCOMMITTED = 0.1  # of it for a seat without a commitment beside seats with one
_FEW_CELLS = 60  # people × plans up to which all branches are looked at, and more or less until proved
_FINE = 1e4  # times the costs of few, so that what the solver leaves unsolved, 1e-6, is less than a lean
_NODES_OF_FEW, _NODES = 100_000, 200  # branches looked at


@dataclass(frozen=True, eq=False)
class Program:
    """A program solved, and what its prices say.

    Attributes
    ----------
    parts
        Of each person, or group of like people, in each plan. Shape (n, n_plans)
    seat_price, use_price
        What a holder and a unit of use cost in each plan at the program's prices; zeros of whole people. Shape
        (n_plans,)
    constant
        What all cost beyond what each does at these prices. [currency/month]
    bound
        Below it no allocation costs. [currency/month]
    gap
        Of whole people: what their cost may be above the lowest. [currency/month]
    size
        Mean use, in which costs are counted. [currency/month]
    """

    parts: np.ndarray
    seat_price: np.ndarray
    use_price: np.ndarray
    constant: float
    bound: float
    gap: float
    size: float


def program(
    spend: np.ndarray,
    weight: np.ndarray,
    tariffs: Sequence[Any],
    fee: float,
    *,
    whole: bool,
    spent: np.ndarray | None = None,
    fixed: Sequence[tuple[float, float]] | None = None,
) -> Program | None:
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
        return Program(parts.reshape(count, width), none, none, 0.0, 0.0, gap * size, size)
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
    found = Program(lp.x[:columns].reshape(count, width), by_seat, by_use, 0.0, 0.0, 0.0, size)
    each = reduced(used / np.maximum(weight, 1e-300), tariffs, fee, found)
    everyone = float(used.sum()) + fee * float(weight.sum())
    cost = lp.fun * size + everyone
    constant = cost - float(weight @ each.min(axis=1))
    bound = cost - LEAN * size * float(weight.sum())
    return replace(found, constant=constant, bound=bound)


def _leans(tariffs: Sequence[Any]) -> np.ndarray:
    """What a seat of each plan costs beyond its price, in mean uses: more the longer it is committed for."""
    months = np.array([one.commitment for one in tariffs])
    longest = float(months.max())
    if longest <= 0:
        return np.full(len(months), LEAN)
    return np.asarray(LEAN * (_LEAN_UNCOMMITTED + (1.0 - _LEAN_UNCOMMITTED) * months / longest))


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
    is_few = columns <= _FEW_CELLS
    fine = _FINE if is_few else 1.0
    integral = np.concatenate([np.ones(columns), np.zeros(len(costs) - columns)])
    with _silent():
        found = optimize.milp(
            costs * fine,
            constraints=optimize.LinearConstraint(matrix, -np.inf, limits),
            bounds=optimize.Bounds(low, high),
            integrality=integral,
            options={"mip_rel_gap": 0.0, "node_limit": _NODES_OF_FEW if is_few else _NODES},
        )
    if found.x is None:
        return None, 0.0
    return np.round(found.x[:columns]), 0.0 if found.status == 0 else float(found.fun - found.mip_dual_bound) / fine


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


def reduced(spend: np.ndarray, tariffs: Sequence[Any], fee: float, lp: Program) -> np.ndarray:
    """What each person costs in each plan at the program's prices, and without one in the last column."""
    costs = np.empty((len(spend), len(tariffs) + 1))
    for plan, one in enumerate(tariffs):
        use = lp.use_price[plan] * spend if one.is_pooled else one.overage * np.maximum(spend - one.included, 0.0)
        costs[:, plan] = lp.seat_price[plan] + use
    costs[:, -1] = spend + fee
    return costs
