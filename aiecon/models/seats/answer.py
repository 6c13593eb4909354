"""The seats answer: who gets a seat, what all ways cost, what lies idle, how uneven use is, how many to sign for."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from aiecon.models.seats.allocation import (
    PART,
    Allocation,
    all_seats_cost,
    allocate,
    edges,
    plan_cost,
    tariff_at,
    tariffs_of,
    threshold_of,
)
from aiecon.models.seats.backtest import Persistence
from aiecon.models.seats.doubt import Doubt
from aiecon.models.seats.inputs import SeatsInputs
from aiecon.models.seats.panel import panel
from aiecon.models.seats.people import MOST_FOLLOWED, People, people_expected, uses_at
from aiecon.models.seats.signing import Signing
from aiecon.models.seats.tail import UsageFit
from aiecon.vocabulary.distribution import Discrete, Empirical, base
from aiecon.vocabulary.metric import Metric

_LIST = 40
_SAME = 1e-9  # of the cost: less is rounding


def turns_of(inputs: SeatsInputs) -> list[float]:
    """Uses at which a seat begins to pay, or that as many reach as a minimum or volume price asks. [currency/month]"""
    counts = [tariff.minimum for plan in inputs.plans for tariff in tariffs_of(plan)]
    return [*edges(inputs.plans, base(inputs.metered_fee_per_user_month)), *uses_at(inputs.usage, counts)]


@dataclass(frozen=True, eq=False)
class Seats:
    """Seats or tokens, for whom.

    Attributes
    ----------
    inputs
        What was asked.
    as_of
        The day asked for; None without one.
    people
        Use of each person, heaviest first.
    allocation
        The cheapest.
    persistence
        What a panel of months says; None for one month.
    signing
        How many seats to sign for; None without a future.
    doubt
        What the allocation costs over the uncertain inputs; None where none is uncertain.
    fit
        Families fitted to use, best first; empty for few people or a population.
    notes
        What a reader must know before trusting the figures.
    """

    inputs: SeatsInputs
    as_of: date | None
    people: People
    allocation: Allocation
    persistence: Persistence | None
    signing: Signing | None
    doubt: Doubt | None
    fit: list[UsageFit]
    notes: list[str]

    @property
    def currency(self) -> str:
        """Of every amount."""
        return self.inputs.currency or "USD"

    @property
    def fee(self) -> float:
        """Paid by each person without a seat. [currency/user/month]"""
        return base(self.inputs.metered_fee_per_user_month)

    @property
    def all_api_cost(self) -> float:
        """Everyone at API prices, fee included. [currency/month]"""
        return self.people.total + self.fee * self.people.count

    @cached_property
    def all_seats_cost(self) -> float:
        """Everyone in the cheapest single plan. [currency/month]"""
        return all_seats_cost(self.people, self.inputs.plans)

    @property
    def savings(self) -> float:
        """All at API prices minus the cheapest allocation. [currency/month]"""
        return self.all_api_cost - self.allocation.cost

    @property
    def has_seat(self) -> np.ndarray:
        """Whether each person, or a part of a population, has a seat, heaviest first."""
        return self.allocation.parts.sum(axis=1) > PART

    @property
    def is_smooth(self) -> bool:
        """Whether people are spread over all uses: a population that is no list of values."""
        return self.people.is_population and not isinstance(self.inputs.usage.distribution, Discrete | Empirical)

    @property
    def seat_threshold(self) -> float | None:
        """Smallest use that gets a seat; None when nobody does. [currency/month]"""
        turns = turns_of(self.inputs) if self.is_smooth else []
        return threshold_of(self.people, self.allocation, turns)

    @cached_property
    def is_idle(self) -> np.ndarray:
        """Whether each person used nothing in the month, the last one where use has months, heaviest first."""
        months = panel(self.inputs.usage)
        if months is None:
            return np.asarray(self.people.spend <= 0)
        return np.asarray(months.iloc[:, -1].reindex(self.people.names).to_numpy() <= 0)

    @property
    def held_seats(self) -> float:
        """Seats that people hold, those of a minimum that nobody holds left out."""
        return float(sum(self.allocation.holders.values()))

    @property
    def idle_seats(self) -> float:
        """Seats paid for that nobody used in the (last) month: idle holders', and those of a minimum without holder."""
        held_by_them = float(self.people.weight[self.is_idle] @ self.allocation.parts[self.is_idle].sum(axis=1))
        return held_by_them + self.allocation.total_seats - self.held_seats

    @cached_property
    def shelfware_cost(self) -> float:
        """Price of the seats that nobody used in the month, the last one where use has months. [currency/month]"""
        total = 0.0
        for place, plan in enumerate(self.inputs.plans):
            bought = self.allocation.seats.get(plan.name, 0.0)
            if bought:
                held_by_them = float(self.people.weight[self.is_idle] @ self.allocation.parts[self.is_idle, place])
                empty = bought - self.allocation.holders[plan.name]
                total += (held_by_them + empty) * self.seat_price(plan.name)
        return total

    def seat_price(self, plan: str) -> float:
        """What a seat of a plan costs at the number bought. [currency/seat/month]"""
        found = next(one for one in self.inputs.plans if one.name == plan)
        return tariff_at(found, self.allocation.seats.get(plan, 0.0)).price

    @property
    def seats_to_hold(self) -> dict[str, float]:
        """Plan -> seats to sign for and to hold by the month; without a future those of the allocation."""
        return self.signing.choices["seats"].iloc[0] if self.signing else self.allocation.seats

    @property
    def committed(self) -> dict[str, float]:
        """Plan -> price of the seats to hold × months of its term, for plans signed for a term. [currency]"""
        found = {}
        for plan in self.inputs.plans:
            seats, months = self.seats_to_hold.get(plan.name, 0), base(plan.commitment_months)
            if seats and months > 1:
                found[plan.name] = seats * tariff_at(plan, seats).price * months
        return found

    @cached_property
    def minimum_cost(self) -> float:
        """What minimums add: the cheapest allocation minus that without them. [currency/month]"""
        free = tuple(plan.model_copy(update={"minimum_seats": 0}) for plan in self.inputs.plans)
        if all(plan.minimum_seats == 0 for plan in self.inputs.plans):
            return 0.0
        added = self.allocation.cost - allocate(self.people, free, fee=self.fee).cost
        return added if abs(added) > _SAME * abs(self.allocation.cost) else 0.0

    @cached_property
    def people_next(self) -> People | None:
        """Expected use of each person next month, heaviest first; None without a panel of months."""
        return people_expected(self.persistence.expected) if self.persistence else None

    @cached_property
    def allocation_next(self) -> Allocation | None:
        """The cheapest by the use expected next month, which assigns people; None without a panel of months."""
        return allocate(self.people_next, self.inputs.plans, fee=self.fee) if self.people_next else None

    @property
    def why_unsigned(self) -> str | None:
        """Why it is not said how many seats to sign for; None where it is."""
        if self.signing:
            return None
        if self.inputs.future is None:
            return "no future was given"
        return f"more than {MOST_FOLLOWED:,} people of a population are not followed month by month"

    @property
    def stated_value(self) -> float | None:
        """Value stated for the seats that people hold; None where none is. In no cost. [currency/month]"""
        if self.inputs.value_per_seat_month is None:
            return None
        return base(self.inputs.value_per_seat_month) * self.held_seats

    def to_frame(self) -> pd.DataFrame:
        """One row a plan, and those without a seat: plan, seats, holders, spend_at_api, cost. [currency/month]"""
        rows = []
        for place, plan in enumerate(self.inputs.plans):
            part = self.people.weight * self.allocation.parts[:, place]
            bought = self.allocation.seats.get(plan.name, 0.0)
            tariff = tariff_at(plan, bought)
            rows.append(
                {
                    "plan": plan.name,
                    "seats": bought,
                    "holders": self.allocation.holders.get(plan.name, 0.0),
                    "spend_at_api": float(part @ self.people.spend),
                    "cost": plan_cost(tariff, self.people.spend, part) if bought else 0.0,
                }
            )
        outside = self.people.weight * (1.0 - self.allocation.parts.sum(axis=1))
        spent = float(outside @ self.people.spend)
        count = float(outside.sum())
        rows.append(
            {"plan": "API", "seats": 0.0, "holders": count, "spend_at_api": spent, "cost": spent + self.fee * count}
        )
        return pd.DataFrame(rows)

    def by_person(self) -> pd.DataFrame:
        """One row a person, heaviest first: user, spend, plan; with months expected, plan_next. [currency/month]"""
        users = self.people.names if self.people.names is not None else np.arange(1, len(self.people.spend) + 1)
        found = pd.DataFrame({"user": users, "spend": self.people.spend, "plan": self._names(self.allocation)})
        if self.people_next is None or self.allocation_next is None:
            return found
        then = pd.DataFrame({"expected": self.people_next.spend, "plan_next": self._names(self.allocation_next)})
        return found.join(then.set_index(self.people_next.names), on="user")

    def _names(self, allocation: Allocation) -> list[str]:
        names = [*(plan.name for plan in self.inputs.plans), "API"]
        return [names[place] for place in allocation.plan]

    def cost_by_seats(self) -> pd.DataFrame:
        """Cost for each number of seats bought of every single plan, held by the heaviest: plan, seats, cost."""
        rows = []
        held = np.cumsum(self.people.weight)
        shown = np.unique(np.linspace(0, len(held), min(len(held) + 1, 400)).round().astype(int))
        for plan in self.inputs.plans:
            for count in shown:
                spend, weight = self.people.spend[:count], self.people.weight[:count]
                inside = min(plan_cost(one, spend, weight) for one in tariffs_of(plan)) if count else 0.0
                outside = float(self.people.weight[count:] @ (self.people.spend[count:] + self.fee))
                seats = max(float(held[count - 1]), float(plan.minimum_seats)) if count else 0.0
                rows.append({"plan": plan.name, "seats": seats, "cost": inside + outside})
        return pd.DataFrame(rows).groupby(["plan", "seats"], sort=False, as_index=False).min()

    def summary(self) -> list[Metric]:
        """Headline figures in reading order."""
        monthly = f"{self.currency}/month"
        nobody = None if self.seat_threshold is not None else "nobody gets a seat"
        unused = None if self.people.gini is not None else "nobody uses anything"
        sure = None if self.doubt else "no input of the month is uncertain"
        low, high = self.doubt.cost if self.doubt else (None, None)
        saves = "empty seats of a minimum bring a lower price or a larger pool" if self.minimum_cost < 0 else None
        return [
            Metric("best_cost", "Cheapest allocation", self.allocation.cost, monthly),
            Metric("all_api_cost", "Everyone at API prices", self.all_api_cost, monthly),
            Metric("all_seats_cost", "Everyone in the cheapest plan", self.all_seats_cost, monthly),
            Metric("savings_per_month", "Saving on API prices", self.savings, monthly),
            Metric("seats", "Seats to buy", self.allocation.total_seats, "seats"),
            Metric("seat_threshold", "Use from which a seat pays", self.seat_threshold, monthly, nobody),
            Metric("shelfware_cost", "Seats nobody used", self.shelfware_cost, monthly),
            Metric("minimum_cost", "What minimums add", self.minimum_cost, monthly, saves),
            Metric("gini", "Gini of use", self.people.gini, "ratio", unused),
            Metric("top_decile_share", "Use of the heaviest tenth", self.people.top_share(0.1), "share", unused),
            Metric("seats_by_plan", "Seats to buy, by plan", self._seats_by_plan, "seats"),
            Metric("best_cost_p10", "Cheapest allocation, low end", low, monthly, sure),
            Metric("best_cost_p90", "Cheapest allocation, high end", high, monthly, sure),
            *self._of_the_future(),
        ]

    @property
    def _seats_by_plan(self) -> dict[str, float]:
        """Plan -> seats to buy, whole numbers where they are."""
        return {name: int(seats) if seats == int(seats) else seats for name, seats in self.allocation.seats.items()}

    def _of_the_future(self) -> list[Metric]:
        """What to sign for, when, and how sure it is."""
        found, why = self.signing, self.why_unsigned
        best: dict[str, Any] = {} if found is None else found.choices.iloc[0].to_dict()
        commits = why or (None if best["is_committed"] else "nothing is signed for a term")
        gain = self.persistence.backtest.gain if self.persistence else None
        unforeseen = None if gain is not None else "a file of three months or more is needed"
        none = "nobody stated one"
        return [
            Metric("seats_to_sign", "Seats to sign for", found.seats if found else None, "seats", why),
            Metric("sign_by_plan", "Seats to sign for, by plan", best.get("seats"), "seats", why),
            Metric("signing_cost", "Cost over the horizon, expected", best.get("expected_cost"), self.currency, why),
            Metric("signing_cost_p10", "Cost over the horizon, low end", best.get("p10"), self.currency, why),
            Metric("signing_cost_p90", "Cost over the horizon, high end", best.get("p90"), self.currency, why),
            Metric("loses_probability", "Chance that signing loses", best.get("loses_probability"), "share", commits),
            Metric(
                "expected_regret", "Regret over the horizon, expected", best.get("expected_regret"), self.currency, why
            ),
            Metric("sign_month", "Month to sign in", found.month if found else None, "month", self._why_no_month),
            Metric("committed_cost", "What signing commits", sum(self.committed.values()), self.currency),
            Metric("foresight_gain", "Gain of ranking by expected use", gain, f"{self.currency}/month", unforeseen),
            Metric(
                "stated_value",
                "Value stated for seats, in no cost",
                self.stated_value,
                f"{self.currency}/month",
                none if self.stated_value is None else None,
            ),
        ]

    @property
    def _why_no_month(self) -> str | None:
        if self.signing is None:
            return self.why_unsigned
        return None if self.signing.month is not None else "signing for a term does not pay"
