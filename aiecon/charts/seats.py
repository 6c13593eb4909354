"""Pictures of seats: who uses how much and has which plan, cost by number of seats, how uneven use is, signing."""

from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from aiecon.charts import formats, theme
from aiecon.charts.seat_words import count_of, has_everybody_anyway, people_of, seats_named
from aiecon.errors import InputError
from aiecon.models.seats import Seats

NO_SEAT = "API"
_COLOURS = (theme.RANGE, theme.ACTUAL, theme.BAND_80, theme.PREVIOUS, theme.GOOD, theme.BAD)
_BARS = 300  # groups of people drawn; a bar is then two pixels wide
_ROOM = 1.35  # of the tallest bar, so that the names of plans stand above the people
_LINE = 0.09  # distance of two lines of names, of the height
_RIGHT = 0.55  # of the width, from which on words are set to the left of their place
_GROUND = 0.2  # of the shade behind the people of a plan
_BELOW = 0.15  # of the height, kept free for the words below the cheapest
_WHOLE = 1e-6
_NEAR = 0.1  # of the width, within which two marks would lie on each other
_WORDS = 0.24  # of the width, that words at a mark take
_PLACES = (0.02, 0.27, 0.52, 0.76)  # of the width, where the words for API prices may begin
_OVER = 0.05  # of the height, from a line to the words over it
_AROUND = 1.3  # of the dearer of the two plain choices, where the picture of cost ends


def seats_chart(answer: Seats) -> Any:
    """Draw people by use, heaviest first, in the shade of the plan they get in the cheapest allocation."""
    data = _groups(answer)
    top = float(data["spend"].max()) or 1.0
    y_scale = alt.Scale(domain=[0, top * _ROOM], nice=False)
    x_scale = alt.Scale(domain=[0, answer.people.count], nice=False)
    x = alt.X("start:Q", title="people, heaviest first", scale=x_scale, axis=_wholes(answer.people.count))
    unit = f"{answer.currency} a month"
    y = alt.Y("spend:Q", title=unit, scale=y_scale, axis=alt.Axis(tickCount=5))
    shades = colours(answer)
    colour = alt.Color("plan:N", scale=alt.Scale(domain=list(shades), range=list(shades.values())), legend=None)
    tips = ["plan:N", alt.Tooltip("spend:Q", format=",.3~f", title=unit), alt.Tooltip("people:Q", format=",.3~f")]
    bars = alt.Chart(data.assign(floor=0.0)).mark_rect(strokeWidth=0)
    ground = alt.Chart(_runs(data).assign(spend=top * _ROOM, floor=0.0)).mark_rect(opacity=_GROUND, strokeWidth=0)
    layers = [part.encode(x=x, x2="end:Q", y=y, y2="floor:Q", color=colour, tooltip=tips) for part in (ground, bars)]
    layers += [*_names(answer, data, top, y)]
    return theme.styled(
        alt.layer(*layers),
        title=_who_message(answer),
        subtitle=f"Use of each person at API prices, {unit}, {people_of(answer.people.count)}"
        f"{' of a population' if answer.people.is_population else ''}, in the shade of the cheapest plan",
        height=230,
    )


def colours(answer: Seats) -> dict[str, str]:
    """The shade of every plan and of those without one."""
    return {
        **{plan.name: shade for plan, shade in zip(answer.inputs.plans, _COLOURS, strict=False)},
        NO_SEAT: theme.BAND_95,
    }


def _wholes(most: float) -> Any:
    """An axis of whole numbers up to the largest."""
    return alt.Axis(format=",d", tickCount=max(min(int(most), 8), 1))


