"""One register of every assumption behind the pack: value with range, grade, age, owner, source, and its page."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from aiecon.report import blocks
from aiecon.report.blocks import Block
from aiecon.report.packs import stated
from aiecon.report.packs.agreement import COMPANY_WIDE, Results
from aiecon.vocabulary import by_hand

_DAYS_PER_MONTH = 30.4
_LATER = "later"
_ORDER = ("judgement", "published", "measured", "contract")  # softest first: they are read first


def register(results: Results, *, as_of: str) -> Block:
    """Every assumption row and every graded figure of the inputs, softest first."""
    day = date.fromisoformat(as_of)
    rows = [*_from_rows(results, day), *_from_inputs(results, day), *_set_by_hand(results), *_ungraded(results)]
    if not rows:
        return blocks.nothing()
    rows.sort(key=lambda row: (_ORDER.index(row[2]) if row[2] in _ORDER else -1, row[0]))
    columns = ["Assumption", "Value", "Grade", "Age", "Owner", "Source"]
    counts = {grade: sum(row[2] == grade for row in rows) for grade in _ORDER}
    counts["not graded"] = sum(row[2] not in _ORDER for row in rows)
    said = ", ".join(f"{count} {grade}" for grade, count in counts.items() if count)
    note = f"{len(rows)} assumptions: {said}. Age: months before {as_of}. A range is p10 to p90, or lowest to highest."
    if any(row[3] == _LATER for row in rows):
        note += f" {_LATER.capitalize()}: read or agreed after that day, and so what is known today, not then."
    title = "Register of assumptions"
    return blocks.table(title, columns, rows, text_columns=6, note=note, widths=(2.1, 1.9, 0.95, 0.45, 1.15, 3.4))


def files(results: Results, *, note: str = "") -> Block:
    """Every file that was read, once, with its digest; `note` stands below."""
    rows = {
        item["path"]: [item["path"], f"{item['rows']:,} rows", f"sha256 {item['sha256'][:12]}"]
        for result in results.values()
        for item in result["provenance"]["inputs"]
    }
    if not rows:
        return blocks.text("Details", [note]) if note else blocks.nothing()
    return blocks.table(
        "Files read", ["File", "Size", "Digest"], list(rows.values()), text_columns=3, widths=(3, 1, 1.5), note=note
    )


def _from_rows(results: Results, day: date) -> list[list[str]]:
    pages: dict[tuple[str, str], list[str]] = {}  # two questions' own rows may share a name and differ in source
    found: dict[tuple[str, str], Mapping[str, Any]] = {}
    for question, result in results.items():
        for row in result["provenance"]["assumption_rows"]:
            found[row["name"], row["source"]] = row
            pages.setdefault((row["name"], row["source"]), []).append(question)
    return [
        [
            f"{' and '.join(pages[key])}: {row['name']}",
            f"{stated.value_of(row)} {row['unit']}",
            str(row["grade"]),
            _age(row["retrieved_on"], day),
            str(row.get("owner") or "nobody"),
            str(row["source"]),
        ]
        for key, row in found.items()
    ]


def _from_inputs(results: Results, day: date) -> list[list[str]]:
    """Figures that stand in the inputs and that no row speaks for."""
    return [
        [
            name,
            value,
            str(said.get("grade") or "not graded"),
            _age(said["dated"], day) if said.get("dated") else "–",
            str(said.get("owner") or "nobody"),
            str(said.get("source") or "as given"),
        ]
        for question, result in results.items()
        for name, value, said in stated.rows(question, result)
    ]


def _set_by_hand(results: Results) -> list[list[str]]:
    """Figures that were set over others and stand in no item, which says so itself."""
    return [
        [
            f"{question}: {one['name']}",
            by_hand.shown(one["value"]) + ("" if one["was"] is None else f", in place of {by_hand.shown(one['was'])}"),
            str(one["grade"] or "not graded"),
            "–",
            "nobody",
            one["source"],
        ]
        for question, result in results.items()
        for one in result["provenance"]["set_by_hand"]
        if not one["is_item"]
    ]


def _ungraded(results: Results) -> list[list[str]]:
    """Rates that the worth hangs on and that no row speaks for."""
    return [
        [
            f"{question}: {name}",
            stated.yearly(result["inputs"][name]),
            "not graded",
            "–",
            "nobody",
            "as given",
        ]
        for question, result in results.items()
        for name in COMPANY_WIDE
        if result["inputs"].get(name) is not None
        and name not in {row["name"] for row in result["provenance"]["assumption_rows"]}
        and name not in {row["name"] for row in result["provenance"]["set_by_hand"]}
    ]


def _age(read_on: str, day: date) -> str:
    months = (day - date.fromisoformat(str(read_on)[:10])).days / _DAYS_PER_MONTH
    if months < 0:
        return _LATER
    return "new" if months < 1 else f"{months:,.0f}"
