"""The top of the page: the sentence, the figures beside it, what to decide and what would change it."""

import pandas as pd

from aiecon.charts.formats import full, money, percent, signed_percent, significant
from aiecon.charts.seats import count_of
from aiecon.models.seats import Seats
from aiecon.report import blocks
from aiecon.report.blocks import Block
from aiecon.report.pages.seats.choices import asked_again, best_plain, gain, main_plan, turning_price
from aiecon.report.pages.seats.renewal import last_month, shipped_row
from aiecon.report.pages.seats.signing import hold, signed_words
from aiecon.vocabulary.distribution import base

ACT_FROM, WATCH_FROM = 0.05, 0.01  # of the best plain choice saved, from which a reader must act, or keep watch
_IDLE = 0.05  # of the cost, from which idle seats are worth a reader's watch
_SAME = 1e-6
_USES = (0.5, 1.5)  # times today's use, tried for what would change the answer


def sentence(answer: Seats) -> str:
    """The answer as one sentence: how many seats of what, for how many people, what it costs and saves."""
    people, cost = count_of(answer.people.count), money(answer.allocation.cost, answer.currency)
    between = _range(answer)
    held, saved = _holders(answer), gain(answer)
    against = _against(answer, saved)
    if answer.people.total <= 0:
        return f"Nobody of {people} people used anything: buy no seat."
    if answer.allocation.total_seats <= _SAME:
        return f"Buy no seat: {people} people cost {cost} a month{between} by the token, {against}."
    plans = " and ".join(f"{count_of(count)} {name}" for name, count in answer.allocation.seats.items())
    if held >= answer.people.count - _SAME:
        who = f"all {people} people"
    else:
        who = f"{count_of(held)} of {people} people; {_rest(answer, held)} by the token"
    signed = signed_words(answer)
    if signed:
        return f"Sign for {signed}."
    seats = "seat" if count_of(answer.allocation.total_seats) == "1" else "seats"
    return f"Buy {plans} {seats} for {who}: {cost} a month{between}, {against}."


def _range(answer: Seats) -> str:
    """The 80 % range of the cost in words, where an input is uncertain."""
    if answer.doubt is None:
        return ""
    low, high = (money(one, answer.currency) for one in answer.doubt.cost)
    return f" (80 % range {low} to {high})"


def _rest(answer: Seats, held: float) -> str:
    rest = answer.people.count - held
    return f"{count_of(rest)} {'pays' if count_of(rest) == '1' else 'pay'}"


def _against(answer: Seats, saved: float) -> str:
    """The allocation against the best plain choice or, where it is that one, against the next."""
    plain = best_plain(answer)
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
    """Tell act where 5 % of the best plain choice is saved, watch from 1 % or with idle seats, else fine."""
    plain = best_plain(answer).cost
    saved = gain(answer) / plain if plain else 0.0
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
    currency, cost, plain = answer.currency, answer.allocation.cost, best_plain(answer)
    change = f"{_signed(cost, plain.cost)} against {plain.name[0].lower()}{plain.name[1:]}"
    threshold = answer.seat_threshold
    from_use = f"from a use of {significant(threshold)} {currency} a month on" if threshold is not None else "none pays"
    share, gini = answer.people.top_share(0.1), answer.people.gini
    uneven = (percent(share, 0), f"Gini {gini:.2f}; even use: 10 %") if share is not None and gini is not None else None
    seats = f"{count_of(answer.allocation.total_seats)} for {count_of(answer.people.count)} people"
    cards = [
        ("Cheapest allocation, a month", money(cost, currency), change),
        ("Seats", seats, from_use),
        ("Use of the heaviest tenth", *(uneven or ("–", "nobody uses anything"))),
        ("Seats nobody uses, a month", _idle_money(answer), _idle_words(answer)),
    ]
    return blocks.figures(cards)


def _signed(now: float, before: float) -> str:
    return signed_percent(now / before - 1) if before else "–"


def _idle_money(answer: Seats) -> str:
    return money(answer.shelfware_cost, answer.currency) if answer.shelfware_cost else f"0 {answer.currency}"


def _idle_words(answer: Seats) -> str:
    """Idle seats of the allocation and, where use has months, people idle for 30 days or more."""
    idle, last = answer.idle_seats, last_month(answer)
    if idle > _SAME:
        when = f" in {last.month:%B %Y}" if last is not None else ""
        return f"{count_of(idle)} of {count_of(answer.allocation.total_seats)} seats{when}"
    if last is not None and last.idle:
        return f"{count_of(last.idle)} of {count_of(last.people)} people used nothing in {last.month:%B %Y}"
    return "no seat of the allocation is idle"


