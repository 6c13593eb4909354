import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import law

from aiecon.forecasting import list_prices
from aiecon.forecasting.calendar import Calendar
from aiecon.vocabulary.spend import TOKEN_COLUMNS

DAILY = Calendar("D", pd.offsets.Day(), 7)
MONTHLY = Calendar("MS", pd.offsets.MonthBegin(), 12)
MONTHS = pd.date_range("2026-01-01", periods=6, freq="MS")
QUICK_LAW = law(20)
TOKENS = {"x_InputTokens": 8e6, "x_CacheReadTokens": 0.0, "x_OutputTokens": 2e6}


def level(day, model="small", price=1.0, **fields):
    """A row of a card on which input and output cost the same unless `fields` says otherwise."""
    plain = {"model": model, "provider": "maker", "rank": 0, "effective_from": pd.Timestamp(day)}
    words = {"source": "price page", "grade": "published"}
    return {**plain, **words, "input_per_mtok": price, "output_per_mtok": price, **fields}


def used(costs, item="small", months=MONTHS, **tokens):
    """Months of a model: the same tokens each, or as many as `tokens` lists, and what they cost."""
    counts = {**dict.fromkeys(TOKEN_COLUMNS, 0.0), **TOKENS, **tokens}
    frame = pd.DataFrame({"month": months[: len(costs)], "item": item, "cost": costs, **counts})
    return frame.assign(tokens=frame[list(TOKEN_COLUMNS)].sum(axis=1))


def history(frequency="MS", **series):
    dates = MONTHS if frequency == "MS" else pd.date_range(MONTHS[0], MONTHS[-1] + pd.offsets.MonthEnd(0))
    return pd.DataFrame({name: np.asarray(values, dtype=float) for name, values in series.items()}, index=dates)


def found(values, volumes, *levels, calendar=MONTHLY, group_by=(), is_shipped=False):
    card = pd.DataFrame(list(levels))
    return list_prices.list_prices(values, calendar, volumes, card, group_by=group_by, is_shipped=is_shipped)


HALVED = (10.0, 10.0, 10.0, 5.0, 5.0, 5.0)
CUT = level("2025-01-01", price=1.0), level("2026-04-01", price=0.5)


def test_what_was_bought_before_a_step_is_read_at_the_new_price():
    answer = found(history(total=HALVED), used(HALVED), *CUT)
    np.testing.assert_allclose(answer.index["total"], [0.5, 0.5, 0.5, 1.0, 1.0, 1.0])
    assert answer.steps.to_dict("records") == [{"date": MONTHS[3], "item": "small", "change": -0.5}]
    assert answer.notes == ("List price of small: −50 % on 2026-04-01; earlier spend is read at the new price",)
    assert answer.ahead == ()


def test_each_day_before_a_step_is_read_at_the_new_price():
    days = history("D", total=np.ones(181))
    spent = days["total"].resample("MS").sum().to_numpy()
    volumes = used(spent, x_InputTokens=spent * [1, 1, 1, 2, 2, 2], x_OutputTokens=0.0)
    answer = found(days, volumes, *CUT, calendar=DAILY)
    np.testing.assert_allclose(answer.index["total"], np.where(days.index < "2026-04-01", 0.5, 1.0))


def test_steps_multiply():
    costs = (10.0, 10.0, 5.0, 5.0, 6.0, 6.0)
    levels = *CUT[:1], level("2026-03-01", price=0.5), level("2026-05-01", price=0.6)
    answer = found(history(total=costs), used(costs), *levels)
    np.testing.assert_allclose(answer.index["total"] * costs, 6.0)
    assert list(answer.steps["change"]) == pytest.approx([-0.5, 0.2])


def test_a_month_in_which_the_price_stepped_is_brought_to_the_new_price_whole():
    costs = (10.0, 10.0, 10.0 * 15 / 31 + 5.0 * 16 / 31, 5.0, 5.0, 5.0)
    answer = found(history(total=costs), used(costs), level("2025-01-01"), level("2026-03-16", price=0.5))
    np.testing.assert_allclose(answer.index["total"] * costs, 5.0)


