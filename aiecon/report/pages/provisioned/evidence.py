"""How sure the page may be: confidence, the price of latency, the quoted saving, method and where figures are from."""

from collections.abc import Iterator

import pandas as pd

from aiecon.charts.formats import money, percent, probability, significant
from aiecon.ingestion import claims
from aiecon.ingestion.claim_tables import Tables
from aiecon.models.provisioned import Provisioned
from aiecon.report import blocks
from aiecon.report.blocks import Block
from aiecon.report.pages.provisioned.headline import months_words, seen
from aiecon.vocabulary.distribution import base

CLAIM = "S3-50"
_RESAMPLED = 2  # days that a resample needs at least
_THROUGHPUT, _UNIT_PRICES, _TOKEN_PRICES = "capacity/ptu_throughput", "capacity/ptu_prices", "prices/token_prices"


def confidence(answer: Provisioned) -> Block:
    """How sure the number of units and the saving are."""
    if answer.curve is None or not answer.payg_cost:
        return blocks.nothing()
    return blocks.text("How sure this is", list(_sure(answer)))


def _sure(answer: Provisioned) -> Iterator[str]:
    found = answer.confidence
    if found is not None and answer.term is not None:
        low, high = found.savings_range
        yield (
            f"In {probability(found.saves_probability)} of {len(found.units):,} resampled months of {found.month_days} "
            f"days the units save money, in eight of ten between {money(low, answer.currency)} and "
            f"{money(high, answer.currency)} a month. {_drawn(found.run_days)}; what no day has is in no month."
        )
    elif answer.is_forecast:
        yield (
            f"Volumes are a forecast and their pattern is that of {seen(answer)}: how far both may be off is not in "
            "these figures. Ask again with low and high volumes."
        )
    elif answer.is_population:
        yield "Demand is an assumed distribution: no resample says how far it may be off. A recorded month would."
    elif answer.term is None and answer.days is not None and answer.days >= _RESAMPLED:
        wanted = f" {answer.inputs.enough_days} days are wanted to judge a month." if answer.is_short else ""
        yield f"Over {seen(answer)} of demand no number of units on any term costs less than pay-as-you-go.{wanted}"
    elif answer.days is not None and answer.days >= _RESAMPLED:
        yield "Not known: no resamples of the days seen were asked for (bootstrap is 0)."
    else:
        yield (
            f"Not known: {seen(answer)} of demand are less than the two days a resample needs. They show the pattern "
            "of minutes, not of a night, a weekend or a month."
        )


def _drawn(run: int) -> str:
    if run == 1:
        return "Days are drawn whole, one by one"
    return f"Days are drawn in runs of {run} that followed each other"


def premium(answer: Provisioned) -> Block:
    """What latency that never depends on others' load would cost."""
    cost = answer.latency_premium
    if cost is None or cost <= 0 or not answer.payg_cost:
        return blocks.nothing()
    spilled = "all tokens" if answer.term is None else f"the {percent(answer.spill_share or 0.0, 0)} of tokens"
    return blocks.text(
        "What guaranteed latency costs",
        [
            f"Units for the busiest minute cost {money(cost, answer.currency)} a month more than the cheapest choice. "
            f"That buys the vendor's latency target for {spilled} that otherwise go to "
            "pay-as-you-go, which promises none, and nothing else. It is worth paying only where a slow answer in a "
            "busy minute loses more than that."
        ],
    )


def claim(answer: Provisioned) -> Block:
    """The saving that is often quoted, beside what the shipped tables and this demand say."""
    found = next(one for one in claims.read_claims() if one.id == CLAIM)
    days = sorted({one.retrieved_on for one in found.evidence})
    ours = "This demand has no minutes to hold it against."
    if answer.payg_cost and answer.savings is not None:
        saved = f"the cheapest choice saves {percent(answer.savings / answer.payg_cost)}"
        more = (answer.peak_sized_cost or 0.0) / answer.payg_cost - 1
        ours = (
            f"On this demand {saved if answer.term else 'no number of units saves anything'}, and sizing to the peak "
            f"costs {percent(abs(more), 0)} {'more' if more > 0 else 'less'} than pay-as-you-go."
        )
    return blocks.text(
        "“Provisioned units save 40 to 50 %”",
        [
            f"{ours} {found.tables_say} Verdict on the claim: {' and '.join(found.verdicts).lower()} ({found.source}; "
            f"tables read {days[0]} to {days[-1]}; aiecon claims {CLAIM} names the rows)."
        ],
    )


def method(answer: Provisioned) -> Block:
    """How the figure was made, in three sentences, and what limits it."""
    inputs = answer.inputs
    unit = inputs.capacity_unit
    served = (
        " In each minute demand up to the units is served and the rest is paid as you go at the same minute's price; "
        "nothing carries over, a month is 43,800 such minutes, and every number of units under every term is priced."
    )
    paragraphs = [
        f"{_scope(answer)} An output token counts as {base(unit.output_weight):g} input tokens, a cached one as "
        f"{base(unit.cached_weight):g}; a unit serves {inputs.unit_tokens:,.0f} of these a minute, and units are sold "
        f"from {unit.minimum_units:,} in steps of {unit.increment_units:,}." + (served if answer.minutes else ""),
        *([_refused(answer)] if base(inputs.refused_share) else []),
        *(f"{note}." for note in answer.notes),
    ]
    return blocks.text("Method and limits", paragraphs)


