"""Plans of self-hosting: by the hour and split, against loops over hours and every schedule there is."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import law

import aiecon
from aiecon.errors import InputError
from aiecon.models.self_host import SelfHostInputs, self_host
from aiecon.models.self_host.economics import Economics, at_base
from aiecon.models.self_host.plans import ALL_API, ALWAYS_ON, BY_THE_HOUR, SPLIT, Autoscaled, cheapest_split, plans
from aiecon.models.self_host.profile import LoadProfile
from aiecon.vocabulary.overrides import override

FEW = law(25)
OFFICE = [0.0] * 8 + [3.0] * 8 + [0.0] * 8
PLAIN = {
    "workload": {
        "mtok_per_month": 876.0,
        "hourly_load": OFFICE,
        "shape": {"input_tokens_per_request": 750, "output_tokens_per_request": 250},
    },
    "api_blended_per_mtok": 4.0,
    "serving": {
        "requests_per_second": 1.0,
        "gpus_per_replica": 1,
        "minimum_replicas": 0,
        "autoscaling": {"cold_start_minutes": 30},
    },
    "gpu": {"purchase": "on_demand", "price_per_gpu_hour": 2.0},
    "horizon_months": 12,
    "discount_rate": 0.08,
}  # a replica carries 2,628 Mtok a month at an even load, and costs 1,460


def asked(changes=(), **fields):
    return override(SelfHostInputs.build(PLAIN | fields), dict(changes))


def summary(inputs):
    return {metric.key: metric for metric in self_host(inputs).summary()}


hours = st.lists(st.just(0.0) | st.floats(0.01, 5), min_size=24, max_size=24).filter(lambda one: sum(one) > 1)
cases = st.fixed_dictionaries(
    {
        "workload.mtok_per_month": st.floats(1, 30_000),
        "workload.hourly_load": hours,
        "workload.monthly_growth": st.floats(-0.1, 0.1),
        "api_blended_per_mtok": st.floats(0.2, 6),
        "serving.minimum_replicas": st.integers(0, 3),
        "serving.gpus_per_replica": st.integers(1, 3),
        "serving.autoscaling.cold_start_minutes": st.floats(0, 60),
        "fixed_cost_per_month": st.sampled_from([0.0, 800.0]),
        "gpu.licence_per_gpu_month": st.sampled_from([0.0, 90.0]),
        "gpu.gpus_per_server": st.sampled_from([None, 2, 8]),
    }
)


# By the hour.


def test_a_replica_is_paid_in_the_hours_that_need_it_and_while_it_starts():
    assert summary(asked())["autoscaled_cost_per_month"].value == pytest.approx(1_460 * (8 + 0.5) / 24)
    assert self_host(asked()).replicas == 1  # the contract's fleet stays always on
    kept = asked({"serving.autoscaling.minimum_replicas": 1})
    assert summary(kept)["autoscaled_cost_per_month"].value == pytest.approx(1_460)


@FEW
@given(st.lists(st.integers(0, 2), min_size=5, max_size=5).filter(any), st.floats(0, 60))
def test_no_schedule_of_replicas_is_cheaper(needs, minutes):
    load = np.array(needs, dtype=float)
    peak = load.max() / load.mean()
    volume = 2_628.0 * load.mean()  # one replica carries a load of 1
    inputs = asked(
        {
            "workload.mtok_per_month": volume,
            "workload.peak_to_mean": peak,
            "serving.autoscaling.cold_start_minutes": minutes,
            "horizon_months": 1,
        }
    )
    found = Autoscaled(inputs, at_base(inputs), LoadProfile(load / load.mean(), 1)).running_cost[0, 0]
    schedules = [one for one in product(range(3), repeat=5) if all(np.array(one) >= needs)]
    paid = [sum(one) + minutes / 60 * np.maximum(np.array(one) - np.roll(one, 1), 0).sum() for one in schedules]
    assert found == pytest.approx(1_460 / 5 * min(paid))


@FEW
@given(cases)
def test_by_the_hour_is_what_loops_over_hours_say_and_never_dearer_than_always_on(changes):
    inputs = asked(changes)
    answer = self_host(inputs)
    hourly = answer.base_plans[BY_THE_HOUR]
    load, rate = np.array(inputs.workload.hourly_load), 1_460.0
    size, per_replica = inputs.gpu.gpus_per_server or 1, inputs.serving.gpus_per_replica
    for month, volume in enumerate(answer.case.mtok[0]):
        needs = [
            max(np.ceil(volume / 2_628 * one / load.mean() * (1 - 1e-9)), inputs.serving.minimum_replicas)
            for one in load
        ]
        gpus = np.array([np.ceil(one * per_replica / size * (1 - 1e-9)) * size for one in needs])
        starts = np.maximum(gpus - np.roll(gpus, 1), 0).sum()
        minutes = inputs.serving.autoscaling.cold_start_minutes
        cost = rate / 24 * (gpus.sum() + starts * minutes / 60)
        cost += gpus.max() * inputs.gpu.licence_per_gpu_month + inputs.fixed_cost_per_month
        assert hourly.running_cost[0, month] == pytest.approx(cost)
    assert (hourly.running_cost <= answer.case.running_cost * (1 + 1e-12)).all()
    assert hourly.npv[0] >= answer.npv_savings - 1e-6


def test_an_even_load_gains_nothing_by_the_hour():
    even = asked({"workload.hourly_load": [1.0] * 168, "workload.mtok_per_month": 5_000.0})
    answer = self_host(even)
    assert answer.base_plans[BY_THE_HOUR].running_cost[0, 0] == pytest.approx(answer.case.running_cost[0, 0])
    assert answer.cheapest_plan == BY_THE_HOUR  # the same cost, and less is committed


@pytest.mark.parametrize(
    ("gpu", "has"),
    [
        ({"purchase": "spot", "price_per_gpu_hour": 2.0}, True),
        ({"purchase": "reserved", "price_per_gpu_hour": 2.0}, False),
        ({"purchase": "owned", "capex_per_gpu": 30_000.0, "life_months": 48}, False),
    ],
)
def test_only_gpus_rented_by_the_hour_are_switched(gpu, has):
    found = summary(asked(gpu=gpu))["autoscaled_cost_per_month"]
    assert (found.value is not None) == has
    assert has or "not rented by the hour" in found.note


# Split.


def served_by_loop(load, replicas, volume):
    """Tokens that replicas serve in a month, an hour at a time. [Mtok]"""
    hourly = volume / len(load) * np.array(load) / np.mean(load)
    return sum(min(one, replicas * 2_628 / len(load)) for one in hourly)


@FEW
@given(cases)
def test_the_split_is_the_cheapest_of_every_number_of_replicas(changes):
    inputs = asked(changes)
    answer = self_host(inputs)
    split, price = answer.base_plans[SPLIT], inputs.api_blended_per_mtok
    for month in (0, 11):
        volume = answer.case.mtok[0, month]
        fewest = max(inputs.serving.minimum_replicas, 1)
        costs = {0: volume * price}
        for count in range(fewest, max(answer.case.needed.max().astype(int), fewest) + 1):
            hosted = float(answer.case.hosting(np.array([[float(count)]]))[0, 0])
            costs[count] = hosted + (volume - served_by_loop(inputs.workload.hourly_load, count, volume)) * price
        assert split.hosting_cost[0, month] == pytest.approx(min(costs.values()))
        assert costs[int(split.kept[0, month])] == pytest.approx(min(costs.values()))
        share = 1 - split.bought_share[0, month]
        kept = int(split.kept[0, month])
        assert share == pytest.approx(served_by_loop(inputs.workload.hourly_load, kept, volume) / volume)
    assert (split.hosting_cost <= np.minimum(answer.case.hosting_cost, answer.case.api_cost) * (1 + 1e-9)).all()


def test_a_base_is_kept_and_the_peak_bought():
    load = [1.0] * 22 + [7.0] * 2  # mean 1.5
    inputs = asked(
        {
            "workload.hourly_load": load,
            "workload.mtok_per_month": 1.5 * 2_628,
            "api_blended_per_mtok": 2.0,
            "serving.autoscaling": None,
        }
    )
    found = summary(inputs)
    assert found["split_replicas"].value == 1
    assert found["split_hosted_share"].value == pytest.approx(24 / 36)
    assert found["split_cost_per_month"].value == pytest.approx(1_460 + 2.0 * 0.5 * 2_628)
    assert found["cheapest_plan"].value == SPLIT
    assert self_host(inputs).replicas == 7


@FEW
@given(cases, st.floats(1.0, 4.0))
def test_a_dearer_api_never_keeps_fewer_and_doubling_all_prices_changes_nothing(changes, factor):
    def kept(more):
        inputs = asked(changes | more)
        case = Economics(inputs, at_base(inputs))
        return cheapest_split(case, LoadProfile(np.array(changes["workload.hourly_load"]) + 0.01, 1)).kept

    price = changes["api_blended_per_mtok"]
    assert (kept({"api_blended_per_mtok": price * factor}) >= kept({})).all()
    doubled = {
        "api_blended_per_mtok": 2 * price,
        "gpu.price_per_gpu_hour": 4.0,
        "fixed_cost_per_month": 2 * changes["fixed_cost_per_month"],
        "gpu.licence_per_gpu_month": 2 * changes["gpu.licence_per_gpu_month"],
    }
    np.testing.assert_array_equal(kept(doubled), kept({}))


def test_a_free_api_keeps_nothing_and_moves_nothing():
    inputs = asked({"api_blended_per_mtok": 0.0, "migration_cost": 5_000.0, "fixed_cost_per_month": 100.0})
    split = self_host(inputs).base_plans[SPLIT]
    assert not split.kept.any()
    assert split.npv[0] == 0
    assert self_host(inputs).cheapest_plan == ALL_API


def test_owned_replicas_stay_once_bought():
    gpu = {"purchase": "owned", "capex_per_gpu": 20_000.0, "life_months": 48}
    shrinking = asked({"workload.monthly_growth": -0.2, "workload.mtok_per_month": 9_000.0}, gpu=gpu)
    kept = self_host(shrinking).base_plans[SPLIT].kept[0]
    assert (kept == kept[0]).all()
    assert kept[0] > 0


def test_peaks_inside_an_hour_take_replicas_of_their_own():
    inputs = asked({"workload.peak_to_mean": 6.0, "workload.mtok_per_month": 2_628.0})
    answer = self_host(inputs)
    assert answer.replicas == answer.base_plans[BY_THE_HOUR].needed[0, 0] == 6
    assert answer.notes == []
    low = self_host(asked({"workload.peak_to_mean": 1.5, "workload.mtok_per_month": 2_628.0}))
    assert low.notes == [
        "The busiest hour is 3 times the mean one, above peak_to_mean (1.5); by the hour and split are sized for it"
    ]
    assert low.base_plans[BY_THE_HOUR].needed[0, 0] == 3


def test_draws_are_those_of_asking_again():
    inputs = asked(
        {
            "api_blended_per_mtok": {"shape": "uniform", "low": 0.5, "high": 3.0},
            "workload.mtok_per_month": {"shape": "uniform", "low": 500.0, "high": 9_000.0},
            "migration_cost": 900.0,
            "draws": 100,
        }
    )
    answer = self_host(inputs)
    for plan in answer.plans:
        for one in (0, 7, 99):
            names = ("api_blended_per_mtok", "workload.mtok_per_month")
            changes = {name: float(answer.cases.figures[name][one]) for name in names}
            again = self_host(override(inputs, changes)).base_plans[plan.name]
            assert plan.cases.npv[one] == pytest.approx(again.npv[0])
            assert plan.cases.hosting_cost[one, 0] == pytest.approx(again.hosting_cost[0, 0])
        assert plan.cost_range[0] <= plan.cost_range[1]
        assert plan.savings_range[0] <= plan.savings_range[1]
        assert 0 <= plan.probability <= 1


# Where the load is not known, and files.


def test_without_hours_only_all_or_nothing_is_compared():
    answer = self_host(asked({"workload.hourly_load": None}))
    assert list(answer.base_plans) == [ALL_API, ALWAYS_ON]
    found = {metric.key: metric for metric in answer.summary()}
    assert found["split_replicas"].value is None
    assert found["split_replicas"].note == "the load over time is not given: workload.hourly_load or workload.file"


def test_a_file_is_replayed_by_the_minute(tmp_path):
    path = tmp_path / "requests.csv"
    minutes = np.arange(125)
    counts = np.where(minutes < 60, 30, np.where(minutes < 120, 90, 10))
    rows = [
        f"2026-03-01T{10 + m // 60}:{m % 60:02d}:00Z,750,250,{count}" for m, count in zip(minutes, counts, strict=True)
    ]
    path.write_text("timestamp,input_tokens,output_tokens,requests\n" + "\n".join(rows) + "\n")
    inputs = aiecon.resolve(asked({"workload.hourly_load": None, "workload.file": str(path)}))
    answer = self_host(override(inputs, {"workload.mtok_per_month": float(counts.mean() / 60 * 2_628)}))
    np.testing.assert_allclose(answer.load.hours * counts.mean(), [30, 90, 10])
    assert answer.replicas == answer.base_plans[BY_THE_HOUR].needed[0, 0] == 2
    level = answer.base_plans[SPLIT].share_bought(np.ones((1, 12)))[0, 0]
    assert level == pytest.approx(60 * 30 / counts.sum())  # above 60 a minute in one hour


def test_plans_of_no_volume_cost_what_the_minimum_costs():
    answer = self_host(asked({"workload.mtok_per_month": 0.0, "serving.minimum_replicas": 1}))
    found = plans(answer.case, answer.load)
    assert [one.hosting_cost[0, 0] for one in found.values()] == pytest.approx([0, 1_460, 0, 1_460])


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"workload.hourly_load": [1.0] * 23}, "hourly_load must have 24 values (a day) or 168 (a week), got 23"),
        ({"workload.hourly_load": [0.0] * 24}, "hourly_load must be numbers of zero or more, one of them above zero"),
        ({"workload.hourly_load": [-1.0] + [1.0] * 23}, "hourly_load must be numbers of zero or more"),
        ({"serving.autoscaling.cold_start_minutes": 61}, "cold_start_minutes must be less than or equal to 60, got 61"),
    ],
)
def test_bad_input_is_said(changes, words):
    with pytest.raises(InputError) as caught:
        asked(changes)
    assert words in caught.value.problems[0]


def test_a_split_that_keeps_no_replica_is_the_api_and_commits_to_less():
    answer = aiecon.ask("self_host", changes={"workload.mtok_per_month": 5_000.0})
    found = {metric.key: metric.value for metric in answer.summary()}
    assert found["split_replicas"] == found["split_hosted_share"] == 0
    assert answer.cheapest_plan == ALL_API


@pytest.mark.parametrize(("gpus", "size"), [(3, 8), (2, 3), (4, 6), (1, 8), (5, 2)])
def test_servers_that_replicas_do_not_fill_evenly_are_filled_as_well_as_can_be(gpus, size):
    changes = {"serving.gpus_per_replica": gpus, "gpu.gpus_per_server": size, "gpu.server_cost_per_month": 700.0}
    answer = self_host(asked(changes | {"workload.mtok_per_month": 20_000.0, "api_blended_per_mtok": 2.0}))
    split = answer.base_plans[SPLIT]
    tried = [split.cost(np.full_like(split.kept, count)) for count in range(40)]
    assert split.hosting_cost == pytest.approx(np.min(tried, axis=0))
    assert split.kept.max() < 39


def test_a_split_of_many_replicas_does_not_depend_on_the_months_that_come():
    fields = {"workload": PLAIN["workload"] | {"mtok_per_month": 20_000.0, "monthly_growth": 0.2}}
    short, long = (self_host(asked(**fields, horizon_months=months)) for months in (1, 36))
    assert long.base_plans[SPLIT].kept.max() > 400
    assert long.base_plans[SPLIT].kept[0, 0] == short.base_plans[SPLIT].kept[0, 0]


# The GPUs paid otherwise, and regret.


OPTIONS = [
    {"name": "owned", "purchase": "owned", "capex_per_gpu": 30_000.0, "life_months": 36, "residual_share": 0.1},
    {
        "name": "mix",
        "purchase": "on_demand",
        "price_per_gpu_hour": 2.0,
        "mix": [
            {
                "name": "3 years",
                "share": 0.5,
                "purchase": "reserved",
                "price_per_gpu_hour": 2.0,
                "commitment_discount": 0.5,
            }
        ],
    },
]
DOUBT = {"shape": "lognormal", "p10": 0.5, "p90": 4.0}


def of_option(answer, name):
    return next(one for one in answer.choices if one.name.split(": ")[-1].removesuffix(", by the hour") == name)


def test_an_option_is_the_question_asked_with_its_gpu_run_as_it_saves_most():
    for volume in (400.0, 4_000.0, 40_000.0):
        inputs = asked({"gpu.options": OPTIONS, "workload.mtok_per_month": volume})
        answer = self_host(inputs)
        for option in OPTIONS:
            gpu = {key: value for key, value in option.items() if key != "name"}
            alone = self_host(override(inputs, {"gpu": gpu}))
            hosted = [plan for plan in alone.plans if plan.case.needed.any()]
            best = max(hosted, key=lambda plan: plan.savings)
            assert of_option(answer, option["name"]).savings == pytest.approx(best.savings)
            assert of_option(answer, option["name"]).cost == pytest.approx(best.cost)
    assert [choice.name for choice in self_host(inputs).plans] == [ALL_API, BY_THE_HOUR, SPLIT, ALWAYS_ON]


def test_the_cheapest_plan_may_be_an_option():
    cheap = OPTIONS[0] | {"capex_per_gpu": 1_000.0}
    answer = self_host(asked({"gpu.options": [cheap], "workload.mtok_per_month": 4_000.0}))
    assert answer.cheapest_plan == "Hosted: owned"
    assert answer.cheapest_own_plan in (BY_THE_HOUR, SPLIT, ALWAYS_ON)


def test_regret_is_the_mean_gap_to_the_best_of_each_draw():
    inputs = asked({"gpu.options": OPTIONS, "api_blended_per_mtok": DOUBT, "draws": 300})
    answer = self_host(inputs)
    saved = np.array([choice.cases.npv for choice in answer.choices])
    loops = [np.mean([max(saved[:, draw]) - saved[place, draw] for draw in range(300)]) for place in range(len(saved))]
    assert answer.regrets["expected_regret"].tolist() == pytest.approx(loops)
    assert answer.regrets["best_share"].sum() == pytest.approx(1)
    assert summary(inputs)["expected_regret"].value[ALL_API] == pytest.approx(loops[0])
    assert (answer.regrets["expected_regret"] >= 0).all()


def test_with_two_choices_regret_is_what_regret_if_wrong_says():
    inputs = override(asked({"api_blended_per_mtok": DOUBT}), {"workload.hourly_load": None})
    answer = self_host(inputs)
    regret = dict(zip(answer.regrets["choice"], answer.regrets["expected_regret"], strict=True))
    assert regret[ALWAYS_ON if answer.recommended == "self-host" else ALL_API] == pytest.approx(answer.regret)


def test_a_split_that_keeps_nothing_is_the_api_and_ties_go_to_it():
    dear = self_host(asked({"gpu.price_per_gpu_hour": {"shape": "uniform", "low": 50.0, "high": 90.0}, "draws": 100}))
    assert dear.regrets["best_share"].tolist() == [1.0, 0.0, 0.0, 0.0]


def test_without_doubt_the_cheapest_choice_has_no_regret():
    answer = self_host(asked({"gpu.options": OPTIONS}))
    assert answer.regrets["expected_regret"].min() == 0
    assert answer.regrets.loc[answer.regrets["expected_regret"].idxmin(), "choice"] == answer.cheapest_plan


def test_doubt_about_an_option_is_drawn_and_leaves_the_rest_as_it_was():
    doubted = [OPTIONS[0] | {"capex_per_gpu": {"shape": "uniform", "low": 100.0, "high": 900_000.0}}]
    inputs = asked({"gpu.options": doubted, "workload.mtok_per_month": 4_000.0, "draws": 200})
    answer = self_host(inputs)
    assert answer.probability in (0.0, 1.0)
    owned = of_option(answer, "owned")
    assert 0 < owned.probability < 1


def test_two_options_of_one_name_are_refused():
    with pytest.raises(InputError, match="the name stands twice"):
        asked({"gpu.options": [OPTIONS[0], OPTIONS[0]]})
