"""What the adaptive budget is asked: what was spent, the agreed policy, and what is expected to drive it."""

import math
from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal, Self

import pandas as pd
from pydantic import AfterValidator, Field, field_validator, model_validator

from aiecon.models.adaptive_budget import problems
from aiecon.units import DAYS_PER_WEEK
from aiecon.vocabulary.distribution import base as usual
from aiecon.vocabulary.distribution import uncertain
from aiecon.vocabulary.question import QuestionInputs
from aiecon.vocabulary.source import Reads, Source
from aiecon.vocabulary.spend import Currency
from aiecon.vocabulary.strict import Date, Many, Strict, nearest


class Actual(Strict):
    """What a pool of a team spent in a month."""

    month: Date = Field(description="a day of the month")
    team: str = Field(min_length=1, description="whose it is")
    pool: str = Field(min_length=1, description="production, development, ...")
    spend: float = Field(description="[currency/month]")
    driver: float | None = Field(default=None, ge=0, description="what moves the spend: requests, users [units/month]")
    value: float | None = Field(default=None, description="value it brought [currency/month]")
    budget: float | None = Field(
        default=None, ge=0, description="decided for the month; the rules replayed when left out [currency/month]"
    )


class Expected(Strict):
    """What is expected of a pool in a month to come."""

    month: Date = Field(description="a day of the month")
    team: str = Field(min_length=1, description="whose it is")
    pool: str = Field(min_length=1, description="which pool")
    driver: uncertain(ge=0) | None = Field(  # type: ignore[valid-type]
        default=None, description="expected driver; a budget follows its base value [units/month]"
    )
    spend: uncertain(ge=0) | None = Field(default=None, description="expected spend [currency/month]")  # type: ignore[valid-type]


def _most(most: float, usual: str = "") -> AfterValidator:
    """A share, and not the number of a percentage: a level of 20 would be 2,000 % and never stop anything."""

    def check(value: float) -> float:
        if value > most:
            bound = f"{usual}, {most:g} at most" if usual else f"{most:g} at most"
            raise ValueError(f"a share is expected, {bound}: {_as_share(value)} is {value:g} %; got {value:g}")
        return value

    return AfterValidator(check)


def _as_share(percent: float) -> str:
    """The share that a percentage is, as it is written: 0.03, 0.20, 0.087."""
    share = f"{percent / 100:g}"
    return f"{percent / 100:.2f}" if len(share) < len("0.00") else share


Share = Annotated[float, _most(1.0)]
Growth = Annotated[float, _most(2.0)]
ReserveShare = Annotated[float, _most(1.0, "usually 0.15 to 0.25")]
BudgetShare = Annotated[float, _most(5.0)]


class Escalation(Strict):
    """Parts over budget above which somebody higher must decide; strictly above."""

    vice_president: Share = Field(
        default=0.2, ge=0, description="over budget; above it a vice president decides [share]"
    )
    c_suite: Share = Field(default=0.4, ge=0, description="over budget: the c-suite decides [share]")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.c_suite < self.vice_president:
            words = f"{self.c_suite:g} and {self.vice_president:g}"
            raise ValueError(f"c_suite must not be below vice_president, got {words}; the higher level decides later")
        return self


