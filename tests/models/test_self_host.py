"""The self-host question: the contract's definitions one by one, exact intervals, draws, laws and messages."""

import math
from contextlib import suppress
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import LAW, law

import aiecon
from aiecon.errors import InputError
from aiecon.models.self_host import SelfHostInputs, probability_map, self_host, win_intervals
from aiecon.models.self_host.economics import drawn
from aiecon.models.self_host.question import MOST_REPLICAS
from aiecon.models.self_host.turns import turn
from aiecon.vocabulary.distribution import draw
from aiecon.vocabulary.overrides import override

FEW = law(25)
RENTED = {"purchase": "on_demand", "price_per_gpu_hour": 2.0}
OWNED = {"purchase": "owned", "capex_per_gpu": 30_000.0, "life_months": 48, "residual_share": 0.1}
SHAPE = {"input_tokens_per_request": 750, "output_tokens_per_request": 250}
PLAIN = {
    "workload": {"mtok_per_month": 1_000.0, "shape": SHAPE},
    "api_blended_per_mtok": 4.0,
    "serving": {"requests_per_second": 1.0, "gpus_per_replica": 1},
    "gpu": RENTED,
    "horizon_months": 12,
    "discount_rate": 0.08,
}
PRICE = {"provider": "p", "model": "m", "input_per_mtok": 2.0, "output_per_mtok": 8.0}
CARRIED = 730 * 3_600 * 1_000 / 1e6  # Mtok a month of one replica of PLAIN


def asked(changes=(), **fields):
    return override(SelfHostInputs.build(PLAIN | fields), dict(changes))


def answered(changes=(), **fields):
    return self_host(asked(changes, **fields))


def summary(answer):
    return {metric.key: metric.value for metric in answer.summary()}


def notes(answer):
    return {metric.key: metric.note for metric in answer.summary()}


def first_month(answer):
    return answer.to_frame().iloc[0]


# The contract in plain loops, a month and a GPU at a time.


class ByHand(NamedTuple):
    replicas: list
    hosting: list
    running: list
    api: list
    npv: float
    payback: float | None


def up(quotient):
    return math.ceil(quotient - 1e-9 * quotient)


class Plain:
    """A question's figures as plain numbers, and what the contract says of them."""

    def __init__(self, inputs):
        self.i, self.gpu, self.serving = inputs, inputs.gpu, inputs.serving
        self.shape, self.load = inputs.workload.shape, inputs.workload

    def seconds(self):
        if self.serving.requests_per_second is not None:
            return 1 / self.serving.requests_per_second
        uncached = self.shape.input_tokens_per_request * (1 - self.shape.cached_input_share)
        read = (uncached + self.other()) / self.serving.input_tokens_per_second
        return read + self.shape.output_tokens_per_request / self.serving.output_tokens_per_second

    def other(self):
        return sum((self.shape.other_input_tokens or {}).values())

    def tokens(self):
        return self.shape.input_tokens_per_request + self.other() + self.shape.output_tokens_per_request

    def carried(self):
        offered = self.serving.usable_share * self.gpu.hours_per_month * 3_600
        return offered / self.seconds() * self.tokens() / 1e6 / self.load.peak_to_mean

    def replicas(self, mtok):
        busy = mtok * 1e6 / self.tokens() * self.seconds() * self.load.peak_to_mean
        offered = self.serving.usable_share * self.gpu.hours_per_month * 3_600
        return max(self.serving.minimum_replicas, up(busy / offered))

    def paid_gpus(self, replicas):
        gpus, size = replicas * self.serving.gpus_per_replica, self.gpu.gpus_per_server
        return (gpus, 0) if size is None else (up(gpus / size) * size, up(gpus / size))

    def running(self, replicas):
        gpus, servers = self.paid_gpus(replicas)
        gpu, hours = self.gpu, self.gpu.hours_per_month
        hour = gpu.price_per_gpu_hour or 0.0
        hour *= 1 - gpu.commitment_discount
        hour *= 1 + gpu.interruption_overhead
        cost = gpus * hours * hour + gpus * gpu.power_kw * gpu.pue * hours * gpu.price_per_kwh
        cost += gpus * gpu.licence_per_gpu_month
        cost += servers * (gpu.server_cost_per_month + gpu.licence_per_server_month)
        return cost + self.i.fixed_cost_per_month

    def annuity(self):
        gpu = self.gpu
        if gpu.purchase != "owned":
            return 0.0
        r, life = (1 + self.i.discount_rate) ** (1 / 12) - 1, gpu.life_months
        residual = gpu.capex_per_gpu * gpu.residual_share
        if r == 0:
            return (gpu.capex_per_gpu - residual) / life
        factor = r * (1 + r) ** life / ((1 + r) ** life - 1)
        return (gpu.capex_per_gpu - residual * (1 + r) ** -life) * factor

    def hosting(self, replicas):
        return self.running(replicas) + self.paid_gpus(replicas)[0] * self.annuity()

    def api_per_mtok(self):
        api, shape = self.i.api, self.shape
        if api is None:
            return self.i.api_blended_per_mtok
        cached = shape.input_tokens_per_request * shape.cached_input_share
        cost = (shape.input_tokens_per_request + self.other() - cached) * api.input_per_mtok + cached * (
            api.input_per_mtok if api.cached_input_per_mtok is None else api.cached_input_per_mtok
        )
        return (cost + shape.output_tokens_per_request * api.output_per_mtok) / self.tokens()

    def by_month(self):
        months, rate = self.i.horizon_months, self.i.discount_rate
        volumes = [self.load.mtok_per_month * (1 + self.load.monthly_growth) ** (m - 1) for m in range(1, months + 1)]
        replicas = [self.replicas(volume) for volume in volumes]
        if self.gpu.purchase == "owned":
            replicas = [max(replicas[: m + 1]) for m in range(months)]
        price = [
            self.api_per_mtok() * (1 - self.i.api_price_decline_per_year) ** ((m - 1) / 12)
            for m in range(1, months + 1)
        ]
        api = [volume * one for volume, one in zip(volumes, price, strict=True)]
        running = [self.running(count) for count in replicas]
        npv = -self.i.migration_cost
        for m in range(1, months + 1):
            npv += (api[m - 1] - running[m - 1]) / (1 + rate) ** (m / 12)
        spent = [0.0] * months
        if self.gpu.purchase == "owned":
            npv += self.capital(replicas, spent)
        payback = self.payback(spent, [a - b for a, b in zip(api, running, strict=True)])
        return ByHand(replicas, [self.hosting(count) for count in replicas], running, api, npv, payback)

    def capital(self, replicas, spent):
        months, rate, gpu = self.i.horizon_months, self.i.discount_rate, self.gpu
        owned, value = 0, 0.0
        for month, count in enumerate(replicas):
            new = self.paid_gpus(count)[0] - owned
            owned += new
            at = float(month)
            while new and at < months - 1e-9:
                end = min(at + gpu.life_months, months)
                share = 1 - (1 - gpu.residual_share) * (end - at) / gpu.life_months
                value -= new * gpu.capex_per_gpu / (1 + rate) ** (at / 12)
                value += new * gpu.capex_per_gpu * share / (1 + rate) ** (end / 12)
                spent[min(math.ceil(at), months - 1)] += new * gpu.capex_per_gpu
                at += gpu.life_months
        return value

    def payback(self, spent, flows):
        start = -spent[0] - self.i.migration_cost
        running, sunk = start, start < 0
        if not sunk and flows[0] > 0:
            return 0.0
        for month, flow in enumerate(flows):
            running -= spent[month] if month else 0.0
            sunk = sunk or running < 0
            if sunk and running + flow >= 0:
                return month + -running / flow
            running += flow
            sunk = sunk or running < 0
        return None if sunk else 0.0


