"""How the figures came about: prices and serving with their source, and the method in words."""

from aiecon.charts.formats import full, percent, significant
from aiecon.charts.self_host import count_of
from aiecon.errors import InputError
from aiecon.ingestion.rate_cards import shipped_rate_card
from aiecon.models.self_host import SelfHost
from aiecon.report import blocks
from aiecon.report.blocks import Block
from aiecon.report.pages.self_host.synthetic import is_synthetic
from aiecon.vocabulary.distribution import base

_MEASURED = (
    "data/gpu/serving.parquet: Llama-3.1-70B, fp8, vLLM on 4 H100, 64 requests at once, 2025-10-29 "
    "(InferenceMAX in ai-dynamo/aiconfigurator@095f58a); rows 1,024 and 8,192 in, 1,024 out, joined by a line"
)
_WORKLOAD = "data/sample/gateway.parquet (synthetic): support assistant, production, January to March 2026"


def prices(answer: SelfHost) -> Block:
    """What is held against what: the API price, the serving rates and the GPU, with their sources."""
    inputs = answer.inputs
    shape = inputs.workload.shape
    sample = is_synthetic(answer)
    request = (
        f"{full(base(shape.input_tokens_per_request))} in ({percent(base(shape.cached_input_share), 0)} cached), "
        f"{full(base(shape.output_tokens_per_request))} out"
    )
    asked = f"{full(base(inputs.workload.mtok_per_month))} Mtok a month; {request}"
    rows = [
        ["Workload", asked, _WORKLOAD if sample else "as given"],
        ["API", _api(answer), _origin(answer)],
        ["Serving", _serving(answer), _MEASURED if sample else "as given"],
    ]
    return blocks.table(f"What was compared, {answer.currency}", ["Part", "Figures", "From"], rows, text_columns=3)


def _api(answer: SelfHost) -> str:
    price = answer.inputs.api
    if price is None:
        return f"{significant(answer.api_per_mtok)} a million tokens"
    parts = (price.input_per_mtok, price.cached_input_per_mtok, price.output_per_mtok)
    said = ", ".join("–" if part is None else f"{base(part):g}" for part in parts)
    return f"{price.provider}/{price.model}: {said} (input, cached, output); {significant(answer.api_per_mtok)} blended"


def _origin(answer: SelfHost) -> str:
    """The row of the rate card with these prices on the day, else whatever the inputs say of their date."""
    price = answer.inputs.api
    if price is None:
        return "as given"
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


def _serving(answer: SelfHost) -> str:
    serving = answer.inputs.serving
    if serving.requests_per_second is not None:
        rates = f"{significant(base(serving.requests_per_second))} requests/s"
    else:
        rates = " and ".join(
            f"{full(base(rate))} {word}"
            for rate, word in (
                (serving.input_tokens_per_second, "input"),
                (serving.output_tokens_per_second, "output tokens/s"),
            )
            if rate is not None
        )
    target = serving.latency
    told = (
        [
            f"{name} {value:,.0f} ms"
            for name, value in (("first token", target.ttft_ms), ("each token", target.tpot_ms))
            if value is not None
        ]
        if target
        else []
    )
    within = f"; {', '.join(told)} or faster" if told else ""
    gpus = "GPU" if serving.gpus_per_replica == 1 else "GPUs"
    return f"{rates} a replica of {serving.gpus_per_replica} {gpus}{within}"


def method(answer: SelfHost) -> Block:
    """How the figures were made, in three sentences, and what limits them."""
    inputs = answer.inputs
    draws = f"{answer.cases.cases:,} draws" if answer.cases is not answer.case else "the base case alone"
    paragraphs = [
        "Whole replicas carry the busiest load (volume × peak to mean ÷ what a replica serves in the usable share of "
        "its time), and every GPU is paid for all hours; winning volumes are exact, each step of that staircase held "
        "against the line of the API. Months follow growth and falling API prices over "
        f"{count_of(inputs.horizon_months)}, and the saving is their present value at "
        f"{percent(base(inputs.discount_rate))} a year, migration and GPUs taken off at the time they are paid. "
        f"Probabilities are shares of {draws}, each doubt drawn by itself; values at which the answer turns come from "
        "asking again with one figure changed.",
        "Limits: GPU prices stay as they are over the horizon; tokens count alike for both, though models write "
        "answers of different length and quality; replicas are switched off at night in the plan by the hour alone.",
        *answer.notes,
    ]
    return blocks.text("Method and limits", paragraphs)
