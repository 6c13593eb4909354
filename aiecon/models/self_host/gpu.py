"""What a GPU costs: rented or owned, all of them alike or in a mix."""

from typing import Any, ClassVar, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from aiecon.vocabulary.distribution import base, uncertain
from aiecon.vocabulary.spend import Currency
from aiecon.vocabulary.strict import Many, Strict, quoted

Amount: Any = uncertain(ge=0)
RENTED_BY_THE_HOUR = ("on_demand", "spot")
_WHOSE = {
    "price_per_gpu_hour": ("on_demand", "spot", "reserved"),
    "commitment_discount": ("reserved",),
    "interruption_overhead": ("spot",),
    "capex_per_gpu": ("owned",),
    "life_months": ("owned",),
    "residual_share": ("owned",),
}
_PER_SERVER = ("server_cost_per_month", "licence_per_server_month")
_FORGIVEN = 1e-9  # of shares that add up to one


class Purchase(Strict):
    """How a GPU is paid."""

    belongs: ClassVar = ("purchase", _WHOSE)

    purchase: Literal["on_demand", "spot", "reserved", "owned"] = Field(description="how it is paid")
    price_per_gpu_hour: Amount | None = Field(
        title="price of a rented GPU", default=None, description="of a rented GPU [currency/GPU/h]"
    )
    commitment_discount: uncertain(ge=0, le=1) = Field(default=0.0, description="off the price, reserved [share]")  # type: ignore[valid-type]
    interruption_overhead: Amount = Field(default=0.0, description="extra hours for interruptions, spot [share]")
    capex_per_gpu: Amount | None = Field(default=None, description="bought, server parts included [currency/GPU]")
    life_months: uncertain(ge=0) | None = Field(default=None, description="after which it is replaced [months]")  # type: ignore[valid-type]
    residual_share: uncertain(ge=0, le=1) = Field(default=0.0, description="of capex, at the end of life [share]")  # type: ignore[valid-type]
    price_per_kwh: Amount = Field(default=0.0, description="electricity paid beside it [currency/kWh]")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if problems := self._problems():
            raise ValueError("\n".join(problems))
        return self

    def _problems(self) -> list[str]:
        problems = [*self._absent(), *self._foreign()]
        if self.purchase == "owned" and self.life_months is not None and base(self.life_months) <= 0:
            problems.append("life_months must be greater than 0 when purchase is owned")
        return problems

    def _absent(self) -> list[str]:
        needed = ("capex_per_gpu", "life_months") if self.purchase == "owned" else ("price_per_gpu_hour",)
        return [f"{name} is needed when purchase is {self.purchase}" for name in needed if getattr(self, name) is None]

    def _foreign(self) -> list[str]:
        problems = []
        for name, whose in _WHOSE.items():
            if self.purchase not in whose and not _is_nothing(getattr(self, name)):
                said = "rented" if len(whose) > 1 else whose[0]
                problems.append(f"{name} belongs to {said} GPUs, and purchase is {self.purchase}; leave it out")
        return problems


def _is_nothing(value: object) -> bool:
    return value is None or (isinstance(value, float | int) and value == 0)


def _high(value: Any) -> float:
    """The 90th percentile of a distribution, or the number."""
    return float(value.ppf(np.array([0.9]))[0]) if hasattr(value, "ppf") else float(value)


class SharedPurchase(Purchase):
    """How a part of the GPUs is paid."""

    name: str = Field(min_length=1, description="what this part is called")
    share: uncertain(ge=0, le=1) = Field(description="part of the GPUs paid so, whole or not [share]")  # type: ignore[valid-type]


class Mixable(Purchase):
    """How GPUs are paid, all of them alike or parts otherwise."""

    mix: Many[SharedPurchase] = Field(
        default=(), description="parts of the GPUs that are paid otherwise; the rest as said here"
    )

    def _problems(self) -> list[str]:
        return [*super()._problems(), *self._mix_problems()]

    def _mix_problems(self) -> list[str]:
        shares = [part.share for part in self.mix]
        total = sum(base(share) for share in shares)
        if total > 1 + _FORGIVEN:
            return [f"mix: shares add up to {total:g}, more than 1; what they leave is paid as said beside it"]
        high = sum(_high(share) for share in shares)
        if high > 1 + _FORGIVEN:
            return [f"mix: the 90th percentiles of the shares add up to {high:g}, more than 1; narrow them"]
        return []


class Option(Mixable):
    """Another way to pay the same GPUs."""

    name: str = Field(min_length=1, description="what it is called")


class Gpu(Mixable):
    """What a GPU costs, and what comes with it however it is paid."""

    options: Many[Option] = Field(default=(), description="other ways to pay the same GPUs, held beside this one")
    hours_per_month: uncertain(gt=0, le=744) = Field(default=730.0, description="hours every GPU is paid [h/month]")  # type: ignore[valid-type]
    price_decline_per_year: uncertain(ge=0, lt=1) = Field(  # type: ignore[valid-type]
        default=0.0, description="fall of rents and GPU prices, for deciding in a year [share per year]"
    )
    power_kw: Amount = Field(default=0.0, description="drawn by a GPU and its part of the server [kW]")
    pue: uncertain(ge=1) = Field(default=1.0, description="power usage effectiveness of the building [ratio]")  # type: ignore[valid-type]
    kg_co2e_per_kwh: Amount | None = Field(default=None, description="of the electricity [kg CO2e/kWh]")
    currency: Currency | None = Field(default=None, description="of its prices; that of the question when left out")
    gpus_per_server: int | None = Field(default=None, ge=1, description="GPUs bought together [GPUs]")
    server_cost_per_month: Amount = Field(default=0.0, description="of a server: hosting, network [currency/month]")
    licence_per_gpu_month: Amount = Field(default=0.0, description="of a GPU, every one of a server [currency/month]")
    licence_per_server_month: Amount = Field(default=0.0, description="of a server [currency/month]")

    def _problems(self) -> list[str]:
        problems = super()._problems()
        if self.gpus_per_server is None:
            given = [one for one in _PER_SERVER if not _is_nothing(getattr(self, one))]
            problems += [f"{one} needs gpus_per_server, the GPUs of a server" for one in given]
        return problems

    def paid_as(self, option: Option) -> Self:
        """The same GPUs, paid as an option says."""
        return self.model_copy(update={name: getattr(option, name) for name in Mixable.model_fields} | {"options": ()})

    @property
    def purchases(self) -> dict[str, Purchase]:
        """Dotted name of the fields -> each way the GPUs are paid, that of `gpu` itself first."""
        return {"gpu": self} | {f"gpu.mix.{quoted(part.name)}": part for part in self.mix}
