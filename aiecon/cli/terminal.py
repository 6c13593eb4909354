"""What a terminal of 80 columns sees: answers, progress, usage errors, and how a run is stopped."""

import itertools
import os
import signal
import sys
import textwrap
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import typer

from aiecon import catalog
from aiecon.errors import one_line
from aiecon.vocabulary.metric import Metric

WIDTH = 80
_VALUE_END = 60  # column at which figures end, keys behind
_MOST_LINES = 5
_WHOLE_FROM = 1_000
_SHARES = ("share", "share per year")


def say(words: str) -> None:
    """Print words wrapped to the width, figures kept with their per cent sign."""
    kept = words.replace(" %", "\N{NO-BREAK SPACE}%")
    print("\n".join(textwrap.wrap(kept, WIDTH, subsequent_indent="    ")))


def told(name: str, answer: Any) -> Iterator[str]:
    """The answer for a terminal: the sentence, the figures, what to know."""
    from aiecon.vocabulary.by_hand import words

    page = catalog.load(f"report.pages.{name}:sentence")
    if catalog.load(f"report.pages.{name}:is_synthetic")(answer):
        yield "Synthetic data: the sample company."
    yield from textwrap.wrap(page(answer), WIDTH)
    yield ""
    yield from _rows([(row.label, cells(row.value, row.unit), row.key) for row in answer.summary()])
    for row in answer.summary():
        yield from _listed(row.label, row.value)
    for why, keys in _unsaid(answer.summary()).items():
        yield from textwrap.wrap(f"– {', '.join(keys)}: {why}", WIDTH, subsequent_indent="  ")
    for note in [*answer.notes, *words(answer.inputs)]:
        yield from textwrap.wrap(f"Note: {note}", WIDTH, subsequent_indent="  ")
    yield f"As of {answer.as_of}. Full figures and sources: --json."


def _unsaid(rows: Sequence[Metric]) -> dict[str, list[str]]:
    """Why figures are not said -> the keys of those."""
    found: dict[str, list[str]] = {}
    for row in rows:
        if row.value in (None, []) and row.note:
            found.setdefault(row.note, []).append(row.key)
    return found


def _rows(rows: list[tuple[str, list[str], str]]) -> Iterator[str]:
    """Label, figure and key in three columns; a label that does not fit stands on a line of its own."""
    end = min(_VALUE_END, WIDTH - 2 - max(len(key) for *_, key in rows))
    for name, (first, *more), key in rows:
        fits = len(name) + 1 + len(first) <= end
        if not fits:
            yield name[:WIDTH]
        label = name if fits else ""
        yield f"{label}{first:>{end - len(label)}}  {key}"
        yield from (f"{line:>{end}}" for line in more)


def cells(value: Any, unit: str) -> list[str]:
    """A figure with its unit: a line a stretch (from, to), where to may be None; a line a name but shares of zero."""
    if isinstance(value, dict):
        told = {name: one for name, one in value.items() if one or unit != "share"}
        return [f"{name} {figure(one, unit)}" for name, one in told.items()] or ["none"]
    if not isinstance(value, list) or not all(isinstance(one, list | tuple) and len(one) == 2 for one in value):
        return [figure(value, unit)]
    if not value:
        return ["none"]
    lines = [f"from {_end(low)}" if high is None else f"{_end(low)} to {_end(high)}" for low, high in value]
    if len(lines) > _MOST_LINES:
        lines = [*lines[: _MOST_LINES - 2], f"{len(lines) - _MOST_LINES + 1} more", lines[-1]]
    return [*lines[:-1], f"{lines[-1]} {unit}"]


