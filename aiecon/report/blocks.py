"""The parts a page is made of. A notebook shows them; the HTML, the PDF and results.json read them back from it.

Each block carries its content as JSON under one MIME type, beside what JupyterLab shows.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from html import escape as quoted
from typing import Any

from aiecon import resources
from aiecon.charts.formats import unbroken
from aiecon.report import asking
from aiecon.report.move import Move
from aiecon.vocabulary import by_hand
from aiecon.vocabulary.question import Answer

MIME = "application/vnd.aiecon.block+json"
VEGA_LITE = "6.4"
FONTS = "report/fonts"
DETAIL = "detail"
"""Tag of notebook cells that the quarterly pack leaves out on paper."""
LAB_CHART = "application/vnd.vegalite.v5+json"


@dataclass(frozen=True)
class Block:
    """One part of a page: its kind and content, and the HTML a reader sees."""

    kind: str
    content: Mapping[str, Any]
    html: str
    extra: Mapping[str, Any] = field(default_factory=dict)

    def plain(self) -> dict[str, Any]:
        """The block as a page keeps it."""
        return {"kind": self.kind, **self.content, "html": self.html}

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> tuple[dict[str, Any], dict[str, Any]]:
        text = str(self.content.get("text") or self.content.get("title") or self.kind)
        bundle = {MIME: self.plain(), "text/plain": text, **self.extra}
        if self.kind != "chart":
            bundle["text/html"] = f'<style>@scope (.aiecon) {{{_style()}}}</style><div class="aiecon">{self.html}</div>'
        return bundle, {LAB_CHART: {"embed_options": {"renderer": "svg", "actions": False}}}


def headline(text: str, *, verdict: str, synthetic: bool) -> Block:
    """The answer as one sentence; verdict is act, watch, fine or open, and shows in words, not colour alone."""
    content = {"text": text, "verdict": verdict, "synthetic": synthetic}
    flag = '<p class="synthetic">Synthetic data: the sample company is made up, its token prices are real.</p>'
    html = (
        f'<header class="headline {verdict}"><p class="verdict">{VERDICTS[verdict]}</p>'
        f"<p class='answer'>{escape(text)}</p>{flag if synthetic else ''}</header>"
    )
    return Block("headline", content, html)


VERDICTS = {"act": "▲ Act now", "watch": "◆ Watch", "fine": "✓ On course", "open": "◊ No budget to compare"}


def figures(cards: Sequence[tuple[str, str, str]]) -> Block:
    """Two to four figures: label, value, comparison."""
    rows = [{"label": label, "value": value, "comparison": comparison} for label, value, comparison in cards]
    html = "".join(
        f'<div class="card"><p class="label">{escape(row["label"])}</p><p class="value">{escape(row["value"])}</p>'
        f'<p class="comparison">{escape(row["comparison"])}</p></div>'
        for row in rows
    )
    return Block("figures", {"cards": rows}, f'<div class="figures">{html}</div>')


def chart(picture: Any, *, alt: str) -> Block:
    """An altair chart with the words that stand for it where it cannot be seen."""
    import vl_convert

    _register_fonts()
    spec = picture.to_dict()
    svg = vl_convert.vegalite_to_svg(spec, vl_version=VEGA_LITE)
    lab = {**spec, "$schema": "https://vega.github.io/schema/vega-lite/v5.20.1.json"}
    html = f'<figure class="chart"><div class="vega" role="img" aria-label="{escape(alt)}">{svg}</div></figure>'
    extra = {LAB_CHART: lab, "image/svg+xml": svg}
    return Block("chart", {"title": alt, "alt": alt, "spec": spec, "svg": svg}, html, extra)


def escape(words: str) -> str:
    """Words as HTML shows them, a figure on one line with its per cent sign."""
    return quoted(unbroken(words))


@cache
def _style() -> str:
    return resources.package("report/report.css").read_text(encoding="utf-8")


@cache
def _register_fonts() -> None:
    import vl_convert

    vl_convert.register_font_directory(str(resources.package(FONTS)))


def decision(*, what: str, who: str, by: str, changes: Sequence[str], moves: Sequence[Move] = ()) -> Block:
    """What to decide, by whom, by when, what would change the answer, and the moves it leads to (for packs)."""
    content = {"what": what, "who": who, "by": by, "changes": list(changes), "moves": [asdict(one) for one in moves]}
    items = "".join(f"<li>{escape(change)}</li>" for change in changes)
    html = (
        f'<section class="decision"><h3>To decide</h3><p>{escape(what)}</p>'
        f"<p><b>Who</b> {escape(who)} &ensp; <b>By</b> {escape(by)}</p>"
        f"{f'<h3>What would change this</h3><ul>{items}</ul>' if changes else ''}</section>"
    )
    return Block("decision", content, html)


def table(
    title: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    note: str = "",
    bold: Sequence[int] = (),
    text_columns: int = 1,
    variance: int | None = None,
    widths: Sequence[float] = (),
) -> Block:
    """A table: the first `text_columns` columns are text, the others figures; rows in `bold` are totals.

    `variance` is the column of a signed difference of cost: more is bad and red, less is good and green. `widths` are
    the columns' parts of the paper's width, where the usual ones do not fit.
    """
    content = {
        "title": title,
        "columns": list(columns),
        "rows": [list(row) for row in rows],
        "note": note,
        "bold": list(bold),
        "text_columns": text_columns,
        "variance": variance,
        "widths": list(widths),
    }
    head = "".join(_cell("th", name, place < text_columns) for place, name in enumerate(columns))
    body = "".join(
        f"<tr{' class=total' if number in bold else ''}>"
        + "".join(_cell("td", cell, place < text_columns, place == variance) for place, cell in enumerate(row))
        + "</tr>"
        for number, row in enumerate(rows)
    )
    foot = f'<p class="note">{escape(note)}</p>' if note else ""
    html = (
        f'<section class="table"><h3>{escape(title)}</h3><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table>{foot}</section>"
    )
    return Block("table", content, html)


def _cell(tag: str, text: str, is_text: bool, is_variance: bool = False) -> str:
    classes = [] if is_text else ["figure"]
    if is_variance and text[:1] in SIGNS:
        classes.append(SIGNS[text[0]])
    shown = f' class="{" ".join(classes)}"' if classes else ""
    scope = ' scope="col"' if tag == "th" else ""
    plain = text.replace("\N{ZERO WIDTH SPACE}", "")  # for paper alone: names are searched and copied on screen
    return f"<{tag}{scope}{shown}>{escape(plain)}</{tag}>"


SIGNS = {"+": "bad", "−": "good"}
"""What a signed difference of cost means."""


def text(title: str, paragraphs: Sequence[str]) -> Block:
    """A titled paragraph or a few."""
    html = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in paragraphs)
    content = {"title": title, "paragraphs": list(paragraphs)}
    return Block("text", content, f'<section class="text"><h3>{escape(title)}</h3>{html}</section>')


def contents() -> Block:
    """A table of contents on paper; on screen the navigation stands for it."""
    return Block("contents", {"title": "Contents"}, "")


def nothing() -> Block:
    """What a page shows where the data has nothing to show."""
    return Block("nothing", {}, "")


def sources(answer: Answer) -> Block:
    """Every file the answer was computed from and every assumption row that fed it."""
    from aiecon.ingestion.resolve import sources as files_of

    files = [
        [found["path"], "as given", f"{found['rows']:,} rows", f"sha256 {found['sha256'][:12]}"]
        for found in files_of(answer.inputs)
    ]
    rows = [
        [_breakable(row["name"]), _value(row), f"{row['grade']}, {row['retrieved_on']}", row["source"]]
        for row in answer.inputs.assumption_rows.values()
    ]
    rows += [
        [_breakable(one["name"]), _set(one), one["grade"] or "not graded", one["source"]]
        for one in answer.inputs.by_hand.values()
    ]
    if not files and not rows:
        return nothing()
    columns = ["Source", "Value", "Grade and date", "From"]
    return table("Sources and assumptions", columns, files + rows, text_columns=4, widths=_SOURCE_WIDTHS)


_SOURCE_WIDTHS = (0.31, 0.17, 0.13, 0.39)
_LONGEST_NAME = 36  # characters that fit on a line of the first column


def _breakable(name: str) -> str:
    """A dotted name that may be broken after a dot where it is longer than its column."""
    return name.replace(".", ".\N{ZERO WIDTH SPACE}") if len(name) > _LONGEST_NAME else name


def _set(record: Mapping[str, Any]) -> str:
    """A figure that was set over another, with what it was."""
    was = "" if record["was"] is None else f", in place of {by_hand.shown(record['was'])}"
    return f"{by_hand.shown(record['value'])}{was}"


def _value(row: Mapping[str, Any]) -> str:
    """An assumption's base case with its range, where it is a distribution."""
    ends = [row[key] for key in ("p10", "p90", "low", "high") if key in row and row.get("shape")]
    between = f" ({ends[0]:,g} to {ends[1]:,g})" if len(ends) == len(("low", "high")) else ""
    return f"{row['value']:,g}{between} {row['unit']}"


