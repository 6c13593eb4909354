"""An uncertain number: a table with `shape`, allowed wherever a price, rate, share, volume or duration is asked.

Each shape has `base` (its `value`, else its median), `mean` and `ppf`, the inverse of its cumulative distribution.
Draws come from one random stream per dotted name, so a new uncertainty leaves the draws of the others as they were.
"""

import hashlib
import math
from collections.abc import Sequence
from functools import partial
from itertools import pairwise
from typing import Annotated, Any, Literal, Self

import numpy as np
from pydantic import AfterValidator, Discriminator, Field, Tag, model_validator
from scipy.special import betaincinv, log_ndtr, ndtr, ndtri

from aiecon.errors import InputError
from aiecon.vocabulary.bounds import within
from aiecon.vocabulary.source import Reads, Source
from aiecon.vocabulary.strict import Many, Strict

Z90 = float(ndtri(0.9))  # standard normal 90th percentile: p10 and p90 lie this many standard deviations out
PERT_WEIGHT = 4.0
_REACH = 8.1  # standard normals that hold all of a distribution that counts
_FARTHEST = 37.0  # the last whose density is a number
_HALVINGS = 100


class _Shape(Strict):
    """What every shape shares; `value` is the base case when it is not the median."""

    value: float | None = Field(default=None, description="base case; the median by default")

    def ppf(self, share: np.ndarray) -> np.ndarray:
        """Return the values not exceeded with the given probabilities, same shape as `share`."""
        raise NotImplementedError  # each shape has its own

    @property
    def base(self) -> float:
        """The base case: `value`, else the median."""
        return float(self.ppf(np.array([0.5]))[0]) if self.value is None else self.value

    @property
    def mean(self) -> float:
        """The expectation."""
        raise NotImplementedError  # each shape has its own

    def at_normal(self, z: np.ndarray) -> np.ndarray:
        """Return the values as rare as these standard normals, same shape as `z`; exact however far out."""
        return self.ppf(ndtr(z))

    @property
    def reach(self) -> float:
        """Standard normal up to which values count in the expectation."""
        return _REACH


def _ordered(*pairs: tuple[str, float]) -> None:
    for (name, low), (other, high) in pairwise(pairs):
        if low > high:
            raise ValueError(f"{name} must not exceed {other}, got {low:g} and {high:g}")


def _weighed(name: str, things: Sequence[object], weights: Sequence[float]) -> None:
    if len(things) != len(weights):
        raise ValueError(f"{name} and weights must be equally many, got {len(things)} and {len(weights)}")
    if not sum(weights) > 0:
        raise ValueError("weights must not all be zero")


class _Percentiles(_Shape):
    """Fixed by two percentiles."""

    p10: float = Field(description="10th percentile")
    p90: float = Field(description="90th percentile")

    @model_validator(mode="after")
    def _check(self) -> Self:
        _ordered(("p10", self.p10), ("p90", self.p90))
        return self


class Normal(_Percentiles):
    """Normal, fixed by its 10th and 90th percentile."""

    shape: Literal["normal"] = Field(default="normal", description="its family")

    def ppf(self, share: np.ndarray) -> np.ndarray:  # noqa: D102 (said in the base)
        if self.p10 == self.p90:
            return np.full_like(np.asarray(share), self.p10, dtype=float)
        return self.mean + (self.p90 - self.p10) / (2 * Z90) * ndtri(share)

    @property
    def mean(self) -> float:  # noqa: D102
        return (self.p10 + self.p90) / 2


class Lognormal(_Percentiles):
    """Lognormal, fixed by its 10th and 90th percentile."""

    shape: Literal["lognormal"] = Field(default="lognormal", description="its family")
    p10: float = Field(gt=0, description="10th percentile")
    p90: float = Field(gt=0, description="90th percentile")

    @property
    def sigma(self) -> float:
        """Standard deviation of the logarithm."""
        return math.log(self.p90 / self.p10) / (2 * Z90)

    def ppf(self, share: np.ndarray) -> np.ndarray:  # noqa: D102
        if self.p10 == self.p90:
            return np.full_like(np.asarray(share), self.p10, dtype=float)
        return self.at_normal(ndtri(share))

    def at_normal(self, z: np.ndarray) -> np.ndarray:  # noqa: D102
        return math.sqrt(self.p10 * self.p90) * np.exp(self.sigma * np.asarray(z))

    @property
    def reach(self) -> float:  # noqa: D102
        return min(_REACH + self.sigma, _FARTHEST)

    @property
    def mean(self) -> float:  # noqa: D102
        return math.sqrt(self.p10 * self.p90) * math.exp(self.sigma**2 / 2)


