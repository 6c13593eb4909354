"""Tiering: every definition of the contract, the best mix against a grid, its laws, chance and its messages."""

from itertools import permutations

import numpy as np
import pytest

from aiecon.errors import InputError
from aiecon.models.tiering import TieringInputs, tiering
from aiecon.vocabulary.distribution import draw
from aiecon.vocabulary.overrides import override

SHAPE = {"input_tokens_per_request": 2_000.0, "output_tokens_per_request": 500.0, "cached_input_share": 0.25}


def token(read, written, **more):
    return {"provider": "p", "model": "m", "input_per_mtok": read, "output_per_mtok": written, **more}


def tier(name, share, cost, success=None, review=None, **more):
    price = cost if isinstance(cost, dict) else {"cost_per_request": cost}
    rest = {key: value for key, value in (("success_rate", success), ("review_cost", review)) if value is not None}
    return {"name": name, "share": share, "price": price, **rest, **more}


def asked(*tiers, **more):
    return TieringInputs.build({"tiers": list(tiers), **more})


def ask(*tiers, **more):
    return tiering(asked(*tiers, **more))


THREE = (
    tier("small", 0.7, 1.0, 0.6, 0.5),
    tier("middle", 0.2, 4.0, 0.8, 0.3),
    tier("large", 0.1, 10.0, 0.9, 0.2),
)
CHAIN = ["small", "middle", "large"]


def test_a_failed_attempt_goes_up_the_list_from_the_tier_it_entered():
    answer = ask(*THREE, escalate=CHAIN)
    cost, review, success, _ = (part for part in answer.case.entered["small"])
    assert cost[0] == pytest.approx(1 + 0.4 * (4 + 0.2 * 10))
    assert review[0] == pytest.approx(0.5 + 0.4 * (0.3 + 0.2 * 0.2))
    assert success[0] == pytest.approx(1 - 0.4 * 0.2 * 0.1)
    cost, review, success, _ = answer.case.entered["middle"]
    assert (cost[0], review[0], success[0]) == pytest.approx((4 + 0.2 * 10, 0.3 + 0.2 * 0.2, 0.98))
    cost, review, success, _ = answer.case.entered["large"]  # its last failure stays failed
    assert (cost[0], review[0], success[0]) == pytest.approx((10, 0.2, 0.9))


def test_the_headline_is_the_mean_over_shares():
    answer = ask(*THREE, escalate=CHAIN)
    parts = [tuple(float(part[0]) for part in answer.case.entered[name][:3]) for name in CHAIN]
    cost, review, success = (
        sum(share * part[place] for share, part in zip((0.7, 0.2, 0.1), parts, strict=True)) for place in range(3)
    )
    assert answer.cost_per_request == pytest.approx(cost)
    assert answer.success_rate == pytest.approx(success)
    assert answer.cost_per_accepted == pytest.approx((cost + review) / success)  # means divided, not a mean of ratios
    assert answer.baseline_cost_per_accepted == pytest.approx(10.2 / 0.9)
    assert answer.saving_share == pytest.approx(1 - answer.cost_per_accepted / (10.2 / 0.9))


def test_escalation_follows_its_own_order_not_that_of_tiers():
    answer = ask(*THREE, escalate=["large", "small"])
    assert answer.case.chain("large") == ["large", "small"]
    assert answer.case.entered["large"][0][0] == pytest.approx(10 + 0.1 * 1)


def test_a_tier_outside_escalate_keeps_its_failures():
    answer = ask(*THREE, escalate=["small", "large"])
    assert answer.case.chain("middle") == ["middle"]
    assert answer.case.entered["middle"][2][0] == pytest.approx(0.8)
    assert answer.case.entered["small"][2][0] == pytest.approx(1 - 0.4 * 0.1)


def test_a_missing_success_rate_counts_as_one():
    answer = ask(tier("small", 0.5, 1.0, 0.6), tier("large", 0.5, 10.0), escalate=["small", "large"])
    assert answer.success_rate == 1.0
    assert answer.cost_per_request == pytest.approx(0.5 * (1 + 0.4 * 10) + 0.5 * 10)
    assert any("large state no success rate" in note for note in answer.notes)


