"""Expected use against last month's, on panels whose generator is on the page."""

import numpy as np
import pandas as pd
import pytest

import aiecon
from aiecon.models.seats import SeatsInputs, seats
from aiecon.models.seats.persistence import lasting, shrunk


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


@pytest.mark.parametrize("seed", range(4))
def test_shrunk_expectation_foresees_the_next_month_better_than_the_last_one(seed):
    frame = panel(months=7, seed=seed)
    past, came = frame.iloc[:, :6], frame.iloc[:, 6]
    expected, weight = shrunk(past)
    assert 0 < weight < 1
    missed, missed_by_last = expected - came, past.iloc[:, -1] - came
    assert missed.abs().mean() < missed_by_last.abs().mean()
    assert (missed**2).mean() < 0.85 * (missed_by_last**2).mean()
    assert expected.corr(came, method="spearman") > past.iloc[:, -1].corr(came, method="spearman")


def test_people_who_differ_by_chance_only_are_expected_to_use_the_mean():
    _, weight = shrunk(panel(between=0.0, correlation=0.0, months=24))
    assert weight < 0.3


def test_people_who_never_change_are_expected_to_use_what_they_used():
    frame = panel(sigma=0.0)
    expected, weight = shrunk(frame)
    assert weight == pytest.approx(1.0)
    assert np.allclose(expected, frame.iloc[:, 0])


@pytest.mark.parametrize("correlation", [0.0, 0.3, 0.6])
@pytest.mark.parametrize("months", [12, 24])
def test_autocorrelation_and_spread_are_found(correlation, months):
    found, sigma = lasting(panel(people=2_000, months=months, correlation=correlation, seed=5))
    assert found == pytest.approx(correlation, abs=0.08)
    assert sigma == pytest.approx(0.8, rel=0.12)


def test_the_back_test_of_a_file_beats_ranking_by_last_month(tmp_path):
    long = panel(people=120, months=8).reset_index().melt("user", var_name="month", value_name="spend")
    long["month"] = [f"{month:%Y-%m}" for month in long["month"]]
    long.to_csv(tmp_path / "use.csv", index=False)
    plan = {"name": "seat", "price_per_seat_month": 30, "overage_factor": 0}
    given = {"usage": {"file": str(tmp_path / "use.csv")}, "plans": [plan]}
    test = seats(aiecon.resolve(SeatsInputs.build(given))).persistence.backtest
    assert len(test) == 6
    assert test["error_expected"].mean() < test["error_last"].mean()
    assert test["cost_expected"].mean() < test["cost_last"].mean()
    assert (test["cost_best"] <= test[["cost_expected", "cost_last"]].min(axis=1) + 1e-9).all()
