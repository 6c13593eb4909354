"""Volumes at which hosting is cheaper, exactly: every step of the staircase against the line of the API."""

from dataclasses import dataclass

import numpy as np

from aiecon.errors import InputError
from aiecon.models.self_host.economics import Economics, at_base
from aiecon.models.self_host.inputs import SelfHostInputs
from aiecon.models.self_host.profile import with_peak

Interval = tuple[float, float | None]
_MOST_STEPS = 5_000_000
_TOUCHING = 1e-12


def win_intervals(inputs: SelfHostInputs) -> list[Interval]:
    """Return the mean volumes at which one month of hosting costs strictly less than the API at today's prices.

    Parameters
    ----------
    inputs
        At base values; growth, price decline and migration are left aside, owned capital is an annuity over its life.

    Returns
    -------
    list of (low, high)
        Million tokens a month, rising; None for no upper end; empty when hosting never is cheaper.

    Raises
    ------
    InputError
        Where a further replica costs so nearly what the API does that the intervals are millions; `self_host` answers
        then with the last of them, and a note.

    Notes
    -----
    n replicas carry volumes above those of n − 1 and up to n times a replica's; there hosting costs the same, and wins
    where the API's line is above it. From some number of replicas on every step wins or none does: what is left is
    one interval without end, or nothing.
    """
    inputs = with_peak(inputs)
    case = Economics(inputs, at_base(inputs))
    if words := too_fine(case):
        raise InputError(words)
    return intervals_of(case)


@dataclass(frozen=True)
class _Staircase:
    """Steps of replicas against the line of the API.

    `first` is the least number of replicas, `last` one from which every step wins all through, `carried` what a replica
    carries [Mtok/month], `partly` about the volume from which parts of steps win [Mtok/month].
    """

    first: int
    last: int
    carried: float
    partly: float


def intervals_of(economics: Economics) -> list[Interval]:
    """The intervals of the first case; see `win_intervals`. Where steps are too many, the last alone: `too_fine`."""
    stairs = _staircase(economics)
    if stairs is None:
        return []
    carried, price = stairs.carried, float(economics.api_per_mtok[0, 0])
    if stairs.last > _MOST_STEPS:
        return [((stairs.last - 1) * carried, None)]
    steps = np.arange(stairs.first, stairs.last + 1, dtype=float)
    cost = economics.hosting(steps[None, :])[0]
    low = np.concatenate([[0.0], (steps[1:] - 1) * carried])
    start, end = np.maximum(low, cost / price), steps * carried
    wins = start < end * (1.0 - _TOUCHING)
    found: list[Interval] = []
    for begin, finish in zip(start[wins], end[wins], strict=True):
        if found and found[-1][1] is not None and begin <= found[-1][1] * (1.0 + _TOUCHING):
            found[-1] = (found[-1][0], float(finish))
        else:
            found.append((float(begin), float(finish)))
    found[-1] = (found[-1][0], None)  # the last step wins all through, as every one after it does
    return found


def too_fine(economics: Economics) -> str | None:
    """Words where steps that win in part are too many to list; None where all are listed."""
    stairs = _staircase(economics)
    if stairs is None or stairs.last <= _MOST_STEPS:
        return None
    return (
        "A further replica costs nearly what the API does for what it carries: from about "
        f"{stairs.partly:,.4g} Mtok a month on hosting wins in a part of each step, and all through from "
        f"{(stairs.last - 1) * stairs.carried:,.4g}; more than {_MOST_STEPS:,} steps lie below, too many to list"
    )


def _staircase(economics: Economics) -> _Staircase | None:
    """The steps that decide; None where none ever wins."""
    price, carried = float(economics.api_per_mtok[0, 0]), float(economics.mtok_per_replica[0, 0])
    first = max(economics.inputs.serving.minimum_replicas, 1)
    size = economics.inputs.gpu.gpus_per_server
    per_replica = economics.inputs.serving.gpus_per_replica
    block = 1 if size is None else size // np.gcd(size, per_replica)
    fixed = float(economics.hosting(np.zeros((1, 1)))[0, 0])
    slope = (float(economics.hosting(np.full((1, 1), float(block)))[0, 0]) - fixed) / block
    margin = price * carried - slope
    if price <= 0 or margin <= _TOUCHING * price * carried:  # the same, but for what arithmetic leaves over
        return None
    spare = fixed + slope * block + price * carried
    return _Staircase(first, int(np.ceil(spare / margin)) + first + block, carried, fixed / margin * carried)
