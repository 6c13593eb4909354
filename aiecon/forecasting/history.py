"""A history as it is given: checked once, broken series named and left out when there are others."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from aiecon.errors import FrameError, InputError

TOTAL = "total"
_ROUNDING = 1e-6  # part by which a sum may differ from what is said to be it


def checked(history: pd.DataFrame | Sequence[Mapping[str, object]]) -> tuple[pd.DataFrame, dict[str, str]]:
    """Return a history as date, series, value without missing rows, and the series left out with the reason.

    A series with a bad date, a value that is no finite number or two values of one date is left out when there are
    others; a history of one series, or of broken ones alone, is refused.

    Raises
    ------
    FrameError
        With every problem: the series, the row or date, what stands there, what is expected.
    """
    frame = pd.DataFrame(history).reset_index(drop=True)
    missing = [column for column in ("date", "value") if column not in frame]
    if missing:
        raise FrameError([f"history: column '{column}' is missing; it has {list(frame.columns)}" for column in missing])
    if "series" not in frame or frame["series"].isna().all():
        frame = frame.assign(series=TOTAL)
    nameless = np.flatnonzero(frame["series"].isna() | (frame["series"].astype(str).str.strip() == ""))
    if len(nameless):
        more = f"; {len(nameless)} rows break this" if len(nameless) > 1 else ""
        raise FrameError(
            [f"history: column 'series': row {nameless[0]} is empty, the name of a series is expected{more}"]
        )
    dates = pd.to_datetime(frame["date"], errors="coerce", format="ISO8601")
    numbers = pd.to_numeric(frame["value"], errors="coerce")
    typed = pd.DataFrame({"date": dates, "series": frame["series"].astype(str), "value": numbers.astype(float)})
    rules = (
        ("date", dates.isna(), "an ISO date is expected"),
        ("date", dates.notna() & (dates != dates.dt.normalize()), "a date without a time of day is expected"),
        ("value", numbers.isna() & frame["value"].notna(), "a number is expected"),
        ("value", np.isinf(numbers), "a finite number is expected"),
        ("date", dates.notna() & typed.duplicated(["date", "series"]), "one row a date and series is expected"),
    )
    problems: dict[str, list[str]] = {}
    for column, broken, expected in rules:
        for name, rows in typed[broken].groupby("series", sort=False):
            first = int(rows.index[0])
            shown = frame[column][first]
            more = f"; {len(rows)} rows break this" if len(rows) > 1 else ""
            problems.setdefault(str(name), []).append(
                f"column '{column}': row {first} has {str(shown)!r}, {expected}{more}"
            )
    every = list(dict.fromkeys(typed["series"]))
    sound = typed[~typed["series"].isin(problems)].dropna(subset=["value"])
    known = {*problems, *sound["series"]}
    problems |= {name: ["it has no value"] for name in every if name not in known}
    if sound.empty:
        prefix = (lambda name: "history") if len(every) <= 1 else (lambda name: f"history: series '{name}'")
        raise FrameError(
            [f"{prefix(name)}: {words}" for name, found in problems.items() for words in found]
            or ["history: it has no value"]
        )
    return sound, {name: "; ".join(found) for name, found in problems.items()}


def without_total(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Return a checked history without a series `total` that is the sum of the others, and words about that.

    Raises
    ------
    InputError
        When a series `total` stands beside others and is not their sum: it would be counted twice.
    """
    names = frame["series"].unique()
    if TOTAL not in names or len(names) == 1:
        return frame, []
    wide = frame.pivot_table(index="date", columns="series", values="value", aggfunc="sum")
    parts, whole = wide.drop(columns=TOTAL).sum(axis=1, min_count=1), wide[TOTAL]
    both = parts.notna() & whole.notna()
    off = both & ((parts - whole).abs() > _ROUNDING * whole.abs().clip(lower=1.0))
    if not both.any() or off.any():
        day = off.idxmax() if off.any() else wide.index[0]
        said = f"on {day:%Y-%m-%d} it is {whole[day]:,g} and the others {parts[day]:,g}"
        raise InputError(
            f"history: series '{TOTAL}' stands beside others and is not their sum ({said}); leave it out, or rename it"
        )
    return frame[frame["series"] != TOTAL], [f"Series '{TOTAL}' is the sum of the others and is left out"]
