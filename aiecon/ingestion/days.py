"""A first look at charges: one pass that sums them by day and sees whether every row keeps its rules."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_
from typing import Any

import ibis
import pandas as pd

from aiecon.ingestion import engine, kinds
from aiecon.ingestion.engine import Rule
from aiecon.ingestion.focus import EXACT, complete_to, is_long, spread_charges
from aiecon.vocabulary.spend import CURRENCIES

NARROW = "decimal(18, 12)"  # as exact as EXACT, and adds up in half the time
_NARROW_MOST = 999_999.0  # cost of a charge that it holds


@dataclass(frozen=True, eq=False)
class Days:
    """Charges by day: what a first look at all of them finds.

    Attributes
    ----------
    frame
        One row a day, kind (`kinds.kind_of`), currency, length and side of the filter: day, kind, currency, is_long,
        is_kept, rows, value [currency], end (of the last), first_end, broken (any row that breaks a rule).
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

    def is_sound(self, currency: str | None) -> bool:
        """Whether every row keeps its rules, the filter keeps any, and all it keeps are in one known currency."""
        found = set(self.kept["currency"])
        known = set(self.frame["currency"]) <= CURRENCIES
        return not self.frame["broken"].any() and known and len(found) == 1 and (not currency or found == {currency})

    def complete_to(self, name: str) -> date:
        """The last complete day of all charges, whatever the filter keeps."""
        return complete_to(self.frame, name=name)

    def daily(self, charges: Any, as_of: date) -> pd.DataFrame:
        """Cost of use by day up to one; what is for longer counts evenly on its days: date, value. [currency]

        Use for longer than a day alone keeps the days it starts on.
        """
        kept = self.kept[self.kept["kind"] == kinds.USE]
        parts = [kept]
        if kept["is_long"].any() and not kept["is_long"].all():
            use = charges.filter(is_long(charges) & (charges.kind == kinds.USE))
            even = spread_charges(use.mutate(value=use.billed.cast(EXACT)))
            long = even.group_by("day").aggregate(value=even.value.sum().cast("float64")).to_pandas()
            parts = [kept[~kept["is_long"]], long.assign(day=pd.to_datetime(long["day"]))]
        days = pd.concat([part[["day", "value"]] for part in parts]).groupby("day", as_index=False)["value"].sum()
        return days[days["day"] <= pd.Timestamp(as_of)].rename(columns={"day": "date"}).reset_index(drop=True)

    def once(self, as_of: date) -> pd.DataFrame:
        """Charges that are no use, by the day they start on, up to one: date, kind, charges, billed [currency]."""
        found = self.kept[(self.kept["kind"] != kinds.USE) & (self.kept["day"] <= pd.Timestamp(as_of))]
        sums = found.groupby(["day", "kind"], as_index=False)[["rows", "value"]].sum()
        return sums.rename(columns={"day": "date", "rows": "charges", "value": "billed"})


def marked(charges: Any, rules: Sequence[Rule]) -> Any:
    """The charges with a mark on each row that breaks a rule; the currency is looked at by day."""
    broken = [rule.broken for rule in rules if rule.column != "BillingCurrency"]
    return charges.mutate(broken=ibis.coalesce(reduce(or_, broken), engine.FALSE))


def look(charges: Any, kept: Any) -> Days:
    """Sum marked charges with day, kind, billed and effective by day: at a glance where all are alike, else closely.

    Parameters
    ----------
    charges
        All of them, as `marked` returns them.
    kept
        The mark of those that the filter keeps; None without one.
    """
    table = charges.mutate(
        currency=charges["BillingCurrency"].cast("string"),
        is_kept=ibis.literal(True) if kept is None else ibis.coalesce(kept, engine.FALSE),
    )
    found = _glance(
        table, ["day", *(["kind"] if kinds.is_said(table) else []), *(["is_kept"] if kept is not None else [])]
    )
    return Days(_closely(table), EXACT) if found is None else Days(found, NARROW)


def _glance(table: Any, sides: list[str]) -> pd.DataFrame | None:
    """Charges by day, where every row keeps its rules and all have one currency, small costs and, on a day, a length.

    None where they are not so alike, or where no column says the kind of a charge and one is below zero.
    """
    first = table.select("currency").limit(1).to_pyarrow()["currency"].to_pylist()
    is_small = table.billed.between(-_NARROW_MOST if "kind" in sides else 0.0, _NARROW_MOST)
    is_small &= table.effective.between(-_NARROW_MOST, _NARROW_MOST)
    is_plain = ~table.broken & is_small & (table.currency == (first or [None])[0])
    plain = ibis.coalesce(is_plain, engine.FALSE).all()
    found = _by_day(table, sides, NARROW, plain=plain)
    midnight = found["day"] + pd.Timedelta(days=1)
    if not found["plain"].all() or ((found["first_end"] <= midnight) & (found["end"] > midnight)).any():
        return None
    known = {"currency": (first or [None])[0], "is_long": found["end"] > midnight, "broken": False}
    return found.assign(**known, is_kept=found.get("is_kept", True), kind=found.get("kind", kinds.USE))


def _closely(table: Any) -> pd.DataFrame:
    """Charges by day, kind, currency, length and side of the filter."""
    table = table.mutate(is_long=is_long(table))
    return _by_day(table, ["day", "kind", "currency", "is_long", "is_kept"], EXACT, broken=table.broken.any())


def _by_day(table: Any, keys: list[str], exact: str, **marks: Any) -> pd.DataFrame:
    ends = {"end": table["__end"].max(), "first_end": table["__end"].min()}
    value = table.billed.try_cast(exact).sum().cast("float64")
    found: pd.DataFrame = table.group_by(keys).aggregate(rows=table.count(), value=value, **ends, **marks).to_pandas()
    return found.assign(day=pd.to_datetime(found["day"])).sort_values(keys, ignore_index=True)
