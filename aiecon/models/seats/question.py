"""The seats function: from use and plans to who gets what."""

import numpy as np
import pandas as pd

from aiecon.models.seats.allocation import Allocation, allocate
from aiecon.models.seats.answer import Seats, turns_of
from aiecon.models.seats.backtest import Persistence, persistence_of
from aiecon.models.seats.doubt import doubt_of
from aiecon.models.seats.inputs import SeatsInputs
from aiecon.models.seats.noise import Noise, noise_of
from aiecon.models.seats.panel import leaves, panel, panel_notes
from aiecon.models.seats.people import People, followed, people_expected, people_of
from aiecon.models.seats.signing import Signing, signing
from aiecon.models.seats.tail import UsageFit, fit_usage
from aiecon.vocabulary.distribution import base
from aiecon.vocabulary.question import day_of

_LEAST_TO_FIT = 30
_PROVED = 1e-6  # of the cost: what is closer to the lowest is called the lowest


def seats(inputs: SeatsInputs) -> Seats:
    """Say who should have a seat and who should pay by the token.

    Each person is put where they cost least, given what a seat includes, what overage costs, minimums and pools; the
    threshold follows from the allocation and is not assumed.

    Parameters
    ----------
    inputs
        Read by `aiecon.resolve` when usage is a file.

    Returns
    -------
    Seats
        Cheapest allocation, all-API and all-seats cost, threshold, shelfware, Gini, top decile, seats to sign for.

    Examples
    --------
    >>> inputs = SeatsInputs.build({
    ...     "usage": {"per_user": [2, 3, 5, 8, 13, 21, 34, 55, 89, 144]},
    ...     "plans": [{"name": "seat", "price_per_seat_month": 30.0, "overage_factor": 0.0}],
    ... })
    >>> answer = seats(inputs)
    >>> answer.allocation.cost, answer.allocation.total_seats, answer.seat_threshold
    (172.0, 4.0, 34.0)
    """
    fee = base(inputs.metered_fee_per_user_month)
    people = people_of(inputs.usage, edges=turns_of(inputs))
    allocation = allocate(people, inputs.plans, fee=fee)
    file = inputs.usage.file
    months = panel(inputs.usage)
    persistence = None
    if months is not None and months.shape[1] > 1:
        persistence = persistence_of(months, inputs.plans, fee=fee, seed=inputs.seed)
    noise, noise_words = noise_of(inputs.future, persistence)
    as_of = day_of(inputs, file.table.facts["as_of"] if file else None)
    return Seats(
        inputs=inputs.model_copy(update={"as_of": as_of}),
        as_of=as_of,
        people=people,
        allocation=allocation,
        persistence=persistence,
        signing=_signing(inputs, people, allocation, persistence=persistence, noise=noise, fee=fee),
        doubt=doubt_of(inputs, people, allocation),
        fit=_fit(inputs, people),
        notes=_notes(inputs, people, months)
        + noise_words
        + (file.table.facts.get("notes", []) if file else [])
        + _proof(allocation),
    )


def _signing(
    inputs: SeatsInputs,
    people: People,
    allocation: Allocation,
    *,
    persistence: Persistence | None,
    noise: Noise,
    fee: float,
) -> Signing | None:
    """What holding seats costs; of a population, for its mean persons and what they cheapest hold now."""
    seen = followed(people)
    if inputs.future is None or seen is None:
        return None
    held = allocate(seen, inputs.plans, fee=fee) if people.is_population else allocation
    ranked = people_expected(persistence.expected) if persistence else seen
    return signing(inputs, ranked, held, seen=seen, noise=noise, fee=fee)


def _fit(inputs: SeatsInputs, people: People) -> list[UsageFit]:
    if people.is_population or int(np.sum(people.spend > 0)) < _LEAST_TO_FIT:
        return []
    return fit_usage(people.spend, seed=inputs.seed)


def _proof(allocation: Allocation) -> list[str]:
    if allocation.gap <= _PROVED * abs(allocation.cost):
        return []
    return [f"The cheapest allocation found may be up to {allocation.gap:,.2f} a month above the lowest possible"]


def _notes(inputs: SeatsInputs, people: People, months: pd.DataFrame | None) -> list[str]:
    found = []
    for plan in inputs.plans:
        if plan.minimum_seats > people.count:
            found.append(
                f"{plan.name}: its minimum of {plan.minimum_seats} seats is above the {people.count:,.0f} "
                f"{'person' if people.count == 1 else 'people'}; "
                "it is priced, and the seats nobody can use count as idle"
            )
        if inputs.future and base(plan.commitment_months) > inputs.future.horizon_months:
            found.append(
                f"{plan.name}: its commitment of {base(plan.commitment_months):g} months is longer than the horizon of "
                f"{inputs.future.horizon_months}; what comes after is not counted"
            )
    if months is not None:
        found += panel_notes(months, leaves=leaves(inputs.usage))
    return found
