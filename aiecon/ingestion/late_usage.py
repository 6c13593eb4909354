"""Use that is billed, or loaded, with another month than its own: what of it explains why an invoice differs.

Late use is a transfer between two months: what one invoice lacks another has. It counts where both invoices show it.
Where the other invoice is not listed it counts only if the charge itself says two months, and up to a quarter of the
month's charges: a bill that was loaded twice, or an invoice that is missing, is never late use.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

_MOST_OF_FILE = "0.75"
"""Share of a file's cost from which its biggest month is plainly the month that the file is of."""
_UNCONFIRMED = Decimal("0.25")
"""Share of a month's charges that may be late though the other month's invoice is not listed."""


@dataclass(frozen=True)
class Transfer:
    """Use of which the invoice of month `gains` has the cost, rather than that of `loses`. [currency]

    `is_shown`: the charge itself says two months; else it came in the file of another.
    """

    gains: str
    loses: str
    amount: Decimal
    is_shown: bool

    def other(self, month: str) -> str:
        """The month at the other end."""
        return self.loses if month == self.gains else self.gains


def note_tails(connection: Any) -> None:
    """Note in the table `tails` which files of a later month brought a few charges of an earlier one."""
    connection.execute(_TAILS)


def transfers(connection: Any, *, sent: str, asked: Mapping[str, Any]) -> list[Transfer]:
    """Return the transfers among the charges in the table `store` that the condition `sent` picks."""
    return [Transfer(*row) for row in connection.execute(_TRANSFERS.format(sent=sent), asked).fetchall()]


_TAILS = f"""
    CREATE OR REPLACE TEMP TABLE tails AS
    WITH months AS (
        SELECT x_SourceDigest, coalesce(ProviderName, '') AS provider,
            strftime(BillingPeriodStart, '%Y-%m') AS month, sum(abs(BilledCost)) AS cost FROM store GROUP BY ALL),
    beside AS (
        SELECT *, arg_max(month, cost) OVER whole_file AS month_of_file, max(cost) OVER whole_file AS most,
            sum(cost) OVER whole_file AS of_file, sum(cost) OVER (PARTITION BY provider, month) AS of_month
        FROM months WINDOW whole_file AS (PARTITION BY x_SourceDigest, provider))
    SELECT x_SourceDigest, provider, month, month_of_file FROM beside
    WHERE month < month_of_file AND most >= {_MOST_OF_FILE} * of_file AND 2 * cost < of_month
"""
"""A file is a later month's where three quarters of a provider's cost are; a tail is less than half of its month."""
_TRANSFERS = """
    WITH use AS (
        SELECT *, strftime(BillingPeriodStart, '%Y-%m') AS month, strftime(ChargePeriodStart, '%Y-%m') AS used,
            coalesce(ProviderName, '') AS provider
        FROM store WHERE ChargeCategory = 'Usage' AND {sent})
    SELECT used AS gains, month AS loses, sum(BilledCost) AS amount, true FROM use WHERE used <> month GROUP BY ALL
    UNION ALL
    SELECT month_of_file, month, sum(BilledCost), false FROM use JOIN tails USING (x_SourceDigest, provider, month)
    WHERE used = month GROUP BY ALL
    ORDER BY 1, 2, 4
"""


def to_try(found: Sequence[Transfer], month: str) -> dict[Decimal, tuple[Transfer, ...]]:
    """What late use could explain in a month, each amount with its transfers: all of one kind, or of both ways."""
    amounts: dict[Decimal, tuple[Transfer, ...]] = {}
    for is_shown in (True, False):
        into = [one for one in found if one.is_shown == is_shown and one.gains == month]
        out = [one for one in found if one.is_shown == is_shown and one.loses == month]
        for moved in (into, out, into + out):
            amounts.setdefault(_sum(moved, month), tuple(moved))
    return {amount: moved for amount, moved in amounts.items() if amount}


def _sum(moved: Sequence[Transfer], month: str) -> Decimal:
    return sum((one.amount if one.gains == month else -one.amount for one in moved), Decimal(0))


def admitted(found: Sequence[Transfer], month: str, *, loaded: Mapping[str, Decimal]) -> list[Transfer]:
    """Return the transfers that may count in a month; `loaded` has the months with an invoice. [currency]"""
    here = [one for one in found if month in (one.gains, one.loses)]
    alone = [one for one in here if one.other(month) not in loaded]
    few = sum(abs(one.amount) for one in alone) <= _UNCONFIRMED * abs(loaded[month])
    return [one for one in here if one not in alone or (one.is_shown and few)]


def one_sided(counted: Mapping[str, Sequence[Transfer]]) -> Iterator[Transfer]:
    """Transfers that count in one month and not in the other, though both have invoices."""
    for month, moved in counted.items():
        for one in moved:
            if one not in counted.get(one.other(month), [one]):
                yield one
