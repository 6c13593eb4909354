"""A first look at charges: one pass that sums them by day and sees whether every row keeps its rules."""

from collections.abc import Callable, Sequence
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
    """

    frame: pd.DataFrame
    exact: str

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


def summed(cost: Any, exact: str) -> Any:
    """The sum of a cost in a decimal that holds each, as a float."""
    fits = exact == NARROW  # seen by then, and what need not be looked at is read in less time
    return (cost.try_cast(exact) if fits else cost.cast(exact)).sum().cast("float64")


def first_currency(opened: Opened) -> Callable[[], str | None]:
    """Start to read the currency of the first charge, which all others should have."""
    first = duck.query(opened.table.select(currency=opened.table["BillingCurrency"].cast("string")).limit(1)).begun()
    return lambda: next((str(name) for name in first()["currency"].dropna()), None)


def glance(charges: Any, kept: Any, *, currency: str | None) -> Callable[[], Days | None]:
    """Start to sum charges by day; None where some break a rule or are of another currency, length or size than most.

    Parameters
    ----------
    charges
        All of them, with day, kind, billed, effective and the mark `odd`.
    kept
        The mark of those that the filter keeps; None without one.
    currency
        The one that all should have.
    """
    is_kept = {} if kept is None else {"is_kept": ibis.coalesce(kept, engine.FALSE)}
    table = charges.mutate(plain=_plain(charges, currency), **is_kept)
    keys = ["day", *(["kind"] if kinds.is_said(table) else []), *is_kept]
    query = _by_day(table, keys, NARROW, plain=table.plain.count())
    meanwhile.waits()
    begun = query.begun()

    def seen() -> Days | None:
        found = _told(begun(), keys)
        midnight = found["day"] + pd.Timedelta(days=1)
        is_mixed = (found["first_end"] <= midnight) & (found["end"] > midnight)
        if (found["plain"] < found["rows"]).any() or is_mixed.any():
            return None
        known = {"currency": currency, "is_long": found["end"] > midnight, "broken": False}
        found = found.assign(**known, is_kept=found.get("is_kept", True), kind=found.get("kind", kinds.USE))
        return Days(found, NARROW)

    return seen


def closely(charges: Any, kept: Any) -> Days:
    """Sum charges that have the mark `broken` instead of `odd` by day, whatever they are like."""
    is_kept = ibis.literal(True) if kept is None else ibis.coalesce(kept, engine.FALSE)
    currency = charges["BillingCurrency"].cast("string")
    table = charges.mutate(currency=currency, is_long=is_long(charges), is_kept=is_kept)
    keys = ["day", "kind", "currency", "is_long", "is_kept"]
    found = _by_day(table, keys, EXACT, broken=table.broken.any()).begun()()
    return Days(_told(found, keys), EXACT)


def _plain(table: Any, currency: str | None) -> Any:
    """True for rows that keep their rules, have this currency and a cost that NARROW holds, NULL for others.

    What is missing or no finite number lies between no bounds. Where no column says the kind of a charge, none may be
    below zero.
    """
    is_small = table.billed.between(-_NARROW_MOST if kinds.is_said(table) else 0.0, _NARROW_MOST)
    is_small &= table.effective.between(-_NARROW_MOST, _NARROW_MOST)
    is_period = table["__end"] > table["__start"]
    is_alike = table["BillingCurrency"].cast("string") == currency
    return (is_small & is_period & is_alike & ~table.odd).nullif(False)


def _by_day(table: Any, keys: list[str], exact: str, **marks: Any) -> duck.Query:
    value = table.billed.try_cast(exact).sum().cast("float64")
    ends = {"end": table["__end"].max(), "first_end": table["__end"].min()}
    said = {"said": table[SAID].count()} if SAID in table.columns else {}
    return duck.query(table.group_by(keys).aggregate(rows=table.count(), value=value, **ends, **said, **marks))


def _told(found: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    absent = found["rows"] - found["said"] if "said" in found else 0
    return found.assign(day=pd.to_datetime(found["day"]), absent=absent).sort_values(keys, ignore_index=True)
