"""One scene of five requests, its costs worked out by hand, written in the format of every vendor.

List prices of March 2026 [USD per million tokens]: gpt-5 1.25 input, 0.125 cached, 10 output; claude-sonnet-4-5 3
input, 0.3 cached, 3.75 written, 15 output, and from 200,001 input tokens 6 and 22.5 (cached 0.6).
"""

import csv
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

KINDS = ("input", "read", "write", "output")
PRICES = {
    "gpt-5": ("1.25", "0.125", "1.25", "10"),
    "claude-sonnet-4-5": ("3", "0.3", "3.75", "15"),
    "long": ("6", "0.6", "7.5", "22.5"),
}


@dataclass(frozen=True)
class Request:
    id: str
    provider: str
    model: str
    start: str
    input: int  # uncached
    read: int
    write: int
    output: int
    cost: str

    @property
    def moment(self):
        return datetime.fromisoformat(self.start).replace(tzinfo=UTC)

    @property
    def day(self):
        return self.start[:10]

    @property
    def whole_input(self):
        return self.input + self.read + self.write

    @property
    def parts(self):
        """Cost by kind of token."""
        prices = PRICES["long" if self.whole_input > 200_000 else self.model]
        found = {
            kind: Decimal(price) * getattr(self, kind) / 1_000_000 for kind, price in zip(KINDS, prices, strict=True)
        }
        assert sum(found.values()) == Decimal(self.cost)
        return {kind: part for kind, part in found.items() if part}


SCENE = (
    Request("r1", "openai", "gpt-5", "2026-03-02T09:10:00", 1_000, 4_000, 0, 500, "0.00675"),
    Request("r2", "openai", "gpt-5", "2026-03-02T10:20:00", 20_000, 0, 0, 3_000, "0.055"),
    Request("r3", "anthropic", "claude-sonnet-4-5", "2026-03-02T11:30:00", 2_000, 10_000, 1_000, 800, "0.02475"),
    Request("r4", "anthropic", "claude-sonnet-4-5", "2026-03-03T12:40:00", 500, 0, 2_000, 100, "0.0105"),
    Request("r5", "anthropic", "claude-sonnet-4-5", "2026-03-03T13:50:00", 150_000, 60_000, 0, 1_000, "0.9585"),
)
TOTAL = Decimal("1.0555")
OPENAI = tuple(one for one in SCENE if one.provider == "openai")
ANTHROPIC = tuple(one for one in SCENE if one.provider == "anthropic")
NAMES = {"openai": "OpenAI", "anthropic": "Anthropic"}


def to_csv(path, rows):
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def to_lines(path, rows):
    path.write_text("\n".join(json.dumps(row) for row in rows) + "\n")
    return path


def to_page(path, buckets):
    path.write_text(json.dumps({"object": "page", "data": buckets, "has_more": False}))
    return path


def focus_rows(requests=SCENE, *, unit="Tokens", size=1):
    """A row for each kind of token, as providers bill."""
    words = {"input": "input", "read": "cached input", "write": "cache write input", "output": "output"}
    return [
        {
            "BilledCost": f"{cost:f}",
            "EffectiveCost": f"{cost:f}",
            "BillingCurrency": "USD",
            "ChargePeriodStart": f"{one.day}T00:00:00Z",
            "ChargePeriodEnd": f"{one.moment.date() + timedelta(days=1)}T00:00:00Z",
            "ChargeCategory": "Usage",
            "ServiceCategory": "AI and Machine Learning",
            "ServiceName": f"{NAMES[one.provider]} API",
            "ProviderName": NAMES[one.provider],
            "InvoiceIssuerName": NAMES[one.provider],
            "ConsumedQuantity": str(Decimal(getattr(one, kind)) / size),
            "ConsumedUnit": unit,
            "SkuMeter": f"{one.model} {words[kind]} tokens",
            "x_ModelId": one.model,
            "x_RequestId": one.id,
        }
        for one in requests
        for kind, cost in one.parts.items()
    ]


def litellm_rows(requests=SCENE):
    return [
        {
            "request_id": one.id,
            "call_type": "acompletion",
            "spend": float(one.cost),
            "total_tokens": one.whole_input + one.output,
            "prompt_tokens": one.whole_input,
            "completion_tokens": one.output,
            "startTime": one.start + ".123Z",
            "model": f"{one.provider}/{one.model}",
            "custom_llm_provider": one.provider,
            "team_id": "search",
            "user": "u1",
            "metadata": json.dumps(
                {"usage_object": {"cache_read_input_tokens": one.read, "cache_creation_input_tokens": one.write}}
            ),
        }
        for one in requests
    ]


