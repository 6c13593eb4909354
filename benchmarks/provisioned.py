"""Provisioned throughput: every number of units over a year of minutes, resampled months, requests one by one.

python benchmarks/provisioned.py              the log of requests has 2 million rows
python benchmarks/provisioned.py --requests 20000000

Sweep: tokens beyond each of 501 numbers of units, and their cost at each minute's own price; all methods do the same.
Medians over rounds that alternate, in seconds of CPU, so that what else runs counts little. The bucket in C needs gcc;
without it, our own figure alone.
"""

import argparse
import ctypes
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from aiecon.ingestion.demand import read_demand
from aiecon.kernels.provisioned import leaky_bucket
from aiecon.models.provisioned import ProvisionedInputs
from aiecon.models.provisioned.confidence import confidence
from aiecon.models.provisioned.curve import curve
from aiecon.models.provisioned.demand import minutes_of, spilled
from aiecon.vocabulary.source import Source

MINUTES, UNITS, DAY = 525_600, 500, 1_440
ROUNDS = 7
C_BUCKET = r"""
#include <math.h>
#include <stdint.h>
double bucket(int64_t n, const double *arrival, const double *estimate, const double *actual, const double *completion,
              const int64_t *by_completion, double capacity, double drain, uint8_t *admitted, double *retry_after,
              double *levels)
{
    if (n == 0) return 0.0;
    double level = 0.0, now = arrival[0];
    int64_t done = 0, j = by_completion[0];
    double end = completion[j];
    for (int64_t i = 0; i < n; i++) {
        double at = arrival[i];
        while (end <= at && j < i) {
            if (admitted[j]) {
                level -= drain * (end - now);
                level = level > 0.0 ? level : 0.0;
                level += actual[j] - estimate[j];
                level = level > 0.0 ? level : 0.0;
                now = end;
            }
            done++;
            j = done < n ? by_completion[done] : 0;
            end = done < n ? completion[j] : INFINITY;
        }
        level -= drain * (at - now);
        level = level > 0.0 ? level : 0.0;
        now = at;
        levels[i] = level;
        if (level > capacity) {
            admitted[i] = 0;
            retry_after[i] = (level - capacity) / drain;
        } else {
            admitted[i] = 1;
            retry_after[i] = 0.0;
            level += estimate[i];
        }
    }
    return level;
}
"""


def timed(function, *, clock=time.process_time):
    started = clock()
    result = function()
    return clock() - started, result


def alternated(*functions, rounds=ROUNDS):
    """Seconds of each function in every round, and what each returned last."""
    seconds, found = [[] for _ in functions], [None] * len(functions)
    for _ in range(rounds):
        for place, function in enumerate(functions):
            spent, found[place] = timed(function)
            seconds[place].append(spent)
    return seconds, found


def ratio(slow, fast):
    return statistics.median(one / other for one, other in zip(slow, fast, strict=True))


def shown(name, found, target, is_good):
    print(f"  {name:<54}{found:>10}   target {target:<10}{'' if is_good else '  MISSED'}")


def question(**more):
    """Units of 1,000 tokens a minute; the demand is set by the caller."""
    values = {
        "capacity_unit": {
            "provider": "p",
            "model": "m",
            "tokens_per_minute": 1_000,
            "output_weight": 8,
            "minimum_units": 1,
            "increment_units": 1,
        },
        "payg": {"provider": "p", "model": "m", "input_per_mtok": 2.0, "output_per_mtok": 16.0},
        "terms": [{"name": "month", "price_per_unit_month": 50.0, "commitment_months": 1}],
        "shape": {"input_tokens_per_request": 1_000, "output_tokens_per_request": 100},
        "demand": {"peak_requests_per_minute": 1.0},
    }
    return ProvisionedInputs.build(values | more)


def year(seed=0):
    """A year of minutes whose busiest fills 500 units: days, nights, and bursts."""
    random = np.random.default_rng(seed)
    minute = np.arange(MINUTES)
    demand = (1.2 + np.sin(2 * np.pi * minute / DAY)) * random.lognormal(0, 0.6, MINUTES)
    return demand * (UNITS * 1_000.0 / demand.max())


