"""Ways to serve the same load: by the API, hosted all hours or by the hour, or a base hosted and the rest bought."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np
import pandas as pd

from aiecon.models.self_host.economics import Economics, rounded_up
from aiecon.models.self_host.gpu import Option, Purchase
from aiecon.models.self_host.profile import LoadProfile
from aiecon.models.self_host.purchases import sum_of
from aiecon.vocabulary.strict import quoted

_MINUTES_PER_HOUR = 60.0
_SAME = 1e-9  # of a cost: what is closer differs by rounding
_FLAT = 1e-12  # the same from one rung of a ladder to the next


@dataclass(frozen=True, eq=False)
class Scheduled(Economics):
    """Hosting that follows a load over time.

    Attributes
    ----------
    profile
        Load over time.
    """

    profile: LoadProfile

    @cached_property
    def unit(self) -> np.ndarray:
        """Replicas to keep for a load of 1 in the profile, peaks inside a slot served. [replicas], (n_cases, n_months)

        The busiest slot takes what the peak takes; a peak below the busiest slot is raised to it.
        """
        busiest = float(self.profile.hours.max())
        raised = np.maximum(1.0, busiest / self.value("workload.peak_to_mean", 1.0))
        return self.mtok / self.mtok_per_replica * raised / busiest


@dataclass(frozen=True, eq=False)
class Autoscaled(Scheduled):
    """Replicas on in the hours that need them, each start paid for as long as it takes.

    Of a mix only what is rented by the hour is switched: reserved and owned GPUs, their share of the most at once, are
    on in all hours. A start takes an hour at most, so that releasing a replica for any hour it is not needed never
    costs more than keeping it. Fees by the month (licences, servers) are paid for the most that are on at once.
    """

    @cached_property
    def _fleet(self) -> tuple[np.ndarray, np.ndarray]:
        """GPUs on in the mean hour, and GPUs started in it; shape (n_cases, n_months)"""
        hours = self.profile.hours
        committed = self.gpus(self.loaded) * (1.0 - self._hourly_share)
        before = np.maximum(self.gpus(self._on(hours[-1])), committed)
        on, started = np.zeros_like(self.mtok), np.zeros_like(self.mtok)
        for load in hours:
            now = np.maximum(self.gpus(self._on(load)), committed)
            on += now
            started += np.maximum(now - before, 0.0)
            before = now
        return on / len(hours), started / len(hours)

    def _on(self, load: float) -> np.ndarray:
        scaling = self.inputs.serving.autoscaling
        fewest = None if scaling is None else scaling.minimum_replicas
        return np.maximum(
            rounded_up(self.unit * load), self.inputs.serving.minimum_replicas if fewest is None else fewest
        )

    @cached_property
    def _hourly_share(self) -> np.ndarray:
        """Part of the GPUs that is rented by the hour, shape (n_cases, 1)"""
        return sum_of(part.share * part.is_by_the_hour for part in self.parts)

    @cached_property
    def loaded(self) -> np.ndarray:
        """The most replicas on at once, each month."""
        return self._on(float(self.profile.hours.max()))

    @cached_property
    def mean_gpus(self) -> np.ndarray:
        """GPUs paid in the mean hour, starts included. [GPUs], shape (n_cases, n_months)"""
        start = self.value("serving.autoscaling.cold_start_minutes") / _MINUTES_PER_HOUR
        return self._fleet[0] + self._fleet[1] * start

    @cached_property
    def running_cost(self) -> np.ndarray:
        """Everything but capital, each month. [currency/month]"""
        hours = sum_of(part.share * part.hours * part.is_by_the_hour for part in self.parts)
        share = self._hourly_share
        per_gpu = np.divide(hours, share, out=np.zeros_like(hours), where=share > 0)
        spared = self.gpus(self.loaded) - self.mean_gpus
        return super().running_cost - spared * per_gpu


@dataclass(frozen=True, eq=False)
class Split(Scheduled):
    """A number of replicas kept on all hours; what they cannot serve in a slot is bought from the API.

    Attributes
    ----------
    kept
        Replicas of each month; without any, nothing is hosted and nothing moved. Shape (n_cases, n_months)
    """

    kept: np.ndarray

    @cached_property
    def loaded(self) -> np.ndarray:
        """The replicas kept."""
        return self.kept

    @cached_property
    def bought_share(self) -> np.ndarray:
        """Part of the tokens served by the API, each month; shape (n_cases, n_months)"""
        return self.share_bought(self.kept)

    def share_bought(self, kept: np.ndarray) -> np.ndarray:
        """Part of the tokens that the API serves beside a number of replicas; shape (n_cases, n_months)"""
        all_of_it = np.full(self.unit.shape, float(self.profile.hours.max()))
        return self.profile.above(np.divide(kept, self.unit, out=all_of_it, where=self.unit > 0))

    def cost(self, kept: np.ndarray) -> np.ndarray:
        """Month at a number of replicas, capital as an annuity. [currency/month], shape (n_cases, n_months)"""
        hosted = np.where(kept > 0, self.hosting(kept), 0.0)
        return hosted + self.api_cost * self.share_bought(kept)

    @cached_property
    def running_cost(self) -> np.ndarray:
        """Everything but capital, what is bought from the API included. [currency/month]"""
        return np.where(self.kept > 0, self.running(self.kept), 0.0) + self.api_cost * self.bought_share

    @cached_property
    def hosting_cost(self) -> np.ndarray:
        """The same with capital as an annuity. [currency/month]"""
        return self.cost(self.kept)

    @cached_property
    def migration(self) -> np.ndarray:
        """What moving costs where anything is hosted. [currency], shape (n_cases,)"""
        return np.where(self.kept.any(axis=1), self.value("migration_cost")[:, 0], 0.0)


def autoscaled(case: Economics, profile: LoadProfile) -> Autoscaled | None:
    """Hosting by the hour; None where it was not asked, or no GPUs are rented by the hour."""
    if case.inputs.serving.autoscaling is None or not any(part.is_by_the_hour for part in case.parts):
        return None
    return Autoscaled(case.inputs, case.figures, profile)


def cheapest_split(case: Economics, profile: LoadProfile) -> Split:
    """The split whose replicas make each month cheapest, the fewest of them where it costs the same.

    Replicas are none, or the minimum and more up to what the peak takes; owned ones stay. Servers are filled, so the
    cost of hosting is a line through every so many servers, and what is bought falls ever more slowly: on each such
    ladder the cost has one valley, which is found by halving.
    """
    split = Split(case.inputs, case.figures, profile, np.zeros_like(case.mtok))
    kept, least = split.kept, split.cost(split.kept)
    fewest = max(case.inputs.serving.minimum_replicas, 1)
    most = np.maximum(rounded_up(split.unit * profile.hours.max()), fewest)
    for ladder in _ladders(case, fewest, most):
        count = _valley(split, ladder)
        cost = split.cost(count)
        is_less = cost < least * (1.0 - _SAME)
        kept, least = np.where(is_less, count, kept), np.where(is_less, cost, least)
    if any(part.is_owned for part in case.parts):
        kept = np.maximum.accumulate(kept, axis=1)
    return Split(case.inputs, case.figures, profile, kept)


@dataclass(frozen=True, eq=False)
class _Ladder:
    """Numbers of replicas that fill servers, `size` of them more with every `period` servers.

    Attributes
    ----------
    first, period
        Servers of the first rung, and from one to the next.
    per_server
        Replicas that fit in a server, a fraction where one reaches over two.
    fewest, most
        Replicas at least, and what the peak takes; `most` of shape (n_cases, n_months)
    """

    first: int
    period: int
    per_server: Fraction
    fewest: int
    most: np.ndarray

    @property
    def last(self) -> np.ndarray:
        """The rung that serves the peak, shape (n_cases, n_months)"""
        servers = rounded_up(self.most / float(self.per_server))
        return np.maximum(np.ceil((servers - self.first) / self.period), 0.0)

    def replicas(self, rung: np.ndarray) -> np.ndarray:
        """Replicas on a rung; shape of `rung`."""
        servers = self.first + rung * self.period
        filled = np.floor(servers * self.per_server.numerator / self.per_server.denominator)
        return np.clip(filled, self.fewest, self.most)


def _ladders(case: Economics, fewest: int, most: np.ndarray) -> list[_Ladder]:
    """Ladders that hold every number of replicas with full servers; one where servers hold whole replicas."""
    gpus = case.inputs.serving.gpus_per_replica
    per_server = Fraction(case.inputs.gpu.gpus_per_server or gpus, gpus)
    first, period = math.ceil(fewest / per_server), per_server.denominator
    return [_Ladder(first + start, period, per_server, fewest, most) for start in range(period)]


def _valley(split: Split, ladder: _Ladder) -> np.ndarray:
    """Replicas of the cheapest rung, the lowest of them where rungs cost the same; shape (n_cases, n_months)"""
    low, high = np.zeros_like(ladder.most), ladder.last
    while (low < high).any():
        middle = np.floor((low + high) / 2)
        here, above = (split.cost(ladder.replicas(rung)) for rung in (middle, middle + 1))
        is_falling = (above < here * (1.0 - _FLAT)) & (low < high)
        low, high = np.where(is_falling, middle + 1, low), np.where(is_falling, high, middle)
    return ladder.replicas(low)


@dataclass(frozen=True, eq=False)
class Plan:
    """One way to serve the load: its base case and its draws.

    Attributes
    ----------
    name
        In words.
    case, cases
        As in the answer.
    """

    name: str
    case: Economics
    cases: Economics

    @property
    def cost(self) -> float:
        """Of the first month, capital as an annuity. [currency/month]"""
        return float(self.case.hosting_cost[0, 0])

    @property
    def cost_range(self) -> tuple[float, float]:
        """10th and 90th percentile of it over the draws. [currency/month]"""
        low, high = np.quantile(self.cases.hosting_cost[:, 0], [0.1, 0.9])
        return float(low), float(high)

    @property
    def savings(self) -> float:
        """Present value of what it saves against the API over the horizon. [currency]"""
        return float(self.case.npv[0])

    @property
    def savings_range(self) -> tuple[float, float]:
        """10th and 90th percentile of it over the draws. [currency]"""
        low, high = np.quantile(self.cases.npv, [0.1, 0.9])
        return float(low), float(high)

    @property
    def probability(self) -> float:
        """P(saving > 0) over the draws."""
        return float(np.mean(self.cases.npv > 0))

    @property
    def most_replicas(self) -> int:
        """The most replicas on at once in the first month."""
        return int(self.case.needed[0, 0])

    @property
    def mean_replicas(self) -> float:
        """Replicas on in the mean hour of the first month, starts included. [replicas]"""
        if isinstance(self.case, Autoscaled):
            return float(self.case.mean_gpus[0, 0]) / self.case.inputs.serving.gpus_per_replica
        return float(self.most_replicas)

    @property
    def bought_share(self) -> float:
        """Part of the first month's tokens that the API serves."""
        return float(self.case.bought_share[0, 0]) if isinstance(self.case, Split) else 0.0


