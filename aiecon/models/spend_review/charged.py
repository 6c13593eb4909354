"""What a team is charged of what it carries in a period, month by month along the ramp."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

import pandas as pd

from aiecon.ledger import chargeback, split


def ramped(
    total: float, by_month: Mapping[pd.Period, float], *, since: date, ramp: Sequence[tuple[int, float]]
) -> Decimal:
    """Return what of a team's total is charged: each month's part at the share of its month; nothing before showback.

    Parameters
    ----------
    total
        What the team carries in the period. [currency]
    by_month
        What the total is split over the months by.
    since
        First day of showback.
    ramp
        (month since then, share) as `ledger.chargeback` takes it.

    Examples
    --------
    >>> months = {pd.Period("2026-06", "M"): 1.0, pd.Period("2026-07", "M"): 1.0}
    >>> str(ramped(100.0, months, since=date(2026, 1, 1), ramp=((1, 0.0), (7, 0.5))))
    '25.00'
    """
    first = pd.Period(since, "M")
    weights = {str(month): part for month, part in by_month.items()}
    if not sum(weights.values()) > 0:
        return Decimal(0)
    parts = split(round(total, 2), weights)
    ages = {name: (pd.Period(name, "M") - first).n + 1 for name in parts}
    return sum((chargeback(parts[name], month=age, ramp=ramp) for name, age in ages.items() if age >= 1), Decimal(0))
