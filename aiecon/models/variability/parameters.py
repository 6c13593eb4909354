"""From inputs to the rows of the kernel: every parameter of every path, drawn by its dotted name.

A parameter's draw on a path is a function of (seed, name, path): a new uncertainty leaves the others as they were, and
any path can be computed again by itself. Correlated parameters are tied by a Gaussian copula, path by path.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

from aiecon.kernels import one_by_one
from aiecon.kernels import simulation as kernel
from aiecon.kernels.requests import request_moments
from aiecon.models.variability.inputs import VariabilityInputs
from aiecon.sensitivity.copula import normal_correlation
from aiecon.units import MONTHS_PER_YEAR, TOKENS_PER_MTOK
from aiecon.vocabulary.distribution import base, stream
from aiecon.vocabulary.quantile import quantiles
from aiecon.vocabulary.strict import quoted

ORIGINS = ("scale", "utilization", "model", "agent")
"""The four origins, in the kernel's order."""
DAYS = 30  # days of a month when the step is a day
_PER_COUNTER = 4  # numbers that one count of the stream's generator gives
_ENDLESS = 1e300
_NEVER = 1e18  # tokens that no request reaches
_MOST_DEARER = 1e12  # of a tier that costs nothing
_ROUNDED = 1.0 - 1e-13  # so that rounding never lifts a capped future above the same without its cap
_UNCAPPED = 40_000.0  # steps that stand for no cap

_SWITCHES = {
    "utilization.noise_sigma": 0.0,
    "utilization.shock_probability_per_month": 0.0,
    "scale.viral_probability_per_month": 0.0,
    "model.switch_probability_per_month": 0.0,
    "agent.depth_sigma": 0.0,
}
"""Parameters of chance, and the value at which there is none."""
_BOUNDS = {
    "scale.users_start": (0.0, np.inf),
    "scale.users_ceiling": (1e-9, np.inf),
    "scale.growth_per_month": (-0.999, np.inf),
    "scale.innovation_per_month": (0.0, 1.0),
    "scale.viral_probability_per_month": (0.0, 1.0),
    "scale.viral_multiple": (1e-9, np.inf),
    "scale.churn_per_month": (0.0, 1.0),
    "utilization.requests_per_user_month": (0.0, np.inf),
    "utilization.seasonal_amplitude": (0.0, 1.0),
    "utilization.noise_sigma": (0.0, np.inf),
    "utilization.noise_ar1": (-0.999, 0.999),
    "utilization.shock_probability_per_month": (0.0, 1.0),
    "utilization.shock_multiple": (0.0, np.inf),
    "model.price_decline_per_year": (0.0, 0.9999),
    "model.switch_probability_per_month": (0.0, 1.0),
    "model.output_length_multiple": (1e-9, np.inf),
    "model.switch_price_multiple": (1e-9, np.inf),
    "model.migration_cost": (0.0, np.inf),
    "agent.steps_mean": (1.0, np.inf),
    "agent.steps_dispersion": (1e-6, np.inf),
    "agent.base_input_tokens": (0.0, np.inf),
    "agent.added_input_tokens_per_step": (0.0, np.inf),
    "agent.output_tokens_per_step": (0.0, np.inf),
    "agent.output_sigma": (0.0, np.inf),
    "agent.retry_probability": (0.0, 0.999),
    "agent.depth_sigma": (0.0, np.inf),
}
_TIER_BOUNDS = {"share": (0.0, 1.0), "cached_input_share": (0.0, 1.0), "batch_share": (0.0, 1.0)}
_PRICES = ("input_per_mtok", "output_per_mtok", "cached_input_per_mtok", "batch_discount")
_LONG_PRICES = ("input_per_mtok", "output_per_mtok")


def origin_of(name: str) -> str:
    """The origin that a dotted name belongs to; prices and shares of tiers belong to the model."""
    head = name.split(".")[0]
    return "model" if head == "tiers" else head


