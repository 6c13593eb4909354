"""The simulation beside plain numpy, numpy in chunks, C and the random numbers alone, in turns, in one run.

    python benchmarks/simulation.py           about two minutes
    python benchmarks/simulation.py --quick   fewer rounds

One thread is CPU time, two threads wall time; ratios are taken round by round and their median is printed. Machines
and their other work differ: quote the ratios.
"""

import ctypes
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import tracemalloc
from pathlib import Path

import numba
import numpy as np

from aiecon.kernels import simulation as kernel
from aiecon.models.variability import VariabilityInputs
from aiecon.models.variability.attribution import attribute
from aiecon.models.variability.paths import CHUNK as OURS
from aiecon.models.variability.paths import simulate

PATHS, MONTHS, TIERS = 65_536, 36, 4
CHUNK = 4_096  # of numpy, so that its arrays stay near the processor
ROUNDS = 3 if "--quick" in sys.argv else 7
FLAGS = "-O3 -march=native -ffp-contract=off -fno-math-errno -fno-trapping-math"
DRAWN = {
    "scale.users_start": (900, 1_300),
    "scale.growth_per_month": (0.02, 0.1),
    "utilization.requests_per_user_month": (25, 40),
    "model.price_decline_per_year": (0.1, 0.3),
    "agent.steps_mean": (3.0, 5.0),
    "agent.output_tokens_per_step": (300, 500),
}


def question(**fields):
    """Four tiers, adoption with jumps, noise that lasts, shocks, updates, agents; the drawn ones lognormal."""
    values = {
        "horizon_months": MONTHS,
        "micro_below": 0.0,
        "scale": {
            "users_ceiling": 20_000,
            "viral_probability_per_month": 0.02,
            "viral_multiple": 1.5,
            "churn_per_month": 0.01,
        },
        "utilization": {
            "seasonal_amplitude": 0.1,
            "noise_sigma": 0.2,
            "noise_ar1": 0.5,
            "shock_probability_per_month": 0.03,
            "shock_multiple": 1.4,
        },
        "model": {
            "switch_probability_per_month": 0.04,
            "output_length_multiple": 1.2,
            "switch_price_multiple": 0.9,
            "migration_cost": 100.0,
            "price_steps": [{"month": 13, "change": -0.1, "tier": "tier 0"}],
        },
        "agent": {
            "steps_cap": 20,
            "base_input_tokens": 4_000,
            "added_input_tokens_per_step": 1_500,
            "output_sigma": 0.5,
            "retry_probability": 0.05,
            "depth_sigma": 0.15,
        },
        "tiers": [
            {
                "name": f"tier {place}",
                "share": 1 / TIERS,
                "price": {"provider": "p", "model": "m", "input_per_mtok": price, "output_per_mtok": 5 * price},
            }
            for place, price in enumerate([0.25, 1.0, 3.0, 5.0])
        ],
    }
    for name, (p10, p90) in DRAWN.items():
        part, field = name.split(".")
        values[part][field] = {"shape": "lognormal", "p10": p10, "p90": p90}
    return VariabilityInputs.build(values | fields)


def rows(inputs, count):
    """What the kernel is given: parameters of every path, season, list prices, months."""
    from aiecon.models.variability.parameters import Parameters
    from aiecon.models.variability.paths import frame

    parameters = Parameters(inputs)
    params, agent = parameters.table(parameters.draws(first=0, count=count), count)
    return params, agent, *frame(inputs)


