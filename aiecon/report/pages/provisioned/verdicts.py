"""Whether to act, to wait or to leave it: what was seen of the demand, and how sure that makes the choice."""

from aiecon.models.provisioned import Provisioned
from aiecon.models.provisioned.rightsizing import Rightsizing
from aiecon.units import HOURS_PER_MONTH
from aiecon.vocabulary.distribution import base

SURE = 0.9  # share of resampled months that must save money before anybody signs
_DAYS_PER_MONTH = HOURS_PER_MONTH / 24


def verdict(answer: Provisioned) -> str:
    """The verdict: act to change what is held, fine to leave it, watch where too little is known to say either."""
    if answer.curve is None or not is_seen(answer) or is_gated(answer) or not is_sure(answer):
        return "watch"
    found = held(answer)
    is_change = found.is_better if found is not None else answer.term is not None
    return "act" if is_change else "fine"


def held(answer: Provisioned) -> Rightsizing | None:
    """The contract that is given, against the demand; None without one. A made-up one changes no verdict."""
    return None if answer.inputs.contract is None else answer.rightsizing


def is_seen(answer: Provisioned) -> bool:
    """Whether enough demand was seen, and its price is that of the model that is bought."""
    return not answer.is_short and not answer.is_population and answer.inputs.is_priced_alike


def is_gated(answer: Provisioned) -> bool:
    """Whether the choice commits to units beyond a month and too few months of production were seen for that."""
    seen = (answer.days or 0.0) / _DAYS_PER_MONTH
    found = held(answer)
    if found is not None:
        commits = found.right_units > found.committed_units
    else:
        commits = answer.term is not None and base(answer.term.commitment_months) > 1
    return commits and seen < answer.inputs.enough_months


def is_sure(answer: Provisioned) -> bool:
    """Whether resampled months agree that units pay; days of a forecast or a population are none to resample."""
    if answer.term is None or answer.is_forecast or answer.is_population:
        return True
    return answer.confidence is not None and answer.confidence.saves_probability >= SURE
