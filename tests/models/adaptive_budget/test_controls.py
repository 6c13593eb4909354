"""Controls on spend: by hand, what is kept on the way, by tenant and intent, in a policy; demand that reacts."""

import numpy as np
import pytest
from budget_scene import GATED, asked, expected, months, refused
from hypothesis import given
from hypothesis import strategies as st
from strategies import LAW

from aiecon.errors import InputError
from aiecon.models.adaptive_budget import adaptive_budget, apply_controls
from aiecon.models.adaptive_budget.controls import act
from aiecon.models.adaptive_budget.inputs import Control

shares = st.floats(0.0, 1.0)


def control(kind, **fields):
    return Control(name=kind, kind=kind, limit=100.0, **fields)


KINDS = st.builds(
    Control,
    name=st.just("one"),
    kind=st.sampled_from(["cap", "throttle", "downgrade", "queue"]),
    limit=st.just(1.0),
    admitted_share=shares,
    cost_ratio=shares,
    value_ratio=shares,
    value_lost_per_period=shares,
)
PATHS = st.lists(st.lists(st.floats(0, 1e3), min_size=4, max_size=4), min_size=1, max_size=3).map(np.array)


@pytest.mark.parametrize(
    ("rule", "spend", "value", "refused", "deferred", "downgraded"),
    [
        (control("cap"), [100, 100, 60], [300, 200, 120], 50, 0, 0),
        (control("throttle", admitted_share=0.4), [120, 100, 60], [360, 200, 120], 30, 0, 0),
        (control("downgrade", cost_ratio=0.4, value_ratio=0.9), [120, 100, 60], [435, 200, 120], 0, 0, 50),
        (control("queue"), [100, 100, 100], [300, 250, 180], 0, 110, 0),
        (control("queue", value_lost_per_period=0.5), [100, 100, 100], [300, 175, 155], 0, 110, 0),
    ],
)
def test_what_a_control_does_by_hand(rule, spend, value, refused, deferred, downgraded):
    """150, 100 and 60 are asked for, worth 450, 200 and 120; 100 is the limit. In the queue 50 wait a month, then 50 of
    the next one's, then 10; at a loss of one half the first 50, worth 150, are worth 75 when served, and so on."""
    found = act(rule, np.array([150.0, 100, 60]), np.array([450.0, 200, 120]), 100.0)
    assert found.spend.tolist() == pytest.approx(spend)
    assert found.refused.sum() == pytest.approx(refused)
    assert found.deferred.sum() == pytest.approx(deferred)
    assert found.downgraded.sum() == pytest.approx(downgraded)
    if rule.kind == "queue":
        assert found.waiting.tolist() == pytest.approx([0, 0, 10])
        kept = 1 - rule.value_lost_per_period
        worth = [300, 150 * kept + 100, 100 * kept + 120 * 50 / 60]
        assert found.value.tolist() == pytest.approx(worth)
    else:
        assert found.value.tolist() == pytest.approx(value)


@LAW
@given(KINDS, PATHS, st.floats(0, 1e3), st.floats(0, 500))
def test_nothing_is_lost_on_the_way_and_a_larger_limit_restrains_less(rule, spend, limit, more):
    value = 2.0 * spend
    found, wider = (act(rule, spend, value, one) for one in (limit, limit + more))
    cheaper = (1 - rule.cost_ratio) * found.downgraded.sum()
    whole = found.spend.sum() + found.refused.sum() + found.waiting.sum() + cheaper
    assert whole == pytest.approx(spend.sum(), abs=1e-6)
    assert found.value.sum() <= value.sum() + 1e-6
    assert wider.spend.sum() >= found.spend.sum() - 1e-6
    assert wider.value.sum() >= found.value.sum() - 1e-6
    if rule.kind in ("cap", "queue"):
        assert (found.spend <= limit + 1e-9).all()
    calm = act(rule, spend, value, 1e3)
    assert calm.spend.tolist() == spend.tolist()
    assert calm.value.tolist() == value.tolist()


@LAW
@given(PATHS, st.floats(1, 1e3))
def test_a_softer_control_saves_no_more_than_a_cap(spend, limit):
    value = 3.0 * spend
    cap = act(control("cap"), spend, value, limit)
    for rule in (control("throttle", admitted_share=0.3), control("downgrade", cost_ratio=0.3), control("queue")):
        soft = act(rule, spend, value, limit)
        assert soft.spend.sum() >= cap.spend.sum() - 1e-6
        assert soft.value.sum() >= cap.value.sum() - 1e-6
    assert act(control("throttle", admitted_share=0.0), spend, value, limit).spend.tolist() == cap.spend.tolist()
    assert act(control("downgrade", cost_ratio=1.0), spend, value, limit).spend.tolist() == spend.tolist()