def test_of_a_total_a_model_moves_its_own_part():
    total = [30.0 + cost for cost in HALVED]
    answer = found(history(total=total), pd.concat([used(HALVED), used([30.0] * 6, item="large")]), *CUT)
    np.testing.assert_allclose(answer.index["total"] * total, 35.0)


@QUICK_LAW
@given(
    st.lists(st.tuples(st.floats(0.1, 100), st.floats(0.1, 100)), min_size=6, max_size=6),
    st.sampled_from([0.2, 0.5, 0.8, 1.5]),
    st.integers(1, 5),
    st.floats(0, 50),
)
def test_a_history_at_list_prices_is_its_volume_times_the_last_price(mtok, price, place, other):
    before = np.arange(6) < place
    small, large = np.array(mtok).T
    paid = small * np.where(before, 1.0, price)
    volumes = pd.concat([used(paid, x_InputTokens=small * 1e6, x_OutputTokens=0.0), used(large, item="large")])
    values = history(total=paid + large + other)
    answer = found(values, volumes, level("2025-01-01"), level(MONTHS[place], price=price))
    np.testing.assert_allclose((values * answer.index)["total"], small * price + large + other)


def test_of_several_models_each_has_its_own_index():
    values = history(small=HALVED, large=[30.0] * 6)
    volumes = pd.concat([used(HALVED), used([30.0] * 6, item="large")])
    answer = found(values, volumes, *CUT, group_by=("x_ModelId",))
    np.testing.assert_allclose(answer.index["small"], [0.5, 0.5, 0.5, 1.0, 1.0, 1.0])
    assert (answer.index["large"] == 1.0).all()


@pytest.mark.parametrize("group_by", [("x_Team",), ("x_ModelId", "x_Team")])
def test_series_that_are_no_models_have_no_list_price(group_by):
    answer = found(history(small=HALVED), used(HALVED), *CUT, level("2027-01-01", price=0.1), group_by=group_by)
    assert (answer.index == 1.0).all(axis=None)
    assert (answer.ahead, answer.notes, len(answer.steps)) == ((), (), 0)


def test_a_history_that_counts_no_tokens_has_no_list_price():
    answer = found(history(total=HALVED), used(HALVED).head(0), *CUT)
    assert (answer.index == 1.0).all(axis=None)
    assert answer.notes == ()


def test_a_model_in_the_rest_of_a_long_tail_is_left_alone():
    """The rest of the models is one series, and no price is its own."""
    levels = *CUT, level("2026-08-01", price=0.1)
    answer = found(history(rest=HALVED), used(HALVED), *levels, group_by=("x_ModelId",))
    assert (answer.index == 1.0).all(axis=None)
    assert (answer.ahead, answer.notes) == ((), ())


def test_a_step_that_the_bill_does_not_follow_does_not_count_and_is_noted():
    flat = [10.0] * 6
    answer = found(history(total=flat), used(flat), *CUT)
    assert (answer.index == 1.0).all(axis=None)
    assert answer.steps.empty
    assert answer.notes == (
        "List price of small: −50 % on 2026-04-01; the bill does not follow it, so it does not count",
    )


@pytest.mark.parametrize(("after", "counts"), [(7.4, True), (7.6, False), (12.0, False)])
def test_the_bill_follows_when_it_shows_half_of_the_step(after, counts):
    costs = [10.0] * 3 + [after] * 3
    assert len(found(history(total=costs), used(costs), *CUT).steps) == counts


def test_growth_of_volume_is_not_taken_for_a_price_that_stands():
    costs = np.array(HALVED) * [1, 1, 1, 4, 4, 4]
    volumes = used(costs, x_InputTokens=np.array([1, 1, 1, 4, 4, 4]) * 8e6, x_OutputTokens=2e6 * costs / HALVED)
    assert len(found(history(total=costs), volumes, *CUT).steps) == 1


