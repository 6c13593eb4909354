"""What a reader must know before trusting the figures: what was seen, what is absent, what is assumed or refused."""

from aiecon.models.provisioned.demand import Minutes, Population, Sample
from aiecon.models.provisioned.inputs import ProvisionedInputs
from aiecon.models.provisioned.rightsizing import Rightsizing
from aiecon.models.provisioned.spreading import forecast_notes
from aiecon.vocabulary.distribution import base

_MINUTES_PER_DAY = 1_440
_DAYS_PER_MONTH = 730 / 24


def notes_of(inputs: ProvisionedInputs, minutes: Minutes | None, held: Rightsizing | None = None) -> list[str]:
    """Return the notes of an answer, in reading order."""
    return [
        *_file_notes(inputs),
        *_price_notes(inputs),
        *(forecast_notes(inputs.demand.forecast) if inputs.demand.forecast is not None else []),
        *_seen_notes(inputs, minutes),
        *_commitment_notes(inputs, minutes),
        *([_contract_note(held, inputs.payg.currency)] if held is not None and inputs.contract is not None else []),
        *_refusal_notes(inputs),
    ]


def _file_notes(inputs: ProvisionedInputs) -> list[str]:
    """What a file leaves open."""
    file = inputs.demand.trace
    if file is None:
        return []
    facts, found = file.table.facts, []
    if facts["absent"]:
        found.append(f"{facts['absent']:,} of {facts['minutes']:,} minutes have no row; they count as no demand")
    if inputs.demand.file is not None and facts["is_long_log"]:
        found.append(
            "The log has more requests than are held in memory at once; they are counted by the minute and not run "
            "through admission one by one (aiecon.replay takes any part of them)"
        )
    return [*found, *facts["notes"]]


def _price_notes(inputs: ProvisionedInputs) -> list[str]:
    found = []
    if not inputs.is_priced_alike:
        found.append(
            f"payg is the price of {inputs.payg.model} and the unit serves {inputs.capacity_unit.model}; they must be "
            "the same model, so give the price of the one that is served"
        )
    if (inputs.shape.other_input_tokens or {}) and inputs.capacity_unit.input_weights:
        found.append("Other inputs that spill are priced by their weights in input tokens")
    return found


def _seen_notes(inputs: ProvisionedInputs, minutes: Minutes | None) -> list[str]:
    """How little was seen."""
    if isinstance(minutes, Population):
        return ["Demand is an assumed distribution; no minute of it was seen"]
    if not isinstance(minutes, Sample) or minutes.seen >= inputs.enough_days * _MINUTES_PER_DAY:
        return []
    return [
        f"Only {_words(minutes.seen)} of demand {'was' if minutes.seen == 1 else 'were'} seen, fewer than "
        f"{inputs.enough_days} days; a month is taken to be alike"
    ]


def _words(minutes: int) -> str:
    """So many minutes in words."""
    if minutes == 1:
        return "1 minute"
    return f"{minutes:,} minutes" if minutes < _MINUTES_PER_DAY else f"{minutes / _MINUTES_PER_DAY:.1f} days"


def _commitment_notes(inputs: ProvisionedInputs, minutes: Minutes | None) -> list[str]:
    """What a commitment beyond a month should rest on, where it does not."""
    longest = max(base(term.commitment_months) for term in inputs.terms)
    seen = minutes.seen if isinstance(minutes, Sample) else 0
    enough = inputs.enough_months * _DAYS_PER_MONTH * _MINUTES_PER_DAY
    if minutes is None or longest <= 1 or seen >= enough:
        return []
    ground = f"{_words(seen)} {'is' if seen == 1 else 'are'} no ground for one" if seen else "none were seen"
    return [
        f"A commitment of {longest:g} months should rest on {inputs.enough_months:g} months of production data; "
        f"{ground}"
    ]


def _contract_note(held: Rightsizing, currency: str) -> str:
    """What the contract costs, and what another number of units would."""
    cost = f"{held.cost_per_month:,.0f} {currency} a month with what spills"
    start = f"The contract of {held.committed_units:,} units costs {cost}"
    if not held.is_better:
        return f"{start}; no other number of units costs less at its price"
    return f"{start}; {held.right_units:,} units would cost {held.savings_per_month:,.0f} {currency} less"


def _refusal_notes(inputs: ProvisionedInputs) -> list[str]:
    refused = base(inputs.refused_share)
    if refused > 0 and base(inputs.refusal_cost_per_mtok) == 0:
        return [
            f"{refused:.0%} of the spill is refused and refusal_cost_per_mtok is 0: refusals count "
            "as free, which makes fewer units look cheaper than they are"
        ]
    if inputs.is_refusal_priced:
        return [
            "What is refused counts with what it costs the business, in the cost of everything at pay-as-you-go too; "
            "break_even_utilization is of pay-as-you-go prices alone"
        ]
    return []
