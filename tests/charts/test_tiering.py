from itertools import pairwise

import pytest

from aiecon.charts.tiering import saving_bridge_chart, saving_draws_chart, tiering_chart
from aiecon.models.tiering import TieringInputs, tiering
from aiecon.vocabulary.overrides import override

FLAT = {
    "tiers": [
        {"name": "small", "share": 0.7, "price": {"cost_per_request": 1.0}},
        {"name": "large", "share": 0.3, "price": {"cost_per_request": 5.0}},
    ]
}


@pytest.fixture(scope="module")
def answer(sample_answers):
    return sample_answers("tiering", "fast")


def rows(chart):
    spec = chart.to_dict()
    return [row for name in spec["datasets"] for row in spec["datasets"][name]]


def test_the_frontier_chart_marks_the_mix_the_best_the_baseline_and_single_tiers(answer):
    points = {row["look"]: row for row in rows(tiering_chart(answer)) if "look" in row}
    assert set(points) == {"alone", "entered", "baseline", "mix", "best"}
    assert points["mix"]["cost"] == pytest.approx(1_000 * answer.cost_per_accepted)
    assert points["mix"]["success"] == pytest.approx(answer.success_rate)
    assert points["baseline"]["cost"] == pytest.approx(1_000 * answer.baseline_cost_per_accepted)
    best = 1 - answer.best_saving_share
    assert points["best"]["cost"] == pytest.approx(best * points["baseline"]["cost"])


def test_its_title_has_the_best_mix_and_both_costs(answer):
    title = tiering_chart(answer).to_dict()["title"]
    assert title["text"] == "Entered all at economy: 14.4 USD instead of 16.5 for the mix asked about"
    assert "USD per 1,000 accepted answers" in title["subtitle"]


def test_every_single_tier_stands_on_it_by_name(answer):
    labels = {row["label"] for row in rows(tiering_chart(answer)) if "label" in row}
    assert {"economy alone", "standard alone", "premium alone", "standard first"} <= labels
    assert "at least 78 %" in labels


def test_without_success_bars_show_the_cost_of_a_request():
    flat = tiering(TieringInputs.build(FLAT))
    spec = tiering_chart(flat).to_dict()
    assert spec["title"]["text"] == "The mix saves 56 % of a request"
    assert "no success rate is given" in spec["title"]["subtitle"]
    bars = {row["step"]: row["cost"] for row in rows(tiering_chart(flat))}
    assert bars == pytest.approx({"small": 1_000, "large": 5_000, "baseline": 5_000, "the mix": 2_200})


def test_the_bridge_closes_on_the_picture(answer):
    bars = sorted((row for row in rows(saving_bridge_chart(answer)) if "step" in row), key=lambda row: row["order"])
    changes = sum(bar["change"] for bar in bars[1:-1])
    assert bars[0]["to"] + changes == pytest.approx(bars[-1]["to"], rel=1e-12)
    assert [bar["step"] for bar in bars[1:-1]] == [
        "Routing and escalation",
        "Batches",
        "Prompt caching",
        "Shorter context",
    ]
    for before, bar in pairwise(bars[:-1]):
        assert bar["from"] == pytest.approx(before["to"], rel=1e-12)


def test_fifty_dots_stand_on_each_other_beside_the_claim(answer):
    spec = saving_draws_chart(answer).to_dict()
    dots = [row for row in rows(saving_draws_chart(answer)) if "place" in row]
    assert len(dots) == 50
    assert len({(round(dot["saving"], 9), dot["place"]) for dot in dots}) == 50
    assert "claimed of 70/20/10" not in str(spec["datasets"])  # it is made of all on the dearest, not of today
    dearest = tiering(override(answer.inputs, {"baseline": "premium"}))
    assert "claimed of 70/20/10" in str(saving_draws_chart(dearest).to_dict()["datasets"])
    assert "2,000 draws" in spec["title"]["subtitle"]


def test_a_saving_without_doubt_is_one_stack_of_dots():
    flat = tiering(TieringInputs.build(FLAT))
    dots = [row for row in rows(saving_draws_chart(flat)) if "place" in row]
    assert len({dot["saving"] for dot in dots}) == 1


def test_a_cost_by_the_month_is_in_every_point_and_row_alike():
    local = {"name": "local", "share": 0.5, "price": {"cost_per_request": 0.0004}, "fixed_cost_per_month": 6_500.0}
    tiers = [local | {"success_rate": 0.6}, FLAT["tiers"][1] | {"share": 0.5, "success_rate": 0.9}]
    found = tiering(TieringInputs.build({"tiers": tiers, "requests_per_month": 4_000_000}))
    expected = (0.0004 + 6_500 / 4_000_000) / 0.6
    points = [row for row in rows(tiering_chart(found)) if row.get("label") == "local alone"]
    assert points[0]["cost"] == pytest.approx(1_000 * expected)
    assert found.to_frame()["cost_per_accepted"][0] == pytest.approx(expected)
    assert found.frontier()["cost"][0] == pytest.approx(expected)
