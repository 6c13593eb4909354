"""The words of the business case's page: what is asked, the gates, what would turn it, and every verdict."""

import pytest

import aiecon
from aiecon.report.pages import business_case as page
from aiecon.vocabulary.overrides import override

GATE = {"name": "value", "metric": "hours saved", "at_least": 10.0}
GOOD = {"cash_flows": [-100_000.0, 39_000.0, 59_000.0, 55_000.0], "discount_rate": 0.08, "currency": "EUR"}
POOR = GOOD | {"cash_flows": [-100_000.0, 10_000.0, 10_000.0]}


def ask(inputs=None, **changes):
    return aiecon.ask("business_case", inputs=inputs, changes=changes, profile="fast")


@pytest.fixture(scope="module")
def sample(sample_answers):
    return sample_answers("business_case", "fast")


def test_the_sentence_asks_for_one_phase_and_prices_the_whole(sample):
    said = page.sentence(sample)
    assert said.startswith("Fund foundation with 275 thousand USD: the whole ")
    assert f"is worth {sample.npv / 1e3:.0f} thousand USD today at 9.0 % (80 % range" in said
    assert said.endswith(f"pays back in {sample.payback_months:.0f} months.")


@pytest.mark.parametrize(
    ("inputs", "verdict", "start"),
    [
        (GOOD, "fine", "Fund 100 thousand EUR: the whole is worth"),
        (GOOD | {"gates": [GATE | {"evidence": 12}]}, "fine", "Fund 100 thousand EUR: "),
        (GOOD | {"gates": [GATE]}, "watch", "Fund 100 thousand EUR once the gate “value” has its evidence: "),
        (GOOD | {"gates": [GATE | {"evidence": 3}]}, "act", "Hold 100 thousand EUR, since a gate has failed: "),
        (POOR, "act", "Do not fund 100 thousand EUR: "),
    ],
)
def test_verdicts(inputs, verdict, start):
    answer = ask(inputs)
    assert page.verdict(answer) == verdict
    assert page.sentence(answer).startswith(start)


FUNDED = {"name": "pilot", "investment": 5.0, "is_funded": True, "benefits": [{"name": "hours", "amount": 20.0}]}
NEXT = {"name": "scale", "investment": 100.0, "start_period": 3, "gates": [GATE | {"name": "cost", "evidence": 12}]}


@pytest.mark.parametrize(
    ("evidence", "phases", "verdict", "start"),
    [
        (12, [NEXT], "fine", "Fund scale with 100 USD: "),
        (None, [NEXT], "watch", "Fund scale with 100 USD once the gate “value” of pilot, which is funded, has its evi"),
        (3, [NEXT], "act", "Hold scale with 100 USD, since the gate “value” of pilot, which is funded, has failed: "),
        (12, [], "fine", "Nothing is asked any more: the whole is worth "),
        (None, [], "watch", "Nothing is asked any more, yet the gate “value” of pilot, which is funded, has no evide"),
        (3, [], "act", "Nothing is asked any more, yet the gate “value” of pilot, which is funded, has failed: "),
    ],
)
def test_the_ladder_hears_the_gates_of_what_is_funded(evidence, phases, verdict, start):
    first = FUNDED | {"gates": [GATE | {"evidence": evidence}]}
    answer = ask({"period": "month", "periods": 24, "discount_rate": 0.1, "phases": [first, *phases]})
    assert page.verdict(answer) == verdict
    assert page.sentence(answer).startswith(start)
    changes = page.decision(answer).content["changes"]
    assert any(line.startswith("Gate “value” of pilot, ") for line in changes) == (evidence != 12)
    if not phases:
        assert page.sentence(answer).endswith("nothing is left to pay back.")
        assert page.figures(answer).content["cards"][1]["value"] == "at once"


@pytest.mark.parametrize("cents", [0.0, 0.004, -0.004])
@pytest.mark.parametrize("size", [1.0, 1e6])
def test_a_worth_below_half_a_cent_is_nothing_and_is_said(cents, size):
    answer = ask(GOOD | {"cash_flows": [-100.0 * size, 110.00000000000003 * size + cents], "discount_rate": 0.1})
    assert page.sentence(answer).startswith(
        f"Do not fund 100 {'million ' if size > 1 else ''}EUR: the whole is worth nothing"
    )
    assert "(less than half a cent either way)" in page.sentence(answer)
    assert page.verdict(answer) == "act"
    assert page.figures(answer).content["cards"][0]["value"] == "nothing"
    assert next(one.note for one in answer.summary() if one.key == "npv").startswith("less than half a cent")


def test_what_rounding_leaves_is_above_zero_in_no_future():
    answer = ask(GOOD | {"cash_flows": [-100.0, 110.00000000000003], "discount_rate": 0.1})
    assert (answer.npv, answer.npv_probability) == (0.0, 0.0)
    small = ask(GOOD | {"cash_flows": [-100e9, 110e9 + 11], "discount_rate": 0.1})  # a part in ten thousand million
    assert (round(small.npv), small.npv_probability) == (10, 1.0)
    assert page.sentence(small).startswith("Fund 100 billion EUR: ")


