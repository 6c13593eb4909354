"""Pictures of the cost curve: cost over users with its range, and the way from pilot to production."""

from typing import Any

import altair as alt
import pandas as pd

from aiecon.charts import formats, theme
from aiecon.models.cost_curve import CostCurve

_BAR = 30  # height of a bar with its gap [px]


def cost_curve_chart(answer: CostCurve) -> Any:
    """Draw cost over users on logarithmic axes: the curve with its 80 % range, and the pilot extrapolated."""
    data = answer.curve_range()
    data = data[(data["users"] > 0) & (data["cost"] > 0)]
    ends = pd.DataFrame(
        {
            "users": [answer.inputs.pilot_users, answer.inputs.production_users],
            "cost": [answer.pilot_cost, answer.production_cost],
            "label": [
                f"pilot {formats.money(answer.pilot_cost)}".strip(),
                f"production {formats.money(answer.production_cost)}".strip(),
            ],
        }
    )
    scale = alt.Scale(type="log", nice=False)
    x = alt.X("users:Q", title="users", scale=scale, axis=alt.Axis(format="~s", tickCount=6))
    y = alt.Y("cost:Q", title=f"{answer.currency} a month", scale=scale, axis=alt.Axis(format="~s", tickCount=6))
    tips = [alt.Tooltip("users:Q", format=",.0f"), alt.Tooltip("cost:Q", format=",.0f")]
    base = alt.Chart(data)
    layers = [
        base.mark_area(color=theme.BAND_80, opacity=0.8).encode(x=x, y=alt.Y("p10:Q", scale=scale), y2="p90:Q"),
        base.mark_line(color=theme.PREVIOUS, strokeDash=[5, 3], strokeWidth=1.3).encode(
            x=x, y=alt.Y("linear:Q", scale=scale)
        ),
        base.mark_line(color=theme.ACTUAL, strokeWidth=1.8).encode(x=x, y=y, tooltip=tips),
        alt.Chart(ends).mark_point(color=theme.ACTUAL, filled=True, size=60, opacity=1).encode(x=x, y=y),
        alt.Chart(ends)
        .mark_text(align="right", dx=-8, dy=-8, fontSize=11, color="#222")
        .encode(x=x, y=y, text="label:N"),
    ]
    return theme.styled(
        alt.layer(*layers),
        title=_message(answer),
        subtitle=f"Cost over users, {answer.currency} a month, both logarithmic (band: 80 %; dashed: the pilot's cost "
        "per user)",
        height=250,
    )


def _message(answer: CostCurve) -> str:
    ratio = answer.production_cost / answer.linear_cost if answer.linear_cost > 0 else None
    if ratio is None:
        return "The pilot costs nothing; production does"
    side = "less" if ratio < 1 else "more"
    return f"Production costs {formats.percent(abs(ratio - 1), 0)} {side} than the pilot's cost per user says"


def cliff_chart(answer: CostCurve) -> Any:
    """Draw what each component adds on the way from pilot to production, largest first."""
    rows = answer.cliff()
    inner = rows[rows["component"] != "(total)"]
    largest = max(float(inner["change"].abs().max()), 1e-9)
    size, _ = formats.scale_of(largest)
    data = pd.DataFrame(
        {
            "component": inner["component"],
            "pilot": inner["pilot"] / size,
            "change": inner["change"] / size,
            "label": [f"+{formats.significant(value / size)}" if value > 0 else "–" for value in inner["change"]],
        }
    )
    unit = formats.unit_of(largest, answer.currency)
    base = alt.Chart(data).encode(
        y=alt.Y("component:N", sort=None, title=None, axis=alt.Axis(labelLimit=240, ticks=False, domain=False)),
        tooltip=["component:N", alt.Tooltip("change:Q", format=",.3~f", title=unit)],
    )
    layers = [
        base.mark_bar(height={"band": 0.6}, color=theme.ACTUAL).encode(x=alt.X("change:Q", title=f"{unit} a month")),
        base.mark_text(align="left", dx=5, fontSize=11, color="#222").encode(x="change:Q", text="label:N"),
    ]
    top = inner.iloc[0]
    total = float(inner["change"].sum())
    part = formats.percent(float(top["change"]) / total, 0) if total > 0 else "none"
    return theme.styled(
        alt.layer(*layers),
        title=f"{top['component']} makes {part} of the step from pilot to production",
        subtitle=f"Cost added from {answer.inputs.pilot_users:,.0f} to {answer.inputs.production_users:,.0f} users, "
        f"{unit} a month",
        width=460,
        height=max(_BAR * len(data), 90),
    )
