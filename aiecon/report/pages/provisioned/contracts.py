"""The sentence and the decision where units are already under contract: what to change, and what that saves."""

from aiecon.charts.formats import money
from aiecon.models.provisioned import Provisioned
from aiecon.models.provisioned.curve import SAME
from aiecon.models.provisioned.rightsizing import Rightsizing
from aiecon.report.pages.provisioned.verdicts import held, is_gated, is_seen, verdict


def contract_sentence(answer: Provisioned, basis: str) -> str:
    """The contract against the demand in one sentence; `basis` says what it rests on, where that is little."""
    found, unit, currency = _held(answer), answer.inputs.capacity_unit, answer.currency
    product = f"{unit.model} at {unit.provider}"
    costs = f"{money(found.right_cost_per_month, currency)} a month with what spills"
    payg = f"; all at pay-as-you-go would cost {money(answer.payg_cost or 0.0, currency)}" if found.right_units else ""
    if not found.is_better:
        start = "Do not sign again yet: " if verdict(answer) == "watch" else ""
        words = f"{'k' if start else 'K'}eep the contract of {found.committed_units:,} units of {product}"
        return f"{start}{words}: {costs}{basis}, and no other number costs less at its price{payg}."
    less = f"{money(found.savings_per_month, currency)} less than as it is"
    words = _change(found, of=f" of {product}")
    if verdict(answer) == "watch":
        words = f"Do not change the contract yet: the cheapest would be to {words[0].lower()}{words[1:]}"
    return f"{words}: {costs}, {less}{basis}{payg}."


def contract_decision(answer: Provisioned) -> str:
    """What to do about the contract, and what it saves against what is held."""
    found, currency = _held(answer), answer.currency
    saved = f"{money(found.savings_per_month, currency)} a month saved against the {found.committed_units:,} units held"
    if not found.is_better:
        what = f"Keep the contract of {found.committed_units:,} units: no other number costs less at its price."
    elif is_gated(answer):
        months = f"{answer.inputs.enough_months:g} months of production"
        what = f"Sign no more units before {months} are seen; what was seen points to {found.right_units:,}: {saved}."
    elif verdict(answer) == "watch":
        record = f"Record {answer.inputs.enough_days} days of demand by the minute"
        wait = "Wait until more months agree" if is_seen(answer) else record
        points = f"{found.right_units:,} units" if found.right_units else "ending it"
        what = f"{wait} before changing the contract; what is known points to {points}: {saved}."
    else:
        what = f"{_change(found)} when it ends or can be changed: {saved}."
    return f"{what}{_cheaper_term(answer, found)}"


def _held(answer: Provisioned) -> Rightsizing:
    found = held(answer)
    assert found is not None
    return found


def _change(found: Rightsizing, *, of: str = "") -> str:
    if not found.right_units:
        return f"End the contract of {found.committed_units:,} units{of} and pay as you go"
    verb = "Cut" if found.right_units < found.committed_units else "Raise"
    return f"{verb} the contract from {found.committed_units:,} to {found.right_units:,} units{of}"


def _cheaper_term(answer: Provisioned, found: Rightsizing) -> str:
    """The term on offer that would cost less than the contract's price at its best number."""
    if answer.term is None or answer.optimal_cost is None:
        return ""
    less = found.right_cost_per_month - answer.optimal_cost
    if less <= SAME * max(found.right_cost_per_month, 1.0):
        return ""
    saved = money(less, answer.currency)
    return f" Term {answer.term.name} with {answer.optimal_units:,} units would cost {saved} a month less than that."