@pytest.mark.parametrize(
    ("evidence", "amount", "start"),
    [
        (12, 90.0, "Go on with scale, which asks for no money: the whole"),
        (None, 90.0, "Go on with scale, which asks for no money once the gate “value” has its evidence: "),
        (3, 90.0, "Hold scale, since a gate has failed: "),
        (12, -90.0, "Do not go on with scale, which asks for no money: "),
    ],
)
def test_a_phase_that_asks_for_no_money_is_not_funded_with_none(evidence, amount, start):
    phase = {"name": "scale", "investment": 0.0, "benefits": [{"name": "hours", "amount": amount}]}
    gates = [GATE | {"evidence": evidence}]
    answer = ask({"period": "month", "periods": 24, "discount_rate": 0.1, "phases": [phase | {"gates": gates}]})
    assert page.sentence(answer).startswith(start)
    assert "0 EUR" not in page.decision(answer).content["what"].partition(".")[0]


@pytest.mark.parametrize(
    ("pilot", "scale", "start", "missing"),
    [
        (
            [GATE | {"evidence": 12}],
            [],
            "Fund scale with 100 USD once it has a gate that is passed: ",
            "Phase scale has",
        ),
        (
            [],
            NEXT["gates"],
            "Fund scale with 100 USD once pilot, which is funded, has a gate",
            "Phase pilot, which is fu",
        ),
        ([], [], "Fund scale with 100 USD once pilot, which is funded, has a gate", "Phase scale has no gate: "),
        ([], None, "Nothing is asked any more, yet pilot, which is funded, has no gate: ", "Phase pilot, which is fu"),
    ],
)
def test_a_phase_without_a_gate_is_not_passed_and_is_said(pilot, scale, start, missing):
    phases = [FUNDED | {"gates": pilot}, *([] if scale is None else [NEXT | {"gates": scale}])]
    answer = ask({"period": "month", "periods": 24, "discount_rate": 0.1, "phases": phases})
    assert (answer.gate_verdict, page.verdict(answer)) == ("held", "watch")
    assert page.sentence(answer).startswith(start)
    assert any(line.startswith(missing) for line in page.decision(answer).content["changes"])
    assert any(note.startswith(missing) for note in answer.notes)
    assert missing in next(one.note for one in answer.summary() if one.key == "gate_verdict")
    assert ["held", "nothing is asked of it"] in [row[1:3] for row in page.gates(answer).content["rows"]]
    shown = dict(zip(answer.phases()["phase"], answer.phases()["verdict"], strict=True))
    assert shown["pilot"] == ("funded" if pilot else "funded without a gate")
    assert shown.get("scale") == (None if scale is None else "held" if scale else "no gate")


def test_the_gates_of_the_ask_stand_for_a_phase_that_has_none():
    case = {"period": "month", "periods": 24, "discount_rate": 0.1, "phases": [NEXT | {"gates": []}]}
    answer = ask(case | {"gates": [GATE | {"evidence": 12}], "benefits": [{"name": "hours", "amount": 20.0}]})
    assert (answer.gate_verdict, answer.ungated, list(answer.phases()["verdict"])) == ("passed", [], ["passed"])


def test_what_never_comes_back_says_so():
    assert page.sentence(ask(POOR)).endswith("and does not pay back.")
    cards = page.figures(ask(POOR)).content["cards"]
    assert cards[1]["value"] == "not within it"


def test_rates_of_return_one_none_or_several():
    def shown(flows):
        return page.figures(ask(GOOD | {"cash_flows": flows})).content["cards"][2]["value"]

    assert shown([-100.0, 110.0]) == "10 %"
    assert shown([-100.0, -1.0]) == "none is"
    assert shown([-1_000.0, 2_500.0, -1_540.0]) == "2 are: trust none"


def test_the_turning_points_hold(sample):
    said = page.decision(sample).content["changes"][0]
    less, more = (int(word) / 100 for word in said.replace("%", "").split() if word.isdigit())
    for field, value in (("benefit_multiple", 1 - less), ("cost_multiple", 1 + more)):
        turned = ask(**{field: value})
        assert abs(turned.npv) < 0.03 * abs(sample.parts["benefits"].sum())


def test_beside_the_ask_stands_what_the_phase_costs_to_run_until_the_next(sample):
    _, foundation, scale = sample.inputs.phases
    months = scale.start_period + 9  # of approval
    assert sample.running_until_next == ("scale", months, pytest.approx(months * foundation.costs[0].amount))
    said = page.decision(sample).content["what"]
    assert "Running foundation costs 188 thousand USD more over the 14.0 months until scale" in said
    assert "463 thousand USD together" in said
    assert ask(**{"phases.scale.is_funded": True}).running_until_next is None


