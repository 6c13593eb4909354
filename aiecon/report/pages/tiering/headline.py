"""The top of the page: the sentence, the figures beside it, what to decide and what would change it."""

import pandas as pd

from aiecon.charts.formats import exact_percent, money, percent, probability, signed_percent, significant
from aiecon.charts.tiering import cost_of, shares_words, unit_of
from aiecon.models.tiering import Tiering
from aiecon.report import blocks
from aiecon.report.blocks import Block
from aiecon.report.move import NOT_SAID, Move, saves_with
from aiecon.report.pages.tiering.turns import turns

SURE = 0.9  # probability of saving from which a mix needs no watching
_OWNER = "engineering lead"
NEAR = 0.02  # of the baseline that a better mix may still save before the page asks for it


def sentence(answer: Tiering) -> str:
    """The answer as one sentence with the saving, its range and the best mix."""
    mix, saved = entering(answer.shares).removeprefix("entering "), answer.saving_share
    if saved is None:
        return f"What {mix} saves cannot be said: the baseline costs nothing, or nothing is accepted."
    what = "an accepted answer" if answer.inputs.has_success else "a request"
    verb = "saves" if saved >= 0 else "costs"
    share = percent(abs(saved), 0) + ("" if saved >= 0 else " more")
    cost = f"{verb} {share} {_of(saved, what)} against {against_words(answer)}"
    return f"Entering {mix} {cost}{_range(answer)}; {_best(answer)}."


def _of(saved: float, what: str) -> str:
    return f"of the cost of {what}" if saved >= 0 else f"for {what}"


def baseline_words(answer: Tiering) -> str:
    """What the mix is held against: 'all premium'."""
    return shares_words(answer.case.baseline_shares)


def against_words(answer: Tiering) -> str:
    """The same with what it stands for: what runs today, or the dearest tier where nobody said what does."""
    words = baseline_words(answer)
    if answer.inputs.baseline is None:
        return f"{words}, the dearest tier, as no baseline says what runs today"
    return f"today's {words}"


def is_uncertain(answer: Tiering) -> bool:
    """Whether anything is drawn."""
    return answer.cases is not answer.case


def _range(answer: Tiering) -> str:
    if not is_uncertain(answer):
        return ""
    low, high = answer.saving_range
    return f" (80 % range {percent(low, 0).removesuffix(' %')} to {percent(high, 0)})"


def gain(answer: Tiering) -> float | None:
    """What the best mix saves beyond the mix, of the baseline."""
    best, saved = answer.best_saving_share, answer.saving_share
    return None if best is None or saved is None else best - saved


def _best(answer: Tiering) -> str:
    if answer.best_mix is None or answer.best_saving_share is None:
        return f"no mix reaches what is asked of it: {'; '.join(answer.out_of_reach)}"
    saves = f"would save {percent(answer.best_saving_share, 0)}"
    if answer.missed:
        return f"{entering(answer.best_mix)}, the cheapest that reaches what is asked, {saves}" + _misses(answer)
    more = gain(answer)
    return "no other mix saves more" if more is None or more <= 1e-9 else f"{entering(answer.best_mix)} {saves}"


def _misses(answer: Tiering) -> str:
    """What the mix misses of what is asked."""
    return f"; the mix misses what is asked: {'; '.join(answer.missed)}" if answer.missed else ""


def entering(shares: dict[str, float]) -> str:
    """Where requests enter: 'entering all at economy', 'entering 60 % economy, 40 % premium'."""
    return f"entering {shares_words(shares)}".replace("entering all ", "entering all at ")


def chance(share: float) -> str:
    """How many draws: 'every draw', '98 % of draws'."""
    return "every draw" if share == 1 else f"{probability(share)} of draws"


def reaches(answer: Tiering) -> bool:
    """Whether the mix keeps everything that is asked of it."""
    return not answer.missed


def headline(answer: Tiering) -> Block:
    """The sentence with its verdict."""
    return blocks.headline(sentence(answer), verdict=verdict(answer), synthetic=is_synthetic(answer))


def verdict(answer: Tiering) -> str:
    """Act when the mix does not save, misses what is asked or a better one is there; watch when not sure, or stale.

    Sure: in nine draws in ten it saves, it accepts what is asked, and the best mix is the cheapest.
    """
    more, sure = gain(answer), answer.saves_probability
    if sure is None or more is None or sure < 0.5 or not reaches(answer) or more > NEAR:
        return "act"
    chances = (sure, answer.reaches_probability(answer.shares), answer.cheapest_probability)
    is_sure = all(one is None or one >= SURE for one in chances)
    return "fine" if is_sure and not answer.stale else "watch"


def is_synthetic(answer: Tiering) -> bool:
    """Whether the page shows the made-up sample company, whatever of it was changed."""
    return answer.inputs.is_of_sample


