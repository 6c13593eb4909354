"""The nearest correlation matrix to one that cannot be (Higham, IMA Journal of Numerical Analysis 22, 2002)."""

import numpy as np

_NEGATIVE = -1e-8  # eigenvalues down to here are rounding
_ROOM = 1e-3  # of the identity mixed in, so that the figures hold when they are typed with four digits
_STEPS = 2_000
_STILL = 1e-9


def impossible(matrix: np.ndarray) -> np.ndarray | None:
    """Return None for a matrix that correlations can form, else the nearest that they can; shape (n, n).

    Examples
    --------
    >>> impossible(np.array([[1.0, 0.9], [0.9, 1.0]])) is None
    True
    """
    if not len(matrix) or np.linalg.eigvalsh(matrix)[0] >= _NEGATIVE:
        return None
    return (1 - _ROOM) * nearest_correlation(matrix) + _ROOM * np.eye(len(matrix))


def nearest_correlation(matrix: np.ndarray) -> np.ndarray:
    """Return the correlation matrix nearest to a symmetric one, by the sum of squared differences.

    Alternating projections on the semidefinite matrices and on those with a unit diagonal, with Dykstra's correction
    (Higham 2002, algorithm 3.3). Shape (n, n).

    Examples
    --------
    >>> asked = np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 1.0], [0.0, 1.0, 1.0]])
    >>> nearest_correlation(asked).round(4)[0].tolist()
    [1.0, 0.7607, 0.1573]
    """
    unit, correction = np.array(matrix, dtype=float), np.zeros_like(matrix, dtype=float)
    for _ in range(_STEPS):
        before = unit
        wanted = unit - correction
        values, vectors = np.linalg.eigh(wanted)
        semidefinite = (vectors * np.maximum(values, 0.0)) @ vectors.T
        correction = semidefinite - wanted
        unit = semidefinite.copy()
        np.fill_diagonal(unit, 1.0)
        if np.linalg.norm(unit - before) < _STILL:
            break
    return unit
