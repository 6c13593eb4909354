"""FOCUS charges, versions 1.0 to 1.3: a CSV, a Parquet file, or a folder of Parquet (a spend store).

Columns: https://focus.finops.org/focus-specification/v1-3/ ; of the AI properties of the 1.5 draft ModelId,
TokenDirection and TokenCacheAction are read. Token columns that a file lacks are filled from its quantity and unit
where meter, direction or description say which tokens they are. Columns we do not know stay as they are.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from aiecon.errors import InputError
from aiecon.ingestion import cells, duck, engine
from aiecon.ingestion.adapters import reading
from aiecon.ingestion.adapters.columns import OWN
from aiecon.ingestion.adapters.reading import BATCH, ROW, Reading
from aiecon.vocabulary import focus_columns
from aiecon.vocabulary.source import Source

MARKS = ({"BilledCost", "ChargePeriodStart", "BillingCurrency"},)
_PART = 1 << 20  # bytes that are looked through at once
_CSV_BATCH = 10_000  # rows whose cells are in memory as text
_EMPTY, _NONE = pa.array(sorted(reading.EMPTY)), pa.scalar(None, pa.string())
_NOTED = {*OWN, "x_Source", "x_SourceKind"}
_RENAMED = {"ServiceProviderName": "ProviderName", "ModelId": "x_ModelId"}


def read(source: Reading) -> Iterator[Any]:
    """Read one charge for each row."""
    is_csv = source.path.name.lower().endswith((".csv", ".csv.gz"))
    return _csv(source) if is_csv else _parquet(source)


def _names(columns: list[str], name: str) -> dict[str, str]:
    """Our name of each column that is kept: 1.3 calls the provider otherwise, and bookkeeping of a store is left."""
    if problems := focus_columns.met_twice(filter(None, columns), name):
        raise InputError(problems)
    spelled = focus_columns.spelled(columns)
    taken = set(spelled.values())
    if absent := sorted(MARKS[0] - taken):
        raise InputError(f"{name}: no column {', '.join(absent)}; where it is no FOCUS export leave out 'focus:'")
    kept = {column: ours for column, ours in spelled.items() if column and '"' not in column and ours not in _NOTED}
    return {column: new if (new := _RENAMED.get(ours, ours)) not in taken else ours for column, ours in kept.items()}


def _csv(source: Reading) -> Iterator[Any]:
    """Rows of a CSV: by DuckDB where it has nothing to say against the file, else one by one, odd ones refused."""
    columns, delimiter = cells.header(source.path, name=source.name)
    names = _names(columns, source.name)
    with duckdb.connect() as connection:
        connection.execute("SET enable_progress_bar = false")
        rows = _csv_sql(source, columns, delimiter)
        if _is_plain(source) and _reads(connection, rows, len(columns)):
            shown = ", ".join(f'c{place} AS "{names[name]}"' for place, name in enumerate(columns) if name in names)
            numbered = f'SELECT row_number() OVER () + 1 AS "{ROW}", {shown} FROM {rows}'
            yield from connection.sql(numbered).to_arrow_reader(BATCH)
            return
    yield from _one_by_one(source, names)


def _csv_sql(source: Reading, columns: Sequence[str], delimiter: str) -> str:
    """The rows as SQL, every cell as text in c0, c1, ...; anything odd is an error."""
    kinds = ", ".join(f"'c{place}': 'VARCHAR'" for place in range(len(columns)))
    path = str(source.path).replace("'", "''")
    nothing = ", ".join(f"'{word}'" for word in sorted(reading.EMPTY))
    return (
        f"read_csv('{path}', auto_detect = false, header = true, columns = {{{kinds}}}, delim = '{delimiter}', "
        f"""quote = '"', escape = '"', nullstr = [{nothing}], strict_mode = true, null_padding = false)"""
    )


def _is_plain(source: Reading) -> bool:
    """Whether a CSV is not packed and has no blank lines, which are counted as rows though nothing stands in them."""
    if not source.path.name.lower().endswith(".csv"):
        return False
    with source.path.open("rb") as file:
        tail = b""
        for part in iter(partial(file.read, _PART), b""):
            if any(blank in tail + part for blank in (b"\n\n", b"\n\r\n")):
                return False
            tail = part[-2:]
    return True


def _reads(connection: Any, rows: str, width: int) -> bool:
    """Whether DuckDB reads every cell of the file."""
    counted = ", ".join(f"count(c{place})" for place in range(width))
    try:
        connection.execute(f"SELECT {counted} FROM {rows}").fetchall()
    except duckdb.Error:
        return False
    return True


def _one_by_one(source: Reading, names: Mapping[str, str]) -> Iterator[Any]:
    columns, rows = reading.csv_rows(source)
    places = [(place, names[column]) for place, column in enumerate(columns) if column in names]
    while batch := list(islice(rows, _CSV_BATCH)):
        numbers, found = zip(*batch, strict=True)
        by_column = list(zip(*found, strict=True))
        arrays = [pa.array(numbers, pa.int64()), *(_cells(by_column[place]) for place, _ in places)]
        yield pa.table(arrays, names=[ROW, *(name for _, name in places)])


def _cells(column: Sequence[str]) -> Any:
    """Cells as text, those that say nothing as none."""
    array = pa.array(column, pa.string())
    return pc.if_else(pc.is_in(array, value_set=_EMPTY), _NONE, array)


def _parquet(source: Reading) -> Iterator[Any]:
    with engine.readable(Source(path=str(source.path))), duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'; SET enable_progress_bar = false")
        files = sorted(source.path.rglob("*.parquet")) if source.path.is_dir() else [source.path]
        kinds = duck.described(connection, duck.parquet_sql(files))
        names = _names(list(kinds), source.name)
        cast = [f'{_as_text(column, kinds[column])} AS "{ours}"' for column, ours in names.items()]
        numbered = f'SELECT row_number() OVER () + 1 AS "{ROW}", {", ".join(cast)} FROM {duck.parquet_sql(files)}'
        yield from connection.sql(numbered).to_arrow_reader(BATCH)


def _as_text(column: str, kind: str) -> str:
    is_nested = kind.startswith(("MAP", "STRUCT")) or kind.endswith("]")
    return f'to_json("{column}")::VARCHAR' if is_nested else f'"{column}"::VARCHAR'
