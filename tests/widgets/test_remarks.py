"""What a panel says in sentences: where a control stands beyond its slider, what is rough, what is left out."""

import pytest

from aiecon.widgets import Panel
from aiecon.widgets.words import place_words

FEW = {"draws": 200}


@pytest.fixture(scope="module")
def tiering():
    return Panel("tiering", changes=FEW)


@pytest.mark.parametrize("typed", [1.01e7, 1e300])
def test_a_value_beyond_the_slider_is_told_with_the_ends_until_it_is_back(tiering, typed):
    mover = tiering.movers["requests_per_month"]
    mover._box.value = typed
    assert tiering.changes == {"requests_per_month": typed}
    ends = place_words((mover.control.low, mover.control.high))
    said = f"stands at {place_words(typed)} requests per month, beyond the {ends} of its slider"
    assert said in tiering._how.value
    tiering.set("batch_share", 0.3)
    assert said in tiering._how.value
    tiering.set("requests_per_month", mover.control.high)
    assert tiering._how.value == ""
    tiering.reset()


def test_a_range_beyond_its_slider_is_told():
    shown = Panel("cost_curve", changes=FEW)
    control = shown.movers["components.Tokens.cost_per_month"].control
    low, high = control.low, control.high
    shown.set("components.Tokens.cost_per_month", (5_000.0, 2 * high))
    assert f"stands at 5,000 to {2 * high:,.0f} USD per month, beyond the {low:,.0f} to {high:,.0f}" in shown._how.value


@pytest.mark.parametrize(
    ("name", "field", "value"),
    [("provisioned", "outlook.monthly_growth", 1e15), ("seats", 'plans."Claude Team Premium".minimum_seats', 10**300)],
)
def test_what_no_model_can_take_is_refused_by_its_field(name, field, value):
    shown = Panel(name, profile="fast")
    shown.set(field, value)
    assert "must be less than or equal to" in shown._words.value or "must be at most" in shown._words.value
    assert shown.changes == {}


def test_growth_without_end_is_told_with_its_field():
    shown = Panel("provisioned", profile="fast", changes={"outlook.horizon_months": 60})
    shown.set("outlook.monthly_growth", 1.0)
    assert "its busiest minute needs" in shown._words.value
    assert "lower outlook.monthly_growth" in shown._words.value


def test_a_fault_in_a_question_is_told_and_moves_nothing(tiering, monkeypatch):
    def broken(inputs):
        raise OverflowError("too large")

    monkeypatch.setattr(tiering, "_function", broken)
    tiering.set("batch_share", 0.4)
    assert "a fault of aiecon (OverflowError: too large)" in tiering._words.value
    assert tiering.changes == {}
    assert tiering.movers["batch_share"].value == tiering.movers["batch_share"].control.value


def test_what_stays_when_the_kernel_ends_promises_nothing(tiering):
    tiering._is_rough = True
    (rough,) = tiering._remarks()
    tiering._is_rough = False
    assert "fewer draws" in rough
    tiering._took, heard = 3.0, []
    tiering._how.observe(lambda change: heard.append(change["new"]), names="value")
    tiering.set("batch_share", 0.6)
    assert "takes about 3 seconds" in heard[0]
    assert not [said for said in (rough, *heard) if "follows" in said or "Working" in said]


def test_a_control_without_effect_is_told_once_and_only_where_it_has_none():
    shown = Panel("provisioned", profile="fast")
    chart, before = shown._chart.value, shown._values()
    shown.set("outlook.price_cut", 0.3)
    assert (shown._chart.value, shown._values()) == (chart, before)
    assert "This move changes nothing here (Size of a price cut): figures and chart are as before." in shown._how.value
    shown.set("payg.input_per_mtok", 2.0)
    assert shown._how.value == ""


@pytest.mark.parametrize("table", [{}, {"set": {}}, {"batch_share": 0.5}, {"set": {}, "note": "none yet"}])
def test_a_scenario_that_sets_nothing_is_left_out_with_a_sentence(table):
    tier = {"name": "one", "share": 1.0, "price": {"cost_per_request": 0.1}}
    named = {"good": {"set": {"batch_share": 0.2}}, "bare": table}
    shown = Panel("tiering", inputs={"tiers": [tier], "scenarios": named})
    assert shown._scenario.options == ("as given", "good")
    picker = shown.widget.children[1].children[0].children[0]
    assert "Left out: scenarios.bare: it sets no field" in picker.children[-1].value
    assert "[scenarios.bare.set]" in picker.children[-1].value
