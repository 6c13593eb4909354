"""Adapters: what reads the exports that people have into the columns of the spend store, one module a vendor.

A source is recognised by its columns or its shape, or named with a prefix: `litellm:logs.csv`,
`my_mapping.toml:bill.csv`.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb

from aiecon.errors import InputError
from aiecon.ingestion import cells, duck, engine
from aiecon.ingestion.adapters import anthropic, focus, helicone, litellm, mapping, openai, otel, reading
from aiecon.ingestion.adapters.columns import BILL, EXPORT, RECORD
from aiecon.ingestion.adapters.reading import Reading
from aiecon.vocabulary import focus_columns
from aiecon.vocabulary.source import Source

CSV = (".csv", ".csv.gz")
JSON = (".json", ".jsonl", ".ndjson")
FILES = (*CSV, *JSON, ".parquet")


@dataclass(frozen=True)
class Adapter:
    """How a source is read: its name, its kind (bill, vendor's usage export, record of use), its marks, its reader."""

    name: str
    kind: str
    marks: Sequence[set[str]]
    read: Callable[[Reading], Iterator[Any]]
    endings: Sequence[str] = JSON


ADAPTERS = (
    Adapter("focus", BILL, focus.MARKS, focus.read, (*CSV, ".parquet")),
    Adapter("litellm", RECORD, litellm.MARKS, litellm.read, (*CSV, *JSON)),
    Adapter("openai_usage", EXPORT, openai.USAGE_MARKS, openai.read_usage),
    Adapter("openai_costs", BILL, openai.COSTS_MARKS, openai.read_costs),
    Adapter("anthropic_usage", EXPORT, anthropic.USAGE_MARKS, anthropic.read_usage),
    Adapter("anthropic_cost", BILL, anthropic.COST_MARKS, anthropic.read_cost),
    Adapter("otel", RECORD, otel.MARKS, otel.read),
    Adapter("helicone_json", RECORD, helicone.MARKS, helicone.read),
)
_OTHERS = {
    "Langfuse": {"traceId", "usageDetails"},
    "Helicone": {"request_id", "request_created_at"},
    "Google Cloud billing": {"sku.description", "service.description"},
}


@dataclass(frozen=True)
class Found:
    """A source with its adapter."""

    name: str
    path: Path
    adapter: Adapter


def find_all(sources: Sequence[str], *, beside: Path | None) -> tuple[list[Found], list[str]]:
    """Every file of every source but the invoices, and words on all that are not there or not recognised."""
    found: list[Found] = []
    problems: list[str] = []
    for source in sources:
        good, bad = _find(source, beside=beside)
        found += good
        problems += bad
    return found, problems


def go_on(good: Sequence[str]) -> Iterator[str]:
    """Words for what else could be loaded, where something cannot."""
    if good:
        yield f"nothing was written; to go on without, load {', '.join(good)}"


def _find(source: str, *, beside: Path | None) -> tuple[list[Found], list[str]]:
    """Return the files of a source but `beside`, each with its adapter, and words for those not there or not known."""
    try:
        names = _files(source, beside)
    except InputError as error:
        return [], list(error.problems)
    found: list[Found] = []
    problems: list[str] = []
    for name, file, adapter in names:
        try:
            found.append(Found(name, file, adapter()))
        except InputError as error:
            problems += error.problems
    return found, problems


def _files(source: str, beside: Path | None) -> list[tuple[str, Path, Callable[[], Adapter]]]:
    """The files of a source, each with its name and how its adapter is found."""
    prefix, colon, rest = source.partition(":")
    if colon and (adapter := _named(prefix)):
        return [(rest, _forced(source, rest, adapter), lambda: adapter)]
    path = engine.locate(Source(path=source))
    if not path.exists():
        if colon and engine.locate(Source(path=rest)).exists():
            raise InputError(f"{source}: {_no_adapter(prefix)}")
        raise InputError(f"{source}: no such file or folder{engine.looked(Source(path=source))}")
    if not path.is_dir():
        return [(source, path, partial(recognised, path, source))]
    files = [file for file in sorted(path.rglob("*")) if file.name.lower().endswith(FILES) and not _is_ours(file)]
    files = [file for file in files if beside is None or not file.samefile(beside)]
    if files and all(file.suffix == ".parquet" for file in files):
        return [(source, path, lambda: ADAPTERS[0])]
    if not files:
        raise InputError(f"{source}: the folder holds no file that can be loaded ({', '.join(FILES)})")
    names = [(f"{source.rstrip('/')}/{file.relative_to(path).as_posix()}", file) for file in files]
    return [(name, file, partial(_in_folder, file, name)) for name, file in names]


def _in_folder(file: Path, name: str) -> Adapter:
    """The mapping that lies beside a CSV under its name, else what its columns say."""
    beside = file.with_suffix(".toml")
    own = _named(str(beside)) if file.suffix == ".csv" and beside.exists() else None
    return own or recognised(file, name)


def _forced(source: str, name: str, adapter: Adapter) -> Path:
    """Where the file behind an adapter's name lies; InputError when it is not there or of a kind it does not read."""
    path = engine.locate(Source(path=name))
    if not path.exists():
        raise InputError(f"{source}: no such file or folder{engine.looked(Source(path=name))}")
    if path.is_file() and not name.lower().endswith(tuple(adapter.endings)):
        raise InputError(f"{source}: {adapter.name} reads {', '.join(adapter.endings)}; leave out '{adapter.name}:'")
    return path


def _no_adapter(prefix: str) -> str:
    names = [*(adapter.name for adapter in ADAPTERS), *mapping.shipped()]
    near = get_close_matches(prefix, names, n=3) or names
    return f"no adapter or mapping is called {prefix!r}; the nearest are {', '.join(near)}"


def _is_ours(file: Path) -> bool:
    return file.name in ("refused.csv", "sources.json") and (file.parent / "sources.json").exists()


def _named(prefix: str) -> Adapter | None:
    """The adapter that a prefix names: one of the table, a shipped mapping, or a mapping file."""
    for adapter in ADAPTERS:
        if adapter.name == prefix:
            return adapter
    if prefix.endswith(".toml"):
        return _mapped(mapping.load(Path(prefix), name=prefix))
    found = mapping.shipped().get(prefix)
    return _mapped(found) if found else None


def _mapped(found: mapping.Mapping) -> Adapter:
    return Adapter(found.name, found.kind, (found.theirs,), partial(mapping.read, mapping=found), CSV)


def recognised(path: Path, name: str) -> Adapter:
    """Return the adapter of a file by its columns or shape; InputError says what was seen."""
    if not name.lower().endswith(FILES):
        raise InputError(f"{name}: one of {', '.join(FILES)} or a folder of them is expected")
    if path.stat().st_size == 0:
        raise InputError(f"{name}: the file is empty (0 bytes)")
    seen = _marks(path, name)
    tables = (*ADAPTERS, *map(_mapped, mapping.shipped().values()))
    for adapter in tables:
        if name.lower().endswith(tuple(adapter.endings)) and any(mark <= seen for mark in adapter.marks):
            return adapter
    raise InputError(f"{name}: {_unknown(seen)}")


def _unknown(seen: set[str]) -> str:
    if {"provider", "amount", "currency"} <= seen:
        return "this looks like a list of invoices; give it as --invoice"
    for vendor, mark in _OTHERS.items():
        if mark <= seen:
            return f"this looks like {vendor} in a form that no adapter reads; write a mapping file (data/README.md)"
    nearest = min(ADAPTERS, key=lambda adapter: min(len(mark - seen) / len(mark) for mark in adapter.marks))
    absent = min((mark - seen for mark in nearest.marks), key=len)
    shown = ", ".join(sorted(seen)[:6]) or "nothing"
    if len(absent) < max(map(len, nearest.marks)):
        return f"almost {nearest.name}, but {', '.join(sorted(absent))} is missing; it has {shown}"
    names = ", ".join(adapter.name for adapter in ADAPTERS)
    return f"no adapter knows it by its columns ({shown}); name one ({names}:FILE) or write a mapping file"


def _marks(path: Path, name: str) -> set[str]:
    if name.lower().endswith(CSV):
        return _with_focus(cells.header(path, name=name)[0], name)
    if name.lower().endswith(".parquet"):
        with engine.readable(Source(path=str(path))), duckdb.connect() as connection:
            return _with_focus(list(duck.described(connection, duck.parquet_sql([path]))), name)
    seen: set[str] = set()
    for _, record in islice(reading.json_records(Reading(name, path)), 20):
        seen |= _shape(record)
    return seen


def _with_focus(columns: Sequence[str], name: str) -> set[str]:
    """Columns as the file has them and, of FOCUS charges, as the specification spells them."""
    if not focus_columns.are_charges(columns):
        return set(columns)
    if twice := focus_columns.met_twice(columns, name):
        raise InputError(twice)
    return {*columns, *focus_columns.spelled(columns).values()}


def _shape(record: Any) -> set[str]:
    """Names of an object, of its attributes, and of the results of its buckets."""
    if not isinstance(record, dict):
        return set()
    seen = set(record)
    if isinstance(attributes := record.get("attributes"), dict):
        seen |= {f"attributes.{name}" for name in attributes}
    elif isinstance(attributes, list):
        seen |= {f"attributes.{one['key']}" for one in attributes if isinstance(one, dict) and "key" in one}
    buckets = record["data"] if isinstance(record.get("data"), list) else [record]
    for bucket in buckets:
        if isinstance(bucket, dict):
            seen |= set(bucket)
            results = bucket.get("results") or bucket.get("result") or []
            seen |= {f"results.{key}" for one in results if isinstance(one, dict) for key in one}
    return seen
