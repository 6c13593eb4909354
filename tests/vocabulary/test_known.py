import pytest

from aiecon.errors import InputError
from aiecon.vocabulary.assumptions import GRADES
from aiecon.vocabulary.known import Driver, Event, Overlay, PriceEvent

ROW = {"name": "caching", "start": "2026-05-01", "owner": "FinOps", "source": "plan", "grade": "judgement"}


def problems(model, **fields):
    with pytest.raises(InputError) as caught:
        model(**fields)
    return caught.value.problems


def test_a_price_event_has_a_date_and_a_change_and_says_what_it_is_called():
    event = PriceEvent(date="2026-05-01", change=-0.5)
    assert str(event.date) == "2026-05-01"
    assert event.label == "Price \N{MINUS SIGN}50 % from 2026-05-01"
    named = PriceEvent(date="2026-05-01", change=-0.125, series="large")
    assert named.label == "Price of large \N{MINUS SIGN}12.5 % from 2026-05-01"
    assert PriceEvent(date="2026-05-01", change=-0.5, name="new list price").label == "new list price"


def test_the_name_of_a_series_keeps_its_hyphen():
    event = PriceEvent(date="2026-05-01", change=-0.5, series="gpt-large")
    assert event.label == "Price of gpt-large \N{MINUS SIGN}50 % from 2026-05-01"


def test_the_date_of_a_rise_keeps_its_hyphens():
    assert PriceEvent(date="2026-05-01", change=0.1).label == "Price +10 % from 2026-05-01"


@pytest.mark.parametrize("change", [-1, -1.5, float("nan"), float("inf")])
def test_a_price_falls_by_less_than_all_of_it(change):
    (found,) = problems(PriceEvent, date="2026-05-01", change=change)
    assert found.startswith("change must be ")


def test_a_price_event_needs_its_date_and_change():
    assert problems(PriceEvent) == ("date is missing", "change is missing")
    (found,) = problems(PriceEvent, date="1 May", change=0.1)
    assert "must be an ISO date such as 2026-03-31" in found


def test_drivers_and_overlays_have_an_owner_a_source_and_a_grade():
    missing = {"name is missing", "start is missing", "owner is missing", "source is missing", "grade is missing"}
    assert set(problems(Driver, change=0.1)) == missing
    assert set(problems(Overlay, amount_per_month=1.0)) == missing
    for field in ("name", "owner", "source"):
        (found,) = problems(Driver, change=0.1, **{**ROW, field: ""})
        assert found.startswith(f"{field}")


@pytest.mark.parametrize("grade", GRADES)
def test_every_grade_is_one(grade):
    assert Overlay(amount_per_month=1.0, **{**ROW, "grade": grade}).grade == grade


def test_another_grade_is_refused():
    (found,) = problems(Overlay, amount_per_month=1.0, **{**ROW, "grade": "hope"})
    assert found == "grade must be 'contract', 'measured', 'published', 'judgement' or 'rumour', got 'hope'"


def test_the_plain_case_comes_in_at_once_stays_and_moves_every_series():
    row = Driver(change=0.1, **ROW)
    assert (row.ramp_months, row.end, row.series, row.kind) == (0, None, None, "other")
    assert Overlay(amount_per_month=-5.0, **ROW).amount_per_month == -5.0


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"ramp_months": -1}, "ramp_months must be greater than or equal to 0, got -1"),
        ({"ramp_months": 121}, "ramp_months must be less than or equal to 120, got 121"),
        (
            {"kind": "magic"},
            "kind must be 'users', 'requests_per_user', 'tokens_per_request', 'optimisation' or 'other'",
        ),
        ({"change": -1}, "change must be greater than -1, got -1"),
        ({"colour": "blue"}, "colour is not a field"),
    ],
)
def test_a_bad_driver_is_refused_with_words(fields, words):
    (found,) = problems(Driver, **{"change": 0.1, **ROW, **fields})
    assert words in found


@pytest.mark.parametrize("kind", ["project", "contract", "headcount", "optimisation", "other"])
def test_an_overlay_says_what_it_is(kind):
    assert Overlay(amount_per_month=1.0, kind=kind, **ROW).kind == kind


def test_a_change_or_an_amount_may_be_uncertain():
    shape = {"shape": "triangular", "low": 0.1, "mode": 0.2, "high": 0.4}
    assert Driver(change=shape, **ROW).change.mode == 0.2
    assert Overlay(amount_per_month={"shape": "normal", "p10": -5, "p90": 5}, **ROW).amount_per_month.base == 0.0
    (found,) = problems(Driver, change={"shape": "uniform", "low": 3.0, "high": 1.0}, **ROW)
    assert "low must not exceed high, got 3 and 1" in found


def test_an_uncertain_change_cannot_take_more_than_all_of_the_volume():
    (found,) = problems(Driver, change={"shape": "uniform", "low": -2.0, "high": 0.0}, **ROW)
    assert found == "change: low must be at least -1, got -2"
    (found,) = problems(Driver, change={"shape": "uniform", "low": -1.0, "high": -1.0}, **ROW)
    assert found == "change must be greater than -1, got a distribution about -1"
    assert Driver(change={"shape": "uniform", "low": -0.9, "high": -0.1}, **ROW).change.base == pytest.approx(-0.5)


def test_an_event_of_the_past_is_a_mask_of_its_first_day_unless_said_otherwise():
    event = Event(name="load test", start="2026-01-10")
    assert (event.effect, event.end, event.series) == ("mask", None, None)
    assert str(event.last) == "2026-01-10"
    assert str(Event(name="load test", start="2026-01-10", end="2026-01-12").last) == "2026-01-12"


def test_an_event_that_ends_before_it_starts_is_refused():
    (found,) = problems(Event, name="e", start="2026-01-10", end="2026-01-09")
    assert found == "end must not lie before start, got 2026-01-10 and 2026-01-09"


@pytest.mark.parametrize(("model", "field"), [(Driver, "change"), (Overlay, "amount_per_month")])
def test_a_row_that_ends_before_it_starts_is_refused(model, field):
    (found,) = problems(model, **ROW, **{field: 0.1}, end="2026-04-30")
    assert found == "end must not lie before start, got 2026-05-01 and 2026-04-30"
    assert str(model(**ROW, **{field: 0.1}, end="2026-05-01").end) == "2026-05-01"


def test_an_event_masks_or_shifts_the_level():
    assert Event(name="e", start="2026-01-10", effect="level").effect == "level"
    (found,) = problems(Event, name="e", start="2026-01-10", effect="wish")
    assert found == "effect must be 'mask' or 'level', got 'wish'"
