"""The sample company: the same bytes whenever it is built, real prices, books that close, and its stated events."""

import json
import subprocess
import sys
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from aiecon import resources

FOLDER = resources.path("data/sample")
BUILT = (
    "spend.parquet",
    "gateway.parquet",
    "invoices.csv",
    "outcomes.csv",
    "seat_usage.csv",
    "assistant_usage.csv",
    "actuals.csv",
)
TOKENS = ["x_InputTokens", "x_CacheReadTokens", "x_CacheWrite5mTokens", "x_OutputTokens"]
FIELD = {
    "Input": "input_per_mtok",
    "Cached Input": "cached_input_per_mtok",
    "Cache Write": "cache_write_per_mtok",
    "Output": "output_per_mtok",
}
PROVIDERS = {"OpenAI": "openai", "Anthropic": "anthropic", "Google": "gemini", "Microsoft Azure": "azure"}
PTU_UNUSED = 0.30  # of the reservation's cost, as README.md of the sample says


@pytest.fixture(scope="module")
def charges():
    return pd.read_parquet(FOLDER / "spend.parquet")


@pytest.fixture(scope="module")
def log():
    return pd.read_parquet(FOLDER / "gateway.parquet")


@pytest.fixture(scope="module")
def by_tokens(charges):
    return charges[charges["PricingUnit"] == "1000000 Tokens"]


def monthly(charges, cost="BilledCost"):
    return charges.groupby([charges["ChargePeriodStart"].dt.strftime("%Y-%m"), "x_Layer"])[cost].sum().unstack()


def test_rebuilding_gives_the_same_bytes(tmp_path):
    subprocess.run([sys.executable, str(FOLDER / "build.py"), str(tmp_path)], check=True)
    assert {path.name for path in tmp_path.iterdir()} == set(BUILT)
    for name in BUILT:
        assert (tmp_path / name).read_bytes() == (FOLDER / name).read_bytes(), name


def test_it_is_small_enough_to_ship():
    assert (FOLDER / "spend.parquet").stat().st_size < 4 * 2**20


def test_it_covers_twenty_four_months_day_by_day(charges):
    days = charges["ChargePeriodStart"]
    assert (days.min(), days.max()) == (pd.Timestamp("2024-04-01"), pd.Timestamp("2026-03-31"))
    assert days.nunique() == 730


def test_four_layers_of_which_the_model_is_the_largest(charges):
    early_2026 = monthly(charges).loc["2026-01":]
    assert set(early_2026.columns) == {"infrastructure", "model", "platform", "saas"}
    assert (early_2026.sum(axis=1).between(120_000, 200_000)).all()
    shares = early_2026.div(early_2026.sum(axis=1), axis=0)
    assert (shares["model"] > 0.5).all()
    assert (shares > 0.04).all(axis=None)


def test_each_layer_has_its_service_categories(charges):
    found = charges.groupby("x_Layer")["ServiceCategory"].unique().map(set)
    assert found["model"] == {"AI and Machine Learning"}
    assert found["infrastructure"] == {"Compute", "Storage", "Networking"}
    assert found["platform"] == {"Databases", "Management and Governance", "Developer Tools"}
    assert found["saas"] == {"Business Applications", "Developer Tools"}


def test_every_token_is_priced_at_the_level_in_force_that_day(by_tokens):
    table = pd.read_csv(resources.path("data/prices/token_prices.csv"), parse_dates=["effective_from", "effective_to"])
    rows = by_tokens.assign(
        provider=by_tokens["ProviderName"].map(PROVIDERS),
        meter=by_tokens["SkuMeter"].str.removeprefix("Batch "),
        batch=by_tokens["SkuMeter"].str.startswith("Batch "),
    ).sort_values("ChargePeriodStart")
    keys = {"left_by": ["provider", "x_ModelId"], "right_by": ["provider", "model"]}
    days = {"left_on": "ChargePeriodStart", "right_on": "effective_from"}
    found = pd.merge_asof(rows, table.sort_values("effective_from"), **days, **keys)
    assert found["input_per_mtok"].notna().all()
    assert not (found["effective_to"] <= found["ChargePeriodStart"]).any()
    level = np.select([found["meter"] == meter for meter in FIELD], [found[field] for field in FIELD.values()])
    level = np.where(found["batch"], level * (1 - found["batch_discount"]), level)
    assert np.allclose(found["ListUnitPrice"], level, rtol=1e-12, atol=0)


