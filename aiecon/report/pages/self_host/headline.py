"""The top of the page: the sentence, the figures beside it, what to decide and what would change it."""

import pandas as pd

from aiecon.charts.formats import full, money, percent, probability, scale_of, signed_percent, significant
from aiecon.charts.self_host import count_of, wins_words, with_unit
from aiecon.models.self_host import SelfHost
from aiecon.models.self_host.answer import HOST
from aiecon.models.self_host.deferral import DELAY_MONTHS
from aiecon.models.self_host.turns import Turn, main_turns, swings, turn
from aiecon.report import blocks
from aiecon.report.blocks import Block
from aiecon.report.pages.self_host.alternatives import (
    api_name,
    better_plan,
    better_way,
    model_words,
    plan_short,
    plan_words,
    way_words,
)
from aiecon.report.pages.self_host.moves import MOVE_FROM, moves_of
from aiecon.report.pages.self_host.synthetic import is_synthetic

STAY_BELOW = 0.2  # probability of saving below which to stay
_NEAR = 0.03  # costs that are closer than this are called about equal

__all__ = ["decision", "figures", "headline", "is_synthetic", "sentence", "verdict"]


def sentence(answer: SelfHost) -> str:
    """The answer as one sentence: which is cheaper by how much, how sure, and at which volumes hosting wins."""
    months = count_of(answer.inputs.horizon_months)
    amount = money(abs(answer.npv_savings), answer.currency)
    plan = better_plan(answer)
    other = f" ({plan_short(answer, plan)})" if plan is not None else ""
    volume = significant(float(answer.case.mtok[0, 0]))
    if answer.recommended == HOST:
        said = f"Self-hosting saves {amount} over {months}{_range(answer)}"
    else:
        name = api_name(answer.inputs)
        said = f"Stay with {name}: over {months} it costs {amount} less than hosting{_sure(answer)}"
    return f"{said}{other}; {_where(answer)} (now {volume})."


def _range(answer: SelfHost) -> str:
    """The doubt about a saving, in words; nothing where nothing is drawn."""
    if not varies(answer):
        return ""
    low, high = answer.npv_range
    like = answer.npv_savings
    return (
        f" (80 % range {short(low, like)} to {short(high, like)}), with {probability(answer.probability)} probability"
    )


def _sure(answer: SelfHost) -> str:
    return f", which saves with {probability(answer.probability)} probability" if varies(answer) else ""


def varies(answer: SelfHost) -> bool:
    """Whether any input is uncertain."""
    return answer.cases is not answer.case


def _where(answer: SelfHost) -> str:
    if not answer.win_intervals:
        return "a month of hosting is cheaper at no volume"
    return f"a month of hosting is cheaper {wins_words(answer)} Mtok"


def short(amount: float, like: float) -> str:
    """An amount on the scale of another, without the scale's word."""
    return significant(amount / scale_of(like)[0])


def headline(answer: SelfHost) -> Block:
    """The sentence with its verdict."""
    return blocks.headline(sentence(answer), verdict=verdict(answer), synthetic=is_synthetic(answer))


def verdict(answer: SelfHost) -> str:
    """Act where moving surely saves, fine where staying does and no other GPUs or plan would save, else watch."""
    chance = answer.probability
    if answer.recommended == HOST:
        return "act" if chance >= MOVE_FROM else "watch"
    is_best = better_way(answer) is None and better_plan(answer) is None
    return "fine" if chance <= STAY_BELOW and is_best else "watch"


def figures(answer: SelfHost) -> Block:
    """Cost per million tokens, saving, probability and payback, each with what it is compared to."""
    currency = answer.currency
    cards = [_cost_card(answer), _saving_card(answer)]
    if varies(answer):
        loss = money(answer.regret, currency)
        cards.append(
            (
                "Probability that hosting saves",
                probability(answer.probability),
                f"of {answer.cases.cases:,} draws; {loss} expected loss if “{_advice(answer)}” is wrong",
            )
        )
    return blocks.figures([*cards, _time_card(answer)])


def _advice(answer: SelfHost) -> str:
    return "move" if answer.recommended == HOST else "stay"


def _cost_card(answer: SelfHost) -> tuple[str, str, str]:
    hosted, api = answer.cost_per_mtok, answer.api_per_mtok
    label = "A million tokens, hosted"
    against = f"{api_name(answer.inputs)} {significant(api)}"
    if hosted is None:
        return label, "nothing served", against
    change = f"{signed_percent(hosted / api - 1, 0)} against {against}" if api else f"{api_name(answer.inputs)} is free"
    return label, f"{significant(hosted)} {answer.currency}", change


