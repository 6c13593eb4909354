import pytest

from aiecon.errors import InputError
from aiecon.vocabulary.gate import Gate, joint, reasons

ERROR = {"name": "forecast error", "metric": "cost against forecast", "at_most": 0.15}
USERS = {"name": "users", "metric": "users back weekly", "at_least": 0.5}


@pytest.mark.parametrize(
    ("gate", "evidence", "verdict"),
    [
        (ERROR, 0.1, "passed"),
        (ERROR, 0.15, "passed"),
        (ERROR, 0.1501, "failed"),
        (ERROR, 0.1500000001, "failed"),
        (ERROR, 0.15 * (1 + 1e-14), "failed"),
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


@pytest.mark.parametrize(
    ("limit", "evidence", "unit", "verdict", "words"),
    [
        (0.15, 0.1 + 0.05, "share", "passed", "is 15.0%; at most 15.0% is asked"),
        (0.15, 0.14996, "share", "passed", "is 14.996%; at most 15.000% is asked"),
        (0.15, 0.15001, "share", "failed", "is 15.001%; at most 15.000% is asked"),
        (1e7, 1e7 + 1, None, "failed", "is 10000001; at most 10000000 is asked"),
    ],
)
def test_a_limit_met_but_for_rounding_is_met_and_words_tell_figures_apart(limit, evidence, unit, verdict, words):
    gate = Gate(name="error", metric="error", at_most=limit, evidence=evidence, unit=unit)
    assert gate.verdict == verdict
    assert gate.reason == f"error {words}"


def test_reasons_name_every_gate_that_does_not_pass():
    gates = [Gate(**ERROR, evidence=0.2), Gate(**USERS), Gate(**USERS, evidence=0.6)]
    assert reasons(gates) == (
        "forecast error: cost against forecast is 0.2; at most 0.15 is asked; "
        "users: users back weekly: no evidence; at least 0.5 is asked"
    )
    assert reasons(gates[2:]) == ""
