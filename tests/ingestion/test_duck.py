"""Queries worked out beside other work."""

import os
import signal
from threading import Timer

import duckdb
import pytest

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


def test_who_interrupts_the_wait_ends_the_query():
    table = table_of("SELECT range AS number FROM range(1_000_000_000_000)")  # hours of work
    waiting = duck.query(table.aggregate(sines=table.number.sin().sum())).begun()
    Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        waiting()
    with pytest.raises(duckdb.InterruptException):
        waiting()
