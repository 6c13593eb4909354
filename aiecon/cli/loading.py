"""`aiecon load` in a terminal: what came in, what was refused and why, and the reconciliation, in 80 columns."""

import textwrap
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import typer

from aiecon.cli.terminal import WIDTH, say, steps
from aiecon.errors import InputError, one_line

if TYPE_CHECKING:  # DuckDB comes when a source is read
    from aiecon.ingestion.invoices import Reconciled
    from aiecon.ingestion.store import Counted, Loaded

_SHOWN = 5
_LISTED = 20
_UNINVOICED = (("rows", 10), ("loaded", 16))
_SOURCES = (("in", 8), ("counted", 9), ("covered", 9), ("double", 8), ("refused", 8), ("left out", 9))
_BILLS = (("days", 8), ("cost", 16))
_COVERED = (("rows", 9), ("tokens", 16), ("own cost", 14))
_RECORDED = (("tokens", 16), ("in no record", 15), ("their cost", 14))
_LAYERS = (("rows", 12), ("tokens", 18), ("cost", 18))
_UNITS = (("rows", 10), ("of tokens", 11), ("cost", 14))
_INVOICES = (("loaded", 13), ("invoiced", 13), ("differs", 10), ("explained", 10), ("not", 9))
_UNITS_SAID = (
    "Their charges are loaded in money, quantities as billed; no tokens are counted from them, also where the meter "
    "speaks of tokens (those of column 'of tokens'). Write Tokens, 1K or 1M where that is meant."
)
_DOUBTFUL_SAID = (
    "These logs do not say who sent the bill, and others have charges of the same models and days. A copy of the "
    "mapping that names the provider (data/README.md) counts them once."
)
_BILLS_SAID = (
    "These files bill one provider on the same days, and both count. Leave one out if they are of the same account; an "
    "invoice (--invoice) tells which sum is right."
)
_ONCE_SAID = (
    "Of calls that several sources speak of, a bill has the cost, else the vendor's usage export; the record of a "
    "gateway or trace says whose they were. Rows covered keep their tokens and owners."
)


def load(
    sources: Annotated[list[str], typer.Argument(metavar="SOURCE...", help="exports, folders, or ADAPTER:FILE")],
    to: Annotated[str, typer.Option("--to", metavar="STORE", help="folder of the spend store")],
    invoice: Annotated[str | None, typer.Option("--invoice", help="a CSV of invoices to reconcile to")] = None,
    tolerance: Annotated[
        float, typer.Option("--tolerance", min=0, max=1, help="share of an invoice that may stay unexplained")
    ] = 0.005,
) -> None:
    """Load exports into a spend store (FOCUS, Parquet); reconcile it to invoices or refuse."""
    with steps() as tell:
        tell("loading")
        from aiecon.ingestion import store

        made = store.load(sources, to=to, invoice=invoice, tolerance=tolerance, tell=tell)
    for line in lines(made, to=to):
        say(one_line(line)) if not line.startswith(" ") else print(line)
    if made.problems:
        raise InputError([*made.problems, f"{to}: nothing was written"])


def lines(made: "Loaded", *, to: str) -> Iterator[str]:
    """What was loaded, for a terminal; `to` is what the store is called."""
    yield from _sources(made)
    yield from _refused(made, to)
    yield from _units(made)
    yield from _notes(made)
    yield from _doubtful(made)
    yield from _bills(made)
    yield from _once(made)
    yield from _layers(made)
    yield from _reconciliation(made)
    if not made.problems:
        state = "written" if made.is_written else "unchanged"
        yield f"{to}: {state}; {made.rows:,} rows, BilledCost {made.total:,.2f} {made.currency or ''}".rstrip()


def _notes(made: "Loaded") -> Iterator[str]:
    """What was read otherwise than it stands: owners from tags, tags that are broken."""
    for note in made.notes:
        yield from textwrap.wrap(f"Note: {note}", WIDTH, subsequent_indent="  ")


