import numpy as np
import pandas as pd
import pytest

from aiecon.errors import InputError
from aiecon.forecasting import periods
from aiecon.forecasting.calendar import Calendar
from aiecon.forecasting.combine import SCORES
from aiecon.forecasting.ensemble import Forecast
from aiecon.forecasting.paths import Fan
from aiecon.forecasting.periods import Budget
from aiecon.vocabulary.source import Source, Table

CALENDARS = {
    "D": Calendar("D", pd.offsets.Day(), 7),
    "W": Calendar("W", pd.offsets.Week(weekday=6), 1),
    "MS": Calendar("MS", pd.offsets.MonthBegin(), 12),
}


def ahead(frequency="D", *, past=("2025-10-01", "2026-03-31"), last="2026-06-30", value=10.0, series=("total",)):
    """Periods that cost `value` each, as they did before; next to certain."""
    offset = CALENDARS[frequency].offset
    history = pd.date_range(*past, freq=offset)
    dates = pd.date_range(history[-1], last, freq=offset)[1:]
    quantiles = np.repeat((value + 1e-9 * SCORES)[:, None], len(dates), axis=1)
    bounds = np.zeros(len(dates)), np.full(len(dates), np.inf)
    return Forecast(
        history=pd.DataFrame(dict.fromkeys(series, value), index=history),
        calendar=CALENDARS[frequency],
        dates=dates,
        fans={name: Fan(quantiles, np.ones(len(dates)), 0.1, 0.0, name, *bounds) for name in series},
        backtests={},
        factors={},
        failures={},
        refused={},
        notes=(),
        seed=0,
    )


def budget_file(**amounts):
    """A budget read from a file: amount by month_01 of 2026, of the total unless named otherwise."""
    rows = [
        {"month": pd.Timestamp(f"2026-{name[-2:]}-01"), "series": "total", "amount": a} for name, a in amounts.items()
    ]
    return Source(path="budget.csv").read_as(Table(pd.DataFrame(rows), "", len(rows), {}))


def test_a_number_is_the_budget_of_the_periods_forecast():
    found = periods.budget_of(950.0, ahead())
    assert found == Budget(950.0, 0.0, None, "Q2 2026")
    assert found.weights(ahead()).tolist() == [1.0] * 91
    assert periods.budget_of(None, ahead()) is None


def test_a_file_counts_whole_months_and_what_was_spent_of_the_first():
    forecast = ahead(past=("2026-01-01", "2026-03-16"), last="2026-05-20")
    found = periods.budget_of(budget_file(m03=400, m04=300, m05=300, m06=300), forecast)
    assert found.amount == 700.0  # May is not reached to its end
    assert found.spent == pytest.approx(160.0)
    assert found.label == "March to April 2026"
    assert found.weights(forecast).sum() == 15 + 30


def test_a_file_whose_months_are_not_reached_is_none_and_one_of_other_months_refused():
    forecast = ahead(last="2026-04-14")
    assert periods.budget_of(budget_file(m04=300), forecast) is None
    with pytest.raises(
        InputError, match=r"budget\.csv: no month from 2026-04 to 2026-04, the periods forecast, has a budget"
    ):
        periods.budget_of(budget_file(m01=300), forecast)


def test_a_week_that_ends_in_the_last_week_of_a_month_reaches_its_end():
    assert periods.reach(ahead("W", last="2026-05-31")) == pd.Timestamp("2026-05-31")
    assert periods.reach(ahead("W", last="2026-04-27")) == pd.Timestamp("2026-04-30")
    assert periods.reach(ahead("W", last="2026-04-20")) == pd.Timestamp("2026-04-19")
    assert periods.reach(ahead("MS", last="2026-05-01")) == pd.Timestamp("2026-05-31")


def test_a_budget_by_series_says_which_do_not_match():
    rows = pd.DataFrame(
        {"month": pd.to_datetime(["2026-04-01"] * 2), "series": ["search", "sales"], "amount": [100.0, 50.0]}
    )
    given = Source(path="budget.csv").read_as(Table(rows, "", 2, {}))
    forecast = ahead(series=("search", "support"))
    assert periods.monthly_amounts(given, forecast) == {pd.Timestamp("2026-04-01"): 150.0}
    assert periods.budget_notes(given, forecast) == [
        "Series with a budget and no spend, which the totals count all the same: sales",
        "Series with spend and no budget, which the totals count all the same: support",
    ]
    assert periods.budget_notes(100.0, forecast) == []


