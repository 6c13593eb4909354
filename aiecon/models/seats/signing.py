"""How many seats of which plans to sign for, and when, as use moves: cost, regret and the chance of losing money."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np
import pandas as pd

from aiecon.models.seats.allocation import Allocation, Tariff, tariff_at, tariffs_of
from aiecon.models.seats.futures import Futures, futures_of
from aiecon.models.seats.inputs import SeatsInputs
from aiecon.models.seats.people import People
from aiecon.models.seats.true_up import term_of

_SEARCHED = 256  # futures in which mixes are searched; the chosen ones are counted in all
_WAITS = (3, 6, 12)  # months after which signing is tried too
_SAME = 1e-12


Bands = tuple[tuple[Tariff, int, int], ...]
"""Plans and the cuts of the ranking between which people hold them."""


@dataclass(frozen=True)
class Mix:
    """Plans held side by side."""

    name: str
    bands: Bands

    @property
    def is_committed(self) -> bool:
        """Whether a plan of it is signed for more than a month."""
        return any(term_of(tariff.commitment) > 1 for tariff, _, _ in self.bands)


@dataclass(frozen=True, eq=False)
class Signing:
    """What holding seats costs over the horizon: the mixes of all plans, and every number of the one most bought.

    Attributes
    ----------
    plan
        The plan of which the best choice has most seats; where it has none, that of today's allocation.
    beside
        Other plan -> seats of it in the best choice, which stay as they are in `table`.
    table
        One row a number of seats of the plan: seats, expected_cost, p10, p90, loses_probability (dearer than none of
        it), expected_regret (against the best number in each future). [currency/horizon]
    choices
        One row a way to hold seats, the cheapest expected first: name, seats (plan -> seats signed for), is_committed,
        expected_cost, p10, p90, loses_probability (dearer than the best choice without a commitment; None for that),
        expected_regret (against the best of these in each future). [currency/horizon]
    when
        One row a month in which the best committed choice may be signed, 1 now, None never: month, signs_probability,
        expected_cost, p10, p90, expected_regret (against the best of these in each future). [currency/horizon]
    """

    plan: str
    beside: dict[str, int]
    table: pd.DataFrame
    choices: pd.DataFrame
    when: pd.DataFrame

    @cached_property
    def best(self) -> int:
        """Seats of the plan with the smallest expected cost; of equal ones the fewest."""
        cost = self.table["expected_cost"].to_numpy()
        return int(self.table["seats"].iloc[int(np.argmin(np.round(cost, 6)))])

    @property
    def seats(self) -> float:
        """Seats of all plans in the best choice."""
        return float(sum(self.choices["seats"].iloc[0].values()))


def signing(inputs: SeatsInputs, people: People, allocation: Allocation, *, fee: float) -> Signing | None:
    """Return what holding seats costs; None without a future, or for a population.

    Seats are held by those expected to use most, dearer plans first. Mixes are the best such bands on a grid of ranks,
    found exactly for the expected cost, beside each plan alone and the allocation of today's use.
    """
    future = inputs.future
    if future is None or people.is_population:
        return None
    tariffs = [one for plan in inputs.plans for one in tariffs_of(plan)]
    held = [tariff_at(plan, allocation.seats[plan.name]) for plan in inputs.plans if plan.name in allocation.seats]
    held = sorted(held, key=lambda one: -one.price)
    ends = np.cumsum([allocation.holders[one.name] for one in held])
    cuts = [*ends, *(one.minimum for one in tariffs)]
    futures = futures_of(inputs, future, people, tariffs, cuts=cuts, fee=fee)
    places = np.searchsorted(futures.sizes, [0, *ends]).tolist()
    today = Mix("Today's cheapest, held", tuple(zip(held, places[:-1], places[1:], strict=True)))
    mixes = _mixes(futures, tariffs, today)
    choices = _choices(futures, mixes)
    best = next(mix for mix in mixes if mix.name == choices["name"].iloc[0])
    varied, beside = _varied(futures, best, main_tariff(inputs, allocation.seats))
    table = _numbers(futures, varied, beside)
    return Signing(varied[0].name, _seats(futures, beside), table, choices, _when(futures, mixes))


def main_tariff(inputs: SeatsInputs, seats: dict[str, float]) -> Tariff:
    """The plan with most seats, or the first plan where none is bought, at the price of that many seats."""
    name = max(seats, key=lambda one: seats[one]) if seats else inputs.plans[0].name
    return tariff_at(next(plan for plan in inputs.plans if plan.name == name), seats.get(name, 0.0))


def _varied(futures: Futures, best: Mix, main: Tariff) -> tuple[tuple[Tariff, int, int], Mix]:
    """The band of a mix whose number of seats is worth a look, widened as far as people are free; and the others."""
    if not best.bands:
        return (main, 0, len(futures.sizes) - 1), best
    widest = max(best.bands, key=lambda band: futures.sizes[band[2]] - futures.sizes[band[1]])
    others = tuple(band for band in best.bands if band is not widest)
    tariff, low, high = widest
    free = min((start for _, start, _ in others if start >= high), default=len(futures.sizes) - 1)
    return (tariff, low, free), Mix(best.name, others)


def _numbers(futures: Futures, varied: tuple[Tariff, int, int], beside: Mix) -> pd.DataFrame:
    """Every number of seats of a plan, those of the others as they are."""
    tariff, low, high = varied
    none = _monthly(futures, beside).sum(axis=0)
    costs = np.array([none, *(none + futures.added(tariff, low, cut).sum(axis=0) for cut in range(low + 1, high + 1))])
    loses = (costs > none * (1 + _SAME)).mean(axis=1)
    seats = futures.sizes[low : high + 1] - futures.sizes[low]
    return pd.DataFrame({"seats": seats, **_spread(costs), "loses_probability": loses, **_regret(costs)})


def _spread(costs: np.ndarray) -> dict[str, np.ndarray]:
    low, high = np.quantile(costs, [0.1, 0.9], axis=1)
    return {"expected_cost": costs.mean(axis=1), "p10": low, "p90": high}


def _regret(costs: np.ndarray) -> dict[str, np.ndarray]:
    return {"expected_regret": (costs - costs.min(axis=0)).mean(axis=1)}


def _mixes(futures: Futures, tariffs: Sequence[Tariff], today: Mix) -> list[Mix]:
    """Ways to hold seats, each once: none, today's, each plan alone, the best without a commitment, the best of all."""
    searched = futures.first(_SEARCHED)
    added = {one: _added(searched, one) for one in tariffs}
    found = [Mix("No seat", ()), *([today] if today.bands else [])]
    for name in dict.fromkeys(one.name for one in tariffs):
        every = range(1, len(futures.sizes))
        ways = [(added[one][0, cut], one, cut) for one in tariffs if one.name == name for cut in every]
        _, one, cut = min(ways, key=lambda way: way[0])
        found.append(Mix(f"{name} alone", ((one, 0, cut),)))
    ranked = sorted(tariffs, key=lambda one: -one.price)
    by_month = [one for one in ranked if term_of(one.commitment) <= 1]
    found.append(Mix("Best without a commitment", _best_bands(by_month, added)))
    found.append(Mix("Best mix of all plans", _best_bands(ranked, added)))
    return list({mix.bands: mix for mix in reversed(found)}.values())[::-1]


