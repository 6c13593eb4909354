"""What each team carries month by month, shared cost with it, and what it is charged of that along the ramp.

A month stands by itself: what has no team is allocated by the month's own weights and charged at the month's share, in
exact decimals. A quarter is the sum of its months to the cent, and the cells of a month add up to its invoice.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache

import pandas as pd

from aiecon.ledger import Method, allocate, chargeback, money, to_the_cent
from aiecon.models.spend_review.phantom import UNSAID, is_tagged

_NOBODY = UNSAID[0]
_NOISE = 9  # decimals of a cost, beyond which there is what floats leave over


def carried(
    rows: pd.DataFrame,
    every: pd.DataFrame,
    *,
    dimension: str,
    method: Method,
    by: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """Return what each team carries in each month, to the cent.

    Parameters
    ----------
    rows
        Charges of the period: when, the dimension, billed [currency].
    every
        All charges that were read: their teams share evenly, and by their cost where a month has none of its own.
    dimension
        Column that says whose a charge is.
    method, by
        As `ledger.allocate` takes them; the month's own cost of each team where `by` is None.

    Returns
    -------
    pandas.DataFrame
        month (Period), team, own, shared, total: exact decimals. [currency] What nobody can be given to is left out.

    Examples
    --------
    >>> days = pd.to_datetime(["2026-01-05", "2026-01-06", "2026-02-05"])
    >>> rows = pd.DataFrame({"when": days, "x_Team": ["a", "", "b"], "billed": [2.0, 1.0, 5.0]})
    >>> found = carried(rows, rows, dimension="x_Team", method="proportional")
    >>> [(row.team, str(row.total)) for row in found.itertuples()]
    [('a', '3.00'), ('b', '5.00')]
    """
    of_all = cache(lambda: _of_all(every, dimension, method))
    found = []
    sums = _sums(rows, dimension, rows["when"].dt.to_period("M"))
    for month, part in sums.groupby(level=0):
        own = to_the_cent(_costs(part.droplevel(0)))
        nobody = own.pop(_NOBODY, Decimal(0))
        weights = by or ({} if method == "even" else _weights(own)) or of_all()
        shared = allocate(nobody, weights, method=method) if weights else {}
        found += [
            (month, team, own.get(team, Decimal(0)), shared.get(team, Decimal(0)))
            for team in sorted({*own, *(name for name, part in shared.items() if part)})
        ]
    table = pd.DataFrame(found, columns=["month", "team", "own", "shared"], dtype=object)
    return table.assign(total=table["own"] + table["shared"])


def _sums(charges: pd.DataFrame, dimension: str, *by: pd.Series) -> pd.Series:
    """Cost by team, and of those that name none. [currency]"""
    team = charges[dimension].where(is_tagged(charges, dimension), _NOBODY)
    return charges["billed"].groupby([*by, team]).sum().round(_NOISE)


def _costs(sums: pd.Series) -> dict[str, Decimal]:
    return {str(name): money(cost) for name, cost in sums.items()}


def _of_all(every: pd.DataFrame, dimension: str, method: Method) -> dict[str, float]:
    """Every team alike where they share evenly, else those that cost anything by what they cost in all."""
    known = _costs(_sums(every, dimension))
    known.pop(_NOBODY, None)
    return dict.fromkeys(known, 1.0) if method == "even" else _weights(known)


def _weights(own: Mapping[str, Decimal]) -> dict[str, float]:
    """Teams that cost anything, by what they cost."""
    return {team: float(cost) for team, cost in own.items() if cost > 0}


def charged(months: pd.DataFrame, *, since: date, ramp: Sequence[tuple[int, float]]) -> pd.Series:
    """Return what of each row's total is charged, an exact decimal: at the share of its month; nothing before showback.

    Parameters
    ----------
    months
        month and total, as `carried` returns them.
    since
        First day of showback; a month that it begins inside is shown and not counted.
    ramp
        (whole month since then, share) as `ledger.chargeback` takes it.
    """
    first = pd.Period(since, "M") + int(since.day > 1)
    found = [
        chargeback(total, month=age, ramp=ramp) if (age := (month - first).n + 1) >= 1 else Decimal(0)
        for month, total in zip(months["month"], months["total"], strict=True)
    ]
    return pd.Series(found, index=months.index, dtype=object)


def with_shares(items: pd.DataFrame, allocated: pd.DataFrame, charges: pd.DataFrame | None) -> pd.DataFrame:
    """Put beside what each item cost its part of what nobody owns, what it carries, and what it is charged. [currency]

    Parameters
    ----------
    items
        item, billed: one row a team, and one of what nobody owns.
    allocated
        team, own, shared, total: what `carried` finds, summed over its months.
    charges
        team, charged; None without a chargeback.

    Returns
    -------
    pandas.DataFrame
        The items with shared, carried (0 of what is nobody's and could be allocated) and, with a chargeback, charged.
    """
    others = pd.DataFrame({"item": allocated.loc[~allocated["team"].isin(items["item"]), "team"]})
    items = pd.concat([items, others], ignore_index=True).fillna(dict.fromkeys(items.columns[1:], 0.0))
    sums = allocated.set_index("team")[["shared", "total"]].reindex(items["item"]).to_numpy(dtype=float)
    table = items.assign(shared=sums[:, 0], carried=sums[:, 1])
    rest = table["shared"].isna()
    given = -float(allocated["shared"].sum())
    is_nobody = rest & items["item"].isin(UNSAID)
    table.loc[rest, "shared"] = 0.0
    if is_nobody.any():
        table.loc[is_nobody.idxmax(), "shared"] = given
    table["carried"] = table["carried"].fillna((table["billed"] + table["shared"]).round(2))
    if charges is None:
        return table
    found = charges.set_index("team")["charged"]
    return table.assign(charged=table["item"].map(found).astype(float).fillna(0.0))
