"""Forecasts of a hierarchy made to add up, so that the parts and the whole say the same.

Every node has a forecast of its own; the coherent one nearest to them all is S (S' W⁻¹ S)⁻¹ S' W⁻¹ y, with S the
summing matrix (Hyndman et al. 2011) and W what is known of the errors: nothing (ols), the number of leaves below a node
(wls_struct), their variances (wls_var) or their shrunk covariance (mint; Wickramasuriya, Athanasopoulos and Hyndman
2019). bottom_up adds up the leaves.
"""

from collections.abc import Mapping, Sequence
from typing import Literal, get_args

import numpy as np

from aiecon.errors import InputError

Reconciling = Literal["bottom_up", "ols", "wls_struct", "wls_var", "mint"]


def reconcile(
    base: np.ndarray, summing: np.ndarray, *, method: Reconciling, variances: np.ndarray | None = None
) -> np.ndarray:
    """Return the base forecasts made coherent: every row of `summing` holds to the cent.

    Parameters
    ----------
    base
        A forecast a node, shape (n_nodes,) or (n_nodes, ...): further axes (periods, samples) one by one.
    summing
        1 where a leaf belongs to a node, shape (n_nodes, n_leaves); the leaves' own rows are in it.
    method
        bottom_up, ols, wls_struct, wls_var or mint.
    variances
        Of the base errors, for wls_var and mint: one a node, shape (n_nodes,), or for mint their covariance, shape
        (n_nodes, n_nodes), see `shrunk_covariance`.

    Returns
    -------
    numpy.ndarray
        Same shape as base.

    Examples
    --------
    >>> summing = np.array([[1, 1], [1, 0], [0, 1]])
    >>> reconcile(np.array([100.0, 40.0, 50.0]), summing, method="ols").round(2).tolist()
    [96.67, 43.33, 53.33]
    """
    try:
        base, summing = np.asarray(base, dtype=float), np.asarray(summing, dtype=float)
    except (TypeError, ValueError) as error:
        raise InputError(f"base and summing must be arrays of numbers ({error})") from None
    _check(base, summing, method, variances)
    flat = base.reshape(len(base), -1)
    if method == "bottom_up":
        return (summing @ flat[_leaves(summing)]).reshape(base.shape)
    try:
        inverse = _inverse(summing, method, variances)
        bottom = np.linalg.solve(summing.T @ inverse @ summing, summing.T @ inverse @ flat)
    except np.linalg.LinAlgError:
        raise InputError(
            "variances: the covariance has no inverse; shrink it (shrunk_covariance), or use wls_var"
        ) from None
    return (summing @ bottom).reshape(base.shape)


def _check(base: np.ndarray, summing: np.ndarray, method: str, variances: np.ndarray | None) -> None:
    if method not in get_args(Reconciling):
        raise InputError(f"method must be one of {', '.join(get_args(Reconciling))}, got {method!r}")
    problems = []
    if summing.ndim != 2 or not len(summing) or base.shape[:1] != summing.shape[:1]:
        problems.append(f"base must have one row for each of summing, got shapes {base.shape} and {summing.shape}")
    elif not np.isfinite(summing).all():
        problems.append("summing must be finite numbers")
    elif np.linalg.matrix_rank(summing) < summing.shape[1]:
        problems.append("summing must tell the leaves apart: its columns are not independent")
    if not np.isfinite(base).all():
        problems.append("base must be finite numbers")
    if method in ("wls_var", "mint"):
        shapes = [(len(summing),)] + ([(len(summing), len(summing))] if method == "mint" else [])
        if variances is None:
            problems.append(f"{method} needs variances, one for each row of summing")
        elif np.shape(variances) not in shapes:
            problems.append(f"variances must have shape {' or '.join(map(str, shapes))}, got {np.shape(variances)}")
        elif (
            not (np.diagonal(np.atleast_2d(variances)) > 0).all()
            if np.ndim(variances) == 2
            else not (np.asarray(variances) > 0).all()
        ):
            problems.append("variances must be above zero")
    if problems:
        raise InputError(problems)


