"""The sample company: the same bytes whenever it is built, prices from the table, a week of real shape."""

import runpy
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from aiecon import resources
from aiecon.vocabulary.token_price import TokenPrice

BUILD = resources.path("data/sample/build.py")


@pytest.fixture(scope="module")
def charges():
    return pd.read_parquet(resources.path("data/sample/spend.parquet"))


def test_rebuilding_gives_the_same_bytes(tmp_path):
    subprocess.run([sys.executable, str(BUILD), str(tmp_path)], check=True)
    assert (tmp_path / "spend.parquet").read_bytes() == resources.path("data/sample/spend.parquet").read_bytes()


def test_it_covers_twenty_four_months_and_four_models(charges):
    days = charges["ChargePeriodStart"]
    assert (days.min(), days.max()) == (pd.Timestamp("2024-04-01"), pd.Timestamp("2026-03-31"))
    assert days.nunique() == 730
    assert charges["x_ModelId"].nunique() == 4


def test_every_charge_is_priced_at_the_level_in_force_that_day(charges):
    table = pd.read_csv(resources.path("data/prices/token_prices.csv"), dtype=str).fillna("")
    levels = [level(row) for row in table.to_dict("records")]
    field = {"Input": "input_per_mtok", "Cached Input": "cached_input_per_mtok", "Output": "output_per_mtok"}
    distinct = charges.drop_duplicates(["x_ModelId", "SkuMeter", "ListUnitPrice", "ChargePeriodStart"])
    for row in distinct.sample(400, random_state=1).to_dict("records"):
        day = row["ChargePeriodStart"].date()
        (price,) = [one for one in levels if one.model == row["x_ModelId"] and one.holds_on(day)]
        assert row["ListUnitPrice"] == getattr(price, field[row["SkuMeter"]])


def level(row):
    numbers = {key: float(row[key]) for key in row if key.endswith("_per_mtok") and row[key]}
    dates = {key: row[key] for key in ("effective_from", "effective_to") if row[key]}
    return TokenPrice(provider=row["provider"], model=row["model"], currency=row["currency"], **numbers, **dates)


def test_the_price_table_contains_the_days_it_prices(charges):
    table = pd.read_csv(resources.path("data/prices/token_prices.csv"))
    used = charges.groupby("x_ModelId")["ChargePeriodStart"].agg(["min", "max"])
    seen = table.groupby("model").agg(first=("effective_from", "min"), last=("last_seen", "max"))
    for model, row in used.iterrows():
        assert pd.Timestamp(seen.loc[model, "first"]) <= row["min"]
        assert row["max"] <= pd.Timestamp(seen.loc[model, "last"])


def test_cost_is_quantity_times_price_and_tokens_agree(charges):
    assert np.allclose(charges["BilledCost"], charges["PricingQuantity"] * charges["ListUnitPrice"], atol=1e-8)
    tokens = charges[["x_InputTokens", "x_CacheReadTokens", "x_OutputTokens"]].sum(axis=1)
    assert (tokens == charges["ConsumedQuantity"]).all()


def test_the_week_has_the_shape_of_the_real_trace(charges):
    week = runpy.run_path(str(BUILD))["week"]()
    trace = pd.read_csv(resources.path("data/traces/burstgpt_daily.csv"))["total_tokens"].iloc[:7]
    assert sorted(week) == pytest.approx(sorted(trace / trace.mean()))
    assert week[5] + week[6] == pytest.approx(min(week[day] + week[(day + 1) % 7] for day in range(7)))
