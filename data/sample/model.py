"""The model layer: API charges at each day's real price, and reserved Azure capacity."""

from typing import Any

import numpy as np
import pandas as pd
from draws import DATA, SAMPLE, noise, pattern, ramp, request_sizes, stream
from rows import Owner, Service, charges, month_of

AI = ("AI and Machine Learning", "Generative AI", "model")
SERVICES = {
    "openai": Service("OpenAI", "OpenAI", "OpenAI API", *AI),
    "anthropic": Service("Anthropic", "Anthropic", "Anthropic API", *AI),
    "gemini": Service("Google", "Google", "Gemini API", *AI),
    "azure": Service("Microsoft Azure", "Microsoft", "Azure OpenAI Service", *AI),
}
METERS = {
    "Input": ("uncached", "input_per_mtok", "x_InputTokens"),
    "Cached Input": ("read", "cached_input_per_mtok", "x_CacheReadTokens"),
    "Cache Write": ("written", "cache_write_per_mtok", "x_CacheWrite5mTokens"),
    "Output": ("output", "output_per_mtok", "x_OutputTokens"),
}
RETRY_SHARE = 0.012  # of requests, on a mean day
PTU_FROM = pd.Timestamp("2025-07-01")
PTU_UNITS = 60
PTU_TOKENS_PER_MINUTE = 2_500  # of gpt-4o and a unit: input tokens; a cached one counts nothing
PTU_OUTPUT_WEIGHT = 4  # input tokens that an output token counts


def workloads() -> pd.DataFrame:
    """The company's work: which team asks which model how often."""
    table = pd.read_csv(SAMPLE / "workloads.csv", parse_dates=["start", "end", "ramp_midpoint", "step_on"])
    return table.assign(batch=table["batch"] == "yes", tagged=table["tagged"] == "yes")


def name_of(work: pd.Series) -> tuple[object, ...]:
    """What a workload's random streams are called."""
    return work["product"], work["environment"], work["model"], f"{work['start']:%Y-%m-%d}"


def owner_of(work: pd.Series) -> Owner:
    """Whose workload it is."""
    return Owner(work["team"], work["product"], work["use_case"], work["environment"], work["tagged"], work["account"])


def prices(provider: str, model: str, days: pd.DatetimeIndex) -> pd.DataFrame:
    """The price level in force on each day."""
    table = pd.read_csv(DATA / "prices" / "token_prices.csv", parse_dates=["effective_from"])
    table = table[(table["provider"] == provider) & (table["model"] == model)].sort_values("effective_from")
    found = pd.merge_asof(pd.DataFrame({"day": days}), table, left_on="day", right_on="effective_from")
    if found["input_per_mtok"].isna().any():
        raise SystemExit(f"{provider} {model} has no price on {days[0]:%Y-%m-%d}")
    return found.set_index("day")


def usage(work: pd.Series) -> pd.DataFrame:
    """Requests and tokens of a workload by day: volume from its ramp and pattern, size from a trace."""
    days, name = pd.date_range(work["start"], work["end"]), name_of(work)
    rise = ramp(days, midpoint=work["ramp_midpoint"], ramp_days=work["ramp_days"])
    busy = rise * pattern(work["pattern"], days) * noise(len(days), sigma=work["noise"], name=name)
    if pd.notna(work["step_on"]):
        busy = busy * np.where(days >= work["step_on"], work["step_multiple"], 1.0)
    asked = np.round(work["requests_per_day"] * busy)
    size = request_sizes(len(days), trace=work["trace"], name=name)
    whole = np.round(asked * work["input_tokens"] * size["input"].to_numpy())
    price = prices(work["provider"], work["model"], days)
    read = np.round(whole * work["cached_share"]) * price["cached_input_per_mtok"].notna().to_numpy()
    written = np.round(whole * work["cache_write_share"]) * price["cache_write_per_mtok"].notna().to_numpy()
    output = np.round(asked * work["output_tokens"] * size["output"].to_numpy())
    retries = np.round(asked * RETRY_SHARE * stream(*name, "retries").uniform(0.5, 1.5, len(days)))
    columns = {"requests": asked, "uncached": whole - read - written, "read": read, "written": written}
    return pd.DataFrame({**columns, "output": output, "retries": retries}, index=days)


def token_charges(work: pd.Series, used: pd.DataFrame) -> list[pd.DataFrame]:
    """Charges of a workload by day and meter."""
    price = prices(work["provider"], work["model"], used.index)
    factor = 1 - price["batch_discount"] if work["batch"] else 1.0
    if work["batch"] and price["batch_discount"].isna().any():
        raise SystemExit(f"{work['model']} has no batch price recorded on a day it is used")
    kind = "Batch " if work["batch"] else ""
    parts = []
    for meter, (column, per_mtok, tokens) in METERS.items():
        sku = f"{work['model']}-{(kind + meter).lower().replace(' ', '-')}"
        counts: dict[str, Any] = {tokens: used[column]}
        if meter == "Input":
            counts["x_Requests"] = used["requests"]
        parts.append(
            charges(
                SERVICES[work["provider"]],
                owner_of(work),
                start=used.index,
                description=f"{work['model']} {(kind + meter).lower()} tokens",
                sku=sku,
                meter=kind + meter,
                price=(price[per_mtok].fillna(0.0) * factor).round(8),
                pricing_quantity=used[column] / 1e6,
                pricing_unit="1000000 Tokens",
                consumed_quantity=used[column],
                consumed_unit="Tokens",
                x_ModelId=work["model"],
                **counts,
            )
        )
    return parts