def test_without_any_success_rate_the_saving_is_per_request():
    answer = ask(tier("small", 0.5, 1.0, review=7.0), tier("large", 0.5, 10.0, review=1.0))
    assert answer.success_rate is None
    assert answer.cost_per_accepted is None
    assert answer.saving_share == pytest.approx(1 - 5.5 / 10)  # review is no part of it
    notes = {metric.key: metric.note for metric in answer.summary()}
    assert notes["success_rate"] == notes["cost_per_accepted"] == "no tier says how often it succeeds"
    assert answer.frontier().empty


def test_nothing_accepted_has_no_cost_of_an_accepted_answer():
    answer = ask(tier("small", 1.0, 1.0, 0.0))
    assert answer.cost_per_accepted is None
    assert answer.saving_share is None
    assert answer.best_mix is None
    assert answer.saves_probability is None
    assert {metric.key: metric.note for metric in answer.summary()}["cost_per_accepted"] == "nothing is accepted"


def test_a_free_baseline_saves_nothing_and_says_so():
    answer = ask(tier("small", 1.0, 0.0))
    assert answer.saving_share is None
    assert answer.saves_probability is None


CHEAP, DEAR = token(1.0, 4.0, cached_input_per_mtok=0.1, batch_discount=0.5), token(3.0, 15.0)


def test_a_token_price_costs_the_shape_cached_input_at_its_price():
    answer = ask(tier("cheap", 0.5, CHEAP), tier("dear", 0.5, DEAR), shape=SHAPE)
    assert answer.case.attempt["cheap"][0] == pytest.approx((1_500 * 1.0 + 500 * 0.1 + 500 * 4.0) / 1e6)
    assert answer.case.attempt["dear"][0] == pytest.approx((2_000 * 3.0 + 500 * 15.0) / 1e6)  # no cached price: input


def test_a_tier_may_have_its_own_shape():
    own = {"input_tokens_per_request": 1_000.0, "output_tokens_per_request": 100.0}
    answer = ask(tier("cheap", 0.5, CHEAP, shape=own), tier("dear", 0.5, DEAR), shape=SHAPE)
    assert answer.case.attempt["cheap"][0] == pytest.approx((1_000 + 400) / 1e6)


def test_batches_cost_less_only_where_a_discount_is_known():
    inputs = asked(tier("cheap", 0.5, CHEAP), tier("dear", 0.5, DEAR), shape=SHAPE)
    plain, batched = tiering(inputs), tiering(override(inputs, {"batch_share": 0.4}))
    assert batched.case.attempt["cheap"][0] == pytest.approx(0.8 * plain.case.attempt["cheap"][0])
    assert batched.case.attempt["dear"][0] == plain.case.attempt["dear"][0]
    assert any("No batch discount is known of dear" in note for note in batched.notes)


def test_long_requests_cost_the_long_context_price_and_cached_input_keeps_its_ratio():
    long = {"from_tokens": 2_000, "input_per_mtok": 2.0, "output_per_mtok": 6.0}
    inputs = asked(tier("cheap", 1.0, {**CHEAP, "long_context": long}), shape=SHAPE)
    found = tiering(inputs).case.attempt["cheap"][0]
    assert found == pytest.approx((1_500 * 2.0 + 500 * 0.2 + 500 * 6.0) / 1e6)
    assert found == pytest.approx(inputs.shape.cost(inputs.tiers[0].price))
    short = override(inputs, {"shape.input_tokens_per_request": 1_999.0})
    assert tiering(short).case.attempt["cheap"][0] < 0.7 * found


LEVERS = [
    {"name": "cache", "applies_to": "all", "saving": 0.2},
    {"name": "context", "applies_to": ["small", "middle"], "saving": 0.1},
]


def test_levers_on_one_tier_multiply():
    answer = ask(*THREE, escalate=CHAIN, levers=LEVERS)
    assert answer.case.attempt["small"][0] == pytest.approx(1.0 * 0.8 * 0.9)
    assert answer.case.attempt["large"][0] == pytest.approx(10.0 * 0.8)
    bare = ask(*THREE, escalate=CHAIN)
    assert sum(answer.lever_savings.values()) == pytest.approx(bare.cost_per_request - answer.cost_per_request)


