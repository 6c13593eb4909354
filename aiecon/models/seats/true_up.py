"""Seats of a term: they can grow, not shrink until renewal, and those added are billed from a true-up date on."""

import math

import numpy as np


def term_of(commitment_months: float) -> int:
    """Whole months of a term; a plan without a commitment is renewed every month. [months]"""
    return max(math.ceil(commitment_months - 1e-9), 1)


def term_seats(
    needed: np.ndarray, *, commitment_months: float, true_up_months: int = 1
) -> tuple[np.ndarray, np.ndarray]:
    """Seats that can be used and seats that are billed in each month, of terms that follow each other.

    Within a term seats only grow (the ratchet); at renewal their number is that needed. Those added are billed from the
    first true-up date on or after the month they are added to the end of the term; the dates lie `true_up_months`
    apart, from the start of the term.

    Parameters
    ----------
    needed
        Seats that are needed in each month, month 1 the first of the first term. Shape (n_months, ...)
    commitment_months
        Length of a term. [months]
    true_up_months
        Months from one true-up date to the next; 1 bills seats from the month they are added, and so does a true-up in
        arrears. [months]

    Returns
    -------
    tuple
        Usable and billed seats, of the shape of `needed`.

    Examples
    --------
    >>> usable, billed = term_seats(np.array([10, 10, 12, 12, 9, 9, 8.0]), commitment_months=6, true_up_months=3)
    >>> usable.tolist(), billed.tolist()
    ([10.0, 10.0, 12.0, 12.0, 12.0, 12.0, 8.0], [10.0, 10.0, 10.0, 12.0, 12.0, 12.0, 8.0])
    """
    usable, billed = np.empty((2, *needed.shape))
    term = term_of(commitment_months)
    for month, seats in enumerate(needed):
        into = month % term
        usable[month] = np.maximum(usable[month - 1], seats) if into else seats
        billed[month] = billed[month - 1] if into % true_up_months else usable[month]
    return usable, billed


def months_billed(added: int, *, commitment_months: float, true_up_months: int = 1) -> int:
    """Months that a seat added in a month of a term is billed for until the term ends; month 1 is its first. [months]

    Examples
    --------
    >>> months_billed(7, commitment_months=12), months_billed(6, commitment_months=12, true_up_months=6)
    (6, 6)
    """
    seats = (np.arange(term_of(commitment_months)) >= added - 1).astype(float)
    return int(term_seats(seats, commitment_months=commitment_months, true_up_months=true_up_months)[1].sum())
