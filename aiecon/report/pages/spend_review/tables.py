"""The tables of the page: who, what, why, unit economics, what nobody owns and what stands out."""

from typing import Any

import numpy as np
import pandas as pd

from aiecon.charts.formats import full, money, percent, signed, signed_percent, significant
from aiecon.charts.spend_review import SHOWN, folded
from aiecon.models.spend_review import SpendReview
from aiecon.models.spend_review.drivers import DRIVERS, Spike, cell_words
from aiecon.models.spend_review.factors import left_out
from aiecon.models.spend_review.phantom import UNSAID
from aiecon.report import blocks
from aiecon.report.blocks import Block
from aiecon.report.pages.spend_review.headline import dimension_of
from aiecon.vocabulary.spend import DIMENSIONS

_PLAIN = 1_000  # from here on a figure is written out in full
_FACTORS = {
    "users": "Users a month",
    "requests_per_user": "Requests a user",
    "requests": "Requests",
    "tokens_per_request": "Tokens a request",
    "mix": "Mix of models",
    "price_per_mtok": "Price of a million tokens, {currency}",
}
_ONCE = {
    "Purchase": "purchases",
    "Credit": "credits",
    "Adjustment": "adjustments",
    "Correction": "corrections",
    "Below zero": "charges below zero",
}
_WHAT_SHOWN = 7
_DAYS_SHOWN, _CELLS_SHOWN = 5, 4
_FLOWS_SHOWN = 3


def who(answer: SpendReview) -> Block:
    """Who spent it, and what they carry once the cost without an owner is allocated, to the cent."""
    if not answer.attributed_cost:
        return blocks.nothing()
    table = answer.to_frame()
    is_shared = bool(table["shared"].abs().sum() > 0)
    sums = ["billed", "before", "shared", "carried", *(["charged"] if answer.charged is not None else [])]
    rows = [_row(answer, row, is_shared) for row in _folded(table, sums).to_dict("records")]
    rows.append(_row(answer, {"item": "All", **table[sums].sum()}, is_shared))
    extra = [*(["Shared", "Carries"] if is_shared else []), *(["Charged"] if answer.charged is not None else [])]
    columns = [dimension_of(answer).capitalize(), *_columns(answer), *extra]
    note = ""
    if is_shared:
        note = (
            f"Shared: the part of what has no {dimension_of(answer)}, allocated month by month by the method "
            f"“{answer.inputs.allocation.method}”, to the cent. "
        )
    note += _charged_words(answer)
    title = f"Billed by {dimension_of(answer)}, {answer.currency}"
    return blocks.table(title, columns, rows, note=note, bold=[len(rows) - 1], variance=_variance(answer))


def _charged_words(answer: SpendReview) -> str:
    """What teams pay of what they are shown."""
    asked = answer.inputs.chargeback
    if asked is None:
        return "Shown, not charged."
    steps = ", ".join(f"{percent(step.share, 0)} from month {step.from_month}" for step in asked.ramp)
    return f"Charged: of what a {dimension_of(answer)} carries, {steps} of showback, which began on {asked.since}."


def _folded(table: pd.DataFrame, sums: list[str]) -> pd.DataFrame:
    if len(table) <= SHOWN + 4:
        return table
    rest = table.iloc[SHOWN + 3 :]
    last = {"item": f"{len(rest)} others", **rest[sums].sum()}
    return pd.concat([table.head(SHOWN + 3), pd.DataFrame([last])], ignore_index=True)


def _columns(answer: SpendReview) -> list[str]:
    if not answer.has_before:
        return [answer.label, "Share"]
    return [answer.before_label.capitalize(), answer.label, "Change", "Change %", "Share"]


def _variance(answer: SpendReview) -> int | None:
    return 3 if answer.has_before else None


def _row(answer: SpendReview, row: dict[Any, Any], is_shared: bool = False) -> list[str]:
    name = f"(no {dimension_of(answer)})" if row["item"] in UNSAID else str(row["item"])
    share = percent(row["billed"] / answer.billed_cost) if answer.billed_cost else "–"
    cells = [name, full(row["billed"], answer.larger_cost), share]
    if answer.has_before:
        change = signed_percent(row["billed"] / row["before"] - 1) if row["before"] > 0 else ""
        change = change if row["before"] else "new"
        cells = [
            name,
            full(row["before"], answer.larger_cost),
            full(row["billed"], answer.larger_cost),
            signed(row["billed"] - row["before"], answer.larger_cost),
            change,
            share,
        ]
    if is_shared:
        cells += [signed(row["shared"], answer.larger_cost).lstrip("+"), full(row["carried"], answer.larger_cost)]
    return [*cells, *([full(row["charged"], answer.larger_cost)] if "charged" in row else [])]


