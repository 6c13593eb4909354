"""The kernel against a plain twin that follows the rules of a pool one month at a time."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import LAW

from aiecon.budgets import escalation
from aiecon.errors import InputError
from aiecon.models.adaptive_budget.engine import Evidence, next_budget
from aiecon.models.adaptive_budget.grid import policy_grid
from aiecon.models.adaptive_budget.inputs import Pool
from aiecon.models.adaptive_budget.policies import compare_policies

wholes = st.integers(0, 400)  # of whole amounts, so that no sum hangs on a rounding


def pool(name, base, every, floor, ceiling):
    fields = {
        "base": float(base),
        "floor": float(floor),
        "ceiling": float(floor + ceiling),
        "review_every_months": every,
    }
    return Pool(name=name, owner="finance", unit_cost_target=2.0, **fields)


pools = st.builds(pool, st.just("prod"), wholes, st.integers(1, 4), wholes, wholes)


def plainly(spend, driver, value, line, headroom, cap):
    """Overspend, stranded, escalations, revisions and value refused of one path and pool."""
    line = line.model_copy(update={"headroom": headroom, "growth_cap": cap})
    budget, found = line.base, np.zeros(5)
    for month, cost in enumerate(spend):
        if month:
            after = next_budget(line, budget, Evidence(month, driver[month - 1], None, None)).budget
            found[3] += after != budget
            budget = after
        level = escalation(budget, cost, vice_president=line.escalation.vice_president)
        found[:3] += max(cost - budget, 0), max(budget - cost, 0), level is not None
        if cost > budget and not np.isnan(value[month]):
            found[4] += value[month] * (cost - budget) / cost
    return found


@LAW
@given(st.integers(1, 5), st.integers(1, 7), st.lists(pools, min_size=1, max_size=3), st.integers(0, 999))
def test_the_grid_is_what_each_policy_does_month_by_month(paths, months, lines, seed):
    drawn = np.random.default_rng(seed)
    spend = drawn.integers(0, 500, (paths, months, len(lines))).astype(float)
    driver = drawn.integers(0, 250, spend.shape).astype(float)
    value = np.where(drawn.random(spend.shape) < 0.2, np.nan, drawn.integers(-9, 900, spend.shape))
    value[0, 0, 0] = 7.0  # one is known
    found = policy_grid(spend, driver, lines, headrooms=[0.0, 0.5], growth_caps=[0.0, 0.25], value=value)
    for row in found.itertuples():
        each = [
            sum(
                plainly(*(one[path, :, at] for one in (spend, driver, value)), line, row.headroom, row.growth_cap)
                for at, line in enumerate(lines)
            )
            for path in range(paths)
        ]
        figures = [row.overspend, row.stranded, row.escalations, row.revisions, row.value_refused]
        np.testing.assert_allclose(figures, np.mean(each, axis=0), rtol=1e-9, atol=1e-6)


def test_it_does_not_depend_on_how_paths_are_split():
    drawn = np.random.default_rng(0)
    spend = drawn.lognormal(5, 0.4, (4_100, 5, 2))
    lines = [pool("a", 150, 1, 0, 900), pool("b", 120, 3, 0, 900)]
    whole = policy_grid(spend, spend / 2, lines, headrooms=[0.1], growth_caps=[0.1])
    parts = [policy_grid(one, one / 2, lines, headrooms=[0.1], growth_caps=[0.1]) for one in (spend[:100], spend[100:])]
    expected = (100 * parts[0] + 4_000 * parts[1]) / 4_100
    np.testing.assert_allclose(whole, expected, rtol=1e-12)
    assert whole["value_refused"].isna().all()  # no value was given


def test_value_of_another_shape_is_refused():
    with pytest.raises(InputError, match=r"value must have the shape of spend, \(1, 2, 1\), got \(2,\)"):
        policy_grid(*[np.ones((1, 2, 1))] * 2, [pool("a", 1, 1, 0, 9)], headrooms=[0], growth_caps=[0], value=[1, 1])


@pytest.mark.parametrize(
    ("spend", "driver", "lines", "words"),
    [
        (np.ones((1, 2)), np.ones((1, 2)), [pool("a", 1, 1, 0, 9)], "must have one shape"),
        (np.ones((1, 2, 1)), np.ones((1, 3, 1)), [pool("a", 1, 1, 0, 9)], "must have one shape"),
        (np.ones((1, 2, 1)), np.ones((1, 2, 1)), [], "pools: 1 are needed"),
        (np.full((1, 2, 1), np.nan), np.ones((1, 2, 1)), [pool("a", 1, 1, 0, 9)], "must be numbers in every month"),
        (np.ones((1, 2, 1)), np.ones((1, 2, 1)), [Pool(name="a", owner="x", base=1.0)], "a has no unit_cost_target"),
    ],
)
def test_a_grid_says_what_it_needs(spend, driver, lines, words):
    with pytest.raises(InputError, match=words):
        policy_grid(spend, driver, lines, headrooms=[0.1], growth_caps=[0.1])


@pytest.mark.parametrize("size", [0.3, 7.0, 100_000.0, 1e9, 1.1e12])
@pytest.mark.parametrize("share", [0.2, 0.4, 0.07])
def test_the_level_of_escalation_is_exact_at_any_size(size, share):
    limit = size * (100 + round(100 * share)) / 100
    over = limit * (1 + 1e-14)
    levels = {"vice_president": share, "c_suite": 1.0}
    assert [escalation(size, actual, **levels) for actual in (limit, over)] == [None, "vice_president"]
    line = Pool(name="prod", owner="o", base=size, escalation=levels, unit_cost_target=0.0)
    for actual, count in ((limit, 0), (over, 1)):
        spend = np.full((1, 1, 1), actual)
        found = policy_grid(spend, spend, [line], headrooms=[0.0], growth_caps=[0.0])
        assert found["escalations"].tolist() == [count]
        assert compare_policies([actual], line)["escalations"].tolist() == [count] * 4
