"""What the page decides about hosting, and what it asks to be tested first, as moves."""

from aiecon.charts.formats import full, money
from aiecon.charts.self_host import count_of
from aiecon.models.self_host import SelfHost
from aiecon.models.self_host.answer import HOST
from aiecon.models.self_host.plans import Plan
from aiecon.report.move import NOT_SAID, Move, saves_with
from aiecon.report.pages.self_host.alternatives import (
    better_plan,
    better_way,
    cheapest_model,
    is_on_spot,
    model_saving,
    way_name,
)
from aiecon.vocabulary.distribution import base

MOVE_FROM = 0.8  # probability of saving from which to move
_OWNER = "platform lead"
_PILOT = "a pilot with a part of the load saves"


def moves_of(answer: SelfHost, what: str) -> list[Move]:
    """The decision in the words of its first sentence; then a cheaper model, and hosting another way, to be shown."""
    plans = [plan for plan in (better_plan(answer), better_way(answer)) if plan is not None]
    return [_decided(answer, what), *_model(answer), *(_plan(answer, plan) for plan in plans)]


def _decided(answer: SelfHost, what: str) -> Move:
    words, sure = what.partition(". ")[0].removesuffix("."), saves_with(answer.probability)
    if answer.recommended != HOST:
        return Move(words, f"hosting {sure}", "none", _OWNER, said=_why_nothing(answer))
    saved, months = _first_month_saving(answer), count_of(answer.inputs.horizon_months)
    return Move(
        words,
        sure,
        f"{full(answer.upfront)} {answer.currency} once" if answer.upfront > 0 else NOT_SAID,
        _OWNER,
        saved=saved,
        currency=answer.currency,
        of_tokens=None if saved is None else saved / (answer.api_per_mtok * _volume(answer)),
        said=f"{money(answer.npv_savings, answer.currency)} over {months}",
        condition="" if answer.probability >= MOVE_FROM else _PILOT,
    )


def _why_nothing(answer: SelfHost) -> str:
    """Why staying saves nothing: what hosting as asked would cost more."""
    more, months = -answer.npv_savings, count_of(answer.inputs.horizon_months)
    return f"nothing: hosting so costs {money(more, answer.currency)} more over {months}"


def _volume(answer: SelfHost) -> float:
    return float(answer.case.mtok[0, 0])


def _first_month_saving(answer: SelfHost) -> float | None:
    """The API's cost of the first month less hosting's. [currency/month]"""
    hosted = answer.cost_per_mtok
    return None if hosted is None else (answer.api_per_mtok - hosted) * _volume(answer)


def _model(answer: SelfHost) -> list[Move]:
    """Another model by the token that undercuts both, to be tested."""
    way = cheapest_model(answer)
    if way is None or way.answer.inputs.api is None:
        return []
    model = way.answer.inputs.api
    return [
        Move(
            f"Test {model.model} by the token at {model.provider}",
            NOT_SAID,
            "tests of its answers",
            "engineering lead",
            saved=model_saving(answer, way),
            currency=answer.currency,
            of_tokens=1.0 - way.answer.api_per_mtok / answer.api_per_mtok,
            condition="its answers do",
        )
    ]


def _plan(answer: SelfHost, plan: Plan) -> Move:
    """Hosting otherwise than asked, worth more than what is decided, which the page does not decide."""
    needs = "the load bears interruptions" if is_on_spot(plan.case.inputs.gpu) else _PILOT
    return Move(
        f"Serve the load {way_name(plan)}",
        saves_with(plan.probability),
        _migration(answer),
        _OWNER,
        saved=None,
        currency=answer.currency,
        said=f"{money(plan.savings, answer.currency)} over {count_of(answer.inputs.horizon_months)}",
        condition=needs,
    )


def _migration(answer: SelfHost) -> str:
    cost = base(answer.inputs.migration_cost)
    return f"{full(cost)} {answer.currency} once" if cost else NOT_SAID