def test_actual_spend_adds_up_by_month_and_a_month_without_a_value_is_absent():
    forecast = ahead(series=("a", "b"))
    forecast.history.loc["2025-12":"2025-12-31"] = np.nan
    forecast.history.loc["2026-01":"2026-01-31", "a"] = np.nan
    found = periods.actual_by_month(forecast)
    assert list(found.index.strftime("%Y-%m")) == ["2025-10", "2025-11", "2026-01", "2026-02", "2026-03"]
    assert found.tolist() == [620.0, 600.0, 310.0, 560.0, 620.0]


def test_months_and_quarters_stand_in_order_and_add_up():
    forecast = ahead(past=("2025-11-01", "2026-04-15"))
    table = periods.table(forecast, None, None)
    assert table["period"].tolist() == [
        *("2025-11", "2025-12", "2025-Q4", "2026-01", "2026-02", "2026-03", "2026-Q1"),
        *("2026-04", "2026-05", "2026-06", "2026-Q2"),
    ]
    assert table["complete"].tolist() == [True] * 7 + [False] * 4
    april, quarter = table.iloc[7], table.iloc[10]
    assert april["actual"] == 150.0
    assert april["p50"] == pytest.approx(300.0)
    assert quarter["p50"] == pytest.approx(910.0)
    assert table["p50"].iloc[:7].isna().all()
    assert table["budget"].isna().all()


def test_a_budget_stands_in_the_rows_of_its_months_and_their_quarter():
    forecast = ahead()
    given = budget_file(m03=300, m04=290, m05=320, m06=310)
    table = periods.table(forecast, given, periods.budget_of(given, forecast)).set_index("period")
    assert table.loc["2026-03", "variance"] == pytest.approx(10.0)
    assert table.loc["2026-04", "variance"] == pytest.approx(10.0)
    assert table.loc["2026-Q2", "budget"] == 920.0
    assert table.loc["2026-Q2", "breach_probability"] == 0.0
    assert table.loc["2026-04", "breach_probability"] == 1.0
    assert pd.isna(table.loc["2026-Q1", "budget"])  # January and February have none


def test_a_number_stands_in_the_row_of_the_span_it_is_for():
    forecast = ahead()
    table = periods.table(forecast, 900.0, periods.budget_of(900.0, forecast)).set_index("period")
    assert table.loc["2026-Q2", "budget"] == 900.0
    assert table.loc["2026-Q2", "variance"] == pytest.approx(10.0)
    assert table.loc["2026-Q2", "breach_probability"] == 1.0
    assert table.drop(index="2026-Q2")["budget"].isna().all()


def test_the_breach_month_is_the_first_by_whose_end_passing_is_likely():
    forecast = ahead()
    assert periods.breach_month(forecast, Budget(299.0, 0.0, None, "")) == "2026-04"
    assert periods.breach_month(forecast, Budget(301.0, 0.0, None, "")) == "2026-05"
    assert periods.breach_month(forecast, Budget(301.0, 2.0, None, "")) == "2026-04"
    assert periods.breach_month(forecast, Budget(911.0, 0.0, None, "")) is None
    may = Budget(100.0, 0.0, (pd.Timestamp("2026-05-01"),), "May 2026")
    assert periods.breach_month(forecast, may) == "2026-05"


def test_the_span_before_has_as_many_whole_months():
    assert periods.before(ahead(), None) == periods.Span(900.0, "Q1 2026")
    assert periods.before(ahead(last="2026-06-29"), None) is None
    assert periods.before(ahead(past=("2026-02-01", "2026-03-31")), None) is None
    may = Budget(100.0, 0.0, (pd.Timestamp("2026-04-01"),), "April 2026")
    assert periods.before(ahead(), may) == periods.Span(310.0, "March 2026")


@pytest.mark.parametrize(
    ("frequency", "rate", "covered"),
    [("D", 10.0, "Q2 2026"), ("W", 10.0 / 7, "Weeks dated 5 April to 28 June 2026"), ("MS", 30.0 / 90, "Q2 2026")],
)
def test_rates_are_a_day_and_spans_have_names(frequency, rate, covered):
    forecast = ahead(frequency)
    assert periods.run_rate(forecast) == pytest.approx(rate)
    assert periods.covered(forecast) == covered
    assert periods.days_ahead(forecast) == 91
    assert periods.budget_rate(forecast, Budget(910.0, 0.0, None, "")) == pytest.approx(10.0)


