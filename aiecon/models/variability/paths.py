"""Futures of the bill, chunk by chunk: totals of every path, months as quantiles, in memory that does not grow."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from aiecon.kernels import simulation as kernel
from aiecon.models.variability.inputs import VariabilityInputs
from aiecon.models.variability.parameters import DAYS, ORIGINS, Parameters

CHUNK = 8_192
EXACT = 2_000_000  # months × paths up to which quantiles of months are exact, in 16 MiB
LEVELS = (0.1, 0.5, 0.9, 0.99)
ALL = frozenset(ORIGINS)


@dataclass(frozen=True, eq=False)
class Paths:
    """What every path cost, and the months.

    Attributes
    ----------
    totals
        Cost of each path over the horizon. [currency], shape (n_paths,)
    months
        Quantiles of each month at LEVELS, and its mean. [currency], shape (n_months, len(LEVELS) + 1)
    stored
        Every path's months where asked for, else None. [currency], shape (n_months, n_paths)
    """

    totals: np.ndarray
    months: np.ndarray
    stored: np.ndarray | None


def frame(inputs: VariabilityInputs) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Season, list prices and month of every period: shapes (n,), (n, n_tiers), (n,)."""
    parts = DAYS if inputs.period == "day" else 1
    count = inputs.horizon_months * parts
    period = np.arange(count)
    listed = np.ones((count, len(inputs.tiers)))
    for step in inputs.model.price_steps:
        held = np.array([step.tier in (None, tier.name) for tier in inputs.tiers])
        listed[np.ix_(period >= (step.month - 1) * parts, held)] *= 1.0 + step.change
    return np.sin(2 * np.pi * period / (12 * parts)), listed, period // parts


def chunk(
    inputs: VariabilityInputs,
    first: int,
    count: int,
    *,
    kept: frozenset[str] = ALL,
    drawn: Mapping[str, np.ndarray] | None = None,
    is_still: bool = False,
) -> np.ndarray:
    """Return the months of paths first to first + count, shape (n_months, count); the same wherever it runs.

    Parameters
    ----------
    inputs
        The question's.
    first, count
        Which paths.
    kept
        Origins drawn from the first future; the others come from a second, independent one.
    drawn
        Parameters to use instead of drawing them.
    is_still
        Every request at its expected cost, so that few of them do not scatter either.
    """
    parameters = Parameters(inputs)
    if drawn is None:
        drawn = parameters.draws(first=first, count=count, kept=kept)
    params, agent = parameters.table(drawn, count)
    if is_still:
        params[kernel.SPREAD] = 0.0
    season, listed, month = frame(inputs)
    if np.all(listed == 1.0) and inputs.micro_below == 0:
        params, listed = _folded(params), np.ones((len(season), 1))
    out = np.zeros((inputs.horizon_months, params.shape[1]))
    seed = np.array([inputs.seed & 0xFFFFFFFF, inputs.seed >> 32], dtype=np.uint64)
    versions = np.array([int(origin not in kept) for origin in ORIGINS])
    kernel.simulate(
        params, agent, listed.shape[1], season, listed, month, first, seed, versions, inputs.micro_below, out
    )
    return out[:, :count]


def _folded(params: np.ndarray) -> np.ndarray:
    """All tiers as one: their costs add up while no list price moves by itself."""
    costs = params[kernel.N_PARAMS :]
    return np.vstack([params[: kernel.N_PARAMS], costs[0::2].sum(axis=0), costs[1::2].sum(axis=0)])


def base_months(inputs: VariabilityInputs) -> np.ndarray:
    """What each month costs at base values and without chance. [currency], shape (n_months,)"""
    return chunk(inputs.model_copy(update={"micro_below": 0.0}), 0, 1, drawn=_expected(inputs), is_still=True)[:, 0]


def _expected(inputs: VariabilityInputs) -> dict[str, np.ndarray]:
    return Parameters(inputs).certain()


def simulate(
    inputs: VariabilityInputs,
    count: int,
    *,
    client: Any = None,
    tell: Callable[[int, int], None] = lambda done, every: None,
) -> Paths:
    """Draw a number of futures; a dask `client` spreads the chunks over its workers, with the same result."""
    months = inputs.horizon_months
    keeps = inputs.store_paths or months * count <= EXACT
    totals = np.empty(count)
    stored = np.empty((months, count)) if keeps else None
    counts = np.zeros((months, kernel.BINS), dtype=np.int64)
    sums = np.zeros(months)
    for first, found in _chunks(inputs, count, client):
        part = slice(first, first + found.shape[1])
        totals[part] = found.sum(axis=0)
        sums += found.sum(axis=1)
        if stored is not None:
            stored[:, part] = found
        else:
            kernel.count(np.ascontiguousarray(found), counts)
        tell(part.stop, count)
    quantiles = _quantiles(stored, counts)
    table = np.column_stack([quantiles, sums / count])
    return Paths(totals, table, stored if inputs.store_paths else None)


def _chunks(inputs: VariabilityInputs, count: int, client: Any) -> Iterator[tuple[int, np.ndarray]]:
    starts = range(0, count, CHUNK)
    sizes = [min(CHUNK, count - first) for first in starts]
    if client is None:
        for first, size in zip(starts, sizes, strict=True):
            yield first, chunk(inputs, first, size)
        return
    futures = client.map(lambda pair: chunk(inputs, *pair), list(zip(starts, sizes, strict=True)), pure=False)
    for first, future in zip(starts, futures, strict=True):
        yield first, future.result()


def _quantiles(stored: np.ndarray | None, counts: np.ndarray) -> np.ndarray:
    """Quantiles of each month at LEVELS, shape (n_months, len(LEVELS))."""
    if stored is not None:
        return np.quantile(stored, LEVELS, axis=1).T
    edges = kernel.bin_edges()
    cumulated = np.cumsum(counts, axis=1)
    found = np.empty((len(counts), len(LEVELS)))
    for month, row in enumerate(cumulated):
        for place, level in enumerate(LEVELS):
            wanted = level * row[-1]
            at = int(np.searchsorted(row, wanted))
            below = row[at - 1] if at else 0
            part = (wanted - below) / max(row[at] - below, 1)
            found[month, place] = edges[at] + part * (edges[at + 1] - edges[at])
    return found


def standard_error(totals: np.ndarray, level: float) -> float:
    """Monte Carlo standard error of a quantile: half the distance of the order statistics one deviation away."""
    count = len(totals)
    spread = np.sqrt(level * (1 - level) / count)
    low, high = np.quantile(totals, [max(level - spread, 0.0), min(level + spread, 1.0)])
    return float(high - low) / 2


def shortfall(totals: np.ndarray, level: float) -> float:
    """Mean of the paths beyond a quantile: of the dearest share 1 − level. [currency]"""
    ordered = np.sort(totals)
    beyond = len(ordered) * (1 - level)
    whole = int(np.floor(beyond + 1e-9))
    rest = beyond - whole
    dearest = ordered[len(ordered) - whole :].sum()
    if rest > 1e-9:
        dearest += rest * ordered[len(ordered) - whole - 1]
    return float(dearest / beyond)