def _groups(answer: Seats) -> pd.DataFrame:
    """Neighbours of one plan put together: start, end, people, spend (their mean), plan."""
    people, plan = answer.people, answer.allocation.plan
    names = np.array([*(one.name for one in answer.inputs.plans), NO_SEAT])
    bucket = np.floor(np.cumsum(people.weight) / people.count * _BARS * (1 - 1e-9)).astype(int)
    if len(plan) <= _BARS:
        bucket = np.arange(len(plan))
    run = np.cumsum((np.diff(plan, prepend=plan[0]) != 0) | (np.diff(bucket, prepend=bucket[0]) != 0))
    first = np.flatnonzero(np.diff(run, prepend=-1))
    weight = np.bincount(run, weights=people.weight)
    used = np.bincount(run, weights=people.weight * people.spend)
    end = np.cumsum(weight)
    spend = used / np.maximum(weight, 1e-300)
    return pd.DataFrame(
        {"start": end - weight, "end": end, "people": weight, "spend": spend, "plan": names[plan[first]]}
    )


def _runs(data: pd.DataFrame) -> pd.DataFrame:
    """Each stretch of people with the same plan."""
    run = (data["plan"] != data["plan"].shift()).cumsum()
    stretches = data.groupby(run, sort=False)
    return pd.DataFrame(
        {
            "plan": stretches["plan"].first(),
            "start": stretches["start"].min(),
            "end": stretches["end"].max(),
            "people": stretches["people"].sum(),
        }
    )


def _names(answer: Seats, data: pd.DataFrame, top: float, y: Any) -> list[Any]:
    """The plans' names over their people, each on a line of its own so that narrow ones are read too."""
    rows: list[dict[str, Any]] = []
    for plan, part in data.groupby("plan", sort=False):
        left, right = float(part["start"].min()), float(part["end"].max())
        is_right = left > _RIGHT * answer.people.count
        held = answer.allocation.holders.get(str(plan), float(part["people"].sum()))
        words = f"{'API prices' if plan == NO_SEAT else plan}: {count_of(held)}"
        height = top * _ROOM * (0.97 - _LINE * len(rows))
        rows.append({"at": right if is_right else left, "spend": height, "label": words, "is_right": is_right})
    layers = []
    for is_right, align in ((False, "left"), (True, "right")):
        part = pd.DataFrame([row for row in rows if row["is_right"] == is_right])
        if len(part):
            look: dict[str, Any] = {"align": align, "dx": -2 if is_right else 2}
            text = alt.Chart(part).mark_text(fontSize=11, color="#222", **look)
            layers.append(text.encode(x=alt.X("at:Q"), y=y, text="label:N"))
    return layers


def _who_message(answer: Seats) -> str:
    held, count = sum(answer.allocation.holders.values()), answer.people.count
    if held <= 0:
        return "Nobody's use is worth a seat"
    if has_everybody_anyway(answer, answer.allocation):
        return "Everybody has a seat, since the minimum is paid anyway"
    if held >= count * (1 - 1e-9):
        return "Everybody's use is worth a seat"
    return f"{count_of(held)} of {count_of(count)} people are cheaper with a seat"


def seat_cost_chart(answer: Seats) -> Any:
    """Draw cost by number of seats for each plan alone, and the cheapest allocation of all."""
    lines, limit = _cost_lines(answer)
    most = max(float(lines["seats"].max()), answer.allocation.total_seats, answer.people.count)
    size, _ = formats.scale_of(answer.allocation.cost)
    unit = f"{formats.unit_of(answer.allocation.cost, answer.currency)} a month"
    least = min(answer.allocation.cost, float(lines["cost"].min()))
    low = max(least - _BELOW * (limit - least), 0.0)
    scale = alt.Scale(domain=[low / size, limit / size], nice=False)
    lines = lines[lines["cost"] <= limit].assign(cost=lambda frame: frame["cost"] / size)
    wide = alt.Scale(domain=[0, most], nice=False)
    x = alt.X("seats:Q", title="seats bought", scale=wide, axis=_wholes(most))
    y = alt.Y("cost:Q", title=unit, scale=scale, axis=alt.Axis(tickCount=5))
    shades = colours(answer)
    colour = alt.Color("plan:N", scale=alt.Scale(domain=list(shades), range=list(shades.values())), legend=None)
    tips = ["plan:N", "seats:Q", alt.Tooltip("cost:Q", format=",.3~f", title=unit)]
    marks = _cost_marks(answer, lines, size, most)
    api = _api_words(answer.all_api_cost / size, lines, marks, most=most, height=(limit - low) / size)
    layers = [
        alt.Chart(api).mark_rule(color=theme.PREVIOUS, strokeDash=[2, 3]).encode(y=y),
        alt.Chart(lines).mark_line(strokeWidth=1.8).encode(x=x, y=y, color=colour, tooltip=tips),
        alt.Chart(marks).mark_point(size=60, filled=True, opacity=1, color=theme.ACTUAL).encode(x=x, y=y),
    ]
    layers += _labels(marks, x, y) + _inked(api, x, y, align="left", dy=-8)
    return theme.styled(
        alt.layer(*layers),
        title=_cost_message(answer),
        subtitle=f"Cost of all people, {unit}, by seats of one plan alone, held by the heaviest users (cut axis)",
        height=170,
    )


