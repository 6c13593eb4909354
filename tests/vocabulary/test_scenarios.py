import pandas as pd
import pytest

from aiecon.errors import FrameError
from aiecon.vocabulary import scenarios

FIELDS = frozenset({"budget", "rule"})


def frame(*names):
    return pd.DataFrame([{"scenario": "low", "name": name, "value": "1"} for name in names])


def test_a_name_that_no_question_and_no_rule_knows_is_refused_with_the_nearest():
    with pytest.raises(FrameError) as caught:
        scenarios.check(frame("budget", "rule.a.b", "nosuch.field", "budgt"), name="s.csv", fields=FIELDS)
    assert caught.value.problems == (
        "s.csv: row 4: nosuch.field is not a field (known: budget, rule)",
        "s.csv: row 5: budgt is not a field; did you mean budget? (known: budget, rule)",
    )


def test_any_name_will_do_when_no_fields_are_told():
    assert len(scenarios.check(frame("nosuch.field"), name="s.csv")) == 1


def test_a_field_stands_once_in_a_scenario():
    with pytest.raises(FrameError, match="row 3: 'budget' stands twice in scenario 'low'"):
        scenarios.check(frame("budget", "budget"), name="s.csv")
