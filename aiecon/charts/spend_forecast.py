"""Pictures of the spend forecast: months against budget, and the path with its fan."""

from typing import Any

import altair as alt
import pandas as pd

from aiecon.charts import formats, theme
from aiecon.forecasting import record
from aiecon.models.spend_forecast import SpendForecast

_MONTHS_SHOWN = 15
_STEP = {"D": "day", "W": "week", "MS": "month"}
_PERIODS_SHOWN = {"D": 270, "W": 104, "MS": 48}


def spend_forecast_chart(answer: SpendForecast) -> Any:
    """Draw actual months solid, forecast months hatched with their 80 % range, budgets as outlines."""
    months = answer.table[answer.table["level"] == "month"].tail(_MONTHS_SHOWN + answer.months_ahead)
    columns = ["actual", "p10", "p50", "p90", "budget"]
    largest = float(months[columns].astype(float).max().max())
    size, _ = formats.scale_of(largest)
    data = months[["period", *columns]].astype(dict.fromkeys(columns, float))
    data[columns] = data[columns] / size
    data = data.assign(label=[_label(row) for row in data.to_dict("records")], top=data[["p90", "actual"]].max(axis=1))
    base = alt.Chart(data).encode(
        x=alt.X("period:O", title=None, axis=alt.Axis(labelAngle=-45 if len(data) > 8 else 0)),
        tooltip=_tooltips(columns),
    )
    unit = formats.unit_of(largest, answer.currency)
    y = alt.Y("actual:Q", title=unit, scale=alt.Scale(zero=True), axis=alt.Axis(format="~s", tickCount=5))
    layers = [
        base.transform_filter("isValid(datum.budget)")
        .mark_bar(fillOpacity=0, stroke=theme.BUDGET, strokeWidth=1.2, width={"band": 0.86})
        .encode(y=alt.Y("budget:Q", title=unit)),
        base.transform_filter("isValid(datum.actual)").mark_bar(color=theme.ACTUAL, width={"band": 0.6}).encode(y=y),
        base.transform_filter("isValid(datum.p50)")
        .transform_calculate(bottom="isValid(datum.actual) ? datum.actual : 0")
        .mark_bar(fill=theme.hatch(), stroke=theme.FORECAST, strokeWidth=1, width={"band": 0.6})
        .encode(y=alt.Y("p50:Q", title=unit), y2="bottom:Q"),
        base.transform_filter("isValid(datum.p50)")
        .mark_errorbar(color=theme.RANGE, thickness=2.2, ticks={"size": 10, "color": theme.RANGE, "thickness": 2.2})
        .encode(y=alt.Y("p10:Q", title=unit), y2="p90:Q"),
        *(
            base.mark_text(dy=-7, fontSize=10, **look).encode(y="top:Q", text="label:N")
            for look in ({"stroke": "white", "strokeWidth": 3}, {"color": "#222"})  # the first clears the ground
        ),
    ]
    return theme.styled(
        alt.layer(*layers),
        title=_message(answer),
        subtitle=_notation(answer, unit),
    )


def _message(answer: SpendForecast) -> str:
    if answer.gap is None:
        return f"{answer.period}: {formats.money(answer.total['p50'], answer.currency)} expected"
    side = "above" if answer.gap > 0 else "below"
    return f"{answer.period} is expected {formats.money(abs(answer.gap), answer.currency)} {side} its budget"


def _label(row: dict[str, float]) -> str:
    return formats.significant(row["p50"] if pd.notna(row["p50"]) else row["actual"])


def _tooltips(columns: list[str]) -> list[Any]:
    names = {"actual": "Actual (to date)", "p10": "p10", "p50": "Expected", "p90": "p90", "budget": "Budget"}
    values = [alt.Tooltip(f"{column}:Q", title=names[column], format=",.3~f") for column in columns]
    return [alt.Tooltip("period:O", title="Month"), *values]


