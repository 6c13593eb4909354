"""The business case's answer: what it is worth, when it pays back, how sure that is, what waiting costs, the ask."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import pandas as pd

from aiecon.finance import irr, lasting_payback, mirr, monthly_rate
from aiecon.models.business_case import gates, what_if
from aiecon.models.business_case.flows import periods_per_year, running_until
from aiecon.models.business_case.inputs import BusinessCaseInputs, Phase
from aiecon.units import MONTHS_PER_YEAR
from aiecon.vocabulary.distribution import base
from aiecon.vocabulary.gate import Gate, Verdict
from aiecon.vocabulary.metric import Metric

_MONTHS_PER_QUARTER = 3
HALF_A_CENT = 0.005  # below it a worth, or money asked for, is nothing [currency]
_LEAST_RATE = -0.999999  # a year; below it all but nothing is left of a flow, and the rate says nothing


@dataclass(frozen=True, eq=False)
class BusinessCase:
    """Whether to fund the next phase.

    Attributes
    ----------
    inputs
        What was asked.
    as_of
        The day asked for; None without one.
    parts
        Benefits, costs and capital of the base case by period, shape (1, n_periods + 1). [currency]
    draws
        Net flows of every draw, shape (n_draws, n_periods + 1). [currency]
    rates
        Discount rate of every draw, shape (n_draws,).
    notes
        What a reader must know before trusting the figures.
    """

    inputs: BusinessCaseInputs
    as_of: date | None
    parts: dict[str, np.ndarray]
    draws: np.ndarray
    rates: np.ndarray
    notes: list[str]

    @property
    def currency(self) -> str:
        """Of every amount."""
        return self.inputs.currency or "USD"

    @cached_property
    def flows(self) -> np.ndarray:
        """Net flows of the base case, the first today. [currency], shape (n_periods + 1,)"""
        return np.asarray(sum(part[0] for part in self.parts.values()))

    @property
    def per_year(self) -> int:
        """Periods of a year."""
        return periods_per_year(self.inputs)

    def _rate(self, yearly: float) -> float:
        return float(monthly_rate(yearly)) if self.inputs.period == "month" else yearly

    def _yearly(self, rate: float) -> float:
        return (1.0 + rate) ** self.per_year - 1.0

    @property
    def npv(self) -> float:
        """Present value, the first flow not discounted; what rounding alone leaves is zero. [currency]"""
        rate = np.array([base(self.inputs.discount_rate)])
        return float(what_if.present_value(self.inputs, self.flows[None, :], rate)[0])

    @property
    def is_worth_nothing(self) -> bool:
        """Whether the present value is less than half a cent either way."""
        return abs(self.npv) < HALF_A_CENT

    @cached_property
    def irr(self) -> list[float]:
        """Every real rate a year at which the flows are worth nothing, ascending; empty where none is."""
        return [rate for rate in self._rates if rate >= _LEAST_RATE]

    @cached_property
    def _rates(self) -> list[float]:
        return [self._yearly(rate) for rate in irr(self.flows)]

    @property
    def mirr(self) -> float | None:
        """Modified rate of return a year; None without its two rates."""
        if self.inputs.finance_rate is None or self.inputs.reinvest_rate is None:
            return None
        found = mirr(
            self.flows,
            finance_rate=self._rate(self.inputs.finance_rate),
            reinvest_rate=self._rate(self.inputs.reinvest_rate),
        )
        return None if found is None else self._yearly(found)

    @property
    def payback_months(self) -> float | None:
        """Months until what was spent has come back and stays so; None when it does not."""
        return self._months(lasting_payback(self.flows))

    @property
    def discounted_payback_months(self) -> float | None:
        """The same of discounted flows; a sum of zero to rounding is not below zero."""
        return self._months(lasting_payback(self._discounted))

    @property
    def _discounted(self) -> np.ndarray:
        rate = self._rate(base(self.inputs.discount_rate))
        return self.flows * (1.0 + rate) ** -np.arange(len(self.flows))

    def _months(self, periods: float | None) -> float | None:
        return None if periods is None else periods * MONTHS_PER_YEAR / self.per_year

    @property
    def profitability_index(self) -> float | None:
        """Present value of the later flows ÷ what is spent today; None when nothing is."""
        first = float(self.flows[0])
        return (self.npv - first) / -first if first < 0 else None

    @cached_property
    def npv_draws(self) -> np.ndarray:
        """Present value of every draw. [currency], shape (n_draws,)"""
        return what_if.present_value(self.inputs, self.draws, self.rates)

    @property
    def npv_probability(self) -> float:
        """P(present value > 0)."""
        return float(np.mean(self.npv_draws > 0))

    @property
    def npv_range(self) -> tuple[float, float]:
        """10th and 90th percentile of the present value. [currency]"""
        low, high = np.quantile(self.npv_draws, [0.1, 0.9])
        return float(low), float(high)

    @property
    def gates(self) -> list[tuple[str, Gate]]:
        """Every gate with what it is of: the ask, or a phase."""
        return gates.every(self.inputs)

    @property
    def asked_gates(self) -> list[tuple[str, Gate]]:
        """The gates that count now, with what each is of: the ask, phases funded already, and the phase asked for."""
        return gates.counting(self.inputs)

    @property
    def ungated(self) -> list[Phase]:
        """Phases that count now and have no gate; they are held, not passed."""
        return gates.ungated(self.inputs)

    @property
    def gate_verdict(self) -> Verdict | None:
        """failed, held or passed over the gates that count now, a phase without any being held; None without either."""
        return gates.verdict(self.inputs)

    @property
    def next_phase(self) -> Phase | None:
        """The first phase that is not funded yet; None without one."""
        return gates.next_phase(self.inputs)

    @property
    def ask(self) -> float:
        """Investment of the phase asked for, one at a time; without phases, all the money it needs. [currency]"""
        if not self.inputs.phases:
            return self.peak_funding
        phase = 0.0 if self.next_phase is None else base(self.next_phase.investment)
        return (phase + base(self.inputs.investment)) * base(self.inputs.cost_multiple)

    @property
    def running_until_next(self) -> tuple[str, float, float] | None:
        """The phase after the one asked for, months until it comes, and what the one asked for costs to run till then.

        None without both. [currency]
        """
        phase = self.next_phase
        later = [one for one in self.inputs.phases if phase and not one.is_funded and one is not phase]
        if phase is None or not later:
            return None
        after = min(later, key=lambda one: one.start_period)
        return (after.name, *running_until(self.inputs, phase, after))

    @property
    def peak_funding(self) -> float:
        """Money that must be there until it pays for itself: the lowest the running sum gets. [currency]"""
        return max(0.0, -float(np.cumsum(self.flows).min()))

    @cached_property
    def delay_cost(self) -> float:
        """Value lost to the delay at its base. [currency]"""
        return what_if.delay_cost(self.inputs)

    @cached_property
    def ends(self) -> pd.DataFrame:
        """Worth with each uncertain figure at its ends: name, low, high, npv_at_low, npv_at_high, width."""
        return what_if.ends(self.inputs)

    @cached_property
    def scenarios(self) -> pd.DataFrame:
        """Worth in the base, low, high and stress scenario, whatever was chosen: scenario, npv, words. [currency]"""
        return what_if.scenarios(self.inputs)

    @cached_property
    def waiting(self) -> pd.DataFrame:
        """What waiting loses: quarter, amount, cumulated, present_value. [currency]"""
        rows = sorted(self.inputs.cost_of_not_scaling, key=lambda one: one.quarter)
        amounts = [base(one.amount) for one in rows]
        yearly = base(self.inputs.discount_rate)
        months = [one.quarter * _MONTHS_PER_QUARTER for one in rows]
        worth = [
            amount * (1.0 + yearly) ** (-month / MONTHS_PER_YEAR) for amount, month in zip(amounts, months, strict=True)
        ]
        return pd.DataFrame(
            {
                "quarter": [one.quarter for one in rows],
                "amount": amounts,
                "cumulated": np.cumsum(amounts),
                "present_value": worth,
            }
        )

    @property
    def cost_of_not_scaling(self) -> float | None:
        """Lost over the quarters given, not discounted; None where none is. [currency]"""
        return float(self.waiting["amount"].sum()) if len(self.waiting) else None

    def to_frame(self) -> pd.DataFrame:
        """One row a period: period, benefits, costs, capital, net, cumulated, discounted. [currency]"""
        time = np.arange(len(self.flows))
        return pd.DataFrame(
            {
                "period": time,
                **{name: part[0] for name, part in self.parts.items()},
                "net": self.flows,
                "cumulated": np.cumsum(self.flows),
                "discounted": self._discounted,
            }
        )

    def phases(self) -> pd.DataFrame:
        """One row a phase: phase, start, investment, gates, verdict. [currency]

        A phase that is not funded waits for the gates of those that are; a funded one says what its own still lack.
        """
        rows = [
            {
                "phase": phase.name,
                "start": phase.start_period,
                "investment": base(phase.investment),
                "gates": len(phase.gates),
                "verdict": gates.step(self.inputs, phase),
            }
            for phase in self.inputs.phases
        ]
        return pd.DataFrame(rows, columns=["phase", "start", "investment", "gates", "verdict"])

    def summary(self) -> list[Metric]:
        """Headline figures in reading order."""
        currency = self.currency
        no_rates = "finance_rate and reinvest_rate are needed"
        if self.mirr is None and self.inputs.finance_rate is not None and self.inputs.reinvest_rate is not None:
            no_rates = "nothing is spent, or nothing comes back"
        return [
            Metric(
                "npv",
                "Present value",
                self.npv,
                currency,
                "less than half a cent either way: it is worth nothing" if self.is_worth_nothing else None,
            ),
            Metric(
                "npv_probability", "Probability that the present value is above zero", self.npv_probability, "share"
            ),
            Metric("ask", "Money asked for", self.ask, currency, self._noted("Phase", "Every phase")),
            Metric(
                "ask_running_cost",
                "Running cost of the phase asked for",
                None if self.running_until_next is None else self.running_until_next[2],
                currency,
                self._running_note,
            ),
            Metric("peak_funding", "Money needed until it pays for itself", self.peak_funding, currency),
            Metric("delay_cost", "Value lost to the delay", self.delay_cost, currency, self._noted("Benefits come")),
            Metric(
                "gate_verdict",
                "Gates that count now",
                self.gate_verdict,
                "",
                gates.why(self.inputs),
            ),
            Metric(
                "payback_months",
                "Payback",
                self.payback_months,
                "months",
                self._payback_note(self.payback_months, self.flows),
            ),
            Metric(
                "discounted_payback_months",
                "Payback, discounted",
                self.discounted_payback_months,
                "months",
                self._payback_note(self.discounted_payback_months, self._discounted),
            ),
            Metric("irr", "Rates of return", self.irr, "share per year", self._irr_note),
            Metric(
                "mirr",
                "Modified rate of return",
                self.mirr,
                "share per year",
                None if self.mirr is not None else no_rates,
            ),
            Metric(
                "profitability_index",
                "Profitability index",
                self.profitability_index,
                "ratio",
                None if self.profitability_index is not None else "nothing is spent today",
            ),
            Metric(
                "cost_of_not_scaling",
                "Lost by waiting",
                self.cost_of_not_scaling,
                currency,
                None if self.cost_of_not_scaling is not None else "no quarter was given",
            ),
        ]

    def _payback_note(self, months: float | None, flows: np.ndarray) -> str | None:
        """Why there is no payback, or that one stands beside none: both last to the end."""
        if months is not None:
            alone = self.payback_months is None
            return "discounted, the last flows spend no more than is there; undiscounted they do" if alone else None
        if np.cumsum(flows)[1:].max() < 0:
            return "the flows do not pay back within the periods"
        return "what is spent comes back, but does not stay: the running sum is below zero again at the end"

    @property
    def _running_note(self) -> str:
        if self.running_until_next is None:
            return "no phase is asked for with another after it"
        name, months, _ = self.running_until_next
        is_beyond = name in [
            phase.name for phase in self.inputs.phases if phase.start_period > (self.inputs.length or 0)
        ]
        end = f"the last one, as {name} starts later" if is_beyond else name
        return f"beside the money asked for, over {months:.3g} months until {end}"

    @property
    def _irr_note(self) -> str | None:
        beyond = len(self._rates) - len(self.irr)
        left = f"{beyond} below {_LEAST_RATE * 100:.4f} % a year left out" if beyond else ""
        if not self.irr:
            return f"no real rate makes the flows worth nothing{f', {left}' if left else ''}"
        if len(self.irr) > 1:
            left = f"{len(self.irr)} rates do; none of them alone says what it is worth{f', {left}' if left else ''}"
        return left or None

    def _noted(self, *starts: str) -> str | None:
        """The notes that begin with one of some words, as those of a figure."""
        return "; ".join(note for note in self.notes if note.startswith(starts)) or None