def _cost_lines(answer: Seats) -> tuple[pd.DataFrame, float]:
    """Cost by seats of each plan, from the minimum on, and where the picture ends."""
    frame = answer.cost_by_seats()
    least = {plan.name: plan.minimum_seats for plan in answer.inputs.plans}
    frame = frame[(frame["seats"] > 0) | (frame["plan"].map(least) <= 1)]
    return frame, max(answer.all_api_cost, answer.all_seats_cost, answer.allocation.cost, 1e-9) * _AROUND


def _cost_marks(answer: Seats, lines: pd.DataFrame, size: float, most: float) -> pd.DataFrame:
    """All at API prices, the most seats of each plan that the picture holds, and the cheapest."""
    bought, cost = answer.allocation.total_seats, answer.allocation.cost / size
    rows: list[dict[str, Any]] = [{"seats": 0.0, "cost": answer.all_api_cost / size, "label": ""}]
    for plan, part in lines[lines["seats"] > 0].groupby("plan", sort=False):
        last = part.loc[part["seats"].idxmax()]
        is_whole = abs(last["seats"] - answer.people.count) <= answer.people.count * 1e-9
        if last["seats"] != bought or abs(last["cost"] - cost) > _WHOLE * cost:
            label = f"all in {plan}" if is_whole else f"{plan} alone"
            rows.append({"seats": last["seats"], "cost": last["cost"], "label": label})
    if bought > 0:
        rows.append({"seats": bought, "cost": cost, "label": f"cheapest: {_counts(answer)}"})
    return pd.DataFrame(rows).assign(
        is_right=lambda marks: marks["seats"] > _RIGHT * most,
        is_below=lambda marks: marks["label"].str.startswith("cheapest"),
    )


def _counts(answer: Seats) -> str:
    """Seats bought: of one plan with its name, of several their numbers."""
    seats = answer.allocation.seats
    return seats_named(seats) if len(seats) == 1 else " + ".join(count_of(count) for count in seats.values())


def _api_words(cost: float, lines: pd.DataFrame, marks: pd.DataFrame, *, most: float, height: float) -> pd.DataFrame:
    """What everyone at API prices costs in words, over its line where it is farthest from other lines and words."""
    at = [*zip(lines["seats"] / most, lines["cost"], strict=True)]
    for mark in marks[marks["label"] != ""].to_dict("records"):
        away = (-2 if mark["is_below"] else 2) * _OVER * height
        side = -1 if mark["is_right"] else 1
        at += [(mark["seats"] / most + side * part * _WORDS, mark["cost"] + away) for part in (0.0, 0.5, 1.0)]

    def room(place: float) -> float:
        inside = [abs(y - cost - _OVER * height) for x, y in at if place - 0.02 <= x <= place + _WORDS]
        return min(inside, default=height)

    best = max(_PLACES, key=lambda place: round(min(room(place), 2 * _OVER * height), 9))
    return pd.DataFrame([{"seats": best * most, "cost": cost, "label": "all at API prices"}])


