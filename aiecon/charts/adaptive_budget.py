"""Pictures of the adaptive budget: envelope against actual and expected spend, gates and escalations, policies."""

from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from aiecon.charts import formats, theme
from aiecon.models.adaptive_budget import AdaptiveBudget

_MONTHS_SHOWN = 12  # of the past
_ROW = 22  # height of a line of the table of gates [px]
_CELL = 76  # width of a month in it, "+400 % C-suite" [px]
_LINE = 16 / 230  # height of a label over that of the picture of policies
_WIDE_LABELS = 240
_SEEN = 0.005  # of a budget; a smaller change is none in whole per cent
LEVELS = {"vice_president": "VP", "c_suite": "C-suite"}
GATES = {"passed": "✓", "held": "held", "failed": "failed"}
_LOOKS = {
    "within": theme.PAPER,
    "over": theme.BAND_95,
    "vice_president": "#e3a79b",
    "c_suite": theme.BAD,
    "passed": "#dcebe2",
    "held": "#efe6cc",
    "failed": "#efcdc6",
    "between": theme.PAPER,
}


def adaptive_budget_chart(answer: AdaptiveBudget) -> Any:
    """Draw all pools together: actual months solid, expected ones hatched with their 80 % range, budgets outlined."""
    course = answer.course().tail(_MONTHS_SHOWN + len(answer.months))
    columns = ["spend", "budget", "p10", "p50", "p90", "p2_5", "p97_5"]
    largest = float(course[columns].max().max())
    size, _ = formats.scale_of(largest)
    unit = formats.unit_of(largest, answer.currency)
    data = course.assign(month=course["month"].dt.strftime("%Y-%m"), **{name: course[name] / size for name in columns})
    data = data.assign(shown=data["spend"].fillna(data["p50"]), top=data[["p97_5", "spend"]].max(axis=1))
    data["label"] = data["shown"].map(formats.significant)
    x = alt.X("month:O", title=None, axis=alt.Axis(labelAngle=-45 if len(data) > 8 else 0))
    tips = [alt.Tooltip("month:O"), *(alt.Tooltip(f"{name}:Q", format=",.3~f") for name in columns)]
    base = alt.Chart(data).encode(x=x, tooltip=tips)

    def at(name: str) -> Any:
        return alt.Y(f"{name}:Q", title=unit, scale=alt.Scale(zero=True), axis=alt.Axis(format="~s", tickCount=5))

    ahead = base.transform_filter("isValid(datum.p50)")
    layers = [
        base.transform_filter("isValid(datum.spend)")
        .mark_bar(color=theme.ACTUAL, width={"band": 0.6})
        .encode(y=at("spend")),
        ahead.mark_bar(fill=theme.hatch(), stroke=theme.FORECAST, strokeWidth=1, width={"band": 0.6}).encode(
            y=at("p50")
        ),
        base.transform_filter("isValid(datum.budget)")
        .mark_bar(fillOpacity=0, stroke=theme.BUDGET, strokeWidth=1.4, width={"band": 0.86})
        .encode(y=at("budget")),
        ahead.mark_rule(color=theme.BAND_80, strokeWidth=6).encode(y=at("p2_5"), y2="p97_5:Q"),
        ahead.mark_errorbar(
            color=theme.RANGE, thickness=2.2, ticks={"size": 10, "color": theme.RANGE, "thickness": 2.2}
        ).encode(y=at("p10"), y2="p90:Q"),
        *(
            base.mark_text(dy=-7, fontSize=10, **look).encode(y=at("top"), text="label:N")
            for look in ({"stroke": "white", "strokeWidth": 3}, {"color": "#222"})  # the first clears the ground
        ),
    ]
    return theme.styled(
        alt.layer(*layers),
        title=_message(answer),
        subtitle=f"Spend of all pools by month, {unit} (solid: actual; hatched: expected, with its 80 % range and, "
        "lighter, 95 %; outline: budget)",
        height=210,
    )


