import numpy as np
import pytest
from hypothesis import example, given
from scipy.special import ndtr, ndtri
from strategies import LAW, amounts, betas, discretes, distributions, ends, scalable, shares

from aiecon.errors import InputError
from aiecon.ingestion.resolve import resolve
from aiecon.vocabulary.distribution import (
    Beta,
    Discrete,
    Empirical,
    Lognormal,
    Mixture,
    Normal,
    Pareto,
    Pert,
    Triangular,
    Uniform,
    base,
    draw,
    stream,
    uncertain,
)
from aiecon.vocabulary.strict import Strict


def scaled(distribution, factor):
    """The same distribution in a unit that is `factor` times smaller."""
    fields = {name: getattr(distribution, name) for name in distribution.model_fields_set}
    return type(distribution).build(
        {name: value if name == "weights" else np.multiply(value, factor).tolist() for name, value in fields.items()}
    )


@pytest.mark.parametrize("shape", [Normal, Lognormal])
@LAW
@given(percentiles=ends(2))
def test_p10_and_p90_are_fixed_exactly(shape, percentiles):
    found = shape(p10=percentiles[0], p90=percentiles[1]).ppf(np.array([0.1, 0.9]))
    np.testing.assert_allclose(found, percentiles, rtol=1e-9, atol=1e-9 * percentiles[1])


@LAW
@given(distribution=distributions, share=shares)
def test_a_higher_probability_never_has_a_lower_value(distribution, share):
    values = distribution.ppf(np.array(share))
    assert (values[1:] >= values[:-1] - 1e-9 * np.abs(values[:-1])).all()


@LAW
@given(distribution=scalable)
def test_the_base_is_the_median_when_no_value_is_given(distribution):
    assert base(distribution) == distribution.ppf(np.array([0.5]))[0]


@LAW
@given(distribution=distributions, value=amounts)
def test_the_base_is_the_value_when_one_is_given(distribution, value):
    assert base(distribution.model_copy(update={"value": value})) == value


def test_the_base_of_a_number_is_the_number():
    assert base(3) == 3.0


@LAW
@given(share=betas)
def test_the_base_of_a_beta_is_successes_over_trials(share):
    trials = share.successes + share.failures
    assert share.base == (share.successes / trials if trials else 0.5)


def test_a_beta_is_learnt_from_counts_on_top_of_a_uniform_prior():
    assert Beta(successes=30, failures=10).mean == pytest.approx(31 / 42)
    np.testing.assert_allclose(Beta(successes=0, failures=0).ppf(np.array([0.2, 0.7])), [0.2, 0.7])


def test_pert_and_triangular_means_have_their_textbook_values():
    """Known answer D-MC-8: a delay of 6, 9 or 18 months; PERT (6 + 4 × 9 + 18) ÷ 6, triangular (6 + 9 + 18) ÷ 3."""
    assert Pert(low=6, mode=9, high=18).mean == 10.0
    assert Triangular(low=6, mode=9, high=18).mean == 11.0


@pytest.mark.parametrize(
    "distribution",
    [
        Normal(p10=80, p90=120),
        Lognormal(p10=1, p90=4),
        Uniform(low=2, high=5),
        Triangular(low=6, mode=9, high=18),
        Pert(low=6, mode=9, high=18),
        Beta(successes=30, failures=10),
        Discrete(values=[3, 1, 2], weights=[1, 1, 2]),
        Pareto(minimum=2, alpha=4),
        Mixture(parts=[Lognormal(p10=1, p90=4), Lognormal(p10=20, p90=50)], weights=[3, 1]),
    ],
    ids=lambda distribution: distribution.shape,
)
def test_the_mean_is_the_average_of_the_quantiles(distribution):
    middles = (np.arange(200_000) + 0.5) / 200_000
    assert distribution.ppf(middles).mean() == pytest.approx(distribution.mean, rel=1e-4)


@LAW
@given(distribution=distributions)
def test_values_by_rarity_are_those_by_share(distribution):
    z = np.linspace(-4, 4, 41)
    np.testing.assert_allclose(distribution.at_normal(z), distribution.ppf(ndtr(z)), rtol=1e-6)


@pytest.mark.parametrize(
    "distribution",
    [Normal(p10=80, p90=120), Lognormal(p10=1, p90=1e4), Pareto(minimum=3, alpha=1.05), Pareto(minimum=3, alpha=2)],
    ids=["normal", "wide lognormal", "heaviest pareto", "pareto"],
)
def test_what_lies_within_reach_is_the_whole_mean(distribution):
    z = np.linspace(-8.1, distribution.reach, 400_001)
    density = np.exp(-z * z / 2) / np.sqrt(2 * np.pi)
    assert np.trapezoid(density * distribution.at_normal(z), z) == pytest.approx(distribution.mean, rel=1e-7)


