"""What the adaptive budget is asked: what was spent, the agreed policy, and what is expected to drive it."""

from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from aiecon.vocabulary.distribution import uncertain
from aiecon.vocabulary.question import QuestionInputs
from aiecon.vocabulary.source import Reads, Source
from aiecon.vocabulary.spend import Currency
from aiecon.vocabulary.strict import Date, Many, Strict


class Actual(Strict):
    """What a pool of a team spent in a month."""

    month: Date = Field(description="a day of the month")
    team: str = Field(min_length=1, description="whose it is")
    pool: str = Field(min_length=1, description="production, development, ...")
    spend: float = Field(description="[currency/month]")
    driver: float | None = Field(default=None, ge=0, description="what moves the spend: requests, users [units/month]")
    value: float | None = Field(default=None, description="value it brought [currency/month]")


class Expected(Strict):
    """What is expected of a pool in a month to come."""

    month: Date = Field(description="a day of the month")
    team: str = Field(min_length=1, description="whose it is")
    pool: str = Field(min_length=1, description="which pool")
    driver: float | None = Field(default=None, ge=0, description="expected driver [units/month]")
    spend: uncertain(ge=0) | None = Field(default=None, description="expected spend [currency/month]")  # type: ignore[valid-type]


class Escalation(Strict):
    """Parts over budget above which somebody higher must decide; strictly above."""

    vice_president: float = Field(
        default=0.2, ge=0, description="over budget; above it a vice president decides [share]"
    )
    c_suite: float = Field(default=0.4, ge=0, description="over budget: the c-suite decides [share]")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.c_suite < self.vice_president:
            raise ValueError("c_suite must not be below vice_president")
        return self


class Pool(Strict):
    """A pool's line in the agreement."""

    name: str = Field(min_length=1, description="what it is called, as actuals call it")
    team: str | None = Field(default=None, description="whose it is; any team's pool of this name when left out")
    owner: str = Field(min_length=1, description="who answers for it; a budget without an owner is none")
    base: float = Field(ge=0, description="budget of a month in force [currency/month]")
    unit_cost_target: uncertain(ge=0) | None = Field(  # type: ignore[valid-type]
        default=None, description="what a unit of the driver may cost [currency/unit]"
    )
    headroom: float = Field(default=0.0, ge=0, description="above the expected, for surprises [share]")
    growth_cap: float = Field(default=0.0, ge=0, description="most that a budget grows at a review [share]")
    floor: float = Field(default=0.0, ge=0, description="least budget of a month [currency/month]")
    ceiling: float | None = Field(default=None, ge=0, description="largest budget of a month [currency/month]")
    review_every_months: int = Field(default=1, ge=1, le=24, description="months between reviews [months]")
    value_per_cost_growth: float | None = Field(
        default=None, ge=0, description="growth of value asked for each of growth of cost, before more is given [ratio]"
    )
    escalation: Escalation = Field(default_factory=Escalation, description="who decides how far over budget")
    upgrade_reserve_share: float = Field(default=0.0, ge=0, le=1, description="of spend, held for upgrades [share]")
    forecast_error_gate: float | None = Field(
        default=None, gt=0, description="error of the last forecast beyond which no more is given [share]"
    )
    forecast_error: float | None = Field(default=None, ge=0, description="error of the last forecast [share]")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.ceiling is not None and self.ceiling < self.floor:
            raise ValueError(f"ceiling must not be below floor, got {self.ceiling:g} and {self.floor:g}")
        return self


class SignOff(Strict):
    """Who signed the policy."""

    name: str = Field(min_length=1, description="role that signs")
    date: Date | None = Field(default=None, description="when; open when left out")


class Policy(Strict):
    """The agreement: pools with their rules, its version and who signed it."""

    version: str = Field(min_length=1, description="of the agreement")
    valid_from: Date | None = Field(default=None, description="first day it holds")
    sign_offs: Many[SignOff] = Field(default=(), description="who signs")
    pools: Many[Pool] = Field(min_length=1, description="one line each")

    @model_validator(mode="after")
    def _check_overlap(self) -> Self:
        seen: dict[str, list[str | None]] = {}
        for pool in self.pools:
            seen.setdefault(pool.name.split(" / ")[0], []).append(pool.team)
        problems = [
            f"pools.{name}: one line is for any team and another for a team of its own; lines must not overlap"
            for name, teams in seen.items()
            if None in teams and len(teams) > 1
        ]
        if problems:
            raise ValueError("\n".join(problems))
        return self


class AdaptiveBudgetInputs(QuestionInputs):
    """Actuals, policy, and what is expected."""

    is_dated: ClassVar = True
    one_of: ClassVar = (("actuals", "file"),)

    actuals: Many[Actual] | None = Field(default=None, description="what was spent")
    file: Annotated[Source | None, Reads("actuals", of_question=True)] = Field(
        default=None, description="{month, team, pool, spend, driver?, value?} [currency/month]"
    )
    policy: Policy = Field(description="the agreement")
    forecast: Many[Expected] = Field(default=(), description="what is expected; learnt from the actuals when left out")
    horizon_months: int = Field(default=3, ge=1, le=24, description="months ahead [months]")
    currency: Currency | None = Field(default=None, description="of every amount; USD when left out")
