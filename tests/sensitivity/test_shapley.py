"""D-MC-1 (Ishigami, a = 7, b = 0.1), D-MC-4 (product of lognormals), both from closed forms of their Sobol indices.

Correlated linear Gaussian: Owen and Prieur, "On Shapley value for measuring importance of dependent inputs" (2017).
"""

import math
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import LAW

from aiecon.errors import InputError
from aiecon.sensitivity.shapley import EXACT, shapley
from aiecon.vocabulary.distribution import Z90, Lognormal, Normal, Uniform

ANGLE = Uniform(low=-math.pi, high=math.pi)
SCORE = Normal(p10=-Z90, p90=Z90)
UNIT = Uniform(low=0.0, high=1.0)
FAST = 2**10


def ishigami(x):
    return np.sin(x["x1"]) + 7 * np.sin(x["x2"]) ** 2 + 0.1 * x["x3"] ** 4 * np.sin(x["x1"])


def lognormal(sigma, median):
    return Lognormal(p10=median * np.exp(-sigma * Z90), p90=median * np.exp(sigma * Z90))


def linear_shares(slopes, matrix):
    """By definition: Var(E[Y | X_S]) of a linear function of normals, over every order."""

    def explained(known):
        across = matrix[:, known] @ np.linalg.pinv(matrix[np.ix_(known, known)]) @ matrix[known, :]
        return slopes @ across @ slopes if known else 0.0

    orders = list(permutations(range(len(slopes))))
    effects = np.zeros(len(slopes))
    for order in orders:
        for place, player in enumerate(order):
            effects[player] += explained(list(order[: place + 1])) - explained(list(order[:place]))
    return effects / effects.sum()


def weighted(slopes):
    return lambda x: sum(slope * x[f"x{place}"] for place, slope in enumerate(slopes))


def test_d_mc_1_ishigami():
    answer = shapley(ishigami, {"x1": ANGLE, "x2": ANGLE, "x3": ANGLE})
    assert list(answer.shares.values()) == pytest.approx([0.4357470, 0.4424111, 0.1218418], abs=5e-4)
    assert list(answer.first.values()) == pytest.approx([0.3139052, 0.4424111, 0.0], abs=1e-3)
    assert list(answer.total.values()) == pytest.approx([0.5575889, 0.4424111, 0.2436837], abs=1e-3)
    assert answer.variance == pytest.approx(13.8445879, rel=1e-3)
    assert answer.mean == pytest.approx(3.5, abs=2e-3)


def test_d_mc_4_product_of_lognormals():
    inputs = {"a": lognormal(0.3, 10.0), "b": lognormal(0.5, 100.0), "c": lognormal(0.2, 100.0)}
    answer = shapley(lambda x: x["a"] * x["b"] * x["c"], inputs, draws=2**16)
    assert list(answer.first.values()) == pytest.approx([0.203715, 0.614395, 0.088281], abs=1e-3)
    assert list(answer.total.values()) == pytest.approx([0.272250, 0.699691, 0.124030], abs=1e-3)
    assert answer.mean == pytest.approx(120_924.96, rel=1e-3)
    assert math.sqrt(answer.variance) / answer.mean == pytest.approx(0.679915, abs=0.01)


@pytest.mark.parametrize("correlation", [-0.9, 0.0, 0.5, 0.99, 1.0])
def test_correlated_linear_gaussian_meets_the_analytic_shares(correlation):
    slopes, matrix = np.array([1.0, 1.0, 2.0]), np.eye(3)
    matrix[1, 2] = matrix[2, 1] = correlation
    rows = [{"a": "x1", "b": "x2", "pearson": correlation}]
    answer = shapley(weighted(slopes), {f"x{i}": SCORE for i in range(3)}, correlations=rows)
    assert list(answer.shares.values()) == pytest.approx(linear_shares(slopes, matrix).tolist(), abs=2e-3)
    assert answer.variance == pytest.approx(slopes @ matrix @ slopes, rel=5e-3)
    assert (answer.first is None) == (correlation != 0)