def _notation(answer: SpendForecast, unit: str) -> str:
    parts = ["solid: actual", "hatched: forecast with its 80 % range"]
    if answer.table["budget"].notna().any():
        parts.append("outline: budget")
    return f"Spend by month, {unit} ({'; '.join(parts)})"


def daily_chart(answer: SpendForecast) -> Any:
    """Draw the path of actual values and the forecast with its 80 % and 95 % bands, all series added up."""
    frequency = answer.forecast.calendar.frequency
    actual, ahead = answer.paths()
    actual = actual.tail(_PERIODS_SHOWN[frequency])
    largest = float(pd.concat([actual["actual"], ahead["p90"]]).max())
    size, _ = formats.scale_of(largest)
    actual = actual.assign(actual=actual["actual"] / size)
    levels = ["p2_5", "p10", "p50", "p90", "p97_5"]
    ahead = ahead.assign(**{level: ahead[level] / size for level in levels})
    unit = formats.unit_of(largest, answer.currency)
    x = alt.X("date:T", title=None, axis=alt.Axis(format="%Y-%m", labelAngle=0, tickCount=8))
    fan = alt.Chart(ahead).encode(x=x)
    title = alt.Y("p2_5:Q", title=unit, scale=alt.Scale(zero=True))
    layers = [
        fan.mark_area(color=theme.BAND_95).encode(y=title, y2="p97_5:Q"),
        fan.mark_area(color=theme.BAND_80).encode(y=alt.Y("p10:Q", title=unit), y2="p90:Q"),
        fan.mark_line(color=theme.FORECAST, strokeDash=[5, 3], strokeWidth=1.4).encode(
            y=alt.Y("p50:Q", title=unit),
            tooltip=["date:T", *(alt.Tooltip(f"{level}:Q", format=",.3~f") for level in levels)],
        ),
        alt.Chart(actual)
        .mark_line(color=theme.ACTUAL, strokeWidth=1.3, interpolate="linear")
        .encode(x=x, y=alt.Y("actual:Q", title=unit), tooltip=["date:T", alt.Tooltip("actual:Q", format=",.3~f")]),
    ]
    step = _STEP[frequency]
    return theme.styled(
        alt.layer(*layers),
        title=f"How sure we are: the {step}s ahead and their ranges",
        subtitle=f"Spend by {step}, {unit} (solid: actual; dashed: expected; dark band: 80 %; light band: 95 %)",
        height=200,
    )


def bridge_chart(answer: SpendForecast) -> Any:
    """Draw the way from the budget over the last forecast, or the course of the past, to the expected landing."""
    rows = _from_budget(answer)
    largest = float(rows["total"].abs().max())
    size, _ = formats.scale_of(largest)
    ends = rows["kind"].isin(["budget", "start", "end"]).to_numpy()
    data = pd.DataFrame(
        {
            "step": rows["step"],
            "order": range(len(rows)),
            "from": (rows["total"] - rows["amount"]).where(~ends, 0.0) / size,
            "to": rows["total"] / size,
            "look": [kind if end else "" for kind, end in zip(rows["kind"], ends, strict=True)],
            "change": rows["amount"] / size,
            "label": [
                formats.significant(row["total"] / size) if end else _signed(row["amount"] / size)
                for row, end in zip(rows.to_dict("records"), ends, strict=True)
            ],
        }
    )
    data["look"] = data["look"].where(
        data["look"] != "", data["change"].map(lambda amount: "more" if amount > 0 else "less")
    )
    data["edge"] = data[["from", "to"]].max(axis=1)
    unit = formats.unit_of(largest, answer.currency)
    y = alt.Y(
        "step:N", sort=alt.SortField("order"), title=None, axis=alt.Axis(labelLimit=260, ticks=False, domain=False)
    )
    base = alt.Chart(data).encode(y=y, tooltip=["step:N", alt.Tooltip("change:Q", format="+,.3~f", title=unit)])
    bars = base.encode(x=alt.X("from:Q", title=unit, axis=alt.Axis(tickCount=6)), x2="to:Q")
    layers = [
        bars.transform_filter(f"datum.look == '{look}'").mark_bar(height={"band": 0.6}, **marks)
        for look, marks in (
            ("budget", {"fill": "white", "stroke": theme.ACTUAL, "strokeWidth": 1.2}),
            ("start", {"color": theme.PREVIOUS}),
            ("end", {"fill": theme.hatch(), "stroke": theme.FORECAST, "strokeWidth": 1}),
            ("more", {"color": theme.BAD}),
            ("less", {"color": theme.GOOD}),
        )
    ]
    text = base.mark_text(align="left", dx=5, fontSize=10.5, color="#222").encode(x="edge:Q", text="label:N")
    first = answer.bridge["step"].iloc[0]
    outline = "outline: budget; " if answer.budget else ""
    colours = f"{outline}grey: {first[0].lower()}{first[1:]}; hatched: expected now; red: more; green: less"
    return theme.styled(
        alt.layer(*layers, text),
        title=_bridge_message(answer),
        subtitle=f"{answer.period}, {unit} ({colours})",
        height=28 * len(rows),
        width=430,
    )


