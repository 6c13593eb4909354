"""The provisioned function: from minutes and prices to what to reserve."""

from aiecon.models.provisioned.admission import refusals
from aiecon.models.provisioned.answer import Provisioned
from aiecon.models.provisioned.confidence import confidence
from aiecon.models.provisioned.curve import best_term, curve
from aiecon.models.provisioned.demand import Sample, minutes_of, peak_units
from aiecon.models.provisioned.inputs import ProvisionedInputs
from aiecon.models.provisioned.ladder import ladder_of
from aiecon.models.provisioned.notes import notes_of
from aiecon.models.provisioned.outlook import commitment
from aiecon.models.provisioned.rightsizing import rightsized, shared
from aiecon.vocabulary.question import day_of


def provisioned(inputs: ProvisionedInputs) -> Provisioned:
    """Say at what load provisioned throughput beats pay-as-you-go, and how much to reserve.

    Every minute is served up to the capacity bought and spills the rest at pay-as-you-go; the cost of every number of
    units that is sold follows from one pass over the minutes. The optimum is where the last unit is used just as often
    as it must be to pay: P(demand > capacity) = price of a unit-month ÷ its pay-as-you-go value.

    Parameters
    ----------
    inputs
        Read by `aiecon.resolve` when demand is a file.

    Returns
    -------
    Provisioned
        Optimal and peak-sized units, their cost, spill, utilisation, break-even by term, ladder, confidence.

    Raises
    ------
    InputError
        When the busiest minute would need more units than could be sold.

    Examples
    --------
    >>> inputs = ProvisionedInputs.build({
    ...     "capacity_unit": {"provider": "azure", "model": "m", "tokens_per_minute": 100, "output_weight": 4,
    ...                       "minimum_units": 1, "increment_units": 1},
    ...     "payg": {"provider": "azure", "model": "m", "input_per_mtok": 100.0, "output_per_mtok": 400.0},
    ...     "terms": [{"name": "month", "price_per_unit_month": 300.0, "commitment_months": 1}],
    ...     "shape": {"input_tokens_per_request": 10, "output_tokens_per_request": 0},
    ...     "demand": {"tokens_per_minute": [50, 150, 50, 150]},
    ... })
    >>> answer = provisioned(inputs)
    >>> answer.optimal_units, answer.utilization, answer.spill_share
    (1, 0.75, 0.25)
    """
    minutes = minutes_of(inputs)
    file = inputs.demand.trace
    as_of = day_of(inputs, file.table.facts["as_of"] if file else None, inputs.payg.effective_from)
    settled = {"as_of": as_of, "currency": inputs.payg.currency}
    resolved = inputs.model_copy(update=settled)
    if minutes is None:
        unit = inputs.capacity_unit
        peak = peak_units(inputs, unit.normalised(inputs.shape) * (inputs.demand.peak_requests_per_minute or 0.0))
        return Provisioned(
            inputs=resolved,
            as_of=as_of,
            minutes=None,
            curve=None,
            term=None,
            place=0,
            peak_sized_units=peak,
            ladder=None,
            confidence=None,
            commitment=None,
            refusals=None,
            rightsizing=None,
            pool=shared(inputs),
            notes=notes_of(inputs, None),
        )
    found = curve(inputs, minutes)
    term, place = best_term(inputs, found)
    held = rightsized(inputs, found)
    sure = confidence(inputs, minutes, found, term=term, place=place) if isinstance(minutes, Sample) and term else None
    ladder = None
    if isinstance(minutes, Sample) and minutes.tokens.any():
        ladder = ladder_of(inputs, minutes, found)
    return Provisioned(
        inputs=resolved,
        as_of=as_of,
        minutes=minutes,
        curve=found,
        term=term,
        place=place,
        peak_sized_units=peak_units(inputs, minutes.peak),
        ladder=ladder,
        confidence=sure,
        commitment=commitment(inputs, found),
        refusals=refusals(inputs, found, place=place),
        rightsizing=held,
        pool=shared(inputs),
        notes=notes_of(inputs, minutes, held),
    )
