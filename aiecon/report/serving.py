"""JupyterLab with the notebooks, and a panel in the browser: what is needed, or the line that installs it."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from aiecon import catalog, resources
from aiecon.errors import InputError

OFFLINE = ("--LabApp.news_url=None", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate")
"""Options with which JupyterLab asks nothing of another machine; in our environment, nor whether it may."""

ALONE = ("--Voila.ip=127.0.0.1", "--token", "--template=offline")
"""Options with which Voila answers this machine alone, only who has the token it prints, and asks no other machine."""

_RUNNING = dict[subprocess.Popen[bytes], Path | None]()  # servers, with the folder that was made for one


def abandon() -> None:
    """End the servers that run and remove what was made for them, so that none outlives who started it."""
    for server, folder in list(_RUNNING.items()):
        server.terminate()
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)


def lab(folder: Path) -> int:
    """Open JupyterLab on a folder; the exit status of it.

    Raises
    ------
    InputError
        When the folder is not there, or JupyterLab is not installed: the line that installs it.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder; aiecon new {folder} makes a workspace")
    _needs("jupyterlab", "lab")
    return _served(["jupyterlab", str(folder), *OFFLINE])


def panel(name: str, *, is_dark: bool = False, **options: str | None) -> int:
    """Serve a question's what-if panel on 127.0.0.1 with a token; the exit status of the server.

    Files are saved to, and `inputs` looked for in, the folder in which it is called.
    """
    _needs("voila", "app")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{name}.ipynb"
        path.write_text(json.dumps(notebook(name, folder=Path.cwd(), **options)), encoding="utf-8")
        theme = "dark" if is_dark else "light"  # where the page is light it follows what the system prefers
        return _served(["voila", str(path), *ALONE, f"--theme={theme}"], folder=Path(folder))


def _served(command: list[str], *, folder: Path | None = None) -> int:
    """Run a module's server until it ends; its exit status."""
    server = subprocess.Popen([sys.executable, "-m", *command], env=environment())
    _RUNNING[server] = folder
    try:
        return server.wait()
    finally:
        del _RUNNING[server]


def environment() -> dict[str, str]:
    """The environment in which Voila finds the page that asks no other machine, and JupyterLab no news to ask for."""
    ours = str(resources.package("report"))
    names = ("JUPYTER_PATH", "JUPYTER_CONFIG_PATH")
    return {**os.environ, **{name: os.pathsep.join(filter(None, (ours, os.environ.get(name)))) for name in names}}


def notebook(name: str, *, folder: Path | None = None, **options: str | None) -> dict[str, Any]:
    """A notebook that shows a question and its panel, working in a folder; options as `panel` takes them."""
    given = {key: value for key, value in options.items() if value is not None}
    asked = "".join(f", {key}={value!r}" for key, value in given.items())
    moved = "" if folder is None else f"import os\n\nos.chdir({str(folder)!r})\n"
    source = f"{moved}from aiecon.widgets import panel\n\npanel({name!r}{asked})"
    synthetic = "" if "inputs" in given else "\n\nThe figures are those of the sample company, which is synthetic."
    title = {"cell_type": "markdown", "id": "title", "metadata": {}}
    cell: dict[str, Any] = {"cell_type": "code", "id": "panel", "metadata": {}, "outputs": [], "execution_count": None}
    cells = [{**title, "source": f"# {catalog.find(name).question}{synthetic}"}, {**cell, "source": source}]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return {"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}


def _needs(package: str, extra: str) -> None:
    if importlib.util.find_spec(package) is None:
        raise InputError(f"{package} is not installed; type: pip install 'aiecon[{extra}]'")