def test_the_baseline_has_no_batch_lever_or_escalation():
    more = {"escalate": ["cheap", "dear"], "levers": [{"name": "a", "applies_to": "all", "saving": 0.3}]}
    tiers = tier("cheap", 0.5, CHEAP, 0.7), tier("dear", 0.5, DEAR, 0.9)
    answer = ask(*tiers, shape=SHAPE, batch_share=0.5, baseline="cheap", **more)
    plain = ask(*tiers, shape=SHAPE)
    assert answer.baseline_cost_per_request == pytest.approx(plain.case.plain(plain.inputs.tiers[0])[0])
    assert answer.baseline_cost_per_accepted == pytest.approx(answer.baseline_cost_per_request / 0.7)


def test_the_default_baseline_is_the_dearest_by_the_request_not_by_the_token():
    few = {"input_tokens_per_request": 10.0, "output_tokens_per_request": 1.0}
    answer = ask(tier("dear", 0.5, DEAR, shape=few), tier("cheap", 0.5, CHEAP), shape=SHAPE)
    assert answer.case.baseline_shares == {"cheap": 1.0}


def test_every_draw_is_held_against_the_same_baseline():
    wide = {"shape": "discrete", "values": [1.0, 60.0], "weights": [3.0, 1.0]}
    answer = ask(tier("wide", 0.5, {"cost_per_request": wide}), tier("flat", 0.5, 10.0))
    assert answer.case.baseline_shares == answer.cases.baseline_shares == {"flat": 1.0}


def test_a_baseline_may_be_shares():
    answer = ask(*THREE, baseline={"small": 0.5, "large": 0.5})
    assert answer.baseline_cost_per_request == pytest.approx(5.5)
    assert answer.baseline_cost_per_accepted == pytest.approx((5.5 + 0.35) / 0.75)


def test_router_and_switches_are_paid():
    tiers = [dict(one) for one in THREE]
    tiers[1]["switch_cost"] = 0.7
    answer = ask(*tiers, escalate=CHAIN, router_cost=0.05)
    assert answer.case.entered["small"][0][0] == pytest.approx(0.05 + 1 + 0.4 * (4.7 + 0.2 * 10))
    assert answer.case.entered["middle"][0][0] == pytest.approx(0.05 + 4 + 0.2 * 10)


def random_case(rng):
    tiers = []
    shares = rng.dirichlet(np.ones(3))
    for place, name in enumerate(CHAIN):
        found = tier(name, float(shares[place]), float(rng.uniform(0.1, 5)), float(rng.uniform(0.2, 0.99)))
        tiers.append({**found, "review_cost": float(rng.uniform(0, 2)), "latency_s": float(rng.uniform(1, 9))})
    order = [str(name) for name in rng.permutation(CHAIN)[: rng.integers(0, 4)]]
    return asked(*tiers, **({"escalate": order} if len(order) > 1 else {}))


@pytest.mark.parametrize("limited", ["free", "success", "latency", "both"])
def test_the_best_mix_is_never_beaten_by_a_fine_grid(limited):
    rng = np.random.default_rng(11)
    grid = np.array([(a, b, 100 - a - b) for a in range(101) for b in range(101 - a)]) / 100
    found_some = 0
    for _ in range(40):
        inputs = random_case(rng)
        entries = tiering(inputs).entries
        success, time, cost = (np.array([getattr(one, key) for one in entries]) for key in ("success", "time", "cost"))
        changes = {}
        if limited in ("success", "both"):
            changes["minimum_success_rate"] = float(rng.uniform(success.min(), success.max()))
        if limited in ("latency", "both"):
            changes["maximum_latency_s"] = float(rng.uniform(time.min(), time.max()))
        answer = tiering(override(inputs, changes))
        allowed = (grid @ success >= changes.get("minimum_success_rate", 0.0) - 1e-12) & (
            grid @ time <= changes.get("maximum_latency_s", np.inf) + 1e-12
        )
        if answer.best_mix is None:
            assert not allowed.any()
            continue
        found_some += 1
        mix = np.array([answer.best_mix[name] for name in CHAIN])
        assert mix.sum() == pytest.approx(1)
        assert mix.min() >= 0
        assert mix @ success >= changes.get("minimum_success_rate", 0.0) - 1e-9
        assert mix @ time <= changes.get("maximum_latency_s", np.inf) + 1e-9
        against = answer.baseline_cost_per_accepted
        on_grid = 1 - (grid[allowed] @ cost) / (grid[allowed] @ success) / against
        assert answer.best_saving_share >= on_grid.max(initial=-np.inf) - 1e-9
    assert found_some > 20


