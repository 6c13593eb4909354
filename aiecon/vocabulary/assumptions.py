"""Assumptions: one row for each number somebody could dispute, with unit, source, date and grade.

The row's name is the dotted path of the input field it feeds. `value` is the base case; p10 and p90 are always
percentiles, low and high always ends. A rule that the user must switch on feeds no field by itself: it stands under
`rule.`, with the requirement it comes from. A rumour may be written down, and never feeds a field.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from pydantic import TypeAdapter, ValidationError

from aiecon.errors import FrameError
from aiecon.vocabulary.distribution import Distribution
from aiecon.vocabulary.tables import GRADES, header_problems, rows_of

COLUMNS = (
    "name",
    "value",
    "p10",
    "p90",
    "low",
    "high",
    "shape",
    "unit",
    "grade",
    "source",
    "source_url",
    "retrieved_on",
    "owner",
    "note",
    "requirement",
)
_DISTRIBUTION: TypeAdapter[Any] = TypeAdapter(Distribution)
NEEDED = ("name", "value", "unit", "grade", "source", "retrieved_on")
_NUMBERS = ("value", "p10", "p90", "low", "high")


def check(frame: pd.DataFrame, *, name: str) -> pd.DataFrame:
    """Return the assumption rows with numbers as floats, or raise FrameError with every problem by row.

    Parameters
    ----------
    frame
        Columns as in COLUMNS, those beside NEEDED only when known; cells as text or None, shape (n_rows, n_columns).
    name
        The file's name, for the messages.
    """
    header = header_problems(list(frame), known=COLUMNS, needed=NEEDED, name=name)
    needed = [column for column in NEEDED if column in frame]
    whole = frame.reindex(columns=list(COLUMNS), fill_value="").set_axis(rows_of(frame))
    problems = [*header, *(f"{name}: row {row}: {words}" for row, words in _problems(whole, needed))]
    if problems:
        raise FrameError(problems)
    return whole.assign(**{column: pd.to_numeric(whole[column]) for column in _NUMBERS})


def _problems(frame: pd.DataFrame, needed: Sequence[str]) -> list[tuple[int, str]]:
    found = []
    for row, record in zip(frame.index, frame.to_dict("records"), strict=True):
        found += [(row, f"'{column}' is empty") for column in needed if _empty(record[column])]
        found += [(row, words) for words in _value_problems(record)]
    for row in frame.index[frame["name"].duplicated() & ~frame["name"].map(_empty)]:
        found.append((row, f"'{frame['name'][row]}' stands twice"))
    return sorted(found)


def _value_problems(record: Mapping[str, Any]) -> list[str]:
    words = []
    for column in _NUMBERS:
        if not _empty(record[column]) and not math.isfinite(pd.to_numeric(record[column], errors="coerce")):
            words.append(f"'{column}' must be a number, got {record[column]!r}")
    if not words:
        words += _order_problems(record) or _shape_problems(record)
    if not _empty(record["grade"]) and record["grade"] not in GRADES:
        words.append(f"'grade' must be one of {', '.join(GRADES)}, got {record['grade']!r}")
    if not _empty(record["retrieved_on"]) and pd.isna(
        pd.to_datetime(record["retrieved_on"], errors="coerce", format="%Y-%m-%d")
    ):
        words.append(f"'retrieved_on' must be an ISO date, got {record['retrieved_on']!r}")
    return words


def _order_problems(record: Mapping[str, Any]) -> list[str]:
    """Ends and percentiles the wrong way round, and a base case outside the ends."""
    pairs = (("low", "value"), ("value", "high"), ("low", "high"), ("p10", "p90"))
    return [
        f"'{low}' must not exceed '{high}', got {record[low]} and {record[high]}"
        for low, high in pairs
        if not (_empty(record[low]) or _empty(record[high])) and float(record[low]) > float(record[high])
    ]


def _shape_problems(record: Mapping[str, Any]) -> list[str]:
    if _empty(record["shape"]):
        return []
    numbers = {column: float(record[column]) for column in _NUMBERS if not _empty(record[column])}
    try:
        _DISTRIBUTION.validate_python(_field_value({**dict.fromkeys(_NUMBERS), **record, **numbers}))
    except ValidationError as error:
        return [
            f"'shape' {record['shape']}: {'.'.join(map(str, detail['loc'][1:]))} {detail['msg']}".replace(":  ", ": ")
            for detail in error.errors()
        ]
    return []


def _empty(cell: Any) -> bool:
    return cell is None or cell == "" or (isinstance(cell, float) and pd.isna(cell))


def changes(frame: pd.DataFrame) -> dict[str, Any]:
    """Return dotted name -> number or distribution, ready for override(); a rumour changes nothing."""
    return {record["name"]: _field_value(record) for record in frame.to_dict("records") if record["grade"] != "rumour"}


def _field_value(record: Mapping[str, Any]) -> Any:
    if _empty(record["shape"]):
        return record["value"]
    ends = {key: record[key] for key in ("p10", "p90", "low", "high") if not _empty(record[key])}
    if record["shape"] in ("triangular", "pert"):
        return {"shape": record["shape"], "mode": record["value"], "value": record["value"], **ends}
    return {"shape": record["shape"], "value": record["value"], **ends}


def records(frame: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Return name -> the row's given cells, for manifests and source tables."""
    return {
        record["name"]: {key: cell for key, cell in record.items() if not _empty(cell)}
        for record in frame.to_dict("records")
    }
