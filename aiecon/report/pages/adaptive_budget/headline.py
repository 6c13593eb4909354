"""The top of the page: the sentence, the figures beside it, what to decide, by whom, and what would change it."""

import pandas as pd

from aiecon.charts.adaptive_budget import by_size, months_of
from aiecon.charts.formats import money, percent, probability, scale_of, signed_percent, significant
from aiecon.models.adaptive_budget import AdaptiveBudget
from aiecon.models.adaptive_budget.line import Line
from aiecon.report import blocks
from aiecon.report.blocks import Block
from aiecon.vocabulary.source import Source

ACT_FROM, WATCH_FROM = 0.5, 0.1  # probability of passing the budgets from which a reader must act, or keep watch
WHO = {"vice_president": "the vice president", "c_suite": "the C-suite"}
_NAMED = 4  # pools named in a sentence
_REVIEW_DAYS = 9  # from the first day of the month to the review that opens it


def sentence(answer: AdaptiveBudget) -> str:
    """The answer as one sentence: what the rules give, what is expected, whether it holds."""
    found, currency = answer.total, answer.currency
    given = f"The rules give {money(answer.next_budget, currency)} for {answer.months[0]:%B %Y}{_against(answer)}"
    ends = f"{_short(found['p10'], found['p50'])} to {_short(found['p90'], found['p50'])}"
    cost = f"{months_of(answer)} is expected to cost {money(found['p50'], currency)} (80 % range {ends})"
    return f"{given}; {cost}, and {_held(answer)}."


def _against(answer: AdaptiveBudget) -> str:
    change = answer.next_budget / answer.in_force - 1 if answer.in_force else 0.0
    if abs(change) < 0.0005:  # what a printed per mille shows
        return ", as much as is in force"
    return f", {percent(abs(change))} {'more' if change > 0 else 'less'} than is in force"


def _held(answer: AdaptiveBudget) -> str:
    chance, budget = answer.breach_probability, money(answer.total["budget"], like=answer.total["p50"])
    is_one = len(answer.months) == 1
    together = "the budget" if is_one else "the budgets together"
    if chance < ACT_FROM:
        return f"{together}, {budget}, hold{'s' if is_one else ''} with {probability(1 - chance)} probability"
    when = f", most likely by {pd.Timestamp(answer.breach_month):%B}" if answer.breach_month else ""
    return f"passes {together}, {budget}, with {probability(chance)} probability{when}"


def _short(amount: float, like: float) -> str:
    return significant(amount / scale_of(like)[0])


def headline(answer: AdaptiveBudget) -> Block:
    """The sentence with its verdict."""
    return blocks.headline(sentence(answer), verdict=verdict(answer), synthetic=is_synthetic(answer))


def verdict(answer: AdaptiveBudget) -> str:
    """act, watch or fine: fine from nine of ten futures within the budgets and no escalation of the last month."""
    chance = answer.breach_probability
    if chance >= ACT_FROM:
        return "act"
    last = f"{answer.months[0] - pd.DateOffset(months=1):%Y-%m}"
    is_escalated = any(one["month"] == last for one in answer.escalations)
    return "watch" if chance > WATCH_FROM or is_escalated else "fine"


def is_synthetic(answer: AdaptiveBudget) -> bool:
    """Whether the page shows the made-up sample company."""
    file = answer.inputs.file
    return isinstance(file, Source) and file.is_sample


def figures(answer: AdaptiveBudget) -> Block:
    """Budget, expected spend, what was over, reserve: each with what it is compared to."""
    found, currency = answer.total, answer.currency
    gap = signed_percent(found["p50"] / found["budget"] - 1) if found["budget"] else "without any budget,"
    share = (
        f"{percent(answer.reserve / answer.recent)} of what a month costs" if answer.recent > 0 else "nothing is spent"
    )
    cards = [
        (f"Budget of {answer.months[0]:%B}", money(answer.next_budget, currency), _change(answer)),
        (f"Expected, {months_of(answer)}", money(found["p50"], currency), f"{gap} against the budgets"),
        ("Over budget so far", money(answer.overspend, currency), _so_far(answer)),
        ("Upgrade reserve a month", money(answer.reserve, currency), share),
    ]
    return blocks.figures(cards)