def _listed(label: str, value: Any) -> Iterator[str]:
    """A figure that is a list of records, a line each below the others."""
    if not value or not isinstance(value, list) or not isinstance(value[0], dict):
        return
    yield f"{label}:"
    for record in value[:_MOST_LINES]:
        told = [part for part in record.values() if part is not None and not isinstance(part, dict | list)]
        line = ", ".join(_said(part) for part in told)
        yield from textwrap.wrap(line, WIDTH, initial_indent="  ", subsequent_indent="    ")
    if len(value) > _MOST_LINES:
        yield f"  and {len(value) - _MOST_LINES} more: --json"


def _said(part: Any) -> str:
    """A part of a record: an amount with its thousands apart, words as they are."""
    return f"{part:,.2f}" if isinstance(part, float) else str(part).replace("_", " ")


def figure(value: Any, unit: str) -> str:
    """A figure with its unit; a dash where there is none."""
    from aiecon.charts.formats import percent

    if value is None:
        return "–"
    if unit in _SHARES and isinstance(value, list):
        return ", ".join(figure(one, unit) for one in value) or "none"
    if unit in _SHARES:
        return f"{percent(value)}{unit.removeprefix('share')}"
    if isinstance(value, list) and all(isinstance(part, dict) for part in value):
        return str(len(value))
    if isinstance(value, float):
        return f"{_amount(value)} {unit}".strip()
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def _end(value: float) -> str:
    """An end of a stretch: whole ones as they are."""
    return f"{value:,.0f}" if value == round(value) else _amount(value)


def _amount(value: float) -> str:
    """An amount in whole units, a small one with three digits."""
    from aiecon.charts.formats import full, significant

    return full(value) if abs(value) >= _WHOLE_FROM else significant(value)


def wrapped(text: str, indent: int) -> str:
    """Text wrapped so that it stands indented after its first line."""
    lines = textwrap.wrap(text, WIDTH - indent)
    return ("\n" + " " * indent).join(lines)


@contextmanager
def steps() -> Iterator[Callable[[str], None]]:
    """Tell a terminal what is being done; a pipe hears nothing."""
    if not sys.stderr.isatty():
        yield lambda step: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (BarColumn(20), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("starting", total=None)
        yield lambda step: progress.update(task, description=step)


_INTERRUPTED = 130  # 128 and the number of SIGINT, as shells have it
_SHOW_CURSOR = "\x1b[?25h"


def heed() -> None:
    """Stop when asked to: by the keyboard, by another program, or as the terminal closes, unless nohup says not to."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number is not None and not (name == "SIGHUP" and signal.getsignal(number) is signal.SIG_IGN):
            signal.signal(number, stop)


def stop(number: int, frame: object) -> None:
    """Stop at once, leaving nothing half made. An exception could be swallowed wherever it strikes."""
    for name in ("aiecon.report.kernel", "aiecon.report.run", "aiecon.report.serving", "aiecon.ingestion.workplace"):
        getattr(sys.modules.get(name), "abandon", lambda: None)()
    cursor = _SHOW_CURSOR if sys.stderr.isatty() else ""
    with suppress(OSError):  # a terminal that is closed hears nothing
        print(f"{cursor}aiecon: interrupted; nothing was written", file=sys.stderr, flush=True)
    os._exit(_INTERRUPTED)


USAGE: Any = typer.BadParameter.__base__  # click's UsageError, wherever this typer keeps it


def usage_words(error: Any) -> str:
    """One line about options that cannot be; the whole help where none was given."""
    words = error.format_message()
    if not sys.argv[1:]:
        return str(words)
    where = error.ctx.command_path if error.ctx else "aiecon"
    said = " ".join(words.split()).rstrip(".") + "".join(f", got {value!r}" for value in _given(error))
    return f"aiecon: {one_line(said)}; {where} --help says what it takes"


def _given(error: Any) -> list[str]:
    """What stands behind the option that an error is about."""
    options = getattr(getattr(error, "param", None), "opts", ())
    after = [value for word, value in itertools.pairwise(sys.argv) if word in options]
    joined = [word.partition("=")[2] for word in sys.argv if "=" in word and word.partition("=")[0] in options]
    return [*after, *joined][-1:]
