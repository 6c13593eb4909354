"""Correlated draws: every input keeps its own distribution, a Gaussian copula says how they move together.

An input draws from the random stream of its dotted name, so one without a correlation has the draws it has alone,
whatever else is uncertain. Correlated inputs keep their very draws too, in another order (Iman and Conover 1982). A
rank correlation r is the correlation 2 sin(pi r / 6) of the normal scores; for one of values the normal correlation
that leads to it is found numerically. Pairs that are not given are independent.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
from scipy.linalg import solve_triangular
from scipy.special import ndtri

from aiecon.errors import InputError
from aiecon.sensitivity.inputs import Inputs, as_distributions, quantiles, varying_names
from aiecon.sensitivity.nearest import impossible
from aiecon.sensitivity.pearson import normal_of_pearson, pearson_of_normal
from aiecon.vocabulary.correlation import Correlation
from aiecon.vocabulary.distribution import stream
from aiecon.vocabulary.strict import nearest

Correlations = Iterable[Correlation | Mapping[str, Any]]

_SMALLEST = 2.0**-54  # a share of zero has no normal score
_NO_PIVOT = 1e-10


def draw_inputs(inputs: Inputs, *, correlations: Correlations = (), draws: int, seed: int) -> dict[str, np.ndarray]:
    """Draw every input, correlated as asked.

    Parameters
    ----------
    inputs
        Dotted name -> number or distribution, each in its own unit.
    correlations
        Rows {a, b, rank} or {a, b, pearson}; a pair that is not given is independent.
    draws
        How many.
    seed
        Of the random streams, one for each dotted name.

    Returns
    -------
    dict
        Name -> draws, each of shape (draws,), in the order of the inputs; a plain number comes back as often as asked.

    Raises
    ------
    InputError
        With every problem of inputs and correlations; for correlations that cannot hold together, the nearest that can.

    Notes
    -----
    Iman and Conover, "A distribution-free approach to inducing rank correlation among input variables",
    Communications in Statistics B 11 (1982); we take the normal scores of the draws themselves.

    Examples
    --------
    >>> from aiecon.vocabulary.distribution import Lognormal
    >>> price, users = Lognormal(p10=1.0, p90=3.0), Lognormal(p10=100.0, p90=900.0)
    >>> rows = [{"a": "price", "b": "users", "rank": -0.5}]
    >>> drawn = draw_inputs({"price": price, "users": users}, correlations=rows, draws=10_000, seed=1)
    >>> round(float(np.corrcoef(drawn["price"].argsort().argsort(), drawn["users"].argsort().argsort())[0, 1]), 2)
    -0.5
    """
    if draws < 1:
        raise InputError(f"draws must be at least 1, got {draws}")
    inputs = as_distributions(inputs)
    varying = varying_names(inputs)
    matrix = normal_correlation(varying, correlations, inputs)
    shares = {name: stream(name, seed=seed).random(draws) for name in inputs}
    for cluster in clusters(matrix):
        names = [varying[place] for place in cluster]
        ordered = _reordered(np.column_stack([shares[name] for name in names]), matrix[np.ix_(cluster, cluster)])
        shares |= dict(zip(names, ordered.T, strict=True))
    return {name: quantiles(value, shares[name]) for name, value in inputs.items()}


def _reordered(shares: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """The same shares in each column, in the order that has the normal correlations; shapes (draws, k), (k, k)."""
    scores = ndtri(np.maximum(shares, _SMALLEST))
    if len(scores) > scores.shape[1] + 1:  # else the draws are too few to take out how they happen to correlate
        seen = np.linalg.cholesky(np.corrcoef(scores.T))
        scores = solve_triangular(seen, scores.T, lower=True).T
    ranks = (scores @ root(matrix).T).argsort(axis=0, kind="stable").argsort(axis=0, kind="stable")
    return np.take_along_axis(np.sort(shares, axis=0), ranks, axis=0)


def normal_correlation(names: Sequence[str], correlations: Correlations, inputs: Inputs) -> np.ndarray:
    """Return the correlations of the normal scores behind the inputs.

    Parameters
    ----------
    names
        The varying inputs, in the order of rows and columns.
    correlations
        Rows {a, b, rank} or {a, b, pearson}.
    inputs
        Dotted name -> number or distribution.

    Returns
    -------
    numpy.ndarray
        Ones on the diagonal, zero for a pair that is not given, shape (n_names, n_names).

    Raises
    ------
    InputError
        For a name that does not vary, a pair given twice, a correlation of values that the two distributions cannot
        have, and correlations that cannot hold together (with the nearest that can, pair by pair; Higham 2002).

    Examples
    --------
    >>> from aiecon.vocabulary.distribution import Uniform
    >>> share = Uniform(low=0, high=1)
    >>> normal_correlation(["a", "b"], [{"a": "a", "b": "b", "rank": 0.5}], {"a": share, "b": share}).round(4).tolist()
    [[1.0, 0.5176], [0.5176, 1.0]]
    """
    rows = [row if isinstance(row, Correlation) else Correlation.build(row) for row in correlations]
    problems = _problems(rows, names, inputs)
    if problems:
        raise InputError(problems)
    place = {name: column for column, name in enumerate(names)}
    matrix = np.eye(len(names))
    for row in rows:
        a, b = place[row.a], place[row.b]
        matrix[a, b] = matrix[b, a] = _normal_of(row, inputs)
    nearby = impossible(matrix)
    if nearby is not None:
        raise InputError(_nearest_words(rows, names, matrix, nearby, inputs))
    return matrix


def _problems(rows: Sequence[Correlation], names: Sequence[str], inputs: Inputs) -> list[str]:
    problems, seen = [], set()
    for row in rows:
        pair = frozenset((row.a, row.b))
        if pair in seen:
            problems.append(f"correlations: {row.a} and {row.b} stand twice; one row a pair")
        seen.add(pair)
        for name in (row.a, row.b):
            if name not in inputs:
                problems.append(f"correlations: {name} is not an input{nearest(name, list(inputs))}")
            elif name not in names:
                problems.append(f"correlations: {name} does not vary; take its row out, or give it a distribution")
    return list(dict.fromkeys(problems))


def _normal_of(row: Correlation, inputs: Inputs) -> float:
    if row.rank is not None:
        return 2 * math.sin(math.pi * row.rank / 6)
    try:
        return normal_of_pearson(row.value, inputs[row.a], inputs[row.b])
    except InputError as error:
        raise InputError(f"correlations: {row.a} and {row.b}: {error}") from None


def _nearest_words(
    rows: Sequence[Correlation], names: Sequence[str], matrix: np.ndarray, nearby: np.ndarray, inputs: Inputs
) -> list[str]:
    """The refusal: for each pair that has to give way, what was asked and the nearest that is possible."""
    asked = {frozenset((row.a, row.b)): row for row in rows}
    words = ["correlations: these cannot hold together; the nearest that can:"]
    for i, j in combinations(range(len(names)), 2):
        row = asked.get(frozenset((names[i], names[j])))
        if row is None and abs(nearby[i, j]) < 5e-5:
            continue
        if row is not None and row.rank is None:
            kind, value = "pearson", pearson_of_normal(nearby[i, j], inputs[names[i]], inputs[names[j]])
        else:
            kind, value = "rank", 6 / math.pi * math.asin(nearby[i, j] / 2)
        given = "not given, which is 0" if row is None else f"asked {row.value:g}"
        words.append(f"{names[i]} and {names[j]}: {kind} {value:.4f} ({given})")
    return words


def clusters(matrix: np.ndarray) -> list[list[int]]:
    """Return the groups of inputs that are correlated, directly or through others; those by themselves are left out.

    Examples
    --------
    >>> clusters(np.array([[1, 0, 0.3], [0, 1, 0], [0.3, 0, 1]]))
    [[0, 2]]
    """
    left, found = set(range(len(matrix))), []
    while left:
        group, edge = set(), {min(left)}
        while edge:
            group |= edge
            edge = {int(other) for place in edge for other in np.flatnonzero(matrix[place])} - group
        left -= group
        found.append(sorted(group))
    return [group for group in found if len(group) > 1]


def root(matrix: np.ndarray) -> np.ndarray:
    """Return the lower triangle R with R R' = matrix (Cholesky), also where the matrix is only semidefinite.

    Examples
    --------
    >>> root(np.ones((2, 2))).tolist()
    [[1.0, 0.0], [1.0, 0.0]]
    """
    lower = np.zeros_like(matrix, dtype=float)
    for j in range(len(matrix)):
        rest = matrix[j:, j] - lower[j:, :j] @ lower[j, :j]
        if rest[0] > _NO_PIVOT:
            lower[j:, j] = rest / math.sqrt(rest[0])
    return lower


def given(matrix: np.ndarray, known: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return how the other normal scores follow from the known ones: other = slope @ known + spread @ fresh.

    Shapes: matrix (k, k), known (k,) of bool; slope (n_other, n_known), spread (n_other, n_other).

    Examples
    --------
    >>> slope, spread = given(np.array([[1.0, 0.6], [0.6, 1.0]]), np.array([True, False]))
    >>> slope.round(6).tolist(), spread.round(6).tolist()
    ([[0.6]], [[0.8]])
    """
    across = matrix[np.ix_(~known, known)]
    slope = across @ np.linalg.pinv(matrix[np.ix_(known, known)], hermitian=True) if across.size else across
    return slope, root(matrix[np.ix_(~known, ~known)] - slope @ across.T)
