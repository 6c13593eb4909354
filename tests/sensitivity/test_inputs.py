import numpy as np
import pytest

from aiecon.errors import InputError
from aiecon.sensitivity.inputs import quantiles, steady, varying_names
from aiecon.vocabulary.distribution import Normal, Uniform

UNIT = Uniform(low=0.0, high=1.0)


def test_what_varies_is_named_in_order_and_the_rest_stands_at_its_value():
    inputs = {"z": UNIT, "a": UNIT, "narrow": Normal(p10=2.0, p90=2.0), "number": 3}
    assert varying_names(inputs) == ["a", "z"]
    assert steady(inputs, ["a", "z"]) == {"narrow": 2.0, "number": 3.0}


def test_every_value_that_is_no_number_is_named():
    with pytest.raises(InputError) as caught:
        varying_names({"a": "much", "b": float("nan"), "c": True, "d": np.float64(2.0)})
    assert [problem.split()[0] for problem in caught.value.problems] == ["a", "b", "c"]


def test_quantiles_of_a_number_are_the_number():
    assert quantiles(2, np.array([[0.1, 0.5]])).tolist() == [[2.0, 2.0]]
    assert quantiles(UNIT, np.array([0.25])).tolist() == [0.25]
