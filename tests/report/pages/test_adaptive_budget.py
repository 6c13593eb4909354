"""The words of the adaptive budget's page: verdicts, decisions, break-even values, the agreement."""

import pytest

import aiecon
from aiecon.report.pages import adaptive_budget as page
from aiecon.report.policies import departures

PLAIN = {"name": "prod", "owner": "Head of search", "base": 100.0, "escalation": {}}
ALL = (
    "headline", "figures", "envelope_picture", "decision", "gates_picture", "pools", "escalations", "gates", "warning",
    "controls", "policies_picture", "policies", "years", "cover", "upgrades", "agreement", "sign_offs", "method",
)  # fmt: skip


def ask(*spend, pool=None, **fields):
    actuals = [
        {"month": f"2026-{place + 1:02}-01", "team": "search", "pool": "prod", "spend": cost}
        for place, cost in enumerate(spend)
    ]
    policy = {"version": "7", "pools": [PLAIN | (pool or {})]} | fields.pop("policy", {})
    return aiecon.ask("adaptive_budget", inputs={"actuals": actuals, "policy": policy, "draws": 2_000} | fields)


def given(mean, sd):
    return [
        {
            "month": f"2026-{month:02}-01",
            "team": "search",
            "pool": "prod",
            "spend": {"shape": "normal", "p10": mean - 1.2815515655446004 * sd, "p90": mean + 1.2815515655446004 * sd},
        }
        for month in (2, 3, 4)
    ]


@pytest.fixture(scope="module")
def sample(sample_answers):
    return sample_answers("adaptive_budget")


def said(block):
    return block.html


@pytest.mark.parametrize(
    ("mean", "verdict", "words"),
    [
        (110.0, "act", "passes the budgets together, 300, with"),
        (97.0, "watch", "the budgets together, 300, hold with"),
        (80.0, "fine", "the budgets together, 300, hold with"),
    ],
)
def test_the_verdict_follows_the_probability(mean, verdict, words):
    answer = ask(90.0, forecast=given(mean, 10.0))
    assert page.verdict(answer) == verdict
    assert words in page.sentence(answer)


def test_an_escalation_of_the_last_month_is_watched():
    assert page.verdict(ask(150.0, forecast=given(80.0, 5.0))) == "watch"
    assert "the vice president" not in said(page.decision(ask(150.0, forecast=given(80.0, 5.0))))
    assert "the C-suite on search prod (over in January)" in said(page.decision(ask(150.0)))
    assert "the vice president on search prod" in said(page.decision(ask(130.0)))


@pytest.mark.parametrize(
    ("pool", "words"),
    [
        ({}, ", as much as is in force"),
        ({"unit_cost_target": 1.1}, ", 10.0 % more than"),
        ({"unit_cost_target": 0.95}, ", 5.0 % less than"),
    ],
)
def test_the_sentence_says_how_the_budget_moves(pool, words):
    driver = [{"month": "2026-02-01", "team": "search", "pool": "prod", "driver": 100.0}]
    assert words in page.sentence(ask(90.0, pool={"growth_cap": 0.5} | pool, forecast=driver))


def test_the_break_even_of_spend_puts_the_budgets_at_the_median(sample):
    found = sample.total
    by = f"{abs(found['budget'] / found['p50'] - 1):.1%}".replace("%", "\N{NO-BREAK SPACE}%")
    assert f"If spend came {by} less than expected" in said(page.decision(sample))
    lacking = (found["p90"] - found["budget"]) / 1_000
    assert f"{lacking:.1f} thousand USD more over April to June 2026" in said(page.decision(sample))


def test_opened_gates_are_the_budget_without_them(sample):
    free = {
        f'policy.pools."{pool.name}".{field}': None
        for pool in sample.inputs.policy.pools
        for field in ("forecast_error_gate", "value_per_cost_growth")
    }
    more = aiecon.ask("adaptive_budget", changes=free).next_budget - sample.next_budget
    assert f"the budget of April would be {more / 1_000:.2f} thousand USD more" in said(page.decision(sample))


