"""The words of the cost curve's page."""

import pytest

import aiecon
from aiecon.charts.formats import significant
from aiecon.report.pages import cost_curve as page

FIXED = {"name": "gateway", "layer": "platform", "kind": "fixed", "cost_per_month": 5_000, "grade": "contract"}
PEOPLE = FIXED | {"name": "team", "layer": "people"}
RULES = FIXED | {"name": "audit", "layer": "governance"}
PLAIN = {"components": [FIXED, PEOPLE, RULES], "pilot_users": 100, "production_users": 10_000, "currency": "EUR"}


def ask(inputs=None, **changes):
    return aiecon.ask("cost_curve", inputs=inputs, changes=changes, profile="fast")


@pytest.fixture(scope="module")
def sample(sample_answers):
    return sample_answers("cost_curve", "fast")


def test_the_sentence_has_cost_range_multiple_and_the_next_user(sample):
    low, high = sample.production_range
    said = page.sentence(sample)
    assert said.startswith("10,000 users will cost 105 thousand USD a month")
    assert f"(80 % range {significant(low / 1e3)} to {significant(high / 1e3)})" in said
    assert f"{sample.cliff_multiple:.2f} times the pilot for 100 times its users" in said
    assert f"{sample.marginal_cost_per_user:.2f} USD for each user more" in said


def test_a_tenth_more_users_costs_what_the_curve_says_and_a_near_step_is_told(sample):
    more = sample.cost(11_000) / sample.production_cost - 1
    assert more == pytest.approx(0.123, abs=5e-4)
    changes = page.decision(sample).content["changes"]
    assert changes[0].startswith("Ten per cent more users cost 12.3 % more (elasticity")
    added = sample.cost(10_001) - sample.cost(10_000)
    assert f"between steps; the next user opens 3 steps: +{added:,.0f} USD a month" in page.sentence(sample)
    flat = ask(production_users=9_000)
    assert "between steps" not in page.sentence(flat)
    more = flat.cost(9_900) / flat.production_cost - 1
    assert page.decision(flat).content["changes"][0].startswith(f"Ten per cent more users cost {100 * more:.1f} %")


def test_the_source_of_the_samples_tokens_says_what_its_figure_is(sample):
    (tokens,) = [one for one in sample.inputs.components if one.name == "Tokens"]
    assert f"{tokens.at_users:,.0f} users: {tokens.cost_per_month.value / tokens.at_users:.2f} a user" in tokens.source


def test_without_doubt_no_range_is_told():
    assert "range" not in page.sentence(ask(PLAIN))
    assert "a month: 1.00 times the pilot" in page.sentence(ask(PLAIN))


@pytest.mark.parametrize(
    ("components", "verdict"),
    [
        ([FIXED, PEOPLE, RULES], "fine"),
        ([FIXED, PEOPLE], "act"),
        ([one | {"grade": "judgement"} for one in (FIXED, PEOPLE, RULES)], "watch"),
        ([FIXED | {"cost_per_month": {"shape": "uniform", "low": 0, "high": 90_000}}, PEOPLE, RULES], "watch"),
    ],
)
def test_verdicts(components, verdict):
    assert page.verdict(ask(PLAIN | {"components": components})) == verdict


PAPERS = {
    "owner": "product owner",
    "model_justification": "the cheaper model fails one answer in three",
    "cost_per_user_month": 1.5,
    "transactions_per_user_month": 20.0,
    "value_per_user_month": 2.0,
    "value_source": "time study",
    "value_grade": "measured",
    "value_dated": "2026-02-20",
}


def before_launch(**changes):
    graded = [one | {"source": "offer of March"} for one in (FIXED, PEOPLE, RULES)]
    return ask(PLAIN | {"components": graded, "pre_launch": PAPERS | changes})


@pytest.mark.parametrize(
    ("papers", "verdict", "start", "what"),
    [
        ({}, "fine", "10,000 users will cost", "Plan production at 15.0 thousand EUR"),
        (
            {"owner": ""},
            "watch",
            "Launch waits, the gate before launch is held (owner). 10,000 users will cost",
            "Do not launch before the gate has what it lacks: owner. Then plan production at 15.0 thousand EUR",
        ),
        (
            {"owner": "", "cost_per_user_month": 1.0, "value_per_user_month": 0.5},
            "act",
            "Do not launch, the gate before launch has failed (cost of a user and break-even). 10,000 users will cost",
            "Do not launch: first cost of a user and break-even must hold",
        ),
    ],
)
def test_the_gate_before_launch_is_in_verdict_headline_and_decision(papers, verdict, start, what):
    answer = before_launch(**papers)
    decided = page.decision(answer).content
    assert page.verdict(answer) == verdict
    assert page.sentence(answer).startswith(start)
    assert decided["what"].startswith(what)
    assert ("Plan production" in decided["what"]) == (verdict == "fine")
    for stop in answer.pre_launch_stops:
        assert f"{stop['artefact']}, {stop['verdict']}: {stop['reason']}." in decided["changes"]


@pytest.mark.parametrize(("start", "more"), [(0, "nothing either"), (101, "50.0 EUR a month")])
def test_production_that_costs_nothing_is_told_in_words(start, more):
    team = PEOPLE | {"cost_per_month": 50.0 if start else 0.0, "from_users": start}
    rules = RULES | {"cost_per_month": 0.0}
    answer = ask(PLAIN | {"components": [team, rules], "pilot_users": 10, "production_users": 100})
    assert page.sentence(answer).startswith("100 users will cost nothing; the pilot of 10 costs nothing")
    assert (
        page.decision(answer).content["changes"][0] == f"Production costs nothing; ten per cent more users cost {more}."
    )
    assert "0 EUR" not in page.decision(answer).content["what"]


def test_what_is_missing_is_asked_for_first():
    assert (
        "Name what governance cost before this curve is used"
        in page.decision(ask(PLAIN | {"components": [FIXED, PEOPLE]})).content["what"]
    )


def test_the_softest_large_line_is_named(sample):
    assert "replace first the judgement for Model management" in page.decision(sample).content["what"]


def test_regulation_is_told_where_it_is_and_where_it_is_not(sample):
    changes = page.decision(sample).content["changes"]
    assert any("Regulated use is not in it" in one for one in changes)
    regulated = ask(**{"regulated.opex_share": 0.3, "regulated.roles": 1.5, "regulated.cost_per_role_month": 9_000})
    assert "Regulation is in it: 30 % on every line and 1.5 roles." in page.decision(regulated).content["changes"]
    assert any(row[0] == "(regulation)" for row in page.cliff(regulated).content["rows"])


def test_the_tables_close(sample):
    rows = page.cliff(sample).content["rows"]
    assert rows[-1][0] == "All"
    assert rows[-1][3] == f"{sample.production_cost:,.0f}"
    levers = page.levers(sample).content["rows"]
    assert levers[-1][-1] == f"{sum(sample.lever_savings().values()):,.0f}"
    layers = page.layers(sample).content
    assert {"100", "10,000"} <= set(layers["columns"])
    assert f"{sample.production_cost:,.0f}" in layers["rows"][-1]


def test_only_the_sample_says_that_it_is_synthetic(sample):
    assert page.is_synthetic(sample)
    assert not page.is_synthetic(ask(PLAIN))
    assert page.levers(ask(PLAIN)).kind == "nothing"
    assert "EUR" in page.sentence(ask(PLAIN))
