"""A first look at charges: one pass that sums them by day and sees whether every row keeps its rules.

Where they have few combinations of keys, in a file that is not large, the pass keeps the sums of each by day, and
later sums are made of those.
"""

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_
from typing import Any

import ibis
import pandas as pd

from aiecon.ingestion import duck, engine, kinds, meanwhile
from aiecon.ingestion.engine import Opened, Rule
from aiecon.ingestion.focus import EXACT, complete_to, is_long, spread_charges
from aiecon.vocabulary.spend import CURRENCIES

NARROW = "decimal(18, 12)"  # as exact as EXACT, and adds up in half the time
_NARROW_MOST = 999_999.0  # cost of a charge that it holds
_LOOKED_AT = 5_000  # first charges that say how many combinations of keys there are
_FEW_KEYS = 1_000  # combinations of keys whose days are few beside the charges
_FEW_CELLS = 1_000_000  # sums by day and combination of keys that are kept
_ROWS = "__rows"  # of how many charges a cell is the sum
_PLAIN = "__plain"  # and how many of them are plain
SMALL = 128 * 2**20
"""Bytes of a file up to which its sums by day are kept; to read a larger one twice takes less memory."""
SAID = "__said"
"""What charges say of their effective cost, NULL where nothing, where the file has such a column."""


@dataclass(frozen=True, eq=False)
class Days:
    """Charges by day: what a first look at all of them finds.

    Attributes
    ----------
    frame
        One row a day, kind (`kinds.kind_of`), currency, length and side of the filter: day, kind, currency, is_long,
        is_kept, rows, value [currency], end (of the last), first_end, absent (how many say no effective cost), broken
        (any row that breaks a rule).
    exact
        The decimal in which every cost fits.
    cells
        An Ibis table of sums by day, kind, side of the filter and keys, with what `glance` was asked to sum; None where
        there would be too many, or the charges are not alike.
    """

    frame: pd.DataFrame
    exact: str
    cells: Any = None

    @property
    def kept(self) -> pd.DataFrame:
        """Of the charges that the filter keeps."""
        return self.frame[self.frame["is_kept"]]

    @property
    def rows(self) -> int:
        """All charges."""
        return int(self.frame["rows"].sum())

    @property
    def absent(self) -> int:
        """Of all charges, those that say no effective cost."""
        return int(self.frame["absent"].sum())

    def is_sound(self, currency: str | None) -> bool:
        """Whether every row keeps its rules, the filter keeps any, and all it keeps are in one known currency."""
        found = set(self.kept["currency"])
        known = set(self.frame["currency"]) <= CURRENCIES
        return not self.frame["broken"].any() and known and len(found) == 1 and (not currency or found == {currency})

    def complete_to(self, name: str) -> date:
        """The last complete day of all charges, whatever the filter keeps."""
        return complete_to(self.frame, name=name)

    def spread(self, charges: Any) -> pd.DataFrame | None:
        """Cost by day of use for longer than a day, evenly on its days: day, value; None where all or none is such."""
        are_long = self._use["is_long"]
        if are_long.all() or not are_long.any():
            return None
        use = charges.filter(is_long(charges) & (charges.kind == kinds.USE))
        even = spread_charges(use.mutate(value=use.billed.cast(EXACT)))
        found = duck.frame(even.group_by("day").aggregate(value=even.value.sum().cast("float64")))
        return found.assign(day=pd.to_datetime(found["day"]))

    def daily(self, spread: pd.DataFrame | None, as_of: date) -> pd.DataFrame:
        """Cost of use by day up to one, with what is `spread`: date, value. [currency]

        Use for longer than a day alone keeps the days it starts on.
        """
        use = self._use if spread is None else pd.concat([self._use[~self._use["is_long"]], spread])
        found = use.groupby("day", as_index=False)["value"].sum()
        return found[found["day"] <= pd.Timestamp(as_of)].rename(columns={"day": "date"}).reset_index(drop=True)

    @property
    def _use(self) -> pd.DataFrame:
        return self.kept[self.kept["kind"] == kinds.USE]

    def once(self, as_of: date) -> pd.DataFrame:
        """Charges that are no use, by the day they start on, up to one: date, kind, charges, billed [currency]."""
        found = self.kept[(self.kept["kind"] != kinds.USE) & (self.kept["day"] <= pd.Timestamp(as_of))]
        sums = found.groupby(["day", "kind"], as_index=False)[["rows", "value"]].sum()
        return sums.rename(columns={"day": "date", "rows": "charges", "value": "billed"})


def odd(rules: Sequence[Rule]) -> Any:
    """The mark of rows that break a rule which no bounds look after; the currency is looked at by day."""
    return _any([rule.broken for rule in rules if not rule.by_bounds and rule.column != "BillingCurrency"])


def broken(rules: Sequence[Rule]) -> Any:
    """The mark of rows that break a rule, of their currency apart, which is looked at by day."""
    return _any([rule.broken for rule in rules if rule.column != "BillingCurrency"])


def _any(marks: Sequence[Any]) -> Any:
    return ibis.coalesce(reduce(or_, marks), engine.FALSE) if marks else engine.FALSE


def charges_in(table: Any) -> Any:
    """How many charges a table has, or cells of them are the sums of."""
    return table[_ROWS].sum() if _ROWS in table.columns else table.count()