def test_no_mix_that_reaches_what_is_asked_is_said_in_words():
    answer = ask(*THREE, minimum_success_rate=0.95)
    assert answer.best_mix is None
    assert answer.best_saving_share is None
    assert {metric.key: metric.note for metric in answer.summary()}["best_mix"] == (
        "no mix reaches what is asked: requests accepted reach 90 % at best, 95 % asked (minimum_success_rate)"
    )
    assert "requests accepted 67 %, at least 95 % asked (28 points too few)" in answer.notes[0]


def test_the_frontier_rises_and_holds_the_best_mix():
    answer = ask(*THREE, minimum_success_rate=0.85)
    frame = answer.frontier()
    assert (frame["cost"].diff().dropna() >= -1e-12).all()
    assert (frame["success_rate"].diff().dropna() > 0).all()
    best = answer.saving_of(answer.best_mix)
    cost = (1 - best) * answer.baseline_cost_per_accepted
    assert np.interp(0.85, frame["success_rate"], frame["cost"]) == pytest.approx(cost, rel=1e-3)
    assert set(CHAIN) < set(frame.columns)


def test_without_escalation_the_direct_frontier_is_the_frontier():
    answer = ask(*THREE)
    np.testing.assert_allclose(answer.frontier().to_numpy(), answer.direct_frontier().to_numpy())


def test_the_bridge_closes_and_every_lever_has_its_step():
    more = {"levers": [{"name": "a", "applies_to": "all", "saving": 0.3}], "escalate": ["cheap", "dear"]}
    tiers = tier("cheap", 0.6, CHEAP, 0.7, 0.001), tier("dear", 0.4, DEAR, 0.9, 0.002)
    for answer in (
        ask(*tiers, shape=SHAPE, batch_share=0.5, router_cost=1e-4, **more),
        ask(*THREE, escalate=CHAIN, levers=LEVERS),
        ask(tier("small", 0.7, 1.0), tier("large", 0.3, 10.0), levers=LEVERS[:1]),
    ):
        rows = answer.bridge
        assert rows["total"].iloc[-2] == pytest.approx(rows["total"].iloc[-1], rel=1e-12)
        ends = rows["amount"].iloc[-1] / rows["amount"].iloc[0]
        assert 1 - ends == pytest.approx(answer.saving_share, rel=1e-12)
        assert set(rows["step"]) >= {lever.name for lever in answer.inputs.levers} | {"Routing and escalation"}


def test_the_order_of_tiers_changes_nothing():
    first = ask(*THREE, escalate=CHAIN, levers=LEVERS)
    for order in permutations(THREE):
        other = ask(*order, escalate=CHAIN, levers=LEVERS)
        assert other.saving_share == pytest.approx(first.saving_share, rel=1e-13)
        assert other.best_mix == first.best_mix


def test_the_order_of_levers_changes_nothing():
    first, other = (ask(*THREE, escalate=CHAIN, levers=levers) for levers in (LEVERS, LEVERS[::-1]))
    assert other.cost_per_request == pytest.approx(first.cost_per_request, rel=1e-14)
    assert other.lever_savings == pytest.approx(first.lever_savings, rel=1e-12)
    steps, turned = (answer.bridge.set_index("step")["amount"].to_dict() for answer in (first, other))
    assert turned == pytest.approx(steps, rel=1e-12)


def test_k_times_the_prices_and_review_leave_the_saving():
    times = [
        {
            **one,
            "price": {"cost_per_request": 7 * one["price"]["cost_per_request"]},
            "review_cost": 7 * one["review_cost"],
        }
        for one in THREE
    ]
    first, other = ask(*THREE, escalate=CHAIN), ask(*times, escalate=CHAIN)
    assert other.saving_share == pytest.approx(first.saving_share, rel=1e-13)
    assert other.cost_per_request == pytest.approx(7 * first.cost_per_request)
    assert other.best_mix == first.best_mix


def test_escalation_never_raises_success_above_what_the_tiers_allow_and_a_saving_is_at_most_one():
    rng = np.random.default_rng(3)
    for _ in range(100):
        inputs = random_case(rng)
        answer = tiering(inputs)
        ceiling = 1 - np.prod([1 - one.success_rate for one in inputs.tiers])
        assert answer.success_rate <= ceiling + 1e-12
        assert answer.saving_share <= 1
        assert answer.best_saving_share >= answer.saving_share - 1e-12


