"""The what-if panel: what is shown is what `aiecon ask --set` says, and bad values are told in words."""

import shlex

import pytest

from aiecon import catalog
from aiecon.cli import parsed
from aiecon.errors import InputError
from aiecon.report import asking
from aiecon.widgets import Panel
from aiecon.widgets.controls import controls


@pytest.fixture(scope="module")
def seats():
    return Panel("seats")


def figures(answer):
    return {metric.key: metric.value for metric in answer.summary()}


@pytest.mark.parametrize("value", [1.0, 2.5, 7.0])
def test_a_moved_control_gives_what_the_command_line_it_shows_gives(seats, value):
    seats.set("metered_fee_per_user_month", value)
    words = shlex.split(seats.line)
    changes = parsed([word for word in words[3:] if word != "--set"], "--set")
    assert words[:3] == ["aiecon", "ask", "seats"]
    assert figures(asking.ask("seats", changes=changes)) == figures(seats.answer)


def test_the_figures_stand_as_text_beside_the_chart(seats):
    seats.reset()
    assert "data-key='best_cost'" in seats._figures.value
    assert "<svg" in seats._chart.value


def test_a_slider_moves_the_answer_and_reset_puts_it_back(seats):
    seats.reset()
    before = figures(seats.answer)
    seats.movers["metered_fee_per_user_month"]._main.value = 9.0
    assert figures(seats.answer) != before
    seats.reset()
    assert figures(seats.answer) == before
    assert seats.line == "aiecon ask seats"


def test_a_pinned_baseline_stays_beside_what_comes_after(seats):
    seats.reset()
    seats.pin()
    seats.set("metered_fee_per_user_month", 8.0)
    assert "pinned:" in seats._figures.value
    seats.pinned = None


def test_a_value_outside_its_bounds_is_told_and_changes_nothing(seats):
    seats.reset()
    before = figures(seats.answer)
    seats.set("metered_fee_per_user_month", -1.0)
    assert "metered_fee_per_user_month" in seats._words.value
    assert figures(seats.answer) == before
    assert seats.line == "aiecon ask seats"


def test_what_is_no_control_is_refused(seats):
    with pytest.raises(InputError, match="not a control"):
        seats.set("nothing", 1.0)


@pytest.mark.parametrize("name", [question.name for question in catalog.QUESTIONS if question.is_built])
def test_every_question_has_controls_within_their_ends(name):
    question = catalog.find(name)
    found = controls(asking.build(name), question.controls)
    assert found
    for control in found:
        low, high = control.value if control.kind == "range" else (control.value, control.value)
        if control.kind in ("number", "whole", "range"):
            assert control.low <= low <= high <= control.high
        assert control.label
