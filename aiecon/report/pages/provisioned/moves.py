"""The decision about a reservation as a move, with the saving that the page states."""

from aiecon.models.provisioned import Provisioned
from aiecon.report.move import NOT_SAID, Move, saves_with
from aiecon.report.pages.provisioned.verdicts import held, verdict

_OWNER = "platform lead"


def move_of(answer: Provisioned, what: str) -> Move:
    """The first sentence of what is decided, and what it saves; conditional while the page waits for evidence."""
    words, saved = what.partition(". ")[0].removesuffix("."), _saved(answer)
    if saved <= 0:
        return Move(words, "see its page", "none", _OWNER, said=_why_nothing(answer))
    found = answer.confidence
    return Move(
        words,
        NOT_SAID if found is None else saves_with(found.saves_probability),
        "a commitment" if held(answer) is None else "a contract to change",
        _OWNER,
        saved=saved,
        currency=answer.currency,
        of_tokens=saved / answer.payg_cost if answer.payg_cost else None,
        condition=_condition(answer),
    )


def _saved(answer: Provisioned) -> float:
    """What the page decides saves a month; nothing where it decides to leave things. [currency/month]"""
    if answer.curve is None or not answer.inputs.is_priced_alike:
        return 0.0
    found = held(answer)
    if found is not None:
        return found.savings_per_month if found.is_better else 0.0
    return 0.0 if answer.term is None else answer.savings or 0.0


def _why_nothing(answer: Provisioned) -> str:
    """Why leaving things as they are saves nothing."""
    if answer.curve is None:
        return "not known: only a peak is given"
    if not answer.inputs.is_priced_alike:
        return "not known: pay-as-you-go is priced as another model"
    if held(answer) is not None:
        return "nothing: what is held is cheapest"
    return "nothing: no unit is used often enough to pay"


def _condition(answer: Provisioned) -> str:
    """What must be shown first, where the page waits or shows another company's load."""
    file = answer.inputs.demand.file
    if file is not None and file.is_shipped:
        return "the company's own load is recorded"
    return "enough of the demand is seen" if verdict(answer) == "watch" else ""
