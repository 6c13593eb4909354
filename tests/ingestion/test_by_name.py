"""A unit and its price by name: the shipped row, the nearest names where there is none, and what is given counts."""

import pytest

import aiecon
from aiecon.errors import InputError
from aiecon.report import asking

UNIT = {"tokens_per_minute": 5_000, "output_weight": 2, "minimum_units": 1, "increment_units": 1}


def prepared(**changes):
    return aiecon.prepare("provisioned", changes={key.replace("__", "."): value for key, value in changes.items()})


def refused(**changes):
    with pytest.raises(InputError) as caught:
        prepared(**changes)
    return caught.value.problems


@pytest.mark.parametrize("name", ["capacity_unit", "capacity_unit__model"])
def test_a_unit_by_name_is_its_row_and_the_price_follows(name):
    found = prepared(**{name: "gpt-4.1"})
    assert (found.unit_tokens, found.capacity_unit.output_weight) == (3_000.0, 4.0)
    assert (found.payg.model, found.payg.input_per_mtok, found.payg.output_per_mtok) == ("gpt-4.1", 2.0, 8.0)


def test_what_is_set_beside_a_name_counts():
    found = prepared(capacity_unit__model="gpt-4.1", capacity_unit__tokens_per_minute=3_300, payg__input_per_mtok=1.9)
    assert (found.unit_tokens, found.capacity_unit.output_weight) == (3_300, 4.0)
    assert (found.payg.model, found.payg.input_per_mtok) == ("gpt-5", 1.9)


def test_a_table_with_its_name_alone_is_its_row_and_a_whole_one_is_taken_as_it_is():
    inputs = {
        "capacity_unit": {"provider": "azure", "model": "gpt-4.1", "deployment": "regional"},
        "payg": "gpt-4.1",
        "terms": [{"name": "hour", "price_per_unit_month": 1.0, "commitment_months": 0}],
        "shape": {"input_tokens_per_request": 1, "output_tokens_per_request": 0},
        "demand": {"tokens_per_minute": [1.0]},
    }
    found = aiecon.prepare("provisioned", inputs=inputs)
    assert (found.unit_tokens, found.capacity_unit.minimum_units, found.payg.input_per_mtok) == (3_000.0, 50, 2.0)
    whole = {"provider": "p", "model": "m", **UNIT}
    assert aiecon.prepare("provisioned", inputs=inputs | {"capacity_unit": whole}).unit_tokens == 5_000


def test_a_name_of_no_row_is_refused_with_the_nearest():
    (problem,) = refused(capacity_unit__model="gpt-6")
    assert "no unit of azure for 'gpt-6'; nearest: gpt-5" in problem
    (problem,) = refused(capacity_unit__provider="google")
    assert "no unit of google for 'gpt-5'; it has claude" in problem
    (problem,) = refused(payg__model="claude-opus")
    assert "no model 'claude-opus' of provider azure; nearest: " in problem


def test_a_model_of_ones_own_is_taken_with_its_tokens_and_another_price_is_said(sample_answers):
    found = prepared(capacity_unit__model="mine", capacity_unit__tokens_per_minute=5_000)
    assert (found.capacity_unit.model, found.unit_tokens) == ("mine", 5_000)
    assert any(
        "payg is the price of gpt-5 and the unit serves mine" in note for note in aiecon.provisioned(found).notes
    )
    assert not any("payg is the price" in note for note in sample_answers("provisioned").notes)


def test_the_terms_of_the_sample_are_refused_for_units_they_are_no_prices_of():
    (problem,) = refused(capacity_unit__deployment="regional")
    assert problem.startswith("terms: the sample's are prices of azure global units; give those of azure regional ones")
    term = {"name": "month", "price_per_unit_month": 2_700.0, "commitment_months": 1}
    names = {"capacity_unit__provider": "google", "capacity_unit__model": "gemini-2.0-flash"}
    assert refused(**names)[0].startswith("terms: ")
    found = prepared(**names, terms=[term])
    assert (found.capacity_unit.deployment, found.payg.model) == ("regional", "gemini-2.0-flash")


def test_the_sample_in_another_currency_is_refused():
    assert len(refused(payg__currency="EUR")) == 3


def test_a_name_of_no_row_is_told_beside_what_else_is_wrong():
    problems = refused(capacity_unit__model="gpt-6", enough_days=0)
    assert problems[0].startswith("capacity_unit.tokens_per_minute is not given and no shipped row says it: ")
    assert problems[1].startswith("enough_days must be greater than or equal to 1")
    unit = {"provider": "p", "model": "m", "output_weight": 2}
    (problem,) = refused(capacity_unit=unit)
    assert "no unit of p for 'm'" in problem


def tiers(changes, **options):
    return {tier.name: tier.price for tier in asking.build("tiering", changes=changes, **options).tiers}


def test_the_price_of_a_list_item_is_taken_by_the_name_of_its_model_on_the_day():
    for changes in ({"tiers.premium.price.model": "gpt-4.1"}, {"tiers.premium.price": {"model": "gpt-4.1"}}):
        found = tiers(changes)
        assert (found["premium"].provider, found["premium"].input_per_mtok) == ("openai", 2.0)  # its maker's
        assert found["economy"].model == "gpt-4.1-mini"
    old = tiers({"tiers.premium.price": {"provider": "openai", "model": "o3"}}, as_of="2025-05-31")
    new = tiers({"tiers.premium.price": {"provider": "openai", "model": "o3"}}, as_of="2025-08-31")
    assert (old["premium"].input_per_mtok, new["premium"].input_per_mtok) == (10.0, 2.0)


def test_a_model_of_an_item_that_no_row_has_is_refused_by_its_name():
    with pytest.raises(InputError) as caught:
        tiers({"tiers.economy.price.model": "gpt-9", "tiers.premium.share": -1})
    assert [line.split(" ")[0] for line in caught.value.problems] == [
        "tiers.economy.price.input_per_mtok",
        "tiers.premium.share",
    ]
    own = tiers({"tiers.economy.price.model": "gpt-9", "tiers.economy.price.input_per_mtok": 0.1})
    assert (own["economy"].model, own["economy"].input_per_mtok) == ("gpt-9", 0.1)


def test_a_model_is_taken_by_name_in_a_list_that_is_set_as_a_whole():
    tier = {"name": "x", "share": 1.0, "price": {"model": "gpt-4.1"}}
    whole = {"tiers": [tier], "baseline": "x", "escalate": ["x"], "levers": [], "candidates": []}
    assert tiers(whole | {"minimum_success_rate": None})["x"].output_per_mtok == 8.0
    candidate = {"name": "c", "tier": "premium", "price": "gpt-4.1"}
    (one,) = asking.build("tiering", changes={"candidates": [candidate]}).candidates
    assert (one.price.provider, one.price.input_per_mtok) == ("openai", 2.0)
    with pytest.raises(InputError, match=r"candidates\.c\.price"):
        asking.build("tiering", changes={"candidates": [candidate | {"price": "gpt-9"}]})
