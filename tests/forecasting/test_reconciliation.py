from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import LAW

from aiecon.errors import InputError
from aiecon.forecasting.reconciliation import Reconciling, reconcile, shrunk_covariance, summing_matrix

METHODS = get_args(Reconciling)
SUMMING = np.array([[1.0, 1.0, 1.0], [1.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
BASE = np.array([100.0, 70.0, 30.0, 35.0, 40.0])
every_method = pytest.mark.parametrize("method", METHODS)


def variances_for(method, count, seed=0):
    if method == "wls_var":
        return np.random.default_rng(seed).uniform(0.1, 10, count)
    if method == "mint":
        factor = np.random.default_rng(seed).normal(0, 1, (count, count + 2))
        return factor @ factor.T + 0.1 * np.eye(count)
    return None


@st.composite
def hierarchies(draw):
    """A tree of up to three floors over up to eight leaves, as {parent: children}, and its leaves."""
    leaves = [f"leaf {place}" for place in range(draw(st.integers(2, 8)))]
    hierarchy, floor = {}, list(leaves)
    for level in range(draw(st.integers(1, 3))):
        size = draw(st.integers(1, 3))
        groups = [floor[at : at + size] for at in range(0, len(floor), size)]
        floor = [f"parent {level}.{place}" for place in range(len(groups))]
        hierarchy = {**dict(zip(floor, groups, strict=True)), **hierarchy}
    return {"all": floor, **hierarchy}, leaves


@every_method
@LAW
@given(tree=hierarchies(), seed=st.integers(0, 10_000), size=st.sampled_from([1e-3, 1.0, 1e7]))
def test_every_parent_is_the_sum_of_its_children(method, tree, seed, size):
    hierarchy, leaves = tree
    nodes, summing = summing_matrix(hierarchy, leaves)
    base = size * np.random.default_rng(seed).normal(1, 1, (len(nodes), 2, 3))
    found = dict(
        zip(
            nodes,
            reconcile(base, summing, method=method, variances=variances_for(method, len(nodes), seed)),
            strict=True,
        )
    )
    for parent, children in hierarchy.items():
        whole = sum(found[child] for child in children)
        np.testing.assert_allclose(found[parent], whole, rtol=1e-9, atol=1e-9 * np.abs(base).max())


@every_method
@LAW
@given(tree=hierarchies(), seed=st.integers(0, 10_000))
def test_forecasts_that_add_up_already_stay_as_they_are(method, tree, seed):
    nodes, summing = summing_matrix(*tree)
    base = summing @ np.random.default_rng(seed).normal(10, 5, summing.shape[1])
    found = reconcile(base, summing, method=method, variances=variances_for(method, len(nodes), seed))
    np.testing.assert_allclose(found, base, rtol=1e-7, atol=1e-7)


@every_method
@LAW
@given(seed=st.integers(0, 10_000), factor=st.floats(-100, 100))
def test_reconciling_is_linear_and_doing_it_twice_changes_nothing(method, seed, factor):
    one, other = np.random.default_rng(seed).normal(0, 1, (2, 5))
    variances = variances_for(method, 5, seed)

    def coherent(base):
        return reconcile(base, SUMMING, method=method, variances=variances)

    np.testing.assert_allclose(coherent(one + factor * other), coherent(one) + factor * coherent(other), atol=1e-6)
    np.testing.assert_allclose(coherent(coherent(one)), coherent(one), atol=1e-8)


@pytest.mark.parametrize("method", ["ols", "wls_struct", "wls_var", "mint"])
def test_the_coherent_forecast_is_the_projection_of_the_base(method):
    """Least squares after whitening: the nearest coherent point, by another route."""
    given_ = variances_for(method, 5)
    weight = {"ols": np.eye(5), "wls_struct": np.diag([3.0, 2.0, 1.0, 1.0, 1.0])}.get(method)
    weight = weight if weight is not None else np.diag(given_) if method == "wls_var" else given_
    whitener = np.linalg.inv(np.linalg.cholesky(weight))
    bottom = np.linalg.lstsq(whitener @ SUMMING, whitener @ BASE, rcond=None)[0]
    found = reconcile(BASE, SUMMING, method=method, variances=given_)
    np.testing.assert_allclose(found, SUMMING @ bottom, rtol=1e-9)


def test_three_nodes_by_hand():
    """Ols spreads the gap of 10 evenly over the three; wls_struct gives the total, sum of two leaves, half of it."""
    summing = np.array([[1, 1], [1, 0], [0, 1]])
    base = np.array([100.0, 40.0, 50.0])
    third = 10 / 3
    np.testing.assert_allclose(reconcile(base, summing, method="ols"), [100 - third, 40 + third, 50 + third])
    np.testing.assert_allclose(reconcile(base, summing, method="wls_struct"), [95.0, 42.5, 52.5])
    np.testing.assert_allclose(reconcile(base, summing, method="bottom_up"), [90.0, 40.0, 50.0])
    certain = np.array([1e-9, 1.0, 3.0])
    np.testing.assert_allclose(reconcile(base, summing, method="wls_var", variances=certain), [100.0, 42.5, 57.5])


def test_bottom_up_finds_the_leaves_in_whatever_row_they_stand():
    order = [3, 0, 4, 1, 2]
    mixed = reconcile(BASE[order], SUMMING[order], method="bottom_up")
    np.testing.assert_allclose(mixed, reconcile(BASE, SUMMING, method="bottom_up")[order])


@every_method
def test_samples_and_periods_are_reconciled_one_by_one(method):
    base = np.random.default_rng(3).normal(50, 10, (5, 4, 6))
    variances = variances_for(method, 5)
    found = reconcile(base, SUMMING, method=method, variances=variances)
    assert found.shape == base.shape
    for sample, period in ((0, 0), (3, 5)):
        alone = reconcile(base[:, sample, period], SUMMING, method=method, variances=variances)
        np.testing.assert_allclose(found[:, sample, period], alone)


def test_a_diagonal_covariance_is_what_variances_alone_say():
    variances = np.array([4.0, 2.0, 1.0, 3.0, 0.5])
    full = reconcile(BASE, SUMMING, method="mint", variances=np.diag(variances))
    np.testing.assert_allclose(full, reconcile(BASE, SUMMING, method="wls_var", variances=variances))
    np.testing.assert_allclose(full, reconcile(BASE, SUMMING, method="mint", variances=variances))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"method": "magic"}, "method must be one of bottom_up, ols, wls_struct, wls_var, mint, got 'magic'"),
        ({"base": BASE[:4]}, r"one row for each of summing, got shapes \(4,\) and \(5, 3\)"),
        ({"base": np.array(1.0)}, r"one row for each of summing, got shapes \(\) and \(5, 3\)"),
        ({"base": np.array([np.nan, 1.0, 1.0, 1.0, 1.0])}, "base must be finite numbers"),
        ({"summing": SUMMING[:, [0, 1, 1]]}, "its columns are not independent"),
        ({"method": "wls_var"}, "wls_var needs variances"),
        ({"method": "mint", "variances": np.ones(4)}, r"shape \(5,\) or \(5, 5\), got \(4,\)"),
        ({"method": "wls_var", "variances": np.eye(5)}, r"shape \(5,\), got \(5, 5\)"),
        ({"method": "wls_var", "variances": np.array([1.0, 1, 1, 1, 0])}, "variances must be above zero"),
        ({"method": "mint", "variances": -np.eye(5)}, "variances must be above zero"),
    ],
)
def test_what_cannot_be_reconciled_is_refused_with_words(changes, words):
    asked = {"base": BASE, "summing": SUMMING, "method": "ols", **changes}
    with pytest.raises(InputError, match=words):
        reconcile(asked.pop("base"), asked.pop("summing"), **asked)


