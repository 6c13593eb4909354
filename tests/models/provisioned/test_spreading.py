"""Forecast volumes over the minutes of a week: volumes are kept, the pattern is the trace's, gaps are zero and said."""

import numpy as np
import pandas as pd
import pytest

import aiecon
from aiecon.errors import InputError
from aiecon.ingestion.resolve import resolve
from aiecon.models.provisioned import ProvisionedInputs, provisioned

DAY, WEEK = 24 * 60, 7 * 24 * 60


@pytest.fixture
def ask(tmp_path, monkeypatch):
    """Answers for volumes and a trace given as lines of CSV or as frames."""
    monkeypatch.chdir(tmp_path)

    def answer(volumes, trace, **more):
        for name, table in (("volumes.csv", volumes), ("trace.csv", trace)):
            if isinstance(table, pd.DataFrame):
                table.to_csv(tmp_path / name, index=False)
            else:
                (tmp_path / name).write_text("\n".join([*table, ""]))
        unit = {"tokens_per_minute": 100, "output_weight": 4, "minimum_units": 1, "increment_units": 1}
        inputs = {
            "capacity_unit": {"provider": "p", "model": "m", **unit},
            "payg": {"provider": "p", "model": "m", "input_per_mtok": 100.0, "output_per_mtok": 400.0},
            "terms": [{"name": "month", "price_per_unit_month": 300.0, "commitment_months": 1}],
            "shape": {"input_tokens_per_request": 10, "output_tokens_per_request": 0},
            "demand": {"forecast": {"volumes": "volumes.csv", "profile": "trace.csv"}},
        }
        return provisioned(resolve(ProvisionedInputs.build(inputs | more)))

    return answer


