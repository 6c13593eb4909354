"""The top of the page: the sentence, the figures beside it, what to decide and what would change it."""

import pandas as pd

from aiecon.charts.formats import exact_percent, money, percent, probability, signed_percent, significant
from aiecon.charts.tiering import cost_of, shares_words, unit_of
from aiecon.models.tiering import Tiering
from aiecon.report import blocks
from aiecon.report.blocks import Block
from aiecon.report.pages.tiering.turns import turns

SURE = 0.9  # probability of saving from which a mix needs no watching
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
    more = gain(answer)
    if more is None or more <= 1e-9:
        return "no other mix saves more" + _misses(answer, ", but it")
    return f"{entering(answer.best_mix)} would save {percent(answer.best_saving_share, 0)}" + _misses(answer)


def _misses(answer: Tiering, start: str = "; the mix") -> str:
    """What the mix misses of what is asked."""
    return f"{start} misses what is asked: {'; '.join(answer.missed)}" if answer.missed else ""


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
    return blocks.decision(what=_what(answer), who=who, by=by, changes=turns(answer))


def _what(answer: Tiering) -> str:
    if answer.best_mix is None or answer.best_saving_share is None:
        out = "; ".join(answer.out_of_reach)
        return f"Lower what is asked of the mix, or bring a tier that reaches it; no shares of these tiers do: {out}."
    more = gain(answer)
    if answer.best_saving_share <= 0:
        return f"Stay with {baseline_words(answer)}: no mix that reaches what is asked costs less."
    if more is None or (more <= NEAR and reaches(answer)):
        return f"Keep the mix: {shares_words(answer.shares)}."
    chain = " → ".join(answer.inputs.escalate)
    failed = f", failed attempts along {chain}" if chain else ""
    used = [name for name, share in answer.best_mix.items() if share]
    enter = f"every request enter at {used[0]}" if len(used) == 1 else f"requests enter {shares_words(answer.best_mix)}"
    return f"Let {enter}{failed}{_worth(answer)}."


def _worth(answer: Tiering) -> str:
    """What the better mix is worth a month at as many accepted answers; no money where it is not known what runs."""
    worth = None if answer.best_plan is None else answer.worth_of(answer.best_plan)
    if worth is None or answer.inputs.baseline is None:
        return ""
    equal = "for as many accepted answers, review included" if answer.inputs.has_success else "a request for a request"
    return f"; against {against_words(answer)} that saves {money(worth, answer.currency)} a month, {equal}"
