from itertools import pairwise

import pytest

import aiecon
from aiecon.charts.adaptive_budget import adaptive_budget_chart, gates_chart, policies_chart

POLICY = {"version": "1", "pools": [{"name": "prod", "owner": "finance", "base": 100.0}]}


@pytest.fixture(scope="module")
def answer(sample_answers):
    return sample_answers("adaptive_budget", "fast")


def rows(chart):
    spec = chart.to_dict()
    return [row for name in spec["datasets"] for row in spec["datasets"][name]]


def small(*spend):
    actuals = [
        {"month": f"2026-{place + 1:02}-01", "team": "search", "pool": "prod", "spend": cost}
        for place, cost in enumerate(spend)
    ]
    return aiecon.ask("adaptive_budget", inputs={"actuals": actuals, "policy": POLICY, "draws": 200})


def test_the_envelope_has_every_month_once_with_its_budget(answer):
    months = {row["month"]: row for row in rows(adaptive_budget_chart(answer))}
    assert list(months)[-3:] == ["2026-04", "2026-05", "2026-06"]
    assert months["2026-04"]["budget"] * 1_000 == pytest.approx(answer.next_budget)
    assert months["2026-04"]["spend"] is None
    assert months["2026-03"]["spend"] * 1_000 == pytest.approx(168_274.77)
    assert months["2025-12"]["budget"] is None  # the policy holds from January on


def test_the_gates_are_a_line_for_each_pool(answer):
    cells = rows(gates_chart(answer))
    assert len(cells) == len(answer.lines) * 6
    by_key = {(row["pool"], row["month"]): row for row in cells}
    assert by_key["development / Data science", "2026-03"]["words"] == "+25 % VP"
    assert by_key["production / Engineering", "2026-03"]["words"] == "+22 % VP"
    assert by_key["production / Operations", "2026-04"]["words"] == "failed"
    assert by_key["production / Operations", "2026-05"]["words"] == "·"


def test_the_policies_are_points_of_the_comparison(answer):
    shown = {row["label"]: row for row in rows(policies_chart(answer)) if row["field"] is None}
    assert set(shown) == {"static", "rolling mean of three months", "last month's spend", "agreed rules"}
    table = answer.comparison.set_index("policy")
    assert shown["static"]["overspend"] * 1_000 == pytest.approx(table["overspend"]["static"])


def test_labels_of_policies_that_come_to_the_same_stand_apart():
    shown = [row for row in rows(policies_chart(small(100.0, 100.0, 100.0, 150.0))) if "label_at" in row]
    at = sorted(row["label_at"] for row in shown)
    assert len(at) == 4
    assert min(after - before for before, after in pairwise(at)) >= 0.05 * max(row["overspend"] for row in shown)
    assert all(row["label_at"] >= row["overspend"] for row in shown)


def test_a_month_of_the_gates_is_as_wide_as_its_longest_words(answer):
    assert gates_chart(answer).to_dict()["width"] == 460
    assert gates_chart(small(*[500.0] * 9)).to_dict()["width"] >= 9 * 76


def test_titles_say_what_to_see_and_subtitles_the_unit(answer):
    title = adaptive_budget_chart(answer).to_dict()["title"]
    assert title["text"].startswith("April to June 2026 is expected")
    assert "thousand USD" in title["subtitle"]
    assert gates_chart(answer).to_dict()["title"]["text"].startswith("3 of 15 pools get no more")
    title = policies_chart(answer).to_dict()["title"]["text"].replace("\N{NO-BREAK SPACE}", " ")
    assert "36 % less than a static budget" in title
    assert title.endswith("; last month's spend does best")


@pytest.mark.parametrize("spend", [(100.0,), (0.0, 0.0), (100.0, 100.0, 100.0, 150.0), (50.0,) * 5])
def test_few_and_empty_months_are_drawn_too(spend):
    answer = small(*spend)
    for chart in (adaptive_budget_chart, gates_chart, policies_chart):
        assert chart(answer).to_dict()["title"]["text"]


def test_a_budget_of_nothing_has_no_per_cent():
    answer = aiecon.ask(
        "adaptive_budget",
        inputs={
            "actuals": [{"month": "2026-01-01", "team": "a", "pool": "prod", "spend": 5.0}],
            "policy": {"version": "1", "pools": [{"name": "prod", "owner": "x", "base": 0.0, "floor": 0.0}]},
        },
    )
    assert rows(gates_chart(answer))[0]["words"] == "+5 C-suite"
