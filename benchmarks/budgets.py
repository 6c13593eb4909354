"""Budget policies: 200 of them on 10,000 futures of 36 months and 20 teams, ours beside vectorised numpy.

python benchmarks/budgets.py                 all futures
python benchmarks/budgets.py --paths 1000    fewer

Both read the same arrays and give the same four means a policy. Seconds of the clock in one run, alternating; memory is
what each holds beside the futures.
"""

import argparse
import statistics
import time

import numpy as np

from aiecon.models.adaptive_budget.grid import _BLOCK, policy_grid
from aiecon.models.adaptive_budget.inputs import Pool

MONTHS, TEAMS, ROUNDS, TARGET = 36, 20, 3, 3.0
HEADROOMS, CAPS = np.linspace(0, 0.38, 20), np.linspace(0, 0.27, 10)


def numpys(spend, driver, pools):
    """The same grid, a policy and a month at a time over all paths and teams."""
    base, target, floor, ceiling, every = (
        np.array([getattr(pool, name) for pool in pools])
        for name in ("base", "unit_cost_target", "floor", "ceiling", "review_every_months")
    )
    found = []
    for room in HEADROOMS:
        for cap in CAPS:
            budget, sums = np.broadcast_to(base, spend[:, 0].shape), np.zeros(4)
            for month in range(MONTHS):
                if month:
                    wanted = np.minimum(budget * (1 + cap), driver[:, month - 1] * target * (1 + room))
                    wanted = np.where(month % every == 0, wanted, budget)
                    after = np.minimum(ceiling, np.maximum(floor, wanted))
                    sums[3] += (np.abs(after - budget) > 1e-9).sum()
                    budget = after
                gap = spend[:, month] - budget
                sums[0] += np.maximum(gap, 0).sum()
                sums[1] += np.maximum(-gap, 0).sum()
                sums[2] += (gap > 0.2 * budget + 1e-9).sum()
            found.append(sums / len(spend))
    return np.array(found)


def main() -> None:
    """Print the times, their ratio and the memory."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--paths", type=int, default=10_000)
    paths = parser.parse_args().paths
    drawn = np.random.default_rng(0)
    driver = 1_000 * np.exp(np.cumsum(0.02 + 0.1 * drawn.standard_normal((paths, MONTHS, TEAMS)), axis=1))
    spend = driver * 0.1 * np.exp(0.05 * drawn.standard_normal(driver.shape))
    pools = [
        Pool(name=f"p{at}", owner="x", base=100.0, unit_cost_target=0.1, ceiling=400.0, review_every_months=1 + at % 3)
        for at in range(TEAMS)
    ]

    def ours():
        return policy_grid(spend, driver, pools, headrooms=list(HEADROOMS), growth_caps=list(CAPS))

    policy_grid(spend[:2], driver[:2], pools, headrooms=[0.0], growth_caps=[0.0])  # compiled
    times = {"ours": [], "numpy": []}
    for _ in range(ROUNDS):
        start = time.perf_counter()
        fast = ours()
        times["ours"].append(time.perf_counter() - start)
        start = time.perf_counter()
        slow = numpys(spend, driver, pools)
        times["numpy"].append(time.perf_counter() - start)
    np.testing.assert_allclose(fast[["overspend", "stranded", "escalations", "revisions"]], slow, rtol=1e-9)
    mid = {name: statistics.median(found) for name, found in times.items()}
    policies = len(HEADROOMS) * len(CAPS)
    held = min(paths, _BLOCK) * policies * 4 * 8 / 2**20
    print(f"{policies} policies x {paths:,} paths x {MONTHS} months x {TEAMS} teams")
    print(f"ours  {mid['ours']:7.2f} s, holding {held:.0f} MiB beside {2 * spend.nbytes / 2**20:.0f} MiB of futures")
    print(f"numpy {mid['numpy']:7.2f} s, holding {6 * spend[:, 0].nbytes / 2**20:.0f} MiB")
    print(f"ratio {mid['numpy'] / mid['ours']:7.1f} (target {TARGET:g})")


if __name__ == "__main__":
    main()
