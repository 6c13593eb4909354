from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import LAW

from aiecon.errors import InputError
from aiecon.forecasting import known
from aiecon.forecasting.calendar import Calendar
from aiecon.forecasting.combine import LEVELS, SCORES
from aiecon.forecasting.ensemble import Forecast
from aiecon.forecasting.paths import Fan
from aiecon.models.spend_forecast import SpendForecastInputs, spend_forecast
from aiecon.vocabulary.known import Driver, Event, Overlay, PriceEvent

CALENDARS = {
    "D": Calendar("D", pd.offsets.Day(), 7),
    "B": Calendar("D", pd.offsets.BusinessDay(), 5),
    "W": Calendar("W", pd.offsets.Week(weekday=6), 1),
    "MS": Calendar("MS", pd.offsets.MonthBegin(), 12),
}
ANSWERS_FOR = {"owner": "FinOps", "source": "plan", "grade": "judgement"}
every_calendar = pytest.mark.parametrize("calendar", ["D", "B", "W", "MS"])


def ahead(calendar, *, first="2026-04-01", last="2026-12-31", series=("total",)):
    """A forecast of growing periods that nothing had to be fitted for."""
    dates = pd.date_range(first, last, freq=CALENDARS[calendar].offset)
    middle = 100 + np.arange(len(dates))
    quantiles = middle + 10 * SCORES[:, None] * np.ones(len(dates))
    bounds = np.zeros(len(dates)), np.full(len(dates), np.inf)
    return Forecast(
        history=pd.DataFrame({name: [1.0] for name in series}, index=[pd.Timestamp("2026-03-31")]),
        calendar=CALENDARS[calendar],
        dates=dates,
        fans={name: Fan(quantiles, np.ones(len(dates)), 0.1, 0.0, name, *bounds) for name in series},
        backtests={},
        factors={},
        failures={},
        refused={},
        notes=(),
        seed=0,
    )


def after(forecast, **things):
    for step in known.steps(**things, last=pd.Timestamp("2026-03-31")):
        forecast = step.apply(forecast)
    return forecast


def overlay(amount, start="2026-05-01", **fields):
    fields = {"name": f"project of {amount}", **ANSWERS_FOR, **fields}
    return Overlay(start=start, amount_per_month=amount, **fields)


def driver(change, start="2026-05-01", **fields):
    fields = {"name": f"driver of {change}", **ANSWERS_FOR, **fields}
    return Driver(start=start, change=change, **fields)


def price(change, day="2026-05-01", **fields):
    return PriceEvent(date=day, change=change, **fields)


def by_month(values, forecast):
    return pd.Series(values, forecast.dates.strftime("%Y-%m")).groupby(level=0).sum()


def added(forecast, later, name="total"):
    """What each period's quantiles gained; the same at every level."""
    gained = later.fans[name].quantiles - forecast.fans[name].quantiles
    np.testing.assert_allclose(gained, gained[2] * np.ones((5, 1)), atol=1e-9)
    return gained[2]


@every_calendar
def test_a_price_change_moves_the_forecast_by_the_change_times_the_volume_from_that_day_on(calendar):
    plain = ahead(calendar)
    later = after(plain, price_events=[price(-0.3, "2026-06-01")])
    volume = plain.fans["total"].quantiles
    expected = -0.3 * volume * (plain.dates >= pd.Timestamp("2026-06-01"))
    np.testing.assert_allclose(later.fans["total"].quantiles - volume, expected, atol=1e-12)
    np.testing.assert_allclose(
        later.total_paths - plain.total_paths,
        -0.3 * plain.total_paths * (plain.dates >= pd.Timestamp("2026-06-01")),
        atol=1e-9,
    )


def test_a_price_that_changes_within_a_month_counts_for_its_days():
    plain = ahead("MS")
    later = after(plain, price_events=[price(-0.5, "2026-05-16")])
    ratio = later.expected["total"] / plain.expected["total"]
    np.testing.assert_allclose(ratio[:4], [1.0, 1 - 0.5 * 16 / 31, 0.5, 0.5])


