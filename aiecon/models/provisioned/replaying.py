"""Requests one by one against the admission of provisioned throughput: what is refused, and why."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd

from aiecon.errors import FrameError, InputError
from aiecon.kernels import provisioned as kernel
from aiecon.vocabulary.arguments import is_number, number_problems

COLUMNS = ("arrival_s", "input_tokens", "cached_tokens", "max_tokens", "output_tokens", "completion_s")
_SECONDS_PER_MINUTE = 60.0


@dataclass(frozen=True, eq=False)
class Replay:
    """What became of each request.

    Attributes
    ----------
    admitted
        Whether it was admitted, shape (n_requests,), in the order given.
    retry_after_s
        Seconds after which the level no longer exceeds the capacity; 0 when admitted.
    level
        Level of the bucket before it. [normalised tokens]
    estimate, actual
        Normalised tokens it reserved on arrival, and those it used.
    """

    admitted: np.ndarray
    retry_after_s: np.ndarray
    level: np.ndarray
    estimate: np.ndarray
    actual: np.ndarray

    @property
    def refused_share(self) -> float:
        """Part of the requests that was refused."""
        return float(1.0 - self.admitted.mean())

    @property
    def overestimate_share(self) -> float | None:
        """Tokens reserved beyond those used ÷ tokens used, of admitted requests; None when none was used."""
        used = float(self.actual[self.admitted].sum())
        return float(self.estimate[self.admitted].sum()) / used - 1.0 if used > 0 else None

    def to_frame(self) -> pd.DataFrame:
        """One row a request: admitted, retry_after_s, level, estimate, actual."""
        return pd.DataFrame(
            {
                "admitted": self.admitted,
                "retry_after_s": self.retry_after_s,
                "level": self.level,
                "estimate": self.estimate,
                "actual": self.actual,
            }
        )


def replay(
    requests: pd.DataFrame,
    *,
    tokens_per_minute: float,
    output_weight: float,
    cached_weight: float = 0.0,
    window_minutes: float = 1.0,
) -> Replay:
    """Run requests through the leaky bucket of provisioned throughput.

    Parameters
    ----------
    requests
        Columns arrival_s, input_tokens, cached_tokens, max_tokens, output_tokens, completion_s (a time). One row a
        request, in any order. [s, tokens]
    tokens_per_minute
        Normalised tokens that the units bought serve a minute.
    output_weight, cached_weight
        An output token, and a cached input token, in input tokens.
    window_minutes
        Minutes of capacity that the level may reach before requests are refused; one minute as documented, an
        assumption for other vendors.

    Returns
    -------
    Replay
        For each request: admitted, retry_after_s, level.

    Raises
    ------
    FrameError
        With every problem of the requests.

    Notes
    -----
    A request is refused only when the level before it exceeds the window's capacity. An admitted one adds its estimate
    (input − (1 − cached weight) × cached + output weight × max_tokens) and is corrected to what it used when it ends;
    the level drains all the time and never falls below 0. Source: Microsoft, "Provisioned throughput", on utilization
    and 429 responses.

    Examples
    --------
    >>> requests = pd.DataFrame({"arrival_s": [0.0, 1.0, 2.0], "input_tokens": [90, 90, 90], "cached_tokens": 0,
    ...                          "max_tokens": 5, "output_tokens": 5, "completion_s": [0.5, 1.5, 2.5]})
    >>> found = replay(requests, tokens_per_minute=100.0, output_weight=2.0)
    >>> found.admitted.tolist(), found.level.round(3).tolist()
    ([True, True, False], [0.0, 98.333, 196.667])
    """
    _check(tokens_per_minute, output_weight, cached_weight, window_minutes)
    queue = Queue.of(requests, output_weight=output_weight, cached_weight=cached_weight)
    admitted, *found = queue.against(tokens_per_minute, window_minutes=window_minutes)
    back = np.argsort(queue.order, kind="stable")
    return Replay(admitted[back], *(values[back] for values in (*found, queue.estimate, queue.actual)))


@dataclass(frozen=True, eq=False)
class Queue:
    """Checked requests in order of arrival, to be run against one capacity after the other.

    Attributes
    ----------
    order
        Place of each request in the rows given. Shape (n_requests,), as all
    arrival, completion
        Of each, and `by_completion` their places in order of completion. [s]
    estimate, actual
        Normalised tokens reserved on arrival, and used.
    """

    order: np.ndarray
    arrival: np.ndarray
    completion: np.ndarray
    by_completion: np.ndarray
    estimate: np.ndarray
    actual: np.ndarray

    @classmethod
    def of(cls, requests: pd.DataFrame, *, output_weight: float, cached_weight: float) -> Self:
        """Check requests, as `replay` takes them, and put them in order."""
        columns = _columns(requests)
        order = np.argsort(columns["arrival_s"], kind="stable")
        columns = {name: values[order] for name, values in columns.items()}
        kept = columns["input_tokens"] - (1.0 - cached_weight) * columns["cached_tokens"]
        return cls(
            order=order,
            arrival=columns["arrival_s"],
            completion=columns["completion_s"],
            by_completion=np.argsort(columns["completion_s"], kind="stable"),
            estimate=kept + output_weight * columns["max_tokens"],
            actual=kept + output_weight * columns["output_tokens"],
        )

    def against(self, tokens_per_minute: float, *, window_minutes: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Whether each request is admitted, its retry_after_s and the level before it, in order of arrival."""
        count = len(self.order)
        admitted, retry, level = np.empty(count, dtype=bool), np.empty(count), np.empty(count)
        kernel.leaky_bucket(
            self.arrival,
            self.estimate,
            self.actual,
            self.completion,
            self.by_completion,
            tokens_per_minute * window_minutes,
            tokens_per_minute / _SECONDS_PER_MINUTE,
            admitted,
            retry,
            level,
        )
        return admitted, retry, level


def _check(tokens_per_minute: float, output_weight: float, cached_weight: float, window_minutes: float) -> None:
    is_share = is_number(cached_weight) and 0 <= cached_weight <= 1
    problems = [
        *number_problems("above zero", tokens_per_minute=tokens_per_minute),
        *number_problems(output_weight=output_weight),
        *([] if is_share else [f"cached_weight must be between 0 and 1, got {cached_weight!r}"]),
        *number_problems("above zero", window_minutes=window_minutes),
    ]
    if problems:
        raise InputError(problems)


def _columns(requests: pd.DataFrame) -> dict[str, np.ndarray]:
    """The columns as numbers, checked."""
    missing = [column for column in COLUMNS if column not in requests]
    problems = [f"requests: column '{column}' is missing; it has {list(requests)}" for column in missing]
    if len(requests) == 0:
        problems.append("requests: there is no row")
    found = {}
    for column in COLUMNS:
        if column in requests:
            values = pd.to_numeric(requests[column], errors="coerce").to_numpy(dtype=float)
            found[column] = values
            broken = ~np.isfinite(values) | ((values < 0) if column.endswith("tokens") else False)
            if broken.any():
                row = int(np.flatnonzero(broken)[0])
                cell = requests[column].iloc[row]
                problems.append(
                    f"requests: column '{column}': row {row} has {cell!r}, a number of zero or more is expected"
                )
    if not problems:
        late = found["completion_s"] < found["arrival_s"]
        over = found["cached_tokens"] > found["input_tokens"]
        for broken, words in ((late, "ends before it arrives"), (over, "has more cached tokens than input tokens")):
            if broken.any():
                problems.append(
                    f"requests: row {int(np.flatnonzero(broken)[0])} {words}; {int(broken.sum()):,} rows do"
                )
    if problems:
        raise FrameError(problems)
    return found
