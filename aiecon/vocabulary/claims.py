"""Claims: figures that somebody stated, kept with a verdict beside what the price tables say; none feeds a field."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from aiecon.errors import FrameError
from aiecon.vocabulary.tables import header_problems, rows_of

COLUMNS = ("id", "claim", "figure", "unit", "verdict", "quoted", "tables_say", "check", "source", "note")
VERDICTS = {
    "OK": "plausible or confirmed",
    "IMPRECISE": "true of a part of what is claimed",
    "DATED": "was true and has moved",
    "UNVER": "without evidence",
    "MISQUOTE": "the source quoted says something else",
    "CONTRA": "contradicts another document",
    "WRONG": "arithmetic or fact fails",
    "UNIT": "the figure is stated per the wrong unit",
}
JOIN = " + "
"""Between two verdicts on one claim."""
_NEEDED = ("id", "claim", "verdict", "source")
_ID = re.compile(r"S\d-\d\d")


@dataclass(frozen=True)
class Evidence:
    """A row of a shipped table that a sentence rests on, as a spreadsheet numbers it, who said it and when read."""

    file: str
    row: int
    source: str
    retrieved_on: str


@dataclass(frozen=True)
class Claim:
    """One claim and what became of it; `tables_say` is empty where the shipped tables cannot say anything.

    `quoted` is its place among the most quoted ones, 0 for the rest; `evidence` names the table rows, sources and days
    that `tables_say` was computed from.
    """

    id: str
    claim: str
    figure: str
    unit: str
    verdicts: tuple[str, ...]
    quoted: int
    tables_say: str
    evidence: tuple[Evidence, ...]
    source: str
    note: str


def check(frame: pd.DataFrame, *, name: str) -> pd.DataFrame:
    """Return the claims, one row each, or raise FrameError with every problem by row.

    Parameters
    ----------
    frame
        Columns as in COLUMNS, every cell as text or None, shape (n_rows, n_columns).
    name
        The file's name, for the messages.
    """
    header = header_problems(list(frame), known=COLUMNS, needed=COLUMNS, name=name)
    needed = [column for column in _NEEDED if column in frame]
    text = frame.reindex(columns=list(COLUMNS)).fillna("").astype(str).set_axis(rows_of(frame))
    problems = [*header, *(f"{name}: row {row}: {words}" for row, words in _problems(text, needed))]
    if problems:
        raise FrameError(problems)
    return text


def _problems(text: pd.DataFrame, needed: Sequence[str]) -> list[tuple[int, str]]:
    found = []
    for row, record in zip(text.index, text.to_dict("records"), strict=True):
        found += [(row, f"'{column}' is empty") for column in needed if not record[column]]
        found += [(row, words) for words in _cell_problems(record)]
    for row in text.index[text["id"].duplicated() & (text["id"] != "")]:
        found.append((row, f"'{text['id'][row]}' stands twice"))
    return sorted(found)


def _cell_problems(record: Mapping[Any, str]) -> list[str]:
    words = []
    if record["id"] and not _ID.fullmatch(record["id"]):
        words.append(f"'id' must be a requirement such as S3-09, got {record['id']!r}")
    if record["quoted"] and not re.fullmatch(r"[1-9]\d?", record["quoted"]):
        words.append(f"'quoted' must be a place such as 1, or empty, got {record['quoted']!r}")
    unknown = [verdict for verdict in verdicts(record["verdict"]) if verdict not in VERDICTS]
    if unknown:
        words.append(
            f"'verdict' must be of {', '.join(VERDICTS)}, two joined by '{JOIN.strip()}', got {record['verdict']!r}"
        )
    return words


def verdicts(cell: str) -> tuple[str, ...]:
    """Split the cell of one or several verdicts.

    Examples
    --------
    >>> verdicts("UNIT + WRONG")
    ('UNIT', 'WRONG')
    """
    return tuple(cell.split(JOIN)) if cell else ()
