"""Indices of any question, asked by its inputs and the key of a figure."""

import numpy as np
import pytest
from small_question import small, small_inputs

import aiecon
from aiecon.errors import InputError
from aiecon.sensitivity import at_base, shapley, sobol, tornado, uncertain_fields


@pytest.mark.parametrize("index", [sobol, shapley])
def test_a_question_has_the_indices_of_the_same_function(index):
    inputs = small_inputs()
    fields = uncertain_fields(inputs)
    (key,) = [metric.key for metric in small(at_base(inputs)).summary()][:1]

    def function(rows):
        columns = np.column_stack(np.broadcast_arrays(*(rows[name] for name in fields)))
        changed = (aiecon.override(inputs, dict(zip(fields, row.tolist(), strict=True))) for row in columns)
        return np.array([next(one.value for one in small(each).summary() if one.key == key) for each in changed])

    asked, plain = index(small, inputs, key=key, draws=256, seed=3), index(function, fields, draws=256, seed=3)
    assert asked.to_frame().equals(plain.to_frame())
    assert asked.variance > 0


@pytest.mark.parametrize("name", ["adaptive_budget", "business_case", "cost_curve", "tiering", "variability"])
def test_the_sample_of_a_question_can_be_swung(name):
    question, inputs = getattr(aiecon, name), aiecon.prepare(name)
    inputs = aiecon.override(inputs, {"paths": 200}) if name == "variability" else inputs
    key = next(metric.key for metric in question(inputs).summary() if isinstance(metric.value, float))
    swung = tornado(question, inputs, key=key)
    assert {bar.name for bar in swung.bars} == set(uncertain_fields(inputs)) != set()


@pytest.mark.parametrize("index", [sobol, shapley])
def test_a_question_without_a_key_and_a_key_without_a_question_are_refused(index):
    with pytest.raises(InputError, match="key is needed"):
        index(small, small_inputs())
    with pytest.raises(InputError, match="key goes with the inputs of a question"):
        index(np.sum, {"a": 1.0}, key="cost")
    with pytest.raises(InputError, match=r"inputs must be .* got list"):
        index(small, [1.0])
