from datetime import date, datetime
from typing import ClassVar

import pytest
from pydantic import Field, model_validator

from aiecon.errors import InputError
from aiecon.vocabulary.distribution import uncertain
from aiecon.vocabulary.overrides import item_name
from aiecon.vocabulary.strict import Date, Many, Strict


class Tier(Strict):
    name: str
    share: float = Field(ge=0, le=1)
    price_per_request: uncertain(ge=0) = 0.01


class Serving(Strict):
    one_of: ClassVar = (("requests_per_second", "tokens_per_second"),)
    requests_per_second: float | None = None
    tokens_per_second: float | None = None


class Question(Strict):
    one_of: ClassVar = (("history", "file"),)
    history: Many[float] | None = None
    file: str | None = None
    starts_on: Date | None = None
    users: int = 10
    monthly_growth: float = 0.0
    is_live: bool = False
    tiers: Many[Tier] = ()
    serving: Serving | None = None


def question(**values):
    return Question.build({"history": [1.0], **values})


def problems(**values):
    with pytest.raises(InputError) as caught:
        question(**values)
    return caught.value.problems


def test_iso_dates_are_accepted_as_text():
    assert question(starts_on="2026-03-31").starts_on == date(2026, 3, 31)


def test_whole_numbers_are_accepted_for_floats():
    growth = question(monthly_growth=1).monthly_growth
    assert growth == 1.0
    assert isinstance(growth, float)


def test_python_and_raw_values_pass_the_same_door():
    values = {"history": [1, 2.5], "starts_on": "2026-03-31", "tiers": [{"name": "small", "share": 1}]}
    assert Question(**values) == Question.build(values)


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"monthly_growth": "0.1"}, "monthly_growth must be a number, got '0.1'"),
        ({"history": [1.0, "2"]}, "history.2 must be a number, got '2'"),
        ({"users": "3"}, "users must be an integer, got '3'"),
        ({"users": 3.0}, "users must be an integer, got 3.0"),
        ({"users": True}, "users must be an integer, got True"),
        ({"is_live": 1}, "is_live must be a boolean, got 1"),
        ({"monthly_growth": float("nan")}, "monthly_growth must be a finite number, got nan"),
        ({"starts_on": "31.3.2026"}, "starts_on must be an ISO date such as 2026-03-31, got '31.3.2026'"),
        ({"starts_on": "2026-02-30"}, "starts_on must be an ISO date such as 2026-03-31, got '2026-02-30'"),
    ],
)
def test_nothing_else_is_coerced(values, problem):
    assert problems(**values) == (problem,)


def test_a_date_with_a_time_of_day_is_refused():
    assert "without a time of day" in problems(starts_on=datetime(2026, 3, 31, 12))[0]


def test_an_unknown_field_is_refused_with_the_nearest_name():
    (problem,) = problems(monthly_grwth=0.1)
    assert problem.startswith("monthly_grwth is not a field; did you mean monthly_growth?")


def test_an_unknown_field_without_a_near_name_lists_the_fields():
    (problem,) = problems(zzz=1)
    assert "did you mean" not in problem
    assert "history, file, starts_on" in problem


def test_an_unknown_field_of_a_nested_model_names_the_nested_fields():
    (problem,) = problems(tiers=[{"name": "small", "share": 1, "price_per_reqest": 2}])
    assert problem.startswith("tiers.small.price_per_reqest is not a field; did you mean price_per_request?")


def test_all_problems_come_in_one_error():
    found = problems(users="x", monthly_growth="y", starts_on="z", userz=1)
    assert [line.split()[0] for line in found] == ["starts_on", "users", "monthly_growth", "userz"]


def test_the_text_of_an_error_has_one_line_for_each_problem():
    with pytest.raises(InputError) as caught:
        question(users="x", monthly_growth="y")
    assert str(caught.value).split("\n") == list(caught.value.problems)


def test_items_of_a_list_go_by_their_name():
    found = problems(tiers=[{"name": "small", "share": 0.5}, {"name": "large"}])
    assert found == ("tiers.large.share is missing",)


