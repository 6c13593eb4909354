"""Plans as bands of the ranking, their cuts moved two at a time: what a program of many people left to gain."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from aiecon.models.seats.people import People

_WINDOW = 40  # people on either side of a cut that are tried
_ROUNDS = 5


def banded(people: People, tariffs: Sequence[Any], parts: np.ndarray, *, fee: float) -> np.ndarray:
    """Return parts in which plans are bands of the ranking, heaviest first, near the numbers of people of given parts.

    Every two neighbouring cuts are moved together, all pairs within a window tried, until none gains. People are whole.
    """
    held = parts.sum(axis=0)
    mean = (parts.T @ people.spend) / np.maximum(held, 1.0)
    order = [int(plan) for plan in np.argsort(-mean, kind="stable")]
    bands = [_Band(people.spend, tariffs[plan]) for plan in order]
    cuts = [0, *np.cumsum([round(held[plan]) for plan in order]).tolist(), len(people.spend)]
    nobody = _Band(people.spend, None, fee)
    lanes = [*bands, nobody]
    for _ in range(_ROUNDS):
        before = list(cuts)
        for place in range(len(bands)):
            _move(lanes, cuts, place)
        if cuts == before:
            break
    found = np.zeros_like(parts)
    for place, plan in enumerate(order):
        found[cuts[place] : cuts[place + 1], plan] = 1.0
    return found


class _Band:
    """What those between two cuts cost in a plan, or without one."""

    def __init__(self, spend: np.ndarray, tariff: Any, fee: float = 0.0) -> None:
        self.tariff, self.fee = tariff, fee
        own = tariff is not None and not tariff.is_pooled
        counted = np.maximum(spend - tariff.included, 0.0) if own else spend
        self.before = np.append(0.0, np.cumsum(counted))

    def cost(self, low: Any, high: Any) -> Any:
        """Cost for each pair of cuts; infinite where too few are between them for the price."""
        held, used, one = high - low, self.before[high] - self.before[low], self.tariff
        if one is None:
            return used + self.fee * held
        seats = np.maximum(held, one.floor)
        beyond = np.maximum(used - seats * one.included, 0.0) if one.is_pooled else used
        is_short = (held < one.minimum) & (one.fill == "holders")
        return np.where(is_short, np.inf, seats * one.price + one.overage * beyond)


def _move(lanes: Sequence[_Band], cuts: list[int], place: int) -> None:
    """Move the end of a band, and that of the next where it is no end of all, to the best pair near them."""
    start, is_last = cuts[place], place + 2 == len(cuts) - 1
    stop = cuts[place + 2] if is_last else cuts[place + 3]
    first = _near(cuts[place + 1], start, stop)[:, None]
    second = np.array([[stop]]) if is_last else _near(cuts[place + 2], start, stop)[None, :]
    cost = lanes[place].cost(start, first) + lanes[place + 1].cost(first, np.maximum(first, second))
    if not is_last:
        cost = cost + lanes[place + 2].cost(second, np.full_like(second, stop))
    cost = np.where(first <= second, cost, np.inf)
    row, column = np.unravel_index(int(cost.argmin()), cost.shape)
    cuts[place + 1] = int(first[row, 0])
    if not is_last:
        cuts[place + 2] = int(second[0, column])


def _near(cut: int, low: int, high: int) -> np.ndarray:
    return np.arange(max(cut - _WINDOW, low), min(cut + _WINDOW, high) + 1)