def _message(answer: AdaptiveBudget) -> str:
    gap, months = answer.total["p50"] - answer.total["budget"], months_of(answer)
    if round(gap) == 0:
        return f"{months} is expected to cost what the rules give"
    side = "above" if gap > 0 else "below"
    return f"{months} is expected {formats.money(abs(gap), answer.currency)} {side} what the rules give"


def months_of(answer: AdaptiveBudget) -> str:
    """The months ahead in words: "April to June 2026"."""
    first, last = answer.months[0], answer.months[-1]
    if first == last:
        return f"{first:%B %Y}"
    return f"{first:%B} to {last:%B %Y}" if first.year == last.year else f"{first:%B %Y} to {last:%B %Y}"


def gates_chart(answer: AdaptiveBudget) -> Any:
    """Draw a line for each pool: months over with who had to decide, months ahead with gate and change of budget."""
    data = _cells(answer)
    order = [f"{line.name} / {line.team}" for line in by_size(answer)]
    base = alt.Chart(data).encode(
        y=alt.Y("pool:N", sort=order, title=None, axis=alt.Axis(labelLimit=_WIDE_LABELS, ticks=False, domain=False)),
        x=alt.X("month:O", title=None, axis=alt.Axis(orient="top", labelAngle=0, ticks=False, domain=False)),
        tooltip=["pool:N", "month:O", "words:N", "reason:N"],
    )
    colour = alt.Color("look:N", legend=None, scale=alt.Scale(domain=list(_LOOKS), range=list(_LOOKS.values())))
    ink = alt.condition("datum.look == 'c_suite'", alt.value("white"), alt.value("#222"))
    layers = [
        base.mark_rect(stroke="#bbb", strokeWidth=0.6).encode(color=colour),
        base.mark_text(fontSize=10).encode(text="words:N", color=ink),
    ]
    return theme.styled(
        alt.layer(*layers),
        title=_gates_message(answer),
        subtitle="Months over: spend against budget, and who decides (VP: vice president); months ahead: gate at a "
        "review and change of budget (·: no review)",
        width=max(460, _CELL * data["month"].nunique()),
        height=max(3, len(answer.lines)) * _ROW,
    )


def by_size(answer: AdaptiveBudget) -> list[Any]:
    """Lines with the largest budget first."""
    return sorted(answer.lines, key=lambda line: (-line.moves[0].budget, line.team, line.name))


def _cells(answer: AdaptiveBudget) -> pd.DataFrame:
    rows = []
    levels = {(one["team"], one["pool"], one["month"]): one["level"] for one in answer.escalations}
    for line in by_size(answer):
        pool = f"{line.name} / {line.team}"
        for month, spend, budget in line.held[["month", "spend", "budget"]].tail(6).itertuples(index=False):
            level = levels.get((line.team, line.name, f"{month:%Y-%m}"))
            over = spend - budget
            words = _share(over, budget) + (f" {LEVELS[level]}" if level else "")
            look = level or ("over" if over > 0 else "within")
            rows.append({"pool": pool, "month": f"{month:%Y-%m}", "words": words, "look": look, "reason": "over"})
        before = line.in_force
        for month, move in zip(answer.months, line.moves, strict=True):
            change = f" {_share(move.budget - before, before)}" if abs(move.budget - before) > _SEEN * before else ""
            words = f"{GATES[move.gate]}{change}" if move.is_review else f"·{change}"
            look = move.gate if move.is_review else "between"
            rows.append({"pool": pool, "month": f"{month:%Y-%m}", "words": words, "look": look, "reason": move.reason})
            before = move.budget
    return pd.DataFrame(rows)


def _share(change: float, of: float) -> str:
    return formats.signed_percent(change / of, 0) if of else formats.signed(change)


def _gates_message(answer: AdaptiveBudget) -> str:
    gates, count = _held_back(answer), len(answer.escalations)
    if not count:
        return f"{gates}; no month was escalated"
    return f"{gates}; {count} {'month was' if count == 1 else 'months were'} escalated"


def _held_back(answer: AdaptiveBudget) -> str:
    if stopped := sum(line.is_held_back for line in answer.lines):
        return f"{stopped} of {len(answer.lines)} pools get no more: their gate is not passed"
    if any(line.moves[0].gate != "passed" for line in answer.lines):
        return "No gate holds a budget back"
    return "Every gate is passed"


