"""The case in numbers: scenarios, what moves its worth, and what one user, transaction and answer costs."""

from collections.abc import Mapping, Sequence
from typing import Any

from aiecon.charts.formats import full, significant
from aiecon.report import blocks
from aiecon.report.blocks import Block
from aiecon.report.packs.agreement import figure

Result = Mapping[str, Any]
TITLE = "The case in numbers"
_OF_CASE = ("Scenarios", "What it brings", "What waiting costs")
_TORNADO = "Present value at both ends"


def blocks_of(case: Sequence[Mapping[str, Any]], results: Mapping[str, Result]) -> list[dict[str, Any]]:
    """Unit economics, then what the page of the case has of scenarios, its tornado and its benefits."""
    tornado = [dict(block) for block in case if block["kind"] == "chart" and block["title"].startswith(_TORNADO)]
    tables = [
        dict(block)
        for start in _OF_CASE
        for block in case
        if block["kind"] == "table" and str(block["title"]).startswith(start)
    ]
    own = unit_economics(results)
    return [*([own.plain()] if own.kind == "table" else []), *tables[:1], *tornado, *tables[1:]]


def unit_economics(results: Mapping[str, Result]) -> Block:
    """What a user, a transaction and an accepted answer cost, and from how many users on it pays."""
    rows = [*_of_curve(results.get("cost_curve")), *_of_answers(results.get("tiering"))]
    if not rows:
        return blocks.nothing()
    columns = ["Unit", "Figure", "Against"]
    return blocks.table("Unit economics", columns, rows, text_columns=3, widths=(2.2, 1.4, 3.4))


def _of_curve(result: Result | None) -> list[list[str]]:
    if result is None:
        return []
    summary, inputs = result["summary"], result["inputs"]
    currency, papers = inputs["currency"], inputs.get("pre_launch") or {}
    users, step = full(inputs["production_users"]), result["notes"].get("marginal_cost_per_user")
    rows = [
        [
            f"A user and month, {users} users",
            f"{significant(summary['cost_per_user'])} {currency}",
            f"pilot: {significant(summary['pilot_cost_per_month'] / inputs['pilot_users'])}; "
            f"each user more: {significant(summary['marginal_cost_per_user'])}{f'; {step}' if step else ''}",
        ]
    ]
    if summary.get("cost_per_transaction") is not None:
        each = papers.get("transactions_per_user_month")
        rows.append(
            [
                "A transaction",
                f"{significant(summary['cost_per_transaction'])} {currency}",
                "" if each is None else f"{significant(figure(each))} transactions a user and month",
            ]
        )
    if summary.get("break_even_users") is not None:
        value = papers.get("value_per_user_month")
        said = "" if value is None else f"a user is worth {significant(figure(value))} {currency} a month"
        rows.append(["Users from which it pays", full(summary["break_even_users"]), said])
    return rows


def _of_answers(result: Result | None) -> list[list[str]]:
    """What an accepted answer of the products in service costs, per thousand."""
    summary = {} if result is None else result["summary"]
    if result is None or summary.get("cost_per_accepted") is None:
        return []
    before, currency = summary.get("baseline_cost_per_accepted"), result["inputs"]["currency"]
    said = [f"today: {significant(1_000 * before)}"] if before else []
    if before and summary.get("best_saving_share") is not None:
        said.append(f"as decided: {significant(1_000 * before * (1 - summary['best_saving_share']))}")
    mix = f"{significant(1_000 * summary['cost_per_accepted'])} {currency}"
    return [["1,000 accepted answers, the mix asked about", mix, "; ".join(said)]]
