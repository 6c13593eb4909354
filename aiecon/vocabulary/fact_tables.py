"""The fact tables beside the rate card: capacity, GPU and seat offers, outcomes, invoices. What each must hold.

Every row has a source and the day it was read. A price stands in one canonical unit, beside it the price and the unit
as the vendor quotes them; the two must agree.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pandas as pd

from aiecon.errors import FrameError
from aiecon.units import HOURS_PER_MONTH, MONTHS_PER_YEAR
from aiecon.vocabulary.tables import Rules, listed, read

_SAID = ("source", "source_url", "retrieved_on", "grade", "note")
_NEEDED = ("source", "retrieved_on", "grade")
DEPLOYMENTS = ("global", "data_zone", "regional", "legacy")
PURCHASES = ("on_demand", "spot", "reserved", "marketplace", "owned")
TERMS = ("hour", "month", "year")
_PER_MONTH = {"unit-hour": float(HOURS_PER_MONTH), "unit-month": 1.0, "unit-year": 1.0 / MONTHS_PER_YEAR}
_ROUNDING = 1e-3  # relative difference that rounding a price to four places may leave

PTU_PRICES = Rules(
    columns=(
        "provider",
        "product",
        "deployment",
        "term",
        "commitment_months",
        "currency",
        "price_per_unit_month",
        "original_price",
        "original_unit",
        "regions",
        "effective_from",
        *_SAID,
    ),
    needed=("provider", "product", "deployment", "term", "currency", "price_per_unit_month", *_NEEDED),
    amounts=("commitment_months", "price_per_unit_month", "original_price"),
    days=("effective_from", "retrieved_on"),
    one_of={"deployment": DEPLOYMENTS, "term": TERMS, "original_unit": tuple(_PER_MONTH)},
)
PTU_THROUGHPUT = Rules(
    columns=(
        "provider",
        "model",
        "deployment",
        "tokens_per_minute",
        "output_weight",
        "cached_weight",
        "minimum_units",
        "increment_units",
        "latency_tokens_per_second",
        *_SAID,
    ),
    needed=("provider", "model", "deployment", "tokens_per_minute", "minimum_units", "increment_units", *_NEEDED),
    amounts=("tokens_per_minute", "output_weight", "minimum_units", "increment_units", "latency_tokens_per_second"),
    shares=("cached_weight",),
    days=("retrieved_on",),
    one_of={"deployment": DEPLOYMENTS},
)
GPU_PRICES = Rules(
    columns=(
        "provider",
        "gpu",
        "instance",
        "gpus",
        "region",
        "purchase",
        "currency",
        "price_per_gpu_hour",
        "original_price",
        "original_unit",
        *_SAID,
    ),
    needed=("provider", "gpu", "purchase", "currency", "price_per_gpu_hour", *_NEEDED),
    amounts=("gpus", "price_per_gpu_hour", "original_price"),
    days=("retrieved_on",),
    one_of={"purchase": PURCHASES, "original_unit": ("instance-hour", "gpu-hour")},
)
SEAT_PLANS = Rules(
    columns=(
        "vendor",
        "name",
        "price_per_seat_month",
        "price_monthly_billing",
        "commitment_months",
        "included_usage_per_seat_month",
        "pooled",
        "overage_factor",
        "minimum_seats",
        "currency",
        *_SAID,
    ),
    needed=("vendor", "name", "currency", *_NEEDED),
    amounts=(
        "price_per_seat_month",
        "price_monthly_billing",
        "commitment_months",
        "included_usage_per_seat_month",
        "overage_factor",
        "minimum_seats",
    ),
    days=("retrieved_on",),
    one_of={"pooled": ("true", "false")},
)
OUTCOMES = Rules(
    columns=("date", "use_case", "outcome", "count"),
    needed=("date", "use_case", "outcome", "count"),
    amounts=("count",),
    days=("date",),
)
INVOICES = Rules(
    columns=("invoice_id", "provider", "month", "issued_on", "currency", "amount"),
    needed=("invoice_id", "provider", "month", "currency", "amount"),
    days=("month", "issued_on"),
)
SEAT_USAGE = Rules(
    columns=("user", "month", "spend"),
    needed=("user", "spend"),
    amounts=("spend",),
    days=("month",),
)

Doubt = Callable[[pd.DataFrame], Iterator[tuple[int, str]]]


def ptu_units(typed: pd.DataFrame) -> Iterator[tuple[int, str]]:
    """Rows whose price a month is not their quoted price in the convention of 730 hours and 12 months."""
    months = typed["original_price"] * typed["original_unit"].map(_PER_MONTH)
    yield from _apart(typed, "price_per_unit_month", months, "original_price and original_unit")


def gpu_units(typed: pd.DataFrame) -> Iterator[tuple[int, str]]:
    """Rows whose price per GPU is not the instance's price over its GPUs."""
    per_gpu = (typed["original_price"] / typed["gpus"]).where(typed["original_unit"] == "instance-hour")
    yield from _apart(typed, "price_per_gpu_hour", per_gpu, "original_price and gpus")


