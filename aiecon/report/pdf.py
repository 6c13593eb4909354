"""The same blocks on paper: typst, tagged (PDF/UA-1), the same bytes for the same figures."""

import json
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from aiecon import resources
from aiecon.charts.formats import unbroken
from aiecon.errors import ReportError
from aiecon.report.blocks import FONTS, VERDICTS

PAPERS = {"a4": "a4", "letter": "us-letter"}


def write(
    pages: Sequence[tuple[str, Sequence[Mapping[str, Any]]]],
    path: Path,
    *,
    title: str,
    stamp: str,
    paper: str,
    confidentiality: str,
) -> None:
    """Write pages, each a title and blocks, as a PDF. ReportError when typst refuses them."""
    import typst

    with tempfile.TemporaryDirectory() as folder:
        shown = [
            {"title": name, "blocks": _with_pictures(page, Path(folder), place)}
            for place, (name, page) in enumerate(pages)
        ]
        data = {
            "title": title,
            "stamp": stamp,
            "paper": PAPERS[paper],
            "confidentiality": confidentiality,
            "verdicts": VERDICTS,
            "pages": shown,
        }
        words = unbroken(json.dumps(data, ensure_ascii=False))
        printed = _printable(words)
        data = json.loads(printed)
        data["note"] = (
            "" if printed == words else "Characters that the report's font lacks are shown as ?; the HTML shows them."
        )
        template = Path(folder) / "report.typ"
        template.write_bytes(resources.package("report/report.typ").read_bytes())
        (Path(folder) / "data.json").write_text(json.dumps(data), encoding="utf-8")
        try:
            typst.compile(
                str(template),
                output=str(path),
                root=folder,
                font_paths=[str(resources.package(FONTS))],
                ignore_system_fonts=True,
                pdf_standards=["ua-1"],
                timestamp=0,
            )
        except typst.TypstError as error:
            raise ReportError(f"the PDF could not be made: {error}") from None


_UNDRAWN = "\n\t\N{ZERO WIDTH SPACE}"  # takes no glyph


def _printable(words: str) -> str:
    """Words with a question mark for each character that one of the shipped fonts cannot draw."""
    lacking = {character for character in set(words) if character not in _UNDRAWN and ord(character) not in _drawn()}
    return words.translate({ord(character): "?" for character in lacking})


@cache
def _drawn() -> frozenset[int]:
    from fontTools.ttLib import TTFont

    fonts = sorted(resources.package(FONTS).glob("*.ttf"))
    return frozenset.intersection(*(frozenset(TTFont(font).getBestCmap()) for font in fonts))


def _with_pictures(blocks: Sequence[Mapping[str, Any]], folder: Path, page: int) -> list[dict[str, Any]]:
    """Blocks for the template, charts as SVG files beside it."""
    shown = []
    for place, block in enumerate(blocks):
        if block["kind"] == "chart":
            name = f"chart-{page}-{place}.svg"
            (folder / name).write_text(_printable(block["svg"]), encoding="utf-8")
            shown.append({"kind": "chart", "alt": block["alt"], "file": name})
        elif block["kind"] not in ("nothing", "result"):
            shown.append(dict(block))
    return shown
