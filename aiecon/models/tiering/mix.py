"""The mix with the highest saving under limits on success, time and local models: a corner of what is allowed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import combinations

import numpy as np

_SAME = 1e-12


@dataclass(frozen=True)
class Entry:
    """A request that enters at a tier: cost with review, success, and mean time. [currency/request, s]

    `name` is that of the tier, or of the tier in a region; `attempts` says how many it makes where.
    """

    name: str
    cost: float
    success: float
    time: float
    is_local: bool = False
    region: str = ""
    attempts: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Limits:
    """What is asked of a mix; None and empty ask nothing.

    `regions` has the share of requests of each; `floors` what a tier takes once it is used: attempts of a request at
    least, and a cost of a request. [share; share, currency/request]
    """

    success: float | None = None
    time: float | None = None
    local: float | None = None
    regions: Mapping[str, float] = field(default_factory=dict)
    floors: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    def without(self, part: str) -> "Limits":
        """The same, success, time or local not asked."""
        held = {"success": self.success, "time": self.time, "local": self.local} | {part: None}
        return replace(self, **held)  # type: ignore[arg-type]

    def rows(self) -> list[Callable[[Entry], float]]:
        """What is zero or more, in the mean over a mix, where a limit is kept."""
        found: list[Callable[[Entry], float]] = []
        if (success := self.success) is not None:
            found.append(lambda entry: entry.success - success)
        if (time := self.time) is not None:
            found.append(lambda entry: time - entry.time)
        if (local := self.local) is not None:
            found.append(lambda entry: entry.is_local - local)
        return found


def best_corner(entries: list[Entry], limits: Limits, *, by_success: bool) -> dict[str, float] | None:
    """Return the shares with the lowest cost (per accepted answer where `by_success`), or None when none is allowed.

    Cost ÷ success is monotone along every edge of the shares, so the best are corners of what is allowed: one tier,
    two tiers where a limit is met exactly, one more for each other limit. A tie goes to fewer tiers, in their order.
    Regions and floors are not looked at: see `best_plan`.
    """
    kept = limits.rows()
    found: list[tuple[float, int, dict[str, float]]] = []
    for size in range(1, min(1 + len(kept), len(entries)) + 1):
        for chosen in combinations(entries, size):
            for held in combinations(kept, size - 1):
                shares = _corner(chosen, held)
                if shares is None or any(
                    sum(share * limit(entry) for share, entry in zip(shares, chosen, strict=True)) < -_SAME
                    for limit in kept
                ):
                    continue
                cost = sum(share * entry.cost for share, entry in zip(shares, chosen, strict=True))
                success = sum(share * entry.success for share, entry in zip(shares, chosen, strict=True))
                if by_success and success <= 0:
                    continue
                value = cost / success if by_success else cost
                named = {entry.name: float(share) for share, entry in zip(shares, chosen, strict=True) if share > _SAME}
                found.append((value, len(named), named))
    if not found:
        return None
    lowest = min(value for value, *_ in found)
    tied = [one for one in found if one[0] <= lowest + _SAME * max(abs(lowest), 1e-9)]
    return min(tied, key=lambda one: one[1])[2]


def _corner(chosen: tuple[Entry, ...], held: tuple[Callable[[Entry], float], ...]) -> np.ndarray | None:
    """Shares of some tiers that add up to 1 and meet limits exactly; None where there are none of zero or more."""
    if len(chosen) == 1:
        return np.ones(1)
    if len(held) == 1:  # two tiers on one limit, what a frontier asks most
        first, second = (held[0](entry) for entry in chosen)
        share = second / (second - first) if first != second else -1.0
        return np.clip([share, 1.0 - share], 0.0, 1.0) if -_SAME <= share <= 1.0 + _SAME else None
    rows = [np.ones(len(chosen)), *(np.array([limit(entry) for entry in chosen]) for limit in held)]
    matrix, wanted = np.array(rows), np.array([1.0, *([0.0] * len(held))])
    if np.linalg.matrix_rank(matrix) < len(chosen):
        return None
    shares = np.linalg.solve(matrix, wanted)
    return np.clip(shares, 0.0, 1.0) if shares.min() >= -_SAME else None
