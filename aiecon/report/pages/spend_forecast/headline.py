"""The top of the forecast's page: the sentence, the figures beside it, what to decide and what would change it."""

import pandas as pd

from aiecon.charts.formats import (
    money,
    percent,
    probability,
    scale_of,
    signed_percent,
    significant,
)
from aiecon.ingestion.focus import NO_MODEL
from aiecon.models.spend_forecast import SpendForecast
from aiecon.report import blocks
from aiecon.report.blocks import Block
from aiecon.vocabulary.source import Source
from aiecon.vocabulary.spend import DIMENSIONS

ACT_FROM, WATCH_FROM = 0.5, 0.2  # probability of passing the budget from which a reader must act, or keep watch
_SAME_ORDER = 1e3  # scales (thousand, million) that one sentence can share
_WORTH_RELEASING = 0.01  # share of a budget from which it is worth giving back
_WORTH_SAYING = 0.005  # a change below so much of the whole moves nothing


def sentence(answer: SpendForecast) -> str:
    """The answer as one sentence with the figure and the verdict."""
    landing = answer.landing
    largest = landing["p50"]
    ends = f"{short(landing['p10'], largest)} to {short(landing['p90'], largest)}"
    verb = "will cost" if answer.budget is None or not answer.budget.spent else "will have cost"
    values = answer.forecast.history
    basis = f", from only {len(values)} {step_words(answer)} of history" if answer.is_short else ""
    only = f" ({filter_words(answer)} only)" if answer.inputs.where else ""
    said = f"{answer.period}{only} {verb} {money(largest, answer.currency)} (80 % range {ends}{basis})"
    if answer.budget is None:
        return f"{said}; {_no_budget(answer)}."
    budget = f"the budget of {budget_words(answer.budget.amount, largest)}"
    chance = answer.breach_probability or 0.0
    if chance < ACT_FROM:
        return f"{said}; {budget} holds with {probability(1 - chance)} probability."
    month = f", most likely in {pd.Timestamp(answer.breach_month):%B}" if answer.breach_month else ""
    return f"{said}; {budget} is passed with {probability(chance)} probability{month}."


def filter_words(answer: SpendForecast) -> str:
    """The charges that count, in words."""
    return " and ".join(f"{key} = {value}" for key, value in (answer.inputs.where or {}).items())


def _no_budget(answer: SpendForecast) -> str:
    if answer.inputs.budget is None:
        return "no budget was given to hold it against"
    return "it reaches the end of no month that has a budget"


def budget_words(amount: float, landing: float) -> str:
    """A budget on the scale of the spend it is held against, or on its own where it is a different order."""
    same = scale_of(amount)[0] * _SAME_ORDER >= scale_of(landing)[0]
    return money(amount, like=landing if same else None)


def step_words(answer: SpendForecast) -> str:
    """What a period is called."""
    return {"D": "days", "W": "weeks", "MS": "months"}[answer.forecast.calendar.frequency]


def short(amount: float, like: float) -> str:
    """An amount on the scale of another, without the scale's word."""
    return significant(amount / scale_of(like)[0])


def headline(answer: SpendForecast) -> Block:
    """The sentence with its verdict."""
    return blocks.headline(sentence(answer), verdict=verdict(answer), synthetic=is_synthetic(answer))


def verdict(answer: SpendForecast) -> str:
    """act, watch, fine, or open without a budget; a short history is never fine."""
    chance = answer.breach_probability
    if chance is None:
        return "open"
    return "act" if chance >= ACT_FROM else "watch" if chance >= WATCH_FROM or answer.is_short else "fine"


def is_synthetic(answer: SpendForecast) -> bool:
    """Whether the page shows the made-up sample company."""
    inputs = answer.inputs
    return any(isinstance(item, Source) and item.is_sample for item in (inputs.spend, inputs.file, inputs.budget))


def figures(answer: SpendForecast) -> Block:
    """Expected spend, range, budget and run rate, each with what it is compared to."""
    landing, currency = answer.landing, answer.currency
    before = answer.previous
    change = "no whole period before it to compare with"
    if before:
        of = (
            f"{signed_percent(landing['p50'] / before.amount - 1)} against" if before.amount > 0 else "nothing spent in"
        )
        change = f"{of} {before.label}"
    cards = [
        (
            f"Expected, {answer.period}",
            money(landing["p50"], currency),
            change,
        ),
        (
            "80 % range",
            f"{short(landing['p10'], landing['p50'])} to {money(landing['p90'], like=landing['p50'])}",
            _width(answer),
        ),
    ]
    if answer.budget is not None and answer.gap is not None:
        side = "above it" if answer.gap > 0 else "below it"
        gap = f"{money(abs(answer.gap), currency)} {side}" if answer.gap else "just that"
        cards.append(("Budget", money(answer.budget.amount, currency), f"expected {gap}"))
        cards.append(("Probability of passing it", probability(answer.breach_probability or 0.0), _when(answer)))
    else:
        cards.append(("Run rate", f"{money(answer.run_rate, currency)} a day", f"mean of {_window(answer)}"))
    return blocks.figures(cards)


