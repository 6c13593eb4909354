"""Budgets of months that are over: what was decided stays decided, whatever comes later."""

import json
from itertools import pairwise

import pandas as pd
import pytest
from budget_scene import GATED, PLAIN, asked, expected, months
from command_line import aiecon
from hypothesis import given
from hypothesis import strategies as st
from strategies import law

from aiecon.models.adaptive_budget import adaptive_budget

FEW = law(25)
START = {"valid_from": "2026-03-01"}
GROWING = {"unit_cost_target": 1.0, "growth_cap": 0.25, "headroom": 0.1}


def past(answer):
    return answer.history().set_index("month")["budget"].dropna()


def next_one(answer):
    row = answer.to_frame().iloc[0]
    return pd.Timestamp(row["month"]), row["budget"]


@FEW
@given(
    st.lists(st.tuples(st.floats(1, 1e4), st.floats(0, 1e4), st.floats(0, 1e4)), min_size=3, max_size=12),
    st.integers(1, 3),
    st.sampled_from([None, 0.5]),
    st.sampled_from([None, "2026-02-01", "2026-05-01"]),
)
def test_a_decided_budget_is_kept_when_later_actuals_arrive(rows, every, value_gate, first):
    line = GROWING | {"review_every_months": every, "value_per_cost_growth": value_gate, "first_review": first}
    cost, driver, value = (list(one) for one in zip(*rows, strict=True))
    answers = [
        adaptive_budget(asked(months(cost[:to], driver=driver[:to], value=value[:to]), line, policy=START, draws=100))
        for to in range(2, len(rows) + 1)
    ]
    for before, after in pairwise(answers):
        month, budget = next_one(before)
        if month >= pd.Timestamp("2026-03-01"):
            assert past(after)[month] == budget
        assert past(after)[past(before).index].equals(past(before))


def test_months_are_held_against_the_budget_that_was_decided():
    given = [expected("2026-03-01", None, driver=200.0), expected("2026-04-01", None, driver=200.0)]
    actuals = months([100.0, 100.0, 125.0, 188.0], driver=[200.0] * 4)
    answer = adaptive_budget(asked(actuals, GATED | {"growth_cap": 0.25}, policy=START, forecast=given))
    assert past(answer).tolist() == [125.0, 156.25]
    assert (answer.overspend, answer.stranded) == (188.0 - 156.25, 0.0)
    assert [(one["month"], one["level"]) for one in answer.escalations] == [("2026-04", "vice_president")]
    assert answer.next_budget == pytest.approx(156.25 * 1.25)
    assert answer.history()["rule"].dropna().tolist() == ["growth cap", "growth cap"]
    assert any("rules replayed on what was known" in note for note in answer.notes)


def test_a_decided_budget_that_is_stated_is_taken_and_the_next_follows_from_it():
    actuals = months([100.0, 100.0], driver=[1_000.0] * 2, budget=[None, 90.0])
    answer = adaptive_budget(asked(actuals, GATED | {"growth_cap": 0.5}))
    assert answer.history()["budget"].tolist() == [100.0, 90.0]
    assert (answer.overspend, answer.next_budget) == (10.0, 135.0)
    assert any("held against the base" in note and "policy.valid_from" in note for note in answer.notes)


def test_months_before_the_first_review_keep_the_base():
    actuals = months([100.0] * 3, driver=[1_000.0] * 3)
    answer = adaptive_budget(asked(actuals, GATED | {"first_review": "2026-03-01"}))
    assert past(answer).tolist() == [100.0, 100.0, 200.0]


@pytest.mark.parametrize("first", [None, "2026-01-01"])
def test_no_review_comes_before_the_policy_holds(first):
    line = GATED | {"growth_cap": 0.1, "review_every_months": 3, "first_review": first}
    actuals = months([100.0] * 3, driver=[1_000.0] * 3)
    answer = adaptive_budget(asked(actuals, line, policy={"valid_from": "2026-07-15"}, horizon_months=7))
    early, apart, cap = "before the policy holds", "between reviews", "growth cap"
    assert answer.to_frame()["rule"].tolist() == [early] * 3 + [cap, apart, apart, cap]  # April to October
    assert answer.to_frame()["budget"].tolist() == pytest.approx([100.0] * 3 + [110.0] * 3 + [121.0])
    said = "The policy holds from 2026-07-15: 2026-04, 2026-05, 2026-06 come before it and keep the base"
    assert said in "\n".join(answer.notes)


def test_the_command_keeps_a_decided_budget_when_a_month_is_added(tmp_path):
    frame = pd.DataFrame(months([90.0, 110.0, 130.0, 150.0], driver=[90.0, 110.0, 130.0, 150.0]))
    policy = {"version": "1", "pools": [PLAIN | GROWING]} | {"valid_from": "2026-01-01"}
    answers = []
    for count in (3, 4):
        frame.head(count).to_csv(tmp_path / "actuals.csv", index=False)
        (tmp_path / "ask.json").write_text(json.dumps({"file": "actuals.csv", "policy": policy, "draws": 100}))
        said = aiecon("ask", "adaptive_budget", "--json", "--inputs", "ask.json", cwd=tmp_path)
        answers.append(json.loads(said.stdout))
    decided = answers[0]["summary"]["next_budget"]
    over = answers[1]["summary"]["overspend"] - answers[0]["summary"]["overspend"]
    assert over == pytest.approx(max(150.0 - decided, 0.0))
    assert decided > 100.0
