from typing import ClassVar

import pandas as pd
import pytest
from pydantic import Field

import aiecon
from aiecon.errors import InputError
from aiecon.vocabulary.distribution import Normal, uncertain
from aiecon.vocabulary.overrides import build, covers, override, parts
from aiecon.vocabulary.source import Source, Table
from aiecon.vocabulary.strict import Date, Many, Strict


class Tier(Strict):
    name: str
    share: float = Field(ge=0, le=1)
    price_per_request: uncertain(ge=0) = 0.01


class Gpu(Strict):
    one_of: ClassVar = (("price_per_gpu_hour", "capex_per_gpu"),)
    price_per_gpu_hour: float | None = None
    capex_per_gpu: float | None = None
    gpus_per_server: int = 8


class Rent(Strict):
    belongs: ClassVar = ("paid", {"per_hour": ("rented",), "price": ("owned", "leased")})
    paid: str
    per_hour: float | None = None
    price: float | None = None


class Question(Strict):
    one_of: ClassVar = (("history", "file", "spend"),)
    history: Many[float] | None = None
    file: Source | None = None
    spend: Source | None = None
    starts_on: Date | None = None
    users: int = 10
    gpu: Gpu
    reserve_gpu: Gpu = Gpu(price_per_gpu_hour=3.0, gpus_per_server=4)
    tiers: Many[Tier] = ()
    rent: Rent = Rent(paid="rented", per_hour=2.0)


@pytest.fixture
def inputs():
    return Question(
        history=[1.0, 2.0],
        gpu={"price_per_gpu_hour": 2.0},
        tiers=[{"name": "gpt-4.1", "share": 0.4}, {"name": "mini", "share": 0.6}],
    )


def problems(inputs, changes):
    with pytest.raises(InputError) as caught:
        override(inputs, changes)
    return caught.value.problems


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("users", ["users"]),
        ("gpu.price_per_gpu_hour", ["gpu", "price_per_gpu_hour"]),
        ('tiers."gpt-4.1".share', ["tiers", "gpt-4.1", "share"]),
    ],
)
def test_a_dotted_name_keeps_quoted_parts_whole(name, expected):
    assert parts(name) == expected


@pytest.mark.parametrize("name", ["", ".users", "users.", "gpu..price", 'tiers."mini'])
def test_a_broken_name_is_refused(name):
    with pytest.raises(InputError, match="is not a dotted name"):
        parts(name)


def test_a_field_a_nested_field_and_a_list_item_are_set_by_name(inputs):
    changed = override(inputs, {"users": 20, "gpu.gpus_per_server": 4, "tiers.mini.share": 0.5})
    assert (changed.users, changed.gpu.gpus_per_server, changed.tiers[1].share) == (20, 4, 0.5)
    assert (changed.gpu.price_per_gpu_hour, changed.tiers[0]) == (2.0, inputs.tiers[0])


def test_a_list_item_whose_name_has_a_dot_is_quoted(inputs):
    assert override(inputs, {'tiers."gpt-4.1".share': 0.3}).tiers[0].share == 0.3


def test_values_pass_the_same_door_as_everywhere(inputs):
    assert f"{override(inputs, {'starts_on': '2026-03-31'}).starts_on}" == "2026-03-31"
    assert problems(inputs, {"users": "20"}) == ("users must be an integer, got '20'",)


def test_a_number_becomes_a_distribution_and_its_parts_can_be_set(inputs):
    doubtful = override(inputs, {"tiers.mini.price_per_request": {"shape": "normal", "p10": 1, "p90": 2}})
    assert override(doubtful, {"tiers.mini.price_per_request.p90": 4}).tiers[1].price_per_request == Normal(
        p10=1, p90=4
    )


def test_a_field_of_a_default_model_leaves_the_rest_of_the_default(inputs):
    assert override(inputs, {"reserve_gpu.gpus_per_server": 2}).reserve_gpu == Gpu(
        price_per_gpu_hour=3.0, gpus_per_server=2
    )


def test_setting_one_member_of_a_group_clears_the_others(inputs):
    changed = override(inputs, {"file": "days.csv"})
    assert changed.file == Source(path="days.csv")
    assert changed.history is None
    assert changed.spend is None


def test_setting_one_member_of_a_nested_group_clears_the_others(inputs):
    gpu = override(inputs, {"gpu.capex_per_gpu": 30_000}).gpu
    assert (gpu.price_per_gpu_hour, gpu.capex_per_gpu) == (None, 30_000.0)


