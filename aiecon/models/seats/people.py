"""People and what they use: a list with weights, exact for a list and fine enough for a population."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from scipy.special import ndtri

from aiecon.models.seats.inputs import Usage
from aiecon.models.seats.panel import mean_by_user
from aiecon.vocabulary.distribution import Discrete, Distribution, Empirical, Mixture, base

MOST_FOLLOWED = 200_000
"""People of a population above which their months are not followed."""
_NODES = 16_000
_ROUNDING = 1e-12
_LEAST = -8.1  # standard normal below which nobody of a population counts
_TOPS = ndtri([0.8, 0.9])  # where its heaviest fifth and tenth begin


@dataclass(frozen=True, eq=False)
class People:
    """Usage of people, heaviest first.

    Attributes
    ----------
    spend
        At API prices. [currency/month], shape (n,)
    weight
        People that each entry stands for; ones for a list. Shape (n,)
    names
        Who they are; None for a population. Shape (n,)
    """

    spend: np.ndarray
    weight: np.ndarray
    names: np.ndarray | None = None

    @cached_property
    def count(self) -> float:
        """Number of people."""
        count = float(self.weight.sum())
        return float(round(count)) if abs(count - round(count)) <= _ROUNDING * count else count

    @property
    def is_population(self) -> bool:
        """Whether entries stand for parts of a population."""
        return self.names is None

    @property
    def total(self) -> float:
        """What all use. [currency/month]"""
        return float(self.weight @ self.spend)

    @cached_property
    def gini(self) -> float | None:
        """Mean absolute difference ÷ twice the mean; None when nobody uses anything."""
        if self.total <= 0:
            return None
        used, people = self.lorenz()
        return float(1.0 - np.sum(np.diff(people) * (used[1:] + used[:-1])))

    def lorenz(self) -> tuple[np.ndarray, np.ndarray]:
        """Cumulated share of use and of people, lightest first, from 0 to 1."""
        spend, weight = self.spend[::-1], self.weight[::-1]
        used = np.concatenate([[0.0], np.cumsum(spend * weight)])
        people = np.concatenate([[0.0], np.cumsum(weight)])
        return used / used[-1], people / people[-1]

    def top_share(self, part: float) -> float | None:
        """Share of use that is from the heaviest part of people, linear inside a person; None when nobody uses."""
        if self.total <= 0:
            return None
        used, people = self.lorenz()
        return float(1.0 - np.interp(1.0 - part, people, used))


def people_of(usage: Usage, *, edges: Sequence[float] = ()) -> People:
    """The people of a question, heaviest first; `edges` are uses at which a population is cut exactly."""
    if usage.distribution is not None and usage.users is not None:
        spend, weight = _nodes(usage.distribution, base(usage.users), edges)
        order = np.argsort(-spend, kind="stable")
        return People(spend[order], weight[order])
    if usage.file is not None:
        found = mean_by_user(usage)
        names, spend = found.index.to_numpy(), found.to_numpy()
    else:
        spend = np.asarray(usage.per_user, dtype=float)
        names = np.arange(1, len(spend) + 1)
    order = np.argsort(-spend, kind="stable")
    return People(spend[order], np.ones(len(spend)), names[order])


def uses_at(usage: Usage, counts: Sequence[float]) -> list[float]:
    """Uses that so many people of a population reach; none for a list, or a population of steps. [currency/month]"""
    shape = usage.distribution
    if shape is None or usage.users is None or isinstance(shape, Discrete | Empirical | Mixture):
        return []
    shares = [count / base(usage.users) for count in counts]
    return [float(shape.at_normal(-ndtri(share))) for share in shares if 0 < share < 1]


def followed(people: People) -> People | None:
    """People whose months can be followed: those of a list, or of a population its mean persons.

    A population of n is n equal parts, heaviest first, each at its mean use; None of more than 200,000.
    """
    if not people.is_population:
        return people
    count = max(round(people.count), 1)
    if count > MOST_FOLLOWED:
        return None
    used = np.concatenate([[0.0], np.cumsum(people.spend * people.weight)])
    reached = np.concatenate([[0.0], np.cumsum(people.weight)])
    ends = np.linspace(0.0, reached[-1], count + 1)
    spend = np.maximum(np.diff(np.interp(ends, reached, used)), 0.0) * count / people.count
    return People(np.sort(spend)[::-1], np.ones(count), np.arange(1, count + 1))


def people_expected(expected: pd.Series) -> People:
    """People by the use expected of them, heaviest first."""
    ranked = expected.sort_values(ascending=False, kind="stable")
    return People(ranked.to_numpy(), np.ones(len(ranked)), ranked.index.to_numpy())


def _nodes(distribution: Distribution, users: float, cuts: Sequence[float]) -> tuple[np.ndarray, np.ndarray]:
    """Points of a population and the people each stands for; below zero counts as zero."""
    if isinstance(distribution, Discrete | Empirical):
        values, shares = distribution.points
        return np.maximum(values, 0.0), users * shares
    if isinstance(distribution, Mixture):
        kinds = zip(distribution.parts, distribution.shares, strict=True)
        values, weights = zip(*(_nodes(part, users * share, cuts) for part, share in kinds), strict=True)
        return np.concatenate(values), np.concatenate(weights)
    steps = np.linspace(_LEAST, distribution.reach, _NODES // 8 + 1)
    edges = np.unique(np.concatenate([steps, _TOPS, _normals_at(distribution, cuts)]))
    points, parts = np.polynomial.legendre.leggauss(8)
    half = np.diff(edges) / 2
    z = (edges[:-1] + half)[:, None] + half[:, None] * points
    density = np.exp(-z * z / 2) / np.sqrt(2 * np.pi) * half[:, None] * parts
    weights = density.ravel()
    return np.maximum(distribution.at_normal(z.ravel()), 0.0), users * weights / weights.sum()


def _normals_at(distribution: Distribution, cuts: Sequence[float]) -> np.ndarray:
    """Standard normals at which a population passes these uses, by bisection."""
    wanted = np.array([cut for cut in cuts if cut > 0])
    low, high = np.full(len(wanted), _LEAST), np.full(len(wanted), distribution.reach)
    for _ in range(60 if len(wanted) else 0):
        middle = (low + high) / 2
        below = distribution.at_normal(middle) < wanted
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return (low + high) / 2
