"""How many seats of which plans to sign for, and when, as use moves: cost, regret and the chance of losing money."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from aiecon.models.seats.allocation import Allocation, Tariff, tariff_at, tariffs_of
from aiecon.models.seats.futures import Futures, futures_of
from aiecon.models.seats.inputs import SeatsInputs
from aiecon.models.seats.noise import Noise
from aiecon.models.seats.outlook import Outlook, outlooks
from aiecon.models.seats.people import People
from aiecon.models.seats.terms import Mix, Pieces, best_bands, expected, monthly_cost
from aiecon.models.seats.true_up import term_of

_WAITS = (3, 6, 12)  # months after which signing is tried too
_MOST_PIECES = 60  # of the ranking that today's plans may be parted into
_SAME = 1e-12


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
        One row a number of seats of the plan, with those of a minimum, renewed as it is, grown with the people, held by
        as many people as cost least: seats, expected_cost, p10, p90, loses_probability (dearer than none of it),
        expected_regret (against the best number in each future). [currency/horizon]
    choices
        One row a way to hold seats, the cheapest expected first, decided anew at each renewal but for today's, which is
        held: name, seats (plan -> seats signed for in month 1), is_committed,
        expected_cost, p10, p90, loses_probability (dearer than the best choice without a commitment; None for that),
        expected_regret (against the best of these in each future). [currency/horizon]
    futures
        Number of futures drawn: fewer for many people.
    step
        Most people between two numbers of seats that are tried.
    when
        One row a month in which the best committed choice may be signed, 1 now, None never: month, signs_probability,
        expected_cost, p10, p90, expected_regret (against the best of these in each future). [currency/horizon]
    """

    plan: str
    beside: dict[str, int]
    table: pd.DataFrame
    choices: pd.DataFrame
    when: pd.DataFrame
    futures: int
    step: int

    @cached_property
    def best(self) -> int:
        """Seats of the plan with the smallest expected cost; of equal ones the fewest."""
        cost = self.table["expected_cost"].to_numpy()
        return int(self.table["seats"].iloc[int(np.argmin(np.round(cost, 6)))])

    @property
    def month(self) -> int | None:
        """Month in which signing the best committed choice is cheapest, 1 now; None where never to sign it is."""
        if self.when.empty:
            return None
        found = self.when.iloc[int(self.when["expected_cost"].to_numpy(dtype=float).argmin())]["month"]
        return None if found is None else int(found)

    @property
    def seats(self) -> float:
        """Seats of all plans in the best choice."""
        return float(sum(self.choices["seats"].iloc[0].values()))


def signing(
    inputs: SeatsInputs, people: People, allocation: Allocation, *, seen: People, noise: Noise, fee: float
) -> Signing | None:
    """Return what holding seats costs to people, ranked by the use expected of them; None without a future.

    Seats are held in bands of those expected to use most. Within a term they only grow; at each renewal, every month
    without a commitment, their number is decided anew from the use expected then, the growth so far being known. Mixes
    are the best bands on a grid of ranks by expected cost, beside each plan alone and today's allocation of
    the people seen, held.
    """
    future = inputs.future
    if future is None:
        return None
    tariffs = [one for plan in inputs.plans for one in tariffs_of(plan)]
    held = _held(inputs, allocation, seen, is_ranked=seen is people)
    cuts = [*(end for _, pieces in held for piece in pieces for end in piece), *(one.minimum for one in tariffs)]
    futures = futures_of(inputs, future, people, tariffs, noise=noise, cuts=cuts, fee=fee)
    today = _today(futures, held)
    classes = outlooks(futures, people, tariffs, sigma=noise.sigma)
    mixes, costs = _each_once(futures, _mixes(futures, classes, tariffs, today), classes)
    choices = _choices(futures, mixes, costs)
    best = next(mix for mix in mixes if mix.name == choices["name"].iloc[0])
    varied, beside = _varied(futures, best, main_tariff(inputs, allocation.seats))
    table = _numbers(futures, varied, beside, tariffs)
    when = _when(futures, classes, mixes)
    step = int(np.diff(futures.sizes).max())
    return Signing(varied[0].name, _seats(futures, beside), table, choices, when, len(futures.price), step)


def _held(inputs: SeatsInputs, allocation: Allocation, seen: People, *, is_ranked: bool) -> Pieces:
    """Who holds which plan today: pairs of numbers of people of the ranking, those who use most first.

    Where the ranking is not that of the people seen, or parts them too often, the plans follow each other by the mean
    use of those who hold them.
    """
    places = [place for place, plan in enumerate(inputs.plans) if allocation.holders.get(plan.name)]
    tariffs = [tariff_at(inputs.plans[place], allocation.seats[inputs.plans[place].name]) for place in places]
    runs = [_runs(allocation.plan == place) for place in places]
    if is_ranked and sum(len(pieces) for pieces in runs) <= _MOST_PIECES:
        return tuple(zip(tariffs, runs, strict=True))
    mean = [
        float(allocation.parts[:, place] @ seen.spend / allocation.holders[one.name])
        for place, one in zip(places, tariffs, strict=True)
    ]
    found, start = [], 0
    for place in np.argsort(mean, kind="stable")[::-1]:
        end = start + round(allocation.holders[tariffs[place].name])
        found.append((tariffs[place], ((start, end),)))
        start = end
    return tuple(found)


