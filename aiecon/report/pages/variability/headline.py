"""The top of the page: the sentence, the figures beside it, what to decide and what would change it."""

import math
from typing import Any

import pandas as pd

from aiecon.charts.formats import money, percent, probability, scale_of, signed_percent, significant
from aiecon.models.variability import Variability
from aiecon.report import blocks
from aiecon.report.blocks import Block
from aiecon.report.pages.variability.turns import turns

ACT_FROM, WATCH_FROM = 0.5, 0.1  # probability of passing the budget from which a reader must act, or keep watch
ORIGINS = {"scale": "adoption", "utilization": "use", "model": "models and prices", "agent": "agents"}
_APART = 2.0  # standard errors by which one share must lead another to be called larger


def sentence(answer: Variability) -> str:
    """The answer as one sentence with the figure, the verdict and the origin to blame."""
    found, currency = answer.quantiles, answer.currency
    months = count_of(answer.inputs.horizon_months)
    cost = f"will cost {money(found['p50'], currency)}"
    blame = blame_of(answer)
    if blame is None:
        return f"The next {months} {cost} in every future, since nothing varies; {_held(answer)}."
    ends = f"{short(found['p10'], found['p50'])} to {short(found['p90'], found['p50'])}"
    return f"The next {months} {cost} (80 % range {ends}); {_held(answer)}, and {blame}."


def count_of(months: int) -> str:
    """A number of months in words that read."""
    return "month" if months == 1 else f"{months} months"


def _held(answer: Variability) -> str:
    """The bill against its budget."""
    budget, chance = answer.inputs.budget, answer.breach_probability
    if budget is None or chance is None:
        return "no budget was given to hold it against"
    said = f"the budget of {money(budget, like=answer.quantiles['p50'])}"
    if answer.attribution is None:
        return f"{said} is passed" if chance else f"{said} holds"
    if chance < ACT_FROM:
        return f"{said} holds with {probability(1 - chance)} probability"
    return f"{said} is passed with {probability(chance)} probability"


def blame_of(answer: Variability) -> str | None:
    """Where most of the variance is from, two origins where they cannot be told apart; None when nothing varies."""
    if answer.attribution is None:
        return None
    table = answer.attribution.table.sort_values("share", ascending=False)
    first, second = table.to_dict("records")[:2]
    error = math.hypot(first["standard_error"], second["standard_error"])
    names = ORIGINS[first["origin"]], ORIGINS[second["origin"]]
    if second["share"] > 0 and first["share"] - second["share"] <= _APART * error:
        both = percent(first["share"] + second["share"], 0)
        return f"{names[0]} and {names[1]}, about equal, are behind {both} of the variance"
    return f"{percent(first['share'], 0)} of the variance is from {names[0]}"


def short(amount: float, like: float) -> str:
    """An amount on the scale of another, without the scale's word."""
    return significant(amount / scale_of(like)[0])


def headline(answer: Variability) -> Block:
    """The sentence with its verdict."""
    return blocks.headline(sentence(answer), verdict=verdict(answer), synthetic=is_synthetic(answer))


def verdict(answer: Variability) -> str:
    """act, watch, fine, or open without a budget; fine from nine of ten futures within it."""
    chance = answer.breach_probability
    if chance is None:
        return "open"
    return "act" if chance >= ACT_FROM else "watch" if chance > WATCH_FROM else "fine"


def is_synthetic(answer: Variability) -> bool:
    """Whether the page shows the made-up sample company, whatever of it was changed."""
    return answer.inputs.is_of_sample


