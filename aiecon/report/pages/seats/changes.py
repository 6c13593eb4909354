"""What would change the answer: the main plan's price, use, a minimum, terms that nobody published."""

from aiecon.charts.formats import full, signed_percent, significant
from aiecon.charts.seat_words import plan_seats
from aiecon.models.seats import Seats
from aiecon.report.pages.seats.choices import asked_again, main_plan, turning_price
from aiecon.report.pages.seats.terms import shipped_row
from aiecon.vocabulary.distribution import base

WHY_MINIMUM_SAVES = "its empty seats bring a lower price or a larger pool, and may not be bought without it"
_SAME = 1e-6
_USES = (0.5, 1.5)  # times today's use, tried for what would change the answer


def changes(answer: Seats) -> list[str]:
    """What would turn the answer: the main plan's price, use, the minimum."""
    return [*_price_words(answer), *_use_words(answer), *_minimum_words(answer), *_doubt_words(answer)]


def _price_words(answer: Seats) -> list[str]:
    plan, currency = main_plan(answer), answer.currency
    now, price = round(answer.seat_price(plan.name), 2), turning_price(answer)
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
        plans = " and ".join(plan_seats(count, name) for name, count in found.seats.items()) or "no seats"
        said.append(f"{plans} with use {signed_percent(factor - 1, 0)}")
    return [f"The cheapest would be {said[0]}, and {said[1]}."]


def _minimum_words(answer: Seats) -> list[str]:
    most = [plan for plan in answer.inputs.plans if plan.minimum_seats]
    if not most:
        return []
    cost = answer.minimum_cost
    names = ", ".join(plan_seats(plan.minimum_seats, plan.name) for plan in most)
    if abs(cost) <= _SAME:
        return [f"The minimum ({names}) costs nothing here."]
    amount = f"{full(abs(cost)) if abs(cost) >= 100 else significant(abs(cost))} {answer.currency} a month"
    if cost < 0:
        return [f"Without the minimum ({names}) the cheapest would cost {amount} more: {WHY_MINIMUM_SAVES}."]
    return [f"Without the minimum ({names}) the cheapest would cost {amount} less."]


def _doubt_words(answer: Seats) -> list[str]:
    """Plans to be bought whose shipped price nobody published."""
    bought = [plan for plan in answer.inputs.plans if plan.name in answer.allocation.seats]
    rows = {
        plan.name: shipped_row(plan.name, price=base(plan.price_per_seat_month), currency=answer.currency)
        for plan in bought
    }
    doubted = [name for name, row in rows.items() if row is not None and row["grade"] == "judgement"]
    if not doubted:
        return []
    names = " and ".join(doubted)
    return [
        f"The terms of {names} are from a secondary source (grade: judgement); have them in writing before signing."
    ]