def _width(answer: SpendForecast) -> str:
    landing = answer.landing
    if not landing["p50"]:
        return "nothing is expected"
    low, high = ((landing[end] - landing["p50"]) / abs(landing["p50"]) for end in ("p10", "p90"))
    return f"{signed_percent(low, 0)} to {signed_percent(high, 0)} around the expected"


def _when(answer: SpendForecast) -> str:
    if answer.breach_month is None:
        return "not passed in the expected course"
    return f"passed in {pd.Timestamp(answer.breach_month):%B %Y}, more likely than not"


def _window(answer: SpendForecast) -> str:
    """Over which the run rate is taken."""
    return "the last three months" if answer.forecast.calendar.frequency == "MS" else "the last four weeks"


def decision(answer: SpendForecast) -> Block:
    """What to decide, who, by when, and the break-even values that would change it."""
    what, by = _what(answer), _by(answer)
    return blocks.decision(what=what, who="budget owner with the finance partner", by=by, changes=_changes(answer))


def _what(answer: SpendForecast) -> str:
    currency, p50 = answer.currency, answer.landing["p50"]
    if answer.budget is None or answer.gap is None:
        return (
            f"Set a budget for {answer.period}: {money(p50, currency)} is passed in every second case, "
            f"{money(answer.landing['p90'], currency)} in one of ten."
        )
    safe = answer.landing["p90"] - answer.budget.amount
    if verdict(answer) == "act":
        return (
            f"Raise the {answer.budget.label} budget by {money(answer.gap, currency)} to meet the expected spend "
            f"({money(safe, currency)} to hold it in nine of ten cases), or hold spend at "
            f"{money(answer.budget_rate or 0.0, currency)} a day; {money(answer.expected_rate, currency)} is expected, "
            f"{money(answer.run_rate, currency)} was the mean of {_window(answer)}."
        )
    keep = f"Keep the {answer.budget.label} budget of {money(answer.budget.amount, currency)}"
    if safe > 0:
        return (
            f"{keep}; hold {money(safe, currency)} in reserve if it must not be passed in more than one of ten cases."
        )
    if answer.is_short:
        return f"{keep}; the history is too short to release any of it."
    if answer.inputs.where:
        return f"{keep}; charges that are not {filter_words(answer)} may need the rest of it."
    if -safe < _WORTH_RELEASING * answer.budget.amount:
        return f"{keep}."
    return f"{keep}; {money(-safe, currency)} of it can be released and still hold in nine of ten cases."


def _by(answer: SpendForecast) -> str:
    if answer.breach_month is None or verdict(answer) != "act":
        return f"the next month-end review, {(pd.Timestamp(answer.as_of) + pd.offsets.MonthEnd(1)):%Y-%m-%d}"
    eve = pd.Timestamp(answer.breach_month) - pd.Timedelta(days=1)
    day = max(eve, pd.Timestamp(answer.as_of) + pd.Timedelta(days=1))
    return f"{day:%Y-%m-%d}, before the month the budget is passed in"


def _changes(answer: SpendForecast) -> list[str]:
    """The values of what moves the figure most at which the answer turns."""
    currency = answer.currency
    ahead = answer.landing["p50"] - (answer.budget.spent if answer.budget else 0.0)
    if answer.budget is None or answer.gap is None or ahead <= 0:
        more = f"Ten per cent more volume over the whole period costs {money(0.1 * ahead, currency)} more."
        return [*([more] if ahead > 0 else []), *_largest_mover(answer)]
    needed = -answer.gap / ahead
    turn = f"Spend {signed_percent(needed)} from the expected in all remaining periods lands exactly on budget."
    return [turn, *_price_turn(answer, needed), *_largest_mover(answer)]


def _price_turn(answer: SpendForecast, needed: float) -> list[str]:
    """The price change of the dearest model that would do the same."""
    models = answer.quarter_by("x_ModelId")
    if needed >= 0 or models is None or models["now"].sum() <= 0:
        return []
    named = models[models["item"] != NO_MODEL]
    if named.empty or named["now"].iloc[0] <= 0:
        return []
    top = named.iloc[0]
    share = top["now"] / models["now"].sum()
    if needed / share <= -1:
        return [f"No price cut of {top['item']}, {percent(share, 0)} of the bill, would do it alone."]
    return [
        f"A price of {top['item']}, {percent(share, 0)} of the bill, changed by {signed_percent(needed / share)} "
        "from the first day on would do the same."
    ]


def _largest_mover(answer: SpendForecast) -> list[str]:
    for dimension in DIMENSIONS:
        found = answer.quarter_by(dimension)
        if found is None or len(found) < 2:
            continue
        change = found["now"] - found["before"]
        mover = found.loc[change.abs().idxmax()]
        delta, total = mover["now"] - mover["before"], change.sum()
        if abs(delta) <= _WORTH_SAYING * abs(found["now"].sum()):
            return []
        return [
            f"Largest mover: {DIMENSIONS[dimension]} {mover['item']}, {money(abs(delta), answer.currency)} "
            f"{'more' if delta > 0 else 'less'} in the last three months than in the three before "
            f"(all together {money(abs(total), answer.currency)} {'more' if total > 0 else 'less'})."
        ]
    return []
