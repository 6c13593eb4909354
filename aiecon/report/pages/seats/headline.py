"""The top of the page: the sentence with its verdict, the figures beside it, what to decide."""

import pandas as pd

from aiecon.charts.formats import money, percent, significant
from aiecon.charts.seat_words import count_of, has_everybody_anyway, people_of, plan_seats, seats_named
from aiecon.models.seats import Seats
from aiecon.report import blocks
from aiecon.report.blocks import Block
from aiecon.report.pages.seats.changes import changes
from aiecon.report.pages.seats.choices import best_plain, gain
from aiecon.report.pages.seats.moves import move_of
from aiecon.report.pages.seats.renewal import last_month
from aiecon.report.pages.seats.signing import declined_words, hold, seats_words, signed_words, signing_share
from aiecon.report.pages.seats.terms import commits
from aiecon.vocabulary.distribution import base

ACT_FROM, WATCH_FROM = 0.05, 0.01  # of the best plain choice saved, from which a reader must act, or keep watch
_IDLE = 0.05  # of the cost, from which idle seats are worth a reader's watch
_SAME = 1e-6


def sentence(answer: Seats) -> str:
    """The answer as one sentence: how many seats of what, for how many people, what it costs and saves."""
    people, cost = people_of(answer.people.count), money(answer.allocation.cost, answer.currency)
    between = _range(answer)
    against = _against(answer)
    if answer.people.total <= 0:
        return f"Nobody of {people} used anything: buy no seat."
    if answer.allocation.total_seats <= _SAME:
        costs = "costs" if answer.people.count == 1 else "cost"
        return f"Buy no seat: {people} {costs} {cost} a month{between} by the token, {against}."
    signed = _signing_words(answer)
    if signed:
        return f"{signed}."
    return f"Buy {seats_named(answer.allocation.seats)} for {_whom(answer)}: {cost} a month{between}, {against}."


def _signing_words(answer: Seats) -> str:
    """What to sign for, or that nothing is, where the use seen would take other seats; else nothing."""
    signed = signed_words(answer)
    return f"Sign for {signed}" if signed else declined_words(answer)


def _whom(answer: Seats) -> str:
    """Who gets the seats, and how many pay by the token."""
    held, people = _holders(answer), people_of(answer.people.count)
    if held >= answer.people.count - _SAME:
        return "the one person" if answer.people.count == 1 else f"all {people}"
    return f"{count_of(held)} of {people}; {_rest(answer, held)} by the token"


def _range(answer: Seats) -> str:
    """The 80 % range of the cost in words, where an input is uncertain."""
    if answer.doubt is None:
        return ""
    low, high = (money(one, answer.currency) for one in answer.doubt.cost)
    return f" (80 % range {low} to {high})"


def _rest(answer: Seats, held: float) -> str:
    rest = answer.people.count - held
    return f"{count_of(rest)} {'pays' if count_of(rest) == '1' else 'pay'}"


def _against(answer: Seats) -> str:
    """The allocation against the best plain choice or, where it is that one, against the next."""
    plain, saved = best_plain(answer), gain(answer)
    if saved > _SAME * max(plain.cost, 1.0):
        return f"{_share(saved, plain.cost)} less than {plain.name[0].lower()}{plain.name[1:]}"
    other = answer.all_api_cost if answer.allocation.total_seats > _SAME else answer.all_seats_cost
    words = "paying everyone by the token" if answer.allocation.total_seats > _SAME else "a seat for everyone"
    less = other - answer.allocation.cost
    return f"{_share(less, other)} less than {words}" if less > _SAME else f"no more than {words}"


def _share(saved: float, whole: float) -> str:
    return f"{percent(saved / whole)}" if whole else "0 %"


def _holders(answer: Seats) -> float:
    return float(sum(answer.allocation.holders.values()))


def headline(answer: Seats) -> Block:
    """The sentence with its verdict."""
    return blocks.headline(sentence(answer), verdict=verdict(answer), synthetic=is_synthetic(answer))


def verdict(answer: Seats) -> str:
    """Tell act where the sentence saves 5 %, watch from 1 % or with idle seats, else fine.

    The saving is that on the best plain choice or, where the sentence is about signing, on the best without a
    commitment.
    """
    plain = best_plain(answer).cost
    saved = gain(answer) / plain if plain else 0.0
    saved = max(signing_share(answer), 0.0) if _signing_words(answer) else saved
    if saved >= ACT_FROM:
        return "act"
    idle = answer.shelfware_cost / answer.allocation.cost if answer.allocation.cost else 0.0
    return "watch" if saved >= WATCH_FROM or idle >= _IDLE else "fine"


def is_synthetic(answer: Seats) -> bool:
    """Whether the people are those of the made-up sample company."""
    file = answer.inputs.usage.file
    return file is not None and file.is_sample


