"""Two kinds of people, light and heavy, each lognormal: fitted by expectation and maximisation."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

_BINS = 400  # of people of like use, where there are more
_ROUNDS = 300
_SETTLED = 1e-7
_NARROWEST = 0.05  # of the spread of all: a narrower part is one value, not a kind of people
_NAMES = ("heavy_share", "light_median", "light_sigma", "heavy_median", "heavy_sigma")


@dataclass(frozen=True)
class Mixture:
    """Use of light and heavy people, each lognormal. [currency/month]"""

    heavy_share: float
    light_median: float
    light_sigma: float
    heavy_median: float
    heavy_sigma: float

    def cdf(self, spend: np.ndarray) -> np.ndarray:
        """Return the shares of people who use no more."""
        light, heavy = self._parts()
        return np.asarray((1 - self.heavy_share) * light.cdf(spend) + self.heavy_share * heavy.cdf(spend))

    def logpdf(self, spend: np.ndarray) -> np.ndarray:
        """Return the logarithms of the density."""
        light, heavy = self._parts()
        density = (1 - self.heavy_share) * light.pdf(spend) + self.heavy_share * heavy.pdf(spend)
        return np.asarray(np.log(np.maximum(density, 1e-300)))

    def _parts(self) -> tuple[stats.rv_continuous, stats.rv_continuous]:
        light = stats.lognorm(s=self.light_sigma, scale=self.light_median)
        return light, stats.lognorm(s=self.heavy_sigma, scale=self.heavy_median)


def fit_mixture(
    used: np.ndarray, random: np.random.Generator, *, resamples: int
) -> tuple[dict[str, float], dict[str, list[float]]]:
    """Return the parameters by name, and those of people drawn anew (bootstrap), all of these at once.

    Parameters
    ----------
    used
        Use of people above zero. [currency/month], shape (n,)
    random
        Draws the people anew.
    resamples
        How often.
    """
    logs = np.array([part.mean() for part in np.array_split(np.sort(np.log(used)), min(len(used), _BINS))])
    people = np.array([len(part) for part in np.array_split(used, len(logs))], dtype=float)
    drawn = random.multinomial(len(used), people / people.sum(), resamples)
    found = _fitted(logs, np.vstack([people, drawn]))
    parameters = {name: float(values[0]) for name, values in zip(_NAMES, found, strict=True)}
    return parameters, {name: values[1:].tolist() for name, values in zip(_NAMES, found, strict=True)}


def _fitted(logs: np.ndarray, people: np.ndarray) -> list[np.ndarray]:
    """Parameters of each row of people by use, shape (n_samples,) each; logs (n,), people (n_samples, n)."""
    whole = people.sum(axis=1)
    mean = people @ logs / whole
    spread = np.sqrt(np.maximum(people @ logs**2 / whole - mean**2, 0.0))
    least = np.maximum(_NARROWEST * spread, 1e-6)
    share = np.full(len(people), 0.3)
    centre = [mean - 0.5 * spread, mean + spread]
    sigma = [np.maximum(0.8 * spread, least), np.maximum(0.8 * spread, least)]
    for _ in range(_ROUNDS):
        light, heavy = (
            one[:, None] * np.exp(-0.5 * ((logs - middle[:, None]) / width[:, None]) ** 2) / width[:, None]
            for one, middle, width in zip((1 - share, share), centre, sigma, strict=True)
        )
        of_heavy = people * heavy / np.maximum(light + heavy, 1e-300)
        before = share
        for place, part in enumerate((people - of_heavy, of_heavy)):
            count = np.maximum(part.sum(axis=1), 1e-9)
            centre[place] = part @ logs / count
            sigma[place] = np.maximum(np.sqrt(np.maximum(part @ logs**2 / count - centre[place] ** 2, 0.0)), least)
        share = of_heavy.sum(axis=1) / whole
        if np.abs(share - before).max() < _SETTLED:
            break
    turned = centre[1] < centre[0]
    light_centre, heavy_centre = np.where(turned, centre[::-1], centre)
    light_sigma, heavy_sigma = np.where(turned, sigma[::-1], sigma)
    share = np.where(turned, 1 - share, share)
    return [share, np.exp(light_centre), light_sigma, np.exp(heavy_centre), heavy_sigma]
