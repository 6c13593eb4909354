"""The ways GPUs are paid and the part of them each pays: rent a month, and capital that is bought and replaced."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from aiecon.finance import recovery
from aiecon.models.self_host.gpu import RENTED_BY_THE_HOUR, Gpu, Purchase
from aiecon.units import MONTHS_PER_YEAR
from aiecon.vocabulary.capacity import FORGIVEN


@dataclass(frozen=True, eq=False)
class Part:
    """GPUs that are paid alike; arrays of shape (n_cases, 1).

    Attributes
    ----------
    purchase
        How.
    share
        Part of all GPUs.
    hours
        Rent and electricity of a GPU for all hours. [currency/GPU/month]
    capex, life, residual
        Of a GPU; 0 where rented. [currency/GPU, months, currency/GPU]
    """

    purchase: str
    share: np.ndarray
    hours: np.ndarray
    capex: np.ndarray
    life: np.ndarray
    residual: np.ndarray

    @property
    def is_owned(self) -> bool:
        """Whether its GPUs are bought."""
        return self.purchase == "owned"

    @property
    def is_by_the_hour(self) -> bool:
        """Whether an hour that is not needed is not paid."""
        return self.purchase in RENTED_BY_THE_HOUR

    def annuity(self, monthly: np.ndarray) -> np.ndarray:
        """Capital of a GPU as a payment a month over its life, at a rate per month. [currency/GPU/month]"""
        if not self.is_owned:
            return np.zeros_like(self.share)
        return (self.capex - self.residual * (1.0 + monthly) ** -self.life) * recovery(monthly, self.life)


def parts(gpu: Gpu, value: Callable[..., np.ndarray]) -> list[Part]:
    """Return each way the GPUs are paid, that of `gpu` first with what the others leave.

    Shares that are drawn above 1 together are cut in proportion.
    """
    drawn = {head: value(f"{head}.share") for head in gpu.purchases if head != "gpu"}
    total = sum_of([np.zeros_like(value("gpu.hours_per_month")), *drawn.values()])
    shares = {"gpu": np.maximum(1.0 - total, 0.0)} | {
        head: share / np.maximum(total, 1.0) for head, share in drawn.items()
    }
    return [_part(head, one, shares[head], value) for head, one in gpu.purchases.items()]


def _part(head: str, one: Purchase, share: np.ndarray, value: Callable[..., np.ndarray]) -> Part:
    rent = value(f"{head}.price_per_gpu_hour") * value("gpu.hours_per_month")
    if one.purchase == "reserved":
        rent = rent * (1.0 - value(f"{head}.commitment_discount"))
    if one.purchase == "spot":
        rent = rent * (1.0 + value(f"{head}.interruption_overhead"))
    power = value("gpu.power_kw") * value("gpu.pue", 1.0) * value("gpu.hours_per_month")
    hours = rent + power * value(f"{head}.price_per_kwh")
    capex = value(f"{head}.capex_per_gpu")
    residual = capex * value(f"{head}.residual_share")
    return Part(one.purchase, share, hours, capex, value(f"{head}.life_months"), residual)


def sum_of(arrays: Iterable[np.ndarray]) -> np.ndarray:
    """Sum of arrays of one shape, one at least."""
    return np.sum(list(arrays), axis=0)


def capital(part: Part, bought: np.ndarray, discount_rate: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the present value of owned GPUs, residuals taken off, and what is paid at the start of each month.

    Each is replaced at the end of its life and has its residual then, or its straight-line value at the end of the
    horizon.

    Parameters
    ----------
    part
        Capex, life and residual of a GPU.
    bought
        GPUs first bought at the start of each month, shape (n_cases, n_months)
    discount_rate
        Per year, shape (n_cases,)

    Returns
    -------
    tuple of arrays
        Value [currency], shape (n_cases,); paid [currency], shape (n_cases, n_months)
    """
    cases, months = bought.shape
    capex, life, residual = part.capex[:, 0], part.life[:, 0], part.residual[:, 0]
    value, paid = np.zeros(cases), np.zeros((cases, months))
    for month in range(months):
        count = bought[:, month]
        if not count.any():
            continue
        at = np.full(cases, float(month))
        while (at < months).any():
            inside = at < months
            end = np.minimum(at + life, months)
            left = capex - (capex - residual) * (end - at) / life
            now = np.where(inside, capex * (1.0 + discount_rate) ** (-at / MONTHS_PER_YEAR), 0.0)
            back = np.where(inside, left * (1.0 + discount_rate) ** (-end / MONTHS_PER_YEAR), 0.0)
            value += count * (now - back)
            place = np.minimum(np.ceil(at - FORGIVEN).astype(int), months - 1)
            np.add.at(paid, (np.arange(cases), place), np.where(inside, count * capex, 0.0))
            at = np.where(np.abs(at + life - months) < FORGIVEN, months, at + life)
    return value, paid
