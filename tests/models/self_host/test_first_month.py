"""Where hosting and the API cost the same in the first month: by setting what was found, by hand, and its words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import law

from aiecon.models.self_host import SelfHostInputs, self_host
from aiecon.vocabulary.overrides import override

FEW = law(40)
RENTED = {"purchase": "on_demand", "price_per_gpu_hour": 2.0}
OWNED = {"purchase": "owned", "capex_per_gpu": 30_000.0, "life_months": 48, "residual_share": 0.1}
SPOT = {"purchase": "spot", "price_per_gpu_hour": 1.0, "interruption_overhead": 0.2}
PLAIN = {
    "workload": {
        "mtok_per_month": 1_000.0,
        "shape": {"input_tokens_per_request": 750, "output_tokens_per_request": 250},
    },
    "api_blended_per_mtok": 4.0,
    "serving": {"requests_per_second": 1.0, "gpus_per_replica": 1},
    "gpu": RENTED,
    "horizon_months": 12,
    "discount_rate": 0.08,
}  # a replica carries 2,628 Mtok a month for 1,460


def asked(changes=(), **fields):
    return override(SelfHostInputs.build(PLAIN | fields), dict(changes))


def found(changes=(), **fields):
    return {metric.key: metric for metric in self_host(asked(changes, **fields)).summary()}


def test_by_hand():
    metrics = found()
    assert metrics["break_even_gpu_price"].value == pytest.approx(4_000 / 730)
    assert metrics["break_even_gpu_price"].unit == "USD/GPU/h"
    assert metrics["break_even_utilization"].value == pytest.approx(1_460 / 4 / 2_628)
    assert metrics["break_even_utilization"].note is None


@FEW
@given(
    st.sampled_from([RENTED, SPOT, OWNED, RENTED | {"mix": [{"name": "spot", "share": 0.4, **SPOT}]}]),
    st.floats(50, 20_000),
    st.floats(1, 4),
    st.sampled_from([0.0, 700.0]),
    st.sampled_from([None, 8]),
)
def test_at_the_price_found_both_cost_the_same_in_the_first_month(gpu, volume, peak, fixed, size):
    changes = {"workload.mtok_per_month": volume, "workload.peak_to_mean": peak, "fixed_cost_per_month": fixed}
    inputs = asked(changes, gpu=gpu | {"gpus_per_server": size})
    price = self_host(inputs).first_month.break_even_gpu_price
    if price is None:
        free = override(inputs, {self_host(inputs).first_month.priced: 0.0})
        assert self_host(free).first_month.hosting_cost > 4 * volume * (1 - 1e-9)
        return
    at = self_host(override(inputs, {self_host(inputs).first_month.priced: price})).first_month
    assert at.hosting_cost == pytest.approx(at.api_cost)


@FEW
@given(st.floats(50, 20_000), st.floats(1, 4), st.floats(0.2, 1), st.floats(0.3, 9))
def test_at_the_utilisation_found_the_same_replicas_cost_what_the_api_does(volume, peak, usable, price):
    changes = {
        "workload.mtok_per_month": volume,
        "workload.peak_to_mean": peak,
        "serving.usable_share": usable,
        "api_blended_per_mtok": price,
    }
    month = self_host(asked(changes)).first_month
    served = month.break_even_utilization * month.replicas * 2_628 * usable
    assert served * price == pytest.approx(month.hosting_cost)


def test_owned_gpus_are_priced_at_what_they_are_bought_for():
    metric = found(gpu=OWNED)["break_even_gpu_price"]
    assert metric.unit == "USD/GPU"
    assert metric.value > 30_000


@pytest.mark.parametrize(
    ("changes", "key", "words"),
    [
        ({"workload.mtok_per_month": 0, "serving.minimum_replicas": 0}, "break_even_gpu_price", "nothing is hosted"),
        ({"workload.mtok_per_month": 0, "serving.minimum_replicas": 0}, "break_even_utilization", "nothing is hosted"),
        ({"api_blended_per_mtok": 0}, "break_even_utilization", "the API costs nothing"),
        ({"fixed_cost_per_month": 5_000}, "break_even_gpu_price", "beside these GPUs"),
        ({"gpu.mix": [{"name": "spot", "share": 1.0, **SPOT}]}, "break_even_gpu_price", "the mix leave none"),
    ],
)
def test_where_there_is_none_the_words_say_why(changes, key, words):
    metric = found(changes)[key]
    assert metric.value is None
    assert words in metric.note


def test_the_price_in_a_mix_is_that_of_what_the_mix_leaves():
    mixed = found({"gpu.mix": [{"name": "spot", "share": 0.4, **SPOT}]})["break_even_gpu_price"]
    assert mixed.note == "of the 60 % of the GPUs that the mix leaves, its parts as they are"
    assert 0.6 * mixed.value + 0.4 * 1.0 * 1.2 == pytest.approx(4_000 / 730)


def test_a_utilisation_that_cannot_be_reached_is_said():
    metric = found({"api_blended_per_mtok": 0.4})["break_even_utilization"]
    assert metric.value is None
    assert "at any load" in metric.note
    peaked = found({"workload.peak_to_mean": 2.5, "api_blended_per_mtok": 1.0})["break_even_utilization"]
    assert peaked.value is None
    assert "above 40 %, the most that replicas can be used with this peak" in peaked.note


def test_all_prices_times_two_leave_the_utilisation_and_double_the_price():
    twice = found({"api_blended_per_mtok": 8.0, "gpu.price_per_gpu_hour": 4.0})
    assert twice["break_even_utilization"].value == pytest.approx(found()["break_even_utilization"].value)
    assert twice["break_even_gpu_price"].value == pytest.approx(2 * found()["break_even_gpu_price"].value)
