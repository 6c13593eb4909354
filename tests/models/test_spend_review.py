"""The spend review by definition: every key, every kind of period, what is missing, and the laws it obeys."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import LAW_WITH_FILES

import aiecon
from aiecon import resources
from aiecon.errors import FrameError, InputError
from aiecon.models.spend_review import SpendReviewInputs, peer_outliers, phantom_bill, trace_cost
from aiecon.models.spend_review.economics import unit_economics, wilson_interval
from aiecon.report.pages import spend_review as page
from aiecon.vocabulary.spend import TOKEN_COLUMNS

# month, team, use case, model, input tokens, requests, billed
ROWS = [
    ("2025-11-03", "a", "case", "big", 1_000_000, 100, 10.0),
    ("2025-12-03", "b", "draft", "small", 2_000_000, 400, 4.0),
    ("2026-01-05", "a", "case", "big", 2_000_000, 150, 18.0),
    ("2026-02-05", "b", "draft", "small", 3_000_000, 500, 6.0),
    ("2026-02-06", None, None, None, 0, 0, 5.0),
    ("2026-03-31", "a", "case", None, 0, 0, 1.0),
]
OUTCOMES = [
    ("2025-12-01", "case", "resolved", 4, 20.0),
    ("2026-01-01", "case", "resolved", 8, 50.0),
    ("2026-01-01", "case", "Escalated", 2, 3.0),
    ("2026-02-01", "draft", "approved", 30, 10.0),
    ("2026-02-01", "draft", "rejected", 10, 0.0),
    ("2026-04-01", "case", "resolved", 99, 99.0),
]


def bill(rows=ROWS, **columns):
    frame = pd.DataFrame(
        rows, columns=["day", "x_Team", "x_UseCase", "x_ModelId", "x_InputTokens", "x_Requests", "BilledCost"]
    )
    start = pd.to_datetime(frame.pop("day"))
    whole = frame.assign(
        BillingCurrency="USD",
        ChargePeriodStart=start,
        ChargePeriodEnd=start + pd.Timedelta(days=1),
        x_Layer=np.where(frame["x_ModelId"].isna(), "saas", "model"),
        ServiceName="svc",
    )
    return whole.assign(**columns)


@pytest.fixture
def ask(tmp_path):
    """Ask about charges, with the outcomes or without."""

    def asked(frame=None, *, outcomes=None, **fields):
        path = tmp_path / "spend.parquet"
        (bill() if frame is None else frame).to_parquet(path)
        if outcomes is not None:
            columns = ["date", "use_case", "outcome", "count", "value"]
            pd.DataFrame(outcomes, columns=columns).to_csv(tmp_path / "outcomes.csv", index=False)
            fields["outcomes"] = str(tmp_path / "outcomes.csv")
        return aiecon.ask("spend_review", inputs={"spend": str(path), **fields})

    return asked


def summary(answer):
    return {metric.key: metric.value for metric in answer.summary()}


def test_keys_are_those_of_the_contract_by_definition(ask):
    found = summary(ask(outcomes=OUTCOMES))
    assert found["billed_cost"] == pytest.approx(30)
    assert found["effective_cost"] == pytest.approx(30)
    assert found["before_cost"] is None  # the charges begin on 3 November, the quarter before on 1 October
    assert found["attributed_share"] == pytest.approx(25 / 30)
    assert found["phantom_cost"] == pytest.approx(5)
    assert found["cost_per_outcome"] == pytest.approx(30 / 38)
    assert found["roi"] == pytest.approx(60 / 30)
    assert found["model_efficiency_ratio"] == pytest.approx(24 / 650)
    assert [found[f"{name}_effect"] for name in ("price", "volume", "mix", "other")] == [None] * 4


def test_price_volume_and_mix_are_the_formula_by_model_and_close_with_the_rest(ask):
    answer = ask(period="2026-01-01..2026-03-31", compare_to="2025-11-03..2025-12-31")
    before = pd.DataFrame({"item": ["big", "small"], "quantity": [1.0, 2.0], "price": [10.0, 2.0]})
    now = pd.DataFrame({"item": ["big", "small"], "quantity": [2.0, 3.0], "price": [9.0, 2.0]})
    known = aiecon.price_volume_mix(before, now)
    effects = answer.effects
    assert effects["price"] == pytest.approx(known.price_effect) == pytest.approx(-2)
    assert effects["volume"] == pytest.approx(known.volume_effect)
    assert effects["mix"] == pytest.approx(known.mix_effect)
    assert effects["other"] == pytest.approx(6)
    assert sum(effects.values()) == pytest.approx(answer.billed_cost - answer.before_cost)


def test_the_bridge_goes_from_one_total_to_the_other(ask):
    answer = ask(period="2026-01-01..2026-03-31", compare_to="2025-11-03..2025-12-31")
    rows = answer.bridge
    assert (rows["kind"].iloc[0], rows["kind"].iloc[-1]) == ("start", "end")
    assert rows["amount"].iloc[:-1].sum() == pytest.approx(rows["amount"].iloc[-1])
    assert rows["total"].iloc[-2] == pytest.approx(rows["total"].iloc[-1])


def test_without_tokens_the_bridge_is_by_owner(ask):
    frame = bill().drop(columns=["x_InputTokens", "x_ModelId"])
    answer = ask(frame, period="2026-01", compare_to="2025-12")
    assert answer.effects is None
    steps = answer.bridge.set_index("step")["amount"]
    assert steps["a"] == pytest.approx(18)
    assert steps["b"] == pytest.approx(-4)


def test_the_three_factors_close_to_the_change_of_token_spend(ask):
    answer = ask(period="2026-02", compare_to="2025-12")
    table = answer.factors.set_index("factor")
    assert table.loc["requests", ["before", "now"]].tolist() == [400, 500]
    assert table.loc["tokens_per_request", "now"] == pytest.approx(6_000)
    assert table["effect"].sum() == pytest.approx(2)


def use(*rows):
    """Day, user, model, tokens, requests, billed."""
    told = [(day, "a", "case", model, tokens, requests, billed) for day, _, model, tokens, requests, billed in rows]
    return bill(told, x_User=[row[1] for row in rows])


USE = use(
    ("2026-02-01", "ann", "big", 1_000_000, 100, 10.0),
    ("2026-02-02", "bob", "small", 1_000_000, 100, 2.0),
    ("2026-03-01", "ann", "big", 1_000_000, 100, 8.0),
    ("2026-03-02", "bob", "small", 2_000_000, 150, 4.0),
    ("2026-03-31", "cy", "small", 3_000_000, 150, 6.0),
)


def test_users_requests_tokens_mix_and_price_are_effects_that_close(ask):
    answer = ask(USE, period="2026-03")
    table = answer.factors.set_index("factor")
    assert list(table.index) == ["users", "requests_per_user", "tokens_per_request", "mix", "price_per_mtok"]
    assert table.loc["users", ["before", "now"]].tolist() == [2, 3]
    assert table.loc["requests_per_user", "now"] == pytest.approx(400 / 3)
    assert table["effect"].sum() == pytest.approx(18 - 12, abs=1e-9)
    assert table.loc["users", "effect"] > 0 > table.loc["mix", "effect"]
    assert table.loc["price_per_mtok", "effect"] < 0


def test_a_price_that_stays_has_no_effect_however_the_mix_moves(ask):
    rows = USE.assign(BilledCost=[10.0, 2.0, 10.0, 4.0, 6.0])
    table = ask(rows, period="2026-03").factors.set_index("factor")
    assert table.loc["price_per_mtok", "effect"] == pytest.approx(0, abs=1e-9)
    assert table["effect"].sum() == pytest.approx(20 - 12)


def test_the_two_effects_of_price_are_told_apart_where_they_stand_together(ask):
    answer = ask(USE, period="2026-03")
    said = page.why(answer).html.replace("\N{NO-BREAK SPACE}", " ")
    assert "in the bridge, which counts the change of price on all tokens of now" in said
    assert "Price a token, same models, tokens now" in set(answer.bridge["step"])


def test_tokens_without_requests_or_model_change_no_requests_and_no_price(ask):
    counted = [(day, "a", "b", "m1", 1_000_000, 100, 10.0) for day in ("2026-02-01", "2026-03-01")]
    bare = [
        ("2026-02-02", "a", "b", "m2", 10_000_000, None, 100.0),
        ("2026-03-31", "a", "b", "m2", 5_000_000, None, 50.0),
    ]
    unnamed = [("2026-02-02", "a", "b", None, 9_000_000, 1, 90.0), ("2026-03-02", "a", "b", None, 9_000_000, 1, 9.0)]
    answer = ask(bill([*counted, *bare, *unnamed]), period="2026-03")
    table = answer.factors.set_index("factor")
    assert table.loc["tokens_per_request", ["before", "now"]].tolist() == [10_000, 10_000]
    assert table["effect"].tolist() == pytest.approx([0.0] * len(table), abs=1e-9)
    assert "Left out: 59.0" in page.why(answer).html.replace("\N{NO-BREAK SPACE}", " ")
    assert answer.effects["price"] == pytest.approx(0, abs=1e-9)
    assert answer.effects["other"] == pytest.approx(-81)
    assert answer.bridge["amount"].iloc[1:-1].sum() == pytest.approx(69 - 200)


def test_where_a_month_names_no_user_requests_stay_whole(ask):
    rows = USE.assign(x_User=[None, None, "ann", "bob", "cy"])
    assert "requests" in set(ask(rows, period="2026-03").factors["factor"])
    inside = ask(USE, period="2026-03-01..2026-03-30", compare_to="2026-02-01..2026-02-28")
    assert "requests" in set(inside.factors["factor"])


@pytest.mark.parametrize(
    ("period", "billed", "label", "before"),
    [
        ("2026", 30.0, "2026", "2025"),
        ("2026-Q1", 30.0, "Q1 2026", "Q4 2025"),
        ("2026-02", 11.0, "February 2026", "January 2026"),
        ("2026-02-05..2026-02-05", 6.0, "2026-02-05 to 2026-02-05", "2026-02-04 to 2026-02-04"),
        ("2026-01-05..2026-02-05", 24.0, "2026-01-05 to 2026-02-05", "2025-12-04 to 2026-01-04"),
    ],
)
def test_a_period_is_a_year_a_quarter_a_month_or_two_days(ask, period, billed, label, before):
    answer = ask(period=period)
    assert answer.billed_cost == pytest.approx(billed)
    assert (answer.label, answer.before_label) == (label, before)


def test_the_default_is_the_last_whole_quarter_or_the_one_under_way(ask):
    assert ask().label == "Q1 2026"
    under_way = ask(bill([("2026-04-03", "a", "c", "m", 1, 1, 2.0), ("2026-05-03", "a", "c", "m", 1, 1, 3.0)]))
    assert under_way.label == "Q2 2026"
    assert under_way.billed_cost == pytest.approx(5)
    assert any("is not over" in note for note in under_way.notes)
    assert any("inside the period" in note for note in under_way.notes)


@pytest.mark.parametrize("text", ["2026-Q5", "soon", "2026-13", "2026-03-31..2026-03-01", "2026-1-1-1"])
def test_a_period_that_is_none_is_refused_in_words(ask, text):
    for name in ("period", "compare_to"):
        with pytest.raises(InputError, match=f"{name}: 2026, 2026-Q1, 2026-03 or .* is expected, got"):
            ask(**{name: text})


def test_what_is_compared_can_be_chosen(ask):
    answer = ask(period="2026-02", compare_to="2025-12")
    assert answer.before_cost == pytest.approx(4)
    assert answer.to_frame().set_index("item").loc["b", ["billed", "before", "change"]].tolist() == [6, 4, 2]


def test_charges_and_outcomes_after_the_day_are_not_read(ask):
    answer = ask(outcomes=OUTCOMES, as_of="2026-02-05", period="2026-Q1")
    assert answer.billed_cost == pytest.approx(24)
    assert answer.outcomes["date"].max() == pd.Timestamp("2026-02-01")
    assert answer.as_of.isoformat() == "2026-02-05"


def test_the_day_is_that_of_all_charges_whatever_the_filter_keeps(ask):
    answer = ask(where={"x_Team": "b"})
    assert answer.as_of.isoformat() == "2026-03-31"
    assert answer.billed_cost == pytest.approx(6)
    assert ask(where={"x_Team": "b"}, period="2025-12", compare_to="2025-11-03..2025-11-30").before_cost == 0


def test_mixed_currencies_are_refused(ask):
    frame = bill(BillingCurrency=["USD", "EUR"] * 3)
    with pytest.raises(InputError, match="mixes currencies"):
        ask(frame)


def test_a_period_without_charges_says_what_there_is(ask):
    with pytest.raises(InputError, match=r"no charge of .* from 2024-01-01 to 2024-12-31; it has 2025-11-03 to 2026"):
        ask(period="2024")


def test_without_outcomes_their_figures_are_none_with_words(ask):
    metrics = {metric.key: metric for metric in ask().summary()}
    assert metrics["cost_per_outcome"].value is metrics["roi"].value is None
    assert metrics["cost_per_outcome"].note
    assert metrics["roi"].note


def test_an_amortised_cost_is_its_own_and_billed_stands_in_for_it(ask):
    with_it = ask(bill(EffectiveCost=[1.0] * 6))
    assert with_it.effective_cost == pytest.approx(4)
    note = {metric.key: metric.note for metric in ask().summary()}["effective_cost"]
    assert "no EffectiveCost" in note


def test_a_bill_without_teams_is_nobodys_and_says_so(ask):
    answer = ask(bill().drop(columns="x_Team"))
    assert answer.attributed_share == 0
    assert answer.phantom_cost == answer.billed_cost
    assert answer.allocated.empty
    assert "No charge says x_Team" in answer.notes[0]
    with pytest.raises(InputError, match="'x_Team' is missing"):
        ask(bill().drop(columns="x_Team"), dimension="x_Team")


@pytest.mark.parametrize("dimension", ["x_ModelId", "ServiceName", "x_UseCase", "x_Layer"])
def test_any_column_says_whose_it_is(ask, dimension):
    answer = ask(dimension=dimension)
    assert answer.to_frame()["billed"].sum() == pytest.approx(answer.billed_cost)
    assert answer.outliers.empty


def test_value_of_outcomes_that_failed_does_not_count(ask):
    answer = ask(outcomes=OUTCOMES)
    assert answer.value == pytest.approx(60)  # the escalated case's 3 are not in it
    table = answer.unit_economics.set_index("use_case")
    assert table.loc["case", "cost_per_outcome"] == pytest.approx(19 / 8)
    assert table.loc["draft", "roi"] == pytest.approx(10 / 6)
    assert table["value"].sum() == pytest.approx(answer.value)


def test_words_of_failure_can_be_chosen(ask):
    answer = ask(outcomes=OUTCOMES, failed_outcomes=["approved"])
    assert answer.cost_per_outcome == pytest.approx(30 / (8 + 2 + 10))


def test_outcomes_of_a_use_case_without_charges_are_told(ask):
    answer = ask(outcomes=[*OUTCOMES, ("2026-03-01", "ghost", "done", 5, 1.0)])
    assert any("ghost" in note for note in answer.notes)


@pytest.mark.parametrize("method", ["even", "proportional", "shapley"])
def test_cost_without_a_team_is_allocated_to_the_cent(ask, method):
    answer = ask(allocation={"method": method})
    assert answer.allocated["shared"].sum() == pytest.approx(5, abs=1e-9)
    assert answer.allocated["total"].sum() == pytest.approx(answer.billed_cost)
    if method == "even":
        assert answer.allocated["shared"].tolist() == [2.5, 2.5]


def test_fixed_shares_are_checked_at_the_door(ask):
    assert (
        ask(allocation={"method": "fixed", "by": {"a": 0.2, "b": 0.8}}).allocated.set_index("team")["shared"]["b"] == 4
    )
    with pytest.raises(InputError, match="fixed shares are needed"):
        ask(allocation={"method": "fixed"})
    with pytest.raises(InputError, match="must add up to 1"):
        ask(allocation={"method": "fixed", "by": {"a": 0.5}})


rows = st.lists(
    st.tuples(
        st.sampled_from(["2025-10-02", "2025-12-31", "2026-01-01", "2026-02-10", "2026-03-31"]),
        st.sampled_from(["a", "b", None]),
        st.sampled_from(["case", "draft", None]),
        st.sampled_from(["big", "small", None]),
        st.integers(0, 10**7),
        st.integers(0, 1_000),
        st.integers(-500, 10**6).map(lambda cents: cents / 100),
    ),
    min_size=1,
    max_size=15,
)
ENDS = [("2025-10-01", "a", "case", "big", 10**6, 10, 3.0), ("2026-03-31", "b", "draft", "small", 10**6, 20, 4.0)]


@LAW_WITH_FILES
@given(rows, st.randoms())
def test_laws_order_does_not_matter_cells_add_up_and_doubling_doubles(tmp_path_factory, given_rows, random):
    folder = tmp_path_factory.mktemp("law")

    def asked(frame, name):
        frame.to_parquet(folder / name)
        return aiecon.ask("spend_review", inputs={"spend": str(folder / name)})

    whole = bill([*ENDS, *given_rows])
    answer = asked(whole, "whole.parquet")
    mixed = asked(whole.sample(frac=1, random_state=random.randint(0, 99)), "mixed.parquet")
    double = asked(whole.assign(BilledCost=2 * whole["BilledCost"]), "double.parquet")
    figures, again = summary(answer), summary(mixed)
    for name in ("anomalies", "peer_outliers"):
        assert again.pop(name) == figures.pop(name) == []
    assert again == pytest.approx(figures, abs=1e-9)
    for column in ("x_Team", "x_UseCase", "x_ModelId", "x_Layer"):
        assert answer.by(column)["billed"].sum() == pytest.approx(answer.billed_cost)
        assert answer.by(column)["before"].sum() == pytest.approx(answer.before_cost)
    assert answer.attributed_cost + answer.phantom_cost == pytest.approx(answer.billed_cost)
    for key in ("billed_cost", "phantom_cost", "before_cost", "price_effect", "mix_effect", "model_efficiency_ratio"):
        assert summary(double)[key] == pytest.approx(2 * summary(answer)[key], abs=1e-6)
    assert double.attributed_share == pytest.approx(answer.attributed_share)


def test_the_sample_adds_up_to_its_charges(sample_answers):
    answer = sample_answers("spend_review")
    charges = pd.read_parquet(resources.path("data/sample/spend.parquet"))
    quarter = charges[charges["ChargePeriodStart"].astype(str).str[:7].isin(["2026-01", "2026-02", "2026-03"])]
    assert answer.billed_cost == pytest.approx(quarter["BilledCost"].sum())
    assert answer.effective_cost == pytest.approx(quarter["EffectiveCost"].sum())
    tagged = quarter[quarter["x_Team"].notna()]["BilledCost"].sum()
    assert answer.attributed_share == pytest.approx(tagged / quarter["BilledCost"].sum())
    assert answer.phantom_bill["billed"].sum() == pytest.approx(answer.phantom_cost)


def test_required_tags_are_a_share_of_the_cost_a_warning_and_a_refusal_below_a_minimum(ask):
    tags = ["x_Team", "x_ModelId"]
    answer = ask(required_tags=tags)
    assert summary(answer)["tag_coverage"] == pytest.approx(24 / 30)
    assert answer.coverage.set_index("tag")["share"].to_dict() == pytest.approx(
        {"x_Team": 25 / 30, "x_ModelId": 24 / 30, "all": 24 / 30}
    )
    assert "80.0 % has every required tag (x_Team 83.3 %, x_ModelId 80.0 %)" in " ".join(answer.notes)
    assert ask(required_tags=tags, least_coverage=0.8).tag_coverage == pytest.approx(0.8)
    with pytest.raises(InputError) as error:
        ask(required_tags=tags, least_coverage=0.9)
    assert len(error.value.problems) == 3
    assert "80.0 % of the cost of Q1 2026 has all of them and least_coverage asks for 90.0 %" in error.value.problems[0]


def test_a_required_tag_that_no_charge_can_have_is_refused_and_a_minimum_needs_tags(ask):
    with pytest.raises(InputError, match="'x_CostCentre' is missing"):
        ask(required_tags=["x_CostCentre"])
    with pytest.raises(InputError, match="least_coverage: name the required_tags"):
        ask(least_coverage=0.5)
    assert "tag_coverage" not in summary(ask())


def test_the_phantom_bill_takes_any_charges():
    charges = pd.DataFrame({"billed": [6.0, 3.0, 1.0], "owner": ["a", None, "(not tagged)"]})
    assert phantom_bill(charges, "owner").to_dict("records") == [{"billed": 4.0, "share": 0.4}]
    assert phantom_bill(charges.head(1), "owner").empty
    with pytest.raises(FrameError, match="column 'x_Team' is missing"):
        phantom_bill(charges)


def peers(*rows):
    return pd.DataFrame(rows, columns=["peer", "cost", "volume"])


def test_a_peer_far_above_the_median_of_the_others_stands_out():
    found = peer_outliers(peers(("a", 100, 100), ("b", 110, 100), ("c", 90, 100), ("d", 800, 200)))
    assert found["peer"].tolist() == ["d"]
    assert found["ratio"].iloc[0] == pytest.approx(4)
    assert found["excess"].iloc[0] == pytest.approx(800 - 200)


def test_small_peers_widely_spread_ones_and_pairs_do_not():
    assert peer_outliers(peers(("a", 100, 100), ("b", 110, 100), ("c", 90, 100), ("d", 40, 9)), minimum_volume=10).empty
    assert peer_outliers(peers(("a", 20, 100), ("b", 110, 100), ("c", 400, 100), ("d", 330, 100))).empty
    assert peer_outliers(peers(("a", 100, 100), ("d", 800, 100))).empty
    with pytest.raises(InputError, match="multiple must be above 1"):
        peer_outliers(peers(), multiple=1)
    with pytest.raises(FrameError, match="column 'volume' is missing"):
        peer_outliers(peers().drop(columns="volume"))


SPANS = ["trace_id", "span_id", "parent_id", "name", "cost", "input_tokens"]


def test_a_trace_rolls_up_to_its_dearest_branch_retries_and_growth():
    rows = [
        ("t", "1", None, "agent", 0.0, 0),
        ("t", "2", "1", "search", 0.1, 100),
        ("t", "3", "1", "search", 0.1, 100),
        ("t", "4", "1", "write", 0.1, 400),
        ("t", "5", "4", "model", 0.5, 500),
    ]
    found = trace_cost(pd.DataFrame(rows, columns=SPANS))
    assert found.total == pytest.approx(0.8)
    assert found.branch == ["agent", "write", "model"]
    assert found.retries == pytest.approx(0.1)
    assert found.context_growth == pytest.approx(5)
    assert found.spans.set_index("span_id").loc["1", "total"] == pytest.approx(0.8)
    assert found.spans["depth"].tolist() == [0, 1, 1, 1, 2]


def test_steps_of_a_loop_are_no_retries_and_a_call_after_a_failure_is():
    rows = [("t", "r", None, "agent", 0.0, None, 0)]
    rows += [("t", str(step), "r", "chat", 1.0, 1_000 * step, int(step == 3)) for step in range(1, 7)]
    found = trace_cost(pd.DataFrame(rows, columns=[*SPANS, "failed"]))
    assert found.retries == 1  # the fourth, after the third failed
    assert found.context_growth == pytest.approx(6)
    again = trace_cost(pd.DataFrame([row[:5] for row in rows], columns=SPANS[:5]))
    assert again.retries == 5  # nothing tells a step from a repeat


def test_traces_with_roots_of_one_name_are_no_retries():
    rows = [(trace, "1", None, "agent", 1.0, 1) for trace in ("t", "u", "v")]
    found = trace_cost(pd.DataFrame(rows, columns=SPANS))
    assert found.retries == 0
    assert found.total == 3
    with pytest.raises(FrameError, match="a span stands twice"):
        trace_cost(pd.DataFrame([*rows, rows[0]], columns=SPANS))


def test_spans_whose_parent_is_not_there_are_roots():
    rows = [("t", "2", "gone", "orphan", 1.0, 1), ("t", "3", "3", "own parent", 2.0, 1)]
    found = trace_cost(pd.DataFrame(rows, columns=SPANS).drop(columns="input_tokens"))
    assert found.branch == ["own parent"]
    assert found.context_growth is None


@pytest.mark.parametrize(("successes", "trials"), [(-1, 5), (6, 5), (0, 0)])
def test_a_share_that_cannot_be_has_no_interval(successes, trials):
    with pytest.raises(InputError):
        wilson_interval(successes, trials)


def test_the_interval_of_an_outcome_narrows_with_the_count():
    rows = pd.DataFrame({"x_UseCase": ["few", "many", "all"], "billed": 100.0, "x_Requests": 10.0})
    outcomes = pd.DataFrame(
        [("few", "ok", 6), ("few", "failed", 4), ("many", "ok", 6_000), ("many", "failed", 4_000), ("all", "ok", 5)],
        columns=["use_case", "outcome", "count"],
    )
    table = unit_economics(rows, outcomes, ("failed",)).set_index("use_case")
    width = (table["cost_high"] - table["cost_low"]) / table["cost_per_outcome"]
    assert width["few"] > 10 * width["many"] > 0
    assert np.isnan(width["all"])
    assert (table["cost_low"] < table["cost_per_outcome"])[["few", "many"]].all()


def test_token_columns_count_each_token_once(ask):
    frame = bill(**dict.fromkeys(TOKEN_COLUMNS, 10))
    answer = ask(frame, period="2026-02", compare_to="2026-01")
    assert answer.factors.set_index("factor").loc["requests", "now"] == 500


def test_inputs_say_what_is_wrong_together():
    with pytest.raises(InputError) as error:
        SpendReviewInputs.build({"spend": "x.parquet", "outlier_multiple": 1, "perod": "2026"})
    said = "\n".join(error.value.problems)
    assert "did you mean period?" in said
    assert "outlier_multiple" in said


def test_parents_that_go_in_a_circle_are_refused_and_named():
    rows = [("t", "0", "1", "below", 1.0), ("t", "1", "2", "a", 1.0), ("t", "2", "1", "b", 2.0)]
    with pytest.raises(FrameError, match="span 1 of trace t is below itself; its parents go in a circle"):
        trace_cost(pd.DataFrame(rows, columns=SPANS[:5]))


def test_a_credit_without_a_team_hides_no_use_without_one(tmp_path):
    rows = [("search", 900.0, "Usage"), (None, 300.0, "Usage"), (None, -300.0, "Credit"), (None, 90.0, "Tax")]
    frame = pd.DataFrame(rows, columns=["x_Team", "BilledCost", "ChargeCategory"]).assign(
        ChargePeriodStart="2026-01-31", ChargePeriodEnd="2026-02-01", BillingCurrency="USD", ServiceName="models"
    )
    frame.to_csv(tmp_path / "bill.csv", index=False)
    bill = str(tmp_path / "bill.csv")
    answer = aiecon.ask("spend_review", inputs={"spend": bill, "period": "2026-01", "required_tags": ["x_Team"]})
    assert answer.owned_share == pytest.approx(0.75)
    assert answer.tag_coverage == pytest.approx(0.75)
    assert answer.unowned_cost == 300
    assert answer.phantom_cost == pytest.approx(90)
    assert answer.attributed_share == pytest.approx(900 / 990)
    sources = answer.phantom_bill.set_index("ChargeCategory")["billed"]
    assert sources.to_dict() == {"Usage": 300, "Tax": 90, "Credit": -300}
    table = answer.to_frame().set_index("item")
    assert table.loc["search", ["shared", "carried"]].tolist() == [90, 990]
    assert table["carried"].sum() == pytest.approx(990)


@pytest.mark.parametrize("period", ["2026-01", "2026-01-01..2026-01-31", "2025-12-20..2026-01-31"])
def test_a_correction_takes_off_what_it_corrects_however_the_period_is_written(ask, period):
    rows = [("2026-01-02", "a", 1000.0), ("2026-01-02", None, 1000.0), ("2026-01-20", None, -990.0)]
    frame = bill([(day, team, "case", "m", 0, 0, cost) for day, team, cost in rows], ChargeCategory="Usage")
    answer = ask(frame, period=period, required_tags=["x_Team"], as_of="2026-01-31")
    assert (answer.tag_coverage, answer.owned_share) == pytest.approx((1000 / 1010, 1000 / 1010))
    assert answer.unowned_cost == pytest.approx(10)


def test_the_cost_of_a_request_leaves_out_tokens_whose_requests_nobody_counted(tmp_path):
    rows = [("a", 50.0, 1_000, 500), ("b", 950.0, 90_000, None)]
    frame = pd.DataFrame(rows, columns=["x_Team", "BilledCost", "x_InputTokens", "x_Requests"]).assign(
        ChargePeriodStart="2026-01-31", ChargePeriodEnd="2026-02-01", BillingCurrency="USD", x_ModelId="gpt-4o"
    )
    frame.to_csv(tmp_path / "bill.csv", index=False)
    answer = aiecon.ask("spend_review", inputs={"spend": str(tmp_path / "bill.csv"), "period": "2026-01"})
    assert answer.model_efficiency_ratio == pytest.approx(0.1)
    note = next(metric.note for metric in answer.summary() if metric.key == "model_efficiency_ratio")
    assert note == "without 950.00 USD for tokens of which no requests are counted"


def test_a_period_is_held_against_a_budget_by_model_and_team(tmp_path):
    days = pd.date_range("2026-01-01", "2026-02-28")
    frame = pd.DataFrame({"ChargePeriodStart": days, "ChargePeriodEnd": days + pd.Timedelta(days=1)}).assign(
        BillingCurrency="USD", BilledCost=2.0, x_Team="a", x_ModelId="gpt-4o", x_InputTokens=1_000_000
    )
    frame.to_csv(tmp_path / "bill.csv", index=False)
    rows = [
        ("2026-01", "gpt-4o", "a", 93.0, 31e6),
        ("2026-02", "gpt-4o", "b", 30.0, 10e6),
        ("2026-03", "o3", "c", 9, 9),
    ]
    budget = pd.DataFrame(rows, columns=["month", "x_ModelId", "x_Team", "amount", "tokens"])
    budget.to_csv(tmp_path / "budget.csv", index=False)
    asked = {"spend": str(tmp_path / "bill.csv"), "budget": str(tmp_path / "budget.csv"), "period": "2026-01"}
    answer = aiecon.ask("spend_review", inputs=asked)
    assert answer.before_cost == 93
    assert answer.effects == pytest.approx({"price": -31, "volume": 0, "mix": 0, "other": 0})
    both = aiecon.ask("spend_review", inputs={**asked, "period": "2026-01-01..2026-02-28"})
    assert both.billed_cost - both.before_cost == pytest.approx(sum(both.effects.values())) == -5
    assert both.to_frame().set_index("item")["before"].to_dict() == {"a": 93, "b": 30}
    with pytest.raises(InputError, match="no row for 2026-02"):
        aiecon.ask("spend_review", inputs={**asked, "period": "2026-02-01..2026-02-28", "budget": _late(tmp_path)})
    with pytest.raises(InputError, match="compare_to: leave it out"):
        aiecon.ask("spend_review", inputs={**asked, "compare_to": "2025-12"})


def _late(folder):
    (folder / "late.csv").write_text("month,amount\n2026-03,9\n")
    return str(folder / "late.csv")


def test_a_budget_counts_by_its_days_keeps_the_filter_and_refuses_what_it_cannot_be_held_against(tmp_path):
    days = pd.date_range("2026-04-01", "2026-06-30")
    frame = pd.DataFrame({"ChargePeriodStart": days, "ChargePeriodEnd": days + pd.Timedelta(days=1)}).assign(
        BillingCurrency="USD", BilledCost=2.0, x_Team=["a", "b"] * 45 + ["a"]
    )
    frame.to_csv(tmp_path / "bill.csv", index=False)

    def ask(rows, **asked):
        (tmp_path / "budget.csv").write_text(rows)
        files = {name: str(tmp_path / f"{file}.csv") for name, file in (("spend", "bill"), ("budget", "budget"))}
        return aiecon.ask("spend_review", inputs={**files, **asked})

    months = "month,amount\n2026-04,3000\n2026-05,3100\n2026-06,900\n"
    assert ask(months, period="2026-04-10..2026-05-09").before_cost == pytest.approx(2_100 + 900)
    assert any("by their days" in note for note in ask(months, period="2026-04-10..2026-05-09").notes)
    teams = "amount,x_Team\n90,a\n500,b\n7,Legal\n"
    assert ask(teams, period="2026-Q2", where={"x_Team": "a"}).before_cost == 90
    assert any("x_Team Legal, which no charge has" in note for note in ask(teams, period="2026-Q2").notes)
    for rows, words in (
        ("month,amount\n2026-04,3000\n", "no row for 2026-05, 2026-06"),
        ("amount,currency\n9,EUR\n", "'currency' is EUR and the charges are in USD"),
        ("amount,currency\n9,EUR\n8,USD\n", "'currency' mixes EUR, USD"),
        ("amount,x_Team\n9,a\n9,a\n", "repeats x_Team 'a'"),
    ):
        with pytest.raises(InputError, match=words):
            ask(rows, period="2026-Q2")
    with pytest.raises(InputError, match="column 'x_Team' is missing"):
        ask("amount\n9\n", period="2026-Q2", where={"x_Team": "a"})
