"""A question small enough to check by hand: the monthly cost of a GPU beside the tokens it replaces."""

from dataclasses import dataclass

from aiecon.vocabulary.distribution import Uniform, uncertain
from aiecon.vocabulary.metric import Metric
from aiecon.vocabulary.question import QuestionInputs
from aiecon.vocabulary.strict import Many, Strict


class Gpu(Strict):
    price_per_hour: uncertain(gt=0)
    hours: float = 100.0


class Tier(Strict):
    name: str
    cost: uncertain(ge=0)


class SmallInputs(QuestionInputs):
    gpu: Gpu
    tiers: Many[Tier]
    users: int = 10


@dataclass(frozen=True, eq=False)
class Small:
    inputs: SmallInputs

    @property
    def saving(self):
        return sum(tier.cost for tier in self.inputs.tiers) * self.inputs.users - self.own

    @property
    def own(self):
        return self.inputs.gpu.price_per_hour * self.inputs.gpu.hours

    def summary(self):
        months = self.own / self.saving if self.saving > 0 else None
        return [
            Metric("saving", "Saving", self.saving, "USD"),
            Metric("payback", "Payback", months, "months", None if months else "not within the horizon"),
            Metric("winner", "Winner", "gpu" if self.saving > 0 else "api"),
        ]


def small(inputs):
    return Small(inputs)


def small_inputs(**changes):
    values = {
        "gpu": {"price_per_hour": Uniform(low=1.0, high=3.0)},
        "tiers": [{"name": "gpt-4.1", "cost": Uniform(low=10.0, high=20.0)}, {"name": "small", "cost": 25.0}],
    }
    return SmallInputs.build(values | changes)
