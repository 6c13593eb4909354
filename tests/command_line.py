"""The command line as tests call it: in this process where words and status are asked about, else in one of its own."""

import io
import os
import subprocess
import sys
import warnings
from contextlib import redirect_stderr, redirect_stdout

import pytest

from aiecon import cli

COLUMNS = {"COLUMNS": "80"}


def aiecon(*arguments, cwd=None):
    """Call the command line here, which spares the start of a process: what it prints, and its exit status."""
    status = None
    with (
        pytest.MonkeyPatch.context() as patch,
        redirect_stdout(io.StringIO()) as out,
        redirect_stderr(io.StringIO()) as err,
    ):
        patch.setattr(sys, "argv", ["aiecon", *arguments])
        patch.setattr(cli, "heed", lambda: None)  # signals are for the tests' own process
        patch.setattr(warnings, "showwarning", _shown)
        patch.setenv("COLUMNS", COLUMNS["COLUMNS"])
        patch.chdir(cwd or ".")
        try:
            cli.main()
        except SystemExit as end:
            status = end.code or 0
    return subprocess.CompletedProcess(arguments, status, out.getvalue(), err.getvalue())


def _shown(message, category, filename, lineno, file=None, line=None):
    """A warning goes where it goes in a process of its own: to stderr."""
    sys.stderr.write(warnings.formatwarning(message, category, filename, lineno, line))


def process(*arguments, cwd=None):
    """Run the command line in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "aiecon", *arguments],
        capture_output=True,
        text=True,
        cwd=cwd,
        env=os.environ | COLUMNS,
        check=False,
    )