def test_all_problems_come_together():
    with pytest.raises(InputError) as caught:
        reconcile(BASE * np.nan, SUMMING[:, [0, 1, 1]], method="mint", variances=np.ones(2))
    assert len(caught.value.problems) == 3


def test_bottom_up_needs_a_row_of_its_own_for_each_leaf():
    two_parents = np.array([[1.0, 1.0], [1.0, 0.0]])
    with pytest.raises(InputError, match="summing has no row of its own for leaf 1"):
        reconcile(np.array([3.0, 1.0]), two_parents, method="bottom_up")


@LAW
@given(st.integers(0, 10_000), st.integers(1, 8), st.integers(3, 60))
def test_a_shrunk_covariance_is_one_and_lies_between_the_diagonal_and_the_sample(seed, nodes, length):
    random = np.random.default_rng(seed)
    errors = random.normal(0, 1, (length, nodes)) @ random.normal(0, 1, (nodes, nodes))
    found, sample = shrunk_covariance(errors), errors.T @ errors / length
    np.testing.assert_allclose(found, found.T)
    assert np.linalg.eigvalsh(found).min() > -1e-9 * np.trace(found)
    np.testing.assert_allclose(np.diagonal(found), np.diagonal(sample))
    off = ~np.eye(nodes, dtype=bool)
    held = found[off] / sample[off]
    assert (held >= -1e-12).all()
    assert (held <= 1 + 1e-12).all()
    np.testing.assert_allclose(held, held[:1].repeat(len(held)))  # one strength for all


