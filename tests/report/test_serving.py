"""JupyterLab and panels: the notebook that is served, and the line to type without the extra."""

import importlib.util
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest

from aiecon.errors import InputError
from aiecon.report import serving


def test_the_served_notebook_is_valid_and_shows_the_panel():
    found = serving.notebook("seats")
    nbformat.validate(nbformat.from_dict(found))
    assert [cell["cell_type"] for cell in found["cells"]] == ["markdown", "code"]
    assert "synthetic" in found["cells"][0]["source"]
    assert "panel('seats')" in found["cells"][1]["source"]


def test_a_served_panel_works_in_the_folder_it_is_called_in_with_a_team_s_own_inputs(tmp_path):
    title, cell = serving.notebook("seats", folder=tmp_path, inputs="mine.toml", scenario=None)["cells"]
    assert f"os.chdir({str(tmp_path)!r})" in cell["source"]
    assert "panel('seats', inputs='mine.toml')" in cell["source"]
    assert "synthetic" not in title["source"]


@pytest.mark.parametrize(("package", "extra"), [("voila", "app"), ("jupyterlab", "lab")])
def test_without_the_extra_the_line_to_type_is_told(monkeypatch, package, extra):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(InputError, match=rf"{package} is not installed; type: pip install 'aiecon\[{extra}\]'"):
        serving._needs(package, extra)


def test_a_folder_that_is_not_there_is_told(tmp_path):
    with pytest.raises(InputError, match="no such folder"):
        serving.lab(tmp_path / "absent")


SERVER = """
import os, sys, time
with open(os.environ["STARTED"] + ".new", "w") as file:
    file.write(f"{os.getpid()} {sys.argv[1]}")
os.rename(os.environ["STARTED"] + ".new", os.environ["STARTED"])
time.sleep(60)
"""


def until(is_so, seconds=30):
    for _ in range(20 * seconds):
        if is_so():
            return True
        time.sleep(0.05)
    return False


def runs(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are looked up in /proc")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGHUP"])
def test_a_server_ends_with_who_started_it_and_leaves_nothing(tmp_path, name):
    (tmp_path / "voila").mkdir()
    (tmp_path / "voila" / "__init__.py").touch()
    (tmp_path / "voila" / "__main__.py").write_text(SERVER)
    found = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
    started = tmp_path / "started"
    own = {**os.environ, "PYTHONPATH": found, "STARTED": str(started)}
    command = [sys.executable, "-m", "aiecon", "app", "seats"]
    running = subprocess.Popen(command, env=own, stderr=subprocess.PIPE, text=True)
    assert until(started.exists)
    pid, notebook = started.read_text().split(" ", 1)
    assert runs(pid)
    assert Path(notebook).exists()
    running.send_signal(getattr(signal, name))
    assert running.wait(20) == 130
    assert until(lambda: not runs(pid))
    assert not Path(notebook).parent.exists()
    assert "Traceback" not in running.stderr.read()


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="no terminal of this system hangs up")
def test_what_nohup_shields_goes_on_when_the_terminal_closes():
    asked = "import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN); from aiecon.cli.terminal import heed; heed();"
    said = "print(signal.getsignal(signal.SIGHUP) is signal.SIG_IGN)"
    assert subprocess.run([sys.executable, "-c", asked + said], capture_output=True, text=True).stdout == "True\n"
