"""Ways to budget on simulated years ahead: what each overspends and strands, and which headroom and cap cost least."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from aiecon.models.adaptive_budget.grid import policy_grid
from aiecon.models.adaptive_budget.inputs import Pool
from aiecon.models.adaptive_budget.outlook import walk
from aiecon.models.adaptive_budget.policies import TRIED, compare_policies
from aiecon.units import MONTHS_PER_YEAR

PATHS = 1_000
_SUMS = ["overspend", "stranded", "escalations", "revisions"]


def simulated_years(lines: Sequence[tuple[str, pd.DataFrame, Pool]], *, seed: int) -> pd.DataFrame:
    """Hold ways to budget against simulated years of the pools that have a driver and a target, and sum over them.

    Parameters
    ----------
    lines
        Name of the random stream, months that are over (spend, driver) and rules of each pool.

    Returns
    -------
    pandas.DataFrame
        One row a policy: policy (static, rolling, run-rate, adaptive as agreed, then adaptive with one headroom and
        growth cap for all), headroom, growth_cap (missing where each pool has its own, or none), overspend, stranded
        [currency], escalations, revisions (means over 1,000 years of twelve months). Empty without such a pool.

    Notes
    -----
    Driver and cost of a unit each go on as the outlook has them and stray independently; spend is their product. Every
    way starts from the base in force; reviews are the pool's own, and as on the last year gates, floors and ceilings
    are left out: the first have no evidence yet, the others are of today.
    """
    known = [
        (name, driven, pool.model_copy(update={"floor": 0.0, "ceiling": None}))
        for name, rows, pool in lines
        if pool.unit_cost_target is not None and len(driven := rows[rows["driver"] > 0])
    ]
    if not known:
        return pd.DataFrame(columns=["policy", "headroom", "growth_cap", *_SUMS])
    driver = np.stack([_walked(rows["driver"], f"{name}.years.driver", seed) for name, rows, _ in known], axis=2)
    unit = [_walked(rows["spend"] / rows["driver"], f"{name}.years.unit", seed) for name, rows, _ in known]
    spend, pools = driver * np.stack(unit, axis=2), [pool for *_, pool in known]
    plain = pd.concat([compare_policies(spend[:, :, place], pool) for place, pool in enumerate(pools)])
    others = plain[plain["policy"] != "adaptive"].groupby("policy", sort=False)[_SUMS].sum().reset_index()
    agreed = pd.concat(
        [
            policy_grid(
                spend[:, :, [place]],
                driver[:, :, [place]],
                [pool],
                headrooms=[pool.headroom],
                growth_caps=[pool.growth_cap],
            )
            for place, pool in enumerate(pools)
        ]
    )
    ours = agreed[_SUMS].sum().to_frame().T.assign(policy="adaptive")
    tried = policy_grid(spend, driver, pools, headrooms=TRIED["headroom"], growth_caps=TRIED["growth_cap"])
    return pd.concat([others, ours, tried.assign(policy="adaptive")], ignore_index=True)


def _walked(past: pd.Series, name: str, seed: int) -> np.ndarray:
    return walk(past.to_numpy(dtype=float), MONTHS_PER_YEAR, name, PATHS, seed)
