"""Units by model and deployment from the shipped table; what is not there is refused with the nearest names."""

import pytest

import aiecon
from aiecon.errors import InputError
from aiecon.ingestion.capacity import capacity_unit
from aiecon.models.provisioned import required_units


def test_a_unit_is_the_row_of_the_table():
    unit = capacity_unit("gpt-4.1", deployment="data_zone")
    assert (unit.provider, unit.tokens_per_minute, unit.output_weight) == ("azure", 3000.0, 4.0)
    assert (unit.minimum_units, unit.increment_units) == (15, 5)


def test_a_model_that_is_not_there_is_refused_with_the_nearest():
    with pytest.raises(InputError, match=r"no unit of azure for 'gpt-4\.1-minni'; nearest: gpt-4\.1-mini"):
        capacity_unit("gpt-4.1-minni")


def test_a_deployment_that_is_not_there_is_refused_with_those_there_are():
    with pytest.raises(InputError, match="no deployment 'local'"):
        capacity_unit("gpt-5", deployment="local")


def test_a_model_without_an_output_weight_is_refused():
    with pytest.raises(InputError, match="no output weight"):
        capacity_unit("DeepSeek v3.1")


def test_a_gsu_is_counted_by_the_minute_with_its_modalities():
    unit = capacity_unit("gemini-2.0-flash", provider="google", deployment="regional")
    assert (unit.tokens_per_minute, unit.output_weight, unit.cached_weight) == (3_360 * 60, 4.0, 1.0)
    assert unit.input_weights == {"audio": 7.0, "image": 1.0, "video": 1.0}
    shape = {"input_tokens_per_request": 1_000, "output_tokens_per_request": 300, "other_input_tokens": {"audio": 500}}
    assert required_units(unit, shape, requests_per_minute=600) == 17  # Google's own example: 57,000 a second


def test_a_partner_models_gsu_has_a_minimum_of_its_own():
    unit = capacity_unit("claude-3-7-sonnet", provider="google", deployment="regional")
    assert (unit.minimum_units, unit.increment_units, unit.output_weight, unit.cached_weight) == (25, 1, 5.0, 0.1)
    assert unit.input_weights is None


def test_a_gsu_whose_output_counts_in_two_ways_is_to_be_given():
    with pytest.raises(InputError, match="no output weight; give capacity_unit yourself"):
        capacity_unit("gemini-2.5-flash", provider="google", deployment="regional")


def test_bedrock_publishes_no_unit_and_one_measured_is_given():
    with pytest.raises(InputError, match=r"no unit of bedrock for 'amazon\.nova-pro-v1:0'"):
        capacity_unit("amazon.nova-pro-v1:0", provider="bedrock")
    measured = {"tokens_per_minute": {"shape": "normal", "p10": 90_000, "p90": 110_000}, "output_weight": 5}
    unit = {"provider": "bedrock", "model": "amazon.nova-pro-v1:0", "minimum_units": 1, "increment_units": 1}
    changes = {"capacity_unit": unit | measured, "demand.tokens_per_minute": [100_000.0, 250_000.0]}
    answer = aiecon.ask("provisioned", changes=changes)
    assert answer.peak_sized_units == 3
    assert answer.inputs.unit_tokens == pytest.approx(100_000)
