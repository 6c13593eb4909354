"""Pictures of tiering: cost against quality, the way from the baseline lever by lever, the saving over the draws."""

from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from aiecon.charts import formats, theme
from aiecon.models.tiering import Tiering

THOUSAND = 1_000
DOTS = 50  # of the saving; each stands for one future in fifty
CLAIM = (0.6, 0.8)  # what is claimed of 70, 20 and 10 % (S3-69)
_BINS = 36
_WIDE_LABELS = 240
_BAR = 34  # height of a bar with its gap [px]


def unit_of(answer: Tiering) -> str:
    """What the page's costs are of: '1,000 accepted answers', or requests where success is not known."""
    return f"{THOUSAND:,} {'accepted answers' if answer.inputs.has_success else 'requests'}"


def shares_words(shares: dict[str, float]) -> str:
    """Shares by name, those of nothing left out: '70 % economy, 30 % premium', 'all economy'."""
    used = [name for name, share in shares.items() if share]
    if len(used) == 1:
        return f"all {used[0]}"
    return ", ".join(f"{formats.percent(share, 0)} {name}" for name, share in shares.items() if share)


def cost_of(answer: Tiering, shares: dict[str, float]) -> float:
    """Cost of a mix, of as many as `unit_of` says. [currency]"""
    cost, review, success = (float(part[0]) for part in answer.case.of_mix(shares))
    return THOUSAND * ((cost + review) / success if answer.inputs.has_success else cost)


def tiering_chart(answer: Tiering) -> Any:
    """Draw cost against quality: single attempts, tiers entered, the frontier, our mix and the best; else bars."""
    if not answer.inputs.has_success or answer.saving_share is None:
        return _bars(answer)
    points = _points(answer)
    unit = f"{answer.currency} per {unit_of(answer)}"
    domain = _domain(points["success"])
    x = alt.X(
        "success:Q",
        title="requests accepted in the end",
        axis=alt.Axis(format="%", tickCount=6),
        scale=alt.Scale(domain=domain, nice=False),
    )
    top = 1.12 * float(points["cost"].max())
    y = alt.Y("cost:Q", title=unit, scale=alt.Scale(domain=[0, top], nice=False), axis=alt.Axis(tickCount=5))
    layers = [*_edges(answer, x, y), *_rule(answer, domain)]
    for look, marks in _LOOKS.items():
        part = alt.Chart(points[points["look"] == look])
        tips = ["label:N", alt.Tooltip("success:Q", format=".1%"), alt.Tooltip("cost:Q", format=",.3~f", title=unit)]
        layers.append(part.mark_point(opacity=1, **marks).encode(x=x, y=y, tooltip=tips))
    for (left, up), part in points.groupby(["left", "up"]):
        side: dict[str, Any] = {"align": "right", "dx": -9} if left else {"align": "left", "dx": 9}
        side["dy"] = -10 if up else 4
        for ink in ({"stroke": "white", "strokeWidth": 3}, {"color": "#222"}):  # the first clears the ground
            side |= {"stroke": None, "strokeWidth": 0} | ink
            text = alt.Chart(part).mark_text(fontSize=10.5, **side)
            layers.append(text.encode(x=x, y=y, text="label:N"))
    return theme.styled(
        alt.layer(*layers),
        title=_frontier_message(answer),
        subtitle=f"{unit}, review included, over requests accepted (ring: no escalation; dot: entered "
        "there and escalated; square: baseline)",
        height=270,
        width=600,
    )


_LOOKS: dict[str, dict[str, Any]] = {
    "alone": {"filled": False, "shape": "circle", "size": 60, "color": theme.ACTUAL, "fill": theme.PAPER},
    "entered": {"filled": True, "shape": "circle", "size": 60, "color": theme.ACTUAL},
    "baseline": {"filled": False, "shape": "square", "size": 150, "color": theme.ACTUAL, "fill": "transparent"},
    "mix": {"filled": True, "shape": "circle", "size": 130, "color": theme.RANGE},
    "best": {"filled": True, "shape": "diamond", "size": 130, "color": theme.GOOD},
}


def _points(answer: Tiering) -> pd.DataFrame:
    """Every point with its label, its look and the side its label stands on."""
    rows = []
    for name in answer.inputs.names:
        cost, review, success = answer.alone(name)
        if success > 0:
            rows.append([f"{name} alone", "alone", success, THOUSAND * (cost + review) / success])
    single = {name for name in answer.inputs.names if len(answer.case.chain(name)) == 1}
    best = [name for name, share in (answer.best_mix or {}).items() if share > 1 - 1e-9]
    for name in answer.inputs.names:
        cost, review, success = answer.all_at(name)
        if name not in {*single, *best} and success > 0:
            rows.append([f"{name} first", "entered", success, THOUSAND * (cost + review) / success])
    against = answer.baseline_cost_per_accepted
    assert against is not None  # the chart is drawn where there is a saving
    rows.append(["baseline", "baseline", float(answer.case.baseline[2][0]), THOUSAND * against])
    rows.append([f"the mix: {shares_words(answer.shares)}", "mix", answer.success_rate, cost_of(answer, answer.shares)])
    if answer.best_mix is not None and answer.best_plan is not None:
        success = float(answer.case.of_mix(answer.best_plan)[2][0])
        rows.append([f"best: {shares_words(answer.best_mix)}", "best", success, cost_of(answer, answer.best_plan)])
    points = pd.DataFrame(rows, columns=["label", "look", "success", "cost"])
    low, high = _domain(points["success"])
    return points.assign(left=points["success"] > (low + high) / 2, up=points["look"] == "baseline")