def test_the_shipped_scenarios_reach_the_case(sample):
    stressed = aiecon.ask("business_case", scenario="stress", profile="fast")
    told = sample.scenarios.set_index("scenario")["npv"]
    assert stressed.npv == pytest.approx(told["stress"])
    assert aiecon.ask("business_case", scenario="base", profile="fast").npv == sample.npv == told["base"]
    shown = page.scenarios(sample).content
    assert [row[0] for row in shown["rows"]] == ["base", "all worse", "all better", "stress"]
    assert "low and high set assumptions to their lower and upper ends" in shown["note"]
    delays = [aiecon.ask("business_case", scenario=name, profile="fast").delay_cost for name in ("low", "high")]
    assert delays[0] < sample.delay_cost < delays[1]


@pytest.mark.parametrize("scenario", ["base", "low", "high", "stress"])
def test_scenarios_are_worth_the_same_whichever_of_them_was_chosen(sample, scenario):
    answer = aiecon.ask("business_case", scenario=scenario, profile="fast")
    told = answer.scenarios.set_index("scenario")["npv"]
    for name, worth in sample.scenarios.set_index("scenario")["npv"].items():
        assert told[name] == pytest.approx(worth), name
    assert told.get("as asked", told["base"]) == pytest.approx(answer.npv)
    moved = override(answer.inputs, {"discount_rate": 0.2})  # what is changed after the choice is changed of all
    plain = override(sample.inputs, {"discount_rate": 0.2})
    told = aiecon.business_case(moved).scenarios.set_index("scenario")["npv"]
    assert told["base"] == pytest.approx(aiecon.business_case(plain).npv)


def test_stress_is_of_what_is_stated_and_not_of_a_multiple_of_it():
    answer = ask(GOOD | {"cost_multiple": 1.1})
    told = answer.scenarios.set_index("scenario")
    assert told["npv"]["stress"] == pytest.approx(ask(GOOD | {"cost_multiple": 1.3}).npv)
    assert told["npv"]["base"] == pytest.approx(answer.npv)
    assert told["words"]["base"] == "every figure at its base, costs 1.1 times what is stated"


def test_the_two_samples_of_the_claims_assistant_tell_one_story(sample):
    curve = aiecon.ask("cost_curve", profile="fast")
    users, shown = curve.inputs.production_users, curve.inputs.pre_launch
    _, foundation, scale = sample.inputs.phases
    hours = next(one for one in scale.benefits if one.name == "Hours saved on claims")
    for name in ("value", "p10", "p90"):
        assert getattr(shown.value_per_user_month, name) * users == pytest.approx(getattr(hours.amount, name))
    assert shown.transactions_per_user_month * users == 24_000
    assert hours.amount.value == pytest.approx(24_000 * 7.5 / 60 * 45.67, rel=0.001)
    papers = next(gate for gate in foundation.gates if gate.name == "pre-launch papers")
    assert (curve.pre_launch["verdict"] == "passed").sum() == papers.evidence == len(curve.pre_launch)
    assert foundation.costs[0].amount == pytest.approx(curve.pilot_cost, rel=0.005)


def test_the_decision_leaves_later_phases_to_themselves(sample):
    what = page.decision(sample).content["what"]
    assert "Nothing is decided for scale, which asks again with evidence" in what
    assert page.decision(sample).content["by"].startswith("2026-06-30")


def test_every_gate_is_shown_with_its_evidence_or_the_lack_of_it(sample):
    rows = page.gates(sample).content["rows"]
    assert [row[1] for row in rows] == ["passed", "passed", "passed", "passed", "held", "held", "held"]
    assert all("no evidence" in row[2] for row in rows if row[1] == "held")


def test_flows_of_months_are_shown_by_year_and_add_up(sample):
    rows = page.flows(sample).content["rows"]
    assert [row[0] for row in rows] == ["0", "1", "2", "3", "All"]
    assert rows[-1][-1] == f"+{sample.npv:,.0f}"


def test_benefits_show_what_would_happen_without_them(sample):
    rows = page.benefits(sample).content["rows"]
    assert len(rows) == 4
    assert all(row[1] != "not stated" for row in rows)


def test_what_is_not_there_is_not_shown():
    plain = ask(GOOD)
    for block in (page.phases, page.gates, page.waiting, page.benefits, page.worth_picture, page.ends_picture):
        assert block(plain).kind == "nothing"
    assert not page.is_synthetic(plain)


def test_lost_by_waiting_without_a_delay():
    waiting = override(ask(GOOD).inputs, {"cost_of_not_scaling": [{"quarter": 1, "amount": 5_000.0}]})
    cards = page.figures(aiecon.business_case(waiting)).content["cards"]
    assert (cards[3]["label"], cards[3]["value"]) == ("Lost by waiting", "5.00 thousand EUR")
