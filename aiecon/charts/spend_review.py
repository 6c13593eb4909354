"""Pictures of the spend review: why the bill changed, who owns it, what an outcome costs, and what nobody owns."""

from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from aiecon.charts import formats, theme
from aiecon.models.spend_review import SpendReview
from aiecon.models.spend_review.phantom import UNSAID, by_month, is_all_taggable, taggable
from aiecon.vocabulary.spend import DIMENSIONS

SHOWN = 8  # bars of a chart; the rest is one
_MODELS_SHOWN = 7
_BAR = 30  # height of a bar with its gap [px]
_WIDE_LABELS = 250
_TEXT = "#222"


def spend_review_chart(answer: SpendReview) -> Any:
    """Draw the way from what it is compared to to the period; the owners where nothing is there to compare with."""
    if answer.bridge is None:
        return owners_chart(answer)
    rows = answer.bridge
    size, _ = formats.scale_of(float(rows["total"].abs().max()))
    unit = formats.unit_of(float(rows["total"].abs().max()), answer.currency)
    is_end = (rows["kind"] != "effect").to_numpy()
    looks = np.where(rows["kind"] == "start", "start", np.where(rows["amount"] > 0, "more", "less"))
    data = pd.DataFrame(
        {
            "step": rows["step"],
            "order": range(len(rows)),
            "from": np.where(is_end, 0.0, rows["total"] - rows["amount"]) / size,
            "to": rows["total"] / size,
            "change": rows["amount"] / size,
            "look": np.where(rows["kind"] == "end", "end", looks),
            "label": [_label(row, size=size, whole=float(rows["amount"].iloc[0])) for row in rows.to_dict("records")],
        }
    )
    data["edge"] = data[["from", "to"]].max(axis=1)
    base = alt.Chart(data).encode(
        y=_names("step", alt.SortField("order")),
        tooltip=["step:N", alt.Tooltip("change:Q", format="+,.3~f", title=unit)],
    )
    bars = base.encode(x=alt.X("from:Q", title=unit, axis=alt.Axis(tickCount=6)), x2="to:Q")
    colours = {"start": theme.PREVIOUS, "end": theme.ACTUAL, "more": theme.BAD, "less": theme.GOOD}
    layers = [
        bars.transform_filter(f"datum.look == '{look}'").mark_bar(height={"band": 0.6}, color=colour)
        for look, colour in colours.items()
    ]
    text = base.mark_text(align="left", dx=5, fontSize=10.5, color=_TEXT).encode(x="edge:Q", text="label:N")
    return theme.styled(
        alt.layer(*layers, text),
        title=_bridge_message(answer),
        subtitle=f"Billed, {unit} (light: {answer.before_label}; dark: {answer.label}; red: more; green: less)",
        height=(_BAR - 5) * len(rows),
        width=430,
    )


def _label(row: dict[str, Any], *, size: float, whole: float) -> str:
    """A total with three figures, a step with those that its place in the total leaves."""
    if row["kind"] != "effect":
        return formats.significant(row["amount"] / size)
    digits = max(0, 2 - int(np.floor(np.log10(abs(whole / size))))) if whole else 2
    return f"{row['amount'] / size:+,.{max(1, digits)}f}".replace("-", "−")


def _names(column: str, order: Any) -> Any:
    axis = alt.Axis(labelLimit=_WIDE_LABELS, ticks=False, domain=False)
    return alt.Y(f"{column}:N", sort=order, title=None, axis=axis)


def _bridge_message(answer: SpendReview) -> str:
    rows = answer.bridge
    assert rows is not None  # asked only where there is one
    inner = rows[rows["kind"] == "effect"]
    change = float(rows["amount"].iloc[-1] - rows["amount"].iloc[0])
    if inner.empty or not change:
        return f"{answer.label} cost what {answer.before_label} did"
    top = inner.loc[inner["amount"].abs().idxmax()]
    side = "added" if top["amount"] > 0 else "took off"
    price = (answer.effects or {}).get("price", 0.0)
    if price < 0 < change:
        fell = formats.money(-price, answer.currency)
        return f"Prices fell by {fell} and the bill rose: {_lower(top['step'])} {side} most"
    return f"{top['step']} {side} most: {formats.money(abs(top['amount']), answer.currency)}"


def _lower(words: str) -> str:
    return words[0].lower() + words[1:]


