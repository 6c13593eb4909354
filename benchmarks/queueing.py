"""Erlang C and its correction for bursts against the simulation: on Poisson arrivals, and on real traces.

    python benchmarks/queueing.py

Poisson: exponential service, where Erlang is exact. Traces: an hour of a code and of a chat service, each request at
the throughput of one replica; servers are those at which the mean load is nine, seven, five and three tenths of them.
Allen and Cunneen take the variation of arrivals from the minutes (variance over mean of their counts) or from the gaps;
Hayward's share that waits takes the variation of ten seconds inside their minutes, as the question does; over time is
what the question uses for the mean: the load of the minutes one after another. An error is the factor between a formula
and the simulation. Kimura (1986) weighs the queues with even arrivals and with even service beside Erlang's, for
arrivals no more uneven than chance; where his denominator is not above zero there is no figure (nan).
"""

from pathlib import Path

import numpy as np
import pandas as pd

from aiecon.models.self_host import mean_wait_over_time, simulate_waits
from aiecon.queueing import erlang_c, mean_wait, wait_share

TRACES = Path(__file__).parent / "data" / "request_arrivals.parquet"
LEAST_WAIT = 0.001  # [s]
INPUT_TOKENS_PER_SECOND, OUTPUT_TOKENS_PER_SECOND = 2_000.0, 100.0


def poisson():
    random = np.random.default_rng(0)
    print("Poisson arrivals, exponential service, 1,000,000 requests")
    print(f"  {'servers':>7} {'load':>6} {'waits, simulated':>17} {'Erlang C':>9} {'points apart':>13}   at most 2")
    for servers, load in ((1, 0.8), (4, 2.8), (14, 10.0), (20, 18.0), (100, 90.0)):
        arrival, service = np.cumsum(random.exponential(1 / load, 1_000_000)), random.exponential(1.0, 1_000_000)
        found, formula = (simulate_waits(arrival, service, servers=servers) > 0).mean(), erlang_c(load, servers)
        print(f"  {servers:>7} {load:>6} {found:>17.4f} {formula:>9.4f} {100 * abs(found - formula):>13.2f}")


def trace(name, frame):
    arrival = frame["arrival_s"].to_numpy()
    service = frame["input_tokens"].to_numpy() / INPUT_TOKENS_PER_SECOND
    service = service + frame["output_tokens"].to_numpy() / OUTPUT_TOKENS_PER_SECOND
    load = service.sum() / arrival[-1]
    counts = np.bincount((arrival / 60).astype(int))
    arrivals, services = counts.var() / counts.mean(), service.var() / service.mean() ** 2
    between = np.diff(arrival)
    gaps = between.var() / between.mean() ** 2
    print(f"{name}: {len(frame):,} requests, {load:.2f} servers busy on the mean; squared variation of arrivals")
    slots = np.bincount((arrival / 10).astype(int), minlength=6 * len(counts)).reshape(-1, 6)
    by_slot = slots.var(axis=1, ddof=1).sum() / slots.mean(axis=1).sum()
    print(
        f"  {arrivals:.1f} by the minute, {by_slot:.1f} by ten seconds inside minutes and {gaps:.1f} between arrivals,"
    )
    print(f"  of service {services:.2f}")
    by_minute = np.bincount((arrival / 60).astype(int), weights=service) / 60
    head = (
        "servers",
        "waits, simulated",
        "Erlang C",
        "Hayward",
        "mean wait, simulated [s]",
        "bursts",
        "bursts, gaps",
        "Kimura",
        "over time",
    )
    print("  " + " ".join(f"{word:>{max(len(word), 9)}}" for word in (*head, "error, bursts", "error, over time")))
    errors, shares = [], []
    for busy in (0.9, 0.7, 0.5, 0.3):
        servers = max(int(np.ceil(load / busy)), 1)
        waited = simulate_waits(arrival, service, servers=servers)
        bursts, by_gaps = (
            mean_wait(load, servers, service=service.mean(), arrival_variation=one, service_variation=services)
            for one in (arrivals, gaps)
        )
        timed = mean_wait_over_time(by_minute, servers, service=service.mean(), slot=60.0, service_variation=services)
        found = [factor(one, waited.mean()) for one in (bursts, timed)]
        errors += [found] if waited.mean() >= LEAST_WAIT else []
        row = (
            servers,
            (waited > 0).mean(),
            erlang_c(load, servers),
            wait_share(load, servers, arrival_variation=by_slot),
            waited.mean(),
            bursts,
            by_gaps,
            kimura(load, servers, service.mean(), arrivals, services),
            timed,
            *found,
        )
        shares += [[erlang_c(load, servers) - row[1], row[3] - row[1]]]
        forms = ("d", *[".3f"] * 8, ".2f", ".2f")
        words = (*head, "error, bursts", "error, over time")
        print("  " + " ".join(f"{v:>{max(len(w), 9)}{f}}" for v, w, f in zip(row, words, forms, strict=True)))
    off = 100 * np.abs(shares).mean(axis=0)
    print(f"  share that waits, mean error in points: Erlang C {off[0]:.1f}, Hayward {off[1]:.1f}")
    mean = np.exp(np.log(errors).mean(axis=0))
    print(f"  geometric mean where at least {LEAST_WAIT} s are waited: bursts {mean[0]:.2f}, over time {mean[1]:.2f}")


def factor(found, simulated):
    """How many times the one is the other, 1 or more."""
    return max(found, simulated) / max(min(found, simulated), 1e-9)


def kimura(load, servers, service, arrivals, services):
    """His mean wait from two moments; nan where his denominator is not above zero. [s]"""
    idle = 1 - load / servers
    even = min(0.24, idle * (servers - 1) * (np.sqrt(4 + 5 * servers) - 2) / (16 * servers * (1 - idle)))
    even_arrivals = 0.5 * (1 - 4 * even) * np.exp(-2 * idle / (3 * (1 - idle)))
    weight = (1 - arrivals) / even_arrivals + (1 - services) * 2 / (1 + even) + 2 * (arrivals + services - 1)
    return (arrivals + services) * mean_wait(load, servers, service=service) / weight if weight > 0 else np.nan


def main():
    poisson()
    for name, frame in pd.read_parquet(TRACES).groupby("trace"):
        trace(name, frame)


if __name__ == "__main__":
    main()
