"""The claim that 70, 20 and 10 % save 60 to 80 %, tried on price ladders of several providers and dates."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from aiecon.charts.formats import percent
from aiecon.charts.tiering import CLAIM
from aiecon.ingestion import claims
from aiecon.ingestion.claim_checks import LADDERS, MIX
from aiecon.ingestion.rate_cards import shipped_rate_card
from aiecon.models.tiering import Tiering, TieringInputs, tiering
from aiecon.report import blocks
from aiecon.report.blocks import Block
from aiecon.vocabulary.strict import quoted
from aiecon.vocabulary.token_price import TokenPrice

CLAIM_ID = "S3-69"
_SUFFIX = re.compile(r"-(\d{8}|latest)$")  # of a model's name, that says when it was made
MORE_LADDERS = (
    ("openai", ("gpt-5.4-nano", "gpt-5.4-mini", "gpt-5.4")),
    ("anthropic", ("claude-3-5-haiku-20241022", "claude-3-5-sonnet-20241022", "claude-3-opus-20240229")),
    ("mistral", ("mistral-small-latest", "mistral-medium-latest", "mistral-large-latest")),
    ("xai", ("grok-4-fast-reasoning", "grok-3-mini", "grok-4")),
)
"""Beside those of the claims: later models, and providers whose steps are of another size."""


@dataclass(frozen=True)
class Rung:
    """What the mix saves on one ladder at the prices of one day; `quality` counts failures, None if unknown."""

    provider: str
    models: tuple[str, ...]
    since: date
    read: float
    written: float
    quality: float | None


def rungs(answer: Tiering) -> list[Rung]:
    """Every ladder at every set of prices up to the day of the answer."""
    last = answer.as_of or shipped_rate_card().last_day
    return [
        _rung(answer, provider, models, day, prices)
        for provider, models in (*LADDERS, *MORE_LADDERS)
        for day, prices in _days(provider, models, last)
    ]


def _days(provider: str, models: tuple[str, ...], last: date) -> Iterator[tuple[date, list[TokenPrice]]]:
    """The days from which a price of the ladder is another, all models on sale, and the prices then."""
    card = shipped_rate_card()
    levels = [[quote.price for quote in card.levels(model, provider=provider)] for model in models]
    starts = sorted({price.effective_from for of_model in levels for price in of_model if price.effective_from})
    before: list[tuple[object, object]] = []
    for day in starts:
        held = [next((price for price in of_model if price.holds_on(day)), None) for of_model in levels]
        prices = [price for price in held if price is not None]
        found = [(price.input_per_mtok, price.output_per_mtok) for price in prices]
        if day <= last and len(prices) == len(models) and found != before:
            before = found
            yield day, prices


def _rung(answer: Tiering, provider: str, models: tuple[str, ...], day: date, prices: list[TokenPrice]) -> Rung:
    saved = [
        _saved([float(getattr(price, field)) for price in prices]) for field in ("input_per_mtok", "output_per_mtok")
    ]
    return Rung(provider, models, day, saved[0], saved[1], _with_failures(answer, prices))


def _saved(prices: list[float]) -> float:
    return 1.0 - sum(share * price for share, price in zip(MIX, prices, strict=True)) / prices[-1]


def _with_failures(answer: Tiering, prices: list[TokenPrice]) -> float | None:
    """The saving of an accepted answer with the success, review, shape and escalation of the question's three tiers."""
    inputs = answer.inputs
    if _untried(answer):
        return None
    order = sorted(inputs.tiers, key=lambda tier: float(answer.case.plain(tier)[0]))
    names = [price.model for price in prices]
    tiers = [
        {
            "name": name,
            "share": share,
            "price": price,
            "shape": tier.shape or inputs.shape,
            "success_rate": float(answer.case.success(tier.name)[0]),
            "review_cost": float(answer.case.figure(f"tiers.{quoted(tier.name)}.review_cost")[0]),
        }
        for name, share, price, tier in zip(names, MIX, prices, order, strict=True)
    ]
    escalate = names if inputs.escalate else []
    asked = {"tiers": tiers, "escalate": escalate, "baseline": names[-1], "draws": 100}
    return tiering(TieringInputs.build(asked)).saving_share


