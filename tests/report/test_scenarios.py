"""Scenarios of an inputs file: every name they set is a field, or is told with the scenario and the nearest one."""

import json

import pytest
from command_line import aiecon

from aiecon.errors import InputError
from aiecon.report import asking, scenarios

TIERS = {
    "tiers": [
        {"name": "small", "share": 0.5, "success_rate": 0.6, "price": {"cost_per_request": 0.001}},
        {"name": "large", "share": 0.5, "success_rate": 0.8, "price": {"cost_per_request": 0.01}},
    ],
    "batch_share": 0.1,
}


def given(**changes):
    return {**TIERS, "scenarios": {"mine": {"set": changes}}}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"batch_shar": 0.2}, "scenarios.mine.set: batch_shar is not a field; did you mean batch_share?"),
        (
            {"horizon": 3, "batch_share": 0.2},
            "scenarios.mine.set: horizon is not a field; did you mean horizon_months?",
        ),
        ({"tiers.small.sucess_rate": 0.5}, "tiers.small.sucess_rate is not a field; did you mean success_rate?"),
        ({"tiers.small.success_rate": 1.5}, "tiers.small.success_rate must be less than or equal to 1, got 1.5"),
    ],
)
def test_a_name_that_is_none_and_a_value_that_cannot_be_are_told_with_the_scenario(changes, said):
    with pytest.raises(InputError) as error:
        asking.build("tiering", inputs=given(**changes), scenario="mine")
    (problem,) = error.value.problems
    assert problem.startswith(said)
    assert "mine" in problem


def test_every_slip_is_told_beside_every_bad_value():
    with pytest.raises(InputError) as error:
        asking.build("tiering", inputs=given(a=1, b=2, batch_share=3), scenario="mine")
    assert [problem.split(" ")[0] for problem in error.value.problems] == [
        "scenarios.mine.set:",
        "scenarios.mine.set:",
        "batch_share",
    ]


def test_the_command_line_tells_a_slip_with_status_2(tmp_path):
    path = tmp_path / "tiers.json"
    path.write_text(json.dumps(given(batch_shar=0.2)))
    said = aiecon("ask", "tiering", "--inputs", str(path), "--scenario", "mine")
    assert (said.returncode, said.stdout) == (2, "")
    assert "scenarios.mine.set: batch_shar is not a field; did you mean batch_share?" in said.stderr


def test_a_scenario_of_a_pack_may_set_what_another_page_has():
    inputs = {
        "tiering": TIERS,
        "scenarios": {"x": {"set": {"volume_multiple": 1.2, "seats.users": 3, "batch_share": 0.3}}},
    }
    assert asking.build("tiering", inputs=inputs, scenario="x").batch_share == 0.3
    inputs["scenarios"]["x"]["set"] = {"volume_multipel": 1.2}
    with pytest.raises(InputError, match="volume_multipel is not a field; did you mean volume_multiple"):
        asking.build("tiering", inputs=inputs, scenario="x")


def test_an_unknown_scenario_is_told_with_those_of_its_question_alone():
    inputs = {**TIERS, "scenarios": {"more": {"set": {"batch_share": 0.3}}}}
    with pytest.raises(InputError) as error:
        asking.build("tiering", inputs=inputs, scenario="x")
    names, _ = asking.scenario_names("tiering", inputs)
    told = f"scenario 'x' is not known (scenarios of tiering: {', '.join(sorted(['base', *names]))})"
    assert error.value.problems == (told,)
    with pytest.raises(InputError, match=r"'x' is not known \(tiering has no scenario but base, .*bring one in"):
        asking.build("tiering", inputs=TIERS, scenario="x")


def test_a_scenario_that_cannot_be_is_not_offered_and_is_told():
    inputs = {**TIERS, "scenarios": {"good": {"set": {"batch_share": 0.3}}, "bad": {"set": {"batchshare": 0.3}}}}
    names, told = asking.scenario_names("tiering", inputs)
    assert names == ["good"]
    assert [words.split(" (")[0] for words in told] == [
        "scenarios.bad.set: batchshare is not a field; did you mean batch_share?"
    ]


def test_every_scenario_of_the_sample_s_tiers_moves_its_answer_or_what_it_saves_a_month():
    own = asking.read_inputs(asking.resources.path("data/sample/tiering.toml"), "tiering.toml")["scenarios"]
    names, told = asking.scenario_names("tiering")
    assert names == sorted(scenarios.tables(own))
    assert told == []
    start = asking.ask("tiering", profile="fast")
    for name in names:
        found = asking.ask("tiering", profile="fast", scenario=name)
        assert [one.value for one in found.summary()] != [one.value for one in start.summary()]