def _apart(typed: pd.DataFrame, column: str, expected: pd.Series, of: str) -> Iterator[tuple[int, str]]:
    apart = (typed[column] - expected).abs() > _ROUNDING * expected
    for row in typed.index[apart]:
        yield row, f"'{column}' {typed[column][row]:g} is not the {expected[row]:g} that {of} make; check the unit"


def seat_overlap(typed: pd.DataFrame) -> Iterator[tuple[int, str]]:
    """Plans that stand twice, and plans without any price that are not marked as a rumour."""
    for row in typed.index[typed.duplicated(["vendor", "name"])]:
        yield row, f"{typed['vendor'][row]} {typed['name'][row]} stands twice"
    bare = typed["price_per_seat_month"].isna() & typed["price_monthly_billing"].isna() & (typed["grade"] != "rumour")
    yield from ((row, "the plan has no price") for row in typed.index[bare])


@dataclass(frozen=True)
class FactTable:
    """A kind of table: the columns it is known by, its rules, and what only the whole row can show."""

    kind: str
    known_by: frozenset[str]
    rules: Rules
    doubts: tuple[Doubt, ...] = ()

    def check(self, frame: pd.DataFrame, *, name: str) -> pd.DataFrame:
        """Return the rows typed, or raise FrameError with every problem by row."""
        typed, problems = read(frame, self.rules, name=name)
        if not problems:
            found = sorted(pair for doubt in self.doubts for pair in doubt(typed))
            problems = listed(found, name=name)
        if problems:
            raise FrameError(problems)
        return typed


def meter_units(typed: pd.DataFrame) -> Iterator[tuple[int, str]]:
    """Token meters whose price a million is not what the vendor quotes, per thousand or per million."""
    per_million = typed["original_price"] * typed["original_unit"].map({"1K": 1_000.0, "1M": 1.0})
    per_million = per_million.where(typed["unit"] == "1M tokens")
    yield from _apart(typed, "price", per_million, "original_price and original_unit")


CORRECTIONS = FactTable(
    "rate card corrections",
    frozenset({"action"}),
    Rules(
        columns=("action", "provider", "model", "effective_from", "note"),
        needed=("action", "provider", "model", "effective_from"),
        days=("effective_from",),
        one_of={"action": ("set", "drop", "add", "confirm")},
    ),
)
METERS = Rules(
    columns=(
        "product",
        "meter",
        "price",
        "unit",
        "currency",
        "original_price",
        "original_unit",
        "retrieved_on",
        "source",
    ),
    needed=("meter", "price", "unit", "currency", "original_price", "original_unit", "retrieved_on", "source"),
    amounts=("price", "original_price"),
    days=("retrieved_on",),
)
SERVING = Rules(
    columns=(
        "model",
        "gpu",
        "precision",
        "gpus_per_replica",
        "input_tokens",
        "output_tokens",
        "concurrency",
        "ttft_ms",
        "tpot_ms",
        "output_tokens_per_second_per_gpu",
        "source",
        "retrieved_on",
    ),
    needed=("model", "gpu", "ttft_ms", "tpot_ms", "source", "retrieved_on"),
    amounts=("gpus_per_replica", "input_tokens", "output_tokens", "concurrency", "ttft_ms", "tpot_ms"),
    days=("retrieved_on",),
)
MLPERF = Rules(
    columns=("submitter", "system", "model", "scenario", "accelerator", "tokens_per_second", "source", "retrieved_on"),
    needed=("submitter", "system", "model", "scenario", "tokens_per_second", "source", "retrieved_on"),
    amounts=("tokens_per_second",),
    days=("retrieved_on",),
)
FACT_TABLES = (
    FactTable("vendor meters", frozenset({"meter", "original_unit"}), METERS, (meter_units,)),
    FactTable("measured serving", frozenset({"ttft_ms", "tpot_ms"}), SERVING),
    FactTable("MLPerf results, an upper bound", frozenset({"submitter", "tokens_per_second"}), MLPERF),
    FactTable("provisioned prices", frozenset({"price_per_unit_month", "term"}), PTU_PRICES, (ptu_units,)),
    FactTable("provisioned throughput", frozenset({"tokens_per_minute", "minimum_units"}), PTU_THROUGHPUT),
    FactTable("GPU prices", frozenset({"price_per_gpu_hour"}), GPU_PRICES, (gpu_units,)),
    FactTable("seat plans", frozenset({"price_per_seat_month"}), SEAT_PLANS, (seat_overlap,)),
    FactTable("outcomes", frozenset({"use_case", "outcome", "count"}), OUTCOMES),
    FactTable("invoices", frozenset({"invoice_id", "amount"}), INVOICES),
    FactTable("seat usage", frozenset({"user", "spend"}), SEAT_USAGE),
)
