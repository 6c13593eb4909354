import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import law

from aiecon.errors import FrameError, InputError
from aiecon.forecasting.backtest import Backtest
from aiecon.forecasting.combine import LEVELS
from aiecon.forecasting.evaluation import Evaluation, backtest, scored
from aiecon.forecasting.methods import METHODS

QUANTILES = list(LEVELS)
FEW = {name: METHODS[name] for name in ("drift", "theta")}
SCORES = [
    "mase",
    "wape",
    "bias",
    "wql",
    "scaled_crps",
    "coverage_80",
    "coverage_95",
    "width_80",
    "width_95",
    "value_added",
]


def noisy(seed=1, length=150, **columns):
    random = np.random.default_rng(seed)
    dates = pd.date_range("2025-01-06", periods=length)
    shape = np.array([1.2, 1.2, 1.15, 1.1, 1.0, 0.6, 0.5])[dates.day_of_week]
    walk = np.cumsum(random.normal(0, 0.01, length))
    return pd.DataFrame(
        {"date": dates, "value": 1_000 * np.exp(walk) * shape * random.lognormal(0, 0.05, length), **columns}
    )


def method(found, name, series="all"):
    return found.scores.query("series == @series and method == @name").iloc[0]


def test_every_cell_of_every_method_is_a_row_and_every_method_has_its_scores():
    history = noisy()
    found = backtest(history, horizon=7, methods=FEW, origins=4)
    assert list(found.frame) == ["series", "method", "origin", "step", "date", "actual", *QUANTILES]
    assert set(found.frame["method"]) == {"seasonal_naive", "drift", "theta", "median"}
    assert len(found.frame) == 4 * 4 * 7
    assert list(found.scores) == ["series", "method", *SCORES]
    assert found.to_frame() is found.scores
    assert found.scores["series"].unique().tolist() == ["all", "total"]
    assert (found.frame["date"] == found.frame["origin"] + pd.to_timedelta(found.frame["step"], unit="D")).all()
    came = history.set_index("date")["value"].loc[found.frame["date"]].to_numpy()
    np.testing.assert_array_equal(found.frame["actual"], came)
    assert found.scores[SCORES].notna().all().all()


def test_scores_of_a_tiny_case_by_hand():
    """Two origins, two periods; the naive method says 100, the other 110 ± 10 and ± 20, 100, 90 and 120 came."""
    levels = np.array([90.0, 100.0, 110.0, 120.0, 130.0])
    other = np.repeat(levels[None, :, None], 2, axis=0) * np.ones(2)
    naive = np.full((2, 5, 2), 100.0)
    tested = Backtest(
        origins=np.array([10, 12]),
        actual=np.array([[100.0, 90.0], [120.0, np.nan]]),
        said=other,
        members={},
        scales=np.array([5.0, 10.0]),
        floors=np.array([True, True]),
        memory=20,
        weights=None,
        failures={},
    )
    said = {"seasonal_naive": naive, "other": other}
    found = scored(tested, said, np.array([True, True])).set_index("method")
    size = 310 / 3
    assert found.loc["other", "mase"] == pytest.approx(((10 + 20) / 2 / 5 + 10 / 10) / 2)
    assert found.loc["other", "wape"] == pytest.approx(40 / 310)
    assert found.loc["other", "bias"] == pytest.approx(20 / 310)
    assert found.loc["other", "coverage_80"] == pytest.approx(2 / 3)  # 90 lies outside 100 to 120
    assert found.loc["other", "coverage_95"] == 1.0
    assert found.loc["other", "width_80"] == pytest.approx(20 / size)
    assert found.loc["other", "width_95"] == pytest.approx(40 / size)
    assert found.loc["other", "value_added"] == pytest.approx(1 - 40 / 30)
    assert found.loc["seasonal_naive", "value_added"] == 0.0
    losses = [  # at 2.5, 10, 50, 90, 97.5 % for each of the three actuals
        [0.025 * 10, 0.0, 0.5 * 10, 0.1 * 20, 0.025 * 30],
        [0.0, 0.9 * 10, 0.5 * 20, 0.1 * 30, 0.025 * 40],
        [0.025 * 30, 0.1 * 20, 0.5 * 10, 0.0, 0.025 * 10],
    ]
    assert found.loc["other", "wql"] == pytest.approx(2 * np.mean(losses) / size)
    assert found.loc["other", "scaled_crps"] == pytest.approx(2 * np.mean(losses) / 7.5)
    last = scored(tested, said, tested.last(1)).set_index("method")
    assert last.loc["other", "mase"] == pytest.approx(10 / 10)
    assert last.loc["other", "wape"] == pytest.approx(10 / 120)
    assert last.loc["other", "value_added"] == pytest.approx(1 - 10 / 20)