def _untried(answer: Tiering) -> str:
    """Why the ladders cannot be tried with this page's success and review; empty where they can."""
    inputs, wanted = answer.inputs, len(MIX)
    if not inputs.has_success:
        return "No success rate is known here"
    if len(inputs.tiers) != wanted:
        return f"The ladders have {wanted} models and this page {len(inputs.tiers)} tiers"
    silent = [tier.name for tier in inputs.tiers if (tier.shape or inputs.shape) is None]
    return f"How many tokens a request at {', '.join(silent)} has is not known" if silent else ""


def _short(provider: str, model: str) -> str:
    return _SUFFIX.sub("", model).removeprefix(f"{provider}-")


def _state(saved: float) -> str:
    return "below" if saved < CLAIM[0] else "above" if saved > CLAIM[1] else "as claimed"


def _judged(rung: Rung) -> str:
    """The claim on a ladder; list prices alone can only show that it fails."""
    if rung.quality is not None:
        return _state(rung.quality)
    return "below" if min(rung.read, rung.written) < CLAIM[0] else "not known"


def claim(answer: Tiering) -> Block:
    """What is claimed, what the tables say, and in which cases it fails."""
    found = rungs(answer)
    stated = claims.find(CLAIM_ID)[0]
    listed = [saved for rung in found for saved in (rung.read, rung.written)]
    fails = [rung for rung in found if min(rung.read, rung.written) < CLAIM[0]]
    providers = len({rung.provider for rung in found})
    paragraphs = [
        f"Claimed ({stated.source}): {stated.claim[0].lower()}{stated.claim[1:]}, {stated.figure} {stated.unit}. "
        f"Fact: at list prices {len(found)} price ladders of {providers} providers save {percent(min(listed), 0)} to "
        f"{percent(max(listed), 0)}.",
        _failing_words(fails),
        *_quality_words(answer, found),
    ]
    return blocks.text("Claim beside fact: 70/20/10 saves 60 to 80 %", [words for words in paragraphs if words])


def _failing_words(fails: list[Rung]) -> str:
    if not fails:
        return "At list prices it never falls short."
    said = "; ".join(f"{rung.provider} from {rung.since} ({percent(min(rung.read, rung.written))})" for rung in fails)
    return f"It falls short where the large model is not much dearer than the middle one: {said}."


def _quality_words(answer: Tiering, found: list[Rung]) -> list[str]:
    known = [rung.quality for rung in found if rung.quality is not None]
    if not known:
        return [
            f"{_untried(answer)}: failed attempts and review, which take from it, are not counted, and list prices "
            "alone do not show that it holds."
        ]
    short = sum(saved < CLAIM[0] for saved in known)
    ends = f"{percent(min(known), 0)} to {percent(max(known), 0)}"
    return [
        f"Per accepted answer, with the success rates, review and escalation of this page, the same ladders save "
        f"{ends}: {short} of {len(known)} stay below what is claimed, since the attempt after a failed one is paid too."
    ]


def claim_table(answer: Tiering) -> Block:
    """Every ladder, the day its prices are from, and what the mix saves on it."""
    found = rungs(answer)
    known = any(rung.quality is not None for rung in found)
    rows = []
    for rung in found:
        saved = [percent(rung.read), percent(rung.written)]
        saved += ["–" if rung.quality is None else percent(rung.quality)] if known else []
        ladder = f"{rung.provider}: {', '.join(_short(rung.provider, model) for model in rung.models)}"
        rows.append([ladder, str(rung.since), *saved, _judged(rung)])
    columns = ["Ladder, cheapest first", "Prices from", "Input", "Output"]
    columns += ["Accepted answer", "Claim"] if known else ["Claim"]
    basis = "the last column" if known else "the smaller of input and output, which can only show that it fails,"
    note = (
        "Saving of 70, 20 and 10 % against all on the last model. Input, Output: of list prices, every request "
        "accepted. Accepted answer: with this page's shape, success, review and escalation, without levers. Claim: "
        f"{basis} beside 60 to 80 %. Prices: shipped rate card (aiecon prices MODEL)."
    )
    return blocks.table("What 70/20/10 saves by price ladder", columns, rows, note=note)
