"""The map of doubt: how probable it is that a month of hosting is cheaper, by volume and by usable share."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from aiecon.errors import InputError
from aiecon.kernels import self_host as kernel
from aiecon.models.self_host.economics import Economics, drawn
from aiecon.models.self_host.inputs import SelfHostInputs
from aiecon.models.self_host.profile import with_peak
from aiecon.vocabulary.capacity import FORGIVEN
from aiecon.vocabulary.overrides import override


def probability_map(
    inputs: SelfHostInputs, *, volumes: Sequence[float] | np.ndarray, usable_shares: Sequence[float] | np.ndarray
) -> pd.DataFrame:
    """Return the probability that one month of hosting costs strictly less than the API at today's prices.

    Parameters
    ----------
    inputs
        Every other uncertainty is drawn; growth, price decline and migration are left aside, owned capital is an
        annuity over its life.
    volumes
        Mean volumes, zero or more. [million tokens/month], shape (n_volumes,)
    usable_shares
        Parts of the measured throughput that are planned with, above 0 and at most 1, shape (n_shares,)

    Returns
    -------
    pd.DataFrame
        One row a cell: mtok_per_month, usable_share, probability.

    Examples
    --------
    >>> from aiecon.models.self_host import SelfHostInputs
    >>> inputs = SelfHostInputs.build({
    ...     "workload": {"mtok_per_month": 1_000.0,
    ...                  "shape": {"input_tokens_per_request": 750, "output_tokens_per_request": 250}},
    ...     "api_blended_per_mtok": {"shape": "uniform", "low": 2.0, "high": 6.0},
    ...     "serving": {"requests_per_second": 1.0, "gpus_per_replica": 1},
    ...     "gpu": {"purchase": "on_demand", "price_per_gpu_hour": 2.0},
    ...     "horizon_months": 12, "discount_rate": 0.08,
    ... })
    >>> probability_map(inputs, volumes=[100.0, 1_000.0], usable_shares=[1.0])["probability"].tolist()
    [0.0, 1.0]
    """
    at, shares = np.asarray(volumes, dtype=float), np.asarray(usable_shares, dtype=float)
    problems = []
    if at.ndim != 1 or not len(at) or not np.all(np.isfinite(at) & (at >= 0)):
        problems.append(f"volumes must be a list of numbers of zero or more, got {volumes!r}")
    if shares.ndim != 1 or not len(shares) or not np.all((shares > 0) & (shares <= 1)):
        problems.append(f"usable_shares must be a list of numbers above 0 and at most 1, got {usable_shares!r}")
    if problems:
        raise InputError(problems)
    cases = cases_at_full_use(inputs)
    out = np.zeros((len(at), len(shares)), dtype=np.int64)
    per_carried, price, per_server, fixed, sizes = rows(cases)
    kernel.wins(at, shares, per_carried, price, per_server, fixed, sizes, FORGIVEN, out)
    grid = np.meshgrid(at, shares, indexing="ij")
    return pd.DataFrame(
        {
            "mtok_per_month": grid[0].ravel(),
            "usable_share": grid[1].ravel(),
            "probability": out.ravel() / cases.cases,
        }
    )


def cases_at_full_use(inputs: SelfHostInputs) -> Economics:
    """The draws, all of the throughput planned with."""
    inputs = override(with_peak(inputs), {"serving.usable_share": 1.0})
    return Economics(inputs, drawn(inputs))


def rows(cases: Economics) -> tuple[np.ndarray, ...]:
    """What the kernel is given of each draw, and the sizes; GPUs bought one by one are servers of one."""
    gpu, serving = cases.inputs.gpu, cases.inputs.serving
    size = gpu.gpus_per_server or 1
    per_server = size * (cases.running_per_gpu + cases.annuity_per_gpu) + cases.per_server
    found = (1.0 / cases.mtok_per_replica, cases.api_per_mtok, per_server, cases.value("fixed_cost_per_month"))
    sizes = np.array([float(serving.minimum_replicas), serving.gpus_per_replica / size])
    return *(np.ascontiguousarray(np.broadcast_to(row, (cases.cases, 1))[:, 0]) for row in found), sizes
