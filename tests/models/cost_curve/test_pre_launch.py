"""The gate before launch: passed, held or failed with the reason, and what is missing is named."""

import tomllib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import LAW

from aiecon import resources
from aiecon.errors import InputError
from aiecon.models.cost_curve import CostCurveInputs, cost_curve
from aiecon.models.cost_curve.pre_launch import break_even_users, stretches
from aiecon.report import asking

SAID = {"source": "offer of March", "grade": "contract"}
WITHOUT_COST = [
    {"name": "team", "layer": "people", "kind": "fixed", "cost_per_month": 0.0, **SAID},
    {"name": "audit", "layer": "governance", "kind": "fixed", "cost_per_month": 0.0, **SAID},
]
CURVE = {
    "components": [
        {"name": "tokens", "layer": "model", "kind": "per_user", "cost_per_user_month": 2.0, **SAID},
        {"name": "gateway", "layer": "platform", "kind": "fixed", "cost_per_month": 6_000.0, **SAID},
        *WITHOUT_COST,
    ],
    "pilot_users": 50,
    "production_users": 2_000,
}
SHOWN = {
    "owner": "product owner",
    "transactions_per_user_month": 20.0,
    "model_justification": "the cheaper model fails one answer in three",
    "cost_per_user_month": 5.0,
    "value_per_user_month": 8.0,
    "value_source": "time study",
    "value_grade": "measured",
    "value_dated": "2026-02-20",
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


@pytest.mark.parametrize("cell", ["", "  "])
@pytest.mark.parametrize("blank", sorted(SHOWN))
def test_a_blank_holds_the_gate_and_is_named(blank, cell):
    answer = asked(**(SHOWN | {blank: cell}))
    assert answer.pre_launch_verdict == "held"
    assert any(f"pre_launch.{blank}" in reason for reason in answer.pre_launch["reason"])
    note = next(one.note for one in answer.summary() if one.key == "pre_launch_verdict")
    assert f"pre_launch.{blank}" in note
    assert any(f"pre_launch.{blank}" in words for words in answer.notes)


def test_a_grade_is_one_of_the_known_ones():
    with pytest.raises(InputError, match=r"value_grade must be .*, got 'judgment'; did you mean judgement\?"):
        asked(**(SHOWN | {"value_grade": "judgment"}))
    with pytest.raises(InputError, match=r"components.tokens.grade must be 'contract'.*got 'banana'"):
        CostCurveInputs.build(CURVE | {"components": [CURVE["components"][0] | {"grade": "banana"}]})


def test_every_blank_figure_of_a_component_is_listed():
    components = [one | {name: "" for name in one if name.startswith("cost")} for one in CURVE["components"][:2]]
    with pytest.raises(InputError) as caught:
        CostCurveInputs.build(CURVE | {"components": components})
    assert [words.split(";")[0] for words in caught.value.problems] == [
        "components.tokens.cost_per_user_month is blank",
        "components.gateway.cost_per_month is blank",
    ]


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("model_justification", "TBD"),
        ("model_justification", "to be defined."),
        ("value_source", "?"),
        ("value_source", "n/a"),
        ("owner", "---"),
        ("owner", "[owner]"),
        ("owner", "<name> "),
        ("model_justification", "TODO: ask finance"),
        ("value_grade", "rumour"),
    ],
)
def test_a_word_that_stands_for_something_missing_holds_the_gate_and_is_told(field, words):
    answer = asked(**(SHOWN | {field: words}))
    assert answer.pre_launch_verdict == "held"
    (stop,) = answer.pre_launch_stops
    assert f"pre_launch.{field} is " in stop["reason"]
    assert words in stop["reason"]


def test_a_value_that_is_dated_after_the_day_asked_about_is_held():
    later = cost_curve(CostCurveInputs(**CURVE, pre_launch=SHOWN, as_of="2026-02-19"))
    assert later.pre_launch_verdict == "held"
    assert "after 2026-02-19: nothing is measured yet" in later.pre_launch_reasons
    assert cost_curve(CostCurveInputs(**CURVE, pre_launch=SHOWN, as_of="2026-02-20")).pre_launch_verdict == "passed"


