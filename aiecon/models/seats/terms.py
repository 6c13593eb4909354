"""Terms of plans one after the other: at each renewal the seats are decided anew from the use expected then."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from aiecon.models.seats.allocation import Tariff
from aiecon.models.seats.futures import Futures
from aiecon.models.seats.outlook import Outlook
from aiecon.models.seats.true_up import term_of

Bands = tuple[tuple[Tariff, int, int], ...]
"""Plans and the cuts of the ranking between which people hold them."""

Pieces = tuple[tuple[Tariff, tuple[tuple[int, int], ...]], ...]
"""Plans and the pairs of cuts between which people hold them, several where the ranking does not part them."""

Added = Callable[[Tariff, int, int], np.ndarray]
"""Plan, first month, months -> expected cost by month and pair of cuts."""


@dataclass(frozen=True)
class Mix:
    """Plans held side by side: who holds which in the first term, and the plans to choose from at each renewal."""

    name: str
    bands: Bands
    plans: tuple[Tariff, ...] = ()
    """In the order of the ranking; without any what is held is held to the end."""
    kept: Pieces = ()
    """What is held to the end where no bands tell it."""

    @property
    def held(self) -> Pieces:
        """Who holds which plan in the first term."""
        return self.kept or tuple((tariff, ((low, high),)) for tariff, low, high in self.bands)

    @property
    def is_committed(self) -> bool:
        """Whether a plan of it is signed for more than a month."""
        return any(term_of(tariff.commitment) > 1 for tariff, _ in self.held)


def expected(classes: Sequence[Outlook]) -> Added:
    """What is expected before anything is known of the growth: the mean over all classes."""
    weights = np.array([len(one.members) for one in classes], dtype=float)
    weights /= weights.sum()
    seen: dict[tuple[Tariff, int, int], np.ndarray] = {}

    def added(tariff: Tariff, start: int, months: int) -> np.ndarray:
        key = (tariff, start, months)
        if key not in seen:
            every = (weight * one.added(tariff, start, months) for weight, one in zip(weights, classes, strict=True))
            seen[key] = np.asarray(sum(every))
        return seen[key]

    return added


def best_bands(
    ranked: Sequence[Tariff], added: Added, *, start: int, months: int, taken: Sequence[tuple[int, int]] = ()
) -> Bands:
    """The bands of plans, in this order, that cost least over the months ahead; people of `taken` bands are not free.

    Of a plan that has several prices one is held: each is tried beside those of the other plans that are best so far.
    """
    prices: dict[str, list[Tariff]] = {}
    for one in ranked:
        prices.setdefault(one.name, []).append(one)
    chosen = {name: ways[0] for name, ways in prices.items()}

    def tried(chosen: dict[str, Tariff]) -> tuple[float, Bands]:
        held = [one for one in ranked if one is chosen[one.name]]
        return _bands(held, added, start=start, months=months, taken=taken)

    least, found = tried(chosen)
    for name, ways in prices.items():
        for way in ways[1:]:
            cost, bands = tried({**chosen, name: way})
            if cost < least:
                least, found, chosen = cost, bands, {**chosen, name: way}
    return found


def _bands(
    ranked: Sequence[Tariff], added: Added, *, start: int, months: int, taken: Sequence[tuple[int, int]]
) -> tuple[float, Bands]:
    """What these plans save at most, and their bands.

    By dynamic programming from the last plan to the first. A plan with shorter terms is decided anew at each of its
    renewals on the way; the bands of the first terms are returned.
    """
    ahead: np.ndarray | None = None  # of those from each cut on, with the plans that come later, by month
    first = []
    for one in reversed(ranked):
        term = min(term_of(one.commitment), months)
        for begin in range(0, months, term):
            cost = added(one, start + begin, min(term, months - begin))
            if ahead is None:
                ahead = np.zeros((months, cost.shape[1]))
            block = slice(begin, begin + len(cost))
            chosen = _choice(cost, ahead[block], taken)
            if begin == 0:
                first.append((one, *chosen))
            place, end = chosen
            seated = cost[:, place, end] if len(place) else cost[:, 0]
            ahead[block] = np.where(end > place, seated, 0.0) + ahead[block][:, end]
    found, low = [], 0
    for one, place, end in reversed(first):
        if end[low] > place[low]:
            found.append((one, int(place[low]), int(end[low])))
        low = int(end[low])
    return 0.0 if ahead is None else float(ahead[:, 0].sum()), tuple(found)


def _choice(cost: np.ndarray, ahead: np.ndarray, taken: Sequence[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    """For each cut from which on people are free, where the band of a plan begins and ends; equal where it has none."""
    later = ahead.sum(axis=0)
    total = cost.sum(axis=0) + later
    cuts = np.arange(len(later))
    for low, high in taken:
        total[(cuts[:, None] < high) & (cuts[None, :] > low)] = np.inf
    end = total.argmin(axis=1)
    least = total[cuts, end]
    end = np.where(least < later, end, cuts)
    value = np.minimum(least, later)[::-1]
    lowest = np.minimum.accumulate(value)
    place = len(cuts) - 1 - np.maximum.accumulate(np.where(value == lowest, cuts, 0))[::-1]
    return place, end[place]


def monthly_cost(futures: Futures, classes: Sequence[Outlook], mix: Mix, *, start: int = 0) -> np.ndarray:
    """Cost of everyone with a mix signed in a month; shape (n_months − start, n_futures)."""
    cost = futures.without()[start:]
    if not mix.plans:
        return np.asarray(cost + sum(futures.added(tariff, *pieces, start=start) for tariff, pieces in mix.held))
    for one in classes:
        for month, months, band in _signed(one, mix, start):
            begin = slice(month - start, month - start + months)
            cost[begin, one.members] += one.futures.added(band[0], band[1:], start=month)[:months]
    return cost


def _signed(one: Outlook, mix: Mix, start: int) -> list[tuple[int, int, tuple[Tariff, int, int]]]:
    """Terms that are signed in a class of futures: first month, months, plan with the cuts between which it is held."""
    horizon = len(one.futures.level)
    terms = {plan: term_of(plan.commitment) for plan in mix.plans}
    found: list[tuple[int, int, tuple[Tariff, int, int]]] = []
    for month in range(start, horizon):
        renewed = [plan for plan in mix.plans if (month - start) % terms[plan] == 0]
        if not renewed:
            continue
        bands = mix.bands
        if month > 0:
            taken = [(low, high) for begin, months, (_, low, high) in found if begin + months > month]
            ahead = min(max(terms[plan] for plan in renewed), horizon - month)
            bands = best_bands(renewed, one.added, start=month, months=ahead, taken=taken)
        found += [(month, min(terms[band[0]], horizon - month), band) for band in bands]
    return found
