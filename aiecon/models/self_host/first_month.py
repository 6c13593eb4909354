"""The first month at today's prices: utilisation, and where hosting and the API cost the same."""

from dataclasses import dataclass
from functools import cached_property

from aiecon.models.self_host.economics import Economics

PRICE, CAPEX = "gpu.price_per_gpu_hour", "gpu.capex_per_gpu"


@dataclass(frozen=True, eq=False)
class FirstMonth:
    """The first month of a base case.

    Attributes
    ----------
    case
        One case.
    """

    case: Economics

    @property
    def mtok(self) -> float:
        """Volume. [million tokens/month]"""
        return float(self.case.mtok[0, 0])

    @property
    def hosting_cost(self) -> float:
        """Hosting, capital as an annuity. [currency/month]"""
        return float(self.case.hosting_cost[0, 0])

    @property
    def api_cost(self) -> float:
        """The API. [currency/month]"""
        return float(self.case.api_cost[0, 0])

    @property
    def replicas(self) -> int:
        """Whole ones that carry the busiest load."""
        return int(self.case.needed[0, 0])

    @property
    def utilization(self) -> float | None:
        """Mean load over what the replicas could carry without a peak; None without replicas."""
        if not self.replicas:
            return None
        carried = self.case.mtok_per_replica[0, 0] * self.case.value("workload.peak_to_mean", 1.0)[0, 0]
        return self.mtok / (self.replicas * float(carried))

    @property
    def break_even_utilization(self) -> float | None:
        """Utilisation of these replicas at which both cost the same, even if their peak forbids it; None for none."""
        if self.utilization is None or self.api_cost <= 0:
            return None
        return self.utilization * self.hosting_cost / self.api_cost

    @property
    def utilization_note(self) -> str | None:
        """Why there is no such utilisation, or that the replicas cannot reach it."""
        found = self.break_even_utilization
        if found is None:
            return "nothing is hosted in the first month" if self.utilization is None else "the API costs nothing then"
        most = 1.0 / float(self.case.value("workload.peak_to_mean", 1.0)[0, 0])
        if found <= most:
            return None
        return (
            f"above {most * 100:.0f} %, the most that replicas can be used with this peak: these {self.replicas} cost "
            "more than the API at any load they carry"
        )

    @property
    def priced(self) -> str:
        """The dotted name of the price of a GPU: its rent, or what it is bought at."""
        return CAPEX if self.case.inputs.gpu.purchase == "owned" else PRICE

    @cached_property
    def break_even_gpu_price(self) -> float | None:
        """Price of a GPU at which both cost the same, all else as it is; None where no price does it."""
        price = self.case.figures[self.priced]
        dearer = Economics(self.case.inputs, {**self.case.figures, self.priced: price + 1.0})
        slope = float(dearer.hosting(dearer.needed[:, :1])[0, 0]) - self.hosting_cost
        if slope <= 0:
            return None
        found = float(price[0]) + (self.api_cost - self.hosting_cost) / slope
        return found if found >= 0 else None

    @property
    def price_note(self) -> str | None:
        """Why there is no such price, or of which GPUs it is where a mix pays others otherwise."""
        if self.break_even_gpu_price is not None:
            share = float(self.case.parts[0].share[0, 0])
            return (
                None
                if share == 1
                else f"of the {share * 100:.3g} % of the GPUs that the mix leaves, its parts as they are"
            )
        if not self.replicas:
            return "nothing is hosted in the first month"
        if self.api_cost < self.hosting_cost:
            return "what is paid beside these GPUs (people, electricity, the rest of a mix) costs more than the API"
        return "no GPU is paid at this price: the shares of the mix leave none"