def owners_chart(answer: SpendReview) -> Any:
    """Draw what each team (or whatever the dimension is) cost, beside what it is compared to."""
    data = _named(answer.by(answer.inputs.dimension), f"(no {_dimension(answer)})")
    top = data[~data["item"].str.startswith("(")].head(1)
    title = "Nothing is attributed"
    if len(top):
        share = formats.percent(top["billed"].iloc[0] / answer.billed_cost, 0) if answer.billed_cost else "all"
        title = f"{top['item'].iloc[0]} has {share} of the bill"
    return _pairs(answer, data, title=title, measure=f"Billed by {_dimension(answer)}")


def phantom_chart(answer: SpendReview) -> Any:
    """Draw where the cost is that nobody owns, beside what it is compared to."""
    data = phantom_items(answer)
    share = formats.percent(1 - (1.0 if answer.owned_share is None else answer.owned_share))
    title = f"{share} of the {'bill' if is_all_taggable(answer.rows) else 'use and purchases'} is nobody's"
    if len(data):
        title += f", most of it from {data['item'].iloc[0]}"
    return _pairs(answer, data, title=title, measure=f"Billed without a {_dimension(answer)}, by service")


def phantom_items(answer: SpendReview) -> pd.DataFrame:
    """What nobody owns of what can carry a tag by service, dearest first: item, billed, before. [currency]"""
    ends = [_unowned(answer, rows) for rows in (answer.rows, answer.before)]
    table = pd.DataFrame({"billed": ends[0], "before": ends[1] if answer.has_before else 0.0})
    table = table.fillna(0.0).rename_axis("item").reset_index()
    table = table[table[["billed", "before"]].round(2).any(axis=1)]
    return table.sort_values("billed", ascending=False, ignore_index=True, kind="stable")


def _unowned(answer: SpendReview, rows: pd.DataFrame) -> pd.Series:
    rows = by_month(rows)
    part = rows[rows[answer.inputs.dimension].isin(UNSAID) & taggable(rows)]
    keys = [name for name in ("ServiceName", "SubAccountName") if name in part]
    names = part[keys].agg(", ".join, axis=1) if keys and len(part) else pd.Series("all services", index=part.index)
    return part["billed"].groupby(names).sum()


def _dimension(answer: SpendReview) -> str:
    return DIMENSIONS.get(answer.inputs.dimension, answer.inputs.dimension)


def _named(table: pd.DataFrame, nobody: str) -> pd.DataFrame:
    return table.assign(item=table["item"].astype(str).where(~table["item"].isin(UNSAID), nobody))


def folded(table: pd.DataFrame, shown: int = SHOWN) -> pd.DataFrame:
    """The dearest items and the rest as one: item, billed, before. [currency]"""
    table = table[["item", "billed", "before"]]
    if len(table) <= shown + 1:
        return table
    rest = table.iloc[shown:]
    last = {"item": f"{len(rest)} others", "billed": rest["billed"].sum(), "before": rest["before"].sum()}
    return pd.concat([table.head(shown), pd.DataFrame([last])], ignore_index=True)


def _pairs(answer: SpendReview, table: pd.DataFrame, *, title: str, measure: str) -> Any:
    """Bars of the period over lighter ones of what it is compared to, with the change in words."""
    rows = folded(table)
    largest = float(rows[["billed", "before"]].abs().max().max()) if len(rows) else 0.0
    size, unit = formats.scale_of(largest)[0], formats.unit_of(largest, answer.currency)
    data = rows.assign(
        order=range(len(rows)),
        now=rows["billed"] / size,
        before=rows["before"] / size,
        edge=rows[["billed", "before"]].max(axis=1) / size,
        label=[_pair_label(answer, row, size) for row in rows.to_dict("records")],
    )
    base = alt.Chart(data).encode(y=_names("item", alt.SortField("order")))
    tips = ["item:N", alt.Tooltip("now:Q", format=",.3~f", title=answer.label)]
    x = alt.X("now:Q", title=unit, axis=alt.Axis(tickCount=6), scale=alt.Scale(zero=True))
    layers = [base.mark_bar(height={"band": 0.42}, color=theme.ACTUAL).encode(x=x, tooltip=tips)]
    if answer.has_before:
        tips = [*tips, alt.Tooltip("before:Q", format=",.3~f", title=answer.before_label)]
        wide = base.mark_bar(height={"band": 0.8}, color=theme.PREVIOUS).encode(x=alt.X("before:Q", title=unit))
        layers = [wide.encode(tooltip=tips), *layers]
    text = base.mark_text(align="left", dx=5, fontSize=10.5, color=_TEXT)
    layers.append(text.encode(x=alt.X("edge:Q", title=unit), text="label:N"))
    said = f"dark: {answer.label}; light: {answer.before_label}" if answer.has_before else answer.label
    return theme.styled(
        alt.layer(*layers),
        title=title,
        subtitle=f"{measure}, {unit} ({said})",
        height=max(2, len(rows)) * (_BAR - 4),
        width=430,
    )


