"""Switching the model of a tier: what it saves at equal accepted answers, what it costs once, when that is repaid."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from aiecon.models.tiering.chains import Chains, figures_of
from aiecon.models.tiering.inputs import Candidate, TieringInputs
from aiecon.vocabulary.distribution import base
from aiecon.vocabulary.strict import quoted

_HALVINGS = 40
_SAME = 1e-15  # a saving that is none, but for rounding [currency/request]


@dataclass(frozen=True, eq=False)
class Switch:
    """A candidate in the place of a tier's model, the mix unchanged.

    Attributes
    ----------
    candidate
        What would take the tier's place.
    saving
        Base case, at as many accepted answers as today. [currency/request]
    savings
        The same over the draws. [currency/request], shape (n_draws,)
    requests
        Base case and draws of the volume, None when it is not given. [requests/month]
    migration
        Base case and draws of what switching costs once. [currency]
    saves_at
        Whether switching saves at a success of the candidate's attempts; None where success is not known.
    horizon_months
        Months that a switch is counted for.
    """

    candidate: Candidate
    saving: float
    savings: np.ndarray
    requests: tuple[float, np.ndarray] | None
    migration: tuple[float, np.ndarray]
    saves_at: Callable[[float], bool] | None
    horizon_months: int

    @cached_property
    def needed_success(self) -> float | None:
        """Success of an attempt from which switching saves; None where none does, or success is not known.

        By halving, as the saving grows with success.
        """
        if self.saves_at is None or not self.saves_at(1.0):
            return None
        low, high = 0.0, 1.0
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            low, high = (low, middle) if self.saves_at(middle) else (middle, high)
        return high

    @property
    def saving_per_month(self) -> float | None:
        """Base case, None without a volume. [currency/month]"""
        return None if self.requests is None else self.saving * self.requests[0]

    @property
    def saving_range(self) -> tuple[float, float]:
        """10th and 90th percentile of the saving of a month; of a request without a volume. [currency]"""
        drawn = self.savings if self.requests is None else self.savings * self.requests[1]
        low, high = np.quantile(drawn, [0.1, 0.9])
        return float(low), float(high)

    @property
    def break_even_requests(self) -> float | None:
        """Requests that repay the migration; None where nothing is saved. [requests]"""
        return self.migration[0] / self.saving if self.saving > 0 else None

    @property
    def break_even_months(self) -> float | None:
        """Months that repay the migration; None where nothing is saved or no volume is given. [months]"""
        monthly = self.saving_per_month
        return self.migration[0] / monthly if monthly is not None and monthly > 0 else None

    @property
    def right_value(self) -> float | None:
        """What the right to switch, not the duty, is worth over the horizon: mean of max(0, saved − migration).

        None without a volume. [currency]
        """
        if self.requests is None:
            return None
        gained = self.horizon_months * self.savings * self.requests[1] - self.migration[1]
        return float(np.mean(np.maximum(gained, 0.0)))

    @property
    def verdict(self) -> str:
        """Stay: saves nothing; evaluate: saves, success not tested; switch: repaid in nine of ten draws; else wait."""
        if self.saving <= 0:
            return "stay"
        if self.candidate.success_rate is None and self.needed_success is not None:
            return "evaluate"
        months = self.horizon_months if self.requests is None else self.horizon_months * self.requests[1]
        gained = self.savings if self.requests is None else months * self.savings - self.migration[1]
        return "switch" if float(np.mean(gained > 0)) >= 0.9 else "wait"

    def figures(self) -> dict[str, object]:
        """One row of the model review: amounts are of a month, of a request without a volume. [currency]"""
        low, high = self.saving_range
        return {
            "candidate": self.candidate.name,
            "tier": self.candidate.tier,
            "saving_per_request": self.saving,
            "saving_per_month": self.saving_per_month,
            "saving_p10": low,
            "saving_p90": high,
            "needed_success": self.needed_success,
            "break_even_requests": self.break_even_requests,
            "break_even_months": self.break_even_months,
            "right_value": self.right_value,
            "verdict": self.verdict,
        }


def switch_of(
    inputs: TieringInputs, case: Chains, cases: Chains, shares: Mapping[str, float], one: Candidate
) -> Switch:
    """What a candidate saves in the place of its tier's model.

    Notes
    -----
    saving = accepted today × (cost of an accepted answer today − the same with the candidate), review included;
    without success the difference of the cost of a request. Requests enter by the same shares.
    """
    saving, savings = (_saving(inputs, chains, _switched(chains, one), shares) for chains in (case, cases))
    volume = None
    if inputs.requests_per_month is not None:
        volume = float(case.figure("requests_per_month")[0]), cases.figure("requests_per_month")
    paid = float(_migration(case, one)[0]), _migration(cases, one)

    def saves_at(success: float) -> bool:
        return bool(_saving(inputs, case, _switched(case, one, success), shares)[0] >= -_SAME)

    known = saves_at if inputs.has_success else None
    return Switch(one, float(saving[0]), savings, volume, paid, known, inputs.horizon_months)


def _migration(chains: Chains, one: Candidate) -> np.ndarray:
    parts = [chains.figure(f"migration.{name}_cost") for name in ("prompts", "tests", "other")]
    parts.append(chains.figure(f"candidates.{quoted(one.name)}.training_cost"))
    return np.asarray(sum(parts, np.array([0.0])))


def _switched(chains: Chains, one: Candidate, success: float | None = None) -> Chains:
    """The question with a candidate in its tier's place; its success may be set."""
    at, head = f"tiers.{quoted(one.tier)}.", f"candidates.{quoted(one.name)}."
    given = {"price": one.price, "shape": one.shape, "success_rate": one.success_rate}
    changes = {name: value for name, value in given.items() if value is not None}
    gone = tuple(f"{at}{name}." for name in changes)
    values = {name: value for name, value in chains.values.items() if not name.startswith(gone)}
    for name, value in figures_of(one, head).items():
        values[at + name.removeprefix(head)] = chains.values.get(name, np.array([base(value)]))
    if success is not None:
        values[f"{at}success_rate"] = np.array([success])
    tiers = tuple(tier.model_copy(update=changes) if tier.name == one.tier else tier for tier in chains.inputs.tiers)
    return Chains(chains.inputs.model_copy(update={"tiers": tiers}), values)


def _saving(inputs: TieringInputs, now: Chains, then: Chains, shares: Mapping[str, float]) -> np.ndarray:
    cost, review, success = now.of_mix(shares)
    other, looked, accepted = then.of_mix(shares)
    if not inputs.has_success:
        return np.asarray(cost - other)
    equal = success / np.maximum(accepted, 1e-300)
    return np.asarray(cost + review - equal * (other + looked))