purchases = st.one_of(
    st.fixed_dictionaries({"purchase": st.just("on_demand"), "price_per_gpu_hour": st.floats(0.1, 6)}),
    st.fixed_dictionaries(
        {
            "purchase": st.just("reserved"),
            "price_per_gpu_hour": st.floats(0.1, 6),
            "commitment_discount": st.floats(0, 0.7),
        }
    ),
    st.fixed_dictionaries(
        {
            "purchase": st.just("spot"),
            "price_per_gpu_hour": st.floats(0.1, 6),
            "interruption_overhead": st.floats(0, 0.4),
        }
    ),
    st.fixed_dictionaries(
        {
            "purchase": st.just("owned"),
            "capex_per_gpu": st.floats(0, 40_000),
            "life_months": st.one_of(st.integers(3, 60), st.floats(3, 60)),
            "residual_share": st.floats(0, 0.5),
        }
    ),
)
extras = st.fixed_dictionaries(
    {
        "power_kw": st.floats(0, 1.5),
        "pue": st.floats(1, 2),
        "price_per_kwh": st.floats(0, 0.4),
        "licence_per_gpu_month": st.floats(0, 400),
        "hours_per_month": st.sampled_from([160.0, 730.0]),
    }
)
of_servers = st.one_of(
    st.just({}),
    st.fixed_dictionaries(
        {
            "gpus_per_server": st.integers(1, 8),
            "server_cost_per_month": st.floats(0, 900),
            "licence_per_server_month": st.floats(0, 900),
        }
    ),
)
throughputs = st.one_of(
    st.fixed_dictionaries({"requests_per_second": st.floats(0.2, 5)}),
    st.fixed_dictionaries(
        {"input_tokens_per_second": st.floats(500, 9_000), "output_tokens_per_second": st.floats(100, 3_000)}
    ),
)
servings = st.builds(
    lambda throughput, more: throughput | more,
    throughputs,
    st.fixed_dictionaries(
        {
            "gpus_per_replica": st.integers(1, 4),
            "usable_share": st.floats(0.2, 1),
            "minimum_replicas": st.integers(0, 4),
        }
    ),
)
workloads = st.fixed_dictionaries(
    {
        "mtok_per_month": st.floats(0, 20_000),
        "peak_to_mean": st.floats(1, 5),
        "monthly_growth": st.floats(-0.1, 0.2),
        "shape": st.fixed_dictionaries(
            {
                "input_tokens_per_request": st.floats(0, 4_000),
                "output_tokens_per_request": st.floats(1, 900),
                "cached_input_share": st.floats(0, 1),
                "other_input_tokens": st.sampled_from([None, {"audio": 500.0}, {"audio": 500.0, "image": 85.0}]),
            }
        ),
    }
)
prices = st.one_of(
    st.fixed_dictionaries({"api_blended_per_mtok": st.floats(0.1, 20)}),
    st.fixed_dictionaries({"api": st.sampled_from([PRICE, PRICE | {"cached_input_per_mtok": 0.2}])}),
)
questions = st.builds(
    lambda gpu, more, server, price, fields: SelfHostInputs.build(fields | price | {"gpu": gpu | more | server}),
    purchases,
    extras,
    of_servers,
    prices,
    st.fixed_dictionaries(
        {
            "workload": workloads,
            "serving": servings,
            "api_price_decline_per_year": st.floats(0, 0.9),
            "fixed_cost_per_month": st.sampled_from([0.0, 0.0, 700.0, 30_000.0]),
            "migration_cost": st.sampled_from([0.0, 0.0, 25_000.0]),
            "horizon_months": st.integers(1, 40),
            "discount_rate": st.one_of(st.just(0.0), st.floats(-0.02, 0.3)),
        }
    ),
).filter(lambda inputs: max(Plain(inputs).by_month().replicas) <= MOST_REPLICAS)  # more are refused


@law(150)
@given(questions)
def test_every_month_is_what_the_contract_says_in_plain_loops(inputs):
    answer, plain = self_host(inputs), Plain(inputs).by_month()
    frame = answer.to_frame()
    assert list(frame["replicas"]) == plain.replicas
    np.testing.assert_allclose(frame["hosting_cost"], plain.hosting, rtol=1e-9, atol=1e-6)
    np.testing.assert_allclose(frame["running_cost"], plain.running, rtol=1e-9, atol=1e-6)
    np.testing.assert_allclose(frame["api_cost"], plain.api, rtol=1e-9, atol=1e-9)
    scale = sum(plain.api) + sum(plain.running) + frame["capex"].sum() + 1
    assert answer.npv_savings == pytest.approx(plain.npv, abs=1e-9 * scale)
    month = next((m + 1 for m, cost in enumerate(plain.hosting) if cost < plain.api[m]), None)
    assert answer.crossover_month == month
    if plain.payback is None:
        assert answer.payback_months is None
    else:
        assert answer.payback_months == pytest.approx(plain.payback, abs=1e-6)
    assert answer.probability == float(answer.npv_savings > 0)
    assert answer.regret == 0


# Capacity.


def test_gpu_seconds_of_a_request_count_uncached_input_and_output_apart():
    answer = answered(
        {"workload.shape.cached_input_share": 0.4},
        serving={"input_tokens_per_second": 900, "output_tokens_per_second": 100, "gpus_per_replica": 1},
    )
    assert answer.case.seconds_per_request[0, 0] == pytest.approx(750 * 0.6 / 900 + 250 / 100)
    assert answer.case.mtok_per_replica[0, 0] == pytest.approx(730 * 3_600 / 3.0 * 1_000 / 1e6)