def test_the_year_is_actual_to_date_and_what_is_ahead_of_its_end():
    forecast = ahead("MS", past=("2025-06-01", "2026-03-01"), last="2026-12-01", value=100.0)
    found = periods.year_row(forecast, None)
    assert found["period"] == "2026"
    assert found["actual"] == pytest.approx(300.0)
    assert found["p50"] == pytest.approx(1_200.0)
    assert found["budget"] is None
    full = budget_file(**{f"m{month:02}": 90.0 for month in range(1, 13)})
    held = periods.year_row(forecast, full)
    assert held["budget"] == 1_080.0
    assert held["variance"] == pytest.approx(120.0)
    assert held["breach_probability"] == 1.0


def test_the_last_two_quarters_are_of_whole_months():
    as_of = pd.Timestamp("2026-05-20").date()
    assert periods.last_quarters(as_of) == ("November 2025 to January 2026", "February to April 2026")
    months = pd.date_range("2025-11-01", periods=7, freq="MS")
    breakdown = pd.DataFrame({"month": months, "dimension": "team", "item": "search", "value": 10.0})
    late = pd.DataFrame({"month": months[3:], "dimension": "team", "item": "sales", "value": 20.0})
    found = periods.two_quarters(pd.concat([breakdown, late]), "team", as_of)
    assert found.to_dict("records") == [
        {"item": "sales", "before": 0.0, "now": 60.0},
        {"item": "search", "before": 30.0, "now": 30.0},
    ]
    assert periods.two_quarters(breakdown, "model", as_of) is None
    assert periods.two_quarters(breakdown[breakdown["month"] > "2025-12-15"], "team", as_of) is None


def volumes(before, now):
    """Model -> (Mtok a month, price a Mtok) in the three months before and in the last three."""
    rows = [
        {"month": month, "item": item, "tokens": mtok * 1e6, "cost": mtok * price}
        for months, part in ((("2025-11", "2025-12", "2026-01"), before), (("2026-02", "2026-03", "2026-04"), now))
        for month in months
        for item, (mtok, price) in part.items()
    ]
    return pd.DataFrame(rows).assign(month=lambda found: pd.to_datetime(found["month"]))


def monthly_spend(first="2025-11-01", *, before=100.0, now=150.0):
    months = pd.date_range(first, "2026-04-01", freq="MS")
    return pd.Series(np.where(months < pd.Timestamp("2026-02-01"), before, now), index=months)


def test_what_changed_between_two_quarters_is_price_volume_mix_and_the_rest():
    tokens = volumes({"small": (60, 1.0), "large": (10, 3.0)}, {"small": (60, 0.5), "large": (20, 3.0)})
    found = periods.why_changed(tokens, monthly_spend(), pd.Timestamp("2026-04-30").date())
    assert found["step"].tolist() == ["before", "price", "volume", "mix", "other", "now"]
    amounts = found.set_index("step")["amount"]
    assert amounts["before"] == 300.0
    assert amounts["now"] == 450.0
    assert amounts[["before", "price", "volume", "mix", "other"]].sum() == pytest.approx(450.0)
    assert amounts["price"] == pytest.approx(3 * 60 * -0.5)
    assert amounts["volume"] == pytest.approx(3 * 10 * 90 / 70)
    assert amounts["mix"] == pytest.approx(3 * (30 - 10 * 90 / 70))
    assert amounts["other"] == pytest.approx(150.0)  # of 150 more, tokens explain nothing


def test_what_changed_is_not_said_where_a_month_or_its_tokens_are_not_known():
    tokens, as_of = volumes({"small": (60, 1.0)}, {"small": (60, 0.5)}), pd.Timestamp("2026-04-30").date()
    assert periods.why_changed(tokens, monthly_spend("2025-12-01"), as_of) is None
    assert periods.why_changed(tokens[tokens["month"] > "2026-01-15"], monthly_spend(), as_of) is None
    assert periods.why_changed(tokens.iloc[:0], monthly_spend(), as_of) is None
