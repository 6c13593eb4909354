"""The one exception tree. A bad input names every problem at once; a fault of ours is an AieconError of its own."""

from collections.abc import Sequence


class AieconError(Exception):
    """Any error aiecon raises on purpose."""


class InputError(AieconError, ValueError):
    """What the caller gave cannot be used. `problems` holds one line for each thing that is wrong."""

    def __init__(self, problems: str | Sequence[str]) -> None:
        self.problems: tuple[str, ...] = (problems,) if isinstance(problems, str) else tuple(problems)
        super().__init__("\n".join(self.problems))


class FrameError(InputError):
    """A file or frame breaks its rules. The problems name file, column and row."""


class NotBuiltError(InputError):
    """The question, verb or format is planned and not there yet."""


class ReportError(AieconError):
    """A notebook of a report failed; the words say which cell and why."""
