"""Tries at one model: how many attempts a request makes there before it is accepted or goes on, and how it ends."""

from typing import Literal

import numpy as np

UNTIL_ACCEPTED: Literal["until accepted"] = "until accepted"
Attempts = int | Literal["until accepted"]


def tried(success: np.ndarray, attempts: Attempts, repeats: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean attempts of a request that comes to a model, and how often one of them is accepted.

    Parameters
    ----------
    success
        Of the first attempt. [share], shape (n_cases,)
    attempts
        At most, or until one is accepted.
    repeats
        Requests that failed once and fail however often they are tried; 0: every attempt is a draw of its own. [share]

    Notes
    -----
    With f = 1 − success, n attempts at most and r repeats: attempts = 1 + f (r (n − 1) + (1 − r)(1 − f^(n − 1)) ÷
    success), accepted = 1 − f (r + (1 − r) f^(n − 1)); until accepted 1 ÷ success and 1.

    Examples
    --------
    >>> [float(part[0]) for part in tried(np.array([0.8]), "until accepted", np.array([0.0]))]
    [1.25, 1.0]
    """
    if attempts == 1:
        return np.ones(1), success
    safe = np.maximum(success, 1e-300)
    if attempts == UNTIL_ACCEPTED:
        return 1.0 / safe, np.ones_like(safe)
    failed, more = 1.0 - success, attempts - 1
    free = np.where(success > 0, (1.0 - failed**more) / safe, more)
    mean = 1.0 + failed * (repeats * more + (1.0 - repeats) * free)
    return mean, 1.0 - failed * (repeats + (1.0 - repeats) * failed**more)
