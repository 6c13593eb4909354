"""Early warning: charts against the textbook, windows by hand, laws and messages."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from budget_scene import asked, months, refused
from hypothesis import given
from hypothesis import strategies as st
from strategies import LAW

import aiecon
from aiecon.errors import InputError
from aiecon.models.adaptive_budget import adaptive_budget, early_warning


@pytest.mark.long
def test_windows_and_charts_alarm_as_often_as_independent_normal_days_would():
    """Of small independent spread a day is normal: XmR alarms on 365 × (1 − Φ(3)) = 0.49 days a year, CUSUM at 5
    once in 938 days, and burn 1, with nothing left between plan and budget, half the time: on a day when the first or
    the last of two windows of three days that share two is above its mean, 0.75 − asin(2/3) ÷ 2π of the days."""
    found = early_warning(day_spread=0.01, baseline_days=1_500, paths=400).set_index("rule")
    alarms = found["false_alarms_per_year"]
    assert alarms["XmR by day"] == pytest.approx(365 * 0.00135, rel=0.25)
    assert alarms["CUSUM 5 by day"] == pytest.approx(365 / 938, rel=0.3)
    assert found["alarmed_share"]["burn 1 in 72 h"] == pytest.approx(0.75 - np.arcsin(2 / 3) / 2 / np.pi, abs=0.02)
    assert alarms["burn 6 in 6 h"] == alarms["burn 14.4 in 1 h"] == 0.0


def test_a_window_sees_a_rise_when_its_mean_reaches_the_rate():
    """Without spread nearly: ten times the plan fills a window of 6 hours to 6 after (6 − 1) ÷ 9 × 6 hours, rounded
    up; it never reaches 14.4; twice the plan with a tenth of headroom burns at 1 after 8 of 72 hours."""
    found = early_warning(day_spread=1e-6, headroom=0.1, paths=5).set_index("rule")
    assert found.loc["burn 6 in 6 h", "delay_900%"] * 24 == np.ceil((6 * 1.1 - 1) / 9 * 6)
    assert np.isnan(found.loc["burn 14.4 in 1 h", "delay_900%"])
    assert found.loc["burn 1 in 72 h", "delay_100%"] * 24 == 8
    assert found.loc["XmR by day", "delay_30%"] == 1.0


@LAW
@given(st.floats(0.02, 0.4), st.floats(-0.5, 0.8), st.floats(0, 0.5), st.floats(0, 1))
def test_a_larger_rise_is_seen_no_later_and_more_headroom_alarms_no_more_often(spread, correlation, hours, room):
    asked = {"day_spread": spread, "day_autocorrelation": correlation, "hour_spread": hours, "paths": 10}
    tight, wide = (early_warning(headroom=headroom, **asked).set_index("rule") for headroom in (0.0, room))
    for first, second in pairwise([tight["delay_30%"], tight["delay_100%"], tight["delay_900%"]]):
        assert (second.fillna(np.inf) <= first.fillna(np.inf)).all()
    assert (wide["alarmed_share"] <= tight["alarmed_share"]).all()
    charts = [rule for rule in tight.index if "by day" in rule]
    assert wide.loc[charts].equals(tight.loc[charts])  # a chart knows no budget


def test_early_warning_says_what_it_needs():
    with pytest.raises(InputError) as error:
        early_warning(day_spread=0, hour_spread=-1, day_autocorrelation=1, headroom=-1, baseline_days=1, paths=0)
    assert len(error.value.problems) == 6
    with pytest.raises(InputError, match="rises must be above zero, got"):
        early_warning(day_spread=0.1, rises=(0.3, -0.5))


def test_a_step_outside_the_steps_of_a_year_signals():
    assert [line.name for line in adaptive_budget(asked(months([100.0, 101, 99, 100, 101, 180]))).signals] == ["prod"]
    assert not adaptive_budget(asked(months([100.0, 101, 99, 100, 101, 101]))).signals
    assert not adaptive_budget(asked(months([100.0, 900.0]))).signals  # too few to say


WORKING = [1.4] * 5 + [0.0] * 2


def test_an_even_week_changes_nothing():
    asked = {"day_spread": 0.1, "hour_spread": 0.2, "headroom": 0.05, "paths": 10}
    assert early_warning(weekday_shares=[2.0] * 7, **asked).equals(early_warning(**asked))


def test_a_monday_is_no_alarm_where_mondays_are_known():
    """Read evenly, three working days burn at 1.4 ÷ 1.1 every week; against what weekdays are to cost, never."""
    found = early_warning(day_spread=1e-6, headroom=0.1, paths=2, weekday_shares=WORKING).set_index("rule")
    alarms = found["false_alarms_per_year"]
    assert alarms["burn 1 in 72 h"] == alarms["burn 1 in 72 h and 6 h"] == 0.0
    assert alarms["burn 1 in 72 h, read evenly"] == pytest.approx(365 / 7, abs=1)
    assert found.loc["burn 1 in 72 h", "delay_100%"] * 24 == 3  # (24 + 3) ÷ 24 ≥ 1.1: of 72 hours 24 are worked
    assert found.loc["XmR by day", "delay_100%"] == 1.0


def test_a_short_window_beside_the_long_one_alarms_no_more_often():
    found = early_warning(day_spread=0.15, day_autocorrelation=0.5, hour_spread=0.3, paths=40).set_index("rule")
    one, both = found.loc["burn 1 in 72 h"], found.loc["burn 1 in 72 h and 6 h"]
    assert both["alarmed_share"] < one["alarmed_share"]
    assert both["delay_900%"] >= one["delay_900%"]


def test_weekdays_are_given_or_learnt_from_days(tmp_path):
    days = pd.date_range("2026-01-19", periods=28, freq="D")
    value = [14.0 if day.weekday() < 5 else 0.0 for day in days]
    value[3] = 900.0  # an odd day is no pattern
    pd.DataFrame({"date": days.strftime("%Y-%m-%d"), "value": value}).to_csv(tmp_path / "days.csv", index=False)
    actuals = months([100.0, 101.0])
    learnt = adaptive_budget(aiecon.resolve(asked(actuals, days=str(tmp_path / "days.csv"))))
    assert learnt.weekdays == pytest.approx(WORKING)
    given = adaptive_budget(asked(actuals, weekday_shares=WORKING))
    assert list(learnt.warning["rule"]) == list(given.warning["rule"])
    assert adaptive_budget(asked(actuals)).weekdays is None
    assert "seven numbers of zero or more are needed" in refused(actuals, weekday_shares=[1.0, 2.0])
    with pytest.raises(InputError, match="days: 2 whole weeks of spend"):
        adaptive_budget(aiecon.resolve(asked(actuals, days=str(tmp_path / "days.csv"), as_of="2026-01-31")))
    assert "only one of weekday_shares, days" in refused(actuals, weekday_shares=WORKING, days="days.csv")