def _pair_label(answer: SpendReview, row: dict[str, float], size: float) -> str:
    amount = formats.significant(row["billed"] / size)
    if not answer.has_before:
        return amount
    if row["before"] <= 0:
        return f"{amount} (new)" if row["billed"] > 0 else amount
    return f"{amount} ({formats.signed_percent(row['billed'] / row['before'] - 1, 0)})"


def attribution_chart(answer: SpendReview) -> Any:
    """Draw who spent on what: a field for each team and model, darker for more, pointed at for its figures."""
    data = attribution(answer)
    size, unit = formats.scale_of(answer.billed_cost)[0], formats.unit_of(answer.billed_cost, answer.currency)
    data = data.assign(
        amount=data["billed"] / size, label=[formats.significant(cell / size, 2) for cell in data["billed"]]
    )
    data["label"] = data["label"].where(data["amount"].abs() >= _LEAST_TOLD, "·")
    pick = alt.selection_point(fields=["owner"], on="click", clear="dblclick", name="owner")
    base = alt.Chart(data).encode(
        x=alt.X(
            "item:N", sort=None, title=None, axis=alt.Axis(orient="top", labelAngle=-25, ticks=False, domain=False)
        ),
        y=_names("owner", None),
        opacity=alt.condition(pick, alt.value(1.0), alt.value(0.25)),
        tooltip=["owner:N", "item:N", alt.Tooltip("amount:Q", format=",.3~f", title=unit)],
    )
    shade = alt.Scale(range=["#f1f3f5", theme.RANGE], domainMin=0)
    ink = alt.condition("datum.is_dark", alt.value("white"), alt.value(_TEXT))
    data["is_dark"] = data["amount"] > _DARK * float(data["amount"].max())
    base = base.properties(data=data)
    layers = [
        base.mark_rect(stroke="white", strokeWidth=1.5)
        .encode(color=alt.Color("amount:Q", scale=shade, legend=None))
        .add_params(pick),
        base.mark_text(fontSize=10).encode(text="label:N", color=ink),
    ]
    return theme.styled(
        alt.layer(*layers),
        title=_attribution_message(data),
        subtitle=f"Billed in {answer.label} by {_dimension(answer)} and {_what(answer)}, {unit} (darker: more; dot: "
        "next to nothing)",
        width=480,
        height=23 * data["owner"].nunique(),
    )


_LEAST_TOLD = 0.05  # of the unit, below which a field is a dot
_DARK = 0.55  # of the largest, from which the figure is white


def _item_column(answer: SpendReview) -> str | None:
    others = ("x_ModelId", "ServiceName", "x_Layer", "ServiceCategory")
    return next((name for name in others if name in answer.rows and name != answer.inputs.dimension), None)


def _what(answer: SpendReview) -> str:
    column = _item_column(answer)
    return DIMENSIONS[column] if column else "service"


def attribution(answer: SpendReview) -> pd.DataFrame:
    """Who spent on what, dearest first, every pair of the two: owner, item, billed. [currency]"""
    dimension, column = answer.inputs.dimension, _item_column(answer)
    nobody, nothing = f"(no {_dimension(answer)})", f"(no {_what(answer)})"
    owner = answer.rows[dimension].where(~answer.rows[dimension].isin(UNSAID), nobody)
    item = pd.Series("all", index=owner.index)
    if column:
        item = answer.rows[column].where(~answer.rows[column].isin(UNSAID), nothing)
    named = pd.DataFrame(
        {
            "owner": _largest(owner, answer.rows["billed"], SHOWN + 1),
            "item": _largest(item, answer.rows["billed"], _MODELS_SHOWN),
            "billed": answer.rows["billed"],
        }
    )
    table = named.pivot_table(index="owner", columns="item", values="billed", aggfunc="sum", fill_value=0.0)
    table = table[(table.index != nobody) | table.round(2).any(axis=1)]
    owners, items = (table.sum(axis=axis).sort_values(ascending=False, kind="stable").index for axis in (1, 0))
    long = table.loc[owners, items].reset_index().melt("owner", var_name="item", value_name="billed")
    return long.sort_values("owner", key=lambda names: names.map(list(owners).index), kind="stable", ignore_index=True)