@dataclass(frozen=True, eq=False)
class Parameters:
    """The parameters of a question, number or distribution, by dotted name.

    Attributes
    ----------
    inputs
        The question's.
    """

    inputs: VariabilityInputs
    _drawn: dict[tuple[str, int], np.ndarray] = field(default_factory=dict)
    _span: list[tuple[int, int]] = field(default_factory=list)
    _requests: dict[frozenset[str], tuple[np.ndarray, ...]] = field(default_factory=dict)

    @cached_property
    def given(self) -> dict[str, Any]:
        """Dotted name -> number, distribution or None."""
        found: dict[str, Any] = {}
        for name in _BOUNDS:
            part, field = name.split(".")
            found[name] = getattr(getattr(self.inputs, part), field)
        for tier in self.inputs.tiers:
            at = f"tiers.{quoted(tier.name)}"
            found |= {f"{at}.{field}": getattr(tier, field) for field in _TIER_BOUNDS}
            found |= {f"{at}.price.{field}": getattr(tier.price, field) for field in _PRICES}
            if tier.price.long_context is not None:
                long = tier.price.long_context
                found |= {f"{at}.price.long_context.{field}": getattr(long, field) for field in _LONG_PRICES}
        return found

    @cached_property
    def uncertain(self) -> tuple[str, ...]:
        """Names of the parameters that are distributions."""
        return tuple(name for name, value in self.given.items() if not isinstance(value, float | int | None))

    def bounds(self, name: str) -> tuple[float, float]:
        """Ends that a parameter's draws are held to."""
        field = name.rsplit(".", 1)[-1]
        highest = 1.0 if field == "batch_discount" else np.inf
        return _BOUNDS.get(name) or _TIER_BOUNDS.get(field) or (0.0, highest)

    @cached_property
    def tied(self) -> tuple[tuple[str, ...], np.ndarray]:
        """Names that move together, and their correlation as normals."""
        rows = self.inputs.correlations
        names = tuple(dict.fromkeys(name for row in rows for name in (row.a, row.b)))
        varying = {name: self.given[name] for name in self.uncertain}
        return names, normal_correlation(names, rows, varying)

    @cached_property
    def across(self) -> bool:
        """Whether a correlation ties parameters of different origins."""
        return any(origin_of(row.a) != origin_of(row.b) for row in self.inputs.correlations)

    @cached_property
    def of_requests(self) -> frozenset[str]:
        """Origins whose draws change what a request costs at the first month's prices."""
        heads = {name.split(".")[0] for name in self.uncertain if name != "agent.depth_sigma"}
        return frozenset(origin_of(head) for head in heads & {"tiers", "agent"})

    def moved(self, origin: str) -> bool:
        """Whether anything of an origin varies."""
        if any(origin_of(name) == origin for name in self.uncertain):
            return True
        chances = [name for name in _SWITCHES if name.startswith(f"{origin}.")]
        if any(base(self.given[name]) > 0 for name in chances):
            return True
        agent = self.inputs.agent
        steps = agent.steps_cap != 1 and base(agent.steps_mean) > 1
        return origin == "agent" and (steps or base(agent.output_sigma) > 0 or base(agent.retry_probability) > 0)

    @cached_property
    def moving(self) -> list[str]:
        """Origins of which anything varies."""
        return [origin for origin in ORIGINS if self.moved(origin)]

    def uniforms(self, name: str, *, first: int, count: int, version: int) -> np.ndarray:
        """Uniform numbers of a parameter on paths first to first + count, of one of two independent futures."""
        key = name if version == 0 else f"{name}#{version}"
        generator = stream(key, seed=self.inputs.seed)
        generator.bit_generator.advance(first // _PER_COUNTER)  # type: ignore[attr-defined]  # Philox has it
        return generator.random(count + first % _PER_COUNTER)[first % _PER_COUNTER :]

    def shares(self, *, first: int, count: int, kept: frozenset[str]) -> dict[str, np.ndarray]:
        """Cumulative probabilities of the uncertain parameters: those of `kept` origins from the first future.

        The others are of the second, given the first where they are correlated with what is kept.
        """
        found = {
            name: self.uniforms(name, first=first, count=count, version=int(origin_of(name) not in kept))
            for name in self.uncertain
        }
        names, matrix = self.tied
        if not names:
            return found
        held = [place for place, name in enumerate(names) if origin_of(name) in kept]
        rest = [place for place in range(len(names)) if place not in held]
        normals = ndtri(np.array([found[name] for name in names]))
        normals[held] = self._tied_normals(first, count)[held]
        if held and rest:
            across = matrix[np.ix_(held, rest)]
            weights = across.T @ np.linalg.pinv(matrix[np.ix_(held, held)], hermitian=True)  # also of a singular one
            left = _root(matrix[np.ix_(rest, rest)] - weights @ across)
            normals[rest] = _mixed(weights, normals[held]) + _mixed(left, normals[rest])
        elif rest:
            normals[rest] = _mixed(_root(matrix), normals[rest])
        found |= {name: ndtr(normals[place]) for place, name in enumerate(names)}
        return found

    def _tied_normals(self, first: int, count: int) -> np.ndarray:
        names, matrix = self.tied
        free = [self.uniforms(name, first=first, count=count, version=0) for name in names]
        return _mixed(_root(matrix), ndtri(np.array(free)))

    def draws(self, *, first: int, count: int, kept: frozenset[str] = frozenset(ORIGINS)) -> dict[str, np.ndarray]:
        """Every parameter on paths first to first + count, held to its bounds; shape (count,) or () where it is one."""
        if self._span != [(first, count)]:
            self._span[:] = [(first, count)]
            self._drawn.clear()
            self._requests.clear()
        found = self._at_base
        for name, share in self.shares(first=first, count=count, kept=kept).items():
            found[name] = self._value(name, share, version=int(origin_of(name) not in kept))
        return found

    @property
    def _at_base(self) -> dict[str, np.ndarray]:
        return {name: np.asarray(base(value)) for name, value in self.given.items() if value is not None}

    def _value(self, name: str, share: np.ndarray, *, version: int) -> np.ndarray:
        """A parameter's draws within its bounds; those of the last span are kept, since they serve many sets."""
        depends = bool(version) and name in self.tied[0]  # what is drawn given the others is another for every set
        if (name, version) in self._drawn and not depends:
            return self._drawn[name, version]
        drawn: np.ndarray = np.clip(quantiles(self.given[name], share), *self.bounds(name))
        self._drawn[name, version] = drawn
        return drawn

    def certain(self) -> dict[str, np.ndarray]:
        """Every parameter at its base, and no chance at all."""
        return self._at_base | {name: np.asarray(value) for name, value in _SWITCHES.items()}

    def table(
        self, drawn: Mapping[str, np.ndarray], count: int, *, kept: frozenset[str] | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """The kernel's rows `params` and `agent` for a number of paths, filled up to whole blocks.

        Where `kept` says whose draws they are, what a request costs is computed once for each set that it depends on.
        """
        width = -(-count // kernel.LANES) * kernel.LANES
        key = None if kept is None or self.across else kept & self.of_requests
        if key is None or key not in self._requests:
            found = self._request_rows(drawn, width)
            if key is not None:
                self._requests[key] = found
        else:
            found = self._requests[key]
        agent, cost, *spreads = found
        return _filled([*_rows(self.inputs, drawn), *spreads, *cost], width), agent

    def _request_rows(self, drawn: Mapping[str, np.ndarray], width: int) -> tuple[np.ndarray, ...]:
        """The kernel's `agent` rows, what they cost, spread and spread without a cap, and how many times dearer then.

        Once where they are the same on every path.
        """
        tiers = len(self.inputs.tiers)
        rows = _agent_rows(self.inputs, drawn)
        columns = _filled(rows, 1 if all(row.ndim == 0 for row in rows) else width)
        cost, spread = _moments(columns, tiers)
        loose_cost, loose = cost, spread
        if self.inputs.agent.steps_cap is not None:
            uncapped = columns.copy()
            uncapped[one_by_one.CAP] = _UNCAPPED
            loose_cost, loose = _moments(uncapped, tiers)
        ratio = np.divide(loose_cost, cost, out=np.full_like(cost, _MOST_DEARER), where=cost > 0)
        dearer = [np.maximum(_ROUNDED * ratio[part::2].min(axis=0), 1.0) for part in range(2)]
        agent = columns if columns.shape[1] == width else np.repeat(columns, width, axis=1)
        return agent, cost, spread, loose, *dearer


def _mixed(weights: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Product of a small matrix and long rows, term by term: BLAS rounds a column by how many there are."""
    found = np.zeros((len(weights), rows.shape[1]))
    for row, weight in zip(rows, weights.T, strict=True):
        found += weight[:, None] * row
    return found


def _moments(columns: np.ndarray, tiers: int) -> tuple[np.ndarray, np.ndarray]:
    """Expected cost of a request by tier, for input and for output, and its squared coefficient of variation."""
    cost, spread = np.zeros((2 * tiers, columns.shape[1])), np.zeros(columns.shape[1])
    request_moments(columns, tiers, cost, spread)
    return cost, spread


def _root(matrix: np.ndarray) -> np.ndarray:
    """A square root of a covariance, also of a singular one."""
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    if values.min() > 1e-12:
        return np.linalg.cholesky(matrix)
    return vectors * np.sqrt(np.maximum(values, 0.0))


def _filled(rows: list[np.ndarray], width: int) -> np.ndarray:
    """Rows of one value or of some as a table of full rows; the last value fills up."""
    table = np.empty((len(rows), width))
    for place, row in enumerate(rows):
        if np.ndim(row) == 0:
            table[place] = row
        else:
            table[place, : len(row)] = row
            table[place, len(row) :] = row[-1]
    return table


def _rows(inputs: VariabilityInputs, drawn: Mapping[str, np.ndarray]) -> list[np.ndarray]:
    """The kernel's parameters up to SPREAD, at the step of the simulation."""
    parts = DAYS if inputs.period == "day" else 1

    def per_step(name: str) -> np.ndarray:
        return 1.0 - (1.0 - drawn[name]) ** (1.0 / parts)

    ceiling = drawn.get("scale.users_ceiling")
    nothing = np.asarray(0.0)
    return [
        drawn["scale.users_start"],
        (1.0 + drawn["scale.growth_per_month"]) ** (1.0 / parts) - 1.0,
        nothing if ceiling is None else 1.0 / ceiling,
        np.asarray(_ENDLESS) if ceiling is None else ceiling,
        nothing if ceiling is None else per_step("scale.innovation_per_month"),
        (1.0 - drawn["scale.churn_per_month"]) ** (1.0 / parts),
        per_step("scale.viral_probability_per_month"),
        drawn["scale.viral_multiple"],
        drawn["utilization.requests_per_user_month"] / parts,
        drawn["utilization.seasonal_amplitude"],
        drawn["utilization.noise_sigma"],
        drawn["utilization.noise_ar1"],
        per_step("utilization.shock_probability_per_month"),
        drawn["utilization.shock_multiple"],
        (1.0 - drawn["model.price_decline_per_year"]) ** (1.0 / (MONTHS_PER_YEAR * parts)),
        per_step("model.switch_probability_per_month"),
        drawn["model.output_length_multiple"],
        drawn["model.switch_price_multiple"],
        drawn["model.migration_cost"],
        drawn["agent.depth_sigma"],
    ]


def _agent_rows(inputs: VariabilityInputs, drawn: Mapping[str, np.ndarray]) -> list[np.ndarray]:
    """The kernel's rows of a request: steps, tokens, attempts, and the prices of each tier."""
    cap = np.asarray(np.inf if inputs.agent.steps_cap is None else inputs.agent.steps_cap)
    size, beyond = 1.0 / drawn["agent.steps_dispersion"], drawn["agent.steps_mean"] - 1.0
    rows = [
        np.where(size == 1.0, 1.0 - 1.0 / drawn["agent.steps_mean"], beyond / (size + beyond)),
        cap,
        drawn["agent.base_input_tokens"],
        drawn["agent.added_input_tokens_per_step"],
        drawn["agent.output_tokens_per_step"],
        drawn["agent.output_sigma"],
        drawn["agent.retry_probability"],
        size,
    ]
    names = [f"tiers.{quoted(tier.name)}" for tier in inputs.tiers]
    whole = sum((drawn[f"{name}.share"] for name in names), np.asarray(0.0))
    for name, tier in zip(names, inputs.tiers, strict=True):
        per_input = drawn[f"{name}.price.input_per_mtok"]
        cached = drawn.get(f"{name}.price.cached_input_per_mtok", per_input)
        part = drawn[f"{name}.cached_input_share"]
        ratio = 1.0 - part * (
            1.0 - np.divide(cached, per_input, out=np.ones_like(per_input + cached), where=per_input > 0)
        )
        long, discount = tier.price.long_context, drawn.get(f"{name}.price.batch_discount", np.asarray(0.0))
        long_in, long_out = (
            drawn.get(f"{name}.price.long_context.{field}", drawn[f"{name}.price.{field}"]) for field in _LONG_PRICES
        )
        rows += [
            drawn[f"{name}.share"] / whole,
            per_input * ratio / TOKENS_PER_MTOK,
            drawn[f"{name}.price.output_per_mtok"] / TOKENS_PER_MTOK,
            np.asarray(_NEVER if long is None else long.from_tokens),
            long_in * ratio / TOKENS_PER_MTOK,
            long_out / TOKENS_PER_MTOK,
            drawn[f"{name}.batch_share"],
            np.asarray(discount),
        ]
    return [np.asarray(row, dtype=float) for row in rows]
