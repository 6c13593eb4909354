"""What holds the charges against the outside: invoices, and what gateways recorded."""

from typing import Any

import pandas as pd

from aiecon.charts.formats import full, money, percent
from aiecon.charts.spend_review import SHOWN
from aiecon.models.spend_review import SpendReview
from aiecon.models.spend_review.phantom import UNSAID
from aiecon.report import blocks
from aiecon.report.blocks import Block
from aiecon.report.pages.spend_review.headline import dimension_of

_PARTS = ("credits", "tax", "late usage", "rounding")
_AMOUNTS = ("loaded", "invoiced", "difference")


def invoices(answer: SpendReview) -> Block:
    """Whether charges and invoices agree: one sentence where they do to the cent, else what is off and why."""
    found = answer.reconciled
    if found is None:
        return blocks.nothing()
    title = "Reconciled to the cent"
    if found.empty:
        return blocks.text("Invoices", [f"No invoice is of a month of {answer.label}; nothing was reconciled."])
    if not found[["difference", "unexplained"]].any(axis=None):
        amount = f"{cents(found['invoiced'].sum())} {answer.currency}"
        said = f"{_counted(found)}, {amount}, are what their charges add up to.{_uninvoiced(answer, found)}"
        return blocks.text(title, [said])
    off = found[found["difference"] != 0].sort_values("unexplained", key=abs, ascending=False, kind="stable")
    rows = [_invoice(row) for row in off.head(SHOWN).to_dict("records")]
    rest = found.drop(off.index[:SHOWN])
    if len(rest):
        rows.append(_invoice({"provider": f"{len(rest)} others", "month": None, **rest.sum(numeric_only=True)}))
    rows.append(_invoice({"provider": "All", "month": None, **found.sum(numeric_only=True)}))
    if found["unexplained"].any():
        title = f"{money(answer.unexplained_cost or 0.0, answer.currency)} of the invoices is not explained"
    note = (
        "Explained: by credits, tax, late usage (billed, or loaded, with another month than its own) and rounding. "
        f"More than {answer.inputs.invoice_tolerance * 100:g} % of an invoice unexplained is for its owner to clear."
        f"{_uninvoiced(answer, found)}"
    )
    columns = ["Invoice", "Charges", "Invoiced", "Differs", "Explained", "Unexplained"]
    return blocks.table(f"{title}, {answer.currency}", columns, rows, note=note, bold=[len(rows) - 1])


def _counted(found: pd.DataFrame) -> str:
    count, providers = len(found), found["provider"].nunique()
    return f"{count} invoice{'s' * (count > 1)} of {providers} provider{'s' * (providers > 1)}"


def _invoice(row: dict[Any, Any]) -> list[str]:
    name = str(row["provider"])
    if isinstance(row.get("account"), str):
        name += f", {row['account']}"
    if isinstance(row["month"], pd.Timestamp):
        name += f", {row['month']:%Y-%m}"
    parts = [f"{cents(row[part])} {part}" for part in _PARTS if row[part]]
    explained = parts[0] if len(parts) == 1 else cents(sum(row[part] for part in _PARTS))
    return [name, *(cents(row[amount]) for amount in _AMOUNTS), explained, cents(row["unexplained"])]


def cents(amount: float) -> str:
    """An amount to the cent; zero is a dash."""
    return f"{amount:,.2f}".replace("-", "\N{MINUS SIGN}") if round(amount, 2) else "–"


def _uninvoiced(answer: SpendReview, found: pd.DataFrame) -> str:
    """What of the period's charges is on no invoice that was given."""
    amount = answer.billed_cost - float(found["loaded"].sum())
    if answer.inputs.where or answer.inputs.is_by_day or round(amount, 2) <= 0:
        return ""
    return f" {money(amount, answer.currency)} of the period's charges are on no invoice here."


def phantom_layers(answer: SpendReview) -> Block:
    """The phantom bill by layer, with what of it has no gateway record."""
    table = answer.phantom_layers
    if len(table) < 2 and answer.shadow is None:
        return blocks.nothing()
    has_records = answer.shadow is not None
    total = {"layer": "All", **table.sum(numeric_only=True)}
    rows = [
        [
            "(no layer)" if row["layer"] in UNSAID else str(row["layer"]),
            *(full(row[name], answer.larger_cost) for name in ("known", "attributed", "phantom")),
            percent(row["phantom"] / row["known"]) if row["known"] else "–",
            *([full(row["shadow"], answer.larger_cost)] if has_records else []),
        ]
        for row in (*table.to_dict("records"), total)
    ]
    columns = ["Layer", "Known", "Attributed", "Phantom", "Share", *(["No gateway record"] if has_records else [])]
    note = f"Phantom: known minus attributed to a {dimension_of(answer)}."
    if has_records:
        note += " No gateway record: charged for the use of models that the records do not have, owned or not."
    title = f"The phantom bill by layer, {answer.currency}"
    return blocks.table(title, columns, rows, note=note, bold=[len(rows) - 1])


def shadow(answer: SpendReview) -> Block:
    """The largest sources of what no gateway has a record of."""
    table = answer.shadow
    if table is None or table.empty:
        return blocks.nothing()
    keys = [name for name in table if name not in ("billed", "why")]
    used = answer.model_use_cost
    rows = [
        [_source(row, keys), str(row["why"]), full(row["billed"], answer.larger_cost), percent(row["billed"] / used)]
        for row in table.head(SHOWN).to_dict("records")
    ]
    if len(table) > SHOWN:
        rest = float(table["billed"].iloc[SHOWN:].sum())
        rows.append([f"{len(table) - SHOWN} others", "", full(rest, answer.larger_cost), percent(rest / used)])
    rows.append(["All", "", full(answer.shadow_cost or 0.0, answer.larger_cost), percent(answer.shadow_share or 0.0)])
    title = f"Shadow AI: charged and in no gateway record, {answer.currency}"
    columns = ["Source", "Why", answer.label, "Share of model use"]
    note = f"{_how(answer)} Model use: {money(used, answer.currency)}, before what was taken off again."
    return blocks.table(title, columns, rows, note=note, bold=[len(rows) - 1], text_columns=2)


def _how(answer: SpendReview) -> str:
    if answer.inputs.gateway is None:
        return (
            "The store's own records of use carry the bill of their provider and month, model by model, up to what "
            "they cost by their own account; this is what the bill has beyond them."
        )
    columns = ", ".join(answer.gateway_match)
    return (
        f"Charges are looked for in the records by month, {columns}; more than recorded: over "
        f"{answer.inputs.gateway_tolerance * 100:g} % of their tokens are in none."
    )


def _source(row: dict[Any, Any], keys: list[str]) -> str:
    """A source in words."""
    return ", ".join(str(row[key]) for key in keys if row[key] not in UNSAID) or "charges that say nothing"
