"""The phantom bill: what was billed and nobody owns, where it comes from, and how much has the tags it must have."""

from collections.abc import Sequence

import pandas as pd

from aiecon.errors import FrameError

UNSAID = ("(not tagged)", "")
"""What a charge says of its team, or whatever the dimension is, when it says nothing."""
_UNTAGGABLE = ("Tax", "Credit")
"""FOCUS categories of charges that no tag can be put on."""
_HALF_A_CENT = 0.005  # of what nobody owns, below which it is what floats leave over
_SOURCES = ("x_Layer", "ServiceName", "SubAccountName", "x_ModelId")


def is_tagged(charges: pd.DataFrame, dimension: str) -> pd.Series:
    """Which charges say whose they are."""
    return charges[dimension].notna() & ~charges[dimension].isin(UNSAID)


def taggable(charges: pd.DataFrame) -> pd.Series:
    """Which charges can carry a tag and cost anything: no credits, no taxes, nothing below zero."""
    category = charges["ChargeCategory"] if "ChargeCategory" in charges else pd.Series("", index=charges.index)
    return (charges["billed"] > 0) & ~category.isin(_UNTAGGABLE)


def by_month(charges: pd.DataFrame) -> pd.DataFrame:
    """Charges of days summed by month and all that they say, as those of whole months are, in the column billed.

    A correction then takes off what it corrects, whichever way the period is written.
    """
    if "when" not in charges or (charges["when"].dt.day == 1).all():
        return charges
    said = [name for name in charges.select_dtypes(exclude="number") if name != "when"]
    return charges.groupby([charges["when"].dt.to_period("M"), *said], as_index=False, dropna=False)[["billed"]].sum()


def is_all_taggable(charges: pd.DataFrame) -> bool:
    """Whether there are no credits, taxes and charges below zero among them."""
    charges = by_month(charges)
    return bool((taggable(charges) | (charges["billed"] == 0)).all())


def unowned_cost(charges: pd.DataFrame, dimension: str) -> float:
    """Cost of charges that could say whose they are and do not, whatever credits take off again. [currency]"""
    charges = by_month(charges)
    return without_dust(float(charges.loc[taggable(charges) & ~is_tagged(charges, dimension), "billed"].sum()))


def owned_share(charges: pd.DataFrame, dimension: str) -> float | None:
    """Share of the cost of charges that could say whose they are which does; None where there are none."""
    charges = by_month(charges)
    found = charges[taggable(charges)]
    whole = float(found["billed"].sum())
    return float(found.loc[is_tagged(found, dimension), "billed"].sum()) / whole if whole else None


def without_dust(amount: float) -> float:
    """A remainder that nobody owns; nothing where it is below half a cent. [currency]"""
    return amount if abs(amount) >= _HALF_A_CENT else 0.0


def by_item(rows: pd.DataFrame, before: pd.DataFrame | None, dimension: str) -> pd.DataFrame:
    """Cost by a column, dearest first: item, billed, effective, before, change. [currency]

    What is nobody's is left out where floats alone leave it.
    """
    was = pd.Series(dtype=float) if before is None else before.groupby(dimension)["billed"].sum()
    table = rows.groupby(dimension)[["billed", "effective"]].sum().join(was.rename("before"), how="outer").fillna(0.0)
    nobody = table.index.isin(UNSAID)
    table[nobody] = table[nobody].map(without_dust)
    is_untagged = bool(without_dust(float(rows.loc[rows[dimension].isin(UNSAID), "billed"].abs().sum())))
    table = table[~nobody | table.any(axis=1) | is_untagged].reset_index(names="item")
    table["change"] = table["billed"] - table["before"]
    return table.sort_values("billed", ascending=False, ignore_index=True)


def sources(charges: pd.DataFrame, dimension: str) -> list[str]:
    """Columns that name where unattributed cost is; the category of the charges too where there are several."""
    found = [name for name in _SOURCES if name in charges and name != dimension]
    rows = charges[~is_tagged(charges, dimension)]
    is_mixed = "ChargeCategory" in rows and len(set(rows["ChargeCategory"])) > 1
    return [*found, *(["ChargeCategory"] if is_mixed else [])]


