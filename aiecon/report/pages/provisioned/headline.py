"""The top of the page: the sentence for the buyer, the figures beside it, what to decide and what would change it."""

import pandas as pd

from aiecon.charts.formats import full, money, percent, probability, signed_percent, significant
from aiecon.models.provisioned import Provisioned
from aiecon.models.provisioned.inputs import Term
from aiecon.report import blocks
from aiecon.report.blocks import Block
from aiecon.report.pages.provisioned import turns
from aiecon.report.pages.provisioned.held import renegotiation
from aiecon.units import HOURS_PER_MONTH, MONTHS_PER_YEAR
from aiecon.vocabulary.distribution import base

SURE = 0.9  # share of resampled months that must save money before anybody signs
_DAY = 1  # days from which a trace is told in days, not minutes
_DAYS_PER_MONTH = HOURS_PER_MONTH / 24


def sentence(answer: Provisioned) -> str:
    """The answer as one sentence with the figure and the verdict."""
    said = _sentence(answer)
    file = answer.inputs.demand.file
    return (
        f"Example, a real code service priced as {product(answer)}: {said[0].lower()}{said[1:]}"
        if (file is not None and file.is_shipped)
        else said
    )


def _sentence(answer: Provisioned) -> str:
    currency = answer.currency
    if answer.curve is None:
        return _peak_alone(answer)
    if not answer.payg_cost:
        return f"Reserve nothing: no {product(answer)} tokens are demanded."
    peak = answer.peak_sized_cost or 0.0
    sized = f"{answer.peak_sized_units:,} units for the busiest minute would cost {money(peak, currency)}"
    if answer.term is None:
        times = f", {significant(peak / answer.payg_cost, 2)} times as much" if peak > answer.payg_cost else ""
        return (
            f"Pay as you go and reserve nothing: {money(answer.payg_cost, currency)} a month{_basis(answer)}; "
            f"{sized}{times}."
        )
    start = "Do not sign yet: the cheapest would be" if verdict(answer) == "watch" else "Reserve"
    saving = (answer.savings or 0.0) / answer.payg_cost
    return (
        f"{start} {answer.optimal_units:,} units of {product(answer)} {_on(answer.term)}: "
        f"{money(answer.optimal_cost or 0.0, currency)} a month with what spills, {percent(saving)} below "
        f"pay-as-you-go{_basis(answer)}; {sized}."
    )


def _peak_alone(answer: Provisioned) -> str:
    peak = answer.inputs.demand.peak_requests_per_minute or 0.0
    needed = answer.break_even_utilization
    pays = "" if needed is None else f" and pays only if used more than {percent(needed, 0)} of the time"
    return (
        f"{answer.peak_sized_units:,} units of {product(answer)} serve the busiest minute ({full(peak)} requests): "
        f"that costs {money(answer.peak_sized_cost or 0.0, answer.currency)} a month {_on(answer.cheapest)}{pays}; how "
        "many to reserve takes demand by the minute."
    )


def product(answer: Provisioned) -> str:
    """Model and who sells it."""
    unit = answer.inputs.capacity_unit
    return f"{unit.model} at {unit.provider}"


def _on(term: Term) -> str:
    return "by the hour" if not term.commitment_months else f"for {months_words(term.commitment_months)}"


def months_words(months: float) -> str:
    """A number of months in words: 'one month', '12 months'."""
    return "one month" if months == 1 else f"{months:g} months"


def _basis(answer: Provisioned) -> str:
    """What the figure rests on, where that is little or assumed."""
    if answer.is_population:
        return " (from an assumed distribution of minutes)"
    if answer.is_forecast:
        return f" (forecast volumes over the pattern of {seen(answer)})"
    return f" (from {seen(answer)} of demand)" if answer.is_short or is_gated(answer) else ""


def seen(answer: Provisioned) -> str:
    """How much demand was seen, in words."""
    days = answer.days
    if days is None:
        return "no minutes" if answer.minutes is None else "a distribution"
    return f"only {round(days * 24 * 60):,} minutes" if days < _DAY else f"{days:.0f} days"


def headline(answer: Provisioned) -> Block:
    """The sentence with its verdict."""
    return blocks.headline(sentence(answer), verdict=verdict(answer), synthetic=is_synthetic(answer))


def verdict(answer: Provisioned) -> str:
    """The verdict: act to reserve, fine to do nothing, watch where what was seen is too little to say either."""
    if answer.curve is None or answer.is_short or is_gated(answer):
        return "watch"
    if answer.term is None:
        return "fine"
    sure = answer.confidence is None or answer.confidence.saves_probability >= SURE
    return "act" if sure else "watch"


