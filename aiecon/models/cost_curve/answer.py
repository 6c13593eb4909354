"""The cost curve's answer: pilot and production, the cliff between them, and what drives it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import pandas as pd

from aiecon.bridges import factor_effects
from aiecon.levers import split_saving
from aiecon.models.cost_curve.curve import Curve
from aiecon.models.cost_curve.falling import NAMES
from aiecon.models.cost_curve.inputs import CostCurveInputs
from aiecon.models.cost_curve.next_step import NextStep, next_step
from aiecon.models.cost_curve.pre_launch import (
    Stretch,
    break_even_users,
    edges,
    gate,
    reasons,
    stretches,
    told,
    verdict_of,
)
from aiecon.vocabulary.distribution import base
from aiecon.vocabulary.metric import Metric

_GRID = 25
_MOST_JUMPS = 60  # more of them cannot be told apart in a picture
_BESIDE = 1e-6  # part of a number of users by which its other side is away
NEAR = 1.1  # times production up to which a step is near


@dataclass(frozen=True, eq=False)
class CostCurve:
    """What it costs at any number of users.

    Attributes
    ----------
    inputs
        What was asked.
    as_of
        The day asked for; None without one.
    case
        The base case.
    cases
        The draws; the base case where nothing is uncertain.
    notes
        What a reader must know before trusting the figures.
    """

    inputs: CostCurveInputs
    as_of: date | None
    case: Curve
    cases: Curve
    notes: list[str]

    @property
    def currency(self) -> str:
        """Of every amount."""
        return self.inputs.currency or "USD"

    def cost(self, users: float) -> float:
        """Cost of a month. [currency/month]"""
        return float(self.case.total(np.array([users]))[0, 0])

    @property
    def pilot_cost(self) -> float:
        """Of the pilot. [currency/month]"""
        return self.cost(self.inputs.pilot_users)

    @property
    def production_cost(self) -> float:
        """Of production. [currency/month]"""
        return self.cost(self.inputs.production_users)

    @property
    def cliff_multiple(self) -> float | None:
        """Production over pilot; None when the pilot costs nothing."""
        return self.production_cost / self.pilot_cost if self.pilot_cost > 0 else None

    @property
    def cost_per_user(self) -> float:
        """In production. [currency/user/month]"""
        return self.production_cost / self.inputs.production_users

    @property
    def marginal_cost_per_user(self) -> float:
        """Of one user more in production, a step being flat. [currency/user/month]"""
        return float(self.case.marginal(np.array([self.inputs.production_users]))[0, 0])

    @cached_property
    def near_step(self) -> NextStep | None:
        """The next step up to a tenth more users than production; None without one."""
        production = self.inputs.production_users
        return next_step(self.case, production, up_to=NEAR * production)

    @property
    def near_step_words(self) -> str | None:
        """The user who opens the next steps and what they cost; None where none is near."""
        step = self.near_step
        return None if step is None else step.words(self.inputs.production_users, self.currency)

    @property
    def elasticity(self) -> float | None:
        """Marginal × users ÷ cost, in production; None when it costs nothing."""
        if self.production_cost <= 0:
            return None
        return self.marginal_cost_per_user * self.inputs.production_users / self.production_cost

    @property
    def lever_saving_share(self) -> float | None:
        """What all levers save of production; None when it costs nothing."""
        before = float(self.case.total(np.array([self.inputs.production_users]), with_levers=False)[0, 0])
        return 1.0 - self.production_cost / before if before > 0 else None

    @property
    def linear_cost(self) -> float:
        """What production would cost if the pilot's cost per user held. [currency/month]"""
        return self.pilot_cost * self.inputs.production_users / self.inputs.pilot_users

    @property
    def pilot_lines_cost(self) -> float:
        """What the lines that the pilot already pays cost in production. [currency/month]"""
        parts = self.case.parts(np.array([self.inputs.production_users]))
        paid = [one.name for one in self.inputs.components if one.from_users <= self.inputs.pilot_users]
        return float(sum(parts[name].ravel()[0] for name in paid))

    @property
    def pilot_lines(self) -> str | None:
        """What the pilot's cost is the sum of, dearest first; None when it costs nothing."""
        lines = self.cliff().iloc[:-1].sort_values("pilot", key=abs, ascending=False, kind="stable")
        paid = [f"{row['component']} {row['pilot']:,.0f}" for row in lines.to_dict("records") if row["pilot"]]
        return f"{self.inputs.pilot_users:,.0f} users: {', '.join(paid)}" if paid else None

    @cached_property
    def production_range(self) -> tuple[float, float]:
        """10th and 90th percentile of production over the draws. [currency/month]"""
        low, high = np.quantile(self.cases.total(np.array([self.inputs.production_users]))[:, 0], [0.1, 0.9])
        return float(low), float(high)

    @property
    def build_weeks(self) -> float | None:
        """Time to build, what regulation adds included; None where it is not given. [weeks]"""
        if self.inputs.build_weeks is None:
            return None
        longer = 0.0 if self.inputs.regulated is None else base(self.inputs.regulated.build_share)
        return base(self.inputs.build_weeks) * (1.0 + longer)

    @cached_property
    def users(self) -> np.ndarray:
        """Numbers of users shown."""
        if self.inputs.users:
            shown = np.array(self.inputs.users)
        else:
            low, high = sorted((self.inputs.pilot_users, self.inputs.production_users))
            shown = np.geomspace(low, max(high, low * 1.000001), _GRID)
        return np.unique(np.concatenate([shown, [self.inputs.pilot_users, self.inputs.production_users]]))

    def to_frame(self) -> pd.DataFrame:
        """One row a number of users and component: users, component, layer, cost; `(total)` closes each number."""
        layers = {one.name: one.layer for one in self.inputs.components}
        rows = []
        parts = self.case.parts(self.users)
        for place, users in enumerate(self.users):
            for name, cost in parts.items():
                amount = float(np.broadcast_to(cost, (1, len(self.users)))[0, place])
                rows.append(
                    {"users": users, "component": name, "layer": layers.get(name, "governance"), "cost": amount}
                )
            rows.append({"users": users, "component": "(total)", "layer": None, "cost": self.cost(float(users))})
        return pd.DataFrame(rows)

    def cliff(self) -> pd.DataFrame:
        """The way from pilot to production, dearest first: component, layer, pilot, production, change.

        Components at the full cost of their first month; what they have fallen since are lines of their own.
        """
        table = self.to_frame()
        ends = {
            name: self._lines(table[table["users"] == users].set_index("component")["cost"], users)
            for name, users in (("pilot", self.inputs.pilot_users), ("production", self.inputs.production_users))
        }
        found = pd.DataFrame(ends)
        found["change"] = found["production"] - found["pilot"]
        layers = table.drop_duplicates("component").set_index("component")["layer"]
        found.insert(0, "layer", layers.reindex(found.index).fillna(""))
        inner = found.drop("(total)").sort_values("change", ascending=False)
        return pd.concat([inner, found.loc[["(total)"]]]).reset_index(names="component")

    def _lines(self, costs: pd.Series, users: float) -> pd.Series:
        """Costs by component, each before what it has fallen, and the lines of what all have. [currency/month]"""
        found = costs.copy()
        for name, saved in self.falls(users).items():
            for rate, amount in saved.items():
                found[name] += amount
                found[NAMES[rate]] = found.get(NAMES[rate], 0.0) - amount
        return found

    def falls(self, users: float) -> dict[str, dict[str, float]]:
        """Component -> rate -> what its cost has fallen by the month of the curve, after levers. [currency/month]

        Split as savings are: each rate's part is its Shapley value, whatever their order.
        """
        found, at = {}, np.array([users])
        for one in self.inputs.components:
            if one.falling:
                left = {rate: float(part[0, 0]) for rate, part in self.case.falls(one).items() if rate in one.falling}
                full = float((self.case.full(one, at) * self.case.left(one))[0, 0])
                effects = factor_effects(dict.fromkeys(left, 1.0), left)
                found[one.name] = {rate: -full * effect for rate, effect in effects.items()}
        return found

    def curve_range(self, *, with_jumps: bool = False) -> pd.DataFrame:
        """Total and its 80 % range at each number of users: users, cost, p10, p90, linear, no_levers.

        `with_jumps` adds both sides of each jump, for a picture in which steps are steps.
        """
        users = self._with_jumps if with_jumps else self.users
        low, high = np.quantile(self.cases.total(users), [0.1, 0.9], axis=0)
        linear = self.pilot_cost * users / self.inputs.pilot_users
        cost = np.broadcast_to(self.case.total(users), (1, len(users)))[0]
        before = np.broadcast_to(self.case.total(users, with_levers=False), (1, len(users)))[0]
        found = {"users": users, "cost": cost, "p10": low, "p90": high, "linear": linear, "no_levers": before}
        return pd.DataFrame(found)

    @property
    def _with_jumps(self) -> np.ndarray:
        """The numbers of users shown and both sides of each jump between them, where there are not too many."""
        jumps = np.unique(edges(self.inputs.components, production=self.inputs.production_users))
        jumps = jumps[(jumps > self.users[0]) & (jumps < self.users[-1])]
        if len(jumps) > _MOST_JUMPS:
            return self.users
        return np.unique(np.concatenate([self.users, jumps * (1 - _BESIDE), jumps, jumps * (1 + _BESIDE)]))

    def weight_of(self, grades: Sequence[str]) -> float:
        """Part of production's components whose figure has one of these grades. [share]"""
        parts = self.case.parts(np.array([self.inputs.production_users]))
        costs = {one.name: float(parts[one.name].ravel()[0]) for one in self.inputs.components}
        whole = sum(costs.values())
        graded = sum(costs[one.name] for one in self.inputs.components if one.grade in grades)
        return graded / whole if whole else 0.0

    def phases_of_levers(self) -> pd.DataFrame:
        """Production in the month each lever starts: month, levers, cost. [currency/month]"""
        months = sorted({1, *(lever.from_month for lever in self.inputs.levers)})
        at = np.array([self.inputs.production_users])
        rows = []
        for month in months:
            inputs = self.inputs.model_copy(update={"month": month})
            cost = float(Curve(inputs, self.case.values).total(at)[0, 0])
            rows.append({"month": month, "levers": len(inputs.working_levers), "cost": cost})
        return pd.DataFrame(rows)

    def lever_savings(self) -> dict[str, float]:
        """Lever -> what it saves of the components in production, together what all do. [currency/month]"""
        at = np.array([self.inputs.production_users])
        found = dict.fromkeys((lever.name for lever in self.inputs.working_levers), 0.0)
        for one in self.inputs.components:
            acting = [lever for lever in self.inputs.working_levers if lever.reaches(one.name, one.layer)]
            renamed = [lever.model_copy(update={"applies_to": one.name}) for lever in acting]
            if renamed:
                parts = split_saving(renamed, {one.name: float(self.case.plain(one, at)[0, 0])})
                found = {name: saved + parts.get(name, 0.0) for name, saved in found.items()}
        return found

    @cached_property
    def covered(self) -> list[Stretch] | None:
        """Stretches of users in which the stated value covers the cost; None without a value."""
        asked = self.inputs.pre_launch
        if asked is None or asked.value_per_user_month is None:
            return None
        production = self.inputs.production_users
        return stretches(
            lambda users: np.broadcast_to(self.case.total(users), (1, len(users)))[0],
            base(asked.value_per_user_month),
            production=production,
            jumps=edges(self.inputs.components, production=production),
        )

    @property
    def break_even_users(self) -> int | None:
        """Fewest users from which value covers cost up to production; None without a value, or where it never does."""
        return None if self.covered is None else break_even_users(self.covered, production=self.inputs.production_users)

    @cached_property
    def pre_launch(self) -> pd.DataFrame:
        """What was shown before launch: artefact, verdict, reason; empty where nobody asked."""
        if (asked := self.inputs.pre_launch) is None:
            return pd.DataFrame(columns=["artefact", "verdict", "reason"])
        return gate(
            asked,
            cost_per_user=self.cost_per_user,
            production=self.inputs.production_users,
            covered=self.covered or (),
            currency=self.currency,
            items=(self.inputs.components, self.inputs.levers),
            as_of=self.as_of,
        )

    @property
    def pre_launch_verdict(self) -> str | None:
        """The worst of the verdicts; None where nobody asked."""
        return None if self.pre_launch.empty else verdict_of(self.pre_launch)

    @property
    def pre_launch_stops(self) -> list[dict[str, str]]:
        """What stops the launch, rows of `pre_launch`: those that failed, else those held; empty where nothing does."""
        rows = self.pre_launch[self.pre_launch["verdict"] == self.pre_launch_verdict]
        return [] if self.pre_launch_verdict in (None, "passed") else rows.to_dict("records")

    @property
    def pre_launch_passed(self) -> int | None:
        """Papers that passed, of those the gate before launch asks for; None where nobody asked. [papers]"""
        return None if self.pre_launch.empty else int((self.pre_launch["verdict"] == "passed").sum())

    @property
    def cost_per_transaction(self) -> float | None:
        """In production; None where transactions are not given. [currency/transaction]"""
        asked = self.inputs.pre_launch
        count = asked and asked.transactions_per_user_month
        return self.cost_per_user / count if count else None

    def summary(self) -> list[Metric]:
        """Headline figures in reading order."""
        monthly, each = f"{self.currency}/month", f"{self.currency}/user/month"
        nothing = None if self.production_cost > 0 else "production costs nothing"
        low, high = self.production_range
        return [
            Metric("pilot_cost_per_month", "Pilot", self.pilot_cost, monthly, self.pilot_lines),
            Metric("production_cost_per_month", "Production", self.production_cost, monthly),
            Metric(
                "cliff_multiple",
                "Production over pilot",
                self.cliff_multiple,
                "ratio",
                None if self.cliff_multiple is not None else "the pilot costs nothing",
            ),
            Metric("cost_per_user", "Cost of a user in production", self.cost_per_user, each),
            Metric(
                "marginal_cost_per_user",
                "Cost of one user more",
                self.marginal_cost_per_user,
                each,
                self.near_step_words,
            ),
            Metric("elasticity", "Cost grows with users by", self.elasticity, "ratio", nothing),
            Metric("lever_saving_share", "What levers save", self.lever_saving_share, "share", nothing),
            Metric(
                "pilot_lines_cost_per_month", "Production, lines of the pilot alone", self.pilot_lines_cost, monthly
            ),
            Metric("linear_cost_per_month", "Production, pilot extrapolated", self.linear_cost, monthly),
            Metric("production_p10", "Lower end of production (80 %)", low, monthly),
            Metric("production_p90", "Upper end of production (80 %)", high, monthly),
            Metric(
                "build_weeks",
                "Time to build",
                self.build_weeks,
                "weeks",
                None if self.build_weeks is not None else "build_weeks is not given",
            ),
            Metric("pre_launch_verdict", "Gate before launch", self.pre_launch_verdict, "", self.pre_launch_reasons),
            Metric(
                "pre_launch_passed",
                "Papers passed before launch",
                self.pre_launch_passed,
                "papers",
                f"of {len(self.pre_launch)}" if len(self.pre_launch) else "no [pre_launch] table was given",
            ),
            Metric(
                "break_even_users",
                "Users from which value covers cost",
                self.break_even_users,
                "users",
                self._break_even_note,
            ),
            Metric(
                "cost_per_transaction",
                "Cost of a transaction",
                self.cost_per_transaction,
                f"{self.currency}/transaction",
                None
                if self.cost_per_transaction is not None
                else "pre_launch.transactions_per_user_month is not given",
            ),
        ]

    @property
    def pre_launch_reasons(self) -> str | None:
        """Why the gate before launch is not passed, each by its artefact; None where it is."""
        return reasons(self.pre_launch) if self.inputs.pre_launch else "no [pre_launch] table was given"

    @property
    def _break_even_note(self) -> str | None:
        if self.covered is None:
            return "pre_launch.value_per_user_month is not given"
        is_plain = len(self.covered) == 1 and self.covered[0][1] is None
        return None if is_plain else f"value covers cost {told(self.covered, production=self.inputs.production_users)}"
