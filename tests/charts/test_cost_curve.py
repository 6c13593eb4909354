import pytest

import aiecon
from aiecon.charts.cost_curve import cliff_chart, cost_curve_chart

FIXED = {"name": "gateway", "layer": "platform", "kind": "fixed", "cost_per_month": 5_000}
EACH = {"name": "connector", "layer": "saas", "kind": "per_user", "cost_per_user_month": 1.5}
PLAIN = {"components": [FIXED, EACH], "pilot_users": 100, "production_users": 10_000}


@pytest.fixture(scope="module")
def answer(sample_answers):
    return sample_answers("cost_curve", "fast")


def rows(chart):
    spec = chart.to_dict()
    return [row for name in spec["datasets"] for row in spec["datasets"][name]]


def test_the_curve_is_the_answers_with_pilot_and_production_marked(answer):
    found = rows(cost_curve_chart(answer))
    curve = {row["users"]: row["cost"] * 1_000 for row in found if "p10" in row}
    assert [curve[users] for users in answer.users] == pytest.approx(list(answer.curve_range()["cost"]))
    marks = {row["label"].split()[0]: row["cost"] * 1_000 for row in found if "label" in row}
    assert marks == pytest.approx({"pilot": answer.pilot_cost, "production": answer.production_cost})


def test_steps_are_drawn_as_steps(answer):
    curve = {row["users"]: row["cost"] * 1_000 for row in rows(cost_curve_chart(answer)) if "p10" in row}
    for users in (2_500, 5_000, 10_000, 15_000):
        beyond = min(one for one in curve if one > users)
        assert beyond == pytest.approx(users, rel=1e-5)
        assert curve[beyond] - curve[users] > 2_000
    before = max(one for one in curve if one < 500)
    assert curve[500] / curve[before] > 2
    many = {"components": [FIXED | {"kind": "step", "users_per_step": 10, "cost_per_step": 1}]}
    del many["components"][0]["cost_per_month"]
    fine = aiecon.ask("cost_curve", inputs=PLAIN | many)
    assert len(fine.curve_range(with_jumps=True)) == len(fine.users)


def test_its_title_says_where_the_cost_jumps(answer):
    title = cost_curve_chart(answer).to_dict()["title"]
    times = answer.cost(500) / answer.cost(500 * (1 - 1e-9))
    assert title["text"].startswith(f"At 500 users the cost jumps to {times:.2f} times")
    assert "thousand USD a month" in title["subtitle"]


def test_without_a_jump_it_says_how_much_slower_cost_grows_than_users():
    title = cost_curve_chart(aiecon.ask("cost_curve", inputs=PLAIN)).to_dict()["title"]["text"]
    assert title == "Cost is 3.88 times the pilot's for 100 times its users"


def test_users_of_none_are_drawn_too():
    spec = cost_curve_chart(aiecon.ask("cost_curve", inputs=PLAIN | {"users": [0, 100, 10_000]})).to_dict()
    assert "symlog" in str(spec)


def test_the_bars_are_the_step_largest_first(answer):
    bars = rows(cliff_chart(answer))
    changes = [bar["change"] * 1_000 for bar in bars]
    assert changes == sorted(changes, reverse=True)
    assert sum(changes) == pytest.approx(answer.production_cost - answer.pilot_cost)
    new = sum(bar["change"] for bar in bars if bar["is_new"]) / sum(bar["change"] for bar in bars)
    assert cliff_chart(answer).to_dict()["title"]["text"].startswith(f"{new:.0%}".replace("%", " %"))
