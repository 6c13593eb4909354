"""What it is worth to decide in a year instead of now, over the same futures."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from aiecon.models.self_host.economics import Economics
from aiecon.models.self_host.gpu import RENTED_BY_THE_HOUR
from aiecon.units import MONTHS_PER_YEAR

DELAY_MONTHS = 12
_GPU_PRICES = ("price_per_gpu_hour", "capex_per_gpu")


@dataclass(frozen=True, eq=False)
class Deferral:
    """Moving now against moving in a year, in each future, as present values against the API for all.

    Who decides now knows the mean of the futures; who decides in a year knows which of them came.

    Attributes
    ----------
    now
        What moving today saves over the horizon. [currency], shape (n_cases,)
    later
        What moving in a year saves over the same horizon, in today's money. [currency], shape (n_cases,)
    """

    now: np.ndarray
    later: np.ndarray

    @cached_property
    def _decided_now(self) -> np.ndarray:
        return self.now if self.now.mean() > 0 else np.zeros_like(self.now)

    @cached_property
    def decided_later(self) -> np.ndarray:
        """What is saved when each future is known: none where moving would not save. [currency], shape (n_cases,)"""
        return np.maximum(self.later, 0.0)

    @property
    def value(self) -> float:
        """Mean saving when deciding in a year less that of deciding now; below zero where waiting costs. [currency]"""
        return float(self.decided_later.mean() - self._decided_now.mean())

    @property
    def value_range(self) -> tuple[float, float]:
        """10th and 90th percentile of the difference over the futures. [currency]"""
        low, high = np.quantile(self.decided_later - self._decided_now, [0.1, 0.9])
        return float(low), float(high)

    @property
    def of_knowing(self) -> float:
        """The part that comes from knowing more by then, never below zero. [currency]"""
        return float(self.decided_later.mean() - max(self.later.mean(), 0.0))

    @property
    def of_time(self) -> float:
        """The part that comes from prices and volumes of then, and from a year less of hosting. [currency]"""
        return self.value - self.of_knowing


def deferral(cases: Economics) -> Deferral | None:
    """Return what moving now and in a year save in each case; None when the horizon ends within the year.

    New contracts and new GPUs cost less by `gpu.price_decline_per_year`; who moves now keeps today's price, unless the
    GPUs are rented by the hour: then both pay the price of then from the second year on.
    """
    if cases.inputs.horizon_months <= DELAY_MONTHS:
        return None
    discount = (1.0 + cases.value("discount_rate")[:, 0]) ** (-DELAY_MONTHS / MONTHS_PER_YEAR)
    ways = cases.inputs.gpu.purchases
    by_the_hour = [head for head, one in ways.items() if one.purchase in RENTED_BY_THE_HOUR]
    then = _in_a_year(cases, falling=list(ways)).npv
    rents_fallen = then if len(by_the_hour) == len(ways) else _in_a_year(cases, falling=by_the_hour).npv
    now = cases.npv
    if by_the_hour:
        now = now + discount * (rents_fallen - _in_a_year(cases, falling=[]).npv)
    return Deferral(now, discount * then)


def _in_a_year(cases: Economics, *, falling: list[str]) -> Economics:
    """The question as it stands in a year, asked for what is left of the horizon; `falling`: GPUs that cost less."""
    prices = {f"{head}.{name}" for head in falling for name in _GPU_PRICES}
    gpu_left = 1.0 - cases.value("gpu.price_decline_per_year")
    figures = dict(cases.figures)

    def times(name: str, factor: np.ndarray) -> None:
        figures[name] = figures[name] * factor[:, 0]

    times("workload.mtok_per_month", (1.0 + cases.value("workload.monthly_growth")) ** DELAY_MONTHS)
    left = 1.0 - cases.value("api_price_decline_per_year")
    for name in cases.figures:
        if name == "api_blended_per_mtok" or (name.startswith("api.") and name.endswith("_per_mtok")):
            times(name, left ** (DELAY_MONTHS / MONTHS_PER_YEAR))
        elif name in prices:
            times(name, gpu_left ** (DELAY_MONTHS / MONTHS_PER_YEAR))
    months = cases.inputs.horizon_months - DELAY_MONTHS
    return Economics(cases.inputs.model_copy(update={"horizon_months": months}), figures)
