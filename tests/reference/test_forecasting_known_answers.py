"""Known answers of forecasting, from textbooks and closed forms.

D-FC-1 measures by their definitions (Hyndman and Koehler 2006; M4 for sMAPE). D-FC-2 CRPS of the normal distribution
in closed form (Gneiting and Raftery 2007), pinball loss, interval score, split-conformal rank (Vovk et al. 2005).
D-FC-4 price, volume and mix, from a thread of freemathhelp.com. D-FC-7 simple exponential smoothing by hand.
"""

import numpy as np
import pandas as pd
import pytest

from aiecon.bridges import price_volume_mix
from aiecon.forecasting import accuracy
from aiecon.kernels.smoothing import project_smoothing, smooth

ACTUAL = np.array([100.0, 110.0, 120.0, 130.0])
FORECAST = np.array([90.0, 115.0, 118.0, 140.0])
TRAIN = np.array([80.0, 85.0, 95.0, 92.0, 100.0])


def test_d_fc_1_point_measures():
    assert accuracy.mae(ACTUAL, FORECAST) == pytest.approx(6.75)
    assert accuracy.mape(ACTUAL, FORECAST) == pytest.approx(0.05976107, abs=5e-9)
    assert accuracy.smape(ACTUAL, FORECAST) == pytest.approx(0.06014710, abs=5e-9)
    assert accuracy.wape(ACTUAL, FORECAST) == pytest.approx(0.05869565, abs=5e-9)
    assert accuracy.bias(ACTUAL, FORECAST) == pytest.approx(0.00652174, abs=5e-9)
    assert accuracy.mase(ACTUAL, FORECAST, train=TRAIN) == pytest.approx(1.0384615, abs=5e-8)


@pytest.mark.parametrize(("actual", "expected"), [(0.0, 0.2336950), (1.0, 0.6024414), (2.0, 1.4527918)])
def test_d_fc_2_crps_of_the_standard_normal(actual, expected):
    assert accuracy.crps_normal(actual) == pytest.approx(expected, abs=5e-8)


def test_d_fc_2_quantile_and_interval_scores():
    assert accuracy.pinball_loss(np.array([100.0]), np.array([90.0]), level=0.9) == pytest.approx(9.0)
    assert accuracy.pinball_loss(np.array([100.0]), np.array([115.0]), level=0.9) == pytest.approx(1.5)
    score = accuracy.interval_score(np.array([130.0]), np.array([80.0]), np.array([120.0]), coverage=0.8)
    assert score == pytest.approx(140.0)
    assert accuracy.conformal_rank(9, alpha=0.2) == 8


def test_d_fc_4_price_volume_and_mix():
    budget = pd.DataFrame({"item": ["ABC", "DEF"], "quantity": [50, 40], "price": [1.20, 0.80]})
    actual = pd.DataFrame({"item": ["ABC", "DEF"], "quantity": [60, 50], "price": [1.10, 1.00]})
    found = price_volume_mix(budget, actual)
    assert found.price_effect == pytest.approx(4.0)
    assert found.volume_effect == pytest.approx(20.4444, abs=5e-5)
    assert found.mix_effect == pytest.approx(-0.4444, abs=5e-5)
    assert found.actual - found.budget == pytest.approx(24.0)


def test_d_fc_7_simple_smoothing():
    values, weights = np.array([12.0, 14.0, 13.0]), np.array([0.5, 0.0, 0.0, 1.0])
    level, _ = smooth(values, 1, weights, 10.0, 0.0, np.zeros(1), np.empty(3))
    assert level == pytest.approx(12.75)
    ahead, _ = project_smoothing(values, 1, False, False, weights, np.array([10.0]), 4)
    assert ahead.tolist() == [12.75] * 4


@pytest.mark.parametrize(
    ("smape", "mase", "expected"),
    [(12.555, 1.663, 0.898), (12.309, 1.696, 0.897), (11.374, 1.536, 0.821), (11.720, 1.551, 0.838)],
)
def test_the_overall_weighted_average_of_the_m4_competition(smape, mase, expected):
    """D-FC-6: combination, Theta, ES-RNN and FFORMA over Naive2 (M4 paper; the cells quoted there)."""
    found = accuracy.owa(smape=smape, mase=mase, naive_smape=13.564, naive_mase=1.912)
    assert found == pytest.approx(expected, abs=5e-4)