def _labels(marks: pd.DataFrame, x: Any, y: Any) -> list[Any]:
    """Words at marks: to the left of those on the right, below the lowest so that lines stay clear."""
    layers = []
    for (is_right, is_below), part in marks.groupby(["is_right", "is_below"]):
        look: dict[str, Any] = {
            "align": "right" if is_right else "left",
            "dx": 0 if is_right else 9,
            "dy": 15 if is_below else -20,
        }
        layers += _inked(part, x, y, **look)
    return layers


def _inked(words: pd.DataFrame, x: Any, y: Any, **look: Any) -> list[Any]:
    """Words on ground of their own: the first ink clears it."""
    inks: tuple[dict[str, Any], ...] = ({"stroke": "white", "strokeWidth": 3}, {"color": "#222"})
    return [alt.Chart(words).mark_text(fontSize=11, **ink, **look).encode(x=x, y=y, text="label:N") for ink in inks]


def _cost_message(answer: Seats) -> str:
    if answer.allocation.total_seats <= 0:
        return "No number of seats is cheaper than none"
    saved = min(answer.all_api_cost, answer.all_seats_cost) - answer.allocation.cost
    if saved <= 1e-9 * answer.allocation.cost:
        return "A seat for everyone is the cheapest"
    return f"The right seats save {formats.money(saved, answer.currency)} a month on the better plain choice"


def lorenz_chart(answer: Seats) -> Any:
    """Draw the Lorenz curve of use beside the line of equal use, with the heaviest tenth shaded."""
    top = answer.people.top_share(0.1)
    if top is None:
        raise InputError("usage: nobody uses anything, so there is no Lorenz curve")
    used, people = answer.people.lorenz()
    shown = np.unique(np.linspace(0, len(people) - 1, min(len(people), 400)).round().astype(int))
    curve = pd.DataFrame({"people": people[shown], "used": used[shown], "equal": people[shown]})
    edge = pd.DataFrame([{"people": 0.9, "used": 1 - top, "full": 1.0, "end": 1.0}])
    labels = pd.DataFrame(
        [
            {"people": 0.88, "used": 0.94, "label": f"heaviest tenth: {formats.percent(top, 0)} of use"},
            {"people": 0.36, "used": 0.44, "label": "equal use"},
        ]
    )
    share = alt.Axis(format="%", tickCount=5)
    x = alt.X("people:Q", title="people, lightest first", axis=share, scale=alt.Scale(domain=[0, 1]))
    y = alt.Y("used:Q", title="share of use", axis=share, scale=alt.Scale(domain=[0, 1]))
    layers = [
        alt.Chart(edge).mark_rect(color=theme.BAND_95).encode(x=x, x2="end:Q", y=y, y2="full:Q"),
        alt.Chart(curve).mark_line(color=theme.PREVIOUS, strokeDash=[4, 3]).encode(x=x, y=alt.Y("equal:Q")),
        alt.Chart(curve).mark_line(color=theme.RANGE, strokeWidth=1.8).encode(x=x, y=y),
        alt.Chart(labels).mark_text(align="right", fontSize=11, color="#222").encode(x=x, y=y, text="label:N"),
    ]
    return theme.styled(
        alt.layer(*layers),
        title=f"The heaviest tenth make {formats.percent(top, 0)} of all use",
        subtitle=f"Cumulated share of use at API prices by share of people (Gini {answer.people.gini:.2f})",
        height=170,
    )


