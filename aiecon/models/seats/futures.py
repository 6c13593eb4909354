"""Futures of everyone's use, and what a plan costs in them for those of some ranks."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from aiecon.kernels import seats as kernel
from aiecon.kernels.simulation import LANES
from aiecon.models.seats.allocation import Tariff
from aiecon.models.seats.inputs import Future, SeatsInputs
from aiecon.models.seats.noise import Noise
from aiecon.models.seats.people import People
from aiecon.models.seats.true_up import term_of, term_seats
from aiecon.units import MONTHS_PER_YEAR
from aiecon.vocabulary.distribution import draw

_GROUPS = 96  # of neighbours by rank, beside the cuts that are asked for
_MOST_FUTURES, _LEAST_FUTURES = 2_000, 256
_MOST_PATHS = 60_000_000  # people × futures, above which fewer futures are drawn: of many people the noise evens out


@dataclass(frozen=True, eq=False)
class Futures:
    """Use of people by rank in each month and future.

    Attributes
    ----------
    sizes
        Numbers of people at which their ranking may be cut, from none to all. [people], shape (n_cuts,)
    used
        Use of those before each cut, when nobody joins or leaves. [currency/month], shape (n_cuts, n_months, n_futures)
    over
        Included use -> overrun of those before each cut, each alone, of the same shape.
    level
        Use of a person over that of month 1: growth and fall of API prices. [ratio], shape (n_months, n_futures)
    people
        Number of people over that of month 1. [ratio], shape (n_months, n_futures)
    use
        The same, those who join counted by how far their use has grown. [ratio], shape (n_months, n_futures)
    price
        Growth of seat prices. [share per year], shape (n_futures,)
    fee
        Of people without a seat. [currency/user/month]
    """

    sizes: np.ndarray
    used: np.ndarray
    over: dict[float, np.ndarray]
    level: np.ndarray
    people: np.ndarray
    use: np.ndarray
    price: np.ndarray
    fee: float

    def of(self, members: np.ndarray) -> "Futures":
        """Return some of these futures alone."""
        over = {included: values[..., members] for included, values in self.over.items()}
        level, people, use = self.level[:, members], self.people[:, members], self.use[:, members]
        return Futures(self.sizes, self.used[..., members], over, level, people, use, self.price[members], self.fee)

    def without(self) -> np.ndarray:
        """Cost of everyone without a seat. [currency/month], shape (n_months, n_futures)"""
        return np.asarray(self.used[-1] * self.use + self.fee * self.sizes[-1] * self.people)

    def added(self, tariff: Tariff, *pieces: tuple[int, int], start: int = 0) -> np.ndarray:
        """Cost of a plan for those between two cuts, or several such pairs, minus theirs without; negative if it saves.

        Their number grows with the people, and does not shrink within a term; terms follow each other from `start` on.
        [currency/month], shape (n_months − start, n_futures)
        """
        people, use = self.people[start:], self.use[start:]
        held = sum(int(self.sizes[high] - self.sizes[low]) for low, high in pieces)
        usable, paid = self._seats(tariff, held, start)
        used = sum(self.used[high, start:] - self.used[low, start:] for low, high in pieces) * use
        beyond: np.ndarray | float = 0.0
        if tariff.overage > 0 and tariff.is_pooled:
            beyond = np.maximum(used - usable * tariff.included, 0.0)
        elif tariff.overage > 0:
            over = self.over[tariff.included]
            beyond = sum(over[high, start:] - over[low, start:] for low, high in pieces) * use
        return np.asarray(paid + tariff.overage * beyond - used - self.fee * held * people)

    def _seats(self, tariff: Tariff, held: int, start: int) -> tuple[np.ndarray, np.ndarray]:
        """Seats that can be used, and what the billed ones cost at the price of the term's start."""
        usable, billed = term_seats(
            np.maximum(held * self.people[start:], float(tariff.floor)),
            commitment_months=tariff.commitment,
            true_up_months=tariff.true_up,
        )
        term = term_of(tariff.commitment)
        signed = np.arange(len(usable)) // term * term + start
        price = tariff.price * (1.0 + self.price) ** (signed[:, None] / MONTHS_PER_YEAR)
        return usable, billed * price


def futures_of(
    inputs: SeatsInputs,
    future: Future,
    people: People,
    tariffs: Sequence[Tariff],
    *,
    noise: Noise,
    cuts: Sequence[float],
    fee: float,
) -> Futures:
    """Draw futures: each person's use × growth × noise that lasts from month to month."""
    count, months = len(people.spend), future.horizon_months
    draws = min(inputs.draws, _MOST_FUTURES, max(_MOST_PATHS // count, _LEAST_FUTURES))
    width = -(-draws // LANES) * LANES
    evenly = np.linspace(0, count, min(_GROUPS, count + 1)).round().astype(int)
    sizes = np.unique([*evenly, *(int(cut) for cut in cuts if 0 <= cut <= count)])
    bucket = np.searchsorted(sizes[1:], np.arange(count), side="right")
    time = np.arange(months)[:, None]

    def level(name: str) -> np.ndarray:
        return draw(getattr(future, name), f"future.{name}", draws=width, seed=inputs.seed)

    growth = (1.0 + level("usage_growth_per_month")) ** time
    prices = (1.0 - level("api_price_decline_per_year")) ** (time / MONTHS_PER_YEAR)
    people_grown = (1.0 + level("user_growth_per_month")) ** time
    key = np.array([inputs.seed & 0xFFFFFFFF, (inputs.seed >> 32) ^ 0x5EA7], dtype=np.uint64)
    used, over = np.zeros((1, 1, 1)), {}
    alone = {one.included for one in tariffs if one.overage > 0 and not one.is_pooled}
    for included in sorted(alone) or [0.0]:
        used, overrun = np.zeros((2, len(sizes) - 1, months, width))
        level_of_use = growth * prices
        kernel.futures(people.spend, bucket, level_of_use, noise.sigma, noise.lasting, included, key, used, overrun)
        over[included] = _before(overrun)[..., :draws]
    return Futures(
        sizes,
        _before(used)[..., :draws],
        over,
        (growth * prices)[:, :draws],
        people_grown[:, :draws],
        _ramped(people_grown, future.adoption_months)[:, :draws],
        level("seat_price_growth_per_year")[:draws],
        fee,
    )


def _before(groups: np.ndarray) -> np.ndarray:
    """Sums over the groups before each cut."""
    return np.concatenate([np.zeros((1, *groups.shape[1:])), np.cumsum(groups, axis=0)])


def _ramped(people: np.ndarray, months: int) -> np.ndarray:
    """People counted by how far their use has grown: those who join reach all of it in so many months, evenly."""
    joined = np.diff(people, axis=0, prepend=people[:1])
    found = np.empty_like(people)
    for month in range(len(people)):
        share = np.minimum((month - np.arange(month + 1) + 1) / (months + 1), 1.0)[:, None]
        came = joined[: month + 1]
        found[month] = people[0] + np.where(came > 0, came * share, came).sum(axis=0)
    return found