def office(weeks=1, *, start="2026-03-02"):
    """A trace from a Monday on: 30 tokens a minute from 9 to 17 on working days, 10 more in every further week."""
    moments = pd.date_range(start, periods=weeks * WEEK, freq="min")
    is_busy = (moments.hour >= 9) & (moments.hour < 17) & (moments.weekday < 5)
    tokens = np.where(is_busy, 30 + 10 * (np.arange(len(moments)) // WEEK), 0)
    return pd.DataFrame({"timestamp": moments.strftime("%Y-%m-%dT%H:%M:%S"), "tokens": tokens})


def test_every_month_keeps_its_volume_and_its_working_hours(ask):
    answer = ask(["month,tokens", "2027-02,9600", "2027-01,3100000"], office())
    tokens = answer.minutes.tokens
    moments = pd.date_range("2027-01-01", "2027-02-28 23:59", freq="min")
    assert len(tokens) == len(moments)
    by_month = pd.Series(tokens, moments).groupby(moments.month).sum()
    assert by_month.tolist() == pytest.approx([3_100_000, 9_600])
    is_busy = (moments.hour >= 9) & (moments.hour < 17) & (moments.weekday < 5)
    assert (tokens[~is_busy] == 0).all()
    working = 21  # days of January 2027 from Monday to Friday
    assert tokens[is_busy & (moments.month == 1)] == pytest.approx(3_100_000 / (working * 8 * 60))
    assert answer.payg_cost == pytest.approx(3_109_600 / len(tokens) * 43_800 * 100 / 1e6)


def test_every_day_keeps_its_volume_and_absent_days_are_zero_and_said(ask):
    answer = ask(["date,tokens", "2027-01-04,4800", "2027-01-06,9600"], office())
    assert answer.minutes.tokens.reshape(-1, DAY).sum(axis=1) == pytest.approx([4_800, 0, 9_600])
    assert "1 of 3 days of the forecast have no row; they count as no demand" in answer.notes


def test_weeks_of_the_trace_come_in_turn(ask):
    """Two weeks, 30 and 40 tokens a busy minute: a mean would make both weeks of the forecast alike."""
    days = pd.date_range("2027-01-04", periods=14)
    volumes = pd.DataFrame({"date": days.strftime("%Y-%m-%d"), "tokens": 1.0})
    assert len(ask(volumes, office(2)).minutes.tokens) == 2 * WEEK
    month = ask(["month,tokens", "2027-02,70000"], office(2)).minutes.tokens  # February 2027 starts on a Monday
    by_week = month.reshape(4, WEEK).sum(axis=1)
    assert by_week == pytest.approx([15_000, 20_000, 15_000, 20_000])


def test_what_the_profile_did_not_see_is_zero_and_said(ask):
    answer = ask(["month,tokens", "2027-02,4000"], office().iloc[: 2 * DAY])
    assert answer.minutes.tokens.reshape(4, WEEK)[:, 2 * DAY :].sum() == 0
    assert any(
        "saw 2,880 of the 10,080 minutes of a week; the others count as no demand" in note for note in answer.notes
    )
    assert any("A commitment" in note or "Only 2.0 days" in note for note in answer.notes)


def test_a_day_the_profile_saw_idle_is_spread_evenly_and_said(ask):
    answer = ask(["date,tokens", "2027-01-09,1440"], office())  # a Saturday
    assert answer.minutes.tokens == pytest.approx(np.ones(DAY))
    assert any("1 periods lie where the profile saw no demand" in note for note in answer.notes)


def test_a_profile_without_dates_starts_on_monday_and_says_so(ask):
    trace = ["minute,tokens", *(f"{minute},{int(minute < DAY)}" for minute in range(WEEK))]
    answer = ask(["month,tokens", "2027-02,4000"], trace)
    assert answer.minutes.tokens.reshape(4, 7, DAY)[:, 0].sum() == pytest.approx(4_000)
    assert any("taken to be Monday 00:00" in note for note in answer.notes)


def test_requests_of_the_profile_price_the_forecast(ask):
    trace = ["timestamp,input_tokens,output_tokens,cached_tokens", "2026-03-02T00:00:00Z,100,0,50"]
    answer = ask(["date,tokens", "2027-01-04,1000"], trace)
    assert answer.payg_cost == pytest.approx(1_000 / DAY * 43_800 * 2 * 100 / 1e6)  # 50 tokens burn, 100 are paid


def test_a_forecast_is_as_sure_as_its_profile_and_its_days_are_not_drawn(ask):
    volumes = ["month,tokens", *(f"2027-{month:02},1000000" for month in range(1, 13))]
    answer = ask(volumes, office(), enough_days=28)
    assert answer.days == 7
    assert answer.is_short
    assert answer.confidence is None
    note = next(metric.note for metric in answer.summary() if metric.key == "saves_probability")
    assert note in ("the days of a forecast are given and not drawn", "no unit is worth buying")
    assert answer.as_of.isoformat() == "2026-03-08"


@pytest.mark.parametrize(
    ("volumes", "words"),
    [
        (["tokens", "1"], "one of the columns 'month' and 'date' is expected, it has neither"),
        (["month,date,tokens", "2027-01,2027-01-01,1"], "it has both"),
        (["month,tokens", "2027-01,-1"], "column 'tokens': row 2 has '-1'"),
        (["month,tokens", "2027-01,1", "2027-01,2"], "row 3 repeats month"),
        (["month,tokens", "1990-01,1", "2027-01,2"], "more than ten years"),
    ],
)
def test_broken_volumes_are_refused_in_words(ask, volumes, words):
    with pytest.raises(InputError, match=words):
        ask(volumes, office())


def test_the_law_of_the_optimum_holds_for_a_forecast(ask):
    volumes = ["month,tokens", "2027-01,9000000", "2027-02,14000000"]
    answer = ask(volumes, office(3))
    costs = [
        300 * units + np.maximum(answer.minutes.tokens - 100 * units, 0).mean() * 43_800 * 100 / 1e6
        for units in range(answer.peak_sized_units + 1)
    ]
    assert answer.optimal_cost == pytest.approx(min(costs))


def test_the_shipped_week_gives_a_year_a_pattern(tmp_path):
    months = [f"2027-{month:02},{30_000_000_000 + month * 1_000_000_000}" for month in range(1, 13)]
    (tmp_path / "volumes.csv").write_text("\n".join(["month,tokens", *months, ""]))
    forecast = {"volumes": str(tmp_path / "volumes.csv"), "profile": "shipped:traces/burstgpt_week_per_minute.csv"}
    answer = aiecon.ask("provisioned", changes={"demand.forecast": forecast})
    assert len(answer.minutes.tokens) == 365 * DAY
    assert answer.minutes.tokens.sum() == pytest.approx(12 * 30e9 + 78e9)
    assert answer.days == pytest.approx(7, abs=0.01)
    assert answer.peak_sized_units > 10 * answer.minutes.mean / answer.inputs.unit_tokens  # a bursty week
    assert answer.rightsizing is None  # the contract of the sample is made up and not this demand's
