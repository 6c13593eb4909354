"""The one exception tree. A bad input names every problem at once; a fault of ours is an AieconError of its own."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import date


def one_line(text: str) -> str:
    r"""Return a text with control characters and line ends escaped, so that a terminal shows it as one line.

    Examples
    --------
    >>> print(one_line("a" + chr(10) + "b.csv"))
    a\nb.csv
    """
    return "".join(
        repr(sign)[1:-1] if unicodedata.category(sign) in ("Cc", "Cf", "Zl", "Zp", "Cs") else sign for sign in text
    )


def no_day(text: str, error: str) -> str | None:
    """Words for a day that is none in the line that an error names."""
    at = re.search(r"at line (\d+)", error)
    line = text.splitlines()[int(at[1]) - 1 : int(at[1])] if at else []
    for day in re.findall(r"\b\d{4}-\d{2}-\d{2}\b", "".join(line)):
        try:
            date.fromisoformat(day)
        except ValueError:
            return f"{day} in line {at[1] if at else 1} is no day of the calendar"
    return None


class AieconError(Exception):
    """Any error aiecon raises on purpose."""


class InputError(AieconError, ValueError):
    """What the caller gave cannot be used. `problems` holds one line for each thing that is wrong."""

    def __init__(self, problems: str | Sequence[str]) -> None:
        given = (problems,) if isinstance(problems, str) else problems
        self.problems: tuple[str, ...] = tuple(map(one_line, given))
        super().__init__("\n".join(self.problems))


class FrameError(InputError):
    """A file or frame breaks its rules. The problems name file, column and row."""


class IdleScenarioError(InputError):
    """The scenario sets no field of the question; in a pack another page may have one."""


class NotBuiltError(InputError):
    """The question, verb or format is planned and not there yet."""


class ReportError(AieconError):
    """A notebook of a report failed; the words say which cell and why."""