COUNTS = {"shape": "beta", "successes": 60.0, "failures": 40.0}


def test_counts_stand_at_successes_over_trials_and_spread_the_saving():
    tiers = [{**THREE[0], "success_rate": COUNTS}, *THREE[1:]]
    answer = ask(*tiers, escalate=CHAIN)
    assert answer.saving_share == pytest.approx(ask(*THREE, escalate=CHAIN).saving_share, rel=1e-13)
    low, high = answer.saving_range
    assert low < answer.saving_share < high
    assert len(answer.drawn_savings) == 10_000


def test_the_same_seed_gives_the_same_draws_another_gives_others():
    tiers = [{**THREE[0], "success_rate": COUNTS}, *THREE[1:]]
    first, again, other = (ask(*tiers, seed=seed).drawn_savings for seed in (4, 4, 5))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_new_uncertainty_leaves_the_draws_of_the_others():
    inputs = asked({**THREE[0], "success_rate": COUNTS}, *THREE[1:], escalate=CHAIN)
    more = override(inputs, {"tiers.large.review_cost": {"shape": "uniform", "low": 0.1, "high": 0.3}})
    before, after = tiering(inputs), tiering(more)
    name = "tiers.small.success_rate"
    assert np.array_equal(before.cases.values[name], after.cases.values[name])
    drawn = draw(inputs.tiers[0].success_rate, name, draws=10_000, seed=0)
    assert np.array_equal(before.cases.values[name], drawn)


def test_uncertain_shares_are_drawn_and_still_add_up():
    wide = {"shape": "uniform", "low": 0.5, "high": 0.9, "value": 0.7}
    answer = ask({**THREE[0], "share": wide}, *THREE[1:])
    assert np.std(answer.drawn_savings) > 0
    assert answer.saving_range[0] < answer.saving_share < answer.saving_range[1]


def test_without_doubt_the_probability_is_zero_or_one():
    assert ask(*THREE, escalate=CHAIN).saves_probability == 1.0
    assert ask(*THREE, baseline="small").saves_probability == 0.0


def test_the_table_has_a_row_a_tier_and_the_month_its_saving():
    answer = ask(*THREE, escalate=CHAIN, requests_per_month=1_000)
    frame = answer.to_frame()
    assert list(frame["tier"]) == CHAIN
    assert frame["best_share"].sum() == pytest.approx(1)
    per_month = {metric.key: metric.value for metric in answer.summary()}["saving_per_month"]
    assert per_month == pytest.approx(1_000 * (answer.baseline_cost_per_request - answer.cost_per_request))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"tiers.small.share": 0.5}, r"tiers: shares must add up to 1, they add up to 0\.8"),
        ({"baseline": {"small": 0.5, "large": 0.4}}, r"baseline: shares .* add up to 1 are expected, .* 0\.9"),
        ({"escalate": ["smal", "large"]}, r"escalate: 'smal' is not a tier; did you mean small\?"),
        ({"escalate": ["small", "small"]}, "escalate: a tier stands twice"),
        ({"baseline": "lrge"}, r"baseline: 'lrge' is not a tier; did you mean large\?"),
        (
            {"levers": [{"name": "a", "applies_to": "midle", "saving": 0.1}]},
            r"levers.a: applies_to 'midle' is not a part of the cost; did you mean middle\?",
        ),
        ({"levers": [{"name": "a", "applies_to": [], "saving": 0.1}]}, "levers.a.applies_to"),
        ({"tiers.small.success_rate": 1.2}, "tiers.small.success_rate must be less than or equal to 1"),
        ({"maximum_latency_s": 3.0}, "tiers.small.latency_s is needed for maximum_latency_s"),
        ({"tiers.small.price": DEAR}, "tiers.small: a token price needs a shape"),
    ],
)
def test_bad_input_is_refused_in_words(changes, words):
    with pytest.raises(InputError, match=words):
        override(asked(*THREE, escalate=CHAIN), changes)