def test_other_inputs_are_read_and_paid_on_top_of_the_input():
    rates = {"input_tokens_per_second": 900, "output_tokens_per_second": 100, "gpus_per_replica": 1}
    audio = {"workload.shape.other_input_tokens": {"audio": 500.0, "image": 100.0}}
    answer = answered({"workload.shape.cached_input_share": 0.4, "api": PRICE} | audio, serving=rates)
    assert answer.case.seconds_per_request[0, 0] == pytest.approx((750 * 0.6 + 600) / 900 + 250 / 100)
    assert answer.case.tokens_per_request[0, 0] == 1_600
    assert answer.api_per_mtok == pytest.approx((1_350 * 2 + 250 * 8) / 1_600)
    assert answer.api_per_mtok * 1_600 / 1e6 == pytest.approx(answer.inputs.workload.shape.cost(answer.inputs.api))
    long = PRICE | {"long_context": {"from_tokens": 1_350, "input_per_mtok": 4.0, "output_per_mtok": 12.0}}
    assert answered({"api": long} | audio, serving=rates).api_per_mtok == pytest.approx((1_350 * 4 + 250 * 12) / 1_600)


@LAW
@given(questions, st.floats(1, 3_000))
def test_at_the_same_requests_more_other_input_never_takes_fewer_replicas_or_costs_less(inputs, more):
    shape = inputs.workload.shape
    tokens = shape.input_tokens_per_request + shape.output_tokens_per_request
    one = override(inputs, {"workload.shape.other_input_tokens": None})
    other = override(
        inputs,
        {
            "workload.shape.other_input_tokens": {"audio": more},
            "workload.mtok_per_month": inputs.workload.mtok_per_month * (tokens + more) / tokens,
        },
    )
    few, many = self_host(one), self_host(other)
    assert (many.case.needed >= few.case.needed - 1e-9).all()
    assert (many.case.api_cost >= few.case.api_cost * (1 - 1e-9)).all()


@pytest.mark.parametrize(
    ("changes", "replicas"),
    [
        ({"workload.mtok_per_month": CARRIED}, 1),
        ({"workload.mtok_per_month": CARRIED * (1 + 0.5e-9)}, 1),  # rounding up forgives 1e-9
        ({"workload.mtok_per_month": CARRIED * (1 + 2e-9)}, 2),
        ({"workload.mtok_per_month": 7 * CARRIED * (1 + 0.5e-9)}, 7),
        ({"workload.mtok_per_month": 7 * CARRIED * (1 + 2e-9)}, 8),
        ({"workload.mtok_per_month": CARRIED, "workload.peak_to_mean": 3.2}, 4),
        ({"workload.mtok_per_month": CARRIED, "serving.usable_share": 0.5}, 2),
        ({"workload.mtok_per_month": CARRIED, "gpu.hours_per_month": 365}, 2),
        ({"workload.mtok_per_month": CARRIED, "serving.minimum_replicas": 5}, 5),
        ({"workload.mtok_per_month": 0}, 1),
        ({"workload.mtok_per_month": 0, "serving.minimum_replicas": 0}, 0),
    ],
)
def test_replicas_carry_the_peak_and_are_the_minimum_at_least(changes, replicas):
    assert answered(changes).replicas == replicas


def test_nothing_served_has_no_cost_per_token_and_says_so():
    answer = answered({"workload.mtok_per_month": 0, "serving.minimum_replicas": 0})
    assert summary(answer)["cost_per_mtok_self_hosted"] is None
    assert notes(answer)["cost_per_mtok_self_hosted"] == "nothing is served in the first month"


# Cost.


@pytest.mark.parametrize(
    ("gpu", "hour"),
    [
        (RENTED, 2.0),
        ({"purchase": "reserved", "price_per_gpu_hour": 2.0, "commitment_discount": 0.3}, 1.4),
        ({"purchase": "spot", "price_per_gpu_hour": 2.0, "interruption_overhead": 0.15}, 2.3),
    ],
)
def test_a_gpu_hour(gpu, hour):
    assert first_month(answered(gpu=gpu))["hosting_cost"] == pytest.approx(730 * hour)


def test_every_cost_per_gpu_counts_the_gpus_of_whole_servers():
    gpu = RENTED | {
        "gpus_per_server": 8,
        "server_cost_per_month": 100.0,
        "licence_per_server_month": 50.0,
        "licence_per_gpu_month": 10.0,
        "power_kw": 0.7,
        "pue": 1.3,
        "price_per_kwh": 0.2,
    }
    answer = answered({"serving.gpus_per_replica": 3, "serving.minimum_replicas": 3}, gpu=gpu)
    month = first_month(answer)
    assert month["gpus"] == 16  # nine are needed
    assert month["hosting_cost"] == pytest.approx(16 * (730 * 2 + 10 + 0.7 * 1.3 * 730 * 0.2) + 2 * 150)
    assert answer.kwh_per_mtok == pytest.approx(16 * 0.7 * 1.3 * 730 / 1_000)
    assert answer.kg_co2e_per_mtok is None
    with_carbon = answered({"gpu.kg_co2e_per_kwh": 0.4}, gpu=gpu)
    assert with_carbon.kg_co2e_per_mtok == pytest.approx(0.4 * with_carbon.kwh_per_mtok)


def test_whole_servers_of_owned_gpus_are_bought():
    answer = answered(gpu=OWNED | {"gpus_per_server": 8})
    assert first_month(answer)["capex"] == 8 * 30_000
    assert answer.upfront == 8 * 30_000


def test_owned_gpus_are_bought_in_the_month_that_needs_them_kept_and_replaced():
    shrinking = asked(
        {"workload.monthly_growth": 0.5, "workload.mtok_per_month": CARRIED * 0.9, "horizon_months": 8},
        gpu=OWNED | {"life_months": 4},
    )
    frame = self_host(shrinking).to_frame()
    needed = [1, 2, 3, 4, 5, 7, 11, 16]
    assert list(frame["replicas"]) == needed
    new = np.diff(needed, prepend=0)
    assert list(frame["capex"]) == list(30_000.0 * (new + np.concatenate([np.zeros(4), new[:4]])))
    kept = self_host(
        override(shrinking, {"workload.monthly_growth": -0.5, "workload.mtok_per_month": 3_000})
    ).to_frame()
    assert list(kept["replicas"]) == [2] * 8
    rented = answered({"workload.monthly_growth": -0.5, "workload.mtok_per_month": 3_000}).to_frame()
    assert list(rented["replicas"][:3]) == [2, 1, 1]


@pytest.mark.parametrize("rate", [0.0, 0.08])
def test_a_gpu_has_its_residual_at_its_own_life_or_its_straight_line_value_at_the_horizon(rate):
    def capital(horizon):
        changes = {"discount_rate": rate, "horizon_months": horizon, "api_blended_per_mtok": 0.0}
        return -answered(changes, gpu=OWNED | {"life_months": 12}).npv_savings

    def worth(amount, month):
        return amount * (1 + rate) ** (-month / 12)

    assert capital(12) == pytest.approx(30_000 - worth(3_000, 12))
    assert capital(9) == pytest.approx(30_000 - worth(30_000 - 27_000 * 9 / 12, 9))
    assert capital(18) == pytest.approx(30_000 - worth(3_000, 12) + worth(30_000, 12) - worth(16_500, 18))


