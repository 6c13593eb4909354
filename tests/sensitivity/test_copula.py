"""D-MC-5: Gaussian copula of correlation 0.6, two lognormals of sigma 0.5: Pearson 0.5697879, Spearman 0.5819201."""

import numpy as np
import pytest
from hypothesis import given as holds_for
from hypothesis import strategies as st
from scipy.stats import kendalltau, spearmanr
from strategies import LAW, distributions

from aiecon.errors import InputError
from aiecon.sensitivity.copula import clusters, draw_inputs, given, normal_correlation, root
from aiecon.vocabulary.correlation import Correlation
from aiecon.vocabulary.distribution import Z90, Discrete, Lognormal, Normal, Uniform, draw

COST = Lognormal(p10=np.exp(-0.5 * Z90), p90=np.exp(0.5 * Z90))
PAIR = {"a": COST, "b": COST}
UNIT = Uniform(low=0.0, high=1.0)


@pytest.mark.parametrize("row", [{"pearson": 0.5697879}, {"rank": 0.5819201}])
def test_d_mc_5_either_kind_leads_to_the_same_normal_correlation(row):
    matrix = normal_correlation(["a", "b"], [{"a": "a", "b": "b", **row}], PAIR)
    assert matrix[0, 1] == pytest.approx(0.6, abs=2e-7)


def test_d_mc_5_the_draws_have_all_three_correlations():
    drawn = draw_inputs(PAIR, correlations=[Correlation(a="a", b="b", rank=0.5819201)], draws=100_000, seed=3)
    assert spearmanr(drawn["a"], drawn["b"]).statistic == pytest.approx(0.5819201, abs=0.002)
    assert kendalltau(drawn["a"], drawn["b"]).statistic == pytest.approx(0.4096655, abs=0.003)
    assert np.corrcoef(drawn["a"], drawn["b"])[0, 1] == pytest.approx(0.5697879, abs=0.01)


@pytest.mark.parametrize("rank", [-1.0, -0.95, -0.4, 0.1, 0.8, 1.0])
def test_the_asked_rank_correlation_is_met_within_a_hundredth(rank):
    inputs = {"a": COST, "b": Normal(p10=-1.0, p90=4.0), "c": UNIT}
    rows = [{"a": "b", "b": "a", "rank": rank}]
    drawn = draw_inputs(inputs, correlations=rows, draws=100_000, seed=0)
    assert spearmanr(drawn["a"], drawn["b"]).statistic == pytest.approx(rank, abs=0.01)
    assert abs(spearmanr(drawn["a"], drawn["c"]).statistic) < 0.015


def test_three_correlated_inputs_have_every_pair_as_asked():
    rows = [
        {"a": "x", "b": "y", "rank": 0.7},
        {"a": "y", "b": "z", "rank": -0.5},
        {"a": "x", "b": "z", "rank": -0.2},
    ]
    drawn = draw_inputs(dict.fromkeys("xyz", COST), correlations=rows, draws=100_000, seed=5)
    for row in rows:
        assert spearmanr(drawn[row["a"]], drawn[row["b"]]).statistic == pytest.approx(row["rank"], abs=0.01)


@LAW
@holds_for(value=distributions, other=distributions, seed=st.integers(0, 99))
def test_another_uncertain_input_leaves_the_draws_as_they_were(value, other, seed):
    alone = draw_inputs({"b": value}, draws=50, seed=seed)["b"]
    beside = draw_inputs({"a": other, "b": value, "c": 4.0}, draws=50, seed=seed)
    assert alone.tolist() == beside["b"].tolist() == draw(value, "b", draws=50, seed=seed).tolist()
    assert beside["c"].tolist() == [4.0] * 50


@LAW
@holds_for(rank=st.floats(-0.99, 0.99), seed=st.integers(0, 99))
def test_correlation_puts_the_very_draws_in_another_order(rank, seed):
    inputs = {"a": COST, "b": UNIT, "alone": COST}
    together = draw_inputs(inputs, correlations=[{"a": "a", "b": "b", "rank": rank}], draws=200, seed=seed)
    apart = draw_inputs(inputs, draws=200, seed=seed)
    assert sorted(together["b"]) == sorted(apart["b"])
    assert together["a"].tolist() == apart["a"].tolist()  # the first by name keeps even its order
    assert together["alone"].tolist() == apart["alone"].tolist()


def test_the_order_of_inputs_and_rows_does_not_matter():
    rows = [{"a": "a", "b": "b", "rank": 0.5}, {"a": "b", "b": "c", "rank": 0.3}]
    one = draw_inputs({"a": COST, "b": UNIT, "c": COST}, correlations=rows, draws=100, seed=1)
    two = draw_inputs({"c": COST, "b": UNIT, "a": COST}, correlations=rows[::-1], draws=100, seed=1)
    assert all(one[name].tolist() == two[name].tolist() for name in one)