def figures(answer: Seats) -> Block:
    """Cost, seats, how uneven use is and what lies idle, each with what it is compared to."""
    share, gini = answer.people.top_share(0.1), answer.people.gini
    uneven = (percent(share, 0), f"Gini {gini:.2f}; even use: 10 %") if share is not None and gini is not None else None
    seats = f"{count_of(answer.allocation.total_seats)} for {people_of(answer.people.count)}"
    cards = [
        ("Cheapest allocation, a month", money(answer.allocation.cost, answer.currency), _against(answer)),
        ("Seats", seats, _seats_by_plan(answer)),
        ("Use of the heaviest tenth", *(uneven or ("–", "nobody uses anything"))),
        ("Seats nobody uses, a month", _idle_money(answer), _idle_words(answer)),
    ]
    return blocks.figures(cards)


def _seats_by_plan(answer: Seats) -> str:
    """The seats bought and those to sign for by plan, and the use from which a person gets one."""
    threshold, bought = answer.seat_threshold, answer.allocation.seats
    if threshold is None:
        return "none pays"
    who = f"from a use of {significant(threshold)} {answer.currency} a month on"
    if has_everybody_anyway(answer, answer.allocation):
        who = "everybody has a seat, since the minimum is paid anyway"
    signed = f"; to sign for: {seats_words(answer.seats_to_hold)}" if _signing_words(answer) else ""
    return f"{seats_words(bought)}, {who}{signed}"


def _idle_money(answer: Seats) -> str:
    return money(answer.shelfware_cost, answer.currency) if answer.shelfware_cost else f"0 {answer.currency}"


def _idle_words(answer: Seats) -> str:
    """Idle seats of the allocation and, where use has months, people idle for 30 days or more."""
    idle, last = answer.idle_seats, last_month(answer)
    if idle > _SAME:
        when = f" in {last.month:%B %Y}" if last is not None else ""
        return f"{count_of(idle)} of {count_of(answer.allocation.total_seats)} seats{when}{_shared_words(answer)}"
    if last is not None and last.idle:
        return f"{count_of(last.idle)} of {people_of(last.people)} used nothing in {last.month:%B %Y}"
    return "no seat of the allocation is idle"


def _shared_words(answer: Seats) -> str:
    """That the pool uses what empty seats of a minimum include; nothing where it does not."""
    frame = answer.to_frame().set_index("plan")
    for plan in answer.inputs.plans:
        row, included = frame.loc[plan.name], base(plan.included_usage_per_seat_month)
        if plan.pooled and row["seats"] > row["holders"] and row["spend_at_api"] > row["holders"] * included > 0:
            return "; their allowance is shared by the pool"
    return ""


def decision(answer: Seats) -> Block:
    """What to decide, who, by when, and what would change it."""
    by = f"{_renewal(answer)}; until then at the month-end review"
    if answer.as_of is not None:
        by += f", {pd.Timestamp(answer.as_of) + pd.offsets.MonthEnd(1):%Y-%m-%d}"
    who = "buyer with the owner of the tool and the finance partner"
    return blocks.decision(what=_what(answer), who=who, by=by, changes=changes(answer), moves=[move_of(answer)])


def _renewal(answer: Seats) -> str:
    """When a plan can be left: at its renewal, or every month."""
    plans = [plan for plan in answer.inputs.plans if plan.name in answer.allocation.seats] or list(answer.inputs.plans)
    long = [plan for plan in plans if base(plan.commitment_months) > 1]
    if not long:
        return "any month, since no plan bought is committed for longer"
    terms = ", ".join(f"{plan.name} {base(plan.commitment_months):g} months" for plan in long)
    return f"the next renewal or signature (commitment: {terms})"


def _what(answer: Seats) -> str:
    """Seats to buy by plan, whom to take them from, and how many to hold when use moves."""
    bought, currency = answer.allocation.seats, answer.currency
    if not bought:
        words = "Buy no seat, and let people pay by the token."
    else:
        plans = ", ".join(
            f"{plan_seats(count, name)} at {_price(answer, name)} {currency}" for name, count in bought.items()
        )
        rest = answer.people.count - _holders(answer)
        words = f"On the use seen alone the cheapest is {plans}" if _signing_words(answer) else f"Buy {plans}"
        left = "with" if _signing_words(answer) else "and leave"
        words += f", {left} {people_of(rest)} at API prices{_unused(answer)}." if rest > _SAME else "."
    saved = gain(answer)
    if saved > _SAME:
        words += f" It saves {money(saved, currency)} a month on the best plain choice."
    if _signing_words(answer):
        return " ".join(filter(None, (hold(answer).strip(), commits(answer), words)))
    return f"{words}{hold(answer)} {commits(answer)}".strip()


def _price(answer: Seats, plan: str) -> str:
    """The base price of a seat, to the cent."""
    return f"{round(answer.seat_price(plan), 2):g}"


def _unused(answer: Seats) -> str:
    """How many of those without a seat used nothing at all."""
    outside = ~answer.has_seat & (answer.people.spend <= 0)
    count = float(answer.people.weight[outside].sum())
    return f", {count_of(count)} of whom used nothing" if count > _SAME else ""
