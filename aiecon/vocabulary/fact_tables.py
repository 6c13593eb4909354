"""The fact tables beside the rate card: capacity, GPU and seat offers, outcomes, invoices. What each must hold.

Every row has a source and the day it was read. A price stands in one canonical unit, beside it the price and the unit
as the vendor quotes them; the two must agree.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pandas as pd

from aiecon.units import HOURS_PER_MONTH, MONTHS_PER_YEAR
from aiecon.vocabulary import rate_card
from aiecon.vocabulary.tables import Found, Rule, Rules, checked, days_to_come
from aiecon.vocabulary.unit_doubts import Circles, suspected

_SAID = ("source", "source_url", "retrieved_on", "grade", "note")
_NEEDED = ("source", "retrieved_on", "grade")
DEPLOYMENTS = ("global", "data_zone", "regional", "legacy")
PURCHASES = ("on_demand", "spot", "reserved", "marketplace", "owned")
TERMS = ("hour", "month", "quarter", "year")
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
        "family",
        "deployment",
        "tokens_per_minute",
        "output_weight",
        "cached_weight",
        "input_weights",
        "minimum_units",
        "increment_units",
        "latency_tokens_per_second",
        *_SAID,
    ),
    needed=("provider", "model", "deployment", "tokens_per_minute", "minimum_units", "increment_units", *_NEEDED),
    amounts=("output_weight", "latency_tokens_per_second"),
    shares=("cached_weight",),
    counts=("tokens_per_minute", "minimum_units", "increment_units"),
    days=("retrieved_on",),
    one_of={"deployment": DEPLOYMENTS},
)
GPU_PRICES = Rules(
    columns=(
        "provider",
        "gpu",
        "vram_gb",
        "interconnect",
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
    amounts=("vram_gb", "price_per_gpu_hour", "original_price"),
    counts=("gpus",),
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
    ),
    counts=("minimum_seats",),
    days=("retrieved_on",),
    one_of={"pooled": ("true", "false")},
)
OUTCOMES = Rules(
    columns=("date", "use_case", "outcome", "count", "value", "human_minutes", "revenue"),
    needed=("date", "use_case", "outcome", "count"),
    amounts=("count", "human_minutes"),
    money=("value", "revenue"),
    days=("date",),
)
INVOICES = Rules(
    columns=("invoice_id", "provider", "month", "issued_on", "currency", "amount"),
    needed=("invoice_id", "provider", "month", "currency", "amount"),
    money=("amount",),
    days=("month", "issued_on"),
)
SEAT_USAGE = Rules(
    columns=("user", "month", "plan", "spend"),
    needed=("user", "spend"),
    amounts=("spend",),
    days=("month",),
)


def ptu_units(typed: pd.DataFrame) -> Iterator[Found]:
    """Rows whose price a month is not their quoted price in the convention of 730 hours and 12 months."""
    months = typed["original_price"] * typed["original_unit"].map(_PER_MONTH)
    yield from _apart(typed, "price_per_unit_month", months, "original_price and original_unit")


def gpu_units(typed: pd.DataFrame) -> Iterator[Found]:
    """Rows whose price per GPU is not the quoted price, over the GPUs of an instance."""
    is_instance = typed["original_unit"] == "instance-hour"
    for row in typed.index[is_instance & typed["original_price"].notna() & typed["gpus"].isna()]:
        yield row, "'gpus' is needed to hold the price of an instance-hour against the price per GPU; give it"
    per_gpu = (typed["original_price"] / typed["gpus"]).where(is_instance, typed["original_price"])
    yield from _apart(typed, "price_per_gpu_hour", per_gpu, "original_price and gpus")


def whole_quotes(typed: pd.DataFrame) -> Iterator[Found]:
    """Rows with a quoted price and no unit of it, or the other way round."""
    has_price, has_unit = typed["original_price"].notna(), typed["original_unit"] != ""
    for row in typed.index[has_price != has_unit]:
        absent = "original_unit" if has_price[row] else "original_price"
        yield row, f"original_price and original_unit come together; give {absent} too, or neither"


def _apart(typed: pd.DataFrame, column: str, expected: pd.Series, of: str) -> Iterator[Found]:
    apart = (typed[column] - expected).abs() > _ROUNDING * expected
    for row in typed.index[apart]:
        yield row, f"'{column}' {typed[column][row]:g} is not the {expected[row]:g} that {of} make; check the unit"


def once(*key: str) -> Rule:
    """A rule that no two rows are of the same thing, which would count it twice."""

    def rule(typed: pd.DataFrame) -> Iterator[Found]:
        given = [column for column in key if column in typed]
        first = typed.groupby(given, sort=False, dropna=False)[given[0]].transform(lambda rows: rows.index[0])
        for row in typed.index[typed.duplicated(given)]:
            yield row, f"it repeats {' and '.join(given)} of row {first[row]}; keep one of the rows, or add them up"

    return rule


def issued_after(typed: pd.DataFrame) -> Iterator[Found]:
    """Invoices issued before the month they are for."""
    for row in typed.index[typed["issued_on"] < typed["month"]]:
        yield row, f"it was issued on {typed['issued_on'][row]:%Y-%m-%d}, before its month begins; check the days"


def measured_before_read(typed: pd.DataFrame) -> Iterator[Found]:
    """Measurements that are later than the day they were read."""
    for row in typed.index[typed["measured_on"] > typed["retrieved_on"]]:
        yield row, f"it was measured on {typed['measured_on'][row]:%Y-%m-%d}, after it was read; check the days"


def seat_overlap(typed: pd.DataFrame) -> Iterator[Found]:
    """Plans that stand twice, and plans without any price that are not marked as a rumour."""
    for row in typed.index[typed.duplicated(["vendor", "name"])]:
        yield row, f"{typed['vendor'][row]} {typed['name'][row]} stands twice; keep one of the rows"
    bare = typed["price_per_seat_month"].isna() & typed["price_monthly_billing"].isna() & (typed["grade"] != "rumour")
    yield from ((row, "the plan has no price; give one, or grade it a rumour") for row in typed.index[bare])


@dataclass(frozen=True)
class FactTable:
    """A kind of table: the columns it is known by, its rules, and what only the whole row can show.

    `quoted` holds a price against the one the vendor quotes; else `prices` are held against those of their like, here
    and in the table `shipped`. `key` is what a row is about, of which the newest row holds.
    """

    kind: str
    known_by: frozenset[str]
    rules: Rules
    doubts: tuple[Rule, ...] = ()
    quoted: Rule | None = None
    prices: tuple[Circles, ...] = ()
    shipped: str = ""
    key: tuple[str, ...] = ()

    def check(
        self, frame: pd.DataFrame, *, name: str, neighbours: pd.DataFrame | None = None, as_of: date | None = None
    ) -> pd.DataFrame:
        """Return the rows typed, or raise FrameError with every problem by row."""

        def units(typed: pd.DataFrame) -> Iterator[Found]:
            apart = [] if self.quoted is None else list(self.quoted(typed))
            rest = typed.drop(index=list({row for row, _ in apart}))
            yield from apart
            for circles in self.prices:
                yield from suspected(rest, circles, neighbours=neighbours)

        def days(typed: pd.DataFrame) -> Iterator[Found]:
            return days_to_come(typed, as_of=as_of, neighbours=neighbours)

        return checked(frame, self.rules, name=name, more=(*self.doubts, units, days))


def meter_units(typed: pd.DataFrame) -> Iterator[Found]:
    """Token meters whose price a million is not what the vendor quotes, per thousand or per million."""
    per_million = typed["original_price"] * typed["original_unit"].map({"1K": 1_000.0, "1M": 1.0})
    per_million = per_million.where(typed["unit"] == "1M tokens")
    yield from _apart(typed, "price", per_million, "original_price and original_unit")


CORRECTIONS = FactTable(
    "rate card corrections",
    frozenset({"action"}),
    Rules(
        columns=("action", *rate_card.COLUMNS),
        needed=("action", "provider", "model", "effective_from"),
        amounts=rate_card.RULES.amounts,
        shares=rate_card.RULES.shares,
        counts=rate_card.RULES.counts,
        days=rate_card.RULES.days,
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
        "regions",
        "effective_from",
        "retrieved_on",
        "source",
    ),
    needed=("meter", "price", "unit", "currency", "original_price", "original_unit", "retrieved_on", "source"),
    amounts=("price", "original_price"),
    days=("effective_from", "retrieved_on"),
)
SERVING = Rules(
    columns=(
        "model",
        "gpu",
        "engine",
        "engine_version",
        "precision",
        "mode",
        "gpus_per_replica",
        "input_tokens",
        "output_tokens",
        "concurrency",
        "ttft_ms",
        "tpot_ms",
        "output_tokens_per_second",
        "output_tokens_per_second_per_gpu",
        "input_tokens_per_second_per_gpu",
        "is_saturated",
        "measured_on",
        "source",
        "source_url",
        "retrieved_on",
    ),
    needed=("model", "gpu", "ttft_ms", "tpot_ms", "source", "retrieved_on"),
    amounts=(
        "input_tokens",
        "output_tokens",
        "concurrency",
        "ttft_ms",
        "tpot_ms",
        "output_tokens_per_second",
        "output_tokens_per_second_per_gpu",
        "input_tokens_per_second_per_gpu",
    ),
    counts=("gpus_per_replica",),
    days=("measured_on", "retrieved_on"),
)
MLPERF = Rules(
    columns=(
        "submitter",
        "availability",
        "division",
        "system",
        "model",
        "scenario",
        "accelerator",
        "nodes",
        "accelerators",
        "weights",
        "software",
        "tokens_per_second",
        "tokens_per_second_per_accelerator",
        "source",
        "source_url",
        "retrieved_on",
    ),
    needed=("submitter", "system", "model", "scenario", "tokens_per_second", "source", "retrieved_on"),
    amounts=("tokens_per_second", "tokens_per_second_per_accelerator"),
    days=("retrieved_on",),
)
FACT_TABLES = (
    FactTable(
        "vendor meters",
        frozenset({"meter", "original_unit"}),
        METERS,
        quoted=meter_units,
        key=("product", "meter"),
    ),
    FactTable(
        "measured serving",
        frozenset({"ttft_ms", "tpot_ms"}),
        SERVING,
        doubts=(measured_before_read,),
        key=("model", "gpu"),
    ),
    FactTable(
        "MLPerf results, an upper bound",
        frozenset({"submitter", "tokens_per_second"}),
        MLPERF,
        key=("submitter", "system", "model", "scenario"),
    ),
    FactTable(
        "provisioned prices",
        frozenset({"price_per_unit_month", "term"}),
        PTU_PRICES,
        doubts=(whole_quotes,),
        quoted=ptu_units,
        prices=(Circles("price_per_unit_month", (("product",), ()), "per unit and month"),),
        shipped="data/capacity/ptu_prices.csv",
        key=("provider", "product", "deployment", "term"),
    ),
    FactTable(
        "provisioned throughput",
        frozenset({"tokens_per_minute", "minimum_units"}),
        PTU_THROUGHPUT,
        shipped="data/capacity/ptu_throughput.csv",
        key=("provider", "model", "deployment"),
    ),
    FactTable(
        "GPU prices",
        frozenset({"price_per_gpu_hour"}),
        GPU_PRICES,
        doubts=(whole_quotes,),
        quoted=gpu_units,
        prices=(Circles("price_per_gpu_hour", (("gpu",), ()), "per GPU and hour"),),
        shipped="data/gpu/gpu_prices.csv",
        key=("provider", "gpu", "instance", "region", "purchase"),
    ),
    FactTable(
        "seat plans",
        frozenset({"price_per_seat_month"}),
        SEAT_PLANS,
        doubts=(seat_overlap,),
        prices=tuple(
            Circles(column, ((),), "per seat and month") for column in ("price_per_seat_month", "price_monthly_billing")
        ),
        shipped="data/seats/seat_plans.csv",
        key=("vendor", "name"),
    ),
    FactTable(
        "outcomes", frozenset({"use_case", "outcome", "count"}), OUTCOMES, doubts=(once("date", "use_case", "outcome"),)
    ),
    FactTable("invoices", frozenset({"invoice_id", "amount"}), INVOICES, doubts=(once("invoice_id"), issued_after)),
    FactTable("seat usage", frozenset({"user", "plan", "spend"}), SEAT_USAGE, doubts=(once("user", "month", "plan"),)),
)
