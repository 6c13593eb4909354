"""The words of the variability page: every verdict, no budget, nothing that varies, and break-even values that hold."""

import numpy as np
import pytest

import aiecon
from aiecon.models.variability.paths import simulate
from aiecon.report.pages import variability as page
from aiecon.report.pages.variability import turns

PRICE = {"provider": "p", "model": "m", "currency": "EUR", "input_per_mtok": 2.0, "output_per_mtok": 10.0}
PLAIN = {
    "horizon_months": 12,
    "scale": {"users_start": 100},
    "utilization": {"requests_per_user_month": 50},
    "agent": {"base_input_tokens": 1_000, "output_tokens_per_step": 200},
    "tiers": [{"name": "all", "share": 1.0, "price": PRICE}],
}  # 240 EUR
VARIED = PLAIN | {
    "scale": {"users_start": 100, "growth_per_month": {"shape": "normal", "p10": 0.0, "p90": 0.08}},
    "agent": PLAIN["agent"] | {"steps_mean": 3.0, "added_input_tokens_per_step": 500},
    "guardrails": [
        {"name": "Two steps", "set": {"agent.steps_cap": 2}},
        {"name": "One step", "set": {"agent.steps_cap": 1}},
    ],
}


def ask(inputs, **changes):
    return aiecon.ask("variability", inputs=inputs, changes=changes, profile="fast")


@pytest.fixture(scope="module")
def sample(sample_answers):
    return sample_answers("variability", "fast")


@pytest.fixture(scope="module")
def varied():
    return ask(VARIED)


def said(block):
    return block.html


def test_what_a_user_leaves_out_is_off():
    answer = ask(PLAIN)
    assert list(answer.quantiles.values()) == pytest.approx([240.0] * 4)
    assert answer.inputs.assumption_rows == {}
    assert not page.is_synthetic(answer)


def test_the_sample_is_fed_by_rows_and_says_that_it_is_synthetic(sample):
    assert page.is_synthetic(sample)
    assert "scale.growth_per_month" in sample.inputs.assumption_rows
    assert "Synthetic data" in said(page.headline(sample))


def test_a_changed_field_is_no_longer_the_row(sample):
    changed = aiecon.ask(
        "variability", profile="fast", changes={"agent.steps_mean": {"shape": "normal", "p10": 2.0, "p90": 3.0}}
    )
    assert "agent.steps_mean" not in changed.inputs.assumption_rows
    assert page.is_synthetic(changed)


@pytest.mark.parametrize(
    ("level", "verdict", "words"),
    [(0.3, "act", "is passed with 70 %"), (0.7, "watch", "holds with 70 %"), (0.95, "fine", "holds with 95 %")],
)
def test_the_verdict_follows_the_probability(varied, level, verdict, words):
    answer = ask(VARIED, budget=float(np.quantile(varied.totals, level)))
    assert page.verdict(answer) == verdict
    assert words in page.sentence(answer)


def test_without_a_budget_the_page_says_so(varied):
    assert page.verdict(varied) == "open"
    assert "no budget was given" in page.sentence(varied)
    assert "Set an envelope" in said(page.decision(varied))
    assert "“One step” would take p90 from" in said(page.decision(varied))
    assert "ΔBU" not in said(page.tail(varied))


@pytest.mark.parametrize(("budget", "verdict", "words"), [(239.0, "act", "is passed"), (241.0, "fine", "holds")])
def test_where_nothing_varies_the_page_says_so_and_draws_no_tail(budget, verdict, words):
    answer = ask(PLAIN, budget=budget)
    assert page.verdict(answer) == verdict
    assert page.sentence(answer) == (
        "The next 12 months will cost 240 EUR in every future, since nothing varies; "
        f"the budget of {budget:.0f} {words}."
    )
    for part in (page.tail_picture, page.origins_picture, page.shares, page.guardrails_picture, page.guardrails):
        assert part(answer).kind == "nothing"
    for part in (
        page.headline,
        page.figures,
        page.decision,
        page.tail,
        page.months_picture,
        page.months,
        page.prices,
        page.method,
    ):
        assert part(answer).html


def test_nothing_spent_is_no_fault():
    answer = ask(PLAIN, **{"scale.users_start": 0, "budget": 10})
    assert page.verdict(answer) == "fine"
    for part in (page.headline, page.figures, page.decision, page.tail, page.months_picture, page.months, page.method):
        assert part(answer).html


def test_the_origin_to_blame_is_named_and_two_that_are_equal_are_not_ranked(sample, varied):
    top = max(sample.shares, key=sample.shares.get)
    assert top == "agent"
    assert f"{sample.shares[top] * 100:.0f} % of the variance is from agents" in page.sentence(sample)
    table = varied.attribution.table
    table.loc[:, "share"] = [0.5, 0.0, 0.0, 0.5]
    assert "adoption and agents, about equal, are behind 100 % of the variance" in page.sentence(varied)


def test_the_guardrail_that_is_enough_is_proposed_before_a_better_one(varied):
    p90 = varied.guardrails.set_index("name")["p90"]
    enough = ask(VARIED, budget=p90["Two steps"] * 1.01)
    assert "“Two steps”" in said(page.decision(enough))
    assert "within the budget" in said(page.decision(enough))
    short = ask(VARIED, budget=p90["One step"] * 0.9)
    assert "“One step”" in said(page.decision(short))
    assert "still missing" in said(page.decision(short))


def test_the_step_cap_told_is_the_last_that_meets_the_budget(varied):
    answer = ask(VARIED, budget=float(np.quantile(varied.totals, 0.5)))
    cap = turns.step_cap(answer, answer.inputs.budget)
    assert f"A cap of {cap} steps" in said(page.decision(answer))

    def p90(steps):
        changed = aiecon.override(answer.inputs, {"agent.steps_cap": steps})
        return np.quantile(simulate(changed, len(answer.totals)).totals, 0.9)

    assert p90(cap) <= answer.inputs.budget < p90(cap + 1)


def test_the_growth_told_puts_p90_on_the_budget(varied):
    answer = ask(VARIED, budget=float(np.quantile(varied.totals, 0.8)))
    growth = turns.growth(answer, answer.inputs.budget)
    changed = aiecon.override(answer.inputs, {"scale.growth_per_month": growth})
    found = np.quantile(simulate(changed, len(answer.totals)).totals, 0.9)
    assert found == pytest.approx(answer.inputs.budget, rel=0.01)


def test_tables_add_up_and_say_their_scale(sample):
    assert said(page.shares(sample)).count("100.0\N{NO-BREAK SPACE}%") == 2
    assert "log spend" in said(page.shares(sample))
    so_far = page.months(sample).content["rows"][-1][-1]
    assert so_far == f"{sample.mean:,.0f}"


def test_prices_name_their_row_of_the_rate_card(sample):
    rows = page.prices(sample).content["rows"]
    assert all("price list of the package" in row[3] for row in rows)
    assert page.prices(ask(PLAIN)).content["rows"][0][3] == "as given"


def test_convergence_is_told_with_its_error(sample):
    words = said(page.method(sample))
    assert "Convergence: p90 is" in words
    assert f"{sample.standard_errors['p90']:,.0f} USD" in words


def test_one_month_reads_as_one():
    assert page.sentence(ask(PLAIN, horizon_months=1)).startswith("The next month will cost 20.0 EUR")
