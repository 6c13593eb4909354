"""The gates of the case in a pack: what is asked, the evidence, the verdict, and that no other page says otherwise."""

from collections.abc import Mapping
from typing import Any

from aiecon.models.business_case import BusinessCaseInputs, gates
from aiecon.report import blocks
from aiecon.report.blocks import Block
from aiecon.vocabulary.gate import Gate
from aiecon.vocabulary.strict import quoted

CASE, CURVE = "business_case", "cost_curve"
_PAPERS, _VERDICT = "pre_launch_passed", "pre_launch_verdict"
_LINK = f"{CURVE}.{_PAPERS}"
_DIGITS = 0.005  # of a figure: what evidence may differ by that is typed to three digits
_NO_FIGURE = "no figure"

Results = Mapping[str, Mapping[str, Any]]


def of(results: Results) -> list[tuple[str, str, Gate]]:
    """Every gate of the case: the phase it is of, its dotted path, and itself."""
    inputs = results[CASE]["inputs"] if CASE in results else {}
    found = [("the ask", "gates", gate) for gate in inputs.get("gates", ())]
    for phase in inputs.get("phases", ()):
        path = f"phases.{quoted(phase['name'])}.gates"
        found += [(phase["name"], path, gate) for gate in phase["gates"]]
    return [(phase, f"{CASE}.{path}.{quoted(gate['name'])}", Gate.build(gate)) for phase, path, gate in found]


def counted(results: Results) -> list[tuple[str, str, Gate]]:
    """The gates that count now: those of the ask, of phases funded already, and of the phase asked for."""
    names = {phase for phase, _ in gates.counting(_inputs(results))} if CASE in results else set()
    return [(phase, path, gate) for phase, path, gate in of(results) if phase in names]


def _inputs(results: Results) -> BusinessCaseInputs:
    return BusinessCaseInputs.build(results[CASE]["inputs"])


def problems(results: Results) -> list[str]:
    """Evidence that is not what the page it is from says, and a launch that one page stops and no gate knows of."""
    return [*_differing(results), *_too_low(results), *_unheard(results)]


def _differing(results: Results) -> list[str]:
    found = []
    for _, path, gate in of(results):
        owner, _, key = (gate.evidence_from or "").partition(".")
        if owner not in results or gate.evidence is None:
            continue
        figure = results[owner]["summary"].get(key, _NO_FIGURE)
        if not isinstance(figure, int | float | None):
            found.append(f"{path}.evidence_from names {owner}.{key}, which is no figure of {owner}")
        elif not _is_same(gate, figure):
            told = "nothing" if figure is None else f"{figure:g}"
            why = _why(results) if gate.evidence_from == _LINK else ""
            found.append(f"{path}.evidence is {gate.evidence:g} and {owner}.{key} says {told}{why}; set one of them")
    return found


def _is_same(gate: Gate, figure: float | None) -> bool:
    """Whether the evidence is the figure but for its last digits, with the same verdict."""
    if figure is None or gate.evidence is None:
        return False
    is_alike = abs(gate.evidence - figure) <= _DIGITS * abs(figure)
    return is_alike and gate.model_copy(update={"evidence": float(figure)}).verdict == gate.verdict


def _why(results: Results) -> str:
    """Why the papers before launch are not passed, as the curve says."""
    said = results[CURVE]["notes"].get(_VERDICT)
    return f" ({said})" if said else ""


def _too_low(results: Results) -> list[str]:
    """Gates about the papers before launch that pass where the curve's own gate does not."""
    verdict = _stopped(results)
    if verdict is None:
        return []
    return [
        f"{path}: it passes with {gate.shown} where {gate.asked} is asked, and {CURVE}.{_VERDICT} is {verdict}"
        f"{_why(results)}; ask for every paper"
        for _, path, gate in of(results)
        if gate.evidence_from == _LINK
        and gate.verdict == "passed"
        and _is_same(gate, results[CURVE]["summary"][_PAPERS])
    ]


def _unheard(results: Results) -> list[str]:
    """A gate before launch that is not passed, where the case would be funded all the same."""
    verdict = _stopped(results)
    if CASE not in results or verdict is None or any(gate.evidence_from == _LINK for *_, gate in counted(results)):
        return []
    if results[CASE]["summary"]["gate_verdict"] not in ("passed", None):
        return []
    return [
        f"{CURVE}.{_VERDICT} is {verdict}{_why(results)} and no gate of {CASE} that counts now has it as its evidence; "
        f'give one, of the ask or of the phase asked for, evidence_from = "{_LINK}"'
    ]


def _stopped(results: Results) -> str | None:
    """What the gate before launch says where it is not passed; None where it is, or nobody asked."""
    verdict = results[CURVE]["summary"].get(_VERDICT) if CURVE in results else None
    return None if verdict == "passed" else verdict


def _is_linked(results: Results) -> bool:
    return any(gate.evidence_from == _LINK for _, _, gate in of(results))


def notes(results: Results) -> dict[str, Block]:
    """The case -> its gates, on the page of the ask; the papers before launch with them where no gate is about them."""
    rows = [
        [phase, gate.name, f"{gate.metric}, {gate.asked}", gate.shown or "none", gate.verdict]
        for phase, _, gate in of(results)
    ]
    if CURVE in results and results[CURVE]["summary"].get(_VERDICT) and not _is_linked(results):
        rows.append(_launch(results))
    missing = gates.ungated(_inputs(results)) if CASE in results else []
    rows += [[phase.name, "none", "nothing is asked of it", "none", "held"] for phase in missing]
    if not rows:
        return {}
    columns = ["Of", "Gate", "What is asked", "Evidence", "Verdict"]
    note = "A gate without evidence is held, and so is a phase without a gate; neither is ever assumed."
    table = blocks.table(
        "Gates and their evidence", columns, rows, text_columns=5, note=note, widths=(1, 1.5, 4, 0.8, 0.8)
    )
    return {CASE: table}


def _launch(results: Results) -> list[str]:
    """The gate before launch as a row: what holds it, or that nothing does."""
    summary, said = results[CURVE]["summary"], results[CURVE]["notes"]
    why = said.get(_VERDICT) or "every paper"
    return ["launch", "papers before launch", why, f"{summary[_PAPERS]:g} {said[_PAPERS]}", summary[_VERDICT]]
