"""The wheel carries notebooks and data: in an empty environment and an empty folder the pack runs."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def run(*command, cwd=ROOT, **environment):
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder)
    (found,) = folder.glob("*.whl")
    return found


def test_the_wheel_carries_notebooks_data_and_what_reports_need(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    for name in (
        "aiecon/_share/notebooks/quarterly_forecast.ipynb",
        "aiecon/_share/data/sample/spend.parquet",
        "aiecon/_share/data/assumptions.csv",
        "aiecon/report/report.typ",
        "aiecon/report/report.css",
        "aiecon/report/fonts/SourceSansPro-Regular.ttf",
        "aiecon/report/fonts/OFL.txt",
        "aiecon/py.typed",
    ):
        assert name in names, name


def test_the_pack_runs_from_the_wheel_in_an_empty_folder_and_has_the_same_bytes(wheel, sample_run, tmp_path):
    environment = tmp_path / "environment"
    empty = tmp_path / "empty"
    empty.mkdir()
    uv = Path(sys.executable).parent / "uv"
    run(uv, "venv", "-q", "--python", sys.executable, environment)
    binaries = environment / "bin"
    run(
        uv,
        "pip",
        "install",
        "-q",
        "--compile-bytecode",
        "--python",
        binaries / "python",
        "-c",
        ROOT / "requirements.lock",
        wheel,
    )
    said = run(binaries / "aiecon", "pack", "quarterly", cwd=empty, PYTHONPATH="")
    (folder,) = (empty / "reports").iterdir()
    assert "Q2 2026 will cost" in said
    for name in ("results.json", "report.pdf", "report.html"):
        assert (folder / name).read_bytes() == (sample_run / name).read_bytes(), name
    assert list(empty.iterdir()) == [empty / "reports"]
