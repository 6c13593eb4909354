"""Erlang C and its correction for bursts against the simulation: on Poisson arrivals, and on real traces.

    python benchmarks/queueing.py

Poisson: exponential service, where Erlang is exact. Traces: an hour of a code and of a chat service, each request at
the throughput of one replica; servers are those at which the mean load is half, seven and nine tenths of them. The
correction takes the variation of arrivals from the minutes (variance over mean of their counts), as the question does.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from aiecon.models.self_host import simulate_waits
from aiecon.queueing import erlang_c, mean_wait

TRACES = Path(__file__).parent / "data" / "request_arrivals.parquet"
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
    print(f"  {arrivals:.1f} by the minute and {gaps:.1f} between arrivals, of service {services:.2f}")
    head = ("servers", "waits, simulated", "Erlang C", "mean wait, simulated [s]", "Erlang C", "bursts", "bursts, gaps")
    print("  " + " ".join(f"{word:>{max(len(word), 8)}}" for word in head))
    for busy in (0.9, 0.7, 0.5, 0.3):
        servers = max(int(np.ceil(load / busy)), 1)
        waited = simulate_waits(arrival, service, servers=servers)
        plain = mean_wait(load, servers, service=service.mean())
        bursts, by_gaps = (
            mean_wait(load, servers, service=service.mean(), arrival_variation=one, service_variation=services)
            for one in (arrivals, gaps)
        )
        row = (servers, (waited > 0).mean(), erlang_c(load, servers), waited.mean(), plain, bursts, by_gaps)
        forms = ("d", ".3f", ".3f", ".3f", ".3f", ".3f", ".3f")
        print("  " + " ".join(f"{v:>{max(len(w), 8)}{f}}" for v, w, f in zip(row, head, forms, strict=True)))


def main():
    poisson()
    for name, frame in pd.read_parquet(TRACES).groupby("trace"):
        trace(name, frame)


if __name__ == "__main__":
    main()