def _saving_card(answer: SelfHost) -> tuple[str, str, str]:
    value = answer.npv_savings
    months = count_of(answer.inputs.horizon_months)
    if not varies(answer):
        return f"Saving over {months}", money(value, answer.currency), "present value; no doubt was given"
    low, high = answer.npv_range
    most = max(abs(low), abs(high))
    ends = f"80 % range {short(low, most)} to {money(high, like=most)}"
    return f"Saving over {months}", money(value, answer.currency), ends


def _time_card(answer: SelfHost) -> tuple[str, str, str]:
    months = answer.inputs.horizon_months
    first = f"first cheaper month: {answer.crossover_month}" if answer.crossover_month else "no month is cheaper"
    payback = answer.payback_months
    if payback is None:
        return "Payback", f"not in {count_of(months)}", first
    spent = money(answer.upfront, answer.currency)
    return (
        "Payback",
        "at once" if payback == 0 else f"{significant(payback)} months",
        f"of {spent} at the start; {first}",
    )


def decision(answer: SelfHost) -> Block:
    """What to decide, who, by when, and the break-even values that would change it."""
    day = pd.Timestamp(answer.as_of) + pd.offsets.QuarterEnd(0) if answer.as_of else None
    by = f"the quarter's review, {day:%Y-%m-%d}" if day is not None else "the next quarterly review"
    who = "engineering lead with procurement and the finance partner"
    what = _what(answer)
    return blocks.decision(what=what, who=who, by=by, changes=changes(answer), moves=moves_of(answer, what))


def _what(answer: SelfHost) -> str:
    name, volume = api_name(answer.inputs), float(answer.case.mtok[0, 0])
    test = model_words(answer)
    if answer.recommended == HOST:
        sure = answer.probability >= MOVE_FROM
        start = "Move to hosting" if sure else "Pilot hosting with a part of the load before moving"
        size = f"{answer.replicas} replica{'s' if answer.replicas != 1 else ''} for {full(volume)} Mtok a month"
        said = f"{start}: {size}, {money(max(answer.upfront, 0.0), answer.currency)} at the start."
        if not sure and varies(answer):
            said += f" The saving is missed in {percent(1 - answer.probability, 0)} of the draws."
    else:
        said = f"Stay with {name}; rent or buy no GPUs for this load on the terms asked."
        if better_plan(answer) is not None:
            said = f"Stay with {name} rather than keep GPUs on in all hours for all of this load."
        needed = turn(answer, "workload.mtok_per_month").value if volume else None
        if needed is not None and needed > volume:
            more = signed_percent(needed / volume - 1, 0)
            said += f" Ask again when the volume nears {significant(needed)} Mtok a month ({more})."
    return " ".join(filter(None, [said, plan_words(answer), way_words(answer), test, _later(answer)]))


def _later(answer: SelfHost) -> str | None:
    """What deciding in a year is worth, where it is not nothing."""
    found = answer.deferral
    if found is None or abs(found.value) < 1e-9:
        return None
    low, high = found.value_range
    ends = f" (80 % range {short(low, found.value)} to {short(high, found.value)})" if varies(answer) else ""
    return f"Deciding in {DELAY_MONTHS} months instead of now is worth {money(found.value, answer.currency)}{ends}."


def changes(answer: SelfHost) -> list[str]:
    """Break-even values of the figures that decide, each alone, and what no value of them can do."""
    found = {one.field: one for one in main_turns(answer)}
    top = swings(answer).bars[:1]
    found |= {bar.name: turn(answer, bar.name) for bar in top if bar.name not in found}
    other = "stay with the API" if answer.recommended == HOST else "self-host"
    meets = [one for one in found.values() if one.value is not None]
    never = [one for one in found.values() if one.value is None]
    said = [f"{_alone(answer, one)}: {other}." for one in meets]
    if never:
        names = " or ".join(_looked_at(answer, one) for one in never)
        said.append(f"Searched without a turn, each alone: {names}.")
    return said


def _looked_at(answer: SelfHost, one: Turn) -> str:
    """A figure that does not turn the answer, with how far it was searched."""
    name = f"{one.name[0].lower()}{one.name[1:]}" if one.name[1:2].islower() else one.name
    low, high = (with_unit(one.field, value, answer.currency) for value in one.searched)
    return f"{name} from {low} to {high}"


def _alone(answer: SelfHost, one: Turn) -> str:
    assert one.value is not None
    side = "or less" if one.value < one.base else "or more"
    at, here = (with_unit(one.field, value, answer.currency) for value in (one.value, one.base))
    often = "" if one.holds else ", though not at every value beyond"
    return f"{one.name} of {at} {side} (here {here}){often}"