def phantom_bill(charges: pd.DataFrame, dimension: str = "x_Team", *, by: Sequence[str] | None = None) -> pd.DataFrame:
    """Say where the cost is that was billed and that nobody owns, dearest first.

    Parameters
    ----------
    charges
        Columns billed [currency] and the dimension, where an empty cell says nothing.
    dimension
        Column that says whose a charge is.
    by
        Columns that name a source; those of x_Layer, ServiceName, SubAccountName and x_ModelId there are.

    Returns
    -------
    pandas.DataFrame
        The source columns, billed [currency] and share (of everything billed, 0 when nothing was); sources of less than
        half a cent are left out.

    Examples
    --------
    >>> charges = pd.DataFrame({"billed": [60.0, 30.0, 10.0], "x_Team": ["a", None, ""], "ServiceName": list("sst")})
    >>> phantom_bill(charges).to_dict("records")
    [{'ServiceName': 's', 'billed': 30.0, 'share': 0.3}, {'ServiceName': 't', 'billed': 10.0, 'share': 0.1}]
    """
    wanted = ("billed", dimension, *(by or ()))
    missing = [name for name in wanted if name not in charges]
    if missing:
        raise FrameError([f"charges: column '{name}' is missing; it has {list(charges)}" for name in missing])
    keys = list(by) if by is not None else [name for name in _SOURCES if name in charges and name != dimension]
    rows = charges[~is_tagged(charges, dimension)]
    whole = float(charges["billed"].sum())
    if not keys:
        found = pd.DataFrame({"billed": [float(rows["billed"].sum())] if len(rows) else []})
    else:
        found = rows.groupby(keys, as_index=False, dropna=False)["billed"].sum()
    found = found[found["billed"].round(2) != 0]
    found = found.sort_values("billed", ascending=False, ignore_index=True, kind="stable")
    return found.assign(share=found["billed"] / whole if whole else 0.0)


def by_layer(charges: pd.DataFrame, dimension: str, shadow: pd.DataFrame | None) -> pd.DataFrame:
    """The phantom bill by layer: known minus attributed, and what of the layer has no gateway record. [currency]

    Parameters
    ----------
    charges
        billed, the dimension and, where known, x_Layer.
    shadow
        Charges without a record by source: billed and, where known, x_Layer; None without records.

    Returns
    -------
    pandas.DataFrame
        layer, known, attributed, phantom, shadow (missing without records), dearest phantom first.
    """
    layer = charges["x_Layer"] if "x_Layer" in charges else pd.Series(UNSAID[0], index=charges.index)
    known = charges["billed"].groupby(layer).sum()
    own = charges["billed"].where(is_tagged(charges, dimension), 0.0).groupby(layer).sum()
    table = pd.DataFrame({"known": known, "attributed": own, "phantom": known - own, "shadow": float("nan")})
    if shadow is not None:
        layers = shadow["x_Layer"] if "x_Layer" in shadow else pd.Series(UNSAID[0], index=shadow.index)
        table["shadow"] = shadow["billed"].groupby(layers).sum().reindex(table.index).fillna(0.0)
    return table.rename_axis("layer").reset_index().sort_values("phantom", ascending=False, ignore_index=True)


def tag_coverage(charges: pd.DataFrame, required: Sequence[str]) -> pd.DataFrame:
    """Share of the cost that has each required tag, and all of them: tag, share; 1 when nothing was billed.

    Of charges that can carry a tag: credits, taxes and what is below zero are left out, so that no credit hides use
    without a tag and a share stays between 0 and 1. Charges with a day in `when` are summed first (`by_month`).

    Examples
    --------
    >>> charges = pd.DataFrame({"billed": [60.0, 30.0, 10.0], "x_Team": ["a", None, "b"], "x_Product": ["p", "p", ""]})
    >>> tag_coverage(charges, ["x_Team", "x_Product"]).to_dict("records")
    [{'tag': 'x_Team', 'share': 0.7}, {'tag': 'x_Product', 'share': 0.9}, {'tag': 'all', 'share': 0.6}]
    """
    charges = by_month(charges)
    size = charges["billed"].where(taggable(charges), 0.0)
    marks = pd.DataFrame({tag: is_tagged(charges, tag) for tag in required}, index=charges.index)
    marks["all"] = marks.all(axis=1)
    whole = float(size.sum())
    shares = [float(size[marks[tag]].sum()) / whole if whole else 1.0 for tag in marks]
    return pd.DataFrame({"tag": list(marks), "share": shares})
