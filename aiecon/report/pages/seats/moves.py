"""The decision about seats as a move, with the saving that the page states."""

from aiecon.charts.formats import full, money, probability
from aiecon.charts.seat_words import seats_named
from aiecon.models.seats import Seats
from aiecon.report.move import NOT_SAID, Move
from aiecon.report.pages.seats.choices import best_plain, gain
from aiecon.report.pages.seats.signing import decided, declined_words, waits

_OWNER = "procurement lead"
_SAME = 1e-6


def move_of(answer: Seats) -> Move:
    """What to sign for, as the page decides it; what the use seen alone would take where it decides nothing else."""
    signed = decided(answer)
    if signed is not None:
        return _signed(answer, *signed)
    if declined_words(answer):
        what, _, why = declined_words(answer).partition(": ")
        return Move(what, NOT_SAID, "none", _OWNER, said=f"nothing: {why}")
    return _seen(answer)


def _signed(answer: Seats, what: str, less: float, loses: float) -> Move:
    future = answer.inputs.future
    assert future is not None
    months, committed, wait = future.horizon_months, sum(answer.committed.values()), waits(answer)
    return Move(
        f"Sign for {what}",
        "never loses" if loses == 0 else f"loses in {probability(loses)}",
        f"commits {full(committed)} {answer.currency}" if committed else "at the renewal",
        _OWNER,
        saved=less / months,
        currency=answer.currency,
        said=f"{money(less, answer.currency)} over {months} months",
        condition=f"{wait} months have shown the use" if wait else "",
    )


def _seen(answer: Seats) -> Move:
    """What is cheapest for the use of the months read."""
    seats, saved = answer.allocation.seats, gain(answer)
    what = f"Buy {seats_named(seats)}" if seats else "Buy no seat"
    if saved <= _SAME * max(best_plain(answer).cost, 1.0):
        return Move(what, NOT_SAID, "none", _OWNER, said="nothing: one plan for everybody costs as little")
    return Move(what, "of the months read", "at the renewal", _OWNER, saved=saved, currency=answer.currency)
