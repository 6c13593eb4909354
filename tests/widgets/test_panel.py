"""The what-if panel: what is shown is what `aiecon ask --set` says, and bad values are told in words."""

import asyncio
import re
import shlex
import time

import pytest

import aiecon
from aiecon import catalog
from aiecon.cli import parsed
from aiecon.errors import InputError
from aiecon.report import asking, saving
from aiecon.report.kernel import STATIC
from aiecon.vocabulary.overrides import override
from aiecon.widgets import Panel, panel, what_if
from aiecon.widgets.controls import controls
from aiecon.widgets.twin import twin
from aiecon.widgets.words import figure_words

FEW = {"draws": 300}
START = "aiecon ask seats --set draws=300"


@pytest.fixture(scope="module")
def seats():
    return Panel("seats", changes=FEW)


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
    assert seats.line == START


def test_a_refusal_that_comes_again_is_shown_again():
    shown = Panel("tiering", changes={"draws": 200})
    shown.set("requests_per_month", -5.0)
    heard = []
    shown._words.observe(lambda change: heard.append(change["new"]), names="value")
    shown.set("requests_per_month", -5.0)
    assert [bool(words) for words in heard] == [False, True]


def test_a_value_outside_its_bounds_is_told_and_changes_nothing(seats):
    seats.reset()
    before = figures(seats.answer)
    seats.set("metered_fee_per_user_month", -1.0)
    assert "metered_fee_per_user_month" in seats._words.value
    assert figures(seats.answer) == before
    assert seats.line == START


def test_what_is_no_control_is_refused(seats):
    with pytest.raises(InputError, match="not a control"):
        seats.set("nothing", 1.0)


def test_a_value_beyond_the_slider_may_be_typed_where_the_field_takes_it(seats):
    seats.reset()
    mover = seats.movers["metered_fee_per_user_month"]
    far = mover._main.max * 5
    mover._box.value = far
    assert seats.changes == {"metered_fee_per_user_month": far}
    assert mover.value == far
    mover._box.value = -1.0
    assert "metered_fee_per_user_month" in seats._words.value
    assert (mover.value, mover._box.value) == (far, far)


def test_shares_give_way_and_add_up_to_one():
    shown = Panel("tiering")
    names = [name for name in shown.movers if name.endswith(".share")]
    assert len(names) == 3
    for value in (0.0, 0.35, 1.0):
        shown.set(names[0], value)
        assert sum(shown.movers[name].value for name in names) == pytest.approx(1.0)
        assert shown.movers[names[0]].value == value
    words = shlex.split(shown.line)
    changes = parsed([word for word in words[3:] if word != "--set"], "--set")
    assert figures(asking.ask("tiering", changes=changes)) == figures(shown.answer)


@pytest.mark.parametrize("name", [question.name for question in catalog.QUESTIONS if question.is_built])
def test_saved_inputs_give_the_same_answer(name, tmp_path):
    question = catalog.find(name)
    inputs = asking.prepare(name, profile="fast")
    path = saving.save(inputs, tmp_path / f"{name}.toml")
    again = asking.prepare(name, inputs=path)
    assert figures(question.load_function()(again)) == figures(question.load_function()(inputs))


