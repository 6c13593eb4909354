"""The spend store: a folder of Parquet, one subfolder a billing month, written whole or not at all.

A source is known by its content: loaded twice it changes nothing. A request counts once by its id; a charge without
one that stands cell by cell in a file loaded before counts once too (exports overlap), while rows that repeat within
one file stay. Calls that a bill, a vendor's usage export and a gateway's record speak of are paid for once (`once`).
"""

import csv
import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from aiecon.errors import InputError
from aiecon.ingestion import adapters, bills, duck, engine, invoices, once, restated, restated_bills
from aiecon.ingestion.adapters import landing
from aiecon.ingestion.adapters.columns import BUCKET, CANONICAL, KINDS, OWN
from aiecon.ingestion.adapters.reading import ROW, Reading, Refusal, UnknownUnit
from aiecon.ingestion.bills import Pair
from aiecon.ingestion.invoices import Reconciled, Uninvoiced
from aiecon.ingestion.once import Covered, Recorded
from aiecon.ingestion.workplace import put_in_place, working
from aiecon.vocabulary.source import Source

SOURCES, REFUSED = engine.STORED, "refused.csv"
_KEY = ("x_RequestId", "SkuMeter", "ChargeDescription", "ChargeCategory", "ChargeClass")
_KEPT = ("x_CostSource", "x_Source")
_HASH = "x_SourceHash"


@dataclass(frozen=True)
class Counted:
    """Rows of one source: rows_in = loaded + duplicates + refused + left_out; another has the cost of those covered.

    `until`: the end of its last charge.
    """

    name: str
    adapter: str
    rows_in: int
    loaded: int
    duplicates: int
    refused: int
    left_out: int
    why_left_out: str = ""
    is_known: bool = False
    digest: str = ""
    covered: int = 0
    until: str = ""


@dataclass(eq=False)
class Loaded:
    """What was loaded: counts by source, refused rows, units, layers, notes, what counts once, reconciliation."""

    counted: list[Counted] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    units: list[tuple[str, UnknownUnit]] = field(default_factory=list)
    layers: list[tuple[str, int, int, Decimal]] = field(default_factory=list)
    currency: str | None = None
    total: Decimal = Decimal(0)
    rows: int = 0
    covered: list[Covered] = field(default_factory=list)
    doubtful: list[Covered] = field(default_factory=list)
    bills: list[Pair] = field(default_factory=list)
    recorded: list[Recorded] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    restated: int = 0
    reconciled: list[Reconciled] = field(default_factory=list)
    uninvoiced: list[Uninvoiced] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    is_written: bool = False


def load(
    sources: Sequence[str],
    *,
    to: str,
    invoice: str | None = None,
    tolerance: float = invoices.TOLERANCE,
    tell: Callable[[str], None] = lambda step: None,
) -> Loaded:
    """Load sources into a store and reconcile it to invoices.

    Parameters
    ----------
    sources
        Files, folders of files, or either behind the name of an adapter or a mapping file and a colon.
    to
        The store's folder; made when it is not there.
    invoice
        A CSV of invoices: provider, month or period, amount, currency; when known invoice_id, account, credits, tax.
    tolerance
        Share of an invoice that may stay unexplained. [0..1]

    Returns
    -------
    Loaded
        With `problems` when a bill is there twice or invoices are further off than the tolerance; then nothing is
        written.

    Raises
    ------
    InputError
        When a source cannot be read or is not recognised, none of its rows can be loaded, or currencies mix.
    """
    folder = Path(to).expanduser()
    asked = Source(path=invoice) if invoice else None
    wanted = invoices.read(asked) if asked else []
    found, problems = adapters.find_all(sources, beside=engine.locate(asked) if asked else None)
    with working(folder) as (connection, work):
        known = _open(connection, folder, to)
        made = Loaded()
        for one in found:
            tell(f"reading {one.name}")
            try:
                made.counted.append(_add(connection, one, known, made))
            except InputError as error:
                problems += error.problems
        if problems:
            good = [f"{one.name} ({one.loaded:,} rows)" for one in made.counted if one.loaded]
            raise InputError([*problems, *adapters.go_on(good)])
        made.currency = connection.execute("SELECT any_value(BillingCurrency) FROM store").fetchone()[0]
        made.covered, made.recorded = once.count_once(connection)
        covered = once.covered_rows(connection)
        made.counted = [replace(one, covered=min(one.loaded, covered.get(one.digest, 0))) for one in made.counted]
        made.rows, made.total = connection.execute(
            "SELECT count(*), coalesce(sum(BilledCost), 0) FROM store"
        ).fetchone()
        if not made.rows:
            raise InputError([f"{one.name}: no charge in it ({one.why_left_out})" for one in made.counted])
        made.doubtful = once.perhaps_twice(connection)
        made.bills = bills.joined(bills.pairs(connection), made.bills)
        made.problems += [pair.words for pair in made.bills if pair.is_one]
        made.layers = once.by_layer(connection)
        made.uninvoiced = invoices.without_invoice(connection, wanted)
        if invoice:
            invoices.check_currency(wanted, name=invoice, currency=made.currency)
            made.reconciled = invoices.reconcile(connection, wanted)
            stays = invoices.unexplained(connection, wanted, made.reconciled, name=invoice, tolerance=tolerance)
            made.problems += list(stays)
        if not made.problems and not all(one.is_known for one in made.counted):
            tell("writing")
            _write(connection, work, folder, known, made.refused)
            made.is_written = True
    return made