def plain(params, season, listed, random):
    """The same model as an analyst writes it: whole arrays, one line a factor; returns (n_months, n)."""
    months, count = len(season), params.shape[1]
    p = params
    normal = random.standard_normal((3, months, count))
    chance = random.random((3, months, count))
    users, noise = np.empty((months, count)), np.empty((months, count))
    users[0], noise[0] = np.minimum(p[kernel.USERS], p[kernel.CEILING]), p[kernel.SIGMA] * normal[0, 0]
    fresh = p[kernel.SIGMA] * np.sqrt(1 - p[kernel.AR1] ** 2)
    jump = np.where(chance[0] < p[kernel.VIRAL], p[kernel.VIRAL_TIMES], 1.0)
    for t in range(1, months):
        u = users[t - 1]
        u = u * (1 + p[kernel.GROWTH]) / (1 + u * p[kernel.GROWTH] * p[kernel.INVERSE_CEILING])
        u += p[kernel.INNOVATION] * (p[kernel.CEILING] - u)
        users[t] = np.minimum(u * p[kernel.STAY] * jump[t], p[kernel.CEILING])
        noise[t] = p[kernel.AR1] * noise[t - 1] + fresh * normal[0, t]
    use = np.exp(noise - p[kernel.SIGMA] ** 2 / 2)
    use *= np.where(chance[1] < p[kernel.SHOCK], p[kernel.SHOCK_TIMES], 1.0)
    use *= 1 + p[kernel.AMPLITUDE] * season[:, None]
    requests = users * p[kernel.REQUESTS] * use
    moved = chance[2] < p[kernel.SWITCH]
    moved[0] = False
    length = np.cumprod(np.where(moved, p[kernel.OUTPUT_TIMES], 1.0), axis=0)
    price = np.cumprod(np.where(moved, p[kernel.PRICE_TIMES], 1.0), axis=0)
    price *= p[kernel.DECLINE] ** np.arange(months)[:, None]
    cost, uncapped = np.zeros((months, count)), np.zeros((months, count))
    for tier in range(listed.shape[1]):
        read, written = p[kernel.N_PARAMS + 2 * tier], p[kernel.N_PARAMS + 2 * tier + 1]
        cost += listed[:, tier, None] * (read + written * length)
        uncapped += listed[:, tier, None] * (p[kernel.LOOSE_IN] * read + p[kernel.LOOSE_OUT] * written * length)
    depth = p[kernel.DEPTH] * normal[1] - p[kernel.DEPTH] ** 2 / 2
    spread, loose = (np.log1p(p[row] / np.maximum(requests, 1e-300)) for row in (kernel.SPREAD, kernel.LOOSE_SPREAD))
    alone = np.sqrt(spread) * normal[2] - spread / 2
    bound = uncapped * np.exp(np.sqrt(loose) * normal[2] - loose / 2)
    together = np.exp(depth) * np.minimum(cost * np.exp(alone), bound)
    return requests * price * together + np.where(moved, p[kernel.MIGRATION], 0.0)


def whole(params, season, listed, random):
    return plain(params, season, listed, random).sum(axis=0)


def in_chunks(params, season, listed, random):
    parts = range(0, params.shape[1], CHUNK)
    return np.concatenate([whole(params[:, at : at + CHUNK], season, listed, random) for at in parts])


def compiled_c(folder):
    """The C twin as a library, or None where there is no gcc."""
    if shutil.which("gcc") is None:
        return None
    library = Path(folder) / "simulation.so"
    source = Path(__file__).with_suffix(".c")
    subprocess.run(["gcc", *FLAGS.split(), "-shared", "-fPIC", "-o", str(library), str(source), "-lm"], check=True)
    found = ctypes.CDLL(str(library))
    floats, whole = np.ctypeslib.ndpointer(np.float64, flags="C"), np.ctypeslib.ndpointer(np.int64, flags="C")
    long, word = ctypes.c_long, ctypes.c_uint32
    found.simulate.argtypes = [floats, long, long, floats, floats, whole, long, ctypes.c_uint64, word, word, floats]
    found.simulate.restype = None
    found.numbers.argtypes = [long, long, ctypes.c_uint64, word, word]
    found.numbers.restype = ctypes.c_double
    return found


def pieces(given):
    """The same in the chunks that the package runs, each by itself in memory: first path, params, agent."""
    params, agent, *_ = given
    parts = [(at, slice(at, at + OURS)) for at in range(0, params.shape[1], OURS)]
    return [(at, params[:, part].copy(), agent[:, part].copy()) for at, part in parts]


def kernel_run(chunks, frames):
    """Totals of every path."""
    season, listed, month = frames
    key, versions = np.zeros(2, dtype=np.uint64), np.zeros(4, dtype=np.int64)
    totals = []
    for first, params, agent in chunks:
        out = np.zeros((len(season), params.shape[1]))
        kernel.simulate(params, agent, TIERS, season, listed, month, first, key, versions, 0.0, out)
        totals.append(out.sum(axis=0))
    return np.concatenate(totals)


def c_run(library, chunks, frames):
    season, listed, month = frames
    totals = []
    for first, params, _ in chunks:
        out = np.zeros((len(season), params.shape[1]))
        library.simulate(params, params.shape[1], TIERS, season, listed, month, len(season), first, 0, 0, out)
        totals.append(out.sum(axis=0))
    return np.concatenate(totals)


def in_turns(cases, clock, rounds=ROUNDS):
    """Case -> seconds of each round, all cases in every round."""
    for case in cases.values():
        case()
    times = {name: [] for name in cases}
    for _ in range(rounds):
        for name, case in cases.items():
            started = clock()
            case()
            times[name].append(clock() - started)
    return times


def ratio(times, name, other):
    return statistics.median(a / b for a, b in zip(times[name], times[other], strict=True))


