"""The words of the tiering page: every verdict, where the choice turns, the claim's cases, and what is not known."""

import numpy as np
import pytest

import aiecon
from aiecon.charts.tiering import shares_words
from aiecon.errors import InputError
from aiecon.report import asking
from aiecon.report.pages import tiering as page
from aiecon.report.pages.tiering import turns
from aiecon.report.pages.tiering.claim import rungs
from aiecon.report.pages.tiering.review import from_card
from aiecon.vocabulary.overrides import is_field

THREE = {
    "tiers": [
        {"name": "small", "share": 0.7, "price": {"cost_per_request": 1.0}, "success_rate": 0.6, "review_cost": 0.5},
        {"name": "middle", "share": 0.2, "price": {"cost_per_request": 4.0}, "success_rate": 0.8, "review_cost": 0.5},
        {"name": "large", "share": 0.1, "price": {"cost_per_request": 10.0}, "success_rate": 0.9, "review_cost": 0.5},
    ]
}
CHAIN = THREE | {"escalate": ["small", "middle", "large"]}


def ask(inputs=None, **changes):
    return aiecon.ask("tiering", inputs=inputs, changes=changes, profile="fast")


@pytest.fixture(scope="module")
def sample(sample_answers):
    return sample_answers("tiering", "fast")


def cells(block):
    return " ".join(" ".join(row) for row in block.content["rows"])


def test_the_sample_is_fed_by_rows_of_list_items_and_says_that_it_is_synthetic(sample):
    rows = sample.inputs.assumption_rows
    assert {"tiers.economy.review_cost", "levers.Prompt caching.saving"} <= set(rows)
    assert page.is_synthetic(sample)
    assert sample.inputs.levers[0].effort_cost == 15_000


def test_rows_of_items_feed_no_table_of_a_users_own():
    answer = ask({"tiers": [{**THREE["tiers"][0], "name": "economy", "share": 1.0, "review_cost": 0.0}]})
    assert not [name for name in answer.inputs.assumption_rows if "." in name]
    assert not page.is_synthetic(answer)


def test_a_row_for_an_item_that_is_not_there_feeds_nothing():
    model = type(ask(THREE).inputs)
    assert is_field(model, "tiers.whatever.review_cost")
    assert not is_field(model, "tiers.whatever.revue_cost")
    raw = {"tiers": [{"name": "small"}]}
    assert asking._feeds("tiers.small.review_cost", raw, is_sample=True)
    assert not asking._feeds("tiers.other.review_cost", raw, is_sample=True)


def test_a_changed_field_is_no_longer_the_row():
    answer = ask(None, **{"tiers.economy.review_cost": 0.01})
    assert "tiers.economy.review_cost" not in answer.inputs.assumption_rows


def test_the_sentence_has_the_mix_the_saving_its_range_and_the_best(sample):
    words = page.sentence(sample)
    assert words.startswith("Entering 70 % economy, 20 % standard, 10 % premium saves 18 % of the cost of an accepted")
    assert "against today's all standard (80 % range" in words
    assert words.endswith("entering all at economy would save 29 %.")


@pytest.mark.parametrize(
    ("inputs", "changes", "verdict", "words"),
    [
        (None, {}, "act", "would save"),
        (
            CHAIN,
            {"tiers.small.share": 1.0, "tiers.middle.share": 0.0, "tiers.large.share": 0.0},
            "fine",
            "no other mix",
        ),
        (CHAIN, {"baseline": "small"}, "act", "costs"),
        (THREE, {"minimum_success_rate": 0.95}, "act", "no mix reaches what is asked"),
        (THREE, {"minimum_success_rate": 0.85}, "act", "large"),
    ],
)
def test_the_verdict_follows_the_saving_and_the_quality(inputs, changes, verdict, words):
    answer = ask(inputs, **changes)
    assert page.verdict(answer) == verdict
    assert words in page.sentence(answer)


def test_an_unsure_saving_is_watched():
    wide = {"shape": "uniform", "low": 0.5, "high": 9.0, "value": 3.0}
    tiers = [
        {"name": "small", "share": 1.0, "price": {"cost_per_request": wide}},
        {"name": "large", "share": 0.0, "price": {"cost_per_request": 5.0}},
    ]
    answer = ask({"tiers": tiers, "baseline": "large"})
    assert 0.5 < answer.saves_probability < 0.9
    assert page.verdict(answer) == "watch"


