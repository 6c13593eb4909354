"""How many seats of which plans to sign for and when, against the best choice without a commitment."""

from collections.abc import Mapping
from typing import Any

from aiecon.charts.formats import full, money, percent, probability, signed
from aiecon.charts.seat_words import plan_seats
from aiecon.models.seats import Seats
from aiecon.report import blocks
from aiecon.report.blocks import Block
from aiecon.vocabulary.distribution import base

_SAME = 1e-6
_IN_WORDS = {
    "No seat": "no seat",
    "Today's cheapest, held": "today's cheapest, held",
    "Best without a commitment": "the best plans by the month",
}
"""Names of choices as they stand inside a sentence; others stand as they are."""


def seats_words(seats: Mapping[str, float]) -> str:
    """Numbers of seats by plan in words; "none" where there is none."""
    return " + ".join(plan_seats(count, name) for name, count in seats.items()) or "none"


def signing(answer: Seats) -> Block:
    """What ways to hold seats of all plans cost over the horizon."""
    if answer.signing is None or answer.inputs.future is None:
        return blocks.nothing()
    table = answer.signing.choices
    rows = [
        [
            row["name"],
            seats_words(row["seats"]),
            *(full(row[key]) for key in ("expected_cost", "p10", "p90")),
            _chance(row["loses_probability"]),
            full(row["expected_regret"]),
        ]
        for row in table.to_dict("records")
    ]
    return blocks.table(
        f"How many to sign for: all plans held for {answer.inputs.future.horizon_months} months, {answer.currency}",
        ["Choice", "Seats signed for", "Expected", "p10", "p90", "Loses", "Regret"],
        rows,
        text_columns=2,
        note="Seats are held by those expected to use most; they grow with the people and do not shrink within a term. "
        "At each renewal, every month for a plan by the month, their number is decided anew from the growth so far; "
        "signed for: in month 1. Today's cheapest is held as it is. Loses: share of futures in which it "
        "costs more than the best choice without a "
        f"commitment ({_free(answer)}). Regret: expected cost above the best of these in each future.",
        bold=[0],
    )


def _chance(value: Any) -> str:
    return "–" if value is None else probability(value)


def _free(answer: Seats) -> str:
    """The best choice without a commitment, as a sentence names it."""
    assert answer.signing is not None
    table = answer.signing.choices
    name = str(table[[value is None for value in table["loses_probability"]]].iloc[0]["name"])
    return _IN_WORDS.get(name, name)


def when(answer: Seats) -> Block:
    """Signing now, later or never: what waiting costs, and how often it would be signed then."""
    if answer.signing is None or answer.signing.when.empty:
        return blocks.nothing()
    rows = [
        [
            _month(row["month"]),
            probability(row["signs_probability"]),
            *(full(row[key]) for key in ("expected_cost", "p10", "p90", "expected_regret")),
        ]
        for row in answer.signing.when.to_dict("records")
    ]
    costs = list(answer.signing.when["expected_cost"])
    return blocks.table(
        f"When to sign: {seats_words(_committed(answer)['seats'])}, {answer.currency}",
        ["Sign", "Signed in", "Expected", "p10", "p90", "Regret"],
        rows,
        note=f"Until then {_free(answer)}. Who waits signs in the futures in which the months so far would have cost "
        "less signed, for the people there are then. Regret: expected cost above the best of these in each future.",
        bold=[costs.index(min(costs))],
    )


def _month(month: Any) -> str:
    if month is None:
        return "Never"
    return "Now" if month == 1 else f"After {month - 1} months"


def _committed(answer: Seats) -> dict[str, Any]:
    """The cheapest choice with a commitment."""
    assert answer.signing is not None
    table = answer.signing.choices
    return {str(key): value for key, value in table[table["is_committed"]].iloc[0].items()}


def hold(answer: Seats) -> str:
    """What to sign and when, in words; nothing where no plan is committed for more than a month."""
    found, future = answer.signing, answer.inputs.future
    if found is None or future is None or found.when.empty:
        return ""
    best, months, less = _committed(answer), future.horizon_months, _less(answer)
    loses, cost = float(best["loses_probability"]), money(best["expected_cost"], answer.currency)
    against = f"{money(abs(less), answer.currency)} {'less' if less > 0 else 'more'} than {_free(answer)}"
    seats, signed = seats_words(best["seats"]), committed_words(answer, best["seats"])
    dearer = "it loses money in " + ("none of the futures" if loses == 0 else f"{probability(loses)} of futures")
    if less <= _SAME:
        return f" Over {months} months, {seats} would cost {cost}, {against}: sign nothing for a term ({dearer})."
    sign = f" Sign for {signed}{_why_other(answer)}: over {months} months they cost {cost} on average, {against}"
    return f"{sign}; {dearer}. {_wait(answer)}"


