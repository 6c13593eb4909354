"""Where a store is made: a folder beside it, put in its place whole, and gone whatever ends the work."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from aiecon.errors import InputError
from aiecon.ingestion import duck

_MEMORY = "600MB"  # of the database while it loads; the rest waits on disk
_BEFORE = "before"
_at_work: dict[Path, Path] = {}


@contextmanager
def working(folder: Path) -> Iterator[tuple[Any, Path]]:
    """A database and a folder beside the store that both go when the work is done, whatever happens."""
    try:
        folder.absolute().parent.mkdir(parents=True, exist_ok=True)
        for left in sorted(folder.absolute().parent.glob(f".{folder.name}.????????")):
            _put_back(left, folder)
        work = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.absolute().parent))
    except OSError as error:
        raise InputError(f"{folder}: cannot be written ({error.strerror})") from None
    _at_work[work] = folder
    try:
        with duckdb.connect(str(work / "work.duckdb")) as connection:
            duck.set_up(connection.execute, os.environ.get(duck.LIMIT, _MEMORY))
            yield connection, work
    finally:
        abandon()


def put_in_place(fresh: Path, folder: Path, *, work: Path) -> None:
    """Put a whole store in the place of the old one."""
    if folder.exists():
        folder.replace(work / _BEFORE)
    fresh.replace(folder)


def abandon() -> None:
    """Leave nothing half made: the old store stands where no new one does."""
    for work, folder in list(_at_work.items()):
        _put_back(work, folder)
        shutil.rmtree(work, ignore_errors=True)
        _at_work.pop(work, None)


def _put_back(work: Path, folder: Path) -> None:
    """Put the old store back where the work was cut off between the two."""
    if not folder.exists() and (work / _BEFORE).exists():
        (work / _BEFORE).replace(folder)