class Pool(Strict):
    """A pool's line in the agreement."""

    name: str = Field(min_length=1, description="what it is called, as actuals call it")
    team: str | None = Field(default=None, description="whose it is; any team's pool of this name when left out")
    owner: str = Field(
        default="", validate_default=True, description="who answers for it; a budget without an owner is none"
    )
    base: float = Field(ge=0, description="budget of a month that its first review starts from [currency/month]")
    unit_cost_target: uncertain(ge=0) | None = Field(  # type: ignore[valid-type]
        title="target cost",
        default=None,
        description="what a unit of the driver may cost [currency/unit]",
    )
    forecast_quantile: float | None = Field(
        default=None,
        gt=0,
        lt=1,
        description="of the expected driver, that the budget follows; its base value when left out [share]",
    )
    headroom: Share = Field(
        title="margin above the expected", default=0.0, ge=0, description="above the expected, for surprises [share]"
    )
    growth_cap: Growth = Field(
        title="most that a budget grows at a review",
        default=0.0,
        ge=0,
        description="most that a budget grows at a review [share]",
    )
    floor: float = Field(default=0.0, ge=0, description="least budget of a month [currency/month]")
    ceiling: float | None = Field(
        title="largest budget", default=None, ge=0, description="largest budget of a month [currency/month]"
    )
    review_every_months: int = Field(default=1, ge=1, le=24, description="months between reviews [months]")
    first_review: Date | None = Field(
        default=None, description="a day of the month of its first review; that the policy holds from when left out"
    )
    value_per_cost_growth: float | None = Field(
        default=None, ge=0, description="growth of value asked for each of growth of cost, before more is given [ratio]"
    )
    escalation: Escalation = Field(default_factory=Escalation, description="who decides how far over budget")
    upgrade_reserve_share: ReserveShare = Field(default=0.0, ge=0, description="of spend, held for upgrades [share]")
    forecast_error_gate: Share | None = Field(
        default=None, gt=0, description="error of the last forecast beyond which no more is given [share]"
    )
    forecast_error: Growth | None = Field(default=None, ge=0, description="error of the last forecast [share]")

    elasticity: float = Field(
        default=0.0, le=0, description="of demand: log of its change when the whole cost is charged to the team [ratio]"
    )
    charged_share: float = Field(
        default=0.0, ge=0, le=1, description="of the cost, charged to the team from now on and not before [share]"
    )

    @field_validator("owner")
    @classmethod
    def _check_owner(cls, owner: str) -> str:
        if not owner.strip():
            raise ValueError("a budget without an owner is refused; name who answers for it")
        return owner

    def unworkable(self) -> Iterator[str]:
        """What could never hold, in words."""
        base = f"pool {self.name}: its base {self.base:,g} is"
        if self.ceiling is not None and self.base > self.ceiling:
            yield f"{base} above its ceiling {self.ceiling:,g}; lower it, or raise the ceiling"
        if self.base < self.floor:
            yield f"{base} below its floor {self.floor:,g}; raise it, or lower the floor"
        if self.unit_cost_target is None and self.headroom:
            yield f"pool {self.name}: headroom needs a unit_cost_target to be above; give one, or leave headroom out"
        if self.unit_cost_target is not None and usual(self.unit_cost_target) == 0:
            yield f"pool {self.name}: unit_cost_target must be above zero, got 0; a budget that follows it would be 0"

    @property
    def response(self) -> float:
        """Demand over what it would be without the charge: exp(elasticity × charged share). [ratio]"""
        return math.exp(self.elasticity * self.charged_share)

    def is_for(self, team: str, name: str) -> bool:
        """Whether the line is for a team's pool: by its name, alone or beside the team's ("production / search")."""
        return self.team in (None, team) and self.name in (name, f"{name} / {team}", f"{team} / {name}")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.ceiling is not None and self.ceiling < self.floor:
            raise ValueError(f"ceiling must not be below floor, got {self.ceiling:g} and {self.floor:g}")
        return self


class Incidents(Strict):
    """What goes wrong and costs money: loops that run away, leaked keys, storms of retries."""

    per_year: float = Field(ge=0, description="incidents expected a year [incidents/year]")
    size: uncertain(ge=0) = Field(description="what one costs [currency/incident]")  # type: ignore[valid-type]


