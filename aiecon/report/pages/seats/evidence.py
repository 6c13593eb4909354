"""How lasting use is, the shape of its tail, what a seat is said to be worth, the method and its limits."""

import numpy as np

from aiecon.charts.formats import full, percent, signed, signed_percent, significant
from aiecon.charts.seat_words import count_of
from aiecon.models.seats import Seats, UsageFit
from aiecon.models.seats.backtest import Backtest, backtest, stated_panel
from aiecon.models.seats.panel import panel
from aiecon.models.seats.people import People
from aiecon.report import blocks
from aiecon.report.blocks import Block
from aiecon.report.pages.seats.choices import Choice, plain_choices_of
from aiecon.vocabulary.distribution import base

_SAME = 1e-6


def persistence(answer: Seats) -> Block:
    """Whether last month or the expectation foresees who is heavy next month, month by month."""
    found = answer.persistence
    if found is None or found.backtest.gain is None:
        return blocks.nothing()
    table = found.backtest.table
    rows = [[f"{row['month']:%Y-%m}", *_foreseen(row)] for row in table.to_dict("records")]
    rows.append(["Mean", *_foreseen(table.drop(columns="month").mean().to_dict())])
    return blocks.table(
        f"Does this month's heavy user stay heavy? {answer.currency} a month",
        ["Month", "Error, last", "Error, expected", "Cost, last", "Cost, expected", "Hindsight", "Δ cost"],
        rows,
        note=_persistence_words(answer),
        bold=[len(rows) - 1],
        variance=6,
    )


def _foreseen(row: dict[str, float]) -> list[str]:
    return [
        *(significant(row[key]) for key in ("error_last", "error_expected")),
        *(full(row[key]) for key in ("cost_last", "cost_expected", "cost_best")),
        signed(row["cost_expected"] - row["cost_last"]),
    ]


def expectation(answer: Seats) -> Block:
    """What giving seats by expected use gains on last month's ranking: on these people, and on a made panel."""
    found = answer.persistence
    if found is None or found.backtest.gain is None:
        return blocks.nothing()
    made = stated_panel(min(base(plan.price_per_seat_month) for plan in answer.inputs.plans) or 1.0)
    on_made = backtest(made, answer.inputs.plans, fee=answer.fee, seed=answer.inputs.seed)
    rows = [
        ["These people", count_of(len(found.expected)), *_gained(found.backtest)],
        ["Made panel", count_of(len(made)), *_gained(on_made)],
    ]
    return blocks.table(
        f"What seats by expected use gain on last month's ranking, {answer.currency} a month",
        ["Panel", "People", "Months", "Cost, last", "Gain", "80 % range", "Gain, %"],
        rows,
        note="Range: people drawn anew (bootstrap), the months as they are. Made panel: a habit that lasts in part. "
        "Log use = log of the cheapest seat price + person (normal, sd 1) + drift (sd 0.8, correlation 0.3 from month "
        "to month); a tenth idle, 15 % of people dealt anew each month; for the plans above.",
    )


def _gained(one: Backtest) -> list[str]:
    assert one.gain is not None
    assert one.interval is not None
    low, high = one.interval
    last = float(one.table["cost_last"].mean())
    share = signed_percent(one.gain / last) if last and round(one.gain) else "–"
    return [str(len(one.table)), full(last), signed(one.gain), _between(low, high), share]


def _between(low: float, high: float) -> str:
    """Two signed ends in words; a dash where both are zero."""
    ends = [signed(end) if round(end) else "0" for end in (low, high)]
    return "–" if ends == ["0", "0"] else " to ".join(ends)


def plain_over(answer: Seats) -> Choice:
    """The cheapest plain choice, made once for all months of the back-test: its mean cost. [currency/month]"""
    found = answer.persistence
    assert found is not None
    frame = panel(answer.inputs.usage)
    assert frame is not None
    months = [frame[month].dropna().to_numpy() for month in found.backtest.table["month"]]
    by_name: dict[str, list[float]] = {}
    for spend in months:
        for choice in plain_choices_of(People(spend, np.ones(len(spend))), answer.inputs.plans, answer.fee):
            by_name.setdefault(choice.name, []).append(choice.cost)
    return min((Choice(name, float(np.mean(costs))) for name, costs in by_name.items()), key=lambda one: one.cost)


def _persistence_words(answer: Seats) -> str:
    found = answer.persistence
    assert found is not None
    plain, habit = plain_over(answer), found.habit
    return (
        f"{_gain_words(answer, found.backtest)} {plain.name} would have cost {full(plain.cost)} in these months. "
        "Error: mean distance a person between what was foreseen and what came. Each month is foreseen from those "
        "before it, for those there in it and in the month before. Expected: log use as a part of the person that "
        f"lasts (variance {habit.person:.2f}), one that keeps {habit.correlation:.2f} from month to month "
        f"({habit.drift:.2f}) and one of the month alone ({habit.month:.2f}), learnt from all (empirical Bayes); of "
        f"those who use something {percent(habit.stays, 0)} do so the month after, of those who do not "
        f"{percent(habit.returns, 0)}. About a person's own mean, for future.persistence and future.usage_sigma: "
        f"{found.autocorrelation:.2f} and {found.sigma:.2f}."
    )