def result(name: str, answer: Answer) -> Block:
    """The answer as `ask --json` prints it and the stamp of the page: as-of date, version, seed, digest."""
    found = asking.result(name, answer)
    provenance = found["provenance"]
    digests = [item["sha256"][:12] for item in provenance["inputs"]]
    stamp = f"As of {provenance['as_of']} · aiecon {provenance['version']} · seed {provenance['seed']}" + (
        f" · data {' '.join(digests)}" if digests else ""
    )
    return Block("result", {"result": found, "text": stamp}, f'<p class="stamp">{escape(stamp)}</p>')


def notebook_of(page: Sequence[Mapping[str, Any]]) -> Any:
    """A notebook that shows blocks as one that was run would, for pages that are made of other pages."""
    import nbformat

    def shown(block: Mapping[str, Any]) -> Any:
        data = {MIME: dict(block), "text/html": block["html"]}
        return nbformat.v4.new_output("display_data", data)

    outputs = [shown(block) for block in page]
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("", outputs=outputs, id="blocks")])


def shown(notebook: Any) -> list[dict[str, Any]]:
    """The blocks of an executed notebook themselves, in order."""
    outputs = (output for cell in notebook.cells for output in cell.get("outputs", []))
    return [block for output in outputs if isinstance(block := output.get("data", {}).get(MIME), dict)]


def read(notebook: Any) -> list[dict[str, Any]]:
    """The blocks of an executed notebook, in order; `is_detail` where the cell is tagged so."""
    found = []
    for cell in notebook.cells:
        is_detail = DETAIL in cell.metadata.get("tags", [])
        for output in cell.get("outputs", []):
            block = output.get("data", {}).get(MIME)
            if block:
                plain = json.loads(block) if isinstance(block, str) else dict(block)
                found.append({**plain, "is_detail": is_detail})
    return found
