"""Sliders and boxes as a reader moves them: shares in per cent, handles that were not moved where they were."""

import pytest

from aiecon.widgets import Panel


def test_shares_are_shown_and_typed_in_per_cent_and_asked_as_decimals():
    shown = Panel("tiering", changes={"draws": 200})
    mover = shown.movers["batch_share"]
    assert (mover._box.value, mover._main.value, mover._main.max, mover._unit.value) == (10.0, 10.0, 100.0, "%")
    assert mover._box.description == "Requests that go in batches, %"
    mover._box.value = 25.0
    assert shown.changes == {"batch_share": 0.25}
    assert "batch_share=0.25" in shown.line
    assert '"batch_share" = 0.25' in shown.toml
    mover._main.value = 29.0
    assert shown.changes == {"batch_share": 0.29}
    assert mover._box.value == 29.0
    shown.set("batch_share", 0.07)
    assert (mover._box.value, mover._main.value) == (7.0, 7.0)
    mover._box.value = 150.0
    assert "got 1.5 (a share is shown in per cent: 1 is 100 %)" in shown._words.value
    assert (shown.changes, mover._box.value) == ({"batch_share": 0.07}, 7.0)


def test_a_slider_with_two_handles_that_repeats_its_place_moves_nothing():
    opened = Panel("variability", changes={"draws": 500})
    mover = opened.movers["scale.growth_per_month"]
    low, high = mover.face.value
    mover._main.value = (low - mover.face.step / 3, high + mover.face.step / 3)
    assert opened.changes == {}
    mover._main.value = (low, high + 3 * mover.face.step)
    assert opened.changes["scale.growth_per_month"]["p10"] == mover.control.value[0]
    assert opened.changes["scale.growth_per_month"]["p90"] == pytest.approx((high + 3 * mover.face.step) / 100)


def test_an_untouched_handle_stays_where_it_was():
    shown = Panel("self_host")
    name, control = next((name, one.control) for name, one in shown.movers.items() if one.control.kind == "range")
    mover, (low, high), step = shown.movers[name], control.face.value, control.face.step
    mover._main.value = (low + 5 * step, high - 0.5 * step)  # as a browser snaps the other one
    assert shown.changes[name]["p90"] == control.value[1]
    assert shown.changes[name]["p10"] == pytest.approx(control.value[0] + 5 * control.step)