def _open(connection: Any, folder: Path, name: str) -> list[dict[str, Any]]:
    """Read what the store holds into the table `store`; returns its sources."""
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{name}: a folder is expected, not a file")
    files = sorted(folder.rglob("*.parquet")) if folder.exists() else []
    if not (folder / SOURCES).exists():
        if folder.exists() and any(folder.iterdir()):
            raise InputError(f"{name}: the folder holds other files; name a new folder or a store that aiecon wrote")
        return []
    connection.execute(f"CREATE TABLE store AS SELECT * FROM {duck.parquet_sql(files)}")
    _widen(connection, KINDS | dict.fromkeys(("x_SourceSaid", BUCKET), "VARCHAR"))
    known: list[dict[str, Any]] = json.loads((folder / SOURCES).read_text(encoding="utf-8"))
    return known


def _add(connection: Any, one: adapters.Found, known: list[dict[str, Any]], made: Loaded) -> Counted:
    """Add the charges of a source to the table `store`, or say that it is known."""
    digest = engine.digest(one.path)
    for before in known:
        if before["digest"] == digest and before["adapter"] == one.adapter.name:
            rows = before["rows_in"]
            return Counted(one.name, one.adapter.name, rows, 0, rows, 0, 0, is_known=True, digest=digest)
    source = landing.stage(connection, one)
    landing.land(connection, source)
    if source.refused and not _rows(connection, "landed"):
        raise InputError(_nothing(source))
    currency = landing.one_currency(connection, one.name)
    _note(connection, one, digest)
    held = connection.execute("SELECT any_value(BillingCurrency) FROM store").fetchone()[0]
    if currency and held and currency != held:
        other = "load it into a store of its own, or convert it at a dated rate"
        raise InputError(f"{one.name}: it is billed in {currency} and the store in {held}: mixed currencies; {other}")
    loaded_now = [before.digest for before in made.counted if not before.is_known]
    words, doubtful = restated_bills.compare(connection, loaded_now=loaded_now)
    made.problems += words
    made.bills += doubtful
    until = restated.reach(connection)
    replaced = restated.replace_older(connection, known, until=until)
    _take_back(replaced, known, made)
    if older := restated.leave_out_older(connection, until=until):
        source.left_out[restated.WHY] += older
    duplicates = _merge(connection, source)
    _give_way(connection, known, made)
    loaded, left_out = _rows(connection, "fresh"), sum(source.left_out.values())
    _append(connection)
    made.restated += older + sum(rows for *_, rows in replaced)
    made.refused += source.refused
    made.units += [(one.name, unit) for unit in source.units]
    made.notes += [f"{one.name}: {note}" for note in source.notes]
    counted = Counted(
        one.name,
        one.adapter.name,
        rows_in=loaded + duplicates + len(source.refused) + left_out,
        loaded=loaded,
        duplicates=duplicates,
        refused=len(source.refused),
        left_out=left_out,
        why_left_out=", ".join(f"{why}: {rows:,}" for why, rows in source.left_out.items()),
        digest=digest,
        until=until,
    )
    if not counted.rows_in:
        raise InputError(f"{one.name}: the file has no rows")
    known.append({name: value for name, value in asdict(counted).items() if name != "covered"})
    return counted


def _rows(connection: Any, table: str) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def _nothing(source: Reading) -> list[str]:
    """Words for a source of which no row can be loaded."""
    shown = [one.words for one in source.refused[:10]]
    more = len(source.refused) - len(shown)
    return [*shown, *([f"{source.name}: {more:,} more rows are refused; none can be loaded"] if more else [])]


