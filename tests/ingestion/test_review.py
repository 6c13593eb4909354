"""Charges added up for a review: months and days, what a file lacks, and every problem at once."""

import numpy as np
import pandas as pd
import pytest

from aiecon.errors import FrameError, InputError
from aiecon.ingestion.focus import NOT_SAID
from aiecon.ingestion.review import read_review
from aiecon.models.spend_review import SpendReviewInputs


def charges(**columns):
    frame = pd.DataFrame(
        {
            "ChargePeriodStart": ["2026-01-01", "2026-01-31", "2026-02-01", "2026-02-02"],
            "ChargePeriodEnd": ["2026-01-02", "2026-02-01", "2026-03-01", "2026-02-03"],
            "BillingCurrency": "USD",
            "BilledCost": ["10.25", "0.50", "28.00", "-4.00"],
            "x_Team": ["search", "search", "support", None],
        }
    )
    return frame.assign(**columns)


@pytest.fixture
def read(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def reading(frame, **asked):
        frame.to_csv("bill.csv", index=False)
        inputs = SpendReviewInputs(spend="bill.csv", **asked)
        return read_review(inputs.spend, inputs)

    return reading


def test_months_and_owners_are_summed_exactly(read):
    table = read(charges())
    rows = table.frame.set_index(["when", "x_Team"])["billed"]
    assert rows[pd.Timestamp("2026-01-01"), "search"] == 10.75
    assert rows[pd.Timestamp("2026-02-01"), NOT_SAID] == -4
    assert table.rows == 4
    assert table.facts["charges"] == 4
    assert table.facts["as_of"].isoformat() == "2026-02-02"
    assert table.facts["first_day"].isoformat() == "2026-01-01"


def test_a_period_inside_a_month_is_read_by_day_and_says_what_long_charges_do(read):
    table = read(charges(), period="2026-01-15..2026-02-01")
    assert pd.Timestamp("2026-01-31") in set(table.frame["when"])
    assert "count on the day they start" in " ".join(table.facts["notes"])
    assert not read(charges()).facts["notes"]


def test_by_day_a_long_charge_counts_evenly(read):
    facts = read(charges(), as_of="2026-02-28").facts
    daily = facts["daily"].set_index("date")["value"]
    assert daily["2026-02-01"] == pytest.approx(1)
    assert daily["2026-02-02"] == pytest.approx(1)
    assert facts["once"].to_numpy().tolist() == [[pd.Timestamp("2026-02-02"), "Below zero", 1, -4]]


def test_by_day_use_is_watched_and_what_comes_once_is_listed_apart(read):
    facts = read(charges(ChargeCategory=["Usage", "Tax", "", "Credit"], ChargeClass=["Correction", "", "", ""])).facts
    assert facts["daily"].to_numpy().tolist() == [[pd.Timestamp("2026-02-01"), 28.0]]
    once = facts["once"].set_index("kind")["billed"].to_dict()
    assert once == {"Correction": 10.25, "Tax": 0.5, "Credit": -4.0}
    assert read(charges(ChargeCategory="Purchase")).facts["daily"].empty


def test_charges_after_the_day_are_not_read(read):
    table = read(charges(), as_of="2026-01-31")
    assert table.frame["billed"].sum() == 10.75
    with pytest.raises(InputError, match="no charge starts on or before 2025-12-31"):
        read(charges(), as_of="2025-12-31")


def test_an_amortised_cost_is_summed_beside_the_billed_one(read):
    table = read(charges(EffectiveCost=["1", "2", "3", "4"]))
    assert table.frame["effective"].sum() == 10
    assert table.facts["has_effective"]
    assert read(charges()).frame["effective"].sum() == pytest.approx(34.75)


def test_counts_of_tokens_and_requests_are_summed_and_absent_ones_are_zero(read):
    table = read(charges(x_Requests=["1", "2", "", "4"], x_OutputTokens=["5", "", "7", "8"]))
    assert table.frame["x_Requests"].sum() == 7
    assert table.frame["x_OutputTokens"].sum() == 20
    assert table.frame["x_InputTokens"].sum() == 0


def test_a_file_without_teams_is_nobodys_unless_they_were_asked_for(read):
    table = read(charges().drop(columns="x_Team"))
    assert set(table.frame["x_Team"]) == {NOT_SAID}
    with pytest.raises(FrameError, match="column 'x_Owner' is missing"):
        read(charges(), dimension="x_Owner")
    assert set(read(charges(x_Owner="me"), dimension="x_Owner").frame["x_Owner"]) == {"me"}


def test_a_filter_keeps_its_charges_and_leaves_the_day(read):
    table = read(charges(), where={"x_Team": "search"})
    assert table.frame["billed"].sum() == 10.75
    assert table.facts["as_of"].isoformat() == "2026-02-02"
    with pytest.raises(FrameError, match="no row has x_Team = 'sales'"):
        read(charges(), where={"x_Team": "sales"})


def test_every_problem_is_told_at_once(read):
    frame = charges(BilledCost=["1", "$2", "3", ""], BillingCurrency=["USD", "EUR", "USD", "XXX"]).drop(
        columns="ChargePeriodEnd"
    )
    with pytest.raises(FrameError) as error:
        read(frame)
    said = "\n".join(error.value.problems)
    for words in ("'ChargePeriodEnd' is missing", "'BilledCost': row 3 has '$2'", "ISO 4217", "mixes currencies"):
        assert words in said


def test_a_cost_beyond_the_narrow_decimal_is_summed_as_exactly(read):
    table = read(charges(BilledCost=["12345678.25", "0.50", "28.00", "-4.00"]))
    assert table.frame["billed"].sum() == pytest.approx(12345702.75, abs=1e-6)
    assert table.facts["daily"]["value"].sum() == pytest.approx(12345678.75 + 2, abs=1e-6)
    assert table.facts["once"]["billed"].sum() == -4


def test_long_and_short_charges_of_one_day_keep_the_last_complete_day_and_spread(read):
    table = read(
        charges(
            ChargePeriodStart=["2026-02-01", "2026-02-01", "2026-02-01", "2026-02-02"],
            ChargePeriodEnd=["2026-02-02", "2026-02-02", "2026-03-01", "2026-02-03"],
        )
    )
    daily = table.facts["daily"].set_index("date")["value"]
    assert table.facts["as_of"].isoformat() == "2026-02-02"
    assert daily.tolist() == pytest.approx([10.75 + 1, 1])
    assert table.facts["once"]["billed"].tolist() == [-4]


@pytest.mark.parametrize("broken", [float("nan"), float("inf"), None])
def test_a_parquet_cost_that_is_no_number_is_refused_with_its_row(tmp_path, broken):
    frame = charges(BilledCost=[1.0, 2.0, broken, 4.0])
    frame.to_parquet(tmp_path / "bill.parquet")
    inputs = SpendReviewInputs(spend=str(tmp_path / "bill.parquet"))
    with pytest.raises(FrameError, match=r"column 'BilledCost': row 4 .* a plain number"):
        read_review(inputs.spend, inputs)


def test_an_unknown_currency_is_refused_although_the_filter_leaves_it_out(read):
    with pytest.raises(FrameError, match="'BillingCurrency': row 5 has 'XXL'"):
        read(charges(BillingCurrency=["USD", "USD", "USD", "XXL"]), where={"x_Team": "search"})


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("EffectiveCost", float("inf")),
        ("EffectiveCost", float("-inf")),
        ("ChargePeriodStart", pd.NaT),
        ("ChargePeriodEnd", pd.NaT),
        ("ChargePeriodEnd", pd.Timestamp("2026-02-01")),
    ],
)
def test_a_typed_value_within_no_bounds_is_refused_with_its_row(tmp_path, column, cell):
    start = pd.date_range("2026-01-30", periods=4)
    whole = charges(ChargePeriodStart=start, ChargePeriodEnd=start + pd.Timedelta(days=1))
    whole = whole.assign(BilledCost=[1.0, 2.0, 3.0, 4.0], EffectiveCost=[1.0, 2.0, 3.0, 4.0])
    whole.loc[2, column] = cell
    whole.to_parquet(tmp_path / "bill.parquet")
    inputs = SpendReviewInputs(spend=str(tmp_path / "bill.parquet"))
    with pytest.raises(FrameError, match=rf"column '{column}': row 4"):
        read_review(inputs.spend, inputs)


