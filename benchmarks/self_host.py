"""The request-level simulation beside the same loop in C, and the map of probability beside numpy, in turns.

    python benchmarks/self_host.py           about two minutes
    python benchmarks/self_host.py --quick   fewer rounds

Machines and their other work differ: quote the ratios. One thread is CPU time, two threads wall time.
"""

import ctypes
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numba
import numpy as np
import pandas as pd

from aiecon.kernels import queueing
from aiecon.kernels import self_host as kernel
from aiecon.models.self_host import SelfHostInputs
from aiecon.models.self_host.map import cases_at_full_use, rows
from aiecon.vocabulary.capacity import FORGIVEN

ROUNDS = 1 if "--quick" in sys.argv else 3
TRACES = Path(__file__).parent / "data" / "request_arrivals.parquet"
VOLUMES, SHARES = np.linspace(50, 20_000, 200), np.linspace(0.1, 1.0, 200)
CHUNK = 2_000  # draws at a time of numpy, so that its arrays stay near the processor


def question():
    def lognormal(p10, p90):
        return {"shape": "lognormal", "p10": p10, "p90": p90}

    return SelfHostInputs.build(
        {
            "workload": {
                "mtok_per_month": 5_000.0,
                "peak_to_mean": lognormal(1.5, 3.5),
                "shape": {"input_tokens_per_request": lognormal(800, 2_400), "output_tokens_per_request": 300},
            },
            "api": {"provider": "p", "model": "m", "input_per_mtok": lognormal(0.4, 1.2), "output_per_mtok": 2.0},
            "serving": {
                "input_tokens_per_second": lognormal(4_000, 9_000),
                "output_tokens_per_second": lognormal(700, 1_800),
                "gpus_per_replica": 2,
            },
            "gpu": {
                "purchase": "owned",
                "capex_per_gpu": lognormal(25_000, 40_000),
                "life_months": 48,
                "gpus_per_server": 8,
                "server_cost_per_month": lognormal(300, 900),
            },
            "horizon_months": 36,
            "discount_rate": 0.08,
            "draws": 10_000,
        }
    )


def by_numpy(given, *, chunk):
    """The same map as an analyst writes it: draws and shares at once, one volume after another."""
    per_carried, price, per_server, fixed, sizes = given
    out = np.zeros((len(VOLUMES), len(SHARES)), dtype=np.int64)
    for start in range(0, len(price), chunk):
        part = slice(start, start + chunk)
        for i, volume in enumerate(VOLUMES):
            load = (volume / SHARES)[:, None] * per_carried[part] * (1 - FORGIVEN)
            replicas = np.maximum(np.ceil(load), sizes[0])
            servers = np.ceil(replicas * (sizes[1] * (1 - FORGIVEN)))
            out[i] += np.count_nonzero(servers * per_server[part] + fixed[part] < volume * price[part], axis=1)
    return out


def by_kernel(given):
    out = np.zeros((len(VOLUMES), len(SHARES)), dtype=np.int64)
    kernel.wins(VOLUMES, SHARES, *given, FORGIVEN, out)
    return out


def in_turns(cases, clock, rounds):
    """Case -> seconds of each round, all cases in every round."""
    times = {name: [] for name in cases}
    for _ in range(rounds):
        for name, case in cases.items():
            started = clock()
            case()
            times[name].append(clock() - started)
    return times


def ratio(times, name, other):
    return statistics.median(a / b for a, b in zip(times[name], times[other], strict=True))


def line(label, value, target="", form=".2f"):
    print(f"  {label:<46}{value:>10{form}}   {target}")


def compiled_c(folder):
    """The C twin as a library."""
    library, source = Path(folder) / "queueing.so", Path(__file__).parent / "queueing.c"
    subprocess.run(["gcc", "-O3", "-shared", "-fPIC", "-o", str(library), str(source)], check=True)
    found = ctypes.CDLL(str(library))
    floats = np.ctypeslib.ndpointer(np.float64, flags="C")
    found.waits.argtypes = [floats, floats, ctypes.c_long, ctypes.c_long, floats]
    found.waits.restype = None
    return found.waits


def simulation(folder):
    if shutil.which("gcc") is None:
        print("no gcc on this machine: the C twin was left out")
        return
    frame = pd.read_parquet(TRACES).groupby("trace").get_group("azure_code")
    service = frame["input_tokens"].to_numpy() / 2_000.0 + frame["output_tokens"].to_numpy() / 100.0
    random = np.random.default_rng(0)
    poisson = np.cumsum(random.exponential(1 / 90, 1_000_000)), random.exponential(1.0, 1_000_000)
    in_c = compiled_c(folder)
    for label, (arrival, takes), servers, times in (
        ("code trace, 8,819 requests, 5 servers", (frame["arrival_s"].to_numpy(), service), 5, 200),
        ("Poisson, 1,000,000 requests, 100 servers", poisson, 100, 5),
    ):
        ours, theirs = np.empty(len(arrival)), np.empty(len(arrival))
        cases = {
            "kernel": lambda a=arrival, s=takes, n=servers, w=ours, t=times: [
                queueing.waits(a, s, n, w) for _ in range(t)
            ],
            "C": lambda a=arrival, s=takes, n=servers, w=theirs, t=times: [in_c(a, s, len(a), n, w) for _ in range(t)],
        }
        in_turns(cases, time.process_time, 1)
        if not np.array_equal(ours, theirs):
            print("  the C twin differs from the kernel")
        found = in_turns(cases, time.process_time, 7)
        print(f"Simulation: {label}")
        for name, seconds in found.items():
            line(f"{name} [ns a request]", statistics.median(seconds) / times / len(arrival) * 1e9, form=".1f")
        line("kernel / C", ratio(found, "kernel", "C"), "printed")


def maps():
    given = rows(cases_at_full_use(question()))
    print(f"Map of {len(VOLUMES)} volumes x {len(SHARES)} usable shares x {len(given[0]):,} draws")
    cases = {
        "kernel": lambda: by_kernel(given),
        "numpy": lambda: by_numpy(given, chunk=len(given[0])),
        "numpy, chunks": lambda: by_numpy(given, chunk=CHUNK),
    }
    if not np.array_equal(by_kernel(given), by_numpy(given, chunk=CHUNK)):
        print("  numpy differs from the kernel")
    for threads, clock in ((1, time.process_time), (2, time.perf_counter)):
        if threads > numba.config.NUMBA_NUM_THREADS:
            continue
        numba.set_num_threads(threads)
        times = in_turns(cases, clock, ROUNDS)
        print("  one thread, CPU" if threads == 1 else "  two threads, wall")
        for name, seconds in times.items():
            line(f"{name} [s]", statistics.median(seconds))
        line("numpy / kernel", ratio(times, "numpy", "kernel"), "at least 3")
        line("numpy in chunks / kernel", ratio(times, "numpy, chunks", "kernel"), "at least 3")


def main():
    with tempfile.TemporaryDirectory() as folder:
        simulation(folder)
    maps()


if __name__ == "__main__":
    main()
