"""A move: what a page's decision leads to, with what it saves; the pages say it and a pack puts it in its table."""

from dataclasses import dataclass

from aiecon.charts.formats import full, probability

NOTHING = "–"
NOT_SAID = "not stated"


@dataclass(frozen=True)
class Move:
    """One row in words; what it saves as a number where that is known.

    Attributes
    ----------
    what, confidence, effort, owner
        Words.
    saved
        What it saves a month by itself; 0 where nothing changes, None where it is not known. [currency/month]
    currency
        Of it.
    of_tokens
        Part that it saves of what its tokens cost; None where it acts on no tokens that another move acts on.
    is_routing
        Whether it leaves fewer or cheaper tokens to those that buy capacity for the rest.
    said
        Words beside the number, or in its place where there is none.
    condition
        What must be shown first; its saving is then added to nothing.
    note
        A sentence below the table of moves.
    """

    what: str
    confidence: str
    effort: str
    owner: str
    saved: float | None = 0.0
    currency: str = ""
    of_tokens: float | None = None
    is_routing: bool = False
    said: str = ""
    condition: str = ""
    note: str = ""

    @property
    def saving(self) -> str:
        """The saving in words."""
        number = f"{full(self.saved)} {self.currency}" if self.saved else ""
        words = ", ".join(filter(None, (number, self.said))) or (NOT_SAID if self.saved is None else NOTHING)
        return f"({words})" if self.condition and words != NOTHING else words

    @property
    def is_counted(self) -> bool:
        """Whether its saving belongs to the sum of all moves."""
        return not self.condition


def saves_with(share: float | None) -> str:
    """How sure a saving is, in words."""
    return NOT_SAID if share is None else f"saves with {probability(share)}"
