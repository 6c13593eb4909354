"""Scenarios as a table: named sets of changes, one field a row."""

import pandas as pd

from aiecon.errors import FrameError
from aiecon.vocabulary.tables import Rules, read

RULES = Rules(columns=("scenario", "name", "value"), needed=("scenario", "name", "value"))


def check(frame: pd.DataFrame, *, name: str) -> pd.DataFrame:
    """Return the rows, or raise FrameError with every problem by row; a field stands once in a scenario."""
    typed, problems = read(frame, RULES, name=name)
    if not problems:
        twice = typed.index[typed.duplicated(["scenario", "name"])]
        problems = [
            f"{name}: row {row}: '{typed['name'][row]}' stands twice in scenario '{typed['scenario'][row]}'"
            for row in twice
        ]
    if problems:
        raise FrameError(problems)
    return typed
