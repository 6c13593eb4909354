"""The way from what was billed before to what was billed now, in steps that close."""

from collections.abc import Mapping

import pandas as pd

from aiecon.bridges import price_volume_mix
from aiecon.models.spend_review.factors import named_models, with_tokens
from aiecon.units import TOKENS_PER_MTOK

_STEPS = {"price": "Price a token, same models, tokens now", "volume": "Token volume", "mix": "Mix of models"}
_LAYERS = {
    "infrastructure": "Infrastructure",
    "model": "Models, tokens or model not said",
    "platform": "Platform",
    "saas": "Software seats",
}
_SHOWN = 6
_NOTHING = 1e-12  # of what was billed, below which an effect is what floats leave over


def effects(before: pd.DataFrame, rows: pd.DataFrame) -> dict[str, float] | None:
    """Price, volume, mix and other of a change, by model; None where either counts no tokens by model. [currency]

    Other is the change of charges that count no tokens or name no model.
    """
    if "x_ModelId" not in rows or "x_ModelId" not in before:
        return None
    tables = [_by_model(part) for part in (before, rows)]
    if any(table.empty for table in tables):
        return None
    found = price_volume_mix(*tables)
    ends = [float(part["billed"].sum()) for part in (before, rows)]
    moved = {
        "price": found.price_effect,
        "volume": found.volume_effect,
        "mix": found.mix_effect,
        "other": ends[1] - ends[0] - (found.actual - found.budget),
    }
    least = _NOTHING * sum(map(abs, ends))
    return {name: amount if abs(amount) > least else 0.0 for name, amount in moved.items()}


def _by_model(rows: pd.DataFrame) -> pd.DataFrame:
    """Millions of tokens and their price by model, as `price_volume_mix` takes them."""
    used = named_models(with_tokens(rows)).groupby("x_ModelId", as_index=False)[["tokens", "billed"]].sum()
    quantity = used["tokens"] / TOKENS_PER_MTOK
    return pd.DataFrame({"item": used["x_ModelId"], "quantity": quantity, "price": used["billed"] / quantity})


def bridge(
    before: pd.DataFrame,
    rows: pd.DataFrame,
    *,
    effects: Mapping[str, float] | None,
    dimension: str,
    labels: tuple[str, str],
) -> pd.DataFrame:
    """Steps from one total to the other: price, volume and mix of tokens by model, then by layer what counts none.

    Where tokens are not counted the steps are the items of the dimension, largest change first.

    Returns
    -------
    pandas.DataFrame
        step, kind (start, effect, end), amount (of the step; of the whole at both ends), total (after it). [currency]
    """
    start, end = float(before["billed"].sum()), float(rows["billed"].sum())
    if effects is None:
        steps = _largest(_change(before, rows, dimension))
    else:
        steps = {_STEPS[name]: effects[name] for name in _STEPS}
        steps |= _without_tokens(before, rows, effects["other"])
    amounts = [start, *steps.values(), end]
    totals = [start, *(start + pd.Series(steps, dtype=float).cumsum()), end]
    kinds = ["start", *["effect"] * len(steps), "end"]
    return pd.DataFrame({"step": [labels[0], *steps, labels[1]], "kind": kinds, "amount": amounts, "total": totals})


def _change(before: pd.DataFrame, rows: pd.DataFrame, column: str) -> pd.Series:
    ends = [part.groupby(column)["billed"].sum() for part in (before, rows)]
    change = ends[1].sub(ends[0], fill_value=0.0)
    return change.loc[change.abs().sort_values(ascending=False, kind="stable").index]


def _without_tokens(before: pd.DataFrame, rows: pd.DataFrame, other: float) -> dict[str, float]:
    """What charges that count no tokens by model changed by, layer by layer where the layers are known."""
    if "x_Layer" not in rows or "x_Layer" not in before:
        return {"Charges without tokens or model": other} if other else {}
    plain = [part.drop(named_models(with_tokens(part)).index) for part in (before, rows)]
    change = _change(plain[0], plain[1], "x_Layer")
    return {
        _LAYERS.get(layer, f"Without tokens or model, {layer}"): float(amount)
        for layer, amount in change.items()
        if amount
    }


def _largest(change: pd.Series) -> dict[str, float]:
    top = {str(item): float(amount) for item, amount in change.head(_SHOWN).items() if amount}
    rest = change.iloc[_SHOWN:]
    return top | ({f"{len(rest)} others": float(rest.sum())} if len(rest) else {})