def _added(futures: Futures, tariff: Tariff) -> np.ndarray:
    """Expected cost that a plan adds for those between two cuts; infinite where the second is not above the first."""
    found = np.full((len(futures.sizes), len(futures.sizes)), np.inf)
    for low, high in combinations(range(len(futures.sizes)), 2):
        found[low, high] = futures.added(tariff, low, high).sum(axis=0).mean()
    return found


def _best_bands(ranked: Sequence[Tariff], added: dict[Tariff, np.ndarray]) -> Bands:
    """The bands of plans, in this order, that cost least: by dynamic programming from the last plan to the first."""
    if not ranked:
        return ()
    count = len(added[ranked[0]])
    cost = np.zeros(count)  # of those from each cut on, with the plans that come later
    bands: list[Bands] = [()] * count
    for one in reversed(ranked):
        total = added[one] + cost
        end = total.argmin(axis=1)
        for low in reversed(range(count)):
            if low + 1 < count and cost[low + 1] < cost[low]:  # those at this cut have no seat
                cost[low], bands[low] = cost[low + 1], bands[low + 1]
            if total[low, end[low]] < cost[low]:
                cost[low], bands[low] = total[low, end[low]], ((one, low, int(end[low])), *bands[end[low]])
    return bands[0]


def _monthly(futures: Futures, mix: Mix, *, start: int = 0) -> np.ndarray:
    """Cost of everyone with a mix signed in a month; shape (n_months − start, n_futures)."""
    cost = futures.without()[start:]
    for tariff, low, high in mix.bands:
        cost = cost + futures.added(tariff, low, high, start=start)
    return cost


