"""Shadow AI: charges for the use of models that no gateway has a record of."""

from collections.abc import Sequence

import pandas as pd

from aiecon.models.spend_review.phantom import UNSAID
from aiecon.vocabulary.spend import AI_CATEGORY, TOKEN_COLUMNS, plain_models

NO_RECORD, MORE = "no record", "more than recorded"
_SOURCES = ("x_Layer", "ServiceName", "SubAccountName", "x_ModelId")
_MATCHES = ("x_Team", "x_Product", "x_UseCase", "x_Environment", "SubAccountName")
_RECORD, _VENDORS = "usage", ("bill", "vendor_usage")  # kinds of sources of a spend store
_FILLED = 0.5  # share of cost and of tokens that must say a column, for it to tell charges and records apart


def within(records: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """The records of the months (or days) that the charges are of."""
    return records[records["when"].isin(rows["when"])]


def matching(rows: pd.DataFrame, records: pd.DataFrame) -> list[str]:
    """Columns by which charges are looked for in the records: the model, and those that both fill for the most part."""
    both = [name for name in _MATCHES if name in rows and name in records]
    used = rows[is_model_use(rows)]
    return ["x_ModelId", *(name for name in both if _fills(used, name, "billed") and _fills(records, name, "tokens"))]


def _fills(frame: pd.DataFrame, column: str, weight: str) -> bool:
    whole = float(frame[weight].abs().sum())
    said = float(frame.loc[~frame[column].isin(UNSAID), weight].abs().sum())
    return whole > 0 and said / whole >= _FILLED


def is_model_use(rows: pd.DataFrame) -> pd.Series:
    """Charges for the use of a model: not tax, credits, seats or servers."""
    found = pd.Series(True, index=rows.index)
    for column, wanted in (("ChargeCategory", "Usage"), ("x_Layer", "model")):
        if column in rows:
            found &= rows[column].isin((wanted, *UNSAID))
    says = rows[list(TOKEN_COLUMNS)].sum(axis=1) > 0
    if "x_ModelId" in rows:
        says |= ~rows["x_ModelId"].isin(UNSAID)
    if "ServiceCategory" in rows:
        says |= rows["ServiceCategory"] == AI_CATEGORY
    return found & says


def without_record(
    rows: pd.DataFrame, records: pd.DataFrame, *, match: Sequence[str], tolerance: float
) -> pd.DataFrame:
    """Say which charges a log has no record of, or fewer tokens than were billed; dearest first.

    Parameters
    ----------
    rows
        Charges: when, billed [currency], TOKEN_COLUMNS and who and what.
    records
        Records of use: when, tokens and who and what.
    match
        Columns that a charge and its record share.
    tolerance
        Share of a charge's tokens that the records may lack without a word. [share]

    Returns
    -------
    pandas.DataFrame
        The source columns (layer, service, account, model), why (NO_RECORD or MORE), billed [currency].
    """
    used = rows[is_model_use(rows)]
    if "x_ModelId" in used:
        used = used[~used["x_ModelId"].isin(UNSAID)]
    used = used.assign(tokens=used[list(TOKEN_COLUMNS)].sum(axis=1))
    key = ["when", *match]
    both = _keyed(used, key).merge(
        _keyed(records, key).groupby(key, as_index=False)["tokens"].sum(), "left", on=key, suffixes=("", "_logged")
    )
    whole = both.groupby(key)["tokens"].transform("sum")
    logged = (both["tokens_logged"] / whole.where(whole > 0)).fillna(1.0).clip(upper=1.0)
    is_absent = both["tokens_logged"].isna()
    lacking = (1.0 - logged).where(~is_absent, 1.0)
    lacking = lacking.where(is_absent | (lacking > tolerance), 0.0)
    return _sources(
        used.assign(
            shadow=(used["billed"] * lacking.to_numpy()), why=is_absent.map({True: NO_RECORD, False: MORE}).to_numpy()
        )
    )


def without_model(rows: pd.DataFrame) -> float:
    """Billed for the use of models by charges that name none, and so are looked for in no log. [currency]"""
    return float(rows.loc[is_model_use(rows) & rows["x_ModelId"].isin(UNSAID), "billed"].sum())


def beyond_records(rows: pd.DataFrame) -> pd.DataFrame | None:
    """Say what bills and vendors' usage exports have beyond the store's own records; columns as of `without_record`.

    A record is a gateway's or a trace's; None where the store has none, or nothing else to hold them against.
    """
    kind = rows.get("x_SourceKind", pd.Series("", index=rows.index))
    is_record = kind == _RECORD
    left = rows[is_model_use(rows) & kind.isin(_VENDORS)]
    if not is_record.any() or not kind.isin(_VENDORS).any():
        return None
    known = _providers(rows[is_record])
    why = left.get("ProviderName", pd.Series("", index=left.index)).isin(known)
    return _sources(left.assign(shadow=left["billed"], why=why.map({True: MORE, False: NO_RECORD})))


def _providers(records: pd.DataFrame) -> set[str]:
    return set(records["ProviderName"]) if "ProviderName" in records else set()


def _sources(rows: pd.DataFrame) -> pd.DataFrame:
    keys = [*(name for name in _SOURCES if name in rows), "why"]
    found = rows.groupby(keys, as_index=False)["shadow"].sum().rename(columns={"shadow": "billed"})
    return found[found["billed"].round(2) > 0].sort_values("billed", ascending=False, ignore_index=True, kind="stable")


def _keyed(frame: pd.DataFrame, key: Sequence[str]) -> pd.DataFrame:
    """The columns with models as both sides spell them: no maker before, no date behind."""
    if "x_ModelId" not in key:
        return frame
    return frame.assign(x_ModelId=plain_models(frame["x_ModelId"]))
