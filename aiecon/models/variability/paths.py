"""Futures of the bill, chunk by chunk: totals of every path, months as quantiles, in memory that does not grow."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtri

from aiecon.kernels import attribution, bins
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
    """
    parameters = Parameters(inputs)
    drawn = parameters.draws(first=first, count=count, kept=kept)
    return run(inputs, *parameters.table(drawn, count), first=first, kept=kept)[:, :count]


def run(
    inputs: VariabilityInputs, params: np.ndarray, agent: np.ndarray, *, first: int, kept: frozenset[str]
) -> np.ndarray:
    """The kernel on rows of parameters, shape (n_months, n) with n filled up to whole blocks."""
    season, listed, month = frame(inputs)
    params = _folded(params, listed)
    out = np.zeros((inputs.horizon_months, params.shape[1]))
    versions = np.array([int(origin not in kept) for origin in ORIGINS])
    tiers, micro_below = len(inputs.tiers), inputs.micro_below
    kernel.simulate(params, agent, tiers, season, listed, month, first, _key(inputs), versions, micro_below, out)
    return out


def mixtures(parameters: Parameters, *, first: int, count: int) -> np.ndarray:
    """Totals of paths first to first + count in all mixtures of two futures, shape (16, count).

    The same as sixteen times `run`, in one pass; for parameters that no correlation ties across origins. The row is a
    binary number: of the origins in their order, 1 for one of the second future. Rows of what does not move are zero.
    """
    inputs = parameters.inputs
    season, listed, _ = frame(inputs)
    tables = []
    for second in (frozenset(), {"agent"}, {"model"}, ALL):
        drawn = parameters.draws(first=first, count=count, kept=ALL - second)
        params, agent = parameters.table(drawn, count, kept=ALL - second)
        tables.append((_folded(params, listed), agent))
    params, agent = (np.stack(rows) for rows in zip(*tables, strict=True))
    futures = np.array([1 + (origin in parameters.moving) for origin in ORIGINS])
    apart, out = "model" in parameters.of_requests, np.zeros((attribution.SETS, params.shape[2]))
    tiers, micro_below = len(inputs.tiers), inputs.micro_below
    attribution.mixtures(
        params, agent, tiers, season, listed, first, _key(inputs), futures, apart, micro_below, out
    )  # fmt: skip
    return out[:, :count]


def _key(inputs: VariabilityInputs) -> np.ndarray:
    return np.array([inputs.seed & 0xFFFFFFFF, inputs.seed >> 32 & 0xFFFFFFFF], dtype=np.uint64)


def _folded(params: np.ndarray, listed: np.ndarray) -> np.ndarray:
    """All tiers as one where no list price moves by itself: their costs add up."""
    if not np.all(listed == 1.0):
        return params
    costs = params[kernel.N_PARAMS :]
    return np.vstack([params[: kernel.N_PARAMS], costs[0::2].sum(axis=0), costs[1::2].sum(axis=0)])


def base_months(inputs: VariabilityInputs) -> np.ndarray:
    """What each month costs at base values and without chance. [currency], shape (n_months,)"""
    parameters = Parameters(inputs)
    params, agent = parameters.table(parameters.certain(), 1)
    params[kernel.SPREAD], params[kernel.LOOSE_SPREAD] = 0.0, 0.0
    return run(inputs, params, agent, first=0, kept=ALL)[:, 0]


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
    counts = np.zeros((months, bins.BINS), dtype=np.int64)
    sums = Sums(base_months(inputs), count)
    for first, found in _chunks(inputs, count, client):
        part = slice(first, first + found.shape[1])
        totals[part] = found.sum(axis=0)
        sums.add(found)
        if stored is not None:
            stored[:, part] = found
        else:
            bins.count(np.ascontiguousarray(found), counts)
        tell(part.stop, count)
    quantiles = _quantiles(stored, counts)
    table = np.column_stack([quantiles, sums.total / count])
    return Paths(totals, table, stored if inputs.store_paths else None)


class Sums:
    """Sums of rows that come in parts, the same to the last bit however they are cut.

    Each number is cut into pieces that are multiples of fixed units, whose sums are exact (Demmel and Nguyen, IEEE
    Transactions on Computers 64, 2015): 33 bits above the `usual` size of a row are left for large numbers and many.
    """

    def __init__(self, usual: np.ndarray, count: int) -> None:
        most = np.ceil(np.log2(np.maximum(usual, 1e-300))) + np.ceil(np.log2(max(count, 2)))
        self._cuts = [np.ldexp(1.5, (most + shift).astype(int))[:, None] for shift in (10, -20, -50)]
        self._pieces = np.zeros((len(self._cuts), len(usual)))

    def add(self, rows: np.ndarray) -> None:
        """Count further columns of every row."""
        left = rows
        for place, cut in enumerate(self._cuts):
            piece = (left + cut) - cut
            left = left - piece
            self._pieces[place] += piece.sum(axis=1)

    @property
    def total(self) -> np.ndarray:
        """The sum of each row."""
        return np.asarray(self._pieces.sum(axis=0))


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
    edges = bins.bin_edges()
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
    """Monte Carlo standard error of a quantile: that of its share, over the density of the paths about it.

    The density is that between the quantiles a bandwidth away on both sides (Bofinger, Australian Journal of Statistics
    17, 1975).
    """
    count, z = len(totals), ndtri(level)
    density = np.exp(-z * z / 2) / np.sqrt(2 * np.pi)
    width = (4.5 * density**4 / (2 * z * z + 1) ** 2 / count) ** 0.2
    low, high = max(level - width, 0.0), min(level + width, 1.0)
    below, above = np.quantile(totals, [low, high])
    return float(np.sqrt(level * (1 - level) / count) * (above - below) / (high - low))


def shortfall(totals: np.ndarray, level: float) -> float:
    """Mean of the paths beyond a quantile: of the dearest share 1 − level. [currency]"""
    ordered = np.sort(totals)
    beyond = len(ordered) * (1 - level)
    whole = int(np.floor(beyond + 1e-9))
    rest = max(beyond - whole, 0.0)
    dearest = ordered[len(ordered) - whole :].sum()
    if rest > 1e-9:
        return float((dearest + rest * ordered[len(ordered) - whole - 1]) / beyond)
    return float(dearest / whole)
