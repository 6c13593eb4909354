"""The exponent of a cost curve from a few points, with its interval."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.integrate import cumulative_trapezoid
from scipy.special import gammaincc, logsumexp, ndtri
from scipy.stats import t as student

from aiecon.errors import InputError
from aiecon.vocabulary.arguments import got, is_number, number_problems
from aiecon.vocabulary.distribution import Z90, Lognormal

PRIOR = (0.5663, 0.7670)
"""10th and 90th percentile of the exponent before any point: cost times 50 to 200 for users times 1,000 (S2-06)."""
NOISE = Lognormal(p10=0.1, p90=0.3)
"""How far costs lie off the curve where two points cannot say it (rule.cost_curve.fit_noise): our judgement. [share]"""
_LEAST_FOR_NOISE = 3
_TAILS = 2  # degrees of freedom of the prior that points can contradict
_MOST_NOISE = 0.4  # up to which, or three times what is left of the points, any noise is as likely: our judgement
_UNLIKELY = 2.0  # standard deviations between points and prior from which they disagree
_UNKNOWN = (
    "two points cannot say how far costs lie off the curve: 10 to 30 % is taken (rule.cost_curve.fit_noise), so the "
    "interval is too wide where they lie nearer and too narrow where they lie farther off; give noise, or a third point"
)
_NOISES = 15  # equally likely ones that NOISE is taken for
_MOST_BELIEVED = 100.0  # of an exponent or a noise; more says nothing of a cost
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
        What the interval rests on where neither the points nor the noise given say it, and that points and prior
        disagree; None where there is neither to say.
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
        10th and 90th percentile of the exponent before any point: of a normal for two points, of a Student t of two
        degrees of freedom for more, which can contradict it.

    Notes
    -----
    Posterior of the exponent b: prior(b) × likelihood of the slope, a free. Of known noise s it is normal with variance
    s² ÷ Σ(x − mean)², x = log users; of NOISE the mean of such over it. Three points or more say their noise, any size
    up to 0.4 (or three times what is left, where that is more) being as likely before: likelihood q^(−(n − 2) ÷ 2) ×
    Γ((n − 2) ÷ 2, q ÷ 2 × 0.4²), q = what is left + Σ(x − mean)² (b − slope)².

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
    x, y = _numbers(users, cost)
    if problems := [*_point_problems(x, y), *_belief_problems(noise, prior)]:
        raise InputError(problems)
    log_users, log_cost = np.log(x), np.log(y)
    low, exponent, high = _posterior(log_users - log_users.mean(), log_cost - log_cost.mean(), noise, prior)
    at_one = float(np.exp(log_cost.mean() - exponent * log_users.mean()))
    notes = [_UNKNOWN] if _is_unknown(len(x), noise) else []
    notes += _disagreement(log_users - log_users.mean(), log_cost - log_cost.mean(), noise, prior)
    return CostCurveFit(exponent, low, high, at_one, "; ".join(notes) or None)


def _numbers(users: Any, cost: Any) -> tuple[np.ndarray, np.ndarray]:
    """Both as arrays; InputError where something is no finite number."""
    found, problems = [], []
    for name, given in (("users", users), ("cost", cost)):
        bad = [one for one in np.ravel(np.asarray(given, dtype=object)) if not is_number(one)]
        problems += [f"{name} must be finite numbers, {got(bad[0])}"] if bad else []
        found.append(np.empty(0) if bad else np.asarray(given, dtype=float))
    if problems:
        raise InputError(problems)
    return found[0], found[1]


def _is_unknown(points: int, noise: float | None) -> bool:
    """Whether neither the points nor the caller say how far costs lie off the curve."""
    return noise is None and points < _LEAST_FOR_NOISE


def _point_problems(x: np.ndarray, y: np.ndarray) -> list[str]:
    if x.shape != y.shape or x.ndim != 1 or len(x) < 2:
        return ["users and cost must be lists of the same length, two points at least"]
    if not (np.all(x > 0) and np.all(y > 0)):
        return ["users and cost must be above zero"]
    return ["users: at least two different numbers are needed"] if np.ptp(x) == 0 else []


def _belief_problems(noise: Any, prior: Any) -> list[str]:
    found = [] if noise is None else number_problems("above zero", noise=noise)
    if not found and noise is not None and noise > _MOST_BELIEVED:
        found = [f"noise must be at most {_MOST_BELIEVED:g}, {got(noise)}"]
    if _is_pair(prior):
        return found
    asked = f"two numbers within -{_MOST_BELIEVED:g} and {_MOST_BELIEVED:g}"
    return [*found, f"prior must be the 10th and the 90th percentile, lower first, {asked}, {got(prior)}"]


def _is_pair(prior: Any) -> bool:
    """Whether a prior is two exponents in their order."""
    if not isinstance(prior, Sequence | np.ndarray) or len(prior) != len(PRIOR):
        return False
    return all(is_number(end) and abs(end) <= _MOST_BELIEVED for end in prior) and prior[0] < prior[1]


def _slope(users: np.ndarray, cost: np.ndarray) -> tuple[float, float]:
    """Least squares of centred logarithms: slope, and the squares that are left."""
    slope = float(users @ cost / (users @ users))
    return slope, float(np.sum((cost - slope * users) ** 2))


def _middle(prior: tuple[float, float]) -> tuple[float, float]:
    """Mean and standard deviation of the normal of a prior."""
    return (prior[0] + prior[1]) / 2, (prior[1] - prior[0]) / (2 * Z90)


def _disagreement(users: np.ndarray, cost: np.ndarray, noise: float | None, prior: tuple[float, float]) -> list[str]:
    """Words where the points alone say an exponent that the prior holds unlikely."""
    (slope, left), (before, doubt) = _slope(users, cost), _middle(prior)
    apart = np.hypot(doubt, np.median(_noises(len(users), left, noise)) / np.sqrt(users @ users))
    if abs(slope - before) <= _UNLIKELY * apart:
        return []
    return [
        f"points and prior disagree: the points alone say {slope:.3g}, the prior {prior[0]:.3g} to {prior[1]:.3g} (p10 "
        "to p90); look at the points, and give a prior of your own where they are right"
    ]


def _posterior(
    users: np.ndarray, cost: np.ndarray, noise: float | None, prior: tuple[float, float]
) -> tuple[float, float, float]:
    """10th, 50th and 90th percentile of the exponent, of centred logarithms."""
    (before, doubt), (slope, left) = _middle(prior), _slope(users, cost)
    noises = _noises(len(users), left, noise)
    scales = noises / np.sqrt(users @ users)
    if scales.max() <= _EXACT:
        return slope, slope, slope
    reach = slope + scales.max() * np.sinh(_STEPS) / 20
    places = np.unique(
        np.concatenate([before + doubt * ndtri(_SHARES), reach, np.linspace(slope, before, len(_STEPS))])
    )
    if noise is None and not _is_unknown(len(users), noise):
        seen = _seen(len(users), left, (users @ users) * (places - slope) ** 2)
    else:
        seen = logsumexp(-(((places[:, None] - slope) / scales) ** 2) / 2 - np.log(scales), axis=1)
    weight = seen + _believed(len(users), (places - before) / doubt)
    share = cumulative_trapezoid(np.exp(weight - weight.max()), places, initial=0.0)
    low, middle, high = np.interp(_LEVELS, share / share[-1], places)
    return float(low), float(middle), float(high)


def _seen(points: int, left: float, more: np.ndarray) -> np.ndarray:
    """Log likelihood of points that say their noise themselves, of what is left and what a slope leaves more."""
    half, squares = (points - 2) / 2, left + more
    most = max(_MOST_NOISE, 3 * np.sqrt(left / (points - 2)))
    with np.errstate(divide="ignore"):  # so far off that nothing of it is left
        return np.asarray(np.log(gammaincc(half, squares / (2 * most**2))) - half * np.log(squares))


def _believed(points: int, away: np.ndarray) -> np.ndarray:
    """Log prior, of standard deviations of its normal away from its middle."""
    if points < _LEAST_FOR_NOISE:
        return np.asarray(-(away**2) / 2)
    return np.asarray(student.logpdf(away * student.ppf(0.9, _TAILS) / Z90, _TAILS))


def _noises(points: int, left: float, noise: float | None) -> np.ndarray:
    """Noise as given, as what two points take it from, or as what is left of more."""
    if noise is not None:
        return np.array([noise])
    if _is_unknown(points, noise):
        return NOISE.ppf((np.arange(_NOISES) + 0.5) / _NOISES)
    return np.array([np.sqrt(left / (points - 2))])