def test_the_part_of_a_month_after_a_day_counts_days_and_of_others_all_or_nothing():
    for calendar, expected in (("MS", [0.0, 0.5, 1.0]), ("D", [0.0, 0.0, 1.0]), ("W", [0.0, 0.0, 1.0])):
        dates = pd.DatetimeIndex(["2026-05-01", "2026-06-01", "2026-07-01"])
        found = known.part_after(CALENDARS[calendar], dates, date(2026, 6, 16))
        np.testing.assert_allclose(np.asarray(found), expected)


def test_prices_that_change_twice_multiply():
    plain = ahead("D")
    later = after(plain, price_events=[price(-0.5), price(0.2, "2026-06-01")])
    ratio = later.expected["total"] / plain.expected["total"]
    assert ratio["2026-05-15"] == pytest.approx(0.5)
    assert ratio["2026-06-15"] == pytest.approx(0.6)


def test_the_price_of_one_series_leaves_the_others():
    plain = ahead("D", series=("small", "large"))
    later = after(plain, price_events=[price(-0.5, series="small")])
    assert later.expected["large"].equals(plain.expected["large"])
    assert later.expected["small"].iloc[-1] == plain.expected["small"].iloc[-1] / 2
    both = after(plain, price_events=[price(-0.5)])
    np.testing.assert_allclose(both.total_paths[:, 40:], plain.total_paths[:, 40:] / 2)


def past(calendar="D", periods=60, value=100.0, names=("total",)):
    dates = pd.date_range("2026-01-01", periods=periods, freq=CALENDARS[calendar].offset)
    return pd.DataFrame(dict.fromkeys(names, value), index=dates)


def test_a_price_that_has_changed_brings_the_days_before_it_to_the_new_price():
    values = past()
    values.loc["2026-02-01":] = 50.0
    found = known.at_last_prices(values, CALENDARS["D"], [price(-0.5, "2026-02-01")])
    assert (found["total"] == 50.0).all()
    assert values["total"].iloc[0] == 100.0  # what was given is left alone


def test_two_price_changes_of_the_past_and_one_of_the_time_ahead():
    values = past()
    values.loc["2026-01-20":] = 50.0
    values.loc["2026-02-01":] = 60.0
    events = [price(-0.5, "2026-01-20"), price(0.2, "2026-02-01"), price(0.9, "2027-01-01")]
    np.testing.assert_allclose(known.at_last_prices(values, CALENDARS["D"], events)["total"], 60.0)
    steps = known.steps(price_events=events, last=values.index[-1])
    assert [step.name for step in steps] == [events[2].label]


def test_a_past_price_of_one_series_leaves_the_others():
    found = known.at_last_prices(past(names=("a", "b")), CALENDARS["D"], [price(-0.5, "2026-02-01", series="a")])
    assert found["a"].iloc[0] == 50.0
    assert (found["b"] == 100.0).all()


def test_a_month_in_which_the_price_changed_is_brought_to_the_new_price_whole():
    values = past("MS", periods=6)
    values.loc["2026-03-01"] = 100 * (1 - 0.5 * 16 / 31)
    values.loc["2026-04-01":] = 50.0
    found = known.at_last_prices(values, CALENDARS["MS"], [price(-0.5, "2026-03-16")])
    np.testing.assert_allclose(found["total"], 50.0)


def test_a_price_that_changes_within_the_last_month_of_the_history_changes_once():
    """The month is brought to the whole new price, and of the time after its last day the change is no step."""
    values = past("MS", periods=3)
    values.loc["2026-03-01"] = 100 * (1 - 0.5 * 16 / 31)
    events = [price(-0.5, "2026-03-16")]
    np.testing.assert_allclose(known.at_last_prices(values, CALENDARS["MS"], events)["total"], 50.0)
    assert known.steps(price_events=events, last=pd.Timestamp("2026-03-31")) == []


