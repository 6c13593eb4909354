"""What a run was made of and what it made: digests, versions, assumption rows, times."""

import hashlib
import json
import platform
import sys
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import aiecon

LIBRARIES = (
    "altair",
    "duckdb",
    "ibis-framework",
    "numpy",
    "pandas",
    "papermill",
    "prophet",
    "pydantic",
    "scipy",
    "statsmodels",
    "typst",
    "vl-convert-python",
)


def write(
    folder: Path,
    *,
    name: str,
    results: Mapping[str, Mapping[str, Any]],
    notebooks: Mapping[str, Path],
    request: Mapping[str, Any],
    times: Mapping[str, str],
) -> None:
    """Write manifest.json beside the other files of a run; the only file of a run that holds clock times."""
    found = {
        "name": name,
        "as_of": {question: result["provenance"]["as_of"] for question, result in results.items()},
        "request": request,
        "seed": {question: result["provenance"]["seed"] for question, result in results.items()},
        "inputs": _distinct([item for result in results.values() for item in result["provenance"]["inputs"]]),
        "assumption_rows": _distinct(
            [row for result in results.values() for row in result["provenance"]["assumption_rows"]]
        ),
        "notebooks": {question: digest(path) for question, path in notebooks.items()},
        "versions": versions(),
        "outputs": {file.name: digest(file) for file in sorted(folder.iterdir()) if file.is_file()},
        "times": times,
    }
    write_json(folder / "manifest.json", found)


def versions() -> dict[str, str]:
    """Versions of aiecon, Python, the system and the libraries that make figures."""
    libraries = {library: metadata.version(library) for library in LIBRARIES}
    system = {"aiecon": aiecon.__version__, "python": platform.python_version(), "platform": sys.platform}
    return {**system, **libraries}


def digest(path: Path) -> str:
    """The sha256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_json(path: Path, value: Any) -> None:
    """Write JSON the same way every time: sorted keys, two spaces, a last newline."""
    path.write_text(json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")


def _distinct(items: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return list({json.dumps(item, sort_keys=True): item for item in items}.values())
