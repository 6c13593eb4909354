"""The exponent of a cost curve from a few points, with its interval."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.integrate import cumulative_trapezoid
from scipy.special import logsumexp, ndtri

from aiecon.errors import InputError
from aiecon.vocabulary.arguments import is_number, number_problems
from aiecon.vocabulary.distribution import Z90, Lognormal

PRIOR = (0.5663, 0.7670)
"""10th and 90th percentile of the exponent before any point: cost times 50 to 200 for users times 1,000 (S2-06)."""
NOISE = Lognormal(p10=0.1, p90=0.3)
"""How far costs lie off the curve where two points cannot say it (rule.cost_curve.fit_noise): our judgement. [share]"""
_LEAST_FOR_NOISE = 3
_UNKNOWN = (
    "two points cannot say how far costs lie off the curve: 10 to 30 % is taken (rule.cost_curve.fit_noise), so the "
    "interval is too wide where they lie nearer and too narrow where they lie farther off; give noise, or a third point"
)
_NOISES = 15  # equally likely ones that NOISE is taken for
_EXACT = 1e-12  # doubt of a slope below which points lie on a curve
_SHARES = np.linspace(1e-6, 1.0 - 1e-6, 401)
_STEPS = np.linspace(-8.0, 8.0, 401)
_LEVELS = (0.1, 0.5, 0.9)


@dataclass(frozen=True)
class CostCurveFit:
    """A power of the number of users fitted to points.

    Attributes
    ----------
    exponent
        Slope of log cost over log users, the median of what the points leave of the prior.
    low, high
        Its 80 % interval.
    cost_at_one
        Cost of one user on the curve. [currency/month]
    note
        What the interval rests on where the points cannot say it; None where they, or the noise given, do.
    """

    exponent: float
    low: float
    high: float
    cost_at_one: float
    note: str | None = None

    @property
    def interval(self) -> tuple[float, float]:
        """80 % interval of the exponent."""
        return self.low, self.high

    def cost_at(self, users: float) -> float:
        """Cost on the curve. [currency/month]"""
        return self.cost_at_one * users**self.exponent


def fit_cost_curve(
    users: Sequence[float] | np.ndarray,
    cost: Sequence[float] | np.ndarray,
    *,
    noise: float | None = None,
    prior: tuple[float, float] = PRIOR,
) -> CostCurveFit:
    """Fit cost = a × users^exponent to two points or more, beginning from what is known of exponents.

    Parameters
    ----------
    users
        Numbers of users, above zero, not all the same. Shape (n,)
    cost
        Cost of a month at each, above zero. [currency/month], shape (n,)
    noise
        How far costs lie off the curve, standard deviation of their logarithm; when left out three points or more say
        it themselves, and two take it from NOISE. [share]
    prior
        10th and 90th percentile of the exponent before any point, of a normal.

    Notes
    -----
    Posterior of the exponent b: prior(b) × likelihood of the slope, a free. Of known noise s it is normal with variance
    s² ÷ Σ(x − mean)², x = log users; of NOISE the mean of such over it. Three points or more say their noise, any size
    being as likely before: likelihood (what is left + Σ(x − mean)² (b − slope)²)^(−(n − 2) ÷ 2).

    Examples
    --------
    >>> found = fit_cost_curve([10, 100, 1_000, 10_000], [200 * u**0.65 for u in (10, 100, 1_000, 10_000)])
    >>> round(found.exponent, 6), round(found.cost_at(10_000), 2)
    (0.65, 79621.43)
    >>> found.note is None
    True
    >>> near = fit_cost_curve([100, 150], [1_000.0, 2_000.0])  # so near each other they say little against the prior
    >>> round(near.exponent, 2)
    0.68
    """
    x, y = np.asarray(users, dtype=float), np.asarray(cost, dtype=float)
    if problems := [*_point_problems(x, y), *_belief_problems(noise, prior)]:
        raise InputError(problems)
    log_users, log_cost = np.log(x), np.log(y)
    low, exponent, high = _posterior(log_users - log_users.mean(), log_cost - log_cost.mean(), noise, prior)
    at_one = float(np.exp(log_cost.mean() - exponent * log_users.mean()))
    return CostCurveFit(exponent, low, high, at_one, _UNKNOWN if _is_unknown(len(x), noise) else None)


def _is_unknown(points: int, noise: float | None) -> bool:
    """Whether neither the points nor the caller say how far costs lie off the curve."""
    return noise is None and points < _LEAST_FOR_NOISE


def _point_problems(x: np.ndarray, y: np.ndarray) -> list[str]:
    if x.shape != y.shape or x.ndim != 1 or len(x) < 2:
        return ["users and cost must be lists of the same length, two points at least"]
    if not (np.all(np.isfinite(x)) and np.all(x > 0)) or not (np.all(np.isfinite(y)) and np.all(y > 0)):
        return ["users and cost must be above zero"]
    return ["users: at least two different numbers are needed"] if np.ptp(x) == 0 else []


def _belief_problems(noise: float | None, prior: tuple[float, float]) -> list[str]:
    found = [] if noise is None else number_problems("above zero", noise=noise)
    is_pair = len(prior) == 2 and all(is_number(end) for end in prior) and prior[0] < prior[1]
    return found if is_pair else [*found, f"prior must be the 10th and the 90th percentile, lower first, got {prior!r}"]


def _posterior(
    users: np.ndarray, cost: np.ndarray, noise: float | None, prior: tuple[float, float]
) -> tuple[float, float, float]:
    """10th, 50th and 90th percentile of the exponent, of centred logarithms."""
    before, doubt = (prior[0] + prior[1]) / 2, (prior[1] - prior[0]) / (2 * Z90)
    slope = float(users @ cost / (users @ users))
    left = float(np.sum((cost - slope * users) ** 2))
    noises = _noises(len(users), left, noise)
    scales = noises / np.sqrt(users @ users)
    if scales.max() <= _EXACT:
        return slope, slope, slope
    reach = slope + scales.max() * np.sinh(_STEPS) / 20
    places = np.unique(
        np.concatenate([before + doubt * ndtri(_SHARES), reach, np.linspace(slope, before, len(_STEPS))])
    )
    if noise is None and not _is_unknown(len(users), noise):
        seen = -(len(users) - 2) / 2 * np.log(left + (users @ users) * (places - slope) ** 2)
    else:
        seen = logsumexp(-(((places[:, None] - slope) / scales) ** 2) / 2 - np.log(scales), axis=1)
    weight = seen - ((places - before) / doubt) ** 2 / 2
    share = cumulative_trapezoid(np.exp(weight - weight.max()), places, initial=0.0)
    low, middle, high = np.interp(_LEVELS, share / share[-1], places)
    return float(low), float(middle), float(high)


def _noises(points: int, left: float, noise: float | None) -> np.ndarray:
    """Noise as given, as what two points take it from, or as what is left of more."""
    if noise is not None:
        return np.array([noise])
    if _is_unknown(points, noise):
        return NOISE.ppf((np.arange(_NOISES) + 0.5) / _NOISES)
    return np.array([np.sqrt(left / (points - 2))])
