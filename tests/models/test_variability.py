"""The variability question: exact figures without chance, laws, known answers, messages."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.special import ndtri
from strategies import law

from aiecon.errors import InputError
from aiecon.models.variability import VariabilityInputs, agent_cost_moments, paths, variability
from aiecon.models.variability.attribution import attribute
from aiecon.models.variability.parameters import ORIGINS, Parameters
from aiecon.models.variability.paths import ALL, chunk, shortfall, simulate, standard_error
from aiecon.vocabulary.overrides import override

FEW = law(12)
Z90 = float(ndtri(0.9))
PRICE = {"provider": "p", "model": "m", "input_per_mtok": 2.0, "output_per_mtok": 10.0}
PLAIN = {
    "horizon_months": 12,
    "draws": 1_000,
    "scale": {"users_start": 100},
    "utilization": {"requests_per_user_month": 50},
    "agent": {"base_input_tokens": 1_000, "output_tokens_per_step": 200},
    "tiers": [{"name": "all", "share": 1.0, "price": PRICE}],
}
TWO_TIERS = [
    {"name": "small", "share": 0.7, "price": PRICE},
    {
        "name": "large",
        "share": 0.3,
        "price": PRICE | {"input_per_mtok": 5.0, "output_per_mtok": 25.0, "batch_discount": 0.5},
        "batch_share": 0.4,
    },
]
CHANCE = {
    "scale.users_start": {"shape": "lognormal", "p10": 80, "p90": 140},
    "scale.users_ceiling": 900,
    "scale.growth_per_month": {"shape": "uniform", "low": 0.0, "high": 0.15},
    "scale.viral_probability_per_month": 0.1,
    "scale.viral_multiple": 1.5,
    "scale.churn_per_month": 0.02,
    "utilization.seasonal_amplitude": 0.2,
    "utilization.noise_sigma": 0.3,
    "utilization.noise_ar1": 0.5,
    "utilization.shock_probability_per_month": 0.05,
    "utilization.shock_multiple": 2.0,
    "model.price_decline_per_year": {"shape": "uniform", "low": 0.1, "high": 0.4},
    "model.switch_probability_per_month": 0.1,
    "model.output_length_multiple": 1.3,
    "agent.steps_mean": 4.0,
    "agent.added_input_tokens_per_step": 500,
    "agent.output_sigma": 0.6,
    "agent.retry_probability": 0.1,
    "agent.depth_sigma": 0.1,
}
OF_ORIGIN = {origin: [name for name in CHANCE if name.startswith(origin)] for origin in ORIGINS}


def asked(changes=(), **fields):
    return override(VariabilityInputs.build(PLAIN | fields), dict(changes))


def lognormal(sigma, median):
    spread = np.exp(Z90 * sigma)
    return {"shape": "lognormal", "p10": median / spread, "p90": median * spread}


def summary(answer):
    return {metric.key: metric.value for metric in answer.summary()}


def notes(answer):
    return {metric.key: metric.note for metric in answer.summary()}


def figures(inputs, count=4_000):
    totals = simulate(inputs, count).totals
    return np.quantile(totals, np.linspace(0.01, 0.99, 25))


chances = st.dictionaries(st.sampled_from(sorted(CHANCE)), st.none(), max_size=len(CHANCE)).map(
    lambda names: {name: CHANCE[name] for name in sorted(names)}
)


@pytest.fixture(scope="module")
def answer():
    return variability(asked(CHANCE, budget=50_000.0, draws=4_000))


def test_summary_begins_with_the_keys_of_the_contract(answer):
    assert list(summary(answer)) == [
        "mean", "p10", "p50", "p90", "p99", "expected_shortfall_95", "v_factor",
        "share_scale", "share_utilization", "share_model", "share_agent", "standard_error_p90",
        "base", "budget", "breach_probability", "paths",
    ]  # fmt: skip
    assert list(answer.to_frame()) == ["month", "base", "mean", "p10", "p50", "p90", "p99"]
    assert list(answer.to_frame()["month"]) == list(range(1, 13))


@pytest.mark.parametrize("users", [0.004, 100])
@pytest.mark.parametrize("period", ["month", "day"])
@pytest.mark.parametrize("tiers", [PLAIN["tiers"], TWO_TIERS], ids=["one tier", "two tiers"])
def test_with_everything_off_every_quantile_is_users_times_requests_times_price_times_months(tiers, period, users):
    inputs = asked({"scale.users_start": users}, tiers=tiers, period=period)
    cost = 0.004 if len(tiers) == 1 else 0.7 * 0.004 + 0.3 * 0.01 * (1 - 0.4 * 0.5)
    found = variability(inputs)
    expected = users * 50 * cost * 12
    for key in ("mean", "p10", "p50", "p90", "p99", "expected_shortfall_95", "base"):
        assert summary(found)[key] == pytest.approx(expected, rel=1e-12)
    assert summary(found)["v_factor"] == pytest.approx(0, abs=1e-12)
    assert summary(found)["share_scale"] is None
    assert notes(found)["share_scale"] == "nothing varies"


@pytest.mark.parametrize("decline", [0.0, 0.3])
@pytest.mark.parametrize("growth", [-0.05, 0.0, 0.08])
def test_month_m_has_the_volume_and_the_price_of_the_contract(growth, decline):
    inputs = asked({"scale.growth_per_month": growth, "model.price_decline_per_year": decline})
    m = np.arange(1, 13)
    expected = 20.0 * (1 + growth) ** (m - 1) * (1 - decline) ** ((m - 1) / 12)
    for column in ("base", "mean", "p10", "p99"):
        np.testing.assert_allclose(variability(inputs).to_frame()[column], expected, rtol=1e-12)


def test_a_dated_list_price_holds_from_its_month_on_for_its_tier():
    steps = [{"month": 4, "change": -0.5}, {"month": 7, "change": 1.0, "tier": "large"}]
    inputs = asked(tiers=TWO_TIERS, model={"price_steps": steps})
    small, large = 5_000 * 0.7 * 0.004, 5_000 * 0.3 * 0.008
    expected = [small + large] * 3 + [(small + large) / 2] * 3 + [small / 2 + large] * 6
    np.testing.assert_allclose(variability(inputs).to_frame()["p50"], expected, rtol=1e-12)


def test_adoption_stays_below_its_ceiling_from_the_first_month_on():
    inputs = asked({"scale.users_start": 300, "scale.users_ceiling": 200, "scale.growth_per_month": 0.5})
    np.testing.assert_allclose(variability(inputs).base, 200 * 50 * 0.004, rtol=1e-12)


def test_a_request_of_steps_costs_what_its_context_has_grown_to():
    """20 steps of 4,000 tokens and 1,500 more each read 365,000, not 80,000 (D-MC-7)."""
    inputs = asked(
        {
            "agent.steps_mean": 1e15,
            "agent.steps_cap": 20,
            "agent.base_input_tokens": 4_000,
            "agent.added_input_tokens_per_step": 1_500,
            "agent.output_tokens_per_step": 0,
        },
        horizon_months=1,
    )
    assert variability(inputs).base[0] / 5_000 == pytest.approx(365_000 * 2 / 1e6, rel=1e-12)


def test_the_base_case_has_no_chance_in_it():
    with_steps = {"agent.steps_mean": 4.0, "agent.output_sigma": 1.0, "agent.retry_probability": 0.2}
    for users in (0.1, 100):
        base = variability(asked(with_steps | {"scale.users_start": users})).base
        np.testing.assert_allclose(base, users * 50 * 4 * 0.004 / 0.8, rtol=1e-12)


@FEW
@given(chances)
def test_shares_sum_to_one_and_quantiles_are_in_order(changes):
    inputs = asked(changes)
    found = attribute(inputs, draws=1_024)
    if found is not None:
        assert sum(found.shares.values()) == pytest.approx(1, abs=1e-9)
        assert found.table["share_log"].sum() == pytest.approx(1, abs=1e-9)
    drawn = simulate(inputs, 1_000)
    p10, p50, p90, p99 = np.quantile(drawn.totals, [0.1, 0.5, 0.9, 0.99])
    assert p10 <= p50 <= p90 <= p99
    assert np.all(np.diff(drawn.months[:, :4], axis=1) >= 0)


@pytest.mark.parametrize("origin", ORIGINS)
def test_switching_an_origin_off_removes_its_share(origin):
    left = {name: value for name, value in CHANCE.items() if name not in OF_ORIGIN[origin]}
    found = attribute(asked(left), draws=1_024)
    row = found.table.set_index("origin").loc[origin]
    assert (row[["share", "share_log", "first", "total"]] == 0).all()
    assert all(share != 0 for other, share in found.shares.items() if other != origin)


@FEW
@given(chances, st.sampled_from([2.0, 3.7]))
def test_doubling_prices_doubles_every_quantile(changes, times):
    def priced(one):
        price = {key: times * value if key.endswith("mtok") else value for key, value in one["price"].items()}
        return one | {"price": price}

    before = figures(asked(changes, tiers=TWO_TIERS), 1_000)
    after = figures(asked(changes, tiers=[priced(tier) for tier in TWO_TIERS]), 1_000)
    np.testing.assert_allclose(after, times * before, rtol=1e-12)


@FEW
@given(chances, st.integers(1, 12), st.floats(0.05, 100), st.sampled_from([0.3, 1.0, 3.0]))
def test_a_cap_raises_no_quantile(changes, cap, users, dispersion):
    changes = changes | {"agent.steps_mean": 4.0, "agent.steps_dispersion": dispersion, "scale.users_start": users}
    before, after = figures(asked(changes)), figures(asked(changes | {"agent.steps_cap": cap}))
    assert np.all(after <= before * (1 + 1e-9))


@FEW
@given(st.integers(1, 40), st.floats(0.1, 100), st.sampled_from([0, 1_500]))
def test_a_cap_raises_no_future_of_requests_drawn_one_by_one(cap, requests, added):
    changes = {"agent.steps_mean": 4.0, "agent.added_input_tokens_per_step": added, "agent.output_sigma": 0.5}
    inputs = asked(changes | {"scale.users_start": requests / 50, "micro_below": 101.0}, horizon_months=3)
    before, after = chunk(inputs, 0, 200), chunk(override(inputs, {"agent.steps_cap": cap}), 0, 200)
    assert np.all(after <= before * (1 + 1e-12))


@pytest.mark.parametrize("cap", [4, 8, 12, 16, 24, 32])
@pytest.mark.parametrize("requests", [51, 200, 5_000])
@pytest.mark.parametrize(("dispersion", "moved"), [(0.2, 0.01), (1.0, 0.01), (4.0, 0.05)])
def test_a_cap_raises_no_future_where_the_agent_is_all_that_varies(cap, requests, dispersion, moved):
    """In closed form too, where a lognormal of less spread would start higher; the mean is hardly moved by that."""
    changes = {
        "agent.steps_mean": 4.0,
        "agent.steps_dispersion": dispersion,
        "agent.added_input_tokens_per_step": 1_500,
        "scale.users_start": requests / 50,
    }
    inputs = asked(changes, horizon_months=1)
    capped = override(inputs, {"agent.steps_cap": cap})
    before, after = chunk(inputs, 0, 8_192), chunk(capped, 0, 8_192)
    assert np.all(after <= before * (1 + 1e-12))
    exact = paths.base_months(capped)[0]
    assert after.mean() == pytest.approx(exact, rel=moved + 4 * after.std() / exact / np.sqrt(8_192))


@FEW
@given(chances)
def test_a_longer_horizon_keeps_the_months_already_computed(changes):
    short, long = chunk(asked(changes), 0, 200), chunk(asked(changes, horizon_months=20), 0, 200)
    np.testing.assert_array_equal(long[:12], short)


@FEW
@given(chances)
def test_the_order_of_tiers_does_not_matter(changes):
    there, back = asked(changes, tiers=TWO_TIERS), asked(changes, tiers=TWO_TIERS[::-1])
    np.testing.assert_allclose(chunk(back, 0, 300), chunk(there, 0, 300), rtol=1e-12)


def test_a_new_uncertainty_leaves_the_draws_of_the_others_alone():
    names = [name for name, value in CHANCE.items() if isinstance(value, dict)]
    everything = Parameters(asked(CHANCE)).draws(first=0, count=500)
    for name in names:
        alone = Parameters(asked({name: CHANCE[name]})).draws(first=0, count=500)
        np.testing.assert_array_equal(alone[name], everything[name])


CORRELATIONS = [
    {"a": "scale.users_start", "b": "utilization.requests_per_user_month", "rank": -0.5},
    {"a": "scale.users_start", "b": "agent.steps_mean", "rank": 0.3},
    {"a": "utilization.requests_per_user_month", "b": "agent.steps_mean", "rank": 0.2},
]
CORRELATED = {
    "scale.users_start": lognormal(0.6, 100),
    "utilization.requests_per_user_month": {"shape": "triangular", "low": 10, "mode": 20, "high": 90},
    "agent.steps_mean": {"shape": "uniform", "low": 1, "high": 6},
}


def test_correlated_inputs_have_the_ranks_asked_for_and_their_own_distributions():
    inputs = asked(CORRELATED, correlations=CORRELATIONS)
    drawn = Parameters(inputs).draws(first=0, count=100_000)
    for row in CORRELATIONS:
        assert stats.spearmanr(drawn[row["a"]], drawn[row["b"]]).statistic == pytest.approx(row["rank"], abs=0.01)
    for name in CORRELATED:
        distribution = Parameters(inputs).given[name]
        grid = distribution.ppf(np.linspace(0.001, 0.999, 999))
        place = np.searchsorted(np.sort(drawn[name]), grid) / 100_000
        assert np.abs(place - np.linspace(0.001, 0.999, 999)).max() < 1.63 / np.sqrt(100_000)


@pytest.mark.parametrize("correlations", [[], CORRELATIONS], ids=["free", "correlated"])
@pytest.mark.parametrize("kept", [ALL, frozenset(["scale", "agent"]), frozenset()], ids=len)
def test_any_path_can_be_computed_again_by_itself(kept, correlations):
    inputs = asked(CHANCE | CORRELATED, correlations=correlations, tiers=TWO_TIERS, seed=2**40 + 1)
    together = chunk(inputs, 0, 700, kept=kept)
    for first, count in ((0, 1), (1, 1), (698, 2), (130, 257), (511, 189)):
        np.testing.assert_array_equal(chunk(inputs, first, count, kept=kept), together[:, first : first + count])


@pytest.mark.parametrize("size", [100, 1_000])
def test_the_size_of_a_chunk_changes_no_bit(size, monkeypatch):
    inputs = asked(CHANCE | CORRELATED, correlations=CORRELATIONS, store_paths=True)
    before = simulate(inputs, 2_101)
    monkeypatch.setattr(paths, "CHUNK", size)
    after = simulate(inputs, 2_101)
    np.testing.assert_array_equal(after.totals, before.totals)
    np.testing.assert_array_equal(after.stored, before.stored)
    np.testing.assert_array_equal(after.months, before.months)


def test_perfect_correlations_are_drawn_and_attributed():
    rows = [
        {"a": "scale.users_start", "b": "scale.growth_per_month", "rank": 1.0},
        {"a": "scale.users_start", "b": "agent.steps_mean", "rank": 0.4},
        {"a": "scale.growth_per_month", "b": "agent.steps_mean", "rank": 0.4},
    ]
    growth = {"scale.growth_per_month": {"shape": "uniform", "low": 0.0, "high": 0.1}}
    found = attribute(asked(CORRELATED | growth, correlations=rows), draws=1_024)
    assert sum(found.shares.values()) == pytest.approx(1, abs=1e-9)


def test_distributions_without_width_give_the_base_case():
    flat = {"scale.users_start": lognormal(0.0, 100), "agent.output_tokens_per_step": lognormal(0.0, 200)}
    found = variability(asked(flat))
    assert summary(found)["p99"] == pytest.approx(240.0, rel=1e-12)
    assert summary(found)["share_scale"] is None


def test_a_precision_asked_for_chooses_the_paths_and_is_reached():
    found = variability(asked(CHANCE, precision=0.004))
    assert found.standard_errors["p90"] / found.quantiles["p90"] <= 0.004
    assert summary(found)["paths"] > 10_000
    assert f"{summary(found)['paths']:,} paths were drawn for a standard error of 0.40% of p90" in found.notes


def test_the_probability_of_passing_the_budget_is_that_of_the_futures(answer):
    assert summary(answer)["breach_probability"] == np.mean(answer.totals > 50_000.0)
    p90 = answer.quantiles["p90"]
    chance, error = answer.probability_above(p90)
    assert chance == pytest.approx(0.1, abs=1e-3)
    assert error == pytest.approx(np.sqrt(0.09 / 4_000), rel=0.01)
    assert notes(variability(asked()))["breach_probability"] == "no budget was given"


def test_the_expected_shortfall_is_the_mean_of_the_dearest_part():
    totals = np.random.default_rng(1).permutation(np.arange(1.0, 101.0))
    assert shortfall(totals, 0.95) == 98.0
    assert shortfall(totals[totals > 50], 0.95) == pytest.approx((100 + 99 + 98 / 2) / 2.5)


def test_standard_errors_are_the_spread_over_seeds():
    changes = {"scale.users_start": lognormal(0.8, 100)}
    found = [variability(asked(changes, seed=seed, draws=2_000)) for seed in range(36)]
    for key in ("mean", "p50", "p90", "expected_shortfall_95"):
        spread = np.std([summary(one)[key] for one in found], ddof=1)
        said = np.mean([one.standard_errors[key] for one in found])
        assert said == pytest.approx(spread, rel=0.35), key


@pytest.mark.parametrize("cap", [None, 1, 3, 40])
@pytest.mark.parametrize("mean", [1.0, 2.5, 12.0])
def test_agent_cost_moments_are_those_of_the_geometric_distribution(mean, cap):
    steps = np.arange(1, 5_000)
    chance = (1 / mean) * (1 - 1 / mean) ** (steps - 1.0)
    taken = steps if cap is None else np.minimum(steps, cap)
    found = agent_cost_moments(steps_mean=mean, step_cost=0.02, steps_cap=cap)
    expected = 0.02 * chance @ taken
    assert found.mean == pytest.approx(expected, rel=1e-9)
    assert found.sd == pytest.approx(np.sqrt(max(0.0004 * chance @ taken**2 - expected**2, 0)), rel=1e-6, abs=1e-9)
    assert found.cap_probability == pytest.approx(0 if cap is None else chance[steps > cap].sum(), abs=1e-12)


@pytest.mark.parametrize("cap", [None, 1, 3, 40])
@pytest.mark.parametrize("dispersion", [0.05, 0.5, 3.0])
def test_agent_cost_moments_are_those_of_the_negative_binomial(dispersion, cap):
    beyond = np.arange(4_000)
    chance = stats.nbinom.pmf(beyond, 1 / dispersion, 1 / (1 + 3.0 * dispersion))  # mean 4 steps
    taken = beyond + 1 if cap is None else np.minimum(beyond + 1, cap)
    found = agent_cost_moments(steps_mean=4.0, step_cost=0.02, steps_cap=cap, steps_dispersion=dispersion)
    expected = 0.02 * chance @ taken
    assert found.mean == pytest.approx(expected, rel=1e-9)
    assert found.sd == pytest.approx(np.sqrt(max(0.0004 * chance @ taken**2 - expected**2, 0)), rel=1e-6, abs=1e-9)
    assert found.cap_probability == pytest.approx(0 if cap is None else chance[beyond + 1 > cap].sum(), abs=1e-10)


@pytest.mark.parametrize("dispersion", [0.2, 1.0, 4.0])
def test_few_requests_drawn_one_by_one_cost_what_the_closed_form_says(dispersion):
    changes = {
        "agent.steps_mean": 4.0,
        "agent.steps_dispersion": dispersion,
        "agent.added_input_tokens_per_step": 1_500,
        "scale.users_start": 0.8,
    }
    small, large = (chunk(asked(changes | {"micro_below": at}, horizon_months=1), 0, 8_192)[0] for at in (100.0, 0.0))
    assert small.mean() == pytest.approx(large.mean(), rel=0.02)
    assert small.std() == pytest.approx(large.std(), rel=0.08)


def test_doubt_about_the_prices_of_long_requests_reaches_the_bill():
    long = {"from_tokens": 1_000, "input_per_mtok": 6.0, "output_per_mtok": 20.0}
    unsure = long | {"input_per_mtok": {"shape": "uniform", "low": 3.0, "high": 9.0}}
    before, after = (
        chunk(
            asked({}, tiers=[TWO_TIERS[0] | {"share": 1.0, "price": TWO_TIERS[0]["price"] | {"long_context": one}}]),
            0,
            512,
        )
        for one in (long, unsure)
    )
    assert after.std() > 1.05 * before.std()


def test_steps_of_more_dispersion_spread_the_bill_more():
    changes = {"agent.steps_mean": 4.0, "scale.users_start": 2.0}
    p90 = [figures(asked(changes | {"agent.steps_dispersion": one}))[22] for one in (0.1, 1.0, 5.0)]
    assert p90[0] < p90[1] < p90[2]


def test_agent_cost_moments_say_all_that_is_wrong():
    with pytest.raises(InputError) as error:
        agent_cost_moments(steps_mean=0.5, step_cost=-1.0, steps_cap=0, steps_dispersion=-1.0)
    assert list(error.value.problems) == [
        "steps_mean must be 1 or more, got 0.5",
        "step_cost must be zero or more, got -1.0",
        "steps_cap must be a whole number of 1 or more, got 0",
        "steps_dispersion must be above zero, got -1.0",
    ]


def test_streamed_months_are_those_of_stored_paths(monkeypatch):
    inputs = asked(CHANCE)
    exact = simulate(inputs, 20_000)
    monkeypatch.setattr(paths, "EXACT", 1)
    streamed = simulate(inputs, 20_000)
    np.testing.assert_array_equal(streamed.totals, exact.totals)
    np.testing.assert_allclose(streamed.months[:, :4], exact.months[:, :4], rtol=0.006)
    np.testing.assert_array_equal(streamed.months[:, 4], exact.months[:, 4])
    assert simulate(override(inputs, {"store_paths": True}), 300).stored.shape == (12, 300)


def product_of_lognormals(*, rows=()):
    """One month, one factor an origin: σ 0.3, 0.5, 0.2 and, for the agent, 0.4; all else off."""
    inputs = asked(
        {
            "scale.users_start": lognormal(0.3, 100),
            "utilization.requests_per_user_month": lognormal(0.5, 50),
            "agent.base_input_tokens": 0.0,
            "agent.output_tokens_per_step": lognormal(0.4, 200),
            "tiers.all.price.output_per_mtok": lognormal(0.2, 10),
        },
        horizon_months=1,
        correlations=rows,
    )
    return inputs, dict(zip(ORIGINS, [0.3, 0.5, 0.2, 0.4], strict=True))


def exact_values(sigma):
    """Variance explained by each set of factors of a product of independent lognormals, over the variance."""
    found = {}
    for bits in range(1 << len(sigma)):
        names = frozenset(name for place, name in enumerate(sigma) if bits >> place & 1)
        found[names] = np.prod([np.exp(sigma[name] ** 2) for name in names]) - 1
    return {names: value / found[frozenset(sigma)] for names, value in found.items()}


def test_a_product_of_lognormals_is_shared_out_as_the_formula_says():
    from aiecon.models.variability.attribution import _shapley

    inputs, sigma = product_of_lognormals()
    values, rows = exact_values(sigma), attribute(inputs, draws=2**16).table.set_index("origin")
    whole, shares = frozenset(sigma), _shapley(values, list(sigma))
    logs = {name: value**2 / sum(one**2 for one in sigma.values()) for name, value in sigma.items()}
    for name, row in rows.iterrows():
        assert row["first"] == pytest.approx(values[frozenset([name])], abs=0.02)
        assert row["total"] == pytest.approx(1 - values[whole - {name}], abs=0.02)
        assert row["share"] == pytest.approx(shares[name], abs=0.02)
        assert abs(row["share"] - shares[name]) < 5 * row["standard_error"] + 1e-3
        assert row["share_log"] == pytest.approx(logs[name], abs=0.01)


def test_three_lognormals_have_the_indices_and_percentiles_of_the_reference():
    """σ 0.3, 0.5, 0.2 and a median of 100,000 (D-MC-4)."""
    inputs, _ = product_of_lognormals()
    inputs = override(inputs, {"agent.output_tokens_per_step": 100_000 / 0.00001 / 5_000})
    found = variability(override(inputs, {"paths": 400_000}))
    expected = {"p10": 45_384, "p50": 100_000, "p90": 220_340, "mean": 120_924.96, "expected_shortfall_95": 367_316.77}
    for key, value in expected.items():
        assert abs(summary(found)[key] - value) < 4 * found.standard_errors[key], key
    rows = found.attribution.table.set_index("origin")
    np.testing.assert_allclose(rows["first"].iloc[:3], [0.203715, 0.614395, 0.088281], atol=0.03)
    np.testing.assert_allclose(rows["total"].iloc[:3], [0.272250, 0.699691, 0.124030], atol=0.03)
    assert rows.loc["agent", "share"] == 0


def test_correlated_origins_share_out_what_they_have_in_common():
    """Logarithms of two correlated normals a and b: a explains (sa + ρ sb)², alone; Shapley's share is the mean."""
    row = {"a": "scale.users_start", "b": "utilization.requests_per_user_month", "rank": 0.6}
    inputs, sigma = product_of_lognormals(rows=[row])
    rho = 2 * np.sin(np.pi * 0.6 / 6)
    a, b, c, d = (sigma[name] for name in ORIGINS)
    variance = a**2 + b**2 + 2 * rho * a * b + c**2 + d**2
    share_a = ((a + rho * b) ** 2 + a**2 * (1 - rho**2)) / 2
    share_b = ((b + rho * a) ** 2 + b**2 * (1 - rho**2)) / 2
    found = attribute(inputs, draws=2**16).table.set_index("origin")["share_log"]
    np.testing.assert_allclose(found, np.array([share_a, share_b, c**2, d**2]) / variance, atol=0.012)


