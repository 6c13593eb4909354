import numpy as np
import pandas as pd
import pytest

from aiecon.forecasting.ensemble import forecast


def history(**series):
    dates = pd.date_range("2025-01-01", periods=120)
    frames = [pd.DataFrame({"date": dates, "series": name, "value": values}) for name, values in series.items()]
    return pd.concat(frames)


@pytest.fixture
def steady():
    return 100 + np.random.default_rng(3).normal(0, 5, 120)


def test_a_last_value_far_from_the_usual_is_pointed_out(steady):
    (remark,) = forecast(history(total=np.append(steady[:-1], 900.0)), horizon=7).notes
    assert remark.startswith("The history ends on 2025-04-30 at 9 times its usual size")
    assert forecast(history(total=np.append(steady[:-1], 300.0)), horizon=7).notes == ()


def test_a_series_that_ended_before_the_others_is_pointed_out(steady):
    ended = np.where(np.arange(120) < 80, steady, np.nan)
    (remark,) = forecast(history(a=steady, b=ended), horizon=7).notes
    assert remark == "Series b has no value after 2025-03-21; it is forecast on from there all the same"
    gap = np.where(np.arange(120) < 115, steady, np.nan)
    assert forecast(history(a=steady, b=gap), horizon=7).notes == ()


def test_a_history_too_short_for_a_whole_back_test_is_pointed_out(steady):
    frame = history(total=steady).head(60)
    assert "only 15 could be back-tested" in forecast(frame, horizon=30).notes[0]
    assert forecast(frame, horizon=10).notes == ()
