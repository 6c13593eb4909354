"""The self-host answer: where it wins, when, what it saves, how sure that is and what being wrong costs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from aiecon.finance import payback
from aiecon.models.self_host.deferral import DELAY_MONTHS, Deferral, deferral
from aiecon.models.self_host.economics import Economics, chance_to_save
from aiecon.models.self_host.first_month import PRICE, FirstMonth
from aiecon.models.self_host.inputs import SelfHostInputs
from aiecon.models.self_host.intervals import Interval, intervals_of
from aiecon.models.self_host.plans import BY_THE_HOUR, SPLIT, Plan, Split, best_ways, cheapest, options, plans, regrets
from aiecon.models.self_host.profile import LoadProfile
from aiecon.models.self_host.throughput import throughput
from aiecon.models.self_host.waiting import Waiting
from aiecon.vocabulary.distribution import base
from aiecon.vocabulary.metric import Metric

HOST, API = "self-host", "API"
_MULTIPLES = (0.25, 0.5, 1.0, 2.0, 4.0)  # of today's volume


@dataclass(frozen=True, eq=False)
class SelfHost:
    """Self-hosting against the API.

    Attributes
    ----------
    inputs
        What was asked.
    as_of
        The day asked for, or that of the price; None without dates.
    case
        The base case.
    cases
        The draws.
    waiting
        How long requests wait; None where the shape of arrivals and the service are not known well enough.
    profile
        Demand by the minute in replicas, where a file says it: shape (n_minutes,); None otherwise.
    load
        Load over time relative to its mean, where hours or a file say it; None otherwise.
    notes
        What a reader must know before trusting the figures.
    """

    inputs: SelfHostInputs
    as_of: date | None
    case: Economics
    cases: Economics
    waiting: Waiting | None
    profile: np.ndarray | None
    load: LoadProfile | None
    notes: list[str]

    @property
    def currency(self) -> str:
        """Of every amount."""
        if self.inputs.api is not None:
            return self.inputs.api.currency
        return self.inputs.currency or self.inputs.gpu.currency or "USD"

    @cached_property
    def win_intervals(self) -> list[Interval]:
        """Volumes at which a month of hosting is cheaper today. [million tokens/month]"""
        return intervals_of(self.case)

    @property
    def crossover_month(self) -> int | None:
        """First month in which hosting, capital as an annuity, costs less than the API; None within the horizon."""
        cheaper = np.flatnonzero(self.case.hosting_cost[0] < self.case.api_cost[0])
        return int(cheaper[0]) + 1 if len(cheaper) else None

    @cached_property
    def upfront(self) -> float:
        """Spent at time 0: GPUs of the first month and the migration. [currency]"""
        return float(self.case.capital[1][0, 0] + self.case.value("migration_cost")[0, 0])

    @cached_property
    def payback_months(self) -> float | None:
        """Months until what was spent has come back, cash as it flows; None when the horizon ends first."""
        flows = self.case.api_cost[0] - self.case.running_cost[0]
        return payback(-self.upfront, flows, at_starts=-self.case.capital[1][0])

    @property
    def npv_savings(self) -> float:
        """Present value of what hosting saves over the horizon. [currency]"""
        return float(self.case.npv[0])

    @property
    def recommended(self) -> str:
        """What the base case says: self-host when its saving is above zero."""
        return HOST if self.npv_savings > 0 else API

    @property
    def probability(self) -> float:
        """P(saving > 0) over the draws."""
        return float(np.mean(self.cases.npv > 0))

    @property
    def regret(self) -> float:
        """Expected loss of the recommended choice against the better one in each draw. [currency]"""
        npv = self.cases.npv
        loss = np.maximum(-npv, 0.0) if self.recommended == HOST else np.maximum(npv, 0.0)
        return float(loss.mean())

    @property
    def npv_range(self) -> tuple[float, float]:
        """10th and 90th percentile of the saving over the draws. [currency]"""
        low, high = np.quantile(self.cases.npv, [0.1, 0.9])
        return float(low), float(high)

    @cached_property
    def first_month(self) -> FirstMonth:
        """The first month of the base case."""
        return FirstMonth(self.case)

    @property
    def replicas(self) -> int:
        """Replicas of the first month."""
        return self.first_month.replicas

    @property
    def utilization(self) -> float | None:
        """Mean load of the first month over what its replicas could carry without a peak; None without replicas."""
        return self.first_month.utilization

    @property
    def cost_per_mtok(self) -> float | None:
        """Hosting in the first month, capital as an annuity, per million tokens; None without any. [currency/Mtok]"""
        volume = float(self.case.mtok[0, 0])
        return float(self.case.hosting_cost[0, 0]) / volume if volume > 0 else None

    @property
    def api_per_mtok(self) -> float:
        """API today, per million tokens of the shape. [currency/Mtok]"""
        return float(self.case.api_per_mtok[0, 0])

    @property
    def kwh_per_mtok(self) -> float | None:
        """Electricity per million tokens in the first month; None where the power is not given. [kWh/Mtok]"""
        used = float((self.case.paid_gpus * self.case.kwh_per_gpu)[0, 0])
        volume = float(self.case.mtok[0, 0])
        return used / volume if used > 0 and volume > 0 else None

    @property
    def kg_co2e_per_mtok(self) -> float | None:
        """Emissions of that electricity; None where its carbon is not given. [kg CO2e/Mtok]"""
        per_kwh = self.inputs.gpu.kg_co2e_per_kwh
        return None if per_kwh is None or self.kwh_per_mtok is None else self.kwh_per_mtok * base(per_kwh)

    @property
    def cost_per_accepted(self) -> Mapping[str, float | None]:
        """Cost per million tokens of accepted answers, of each choice. [currency/Mtok]"""
        hosted = None if self.cost_per_mtok is None else self.cost_per_mtok / base(self.inputs.success_rate)
        return {HOST: hosted, API: self.api_per_mtok / base(self.inputs.api_success_rate)}

    @cached_property
    def base_plans(self) -> dict[str, Economics]:
        """Name -> the base case of each way to serve the load on the terms asked; see `plans.plans`."""
        return plans(self.case, self.load)

    @cached_property
    def base_choices(self) -> dict[str, Economics]:
        """The same, and the GPUs paid as each of `gpu.options` says, run in the way that saves most."""
        return self.base_plans | options(self.case, self.load, ways=self._ways)

    @cached_property
    def _ways(self) -> dict[str, str]:
        """How each option is run: what saves most in the base case."""
        return best_ways(self.case, self.load)

    @cached_property
    def choices(self) -> list[Plan]:
        """Each way to serve the load with its draws, the one that commits to least first, options last."""
        drawn = self.base_choices
        if self.cases is not self.case:
            drawn = plans(self.cases, self.load) | options(self.cases, self.load, ways=self._ways)
        return [Plan(name, case, drawn[name]) for name, case in self.base_choices.items()]

    @property
    def plans(self) -> list[Plan]:
        """Those on the terms asked."""
        return [plan for plan in self.choices if plan.name in self.base_plans]

    @cached_property
    def regrets(self) -> pd.DataFrame:
        """What each choice costs when another would have been better; see `plans.regrets`."""
        return regrets(self.choices)

    @cached_property
    def deferral(self) -> Deferral | None:
        """Deciding in a year against deciding now, over the draws; None when the horizon ends before."""
        return deferral(self.cases)

    @property
    def cheapest_plan(self) -> str:
        """Name of the plan that saves most over the horizon in the base case."""
        return cheapest(self.base_choices)

    @property
    def cheapest_own_plan(self) -> str:
        """The same on the terms asked, options left aside."""
        return cheapest(self.base_plans)

    def to_frame(self) -> pd.DataFrame:
        """One row a month: month, mtok, replicas, gpus, hosting_cost, running_cost, capex, api_cost, savings,
        probability_cheaper.
        """
        case = self.case
        months = np.arange(1, self.inputs.horizon_months + 1)
        return pd.DataFrame(
            {
                "month": months,
                "mtok": case.mtok[0],
                "replicas": case.needed[0],
                "gpus": case.paid_gpus[0],
                "hosting_cost": case.hosting_cost[0],
                "running_cost": case.running_cost[0],
                "capex": case.capital[1][0],
                "api_cost": case.api_cost[0],
                "savings": case.api_cost[0] - case.hosting_cost[0],
                "probability_cheaper": self.cheaper_by_month()["probability"],
            }
        )

    @cached_property
    def rows_used(self) -> list[dict[str, Any]]:
        """The two measured rows behind the rates, each with its file; none where the rates are given."""
        found, asked = throughput(self.inputs), self.inputs.serving.measured
        if found is None or asked is None:
            return []
        rows = found.used.drop(columns=["use", "is_missed"]).to_dict("records")
        return [{"file": asked.file.path, **row} for row in rows]

    def cheaper_by_month(self) -> pd.DataFrame:
        """Probability that a month of hosting costs less than the API: month, probability."""
        cheaper = (self.cases.hosting_cost < self.cases.api_cost).mean(axis=0)
        return pd.DataFrame({"month": np.arange(1, len(cheaper) + 1), "probability": cheaper})

    @cached_property
    def probability_by_volume(self) -> dict[float, float]:
        """Volume of the first month, from a quarter to four times ours -> probability that hosting saves there.

        Over the horizon, all else as drawn. [million tokens/month -> share]
        """
        volume = float(self.case.mtok[0, 0])
        volumes = [volume * multiple for multiple in _MULTIPLES] if volume > 0 else []
        return {mtok: chance_to_save(self.cases, {"workload.mtok_per_month": mtok}) for mtok in volumes}

    def summary(self) -> list[Metric]:
        """Headline figures in reading order."""
        currency = self.currency
        never = "not within the horizon"
        if self.payback_months is None and self.upfront <= 0:
            never = "the first month does not save, and the running sum stays below zero"
        no_volume = None if self.cost_per_mtok is not None else "nothing is served in the first month"
        return [
            Metric("npv_savings", "Present value of the saving", self.npv_savings, currency),
            Metric("probability_self_host_cheaper", "Probability that hosting saves", self.probability, "share"),
            Metric(
                "probability_by_volume",
                "Probability that hosting saves, by volume",
                {f"{mtok:,.6g} million tokens a month": chance for mtok, chance in self.probability_by_volume.items()}
                or None,
                "share",
                None if self.probability_by_volume else "nothing is served in the first month",
            ),
            Metric("regret_if_wrong", f"Expected loss if {self.recommended} is wrong", self.regret, currency),
            Metric(
                "value_of_waiting",
                f"Deciding in {DELAY_MONTHS} months instead",
                None if self.deferral is None else self.deferral.value,
                currency,
                None if self.deferral else f"the horizon ends within {DELAY_MONTHS} months",
            ),
            Metric(
                "crossover_month",
                "First month that is cheaper",
                self.crossover_month,
                "month",
                None if self.crossover_month else "not within the horizon",
            ),
            Metric(
                "payback_months",
                "Payback",
                self.payback_months,
                "months",
                self._dips_again if self.payback_months is not None else never,
            ),
            Metric(
                "win_intervals",
                "Volumes that win today",
                [list(one) for one in self.win_intervals],
                "Mtok/month",
                None if self.win_intervals else "at no volume",
            ),
            Metric("replicas", "Replicas in the first month", self.replicas, "replicas"),
            Metric("cost_per_mtok_self_hosted", "Cost of hosting", self.cost_per_mtok, f"{currency}/Mtok", no_volume),
            Metric("cost_per_mtok_api", "Cost of the API", self.api_per_mtok, f"{currency}/Mtok"),
            *self._accepted_metrics(),
            *self._plan_metrics(),
            Metric(
                "expected_regret",
                "Expected regret",
                dict(zip(self.regrets["choice"], self.regrets["expected_regret"], strict=True)),
                currency,
            ),
            Metric("utilization", "Utilisation of the replicas", self.utilization, "share", no_volume),
            *self._break_even_metrics(),
            *self._wait_metrics(),
            Metric("kwh_per_mtok", "Electricity", self.kwh_per_mtok, "kWh/Mtok", self._power_note),
            Metric("kg_co2e_per_mtok", "Emissions", self.kg_co2e_per_mtok, "kg CO2e/Mtok", self._carbon_note),
        ]

    def _accepted_metrics(self) -> list[Metric]:
        """Cost per million tokens of accepted answers, where the two are not accepted alike."""
        found = self.cost_per_accepted
        note = None if found[HOST] is not None else "nothing is served in the first month"
        unit = f"{self.currency}/Mtok"
        return [
            Metric("cost_per_accepted_self_hosted", "Cost of hosting, accepted answers", found[HOST], unit, note),
            Metric("cost_per_accepted_api", "Cost of the API, accepted answers", found[API], unit),
        ]

    def _wait_metrics(self) -> list[Metric]:
        """Requests that wait at the peak at the replicas priced, and the replicas that a target takes."""
        found, target = self.waiting, self.inputs.serving.wait_share
        idle = None if found else "nothing is hosted or served in the first month"
        needed = found.replicas_for_target if found else None
        asked = idle or (None if target is not None else "no target was given: serving.wait_share")
        return [
            Metric("wait_share", "Requests that wait at the peak", found and found.wait_share, "share", idle),
            Metric("replicas_for_wait_target", "Replicas for the waiting target", needed, "replicas", asked),
        ]

    @property
    def _dips_again(self) -> str | None:
        """Words where what has come back is lost again before the horizon ends."""
        bought = float(self.case.capital[1][0].sum() + self.case.value("migration_cost")[0, 0])
        total = float((self.case.api_cost[0] - self.case.running_cost[0]).sum()) - bought
        if total >= 0:
            return None
        left = "; what the GPUs are worth then is left out" if bought else ""
        return f"lost again later: over the horizon hosting spends more{left}"

    def _plan_metrics(self) -> list[Metric]:
        unit = f"{self.currency}/month"
        hourly, split = self.base_plans.get(BY_THE_HOUR), self.base_plans.get(SPLIT)
        unknown = None if split else "the load over time is not given: workload.hourly_load or workload.file"
        fixed = unknown or "serving.autoscaling is not given, or GPUs are not rented by the hour"
        kept, cost, share = None, None, None
        if isinstance(split, Split):
            kept, cost = int(split.kept[0, 0]), float(split.hosting_cost[0, 0])
            share = 1.0 - float(split.bought_share[0, 0]) if kept else 0.0
        by_hour = None if hourly is None else float(hourly.hosting_cost[0, 0])
        return [
            Metric("cheapest_plan", "Cheapest plan", self.cheapest_plan, "plan"),
            Metric("autoscaled_cost_per_month", "Hosted by the hour", by_hour, unit, None if hourly else fixed),
            Metric("split_replicas", "Replicas kept in a split", kept, "replicas", unknown),
            Metric("split_hosted_share", "Tokens of a split that are hosted", share, "share", unknown),
            Metric("split_cost_per_month", "Split, the rest by the API", cost, unit, unknown),
        ]

    def _break_even_metrics(self) -> list[Metric]:
        month = self.first_month
        per = "GPU/h" if month.priced == PRICE else "GPU"
        return [
            Metric(
                "break_even_utilization",
                "Utilisation at break-even, month 1",
                None if month.utilization_note else month.break_even_utilization,
                "share",
                month.utilization_note,
            ),
            Metric(
                "break_even_gpu_price",
                "GPU price at break-even, month 1",
                month.break_even_gpu_price,
                f"{self.currency}/{per}",
                month.price_note,
            ),
        ]

    @property
    def _power_note(self) -> str | None:
        return None if self.kwh_per_mtok is not None else "the power of a GPU is not given"

    @property
    def _carbon_note(self) -> str | None:
        return None if self.kg_co2e_per_mtok is not None else "power or carbon of the electricity is not given"
