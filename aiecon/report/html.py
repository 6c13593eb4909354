"""One offline HTML file from executed notebooks: no request leaves the page, charts stay interactive."""

import base64
import json
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from html import escape
from typing import Any

from aiecon import resources
from aiecon.errors import ReportError
from aiecon.report.blocks import FONTS, MIME, VEGA_LITE


def render(notebooks: Sequence[tuple[str, Any]], *, title: str, stamp: str) -> str:
    """Return the page of (title, executed notebook) pairs as one HTML text."""
    contents = "".join(
        f'<li><a href="#page-{place}">{escape(name)}</a></li>' for place, (name, _) in enumerate(notebooks)
    )
    pages = "".join(
        f'<main id="page-{place}">{_body(notebook)}</main>' for place, (_, notebook) in enumerate(notebooks)
    )
    navigation = f'<nav aria-label="Contents"><ol>{contents}</ol></nav>' if len(notebooks) > 1 else ""
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light">'
        f'<link rel="icon" href="data:,"><style>{fonts()}{_style()}</style></head><body>'
        f'<div class="top"><span>{escape(title)}</span><span>{escape(stamp)}</span></div>{navigation}{pages}'
        f"<script>{vega_bundle()}</script><script>{_EMBED}</script></body></html>\n"
    )


_EMBED = """
document.querySelectorAll("script.spec").forEach((script) => {
  const place = script.previousElementSibling.querySelector(".vega");
  vegaEmbed(place, JSON.parse(script.textContent), {actions: false, renderer: "svg"});
});
"""


def _body(notebook: Any) -> str:
    """The notebook as nbconvert writes it, code left out, each block as its own HTML."""
    from nbconvert import HTMLExporter

    shown = notebook.copy()
    for cell in shown.cells:
        if cell.cell_type == "code":
            cell.outputs = [_shown(output) for output in cell.outputs]
    exporter = HTMLExporter(
        template_name="basic",
        exclude_input=True,
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        exclude_anchor_links=True,
    )
    exporter.mathjax_url = ""
    exporter.require_js_url = ""
    body: str = exporter.from_notebook_node(shown)[0]
    return body


def _shown(output: Any) -> Any:
    block = output.get("data", {}).get(MIME)
    if not block:
        return output
    output["metadata"] = {}
    if block["kind"] != "chart":
        output["data"] = {"text/html": block["html"]}
        return output
    spec = json.dumps(block["spec"], sort_keys=True).replace("</", "<\\/")
    output["data"] = {"text/html": f'{block["html"]}<script class="spec" type="application/json">{spec}</script>'}
    return output


@cache
def vega_bundle() -> str:
    """The drawing library as one script; about two seconds the first time.

    vl-convert makes it in a process of its own: it lets no other thread of this one run meanwhile.
    """
    command = [sys.executable, "-P", "-c", _MAKE_BUNDLE, VEGA_LITE]
    made = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    if made.returncode:
        raise ReportError(f"the drawing library of the HTML cannot be made: {made.stderr.strip().splitlines()[-1]}")
    return made.stdout.replace("</script", "<\\/script")


_MAKE_BUNDLE = """
import sys, vl_convert
made = vl_convert.javascript_bundle("window.vegaEmbed=vegaEmbed;", vl_version=sys.argv[1])
sys.stdout.buffer.write(made.encode())
"""


@cache
def fonts() -> str:
    """The style sheet's fonts, in the page itself."""
    faces = (("Regular", 400), ("Semibold", 600))
    return "".join(_face(name, weight) for name, weight in faces)


def _face(name: str, weight: int) -> str:
    data = base64.b64encode(resources.package(f"{FONTS}/SourceSansPro-{name}.ttf").read_bytes()).decode()
    return (
        f"@font-face{{font-family:'Source Sans Pro';font-weight:{weight};"
        f"src:url(data:font/ttf;base64,{data}) format('truetype')}}"
    )


def _style() -> str:
    return resources.package("report/report.css").read_text(encoding="utf-8")
