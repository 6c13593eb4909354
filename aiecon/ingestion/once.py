"""Calls that several sources of a store speak of count once: bill before vendor's usage export before record of use.

A bill has the cost of its provider's days; usage exports and records of those days keep tokens and owners. Without a
bill the vendor's export says what the calls of a model and day cost and how many tokens they were; the records that a
gateway or a trace has of them say whose they were: they carry the export's cost up to its tokens, and what the export
has beyond them (use past the gateway) stays on its own rows. Calls that the export lacks keep the record's own cost.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from aiecon.ingestion.adapters.columns import BILL, EXPORT, RECORD
from aiecon.vocabulary.spend import AI_CATEGORY, MODEL_SPELLING, TOKEN_COLUMNS

_COUNTS = (*TOKEN_COLUMNS, "x_Requests")
_EXACT = "DECIMAL(38, 12)"
_TOKENS = " + ".join(f"coalesce({column}, 0)" for column in TOKEN_COLUMNS)
_MODEL = f"regexp_replace(lower(x_ModelId), '{MODEL_SPELLING}', '\\1')"


@dataclass(frozen=True)
class Covered:
    """Rows of a source whose cost another has, or may have; the source's own words on tokens and cost [currency]."""

    provider: str
    source: str
    by: str
    rows: int
    tokens: int
    cost: Decimal


@dataclass(frozen=True)
class Recorded:
    """A vendor's usage export beside the records of the same models and days. [tokens], cost beyond them [currency]"""

    provider: str
    export: str
    records: str
    counted: int
    recorded: int
    logged: int
    beyond: Decimal

    @property
    def more(self) -> int:
        """Tokens that records have beyond the export. [tokens]"""
        return self.logged - self.recorded


def count_once(connection: Any) -> tuple[list[Covered], list[Recorded]]:
    """Settle in the table `store` which source has the cost and the tokens of what several speak of."""
    _restore(connection)
    recorded = _lay_exports_on_records(connection)
    return _cover_by_bills(connection), recorded


def covered_rows(connection: Any) -> dict[str, int]:
    """Digest of a source -> how many of its rows in the store count with another's cost."""
    return dict(
        connection.execute(
            "SELECT x_SourceDigest, count(*) FROM store SEMI JOIN covered ON store.rowid = covered.id GROUP BY 1"
        ).fetchall()
    )


def by_layer(connection: Any) -> list[tuple[str, int, int, Decimal]]:
    """Rows, tokens and cost of the store by layer, the dearest first; what has no layer under "". [currency]

    Tokens of a provider's month are those of its bills or those of its exports and records, whichever are more.
    """
    return list(
        connection.execute(
            f"""SELECT layer, sum(rows)::BIGINT, sum(greatest(billed, used))::BIGINT, sum(cost) FROM (
                SELECT coalesce(x_Layer, '') AS layer, count(*) AS rows, sum(BilledCost) AS cost,
                    coalesce(sum({_TOKENS}) FILTER (x_SourceKind = '{BILL}'), 0) AS billed,
                    coalesce(sum({_TOKENS}) FILTER (x_SourceKind <> '{BILL}'), 0) AS used
                FROM store GROUP BY layer, ProviderName, date_trunc('month', ChargePeriodStart))
            GROUP BY 1 ORDER BY 4 DESC, 1"""
        ).fetchall()
    )


def perhaps_twice(connection: Any) -> list[Covered]:
    """Records of a provider that no bill or export names, of models and days that those of others (`by`) speak of."""
    found = connection.execute(
        f"""WITH theirs AS (
            SELECT {_MODEL} AS model, date_trunc('day', ChargePeriodStart) AS day,
                string_agg(DISTINCT ProviderName, ', ' ORDER BY ProviderName) AS "by"
            FROM store WHERE x_SourceKind <> '{RECORD}' AND x_ModelId IS NOT NULL GROUP BY 1, 2)
        SELECT ProviderName, x_Source, "by", count(*), sum({_TOKENS})::BIGINT, sum(BilledCost)
        FROM store JOIN theirs ON theirs.model = {_MODEL} AND theirs.day = date_trunc('day', ChargePeriodStart)
        WHERE x_SourceKind = '{RECORD}' AND BilledCost <> 0
            AND ProviderName NOT IN (SELECT ProviderName FROM store
                WHERE x_SourceKind <> '{RECORD}' AND ProviderName IS NOT NULL)
        GROUP BY ALL ORDER BY ALL"""
    ).fetchall()
    return [Covered(*row) for row in found]


