"""One figure of an answer over the places of one control: what stands where a panel cannot be moved."""

from typing import Any

import altair as alt
import pandas as pd

from aiecon.charts import formats, theme


def what_if_chart(rows: pd.DataFrame, *, figure: str, unit: str, control: str) -> Any:
    """Draw a figure over a control, the place it stands at filled.

    Parameters
    ----------
    rows
        Columns place [unit of the control], value [unit], now (whether it stands there), told (whether it is marked).
    figure, unit
        What is drawn, and its unit.
    control
        What is moved, with its unit.
    """
    low, high = rows.iloc[0], rows.iloc[-1]
    title = f"{figure}: {_said(low['value'], unit)} to {_said(high['value'], unit)}"
    x = alt.X("place:Q", title=control, scale=alt.Scale(zero=False), axis=alt.Axis(tickCount=6))
    axis = alt.Axis(tickCount=5, format="~%") if unit == "share" else alt.Axis(tickCount=5)
    title_y = figure if unit == "share" else unit
    y = alt.Y("value:Q", title=title_y, scale=alt.Scale(zero=False), axis=axis)
    line = alt.Chart(rows).mark_line(color=theme.ACTUAL, strokeWidth=1.5).encode(x=x, y=y)
    points = (
        alt.Chart(rows[rows["told"]])
        .mark_point(size=60, color=theme.ACTUAL, opacity=1)
        .encode(x=x, y=y, fill=alt.condition("datum.now", alt.value(theme.ACTUAL), alt.value(theme.PAPER)))
    )
    subtitle = f"By {control}; filled: as the inputs have it"
    return theme.styled(line + points, title=title, subtitle=subtitle, height=200)


def _said(value: float, unit: str) -> str:
    if unit == "share":
        return formats.percent(value)
    is_whole = float(value).is_integer() and abs(value) < 1_000
    return f"{value:,.0f} {unit}".strip() if is_whole else f"{formats.significant(float(value))} {unit}".strip()
