"""The tables of the forecast's page: months, the way to the figure, who and what, and how the last forecast did."""

import pandas as pd

from aiecon.charts.formats import full, money, percent, probability, scale_of, signed, signed_percent, significant
from aiecon.forecasting.factors import NAMES
from aiecon.models.spend_forecast import SpendForecast
from aiecon.report import blocks
from aiecon.report.blocks import Block
from aiecon.report.pages.spend_forecast.headline import budget_words, short
from aiecon.vocabulary.spend import DIMENSIONS

_QUARTERS_BEFORE = 1
_ITEMS_SHOWN = 6
_LEAST_PARTS = 2
_PLAIN = 1_000  # from here on a figure is written out in full
_WHO = ("x_Team", "x_Product", "x_UseCase", "SubAccountName", "x_Environment")
_WHAT = ("x_ModelId", "ServiceName", "ServiceCategory")


def months(answer: SpendForecast) -> Block:
    """Months and quarters: actual, forecast with its range, budget and variance."""
    table = answer.table
    first_ahead = table.loc[~table["complete"].astype(bool), "start"].min()
    earliest = first_ahead.to_period("Q").start_time - pd.DateOffset(months=_QUARTERS_BEFORE * 3)
    shown = table[table["start"] >= earliest].reset_index(drop=True)
    has_budget = shown["budget"].notna().any()
    amounts = shown[["actual", "p10", "p50", "p90", "budget"]].astype(float)
    size = next((size for size in (1.0, 1e3, 1e6, 1e9) if amounts.abs().max().max() < size * 1e6), 1e12)
    word = f"{scale_of(size)[1]} " if size > 1 else ""
    columns = ["Period", "Actual", "Expected", "p10", "p90"]
    columns += ["Budget", "ΔBU", "P(above)"] if has_budget else []
    rows = [_month_row(row, size, has_budget) for row in shown.to_dict("records")]
    variance = columns.index("ΔBU") if has_budget else None
    bold = [place for place, level in enumerate(shown["level"]) if level == "quarter"]
    note = (
        "Actual: to date. Expected, p10 and p90 include it; a quarter's p10 and p90 are not the sums of its months'. "
        + ("ΔBU: expected (or actual) minus budget, more is bad. " if has_budget else "")
    )
    return blocks.table(
        f"Months and quarters, {word}{answer.currency}", columns, rows, note=note.strip(), bold=bold, variance=variance
    )


def _month_row(row: dict[str, object], size: float, has_budget: bool) -> list[str]:
    def amount(key: str) -> str:
        value = row[key]
        return "" if value is None or pd.isna(value) else full(float(value) / size)  # type: ignore[arg-type]

    cells = [str(row["period"]), amount("actual"), amount("p50"), amount("p10"), amount("p90")]
    if not has_budget:
        return cells
    variance, chance = row["variance"], row["breach_probability"]
    known = variance is not None and not pd.isna(variance)
    likely = chance is not None and not pd.isna(chance)
    return [
        *cells,
        amount("budget"),
        signed(float(variance) / size) if known else "",  # type: ignore[arg-type]
        probability(float(chance)) if likely else "",  # type: ignore[arg-type]
    ]


def who(answer: SpendForecast) -> Block:
    """Who spent it: the last three months against the three before, by the first dimension the data has."""
    return _drivers(answer, _WHO)


def what(answer: SpendForecast) -> Block:
    """What it was spent on: the same by model or service."""
    return _drivers(answer, _WHAT)


def _drivers(answer: SpendForecast, dimensions: tuple[str, ...]) -> Block:
    dimension = next((name for name in dimensions if answer.quarter_by(name) is not None), None)
    found = answer.quarter_by(dimension) if dimension else None
    if dimension is None or found is None or found["now"].sum() == 0:
        return blocks.nothing()
    top, rest = found.iloc[:_ITEMS_SHOWN], found.iloc[_ITEMS_SHOWN:]
    total = found["now"].sum()
    rows = [_driver_row(str(row["item"]), row["before"], row["now"], total) for row in top.to_dict("records")]
    if len(rest):
        rows.append(_driver_row(f"{len(rest)} others", rest["before"].sum(), rest["now"].sum(), total))
    rows.append(_driver_row("All", found["before"].sum(), total, total))
    before, now = answer.quarter_names
    return blocks.table(
        f"Spend by {DIMENSIONS[dimension]}, {answer.currency}",
        [DIMENSIONS[dimension].capitalize(), before, now, "Change", "Change %", "Share of now"],
        rows,
        bold=[len(rows) - 1],
    )


