"""Build the sample company: 24 months of FOCUS charges in four layers, and the files beside them.

Real: token prices (data/prices/token_prices.csv), prices of GPUs, seats and reserved capacity (unit_prices.csv), the
shape of a week and of bursts (BurstGPT), the sizes of requests (Azure code and Mooncake conversation traces).
Synthetic: the company, its teams, volumes and growth (workloads.csv, resources.csv), vendors that say so, the noise.
Run again, it writes the same bytes.

    python data/sample/build.py [FOLDER]
"""

import sys
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from draws import SAMPLE
from ledgers import actuals, invoices, outcomes
from model import gateway, provisioned_charges, token_charges, usage, workloads
from other_layers import assistant_usage, paid_back, resource_charges, seat_charges, seat_usage, unit_prices
from rows import finished


def main(folder: Path) -> None:
    """Write the charges and what stands beside them into a folder."""
    work, prices = workloads(), unit_prices()
    used = [usage(one) for _, one in work.iterrows()]
    log = gateway(work, used)
    people = seat_usage()
    parts = model_charges(work, used, prices)
    parts += resource_charges(prices, log.groupby("date")["requests"].sum())
    parts += seat_charges(prices, people)
    parts += paid_back(prices)
    charges = finished([part for part in parts if len(part)])
    write_parquet(charges, folder / "spend.parquet")
    write_parquet(log, folder / "gateway.parquet")
    write_csv(invoices(charges), folder / "invoices.csv")
    write_csv(outcomes(log), folder / "outcomes.csv")
    write_csv(people, folder / "seat_usage.csv")
    write_csv(assistant_usage(people), folder / "assistant_usage.csv")
    write_csv(actuals(charges, log, outcomes(log)), folder / "actuals.csv")


def model_charges(work: pd.DataFrame, used: list[pd.DataFrame], prices: pd.DataFrame) -> list[pd.DataFrame]:
    """Charges of every workload."""
    parts = []
    for (_, one), day in zip(work.iterrows(), used, strict=True):
        parts += provisioned_charges(one, day, prices) if one["capacity"] == "ptu" else token_charges(one, day)
    return parts


def write_parquet(frame: pd.DataFrame, path: Path) -> None:
    """Write a frame without anything that depends on the machine."""
    table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
    pq.write_table(table, path, compression="zstd", compression_level=19)


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """Write a table with Unix line ends."""
    frame.to_csv(path, index=False, date_format="%Y-%m-%d", lineterminator="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else SAMPLE)
