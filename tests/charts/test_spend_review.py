"""The review's pictures hold the answer's figures, and draw nothing that is not there."""

from itertools import pairwise

import pandas as pd
import pytest

import aiecon
from aiecon.charts.spend_review import (
    attribution,
    attribution_chart,
    folded,
    owners_chart,
    phantom_chart,
    spend_review_chart,
    unit_costs,
    unit_costs_chart,
)

CHARTS = (spend_review_chart, owners_chart, attribution_chart, unit_costs_chart, phantom_chart)


@pytest.fixture(scope="module")
def answer(sample_answers):
    return sample_answers("spend_review")


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """A bill of two days without team, tokens, outcomes or a period before."""
    start = pd.to_datetime(["2026-03-30", "2026-03-31"])
    frame = pd.DataFrame({"BilledCost": [3.0, 2.0], "BillingCurrency": "EUR", "ChargePeriodStart": start})
    path = tmp_path_factory.mktemp("alone") / "bill.parquet"
    frame.assign(ChargePeriodEnd=start + pd.Timedelta(days=1)).to_parquet(path)
    return aiecon.ask("spend_review", inputs={"spend": str(path)})


def rows(chart):
    spec = chart.to_dict()
    return [row for name in spec["datasets"] for row in spec["datasets"][name]]


def title(chart):
    return chart.to_dict()["title"]


def test_the_bridge_closes_in_the_picture(answer):
    steps = rows(spend_review_chart(answer))
    assert steps[0]["look"] == "start"
    assert steps[-1]["look"] == "end"
    for before, step in pairwise(steps[:-1]):
        assert step["from"] == pytest.approx(before["to"])
    assert steps[-2]["to"] == pytest.approx(steps[-1]["to"])
    assert steps[-1]["to"] * 1_000 == pytest.approx(answer.billed_cost)
    assert {step["look"] for step in steps if step["change"] < 0} == {"less"}


def test_a_price_that_fell_while_the_bill_rose_is_the_title(tmp_path):
    start = pd.to_datetime(["2026-02-01", "2026-03-01", "2026-03-31"])
    frame = pd.DataFrame(
        {
            "BilledCost": [100.0, 75.0, 75.0],
            "BillingCurrency": "USD",
            "ChargePeriodStart": start,
            "ChargePeriodEnd": start + pd.Timedelta(days=1),
            "x_ModelId": "m",
            "x_InputTokens": [10**6, 10**6, 10**6],
        }
    )
    frame.to_parquet(tmp_path / "bill.parquet")
    found = aiecon.ask("spend_review", inputs={"spend": str(tmp_path / "bill.parquet"), "period": "2026-03"})
    assert title(spend_review_chart(found))["text"].startswith("Prices fell by 50.0 USD and the bill rose")


def test_owners_are_sorted_with_their_figures_and_the_untagged_named(answer):
    bars = rows(owners_chart(answer))
    assert [bar["now"] for bar in bars] == sorted((bar["now"] for bar in bars), reverse=True)
    assert sum(bar["now"] for bar in bars) * 1_000 == pytest.approx(answer.billed_cost)
    assert sum(bar["before"] for bar in bars) * 1_000 == pytest.approx(answer.before_cost)
    assert "(no team)" in {bar["item"] for bar in bars}


def test_fields_of_the_heat_map_add_up(answer):
    table = attribution(answer)
    assert table["billed"].sum() == pytest.approx(answer.billed_cost)
    top = table.loc[table["billed"].idxmax()]
    assert f"{top['owner']} with {top['item']}" in title(attribution_chart(answer))["text"]


def test_unit_costs_are_changes_of_the_same_use_case(answer):
    table = unit_costs(answer).set_index("use_case")
    known = answer.unit_economics.set_index("use_case")
    for name, row in table.iterrows():
        assert row["change"] == pytest.approx(known.loc[name, "cost_per_outcome"] / known.loc[name, "cost_before"] - 1)


def test_the_phantom_bars_are_the_phantom_bill(answer):
    bars = rows(phantom_chart(answer))
    assert sum(bar["now"] for bar in bars) * 1_000 == pytest.approx(answer.phantom_cost)


def test_many_items_are_the_dearest_and_the_rest():
    table = pd.DataFrame({"item": list("abcdefghijkl"), "billed": range(12, 0, -1), "before": 1.0})
    short = folded(table, 8)
    assert short["item"].tolist()[-1] == "4 others"
    assert short["billed"].sum() == table["billed"].sum()
    assert len(folded(table.head(9), 8)) == 9


def test_titles_give_measure_unit_and_period(answer):
    for chart in CHARTS:
        assert "USD" in title(chart(answer))["subtitle"]
        assert "Q1 2026" in title(chart(answer))["subtitle"]


def test_a_poor_bill_is_drawn_too(alone):
    for chart in CHARTS:
        assert title(chart(alone))["text"]
    assert title(owners_chart(alone))["text"] == "Nothing is attributed"
    assert rows(unit_costs_chart(alone)) == []