def figures(answer: Tiering) -> Block:
    """Saving, cost, quality and the best mix, each with what it is compared to."""
    unit, saved, sure = unit_of(answer), answer.saving_share, answer.saves_probability
    if saved is None or sure is None:
        each = f"{significant(1_000 * answer.cost_per_request)}"
        return blocks.figures([(f"{answer.currency} per 1,000 requests", each, "no baseline to save on")])
    cost, before = cost_of(answer, answer.shares), 1_000 * float(answer.bridge["amount"].iloc[0])
    cards = [
        ("Saving on the baseline", percent(saved), f"saves in {chance(sure)}"),
        (f"{answer.currency} per {unit}", significant(cost), f"{against_words(answer)}: {significant(before)}"),
    ]
    if answer.success_rate is not None:
        wanted, held = answer.inputs.minimum_success_rate, float(answer.case.baseline[2][0])
        least = "" if wanted is None else f"; at least {exact_percent(wanted)} asked"
        cards.append(("Accepted in the end", percent(answer.success_rate), f"baseline {percent(held)}{least}"))
    if answer.best_mix is not None and answer.best_saving_share is not None:
        more = gain(answer)
        said = "" if more is None else f"; {signed_percent(more)} points to the mix".replace(" % points", " points")
        cards.append(("Best mix saves", percent(answer.best_saving_share), f"{shares_words(answer.best_mix)}{said}"))
    return blocks.figures(cards)


def decision(answer: Tiering) -> Block:
    """What to decide, who, by when, and where the choice turns."""
    day = pd.Timestamp(answer.as_of) if answer.as_of else None
    by = "the next quarterly model review"
    if day is not None:
        by += f", {day + pd.offsets.QuarterEnd(1):%Y-%m-%d}"
    who = "engineering lead with the product owner; finance partner for the forecast"
    return blocks.decision(what=_what(answer), who=who, by=by, changes=turns(answer), moves=[_move(answer)])


def _what(answer: Tiering) -> str:
    words, plan = _choice(answer)
    return f"{words}{_worth(answer, plan)}."


def _choice(answer: Tiering) -> tuple[str, dict[str, float] | None]:
    """What is decided in words, and the shares that it leads to; none where today's stay."""
    if answer.best_mix is None or answer.best_saving_share is None:
        out = "; ".join(answer.out_of_reach)
        what = "Lower what is asked of the mix, or bring a tier that reaches it; no shares of these tiers do"
        return f"{what}: {out}", None
    more = gain(answer)
    if answer.best_saving_share <= 0:
        return f"Stay with {baseline_words(answer)}: no mix that reaches what is asked costs less", None
    if more is None or (more <= NEAR and reaches(answer)):
        return f"Keep the mix: {shares_words(answer.shares)}", answer.shares
    chain = " → ".join(answer.inputs.escalate)
    failed = f", failed attempts along {chain}" if chain else ""
    used = [name for name, share in answer.best_mix.items() if share]
    enter = f"every request enter at {used[0]}" if len(used) == 1 else f"requests enter {shares_words(answer.best_mix)}"
    return f"Let {enter}{failed}", answer.best_plan


def _worth(answer: Tiering, plan: dict[str, float] | None) -> str:
    """What the shares decided are worth a month in words."""
    worth = _worth_of(answer, plan)
    if not worth or worth < 0:
        return ""
    equal = "for as many accepted answers, review included" if answer.inputs.has_success else "a request for a request"
    return f"; against {against_words(answer)} that saves {money(worth, answer.currency)} a month, {equal}"


def _worth_of(answer: Tiering, plan: dict[str, float] | None) -> float | None:
    """What shares are worth a month at as many accepted answers; none where it is not known what runs."""
    return None if plan is None or answer.inputs.baseline is None else answer.worth_of(plan)


def _move(answer: Tiering) -> Move:
    """The decision as a move, with the saving that it states."""
    what, plan = _choice(answer)
    share = None if plan is None else answer.saving_of(plan)
    if plan is None or share is None or share <= 0:
        return Move(what, NOT_SAID, "none", _OWNER, said=_why_nothing(answer))
    worth = _worth_of(answer, plan)
    against = "all on the dearest" if answer.inputs.baseline is None else "its cost"
    return Move(
        what,
        saves_with(float((answer.savings(plan) > 0).mean())),
        "routing",
        _OWNER,
        saved=worth,
        currency=answer.currency,
        of_tokens=_of_tokens(answer, plan),
        is_routing=True,
        said="" if worth is not None else f"{percent(share, 0)} of {against}",
        condition=_condition(answer, plan),
    )


def _why_nothing(answer: Tiering) -> str:
    """Why what is decided saves nothing."""
    if answer.best_mix is None:
        return "nothing: no shares reach what is asked"
    return f"nothing: {baseline_words(answer)} costs no more an accepted answer than any mix"


def _of_tokens(answer: Tiering, plan: dict[str, float]) -> float:
    """Part of what today's tokens cost that shares save for as many accepted answers, review out."""
    cost, _, accepted = (float(part[0]) for part in answer.case.of_mix(plan))
    before, _, held = (float(part[0]) for part in answer.case.baseline)
    return 1.0 - cost / before * (held / accepted if answer.inputs.has_success else 1.0)


def _condition(answer: Tiering, plan: dict[str, float]) -> str:
    """What must be shown before the saving counts."""
    reached = answer.reaches_probability(plan)
    if reached is not None and reached < SURE:
        return "enough answers are accepted when more are tried"
    return "prices that nobody saw for long are looked up" if answer.stale else ""