def test_memory_can_be_limited_and_a_limit_that_is_none_is_refused(read, monkeypatch):
    monkeypatch.setenv("AIECON_MEMORY_LIMIT", "100MB")
    assert read(charges()).rows == 4
    monkeypatch.setenv("AIECON_MEMORY_LIMIT", "much")
    with pytest.raises(InputError, match="AIECON_MEMORY_LIMIT: a size such as 300MB"):
        read(charges())


def test_ai_services_without_a_layer_are_of_models_where_others_say_theirs(read):
    ai = ["AI and Machine Learning", "AI and Machine Learning", "Databases", "Databases"]
    layers = [None, "saas", "platform", None]
    frame = read(charges(ServiceCategory=ai, x_Layer=layers)).frame
    assert frame.groupby("x_Layer")["billed"].sum().to_dict() == {
        NOT_SAID: -4,
        "model": 10.25,
        "platform": 28,
        "saas": 0.5,
    }
    assert "x_Layer" not in read(charges(ServiceCategory=ai)).frame


def test_a_store_of_bills_and_records_knows_whose_a_spike_is(tmp_path):
    days = pd.date_range("2026-01-01", periods=60)
    log = pd.DataFrame({"ChargePeriodStart": days, "x_Team": "search", "x_ModelId": "m", "x_InputTokens": 100})
    log = log.assign(x_SourceKind="usage", BilledCost=0.0, x_SourceCost=[10.0 + day.day % 3 for day in days])
    log.loc[50, ["x_SourceCost", "x_InputTokens"]] = [60.0, 600]
    bill = log.assign(x_SourceKind="bill", BilledCost=1.1 * log["x_SourceCost"], x_Team=None, x_InputTokens=0)
    frame = pd.concat([bill, log]).assign(BillingCurrency="USD", ProviderName="P", ChargeCategory="Usage")
    frame["ChargePeriodEnd"] = frame["ChargePeriodStart"] + pd.Timedelta(days=1)
    frame.to_parquet(tmp_path / "store.parquet")
    inputs = SpendReviewInputs(spend=str(tmp_path / "store.parquet"), period="2026-02")
    cells = read_review(inputs.spend, inputs).facts["spike_cells"]
    own = cells[cells["date"] == days[50]].set_index("x_Team")["billed"]
    assert own["search"] == pytest.approx(60)
    assert own[NOT_SAID] == pytest.approx(6)