ALL_API, ALWAYS_ON, BY_THE_HOUR, SPLIT = "API for all", "Hosted, always on", "Hosted, by the hour", "Split"
WAYS = (BY_THE_HOUR, SPLIT, ALWAYS_ON)
_OF_OPTIONS = {ALWAYS_ON: "Hosted: {}", BY_THE_HOUR: "Hosted: {}, by the hour", SPLIT: "Split: {}"}


def paid_as(case: Economics, option: Option) -> Economics:
    """Hosting always on, the GPUs paid as an option says."""
    head = f"gpu.options.{quoted(option.name)}."
    alike = {f"gpu.{name}" for name in Purchase.model_fields}
    figures = {
        name: figure
        for name, figure in case.figures.items()
        if name not in alike and not name.startswith(("gpu.mix.", "gpu.options."))
    }
    figures |= {f"gpu.{name.removeprefix(head)}": one for name, one in case.figures.items() if name.startswith(head)}
    inputs = case.inputs.model_copy(update={"gpu": case.inputs.gpu.paid_as(option)})
    return Economics(inputs, figures)


def plans(case: Economics, profile: LoadProfile | None) -> dict[str, Economics]:
    """Name -> each way that the inputs know enough for, on the terms asked, the one that commits to least first."""
    nothing = np.zeros_like(case.mtok)
    found: dict[str, Economics] = {ALL_API: Split(case.inputs, case.figures, LoadProfile(np.ones(1), 1), nothing)}
    return found | {way: made for way in WAYS if (made := _run(way, case, profile)) is not None}