class Pareto(_Shape):
    """None below a minimum, and a tail that falls as a power: one in 2^alpha is above twice a value."""

    shape: Literal["pareto"] = Field(default="pareto", description="its family")
    minimum: float = Field(gt=0, description="smallest value")
    alpha: float = Field(ge=1.05, description="tail index; 1.16 is four fifths from a fifth, near 1 there is no mean")

    def ppf(self, share: np.ndarray) -> np.ndarray:  # noqa: D102
        return self.minimum * (1 - np.asarray(share)) ** (-1 / self.alpha)

    def at_normal(self, z: np.ndarray) -> np.ndarray:  # noqa: D102
        return self.minimum * np.exp(-log_ndtr(-np.asarray(z)) / self.alpha)

    @property
    def mean(self) -> float:  # noqa: D102
        return self.minimum * self.alpha / (self.alpha - 1)

    @property
    def reach(self) -> float:  # noqa: D102
        return min(_REACH / math.sqrt(1 - 1 / self.alpha), _FARTHEST)


class Uniform(_Shape):
    """Every value between two ends equally likely."""

    shape: Literal["uniform"] = Field(default="uniform", description="its family")
    low: float = Field(description="lower end")
    high: float = Field(description="upper end")

    @model_validator(mode="after")
    def _check(self) -> Self:
        _ordered(("low", self.low), ("high", self.high))
        return self

    def ppf(self, share: np.ndarray) -> np.ndarray:  # noqa: D102
        return self.low + (self.high - self.low) * np.asarray(share)

    @property
    def mean(self) -> float:  # noqa: D102
        return (self.low + self.high) / 2


class _Peaked(_Shape):
    """Two ends and a mode between them."""

    low: float = Field(description="lower end")
    mode: float = Field(description="most likely value")
    high: float = Field(description="upper end")

    @model_validator(mode="after")
    def _check(self) -> Self:
        _ordered(("low", self.low), ("mode", self.mode), ("high", self.high))
        return self


class Triangular(_Peaked):
    """Two ends and a mode, joined by straight lines."""

    shape: Literal["triangular"] = Field(default="triangular", description="its family")

    def ppf(self, share: np.ndarray) -> np.ndarray:  # noqa: D102
        share, width = np.asarray(share), self.high - self.low
        if not width:
            return np.full_like(share, self.low, dtype=float)
        rising = self.low + np.sqrt(share * width * (self.mode - self.low))
        falling = self.high - np.sqrt((1 - share) * width * (self.high - self.mode))
        return np.where(share * width < self.mode - self.low, rising, falling)

    @property
    def mean(self) -> float:  # noqa: D102
        return (self.low + self.mode + self.high) / 3


class Pert(_Peaked):
    """Beta between two ends whose mean weighs the mode four times (Malcolm et al. 1959)."""

    shape: Literal["pert"] = Field(default="pert", description="its family")

    def ppf(self, share: np.ndarray) -> np.ndarray:  # noqa: D102
        width = self.high - self.low
        if not width:
            return np.full_like(np.asarray(share), self.low, dtype=float)
        a = 1 + PERT_WEIGHT * (self.mode - self.low) / width
        b = 1 + PERT_WEIGHT * (self.high - self.mode) / width
        return self.low + width * betaincinv(a, b, share)

    @property
    def mean(self) -> float:  # noqa: D102
        return (self.low + PERT_WEIGHT * self.mode + self.high) / (PERT_WEIGHT + 2)


class Beta(_Shape):
    """A share learnt from counts: Beta(successes + 1, failures + 1); its base is successes over trials."""

    shape: Literal["beta"] = Field(default="beta", description="its family")
    successes: float = Field(ge=0, description="trials that went well")
    failures: float = Field(ge=0, description="trials that did not")

    def ppf(self, share: np.ndarray) -> np.ndarray:  # noqa: D102
        return betaincinv(self.successes + 1, self.failures + 1, share)

    @property
    def base(self) -> float:
        """`value`, else successes over trials, else (no trials) one half."""
        trials = self.successes + self.failures
        if self.value is not None:
            return self.value
        return self.successes / trials if trials else 0.5

    @property
    def mean(self) -> float:  # noqa: D102
        return (self.successes + 1) / (self.successes + self.failures + 2)


class Mixture(_Shape):
    """Kinds of values, each lognormal, such as light and heavy people."""

    shape: Literal["mixture"] = Field(default="mixture", description="its family")
    parts: Many[Lognormal] = Field(min_length=2, description="what each kind is like")
    weights: Many[Annotated[float, Field(ge=0)]] = Field(description="how many are of each kind, of any size")

    @model_validator(mode="after")
    def _check(self) -> Self:
        _weighed("parts", self.parts, self.weights)
        return self

    @property
    def shares(self) -> np.ndarray:
        """Share of each kind; shape (n_parts,)."""
        weights = np.asarray(self.weights, dtype=float)
        return weights / weights.sum()

    def ppf(self, share: np.ndarray) -> np.ndarray:  # noqa: D102
        share = np.asarray(share, dtype=float)
        ends = np.array([part.ppf(share) for part, kind in zip(self.parts, self.shares, strict=True) if kind > 0])
        low, high = ends.min(axis=0), ends.max(axis=0)
        for _ in range(_HALVINGS):
            middle = np.sqrt(low * high)
            is_below = self._not_above(middle) < share
            low, high = np.where(is_below, middle, low), np.where(is_below, high, middle)
        return high

    def _not_above(self, value: np.ndarray) -> np.ndarray:
        """Share of values that are not above these."""
        found = np.zeros_like(value)
        for part, kind in zip(self.parts, self.shares, strict=True):
            distance = np.log(np.maximum(value, np.finfo(float).tiny)) - math.log(part.p10 * part.p90) / 2
            found += kind * (ndtr(distance / part.sigma) if part.sigma else (distance >= 0))
        return found

    @property
    def mean(self) -> float:  # noqa: D102
        return float(self.shares @ [part.mean for part in self.parts])


