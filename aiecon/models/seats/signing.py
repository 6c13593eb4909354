"""How many seats to sign for, when use moves: cost, regret and the chance of losing money, over futures."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from aiecon.kernels import seats as kernel
from aiecon.kernels.simulation import LANES
from aiecon.models.seats.allocation import Tariff, tariffs_of
from aiecon.models.seats.inputs import SeatsInputs
from aiecon.models.seats.people import People
from aiecon.models.seats.true_up import term_seats
from aiecon.units import MONTHS_PER_YEAR
from aiecon.vocabulary.distribution import draw

_CANDIDATES = 48
_MOST_FUTURES = 2_000


@dataclass(frozen=True, eq=False)
class Signing:
    """What each number of seats on a plan costs over the horizon.

    Attributes
    ----------
    plan
        The plan looked at.
    table
        One row a number of seats: seats, expected_cost, p10, p90, loses_probability (dearer than no seat at all),
        expected_regret (against the best number in each future). [currency/horizon]
    """

    plan: str
    table: pd.DataFrame

    @property
    def best(self) -> int:
        """Seats with the smallest expected cost; of equal ones the fewest."""
        cost = self.table["expected_cost"].to_numpy()
        return int(self.table["seats"].iloc[int(np.argmin(np.round(cost, 6)))])


def signing(inputs: SeatsInputs, people: People, tariff: Tariff, *, fee: float) -> Signing | None:
    """Return what signing for each number of seats costs; None without a future, or for a population.

    Each person uses their expectation × growth × noise that lasts from month to month; seats are held by those expected
    to use most. Their number grows with the people, and does not shrink before the term ends (true_up).
    """
    future = inputs.future
    if future is None or people.is_population:
        return None
    months, draws = future.horizon_months, min(inputs.draws, _MOST_FUTURES)
    width = -(-draws // LANES) * LANES
    count = len(people.spend)
    sizes = np.unique(np.linspace(0, count, min(_CANDIDATES, count + 1)).round().astype(int))
    bucket = np.searchsorted(sizes[1:], np.arange(count), side="right")
    time = np.arange(months)[:, None]

    def level(name: str) -> np.ndarray:
        return draw(getattr(future, name), f"future.{name}", draws=width, seed=inputs.seed)[None, :]

    growth = (1.0 + level("usage_growth_per_month")) ** time
    prices = (1.0 - level("api_price_decline_per_year")) ** (time / MONTHS_PER_YEAR)
    people_grown = (1.0 + level("user_growth_per_month")) ** time
    used, over = np.zeros((2, len(sizes) - 1, months, width))
    key = np.array([inputs.seed & 0xFFFFFFFF, (inputs.seed >> 32) ^ 0x5EA7], dtype=np.uint64)
    kernel.futures(
        people.spend,
        bucket,
        growth * prices,
        future.usage_sigma,
        future.persistence,
        tariff.included,
        key,
        used,
        over,
    )
    costs = np.empty((len(sizes), draws))
    total, held_use, held_over = used.sum(axis=0), np.zeros((months, width)), np.zeros((months, width))
    for row, seats in enumerate(sizes):
        if row:
            held_use, held_over = held_use + used[row - 1], held_over + over[row - 1]
        least = float(tariff.minimum) if seats else 0.0
        usable, billed = term_seats(
            np.maximum(int(seats) * people_grown, least),
            commitment_months=tariff.commitment,
            true_up_months=tariff.true_up,
        )
        extra = (
            np.maximum(held_use * people_grown - usable * tariff.included, 0.0)
            if tariff.is_pooled
            else held_over * people_grown
        )
        outside = (total - held_use + fee * (count - seats)) * people_grown
        costs[row] = (billed * tariff.price + tariff.overage * extra + outside).sum(axis=0)[:draws]
    low, high = np.quantile(costs, [0.1, 0.9], axis=1)
    table = pd.DataFrame(
        {
            "seats": sizes,
            "expected_cost": costs.mean(axis=1),
            "p10": low,
            "p90": high,
            "loses_probability": (costs > costs[0] * (1 + 1e-12)).mean(axis=1),
            "expected_regret": (costs - costs.min(axis=0)).mean(axis=1),
        }
    )
    return Signing(tariff.name, table)


def main_tariff(inputs: SeatsInputs, seats: dict[str, float]) -> Tariff:
    """The plan with most seats, or the first plan where none is bought, at the price of that many seats."""
    name = max(seats, key=lambda one: seats[one]) if seats else inputs.plans[0].name
    plan = next(plan for plan in inputs.plans if plan.name == name)
    variants = tariffs_of(plan)
    bought = seats.get(name, 0.0)
    return [one for one in variants if one is variants[0] or one.minimum <= bought][-1]