def test_the_decision_names_where_requests_enter_and_by_when(sample):
    content = page.decision(sample).content
    assert "every request enter at economy, failed attempts along economy → standard → premium" in content["what"]
    assert "2026-06-30" in content["by"]
    assert len(content["changes"]) == 3


def test_no_mix_is_better_than_a_cheap_baseline():
    what = page.decision(ask(CHAIN, baseline="small", **{"tiers.large.price": {"cost_per_request": 90.0}})).content[
        "what"
    ]
    assert "all small" in what or "Keep" in what


def test_below_the_turning_success_the_small_tier_loses_requests(sample):
    small = turns.small_tier(sample)
    at = turns.success_turn(sample, small)
    assert small.name == "economy"
    for rate, is_best in ((at + 0.005, True), (at - 0.005, False)):
        best = ask(None, **{"tiers.economy.success_rate": rate}).best_mix
        assert (best["economy"] == 1.0) is is_best


def test_above_the_turning_price_the_small_tier_loses_requests():
    answer = ask(CHAIN)
    times = turns.price_turn(answer, turns.small_tier(answer))
    for factor, is_best in ((0.99, True), (1.01, False)):
        best = ask(CHAIN, **{"tiers.small.price": {"cost_per_request": factor * times}}).best_mix
        assert (best["small"] == 1.0) is is_best


def test_at_the_turning_review_the_mix_saves_nothing():
    answer = ask(CHAIN)
    more = turns.review_turn(answer)
    changes = {f"tiers.{name}.review_cost": 0.5 + more for name in ("small", "middle", "large")}
    assert ask(CHAIN, **changes).saving_share == pytest.approx(0.0, abs=2e-3)


def test_the_shadow_price_is_what_a_point_of_success_costs():
    answer = ask(THREE, minimum_success_rate=0.85)
    other = ask(THREE, minimum_success_rate=0.86)
    against = answer.baseline_cost_per_accepted
    assert answer.point_price == pytest.approx(against * (answer.best_saving_share - other.best_saving_share))
    assert "A point of success at the 85 % asked costs" in page.confidence(answer).html.replace(
        "\N{NO-BREAK SPACE}", " "
    )


def test_the_claim_is_tried_on_ladders_of_several_providers_and_days(sample):
    found = rungs(sample)
    assert len({rung.provider for rung in found}) >= 4
    assert len({rung.since for rung in found}) >= 8
    assert all(rung.since <= sample.as_of for rung in found)
    haiku = found[0]
    assert haiku.read == pytest.approx(1 - (0.7 * 0.25 + 0.2 * 3 + 0.1 * 15) / 15)
    assert any(rung.read < 0.6 for rung in found)
    assert any(rung.read > 0.8 for rung in found)


def test_failures_take_from_every_ladder_and_the_page_counts_the_cases(sample):
    found = rungs(sample)
    assert all(rung.quality < max(rung.read, rung.written) for rung in found)
    short = sum(rung.quality < 0.6 for rung in found)
    assert f"{short} of {len(found)} stay below what is claimed" in " ".join(page.claim(sample).content["paragraphs"])
    assert sum("below" in row for row in page.claim_table(sample).content["rows"]) == short


def test_without_three_tiers_or_success_the_claim_is_held_against_list_prices_alone():
    block = page.claim(ask({"tiers": [{"name": "one", "share": 1.0, "price": {"cost_per_request": 1.0}}]}))
    assert "No success rate is known here" in " ".join(block.content["paragraphs"])


def test_the_lever_table_adds_up_and_repays(sample):
    rows = page.levers(sample).content["rows"]
    assert rows[-1][0] == "All"
    assert rows[-1][2] == f"−{100 * sample.saving_share:.1f} %"
    caching = next(row for row in rows if row[0].startswith("Prompt caching"))
    gain = sample.lever_savings["Prompt caching"] * 3_154_000
    assert caching[-1] == f"{15_000 / gain:.1f}"


def test_the_tier_table_says_what_success_rests_on(sample):
    assert "150 of 250" in cells(page.tiers(sample))
    assert "Baseline: all standard" in cells(page.tiers(sample))


@pytest.mark.parametrize(
    "inputs",
    [
        {"tiers": [{"name": "one", "share": 1.0, "price": {"cost_per_request": 1.0}}]},
        {"tiers": [{"name": "one", "share": 1.0, "price": {"cost_per_request": 0.0}}]},
        {"tiers": [{"name": "one", "share": 1.0, "price": {"cost_per_request": 1.0}, "success_rate": 0.0}]},
        THREE,
        CHAIN | {"minimum_success_rate": 0.999},
    ],
)
def test_the_page_stands_whatever_is_left_out(inputs):
    answer = ask(inputs)
    for name in page.__all__:
        assert getattr(page, name)(answer) is not None
    assert page.headline(answer).content["verdict"] in ("act", "watch", "fine")


