"""A bill that two exports of one kind tell, the later with other amounts: the same charges would count twice.

Charges are the same where all that says what they are of agrees (period, accounts, service, SKU, resource, owners), not
what may be restated (amounts, prices, invoice numbers). Corrections, credits and amounts below zero are not compared,
nor are requests and buckets, which have rules of their own. Parts of one export (by sub-account, service, team) share
no charge and pass; where they share charges and yet disagree in quantity and amount, that is told.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from aiecon.ingestion import duck
from aiecon.ingestion.adapters.columns import BILL, BUCKET, COUNTS, MOMENTS, MONEY, OWN, QUANTITIES
from aiecon.ingestion.bills import Pair, Part

_MAY_CHANGE = re.compile(r"cost(?!cent)|price|amount|quantity|invoice|billingperiod|updated|exported", re.IGNORECASE)
_OWNERS = ("Tags", "x_Team", "x_User", "x_Product", "x_UseCase", "x_Environment", "x_CostCentre", "ChargeDescription")
_NOT_SAID = {*MONEY, *QUANTITIES, *COUNTS, *MOMENTS[2:], *OWN, "x_Source"}
_NEAR, _NEAR_WITHOUT_QUANTITY = Decimal("0.5"), Decimal("0.1")
"""Share by which amounts of one charge may differ between a bill and its restatement; without a quantity to go by it is
rather two teams' charges than one restated by much."""


@dataclass(frozen=True)
class Side:
    """One of the two exports: amount of the charges that both have and that are not equal [currency], days it spans."""

    file: str
    cost: Decimal
    first: datetime
    last: datetime

    def has_all_of(self, other: "Side") -> bool:
        """Whether it spans the days of the other and more after them."""
        return self.first <= other.first and self.last > other.last


@dataclass(frozen=True)
class Compared:
    """The charges of an export beside those of one in the store: how many keys, days and what is common.

    `fewer`: charges of the smaller on the days of both; `shared`, `alike`: of those in both, and of nearly one amount
    and one quantity; `changed`: in both, and not equal cell by cell.
    """

    provider: str
    days: int
    first: datetime
    last: datetime
    fewer: int
    shared: int
    alike: int
    changed: int
    sides: tuple[Side, Side]
    is_held: bool

    @property
    def is_restated(self) -> bool:
        """Whether they are rather one bill told twice than two."""
        return self.changed > 0 and 2 * self.alike >= self.fewer

    @property
    def is_doubtful(self) -> bool:
        """Whether they have most charges in common, though not their amounts."""
        return self.changed > 0 and 2 * self.shared >= self.fewer

    @property
    def words(self) -> str:
        """Why the two cannot be loaded together, and what to do."""
        new, old = self.sides
        amounts = (
            f"{new.cost:,.2f} and {old.cost:,.2f}" if new.cost != old.cost else f"both {new.cost:,.2f}, other cells"
        )
        return (
            f"{new.file} and {old.file}: one bill of {self.provider} twice, restated: of the charges that both have "
            f"{self.changed:,}, {self.first:%Y-%m-%d} to {self.last:%Y-%m-%d}, are told otherwise ({amounts}); "
            f"{self._advice()}"
        )

    def _advice(self) -> str:
        new, old = self.sides
        how = "which is the later cannot be told: leave out the older"
        if new.has_all_of(old) or old.has_all_of(new):
            older, later = (old, new) if new.has_all_of(old) else (new, old)
            how = f"leave out {older.file}, since {later.file} reaches further"
        held = f"; {old.file} is in the store: to replace it, load all other sources and {new.file} into a new store"
        return how + (held if self.is_held else "")

    @property
    def pair(self) -> Pair:
        """The two as a pair of bills that perhaps count twice."""
        one, other = (Part(side.file, self.changed, side.cost, side.cost) for side in self.sides)
        return Pair(self.provider, self.days, self.first, self.last, is_one=False, parts=(one, other))


def compare(connection: Any, *, loaded_now: Sequence[str]) -> tuple[list[str], list[Pair]]:
    """Hold the charges in the table `noted` against each export of their kind in the table `store`.

    Parameters
    ----------
    loaded_now
        Digests of the exports that were not in the store before.

    Returns
    -------
    tuple[list[str], list[Pair]]
        Words on bills that are restated, and pairs of exports that perhaps count twice.
    """
    words, doubtful = [], []
    for (digest,) in connection.execute(_MET).fetchall():
        columns = _said_by_both(connection, digest)
        found = _compared(connection, digest, columns, is_held=digest not in loaded_now)
        if found and found.is_restated:
            words.append(found.words)
            continue
        if not found or not found.is_doubtful:
            plain = [column for column in columns if column not in _OWNERS]
            found = _compared(connection, digest, plain, is_held=False)
            found = found if found and found.is_restated else None
        doubtful += [found.pair] if found else []
    return words, doubtful