@pytest.mark.parametrize("rate", [0.0, 1e-9, 0.08])
def test_the_annuity_of_owned_capital(rate):
    monthly = (1 + rate) ** (1 / 12) - 1
    paid = first_month(answered({"discount_rate": rate}, gpu=OWNED))["hosting_cost"]
    assert sum(paid / (1 + monthly) ** m for m in range(1, 49)) == pytest.approx(
        30_000 - 3_000 / (1 + monthly) ** 48, rel=1e-6
    )
    if rate == 0:
        assert paid == pytest.approx(27_000 / 48)


# The API.


@pytest.mark.parametrize(
    ("price", "cached", "expected"),
    [
        (PRICE, 0.0, 0.75 * 2 + 0.25 * 8),
        (PRICE, 0.5, 0.75 * 2 + 0.25 * 8),  # no cached price: the input price
        (PRICE | {"cached_input_per_mtok": 0.5}, 0.5, 0.375 * 2 + 0.375 * 0.5 + 0.25 * 8),
        (
            PRICE
            | {
                "cached_input_per_mtok": 0.5,
                "long_context": {"from_tokens": 750, "input_per_mtok": 4.0, "output_per_mtok": 12.0},
            },
            0.5,
            0.375 * 4 + 0.375 * 1.0 + 0.25 * 12,  # cached input keeps its ratio
        ),
        (
            PRICE | {"long_context": {"from_tokens": 751, "input_per_mtok": 4.0, "output_per_mtok": 12.0}},
            0.5,
            0.75 * 2 + 0.25 * 8,
        ),
    ],
)
def test_the_api_price_of_a_million_tokens_of_the_shape(price, cached, expected):
    answer = answered({"workload.shape.cached_input_share": cached, "api": price})
    assert answer.api_per_mtok == pytest.approx(expected)
    assert answer.api_per_mtok * 1_000 / 1e6 == pytest.approx(answer.inputs.workload.shape.cost(answer.inputs.api))


def test_prices_fall_and_volumes_grow_from_the_second_month_on():
    answer = answered({"api_price_decline_per_year": 0.3, "workload.monthly_growth": 0.05, "horizon_months": 13})
    month = np.arange(1, 14)
    np.testing.assert_allclose(answer.to_frame()["mtok"], 1_000 * 1.05 ** (month - 1))
    np.testing.assert_allclose(answer.to_frame()["api_cost"], 4_000 * 1.05 ** (month - 1) * 0.7 ** ((month - 1) / 12))


# When it pays.


def test_payback_is_linear_inside_a_month_and_null_with_words():
    gpu = OWNED | {"capex_per_gpu": 10_000.0}
    assert answered(gpu=gpu).payback_months == pytest.approx(2.5)
    assert answered({"migration_cost": 1_000.0}, gpu=gpu).payback_months == pytest.approx(2.75)
    late = answered({"horizon_months": 2}, gpu=gpu)
    assert late.payback_months is None
    assert notes(late)["payback_months"] == "not within the horizon"
    assert answered().payback_months == 0
    losing = answered({"api_blended_per_mtok": 0.1})
    assert losing.payback_months is None
    assert notes(losing)["payback_months"].startswith("the first month does not save")


def test_payback_is_0_when_nothing_is_spent_and_the_first_month_saves_whatever_comes_later():
    answer = answered({"api_price_decline_per_year": 0.99, "api_blended_per_mtok": 1.5, "horizon_months": 36})
    assert answer.npv_savings < 0
    assert answer.payback_months == 0


def test_crossover_is_the_first_month_that_is_cheaper_with_its_annuity():
    growing = answered({"workload.mtok_per_month": 300.0, "workload.monthly_growth": 0.05})
    assert growing.crossover_month == 6  # 300 x 1.05^5 x 4 > 1,460
    never = answered({"api_blended_per_mtok": 1.0})
    assert never.crossover_month is None
    assert notes(never)["crossover_month"] == "not within the horizon"


@pytest.mark.parametrize("price", [0.5, 1.46, 4.0])
def test_without_uncertainty_the_probability_is_0_or_1_and_nothing_is_regretted(price):
    answer = answered({"api_blended_per_mtok": price})
    assert answer.probability == float(price > 1.46)
    assert answer.regret == 0


# Volumes that win.


def is_in(intervals, volume):
    return any(low < volume and (high is None or volume <= high) for low, high in intervals)


def near_an_end(intervals, volume):
    return any(end is not None and abs(volume - end) <= 1e-7 * max(end, 1e-9) for pair in intervals for end in pair)


@law(80)
@given(questions)
def test_the_intervals_are_those_of_a_fine_grid_of_volumes(inputs):
    try:
        intervals = win_intervals(inputs)
    except InputError as error:
        assert "A further replica costs nearly what the API does" in str(error)  # noqa: PT017 (the other way out)
        return
    plain = Plain(inputs)
    steps = plain.carried() * np.arange(1, 40)
    volumes = np.concatenate(
        [np.linspace(0, steps[-1], 700), steps * (1 - 1e-6), steps * (1 + 1e-6), steps[0] * np.array([500.3, 1e4, 1e6])]
    )
    for volume in volumes:
        if not near_an_end(intervals, volume):
            wins = plain.hosting(plain.replicas(volume)) < volume * plain.api_per_mtok() * (1 - 1e-13)
            assert is_in(intervals, volume) == wins, volume
    assert intervals == sorted(intervals, key=lambda pair: pair[0])
    for (_, high), (low, _) in pairwise(intervals):
        assert high < low  # touching rows are merged
    assert self_host(inputs).win_intervals == intervals


def test_islands_lie_at_the_tops_of_the_first_steps():
    rent = 1_460.0
    price = 1.2 * rent / CARRIED
    found = win_intervals(asked({"api_blended_per_mtok": price}))
    expected = [(n * rent / price, n * CARRIED) for n in range(1, 5)] + [(5 * rent / price, None)]
    assert [low for low, _ in found] == pytest.approx([low for low, _ in expected])
    assert [high for _, high in found][:-1] == pytest.approx([high for _, high in expected][:-1])
    assert found[-1][1] is None


@pytest.mark.parametrize("price", [1_460 / CARRIED, 0.5 * 1_460 / CARRIED, 0.0])
def test_hosting_that_costs_the_same_or_more_never_wins(price):
    answer = answered({"api_blended_per_mtok": price})
    assert answer.win_intervals == []
    assert summary(answer)["win_intervals"] == []
    assert notes(answer)["win_intervals"] == "at no volume"