@every_calendar
@pytest.mark.parametrize("amount", [3_000.0, -50.0])
def test_an_overlay_adds_its_amount_to_every_month_and_every_level(calendar, amount):
    plain = ahead(calendar)
    later = after(plain, overlays=[overlay(amount)])
    gained = by_month(added(plain, later), plain)
    np.testing.assert_allclose(gained, [0.0] + [amount] * 8, atol=1e-9)
    np.testing.assert_allclose(
        later.total_paths - plain.total_paths, added(plain, later) * np.ones((2_000, 1)), atol=1e-8
    )
    before, total = (one.sum_quantiles(np.ones(len(plain.dates))) for one in (plain, later))
    for level in LEVELS:
        assert total[level] - before[level] == pytest.approx(8 * amount, abs=1e-8)
    frames = later.total_frame()[list(LEVELS)].to_numpy() - plain.total_frame()[list(LEVELS)].to_numpy()
    np.testing.assert_allclose(frames.sum(axis=0), 8 * amount, atol=1e-8)


@pytest.mark.parametrize("weekday", range(7))
def test_weeks_share_the_month_they_are_dated_in(weekday):
    offset = pd.offsets.Week(weekday=weekday)
    plain = ahead("W")
    dates = pd.date_range("2026-04-01", "2026-12-31", freq=offset)[: len(plain.dates)]
    plain = replace(plain, dates=dates, calendar=Calendar("W", offset, 1))
    gained = by_month(added(plain, after(plain, overlays=[overlay(120.0, start="2026-01-01")])), plain)
    np.testing.assert_allclose(gained.iloc[:-1], 120.0)


def test_an_overlay_counts_from_its_first_day_to_its_last():
    plain = ahead("D")
    later = after(plain, overlays=[overlay(310.0, start="2026-05-16", end="2026-07-05")])
    gained = by_month(added(plain, later), plain)
    np.testing.assert_allclose(gained[["2026-04", "2026-05", "2026-06", "2026-07", "2026-08"]], [0, 160, 310, 50, 0])


def test_an_overlay_within_a_month_counts_for_its_days():
    plain = ahead("MS")
    later = after(plain, overlays=[overlay(310.0, start="2026-05-16", end="2026-07-05")])
    np.testing.assert_allclose(added(plain, later)[:5], [0, 160, 310, 50, 0], atol=1e-9)


def test_an_overlay_that_began_long_ago_is_counted_whole():
    plain = ahead("D")
    later = after(plain, overlays=[overlay(100.0, start="2020-01-01", ramp_months=6)])
    np.testing.assert_allclose(by_month(added(plain, later), plain), 100.0)


@LAW
@given(
    st.lists(st.tuples(st.floats(-1e6, 1e6), st.integers(1, 12)), min_size=1, max_size=4, unique_by=lambda one: one[0])
)
def test_overlays_add_up_whatever_their_order(rows):
    plain = ahead("W")
    every = [overlay(amount, start=f"2026-{month:02}-01") for amount, month in rows]
    later, back = after(plain, overlays=every), after(plain, overlays=every[::-1])
    alone = sum(added(plain, after(plain, overlays=[one])) for one in every)
    scale = max(1.0, max(abs(amount) for amount, _ in rows))
    np.testing.assert_allclose(added(plain, later) / scale, alone / scale, atol=1e-9)
    np.testing.assert_allclose(later.expected / scale, back.expected / scale, atol=1e-9)


def test_an_overlay_goes_to_its_series_and_once_into_the_total():
    plain = ahead("D", series=("a", "b"))
    named = after(plain, overlays=[overlay(300.0, series="b")])
    assert named.expected["a"].equals(plain.expected["a"])
    np.testing.assert_allclose(by_month(added(plain, named, "b"), plain)[1:], 300.0)
    before, total = (one.sum_quantiles(np.ones(len(plain.dates))) for one in (plain, named))
    assert total["p90"] - before["p90"] == pytest.approx(8 * 300.0)


def test_an_overlay_of_no_series_is_one_of_its_own_beside_several():
    plain = ahead("D", series=("a", "b"))
    found = after(plain, overlays=[overlay(300.0)])
    assert list(found.fans) == ["a", "b", "project of 300.0"]
    assert found.expected[["a", "b"]].equals(plain.expected)
    np.testing.assert_allclose(by_month(found.expected["project of 300.0"].to_numpy(), plain), [0.0] + [300.0] * 8)
    before, total = (one.sum_quantiles(np.ones(len(plain.dates))) for one in (plain, found))
    for level in LEVELS:
        assert total[level] - before[level] == pytest.approx(8 * 300.0)
    alone = after(ahead("D"), overlays=[overlay(300.0)])
    assert list(alone.fans) == ["total"]