def test_a_name_with_a_dot_is_quoted():
    assert problems(tiers=[{"name": "gpt-4.1", "share": 2}])[0].startswith('tiers."gpt-4.1".share must be')


def test_an_item_without_a_name_goes_by_its_place_from_one_on_as_override_takes_it():
    assert problems(tiers=[{"share": 0.5}]) == ("tiers.1.name is missing",)
    second = problems(tiers=[{"name": "small", "share": 1}, {"share": 0.5}])
    assert second == (f"tiers.{item_name({}, 1)}.name is missing",) == ("tiers.2.name is missing",)


@pytest.mark.parametrize(
    ("price", "problem"),
    [
        ({"shape": "normal", "p10": 1}, "tiers.small.price_per_request.p90 is missing"),
        (
            {"shape": "normal", "p10": 2, "p90": 1},
            "tiers.small.price_per_request: p10 must not exceed p90, got 2 and 1",
        ),
        (-1, "tiers.small.price_per_request must be greater than or equal to 0, got -1"),
    ],
)
def test_a_bad_distribution_is_named_as_it_is_set(price, problem):
    assert problems(tiers=[{"name": "small", "share": 1, "price_per_request": price}]) == (problem,)


def test_an_unknown_shape_lists_the_shapes():
    (problem,) = problems(tiers=[{"name": "small", "share": 1, "price_per_request": {"shape": "norml"}}])
    assert problem.startswith("tiers.small.price_per_request")
    assert "normal, lognormal, uniform, triangular, pert, beta, discrete, empirical, pareto, mixture" in problem


def test_one_member_of_a_group_is_needed():
    with pytest.raises(InputError, match="one of history, file is needed; none was given"):
        Question()


def test_two_members_of_a_group_are_refused():
    assert problems(file="a.csv") == ("only one of history, file may be given; got history and file",)


def test_a_group_is_checked_even_when_a_field_is_wrong():
    assert problems(file="a.csv", users="x") == (
        "users must be an integer, got 'x'",
        "only one of history, file may be given; got history and file",
    )


def test_a_group_of_a_nested_model_is_named():
    (problem,) = problems(serving={})
    assert problem.startswith("serving: one of requests_per_second, tokens_per_second is needed")


def test_inputs_cannot_be_changed_in_place():
    given = question()
    with pytest.raises(Exception, match="frozen"):
        given.users = 11
    assert given.users == 10


def test_every_problem_of_a_nested_model_is_a_line_that_names_it():
    class Pair(Strict):
        one_of: ClassVar = (("a", "b"), ("c", "d"))
        a: int | None = None
        b: int | None = None
        c: int | None = None
        d: int | None = None

    class Owner(Strict):
        pair: Pair

    with pytest.raises(InputError) as caught:
        Owner.build({"pair": {}})
    assert caught.value.problems == (
        "pair: one of a, b is needed; none was given",
        "pair: one of c, d is needed; none was given",
    )


class Lease(Strict):
    name: str = "l"
    start: int = Field(ge=0)
    end: int = Field(ge=0)
    rent: float = Field(default=1.0, ge=0)

    @model_validator(mode="after")
    def _check_order(self):
        if self.end < self.start:
            raise ValueError("end must not lie before start")
        return self

    @model_validator(mode="after")
    def _check_length(self):
        if self.end - self.start > 100:
            raise ValueError("a lease is of 100 months at most\nsplit it")
        return self


class House(Strict):
    leases: Many[Lease] = ()
    main: Lease
    limit: int = Field(default=10, ge=1)
    owner: str

    @model_validator(mode="after")
    def _check_limit(self):
        if self.main.end > self.limit:
            raise ValueError("main.end is above limit")
        return self

    @model_validator(mode="after")
    def _check_owner(self):
        if self.owner == "nobody":
            raise ValueError("owner: a house needs one")
        return self


def of_house(**values):
    with pytest.raises(InputError) as caught:
        House.build({"main": {"start": 1, "end": 5}, "owner": "a"} | values)
    return caught.value.problems


