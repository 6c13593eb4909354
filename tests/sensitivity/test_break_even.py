from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_question import small, small_inputs
from strategies import LAW

from aiecon.errors import InputError
from aiecon.sensitivity.break_even import break_even
from aiecon.vocabulary.metric import Metric
from aiecon.vocabulary.strict import Strict


class One(Strict):
    x: float = 1.0
    count: int = 1


def asking(f):
    return lambda inputs: SimpleNamespace(summary=lambda: [Metric("y", "Y", f(inputs))])


def of(f, *, field="x", low=0.0, high=10.0, target=0.0):
    return break_even(asking(f), One(), key="y", field=field, low=low, high=high, target=target)


def test_by_hand_the_others_at_their_base():
    found = break_even(small, small_inputs(), key="saving", field="gpu.price_per_hour", low=0.1, high=10.0)
    assert found.value == pytest.approx(4.0, rel=1e-12)
    assert found.at_low == pytest.approx(390.0)
    assert found.at_high == pytest.approx(-600.0)
    assert found.note is None


@LAW
@given(root=st.floats(0.01, 9.99), slope=st.floats(0.1, 100), target=st.floats(-50, 50))
def test_the_root_of_a_line_is_found_whatever_slope_and_target(root, slope, target):
    found = of(lambda i: target + slope * (i.x - root), target=target)
    assert found.value == pytest.approx(root, abs=1e-9)


def test_a_target_met_at_an_end_or_on_the_way_is_met_once():
    assert of(lambda i: i.x).value == 0.0
    middle = of(lambda i: i.x - 5.0)
    assert (middle.value, middle.note) == (5.0, None)


def test_whole_numbers_give_the_first_at_or_past_the_target():
    exact = of(lambda i: i.count - 7, field="count", high=30.0)
    assert (exact.value, exact.note) == (7, None)
    past = of(lambda i: i.count - 6.4, field="count", high=30.0)
    assert past.value == 7
    assert "first whole number past the target" in past.note


def test_none_inside_comes_with_words():
    assert of(lambda i: i.x + 1).note == "y stays above 0 between 0 and 10"
    assert of(lambda i: i.x - 20, target=5.0).note == "y stays below 5 between 0 and 10"
    nothing = of(lambda i: None)
    assert (nothing.value, nothing.at_low, nothing.note) == (None, None, "y does not exist between 0 and 10")


def test_a_figure_that_exists_only_in_part_is_searched_there():
    assert of(lambda i: None if i.x < 3 else i.x - 5.1).value == pytest.approx(5.1)
    assert of(lambda i: None if i.x < 3 else i.x).note == "y, as far as it exists, stays above 0 between 0 and 10"
    hidden = of(lambda i: None if abs(i.x - 5.1) < 0.2 else i.x - 5.1)
    assert hidden.value is None


def test_a_jump_over_the_target_and_several_crossings_are_said():
    jump = of(lambda i: -1.0 if i.x < 5.3 else 2.0)
    assert jump.value == pytest.approx(5.3)
    assert "jumps over the target" in jump.note
    twice = of(lambda i: (i.x - 2.2) * (i.x - 7.7))
    assert twice.value == pytest.approx(2.2)
    assert "first of several" in twice.note


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"low": 3.0, "high": 3.0}, "low must be below high"),
        ({"field": "gpu.cost"}, "gpu.cost is not a field"),
        ({"key": "cost"}, "cost is not a key of the answer"),
        ({"low": -1.0}, "gpu.price_per_hour must be greater than 0"),
    ],
)
def test_bad_input_is_refused(options, words):
    given_ = {"key": "saving", "field": "gpu.price_per_hour", "low": 1.0, "high": 9.0}
    with pytest.raises(InputError, match=words):
        break_even(small, small_inputs(), **(given_ | options))