def _largest(names: pd.Series, cost: pd.Series, shown: int) -> pd.Series:
    """Names with those beyond the dearest few put together."""
    sums = cost.groupby(names).sum().sort_values(ascending=False, kind="stable")
    if len(sums) <= shown + 1:
        return names
    return names.where(names.isin(sums.index[:shown]), f"{len(sums) - shown} others")


def _attribution_message(data: pd.DataFrame) -> str:
    whole, top = float(data["billed"].sum()), data.loc[data["billed"].idxmax()]
    if not whole:
        return "Nothing was billed"
    share = formats.percent(top["billed"] / whole, 0)
    item = f"charges of {top['item'][1:-1]}" if top["item"].startswith("(no ") else top["item"]
    return f"{top['owner']} with {item} is the largest field: {share} of the bill"


def unit_costs_chart(answer: SpendReview) -> Any:
    """Draw how much more or less an outcome costs than before, a bar a use case; none where nothing compares."""
    data = unit_costs(answer)
    data = data.assign(
        look=np.where(data["change"] > 0, "more", "less"),
        label=[_cost_label(row, answer.currency) for row in data.to_dict("records")],
        side=data["change"].clip(lower=0.0),
    )
    base = alt.Chart(data).encode(
        y=_names("use_case", list(data["use_case"])),
        tooltip=["use_case:N", alt.Tooltip("change:Q", format="+.1%", title="Change")],
    )
    axis = alt.Axis(
        labelExpr="datum.value == 0 ? '0 %' : format(datum.value * 100, '+') + ' %'",
        tickCount=6,
        grid=True,
        gridOpacity=alt.expr("datum.value == 0 ? 1 : 0"),
    )
    x = alt.X("change:Q", title=f"change against {answer.before_label}", axis=axis)
    layers = [
        base.transform_filter(f"datum.look == '{look}'").mark_bar(height={"band": 0.6}, color=colour).encode(x=x)
        for look, colour in (("more", theme.BAD), ("less", theme.GOOD))
    ]
    text = base.mark_text(align="left", dx=5, fontSize=10.5, color=_TEXT).encode(
        x=alt.X("side:Q", title=f"change against {answer.before_label}", axis=axis), text="label:N"
    )
    return theme.styled(
        alt.layer(*layers, text),
        title=_cost_message(data),
        subtitle=f"Billed ÷ outcomes that count, change against {answer.before_label} (label: {answer.currency} an "
        f"outcome in {answer.label}; red: dearer)",
        height=max(2, len(data)) * (_BAR - 8),
        width=430,
    )


def unit_costs(answer: SpendReview) -> pd.DataFrame:
    """Use cases with outcomes in both periods, dearest first: use_case, cost_per_outcome, cost_before, change."""
    table = answer.unit_economics
    if "cost_per_outcome" not in table:
        return pd.DataFrame(columns=["use_case", "cost_per_outcome", "cost_before", "change"])
    known = table[(table["cost_per_outcome"] > 0) & (table["cost_before"] > 0)].head(SHOWN + 2)
    change = known["cost_per_outcome"] / known["cost_before"] - 1
    return known[["use_case", "cost_per_outcome", "cost_before"]].assign(change=change).reset_index(drop=True)


def _cost_label(row: dict[str, float], currency: str) -> str:
    return f"{formats.significant(row['cost_per_outcome'])} ({formats.signed_percent(row['change'], 0)})"


def _cost_message(data: pd.DataFrame) -> str:
    if data.empty:
        return "No use case has outcomes in both periods"
    top = data.loc[data["change"].abs().idxmax()]
    side = "dearer" if top["change"] > 0 else "cheaper"
    dearer = int((data["change"] > 0).sum())
    moved = f"{formats.percent(abs(top['change']), 0)} {side}"
    return f"{top['use_case']} became {moved}; {dearer} of {len(data)} use cases dearer"