def _note(connection: Any, one: adapters.Found, digest: str) -> None:
    """Note on each landed row where it comes from, and a hash of what it says."""
    has = duck.described(connection, "landed")
    said = [column for column in has if column not in (ROW, *_KEPT)]
    bucket = "" if BUCKET in has else f", NULL::VARCHAR AS {BUCKET}"
    cells = ", ".join(_named_cell(column) for column in sorted(said))
    connection.execute(
        f"""CREATE OR REPLACE TABLE noted AS SELECT * REPLACE ($1 AS x_Source), $2 AS x_SourceKind,
        BilledCost AS x_SourceCost, $3 AS x_SourceDigest, $4 AS x_SourceFile, md5(concat_ws('|', {cells})) AS {_HASH},
        NULL::VARCHAR AS x_SourceSaid{bucket} FROM landed""",
        [one.adapter.name, one.adapter.kind, digest, one.name],
    )
    if not connection.execute("SELECT 1 FROM duckdb_tables() WHERE table_name = 'store'").fetchone():
        connection.execute("CREATE TABLE store AS SELECT * FROM noted LIMIT 0")
    _widen(connection, duck.described(connection, "noted"))


def _widen(connection: Any, columns: Mapping[str, str]) -> None:
    """Give the store the columns that it lacks, each of its kind."""
    has = set(duck.described(connection, "store"))
    for column, kind in columns.items():
        if column not in has:
            connection.execute(f'ALTER TABLE store ADD COLUMN "{column}" {kind}')


def _named_cell(column: str) -> str:
    name = column.replace("'", "''")
    return f"'{name}=' || \"{column}\"::VARCHAR"


_STANDING = (
    "CASE x_Source "
    + " ".join(f"WHEN '{one.name}' THEN '{place:02}'" for place, one in enumerate(adapters.ADAPTERS))
    + " ELSE '99' END || x_Source"
)
"""Of several sources that tell of one request the first in this order counts, whichever is loaded first."""
_REQUEST = "md5(concat_ws('|', " + ", ".join(f"'{column}=' || {column}" for column in _KEY) + "))"


def _merge(connection: Any, source: Reading) -> int:
    """Show the rows that count as `fresh`; returns how many were there before.

    A request id that comes again from the same kind of source with another cost is refused: one of the two is wrong.
    What is looked at beside other rows are a few columns of each; the rows themselves stay where they are.
    """
    connection.execute(
        f"""CREATE OR REPLACE TABLE told AS
        WITH before AS (
            SELECT {_REQUEST} AS k, any_value(x_SourceCost) AS cost, any_value(x_Source) AS source,
                any_value({_STANDING}) AS standing,
                any_value(x_SourceFile || ' row ' || x_SourceRow) AS place
            FROM store WHERE x_RequestId IS NOT NULL GROUP BY 1),
        same AS (SELECT {_HASH} AS h, count(*) AS times FROM store WHERE x_RequestId IS NULL GROUP BY 1),
        slim AS (SELECT "{ROW}" AS __place, x_RequestId, x_Source, {_STANDING} AS standing, x_SourceCost,
            {_HASH} AS h, {_REQUEST} AS k FROM noted),
        own AS (
            SELECT *, row_number() OVER (PARTITION BY k ORDER BY __place) AS n, NULL::BIGINT AS m,
                first_value(x_SourceCost) OVER (PARTITION BY k ORDER BY __place) AS cost,
                first_value(__place) OVER (PARTITION BY k ORDER BY __place) AS first
            FROM slim WHERE x_RequestId IS NOT NULL
            UNION ALL BY NAME
            SELECT *, row_number() OVER (PARTITION BY h ORDER BY __place) AS m FROM slim WHERE x_RequestId IS NULL)
        SELECT own.__place, own.x_RequestId,
            CASE WHEN x_RequestId IS NULL THEN m <= coalesce(same.times, 0)
                ELSE n > 1 OR before.standing <= own.standing END AS again,
            CASE WHEN x_RequestId IS NULL THEN NULL
                WHEN before.source = x_Source AND before.cost <> x_SourceCost THEN before.place
                WHEN n > 1 AND own.cost <> x_SourceCost THEN 'row ' || own.first END AS other
        FROM own LEFT JOIN before ON before.k = own.k LEFT JOIN same ON same.h = own.h
        WHERE again OR other IS NOT NULL"""
    )
    for row, request, place in connection.execute(
        "SELECT __place, x_RequestId, other FROM told WHERE other IS NOT NULL ORDER BY 1"
    ).fetchall():
        source.refuse(row, "x_RequestId", f"has {request!r}, which stands in {place} with another cost")
    connection.execute(
        f'CREATE OR REPLACE VIEW fresh AS SELECT * FROM noted WHERE "{ROW}" NOT IN (SELECT __place FROM told)'
    )
    return int(connection.execute("SELECT count(*) FROM told WHERE other IS NULL").fetchone()[0])