def _driver_row(item: str, before: float, now: float, total: float) -> list[str]:
    change = signed_percent(now / before - 1) if before > 0 else "new" if before == 0 else "n/a"
    return [item, full(before), full(now), signed(now - before), change, percent(now / total)]


_WHY = {
    "price": "Price of the same models",
    "volume": "Volume, tokens",
    "mix": "Mix of models",
    "other": "Spend that counts no tokens",
}


def why(answer: SpendForecast) -> Block:
    """Why the last three whole months cost what they did: price, volume, mix and the rest, closing to the cent."""
    found = answer.why_changed
    if found is None:
        return blocks.nothing()
    earlier, later = answer.quarter_names
    names = {"before": earlier, **_WHY, "now": later}
    rows = [
        [names[row["step"]], full(row["amount"]) if row["step"] in ("before", "now") else signed(row["amount"])]
        for row in found.to_dict("records")
    ]
    note = (
        "Price: change of a model's cost per token times its tokens now. Volume: change of all tokens at the earlier "
        "average cost. Mix: dearer or cheaper models, and cached or batched tokens among them, took a larger part."
    )
    return blocks.table(
        f"Why it changed, {answer.currency}", ["Effect", "Amount"], rows, note=note, bold=[0, len(rows) - 1], variance=1
    )


def factors(answer: SpendForecast) -> Block:
    """Spend on tokens as users × requests × tokens × price, and what each of them did to the quarter."""
    found = answer.factors
    if found is None:
        return blocks.nothing()
    earlier, later = answer.quarter_names
    rows = []
    for row in found.to_dict("records"):
        name, unit = NAMES[row["factor"]]
        unit = unit.replace("currency", answer.currency)
        change = signed_percent(row["now"] / row["before"] - 1)
        rows.append([f"{name}, {unit}", _figure(row["before"]), _figure(row["now"]), change, signed(row["effect"])])
    rows.append(["Spend on tokens", "", "", "", signed(float(found["effect"].sum()))])
    note = (
        "Spend on tokens is the product of these. Each effect is the mean over every order in which they could have "
        "moved (Shapley), so together they are the change exactly. A price per token moves with the mix of models too."
    )
    columns = ["Factor", earlier, later, "Change %", f"Effect, {answer.currency}"]
    title = "Volume apart from price"
    return blocks.table(title, columns, rows, note=note, bold=[len(rows) - 1], variance=4)


def _figure(value: float) -> str:
    return full(value) if abs(value) >= _PLAIN else significant(value)


_MISSED = {
    "expected": "Expected then",
    "price": "Price of the same models",
    "mix": "Mix of models",
    "event": "Known events",
    "volume": "Volume",
    "actual": "Actual",
}


def why_missed(answer: SpendForecast) -> Block:
    """Why the last forecast was wrong: price, mix, events and volume, closing exactly."""
    found = answer.why_missed
    if found.empty:
        return blocks.nothing()
    rows = [
        [_MISSED[row["step"]], full(row["amount"]) if row["step"] in ("expected", "actual") else signed(row["amount"])]
        for row in found.to_dict("records")
        if row["step"] not in ("price", "mix", "event") or row["amount"]
    ]
    inner = found[~found["step"].isin(["expected", "actual"])]
    largest = inner.loc[inner["amount"].abs().idxmax()]
    side = "more" if largest["amount"] > 0 else "less"
    is_priced = found["step"].isin(["price", "mix"]) & (found["amount"] != 0)
    known = (
        " Price and mix are held against the three months before that forecast; volume is the rest."
        if is_priced.any()
        else ""
    )
    note = (
        f"Most of it is {_MISSED[largest['step']][0].lower()}{_MISSED[largest['step']][1:]}: "
        f"{money(abs(largest['amount']), answer.currency)} {side} than expected.{known}"
    )
    title = f"Why the last forecast missed, {answer.currency}"
    return blocks.table(title, ["Effect", "Amount"], rows, note=note, bold=[0, len(rows) - 1], variance=1)