def _leaves(summing: np.ndarray) -> list[int]:
    """The row of each leaf: the one that has a single 1, in its column."""
    single = np.flatnonzero((summing != 0).sum(axis=1) == 1)
    rows = {int(np.flatnonzero(summing[row])[0]): int(row) for row in single[::-1]}
    missing = [column for column in range(summing.shape[1]) if column not in rows]
    if missing:
        raise InputError(f"summing has no row of its own for leaf {missing[0]}; bottom_up needs one for each")
    return [rows[column] for column in range(summing.shape[1])]


def _inverse(summing: np.ndarray, method: str, variances: np.ndarray | None) -> np.ndarray:
    if method == "ols":
        return np.eye(len(summing))
    if method == "wls_struct":
        return np.diag(1.0 / summing.sum(axis=1))
    given = np.asarray(variances, dtype=float)
    return np.diag(1.0 / given) if given.ndim == 1 else np.linalg.inv(given)


def shrunk_covariance(errors: np.ndarray) -> np.ndarray:
    """Return the covariance of errors with its correlations shrunk towards none (Schäfer and Strimmer 2005).

    Shapes: errors (n, n_nodes), returns (n_nodes, n_nodes).
    """
    length = len(errors)
    spread = np.sqrt(np.mean(errors**2, axis=0))
    spread = np.where(spread > 0, spread, spread[spread > 0].min() * 1e-3 if (spread > 0).any() else 1.0)
    scaled = errors / spread
    products = scaled[:, :, None] * scaled[:, None, :]
    correlation = products.mean(axis=0)
    doubt = products.var(axis=0) / max(length - 1, 1)
    off = ~np.eye(len(spread), dtype=bool)
    strength = float((correlation[off] ** 2).sum())
    held = float(np.clip(doubt[off].sum() / strength, 0.0, 1.0)) if strength > 0 else 1.0
    correlation = np.where(off, (1 - held) * correlation, 1.0)
    return correlation * np.outer(spread, spread)


def summing_matrix(hierarchy: Mapping[str, Sequence[str]], leaves: Sequence[str]) -> tuple[list[str], np.ndarray]:
    """Return the nodes (parents first, then leaves) and the summing matrix of {parent: [children]}.

    Raises
    ------
    InputError
        With every problem: a child that is neither a series nor a parent, a child of two parents, a parent that is a
        series itself, a loop.
    """
    problems = _hierarchy_problems(hierarchy, leaves)
    if problems:
        raise InputError(problems)
    place = {leaf: column for column, leaf in enumerate(leaves)}

    def below(node: str) -> list[str]:
        return [node] if node in place else [leaf for child in hierarchy[node] for leaf in below(child)]

    nodes = [*hierarchy, *leaves]
    matrix = np.zeros((len(nodes), len(leaves)))
    for row, node in enumerate(nodes):
        matrix[row, [place[leaf] for leaf in below(node)]] = 1.0
    return nodes, matrix


def _hierarchy_problems(hierarchy: Mapping[str, Sequence[str]], leaves: Sequence[str]) -> list[str]:
    problems: list[str] = []
    parents: dict[str, str] = {}
    for parent, children in hierarchy.items():
        if parent in leaves:
            problems.append(f"hierarchy.{parent}: it is a series of the history too; name the parent otherwise")
        if not children:
            problems.append(f"hierarchy.{parent}: it has no children")
        for child in children:
            if child not in hierarchy and child not in leaves:
                known = ", ".join([*leaves][:8])
                problems.append(f"hierarchy.{parent}: '{child}' is neither a series nor a parent (series: {known})")
            if child in parents:
                problems.append(f"hierarchy.{parent}: '{child}' is a child of '{parents[child]}' already")
            parents[child] = parent
    if problems:
        return problems
    for node in hierarchy:
        seen, at = {node}, parents.get(node)
        while at is not None and at not in seen:
            seen.add(at)
            at = parents.get(at)
        if at is not None:
            return [f"hierarchy.{node}: it is above and below itself"]
    return []