def test_shares_in_words_leave_out_what_is_not_used():
    assert shares_words({"a": 0.6, "b": 0.0, "c": 0.4}) == "60 % a, 40 % c"
    assert shares_words({"a": 1.0, "b": 0.0}) == "all a"


def test_the_same_question_gives_the_same_figures(sample):
    assert np.array_equal(sample.drawn_savings, ask().drawn_savings)


def test_a_mix_that_does_not_add_up_is_refused_from_the_door():
    with pytest.raises(InputError, match="shares must add up to 1"):
        ask(None, **{"tiers.economy.share": 0.5})


def test_from_the_turning_share_of_wrong_hits_a_semantic_cache_costs_more_than_it_saves():
    kept = {"hit_rate": 0.4, "wrong_hit_share": 0.02, "wrong_hit_cost": 3.0, "lookup_cost": 0.05}
    inputs = CHAIN | {"levers": [{"name": "Kept answers", "applies_to": "all", "semantic_cache": kept}]}
    answer = ask(inputs)
    turn, bare = turns.wrong_turn(answer, answer.inputs.levers[0]), ask(CHAIN).saving_share
    assert 0.02 < turn < 1
    field = "levers.Kept answers.semantic_cache.wrong_hit_share"
    for wrong, pays in ((turn - 0.002, True), (turn + 0.002, False)):
        assert (ask(inputs, **{field: wrong}).saving_share > bare) is pays
    words = " ".join(page.decision(answer).content["changes"]).replace("\N{NO-BREAK SPACE}", " ")
    assert "wrong hits Kept answers costs more than it saves; here 2.0 %." in words
    assert "Kept answers (all)" in cells(page.levers(answer))


LIMITED = CHAIN | {
    "tiers": [THREE["tiers"][0] | {"is_local": True, "fixed_cost_per_month": 2_000.0}, *THREE["tiers"][1:]],
    "requests_per_month": 10_000,
    "minimum_success_rate": 0.9,
    "minimum_local_share": 0.5,
    "residency": [
        {"name": "EU", "share": 0.4, "tiers": ["small", "middle"]},
        {"name": "rest", "share": 0.6, "tiers": ["small", "middle", "large"]},
    ],
}


def test_the_page_says_what_is_asked_who_keeps_it_and_what_it_costs(sample):
    answer = ask(LIMITED)
    rows = {row[0]: row[1:] for row in page.limits(answer).content["rows"]}
    assert rows["Requests of EU stay with small, middle"][1:3] == ["missed", "kept"]
    assert rows["Requests that enter at local models, at least"][0] == "50.0 %"
    free = ask({key: value for key, value in LIMITED.items() if key != "minimum_local_share"}).best_saving_share
    points = 100 * (free - answer.best_saving_share)
    assert rows["Requests that enter at local models, at least"][-1] == (f"{points:.1f}" if points >= 0.05 else "–")
    assert rows["USD a month for small once it is used"][:3] == ["2,000", "used", "used"]
    assert page.verdict(answer) == "act"
    assert "What a tier costs by the month" in page.tiers(answer).content["note"]
    assert page.limits(sample).content == {}
    for name in page.__all__:
        assert getattr(page, name)(answer) is not None


def test_limits_that_no_mix_keeps_say_what_lifting_one_would_save():
    rows = page.limits(ask(LIMITED | {"minimum_success_rate": 0.985})).content["rows"]
    assert any(row[3] == "–" and "all of" in row[4] for row in rows)


def test_a_price_not_seen_for_long_is_flagged_with_its_day_on_the_page_and_in_a_note(sample):
    assert sample.inputs.stale_after_days == 92
    assert page.stale(sample).content == {}
    answer = ask(None, as_of="2026-11-26")
    words = page.stale(answer).content["paragraphs"][0]
    assert "economy last seen on 2026-06-06, 173 days ago" in words
    stale = [note for note in answer.notes if "Stale price of" in note]
    assert sum("candidate" not in note for note in stale) == len(answer.stale) == 3
    assert sum("candidate" in note for note in stale) == 2
    assert "2026-06-06: 173 days, stale" in cells(page.prices(answer))
    assert ask(None, as_of="2026-11-26", stale_after_days=200).notes == sample.notes


