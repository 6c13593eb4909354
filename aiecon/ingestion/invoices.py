"""Invoices beside what was loaded: difference, what explains it, and what does not. Sums are exact decimals."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from difflib import get_close_matches
from functools import partial
from typing import Any

from aiecon.errors import FrameError, InputError
from aiecon.ingestion import cells, engine, late_usage
from aiecon.ingestion.adapters import reading, words
from aiecon.ingestion.adapters.reading import RefusedError
from aiecon.vocabulary.source import Source
from aiecon.vocabulary.spend import CURRENCIES

NEEDED = ("provider", "amount", "currency")
TOLERANCE = 0.005
"""Share of an invoice that may stay unexplained."""
_CENT = Decimal("0.01")
_BIGGEST = 3
_LISTED = 12


@dataclass(frozen=True)
class Invoice:
    """A line of the invoice file; credits, below zero however it writes them, and tax when it says them."""

    row: int
    provider: str
    account: str | None
    month: str
    amount: Decimal
    currency: str
    credits: Decimal | None
    tax: Decimal | None


@dataclass(frozen=True)
class Reconciled:
    """An invoice against the charges of its provider and month. [currency]"""

    provider: str
    account: str | None
    month: str
    loaded: Decimal
    invoiced: Decimal
    explained: dict[str, Decimal]

    @property
    def difference(self) -> Decimal:
        """Invoiced minus loaded."""
        return self.invoiced - self.loaded

    @property
    def unexplained(self) -> Decimal:
        """Difference minus all that explains it."""
        return self.difference - sum(self.explained.values(), Decimal(0))

    def is_within(self, tolerance: float) -> bool:
        """Whether what stays unexplained is at most this share of the invoice."""
        return abs(self.unexplained) <= abs(self.invoiced) * Decimal(str(tolerance))


@dataclass(frozen=True)
class Uninvoiced:
    """Charges of a provider, account ("" where they say none) and month that no invoice is of. [currency]"""

    provider: str
    account: str
    month: str
    rows: int
    loaded: Decimal


def read(source: Source) -> list[Invoice]:
    """Read a CSV or Parquet of invoices; FrameError with every problem."""
    path = source.path
    frame, problems = cells.read(engine.locate(source), name=path)
    month = next((name for name in ("period", "month") if name in frame), None)
    absent = [name for name in NEEDED if name not in frame] + ([] if month else ["month"])
    problems += [f"{path}: column '{name}' is missing; add it" for name in absent]
    if absent:
        raise FrameError(problems)
    found = []
    for place, record in zip(frame.index, frame.to_dict("records"), strict=True):
        try:
            found.append(_invoice(int(place), record, str(month)))
        except RefusedError as error:
            problems.append(f"{path}: column '{error.column}': row {place} {error.reason}")
    if not frame.index.size:
        problems.append(f"{path}: the file has a header and no rows")
    engine.refuse(problems)
    return found


def _invoice(row: int, record: dict[str, str], month: str) -> Invoice:
    amounts = ["amount", *(name for name in ("credits", "tax") if record.get(name))]
    told = reading.together(
        lambda: {"month": _month(record[month].strip(), month)},
        lambda: {"currency": _currency(record["currency"])},
        lambda: {"provider": _provider(record["provider"].strip())},
        *(partial(_amount, record, name) for name in amounts),
    )
    if told.get("credits"):
        told["credits"] = -abs(told["credits"])
    return Invoice(row=row, account=words.text(record, "account"), **{"credits": None, "tax": None, **told})


def _month(said: str, column: str) -> str:
    """The month of a line, written as one or as a day of it."""
    if re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", said):
        return said
    try:
        return f"{words.moment(said or None, column):%Y-%m}"
    except RefusedError:
        shown = f"has {said[:40]!r}" if said else "is empty"
        raise RefusedError(column, f"{shown}, a month such as 2026-03 is expected") from None


def _currency(code: str) -> str:
    if code not in CURRENCIES:
        shown = f"has {code[:40]!r}" if code else "is empty"
        raise RefusedError("currency", f"{shown}, a currency code of ISO 4217 such as USD is expected")
    return code


def _provider(name: str) -> str:
    if not name:
        raise RefusedError("provider", "is empty, the provider as the charges name it is expected")
    return name


def _amount(record: dict[str, str], name: str) -> dict[str, Any]:
    return {name: words.amount(record[name], name)}


def reconcile(connection: Any, invoices: list[Invoice]) -> list[Reconciled]:
    """Hold invoices against the charges in the table `store`, those of one provider, account and month together."""
    keys = list(dict.fromkeys((one.provider, one.account, one.month) for one in invoices))
    late_usage.note_tails(connection)
    found: dict[tuple[str, str | None, str], Reconciled] = {}
    for sender in dict.fromkeys(key[:2] for key in keys):
        sides = [
            _side(connection, key, [one for one in invoices if (one.provider, one.account, one.month) == key])
            for key in keys
            if key[:2] == sender
        ]
        found |= {one.key: made for one, made in _settled(connection, sides)}
    return [found[key] for key in keys]


def _settled(connection: Any, sides: list["_Side"]) -> list[tuple["_Side", Reconciled]]:
    """Explain the invoices of one sender; late use that one month has and the other denies counts in neither."""
    loaded = {side.key[2]: side.loaded for side in sides}
    moved = late_usage.transfers(
        connection, sent=_SENT, asked=dict(zip(("provider", "account"), sides[0].key, strict=False))
    )
    while True:
        tried = {month: late_usage.to_try(late_usage.admitted(moved, month, loaded=loaded), month) for month in loaded}
        made = [side.reconciled(set(tried[side.key[2]])) for side in sides]
        counted = {one.month: tried[one.month].get(one.explained.get("late usage", Decimal(0)), ()) for one in made}
        if not (denied := set(late_usage.one_sided(counted))):
            return list(zip(sides, made, strict=True))
        moved = [one for one in moved if one not in denied]


def without_invoice(connection: Any, invoices: list[Invoice]) -> list[Uninvoiced]:
    """Return charges in the table `store` of which no invoice is, by provider, account and month, the dearest first."""
    billed = {(one.provider.lower(), one.account or "", one.month) for one in invoices}
    found: dict[tuple[str, str, str], Uninvoiced] = {}
    loaded = connection.execute(_LOADED).fetchall()
    by_sub_account = {row[0] for row in loaded if row[3] and row[3] in {one.account for one in invoices}}
    for provider, issuer, account, sub_account, month, rows, cost in loaded:
        senders, accounts = (provider.lower(), issuer.lower()), ("", account, sub_account)
        if not cost or {(sender, one, month) for sender in senders for one in accounts} & billed:
            continue
        spoken_of = sub_account or account if provider in by_sub_account else account or sub_account
        key = (provider or issuer or "(no provider)", spoken_of, month)
        before = found.get(key, Uninvoiced(*key, 0, Decimal(0)))
        found[key] = Uninvoiced(*key, before.rows + rows, before.loaded + cost)
    return sorted(found.values(), key=lambda one: (-abs(one.loaded), one.provider, one.account, one.month))


_LOADED = """
    SELECT coalesce(ProviderName, ''), coalesce(InvoiceIssuerName, ''), coalesce(BillingAccountId, ''),
        coalesce(SubAccountId, ''), strftime(BillingPeriodStart, '%Y-%m'), count(*), sum(BilledCost)
    FROM store GROUP BY ALL