@pytest.mark.parametrize("word", ["TBD", "n.a.", "to be decided", "?"])
@pytest.mark.parametrize("field", ["cost_per_user_month", "value_per_user_month", "value_grade", "value_dated"])
def test_a_word_that_stands_for_a_number_a_grade_or_a_day_is_a_blank(field, word):
    answer = asked(**(SHOWN | {field: word}))
    assert answer.pre_launch_verdict == "held"
    assert f"pre_launch.{field}" in " ".join(answer.pre_launch["reason"])
    assert list(answer.pre_launch["verdict"]) == list(asked(**(SHOWN | {field: ""})).pre_launch["verdict"])


@pytest.mark.parametrize(
    ("components", "artefact", "reason"),
    [
        (CURVE["components"][:3], "Layers", "no component of governance"),
        (CURVE["components"][:2], "Layers", "no component of people and of governance"),
        (
            [CURVE["components"][0] | {"source": None}, *CURVE["components"][1:]],
            "Sources of the costs",
            "no source: tokens",
        ),
        (
            [CURVE["components"][0] | {"source": "?"}, *CURVE["components"][1:]],
            "Sources of the costs",
            "no source: tokens",
        ),
        (
            [CURVE["components"][0] | {"grade": None}, *CURVE["components"][1:]],
            "Sources of the costs",
            "no grade: tokens",
        ),
        (
            [CURVE["components"][0] | {"grade": "rumour"}, *CURVE["components"][1:]],
            "Sources of the costs",
            "a rumour: tokens",
        ),
    ],
)
def test_a_missing_layer_source_or_grade_of_the_curve_holds_the_gate(components, artefact, reason):
    answer = cost_curve(CostCurveInputs.build(CURVE | {"components": components, "pre_launch": SHOWN}))
    (stop,) = answer.pre_launch_stops
    assert (answer.pre_launch_verdict, stop["artefact"]) == ("held", artefact)
    assert reason in stop["reason"]


def test_a_lever_without_a_source_holds_the_gate():
    lever = {"name": "cache", "applies_to": "tokens", "saving": 0.1}
    answer = cost_curve(CostCurveInputs.build(CURVE | {"levers": [lever], "pre_launch": SHOWN}))
    assert [stop["reason"] for stop in answer.pre_launch_stops] == ["no source: cache; no grade: cache"]


def test_the_examples_of_the_template_hold_the_gate_with_every_paper_there():
    raw = tomllib.loads(resources.path("data/templates/pre_launch.toml").read_text())
    answer = asking.ask("cost_curve", inputs=raw | {"pre_launch": SHOWN})
    told = {stop["artefact"]: stop["reason"] for stop in answer.pre_launch_stops}
    assert set(told) == {"Layers", "Sources of the costs"}
    assert "examples of the template, not yours: Tokens, Gateway, On call" in told["Sources of the costs"]


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


def test_papers_passed_are_counted_and_what_stops_the_launch_is_the_worst_of_them():
    whole, held, failed = asked(**SHOWN), asked(**(SHOWN | {"owner": ""})), asked(cost_per_user_month=4.0)
    assert whole.pre_launch_passed == len(whole.pre_launch)
    assert (whole.pre_launch_passed - held.pre_launch_passed, whole.pre_launch_stops) == (1, [])
    assert [stop["artefact"] for stop in held.pre_launch_stops] == ["Owner"]
    assert [stop["artefact"] for stop in failed.pre_launch_stops] == ["Cost of a user"]
    assert cost_curve(CostCurveInputs.build(CURVE)).pre_launch_passed is None


def test_a_cost_within_the_tolerance_passes():
    assert verdicts(asked(**(SHOWN | {"cost_per_user_month": 5.0 / 1.15})))["Cost of a user"] == "passed"
    assert verdicts(asked(**(SHOWN | {"cost_per_user_month": 4.34})))["Cost of a user"] == "failed"


@LAW
@given(st.floats(100, 50_000), st.floats(0.1, 20), st.floats(0.2, 40))
def test_the_break_even_is_the_first_number_of_users_that_value_covers_from_there_on(fixed, each, value):
    def cost(users):
        return fixed + each * users

    found = break_even_users(stretches(cost, value, production=2_000), production=2_000)
    users = np.arange(1, 20_001)
    short = np.flatnonzero(value * users < cost(users))
    expected = (
        None
        if len(short) == len(users) or short[-1:] == len(users) - 1
        else (users[short[-1] + 1] if len(short) else 1)
    )
    assert found == expected


