"""What is known of the time ahead: dated price changes, drivers of volume, amounts that come on top, events."""

from datetime import date
from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from aiecon.vocabulary.assumptions import GRADES
from aiecon.vocabulary.distribution import base, uncertain
from aiecon.vocabulary.strict import Date, Strict

Grade = Literal["contract", "measured", "published", "judgement", "rumour"]
assert set(Grade.__args__) == set(GRADES)  # type: ignore[attr-defined]  # of a Literal


class PriceEvent(Strict):
    """A price that changes on a day: what the same volume costs from then on."""

    speakers: ClassVar = {"*": ("grade", "source", "dated")}

    date: Date = Field(description="first day of the new price")
    change: float = Field(gt=-1, description="new price over the old one, minus 1: -0.5 halves it [share]")
    series: str | None = Field(default=None, description="whose price; all series when left out")
    name: str | None = Field(default=None, description="what it is called in the bridge")
    owner: str | None = Field(default=None, description="who answers for it")
    source: str | None = Field(default=None, description="who said so")
    grade: Grade | None = Field(default=None, description="contract, measured, published, judgement or rumour")
    dated: Date | None = Field(default=None, description="day it was measured or agreed")

    @property
    def label(self) -> str:
        """What it is called."""
        whose = f" of {self.series}" if self.series else ""
        size = f"{self.change * 100:+.3g}".replace("-", "\N{MINUS SIGN}")
        return self.name or f"Price{whose} {size} % from {self.date}"


class _Row(Strict):
    """A row somebody answers for."""

    speakers: ClassVar = {"*": ("grade", "source", "dated")}

    name: str = Field(min_length=1, description="what it is called in the bridge")
    start: Date = Field(description="first day it counts")
    ramp_months: float = Field(default=0, ge=0, le=120, description="months over which it comes in evenly [months]")
    series: str | None = Field(default=None, description="which series it moves; all, or the total, when left out")
    owner: str = Field(min_length=1, description="who answers for it")
    source: str = Field(min_length=1, description="where the figure comes from")
    grade: Grade = Field(description="contract, measured, published, judgement or rumour")
    dated: Date | None = Field(default=None, description="day it was measured or agreed")
    end: Date | None = Field(default=None, description="last day it counts")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.end is not None and self.end < self.start:
            raise ValueError(f"end must not lie before start, got {self.start} and {self.end}")
        return self


class Driver(_Row):
    """Something that moves the volume beyond what its past says: users, requests, tokens, caching, tiering, batch."""

    kind: Literal["users", "requests_per_user", "tokens_per_request", "optimisation", "other"] = Field(
        default="other", description="which factor of spend it moves"
    )
    change: uncertain(gt=-1) = Field(description="volume with it over volume without it, minus 1 [share]")  # type: ignore[valid-type]

    @model_validator(mode="after")
    def _check_change(self) -> Self:
        if base(self.change) <= -1:
            raise ValueError(f"change must be greater than -1, got a distribution about {base(self.change):g}")
        return self


class Overlay(_Row):
    """An amount on top of the forecast: a project, a contract, people; below zero what an initiative saves."""

    kind: Literal["project", "contract", "headcount", "optimisation", "other"] = Field(
        default="other", description="what it is"
    )
    amount_per_month: uncertain() = Field(description="of a whole month at full size [currency/month]")  # type: ignore[valid-type]


class Event(Strict):
    """A known event of the past that the methods are not to take for a trend.

    `mask` leaves its days out, as of a one-off load; `level` brings what was before it to the level after it, as of a
    launch or a migration that stays.
    """

    name: str = Field(min_length=1, description="what happened")
    start: Date = Field(description="first day")
    end: Date | None = Field(default=None, description="last day of a mask; the first day when left out")
    effect: Literal["mask", "level"] = Field(default="mask", description="mask or level")
    series: str | None = Field(default=None, description="which series; all when left out")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.end is not None and self.end < self.start:
            raise ValueError(f"end must not lie before start, got {self.start} and {self.end}")
        return self

    @property
    def last(self) -> date:
        """Last day of a mask."""
        return self.end or self.start