DEMAND = [
    {"period": period, "tenant": tenant, "intent": intent, "spend": spend, "value": 3 * spend}
    for period, tenant, intent, spend in [
        (1, "a", "chat", 150.0), (1, "b", "chat", 60.0), (2, "a", "code", 20.0), (3, "b", "code", 10.0),
    ]
]  # fmt: skip


def test_limits_are_of_each_tenant_of_each_intent_or_of_all():
    rules = [{"name": by or "all", "kind": "cap", "by": by, "limit": 100.0} for by in ("tenant", "intent", None)]
    found = apply_controls(DEMAND, rules).set_index("control")
    assert found["refused"].tolist() == pytest.approx([50.0, 110.0, 110.0, 110.0])
    assert found["value_lost"].tolist() == pytest.approx([150.0, 330.0, 330.0, 330.0])
    assert found.index[-1] == "all in order"
    assert found["spend"].tolist() == pytest.approx([190.0, 130.0, 130.0, 130.0])


def test_a_queue_serves_a_period_that_asked_for_nothing():
    """a asks for 150, 20 and nothing and is served 50 each time; b for 60, nothing, 10 and is served 50, 10, 10."""
    found = apply_controls(DEMAND, [{"name": "wait", "kind": "queue", "by": "tenant", "limit": 50.0}]).iloc[0]
    assert (found["spend"], found["waiting"], found["saved"]) == (220.0, 20.0, 20.0)


@pytest.mark.parametrize(
    ("demand", "rules", "words"),
    [
        ([{"period": 1, "spnd": 1.0}], [], "column 'spend' is missing"),
        ([{"period": 1, "spend": 1.0, "tennant": "a"}], [], "tennant is not known; did you mean tenant?"),
        ([{"period": 1, "spend": -1.0}], [], "spend must be zero or more in every row"),
        ([{"period": 1, "spend": 1.0}], [], "controls: at least one is needed"),
        (DEMAND, [{"name": "c", "kind": "cap", "budget_share": 1.0}], "controls: c needs a limit"),
        ([{"period": 1, "spend": 1.0}], [{"name": "c", "kind": "cap", "by": "tenant", "limit": 1.0}], "acts by tenant"),
        (DEMAND, [{"name": "c", "kind": "cap"}], "limit"),
    ],
)
def test_controls_say_what_they_need(demand, rules, words):
    with pytest.raises(InputError) as error:
        apply_controls(demand, rules)
    assert words in "\n".join(error.value.problems)


def test_controls_of_the_policy_act_on_the_months_ahead():
    policy = {
        "controls": [
            {"name": "cheap", "kind": "downgrade", "budget_share": 1.0, "cost_ratio": 0.5, "pools": ["prod"]},
            {"name": "stop", "kind": "cap", "limit": 105.0},
        ]
    }
    given = [expected("2026-02-01", 120.0)]
    answer = adaptive_budget(asked(months([90.0], value=[180.0]), policy=policy, forecast=given, horizon_months=1))
    found = answer.controls.set_index("control")
    assert found["spend"].tolist() == pytest.approx([120.0, 110.0, 105.0, 105.0])
    assert found["value_lost"].tolist() == pytest.approx([0.0, 0.0, 30.0, 240 * 5 / 110])
    assert found["breach_probability"].tolist() == [1.0] * 4
    assert answer.breach_probability == 1.0  # the answer is without controls
    assert adaptive_budget(asked(months([90.0]))).controls["control"].tolist() == ["none"]


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"budget_share": 1.0, "pools": ["prd"]}, "c is for prd, which is no pool; did you mean prod?"),
        ({"limit": 1.0, "by": "tenant"}, "c acts by tenant, which actuals do not know; ask aiecon.apply_controls"),
    ],
)
def test_controls_of_a_policy_that_cannot_be_are_refused(rule, words):
    assert words in refused(months([1.0]), policy={"controls": [{"name": "c", "kind": "cap"} | rule]})


@LAW
@given(st.floats(-2, 0), shares)
def test_demand_reacts_to_what_is_charged(elasticity, charged):
    pool = GATED | {"growth_cap": 2.0, "elasticity": elasticity, "charged_share": charged}
    actuals = months([100.0] * 5, driver=[50.0] * 5)
    found = adaptive_budget(asked(actuals, pool, draws=100))
    plain = adaptive_budget(asked(actuals, GATED | {"growth_cap": 2.0}, draws=100))
    part = np.exp(elasticity * charged)
    np.testing.assert_allclose(found.lines[0].outlook.spend, part * plain.lines[0].outlook.spend)
    assert found.next_budget == pytest.approx(part * plain.next_budget)
    given = adaptive_budget(asked(actuals, pool, draws=100, forecast=[expected("2026-06-01", 70.0, driver=80.0)]))
    assert given.lines[0].outlook.spend[:, 0].tolist() == [70.0] * 100  # who expects it knows of the charge
    assert given.next_budget == 80.0