@LAW
@given(
    st.fixed_dictionaries(
        {
            "fixed": st.floats(0, 5_000),
            "from_users": st.sampled_from([0, 300, 900]),
            "step": st.floats(0, 3_000),
            "per_step": st.sampled_from([99.5, 250, 1_000]),
            "power": st.floats(10, 5_000),
            "exponent": st.floats(0.4, 1.4),
        }
    ),
    st.sampled_from([500, 2_000, 15_000]),
    st.floats(1, 60),
)
def test_the_gate_and_its_stretches_are_those_of_trying_every_number_of_users(curve, production, value):
    components = [
        {"name": "team", "layer": "people", "kind": "fixed", "cost_per_month": curve["fixed"]},
        {"name": "log", "layer": "governance", "kind": "step", "cost_per_step": curve["step"]},
        {"name": "tokens", "layer": "model", "kind": "power", "cost_per_month": curve["power"], "at_users": 100},
    ]
    components[0]["from_users"] = curve["from_users"]
    components[1]["users_per_step"] = curve["per_step"]
    components[2]["exponent"] = curve["exponent"]
    asked_of = {"components": components, "pilot_users": 50, "production_users": production}
    answer = cost_curve(CostCurveInputs.build(asked_of | {"pre_launch": SHOWN | {"value_per_user_month": value}}))
    users = np.arange(1.0, 10 * production + 1)
    covers = value * users >= answer.case.total(users)[0]
    told = np.zeros(len(users), dtype=bool)
    for start, end in answer.covered:
        told[start - 1 : end] = True
    assert np.array_equal(told, covers)
    assert (verdicts(answer)["Break-even"] == "passed") == covers[production - 1]
    if covers[production - 1]:
        short = np.flatnonzero(~covers[:production])
        assert answer.break_even_users == (short[-1] + 2 if len(short) else 1)


def test_a_curve_that_bends_up_or_steps_passes_where_production_is_covered():
    convex = {"name": "tokens", "layer": "model", "kind": "power", "cost_per_month": 1_000, "at_users": 100}
    shown = SHOWN | {"cost_per_user_month": 30, "value_per_user_month": 28}
    one = CURVE | {
        "components": [convex | SAID | {"exponent": 1.2}, *WITHOUT_COST],
        "production_users": 10_000,
        "pre_launch": shown,
    }
    answer = cost_curve(CostCurveInputs.build(one))
    assert (answer.pre_launch_verdict, answer.covered) == ("passed", [(1, 17_210)])  # (28 / 10)^5 × 100
    note = next(row.note for row in answer.summary() if row.key == "break_even_users")
    assert note == "value covers cost from 1 to 17,210 users"
    steps = {
        "name": "engineers",
        **SAID,
        "layer": "people",
        "kind": "step",
        "cost_per_step": 11_000,
        "users_per_step": 1_000,
    }
    shown = SHOWN | {"cost_per_user_month": 30, "value_per_user_month": 12}
    answer = cost_curve(CostCurveInputs.build(CURVE | {"components": [steps, *WITHOUT_COST], "pre_launch": shown}))
    assert (answer.pre_launch_verdict, answer.break_even_users) == ("passed", 1_834)
    assert answer.covered[:2] == [(917, 1_000), (1_834, 2_000)]


def test_without_a_table_nothing_is_said():
    answer = cost_curve(CostCurveInputs.build(CURVE))
    assert answer.pre_launch.empty
    assert {one.key: one.value for one in answer.summary()}["pre_launch_verdict"] is None


def test_the_template_can_be_asked_as_it_is_and_names_every_blank():
    raw = tomllib.loads(resources.path("data/templates/pre_launch.toml").read_text())
    answer = asking.ask("cost_curve", inputs=raw)
    assert answer.pre_launch_verdict == "held"
    said = " ".join(answer.pre_launch["reason"])
    for name in (
        "owner",
        "transactions_per_user_month",
        "model_justification",
        "cost_per_user_month",
        "value_per_user_month",
        "value_source",
        "value_grade",
        "value_dated",
    ):
        assert f"pre_launch.{name}" in said


def test_the_cost_of_a_transaction_is_that_of_a_user_over_how_many_they_make():
    assert asked(**(SHOWN | {"transactions_per_user_month": 10})).cost_per_transaction == pytest.approx(0.5)
    assert asked(**(SHOWN | {"transactions_per_user_month": ""})).cost_per_transaction is None