class Upgrades(Strict):
    """Model upgrades, and what each takes."""

    per_year: uncertain(ge=0) = Field(description="upgrades a year [upgrades/year]")  # type: ignore[valid-type]
    spend_share: uncertain(ge=0, le=1) = Field(  # type: ignore[valid-type]
        description="of spend, on the model that is replaced [share]"
    )
    parallel_months: uncertain(ge=0) = Field(  # type: ignore[valid-type]
        default=0.0, description="both models run [months]"
    )
    requalification_months: uncertain(ge=0) = Field(  # type: ignore[valid-type]
        default=0.0, description="of the old model's spend: tests and changes [months]"
    )
    cost_multiple: uncertain(ge=0) = Field(  # type: ignore[valid-type]
        default=1.0, description="cost of the same work on the new model over the old [ratio]"
    )


class Control(Strict):
    """What is done about spend above a limit, short of a hard stop or as one."""

    one_of: ClassVar = (("limit", "budget_share"),)

    name: str = Field(min_length=1, description="what it is called")
    kind: Literal["cap", "throttle", "downgrade", "queue"] = Field(
        description="refuse, admit a share of, serve on a cheaper tier, or hand to the next month what is above"
    )
    budget_share: BudgetShare | None = Field(
        default=None, ge=0, description="of a pool's budget, above which it acts [share]"
    )
    limit: float | None = Field(default=None, ge=0, description="spend above which it acts [currency/month]")
    by: Literal["tenant", "intent"] | None = Field(
        default=None, description="the limit is one for each, where demand says so"
    )
    pools: Many[str] = Field(default=(), description="lines of the policy it is for; all when left out")
    admitted_share: float = Field(default=0.5, ge=0, le=1, description="throttle: of what is above the limit [share]")
    cost_ratio: float = Field(default=0.5, ge=0, le=1, description="downgrade: cost over the usual tier's [ratio]")
    value_ratio: float = Field(default=1.0, ge=0, le=1, description="downgrade: value over the usual tier's [ratio]")
    value_lost_per_period: float = Field(default=0.0, ge=0, le=1, description="queue: of what waits [share/month]")


class SignOff(Strict):
    """Who signed the policy."""

    name: str = Field(min_length=1, description="role that signs")
    date: Date | None = Field(default=None, description="when; open when left out")


class Policy(Strict):
    """The agreement: pools with their rules, its version and who signed it."""

    version: str = Field(min_length=1, description="of the agreement")
    valid_from: Date | None = Field(
        default=None,
        description="first day it holds: months before it are held against no budget; reviews count from it",
    )
    currency: Currency | None = Field(default=None, description="of its amounts; that of the question when left out")
    sign_offs: Many[SignOff] = Field(default=(), description="who signs")
    pools: Many[Pool] = Field(description="one line each")
    incidents: Incidents | None = Field(default=None, description="money is held against; none when left out")
    upgrades: Upgrades | None = Field(
        default=None, description="the upgrade reserve is held against; not checked when left out"
    )

    controls: Many[Control] = Field(default=(), description="what is done about spend above a limit, in this order")

    @model_validator(mode="after")
    def _check_controls(self) -> Self:
        known = [pool.name for pool in self.pools]
        problems = [
            f"controls: {one.name} is for {name}, which is no pool{nearest(name, known)}"
            for one in self.controls
            for name in one.pools
            if name not in known
        ]
        problems += [
            f"controls: {one.name} acts by {one.by}, which actuals do not know; ask aiecon.apply_controls with demand"
            for one in self.controls
            if one.by is not None
        ]
        if problems:
            raise ValueError("\n".join(problems))
        return self

    @model_validator(mode="after")
    def _check_bases(self) -> Self:
        if problems := [words for pool in self.pools for words in pool.unworkable()]:
            raise ValueError("\n".join(problems))
        return self

    @model_validator(mode="after")
    def _check_pools(self) -> Self:
        if not self.pools:
            raise ValueError("pools: at least one line is needed")
        problems = {
            f"pools: {' and '.join(names)} are both for {name} of {team}; lines must not overlap"
            for team, name in sorted(_named(self.pools))
            if len(names := [pool.name for pool in self.pools if pool.is_for(team, name)]) > 1
        }
        if problems:
            raise ValueError("\n".join(sorted(problems)))
        return self