def _domain(reached: pd.Series) -> list[float]:
    low, high = float(reached.min()), float(reached.max())
    room = max(0.03, 0.1 * (high - low))
    return [max(0.0, low - room), min(1.0, high + room / 2)]


def _edges(answer: Tiering, x: Any, y: Any) -> list[Any]:
    """The frontier without escalation dashed, with escalation solid; a single point is none."""
    found = []
    for frame, dash, width in ((answer.direct_frontier(), [4, 3], 1.2), (answer.frontier(), [1, 0], 1.8)):
        if len(frame) > 1:
            data = pd.DataFrame({"success": frame["success_rate"], "cost": THOUSAND * frame["cost"]})
            line = alt.Chart(data).mark_line(color=theme.RANGE, strokeDash=dash, strokeWidth=width)
            found.append(line.encode(x=x, y=y, order="success:Q"))
    return found


def _rule(answer: Tiering, domain: list[float]) -> list[Any]:
    wanted = answer.inputs.minimum_success_rate
    if wanted is None or not domain[0] <= wanted <= domain[1]:
        return []
    line = alt.Chart(pd.DataFrame({"success": [wanted], "label": [f"at least {formats.exact_percent(wanted)}"]}))
    return [
        line.mark_rule(color=theme.PREVIOUS, strokeDash=[2, 3]).encode(x="success:Q"),
        line.mark_text(align="right", dx=-4, dy=-6, fontSize=10, color="#555", baseline="bottom").encode(
            x="success:Q", y=alt.value(268), text="label:N"
        ),
    ]


def _frontier_message(answer: Tiering) -> str:
    if answer.best_mix is None or answer.best_plan is None:
        return "No mix reaches what is asked"
    cost, now = cost_of(answer, answer.best_plan), cost_of(answer, answer.shares)
    entered = f"Entered {shares_words(answer.best_mix)}".replace("Entered all", "Entered all at")
    if answer.missed:
        return f"The mix asked about misses a limit; {entered[0].lower()}{entered[1:]}: {formats.significant(cost)}"
    best = f"{entered}: {formats.significant(cost)} {answer.currency} instead of"
    return (
        f"{best} {formats.significant(now)} for the mix asked about"
        if cost < now * (1 - 1e-9)
        else ("No mix is cheaper than the one asked about")
    )


def _bars(answer: Tiering) -> Any:
    """Cost of a request at each tier, of the baseline and of the mixes, where success is not known."""
    rows = [[name, "tier", THOUSAND * answer.all_at(name)[0]] for name in answer.inputs.names]
    rows.append(["baseline", "tier", THOUSAND * answer.baseline_cost_per_request])
    rows.append(["the mix", "mix", THOUSAND * answer.cost_per_request])
    data = pd.DataFrame(rows, columns=["step", "look", "cost"])
    data["label"] = data["cost"].map(formats.significant)
    unit = f"{answer.currency} per {THOUSAND:,} requests"
    base = alt.Chart(data).encode(
        y=alt.Y("step:N", sort=None, title=None, axis=alt.Axis(labelLimit=_WIDE_LABELS, ticks=False, domain=False)),
        x=alt.X("cost:Q", title=unit, axis=alt.Axis(tickCount=6)),
    )
    colour = alt.condition("datum.look == 'mix'", alt.value(theme.RANGE), alt.value(theme.PREVIOUS))
    layers = [
        base.mark_bar(height={"band": 0.6}).encode(color=colour),
        base.mark_text(align="left", dx=5, fontSize=10.5, color="#222").encode(text="label:N"),
    ]
    saved = answer.saving_share
    said = "The baseline costs nothing" if saved is None else f"The mix saves {formats.percent(saved, 0)} of a request"
    note = f"{unit}, whatever the answers are worth: no success rate is given"
    return theme.styled(alt.layer(*layers), title=said, subtitle=note, height=_BAR * len(data), width=470)


