"""Pictures of self-hosting: costs over volume, sums over months, how sure it is where, and what moves the saving."""

from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from aiecon.charts import formats, theme
from aiecon.models.self_host import SelfHost
from aiecon.models.self_host.answer import HOST
from aiecon.models.self_host.curves import MAP_DRAWS, cumulative, probability_map, volume_curve, volume_range
from aiecon.models.self_host.turns import name_of, swings, turn

_INK = "#222"
_VOLUME = "million tokens a month"
_BAR = 30  # height of a bar with its gap [px]
_WHOLE_FROM = 1_000.0  # million tokens: from here on volumes are written in whole ones
_MOST_BARS = 8
_TORNADO_WIDTH = 430
_SIDES: tuple[tuple[str, Any, int], ...] = (("", "left", 4), ("!", "right", -4))  # of a bar, for its labels
_SHARES = ("share", "growth", "decline", "discount", "overhead", "rate")


def self_host_chart(answer: SelfHost) -> Any:
    """Draw what a month costs over volume: hosting by the replica, the API by the token, winning volumes shaded."""
    curve = volume_curve(answer)
    size, _ = formats.scale_of(float(curve["hosting"].median()))
    unit = formats.unit_of(float(curve["hosting"].median()), answer.currency)
    top = float(curve["mtok"].max())
    data = curve.assign(hosting=curve["hosting"] / size, api=curve["api"] / size)
    limit = 1.12 * float(data[["hosting", "api"]].max().max())
    wins = pd.DataFrame(
        [(low, top if high is None else min(high, top)) for low, high in answer.win_intervals if low < top],
        columns=["low", "high"],
    )
    x = alt.X(
        "mtok:Q",
        title=_VOLUME,
        scale=alt.Scale(domain=[0, top], nice=False),
        axis=alt.Axis(format=",~f", tickCount=8),
    )
    y = alt.Y("hosting:Q", title=unit, scale=alt.Scale(domain=[0, limit], nice=False), axis=alt.Axis(tickCount=5))
    tips = [
        alt.Tooltip("mtok:Q", format=",.0f", title="Mtok a month"),
        alt.Tooltip("hosting:Q", format=",.3~f", title="Self-host"),
        alt.Tooltip("api:Q", format=",.3~f", title="API"),
        alt.Tooltip("replicas:Q", format="d", title="Replicas"),
    ]
    ends = pd.DataFrame(
        {
            "mtok": [top, top],
            "hosting": [float(data["hosting"].iloc[-1]), float(data["api"].iloc[-1])],
            "label": ["self-host", "API"],
        }
    )
    shade = [
        alt.Chart(wins).mark_rect(color=theme.BAND_95, opacity=0.9).encode(x=alt.X("low:Q", title=_VOLUME), x2="high:Q")
    ]
    layers = [
        *(shade if len(wins) else []),
        *_our_volume(answer, top, limit, x, y),
        alt.Chart(data).mark_line(color=theme.RANGE, strokeWidth=2, strokeJoin="miter").encode(x=x, y=y, tooltip=tips),
        alt.Chart(data)
        .mark_line(color=theme.ACTUAL, strokeDash=[6, 3], strokeWidth=1.6)
        .encode(x=x, y=alt.Y("api:Q", title=unit), tooltip=tips),
        alt.Chart(_apart(ends, limit))
        .mark_text(align="left", dx=5, fontSize=11, color=_INK)
        .encode(x=x, y=alt.Y("hosting:Q", title=unit), text="label:N"),
    ]
    shaded = "; shaded: hosting is cheaper" if len(wins) else ""
    return theme.styled(
        alt.layer(*layers),
        title=_wins_message(answer),
        subtitle=f"Cost of a month, {unit}, at today's prices (line: self-host; dashed: API{shaded}; band: our volume "
        f"over {count_of(answer.inputs.horizon_months)})",
        width=580,
        height=215,
    )


def _apart(ends: pd.DataFrame, limit: float) -> pd.DataFrame:
    """Labels of two line ends, moved apart where they would lie on each other."""
    gap, least = abs(float(ends["hosting"].diff().iloc[-1])), 0.07 * limit
    if gap >= least:
        return ends
    move = (least - gap) / 2 * np.where(ends["hosting"] >= ends["hosting"].mean(), 1.0, -1.0)
    if gap == 0:
        move = np.array([-least / 2, least / 2])
    return ends.assign(hosting=ends["hosting"] + move)


