"""Closed forms of the lognormal, and standard errors held against the spread over many samples."""

import numpy as np
import pytest
from scipy.special import ndtr
from scipy.stats import lognorm

from aiecon.sensitivity import estimates

COST = lognorm(0.6, scale=100.0)
SHORTFALL = COST.mean() * ndtr(0.6 - 1.6448536) / 0.05

FIGURES = {
    "mean": (lambda x: estimates.mean(x), COST.mean()),
    "p90": (lambda x: estimates.quantile(x, level=0.9), COST.ppf(0.9)),
    "shortfall": (lambda x: estimates.expected_shortfall(x, level=0.95), SHORTFALL),
    "above": (lambda x: estimates.probability_above(x, threshold=150.0), COST.sf(150.0)),
}


@pytest.mark.parametrize("name", FIGURES)
def test_figures_are_right_and_their_standard_errors_are_what_they_spread(name):
    figure, exact = FIGURES[name]
    found = [figure(COST.rvs(4_000, random_state=seed)) for seed in range(300)]
    values = np.array([estimate.value for estimate in found])
    error = np.mean([estimate.standard_error for estimate in found])
    assert values.mean() == pytest.approx(exact, abs=4 * values.std() / np.sqrt(len(values)) + 1e-3 * exact)
    assert error == pytest.approx(values.std(), rel=0.12)


def test_no_draws_are_no_figures():
    for figure, _ in FIGURES.values():
        assert figure(np.array([])) == estimates.Estimate(None, None)


def test_one_draw_has_no_spread():
    assert estimates.mean(np.array([3.0])) == estimates.Estimate(3.0, 0.0)
    assert estimates.expected_shortfall(np.array([3.0]), level=0.95).value == 3.0
