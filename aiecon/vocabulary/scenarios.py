"""Scenarios as a table: named sets of changes, one field a row."""

from collections.abc import Iterator

import pandas as pd

from aiecon.vocabulary.overrides import unknown
from aiecon.vocabulary.tables import Found, Rules, checked

RULES = Rules(
    columns=("scenario", "name", "value", "unit", "requirement", "source", "note"), needed=("scenario", "name", "value")
)


def check(frame: pd.DataFrame, *, name: str, fields: frozenset[str] | None = None) -> pd.DataFrame:
    """Return the rows, or raise FrameError with every problem by row; a field stands once in a scenario.

    Parameters
    ----------
    frame
        Columns as in RULES, every cell as text or None, shape (n_rows, n_columns).
    name
        The file's name, for the messages.
    fields
        First parts of the dotted names that a row may set; any when None.
    """
    return checked(frame, RULES, name=name, more=(_twice, lambda typed: _unknown(typed, fields)))


def _twice(typed: pd.DataFrame) -> Iterator[Found]:
    for row in typed.index[typed.duplicated(["scenario", "name"]) & (typed["name"] != "")]:
        yield row, f"'{typed['name'][row]}' stands twice in scenario '{typed['scenario'][row]}'; keep one of the rows"


def _unknown(typed: pd.DataFrame, fields: frozenset[str] | None) -> Iterator[Found]:
    for row, name in typed["name"].items():
        if fields is not None and name and (words := unknown(name, fields)):
            yield int(str(row)), words
