"""A file that an input names. The model keeps the path as given; `ingestion.resolve` reads it and notes its digest."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import pandas as pd
from pydantic import Field, PrivateAttr, model_serializer, model_validator

from aiecon.errors import InputError
from aiecon.vocabulary.strict import Strict

SAMPLE = "sample:"
SHIPPED = "shipped:"


def unless_false(given: Any) -> Any:
    """None for false: TOML has no word for it."""
    return None if given is False else given


@dataclass(frozen=True, eq=False)
class Table:
    """What was read from a source: a checked frame, where it came from and what a reader should know about it."""

    frame: pd.DataFrame
    digest: str
    rows: int
    facts: dict[str, Any]


@dataclass(frozen=True)
class Reads:
    """Mark of a Source field: which reader of `ingestion` reads it, and the field without which it is not wanted.

    A reader sees the model that the field stands in or, `of_question`, the inputs of the whole question; what it makes
    of the file depends on the fields that it `uses`, and is read again when `override` changes one of them. One that
    `is_alone` needs the day at most, so that its problems are told beside those of fields that are not sound.
    """

    reader: str
    beside: str | None = None
    of_question: bool = False
    uses: tuple[str, ...] = ("as_of",)
    is_alone: bool = False


@dataclass(frozen=True)
class ByName:
    """Mark of a table of which names are enough: `ingestion.by_name` takes the shipped row, unless `told` is given.

    Attributes
    ----------
    rows
        Which shipped table: units or prices.
    names
        Fields that say which row is meant.
    told
        Field with which a user says the rest without a row.
    beside
        Table whose names it takes where that is taken by name and itself is not given.
    priced_in
        Field of prices that hold for units of one seller and deployment alone.
    provider
        Who sells it where no name says so; the maker of a model when left out.
    """

    rows: str
    names: tuple[str, ...]
    told: str
    beside: str | None = None
    priced_in: str | None = None
    provider: str | None = None


class Source(Strict):
    """Path of a file or store, relative to `folder` (the inputs file's) or to the working folder.

    A path that starts with `sample:` names a file of the shipped sample company, one with `shipped:` a shipped table.
    """

    path: str = Field(min_length=1, description="file or folder, as given")
    folder: str | None = Field(default=None, description="folder that a relative path starts from")
    _table: Table | None = PrivateAttr(default=None)
    _again: Callable[["Source", Any], Table] | None = PrivateAttr(default=None)

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        return {"path": str(value)} if isinstance(value, str | Path) else value

    @model_serializer
    def _to_text(self) -> str:
        return self.path

    @property
    def is_sample(self) -> bool:
        """Whether the file belongs to the shipped, synthetic sample company."""
        return self.path.startswith(SAMPLE)

    @property
    def is_shipped(self) -> bool:
        """Whether the file is one of the tables that ship with aiecon."""
        return self.path.startswith(SHIPPED)

    def read_as(self, table: Table, again: Callable[["Source", Any], Table] | None = None) -> Self:
        """Return this source with what was read from it, and what reads it again for other inputs."""
        copy = self.model_copy()
        copy._table, copy._again = table, again
        return copy

    def read_again(self, inputs: Any) -> Self:
        """Return this source as it is read for other inputs; as it is where nothing says how."""
        return self if self._again is None else self.read_as(self._again(self, inputs), self._again)

    @property
    def table(self) -> Table:
        """What was read; InputError when nobody has read the file yet."""
        if self._table is None:
            raise InputError(f"{self.path} has not been read; call aiecon.resolve(inputs) before asking the question")
        return self._table

    @property
    def is_read(self) -> bool:
        """Whether the file has been read."""
        return self._table is not None