"""
_SENT = """
    lower($provider) IN (lower(coalesce(InvoiceIssuerName, '')), lower(coalesce(ProviderName, '')))
    AND ($account IS NULL OR $account IN (coalesce(BillingAccountId, ''), coalesce(SubAccountId, '')))
"""
_WHERE = f"strftime(BillingPeriodStart, '%Y-%m') = $month AND {_SENT}"
_SUMS = f"""
    SELECT count(*), sum(BilledCost), sum(BilledCost) FILTER (ChargeCategory = 'Credit'),
        sum(BilledCost) FILTER (ChargeCategory = 'Tax'), sum(round(BilledCost, 2))
    FROM store WHERE {_WHERE}
"""


@dataclass(frozen=True)
class _Side:
    """What is loaded of a provider, account and month, and what its invoices say. [currency]"""

    key: tuple[str, str | None, str]
    rows: int
    loaded: Decimal
    invoiced: Decimal
    said: dict[str, Decimal]
    stated: set[str]
    rounding: Decimal

    def reconciled(self, late: set[Decimal]) -> Reconciled:
        """The two side by side; `late` are the amounts of late use that may explain the difference."""
        difference = self.invoiced - self.loaded
        explained = (
            _explained(difference, self.said, stated=self.stated, rounding=self.rounding, late=late)
            if self.rows
            else {}
        )
        return Reconciled(*self.key, loaded=self.loaded, invoiced=self.invoiced, explained=explained)


def _asked(key: tuple[str, str | None, str]) -> dict[str, Any]:
    return dict(zip(("provider", "account", "month"), key, strict=True))


def _side(connection: Any, key: tuple[str, str | None, str], lines: list[Invoice]) -> _Side:
    (sums,) = connection.execute(_SUMS, _asked(key)).fetchall()
    loaded, credited, taxed, rounded = (value or Decimal(0) for value in sums[1:])
    said = _said(lines, credited, taxed)
    stated = {name for name in said if any(getattr(one, name) is not None for one in lines)}
    invoiced = sum((one.amount for one in lines), Decimal(0))
    return _Side(key, sums[0], loaded, invoiced, said, stated, rounded - loaded)


def _said(lines: list[Invoice], credited: Decimal, taxed: Decimal) -> dict[str, Decimal]:
    """What credits and tax could explain: listed, not loaded, or the reverse."""
    said = {"credits": -credited, "tax": -taxed}
    for name, loaded in (("credits", credited), ("tax", taxed)):
        given = [value for one in lines if (value := getattr(one, name)) is not None]
        if given:
            said[name] = sum(given, Decimal(0)) - loaded
    return said


def _explained(
    difference: Decimal, said: dict[str, Decimal], *, stated: set[str], rounding: Decimal, late: set[Decimal]
) -> dict[str, Decimal]:
    """Credits, tax, late usage, several or none, whichever leave least; then cents that rounding explains.

    Late usage counts where it leaves less than half of what the others leave; credits and tax that no invoice states
    count where they explain the whole difference.
    """

    def holds(parts: dict[str, Decimal]) -> bool:
        return {*parts} <= {*stated, "late usage"} or _is_rounding(_rest(difference, parts), rounding)

    plain: list[tuple[str, ...]] = [(), ("credits",), ("tax",), ("credits", "tax")]
    choices = [{name: said[name] for name in names} for names in plain]
    later = [{**choice, "late usage": amount} for choice in choices for amount in sorted(late)]
    choices, later = ([parts for parts in tried if holds(parts)] for tried in (choices, later))
    explained = _nearest(difference, choices)
    with_late = _nearest(difference, later)
    if abs(_rest(difference, with_late)) < abs(_rest(difference, explained)) / 2:
        explained = with_late
    rest = _rest(difference, explained)
    if rest and _is_rounding(rest, rounding):
        explained["rounding"] = rest
    return explained


def _is_rounding(rest: Decimal, rounding: Decimal) -> bool:
    return abs(rest) <= _CENT or abs(rest - rounding) <= _CENT


def _nearest(difference: Decimal, choices: list[dict[str, Decimal]]) -> dict[str, Decimal]:
    """The choice that leaves least, of equals the one with the fewest parts; nothing where there is no choice."""
    return min(choices, key=lambda parts: (abs(_rest(difference, parts)), len(parts)), default={})


def _rest(difference: Decimal, parts: dict[str, Decimal]) -> Decimal:
    return difference - sum(parts.values(), Decimal(0))


def unexplained(
    connection: Any, invoices: list[Invoice], found: list[Reconciled], *, name: str, tolerance: float
) -> Iterator[str]:
    """Words for each invoice that is further off than the tolerance, its lines that are alike and the biggest rows."""
    for one in found:
        if one.is_within(tolerance):
            continue
        account = f", account {one.account}" if one.account else ""
        yield (
            f"{name}: {one.provider}{account} {one.month}: invoiced {one.invoiced:,.2f}, loaded {one.loaded:,.2f}, "
            f"unexplained {one.unexplained:,.2f}, above the tolerance of {tolerance * 100:g} %; "
            f"{_twice(invoices, one)}{_hint(connection, one)}"
        )


def _twice(invoices: list[Invoice], one: Reconciled) -> str:
    """Words on lines of an invoice that are alike, cell by cell; none where there are no such."""
    by_cells: dict[Invoice, list[int]] = {}
    for line in invoices:
        if (line.provider, line.account, line.month) == (one.provider, one.account, one.month):
            by_cells.setdefault(replace(line, row=0), []).append(line.row)
    alike = [f"rows {', '.join(map(str, rows))} say the same" for rows in by_cells.values() if len(rows) > 1]
    return f"{' and '.join(alike)}: is one invoice there twice? " if alike else ""


def _hint(connection: Any, one: Reconciled) -> str:
    key = (one.provider, one.account, one.month)
    rows = connection.execute(
        f"SELECT x_SourceFile, x_SourceRow, BilledCost FROM store WHERE {_WHERE} "
        f"ORDER BY abs(BilledCost) DESC, x_SourceFile, x_SourceRow LIMIT {_BIGGEST}",
        _asked(key),
    ).fetchall()
    if rows:
        return "biggest rows: " + ", ".join(f"{file} row {row} ({cost:,.2f})" for file, row, cost in rows)
    return f"no charge of it is loaded{_nearest_loaded(connection, one)}"


def _nearest_loaded(connection: Any, one: Reconciled) -> str:
    """What is loaded instead: the provider's other accounts and months, or the provider whose name is nearest."""
    accounts, months = connection.execute(
        f"""SELECT list(DISTINCT account ORDER BY account) FILTER (account <> ''),
            list(DISTINCT strftime(BillingPeriodStart, '%Y-%m') ORDER BY 1)
        FROM store, unnest([BillingAccountId, SubAccountId]) AS named(account) WHERE {_SENT}""",
        {"provider": one.provider, "account": None},
    ).fetchone()
    if months:
        said = f"; of {one.provider} there are the months {', '.join(months[:_LISTED])}"
        return f"{said} and the accounts {', '.join(accounts[:_LISTED])}" if accounts and one.account else said
    told = connection.execute("SELECT DISTINCT unnest([ProviderName, InvoiceIssuerName]) FROM store").fetchall()
    near = get_close_matches(one.provider, sorted(who for (who,) in told if who), n=1, cutoff=0.5)
    return f"; the nearest provider is {near[0]}" if near else ""


def check_currency(invoices: list[Invoice], *, name: str, currency: str | None) -> None:
    """Refuse invoices in another currency than the charges."""
    other = [one for one in invoices if currency and one.currency != currency]
    if other:
        first = other[0]
        words_ = f"row {first.row} is in {first.currency}, the charges are in {currency}"
        raise InputError(f"{name}: column 'currency': {words_}; convert at a dated rate")