def test_a_mix_on_stale_prices_is_watched():
    seen = {"price_seen": "2026-01-01", "success_rate": 0.9}
    inputs = CHAIN | {"tiers": [THREE["tiers"][0] | seen | {"share": 1.0}, THREE["tiers"][2] | {"share": 0.0}]}
    inputs |= {"escalate": ["small", "large"], "as_of": "2026-03-31"}
    assert [page.verdict(ask(inputs, stale_after_days=days)) for days in (88, 89)] == ["watch", "fine"]


def test_a_price_that_the_card_has_replaced_says_so():
    price = {"provider": "openai", "model": "gpt-4o", "input_per_mtok": 5.0, "output_per_mtok": 15.0}
    shape = {"input_tokens_per_request": 1_000, "output_tokens_per_request": 100}
    tiers = [{"name": "old", "share": 1.0, "price": price}]
    answer = ask({"tiers": tiers, "shape": shape, "as_of": "2026-03-31"})
    assert "; replaced on 2024-" in cells(page.prices(answer))
    assert answer.stale["old"] > 365


def test_the_model_review_has_candidates_and_new_rows_of_the_card_with_saving_range_and_verdict(sample):
    block = page.review(sample).content
    rows = {row[1].split(",")[0]: row for row in block["rows"]}
    assert set(rows) == {"gpt-5.4-nano", "gpt-5.4-mini", "claude-sonnet-4-6"}
    assert rows["gpt-5.4-mini"][-1] == "evaluate"  # from the card: its success is that of gpt-5
    assert "71.2 %*" in rows["gpt-5.4-mini"][3]
    assert rows["claude-sonnet-4-6"][3].startswith("81.6 %;")
    switch = next(one for one in sample.switches if one.candidate.tier == "premium")
    assert rows["claude-sonnet-4-6"][4] == f"{switch.saving_per_month:,.0f}"
    assert rows["claude-sonnet-4-6"][-1] == switch.verdict
    assert "Switching one costs 6,000 once" in block["note"]


def test_rows_of_the_card_are_new_and_cost_no_more_than_the_tier(sample):
    for tier in sample.inputs.tiers:
        for one in from_card(sample, tier):
            assert sample.inputs.last_review < one.price.effective_from <= sample.as_of
            assert sample.inputs.shape.cost(one.price) <= sample.inputs.shape.cost(tier.price)
            assert one.price.provider == tier.price.provider


def test_a_review_without_candidates_or_new_rows_says_so():
    assert page.review(ask(CHAIN)).content == {}
    words = page.review(ask(CHAIN, last_review="2026-01-01")).content["paragraphs"]
    assert words == ["No row of the rate card since 2026-01-01 costs as little as the model of a tier."]
    one = {"name": "new", "tier": "small", "price": {"cost_per_request": 0.5}}
    block = page.review(ask(CHAIN | {"candidates": [one]})).content
    assert block["rows"][0][-2:] == ["–", "evaluate"]
    assert block["columns"][4] == "Saved 1,000 requests"
    assert "No cost of switching is given" in block["note"]


def test_the_shadow_price_of_success_holds_with_regions_and_a_cost_by_the_month():
    inputs = LIMITED | {"escalate": [], "minimum_success_rate": 0.75, "minimum_local_share": 0.1}
    answer, other = ask(inputs), ask(inputs, minimum_success_rate=0.76)
    costs = [(1 - one.best_saving_share) * one.baseline_cost_per_accepted for one in (answer, other)]
    assert answer.point_price == pytest.approx(costs[1] - costs[0])
    assert costs[1] > costs[0]


def test_a_coin_toss_is_not_fine():
    even = {"shape": "beta", "successes": 80, "failures": 20}
    tiers = [
        {"name": "a", "share": 1.0, "price": {"cost_per_request": 1.0}, "success_rate": even},
        {"name": "b", "share": 0.0, "price": {"cost_per_request": 5.0}, "success_rate": 0.9},
    ]
    sure, toss = (ask({"tiers": tiers, "baseline": "b", "minimum_success_rate": wanted}) for wanted in (0.6, 0.8))
    assert [page.verdict(one) for one in (sure, toss)] == ["fine", "watch"]
    assert "accepts the 80 % asked in" in str(page.confidence(toss).content)


def test_below_the_turn_nothing_reaches_what_is_asked_any_more():
    tiers = [{"name": "a", "share": 1.0, "price": {"cost_per_request": 1.0}, "success_rate": 0.9}]
    tiers.append({"name": "b", "share": 0.0, "price": {"cost_per_request": 9.0}, "success_rate": 0.5})
    words = turns.turns(ask({"tiers": tiers, "baseline": "b", "minimum_success_rate": 0.85}))
    assert "Below 85 % success of a no mix reaches what is asked any more; here 90 %." in words


