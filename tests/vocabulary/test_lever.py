import pytest

from aiecon.errors import InputError
from aiecon.vocabulary.lever import Lever


def test_a_lever_reaches_what_it_names():
    one = Lever(name="a", applies_to="small", saving=0.1)
    assert one.reaches("small")
    assert one.reaches("other", "small")
    assert not one.reaches("large")
    assert one.targets == ("small",)


def test_a_list_reaches_each_and_all_reaches_everything():
    some = Lever.build({"name": "a", "applies_to": ["small", "model"], "saving": 0.1})
    assert some.reaches("large", "model")
    assert not some.reaches("large", "platform")
    assert Lever(name="a", applies_to="all", saving=0.1).reaches("whatever")


def test_it_works_from_month_one_for_nothing_unless_said():
    one = Lever(name="a", applies_to="all", saving=0.1)
    assert (one.from_month, one.effort_cost) == (1, 0.0)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"saving": 1.1}, "saving must be less than or equal to 1"),
        ({"saving": -0.1}, "saving must be greater than or equal to 0"),
        ({"from_month": 0}, "from_month"),
        ({"applies_to": []}, "applies_to"),
        ({"applies_to": ""}, "applies_to"),
        ({"aplies": "all"}, "aplies is not a field; did you mean applies_to"),
    ],
)
def test_bad_levers_are_refused_with_the_field(change, words):
    with pytest.raises(InputError, match=words):
        Lever.build({"name": "a", "applies_to": "all", "saving": 0.1, **change})
