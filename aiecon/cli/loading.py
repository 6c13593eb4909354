"""`aiecon load` in a terminal: what came in, what was refused and why, and the reconciliation, in 80 columns."""

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import typer

from aiecon.cli.terminal import say, steps
from aiecon.errors import InputError, one_line

if TYPE_CHECKING:  # DuckDB comes when a source is read
    from aiecon.ingestion.store import Counted, Loaded

_SHOWN = 5
_WIDTHS = (13, 13, 10, 10, 8)  # of loaded, invoiced, differs, explained, not


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
    for line in _lines(made, to):
        say(one_line(line)) if not line.startswith(" ") else print(line)
    if made.problems:
        raise InputError([*made.problems, f"{to}: nothing was written"])


def _lines(made: "Loaded", to: str) -> Iterator[str]:
    for one in made.counted:
        yield f"{one.name} ({one.adapter}): {_counts(one)}"
        if one.is_known:
            yield "  loaded before; nothing to do"
        if one.why_left_out:
            yield f"Left out of {one.name}: {one.why_left_out}"
    if len(made.counted) > 1:
        yield f"Together: {_counts(_together(made))}"
    yield from _refused(made, to)
    for provider, rows, cost in made.covered:
        yield (
            f"{provider}: a bill has the cost of {rows:,} rows of use, which keep their tokens "
            f"({cost:,.2f} {made.currency} by their own account)"
        )
    yield from _reconciliation(made)
    if not made.problems:
        state = "written" if made.is_written else "unchanged"
        yield f"{to}: {state}; {made.rows:,} rows, BilledCost {made.total:,.2f} {made.currency or ''}".rstrip()


def _counts(one: "Counted") -> str:
    left_out = f" + {one.left_out:,} left out" if one.left_out else ""
    return (
        f"rows in {one.rows_in:,} = {one.loaded:,} loaded + {one.duplicates:,} duplicates + "
        f"{one.refused:,} refused{left_out}"
    )


def _together(made: "Loaded") -> "Counted":
    from aiecon.ingestion.store import Counted

    names = ("rows_in", "loaded", "duplicates", "refused", "left_out")
    return Counted("", "", **{name: sum(getattr(one, name) for one in made.counted) for name in names})


def _refused(made: "Loaded", to: str) -> Iterator[str]:
    for one in made.refused[:_SHOWN]:
        yield f"Refused: {one.words}"
    more = len(made.refused) - _SHOWN
    if made.refused and not made.problems:
        yield f"{f'{more:,} more refused; all' if more > 0 else 'All refused rows'} in {to}/refused.csv"


def _reconciliation(made: "Loaded") -> Iterator[str]:
    if not made.reconciled:
        return
    yield f"Reconciliation [{made.currency}]"
    yield f"  {'provider':<16}{'month':<8}{'loaded':>13}{'invoiced':>13}{'differs':>10}{'explained':>10}{'not':>8}"
    for one in made.reconciled:
        explained = sum(one.explained.values(), Decimal(0))
        amounts = (one.loaded, one.invoiced, one.difference, explained, one.unexplained)
        cells = [f"{round(amount, 2) + 0:>{width},.2f}" for amount, width in zip(amounts, _WIDTHS, strict=True)]
        yield f"  {one.provider[:15]:<16}{one.month:<8}{''.join(cells)}"
        if one.account or one.explained:
            parts = ", ".join(f"{name} {value:,.2f}" for name, value in one.explained.items() if round(value, 2))
            account = f"account {one.account}" if one.account else ""
            if told := "; ".join(part for part in (account, parts) if part):
                yield f"    {told}"
    for provider, month, loaded in made.uninvoiced[:_SHOWN]:
        yield f"  {provider[:15]:<16}{month:<8}{round(loaded, 2):>13,.2f}{'no invoice':>13}"
    if more := made.uninvoiced[_SHOWN:]:
        yield f"  {len(more):,} more without an invoice: {sum(cost for *_, cost in more):,.2f}"