def _named(pools: tuple[Pool, ...]) -> set[tuple[str, str]]:
    """The teams and pools that lines speak of: a name may be that of a pool, or of a pool and a team."""
    found = set()
    for pool in pools:
        first, _, second = pool.name.partition(" / ")
        found |= {(pool.team or second, first), (pool.team or first, second), (pool.team or "any team", pool.name)}
    return {(team, name) for team, name in found if team and name}


class AdaptiveBudgetInputs(QuestionInputs):
    """Actuals, policy, and what is expected."""

    is_dated: ClassVar = True
    one_of: ClassVar = (("actuals", "file"),)

    actuals: Many[Actual] | None = Field(default=None, description="what was spent")
    file: Annotated[Source | None, Reads("actuals", of_question=True, is_alone=True)] = Field(
        default=None, description="{month, team, pool, spend, driver?, value?, budget?} [currency/month]"
    )
    policy: Policy = Field(description="the agreement")
    forecast: Many[Expected] = Field(default=(), description="what is expected; learnt from the actuals when left out")
    horizon_months: int = Field(title="time ahead", default=3, ge=1, le=24, description="months ahead [months]")
    short_to_long_cost: float = Field(
        title="cost of a shortfall as a multiple of money unspent",
        default=3.0,
        gt=0,
        description="what a budget that falls short costs over one that is left unspent [ratio]",
    )
    day_spread: float = Field(
        default=0.13, gt=0, description="standard deviation of the log of a day's spend, weekdays taken out [share]"
    )
    day_autocorrelation: float = Field(
        default=0.5, gt=-1, lt=1, description="of a day's spend with that of the day before [correlation]"
    )
    weekday_shares: Many[float] | None = Field(
        default=None, description="spend expected of a weekday over the mean day, Monday first; even when left out"
    )
    days: Annotated[Source | None, Reads("history", is_alone=True)] = Field(
        default=None, description="{date, value}, spend by day that weekday_shares are learnt from [currency/day]"
    )
    hour_spread: float = Field(
        default=0.3, ge=0, description="standard deviation of the log of an hour's spend within its day [share]"
    )
    currency: Currency | None = Field(
        default=None, description="of every amount; that of the policy, or USD, when left out"
    )

    @field_validator("weekday_shares")
    @classmethod
    def _check_weekdays(cls, shares: tuple[float, ...] | None) -> tuple[float, ...] | None:
        if shares is not None and (len(shares) != DAYS_PER_WEEK or min(shares) < 0 or not sum(shares) > 0):
            raise ValueError(f"seven numbers of zero or more are needed, Monday first, got {list(shares)}")
        return shares

    @model_validator(mode="after")
    def _check_actuals(self) -> Self:
        found = []
        if self.actuals:
            frame = problems.until(pd.DataFrame([row.model_dump() for row in self.actuals]), self.as_of)
            found = problems.of_actuals(frame, self.policy.pools, self.forecast)
        if found:
            raise ValueError("\n".join(found))
        return self

    def problems_of(self, name: str, frame: pd.DataFrame) -> list[str]:
        """What is wrong between the rows of a file of actuals and policy, forecast and currency, a sentence each."""
        return problems.of_file(name, frame, self)

    @model_validator(mode="after")
    def _check_forecast(self) -> Self:
        if self.file is None and (found := problems.of_forecast(self.forecast)):
            raise ValueError("\n".join(found))
        return self

    @model_validator(mode="after")
    def _check_week(self) -> Self:
        if self.weekday_shares is not None and self.days is not None:
            raise ValueError("only one of weekday_shares, days may be given; got both")
        return self

    @model_validator(mode="after")
    def _check_currency(self) -> Self:
        ours, theirs = self.currency, self.policy.currency
        if ours and theirs and ours != theirs:
            raise ValueError(f"currency: actuals are in {ours}, the policy is in {theirs}; give both in one")
        return self