@LAW
@given(st.floats(0.01, 50), st.floats(0.05, 20), st.integers(1, 8))
def test_a_tie_at_every_step_is_no_win_whatever_arithmetic_leaves_over(hour, speed, gpus):
    changes = {"gpu.price_per_gpu_hour": hour, "serving.requests_per_second": speed, "serving.gpus_per_replica": gpus}
    same = hour * gpus * 1_000_000 / (speed * 3_600 * 1_000)
    assert win_intervals(asked(changes | {"api_blended_per_mtok": same})) == []


def test_hosting_that_costs_nothing_wins_at_every_volume_above_zero():
    assert win_intervals(asked({"gpu.price_per_gpu_hour": 0.0})) == [(0.0, None)]


def test_growth_decline_and_migration_do_not_move_the_intervals():
    changes = {"workload.monthly_growth": 0.1, "api_price_decline_per_year": 0.5, "migration_cost": 1e5}
    assert win_intervals(asked(changes)) == win_intervals(asked())


def test_a_margin_too_thin_to_decide_is_said():
    with pytest.raises(InputError, match="A further replica costs nearly what the API does"):
        win_intervals(asked({"api_blended_per_mtok": 1_460 / CARRIED * (1 + 1e-9)}))


def test_the_search_for_a_volume_stays_below_what_may_be_asked():
    answer = answered({"workload.mtok_per_month": 5e6, "workload.monthly_growth": 0.05})
    low, high = turn(answer, "workload.mtok_per_month").searched
    assert low < 5e6 < high < 1e9
    assert turn(answered({"workload.mtok_per_month": 0}), "workload.mtok_per_month").value == pytest.approx(365)


def test_a_margin_too_thin_still_answers_the_rest_with_the_last_interval_and_a_note():
    answer = answered({"api_blended_per_mtok": 1_460 / CARRIED * (1 + 1e-9), "fixed_cost_per_month": 100.0})
    ((start, end),) = answer.win_intervals
    assert end is None
    steps = start / CARRIED
    assert 1e9 < steps < 3e9
    (note,) = [one for one in answer.notes if one.startswith("A further replica costs nearly")]
    assert f"all through from {start:,.4g}; more than 5,000,000 steps lie below" in note
    assert answer.cost_per_mtok == pytest.approx(1_560 / 1_000)
    assert answer.crossover_month is None
    assert summary(answer)["break_even_gpu_price"] is not None


def test_electricity_that_counts_nothing_is_said():
    power = OWNED | {"power_kw": 1.0}
    words = "Electricity of owned GPUs counts nothing: gpu.power_kw is given, and gpu.price_per_kwh is 0 or left out"
    assert words in answered(gpu=power).notes
    assert words not in answered(gpu=power | {"price_per_kwh": 0.1}).notes
    assert words not in answered(gpu=RENTED | {"power_kw": 1.0}).notes  # the rent has it
    forgotten = "Electricity counts nothing: gpu.options.owned.price_per_kwh is given, and gpu.power_kw is not"
    option = OWNED | {"name": "owned", "price_per_kwh": 0.1}
    assert forgotten in answered(gpu=RENTED | {"options": [option]}).notes
    assert forgotten not in answered(gpu=RENTED | {"options": [option], "power_kw": 1.0}).notes


# Draws.

DOUBTS = {
    "workload.mtok_per_month": {"shape": "lognormal", "p10": 300, "p90": 900},
    "workload.monthly_growth": {"shape": "uniform", "low": -0.02, "high": 0.06},
    "workload.shape.output_tokens_per_request": {"shape": "triangular", "low": 100, "mode": 250, "high": 500},
    "api.input_per_mtok": {"shape": "uniform", "low": 1.0, "high": 3.0},
    "serving.usable_share": {"shape": "pert", "low": 0.3, "mode": 0.6, "high": 0.9},
    "gpu.price_per_gpu_hour": {"shape": "normal", "p10": 1.5, "p90": 3.0},
    "discount_rate": {"shape": "uniform", "low": 0.02, "high": 0.15},
}
OWNED_DOUBTS = DOUBTS | {
    "gpu.price_per_gpu_hour": None,
    "gpu.capex_per_gpu": {"shape": "lognormal", "p10": 20_000, "p90": 45_000},
    "gpu.life_months": {"shape": "uniform", "low": 5.0, "high": 60.0},
    "gpu.residual_share": {"shape": "beta", "successes": 2, "failures": 18},
}


def doubtful(doubts=DOUBTS, gpu=RENTED, **fields):
    changes = {name: value for name, value in doubts.items() if value is not None}
    return asked(
        changes | {"draws": 300, "seed": 3, "migration_cost": 2_000.0} | fields,
        gpu=gpu,
        api_blended_per_mtok=None,
        api=PRICE,
    )


@pytest.mark.parametrize(("doubts", "gpu"), [(DOUBTS, RENTED), (OWNED_DOUBTS, OWNED)], ids=["rented", "owned"])
def test_probability_and_regret_are_those_of_asking_every_draw_again(doubts, gpu):
    inputs = doubtful(doubts, gpu)
    answer, draws = self_host(inputs), drawn(inputs)
    names = [name for name, value in doubts.items() if value is not None]
    npv = np.array(
        [self_host(override(inputs, {name: float(draws[name][d]) for name in names})).npv_savings for d in range(300)]
    )
    np.testing.assert_allclose(answer.cases.npv, npv, rtol=1e-9, atol=1e-6)
    assert 0.05 < answer.probability < 0.95
    assert answer.probability == (npv > 0).mean()
    loss = np.maximum(-npv, 0) if answer.npv_savings > 0 else np.maximum(npv, 0)
    assert answer.regret == pytest.approx(loss.mean())
    monthly = answer.cheaper_by_month()
    assert list(monthly["month"]) == list(range(1, 13))
    assert monthly["probability"].between(0, 1).all()


def test_the_headline_is_the_base_case():
    base = {"workload.mtok_per_month": {"shape": "lognormal", "p10": 300, "p90": 900, "value": 640.0}}
    assert answered(base).npv_savings == answered({"workload.mtok_per_month": 640.0}).npv_savings


def test_the_same_seed_gives_the_same_figures_and_another_one_others():
    one, same, other = (summary(self_host(doubtful(seed=seed))) for seed in (3, 3, 4))
    assert one == same
    assert one["probability_self_host_cheaper"] != other["probability_self_host_cheaper"]


def test_a_further_doubt_leaves_the_other_draws_alone():
    before = drawn(doubtful())
    after = drawn(doubtful(fixed_cost_per_month={"shape": "uniform", "low": 0.0, "high": 50.0}))
    assert np.ptp(after["fixed_cost_per_month"]) > 0
    for name in set(before) - {"fixed_cost_per_month"}:
        np.testing.assert_array_equal(before[name], after[name])