def test_seasonal_naive_adds_no_value_over_itself():
    found = backtest(noisy(), horizon=7, methods=FEW, origins=4)
    assert method(found, "seasonal_naive")["value_added"] == 0.0
    assert method(found, "median")["value_added"] == pytest.approx(
        1 - method(found, "median")["wape"] / method(found, "seasonal_naive")["wape"]
    )


def test_the_scores_are_those_of_the_rows():
    found = backtest(noisy(), horizon=7, methods=FEW, origins=4)
    rows = found.frame[found.frame["method"] == "theta"]
    scores = method(found, "theta", "total")
    assert scores["wape"] == pytest.approx((rows["actual"] - rows["p50"]).abs().sum() / rows["actual"].sum())
    assert scores["bias"] == pytest.approx(rows["p50"].sum() / rows["actual"].sum() - 1)
    assert scores["coverage_80"] == pytest.approx(
        ((rows["p10"] <= rows["actual"]) & (rows["actual"] <= rows["p90"])).mean()
    )
    assert scores["width_95"] == pytest.approx((rows["p97_5"] - rows["p2_5"]).mean() / rows["actual"].mean())


@law(8)
@given(st.integers(0, 1_000), st.floats(0.01, 1e4))
def test_no_score_depends_on_the_currency(seed, rate):
    history = noisy(seed, 60)
    scaled = history.assign(value=history["value"] * rate)
    plain, other = (backtest(one, horizon=5, methods=FEW, origins=3).scores[SCORES] for one in (history, scaled))
    np.testing.assert_allclose(other, plain, rtol=1e-5, atol=1e-9)


def test_scores_of_all_are_the_means_over_series():
    both = pd.concat([noisy(1, 80, series="a"), noisy(2, 80, series="b")])
    found = backtest(both, horizon=5, methods=FEW, origins=3)
    parts = [method(found, "theta", name)[SCORES] for name in ("a", "b")]
    np.testing.assert_allclose(method(found, "theta")[SCORES].astype(float), np.mean(parts, axis=0).astype(float))


def test_a_short_series_is_named_and_short_ones_alone_are_refused():
    both = pd.concat([noisy(1, 80, series="long"), noisy(2, 80, series="short").tail(3)])
    found = backtest(both, horizon=5, methods=FEW, origins=3)
    assert found.refused == {"short": "3 values are too few to hold an origin"}
    assert set(found.scores["series"]) == {"all", "long"}
    with pytest.raises(InputError, match="series 'total': 5 values are too few to hold an origin"):
        backtest(noisy(1, 5), horizon=2)


def test_a_broken_series_is_named():
    both = pd.concat([noisy(1, 40, series="good"), noisy(2, 40, series="bad")], ignore_index=True)
    both.loc[50, "value"] = np.inf
    found = backtest(both, horizon=5, methods=FEW, origins=2)
    assert "row 50 has 'inf'" in found.refused["bad"]
    with pytest.raises(FrameError, match="row 10 has 'inf'"):
        backtest(both.tail(40).reset_index(drop=True), horizon=5)


def test_methods_compared_stand_beside_the_combination_and_leave_it_as_it_is():
    alone = backtest(noisy(), horizon=7, methods=FEW, origins=3)
    beside = backtest(noisy(), horizon=7, methods=FEW, origins=3, compare=["ets", "seasonal_naive"])
    assert "ets" in set(beside.scores["method"])
    pd.testing.assert_series_equal(method(beside, "median"), method(alone, "median"), check_names=False)


def test_unknown_methods_to_compare_are_refused_together():
    with pytest.raises(InputError) as caught:
        backtest(noisy(), horizon=7, compare=["thet", "ets", "magic"])
    assert len(caught.value.problems) == 2
    assert "compare: 'thet' is not a method; did you mean theta?" in caught.value.problems[0]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"horizon": 0}, "horizon must be a whole number from 1 to 5,000, got 0"),
        ({"horizon": "7"}, "horizon must be a whole number from 1 to 5,000, got '7'"),
        ({"origins": 0}, "origins must be a whole number"),
        ({"methods": ["ets"]}, "methods must map a name to a function"),
        ({"methods": {}}, "methods must map a name to a function"),
        ({"methods": {"median": METHODS["drift"]}}, "is the name of the combination"),
        ({"is_weighted": "yes"}, "is_weighted must be true, false or left out"),
    ],
)
def test_arguments_that_cannot_be_are_refused(given, words):
    with pytest.raises(InputError, match=words):
        backtest(noisy(), **{"horizon": 7, **given})


def test_methods_that_all_fail_say_why():
    def broken(train, future, season):
        raise ValueError("no such luck")

    with pytest.raises(InputError, match="no such luck"):
        backtest(noisy(), horizon=7, methods={"broken": broken})