def signed_words(answer: Seats) -> str:
    """What to sign for, what to hold by the month, and what that costs over the horizon.

    Nothing where the use seen would take the same seats, or no commitment pays.
    """
    future = answer.inputs.future
    if future is None or decided(answer) is None or not _why_other(answer):
        return ""
    best = _committed(answer)
    cost, less = (money(one, answer.currency) for one in (best["expected_cost"], _less(answer)))
    share = f"{less} ({percent(signing_share(answer))}) less than {_free(answer)}"
    over = f"{cost} expected over {future.horizon_months} months, {share}"
    return f"{committed_words(answer, best['seats'])}: {over}"


def decided(answer: Seats) -> tuple[str, float, float] | None:
    """What to sign for in words, what that saves over the horizon [currency], and how often it loses; None without."""
    found, future = answer.signing, answer.inputs.future
    if found is None or future is None or found.when.empty or _less(answer) <= _SAME:
        return None
    best = _committed(answer)
    return committed_words(answer, best["seats"]), _less(answer), float(best["loses_probability"])


def declined_words(answer: Seats) -> str:
    """That nothing is to be signed for a term, though the use seen would take a plan with one; else nothing."""
    found, future = answer.signing, answer.inputs.future
    if found is None or future is None or found.when.empty or _less(answer) > _SAME:
        return ""
    terms = [plan.name for plan in answer.inputs.plans if base(plan.commitment_months) > 1]
    if not answer.allocation.seats.keys() & set(terms):
        return ""
    best = _committed(answer)
    cost, more = (money(one, answer.currency) for one in (found.when["expected_cost"].iloc[-1], -_less(answer)))
    return (
        f"Sign nothing for a term: with {_free(answer)} {future.horizon_months} months are expected to cost {cost}, "
        f"{more} less than with {seats_words(best['seats'])}"
    )


def committed_words(answer: Seats, seats: dict[str, int]) -> str:
    """Seats to sign for with the months of their term, and those to hold by the month."""
    months = {plan.name: base(plan.commitment_months) for plan in answer.inputs.plans}
    signed = " and ".join(
        f"{plan_seats(count, name)} for {months[name]:g} months" for name, count in seats.items() if months[name] > 1
    )
    monthly = " and ".join(plan_seats(count, name) for name, count in seats.items() if months[name] <= 1)
    return f"{signed} and hold {monthly} by the month" if monthly else signed


def signing_share(answer: Seats) -> float:
    """What the best commitment is expected to save, as a part of the best cost without one."""
    assert answer.signing is not None
    without = float(answer.signing.when["expected_cost"].iloc[-1])
    return _less(answer) / without if without else 0.0


def _less(answer: Seats) -> float:
    """What the best commitment is expected to save against none, over the horizon."""
    assert answer.signing is not None
    return float(answer.signing.when["expected_cost"].iloc[-1] - _committed(answer)["expected_cost"])


def _why_other(answer: Seats) -> str:
    """Why the seats to sign for are others than the use seen would take; nothing where they are the same."""
    seats, seen = _committed(answer)["seats"], answer.allocation.seats
    if {name: round(count) for name, count in seen.items() if round(count)} == {n: c for n, c in seats.items() if c}:
        return ""
    return ", which differs since people come, go and use more or less in the months that are signed for"


def waits(answer: Seats) -> int:
    """Months after which signing costs least; 0 when it is now, or later is not looked at."""
    assert answer.signing is not None
    signable = answer.signing.when.iloc[:-1]
    return int(signable.sort_values("expected_cost", kind="stable").iloc[0]["month"]) - 1


def _wait(answer: Seats) -> str:
    """Whether to sign now or to wait."""
    assert answer.signing is not None
    table = answer.signing.when
    now, later = table.iloc[0], table.iloc[1:-1]
    if later.empty:
        return "The horizon is too short to wait."
    best = later.sort_values("expected_cost").iloc[0]
    more = float(best["expected_cost"] - now["expected_cost"])
    if more >= 0:
        return f"Sign now: waiting {best['month'] - 1} months costs {money(more, answer.currency)} more."
    return f"Wait {best['month'] - 1} months: it saves {money(-more, answer.currency)} on signing now."


def numbers_words(answer: Seats) -> str:
    """What the number of seats of the most held plan costs, for who cannot see the picture."""
    assert answer.signing is not None
    table, best = answer.signing.table, answer.signing.best
    cost = float(table.loc[table["seats"] == best, "expected_cost"].iloc[0])
    none = float(table["expected_cost"].iloc[0])
    return (
        f"Expected cost of holding seats of {answer.signing.plan}{beside(answer)}: lowest with {best:,}, {full(cost)} "
        f"{answer.currency}; with none {full(none)}, {signed(none - cost)}."
    )


def beside(answer: Seats) -> str:
    """The other plans' seats of the best choice in words."""
    assert answer.signing is not None
    return f" beside {seats_words(answer.signing.beside)}" if answer.signing.beside else ""
