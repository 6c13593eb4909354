"""Futures of many people's use beside vectorised numpy, and the allocation of 100,000 people over three plans.

python benchmarks/seats.py            20,000 people x 24 months x 256 futures
python benchmarks/seats.py --full     100,000 people x 24 months x 1,000 futures: minutes

Both add up use and overrun of 48 groups of people by month and future, in double precision; numpy in chunks of people
that fit its cache, with its own normals and two threads where the kernel has two (its ufuncs release the lock). Rounds
alternate. Seconds of the clock, and of the processors, which other work on the machine does not lengthen as much.
"""

import resource
import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numba
import numpy as np

from aiecon.kernels import seats as kernel
from aiecon.kernels.simulation import LANES
from aiecon.models.seats.allocation import allocate
from aiecon.models.seats.inputs import Plan
from aiecon.models.seats.people import People

IS_FULL = "--full" in sys.argv
PEOPLE, MONTHS, FUTURES = (100_000, 24, 1_000) if IS_FULL else (20_000, 24, 256)
BUCKETS, SIGMA, LASTING, INCLUDED = 48, 0.5, 0.7, 20.0
ROUNDS = 1 if IS_FULL else 3
CHUNK = 32  # people at a time in numpy: the quickest of 8 to 512
WIDTH = -(-FUTURES // LANES) * LANES  # futures the kernel computes: whole blocks


def compiled(spend, bucket, threads):
    numba.set_num_threads(threads)
    used, over = np.zeros((2, BUCKETS, MONTHS, WIDTH))
    key = np.array([1, 2], dtype=np.uint64)
    kernel.futures(spend, bucket, np.ones((MONTHS, WIDTH)), SIGMA, LASTING, INCLUDED, key, used, over)
    return used[:, :, :FUTURES], over[:, :, :FUTURES]


def vectorised(spend, bucket, seed=0):
    random = np.random.Generator(np.random.SFC64(seed))  # the quickest of numpy's
    used, over = np.zeros((2, BUCKETS, MONTHS, FUTURES))
    z, state, use = np.empty((3, CHUNK, FUTURES))
    for place in range(BUCKETS):
        group = spend[bucket == place]
        for start in range(0, len(group), CHUNK):
            mean = group[start : start + CHUNK, None]
            n = len(mean)
            for month in range(MONTHS):
                random.standard_normal(out=z[:n])
                if month:
                    z[:n] *= np.sqrt(1 - LASTING**2)
                    state[:n] *= LASTING
                    state[:n] += z[:n]
                else:
                    state[:n] = z[:n]
                np.multiply(state[:n], SIGMA, out=use[:n])
                use[:n] -= SIGMA**2 / 2
                np.exp(use[:n], out=use[:n])
                use[:n] *= mean
                used[place, month] += use[:n].sum(axis=0)
                use[:n] -= INCLUDED
                np.maximum(use[:n], 0.0, out=use[:n])
                over[place, month] += use[:n].sum(axis=0)
    return used, over


def in_threads(spend, bucket):
    """The vectorised version, half of the people in each of two threads."""
    with ThreadPoolExecutor(2) as pool:
        parts = [pool.submit(vectorised, spend[half::2], bucket[half::2], half) for half in range(2)]
        return tuple(sum(found) for found in zip(*(part.result() for part in parts), strict=True))


def timed(function):
    clock, processor = time.perf_counter(), time.process_time()
    result = function()
    return time.perf_counter() - clock, time.process_time() - processor, result


def futures():
    random = np.random.default_rng(0)
    spend = np.sort(random.lognormal(3.0, 1.5, PEOPLE))[::-1].copy()
    bucket = np.arange(PEOPLE) * BUCKETS // PEOPLE
    compiled(spend[:10], bucket[:10], 2)
    ways = {
        "kernel, two threads": lambda: compiled(spend, bucket, 2),
        "numpy, one thread": lambda: vectorised(spend, bucket),
        "numpy, two threads": lambda: in_threads(spend, bucket),
    }
    print(f"{PEOPLE:,} people x {MONTHS} months x {FUTURES:,} futures")
    rounds = [{name: timed(way) for name, way in ways.items()} for _ in range(ROUNDS)]
    kernel_clock, kernel_processor = (
        statistics.median(one["kernel, two threads"][place] for one in rounds) for place in (0, 1)
    )
    for name in ways:
        clock, processor = (statistics.median(one[name][place] for one in rounds) for place in (0, 1))
        print(
            f"  {name:20} {clock:8.2f} s ({clock / kernel_clock:.1f}x), "
            f"{processor:8.2f} s of processors ({processor / kernel_processor:.1f}x)"
        )
    sums = [one[2][0].sum() for one in rounds[0].values()]
    print(f"  total use apart: {max(sums) / min(sums) - 1:.1e}")
    arrays = 2 * BUCKETS * MONTHS * WIDTH * 8 / 2**20
    print(f"  sums kept: {arrays:.0f} MB, whatever the number of people")


def allocation(count=100_000):
    random = np.random.default_rng(1)
    spend = np.sort(random.lognormal(3.0, 1.5, count))[::-1]
    people = People(spend, np.ones(count), np.arange(count))
    plans = [
        Plan(name="flat", price_per_seat_month=100, overage_factor=0),
        Plan(name="own", price_per_seat_month=20, included_usage_per_seat_month=40, overage_factor=0.9),
        Plan(
            name="pool",
            price_per_seat_month=19,
            included_usage_per_seat_month=30,
            pooled=True,
            overage_factor=1.0,
            minimum_seats=500,
        ),
    ]
    clock, processor, found = timed(lambda: allocate(people, plans, fee=0.0))
    print(f"{count:,} people over three plans: {clock:.2f} s, {processor:.2f} s of processors")
    print(f"  cost {found.cost:,.0f}, proved within {found.gap / found.cost:.1e}; seats {found.seats}")


def main():
    futures()
    allocation()
    print(f"largest memory of the process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10:,.0f} MB")


if __name__ == "__main__":
    main()
