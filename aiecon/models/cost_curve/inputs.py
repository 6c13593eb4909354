"""What the cost curve is asked: components in their layers, levers, regulation, and numbers of users."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator

from aiecon.levers import unknown_targets
from aiecon.vocabulary.distribution import uncertain
from aiecon.vocabulary.known import Grade
from aiecon.vocabulary.lever import Lever
from aiecon.vocabulary.question import QuestionInputs
from aiecon.vocabulary.spend import Currency
from aiecon.vocabulary.stand_ins import is_stand_in
from aiecon.vocabulary.strict import Date, Many, Strict, is_blank, quoted

Layer = Literal["infrastructure", "model", "platform", "saas", "people", "governance"]
LAYERS: tuple[str, ...] = Layer.__args__  # type: ignore[attr-defined]  # of a Literal

MOST_USERS = 1e10
"""More than there are people; a curve is not drawn beyond."""

MUST_HAVE = ("people", "governance")
"""Layers that a pilot leaves out and production cannot."""

RATES = ("learning_rate", "price_decline_per_year", "fixed_quality_decline_per_year")
"""Fields by which a component's cost falls while it is paid."""


class _Component(Strict):
    """What every component has."""

    speakers: ClassVar = {"*": ("grade", "source", "dated")}

    name: str = Field(min_length=1, description="what it is called")
    layer: Layer = Field(description="infrastructure, model, platform, saas, people or governance")
    source: str | None = Field(default=None, description="where the figure comes from")
    grade: Grade | None = Field(default=None, description="contract, measured, published, judgement or rumour")
    owner: str | None = Field(default=None, description="who answers for it")
    dated: Date | None = Field(default=None, description="day it was measured or agreed")
    from_users: float = Field(default=0.0, ge=0, description="users from which it is paid; fewer do without [users]")
    is_hidden: bool = Field(default=False, description="whether pilots rarely count it")
    learning_rate: uncertain(ge=0, lt=1) = Field(  # type: ignore[valid-type]
        default=0.0, description="fall of its cost with each doubling of what was served [share]"
    )
    price_decline_per_year: uncertain(ge=0, lt=1) = Field(  # type: ignore[valid-type]
        default=0.0, description="fall of the list price of the same model or service [share per year]"
    )
    fixed_quality_decline_per_year: uncertain(ge=0, lt=1) = Field(  # type: ignore[valid-type]
        default=0.0, description="fall of the price of a model as good, had at each switch to it [share per year]"
    )
    switch_every_months: int | None = Field(default=None, ge=1, description="months between such switches [months]")
    falls_from_month: int = Field(default=1, ge=1, description="month of its full cost, which falls from then on")

    @property
    def falling(self) -> tuple[str, ...]:
        """The rates by which its cost falls, as far as they are given."""
        return tuple(field for field in RATES if getattr(self, field) != 0.0)


class Fixed(_Component):
    """The same whatever the number of users."""

    kind: Literal["fixed"] = Field(description="fixed")
    cost_per_month: uncertain(ge=0) = Field(title="cost", description="[currency/month]")  # type: ignore[valid-type]


class PerUser(_Component):
    """So much for each user."""

    kind: Literal["per_user"] = Field(description="per_user")
    cost_per_user_month: uncertain(ge=0) = Field(description="[currency/user/month]")  # type: ignore[valid-type]


class Power(_Component):
    """A power of the number of users through a known point."""

    kind: Literal["power"] = Field(description="power")
    cost_per_month: uncertain(ge=0) = Field(  # type: ignore[valid-type]
        title="cost at the known number of users", description="at `at_users` [currency/month]"
    )
    at_users: float = Field(gt=0, description="users it is known at [users]")
    exponent: uncertain(ge=0) = Field(  # type: ignore[valid-type]
        title="exponent by which cost grows with users", description="cost grows with users to this power [ratio]"
    )


class Step(_Component):
    """So much for each started step of users."""

    kind: Literal["step"] = Field(description="step")
    cost_per_step: uncertain(ge=0) = Field(description="[currency/step/month]")  # type: ignore[valid-type]
    users_per_step: float = Field(gt=0, description="users a step serves [users]")


def _kind(value: object) -> str:
    found = value.get("kind") if isinstance(value, dict) else getattr(value, "kind", None)
    return str(found)


Component = Annotated[
    Annotated[Fixed, Tag("fixed")]
    | Annotated[PerUser, Tag("per_user")]
    | Annotated[Power, Tag("power")]
    | Annotated[Step, Tag("step")],
    Discriminator(
        _kind, custom_error_type="kind", custom_error_message="must have kind fixed, per_user, power or step"
    ),
]


class Regulated(Strict):
    """What a regulated industry adds."""

    opex_share: uncertain(ge=0) = Field(  # type: ignore[valid-type]
        title="running cost that regulation adds", default=0.0, description="of all components, on top [share]"
    )
    build_share: uncertain(ge=0) = Field(default=0.0, description="of the time to build, on top [share]")  # type: ignore[valid-type]
    roles: uncertain(ge=0) = Field(title="people that regulation adds", default=0.0, description="people more [roles]")  # type: ignore[valid-type]
    cost_per_role_month: uncertain(ge=0) = Field(default=0.0, description="of each [currency/role/month]")  # type: ignore[valid-type]