def _change(answer: AdaptiveBudget) -> str:
    if not answer.in_force:
        return "nothing is in force"
    change = signed_percent(answer.next_budget / answer.in_force - 1)
    return f"{change} against {money(answer.in_force, like=answer.next_budget)} in force"


def _so_far(answer: AdaptiveBudget) -> str:
    count = len(answer.escalations)
    said = "no escalation" if not count else f"{count} escalation{'s' if count > 1 else ''}"
    return f"{said}; {money(answer.stranded, answer.currency)} left unspent elsewhere"


def decision(answer: AdaptiveBudget) -> Block:
    """What to decide, who signs, by when, and what would change it."""
    review = answer.months[0] + pd.Timedelta(days=_REVIEW_DAYS)
    by = f"{review:%Y-%m-%d}, the review that opens {answer.months[0]:%B}"
    return blocks.decision(what=_what(answer), who=_who(answer), by=by, changes=_changes(answer))


def _what(answer: AdaptiveBudget) -> str:
    parts = [f"Release the budgets of {answer.months[0]:%B} as the rules give them."]
    stopped = [line for line in _likely_over(answer) if line.is_held_back]
    limited = [line for line in _likely_over(answer) if not line.is_held_back]
    if stopped:
        parts.append(
            f"Bring the missing evidence or cut spend where a gate is not passed and the budget will likely be passed: "
            f"{_named(stopped)}."
        )
    if limited:
        parts.append(
            f"Cut, amend or accept an overrun where the rule gives less than is likely spent: {_named(limited)}."
        )
    return " ".join(parts)


def _likely_over(answer: AdaptiveBudget) -> list[Line]:
    """Lines that pass their budgets more likely than not, by what they are expected to lack."""
    over = [line for line in answer.lines if line.breach_probability >= ACT_FROM]
    return sorted(over, key=lambda line: -_lacks(line))


def _lacks(line: Line) -> float:
    return float(line.outlook.spend.mean(axis=0).sum() - line.budgets.sum())


def _named(lines: list[Line]) -> str:
    names = [f"{line.team} {line.name} ({probability(line.breach_probability)})" for line in lines[:_NAMED]]
    more = len(lines) - len(names)
    return ", ".join(names) + (f" and {more} smaller" if more > 0 else "")


def _who(answer: AdaptiveBudget) -> str:
    last = f"{answer.months[0] - pd.DateOffset(months=1):%Y-%m}"
    parts = []
    for level, who in WHO.items():
        names = [
            f"{one['team']} {one['pool']}"
            for one in answer.escalations
            if (one["month"], one["level"]) == (last, level)
        ]
        if names:
            parts.append(f"{who} on {', '.join(names)} (over in {pd.Timestamp(last):%B})")
    signers = [one.name for one in answer.inputs.policy.sign_offs if one.date is None]
    if signers:
        parts.append(f"{', '.join(signers)}, whose signature is open")
    parts.append("the owner of each pool")
    return "; ".join(parts)


def _changes(answer: AdaptiveBudget) -> list[str]:
    """Break-even values: how much less spend, what gates hold back, what nine of ten futures need."""
    found, currency = answer.total, answer.currency
    said = []
    if found["p50"] > 0:
        side = "less" if found["p50"] > found["budget"] else "more"
        by = percent(abs(found["budget"] / found["p50"] - 1))
        said.append(f"If spend came {by} {side} than expected, every second future would pass the budgets.")
    lacking = found["p90"] - found["budget"]
    if lacking > 0:
        said.append(f"{money(lacking, currency)} more over {months_of(answer)} would hold in nine of ten futures.")
    opened = sum(line.opened for line in answer.lines) - answer.next_budget
    if opened > 0:
        places = ", ".join(f"{line.team} {line.name}" for line in by_size(answer) if line.is_held_back)
        more = f"would be {money(opened, currency)} more"
        said.append(f"With every gate passed the budget of {answer.months[0]:%B} {more} ({places}).")
    return said