def test_the_price_cut_of_gpt_4o_is_in_the_bill(by_tokens):
    gpt_4o = by_tokens.query("x_ModelId == 'gpt-4o' and ProviderName == 'OpenAI' and SkuMeter == 'Input'")
    level = gpt_4o.groupby("ChargePeriodStart")["ListUnitPrice"].unique().map(lambda prices: prices.item())
    assert set(level[:"2024-11-27"]) == {5.0}
    assert set(level["2024-11-28":]) == {2.5}


def test_every_batch_charge_has_its_discount(by_tokens):
    kinds = by_tokens.groupby("SkuMeter")["BilledCost"].sum()
    assert set(kinds.index) == {*FIELD, "Batch Input", "Batch Output"}
    assert (kinds > 1_000).all()


def test_cost_is_quantity_times_price_and_is_billed_to_the_cent(charges, by_tokens):
    usage = charges[charges["ListUnitPrice"].notna()]
    assert np.allclose(usage["ListCost"], usage["PricingQuantity"] * usage["ListUnitPrice"], atol=1e-8)
    assert np.allclose(charges["BilledCost"], charges["BilledCost"].round(2), atol=0)
    assert np.allclose(by_tokens["BilledCost"], by_tokens["ListCost"], atol=0.005 + 1e-9)
    assert (by_tokens[TOKENS].sum(axis=1) == by_tokens["ConsumedQuantity"]).all()


def test_invoices_are_the_sum_of_their_charges_to_the_cent(charges):
    invoices = pd.read_csv(FOLDER / "invoices.csv", dtype={"amount": str}, parse_dates=["month", "issued_on"])
    keys = ["InvoiceIssuerName", "BillingPeriodStart", "InvoiceId"]
    sums = {key: sum(map(Decimal, rows.astype(str))) for key, rows in charges.groupby(keys)["BilledCost"]}
    stated = {
        (row.provider, row.month, row.invoice_id): Decimal(row.amount) for row in invoices.itertuples(index=False)
    }
    assert sums == stated
    assert invoices["invoice_id"].is_unique
    assert (invoices["issued_on"] > invoices["month"]).all()


def test_periods_follow_focus(charges):
    assert (charges["ChargePeriodEnd"] > charges["ChargePeriodStart"]).all()
    same = charges[charges["ChargeClass"].isna()]
    assert (same["BillingPeriodStart"] <= same["ChargePeriodStart"]).all()
    assert (same["ChargePeriodEnd"] <= same["BillingPeriodEnd"]).all()
    corrections = charges[charges["ChargeClass"].notna()]
    assert (corrections["ChargePeriodEnd"] <= corrections["BillingPeriodStart"]).all()


def test_only_credits_and_corrections_are_negative(charges):
    back = charges["ChargeCategory"].eq("Credit") | charges["ChargeClass"].eq("Correction")
    assert (charges.loc[back, "BilledCost"] < 0).all()
    assert (charges.loc[~back, ["BilledCost", "EffectiveCost", "ListCost"]] >= 0).all(axis=None)
    assert charges["ChargeCategory"].eq("Credit").sum() == 5
    assert charges["ChargeClass"].eq("Correction").sum() == 3
    assert charges.loc[back, "ChargeDescription"].str.contains("Refund").any()


def test_consumed_quantity_is_absent_where_focus_says_so(charges):
    unused = charges["CommitmentDiscountStatus"].eq("Unused")
    absent = charges["ChargeCategory"].ne("Usage") | unused | charges["ChargeClass"].notna()
    assert (charges["ConsumedQuantity"].isna() == absent).all()