def saving_bridge_chart(answer: Tiering) -> Any:
    """Draw the way from the baseline to the mix: routing, batches and each lever, in effects that close exactly."""
    rows = answer.bridge
    ends = (rows["kind"] != "change").to_numpy()
    data = pd.DataFrame(
        {
            "step": rows["step"],
            "order": range(len(rows)),
            "from": THOUSAND * (rows["total"] - rows["amount"]).where(~ends, 0.0),
            "to": THOUSAND * rows["total"],
            "change": THOUSAND * rows["amount"],
        }
    )
    data["look"] = rows["kind"].where(ends, data["change"].map(lambda amount: "more" if amount > 0 else "less"))
    data["edge"] = data[["from", "to"]].max(axis=1)
    data["label"] = [
        formats.significant(row["to"])
        if row["look"] in ("start", "end")
        else ("+" if row["change"] > 0 else "") + formats.significant(row["change"])
        for row in data.to_dict("records")
    ]
    unit = f"{answer.currency} per {unit_of(answer)}"
    axis = alt.Axis(labelLimit=_WIDE_LABELS, ticks=False, domain=False)
    base = alt.Chart(data).encode(
        y=alt.Y("step:N", sort=alt.SortField("order"), title=None, axis=axis),
        tooltip=["step:N", alt.Tooltip("change:Q", format="+,.3~f", title=unit)],
    )
    bars = base.encode(x=alt.X("from:Q", title=unit, axis=alt.Axis(tickCount=6)), x2="to:Q")
    colours = {"start": theme.PREVIOUS, "end": theme.RANGE, "more": theme.BAD, "less": theme.GOOD}
    layers = [
        bars.transform_filter(f"datum.look == '{look}'").mark_bar(height={"band": 0.6}, color=colour)
        for look, colour in colours.items()
    ]
    layers.append(base.mark_text(align="left", dx=5, fontSize=10.5, color="#222").encode(x="edge:Q", text="label:N"))
    return theme.styled(
        alt.layer(*layers),
        title=_bridge_message(rows),
        subtitle=f"{unit} (grey: baseline; blue: the mix; green: less; red: more; effects whatever their order)",
        height=_BAR * len(rows),
        width=430,
    )


def _bridge_message(rows: pd.DataFrame) -> str:
    saved = float(rows["amount"].iloc[0] - rows["amount"].iloc[-1])
    steps = rows[rows["kind"] == "change"]
    if saved <= 0:
        return "The mix costs as much as the baseline, or more"
    largest = steps.loc[steps["amount"].idxmin()]
    part = formats.percent(-largest["amount"] / saved, 0)
    return f"{part} of the saving is from {str(largest['step'])[0].lower()}{str(largest['step'])[1:]}"


def saving_draws_chart(answer: Tiering) -> Any:
    """Draw the saving of the mix over the draws as quantile dots, beside what is claimed of 70, 20 and 10 %."""
    savings = np.quantile(answer.drawn_savings, (np.arange(DOTS) + 0.5) / DOTS)
    claimed = CLAIM if _is_dearest(answer) else ()
    low, high = min(float(savings[0]), 0.0), max(float(savings[-1]), *claimed, 0.05)
    width = (high - low) / _BINS
    bins = np.floor((savings - low) / width)
    place = [int((bins[:dot] == bins[dot]).sum()) for dot in range(DOTS)]
    dots = pd.DataFrame({"saving": low + (bins + 0.5) * width, "place": np.array(place) + 0.5})
    x = alt.X("saving:Q", title="saving on the baseline", axis=alt.Axis(format="%", tickCount=9))
    y = alt.Y("place:Q", axis=None, scale=alt.Scale(domain=[0, max(8.0, max(place) + 2.0)]))
    claim = pd.DataFrame({"saving": claimed[:1], "end": claimed[1:], "label": ["claimed of 70/20/10"][: len(claimed)]})
    base = pd.DataFrame({"saving": [answer.saving_share or 0.0]})
    zero = pd.DataFrame({"saving": [0.0]})
    band = alt.Chart(claim)
    layers = [
        band.mark_rect(color=theme.BAND_95, opacity=0.6).encode(x=x, x2="end:Q"),
        band.mark_text(align="left", dx=4, fontSize=10.5, color="#444").encode(x=x, y=alt.value(10), text="label:N"),
    ]
    layers = [
        *(layers if claimed else []),
        alt.Chart(zero).mark_rule(color=theme.PREVIOUS).encode(x=x),
        alt.Chart(base).mark_rule(color=theme.ACTUAL, strokeDash=[5, 3]).encode(x=x),
        alt.Chart(dots).mark_point(filled=True, size=75, color=theme.RANGE, opacity=1).encode(x=x, y=y),
    ]
    return theme.styled(
        alt.layer(*layers),
        title=_draws_message(answer),
        subtitle=f"Saving of the mix per {unit_of(answer)[6:-1]}: each dot is one in {DOTS} of "
        f"{len(answer.drawn_savings):,} draws (dashed: base case{'; band: the claim' if claimed else ''})",
        height=150,
        width=600,
    )


def _is_dearest(answer: Tiering) -> bool:
    """Whether the baseline is all on the dearest tier, what the claim is made of."""
    plain = {tier.name: float(answer.case.plain(tier)[0]) for tier in answer.inputs.tiers}
    return answer.case.baseline_shares.get(max(plain, key=lambda name: plain[name])) == 1.0


def _draws_message(answer: Tiering) -> str:
    sure = answer.saves_probability
    if sure is None:
        return "There is no baseline to save on"
    low, high = answer.saving_range
    ends = f"{formats.percent(low, 0)} and {formats.percent(high, 0)}"
    return f"Eight draws in ten save between {ends}; {'all' if sure == 1 else formats.probability(sure)} save"
