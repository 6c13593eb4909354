"""The heavy tail of usage: which family fits, how well, and how sure its parameters are."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from aiecon.errors import InputError
from aiecon.models.seats.mixture import Mixture, fit_mixture
from aiecon.vocabulary.distribution import Z90, stream

_RESAMPLES = 200
_LEAST = 10
_STEEPEST = 1e12  # alpha of people who all use the same


@dataclass(frozen=True)
class UsageFit:
    """A family fitted to people who use anything.

    Attributes
    ----------
    family
        lognormal, pareto, or mixture of two lognormals.
    parameters
        Its parameters by name: median and sigma; minimum and alpha; of a mixture heavy_share, and median and sigma of
        the light and the heavy people.
    intervals
        80 % range of each by bootstrap over people.
    distance
        Largest distance of the two cumulative shares (Kolmogorov and Smirnov).
    log_likelihood
        Of the fit.
    score
        The log likelihood less ln(people) ÷ 2 for each parameter (Schwarz 1978); the higher is better.
    zero_share
        Part of people who use nothing, which no family holds.
    """

    family: str
    parameters: dict[str, float]
    intervals: dict[str, tuple[float, float]]
    distance: float
    log_likelihood: float
    score: float
    zero_share: float

    @property
    def table(self) -> dict[str, object] | None:
        """The fit as a table of a distribution; None for others, which have none here."""
        if self.family != "lognormal":
            return None
        median, sigma = self.parameters["median"], self.parameters["sigma"]
        return {"shape": "lognormal", "p10": median * np.exp(-Z90 * sigma), "p90": median * np.exp(Z90 * sigma)}


def fit_usage(spend: np.ndarray, *, seed: int = 0) -> list[UsageFit]:
    """Fit a lognormal, a Pareto and a mixture of two lognormals to usage by maximum likelihood, best first.

    Parameters
    ----------
    spend
        Usage of each person, zero or more; ten people with some use at least. [currency/month], shape (n,)
    seed
        Of the bootstrap.

    Examples
    --------
    >>> spend = stats.lognorm(s=1.5, scale=20.0).ppf((np.arange(500) + 0.5) / 500)
    >>> best = fit_usage(spend)[0]
    >>> best.family, round(best.parameters["sigma"], 1)
    ('lognormal', 1.5)
    """
    spend = np.asarray(spend, dtype=float)
    used = spend[spend > 0]
    if spend.min(initial=0) < 0 or not np.all(np.isfinite(spend)):
        raise InputError("spend: numbers of zero or more are expected")
    if len(used) < _LEAST:
        raise InputError(f"spend: {_LEAST} people with some use are needed to fit a tail, got {len(used)}")
    zero = float(1 - len(used) / len(spend))
    random = stream("usage.fit", seed=seed)
    samples = [used[random.integers(0, len(used), len(used))] for _ in range(_RESAMPLES)]
    families: dict[str, tuple[dict[str, float], dict[str, list[float]]]] = {}
    for family, fit in (("lognormal", _lognormal), ("pareto", _pareto)):
        parameters = fit(used)
        families[family] = parameters, {name: [fit(sample)[name] for sample in samples] for name in parameters}
    families["mixture"] = fit_mixture(used, random, resamples=_RESAMPLES)
    found = []
    for family, (parameters, drawn) in families.items():
        ends = {name: np.quantile(values, [0.1, 0.9]) for name, values in drawn.items()}
        intervals = {name: (float(low), float(high)) for name, (low, high) in ends.items()}
        frozen = _frozen(family, parameters)
        distance = float(stats.kstest(used, frozen.cdf).statistic)
        likelihood = float(frozen.logpdf(used).sum())
        score = likelihood - 0.5 * len(parameters) * float(np.log(len(used)))
        found.append(UsageFit(family, parameters, intervals, distance, likelihood, score, zero))
    return sorted(found, key=lambda one: -one.score)


def _lognormal(used: np.ndarray) -> dict[str, float]:
    logs = np.log(used)
    return {"median": float(np.exp(logs.mean())), "sigma": float(logs.std())}


def _pareto(used: np.ndarray) -> dict[str, float]:
    least = float(used.min())
    total = float(np.log(used / least).sum())
    return {"minimum": least, "alpha": min(len(used) / max(total, 1e-300), _STEEPEST)}


def _frozen(family: str, parameters: dict[str, float]) -> Any:
    if family == "mixture":
        return Mixture(**parameters)
    if family == "lognormal":
        return stats.lognorm(s=max(parameters["sigma"], 1e-12), scale=parameters["median"])
    return stats.pareto(b=parameters["alpha"], scale=parameters["minimum"])
