"""Tables of use: gateway logs, request traces, recorded price levels, and what the sample company is built from."""

from aiecon.vocabulary.fact_tables import FactTable
from aiecon.vocabulary.tables import Rules

_WHOSE = ("team", "product", "use_case", "environment")

GATEWAY = Rules(
    columns=("date", *_WHOSE, "model", "requests", "input_tokens", "cached_tokens", "output_tokens", "retries"),
    needed=("date", "model", "requests", "input_tokens", "output_tokens"),
    amounts=("requests", "input_tokens", "cached_tokens", "output_tokens", "retries"),
)
REQUESTS = Rules(
    columns=("input_tokens", "output_tokens", "cacheable_input_tokens"),
    needed=("input_tokens", "output_tokens"),
    amounts=("input_tokens", "output_tokens", "cacheable_input_tokens"),
)
DAILY_REQUESTS = Rules(
    columns=("day", "requests", "total_tokens"),
    needed=("day", "requests"),
    amounts=("day", "requests", "total_tokens"),
)
WORKLOADS = Rules(
    columns=(
        *_WHOSE,
        "provider",
        "model",
        "start",
        "end",
        "requests_per_day",
        "ramp_midpoint",
        "ramp_days",
        "input_tokens",
        "cached_share",
        "cache_write_share",
        "output_tokens",
        "noise",
        "step_on",
        "step_multiple",
    ),
    needed=("team", "provider", "model", "start", "end", "requests_per_day", "input_tokens", "output_tokens"),
    amounts=("requests_per_day", "ramp_days", "input_tokens", "output_tokens", "noise", "step_multiple"),
    shares=("cached_share", "cache_write_share"),
    days=("start", "end", "ramp_midpoint", "step_on"),
)
RESOURCES = Rules(
    columns=("item", *_WHOSE, "start", "end", "per_day", "ramp_midpoint", "ramp_days", "noise"),
    needed=("item", "start", "end", "per_day"),
    amounts=("per_day", "ramp_days", "noise"),
    days=("start", "end", "ramp_midpoint"),
)
UNIT_PRICES = Rules(
    columns=("item", "provider", "currency", "price", "pricing_unit", "grade", "source", "as_of"),
    needed=("item", "provider", "currency", "price", "pricing_unit", "grade", "source", "as_of"),
    amounts=("price",),
    days=("as_of",),
)
_RECORDED = tuple(
    f"usd_per_mtok_{what}"
    for what in (
        *("input", "output", "cache_read", "cache_write", "batch_input", "batch_output"),
        *("priority_input", "priority_output", "flex_input", "flex_output"),
        *("input_above_128k", "output_above_128k", "input_above_200k", "output_above_200k"),
    )
)
RECORDED = Rules(
    columns=("model", "provider", "mode", "first_seen", "snapshots", *_RECORDED, "source"),
    needed=("model", "provider", "first_seen", "source"),
    amounts=("snapshots", *_RECORDED),
)
MINUTES = Rules(columns=("minute", "tokens"), needed=("minute", "tokens"), amounts=("minute", "tokens"))
USAGE_TABLES = (
    FactTable("gateway log", frozenset({"date", "requests", "input_tokens", "output_tokens"}), GATEWAY),
    FactTable("sample workloads", frozenset({"requests_per_day", "model"}), WORKLOADS),
    FactTable("sample resources", frozenset({"item", "per_day"}), RESOURCES),
    FactTable("sample unit prices", frozenset({"item", "pricing_unit"}), UNIT_PRICES),
    FactTable("recorded price levels", frozenset({"first_seen", "usd_per_mtok_input"}), RECORDED),
    FactTable("daily requests", frozenset({"day", "requests"}), DAILY_REQUESTS),
    FactTable("demand by the minute", frozenset({"minute", "tokens"}), MINUTES),
    FactTable("request trace", frozenset({"input_tokens", "output_tokens"}), REQUESTS),
)
