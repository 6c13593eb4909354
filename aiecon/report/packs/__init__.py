"""What the packs show beside their pages, and what of them goes on paper."""

from collections.abc import Sequence

from aiecon.catalog import Question
from aiecon.report.packs import cfo, quarterly
from aiecon.report.packs.agreement import Page, Results

_ARRANGED = {"cfo": cfo.arranged, "quarterly": quarterly.arranged}


def arranged(
    name: str, questions: Sequence[Question], pages: Sequence[Page], results: Results
) -> tuple[list[Page], list[Page]]:
    """Return the pages of a pack for paper and for the screen; those of a single question stay as they are.

    Raises
    ------
    InputError
        When pages contradict each other.
    """
    if name not in _ARRANGED:
        return list(pages), list(pages)
    return _ARRANGED[name](questions, pages, results)
