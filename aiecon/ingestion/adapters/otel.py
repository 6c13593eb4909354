"""OpenTelemetry GenAI spans as JSON lines: OTLP exports, the console exporter of an SDK, or a span for each line.

Attributes: https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/ . `gen_ai.usage.input_tokens` includes
cached tokens (older instrumentations of Anthropic leave them out). Spans that are no call of a model are left out:
tools, and agents, which repeat the usage of the calls they make.
"""

from collections.abc import Iterator
from typing import Any

from aiecon.ingestion.adapters import pricing, reading, words
from aiecon.ingestion.adapters.columns import CANONICAL
from aiecon.ingestion.adapters.pricing import Tokens
from aiecon.ingestion.adapters.reading import Reading, RefusedError
from aiecon.vocabulary.spend import AI_CATEGORY, TOKEN_COLUMNS

MARKS = ({"attributes.gen_ai.operation.name"}, {"attributes.gen_ai.usage.input_tokens"}, {"resourceSpans"})
_CALLS = ("chat", "text_completion", "generate_content", "embeddings")
_STARTS = ("startTimeUnixNano", "start_time_unix_nano", "startTime", "start_time", "timestamp")
_WHO = {
    "x_Team": ("team.id", "team", "x_team"),
    "x_User": ("user.id", "enduser.id"),
    "x_Product": ("service.name",),
    "x_Environment": ("deployment.environment.name", "deployment.environment"),
}

_ERRORS = ("2", "ERROR", "STATUS_CODE_ERROR")  # of a status, as OTLP and SDKs write it


def read(source: Reading) -> Iterator[Any]:
    """Read one charge for each span that calls a model, priced at the rate card of its day."""
    yield from reading.tables(source, _spans(source), _charge, CANONICAL)


def read_spans(source: Reading) -> Iterator[dict[str, Any]]:
    """Read every span with its place in its trace and its own cost: calls of models are priced, others cost nothing.

    Each: trace_id, span_id, parent_id (None for a root), name, start, cost [USD], input_tokens (None for other spans),
    failed (1 where the span says an error, else 0).
    """
    for row, span in _spans(source):
        try:
            yield _placed(span, _charge(span))
        except RefusedError as error:
            source.refuse(row, error.column, error.reason)


def _placed(span: dict[str, Any], charge: dict[str, Any] | str) -> dict[str, Any]:
    trace, own = _ids(span)
    parent = span.get("parentSpanId") or span.get("parent_span_id") or span.get("parent_id")
    start = words.moment(next((span[key] for key in _STARTS if key in span), None), "startTimeUnixNano")
    used = charge if isinstance(charge, dict) else {}
    tokens = [int(used.get(name) or 0) for name in TOKEN_COLUMNS if name != "x_OutputTokens"]
    return {
        "trace_id": trace,
        "span_id": own,
        "parent_id": parent or None,
        "name": span.get("name") or "unnamed",
        "start": start,
        "cost": float(used.get("BilledCost") or 0.0),
        "input_tokens": float(sum(tokens)) if used else None,
        "failed": float(_is_failed(span)),
    }


def _is_failed(span: dict[str, Any]) -> bool:
    """Whether a span ended with an error, by its status or the attribute error.type."""
    status = span.get("status") or {}
    code = status.get("code", status.get("status_code")) if isinstance(status, dict) else status
    return str(code).upper() in _ERRORS or "error.type" in _plain(span.get("attributes") or {})


def _ids(span: dict[str, Any]) -> tuple[Any, Any]:
    """Trace and own id of a span, as OTLP or an SDK's console writes them."""
    context = span.get("context") or {}
    trace = span.get("traceId") or span.get("trace_id") or context.get("trace_id")
    return trace, span.get("spanId") or span.get("span_id") or context.get("span_id")


def _spans(source: Reading) -> Iterator[tuple[int, dict[str, Any]]]:
    """Spans with the attributes of their resource, numbered by line; those of an OTLP export one after another."""
    nested = 0
    for row, record in reading.json_records(source):
        if "resourceSpans" not in record:
            yield row, record
            continue
        for whole in record["resourceSpans"]:
            resource = _plain((whole.get("resource") or {}).get("attributes") or {})
            for scope in whole.get("scopeSpans") or []:
                for span in scope.get("spans") or []:
                    nested += 1
                    yield nested, {**span, "resource": resource}


def _plain(attributes: Any) -> dict[str, Any]:
    """Attributes as name -> value; OTLP writes a list of {key, value: {intValue: "1"}}."""
    if isinstance(attributes, dict):
        return attributes
    return {one["key"]: next(iter((one.get("value") or {"": None}).values()), None) for one in attributes}


def _charge(span: dict[str, Any]) -> dict[str, Any] | str:
    resource = span.get("resource") or {}
    said = _plain(resource.get("attributes", resource)) | _plain(span.get("attributes") or {})
    operation = said.get("gen_ai.operation.name")
    if operation is not None and operation not in _CALLS:
        return f"no call of a model ({operation})"
    tokens = _tokens(said)
    if not tokens.all_input and not tokens.output:
        return "no token usage"
    name = said.get("gen_ai.provider.name") or said.get("gen_ai.system")
    if not name:
        raise RefusedError("gen_ai.provider.name", "is empty; without a provider there is no price")
    provider, model = words.provider(str(name)), said.get("gen_ai.response.model") or said.get("gen_ai.request.model")
    start = words.moment(next((span[key] for key in _STARTS if key in span), None), "startTimeUnixNano")
    cost = pricing.priced(provider, model, start.date(), tokens)
    trace, own = _ids(span)
    return {
        **words.hour(start),
        **words.service(provider),
        **tokens.cells(),
        **{column: next((said[name] for name in names if name in said), None) for column, names in _WHO.items()},
        "BilledCost": cost,
        "EffectiveCost": cost,
        "BillingCurrency": "USD",
        "ChargeCategory": "Usage",
        "ServiceCategory": AI_CATEGORY,
        "x_Requests": 1,
        "x_RequestId": said.get("gen_ai.response.id") or (f"{trace}:{own}" if own else None),
        "x_TraceId": trace,
        "x_ModelId": model,
        "x_CostSource": "priced",
    }


def _tokens(said: dict[str, Any]) -> Tokens:
    usage = "gen_ai.usage."
    old = usage + "prompt_tokens" if usage + "input_tokens" not in said else usage + "input_tokens"
    out = usage + "completion_tokens" if usage + "output_tokens" not in said else usage + "output_tokens"
    found = pricing.inside(
        words.tokens(said, old),
        cache_read=words.tokens(said, usage + "cache_read.input_tokens"),
        cache_write_5m=words.tokens(said, usage + "cache_creation.input_tokens"),
        output=words.tokens(said, out),
    )
    if (reasoning := said.get(usage + "reasoning.output_tokens")) is None:
        return found
    return Tokens(**{**vars(found), "reasoning": int(reasoning)})