def test_a_month_that_has_both_prices_is_no_evidence():
    costs = [10.0, 10.0, 10.0, 99.0, 5.0, 5.0]
    assert len(found(history(total=costs), used(costs), level("2025-01-01"), level("2026-04-16", price=0.5)).steps) == 1


def test_a_step_within_the_last_month_counts_since_nothing_contradicts_it():
    costs = [10.0] * 5 + [10.0 * 15 / 30 + 5.0 * 15 / 30]
    answer = found(history(total=costs), used(costs), level("2025-01-01"), level("2026-06-16", price=0.5))
    np.testing.assert_allclose(answer.index["total"] * costs, 5.0)


@pytest.mark.parametrize("day", ["2025-06-01", "2026-01-01", "2026-01-20"])
def test_a_step_before_which_no_month_was_bought_is_not_spoken_of(day):
    answer = found(history(total=HALVED), used(HALVED), level("2025-01-01"), level(day, price=0.5))
    assert (answer.index == 1.0).all(axis=None)
    assert answer.notes == ()


def test_a_step_is_as_large_as_its_classes_of_tokens():
    old, new = level("2025-01-01", output_per_mtok=4.0), level("2026-04-01", output_per_mtok=2.0)
    costs = [16.0] * 3 + [12.0] * 3
    assert found(history(total=costs), used(costs), old, new).steps["change"].tolist() == [pytest.approx(-0.25)]


def test_a_step_is_weighted_by_the_tokens_of_the_months_beside_it():
    """Later on the model writes nothing any more, which is no reason to think that it did not then."""
    months = pd.date_range("2026-01-01", periods=12, freq="MS")
    volumes = used(
        [10.0] * 12, months=months, x_InputTokens=[5e6] * 7 + [9e6] * 5, x_OutputTokens=[5e6] * 7 + [0.0] * 5
    )
    volumes["cost"] = [10.0] * 3 + [7.5] * 4 + [9.0] * 5
    values = pd.DataFrame({"total": volumes["cost"].to_numpy()}, index=months)
    answer = found(values, volumes, level("2025-01-01"), level("2026-04-01", output_per_mtok=0.5))
    assert answer.steps["change"].tolist() == [pytest.approx(-0.25)]


@pytest.mark.parametrize(
    ("column", "fields"),
    [
        ("x_CacheReadTokens", {"cached_input_per_mtok": 0.1}),
        ("x_CacheWrite5mTokens", {"cache_write_per_mtok": 0.1}),
        ("x_CacheWrite1hTokens", {"cache_write_1h_per_mtok": 0.1}),
        ("x_CacheWrite1hTokens", {"cache_write_per_mtok": 0.1, "cache_write_1h_per_mtok": np.nan}),
    ],
)
def test_a_class_costs_its_own_price_and_as_input_where_none_is_recorded(column, fields):
    tokens = {"x_InputTokens": 5e6, "x_OutputTokens": 0.0, column: 5e6}
    costs = [10.0] * 3 + [5.5] * 3
    answer = found(history(total=costs), used(costs, **tokens), level("2025-01-01"), level("2026-04-01", **fields))
    assert answer.steps["change"].tolist() == [pytest.approx(-0.45)]


def test_a_step_that_leaves_the_cost_of_a_model_as_it_is_is_none():
    levels = level("2025-01-01", batch_discount=0.5), level("2026-04-01", batch_discount=0.4)
    assert found(history(total=HALVED), used(HALVED), *levels).notes == ()


@pytest.mark.parametrize("day", ["2026-04-01", "2026-08-01"])
@pytest.mark.parametrize("prices", [(1.0, 0.0), (0.0, 1.0)])
def test_a_price_that_falls_to_nothing_or_comes_from_it_is_no_step(day, prices):
    levels = level("2025-01-01", price=prices[0]), level(day, price=prices[1])
    answer = found(history(total=HALVED), used(HALVED), *levels)
    assert (answer.index == 1.0).all(axis=None)
    assert (answer.ahead, answer.notes) == ((), ())


