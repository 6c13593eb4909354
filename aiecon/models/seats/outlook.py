"""What is expected of plans when a term is signed: the growth so far is known, the noise of each person is not."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.special import ndtr

from aiecon.models.seats.allocation import Tariff
from aiecon.models.seats.futures import Futures
from aiecon.models.seats.people import People
from aiecon.models.seats.true_up import term_seats
from aiecon.units import MONTHS_PER_YEAR

_CLASSES = 8  # of futures of like growth, in each of which the same is decided
_NEIGHBOURS = 2_000  # groups of people in which overrun is expected
_TINY = 1e-12


@dataclass(frozen=True, eq=False)
class Outlook:
    """Expected use of a class of like futures.

    Attributes
    ----------
    futures
        Those of the class.
    members
        Their places among all.
    use
        Expected use of those before each cut. [currency/month], shape (n_months, n_cuts)
    squares
        Sum of the squares of each person's expected use, of the same shape.
    over
        Included use -> expected overrun of those before each cut, each alone, of the same shape.
    sigma
        Standard deviation of a person's log use.
    """

    futures: Futures
    members: np.ndarray
    use: np.ndarray
    squares: np.ndarray
    over: dict[float, np.ndarray]
    sigma: float
    _seen: dict[tuple[Tariff, int, int], np.ndarray] = field(default_factory=dict)

    def added(self, tariff: Tariff, start: int, months: int) -> np.ndarray:
        """Expected cost that a term of a plan adds for those between two cuts, by month.

        Infinite where nobody is between them, or too few for the price. [currency/month], shape (months, n_cuts,
        n_cuts)
        """
        key = (tariff, start, months)
        if key not in self._seen:
            self._seen[key] = self._added(tariff, slice(start, start + months))
        return self._seen[key]

    def _added(self, tariff: Tariff, months: slice) -> np.ndarray:
        sizes, fee = self.futures.sizes, self.futures.fee
        people = self.futures.people[months].mean(axis=1)[:, None, None]
        grown = self.futures.use[months].mean(axis=1)[:, None, None]
        held = (sizes[None, :] - sizes[:, None]) * people
        usable, billed = term_seats(
            np.maximum(held, float(tariff.floor)),
            commitment_months=tariff.commitment,
            true_up_months=tariff.true_up,
        )
        price = tariff.price * float(((1.0 + self.futures.price) ** (months.start / MONTHS_PER_YEAR)).mean())
        used = _between(self.use[months]) * grown
        beyond = np.zeros_like(used)
        if tariff.overage > 0 and tariff.is_pooled:
            spread = np.sqrt(np.maximum(_between(self.squares[months]), 0.0)) * grown / np.maximum(used, _TINY)
            pool = np.sqrt(np.log1p(np.expm1(self.sigma**2) * spread**2))
            beyond = overrun(np.maximum(used, 0.0), usable * tariff.included, pool)
        elif tariff.overage > 0:
            beyond = _between(self.over[tariff.included][months]) * grown
        found = billed * price + tariff.overage * beyond - used - fee * held
        is_short = held[0] < tariff.minimum - _TINY if tariff.fill == "holders" else held[0] <= 0
        found[:, is_short | (held[0] <= 0)] = np.inf
        return np.asarray(found)


def overrun(mean: np.ndarray, included: np.ndarray | float, sigma: np.ndarray | float) -> np.ndarray:
    """Expected use above what is included, of lognormal use with this mean (the formula of Black and Scholes 1973).

    Examples
    --------
    >>> overrun(np.array([50.0]), 20.0, 0.0).tolist(), overrun(np.array([20.0]), 20.0, 0.5).round(3).tolist()
    ([30.0], [3.948])
    """
    limit, spread = np.maximum(included, _TINY), np.maximum(sigma, _TINY)
    reach = np.log(np.maximum(mean, _TINY * _TINY) / limit) / spread + spread / 2
    return np.asarray(np.maximum(mean * ndtr(reach) - included * ndtr(reach - spread), 0.0))


def outlooks(futures: Futures, people: People, tariffs: Sequence[Tariff], *, sigma: float) -> list[Outlook]:
    """Classes of futures of like growth, the slowest first; one where growth is sure."""
    end = futures.level[-1] / (1.0 + futures.price) ** (len(futures.level) / MONTHS_PER_YEAR)
    count = 1 if np.ptp(end) <= _TINY * end.max() else min(_CLASSES, len(end))
    found = []
    alone = {one.included for one in tariffs if one.overage > 0 and not one.is_pooled}
    starts = np.unique(np.append(np.linspace(0, len(people.spend), _NEIGHBOURS + 1).astype(int), futures.sizes))[:-1]
    each = np.diff(np.append(starts, len(people.spend)))
    mean = np.add.reduceat(people.spend, starts) / each
    ends = np.searchsorted(np.append(starts, len(people.spend)), futures.sizes)

    def before(values: np.ndarray) -> np.ndarray:
        """Sums over the people before each cut, of values of each group's mean person."""
        summed = np.cumsum(values * each, axis=1)
        return np.asarray(np.concatenate([np.zeros((len(values), 1)), summed], axis=1)[:, ends])

    for members in np.array_split(np.argsort(end, kind="stable"), count):
        use = futures.level[:, members].mean(axis=1)[:, None] * mean
        over = {included: before(overrun(use, included, sigma)) for included in alone}
        found.append(Outlook(futures.of(members), members, before(use), before(use**2), over, sigma))
    return found


def _between(before: np.ndarray) -> np.ndarray:
    """Sums between two cuts from sums before each; shape (n_months, n_cuts, n_cuts)."""
    return np.asarray(before[:, None, :] - before[:, :, None])
