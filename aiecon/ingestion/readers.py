"""Which function reads the files that a field of the inputs names."""

from functools import partial
from typing import Any

import pandas as pd

from aiecon.ingestion import (
    demand,
    engine,
    focus,
    frames,
    gateway,
    history,
    invoiced,
    planned,
    rate_cards,
    review,
    seat_usage,
    spans,
    volumes,
)
from aiecon.ingestion.frames import Column
from aiecon.vocabulary.source import Source, Table


def _no_zeros(name: str, frame: pd.DataFrame) -> list[str]:
    """Lengths and throughputs of nothing measure nothing."""
    return [
        f"{name}: column '{column}' has {int((frame[column] == 0).sum()):,} zeros (first in row "
        f"{frame.loc[frame[column] == 0, 'row'].iloc[0]}); a number above zero is expected"
        for column in ("output_tokens_per_second", "input_tokens", "output_tokens")
        if (frame[column] == 0).any()
    ]


@engine.reader
def _read_actuals(source: Source, inputs: Any) -> Table:
    """Read what pools spent: one row a month, team and pool, all in one currency, and what `inputs` say of the rows."""
    checks = [frames.doubled("month", "team", "pool"), frames.by_row(_one_currency)]
    if hasattr(inputs, "problems_of"):
        checks.append(frames.by_row(partial(inputs.problems_of)))  # a method takes no mark
    return frames.read_columns(source, _ACTUALS, check=frames.every(*checks), as_of=getattr(inputs, "as_of", None))


_ACTUALS = (
    Column("month", "month"),
    Column("team", "text"),
    Column("pool", "text"),
    Column("spend", "amount"),
    Column("driver", is_needed=False, may_be_empty=True, at_least=0),
    Column("value", "amount", is_needed=False, may_be_empty=True),
    Column("budget", "amount", is_needed=False, may_be_empty=True, at_least=0),
    Column("currency", "text", is_needed=False, may_be_empty=True),
)


def _one_currency(name: str, frame: pd.DataFrame) -> list[str]:
    """A problem for each row in another currency than the first that says one."""
    if "currency" not in frame:
        return []
    given, found = frame[frame["currency"].fillna("") != ""], []
    for row, currency in zip(given["row"], given["currency"], strict=True):
        first = given.iloc[0]
        if currency != first["currency"]:
            found.append(
                f"{name}: row {row}: column 'currency' is {currency} and row {first['row']} is in "
                f"{first['currency']}; convert one at a dated rate"
            )
    return found


READERS = {
    "review": review.read_review,
    "gateway": gateway.read_gateway,
    "invoice": invoiced.read_invoice,
    "planned": planned.read_planned,
    "spans": spans.read_spans,
    "actuals": _read_actuals,
    "outcomes": frames.reader(
        Column("date", "day"),
        Column("use_case", "text"),
        Column("outcome", "text"),
        Column("count", at_least=0),
        Column("value", "amount", is_needed=False, may_be_empty=True),
        Column("human_minutes", is_needed=False, may_be_empty=True, at_least=0),
        Column("revenue", "amount", is_needed=False, may_be_empty=True),
        check=frames.doubled("date", "use_case", "outcome"),
    ),
    "demand": demand.read_demand,
    "volumes": volumes.read_volumes,
    "deployed": volumes.read_deployed,
    "workload": demand.read_workload,
    "serving": frames.reader(
        Column("model", "text"),
        Column("gpu", "text"),
        Column("engine", "text", is_needed=False, may_be_empty=True),
        Column("precision", "text", is_needed=False, may_be_empty=True),
        Column("mode", "text", is_needed=False),
        Column("gpus_per_replica", at_least=1),
        Column("input_tokens", at_least=0),
        Column("output_tokens", at_least=0),
        Column("concurrency", is_needed=False, at_least=0),
        Column("ttft_ms", at_least=0),
        Column("tpot_ms", at_least=0),
        Column("output_tokens_per_second", at_least=0),
        Column("measured_on", "day", is_needed=False, may_be_empty=True),
        Column("source", "text", is_needed=False, may_be_empty=True),
        check=_no_zeros,
    ),
    "usage": frames.reader(
        Column("date", "day"),
        Column("requests", at_least=0),
        Column("users", is_needed=False, at_least=0),
        check=frames.doubled("date"),
    ),
    "seat_usage": seat_usage.read_seat_usage,
    "requests": frames.reader(
        Column("input_tokens", at_least=0, also=("context_tokens",)),
        Column("output_tokens", at_least=0, also=("generated_tokens",)),
        Column("steps", is_needed=False, at_least=1),
        Column("attempts", is_needed=False, at_least=1),
        Column("cached_tokens", is_needed=False, at_least=0),
    ),
    "daily_spend": focus.read_daily_spend,
    "history": history.read_history,
    "budget": history.read_budget,
    "previous": history.read_previous,
    "rate_card": rate_cards.read_table,
    "column": history.read_column,
}