def provisioned_charges(work: pd.Series, used: pd.DataFrame, unit_prices: pd.DataFrame) -> list[pd.DataFrame]:
    """Tokens as they go; from the reservation on its purchase by month, its used and unused parts by day, and spill."""
    days = used.index[used.index >= PTU_FROM]
    inside, before = used.loc[days], used.loc[used.index < PTU_FROM]
    capacity = PTU_UNITS * PTU_TOKENS_PER_MINUTE * 24 * 60
    demand = inside["uncached"] + PTU_OUTPUT_WEIGHT * inside["output"]
    served = (capacity / demand).clip(upper=1.0)
    within = (inside.mul(served, axis=0)).round()
    parts = token_charges(work, pd.concat([before, inside - within]))
    used_share = (demand * served / capacity).to_numpy()
    monthly, hourly = (unit_prices.loc[item, "price"] for item in ("ptu_reserved", "ptu_hourly"))
    commitment = {
        "CommitmentDiscountCategory": "Usage",
        "CommitmentDiscountId": "sample-ptu-gpt-4o",
        "CommitmentDiscountName": f"{PTU_UNITS} PTU for gpt-4o, by the month",
        "CommitmentDiscountType": "Reservation",
        "CommitmentDiscountUnit": "PTU-Hours",
        "x_ModelId": work["model"],
    }
    months = month_of(days).unique()
    common = {"sku": "ptu-global", "meter": "Provisioned Throughput"}
    parts.append(
        charges(
            SERVICES["azure"],
            owner_of(work),
            start=months,
            description=f"{PTU_UNITS} PTU reserved for the month",
            price=monthly,
            pricing_quantity=PTU_UNITS,
            pricing_unit="PTU-Months",
            whole_month=True,
            EffectiveCost=0.0,
            ChargeCategory="Purchase",
            ChargeFrequency="Recurring",
            PricingCategory="Standard",
            **common,
            **{**commitment, "CommitmentDiscountQuantity": months.days_in_month * 24.0 * PTU_UNITS},
        )
    )
    amortised = _amortised(days, PTU_UNITS * monthly)
    split = np.round(amortised * used_share)
    counts = {tokens: within[column] for column, _, tokens in METERS.values()} | {"x_Requests": within["requests"]}
    for status, share, cents, more in (
        ("Used", used_share, split, counts),
        ("Unused", 1 - used_share, amortised - split, {}),
    ):
        hours = (share * PTU_UNITS * 24).round(6)
        parts.append(
            charges(
                SERVICES["azure"],
                owner_of(work),
                start=days,
                description=f"Reserved PTU, {status.lower()}",
                price=hourly,
                pricing_quantity=hours,
                pricing_unit="PTU-Hours",
                consumed_quantity=hours if status == "Used" else np.nan,
                consumed_unit="PTU-Hours" if status == "Used" else None,
                BilledCost=0.0,
                EffectiveCost=cents / 100,
                PricingCategory="Committed",
                CommitmentDiscountStatus=status,
                **common,
                **commitment,
                **{"CommitmentDiscountQuantity": hours, **more},
            )
        )
    return parts


def _amortised(days: pd.DatetimeIndex, price_per_month: float) -> np.ndarray:
    """A monthly price spread over its days in whole cents that add up to it. [cents]"""
    length, day = days.days_in_month.to_numpy(), days.day.to_numpy()
    cents = round(price_per_month * 100)
    return (day * cents) // length - ((day - 1) * cents) // length


def gateway(work: pd.DataFrame, used: list[pd.DataFrame]) -> pd.DataFrame:
    """What the gateway logged: every workload but those on a card-paid account."""
    parts = [_logged(one, day) for (_, one), day in zip(work.iterrows(), used, strict=True) if one["account"] != "card"]
    keys = ["date", "team", "product", "use_case", "environment", "model"]
    log = pd.concat(parts).groupby(keys, as_index=False).sum()
    return log.astype(dict.fromkeys(log.columns.difference(keys), "int64"))


def _logged(work: pd.Series, used: pd.DataFrame) -> pd.DataFrame:
    said = {name: work[name] for name in ("team", "product", "use_case", "environment", "model")}
    counts = {
        "requests": used["requests"],
        "input_tokens": used["uncached"] + used["read"] + used["written"],
        "cached_tokens": used["read"],
        "output_tokens": used["output"],
        "retries": used["retries"],
    }
    frame = pd.DataFrame({"date": used.index, **said, **counts})
    return frame[frame["requests"] > 0]
