"""Bills of one provider and the same days that two files tell: the same bill twice, or perhaps so.

Files of two kinds (FOCUS and the vendor's cost report) that agree day by day are one bill. Where they do not agree
they may be of several accounts: that is told. Files of one kind are told of where they agree on three days or more,
day by day or (one by day, the other by month) in their sum. Files that name other billing accounts, or of one kind
with other sub-accounts, are not compared.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from aiecon.ingestion.adapters.columns import BILL

_CENT = Decimal("0.01")
_ALIKE = Decimal("0.005")
"""Share by which the sums of two bills may differ that agree day by day to a cent."""


@dataclass(frozen=True)
class Part:
    """What a file bills on the days that another bills too, and in all, of every provider. [currency]"""

    file: str
    rows: int
    cost: Decimal
    whole: Decimal

    @property
    def is_all(self) -> bool:
        """Whether the file has nothing else."""
        return abs(self.whole - self.cost) <= _CENT


@dataclass(frozen=True)
class Pair:
    """Two files that bill one provider on the same days; `is_one` where they agree day by day and differ in kind."""

    provider: str
    days: int
    first: datetime
    last: datetime
    is_one: bool
    parts: tuple[Part, Part]

    @property
    def words(self) -> str:
        """Why the two cannot be loaded together, and which to leave out."""
        one, other = self.parts
        return (
            f"{one.file} and {other.file}: the same bill of {self.provider} twice: {self.days:,} days, "
            f"{self.first:%Y-%m-%d} to {self.last:%Y-%m-%d}, agree day by day ({one.cost:,.2f} and {other.cost:,.2f}); "
            f"{self._advice()}"
        )

    def _advice(self) -> str:
        spare = sorted((part for part in self.parts if part.is_all), key=lambda part: part.rows)
        if spare:
            return f"leave out {spare[0].file}"
        return f"each has more besides; export one of them without {self.provider} or without these days"


def pairs(connection: Any) -> list[Pair]:
    """Return the pairs of files in the table `store` that are, or may be, one bill; those that are come first."""
    connection.execute(_FILES)
    connection.execute(_DAYS)
    rows = connection.execute(_PAIRS, [_CENT, _ALIKE]).fetchall()
    return [
        Pair(provider, days, first, last, is_one, (Part(*parts[:4]), Part(*parts[4:])))
        for provider, days, first, last, is_one, *parts in rows
    ]


def joined(pairs: Iterable[Pair], more: Iterable[Pair]) -> list[Pair]:
    """Return pairs of files, each once, the first that names it."""
    found: dict[frozenset[str], Pair] = {}
    for pair in (*pairs, *more):
        found.setdefault(frozenset(part.file for part in pair.parts) | {pair.provider}, pair)
    return list(found.values())


_CHARGED = f"x_SourceKind = '{BILL}' AND ChargeCategory = 'Usage' AND ProviderName IS NOT NULL"
_FILES = f"""
    CREATE OR REPLACE TEMP TABLE bill_files AS
    SELECT lower(ProviderName) AS provider, x_Source AS kind, x_SourceDigest AS digest, min(ProviderName) AS named,
        min(x_SourceFile) AS file, count(*) AS rows, sum(sum(BilledCost)) OVER (PARTITION BY x_SourceDigest) AS whole,
        list(DISTINCT BillingAccountId) FILTER (BillingAccountId IS NOT NULL) AS accounts,
        list(DISTINCT concat_ws('|', BillingAccountId, SubAccountId)) AS sub_accounts
    FROM store WHERE {_CHARGED} GROUP BY 1, 2, 3
"""
_DAYS = f"""
    CREATE OR REPLACE TEMP TABLE bill_days AS
    WITH periods AS (
        SELECT lower(ProviderName) AS provider, x_SourceDigest AS digest, date_trunc('day', ChargePeriodStart) AS first,
            date_trunc('day', ChargePeriodEnd - INTERVAL 1 MICROSECOND) AS last, sum(BilledCost) AS cost
        FROM store WHERE {_CHARGED} GROUP BY ALL),
    days AS (
        SELECT provider, digest, unnest(generate_series(first, last, INTERVAL 1 DAY)) AS day,
            CAST(cost / (date_diff('day', first, last) + 1) AS DECIMAL(38, 12)) AS cost
        FROM periods)
    SELECT provider, digest, day, sum(cost) AS cost FROM days GROUP BY ALL HAVING sum(cost) <> 0
"""
"""What each file bills by day; charges of a longer period in equal parts."""
_PAIRS = """
    WITH found AS (
        SELECT provider, one.digest AS one, other.digest AS other, count(*) AS days, min(day) AS first,
            max(day) AS last, sum(one.cost) AS own, sum(other.cost) AS others,
            bool_and(abs(one.cost - other.cost) <= $1)
                AND abs(own - others) <= $2 * greatest(abs(own), abs(others)) AS is_alike
        FROM bill_days AS one JOIN bill_days AS other USING (provider, day)
        WHERE one.digest < other.digest GROUP BY ALL)
    SELECT a.named, days, first, last, is_alike AND a.kind <> b.kind AS is_one,
        a.file, a.rows, own, a.whole, b.file, b.rows, others, b.whole
    FROM found JOIN bill_files AS a ON a.provider = found.provider AND a.digest = one
        JOIN bill_files AS b ON b.provider = found.provider AND b.digest = other
    WHERE CASE WHEN a.kind = b.kind THEN (is_alike OR abs(own - others) <= $1) AND days >= 3
            AND list_has_any(a.sub_accounts, b.sub_accounts)
        ELSE a.accounts IS NULL OR b.accounts IS NULL OR list_has_any(a.accounts, b.accounts) END
    ORDER BY is_one DESC, a.named, least(a.file, b.file), greatest(a.file, b.file)
"""