def _heading(title: str, columns: Sequence[tuple[str, int]]) -> str:
    """A title with the names of the columns of figures, each above its right end."""
    names = "".join(f"{name:>{width}}" for name, width in columns)
    return f"{title:<{WIDTH - len(names)}}{names}"


def _wide_enough(columns: Sequence[tuple[str, int]], rows: Sequence[Sequence[str]]) -> list[tuple[str, int]]:
    """Columns of figures with a blank at least before the longest of each."""
    longest = [max(map(len, cells), default=0) for cells in zip(*rows, strict=True)] or [0] * len(columns)
    return [(name, max(width, most + 1)) for (name, width), most in zip(columns, longest, strict=True)]


def _row(name: str, cells: Sequence[str], columns: Sequence[tuple[str, int]]) -> Iterator[str]:
    """A name and its figures below the heading; a long name stands on a line of its own."""
    figures = "".join(f"{cell:>{width}}" for cell, (_, width) in zip(cells, columns, strict=True))
    room = WIDTH - len(figures) - 2
    if len(name) > room:
        yield f"  {name}"[:WIDTH]
        name = ""
    yield f"  {name:<{room}}{figures}".rstrip()


def _money(amount: Decimal) -> str:
    return f"{round(amount, 2) + 0:,.2f}"


def _sources(made: "Loaded") -> Iterator[str]:
    yield _heading("Sources [rows]", _SOURCES)
    for one in made.counted:
        figures = (one.rows_in, one.loaded - one.covered, one.covered, one.duplicates, one.refused, one.left_out)
        yield from _row(f"{one.name} ({one.adapter})", [f"{figure:,}" for figure in figures], _SOURCES)
        if one.is_known:
            yield "    loaded before; nothing to do"
        if one.why_left_out:
            yield f"    left out: {one.why_left_out}"
    whole = _together(made)
    left_out = f" + {whole.left_out:,} left out" if whole.left_out else ""
    yield (
        f"Together: rows in {whole.rows_in:,} = {whole.loaded:,} loaded + {whole.duplicates:,} duplicates + "
        f"{whole.refused:,} refused{left_out}"
    )
    if whole.covered:
        yield f"Of those loaded {whole.loaded - whole.covered:,} count, {whole.covered:,} are covered by others."
    if made.restated:
        yield f"Restated buckets, counted as the export that reaches further has them [rows]: {made.restated:,}"


def _together(made: "Loaded") -> "Counted":
    from aiecon.ingestion.store import Counted

    names = ("rows_in", "loaded", "duplicates", "refused", "left_out", "covered")
    return Counted("", "", **{name: sum(getattr(one, name) for one in made.counted) for name in names})


def _refused(made: "Loaded", to: str) -> Iterator[str]:
    for one in made.refused[:_SHOWN]:
        yield f"Refused: {one.words}"
    more = len(made.refused) - _SHOWN
    if made.refused and not made.problems:
        yield f"{f'{more:,} more refused; all' if more > 0 else 'All refused rows'} in {to}/refused.csv"


def _units(made: "Loaded") -> Iterator[str]:
    if not made.units:
        return
    yield ""
    yield _heading(f"Units not understood [rows, {made.currency}]", _UNITS)
    for name, one in made.units[:_LISTED]:
        yield from _row(f"{one.unit!r} in {name}", [f"{one.rows:,}", f"{one.of_tokens:,}", _money(one.cost)], _UNITS)
    if (more := len(made.units) - _LISTED) > 0:
        yield f"  {more:,} more"
    yield _UNITS_SAID


def _doubtful(made: "Loaded") -> Iterator[str]:
    if not made.doubtful:
        return
    yield ""
    yield _heading(f"Perhaps counted twice [{made.currency}]", _COVERED)
    for one in made.doubtful:
        figures = [f"{one.rows:,}", f"{one.tokens:,}", _money(one.cost)]
        yield from _row(f"{one.source}, {one.by}", figures, _COVERED)
    yield _DOUBTFUL_SAID