def _restore(connection: Any) -> None:
    """Let each row say again what its own source says."""
    counts = ", ".join(
        f"{column} = TRY_CAST(json_extract_string(x_SourceSaid, '$.{column}') AS BIGINT)" for column in _COUNTS
    )
    connection.execute(
        f"UPDATE store SET {counts}, x_SourceCost = CAST(json_extract_string(x_SourceSaid, '$.cost') AS {_EXACT}), "
        "x_SourceSaid = NULL WHERE x_SourceSaid IS NOT NULL"
    )
    connection.execute(
        "UPDATE store SET BilledCost = x_SourceCost, EffectiveCost = x_SourceCost "
        f"WHERE x_SourceKind <> '{BILL}' AND BilledCost <> x_SourceCost"
    )
    connection.execute('CREATE OR REPLACE TEMP TABLE covered (id BIGINT, "by" VARCHAR, is_bill BOOLEAN)')


def _lay_exports_on_records(connection: Any) -> list[Recorded]:
    """Give records the cost of the calls that a vendor's export has too, and leave it what is beyond them."""
    for step in (_SHARES, _KEPT, _LAID, _KEEP, _LAY):
        connection.execute(step)
    connection.execute('INSERT INTO covered SELECT id, "by", false FROM kept WHERE logged >= counted')
    return [Recorded(*row) for row in connection.execute(_RECORDED).fetchall()]


_SUMS = ", ".join(
    f"coalesce(sum({column}) FILTER (kind = '{kind}'), 0) AS {mark}_{column}"
    for column in _COUNTS
    for mark, kind in (("their", EXPORT), ("our", RECORD))
)
_SHORT = {column: f"greatest(their_{column} - our_{column}, 0)" for column in _COUNTS}
_ALL_SHORT = " + ".join(_SHORT[column] for column in TOKEN_COLUMNS)
_KEEPS = ", ".join(
    f"coalesce({_SHORT[column]} {'' if column == 'x_Requests' else '* left_over'} / nullif(their_{column}, 0), 0) "
    f"AS keep_{column}"
    for column in _COUNTS
)
_SHARES = f"""
    CREATE OR REPLACE TEMP TABLE told AS
    WITH use AS (
        SELECT rowid AS id, x_SourceKind AS kind, x_Source AS source, ProviderName AS provider, {_MODEL} AS model,
            date_trunc('month', ChargePeriodStart) AS month, date_trunc('day', ChargePeriodStart) AS day,
            ChargePeriodEnd - ChargePeriodStart > INTERVAL 1 DAY AS is_long, x_SourceCost AS own, {_TOKENS} AS tokens,
            x_SourceHash || lpad(x_SourceRow::VARCHAR, 20, '0') || x_SourceFile AS turn, {", ".join(_COUNTS)}
        FROM store WHERE x_SourceKind IN ('{EXPORT}', '{RECORD}')
            AND ProviderName IN (SELECT ProviderName FROM store WHERE x_SourceKind = '{EXPORT}'))
    SELECT *, CASE WHEN bool_or(is_long AND kind = '{EXPORT}') OVER (PARTITION BY provider, model, month)
        THEN month ELSE day END AS "when", md5(concat_ws('|', provider, model, "when")) AS place
    FROM use WHERE model IS NOT NULL;
    CREATE OR REPLACE TEMP TABLE shares AS
    SELECT *, CASE WHEN logged >= counted THEN 1 WHEN own > 0 AND billed > 0
            THEN least(1, own::DOUBLE / billed::DOUBLE) ELSE logged / counted END AS paid,
        greatest(counted - logged, 0) / nullif({_ALL_SHORT}, 0) AS left_over,
        {_KEEPS}
    FROM (
        SELECT place, any_value(provider) AS provider, sum(tokens) FILTER (kind = '{EXPORT}') AS counted,
            sum(tokens) FILTER (kind = '{RECORD}') AS logged, sum(own) FILTER (kind = '{EXPORT}') AS billed,
            sum(own) FILTER (kind = '{RECORD}') AS own, {_SUMS},
            string_agg(DISTINCT source, ', ' ORDER BY source) FILTER (kind = '{EXPORT}') AS export,
            string_agg(DISTINCT source, ', ' ORDER BY source) FILTER (kind = '{RECORD}') AS "by"
        FROM told GROUP BY place)
    WHERE counted > 0 AND logged > 0
"""
"""Of each provider, model and day (month, where the export counts by month): what part of the export's cost records
carry (`paid`), and of each count what part stays with the export (`keep_...`; tokens in sum what it has more)."""
_RECORDED = """
    SELECT provider, export, "by", sum(counted)::BIGINT, sum(least(counted, logged))::BIGINT, sum(logged)::BIGINT,
        sum(kept.own)
    FROM shares JOIN (SELECT place, sum(own) AS own FROM kept GROUP BY 1) AS kept USING (place)
    GROUP BY ALL ORDER BY ALL
"""