def test_more_nodes_than_errors_still_give_a_covariance_that_can_be_inverted():
    found = shrunk_covariance(np.random.default_rng(0).normal(0, 1, (6, 20)))
    assert np.linalg.eigvalsh(found).min() > 0


def test_many_errors_are_believed_and_few_are_not():
    random = np.random.default_rng(1)
    tied = random.normal(0, 1, (5_000, 1)) + 0.5 * random.normal(0, 1, (5_000, 2))
    sample = (tied.T @ tied / 5_000)[0, 1]
    assert shrunk_covariance(tied)[0, 1] == pytest.approx(sample, rel=0.01)
    strangers = random.normal(0, 1, (6, 5))
    assert np.abs(np.corrcoef(strangers.T)).mean() > np.abs(shrunk_covariance(strangers)).mean()


def test_a_node_without_errors_gets_a_small_variance():
    errors = np.random.default_rng(2).normal(0, 5, (30, 3)) * np.array([1.0, 0.0, 1.0])
    found = shrunk_covariance(errors)
    assert 0 < found[1, 1] < 1e-3 * found[0, 0]
    assert (np.diagonal(shrunk_covariance(np.zeros((10, 2)))) > 0).all()


def test_the_summing_matrix_has_parents_first_and_a_one_for_each_leaf_below():
    nodes, summing = summing_matrix({"all": ["ab", "c"], "ab": ["a", "b"]}, ["a", "b", "c"])
    assert nodes == ["all", "ab", "a", "b", "c"]
    assert summing.tolist() == SUMMING.tolist()


def test_a_leaf_outside_the_hierarchy_belongs_to_no_parent():
    _, summing = summing_matrix({"ab": ["a", "b"]}, ["a", "b", "c"])
    assert summing[0].tolist() == [1.0, 1.0, 0.0]


@pytest.mark.parametrize(
    ("hierarchy", "words"),
    [
        ({"x": ["y"], "y": ["x"]}, "is above and below itself"),
        ({"x": ["x"]}, "hierarchy.x: it is above and below itself"),
        ({"x": ["a", "b"], "y": ["b"]}, "hierarchy.y: 'b' is a child of 'x' already"),
        ({"x": ["a", "a"]}, "hierarchy.x: 'a' is a child of 'x' already"),
        ({"x": ["a", "z"]}, r"hierarchy.x: 'z' is neither a series nor a parent \(series: a, b\)"),
        ({"a": ["b"]}, "hierarchy.a: it is a series of the history too"),
        ({"x": []}, "hierarchy.x: it has no children"),
    ],
)
def test_a_hierarchy_that_does_not_fit_is_refused_with_words(hierarchy, words):
    with pytest.raises(InputError, match=words):
        summing_matrix(hierarchy, ["a", "b"])


def test_all_problems_of_a_hierarchy_come_together():
    with pytest.raises(InputError) as caught:
        summing_matrix({"a": ["b"], "x": [], "y": ["b", "z"]}, ["a", "b"])
    assert len(caught.value.problems) == 4