def test_a_guardrail_is_tried_on_the_same_futures():
    rail = {"name": "cap", "set": {"agent.steps_cap": 5}}
    found = variability(asked(CHANCE, guardrails=[rail])).guardrails
    assert list(found["name"]) == ["As it is", "cap"]
    capped = variability(asked(CHANCE | {"agent.steps_cap": 5}))
    assert found.loc[1, "p90"] == capped.quantiles["p90"]
    assert found.loc[1, "saving_p90"] == found.loc[0, "p90"] - found.loc[1, "p90"] > 0


def test_the_same_question_has_the_same_answer_and_another_seed_another(answer):
    again = variability(asked(CHANCE, budget=50_000.0, draws=4_000))
    assert summary(again) == summary(answer)
    assert summary(variability(asked(CHANCE, budget=50_000.0, draws=4_000, seed=1))) != summary(answer)


def test_sample_paths_are_the_first_futures(answer):
    np.testing.assert_allclose(answer.sample_paths(40).sum(axis=0), answer.totals[:40], rtol=1e-15)


@pytest.mark.parametrize("scheduled", ["one by one", "dask"])
def test_chunks_on_a_cluster_have_the_same_bits(scheduled, monkeypatch):
    monkeypatch.setattr(paths, "CHUNK", 500)
    inputs = asked(CHANCE | CORRELATED, correlations=CORRELATIONS)
    serial = simulate(inputs, 2_600)
    if scheduled == "dask":
        distributed = pytest.importorskip("distributed")
        with distributed.Client(processes=False, n_workers=2, threads_per_worker=1, dashboard_address=None) as client:
            found = simulate(inputs, 2_600, client=client)
            whole = variability(inputs, client=client)
        assert summary(whole) == summary(variability(inputs))
    else:
        found = simulate(inputs, 2_600)
    np.testing.assert_array_equal(found.totals, serial.totals)
    np.testing.assert_array_equal(found.months, serial.months)


