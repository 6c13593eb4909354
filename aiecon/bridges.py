"""Bridges: why one total became another, in effects that close exactly."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import factorial, prod

import numpy as np
import pandas as pd

from aiecon.errors import FrameError, InputError

_COLUMNS = ("item", "quantity", "price")


@dataclass(frozen=True, eq=False)
class PriceVolumeMix:
    """Why actual spend differs from budget.

    Attributes
    ----------
    budget, actual
        Totals. [currency]
    price_effect
        Change of price times actual quantity, over items that have a budget price. [currency]
    volume_effect
        Change of total quantity times the budget's average price. [currency]
    mix_effect
        The rest: dearer or cheaper items took a larger part. [currency]
    table
        One row an item: item, budget, actual, price_effect, quantity_effect (everything else of its change).
    """

    budget: float
    actual: float
    price_effect: float
    volume_effect: float
    mix_effect: float
    table: pd.DataFrame

    def to_frame(self) -> pd.DataFrame:
        """One row an item."""
        return self.table


def price_volume_mix(budget: pd.DataFrame, actual: pd.DataFrame) -> PriceVolumeMix:
    """Split the change from budget to actual into price, volume and mix.

    Parameters
    ----------
    budget, actual
        Columns item, quantity (zero or more) and price [currency per unit of quantity]; one row an item.

    Notes
    -----
    price = Σ (p1 − p0) q1 · volume = (Σ q1 − Σ q0) × Σ p0 q0 ÷ Σ q0 · mix = total − price − volume. An item without a
    budget price has no price effect: its spend is in mix.

    Examples
    --------
    >>> budget = pd.DataFrame({"item": ["ABC", "DEF"], "quantity": [50, 40], "price": [1.20, 0.80]})
    >>> actual = pd.DataFrame({"item": ["ABC", "DEF"], "quantity": [60, 50], "price": [1.10, 1.00]})
    >>> found = price_volume_mix(budget, actual)
    >>> round(found.price_effect, 4), round(found.volume_effect, 4), round(found.mix_effect, 4)
    (4.0, 20.4444, -0.4444)
    """
    problems = [*_problems(budget, "budget"), *_problems(actual, "actual")]
    if problems:
        raise FrameError(problems)
    both = _by_item(budget).join(_by_item(actual), how="outer", lsuffix="_budget", rsuffix="_actual")
    price_change = (both["price_actual"] - both["price_budget"]).fillna(0.0)  # none where one of the two is not known
    both = both.fillna(0.0)
    before, after = both["quantity_budget"] * both["price_budget"], both["quantity_actual"] * both["price_actual"]
    price = price_change * both["quantity_actual"]
    quantity = both["quantity_budget"].sum()
    average = before.sum() / quantity if quantity else 0.0
    volume = float((both["quantity_actual"].sum() - quantity) * average)
    table = pd.DataFrame(
        {
            "item": both.index,
            "budget": before,
            "actual": after,
            "price_effect": price,
            "quantity_effect": after - before - price,
        }
    ).reset_index(drop=True)
    total = float(after.sum() - before.sum())
    return PriceVolumeMix(
        budget=float(before.sum()),
        actual=float(after.sum()),
        price_effect=float(price.sum()),
        volume_effect=volume,
        mix_effect=total - float(price.sum()) - volume,
        table=table,
    )


def factor_effects(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, float]:
    """Split the change of a product into one effect for each factor, whatever their order.

    Parameters
    ----------
    before, after
        Factor -> value, such as users, requests per user, tokens per request, price per token; the same factors.

    Returns
    -------
    dict
        Factor -> effect; together they are the change of the product. Shapley's value: the mean of what a factor
        changes over every order in which the factors could have moved.

    Examples
    --------
    >>> found = factor_effects({"users": 10, "price": 2}, {"users": 20, "price": 1})
    >>> found
    {'users': 15.0, 'price': -15.0}
    """
    if set(before) != set(after):
        raise InputError(f"before and after must have the same factors, got {sorted(before)} and {sorted(after)}")
    names, every = list(before), len(before)
    effects = dict.fromkeys(names, 0.0)
    for name in names:
        others = [other for other in names if other != name]
        for size in range(every):
            weight = factorial(size) * factorial(every - size - 1) / factorial(every)
            for moved in combinations(others, size):
                beside = prod(after[other] if other in moved else before[other] for other in others)
                effects[name] += weight * beside * (after[name] - before[name])
    return effects


def move_effects(moves: Sequence[str], total: Callable[[frozenset[str]], float]) -> dict[str, float]:
    """Split the change of any total into one effect for each move, whatever their order.

    Parameters
    ----------
    moves
        What is done, each once.
    total
        The total once some of the moves have been made.

    Returns
    -------
    dict
        Move -> effect; together they are total(all) − total(none). Shapley's value, as in `factor_effects`.

    Examples
    --------
    >>> move_effects(["a", "b"], lambda made: float(len(made) ** 2))
    {'a': 2.0, 'b': 2.0}
    """
    every = len(moves)
    sets = [frozenset(made) for size in range(every + 1) for made in combinations(moves, size)]
    totals = {made: total(made) for made in sets}
    weights = [factorial(size) * factorial(every - size - 1) / factorial(every) for size in range(every)]
    return {
        move: sum(
            weights[len(made)] * (totals[made | {move}] - before) for made, before in totals.items() if move not in made
        )
        for move in moves
    }


def _problems(frame: pd.DataFrame, name: str) -> list[str]:
    missing = [column for column in _COLUMNS if column not in frame]
    if missing:
        return [f"{name}: column '{column}' is missing; it has {list(frame.columns)}" for column in missing]
    found = []
    for column in _COLUMNS[1:]:
        numbers = pd.to_numeric(frame[column], errors="coerce").to_numpy(dtype=float)
        broken = ~np.isfinite(numbers) | ((numbers < 0) if column == "quantity" else False)
        expected = "a number of zero or more" if column == "quantity" else "a finite number"
        if broken.any():
            place = int(np.flatnonzero(broken)[0])
            cell = frame[column].iloc[place]
            found.append(f"{name}: column '{column}': row {place} has {str(cell)!r}, {expected} is expected")
    return found


def _by_item(frame: pd.DataFrame) -> pd.DataFrame:
    """Quantity and average price of each item; rows of one item add up."""
    rows = pd.DataFrame({"item": frame["item"].astype(str), "quantity": frame["quantity"].astype(float)})
    rows["cost"] = rows["quantity"] * frame["price"].astype(float).to_numpy()
    rows["plain"] = frame["price"].astype(float).to_numpy()
    sums = rows.groupby("item").agg(quantity=("quantity", "sum"), cost=("cost", "sum"), plain=("plain", "mean"))
    price = np.divide(sums["cost"], sums["quantity"], out=sums["plain"].to_numpy().copy(), where=sums["quantity"] > 0)
    return pd.DataFrame({"quantity": sums["quantity"], "price": price})
