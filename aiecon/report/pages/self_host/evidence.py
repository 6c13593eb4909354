"""How the figures came about: prices and serving with their source, and the method in words."""

import pandas as pd

from aiecon.charts.formats import full, percent, significant
from aiecon.charts.self_host import count_of
from aiecon.errors import InputError
from aiecon.ingestion.rate_cards import shipped_rate_card
from aiecon.models.self_host import SelfHost
from aiecon.models.self_host.inputs import Latency
from aiecon.models.self_host.throughput import SLOWER, USED, throughput
from aiecon.report import blocks
from aiecon.report.blocks import Block
from aiecon.report.pages.self_host.purchases import purchase_words, terms
from aiecon.report.pages.self_host.synthetic import is_synthetic
from aiecon.vocabulary.distribution import base

_GPU_PRICES = ("gpu.price_per_gpu_hour", "gpu.capex_per_gpu")
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
    request += "".join(f", {full(tokens)} {kind}" for kind, tokens in (shape.other_input_tokens or {}).items())
    asked = f"{full(base(inputs.workload.mtok_per_month))} Mtok a month; {request}"
    rows = [
        ["Workload", asked, _WORKLOAD if sample else "as given"],
        ["API", _api(answer), _origin(answer)],
        ["Serving", _serving(answer), _measured(answer)],
        ["GPUs", f"{purchase_words(answer.inputs.gpu)}: {terms(answer.inputs.gpu)}", _gpu_origin(answer)],
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


def _measured(answer: SelfHost) -> str:
    """The two rows that the rates come from."""
    found, asked = throughput(answer.inputs), answer.inputs.serving.measured
    if found is None or asked is None:
        return "as given"
    rows = found.used
    first = rows.iloc[0]
    lengths = " and ".join(full(one) for one in rows["input_tokens"])
    what = [asked.model, *(str(first[name]) for name in ("precision", "engine") if _has(first, name)), asked.gpu]
    when = f", {measured_on:%Y-%m-%d}" if pd.notna(measured_on := first.get("measured_on")) else ""
    by = f" ({first['source']})" if _has(first, "source") else ""
    joined = f"rows {lengths} in, {full(first['output_tokens'])} out, joined by a line"
    return f"{asked.file.path}: {', '.join(what)}{when}{by}; {joined}"


def _gpu_origin(answer: SelfHost) -> str:
    """The assumption rows behind the price of a GPU."""
    rows = answer.inputs.assumption_rows
    found = [f"{name}: {row['source']}" for name, row in rows.items() if name in _GPU_PRICES]
    return "; ".join(found) if found and not answer.inputs.gpu.mix else "as given"


def _has(row: pd.Series, name: str) -> bool:
    return name in row and isinstance(row[name], str)


def serving_rows(answer: SelfHost) -> Block:
    """The measured rows: which were used, which miss the target and why."""
    found = throughput(answer.inputs)
    if found is None:
        return blocks.nothing()
    shown = found.rows[found.rows["use"] != SLOWER]
    rows = [
        [
            f"{full(row['input_tokens'])} in, {full(row['output_tokens'])} out",
            row["use"],
            full(row["concurrency"]) if "concurrency" in row else "–",
            full(row["ttft_ms"]),
            significant(row["tpot_ms"]),
            full(row["output_tokens_per_second"]),
        ]
        for row in shown.sort_values(["input_tokens", "output_tokens", "output_tokens_per_second"]).to_dict("records")
    ]
    target = answer.inputs.serving.latency
    limits = _limits(target) if target else []
    asked = f"Target: {' and '.join(limits)}. " if limits else "No latency target was given. "
    outside = "Our input length lies outside both: the line is extended. " if found.is_extended else ""
    slower = len(found.rows) - len(shown)
    rates = f"{full(found.input_tokens_per_second)} input and {full(found.output_tokens_per_second)} output tokens"
    note = (
        f"{asked}{len(found.left_out)} of {len(found.rows)} rows miss it and are not used; {slower} meet it and are "
        f"slower than another of their length (not shown). A line through the two rows used gives {rates} a second. "
        f"{outside}At once: requests; first and each: milliseconds to the first token and for each later one."
    )
    columns = ["Request, tokens", "Use", "At once", "First", "Each", "Output/s"]
    place = [number for number, row in enumerate(rows) if row[1] == USED]
    return blocks.table(
        "What a replica was measured to serve",
        columns,
        rows,
        note=note,
        text_columns=2,
        bold=place,
        widths=(1.4, 2.4, 0.7, 0.7, 0.7, 0.8),
    )


def _limits(target: Latency) -> list[str]:
    return [
        f"{name} {value:,.0f} ms"
        for name, value in (("first token", target.ttft_ms), ("each token", target.tpot_ms))
        if value is not None
    ]


def _serving(answer: SelfHost) -> str:
    serving = answer.inputs.serving
    if serving.requests_per_second is not None:
        rates = f"{significant(base(serving.requests_per_second))} requests/s"
    else:
        rates = " and ".join(
            f"{full(float(answer.case.value(f'serving.{name}_tokens_per_second')[0, 0]))} {word}"
            for name, word in (("input", "input"), ("output", "output tokens/s"))
        )
    told = _limits(serving.latency) if serving.latency else []
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
        "Limits: GPU prices stay as they are over the horizon, save for deciding later; tokens count alike, though "
        "models write answers of unlike length and quality; replicas are switched off in the plan by the hour alone.",
        *answer.notes,
    ]
    return blocks.text("Method and limits", paragraphs)
