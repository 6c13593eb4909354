"""What the business case is asked: flows, or the parts they are made of, rates, gates, and what waiting costs."""

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from aiecon.vocabulary.correlation import Correlation
from aiecon.vocabulary.distribution import uncertain
from aiecon.vocabulary.gate import Gate
from aiecon.vocabulary.known import Grade
from aiecon.vocabulary.question import QuestionInputs
from aiecon.vocabulary.spend import Currency
from aiecon.vocabulary.strict import Date, Many, Strict, quoted


class Benefit(Strict):
    """What it brings in a period, and what is known of it."""

    speakers: ClassVar = {"*": ("grade", "source", "dated")}

    name: str = Field(min_length=1, description="hours saved, errors prevented, cycle time, decisions, revenue")
    amount: uncertain() = Field(description="of each period it works in [currency/period]")  # type: ignore[valid-type]
    from_period: int = Field(default=1, ge=1, description="first period it works in")
    to_period: int | None = Field(default=None, ge=1, description="last period it works in; the last one when left out")
    counterfactual: str | None = Field(default=None, description="what would happen without it")
    grade: Grade | None = Field(default=None, description="contract, measured, published, judgement or rumour")
    source: str | None = Field(default=None, description="where the amount comes from")
    owner: str | None = Field(default=None, description="who answers for it")
    dated: Date | None = Field(default=None, description="day it was measured or agreed")


class Cost(Strict):
    """What it costs in a period."""

    speakers: ClassVar = {"*": ("grade", "source", "dated")}

    name: str = Field(min_length=1, description="what it is")
    amount: uncertain() = Field(description="of each period it is paid in [currency/period]")  # type: ignore[valid-type]
    from_period: int = Field(default=1, ge=0, description="first period it is paid in")
    to_period: int | None = Field(default=None, ge=0, description="last period it is paid in; the last when left out")
    is_capital: bool = Field(default=False, description="whether it is capital expenditure")
    grade: Grade | None = Field(default=None, description="contract, measured, published, judgement or rumour")
    source: str | None = Field(default=None, description="where the amount comes from")
    owner: str | None = Field(default=None, description="who answers for it")
    dated: Date | None = Field(default=None, description="day it was measured or agreed")
    waits: bool = Field(default=False, description="whether it comes later by the delay, as benefits do")
    lasts: bool = Field(
        default=False, description="whether it goes on through the delay after `to_period`, until what waits has come"
    )
    same_as: str | None = Field(
        default=None, description="QUESTION.key of the figure this is; a pack with both refuses to differ"
    )


class Approval(Strict):
    """What governance and approval do to the case."""

    delay_months: uncertain(ge=0) = Field(  # type: ignore[valid-type]
        title="delay of the approval",
        default=0.0,
        description="by which benefits, and costs and investments that wait, come later [months]",
    )


class Phase(Strict):
    """A step that is funded by itself, once its gates have passed."""

    speakers: ClassVar = {"*": ("grade", "source", "dated")}

    name: str = Field(min_length=1, description="exploration, foundation, scale")
    start_period: int = Field(default=0, ge=0, description="period its money is spent in")
    investment: uncertain(ge=0) = Field(title="investment", description="once, at its start [currency]")  # type: ignore[valid-type]
    benefits: Many[Benefit] = Field(default=(), description="what it brings; periods count from its start")
    costs: Many[Cost] = Field(default=(), description="what it costs; periods count from its start")
    gates: Many[Gate] = Field(default=(), description="what must be shown before it is funded")
    is_funded: bool = Field(default=False, description="whether its investment has been given, and is sunk")
    waits: bool = Field(default=False, description="whether its investment comes later by the delay, as benefits do")
    grade: Grade | None = Field(
        default=None, description="of the investment: contract, measured, published, judgement or rumour"
    )
    source: str | None = Field(default=None, description="where the investment comes from")
    owner: str | None = Field(default=None, description="who answers for it")
    dated: Date | None = Field(default=None, description="day it was measured or agreed")


class Waiting(Strict):
    """What a quarter without the next phase costs."""

    speakers: ClassVar = {"*": ("grade", "source", "dated")}

    quarter: int = Field(ge=1, description="quarter from now on")
    amount: uncertain() = Field(description="lost in it [currency]")  # type: ignore[valid-type]
    grade: Grade | None = Field(default=None, description="contract, measured, published, judgement or rumour")
    source: str | None = Field(default=None, description="where the amount comes from")
    owner: str | None = Field(default=None, description="who answers for it")
    dated: Date | None = Field(default=None, description="day it was measured or agreed")


def _by_period(given: Any) -> Any:
    """Plain numbers as rows, one a period from the first after today on."""
    if not isinstance(given, list | tuple) or not given or not all(_is_number(one) for one in given):
        return given
    return [
        {"name": f"period {place}", "amount": float(one), "from_period": place, "to_period": place}
        for place, one in enumerate(given, start=1)
    ]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


