"""The pages of the cfo pack: the ask, what every page says and the moves, a page a question, the register."""

from collections.abc import Mapping, Sequence
from typing import Any

from aiecon import catalog
from aiecon.catalog import Question
from aiecon.errors import InputError
from aiecon.report import blocks
from aiecon.report.blocks import Block
from aiecon.report.packs import economics, gates, moves, priced, quarter, register, risks, scope
from aiecon.report.packs.agreement import Page, Results, day_of, disagreements

_FEW = 6  # rows of a table that fit below what to decide
_FITS = {"cost_curve": 14, "adaptive_budget": 4}  # where other numbers do
_SIGN_OFFS = ("CFO", "Finance", "Technology", "Security")
_SEVERE = ("act", "watch", "open", "fine")
OVERVIEW, ASSUMPTIONS = "What the pages say together", "Assumptions and signatures"
VERDICTS = "What each page says, and what may go wrong"


def brief(page: Sequence[Mapping[str, Any]], *, few: int = _FEW) -> list[dict[str, Any]]:
    """Cut a page to one of paper: headline, figures, first chart, what to decide, first rows of the first table."""
    found: list[dict[str, Any]] = []
    for kind in ("headline", "figures", "chart", "decision", "table"):
        first = next((block for block in page if block["kind"] == kind), None)
        if first is not None:
            found.append(_cut(first, few) if kind == "table" else dict(first))
    return found


def _cut(table: Mapping[str, Any], few: int) -> dict[str, Any]:
    """A table's first rows and its totals, saying so."""
    rows, bold = table["rows"], table["bold"]
    if len(rows) <= few:
        return dict(table)
    kept = sorted({*range(few - 1), *(place for place in bold if place >= few - 1)})
    inner = len(rows) - sum(place >= few - 1 for place in bold)
    return {
        **table,
        "rows": [rows[place] for place in kept],
        "bold": [kept.index(place) for place in bold],
        "note": f"The first {few - 1} of {inner} rows. {table['note']}".strip(),
    }


def arranged(questions: Sequence[Question], pages: Sequence[Page], results: Results) -> tuple[list[Page], list[Page]]:
    """Return the pages for paper, one a question, and for the screen, whole; refused when they do not agree."""
    problems = disagreements(results)
    if problems:
        raise InputError(problems)
    after_first, verdicts, case, closing = _beside(questions, pages, results)
    beside = {**quarter.notes(results), **scope.notes(results)}
    added = [[beside[one.name].plain()] if one.name in beside else [] for one in questions]
    short = [
        (title, [*brief(page, few=_FITS.get(one.name, _FEW)), *more, *_gates(one, results)])
        for one, (title, page), more in zip(questions, pages, added, strict=True)
    ]
    whole = [(title, [*page, *more]) for (title, page), more in zip(pages, added, strict=True)]
    between = [after_first, verdicts, case]
    return [short[0], *between, *short[1:], closing], [whole[0], *between, *whole[1:], closing]


def _gates(question: Question, results: Results) -> list[dict[str, Any]]:
    """What a page on paper has of gates; the screen has them with owner and source on the page itself."""
    found = gates.notes(results).get(question.name)
    return [] if found is None else [found.plain()]


def _beside(questions: Sequence[Question], pages: Sequence[Page], results: Results) -> tuple[Page, ...]:
    """The pages that stand after the first, and the one that closes the pack."""
    as_of, decisions = day_of(results), _decisions(list(zip(questions, pages, strict=True)))
    said = list(zip(questions, pages, strict=True))
    overview = [
        _headline(said),
        moves.table(moves.moves(results, decisions)),
        *([quarter.bridge(months)] if (months := quarter.of(results)) else []),
        blocks.contents(),
    ]
    verdicts = [_verdicts(said, results), risks.table(results, decisions), _left_out(questions, results)]
    closing = [register.register(results, as_of=as_of), priced.table(results), register.files(results), _signatures()]
    made = ((OVERVIEW, overview), (VERDICTS, verdicts), (ASSUMPTIONS, closing))
    first, second, last = ((title, [one.plain() for one in page]) for title, page in made)
    return first, second, (economics.TITLE, economics.blocks_of(pages[0][1], results)), last


def _first(page: Page, kind: str) -> Mapping[str, Any] | None:
    return next((block for block in page[1] if block["kind"] == kind), None)


def _decisions(said: Sequence[tuple[Question, Page]]) -> dict[str, Mapping[str, Any]]:
    """Question -> what its page decides."""
    return {question.name: found for question, page in said if (found := _first(page, "decision"))}


def _headline(said: Sequence[tuple[Question, Page]]) -> Block:
    heads = [(question, _first(page, "headline")) for question, page in said]
    verdicts = [head["verdict"] for _, head in heads if head]
    urgent = [_words(question.name) for question, head in heads if head and head["verdict"] == "act"]
    counts = f"{len(urgent)} of {len(verdicts)} pages ask to act now"
    text = f"{counts}: {', '.join(urgent)}." if urgent else f"None of the {len(verdicts)} pages asks to act now."
    verdict = min(verdicts, key=_SEVERE.index)
    return blocks.headline(text, verdict=verdict, synthetic=any(head["synthetic"] for _, head in heads if head))


def _verdicts(said: Sequence[tuple[Question, Page]], results: Results) -> Block:
    rows = []
    for question, page in said:
        head, decision = _first(page, "headline"), _first(page, "decision")
        if head:
            by = decision["by"] if decision else ""
            day = results[question.name]["provenance"]["as_of"]
            words = [question.question, blocks.VERDICTS[head["verdict"]], head["text"], by, day]
            rows.append(words)
    columns = ["Question", "Verdict", "What it says", "Decide by", "As of"]
    return blocks.table("What each page says", columns, rows, text_columns=5, widths=(1.6, 1.0, 3.4, 1.85, 0.85))


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
        days.setdefault(result["provenance"]["as_of"], []).append(_words(name))
    if len(days) > 1:
        said = "; ".join(f"{day}: {', '.join(names)}" for day, names in sorted(days.items()))
        paragraphs.append(f"The pages are as of different days, each the last its data has ({said}).")
    return blocks.text("What is not here", paragraphs)


def _words(name: str) -> str:
    """A page inside a sentence."""
    return name.replace("_", " ")


def _signatures() -> Block:
    line = "_" * 18
    rows = [[role, line, line, line] for role in _SIGN_OFFS]
    columns = ["Sign-off", "Name", "Date", "Signature"]
    return blocks.table("Signatures", columns, rows, text_columns=4, widths=(1, 1.6, 1, 1.8))