def _refused(answer: Provisioned) -> str:
    inputs = answer.inputs
    worth = base(inputs.refusal_cost_per_mtok)
    cost = significant(worth) if worth else "0"
    return (
        f"{percent(base(inputs.refused_share))} of what spills is refused by pay-as-you-go too; a refused million "
        f"tokens is taken to cost the business {cost} {answer.currency}."
    )


def _scope(answer: Provisioned) -> str:
    file, forecast = answer.inputs.demand.file, answer.inputs.demand.forecast
    if answer.minutes is None:
        return "A peak of requests of the mean shape."
    if answer.is_population:
        return "An assumed distribution of minutes; its peak is the 99.9th percentile."
    length = seen(answer).removeprefix("only ")
    if forecast is not None:
        facts, period = forecast.volumes.table.facts, len(forecast.volumes.table.frame)
        unit = "months" if facts["is_monthly"] else "days"
        return (
            f"Forecast: {period:,} {unit} of volumes from {facts['first']} to {facts['last']} "
            f"({forecast.volumes.path}), each "
            f"spread over its minutes as the weeks of {forecast.profile.path} are, {length} of which were seen."
        )
    if file is None:
        return f"Seen: {length} of demand as given."
    facts = file.table.facts
    requests = f", {facts['requests']:,.0f} requests" if facts["requests"] else ""
    between = ", without a date"
    if facts["first"] is not None:
        between = f" from {facts['first']:%Y-%m-%d %H:%M} to {facts['last']:%Y-%m-%d %H:%M}"
    return f"Seen: {length} of {file.path}{between}{requests}."


def prices(answer: Provisioned) -> Block:
    """Unit and prices, with the shipped row that says the same, or as given."""
    inputs, currency = answer.inputs, answer.currency
    unit, payg = inputs.capacity_unit, inputs.payg
    rows = [
        [
            f"Unit of {unit.model}",
            f"{inputs.unit_tokens:,.0f} tokens/minute, from {unit.minimum_units:,} by {unit.increment_units:,}",
            *_unit_row(answer),
        ],
        [
            f"Pay-as-you-go {payg.model}",
            f"{base(payg.input_per_mtok):g} in, {base(payg.output_per_mtok):g} out, {currency}/Mtok",
            *_price_row(answer),
        ],
    ]
    for term in inputs.terms:
        months, price = term.commitment_months, base(term.price_per_unit_month)
        signed = f", {months_words(months)}" if months else ""
        found = _term_row(answer, price, months)
        rows.append([f"Unit, {term.name}{signed}", f"{price:,g} {currency}/month", *found])
    return blocks.table("Unit and prices", ["What", "Value", "Grade and date", "From"], rows, text_columns=4)


_GIVEN = ("as given", "the inputs")


def _unit_row(answer: Provisioned) -> tuple[str, str]:
    unit = answer.inputs.capacity_unit
    rows = Tables().all(_THROUGHPUT)
    rows = rows[
        (rows["provider"] == unit.provider)
        & (rows["model"] == unit.model)
        & (rows["tokens_per_minute"] == answer.inputs.unit_tokens)
        & (rows["minimum_units"] == unit.minimum_units)
        & (rows["increment_units"] == unit.increment_units)
        & (rows["output_weight"] == base(unit.output_weight))
    ]
    return _said(rows.sort_values("retrieved_on"))


def _price_row(answer: Provisioned) -> tuple[str, str]:
    payg = answer.inputs.payg
    rows = Tables().all(_TOKEN_PRICES)
    rows = rows[
        (rows["provider"] == payg.provider)
        & (rows["model"] == payg.model)
        & (rows["input_per_mtok"] == base(payg.input_per_mtok))
        & (rows["output_per_mtok"] == base(payg.output_per_mtok))
    ]
    return _said(rows.sort_values("effective_from"), day="last_seen")


def _term_row(answer: Provisioned, price: float, months: float) -> tuple[str, str]:
    unit = answer.inputs.capacity_unit
    rows = Tables().all(_UNIT_PRICES)
    rows = rows[
        (rows["provider"] == unit.provider)
        & (rows["commitment_months"] == months)
        & (rows["price_per_unit_month"] == price)
        & (rows["currency"] == answer.currency)
    ]
    is_openai = rows["product"] == "Azure OpenAI"
    return _said((rows[is_openai] if is_openai.any() else rows).sort_values("retrieved_on"))


def _said(rows: pd.DataFrame, *, day: str = "retrieved_on") -> tuple[str, str]:
    """Grade, day and source of the last row that says the same."""
    if rows.empty:
        return _GIVEN
    row = rows.iloc[-1]
    return f"{row['grade']}, {str(row[day])[:10]}", str(row["source"])
