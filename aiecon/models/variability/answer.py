"""The variability answer: range and tail of the bill, its months, where the variance is from, what guardrails buy."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import pandas as pd

from aiecon.errors import InputError
from aiecon.models.variability.attribution import Attribution
from aiecon.models.variability.inputs import VariabilityInputs
from aiecon.models.variability.parameters import ORIGINS
from aiecon.models.variability.paths import LEVELS, Paths, chunk, shortfall, standard_error
from aiecon.vocabulary.metric import Metric

TAIL = 0.95
_KEYS = {0.1: "p10", 0.5: "p50", 0.9: "p90", 0.99: "p99"}


@dataclass(frozen=True, eq=False)
class Variability:
    """How far the bill can stray over the horizon, and why.

    Attributes
    ----------
    inputs
        What was asked.
    as_of
        Day of the prices; None without dates.
    paths
        Totals of every future, and the months.
    base
        What each month costs at base values and without chance. [currency], shape (n_months,)
    attribution
        Shares of the four origins; None when nothing varies.
    guardrails
        One row a measure: name, mean, p50, p90, p99, expected_shortfall_95, and what it saves of each (saving_...), on
        the same futures. [currency]
    notes
        What a reader must know before trusting the figures.
    """

    inputs: VariabilityInputs
    as_of: date | None
    paths: Paths
    base: np.ndarray
    attribution: Attribution | None
    guardrails: pd.DataFrame
    notes: list[str]

    @property
    def currency(self) -> str:
        """Of every amount."""
        return self.inputs.tiers[0].price.currency

    @property
    def totals(self) -> np.ndarray:
        """Cost of every future over the horizon. [currency], shape (n_paths,)"""
        return self.paths.totals

    @cached_property
    def quantiles(self) -> dict[str, float]:
        """p10, p50, p90 and p99 of the sum over the horizon. [currency]"""
        return {
            _KEYS[level]: float(value) for level, value in zip(LEVELS, np.quantile(self.totals, LEVELS), strict=True)
        }

    @property
    def mean(self) -> float:
        """Mean of the sum over the horizon. [currency]"""
        return float(self.totals.mean())

    @cached_property
    def expected_shortfall(self) -> float:
        """Mean of the dearest twentieth of futures. [currency]"""
        return shortfall(self.totals, TAIL)

    @property
    def v_factor(self) -> float | None:
        """p90 over p50, minus 1; None when nothing is spent."""
        return self.quantiles["p90"] / self.quantiles["p50"] - 1 if self.quantiles["p50"] else None

    @cached_property
    def standard_errors(self) -> dict[str, float]:
        """Monte Carlo standard error of mean, quantiles and expected shortfall. [currency]"""
        count = len(self.totals)
        beyond = np.sort(self.totals)[int(count * TAIL) :]
        gap = beyond.mean() - beyond[0]
        return {
            "mean": float(self.totals.std(ddof=1) / np.sqrt(count)),
            **{_KEYS[level]: standard_error(self.totals, level) for level in LEVELS},
            "expected_shortfall_95": float(np.sqrt((beyond.var(ddof=1) + TAIL * gap**2) / len(beyond))),
        }

    def probability_above(self, amount: float) -> tuple[float, float]:
        """Probability that the horizon costs more than an amount, and its Monte Carlo standard error."""
        if not np.isfinite(amount):
            raise InputError(f"amount must be a number, got {amount!r}")
        found = float(np.mean(self.totals > amount))
        return found, float(np.sqrt(found * (1 - found) / len(self.totals)))

    @property
    def breach_probability(self) -> float | None:
        """Probability of passing the budget; None without one."""
        return None if self.inputs.budget is None else self.probability_above(self.inputs.budget)[0]

    @property
    def shares(self) -> dict[str, float | None]:
        """Origin -> share of the variance of spend; None when nothing varies."""
        return dict.fromkeys(ORIGINS) if self.attribution is None else {**self.attribution.shares}

    def sample_paths(self, count: int = 30) -> np.ndarray:
        """Months of the first futures, computed again by themselves. [currency], shape (n_months, count)"""
        if isinstance(count, bool) or not isinstance(count, int) or count < 1:
            raise InputError(f"count must be a whole number of 1 or more, got {count!r}")
        return chunk(self.inputs, 0, count)

    def to_frame(self) -> pd.DataFrame:
        """One row a month: month, base, mean, p10, p50, p90, p99. [currency]"""
        months = self.paths.months
        frame = pd.DataFrame(months[:, : len(LEVELS)], columns=[_KEYS[level] for level in LEVELS])
        frame.insert(0, "month", np.arange(1, len(months) + 1))
        frame.insert(1, "base", self.base)
        frame.insert(2, "mean", months[:, -1])
        return frame

    def summary(self) -> list[Metric]:
        """Headline figures in reading order."""
        errors, currency = self.standard_errors, self.currency
        months = self.inputs.horizon_months
        words = {
            "p10": "Not exceeded in 1 of 10",
            "p50": "Not exceeded in 5 of 10",
            "p90": "Not exceeded in 9 of 10",
            "p99": "Not exceeded in 99 of 100",
        }
        still = None if self.attribution else "nothing varies"
        return [
            Metric("mean", f"Cost of {months} months, mean", self.mean, currency),
            *(Metric(key, f"{label} futures", self.quantiles[key], currency) for key, label in words.items()),
            Metric("expected_shortfall_95", "Mean of the dearest 5 %", self.expected_shortfall, currency),
            Metric(
                "v_factor",
                "p90 over p50, minus 1",
                self.v_factor,
                "ratio",
                None if self.v_factor is not None else "nothing is spent",
            ),
            *(
                Metric(f"share_{origin}", f"Share of variance: {origin}", self.shares[origin], "share", still)
                for origin in ORIGINS
            ),
            Metric("standard_error_p90", "Monte Carlo error of p90", errors["p90"], currency),
            Metric("base", "Cost at base values, without chance", float(self.base.sum()), currency),
            Metric(
                "budget",
                "Budget",
                self.inputs.budget,
                currency,
                None if self.inputs.budget is not None else "no budget was given",
            ),
            Metric(
                "breach_probability",
                "Probability of passing the budget",
                self.breach_probability,
                "share",
                None if self.inputs.budget is not None else "no budget was given",
            ),
            Metric("paths", "Futures drawn", len(self.totals), "paths"),
        ]


def row_of(name: str, totals: np.ndarray, without: Sequence[float] | None = None) -> dict[str, object]:
    """A guardrail's row: its figures and, against those without it, what it saves."""
    p50, p90, p99 = np.quantile(totals, [0.5, 0.9, 0.99])
    figures = [float(totals.mean()), float(p50), float(p90), float(p99), shortfall(totals, TAIL)]
    names = ["mean", "p50", "p90", "p99", "expected_shortfall_95"]
    row: dict[str, object] = {"name": name, **dict(zip(names, figures, strict=True))}
    before = figures if without is None else without
    return row | {f"saving_{key}": old - new for key, old, new in zip(names, before, figures, strict=True)}