def test_daily_ramps_come_in_evenly():
    plain = ahead("D")
    later = after(plain, drivers=[driver(1.0, ramp_months=2)])
    part = later.expected["total"] / plain.expected["total"] - 1
    days = np.arange(len(part)) - 30  # from 1 May on
    np.testing.assert_allclose(part, np.clip(days / (2 * 365.25 / 12), 0, 1), atol=1e-9)


def test_monthly_ramps_take_the_middle_of_each_month():
    plain = ahead("MS")
    later = after(plain, overlays=[overlay(120.0, ramp_months=3)])
    np.testing.assert_allclose(added(plain, later)[:6], [0, 20, 60, 100, 120, 120], rtol=0.02)


@every_calendar
def test_a_driver_multiplies_the_volume_while_it_counts(calendar):
    plain = ahead(calendar)
    later = after(plain, drivers=[driver(0.25, end="2026-07-31")])
    ratio = later.fans["total"].quantiles / plain.fans["total"].quantiles
    counts = (plain.dates >= pd.Timestamp("2026-05-01")) & (plain.dates <= pd.Timestamp("2026-07-31"))
    np.testing.assert_allclose(ratio, (1 + 0.25 * counts) * np.ones((5, 1)))


def test_drivers_multiply_each_other_and_leave_other_series_alone():
    plain = ahead("D", series=("a", "b"))
    later = after(plain, drivers=[driver(0.5, series="a"), driver(-0.2)])
    ratio = (later.expected / plain.expected).iloc[-1]
    assert ratio["a"] == pytest.approx(1.5 * 0.8)
    assert ratio["b"] == pytest.approx(0.8)


def test_an_uncertain_driver_or_overlay_counts_with_its_base():
    plain = ahead("D")
    certain = after(plain, drivers=[driver(0.2)], overlays=[overlay(500.0)])
    found = after(plain, drivers=[driver(UNSURE_CHANGE)], overlays=[overlay(UNSURE_AMOUNT)])
    np.testing.assert_allclose(found.expected, certain.expected)
    np.testing.assert_allclose(found.fans["total"].quantiles, certain.fans["total"].quantiles)


UNSURE_CHANGE = {"shape": "triangular", "low": 0.0, "mode": 0.1, "high": 0.5, "value": 0.2}
UNSURE_AMOUNT = {"shape": "normal", "p10": 100.0, "p90": 900.0}


def beyond(certain, found):
    """What each path has that the certain row does not give it."""
    return found.total_paths - certain.total_paths


@every_calendar
def test_an_uncertain_overlay_widens_the_total_by_its_own_distribution(calendar):
    plain = ahead(calendar)
    certain, found = (after(plain, overlays=[overlay(by)]) for by in (500.0, UNSURE_AMOUNT))
    months = pd.DataFrame(beyond(certain, found).T, plain.dates.strftime("%Y-%m")).groupby(level=0).sum().to_numpy()
    np.testing.assert_allclose(months[0], 0.0, atol=1e-9)
    np.testing.assert_allclose(months[1:], np.ones((8, 1)) * months[1], atol=1e-6)
    low, middle, high = np.quantile(months[1], [0.1, 0.5, 0.9])
    assert (low, high) == pytest.approx((-400.0, 400.0), rel=0.1)
    assert middle == pytest.approx(0.0, abs=40.0)
    wide, narrow = (one.sum_quantiles(np.ones(len(plain.dates))) for one in (found, certain))
    assert wide["p90"] - wide["p10"] > narrow["p90"] - narrow["p10"]
    levels = found.total_frame()[list(LEVELS)].to_numpy() - certain.total_frame()[list(LEVELS)].to_numpy()
    changed = plain.dates >= pd.Timestamp("2026-05-01")
    np.testing.assert_allclose(levels[~changed], 0.0, atol=0.5)
    assert (levels[changed, -1] > 0).all()


