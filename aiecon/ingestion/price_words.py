"""What a token costs, in words for a terminal and as JSON: price, by whom it was said, since when, who disagrees."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from aiecon.ingestion import rate_cards
from aiecon.vocabulary.distribution import base
from aiecon.vocabulary.rate_card import Quote
from aiecon.vocabulary.token_price import TokenPrice

LABELS = {
    "input_per_mtok": "input",
    "cached_input_per_mtok": "cached input",
    "cache_write_per_mtok": "cache write",
    "cache_write_1h_per_mtok": "cache write, 1 hour",
    "output_per_mtok": "output",
}


UNSEEN_AFTER = 90
"""Days without a sighting after which a price is said to be old."""


def answers(model: str, *, as_of: date | None = None) -> list[dict[str, Any]]:
    """Return what every provider asks for a model on a day, each with its row, source, days and second opinion.

    Parameters
    ----------
    model
        As the shipped rate card spells it, or PROVIDER/MODEL.
    as_of
        The day; the last of the rate card when None.

    Raises
    ------
    InputError
        For an unknown model (with the nearest names) or a day before its first price.
    """
    card = rate_cards.shipped_rate_card()
    day = as_of or card.last_day
    return [_answer(card.name, quote, day) for quote in card.on(model, day=day)]


def _answer(table: str, quote: Quote, day: date) -> dict[str, Any]:
    opinion = rate_cards.second_opinion(quote, day=day)
    price = quote.price
    return {
        "provider": price.provider,
        "model": price.model,
        "as_of": day.isoformat(),
        "currency": price.currency,
        **{field: _number(price, field) for field in LABELS},
        "batch_discount": price.batch_discount,
        "long_context": price.long_context.model_dump() if price.long_context else None,
        "effective_from": _iso(price.effective_from),
        "effective_to": _iso(price.effective_to),
        "source": quote.source,
        "source_url": quote.source_url,
        "retrieved_on": _iso(quote.retrieved_on),
        "last_seen": _iso(quote.last_seen),
        "days_unseen": max(0, (day - (quote.last_seen or quote.retrieved_on)).days),
        "grade": quote.grade,
        "note": quote.note,
        "row": f"{table}:{quote.row}",
        "second_opinion": None
        if opinion is None
        else {
            "source": opinion.source,
            **opinion.prices,
            "long_context": dict(opinion.long_context),
            "disagrees": list(opinion.disagrees),
        },
    }


def _number(price: TokenPrice, field: str) -> float | None:
    value = getattr(price, field)
    return None if value is None else base(value)


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def told(found: dict[str, Any]) -> Iterator[str]:
    """One answer as lines: prices first, then who said so, then what disagrees."""
    unit = f"{found['currency']} per million tokens"
    yield f"{found['provider']}/{found['model']} on {found['as_of']}, {unit}"
    for field, label in LABELS.items():
        if found[field] is not None:
            yield f"  {label:<22}{found[field]:>10,.4g}"
    if found["batch_discount"] is not None:
        yield f"  {'batch':<22}{found['batch_discount'] * 100:>8.0f} % off input and output"
    if long := found["long_context"]:
        prices = f"input {long['input_per_mtok']:g}, output {long['output_per_mtok']:g}, the whole request"
        yield f"  from {long['from_tokens']:,} input tokens of a request: {prices}"
    if found["cached_input_per_mtok"] is None or found["batch_discount"] is None:
        absent = [
            word for word, key in (("cached", "cached_input_per_mtok"), ("batch", "batch_discount")) if not found[key]
        ]
        yield f"  not recorded, which does not mean there is none: {' and '.join(absent)} price"
    until = f", until {found['effective_to']}" if found["effective_to"] else ""
    yield f"  since {found['effective_from']}{until}; last seen {found['last_seen']}; grade {found['grade']}"
    if found["days_unseen"] > UNSEEN_AFTER:
        yield f"  OLD: nobody has seen it for {found['days_unseen']:,} days; it may have moved or ended"
    yield f"  source: {found['source']}, read {found['retrieved_on']}"
    yield f"  row {found['row']}{'; ' + found['source_url'] if found['source_url'] else ''}"
    if found["note"]:
        yield f"  note: {found['note']}"
    yield f"  {_opinion_words(found)}"


def _opinion_words(found: dict[str, Any]) -> str:
    opinion = found["second_opinion"]
    if opinion is None:
        return f"second opinion: {rate_cards.SECOND} does not know this model"
    if not opinion["disagrees"]:
        return f"second opinion: {opinion['source']} agrees"
    said = [
        f"{LABELS[field]} {opinion[field]:g} (here {found[field]:g})"
        for field in opinion["disagrees"]
        if field in LABELS
    ]
    if "long_context" in opinion["disagrees"]:
        theirs = opinion["long_context"]
        here = found["long_context"] or found
        said.append(
            f"a request of {rate_cards.LONG_REQUEST:,} input tokens costs input {theirs['input']:g}, output "
            f"{theirs['output']:g} (here {here['input_per_mtok']:g} and {here['output_per_mtok']:g})"
        )
    return f"second opinion DISAGREES: {opinion['source']} says {', '.join(said)}"