def _runs(holds: np.ndarray) -> tuple[tuple[int, int], ...]:
    """From where to where of the ranking people hold a plan, without a gap each."""
    turns = np.flatnonzero(np.diff(holds.astype(int), prepend=0, append=0))
    return tuple((int(low), int(high)) for low, high in turns.reshape(-1, 2))


def _today(futures: Futures, held: Pieces) -> Mix:
    """Today's seats as a mix: bands of the ranking where each plan has one, else kept as they are."""
    at = {int(size): place for place, size in enumerate(futures.sizes)}
    pieces = tuple((tariff, tuple((at[low], at[high]) for low, high in runs)) for tariff, runs in held)
    name = "Today's cheapest, held"
    if any(len(runs) > 1 for _, runs in pieces):
        return Mix(name, (), kept=pieces)
    return Mix(name, tuple(sorted(((tariff, *runs[0]) for tariff, runs in pieces), key=lambda band: band[1])))


def main_tariff(inputs: SeatsInputs, seats: dict[str, float]) -> Tariff:
    """The plan with most seats, or the first plan where none is bought, at the price of that many seats."""
    name = max(seats, key=lambda one: seats[one]) if seats else inputs.plans[0].name
    return tariff_at(next(plan for plan in inputs.plans if plan.name == name), seats.get(name, 0.0))


def _varied(futures: Futures, best: Mix, main: Tariff) -> tuple[tuple[Tariff, int, int], Mix]:
    """The band of a mix whose number of seats is worth a look, widened as far as people are free; and the others."""
    if not best.bands:  # no seat, or seats that the ranking does not part: the plan by itself
        return (main, 0, len(futures.sizes) - 1), Mix(best.name, ())
    widest = max(best.bands, key=lambda band: futures.sizes[band[2]] - futures.sizes[band[1]])
    others = tuple(band for band in best.bands if band is not widest)
    tariff, low, high = widest
    free = min((start for _, start, _ in others if start >= high), default=len(futures.sizes) - 1)
    return (tariff, low, free), Mix(best.name, others)


def _numbers(futures: Futures, varied: tuple[Tariff, int, int], beside: Mix, tariffs: Sequence[Tariff]) -> pd.DataFrame:
    """Every number of seats of a plan, those of the others as they are."""
    tariff, low, high = varied
    none = monthly_cost(futures, (), beside).sum(axis=0)
    prices = [one for one in tariffs if one.name == tariff.name]

    def added(cut: int) -> np.ndarray:
        held = futures.sizes[cut] - futures.sizes[low]
        reached = [one for one in prices if one.fill != "holders" or held >= one.minimum]
        return min((futures.added(one, (low, cut)).sum(axis=0) for one in reached), key=np.mean)

    costs = np.array([none, *(none + added(cut) for cut in range(low + 1, high + 1))])
    held = futures.sizes[low : high + 1] - futures.sizes[low]
    seats = np.where(held > 0, np.maximum(held, max(one.floor for one in prices)), 0)
    kept = _cheapest_of_each(seats, costs.mean(axis=1))
    costs = costs[kept]
    loses = (costs > none * (1 + _SAME)).mean(axis=1)
    return pd.DataFrame({"seats": seats[kept], **_spread(costs), "loses_probability": loses, **_regret(costs)})


def _cheapest_of_each(seats: np.ndarray, cost: np.ndarray) -> np.ndarray:
    """Place of the cheapest way to each number of seats, fewest seats first; of equal ones the first."""
    order = np.lexsort((cost, seats))
    return order[np.unique(seats[order], return_index=True)[1]]


def _spread(costs: np.ndarray) -> dict[str, np.ndarray]:
    low, high = np.quantile(costs, [0.1, 0.9], axis=1)
    return {"expected_cost": costs.mean(axis=1), "p10": low, "p90": high}


def _regret(costs: np.ndarray) -> dict[str, np.ndarray]:
    return {"expected_regret": (costs - costs.min(axis=0)).mean(axis=1)}


