"""Pictures of provisioned throughput: minutes sorted by demand, cost against units, break-even by term, resamples."""

from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from aiecon.charts import formats, theme
from aiecon.errors import InputError
from aiecon.models.provisioned import Provisioned
from aiecon.models.provisioned.answer import NO_MINUTES
from aiecon.models.provisioned.demand import Population
from aiecon.vocabulary.distribution import base

_ALIKE = 0.005  # of utilisation, within which two are one
_POINTS = 400
_COST_SHOWN = 1.25  # of the dearest of what is compared; a line above is cut
_PERCENT = alt.Axis(format="%", tickCount=6)


def provisioned_chart(answer: Provisioned) -> Any:
    """Draw the minutes sorted by demand, what the bought units serve of them, and the peak-sized line."""
    data = _duration(answer)
    bought, peak = answer.optimal_units or 0, answer.peak_sized_units
    x = alt.X("share:Q", title="share of minutes with at least this demand", axis=_PERCENT)
    y = alt.Y("units:Q", title="units", scale=alt.Scale(domainMin=0))
    tips = [alt.Tooltip("share:Q", title="Minutes", format=".1%"), alt.Tooltip("units:Q", title="Units", format=",.1f")]
    steps: dict[str, Any] = {"interpolate": "step-after"}
    curve = alt.Chart(data)
    ends = pd.DataFrame({"share": [0.0, 1.0], "units": [bought, bought]})
    layers = [
        curve.mark_area(color=theme.BAND_95, **steps).encode(x=x, y=y),
        alt.Chart(ends).mark_area(color=theme.PREVIOUS, opacity=0.55).encode(x=x, y=y),
        curve.transform_calculate(units=f"min(datum.units, {bought})")
        .mark_area(color=theme.BAND_80, **steps)
        .encode(x=x, y=y),
        curve.mark_line(color=theme.ACTUAL, strokeWidth=1.4, **steps).encode(x=x, y=y, tooltip=tips),
        *_level(peak, f"sized to the peak: {peak:,} units", x, y, dash=[5, 3]),
        *(_level(bought, f"bought: {bought:,} units", x, y, dash=[]) if bought else []),
        *_rungs(answer, x, y),
        *_needed(answer, peak, x, y),
    ]
    shading = "blue: served by units; grey: bought and idle; light: pay-as-you-go" if bought else "light: demand"
    return theme.styled(
        alt.layer(*layers),
        title=_duration_message(answer),
        subtitle=f"Minutes sorted by demand, in units of {answer.inputs.unit_tokens:,.0f} tokens a minute ({shading})",
        height=190,
    )


def _duration(answer: Provisioned) -> pd.DataFrame:
    """Units needed, largest first, against the part of minutes that need as many or more."""
    minutes, unit = answer.minutes, answer.inputs.unit_tokens
    if minutes is None:
        raise InputError(f"there are no minutes to draw: {NO_MINUTES}")
    if isinstance(minutes, Population):
        share = np.linspace(0.001, 0.999, _POINTS)
        tokens = np.maximum(minutes.distribution.ppf(1 - share), 0.0)
    else:
        ordered = np.sort(minutes.tokens)[::-1]  # type: ignore[attr-defined]
        at = np.unique(np.linspace(0, len(ordered) - 1, min(len(ordered), _POINTS)).round().astype(int))
        share, tokens = at / len(ordered), ordered[at]
    last = pd.DataFrame({"share": [1.0], "units": [tokens[-1] / unit]})
    return pd.concat([pd.DataFrame({"share": share, "units": tokens / unit}), last], ignore_index=True)


def _level(units: int, words: str, x: Any, y: Any, *, dash: list[int]) -> list[Any]:
    """A line across at a number of units, with its words on the right."""
    rows = pd.DataFrame({"share": [1.0], "units": [units], "words": [words]})
    layer = alt.Chart(rows)
    return [
        layer.mark_rule(color=theme.ACTUAL, strokeDash=dash, strokeWidth=1.2).encode(y=y),
        *_text(layer, x, y, align="right", dy=-7),
    ]


