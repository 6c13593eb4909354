"""A commitment against what was used: never cheaper than the right number, idle and spill by definition."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import LAW

from aiecon.errors import InputError
from aiecon.models.provisioned.rightsizing import rightsize

demands = st.lists(st.floats(0, 20), min_size=1, max_size=30)


@LAW
@given(demands, st.integers(0, 25), st.floats(1, 100), st.floats(1, 100))
def test_the_right_number_is_never_beaten_by_any_other(demand, committed, price, payg):
    found = rightsize(demand, committed_units=committed, price_per_unit_month=price, payg_per_unit_month=payg)
    assert found.savings_per_month >= -1e-9 * max(found.cost_per_month, 1.0)
    every = [n * price + np.maximum(np.array(demand) - n, 0).mean() * payg for n in range(26)]
    assert found.right_cost_per_month == pytest.approx(min(every), rel=1e-9, abs=1e-9)
    assert found.cost_per_month == pytest.approx(every[committed])


def test_idle_cost_is_that_of_units_no_demand_used():
    found = rightsize([0.0, 2.0], committed_units=2, price_per_unit_month=10.0, payg_per_unit_month=1.0)
    assert found.utilization == 0.5
    assert found.idle_cost_per_month == 10.0
    assert rightsize([1.0], committed_units=0, price_per_unit_month=1.0, payg_per_unit_month=1.0).utilization is None


def test_a_part_of_a_unit_is_refused():
    with pytest.raises(InputError, match="committed_units"):
        rightsize([1.0], committed_units=1.5, price_per_unit_month=1.0, payg_per_unit_month=1.0)