def models(answer: SpendReview) -> Block:
    """What it was spent on, by model."""
    return _what(answer, "x_ModelId", "(no model)")


def layers(answer: SpendReview) -> Block:
    """What it was spent on, by layer; by service where no layers are said."""
    column = next((name for name in ("x_Layer", "ServiceName") if name in answer.rows), "x_Layer")
    return _what(answer, column, f"(no {DIMENSIONS[column]})")


def _what(answer: SpendReview, column: str, nothing: str) -> Block:
    if column not in answer.rows or column == answer.inputs.dimension or answer.rows[column].isin(UNSAID).all():
        return blocks.nothing()
    table = answer.by(column)
    table = table.assign(item=table["item"].where(~table["item"].isin(UNSAID), nothing))
    rows = [_row(answer, row) for row in folded(table, _WHAT_SHOWN).to_dict("records")]
    rows.append(_row(answer, {"item": "All", **table[["billed", "before"]].sum()}))
    title = f"Billed by {DIMENSIONS[column]}, {answer.currency}"
    columns = [DIMENSIONS[column].capitalize(), *_columns(answer)]
    return blocks.table(title, columns, rows, bold=[len(rows) - 1], variance=_variance(answer))


def why(answer: SpendReview) -> Block:
    """Spend on tokens as requests × tokens × price, and what each of them did."""
    found = answer.factors
    if found is None:
        return blocks.nothing()
    rows = [
        [
            _FACTORS[row["factor"]].format(currency=answer.currency),
            *_moved(row),
            signed(row["effect"], answer.larger_cost),
        ]
        for row in found.to_dict("records")
    ]
    rows.append(["Spend on tokens", "", "", "", signed(float(found["effect"].sum()), answer.larger_cost)])
    note = (
        "Spend on tokens is the product of these; each effect is the mean over every order in which they could have "
        "moved (Shapley), so together they are the change exactly. The price moves at the same mix of models; its "
        "average has both. It is that of a model's tokens together: more written ones, which are dearer, raise it."
    )
    if left := left_out(answer.rows):
        note += f" Left out: {money(left, answer.currency)} for tokens now of which requests or model are not said."
    if answer.effects is not None:
        mean = float(found.loc[found["factor"] == "price_per_mtok", "effect"].iloc[0])
        here, there = (signed(effect, answer.larger_cost) for effect in (mean, answer.effects["price"]))
        note += (
            f" Price is {here} here, on tokens between then and now, and {there} in the bridge, "
            "which counts the change of price on all tokens of now: one change, cut at two places."
        )
    if "users" in set(found["factor"]):
        note += " Users are those who caused charges in a month, on average."
    columns = ["Factor", answer.before_label.capitalize(), answer.label, "Change %", f"Effect, {answer.currency}"]
    return blocks.table("Volume apart from price", columns, rows, note=note, bold=[len(rows) - 1], variance=4)


def _moved(row: dict[str, Any]) -> list[str]:
    """A factor before and now, and its change; a mix has no figure of its own."""
    if pd.isna(row["before"]):
        return ["", "", ""]
    return [_figure(row["before"]), _figure(row["now"]), signed_percent(row["now"] / row["before"] - 1)]


def _figure(value: float) -> str:
    return full(value) if abs(value) >= _PLAIN else significant(value)


def unit_economics(answer: SpendReview) -> Block:
    """What an outcome costs by use case, how sure the count makes it, and what it was worth."""
    table = answer.unit_economics
    if "cost_per_outcome" not in table or table["cost_per_outcome"].isna().all():
        return blocks.nothing()
    known = table[table["cost_per_outcome"].notna()]
    rows = [_economics_row(answer, row) for row in known.to_dict("records")]
    columns = ["Use case", "Billed", "Outcomes", "Succeed", "Each", "± 95 %", "Change %", "Value ÷ spend"]
    left = answer.billed_cost - float(known["billed"].sum())
    note = (
        f"Billed ÷ outcomes that count; not {', '.join(answer.inputs.failed_outcomes)}. ± 95 %: half the range "
        f"that the share which succeeds leaves (Wilson), at the same spend. Change % of each: against "
        f"{answer.before_label}. {money(left, answer.currency)} belong to no use case with outcomes and are in "
        "none of these."
    )
    return blocks.table(f"What an outcome costs, {answer.currency}", columns, rows, note=note + _efficiency(known))


