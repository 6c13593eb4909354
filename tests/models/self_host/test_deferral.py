"""Deciding in a year: by asking again with the inputs of then, by hand, and the laws of waiting."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import law

from aiecon.models.self_host import SelfHostInputs, self_host
from aiecon.vocabulary.overrides import override

FEW = law(30)
PLAIN = {
    "workload": {
        "mtok_per_month": 1_000.0,
        "shape": {"input_tokens_per_request": 750, "output_tokens_per_request": 250},
    },
    "api_blended_per_mtok": 4.0,
    "serving": {"requests_per_second": 1.0, "gpus_per_replica": 1},
    "gpu": {"purchase": "on_demand", "price_per_gpu_hour": 2.0},
    "horizon_months": 36,
    "discount_rate": 0.08,
}  # 1,460 a month against 4,000
OWNED = {"purchase": "owned", "capex_per_gpu": 30_000.0, "life_months": 48, "residual_share": 0.1}
RESERVED = {"purchase": "reserved", "price_per_gpu_hour": 2.0}


def asked(changes=(), **fields):
    return override(SelfHostInputs.build(PLAIN | fields), dict(changes))


def deferred(changes=(), **fields):
    return self_host(asked(changes, **fields)).deferral


figures = st.fixed_dictionaries(
    {
        "workload.mtok_per_month": st.floats(100, 12_000),
        "workload.monthly_growth": st.floats(-0.05, 0.08),
        "api_price_decline_per_year": st.floats(0, 0.8),
        "gpu.price_decline_per_year": st.floats(0, 0.6),
        "migration_cost": st.sampled_from([0.0, 20_000.0]),
        "fixed_cost_per_month": st.sampled_from([0.0, 900.0]),
        "discount_rate": st.floats(0, 0.2),
        "horizon_months": st.integers(13, 48),
    }
)


@FEW
@given(figures, st.sampled_from([RESERVED, OWNED]))
def test_moving_in_a_year_is_the_question_asked_in_a_year(changes, gpu):
    answer = self_host(asked(changes, gpu=gpu))
    price = "gpu.capex_per_gpu" if gpu is OWNED else "gpu.price_per_gpu_hour"
    then = {
        "workload.mtok_per_month": changes["workload.mtok_per_month"] * (1 + changes["workload.monthly_growth"]) ** 12,
        "api_blended_per_mtok": 4.0 * (1 - changes["api_price_decline_per_year"]),
        price: (30_000.0 if gpu is OWNED else 2.0) * (1 - changes["gpu.price_decline_per_year"]),
        "horizon_months": changes["horizon_months"] - 12,
    }
    later = self_host(asked(changes | then, gpu=gpu)).npv_savings / (1 + changes["discount_rate"])
    assert answer.deferral.later[0] == pytest.approx(later, abs=1e-6)
    assert answer.deferral.now[0] == pytest.approx(answer.npv_savings)
    assert answer.deferral.value == pytest.approx(max(later, 0) - max(answer.npv_savings, 0), abs=1e-6)
    assert answer.deferral.of_knowing == 0  # nothing is in doubt


def test_a_saving_of_a_year_is_what_waiting_costs_where_nothing_changes():
    found = deferred({"discount_rate": 0.0})
    assert found.value == pytest.approx(-12 * (4_000 - 1_460))
    assert found.value_range == pytest.approx((found.value, found.value))


def test_rents_of_the_second_year_fall_for_both():
    found = deferred({"discount_rate": 0.0, "gpu.price_decline_per_year": 0.5})
    assert found.now[0] == pytest.approx(12 * 2_540 + 24 * (4_000 - 730))
    assert found.later[0] == pytest.approx(24 * (4_000 - 730))
    kept = deferred({"discount_rate": 0.0, "gpu.price_decline_per_year": 0.5}, gpu=RESERVED)
    assert kept.now[0] == pytest.approx(36 * 2_540)


def test_what_is_known_in_a_year_is_worth_the_losses_it_spares():
    doubt = {"shape": "discrete", "values": [0.5, 3.0], "weights": [0.5, 0.5]}
    found = deferred({"api_blended_per_mtok": doubt, "discount_rate": 0.0, "draws": 4_000}, gpu=RESERVED)
    share = (found.now > 0).mean()
    assert share == pytest.approx(0.5, abs=0.03)
    saves, loses = 3_000 - 1_460, 500 - 1_460
    mean = share * saves + (1 - share) * loses
    assert found.value == pytest.approx(24 * share * saves - 36 * mean)
    assert found.of_knowing == pytest.approx(24 * (share * saves - mean))
    assert found.of_time == pytest.approx(-12 * mean)
    assert found.value_range == pytest.approx((24 * saves - 36 * saves, -36 * loses))


DOUBTS = {
    "workload.monthly_growth": {"shape": "uniform", "low": -0.02, "high": 0.06},
    "api_price_decline_per_year": {"shape": "uniform", "low": 0.0, "high": 0.8},
    "draws": 200,
}


@FEW
@given(figures, st.sampled_from([PLAIN["gpu"], RESERVED, OWNED]))
def test_knowing_more_is_never_worth_less_than_nothing(changes, gpu):
    found = deferred(changes | DOUBTS, gpu=gpu)
    assert found.of_knowing >= -1e-9
    assert found.value == pytest.approx(found.of_knowing + found.of_time)
    assert found.value_range[0] <= found.value_range[1]


@FEW
@given(figures, st.sampled_from([RESERVED, OWNED]), st.floats(0, 0.3))
def test_a_steeper_fall_of_gpu_prices_never_makes_waiting_worth_less(changes, gpu, more):
    steeper = changes | {"gpu.price_decline_per_year": changes["gpu.price_decline_per_year"] + more}
    assert deferred(steeper, gpu=gpu).value >= deferred(changes, gpu=gpu).value - 1e-6


@FEW
@given(st.floats(500, 12_000), st.floats(0, 0.2))
def test_waiting_is_worth_nothing_where_nothing_changes_and_nothing_is_in_doubt(volume, rate):
    changes = {"workload.mtok_per_month": volume, "discount_rate": rate, "api_blended_per_mtok": 1.0}
    assert deferred(changes).value <= 1e-9


def test_a_horizon_within_the_year_says_so():
    answer = self_host(asked({"horizon_months": 12}))
    assert answer.deferral is None
    (found,) = [metric for metric in answer.summary() if metric.key == "value_of_waiting"]
    assert found.value is None
    assert found.note == "the horizon ends within 12 months"


def test_the_keys_of_the_contract_stay_at_todays_gpu_prices():
    falling = {"gpu.price_decline_per_year": 0.4}
    one, other = self_host(asked()), self_host(asked(falling))
    assert one.npv_savings == other.npv_savings
    np.testing.assert_array_equal(one.case.hosting_cost, other.case.hosting_cost)
