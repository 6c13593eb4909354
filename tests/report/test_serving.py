"""JupyterLab and panels: the notebook that is served, and the line to type without the extra."""

import importlib.util

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
