"""Pictures of variability: how likely each total is passed, the four origins, what guardrails buy, the months."""

from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from aiecon.charts import formats, theme
from aiecon.models.variability import Variability

ORIGIN_NAMES = {
    "scale": "Adoption (scale)",
    "utilization": "Use (utilization)",
    "model": "Models and prices",
    "agent": "Agents (steps, tokens)",
}
_POINTS = 200  # of the exceedance curve; a step of it is finer than a printed line
_MARKED = {"p50": 0.5, "p90": 0.1, "p99": 0.01}  # quantile -> probability of passing it
_WIDE_LABELS = 240
_FUTURES = 12  # single ones drawn, to show that no month is like the last
_BAR = 30  # height of a bar with its gap [px]


def variability_chart(answer: Variability) -> Any:
    """Draw the probability that the total passes each amount, with p50, p90, p99 and the budget marked."""
    size, _ = formats.scale_of(answer.quantiles["p50"])
    passed = np.concatenate([np.linspace(1.0, 0.02, _POINTS), np.geomspace(0.019, 0.001, _POINTS // 4)])
    curve = pd.DataFrame({"total": np.quantile(answer.totals, 1 - passed) / size, "passed": passed})
    points = pd.DataFrame(
        [
            {"total": answer.quantiles[key] / size, "passed": passed, "label": _mark(key, answer.quantiles[key] / size)}
            for key, passed in _MARKED.items()
        ]
    )
    unit = formats.unit_of(answer.quantiles["p50"], answer.currency)
    x = alt.X("total:Q", title=unit, scale=alt.Scale(zero=False, nice=True), axis=alt.Axis(tickCount=7, format=",~f"))
    y = alt.Y("passed:Q", title="probability of costing more", axis=alt.Axis(format="%", tickCount=5))
    layers = [
        alt.Chart(curve).mark_area(color=theme.BAND_95, opacity=0.7).encode(x=x, y=y),
        alt.Chart(curve)
        .mark_line(color=theme.RANGE, strokeWidth=1.8)
        .encode(x=x, y=y, tooltip=[alt.Tooltip("total:Q", format=",.3~f", title=unit), _share("passed", "Passed")]),
        *_budget_layers(answer, size, x, y),
        alt.Chart(points).mark_point(color=theme.ACTUAL, filled=True, size=55, opacity=1).encode(x=x, y=y),
        alt.Chart(points)
        .mark_text(align="left", dx=8, dy=-8, fontSize=11, color="#222")
        .encode(x=x, y=y, text="label:N"),
    ]
    return theme.styled(
        alt.layer(*layers),
        title=_tail_message(answer),
        subtitle=f"Cost of {_months(answer)}, {unit}: share of {len(answer.totals):,} simulated futures that cost more"
        f"{' (dashed: budget)' if answer.inputs.budget is not None else ''}",
        height=230,
    )


def _mark(key: str, amount: float) -> str:
    return f"{key} {formats.significant(amount)}"


def _share(column: str, title: str) -> Any:
    return alt.Tooltip(f"{column}:Q", format=".1%", title=title)


def _budget_layers(answer: Variability, size: float, x: Any, y: Any) -> list[Any]:
    budget = answer.inputs.budget
    if budget is None:
        return []
    mark = pd.DataFrame(
        {"total": [budget / size], "passed": [1.0], "label": [f"budget {formats.significant(budget / size)}"]}
    )
    line = alt.Chart(mark)
    return [
        line.mark_rule(color=theme.BUDGET, strokeDash=[6, 4], strokeWidth=1.4).encode(x=x),
        line.mark_text(align="left", dx=5, dy=4, fontSize=11, color="#222").encode(x=x, y=y, text="label:N"),
    ]


def _months(answer: Variability) -> str:
    count = answer.inputs.horizon_months
    return "one month" if count == 1 else f"{count} months"


def _tail_message(answer: Variability) -> str:
    currency = answer.currency
    p90, budget = answer.quantiles["p90"], answer.inputs.budget
    said = f"One future in ten costs more than {formats.money(p90, currency)}"
    if not budget:
        return said
    side = "above" if p90 > budget else "below"
    return f"{said}, {formats.percent(abs(p90 / budget - 1), 0)} {side} the budget"


def origins_chart(answer: Variability) -> Any:
    """Draw each origin's Shapley share of the variance of spend, largest first; empty bars when nothing varies."""
    found = [(ORIGIN_NAMES[origin], share or 0.0) for origin, share in answer.shares.items()]
    data = pd.DataFrame(found, columns=["origin", "share"]).sort_values("share", ascending=False)
    labels = [formats.percent(share, 0) for share in data["share"]]
    data = data.assign(label=labels, is_largest=np.arange(len(data)) == 0)
    base = alt.Chart(data).encode(
        y=alt.Y("origin:N", sort=None, title=None, axis=alt.Axis(labelLimit=_WIDE_LABELS, ticks=False, domain=False)),
        x=alt.X("share:Q", title="share of the variance of spend", axis=alt.Axis(format="%", tickCount=5)),
        tooltip=["origin:N", _share("share", "Share")],
    )
    colour = alt.condition("datum.is_largest", alt.value(theme.RANGE), alt.value(theme.PREVIOUS))
    layers = [
        base.mark_bar(height={"band": 0.62}).encode(color=colour),
        base.mark_text(align="left", dx=5, fontSize=11, color="#222").encode(text="label:N"),
    ]
    return theme.styled(
        alt.layer(*layers),
        title=_origin_message(data),
        subtitle=f"Cost of {_months(answer)}, share of its variance by origin (Shapley; adds up to 100 %)",
        width=500,
        height=4 * _BAR,
    )


def _origin_message(data: pd.DataFrame) -> str:
    top = data.iloc[0]
    if top["share"] == 0:
        return "Nothing varies"
    name = top["origin"].split(" (")[0].lower()
    return f"{formats.percent(top['share'], 0)} of the variance is from {name}: work there first"


def guardrails_chart(answer: Variability) -> Any:
    """Draw p50, p90 and the mean of the dearest 5 % with each guardrail and without, on the same futures."""
    rows = answer.guardrails
    size, _ = formats.scale_of(float(rows["p50"].iloc[0]))
    unit = formats.unit_of(float(rows["p50"].iloc[0]), answer.currency)
    data = rows[["name", "p50", "p90", "expected_shortfall_95"]].assign(order=range(len(rows)))
    for column in ("p50", "p90", "expected_shortfall_95"):
        data[column] = data[column] / size
        data[f"{column}_label"] = data[column].map(formats.significant)
    y = alt.Y(
        "name:N",
        sort=alt.SortField("order"),
        title=None,
        axis=alt.Axis(labelLimit=_WIDE_LABELS, ticks=False, domain=False),
    )
    base = alt.Chart(data).encode(y=y)

    def at(column: str) -> Any:
        return alt.X(f"{column}:Q", title=unit, scale=alt.Scale(zero=True), axis=alt.Axis(tickCount=7))

    layers = [
        base.mark_rule(color=theme.BAND_80, strokeWidth=3).encode(x=at("p50"), x2="expected_shortfall_95:Q"),
        *_budget_rule(answer, size, unit),
        *_points(base, at),
    ]
    return theme.styled(
        alt.layer(*layers),
        title=_guardrail_message(answer),
        subtitle=f"Cost of {_months(answer)}, {unit} (ring: p50; dot: p90; diamond: mean of the dearest 5 %"
        f"{'; dashed: budget' if answer.inputs.budget is not None else ''})",
        width=470,
        height=(_BAR + 8) * len(rows),
    )


def _points(base: Any, at: Any) -> list[Any]:
    looks = {
        "p50": {"filled": False, "shape": "circle", "color": theme.ACTUAL, "fill": theme.PAPER},
        "p90": {"filled": True, "shape": "circle", "color": theme.RANGE},
        "expected_shortfall_95": {"filled": True, "shape": "diamond", "color": theme.ACTUAL},
    }
    marks = []
    for column, look in looks.items():
        tips = ["name:N", alt.Tooltip(f"{column}:Q", format=",.3~f")]
        marks.append(base.mark_point(size=70, opacity=1, **look).encode(x=at(column), tooltip=tips))
        for ink in ({"stroke": "white", "strokeWidth": 3}, {"color": "#222"}):  # the first clears the ground
            text = base.mark_text(dy=-11, fontSize=10, **ink)
            marks.append(text.encode(x=at(column), text=f"{column}_label:N"))
    return marks


def _budget_rule(answer: Variability, size: float, unit: str) -> list[Any]:
    if answer.inputs.budget is None:
        return []
    line = alt.Chart(pd.DataFrame({"budget": [answer.inputs.budget / size]}))
    return [
        line.mark_rule(color=theme.BUDGET, strokeDash=[6, 4], strokeWidth=1.4).encode(x=alt.X("budget:Q", title=unit))
    ]


def _guardrail_message(answer: Variability) -> str:
    measures = answer.guardrails.iloc[1:]
    if measures.empty:
        return "No guardrail was given to try"
    best = measures.loc[measures["saving_p90"].idxmax()]
    if best["saving_p90"] <= 0:
        return "No guardrail lowers p90"
    return f"{best['name']}: p90 falls by {formats.money(best['saving_p90'], answer.currency)}"


def months_chart(answer: Variability) -> Any:
    """Draw the fan of months: the median with the range of eight in ten, p99, and the course at base values."""
    frame = answer.to_frame()
    size, _ = formats.scale_of(float(frame["p50"].max()))
    levels = ["base", "p10", "p50", "p90", "p99"]
    data = frame.assign(**{level: frame[level] / size for level in levels})
    unit = formats.unit_of(float(frame["p50"].max()), answer.currency)
    x = alt.X("month:Q", title="month", axis=alt.Axis(format="d", values=_ticks(len(data))))
    base = alt.Chart(data).encode(x=x)

    highest = 1.1 * float(data["p99"].max())

    def at(level: str) -> Any:
        scale = alt.Scale(domain=[0, highest]) if highest > 0 else alt.Scale()
        return alt.Y(f"{level}:Q", title=unit, scale=scale, axis=alt.Axis(tickCount=5))

    drawn = answer.sample_paths(min(_FUTURES, len(answer.totals))) / size
    futures = pd.DataFrame(
        [(month + 1, str(path), drawn[month, path]) for month, path in np.ndindex(drawn.shape)],
        columns=["month", "future", "drawn"],
    )
    tips = [alt.Tooltip("month:Q"), *(alt.Tooltip(f"{level}:Q", format=",.3~f") for level in levels)]
    ends = data.tail(1).melt("month", ["base", "p10", "p50", "p90", "p99"], "level", "amount")
    layers = [
        base.mark_area(color=theme.BAND_95).encode(y=at("p90"), y2="p99:Q"),
        base.mark_area(color=theme.BAND_80).encode(y=at("p10"), y2="p90:Q"),
        alt.Chart(futures)
        .mark_line(color=theme.ACTUAL, strokeWidth=0.7, opacity=0.3, clip=True)
        .encode(x=x, y=at("drawn"), detail="future:N"),
        base.mark_line(color=theme.FORECAST, strokeDash=[5, 3], strokeWidth=1.6).encode(y=at("p50"), tooltip=tips),
        base.mark_line(color=theme.ACTUAL, strokeWidth=1).encode(y=at("base")),
        alt.Chart(_apart(ends))
        .mark_text(align="left", dx=6, fontSize=10.5, color="#222")
        .encode(x=x, y=alt.Y("amount:Q", title=unit), text="level:N"),
    ]
    first, last = _widths(frame)
    said = f"{formats.significant(first / size)} {unit} wide in month 1, {formats.significant(last / size)} in the last"
    return theme.styled(
        alt.layer(*layers),
        title=f"The 80 % range of a month is {said}",
        subtitle=f"Cost of a month, {unit} (dashed: median; dark band: 80 %; light: up to p99; black: base, "
        f"no chance; thin: {drawn.shape[1]} single futures)",
        height=150,
    )


def _widths(frame: pd.DataFrame) -> tuple[float, float]:
    """Of the 80 % range, of the first month and the last."""
    width = (frame["p90"] - frame["p10"]).to_numpy()
    return float(width[0]), float(width[-1])


def _ticks(months: int) -> list[int]:
    step = max(1, -(-months // 12))
    return list(range(1, months + 1, step))


def _apart(ends: pd.DataFrame) -> pd.DataFrame:
    """Labels of the line ends without those that would lie on another."""
    gap = 0.09 * float(ends["amount"].max())
    kept: list[int] = []
    order = ["p50", "p90", "p99", "p10", "base"]
    for level in order:
        row = ends.index[ends["level"] == level][0]
        if all(abs(ends["amount"][row] - ends["amount"][other]) > gap for other in kept):
            kept.append(row)
    return ends.loc[kept]