def test_draws_are_held_to_what_a_field_may_be():
    wide = {
        "gpu.life_months": {"shape": "normal", "p10": 1.0, "p90": 40.0},
        "gpu.capex_per_gpu": {"shape": "normal", "p10": 1_000, "p90": 50_000},
        "serving.usable_share": {"shape": "normal", "p10": 0.3, "p90": 0.9},
        "api_price_decline_per_year": {"shape": "normal", "p10": 0.1, "p90": 0.7},
        "workload.peak_to_mean": {"shape": "lognormal", "p10": 1.0, "p90": 3.0},
    }
    inputs = asked(wide, gpu=OWNED, draws=2_000)
    figures = drawn(inputs)
    assert figures["gpu.life_months"].min() == 1
    assert figures["gpu.capex_per_gpu"].min() == 0
    assert figures["serving.usable_share"].max() == 1
    assert figures["workload.peak_to_mean"].min() == 1
    answer = self_host(inputs)
    assert np.isfinite(answer.cases.npv).all()
    below = (draw(inputs.workload.peak_to_mean, "workload.peak_to_mean", draws=2_000, seed=0) < 1).mean()
    said = f"{100 * below:.1f} % of the draws of workload.peak_to_mean lie beyond what it may be (at least 1)"
    assert f"{said} and count as its end" in answer.notes
    assert any("serving.usable_share lie beyond what it may be (0 to 1)" in note for note in answer.notes)
    assert not any("count as its end" in note for note in answered({"serving.usable_share": 0.5}).notes)


def test_a_bounded_distribution_that_reaches_beyond_the_field_is_refused():
    changes = {
        "serving.usable_share": {"shape": "uniform", "low": 0.5, "high": 1.3},
        "gpu.pue": {"shape": "pert", "low": 0.8, "mode": 1.2, "high": 1.5},
    }
    with pytest.raises(InputError) as caught:
        asked(changes)
    assert "serving.usable_share: high must be at most 1, got 1.3" in str(caught.value)
    assert "gpu.pue: low must be at least 1, got 0.8" in str(caught.value)


# The map.


@pytest.mark.parametrize(
    ("doubts", "gpu"),
    [(DOUBTS, RENTED), (OWNED_DOUBTS, OWNED | {"gpus_per_server": 8, "server_cost_per_month": 300.0})],
    ids=["rented", "owned in servers"],
)
def test_the_map_is_the_share_of_draws_whose_month_is_cheaper(doubts, gpu):
    inputs = doubtful(doubts, gpu)
    found = probability_map(inputs, volumes=[0.0, 400.0, 2_000.0, 30_000.0], usable_shares=[0.2, 0.6, 1.0])
    for row in found.itertuples():
        cell = {"workload.mtok_per_month": row.mtok_per_month, "serving.usable_share": row.usable_share}
        cases = self_host(override(inputs, cell)).cases
        assert row.probability == (cases.hosting_cost[:, 0] < cases.api_cost[:, 0]).mean()
    assert found["probability"].between(0.05, 0.95).any()
    assert list(found) == ["mtok_per_month", "usable_share", "probability"]
    assert (found["probability"].iloc[:3] == 0).all()  # nothing is cheaper than an API that is not used


def test_the_map_agrees_with_the_intervals_without_doubt():
    inputs = asked({"api_blended_per_mtok": 1.2 * 1_460 / CARRIED})
    volumes = np.linspace(1, 9 * CARRIED, 300)
    found = probability_map(inputs, volumes=volumes, usable_shares=[1.0])["probability"]
    intervals = win_intervals(inputs)
    assert list(found) == [float(is_in(intervals, volume)) for volume in volumes]


@pytest.mark.parametrize(
    ("volumes", "shares", "words"),
    [([-1.0], [0.5], "volumes must be"), ([1.0], [0.0], "usable_shares must be"), ([], [1.2], "usable_shares must be")],
)
def test_a_map_of_impossible_cells_is_refused(volumes, shares, words):
    with pytest.raises(InputError, match=words):
        probability_map(asked(), volumes=volumes, usable_shares=shares)


# Laws.

MONEY = [
    "gpu.price_per_gpu_hour",
    "gpu.capex_per_gpu",
    "gpu.price_per_kwh",
    "gpu.server_cost_per_month",
    "gpu.licence_per_gpu_month",
    "gpu.licence_per_server_month",
    "api_blended_per_mtok",
    "api.input_per_mtok",
    "api.output_per_mtok",
    "api.cached_input_per_mtok",
    "fixed_cost_per_month",
    "migration_cost",
]


def given_value(inputs, name):
    for part in name.split("."):
        inputs = getattr(inputs, part, None)
    return inputs


def times(inputs, factor, names=MONEY):
    values = {name: given_value(inputs, name) for name in names}
    return override(inputs, {name: factor * value for name, value in values.items() if value})


@LAW
@given(questions)
def test_doubling_every_price_leaves_intervals_months_and_the_choice_unchanged(inputs):
    one, two = self_host(inputs), self_host(times(inputs, 2.0))
    with suppress(InputError):  # a margin too thin to decide
        assert two.win_intervals == one.win_intervals
    assert two.crossover_month == one.crossover_month
    assert two.payback_months == (None if one.payback_months is None else pytest.approx(one.payback_months))
    assert two.npv_savings == pytest.approx(2 * one.npv_savings, rel=1e-9, abs=1e-6)


@LAW
@given(questions, st.floats(1.01, 4))
def test_more_usable_share_never_raises_the_cost_per_token(inputs, factor):
    more = min(1.0, inputs.serving.usable_share * factor)
    one, other = self_host(inputs), self_host(override(inputs, {"serving.usable_share": more}))
    assert other.replicas <= one.replicas
    if one.cost_per_mtok is not None:
        assert other.cost_per_mtok <= one.cost_per_mtok * (1 + 1e-12)


@FEW
@given(st.floats(0, 0.9), st.floats(0, 0.9))
def test_a_stronger_cloud_discount_never_shortens_the_break_even_of_buying(one, other):
    weak, strong = sorted([one, other])

    def months(discount):
        answer = answered({"api_blended_per_mtok": 4 * (1 - discount), "horizon_months": 60}, gpu=OWNED)
        return math.inf if answer.payback_months is None else answer.payback_months

    assert months(strong) >= months(weak)


@LAW
@given(questions, st.integers(1, 20))
def test_a_longer_horizon_keeps_the_months(inputs, more):
    short = self_host(inputs)
    long = self_host(override(inputs, {"horizon_months": inputs.horizon_months + more}))
    columns = [name for name in short.to_frame() if name != "capex"]
    whole = float(inputs.gpu.life_months or 1).is_integer()  # else the last replacement lies inside the last month
    columns += ["capex"] if whole else []
    head = long.to_frame().head(inputs.horizon_months)
    np.testing.assert_allclose(head[columns], short.to_frame()[columns], rtol=1e-12)
    if short.crossover_month is not None:
        assert long.crossover_month == short.crossover_month
    if whole and short.payback_months is not None:
        assert long.payback_months == pytest.approx(short.payback_months)


# A file of requests.


