"""The top of the page: the sentence, the figures beside it, what is asked and what would change it."""

import numpy as np

from aiecon.charts.business_case import label
from aiecon.charts.formats import money, percent, probability, scale_of, significant
from aiecon.models.business_case import BusinessCase
from aiecon.models.business_case.answer import HALF_A_CENT
from aiecon.models.business_case.gates import missing_words
from aiecon.report import blocks
from aiecon.report.blocks import Block
from aiecon.vocabulary.distribution import base
from aiecon.vocabulary.gate import Gate

_SYNTHETIC = "(synthetic)"
SURE = 0.8  # probability of being worth more than nothing from which the ask is plain
_MOST = 3  # gates told in full


def sentence(answer: BusinessCase) -> str:
    """The answer as one sentence with the figure and the verdict."""
    return f"{_ask(answer)}: the whole {_worth(answer)}, and {_back(answer)}."


def _ask(answer: BusinessCase) -> str:
    if not answer.ask and answer.next_phase is None:
        return f"Nothing is asked any more{_yet(answer)}"
    fund, funding = _what(answer)
    if not is_worth_it(answer):
        return f"Do not {fund}"
    stops = _stops(answer)
    if answer.gate_verdict == "failed":
        return f"Hold {funding}, since {_failed(stops)} has failed"
    start = f"{fund[0].upper()}{fund[1:]}"
    if stops:
        return f"{start} once {_named(*stops[0])} has its evidence" + (
            f" and {len(stops) - 1} more have" if len(stops) > 1 else ""
        )
    return f"{start} once {_ungated(answer)} has a gate that is passed" if answer.ungated else start


def _ungated(answer: BusinessCase) -> str:
    """The first phase that counts now and has no gate."""
    first = answer.ungated[0]
    return f"{first.name}, which is funded," if first.is_funded else "it"


def is_worth_it(answer: BusinessCase) -> bool:
    """Whether it is worth more than nothing, to half a cent."""
    return answer.npv > 0 and not answer.is_worth_nothing


def _yet(answer: BusinessCase) -> str:
    """What there is to say against a case that asks for nothing any more."""
    if answer.npv < 0 and not answer.is_worth_nothing:
        return ", yet stop it or change it"
    stops = _stops(answer)
    if answer.gate_verdict == "failed":
        return f", yet {_failed(stops)} has failed"
    if stops:
        return f", yet {_named(*stops[0])} has no evidence"
    return f", yet {_ungated(answer)} has no gate" if answer.ungated else ""


def _stops(answer: BusinessCase) -> list[tuple[str, Gate]]:
    """The gates that count now and have not passed, with what each is of where that is funded already."""
    funded = {phase.name for phase in answer.inputs.phases if phase.is_funded}
    return [(of if of in funded else "", gate) for of, gate in answer.asked_gates if gate.verdict != "passed"]


def _named(of: str, gate: Gate) -> str:
    return f"the gate “{gate.name}”{f' of {of}, which is funded,' if of else ''}"


def _failed(stops: list[tuple[str, Gate]]) -> str:
    """The first gate that failed, by its name where its phase is funded."""
    of, gate = next(stop for stop in stops if stop[1].verdict == "failed")
    return _named(of, gate) if of else "a gate"


def _what(answer: BusinessCase) -> tuple[str, str]:
    """What is asked as a deed, "fund scale with 100 USD", and by its name and size."""
    size, phase = money(answer.ask, answer.currency), answer.next_phase
    if phase is None:
        return f"fund {size}", size
    if answer.ask < HALF_A_CENT:
        return f"go on with {phase.name}, which asks for no money", phase.name
    return f"fund {phase.name} with {size}", f"{phase.name} with {size}"


def _worth(answer: BusinessCase) -> str:
    low, high = answer.npv_range
    rate = percent(base(answer.inputs.discount_rate))
    if answer.is_worth_nothing and high - low <= HALF_A_CENT:
        return f"is worth nothing today at {rate} (less than half a cent either way)"
    size = scale_of(answer.npv)[0]
    ends = f" (80 % range {significant(low / size)} to {significant(high / size)})" if high - low > 1e-6 else ""
    worth = "nothing" if answer.is_worth_nothing else money(answer.npv, answer.currency)
    return f"is worth {worth} today at {rate}{ends}"


def _back(answer: BusinessCase) -> str:
    months = answer.payback_months
    if not answer.peak_funding:
        return "nothing is left to pay back"
    return "does not pay back" if months is None else f"pays back in {months:,.0f} months"


def headline(answer: BusinessCase) -> Block:
    """The sentence with its verdict."""
    return blocks.headline(sentence(answer), verdict=verdict(answer), synthetic=is_synthetic(answer))


def verdict(answer: BusinessCase) -> str:
    """Fine when it is worth it, surely, and every gate is passed; act when it is not or a gate failed; else watch."""
    if not is_worth_it(answer) or answer.gate_verdict == "failed":
        return "act"
    sure = answer.npv_probability >= SURE
    return "fine" if sure and answer.gate_verdict in ("passed", None) else "watch"


