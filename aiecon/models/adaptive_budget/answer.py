"""The adaptive budget's answer: envelopes, the rules that moved them, who must decide, how likely they hold."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import pandas as pd

from aiecon import budgets
from aiecon.budgets import escalation
from aiecon.incidents import IncidentReserve, incident_reserve
from aiecon.models.adaptive_budget.controls import Asked, on_draws
from aiecon.models.adaptive_budget.engine import Move
from aiecon.models.adaptive_budget.futures import simulated_years
from aiecon.models.adaptive_budget.inputs import AdaptiveBudgetInputs
from aiecon.models.adaptive_budget.line import Line
from aiecon.models.adaptive_budget.policies import compare_lines
from aiecon.models.adaptive_budget.upgrades import UpgradeYears, upgrade_years
from aiecon.models.adaptive_budget.warning import early_warning
from aiecon.vocabulary.metric import Metric

GATES = {"forecast_gate": "forecast gate", "value_gate": "value gate"}
_CORRELATIONS = (0.0, 0.5)  # between pools, where it is not known


def _verdict(move: Move, name: str) -> str:
    """What a gate says of a month; "not asked" where the pool has none of that name."""
    return next((gate.verdict for gate in move.gates if gate.name == GATES[name]), "not asked")


def _asked(line: Line) -> Asked:
    return Asked(line.pool.name, line.outlook.spend, line.budgets, line.value_per_spend)


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
    weekdays
        Spend expected of a weekday over the mean day, Monday first, given or learnt; None when it is even.
    """

    inputs: AdaptiveBudgetInputs
    as_of: date
    months: pd.DatetimeIndex
    lines: list[Line]
    notes: list[str]
    weekdays: tuple[float, ...] | None = None

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
        return np.asarray(sum(line.budgets for line in self.lines))

    @property
    def breach_probability(self) -> float:
        """P(spend of the months ahead passes their budgets), all pools together."""
        return float(np.mean(self._spend.sum(axis=1) > self._budgets.sum()))

    @cached_property
    def total(self) -> dict[str, float]:
        """Of the months ahead together: budget, and quantiles p10, p50, p90 of spend. [currency]"""
        levels = {"p10": 0.1, "p50": 0.5, "p90": 0.9}
        found = np.quantile(self._spend.sum(axis=1), list(levels.values()))
        return {"budget": float(self._budgets.sum()), **dict(zip(levels, map(float, found), strict=True))}

    @property
    def in_force(self) -> float:
        """Budget in force before the first month ahead, all pools together. [currency/month]"""
        return float(sum(line.in_force for line in self.lines))

    @property
    def breach_month(self) -> str | None:
        """First month by whose end the budgets are passed with a probability of one half or more; None when none is."""
        passed = (np.cumsum(self._spend, axis=1) > np.cumsum(self._budgets)).mean(axis=0)
        at = np.flatnonzero(passed >= 0.5)
        return f"{self.months[at[0]]:%Y-%m}" if len(at) else None

    @property
    def overspend(self) -> float:
        """Spent over budget in the months that are over, pool by pool. [currency]"""
        return float(sum((line.held["spend"] - line.held["budget"]).clip(lower=0).sum() for line in self.lines))

    @property
    def stranded(self) -> float:
        """Budgeted and not spent in those months, pool by pool. [currency]"""
        return float(sum((line.held["budget"] - line.held["spend"]).clip(lower=0).sum() for line in self.lines))

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
            for month, spend, budget in line.held[["month", "spend", "budget"]].itertuples(index=False):
                level = escalation(budget, spend, vice_president=limits.vice_president, c_suite=limits.c_suite)
                if level:
                    found.append({"team": line.team, "pool": line.name, "month": f"{month:%Y-%m}", "level": level})
        return sorted(found, key=lambda one: (one["month"], one["team"], one["pool"]))

    def to_frame(self) -> pd.DataFrame:
        """One row a team, pool and month ahead: budget, rule, gate, expected p10 p50 p90, breach_probability.

        `gate` is the worst verdict of `forecast_gate` and `value_gate`, which are "not asked" where the pool has none.
        """
        rows = []
        for line in self.lines:
            for place, month in enumerate(self.months):
                drawn = line.outlook.spend[:, place]
                low, middle, high = np.quantile(drawn, [0.1, 0.5, 0.9])
                move = line.moves[place]
                rows.append(
                    {
                        "team": line.team,
                        "pool": line.name,
                        "owner": line.pool.owner,
                        "month": f"{month:%Y-%m}",
                        "base": line.pool.base,
                        "budget": move.budget,
                        "rule": move.rule,
                        "gate": move.gate,
                        "reason": move.reason,
                        **{name: _verdict(move, name) for name in GATES},
                        "driver": line.outlook.driver[place],
                        "p10": low,
                        "p50": middle,
                        "p90": high,
                        "breach_probability": float(np.mean(drawn > move.budget)),
                    }
                )
        return pd.DataFrame(rows)

    def history(self) -> pd.DataFrame:
        """One row a team, pool and month that is over: spend, the budget decided for it, over, rule, gate, reason.

        The last five are missing before the policy.
        """
        parts = []
        for line in self.lines:
            moves = [None] * (len(line.rows) - len(line.decided)) + line.decided
            budget = np.array([np.nan if move is None else move.budget for move in moves])
            words = {name: [getattr(move, name, None) for move in moves] for name in ("rule", "gate", "reason")}
            parts.append(line.rows.assign(budget=budget, over=line.rows["spend"] - budget, **words))
        return pd.concat(parts, ignore_index=True)

    def course(self) -> pd.DataFrame:
        """All pools together, a row a month: budget; spend of those over; p2_5 to p97_5 of those ahead."""
        past = self.history().groupby("month")[["spend", "budget"]].sum(min_count=1).reset_index()
        levels = {"p2_5": 0.025, "p10": 0.1, "p50": 0.5, "p90": 0.9, "p97_5": 0.975}
        fan = dict(zip(levels, np.quantile(self._spend, list(levels.values()), axis=0), strict=True))
        ahead = pd.DataFrame({"month": self.months, "budget": self._budgets, **fan})
        return pd.concat([past, ahead], ignore_index=True)

    @cached_property
    def comparison(self) -> pd.DataFrame:
        """Ways to budget on the last year, all pools together; see `compare_lines`."""
        return compare_lines([(line.rows, line.pool) for line in self.lines])

    @cached_property
    def years(self) -> pd.DataFrame:
        """Ways to budget on simulated years ahead, pools with a driver and a target; see `simulated_years`."""
        lines = [
            (f"{line.team}.{line.name}", line.rows, line.pool.model_copy(update={"base": line.in_force}))
            for line in self.lines
        ]
        return simulated_years(lines, seed=self.inputs.seed)

    @property
    def recommended(self) -> pd.DataFrame:
        """The pair of headroom and growth cap, one for all pools, that costs least on the simulated years.

        One row of `years` with `weighed`: overspend times what being short costs over being long, and what is left
        unspent [currency]; empty without a pool that has a driver and a target.
        """
        tried = self.years[self.years["headroom"].notna()]
        weighed = self.inputs.short_to_long_cost * tried["overspend"] + tried["stranded"]
        return tried.assign(weighed=weighed).sort_values("weighed", kind="stable").head(1)

    def tables(self) -> dict[str, pd.DataFrame]:
        """What `ask --json` tells beside the main table, by name.

        history (months that are over), controls, controls_by_pool (what each costs a pool), early_warning, incidents
        (expected, mean, sd, held, quantile, none_probability), upgrades (share of spend and the probability that it
        suffices: held, and needed at the quantile), policies (the last year), simulated_years, recommended (headroom
        and growth_cap), reserves (siloed and pooled).
        """
        incidents = [] if self.incidents is None else [vars(self.incidents)]
        return {
            "history": self.history(),
            "controls": self.controls if self.inputs.policy.controls else pd.DataFrame(),
            "controls_by_pool": self._controls_by_pool() if self.inputs.policy.controls else pd.DataFrame(),
            "early_warning": self.warning,
            "incidents": pd.DataFrame(incidents),
            "upgrades": self._upgrade_shares(),
            "policies": self.comparison,
            "simulated_years": self.years,
            "recommended": self.recommended,
            "reserves": self.cover,
        }

    def _upgrade_shares(self) -> pd.DataFrame:
        """Share of spend held for upgrades, and the one that suffices with the quantile; empty without upgrades."""
        if self.upgrades is None:
            return pd.DataFrame()
        shares = {"needed": self.upgrades.share_for(self.quantile)}
        if self.recent > 0:
            shares = {"held": self.reserve / self.recent, **shares}
        rows = [
            {"what": what, "share": share, "suffices_probability": self.upgrades.suffices(share)}
            for what, share in shares.items()
        ]
        return pd.DataFrame(rows)

    @cached_property
    def cover(self) -> pd.DataFrame:
        """Money to hold so that the months ahead are paid for with a probability: each pool alone, and pooled.

        One row: held (siloed, or pooled at a correlation between pools), amount, saving against siloed. [currency]
        """
        totals = [line.outlook.spend.sum(axis=1) for line in self.lines]
        means, deviations = [float(one.mean()) for one in totals], [float(one.std()) for one in totals]
        siloed = budgets.reserve(means, deviations, quantile=self.quantile, pooled=False)
        rows = [{"held": "siloed", "correlation": 1.0, "amount": siloed}]
        for correlation in _CORRELATIONS:
            amount = budgets.reserve(means, deviations, quantile=self.quantile, correlation=correlation)
            rows.append({"held": "pooled", "correlation": correlation, "amount": amount})
        return pd.DataFrame(rows).assign(saving=lambda frame: siloed - frame["amount"], mean=sum(means))

    @cached_property
    def controls(self) -> pd.DataFrame:
        """What the policy's controls do to the months ahead, each alone and all in order; see `on_draws`."""
        return on_draws([_asked(line) for line in self.lines], self.inputs.policy.controls)

    def _controls_by_pool(self) -> pd.DataFrame:
        """The same of each pool by itself, with its team and pool."""
        parts = [
            on_draws([_asked(line)], self.inputs.policy.controls).assign(team=line.team, pool=line.name)
            for line in self.lines
        ]
        found = pd.concat(parts, ignore_index=True)
        return found[["team", "pool", *found.columns.drop(["team", "pool"])]]

    @cached_property
    def incidents(self) -> IncidentReserve | None:
        """Held against incidents of the months ahead; None where the policy speaks of none."""
        asked = self.inputs.policy.incidents
        if asked is None:
            return None
        return incident_reserve(
            per_year=asked.per_year, size=asked.size, quantile=self.quantile, months=len(self.months)
        )

    @cached_property
    def upgrades(self) -> UpgradeYears | None:
        """Simulated years of migrations that the upgrade reserve is held against; None where the policy has none."""
        asked = self.inputs.policy.upgrades
        return None if asked is None else upgrade_years(asked, draws=self.inputs.draws, seed=self.inputs.seed)

    @property
    def headroom(self) -> float:
        """Of the pools, weighed by their budgets of the next month. [share]"""
        weights = [line.moves[0].budget for line in self.lines]
        rooms = [line.pool.headroom for line in self.lines]
        return float(np.average(rooms, weights=weights)) if sum(weights) > 0 else 0.0

    @cached_property
    def warning(self) -> pd.DataFrame:
        """Ways to watch the burn of a day: false alarms a year and delay until a rise is seen; see `early_warning`."""
        asked = self.inputs
        return early_warning(
            day_spread=asked.day_spread,
            day_autocorrelation=asked.day_autocorrelation,
            hour_spread=asked.hour_spread,
            headroom=self.headroom,
            weekday_shares=self.weekdays,
            seed=asked.seed,
        )

    @property
    def recent(self) -> float:
        """Mean spend of the last three months, all pools. [currency/month]"""
        return float(sum(line.recent for line in self.lines))

    @property
    def signals(self) -> list[Line]:
        """Lines whose spend moved further in the last month than the natural process limits of a year say (XmR)."""
        return [line for line in self.lines if line.signals]

    @property
    def quantile(self) -> float:
        """Probability that money held should suffice: being short over being short and long (newsvendor)."""
        ratio = self.inputs.short_to_long_cost
        return ratio / (1.0 + ratio)

    def summary(self) -> list[Metric]:
        """Headline figures in reading order."""
        monthly = f"{self.currency}/month"
        return [
            Metric("next_budget", f"Budget of {self.months[0]:%Y-%m}", self.next_budget, monthly),
            Metric(
                "breach_probability",
                f"Probability of passing the budget in {len(self.months)} months",
                self.breach_probability,
                "share",
            ),
            Metric(
                "breach_month",
                "Month the budget is passed",
                self.breach_month,
                "month",
                None if self.breach_month else "within budget in the expected course",
            ),
            Metric("budget", f"Budgets of {len(self.months)} months", self.total["budget"], self.currency),
            *(
                Metric(f"total_{end}", f"Spend of {len(self.months)} months, {end}", self.total[end], self.currency)
                for end in ("p10", "p50", "p90")
            ),
            Metric("overspend", "Spent over budget so far", self.overspend, self.currency),
            Metric("stranded", "Budgeted and not spent so far", self.stranded, self.currency),
            Metric("reserve", "Held for model upgrades", self.reserve, monthly),
            Metric("escalations", "Months somebody higher decides on", self.escalations, ""),
        ]