def test_checks_of_a_model_with_a_broken_field_speak_too():
    bad = {"start": 9, "end": 5, "rent": -1}
    assert of_house(main=bad, owner="nobody") == (
        "main.rent must be greater than or equal to 0, got -1",
        "main: end must not lie before start",
        "owner: a house needs one",
    )


def test_checks_that_would_speak_of_the_broken_field_or_need_it_keep_silent():
    assert of_house(main={"start": 9, "end": -5}) == ("main.end must be greater than or equal to 0, got -5",)
    assert of_house(main={"start": 9}) == ("main.end is missing",)
    assert of_house(main={"start": 1, "end": 50}, limit=0) == ("limit must be greater than or equal to 1, got 0",)


def test_all_checks_of_a_model_speak_not_the_first_alone():
    assert of_house(main={"start": 1, "end": 50}, owner="nobody") == (
        "main.end is above limit",
        "owner: a house needs one",
    )


def test_items_of_a_list_are_checked_beside_a_broken_one():
    leases = [{"name": "a", "start": 5, "end": 1}, {"name": "b", "start": 0, "end": 200, "rent": "x"}]
    assert of_house(leases=leases, limit=2) == (
        "leases.a: end must not lie before start",
        "leases.b.rent must be a number, got 'x'",
        "leases.b: a lease is of 100 months at most",
        "leases.b: split it",
        "main.end is above limit",
    )


class Mixed(Strict):
    one_of: ClassVar = (("a", "b"),)
    kind: str
    size: float = Field(gt=0)
    a: float | None = None
    b: float | None = None
    parts: Many[Lease] = ()
    others: Many[Lease] = ()

    @model_validator(mode="after")
    def _check_kind(self):
        problems = [] if self.kind == "k" else [f"kind {self.kind} is not known at 1"]
        problems += [] if sum(part.rent for part in self.parts) <= 10 else ["parts: rents add up to more than 10"]
        if problems:
            raise ValueError("\n".join(problems))
        return self


def of_mixed(**values):
    with pytest.raises(InputError) as caught:
        Mixed.build({"kind": "k", "size": 1, "a": 1} | values)
    return caught.value.problems


def test_a_required_field_that_is_broken_or_missing_hides_no_group_and_no_name():
    leases = [{"name": "x", "start": 0, "end": 1}] * 2
    for size, words in ((0, "size must be greater than 0, got 0"), ("x", "size must be a number, got 'x'")):
        assert of_mixed(size=size, a=None, parts=leases) == (
            words,
            "one of a, b is needed; none was given",
            "parts.x: the name stands twice; names are unique in their list",
        )
    with pytest.raises(InputError, match="kind is missing\nsize is missing\none of a, b is needed"):
        Mixed.build({})


def test_a_broken_item_hides_only_what_speaks_of_it():
    broken = {"name": "y", "start": 0, "end": 1, "rent": -1}
    whole = {"name": "x", "start": 0, "end": 1, "rent": 20}
    for parts in ([whole, broken], [broken, whole]):
        found = of_mixed(parts=parts, kind="z")
        assert found[0] == "parts.y.rent must be greater than or equal to 0, got -1"
        assert "kind z is not known at 1" in found
        assert not any("nan" in line for line in found)


def test_items_that_are_no_tables_are_told_beside_other_problems():
    found = of_mixed(parts=[5], others=[4], size=-1)
    assert [line.split(" must")[0] for line in found] == ["size", "parts.1", "others.1"]
    assert found[1] == "parts.1 must be a table of fields, got 5"


def test_a_list_where_one_of_several_kinds_is_expected_is_one_problem():
    class Filter(Strict):
        where: dict[str, str | int | bool]

    with pytest.raises(InputError) as caught:
        Filter.build({"where": {"x_Team": ["Risk", "HR"], "x_User": 1.5}})
    assert caught.value.problems == (
        "where.x_Team must be a string, an integer or a boolean, got ['Risk', 'HR']",
        "where.x_User must be a string, an integer or a boolean, got 1.5",
    )
