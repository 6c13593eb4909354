"""The spend review's reading beside hand-written DuckDB queries for the same result, in one run.

python benchmarks/review.py [MILLION_ROWS] [MEMORY_LIMIT]    1 and none by default; the issue asks for 10 and 50, 300MB

Both read one Parquet file of FOCUS charges, add up billed and amortised cost by month, team, model and environment, and
allocate what has no team to teams by what they cost, month by month; what each team carries must agree. Ours also
checks every row, finds the last complete day, sums days for the spikes and digests the file. Each round in a process of
its own, in turns; imports are not timed. CPU time is of all threads, to be read on a machine that others use; peak
memory is that of the process.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb

ROUNDS = 3
CENTS = 0.03  # a share is rounded by a cent at most in each of three months
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
import json, os, resource, sys, time
import aiecon, duckdb, ibis.backends.duckdb, pandas
import aiecon.ingestion.readers, encodings.utf_8_sig, ibis.backends.duckdb.converter, ibis.expr.types.groupby
import ibis.formats.numpy, ibis.formats.pandas, ibis.formats.pyarrow, pyarrow_hotfix  # noqa: E401
from aiecon.ingestion.resolve import resolve
from aiecon.models.spend_review import SpendReviewInputs, spend_review

limit, started, busy = os.environ.get("AIECON_MEMORY_LIMIT"), time.perf_counter(), time.process_time()


def tell(carried):
    took, peak = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps([took, time.process_time() - busy, peak, carried.to_dict()]))


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
connection.execute(f"CREATE TEMP TABLE cells AS {query}", [sys.argv[1]])
carried = connection.execute('''WITH owned AS (
    SELECT month, "x_Team" AS team, sum(billed)::DOUBLE AS own FROM cells
    WHERE "x_Team" IS NOT NULL AND month >= '2026-01-01' GROUP BY ALL
  ), shared AS (SELECT month, sum(billed)::DOUBLE AS cost FROM cells WHERE "x_Team" IS NULL GROUP BY ALL
  ), months AS (SELECT month, sum(own) AS own FROM owned GROUP BY ALL)
  SELECT team, sum(owned.own + shared.cost * owned.own / months.own) AS total
  FROM owned JOIN shared USING (month) JOIN months USING (month) GROUP BY ALL''').df()
tell(carried.set_index("team")["total"])
"""
OURS = """
answer = spend_review(resolve(SpendReviewInputs(spend=sys.argv[1])))
tell(answer.allocated.set_index("team")["total"])
"""


def run(code, path, limit=None):
    limited = {**os.environ, **({"AIECON_MEMORY_LIMIT": limit} if limit else {})}
    command = [sys.executable, "-c", MEASURE + code, path]
    said = subprocess.run(command, check=True, capture_output=True, text=True, env=limited)
    return json.loads(said.stdout)


def main():
    rows = int(float(sys.argv[1] if len(sys.argv) > 1 else 1) * 1e6)
    limit = sys.argv[2] if len(sys.argv) > 2 else None
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "charges.parquet")
        duckdb.sql(CHARGES.format(rows=rows, path=path))
        run(BY_HAND, path)
        rounds = [(run(BY_HAND, path, limit), run(OURS, path, limit)) for _ in range(ROUNDS)]
    hand, ours = (rounds[0][place][-1] for place in (0, 1))
    apart = {team: (total, ours.get(team)) for team, total in hand.items() if abs(total - ours.get(team, 0.0)) > CENTS}
    if apart or set(hand) != set(ours):
        raise SystemExit(f"what teams carry differs: {apart or {*hand} ^ {*ours}}")
    print(f"{rows:,} charges, {ROUNDS} rounds, memory limit {limit or 'none'}")
    print(f"{'median':<28}{'by hand':>9}{'ours':>10}{'ratio':>9}")
    for place, name in enumerate(("wall s", "CPU s", "peak MB")):
        medians = [statistics.median(pair[side][place] for pair in rounds) for side in (0, 1)]
        ratio = statistics.median(pair[1][place] / pair[0][place] for pair in rounds)
        print(f"{name:<28}{medians[0]:>9.2f}{medians[1]:>10.2f}{ratio:>9.2f}")


if __name__ == "__main__":
    main()
