"""Queries worked out beside other work."""

import signal
import subprocess
import sys
import time

from aiecon.ingestion import duck


def table_of(query):
    backend = duck.connected()
    backend.raw_sql(f"CREATE VIEW made AS {query}")
    return backend.table("made")


def test_a_query_is_worked_out_beside_other_work_with_the_types_that_were_asked_for():
    table = table_of("SELECT range AS number, DATE '2026-01-01' AS day FROM range(3)")
    found = duck.query(table.aggregate(numbers=table.number.sum(), days=table.day.max())).begun()()
    assert found["numbers"].dtype == "int64"
    assert found["numbers"].tolist() == [3]
    assert str(found["days"].iloc[0]) == "2026-01-01"


HOURS_OF_WORK = """
from aiecon.ingestion import duck
backend = duck.connected()
backend.raw_sql("CREATE VIEW made AS SELECT range AS number FROM range(1_000_000_000_000)")
table = backend.table("made")
waiting = duck.query(table.aggregate(sines=table.number.sin().sum())).begun()
print("waits", flush=True)
waiting()
"""


def test_who_interrupts_the_wait_ends_the_query():
    with subprocess.Popen([sys.executable, "-c", HOURS_OF_WORK], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
        assert run.stdout.readline() == b"waits\n"
        time.sleep(0.2)
        run.send_signal(signal.SIGINT)
        try:
            _, said = run.communicate(timeout=60)  # a query that goes on keeps its process
        finally:
            run.kill()
    assert said.rstrip().endswith(b"KeyboardInterrupt")
