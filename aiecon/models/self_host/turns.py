"""Where the self-host answer turns: what each doubt does to the saving, and the value at which it changes sides."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from aiecon.models.self_host.answer import SelfHost
from aiecon.models.self_host.inputs import MOST_MTOK, MOST_MTOK_PER_MONTH, SelfHostInputs
from aiecon.models.self_host.question import MOST_REPLICAS, self_host
from aiecon.sensitivity import Tornado, break_even, tornado
from aiecon.sensitivity.fields import at_base, number_at, uncertain_fields
from aiecon.sensitivity.tornado import Swing
from aiecon.vocabulary.distribution import base
from aiecon.vocabulary.overrides import override, parts

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
    "gpu.share": "Share of the GPUs",
    "gpu.power_kw": "Power of a GPU",
    "gpu.price_per_kwh": "Electricity price",
    "gpu.pue": "PUE",
    "fixed_cost_per_month": "Fixed cost (people)",
    "migration_cost": "Migration",
    "discount_rate": "Discount rate",
}
_MIX = "gpu.mix."


def name_of(field: str) -> str:
    """A figure in words; its dotted name where it has none."""
    if field.startswith(_MIX):
        *_, part, last = parts(field)
        return f"{NAMES.get(f'gpu.{last}', last)} ({part})"
    return NAMES.get(field, field)


def _alike(field: str) -> str:
    """The field of `gpu` that one of a mix is bounded as."""
    return f"gpu.{parts(field)[-1]}" if field.startswith(_MIX) else field


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
_RATES = ("serving.output_tokens_per_second", "serving.input_tokens_per_second")
_VOLUME = "workload.mtok_per_month"
_MARGIN = 1e-6  # below what is refused
_FAR = 1_000.0  # times its base up to which the volume is searched, and down to its inverse
_LOOKED, _LOOKED_FAR = 24, 72  # places looked at on each side; of the volume, where a step of replicas is narrow


@dataclass(frozen=True)
class Turn:
    """One figure, and where it turns the answer.

    Attributes
    ----------
    field, base
        Its dotted name and base.
    value
        The nearest value at which the saving is zero; None where none was found.
    holds
        Whether the other answer holds at all places looked at beyond that value.
    searched
        From where to where it was looked for.
    """

    field: str
    base: float
    value: float | None
    holds: bool
    searched: tuple[float, float]

    @property
    def name(self) -> str:
        """In words."""
        return name_of(self.field)


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
    low, high = _ends(answer, field, here)
    still = at_base(answer.inputs)
    found = [one for end in (low, high) if (one := _first(still, field, here, end)) is not None]
    value, holds = min(found, key=lambda one: abs(one[0] - here), default=(None, True))
    return Turn(field, here, value, holds, (low, high))


def _ends(answer: SelfHost, field: str, here: float) -> tuple[float, float]:
    """From where to where a figure is searched."""
    if field == _VOLUME:
        wins = [start for start, _ in answer.win_intervals]
        far = max(_FAR * here, _MOST * max(wins, default=0.0))
        return here / _FAR, max(min(far, _most_volume(answer)), here)
    if field.startswith(_MIX) and field.endswith(".share"):
        others = sum(base(part.share) for part in answer.inputs.gpu.mix)
        return 0.0, max(1.0 - (others - here), here)
    field = _alike(field)
    low, high = _ENDS.get(field, (0.0 if field != "gpu.life_months" else 1.0, _MOST * here))
    return (here / _MOST if field in _RATES else low), high


def _most_volume(answer: SelfHost) -> float:
    """The largest volume of the first month that may be asked, with what it grows to."""
    growth = float(answer.case.value("workload.monthly_growth")[0, 0])
    grown = max((1.0 + growth) ** (answer.inputs.horizon_months - 1), 1.0)
    replicas = MOST_REPLICAS * float(answer.case.mtok_per_replica[0, 0])
    return min(MOST_MTOK_PER_MONTH, MOST_MTOK / grown, replicas / grown) * (1.0 - _MARGIN)


def _first(still: SelfHostInputs, field: str, here: float, end: float) -> tuple[float, bool] | None:
    """The first turn on the way from here to an end, and whether no other follows; None where there is none."""
    if here == end:
        return None
    far = field == _VOLUME and min(here, end) > 0
    places = np.geomspace(here, end, _LOOKED_FAR) if far else np.linspace(here, end, _LOOKED)
    places[0], places[-1] = here, end
    sides = [self_host(override(still, {field: float(one)})).npv_savings > 0 for one in places]
    turned = [place for place in range(1, len(sides)) if sides[place] != sides[place - 1]]
    if not turned:
        return None
    ends = sorted((float(places[turned[0] - 1]), float(places[turned[0]])))
    found = break_even(self_host, still, key=KEY, field=field, low=ends[0], high=ends[1]).value
    return None if found is None else (found, len(turned) == 1)


def main_turns(answer: SelfHost) -> list[Turn]:
    """The four figures that decide most such questions: GPU price, usable share, volume, fall of the API price."""
    fields = (_price(answer), "serving.usable_share", "workload.mtok_per_month", "api_price_decline_per_year")
    return [turn(answer, field) for field in fields]