def _economics_row(answer: SpendReview, row: dict[Any, Any]) -> list[str]:
    change = row["cost_per_outcome"] / row["cost_before"] - 1 if row["cost_before"] > 0 else np.nan
    return [
        row["use_case"],
        full(row["billed"], answer.larger_cost),
        full(row["outcomes"]),
        percent(row["outcomes"] / row["attempts"]),
        significant(row["cost_per_outcome"]),
        "" if pd.isna(row["cost_low"]) else percent((row["cost_high"] - row["cost_low"]) / 2 / row["cost_per_outcome"]),
        "" if pd.isna(change) else signed_percent(change),
        "" if pd.isna(row["roi"]) else significant(row["roi"]),
    ]


def _efficiency(known: pd.DataFrame) -> str:
    """Cloud Efficiency Rate of the use cases that bring revenue."""
    if "revenue" not in known:
        return ""
    sold = known[known["revenue"] > 0]
    said = ", ".join(
        f"{row['use_case']} {percent((row['revenue'] - row['billed']) / row['revenue'], 0)}"
        for row in sold.to_dict("records")
    )
    return f" Cloud Efficiency Rate, (revenue − billed) ÷ revenue: {said}." if said else ""


def phantom(answer: SpendReview) -> Block:
    """The largest sources of what nobody owns."""
    table = answer.phantom_bill
    if table.empty:
        return blocks.nothing()
    keys = [name for name in table if name not in ("billed", "share")]
    rows = [
        [
            ", ".join(str(row[key]) for key in keys if row[key] not in UNSAID) or "all",
            full(row["billed"], answer.larger_cost),
            percent(row["share"]),
        ]
        for row in table.head(SHOWN).to_dict("records")
    ]
    if len(table) > SHOWN:
        rest = table.iloc[SHOWN:]
        rows.append(
            [f"{len(rest)} others", full(rest["billed"].sum(), answer.larger_cost), percent(rest["share"].sum())]
        )
    rows.append(["All", full(answer.phantom_cost, answer.larger_cost), percent(1 - (answer.attributed_share or 0.0))])
    title = f"The phantom bill: billed without a {dimension_of(answer)}, {answer.currency}"
    return blocks.table(title, ["Source", answer.label, "Share of the bill"], rows, bold=[len(rows) - 1])


def stands_out(answer: SpendReview) -> Block:
    """Teams that pay more than their peers and days dearer than their kind; words where there is none."""
    rows = [
        [
            row["peer"],
            f"A request to {row['model']}",
            significant(row["unit_cost"]),
            significant(row["median"]),
            signed(row["excess"], answer.larger_cost),
        ]
        for row in answer.outliers.head(SHOWN).to_dict("records")
    ]
    rows += [
        [
            _day(spike),
            f"{DRIVERS[spike.driver].capitalize()}; {spike.largest}",
            full(spike.value, answer.larger_cost),
            full(spike.expected, answer.larger_cost),
            signed(spike.excess, answer.larger_cost),
        ]
        for spike in answer.alarms[:SHOWN]
    ]
    multiple = f"{answer.inputs.outlier_multiple:g} times the median of its peers on the same model"
    if not rows:
        said = (
            f"Nothing: no {dimension_of(answer)} pays more than {multiple}, and on no day use cost more than on days "
            f"of its kind (weekday and level of the weeks before).{_known_steps(answer)}{_once(answer)}"
        )
        return blocks.text("What stands out", [said])
    note = (
        f"{dimension_of(answer).capitalize()}: more than {multiple}, from {answer.inputs.outlier_volume:,.0f} requests "
        f"on; expected is that median. Days of use: {answer.inputs.alarm_score:g} robust standard deviations above the "
        "weekday at the level of the weeks before; with the likely driver and the row with most of the excess."
        f"{_known_steps(answer)}{_once(answer)}"
    )
    columns = ["Who or when", "What, and likely why", "Was", "Expected", "Excess"]
    title = f"What stands out, {answer.currency}"
    widths = (1.3, 3.2, 0.8, 0.8, 0.8)
    return blocks.table(title, columns, rows, note=note, text_columns=2, variance=4, widths=widths)


def _day(spike: Spike) -> str:
    """The day, and how many in a row stand out where it is not alone."""
    return f"{spike.date:%Y-%m-%d}" + (f" (of {spike.days} days)" if spike.days > 1 else "")


def _known_steps(answer: SpendReview) -> str:
    """Days that a dated price change explains, which are no alarm."""
    said = [
        f"{spike.date:%Y-%m-%d} ({money(spike.excess, answer.currency)} more): {spike.event.label}"
        for spike in answer.price_steps
        if spike.event is not None
    ]
    return f" Explained by a dated price change, and no alarm: {'; '.join(said)}." if said else ""


