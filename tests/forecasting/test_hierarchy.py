from typing import get_args

import numpy as np
import pandas as pd
import pytest

from aiecon.errors import InputError
from aiecon.forecasting import hierarchy
from aiecon.forecasting.calendar import Calendar
from aiecon.forecasting.combine import SHARES
from aiecon.forecasting.ensemble import Settings, forecast_values
from aiecon.forecasting.hierarchy import coherent
from aiecon.forecasting.methods import METHODS
from aiecon.forecasting.reconciliation import Reconciling

DAILY = Calendar("D", pd.offsets.Day(), 7)
QUICK = Settings(methods={"theta": METHODS["theta"]}, origins=6)
TREE = {"all": ["engineering", "sales"], "engineering": ["dev", "prod"]}
every_method = pytest.mark.parametrize("method", get_args(Reconciling))


@pytest.fixture(scope="module")
def values():
    """Three series that share some of what moves them."""
    random = np.random.default_rng(1)
    common = np.cumsum(random.normal(0, 0.02, 90))
    level = {"dev": 20.0, "prod": 100.0, "sales": 50.0}
    return pd.DataFrame(
        {name: size * np.exp(common + random.normal(0, 0.1, 90)) for name, size in level.items()},
        index=pd.date_range("2026-01-01", periods=90),
    )


@pytest.fixture(scope="module")
def leaves(values):
    return forecast_values(values, DAILY, horizon=7, settings=QUICK)


@every_method
def test_every_path_of_a_parent_is_the_sum_of_its_childrens(values, leaves, method):
    found = coherent(leaves, values, TREE, method=method, settings=QUICK)
    paths = {name: fan.paths(seed=0) for name, fan in {**found.fans, **found.parents}.items()}
    for parent, children in TREE.items():
        np.testing.assert_allclose(paths[parent], sum(paths[child] for child in children), rtol=1e-9)
    for name, fan in found.parents.items():
        np.testing.assert_allclose(fan.quantiles, np.quantile(paths[name], SHARES, axis=0), rtol=1e-12)
    assert (paths["dev"] >= 0).all()


@every_method
def test_the_total_is_that_of_the_leaves_and_counts_nothing_twice(values, leaves, method):
    found = coherent(leaves, values, TREE, method=method, settings=QUICK)
    np.testing.assert_allclose(found.total_paths, found.parents["all"].paths(seed=0), rtol=1e-9)
    assert list(found.expected) == ["dev", "prod", "sales"]
    assert found.to_frame()["series"].unique().tolist() == ["dev", "prod", "sales", "all", "engineering"]
    total = found.sum_quantiles(np.ones(7))["p50"]
    assert total == pytest.approx(leaves.sum_quantiles(np.ones(7))["p50"], rel=0.1)


def test_bottom_up_leaves_the_leaves_and_their_total_as_they_were(values, leaves):
    found = coherent(leaves, values, TREE, method="bottom_up", settings=QUICK)
    for name, fan in leaves.fans.items():
        np.testing.assert_array_equal(found.fans[name].paths(seed=0), fan.paths(seed=0))
    np.testing.assert_allclose(found.total_paths, leaves.total_paths, rtol=1e-12)


def test_reconciling_draws_the_leaves_towards_what_their_parent_expects(values, leaves):
    """Ols: what the parents expect is between the sum of the leaves and their own forecast."""
    found = coherent(leaves, values, {"all": ["dev", "prod", "sales"]}, method="ols", settings=QUICK)
    top = forecast_values(values.sum(axis=1).to_frame("all"), DAILY, horizon=7, settings=QUICK)
    own, added = top.fans["all"].paths(seed=0).mean(axis=0), leaves.total_paths.mean(axis=0)
    whole = found.parents["all"].paths(seed=0).mean(axis=0)
    assert (whole >= np.minimum(own, added) - 1e-6).all()
    assert (whole <= np.maximum(own, added) + 1e-6).all()


def test_leaves_outside_the_hierarchy_stay_in_the_total(values, leaves):
    found = coherent(leaves, values, {"engineering": ["dev", "prod"]}, method="ols", settings=QUICK)
    parts = found.parents["engineering"].paths(seed=0) + found.fans["sales"].paths(seed=0)
    np.testing.assert_allclose(found.total_paths, parts, rtol=1e-9)
    np.testing.assert_allclose(found.fans["sales"].paths(seed=0), leaves.fans["sales"].paths(seed=0), rtol=1e-9)


def test_the_order_of_the_children_never_matters(values, leaves):
    turned = {"engineering": ["prod", "dev"], "all": ["sales", "engineering"]}
    one, other = (coherent(leaves, values, tree, settings=QUICK) for tree in (TREE, turned))
    for name in ("dev", "prod", "sales"):
        np.testing.assert_allclose(one.fans[name].paths(seed=0), other.fans[name].paths(seed=0), rtol=1e-6)


def test_a_hierarchy_that_does_not_fit_the_series_is_refused(values, leaves):
    with pytest.raises(InputError, match=r"hierarchy\.all: 'marketing' is neither a series nor a parent"):
        coherent(leaves, values, {"all": ["dev", "marketing"]}, settings=QUICK)


def test_a_leaf_that_begins_late_leaves_the_history_of_other_parents_whole(values, monkeypatch):
    seen = {}

    def spying(above, *args, **settings):
        seen["above"] = above
        return forecast_values(above, *args, **settings)

    late = values.assign(sales=values["sales"].where(np.arange(90) >= 40))
    base = forecast_values(late, DAILY, horizon=7, settings=QUICK)
    monkeypatch.setattr(hierarchy, "forecast_values", spying)
    coherent(base, late, TREE, method="ols", settings=QUICK)
    np.testing.assert_allclose(seen["above"]["engineering"], values["dev"] + values["prod"])
    whole = values["dev"] + values["prod"] + late["sales"].fillna(0.0)  # nothing before it begins
    np.testing.assert_allclose(seen["above"]["all"], whole)


def test_gaps_of_a_leaf_are_bridged_for_its_parents(values, monkeypatch):
    seen = {}

    def spying(above, *args, **settings):
        seen["above"] = above
        return forecast_values(above, *args, **settings)

    steady = values.assign(sales=50.0 + 5.0 * (np.arange(90) % 7))
    holed = steady.copy()
    holed.iloc[[30, 31, 32, 60], 2] = np.nan
    base = forecast_values(holed, DAILY, horizon=7, settings=QUICK)
    monkeypatch.setattr(hierarchy, "forecast_values", spying)
    coherent(base, holed, TREE, method="ols", settings=QUICK)
    np.testing.assert_allclose(seen["above"]["all"], steady.sum(axis=1))
    assert holed["sales"].isna().sum() == 4  # what was given is left alone


def with_a_leaf_just_begun(values):
    short = values.assign(sales=values["sales"].where(np.arange(90) >= 87))
    return forecast_values(short, DAILY, horizon=7, settings=QUICK), short


def test_a_leaf_that_has_just_begun_does_not_keep_its_parents_from_being_forecast(values):
    base, short = with_a_leaf_just_begun(values)
    found = coherent(base, short, TREE, method="wls_struct", settings=QUICK)
    assert np.isfinite(found.parents["all"].middle).all()


@pytest.mark.parametrize("method", ["wls_var", "mint"])
def test_a_leaf_too_short_for_a_back_test_is_refused_where_its_errors_are_asked_for(values, method):
    base, short = with_a_leaf_just_begun(values)
    with pytest.raises(InputError, match=f"reconcile = {method} needs a back-test of every node; sales is too short"):
        coherent(base, short, TREE, method=method, settings=QUICK)
