"""A bucket of a usage or cost API that two exports tell of counts once, as the export that reaches further has it.

A day that was still open when the first was made has grown in the second. Which is later is told by the end of an
export's last charge, so that the order of loading does not matter; where both reach as far, neither is taken.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from aiecon.ingestion import engine
from aiecon.ingestion.adapters.columns import BUCKET

WHY = "restated in a later export"
_KEY = f"md5(concat_ws('|', x_Source, ChargePeriodStart::VARCHAR, ChargePeriodEnd::VARCHAR, {BUCKET}))"
_PLACE = "x_SourceFile || ' row ' || x_SourceRow"
_SHOWN = 5


def reach(connection: Any) -> str:
    """Return the end of the last charge of the source in the table `noted`, "" where it has none."""
    (end,) = connection.execute("SELECT coalesce(max(ChargePeriodEnd)::VARCHAR, '') FROM noted").fetchone()
    return str(end)


def replace_older(connection: Any, known: Iterable[Mapping[str, Any]], *, until: str) -> list[tuple[str, int, int]]:
    """Take out of the table `store` the buckets that the source in `noted` has too and, reaching further, knows better.

    Returns
    -------
    list[tuple[str, int, int]]
        Digest of the source that had them, rows that say the same, rows that say something else.
    """
    connection.execute(_MET)
    reaches = [(one["digest"], one.get("until", "")) for one in known]
    connection.execute("CREATE OR REPLACE TEMP TABLE reaches (digest VARCHAR, until VARCHAR)")
    if reaches:
        connection.executemany("INSERT INTO reaches VALUES (?, ?)", reaches)
    _refuse_strangers(connection)
    _refuse_ties(connection, until)
    older = "FROM met JOIN reaches USING (digest) WHERE until < $1"
    gone = connection.execute(
        f"SELECT digest, count(*) FILTER (is_alike), count(*) FILTER (NOT is_alike) {older} GROUP BY 1", [until]
    ).fetchall()
    connection.execute(f"DELETE FROM store WHERE rowid IN (SELECT id {older})", [until])
    return list(gone)


def leave_out_older(connection: Any, *, until: str) -> int:
    """Take out of the table `noted` what a source of the store that reaches further restates; returns how many rows."""
    (rows,) = connection.execute(
        f"""DELETE FROM noted WHERE x_SourceHash NOT IN (SELECT hash FROM met) AND {BUCKET} IS NOT NULL
        AND {_KEY} IN (SELECT key FROM met JOIN reaches USING (digest) WHERE until > $1)""",
        [until],
    ).fetchone()
    return int(rows)


_MET = f"""
    CREATE OR REPLACE TEMP TABLE buckets AS SELECT x_SourceHash, {_KEY} AS key FROM noted WHERE {BUCKET} IS NOT NULL;
    CREATE OR REPLACE TEMP TABLE met AS
    SELECT rowid AS id, x_SourceDigest AS digest, x_SourceHash AS hash, {_KEY} AS key, ChargePeriodStart AS start,
        {_PLACE} AS place, x_SourceHash IN (SELECT x_SourceHash FROM buckets) AS is_alike
    FROM store WHERE {BUCKET} IS NOT NULL AND {_KEY} IN (SELECT key FROM buckets)
"""
"""Rows of the store of the buckets that the source speaks of too."""


def _refuse_strangers(connection: Any) -> None:
    """Refuse exports that agree in nothing: they are rather of two organisations than one restated."""
    found = connection.execute(
        """SELECT min(place), count(DISTINCT start), (SELECT min(x_SourceFile) FROM noted) FROM met GROUP BY digest
        HAVING count(DISTINCT start) > 2 AND NOT bool_or(is_alike) ORDER BY 1"""
    ).fetchall()
    engine.refuse(
        [
            f"{name}: it has other figures for all {starts:,} periods that it shares with {place}; of two "
            "organisations? Export both by project or workspace, or load each into a store of its own"
            for place, starts, name in found
        ]
    )


def _refuse_ties(connection: Any, until: str) -> None:
    """Refuse figures that two exports which reach as far state differently."""
    found = connection.execute(
        f"""SELECT {_PLACE}, min(met.place) FROM noted JOIN met ON met.key = {_KEY} JOIN reaches USING (digest)
        WHERE until = $1 AND {BUCKET} IS NOT NULL AND x_SourceHash NOT IN (SELECT hash FROM met)
        GROUP BY 1 ORDER BY 1 LIMIT {_SHOWN}""",
        [until],
    ).fetchall()
    engine.refuse(
        [
            f"{mine}: the same bucket stands in {theirs} with another amount, and both exports end on the same day; "
            "leave out the older export"
            for mine, theirs in found
        ]
    )
