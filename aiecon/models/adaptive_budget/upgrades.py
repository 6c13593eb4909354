"""Whether the share held for model upgrades suffices: a year of migrations, simulated."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from aiecon.errors import InputError
from aiecon.models.adaptive_budget.inputs import Upgrades
from aiecon.units import MONTHS_PER_YEAR
from aiecon.vocabulary.arguments import whole_problems
from aiecon.vocabulary.distribution import Distribution, stream
from aiecon.vocabulary.quantile import quantiles

_PARTS = ("spend_share", "parallel_months", "requalification_months", "cost_multiple")


@dataclass(frozen=True, eq=False)
class UpgradeYears:
    """Simulated years of migrations.

    Attributes
    ----------
    counts
        Upgrades in each, shape (n_draws,).
    needs
        What they cost, over the spend of the year without them, shape (n_draws,). [share]
    """

    counts: np.ndarray
    needs: np.ndarray

    def suffices(self, share: float) -> float:
        """Probability that a share of a year's spend pays for its upgrades."""
        return float(np.mean(self.needs <= share))

    def share_for(self, quantile: float) -> float:
        """Share of a year's spend that pays for its upgrades with a probability."""
        return float(np.quantile(self._sorted, quantile, method="inverted_cdf"))

    @cached_property
    def _sorted(self) -> np.ndarray:
        return np.sort(self.needs)


def upgrade_years(upgrades: Upgrades | Mapping[str, Any], *, draws: int = 10_000, seed: int = 0) -> UpgradeYears:
    """Simulate what model upgrades cost in a year, over the spend of that year without them.

    Parameters
    ----------
    upgrades
        How many a year, and of each: share of spend, months of running both models, months of the old model's spend
        that tests and changes take, cost of the same work on the new one over the old.

    Notes
    -----
    An upgrade at a moment of the year costs share × (parallel + requalification + (multiple − 1) × months left) ÷ 12.
    Their number is Poisson, their moments are even over the year, each draws its own figures; a new model that is
    cheaper pays for others in the year, and a year that saves needs nothing.

    Examples
    --------
    >>> plain = {"per_year": 2, "spend_share": 0.3, "parallel_months": 1, "requalification_months": 1}
    >>> years = upgrade_years(plain)
    >>> round(float(years.needs.mean()), 3)  # 2 × 0.3 × (1 + 1) ÷ 12
    0.1
    """
    asked = upgrades if isinstance(upgrades, Upgrades) else Upgrades.build(dict(upgrades))
    if problems := whole_problems("draws", draws, least=1):
        raise InputError(problems)
    rate = _drawn(asked.per_year, "upgrades.per_year", draws, seed)
    counts = stream("upgrades.count", seed=seed).poisson(np.maximum(rate, 0.0), draws)
    needs = np.zeros(draws)
    for place in range(int(counts.max(initial=0))):
        share, parallel, tests, multiple = (
            _drawn(getattr(asked, part), f"upgrades.{part}.{place}", draws, seed) for part in _PARTS
        )
        left = MONTHS_PER_YEAR * stream(f"upgrades.moment.{place}", seed=seed).random(draws)
        cost = share * (parallel + tests + (multiple - 1.0) * left) / MONTHS_PER_YEAR
        needs += np.where(counts > place, cost, 0.0)
    return UpgradeYears(counts, np.maximum(needs, 0.0))


def _drawn(value: float | Distribution, name: str, draws: int, seed: int) -> np.ndarray | float:
    """A number, or draws of a distribution by table: an upgrade needs four of them, and a year several upgrades."""
    return value if isinstance(value, float) else quantiles(value, stream(name, seed=seed).random(draws))
