"""A file of months as a panel: who was there, who joined later, who left, and who used nothing."""

import pandas as pd

from aiecon.models.seats.inputs import Usage


def panel(usage: Usage) -> pd.DataFrame | None:
    """Spend of users (rows) in months (columns), missing where a person is not there; None but for a file of months.

    A person is there from the month of their first row on. A month without a row between two others is none used. After
    the last row they have left, or are idle: see `absence` of the inputs. [currency/month]
    """
    if usage.file is None or "month" not in usage.file.table.frame:
        return None
    wide = usage.file.table.frame.pivot(index="user", columns="month", values="spend")
    has_come = wide.notna().cummax(axis=1)
    if leaves(usage):
        has_come &= wide.notna().iloc[:, ::-1].cummax(axis=1).iloc[:, ::-1]
    return wide.fillna(0.0).where(has_come)


def leaves(usage: Usage) -> bool:
    """Whether who has no more rows has left: as the inputs say, else where the file lists idle people too."""
    if usage.absence is not None:
        return usage.absence == "left"
    return usage.file is not None and bool((usage.file.table.frame["spend"] == 0).any())


def mean_by_user(usage: Usage) -> pd.Series:
    """User -> mean spend over the months they are there, of those who are there in the last. [currency/month]"""
    months = panel(usage)
    if months is None:
        assert usage.file is not None
        return usage.file.table.frame.set_index("user")["spend"].sort_index()
    return months[months.iloc[:, -1].notna()].mean(axis=1)


def panel_notes(months: pd.DataFrame, *, leaves: bool) -> list[str]:
    """What a reader must know of the months: who joined, who left, what an absent row counts as."""
    joined, left = int(months.iloc[:, 0].isna().sum()), int(months.iloc[:, -1].isna().sum())
    after = "has left" if leaves else "is idle and counts as zero"
    found = []
    if months.shape[1] > 1:
        found.append(
            f"Use of a person is the mean over the months they are there, of {months.shape[1]}: from their first row "
            f"on; a month without a row between two others counts as zero, and who has no more rows {after}"
        )
    if joined:
        found.append(
            f"{joined:,} of {len(months):,} people joined after {months.columns[0]:%Y-%m}; no month before counts"
        )
    if left:
        found.append(f"{left:,} of {len(months):,} people left before {months.columns[-1]:%Y-%m}; they are in no count")
    empty = [f"{month:%Y-%m}" for month in months.columns[months.sum() == 0]]
    found += [f"Nobody used anything in {', '.join(empty)}"] if empty else []
    return found
