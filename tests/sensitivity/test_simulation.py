"""D-MC-4: product of three lognormals, sigma 0.3, 0.5, 0.2, median 100,000."""

import re
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr
from small_question import small, small_inputs
from strategies import LAW

import aiecon
from aiecon.errors import InputError
from aiecon.sensitivity.copula import draw_inputs
from aiecon.sensitivity.fields import at_base, uncertain_fields
from aiecon.sensitivity.simulation import simulate
from aiecon.vocabulary.correlation import Correlation
from aiecon.vocabulary.distribution import Z90, Lognormal, Normal, Uniform, uncertain
from aiecon.vocabulary.metric import Metric
from aiecon.vocabulary.strict import Many, Strict

PRICE, COST = "gpu.price_per_hour", 'tiers."gpt-4.1".cost'


class Product(Strict):
    a: uncertain(gt=0)
    b: uncertain(gt=0)
    c: uncertain(gt=0)
    correlations: Many[Correlation] = ()


def product(inputs):
    return SimpleNamespace(summary=lambda: [Metric("cost", "Cost", inputs.a * inputs.b * inputs.c, "USD")])


def at_once(inputs):
    return product(inputs)


at_once.vectorised = lambda inputs, draws: {
    "cost": draws.get("a", inputs.a) * draws.get("b", inputs.b) * draws.get("c", inputs.c)
}


def lognormal(sigma, median):
    return Lognormal(p10=median * np.exp(-sigma * Z90), p90=median * np.exp(sigma * Z90))


SPEND = Product(a=lognormal(0.3, 10.0), b=lognormal(0.5, 100.0), c=lognormal(0.2, 100.0))


def test_d_mc_4_range_mean_and_shortfall():
    simulated = simulate(at_once, SPEND, keys=["cost"], draws=400_000)
    row = simulated.to_frame().iloc[0]
    known = {"p10": 45_384, "p50": 100_000, "p90": 220_340, "mean": 120_924.96}
    for name, value in known.items():
        assert row[name] == pytest.approx(value, rel=0.005)
        assert abs(row[name] - value) < 3.5 * row[f"{name}_standard_error"]
    assert simulated.quantile("cost", level=0.95).value == pytest.approx(275_648.38, rel=0.005)
    assert simulated.expected_shortfall("cost").value == pytest.approx(367_316.77, rel=0.01)
    assert simulated.probability_above("cost", 220_340).value == pytest.approx(0.1, abs=0.002)


def test_one_by_one_and_all_at_once_are_the_same():
    one = simulate(product, SPEND, keys=["cost"], draws=200, seed=3)
    two = simulate(at_once, SPEND, keys=["cost"], draws=200, seed=3)
    np.testing.assert_allclose(one.frame, two.frame, rtol=1e-14)
    assert (one.draws, one.seed) == (200, 3)


def test_draws_are_those_of_the_dotted_names_in_any_scenario():
    one = simulate(small, small_inputs(), keys=["saving"])
    two = simulate(small, small_inputs(users=50, tiers=[{"name": "only", "cost": 30.0}]), keys=["saving"])
    assert one.frame[PRICE].tolist() == two.frame[PRICE].tolist()
    assert len(one.frame) == small_inputs().draws
    expected = draw_inputs({PRICE: Uniform(low=1.0, high=3.0)}, draws=10_000, seed=0)
    assert one.frame[PRICE].tolist() == expected[PRICE].tolist()
    saving = (one.frame[COST] + 25.0) * 10 - one.frame[PRICE] * 100
    np.testing.assert_allclose(one.frame["saving"], saving, rtol=1e-12)


def test_correlations_of_the_inputs_count_unless_others_are_given():
    rows = [Correlation(a="a", b="b", rank=0.7)]
    inputs = Product(**{**dict(SPEND), "correlations": rows})
    own = simulate(at_once, inputs, keys=["cost"], draws=20_000)
    none = simulate(at_once, inputs, keys=["cost"], draws=20_000, correlations=())
    assert spearmanr(own.frame["a"], own.frame["b"]).statistic == pytest.approx(0.7, abs=0.01)
    assert abs(spearmanr(none.frame["a"], none.frame["b"]).statistic) < 0.03
    assert own.quantile("cost", level=0.9).value > none.quantile("cost", level=0.9).value


def test_a_figure_missing_in_some_draws_is_counted_and_said():
    simulated = simulate(small, small_inputs(users=5), keys=["saving", "payback"], draws=500)
    share = (simulated.frame["saving"] > 0).mean()
    assert 0 < share < 1
    row = simulated.to_frame().set_index("key").loc["payback"]
    assert row["share_with_figure"] == pytest.approx(share)
    assert f"payback: no figure in {round(500 * (1 - share))} of 500 draws" in simulated.notes[0]
    never = simulate(small, small_inputs(users=0), keys=["payback"], draws=100)
    assert never.mean("payback").value is None


