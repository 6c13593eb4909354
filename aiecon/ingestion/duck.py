"""DuckDB as aiecon uses it: in UTC, silent, within a limit of memory."""

import os
import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from aiecon.errors import InputError

_PATIENCE = 0.05  # seconds between two interrupts of a query
LIMIT = "AIECON_MEMORY_LIMIT"
"""Environment variable: memory that DuckDB may use."""


def connected() -> Any:
    """Return an Ibis backend on a database of its own in memory."""
    from ibis.backends.duckdb import Backend  # ibis.duckdb looks through every installed package first

    backend = Backend().connect()
    set_up(backend.raw_sql, os.environ.get(LIMIT))
    return backend


def set_up(run: Callable[[str], Any], limit: str | None) -> None:
    """Let DuckDB count time in UTC and use so much memory and no more ("300MB", "2GB"); beyond it works on disk."""
    run("SET TimeZone = 'UTC'; SET enable_progress_bar = false; SET parquet_metadata_cache = true")
    if not limit:
        return
    if not re.fullmatch(r"\d+(\.\d+)?\s*[KMGT]i?B", limit.strip()):
        raise InputError(f"{LIMIT}: a size such as 300MB or 2GB is expected, got {limit!r}")
    run(f"SET memory_limit = '{limit.strip()}'")


def parquet_sql(files: Sequence[Path]) -> str:
    """Parquet files as SQL that a query can read from."""
    names = ", ".join("'" + str(file).replace("'", "''") + "'" for file in files)
    return f"read_parquet([{names}], union_by_name = true, hive_partitioning = false)"


def described(connection: Any, table: str) -> dict[str, str]:
    """Columns of a table or of Parquet files as SQL, with the types DuckDB gives them."""
    return {row[0]: row[1] for row in connection.execute(f"DESCRIBE SELECT * FROM {table}").fetchall()}


@dataclass(frozen=True, eq=False)
class Query:
    """A table of numbers, text and days put into words; read by way of Arrow, in half the time that Ibis takes."""

    backend: Any
    words: str
    types: Any

    def begun(self) -> Callable[[], pd.DataFrame]:
        """Start to work it out and return what waits for it; until then, the connection takes no other query."""
        job = ThreadPoolExecutor(max_workers=1).submit(self._read)

        def found() -> pd.DataFrame:
            try:
                return job.result()
            except KeyboardInterrupt:
                while wait([job], timeout=_PATIENCE).not_done:  # what has not begun yet cannot be interrupted
                    self.backend.con.interrupt()
                raise

        return found

    def _read(self) -> pd.DataFrame:
        found: pd.DataFrame = self.backend.con.sql(self.words).to_arrow_table().cast(self.types).to_pandas()
        return found


def query(table: Any) -> Query:
    """Put a table of numbers, text and days into words."""
    backend = table.get_backend()
    return Query(backend, backend.compile(table), table.schema().to_pyarrow())


def frame(table: Any) -> pd.DataFrame:
    """Return a table of numbers, text and days."""
    return query(table).begun()()
