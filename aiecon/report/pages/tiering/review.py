"""The quarterly model review: what may take the place of each tier's model, what that saves, when it is repaid."""

from collections.abc import Iterator

from aiecon.charts.formats import full, percent, significant
from aiecon.charts.tiering import THOUSAND
from aiecon.ingestion.rate_cards import shipped_rate_card
from aiecon.models.tiering import Tiering
from aiecon.models.tiering.inputs import Candidate, FlatPrice, Tier
from aiecon.models.tiering.switching import Switch
from aiecon.report import blocks
from aiecon.report.blocks import Block
from aiecon.vocabulary.distribution import base
from aiecon.vocabulary.rate_card import Quote
from aiecon.vocabulary.token_price import TokenPrice

MOST = 2  # rows of the card shown for a tier
_OTHER_KINDS = ("audio", "codex", "embedding", "ft:", "image", "realtime", "search", "transcribe", "tts")
"""In the names of models that answer no text request, or only one kind of it."""


def review(answer: Tiering) -> Block:
    """Candidates given and new rows of the rate card, each in the place of its tier's model, the mix unchanged."""
    inputs = answer.inputs
    if inputs.last_review is None and not inputs.candidates:
        return blocks.nothing()
    listed = [candidate for tier in inputs.tiers for candidate in from_card(answer, tier)]
    if not inputs.candidates and not listed:
        said = f"No row of the rate card since {inputs.last_review} costs as little as the model of a tier."
        return blocks.text("Model review", [said])
    found = sorted(
        [*answer.switches, *(answer.switch(one) for one in listed)],
        key=lambda switch: inputs.names.index(switch.candidate.tier),
    )
    unit = "a month" if inputs.requests_per_month is not None else f"{THOUSAND:,} requests"
    columns = [
        "Tier",
        "Candidate, price from",
        f"{THOUSAND:,} attempts",
        "Success; needs",
        f"Saved {unit}",
        "80 % range",
    ]
    columns += ["Requests to repay", "Months", "Verdict"]
    rows = [_row(answer, switch) for switch in found]
    widths = (1.1, 2.2, 1.2, 1.3, 1.1, 1.5, 1.3, 0.8, 1)
    title = f"Model review{_since(answer)}, {answer.currency}"
    return blocks.table(title, columns, rows, text_columns=2, note=_note(answer, found), widths=widths)


def _since(answer: Tiering) -> str:
    return "" if answer.inputs.last_review is None else f" since {answer.inputs.last_review}"


def _note(answer: Tiering, found: list[Switch]) -> str:
    training = {one.candidate.name: base(one.candidate.training_cost) for one in found}
    first, months = found[0], answer.inputs.horizon_months
    cost = first.migration[0] - training[first.candidate.name]
    once = f"Switching one costs {full(cost)} once" if cost > 0 else "No cost of switching is given"
    trained = ", ".join(f"{name} {full(paid)}" for name, paid in training.items() if paid)
    once += f"; fine-tuning {trained} beside it" if trained else ""
    rights = {one.candidate.name: one.right_value for one in found if one.right_value is not None}
    best = max(rights, key=lambda name: rights[name] or 0.0, default=None)
    right = ""
    if best is not None and rights[best]:
        right = f" The right to switch, used only where it pays, is worth most for {best}: {full(rights[best] or 0.0)}."
    return (
        "In the place of the tier's model, the mix unchanged, at as many accepted answers, review included. Success: "
        "of the candidate's evaluation; * that of the model it replaces, and the range leaves that doubt out; needs: "
        f"from which it saves. {once}. Verdict over {months} months: switch, when nine draws "
        "in ten repay it; evaluate, when it saves and its success is not tested; wait, when fewer repay it; else "
        f"stay.{right}"
    )


def _row(answer: Tiering, switch: Switch) -> list[str]:
    one = switch.candidate
    tier = next(tier for tier in answer.inputs.tiers if tier.name == one.tier)
    now, then = (significant(THOUSAND * cost) for cost in (_attempt(answer, tier), _attempt(answer, tier, one)))
    each = THOUSAND if switch.requests is None else 1
    saved = THOUSAND * switch.saving if switch.saving_per_month is None else switch.saving_per_month
    low, high = (each * end for end in switch.saving_range)
    since = one.price.effective_from if isinstance(one.price, TokenPrice) else None
    months, requests = switch.break_even_months, switch.break_even_requests
    return [
        one.tier,
        f"{one.name}, {since}" if since else one.name,
        f"{now} → {then}",
        _success(answer, tier, switch),
        _amount(saved),
        f"{_amount(low)} to {_amount(high)}",
        "–" if requests is None else full(requests),
        "–" if months is None else significant(months, 2),
        switch.verdict,
    ]


def _amount(value: float) -> str:
    return full(value) if abs(value) >= 100 else significant(value)


def _attempt(answer: Tiering, tier: Tier, one: Candidate | None = None) -> float:
    """Vendor's price of an attempt at the tier's list price, or at the candidate's. [currency]"""
    if one is None:
        return float(answer.case.plain(tier)[0])
    if isinstance(one.price, FlatPrice):
        return base(one.price.cost_per_request)
    shape = one.shape or tier.shape or answer.inputs.shape
    assert shape is not None  # the inputs take no token price without one
    return shape.cost(one.price)


def _success(answer: Tiering, tier: Tier, switch: Switch) -> str:
    if not answer.inputs.has_success:
        return "–"
    tested = switch.candidate.success_rate
    rate = tested if tested is not None else tier.success_rate
    said = percent(1.0 if rate is None else base(rate)) + ("" if tested is not None else "*")
    return f"{said}; {'none' if switch.needed_success is None else percent(switch.needed_success)}"


def from_card(answer: Tiering, tier: Tier) -> list[Candidate]:
    """Rows of the rate card since the last review that cost no more than a tier's model, the nearest in price first.

    Other models of the same provider, and the same model wherever it costs less; of rows with one price the first name.
    """
    since, price = answer.inputs.last_review, tier.price
    shape = tier.shape or answer.inputs.shape
    if since is None or isinstance(price, FlatPrice) or shape is None:
        return []
    known = {(one.provider, one.model) for one in _prices(answer)}
    now = _attempt(answer, tier)
    found: dict[tuple[object, object], tuple[float, Quote]] = {}
    for quote in shipped_rate_card().begun(since, answer.as_of):
        one = quote.price
        cost, is_same = shape.cost(one), one.model == price.model
        is_new = one.provider == price.provider and (one.provider, one.model) not in known
        if one.currency != price.currency or _is_other(one.model):
            continue
        if 0 < cost <= now and (is_new or (is_same and cost < now)):
            found.setdefault((one.input_per_mtok, one.output_per_mtok), (cost, quote))
    nearest = sorted(found.values(), key=lambda pair: -pair[0])[:MOST]
    return [Candidate(name=quote.price.model, tier=tier.name, price=quote.price) for _, quote in nearest]


def _prices(answer: Tiering) -> Iterator[TokenPrice]:
    """Token prices of tiers and candidates."""
    given = [*(tier.price for tier in answer.inputs.tiers), *(one.price for one in answer.inputs.candidates)]
    yield from (price for price in given if isinstance(price, TokenPrice))


def _is_other(model: str) -> bool:
    return any(kind in model for kind in _OTHER_KINDS)
