"""The shipped capacity table: what a unit of provisioned throughput serves, by model and deployment."""

from difflib import get_close_matches
from functools import cache

import pandas as pd

from aiecon import resources
from aiecon.errors import InputError
from aiecon.vocabulary.capacity import CapacityUnit

SHIPPED = "data/capacity/ptu_throughput.csv"
_USUAL = "global"


def capacity_unit(model: str, *, provider: str = "azure", deployment: str | None = None) -> CapacityUnit:
    """Return a unit as its vendor documents it.

    Parameters
    ----------
    model
        As the table spells it.
    provider
        Who sells it.
    deployment
        global, data_zone or regional; global when left out, or the only one there is: units of Google are regional.

    Raises
    ------
    InputError
        For what is not in the table, with the nearest names; give a unit of your own then.

    Examples
    --------
    >>> unit = capacity_unit("gpt-5", deployment="regional")
    >>> unit.tokens_per_minute, unit.output_weight, unit.minimum_units, unit.increment_units
    (4750.0, 8.0, 50, 50)
    >>> capacity_unit("gemini-2.0-flash", provider="google").input_weights["audio"]
    7.0
    """
    table = _table()
    rows = table[(table["provider"] == provider) & (table["model"] == model)]
    if rows.empty:
        known = sorted(set(table["model"][table["provider"] == provider])) or sorted(set(table["model"]))
        near = get_close_matches(model, known, n=4, cutoff=0.4)
        hint = f"nearest: {', '.join(near)}" if near else f"it has {', '.join(known[:6])}, ..."
        raise InputError(f"{SHIPPED}: no unit of {provider} for {model!r}; {hint}; or give capacity_unit yourself")
    sold = sorted(set(rows["deployment"]))
    deployment = deployment or (_USUAL if _USUAL in sold else sold[0])
    found = rows[rows["deployment"] == deployment]
    if found.empty:
        raise InputError(f"{SHIPPED}: {model} has no deployment {deployment!r} (it has {', '.join(sold)})")
    found = found.dropna(subset=["output_weight"])
    if found.empty:
        raise InputError(f"{SHIPPED}: {model} states no output weight; give capacity_unit yourself, with one measured")
    row = found.iloc[0]
    return CapacityUnit(
        provider=provider,
        model=model,
        deployment=deployment,
        tokens_per_minute=float(row["tokens_per_minute"]),
        output_weight=float(row["output_weight"]),
        cached_weight=float(row["cached_weight"]),
        minimum_units=int(row["minimum_units"]),
        increment_units=int(row["increment_units"]),
        input_weights=_weights(row["input_weights"]),
    )


def _weights(cell: object) -> dict[str, float] | None:
    """Weights of other inputs, written "audio=7 image=1"; None for an empty cell."""
    if not isinstance(cell, str):
        return None
    pairs = (pair.split("=") for pair in cell.split())
    return {kind: float(weight) for kind, weight in pairs}


@cache
def _table() -> pd.DataFrame:
    return pd.read_csv(resources.path(SHIPPED))