def test_very_few_draws_can_be_correlated_too():
    drawn = draw_inputs(PAIR, correlations=[{"a": "a", "b": "b", "rank": 1.0}], draws=2, seed=0)
    assert drawn["a"].argsort().tolist() == drawn["b"].argsort().tolist()


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([{"a": "a", "b": "fixed", "rank": 0.5}], "correlations: fixed does not vary"),
        ([{"a": "a", "b": "narrow", "rank": 0.5}], "correlations: narrow does not vary"),
        ([{"a": "a", "b": "bb", "rank": 0.5}], "correlations: bb is not an input"),
        ([{"a": "a", "b": "b", "rank": 0.5}, {"a": "b", "b": "a", "pearson": 0.1}], "stand twice"),
        ([{"a": "a", "b": "b", "pearson": -0.9}], r"a and b: pearson must be between -0.7788 and 1.0000"),
    ],
)
def test_correlations_that_cannot_be_are_refused(rows, words):
    inputs = PAIR | {"fixed": 2.0, "narrow": Uniform(low=2.0, high=2.0)}
    with pytest.raises(InputError, match=words):
        draw_inputs(inputs, correlations=rows, draws=10, seed=0)


def test_every_problem_comes_at_once():
    with pytest.raises(InputError) as caught:
        normal_correlation(
            ["a", "b"], [{"a": "a", "b": "x", "rank": 0}, {"a": "f", "b": "b", "rank": 0}], PAIR | {"f": 1.0}
        )
    assert len(caught.value.problems) == 2


def test_the_refusal_of_impossible_correlations_names_the_nearest_and_that_is_accepted():
    inputs = dict.fromkeys("abc", COST)
    rows = [
        {"a": "a", "b": "b", "rank": 0.9},
        {"a": "b", "b": "c", "pearson": 0.9},
        {"a": "a", "b": "c", "rank": -0.9},
    ]
    with pytest.raises(InputError, match="cannot hold together") as caught:
        normal_correlation("abc", rows, inputs)
    nearby = []
    for words, row in zip(
        sorted(caught.value.problems[1:]), sorted(rows, key=lambda row: row["a"] + row["b"]), strict=True
    ):
        kind, value = words.split(": ")[1].split(" (")[0].split()
        assert kind in row
        assert f"asked {row[kind]:g}" in words
        nearby.append({"a": row["a"], "b": row["b"], kind: float(value)})
    assert np.linalg.eigvalsh(normal_correlation("abc", nearby, inputs))[0] > 0


def test_a_pair_that_was_not_given_is_named_when_it_has_to_give_way():
    rows = [{"a": "a", "b": "b", "rank": 0.95}, {"a": "b", "b": "c", "rank": 0.95}]
    with pytest.raises(InputError, match=r"a and c: rank 0\.\d+ \(not given, which is 0\)"):
        normal_correlation("abc", rows, dict.fromkeys("abc", COST))


@pytest.mark.parametrize("draws", [0, -5])
def test_no_draws_are_refused(draws):
    with pytest.raises(InputError, match="draws must be at least 1"):
        draw_inputs(PAIR, draws=draws, seed=0)


def test_a_discrete_input_takes_a_rank_correlation():
    steps = Discrete(values=[1.0, 2.0, 3.0], weights=[5.0, 3.0, 2.0])
    drawn = draw_inputs({"a": steps, "b": UNIT}, correlations=[{"a": "a", "b": "b", "rank": 0.9}], draws=1_000, seed=0)
    assert (drawn["a"] == 1.0).mean() == pytest.approx(0.5, abs=0.05)
    assert spearmanr(drawn["a"], drawn["b"]).statistic > 0.75  # ties take some of it away


def test_a_root_gives_its_matrix_back_and_a_known_score_leads_the_others():
    matrix = np.array([[1.0, 0.5, 1.0], [0.5, 1.0, 0.5], [1.0, 0.5, 1.0]])
    np.testing.assert_allclose(root(matrix) @ root(matrix).T, matrix, atol=1e-12)
    slope, spread = given(matrix, np.array([True, False, False]))
    np.testing.assert_allclose(slope, [[0.5], [1.0]], atol=1e-12)
    np.testing.assert_allclose(spread @ spread.T, [[0.75, 0.0], [0.0, 0.0]], atol=1e-12)
    assert clusters(np.eye(3)) == []
    assert clusters(np.zeros((0, 0))) == []
