"""D-MC-1 (Ishigami), D-MC-4 (product of lognormals), D-MC-6 (Sobol's g function); Saltelli et al. 2010."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import LAW

from aiecon.errors import InputError
from aiecon.sensitivity.sobol import ratios, sobol
from aiecon.vocabulary.distribution import Z90, Lognormal, Uniform

ANGLE = Uniform(low=-math.pi, high=math.pi)
UNIT = Uniform(low=0.0, high=1.0)
G = (0.0, 1.0, 4.5, 9.0, 99.0, 99.0, 99.0, 99.0)


def g_function(x):
    return np.prod([(np.abs(4 * x[f"x{i}"] - 2) + a) / (1 + a) for i, a in enumerate(G)], axis=0)


def lognormal(sigma, median):
    return Lognormal(p10=median * np.exp(-sigma * Z90), p90=median * np.exp(sigma * Z90))


def test_d_mc_1_ishigami_within_two_thousandths():
    def f(x):
        return np.sin(x["x1"]) + 7 * np.sin(x["x2"]) ** 2 + 0.1 * x["x3"] ** 4 * np.sin(x["x1"])

    answer = sobol(f, {"x1": ANGLE, "x2": ANGLE, "x3": ANGLE}, draws=2**16)
    assert list(answer.first.values()) == pytest.approx([0.3139052, 0.4424111, 0.0], abs=2e-3)
    assert list(answer.total.values()) == pytest.approx([0.5575889, 0.4424111, 0.2436837], abs=2e-3)
    assert answer.variance == pytest.approx(13.8445879, rel=1e-3)


def test_d_mc_4_product_of_lognormals():
    inputs = {"a": lognormal(0.3, 10.0), "b": lognormal(0.5, 100.0), "c": lognormal(0.2, 100.0)}
    answer = sobol(lambda x: x["a"] * x["b"] * x["c"], inputs, draws=2**16)
    assert list(answer.first.values()) == pytest.approx([0.203715, 0.614395, 0.088281], abs=5e-3)
    assert list(answer.total.values()) == pytest.approx([0.272250, 0.699691, 0.124030], abs=5e-3)
    assert answer.mean == pytest.approx(120_924.96, rel=2e-3)


def test_d_mc_6_sobol_g():
    answer = sobol(g_function, {f"x{i}": UNIT for i in range(8)}, draws=2**15)
    first = [0.716192, 0.179048, 0.023676, 0.007162, *[0.000072] * 4]
    total = [0.787144, 0.242198, 0.034317, 0.010460, *[0.000105] * 4]
    assert list(answer.first.values()) == pytest.approx(first, abs=2e-3)
    assert list(answer.total.values()) == pytest.approx(total, abs=2e-3)


@LAW
@given(scale=st.floats(0.01, 1e6), shift=st.floats(-100, 100))
def test_scaling_and_shifting_leaves_the_indices(scale, shift):
    one = sobol(lambda x: x["a"] * x["b"], {"a": UNIT, "b": UNIT}, draws=256)
    two = sobol(lambda x: scale * (x["a"] * x["b"] + shift), {"b": UNIT, "a": UNIT}, draws=256)
    assert two.first == pytest.approx(one.first, abs=1e-8)
    assert two.total == pytest.approx(one.total, abs=1e-8)


def test_standard_errors_are_on_the_safe_side():
    found = [sobol(g_function, {f"x{i}": UNIT for i in range(8)}, draws=2**10, seed=seed) for seed in range(20)]
    for kind in ("first", "total"):
        spread = np.std([getattr(answer, kind)["x0"] for answer in found])
        assert spread < 1.2 * np.mean([getattr(answer, f"{kind}_standard_error")["x0"] for answer in found])


def test_plain_numbers_and_flat_figures_have_indices_of_zero():
    answer = sobol(lambda x: x["a"] + x["fixed"], {"a": UNIT, "fixed": 3.0})
    assert answer.first == pytest.approx({"a": 1.0, "fixed": 0.0}, abs=1e-3)
    flat = sobol(lambda x: x["fixed"] / 3, {"a": UNIT, "fixed": 1e6})
    assert flat.total == {"a": 0.0, "fixed": 0.0}
    assert "does not vary" in flat.notes[0]
    assert sobol(lambda x: x["fixed"], {"fixed": 3.0}).mean == 3.0


def test_the_table_has_a_row_an_input_in_the_order_given():
    frame = sobol(lambda x: x["b"] + x["a"], {"b": UNIT, "a": UNIT}, draws=256).to_frame()
    assert frame["name"].tolist() == ["b", "a"]
    assert list(frame) == ["name", "first", "total", "first_standard_error", "total_standard_error"]


def test_ratios_of_equal_parts_have_no_error():
    share, error = ratios(np.array([[1.0, 2.0, 3.0]]), np.array([2.0, 4.0, 6.0]))
    assert share.tolist() == [0.5]
    assert error.tolist() == [0.0]


def test_bad_input_is_refused():
    with pytest.raises(InputError, match="must be a finite number or a distribution"):
        sobol(lambda x: x["a"], {"a": "much"})
    with pytest.raises(InputError, match="one figure a draw"):
        sobol(lambda x: x["a"][:5], {"a": UNIT})
