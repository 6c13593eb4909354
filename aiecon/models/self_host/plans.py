"""Ways to serve the same load: by the API, hosted all hours or by the hour, or a base hosted and the rest bought."""

from collections.abc import Sequence
from dataclasses import dataclass
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
_MOST_COUNTS = 400  # numbers of replicas that a split is sought among; more of them are taken in equal steps


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

    Every number from none to what the peak takes is tried: above 400 in equal steps, and then in ever smaller ones
    around the best of each month. Replicas are no fewer than the minimum, where any are kept; owned ones stay.
    """
    split = Split(case.inputs, case.figures, profile, np.zeros_like(case.mtok))
    kept, least = split.kept.copy(), split.cost(split.kept)
    fewest = max(case.inputs.serving.minimum_replicas, 1)
    most = max(int(rounded_up(split.unit * profile.hours.max()).max()), fewest)
    counts = np.unique(np.linspace(fewest, most, min(most - fewest + 1, _MOST_COUNTS)).round())
    step = int(np.diff(counts).max(initial=1))
    tried = [np.full_like(kept, count) for count in counts]
    while tried:
        for count in tried:
            cost = split.cost(count)
            is_less = cost < least * (1.0 - _SAME)
            kept, least = np.where(is_less, count, kept), np.where(is_less, cost, least)
        step //= 2
        tried = [np.clip(kept + move, fewest, most) for move in (-step, step)] if step else []
    if any(part.is_owned for part in case.parts):
        kept = np.maximum.accumulate(kept, axis=1)
    return Split(case.inputs, case.figures, profile, kept)


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
    if profile is not None:
        hourly = autoscaled(case, profile)
        if hourly is not None:
            found[BY_THE_HOUR] = hourly
        found[SPLIT] = cheapest_split(case, profile)
    return found | {ALWAYS_ON: case}


def options(case: Economics) -> dict[str, Economics]:
    """Name -> hosting always on with the GPUs paid as each option says."""
    return {f"Hosted: {option.name}": paid_as(case, option) for option in case.inputs.gpu.options}


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