def test_only_pools_that_a_passed_gate_would_move_are_named(sample):
    html = said(page.decision(sample))
    assert "Unassigned production" not in html.split("With every gate passed")[1]
    held_back = [line for line in sample.lines if line.is_held_back]
    assert len(held_back) == 3
    assert all(f"{line.team} {line.name}" in html for line in held_back)


def test_the_agreement_tells_reserve_controls_and_charges(sample):
    note = page.agreement(sample).content["note"]
    assert "Controls, in this order: " in note
    block = page.agreement(ask(90.0, pool={"elasticity": -0.5, "charged_share": 0.5, "upgrade_reserve_share": 0.2}))
    note = block.content["note"].replace("\N{NO-BREAK SPACE}", " ")
    assert "Held for model upgrades, of spend: 20 %." in note
    assert "Of its cost each team is charged: prod 50 %, elasticity " in note
    assert block.content["rows"][0][2] == "no driver: stays"
    assert "\u0394BU: spend minus budget" in page.escalations(sample).content["note"]


def test_the_sample_says_that_it_is_synthetic_and_own_actuals_do_not(sample):
    assert "Synthetic data" in said(page.headline(sample))
    assert not page.is_synthetic(ask(90.0))


def test_the_table_of_pools_adds_up(sample):
    block = page.pools(sample)
    last = block.content["rows"][-1]
    assert last[:4] == ["All pools", "", "152,781", f"{sample.next_budget:,.0f}"]
    assert len(block.content["rows"]) == len(sample.lines) + 1
    assert sum(int(row[3].replace(",", "")) for row in block.content["rows"][:-1]) == pytest.approx(165_621, abs=8)


def test_escalations_name_who_decides_and_the_rule(sample):
    html = said(page.escalations(sample))
    assert "vice president, with Head of data science" in html
    assert "strictly over 20\N{NO-BREAK SPACE}% and 40\N{NO-BREAK SPACE}%" in html
    assert said(page.escalations(ask(90.0))) == ""


def test_gates_say_what_evidence_is_missing_or_against(sample):
    html = said(page.gates(sample))
    assert "value gate: growth of value is −6.7\N{NO-BREAK SPACE}%; at least 0.8\N{NO-BREAK SPACE}% is asked" in html
    assert "forecast gate: error of the last forecast: no evidence; at most 15.0\N{NO-BREAK SPACE}% is asked" in html
    assert [row[0] for row in page.gates(sample).content["rows"]] == ["failed", "failed", "failed", "held"]
    assert said(page.gates(ask(90.0))) == ""


def test_early_warning_says_how_often_and_how_soon(sample):
    rows = {row[0]: row[1:] for row in page.warning(sample).content["rows"]}
    assert rows["burn 14.4 in 1 h"][0] == "none"
    assert rows["burn 14.4 in 1 h"][2] == "–"
    assert rows["XmR by day"][2:] == ["2 d", "1 d", "1 d"]
    assert "less its headroom of 8.8" in page.warning(sample).content["note"]
    assert "no pool moved further" in page.warning(ask(90.0)).content["note"]


def test_simulated_years_name_the_pair_that_costs_least(sample):
    rows = page.years(sample).content["rows"]
    weighed = [int(row[3].replace(",", "")) for row in rows[:-1]]
    assert weighed == sorted(weighed)
    assert rows[-1][0] == "Rules with headroom 30 %, cap 50 %"
    assert "8 of 15 pools have none on record" in page.policies(sample).content["note"]
    driven = [line for line in sample.lines if line.is_driven]
    bare = sum(line.value_per_spend is None for line in driven)
    assert f"{bare} of {len(driven)} pools have none on record" in page.years(sample).content["note"]
    assert "costs least, at the edge of what was tried, when" in page.years(sample).content["note"]
    assert "Largest tried: headroom and growth cap." in page.years(sample).content["note"]
    ours = next(row for row in rows if row[0] == "Agreed rules")
    assert int(rows[-1][3].replace(",", "")) < int(ours[3].replace(",", ""))
    assert said(page.years(ask(90.0))) == ""


