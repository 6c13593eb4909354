"""How sure the saving is, where the prices are from, and the method in words."""

import numpy as np

from aiecon.charts.formats import exact_percent, percent, significant
from aiecon.ingestion.rate_cards import quote_of, shipped_rate_card
from aiecon.models.tiering import Tiering
from aiecon.models.tiering.ages import price_days
from aiecon.models.tiering.inputs import FlatPrice, Tier
from aiecon.report import blocks
from aiecon.report.blocks import Block
from aiecon.report.pages.tiering.headline import SURE, chance, is_uncertain
from aiecon.vocabulary.distribution import base


def confidence(answer: Tiering) -> Block:
    """How often the mix saves and the best mix is better, over the draws, and what more success would cost."""
    if answer.saving_share is None:
        return blocks.nothing()
    paragraphs = [*_sure(answer), *_quality(answer)]
    return blocks.text("How sure this is", paragraphs) if paragraphs else blocks.nothing()


def _sure(answer: Tiering) -> list[str]:
    if not is_uncertain(answer):
        return [
            "Nothing is uncertain in these inputs: success from counts, {shape = beta}, would say how sure this is."
        ]
    found = [
        f"{len(answer.drawn_savings):,} draws were made of what is uncertain, each input by itself; the mix saves in "
        f"{chance(answer.saves_probability or 0.0)}."
    ]
    found += _choice(answer)
    if answer.best_plan is not None and answer.best_mix != answer.shares:
        better = float(np.mean(answer.savings(answer.best_plan) > answer.savings(answer.shares)))
        found[0] += f" The best mix saves more than the one asked about in {chance(better)}."
    return found


def _choice(answer: Tiering) -> list[str]:
    """How often the best mix accepts what is asked, and is the cheapest of those that do."""
    plan, cheapest = answer.best_plan, answer.cheapest_probability
    if plan is None or cheapest is None:
        return []
    said = (
        f"The best mix is the cheapest of {1 + len(answer.rivals)} mixes that keep what is asked in {chance(cheapest)}"
    )
    reached, wanted = answer.reaches_probability(plan), answer.inputs.minimum_success_rate
    if reached is not None and wanted is not None:
        said += f" and accepts the {exact_percent(wanted)} asked in {chance(reached)}"
        if reached < SURE:
            said += "; ask more of it, or count more answers, before relying on it"
    elif answer.inputs.has_success:
        said += "; no success is asked of it (minimum_success_rate), so a mix that accepts less may be called cheapest"
    return [f"{said}."]


def _quality(answer: Tiering) -> list[str]:
    price, wanted = answer.point_price, answer.inputs.minimum_success_rate
    if price is None or wanted is None:
        return []
    if price <= 1e-12:
        return [f"The {exact_percent(wanted)} success asked for does not bind: the cheapest mix accepts more."]
    cost = f"{significant(1_000 * price)} {answer.currency} per 1,000 accepted answers"
    return [f"A point of success at the {exact_percent(wanted)} asked costs {cost} at the best mix."]


def prices(answer: Tiering) -> Block:
    """What each tier charges, since when, and who said so."""
    rows = [[tier.name, *_price(answer, tier)] for tier in answer.inputs.tiers]
    columns = ["Tier", "Model", "Input, cached, output", "Since, and source", "Last seen"]
    return blocks.table(
        f"Prices, {answer.currency} per million tokens", columns, rows, text_columns=5, widths=(1, 2.2, 1.3, 3.2, 1.3)
    )


def _price(answer: Tiering, tier: Tier) -> list[str]:
    price = tier.price
    if isinstance(price, FlatPrice):
        return ["–", f"{base(price.cost_per_request):g} a request", "as given", _seen(answer, tier)]
    parts = (price.input_per_mtok, price.cached_input_per_mtok, price.output_per_mtok)
    said = ", ".join("–" if part is None else f"{base(part):g}" for part in parts)
    since = f"{price.effective_from}; " if price.effective_from else ""
    named = [f"{price.provider}/{price.model}", said]
    quote = quote_of(price, day=answer.as_of)
    if quote is not None:
        day = answer.as_of or shipped_rate_card().last_day
        replaced = "" if quote.price.holds_on(day) else f"; replaced on {quote.price.effective_to}"
        return [*named, f"{quote.price.effective_from}; {quote.source}{replaced}", _seen(answer, tier)]
    unlike = ", unlike the rate card" if shipped_rate_card().has(price.provider, price.model) else ""
    return [*named, f"{since}as given{unlike}", _seen(answer, tier)]


def _seen(answer: Tiering, tier: Tier) -> str:
    """The day a price was last seen, its age where that is over the limit."""
    (one,) = price_days("tiers", [tier])
    if one.day is None:
        return "not said"
    said, age = str(one.day) if one.is_seen else "not since it began", answer.stale.get(tier.name)
    return said if age is None else f"{said}: {age} days, stale"


def stale(answer: Tiering) -> Block:
    """Tiers' prices that nobody has seen for longer than the limit, with their day; nothing where there are none."""
    if not answer.stale:
        return blocks.nothing()
    days = {one.name: one.words for one in price_days("tiers", answer.inputs.tiers)}
    said = "; ".join(f"{name} {days[name]}, {age} days ago" for name, age in answer.stale.items())
    share = sum(answer.shares[name] for name in answer.stale)
    paragraph = (
        f"Stale prices: {said}. The limit is {answer.inputs.stale_after_days:g} days before {answer.as_of}; "
        f"{percent(share, 0)} of requests enter there. Look them up before deciding."
    )
    return blocks.text("Prices to look up again", [paragraph])


def _stages(answer: Tiering) -> list[str]:
    """Tries at one model and checks before it, in words, with the grade of what is taken of retries."""
    found = []
    for tier in answer.inputs.tiers:
        if tier.attempts != 1:
            most = (
                f"up to {tier.attempts} attempts"
                if isinstance(tier.attempts, int)
                else "attempts until one is accepted"
            )
            again = base(tier.repeat_failure_share)
            how = (
                f"{percent(again)} of failed requests are taken to fail at every retry too"
                if again
                else "each retry is taken to fail by itself, a judgement (repeat_failure_share)"
            )
            found.append(f"A request makes {most} at {tier.name}; {how}.")
        if tier.check is not None:
            out, wrong = (base(part) for part in (tier.check.filtered_share, tier.check.wrongly_filtered_share))
            found.append(
                f"A check before {tier.name} filters out {percent(out)} of what comes there, {percent(wrong)} of it "
                "wrongly; what is rightly filtered counts as accepted."
            )
    return found


def method(answer: Tiering) -> Block:
    """How the figures were made, and what limits them."""
    paragraphs = [
        "A request enters at a tier by its share; a failed attempt goes to the next tier of the escalation and is paid "
        "and reviewed again; the last failure stays failed. The cost of an accepted answer is the mean cost and review "
        "of all requests over the mean success. The best mix is exact: cost over success is lowest at a corner of what "
        "is allowed, and every corner is tried; where there are too many, a mixed-integer program finds it.",
        *_stages(answer),
        "Limits: attempts at one request are taken to fail independently; where the same hard requests fail "
        "everywhere, escalation reaches less than this says. A failure is taken to be noticed. What a wrong answer "
        "costs a customer is not in these figures, nor is effort.",
        *answer.notes,
    ]
    return blocks.text("Method and limits", [words if words.endswith(".") else f"{words}." for words in paragraphs])
