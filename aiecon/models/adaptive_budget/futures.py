"""Ways to budget on simulated years ahead: what each overspends and strands, and which headroom and cap cost least."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from aiecon.models.adaptive_budget.grid import SUMS, policy_grid
from aiecon.models.adaptive_budget.inputs import Pool
from aiecon.models.adaptive_budget.outlook import walk
from aiecon.models.adaptive_budget.policies import TRIED, compare_policies
from aiecon.units import MONTHS_PER_YEAR

PATHS = 1_000


def simulated_years(lines: Sequence[tuple[str, pd.DataFrame, Pool]], *, seed: int) -> pd.DataFrame:
    """Hold ways to budget against simulated years of the pools that have a driver and a target, and sum over them.

    Parameters
    ----------
    lines
        Name of the random stream, months that are over (spend, driver, value) and rules of each pool.

    Returns
    -------
    pandas.DataFrame
        One row a policy: policy (static, rolling, run-rate, adaptive as agreed, then adaptive with one headroom and
        growth cap for all), headroom, growth_cap (missing where each pool has its own, or none), overspend, stranded
        [currency], escalations, revisions, value_refused [currency] (means over 1,000 years of twelve months). Empty
        without such a pool.

    Notes
    -----
    Driver, cost of a unit and value of a unit each go on as the outlook has them and stray independently; spend and
    value are the driver times theirs. Value of a pool that is not known in its last month is not counted. Every way
    starts from the base in force; reviews are the pool's own, and as on the last year gates, floors and ceilings are
    left out: the first have no evidence yet, the others are of today.
    """
    known = [
        (name, driven, pool.model_copy(update={"floor": 0.0, "ceiling": None}))
        for name, rows, pool in lines
        if pool.unit_cost_target is not None and len(driven := rows[rows["driver"] > 0])
    ]
    if not known:
        return pd.DataFrame(columns=["policy", "headroom", "growth_cap", *SUMS])
    driver = np.stack([_walked(rows["driver"], f"{name}.years.driver", seed) for name, rows, _ in known], axis=2)
    unit = [_walked(rows["spend"] / rows["driver"], f"{name}.years.unit", seed) for name, rows, _ in known]
    spend, pools = driver * np.stack(unit, axis=2), [pool for *_, pool in known]
    value = driver * np.stack([_unit_value(rows, f"{name}.years.value", seed) for name, rows, _ in known], axis=2)
    each = [_one(spend[:, :, at], driver[:, :, at], value[:, :, at], pool) for at, pool in enumerate(pools)]
    agreed = pd.concat(each).groupby("policy", sort=False)[SUMS].sum(min_count=1).reset_index()
    tried = policy_grid(spend, driver, pools, headrooms=TRIED["headroom"], growth_caps=TRIED["growth_cap"], value=value)
    return pd.concat([agreed, tried.assign(policy="adaptive")], ignore_index=True)


def _one(spend: np.ndarray, driver: np.ndarray, value: np.ndarray, pool: Pool) -> pd.DataFrame:
    """Every way to budget on a pool's years, arrays of shape (n_paths, n_months): the rules as agreed come last."""
    plain = compare_policies(spend, pool, value=value)
    cost, count, worth = (one[:, :, None] for one in (spend, driver, value))
    rooms, caps = [pool.headroom], [pool.growth_cap]
    ours = policy_grid(cost, count, [pool], headrooms=rooms, growth_caps=caps, value=worth)
    return pd.concat([plain[plain["policy"] != "adaptive"], ours.assign(policy="adaptive")])


def _unit_value(rows: pd.DataFrame, name: str, seed: int) -> np.ndarray:
    """Value of a unit of the driver, shape (n_paths, n_months); missing where that of the last month is."""
    past = rows["value"] / rows["driver"]
    if pd.isna(past.iloc[-1]):
        return np.full((PATHS, MONTHS_PER_YEAR), np.nan)
    return _walked(past.dropna(), name, seed)


def _walked(past: pd.Series, name: str, seed: int) -> np.ndarray:
    return walk(past.to_numpy(dtype=float), MONTHS_PER_YEAR, name, PATHS, seed)