def test_every_problem_is_told_at_once():
    with pytest.raises(InputError) as caught:
        asked(
            tier("small", 0.5, {**CHEAP, "currency": "EUR"}),
            tier("large", 0.4, DEAR),
            minimum_success_rate=0.9,
            escalate=["small", "larg"],
        )
    told = "\n".join(caught.value.problems)
    for words in ("add up to 0.9", "needs a shape", "one currency, got EUR and USD", "'larg'", "needs a success_rate"):
        assert words in told
    with pytest.raises(InputError, match="the name stands twice"):
        asked(tier("small", 0.5, 1.0), tier("small", 0.5, 2.0))


KEPT = {"hit_rate": 0.4, "wrong_hit_share": 0.05, "wrong_hit_cost": 2.0, "lookup_cost": 0.1}
CACHE = {"name": "kept", "applies_to": "all", "semantic_cache": KEPT}


def test_a_semantic_cache_is_asked_first_and_a_hit_sees_no_model():
    bare, answer = (ask(*THREE, escalate=CHAIN, router_cost=0.05, levers=levers) for levers in ([], [CACHE]))
    for name in CHAIN:
        before, after = bare.case.entered[name], answer.case.entered[name]
        assert after[0][0] == pytest.approx(0.1 + 0.6 * before[0][0] + 0.4 * 0.05 * 2.0)
        assert after[1][0] == pytest.approx(0.6 * before[1][0])
        assert after[2][0] == pytest.approx(0.6 * before[2][0] + 0.4 * 0.95)
    assert answer.baseline_cost_per_accepted == bare.baseline_cost_per_accepted
    assert sum(answer.case.visits(answer.shares).values()) == pytest.approx(
        0.6 * sum(bare.case.visits(bare.shares).values())
    )


def test_a_semantic_cache_before_one_tier_leaves_the_others():
    bare, answer = (ask(*THREE, levers=levers) for levers in ([], [CACHE | {"applies_to": "small"}]))
    assert answer.case.entered["small"][0][0] == pytest.approx(0.1 + 0.6 * 1.0 + 0.04)
    assert answer.case.entered["large"][0][0] == bare.case.entered["large"][0][0]


def test_levers_with_a_semantic_cache_close_whatever_their_order():
    levers = [*LEVERS, CACHE]
    bare = ask(*THREE, escalate=CHAIN, router_cost=0.05)
    found = []
    for order in permutations(levers):
        answer = ask(*THREE, escalate=CHAIN, router_cost=0.05, levers=list(order))
        assert sum(answer.lever_savings.values()) == pytest.approx(bare.cost_per_request - answer.cost_per_request)
        rows = answer.bridge
        assert rows["total"].iloc[-2] == pytest.approx(rows["total"].iloc[-1], rel=1e-12)
        found.append((answer.lever_savings, rows.set_index("step")["amount"].to_dict()))
    for savings, steps in found[1:]:
        assert savings == pytest.approx(found[0][0], rel=1e-11)
        assert steps == pytest.approx(found[0][1], rel=1e-11)


def test_uncertain_hits_spread_the_saving_and_a_cache_of_no_hits_only_costs_its_lookups():
    wide = CACHE | {"semantic_cache": KEPT | {"hit_rate": {"shape": "uniform", "low": 0.1, "high": 0.7}}}
    answer = ask(*THREE, levers=[wide], draws=500)
    assert answer.saving_range[0] < answer.saving_share < answer.saving_range[1]
    idle = ask(*THREE, levers=[CACHE | {"semantic_cache": KEPT | {"hit_rate": 0.0}}])
    assert idle.lever_savings["kept"] == pytest.approx(-0.1)


def test_two_semantic_caches_before_one_tier_are_refused():
    with pytest.raises(InputError, match="levers: one semantic cache at most may stand before small, got kept and b"):
        asked(*THREE, levers=[CACHE, CACHE | {"name": "b", "applies_to": ["small"]}])


def test_a_price_older_than_the_limit_is_noted_with_its_day():
    tiers = tier("small", 0.5, 1.0, price_seen="2026-01-01"), tier("large", 0.5, 9.0)
    answer = ask(*tiers, as_of="2026-03-31", stale_after_days=88)
    assert answer.stale == {"small": 89}
    assert any("small: last seen on 2026-01-01, 89 days before 2026-03-31" in note for note in answer.notes)
    for more in ({"stale_after_days": 89, "as_of": "2026-03-31"}, {"as_of": "2026-03-31"}, {"stale_after_days": 0}):
        assert ask(*tiers, **more).stale == {}


