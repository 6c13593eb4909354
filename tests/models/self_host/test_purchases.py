"""GPUs paid in a mix: the sum of its parts, month by month, in every plan, in doubt, and what is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import law

import aiecon
from aiecon.errors import InputError
from aiecon.models.self_host import SelfHostInputs, probability_map, self_host
from aiecon.models.self_host.purchases import parts
from aiecon.models.self_host.turns import swings, turn
from aiecon.vocabulary.overrides import override

FEW = law(30)
WAYS = {
    "on demand": {"purchase": "on_demand", "price_per_gpu_hour": 4.0},
    "3 years": {"purchase": "reserved", "price_per_gpu_hour": 4.0, "commitment_discount": 0.6},
    "spot": {"purchase": "spot", "price_per_gpu_hour": 1.5, "interruption_overhead": 0.1},
    "owned": {"purchase": "owned", "capex_per_gpu": 30_000.0, "life_months": 30, "residual_share": 0.2},
}
HOURLY = 0.6 * 4.0 * 0.4 + 0.2 * 4.0 + 0.2 * 1.5 * 1.1  # of a GPU in the mix below
OFFICE = [0.0] * 8 + [3.0] * 8 + [0.0] * 8
PLAIN = {
    "workload": {
        "mtok_per_month": 9_000.0,
        "shape": {"input_tokens_per_request": 750, "output_tokens_per_request": 250},
    },
    "api_blended_per_mtok": 1.0,
    "serving": {"requests_per_second": 1.0, "gpus_per_replica": 1},
    "horizon_months": 36,
    "discount_rate": 0.08,
}  # a replica carries 2,628 Mtok a month


def mixed(first="on demand", **shares):
    mix = [{"name": name, "share": share, **WAYS[name]} for name, share in shares.items()]
    return {**WAYS[first], "mix": mix}


MIX = mixed(**{"3 years": 0.6, "spot": 0.2})


def asked(changes=(), gpu=MIX, **fields):
    return override(SelfHostInputs.build(PLAIN | {"gpu": gpu} | fields), dict(changes))


def answered(changes=(), gpu=MIX, **fields):
    return self_host(asked(changes, gpu, **fields))


def test_each_share_is_paid_as_it_says_and_the_rest_as_gpu_says():
    answer = answered()
    assert answer.replicas == 4
    assert answer.to_frame()["hosting_cost"].tolist() == pytest.approx([4 * 730 * HOURLY] * 36)
    step = 730 * HOURLY
    assert answer.win_intervals[0] == pytest.approx((step, 2_628.0))
    assert answer.win_intervals[-1][0] == pytest.approx(2 * step)


def test_interruptions_are_paid_on_the_share_that_runs_on_spot():
    cost = [
        answered({"gpu.mix.spot.interruption_overhead": share}).to_frame()["hosting_cost"][0] for share in (0.0, 0.5)
    ]
    assert cost[1] - cost[0] == pytest.approx(4 * 730 * 0.2 * 1.5 * 0.5)


def test_a_part_of_the_load_on_spot_takes_one_line():
    gpu = {**WAYS["on demand"], "mix": [{"name": "spot", "share": 0.3, **WAYS["spot"]}]}
    assert answered(gpu=gpu).to_frame()["hosting_cost"][0] == pytest.approx(4 * 730 * (0.7 * 4 + 0.3 * 1.65))


@FEW
@given(
    st.lists(st.floats(0, 1), min_size=4, max_size=4).filter(lambda one: sum(one) > 0.1),
    st.floats(-0.05, 0.05),
    st.sampled_from([None, 2, 8]),
    st.sampled_from([0.0, 300.0]),
)
def test_a_mix_costs_the_sum_of_its_parts(weights, growth, size, licence):
    shares = dict(zip(WAYS, np.array(weights) / sum(weights), strict=True))
    more = {"gpus_per_server": size, "licence_per_gpu_month": licence, "power_kw": 1.0, "price_per_kwh": 0.1}
    powered = {f"gpu.mix.{name}.price_per_kwh": 0.1 for name in WAYS if name != "on demand"}
    changes = {"workload.monthly_growth": growth, "fixed_cost_per_month": 500.0, "migration_cost": 9_000.0}
    gpu = mixed(**{name: share for name, share in shares.items() if name != "on demand"}) | more
    found = answered(changes | powered, gpu)
    alone = {name: answered(changes, way | more) for name, way in WAYS.items()}
    for column in ("hosting_cost", "running_cost", "capex", "gpus"):
        total = sum(shares[name] * one.to_frame()[column] for name, one in alone.items())
        np.testing.assert_allclose(found.to_frame()[column], total, rtol=1e-9, atol=1e-6)
    saved = sum(shares[name] * one.npv_savings for name, one in alone.items())
    assert found.npv_savings == pytest.approx(saved, abs=1e-6 * found.case.api_cost.sum())
    worth = sum(shares[name] * one.deferral.now[0] for name, one in alone.items())
    assert found.deferral.now[0] == pytest.approx(worth, abs=1e-6 * found.case.api_cost.sum())


@pytest.mark.parametrize("name", ["3 years", "spot", "owned"])
def test_a_mix_of_one_part_is_that_purchase(name):
    falling = {"gpu.price_decline_per_year": 0.2, "workload.monthly_growth": -0.02}
    alone, mix = answered(falling, WAYS[name]), answered(falling, mixed(**{name: 1.0}))
    for key in ("npv_savings", "payback_months", "crossover_month", "upfront"):
        assert getattr(mix, key) == pytest.approx(getattr(alone, key)), key
    assert mix.win_intervals[0] == pytest.approx(alone.win_intervals[0])
    np.testing.assert_allclose(mix.deferral.now, alone.deferral.now)
    np.testing.assert_allclose(mix.deferral.later, alone.deferral.later)


def test_by_the_hour_what_is_reserved_stays_on_and_the_rest_follows_the_load():
    scaled = PLAIN["serving"] | {"minimum_replicas": 0, "autoscaling": {}}
    changes = {"workload.hourly_load": OFFICE, "workload.mtok_per_month": 876.0 * 5}
    hourly = answered(changes, serving=scaled).base_plans["Hosted, by the hour"]
    rented = (0.2 * 4.0 + 0.2 * 1.65) / 0.4
    on_hours = 5 * 0.4 * 8 / 24  # five replicas at most, in a third of the hours
    assert hourly.hosting_cost[0, 0] == pytest.approx(730 * (5 * 0.6 * 1.6 + on_hours * rented))
    committed = answered(changes, WAYS["3 years"], serving=scaled)
    assert "Hosted, by the hour" not in committed.base_plans


def test_by_the_hour_is_never_dearer_than_always_on():
    scaled = PLAIN["serving"] | {"autoscaling": {"cold_start_minutes": 60}}
    for gpu in (MIX, mixed(owned=0.4), mixed(owned=0.3, spot=0.7)):
        found = answered({"workload.hourly_load": [1, 2, 3, 4, 5, 6] * 4}, gpu, serving=scaled).base_plans
        assert np.all(found["Hosted, by the hour"].hosting_cost <= found["Hosted, always on"].hosting_cost * (1 + 1e-9))
        assert found["Hosted, by the hour"].npv[0] >= found["Hosted, always on"].npv[0] - 1e-6


def test_doubt_of_a_part_is_drawn_and_turns_the_answer():
    doubt = {
        "gpu.mix.spot.price_per_gpu_hour": {"shape": "uniform", "low": 1.0, "high": 9.0},
        "gpu.mix.spot.share": {"shape": "uniform", "low": 0.1, "high": 0.4},
    }
    answer = answered({**doubt, "api_blended_per_mtok": 0.8, "draws": 500})
    assert 0 < answer.probability < 1
    assert {"gpu.mix.spot.price_per_gpu_hour", "gpu.mix.spot.share"} <= {bar.name for bar in swings(answer).bars}
    found = turn(answer, "gpu.mix.spot.price_per_gpu_hour")
    at = answered(
        {"api_blended_per_mtok": 0.8, "gpu.mix.spot.price_per_gpu_hour": found.value, "gpu.mix.spot.share": 0.25}
    )
    assert at.npv_savings == pytest.approx(0, abs=1)
    assert found.name == "GPU price (spot)"
    assert turn(answer, "gpu.mix.spot.share").searched == (0.0, pytest.approx(0.4))


def test_shares_drawn_above_one_together_are_cut_in_proportion():
    inputs = asked()
    drawn = {"gpu.hours_per_month": 730.0, "gpu.mix.3 years.share": 0.9, "gpu.mix.spot.share": 0.3}
    found = parts(inputs.gpu, lambda name, default=0.0: np.full((1, 1), drawn.get(name, default)))
    assert [part.share[0, 0] for part in found] == pytest.approx([0.0, 0.75, 0.25])


def test_the_map_of_doubt_knows_the_mix():
    step = 730 * HOURLY
    found = probability_map(asked(), volumes=[step * 0.99, step * 1.01], usable_shares=[1.0])
    assert found["probability"].tolist() == [0.0, 1.0]


PRICES = ("price_per_gpu_hour", "capex_per_gpu")


@FEW
@given(st.floats(0.2, 3), st.floats(0.1, 10))
def test_prices_times_any_factor_leave_intervals_of_a_mix_where_they_were(api, factor):
    gpu = mixed("owned", **{"3 years": 0.3, "spot": 0.3})
    one = asked({"api_blended_per_mtok": api, "fixed_cost_per_month": 400.0}, gpu)
    prices = {"api_blended_per_mtok": api * factor, "fixed_cost_per_month": 400.0 * factor}
    prices |= {
        f"{head}.{name}": getattr(way, name) * factor
        for head, way in one.gpu.purchases.items()
        for name in PRICES
        if getattr(way, name) is not None
    }
    found, scaled = self_host(one), self_host(override(one, prices))
    assert [low for low, _ in scaled.win_intervals] == pytest.approx([low for low, _ in found.win_intervals])
    assert scaled.npv_savings == pytest.approx(found.npv_savings * factor, rel=1e-6, abs=1e-6)
    assert scaled.crossover_month == found.crossover_month


@FEW
@given(st.floats(0, 0.8), st.floats(0, 0.8), st.floats(0, 1))
def test_a_larger_share_of_what_is_cheaper_never_costs_more(one, other, overhead):
    cheap = {"gpu.mix.spot.interruption_overhead": overhead}
    less, more = sorted([one, other])
    costs = [
        answered({**cheap, "gpu.mix.spot.share": share}, mixed(spot=0.1)).first_month.hosting_cost
        for share in (less, more)
    ]
    assert costs[1] <= costs[0] * (1 + 1e-12)  # 1.5 an hour and twice the hours are below 4.0


def test_a_mix_is_set_by_name_from_the_command_line():
    inputs = override(asked(), {"gpu.mix.spot.share": 0.4, 'gpu.mix."3 years".share': 0.5})
    assert [part.share for part in inputs.gpu.mix] == [0.5, 0.4]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"gpu.mix.spot.share": 0.5}, "gpu: mix: shares add up to 1.1, more than 1; what they leave is paid as said"),
        (
            {"gpu.mix.spot.share": {"shape": "uniform", "low": 0.1, "high": 0.5}},
            "gpu: mix: the 90th percentiles of the shares add up to 1.06, more than 1; narrow them",
        ),
        (
            {"gpu.mix.spot.commitment_discount": 0.2},
            "commitment_discount belongs to reserved GPUs, and purchase is spot",
        ),
        ({"gpu.mix.spot.price_per_gpu_hour": None}, "gpu.mix.spot: price_per_gpu_hour is needed when purchase is spot"),
        ({"gpu.mix.spot.share": 1.2}, "gpu.mix.spot.share must be less than or equal to 1, got 1.2"),
        ({"gpu.mix.spot.shares": 0.2}, "shares"),
        ({"gpu.mix.spot.name": "3 years"}, "the name stands twice"),
    ],
)
def test_what_makes_no_mix_is_refused_in_words(changes, words):
    with pytest.raises(InputError) as caught:
        asked(changes)
    assert words in str(caught.value)


def test_electricity_is_paid_by_the_part_that_names_its_price():
    gpu = mixed("owned", spot=0.5) | {"price_per_kwh": 0.2, "power_kw": 1.0}
    free = answered(gpu=gpu | {"price_per_kwh": 0.0}).to_frame()["hosting_cost"][0]
    assert answered(gpu=gpu).to_frame()["hosting_cost"][0] - free == pytest.approx(4 * 0.5 * 730 * 0.2)


def test_every_problem_of_a_mix_is_told_at_once():
    gpu = mixed(**{"3 years": 0.6, "spot": 0.6}) | {"licence_per_server_month": 10.0, "capex_per_gpu": 5.0}
    with pytest.raises(InputError) as caught:
        SelfHostInputs.build(PLAIN | {"gpu": gpu})
    for words in ("add up to 1.2", "needs gpus_per_server", "capex_per_gpu belongs to owned"):
        assert words in str(caught.value)


def test_a_mix_comes_from_a_file_of_inputs(tmp_path):
    path = tmp_path / "mix.toml"
    path.write_text(
        "api_blended_per_mtok = 1.0\nhorizon_months = 36\ndiscount_rate = 0.08\n"
        "[workload]\nmtok_per_month = 9_000\n"
        "shape = { input_tokens_per_request = 750, output_tokens_per_request = 250 }\n"
        "[serving]\nrequests_per_second = 1\ngpus_per_replica = 1\n"
        '[gpu]\npurchase = "on_demand"\nprice_per_gpu_hour = 4.0\n'
        '[[gpu.mix]]\nname = "3 years"\nshare = 0.6\npurchase = "reserved"\nprice_per_gpu_hour = 4.0\n'
        "commitment_discount = 0.6\n"
        '[[gpu.mix]]\nname = "spot"\nshare = 0.2\npurchase = "spot"\nprice_per_gpu_hour = 1.5\n'
        "interruption_overhead = 0.1\n"
    )
    answer = aiecon.ask("self_host", inputs=str(path))
    assert answer.cost_per_mtok == pytest.approx(4 * 730 * HOURLY / 9_000)
