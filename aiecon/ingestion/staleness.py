"""Rows that nobody has seen again for long: prices, capacities and assumptions to be looked up anew."""

from collections.abc import Sequence

import pandas as pd

SHOWN = 10
"""Stale rows of a table that are named where other tables are checked beside it."""
_SEEN = ("last_seen", "retrieved_on")


def last_seen(frame: pd.DataFrame, key: Sequence[str]) -> pd.Series:
    """The day each row was last seen; of several rows with one key only the newest still hold and are there."""
    given = [column for column in _SEEN if column in frame]
    seen = frame[given].apply(pd.to_datetime, errors="coerce").max(axis=1)
    age = frame["effective_from"].fillna(seen) if "effective_from" in frame else seen
    newest = age.groupby([frame[column] for column in key]).transform("max")
    return seen[age == newest]


def words(
    frame: pd.DataFrame,
    seen: pd.Series,
    key: Sequence[str],
    *,
    limit: pd.Timestamp,
    days: pd.Timedelta,
    most: int | None,
) -> list[str]:
    """One line for each row seen before the limit, in the order of the rows; at most so many when told."""
    old = seen[seen < limit]
    shown = old.index[:most]
    lines = [
        f"row {row}: {'/'.join(str(frame.loc[row, column]) for column in key if frame.loc[row, column])} was last seen "
        f"on {old[row]:%Y-%m-%d}, before {limit:%Y-%m-%d}"
        for row in shown
    ]
    if len(old) > len(shown):
        more = f"{len(old) - len(shown):,} more rows were last seen before {limit:%Y-%m-%d}"
        lines.append(f"{more}; check this file alone with --as-of {limit + days:%Y-%m-%d} to see them all")
    return lines
