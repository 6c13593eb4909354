"""Anthropic usage report (tokens, no cost) and cost report (money in cents, no tokens): pages of JSON with buckets.

Fields: https://platform.claude.com/docs/en/api/admin-api/usage-cost/get-messages-usage-report and
https://platform.claude.com/docs/en/api/admin-api/usage-cost/get-cost-report . `uncached_input_tokens` excludes what was
read from or written to the cache; `amount` is a decimal text in the lowest unit of the currency ("123.78912" in USD is
1.2378912 dollars).
"""

from collections.abc import Iterator
from typing import Any

from aiecon.ingestion.adapters import pricing, reading, words
from aiecon.ingestion.adapters.columns import BUCKET, CANONICAL
from aiecon.ingestion.adapters.pricing import Tokens
from aiecon.ingestion.adapters.reading import Reading, RefusedError, refused
from aiecon.vocabulary.spend import AI_CATEGORY

USAGE_MARKS = ({"starting_at", "results.uncached_input_tokens"},)
COST_MARKS = ({"starting_at", "results.amount"},)
_CENTS = 100
_LONG = {"0-200k": False, "200k-1M": True}


def read_usage(source: Reading) -> Iterator[Any]:
    """Read one charge for each result, priced at the rate card of its day."""
    yield from reading.tables(source, reading.page_results(source), _usage, (*CANONICAL, BUCKET))


def read_cost(source: Reading) -> Iterator[Any]:
    """Read one charge for each cost."""
    yield from reading.tables(source, reading.page_results(source), _cost, (*CANONICAL, BUCKET))


def _common(bucket: Any, result: Any) -> dict[str, Any]:
    start, end = (words.moment(bucket.get(name), name) for name in ("starting_at", "ending_at"))
    return {
        **words.period(start, end),
        **words.service("anthropic"),
        "ChargeCategory": "Usage",
        "ServiceCategory": AI_CATEGORY,
        BUCKET: reading.bucket_words(result),
        "SubAccountId": words.text(result, "workspace_id"),
        "x_ModelId": words.text(result, "model"),
    }


def _usage(found: Any) -> dict[str, Any] | str:
    bucket, result = found
    written = result.get("cache_creation") or {}
    tokens = Tokens(
        input=words.tokens(result, "uncached_input_tokens"),
        cache_read=words.tokens(result, "cache_read_input_tokens"),
        cache_write_5m=words.tokens(written, "ephemeral_5m_input_tokens"),
        cache_write_1h=words.tokens(written, "ephemeral_1h_input_tokens"),
        output=words.tokens(result, "output_tokens"),
    )
    if not tokens.all_input and not tokens.output:
        return "no usage"
    tier = words.text(result, "service_tier") or "standard"
    if tier not in ("standard", "batch"):
        priceless = f"has {tier!r}, which has no list price here; load the cost report"
        refused(RefusedError("service_tier", priceless), instead=None)
    cost = pricing.priced(
        "anthropic",
        words.text(result, "model"),
        words.moment(bucket.get("starting_at"), "starting_at").date(),
        tokens,
        requests=0,
        is_long=_LONG.get(str(result.get("context_window"))),
        is_batch=tier == "batch",
    )
    return {
        **_common(bucket, result),
        **tokens.cells(),
        "BilledCost": cost,
        "EffectiveCost": cost,
        "BillingCurrency": "USD",
        "x_CostSource": "priced",
    }


def _cost(found: Any) -> dict[str, Any]:
    bucket, result = found
    if (shown := words.text(result, "amount")) is None:
        expected = "is empty, an amount in cents such as 123.78912 is expected"
        shown = refused(RefusedError("amount", expected), instead="0")
    amount = words.amount(shown, "amount")
    return {
        **_common(bucket, result),
        "BilledCost": amount / _CENTS,
        "EffectiveCost": amount / _CENTS,
        "BillingCurrency": words.text(result, "currency"),
        "ChargeDescription": words.text(result, "description"),
        "SkuMeter": " ".join(
            part for name in ("token_type", "service_tier", "context_window") if (part := words.text(result, name))
        ),
        "x_CostSource": "billed",
    }