def policies_chart(answer: AdaptiveBudget) -> Any:
    """Draw overspend against stranded money of ways to budget on the last year, and of other growth caps."""
    table = answer.comparison
    size, _ = formats.scale_of(float(table[["overspend", "stranded"]].max().max()))
    unit = formats.unit_of(float(table[["overspend", "stranded"]].max().max()), answer.currency)
    data = table.assign(overspend=table["overspend"] / size, stranded=table["stranded"] / size)
    agreed, tried = data[data["field"].isna()], data[data["field"] == "growth_cap"]
    agreed = agreed.assign(
        label=[policy_name(name) for name in agreed["policy"]], is_ours=agreed["policy"] == "adaptive"
    )
    agreed = agreed.assign(label_at=_apart(agreed["overspend"], line=_LINE * float(data["overspend"].max())))
    tried = tried.assign(label=[formats.percent(value, 0) for value in tried["tried"]])
    x = alt.X("stranded:Q", title=f"budgeted and not spent, {unit}", scale=alt.Scale(zero=True, nice=True))
    y = alt.Y("overspend:Q", title=f"over budget, {unit}", scale=alt.Scale(zero=True, nice=True))
    label_y = alt.Y("label_at:Q", title=f"over budget, {unit}", scale=alt.Scale(zero=True, nice=True))
    curve, points = alt.Chart(tried).encode(x=x, y=y), alt.Chart(agreed).encode(x=x, y=y)
    colour = alt.condition("datum.is_ours", alt.value(theme.RANGE), alt.value(theme.ACTUAL))
    layers = [
        curve.mark_line(color=theme.BAND_80, strokeWidth=1.6).encode(order="tried:Q"),
        curve.mark_point(color=theme.BAND_80, filled=True, size=35, opacity=1),
        curve.mark_text(dy=11, fontSize=9.5, color="#555").encode(text="label:N"),
        points.mark_point(filled=True, size=70, opacity=1).encode(color=colour),
        *(
            points.mark_text(align="left", dx=8, dy=-8, fontSize=11, **look).encode(text="label:N", y=label_y)
            for look in ({"stroke": "white", "strokeWidth": 3}, {"color": "#222"})
        ),
    ]
    return theme.styled(
        alt.layer(*layers),
        title=_policies_message(answer),
        subtitle=f"Sum over pools and months of the last year, {unit} (small: the rules with another growth cap)",
        width=500,
        height=230,
    )


def _apart(heights: pd.Series, *, line: float) -> pd.Series:
    """Where labels stand so that each is at least a line above the one below it; the lowest stays."""
    found, below = heights.astype(float).copy(), float("-inf")
    for place in np.argsort(heights.to_numpy(), kind="stable"):
        below = found.iloc[place] = max(heights.iloc[place], below + line)
    return found


def policy_name(policy: str) -> str:
    """A policy as a reader knows it."""
    return {
        "static": "static",
        "rolling": "rolling mean of three months",
        "run-rate": "last month's spend",
        "adaptive": "agreed rules",
    }[policy]


def _policies_message(answer: AdaptiveBudget) -> str:
    table = answer.comparison[answer.comparison["field"].isna()].set_index("policy")
    weighed = answer.inputs.short_to_long_cost * table["overspend"] + table["stranded"]
    static, ours = float(table["overspend"]["static"]), float(table["overspend"]["adaptive"])
    change = "as much as" if not static or np.isclose(static, ours) else f"{_than(ours, static)} than"
    best, said = str(weighed.idxmin()), f"Agreed rules overspend {change} a static budget"
    if np.isclose(weighed[best], weighed["adaptive"]):
        return f"{said}; weighed, nothing does better"
    return f"{said}; {'the static one' if best == 'static' else policy_name(best)} does best"


def _than(amount: float, other: float) -> str:
    return f"{formats.percent(abs(amount / other - 1), 0)} {'less' if amount < other else 'more'}"
