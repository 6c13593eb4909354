"""What is done about spend above a limit: what each control refuses, defers, saves and costs in value."""

from collections.abc import Mapping
from typing import Any

from aiecon.charts.adaptive_budget import months_of
from aiecon.charts.formats import full, percent, probability
from aiecon.models.adaptive_budget import AdaptiveBudget
from aiecon.models.adaptive_budget.inputs import Control
from aiecon.report import blocks
from aiecon.report.blocks import Block

_FIGURES = ("refused", "deferred", "downgraded", "saved", "value_lost")


def controls(answer: AdaptiveBudget) -> Block:
    """Every control alone and all in order on the months ahead, beside none."""
    rules = {one.name: one for one in answer.inputs.policy.controls}
    if not rules:
        return blocks.nothing()
    rows = []
    for row in answer.controls.to_dict("records"):
        rule = rules.get(row["control"])
        rows.append([row["control"].capitalize(), acts(rule) if rule else "", *_amounts(row)])
    columns = ["Control", "Above a limit", "Refused", "Deferred", "Cheaper tier", "Saved", "Value lost", "P(over)"]
    title = f"Controls on spend above a limit, {months_of(answer)}, {answer.currency}"
    return blocks.table(title, columns, rows, note=_note(answer), text_columns=2, bold=[len(rows) - 1])


def acts(rule: Control) -> str:
    """What a control does and above which limit, in a few words."""
    where = f"{percent(rule.budget_share, 0)} of budget" if rule.budget_share is not None else full(rule.limit or 0.0)
    does = {
        "cap": "refuses",
        "throttle": f"admits {percent(rule.admitted_share, 0)}",
        "downgrade": f"costs {percent(rule.cost_ratio, 0)}",
        "queue": "waits a month",
    }[rule.kind]
    some = f", {len(rule.pools)} pools" if rule.pools else ""
    return f"{where}{some}: {does}"


def _amounts(row: Mapping[str, Any]) -> list[str]:
    return [*(full(row[name]) for name in _FIGURES), probability(row["breach_probability"])]


def _note(answer: AdaptiveBudget) -> str:
    bare = sum(line.value_per_spend is None for line in answer.lines)
    missing = f" {bare} of {len(answer.lines)} pools have no value on record; theirs is not counted." if bare else ""
    return (
        "Means over futures, at usual cost. Saved: spend that does not come; deferred: counted each month it waits. "
        f"Value lost: at the value of a unit of spend of the last three months.{missing} In order: each control meets "
        "what those before it let through. P(over): all pools together cost more than their budgets."
    )
