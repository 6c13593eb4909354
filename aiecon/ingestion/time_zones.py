"""Moments in one order: all say their time zone or none does, and it is one zone, but for daylight saving."""

from collections.abc import Sequence

import ibis

from aiecon.ingestion import engine
from aiecon.ingestion.engine import Opened, Rule

_ZONE = r"(Z|[+-]\d{2}(:?\d{2})?)\s*$"
_TIME = r"[T ]\d{2}:"
_DAYLIGHT = 60  # minutes by which a clock is moved at most
_BETWEEN = 60  # days that lie between two such moves at least


def problems(opened: Opened, column: str) -> list[str]:
    """Return what is wrong with the time zones of a column of moments, numbers and typed columns having none."""
    cell = opened.table[column]
    if not opened.is_text:
        return []
    zoned, zone = cell.re_search(_ZONE) & cell.re_search(_TIME), cell.re_extract(_ZONE, 1)
    count = engine.row(opened.table, zoned=zoned.sum(), rows=opened.table.count(), first=zone.min(), last=zone.max())
    if not count["zoned"] or (count["zoned"] == count["rows"] and count["first"] == count["last"]):
        return []
    if count["zoned"] != count["rows"]:
        odd = zoned if count["zoned"] * 2 <= count["rows"] else ~zoned
        return engine.check(opened, [Rule(column, odd, "moments that all say their time zone, or none, are expected")])
    return _several(opened, column)


def _several(opened: Opened, column: str) -> list[str]:
    """Several offsets are refused unless clocks were moved between them."""
    cell = opened.table[column]
    zone = cell.re_extract(_ZONE, 1)
    counts = opened.table.group_by(zone=zone).aggregate(rows=opened.table.count()).order_by(ibis.desc("rows"))
    offsets = {str(row["zone"]): _minutes(str(row["zone"])) for row in counts.to_pyarrow().to_pylist()}
    if len(set(offsets.values())) == 1 or _is_daylight(opened, column, list(offsets.values())):
        return []
    usual = next(iter(offsets.values()))
    same = [zone for zone, minutes in offsets.items() if minutes == usual]
    others = [zone for zone in offsets if zone not in same]
    words = f"one time zone is expected, {same[0]} as in most rows (there is {', '.join(others)} too)"
    return engine.check(opened, [Rule(column, ~zone.isin(same), words)])


def _is_daylight(opened: Opened, column: str, offsets: Sequence[int]) -> bool:
    """Whether two offsets an hour apart follow each other no more often than clocks are moved."""
    if len(set(offsets)) > 2 or max(offsets) - min(offsets) > _DAYLIGHT:
        return False
    zone = opened.table[column].re_extract(_ZONE, 1)
    value = engine.moment(opened, column)[0]
    table = opened.table.select(value=value, zone=zone)
    moved = table.mutate(before=table["zone"].lag().over(ibis.window(order_by=table["value"])))
    found = engine.row(
        moved,
        moves=(moved["before"] != moved["zone"]).sum(),
        first=moved["value"].min(),
        last=moved["value"].max(),
    )
    days = (found["last"] - found["first"]).total_seconds() / 86_400
    return bool(found["moves"] <= 1 + days / _BETWEEN)


def _minutes(zone: str) -> int:
    """An offset in minutes; Z is none."""
    if zone == "Z":
        return 0
    digits = zone[1:].replace(":", "").ljust(4, "0")
    return (1 if zone[0] == "+" else -1) * (int(digits[:2]) * 60 + int(digits[2:]))