def _run(way: str, case: Economics, profile: LoadProfile | None) -> Economics | None:
    """Hosting run in one of the ways; None where the inputs do not know enough for it."""
    if way == ALWAYS_ON:
        return case
    if profile is None:
        return None
    return autoscaled(case, profile) if way == BY_THE_HOUR else cheapest_split(case, profile)


def best_ways(case: Economics, profile: LoadProfile | None) -> dict[str, str]:
    """Name of each option -> the way of running its GPUs that saves most in one case; always on where ways tie."""
    found = {}
    for option in case.inputs.gpu.options:
        ways = {way: _run(way, paid_as(case, option), profile) for way in reversed(WAYS)}
        saved = {way: float(made.npv[0]) for way, made in ways.items() if made is not None and made.needed.any()}
        found[option.name] = max(saved, key=lambda way: saved[way], default=ALWAYS_ON)
    return found


def options(case: Economics, profile: LoadProfile | None, *, ways: Mapping[str, str]) -> dict[str, Economics]:
    """Name -> hosting with the GPUs paid as each option says, run in a way that is known for it."""
    found = {}
    for option in case.inputs.gpu.options:
        way = ways[option.name]
        made = _run(way, paid_as(case, option), profile)
        assert made is not None  # the way was found by running it
        found[_OF_OPTIONS[way].format(option.name)] = made
    return found


def regrets(choices: Sequence[Plan]) -> pd.DataFrame:
    """What each choice saves on the mean, what it saves less than the best one of each draw, and how often it is best.

    One row a choice: choice, mean_savings [currency], expected_regret [currency], best_share; a tie goes to the choice
    that stands first.
    """
    saved = np.array([choice.cases.npv for choice in choices])
    best = saved.max(axis=0)
    rounding = _SAME * np.abs(choices[0].cases.api_cost).sum(axis=1)
    first = (saved >= best - rounding).argmax(axis=0)
    return pd.DataFrame(
        {
            "choice": [choice.name for choice in choices],
            "mean_savings": saved.mean(axis=1),
            "expected_regret": np.where(best - saved <= rounding, 0.0, best - saved).mean(axis=1),
            "best_share": [float(np.mean(first == place)) for place in range(len(choices))],
        }
    )


def cheapest(found: dict[str, Economics]) -> str:
    """Name of the plan that saves most over the horizon; a tie goes to the one that commits to less."""
    saved = {name: float(case.npv[0]) for name, case in found.items()}
    rounding = _SAME * float(np.abs(next(iter(found.values())).api_cost[0]).sum())
    return next(name for name, one in saved.items() if one >= max(saved.values()) - rounding)
