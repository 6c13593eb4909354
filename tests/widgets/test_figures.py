"""Figures of a panel in words, and beside what was pinned."""

import asyncio

import pytest

from aiecon.report import asking
from aiecon.widgets import Panel
from aiecon.widgets.figures import values
from aiecon.widgets.words import difference_words, figure_words


@pytest.fixture
def seats():
    return Panel("seats")


def figures(answer):
    return values(answer.summary())


def row(shown, key):
    """What stands beside a figure's label."""
    return shown._figures.value.partition(f"data-key='{key}'>")[2].partition("</td>")[0]


def test_a_pinned_baseline_stays_beside_what_comes_after(seats):
    seats.pin()
    assert seats._pin.description == "Unpin"
    assert "pinned: the same" in row(seats, "best_cost")
    before = figures(seats.answer)
    seats.set("metered_fee_per_user_month", 8.0)
    gap = figures(seats.answer)["all_api_cost"] - before["all_api_cost"]
    assert f"difference: +{figure_words(gap, 'USD/month')}" in row(seats, "all_api_cost")
    assert f"pinned: {figure_words(before['all_api_cost'], 'USD/month')};" in row(seats, "all_api_cost")
    assert "Pinned: <code>aiecon ask seats</code>" in seats._figures.value


def test_a_pin_is_taken_off_by_the_button_that_set_it(seats):
    unpinned = seats._figures.value
    for pinned in (True, False):
        seats._pin.click()
        assert ("pinned:" in seats._figures.value) == pinned
        assert seats._pin.description == ("Unpin" if pinned else "Pin this")
    assert (seats.pinned, seats._figures.value) == (None, unpinned)


def test_differences_of_shares_are_told_in_percentage_points():
    shown = Panel("tiering", changes={"draws": 200})
    shown.pin()
    before = figures(shown.answer)["saving_share"]
    shown.set("batch_share", 0.9)
    points = 100 * (figures(shown.answer)["saving_share"] - before)
    assert points > 0
    assert f"difference: +{points:.1f} percentage points" in row(shown, "saving_share")
    shown.set("batch_share", 0.0)
    points = 100 * (before - figures(shown.answer)["saving_share"])
    assert f"difference: −{points:.1f} percentage points" in row(shown, "saving_share")


def test_what_is_pinned_while_figures_are_rough_is_the_full_answer():
    async def pinned():
        shown = Panel("self_host", changes={"draws": 4_000})
        shown.movers["workload.mtok_per_month"]._box.value = 20_000.0
        await asyncio.sleep(0.1)
        assert shown._is_rough
        shown.pin()
        return shown

    shown = asyncio.run(pinned())
    assert not shown._is_rough
    asked = asking.ask("self_host", changes={"draws": 4_000, "workload.mtok_per_month": 20_000.0})
    assert shown.pinned.figures == figures(asked)
    assert "--set workload.mtok_per_month=20000.0" in shown.pinned.line


def test_volumes_are_told_in_words():
    told = row(Panel("self_host", profile="fast"), "win_intervals")
    assert told.startswith("from ")
    assert "billion tokens a month" in told


@pytest.mark.parametrize(
    ("value", "before", "unit", "expected"),
    [
        (0.3, 0.1 + 0.2, "share", "none"),
        (0.50012, 0.5, "share", "+0.01 percentage points"),
        (0.09, 0.1, "share per year", "−1.0 percentage points per year"),
        (1, 2, "seats", "−1 seat"),
        (6, 4, "month", "+2 months"),
        (True, False, "", "not the same"),
        ("spot", "owned", "plan", "not the same"),
        ([[1.0, 2.0]], [], "Mtok/month", "not the same"),
        ([0.5], [0.25], "share per year", "+25.0 percentage points per year"),
        ([0.5], [0.25, 0.75], "share per year", "not the same"),
        (None, None, "USD", "none"),
        ({"a": 1, "b": 3}, {"a": 2, "b": 3}, "seats", "a −1 seat"),
        ({"a": 0.1}, {"b": 0.1}, "share", "not the same"),
    ],
)
def test_a_difference_is_told_in_the_figure_s_own_unit_with_its_sign(value, before, unit, expected):
    assert difference_words(value, before, unit) == expected