def _our_volume(answer: SelfHost, top: float, limit: float, x: Any, y: Any) -> list[Any]:
    volume = float(answer.case.mtok[0, 0])
    low, high = volume_range(answer)
    mark = pd.DataFrame({"mtok": [volume], "hosting": [0.97 * limit], "label": [f"today {volume:,.0f}"]})
    band = pd.DataFrame({"from": [low], "to": [min(high, top)], "hosting": [0.0], "edge": [0.03 * limit]})
    on_left = volume > 0.8 * top
    return [
        alt.Chart(band)
        .mark_rect(color=theme.PREVIOUS, opacity=1)
        .encode(x=alt.X("from:Q", title=_VOLUME), x2="to:Q", y=y, y2="edge:Q"),
        alt.Chart(mark).mark_rule(color=theme.ACTUAL, strokeWidth=1).encode(x=x),
        alt.Chart(mark)
        .mark_text(align="right" if on_left else "left", dx=-5 if on_left else 5, fontSize=11, color=_INK)
        .encode(x=x, y=y, text="label:N"),
    ]


def count_of(months: int) -> str:
    """A number of months in words that read."""
    return "one month" if months == 1 else f"{months} months"


def volume_words(mtok: float) -> str:
    """A volume in whole million tokens, a small one with three digits: '13,089', '6.65'."""
    return formats.full(mtok) if mtok >= _WHOLE_FROM else formats.significant(mtok) if mtok else "0"


def wins_words(answer: SelfHost, *, most: int = 3) -> str:
    """The winning volumes in words: 'from 13,089 to 15,963 and from 16,765'."""
    found = [
        f"from {volume_words(low)}" + ("" if high is None else f" to {volume_words(high)}")
        for low, high in answer.win_intervals
    ]
    if not found:
        return "at no volume"
    if len(found) > most:
        left = len(found) - most
        between = "in one more stretch" if left == 1 else f"in {left} more stretches"
        found = [*found[: most - 1], between, found[-1]]
    return found[0] if len(found) == 1 else f"{', '.join(found[:-1])} and {found[-1]}"


def _wins_message(answer: SelfHost) -> str:
    if not answer.win_intervals:
        return "Self-hosting is cheaper at no volume"
    return f"Self-hosting is cheaper {wins_words(answer, most=2)} million tokens a month"


