"""Charges of a review held against invoices: what `aiecon load` does for a store, for any file of charges."""

from dataclasses import asdict
from typing import Any

import ibis
import pandas as pd

from aiecon.errors import InputError
from aiecon.ingestion import engine, invoices
from aiecon.ingestion.engine import Opened
from aiecon.ingestion.focus import EXACT
from aiecon.ingestion.invoices import Reconciled
from aiecon.vocabulary.source import Source, Table

COLUMNS = (
    "BillingPeriodStart",
    "ChargeCategory",
    "ProviderName",
    "InvoiceIssuerName",
    "BillingAccountId",
    "SubAccountId",
    "x_SourceDigest",
    "x_SourceFile",
    "x_SourceRow",
)
"""Columns beside cost and charge period that an invoice is held against, where the file has them."""
PARTS = ("credits", "tax", "late usage", "rounding")


@engine.reader
def read_invoice(source: Source, inputs: Any) -> Table:
    """Read a file of invoices: frame with provider, account, month, amount, currency."""
    lines = invoices.read(source)
    return Table(pd.DataFrame([asdict(line) for line in lines]), engine.digest(engine.locate(source)), len(lines), {})


def against_invoices(opened: Opened, charges: Any, source: Source, *, currency: str) -> pd.DataFrame:
    """Hold charges against invoices, provider, account and month together.

    Parameters
    ----------
    opened
        The file of the charges.
    charges
        Its rows with typed period (`__start`) and day.
    source
        The file of invoices; what is wrong with it is told by `read_invoice`.
    currency
        Of the charges.

    Returns
    -------
    pandas.DataFrame
        provider, account, month (first day), loaded, invoiced, difference, PARTS that explain it, unexplained, all to
        the cent. [currency]
    """
    try:
        wanted = invoices.read(source)
    except InputError:
        return _table([])
    invoices.check_currency(wanted, name=source.path, currency=currency)
    backend = charges.get_backend()
    backend.create_view("store", _store(opened, charges), overwrite=True)
    return _table(invoices.reconcile(backend.con, wanted))


def _store(opened: Opened, charges: Any) -> Any:
    """The charges with the columns and types of a spend store; what the file lacks is empty."""
    said = {name: charges[name].cast("string") for name in COLUMNS[1:] if name in opened.columns}
    lacking = {name: ibis.null().cast("string") for name in COLUMNS[1:] if name not in opened.columns}
    billed = charges["__start"].truncate("M")
    if COLUMNS[0] in opened.columns:
        billed = ibis.coalesce(engine.moment(opened, COLUMNS[0], cell=charges[COLUMNS[0]])[0], billed)
    return charges.select(
        BilledCost=_billed(opened, charges).try_cast(EXACT),
        ChargePeriodStart=charges["__start"],
        BillingPeriodStart=billed,
        **said,
        **lacking,
    )


def _billed(opened: Opened, charges: Any) -> Any:
    cell = charges["BilledCost"]
    return engine.plain_amount(cell) if opened.is_text else cell


def _table(found: list[Reconciled]) -> pd.DataFrame:
    rows = [
        {
            "provider": one.provider,
            "account": one.account,
            "month": pd.Timestamp(f"{one.month}-01"),
            **{name: _cents(getattr(one, name)) for name in ("loaded", "invoiced", "difference")},
            **{name: _cents(one.explained.get(name, 0)) for name in PARTS},
            "unexplained": _cents(one.unexplained),
        }
        for one in found
    ]
    amounts = ["loaded", "invoiced", "difference", *PARTS, "unexplained"]
    return pd.DataFrame(rows, columns=["provider", "account", "month", *amounts])


def _cents(amount: Any) -> float:
    return float(round(amount, 2))
