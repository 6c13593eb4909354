"""How the figures came about: prices with their source, the method in words, and whether enough futures were drawn."""

import numpy as np

from aiecon.charts.formats import full, percent
from aiecon.errors import InputError
from aiecon.ingestion.rate_cards import shipped_rate_card
from aiecon.models.variability import Variability
from aiecon.models.variability.inputs import Tier
from aiecon.report import blocks
from aiecon.report.blocks import Block
from aiecon.vocabulary.distribution import base


def prices(answer: Variability) -> Block:
    """Where requests go, what a token costs there, since when, and who said so."""
    whole = sum(base(tier.share) for tier in answer.inputs.tiers)
    rows = [
        [
            f"{tier.name}: {tier.price.provider}/{tier.price.model}",
            f"{percent(base(tier.share) / whole)}; {percent(base(tier.cached_input_share), 0)} of input cached",
            _tokens(tier),
            _origin(answer, tier),
        ]
        for tier in answer.inputs.tiers
    ]
    columns = ["Tier", "Share of requests", "Input, cached, output", "Since, and source"]
    title = f"Prices, {answer.currency} per million tokens"
    return blocks.table(title, columns, rows, text_columns=4)


def _tokens(tier: Tier) -> str:
    price = tier.price
    parts = (price.input_per_mtok, price.cached_input_per_mtok, price.output_per_mtok)
    return ", ".join("–" if part is None else f"{base(part):g}" for part in parts)


def _origin(answer: Variability, tier: Tier) -> str:
    """The row of the rate card with these prices on the day, else whatever the inputs say of their date."""
    price = tier.price
    since = f"{price.effective_from}; " if price.effective_from else ""
    try:
        card = shipped_rate_card()
        quotes = card.on(price.model, day=answer.as_of or card.last_day, provider=price.provider)
    except InputError:  # a model of one's own
        return f"{since}as given"
    for quote in quotes:
        if (quote.price.input_per_mtok, quote.price.output_per_mtok) == (price.input_per_mtok, price.output_per_mtok):
            return f"{quote.price.effective_from}; {quote.source}"
    return f"{since}as given, unlike the rate card"


def method(answer: Variability) -> Block:
    """How the figures were made, in three sentences, what limits them and whether enough futures were drawn."""
    inputs = answer.inputs
    paragraphs = [
        f"{len(answer.totals):,} futures of {inputs.horizon_months} months were drawn: users × requests of a user × "
        "cost of a request, summed over tiers, with every uncertain input drawn once a future and chance (noise, "
        f"jumps, updates, steps) once a {inputs.period}. The variance is split by Shapley's rule over all sixteen sets "
        "of the four origins, from futures that share a set and differ in all else. Guardrails and break-even values "
        "are the same futures asked again with a field changed.",
        convergence_words(answer),
        "Limits: prices and doubts are what the inputs say, nothing here was fitted to a bill; work that a step cap "
        "cuts off and answers that a cheaper model gets wrong cost nothing; writing to a cache is not priced.",
        *answer.notes,
    ]
    return blocks.text("Method and limits", [paragraph for paragraph in paragraphs if paragraph])


def convergence_words(answer: Variability) -> str:
    """p90 over growing numbers of futures, and its standard error."""
    if answer.attribution is None:
        return ""
    count = len(answer.totals)
    sizes = [count // 10, count // 4, count]
    said = ", ".join(f"{full(float(np.quantile(answer.totals[:size], 0.9)))} from {size:,}" for size in sizes)
    error, p90 = answer.standard_errors["p90"], answer.quantiles["p90"]
    return (
        f"Convergence: p90 is {said} futures; its Monte Carlo standard error is {full(error)} {answer.currency}, "
        f"{percent(error / p90)} of it."
    )
