from datetime import date
from math import prod

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import law

from aiecon.forecasting.factors import NAMES, factors

QUICK_LAW = law(20)
MONTHS = pd.date_range("2025-10-01", periods=6, freq="MS")
AS_OF = date(2026, 3, 31)
NOBODY = pd.DataFrame(columns=["month", "users"])
amounts = st.floats(1, 1e6)


def volumes(tokens, requests, cost, months=MONTHS, item="small"):
    return pd.DataFrame({"month": months, "item": item, "tokens": tokens, "requests": requests, "cost": cost})


def people(*counts):
    return pd.DataFrame({"month": MONTHS[: len(counts)], "users": counts})


def steady(**changes):
    return volumes(**{"tokens": [4e6] * 6, "requests": [1e3] * 6, "cost": [20.0] * 6, **changes})


def effects(found):
    return dict(zip(found["factor"], found["effect"], strict=True))


def test_a_quarter_of_known_factors():
    """Twice the people with half the requests each, at 6 instead of 5 a million tokens."""
    found = factors(steady(cost=[20.0] * 3 + [24.0] * 3), people(10, 10, 10, 20, 20, 20), AS_OF)
    assert list(found) == ["factor", "before", "now", "effect"]
    assert list(found["factor"]) == ["users", "requests_per_user", "tokens_per_request", "price_per_mtok"]
    np.testing.assert_allclose(found["before"], [10, 100, 4_000, 5.0])
    np.testing.assert_allclose(found["now"], [20, 50, 4_000, 6.0])
    assert effects(found) == pytest.approx(  # the mean over the six orders of the three that moved
        {"users": 49.0, "requests_per_user": -50.0, "tokens_per_request": 0.0, "price_per_mtok": 13.0}
    )


@QUICK_LAW
@given(*(st.lists(amounts, min_size=6, max_size=6) for _ in range(4)))
def test_factors_multiply_to_the_spend_and_effects_add_up_to_its_change(tokens, requests, cost, users):
    for who in (NOBODY, people(*users)):
        found = factors(volumes(tokens, requests, cost), who, AS_OF)
        for column, part in (("before", cost[:3]), ("now", cost[3:])):
            assert 3 * prod(found[column]) / 1e6 == pytest.approx(sum(part))
        assert found["effect"].sum() == pytest.approx(sum(cost[3:]) - sum(cost[:3]), abs=1e-6 * sum(cost))


@pytest.mark.parametrize(
    ("changes", "moved"),
    [
        (
            {"requests": [1e3] * 3 + [2e3] * 3, "tokens": [4e6] * 3 + [8e6] * 3, "cost": [20.0] * 3 + [40.0] * 3},
            "requests",
        ),
        ({"tokens": [4e6] * 3 + [8e6] * 3, "cost": [20.0] * 3 + [40.0] * 3}, "tokens_per_request"),
        ({"cost": [20.0] * 3 + [40.0] * 3}, "price_per_mtok"),
    ],
)
def test_what_moved_alone_has_the_whole_effect(changes, moved):
    found = effects(factors(steady(**changes), NOBODY, AS_OF))
    assert found.pop(moved) == pytest.approx(60.0)
    np.testing.assert_allclose(list(found.values()), 0.0, atol=1e-9)


def test_models_and_other_months_are_added_up_and_left_out():
    halves = pd.concat([steady(cost=[10.0] * 6, tokens=[2e6] * 6, requests=[500] * 6, item=item) for item in "ab"])
    more = volumes([9e9], [9e9], [9e9], months=pd.to_datetime(["2026-04-01"]))
    pd.testing.assert_frame_equal(factors(pd.concat([halves, more]), NOBODY, AS_OF), factors(steady(), NOBODY, AS_OF))


@pytest.mark.parametrize("users", [NOBODY, people(10, 10, 10), people(0, 0, 0, 20, 20, 20), people(5, 5, 5, 5, 5, 0)])
def test_requests_are_one_factor_where_a_month_names_nobody(users):
    found = factors(steady(), users, AS_OF)
    assert list(found["factor"]) == ["requests", "tokens_per_request", "price_per_mtok"]


@pytest.mark.parametrize(
    "unknown", [steady().iloc[1:], steady(requests=[0] * 6), steady(tokens=[0.0] + [1.0] * 5), steady().head(0)]
)
def test_a_month_without_requests_or_tokens_leaves_the_factors_unknown(unknown):
    assert factors(unknown, people(*[10] * 6), AS_OF) is None


def test_a_month_that_is_not_over_does_not_count():
    assert factors(steady(), NOBODY, date(2026, 4, 29)) is not None
    assert factors(steady(), NOBODY, date(2026, 4, 30)) is None


def test_every_factor_has_a_name_and_a_unit():
    for users in (NOBODY, people(*[10] * 6)):
        assert set(factors(steady(), users, AS_OF)["factor"]) <= set(NAMES)