class BusinessCaseInputs(QuestionInputs):
    """Flows or their parts, rates, gates, and the cost of not scaling."""

    replaces: ClassVar = {"cash_flows": ("periods", "investment", "benefits", "costs", "phases")}

    period: Literal["year", "month"] = Field(default="year", description="length of a period")
    cash_flows: Many[float] | None = Field(
        default=None, description="one a period, the first today; set over parts they replace them [currency]"
    )
    periods: int | None = Field(
        default=None, ge=1, le=600, description="periods after today, of parts; to the last one named when left out"
    )
    investment: uncertain(ge=0) = Field(default=0.0, description="today, of parts [currency]")  # type: ignore[valid-type]
    benefits: Annotated[Many[Benefit], BeforeValidator(_by_period)] = Field(
        default=(), description="what it brings; plain numbers are one a period, the first after today"
    )
    costs: Annotated[Many[Cost], BeforeValidator(_by_period)] = Field(
        default=(), description="what it costs; plain numbers are one a period, the first after today"
    )
    phases: Many[Phase] = Field(default=(), description="steps funded one by one")
    benefit_multiple: uncertain(ge=0) = Field(  # type: ignore[valid-type]
        title="benefits as a multiple of those stated",
        default=1.0,
        description="benefits over what is stated, a doubt or a scenario [ratio]",
    )
    cost_multiple: uncertain(ge=0) = Field(  # type: ignore[valid-type]
        title="costs as a multiple of those stated",
        default=1.0,
        description="costs and investment over what is stated, a doubt or a scenario [ratio]",
    )
    approval: Approval = Field(default=Approval(), description="what governance and approval do to it")
    discount_rate: uncertain(gt=-1) = Field(title="discount rate", description="effective per year [share per year]")  # type: ignore[valid-type]
    finance_rate: float | None = Field(default=None, gt=-1, description="of what is spent, for mirr [share per year]")
    reinvest_rate: float | None = Field(default=None, gt=-1, description="of what comes back, for mirr [per year]")
    correlations: Many[Correlation] = Field(
        default=(), description="what moves together, by dotted name: {a, b, rank} or {a, b, pearson}"
    )
    cost_of_not_scaling: Many[Waiting] = Field(default=(), description="what each quarter of waiting loses")
    gates: Many[Gate] = Field(default=(), description="what must be shown before the money is given")
    decide_by: str | None = Field(default=None, description="date or event the decision is needed by")
    asked_of: str | None = Field(default=None, description="who decides")
    currency: Currency | None = Field(default=None, description="of every amount; USD when left out")

    @model_validator(mode="after")
    def _check(self) -> Self:
        problems = []
        if self.cash_flows is not None:
            if len(self.cash_flows) < 2:
                problems.append("cash_flows: at least two are needed, the first today")
            problems += _parts_beside_flows(self)
        elif not (self.benefits or self.costs or self.phases):
            problems.append("one of cash_flows, or of benefits, costs and phases, is needed; none was given")
        elif self.length is None:
            problems.append("periods is missing, and no benefit or cost says its last period")
        problems += _impossible(self)
        quarters = [waiting.quarter for waiting in self.cost_of_not_scaling]
        if len(set(quarters)) < len(quarters):
            problems.append("cost_of_not_scaling: a quarter stands twice")
        if problems:
            raise ValueError("\n".join(problems))
        return self

    @property
    def length(self) -> int | None:
        """Periods after today: as given, else the last that a benefit or cost names; None where none does."""
        if self.periods is not None:
            return self.periods
        own: tuple[Benefit | Cost, ...] = (*self.benefits, *self.costs)
        ends = [one.to_period for one in own]
        for phase in self.phases:
            within: tuple[Benefit | Cost, ...] = (*phase.benefits, *phase.costs)
            ends += [None if one.to_period is None else phase.start_period + one.to_period for one in within]
        return max((end for end in ends if end), default=None)


def _impossible(inputs: BusinessCaseInputs) -> list[str]:
    """Benefits and costs that no period can have: those that end before they start, and start after the last."""
    last, found = inputs.length, []
    for head, owner in (("", inputs), *((f"phases.{quoted(phase.name)}.", phase) for phase in inputs.phases)):
        for field in ("benefits", "costs"):
            for one in getattr(owner, field):
                name = f"{head}{field}.{quoted(one.name)}"
                if getattr(one, "lasts", False) and (one.to_period is None or one.waits):
                    found.append(
                        f"{name}: lasts goes on after a to_period and without waits; give one, leave the other"
                    )
                if one.to_period is not None and one.to_period < one.from_period:
                    found.append(f"{name}: to_period {one.to_period} lies before from_period {one.from_period}")
                elif not head and last is not None and one.from_period > last:
                    found.append(f"{name}: from_period {one.from_period} lies after the last period, {last}")
    return found


def _parts_beside_flows(inputs: BusinessCaseInputs) -> list[str]:
    given = [name for name in ("benefits", "costs", "phases") if getattr(inputs, name)]
    given += ["investment"] if inputs.investment != 0.0 else []
    given += ["periods"] if inputs.periods is not None else []
    return [f"{name}: cash_flows are given; give them or the parts" for name in given]