_DAY = "date_trunc('day', ChargePeriodStart)"
_CHARGED = (
    f"x_SourceKind = '{BILL}' AND ChargeCategory = 'Usage' AND ProviderName IS NOT NULL AND BilledCost > 0 "
    f"AND ChargeClass IS NULL AND x_RequestId IS NULL AND {BUCKET} IS NULL"
)
_COARSE = f"""
    SELECT DISTINCT x_Source, ProviderName, coalesce(BillingAccountId, '') AS account,
        coalesce(SubAccountId, '') AS sub_account, coalesce(ServiceName, '') AS service, {_DAY} AS day"""
_MET = f"""
    SELECT DISTINCT x_SourceDigest FROM ({_COARSE}, x_SourceDigest FROM store WHERE {_CHARGED})
    SEMI JOIN ({_COARSE} FROM noted WHERE {_CHARGED}) USING (x_Source, ProviderName, account, sub_account, service, day)
    ORDER BY 1
"""
"""Exports of the store that bill a service and account on a day that the source bills too."""


def _said_by_both(connection: Any, digest: str) -> list[str]:
    """Columns that say what a charge is of, filled in both exports."""
    columns = [
        column
        for column in duck.described(connection, "noted")
        if column not in _NOT_SAID and not _MAY_CHANGE.search(column)
    ]
    counts = ", ".join(f'count("{column}") > 0' for column in columns)
    mine = connection.execute(f"SELECT {counts} FROM noted").fetchone()
    theirs = connection.execute(f"SELECT {counts} FROM store WHERE x_SourceDigest = $1", [digest]).fetchone()
    return [column for column, *filled in zip(columns, mine, theirs, strict=True) if all(filled)]


def _compared(connection: Any, digest: str, columns: Sequence[str], *, is_held: bool) -> Compared | None:
    """The two exports side by side on the days of both; None where no charge stands in both."""
    cells = ", ".join(f"coalesce(\"{column}\"::VARCHAR, '')" for column in columns)
    row = connection.execute(_compared_sql(cells), [digest, _NEAR, _NEAR_WITHOUT_QUANTITY]).fetchone()
    provider, days, first, last, fewer, shared, alike, changed, *sides = row
    if not changed:
        return None
    both = (Side(*sides[:4]), Side(*sides[4:]))
    return Compared(provider, days, first, last, fewer, shared, alike, changed, both, is_held)


def _compared_sql(cells: str) -> str:
    summed = f"""
        SELECT md5(concat_ws('|', {cells})) AS key, {_DAY} AS day, min(ProviderName) AS provider, count(*) AS rows,
            sum(BilledCost) AS cost, sum(ConsumedQuantity) AS quantity, bit_xor(hash(x_SourceHash)) AS said,
            min(x_SourceFile) AS file"""
    return f"""
        WITH mine AS ({summed} FROM noted WHERE {_CHARGED} GROUP BY 1, 2),
        theirs AS ({summed} FROM store WHERE {_CHARGED} AND x_SourceDigest = $1 GROUP BY 1, 2),
        days AS (SELECT DISTINCT day FROM mine SEMI JOIN theirs USING (day)),
        shared AS (
            SELECT mine.day, mine.provider, mine.cost AS own, theirs.cost AS others,
                mine.said <> theirs.said OR mine.rows <> theirs.rows AS is_changed,
                mine.rows = theirs.rows AND mine.quantity IS NOT DISTINCT FROM theirs.quantity
                    AND abs(own - others) <= greatest(own, others)
                        * CASE WHEN coalesce(mine.quantity, 0) <> 0 THEN $2 ELSE $3 END AS is_alike
            FROM mine JOIN theirs USING (key, day))
        SELECT min(provider) FILTER (is_changed), count(DISTINCT day) FILTER (is_changed),
            min(day) FILTER (is_changed), max(day) FILTER (is_changed),
            least((SELECT count(*) FROM mine SEMI JOIN days USING (day)),
                (SELECT count(*) FROM theirs SEMI JOIN days USING (day))),
            count(*), count(*) FILTER (is_alike), count(*) FILTER (is_changed),
            (SELECT min(file) FROM mine), sum(own) FILTER (is_changed),
            (SELECT min(day) FROM mine), (SELECT max(day) FROM mine),
            (SELECT min(file) FROM theirs), sum(others) FILTER (is_changed),
            (SELECT min(day) FROM theirs), (SELECT max(day) FROM theirs)
        FROM shared"""