def line(label, value, target, form=".2f"):
    print(f"  {label:<46}{value:>10{form}}   {target}")


def one_thread(library):
    numba.set_num_threads(1)
    inputs = question()
    given = rows(inputs, PATHS)
    params, _, season, listed, _ = given
    chunks, frames, random = pieces(given), given[2:], np.random.default_rng(1)
    shape = (3, MONTHS, CHUNK)
    cases = {
        "kernel": lambda: kernel_run(chunks, frames),
        "numpy": lambda: whole(params, season, listed, random),
        "numpy, chunks": lambda: in_chunks(params, season, listed, random),
        "numpy, numbers alone": lambda: [
            (random.standard_normal(shape), random.random(shape)) for _ in range(PATHS // CHUNK)
        ],
    }
    if library is not None:
        cases |= {
            "C": lambda: c_run(library, chunks, frames),
            "C, numbers alone": lambda: library.numbers(PATHS, MONTHS, 0, 0, 0),
        }
        if not np.array_equal(c_run(library, chunks, frames), kernel_run(chunks, frames)):
            print("  the C twin differs from the kernel")
    times = in_turns(cases, time.process_time)
    means = [case().mean() for name, case in cases.items() if name in ("kernel", "numpy, chunks")]
    print(f"One thread, {PATHS:,} paths of {MONTHS} months, {TIERS} tiers; means {means[0]:,.0f} and {means[1]:,.0f}")
    for name, found in times.items():
        line(f"{name} [ns a path and month]", statistics.median(found) / PATHS / MONTHS * 1e9, "", ".1f")
    line("numpy / kernel", ratio(times, "numpy", "kernel"), "at least 6")
    line("numpy in chunks / kernel", ratio(times, "numpy, chunks", "kernel"), "at least 4.5")
    line("kernel / numpy's numbers alone", ratio(times, "kernel", "numpy, numbers alone"), "printed")
    if library is None:
        print("  no gcc on this machine: the C twin was left out")
        return
    line("kernel / C", ratio(times, "kernel", "C"), "printed; prototype 1.31")
    line("kernel / C's numbers alone", ratio(times, "kernel", "C, numbers alone"), "printed; prototype 2.5")


def two_threads():
    given = rows(question(), PATHS)
    chunks, frames = pieces(given), given[2:]

    def with_threads(count):
        numba.set_num_threads(count)
        kernel_run(chunks, frames)

    if numba.config.NUMBA_NUM_THREADS < 2:
        print("Two threads: this machine has one")
        return
    times = in_turns({"one": lambda: with_threads(1), "two": lambda: with_threads(2)}, time.perf_counter)
    print("Two threads, wall")
    line("one thread / two", ratio(times, "one", "two"), "printed; prototype 1.85")


def memory():
    """Peak of the simulation above what it began with, by tracemalloc: numpy reports its arrays to it."""
    print("Memory of streaming")
    simulate(question(), 1_000)
    for paths in (200_000, 800_000):
        tracemalloc.start()
        simulate(question(horizon_months=12), paths)
        peak = tracemalloc.get_traced_memory()[1] / 2**20
        tracemalloc.stop()
        line(f"{paths:,} paths: peak MiB above 8 bytes a path", peak - 8 * paths / 2**20, "at most 20", ".1f")


def shapley():
    """All sixteen sets of the four origins at 2^16 against sixteen numpy runs, whose parameters are drawn once."""
    draws = 2**16
    inputs = question(draws=draws)
    random = np.random.default_rng(2)

    def runs(model):
        params, _, season, listed, _ = rows(inputs, draws)
        for _ in range(16):
            model(params, season, listed, random)

    cases = {
        "shapley": lambda: attribute(inputs, draws=draws),
        "numpy, chunks": lambda: runs(in_chunks),
        "numpy": lambda: runs(whole),
    }
    for threads, clock in ((1, time.process_time), (2, time.perf_counter)):
        numba.set_num_threads(min(threads, numba.config.NUMBA_NUM_THREADS))
        times = in_turns(cases, clock, rounds=3)
        print("Shapley shares of four origins at 2^16,", "one thread, CPU" if threads == 1 else "two threads, wall")
        for name, found in times.items():
            line(f"{name} [s]", statistics.median(found), "")
        line("sixteen numpy runs / shapley", ratio(times, "numpy", "shapley"), "at least 10")
        line("sixteen chunked numpy runs / shapley", ratio(times, "numpy, chunks", "shapley"), "printed")


def main():
    with tempfile.TemporaryDirectory() as folder:
        one_thread(compiled_c(folder))
    two_threads()
    memory()
    shapley()


if __name__ == "__main__":
    main()
