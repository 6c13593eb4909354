"""Units by model and deployment from the shipped table; what is not there is refused with the nearest names."""

import pytest

from aiecon.errors import InputError
from aiecon.ingestion.capacity import capacity_unit


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