def test_a_file_that_is_there_is_not_overwritten(seats, tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text("mine")
    assert seats.save(str(path)) is None
    assert "there is a file of this name" in seats._words.value
    assert path.read_text() == "mine"
    assert seats.save(str(tmp_path / "other.toml")) == tmp_path / "other.toml"
    assert "Saved: aiecon ask seats --inputs" in seats._words.value


def test_a_scenario_starts_again_from_its_changes_and_stands_in_the_line():
    shown = Panel("spend_forecast", profile="fast")
    shown.choose("stress")
    assert "--scenario stress" in shown.line
    assert figures(shown.answer) == figures(asking.ask("spend_forecast", scenario="stress", profile="fast"))
    shown.choose("as given")
    assert "--scenario" not in shown.line


def test_a_moving_slider_gets_a_rough_answer_and_one_at_rest_the_full():
    shown = Panel("self_host", profile="full")
    name = next(iter(shown.movers))
    told = []
    shown._how.observe(lambda change: told.append(change["new"]), names="value")

    async def move():
        shown.movers[name]._main.value *= 1.1
        for _ in range(300):  # however busy the machine is
            await asyncio.sleep(0.1)
            if len(told) > 1:
                break

    asyncio.run(move())
    assert len(told) == 2
    assert "fewer draws" in told[0]
    assert told[1] == ""
    assert shown.answer.inputs.draws == shown.start.draws


@pytest.mark.parametrize("name", ["cost_curve", "tiering", "seats", "self_host"])
def test_the_static_twin_says_what_the_command_line_says(name):
    answer = asking.ask(name, profile="fast")
    chart, table = twin(name, answer)
    assert chart.content["svg"].startswith("<svg")
    rows = table.content["rows"]
    assert len(rows) >= 3
    assert len({row[1] for row in rows}) > 1
    now = rows[table.content["bold"][0]]
    values = {metric.label: figure_words(metric.value, metric.unit) for metric in answer.summary()}
    assert now[1:] == [values[label] for label in table.content["columns"][1:]]


def test_units_are_told_in_the_currency_of_the_answer():
    answer = asking.ask("seats", changes={"currency": "EUR"}, profile="fast")
    chart, table = twin("seats", answer)
    assert table.content["columns"][0] == "Copilot Business: price of a seat, EUR per seat per month"
    assert "currency" not in chart.html + table.html


def test_a_report_shows_the_twin_and_a_live_notebook_the_panel(monkeypatch):
    answer = asking.ask("tiering")
    assert isinstance(what_if("tiering", answer), Panel)
    monkeypatch.setenv(STATIC, "1")
    assert what_if("tiering", answer).kind == "table"
    assert what_if("tiering", answer, profile="fast").kind == "nothing"


def test_inputs_of_another_version_are_told_in_the_place_of_the_panel(tmp_path):
    (tmp_path / "old.toml").write_text("metered_fee = 3.0\n")
    shown = panel("seats", inputs=str(tmp_path / "old.toml"))
    assert "role='alert'" in shown.value
    assert "metered_fee is not a field" in shown.value
    assert "tierin" in panel("tierin").value


def test_a_panel_says_what_to_do_after_a_restart(seats):
    assert any("restart of the kernel" in getattr(part, "value", "") for part in seats.widget.children)


def test_the_baseline_of_tiers_is_chosen_among_them():
    opened = Panel("tiering", changes={"draws": 500})
    assert opened.movers["baseline"].control.choices == ("economy", "standard", "premium")
    opened.set("baseline", "premium")
    assert "baseline" in opened.line
    assert figures(opened.answer)["saving_share_p10"] < figures(opened.answer)["saving_share"]
    assert figures(asking.ask("tiering", changes={"draws": 500, "baseline": "premium"})) == figures(opened.answer)
    unsaid = asking.prepare("tiering", changes={"baseline": None})
    (control,) = controls(unsaid, ("baseline|tiers",))
    assert (control.value, control.choices[0]) == ("as usual", "as usual")
    assert controls(unsaid.model_copy(update={"baseline": {"economy": 1.0}}), ("baseline|tiers",)) == []


def test_the_best_mix_moves_with_the_acceptance_asked_for_where_failed_answers_go_nowhere():
    opened = Panel("tiering", changes={"draws": 500})
    assert opened.movers["escalate"].control.kind == "switch"
    opened.set("escalate", False)
    assert "escalate=[]" in opened.line
    found, costs = [], []
    for least in (0.6, 0.66, 0.75, 0.78):
        opened.set("minimum_success_rate", least)
        found.append({name for name, share in opened.answer.best_mix.items() if share})
        costs.append(-opened.answer.best_saving_share)
        changes = {"draws": 500, "escalate": [], "minimum_success_rate": least}
        assert figures(asking.ask("tiering", changes=changes)) == figures(opened.answer)
    assert found == [{"economy"}, {"economy", "standard"}, {"standard", "premium"}, {"premium"}]
    assert costs == sorted(costs)
    opened.set("escalate", True)
    assert "escalate" not in opened.line
    assert opened.answer.best_mix["economy"] == 1.0
    opened.set("escalate", False)
    opened.reset()
    assert opened.movers["escalate"].value is True


def test_prices_of_another_day_are_taken_from_the_rate_card_and_stand_in_the_line():
    price = {"provider": "openai", "model": "gpt-4o"}
    tiers = [{"name": "large", "share": 1.0, "price": price}]
    fields = {"tiers": tiers, "shape": {"input_tokens_per_request": 1_000, "output_tokens_per_request": 100}}
    shown = Panel("tiering", inputs={**fields, "requests_per_month": 1_000, "as_of": "2026-03-31"})
    day = next(one for one in shown.controls if one.kind == "day")
    assert list(day.choices[1:]) == sorted(day.choices[1:])
    costs = []
    for one in day.choices[1:]:
        shown.set("as_of", one)
        row = aiecon.shipped_rate_card().on("gpt-4o", day=one, provider="openai")[0].price
        costs.append((1_000 * row.input_per_mtok + 100 * row.output_per_mtok) / 1e6)
        assert shown.answer.cost_per_request == pytest.approx(costs[-1])
        assert f'as_of="{one}"' in shown.line
    assert costs[0] > costs[-1]  # gpt-4o became cheaper
    shown.reset()
    assert "as_of=" not in shown.line


def test_moves_that_follow_at_once_all_stay_and_reset_lets_go_of_what_waits():
    async def moved():
        shown = Panel("tiering", changes={"draws": 200})
        shown.movers["batch_share"]._main.value = 50.0
        shown.movers["minimum_success_rate"]._main.value = 90.0
        await asyncio.sleep(1.0)
        both = dict(shown.changes)
        shown.movers["batch_share"]._main.value = 30.0
        shown.reset()
        await asyncio.sleep(1.0)
        return both, shown.changes

    both, after = asyncio.run(moved())
    assert both == {"batch_share": 0.5, "minimum_success_rate": 0.9}
    assert after == {}


def test_no_answer_is_worked_out_of_a_place_that_was_left_while_the_kernel_was_busy(monkeypatch):
    asked = []

    async def moved():
        shown = Panel("tiering", changes={"draws": 200})
        monkeypatch.setattr(shown, "_ask", lambda **options: bool(asked.append(dict(shown.changes))) or True)
        shown.movers["batch_share"]._main.value = 50.0
        time.sleep(0.6)  # another answer is worked out: both delays are over when it is done
        for _ in range(5):  # turns that a message takes
            await asyncio.sleep(0)
        shown.movers["batch_share"]._main.value = 30.0
        await asyncio.sleep(1.0)

    asyncio.run(moved())
    assert asked
    assert all(changes == {"batch_share": 0.3} for changes in asked)


def bounds_broken(inputs, name, value):
    """What the bounds of a field say of a value; rules that hold several fields together are not asked."""
    try:
        override(inputs, {name: value})
    except InputError as error:
        return [one for one in error.problems if one.startswith(name) and re.search("must be (greater|less) than", one)]
    return []


@pytest.mark.parametrize("name", [one.name for one in catalog.QUESTIONS if one.controls])
def test_the_ends_of_every_slider_are_taken_by_its_field(name):
    inputs = asking.prepare(name)
    for control in controls(inputs, catalog.find(name).controls):
        both = {"number": (control.low, control.high), "whole": (int(control.low), int(control.high))}
        both["range"] = (control.change((control.low, control.high)),) if control.kind == "range" else ()
        for value in both.get(control.kind, ()):
            assert bounds_broken(inputs, control.name, value) == []


def test_a_value_of_another_kind_is_told_and_changes_nothing():
    shown = Panel("tiering", changes={"draws": 200})
    for name, value in (("as_of", "2020-01-01"), ("batch_share", "abc"), ("requests_per_month", None)):
        shown.set(name, value)
        assert "is expected, got" in shown._words.value
    assert not shown.changes


def test_a_slider_that_repeats_late_where_it_was_put_moves_nothing():
    shown = Panel("tiering", changes={"draws": 200})
    mover = shown.movers["requests_per_month"]
    step = mover.control.step
    for typed in (1_300_000, 260_000, 840_000):
        mover._box.value = typed
    for repeated in (1_300_000 - 0.4 * step, 260_000 - 0.4 * step, 840_000 + 0.4 * step):
        mover._main.value = repeated  # as a browser sends the places it was put at
    assert shown.changes["requests_per_month"] == 840_000
    mover._main.value = mover.control.low + 3 * step + 1e-7
    assert shown.changes["requests_per_month"] == mover.control.low + 3 * step


def test_a_slider_moved_back_to_where_it_was_put_is_moved():
    shown = Panel("tiering", changes={"draws": 200})
    mover = shown.movers["requests_per_month"]
    typed = mover.control.low + 7 * mover.control.step
    mover._box.value = typed
    time.sleep(1.1)
    mover._main.value = typed + mover.control.step
    mover._main.value = typed
    assert shown.changes["requests_per_month"] == typed


def test_a_slider_that_repeats_the_place_it_leaves_as_its_ends_give_way_moves_nothing():
    shown = Panel("cost_curve")
    mover = shown.movers["pilot_users"]
    mover._box.value = 700
    mover._main.value = mover.control.value * (1 - 1e-15)
    assert shown.changes["pilot_users"] == 700


def test_ends_that_gave_way_come_back_with_a_reset():
    shown = Panel("tiering", changes={"draws": 200})
    mover = shown.movers["requests_per_month"]
    mover._box.value = 10 * mover.control.high
    assert 0 <= mover._main.max - 10 * mover.control.high < mover.control.step
    shown.reset()
    assert (mover._main.min, mover._main.max) == (mover.control.low, mover.control.high)


def test_an_option_that_is_none_is_told():
    assert "foo is no option of a panel" in Panel("seats", foo=3).problems[0]


def test_scenarios_that_cannot_be_are_left_out_with_a_sentence():
    tier = {"name": "one", "share": 1.0, "price": {"cost_per_request": 0.1}}
    named = {"good": {"set": {"batch_share": 0.2}}, "bad": {"set": {"batch_shar": 0.2}}}
    shown = Panel("tiering", inputs={"tiers": [tier], "scenarios": named})
    assert shown._scenario.options == ("as given", "good")
    picker = shown.widget.children[1].children[0].children[0]
    said = "Left out: scenarios.bad.set: batch_shar is not a field; did you mean batch_share?"
    assert said in picker.children[-1].value


def test_one_bad_share_is_told_of_the_one_that_was_typed():
    shown = Panel("tiering", changes={"draws": 200})
    shown.set("tiers.economy.share", 1.5)
    assert shown._words.value.count("role='alert'") == 1
    assert "economy: requests that enter here: tiers.economy.share" in shown._words.value
    assert shown.changes == {}


def test_a_panel_that_cannot_be_says_so_through_either_door():
    for shown in (Panel("seats", inputs={"metered_fee": 3.0}).widget, panel("seats", inputs={"metered_fee": 3.0})):
        assert "role='alert'" in shown.value
        assert "metered_fee is not a field" in shown.value
    assert "tierin is not a question" in Panel("tierin").problems[0]


def test_what_moves_nothing_is_told_with_the_prices_of_a_day_that_are_the_same():
    shown = Panel("tiering", changes={"draws": 200})
    shown.set("as_of", "2025-08-13")
    assert "This move changes nothing here" in shown._how.value
    assert "the prices are the same" in shown._how.value
    shown.set("batch_share", 0.5)
    assert shown._how.value == ""
    shown.set("minimum_success_rate", 0.9)
    assert "changes no figure here, only the chart (Acceptance the best mix must reach)." in shown._how.value
    assert "does not bind: the cheapest mix accepts more" in shown._figures.value


def test_a_range_without_spread_is_told():
    shown = Panel("variability", changes={"draws": 500})
    shown.set("scale.growth_per_month", (0.03, 0.03))
    assert "p10 and p90 are both 3 % per month, so no range is left" in shown._how.value
    shown.reset()
    assert shown._how.value == ""
