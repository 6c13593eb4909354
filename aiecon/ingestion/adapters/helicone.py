"""Helicone's requests as JSON or JSON lines: its export tool (npx @helicone/export), or pages of its request API.

Fields: https://docs.helicone.ai/rest/request/post-v1requestquery-clickhouse (HeliconeRequest) and
https://docs.helicone.ai/tools/export . Costs are those that Helicone works out, in US dollars. Whether `prompt_tokens`
include cached ones is told from `total_tokens`. The CSV of the tool is read by the mapping `helicone`.
"""

from collections.abc import Iterator
from typing import Any

from aiecon.ingestion.adapters import pricing, reading, words
from aiecon.ingestion.adapters.columns import CANONICAL
from aiecon.ingestion.adapters.pricing import Tokens
from aiecon.ingestion.adapters.reading import Reading
from aiecon.vocabulary.spend import AI_CATEGORY

MARKS = ({"response_id", "request_created_at", "prompt_tokens"},)
_UNKNOWN = ("", "custom")
_PROPERTIES = {"x_Team": "team", "x_Environment": "environment", "x_TraceId": "helicone-session-id"}


def read(source: Reading) -> Iterator[Any]:
    """Read one charge for each request that used tokens or cost something."""
    yield from reading.tables(source, _requests(source), _charge, CANONICAL)


def _requests(source: Reading) -> Iterator[tuple[int, Any]]:
    """Requests of an array, of lines, or of pages of the API, numbered."""
    row = 0
    for place, record in reading.json_records(source):
        page = record.get("data")
        if not isinstance(page, list):
            yield place, record
            continue
        for request in page:
            row += 1
            yield row, request


def _charge(record: dict[str, Any]) -> dict[str, Any] | str:
    tokens = _tokens(record)
    cost = record.get("costUSD", record.get("cost"))
    if not cost and not tokens.all_input and not tokens.output:
        return "no usage"
    provider = words.provider(words.text(record, "provider") or "")
    names = ("model", "model_override", "response_model", "request_model")
    return {
        **words.hour(words.moment(record.get("request_created_at"), "request_created_at")),
        **words.service("Helicone" if provider in _UNKNOWN else provider),
        **tokens.cells(),
        **_said(record.get("request_properties")),
        "BilledCost": cost,
        "EffectiveCost": cost,
        "BillingCurrency": "USD",
        "ChargeCategory": "Usage",
        "ServiceCategory": AI_CATEGORY,
        "x_Requests": 1,
        "x_RequestId": words.text(record, "response_id") or words.text(record, "request_id"),
        "x_ModelId": next((model for name in names if (model := words.text(record, name))), None),
        "x_User": words.text(record, "request_user_id"),
        "x_CostSource": "billed",
    }


def _said(properties: Any) -> dict[str, str | None]:
    """Team, environment and session from the properties of a request, however their letters are."""
    given = {str(name).lower(): value for name, value in (properties or {}).items()}
    return {ours: words.text(given, theirs) for ours, theirs in _PROPERTIES.items()}


def _tokens(record: dict[str, Any]) -> Tokens:
    names = ("prompt_tokens", "prompt_cache_read_tokens", "prompt_cache_write_tokens", "completion_tokens")
    prompt, read, written, output = (words.tokens(record, name) for name in names)
    if read + written and words.tokens(record, "total_tokens") >= prompt + read + written + output:
        return Tokens(prompt, read, written, 0, output)
    return pricing.inside(prompt, cache_read=read, cache_write_5m=written, output=output)