def _rungs(answer: Provisioned, x: Any, y: Any) -> list[Any]:
    """The layers of a ladder of several terms, longest commitment at the base; none where one term carries all."""
    if answer.ladder is None:
        return []
    terms = sorted(answer.inputs.terms, key=lambda term: base(term.commitment_months), reverse=True)
    names = [term.name for term in terms if answer.ladder.layers[term.name]]
    if len(names) < 2:
        return []
    held = pd.DataFrame(answer.ladder.by_month)[names].cumsum(axis="columns").max()
    words = [f"ladder: {held[names[0]]:,} {names[0]}", *(f"with {name}: up to {held[name]:,}" for name in names[1:])]
    layer = alt.Chart(pd.DataFrame({"share": [0.0] * len(names), "units": held.to_numpy(), "words": words}))
    rule = layer.mark_rule(color=theme.RANGE, strokeWidth=1.2).encode(y=y)
    return [rule, *_text(layer, x, y, align="left", dx=5, dy=-7)]


def _text(layer: Any, x: Any, y: Any, **look: Any) -> list[Any]:
    """Words with the ground around them cleared."""
    return [
        layer.mark_text(fontSize=10.5, **look, **more).encode(x=x, y=y, text="words:N")
        for more in ({"stroke": "white", "strokeWidth": 3}, {"color": "#222"})
    ]


def _needed(answer: Provisioned, peak: int, x: Any, y: Any) -> list[Any]:
    """The part of minutes in which a unit must be used to pay, where the curve says how many to buy."""
    needed = answer.needed_utilization(base(answer.cheapest.price_per_unit_month))
    if needed is None or needed > 1:
        return []
    plain = answer.break_even_utilization
    priced = "" if plain is not None and abs(plain - needed) < _ALIKE else "refusals priced, "
    words = f"{priced}a unit pays when used {formats.percent(needed, 0)} of the time"
    rows = pd.DataFrame({"share": [needed], "units": [0.72 * peak], "words": [words]})
    layer = alt.Chart(rows)
    rule = layer.mark_rule(color=theme.RANGE, strokeWidth=1.4, strokeDash=[2, 2]).encode(x=x)
    return [rule, *_text(layer, x, y, align="right", dx=-6)]


def _duration_message(answer: Provisioned) -> str:
    bought, share, use = answer.optimal_units, answer.spill_share, answer.utilization
    if bought and share is not None and use is not None:
        return (
            f"{bought:,} units serve {formats.percent(1 - share, 0)} of the tokens and are used "
            f"{formats.percent(use, 0)}; the peak would need {answer.peak_sized_units:,}"
        )
    return "No unit is used often enough to pay for itself"