def decision(answer: Seats) -> Block:
    """What to decide, who, by when, and what would change it."""
    by = f"{_renewal(answer)}; until then at the month-end review"
    if answer.as_of is not None:
        by += f", {pd.Timestamp(answer.as_of) + pd.offsets.MonthEnd(1):%Y-%m-%d}"
    who = "buyer with the owner of the tool and the finance partner"
    return blocks.decision(what=_what(answer), who=who, by=by, changes=changes(answer))


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
            f"{count_of(count)} {name} at {_price(answer, name)} {currency}" for name, count in bought.items()
        )
        rest = answer.people.count - _holders(answer)
        words = f"On the use seen alone the cheapest is {plans}" if signed_words(answer) else f"Buy {plans}"
        left = "with" if signed_words(answer) else "and leave"
        words += f", {left} {count_of(rest)} people at API prices{_unused(answer)}." if rest > _SAME else "."
    saved = gain(answer)
    if saved > _SAME:
        words += f" It saves {money(saved, currency)} a month on the best plain choice."
    if signed_words(answer):
        return f"{hold(answer).strip()} {words}"
    return f"{words}{hold(answer)}"


def _price(answer: Seats, plan: str) -> str:
    """The base price of a seat, to the cent."""
    return f"{round(answer.seat_price(plan), 2):g}"


def _unused(answer: Seats) -> str:
    """How many of those without a seat used nothing at all."""
    outside = ~answer.has_seat & (answer.people.spend <= 0)
    count = float(answer.people.weight[outside].sum())
    return f", {count_of(count)} of whom used nothing" if count > _SAME else ""


def changes(answer: Seats) -> list[str]:
    """What would turn the answer: the main plan's price, use, the minimum."""
    return [*_price_words(answer), *_use_words(answer), *_minimum_words(answer), *_doubt_words(answer)]


def _price_words(answer: Seats) -> list[str]:
    plan, currency = main_plan(answer), answer.currency
    now, price = base(plan.price_per_seat_month), turning_price(answer)
    is_bought = answer.allocation.seats.get(plan.name, 0.0) > 0
    if price is None and is_bought:
        return [f"{plan.name} stays in up to {4 * now:g} {currency} a seat and beyond (now {now:g})."]
    if price is None:
        return [f"{plan.name} would not be bought even as a gift."]
    if is_bought:
        return [f"Above {significant(price)} {currency} a seat, no {plan.name} is worth buying (now {now:g})."]
    return [f"Below {significant(price)} {currency} a seat, {plan.name} starts to pay (now {now:g})."]


def _use_words(answer: Seats) -> list[str]:
    said = []
    for factor in _USES:
        found, _ = asked_again(answer, use=factor)
        plans = " and ".join(f"{count_of(count)} {name}" for name, count in found.seats.items()) or "no seats"
        said.append(f"{plans} with use {signed_percent(factor - 1, 0)}")
    return [f"The cheapest would be {said[0]}, and {said[1]}."]


def _minimum_words(answer: Seats) -> list[str]:
    most = [plan for plan in answer.inputs.plans if plan.minimum_seats]
    if not most:
        return []
    cost = answer.minimum_cost
    names = ", ".join(f"{plan.minimum_seats:,} {plan.name}" for plan in most)
    if cost <= _SAME:
        return [f"The minimum ({names}) costs nothing here."]
    return [f"Without the minimum ({names}) the cheapest would cost {_cents(cost, answer)} a month less."]


def _cents(amount: float, answer: Seats) -> str:
    return f"{full(amount) if amount >= 100 else significant(amount)} {answer.currency}"


def _doubt_words(answer: Seats) -> list[str]:
    """Plans to be bought whose shipped price nobody published."""
    bought = [plan for plan in answer.inputs.plans if plan.name in answer.allocation.seats]
    rows = {plan.name: shipped_row(plan, answer.currency) for plan in bought}
    doubted = [name for name, row in rows.items() if row is not None and row["grade"] == "judgement"]
    if not doubted:
        return []
    names = " and ".join(doubted)
    return [
        f"The terms of {names} are from a secondary source (grade: judgement); have them in writing before signing."
    ]
