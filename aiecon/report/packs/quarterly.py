"""The quarterly pack on paper: each page without its details; one register of assumptions after the last."""

from collections.abc import Mapping, Sequence
from typing import Any

from aiecon.catalog import Question
from aiecon.report import blocks
from aiecon.report.packs import register
from aiecon.report.packs.agreement import Page, Results, day_of


def arranged(questions: Sequence[Question], pages: Sequence[Page], results: Results) -> tuple[list[Page], list[Page]]:
    """Return the pages for paper, where cells of the notebooks tagged "detail" are left out, and for the screen."""
    as_of = day_of(results)
    names = ", ".join(f"aiecon report {question.name}" for question in questions)
    left_out = f"What these pages leave out, with the assumptions behind it, is in report.html and in {names}."
    behind = _on_paper(questions, results)
    closing = [register.register(behind, as_of=as_of), register.files(results, note=left_out)]
    short = [(title, [block for block in page if not block["is_detail"]]) for title, page in pages]
    short[0] = _with_contents(short[0])
    short[-1] = (short[-1][0], [*short[-1][1], *(block.plain() for block in closing)])
    return short, list(pages)


def _on_paper(questions: Sequence[Question], results: Results) -> dict[str, Mapping[str, Any]]:
    """Results without the assumptions that paper leaves to the screen."""
    found: dict[str, Mapping[str, Any]] = {}
    for question in questions:
        result = results[question.name]
        known = result["provenance"]
        rows = [row for row in known["assumption_rows"] if not row["name"].startswith(question.details)]
        found[question.name] = {**result, "provenance": {**known, "assumption_rows": rows}}
    return found


def _with_contents(page: Page) -> Page:
    """The first page with the contents of the pack below what is to be decided."""
    title, shown = page
    place = next((place for place, block in enumerate(shown, 1) if block["kind"] == "decision"), len(shown))
    return title, [*shown[:place], blocks.contents().plain(), *shown[place:]]