def _from_budget(answer: SpendForecast) -> pd.DataFrame:
    """The bridge with the budget, and what its first total is over it, before it."""
    rows = answer.bridge
    if answer.budget is None:
        return rows
    budget, start = answer.budget.amount, float(rows["total"].iloc[0])
    first = [["Budget", "budget", budget, budget], ["Over or under the budget", "gap", start - budget, start]]
    return pd.concat([pd.DataFrame(first, columns=rows.columns), rows], ignore_index=True)


def _signed(value: float) -> str:
    return f"{'+' if value >= 0 else ''}{formats.significant(value)}"


def _bridge_message(answer: SpendForecast) -> str:
    rows = answer.bridge
    inner = rows[~rows["kind"].isin(["start", "end"])]
    if inner.empty:
        return "Nothing but the course of the past is in the figure"
    largest = inner.loc[inner["amount"].abs().idxmax()]
    side = "adds" if largest["amount"] > 0 else "takes off"
    return f"{largest['step']} {side} most: {formats.money(abs(largest['amount']), answer.currency)}"


def reliability_chart(answer: SpendForecast) -> Any:
    """Draw how often actuals fell at or below each quantile in the back-test, beside how often they should."""
    data = record.reliability(answer.forecast).assign(place=lambda rows: rows["level"])
    line = pd.DataFrame({"level": [0.0, 1.0], "observed": [0.0, 1.0]})
    axis = alt.Axis(format="%", values=[0, 0.1, 0.5, 0.9, 1])
    x = alt.X("level:Q", title="quantile given", axis=axis, scale=alt.Scale(domain=[0, 1]))
    y = alt.Y("observed:Q", title="share of actuals at or below it", axis=axis, scale=alt.Scale(domain=[0, 1]))
    tips = [alt.Tooltip("level:Q", format=".1%"), alt.Tooltip("observed:Q", format=".1%")]
    points = alt.Chart(data).encode(x=x, y=y, tooltip=tips)
    layers = [
        alt.Chart(line).mark_line(color=theme.PREVIOUS, strokeDash=[4, 3]).encode(x=x, y=y),
        points.mark_line(color=theme.ACTUAL, strokeWidth=1.2),
        points.mark_point(color=theme.ACTUAL, filled=True, size=45),
    ]
    step = _STEP[answer.forecast.calendar.frequency]
    held = [record.coverage(answer.forecast, level=level) or 0.0 for level in (0.8, 0.95)]
    return theme.styled(
        alt.layer(*layers),
        title=f"Back-test: the 80 % range held {formats.percent(held[0], 0)} of actuals, the 95 % range "
        f"{formats.percent(held[1], 0)}",
        subtitle=f"{int(data['cells'].iloc[0]):,} forecasts of one {step} (dashed: as often as given)",
        height=180,
    )
