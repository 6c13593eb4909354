"""What a replica serves, from measured rows: those that meet the latency target, and a line between two of them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from aiecon.errors import InputError
from aiecon.models.self_host.inputs import Latency, Measurement, SelfHostInputs
from aiecon.vocabulary.distribution import base
from aiecon.vocabulary.source import Table
from aiecon.vocabulary.strict import nearest

SATURATED_MS = 30_000.0  # a first token after that comes from a queue that grows
USED, SLOWER, FARTHER = "used", "slower than the best of its length", "its length is farther from ours"


@dataclass(frozen=True, eq=False)
class Throughput:
    """Rates of a replica, and the rows behind them.

    Attributes
    ----------
    input_tokens_per_second, output_tokens_per_second
        A request takes input ÷ the one + output ÷ the other. [tokens/s]
    rows
        Every row of the model and GPU at this number of GPUs: those of the file, and `use`, in words.
    is_extended
        Whether our input length lies outside those measured.
    """

    input_tokens_per_second: float
    output_tokens_per_second: float
    rows: pd.DataFrame
    is_extended: bool

    @property
    def used(self) -> pd.DataFrame:
        """The two rows that the rates come from."""
        return self.rows[self.rows["use"] == USED]

    @property
    def left_out(self) -> pd.DataFrame:
        """The rows that miss the target, `use` says why."""
        return self.rows[self.rows["is_missed"]]


def measured_rates(inputs: SelfHostInputs) -> dict[str, float]:
    """Dotted name -> rate of the measured rows; empty where the rates are given."""
    found = throughput(inputs)
    if found is None:
        return {}
    return {
        "serving.input_tokens_per_second": found.input_tokens_per_second,
        "serving.output_tokens_per_second": found.output_tokens_per_second,
    }


def throughput(inputs: SelfHostInputs) -> Throughput | None:
    """Return the rates of the measured rows that meet the latency target; None where rates are given.

    Of each length of request the row with the highest output is taken. A line goes through two of them: those whose
    output length is nearest to ours, with input lengths on either side of ours, or the two nearest to it.

    Raises
    ------
    InputError
        For a model, GPU or number of GPUs that was not measured, with the nearest named, and when fewer than two
        lengths meet the target.
    """
    measured, shape = inputs.serving.measured, inputs.workload.shape
    if measured is None:
        return None
    read = base(shape.input_tokens_per_request) + sum((shape.other_input_tokens or {}).values())
    written = base(shape.output_tokens_per_request)
    return _found(measured.file.table, measured, inputs.serving.gpus_per_replica, inputs.serving.latency, read, written)


@lru_cache(maxsize=64)
def _found(
    table: Table, measured: Measurement, gpus: int, target: Latency | None, read: float, written: float
) -> Throughput:
    rows = _rows(table.frame, measured, gpus)
    missed = rows.apply(lambda row: _missed(row, target), axis=1)
    rows = rows.assign(use=missed, is_missed=missed != "")
    good = rows[~rows["is_missed"]]
    best = good.loc[good.groupby(["input_tokens", "output_tokens"])["output_tokens_per_second"].idxmax()]
    rows.loc[good.index, "use"] = SLOWER
    rows.loc[best.index, "use"] = FARTHER
    pair = _pair(best, read, written, rows)
    rows.loc[pair.index, "use"] = USED
    low, high = pair["input_tokens"]
    return Throughput(*_line(pair), rows, not low <= read <= high)


def _alike(wanted: str, known: Sequence[str]) -> str | None:
    """The name that shares most of its words and sizes with another spelling of it; None where none shares two."""

    def words(name: str) -> set[str]:
        return set(re.findall(r"[a-z]+|\d+(?:\.\d+)?b?", name.lower().rsplit("/", 1)[-1]))

    shared = {name: len(words(wanted) & words(name)) - len(words(wanted) ^ words(name)) / 100 for name in known}
    best = max(known, key=lambda name: shared[name], default=None)
    return best if best is not None and shared[best] > 1 else None


def _rows(rows: pd.DataFrame, measured: Measurement, gpus: int) -> pd.DataFrame:
    """The rows of the model, GPU, engine, precision and number of GPUs; each must be there, and be one."""
    if "mode" in rows:
        rows = rows[rows["mode"] == "agg"]
    for name in ("model", "gpu", "precision", "engine"):
        wanted, known = getattr(measured, name), sorted(rows[name].dropna().unique()) if name in rows else []
        if wanted is None and len(known) > 1:
            raise InputError(f"serving.measured.{name}: rows of {' and '.join(known)} were found; name one")
        if wanted is not None and wanted not in known:
            later = measured.file.table.facts["left_out"]
            hint = nearest(_alike(wanted, known) or wanted, known) or f" (measured: {', '.join(known)})"
            if later:  # it may well be among them
                hint = f"; {later:,} rows measured after the day asked about are not read"
            of = "" if name == "model" else f" of {measured.model}"
            raise InputError(f"serving.measured.{name}: no row{of} for {wanted!r} in {measured.file.path}{hint}")
        rows = rows if wanted is None else rows[rows[name] == wanted]
    sizes = sorted(int(one) for one in rows["gpus_per_replica"].unique())
    if gpus not in sizes:
        said = ", ".join(str(one) for one in sizes)
        raise InputError(
            f"serving.gpus_per_replica: {measured.model} was measured on {said} {measured.gpu}, got {gpus}"
        )
    return rows[rows["gpus_per_replica"] == gpus].reset_index(drop=True)


def _missed(row: pd.Series, target: Latency | None) -> str:
    """Why a row is not used; empty where it meets the target."""
    found = []
    for name, words in (("ttft_ms", "first token"), ("tpot_ms", "each token")):
        limit = getattr(target, name) if target else None
        if limit is not None and row[name] > limit:
            found.append(f"{words} after {row[name]:,.0f} ms, above {limit:,.0f}")
    if not found and row["ttft_ms"] >= SATURATED_MS:
        found.append(f"first token after {row['ttft_ms']:,.0f} ms: more requests than it serves")
    return "; ".join(found)


def _pair(best: pd.DataFrame, read: float, written: float, rows: pd.DataFrame) -> pd.DataFrame:
    """Two rows of one output length, the nearest to ours that has two input lengths; rising input."""
    lengths = best.groupby("output_tokens")["input_tokens"].nunique()
    lengths = lengths[lengths > 1]
    if lengths.empty:
        raise InputError(
            f"serving.latency: {int(rows['is_missed'].sum())} of {len(rows)} measured rows miss the target, and those "
            "left have no two input lengths at one output length; loosen it, take more GPUs or give the rates yourself"
        )
    near = min(lengths.index, key=lambda length: abs(np.log(length / max(written, 1.0))))
    found = best[best["output_tokens"] == near].sort_values("input_tokens")
    place = int(np.clip(np.searchsorted(found["input_tokens"], read), 1, len(found) - 1))
    return found.iloc[place - 1 : place + 1]


def _line(pair: pd.DataFrame) -> tuple[float, float]:
    """Rates at which both rows are met exactly. [tokens/s]"""
    seconds = (pair["output_tokens"] / pair["output_tokens_per_second"]).to_numpy()
    low, high = pair["input_tokens"].to_numpy()
    per_input = (seconds[1] - seconds[0]) / (high - low)
    writing = seconds[0] - low * per_input
    if per_input <= 0 or writing <= 0:
        raise InputError(
            f"serving.measured: {low:,.0f} and {high:,.0f} tokens in take {seconds[0]:.3g} and {seconds[1]:.3g} s of a "
            "replica, which no two rates explain; give the rates yourself"
        )
    return 1.0 / per_input, float(pair["output_tokens"].iloc[0]) / writing
