"""The provisioned function: from minutes and prices to what to reserve."""

from aiecon.models.provisioned.admission import refusals
from aiecon.models.provisioned.answer import Provisioned
from aiecon.models.provisioned.confidence import confidence
from aiecon.models.provisioned.curve import best_term, curve
from aiecon.models.provisioned.demand import Sample, minutes_of, peak_units
from aiecon.models.provisioned.inputs import ProvisionedInputs
from aiecon.models.provisioned.ladder import ladder_of
from aiecon.models.provisioned.outlook import commitment
from aiecon.models.provisioned.rightsizing import rightsized, shared
from aiecon.models.provisioned.spreading import forecast_notes
from aiecon.vocabulary.distribution import base
from aiecon.vocabulary.question import day_of

_MINUTES_PER_DAY = 1_440
_DAYS_PER_MONTH = 730 / 24
_YEAR = 12


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
        peak = unit.units_for(unit.normalised(inputs.shape) * (inputs.demand.peak_requests_per_minute or 0.0))
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
            notes=_notes(inputs, None),
        )
    found = curve(inputs, minutes)
    term, place = best_term(inputs, found)
    is_sample = isinstance(minutes, Sample)
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
        rightsizing=rightsized(inputs, found),
        pool=shared(inputs),
        notes=_notes(inputs, minutes if is_sample else None),
    )


def _notes(inputs: ProvisionedInputs, sample: object) -> list[str]:
    """What a reader must know: how much was seen, what is absent, what a commitment would need."""
    found = []
    file = inputs.demand.trace
    if file is not None and file.table.facts["absent"]:
        facts = file.table.facts
        found.append(f"{facts['absent']:,} of {facts['minutes']:,} minutes have no row; they count as no demand")
    if inputs.demand.file is not None and inputs.demand.file.table.facts["is_long_log"]:
        found.append(
            "The log has more requests than are held in memory at once; they are counted by the minute and not run "
            "through admission one by one (aiecon.replay takes any part of them)"
        )
    if not inputs.is_priced_alike:
        found.append(
            f"payg is the price of {inputs.payg.model} and the unit serves {inputs.capacity_unit.model}; they must be "
            "the same model, so give the price of the one that is served"
        )
    if inputs.demand.forecast is not None:
        found += forecast_notes(inputs.demand.forecast)
    if isinstance(sample, Sample):
        days = sample.seen / _MINUTES_PER_DAY
        seen = f"{sample.seen:,} minutes" if days < 1 else f"{days:.1f} days"
        if days < inputs.enough_days:
            found.append(
                f"Only {seen} of demand were seen, fewer than {inputs.enough_days} days; a month is taken to be alike"
            )
        longest = max(base(term.commitment_months) for term in inputs.terms)
        if longest >= _YEAR and days < inputs.enough_months * _DAYS_PER_MONTH:
            found.append(
                f"A commitment of {longest:g} months should rest on {inputs.enough_months:g} months of production "
                f"data; {seen} are no ground for one"
            )
    refused = base(inputs.refused_share)
    if refused > 0 and base(inputs.refusal_cost_per_mtok) == 0:
        found.append(
            f"{refused:.0%} of the spill is refused and refusal_cost_per_mtok is 0: refusals count "
            "as free, which makes fewer units look cheaper than they are"
        )
    if (inputs.shape.other_input_tokens or {}) and inputs.capacity_unit.input_weights:
        found.append("Other inputs that spill are priced by their weights in input tokens")
    return found
