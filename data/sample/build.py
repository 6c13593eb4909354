"""Build the sample company: 24 months of daily FOCUS charges for model APIs. Run again, it writes the same bytes.

Real: the prices (data/prices/token_prices.csv) and the shape of a week (data/traces/burstgpt_daily.csv, days 0 to 6,
the two lowest neighbours taken as Saturday and Sunday). Synthetic: the company, its teams, volumes and growth
(workloads.csv) and the noise.

    python data/sample/build.py [FOLDER]
"""

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

DATA = Path(__file__).resolve().parent.parent
FIRST, LAST = pd.Timestamp("2024-04-01"), pd.Timestamp("2026-03-31")
SEED = 20260331
NOISE_MEMORY = 0.6  # share of a day's noise that the next day keeps
METERS = ("Input", "Cached Input", "Output")
PROVIDERS = {"openai": "OpenAI", "anthropic": "Anthropic"}


def main(folder: Path) -> None:
    """Write spend.parquet into a folder."""
    rows = pd.concat([charges(place, workload) for place, workload in workloads().iterrows()])
    rows = rows.sort_values(["ChargePeriodStart", "x_Team", "x_Product", "x_Environment", "x_ModelId", "SkuMeter"])
    table = pa.Table.from_pandas(rows.reset_index(drop=True), preserve_index=False)
    table = table.replace_schema_metadata(None)
    pq.write_table(table, folder / "spend.parquet", compression="zstd", compression_level=19)


def workloads() -> pd.DataFrame:
    """The company's work: which team asks which model how often."""
    return pd.read_csv(DATA / "sample" / "workloads.csv", parse_dates=["start", "end", "ramp_midpoint"])


def week() -> np.ndarray:
    """Load of Monday to Sunday over the mean day, shape (7,)."""
    tokens = pd.read_csv(DATA / "traces" / "burstgpt_daily.csv")["total_tokens"].to_numpy()[:7]
    saturday = int(np.argmin(tokens + np.roll(tokens, -1)))
    return np.roll(tokens, 5 - saturday) / tokens.mean()


def requests(place: int, workload: pd.Series) -> pd.Series:
    """Requests by day: a logistic ramp times the week's shape times noise that fades over days."""
    days = pd.date_range(workload["start"], workload["end"])
    ramp = 1 / (1 + np.exp(-(days - workload["ramp_midpoint"]).days.to_numpy() / (workload["ramp_days"] / 2)))
    shocks = np.random.Generator(np.random.Philox(key=[SEED, place])).standard_normal(len(days))
    noise = np.empty(len(days))
    level = shocks[0]
    for day, shock in enumerate(shocks):
        level = NOISE_MEMORY * level + np.sqrt(1 - NOISE_MEMORY**2) * shock
        noise[day] = level
    sigma = workload["noise"]
    busy = ramp * week()[days.day_of_week] * np.exp(sigma * noise - sigma**2 / 2)
    return pd.Series(np.round(workload["requests_per_day"] * busy), index=days)


def charges(place: int, workload: pd.Series) -> pd.DataFrame:
    """FOCUS rows of one workload: one a day and meter."""
    asked = requests(place, workload)
    price = prices(workload["model"], asked.index)
    whole = np.round(asked * workload["input_tokens"])
    cached = np.round(whole * workload["cached_share"]) * price["cached_input_per_mtok"].notna()
    tokens = {
        "Input": whole - cached,
        "Cached Input": cached,
        "Output": np.round(asked * workload["output_tokens"]),
    }
    per_mtok = dict(zip(METERS, ("input_per_mtok", "cached_input_per_mtok", "output_per_mtok"), strict=True))
    parts = [
        focus_rows(workload, meter, tokens[meter], price[per_mtok[meter]].fillna(0.0), price["provider"], asked)
        for meter in METERS
    ]
    return pd.concat(parts)


def prices(model: str, days: pd.DatetimeIndex) -> pd.DataFrame:
    """The price level in force on each day."""
    table = pd.read_csv(DATA / "prices" / "token_prices.csv", parse_dates=["effective_from"])
    table = table[table["model"] == model].sort_values("effective_from")
    found = pd.merge_asof(pd.DataFrame({"day": days}), table, left_on="day", right_on="effective_from")
    if found["input_per_mtok"].isna().any():
        raise SystemExit(f"{model} has no price on {days[0]:%Y-%m-%d}")
    return found.set_index("day")


def focus_rows(
    workload: pd.Series, meter: str, tokens: pd.Series, price: pd.Series, provider: pd.Series, asked: pd.Series
) -> pd.DataFrame:
    """Rows of one meter, without days on which nothing was used."""
    quantity = tokens / 1e6
    cost = (quantity * price).round(8)
    name = provider.map(PROVIDERS)
    start, month = tokens.index, tokens.index.to_period("M")
    sku = f"{workload['model']}-{meter.lower().replace(' ', '-')}"
    tags = {
        "cost_centre": f"CC-{workload['team'][:3].upper()}",
        "environment": workload["environment"],
        "team": workload["team"],
        "use_case": workload["use_case"],
    }
    frame = pd.DataFrame(
        {
            "BilledCost": cost,
            "BillingAccountId": "sample-0001",
            "BillingAccountName": "Sample company (synthetic)",
            "BillingCurrency": "USD",
            "BillingPeriodEnd": (month + 1).to_timestamp(),
            "BillingPeriodStart": month.to_timestamp(),
            "ChargeCategory": "Usage",
            "ChargeClass": pd.Series(None, index=start, dtype="str"),
            "ChargeDescription": f"{workload['model']} {meter.lower()} tokens",
            "ChargeFrequency": "Usage-Based",
            "ChargePeriodEnd": start + pd.Timedelta(days=1),
            "ChargePeriodStart": start,
            "ConsumedQuantity": tokens,
            "ConsumedUnit": "Tokens",
            "ContractedCost": cost,
            "ContractedUnitPrice": price,
            "EffectiveCost": cost,
            "InvoiceIssuerName": name,
            "ListCost": cost,
            "ListUnitPrice": price,
            "PricingCategory": "Standard",
            "PricingQuantity": quantity,
            "PricingUnit": "1000000 Tokens",
            "ProviderName": name,
            "PublisherName": name,
            "ServiceCategory": "AI and Machine Learning",
            "ServiceName": name + " API",
            "SkuId": sku,
            "SkuMeter": meter,
            "SkuPriceId": sku + "-" + price.astype(str),
            "Tags": json.dumps(tags, sort_keys=True),
            "x_InputTokens": (tokens * (meter == "Input")).astype("int64"),
            "x_CacheReadTokens": (tokens * (meter == "Cached Input")).astype("int64"),
            "x_OutputTokens": (tokens * (meter == "Output")).astype("int64"),
            "x_Requests": (asked * (meter == "Input")).astype("int64"),
            "x_ModelId": workload["model"],
            "x_Team": workload["team"],
            "x_Product": workload["product"],
            "x_UseCase": workload["use_case"],
            "x_Environment": workload["environment"],
            "x_CostCentre": tags["cost_centre"],
            "x_Layer": "model",
        },
        index=start,
    )
    return frame[tokens > 0]


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else DATA / "sample")