def _mixes(futures: Futures, classes: Sequence[Outlook], tariffs: Sequence[Tariff], today: Mix) -> list[Mix]:
    """Ways to hold seats: none, today's, each plan alone, the best without a commitment, the best of all."""
    added, horizon = expected(classes), len(futures.level)
    found = [Mix("No seat", ()), *([today] if today.held else [])]
    by_price = sorted(tariffs, key=lambda one: -one.price)
    for name in dict.fromkeys(one.name for one in tariffs):
        prices = tuple(one for one in by_price if one.name == name)
        term = min(term_of(prices[0].commitment), horizon)
        ways = {one: added(one, 0, term).sum(axis=0)[0] for one in prices}
        one = min(ways, key=lambda way: float(ways[way].min()))
        found.append(Mix(f"{name} alone", ((one, 0, int(ways[one].argmin())),), prices))
    by_rate = sorted(by_price, key=lambda one: one.overage)  # who uses most where use costs least
    free = [
        Mix("Best without a commitment", best_bands(ranked, added, start=0, months=1), ranked)
        for ranked in (tuple(one for one in order if term_of(one.commitment) <= 1) for order in (by_price, by_rate))
    ]

    def cost(mix: Mix) -> float:
        return float(monthly_cost(futures, classes, mix).sum(axis=0).mean())

    by_term = sorted(by_price, key=lambda one: -term_of(one.commitment))
    longest = min(term_of(by_term[0].commitment), horizon)
    best = [
        Mix("Best mix of all plans", best_bands(ranked, added, start=0, months=longest), tuple(ranked))
        for ranked in (by_price, by_term, by_rate)
    ]
    return [*found, min(free, key=cost), min(best, key=cost)]


def _each_once(futures: Futures, mixes: Sequence[Mix], classes: Sequence[Outlook]) -> tuple[list[Mix], np.ndarray]:
    """Mixes without those that are another by another name, and the cost of each; shape (n_mixes, n_futures)."""
    found: dict[tuple[str, float], tuple[Mix, np.ndarray]] = {}
    for mix in mixes:
        cost = monthly_cost(futures, classes, mix).sum(axis=0)
        found.setdefault((str(_seats(futures, mix)), round(float(cost.mean()), 6)), (mix, cost))
    return [mix for mix, _ in found.values()], np.array([cost for _, cost in found.values()])


def _seats(futures: Futures, mix: Mix) -> dict[str, int]:
    """Plan -> seats signed for in month 1, those of a minimum included."""
    found: dict[str, int] = {}
    for tariff, pieces in mix.held:
        held = max(sum(int(futures.sizes[high] - futures.sizes[low]) for low, high in pieces), tariff.floor)
        found[tariff.name] = found.get(tariff.name, 0) + held
    return found


def _choices(futures: Futures, mixes: Sequence[Mix], costs: np.ndarray) -> pd.DataFrame:
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
    order = sorted(range(len(mixes)), key=lambda row: (round(costs[row].mean(), 6), _commits(futures, mixes[row])))
    return found.iloc[order].reset_index(drop=True)


def _commits(futures: Futures, mix: Mix) -> tuple[float, float]:
    """Seat-months that a mix is signed for, and its seats; of equal costs the fewer are better."""
    terms = {tariff.name: term_of(tariff.commitment) for tariff, _ in mix.held}
    seats = _seats(futures, mix)
    return sum(float(terms[name] * held) for name, held in seats.items()), float(sum(seats.values()))


def _cheapest(costs: np.ndarray, among: Sequence[bool]) -> int | None:
    """Place of the smallest expected cost among some rows; None where there is none."""
    if not any(among):
        return None
    return int(np.where(among, costs.mean(axis=1), np.inf).argmin())


def _when(futures: Futures, classes: Sequence[Outlook], mixes: Sequence[Mix]) -> pd.DataFrame:
    """Sign now, or wait and sign in the futures in which the months so far would have been cheaper signed, or never."""
    columns = ["month", "signs_probability", "expected_cost", "p10", "p90", "expected_regret"]
    totals = np.array([monthly_cost(futures, classes, mix).sum(axis=0) for mix in mixes])
    signed = _cheapest(totals, [mix.is_committed for mix in mixes])
    free = _cheapest(totals, [not mix.is_committed for mix in mixes])
    if signed is None or free is None:
        return pd.DataFrame(columns=columns)
    with_it, without = (monthly_cost(futures, classes, mixes[place]) for place in (signed, free))
    months: list[int | None] = [1]
    costs, signs = [totals[signed]], [1.0]
    for wait in (wait for wait in _WAITS if wait < len(without)):
        pays = with_it[:wait].sum(axis=0) < without[:wait].sum(axis=0)
        later = monthly_cost(futures, classes, mixes[signed], start=wait).sum(axis=0)
        after = np.where(pays, later, without[wait:].sum(axis=0))
        months.append(wait + 1)
        costs.append(without[:wait].sum(axis=0) + after)
        signs.append(float(pays.mean()))
    months, costs, signs = [*months, None], [*costs, totals[free]], [*signs, 0.0]
    every = np.array(costs)
    figures = {"signs_probability": signs, **_spread(every), **_regret(every)}
    return pd.DataFrame({"month": pd.Series(months, dtype=object), **figures})
