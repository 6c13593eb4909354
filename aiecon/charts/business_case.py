"""Pictures of the business case: the running sum to its payback, how sure its worth is, what moves it."""

from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from aiecon.charts import formats, theme
from aiecon.models.business_case import BusinessCase
from aiecon.vocabulary.overrides import parts

_DOTS = 100  # quantile dots: each stands for one future in a hundred
_COLUMNS = 30  # of dots, at most
_BAR = 26  # height of a bar with its gap [px]
_MOST = 8  # bars of the tornado
_NAMES = {
    "approval.delay_months": "Delay, months",
    "discount_rate": "Discount rate",
    "benefit_multiple": "All benefits, ratio",
    "cost_multiple": "All costs, ratio",
    "investment": "Investment",
}


def business_case_chart(answer: BusinessCase) -> Any:
    """Draw the flow of each period and the running sum, with the moment it is back above zero."""
    table = answer.to_frame()
    largest = max(float(table[["net", "cumulated"]].abs().to_numpy().max()), 1e-9)
    size, _ = formats.scale_of(largest)
    data = table.assign(net=table["net"] / size, cumulated=table["cumulated"] / size)
    unit = formats.unit_of(largest, answer.currency)
    last = len(data) - 1
    step = max(1, -(-last // 12))
    x = alt.X(
        "period:Q",
        title=f"{answer.inputs.period} (0: today)",
        scale=alt.Scale(domain=[-0.6, last + 0.6], nice=False),
        axis=alt.Axis(format="d", values=list(range(0, last + 1, step))),
    )
    y = alt.Y("net:Q", title=unit, axis=alt.Axis(tickCount=6))
    tips: list[Any] = ["period:Q", alt.Tooltip("net:Q", format=",.3~f"), alt.Tooltip("cumulated:Q", format=",.3~f")]
    base = alt.Chart(data).encode(x=x, tooltip=tips)
    width = max(3.0, 0.62 * theme.WIDTH / (last + 1.2))
    colour = alt.condition("datum.net >= 0", alt.value(theme.GOOD), alt.value(theme.BAD))
    layers = [
        base.mark_bar(width=width).encode(y=y, color=colour),
        alt.Chart(pd.DataFrame({"net": [0.0]})).mark_rule(color="#888").encode(y=y),
        base.mark_line(color=theme.ACTUAL, strokeWidth=1.8).encode(y=alt.Y("cumulated:Q", title=unit)),
        *_marks(answer, data, x, unit),
    ]
    months = answer.payback_months
    title = (
        "What is spent does not come back within the periods"
        if months is None
        else f"What is spent is back after {months:,.0f} months"
    )
    return theme.styled(
        alt.layer(*layers),
        title=title,
        subtitle=f"Net flow of each {answer.inputs.period} (bars) and its running sum (line), {unit}, not discounted",
        height=210,
    )


def _marks(answer: BusinessCase, data: pd.DataFrame, x: Any, unit: str) -> list[Any]:
    """The lowest and the last point of the running sum, with their figures."""
    y = alt.Y("cumulated:Q", title=unit)
    layers = []
    lowest = int(data["cumulated"].idxmin())
    for place, look in ((lowest, _LOWEST if lowest else _FIRST), (len(data) - 1, _LAST)):
        end = data.loc[[place]].assign(label=lambda rows: rows["cumulated"].map(formats.significant))
        point = alt.Chart(end)
        layers.append(point.mark_point(color=theme.ACTUAL, filled=True, size=45, opacity=1).encode(x=x, y=y))
        layers.append(point.mark_text(fontSize=11, color="#222", **look).encode(x=x, y=y, text="label:N"))
    return layers


_LOWEST: dict[str, Any] = {"align": "right", "dx": -8, "dy": 4}  # where the lowest figure stands beside its point
_FIRST: dict[str, Any] = {"align": "left", "dx": 9, "dy": 4}  # where it stands when it is the first
_LAST: dict[str, Any] = {"align": "right", "dx": -7, "dy": -7}  # where the last figure stands beside its point


def worth_chart(answer: BusinessCase) -> Any:
    """Draw the present value over the draws as a hundred dots, those below zero apart."""
    shares = (np.arange(_DOTS) + 0.5) / _DOTS
    values = np.quantile(answer.npv_draws, shares)
    largest = max(float(np.abs(values).max()), 1e-9)
    size, _ = formats.scale_of(largest)
    width = max(float(np.ptp(values)) / _COLUMNS, 1e-9)
    place = np.floor(values / width)
    data = pd.DataFrame({"worth": (place + 0.5) * width / size, "look": np.where(values > 0, "above", "below")})
    data["level"] = data.groupby(["worth"]).cumcount() + 1
    unit, top = formats.unit_of(largest, answer.currency), max(int(data["level"].max()), 6)
    colour = alt.condition("datum.look == 'above'", alt.value(theme.GOOD), alt.value(theme.BAD))
    shape = alt.condition("datum.look == 'above'", alt.value("circle"), alt.value("diamond"))
    dots = (
        alt.Chart(data)
        .mark_point(filled=True, size=75, opacity=1)
        .encode(
            x=alt.X("worth:Q", title=f"present value, {unit}"),
            y=alt.Y("level:Q", title=None, axis=None, scale=alt.Scale(domain=[0, top + 1])),
            color=colour,
            shape=shape,
        )
    )
    zero = alt.Chart(pd.DataFrame({"worth": [0.0]})).mark_rule(color="#444", strokeDash=[4, 3]).encode(x="worth:Q")
    return theme.styled(
        alt.layer(dots, zero),
        title=f"{formats.probability(answer.npv_probability)} of the futures are worth more than nothing",
        subtitle=f"Present value, {unit}: each mark is one future in a hundred (diamond: below zero; dashed: zero)",
        height=13 * top,
    )


def ends_chart(answer: BusinessCase) -> Any:
    """Draw the present value with each uncertain figure at its 10th and 90th percentile, widest first."""
    rows = answer.ends.head(_MOST)
    points = rows[["npv_at_low", "npv_at_high"]].to_numpy()
    largest = max(float(np.abs(points).max(initial=abs(answer.npv))), 1e-9)
    size, _ = formats.scale_of(largest)
    unit = formats.unit_of(largest, answer.currency)
    data = pd.DataFrame(
        {
            "name": [label(name) for name in rows["name"]],
            "from": points.min(axis=1, initial=np.inf) / size if len(rows) else [],
            "to": points.max(axis=1, initial=-np.inf) / size if len(rows) else [],
            "worse": [_end(row, worse=True) for row in rows.to_dict("records")],
            "better": [_end(row, worse=False) for row in rows.to_dict("records")],
        }
    )
    base = alt.Chart(data).encode(
        y=alt.Y("name:N", sort=None, title=None, axis=alt.Axis(labelLimit=230, ticks=False, domain=False))
    )
    x = alt.X("from:Q", title=f"present value, {unit}", scale=alt.Scale(zero=True, padding=34))
    marks = pd.DataFrame({"from": [answer.npv / size]})
    zero = pd.DataFrame({"from": [0.0]})
    layers = [
        base.mark_bar(color=theme.BAND_80, height={"band": 0.62}).encode(x=x, x2="to:Q"),
        alt.Chart(marks).mark_rule(color=theme.ACTUAL, strokeWidth=1.4).encode(x=x),
        alt.Chart(zero).mark_rule(color="#444", strokeDash=[4, 3]).encode(x=x),
        base.mark_text(align="right", dx=-4, fontSize=10, color="#222").encode(x=x, text="worse:N"),
        base.mark_text(align="left", dx=4, fontSize=10, color="#222").encode(x=alt.X("to:Q"), text="better:N"),
    ]
    title = f"{data['name'].iloc[0]} moves the worth most" if len(data) else "Nothing in the case is uncertain"
    return theme.styled(
        alt.layer(*layers),
        title=title,
        subtitle=f"Present value, {unit}, with one figure at its 10th and 90th percentile (line: base; dashed: zero)",
        width=430,
        height=max(_BAR * len(data), 60),
    )


def label(name: str) -> str:
    """What a reader calls a figure: 'phases.scale.benefits.Hours saved.amount' is 'Hours saved'."""
    steps = parts(name)
    if len(steps) == 1 or name in _NAMES:
        return _NAMES.get(name, name)
    return steps[-2] if steps[-1] == "amount" else f"{steps[-2].capitalize()}: {steps[-1]}"


def _end(row: dict[str, Any], *, worse: bool) -> str:
    """The value of the figure at that end of its bar."""
    low_is_worse = row["npv_at_low"] <= row["npv_at_high"]
    value = row["low"] if low_is_worse == worse else row["high"]
    if abs(value) < 1:
        return formats.percent(value)
    return formats.money(value).replace(" thousand", "k").replace(" million", "m")
