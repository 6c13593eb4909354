"""Spans of traces: OpenTelemetry spans as JSON, priced at the rate card, or a table that says what each cost."""

from typing import Any

import pandas as pd

from aiecon.errors import InputError
from aiecon.ingestion import engine
from aiecon.ingestion.adapters import JSON, otel
from aiecon.ingestion.adapters.reading import Reading
from aiecon.ingestion.frames import Column, doubled, read_columns
from aiecon.vocabulary.source import Source, Table

_TABLE = (
    Column("trace_id", "text"),
    Column("span_id", "text"),
    Column("parent_id", "text", may_be_empty=True),
    Column("name", "text"),
    Column("cost", "amount", at_least=0),
    Column("input_tokens", is_needed=False, may_be_empty=True, at_least=0),
    Column("failed", "flag", is_needed=False, may_be_empty=True),
    Column("start", "moment", is_needed=False),
)


@engine.reader
def read_spans(source: Source, inputs: Any) -> Table:
    """Read spans: frame with trace_id, span_id, parent_id, name, cost and, where known, input_tokens, failed, start."""
    if not source.path.lower().endswith(JSON):
        return read_columns(source, _TABLE, check=doubled("trace_id", "span_id"))
    path = engine.locate(source)
    if not path.exists():
        raise InputError(f"{source.path}: no such file{engine.looked(source)}")
    reading = Reading(source.path, path)
    rows = list(otel.read_spans(reading))
    engine.refuse([one.words for one in reading.refused])
    frame = pd.DataFrame(rows)
    if frame.empty or frame[["trace_id", "span_id"]].isna().any(axis=None):
        raise InputError(f"{source.path}: spans with traceId and spanId are expected")
    return Table(frame, engine.digest(path), len(frame), {"currency": "USD"})
