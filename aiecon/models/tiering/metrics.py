"""Headline figures of a tiering answer, each with the words for what it does not know."""

from typing import TYPE_CHECKING

import numpy as np

from aiecon.vocabulary.distribution import base
from aiecon.vocabulary.metric import Metric

if TYPE_CHECKING:
    from aiecon.models.tiering.answer import Tiering


def metrics(answer: "Tiering") -> list[Metric]:
    """Headline figures in reading order."""
    each, accepted = f"{answer.currency}/request", f"{answer.currency}/accepted answer"
    unsaid = None if answer.inputs.has_success else "no tier says how often it succeeds"
    if unsaid is None and answer.success_rate == 0:
        unsaid = "nothing is accepted"
    free = None if answer.saving_share is not None else "the baseline costs nothing, or nothing is accepted"
    none = None if answer.best_mix is not None else f"no mix reaches what is asked: {'; '.join(answer.out_of_reach)}"
    missed = f"misses what is asked: {'; '.join(answer.missed)}" if answer.missed else None
    sure = free or (None if np.ptp(answer.drawn_savings) else "no input is uncertain")
    low, high = (None, None) if sure else answer.saving_range
    monthly = answer.inputs.requests_per_month
    per_month = None
    if monthly is not None:
        per_month = (answer.baseline_cost_per_request - answer.cost_per_request) * base(monthly)
    return [
        Metric("saving_share", "Saving on the baseline", answer.saving_share, "share", free or missed),
        Metric("cost_per_request", "Cost of a request", answer.cost_per_request, each),
        Metric(
            "baseline_cost_per_request", "Cost of a request on the baseline", answer.baseline_cost_per_request, each
        ),
        Metric("success_rate", "Requests accepted", answer.success_rate, "share", unsaid),
        Metric("cost_per_accepted", "Cost of an accepted answer", answer.cost_per_accepted, accepted, unsaid),
        Metric("best_mix", "Best mix", answer.best_mix, "share", none),
        Metric("best_saving_share", "Saving of the best mix", answer.best_saving_share, "share", none),
        Metric("saves_probability", "Chance that the mix saves", answer.saves_probability, "share", free),
        *_choice(answer, none),
        Metric(
            "saving_per_month",
            "Less to vendors a month",
            per_month,
            f"{answer.currency}/month",
            None if monthly is not None else "requests_per_month is not given",
        ),
        *_worth(answer, free, none),
        _switch(answer),
        Metric("saving_share_p10", "Saving on the baseline, low end", low, "share", sure),
        Metric("saving_share_p90", "Saving on the baseline, high end", high, "share", sure),
    ]


def _choice(answer: "Tiering", none: str | None) -> list[Metric]:
    """How sure the best mix is, and what more success costs."""
    unasked = None if answer.inputs.minimum_success_rate is not None else "minimum_success_rate is not given"
    reached = None if answer.best_plan is None else answer.reaches_probability(answer.best_plan)
    slack = "does not bind: the cheapest mix accepts more" if answer.point_price is not None else unasked or none
    free = slack if not answer.point_price or answer.point_price <= 1e-12 else None
    price = f"{answer.currency}/accepted answer"
    return [
        Metric("reaches_probability", "Chance the best mix accepts enough", reached, "share", unasked or none),
        Metric("cheapest_probability", "Chance the best mix is cheapest", answer.cheapest_probability, "share", none),
        Metric("success_point_price", "Cost of one point more accepted", answer.point_price, price, free),
    ]


def _worth(answer: "Tiering", free: str | None, none: str | None) -> list[Metric]:
    """What the mixes save a month, and the baseline, at as many accepted answers."""
    unsaid = "requests_per_month is not given" if answer.inputs.requests_per_month is None else free
    unknown = None if answer.inputs.has_success else "no tier says how often it succeeds"
    best = None if answer.best_plan is None else answer.worth_of(answer.best_plan)
    money, each = f"{answer.currency}/month", f"{answer.currency}/accepted answer"
    success = float(answer.case.baseline[2][0]) if answer.inputs.has_success else None
    against = answer.baseline_cost_per_accepted
    dead = unknown or (None if against is not None else "the baseline accepts nothing")
    return [
        Metric(
            "accepted_saving_per_month", "Saved a month at equal answers", answer.worth_of(answer.shares), money, unsaid
        ),
        Metric("best_saving_per_month", "Saved by the best mix, equal answers", best, money, unsaid or none),
        Metric("baseline_success_rate", "Requests accepted on the baseline", success, "share", unknown),
        Metric("baseline_cost_per_accepted", "Cost of an accepted answer, baseline", against, each, dead),
    ]


def _switch(answer: "Tiering") -> Metric:
    unsaid = None if answer.inputs.requests_per_month is not None else "requests_per_month is not given"
    unsaid = unsaid if answer.inputs.candidates else "no candidates are given"
    saved = None if unsaid else {one.candidate.name: one.saving_per_month for one in answer.switches}
    label = "Saved by a switch to"
    return Metric("switch_saving_per_month", label, saved, f"{answer.currency}/month", unsaid)
