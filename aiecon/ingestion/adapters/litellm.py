"""LiteLLM spend logs: the table LiteLLM_SpendLogs as CSV, JSON lines or the JSON of /spend/logs.

Columns: https://docs.litellm.ai/docs/proxy/cost_tracking and the schema the proxy ships
(https://github.com/BerriAI/litellm/blob/main/schema.prisma, model LiteLLM_SpendLogs); the usage that the provider
returned stands in `metadata` (https://github.com/BerriAI/litellm/issues/8784). `spend` is in US dollars;
`prompt_tokens` includes cached tokens (older versions leave Anthropic's out,
https://github.com/BerriAI/litellm/issues/15056).
"""

from collections.abc import Iterator
from typing import Any

from aiecon.ingestion.adapters import reading, words
from aiecon.ingestion.adapters.columns import CANONICAL
from aiecon.ingestion.adapters.pricing import Tokens, inside
from aiecon.ingestion.adapters.reading import Reading
from aiecon.vocabulary.spend import AI_CATEGORY

MARKS = ({"request_id", "spend", "startTime"},)


def read(source: Reading) -> Iterator[Any]:
    """Read one charge for each request."""
    is_csv = source.path.name.lower().endswith((".csv", ".csv.gz"))
    records = reading.csv_records(source) if is_csv else reading.json_records(source)
    yield from reading.tables(source, records, _charge, CANONICAL)


def _charge(record: Any) -> dict[str, Any]:
    provider = words.provider(words.text(record, "custom_llm_provider") or "")
    model = words.text(record, "model")
    if model and "/" in model and (not provider or model.startswith(f"{provider}/")):
        head, _, model = model.partition("/")
        provider = provider or words.provider(head)
    provider = provider or "litellm"
    measured = words.hour(words.moment(record.get("startTime"), "startTime")) | _tokens(record).cells()
    spend = words.amount(words.text(record, "spend") or "", "spend")
    return {
        **measured,
        "BilledCost": spend,
        "EffectiveCost": spend,
        **words.service(provider),
        "BillingCurrency": "USD",
        "ChargeCategory": "Usage",
        "ServiceCategory": AI_CATEGORY,
        "Tags": record.get("request_tags"),
        "x_Requests": 1,
        "x_RequestId": words.text(record, "request_id"),
        "x_TraceId": words.text(record, "session_id"),
        "x_ModelId": model,
        "x_Team": words.text(record, "team_id"),
        "x_User": words.text(record, "user") or words.text(record, "end_user"),
        "x_CostSource": "billed",
    }


def _tokens(record: Any) -> Tokens:
    usage = _usage(record)
    details = usage.get("prompt_tokens_details") or {}
    written = details.get("cache_creation_token_details") or usage.get("cache_creation") or {}
    read = words.tokens(usage, "cache_read_input_tokens") or words.tokens(details, "cached_tokens")
    hour = words.tokens(written, "ephemeral_1h_input_tokens")
    return inside(
        words.tokens(record, "prompt_tokens"),
        cache_read=read,
        cache_write_5m=max(words.tokens(usage, "cache_creation_input_tokens") - hour, 0),
        cache_write_1h=hour,
        output=words.tokens(record, "completion_tokens"),
    )


def _usage(record: Any) -> dict[str, Any]:
    """The provider's own usage in `metadata`, which a CSV holds as text."""
    found = record.get("metadata") or {}
    if isinstance(found, str):
        try:
            found = reading.parsed(found)
        except ValueError:
            no_object = reading.RefusedError("metadata", "is no JSON object; cached tokens stand in it")
            found = reading.refused(no_object, instead={})
    if not isinstance(found, dict):
        return {}
    usage = found.get("usage_object") or found.get("additional_usage_values") or found
    return usage if isinstance(usage, dict) else {}