class PreLaunch(Strict):
    """What a team shows before launch; a blank, or a word that stands for one, is missing, named, never assumed."""

    speakers: ClassVar = {"value_per_user_month": ("value_grade", "value_source", "value_dated")}

    owner: str | None = Field(default=None, description="who answers for it")
    model_justification: str | None = Field(
        default=None, description="why this model and no cheaper one, and the evaluation that says so"
    )
    cost_per_user_month: float | None = Field(
        default=None, ge=0, description="cost that was approved [currency/user/month]"
    )
    transactions_per_user_month: float | None = Field(
        default=None, gt=0, description="so that the cost of a transaction can be said [transactions/user/month]"
    )
    value_per_user_month: uncertain(ge=0) | None = Field(  # type: ignore[valid-type]
        default=None, description="what a user gains the company [currency/user/month]"
    )
    value_source: str | None = Field(default=None, description="where the value comes from")
    value_grade: Grade | None = Field(default=None, description="contract, measured, published, judgement or rumour")
    value_dated: Date | None = Field(default=None, description="day the value was measured or agreed")
    tolerance: float = Field(
        default=0.15, ge=0, lt=1, description="part by which the curve may exceed the cost approved (S2-39) [share]"
    )

    @model_validator(mode="before")
    @classmethod
    def _blanks(cls, given: Any) -> Any:
        """A blank of a half-filled file is a field not given, and so is TBD where a number, grade or day belongs."""
        if not isinstance(given, Mapping):
            return given
        texts = {name for name, field in cls.model_fields.items() if field.annotation == str | None}
        blank = {key for key, value in given.items() if is_blank(value) or (key not in texts and is_stand_in(value))}
        return {key: value for key, value in given.items() if key not in blank}


class CostCurveInputs(QuestionInputs):
    """Components, levers, regulation, and the users of pilot and production."""

    components: Many[Component] = Field(min_length=1, description="what makes up the cost")
    levers: Many[Lever] = Field(default=(), description="savings on components or layers")
    regulated: Regulated | None = Field(default=None, description="what regulation adds")
    users: Many[Annotated[float, Field(ge=0, le=MOST_USERS)]] = Field(
        default=(), description="numbers of users shown [users]"
    )
    pilot_users: float = Field(title="size of the pilot", gt=0, le=MOST_USERS, description="users of the pilot [users]")
    production_users: float = Field(
        title="size of production", gt=0, le=MOST_USERS, description="users of production [users]"
    )
    build_weeks: uncertain(ge=0) | None = Field(default=None, description="to build it without regulation [weeks]")  # type: ignore[valid-type]
    pre_launch: PreLaunch | None = Field(default=None, description="what is shown before launch")
    month: int | None = Field(
        default=None,
        ge=1,
        description="month of the curve: its levers, and how far costs fell by then; all levers work when left out",
    )
    currency: Currency | None = Field(default=None, description="of every amount; USD when left out")

    @property
    def working_levers(self) -> tuple[Lever, ...]:
        """The levers that work in the month asked for; all without one."""
        return tuple(lever for lever in self.levers if self.month is None or lever.from_month <= self.month)

    @model_validator(mode="after")
    def _check(self) -> Self:
        names = [component.name for component in self.components]
        problems = unknown_targets(self.levers, [*names, *LAYERS])
        problems += [
            f"levers.{lever.name}.semantic_cache needs requests, which a cost curve has none of; give its saving "
            "(aiecon.semantic_cache_saving says it)"
            for lever in self.levers
            if lever.semantic_cache is not None
        ]
        problems += _look_alikes(names)
        problems += _falling_problems(self.components, self.month)
        clashes = sorted(set(names) & set(LAYERS))
        problems += [
            f"components.{name}: a layer goes by this name; levers could not tell them apart" for name in clashes
        ]
        if problems:
            raise ValueError("\n".join(problems))
        return self


def _look_alikes(names: Sequence[str]) -> list[str]:
    """Components whose names differ by capitals and spaces alone: one thing that stands twice, or a slip."""
    first: dict[str, str] = {}
    found = []
    for name in names:
        other = first.setdefault("".join(name.split()).casefold(), name)
        if other != name:
            found.append(f"components.{quoted(name)}: but for capitals and spaces it is {other!r}; name it otherwise")
    return found


def _falling_problems(components: Sequence[Component], month: int | None) -> list[str]:
    """What is missing beside rates, or cannot go with them."""
    found = []
    for one in components:
        at, quality = f"components.{quoted(one.name)}", one.fixed_quality_decline_per_year != 0.0
        if one.falling and month is None:
            found.append(f"month is missing: {at}.{one.falling[0]} needs the month that the curve is of; set month")
        if quality and one.switch_every_months is None:
            found.append(
                f"{at}.fixed_quality_decline_per_year needs switch_every_months: a model as good is cheaper only for "
                "who switches to it"
            )
        if quality and one.layer != "model":
            found.append(
                f"{at}.fixed_quality_decline_per_year is of layer model, and this is {one.layer}; use "
                "price_decline_per_year"
            )
        if one.switch_every_months is not None and not quality:
            found.append(f"{at}.switch_every_months needs fixed_quality_decline_per_year, what a switch saves")
    return found
