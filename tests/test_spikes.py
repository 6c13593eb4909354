"""Days that stand out: planted spikes are found, growth, steps and scale are no alarm."""

import numpy as np
import pandas as pd
import pytest

from aiecon.errors import FrameError
from aiecon.spikes import anomalies


def series(length=240, seed=0):
    """Spend with a week, growth and noise."""
    dates = pd.date_range("2025-06-01", periods=length)
    week = np.array([1.0, 1.05, 1.02, 1.0, 0.95, 0.4, 0.35])[dates.dayofweek]
    noise = np.random.default_rng(seed).lognormal(0, 0.05, length)
    return pd.DataFrame({"date": dates, "value": 100 * week * 1.004 ** np.arange(length) * noise})


def test_planted_spikes_on_a_seasonal_growing_series_are_found():
    for seed in range(5):
        daily = series(seed=seed)
        planted = [70, 123, 200]
        daily.loc[planted, "value"] *= 2.2
        found = anomalies(daily)
        assert set(daily["date"][planted]) <= set(found["date"])
        assert len(found) <= len(planted) + 3
        assert found["excess"].is_monotonic_decreasing


def test_a_new_level_is_no_alarm_for_long():
    daily = series()
    daily.loc[150:, "value"] *= 1.6
    late = anomalies(daily)["date"] > daily["date"][150] + pd.Timedelta(days=21)
    assert late.sum() <= 2


@pytest.mark.parametrize("added", [100.0, 300.0])
def test_what_joins_and_costs_the_same_every_day_is_told_once_and_not_on_its_weekends(added):
    told = []
    for seed in range(6):
        daily = series(seed=seed).assign(value=lambda rows: rows["value"] / 1.004 ** np.arange(len(rows)))
        start = 150 + seed
        daily.loc[start:, "value"] += added * np.random.default_rng(seed + 9).lognormal(0, 0.05, len(daily) - start)
        days = sorted(anomalies(daily)["date"])
        begun = [day for day in days if day - pd.Timedelta(days=1) not in days]
        assert daily["date"][start] in begun
        told += [day for day in begun if day > daily["date"][start]]
    assert len(told) <= 2  # of some fifty weekends; three to four in each series when weights alone are asked


def test_an_episode_is_told_when_it_begins_and_not_on_each_of_its_days():
    daily = series()
    daily.loc[150:153, "value"] *= [3.0, 3.0, 2.8, 2.5]
    told = anomalies(daily)["date"]
    assert daily["date"][150] in set(told)
    assert not {daily["date"][152], daily["date"][153]} & set(told)


def test_a_series_of_another_scale_has_the_same_alarms():
    daily = series()
    daily.loc[[70, 123], "value"] *= 1.6
    other = anomalies(daily.assign(value=1e-3 * daily["value"]))
    assert other["date"].tolist() == anomalies(daily)["date"].tolist()


def test_a_price_that_falls_is_no_alarm_and_a_day_twice_is_refused():
    daily = series()
    daily.loc[150:, "value"] *= 0.5
    assert (anomalies(daily)["date"] > daily["date"][150]).sum() <= 2
    assert anomalies(series(20)).empty
    with pytest.raises(FrameError, match="a date stands twice"):
        anomalies(pd.concat([daily, daily.head(1)]))


def test_what_is_charged_on_a_day_of_every_month_is_told_once_and_again_when_it_grows():
    days = pd.date_range("2026-01-01", "2026-06-30")
    value = 60 + np.random.default_rng(0).normal(0, 3, len(days)) + 1_700.0 * (days.day == 1)
    assert anomalies(pd.DataFrame({"date": days, "value": value}))["date"].tolist() == [pd.Timestamp("2026-03-01")]
    value[days == pd.Timestamp("2026-06-01")] *= 2
    assert pd.Timestamp("2026-06-01") in set(anomalies(pd.DataFrame({"date": days, "value": value}))["date"])
    ends = 60 + np.random.default_rng(1).normal(0, 3, len(days)) + 1_000.0 * days.is_month_end
    assert len(anomalies(pd.DataFrame({"date": days, "value": ends}))) <= 1
