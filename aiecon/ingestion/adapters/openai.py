"""OpenAI usage export (tokens, no cost) and costs export (money, no tokens): pages of JSON with buckets of time.

Fields: https://platform.openai.com/docs/api-reference/usage and
https://cookbook.openai.com/examples/completions_usage_api . `input_tokens` includes `input_cached_tokens` and
`input_cache_write_tokens`; a cost is `amount` {value, currency} of a `line_item` such as "gpt-4o-2024-08-06, input".
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from aiecon.ingestion.adapters import pricing, reading, words
from aiecon.ingestion.adapters.columns import BUCKET, CANONICAL
from aiecon.ingestion.adapters.reading import Reading, RefusedError, refused
from aiecon.vocabulary.spend import AI_CATEGORY

USAGE_MARKS = ({"start_time", "results.input_tokens", "results.num_model_requests"},)
COSTS_MARKS = ({"start_time", "results.amount"},)


def read_usage(source: Reading) -> Iterator[Any]:
    """Read one charge for each result, priced at the rate card of its day."""
    yield from reading.tables(source, reading.page_results(source), _usage, (*CANONICAL, BUCKET))


def read_costs(source: Reading) -> Iterator[Any]:
    """Read one charge for each cost."""
    yield from reading.tables(source, reading.page_results(source), _cost, (*CANONICAL, BUCKET))


def _common(bucket: Any, result: Any) -> dict[str, Any]:
    start, end = (words.moment(bucket.get(name), name) for name in ("start_time", "end_time"))
    return {
        **words.period(start, end),
        **words.service("openai"),
        "ChargeCategory": "Usage",
        "ServiceCategory": AI_CATEGORY,
        BUCKET: reading.bucket_words(result),
        "SubAccountId": words.text(result, "project_id"),
        "x_User": words.text(result, "user_id"),
    }


def _usage(found: Any) -> dict[str, Any] | str:
    bucket, result = found
    requests = words.tokens(result, "num_model_requests")
    whole, cached = (words.tokens(result, name) for name in ("input_tokens", "input_cached_tokens"))
    if cached > whole:
        raise RefusedError("input_cached_tokens", f"has {cached:,} of {whole:,} input tokens, which include them")
    tokens = pricing.inside(
        whole,
        cache_read=cached,
        cache_write_5m=words.tokens(result, "input_cache_write_tokens"),
        output=words.tokens(result, "output_tokens"),
    )
    if not requests and not tokens.all_input and not tokens.output:
        return "no usage"
    tier = words.text(result, "service_tier") or "default"
    if tier not in ("default", "auto", "batch", "flex", "standard"):
        priceless = f"has {tier!r}, which has no list price here; load the costs export"
        refused(RefusedError("service_tier", priceless), instead=None)
    model = words.text(result, "model")
    day = words.moment(bucket.get("start_time"), "start_time").date()
    is_batch = result.get("batch") is True or tier in ("batch", "flex")
    cost = pricing.priced("openai", model, day, tokens, requests=requests, is_batch=is_batch)
    return {
        **_common(bucket, result),
        **tokens.cells(),
        "BilledCost": cost,
        "EffectiveCost": cost,
        "BillingCurrency": "USD",
        "x_Requests": requests,
        "x_ModelId": model,
        "x_CostSource": "priced",
    }


def _cost(found: Any) -> dict[str, Any]:
    bucket, result = found
    amount = result.get("amount")
    if not isinstance(amount, dict):
        expected = RefusedError("amount", "an amount with value and currency is expected")
        amount = refused(expected, instead={"value": 0})
    item = words.text(result, "line_item")
    model, comma, _ = (item or "").rpartition(", ")
    return {
        **_common(bucket, result),
        "BilledCost": Decimal(str(amount["value"])) if _is_number(amount.get("value")) else amount.get("value"),
        "EffectiveCost": amount.get("value"),
        "BillingCurrency": str(amount.get("currency", "")).upper(),
        "ChargeDescription": item,
        "SkuMeter": item,
        "x_ModelId": model if comma else None,
        "x_CostSource": "billed",
    }


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)
