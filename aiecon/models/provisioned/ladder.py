"""Layers of terms: long commitments at the base, shorter ones above, and the rest at pay-as-you-go."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from aiecon.errors import InputError
from aiecon.models.provisioned.curve import Curve, with_refusals
from aiecon.models.provisioned.demand import MOST_UNITS, Sample, spilled
from aiecon.models.provisioned.inputs import ProvisionedInputs, Term
from aiecon.units import MINUTES_PER_MONTH
from aiecon.vocabulary.arguments import as_numbers, number_problems, whole_problems
from aiecon.vocabulary.capacity import rounded_up
from aiecon.vocabulary.distribution import base
from aiecon.vocabulary.strict import quoted

_SAME = 1e-12
_PAYG = -1


@dataclass(frozen=True)
class TermLadder:
    """Units on each term, and what all costs a month, spill included.

    Attributes
    ----------
    layers
        Term -> units; over several months the most it holds at once. The longest commitment carries the base load.
    cost_per_month
        Units at their prices plus what spills, of a mean month. [currency/month]
    by_month
        The same term -> units in each month.
    units_cost_per_month
        Term -> what its units cost, of a mean month. [currency/month]
    """

    layers: dict[str, int]
    cost_per_month: float
    by_month: tuple[dict[str, int], ...]
    units_cost_per_month: dict[str, float]


def term_ladder(
    demand_units: Sequence[float] | np.ndarray,
    *,
    payg_per_unit_month: float,
    terms: Sequence[Term | dict[str, Any]],
    increment: int = 1,
    minimum: int = 0,
    months: Sequence[int] | np.ndarray | None = None,
) -> TermLadder:
    """Return the cheapest stack of units over terms; what is above it is paid as it goes.

    Parameters
    ----------
    demand_units
        Demand of each minute in units of capacity, shape (n_minutes,). [units]
    payg_per_unit_month
        Pay-as-you-go cost of a unit used all month. [currency/unit/month]
    terms
        {name, price_per_unit_month, commitment_months} each.
    increment
        Units are added in steps of this. [units]
    minimum
        Fewer units than this are not sold. [units]
    months
        Number of the month of each minute, rising; one month when left out. Shape (n_minutes,)

    Notes
    -----
    The k-th step of units serves the demand between (k − 1) and k steps, less of it the higher it lies. A term of m
    months is signed for m months at a time, counted from the first, one of a month or less each month anew; the last is
    paid for the months there are. Each step is bought where that costs less than pay-as-you-go, on the term that makes
    its months cheapest: steps that are used in every month go to the cheap long term, those of busy months to the
    shorter one. Of equal costs the shorter commitment is taken, and what only breaks even is not bought. The stack is
    exactly the cheapest where each commitment is a whole multiple of the next shorter one (1, 3 and 12 months, say).

    Examples
    --------
    >>> terms = [{"name": "year", "price_per_unit_month": 50.0, "commitment_months": 12},
    ...          {"name": "month", "price_per_unit_month": 60.0, "commitment_months": 1}]
    >>> found = term_ladder([2, 4], payg_per_unit_month=100.0, terms=terms, months=[0, 1])
    >>> found.layers, found.by_month[0], found.cost_per_month
    ({'year': 2, 'month': 2}, {'year': 2, 'month': 0}, 160.0)
    """
    rows, problems = _rows(terms)
    demand = as_numbers(demand_units)
    month = np.zeros(np.shape(demand_units), dtype=int) if months is None else np.asarray(months)
    problems += [
        *_term_problems(rows, is_any=len(terms) > 0),
        *_minute_problems(demand, month),
        *number_problems(payg_per_unit_month=payg_per_unit_month),
        *whole_problems("increment", increment, least=1),
        *whole_problems("minimum", minimum, least=0),
    ]
    if demand is None or problems:
        raise InputError(problems)
    steps = rounded_up(demand.max() / increment)
    if steps > MOST_UNITS:
        raise InputError(f"demand_units: its busiest minute needs {steps:,} steps of units, more than {MOST_UNITS:,}")
    counts = np.unique(np.append(0, np.maximum(np.arange(1, steps + 1) * increment, minimum)))
    starts = np.append(np.flatnonzero(np.diff(month, prepend=month[0] - 1)), len(demand))
    parts = [demand[first:last] for first, last in pairwise(starts)]
    spill = np.array([spilled(part, part, 1.0, int(counts[-1]))[0][counts] for part in parts])
    return _laid(rows, counts, spill * payg_per_unit_month / len(demand), np.diff(starts) / len(demand))


def ladder_of(inputs: ProvisionedInputs, sample: Sample, found: Curve) -> TermLadder:
    """Return the ladder of a question over months of 730 hours, each minute at its own price and refusals in.

    What is left over of less than half a month belongs to the month before it.
    """
    starts = _months(len(sample.tokens))
    spill = np.empty((len(starts) - 1, len(found.units)))
    for month, (first, last) in enumerate(pairwise(starts)):
        part = spilled(sample.tokens[first:last], sample.values[first:last], inputs.unit_tokens, found.peak)
        spill[month] = with_refusals(inputs, *part)[found.units]
    shares = np.diff(starts) / len(sample.tokens)
    return _laid(inputs.terms, found.units, spill * MINUTES_PER_MONTH / len(sample.tokens), shares)


def _months(minutes: int) -> np.ndarray:
    """Where months of 730 hours begin, and the end of the last."""
    length = int(MINUTES_PER_MONTH)
    count = max((minutes + length // 2) // length, 1)
    return np.append(length * np.arange(count), minutes)


def _laid(terms: Sequence[Term], counts: np.ndarray, spill: np.ndarray, shares: np.ndarray) -> TermLadder:
    """The cheapest stack.

    Shapes: counts (n + 1,), units that are sold, none first; spill (n_months, n + 1), what each number of units spills
    in a month, as part of a mean month's cost; shares (n_months,), each month's part of all minutes.
    """
    sizes, saved = np.diff(counts), -np.diff(spill, axis=1).T
    lengths = [max(int(np.ceil(base(term.commitment_months))), 1) for term in terms]
    prices = np.array([base(term.price_per_unit_month) for term in terms])
    by_length = [
        (length, min(_at(lengths, length), key=lambda at: (prices[at], base(terms[at].commitment_months))))
        for length in sorted(set(lengths), reverse=True)
    ]
    plan = np.full(saved.shape, _PAYG)
    cost = _cheapest(plan, saved, sizes, prices, shares, by_length, 0, len(shares))
    units = np.array([[sizes[plan[:, month] == at].sum() for at in range(len(terms))] for month in range(len(shares))])
    names = [term.name for term in terms]
    return TermLadder(
        layers={name: int(most) for name, most in zip(names, units.max(axis=0), strict=True)},
        cost_per_month=float(cost.sum() + spill[:, -1].sum()),
        by_month=tuple({name: int(held) for name, held in zip(names, row, strict=True)} for row in units),
        units_cost_per_month=dict(zip(names, (shares @ units * prices).tolist(), strict=True)),
    )


def _at(lengths: list[int], length: int) -> list[int]:
    return [at for at, one in enumerate(lengths) if one == length]


def _cheapest(
    plan: np.ndarray,
    saved: np.ndarray,
    sizes: np.ndarray,
    prices: np.ndarray,
    shares: np.ndarray,
    terms: list[tuple[int, int]],
    first: int,
    last: int,
) -> np.ndarray:
    """Cost of each step over months first to last on the terms that are left, longest first; its term goes into plan.

    Shapes: plan, saved (n, n_months); sizes (n,); returns (n,).
    """
    if not terms:
        return saved[:, first:last].sum(axis=1)
    (length, at), cost = terms[0], np.zeros(len(sizes))
    for start in range(first, last, length):
        end = min(start + length, last)
        shorter = _cheapest(plan, saved, sizes, prices, shares, terms[1:], start, end)
        own = sizes * prices[at] * shares[start : start + length].sum()
        is_own = own < shorter - _SAME * np.maximum(shorter, 1.0)
        plan[is_own, start:end] = at
        cost += np.where(is_own, own, shorter)
    return cost


def _rows(terms: Sequence[Term | dict[str, Any]]) -> tuple[list[Term], list[str]]:
    """Terms as they are checked, and what is wrong with each, by its name."""
    rows, problems = [], []
    for place, term in enumerate(terms):
        if isinstance(term, Term):
            rows.append(term)
        elif not isinstance(term, Mapping):
            problems.append(f"terms.{place}: a table of name, price_per_unit_month, commitment_months, got {term!r}")
        else:
            try:
                rows.append(Term.build(term))
            except InputError as error:
                name = quoted(str(term.get("name", place)))
                problems += [f"terms.{name}.{problem}" for problem in error.problems]
    return rows, problems


def _term_problems(rows: Sequence[Term], *, is_any: bool) -> list[str]:
    names = [term.name for term in rows]
    twice = [f"terms.{quoted(name)}: the name stands twice" for name in sorted(set(names)) if names.count(name) > 1]
    return twice if is_any else ["terms: at least one is needed"]


def demand_problems(demand: np.ndarray | None) -> list[str]:
    """A sentence for demand that is no list of numbers of zero or more."""
    is_list = demand is not None and demand.ndim == 1 and len(demand) > 0 and bool(np.all(np.isfinite(demand)))
    if is_list and demand is not None and demand.min() >= 0:
        return []
    return ["demand_units: a list of numbers of zero or more is needed, one a minute"]


def _minute_problems(demand: np.ndarray | None, month: np.ndarray) -> list[str]:
    """What is wrong with the minutes, or else with the months they are of."""
    problems = demand_problems(demand)
    if demand is None or problems:
        return problems
    is_rising = month.dtype.kind in "iuf" and month.shape == demand.shape and not (np.diff(month) < 0).any()
    return [] if is_rising else ["months: one rising number is needed for each minute"]
