"""Demand by the minute, where a file of requests says it, and the peak it shows."""

import numpy as np

from aiecon.models.self_host.inputs import SelfHostInputs
from aiecon.vocabulary.distribution import base

_SECONDS_PER_MINUTE = 60.0


def load_by_minute(inputs: SelfHostInputs) -> np.ndarray:
    """Replicas busy in each minute of the file, at the measured throughput. [replicas], shape (n_minutes,)"""
    assert inputs.workload.file is not None
    frame, serving = inputs.workload.file.table.frame, inputs.serving
    if serving.requests_per_second is not None:
        seconds = frame["requests"].to_numpy(dtype=float) / base(serving.requests_per_second)
    else:
        assert serving.input_tokens_per_second is not None
        assert serving.output_tokens_per_second is not None
        uncached = 1.0 - base(inputs.workload.shape.cached_input_share)
        read = frame["input_tokens"].to_numpy(dtype=float) * uncached / base(serving.input_tokens_per_second)
        seconds = read + frame["output_tokens"].to_numpy(dtype=float) / base(serving.output_tokens_per_second)
    return np.asarray(seconds / _SECONDS_PER_MINUTE)


def with_peak(inputs: SelfHostInputs) -> SelfHostInputs:
    """The inputs with the peak of the file, where it is left out: the busiest minute over the mean one."""
    workload = inputs.workload
    if workload.file is None or "peak_to_mean" in workload.model_fields_set:
        return inputs
    load = load_by_minute(inputs)
    if load.mean() <= 0:
        return inputs
    changed = workload.model_copy(update={"peak_to_mean": float(load.max() / load.mean())})
    return inputs.model_copy(update={"workload": changed})