def common_rows(before, after):
    """Rows of the origins that both have, side by side."""
    keys = ["series", "method", "origin", "step"]
    both = before.frame.merge(after.frame, on=keys, suffixes=("", "_after"))
    assert both["origin"].nunique() >= 4
    return both


def check_same(rows):
    for column in ("date", "actual", *QUANTILES):
        pd.testing.assert_series_equal(rows[f"{column}_after"], rows[column], check_names=False)


def test_rows_that_are_added_leave_what_each_method_said_at_earlier_origins_as_it_was():
    history = noisy()
    before, after = (backtest(rows, horizon=14) for rows in (history.head(120), history))
    rows = common_rows(before, after)
    check_same(rows[rows["method"] != "median"])


@pytest.mark.parametrize("is_weighted", [False, True], ids=["median", "weighted"])
def test_rows_that_are_added_leave_what_all_said_at_earlier_origins_as_it_was(is_weighted):
    history = noisy()
    before, after = (backtest(rows, horizon=14, is_weighted=is_weighted) for rows in (history.head(120), history))
    check_same(common_rows(before, after))


@pytest.mark.parametrize("is_weighted", [False, True], ids=["median", "weighted"])
def test_how_many_origins_are_reported_leaves_what_was_said_at_each_as_it_was(is_weighted):
    few, many = (
        backtest(noisy(), horizon=14, methods=FEW, is_weighted=is_weighted, origins=origins) for origins in (4, 20)
    )
    assert few.frame["origin"].nunique() == 4
    assert many.frame["origin"].nunique() == 14
    assert few.frame["origin"].min() == sorted(many.frame["origin"].unique())[-4]
    check_same(common_rows(few, many))


@pytest.mark.parametrize("is_weighted", [False, True])
def test_rows_that_are_added_to_a_long_history_leave_earlier_origins_of_the_median_as_they_were(is_weighted):
    """More origins came before those reported than each of them knows."""
    history = noisy(length=500)
    before, after = (
        backtest(rows, horizon=14, methods=FEW, is_weighted=is_weighted, origins=8)
        for rows in (history.head(472), history)
    )
    check_same(common_rows(before, after))


@pytest.mark.parametrize(("freq", "least"), [("D", 42), ("W-SUN", 16), ("MS", 8)])
def test_the_first_origin_is_fixed_by_the_frequency(freq, least):
    for length in (60, 90):
        history = noisy(length=length).assign(date=pd.date_range("2020-01-01", periods=length, freq=freq))
        found = backtest(history, horizon=4, methods=FEW, origins=500)
        assert found.frame["origin"].min() == history["date"].iloc[least - 1]


def test_a_zero_that_comes_later_leaves_the_methods_of_earlier_origins_as_they_were():
    history = noisy()
    before, after = backtest(history, horizon=14, origins=3), history.copy()
    after.loc[len(after) - 1, "value"] = 0.0
    assert set(backtest(after, horizon=14, origins=3).frame["method"]) == set(before.frame["method"])


def test_missing_actuals_are_not_scored():
    history = noisy()
    holed = history.drop(index=[140, 141])
    found = backtest(holed, horizon=7, methods=FEW, origins=3)
    assert found.frame["actual"].isna().any()
    assert found.scores[SCORES].notna().all().all()


def test_reliability_is_the_share_of_actuals_at_or_below_each_level():
    frame = pd.DataFrame(
        {
            "method": ["m"] * 4 + ["n"],
            "actual": [1.0, 2.0, 3.0, np.nan, 5.0],
            "p2_5": [0.0, 0.0, 3.0, 0.0, 0.0],
            "p10": [1.0, 0.0, 3.0, 0.0, 0.0],
            "p50": [1.0, 2.0, 3.0, 0.0, 0.0],
            "p90": [2.0, 2.0, 3.0, 0.0, 5.0],
            "p97_5": [2.0, 2.0, 3.0, 0.0, 6.0],
        }
    )
    found = Evaluation(frame, pd.DataFrame(), {}).reliability()
    assert list(found) == ["method", "level", "observed", "cells"]
    m = found[found["method"] == "m"].set_index("level")
    assert m["observed"].round(6).tolist() == [round(1 / 3, 6), round(2 / 3, 6), 1.0, 1.0, 1.0]
    assert (m["cells"] == 3).all()
    assert found[found["method"] == "n"]["observed"].tolist() == [0.0, 0.0, 0.0, 1.0, 1.0]


def test_reliability_of_a_back_test_rises_with_the_level():
    found = backtest(noisy(), horizon=7, methods=FEW, origins=8).reliability()
    assert set(found["method"]) == {"seasonal_naive", *FEW, "median"}
    for _, rows in found.groupby("method"):
        assert rows["observed"].is_monotonic_increasing
        assert (rows["cells"] == 8 * 7).all()
