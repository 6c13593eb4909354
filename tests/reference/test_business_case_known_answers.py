"""Known answers of the business case: D-RP-1 and 2, from numpy-financial; D-MC-8, the delay's mean."""

import pytest

from aiecon.finance import irr, mirr, npv
from aiecon.models.business_case import BusinessCaseInputs, business_case
from aiecon.vocabulary.distribution import Pert, Triangular

FIRST = (-100, 39, 59, 55, 20)


@pytest.mark.parametrize(
    ("flows", "rate"),
    [
        (FIRST, 0.2809484),
        ((-100, 0, 0, 74), -0.0954958),
        ((-250_000, 100_000, 150_000, 200_000, 250_000, 300_000), 0.5672303),
    ],
)
def test_d_rp_1_rates_of_return(flows, rate):
    assert irr(flows) == pytest.approx([rate], abs=5e-8)
    answer = business_case(BusinessCaseInputs(cash_flows=list(flows), discount_rate=0.1))
    assert answer.irr == pytest.approx([rate], abs=5e-8)


def test_d_rp_1_present_values():
    assert npv(0.08, (-40_000, 5_000, 8_000, 12_000, 30_000)) == pytest.approx(3_065.2227, abs=5e-5)
    assert npv(0.281, FIRST) == pytest.approx(-0.0084786, abs=5e-8)


def test_d_rp_2_modified_rate_of_return():
    flows = [-4500, -800, 800, 800, 600, 600, 800, 800, 700, 3000]
    assert mirr(flows, finance_rate=0.08, reinvest_rate=0.055) == pytest.approx(0.0665971750, abs=5e-11)
    answer = business_case(
        BusinessCaseInputs(cash_flows=flows, discount_rate=0.1, finance_rate=0.08, reinvest_rate=0.055)
    )
    assert answer.mirr == pytest.approx(0.0665971750, abs=5e-11)


def test_d_mc_8_a_delay_of_six_to_eighteen_months():
    assert Pert(low=6, mode=9, high=18).mean == pytest.approx(10)
    assert Triangular(low=6, mode=9, high=18).mean == pytest.approx(11)
