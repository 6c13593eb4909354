"""The gates of the case: which count now, what they say together, and what has none. Missing is never passed."""

from aiecon.models.business_case.inputs import BusinessCaseInputs, Phase
from aiecon.vocabulary.gate import Gate, Verdict, joint, reasons

THE_ASK = "the ask"


def every(inputs: BusinessCaseInputs) -> list[tuple[str, Gate]]:
    """Every gate with what it is of: the ask, or a phase."""
    found = [(THE_ASK, gate) for gate in inputs.gates]
    return found + [(phase.name, gate) for phase in inputs.phases for gate in phase.gates]


def funded(inputs: BusinessCaseInputs) -> list[Phase]:
    """The phases whose money has been given."""
    return [phase for phase in inputs.phases if phase.is_funded]


def waiting(inputs: BusinessCaseInputs) -> list[Phase]:
    """The phases that are not funded yet."""
    return [phase for phase in inputs.phases if not phase.is_funded]


def next_phase(inputs: BusinessCaseInputs) -> Phase | None:
    """The first phase that is not funded yet; None without one."""
    return min(waiting(inputs), key=lambda phase: phase.start_period, default=None)


def counting(inputs: BusinessCaseInputs) -> list[tuple[str, Gate]]:
    """The gates that count now, with what each is of: the ask, phases funded already, and the phase asked for."""
    asked = next_phase(inputs)
    counted = {THE_ASK, *(phase.name for phase in funded(inputs)), *([asked.name] if asked else [])}
    return [(of, gate) for of, gate in every(inputs) if of in counted]


def ungated(inputs: BusinessCaseInputs) -> list[Phase]:
    """Phases that count now and have no gate: those funded already, and the one asked for where the ask has none."""
    asked = next_phase(inputs)
    phases = [*funded(inputs), *([asked] if asked and not inputs.gates else [])]
    return [phase for phase in phases if not phase.gates]


def verdict(inputs: BusinessCaseInputs) -> Verdict | None:
    """failed, held or passed over the gates that count now, a phase without any being held; None without either."""
    gates, missing = [gate for _, gate in counting(inputs)], ungated(inputs)
    if not gates and not missing:
        return None
    found = joint(gates)
    return "held" if found == "passed" and missing else found


def step(inputs: BusinessCaseInputs, phase: Phase) -> str:
    """The verdict of a phase, in words."""
    if phase.is_funded:
        own = joint(phase.gates) if phase.gates else None
        return "funded" if own == "passed" else f"funded, gates {own}" if own else "funded without a gate"
    own_gates = phase.gates or (inputs.gates if phase is next_phase(inputs) else ())
    if not own_gates:
        return "no gate"
    before = [gate for one in funded(inputs) for gate in one.gates]
    found = joint([*before, *own_gates])
    return "held" if found == "passed" and any(not one.gates for one in funded(inputs)) else found


def missing_words(phase: Phase) -> str:
    """That a phase has no gate, and what follows."""
    given = ", which is funded," if phase.is_funded else ""
    return f"Phase {phase.name}{given} has no gate: nothing was asked of it, so it is held, not passed"


def why(inputs: BusinessCaseInputs) -> str | None:
    """Why the gates do not pass, each by its name; None where all do."""
    if not every(inputs) and not ungated(inputs):
        return "no gate was given"
    now = counting(inputs)
    later = {of: reasons([gate for one, gate in every(inputs) if one == of]) for of, _ in every(inputs)}
    for of, _ in now:
        later.pop(of, None)
    told = [f"later, of {of}: {said}" for of, said in later.items() if said]
    said = [reasons([gate for _, gate in now]), *map(missing_words, ungated(inputs)), *told]
    return "; ".join(filter(None, said)) or None


def notes(inputs: BusinessCaseInputs) -> list[str]:
    """Gates of a funded phase that have failed or lack evidence, others without evidence, and phases without a gate."""
    found, then = list(map(missing_words, ungated(inputs))), "; the next phase is held back" if waiting(inputs) else ""
    for phase in funded(inputs):
        for gate in phase.gates:
            words = {"held": "has no evidence", "failed": f"has failed: {gate.reason}"}.get(gate.verdict)
            found += [f"Gate {gate.name} of {phase.name}, which is funded, {words}{then}"] if words else []
    own = [(THE_ASK, gate) for gate in inputs.gates]
    for of, gate in own + [(phase.name, gate) for phase in waiting(inputs) for gate in phase.gates]:
        said = {"held": "has no evidence; it is held, not passed", "failed": f"has failed: {gate.reason}"}
        found += [f"Gate {gate.name} of {of} {said[gate.verdict]}"] if gate.verdict in said else []
    return found + _counted_all_the_same(inputs)


def _counted_all_the_same(inputs: BusinessCaseInputs) -> list[str]:
    """Later phases whose gates have failed, and which the worth counts as if they were funded."""
    asked = next_phase(inputs)
    return [
        f"The worth counts {phase.name} all the same, though its gates have failed as things stand"
        for phase in waiting(inputs)
        if phase is not asked and phase.gates and joint(phase.gates) == "failed"
    ]