class Discrete(_Shape):
    """A few values, each with a weight."""

    shape: Literal["discrete"] = Field(default="discrete", description="its family")
    values: Many[float] = Field(min_length=1, description="what it can be")
    weights: Many[Annotated[float, Field(ge=0)]] = Field(description="how likely each is, of any size")

    @model_validator(mode="after")
    def _check(self) -> Self:
        _weighed("values", self.values, self.weights)
        return self

    @property
    def points(self) -> tuple[np.ndarray, np.ndarray]:
        """Its values, lowest first, and the share of each; shape (n,) both."""
        values, weights = np.asarray(self.values, dtype=float), np.asarray(self.weights, dtype=float)
        order = [place for place in np.argsort(values, kind="stable") if weights[place] > 0]
        return values[order], weights[order] / weights.sum()

    def ppf(self, share: np.ndarray) -> np.ndarray:  # noqa: D102
        values, shares = self.points
        place = np.searchsorted(np.cumsum(shares), np.asarray(share) - 1e-12, side="left")
        return values[np.minimum(place, len(values) - 1)]

    @property
    def mean(self) -> float:  # noqa: D102
        return float(np.average(self.values, weights=self.weights))


class Empirical(_Shape):
    """The values of a column of a file, each as likely as the others."""

    shape: Literal["empirical"] = Field(default="empirical", description="its family")
    file: Annotated[Source, Reads("column")] = Field(description="CSV or Parquet that has the values")
    column: str = Field(description="column of the file")

    @property
    def points(self) -> tuple[np.ndarray, np.ndarray]:
        """Its values, lowest first, and the share of each; shape (n,) both."""
        values = np.sort(self.file.table.frame[self.column].to_numpy(dtype=float))
        return values, np.full(len(values), 1 / len(values))

    def ppf(self, share: np.ndarray) -> np.ndarray:  # noqa: D102
        return np.quantile(self.points[0], share, method="inverted_cdf")

    @property
    def mean(self) -> float:  # noqa: D102
        return float(self.points[0].mean())


def _shape_of(value: Any) -> str:
    if isinstance(value, dict):
        return str(value.get("shape"))
    return getattr(value, "shape", "number")


Distribution = Annotated[
    Annotated[Normal, Tag("normal")]
    | Annotated[Lognormal, Tag("lognormal")]
    | Annotated[Pareto, Tag("pareto")]
    | Annotated[Mixture, Tag("mixture")]
    | Annotated[Uniform, Tag("uniform")]
    | Annotated[Triangular, Tag("triangular")]
    | Annotated[Pert, Tag("pert")]
    | Annotated[Beta, Tag("beta")]
    | Annotated[Discrete, Tag("discrete")]
    | Annotated[Empirical, Tag("empirical")],
    Discriminator(
        _shape_of,
        custom_error_type="shape",
        custom_error_message="must have shape normal, lognormal, uniform, triangular, pert, beta, discrete, empirical, "
        "pareto, mixture",
    ),
]


def _number_or_shape(value: Any) -> str:
    return "a distribution" if isinstance(value, dict | _Shape) else "a number"


def uncertain(**bounds: float) -> Any:
    """Type of a field that takes a number within the bounds (`ge`, `gt`, `le`, `lt`) or a Distribution.

    What a distribution states (ends, mode, percentiles, values, base case) must lie within them too; tails of a normal
    or lognormal may reach beyond, and are held to them where they are drawn.
    """
    number = Annotated[float, Field(**bounds)]
    return Annotated[
        Annotated[number, Tag("a number")]
        | Annotated[Distribution, AfterValidator(partial(within, bounds)), Tag("a distribution")],
        Discriminator(_number_or_shape),
    ]


def base(value: float | _Shape) -> float:
    """Return the base case of a number or a distribution."""
    return value.base if isinstance(value, _Shape) else float(value)


def stream(name: str, *, seed: int) -> np.random.Generator:
    """Return the random stream of a dotted name: counter-based (Philox), the same wherever and in whatever order."""
    key = hashlib.sha256(f"{seed}/{name}".encode()).digest()[:16]
    return np.random.Generator(np.random.Philox(key=int.from_bytes(key, "little")))


def draw(value: float | _Shape, name: str, *, draws: int, seed: int) -> np.ndarray:
    """Draw an uncertain number; a plain number comes back as often as asked. Returns shape (draws,)."""
    if not isinstance(value, _Shape):
        return np.full(draws, float(value))
    if draws < 1:
        raise InputError(f"draws must be at least 1, got {draws}")
    return value.ppf(stream(name, seed=seed).random(draws))
