"""Pictures of the spend forecast: months against budget, and the path with its fan."""

from typing import Any

import altair as alt
import pandas as pd

from aiecon.charts import formats, theme
from aiecon.models.spend_forecast import SpendForecast

_MONTHS_SHOWN = 15
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
    step = {"D": "day", "W": "week", "MS": "month"}[frequency]
    return theme.styled(
        alt.layer(*layers),
        title=f"How sure we are: the {step}s ahead and their ranges",
        subtitle=f"Spend by {step}, {unit} (solid: actual; dashed: expected; dark band: 80 %; light band: 95 %)",
        height=200,
    )