def test_reserved_capacity_costs_the_same_billed_and_amortised_and_a_stated_part_is_unused(charges):
    ptu = charges[charges["CommitmentDiscountId"].notna()]
    bought, used = (ptu[ptu["ChargeCategory"] == kind] for kind in ("Purchase", "Usage"))
    assert (bought["EffectiveCost"] == 0).all()
    assert (used["BilledCost"] == 0).all()
    assert bought.groupby("BillingPeriodStart")["BilledCost"].sum().to_dict() == pytest.approx(
        used.groupby("BillingPeriodStart")["EffectiveCost"].sum().to_dict(), abs=1e-6
    )
    status = used.groupby("CommitmentDiscountStatus")["EffectiveCost"].sum()
    assert status["Unused"] / status.sum() == pytest.approx(PTU_UNUSED, abs=0.01)
    hours = used.groupby("ChargePeriodStart")["CommitmentDiscountQuantity"].sum()
    assert np.allclose(hours, 60 * 24, atol=1e-5)


def test_ptu_prices_are_those_of_the_capacity_table(charges):
    table = pd.read_csv(resources.path("data/capacity/ptu_prices.csv"))
    openai = table[(table["product"] == "Azure OpenAI") & (table["deployment"] == "global")]
    ptu = charges[charges["CommitmentDiscountId"].notna()]
    stated = {term: set(rows) for term, rows in openai.groupby("term")["original_price"]}
    assert set(ptu.loc[ptu["ChargeCategory"] == "Purchase", "ListUnitPrice"]) == stated["month"]
    assert set(ptu.loc[ptu["ChargeCategory"] == "Usage", "ListUnitPrice"]) == stated["hour"]


def test_the_gateway_logged_every_attributed_token_and_nothing_of_the_card_account(charges, log):
    names = {"x_Team": "team", "x_Product": "product", "x_UseCase": "use_case"}
    names |= {"x_Environment": "environment", "x_ModelId": "model", "ChargePeriodStart": "date"}
    model = charges[charges["x_Layer"].eq("model") & charges[TOKENS].sum(axis=1).gt(0)]
    counted = model.dropna(subset="x_Team").rename(columns=names).groupby([*names.values()])[[*TOKENS, "x_Requests"]]
    both = log.set_index([*names.values()]).join(counted.sum(), how="inner")
    assert len(both) == counted.ngroups
    whole = both[["x_InputTokens", "x_CacheReadTokens", "x_CacheWrite5mTokens"]].sum(axis=1)
    assert (abs(whole - both["input_tokens"]) <= 2).all()
    assert (abs(both["x_OutputTokens"] - both["output_tokens"]) <= 2).all()
    assert (abs(both["x_CacheReadTokens"] - both["cached_tokens"]) <= 2).all()
    assert not log["product"].eq("Campaign copy").any()
    assert (log["retries"] <= log["requests"]).all()


def test_shadow_spend_is_billed_to_a_card_account_without_tags(charges):
    shadow = charges[charges["SubAccountId"] == "sample-card"]
    assert shadow["BilledCost"].sum() > 20_000
    assert shadow[["Tags", "x_Team", "x_Product", "x_UseCase"]].isna().all(axis=None)


def test_development_production_tagged_and_untagged_charges_exist_in_several_layers(charges):
    found = charges.groupby("x_Layer")["x_Environment"].unique().map(set)
    assert {"dev", "prod"} <= found["infrastructure"]
    assert {"dev", "prod"} <= found["model"]
    untagged = charges[charges["x_Team"].isna()]
    assert {"infrastructure", "model"} <= set(untagged["x_Layer"])
    assert untagged["Tags"].isna().all()
    tags = charges["Tags"].dropna().drop_duplicates().map(json.loads)
    assert tags.map(lambda one: {"team", "environment", "cost_centre"} <= set(one)).all()
    share = 1 - untagged["EffectiveCost"].sum() / charges["EffectiveCost"].sum()
    assert 0.85 < share < 0.99