def figures(answer: Variability) -> Block:
    """Median, range, tail and budget, each with what it is compared to."""
    found, currency, median = answer.quantiles, answer.currency, answer.quantiles["p50"]
    base = float(answer.base.sum())
    change = f"{signed_percent(median / base - 1)} against base values without chance" if base else "nothing is spent"
    v = answer.v_factor
    width = f"p90 is {percent(v, 0)} above the median" if v is not None else "nothing is spent"
    cards = [
        ("Median of the futures", money(median, currency), change),
        ("80 % range", f"{short(found['p10'], median)} to {money(found['p90'], like=median)}", width),
        ("Mean of the dearest 5 %", money(answer.expected_shortfall, currency, like=median), _tail(answer)),
    ]
    if answer.inputs.budget is not None:
        chance, error = answer.probability_above(answer.inputs.budget)
        sure = f"± {percent(error)} (Monte Carlo); budget {money(answer.inputs.budget, currency)}"
        cards.append(("Probability of passing the budget", probability(chance), sure))
    return blocks.figures(cards)


def _tail(answer: Variability) -> str:
    budget, worst = answer.inputs.budget, answer.expected_shortfall
    if budget:
        return f"{signed_percent(worst / budget - 1, 0)} against the budget"
    p90 = answer.quantiles["p90"]
    return f"{signed_percent(worst / p90 - 1, 0)} against p90" if p90 else "nothing is spent"


def decision(answer: Variability) -> Block:
    """What to decide, who, by when, and the break-even values that would change it."""
    review = pd.Timestamp(answer.as_of) + pd.offsets.MonthEnd(1)
    by = f"the next month-end review, {review:%Y-%m-%d}"
    who = "budget owner with the engineering lead and the finance partner"
    return blocks.decision(what=_what(answer), who=who, by=by, changes=_changes(answer))


def _what(answer: Variability) -> str:
    found, currency, budget = answer.quantiles, answer.currency, answer.inputs.budget
    if budget is None:
        return (
            f"Set an envelope: {money(found['p50'], currency)} is passed in every second future, "
            f"{money(found['p90'], currency)} in one of ten."
        )
    gap = found["p90"] - budget
    if gap <= 0:
        free = f" {money(-gap, currency)} of it is not needed in nine of ten futures." if gap < 0 else ""
        return f"Keep the budget of {money(budget, currency)}.{free}"
    reserve = f"hold a reserve of {money(gap, currency)} beside the budget, which covers nine of ten futures"
    measure = _measure(answer, budget)
    if measure is None:
        return f"{reserve[0].upper()}{reserve[1:]}."
    p90 = money(measure["p90"], currency)
    if measure["p90"] <= budget:
        return f"Adopt the guardrail “{measure['name']}”, which brings p90 to {p90}, within the budget; or {reserve}."
    left = money(measure["p90"] - budget, currency)
    return (
        f"Adopt the guardrail “{measure['name']}”, which brings p90 to {p90}, and hold the {left} that are still "
        f"missing in reserve; without it, {reserve}."
    )


def _measure(answer: Variability, budget: float) -> dict[str, Any] | None:
    """The first guardrail with which nine of ten futures stay within the budget, else the one that saves most."""
    helping = answer.guardrails.iloc[1:]
    helping = helping[helping["saving_p90"] > 0]
    if helping.empty:
        return None
    enough = helping[helping["p90"] <= budget]
    row = enough.iloc[0] if len(enough) else helping.loc[helping["saving_p90"].idxmax()]
    return {"name": str(row["name"]), "p90": float(row["p90"])}


def _changes(answer: Variability) -> list[str]:
    """What would move the answer: the origin that weighs most, break-even values, without a budget the best measure."""
    if answer.inputs.budget is not None:
        return [*_origin_words(answer), *turns(answer)]
    measure = _measure(answer, 0.0)
    if measure is None:
        return _origin_words(answer)
    amounts = money(answer.quantiles["p90"], answer.currency), money(measure["p90"], answer.currency)
    return [*_origin_words(answer), f"“{measure['name']}” would take p90 from {amounts[0]} to {amounts[1]}."]


def _origin_words(answer: Variability) -> list[str]:
    if answer.attribution is None:
        return []
    top = answer.attribution.table.sort_values("total", ascending=False).iloc[0]
    return [
        f"If {ORIGINS[top['origin']]} could be held still, {percent(top['total'], 0)} of the variance would go; "
        "that is the most that one origin gives."
    ]
