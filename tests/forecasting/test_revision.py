from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import LAW

from aiecon.forecasting import revision
from aiecon.forecasting.calendar import Calendar
from aiecon.forecasting.combine import LEVELS, SCORES
from aiecon.forecasting.ensemble import Forecast
from aiecon.forecasting.known import Step
from aiecon.forecasting.paths import Fan
from aiecon.forecasting.periods import Budget
from aiecon.forecasting.revision import Previous

MONTHLY = Calendar("MS", pd.offsets.MonthBegin(), 12)
ACTUAL = {"2026-01": 100.0, "2026-02": 110.0, "2026-03": 90.0}


def forecast(first="2026-04-01", periods=3, middle=100.0, spread=10.0, actual=ACTUAL):
    """Months of which the same is expected each."""
    dates = pd.date_range(first, periods=periods, freq="MS")
    quantiles = np.repeat((middle + spread * SCORES)[:, None], periods, axis=1)
    fan = Fan(quantiles, np.ones(periods), 0.3, 0.0, "total", np.zeros(periods), np.full(periods, np.inf))
    return Forecast(
        history=pd.DataFrame({"total": list(actual.values())}, index=pd.to_datetime(list(actual))),
        calendar=MONTHLY,
        dates=dates,
        fans={"total": fan},
        backtests={},
        factors={},
        failures={},
        refused={},
        notes=(),
        seed=0,
    )


def scaling(name, factor, kind="driver"):
    return Step(name, kind, lambda one: one.changed(lambda _, fan: fan.scaled(np.full(len(one.dates), factor))))


def shifting(name, amount, kind="overlay"):
    return Step(name, kind, lambda one: one.changed(lambda _, fan: fan.shifted(np.full(len(one.dates), amount))))


def previous(first="2026-01-01", periods=6, p50=105.0, as_of=date(2025, 12, 31), known=()):
    months = pd.date_range(first, periods=periods, freq="MS")
    frame = pd.DataFrame({"month": months, "p10": p50 - 10, "p50": p50, "p90": p50 + 10})
    return Previous(frame, as_of, frozenset(known), f"Forecast of {as_of}")


def amounts(frame):
    return dict(zip(frame["step"], frame["amount"], strict=True))


def check_closes(frame):
    assert list(frame) == ["step", "kind", "amount", "total"]
    assert frame["kind"].iloc[0] == "start"
    assert frame["kind"].iloc[-1] == "end"
    assert frame["amount"].iloc[:-1].sum() == pytest.approx(frame["amount"].iloc[-1], rel=1e-12, abs=1e-9)
    np.testing.assert_allclose(frame["total"].iloc[:-1], np.cumsum(frame["amount"].iloc[:-1]))
    assert frame["total"].iloc[-1] == frame["amount"].iloc[-1]


def test_steps_are_applied_one_after_the_other_and_each_stage_is_kept():
    steps = [scaling("caching", 0.8), shifting("project", 50.0)]
    stages = revision.applied(forecast(), steps)
    assert [step and step.name for step, _ in stages] == [None, "caching", "project"]
    np.testing.assert_allclose([found.expected["total"].iloc[0] for _, found in stages], [100.0, 80.0, 130.0])


def test_from_the_course_of_the_past_each_step_is_a_bar_of_its_own_size():
    stages = revision.applied(forecast(), [scaling("caching", 0.8), shifting("project", 50.0)])
    found = revision.bridge(stages, None, None)
    check_closes(found)
    assert found["step"].tolist() == ["Course of the past", "caching", "project", "Expected now"]
    assert found["kind"].tolist() == ["start", "driver", "overlay", "end"]
    start = stages[0][1].sum_quantiles(np.ones(3))["p50"]
    assert amounts(found) == pytest.approx(
        {"Course of the past": start, "caching": -0.2 * start, "project": 150.0, "Expected now": 0.8 * start + 150}
    )


@pytest.mark.parametrize("budget", [None, Budget(300.0, 70.0, (pd.Timestamp("2026-04-01"),), "April")])
def test_a_step_has_exactly_its_size_in_the_expected_course_whatever_the_median_of_the_sum_is(budget):
    plain = forecast()
    skewed = plain.changed(lambda _, fan: replace(fan, said=fan.said + np.array([[0], [0], [0], [40], [90]])))
    stages = revision.applied(skewed, [scaling("caching", 0.8), shifting("project", 50.0)])
    found = revision.bridge(stages, budget, None)
    check_closes(found)
    months = 3 if budget is None else 1
    assert amounts(found)["caching"] == pytest.approx(-20.0 * months, rel=1e-12)
    assert amounts(found)["project"] == pytest.approx(50.0 * months, rel=1e-12)
    assert amounts(found)["Expected now"] == revision.landing(stages[-1][1], budget)["p50"]
    if budget is None:
        assert amounts(found)["Course of the past"] > 301.0  # the sum is more skewed than its parts


