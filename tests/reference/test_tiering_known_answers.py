"""Known answers of tiering and its levers.

D-OP-1, D-OP-2, D-OP-6: our own derivation from the list prices named in source document S3, the AI FinOps guide.
D-OP-5: closed form of a two-step cascade. D-UE-1: textbook, expected attempts of retry to approval, figures of source
document S1.
"""

import pytest

from aiecon.ingestion import claims
from aiecon.models.tiering import TieringInputs, tiering
from aiecon.vocabulary.shape import RequestShape
from aiecon.vocabulary.token_price import TokenPrice


def flat(*tiers, **more):
    named = [
        {"name": name, "share": share, "price": {"cost_per_request": cost}, **rest} for name, share, cost, rest in tiers
    ]
    return tiering(TieringInputs.build({"tiers": named, **more}))


@pytest.mark.parametrize(
    ("prices", "saving", "ratio"), [((1, 3, 5), 64.00, 2.78), ((1, 3, 15), 81.33, 5.36), ((0.15, 2.5, 10), 83.95, 6.23)]
)
def test_d_op_1_70_20_10_saves_64_to_84_per_cent_by_the_price_ladder(prices, saving, ratio):
    small, middle, large = prices
    answer = flat(("small", 0.7, small, {}), ("middle", 0.2, middle, {}), ("large", 0.1, large, {}))
    assert round(100 * answer.saving_share, 2) == saving
    assert round(answer.baseline_cost_per_request / answer.cost_per_request, 2) == ratio


PRICE = {
    "provider": "anthropic",
    "model": "sonnet",
    "input_per_mtok": 3.0,
    "cached_input_per_mtok": 0.3,
    "output_per_mtok": 15.0,
    "batch_discount": 0.5,
}


def one_model(read, *, cached=0.0, batch=0.0):
    shape = {"input_tokens_per_request": read, "output_tokens_per_request": 500, "cached_input_share": cached}
    tiers = [{"name": "sonnet", "share": 1.0, "price": PRICE}]
    return tiering(TieringInputs.build({"tiers": tiers, "shape": shape, "batch_share": batch})).cost_per_request


def test_d_op_2_caching_batch_and_a_shorter_context():
    assert one_model(10_000) == pytest.approx(0.0375)
    assert one_model(10_000, cached=0.8) == pytest.approx(0.0159)
    assert 1 - one_model(10_000, cached=0.8) / one_model(10_000) == pytest.approx(0.576)
    assert one_model(10_000, cached=0.8, batch=1.0) == pytest.approx(0.00795)
    assert one_model(5_000) == pytest.approx(0.0225)
    assert one_model(5_000, cached=0.8) == pytest.approx(0.0117)
    assert one_model(5_000, cached=0.8, batch=1.0) == pytest.approx(0.00585)
    assert one_model(50_000) / one_model(5_000) == pytest.approx(7.0)


def cascade(success):
    return flat(
        ("cheap", 1.0, 0.002, {"success_rate": success}), ("premium", 0.0, 0.0375, {}), escalate=["cheap", "premium"]
    )


def test_d_op_5_a_cascade_pays_the_failed_attempt_twice():
    answer = cascade(0.7)
    assert answer.cost_per_request == pytest.approx(0.01325)
    assert answer.cost_per_request / answer.baseline_cost_per_request - 1 == pytest.approx(-0.6467, abs=5e-5)
    assert answer.success_rate == 1.0


def test_d_op_5_it_pays_from_a_success_of_a_nineteenth():
    assert pytest.approx(0.05333, abs=5e-6) == 0.002 / 0.0375
    assert cascade(0.0534).saving_share > 0 > cascade(0.0533).saving_share


def test_d_op_6_fine_tuning_that_saves_5_000_tokens_repays_after_a_third_to_a_whole_million_queries():
    price = TokenPrice(provider="p", model="m", input_per_mtok=3.0, output_per_mtok=15.0)
    long, short = (
        RequestShape(input_tokens_per_request=read, output_tokens_per_request=500).cost(price)
        for read in (6_000, 1_000)
    )
    assert [round(spent / (long - short)) for spent in (5_000, 15_000)] == [333_333, 1_000_000]
    assert "333,333 to 1,000,000 queries" in claims.find("S3-73")[0].tables_say


def test_d_ue_1_an_approved_draft_costs_4_25():
    answer = flat(("model", 1.0, 0.40, {"success_rate": 0.8, "review_cost": 3.00}))
    assert 1 / answer.success_rate == pytest.approx(1.25)
    assert answer.cost_per_accepted == pytest.approx(4.25)
