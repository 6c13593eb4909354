"""Cost of hosting and of the API, month by month, for one case or for many draws at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from aiecon.finance import monthly_rate
from aiecon.models.self_host.inputs import SelfHostInputs
from aiecon.models.self_host.purchases import Part, capital, parts, sum_of
from aiecon.models.self_host.throughput import measured_rates
from aiecon.units import MONTHS_PER_YEAR, TOKENS_PER_MTOK
from aiecon.vocabulary.capacity import FORGIVEN
from aiecon.vocabulary.distribution import base, draw
from aiecon.vocabulary.overrides import item_name
from aiecon.vocabulary.strict import Strict, quoted

_SECONDS_PER_HOUR = 3_600.0
_TINY = 1e-9
_SHARE, _ABOVE_ZERO = (0.0, 1.0), (_TINY, np.inf)
_BOUNDS = {  # that what is drawn is held to; zero and more where nothing is said
    "workload.peak_to_mean": (1.0, np.inf),
    "workload.monthly_growth": (_TINY - 1.0, np.inf),
    "workload.shape.cached_input_share": _SHARE,
    "api_price_decline_per_year": (0.0, 1.0 - _TINY),
    "serving.input_tokens_per_second": _ABOVE_ZERO,
    "serving.output_tokens_per_second": _ABOVE_ZERO,
    "serving.requests_per_second": _ABOVE_ZERO,
    "serving.usable_share": (_TINY, 1.0),
    "serving.autoscaling.cold_start_minutes": (0.0, 60.0),
    "gpu.commitment_discount": _SHARE,
    "gpu.share": _SHARE,
    "gpu.price_decline_per_year": (0.0, 1.0 - _TINY),
    "gpu.life_months": (1.0, np.inf),
    "gpu.residual_share": _SHARE,
    "gpu.pue": (1.0, np.inf),
    "discount_rate": (_TINY - 1.0, np.inf),
    "success_rate": (_TINY, 1.0),
    "api_success_rate": (_TINY, 1.0),
}


def uncertain_values(inputs: SelfHostInputs) -> dict[str, Any]:
    """Dotted name -> number or distribution of every figure that may be uncertain."""
    return dict(_walk(inputs, "")) | measured_rates(inputs)


def _walk(model: Strict, head: str) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for name in type(model).model_fields:
        value = getattr(model, name)
        if isinstance(value, Strict) and not hasattr(value, "ppf"):
            found += _walk(value, f"{head}{name}.")
        elif isinstance(value, tuple):
            for place, item in enumerate(value):
                found += (
                    _walk(item, f"{head}{name}.{quoted(item_name(item, place))}.") if isinstance(item, Strict) else []
                )
        elif isinstance(value, float | int) and not isinstance(value, bool):
            found.append((f"{head}{name}", float(value)))
        elif hasattr(value, "ppf"):
            found.append((f"{head}{name}", value))
    return found


def at_base(inputs: SelfHostInputs) -> dict[str, np.ndarray]:
    """Every figure at its base, as arrays of one."""
    return {name: _held(name, value, np.array([base(value)])) for name, value in uncertain_values(inputs).items()}


def drawn(inputs: SelfHostInputs) -> dict[str, np.ndarray]:
    """Every figure drawn, each from its own stream and held to its bounds; shape (n_draws,)."""
    return {
        name: _held(name, value, np.atleast_1d(draw(value, name, draws=inputs.draws, seed=inputs.seed)))
        for name, value in uncertain_values(inputs).items()
    }


def _held(name: str, value: Any, figures: np.ndarray) -> np.ndarray:
    """Figures of a distribution within what the field may be: a normal price may be drawn below zero."""
    return np.clip(figures, *_bounds(name)) if hasattr(value, "ppf") else figures


def _bounds(name: str) -> tuple[float, float]:
    """What a figure may be; those of a mix or an option as those of `gpu`."""
    return _BOUNDS.get(f"gpu.{name.rsplit('.', 1)[-1]}" if name.startswith("gpu.") else name, (0.0, np.inf))


def held(inputs: SelfHostInputs) -> list[tuple[str, float, tuple[float, float]]]:
    """Name, share of the draws beyond what the figure may be, and what it may be, of each distribution."""
    found = []
    for name, value in uncertain_values(inputs).items():
        if hasattr(value, "ppf"):
            low, high = _bounds(name)
            figures = draw(value, name, draws=inputs.draws, seed=inputs.seed)
            found.append((name, float(np.mean((figures < low) | (figures > high))), (low, high)))
    return found


def rounded_up(quotient: np.ndarray) -> np.ndarray:
    """Next whole numbers, forgiving what arithmetic leaves over."""
    return np.ceil(quotient * (1.0 - FORGIVEN))


@dataclass(frozen=True, eq=False)
class Economics:
    """Hosting against the API for some cases.

    Attributes
    ----------
    inputs
        The question's.
    figures
        Dotted name -> values, shape (n_cases,).
    """

    inputs: SelfHostInputs
    figures: Mapping[str, np.ndarray]

    def value(self, name: str, default: float = 0.0) -> np.ndarray:
        """A figure by its dotted name as a column, shape (n_cases, 1)."""
        found = self.figures.get(name)
        return np.full((self.cases, 1), default) if found is None else np.broadcast_to(found, (self.cases,))[:, None]

    @cached_property
    def cases(self) -> int:
        """Number of cases."""
        return max(len(values) for values in self.figures.values())

    @cached_property
    def tokens_per_request(self) -> np.ndarray:
        """Input, other input and output of a request. [tokens], shape (n_cases, 1)"""
        return self.read_tokens + self.value("workload.shape.output_tokens_per_request")

    @cached_property
    def read_tokens(self) -> np.ndarray:
        """Input of a request, other inputs such as audio on top of it. [tokens], shape (n_cases, 1)"""
        other = sum((self.inputs.workload.shape.other_input_tokens or {}).values())
        return self.value("workload.shape.input_tokens_per_request") + other

    @cached_property
    def cached_tokens(self) -> np.ndarray:
        """Input of a request that is read from a cache; other inputs never are. [tokens], shape (n_cases, 1)"""
        return self.value("workload.shape.input_tokens_per_request") * self.value("workload.shape.cached_input_share")

    @cached_property
    def mtok(self) -> np.ndarray:
        """Volume of each month. [million tokens/month], shape (n_cases, n_months)"""
        month = np.arange(self.inputs.horizon_months)
        return self.value("workload.mtok_per_month") * (1.0 + self.value("workload.monthly_growth")) ** month

    @cached_property
    def seconds_per_request(self) -> np.ndarray:
        """Time of a replica that a request takes. [s], shape (n_cases, 1)"""
        if "serving.requests_per_second" in self.figures:
            return 1.0 / self.value("serving.requests_per_second")
        read = (self.read_tokens - self.cached_tokens) / self.value("serving.input_tokens_per_second")
        return read + self.value("workload.shape.output_tokens_per_request") / self.value(
            "serving.output_tokens_per_second"
        )

    @cached_property
    def mtok_per_replica(self) -> np.ndarray:
        """Mean volume that a replica can carry in a month, its peak served. [million tokens/month], (n_cases, 1)"""
        seconds = self.value("serving.usable_share", 1.0) * self.value("gpu.hours_per_month") * _SECONDS_PER_HOUR
        requests = seconds / self.seconds_per_request
        return requests * self.tokens_per_request / TOKENS_PER_MTOK / self.value("workload.peak_to_mean", 1.0)

    def replicas(self, mtok: np.ndarray) -> np.ndarray:
        """Replicas for volumes, the minimum at least; shape of `mtok`."""
        return np.maximum(rounded_up(mtok / self.mtok_per_replica), self.inputs.serving.minimum_replicas)

    def servers(self, replicas: np.ndarray) -> np.ndarray:
        """Servers that hold replicas; 0 where GPUs are not bought by the server."""
        size = self.inputs.gpu.gpus_per_server
        if size is None:
            return np.zeros_like(replicas)
        return rounded_up(replicas * self.inputs.serving.gpus_per_replica / size)

    def gpus(self, replicas: np.ndarray) -> np.ndarray:
        """GPUs paid for: those of whole servers where they are bought by the server."""
        size = self.inputs.gpu.gpus_per_server
        if size is None:
            return replicas * self.inputs.serving.gpus_per_replica
        return self.servers(replicas) * size

    @cached_property
    def parts(self) -> list[Part]:
        """Each way the GPUs are paid with its share of them, that of `gpu` first."""
        return parts(self.inputs.gpu, self.value)

    @cached_property
    def running_per_gpu(self) -> np.ndarray:
        """Rent, power and licence of a GPU, capital left out. [currency/GPU/month], shape (n_cases, 1)"""
        return sum_of(part.share * part.hours for part in self.parts) + self.value("gpu.licence_per_gpu_month")

    @cached_property
    def kwh_per_gpu(self) -> np.ndarray:
        """Electricity of a GPU. [kWh/month], shape (n_cases, 1)"""
        return self.value("gpu.power_kw") * self.value("gpu.pue", 1.0) * self.value("gpu.hours_per_month")

    @cached_property
    def annuity_per_gpu(self) -> np.ndarray:
        """Capital as a payment a month over its life, a mean of all GPUs. [currency/GPU/month], shape (n_cases, 1)"""
        rate = np.asarray(monthly_rate(self.value("discount_rate")))
        return sum_of(part.share * part.annuity(rate) for part in self.parts)

    def running(self, replicas: np.ndarray) -> np.ndarray:
        """Everything but capital. [currency/month], shape of `replicas`"""
        servers = self.servers(replicas) * self.per_server
        return self.gpus(replicas) * self.running_per_gpu + servers + self.value("fixed_cost_per_month")

    @cached_property
    def per_server(self) -> np.ndarray:
        """Cost and licence of a server. [currency/server/month], shape (n_cases, 1)"""
        return self.value("gpu.server_cost_per_month") + self.value("gpu.licence_per_server_month")

    def hosting(self, replicas: np.ndarray) -> np.ndarray:
        """Everything, capital as an annuity. [currency/month], shape of `replicas`"""
        return self.running(replicas) + self.gpus(replicas) * self.annuity_per_gpu

    @cached_property
    def api_per_mtok(self) -> np.ndarray:
        """API price of a million tokens of the shape today. [currency/Mtok], shape (n_cases, 1)"""
        if self.inputs.api is None:
            return self.value("api_blended_per_mtok")
        price = self.inputs.api
        read, cached = self.read_tokens, self.cached_tokens
        written = self.value("workload.shape.output_tokens_per_request")
        per_input, per_output = self.value("api.input_per_mtok"), self.value("api.output_per_mtok")
        per_cached = (
            self.value("api.cached_input_per_mtok") if "api.cached_input_per_mtok" in self.figures else per_input
        )
        if price.long_context is not None:
            is_long = read >= price.long_context.from_tokens
            ratio = np.divide(per_cached, per_input, out=np.ones_like(per_input), where=per_input > 0)
            per_input = np.where(is_long, self.value("api.long_context.input_per_mtok"), per_input)
            per_output = np.where(is_long, self.value("api.long_context.output_per_mtok"), per_output)
            per_cached = np.where(is_long, per_input * ratio, per_cached)
        cost = (read - cached) * per_input + cached * per_cached + written * per_output
        return cost / self.tokens_per_request

    @cached_property
    def api_cost(self) -> np.ndarray:
        """API cost of each month. [currency/month], shape (n_cases, n_months)"""
        month = np.arange(self.inputs.horizon_months)
        fallen = (1.0 - self.value("api_price_decline_per_year")) ** (month / MONTHS_PER_YEAR)
        return self.mtok * self.api_per_mtok * fallen

    @cached_property
    def loaded(self) -> np.ndarray:
        """Replicas that the load of each month takes, shape (n_cases, n_months)"""
        return self.replicas(self.mtok)

    @cached_property
    def most_so_far(self) -> np.ndarray:
        """The most of them up to each month, shape (n_cases, n_months)"""
        return np.maximum.accumulate(self.loaded, axis=1)

    @cached_property
    def owned_share(self) -> np.ndarray:
        """Part of the GPUs that is owned, shape (n_cases, 1)"""
        return sum_of(part.share * part.is_owned for part in self.parts)

    @cached_property
    def needed(self) -> np.ndarray:
        """Replicas paid in each month, shape (n_cases, n_months); owned ones are kept once bought."""
        return self.loaded + self.owned_share * (self.most_so_far - self.loaded)

    @cached_property
    def paid_gpus(self) -> np.ndarray:
        """GPUs paid in each month, shape (n_cases, n_months); owned ones are kept once bought."""
        now = self.gpus(self.loaded)
        return now + self.owned_share * (self.gpus(self.most_so_far) - now)

    @cached_property
    def running_cost(self) -> np.ndarray:
        """Hosting without capital, each month. [currency/month], shape (n_cases, n_months)"""
        if not self.owned_share.any():
            return self.running(self.loaded)
        per_gpu = sum_of(part.share * part.hours * part.is_owned for part in self.parts)
        per_gpu = per_gpu + self.owned_share * self.value("gpu.licence_per_gpu_month")
        idle_gpus = self.gpus(self.most_so_far) - self.gpus(self.loaded)
        idle_servers = self.servers(self.most_so_far) - self.servers(self.loaded)
        return self.running(self.loaded) + idle_gpus * per_gpu + idle_servers * self.owned_share * self.per_server

    @cached_property
    def hosting_cost(self) -> np.ndarray:
        """Hosting with capital as an annuity, each month. [currency/month], shape (n_cases, n_months)"""
        return self.running_cost + self.gpus(self.most_so_far) * self.annuity_per_gpu

    @cached_property
    def capital(self) -> tuple[np.ndarray, np.ndarray]:
        """Present value of capital, residuals taken off, shape (n_cases,), and what is paid at each month's start.

        Each owned GPU is bought in the first month that needs it; see `purchases.capital`. [currency]
        """
        value, paid = np.zeros(self.cases), np.zeros((self.cases, self.inputs.horizon_months))
        rate = self.value("discount_rate")[:, 0]
        for part in self.parts:
            if part.is_owned:
                bought = np.diff(self.gpus(self.most_so_far) * part.share, axis=1, prepend=0.0)
                more = capital(part, bought, rate)
                value, paid = value + more[0], paid + more[1]
        return value, paid

    @cached_property
    def npv(self) -> np.ndarray:
        """Present value of what hosting saves, flows at month ends. [currency], shape (n_cases,)"""
        time = np.arange(1, self.inputs.horizon_months + 1) / MONTHS_PER_YEAR
        flows = (self.api_cost - self.running_cost) * (1.0 + self.value("discount_rate")) ** -time
        return flows.sum(axis=1) - self.capital[0] - self.migration

    @cached_property
    def migration(self) -> np.ndarray:
        """What moving costs, once at the start. [currency], shape (n_cases,)"""
        return self.value("migration_cost")[:, 0]


def chance_to_save(cases: Economics, changed: Mapping[str, float]) -> float:
    """Probability that hosting saves over the horizon with some figures set, all others as they are in the cases."""
    figures = {**cases.figures, **{name: np.array([value]) for name, value in changed.items()}}
    return float(np.mean(Economics(cases.inputs, figures).npv > 0))