def test_a_choice_clears_what_no_longer_belongs_to_it(inputs):
    owned = override(inputs, {"rent.paid": "owned", "rent.price": 9.0}).rent
    assert owned == Rent(paid="owned", price=9.0)
    assert override(inputs.model_copy(update={"rent": owned}), {"rent.paid": "leased"}).rent.price == 9.0
    said = override(inputs, {"rent.per_hour": 3.0, "rent.paid": "owned"}).rent
    assert said.per_hour == 3.0  # what is set beside the choice is kept, and is the model's to refuse


def test_two_members_of_a_group_set_together_are_refused(inputs):
    assert problems(inputs, {"file": "a.csv", "spend": "b.csv"}) == (
        "only one of history, file, spend may be set; got file and spend",
    )


def test_two_members_of_a_nested_group_set_together_are_refused(inputs):
    (problem,) = problems(inputs, {"gpu.capex_per_gpu": 30_000, "gpu.price_per_gpu_hour": 2})
    assert "only one of price_per_gpu_hour, capex_per_gpu" in problem


def test_unknown_names_and_bad_values_are_reported_together(inputs):
    found = problems(inputs, {"usrs": 5, "gpu.capex": 1, "tiers.maxi.share": 0.1, "tiers.mini.share": 3, "users": "x"})
    assert found[0].startswith("usrs is not a field; did you mean users?")
    assert found[1].startswith("gpu.capex is not a field; did you mean capex_per_gpu?")
    assert found[2] == "tiers.maxi.share: no item is named 'maxi'; the names are gpt-4.1, mini"
    assert "tiers.mini.share must be less than or equal to 1, got 3" in found[3:]
    assert "users must be an integer, got 'x'" in found[3:]
    assert len(found) == 5


def test_the_original_is_untouched(inputs):
    before = inputs.model_dump()
    override(inputs, {"users": 20, "file": "days.csv", "gpu.capex_per_gpu": 1, "tiers.mini.share": 0.1})
    assert inputs.model_dump() == before


def test_no_change_gives_equal_inputs(inputs):
    assert override(inputs, {}) == inputs


def test_a_source_that_was_read_stays_read_after_an_unrelated_change(inputs):
    table = Table(pd.DataFrame({"value": [1.0]}), digest="d", rows=1, facts={})
    read = override(inputs, {"file": Source(path="days.csv").read_as(table)})
    assert override(read, {"users": 20, "tiers.mini.share": 0.1}).file.table is table


def test_a_source_that_is_set_anew_is_unread(inputs):
    table = Table(pd.DataFrame({"value": [1.0]}), digest="d", rows=1, facts={})
    read = override(inputs, {"file": Source(path="days.csv").read_as(table)})
    assert not override(read, {"file": "other.csv"}).file.is_read


def test_raw_values_and_changes_are_checked_together():
    with pytest.raises(InputError) as caught:
        build(Question, {"history": [1.0], "gpu": {"price_per_gpu_hour": "2"}}, {"usrs": 1})
    assert [line.split()[0] for line in caught.value.problems] == ["usrs", "gpu.price_per_gpu_hour"]


@pytest.mark.parametrize(
    ("changed", "name", "expected"),
    [
        ("gpu.price", "gpu.price", True),
        ("gpu", "gpu.price", True),
        ("gpu.price.p90", "gpu.price", True),
        ("gpu.pri", "gpu.price", False),
        ("users", "gpu.price", False),
    ],
)
def test_a_change_covers_the_field_its_parents_and_its_parts(changed, name, expected):
    assert covers({changed: 1}, name) is expected


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("spend_forecast", {"where": {"x_Environment": "prod"}}),
        ("spend_forecast", {"as_of": "2025-12-31"}),
        ("spend_review", {"where": {"x_Environment": "prod"}}),
        ("provisioned", {"payg.input_per_mtok": 10.0}),
    ],
)
def test_files_are_read_again_when_what_their_reading_uses_changes(name, changes):
    inputs = aiecon.prepare(name, profile="fast" if name == "spend_forecast" else "full")
    moved, asked = override(inputs, changes), aiecon.prepare(name, changes=changes)
    of = {"provisioned": lambda one: one.demand.file}.get(name, lambda one: one.spend)
    assert of(moved).table.frame.equals(of(asked).table.frame)
    assert not of(moved).table.frame.equals(of(inputs).table.frame)
    assert of(override(inputs, {"seed": 5})).table is of(inputs).table