def test_a_batch_discount_may_be_uncertain_and_stands_at_its_base():
    wide = CHEAP | {"batch_discount": {"shape": "uniform", "low": 0.3, "high": 0.7}}
    tiers = tier("cheap", 0.5, wide), tier("dear", 0.5, DEAR)
    answer = ask(*tiers, shape=SHAPE, batch_share=0.4, draws=500)
    fixed = ask(tier("cheap", 0.5, CHEAP), tiers[1], shape=SHAPE, batch_share=0.4)
    assert answer.case.attempt["cheap"][0] == pytest.approx(fixed.case.attempt["cheap"][0])
    assert answer.bridge["amount"].to_numpy() == pytest.approx(fixed.bridge["amount"].to_numpy())
    drawn = answer.cases.attempt["cheap"] / answer.case.plain(answer.inputs.tiers[0])[0]
    assert 0.72 < drawn.min() < 0.75 < 0.85 < drawn.max() < 0.88
    with pytest.raises(InputError, match=r"batch_discount must be less than or equal to 1, got 1\.5"):
        asked(tier("cheap", 1.0, CHEAP | {"batch_discount": 1.5}), shape=SHAPE)


def test_a_cost_by_the_month_is_spread_over_the_volume_of_each_draw():
    volume = {"shape": "lognormal", "p10": 500_000, "p90": 8_000_000}
    local = tier("local", 1.0, 0.0004, is_local=True, fixed_cost_per_month=6_500)
    answer = ask(local, tier("large", 0.0, 0.004), baseline="large", requests_per_month=volume)
    drawn = np.exp(np.random.default_rng(5).normal(np.log(2e6), np.log(4) / 1.2815515655446004, 400_000))
    simulated = 1 - (0.0004 + 6_500 / drawn) / 0.004
    assert answer.saving_share == pytest.approx(1 - (0.0004 + 6_500 / 2e6) / 0.004)  # at the median
    assert answer.saves_probability == pytest.approx(np.mean(simulated > 0), abs=0.01)  # 0.54
    assert answer.saving_range == pytest.approx(np.quantile(simulated, [0.1, 0.9]), rel=0.05)  # -2.36 and 0.70


def test_money_saved_is_at_as_many_accepted_answers_and_has_the_sign_of_the_saving():
    now, then = tier("now", 0.0, 0.02, 0.9, 0.01), tier("then", 1.0, 0.012, 0.4, 0.01)
    answer = ask(now, then, baseline="now", requests_per_month=1_000_000)
    found = {metric.key: metric.value for metric in answer.summary()}
    accepted = 1_000_000 * 0.9
    assert found["saving_per_month"] == pytest.approx(1_000_000 * (0.02 - 0.012))  # the vendors' bill falls
    assert found["accepted_saving_per_month"] == pytest.approx(accepted * (0.03 / 0.9 - 0.022 / 0.4))
    assert found["accepted_saving_per_month"] < 0
    assert found["saving_share"] < 0
    assert found["best_saving_per_month"] == pytest.approx(0.0)  # the best is what runs


def test_a_price_without_a_day_it_was_seen_is_as_old_as_it_is_in_force():
    own = {**CHEAP, "effective_from": "2022-01-01"}
    inputs = asked(tier("old", 0.5, own), tier("flat", 0.5, 9.0), shape=SHAPE, as_of="2026-01-01", stale_after_days=92)
    answer = tiering(inputs)
    assert answer.stale == {"old": 1461}
    assert (
        "Stale price of old: in force since 2022-01-01 and not seen since, 1461 days before 2026-01-01"
        in (answer.notes[0])
    )
    assert "Nobody said when the price of flat was last seen (price_seen)" in answer.notes
    new = {"name": "new", "tier": "flat", "price": own, "price_seen": "2025-01-01"}
    notes = tiering(override(inputs, {"candidates": [new]})).notes
    assert any(note.startswith("Stale price of candidate new: last seen on 2025-01-01, 365 days") for note in notes)


def test_counts_of_nothing_are_noted():
    nothing = {"shape": "beta", "successes": 0, "failures": 0}
    answer = ask(tier("new", 1.0, 1.0, nothing), tier("old", 0.0, 2.0, 0.9))
    assert any(note.startswith("No attempt of new was counted (0 of 0)") for note in answer.notes)
