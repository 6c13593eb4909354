"""Volumes at which hosting is cheaper, exactly: every step of the staircase against the line of the API."""

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

    Notes
    -----
    n replicas carry volumes above those of n − 1 and up to n times a replica's; there hosting costs the same, and wins
    where the API's line is above it. From some number of replicas on every step wins or none does: what is left is
    one interval without end, or nothing.
    """
    inputs = with_peak(inputs)
    return intervals_of(Economics(inputs, at_base(inputs)))


def intervals_of(economics: Economics) -> list[Interval]:
    """The intervals of the first case; see `win_intervals`."""
    inputs = economics.inputs
    carried = float(economics.mtok_per_replica[0, 0])
    price = float(economics.api_per_mtok[0, 0])
    if price <= 0:
        return []
    first = max(inputs.serving.minimum_replicas, 1)
    last = _last_step(economics, carried, price, first)
    if last is None:
        return []
    steps = np.arange(first, last + 1, dtype=float)
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


def _last_step(economics: Economics, carried: float, price: float, first: int) -> int | None:
    """A step from which every one wins all through; None where none ever wins."""
    size = economics.inputs.gpu.gpus_per_server
    per_replica = economics.inputs.serving.gpus_per_replica
    block = 1 if size is None else size // np.gcd(size, per_replica)
    fixed = float(economics.hosting(np.zeros((1, 1)))[0, 0])
    slope = (float(economics.hosting(np.full((1, 1), float(block)))[0, 0]) - fixed) / block
    margin = price * carried - slope
    if margin <= _TOUCHING * price * carried:  # the same, but for what arithmetic leaves over
        return None
    spare = fixed + slope * block + price * carried
    needed = int(np.ceil(spare / margin)) + first + block
    if needed > _MOST_STEPS:
        raise InputError(
            f"a further replica costs nearly what the API does for what it carries ({slope:,.6g} and "
            f"{price * carried:,.6g} a month); more than {_MOST_STEPS:,} steps would be needed to decide"
        )
    return needed