def bridge(answer: SpendForecast) -> Block:
    """From the last forecast, or the course of the past, to the expected landing; every known thing with its owner."""
    known_things = (*answer.inputs.drivers, *answer.inputs.overlays)
    owners = {row.name: row for row in known_things} | {row.label: row for row in answer.inputs.price_events}
    rows, bold = [], []
    for place, row in enumerate(answer.bridge.to_dict("records")):
        is_end = row["kind"] in ("start", "end")
        bold += [place] if is_end else []
        known = owners.get(row["step"])
        said = "; ".join(filter(None, (known.owner, known.source))) if known else ""
        rows.append(
            [
                row["step"],
                said,
                (known.grade or "") if known else "",
                full(row["total"]) if is_end else signed(row["amount"]),
            ]
        )
    if answer.budget is not None:
        gap = answer.bridge["total"].iloc[0] - answer.budget.amount
        rows = [
            ["Budget", "", "", full(answer.budget.amount)],
            ["Over or under the budget", "", "", signed(gap)],
            *rows,
        ]
        bold = [0, *(place + 2 for place in bold)]
    note = "Known things are applied one by one in this order, each exactly its own size; more is bad for a cost."
    columns = ["Step", "Owner and source", "Grade", answer.currency]
    return blocks.table(
        f"How {answer.period} comes about", columns, rows, note=note, bold=bold, text_columns=3, variance=3
    )


def parts(answer: SpendForecast) -> Block:
    """What each series, and each node of a hierarchy, is expected to cost; the sums of a hierarchy hold."""
    found = answer.by_series
    if len(found) < _LEAST_PARTS:
        return blocks.nothing()
    rows = [[row["series"], full(row["p50"]), full(row["p10"]), full(row["p90"])] for row in found.to_dict("records")]
    bold = [place for place, is_node in enumerate(found["is_node"]) if is_node]
    note = "Ranges of parts are wider than that of their sum, since not all are high or low together."
    title = f"{answer.period} by series, {answer.currency}"
    return blocks.table(title, ["Series", "Expected", "p10", "p90"], rows, note=note, bold=bold)


def last_forecast(answer: SpendForecast) -> Block:
    """How the last forecast did, month by month, and whether it stayed within its gate."""
    rows = answer.last_forecast
    if rows.empty or answer.last_error is None:
        return blocks.nothing()
    cells = [
        [
            f"{row['month']:%Y-%m}",
            full(row["actual"]),
            full(row["p50"]),
            signed(row["p50"] - row["actual"]),
            signed_percent(row["error"]),
            "yes" if row["inside_80"] else "no",
        ]
        for row in rows.to_dict("records")
    ]
    gate = answer.inputs.forecast_error_gate
    note = (
        f"Over these months the last forecast was {percent(abs(answer.last_error))} too "
        f"{'high' if answer.last_error > 0 else 'low'}; its gate of {percent(gate, 0)} is {answer.last_verdict}."
    )
    columns = ["Month", "Actual", "Expected then", "Difference", "Difference %", "Inside the 80 % range"]
    return blocks.table(f"The last forecast, {answer.currency}", columns, cells, note=note)


def year(answer: SpendForecast) -> Block:
    """The year under way or ahead against its budget."""
    row, currency = answer.year, answer.currency
    if row["p50"] is None:
        return blocks.nothing()
    said = (
        f"{row['period']} will cost {money(row['p50'], currency)} (80 % range {short(row['p10'], row['p50'])} to "
        f"{short(row['p90'], row['p50'])})"
    )
    spent = f", {money(row['actual'], currency)} of it spent by {answer.as_of}" if row["actual"] else ""
    held = "; not every month of it has a budget."
    if row["budget"] is not None:
        held = (
            f"; its budget of {budget_words(row['budget'], row['p50'])} is passed with "
            f"{probability(row['breach_probability'] or 0.0)} probability."
        )
    return blocks.text("The year to go", [f"{said}{spent}{held}"])