def test_a_mix_that_misses_what_is_asked_says_so_in_its_headline():
    words = page.sentence(ask(CHAIN, escalate=[], minimum_success_rate=0.85))
    assert words.endswith(
        "the mix misses what is asked: requests accepted 67 %, at least 85 % asked (18 points too few)."
    )


def test_the_claim_is_not_called_true_on_list_prices_alone():
    shape = {"input_tokens_per_request": 1_000.0, "output_tokens_per_request": 100.0}
    two = ask({"tiers": [CHAIN["tiers"][0] | {"share": 1.0}, CHAIN["tiers"][2] | {"share": 0.0}]})
    assert "The ladders have 3 models and this page 2 tiers" in str(page.claim(two).content)
    assert not any("as claimed" in row or "above" in row for row in page.claim_table(two).content["rows"])
    assert "How many tokens a request at small, middle, large has" in str(page.claim(ask(CHAIN)).content)
    own = ask({"tiers": [one | {"shape": shape} for one in CHAIN["tiers"]]})
    together = ask(THREE | {"shape": shape})
    assert [rung.quality for rung in rungs(own)] == pytest.approx([rung.quality for rung in rungs(together)])


def test_a_later_lever_is_repaid_after_it_starts():
    levers = [
        {"name": name, "applies_to": "small", "saving": 0.1, "effort_cost": 500_000.0, "from_month": month}
        for name, month in (("now", 1), ("later", 7))
    ]
    rows = page.levers(ask(CHAIN, levers=levers, requests_per_month=1_000.0)).content["rows"]
    now, later = (float(row[-1].replace(",", "")) for row in rows if "small" in row[0])
    assert later == pytest.approx(now + 6)
    assert "," in rows[1][-1]


def test_retries_and_checks_are_told_with_what_is_taken_of_them():
    check = {"cost_per_request": 0.01, "filtered_share": 0.2, "wrongly_filtered_share": 0.05}
    stages = {"tiers.small.attempts": 3, "tiers.small.repeat_failure_share": 0.4, "tiers.large.check": check}
    words = " ".join(page.method(ask(CHAIN, **stages)).content["paragraphs"])
    assert "up to 3 attempts at small; 40.0 % of failed requests are taken to fail at every retry too." in words
    assert "A check before large filters out 20.0 % of what comes there, 5.0 % of it wrongly" in words
    words = " ".join(page.method(ask(CHAIN, **{"tiers.small.attempts": "until accepted"})).content["paragraphs"])
    assert "attempts until one is accepted at small; each retry is taken to fail by itself, a judgement" in words


def decided_move(answer):
    (found,) = page.decision(answer).content["moves"]
    return found


def test_the_move_is_what_is_decided_with_the_same_figure(sample):
    found, what = decided_move(sample), page.decision(sample).content["what"]
    assert what.startswith(found["what"])
    assert found["saved"] == {one.key: one.value for one in sample.summary()}["best_saving_per_month"]
    assert "12.9 thousand USD a month" in what.replace("\N{NO-BREAK SPACE}", " ")
    assert f"{found['saved'] / 1e3:.1f}" == "12.9"
    assert found["condition"] == ""


def test_no_money_is_promised_against_a_spend_that_nobody_said_is_there():
    found = decided_move(ask(CHAIN, requests_per_month=1_000.0))
    assert found["saved"] is None
    assert found["said"].endswith("% of all on the dearest")
    assert decided_move(ask(CHAIN, requests_per_month=1_000.0, baseline="large"))["saved"] > 0


def test_what_routing_leaves_of_the_tokens_is_counted_at_as_many_accepted_answers():
    tiers = [{**tier, "share": 0.0} for tier in THREE["tiers"][:2]] + [{**THREE["tiers"][2], "share": 1.0}]
    found = decided_move(ask({"tiers": tiers, "baseline": "large"}))
    assert found["what"] == "Let every request enter at small"
    assert found["of_tokens"] == pytest.approx(1 - 1.0 / 10.0 * 0.9 / 0.6)


def test_where_no_mix_reaches_what_is_asked_the_move_saves_nothing():
    found = decided_move(ask(THREE, minimum_success_rate=0.99))
    assert found["what"].startswith("Lower what is asked of the mix")
    assert found["saved"] == 0