@LAW
@given(st.lists(st.tuples(st.booleans(), st.floats(0.1, 3)), max_size=4), st.booleans(), st.booleans())
def test_a_bridge_closes_whatever_is_in_it(rows, is_previous, is_budget):
    steps = [
        scaling(f"s{place}", by) if scales else shifting(f"s{place}", 100 * by)
        for place, (scales, by) in enumerate(rows)
    ]
    budget = Budget(300.0, 0.0, tuple(pd.date_range("2026-04-01", periods=2, freq="MS")), "April and May")
    last = previous(first="2026-04-01", known=["s0"]) if is_previous else None
    stages = revision.applied(forecast(), steps)
    found = revision.bridge(stages, budget if is_budget else None, last)
    check_closes(found)
    assert found["amount"].iloc[-1] == revision.landing(stages[-1][1], budget if is_budget else None)["p50"]


def test_from_the_last_forecast_what_it_knew_already_is_no_step_and_the_rest_is_the_course():
    stages = revision.applied(forecast(), [scaling("caching", 0.8), shifting("project", 50.0)])
    found = revision.bridge(stages, None, previous(first="2026-04-01", periods=3, known=["caching"]))
    check_closes(found)
    expected = stages[-1][1].sum_quantiles(np.ones(3))["p50"]
    assert amounts(found) == pytest.approx(
        {
            "Forecast of 2025-12-31": 315.0,
            revision.COURSE: expected - 315.0 - 150.0,
            "project": 150.0,
            "Expected now": expected,
        }
    )


def test_a_last_forecast_that_does_not_speak_of_every_month_is_no_start():
    found = revision.bridge([(None, forecast())], None, previous(first="2026-04-01", periods=2))
    assert found["step"].tolist() == ["Course of the past", "Expected now"]


def test_a_budgets_months_are_what_the_last_forecast_must_speak_of():
    months = tuple(pd.date_range("2026-04-01", periods=2, freq="MS"))
    budget = Budget(200.0, 0.0, months, "April and May 2026")
    found = revision.bridge([(None, forecast())], budget, previous(first="2026-04-01", periods=2))
    check_closes(found)
    assert amounts(found)["Forecast of 2025-12-31"] == 210.0
    assert amounts(found)["Expected now"] == pytest.approx(200.0, rel=1e-3)


def test_what_came_of_the_months_that_are_over_is_in_what_is_seen_anew():
    """Of the budget's quarter the first month is over and was 15 dearer than expected, the others are 5 cheaper."""
    spent = Budget(330.0, 120.0, tuple(pd.date_range("2026-03-01", periods=3, freq="MS")), "March to May 2026")
    actual = {**ACTUAL, "2026-03": 120.0}
    found = revision.bridge([(None, forecast(periods=2, actual=actual))], spent, previous(periods=6))
    check_closes(found)
    assert amounts(found)["Forecast of 2025-12-31"] == 315.0
    assert amounts(found)[revision.COURSE] == pytest.approx(15.0 - 2 * 5.0, abs=0.1)
    assert found["kind"].tolist() == ["start", "course", "end"]


def test_the_landing_counts_what_was_spent_of_the_budget_and_its_months_alone():
    budget = Budget(330.0, 120.0, tuple(pd.date_range("2026-03-01", periods=3, freq="MS")), "March to May 2026")
    whole = forecast()
    landing, free = revision.landing(whole, budget), revision.landing(whole, None)
    assert landing == pytest.approx(whole.sum_quantiles(np.array([1.0, 1.0, 0.0]), offset=120.0))
    assert free == pytest.approx(whole.sum_quantiles(np.ones(3)))
    assert list(landing) == list(LEVELS)


def test_months_of_the_last_forecast_that_are_over_are_scored():
    found = revision.scored(previous(), forecast())
    assert list(found) == list(revision.SCORED)
    assert found["month"].dt.month.tolist() == [1, 2, 3]
    assert found["actual"].tolist() == [100.0, 110.0, 90.0]
    np.testing.assert_allclose(found["error"], [5 / 105, -5 / 105, 15 / 105])
    assert found["inside_80"].tolist() == [True, True, False]


