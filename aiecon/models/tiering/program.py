"""The cheapest mix: a corner of what is allowed, or where there are too many a mixed-integer program."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
from scipy import optimize

from aiecon.models.tiering.corners import MOST, Corners, systems
from aiecon.models.tiering.mix import Entry, Limits, best_corner

_SAME = 1e-9
_ROUNDS = 50
_SCALE = 1e3  # of the dearest entry in the program: HiGHS stops at a gap of 1e-6, whatever the unit


def best_plan(entries: Sequence[Entry], limits: Limits, *, by_success: bool) -> dict[str, float] | None:
    """Return the shares with the lowest cost (per accepted answer where `by_success`), or None when none is allowed.

    Notes
    -----
    min (Σ c x + Σ f y) ÷ Σ s x over shares x of the entries and y in {0, 1}, whether a tier is used:
    Σ x = share of each region · the mean keeps each limit · Σ x of entries that see tier t ≤ y_t ·
    attempts at t ≥ minimum_t y_t. The corners of what is allowed are tried one by one; where there are too many, a
    mixed-integer program finds the best.
    """
    return planner(entries, limits, by_success=by_success)(limits.success)


def planner(
    entries: Sequence[Entry], limits: Limits, *, by_success: bool
) -> Callable[[float | None], dict[str, float] | None]:
    """Return what finds the best plan at any success asked, the other limits as they are; see `best_plan`."""
    if not limits.regions and not limits.floors:
        return lambda wanted: best_corner(list(entries), replace(limits, success=wanted), by_success=by_success)
    if systems(entries, limits) <= MOST:
        return partial(Corners(entries, limits).best, by_success=by_success)
    return lambda wanted: best_program(entries, replace(limits, success=wanted), by_success=by_success)


def best_program(entries: Sequence[Entry], limits: Limits, *, by_success: bool) -> dict[str, float] | None:
    """Return the same by a mixed-integer program, for many entries and floors.

    Notes
    -----
    The ratio is brought down by Dinkelbach (1967): min Σ (c − λ s) x + Σ f y, with λ the ratio of the round before (at
    first that of the best entry), is zero at the lowest; each round is a program for HiGHS.
    """
    program = _Program(entries, limits)
    cost = np.array([*(entry.cost for entry in entries), *(fixed for _, fixed in limits.floors.values())])
    success = np.array([*(entry.success for entry in entries), *(0.0 for _ in limits.floors)])
    ratio = min((entry.cost / entry.success for entry in entries if entry.success > 0), default=0.0)
    found = program.cheapest(cost - ratio * success if by_success else cost)
    if by_success and found is not None and not success @ found > _SAME:
        found = program.cheapest(-success)
    if found is None or (by_success and not success @ found > _SAME):
        return None
    for _ in range(_ROUNDS if by_success else 0):
        ratio = (cost @ found) / (success @ found)
        other = program.cheapest(cost - ratio * success)
        if other is None or (cost - ratio * success) @ other >= -_SAME * max(abs(ratio), 1e-300):
            break
        found = other
    return {entry.name: float(share) for entry, share in zip(entries, found, strict=False) if share > _SAME}


class _Program:
    """Rows of the program: what every plan keeps, whatever is brought down."""

    def __init__(self, entries: Sequence[Entry], limits: Limits) -> None:
        places = {tier: len(entries) + at for at, tier in enumerate(limits.floors)}
        self.size, self.first_binary = len(entries) + len(places), len(entries)
        rows = [self._row(entries, [limit(entry) for entry in entries]) for limit in limits.rows()]
        for tier, (minimum, _) in limits.floors.items():
            attempts = [entry.attempts.get(tier, 0.0) for entry in entries]
            used = self._row(entries, [-1.0 if seen > 0 else 0.0 for seen in attempts])
            least = self._row(entries, attempts)
            used[places[tier]], least[places[tier]] = 1.0, -minimum
            rows += [used, least]
        regions = limits.regions or {"": 1.0}
        whole = [self._row(entries, [float(entry.region == region) for entry in entries]) for region in regions]
        self.constraints = [optimize.LinearConstraint(np.array(whole), [*regions.values()], [*regions.values()])]
        if rows:
            self.constraints.append(optimize.LinearConstraint(np.array(rows), 0.0, np.inf))

    def _row(self, entries: Sequence[Entry], values: Sequence[float]) -> np.ndarray:
        return np.array([*values, *[0.0] * (self.size - len(entries))])

    def cheapest(self, costs: np.ndarray) -> np.ndarray | None:
        """Shares and used tiers with the lowest sum of costs; None when no plan keeps every row."""
        largest = float(np.abs(costs).max(initial=0.0))
        found = optimize.milp(
            costs * (_SCALE / largest) if largest > 0 else costs,
            constraints=self.constraints,
            bounds=optimize.Bounds(0.0, 1.0),
            integrality=(np.arange(self.size) >= self.first_binary).astype(int),
            options={"mip_rel_gap": 0.0},
        )
        if found.x is None:
            return None
        return np.concatenate([found.x[: self.first_binary], np.round(found.x[self.first_binary :])])
