import pytest

from aiecon.errors import InputError
from aiecon.vocabulary.gate import Gate, joint

ERROR = {"name": "forecast error", "metric": "cost against forecast", "at_most": 0.15}
USERS = {"name": "users", "metric": "users back weekly", "at_least": 0.5}


@pytest.mark.parametrize(
    ("gate", "evidence", "verdict"),
    [
        (ERROR, 0.1, "passed"),
        (ERROR, 0.15, "passed"),
        (ERROR, 0.1501, "failed"),
        (USERS, 0.5, "passed"),
        (USERS, 0.49, "failed"),
        (USERS, None, "held"),
        (ERROR | {"at_most": 0.0}, 0.0, "passed"),
        (ERROR | {"at_most": 0.0}, 0.1, "failed"),
    ],
)
def test_evidence_is_held_against_the_limit_the_limit_included(gate, evidence, verdict):
    assert Gate(**gate, evidence=evidence).verdict == verdict


def test_the_reason_names_limit_and_evidence_or_its_absence():
    assert Gate(**ERROR, evidence=0.2).reason == "cost against forecast is 0.2; at most 0.15 is asked"
    assert Gate(**USERS).reason == "users back weekly: no evidence; at least 0.5 is asked"


def test_several_gates_fail_with_one_and_are_held_with_one():
    passed, held, failed = (Gate(**USERS, evidence=one) for one in (0.9, None, 0.1))
    assert joint([passed]) == joint([]) == "passed"
    assert joint([passed, held]) == "held"
    assert joint([passed, held, failed]) == "failed"


@pytest.mark.parametrize(
    ("gate", "words"),
    [
        ({"name": "a", "metric": "b"}, "one of at_least, at_most is needed"),
        (ERROR | {"at_least": 0.1}, "only one of at_least, at_most may be given"),
        (ERROR | {"evidence": "yes"}, "evidence must be a number"),
        (ERROR | {"proof": 1}, "proof is not a field"),
    ],
)
def test_a_gate_without_a_limit_or_with_two_is_refused(gate, words):
    with pytest.raises(InputError) as caught:
        Gate.build(gate)
    assert words in "\n".join(caught.value.problems)