def test_one_product_jumps_on_a_day(log):
    recap = log[log["product"] == "Meeting recap"].set_index("date")["requests"]
    before, after = recap["2025-10-27":"2025-11-09"].sum(), recap["2025-11-10":"2025-11-23"].sum()
    assert 4 < after / before < 6.5


def test_the_migration_lengthens_outputs(log):
    support = log[(log["product"] == "Support assistant") & (log["environment"] == "prod")].set_index("date")
    before, after = support["2025-08-15":"2025-09-14"], support["2025-09-15":"2025-10-15"]
    assert set(before["model"]) == {"gpt-4o"}
    assert set(after["model"]) == {"gpt-5"}
    longer = after["output_tokens"].sum() / after["requests"].sum() * before["requests"].sum()
    assert longer / before["output_tokens"].sum() == pytest.approx(2.0, rel=0.1)


def test_one_fine_tuning_run_shows_in_october_2025(charges):
    gpus = charges[charges["SkuId"].str.startswith("h100")]
    hours = gpus.groupby(gpus["ChargePeriodStart"].dt.strftime("%Y-%m"))["ConsumedQuantity"].sum()
    assert hours["2025-10"] > 3 * hours["2025-09"]
    spot = charges[charges["PricingCategory"] == "Dynamic"]
    assert set(spot["ServiceCategory"]) == {"Compute"}


def test_outcomes_have_their_columns_and_follow_the_use_cases(charges):
    outcomes = pd.read_csv(FOLDER / "outcomes.csv", parse_dates=["date"])
    assert list(outcomes) == ["date", "use_case", "outcome", "count", "value", "human_minutes", "revenue"]
    assert set(outcomes["use_case"]) == set(charges["x_UseCase"].dropna())
    assert set(outcomes["outcome"]) >= {"resolved", "processed", "approved", "rejected"}
    assert (outcomes[["count", "value", "human_minutes", "revenue"]] >= 0).all(axis=None)
    assert (outcomes["date"].dt.day == 1).all()


def test_seats_are_billed_as_people_hold_them_and_some_are_idle(charges):
    people = pd.read_csv(FOLDER / "seat_usage.csv", parse_dates=["month"])
    assert not people.duplicated(["user", "month"]).any()
    seats = charges[(charges["x_Layer"] == "saas") & charges["ChargeClass"].isna()]
    billed = seats.groupby("ChargePeriodStart")["PricingQuantity"].sum()
    assert billed.to_dict() == people.groupby("month").size().to_dict()
    assert (seats["ChargePeriodEnd"] == seats["BillingPeriodEnd"]).all()
    last = people[people["month"] == people["month"].max()]["spend"].sort_values()
    assert 0.1 < (last == 0).mean() < 0.25
    assert last.tail(len(last) // 10).sum() > 0.4 * last.sum()
    wide = people[people["plan"] == "github_copilot"].pivot_table(index="user", columns="month", values="spend")
    assert wide.iloc[:, -1].corr(wide.iloc[:, -2], method="spearman") > 0.5


def test_the_week_has_the_shape_of_the_real_trace(monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))
    import draws

    week = draws.week()
    trace = pd.read_csv(resources.path("data/traces/burstgpt_daily.csv"))["total_tokens"].iloc[:7]
    assert sorted(week) == pytest.approx(sorted(trace / trace.mean()))
    assert week[5] + week[6] == pytest.approx(min(week[day] + week[(day + 1) % 7] for day in range(7)))


def test_the_question_reads_it_and_the_budget_is_worth_a_talk(sample_answer, charges):
    table = sample_answer.table.set_index("period")
    march = charges["ChargePeriodStart"].dt.strftime("%Y-%m") == "2026-03"
    assert table.loc["2026-03", "actual"] == pytest.approx(charges.loc[march, "BilledCost"].sum())
    figures = {metric.key: metric.value for metric in sample_answer.summary()}
    assert 0.55 <= figures["breach_probability"] <= 0.70
    assert 0.9 < figures["budget"] / figures["total_p50"] < 1
