"""Work that one reader leaves to the others: it is begun when the reader comes to wait for its longest query."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_BEGIN: ContextVar[Callable[[], None] | None] = ContextVar("begin", default=None)


@contextmanager
def left_for_later(begin: Callable[[], None]) -> Iterator[None]:
    """Have `begin` called when what is read inside waits, at the latest when it is read."""
    token = _BEGIN.set(begin)
    try:
        yield
    finally:
        _BEGIN.reset(token)
        begin()


def waits() -> None:
    """Say that a query that takes long is about to run, during which Python is free for other work."""
    if begin := _BEGIN.get():
        begin()