def test_an_empty_effective_cost_is_the_billed_one_and_said(read):
    table = read(charges(EffectiveCost=["9.25", "", "28.00", "-4.00"]))
    assert table.frame["effective"].sum() == pytest.approx(9.25 + 0.50 + 28.00 - 4.00)
    assert "Charges without an EffectiveCost count at their BilledCost: 1" in table.facts["notes"]


def test_a_file_without_billed_cost_is_refused_with_what_else_is_wrong(read):
    frame = charges(EffectiveCost=["9.25", "much", "28.00", "-4.00"]).drop(columns="BilledCost")
    with pytest.raises(InputError) as refused:
        read(frame)
    assert "column 'BilledCost' is missing; add it" in refused.value.problems[0]
    assert "column 'EffectiveCost': row 3 has 'much'" in refused.value.problems[1]


def test_a_file_of_something_else_is_refused_with_what_to_do(read):
    with pytest.raises(InputError, match="these are no FOCUS charges"):
        read(pd.DataFrame({"Invoice Number": ["1"], "Amount Due": ["2"]}))


def test_a_category_that_focus_does_not_know_is_named_and_counts(read):
    table = read(charges(ChargeCategory=["Usage", "Banana", "Banana", None]))
    assert table.frame["billed"].sum() == 34.75
    assert table.facts["notes"] == [
        "ChargeCategory has Banana in 2 rows, which is no category of FOCUS; they count, apart from use"
    ]


@pytest.mark.parametrize("teams", [3, 60])
def test_sums_by_month_and_day_are_those_of_the_rows(read, teams):
    rng = np.random.default_rng(teams)
    start = pd.Timestamp("2026-01-01") + pd.to_timedelta(rng.integers(0, 50, 3_000), unit="D")
    cents = rng.integers(0, 100_000, 3_000)
    frame = pd.DataFrame(
        {
            "ChargePeriodStart": start.strftime("%Y-%m-%d"),
            "ChargePeriodEnd": (start + pd.Timedelta(days=1)).strftime("%Y-%m-%d"),
            "BillingCurrency": "USD",
            "BilledCost": [f"{value / 100:.2f}" for value in cents],
            "EffectiveCost": ["" if value % 7 == 0 else f"{value / 100:.2f}" for value in cents],
            "x_Team": [f"team {team}" for team in rng.integers(0, teams, 3_000)],
            "x_ModelId": [f"model {model}" for model in rng.integers(0, 20, 3_000)],
            "x_Environment": rng.choice(["prod", "dev"], 3_000),
            "x_InputTokens": rng.integers(0, 10_000, 3_000),
        }
    )
    table = read(frame, where={"x_Environment": "prod"}, as_of="2026-02-10")
    is_read = (frame["x_Environment"] == "prod") & (start <= pd.Timestamp("2026-02-10"))
    kept = frame.assign(month=start.to_period("M").to_timestamp(), billed=cents / 100, day=start)[is_read]
    by = ["month", "x_Team", "x_ModelId"]
    wanted = kept.groupby(by).agg(billed=("billed", "sum"), tokens=("x_InputTokens", "sum"), charges=("billed", "size"))
    found = table.frame.rename(columns={"when": "month", "x_InputTokens": "tokens"}).set_index(by)
    pd.testing.assert_frame_equal(
        found[list(wanted)], wanted.astype(found[list(wanted)].dtypes), check_index_type=False
    )
    daily = table.facts["daily"].set_index("date")["value"]
    assert daily.to_numpy() == pytest.approx(kept.groupby("day")["billed"].sum().to_numpy())
    assert table.rows == 3_000
    silent = f"Charges without an EffectiveCost count at their BilledCost: {(cents % 7 == 0).sum()}"
    assert table.facts["notes"] == [silent]
