"""The pages of the cfo pack: the ask, what every page says and the moves, a page a question, the register."""

from collections.abc import Mapping, Sequence
from typing import Any

from aiecon import catalog
from aiecon.catalog import Question
from aiecon.errors import InputError
from aiecon.report import blocks
from aiecon.report.blocks import Block
from aiecon.report.packs import moves, register
from aiecon.report.packs.agreement import Page, Results, disagreements

_FEW = 6  # rows of a table that fit below what to decide
_SIGN_OFFS = ("Technology", "Security", "Finance")
_SEVERE = ("act", "watch", "open", "fine")
OVERVIEW, ASSUMPTIONS = "What the pages say together", "Assumptions and signatures"


def brief(page: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Cut a page to one of paper: headline, figures, first chart, what to decide, first rows of the first table."""
    found: list[dict[str, Any]] = []
    for kind in ("headline", "figures", "chart", "decision", "table"):
        first = next((block for block in page if block["kind"] == kind), None)
        if first is not None:
            found.append(_cut(first) if kind == "table" else dict(first))
    return found


def _cut(table: Mapping[str, Any]) -> dict[str, Any]:
    """A table's first rows and its totals, saying so."""
    rows, bold = table["rows"], table["bold"]
    if len(rows) <= _FEW:
        return dict(table)
    kept = sorted({*range(_FEW - 1), *(place for place in bold if place >= _FEW - 1)})
    inner = len(rows) - sum(place >= _FEW - 1 for place in bold)
    return {
        **table,
        "rows": [rows[place] for place in kept],
        "bold": [kept.index(place) for place in bold],
        "note": f"The first {_FEW - 1} of {inner} rows. {table['note']}".strip(),
    }


def arranged(questions: Sequence[Question], pages: Sequence[Page], results: Results) -> tuple[list[Page], list[Page]]:
    """Return the pages for paper, one a question, and for the screen, whole; refused when they do not agree."""
    problems = disagreements(results)
    if problems:
        raise InputError(problems)
    after_first, closing = _beside(questions, pages, results)
    short = [(title, brief(page)) for title, page in pages]
    return [short[0], after_first, *short[1:], closing], [pages[0], after_first, *pages[1:], closing]


def _beside(questions: Sequence[Question], pages: Sequence[Page], results: Results) -> tuple[Page, Page]:
    """The page that stands after the first, and the one that closes the pack."""
    as_of = max(result["provenance"]["as_of"] for result in results.values())
    said = list(zip(questions, pages, strict=True))
    overview = [
        _headline(said),
        blocks.contents(),
        moves.table(results),
        _verdicts(said),
        _left_out(questions, results),
    ]
    closing = [_risks(said), register.register(results, as_of=as_of), register.files(results), _signatures()]
    return (OVERVIEW, [one.plain() for one in overview]), (ASSUMPTIONS, [one.plain() for one in closing])


def _first(page: Page, kind: str) -> Mapping[str, Any] | None:
    return next((block for block in page[1] if block["kind"] == kind), None)


def _headline(said: Sequence[tuple[Question, Page]]) -> Block:
    heads = [(question, _first(page, "headline")) for question, page in said]
    verdicts = [head["verdict"] for _, head in heads if head]
    urgent = [question.name for question, head in heads if head and head["verdict"] == "act"]
    counts = f"{len(urgent)} of {len(verdicts)} pages ask to act now"
    text = f"{counts}: {', '.join(urgent)}." if urgent else f"None of the {len(verdicts)} pages asks to act now."
    verdict = min(verdicts, key=_SEVERE.index)
    return blocks.headline(text, verdict=verdict, synthetic=any(head["synthetic"] for _, head in heads if head))


def _verdicts(said: Sequence[tuple[Question, Page]]) -> Block:
    rows = []
    for question, page in said:
        head, decision = _first(page, "headline"), _first(page, "decision")
        if head:
            by = decision["by"] if decision else ""
            rows.append([question.name, blocks.VERDICTS[head["verdict"]], head["text"], by])
    columns = ["Page", "Verdict", "What it says", "Decide by"]
    return blocks.table("What each page says", columns, rows, text_columns=4, widths=(1.1, 1.0, 4.2, 1.5))


def _left_out(questions: Sequence[Question], results: Results) -> Block:
    missing = [name for name in catalog.PACKS["cfo"] if name not in {question.name for question in questions}]
    paragraphs = [
        "Every page here is its first one: the whole of it, with method and sources, is in report.html and in "
        "aiecon report NAME."
    ]
    if missing:
        paragraphs.append(f"Not built yet, and left out: {', '.join(missing)}.")
    days: dict[str, list[str]] = {}
    for name, result in results.items():
        days.setdefault(result["provenance"]["as_of"], []).append(name)
    if len(days) > 1:
        said = "; ".join(f"{day}: {', '.join(names)}" for day, names in sorted(days.items()))
        paragraphs.append(f"The pages are as of different days, each the last its data has ({said}).")
    return blocks.text("What is not here", paragraphs)


def _risks(said: Sequence[tuple[Question, Page]]) -> Block:
    """What would change each page's answer most."""
    rows = []
    for question, page in said:
        decision = _first(page, "decision")
        if decision and decision["changes"]:
            rows.append([question.name, decision["changes"][0], decision["who"]])
    columns = ["Page", "What would change its answer", "Who watches it"]
    return blocks.table("Risks", columns, rows, text_columns=3, widths=(1.1, 4.2, 1.9))


def _signatures() -> Block:
    line = "_" * 18
    rows = [[role, line, line, line] for role in _SIGN_OFFS]
    columns = ["Sign-off", "Name", "Date", "Signature"]
    return blocks.table("Signatures", columns, rows, text_columns=4, widths=(1, 1.6, 1, 1.8))