def openai_usage(requests=OPENAI):
    return [
        {
            "object": "bucket",
            "start_time": int(one.moment.replace(minute=0).timestamp()),
            "end_time": int(one.moment.replace(minute=0).timestamp()) + 3600,
            "results": [
                {
                    "object": "organization.usage.completions.result",
                    "input_tokens": one.whole_input,
                    "input_cached_tokens": one.read,
                    "output_tokens": one.output,
                    "num_model_requests": 1,
                    "model": one.model,
                    "batch": False,
                }
            ],
        }
        for one in requests
    ]


def openai_costs(requests=OPENAI):
    start = int(datetime(2026, 3, 2, tzinfo=UTC).timestamp())
    return [
        {
            "object": "bucket",
            "start_time": start,
            "end_time": start + 86_400,
            "results": [
                {
                    "object": "organization.costs.result",
                    "amount": {"value": float(cost), "currency": "usd"},
                    "line_item": f"{one.model}, {kind}",
                }
                for one in requests
                for kind, cost in one.parts.items()
            ],
        }
    ]


def anthropic_usage(requests=ANTHROPIC):
    return [
        {
            "starting_at": f"{one.moment:%Y-%m-%dT%H:00:00Z}",
            "ending_at": f"{one.moment + timedelta(hours=1):%Y-%m-%dT%H:00:00Z}",
            "results": [
                {
                    "uncached_input_tokens": one.input,
                    "cache_read_input_tokens": one.read,
                    "cache_creation": {"ephemeral_5m_input_tokens": one.write, "ephemeral_1h_input_tokens": 0},
                    "output_tokens": one.output,
                    "model": one.model,
                    "service_tier": "standard",
                    "context_window": "200k-1M" if one.whole_input > 200_000 else "0-200k",
                }
            ],
        }
        for one in requests
    ]


def anthropic_cost(requests=ANTHROPIC):
    return [
        {
            "starting_at": f"{one.day}T00:00:00Z",
            "ending_at": f"{one.moment.date() + timedelta(days=1)}T00:00:00Z",
            "results": [
                {"amount": f"{cost * 100:f}", "currency": "USD", "model": one.model, "token_type": kind}
                for kind, cost in one.parts.items()
            ],
        }
        for one in requests
    ]


def attributes(one):
    return {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": one.provider,
        "gen_ai.request.model": one.model,
        "gen_ai.response.id": one.id,
        "gen_ai.usage.input_tokens": one.whole_input,
        "gen_ai.usage.cache_read.input_tokens": one.read,
        "gen_ai.usage.cache_creation.input_tokens": one.write,
        "gen_ai.usage.output_tokens": one.output,
    }


def otel_spans(requests=SCENE):
    return [
        {"name": "chat", "traceId": "t", "spanId": one.id, "startTime": one.start + "Z", "attributes": attributes(one)}
        for one in requests
    ]


def otlp_export(requests=SCENE):
    spans = [
        {
            "traceId": "t",
            "spanId": one.id,
            "startTimeUnixNano": str(int(one.moment.timestamp()) * 10**9),
            "attributes": [
                {"key": key, "value": {"intValue": str(value)} if isinstance(value, int) else {"stringValue": value}}
                for key, value in attributes(one).items()
            ],
        }
        for one in requests
    ]
    return [{"resourceSpans": [{"resource": {"attributes": []}, "scopeSpans": [{"spans": spans}]}]}]


def azure_rows(requests=OPENAI):
    words = {"input": "Inp", "read": "cached Inp", "output": "Outp"}
    return [
        {
            "date": one.moment.strftime("%m/%d/%Y"),
            "meterSubCategory": "Azure OpenAI",
            "meterName": f"{one.model} {words[kind]} glbl Tokens",
            "unitOfMeasure": "1K",
            "quantity": str(Decimal(getattr(one, kind)) / 1_000),
            "costInBillingCurrency": f"{cost:f}",
            "billingCurrency": "USD",
            "SubscriptionId": "sub-1",
            "tags": "",
        }
        for one in requests
        for kind, cost in one.parts.items()
    ]


