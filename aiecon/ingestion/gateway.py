"""Records of use, as a gateway logs them, added up by month and who used what."""

from pathlib import Path
from typing import Any

import ibis
import pandas as pd

from aiecon.errors import InputError
from aiecon.ingestion import adapters, duck, engine
from aiecon.ingestion.adapters import landing
from aiecon.ingestion.adapters.columns import EXPORT, RECORD
from aiecon.ingestion.adapters.reading import ROW
from aiecon.ingestion.engine import Opened
from aiecon.ingestion.focus import NOT_SAID
from aiecon.vocabulary.source import Source, Table
from aiecon.vocabulary.spend import TOKEN_COLUMNS

_SHOWN = 10
_DAYS = ("ChargePeriodStart", "date", "timestamp")
_NAMES = {
    "x_ModelId": "model",
    "x_Team": "team",
    "x_Product": "product",
    "x_UseCase": "use_case",
    "x_Environment": "environment",
    "SubAccountName": "project",
}
"""Column of the spend store -> how a plain log calls it."""
_TOKENS = (*TOKEN_COLUMNS, "input_tokens", "output_tokens")


@engine.reader
def read_gateway(source: Source, inputs: Any) -> Table:
    """Read records of use as one row a month (or day) and combination of who used what.

    Parameters
    ----------
    source
        A spend store, of which records of use count, a log that `aiecon load` knows by its columns (LiteLLM, spans,
        ...), or a plain one: date, model, and what it has of team, product, use_case, environment, project, tokens
        (input_tokens with cached ones, output_tokens).
    inputs
        The question's, for whether its periods begin inside a month.

    Returns
    -------
    Table
        frame: when, the columns of who and what under their names in the store, tokens; facts: columns.
    """
    opened = _opened(source)
    when = next((name for name in _DAYS if name in opened.columns), None)
    names = {ours: name for ours, theirs in _NAMES.items() if (name := _given(opened, ours, theirs))}
    absent = [*([] if when else ["date"]), *([] if "x_ModelId" in names else ["model"])]
    problems = [f"{source.path}: column '{name}' is missing; it has {_shown(opened)}" for name in absent]
    rules: list[engine.Rule] = []
    if when:
        day, rules = engine.moment(opened, when)
    engine.refuse([*problems, *engine.check(opened, rules)])
    said = {ours: ibis.coalesce(opened.table[name].cast("string"), NOT_SAID) for ours, name in names.items()}
    table = opened.table.mutate(**said, when=day if inputs.is_by_day else day.truncate("M"), tokens=_tokens(opened))
    if "x_SourceKind" in opened.columns:
        table = table.filter(table["x_SourceKind"] == RECORD)
    found: pd.DataFrame = table.group_by(["when", *names]).aggregate(tokens=table["tokens"].sum()).to_pandas()
    if found.empty:
        raise InputError(f"{source.path}: it has no record of use")
    frame = found.assign(when=pd.to_datetime(found["when"]).dt.normalize()).sort_values(["when", *names])
    return Table(frame.reset_index(drop=True), engine.digest(opened.path), opened.rows, {"columns": tuple(names)})


def _opened(source: Source) -> Opened:
    """The file, or the charges in it where it is a log that an adapter knows."""
    path = engine.locate(source)
    if not path.is_file() or not path.name.lower().endswith((*adapters.CSV, *adapters.JSON)):
        return engine.open_file(source)
    try:
        adapter = adapters.recognised(path, source.path)
    except InputError:
        if path.name.lower().endswith(adapters.JSON):
            raise
        return engine.open_file(source)
    if adapter.kind == RECORD:
        return _landed(source.path, path, adapter)
    if adapter.kind == EXPORT:
        words = f"{adapter.name} is the vendor's own count of use; the log of a gateway or traces are expected"
        raise InputError(f"{source.path}: {words}")
    return engine.open_file(source)


def _landed(name: str, path: Path, adapter: adapters.Adapter) -> Opened:
    """The requests of a log as `aiecon load` reads them; InputError names those it would refuse."""
    backend = duck.connected()
    reading = landing.stage(backend.con, adapters.Found(name, path, adapter))
    landing.land(backend.con, reading)
    if reading.refused:
        more = len(reading.refused) - _SHOWN
        words = [f"{name}: {more:,} more rows cannot be read; `aiecon load` loads the others and lists them"]
        engine.refuse([*(one.words for one in reading.refused[:_SHOWN]), *(words if more > 0 else [])])
    table = backend.table("landed")
    return Opened(name, path, table.mutate(**{engine.ROW: table[ROW]}), is_text=False)


def _given(opened: Opened, ours: str, theirs: str) -> str | None:
    return next((name for name in (ours, theirs) if name in opened.columns), None)


def _shown(opened: Opened) -> str:
    return ", ".join(opened.columns[:8])


def _tokens(opened: Opened) -> Any:
    columns = [name for name in _TOKENS if name in opened.columns]
    total: Any = ibis.literal(0.0)
    for name in columns:
        total += ibis.coalesce(opened.table[name].try_cast("float64"), 0.0)
    return total
