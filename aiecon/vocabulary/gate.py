"""A gate: a figure that must be reached, the evidence for it, and the verdict."""

from collections.abc import Sequence
from typing import ClassVar, Literal

from pydantic import Field

from aiecon.vocabulary.strict import Strict

Verdict = Literal["passed", "held", "failed"]


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

    name: str = Field(min_length=1, description="what it is called")
    metric: str = Field(min_length=1, description="what is measured")
    at_least: float | None = Field(default=None, description="smallest value that passes")
    at_most: float | None = Field(default=None, description="largest value that passes")
    evidence: float | None = Field(default=None, description="value measured; held without one")
    owner: str | None = Field(default=None, description="who brings the evidence")
    source: str | None = Field(default=None, description="where the evidence comes from")

    @property
    def verdict(self) -> Verdict:
        """passed, failed, or held without evidence."""
        if self.evidence is None:
            return "held"
        is_met = self.evidence >= self.at_least if self.at_least is not None else self.evidence <= (self.at_most or 0.0)
        return "passed" if is_met else "failed"

    @property
    def reason(self) -> str:
        """Why the verdict is what it is, in words."""
        side, limit = ("at least", self.at_least) if self.at_least is not None else ("at most", self.at_most)
        if self.evidence is None:
            return f"{self.metric}: no evidence; {side} {limit:g} is asked"
        return f"{self.metric} is {self.evidence:g}; {side} {limit:g} is asked"


def joint(gates: Sequence[Gate]) -> Verdict:
    """The verdict of several gates: failed when one failed, else held when one is, else passed."""
    found = {gate.verdict for gate in gates}
    return "failed" if "failed" in found else "held" if "held" in found else "passed"
