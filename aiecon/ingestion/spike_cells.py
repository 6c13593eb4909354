"""What stands behind days that cost more than their kind: their charges and those of such days before, by cell."""

from datetime import date
from functools import reduce
from operator import add
from typing import Any

import ibis
import pandas as pd

from aiecon.ingestion import covering, duck
from aiecon.ingestion.engine import PLACE, ROW
from aiecon.ingestion.focus import EXACT, NOT_SAID, is_long, spread_charges
from aiecon.spikes import anomalies
from aiecon.vocabulary.spend import TOKEN_COLUMNS

CELL = ("x_ModelId", "x_Environment", "SubAccountName", "SubAccountId", "ServiceName")
"""Columns beside the owner that tell one cell of charges from another, where the file has them."""
_FIGURES = ("billed", "tokens", "charges", "dearest")
_COVERED_BY = (covering.KIND, "ProviderName", "ChargeCategory", "ServiceCategory", "x_Layer")
WEEKS = 4
"""Days of the same weekday before a spike that say what its cells usually cost."""


def odd_days(daily: pd.DataFrame, *, window: tuple[date, date], score: float) -> pd.Series:
    """Days of a window, first to last, on which use by day (date, value) stands out by so many robust deviations."""
    first, last = (pd.Timestamp(day) for day in window)
    days = anomalies(daily[daily["date"] <= last], threshold=score)["date"]
    return days[days >= first]


def spike_cells(charges: Any, days: pd.Series, *, dimension: str) -> pd.DataFrame:
    """Read the charges of the days that stand out, and of the same weekdays before, by cell.

    Parameters
    ----------
    charges
        Typed charges for use, with day and billed.
    days
        The days that stand out.
    dimension
        Column that says whose a charge is.

    Returns
    -------
    pandas.DataFrame
        date, the key columns the file has, billed [currency], tokens, charges, dearest (the row of the dearest charge);
        empty where no day stands out.
    """
    keys = _keys(charges, dimension)
    if days.empty:
        return pd.DataFrame(columns=["date", *keys, *_FIGURES])
    asked = sorted({day - pd.Timedelta(weeks=week) for day in days for week in range(WEEKS + 1)})
    on_days = _on_days(charges, asked, spread=_has_days_of_its_own(charges))
    if covering.KIND not in charges.columns:
        return _sums(on_days, keys)
    return _laid(_sums(on_days, [*keys, *(name for name in _COVERED_BY if name in charges.columns)]), keys)


def _laid(cells: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """The cells of a store with each bill on the records of use that it covers, day by day."""
    named = cells.rename(columns={"date": "when"}).assign(effective=cells["billed"])
    laid = covering.laid_on_records(named).rename(columns={"when": "date"})
    figures = {"billed": ("billed", "sum"), "tokens": ("tokens", "sum"), "charges": ("charges", "sum")}
    grouped = laid.sort_values("billed", ascending=False, kind="stable").groupby(["date", *keys], as_index=False)
    found = grouped.agg(**figures, dearest=("dearest", "first"))
    return found[found["billed"].round(6) != 0].reset_index(drop=True)


def _keys(charges: Any, dimension: str) -> list[str]:
    """Columns that tell cells apart; an account by its name where it has one."""
    keys = [name for name in dict.fromkeys([dimension, *CELL]) if name in charges.columns]
    return [name for name in keys if name != "SubAccountId" or "SubAccountName" not in keys]


def _sums(table: Any, keys: list[str]) -> pd.DataFrame:
    """Charges with their value by day and cell."""
    named = {name: ibis.coalesce(table[name].cast("string"), NOT_SAID) for name in keys}
    table = table.mutate(**named, place=_place(table), tokens=_tokens(table))
    figures = {
        "billed": table["value"].sum().cast("float64"),
        "tokens": table["tokens"].sum(),
        "charges": table.count(),
        "dearest": table["place"].argmax(table["value"]),
    }
    if covering.KIND in keys:
        figures[covering.OWN] = table[covering.OWN].sum().cast("float64")
    found = duck.frame(table.group_by(["day", *keys]).aggregate(**figures))
    found = found.assign(date=pd.to_datetime(found["day"]))[["date", *keys, *figures]]
    return found.sort_values(["date", *keys], ignore_index=True)


def _has_days_of_its_own(charges: Any) -> bool:
    """Whether some charges are for a day or less: longer ones then count evenly on their days."""
    return bool((~is_long(charges)).any().to_pyarrow().as_py())


def _on_days(charges: Any, days: list[pd.Timestamp], *, spread: bool) -> Any:
    """The charges that count on these days, with their value; those of a month before they are spread."""
    wanted = [day.date() for day in days]
    months = sorted({day.replace(day=1).date() for day in days})
    if not spread:
        return charges.filter(charges.day.isin(wanted)).mutate(value=charges.billed.cast(EXACT))
    near = charges.filter(charges.day.isin(wanted) | (is_long(charges) & charges.day.truncate("M").isin(months)))
    even = spread_charges(near.mutate(value=near.billed.cast(EXACT)))
    return even.filter(even.day.isin(wanted))


def _place(table: Any) -> Any:
    """Where a charge stands: in the file it was loaded from, in its file of a store, or in the file read."""
    if {"x_SourceFile", "x_SourceRow"} <= set(table.columns):
        return table["x_SourceFile"].cast("string") + " row " + table["x_SourceRow"].cast("string")
    if PLACE in table.columns:
        return table[PLACE].cast("string")
    return ibis.literal("row ") + table[ROW].cast("string")


def _tokens(table: Any) -> Any:
    counts = [ibis.coalesce(table[name].try_cast("float64"), 0.0) for name in TOKEN_COLUMNS if name in table.columns]
    return reduce(add, counts, ibis.literal(0.0))
