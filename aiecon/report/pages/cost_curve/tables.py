"""The tables of the page: the step line by line, layers over users, levers, method."""

import numpy as np

from aiecon.charts.formats import full, percent, signed, significant
from aiecon.models.cost_curve import CostCurve
from aiecon.models.cost_curve.inputs import Component
from aiecon.report import blocks
from aiecon.report.blocks import Block
from aiecon.vocabulary.distribution import base

_SHOWN = 6
_FALLING = (
    "With the same users every month a learnt cost is n^log2(1 − learning rate) of the first in the n-th month "
    "(Wright), and a list price falls by its yearly rate; the larger fall of a model as good comes at each switch. "
)


def cliff(answer: CostCurve) -> Block:
    """From pilot to production, component by component."""
    table = answer.cliff()
    total = float(table["change"].iloc[-1])
    rows = [
        [
            "All" if row["component"] == "(total)" else str(row["component"]),
            "" if row["component"] == "(total)" else str(row["layer"]),
            full(row["pilot"]),
            full(row["production"]),
            signed(row["change"]),
            percent(row["change"] / total, 0) if total else "",
        ]
        for row in table.to_dict("records")
    ]
    columns = ["Component", "Layer", "Pilot", "Production", "Change", "Share of it"]
    title = f"From pilot to production, {answer.currency} a month"
    return blocks.table(
        title,
        columns,
        rows,
        note=_cliff_note(answer),
        bold=[len(rows) - 1],
        text_columns=2,
        widths=(2.2, 1, 0.8, 0.8, 0.8, 0.8),
    )


def _cliff_note(answer: CostCurve) -> str:
    """What the lines are after, and what the pilot's total is of."""
    found = "After levers" + ("; regulation is a line of its own." if answer.inputs.regulated else ".")
    if any(one.falling for one in answer.inputs.components):
        found += f" Components at full cost; in brackets what they have fallen by month {answer.inputs.month}."
    return found if answer.pilot_lines is None else f"{found} All of the pilot, {answer.pilot_lines}."


def layers(answer: CostCurve) -> Block:
    """Cost of each layer at some numbers of users."""
    table = answer.to_frame()
    shown = _shown(answer)
    inner = table[(table["component"] != "(total)") & table["users"].isin(shown)]
    wide = inner.pivot_table(index="layer", columns="users", values="cost", aggfunc="sum").sort_values(
        shown[-1], ascending=False
    )
    rows = [[str(layer), *(full(row[count]) for count in shown)] for layer, row in wide.iterrows()]
    rows.append(["All", *(full(wide[count].sum()) for count in shown)])
    columns = ["Layer", *(f"{count:,.0f}" for count in shown)]
    return blocks.table(
        f"Layers over users, {answer.currency} a month", columns, rows, bold=[len(rows) - 1], note="Columns: users."
    )


def _shown(answer: CostCurve) -> np.ndarray:
    """A few numbers of users, pilot and production among them."""
    users, pinned = answer.users, [answer.inputs.pilot_users, answer.inputs.production_users]
    spread = users[np.unique(np.linspace(0, len(users) - 1, min(_SHOWN, len(users))).round().astype(int))]
    return np.unique(np.concatenate([spread, pinned]))


def levers(answer: CostCurve) -> Block:
    """What each lever saves in production, split so that their order does not matter."""
    found = answer.lever_savings()
    if not found:
        return blocks.nothing()
    by_name = {lever.name: lever for lever in answer.inputs.levers}
    rows = [
        [
            name,
            ", ".join(by_name[name].targets),
            f"{by_name[name].from_month}",
            full(base(by_name[name].effort_cost)),
            full(saved),
        ]
        for name, saved in sorted(found.items(), key=lambda pair: -pair[1])
    ]
    effort = sum(base(by_name[name].effort_cost) for name in found)
    rows.append(["All", "", "", full(effort), full(sum(found.values()))])
    months = ", ".join(
        f"{full(row['cost'])} from month {row['month']}" for row in answer.phases_of_levers().to_dict("records")
    )
    note = (
        "Savings on one thing multiply; each lever's part is its Shapley value, so they add up. "
        f"Production costs {months}. The effort, once, is not in the curve."
    )
    columns = ["Lever", "On", "From month", f"Effort, {answer.currency}", f"Saves, {answer.currency} a month"]
    return blocks.table("What levers save", columns, rows, note=note, bold=[len(rows) - 1], text_columns=2)


def pre_launch(answer: CostCurve) -> Block:
    """The gate before launch: what was shown, what is missing and why."""
    found = answer.pre_launch
    if found.empty:
        return blocks.nothing()
    rows = [[row["artefact"], row["verdict"], row["reason"]] for row in found.to_dict("records")]
    owner = answer.inputs.pre_launch.owner if answer.inputs.pre_launch else None
    note = f"{'Owner: ' + owner if owner else 'Nobody answers for it: pre_launch.owner is missing'}. "
    note += "Failed where one fails, held where something is missing, else passed."
    title = f"Gate before launch: {answer.pre_launch_verdict}"
    return blocks.table(title, ["Artefact", "Verdict", "Why"], rows, text_columns=3, note=note, widths=(1.2, 0.7, 4.0))


def method(answer: CostCurve) -> Block:
    """How the figures were made and what limits them."""
    paragraphs = [
        "Components are fixed, grow with each user, with a power of users through a known point, or by steps; their "
        "sum after levers, and what regulation adds, is the curve. The marginal cost is its slope, a step being flat. "
        f"{_FALLING if any(one.falling for one in answer.inputs.components) else ''}"
        f"The range is of {answer.inputs.draws:,} draws of what is uncertain.",
        ". ".join(answer.notes) + "." if answer.notes else "",
    ]
    if answer.build_weeks is not None:
        paragraphs.append(f"Building it takes {answer.build_weeks:,.1f} weeks, regulation included.")
    return blocks.text("Method and limits", [words for words in paragraphs if words])


def components(answer: CostCurve) -> Block:
    """Where each component's and lever's figure is from."""
    rows = [
        [component.name, _kind(component), component.grade or "not graded", component.source or "as given"]
        for component in answer.inputs.components
    ]
    rows += [
        [lever.name, "lever", lever.grade or "not graded", lever.source or "as given"] for lever in answer.inputs.levers
    ]
    columns = ["Component or lever", "Kind", "Grade", "Source"]
    hidden = [component.name for component in answer.inputs.components if component.is_hidden]
    note = f"Pilots rarely count {len(hidden)} of them: {', '.join(hidden)}." if hidden else ""
    title = "Components and their sources"
    return blocks.table(title, columns, rows, text_columns=4, note=note, widths=(1.7, 1.2, 0.8, 3.4))


def _kind(component: Component) -> str:
    start = f", from {component.from_users:,.0f} users" if component.from_users else ""
    start += ", falling" if component.falling else ""
    if component.kind == "power":
        return f"power {significant(base(component.exponent), 2)}{start}"
    words = {"fixed": "fixed", "per_user": "per user", "step": "step"}
    return f"{words[component.kind]}{start}"
