"""What stands out: peers that pay more than their like, branches of a trace that cost most."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from aiecon.errors import FrameError, InputError

_SPREAD = 1.4826  # median absolute deviation of a normal in standard deviations


def _needs(frame: pd.DataFrame, columns: tuple[str, ...], name: str) -> None:
    missing = [column for column in columns if column not in frame]
    if missing:
        raise FrameError([f"{name}: column '{column}' is missing; it has {list(frame)}" for column in missing])


def peer_outliers(
    peers: pd.DataFrame, *, multiple: float = 1.5, minimum_volume: float = 0.0, guard: float = 2.0
) -> pd.DataFrame:
    """Return peers that pay more than a multiple of the median of the others.

    Parameters
    ----------
    peers
        Columns peer, cost, volume: one row a peer. [currency, units]
    multiple
        Of the others' median unit cost, from which a peer stands out.
    minimum_volume
        Volume a peer must have to count, as one looked at and as one compared with.
    guard
        How many robust standard deviations of the logarithm it must be above, too: 0 for none.

    Returns
    -------
    pandas.DataFrame
        Dearest excess first: peer, unit_cost, median, ratio, excess (cost beyond the median at its own volume).

    Examples
    --------
    >>> rows = [("a", 100, 100), ("b", 110, 100), ("c", 90, 100), ("d", 400, 100)]
    >>> peer_outliers(pd.DataFrame(rows, columns=["peer", "cost", "volume"]))["peer"].tolist()
    ['d']
    """
    _needs(peers, ("peer", "cost", "volume"), "peers")
    if not multiple > 1:
        raise InputError(f"multiple must be above 1, got {multiple!r}")
    kept = peers[(peers["volume"] > 0) & (peers["volume"] >= minimum_volume) & (peers["cost"] > 0)]
    rows = []
    for place, peer in enumerate(kept["peer"]):
        own = kept.iloc[place]
        others = kept.drop(kept.index[place])
        if len(others) < 2:
            continue
        unit = float(own["cost"] / own["volume"])
        each = np.log((others["cost"] / others["volume"]).to_numpy(dtype=float))
        median = float(np.exp(np.median(each)))
        spread = _SPREAD * float(np.median(np.abs(each - np.median(each))))
        is_far = np.log(unit) - np.median(each) > guard * spread
        if unit > multiple * median and is_far:
            excess = float(own["cost"]) - median * float(own["volume"])
            rows.append({"peer": peer, "unit_cost": unit, "median": median, "ratio": unit / median, "excess": excess})
    columns = ["peer", "unit_cost", "median", "ratio", "excess"]
    return pd.DataFrame(rows, columns=columns).sort_values("excess", ascending=False, ignore_index=True)


def outliers_by_model(charges: pd.DataFrame, dimension: str, **limits: float) -> pd.DataFrame:
    """Return who pays more for a request than their peers on the same model, largest excess first.

    Parameters
    ----------
    charges
        The dimension, billed [currency], x_Requests and, where known, x_ModelId; of those who are named.
    dimension
        Column that says whose a charge is.
    limits
        As `peer_outliers` takes them.

    Returns
    -------
    pandas.DataFrame
        As `peer_outliers`, with the model.
    """
    columns = ["peer", "unit_cost", "median", "ratio", "excess", "model"]
    if "x_ModelId" not in charges or dimension == "x_ModelId" or not (charges["x_Requests"] > 0).any():
        return pd.DataFrame(columns=columns)
    sums = charges.groupby(["x_ModelId", dimension], as_index=False)[["billed", "x_Requests"]].sum()
    parts = []
    for model, rows in sums.groupby("x_ModelId"):
        peers = rows.rename(columns={dimension: "peer", "billed": "cost", "x_Requests": "volume"})
        parts.append(peer_outliers(peers, **limits).assign(model=model))
    return pd.concat(parts, ignore_index=True).sort_values("excess", ascending=False, ignore_index=True)


@dataclass(frozen=True, eq=False)
class TraceCost:
    """What a trace cost, span by span.

    Attributes
    ----------
    spans
        One row a span: trace_id, span_id, parent_id, name, cost (its own), total (with all below it), depth.
    branch
        Names from the root down the dearest way.
    retries
        Cost of spans that repeat the one before under the same parent: of the same name after one that failed, or with
        the same input; steps of a loop whose input grows are none. [currency]
    context_growth
        Input tokens of the last call over those of the first, per trace at its dearest; None where not said.
    """

    spans: pd.DataFrame
    branch: list[str]
    retries: float
    context_growth: float | None

    @property
    def total(self) -> float:
        """Cost of all spans. [currency]"""
        return float(self.spans["cost"].sum())

    @property
    def workflows(self) -> pd.DataFrame:
        """Cost by the name of a trace's first root, dearest first: workflow, traces, cost. [currency]"""
        sums = self._named.groupby("workflow").agg(traces=("trace_id", "nunique"), cost=("cost", "sum"))
        return sums.sort_values("cost", ascending=False, kind="stable").reset_index()

    @property
    def steps(self) -> pd.DataFrame:
        """Own cost by workflow and name of a span, dearest first: workflow, name, spans, cost. [currency]"""
        sums = self._named.groupby(["workflow", "name"]).agg(spans=("span_id", "size"), cost=("cost", "sum"))
        return sums[sums["cost"] > 0].sort_values("cost", ascending=False, kind="stable").reset_index()

    @property
    def _named(self) -> pd.DataFrame:
        roots = self.spans[self.spans["depth"] == 0].drop_duplicates("trace_id").set_index("trace_id")["name"]
        return self.spans.assign(workflow=self.spans["trace_id"].map(roots))


