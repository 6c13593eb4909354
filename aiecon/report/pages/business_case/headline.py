"""The top of the page: the sentence, the figures beside it, what is asked and what would change it."""

from aiecon.charts.formats import money, percent, probability
from aiecon.models.business_case import BusinessCase
from aiecon.report import blocks
from aiecon.report.blocks import Block
from aiecon.vocabulary.distribution import base

_SYNTHETIC = "(synthetic)"
_SURE = 0.8  # probability of being worth more than nothing from which the ask is plain


def sentence(answer: BusinessCase) -> str:
    """The answer as one sentence with the figure and the verdict."""
    currency, low, high = answer.currency, *answer.npv_range
    rate = percent(base(answer.inputs.discount_rate))
    said = f"Fund {money(answer.ask, currency)}" if answer.npv > 0 else f"Do not fund {money(answer.ask, currency)}"
    ends = f", 80 % range {money(low, like=answer.npv)} to {money(high, like=answer.npv)}" if high - low > 1e-6 else ""
    worth = f"it is worth {money(answer.npv, currency)} today at {rate}{ends}"
    months = answer.payback_months
    back = "it does not pay back" if months is None else f"it pays back in {months:,.0f} months"
    gates = {"failed": "; a gate has failed", "held": "; a gate waits for evidence"}.get(answer.gate_verdict or "", "")
    return f"{said}: {worth}, and {back}{gates}."


def headline(answer: BusinessCase) -> Block:
    """The sentence with its verdict."""
    return blocks.headline(sentence(answer), verdict=verdict(answer), synthetic=is_synthetic(answer))


def verdict(answer: BusinessCase) -> str:
    """Fine when it is worth it, surely, and every gate is passed; act when it is not or a gate failed; else watch."""
    if answer.npv <= 0 or answer.gate_verdict == "failed":
        return "act"
    sure = answer.npv_probability >= _SURE
    return "fine" if sure and answer.gate_verdict in ("passed", None) else "watch"


def is_synthetic(answer: BusinessCase) -> bool:
    """Whether the page shows the made-up sample company."""
    return _SYNTHETIC in (answer.inputs.asked_of or "") or any(
        _SYNTHETIC in (gate.source or "") for _, gate in answer.gates
    )


def figures(answer: BusinessCase) -> Block:
    """Worth, payback, return and what waiting costs, each with what it is compared to."""
    currency = answer.currency
    months, later = answer.payback_months, answer.discounted_payback_months
    rates = answer.irr
    return_words = percent(rates[0], 0) if len(rates) == 1 else "none" if not rates else f"{len(rates)} rates"
    waiting = answer.cost_of_not_scaling
    return blocks.figures(
        [
            (
                "Worth today",
                money(answer.npv, currency),
                f"above zero in {probability(answer.npv_probability)} of futures",
            ),
            (
                "Payback",
                "not within it" if months is None else f"{months:,.1f} months",
                "discounted: never" if later is None else f"discounted: {later:,.1f} months",
            ),
            ("Rate of return", return_words, f"{percent(base(answer.inputs.discount_rate))} is asked"),
            (
                "Lost by waiting",
                "not stated" if waiting is None else money(waiting, currency),
                f"over {len(answer.inputs.cost_of_not_scaling)} quarters"
                if waiting is not None
                else "no quarter given",
            ),
        ]
    )


def decision(answer: BusinessCase) -> Block:
    """What is asked, of whom, by when, and what would change it."""
    open_gates = [gate.name for _, gate in answer.gates if gate.verdict != "passed"]
    do = "Approve" if answer.npv > 0 and answer.gate_verdict != "failed" else "Hold"
    what = f"{do} {money(answer.ask, answer.currency)}"
    if open_gates:
        what += f", once {', '.join(open_gates)} {'is' if len(open_gates) == 1 else 'are'} shown"
    return blocks.decision(
        what=f"{what}.",
        who=answer.inputs.asked_of or "whoever owns the budget",
        by=answer.inputs.decide_by or "the next investment round",
        changes=_changes(answer),
    )


def _changes(answer: BusinessCase) -> list[str]:
    """The benefit and cost at which it is worth nothing."""
    benefits, spent = _worth(answer, "benefits"), -_worth(answer, "costs") - _worth(answer, "capital")
    found = []
    if benefits > 0 and spent > 0:
        found.append(f"Benefits {percent(spent / benefits - 1)} off what is stated make it worth nothing.")
        found.append(f"Costs {percent(benefits / spent - 1)} off what is stated do the same.")
    held = [gate.reason for _, gate in answer.gates if gate.verdict != "passed"]
    return [*found, *(f"Gate: {reason}." for reason in held[:3])]


def _worth(answer: BusinessCase, part: str) -> float:
    frame = answer.to_frame()
    factor = (frame["discounted"] / frame["net"]).where(frame["net"] != 0)
    rate = base(answer.inputs.discount_rate)
    exact = (1.0 + rate) ** (-frame["period"] / answer.per_year)
    return float((frame[part] * factor.fillna(exact)).sum())
