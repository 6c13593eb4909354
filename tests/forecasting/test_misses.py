from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import law

from aiecon.forecasting import misses, revision
from aiecon.forecasting.calendar import Calendar
from aiecon.forecasting.combine import SCORES
from aiecon.forecasting.ensemble import Forecast
from aiecon.forecasting.misses import Known, why_missed
from aiecon.forecasting.paths import Fan
from aiecon.forecasting.revision import Previous
from aiecon.vocabulary.known import Event, PriceEvent

QUICK_LAW = law(20)
CALENDARS = {"D": Calendar("D", pd.offsets.Day(), 7), "MS": Calendar("MS", pd.offsets.MonthBegin(), 12)}
MONTHS = pd.date_range("2025-10-01", periods=6, freq="MS")
amounts = st.lists(st.floats(1, 1e4), min_size=6, max_size=6)


def forecast(values, calendar="MS", first="2025-10-01"):
    """Of a quarter after a history."""
    every = {"total": values} if not isinstance(values, dict) else values
    offset = CALENDARS[calendar].offset
    history = pd.DataFrame(every, dtype=float)
    history.index = pd.date_range(first, periods=len(history), freq=offset)
    dates = pd.date_range(history.index[-1], periods=4, freq=offset)[1:]
    bounds = np.zeros(3), np.full(3, np.inf)
    quantiles = np.repeat((100 + SCORES)[:, None], 3, axis=1)
    fans = {name: Fan(quantiles, np.ones(3), 0.3, 0.0, name, *bounds) for name in every}
    return Forecast(
        history=history,
        calendar=CALENDARS[calendar],
        dates=dates,
        fans=fans,
        backtests={},
        factors={},
        failures={},
        refused={},
        notes=(),
        seed=0,
    )


def previous(p50=100.0, months=MONTHS[3:], known=(), as_of=date(2025, 12, 31)):
    frame = pd.DataFrame({"month": months, "p10": p50 - 10, "p50": p50, "p90": p50 + 10})
    return Previous(frame, as_of, frozenset(known), "Forecast of 2025-12-31")


def volumes(*rows):
    """Rows of month's place, item, million tokens, cost."""
    frame = pd.DataFrame(rows, columns=["place", "item", "mtok", "cost"])
    return frame.assign(month=MONTHS[frame["place"].astype(int)], tokens=frame["mtok"] * 1e6)


def missed(now, before=None, *, price_events=(), events=(), counted=None):
    before = before or previous()
    facts = {} if counted is None else {"volumes": counted}
    scored = revision.scored(before, now)
    found = why_missed(before, scored, now, inputs=Known(price_events, events), facts=facts)
    assert list(found["step"]) == ["expected", "price", "mix", "event", "volume", "actual"]
    amounts = dict(zip(found["step"], found["amount"], strict=True))
    assert amounts["expected"] == pytest.approx(scored["p50"].sum())
    assert amounts["actual"] == pytest.approx(scored["actual"].sum())
    assert found["amount"].iloc[:-1].sum() == pytest.approx(amounts["actual"])
    return amounts


def parts(found):
    return [found[step] for step in ("price", "mix", "event", "volume")]


def test_without_a_last_forecast_or_a_month_that_is_over_there_is_nothing_to_explain():
    now, known = forecast([100.0] * 6), Known((), ())
    for before in (None, previous(months=pd.date_range("2026-04-01", periods=3, freq="MS"))):
        scored = pd.DataFrame(columns=revision.SCORED) if before is None else revision.scored(before, now)
        found = why_missed(before, scored, now, inputs=known, facts={})
        assert found.empty
        assert tuple(found) == misses.COLUMNS


def test_what_nothing_known_explains_is_volume():
    assert parts(missed(forecast([100.0] * 3 + [110.0, 120.0, 130.0]))) == [0.0, 0.0, 0.0, pytest.approx(60.0)]


def test_a_price_that_moved_is_held_against_the_three_months_before_the_forecast():
    counted = volumes(
        *[(place, "small", 10, 100.0) for place in range(3)], *[(place, "small", 20, 160.0) for place in (3, 4, 5)]
    )
    found = missed(forecast([100.0] * 3 + [160.0] * 3), counted=counted)
    assert parts(found) == pytest.approx([-2.0 * 60, 0.0, 0.0, 180.0 + 120.0])


def test_each_of_the_three_months_counts_by_its_tokens():
    rows = [(0, "small", 20, 400.0), (1, "small", 10, 100.0), (2, "small", 10, 100.0)]
    found = missed(forecast([100.0] * 6), counted=volumes(*rows, *[(place, "small", 10, 150.0) for place in (3, 4, 5)]))
    assert parts(found) == pytest.approx([0.0] * 4, abs=1e-9)


def test_dearer_models_that_took_a_larger_part_are_mix():
    before = [(place, item, 10, cost) for place in range(3) for item, cost in (("small", 10.0), ("large", 90.0))]
    after = [(place, *row) for place in (3, 4, 5) for row in (("small", 5, 5.0), ("large", 15, 135.0))]
    found = missed(forecast([100.0] * 3 + [140.0] * 3), counted=volumes(*before, *after))
    assert parts(found) == pytest.approx([0.0, 3 * 40.0, 0.0, 0.0], abs=1e-9)