def naive(demand, value, unit):
    price, tokens, cost = value / demand, np.empty(UNITS + 1), np.empty(UNITS + 1)
    for count in range(UNITS + 1):
        beyond = np.maximum(demand - count * unit, 0.0)
        tokens[count], cost[count] = beyond.sum(), beyond @ price
    return tokens, cost


def by_sorting(demand, value, unit):
    order = np.argsort(demand)
    demand, value = demand[order], value[order]
    capacity = unit * np.arange(UNITS + 1)
    above = np.searchsorted(demand, capacity, side="right")
    sums = [np.append(np.cumsum(part[::-1])[::-1], 0.0)[above] for part in (demand, value, value / demand)]
    return sums[0] - capacity * (MINUTES - above), sums[1] - capacity * sums[2]


def by_sorting_tokens_alone(demand, unit):
    demand = np.sort(demand)
    capacity = unit * np.arange(UNITS + 1)
    above = np.searchsorted(demand, capacity, side="right")
    return np.append(np.cumsum(demand[::-1])[::-1], 0.0)[above] - capacity * (MINUTES - above)


def sweep():
    demand = year()
    value = demand * np.random.default_rng(1).uniform(1e-6, 3e-6, MINUTES)
    unit = 1_000.0
    spilled(demand, value, unit, UNITS)
    (ours, sort, alone, slow), found = alternated(
        lambda: spilled(demand, value, unit, UNITS),
        lambda: by_sorting(demand, value, unit),
        lambda: by_sorting_tokens_alone(demand, unit),
        lambda: naive(demand, value, unit),
    )
    milli = statistics.median(ours) * 1e3
    print(f"501 numbers of units over {MINUTES:,} minutes: {milli:.2f} ms")
    error = max(np.abs(a - b).max() / b[0] for a, b in zip(found[0], found[3], strict=True))
    times = ratio(slow, ours)
    shown("naive loop over counts, times ours", f"{times:.0f}x", ">= 300x", times >= 300)
    times = ratio(sort, ours)
    shown("sort, prefix sums, searchsorted, times ours", f"{times:.1f}x", ">= 5x", times >= 5)
    times = ratio(alone, ours)
    shown("the same of tokens alone, without their cost", f"{times:.1f}x", ">= 5x", times >= 5)
    shown("relative difference from the naive loop", f"{error:.1e}", "<= 1e-12", error <= 1e-12)


def resamples():
    inputs = question(demand={"tokens_per_minute": year().tolist()})
    minutes = minutes_of(inputs)
    found = curve(inputs, minutes)
    term = inputs.terms[0]
    place = found.best(50.0)
    confidence(inputs, minutes, found, term=term, place=place)
    (boot, one), _ = alternated(
        lambda: confidence(inputs, minutes, found, term=term, place=place),
        lambda: spilled(minutes.tokens, minutes.values, inputs.unit_tokens, UNITS),
    )
    print(f"1,000 resampled years of days: {statistics.median(boot) * 1e3:.1f} ms")
    times = ratio(boot, one)
    shown("resamples over one sweep", f"{times:.1f}x", "<= 15x", times <= 15)


def requests(count=5_000_000, seed=2):
    """Requests of a day after day, some of them refused; in order of arrival."""
    random = np.random.default_rng(seed)
    gaps = random.exponential(1.0, count) / (1.2 + np.sin(np.arange(count) * 2 * np.pi / 400_000))
    arrival = np.cumsum(gaps)
    estimate = random.lognormal(6, 1, count)
    actual = estimate * random.uniform(0.2, 1.0, count)
    completion = arrival + random.exponential(20.0, count)
    return arrival, estimate, actual, completion, np.argsort(completion, kind="stable")


def compiled_bucket(folder):
    """The same loop in C, or None without gcc."""
    if shutil.which("gcc") is None:
        return None
    source, library = Path(folder) / "bucket.c", Path(folder) / "bucket.so"
    source.write_text(C_BUCKET)
    subprocess.run(["gcc", "-O3", "-shared", "-fPIC", "-o", library, source], check=True)
    bucket = ctypes.CDLL(str(library)).bucket
    bucket.restype = ctypes.c_double
    return bucket


