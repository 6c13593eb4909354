"""Every corner of what regions, floors and limits allow, and the best mix at any success asked, with nothing missed."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations
from math import comb

import numpy as np

from aiecon.models.tiering.mix import Entry, Limits

MOST = 20_000  # systems to solve; above it a program is faster
_SAME = 1e-9
_FLAT = 1e-12  # determinant of a system without one answer


def systems(entries: Sequence[Entry], limits: Limits) -> int:
    """Systems of equations that `Corners` solves, at most."""
    rows = len(replace(limits, success=None).rows()) + len(limits.floors)
    regions = max(1, len(limits.regions))
    each = sum(comb(rows, held) * comb(len(entries), regions + held) for held in range(rows + 1))
    return each * 2 ** len(limits.floors)


class Corners:
    """Corners of the shares that keep every limit but success.

    Notes
    -----
    For every set of tiers with a floor that may be used: shares of each region add up, and some limits are met exactly
    by as many entries more. Cost ÷ success, and cost, are lowest at a corner; with success ≥ q also where an edge, a
    line between two corners, reaches q.
    """

    def __init__(self, entries: Sequence[Entry], limits: Limits) -> None:
        self.names = [entry.name for entry in entries]
        self.cost = np.array([entry.cost for entry in entries])
        self.success = np.array([entry.success for entry in entries])
        parts = list(self._parts(list(entries), replace(limits, success=None)))
        self.groups = [(part, part @ self.cost + fixed, part @ self.success) for part, fixed in parts if len(part)]

    def _parts(self, entries: list[Entry], limits: Limits) -> Iterator[tuple[np.ndarray, float]]:
        """Corners of each set of tiers used, shape (n_corners, n_entries), and what these cost by the request."""
        for size in range(len(limits.floors) + 1):
            for used in combinations(limits.floors, size):
                open_to = [
                    place
                    for place, entry in enumerate(entries)
                    if not any(entry.attempts.get(tier, 0.0) > 0 for tier in limits.floors if tier not in used)
                ]
                rows = [[limit(entry) for entry in entries] for limit in limits.rows()]
                for tier in used:
                    least = limits.floors[tier][0]
                    rows += [[entry.attempts.get(tier, 0.0) - least for entry in entries]] if least > 0 else []
                regions = limits.regions or {"": 1.0}
                whole = np.array([[float(entry.region == name) for entry in entries] for name in regions])
                kept = np.array(rows).reshape(-1, len(entries))
                fixed = sum(limits.floors[tier][1] for tier in used)
                yield _corners(whole, np.array([*regions.values()]), kept, open_to), fixed

    def best(self, wanted: float | None, *, by_success: bool) -> dict[str, float] | None:
        """Shares with the lowest cost, per accepted answer where `by_success`, at a success of so much or more."""
        found: list[tuple[float, int, np.ndarray]] = []
        for shares, cost, success in self.groups:
            for one in self._reaching(shares, cost, success, wanted, by_success):
                found.append(one)
        if not found:
            return None
        lowest = min(value for value, *_ in found)
        tied = [one for one in found if one[0] <= lowest + _FLAT * max(abs(lowest), _SAME)]
        best = min(tied, key=lambda one: one[1])[2]
        return {name: float(share) for name, share in zip(self.names, best, strict=True) if share > _SAME}

    def _reaching(
        self, shares: np.ndarray, cost: np.ndarray, success: np.ndarray, wanted: float | None, by_success: bool
    ) -> Iterator[tuple[float, int, np.ndarray]]:
        """The best corners of a group, and the best point where an edge reaches the success asked: value, size, mix."""
        enough = np.ones(len(cost), bool) if wanted is None else success >= wanted - _FLAT
        allowed = enough & (success > _SAME) if by_success else enough
        if allowed.any():
            value = np.where(allowed, cost / np.maximum(success, 1e-300) if by_success else cost, np.inf)
            near = value <= value.min() + _FLAT * max(abs(float(value.min())), _SAME)
            for place in np.flatnonzero(near):
                yield float(value[place]), int((shares[place] > _SAME).sum()), shares[place]
        if wanted is None or wanted <= 0 or enough.all() or not enough.any():
            return
        below, above = np.flatnonzero(~enough), np.flatnonzero(enough)
        part = (wanted - success[below][:, None]) / (success[above][None] - success[below][:, None])
        met = cost[below][:, None] + part * (cost[above][None] - cost[below][:, None])
        low, high = np.unravel_index(int(met.argmin()), met.shape)
        mix = shares[below[low]] + part[low, high] * (shares[above[high]] - shares[below[low]])
        yield float(met[low, high]) / (wanted if by_success else 1.0), int((mix > _SAME).sum()), mix


def _corners(whole: np.ndarray, share: np.ndarray, kept: np.ndarray, open_to: list[int]) -> np.ndarray:
    """Corners of {x ≥ 0, whole x = share, kept x ≥ 0}, entries that are not open at 0, shape (n_corners, n_entries)."""
    found = [np.empty((0, whole.shape[1]))]
    for held in range(len(kept) + 1):
        chosen = np.array([*combinations(open_to, len(share) + held)], dtype=int).reshape(-1, len(share) + held)
        for rows in combinations(range(len(kept)), held) if len(chosen) else ():
            matrix = np.vstack([whole, kept[list(rows)]])
            systems_ = matrix[:, chosen].transpose(1, 0, 2)
            is_one = np.abs(np.linalg.det(systems_)) > _FLAT
            wanted = np.concatenate([share, np.zeros(held)])[:, None]
            solved = np.linalg.solve(systems_[is_one], np.broadcast_to(wanted, (int(is_one.sum()), len(wanted), 1)))
            mixes = np.zeros((len(solved), whole.shape[1]))
            np.put_along_axis(mixes, chosen[is_one], solved[..., 0], axis=1)
            found.append(mixes[(mixes >= -_SAME).all(1) & (mixes @ kept.T >= -_SAME).all(1)])
    corners = np.clip(np.concatenate(found), 0.0, None)
    return np.asarray(corners[np.unique(corners.round(10), axis=0, return_index=True)[1]])