def test_months_before_the_base_and_months_that_are_not_scored_do_not_count():
    rows = [(place, "small", 10, 100.0 + 50 * (place == 5)) for place in range(6)]
    now, before = forecast([100.0] * 6), previous(months=MONTHS[4:5], as_of=date(2026, 1, 31))
    assert missed(now, before, counted=volumes(*rows))["price"] == 0.0
    early = volumes((0, "small", 10, 900.0), *rows[1:])
    assert missed(now, before, counted=early)["price"] == 0.0


def test_of_a_forecast_made_within_a_month_the_whole_months_before_it_are_the_base():
    rows = [(place, "small", 10, cost) for place, cost in enumerate([100.0, 100.0, 100.0, 700.0, 100.0, 100.0])]
    before = previous(months=MONTHS[4:], as_of=date(2026, 1, 30))
    assert missed(forecast([100.0] * 6), before, counted=volumes(*rows))["price"] == 0.0


@QUICK_LAW
@given(amounts, amounts, amounts)
def test_the_parts_are_the_miss_exactly(spend, small, large):
    counted = volumes(
        *[(place, "small", 10, cost) for place, cost in enumerate(small)],
        *[(place, "large", cost, 10.0) for place, cost in enumerate(large)],
    )
    event = Event(name="load test", start="2026-02-10", end="2026-02-12")
    missed(forecast(spend), counted=counted, events=[event])


def dated(change, day="2026-02-01", **fields):
    return PriceEvent(date=day, change=change, **fields)


@pytest.mark.parametrize("counted", [None, volumes()])
def test_without_tokens_a_dated_price_counts_for_the_spend_from_its_day_on(counted):
    found = missed(forecast([100.0] * 4 + [50.0, 50.0]), price_events=[dated(-0.5)], counted=counted)
    assert parts(found) == pytest.approx([-100.0, 0.0, 0.0, 0.0])


def test_a_dated_price_that_the_last_forecast_knew_is_no_reason():
    now = forecast([100.0] * 6)
    assert missed(now, previous(known=["cut"]), price_events=[dated(-0.5, name="cut")])["price"] == 0.0
    assert missed(now, price_events=[dated(-0.5, "2025-12-31")])["price"] == 0.0


def test_a_dated_price_counts_in_the_months_that_are_scored_alone():
    first = previous(months=MONTHS[3:4])
    assert missed(forecast([100.0] * 6), first, price_events=[dated(-0.5)])["price"] == 0.0


def test_a_dated_price_of_one_series_leaves_the_others():
    now = forecast({"small": [50.0] * 6, "large": [60.0] * 6})
    assert missed(now, price_events=[dated(0.2, series="large")])["price"] == pytest.approx(2 * 60.0 * (1 - 1 / 1.2))


def test_an_event_costs_what_its_days_cost_beyond_the_level_before_them():
    days = np.full(182, 10.0)
    days[100:103] = 60.0  # from 2026-01-09 on
    event = Event(name="load test", start="2026-01-09", end="2026-01-11")
    found = missed(forecast(days, "D"), previous(310.0), events=[event])
    assert parts(found) == pytest.approx([0.0, 0.0, 150.0, 900.0 - 930.0])


def test_the_level_before_an_event_is_that_of_whole_periods():
    event = Event(name="load test", start="2026-02-10", end="2026-02-12")
    found = missed(forecast([80.0, 90.0, 100.0, 100.0, 400.0, 100.0]), events=[event])
    assert found["event"] == pytest.approx(300.0)
    rising = missed(forecast([10.0, 20.0, 30.0, 40.0, 400.0, 100.0]), events=[event])
    assert rising["event"] == pytest.approx(400.0 - 30.0)


def test_a_lasting_event_counts_from_its_day_to_the_end():
    event = Event(name="launch", start="2026-02-01", effect="level")
    assert missed(forecast([100.0] * 4 + [150.0] * 2), events=[event])["event"] == pytest.approx(100.0)


def test_a_level_that_the_last_forecast_had_seen_is_no_reason():
    event = Event(name="launch", start="2025-11-01", effect="level")
    assert parts(missed(forecast([10.0] + [100.0] * 5), events=[event])) == [0.0, 0.0, 0.0, 0.0]


def test_an_event_outside_the_months_that_came_or_at_the_start_of_the_history_costs_nothing():
    spend = forecast([100.0, 900.0, 100.0, 100.0, 100.0, 100.0])
    for start in ("2025-11-05", "2025-10-01", "2026-05-01"):
        assert missed(spend, events=[Event(name="load test", start=start)])["event"] == 0.0
    launch = Event(name="launch", start="2026-01-01", effect="level")
    now, before = forecast([100.0] * 3, first="2026-01-01"), previous()
    assert missed(now, before, events=[launch])["event"] == 0.0


def test_an_event_of_one_series_counts_there_alone():
    now = forecast({"search": [100.0] * 4 + [300.0, 100.0], "support": [50.0] * 4 + [90.0, 50.0]})
    event = Event(name="load test", start="2026-02-10", series="search")
    assert missed(now, previous(150.0), events=[event])["event"] == pytest.approx(200.0)