def refused(changes=(), **fields):
    with pytest.raises(InputError) as error:
        variability(asked(changes, **fields))
    return error.value.problems


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"utilization.noise_sigma": -0.1}, "utilization.noise_sigma must be greater than or equal to 0, got -0.1"),
        ({"agent.output_sigma": -1}, "agent.output_sigma must be greater than or equal to 0, got -1"),
        ({"agent.steps_cap": 0}, "agent.steps_cap must be greater than or equal to 1, got 0"),
        ({"horizon_months": 0}, "horizon_months must be greater than or equal to 1, got 0"),
        ({"tiers.all.share": 0.9}, "tiers: shares must add up to 1, they add up to 0.9"),
        ({"agent.step_cap": 3}, "agent.step_cap is not a field"),
        (
            {"tiers.all.batch_share": 0.5},
            "tiers.all.batch_share: the price has no batch_discount; give one or leave it",
        ),
        ({"paths": 1_000_000, "horizon_months": 36, "store_paths": True}, "store_paths: 1,000,000 paths of 36 months"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_what_cannot_be_is_refused_in_words(changes, words):
    problems = refused(changes)
    assert len(problems) == 1
    assert problems[0].startswith(words)


def test_an_unknown_field_is_refused_with_the_nearest_name():
    assert "steps_cap" in refused({"agent.step_cap": 3})[0]
    assert (
        "275 MiB"
        in refused({"paths": 1_000_000, "horizon_months": 36, "store_paths": True, "memory_limit_mib": 200})[0]
    )


def test_a_precision_that_needs_more_stored_paths_than_fit_is_refused():
    problems = refused(CHANCE, precision=0.001, store_paths=True, memory_limit_mib=5)
    assert problems[0].startswith("store_paths: ")
    assert "MiB" in problems[0]


def test_a_correlation_of_what_does_not_vary_or_is_no_field_is_refused():
    rows = [
        {"a": "scale.users_start", "b": "agent.steps_mean", "rank": 0.5},
        {"a": "scale.user_start", "b": "scale.users_start", "rank": 0.5},
    ]
    problems = refused({"scale.users_start": lognormal(0.3, 100)}, correlations=rows)
    assert problems[0] == (
        "correlations: agent.steps_mean does not vary; give it a distribution, or leave the correlation out"
    )
    assert problems[1].startswith("correlations: scale.user_start is not a field of the simulation")
    assert "scale.users_start" in problems[1]


def test_correlations_that_cannot_hold_together_are_refused_with_the_nearest_that_can():
    rows = [{**row, "rank": rank} for row, rank in zip(CORRELATIONS, [0.9, 0.9, -0.9], strict=True)]
    problems = refused(CORRELATED, correlations=rows)
    assert "cannot hold together" in problems[0]
    assert any("asked -0.9" in problem for problem in problems)


def test_all_problems_come_at_once():
    assert len(refused({"agent.steps_cap": 0, "utilization.noise_sigma": -1, "horizon_months": 0})) == 3


def test_a_guardrail_that_fits_no_field_is_refused_by_its_name():
    rails = [{"name": "typo", "set": {"agent.step_cap": 3}}]
    assert refused(guardrails=rails)[0].startswith("guardrails.typo: ")


def test_standard_error_of_a_quantile_is_that_of_the_formula():
    totals = np.random.default_rng(2).normal(size=40_000)
    density = stats.norm.pdf(Z90)
    assert standard_error(totals, 0.9) == pytest.approx(0.3 / np.sqrt(40_000) / density, rel=0.1)


def beta_shares():
    peaked = {"shape": "pert", "low": 0.2, "mode": 0.3, "high": 0.7}
    shares = ("cached_input_share", "batch_share", "price.batch_discount")
    return {f"tiers.large.{name}": peaked for name in shares}


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        (CHANCE, {}),
        (CHANCE | beta_shares(), {"tiers": TWO_TIERS}),
        (CHANCE | beta_shares() | {"scale.users_start": 0.4}, {"tiers": TWO_TIERS}),
        ({name: CHANCE[name] for name in OF_ORIGIN["model"] + OF_ORIGIN["utilization"]}, {"period": "day"}),
        (CHANCE, {"correlations": [{"a": "scale.users_start", "b": "scale.growth_per_month", "rank": 0.5}]}),
    ],
    ids=["one tier", "uncertain tiers", "small volumes", "two origins by day", "tied within an origin"],
)
def test_all_sets_of_origins_in_one_pass_are_a_run_for_each(changes, fields):
    from aiecon.models.variability.attribution import _in_one_pass, _set_by_set

    parameters = Parameters(asked(changes, **fields))
    together = _in_one_pass(parameters, first=300, count=300)
    apart = _set_by_set(parameters, first=300, count=300)
    assert together.keys() == apart.keys()
    for kept, totals in apart.items():
        np.testing.assert_allclose(together[kept], totals, rtol=1e-9)