def in_c(bucket, columns, capacity, drain, admitted, retry, level):
    pointers = [ctypes.c_void_p(column.ctypes.data) for column in columns]
    outs = [ctypes.c_void_p(out.ctypes.data) for out in (admitted, retry, level)]
    return bucket(ctypes.c_int64(len(columns[0])), *pointers, ctypes.c_double(capacity), ctypes.c_double(drain), *outs)


def buckets():
    columns = requests()
    count, drain = len(columns[0]), 640.0
    ours, theirs = ((np.empty(count, dtype=bool), np.empty(count), np.empty(count)) for _ in range(2))
    leaky_bucket(*(column[:10] for column in columns[:4]), np.argsort(columns[3][:10]), 1.0, 1.0, *ours)
    with tempfile.TemporaryDirectory() as folder:
        bucket = compiled_bucket(folder)
        if bucket is None:
            seconds, _ = timed(lambda: leaky_bucket(*columns, drain * 60, drain, *ours))
            print(f"leaky bucket: {seconds / count * 1e9:.1f} ns a request; gcc is not installed: no comparison")
            return
        (mine, other), _ = alternated(
            lambda: leaky_bucket(*columns, drain * 60, drain, *ours),
            lambda: in_c(bucket, columns, drain * 60, drain, *theirs),
        )
    nanos = [statistics.median(seconds) / count * 1e9 for seconds in (mine, other)]
    print(f"leaky bucket: {nanos[0]:.1f} ns a request, in C {nanos[1]:.1f} ns; {1 - ours[0].mean():.1%} refused")
    times = ratio(mine, other)
    shown("our time over that of C", f"{times:.2f}x", "<= 1.1x", times <= 1.1)
    apart = int((ours[0] != theirs[0]).sum())
    shown("requests that the two treat differently", f"{apart}", "0", apart == 0)


def log_of(path, count, chunk=1_000_000):
    """A log of requests over 90 days in Parquet, written a piece at a time."""
    random = np.random.default_rng(3)
    schema = pa.schema([("timestamp", pa.timestamp("us")), ("input_tokens", pa.int64()), ("output_tokens", pa.int64())])
    start, span = np.datetime64("2026-01-01", "us").astype(np.int64), 90 * DAY * 60 * 1_000_000
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for first in range(0, count, chunk):
            rows = min(chunk, count - first)
            when = start + span * first // count + np.sort(random.integers(0, span * rows // count, rows))
            tokens = [random.lognormal(6, 1, rows).astype(np.int64), random.lognormal(4, 1, rows).astype(np.int64)]
            writer.write_table(pa.table([pa.array(when, pa.timestamp("us")), *tokens], schema=schema))


def peak_megabytes():
    """Of this process alone, where Linux says it; else with what it was started from."""
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    found = [int(line.split()[1]) for line in lines if line.startswith("VmHWM")]
    return (found or [resource.getrusage(resource.RUSAGE_SELF).ru_maxrss])[0] / 1024


def reading(path):
    """What one process that reads a log needs: printed as seconds, megabytes before and at the peak, minutes."""
    inputs = question()
    before = peak_megabytes()
    seconds, table = timed(lambda: read_demand(Source(path=str(path)), inputs), clock=time.perf_counter)
    print(seconds, before, peak_megabytes(), table.facts["minutes"], table.rows)


def logs(count):
    peaks = []
    for rows in (count // 4, count):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "requests.parquet"
            log_of(path, rows)
            printed = subprocess.run(
                [sys.executable, __file__, "--read", str(path)], check=True, capture_output=True, text=True
            ).stdout.split()
            seconds, before, peak, minutes, read = map(float, printed)
            size = path.stat().st_size / 2**20
        peaks.append(peak)
        print(f"{read:,.0f} requests ({size:,.0f} MB of Parquet) into {minutes:,.0f} minutes: {seconds:.1f} s")
        print(f"  memory at its peak {peak:,.0f} MB, {before:,.0f} MB before the file was opened")
    times = peaks[1] / peaks[0]
    shown("peak memory at four times the requests", f"{times:.2f}x", "<= 1.5x", times <= 1.5)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--requests", type=int, default=2_000_000, help="rows of the log that is read")
    parser.add_argument("--read", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.read:
        reading(given.read)
        return
    sweep()
    resamples()
    buckets()
    logs(given.requests)


if __name__ == "__main__":
    main()
