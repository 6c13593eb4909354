"""The tiering answer: what a mix saves at equal accepted quality, the best mix, and how sure that is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import pandas as pd

from aiecon.models.tiering.asked import Check, checks, entry_of, limits_of, open_entries
from aiecon.models.tiering.bridge import bridge_of, lever_savings
from aiecon.models.tiering.chains import Chains
from aiecon.models.tiering.choice import (
    cheapest_probability,
    out_of_reach,
    point_price,
    reaches_probability,
    rivals,
    shortfalls,
)
from aiecon.models.tiering.inputs import Candidate, TieringInputs
from aiecon.models.tiering.metrics import metrics
from aiecon.models.tiering.mix import Entry, Limits
from aiecon.models.tiering.program import best_plan, planner
from aiecon.models.tiering.switching import Switch, switch_of
from aiecon.vocabulary.distribution import base
from aiecon.vocabulary.metric import Metric
from aiecon.vocabulary.strict import quoted

_FRONTIER, _FEW = 60, 16  # points of the frontier; few where each is a program


@dataclass(frozen=True, eq=False)
class Tiering:
    """What routing to tiers saves.

    Attributes
    ----------
    inputs
        What was asked.
    as_of
        The day asked for, or that of the youngest price; None without dates.
    case
        The base case.
    cases
        The draws; the base case where nothing is uncertain.
    facts
        What a reader must know of the inputs before trusting the figures.
    """

    inputs: TieringInputs
    as_of: date | None
    case: Chains
    cases: Chains
    facts: list[str]

    @property
    def currency(self) -> str:
        """Of every amount."""
        return self.inputs.money

    @property
    def stale(self) -> dict[str, int]:
        """Tier -> days since its price was last seen, where that is longer ago than the limit. [days]"""
        return self.inputs.stale_on(self.as_of)

    @cached_property
    def shares(self) -> dict[str, float]:
        """Requests that enter at each tier."""
        return {tier.name: base(tier.share) for tier in self.inputs.tiers}

    @cached_property
    def _mean(self) -> tuple[float, float, float]:
        return _first(self.case.of_mix(self.shares))

    @property
    def cost_per_request(self) -> float:
        """Escalations included, review not. [currency/request]"""
        return self._mean[0]

    @property
    def baseline_cost_per_request(self) -> float:
        """Of the baseline, review not included. [currency/request]"""
        return float(self.case.baseline[0][0])

    @property
    def success_rate(self) -> float | None:
        """Requests accepted in the end; None when no tier says how often it succeeds."""
        return self._mean[2] if self.inputs.has_success else None

    @property
    def cost_per_accepted(self) -> float | None:
        """(Cost and review) ÷ success, of the mean request; None without success. [currency/accepted answer]"""
        if not self.inputs.has_success or self._mean[2] <= 0:
            return None
        return (self._mean[0] + self._mean[1]) / self._mean[2]

    @property
    def baseline_cost_per_accepted(self) -> float | None:
        """Cost of an accepted answer on the baseline. [currency/accepted answer]"""
        cost, review, success = (float(part[0]) for part in self.case.baseline)
        return (cost + review) / success if self.inputs.has_success and success > 0 else None

    def saving_of(self, shares: dict[str, float]) -> float | None:
        """1 − cost ÷ baseline of a mix: per accepted answer where success is known, else per request."""
        cost, review, success = (float(part[0]) for part in self.case.of_mix(shares))
        if self.inputs.has_success:
            against = self.baseline_cost_per_accepted
            return 1.0 - (cost + review) / success / against if against and success > 0 else None
        against = self.baseline_cost_per_request
        return 1.0 - cost / against if against > 0 else None

    def worth_of(self, shares: dict[str, float]) -> float | None:
        """What a mix saves a month at as many accepted answers as the baseline, review in. [currency/month]

        requests × (cost and review of a request of the baseline) × saving; of the same sign as the saving. Without
        success by the request, review out. None without a volume or a saving.
        """
        monthly, saved = self.inputs.requests_per_month, self.saving_of(shares)
        if monthly is None or saved is None:
            return None
        cost, review, _ = (float(part[0]) for part in self.case.baseline)
        return base(monthly) * saved * (cost + (review if self.inputs.has_success else 0.0))

    @property
    def saving_share(self) -> float | None:
        """Saving of the mix given; None where the baseline costs nothing or nothing is accepted."""
        return self.saving_of(self.shares)

    @cached_property
    def entries(self) -> list[Entry]:
        """A request that enters at each tier, review counted where success is known."""
        return [entry_of(self.case, name) for name in self.inputs.names]

    @cached_property
    def limits(self) -> Limits:
        """What is asked of the best mix."""
        return limits_of(self.inputs)

    def checks(self, shares: Mapping[str, float]) -> list[Check]:
        """Whether a mix, by tier or by route, keeps each thing that is asked."""
        return checks(self.case, self.limits, shares)

    @cached_property
    def best_plan(self) -> dict[str, float] | None:
        """Routes with the highest saving that keep what is asked of them, with their shares; None when none does.

        A route is a tier, or where data must stay 'TIER in REGION'.
        """
        return best_plan(open_entries(self.case), self.limits, by_success=self.inputs.has_success)

    @cached_property
    def best_mix(self) -> dict[str, float] | None:
        """The same by the tier that requests enter at, whatever their region."""
        return None if self.best_plan is None else self._by_tier(self.best_plan)

    def _by_tier(self, plan: Mapping[str, float]) -> dict[str, float]:
        found = dict.fromkeys(self.inputs.names, 0.0)
        for route, share in plan.items():
            found[self.case.routes[route][0]] += share
        return found

    @property
    def best_saving_share(self) -> float | None:
        """Saving of the best mix."""
        return None if self.best_plan is None else self.saving_of(self.best_plan)

    def reaches_probability(self, shares: Mapping[str, float]) -> float | None:
        """Draws in which a mix accepts the success asked for; None where none is asked."""
        return reaches_probability(self.cases, self.limits, shares)

    @cached_property
    def rivals(self) -> list[dict[str, float]]:
        """Mixes that keep what is asked and are not the best: see `rivals`; the mix given where it keeps it too."""
        if self.best_plan is None:
            return []
        found = rivals(self.case, self.limits, self.best_plan, by_success=self.inputs.has_success)
        is_other = self.best_mix != self.shares and all(one.is_kept for one in self.checks(self.shares))
        return [*found, self.shares] if is_other else found

    @cached_property
    def cheapest_probability(self) -> float | None:
        """Draws in which the best mix is cheapest of all that accept what is asked; None where there is none."""
        if self.best_plan is None:
            return None
        return cheapest_probability(
            self.cases, self.limits, self.best_plan, self.rivals, by_success=self.inputs.has_success
        )

    @cached_property
    def point_price(self) -> float | None:
        """What a hundredth more success than asked costs an accepted answer at the best mix; 0 where it is no limit."""
        if self.best_plan is None or not self.inputs.has_success:
            return None
        cost, review, success = _first(self.case.of_mix(self.best_plan))
        return point_price(self.case, self.limits, (cost + review) / success)

    @cached_property
    def missed(self) -> list[str]:
        """Words for each limit that the mix misses, and by how much."""
        return list(shortfalls(self.checks(self.shares)))

    @cached_property
    def out_of_reach(self) -> list[str]:
        """Words for what no mix reaches, with the best there is; empty where a mix keeps what is asked."""
        return [] if self.best_plan is not None else out_of_reach(self.case, self.limits)

    @cached_property
    def notes(self) -> list[str]:
        """What a reader must know before trusting the figures."""
        found = [f"The mix misses what is asked: {words}" for words in self.missed]
        if self.out_of_reach:
            found.append(f"No mix reaches what is asked: {'; '.join(self.out_of_reach)}")
        return [*found, *self.facts]

    def savings(self, shares: Mapping[str, float | np.ndarray]) -> np.ndarray:
        """Saving of a mix over the draws, shape (n_draws,)."""
        cost, review, success = self.cases.of_mix(shares)
        against, looked, accepted = self.cases.baseline
        if self.inputs.has_success:
            cost = (cost + review) / np.maximum(success, 1e-300)
            against = (against + looked) / np.maximum(accepted, 1e-300)
        return np.asarray(1.0 - cost / np.maximum(against, 1e-300))

    @cached_property
    def drawn_savings(self) -> np.ndarray:
        """Saving of the mix given over the draws, its shares drawn too where they are uncertain, shape (n_draws,)."""
        drawn = {name: self.cases.figure(f"tiers.{quoted(name)}.share") for name in self.shares}
        total = sum(drawn.values(), np.array([0.0]))
        return self.savings({name: share / total for name, share in drawn.items()})

    @cached_property
    def saves_probability(self) -> float | None:
        """P(the mix given costs less than the baseline); None where there is no saving to speak of."""
        return None if self.saving_share is None else float(np.mean(self.drawn_savings > 0))

    @cached_property
    def saving_range(self) -> tuple[float, float]:
        """10th and 90th percentile of the saving of the mix given."""
        low, high = np.quantile(self.drawn_savings, [0.1, 0.9])
        return float(low), float(high)

    @cached_property
    def lever_savings(self) -> dict[str, float]:
        """Lever -> what it saves on a request, together what all of them save. [currency/request]"""
        return lever_savings(self.inputs, self.case, self.shares)

    def frontier(self) -> pd.DataFrame:
        """Lowest cost of each success rate: success_rate, cost; per accepted answer. Empty without success."""
        return self._edge(open_entries(self.case))

    def direct_frontier(self) -> pd.DataFrame:
        """The same if no failed attempt went to another tier."""
        return self._edge(open_entries(self._direct))

    @cached_property
    def _direct(self) -> Chains:
        return Chains(self.inputs.model_copy(update={"escalate": ()}), self.case.values)

    def all_at(self, name: str) -> tuple[float, float, float]:
        """Cost, review and success of a request when all enter at a tier, its cost by the month spread."""
        return _first(self.case.of_mix({name: 1.0}))

    def alone(self, name: str) -> tuple[float, float, float]:
        """The same when no failed attempt goes to another tier."""
        return _first(self._direct.of_mix({name: 1.0}))

    def _edge(self, entries: list[Entry]) -> pd.DataFrame:
        columns = ["success_rate", "cost", *self.inputs.names]
        if not self.inputs.has_success:
            return pd.DataFrame(columns=columns)
        reached, known = [entry.success for entry in entries], {entry.name: entry for entry in entries}
        rows: list[dict[str, float]] = []
        is_program = bool(self.limits.regions or self.limits.floors)
        plan_at = planner(entries, self.limits, by_success=True)
        for wanted in np.linspace(min(reached), max(reached), _FEW if is_program else _FRONTIER):
            if rows and rows[-1]["success_rate"] >= wanted:
                continue  # the cheapest that reaches less reaches this too
            plan = plan_at(float(wanted))
            if plan is None:
                break  # what asks more allows less
            success = sum(share * known[route].success for route, share in plan.items())
            seen = {tier for route, share in plan.items() for tier, tries in known[route].attempts.items() if tries}
            cost = sum(share * known[route].cost for route, share in plan.items())
            cost += sum(fixed for tier, (_, fixed) in self.limits.floors.items() if tier in seen)
            rows.append({"success_rate": success, "cost": cost / success, **self._by_tier(plan)})
        found = pd.DataFrame(rows, columns=columns)
        return found[~found.round(12).duplicated()].reset_index(drop=True)

    @cached_property
    def bridge(self) -> pd.DataFrame:
        """Why the mix costs what it does: step, kind (start, change or end), amount, total; see `bridge_of`."""
        return bridge_of(self.inputs, self.case, self.shares)

    def switch(self, candidate: Candidate) -> Switch:
        """What a candidate saves in the place of its tier's model, and when its migration is repaid."""
        return switch_of(self.inputs, self.case, self.cases, self.shares, candidate)

    @cached_property
    def switches(self) -> list[Switch]:
        """The same of every candidate given."""
        return [self.switch(candidate) for candidate in self.inputs.candidates]

    def to_frame(self) -> pd.DataFrame:
        """One row a tier: tier, share, cost_per_attempt, cost_per_request, success_rate, cost_per_accepted, best."""
        best = self.best_mix or {}
        rows = []
        for tier in self.inputs.tiers:
            cost, review, success = self.all_at(tier.name)
            known = self.inputs.has_success and success > 0
            rows.append(
                {
                    "tier": tier.name,
                    "share": self.shares[tier.name],
                    "cost_per_attempt": float(self.case.attempt[tier.name][0]),
                    "cost_per_request": cost,
                    "success_rate": success if self.inputs.has_success else None,
                    "cost_per_accepted": (cost + review) / success if known else None,
                    "best_share": best.get(tier.name),
                }
            )
        return pd.DataFrame(rows)

    def tables(self) -> dict[str, pd.DataFrame]:
        """What else `ask --json` shows: the frontier, the way to the mix lever by lever, the model review."""
        rows = [one.figures() for one in self.switches]
        return {"frontier": self.frontier(), "bridge": self.bridge, "model_review": pd.DataFrame(rows)}

    def summary(self) -> list[Metric]:
        """Headline figures in reading order."""
        return metrics(self)


def _first(means: tuple[np.ndarray, np.ndarray, np.ndarray]) -> tuple[float, float, float]:
    cost, review, success = (float(part[0]) for part in means)
    return cost, review, success