def _bills(made: "Loaded") -> Iterator[str]:
    """Pairs of files that bill one provider on the same days, and those days' amounts."""
    doubtful = [pair for pair in made.bills if not pair.is_one]
    if not doubtful:
        return
    yield ""
    yield _heading(f"Perhaps counted twice: bills [{made.currency}]", _BILLS)
    for pair in doubtful[:_LISTED]:
        yield f"  {pair.provider} {pair.first:%Y-%m-%d} to {pair.last:%Y-%m-%d}"
        for part in pair.parts:
            yield from _row(f"  {part.file}", [f"{pair.days:,}", _money(part.cost)], _BILLS)
    if (more := len(doubtful) - _LISTED) > 0:
        yield f"  {more:,} more pairs"
    yield _BILLS_SAID


def _once(made: "Loaded") -> Iterator[str]:
    if not made.covered and not made.recorded:
        return
    yield ""
    if made.covered:
        yield _heading(f"Covered by bills [{made.currency}]", _COVERED)
    for one in made.covered:
        figures = [f"{one.rows:,}", f"{one.tokens:,}", _money(one.cost)]
        yield from _row(f"{one.provider}: {one.source} by {one.by}", figures, _COVERED)
    if made.recorded:
        yield _heading(f"Exports beside records [{made.currency}]", _RECORDED)
    for pair in made.recorded:
        figures = [f"{pair.counted:,}", f"{pair.counted - pair.recorded:,}", _money(pair.beyond)]
        yield from _row(f"{pair.provider}: {pair.export}, {pair.records}", figures, _RECORDED)
        if pair.more:
            yield f"    the records have {pair.more:,} tokens more: is the export of all projects?"
    yield _ONCE_SAID


def _layers(made: "Loaded") -> Iterator[str]:
    yield ""
    yield _heading(f"The store by layer [{made.currency}]", _LAYERS)
    for layer, rows, tokens, cost in made.layers:
        yield from _row(layer or "no layer", [f"{rows:,}", f"{tokens or 0:,}", _money(cost)], _LAYERS)


def _reconciliation(made: "Loaded") -> Iterator[str]:
    rows = [[_money(amount) for amount in _amounts(one)] for one in made.reconciled]
    columns = _wide_enough(_INVOICES, rows)
    if made.reconciled:
        yield ""
        yield _heading(f"Reconciliation [{made.currency}]", columns)
    for one, cells in zip(made.reconciled, rows, strict=True):
        yield from _row(_sender(one.provider, one.month), cells, columns)
        parts = ", ".join(f"{name} {value:,.2f}" for name, value in one.explained.items() if round(value, 2))
        account = f"account {one.account}" if one.account else ""
        if told := "; ".join(part for part in (account, parts) if part):
            yield f"    {told}"
    yield from _uninvoiced(made)


def _amounts(one: "Reconciled") -> tuple[Decimal, ...]:
    """Loaded, invoiced, their difference, what of it is explained and what is not."""
    return one.loaded, one.invoiced, one.difference, sum(one.explained.values(), Decimal(0)), one.unexplained


def _uninvoiced(made: "Loaded") -> Iterator[str]:
    """Charges that no invoice is of, by provider, month and account."""
    if not made.uninvoiced:
        return
    yield ""
    yield _heading(f"Loaded, no invoice [{made.currency}]", _UNINVOICED)
    for left in made.uninvoiced[:_LISTED]:
        account = f" account {left.account}" if left.account else ""
        yield from _row(
            _sender(left.provider, left.month) + account, [f"{left.rows:,}", _money(left.loaded)], _UNINVOICED
        )
    if more := made.uninvoiced[_LISTED:]:
        figures = [f"{sum(one.rows for one in more):,}", _money(sum((one.loaded for one in more), Decimal(0)))]
        yield from _row(f"{len(more):,} more", figures, _UNINVOICED)


def _sender(provider: str, month: str) -> str:
    return f"{provider[:15]:<16}{month}"
