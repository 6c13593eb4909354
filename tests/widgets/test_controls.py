"""What a panel can move: names in words, units, ends and steps, all from the fields of the inputs."""

import pytest
from pydantic import Field

from aiecon import catalog
from aiecon.report import asking
from aiecon.vocabulary import overrides
from aiecon.vocabulary.question import QuestionInputs
from aiecon.vocabulary.strict import Many, Strict
from aiecon.widgets.controls import controls
from aiecon.widgets.sliders import Mover
from aiecon.widgets.words import figure_words, unit_words

MOVED = [(question, name) for question in catalog.QUESTIONS if question.is_built for name in question.controls]
FIELDS = [(question, name.split("|")[0].replace("*", "x")) for question, name in MOVED if not name.startswith("as_of")]


@pytest.mark.parametrize(("question", "name"), FIELDS, ids=lambda one: getattr(one, "name", one))
def test_every_control_has_the_title_of_its_field_as_its_name_in_words(question, name):
    owners = overrides.owners(question.load_inputs(), name)
    assert owners
    for owner in owners:
        title = owner.model_fields[overrides.parts(name)[-1]].title
        assert title
        assert not set(title) & set("_[]`.")
        assert "mtok" not in title.lower()


class Offer(Strict):
    name: str
    seats_sold: int = Field(title="smallest purchase", ge=0, description="sold at least [seats]")


class Asked(QuestionInputs):
    offers: Many[Offer] = ()
    mtok_per_month: float = Field(default=3.0, title="volume", description="all tokens [million tokens/month]")


def test_a_control_is_named_by_the_item_its_title_and_its_unit():
    asked = Asked(offers=[{"name": "Team 2.0", "seats_sold": 2}])
    of_item, alone = controls(asked, ("offers.*.seats_sold", "mtok_per_month"))
    assert (of_item.name, of_item.named) == ('offers."Team 2.0".seats_sold', "Team 2.0: smallest purchase, seats")
    assert alone.named == "Volume, million tokens per month"


def placed(value, moves):
    (control,) = controls(Asked(mtok_per_month=value), ("mtok_per_month",))
    return control, Mover(control, is_live=False, moved=lambda _, at: moves.append(at), clock=lambda: 0.0)


def test_a_slider_that_repeats_a_place_it_left_is_put_again_where_it_stands():
    _, mover = placed(300.0, moves := [])
    mover.put(10_000.0)
    mover._main.value = 300.0  # as a browser sends late
    assert mover._main.value == mover.value == 10_000.0
    assert moves == []


def test_ends_give_way_before_a_place_beyond_them_is_told_to_a_browser():
    _, mover = placed(300.0, [])
    told = []
    mover._main.observe(lambda change: told.append(change["name"]), names=["max", "value"])
    mover.put(10_000.0)
    mover.put(200.0)
    assert told == ["max", "value", "value", "max"]


def test_the_first_key_moves_from_a_value_between_two_places():
    control, mover = placed(300.0, moves := [])
    between = control.low + 10.44 * control.step
    mover.put(between)
    mover._puts = []  # the browser has repeated it
    mover._main.value = control.low + 10 * control.step  # the nearest place: no move
    assert moves == []
    mover._main.value = control.low + 11 * control.step
    assert moves == [pytest.approx(control.low + 11 * control.step)]


def test_the_unit_of_one_is_singular_beside_the_box_and_in_figures():
    (control,) = controls(Asked(offers=[{"name": "Team", "seats_sold": 2}]), ("offers.*.seats_sold",))
    mover = Mover(control, is_live=False, moved=lambda *_: None, clock=lambda: 0.0)
    shown = mover.widget.children[-1]
    assert shown.value == "seats"
    mover.put(1)
    assert shown.value == "seat"
    assert [figure_words(count, "replicas") for count in (0, 1, 2)] == ["0 replicas", "1 replica", "2 replicas"]
    assert unit_words("Mtok", 1) == "million tokens"


@pytest.mark.parametrize("name", [question.name for question in catalog.QUESTIONS if question.is_built])
def test_every_question_has_controls_within_their_ends(name):
    question = catalog.find(name)
    found = controls(asking.build(name), question.controls)
    assert found
    for control in found:
        low, high = control.value if control.kind == "range" else (control.value, control.value)
        if control.kind in ("number", "whole", "range"):
            assert control.low <= low <= high <= control.high
            for handle in (low, high):  # where a browser shows no other, box and slider would not agree
                place = (handle - control.low) / control.step
                assert place == pytest.approx(round(place), abs=1e-6)
        assert control.said
        assert control.label


@pytest.mark.parametrize(
    ("value", "ends", "unit", "expected"),
    [
        (0.0, {"gt": -1, "le": 1}, "share per month", (-0.1, 0.1)),
        (0.09, {"gt": -1}, "share per year", (0.0, 0.3)),
        (0.3, {"ge": 0, "le": 1}, "share", (0.0, 1.0)),
        (500.0, {"ge": 0, "le": 1_500}, "periods", (0.0, 1_500.0)),
        (90.0, {"ge": 0, "le": 1_500}, "periods", (0.0, 300.0)),
        (0.0, {"ge": 0}, "currency/Mtok", (0.0, 20.0)),
        (68_000.0, {"ge": 0}, "currency", (0.0, 250_000.0)),
        (-0.02, {"gt": -1}, "share per month", (-0.06, 0.06)),
    ],
)
def test_ends_of_sliders_come_from_bounds_and_round_numbers(value, ends, unit, expected):
    class Asked(QuestionInputs):
        rate: float = Field(description=f"a rate [{unit}]", **ends)

    (control,) = controls(Asked(rate=value), ("rate",))
    assert (control.low, control.high) == pytest.approx(expected)
    assert (value - control.low) / control.step == pytest.approx(round((value - control.low) / control.step))