def test_four_fifths_of_a_pareto_may_be_from_a_fifth():
    """α = log 5 ÷ log 4 (known answer D-ST-3): above the 80th percentile lies 0.2^(1 − 1/α) = 0.8 of the whole."""
    pareto = Pareto(minimum=1, alpha=np.log(5) / np.log(4))
    z = np.linspace(ndtri(0.8), pareto.reach, 400_001)
    above = np.trapezoid(np.exp(-z * z / 2) / np.sqrt(2 * np.pi) * pareto.at_normal(z), z)
    assert above / pareto.mean == pytest.approx(0.8, rel=1e-7)


def test_a_mixture_has_the_shares_of_its_kinds():
    parts = Lognormal(p10=1, p90=2), Lognormal(p10=100, p90=200)
    mixture = Mixture(parts=parts, weights=[3, 1])
    assert mixture.ppf(np.array([0.3, 0.8])) == pytest.approx([parts[0].ppf(0.4), parts[1].ppf(0.2)])
    one = Mixture(parts=[Lognormal(p10=5, p90=5), parts[1]], weights=[1, 0])
    assert one.ppf(np.array([0.1, 0.9])) == pytest.approx([5, 5])


def test_a_mixture_needs_a_weight_a_kind_and_a_pareto_a_mean():
    with pytest.raises(InputError, match="parts and weights must be equally many, got 2 and 1"):
        Mixture.build({"parts": [{"p10": 1, "p90": 2}, {"p10": 3, "p90": 4}], "weights": [1]})
    with pytest.raises(InputError, match="alpha"):
        Pareto.build({"minimum": 1, "alpha": 1.0})


@pytest.mark.parametrize("shape", [Triangular, Pert])
def test_ends_that_meet_leave_one_value(shape):
    assert shape(low=3, mode=3, high=3).ppf(np.array([0.0, 0.3, 1.0])).tolist() == [3.0, 3.0, 3.0]


@LAW
@given(distribution=scalable, factor=amounts)
def test_draws_scale_with_the_unit(distribution, factor):
    drawn = draw(distribution, "price", draws=50, seed=7)
    again = draw(scaled(distribution, factor), "price", draws=50, seed=7)
    np.testing.assert_allclose(again, drawn * factor, rtol=1e-7, atol=1e-9 * factor)


@LAW
@given(distribution=distributions)
def test_the_same_seed_gives_the_same_draws(distribution):
    first, second = (draw(distribution, "price", draws=50, seed=7) for _ in range(2))
    assert first.tolist() == second.tolist()


def test_another_seed_or_name_gives_other_draws():
    price = Normal(p10=1, p90=2)
    drawn = draw(price, "price", draws=50, seed=7)
    assert not np.isclose(drawn, draw(price, "price", draws=50, seed=8)).any()
    assert not np.isclose(drawn, draw(price, "volume", draws=50, seed=7)).any()


def test_a_new_name_leaves_the_other_streams_alone():
    inputs = {"price": Normal(p10=1, p90=2), "volume": Lognormal(p10=1, p90=2)}
    before = {name: draw(value, name, draws=50, seed=7) for name, value in inputs.items()}
    more = {"growth": Uniform(low=0, high=1), **inputs}
    after = {name: draw(value, name, draws=50, seed=7) for name, value in more.items()}
    assert all((after[name] == before[name]).all() for name in before)


def test_streams_of_two_names_are_not_correlated():
    pair = [stream(name, seed=7).random(20_000) for name in ("price", "volume")]
    assert abs(np.corrcoef(pair)[0, 1]) < 0.02


def test_a_stream_is_the_same_on_every_machine():
    """Pinned: another value would change every answer that was ever printed."""
    assert stream("price", seed=0).random() == 0.8047710760520678


def test_a_plain_number_is_drawn_as_itself():
    assert draw(2, "price", draws=3, seed=0).tolist() == [2.0, 2.0, 2.0]


def test_draws_must_be_asked_for():
    with pytest.raises(InputError, match="draws must be at least 1, got 0"):
        draw(Normal(p10=1, p90=2), "price", draws=0, seed=0)


def test_discrete_values_come_as_often_as_their_weights_say():
    found = Discrete(values=[10, 5, 1], weights=[1, 2, 1]).ppf(np.array([0.1, 0.25, 0.26, 0.75, 0.76, 1.0]))
    assert found.tolist() == [1, 1, 5, 5, 10, 10]


