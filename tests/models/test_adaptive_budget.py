"""The adaptive budget: its formula, gates, reviews, keys, laws and messages."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from budget_scene import GATED, PLAIN, asked, expected, months, refused, summary
from hypothesis import given
from hypothesis import strategies as st
from strategies import LAW, law

import aiecon
from aiecon.budgets import escalation
from aiecon.errors import InputError
from aiecon.models.adaptive_budget import AdaptiveBudgetInputs, adaptive_budget, compare_policies
from aiecon.models.adaptive_budget.engine import Evidence, next_budget, review
from aiecon.models.adaptive_budget.inputs import Pool
from aiecon.vocabulary.gate import joint
from aiecon.vocabulary.overrides import override

FEW = law(25)

amounts = st.floats(0.0, 1e6)
shares = st.floats(0.0, 1.0)


@st.composite
def pools(draw):
    floor = draw(amounts)
    return Pool(
        name="prod",
        owner="finance",
        base=draw(amounts),
        unit_cost_target=draw(st.none() | st.floats(0, 10)),
        headroom=draw(shares),
        growth_cap=draw(shares),
        floor=floor,
        ceiling=draw(st.none() | st.floats(floor, 2e6)),
        review_every_months=draw(st.integers(1, 6)),
    )


evidences = st.builds(
    Evidence,
    st.integers(0, 24),
    st.none() | st.floats(0, 1e6),
    st.none() | st.floats(-1, 3),
    st.none() | st.floats(-1, 3),
)


@LAW
@given(pools(), amounts, st.floats(0, 1e6, exclude_min=True))
def test_a_review_gives_what_the_formula_says(pool, budget, driver):
    pool = pool.model_copy(update={"unit_cost_target": 2.0})
    found = next_budget(pool, budget, Evidence(0, driver, None, None))
    wanted = min(budget * (1 + pool.growth_cap), driver * 2.0 * (1 + pool.headroom))
    ceiling = np.inf if pool.ceiling is None else pool.ceiling
    assert found.budget == min(ceiling, max(pool.floor, wanted))
    assert found.gate == "passed"


@LAW
@given(pools(), amounts, evidences, amounts)
def test_a_larger_ceiling_never_lowers_a_budget(pool, budget, evidence, more):
    if pool.ceiling is None:
        return
    higher = pool.model_copy(update={"ceiling": pool.ceiling + more})
    assert next_budget(higher, budget, evidence).budget >= next_budget(pool, budget, evidence).budget


@LAW
@given(pools(), st.floats(1, 1e6), st.floats(0, 1e6), st.sampled_from([0.5, 2.0, 8.0]))
def test_money_scales(pool, budget, driver, times):
    scaled = pool.model_copy(
        update={
            "floor": times * pool.floor,
            "ceiling": None if pool.ceiling is None else times * pool.ceiling,
            "unit_cost_target": None if pool.unit_cost_target is None else times * pool.unit_cost_target,
        }
    )
    evidence = Evidence(0, driver, None, None)
    before, after = next_budget(pool, budget, evidence), next_budget(scaled, times * budget, evidence)
    assert after.budget == pytest.approx(times * before.budget, rel=1e-12)
    assert after.rule == before.rule


@pytest.mark.parametrize(
    ("fields", "driver", "budget", "rule"),
    [
        ({}, 90, 90 * 1.2 * 1.1, "driver"),
        ({}, 200, 125.0, "growth cap"),
        ({"ceiling": 110.0}, 200, 110.0, "ceiling"),
        ({"floor": 80.0}, 10, 80.0, "floor"),
        ({"unit_cost_target": None}, 200, 100.0, "no driver"),
    ],
)
def test_a_move_names_the_rule_that_made_it(fields, driver, budget, rule):
    pool = Pool(**(PLAIN | {"unit_cost_target": 1.2, "headroom": 0.1, "growth_cap": 0.25} | fields))
    move = next_budget(pool, 100.0, Evidence(0, driver, None, None))
    assert (move.budget, move.rule) == (pytest.approx(budget), rule)


@pytest.mark.parametrize(
    ("fields", "growth", "gate", "words"),
    [
        (
            {"forecast_error_gate": 0.15},
            (None, None),
            "held",
            "error of the last forecast: no evidence; at most 15.0% is asked",
        ),
        ({"forecast_error_gate": 0.15, "forecast_error": 0.15}, (None, None), "passed", "every gate"),
        (
            {"forecast_error_gate": 0.15, "forecast_error": 0.1501},
            (None, None),
            "failed",
            "error of the last forecast is 15.01%; at most 15.00% is asked",
        ),
        ({"value_per_cost_growth": 0.5}, (None, 0.1), "held", "value and cost of two months are not known"),
        ({"value_per_cost_growth": 0.5}, (0.2, 0.1), "passed", "every gate"),
        ({"value_per_cost_growth": 0.5}, (0.2, 0.09), "failed", "growth of value is 9.0%; at least 10.0% is asked"),
        ({"value_per_cost_growth": 0.5}, (-0.2, -0.01), "failed", "growth of value is -1.0%; at least 0.0% is asked"),
    ],
)
def test_gates_follow_their_evidence_and_only_a_passed_one_gives_more(fields, growth, gate, words):
    pool = Pool(**(PLAIN | GATED | fields))
    more, less = (next_budget(pool, 100.0, Evidence(0, driver, *growth)) for driver in (150, 60))
    assert (more.gate, more.budget) == (gate, 150.0 if gate == "passed" else 100.0)
    assert words in more.reason
    assert less.budget == 60.0  # no gate stands before a lower budget


@pytest.mark.parametrize(("spend", "value"), [([5e-324, 1e4], [1, 2]), ([1, 2], [5e-324, 1e4]), ([0, 1], [1, 2])])
def test_growth_from_next_to_nothing_is_no_evidence(spend, value):
    pool = GATED | {"value_per_cost_growth": 0.0}
    move = adaptive_budget(asked(months(spend, driver=[1_000] * 2, value=value), pool)).lines[0].moves[0]
    assert (move.gate, move.budget) == ("held", 100.0)


@pytest.mark.parametrize("every", [1, 2, 3, 5])
def test_budgets_move_at_reviews_alone(every):
    pool = GATED | {"growth_cap": 0.1, "review_every_months": every}
    answer = adaptive_budget(asked(months([100.0], driver=[1_000]), pool, horizon_months=9))
    moves = answer.to_frame()
    expected = [100.0 * 1.1 ** (place // every + 1) for place in range(9)]
    assert moves["budget"].tolist() == pytest.approx(expected)
    assert [rule == "between reviews" for rule in moves["rule"]] == [place % every > 0 for place in range(9)]


def test_reviews_count_from_the_day_the_policy_holds_from():
    pool = GATED | {"growth_cap": 0.1, "review_every_months": 3}
    actuals = months([100.0, 100.0], driver=[1_000, 1_000])
    answer = adaptive_budget(asked(actuals, pool, policy={"valid_from": "2026-01-01"}))
    assert answer.to_frame()["rule"].tolist() == ["between reviews", "growth cap", "between reviews"]


def test_keys_are_totals_and_the_table_splits_them():
    actuals = months([110.0, 90.0]) + months([50.0, 71.0], pool="dev") + months([30.0, 10.0], team="chat", pool="dev")
    lines = ({"upgrade_reserve_share": 0.2}, {"name": "dev", "base": 50.0, "owner": "science"})
    answer = adaptive_budget(asked(actuals, *lines, horizon_months=2))
    found = summary(answer)
    assert list(found) == [
        "next_budget", "breach_probability", "breach_month", "budget", "total_p10", "total_p50", "total_p90",
        "overspend", "stranded", "reserve", "escalations",
    ]  # fmt: skip
    table = answer.to_frame()
    assert found["next_budget"] == table[table["month"] == "2026-03"]["budget"].sum() == 200.0
    assert found["overspend"] == pytest.approx(10 + 21)
    assert found["stranded"] == pytest.approx(10 + 20 + 40)
    assert found["reserve"] == pytest.approx(0.2 * 100)
    assert found["escalations"] == [{"team": "search", "pool": "dev", "month": "2026-02", "level": "c_suite"}]
    assert len(table) == 3 * 2
    over = answer.history()["over"]
    assert over.clip(lower=0).sum() == pytest.approx(found["overspend"])


def test_months_before_the_policy_are_held_against_no_budget():
    answer = adaptive_budget(asked(months([900.0, 100.0, 150.0]), policy={"valid_from": "2026-02-15"}))
    assert (answer.overspend, answer.stranded) == (50.0, 0.0)
    assert [one["month"] for one in answer.escalations] == ["2026-03"]
    assert answer.history()["budget"].isna().tolist() == [True, False, False]
    assert answer.course()["budget"].isna().sum() == 1


def test_development_never_eats_what_production_has():
    before = months([90.0]) + months([40.0], pool="dev")
    after = months([90.0]) + months([4_000.0], pool="dev")
    lines = ({}, {"name": "dev", "base": 50.0})
    calm, wild = (adaptive_budget(asked(actuals, *lines)) for actuals in (before, after))
    for answer in (calm, wild):
        table = answer.to_frame()
        assert table[table["pool"] == "prod"]["budget"].tolist() == [100.0] * 3
    assert wild.stranded == 10.0  # of production, still its own
    assert [one["pool"] for one in wild.escalations] == ["dev"]


def test_breach_probability_and_month_follow_the_forecast_that_is_given():
    given = [
        expected("2026-02-01", {"shape": "normal", "p10": 60.0, "p90": 120.0}),
        expected("2026-03-01", {"shape": "normal", "p10": 90.0, "p90": 150.0}),
    ]
    answer = adaptive_budget(asked(months([90.0]), forecast=given, horizon_months=2, draws=40_000))
    table = answer.to_frame()
    sd = 60.0 / 2 / 1.2815515655446004
    from scipy import stats

    assert table["p10"].tolist() == pytest.approx([60.0, 90.0], abs=1.0)
    assert table["p90"].tolist() == pytest.approx([120.0, 150.0], abs=1.0)
    assert table["breach_probability"].tolist() == pytest.approx(stats.norm([90, 120], sd).sf(100), abs=0.01)
    assert answer.breach_probability == pytest.approx(stats.norm(210, sd * 2**0.5).sf(200), abs=0.01)
    assert answer.breach_month == "2026-03"


def test_a_forecast_of_two_values_keeps_its_probabilities():
    given = [expected("2026-02-01", {"shape": "discrete", "values": [50.0, 150.0], "weights": [0.6, 0.4]})]
    answer = adaptive_budget(asked(months([90.0]), forecast=given, horizon_months=1, draws=40_000))
    assert answer.breach_probability == pytest.approx(0.4, abs=0.01)
    assert answer.breach_month is None
    assert next(metric.note for metric in answer.summary() if metric.key == "breach_month")


@FEW
@given(st.lists(st.floats(1, 1e6), min_size=1, max_size=18), st.integers(0, 5))
def test_budgets_have_no_chance_in_them(spend, seed):
    actuals = months(spend, driver=[cost / 2 for cost in spend])
    inputs = asked(actuals, GATED | {"growth_cap": 0.2}, draws=100)
    first, other = adaptive_budget(inputs), adaptive_budget(inputs.model_copy(update={"seed": seed + 1}))
    assert first.to_frame()["budget"].tolist() == other.to_frame()["budget"].tolist()


@FEW
@given(st.lists(st.floats(0, 1e4), min_size=3, max_size=12), st.integers(1, 2))
def test_what_is_decided_does_not_change_when_later_data_arrive(spend, later):
    early = asked(months(spend[:-later], driver=spend[:-later]), GATED, draws=100)
    day = adaptive_budget(early).as_of
    whole = asked(months(spend, driver=spend), GATED, draws=100, as_of=day)
    assert adaptive_budget(whole).to_frame().equals(adaptive_budget(early).to_frame())
    assert summary(adaptive_budget(whole)) == summary(adaptive_budget(early))


@FEW
@given(st.lists(st.floats(0, 100), min_size=1, max_size=6))
def test_spend_within_the_budget_never_escalates(spend):
    assert adaptive_budget(asked(months(spend), draws=100)).escalations == []


@FEW
@given(st.lists(st.floats(1, 1e4), min_size=5, max_size=14), st.sampled_from([0.5, 4.0]))
def test_answers_scale_with_money(spend, times):
    driver = [10.0] * len(spend)
    one = adaptive_budget(asked(months(spend, driver=driver), {"unit_cost_target": 12.0, "growth_cap": 0.3}, draws=100))
    line = {"base": 100.0 * times, "unit_cost_target": 12.0 * times, "growth_cap": 0.3}
    two = adaptive_budget(asked(months([times * cost for cost in spend], driver=driver), line, draws=100))
    for key in ("next_budget", "overspend", "stranded", "reserve"):
        assert summary(two)[key] == pytest.approx(times * summary(one)[key])
    assert two.escalations == one.escalations
    assert two.breach_probability == one.breach_probability


def test_a_single_jump_is_no_trend():
    calm, jumped = ([100.0] * 13, [100.0] * 6 + [5_000.0] + [100.0] * 6)
    for spend in (calm, jumped):
        fan = adaptive_budget(asked(months(spend), horizon_months=1)).to_frame().iloc[0]
        assert fan["p50"] == pytest.approx(100.0, rel=0.4)
        assert fan["p90"] < 200


def test_one_reserve_for_all_pools_is_less_than_one_each():
    actuals = months([100.0]) + months([50.0], pool="dev")
    cover = adaptive_budget(asked(actuals, {}, {"name": "dev"})).cover
    assert cover["held"].tolist() == ["siloed", "pooled", "pooled"]
    assert cover["amount"].iloc[1] < cover["amount"].iloc[2] < cover["amount"].iloc[0]
    assert (cover["amount"] > cover["mean"]).all()


# policies compared


def slowly(name, path, value, pool, driver):
    """Overspend, stranded, escalations, revisions and value refused of a policy, month by month."""
    budgets = [pool.base]
    for month in range(1, len(path)):
        past = path[max(0, month - 3) : month]
        known = None if driver is None else driver[month - 1]
        budgets.append(
            {
                "static": pool.base,
                "rolling": max(sum(past) / len(past), 0.0),
                "run-rate": max(path[month - 1], 0.0),
                "adaptive": next_budget(pool, budgets[-1], Evidence(month, known, None, None)).budget,
            }[name]
        )
    over = [cost - budget for cost, budget in zip(path, budgets, strict=True)]
    return [
        sum(max(one, 0) for one in over),
        sum(max(-one, 0) for one in over),
        sum(escalation(budget, cost) is not None for budget, cost in zip(budgets, path, strict=True)),
        sum(abs(after - before) > 1e-9 for before, after in pairwise(budgets)),
        sum(worth * over / cost for over, cost, worth in zip(over, path, value, strict=True) if over > 0),
    ]


@LAW
@given(
    st.lists(st.lists(st.floats(-100, 1e4), min_size=6, max_size=6), min_size=1, max_size=4),
    st.none() | st.lists(st.floats(0, 1e4), min_size=6, max_size=6),
    pools(),
    st.integers(0, 999),
)
def test_policies_are_those_of_a_slow_twin(paths, driver, pool, seed):
    value = np.random.default_rng(seed).lognormal(7, 1, (len(paths), 6)) * (np.array(paths) > 1e-6)
    found = compare_policies(paths, pool, driver=driver, value=value).set_index("policy")
    for name in ("static", "rolling", "run-rate", "adaptive"):
        each = np.mean([slowly(name, *one, pool, driver) for one in zip(paths, value, strict=True)], axis=0)
        np.testing.assert_allclose(found.loc[name].to_numpy(dtype=float), each, rtol=1e-9, atol=1e-6)


def test_policies_of_all_pools_are_the_sum_of_each():
    actuals = months([100.0, 130.0, 90.0]) + months([50.0, 60.0, 10.0], pool="dev")
    whole = adaptive_budget(asked(actuals, {}, {"name": "dev"})).comparison
    parts = [adaptive_budget(asked(one)).comparison for one in (actuals[:3],)]
    parts.append(adaptive_budget(asked(actuals[3:], {"name": "dev"})).comparison)
    for column in ("overspend", "stranded", "escalations", "revisions"):
        assert whole[column].tolist() == pytest.approx((parts[0][column] + parts[1][column]).tolist())
    assert whole["policy"].tolist()[:4] == ["static", "rolling", "run-rate", "adaptive"]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: compare_policies([], PLAIN), "one number a month is needed"),
        (lambda: compare_policies([1.0, float("nan")], PLAIN), "one number a month is needed"),
        (lambda: compare_policies([1.0, 2.0], PLAIN, driver=[1.0]), "driver: 2 months are needed, got 1"),
        (lambda: compare_policies([1.0], {"name": "prod"}), "base is missing"),
        (lambda: compare_policies([1.0, 2.0], PLAIN, value=[1.0]), r"shape of spend, \(1, 2\), got \(1, 1\)"),
    ],
)
def test_a_comparison_says_what_it_needs(call, words):
    with pytest.raises(InputError, match=words):
        call()


# messages


@pytest.mark.parametrize("owner", [{}, {"owner": ""}, {"owner": " "}])
def test_a_budget_without_an_owner_is_refused(owner):
    with pytest.raises(InputError, match=r"policy.pools.prod(.owner)?: a budget without an owner is refused; name who"):
        AdaptiveBudgetInputs.build(
            {
                "actuals": months([1.0]),
                "policy": {"version": "1", "pools": [{"name": "prod", "base": 1.0} | owner]},
            }
        )


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([{}, {"name": "prod / search"}], "policy: pools: prod and prod / search are both for prod of search"),
        ([{"team": None}, {"name": "search / prod", "team": "search"}], "lines must not overlap"),
        ([{"name": "prod / a", "team": "a"}, {"name": "a / prod"}], "lines must not overlap"),
        ([{}, {}], "the name stands twice"),
        ([{"ceiling": 5.0, "floor": 6.0}], "ceiling must not be below floor, got 5 and 6"),
        (
            [{"escalation": {"vice_president": 0.4, "c_suite": 0.2}}],
            "c_suite must not be below vice_president, got 0.2",
        ),
        ([{"review_every_months": 0}], "policy.pools.prod.review_every_months must be"),
        ([{"base": -1.0}], "policy.pools.prod.base must be"),
        ([{"headrom": 0.1}], "did you mean headroom?"),
        (
            [{"headroom": 3}],
            "policy.pools.prod.headroom: a share is expected, 1 at most: 0.03 is 3 %; got 3",
        ),
        ([{"growth_cap": 3}], "prod.growth_cap: a share is expected, 2 at most: 0.03 is 3 %; got 3"),
        ([{"forecast_error": 8.7}], "prod.forecast_error: a share is expected, 2 at most: 0.087 is 8.7 %; got 8.7"),
        (
            [{"upgrade_reserve_share": 20}],
            "upgrade_reserve_share: a share is expected, usually 0.15 to 0.25, 1 at most: 0.20 is 20 %; got 20",
        ),
        ([{"ceiling": 90.0}], "pool prod: its base 100 is above its ceiling 90; lower it, or raise the ceiling"),
        ([{"floor": 110.0}], "pool prod: its base 100 is below its floor 110; raise it, or lower the floor"),
        ([{"growth_cap": 20.0}], "prod.growth_cap: a share is expected"),
        ([{"headroom": 0.1}], "pool prod: headroom needs a unit_cost_target to be above"),
        ([{"unit_cost_target": 0.0}], "pool prod: unit_cost_target must be above zero, got 0"),
        ([{"forecast_error_gate": 15}], "prod.forecast_error_gate: a share is expected"),
        ([{"escalation": {"vice_president": 20, "c_suite": 40}}], "escalation.c_suite: a share is expected"),
    ],
)
def test_a_policy_that_cannot_be_is_refused_in_words(lines, words):
    assert words in refused(months([1.0]), *lines)


def test_a_policy_without_lines_is_refused():
    with pytest.raises(InputError, match="policy: pools: at least one line is needed"):
        AdaptiveBudgetInputs.build({"actuals": months([1.0]), "policy": {"version": "1", "pools": []}})


def test_lines_of_several_teams_do_not_overlap():
    actuals = months([1.0]) + months([2.0], team="chat")
    answer = adaptive_budget(asked(actuals, {"name": "prod / search"}, {"name": "prod / chat", "team": "chat"}))
    assert [(line.team, line.pool.name) for line in answer.lines] == [
        ("chat", "prod / chat"),
        ("search", "prod / search"),
    ]


@pytest.mark.parametrize(
    ("actuals", "words"),
    [
        (months([1.0], pool="prd"), "no line for pool 'prd' of search; did you mean prod?"),
        (months([1.0]) + months([2.0]), "search prod has 2026-01 twice"),
        ([*months([1.0, 2.0, 3.0])[::2]], "search prod has no row for 2026-02; give 0 where none was"),
        (months([1.0, 2.0]) + months([1.0], team="chat"), "chat prod has no row for 2026-02; give 0 where none was"),
        ([], "at least one month is needed"),
        (months([1.0], driver=[-1.0]), "driver must be"),
    ],
)
def test_actuals_that_cannot_be_are_refused_in_words(actuals, words):
    assert words in refused(actuals)


def test_a_forecast_of_what_nobody_has_is_refused():
    one = expected("2026-02-01", 1.0)
    assert "forecast: no actuals of search prd; did you mean search prod?" in refused(
        months([1.0]), forecast=[one | {"pool": "prd"}]
    )
    assert "forecast: search prod has 2026-02 twice" in refused(months([1.0]), forecast=[one, one])


def test_every_problem_is_told_in_one_round():
    actuals = [*months([1.0, 2.0, 3.0])[::2], *months([1.0] * 3, pool="prd")]
    one = expected("2026-04-01", 1.0)
    line = {"headroom": 3.0, "floor": 200.0, "ceiling": 100.0}
    said = refused(actuals, line, forecast=[one, one, one | {"team": "serch"}, one | {"month": "2026-05", "spend": -1}])
    for words in (
        "policy.pools.prod.headroom: a share is expected",
        "ceiling must not be below floor",
        "search prod has no row for 2026-02",
        "no line for pool 'prd' of search",
        "forecast: no actuals of serch prod; did you mean search prod?",
        "forecast: search prod has 2026-04 twice",
        "forecast.4.month must be an ISO date",
    ):
        assert words in said


def test_problems_of_the_file_are_told_beside_those_of_the_policy(tmp_path):
    pd.DataFrame(months([1.0], driver=["many"])).to_csv(tmp_path / "actuals.csv", index=False)
    policy = {"version": "1", "pools": [PLAIN | {"headroom": 30.0}]}
    with pytest.raises(InputError) as caught:
        aiecon.ask("adaptive_budget", inputs={"file": str(tmp_path / "actuals.csv"), "policy": policy})
    said = "\n".join(caught.value.problems)
    assert "policy.pools.prod.headroom: a share is expected" in said
    assert "column 'driver'" in said


def test_every_problem_of_a_file_is_told_in_one_round(tmp_path):
    rows = ["2026-01-01,Search,prod,100,EUR", "2026-03-01,Search,prod,nan,EUR", "2026-03-01,Search,prod,inf,EUR"]
    rows += ["2026-03,Search,dv,x,USD", "2026-03,Search,prod,1.000,USD"]
    (tmp_path / "actuals.csv").write_text(
        "\n".join(["month,team,pool,spend,currency,drivers", *(f"{r},1" for r in rows)])
    )
    one = {"month": "2026-04-01", "team": "Search", "pool": "prod", "driver": 1.0}
    policy = {"version": "1", "currency": "GBP", "pools": [PLAIN, PLAIN | {"name": "dev"}]}
    given = {"file": str(tmp_path / "actuals.csv"), "policy": policy, "forecast": [one, one, one | {"team": "Serch"}]}
    with pytest.raises(InputError) as caught:
        aiecon.ask("adaptive_budget", inputs=given)
    said = "\n".join(caught.value.problems)
    for words in (
        "column 'spend': row 3 has 'nan', a plain number such as 12.50 is expected (rows 3, 4, 5); 3 rows break this",
        "row 4 repeats month 2026-03-01, team 'Search', pool 'prod'; one row each is expected; 2 rows repeat one",
        "row 5: column 'currency' is USD and row 2 is in EUR",
        "row 6: column 'currency' is USD and row 2 is in EUR",
        "column 'currency' is EUR and the budgets are in GBP",
        "Search prod has no row for 2026-02",
        "no line for pool 'dv' of Search; did you mean dev?",
        "forecast: Search prod has 2026-04 twice",
        "forecast: no actuals of Serch prod; did you mean Search prod?",
        "column 'drivers' is not read; did you mean 'driver'?",
    ):
        assert words in said
    assert len(caught.value.problems) == 10


def test_two_currencies_are_refused_and_one_is_taken():
    said = refused(months([1.0]), policy={"currency": "EUR"}, currency="USD")
    assert "actuals are in USD, the policy is in EUR" in said
    assert adaptive_budget(asked(months([1.0]), policy={"currency": "EUR"})).currency == "EUR"
    assert adaptive_budget(asked(months([1.0]))).currency == "USD"


def test_a_driver_of_zero_and_an_unsigned_policy_are_said():
    answer = adaptive_budget(
        asked(
            months([1.0, 2.0], driver=[0.0, 5.0]),
            {"unit_cost_target": 1.0},
            {"name": "new"},
            policy={"sign_offs": [{"name": "CFO"}, {"name": "CTO", "date": "2026-01-01"}]},
        )
    )
    notes = "\n".join(answer.notes)
    assert "search prod: its driver was 0 in 2026-01; a unit's cost is undefined there" in notes
    assert "is not signed by CFO" in notes
    assert "No actuals are of new" in notes


@pytest.mark.parametrize("forecast", [[], [expected("2026-05-01", None, driver=0.0)]])
def test_a_driver_of_zero_moves_nothing_and_is_said(forecast):
    driver = [1_000.0, 1_000.0, 1_000.0 if forecast else 0.0, 1_000.0]
    pool = {"unit_cost_target": 0.1, "headroom": 0.1, "growth_cap": 0.15}
    given = asked(months([100.0] * 4, driver=driver), pool, policy={"valid_from": "2026-01-01"}, forecast=forecast)
    answer = adaptive_budget(given)
    course = [*answer.history()["rule"], *answer.to_frame()["rule"]]
    budgets = [*answer.history()["budget"], *answer.to_frame()["budget"]]
    at = 4 if forecast else 3
    assert [place for place, rule in enumerate(course) if rule == "driver zero: stays"] == [at]
    assert budgets[at] == budgets[at - 1] > 100.0
    assert all(budget == pytest.approx(110.0) for budget in budgets[1:])
    assert f"search prod: a driver of 0 is expected at the review of 2026-0{at + 1}; a unit" in "\n".join(answer.notes)


def test_growth_of_value_from_a_loss_is_undefined():
    pool = GATED | {"value_per_cost_growth": 0.5}
    move = (
        adaptive_budget(asked(months([100.0, 110.0], driver=[1_000.0] * 2, value=[-100.0, 50.0]), pool))
        .lines[0]
        .moves[0]
    )
    assert (move.gate, move.budget) == ("held", 100.0)
    assert "growth of value, which is undefined from a loss" in move.reason


def test_credits_hold_no_negative_reserve():
    answer = adaptive_budget(asked(months([-50.0]), {"upgrade_reserve_share": 0.2}))
    assert answer.reserve == 0.0
    assert "nothing is held for upgrades: search prod" in "\n".join(answer.notes)


def test_a_pool_that_ends_without_a_driver_keeps_its_budget():
    answer = adaptive_budget(asked(months([5.0], driver=[0.0]), {"unit_cost_target": 1.0, "floor": 7.0}))
    assert answer.to_frame()["budget"].tolist() == [100.0] * 3


def test_a_base_of_zero_never_grows_and_is_said():
    answer = adaptive_budget(asked(months([5.0], driver=[100.0]), GATED | {"base": 0.0}))
    assert answer.to_frame()["budget"].tolist() == [0.0] * 3
    assert "A base of 0 grows by no growth cap, so the budget stays 0: prod" in "\n".join(answer.notes)


def test_a_file_is_read_up_to_the_day(tmp_path):
    frame = pd.DataFrame(months([110.0, 120.0, 999.0]))
    frame.assign(month=frame["month"].str[:7]).to_csv(tmp_path / "actuals.csv", index=False)
    policy = {"version": "1", "pools": [PLAIN]}
    given = {"file": str(tmp_path / "actuals.csv"), "policy": policy}
    answer = aiecon.ask("adaptive_budget", inputs=given, as_of="2026-03-15")
    assert answer.overspend == 30.0
    assert f"{answer.as_of}" == "2026-03-15"
    assert answer.to_frame()["month"].tolist() == ["2026-03", "2026-04", "2026-05"]
    assert f"{aiecon.ask('adaptive_budget', inputs=given).as_of}" == "2026-03-31"
    with pytest.raises(InputError, match=r"no month|no row lies"):
        aiecon.ask("adaptive_budget", inputs=given, as_of="2025-12-31")
    with pytest.raises(InputError, match="has not been read"):
        adaptive_budget(AdaptiveBudgetInputs.build(given))


def test_a_file_with_a_month_twice_is_refused_by_row(tmp_path):
    pd.DataFrame(months([1.0]) * 2).to_csv(tmp_path / "actuals.csv", index=False)
    with pytest.raises(InputError, match="row 3 repeats month 2026-01"):
        aiecon.ask(
            "adaptive_budget",
            inputs={"file": str(tmp_path / "actuals.csv"), "policy": {"version": "1", "pools": [PLAIN]}},
        )


def test_a_pool_is_changed_by_its_name():
    inputs = override(asked(months([5.0], driver=[1_000.0]), GATED), {"policy.pools.prod.growth_cap": 0.5})
    assert adaptive_budget(inputs).next_budget == 150.0


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (["10,USD", "10,EUR"], "row 3: column 'currency' is EUR and row 2 is in USD; convert one at a dated rate"),
        (["10,EUR", "10,"], "column 'currency' is EUR and the budgets are in USD; convert one"),
    ],
)
def test_actuals_of_another_currency_are_refused(tmp_path, rows, words):
    path = tmp_path / "actuals.csv"
    lines = [f"2026-0{place}-01,Search,prod,{row}" for place, row in enumerate(rows, 1)]
    path.write_text("\n".join(["month,team,pool,spend,currency", *lines]) + "\n")
    pools = [{"name": "prod", "owner": "o", "base": 100}]
    given = {"file": str(path), "policy": {"version": "1", "pools": pools, "currency": "USD"}}
    with pytest.raises(InputError) as caught:
        adaptive_budget(aiecon.resolve(AdaptiveBudgetInputs.build(given)))
    assert words in str(caught.value)


def test_the_currency_of_the_file_is_that_of_the_budgets(tmp_path):
    path = tmp_path / "actuals.csv"
    path.write_text("month,team,pool,spend,currency\n2026-01-01,Search,prod,10,EUR\n")
    given = {"file": str(path), "policy": {"version": "1", "pools": [{"name": "prod", "owner": "o", "base": 100}]}}
    assert adaptive_budget(aiecon.resolve(AdaptiveBudgetInputs.build(given))).currency == "EUR"


@FEW
@given(st.floats(1_000, 1e6), st.floats(0.001, 0.5), st.sampled_from([0.1, 0.3, 0.5, 0.7]))
def test_a_value_gate_that_is_met_exactly_is_passed(cost, growth, per_cost):
    pool = Pool(name="prod", owner="o", base=100, value_per_cost_growth=per_cost)
    value = 7.0 * cost
    grown = (cost * (1 + growth) / cost - 1, value * (1 + growth * per_cost) / value - 1)
    met, missed = (Evidence(3, 1.0, grown[0], value) for value in (grown[1], grown[1] - 1e-6))
    assert joint(review(pool, met)) == "passed"
    assert joint(review(pool, missed)) == "failed"


def test_a_missing_forecast_error_hides_no_failed_value_gate():
    pool = Pool(**(PLAIN | GATED | {"forecast_error_gate": 0.15, "value_per_cost_growth": 0.5}))
    move = next_budget(pool, 100.0, Evidence(0, 150.0, 0.2, 0.05))
    assert [(gate.name, gate.verdict) for gate in move.gates] == [("forecast gate", "held"), ("value gate", "failed")]
    assert (move.gate, move.rule, move.budget) == ("failed", "forecast gate and value gate", 100.0)
    assert "forecast gate: error of the last forecast: no evidence" in move.reason
    assert "value gate: growth of value is 5.0%; at least 10.0% is asked" in move.reason


def test_a_limit_that_moves_a_budget_between_reviews_is_named():
    pool = Pool(**(PLAIN | {"review_every_months": 3, "ceiling": 90.0}))
    move = next_budget(pool, 100.0, Evidence(1, None, None, None))
    assert (move.budget, move.rule, move.is_review) == (90.0, "ceiling", False)


def test_the_table_tells_the_verdict_of_each_gate():
    pool = GATED | {"forecast_error_gate": 0.15, "forecast_error": 0.1}
    row = adaptive_budget(asked(months([1.0]), pool)).to_frame().iloc[0]
    assert (row["gate"], row["forecast_gate"], row["value_gate"]) == ("passed", "passed", "not asked")