def _once(answer: SpendReview) -> str:
    """What is no use, and so is watched on no day."""
    said = [
        f"{_ONCE.get(row['kind'], str(row['kind']).lower())} {money(row['billed'], answer.currency)} ({_when(row)})"
        for row in answer.once.to_dict("records")
    ]
    return f" Use alone is watched; apart from it: {'; '.join(said)}." if said else ""


def _when(row: dict[Any, Any]) -> str:
    first, last = (f"{row[name]:%Y-%m-%d}" for name in ("first", "last"))
    return first if first == last else f"{row['charges']:,} from {first} to {last}"


def behind(answer: SpendReview) -> Block:
    """The rows behind the days that stand out, with what each is of the excess."""
    rows: list[list[str]] = []
    bold = []
    for spike in (*answer.alarms, *answer.price_steps)[:_DAYS_SHOWN]:
        name = "All" if spike.event is None else f"All; no alarm: {spike.event.label}"
        amounts = _amounts(answer, spike.value, spike.expected, spike.excess)
        bold.append(len(rows))
        rows.append([f"{spike.date:%Y-%m-%d}", name, *amounts, "100.0 %"])
        rows += [_cell_row(answer, spike, cell) for cell in spike.cells.head(_CELLS_SHOWN).to_dict("records")]
        rows += [_others(answer, spike)] if len(spike.cells) > _CELLS_SHOWN else []
    if not rows:
        return blocks.nothing()
    note = (
        "A row is expected to cost its mean on the same weekday of the four weeks before, scaled so that all rows cost "
        "what the day was expected to. In brackets: where its dearest charge stands."
    )
    columns = ["Day", "Row", "Was", "Expected", "Excess", "Share"]
    title = f"Behind the days that stand out, {answer.currency}"
    widths = (1.0, 3.4, 0.8, 0.8, 0.8, 0.7)
    return blocks.table(title, columns, rows, note=note, bold=bold, text_columns=2, variance=4, widths=widths)


def _cell_row(answer: SpendReview, spike: Spike, cell: dict[Any, Any]) -> list[str]:
    place = f" ({cell['dearest']})" if isinstance(cell["dearest"], str) else ""
    amounts = _amounts(answer, cell["billed"], cell["expected"], cell["excess"])
    return ["", f"{cell_words(cell, spike.keys)}{place}", *amounts, percent(cell["share"])]


def _others(answer: SpendReview, spike: Spike) -> list[str]:
    """The rows beyond those that are shown, together."""
    rest = spike.cells.iloc[_CELLS_SHOWN:]
    sums = rest[["billed", "expected", "excess", "share"]].sum()
    return [
        "",
        f"{len(rest)} other rows",
        *_amounts(answer, sums["billed"], sums["expected"], sums["excess"]),
        percent(sums["share"]),
    ]


def _amounts(answer: SpendReview, value: float, expected: float, excess: float) -> list[str]:
    return [full(value, answer.larger_cost), full(expected, answer.larger_cost), signed(excess, answer.larger_cost)]


def traces(answer: SpendReview) -> Block:
    """What a workflow costs, and which of its steps: from the spans of its traces."""
    traced = answer.traced
    if traced is None or not traced.total:
        return blocks.nothing()
    rows: list[list[str]] = []
    bold = []
    for flow in traced.workflows.head(_FLOWS_SHOWN).to_dict("records"):
        bold.append(len(rows))
        rows.append(_step(flow["workflow"], flow["traces"], flow["cost"], traced.total))
        own = traced.steps[traced.steps["workflow"] == flow["workflow"]].head(_CELLS_SHOWN)
        rows += [_step(f"– {row['name']}", row["spans"], row["cost"], traced.total) for row in own.to_dict("records")]
    growth = traced.context_growth
    grown = (
        f" Input grew up to {significant(growth)} times from the first call of a trace to its last." if growth else ""
    )
    note = (
        f"Dearest branch: {' > '.join(traced.branch)}. Repeats of the step before cost "
        f"{money(traced.retries, answer.currency)}.{grown}"
    )
    columns = ["Workflow and step", "Traces or spans", "Cost", "Each", "Share"]
    return blocks.table(f"What a workflow costs, {answer.currency}", columns, rows, note=note, bold=bold)


def _step(name: str, count: int, cost: float, whole: float) -> list[str]:
    return [name, f"{count:,}", significant(cost), significant(cost / count), percent(cost / whole)]