@LAW
@given(distribution=discretes, share=shares)
@example(distribution=Discrete(values=[1, 2], weights=[0, 1]), share=[0.5])
def test_a_discrete_value_without_weight_never_comes(distribution, share):
    possible = {v for v, weight in zip(distribution.values, distribution.weights, strict=True) if weight}
    assert set(distribution.ppf(np.array([0.0, *share, 1.0])).tolist()) <= possible


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Normal(p10=2, p90=1), "p10 must not exceed p90, got 2 and 1"),
        (lambda: Uniform(low=2, high=1), "low must not exceed high, got 2 and 1"),
        (lambda: Pert(low=1, mode=5, high=4), "mode must not exceed high, got 5 and 4"),
        (lambda: Lognormal(p10=0, p90=1), "p10 must be greater than 0, got 0"),
        (lambda: Beta(successes=-1, failures=1), "successes must be greater than or equal to 0, got -1"),
        (lambda: Discrete(values=[1, 2], weights=[1]), "values and weights must be equally many, got 2 and 1"),
        (lambda: Discrete(values=[1, 2], weights=[0, 0]), "weights must not all be zero"),
    ],
)
def test_a_shape_that_cannot_be_says_why(make, words):
    with pytest.raises(InputError) as caught:
        make()
    assert words in caught.value.problems[0]


def test_an_empirical_distribution_has_the_values_of_its_file(tmp_path):
    file = tmp_path / "reviews.csv"
    file.write_text("case,minutes\na,9\nb,1\nc,4\nd,2\n")
    minutes = resolve(Empirical(file=str(file), column="minutes"))
    assert minutes.ppf(np.array([0.0, 0.25, 0.26, 0.5, 0.76, 1.0])).tolist() == [1, 1, 2, 2, 9, 9]
    assert minutes.mean == 4.0
    assert minutes.base == 2.0
    assert set(draw(minutes, "minutes", draws=500, seed=0)) == {1.0, 2.0, 4.0, 9.0}


def test_an_empirical_distribution_that_was_not_read_names_the_call():
    with pytest.raises(InputError, match=r"aiecon\.resolve\(inputs\)"):
        draw(Empirical(file="reviews.csv", column="minutes"), "minutes", draws=5, seed=0)


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        ({"shape": "uniform", "low": 0.5, "high": 1.3}, ["price: high must be at most 1, got 1.3"]),
        (
            {"shape": "uniform", "low": -0.5, "high": 1.3},
            ["low must be at least 0, got -0.5", "high must be at most 1"],
        ),
        ({"shape": "pert", "low": 0.5, "mode": 1.2, "high": 1.3}, ["mode must be at most 1", "high must be at most 1"]),
        ({"shape": "normal", "p10": 0.5, "p90": 1.2}, ["p90 must be at most 1, got 1.2"]),
        ({"shape": "lognormal", "p10": 0.5, "p90": 0.9, "value": 0.0}, ["value must be above 0, got 0"]),
        ({"shape": "pareto", "minimum": 1.5, "alpha": 2}, ["minimum must be at most 1, got 1.5"]),
        (
            {"shape": "mixture", "parts": [{"p10": 0.1, "p90": 0.5}, {"p10": 0.5, "p90": 2}], "weights": [1, 1]},
            ["p90 must be at most 1, got 2"],
        ),
        ({"shape": "discrete", "values": [0.0, 0.5, 2.0], "weights": [1, 1, 1]}, ["values must be above 0, got 0"]),
    ],
)
def test_what_a_distribution_states_is_within_what_the_field_may_be(shape, words):
    class Inputs(Strict):
        price: uncertain(gt=0, le=1)

    with pytest.raises(InputError) as caught:
        Inputs.build({"price": shape})
    for one in words:
        assert one in str(caught.value)


def test_a_beta_is_a_share_and_stands_for_nothing_else():
    class Inputs(Strict):
        peak: uncertain(ge=1)

    with pytest.raises(InputError, match="the lower end of a beta must be at least 1, got 0"):
        Inputs.build({"peak": {"shape": "beta", "successes": 3, "failures": 1}})


@pytest.mark.parametrize(
    "shape",
    [
        {"shape": "uniform", "low": 0.0, "high": 1.0},  # an end has no weight of its own
        {"shape": "discrete", "values": [0.0, 0.5], "weights": [0, 1]},
        {"shape": "normal", "p10": 0.5, "p90": 1.0},  # its tail is held to the bounds where it is drawn
        {"shape": "beta", "successes": 3, "failures": 1},
    ],
)
def test_what_comes_up_within_the_bounds_is_taken(shape):
    class Inputs(Strict):
        price: uncertain(gt=0, le=1)

    assert Inputs.build({"price": shape}).price.base > 0