def _give_way(connection: Any, known: list[dict[str, Any]], made: Loaded) -> None:
    """Take requests out of the store of which a source tells that comes before: there they are duplicates."""
    connection.execute(
        f"""CREATE OR REPLACE TABLE gone AS SELECT rowid AS id, x_SourceDigest FROM store
        WHERE x_RequestId IS NOT NULL AND {_REQUEST} IN (SELECT {_REQUEST} FROM fresh WHERE x_RequestId IS NOT NULL)"""
    )
    gone = connection.execute("SELECT x_SourceDigest, count(*), 0 FROM gone GROUP BY 1").fetchall()
    connection.execute("DELETE FROM store WHERE rowid IN (SELECT id FROM gone)")
    _take_back(gone, known, made)


def _take_back(gone: Sequence[tuple[str, int, int]], known: list[dict[str, Any]], made: Loaded) -> None:
    """Count rows taken out of the store, by source, as duplicates and as left out for a later export."""
    for digest, duplicates, older in gone:
        for before in known:
            if before["digest"] == digest:
                before |= _without(duplicates, older, Counted(**before))
        for place, one in enumerate(made.counted):
            if one.digest == digest and not one.is_known:
                made.counted[place] = replace(one, **_without(duplicates, older, one))


def _without(duplicates: int, older: int, one: Counted) -> dict[str, Any]:
    why = ", ".join(part for part in (one.why_left_out, f"{restated.WHY}: {older:,}" if older else "") if part)
    return {
        "loaded": one.loaded - duplicates - older,
        "duplicates": one.duplicates + duplicates,
        "left_out": one.left_out + older,
        "why_left_out": why,
    }


def _append(connection: Any) -> None:
    connection.execute("INSERT INTO store BY NAME SELECT * FROM fresh")


def _write(connection: Any, work: Path, folder: Path, known: list[dict[str, Any]], refused: Sequence[Refusal]) -> None:
    """Write the whole store beside the old one, then put it in its place."""
    fresh = work / "store"
    fresh.mkdir()
    columns = landing.listed(_columns(connection))
    months = connection.execute(
        "SELECT DISTINCT strftime(BillingPeriodStart, '%Y-%m') FROM store ORDER BY 1"
    ).fetchall()
    for (month,) in months:
        (fresh / f"month={month}").mkdir()
        target = str(fresh / f"month={month}" / "charges.parquet").replace("'", "''")
        connection.execute(
            f"COPY (SELECT {columns} FROM store WHERE strftime(BillingPeriodStart, '%Y-%m') = '{month}' "
            f'ORDER BY ChargePeriodStart, x_SourceFile, x_SourceDigest, "{ROW}") '
            f"TO '{target}' (FORMAT parquet, COMPRESSION zstd)"
        )
    (fresh / SOURCES).write_text(json.dumps(known, indent=2) + "\n", encoding="utf-8")
    _write_refused(folder / REFUSED, fresh / REFUSED, refused)
    put_in_place(fresh, folder, work=work)


def _columns(connection: Any) -> list[str]:
    """Columns of the store: all of ours, then those of the files that hold anything, then what is noted of each row."""
    has = duck.described(connection, "store")
    asked = ", ".join(f'count("{column}")' for column in has)
    counts = connection.execute(f"SELECT {asked} FROM store").fetchone()
    filled = {column for column, count in zip(has, counts, strict=True) if count}
    return [*CANONICAL, *sorted(filled - {*CANONICAL, *OWN}), *OWN]


def _write_refused(before: Path, after: Path, refused: Sequence[Refusal]) -> None:
    """Write refused rows below those of earlier loads; no file when there are none."""
    if before.exists():
        shutil.copy(before, after)
    if not refused:
        return
    is_new = not after.exists()
    with after.open("a", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        if is_new:
            writer.writerow(("file", "row", "column", "reason"))
        writer.writerows((one.file, one.row, one.column, one.reason) for one in refused)