def cur_rows(requests=ANTHROPIC):
    words = {
        "input": "input-tokens",
        "read": "cache-read-input-token-count",
        "write": "cache-write-input-token-count",
        "output": "output-tokens",
    }
    return [
        {
            "line_item_product_code": "AmazonBedrock",
            "line_item_usage_start_date": f"{one.moment:%Y-%m-%dT%H:00:00Z}",
            "line_item_usage_end_date": f"{one.moment + timedelta(hours=1):%Y-%m-%dT%H:00:00Z}",
            "line_item_usage_type": f"USE1-{one.model}-{words[kind]}",
            "line_item_usage_amount": str(Decimal(getattr(one, kind)) / 1_000),
            "pricing_unit": "1K tokens",
            "line_item_unblended_cost": f"{cost:f}",
            "line_item_currency_code": "USD",
            "line_item_line_item_description": f"{one.model} {kind}",
            "line_item_usage_account_id": "123",
        }
        for one in requests
        for kind, cost in one.parts.items()
    ]


def gcp_rows(requests=OPENAI):
    """What the query in data/mappings/gcp_billing.toml gives, and a line of another service."""
    words = {"input": "Text Input", "read": "Cached Text Input", "output": "Text Output"}
    lines = [
        {
            "service_description": "Vertex AI",
            "sku_description": f"{one.model} {words[kind]} - Predictions",
            "usage_start_time": f"{one.moment:%Y-%m-%dT%H:00:00Z}",
            "usage_end_time": f"{one.moment + timedelta(hours=1):%Y-%m-%dT%H:00:00Z}",
            "project_id": "search-prod",
            "labels": '[{"key": "team", "value": "search"}]',
            "cost_after_credits": f"{cost:f}",
            "currency": "USD",
            "usage_amount": str(getattr(one, kind)),
            "usage_unit": "Tokens",
        }
        for one in requests
        for kind, cost in one.parts.items()
    ]
    return [*lines, {**lines[0], "service_description": "Compute Engine"}]


def helicone_rows(requests):
    """Requests of the export tool, which quotes the properties twice; cached tokens stand in no column."""
    return [
        {
            "response_id": one.id,
            "response_created_at": f"{one.moment:%Y-%m-%d %H:%M:%S}",
            "response_status": "200",
            "request_created_at": f"{one.moment:%Y-%m-%dT%H:%M:%S.000Z}",
            "request_body": "",
            "request_properties": json.dumps({"Team": "search", "Helicone-Session-Id": "t"}).replace('"', '""'),
            "request_user_id": "u",
            "model": one.model,
            "prompt_tokens": one.input,
            "completion_tokens": one.output,
            "latency": "900",
            "cost": one.cost,
        }
        for one in requests
    ]


def helicone_requests(requests=SCENE):
    """Requests of its API; every other one counts cached tokens inside the prompt."""
    return [
        {
            "response_id": one.id,
            "request_id": f"request-{one.id}",
            "response_status": 200,
            "request_created_at": f"{one.moment:%Y-%m-%dT%H:%M:%S.000Z}",
            "request_properties": {"Team": "search", "Helicone-Session-Id": "t"},
            "request_user_id": "u",
            "provider": one.provider.upper(),
            "request_model": one.model,
            "prompt_tokens": one.whole_input if place % 2 else one.input,
            "prompt_cache_read_tokens": one.read,
            "prompt_cache_write_tokens": one.write,
            "completion_tokens": one.output,
            "total_tokens": one.whole_input + one.output,
            "costUSD": float(one.cost),
        }
        for place, one in enumerate(requests)
    ]


def langfuse_rows(requests=SCENE):
    """Observations of the blob storage export, and one that is no call of a model."""
    calls = [
        {
            "id": one.id,
            "trace_id": "t",
            "environment": "prod",
            "type": "GENERATION",
            "start_time": f"{one.moment:%Y-%m-%d %H:%M:%S.%f}",
            "provided_model_name": one.model,
            "usage_details": json.dumps(
                {
                    "input": one.input,
                    "input_cached_tokens": one.read,
                    "input_cache_creation": one.write,
                    "output": one.output,
                }
            ),
            "total_cost": one.cost,
            "user_id": "u",
        }
        for one in requests
    ]
    return [*calls, {**calls[0], "id": "s", "type": "SPAN", "usage_details": "{}", "total_cost": "0"}]
