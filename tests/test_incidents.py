"""Incident reserve: the compound Poisson's moments, its quantile against draws, laws and messages."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from strategies import LAW

from aiecon.errors import InputError
from aiecon.incidents import incident_reserve
from aiecon.vocabulary.distribution import Z90, Lognormal

SIGMA = np.log(1 + 1.5**2) ** 0.5
MEDIAN = 20_000 / (1 + 1.5**2) ** 0.5
SEVERE = Lognormal(p10=MEDIAN * np.exp(-Z90 * SIGMA), p90=MEDIAN * np.exp(Z90 * SIGMA))
"""Mean 20,000, coefficient of variation 1.5."""


def drawn(per_year, size, years=200_000):
    generator = np.random.default_rng(3)
    counts = generator.poisson(per_year, years)
    sizes = np.maximum(size.ppf(generator.random(counts.sum())), 0.0)
    return np.bincount(np.repeat(np.arange(years), counts), sizes, years)


def test_d_mc_8_six_incidents_a_year():
    """Mean λ E[X], sd √(λ E[X²]) (Klugman, Panjer and Willmot, Loss Models)."""
    found = incident_reserve(per_year=6, size=SEVERE, quantile=0.9)
    assert found.mean == pytest.approx(120_000, rel=1e-9)
    assert found.sd == pytest.approx(88_317.61, abs=0.005)
    assert found.none_probability == pytest.approx(np.exp(-6))


@pytest.mark.parametrize("quantile", [0.5, 0.75, 0.9, 0.99])
@pytest.mark.parametrize(
    "size",
    [
        SEVERE,
        Lognormal(p10=1_000, p90=10_000),
        {"shape": "uniform", "low": 0.0, "high": 50_000.0},
        {"shape": "discrete", "values": [1_000.0, 40_000.0], "weights": [0.7, 0.3]},
        {"shape": "normal", "p10": -2_000.0, "p90": 30_000.0},
    ],
    ids=["lognormal", "lognormal2", "uniform", "discrete", "normal"],
)
def test_the_quantile_is_that_of_many_simulated_years(size, quantile):
    found = incident_reserve(per_year=6, size=size, quantile=quantile)
    if isinstance(size, dict):
        from aiecon.incidents import _DISTRIBUTION

        size = _DISTRIBUTION.validate_python(size)
    years = drawn(6, size)
    assert found.held == pytest.approx(np.quantile(years, quantile), rel=0.015)
    assert found.mean == pytest.approx(years.mean(), rel=0.01)
    assert found.sd == pytest.approx(years.std(), rel=0.02)


@LAW
@given(st.floats(0.1, 40), st.floats(0.01, 0.999), st.floats(1, 1e6))
def test_incidents_of_one_size_are_so_many_times_it(per_year, quantile, size):
    found = incident_reserve(per_year=per_year, size=size, quantile=quantile)
    assert found.held == pytest.approx(size * stats.poisson(per_year).ppf(quantile))


@LAW
@given(st.floats(0.1, 20), st.floats(0.5, 0.98), st.sampled_from([0.5, 3.0]))
def test_it_scales_with_money_and_grows_with_rate_and_certainty(per_year, quantile, times):
    def held(rate=per_year, share=quantile, money=1.0):
        size = Lognormal(p10=100 * money, p90=900 * money)
        return incident_reserve(per_year=rate, size=size, quantile=share).held

    assert held(money=times) == pytest.approx(times * held())
    step = 1e-3 * held() + 1.0
    assert held(rate=per_year * 1.5) >= held() - step
    assert held(share=quantile + 0.01) >= held() - step


def test_a_quarter_has_a_quarter_of_the_incidents():
    year = incident_reserve(per_year=3, size=SEVERE, quantile=0.9)
    quarter = incident_reserve(per_year=12, size=SEVERE, quantile=0.9, months=3)
    assert (quarter.expected, quarter.held) == (year.expected, year.held)


def test_nothing_is_held_where_most_periods_have_no_incident_or_none_costs_anything():
    assert incident_reserve(per_year=0.2, size=SEVERE, quantile=0.75).held == 0.0
    assert incident_reserve(per_year=0, size=SEVERE, quantile=0.75).mean == 0.0
    assert incident_reserve(per_year=5, size=0.0, quantile=0.75).held == 0.0


def test_what_cannot_be_is_refused_in_words():
    with pytest.raises(InputError) as error:
        incident_reserve(per_year=-1, size=1.0, quantile=1.0, months=0)
    assert error.value.problems == (
        "per_year must be zero or more, got -1",
        "months must be above zero, got 0",
        "quantile must be between 0 and 1, got 1.0",
    )
    with pytest.raises(InputError, match="size: must have shape"):
        incident_reserve(per_year=1, size={"shape": "gamma"}, quantile=0.5)