@every_calendar
def test_an_uncertain_driver_widens_the_total_by_its_change_times_the_volume_it_moves(calendar):
    plain = ahead(calendar, series=("a", "b"))
    certain, found = (after(plain, drivers=[driver(by, series="a", end="2026-07-31")]) for by in (0.2, UNSURE_CHANGE))
    counts = (plain.dates >= pd.Timestamp("2026-05-01")) & (plain.dates <= pd.Timestamp("2026-07-31"))
    more = beyond(certain, found)
    np.testing.assert_allclose(more[:, ~counts], 0.0, atol=1e-9)
    change = more[:, counts] / plain.fans["a"].paths(seed=plain.seed)[:, counts]
    np.testing.assert_allclose(change, change[:, :1] * np.ones(counts.sum()), atol=1e-9)
    assert change.min() >= -0.2 - 1e-9
    assert change.max() <= 0.3 + 1e-9
    assert np.quantile(change[:, 0], 0.9) == pytest.approx(0.5 - np.sqrt(0.1 * 0.5 * 0.4) - 0.2, abs=0.02)


def test_what_is_unsure_of_two_rows_adds_up_and_they_go_their_own_ways():
    plain = ahead("MS")
    rows = [overlay(UNSURE_AMOUNT, name="one"), overlay(UNSURE_AMOUNT, start="2026-06-01", name="another")]
    both, one, other = (after(plain, overlays=some) for some in (rows, rows[:1], rows[1:]))
    together, first, second = (found.extras["total"] for found in (both, one, other))
    np.testing.assert_allclose(together, first + second, atol=1e-9)
    assert abs(np.corrcoef(first[:, -1], second[:, -1])[0, 1]) < 0.1
    assert after(plain, overlays=rows).extras["total"].tolist() == together.tolist()
    assert after(replace(plain, seed=1), overlays=rows).extras["total"][0, -1] != together[0, -1]
    assert after(plain, overlays=[overlay(500.0)], drivers=[driver(0.2)]).extras == {}


def test_what_is_unsure_of_a_series_widens_its_own_range():
    plain = ahead("D")
    name = next(iter(plain.fans))
    wide = after(plain, overlays=[overlay(UNSURE_AMOUNT, series=name)])
    before, later = (one.to_frame().set_index("series").loc[[name]].iloc[-1] for one in (plain, wide))
    assert later["p90"] - later["p10"] > before["p90"] - before["p10"]


def test_a_volume_never_falls_below_nothing_however_unsure_its_driver():
    plain = ahead("D")
    worst = {"shape": "normal", "p10": -0.99, "p90": -0.2}
    found = after(plain, drivers=[driver(worst)])
    assert found.total_paths.min() >= -1e-9


@pytest.mark.parametrize("calendar", ["D", "W", "MS"])
def test_declining_prices_fall_month_by_month_from_the_first_month_ahead(calendar):
    plain = ahead(calendar)
    later = after(plain, price_decline_per_year=0.36)
    ratio = (later.expected["total"] / plain.expected["total"]).groupby(plain.dates.month).agg(["min", "max"])
    for place, month in enumerate(range(4, 13)):
        np.testing.assert_allclose(ratio.loc[month], (1 - 0.36) ** (place / 12))


@pytest.mark.parametrize("calendar", ["D", "MS"])
def test_a_volume_multiple_multiplies_every_period(calendar):
    plain = ahead(calendar)
    later = after(plain, volume_multiple=1.5)
    np.testing.assert_allclose(later.fans["total"].quantiles, 1.5 * plain.fans["total"].quantiles)


def test_what_is_known_is_applied_prices_first_and_amounts_last_each_by_its_name():
    steps = known.steps(
        price_events=[price(-0.1, name="list price"), price(-0.1, "2026-01-01", name="long known")],
        price_decline_per_year=0.1,
        volume_multiple=2.0,
        drivers=[driver(0.1)],
        overlays=[overlay(5.0)],
        last=pd.Timestamp("2026-03-31"),
    )
    assert [(step.name, step.kind) for step in steps] == [
        ("list price", "price"),
        ("Price decline", "price"),
        ("Volume, scenario", "volume"),
        ("driver of 0.1", "driver"),
        ("project of 5.0", "overlay"),
    ]
    assert known.steps(last=pd.Timestamp("2026-03-31")) == []


