"""How sure a choice is over the draws, against a simulation; what is missed, out of reach, and what more costs."""

import numpy as np
import pytest

from aiecon.models.tiering import TieringInputs, tiering
from aiecon.models.tiering.choice import out_of_reach


def beta(successes, failures):
    return {"shape": "beta", "successes": successes, "failures": failures}


def tier(name, share, cost, success, **more):
    return {"name": name, "share": share, "price": {"cost_per_request": cost}, "success_rate": success, **more}


def ask(*tiers, **more):
    return tiering(TieringInputs.build({"tiers": list(tiers), **more}))


def test_chances_of_the_choice_are_those_of_a_simulation():
    answer = ask(tier("a", 1.0, 0.01, beta(82, 18)), tier("b", 0.0, 0.0105, beta(83, 17)), minimum_success_rate=0.8)
    rng = np.random.default_rng(3)
    first, second = rng.beta(83, 19, 400_000), rng.beta(84, 18, 400_000)
    beaten = (second >= 0.8) & (0.0105 / second < 0.01 / first)
    found = {metric.key: metric.value for metric in answer.summary()}
    assert answer.best_mix == {"a": 1.0, "b": 0.0} == answer.shares  # said even where the mix asked is the best
    assert found["reaches_probability"] == pytest.approx(np.mean(first >= 0.8), abs=0.015)
    assert found["cheapest_probability"] == pytest.approx(np.mean((first >= 0.8) & ~beaten), abs=0.015)


def test_without_doubt_the_chances_are_certain():
    answer = ask(tier("a", 1.0, 0.01, 0.8), tier("b", 0.0, 0.02, 0.9), minimum_success_rate=0.8)
    assert (answer.reaches_probability(answer.best_plan), answer.cheapest_probability) == (1.0, 1.0)
    assert {metric.key: metric.note for metric in ask(tier("a", 1.0, 1.0, 0.5)).summary()}["reaches_probability"]


def test_a_missed_limit_is_named_with_the_gap():
    regions = [{"name": "EU", "share": 0.2, "tiers": ["b"]}, {"name": "US", "share": 0.8, "tiers": ["a", "b"]}]
    answer = ask(
        tier("a", 1.0, 0.01, 0.7, latency_s=4.0),
        tier("b", 0.0, 0.02, 0.9, latency_s=1.0, is_local=True),
        minimum_success_rate=0.75,
        maximum_latency_s=3.0,
        minimum_local_share=0.25,
        residency=regions,
    )
    assert answer.missed == [
        "requests accepted 70 %, at least 75 % asked (5 points too few)",
        "mean seconds of a request 4 s, at most 3 s asked (1 s too many)",
        "requests that enter at local models 0 %, at least 25 % asked (25 points too few)",
        "requests of EU (20 % of all) may go to tiers outside their region",
    ]
    assert all(any(words in note for note in answer.notes) for words in answer.missed)
    assert answer.summary()[0].note.startswith("misses what is asked: requests accepted 70 %")


def test_what_keeps_every_mix_out_is_named_with_the_best_there_is():
    a, b = tier("a", 0.5, 0.01, 0.7, latency_s=1.0), tier("b", 0.5, 0.02, 0.9, latency_s=3.0)
    late = ask(a, b, minimum_success_rate=0.85, maximum_latency_s=2.0)
    assert late.out_of_reach == [
        "requests accepted reach 80 % at best, 85 % asked (minimum_success_rate)",
        "mean seconds of a request reach 2.5 s at best, 2 s asked (maximum_latency_s)",
    ]
    both = ask(a, b, minimum_success_rate=0.95, maximum_latency_s=0.5)
    assert [words.split(":")[0] for words in both.out_of_reach] == ["each by itself"] * 2
    assert ask(a, b).out_of_reach == []
    assert out_of_reach(both.case, both.limits) == both.out_of_reach


@pytest.mark.parametrize("wanted", [0.75, 0.9, 0.895, 0.6])
def test_a_point_of_success_costs_the_slope_of_the_frontier_up_or_down(wanted):
    answer = ask(tier("a", 1.0, 0.01, 0.7), tier("b", 0.0, 0.09, 0.9), minimum_success_rate=wanted)

    def cost(success):
        large = max(0.0, (success - 0.7) / 0.2)
        return (0.01 + 0.08 * large) / max(success, 0.7)

    step = (wanted, wanted + 0.01) if wanted + 0.01 <= 0.9 else (wanted - 0.01, wanted)
    assert answer.point_price == pytest.approx(cost(step[1]) - cost(step[0]), abs=1e-12)
    metric = next(metric for metric in answer.summary() if metric.key == "success_point_price")
    assert (metric.note is not None) == (wanted == 0.6)


def test_an_answer_shows_its_frontier_levers_and_review_as_tables():
    answer = ask(
        tier("a", 1.0, 0.01, 0.7),
        tier("b", 0.0, 0.02, 0.9),
        levers=[{"name": "cache", "applies_to": "all", "saving": 0.3}],
        requests_per_month=1_000,
        migration={"tests_cost": 6.0},
        candidates=[{"name": "c", "tier": "a", "price": {"cost_per_request": 0.001}}],
    )
    tables = answer.tables()
    assert tables["frontier"]["success_rate"].tolist()[-1] == pytest.approx(0.9)
    assert tables["bridge"]["step"].tolist() == ["Baseline", "Routing and escalation", "cache", "The mix"]
    (row,) = tables["model_review"].to_dict("records")
    assert row["break_even_months"] == pytest.approx(6.0 / (0.7 * 0.009 * 1_000))
    assert row["verdict"] == "evaluate"
