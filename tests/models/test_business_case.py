"""The business case: definitions, laws, delay and phases, gates, what is uncertain, messages."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import LAW

from aiecon.errors import InputError
from aiecon.models.business_case import BusinessCaseInputs, business_case
from aiecon.report import asking
from aiecon.vocabulary.overrides import override

FLOWS = [-100.0, 39.0, 59.0, 55.0, 20.0]
GATE = {"name": "value", "metric": "hours saved", "at_least": 10.0}
PARTS = {
    "period": "month",
    "periods": 24,
    "discount_rate": 0.1,
    "investment": 1_000.0,
    "benefits": [{"name": "hours", "amount": 200.0}],
    "costs": [{"name": "running", "amount": 80.0}],
}
PHASE = {
    "name": "scale",
    "start_period": 6,
    "investment": 300.0,
    "benefits": [{"name": "more hours", "amount": 90.0}],
    "costs": [{"name": "more running", "amount": 30.0, "to_period": 12}],
}


def ask(base, **changes):
    return business_case(override(BusinessCaseInputs.build(base), changes))


def of_flows(flows, **changes):
    return ask({"cash_flows": flows, "discount_rate": 0.08}, **changes)


def figures(answer):
    return {metric.key: metric.value for metric in answer.summary()}


def notes(answer):
    return {metric.key: metric.note for metric in answer.summary() if metric.note}


def test_the_keys_of_yearly_flows_by_definition():
    found = figures(of_flows(FLOWS))
    later = sum(flow / 1.08**year for year, flow in enumerate(FLOWS) if year)
    assert found["npv"] == pytest.approx(later - 100)
    assert found["profitability_index"] == pytest.approx(later / 100)
    assert found["payback_months"] == pytest.approx(24 + 2 / 55 * 12)
    before = 100 - 39 / 1.08 - 59 / 1.08**2
    assert found["discounted_payback_months"] == pytest.approx(24 + before / (55 / 1.08**3) * 12)
    assert found["ask"] == found["peak_funding"] == 100
    assert found["mirr"] is None
    assert found["gate_verdict"] is None
    assert found["cost_of_not_scaling"] is None


def test_monthly_flows_have_rates_a_year_and_months_as_they_are():
    answer = of_flows([-1_000.0, *[100.0] * 12], period="month", finance_rate=0.08, reinvest_rate=0.05)
    rate = 1.08 ** (1 / 12)
    assert answer.npv == pytest.approx(-1_000 + sum(100 / rate**month for month in range(1, 13)))
    assert answer.payback_months == pytest.approx(10)
    monthly = (1 + answer.irr[0]) ** (1 / 12)
    assert sum(100 / monthly**month for month in range(1, 13)) == pytest.approx(1_000)
    reinvested = sum(100 * 1.05 ** (month / 12) for month in range(12))
    assert answer.mirr == pytest.approx(reinvested / 1_000 - 1)


def test_months_and_years_agree_where_flows_fall_on_years():
    monthly = np.zeros(49)
    monthly[::12] = FLOWS
    yearly, by_month = of_flows(FLOWS), of_flows(list(monthly), period="month")
    assert by_month.npv == pytest.approx(yearly.npv)
    assert by_month.irr == pytest.approx(yearly.irr)


@pytest.mark.parametrize(
    ("flows", "rates", "words"),
    [
        ([-1_000, 2_500, -1_540], [0.1, 0.4], "2 rates do; none of them alone says what it is worth"),
        ([-100, -10, -5], [], "no real rate makes the flows worth nothing"),
        ([100, 10], [], "no real rate makes the flows worth nothing"),
        ([-100, 110], [0.1], None),
    ],
)
def test_irr_lists_every_rate_or_says_that_there_is_none(flows, rates, words):
    answer = of_flows([float(flow) for flow in flows])
    assert answer.irr == pytest.approx(rates)
    assert notes(answer).get("irr") == words


def test_payback_and_discounted_payback_last_and_say_so_where_one_alone_does():
    answer = of_flows([-100.0, 230.0, -132.0], discount_rate=0.1)
    assert answer.payback_months is None  # 130, then 2 below zero
    assert answer.discounted_payback_months == pytest.approx(12 * 100 / (230 / 1.1))  # 109, then 0
    said = notes(answer)
    assert "does not stay: the running sum is below zero again at the end" in said["payback_months"]
    assert "undiscounted they do" in said["discounted_payback_months"]
    later = of_flows([-100.0, 230.0, -135.0], discount_rate=0.1)
    assert later.payback_months is later.discounted_payback_months is None
    assert notes(later)["discounted_payback_months"] == notes(later)["payback_months"]


def test_flows_beyond_any_number_are_refused():
    with pytest.raises(InputError, match=r"add up to 1e\+308; less is expected"):
        of_flows([-100.0, 50.0, 1e308])
    with pytest.raises(InputError, match=r"add up to inf; less is expected"):
        of_flows([-100.0, 50.0, 1e308, 1e308])
    with pytest.raises(InputError, match=r"add up to inf"):  # lost to the delay, and still counted in what it costs
        of_flows([-100.0, 50.0, 1e308, 1e308], **{"approval.delay_months": 60})


def test_flows_that_never_turn_positive_have_no_payback_and_words():
    answer = of_flows([-100.0, 30.0, 30.0])
    assert answer.payback_months is answer.discounted_payback_months is None
    assert notes(answer)["payback_months"] == "the flows do not pay back within the periods"
    assert answer.npv < 0


@pytest.mark.parametrize(
    ("flows", "months"),
    [
        ([0.0, 10.0, -100.0, 20.0], None),
        ([-100.0, 150.0, -300.0, 10.0], None),
        ([-100.0, 150.0, -300.0, 500.0], 30),  # what came back after one year was spent again
        ([0.0, 0.0, -100.0, 120.0], 34),
        ([-0.3, 0.1, 0.2], 24),  # in binary it is short by 3e-17
    ],
)
def test_what_is_spent_again_has_not_been_paid_back(flows, months):
    assert of_flows(flows).payback_months == (None if months is None else pytest.approx(months))


def test_a_rate_of_minus_one_is_no_rate_of_return():
    answer = of_flows([-1.0, 3.0, -1.0, 0.0005], period="month")  # worth nothing at -0.9995 a month too
    assert len(answer.irr) == 2
    assert all(rate > -0.999999 for rate in answer.irr)
    assert "1 below -99.9999 % a year left out" in notes(answer)["irr"]


def test_why_gates_are_held_the_delay_and_what_is_sunk_stand_under_their_keys():
    first = {"name": "pilot", "investment": 500.0, "is_funded": True, "gates": [GATE | {"evidence": 12}]}
    answer = ask(PARTS, phases=[first, PHASE | {"gates": [GATE]}], **{"approval.delay_months": 2.0})
    said = notes(answer)
    assert said["gate_verdict"] == "value: hours saved: no evidence; at least 10 is asked"
    assert said["ask"] == "Phase pilot is funded: its investment is sunk and left out"
    assert said["delay_cost"].startswith("Benefits come 2 months later")


def test_what_never_is_negative_pays_back_at_once_and_asks_for_nothing():
    answer = of_flows([0.0, 10.0])
    assert (answer.payback_months, answer.ask, answer.profitability_index) == (0, 0, None)
    assert notes(answer)["profitability_index"] == "nothing is spent today"


def test_a_modified_rate_of_zero_is_a_rate():
    answer = of_flows([-100.0, 100.0], finance_rate=0.1, reinvest_rate=0.1)
    assert answer.mirr == pytest.approx(0, abs=1e-15)
    assert "mirr" not in notes(answer)
    assert notes(of_flows([100.0, 1.0], finance_rate=0.1, reinvest_rate=0.1))["mirr"].startswith("nothing is spent")


def test_all_the_money_it_needs_is_the_lowest_of_the_running_sum():
    assert of_flows([-100.0, 50.0, -120.0, 300.0]).ask == pytest.approx(170)


@LAW
@given(
    st.floats(1, 1e6),
    st.lists(st.floats(0, 1e6), min_size=1, max_size=30),
    st.floats(0, 0.5),
    st.floats(0.001, 0.5),
    st.sampled_from(["year", "month"]),
)
def test_npv_of_ordinary_flows_falls_with_the_rate(spent, back, rate, more, period):
    low = ask({"cash_flows": [-spent, *back], "discount_rate": rate, "period": period})
    high = ask({"cash_flows": [-spent, *back], "discount_rate": rate + more, "period": period})
    assert high.npv <= low.npv + 1e-9 * (spent + sum(back))
    assert len(low.irr) <= 1


@LAW
@given(st.floats(0.1, 100))
def test_everything_scales_with_money(size):
    once, again = of_flows(FLOWS), of_flows([size * flow for flow in FLOWS])
    assert again.npv == pytest.approx(size * once.npv)
    assert again.irr == pytest.approx(once.irr)
    assert again.payback_months == pytest.approx(once.payback_months)
    assert again.profitability_index == pytest.approx(once.profitability_index)


def test_parts_become_flows():
    answer = ask(PARTS, phases=[PHASE])
    table = answer.to_frame()
    assert list(table["net"][:8]) == pytest.approx([-1_000, *[120.0] * 5, -180, 180])
    assert list(table["costs"][17:21]) == pytest.approx([-110, -110, -80, -80])
    assert table["net"].sum() == pytest.approx(-1_300 + 24 * 120 + 18 * 90 - 12 * 30)
    assert table["discounted"].sum() == pytest.approx(answer.npv)
    assert (table["benefits"] + table["costs"] + table["capital"]).to_numpy() == pytest.approx(table["net"].to_numpy())


def test_capital_and_running_cost_are_apart():
    costs = [{"name": "servers", "amount": 500.0, "from_period": 0, "to_period": 0, "is_capital": True}]
    table = ask(PARTS, costs=costs).to_frame()
    assert table["capital"][0] == -1_500
    assert table["costs"].sum() == 0


@LAW
@given(st.integers(0, 30), st.floats(0, 1e4), st.floats(0, 1e3), st.floats(0, 0.4))
def test_adding_a_phase_adds_the_worth_of_its_own_flows(start, investment, amount, rate):
    phase = PHASE | {"start_period": start, "investment": investment}
    phase["benefits"] = [{"name": "more", "amount": amount}]
    alone = {"period": "month", "periods": 24, "discount_rate": rate, "phases": [phase]}
    without = ask(PARTS, discount_rate=rate)
    together = ask(PARTS, discount_rate=rate, phases=[phase])
    assert together.npv == pytest.approx(without.npv + ask(alone).npv, abs=1e-6)


def test_a_phase_that_starts_too_late_counts_for_nothing_and_says_so():
    answer = ask(PARTS, phases=[PHASE | {"start_period": 25}])
    assert answer.npv == pytest.approx(ask(PARTS).npv)
    assert "Phase scale starts after the last period and counts for nothing" in answer.notes


def test_a_funded_phase_is_sunk_and_the_next_one_is_asked_for():
    first = {"name": "pilot", "investment": 500.0, "is_funded": True, "gates": [GATE | {"evidence": 12}]}
    second = {"name": "build", "investment": 700.0, "start_period": 1, "gates": [GATE | {"evidence": 12}]}
    answer = ask(PARTS, phases=[first, second, PHASE | {"gates": [GATE]}], investment=0.0)
    assert answer.ask == 700
    assert answer.gate_verdict == "passed"  # of the phase asked for; what comes later asks again
    assert list(answer.phases()["verdict"]) == ["funded", "passed", "held"]
    assert answer.parts["capital"].sum() == pytest.approx(-1_000)
    assert "Phase pilot is funded: its investment is sunk and left out" in answer.notes


@pytest.mark.parametrize(("evidence", "verdict"), [(12, "passed"), (3, "failed"), (None, "held")])
def test_a_phase_waits_for_the_gates_of_those_that_are_funded(evidence, verdict):
    first = {"name": "pilot", "investment": 5.0, "is_funded": True, "gates": [GATE | {"evidence": evidence}]}
    second = PHASE | {"gates": [GATE | {"name": "cost", "evidence": 12}]}
    answer = ask(PARTS, phases=[first, second])
    assert answer.gate_verdict == verdict
    own = "funded" if verdict == "passed" else f"funded, gates {verdict}"
    assert list(answer.phases()["verdict"]) == [own, verdict]
    told = [note for note in answer.notes if note.startswith("Gate value of pilot, which is funded, ")]
    assert len(told) == (verdict != "passed")
    assert all(note.endswith("; the next phase is held back") for note in told)
    assert ("gate_verdict" in notes(answer)) == (verdict != "passed")


def test_when_every_phase_is_funded_nothing_is_asked_and_words_say_so():
    funded = PHASE | {"is_funded": True}
    answer = ask(PARTS, phases=[funded], investment=0.0)
    assert (str(answer.ask), str(answer.peak_funding)) == ("0.0", "0.0")
    assert "Every phase is funded: nothing is asked any more" in notes(answer)["ask"]
    assert ask(PARTS, phases=[funded]).ask == 1_000  # of the case itself, beside its phases


@pytest.mark.parametrize(
    ("evidence", "verdict"), [([12, 12], "passed"), ([12, None], "held"), ([None, 3], "failed"), ([3, 12], "failed")]
)
def test_a_gate_without_evidence_is_held_never_assumed(evidence, verdict):
    gates = [GATE | {"name": f"gate {place}", "evidence": one} for place, one in enumerate(evidence)]
    answer = of_flows(FLOWS, gates=gates)
    assert answer.gate_verdict == verdict
    said = [note for note in answer.notes if "has no evidence; it is held, not passed" in note]
    assert len(said) == evidence.count(None)


def test_a_gate_of_a_later_phase_that_has_failed_is_told_by_its_phase_and_apart_from_those_that_count_now():
    phases = [PHASE | {"gates": [GATE | {"evidence": 12}]}]
    for evidence, words in ((3, "has failed: "), (None, "has no evidence")):
        later = PHASE | {"name": "later", "start_period": 6, "gates": [GATE | {"name": "far", "evidence": evidence}]}
        answer = ask(PARTS, phases=[*phases, later])
        assert answer.gate_verdict == "passed"
        assert any(note.startswith(f"Gate far of later {words}") for note in answer.notes)
        assert any(note.startswith("The worth counts later all the same") for note in answer.notes) == bool(evidence)
        assert notes(answer)["gate_verdict"].startswith("later, of later: far: ")


def test_what_is_doubtful_of_benefits_and_costs_is_told():
    said = ask(PARTS, benefits=[{"name": "hours", "amount": -5.0}], costs=[{"name": "run", "amount": -1.0}]).notes
    for words in ("counterfactual: hours", "grade: hours", "money lost: hours", "money that comes in: run"):
        assert any(note.endswith(words) for note in said), words
    assert any(note.startswith("No figure has a range") for note in said)
    told = {"counterfactual": "none are saved", "grade": "measured"}
    pert = {"shape": "pert", "low": 1.0, "mode": 2.0, "high": 3.0}
    assert ask(PARTS, benefits=[{"name": "hours", "amount": pert, **told}], costs=[]).notes == []


def test_what_a_phase_costs_to_run_ends_with_the_case_where_the_next_starts_later():
    run = PHASE | {"costs": [{"name": "run", "amount": 10.0}]}
    last = ask(PARTS, phases=[run, PHASE | {"name": "later", "start_period": 999}])
    assert last.running_until_next[1] == last.inputs.length - PHASE.get("start_period", 0)
    assert notes(last)["ask_running_cost"].endswith("until the last one, as later starts later")


def test_a_delay_brings_benefits_and_what_waits_later_and_loses_the_end():
    costs = [{"name": "running", "amount": 80.0, "waits": True}, {"name": "team", "amount": 10.0}]
    answer = ask(PARTS, costs=costs, **{"approval.delay_months": 2.5})
    table = answer.to_frame()
    assert list(table["benefits"][:5]) == pytest.approx([0, 0, 0, 100, 200])
    assert table["benefits"].sum() == pytest.approx(200 * 21.5)
    assert list(table["costs"][:5]) == pytest.approx([0, -10, -10, -50, -90])
    assert "Benefits come 2.5 months later than stated: governance and approval" in answer.notes


def test_what_lasts_ends_later_by_the_delay_and_an_investment_may_wait():
    pilot = {"name": "pilot", "amount": 50.0, "to_period": 4, "lasts": True}
    answer = ask(PARTS, costs=[pilot], phases=[PHASE | {"waits": True}], **{"approval.delay_months": 2.5})
    table = answer.to_frame()
    assert list(table["costs"][:8]) == pytest.approx([0, *[-50] * 6, -25 - 30])
    assert table["costs"].sum() == pytest.approx(-50 * 6.5 - 12 * 30)
    assert list(table["capital"][[0, 6, 8, 9]]) == pytest.approx([-1_000, 0, -150, -150])
    with pytest.raises(InputError, match=r"costs.pilot: lasts goes on after a to_period"):
        ask(PARTS, costs=[{"name": "pilot", "amount": 50.0, "lasts": True}])


def test_the_delay_is_priced_as_the_worth_it_takes():
    late, early = ask(PARTS, **{"approval.delay_months": 9.0}), ask(PARTS)
    assert late.delay_cost == pytest.approx(early.npv - late.npv)
    assert early.delay_cost == 0
    assert ask(PARTS, **{"approval.delay_months": 100.0}).parts["benefits"].sum() == 0


@LAW
@given(st.floats(0, 30), st.floats(0, 10))
def test_a_longer_delay_never_brings_more(months, more):
    answers = [ask(PARTS, **{"approval.delay_months": months + extra}) for extra in (0.0, more)]
    assert answers[1].npv <= answers[0].npv + 1e-9


def test_a_delay_of_months_moves_yearly_flows_by_a_part_of_a_year():
    answer = of_flows([-100.0, 120.0, 0.0], **{"approval.delay_months": 3.0})
    assert list(answer.flows) == pytest.approx([-100, 90, 30])


def test_waiting_is_summed_by_quarter_and_discounted():
    waiting = [{"quarter": 2, "amount": 300.0}, {"quarter": 1, "amount": 100.0}]
    answer = of_flows(FLOWS, cost_of_not_scaling=waiting)
    assert answer.cost_of_not_scaling == 400
    assert list(answer.waiting["cumulated"]) == [100, 400]
    assert list(answer.waiting["present_value"]) == pytest.approx([100 / 1.08**0.25, 300 / 1.08**0.5])


def test_draws_give_the_probability_of_being_worth_something():
    uniform = {"shape": "uniform", "low": 0.0, "high": 400.0}
    base = {"periods": 1, "discount_rate": 0.0, "investment": 100.0, "benefits": [{"name": "all", "amount": uniform}]}
    answer = ask(base)
    assert answer.npv == pytest.approx(100)
    assert answer.npv_probability == pytest.approx(0.75, abs=0.015)
    assert answer.npv_range == pytest.approx((-60, 260), abs=8)
    assert of_flows(FLOWS).npv_probability == 1
    assert of_flows([-100.0, 50.0]).npv_probability == 0


def test_every_part_may_be_uncertain_and_draws_from_its_own_stream():
    spread = {"shape": "triangular", "low": 0.9, "mode": 1.0, "high": 1.2}
    changes = {
        "investment": spread,
        "benefit_multiple": spread,
        "cost_multiple": spread,
        "approval.delay_months": spread,
        "discount_rate": {"shape": "uniform", "low": 0.05, "high": 0.15},
    }
    answer = ask(PARTS, **changes)
    assert len(answer.ends) == len(changes)
    assert answer.npv_range[0] < answer.npv < answer.npv_range[1]
    alone, beside = ask(PARTS, investment=spread), ask(PARTS, investment=spread, **{"approval.delay_months": 1.0})
    np.testing.assert_allclose(alone.draws[:, 0], beside.draws[:, 0])


def test_what_moves_together_widens_the_worth():
    spread = {"shape": "uniform", "low": 100.0, "high": 300.0}
    benefits = [{"name": name, "amount": spread} for name in ("hours", "errors")]
    names = {"a": "benefits.hours.amount", "b": "benefits.errors.amount"}
    apart = ask(PARTS, benefits=benefits)
    together, against = (ask(PARTS, benefits=benefits, correlations=[names | {"rank": rank}]) for rank in (0.9, -0.9))
    assert against.npv_draws.std() < apart.npv_draws.std() < together.npv_draws.std()
    assert together.npv == apart.npv
    assert together.npv_draws.mean() == pytest.approx(apart.npv_draws.mean())
    with pytest.raises(InputError, match="hour"):
        ask(PARTS, benefits=benefits, correlations=[names | {"a": "benefits.hour.amount", "rank": 0.5}])


def test_draws_stay_within_what_a_field_may_be():
    near_zero = {"shape": "normal", "p10": 0.0, "p90": 300.0}
    answer = ask(PARTS, investment=near_zero, benefits=[{"name": "hours", "amount": near_zero}])
    assert answer.draws[:, 0].max() == 0  # an investment is no gain
    assert answer.draws[:, 1].min() < -80  # a benefit may turn out to be a loss


def test_the_ends_of_a_figure_are_worth_what_asking_with_them_says():
    amount = {"shape": "uniform", "low": 100.0, "high": 300.0}
    answer = ask(
        PARTS, benefits=[{"name": "hours", "amount": amount}], investment={"shape": "uniform", "low": 9, "high": 11}
    )
    first = answer.ends.iloc[0]
    assert first["name"] == "benefits.hours.amount"
    for end in ("low", "high"):
        asked = ask(PARTS, benefits=[{"name": "hours", "amount": first[end]}], investment=10.0)
        assert first[f"npv_at_{end}"] == pytest.approx(asked.npv)


def test_scenarios_bracket_the_base_and_stress_is_thirty_per_cent_of_cost():
    answer = ask(PARTS, benefits=[{"name": "hours", "amount": {"shape": "normal", "p10": 150, "p90": 250}}])
    worth = answer.scenarios.set_index("scenario")["npv"]
    assert worth["base"] == pytest.approx(answer.npv)
    assert worth["low"] < worth["base"] < worth["high"]
    assert worth["stress"] == pytest.approx(ask(PARTS, cost_multiple=1.3).npv)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"cash_flows": FLOWS}, "periods: cash_flows are given; give them or the parts"),
        ({"periods": None}, "periods is missing, and no benefit or cost says its last period"),
        ({"benefits": (), "costs": ()}, "one of cash_flows, or of benefits, costs and phases, is needed"),
        ({"cash_flows": FLOWS, "periods": None}, "benefits: cash_flows are given; give them or the parts"),
        ({"cash_flows": FLOWS, "periods": None}, "investment: cash_flows are given; give them or the parts"),
        ({"discount_rate": -1.5}, "discount_rate must be greater than -1, got -1.5"),
        ({"cost_of_not_scaling": [{"quarter": 1, "amount": 1.0}] * 2}, "a quarter stands twice"),
        ({"benefits": [{"name": "a", "amount": 1.0}] * 2}, "benefits.a: the name stands twice"),
        (
            {"benefits": [{"name": "late", "amount": 1.0, "from_period": 99}]},
            "benefits.late: from_period 99 lies after the last period, 24",
        ),
        (
            {"phases": [PHASE | {"costs": [{"name": "a.b", "amount": 1.0, "from_period": 4, "to_period": 2}]}]},
            'phases.scale.costs."a.b": to_period 2 lies before from_period 4',
        ),
        ({"period": "week"}, "period must be 'year' or 'month', got 'week'"),
        ({"gates": [{"name": "a", "metric": "b"}]}, "one of at_least, at_most is needed"),
        ({"invesment": 1.0}, "invesment is not a field; did you mean investment?"),
    ],
)
def test_bad_input_is_refused_with_words(change, words):
    with pytest.raises(InputError) as caught:
        BusinessCaseInputs.build({key: value for key, value in (PARTS | change).items() if value is not None})
    assert words in "\n".join(caught.value.problems)


def test_flows_that_are_set_replace_the_parts_that_stood_there():
    assert ask(PARTS, cash_flows=FLOWS, period="year").npv == pytest.approx(
        ask({"cash_flows": FLOWS} | {"discount_rate": 0.1}).npv
    )
    with pytest.raises(InputError, match="periods: cash_flows are given"):
        ask(PARTS, periods=3, cash_flows=FLOWS)


def test_every_blank_of_a_half_filled_case_is_listed():
    with pytest.raises(InputError) as caught:
        BusinessCaseInputs.build({"periods": 3, "phases": [{"name": "scale"}], "benefits": [{"amount": 1.0}]})
    said = "\n".join(caught.value.problems)
    for blank in ("phases.scale.investment is missing", "name is missing", "discount_rate is missing"):
        assert blank in said


def test_one_flow_is_not_a_case():
    with pytest.raises(InputError, match="at least two are needed"):
        BusinessCaseInputs(cash_flows=[1.0], discount_rate=0.1)


def test_plain_numbers_are_one_a_period_and_say_how_many_there_are():
    listed = {"investment": 100.0, "benefits": [60, 60.0, 60], "costs": [10.0, 10.0, 10.0], "discount_rate": 0.1}
    plain = business_case(BusinessCaseInputs.build(listed))
    flows = business_case(BusinessCaseInputs.build({"cash_flows": [-100.0, 50.0, 50.0, 50.0], "discount_rate": 0.1}))
    assert plain.npv == pytest.approx(flows.npv, rel=1e-12)
    assert plain.payback_months == flows.payback_months


def test_flows_that_replace_phases_say_so_and_what_is_kept():
    case = asking.ask("business_case", changes={"cash_flows": [-100.0, 60.0, 60.0]})
    (note,) = [one for one in case.notes if one.startswith("cash_flows replace")]
    assert note.startswith("cash_flows replace periods and phases that stood there; kept: a period is a month")
    assert "approval.delay_months, 9" in note
    own = BusinessCaseInputs(cash_flows=[-100.0, 60.0, 60.0], discount_rate=0.08)
    assert not any(one.startswith("cash_flows") for one in business_case(own).notes)
    phased = asking.prepare("business_case")
    assert override(phased, {"cash_flows": [-1.0, 2.0]}).replaced == ("periods", "phases")


def test_every_blank_of_a_half_filled_file_is_named():
    half = {
        "phases": [{"name": "x", "investment": "", "gates": [{"name": "", "metric": ""}]}],
        "cost_of_not_scaling": [{"quarter": 1}],
    }
    with pytest.raises(InputError) as caught:
        BusinessCaseInputs.build(half)
    assert set(caught.value.problems) >= {
        "phases.x.investment is blank; it must be a number, got ''",
        "phases.x.gates.1.name is blank; it must be text, got ''",
        "phases.x.gates.1.metric is blank; it must be text, got ''",
        "discount_rate is missing",
        "cost_of_not_scaling.1.amount is missing",
    }