def _left(column: str) -> str:
    """What stays of a count in each row, rounded so that rows add up: up to this row minus up to the one before."""
    up_to = f"sum(told.{column}) OVER (PARTITION BY place ORDER BY told.turn)"
    before = f"({up_to} - told.{column})"
    return f"CAST(round({up_to} * keep_{column}) - round({before} * keep_{column}) AS BIGINT) AS left_{column}"


_KEPT = f"""
    CREATE OR REPLACE TEMP TABLE kept AS
    SELECT id, told.own AS whole, CAST(told.own::DOUBLE * (1 - paid) AS {_EXACT}) AS own,
        {", ".join(map(_left, _COUNTS))}, shares.* EXCLUDE (own)
    FROM told JOIN shares USING (place) WHERE kind = '{EXPORT}'
"""
_LAID = f"""
    CREATE OR REPLACE TEMP TABLE laid AS
    WITH moved AS (SELECT place, sum(whole - own) AS cost FROM kept GROUP BY 1),
    parts AS (
        SELECT id, place, turn, cost, CASE WHEN shares.own > 0 THEN told.own::DOUBLE / shares.own::DOUBLE
            ELSE told.tokens / logged END AS weight, CAST(cost::DOUBLE * weight AS {_EXACT}) AS part
        FROM told JOIN shares USING (place) JOIN moved USING (place) WHERE kind = '{RECORD}')
    SELECT id, part + CASE WHEN row_number() OVER (PARTITION BY place ORDER BY weight DESC, turn) = 1
        THEN cost - sum(part) OVER (PARTITION BY place) ELSE 0 END AS part
    FROM parts
"""
_SAID = ", ".join(f"'{column}', {column}" for column in _COUNTS)
_LEFT = ", ".join(f"{column} = left_{column}" for column in _COUNTS)
_KEEP = f"""
    UPDATE store SET x_SourceSaid = json_object('cost', x_SourceCost::VARCHAR, {_SAID}), {_LEFT},
        x_SourceCost = kept.own, BilledCost = kept.own, EffectiveCost = kept.own
    FROM kept WHERE store.rowid = kept.id
"""
_LAY = "UPDATE store SET BilledCost = part, EffectiveCost = part FROM laid WHERE store.rowid = laid.id"


def _cover_by_bills(connection: Any) -> list[Covered]:
    """Let a bill have the cost of the days that it and a usage export or a record of use both speak of."""
    connection.execute(_BILLED)
    connection.execute(
        f"""INSERT INTO covered SELECT store.rowid, billed."by", true FROM store JOIN billed
        ON store.ProviderName = billed.ProviderName AND date_trunc('day', ChargePeriodStart) = day
        WHERE x_SourceKind <> '{BILL}' AND store.rowid NOT IN (SELECT id FROM covered)"""
    )
    found = connection.execute(
        f"""SELECT ProviderName, x_Source, "by", count(*), sum({_TOKENS})::BIGINT, sum(x_SourceCost)
        FROM store JOIN covered ON store.rowid = covered.id WHERE is_bill GROUP BY ALL ORDER BY ALL"""
    ).fetchall()
    connection.execute("UPDATE store SET BilledCost = 0, EffectiveCost = 0 WHERE rowid IN (SELECT id FROM covered)")
    return [Covered(*row) for row in found]


_BILLED = f"""
    CREATE OR REPLACE TEMP TABLE billed AS
    SELECT ProviderName, day, string_agg(DISTINCT x_Source, ', ' ORDER BY x_Source) AS "by" FROM (
        SELECT DISTINCT ProviderName, x_Source, unnest(generate_series(date_trunc('day', ChargePeriodStart),
            ChargePeriodEnd - INTERVAL 1 MICROSECOND, INTERVAL 1 DAY)) AS day
        FROM store WHERE x_SourceKind = '{BILL}' AND ChargeCategory = 'Usage' AND ServiceCategory = '{AI_CATEGORY}')
    GROUP BY ALL
"""