def _gain_words(answer: Seats, test: Backtest) -> str:
    """Whether expectation gained on last month's ranking, and whether more than chance would."""
    assert test.gain is not None
    assert test.interval is not None
    low, high = test.interval
    amount = f"{significant(abs(test.gain))} {answer.currency} a month"
    between = f"80 % range of the gain {_between(low, high)}"
    if low > _SAME:
        return f"Seats by expected use saved {amount} on last month's ranking ({between})."
    if high < -_SAME:
        return f"Seats by expected use cost {amount} more than by last month's ranking ({between})."
    if abs(test.gain) <= _SAME:
        return "Seats by expected use and by last month's ranking cost the same."
    side = "less" if test.gain > 0 else "more"
    return f"Seats by expected use cost {amount} {side} than by last month's ranking, which chance may be ({between})."


def fit(answer: Seats) -> Block:
    """Which family describes the tail, how well, and how sure its parameters are."""
    if not answer.fit:
        return blocks.nothing()
    rows = [row for place, one in enumerate(answer.fit) for row in _parameters(one, is_best=place == 0)]
    none = answer.fit[0].zero_share
    return blocks.table(
        "The tail of use",
        ["Family", "Parameter", "Estimate", "80 % range", "Distance", "Score"],
        rows,
        text_columns=2,
        note=f"Fitted to those who use anything; {percent(none)} use nothing. Distance: the largest between the "
        "cumulated shares of people (Kolmogorov and Smirnov). Score: log likelihood less a charge for each parameter "
        "(Schwarz). Ranges by bootstrap over people. The allocation does not use the fit.",
    )


def _parameters(one: UsageFit, *, is_best: bool) -> list[list[str]]:
    """A row for each parameter of a family; its fit stands in the first."""
    rows = []
    for name, number in one.parameters.items():
        low, high = one.intervals[name]
        rows.append(
            ["", name.replace("_", " "), significant(number), f"{significant(low)} to {significant(high)}", "", ""]
        )
    rows[0][0] = f"{one.family} (best)" if is_best else one.family
    rows[0][4:] = [percent(one.distance), f"{one.score:,.0f}".replace("-", "−")]
    return rows


def value(answer: Seats) -> Block:
    """What a seat is said to be worth in work, apart from every cost; nothing where nobody stated it."""
    stated = answer.stated_value
    if stated is None:
        return blocks.nothing()
    row = answer.inputs.assumption_rows.get("value_per_seat_month")
    grade = f"{row['grade']}, {row['source']}" if row else "as given, without a source"
    each = base(answer.inputs.value_per_seat_month)  # type: ignore[arg-type]  # stated
    seats = count_of(answer.held_seats)
    words = (
        f"A seat is said to be worth {significant(each)} {answer.currency} of work a month ({grade}): {full(stated)} "
        f"{answer.currency} for {seats} seats that people hold. It is in no cost, threshold or verdict above, and it "
        "counts only as far "
        "as people would do without the tool, not as far as they would pay for it by the token."
    )
    return blocks.text("Value of a seat, apart from cost", [words])


def method(answer: Seats) -> Block:
    """How the figures were made, and what limits them."""
    how = (
        "Each person is in one plan or none. Sets of plans that could be bought, with minimum and volume price, are "
        "solved as programs over whole people, but for those whose bound is above the best so far (branch and bound); "
        "the cheapest is shown and the threshold follows from it."
    )
    if len(answer.inputs.plans) == 1:
        how = "Each person has a seat or none; every number of seats is tried, those who gain most from one first."
    fee = " Everyone without a seat pays the fee, those who use nothing too." if answer.fee else ""
    paragraphs = [
        f"{how} A pool is shared by the seats of its plan; use beyond it is paid at the overage price. Seats of a "
        "minimum bring their allowance, no other empty seat is bought.",
        "Limits: a person who gets a seat, or loses one, is taken to use as much as before; use at API prices is what "
        f"tokens would cost, not what a vendor's plan measures.{fee}",
        *_future_words(answer),
        *(f"{note}." for note in answer.notes),
    ]
    return blocks.text("Method and limits", paragraphs)


def _future_words(answer: Seats) -> list[str]:
    if answer.signing is None:
        return [f"How many seats to sign for is not said: {answer.why_unsigned}."]
    ramp = answer.inputs.future.adoption_months if answer.inputs.future else 0
    mean = "; a population is followed as its mean persons, equal parts of it" if answer.people.is_population else ""
    joins = f"; who joins reaches full use in {ramp} months" if ramp else ""
    return [
        f"Futures ({answer.signing.futures:,}): each person's {'expected ' if answer.persistence else ''}use × growth "
        f"× lognormal noise that lasts from month to month{joins}{mean}. Seats are added for those who join; at a "
        "renewal, every month for a plan by the month, who holds one is decided anew from the growth so far, and "
        "within a term none is cut. Mixes are the best bands of the ranking by the expected cost of the term, on a "
        f"grid of numbers at most {count_of(answer.signing.step)} apart."
    ]
