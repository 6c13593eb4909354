"""A pool of a team in an answer: its rules, its past and its budgets ahead."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from aiecon.budgets import control_limits
from aiecon.models.adaptive_budget.engine import Evidence, Move, next_budget
from aiecon.models.adaptive_budget.inputs import Pool
from aiecon.models.adaptive_budget.outlook import Outlook
from aiecon.units import MONTHS_PER_YEAR

_RECENT = 3
_LEAST = 3  # steps that limits are learnt from


@dataclass(frozen=True, eq=False)
class Line:
    """A pool of a team: its rules, its past, its budgets ahead."""

    team: str
    pool: Pool
    rows: pd.DataFrame
    decided: list[Move]
    months: pd.DatetimeIndex
    moves: list[Move]
    outlook: Outlook

    @property
    def name(self) -> str:
        """What actuals call the pool."""
        return str(self.rows["pool"].iloc[0])

    @cached_property
    def held(self) -> pd.DataFrame:
        """The months that are over and that the policy was in force in, each with the budget decided for it."""
        rows = self.rows.iloc[len(self.rows) - len(self.decided) :]
        return rows.assign(budget=[move.budget for move in self.decided])

    @property
    def in_force(self) -> float:
        """Budget before the first month ahead. [currency/month]"""
        return self.decided[-1].budget if self.decided else self.pool.base

    @property
    def is_driven(self) -> bool:
        """Whether it has a target and a driver for its budget to follow."""
        return self.pool.unit_cost_target is not None and bool((self.rows["driver"] > 0).any())

    @property
    def budgets(self) -> np.ndarray:
        """Of the months ahead. [currency/month], shape (n_months,)"""
        return np.array([move.budget for move in self.moves])

    @property
    def opened(self) -> float:
        """The first month's budget were every gate passed. [currency/month]"""
        first = self.moves[0]
        if first.gate == "passed" or not first.is_review:
            return first.budget
        free = self.pool.model_copy(update={"forecast_error_gate": None, "value_per_cost_growth": None})
        return next_budget(free, self.in_force, Evidence(0, self.outlook.driver[0], None, None)).budget

    @property
    def is_held_back(self) -> bool:
        """Whether a gate that is not passed is why the first month's budget is no larger."""
        return self.opened > self.moves[0].budget

    @property
    def breach_probability(self) -> float:
        """P(spend of the months ahead passes their budgets)."""
        return float(np.mean(self.outlook.spend.sum(axis=1) > self.budgets.sum()))

    @property
    def signals(self) -> bool:
        """Whether the last month's step lies outside the limits of up to twelve steps before it; of three or more."""
        *before, last = np.diff(self.rows["spend"].tail(MONTHS_PER_YEAR + 2)).tolist() or [0.0]
        return len(before) >= _LEAST and control_limits(before).signals(last)

    @property
    def reserve(self) -> float:
        """Held for model upgrades: a share of the mean of the last three months, 0 of credits. [currency/month]"""
        return self.pool.upgrade_reserve_share * max(self.recent, 0.0)

    @property
    def value_per_spend(self) -> float | None:
        """Of the last three months; None where a value is missing or nothing was spent. [ratio]"""
        recent = self.rows[["spend", "value"]].tail(_RECENT)
        if recent["value"].isna().any() or not recent["spend"].sum() > 0:
            return None
        return float(recent["value"].sum() / recent["spend"].sum())

    @property
    def recent(self) -> float:
        """Mean spend of the last three months. [currency/month]"""
        return float(self.rows["spend"].tail(_RECENT).mean())
