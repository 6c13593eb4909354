"""Figures that are set over others: their grade, source and range of before are gone, and it is said."""

import pytest

import aiecon
from aiecon import catalog
from aiecon.report import asking
from aiecon.sensitivity.fields import uncertain_fields, value_at
from aiecon.vocabulary.by_hand import BY_HAND, put, words
from aiecon.vocabulary.overrides import is_field, owners, parts

TOKENS = "components.Tokens.cost_per_month"
BUILT = [question.name for question in catalog.QUESTIONS if question.is_built]


def speakers(inputs, name):
    """Field -> value of those that say where a figure is from."""
    head, figure = name.rpartition(".")[::2]
    for owner in owners(type(inputs), name):
        fields = owner.speakers.get(figure, owner.speakers.get("*", ()))
        return {field: value_at(inputs, f"{head}.{field}") for field in fields}
    return {}


@pytest.mark.parametrize("question", BUILT)
def test_whatever_is_set_has_no_grade_no_source_and_no_row_of_before(question):
    before = asking.build(question)
    names = [name for name in {**uncertain_fields(before), **before.assumption_rows} if is_field(type(before), name)]
    for name in names:
        now = value_at(before, name)
        value = now.base if hasattr(now, "ppf") else now
        if isinstance(value, bool) or not isinstance(value, int | float):
            continue
        after = asking.build(question, changes={name: type(value)(value) if hasattr(now, "ppf") else value})
        if not hasattr(now, "ppf"):  # it is what it was: nothing was set
            assert after.by_hand == {}
            continue
        assert list(after.by_hand) == [".".join(parts(name))] or '"' in name
        assert name not in after.assumption_rows
        said = speakers(after, name)
        assert all(value in (None, "judgement") for field, value in said.items() if not field.endswith("source"))
        assert all(
            value.startswith(f"{BY_HAND}: ") and "is gone" in value
            for field, value in said.items()
            if "source" in field
        )
        assert "whose range is gone: it counts as certain" in words(after)[0]


@pytest.mark.parametrize(
    "value", [9_000, {"shape": "normal", "p10": 5_000, "p90": 9_000}, {"shape": "uniform", "low": 1, "high": 2}]
)
def test_a_panel_says_what_a_change_of_the_command_line_says(value):
    changes = {TOKENS: value}
    moved, asked = put(asking.build("cost_curve"), changes), asking.build("cost_curve", changes=changes)
    assert moved == asked
    assert words(moved) == words(asked)
    assert moved.by_hand[TOKENS]["source"] == BY_HAND


def test_a_figure_that_is_put_where_it_was_keeps_its_source():
    before = asking.build("cost_curve")
    assert asking.build("cost_curve", changes={"components.Egress.cost_per_user_month": 0.06}) == before


@pytest.mark.parametrize("name", [TOKENS, 'components."Tokens".cost_per_month'])
def test_who_says_a_figure_with_grade_and_source_is_believed(name):
    said = {"components.Tokens.grade": "contract", "components.Tokens.source": "offer of June"}
    after = asking.build("cost_curve", changes={name: 9_000, **said})
    tokens = next(one for one in after.components if one.name == "Tokens")
    assert (tokens.grade, tokens.source, after.by_hand) == ("contract", "offer of June", {})
    half = asking.build("cost_curve", changes={name: 9_000, "components.Tokens.grade": "contract"})
    assert half.by_hand[TOKENS]["grade"] == "contract"
    assert next(one.source for one in half.components if one.name == "Tokens").startswith(BY_HAND)


def test_what_is_set_of_one_item_is_told_together_and_leaves_the_others():
    after = asking.build("cost_curve", changes={TOKENS: 9_000, "components.Tokens.at_users": 500})
    tokens, *others = after.components
    assert tokens.source == "set by hand: cost_per_month (its range 5,200 to 8,000 is gone), at_users"
    assert tuple(others) == asking.build("cost_curve").components[1:]


def test_a_scenario_is_named_as_who_says_its_figures_and_a_change_wins():
    low = asking.build("business_case", scenario="low")
    assert low.by_hand["approval.delay_months"]["source"] == "set by scenario low"
    both = asking.build("business_case", scenario="low", changes={"approval.delay_months": 3})
    assert both.by_hand["approval.delay_months"]["source"] == BY_HAND


def test_a_grade_that_must_be_given_is_no_more_than_a_judgement():
    overlay = {"name": "project", "start": "2026-10-01", "amount_per_month": 10.0, "owner": "somebody"}
    given = {
        "history": [{"date": f"2026-{month:02}-01", "value": 100.0} for month in range(1, 10)],
        "overlays": [overlay | {"source": "contract of May", "grade": "contract"}],
    }
    (after,) = asking.build("spend_forecast", inputs=given, changes={"overlays.project.amount_per_month": 20}).overlays
    assert (after.grade, after.source) == ("judgement", "set by hand: amount_per_month")


def test_what_is_set_is_in_the_result_in_the_notes_and_counts_as_no_measurement():
    answer = aiecon.ask("cost_curve", changes={TOKENS: 9_000}, profile="fast")
    found = asking.result("cost_curve", answer)["provenance"]
    assert [row["name"] for row in found["set_by_hand"]] == [TOKENS]
    assert f"{TOKENS} is set by hand: 9,000 in place of 6,400 (5,200 to 8,000)" in found["notes"][-1]
    before = aiecon.ask("cost_curve", profile="fast")
    assert answer.weight_of(["measured"]) < before.weight_of(["measured"])
    assert any("no grade: Tokens" in note for note in answer.notes)
    moved = aiecon.override(before.inputs, {TOKENS: 9_000.0})  # what is asked inside an analysis is set by nobody
    assert moved.by_hand == {}