def trace_cost(spans: pd.DataFrame) -> TraceCost:
    """Roll the spans of traces up to what each branch cost.

    Parameters
    ----------
    spans
        Columns trace_id, span_id, parent_id (empty for a root), name, cost; and, where known, input_tokens, failed
        (0 or 1) and start: in order of time. Without input_tokens a span of the same name is a repeat.

    Examples
    --------
    >>> rows = [("t", "1", None, "agent", 0.0), ("t", "2", "1", "search", 0.1), ("t", "3", "1", "write", 0.4)]
    >>> found = trace_cost(pd.DataFrame(rows, columns=["trace_id", "span_id", "parent_id", "name", "cost"]))
    >>> found.total, found.branch
    (0.5, ['agent', 'write'])
    """
    _needs(spans, ("trace_id", "span_id", "parent_id", "name", "cost"), "spans")
    frame = spans.sort_values("start", kind="stable") if "start" in spans else spans
    frame = frame.reset_index(drop=True)
    keys = list(zip(frame["trace_id"].astype(str), frame["span_id"].astype(str), strict=True))
    if len(set(keys)) < len(keys):
        raise FrameError("spans: a span stands twice in its trace; drop the doubled rows")
    has_parent = frame["parent_id"].notna() & (frame["parent_id"].astype(str) != "")
    parents = [
        (trace, str(parent)) if there else None
        for (trace, _), parent, there in zip(keys, frame["parent_id"], has_parent, strict=True)
    ]
    known = set(keys)
    totals = dict(zip(keys, frame["cost"].astype(float), strict=True))
    depth = dict.fromkeys(keys, 0)
    above = {key: parent for key, parent in zip(keys, parents, strict=True) if parent in known and parent != key}
    if circle := next((key for key in keys if _is_below_itself(key, above)), None):
        words = f"span {circle[1]} of trace {circle[0]} is below itself"
        raise FrameError(f"spans: {words}; its parents go in a circle, mend parent_id")
    own = dict(totals)
    for key in keys:
        at = above.get(key)
        while at is not None:
            totals[at] += own[key]
            depth[key] += 1
            at = above.get(at)
    names = dict(zip(keys, frame["name"].astype(str), strict=True))
    below: dict[tuple[str, str] | None, list[tuple[str, str]]] = {}
    for key in keys:
        below.setdefault(above.get(key), []).append(key)
    branch, at = [], max(below.get(None, []), key=lambda key: totals[key], default=None)
    while at is not None:
        branch.append(names[at])
        at = max(below.get(at, []), key=lambda key: totals[key], default=None)
    said = _said(frame, keys)
    again = sum(
        own[later]
        for children in below.values()
        for before, later in pairwise(children)
        if before[0] == later[0] and _repeats(said[before], said[later])  # roots of several traces stand together
    )
    table = frame.assign(total=[totals[key] for key in keys], depth=[depth[key] for key in keys])
    return TraceCost(table, branch, float(again), _growth(frame))


def _said(frame: pd.DataFrame, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], tuple[str, float, bool]]:
    """Name, input tokens (no number where not said) and whether it failed, of each span."""
    none = pd.Series(np.nan, index=frame.index)
    tokens, failed = (pd.to_numeric(frame.get(name, none), errors="coerce") for name in ("input_tokens", "failed"))
    return dict(zip(keys, zip(frame["name"].astype(str), tokens, failed == 1, strict=True), strict=True))


def _repeats(before: tuple[str, float, bool], later: tuple[str, float, bool]) -> bool:
    """Whether a span is the one before once more: of its name, and after a failure or with the same input."""
    if before[0] != later[0]:
        return False
    return before[2] or before[1] == later[1] or bool(np.isnan(before[1]) and np.isnan(later[1]))


def spans_of(spans: pd.DataFrame, period: tuple[date, date], as_of: date) -> pd.DataFrame:
    """Spans that start in a period and no later than a day; all of them where they do not say when."""
    if "start" not in spans:
        return spans
    day = pd.to_datetime(spans["start"], utc=True).dt.date
    return spans[(day >= period[0]) & (day <= min(period[1], as_of))]


def _is_below_itself(key: tuple[str, str], above: Mapping[Any, Any]) -> bool:
    """Whether the way up from a span comes back to it."""
    at, seen = above.get(key), set()
    while at is not None and at not in seen and at != key:
        seen.add(at)
        at = above.get(at)
    return at == key


def _growth(frame: pd.DataFrame) -> float | None:
    if "input_tokens" not in frame:
        return None
    used = frame[frame["input_tokens"] > 0]
    ends = used.groupby("trace_id")["input_tokens"].agg(["first", "last", "size"])
    ends = ends[ends["size"] > 1]
    return float((ends["last"] / ends["first"]).max()) if len(ends) else None