def test_months_that_were_over_on_its_day_and_months_ahead_are_not_scored():
    found = revision.scored(previous(as_of=date(2026, 1, 31)), forecast())
    assert found["month"].dt.month.tolist() == [2, 3]
    under_way = revision.scored(previous(as_of=date(2026, 2, 15)), forecast())
    assert under_way["month"].dt.month.tolist() == [2, 3]
    assert revision.scored(previous(first="2026-04-01"), forecast()).empty


def test_a_month_without_any_value_is_not_scored_and_one_of_nothing_is_missed_by_all_that_was_expected():
    gone = {"2026-01": 100.0, "2026-02": 0.0}
    found = revision.scored(previous(), forecast(actual=gone))
    assert found["month"].dt.month.tolist() == [1, 2]
    assert found["error"].iloc[1] == 1.0


def daily(first, last):
    """Days of 100 each, so that a month of 31 has 3,100."""
    dates = pd.date_range(first, last)
    quantiles = np.repeat((100 + 1e-6 * SCORES)[:, None], len(dates), axis=1)
    past = pd.date_range("2026-01-01", dates[0] - pd.Timedelta(days=1))
    bounds = np.zeros(len(dates)), np.full(len(dates), np.inf)
    plain = forecast()
    return Forecast(
        **{
            **{name: getattr(plain, name) for name in ("backtests", "factors", "failures", "refused", "notes", "seed")},
            "history": pd.DataFrame({"total": 100.0}, index=past),
            "calendar": Calendar("D", pd.offsets.Day(), 7),
            "dates": dates,
            "fans": {"total": Fan(quantiles, np.ones(len(dates)), 0.1, 0.0, "total", *bounds)},
        }
    )


def march_and_april():
    return Previous(
        pd.DataFrame(
            {"month": pd.to_datetime(["2026-03-01", "2026-04-01"]), "p10": 0.0, "p50": [3_100.0, 3_000.0], "p90": 9e3}
        ),
        date(2026, 2, 28),
        frozenset(),
        "Forecast of 2026-02-28",
    )


def test_a_forecast_that_starts_within_a_month_and_has_no_budget_starts_from_the_course():
    """The end is what is ahead, and the last forecast spoke of whole months: the days of one are no start."""
    found = revision.bridge([(None, daily("2026-03-17", "2026-04-30"))], None, march_and_april())
    check_closes(found)
    assert found["step"].tolist() == ["Course of the past", "Expected now"]
    assert found["amount"].iloc[-1] == pytest.approx(4_500.0)


def test_a_forecast_that_starts_within_a_month_is_held_against_the_last_one_where_a_budget_counts_whole_months():
    """16 days of March have come as expected, and nothing has changed since the last forecast."""
    months = tuple(pd.date_range("2026-03-01", periods=2, freq="MS"))
    budget = Budget(6_000.0, 1_600.0, months, "March to April 2026")
    found = revision.bridge([(None, daily("2026-03-17", "2026-04-30"))], budget, march_and_april())
    check_closes(found)
    assert amounts(found)["Forecast of 2026-02-28"] == 6_100.0
    assert amounts(found)[revision.COURSE] == pytest.approx(0.0, abs=1.0)


def test_a_forecast_that_starts_with_a_month_is_held_against_the_last_one_without_a_budget():
    found = revision.bridge([(None, daily("2026-03-01", "2026-04-30"))], None, march_and_april())
    assert amounts(found)["Forecast of 2026-02-28"] == 6_100.0
    assert amounts(found)[revision.COURSE] == pytest.approx(0.0, abs=1.0)


@pytest.mark.parametrize("offset", [pd.offsets.BusinessDay(), pd.offsets.Week(weekday=2)])
def test_a_month_whose_first_period_is_not_its_first_day_is_whole(offset):
    """1 March 2026 is a Sunday: every business day and every Wednesday of March is ahead."""
    plain = daily("2026-03-01", "2026-04-30")
    dates = pd.date_range("2026-03-01", "2026-04-30", freq=offset)
    frequency = "W" if isinstance(offset, pd.offsets.Week) else "D"
    fan = Fan(np.full((5, len(dates)), 100.0), np.ones(len(dates)), 0.1, 0.0, "total", *np.zeros((2, len(dates))))
    fan = replace(fan, highest=np.full(len(dates), np.inf))
    found = replace(plain, calendar=Calendar(frequency, offset, 1), dates=dates, fans={"total": fan})
    assert revision.bridge([(None, found)], None, march_and_april())["step"].iloc[0] == "Forecast of 2026-02-28"
