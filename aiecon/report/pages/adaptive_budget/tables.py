"""The tables of the page: pools, escalations, gates, policies on the past."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from aiecon.charts.adaptive_budget import by_size, policy_name
from aiecon.charts.formats import full, percent, probability, signed, signed_percent
from aiecon.models.adaptive_budget import AdaptiveBudget
from aiecon.models.adaptive_budget.futures import PATHS
from aiecon.models.adaptive_budget.line import Line
from aiecon.report import blocks
from aiecon.report.blocks import Block

_AMOUNTS = ("overspend", "stranded", "weighed", "value_refused", "escalations", "revisions")
_LEVELS = {"vice_president": "vice president", "c_suite": "C-suite"}


def pools(answer: AdaptiveBudget) -> Block:
    """Every pool's next budget, the rule that moved it, its gate, its range and how likely it is passed."""
    frame = answer.to_frame()
    first = frame[frame["month"] == frame["month"].iloc[0]].set_index(["team", "pool"])
    rows = [_pool_row(line, first.loc[(line.team, line.name)]) for line in by_size(answer)]
    ahead = answer.course().iloc[-len(answer.months)]
    rows.append(
        [
            "All pools",
            "",
            full(answer.in_force),
            full(answer.next_budget),
            signed_percent(answer.next_budget / answer.in_force - 1) if answer.in_force else "–",
            f"{full(ahead['p10'])} to {full(ahead['p90'])}",
            probability(answer.breach_probability),
        ]
    )
    month = f"{answer.months[0]:%B}"
    last = f"{answer.months[-1]:%B}"
    columns = ["Pool", "Rule; gate", "In force", month, "Δ", f"p10 to p90, {month}", f"P(over), to {last}"]
    note = "Ranges of pools do not add up. P(over): the months ahead together cost more than their budgets."
    return blocks.table(
        f"Budgets of {answer.months[0]:%B %Y}, {answer.currency}",
        columns,
        rows,
        note=note,
        bold=[len(rows) - 1],
        text_columns=2,
    )


def _pool_row(line: Line, row: pd.Series) -> list[str]:
    before = line.in_force
    return [
        f"{line.name} / {line.team}",
        f"{row['rule']}; {row['gate']}",
        full(before),
        full(row["budget"]),
        signed_percent(row["budget"] / before - 1) if before else signed(row["budget"]),
        f"{full(row['p10'])} to {full(row['p90'])}",
        probability(line.breach_probability),
    ]


def escalations(answer: AdaptiveBudget) -> Block:
    """Months of pools that somebody higher decides about, the latest first."""
    if not answer.escalations:
        return blocks.nothing()
    held = answer.history().assign(month=lambda frame: frame["month"].dt.strftime("%Y-%m"))
    by_key = held.set_index(["team", "pool", "month"])
    owners = {(line.team, line.name): line.pool.owner for line in answer.lines}
    rows = []
    for one in sorted(answer.escalations, key=lambda one: (one["month"], one["team"]), reverse=True):
        row = by_key.loc[(one["team"], one["pool"], one["month"])]
        over = signed_percent(row["over"] / row["budget"]) if row["budget"] else "–"
        who = f"{_LEVELS[one['level']]}, with {owners[one['team'], one['pool']]}"
        amounts = [full(row["budget"]), full(row["spend"]), over, signed(row["over"])]
        rows.append([one["month"], f"{one['pool']} / {one['team']}", who, *amounts])
    columns = ["Month", "Pool", "Who decides", "Budget", "Spend", "Over", "ΔBU"]
    title = f"Escalations, {answer.currency}"
    return blocks.table(title, columns, rows, note=_level_words(answer), text_columns=3, variance=6)


def _level_words(answer: AdaptiveBudget) -> str:
    found = {(line.pool.escalation.vice_president, line.pool.escalation.c_suite) for line in answer.lines}
    said = " or ".join(f"{percent(low, 0)} and {percent(high, 0)}" for low, high in sorted(found))
    escalates = f"A month escalates when it is strictly over {said} above its budget"
    return f"{escalates}: to the vice president, to the C-suite. ΔBU: spend minus budget, more is bad."


def gates(answer: AdaptiveBudget) -> Block:
    """Pools whose gate is not passed, with the evidence that is missing or against it."""
    stopped = [line for line in by_size(answer) if line.moves[0].gate != "passed"]
    if not stopped:
        return blocks.nothing()
    rows = [[line.moves[0].gate, f"{line.name} / {line.team}: {line.pool.owner}", _evidence(line)] for line in stopped]
    note = "held: evidence is missing; failed: evidence is against more. Either way the budget does not grow."
    columns = ["Gate", "Pool and who brings evidence", "Evidence"]
    return blocks.table("Gates that are not passed", columns, rows, note=note, text_columns=3)


