"""What is made once for a whole run of the tests: the process that needs it first makes it, the others read it."""

import fcntl
import os
from collections.abc import Callable
from pathlib import Path


def once(factory, name: str, make: Callable[[Path], None]) -> Path:
    """Return a folder that `make` has filled, once however many processes the tests run in.

    The temporary folder of a process of pytest-xdist stands in that of the run, where all of them look.
    """
    base = factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # let go of when the file is closed, or its process has ended
        if not folder.exists():
            making = folder.with_suffix(".making")
            making.mkdir(exist_ok=True)
            make(making)
            making.rename(folder)
    return folder
