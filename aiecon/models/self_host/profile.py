"""Load over time, where a list of hours or a file of requests says it, and the peak it shows."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from aiecon.models.self_host.inputs import SelfHostInputs
from aiecon.models.self_host.throughput import measured_rates
from aiecon.vocabulary.distribution import base

_SECONDS_PER_MINUTE = 60.0
_MINUTES_PER_HOUR = 60


@dataclass(frozen=True, eq=False)
class LoadProfile:
    """Load over time, relative to its mean.

    Attributes
    ----------
    slots
        Load of each stretch of time, all of the same length, mean 1; shape (n_slots,)
    per_hour
        Slots of an hour; the last hour may have fewer. [slots]
    """

    slots: np.ndarray
    per_hour: int

    @cached_property
    def hours(self) -> np.ndarray:
        """Busiest slot of each hour, shape (n_hours,)"""
        return np.maximum.reduceat(self.slots, np.arange(0, len(self.slots), self.per_hour))

    @cached_property
    def rising(self) -> tuple[np.ndarray, np.ndarray]:
        """Slots in rising order, and the sum of each with all above it; shape (n_slots,) and (n_slots + 1,)"""
        slots = np.sort(self.slots)
        return slots, np.append(np.cumsum(slots[::-1])[::-1], 0.0)

    def above(self, level: np.ndarray) -> np.ndarray:
        """Part of all load that lies above levels, each slot cut at it; shape of `level`."""
        slots, sums = self.rising
        first = np.searchsorted(slots, level, side="right")
        return np.asarray(np.maximum(sums[first] - level * (len(slots) - first), 0.0) / len(slots))


def load_by_minute(inputs: SelfHostInputs) -> np.ndarray:
    """Replicas busy in each minute of the file, at the measured throughput. [replicas], shape (n_minutes,)"""
    assert inputs.workload.file is not None
    frame, serving = inputs.workload.file.table.frame, inputs.serving
    if serving.requests_per_second is not None:
        seconds = frame["requests"].to_numpy(dtype=float) / base(serving.requests_per_second)
    else:
        rates = measured_rates(inputs)
        reads = rates.get("serving.input_tokens_per_second", serving.input_tokens_per_second)
        writes = rates.get("serving.output_tokens_per_second", serving.output_tokens_per_second)
        assert reads is not None
        assert writes is not None
        shape = inputs.workload.shape
        other = frame["requests"].to_numpy(dtype=float) * sum((shape.other_input_tokens or {}).values())
        uncached = frame["input_tokens"].to_numpy(dtype=float) * (1.0 - base(shape.cached_input_share))
        read = (uncached + other) / base(reads)
        seconds = read + frame["output_tokens"].to_numpy(dtype=float) / base(writes)
    return np.asarray(seconds / _SECONDS_PER_MINUTE)


def load_profile(inputs: SelfHostInputs) -> LoadProfile | None:
    """The hours given, else the minutes of the file; None without either, or without load."""
    hours = inputs.workload.hourly_load
    if hours is not None:
        return LoadProfile(np.array(hours) / np.mean(hours), 1)
    if inputs.workload.file is None:
        return None
    load = load_by_minute(inputs)
    return LoadProfile(load / load.mean(), _MINUTES_PER_HOUR) if load.mean() > 0 else None


def with_peak(inputs: SelfHostInputs) -> SelfHostInputs:
    """The inputs with the peak where it is left out: the busiest minute of the file, or hour, over the mean one."""
    workload = inputs.workload
    if "peak_to_mean" in workload.model_fields_set:
        return inputs
    if workload.file is None:
        peak = (
            None if workload.hourly_load is None else float(max(workload.hourly_load) / np.mean(workload.hourly_load))
        )
    else:
        load = load_by_minute(inputs)
        peak = float(load.max() / load.mean()) if load.mean() > 0 else None
    if peak is None:
        return inputs
    return inputs.model_copy(update={"workload": workload.model_copy(update={"peak_to_mean": peak})})