def _evidence(line: Line) -> str:
    return line.moves[0].reason.replace("%", " %").replace(" -", " \N{MINUS SIGN}")


def _refused_words(lines: Sequence[Line]) -> str:
    """What value refused means, and whose value is not in it."""
    bare = sum(line.value_per_spend is None for line in lines)
    missing = f"; {bare} of {len(lines)} pools have none on record, which is not counted" if bare else ""
    return f" Value refused: the value of what is over budget, were a budget a hard limit{missing}."


def policies(answer: AdaptiveBudget) -> Block:
    """Ways to budget on the months of the last year: what each overspends, strands, escalates and moves."""
    table, ratio = answer.comparison, answer.inputs.short_to_long_cost
    table = table.assign(weighed=ratio * table["overspend"] + table["stranded"])
    agreed = table[table["field"].isna()]
    rows = [
        [policy_name(row["policy"]).capitalize(), *_policy_amounts(row)]
        for row in agreed.sort_values("weighed").to_dict("records")
    ]
    place = [row[0] for row in rows].index("Agreed rules")
    columns = _columns(ratio)
    return blocks.table(
        f"Ways to budget on the last year, {answer.currency}",
        columns,
        rows,
        note=_best_words(table) + _refused_words(answer.lines),
        bold=[place],
    )


def _columns(ratio: float) -> list[str]:
    weighed = f"{ratio:g} × over + unspent"
    return ["Way to budget", "Over budget", "Unspent", weighed, "Value refused", "Escalations", "Moves"]


def _policy_amounts(row: Mapping[str, Any]) -> list[str]:
    return ["–" if pd.isna(row[name]) else full(row[name]) for name in _AMOUNTS]


def _best_words(table: pd.DataFrame) -> str:
    """What other headrooms and growth caps would have done, and what following the spend gives away."""
    said = []
    ours = table[(table["policy"] == "adaptive") & table["field"].isna()]["weighed"].iloc[0]
    for field, name in (("growth_cap", "growth cap"), ("headroom", "headroom")):
        tried = table[table["field"] == field]
        best = tried.loc[tried["weighed"].idxmin()]
        if best["weighed"] < ours * 0.995:  # half a per cent is no difference
            change = percent(1 - best["weighed"] / ours, 0)
            said.append(
                f"of the {name}s tried, {percent(best['tried'], 0)} would have cost least, {change} less than agreed"
            )
    tried_words = f"{'; '.join(said)}. ".capitalize() if said else ""
    return (
        f"{tried_words}Every way starts from the first month's spend and knows only the months before. Following the "
        "spend lies closest to it because it gives whatever was spent: it restrains nothing, and moves every month."
    )


def years(answer: AdaptiveBudget) -> Block:
    """Ways to budget on simulated years ahead, with the headroom and growth cap that cost least."""
    table, ratio = answer.years, answer.inputs.short_to_long_cost
    if table.empty:
        return blocks.nothing()
    table = table.assign(weighed=ratio * table["overspend"] + table["stranded"])
    tried = table[table["headroom"].notna()]
    best = answer.recommended.iloc[0]
    agreed = table[table["headroom"].isna()].sort_values("weighed")
    rows = [[policy_name(row["policy"]).capitalize(), *_policy_amounts(row)] for row in agreed.to_dict("records")]
    place = [row[0] for row in rows].index("Agreed rules")
    name = f"Rules with headroom {percent(best['headroom'], 0)}, cap {percent(best['growth_cap'], 0)}"
    rows.append([name, *_policy_amounts(best)])
    note = (
        f"Means over {PATHS:,} simulated years of pools with a driver and a target, from the base in force, without "
        f"gates, floors and ceilings. Last row: of {len(tried)} pairs of headroom and growth cap, one for all, the "
        f"one that costs least{_at_edge(tried, best)} when a budget that falls short costs {ratio:g} times one left "
        "unspent."
        f"{_edge(tried, best)}{_refused_words([line for line in answer.lines if line.is_driven])}"
    )
    columns = _columns(ratio)
    title = f"Ways to budget on simulated years ahead, {answer.currency}"
    return blocks.table(title, columns, rows, note=note, bold=[place])


def _ends(tried: pd.DataFrame, best: pd.Series) -> list[str]:
    """What of a best pair is the largest that was tried."""
    return [name.replace("_", " ") for name in ("headroom", "growth_cap") if best[name] == tried[name].max()]


def _at_edge(tried: pd.DataFrame, best: pd.Series) -> str:
    return ", at the edge of what was tried," if _ends(tried, best) else ""


def _edge(tried: pd.DataFrame, best: pd.Series) -> str:
    """Words for a best pair that lies at the end of what was tried."""
    ends = _ends(tried, best)
    return f" Largest tried: {' and '.join(ends)}." if ends else ""
