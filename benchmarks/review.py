"""The spend review's reading beside hand-written DuckDB queries, in one run.

python benchmarks/review.py [MILLION_ROWS] [MEMORY_LIMIT]    1 and none by default; the issue asks for 10 and 50, 300MB

All read one Parquet file of FOCUS charges, add up billed and amortised cost by month, team, model and environment, and
allocate what has no team to teams by what they cost, month by month; what each team carries must agree. By hand: one
query that trusts the file and reads it to its end. By hand and checked: the query for what a review answers, which
also looks whether every row is sound, finds the last complete day and reads up to it, and keeps the cost of each day.
Ours does that for any file, digests it, reads the rate card and looks for days that stand out. Each round in a process
of its own, in turns; imports are not timed. CPU time is of all threads, to be read on a machine that others use; peak
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

ROUNDS = 15
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
CONNECTED = """
connection = duckdb.connect()
connection.execute("SET enable_progress_bar = false")
if limit:
    connection.execute(f"SET memory_limit = '{limit}'")
"""
ALLOCATED = """
carried = connection.execute('''WITH owned AS (
    SELECT month, team, sum(billed)::DOUBLE AS own FROM cells
    WHERE team IS NOT NULL AND month >= '2026-01-01' GROUP BY ALL
  ), shared AS (SELECT month, sum(billed)::DOUBLE AS cost FROM cells WHERE team IS NULL GROUP BY ALL
  ), months AS (SELECT month, sum(own) AS own FROM owned GROUP BY ALL)
  SELECT team, sum(owned.own + shared.cost * owned.own / months.own) AS total
  FROM owned JOIN shared USING (month) JOIN months USING (month) GROUP BY ALL''').df()
tell(carried.set_index("team")["total"])
"""
BY_HAND = """
query = '''SELECT date_trunc('month', "ChargePeriodStart") AS month, "x_Team" AS team, "x_ModelId", "x_Environment",
  sum("BilledCost"::DECIMAL(38, 12)) AS billed, sum("EffectiveCost"::DECIMAL(38, 12)) AS effective,
  sum("x_InputTokens") AS read, sum("x_OutputTokens") AS written, sum("x_Requests") AS requests
  FROM read_parquet(?) GROUP BY ALL'''
connection.execute(f"CREATE TEMP TABLE cells AS {query}", [sys.argv[1]])
"""
BY_HAND = CONNECTED + BY_HAND + ALLOCATED
OURS = """
answer = spend_review(resolve(SpendReviewInputs(spend=sys.argv[1])))
tell(answer.allocated.set_index("team")["total"])
"""
CHECKED_BY_HAND = """
day = '"ChargePeriodStart"::DATE'
sound = '''"BilledCost" BETWEEN 0 AND 1e15 AND "EffectiveCost" BETWEEN 0 AND 1e15 AND "BillingCurrency" = 'USD'
  AND "ChargePeriodEnd" > "ChargePeriodStart"'''
query = f'''SELECT {day} AS day, "x_Team" AS team, "x_ModelId", "x_Environment",
  sum("BilledCost"::DECIMAL(38, 12)) AS billed, sum("EffectiveCost"::DECIMAL(38, 12)) AS effective,
  sum("x_InputTokens") AS read, sum("x_OutputTokens") AS written, sum("x_Requests") AS requests,
  count(*) AS charges, count(*) FILTER ({sound}) AS sound, max("ChargePeriodEnd") AS ends
  FROM read_parquet(?) GROUP BY ALL'''
connection.execute(f"CREATE TEMP TABLE days AS {query}", [sys.argv[1]])
daily = connection.execute('''SELECT day, sum(billed)::DOUBLE AS billed, sum(charges) AS charges, sum(sound) AS sound,
  max(ends) AS ends FROM days GROUP BY ALL ORDER BY day''').df()
if (daily["sound"] < daily["charges"]).any():
    raise SystemExit("some rows are not sound")
last = daily.iloc[-1]
whole = pandas.Timedelta(days=1)
as_of = last["day"] if last["ends"] >= last["day"] + whole else last["day"] - whole
connection.execute('''CREATE TEMP TABLE cells AS SELECT date_trunc('month', day) AS month, team, "x_ModelId",
  "x_Environment", sum(billed) AS billed, sum(effective) AS effective, sum(read) AS read, sum(written) AS written,
  sum(requests) AS requests FROM days WHERE day <= ? GROUP BY ALL''', [as_of.date()])
cells = connection.execute("SELECT * FROM cells").df()
"""
CHECKED_BY_HAND = CONNECTED + CHECKED_BY_HAND + ALLOCATED
WAYS = (BY_HAND, CHECKED_BY_HAND, OURS)


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
        rounds = [[run(way, path, limit) for way in WAYS] for _ in range(ROUNDS)]
    hand, checked, ours = (took[-1] for took in rounds[0])
    for carried in (checked, ours):
        apart = {team: (cost, carried.get(team)) for team, cost in hand.items() if not _agrees(cost, carried.get(team))}
        if apart or set(hand) != set(carried):
            raise SystemExit(f"what teams carry differs: {apart or {*hand} ^ {*carried}}")
    print(f"{rows:,} charges, {ROUNDS} rounds, memory limit {limit or 'none'}")
    print(f"{'median':<9}{'by hand':>9}{'and checked':>13}{'ours':>8}{'to by hand':>13}{'to checked':>13}")
    for place, name in enumerate(("wall s", "CPU s", "peak MB")):
        medians = [statistics.median(took[way][place] for took in rounds) for way in range(len(WAYS))]
        ratios = [statistics.median(took[2][place] / took[way][place] for took in rounds) for way in (0, 1)]
        print(f"{name:<9}{medians[0]:>9.2f}{medians[1]:>13.2f}{medians[2]:>8.2f}{ratios[0]:>13.2f}{ratios[1]:>13.2f}")


def _agrees(cost, other):
    return other is not None and abs(cost - other) <= CENTS


if __name__ == "__main__":
    main()