def test_three_correlated_inputs_meet_the_analytic_shares():
    matrix = np.array([[1.0, 0.5, 0.2, 0.0], [0.5, 1.0, -0.3, 0.0], [0.2, -0.3, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]])
    slopes = np.array([1.0, -2.0, 1.5, 0.5])
    rows = [{"a": f"x{i}", "b": f"x{j}", "pearson": matrix[i, j]} for i, j in ((0, 1), (0, 2), (1, 2))]
    answer = shapley(weighted(slopes), {f"x{i}": SCORE for i in range(4)}, correlations=rows)
    assert list(answer.shares.values()) == pytest.approx(linear_shares(slopes, matrix).tolist(), abs=2e-3)


def test_an_input_the_function_ignores_has_a_share_through_its_correlation():
    rows = [{"a": "seen", "b": "unseen", "rank": 0.8}]
    answer = shapley(lambda x: x["seen"], {"seen": SCORE, "unseen": SCORE}, correlations=rows, draws=FAST)
    rho = 2 * math.sin(math.pi * 0.8 / 6)
    assert answer.shares["unseen"] == pytest.approx(rho**2 / 2, abs=0.02)


def test_beyond_ten_inputs_orders_are_sampled_and_agree():
    count = EXACT + 3
    inputs = {f"x{i}": SCORE for i in range(count)}
    slopes = np.arange(1.0, count + 1)
    answer = shapley(lambda x: weighted(slopes)(x) + 5 * x["x0"] * x["x12"], inputs)
    parts = slopes**2
    parts[[0, 12]] += 12.5
    assert list(answer.shares.values()) == pytest.approx((parts / parts.sum()).tolist(), abs=0.015)
    assert list(answer.first.values()) == pytest.approx((slopes**2 / parts.sum()).tolist(), abs=0.015)
    assert math.fsum(answer.shares.values()) == pytest.approx(1.0, abs=1e-12)


def test_beyond_ten_correlated_inputs_meet_the_analytic_shares():
    count = EXACT + 1
    rows = [{"a": "x0", "b": "x1", "pearson": 0.6}]
    answer = shapley(weighted(np.ones(count)), {f"x{i}": SCORE for i in range(count)}, correlations=rows)
    expected = [1.6 / (count + 1.2)] * 2 + [1 / (count + 1.2)] * (count - 2)
    assert list(answer.shares.values()) == pytest.approx(expected, abs=0.01)
    assert answer.first is None


def test_groups_share_as_one_and_others_stand_by_themselves():
    inputs = {"a": SCORE, "b": SCORE, "c": SCORE, "fixed": 1.0}
    rows = [{"a": "a", "b": "b", "pearson": 0.5}]
    answer = shapley(
        lambda x: x["a"] + x["b"] + x["c"],
        inputs,
        groups={"both": ["a", "b"], "none": []},
        correlations=rows,
        draws=FAST,
    )
    assert list(answer.shares) == ["both", "none", "c", "fixed"]
    assert answer.shares == pytest.approx({"both": 0.75, "none": 0.0, "c": 0.25, "fixed": 0.0}, abs=2e-3)
    assert answer.first is not None  # the correlation lies within one group


coefficients = st.lists(st.floats(-3, 3), min_size=4, max_size=4).filter(lambda c: max(map(abs, c)) > 0.1)


def bent(c):
    return lambda x: c[0] * x["a"] + c[1] * x["b"] ** 2 + c[2] * x["a"] * x["c"] + c[3] * x["c"]


THREE = {"a": UNIT, "b": SCORE, "c": lognormal(0.5, 1.0)}


@LAW
@given(c=coefficients, rank=st.sampled_from([0.0, 0.6, -0.8]))
def test_shares_are_zero_or_more_and_sum_to_one(c, rank):
    answer = shapley(bent(c), THREE, correlations=[{"a": "a", "b": "c", "rank": rank}], draws=256)
    assert math.fsum(answer.shares.values()) == pytest.approx(1.0, abs=1e-12)
    assert min(answer.shares.values()) >= 0


