import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import LAW

from aiecon.errors import InputError
from aiecon.sensitivity.pearson import normal_of_pearson, pearson_of_normal
from aiecon.vocabulary.distribution import Z90, Discrete, Lognormal, Normal, Pert, Uniform

UNIT = Uniform(low=0.0, high=1.0)


def lognormal(sigma):
    return Lognormal(p10=np.exp(-sigma * Z90), p90=np.exp(sigma * Z90))


@pytest.mark.parametrize("normal", [-1.0, -0.5, 0.3, 0.9, 1.0])
def test_lognormals_and_uniforms_in_closed_form(normal):
    a, b = 0.5, 0.8
    exact = np.expm1(a * b * normal) / np.sqrt(np.expm1(a**2) * np.expm1(b**2))
    assert pearson_of_normal(normal, lognormal(a), lognormal(b)) == pytest.approx(exact, abs=1e-8)
    assert pearson_of_normal(normal, UNIT, UNIT) == pytest.approx(6 / np.pi * np.arcsin(normal / 2), abs=1e-6)


@LAW
@given(normal=st.floats(-0.95, 0.95))
def test_one_is_the_inverse_of_the_other(normal):
    cost, delay = lognormal(0.6), Pert(low=1.0, mode=2.0, high=9.0)
    assert normal_of_pearson(pearson_of_normal(normal, cost, delay), cost, delay) == pytest.approx(normal, abs=1e-7)


def test_two_switches_correlate_as_a_quadrant_probability():
    switch = Discrete(values=[0.0, 1.0], weights=[1.0, 1.0])
    assert pearson_of_normal(0.5, switch, switch) == pytest.approx(2 / np.pi * np.arcsin(0.5), abs=1e-3)
    assert normal_of_pearson(1.0, switch, switch) == 1.0
    assert 0.9 < normal_of_pearson(0.99, switch, switch) <= 1.0


def test_normals_correlate_as_their_scores():
    price = Normal(p10=1.0, p90=3.0)
    assert normal_of_pearson(-0.7, price, price) == pytest.approx(-0.7, abs=1e-9)
    assert normal_of_pearson(-1.0, price, price) == -1.0


def test_what_the_distributions_cannot_do_is_refused_with_the_range():
    with pytest.raises(InputError, match=r"between -0\.7788 and 1\.0000 for these distributions, got -0\.8"):
        normal_of_pearson(-0.8, lognormal(0.5), lognormal(0.5))