def test_masked_days_are_missing_and_said():
    values = past()
    event = Event(name="load test", start="2026-01-10", end="2026-01-12")
    found, notes = known.without_events(values, CALENDARS["D"], [event])
    assert list(found.index[found["total"].isna()]) == list(pd.date_range("2026-01-10", "2026-01-12"))
    assert notes == ["load test: 3 periods from 2026-01-10 are left out of the fit"]
    assert values["total"].notna().all()


def test_a_masked_day_takes_its_month_out():
    found, _ = known.without_events(
        past("MS", 6), CALENDARS["MS"], [Event(name="e", start="2026-02-28", end="2026-03-01")]
    )
    assert found["total"].isna().tolist() == [False, True, True, False, False, False]


def test_a_lasting_event_brings_what_was_before_to_the_level_after():
    values = past(names=("a", "b"))
    values.loc["2026-02-01":, "a"] = 250.0
    event = Event(name="launch", start="2026-02-01", effect="level", series="a")
    found, notes = known.without_events(values, CALENDARS["D"], [event])
    assert (found["a"] == 250.0).all()
    assert (found["b"] == 100.0).all()
    assert notes == ["launch: a before 2026-02-01 is brought to the level after it, times 2.5"]


def test_a_month_in_which_the_level_shifted_is_not_raised_above_it():
    values = past("MS", periods=10)
    values.iloc[5], values.iloc[6:] = 150.0, 200.0
    event = Event(name="launch", start="2026-06-16", effect="level")
    found, _ = known.without_events(values, CALENDARS["MS"], [event])
    assert found["total"].max() <= 200.0 + 1e-9


@pytest.mark.parametrize("value", [0.0, -5.0, np.nan])
def test_a_level_that_is_not_above_zero_on_both_sides_is_left_alone(value):
    values = past()
    values.loc[: pd.Timestamp("2026-01-31")] = value
    found, notes = known.without_events(values, CALENDARS["D"], [Event(name="e", start="2026-02-01", effect="level")])
    pd.testing.assert_frame_equal(found, values)
    assert notes == [NO_LEVEL.format(day="2026-02-01")]


NO_LEVEL = (
    "e: no whole period above zero of total before or after {day} shows its level, so it changes nothing yet; "
    "a driver says what it will do"
)


@pytest.mark.parametrize(("calendar", "day"), [("D", "2026-03-02"), ("MS", "2026-06-16"), ("MS", "2026-07-01")])
def test_a_lasting_event_with_no_period_after_it_changes_nothing_and_says_so(calendar, day):
    values = past(calendar, periods={"D": 60, "MS": 6}[calendar])
    found, notes = known.without_events(values, CALENDARS[calendar], [Event(name="e", start=day, effect="level")])
    pd.testing.assert_frame_equal(found, values)
    assert notes == [NO_LEVEL.format(day=day)]


def test_list_prices_and_dated_prices_multiply():
    values = past()
    index = pd.DataFrame({"total": np.where(values.index < "2026-01-11", 0.5, 1.0)}, index=values.index)
    found = known.at_last_prices(values, CALENDARS["D"], [price(-0.2, "2026-01-21")], index=index)
    np.testing.assert_allclose(found["total"], [40.0] * 10 + [80.0] * 10 + [100.0] * 40)


def points(days, names=("total",)):
    return [
        {"date": row.date.date(), "series": name, "value": row.value} for name in names for row in days.itertuples()
    ]


def test_names_that_fit_no_series_are_refused_together(days):
    with pytest.raises(InputError) as caught:
        spend_forecast(
            SpendForecastInputs(
                history=points(days, ("search", "support")),
                price_events=[price(-0.1, series="serch")],
                drivers=[driver(0.1, series="sales")],
                overlays=[overlay(1.0, series="support"), overlay(2.0, series="x")],
                events=[Event(name="e", start="2026-01-10", series="y")],
            )
        )
    assert [line.partition(" is not")[0] for line in caught.value.problems] == [
        "price_events: series 'serch'",
        "drivers: series 'sales'",
        "overlays: series 'x'",
        "events: series 'y'",
    ]
    assert "did you mean search?" in caught.value.problems[0]