@pytest.fixture
def trace(tmp_path):
    """Three minutes: a busy one, an empty one, a quiet one."""
    path = tmp_path / "requests.csv"
    path.write_text(
        "timestamp,input_tokens,output_tokens\n"
        "2026-03-01T10:00:05Z,1000,100\n2026-03-01T10:00:30Z,3000,300\n"
        "2026-03-01T10:02:10Z,500,100\n"
    )
    return str(path)


THROUGHPUTS = {"input_tokens_per_second": 1_000, "output_tokens_per_second": 100, "gpus_per_replica": 1}


def test_a_file_says_the_peak_where_it_is_left_out(trace):
    inputs = aiecon.resolve(asked({"workload.file": trace}, serving=THROUGHPUTS))
    answer = self_host(inputs)
    busy = np.array([4.0 + 4.0, 0.0, 0.5 + 1.0]) / 60  # seconds of a replica in a minute
    assert answer.inputs.workload.peak_to_mean == pytest.approx(busy.max() / busy.mean())
    np.testing.assert_allclose(answer.profile, busy)
    assert answer.notes == ["The busiest of 3 minutes is 2.53 times the mean one"]
    np.testing.assert_allclose(answer.waiting.minutes.max(), answer.waiting.load)
    assert answer.waiting.wait_over_time(answer.replicas) >= 0
    assert win_intervals(inputs) == answer.win_intervals
    shares = probability_map(inputs, volumes=[1_000.0], usable_shares=[1.0])
    assert shares["probability"].iloc[0] == float(is_in(answer.win_intervals, 1_000.0))


def test_a_peak_that_is_given_holds_beside_a_file(trace):
    inputs = aiecon.resolve(asked({"workload.file": trace, "workload.peak_to_mean": 1.5}))
    assert self_host(inputs).inputs.workload.peak_to_mean == 1.5


def test_a_change_keeps_the_peak_of_the_file_open(trace):
    inputs = override(aiecon.resolve(asked({"workload.file": trace})), {"workload.mtok_per_month": 2_000.0})
    assert self_host(inputs).inputs.workload.peak_to_mean == pytest.approx(2 / (3 / 3))


def test_a_file_that_nobody_read_is_said(trace):
    with pytest.raises(InputError, match=r"has not been read; call aiecon.resolve\(inputs\)"):
        self_host(asked({"workload.file": trace}))


def test_a_file_may_use_the_names_of_the_azure_trace_count_requests_and_end_at_a_day(tmp_path):
    (tmp_path / "azure.csv").write_text(
        "timestamp,context_tokens,generated_tokens,requests\n"
        "2026-03-01T23:59:30,1000,100,1\n2026-03-02T00:00:30,3000,300,2\n2026-03-03T00:00:30,9,9,1\n"
    )
    path = str(tmp_path / "azure.csv")
    found = aiecon.resolve(asked({"workload.file": path, "as_of": "2026-03-02"}))
    frame = found.workload.file.table.frame
    assert frame[["minute", "day", "input_tokens", "output_tokens", "requests"]].to_numpy().tolist() == [
        [0, 0, 1_000, 100, 1],
        [1, 1, 3_000, 300, 2],
    ]
    assert self_host(found).inputs.workload.peak_to_mean == pytest.approx(2 / 1.5)
    assert len(aiecon.resolve(asked({"workload.file": path})).workload.file.table.frame) == 1_442


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("timestamp,input_tokens\n0,1\n", "output_tokens"),
        ("timestamp,input_tokens,output_tokens\n0,-1,1\n", "a number of zero or more is expected"),
        ("timestamp,input_tokens,output_tokens\n0,many,1\n", "many"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(tmp_path, rows, words):
    (tmp_path / "requests.csv").write_text(rows)
    with pytest.raises(InputError, match=words):
        aiecon.resolve(asked({"workload.file": str(tmp_path / "requests.csv")}))


# Waiting.


def test_waiting_is_at_the_peak_and_says_what_a_target_would_take():
    answer = answered({"workload.mtok_per_month": 3 * CARRIED, "serving.wait_share": 0.1})
    assert answer.replicas == 3
    assert answer.waiting.load == pytest.approx(3.0)
    assert answer.waiting.wait_share == pytest.approx(1.0)
    assert answer.waiting.replicas_for_target == 6  # C(3, 5) = 0.236, C(3, 6) = 0.099
    assert answer.waiting.wait_over_time(3) is None
    assert any("100 % of requests wait" in note and "it takes 6, which are not priced" in note for note in answer.notes)
    assert answered({"workload.mtok_per_month": 0}).waiting is None


# Messages.


def test_gpus_are_in_dollars_where_no_currency_is_said():
    api = {"provider": "own", "model": "m", "input_per_mtok": 2.0, "output_per_mtok": 8.0, "currency": "EUR"}
    with pytest.raises(InputError, match="prices must be in one currency, got EUR and USD"):
        asked({"api_blended_per_mtok": None, "api": api})
    assert asked({"api_blended_per_mtok": None, "api": api, "gpu.currency": "EUR"}).gpu.currency == "EUR"


def problems(changes=(), **fields):
    with pytest.raises(InputError) as caught:
        asked(changes, **fields)
    return list(caught.value.problems)


@pytest.mark.parametrize(
    ("gpu", "words"),
    [
        ({**RENTED, "commitment_discount": 0.2}, "commitment_discount belongs to reserved GPUs"),
        ({**RENTED, "interruption_overhead": 0.2}, "interruption_overhead belongs to spot GPUs"),
        ({**RENTED, "capex_per_gpu": 1.0}, "capex_per_gpu belongs to owned GPUs"),
        ({**RENTED, "life_months": 12}, "life_months belongs to owned GPUs"),
        ({**RENTED, "residual_share": 0.1}, "residual_share belongs to owned GPUs"),
        ({**OWNED, "price_per_gpu_hour": 2.0}, "price_per_gpu_hour belongs to rented GPUs"),
        ({**OWNED, "commitment_discount": 0.2}, "commitment_discount belongs to reserved GPUs"),
        ({**RENTED, "server_cost_per_month": 5.0}, "server_cost_per_month needs gpus_per_server"),
        ({"purchase": "spot"}, "price_per_gpu_hour is needed when purchase is spot"),
        ({"purchase": "owned", "capex_per_gpu": 1.0}, "life_months is needed when purchase is owned"),
    ],
)
def test_a_field_of_another_purchase_is_refused_and_a_missing_one_named(gpu, words):
    (problem,) = problems(gpu=gpu)
    assert problem.startswith(f"gpu: {words}")


def test_a_field_of_another_purchase_may_be_0():
    nothing = {"commitment_discount": 0, "interruption_overhead": 0, "residual_share": 0, "capex_per_gpu": 0}
    assert summary(answered(gpu=RENTED | nothing)) == summary(answered())


def test_every_problem_of_a_gpu_is_a_line_that_names_it():
    found = problems(gpu={"purchase": "owned", "price_per_gpu_hour": 2.0})
    assert [problem.split(" ")[:2] for problem in found] == [
        ["gpu:", "capex_per_gpu"],
        ["gpu:", "life_months"],
        ["gpu:", "price_per_gpu_hour"],
    ]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"serving.requests_per_second": 0}, "serving.requests_per_second must be greater than 0, got 0"),
        ({"serving.usable_share": 1.2}, "serving.usable_share must be less than or equal to 1, got 1.2"),
        ({"serving.gpus_per_replica": 0}, "serving.gpus_per_replica must be greater than or equal to 1, got 0"),
        ({"gpu": OWNED | {"life_months": -1}}, "gpu.life_months must be greater than or equal to 0, got -1"),
        ({"gpu": OWNED | {"life_months": 0}}, "gpu: life_months must be greater than 0 when purchase is owned"),
        ({"workload.peak_to_mean": 0.5}, "workload.peak_to_mean must be greater than or equal to 1, got 0.5"),
        ({"horizon_months": 0}, "horizon_months must be greater than or equal to 1, got 0"),
        ({"gpu.purchase": "lease"}, "gpu.purchase must be 'on_demand', 'spot', 'reserved' or 'owned', got 'lease'"),
        ({"gpu.price_per_gpu_hours": 1}, "gpu.price_per_gpu_hours is not a field; did you mean price_per_gpu_hour?"),
        ({"serving.input_tokens_per_second": 5}, "serving: input_tokens_per_second and output_tokens_per_second go"),
        ({"api": PRICE, "currency": "EUR"}, "currency is EUR and api is in USD; convert one at a dated rate"),
        (
            {"workload.shape": {"input_tokens_per_request": 0, "output_tokens_per_request": 0}},
            "workload.shape: a request of no tokens cannot be priced",
        ),
        (
            {"workload.shape.other_input_tokens": {"audio": -5.0}},
            "workload.shape.other_input_tokens.audio must be zero or more, got -5",
        ),
    ],
)
def test_bad_input_is_said(changes, words):
    (problem,) = problems(changes)
    assert problem.startswith(words)