def _seats(futures: Futures, mix: Mix) -> dict[str, int]:
    """Plan -> seats signed for in month 1, those of a minimum included."""
    found: dict[str, int] = {}
    for tariff, low, high in mix.bands:
        held = max(int(futures.sizes[high] - futures.sizes[low]), tariff.minimum)
        found[tariff.name] = found.get(tariff.name, 0) + held
    return found


def _choices(futures: Futures, mixes: Sequence[Mix]) -> pd.DataFrame:
    costs = np.array([_monthly(futures, mix).sum(axis=0) for mix in mixes])
    free = _cheapest(costs, [not mix.is_committed for mix in mixes])
    assert free is not None  # no seat is among them
    loses = (costs > costs[free] * (1 + _SAME)).mean(axis=1).tolist()
    loses[free] = None
    found = pd.DataFrame(
        {
            "name": [mix.name for mix in mixes],
            "seats": [_seats(futures, mix) for mix in mixes],
            "is_committed": [mix.is_committed for mix in mixes],
            **_spread(costs),
            "loses_probability": pd.Series(loses, dtype=object),
            **_regret(costs),
        }
    )
    order = sorted(range(len(mixes)), key=lambda row: (round(found["expected_cost"][row], 6), _commits(mixes[row])))
    return found.iloc[order].reset_index(drop=True)


def _commits(mix: Mix) -> float:
    """Seat-months that a mix is signed for, in cuts; of equal costs the fewer are better."""
    return sum(term_of(tariff.commitment) * (high - low) for tariff, low, high in mix.bands)


def _cheapest(costs: np.ndarray, among: Sequence[bool]) -> int | None:
    """Place of the smallest expected cost among some rows; None where there is none."""
    if not any(among):
        return None
    return int(np.where(among, costs.mean(axis=1), np.inf).argmin())


def _when(futures: Futures, mixes: Sequence[Mix]) -> pd.DataFrame:
    """Sign now, or wait and sign in the futures in which the months so far would have been cheaper signed, or never."""
    columns = ["month", "signs_probability", "expected_cost", "p10", "p90", "expected_regret"]
    totals = np.array([_monthly(futures, mix).sum(axis=0) for mix in mixes])
    signed = _cheapest(totals, [mix.is_committed for mix in mixes])
    free = _cheapest(totals, [not mix.is_committed for mix in mixes])
    if signed is None or free is None:
        return pd.DataFrame(columns=columns)
    with_it, without = _monthly(futures, mixes[signed]), _monthly(futures, mixes[free])
    months: list[int | None] = [1]
    costs, signs = [totals[signed]], [1.0]
    for wait in (wait for wait in _WAITS if wait < len(without)):
        pays = with_it[:wait].sum(axis=0) < without[:wait].sum(axis=0)
        after = np.where(pays, _monthly(futures, mixes[signed], start=wait).sum(axis=0), without[wait:].sum(axis=0))
        months.append(wait + 1)
        costs.append(without[:wait].sum(axis=0) + after)
        signs.append(float(pays.mean()))
    months, costs, signs = [*months, None], [*costs, totals[free]], [*signs, 0.0]
    every = np.array(costs)
    figures = {"signs_probability": signs, **_spread(every), **_regret(every)}
    return pd.DataFrame({"month": pd.Series(months, dtype=object), **figures})