def units_chart(answer: Provisioned) -> Any:
    """Draw what every number of units costs on every term, the optimum, and the premium of the peak-sized choice."""
    if answer.curve is None:
        raise InputError(f"there is no cost of units to draw: {NO_MINUTES}")
    currency, best = answer.currency, answer.optimal_cost or 0.0
    payg, peak = answer.payg_cost or 0.0, answer.peak_sized_cost or 0.0
    highest = _COST_SHOWN * max(payg, peak)
    size, _ = formats.scale_of(highest)
    table = answer.to_frame()
    shown = table[table["cost_per_month"] <= highest]
    step = max(1, len(answer.curve.units) // _POINTS)
    keep = shown.groupby("term").cumcount().mod(step).eq(0) | shown["is_optimum"] | shown["is_peak"]
    data = shown.loc[keep, ["term", "units", "cost_per_month"]].assign(cost=lambda rows: rows["cost_per_month"] / size)
    data = data[["term", "units", "cost"]]
    labels = data.groupby("term", sort=False).tail(1).assign(words=lambda rows: rows["term"])
    unit = formats.unit_of(highest, currency)
    x = alt.X("units:Q", title="units bought", axis=alt.Axis(tickCount=8))
    y = alt.Y("cost:Q", title=f"{unit}/month", scale=alt.Scale(domain=[0, highest / size]))
    tips = ["term:N", alt.Tooltip("units:Q", format=","), alt.Tooltip("cost:Q", title=unit, format=",.3~f")]
    lines = alt.Chart(data).mark_line(color=theme.ACTUAL, strokeWidth=1.4)
    dashes = alt.StrokeDash("term:N", legend=None, sort=[term.name for term in answer.inputs.terms])
    middle = 0.6 * answer.curve.units[-1]
    words = "all pay-as-you-go, refusals priced" if answer.inputs.is_refusal_priced else "all pay-as-you-go"
    level = pd.DataFrame({"units": [middle], "cost": [payg / size], "words": [words]})
    flat = alt.Chart(level)
    layers = [
        flat.mark_rule(color=theme.PREVIOUS, strokeWidth=1.2).encode(y=y),
        *_text(flat, x, y, align="center", dy=9),
        lines.encode(x=x, y=y, strokeDash=dashes, tooltip=tips),
        *_text(alt.Chart(labels), x, y, align="right", dx=-8, dy=-4),
        *_premium(answer, size, x, y),
    ]
    return theme.styled(
        alt.layer(*layers),
        title=_units_message(answer, best, peak),
        subtitle=f"Units and what spills, {unit} a month, a line a term (dot: cheapest; red: premium of the peak)",
        height=190,
    )


def _premium(answer: Provisioned, size: float, x: Any, y: Any) -> list[Any]:
    """The cheapest number, the peak-sized one, and the distance between their costs in red."""
    best, peak = (answer.optimal_cost or 0.0) / size, (answer.peak_sized_cost or 0.0) / size
    premium = peak - best
    least = pd.DataFrame({"units": [answer.optimal_units or 0], "cost": [best]})
    span = pd.DataFrame({"units": [answer.peak_sized_units], "cost": [best], "top": [peak]})
    words = f"+{formats.significant(premium)}"
    middle = span.assign(cost=(best + peak) / 2, words=words)
    dots = [
        alt.Chart(least).mark_point(color=theme.GOOD, filled=True, size=90, opacity=1).encode(x=x, y=y),
        alt.Chart(span).mark_rule(color=theme.BAD, strokeWidth=3).encode(x=x, y=y, y2="top:Q"),
    ]
    return [*dots, *_text(alt.Chart(middle), x, y, align="right", dx=-7)] if premium > 0 else dots[:1]


def _units_message(answer: Provisioned, best: float, peak: float) -> str:
    currency = answer.currency
    if not answer.payg_cost:
        return "Nothing is demanded and nothing costs anything"
    what = f"{answer.optimal_units:,} units are" if answer.optimal_units else "No unit at all is"
    if peak <= best:
        return f"{what} cheapest, at {formats.money(best, currency)} a month"
    return f"{what} cheapest; sizing to the peak costs {formats.money(peak - best, currency)} a month more"


def break_even_chart(answer: Provisioned) -> Any:
    """Draw how much of the time a unit of each term must be used to pay, against how much units here would be."""
    used = _used(answer)
    if not answer.unit_worth or used.empty:
        raise InputError("there is no utilisation to hold the terms against")
    shares = [base(term.price_per_unit_month) / answer.unit_worth for term in answer.inputs.terms]
    data = pd.DataFrame(
        {
            "name": [term.name for term in answer.inputs.terms],
            "share": shares,
            "words": [formats.percent(share, 0) for share in shares],
        }
    )
    lowest = float(used["share"].max())
    data["look"] = ["pays" if share <= lowest else "never" for share in data["share"]]
    x = alt.X("share:Q", title="utilisation", axis=_PERCENT, scale=alt.Scale(domainMin=0))
    bands = alt.Scale(paddingOuter=0.75)  # room for the words of the rules
    y = alt.Y("name:N", sort=list(data["name"]), title=None, scale=bands, axis=alt.Axis(ticks=False, domain=False))
    bars = alt.Chart(data).encode(x=x, y=y)
    rules = alt.Chart(used)
    words = alt.Y("place:Q", axis=None, scale=alt.Scale(domain=[0, 1]))
    layers = [
        bars.transform_filter("datum.look == 'pays'").mark_bar(color=theme.GOOD, height={"band": 0.5}),
        bars.transform_filter("datum.look == 'never'").mark_bar(color=theme.BAD, height={"band": 0.5}),
        bars.mark_text(align="left", dx=5, fontSize=10.5, color="#222").encode(text="words:N"),
        rules.mark_rule(color=theme.ACTUAL, strokeWidth=1.4, strokeDash=[4, 3]).encode(x=x),
    ]
    marks = [layer.encode(y=words) for layer in _text(rules, x, words, align="left", dx=5, baseline="top")]
    chart = alt.layer(alt.layer(*layers), *marks).resolve_scale(y="independent")
    pays = list(data.loc[data["look"] == "pays", "name"])
    title = "No term breaks even at the use that units would have"
    if pays:
        title = f"Used {formats.percent(lowest, 0)}, a unit by {_listed(pays)} costs less than pay-as-you-go"
    return theme.styled(
        chart,
        title=title,
        subtitle="Utilisation from which a unit costs less than pay-as-you-go (green: reached; red: not; dashed: ours)",
        height=34 * len(data) + 40,
    )


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def _used(answer: Provisioned) -> pd.DataFrame:
    """Utilisation of the units at the optimum, or of the fewest that are sold, and of the peak-sized ones."""
    if answer.curve is None or answer.curve.peak == 0:
        return pd.DataFrame({"share": []})
    table = answer.to_frame().drop_duplicates("units").query("units > 0")
    first = table[table["units"] == (answer.optimal_units or table["units"].iloc[0])].iloc[0]
    peak = table.iloc[-1]
    rows = [first] if first["units"] == peak["units"] else [first, peak]
    return pd.DataFrame(
        {
            "share": [row["utilization"] for row in rows],
            "place": [1.0] * len(rows),
            "words": [f"{row['units']:,} units: {formats.percent(row['utilization'], 0)}" for row in rows],
        }
    )


def resamples_chart(answer: Provisioned) -> Any:
    """Draw how often each number of units was the cheapest in months made of the days that were seen."""
    if answer.confidence is None or answer.term is None:
        raise InputError("there are no resampled months to draw")
    units, counts = np.unique(answer.confidence.units, return_counts=True)
    data = pd.DataFrame({"units": units, "share": counts / counts.sum()})
    low, high = answer.confidence.units_range
    ours = pd.DataFrame({"units": [answer.optimal_units], "share": [data["share"].max()], "words": ["answer"]})
    x = alt.X("units:Q", title="cheapest number of units", scale=alt.Scale(zero=False, padding=20))
    y = alt.Y("share:Q", title="resampled months", axis=alt.Axis(format="%", tickCount=4))
    tips = [alt.Tooltip("units:Q", format=","), alt.Tooltip("share:Q", format=".1%")]
    bars = alt.Chart(data).mark_bar(color=theme.BAND_80, size=max(2, min(18, 500 // len(data))))
    rule = alt.Chart(ours).mark_rule(color=theme.ACTUAL, strokeWidth=1.4, strokeDash=[4, 3])
    price = base(answer.term.price_per_unit_month)
    return theme.styled(
        alt.layer(
            bars.encode(x=x, y=y, tooltip=tips),
            rule.encode(x=x),
            *_text(alt.Chart(ours), x, y, align="left", dx=5, dy=-2),
        ),
        title=f"Eight of ten resampled months would buy {f'{low:,}' if low == high else f'{low:,} to {high:,}'} units",
        subtitle=f"{len(answer.confidence.units):,} months of {answer.confidence.month_days} days seen, "
        f"{answer.term.name} at {formats.significant(price)} {answer.currency} a unit",
        height=150,
    )