def test_one_price_is_asked():
    assert problems(api_blended_per_mtok=None) == ["one of api, api_blended_per_mtok is needed; none was given"]


def test_a_horizon_shorter_than_the_life_is_said():
    (note,) = answered(gpu=OWNED).notes
    assert note.startswith("The horizon of 12 months ends before the life of 48")
    assert answered({"horizon_months": 48}, gpu=OWNED).notes == []


def test_summary_holds_the_keys_of_the_contract():
    assert {
        "win_intervals",
        "crossover_month",
        "payback_months",
        "npv_savings",
        "probability_self_host_cheaper",
        "replicas",
        "cost_per_mtok_self_hosted",
        "cost_per_mtok_api",
        "regret_if_wrong",
    } <= set(summary(answered()))


def test_cost_per_accepted_answer_divides_by_what_is_accepted():
    found = answered({"success_rate": 0.5, "api_success_rate": 0.8}).cost_per_accepted
    assert found["self-host"] == pytest.approx(1.46 / 0.5)
    assert found["API"] == pytest.approx(4.0 / 0.8)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"workload.mtok_per_month": 1e30}, "workload.mtok_per_month must be less than or equal to 1000000000"),
        ({"workload.monthly_growth": 1.0, "horizon_months": 240}, "workload.monthly_growth: "),
        ({"serving.requests_per_second": 1e-300}, "workload.mtok_per_month: "),
        (
            {"gpu.currency": "EUR", "currency": "USD", "workload.monthly_growth": 1.0, "horizon_months": 240},
            "gpu.currency: prices must be",
        ),
    ],
)
def test_sizes_that_no_business_has_are_refused(changes, words):
    with pytest.raises(InputError) as caught:
        self_host(override(SelfHostInputs.build(PLAIN), changes))
    assert any(problem.startswith(words) for problem in caught.value.problems)
    assert len(caught.value.problems) == (2 if "gpu.currency" in changes else 1)


def test_keys_beside_those_of_the_contract():
    answer = answered({"workload.mtok_per_month": 2_000.0, "serving.wait_share": 0.05, "success_rate": 0.8})
    found = summary(answer)
    assert found["cost_per_accepted_self_hosted"] == pytest.approx(found["cost_per_mtok_self_hosted"] / 0.8)
    assert found["cost_per_accepted_api"] == pytest.approx(4.0)
    load = 2_000.0 / CARRIED
    assert found["wait_share"] == pytest.approx(load)  # of one server the share that waits is its load
    needed = next(count for count in range(1, 50) if aiecon.erlang_c(load, count) <= 0.05)
    assert found["replicas_for_wait_target"] == needed
    assert notes(answered())["replicas_for_wait_target"] == "no target was given: serving.wait_share"


def test_probability_by_volume_is_that_of_asking_at_the_volume():
    doubt = {"api_blended_per_mtok": {"shape": "lognormal", "p10": 1.0, "p90": 4.0}, "draws": 400}
    answer = answered(doubt)
    for mtok, chance in answer.probability_by_volume.items():
        assert chance == answered(doubt | {"workload.mtok_per_month": mtok}).probability
    assert list(summary(answer)["probability_by_volume"]) == [
        "250 million tokens a month",
        "500 million tokens a month",
        "1,000 million tokens a month",
        "2,000 million tokens a month",
        "4,000 million tokens a month",
    ]
    assert answer.to_frame()["probability_cheaper"].tolist() == answer.cheaper_by_month()["probability"].tolist()
    assert set(answered().probability_by_volume.values()) <= {0.0, 1.0}
    assert summary(answered({"workload.mtok_per_month": 0.0}))["probability_by_volume"] is None


def test_every_problem_of_fields_and_of_the_whole_comes_at_once():
    with pytest.raises(InputError) as caught:
        asked({"gpu.pue": 0.5, "currency": "EUR", "gpu.currency": "USD", "gpu.commitment_discount": 0.5})
    text = "\n".join(caught.value.problems)
    for words in ("gpu.pue must be", "commitment_discount belongs to reserved", "prices must be in one currency"):
        assert words in text


def test_what_came_back_and_is_spent_again_on_more_gpus_is_said():
    owned = OWNED | {"capex_per_gpu": 10_000.0, "residual_share": 0.0}
    fields = {"workload.monthly_growth": 0.1, "horizon_months": 12, "api_price_decline_per_year": 0.9}
    answer = answered(fields | {"gpu": owned, "api_blended_per_mtok": 2.0})
    frame = answer.to_frame()
    assert 0 < answer.payback_months < 12
    assert (frame["api_cost"] - frame["running_cost"] - frame["capex"]).sum() < 0
    assert "lost again later" in notes(answer)["payback_months"]