def is_synthetic(answer: BusinessCase) -> bool:
    """Whether the page shows the made-up sample company."""
    return any(_SYNTHETIC in (gate.source or "") for _, gate in answer.gates)


def figures(answer: BusinessCase) -> Block:
    """Worth, payback, return and what waiting costs, each with what it is compared to."""
    currency = answer.currency
    return blocks.figures(
        [
            (
                "Worth today",
                "nothing" if answer.is_worth_nothing else money(answer.npv, currency),
                f"above zero in {probability(answer.npv_probability)} of futures",
            ),
            (
                "Payback",
                *_payback(answer),
            ),
            _return(answer),
            _waiting(answer),
        ]
    )


def _payback(answer: BusinessCase) -> tuple[str, str]:
    if not answer.peak_funding:
        return "at once", "nothing is left to pay back"
    months, later = answer.payback_months, answer.discounted_payback_months
    return (
        "not within it" if months is None else f"{months:,.1f} months",
        "discounted: not within it" if later is None else f"discounted: {later:,.1f} months",
    )


def _return(answer: BusinessCase) -> tuple[str, str, str]:
    rates = answer.irr
    hurdle = f"{percent(base(answer.inputs.discount_rate))} is asked"
    if answer.mirr is not None:
        hurdle += f"; modified: {percent(answer.mirr, 0)}"
    said = percent(rates[0], 0) if len(rates) == 1 else "none is" if not rates else f"{len(rates)} are: trust none"
    return "Rate of return", said, hurdle


def _waiting(answer: BusinessCase) -> tuple[str, str, str]:
    lost = answer.cost_of_not_scaling
    if answer.delay_cost:
        months = significant(base(answer.inputs.approval.delay_months))
        waiting = "" if lost is None else f"; not scaling: {money(lost)} over {len(answer.waiting)} quarters"
        return "Lost to delay", money(answer.delay_cost, answer.currency), f"{months} months of approval{waiting}"
    if lost is None:
        return "Lost by waiting", "not stated", "no quarter given"
    return "Lost by waiting", money(lost, answer.currency), f"over {len(answer.waiting)} quarters"


def decision(answer: BusinessCase) -> Block:
    """What is asked, of whom, by when, and what would change it."""
    return blocks.decision(
        what=_decide(answer),
        who=answer.inputs.asked_of or "whoever owns the budget",
        by=answer.inputs.decide_by or "the next investment round",
        changes=[*_turns(answer), *_gate_words(answer)],
    )


def _decide(answer: BusinessCase) -> str:
    what = f"{_ask(answer)}.{_running(answer)}"
    later = [phase for phase in answer.inputs.phases if not phase.is_funded and phase is not answer.next_phase]
    if later and is_worth_it(answer):
        names = " and ".join(phase.name for phase in later)
        what += (
            f" Nothing is decided for {names}, which {'asks' if len(later) == 1 else 'ask'} again with evidence; all "
            f"phases together need {money(answer.peak_funding, answer.currency)} until they pay for themselves."
        )
    return what


def _running(answer: BusinessCase) -> str:
    """What the phase asked for costs to run until the next, beside its investment."""
    found, phase = answer.running_until_next, answer.next_phase
    if found is None or phase is None or found[2] <= 0:
        return ""
    name, months, cost = found
    return (
        f" Running {phase.name} costs {money(cost, answer.currency)} more over the {significant(months)} months until "
        f"{name} (approval included): {money(answer.ask + cost, answer.currency)} together."
    )


def _turns(answer: BusinessCase) -> list[str]:
    """The benefit, cost and delay at which it is worth nothing, and the figure that moves it most."""
    found = []
    benefits, spent = worth_of(answer, "benefits"), -worth_of(answer, "costs") - worth_of(answer, "capital")
    if benefits > 0 and spent > 0:
        less, more = spent / benefits - 1, benefits / spent - 1
        found.append(
            f"It is worth nothing when benefits are {percent(abs(less), 0)} {'below' if less < 0 else 'above'} what is "
            f"stated, or all costs {percent(abs(more), 0)} {'above' if more > 0 else 'below'}."
        )
    if not answer.ends.empty:
        row = answer.ends.iloc[0]
        low, high = sorted((row["npv_at_low"], row["npv_at_high"]))
        found.append(f"{label(row['name'])} alone moves the worth from {money(low)} to {money(high, answer.currency)}.")
    return found


def _gate_words(answer: BusinessCase) -> list[str]:
    return [
        f"Gate “{gate.name}”{f' of {of}' if of else ''}, {gate.verdict}: {gate.reason}{_owner(gate.owner)}."
        for of, gate in _stops(answer)[:_MOST]
    ] + [f"{missing_words(phase)}." for phase in answer.ungated[:_MOST]]


def _owner(name: str | None) -> str:
    return f" ({name})" if name else ""


def worth_of(answer: BusinessCase, part: str) -> float:
    """Present value of benefits, costs or capital. [currency]"""
    time = np.arange(len(answer.flows)) / answer.per_year
    return float(answer.parts[part][0] @ (1.0 + base(answer.inputs.discount_rate)) ** -time)
