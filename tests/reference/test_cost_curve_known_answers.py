"""Known answers of the cost curve: D-CC-1 to 5. Source document S2; a16z, LLMflation; Wright 1936; Bass 1969."""

import numpy as np
import pytest

from aiecon.adoption import adopters, halving_months, learning_cost, peak_of_adoption
from aiecon.finance import monthly_rate
from aiecon.models.cost_curve import CostCurveInputs, cost_curve, fit_cost_curve
from aiecon.models.cost_curve.fitting import PRIOR


def test_d_cc_1_a_thousand_times_the_users_at_50_to_200_times_the_compute():
    low, high = PRIOR
    assert low == pytest.approx(np.log(50) / np.log(1_000), abs=5e-5)
    assert high == pytest.approx(np.log(200) / np.log(1_000), abs=5e-5)


def test_d_cc_1_twenty_thousand_at_a_thousand_users_with_exponent_0_7():
    tokens = {"name": "t", "layer": "model", "kind": "power", "cost_per_month": 20_000, "at_users": 1_000}
    inputs = {"components": [tokens | {"exponent": 0.7}], "pilot_users": 1_000, "production_users": 10_000}
    assert cost_curve(CostCurveInputs.build(inputs)).production_cost == pytest.approx(100_237.45, abs=0.005)


def test_d_cc_1_an_exact_curve_is_fitted_exactly():
    users = np.array([10, 100, 1_000, 10_000])
    found = fit_cost_curve(users, 200 * users**0.65)
    assert found.exponent == pytest.approx(0.65, abs=1e-12)
    assert found.cost_at(10_000) == pytest.approx(79_621.43, abs=0.005)


def test_d_cc_2_a_price_that_falls_a_thousandfold_in_three_years():
    a_year = (60 / 0.06) ** (1 / 3)
    assert a_year == pytest.approx(10)
    assert halving_months(1 - 1 / a_year) == pytest.approx(3.612, abs=5e-4)


def test_d_cc_2_wrights_eighty_per_cent_curve():
    assert learning_cost(np.array([1, 2, 4, 8]), first=100, learning=0.8) == pytest.approx([100, 80, 64, 51.2])
    assert learning_cost(np.arange(1, 5), first=100, learning=0.8).sum() == pytest.approx(314.2104, abs=5e-5)
    assert np.log2(0.8) == pytest.approx(-0.3219281, abs=5e-8)


@pytest.mark.parametrize(("share", "low", "high"), [(0.2, 120_000, 15.6), (0.4, 140_000, 18.0)])
def test_d_cc_3_regulation_adds_to_running_cost_and_to_the_time_to_build(share, low, high):
    build = {0.2: 0.3, 0.4: 0.5}[share]
    inputs = CostCurveInputs.build(
        {
            "components": [{"name": "all", "layer": "platform", "kind": "fixed", "cost_per_month": 100_000}],
            "regulated": {"opex_share": share, "build_share": build},
            "build_weeks": 12,
            "pilot_users": 10,
            "production_users": 100,
        }
    )
    answer = cost_curve(inputs)
    assert answer.production_cost == pytest.approx(low)
    assert answer.build_weeks == pytest.approx(high)


def test_d_cc_4_thirty_to_forty_per_cent_a_year_by_month():
    assert -monthly_rate(-0.3) == pytest.approx(0.029286, abs=5e-7)
    assert -monthly_rate(-0.4) == pytest.approx(0.041675, abs=5e-7)


def test_d_cc_5_bass():
    market = {"innovation": 0.03, "imitation": 0.38}
    peak = peak_of_adoption(**market)
    assert peak == pytest.approx(6.192619, abs=5e-7)
    assert adopters(peak, market=100, **market) == pytest.approx(46.052632, abs=5e-7)
    assert adopters(5, market=100, **market) == pytest.approx(33.119864, abs=5e-7)
