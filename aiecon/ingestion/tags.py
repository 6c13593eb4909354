"""Tags of a charge (FOCUS `Tags`, a map in JSON): whose it is, where no column of the file says so.

Azure leaves the braces of its map out, Google writes a list of `key` and `value`, AWS puts `user_` before a key: all
are read. Tags that are no map count as none, and are said to be.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from aiecon.ingestion import engine
from aiecon.ingestion.engine import Opened

TAGS = "Tags"
SPELLINGS = {
    "x_Team": ("team", "teamname", "ownerteam", "owningteam"),
    "x_Product": ("product", "productname", "application", "applicationname", "app", "appname", "project"),
    "x_UseCase": ("usecase",),
    "x_Environment": ("environment", "env"),
    "x_CostCentre": ("costcentre", "costcenter"),
    "x_User": ("user", "username", "userid"),
}
"""Keys that say whose a charge is, in small letters without separators; of several the first that is filled counts."""

_KNOWN = {word for words in SPELLINGS.values() for word in words}
_LIST = """'[{"key": "VARCHAR", "value": "VARCHAR"}]'"""


@dataclass(frozen=True)
class Found:
    """What stands in the tags of a file: rows in which each key is filled; rows that are no map and the first.

    `is_json`: each that is filled is a map as JSON writes it, so that nothing need be mended to read it.
    """

    keys: Mapping[str, int]
    broken: int = 0
    first: int | None = None
    is_json: bool = True

    def feeding(self, column: str) -> list[str]:
        """Keys that fill a column: by their usual spellings, or the key that `Tags.key` or the column itself names."""
        words = SPELLINGS.get(column, (plain(column.removeprefix(f"{TAGS}.")),))
        return sorted((key for key in self.keys if plain(key) in words), key=lambda key: (words.index(plain(key)), key))

    def value_sql(self, column: str, cell: str = f'"{TAGS}"') -> str:
        """What the tags say of a column, as SQL: the first of its keys that is filled."""
        paths = ["$." + '"' + key.replace("'", "''") + '"' for key in self.feeding(column)]
        tags = cell if self.is_json else _map_sql(cell)
        values = [f"nullif(trim(json_extract_string({tags}, '{path}')), '')" for path in paths]
        return f"coalesce({', '.join(values)})"

    def notes(self, columns: Sequence[str]) -> Iterator[str]:
        """Which key filled which column, and what could not be read."""
        fed = [f"{column} from {key} in {self.keys[key]:,}" for column in columns for key in self.feeding(column)]
        if fed:
            yield f"Tags say what no column does, by key and rows: {', '.join(fed)}"
        if self.broken:
            rows = f"{self.broken:,} rows (first in row {self.first})" if self.broken > 1 else f"row {self.first}"
            yield f"Tags that are no JSON map, in {rows}, count as none"


def plain(key: str) -> str:
    """A key in small letters without separators, nor the `user_` that AWS puts before those of its customers.

    Examples
    --------
    >>> plain("Cost-Center"), plain("user_team"), plain("user_id")
    ('costcenter', 'team', 'userid')
    """
    whole = re.sub(r"[\W_]+", "", key.lower())
    bare = re.sub(r"[\W_]+", "", re.sub(r"^user[:_/]", "", key.lower()))
    return whole if whole in _KNOWN or not bare else bare


def value_of(tags: str, key: str) -> str | None:
    """Return what stands under a key of tags as a file writes them; nothing where they are no map."""
    for text in (tags, f"{{{tags}}}"):
        try:
            found = json.loads(text)
        except ValueError:
            continue
        if isinstance(found, list):
            found = {one["key"]: one.get("value") for one in found if isinstance(one, dict) and "key" in one}
        value = found.get(key) if isinstance(found, dict) else None
        return None if value is None else str(value)
    return None


def told(opened: Opened, asked: Sequence[str] = ()) -> tuple[Opened, list[str]]:
    """Return a file with columns that its tags say: those of `SPELLINGS` and `asked` that it lacks; notes on them.

    The values are taken out of the JSON by the query that reads the column; no row is kept for them.
    """
    lacking = [name for name in dict.fromkeys([*SPELLINGS, *asked]) if name not in opened.columns]
    if TAGS not in opened.columns or not lacking:
        return opened, []
    connection = opened.table.get_backend()
    connection.create_view("untagged", opened.table, overwrite=True)
    cell = f'to_json("{TAGS}")::VARCHAR' if opened.table[TAGS].type().is_nested() else f'"{TAGS}"::VARCHAR'
    found = look(connection.raw_sql, "untagged", row=engine.ROW, cell=cell)
    filled = [name for name in lacking if found.feeding(name)]
    if filled:
        made = ", ".join(f'{found.value_sql(name, cell)} AS "{_quoted(name)}"' for name in filled)
        connection.raw_sql(f"CREATE OR REPLACE TEMP VIEW tagged AS SELECT *, {made} FROM untagged")
        opened = replace(opened, table=connection.table("tagged"))
    return opened, list(found.notes(filled))


def look(run: Any, table: str, *, row: str, cell: str = f'"{TAGS}"') -> Found:
    """Read which keys the tags of a table have; every spelling of the whole map is looked at once."""
    rows = run(f"""
        WITH said AS (SELECT {cell} AS tags, count(*) AS n, min("{row}") AS first FROM {table} GROUP BY 1),
        maps AS (SELECT {_map_sql("tags")} AS tags, n, first FROM said WHERE trim(tags) NOT IN ('', 'null')),
        whole AS (SELECT bool_and(CASE WHEN json_valid(tags) THEN json_type(tags) = 'OBJECT' ELSE false END)
            FILTER (tags IS NOT NULL) AS is_json FROM said),
        keys AS (SELECT unnest(json_keys(tags)) AS key, tags, n FROM maps WHERE tags IS NOT NULL)
        SELECT key, sum(n)::BIGINT, NULL, NULL FROM keys
        WHERE key NOT LIKE '%"%' AND trim(coalesce(json_extract_string(tags, '$."' || key || '"'), '')) <> '' GROUP BY 1
        UNION ALL SELECT NULL, coalesce(sum(n), 0)::BIGINT, min(first), (SELECT is_json FROM whole)
        FROM maps WHERE tags IS NULL
    """).fetchall()
    keys = {key: count for key, count, _, _ in rows if key is not None}
    ((_, broken, first, is_json),) = (one for one in rows if one[0] is None)
    return Found(keys, broken, first, is_json is not False)


def _map_sql(cell: str) -> str:
    """The tags as one JSON map, NULL where they are none."""
    entries = f"TRY(to_json(map_from_entries(from_json({cell}, {_LIST})))::VARCHAR)"
    return (
        f"CASE WHEN json_valid({cell}) THEN CASE json_type({cell}) WHEN 'OBJECT' THEN {cell} "
        f"WHEN 'ARRAY' THEN {entries} END WHEN json_valid('{{' || {cell} || '}}') THEN '{{' || {cell} || '}}' END"
    )


def _quoted(name: str) -> str:
    return name.replace('"', '""')
