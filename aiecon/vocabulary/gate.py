"""A gate: a figure that must be reached, the evidence for it, and the verdict."""

import math
from collections.abc import Sequence
from typing import ClassVar, Literal

from pydantic import Field

from aiecon.units import EXACTLY
from aiecon.vocabulary.strict import Strict

Verdict = Literal["passed", "held", "failed"]
_NOTHING = 1e-12  # what a limit of zero forgives
_MOST_DIGITS = 16


class Gate(Strict):
    """A limit that evidence is held against; without evidence it is held, never assumed.

    Examples
    --------
    >>> Gate(name="forecast", metric="forecast error", at_most=0.15, evidence=0.1).verdict
    'passed'
    >>> Gate(name="forecast", metric="forecast error", at_most=0.15).verdict
    'held'
    """

    one_of: ClassVar = (("at_least", "at_most"),)
    speakers: ClassVar = {"evidence": ("source",)}

    name: str = Field(min_length=1, description="what it is called")
    metric: str = Field(min_length=1, description="what is measured")
    at_least: float | None = Field(default=None, description="smallest value that passes")
    at_most: float | None = Field(default=None, description="largest value that passes")
    evidence: float | None = Field(default=None, description="value measured; held without one")
    owner: str | None = Field(default=None, description="who brings the evidence")
    source: str | None = Field(default=None, description="where the evidence comes from")
    evidence_from: str | None = Field(
        default=None, description="QUESTION.key of the figure the evidence is; a pack with both refuses to differ"
    )
    unit: Literal["share"] | None = Field(default=None, description="share: printed as a percentage; as given if not")

    @property
    def verdict(self) -> Verdict:
        """passed, failed, or held without evidence."""
        if self.evidence is None:
            return "held"
        if _is_same(self.evidence, self._limit):
            return "passed"
        is_met = self.evidence > self._limit if self.at_least is not None else self.evidence < self._limit
        return "passed" if is_met else "failed"

    @property
    def _limit(self) -> float:
        return self.at_least if self.at_least is not None else self.at_most or 0.0

    @property
    def asked(self) -> str:
        """The limit in words."""
        return f"{'at least' if self.at_least is not None else 'at most'} {self._told[1]}"

    @property
    def shown(self) -> str | None:
        """The evidence as it is printed; None without one."""
        return self._told[0]

    @property
    def _told(self) -> tuple[str | None, str]:
        """Evidence and limit as they are printed, told apart."""
        if self.evidence is None:
            return None, _shown(self._limit, self.unit)
        return _apart(self.evidence, self._limit, self.unit)

    @property
    def reason(self) -> str:
        """Why the verdict is what it is, in words."""
        if self.shown is None:
            return f"{self.metric}: no evidence; {self.asked} is asked"
        return f"{self.metric} is {self.shown}; {self.asked} is asked"


def joint(gates: Sequence[Gate]) -> Verdict:
    """The verdict of several gates: failed when one failed, else held when one is, else passed."""
    found = {gate.verdict for gate in gates}
    return "failed" if "failed" in found else "held" if "held" in found else "passed"


def reasons(gates: Sequence[Gate]) -> str:
    """Why several gates do not pass, each by its name; empty when all do."""
    return "; ".join(f"{gate.name}: {gate.reason}" for gate in gates if gate.verdict != "passed")


def _apart(evidence: float, limit: float, unit: str | None) -> tuple[str, str]:
    """Two figures printed with as many digits as it takes to tell them apart."""
    for digits in range(_MOST_DIGITS):
        shown = _shown(evidence, unit, digits), _shown(limit, unit, digits)
        if shown[0] != shown[1] or _is_same(evidence, limit):
            return shown
    return shown


def _is_same(evidence: float, limit: float) -> bool:
    """Whether a limit is met but for binary rounding, as exactly as a level of escalation."""
    return math.isclose(evidence, limit, rel_tol=EXACTLY - 1.0, abs_tol=0.0 if limit else _NOTHING)


def _shown(value: float, unit: str | None, more: int = 0) -> str:
    return f"{value:.{1 + more}%}" if unit == "share" else f"{value:.{6 + more}g}"
