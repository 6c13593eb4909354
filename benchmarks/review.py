"""The spend review's reading beside the hand-written DuckDB query for the same sums, in one run.

python benchmarks/review.py [MILLION_ROWS] [MEMORY_LIMIT]    1 and none by default; the issue asks for 10 and 50, 300MB

Both read one Parquet file of FOCUS charges and add up billed and amortised cost by month, team, model and environment.
Ours also checks every row, finds the last complete day, sums days for the spikes, digests the file and allocates what
has no team. Each round in a process of its own, in turns; imports are not timed. CPU time is of all threads, to be
read on a machine that others use; peak memory is that of the process.
"""

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb

ROUNDS = 3
CHARGES = """
COPY (
  SELECT (100 + hash(i) % 9900) / 1e4 AS "BilledCost", (100 + hash(i) % 9900) / 1e4 AS "EffectiveCost",
    'USD' AS "BillingCurrency",
    TIMESTAMP '2025-01-01' + INTERVAL 1 DAY * (i * 455 // {rows}) AS "ChargePeriodStart",
    TIMESTAMP '2025-01-02' + INTERVAL 1 DAY * (i * 455 // {rows}) AS "ChargePeriodEnd",
    CASE WHEN hash(i + 1) % 20 > 0 THEN 'team ' || hash(i + 1) % 20 END AS "x_Team",
    'model ' || hash(i + 2) % 10 AS "x_ModelId",
    CASE hash(i + 3) % 2 WHEN 0 THEN 'prod' ELSE 'dev' END AS "x_Environment",
    hash(i + 4) % 10000 AS "x_InputTokens", hash(i + 5) % 1000 AS "x_OutputTokens", 1 AS "x_Requests"
  FROM range({rows}) AS t(i)
) TO '{path}' (FORMAT parquet)
"""
MEASURE = """
import os, resource, sys, time
import aiecon, duckdb, ibis.backends.duckdb, pandas
import aiecon.ingestion.readers
from aiecon.ingestion.resolve import resolve
from aiecon.models.spend_review import SpendReviewInputs, spend_review

limit, started, busy = os.environ.get("AIECON_MEMORY_LIMIT"), time.perf_counter(), time.process_time()


def tell(total):
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(time.perf_counter() - started, time.process_time() - busy, peak, total)


"""
BY_HAND = """
query = '''SELECT date_trunc('month', "ChargePeriodStart") AS month, "x_Team", "x_ModelId", "x_Environment",
  sum("BilledCost"::DECIMAL(38, 12)) AS billed, sum("EffectiveCost"::DECIMAL(38, 12)) AS effective,
  sum("x_InputTokens") AS read, sum("x_OutputTokens") AS written, sum("x_Requests") AS requests
  FROM read_parquet(?) GROUP BY ALL'''
connection = duckdb.connect()
connection.execute("SET enable_progress_bar = false")
if limit:
    connection.execute(f"SET memory_limit = '{limit}'")
found = connection.execute(query, [sys.argv[1]]).df()
quarter = found[found["month"] >= "2026-01-01"]
tell(float(quarter["billed"].astype(float).sum()))
"""
OURS = """
answer = spend_review(resolve(SpendReviewInputs(spend=sys.argv[1])))
answer.allocated
tell(answer.billed_cost)
"""


def run(code, path, limit=None):
    limited = {**os.environ, **({"AIECON_MEMORY_LIMIT": limit} if limit else {})}
    command = [sys.executable, "-c", MEASURE + code, path]
    said = subprocess.run(command, check=True, capture_output=True, text=True, env=limited)
    return [float(part) for part in said.stdout.split()]


def main():
    rows = int(float(sys.argv[1] if len(sys.argv) > 1 else 1) * 1e6)
    limit = sys.argv[2] if len(sys.argv) > 2 else None
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "charges.parquet")
        duckdb.sql(CHARGES.format(rows=rows, path=path))
        run(BY_HAND, path)
        rounds = [(run(BY_HAND, path, limit), run(OURS, path, limit)) for _ in range(ROUNDS)]
    hand, ours = (rounds[0][place][-1] for place in (0, 1))
    if abs(hand - ours) > 1e-6 * abs(hand):
        raise SystemExit(f"the sums differ: {hand} by hand, {ours} ours")
    print(f"{rows:,} charges, {ROUNDS} rounds, memory limit {limit or 'none'}")
    print(f"{'median':<28}{'by hand':>9}{'ours':>10}{'ratio':>9}")
    for place, name in enumerate(("wall s", "CPU s", "peak MB")):
        medians = [statistics.median(pair[side][place] for pair in rounds) for side in (0, 1)]
        ratio = statistics.median(pair[1][place] / pair[0][place] for pair in rounds)
        print(f"{name:<28}{medians[0]:>9.2f}{medians[1]:>10.2f}{ratio:>9.2f}")


if __name__ == "__main__":
    main()
