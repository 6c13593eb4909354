"""What a finished run says on a terminal: the headline of each page and where the files are."""

import json
import textwrap
from pathlib import Path

from aiecon import catalog
from aiecon.report import blocks


def lines(folder: Path, width: int) -> list[str]:
    """Return the lines: one headline a page, then the files of the run."""
    import nbformat

    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    order = [catalog.find(one).notebook for one in catalog.PACKS.get(manifest["name"], ()) if catalog.is_built(one)]
    said = []
    for path in sorted(
        (folder / "notebooks").glob("*.ipynb"), key=lambda path: order.index(path.stem) if path.stem in order else 0
    ):
        for block in blocks.read(nbformat.read(path, as_version=4)):
            if block["kind"] == "headline":
                said += textwrap.wrap(block["text"], width)
                said += ["(Synthetic data: the sample company.)"] if block["synthetic"] else []
    return [*said, "", *(str(folder / name) for name in [*manifest["outputs"], "manifest.json"])]