def cumulative_chart(answer: SelfHost) -> Any:
    """Draw what has been spent month by month: hosting, and the API under several falls of its price."""
    rows = cumulative(answer)
    largest = float(rows["cost"].max())
    size, _ = formats.scale_of(largest)
    unit = formats.unit_of(largest, answer.currency)
    data = rows.assign(cost=rows["cost"] / size, is_host=rows["option"] == "Self-host")
    months = answer.inputs.horizon_months
    step = max(1, -(-months // 12))
    axis = alt.Axis(format="d", values=list(range(0, months + 1, step)))
    x = alt.X("month:Q", title="month", axis=axis, scale=alt.Scale(domain=[0, months], nice=False))
    y = alt.Y("cost:Q", title=unit, scale=alt.Scale(zero=True), axis=alt.Axis(tickCount=5))
    tips: list[Any] = ["option:N", "month:Q", alt.Tooltip("cost:Q", format=",.3~f", title=unit)]
    base = alt.Chart(data).encode(x=x, y=y, tooltip=tips)
    ends = _spread(data[data["month"] == months], 0.085 * largest / size)
    layers = [
        base.transform_filter("!datum.is_host")
        .mark_line(color=theme.ACTUAL, strokeDash=[6, 3], strokeWidth=1.3)
        .encode(detail="option:N"),
        base.transform_filter("datum.is_host").mark_line(color=theme.RANGE, strokeWidth=2.2),
        alt.Chart(ends).mark_text(align="left", dx=6, fontSize=11, color=_INK).encode(x=x, y=y, text="option:N"),
    ]
    return theme.styled(
        alt.layer(*layers),
        title=_payback_message(answer),
        subtitle=f"Cash spent up to each month, {unit} (line: self-host, migration and GPUs bought included; dashed: "
        "API under yearly falls of its price)",
        width=540,
        height=185,
    )


def _spread(ends: pd.DataFrame, gap: float) -> pd.DataFrame:
    """Labels of line ends, moved up where they would lie on the one below."""
    ends = ends.sort_values("cost")
    placed: list[float] = []
    for cost in ends["cost"]:
        placed.append(max(float(cost), placed[-1] + gap) if placed else float(cost))
    return ends.assign(cost=placed)


def _payback_message(answer: SelfHost) -> str:
    months = answer.payback_months
    if months is None:
        return f"What hosting costs does not come back within {count_of(answer.inputs.horizon_months)}"
    ends_dearer = float(answer.case.npv[0]) < 0
    if ends_dearer:
        return "Hosting spends less at first, and more over the whole horizon"
    if months == 0:
        return "Hosting has spent less than the API from the first month on"
    return f"What is spent on hosting has come back after {formats.significant(months)} months"


def probability_chart(answer: SelfHost) -> Any:
    """Draw how likely hosting saves over the horizon, over volume and usable share of the throughput."""
    data = probability_map(answer)
    data = data.assign(
        volume=data["mtok"].map(lambda mtok: f"{mtok:,.0f}"),
        share=data["usable_share"].map(lambda share: formats.percent(share, 0)),
        label=data["probability"].map(lambda chance: formats.percent(chance, 0)),
    )
    order = list(dict.fromkeys(data.sort_values("mtok")["volume"]))
    shares = list(dict.fromkeys(data.sort_values("usable_share", ascending=False)["share"]))
    base = alt.Chart(data).encode(
        x=alt.X("volume:O", sort=order, title="million tokens in the first month", axis=alt.Axis(labelAngle=0)),
        y=alt.Y("share:O", sort=shares, title="usable share of throughput"),
        tooltip=["volume:O", "share:O", alt.Tooltip("probability:Q", format=".1%")],
    )
    scale = alt.Scale(domain=[0, 1], range=[theme.PAPER, theme.RANGE], interpolate="rgb")
    ink = alt.condition("datum.probability > 0.6", alt.value("white"), alt.value(_INK))
    layers = [
        base.mark_rect(stroke="#ddd", strokeWidth=0.5).encode(
            color=alt.Color("probability:Q", scale=scale, legend=None)
        ),
        base.transform_filter("datum.is_here").mark_rect(fillOpacity=0, stroke=theme.ACTUAL, strokeWidth=2.5),
        base.mark_text(fontSize=10.5).encode(text="label:N", color=ink),
    ]
    return theme.styled(
        alt.layer(*layers),
        title=_map_message(answer, data),
        subtitle=f"Probability that hosting saves over {count_of(answer.inputs.horizon_months)} (present value), "
        f"{_draws_words(answer)} (framed: our base)",
        width=560,
        height=23 * max(len(shares), 1),
    )


def _draws_words(answer: SelfHost) -> str:
    """How many draws stand behind a cell of the map."""
    drawn = min(answer.cases.cases, MAP_DRAWS)
    return "nothing else in doubt" if answer.cases is answer.case else f"{drawn:,} draws of the other doubts"


def _map_message(answer: SelfHost, data: pd.DataFrame) -> str:
    volume = float(answer.case.mtok[0, 0])
    ours = data[data["usable_share"] == data.loc[data["is_here"], "usable_share"].max()].sort_values("mtok")
    likely = ours[ours["probability"] >= 0.5]
    if likely.empty:
        return "Hosting is unlikely to save at any volume shown"
    first = float(likely["mtok"].iloc[0])
    if first == float(ours["mtok"].iloc[0]):
        return f"Hosting is likely to save already at {formats.significant(first / volume)} times today's volume"
    return f"Hosting is more likely than not to save from {formats.significant(first / volume)} times today's volume"


def self_host_tornado_chart(answer: SelfHost) -> Any:
    """Draw what each doubt does to the present value of the saving, with the value at which the answer turns."""
    found = swings(answer)
    bars = [bar for bar in found.bars if bar.low is not None and bar.high is not None][:_MOST_BARS]
    center = answer.npv_savings
    largest = max([abs(center), *(abs(end) for bar in bars for end in (bar.low, bar.high) if end is not None)])
    size, _ = formats.scale_of(largest)
    unit = formats.unit_of(largest, answer.currency)
    rows = []
    for place, bar in enumerate(bars):
        name = name_of(bar.name)
        turning = turn(answer, bar.name).value
        for value, end, other in ((bar.low_input, bar.low, bar.high), (bar.high_input, bar.high, bar.low)):
            assert end is not None
            assert other is not None
            rows.append(
                {
                    "name": name,
                    "order": place,
                    "from": center / size,
                    "to": end / size,
                    "label": figure(bar.name, value),
                    "is_right": end > other or (end == other and value == bar.high_input),
                    "turn": "not found" if turning is None else figure(bar.name, turning),
                }
            )
    data = pd.DataFrame(rows, columns=["name", "order", "from", "to", "label", "is_right", "turn"])
    span = [min(0.0, data["to"].min() if len(data) else 0.0), max(0.0, data["to"].max() if len(data) else 0.0)]
    room = 0.16 * max(span[1] - span[0], 1e-9)
    domain = [span[0] - room, span[1] + room]
    x_title = f"present value of the saving, {unit}"
    base = alt.Chart(data).encode(
        y=alt.Y(
            "name:N",
            sort=alt.SortField("order"),
            title=None,
            axis=alt.Axis(labelLimit=240, ticks=False, domain=False),
        ),
        tooltip=["name:N", "label:N", alt.Tooltip("to:Q", format=",.3~f", title=unit), "turn:N"],
    )
    x = alt.X("to:Q", title=x_title, scale=alt.Scale(domain=domain, nice=False), axis=alt.Axis(tickCount=6))
    zero = alt.Chart(pd.DataFrame({"to": [0.0]})).mark_rule(color=theme.ACTUAL, strokeWidth=1.2)
    once = base.transform_filter("datum.is_right")
    header = alt.Chart(pd.DataFrame({"label": ["turns at"]})).mark_text(
        align="left", dx=12, fontSize=10.5, color="#444"
    )
    layers = [
        base.mark_bar(height={"band": 0.6}).encode(
            x=alt.X("from:Q", title=x_title),
            x2="to:Q",
            color=alt.condition("datum.to >= datum.from", alt.value(theme.RANGE), alt.value(theme.BAND_80)),
        ),
        zero.encode(x=x),
        *(
            base.transform_filter(f"{no}datum.is_right")
            .mark_text(align=align, dx=dx, fontSize=10.5, **ink)
            .encode(x=x, text="label:N")
            for no, align, dx in _SIDES
            for ink in ({"stroke": "white", "strokeWidth": 3}, {"color": _INK})  # the first clears the ground
        ),
        once.mark_text(align="left", dx=12, fontSize=10.5, color=_INK, fontWeight=600).encode(
            x=alt.value(_TORNADO_WIDTH), text="turn:N"
        ),
        header.encode(x=alt.value(_TORNADO_WIDTH), y=alt.value(-8), text="label:N"),
    ]
    return theme.styled(
        alt.layer(*layers),
        title=_tornado_message(answer, bars),
        subtitle=f"Present value of the saving over {count_of(answer.inputs.horizon_months)}, {unit} (bars: each doubt "
        "from low to high; bold: value at which it turns)",
        width=_TORNADO_WIDTH,
        height=_BAR * max(len(bars), 1),
    )


def _tornado_message(answer: SelfHost, bars: list[Any]) -> str:
    if not bars:
        return "Nothing moves the saving"
    name = name_of(bars[0].name)
    turning = turn(answer, bars[0].name).value
    now = "saves" if answer.recommended == HOST else "does not save"
    if turning is None:
        return f"{name} moves the saving most"
    at = with_unit(bars[0].name, turning, answer.currency)
    return f"{name} moves the saving most; hosting {now} here, and that turns at {at}"


def figure(field: str, value: float) -> str:
    """A value of a field as a reader writes it: a share in per cent, anything else with three figures."""
    last = field.rsplit(".", 1)[-1]
    if any(word in last for word in _SHARES) and "_per_gpu" not in last:
        return formats.percent(value, 1 if abs(value) < 0.1 else 0)
    return formats.significant(value) if abs(value) < 10_000 else f"{value:,.0f}"


_UNITS = {
    "price_per_gpu_hour": "{} an hour",
    "capex_per_gpu": "{} a GPU",
    "mtok_per_month": "Mtok a month",
    "fixed_cost_per_month": "{} a month",
    "migration_cost": "{}",
    "price_per_kwh": "{}/kWh",
    "api_blended_per_mtok": "{}/Mtok",
    "life_months": "months",
}


def with_unit(field: str, value: float, currency: str) -> str:
    """The same with its unit, where it is not a share or a ratio."""
    unit = _UNITS.get(field.rsplit(".", 1)[-1], "").format(currency)
    return f"{figure(field, value)} {unit}".strip()
