"""The gate before launch: passed, held or failed with the reason, and what is missing is named."""

import tomllib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import LAW

from aiecon import resources
from aiecon.models.cost_curve import CostCurveInputs, cost_curve
from aiecon.models.cost_curve.pre_launch import break_even_users
from aiecon.report import asking

CURVE = {
    "components": [
        {"name": "tokens", "layer": "model", "kind": "per_user", "cost_per_user_month": 2.0},
        {"name": "gateway", "layer": "platform", "kind": "fixed", "cost_per_month": 6_000.0},
    ],
    "pilot_users": 50,
    "production_users": 2_000,
}
SHOWN = {
    "model_justification": "the cheaper model fails one answer in three",
    "cost_per_user_month": 5.0,
    "value_per_user_month": 8.0,
    "value_source": "time study",
    "value_grade": "measured",
}


def asked(**pre_launch):
    return cost_curve(CostCurveInputs.build(CURVE | {"pre_launch": pre_launch}))


def verdicts(answer):
    return dict(zip(answer.pre_launch["artefact"], answer.pre_launch["verdict"], strict=True))


def test_what_is_shown_and_holds_passes():
    answer = asked(**SHOWN)
    assert set(verdicts(answer).values()) == {"passed"}
    assert answer.pre_launch_verdict == "passed"
    assert answer.break_even_users == 1_000  # 8 u = 2 u + 6,000


@pytest.mark.parametrize("blank", sorted(SHOWN))
def test_a_blank_holds_the_gate_and_is_named(blank):
    answer = asked(**(SHOWN | {blank: ""}))
    assert answer.pre_launch_verdict == "held"
    assert any(f"pre_launch.{blank}" in reason for reason in answer.pre_launch["reason"])


@pytest.mark.parametrize(
    ("changes", "failed"),
    [
        ({"cost_per_user_month": 4.0}, {"Cost of a user"}),  # 5 is 25 % above it
        ({"value_per_user_month": 4.0}, {"Break-even"}),  # from 3,000 users, production has 2,000
        ({"value_per_user_month": 1.0}, {"Break-even"}),  # never
    ],
)
def test_what_does_not_hold_fails_whatever_else_is_missing(changes, failed):
    answer = asked(**(SHOWN | changes))
    assert {name for name, verdict in verdicts(answer).items() if verdict == "failed"} == failed
    assert asked(**(SHOWN | changes | {"value_source": ""})).pre_launch_verdict == "failed"


def test_a_cost_within_the_tolerance_passes():
    assert verdicts(asked(**(SHOWN | {"cost_per_user_month": 5.0 / 1.15})))["Cost of a user"] == "passed"
    assert verdicts(asked(**(SHOWN | {"cost_per_user_month": 4.34})))["Cost of a user"] == "failed"


@LAW
@given(st.floats(100, 50_000), st.floats(0.1, 20), st.floats(0.2, 40))
def test_the_break_even_is_the_first_number_of_users_that_value_covers_from_there_on(fixed, each, value):
    def cost(users):
        return fixed + each * users

    found = break_even_users(cost, value, production=2_000)
    users = np.arange(1, 20_001)
    short = np.flatnonzero(value * users < cost(users))
    expected = (
        None
        if len(short) == len(users) or short[-1:] == len(users) - 1
        else (users[short[-1] + 1] if len(short) else 1)
    )
    assert found == expected


def test_without_a_table_nothing_is_said():
    answer = cost_curve(CostCurveInputs.build(CURVE))
    assert answer.pre_launch.empty
    assert {one.key: one.value for one in answer.summary()}["pre_launch_verdict"] is None


def test_the_template_can_be_asked_as_it_is_and_names_every_blank():
    raw = tomllib.loads(resources.path("data/templates/pre_launch.toml").read_text())
    answer = asking.ask("cost_curve", inputs=raw)
    assert answer.pre_launch_verdict == "held"
    said = " ".join(answer.pre_launch["reason"])
    for name in ("model_justification", "cost_per_user_month", "value_per_user_month", "value_source", "value_grade"):
        assert f"pre_launch.{name}" in said


def test_the_cost_of_a_transaction_is_that_of_a_user_over_how_many_they_make():
    assert asked(**SHOWN, transactions_per_user_month=10).cost_per_transaction == pytest.approx(0.5)
    assert asked(**SHOWN).cost_per_transaction is None