@LAW
@given(c=coefficients, rank=st.sampled_from([0.0, 0.6]), order=st.permutations("abc"))
def test_the_order_of_inputs_does_not_matter(c, rank, order):
    rows = [{"a": "a", "b": "c", "rank": rank}]
    one = shapley(bent(c), THREE, correlations=rows, draws=256)
    two = shapley(bent(c), {name: THREE[name] for name in order}, correlations=rows, draws=256)
    assert one.shares == two.shares


@LAW
@given(c=coefficients, scale=st.floats(0.01, 1e6), shift=st.floats(-10, 10), sign=st.sampled_from([-1, 1]))
def test_scaling_and_shifting_the_figure_leaves_the_shares(c, scale, shift, sign):
    one = shapley(bent(c), THREE, draws=256)
    two = shapley(lambda x: sign * scale * (bent(c)(x) + shift), THREE, draws=256)
    assert two.shares == pytest.approx(one.shares, abs=1e-9)


def test_first_order_is_at_most_the_share_and_the_share_at_most_the_total():
    answer = shapley(bent([1.0, 1.0, 2.0, -0.5]), THREE)
    for name, share in answer.shares.items():
        assert answer.first[name] - 1e-3 <= share <= answer.total[name] + 1e-3


def test_the_seed_decides_and_standard_errors_are_on_the_safe_side():
    assert shapley(bent([1, 1, 1, 1]), THREE, seed=4).shares == shapley(bent([1, 1, 1, 1]), THREE, seed=4).shares
    found = [shapley(bent([1, 1, 1, 1]), THREE, draws=FAST, seed=seed) for seed in range(20)]
    for name in THREE:
        spread = np.std([answer.shares[name] for answer in found])
        assert spread < 1.2 * np.mean([answer.standard_error[name] for answer in found])


def test_a_figure_that_does_not_vary_has_no_shares_and_says_so():
    for inputs in ({"a": UNIT, "b": 2.0}, {"a": 1.0, "b": 2.0}, {"a": Uniform(low=2, high=2), "b": 2.0}):
        answer = shapley(lambda x: x["b"] * 1e6 / 3, inputs, draws=FAST)
        assert answer.shares == {"a": 0.0, "b": 0.0}
        assert "does not vary" in answer.notes[0]
        assert answer.mean == pytest.approx(2e6 / 3)
        assert answer.variance == 0.0


def test_no_inputs_at_all_are_no_shares():
    assert shapley(lambda x: np.ones(256 // 32), {}, draws=256).shares == {}


def test_the_table_has_a_row_an_input():
    frame = shapley(lambda x: x["a"], {"a": UNIT, "b": 1.0}, draws=256).to_frame()
    assert frame["name"].tolist() == ["a", "b"]
    assert frame["share"].tolist() == [1.0, 0.0]
    rows = [{"a": "a", "b": "b", "rank": 0.5}]
    frame = shapley(lambda x: x["a"], {"a": UNIT, "b": UNIT}, correlations=rows, draws=256).to_frame()
    assert frame["first"].isna().all()


@pytest.mark.parametrize(
    ("groups", "words"),
    [
        ({"g": ["a", "x"]}, "groups.g: x is not an input"),
        ({"g": ["a"], "h": ["a"]}, "groups.h: a is in group g already"),
        ({"b": ["a"]}, "groups.b: an input in no group has this name too"),
        ({"g": "a"}, "groups.g must be a list of inputs, got 'a'"),
    ],
)
def test_groups_that_cannot_be_are_refused(groups, words):
    with pytest.raises(InputError, match=words):
        shapley(lambda x: x["a"], {"a": UNIT, "b": UNIT}, groups=groups)


def test_a_function_that_returns_something_else_is_refused():
    with pytest.raises(InputError, match="one figure a draw"):
        shapley(lambda x: 1.0, {"a": UNIT})
    with pytest.raises(InputError, match="finite figures"):
        shapley(lambda x: x["a"] * np.inf, {"a": UNIT})
    with pytest.raises(InputError, match="draws must be"):
        shapley(lambda x: x["a"], {"a": UNIT}, draws=10)
