"""How sure the page may be: the back-test, the method in words, and the charts for those who cannot see them."""

import numpy as np

from aiecon.charts.formats import full, money, percent, signed_percent, significant
from aiecon.forecasting import record
from aiecon.forecasting.backtest import COMBINED
from aiecon.models.spend_forecast import SpendForecast
from aiecon.report import blocks
from aiecon.report.blocks import Block
from aiecon.report.pages.spend_forecast.headline import filter_words, step_words

_MIDDLE, _LEANING = 0.5, 0.15
_METHODS = {
    COMBINED: "Forecast (used)",
    "seasonal_naive": "Seasonal naive",
    "drift": "Drift",
    "ets": "Exponential smoothing",
    "theta": "Theta",
    "ces": "Complex smoothing",
    "ar": "Autoregression",
    "ari": "Autoregression of changes",
    "log_ets": "Exponential smoothing of logarithms",
    "log_theta": "Theta of logarithms",
    "log_ces": "Complex smoothing of logarithms",
    "log_ar": "Autoregression of logarithms",
    "log_ari": "Autoregression of changes of logarithms",
    "prophet": "Prophet",
    "arima": "ARIMA",
    "unobserved_components": "Unobserved components",
}


def back_test(answer: SpendForecast) -> Block:
    """How the forecast and others would have done on days of the past."""
    scores = answer.comparison
    if scores.empty:
        return blocks.nothing()
    rows = [
        [
            _METHODS.get(row["method"], row["method"]),
            significant(row["wql"]) if np.isfinite(row["wql"]) else "",
            percent(row["wape"]) if np.isfinite(row["wape"]) else "",
            signed_percent(row["value_added"], 0) if np.isfinite(row["value_added"]) else "",
        ]
        for row in scores.to_dict("records")
    ]
    used = [place for place, method in enumerate(scores["method"]) if method == COMBINED]
    note = (
        "All series together, from up to five earlier days, the whole horizon each. Loss: weighted quantile loss of "
        "the five levels, a share of the spend; smaller is better, best first. Error: absolute error, a share of the "
        "spend. Value added: less error than the seasonal naive method. A few windows of one bill decide little."
        f"{_leaning(answer)}"
    )
    return blocks.table(_verdict(answer), ["Method", "Loss", "Error", "Value added"], rows, note=note, bold=used)


def _leaning(answer: SpendForecast) -> str:
    """Words on forecasts of the past that were mostly too high or too low."""
    rows = record.reliability(answer.forecast)
    below = float(rows.loc[(rows["level"] - _MIDDLE).abs().idxmin(), "observed"]) if len(rows) else _MIDDLE
    if abs(below - _MIDDLE) <= _LEANING:
        return ""
    side = "high" if below < _MIDDLE else "low"
    origins = len(next(iter(answer.forecast.backtests.values())).origins)
    return (
        f" {percent(below, 0)} of the actuals of {origins} earlier days lay at or below the expected value: those "
        f"forecasts were mostly too {side}."
    )


def _verdict(answer: SpendForecast) -> str:
    """The back-test in words, for and against the forecast."""
    added = answer.comparison.set_index("method")["value_added"].get(COMBINED)
    if added is None or not np.isfinite(added):
        return "Back-test"
    if added < 0:
        return f"Back-test: repeating the last season would have erred {percent(-added, 0)} less on this bill"
    return f"Back-test: the forecast erred {percent(added, 0)} less than repeating the last season"


def method(answer: SpendForecast) -> Block:
    """How the figure was made, in three sentences, and what limits it."""
    test = next(iter(answer.forecast.backtests.values()))
    middle = "middle of the back-tested weight" if test.weights else "median"
    names = ", ".join(name.replace("_", " ") for name in test.members)
    paragraphs = [
        f"{_scope(answer)} At the prices of the last day, the {middle} of {len(test.members)} methods ({names}) "
        "is what is expected of the volume; dated prices, drivers and overlays are then applied one by one. The ranges "
        f"are stretched until they would have covered as often as they say: tried from {len(test.origins)} earlier "
        f"{step_words(answer)}, {test.steps} {step_words(answer)} ahead each, and held to what was measured on other "
        "series.",
        *answer.notes,
    ]
    return blocks.text("Method and limits", paragraphs)


def bridge_words(answer: SpendForecast) -> str:
    """What the bridge shows, for those who cannot see it."""
    steps = "; ".join(f"{row['step']} {full(row['amount'])}" for row in answer.bridge.to_dict("records"))
    return f"Bridge to the expected {answer.period}, {answer.currency}: {steps}."


def reliability_words(answer: SpendForecast) -> str:
    """What the calibration chart shows, for those who cannot see it."""
    rows = record.reliability(answer.forecast)
    said = "; ".join(
        f"{percent(row.observed, 0)} at or below the {percent(row.level)} quantile" for row in rows.itertuples()
    )
    return f"Share of back-tested actuals {said}."


def _scope(answer: SpendForecast) -> str:
    inputs, values = answer.inputs, answer.forecast.history
    first, last = values.index[0], values.index[-1]
    absent = int(values.isna().all(axis=1).sum())
    what = "The history given"
    if inputs.spend is not None:
        what = f"{inputs.cost} of {answer.facts['charges']:,} charges by ChargePeriodStart"
    only = f" where {filter_words(answer)}" if inputs.where else ""
    gaps = f", {absent} of them without a value" if absent else ""
    series = f", {len(values.columns)} series" if len(values.columns) > 1 else ""
    return f"{what}{only}: {len(values)} {step_words(answer)} from {first:%Y-%m-%d} to {last:%Y-%m-%d}{gaps}{series}."


def chart_words(answer: SpendForecast) -> str:
    """What the main chart shows, for those who cannot see it."""
    ahead = answer.table[(answer.table["level"] == "month") & ~answer.table["complete"].astype(bool)]
    said = "; ".join(
        f"{row['period']} {money(row['p50'], answer.currency)} ({full(row['p10'])} to {full(row['p90'])})"
        for row in ahead.to_dict("records")
    )
    return f"Spend by month: {said}."


def path_words(answer: SpendForecast) -> str:
    """What the fan chart shows, for those who cannot see it."""
    _, ahead = answer.paths()
    width = ahead["p90"] - ahead["p10"]
    return (
        f"Forecast from {ahead['date'].iloc[0]:%Y-%m-%d} to {ahead['date'].iloc[-1]:%Y-%m-%d}; the 80 % range of one "
        f"period grows from {full(float(width.iloc[0]))} to {full(float(np.asarray(width)[-1]))} {answer.currency}."
    )