def test_the_answer_moves_by_exactly_what_is_known(days):
    fields = {"history": points(days), "horizon": 61, "back_test_origins": 3}
    plain = spend_forecast(SpendForecastInputs(**fields))
    richer = spend_forecast(SpendForecastInputs(**fields, overlays=[overlay(900.0)]))
    for level in LEVELS:
        assert richer.total[level] - plain.total[level] == pytest.approx(900.0)
    cheaper = spend_forecast(SpendForecastInputs(**fields, price_events=[price(-0.4)]))
    moved = cheaper.forecast.total_frame().set_index("date") - plain.forecast.total_frame().set_index("date")
    volume = plain.forecast.total_frame().set_index("date")
    np.testing.assert_allclose(moved[:"2026-04-30"], 0.0, atol=1e-9)
    np.testing.assert_allclose(moved["2026-05-01":], -0.4 * volume["2026-05-01":])


def test_the_parents_of_a_hierarchy_follow_what_is_known(days):
    found = spend_forecast(
        SpendForecastInputs(
            history=points(days, ("a", "b")),
            horizon=40,
            back_test_origins=3,
            hierarchy={"all": ["a", "b"]},
            reconcile="ols",
            overlays=[overlay(900.0)],
        )
    ).forecast
    whole = sum(found.fans[name].paths(seed=0) for name in ("a", "b"))
    np.testing.assert_allclose(found.parents["all"].paths(seed=0), whole)


def test_a_question_applies_a_price_of_the_last_month_once():
    months = pd.date_range("2024-01-01", periods=24, freq="MS")
    spend = [100.0] * 23 + [100 * (1 - 0.5 * 16 / 31)]  # the same volume; half of the price from 16 December on
    history = [{"date": month.date(), "value": value} for month, value in zip(months, spend, strict=True)]
    found = spend_forecast(
        SpendForecastInputs(history=history, horizon=3, back_test_origins=3, price_events=[price(-0.5, "2025-12-16")])
    )
    np.testing.assert_allclose(found.forecast.expected["total"], 50.0)


def test_events_within_the_last_month_are_past():
    months = pd.date_range("2024-01-01", periods=24, freq="MS")
    history = [{"date": month.date(), "value": 100.0 + month.month % 3} for month in months]
    event = Event(name="e", start="2025-12-16", effect="level")
    found = spend_forecast(SpendForecastInputs(history=history, horizon=3, back_test_origins=3, events=[event]))
    plain = spend_forecast(SpendForecastInputs(history=history, horizon=3, back_test_origins=3))
    pd.testing.assert_frame_equal(
        found.forecast.expected, plain.forecast.expected
    )  # no whole month shows its level yet
    masked = event.model_copy(update={"effect": "mask"})
    found = spend_forecast(SpendForecastInputs(history=history, horizon=3, back_test_origins=3, events=[masked]))
    assert "e: 1 periods from 2025-12-16 are left out of the fit" in found.notes


def test_the_order_of_uncertain_drivers_never_matters():
    plain = ahead("D")
    rows = [driver(UNSURE_CHANGE), driver(1.0)]
    one, other = (after(plain, drivers=some) for some in (rows, rows[::-1]))
    np.testing.assert_allclose(one.total_paths, other.total_paths, rtol=1e-9)


def test_an_uncertain_overlay_on_no_spend_is_as_wide_as_it_says():
    plain = ahead("MS")
    nothing = plain.changed(lambda _, fan: replace(fan, said=np.zeros_like(fan.said)))
    total = after(nothing, overlays=[overlay(UNSURE_AMOUNT)]).sum_quantiles(np.ones(9))
    assert (total["p10"], total["p90"]) == pytest.approx((8 * 100.0, 8 * 900.0), rel=0.1)
