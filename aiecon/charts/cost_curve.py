"""Pictures of the cost curve: cost over users with its range, and the way from pilot to production."""

from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from aiecon.charts import formats, theme
from aiecon.models.cost_curve import CostCurve

_INKS: tuple[dict[str, Any], ...] = ({"stroke": "white", "strokeWidth": 3}, {"color": "#222"})  # first: clear ground
_BAR = 24  # height of a bar with its gap [px]


def cost_curve_chart(answer: CostCurve) -> Any:
    """Draw cost over users: the curve with its 80 % range and without levers, and both ends marked."""
    data = answer.curve_range(with_jumps=True)
    size, _ = formats.scale_of(float(data["cost"].max()))
    unit = formats.unit_of(float(data["cost"].max()), answer.currency)
    data = data.assign(**{name: data[name] / size for name in ("cost", "p10", "p90", "no_levers")})
    x = alt.X(
        "users:Q",
        title="users (logarithmic)",
        scale=alt.Scale(type="symlog" if (data["users"] == 0).any() else "log", nice=False),
        axis=alt.Axis(format="~s", values=_ticks(data["users"].to_numpy())),
    )
    y = alt.Y("cost:Q", title=f"{unit} a month", axis=alt.Axis(tickCount=6))
    tips = [alt.Tooltip("users:Q", format=",.0f"), alt.Tooltip("cost:Q", format=",.1f", title=unit)]
    base = alt.Chart(data)
    layers = [
        base.mark_area(color=theme.BAND_80, opacity=0.8).encode(x=x, y=alt.Y("p10:Q", title=""), y2="p90:Q"),
        base.mark_line(color=theme.ACTUAL, strokeWidth=1.8).encode(x=x, y=y, tooltip=tips),
        *_without_levers(answer, base, x),
        *_ends(answer, size, x, y),
    ]
    dashed = "; dashed: without levers" if answer.inputs.levers else ""
    return theme.styled(
        alt.layer(*layers),
        title=_message(answer),
        subtitle=f"Cost over users, {unit} a month (band: 80 %{dashed})",
        height=220,
    )


def _ticks(users: np.ndarray) -> list[float]:
    low, high = users[users > 0].min(), users.max()
    decades = range(int(np.floor(np.log10(low))), int(np.ceil(np.log10(high))) + 1)
    return [part * 10.0**decade for decade in decades for part in (1, 2, 5) if low <= part * 10.0**decade <= high]


def _without_levers(answer: CostCurve, base: Any, x: Any) -> list[Any]:
    if not answer.inputs.levers:
        return []
    line = base.mark_line(color=theme.ACTUAL, strokeDash=[5, 3], strokeWidth=1.1)
    return [line.encode(x=x, y=alt.Y("no_levers:Q", title=""))]


def _ends(answer: CostCurve, size: float, x: Any, y: Any) -> list[Any]:
    costs = {"pilot": answer.pilot_cost / size, "production": answer.production_cost / size}
    above = answer.curve_range().set_index("users")[["p90", "no_levers"]].max(axis=1) / size
    marks = pd.DataFrame(
        {
            "users": [answer.inputs.pilot_users, answer.inputs.production_users],
            "cost": list(costs.values()),
            "above": [above[answer.inputs.pilot_users], above[answer.inputs.production_users]],
            "label": [f"{name} {formats.significant(cost)}" for name, cost in costs.items()],
        }
    )
    point = alt.Chart(marks)
    return [
        point.mark_point(color=theme.ACTUAL, filled=True, size=60, opacity=1).encode(x=x, y=y),
        *(
            point.mark_text(align="right", dx=-9, dy=-11, fontSize=11, **ink).encode(
                x=x, y=alt.Y("above:Q", title=""), text="label:N"
            )
            for ink in _INKS
        ),
    ]


def _message(answer: CostCurve) -> str:
    jump = _largest_jump(answer)
    if jump:
        start, share = jump
        return f"At {start:,.0f} users the cost jumps to {formats.significant(share)} times: what a pilot does without"
    if answer.cliff_multiple is None:
        return "The pilot costs nothing; production does"
    users = formats.significant(answer.inputs.production_users / answer.inputs.pilot_users)
    return f"Cost is {formats.significant(answer.cliff_multiple)} times the pilot's for {users} times its users"


def _largest_jump(answer: CostCurve) -> tuple[float, float] | None:
    """Where lines begin that the pilot does without, between pilot and production, and what it makes of the cost."""
    pilot, production = answer.inputs.pilot_users, answer.inputs.production_users
    starts = {one.from_users for one in answer.inputs.components if pilot < one.from_users <= production}
    found = []
    for users in sorted(starts):
        before = answer.cost(users * (1 - 1e-9))
        found.append((users, answer.cost(users) / before if before > 0 else np.inf))
    top = max(found, key=lambda pair: pair[1], default=None)
    return top if top and 1.1 < top[1] < np.inf else None


def cliff_chart(answer: CostCurve) -> Any:
    """Draw what each component adds on the way from pilot to production, largest first."""
    rows = answer.cliff()
    inner = rows[(rows["component"] != "(total)") & (rows["change"] != 0)]
    inner = inner if len(inner) else rows.head(1)
    largest = max(float(inner["change"].abs().max()), 1e-9)
    size, _ = formats.scale_of(largest)
    new = {one.name for one in answer.inputs.components if one.from_users > answer.inputs.pilot_users}
    data = pd.DataFrame(
        {
            "component": inner["component"],
            "change": inner["change"] / size,
            "is_new": inner["component"].isin(new),
            "label": [_signed(value / size) for value in inner["change"]],
        }
    )
    unit = formats.unit_of(largest, answer.currency)
    base = alt.Chart(data).encode(
        y=alt.Y("component:N", sort=None, title=None, axis=alt.Axis(labelLimit=240, ticks=False, domain=False)),
        tooltip=["component:N", alt.Tooltip("change:Q", format=",.3~f", title=unit)],
    )
    colour = alt.condition("datum.is_new", alt.value(theme.ACTUAL), alt.value(theme.PREVIOUS))
    layers = [
        base.mark_bar(height={"band": 0.62}).encode(x=alt.X("change:Q", title=f"{unit} a month"), color=colour),
        base.mark_text(align="left", dx=5, fontSize=11, color="#222").encode(x="change:Q", text="label:N"),
    ]
    return theme.styled(
        alt.layer(*layers),
        title=_cliff_message(answer, data),
        subtitle=f"Cost added from {answer.inputs.pilot_users:,.0f} to {answer.inputs.production_users:,.0f} users, "
        f"{unit} a month (dark: not paid by the pilot; light: grows with users)",
        width=430,
        height=max(_BAR * len(data), 70),
    )


def _cliff_message(answer: CostCurve, data: pd.DataFrame) -> str:
    total = float(data["change"].sum())
    new = float(data.loc[data["is_new"], "change"].sum())
    if total > 0 and new > 0:
        return f"{formats.percent(new / total, 0)} of the step is lines that the pilot does not pay"
    top = data.iloc[0]
    part = formats.percent(float(top["change"]) / total, 0) if total > 0 else "none"
    return f"{top['component']} makes {part} of the step from pilot to production"


def _signed(value: float) -> str:
    return f"+{formats.significant(value)}" if value > 0 else formats.significant(value)
