"""What the inputs of every question have in common, and the shape of every answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, ClassVar, Protocol, Self, runtime_checkable

import pandas as pd
from pydantic import Field, PrivateAttr

from aiecon.vocabulary.metric import Metric
from aiecon.vocabulary.strict import Date, Strict


class QuestionInputs(Strict):
    """Base of the inputs of a question: the day the data is read as of, the seed and the number of draws.

    A question whose own data says the day it is of `is_dated`; one without dates is of the last day of the price table.
    """

    is_dated: ClassVar[bool] = False

    as_of: Date | None = Field(default=None, description="last day that is read; the last complete day by default")
    seed: int = Field(default=0, ge=0, lt=2**64, description="seed of every random draw")
    draws: int = Field(default=10_000, ge=100, le=5_000_000, description="draws behind probabilities and ranges")
    _assumption_rows: dict[str, dict[str, Any]] = PrivateAttr(default_factory=dict)
    _is_of_sample: bool = PrivateAttr(default=False)
    _replaced: tuple[str, ...] = PrivateAttr(default=())
    _chosen: "Chosen | None" = PrivateAttr(default=None)
    _by_hand: dict[str, dict[str, Any]] = PrivateAttr(default_factory=dict)

    @property
    def replaced(self) -> tuple[str, ...]:
        """Fields that stood there and that a change of another field has cleared."""
        return self._replaced

    @property
    def assumption_rows(self) -> dict[str, dict[str, Any]]:
        """The assumption rows whose values feed these inputs, by dotted name."""
        return self._assumption_rows

    @property
    def by_hand(self) -> dict[str, dict[str, Any]]:
        """Figures that a change or a scenario set over others, by dotted name: value, was, source, grade, is_item."""
        return self._by_hand

    @property
    def chosen(self) -> "Chosen | None":
        """The scenario that was chosen, with the inputs as they are without it; None where none was."""
        return self._chosen

    @property
    def is_of_sample(self) -> bool:
        """Whether the inputs are those of the sample company, whatever of them was changed."""
        return self._is_of_sample


@dataclass(frozen=True)
class Chosen:
    """A scenario that inputs are of: its name, the inputs without it, and what was changed of both since."""

    scenario: str
    without: QuestionInputs
    since: Mapping[str, Any] = field(default_factory=dict)

    def also(self, changes: Mapping[str, Any]) -> Self:
        """The same with changes more."""
        return replace(self, since={**self.since, **changes})


class Answer(Protocol):
    """What every question returns: its inputs, headline figures and a tidy main table."""

    @property
    def inputs(self) -> QuestionInputs:
        """The inputs the answer was computed from."""

    @property
    def as_of(self) -> date | None:
        """The day the data was read as of; None for inputs without dates that nobody resolved."""

    @property
    def notes(self) -> list[str]:
        """What a reader must know before trusting the figures."""

    def summary(self) -> list[Metric]:
        """Headline figures in reading order."""

    def to_frame(self) -> pd.DataFrame:
        """The main table, one row per period or option."""


@runtime_checkable
class HasTables(Protocol):
    """What an answer with more than its main table has."""

    def tables(self) -> dict[str, pd.DataFrame]:
        """Frames by name."""


def day_of(inputs: QuestionInputs, *days: date | None) -> date | None:
    """The day an answer speaks of: the one asked for, else the last of those given; None where there is none."""
    return inputs.as_of or max((day for day in days if day is not None), default=None)
