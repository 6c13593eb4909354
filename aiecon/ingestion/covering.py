"""Bills and records of use in one store: the bill has the cost, the record knows whose it was.

A month's bill of a provider is laid on the records of use in proportion to what they cost by their own account, model
by model where both name one. What the bill has beyond them stays on its own rows, so that cells add up to the invoice.
"""

from collections.abc import Sequence

import pandas as pd

from aiecon.ingestion.adapters.columns import BILL, EXPORT, RECORD
from aiecon.ingestion.focus import NOT_SAID
from aiecon.vocabulary.spend import AI_CATEGORY, TOKEN_COLUMNS, plain_models

KIND, OWN = "x_SourceKind", "x_SourceCost"
_MONEY = ["billed", "effective"]


def laid_on_records(frame: pd.DataFrame) -> pd.DataFrame:
    """Return sums of charges with each bill's cost on the records of use that it covers.

    Parameters
    ----------
    frame
        when, KIND, billed, effective, OWN (what a record costs by its own account) [currency], TOKEN_COLUMNS or tokens
        and, where known, ProviderName, x_ModelId, ChargeCategory, ServiceCategory, x_Layer.

    Returns
    -------
    pandas.DataFrame
        The same rows and totals. Tokens and requests of a bill that records speak of too count once, with
        the records.
    """
    if KIND not in frame or BILL not in set(frame[KIND]) or not set(frame[KIND]) & {EXPORT, RECORD}:
        return frame
    left = (frame[OWN] - frame["billed"]).clip(lower=0.0)
    table = frame.assign(left=left.where(frame[KIND].isin((EXPORT, RECORD)), 0.0))
    is_bill = (table[KIND] == BILL) & _is_model_use(table)
    by = [name for name in ("when", "ProviderName") if name in table]
    if "x_ModelId" in table:
        is_named = table["x_ModelId"] != NOT_SAID
        table = _laid(table.assign(model=plain_models(table["x_ModelId"])), is_bill & is_named, [*by, "model"])
        is_bill &= ~is_named
    return _laid(table, is_bill, by).drop(columns=["left", "model"], errors="ignore")


def _is_model_use(table: pd.DataFrame) -> pd.Series:
    """Charges for use of a model: not tax, credits or seats."""
    found = pd.Series(True, index=table.index)
    for column, wanted in (("ChargeCategory", "Usage"), ("ServiceCategory", AI_CATEGORY), ("x_Layer", "model")):
        if column in table:
            found &= table[column].isin((wanted, NOT_SAID))
    return found


def _laid(table: pd.DataFrame, is_bill: pd.Series, by: Sequence[str]) -> pd.DataFrame:
    """Move what records explain from the bill's rows to theirs, group by group."""
    groups = [table[name] for name in by]
    bill = table["billed"].where(is_bill, 0.0).groupby(groups).transform("sum")
    own = table["left"].groupby(groups).transform("sum")
    moved = pd.concat([bill, own], axis=1).min(axis=1).clip(lower=0.0)
    of_bill, of_own = (moved / bill.where(bill > 0)).fillna(0.0), (moved / own.where(own > 0)).fillna(0.0)
    part = (table["left"] / own.where(own > 0)).fillna(0.0)
    stays = (1.0 - of_bill).where(is_bill, 1.0)
    changed = {}
    for name in _MONEY:
        whole = (table[name] * (1.0 - stays)).groupby(groups).transform("sum")
        changed[name] = table[name] * stays + whole * part
    changed |= {name: table[name] * stays for name in (*TOKEN_COLUMNS, "x_Requests", "tokens") if name in table}
    return table.assign(**changed, left=table["left"] * (1.0 - of_own))