def is_gated(answer: Provisioned) -> bool:
    """Whether the best term commits to a year or more and too few months of production were seen for that."""
    is_long = answer.term is not None and answer.term.commitment_months >= MONTHS_PER_YEAR
    return is_long and answer.days is not None and answer.days < answer.inputs.enough_months * _DAYS_PER_MONTH


def is_synthetic(answer: Provisioned) -> bool:
    """Whether demand is the made-up sample company's."""
    file = answer.inputs.demand.trace
    return file is not None and file.is_sample


def figures(answer: Provisioned) -> Block:
    """Units, cost, utilisation and confidence, each with what it is compared to."""
    return blocks.figures([_units(answer), _cost(answer), _use(answer), _sure(answer)])


def _units(answer: Provisioned) -> tuple[str, str, str]:
    peak = f"{answer.peak_sized_units:,} for the busiest minute"
    if answer.optimal_units is None:
        return ("Units for the peak", f"{answer.peak_sized_units:,}", "to reserve: not known without minutes")
    return ("Units to reserve", f"{answer.optimal_units:,}", peak)


def _cost(answer: Provisioned) -> tuple[str, str, str]:
    currency, peak = answer.currency, answer.peak_sized_cost or 0.0
    if answer.optimal_cost is None or answer.payg_cost is None:
        return ("Cost a month, sized to the peak", money(peak, currency), "pay-as-you-go: not known without minutes")
    if not answer.payg_cost:
        return ("Cost a month", money(0.0, currency), "nothing is demanded")
    if answer.term is None:
        more = f"{signed_percent(peak / answer.payg_cost - 1, 0)} when sized to the peak"
        return ("Cost a month, all as you go", money(answer.payg_cost, currency), more)
    less = f"{signed_percent(answer.optimal_cost / answer.payg_cost - 1)} against pay-as-you-go"
    return ("Cost a month, spill included", money(answer.optimal_cost, currency), less)


def _use(answer: Provisioned) -> tuple[str, str, str]:
    needed = answer.break_even_utilization
    pays = "pay-as-you-go costs nothing" if needed is None else f"{percent(needed, 0)} to pay ({answer.cheapest.name})"
    if answer.utilization is not None:
        return ("Units would be used", percent(answer.utilization, 0), pays)
    first = first_use(answer)
    if first is None:
        return ("Break-even utilisation", "–" if needed is None else percent(needed, 0), f"term {answer.cheapest.name}")
    return (f"First {first[0]:,} units, used", percent(first[1], 0), pays)


def first_use(answer: Provisioned) -> tuple[int, float] | None:
    """The fewest units that are sold, and how much they would be used."""
    if answer.curve is None or len(answer.curve.units) == 1:
        return None
    row = answer.to_frame().iloc[1]
    return int(row["units"]), float(row["utilization"])


def _sure(answer: Provisioned) -> tuple[str, str, str]:
    if answer.confidence is not None and answer.term is not None:
        low, high = answer.confidence.units_range
        chance = probability(answer.confidence.saves_probability)
        buy = f"{low:,}" if low == high else f"{low:,} to {high:,}"
        return ("Saves money in", f"{chance} of months", f"resampled; eight of ten buy {buy} units")
    if answer.days is None:
        return ("Demand seen", "none", "an assumed distribution" if answer.is_population else "a peak alone")
    wanted = f"{answer.inputs.enough_days} days are wanted"
    enough = "enough to judge a month" if not answer.is_short else wanted
    return ("Demand seen", seen(answer).removeprefix("only "), enough)


def decision(answer: Provisioned) -> Block:
    """What to decide, who, by when, and the values at which the answer turns."""
    return blocks.decision(
        what=f"{_what(answer)}{_contract(answer)}",
        who="owner of the model platform with the finance partner",
        by=_by(answer),
        changes=_changes(answer) or ["Any demand at all: nothing has been asked of the model."],
    )


def _contract(answer: Provisioned) -> str:
    """What a contract that is given holds, and what another number of units would save."""
    found = answer.rightsizing
    if found is None or answer.inputs.contract is None:
        return ""
    return f" The contract holds {found.committed_units:,} units: {renegotiation(found, answer.currency)}"