@LAW
@given(scale=st.floats(0.01, 1e4))
def test_all_prices_times_k_are_all_costs_times_k(scale):
    dear = Product(a=lognormal(0.3, 10.0 * scale), b=SPEND.b, c=SPEND.c)
    one = simulate(at_once, SPEND, keys=["cost"], draws=200).to_frame()
    two = simulate(at_once, dear, keys=["cost"], draws=200).to_frame()
    assert two["p90"][0] == pytest.approx(scale * one["p90"][0])
    assert one["p10"][0] <= one["p50"][0] <= one["p90"][0] <= one["p99"][0]


def test_no_uncertainty_gives_the_base_case():
    simulated = simulate(product, Product(a=1.0, b=2.0, c=3.0), keys=["cost"], draws=100)
    assert simulated.frame["cost"].tolist() == [6.0] * 100


@pytest.mark.parametrize("question", [product, at_once])
def test_every_field_whose_draws_the_inputs_refuse_is_named(question):
    inputs = Product(a=Normal(p10=0.5, p90=5.0), b=Normal(p10=0.2, p90=5.0), c=1.0)
    with pytest.raises(InputError) as caught:
        simulate(question, inputs, keys=["cost"])
    assert sorted(problem.split()[2] for problem in caught.value.problems) == ["a", "b"]
    assert all(re.match(r"draw \d+: . must be greater than 0, got -", problem) for problem in caught.value.problems)


class Ordered(Strict):
    low: uncertain()
    high: uncertain()

    def model_post_init(self, _):
        if isinstance(self.low, float) and isinstance(self.high, float) and self.low > self.high:
            raise InputError(f"low must not exceed high, got {self.low:g} and {self.high:g}")


def test_a_draw_whose_fields_do_not_go_together_is_refused():
    inputs = Ordered(low=Uniform(low=0.0, high=1.4, value=0.5), high=Uniform(low=0.6, high=2.0, value=1.5))
    with pytest.raises(InputError, match=r"draw \d+: low must not exceed high"):
        simulate(lambda i: SimpleNamespace(summary=list), inputs, keys=[], draws=1_000)


def test_fields_that_go_together_in_every_draw_are_let_through():
    inputs = Ordered(low=Uniform(low=0.0, high=2.0, value=0.5), high=Uniform(low=0.5, high=2.5, value=1.5))
    rows = [{"a": "low", "b": "high", "rank": 1.0}]
    simulated = simulate(lambda i: SimpleNamespace(summary=list), inputs, keys=[], draws=1_000, correlations=rows)
    assert (simulated.frame["low"] <= simulated.frame["high"]).all()


def test_a_vectorised_question_that_returns_something_else_is_refused():
    def question(inputs):
        return product(inputs)

    question.vectorised = lambda inputs, draws: {"cost": np.ones(3)}
    with pytest.raises(InputError, match=r"cost must have one figure a draw, shape \(100,\), got shape \(3,\)"):
        simulate(question, SPEND, keys=["cost"], draws=100)


def test_keys_that_cannot_be_had_at_once_are_asked_draw_by_draw():
    def question(inputs):
        return product(inputs)

    question.vectorised = lambda inputs, draws: {}
    found, expected = (simulate(one, SPEND, keys="cost", draws=50).figure("cost") for one in (question, product))
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("name", ["business_case", "cost_curve", "tiering"])
def test_all_draws_at_once_are_the_draws_one_by_one(name):
    inputs, question = aiecon.prepare(name), getattr(aiecon, name)
    drawn = draw_inputs(uncertain_fields(inputs), draws=5, seed=1)
    found = question.vectorised(at_base(inputs), drawn)
    assert drawn
    assert found
    one_by_one = simulate(lambda one: question(one), inputs, keys=list(found), draws=5, seed=1)
    for key, values in found.items():
        np.testing.assert_allclose(values, one_by_one.figure(key), rtol=1e-12)


def test_without_doubt_a_question_is_asked_once():
    asked = []

    def question(inputs):
        asked.append(inputs)
        return product(inputs)

    simulated = simulate(question, at_base(SPEND), keys=["cost"], draws=100)
    assert len(asked) == 1
    assert np.ptp(simulated.figure("cost")) == 0
    assert len(simulated.figure("cost")) == 100
    assert "every draw is the same" in simulated.notes[0]


def test_what_a_simulation_cannot_be_asked_with_is_refused_all_at_once():
    with pytest.raises(InputError) as caught:
        simulate(product, {"price": 1.0}, keys=["cost"], draws=2.5, seed=-1)
    assert [problem.split()[0] for problem in caught.value.problems] == ["inputs", "draws", "seed"]


def test_keys_and_levels_that_cannot_be_are_refused():
    simulated = simulate(at_once, SPEND, keys=["cost"], draws=100)
    with pytest.raises(InputError, match="costs was not simulated; did you mean cost"):
        simulated.mean("costs")
    with pytest.raises(InputError, match="level must be between 0 and 1, got 90"):
        simulated.quantile("cost", level=90)
    with pytest.raises(InputError, match="costs is not a key of the answer"):
        simulate(product, SPEND, keys=["costs"], draws=100)
    with pytest.raises(InputError, match="draws must be a whole number of 1 or more"):
        simulate(product, SPEND, keys=["cost"], draws=0)