def begun(opened: Opened, keys: Sequence[str]) -> Future[pd.DataFrame]:
    """Start to read the combinations of keys of the first charges, with a currency of each."""
    charges = opened.table.select("BillingCurrency", *keys).limit(_LOOKED_AT)
    currency = charges["BillingCurrency"].cast("string").min()
    return duck.begun(charges.aggregate(currency=currency, by=list(keys)))


def glance(
    charges: Any, kept: Any, *, first: pd.DataFrame, size: int, keys: Sequence[str], counts: Sequence[str]
) -> Days | None:
    """Sum charges that are all alike by day; None where some break a rule or are of another kind of period or size.

    Parameters
    ----------
    charges
        All of them, with day, kind, billed, effective and the mark `odd`.
    kept
        The mark of those that the filter keeps; None without one.
    first
        What was `begun`, which says whether keys are few.
    size
        Of their file. [bytes]
    keys, counts
        Columns by which, and of which beside cost, sums are asked for later.
    """
    currency = next((str(name) for name in first["currency"].dropna()), None)
    is_kept = {} if kept is None else {"is_kept": ibis.coalesce(kept, engine.FALSE)}
    table = charges.mutate(**{_PLAIN: _plain(charges, currency).nullif(False)}, **is_kept)
    sides = ["day", *(["kind"] if kinds.is_said(table) else []), *is_kept]
    is_small = len(first) <= _FEW_KEYS and size <= SMALL
    cells = _cells(table, [*sides, *keys], counts) if is_small else None
    meanwhile.waits()
    table = table if cells is None else cells
    found = _by_day(table, sides, NARROW, plain=_counted(table, _PLAIN))
    midnight = found["day"] + pd.Timedelta(days=1)
    is_mixed = (found["first_end"] <= midnight) & (found["end"] > midnight)
    if (found["plain"] < found["rows"]).any() or is_mixed.any():
        return None
    known = {"currency": currency, "is_long": found["end"] > midnight, "broken": False}
    found = found.assign(**known, is_kept=found.get("is_kept", True), kind=found.get("kind", kinds.USE))
    return Days(found, NARROW, cells)


def closely(charges: Any, kept: Any) -> Days:
    """Sum charges that have the mark `broken` instead of `odd` by day, whatever they are like."""
    is_kept = ibis.literal(True) if kept is None else ibis.coalesce(kept, engine.FALSE)
    currency = charges["BillingCurrency"].cast("string")
    table = charges.mutate(currency=currency, is_long=is_long(charges), is_kept=is_kept)
    sides = ["day", "kind", "currency", "is_long", "is_kept"]
    return Days(_by_day(table, sides, EXACT, broken=table.broken.any()), EXACT)


def _plain(table: Any, currency: str | None) -> Any:
    """The mark of rows that keep their rules, have this currency and a cost that NARROW holds.

    What is missing or no finite number lies between no bounds. Where no column says the kind of a charge, none may be
    below zero.
    """
    is_small = table.billed.between(-_NARROW_MOST if kinds.is_said(table) else 0.0, _NARROW_MOST)
    is_small &= table.effective.between(-_NARROW_MOST, _NARROW_MOST)
    is_period = table["__end"] > table["__start"]
    is_alike = table["BillingCurrency"].cast("string") == currency
    return ibis.coalesce(is_small & is_period & is_alike, engine.FALSE) & ~table.odd


def _cells(table: Any, keys: Sequence[str], counts: Sequence[str]) -> Any:
    """Sums by these keys, kept at hand; None where they turn out to be many."""
    sums = {name: table[name].try_cast(NARROW).sum() for name in ("billed", "effective")}
    sums |= {name: count_of(table[name]) for name in counts}
    found = {_ROWS: table.count(), _PLAIN: table[_PLAIN].count(), **_ends(table), **_said(table)}
    cells, rows = duck.kept(table.group_by(list(keys)).aggregate(**sums, **found).limit(_FEW_CELLS + 1))
    return cells if rows <= _FEW_CELLS else None


def count_of(cell: Any) -> Any:
    """The sum of a count, in floats: they hold whole numbers up to 2^53 and take half the memory of wider ones."""
    return (cell if cell.type().is_decimal() else cell.try_cast("float64")).sum()


def _ends(table: Any) -> dict[str, Any]:
    first = table["__first_end" if "__first_end" in table.columns else "__end"]
    return {"__end": table["__end"].max(), "__first_end": first.min()}


def _said(table: Any) -> dict[str, Any]:
    """How many charges say an effective cost, where the file has the column."""
    return {SAID: _counted(table, SAID)} if SAID in table.columns else {}


def _counted(table: Any, column: str) -> Any:
    """In how many charges, or charges that cells are the sums of, a column is filled."""
    return table[column].sum() if _ROWS in table.columns else table[column].count()


def _by_day(table: Any, keys: list[str], exact: str, **marks: Any) -> pd.DataFrame:
    value = table.billed.try_cast(exact).sum().cast("float64")
    sums = {"rows": charges_in(table), "value": value, **_ends(table), **_said(table), **marks}
    found = duck.frame(table.group_by(keys).aggregate(**sums))
    found = found.rename(columns={"__end": "end", "__first_end": "first_end"})
    absent = found["rows"] - found.pop(SAID) if SAID in found else 0
    found = found.assign(day=pd.to_datetime(found["day"]), absent=absent)
    return found.sort_values(keys, ignore_index=True)