def test_reserves_are_held_against_simulated_years(sample):
    rows = page.upgrades(sample).content["rows"]
    shares = [float(row[1].removesuffix(" %")) for row in rows]
    assert shares == sorted(shares)
    assert {15.0, 19.6, 25.0} <= set(shares)
    assert said(page.upgrades(ask(90.0))) == ""
    assert page.cover(sample).content["rows"][-1][0] == "Incidents, on top"
    assert "3 a year (compound Poisson)" in page.cover(sample).content["note"]
    only = ask(90.0, policy={"incidents": {"per_year": 2, "size": 10.0}})
    assert [row[0] for row in page.cover(only).content["rows"]] == ["Each pool for itself", "Incidents, on top"]
    assert said(page.cover(ask(90.0))) == ""


def test_controls_say_what_they_save_and_cost(sample):
    rows = {row[0]: row[1:] for row in page.controls(sample).content["rows"]}
    assert next(iter(rows)) == "None"
    assert list(rows)[-1] == "All in order"
    assert rows["Throttle"][0] == "110 % of budget: admits 50 %"
    assert "of 15 pools have no value on record" in page.controls(sample).content["note"]
    assert said(page.controls(ask(90.0))) == ""


def test_demand_that_reacts_is_said():
    assert "does not react to budgets or to being charged" in said(page.method(ask(90.0)))
    html = said(page.method(ask(90.0, pool={"elasticity": -0.5, "charged_share": 0.5})))
    assert "react to what is charged (search prod −22.1" in html


def test_the_agreement_is_printed_line_by_line_with_its_signatures(sample):
    block = page.agreement(sample)
    assert len(block.content["rows"]) == len(sample.inputs.policy.pools)
    assert all(row[1] for row in block.content["rows"])
    assert "version 2026-1, in force from 2026-01-01" in block.content["title"]
    assert "lie within their assumption rows" in block.content["note"]
    assert "Against 3 incidents a year money is held on top of budgets." in block.content["note"]
    rows = page.sign_offs(sample).content["rows"]
    assert [row[1] for row in rows] == ["signed 2025-12-11", "signed 2025-12-15", "open"]
    assert "Chief information security officer, whose signature is open" in said(page.decision(sample))
    assert page.agreement(ask(90.0, pool={"first_review": "2026-05-01"})).content["rows"][0][-1] == "month from 2026-05"
    assert "names nobody who signs it" in said(page.sign_offs(ask(90.0)))


def test_a_policy_that_leaves_the_assumptions_says_where():
    pool = {"upgrade_reserve_share": 0.3, "forecast_error_gate": 0.2, "escalation": {"vice_president": 0.1}}
    found = "\n".join(departures(ask(90.0, pool=pool).inputs.policy))
    assert "upgrade_reserve_share is not the 15% to 25% of rule.policy.upgrade_reserve_share: prod" in found
    assert "forecast_error_gate is not the 15% of forecast_error_gate: prod" in found
    assert "vice_president is not the 20%" in found
    assert "c_suite" not in found
    assert "upgrade_reserve_share is not" in "\n".join(departures(ask(90.0).inputs.policy))  # nothing is held


def test_policies_are_weighed_and_a_better_cap_is_named(sample):
    block = page.policies(sample)
    weighed = [int(row[3].replace(",", "")) for row in block.content["rows"]]
    assert weighed == sorted(weighed)
    assert block.content["rows"][block.content["bold"][0]][0] == "Agreed rules"
    assert "growth caps tried" in block.content["note"]


@pytest.mark.parametrize("spend", [(0.0,), (0.0, 0.0, 0.0), (100.0,), (90.0, 95.0, 160.0, 100.0, 80.0)])
@pytest.mark.parametrize("base", [0.0, 100.0])
def test_every_part_can_be_shown_whatever_the_months_are(spend, base):
    answer = ask(*spend, pool={"base": base})
    for part in ALL:
        assert getattr(page, part)(answer).html is not None
    assert "nan" not in page.sentence(answer)


def test_one_month_ahead_reads_in_the_singular():
    assert "the budget, 100, holds with" in page.sentence(ask(80.0, horizon_months=1, forecast=given(60.0, 5.0)[:1]))
