"""Pictures of the business case: the running sum to its payback, and how sure its worth is."""

from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from aiecon.charts import formats, theme
from aiecon.models.business_case import BusinessCase

_DOTS = 100  # quantile dots: each stands for one future in a hundred


def business_case_chart(answer: BusinessCase) -> Any:
    """Draw the flow of each period and the running sum, with the moment it turns positive."""
    table = answer.to_frame()
    largest = max(float(table[["net", "cumulated"]].abs().to_numpy().max()), 1e-9)
    size, _ = formats.scale_of(largest)
    data = table.assign(net=table["net"] / size, cumulated=table["cumulated"] / size)
    data["look"] = np.where(data["net"] >= 0, "in", "out")
    unit = formats.unit_of(largest, answer.currency)
    x = alt.X("period:O", title=f"{answer.inputs.period} (0: today)", axis=alt.Axis(labelAngle=0, labelOverlap=True))
    tips: list[Any] = ["period:O", alt.Tooltip("net:Q", format=",.3~f"), alt.Tooltip("cumulated:Q", format=",.3~f")]
    base = alt.Chart(data).encode(x=x, tooltip=tips)
    layers = [
        base.transform_filter("datum.look == 'in'").mark_bar(color=theme.GOOD).encode(y=alt.Y("net:Q", title=unit)),
        base.transform_filter("datum.look == 'out'").mark_bar(color=theme.BAD).encode(y=alt.Y("net:Q", title=unit)),
        base.mark_line(color=theme.ACTUAL, strokeWidth=1.8, point={"color": theme.ACTUAL, "size": 25}).encode(
            y=alt.Y("cumulated:Q", title=unit)
        ),
    ]
    months = answer.payback_months
    title = "The flows do not pay back" if months is None else f"What is spent is back after {months:,.1f} months"
    return theme.styled(
        alt.layer(*layers),
        title=title,
        subtitle=f"Net flow of each {answer.inputs.period} (bars) and its running sum (line), {unit}, not discounted",
        height=230,
    )


def worth_chart(answer: BusinessCase) -> Any:
    """Draw the present value over the draws as a hundred dots, those below zero apart."""
    shares = (np.arange(_DOTS) + 0.5) / _DOTS
    values = np.quantile(answer.npv_draws, shares)
    largest = max(float(np.abs(values).max()), 1e-9)
    size, _ = formats.scale_of(largest)
    width = max(float(np.ptp(values)) / 24, 1e-9)
    place = np.floor(values / width)
    data = pd.DataFrame({"worth": (place + 0.5) * width / size, "look": np.where(values > 0, "above", "below")})
    data["level"] = data.groupby(["worth"]).cumcount() + 1
    unit, top = formats.unit_of(largest, answer.currency), max(int(data["level"].max()), 6)
    colour = alt.condition("datum.look == 'above'", alt.value(theme.GOOD), alt.value(theme.BAD))
    dots = (
        alt.Chart(data)
        .mark_point(filled=True, size=70, opacity=1)
        .encode(
            x=alt.X("worth:Q", title=f"present value, {unit}"),
            y=alt.Y("level:Q", title=None, axis=None, scale=alt.Scale(domain=[0, top + 1])),
            color=colour,
        )
    )
    zero = alt.Chart(pd.DataFrame({"worth": [0.0]})).mark_rule(color="#444", strokeDash=[4, 3]).encode(x="worth:Q")
    return theme.styled(
        alt.layer(dots, zero),
        title=f"{formats.probability(answer.npv_probability)} of the futures are worth more than nothing",
        subtitle=f"Present value, {unit}: each dot is one future in a hundred (dashed: nothing)",
        height=170,
    )
