"""The adaptive budget's answer: envelopes, the rules that moved them, who must decide, how likely they hold."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import pandas as pd

from aiecon.budgets import escalation
from aiecon.models.adaptive_budget.engine import Move
from aiecon.models.adaptive_budget.inputs import AdaptiveBudgetInputs, Pool
from aiecon.models.adaptive_budget.outlook import Outlook
from aiecon.vocabulary.metric import Metric

_RECENT = 3


@dataclass(frozen=True, eq=False)
class Line:
    """A pool of a team: its rules, its past, its budgets ahead."""

    team: str
    pool: Pool
    rows: pd.DataFrame
    moves: list[Move]
    outlook: Outlook

    @property
    def reserve(self) -> float:
        """Held for model upgrades: a share of the mean of the last three months. [currency/month]"""
        return self.pool.upgrade_reserve_share * float(self.rows["spend"].tail(_RECENT).mean())


@dataclass(frozen=True, eq=False)
class AdaptiveBudget:
    """What envelope each team gets, when it moves, who must sign.

    Attributes
    ----------
    inputs
        What was asked.
    as_of
        Last day of the actuals.
    months
        Months ahead, first days.
    lines
        One a team and pool.
    notes
        What a reader must know before trusting the figures.
    """

    inputs: AdaptiveBudgetInputs
    as_of: date
    months: pd.DatetimeIndex
    lines: list[Line]
    notes: list[str]

    @property
    def currency(self) -> str:
        """Of every amount."""
        return self.inputs.currency or "USD"

    @property
    def next_budget(self) -> float:
        """Of the next month, all pools together. [currency/month]"""
        return float(sum(line.moves[0].budget for line in self.lines))

    @cached_property
    def _spend(self) -> np.ndarray:
        return np.asarray(sum(line.outlook.spend for line in self.lines))

    @cached_property
    def _budgets(self) -> np.ndarray:
        return np.array([sum(line.moves[place].budget for line in self.lines) for place in range(len(self.months))])

    @property
    def breach_probability(self) -> float:
        """P(spend of the months ahead passes their budgets), all pools together."""
        return float(np.mean(self._spend.sum(axis=1) > self._budgets.sum()))

    @property
    def breach_month(self) -> str | None:
        """First month by whose end the budgets are passed with a probability of one half or more; None when none is."""
        passed = (np.cumsum(self._spend, axis=1) > np.cumsum(self._budgets)).mean(axis=0)
        at = np.flatnonzero(passed >= 0.5)
        return f"{self.months[at[0]]:%Y-%m}" if len(at) else None

    @property
    def overspend(self) -> float:
        """Spent over budget in the months that are over, pool by pool. [currency]"""
        return float(sum((line.rows["spend"] - line.pool.base).clip(lower=0).sum() for line in self.lines))

    @property
    def stranded(self) -> float:
        """Budgeted and not spent in those months, pool by pool. [currency]"""
        return float(sum((line.pool.base - line.rows["spend"]).clip(lower=0).sum() for line in self.lines))

    @property
    def reserve(self) -> float:
        """Held for model upgrades, all pools. [currency/month]"""
        return float(sum(line.reserve for line in self.lines))

    @cached_property
    def escalations(self) -> list[dict[str, str]]:
        """Months of pools that somebody higher must decide about: team, pool, month, level."""
        found = []
        for line in self.lines:
            limits = line.pool.escalation
            for month, spend in zip(line.rows["month"], line.rows["spend"], strict=True):
                level = escalation(
                    line.pool.base, float(spend), vice_president=limits.vice_president, c_suite=limits.c_suite
                )
                if level:
                    found.append({"team": line.team, "pool": line.pool.name, "month": f"{month:%Y-%m}", "level": level})
        return sorted(found, key=lambda one: (one["month"], one["team"], one["pool"]))

    def to_frame(self) -> pd.DataFrame:
        """One row a team, pool and month ahead: budget, rule, gate, expected p10 p50 p90, breach_probability."""
        rows = []
        for line in self.lines:
            for place, month in enumerate(self.months):
                drawn = line.outlook.spend[:, place]
                low, middle, high = np.quantile(drawn, [0.1, 0.5, 0.9])
                move = line.moves[place]
                rows.append(
                    {
                        "team": line.team,
                        "pool": line.pool.name,
                        "owner": line.pool.owner,
                        "month": f"{month:%Y-%m}",
                        "base": line.pool.base,
                        "budget": move.budget,
                        "rule": move.rule,
                        "gate": move.gate,
                        "reason": move.reason,
                        "driver": line.outlook.driver[place],
                        "p10": low,
                        "p50": middle,
                        "p90": high,
                        "breach_probability": float(np.mean(drawn > move.budget)),
                    }
                )
        return pd.DataFrame(rows)

    def history(self) -> pd.DataFrame:
        """One row a team, pool and month that is over: spend, budget, over, level. [currency/month]"""
        parts = [
            line.rows.assign(
                team=line.team,
                pool=line.pool.name,
                budget=line.pool.base,
                over=line.rows["spend"] - line.pool.base,
            )
            for line in self.lines
        ]
        return pd.concat(parts, ignore_index=True)

    def summary(self) -> list[Metric]:
        """Headline figures in reading order."""
        monthly = f"{self.currency}/month"
        return [
            Metric("next_budget", f"Budget of {self.months[0]:%Y-%m}", self.next_budget, monthly),
            Metric(
                "breach_probability",
                f"Probability of passing it in {len(self.months)} months",
                self.breach_probability,
                "share",
            ),
            Metric(
                "breach_month",
                "Month it is passed",
                self.breach_month,
                "month",
                None if self.breach_month else "within budget in the expected course",
            ),
            Metric("overspend", "Spent over budget so far", self.overspend, self.currency),
            Metric("stranded", "Budgeted and not spent so far", self.stranded, self.currency),
            Metric("reserve", "Held for model upgrades", self.reserve, monthly),
            Metric("escalations", "Months somebody higher decides on", self.escalations, ""),
        ]