def test_the_makers_prices_count_before_those_of_a_reseller():
    reseller = {"provider": "reseller", "rank": 5}
    levels = level("2025-01-01", price=9.0, **reseller), level("2026-03-01", price=1.0, **reseller), *CUT
    assert list(found(history(total=HALVED), used(HALVED), *levels).steps["date"]) == [MONTHS[3]]


def test_rows_of_two_resellers_are_not_one_life():
    levels = (
        level("2025-01-01", price=9.0, provider="one", rank=5),
        level("2026-04-01", price=1.0, provider="another", rank=5),
    )
    assert found(history(total=HALVED), used(HALVED), *levels).notes == ()


def test_rows_are_read_by_day_whatever_their_order():
    assert found(history(total=HALVED), used(HALVED), *CUT[::-1]).steps["change"].tolist() == [-0.5]


AHEAD = level("2026-08-01", price=0.8, source="order form", grade="contract")


def test_a_step_ahead_is_a_price_event_of_the_models_recent_part():
    total = [30.0, 30.0, 30.0, 40.0, 50.0, 60.0]
    volumes = pd.concat([used([10.0] * 6), used(np.array(total) - 10.0, item="large")])
    (event,) = found(history(total=total), volumes, level("2025-01-01"), AHEAD).ahead
    assert event.change == pytest.approx(-0.2 * 30 / 150)
    assert (event.date, event.series) == (AHEAD["effective_from"].date(), None)
    assert (event.source, event.grade) == ("order form", "contract")
    assert event.label == "List price of small, −20 % on 2026-08-01"


def test_a_step_ahead_is_whole_for_the_series_of_its_model():
    values = history(small=[10.0] * 6, large=[30.0] * 6)
    volumes = pd.concat([used([10.0] * 6), used([30.0] * 6, item="large")])
    (event,) = found(values, volumes, level("2025-01-01"), AHEAD, group_by=("x_ModelId",)).ahead
    assert (event.change, event.series) == (pytest.approx(-0.2), "small")


def test_a_step_ahead_is_weighted_by_the_latest_tokens():
    volumes = used([10.0] * 6, x_InputTokens=[0.0] * 4 + [3e6] * 2, x_OutputTokens=[9e6] * 4 + [1e6] * 2)
    (event,) = found(
        history(total=[10.0] * 6), volumes, level("2025-01-01"), level("2026-12-01", output_per_mtok=0.5)
    ).ahead
    tokens = volumes.tail(3)[["x_InputTokens", "x_OutputTokens"]].sum()
    assert event.change == pytest.approx(-0.5 * tokens["x_OutputTokens"] / tokens.sum())


def test_rows_of_the_shipped_card_after_the_history_are_not_read():
    answer = found(history(total=HALVED), used(HALVED), *CUT, AHEAD, is_shipped=True)
    assert answer.ahead == ()
    assert len(answer.steps) == 1


def test_a_step_ahead_of_a_model_that_is_no_longer_bought_is_none():
    values = history(total=[20.0] * 6)
    volumes = pd.concat([used([10.0] * 3), used([20.0] * 6, item="large")])
    assert found(values, volumes, level("2025-01-01"), AHEAD).ahead == ()


def test_a_step_on_the_first_day_after_the_history_is_ahead_and_on_its_last_day_is_not():
    for day, ahead in (("2026-06-30", 0), ("2026-07-01", 1)):
        levels = level("2025-01-01"), level(day, price=0.5)
        for calendar, values in ((MONTHLY, history(total=[10.0] * 6)), (DAILY, history("D", total=np.ones(181)))):
            assert len(found(values, used([10.0] * 6), *levels, calendar=calendar).ahead) == ahead


def test_what_was_given_is_left_as_it_was():
    values, volumes = history(total=HALVED), used(HALVED)
    before = values.copy(), volumes.copy()
    found(values, volumes, *CUT, AHEAD)
    pd.testing.assert_frame_equal(values, before[0])
    pd.testing.assert_frame_equal(volumes, before[1])
