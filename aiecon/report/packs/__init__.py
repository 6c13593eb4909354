"""What the packs show beside their pages, and what of them goes on paper."""

from collections.abc import Sequence

from aiecon.catalog import Question
from aiecon.errors import InputError
from aiecon.report.packs import cfo, quarterly
from aiecon.report.packs.agreement import Page, Results
from aiecon.report.packs.old_prices import old_prices

_ARRANGED = {"cfo": cfo.arranged, "quarterly": quarterly.arranged}


def arranged(
    name: str, questions: Sequence[Question], pages: Sequence[Page], results: Results
) -> tuple[list[Page], list[Page]]:
    """Return the pages of a pack for paper and for the screen; those of a single question stay as they are.

    Raises
    ------
    InputError
        When pages contradict each other, or rest on prices that nobody has seen for too long.
    """
    if name not in _ARRANGED:
        return list(pages), list(pages)
    if problems := old_prices(results):
        raise InputError(problems)
    return _ARRANGED[name](questions, pages, results)
