"""Where the self-host answer turns: what each doubt does to the saving, and the value at which it changes sides."""

from dataclasses import dataclass
from functools import lru_cache

from aiecon.models.self_host.answer import SelfHost
from aiecon.models.self_host.question import self_host
from aiecon.sensitivity import BreakEven, Tornado, break_even, tornado
from aiecon.sensitivity.fields import at_base, number_at, uncertain_fields
from aiecon.sensitivity.tornado import Swing

KEY = "npv_savings"
_SWING = 0.2
_LEAST_SWING = 0.002  # of the widest bar; shorter ones are not shown

NAMES = {
    "workload.mtok_per_month": "Volume",
    "workload.peak_to_mean": "Peak to mean",
    "workload.monthly_growth": "Growth per month",
    "api_price_decline_per_year": "Fall of the API price per year",
    "api_blended_per_mtok": "API price",
    "api.input_per_mtok": "API price of input",
    "api.output_per_mtok": "API price of output",
    "serving.usable_share": "Usable share of throughput",
    "serving.output_tokens_per_second": "Output a replica writes",
    "serving.input_tokens_per_second": "Input a replica reads",
    "gpu.price_per_gpu_hour": "GPU price",
    "gpu.price_decline_per_year": "Fall of GPU prices per year",
    "gpu.commitment_discount": "Commitment discount",
    "gpu.interruption_overhead": "Interruptions",
    "gpu.capex_per_gpu": "Price of a GPU bought",
    "gpu.life_months": "Life of a GPU",
    "gpu.residual_share": "Residual value",
    "gpu.power_kw": "Power of a GPU",
    "gpu.price_per_kwh": "Electricity price",
    "gpu.pue": "PUE",
    "fixed_cost_per_month": "Fixed cost (people)",
    "migration_cost": "Migration",
    "discount_rate": "Discount rate",
}
_ENDS = {
    "workload.peak_to_mean": (1.0, 10.0),
    "workload.monthly_growth": (-0.1, 0.2),
    "api_price_decline_per_year": (0.0, 0.9),
    "serving.usable_share": (0.05, 1.0),
    "gpu.commitment_discount": (0.0, 1.0),
    "gpu.interruption_overhead": (0.0, 2.0),
    "gpu.residual_share": (0.0, 1.0),
    "gpu.pue": (1.0, 3.0),
    "discount_rate": (0.0, 0.5),
}
_MOST = 8.0  # times its base up to which any other figure is searched, and down to zero


@dataclass(frozen=True)
class Turn:
    """One figure: its base and the nearest value at which the saving is zero, None when it never is."""

    field: str
    base: float
    value: float | None

    @property
    def name(self) -> str:
        """In words."""
        return NAMES.get(self.field, self.field)


@lru_cache(maxsize=8)
def swings(answer: SelfHost) -> Tornado:
    """What each uncertain figure does to the saving from its 10th to its 90th percentile; others ± 20 %, or so."""
    inputs = answer.inputs
    varying = uncertain_fields(inputs)
    further: dict[str, Swing] = {
        name: _SWING
        for name in ("workload.mtok_per_month", _price(answer))
        if name not in varying and number_at(inputs, name) > 0
    }
    if "serving.usable_share" not in varying:
        usable = number_at(inputs, "serving.usable_share")
        further["serving.usable_share"] = (usable * (1 - _SWING), min(1.0, usable * (1 + _SWING)))
    found = tornado(self_host, inputs, key=KEY, fields=further)
    widest = max((bar.swing or 0.0 for bar in found.bars), default=0.0)
    kept = tuple(bar for bar in found.bars if (bar.swing or 0.0) > _LEAST_SWING * widest)
    return Tornado(found.key, found.label, found.unit, found.base, kept)


def _price(answer: SelfHost) -> str:
    return "gpu.capex_per_gpu" if answer.inputs.gpu.purchase == "owned" else "gpu.price_per_gpu_hour"


@lru_cache(maxsize=64)
def turn(answer: SelfHost, field: str) -> Turn:
    """The value of a figure nearest to its base at which the saving over the horizon is zero, the others at base."""
    here = number_at(answer.inputs, field)
    low, high = _ENDS.get(field, (0.0 if field != "gpu.life_months" else 1.0, _MOST * here))
    if field in ("serving.output_tokens_per_second", "serving.input_tokens_per_second", "workload.mtok_per_month"):
        low = here / _MOST
    sides = [(low, here), (here, high)]
    found = [_between(answer, field, *side).value for side in sides if side[0] < side[1]]
    values = [value for value in found if value is not None]
    return Turn(field, here, min(values, key=lambda value: abs(value - here), default=None))


def _between(answer: SelfHost, field: str, low: float, high: float) -> BreakEven:
    return break_even(self_host, at_base(answer.inputs), key=KEY, field=field, low=low, high=high)


def main_turns(answer: SelfHost) -> list[Turn]:
    """The four figures that decide most such questions: GPU price, usable share, volume, fall of the API price."""
    fields = (_price(answer), "serving.usable_share", "workload.mtok_per_month", "api_price_decline_per_year")
    return [turn(answer, field) for field in fields]
