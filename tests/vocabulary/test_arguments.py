"""Arguments that are no numbers are told in words."""

import pytest

from aiecon.vocabulary.arguments import as_numbers, is_number, number_problems, whole_problems

NONE = ["a", None, True, float("nan"), float("inf"), [1.0]]


@pytest.mark.parametrize("value", NONE)
def test_what_is_no_number_is_refused(value):
    assert not is_number(value)
    assert number_problems(price=value) == [f"price must be zero or more, got {value!r}"]
    assert whole_problems("units", value, least=0) == [f"units must be a whole number of 0 or more, got {value!r}"]


def test_bounds_hold():
    assert number_problems(a=0, b=2.5) == number_problems("above zero", a=0.1) == []
    assert number_problems("above zero", a=0) == ["a must be above zero, got 0"]
    assert number_problems(a=-1) == ["a must be zero or more, got -1"]
    assert whole_problems("a", 2.0, least=2) == []
    assert whole_problems("a", 1, least=2) == ["a must be a whole number of 2 or more, got 1"]


def test_lists_of_anything_else_are_no_numbers():
    assert as_numbers([1, 2]).tolist() == [1.0, 2.0]
    assert as_numbers(["a"]) is None
    assert as_numbers([[1], [2, 3]]) is None