def signing_chart(answer: Seats) -> Any:
    """Draw what holding each number of seats costs over the horizon: expected, 80 % range, the best marked."""
    if answer.signing is None or answer.inputs.future is None:
        raise InputError("future: none was given, so there is nothing to sign for")
    table = answer.signing.table
    size, _ = formats.scale_of(float(table["expected_cost"].min()))
    unit = formats.unit_of(float(table["expected_cost"].min()), answer.currency)
    data = table.assign(**{key: table[key] / size for key in ("expected_cost", "p10", "p90")})
    axis = _wholes(float(data["seats"].max()))
    x = alt.X("seats:Q", title=f"seats of {answer.signing.plan}{_beside(answer)}", axis=axis)

    low, high = float(data["p10"].min()), float(data["p90"].max())
    tall = alt.Scale(domain=[max(low - _BELOW * (high - low), 0.0), high], nice=True)

    def at(column: str) -> Any:
        return alt.Y(f"{column}:Q", title=unit, scale=tall, axis=alt.Axis(tickCount=5))

    tips = [
        "seats:Q",
        *(alt.Tooltip(f"{key}:Q", format=",.3~f") for key in ("expected_cost", "p10", "p90")),
        alt.Tooltip("loses_probability:Q", format=".0%", title="dearer than none of it"),
    ]
    least = next(plan.minimum_seats for plan in answer.inputs.plans if plan.name == answer.signing.plan)
    data = data.assign(is_apart=(data["seats"] == 0) & (least > 1))  # no number between none and the minimum is sold
    base, marks = alt.Chart(data).encode(x=x, detail="is_apart:N"), _signing_marks(answer, data)
    layers = [
        alt.Chart(marks).mark_rule(color=theme.BAND_95, strokeWidth=6).encode(x=x, y=at("p10"), y2="p90:Q"),
        base.mark_area(color=theme.BAND_95).encode(y=at("p10"), y2="p90:Q"),
        base.mark_line(color=theme.FORECAST, strokeDash=[5, 3], strokeWidth=1.6).encode(
            y=at("expected_cost"), tooltip=tips
        ),
        alt.Chart(marks)
        .mark_point(size=60, filled=True, opacity=1, color=theme.ACTUAL)
        .encode(x=x, y=at("expected_cost")),
    ]
    layers += _labels(marks, x, at("expected_cost"))
    return theme.styled(
        alt.layer(*layers),
        title=_signing_message(answer),
        subtitle=f"Cost of {answer.inputs.future.horizon_months} months, {unit} (dashed: expected; band: 80 %; cut "
        "axis), by seats held from the start and renewed",
        height=150,
    )


def _signing_marks(answer: Seats, data: pd.DataFrame) -> pd.DataFrame:
    """No seat, the best number, and all of them where that is another place in the picture."""
    assert answer.signing is not None
    best, most = answer.signing.best, int(data["seats"].max())
    rows: list[dict[str, Any]] = []
    is_cheaper = bool(data["expected_cost"].iloc[-1] < data["expected_cost"].iloc[0])
    for row in data[data["seats"].isin([0, best, most])].to_dict("records"):
        seats = int(row["seats"])
        if seats not in (0, best) and abs(seats - best) < _NEAR * most:
            continue
        chance = "none" if row["loses_probability"] == 0 else formats.probability(row["loses_probability"])
        said = f"{seats:,} {'seat' if seats == 1 else 'seats'}: dearer than none in {chance} of the futures"
        words = said if seats else "none"
        rows.append(
            {
                **row,
                "label": f"best, {words}" if seats == best else words,
                "is_right": seats > _RIGHT * most,
                "is_below": is_cheaper and seats in (0, best),
            }
        )
    return pd.DataFrame(rows)


def _signing_message(answer: Seats) -> str:
    assert answer.signing is not None
    best, table = answer.signing.best, answer.signing.table
    if best == 0:
        return f"Sign for no seat of {answer.signing.plan}: every number costs more on average"
    row = table[table["seats"] == best].iloc[0]
    saved = float(table["expected_cost"].iloc[0] - row["expected_cost"])
    less = formats.money(saved, answer.currency)
    seats = f"{seats_named({answer.signing.plan: best})} {'is' if best == 1 else 'are'}"
    return f"Held all months, {seats} the cheapest, by {less} against none"


def _beside(answer: Seats) -> str:
    """The other plans' seats, which stay as they are."""
    assert answer.signing is not None
    others = " + ".join(f"{count:,} {name}" for name, count in answer.signing.beside.items())
    return f" (beside {others})" if others else ""