def _what(answer: Provisioned) -> str:
    wanted = f"{answer.inputs.enough_days} days of demand by the minute"
    if answer.curve is None:
        return f"Record {wanted} before buying: a peak says what the most would cost, not what is cheapest."
    if answer.term is None:
        again = f" Record {wanted} and ask again." if answer.is_short else ""
        return f"Sign no reservation for {product(answer)}; everything stays on pay-as-you-go.{again}"
    buy = f"{answer.optimal_units:,} units {_on(answer.term)}, the rest pay-as-you-go"
    if is_gated(answer):
        months = f"{answer.inputs.enough_months:g} months of production"
        until = f"{_meanwhile(answer)}{_other_term(answer)}"
        return f"Sign no year before {months} are seen; what was seen points to {buy}.{until}"
    if verdict(answer) == "watch":
        what = f"Record {wanted}" if answer.is_short else "Wait until more months agree"
        return f"{what} before signing; what was seen points to {buy}.{_other_term(answer)}"
    return f"Reserve {buy}: {money(answer.savings or 0.0, answer.currency)} a month saved.{_other_term(answer)}"


def _meanwhile(answer: Provisioned) -> str:
    """What a term that commits to less than a year would do until then."""
    found, payg = answer.curve, answer.payg_cost
    assert found is not None
    assert payg is not None
    costs = []
    for term in answer.inputs.terms:
        price = base(term.price_per_unit_month)
        place = found.best(price)
        if term.commitment_months < MONTHS_PER_YEAR and found.units[place]:
            costs.append((float(found.cost(price)[place]), int(found.units[place]), term))
    if not costs:
        return " Until then pay as you go: no shorter term pays."
    cost, units, term = min(costs, key=lambda one: one[0])
    return f" Until then {units:,} units {_on(term)} save {money(payg - cost, answer.currency)} a month."


def _other_term(answer: Provisioned) -> str:
    """The term that is expected to be cheapest under change, where it is another one."""
    best = answer.commitment.best if answer.commitment else None
    if best is None or answer.term is None or best == answer.term.name:
        return ""
    return f" If prices and volume change as assumed, {best} is expected to cost least: see the table of terms."


def _by(answer: Provisioned) -> str:
    file = answer.inputs.demand.file
    dated = file is not None and file.table.facts["as_of"] is not None
    if is_gated(answer):
        return f"once {answer.inputs.enough_months:g} months of minutes are in"
    if verdict(answer) == "watch":
        return f"once {answer.inputs.enough_days} days of minutes are in"
    if answer.term is None:
        return "the next renewal of prices or terms"
    if not dated or answer.as_of is None:
        return "before the next month begins"
    return f"{pd.Timestamp(answer.as_of) + pd.offsets.MonthEnd(1):%Y-%m-%d}, before the next month begins"


def _changes(answer: Provisioned) -> list[str]:
    """The values at which the answer turns."""
    if answer.curve is None:
        return ["Demand by the minute: an even load makes units pay, a peaky one does not."]
    dearest = turns.dearest_price(answer)
    if dearest is None:
        return []
    return [*_price_turn(answer, dearest), *_volume_turn(answer), *_cached_turn(answer)]


def _price_turn(answer: Provisioned, dearest: float) -> list[str]:
    price, currency, name = base(answer.cheapest.price_per_unit_month), answer.currency, answer.cheapest.name
    ratio = turns.price_ratio(answer)
    if answer.term is None:
        more = f", or pay-as-you-go {signed_percent(ratio - 1, 0)} dearer" if ratio else ""
        return [
            f"A unit below {significant(dearest)} {currency} a month ({name} costs {significant(price)}){more}: "
            "the first units pay."
        ]
    step = turns.next_price(answer)
    added = []
    if step is not None:
        added = [
            f"A unit below {significant(step[1])} {currency} a month ({name} costs {significant(price)}): "
            f"{step[0]:,} more units pay."
        ]
    cut = f"Pay-as-you-go {percent(1 - ratio, 0)} cheaper: no unit pays any more." if ratio and ratio < 1 else ""
    return [*added, *([cut] if cut else [])]


def _volume_turn(answer: Provisioned) -> list[str]:
    ratio = turns.volume_ratio(answer)
    if ratio is None:
        most, needed = turns.most_used(answer), answer.break_even_utilization or 0.0
        return [
            f"No volume in this pattern: the first unit of ever so many would be used {percent(most, 0)} of the time, "
            f"and {percent(needed, 0)} are needed."
        ]
    if answer.term is None:
        return [f"{significant(ratio)} times the volume in the same pattern: the first units pay."]
    return [f"{percent(1 - ratio, 0)} less volume in the same pattern: no unit pays any more."] if ratio < 1 else []


def _cached_turn(answer: Provisioned) -> list[str]:
    share, today = turns.cached_share(answer), base(answer.inputs.shape.cached_input_share)
    if share is None:
        return []
    verb = "the first units pay" if answer.term is None else "below it no unit pays"
    return [
        f"About {percent(share, 0)} of the input read from cache ({percent(today, 0)} here): {verb}, since cached "
        "tokens take little or nothing of a unit and still cost money as you go."
    ]
