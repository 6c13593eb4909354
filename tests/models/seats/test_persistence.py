"""Expected use against last month's, on panels whose generator is on the page."""

import numpy as np
import pandas as pd
import pytest

from aiecon.models.seats.backtest import stated_panel
from aiecon.models.seats.persistence import Habit, foreseen, lasting, learnt


def panel(people=400, months=12, *, between=1.0, sigma=0.8, correlation=0.3, seed=0):
    """Log use = person effect (normal, sd `between`) + AR(1) noise (sd `sigma`, `correlation` from month to month)."""
    random = np.random.default_rng(seed)
    effect = random.normal(3.0, between, (people, 1))
    noise = np.empty((people, months))
    noise[:, 0] = random.normal(0, sigma, people)
    for month in range(1, months):
        fresh = random.normal(0, sigma * np.sqrt(1 - correlation**2), people)
        noise[:, month] = correlation * noise[:, month - 1] + fresh
    columns = pd.date_range("2025-01-01", periods=months, freq="MS")
    users = [f"user {place:04d}" for place in range(people)]
    return pd.DataFrame(np.exp(effect + noise), index=pd.Index(users, name="user"), columns=columns)


def missed(frame):
    """Mean absolute error of last month, of the mean of all months, and of the expectation."""
    past, came = frame.iloc[:, :-1], frame.iloc[:, -1]
    return [(one - came).abs().mean() for one in (past.iloc[:, -1], past.mean(axis=1), foreseen(past))]


@pytest.mark.parametrize(("between", "sigma", "correlation"), [(1.0, 0.8, 0.3), (0.5, 0.8, 0.7), (0.0, 1.0, 0.5)])
def test_where_habits_last_in_part_the_expectation_beats_last_month_and_mean(between, sigma, correlation):
    """Over five panels each: one panel of heavy tails is too noisy."""
    given = {"between": between, "sigma": sigma, "correlation": correlation, "people": 800, "months": 7}
    last, mean, expected = np.mean([missed(panel(**given, seed=seed)) for seed in range(5)], axis=0)
    assert expected < 0.97 * last
    assert expected < 0.99 * mean


def test_where_last_month_says_all_the_expectation_is_as_good():
    last, mean, expected = np.mean(
        [missed(panel(between=0.0, correlation=0.95, seed=seed)) for seed in range(5)], axis=0
    )
    assert expected < 1.02 * last
    assert expected < 0.7 * mean


@pytest.mark.parametrize(("between", "correlation"), [(1.0, 0.3), (1.0, 0.6), (0.0, 0.9)])
def test_the_parts_of_use_are_learnt(between, correlation):
    habit = learnt(panel(people=3_000, between=between, correlation=correlation, seed=1))
    assert habit.person == pytest.approx(between**2, abs=0.15)
    assert habit.drift == pytest.approx(0.64, abs=0.15)
    assert habit.correlation == pytest.approx(correlation, abs=0.11)
    assert habit.month < 0.1
    assert habit.kept == pytest.approx((between**2 + 0.64 * correlation) / (between**2 + 0.64), abs=0.03)


def test_idleness_and_return_are_learnt_as_they_were_made():
    """Of those who use something 15 % are dealt anew, a tenth of them idle; of the idle 15 % × 0.9 come back."""
    habit = learnt(stated_panel(20.0, people=20_000))
    assert habit.stays == pytest.approx(1 - 0.15 * 0.1, abs=0.002)
    assert habit.returns == pytest.approx(0.15 * 0.9, abs=0.01)


def test_the_expectation_of_all_is_what_comes():
    frame = stated_panel(20.0, people=20_000)
    assert foreseen(frame.iloc[:, :-1]).sum() == pytest.approx(frame.iloc[:, -1].sum(), rel=0.05)


def test_two_months_seen_are_the_textbook_formula():
    """Two people, two months, known variances: the normal posterior of a person's mean (Efron and Morris)."""
    habit = Habit(person=0.5, drift=0.0, month=0.25, correlation=0.0, stays=1.0, returns=0.0)
    frame = pd.DataFrame({1: [np.e, 1.0], 2: [np.e**3, np.e]})
    found = np.log(foreseen(frame, habit))
    own = np.array([[1 - 0.5, 3 - 2], [0 - 0.5, 1 - 2]]).mean(axis=1)  # means of log use from the level of the month
    weight = 0.5 / (0.5 + 0.25 / 2)
    variance = 0.5 * (1 - weight) + 0.25
    np.testing.assert_allclose(found, (0.5 + 2) / 2 + weight * own + variance / 2)


def test_people_who_never_change_are_expected_to_use_what_they_used():
    frame = panel(sigma=0.0)
    assert np.allclose(foreseen(frame), frame.iloc[:, 0], rtol=1e-5)


def test_people_who_differ_by_chance_only_are_expected_to_use_the_mean():
    found = foreseen(panel(between=0.0, correlation=0.0, months=24, people=2_000))
    assert found.std() < 0.15 * found.mean()


def test_who_joined_later_is_pulled_to_all_further_than_who_was_there():
    frame = panel(months=6)
    frame.iloc[0], frame.iloc[1] = 200.0, 200.0
    frame.iloc[1, :5] = np.nan
    found = foreseen(frame)
    assert np.nanmedian(frame) < found.iloc[1] < found.iloc[0]


def test_users_in_another_order_and_all_spend_doubled_keep_the_expectation():
    frame = stated_panel(20.0, people=300)
    shuffled = frame.sample(frac=1.0, random_state=1)
    np.testing.assert_allclose(foreseen(shuffled).loc[frame.index], foreseen(frame), rtol=1e-6)
    np.testing.assert_allclose(foreseen(2 * frame), 2 * foreseen(frame), rtol=1e-6)


def test_nobody_who_uses_anything_is_expected_to_use_nothing():
    assert foreseen(pd.DataFrame(np.zeros((3, 4)))).tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("correlation", [0.0, 0.3, 0.6])
@pytest.mark.parametrize("months", [12, 24])
def test_autocorrelation_and_spread_are_found(correlation, months):
    found, sigma = lasting(panel(people=2_000, months=months, correlation=correlation, seed=5))
    assert found == pytest.approx(correlation, abs=0.08)
    assert sigma == pytest.approx(0.8, rel=0.12)
