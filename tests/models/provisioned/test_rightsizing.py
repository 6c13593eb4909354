"""A commitment against what was used: never cheaper than the right number, idle and spill by definition."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import LAW

import aiecon
from aiecon.errors import InputError
from aiecon.ingestion.resolve import resolve
from aiecon.models.provisioned import ProvisionedInputs, provisioned, rightsize

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


UNIT = {"tokens_per_minute": 100, "output_weight": 4, "minimum_units": 2, "increment_units": 2}
PRICE = {"provider": "p", "model": "m", "input_per_mtok": 100.0, "output_per_mtok": 400.0}
TERM = {"name": "hour", "price_per_unit_month": 730.0, "commitment_months": 0}


def asked(demand, contract, **more):
    return provisioned(asked_inputs(demand, contract, **more))


def asked_inputs(demand, contract, *, terms=(TERM,), **more):
    inputs = {
        "capacity_unit": {"provider": "p", "model": "m", **UNIT},
        "payg": PRICE,
        "terms": list(terms),
        "shape": {"input_tokens_per_request": 10, "output_tokens_per_request": 0},
        "demand": {"tokens_per_minute": demand},
        "contract": contract,
        "bootstrap": 0,
    }
    return ProvisionedInputs.build(inputs | more)


@LAW
@given(demand=st.lists(st.integers(0, 900), min_size=1, max_size=20), units=st.integers(0, 15))
def test_a_contract_is_held_against_the_demand_of_the_question(demand, units):
    found = asked(demand, {"units": units, "price_per_unit_month": 250.0}).rightsizing
    plain = rightsize(
        [minute / 100 for minute in demand],
        committed_units=units,
        price_per_unit_month=250.0,
        payg_per_unit_month=438.0,
        increment=2,
        minimum=2,
    )
    assert found.cost_per_month == pytest.approx(plain.cost_per_month)
    assert found.right_cost_per_month == pytest.approx(plain.right_cost_per_month)
    assert found.idle_cost_per_month == pytest.approx(plain.idle_cost_per_month, abs=1e-6)
    assert found.savings_per_month >= -1e-6 or units % 2  # a number that is not sold may cost less than any that is


def test_refused_spill_counts_in_a_contract_too():
    more = {"refused_share": 0.5, "refusal_cost_per_mtok": 1_000.0}
    found = asked([100, 300], {"units": 1, "price_per_unit_month": 250.0}, **more).rightsizing
    assert found.cost_per_month == pytest.approx(250 + 100 * 43_800 * (0.5 * 100 + 0.5 * 1_000) / 1e6)


def test_deployments_share_the_contract_and_the_rest_is_by_the_hour():
    deployments = [{"name": "a", "units": 6}, {"name": "b", "units": 4}]
    contract = {"units": 8, "price_per_unit_month": 365.0, "deployments": deployments}
    found = asked([100], contract).pool
    assert found.reserved_cost == pytest.approx(8 * 365)
    assert found.hourly_cost == pytest.approx(2 * 730)
    assert found.by_team == pytest.approx({"a": 0.6 * found.cost, "b": 0.4 * found.cost})
    assert asked([100], contract | {"hourly_price_per_unit": 2.0}).pool.hourly_cost == pytest.approx(2 * 2 * 730)


def test_a_pool_without_an_hourly_price_says_what_is_missing():
    month = {"name": "month", "price_per_unit_month": 300.0, "commitment_months": 1}
    contract = {"units": 1, "price_per_unit_month": 1.0, "deployments": [{"name": "a", "units": 2}]}
    with pytest.raises(InputError, match=r"contract\.hourly_price_per_unit: no term is sold by the hour"):
        asked([100], contract, terms=(month,))
    assert asked([100], {"units": 1, "price_per_unit_month": 1.0}).pool is None


def test_a_made_up_contract_is_dropped_beside_any_other_demand(sample_answers):
    example = sample_answers("provisioned")
    assert example.rightsizing.committed_units == example.inputs.example_contract.units
    own = aiecon.ask("provisioned", changes={"demand.tokens_per_minute": [100.0, 200.0]})
    assert own.rightsizing is None
    assert own.pool is None
    contract = {"contract.units": 40, "contract.price_per_unit_month": 221.0}
    given = aiecon.ask("provisioned", changes=contract)
    assert given.rightsizing.committed_units == 40
    assert given.pool is None


@pytest.fixture
def deployed(tmp_path):
    """Bills a contract of 8 units shared as the lines of a file say."""

    def bill(*lines):
        (tmp_path / "deployed.csv").write_text("\n".join(["timestamp,name,units", *lines, ""]))
        contract = {"units": 8, "price_per_unit_month": 365.0, "deployed": str(tmp_path / "deployed.csv")}
        return provisioned(resolve(asked_inputs([100], contract)))

    return bill


def test_deployments_over_time_stand_for_a_month_each_stretch_by_its_length(deployed):
    """A quarter of an hour with 4 units beyond, then three with 2 unused: quarters of a month of 730 hours."""
    quarters = ["00:00", "00:15", "00:30", "00:45"]
    lines = [f"2026-05-01T{at}Z,a,{12 if at == '00:00' else 6}" for at in quarters]
    found = deployed(*lines).pool
    assert found.reserved_cost == pytest.approx(8 * 365)
    assert found.hourly_cost == pytest.approx(4 * 730 / 4)
    assert found.unused_cost == pytest.approx(2 * 365 * 3 / 4)
    assert found.by_team["a"] + found.unused_cost == pytest.approx(found.cost)


def test_a_deployment_holds_nothing_before_its_first_row_whatever_it_is_called(deployed):
    found = deployed("2026-05-01T00:00Z,minutes,4", "2026-05-01T01:00Z,b,4", "2026-05-01T01:00Z,minutes,0").pool
    assert found.by_team == pytest.approx({"minutes": 4 * 365 / 2, "b": 4 * 365 / 2})


def test_a_deployment_holds_its_units_until_a_row_says_otherwise(deployed):
    lines = ("2026-05-01T00:00Z,a,3", "2026-05-01T00:00Z,b,5", "2026-05-01T12:00Z,a,6")
    assert deployed(*lines).pool.hourly_units.tolist() == [0.0, 3.0]


def test_deployments_that_stand_twice_or_in_two_ways_are_refused(deployed):
    with pytest.raises(InputError, match="row 3 repeats"):
        deployed("2026-05-01T00:00Z,a,4", "2026-05-01T00:00Z,a,5")
    contract = {
        "units": 1,
        "price_per_unit_month": 1.0,
        "deployed": "d.csv",
        "deployments": [{"name": "a", "units": 1}],
    }
    with pytest.raises(InputError, match="only one of deployments, deployed may be given"):
        asked([100], contract)
