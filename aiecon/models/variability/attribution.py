"""Which of the four origins the variance is from: Shapley shares, first and total indices.

The value of a set of origins is the variance of the expectation given it (Sobol 1993; Owen 2014; Song, Nelson and Staum
2016): the covariance of two futures that share the set and differ in all else. All sixteen sets are drawn, so shares
hold every interaction and add up to 1; what is correlated with the set is drawn given it.
"""

from dataclasses import dataclass
from itertools import combinations
from math import factorial

import numpy as np
import pandas as pd

from aiecon.models.variability.inputs import VariabilityInputs
from aiecon.models.variability.parameters import ORIGINS, Parameters
from aiecon.models.variability.paths import CHUNK, mixtures, run

DRAWS = 16_384
_DRAWS_BY_DAY = 2_048  # where correlations across origins take a run of all days for each set
_FLAT = 1e-12  # what varies less, over its mean, is rounding


@dataclass(frozen=True, eq=False)
class Attribution:
    """Shares of the variance by origin.

    Attributes
    ----------
    table
        One row an origin: origin, share, share_log, first, total, standard_error; share is of the variance of spend,
        share_log of that of its logarithm, first what it explains alone, total what goes when it is held.
    draws
        Futures it was computed from.
    """

    table: pd.DataFrame
    draws: int

    @property
    def shares(self) -> dict[str, float]:
        """Origin -> share of the variance of spend."""
        return dict(zip(self.table["origin"], self.table["share"], strict=True))


def attribute(inputs: VariabilityInputs, *, draws: int | None = None) -> Attribution | None:
    """Return the shares of the four origins, or None when nothing varies; of DRAWS futures when not said."""
    parameters = Parameters(inputs)
    if draws is None:
        draws = _DRAWS_BY_DAY if parameters.across and inputs.period == "day" else DRAWS
    moving = parameters.moving
    if not moving:
        return None
    spend = _spend(parameters, draws)
    whole = frozenset(moving)
    if not spend[whole].std() > _FLAT * spend[whole].mean():
        return None
    is_free = not parameters.across
    values = _values(spend, moving, is_free=is_free)
    logged = _values({kept: np.log(np.maximum(one, 1e-300)) for kept, one in spend.items()}, moving, is_free=is_free)
    shares, log_shares = _shapley(values, moving), _shapley(logged, moving)
    errors = _errors(spend, moving, is_free=is_free)
    variance = values[whole]
    rows = []
    for origin in ORIGINS:
        alone, without = frozenset([origin]) & whole, whole - {origin}
        rows.append(
            {
                "origin": origin,
                "share": shares.get(origin, 0.0),
                "share_log": log_shares.get(origin, 0.0),
                "first": values[alone] / variance,
                "total": 1.0 - values[without] / variance,
                "standard_error": errors.get(origin, 0.0),
            }
        )
    return Attribution(pd.DataFrame(rows), draws)


def _spend(parameters: Parameters, draws: int) -> dict[frozenset[str], np.ndarray]:
    """Totals of every path for every set of origins kept from the first future. [currency], shape (draws,) each"""
    spend = {kept: np.empty(draws) for kept in _subsets(parameters.moving)}
    mixed = _set_by_set if parameters.across else _in_one_pass
    for first in range(0, draws, CHUNK):
        size = min(CHUNK, draws - first)
        for kept, totals in mixed(parameters, first=first, count=size).items():
            spend[kept][first : first + size] = totals
    return spend


def _in_one_pass(parameters: Parameters, *, first: int, count: int) -> dict[frozenset[str], np.ndarray]:
    rows, moving = mixtures(parameters, first=first, count=count), parameters.moving
    second = {origin: 8 >> place for place, origin in enumerate(ORIGINS) if origin in moving}
    return {kept: rows[sum(bit for origin, bit in second.items() if origin not in kept)] for kept in _subsets(moving)}


def _set_by_set(parameters: Parameters, *, first: int, count: int) -> dict[frozenset[str], np.ndarray]:
    """The same by a run for each set, since what is tied across origins is drawn anew given every set."""
    moving, found = parameters.moving, {}
    for moved in _subsets(moving):
        kept = moved | (frozenset(ORIGINS) - frozenset(moving))
        params, agent = parameters.table(parameters.draws(first=first, count=count, kept=kept), count, kept=kept)
        found[moved] = run(parameters.inputs, params, agent, first=first, kept=kept)[:, :count].sum(axis=0)
    return found


def _subsets(names: list[str]) -> list[frozenset[str]]:
    return [frozenset(one) for size in range(len(names) + 1) for one in combinations(names, size)]


def _values(spend: dict[frozenset[str], np.ndarray], names: list[str], *, is_free: bool) -> dict[frozenset[str], float]:
    """Variance explained by every set: covariances with the first future and, where all is independent, the second."""
    whole = frozenset(names)
    first, second = spend[whole], spend[frozenset()]
    middle = (first.mean() + second.mean()) / 2
    a, b = first - middle, second - middle
    found = {}
    for kept, totals in spend.items():
        c = totals - middle
        explained = float(np.mean(a * c))
        if is_free:
            explained = (explained + float(np.mean(b * (spend[whole - kept] - middle)))) / 2
        found[kept] = explained
    nothing = found[frozenset()]
    return {kept: value - nothing for kept, value in found.items()}


def _shapley(values: dict[frozenset[str], float], names: list[str]) -> dict[str, float]:
    """Shapley's shares of the value of all names; they add up to 1."""
    count, whole = len(names), values[frozenset(names)]
    found = dict.fromkeys(names, 0.0)
    for name in names:
        for kept, value in values.items():
            if name not in kept:
                weight = factorial(len(kept)) * factorial(count - len(kept) - 1) / factorial(count)
                found[name] += weight * (values[kept | {name}] - value)
    return {name: share / whole for name, share in found.items()}


_BATCHES = 16


def _errors(spend: dict[frozenset[str], np.ndarray], names: list[str], *, is_free: bool) -> dict[str, float]:
    """Monte Carlo standard error of each share, from batches of paths."""
    found = []
    for part in np.array_split(np.arange(len(next(iter(spend.values())))), _BATCHES):
        batch = {kept: totals[part] for kept, totals in spend.items()}
        found.append(_shapley(_values(batch, names, is_free=is_free), names))
    frame = pd.DataFrame(found)
    return {name: float(frame[name].std(ddof=1) / np.sqrt(_BATCHES)) for name in names}
