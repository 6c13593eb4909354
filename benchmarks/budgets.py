"""Budget policies on many futures, ours beside vectorised numpy; breach probability beside the linear run-rate.

python benchmarks/budgets.py                 all futures
python benchmarks/budgets.py --paths 1000    fewer

Speed: 200 policies on 10,000 futures of 36 months and 20 teams. Both read the same arrays and give the same five means
a policy. Seconds of the clock in one run, alternating; memory is what each holds beside the futures.

Breach: real series as spend by month (a day's mean; those of a year and a half or more). Every quarter, after none, one
and two of its months, is held against budgets of 0.8 to 1.3 times the mean quarter of the year before. The run-rate
projects the months of the quarter so far, or the three before it, and says 0 or 1; ours is the share of draws that
passes. Brier score: mean squared gap between what was said and what came.
"""

import argparse
import statistics
import time
from pathlib import Path

import numpy as np
import pandas as pd

from aiecon.models.adaptive_budget.grid import _BLOCK, SUMS, policy_grid
from aiecon.models.adaptive_budget.inputs import Pool
from aiecon.models.adaptive_budget.outlook import outlook

MONTHS, TEAMS, ROUNDS, TARGET = 36, 20, 3, 3.0
HERE = Path(__file__).parent
BUDGETS, DRAWS, PAST, LATEST = (0.8, 0.9, 1.0, 1.1, 1.2, 1.3), 2_000, 12, 120
HEADROOMS, CAPS = np.linspace(0, 0.38, 20), np.linspace(0, 0.27, 10)


def numpys(spend, driver, value, pools):
    """The same grid, a policy and a month at a time over all paths and teams."""
    base, target, floor, ceiling, every = (
        np.array([getattr(pool, name) for pool in pools])
        for name in ("base", "unit_cost_target", "floor", "ceiling", "review_every_months")
    )
    found, worth = [], value / spend
    for room in HEADROOMS:
        for cap in CAPS:
            budget, sums = np.broadcast_to(base, spend[:, 0].shape), np.zeros(len(SUMS))
            for month in range(MONTHS):
                if month:
                    wanted = np.minimum(budget * (1 + cap), driver[:, month - 1] * target * (1 + room))
                    wanted = np.where(month % every == 0, wanted, budget)
                    after = np.minimum(ceiling, np.maximum(floor, wanted))
                    sums[3] += (np.abs(after - budget) > 1e-9).sum()
                    budget = after
                gap = spend[:, month] - budget
                above = np.maximum(gap, 0)
                sums[0] += above.sum()
                sums[1] += np.maximum(-gap, 0).sum()
                sums[2] += (gap > 0.2 * budget + 1e-9).sum()
                sums[4] += (above * worth[:, month]).sum()
            found.append(sums / len(spend))
    return np.array(found)


def monthly():
    """Name -> a real series as spend by month, months begun left out."""
    frame = pd.read_parquet(HERE / "data/usage_series.parquet")
    for name, rows in frame[frame["freq"] != "h"].groupby("series_id"):
        by_month = rows.set_index("date")["value"].astype(float)
        if rows["freq"].iloc[0] != "MS":
            by_month = by_month.resample("MS").mean().iloc[1:-1]
        yield name, by_month.tail(LATEST)


def squared_gaps(series):
    """(ours, run-rate) squared gaps of every quarter, month in it and budget, shape (n, 2)."""
    found, values = [], series.to_numpy()
    for first in range(PAST, len(values) - 2, 3):
        budgets = 3 * values[first - PAST : first].mean() * np.array(BUDGETS)
        came = values[first : first + 3].sum() > budgets
        for over in range(3):
            past = pd.DataFrame({"month": series.index[: first + over], "spend": values[: first + over]})
            ahead = series.index[first + over : first + 3]
            drawn = outlook(past, (), ahead, name="breach", draws=DRAWS, seed=0).spend.sum(axis=1)
            spent = values[first : first + over].sum()
            pace = 3 * (values[first : first + over] if over else values[first - 3 : first]).mean()
            ours = (spent + drawn[:, None] > budgets).mean(axis=0)
            found += list(zip((ours - came) ** 2, ((pace > budgets) * 1.0 - came) ** 2, strict=True))
    return np.array(found)


def breaches():
    """Print the Brier scores, series by series and their mean."""
    print("Brier score of the breach of a quarter's budget: ours, linear run-rate")
    means = []
    for name, series in monthly():
        gaps = squared_gaps(series)
        means.append(gaps.mean(axis=0))
        print(f"  {name[:44]:44}  {means[-1][0]:.3f}  {means[-1][1]:.3f}  of {len(gaps):,}")
    ours, pace = np.mean(means, axis=0)
    wins = sum(one[0] < one[1] for one in means)
    print(f"  mean of {len(means)} series{'':27} {ours:.3f}  {pace:.3f}  ours lower on {wins} (target: lower mean)")


def main() -> None:
    """Print the scores, then the times, their ratio and the memory."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--paths", type=int, default=10_000)
    paths = parser.parse_args().paths
    breaches()
    drawn = np.random.default_rng(0)
    driver = 1_000 * np.exp(np.cumsum(0.02 + 0.1 * drawn.standard_normal((paths, MONTHS, TEAMS)), axis=1))
    spend = driver * 0.1 * np.exp(0.05 * drawn.standard_normal(driver.shape))
    value = 0.2 * driver
    pools = [
        Pool(name=f"p{at}", owner="x", base=100.0, unit_cost_target=0.1, ceiling=400.0, review_every_months=1 + at % 3)
        for at in range(TEAMS)
    ]

    def ours():
        return policy_grid(spend, driver, pools, headrooms=list(HEADROOMS), growth_caps=list(CAPS), value=value)

    policy_grid(spend[:2], driver[:2], pools, headrooms=[0.0], growth_caps=[0.0])  # compiled
    times = {"ours": [], "numpy": []}
    for _ in range(ROUNDS):
        start = time.perf_counter()
        fast = ours()
        times["ours"].append(time.perf_counter() - start)
        start = time.perf_counter()
        slow = numpys(spend, driver, value, pools)
        times["numpy"].append(time.perf_counter() - start)
    np.testing.assert_allclose(fast[SUMS], slow, rtol=1e-9)
    mid = {name: statistics.median(found) for name, found in times.items()}
    policies = len(HEADROOMS) * len(CAPS)
    held = -(-paths // _BLOCK) * len(SUMS) * policies * 8 / 2**20
    print(f"{policies} policies x {paths:,} paths x {MONTHS} months x {TEAMS} teams")
    print(f"ours  {mid['ours']:7.2f} s, holding {held:.1f} MiB beside {3 * spend.nbytes / 2**20:.0f} MiB of futures")
    print(f"numpy {mid['numpy']:7.2f} s, holding {(spend.nbytes + 6 * spend[:, 0].nbytes) / 2**20:.0f} MiB")
    print(f"ratio {mid['numpy'] / mid['ours']:7.1f} (target {TARGET:g})")


if __name__ == "__main__":
    main()
