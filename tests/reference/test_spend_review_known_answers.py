"""Known answers of the spend review: D-UE-2 and D-UE-3 of the source documents, D-FC-4 a published worked example."""

from decimal import Decimal

import pandas as pd
import pytest

import aiecon


def asked(tmp_path, rows, outcomes=None, **fields):
    """A bill of rows (day, model, tokens, billed) and outcomes (date, use case, outcome, count, value)."""
    start = pd.to_datetime([row[0] for row in rows])
    frame = pd.DataFrame(
        {
            "BilledCost": [float(row[3]) for row in rows],
            "BillingCurrency": "USD",
            "ChargePeriodStart": start,
            "ChargePeriodEnd": start + pd.Timedelta(days=1),
            "x_ModelId": [row[1] for row in rows],
            "x_InputTokens": [row[2] for row in rows],
            "x_UseCase": "case",
            "x_Requests": 1,
        }
    )
    frame.to_parquet(tmp_path / "spend.parquet")
    if outcomes:
        columns = ["date", "use_case", "outcome", "count", "value"]
        pd.DataFrame(outcomes, columns=columns).to_csv(tmp_path / "outcomes.csv", index=False)
        fields["outcomes"] = str(tmp_path / "outcomes.csv")
    return aiecon.ask("spend_review", inputs={"spend": str(tmp_path / "spend.parquet"), **fields})


def test_d_ue_2_a_call_of_half_a_dollar_resolves_a_case_of_ten(tmp_path):
    answer = asked(
        tmp_path,
        [("2026-03-31", "m", 1_000, 0.50)],
        [("2026-03-31", "case", "resolved", 1, 10.0)],
        period="2026-03",
    )
    assert answer.roi == pytest.approx(20)
    assert answer.value - answer.billed_cost == pytest.approx(9.5)
    assert aiecon.wilson_interval(30, 40) == pytest.approx((0.59806, 0.85813), abs=5e-6)


def test_d_ue_2_the_range_of_thirty_in_forty_is_that_of_the_cost(tmp_path):
    outcomes = [("2026-03-31", "case", "approved", 30, 0.0), ("2026-03-31", "case", "rejected", 10, 0.0)]
    answer = asked(tmp_path, [("2026-03-31", "m", 1_000, 40.0)], outcomes, period="2026-03")
    row = answer.unit_economics.iloc[0]
    assert row["cost_per_outcome"] == pytest.approx(40 / 30)
    assert [row["cost_low"], row["cost_high"]] == pytest.approx([1 / 0.85813, 1 / 0.59806], rel=1e-4)


def test_d_ue_3_six_months_are_shown_and_the_seventh_is_charged_by_half():
    charged = [aiecon.chargeback(100_000, month=month) for month in range(1, 8)]
    assert charged == [Decimal(0)] * 6 + [Decimal("50000.00")]


def test_d_fc_4_price_volume_and_mix_of_two_models(tmp_path):
    """Budget 50 at 1.20 and 40 at 0.80, actual 60 at 1.10 and 50 at 1.00, in millions of tokens."""
    rows = [
        ("2026-02-01", "ABC", 50_000_000, 60.0),
        ("2026-02-01", "DEF", 40_000_000, 32.0),
        ("2026-03-31", "ABC", 60_000_000, 66.0),
        ("2026-03-31", "DEF", 50_000_000, 50.0),
    ]
    answer = asked(tmp_path, rows, period="2026-03")
    found = {metric.key: metric.value for metric in answer.summary()}
    assert found["price_effect"] == pytest.approx(4.0)
    assert found["volume_effect"] == pytest.approx(20.4444, abs=5e-5)
    assert found["mix_effect"] == pytest.approx(-0.4444, abs=5e-5)
    assert found["other_effect"] == pytest.approx(0.0, abs=1e-9)
    assert found["billed_cost"] - found["before_cost"] == pytest.approx(24.0)
