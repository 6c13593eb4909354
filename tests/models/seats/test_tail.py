"""Fits of a heavy tail find what they were drawn from."""

import numpy as np
import pytest

from aiecon.errors import InputError
from aiecon.models.seats import fit_usage


@pytest.mark.long
def test_a_lognormal_is_found_with_its_parameters_inside_the_interval_most_of_the_time():
    """Of twenty samples of 400 the 80 % interval holds the true sigma in about 16."""
    held = 0
    for seed in range(20):
        best = fit_usage(np.random.default_rng(seed).lognormal(3.0, 1.5, 400), seed=seed)[0]
        assert best.family == "lognormal"
        low, high = best.intervals["sigma"]
        held += low <= 1.5 <= high
        assert best.parameters["sigma"] == pytest.approx(1.5, abs=0.2)
    assert 12 <= held <= 19


def test_a_pareto_is_found_with_its_parameters():
    best = fit_usage(10 * (1 + np.random.default_rng(1).pareto(1.16, 3_000)))[0]
    assert best.family == "pareto"
    assert best.parameters["alpha"] == pytest.approx(1.16, rel=0.05)
    low, high = best.intervals["alpha"]
    assert low <= 1.16 <= high
    assert best.parameters["minimum"] == pytest.approx(10, rel=0.01)
    assert best.distance < 0.05
    assert best.table is None


def test_the_table_of_a_fit_is_a_distribution_with_its_parameters():
    spend = np.random.default_rng(2).lognormal(3.0, 1.0, 2_000)
    best = fit_usage(spend)[0]
    middle = np.sqrt(best.table["p10"] * best.table["p90"])
    assert middle == pytest.approx(best.parameters["median"])
    assert best.table["p10"] == pytest.approx(np.quantile(spend, 0.1), rel=0.1)


def two_kinds(people, seed):
    """One in five is heavy: median 150 and sigma 0.6 against 7.4 and 0.8."""
    random = np.random.default_rng(seed)
    is_heavy = random.random(people) < 0.2
    return np.where(is_heavy, random.lognormal(np.log(150), 0.6, people), random.lognormal(np.log(7.4), 0.8, people))


@pytest.mark.parametrize("people", [1_000, 10_000])
def test_two_kinds_of_people_are_found(people):
    best = fit_usage(two_kinds(people, seed=4))[0]
    assert best.family == "mixture"
    true = {"heavy_share": 0.2, "light_median": 7.4, "light_sigma": 0.8, "heavy_median": 150, "heavy_sigma": 0.6}
    assert best.parameters == pytest.approx(true, rel=0.25)
    assert best.distance < 1.36 / np.sqrt(people)
    for name, (low, high) in best.intervals.items():
        assert low <= best.parameters[name] <= high


def test_a_mixture_fits_no_worse_than_one_lognormal_and_pays_for_its_parameters():
    for seed in range(5):
        found = {one.family: one for one in fit_usage(np.random.default_rng(seed).lognormal(3, 1, 200))}
        assert found["mixture"].log_likelihood >= found["lognormal"].log_likelihood - 0.5
        assert found["lognormal"].score == pytest.approx(found["lognormal"].log_likelihood - np.log(200))
        assert found["mixture"].score == pytest.approx(found["mixture"].log_likelihood - 2.5 * np.log(200))


def test_people_without_use_are_counted_and_left_out():
    spend = np.concatenate([np.zeros(100), np.random.default_rng(3).lognormal(3, 1, 300)])
    found = fit_usage(spend)
    assert found[0].zero_share == pytest.approx(0.25)
    assert found[0].parameters == fit_usage(spend[100:])[0].parameters


def test_people_who_all_use_the_same_do_not_break_the_fit():
    assert all(np.isfinite(list(one.parameters.values())).all() for one in fit_usage(np.full(50, 7.0)))


def test_too_few_people_and_impossible_use_are_refused():
    with pytest.raises(InputError, match="10 people with some use are needed to fit a tail, got 3"):
        fit_usage(np.array([1.0, 2.0, 3.0, 0.0]))
    with pytest.raises(InputError, match="zero or more"):
        fit_usage(np.array([-1.0] * 20))
