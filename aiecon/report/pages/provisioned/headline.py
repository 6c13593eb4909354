"""The top of the page: the sentence for the buyer, the figures beside it, what to decide and what would change it."""

import pandas as pd

from aiecon.charts.formats import full, money, percent, probability, signed_percent, significant
from aiecon.models.provisioned import Provisioned
from aiecon.models.provisioned.confidence import MONTH_DAYS, Confidence
from aiecon.models.provisioned.inputs import Term
from aiecon.report import blocks
from aiecon.report.blocks import Block
from aiecon.report.pages.provisioned import turns
from aiecon.report.pages.provisioned.contracts import contract_decision, contract_sentence
from aiecon.report.pages.provisioned.moves import move_of
from aiecon.report.pages.provisioned.verdicts import held, is_gated, is_seen, is_sure, verdict
from aiecon.units import MONTHS_PER_YEAR
from aiecon.vocabulary.distribution import base

_SLIGHT, _SLIGHTEST = 0.1, 0.001  # shares below which they are told in tenths of a per cent, or as hardly any
_FREE = "pay-as-you-go costs nothing"
_EXAMPLE = "shipped:traces/azure_code_log.parquet"
_DAY = 1  # days from which a trace is told in days, not minutes


def sentence(answer: Provisioned) -> str:
    """The answer as one sentence with the figure and the verdict."""
    said = _sentence(answer)
    file = answer.inputs.demand.file
    if file is None or not file.is_shipped:
        return said
    what = "a real code service" if file.path == _EXAMPLE else f"the shipped trace {file.path.rsplit('/', 1)[-1]}"
    return f"Example, {what} priced as {product(answer)}: {said[0].lower()}{said[1:]}"


def _sentence(answer: Provisioned) -> str:
    currency = answer.currency
    if answer.curve is None:
        return _peak_alone(answer)
    if not answer.is_demanded:
        return f"Reserve nothing: no {product(answer)} tokens are demanded."
    if not answer.payg_cost:
        return f"Reserve nothing: {product(answer)} costs nothing at pay-as-you-go as priced here; check payg."
    if held(answer) is not None:
        return contract_sentence(answer, _basis(answer))
    peak = answer.peak_sized_cost or 0.0
    sized = f"{answer.peak_sized_units:,} units for the busiest minute would cost {money(peak, currency)}"
    if answer.term is None:
        times = f", {significant(peak / answer.payg_cost, 2)} times as much" if peak > answer.payg_cost else ""
        return (
            f"Pay as you go and reserve nothing: {money(answer.payg_cost, currency)} a month{_basis(answer)}; "
            f"{sized}{times}."
        )
    start = "Do not sign yet: the cheapest would be" if verdict(answer) == "watch" else "Reserve"
    priced = " with refusals priced" if answer.inputs.is_refusal_priced else ""
    saving = (answer.savings or 0.0) / answer.payg_cost
    return (
        f"{start} {answer.optimal_units:,} units of {product(answer)} {_on(answer.term)}: "
        f"{money(answer.optimal_cost or 0.0, currency)} a month with what spills, {percent(saving)} below "
        f"pay-as-you-go{priced}{_basis(answer)}; {sized}."
    )


def _peak_alone(answer: Provisioned) -> str:
    peak = answer.inputs.demand.peak_requests_per_minute or 0.0
    needed = answer.needed_utilization(base(answer.cheapest.price_per_unit_month))
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
    if days >= _DAY:
        return f"{days:.0f} days" if round(days) > 1 else "one day"
    minutes = round(days * 24 * 60)
    return f"only {minutes:,} minute{'' if minutes == 1 else 's'}"


def months_drawn(found: Confidence) -> str:
    """What resamples are: months, or stretches of as many days as were seen."""
    return "months" if found.month_days >= MONTH_DAYS else f"{found.month_days} days"


def headline(answer: Provisioned) -> Block:
    """The sentence with its verdict."""
    return blocks.headline(sentence(answer), verdict=verdict(answer), synthetic=is_synthetic(answer))


def is_synthetic(answer: Provisioned) -> bool:
    """Whether demand is the made-up sample company's."""
    file = answer.inputs.demand.trace
    return file is not None and file.is_sample


def figures(answer: Provisioned) -> Block:
    """Units, cost, utilisation and confidence, each with what it is compared to."""
    return blocks.figures([_units(answer), _cost(answer), _use(answer), _sure(answer)])


def _units(answer: Provisioned) -> tuple[str, str, str]:
    peak, found = f"{answer.peak_sized_units:,} for the busiest minute", held(answer)
    if found is not None:
        return ("Units to hold", f"{found.right_units:,}", f"{found.committed_units:,} under contract")
    if answer.optimal_units is None:
        return ("Units for the peak", f"{answer.peak_sized_units:,}", "to reserve: not known without minutes")
    return ("Units to reserve", f"{answer.optimal_units:,}", peak)


def _cost(answer: Provisioned) -> tuple[str, str, str]:
    currency, peak = answer.currency, answer.peak_sized_cost or 0.0
    if answer.optimal_cost is None or answer.payg_cost is None:
        return ("Cost a month, sized to the peak", money(peak, currency), "pay-as-you-go: not known without minutes")
    if not answer.payg_cost:
        why = "pay-as-you-go costs nothing" if answer.is_demanded else "nothing is demanded"
        return ("Cost a month", money(0.0, currency), why)
    if (found := held(answer)) is not None:
        less = f"{money(found.savings_per_month, currency)} less than as it is" if found.is_better else "as it is"
        return ("Cost a month, spill included", money(found.right_cost_per_month, currency), less)
    if answer.term is None:
        more = f"{signed_percent(peak / answer.payg_cost - 1, 0)} when sized to the peak"
        return ("Cost a month, all as you go", money(answer.payg_cost, currency), more)
    less = f"{signed_percent(answer.optimal_cost / answer.payg_cost - 1)} against pay-as-you-go"
    return ("Cost a month, spill included", money(answer.optimal_cost, currency), less)


def _use(answer: Provisioned) -> tuple[str, str, str]:
    needed = answer.needed_utilization(base(answer.cheapest.price_per_unit_month))
    priced = ", refusals priced" if answer.inputs.is_refusal_priced else ""
    pays = f"{percent(needed, 0)} to pay ({answer.cheapest.name}{priced})" if needed is not None else _FREE
    found = held(answer)
    if found is not None and found.utilization is not None:
        idle = f"{money(found.idle_cost_per_month, answer.currency)} a month pays for idle ones"
        return ("Units held are used", percent(found.utilization, 0), idle)
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
    if answer.confidence is not None and answer.term is not None and held(answer) is None:
        low, high = answer.confidence.units_range
        chance = probability(answer.confidence.saves_probability)
        buy = f"{low:,}" if low == high else f"{low:,} to {high:,}"
        return ("Saves money in", f"{chance} of {months_drawn(answer.confidence)}", f"eight of ten buy {buy} units")
    if answer.days is None:
        return ("Demand seen", "none", "an assumed distribution" if answer.is_population else "a peak alone")
    wanted = f"{answer.inputs.enough_days} days are wanted"
    enough = "enough to judge a month" if not answer.is_short else wanted
    return ("Demand seen", seen(answer).removeprefix("only "), enough)


def decision(answer: Provisioned) -> Block:
    """What to decide, who, by when, and the values at which the answer turns."""
    return blocks.decision(
        what=_what(answer),
        who="owner of the model platform with the finance partner",
        by=_by(answer),
        changes=_changes(answer) or [_unasked(answer)],
        moves=[move_of(answer, _what(answer))],
    )


def _unasked(answer: Provisioned) -> str:
    if answer.is_demanded:
        return "Any price of pay-as-you-go: as priced here it costs nothing."
    return "Any demand at all: nothing has been asked of the model."


def _what(answer: Provisioned) -> str:
    wanted = f"{answer.inputs.enough_days} days of demand by the minute"
    if answer.curve is None:
        return f"Record {wanted} before buying: a peak says what the most would cost, not what is cheapest."
    if not answer.inputs.is_priced_alike:
        unit, payg = answer.inputs.capacity_unit.model, answer.inputs.payg.model
        return (
            f"Give the pay-as-you-go price of {unit}, which the units serve, before signing: that given is of {payg}."
        )
    if held(answer) is not None:
        return contract_decision(answer)
    if answer.term is None:
        again = "" if is_seen(answer) else f" Record {wanted} and ask again."
        return f"Sign no reservation for {product(answer)}; everything stays on pay-as-you-go.{again}"
    buy = f"{answer.optimal_units:,} units {_on(answer.term)}, the rest pay-as-you-go"
    points = f"what {'is assumed' if answer.is_population else 'was seen'} points to {buy}."
    if is_gated(answer):
        months = f"{answer.inputs.enough_months:g} months of production"
        until = f"{_meanwhile(answer)}{_other_term(answer)}"
        return f"Sign {_nothing(answer.term)} before {months} are seen; {points}{until}"
    if verdict(answer) == "watch":
        return f"{_first(answer)} before signing; {points}{_other_term(answer)}"
    return f"Reserve {buy}: {money(answer.savings or 0.0, answer.currency)} a month saved.{_other_term(answer)}"


def _nothing(term: Term) -> str:
    is_year = base(term.commitment_months) == MONTHS_PER_YEAR
    return "no year" if is_year else f"nothing for {months_words(term.commitment_months)}"


def _first(answer: Provisioned) -> str:
    """What comes before signing, where what was seen does not say enough."""
    if not is_seen(answer):
        return f"Record {answer.inputs.enough_days} days of demand by the minute"
    return "Resample the days seen (bootstrap)" if answer.confidence is None else "Wait until more months agree"


def _meanwhile(answer: Provisioned) -> str:
    """What a term that commits to no more than a month would do until then."""
    found, payg = answer.curve, answer.payg_cost
    assert found is not None
    assert payg is not None
    costs = []
    for term in answer.inputs.terms:
        price = base(term.price_per_unit_month)
        place = found.best(price)
        if base(term.commitment_months) <= 1 and found.units[place]:
            costs.append((float(found.cost(price)[place]), int(found.units[place]), term))
    if not is_seen(answer):
        return " Until then pay as you go."
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
    if not answer.inputs.is_priced_alike:
        return "before anything is signed"
    if is_gated(answer):
        return f"once {answer.inputs.enough_months:g} months of minutes are in"
    if answer.curve is None or not is_seen(answer):
        return f"once {answer.inputs.enough_days} days of minutes are in"
    if not is_sure(answer):
        return "before anything is signed" if answer.confidence is None else "once another month of minutes is in"
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
    if not dearest:
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
    cut = f"Pay-as-you-go {_slight(1 - ratio)} cheaper: no unit pays any more." if ratio and ratio < 1 else ""
    return [*added, *([cut] if cut else [])]


def _volume_turn(answer: Provisioned) -> list[str]:
    ratio = turns.volume_ratio(answer)
    if ratio is None:
        price = base(answer.cheapest.price_per_unit_month)
        most, needed = turns.most_used(answer), answer.needed_utilization(price) or 0.0
        return [
            f"No volume in this pattern: the first unit of ever so many would be used {percent(most, 0)} of the time, "
            f"and {percent(needed, 0)} are needed."
        ]
    if answer.term is None:
        return [f"{significant(ratio)} times the volume in the same pattern: the first units pay."]
    return [f"{_slight(1 - ratio)} less volume in the same pattern: no unit pays any more."] if ratio < 1 else []


def _slight(share: float) -> str:
    """A share that is above none, however little."""
    if share < _SLIGHTEST:
        return f"under {percent(_SLIGHTEST)}"
    return percent(share, 0 if share >= _SLIGHT else 1)


def _cached_turn(answer: Provisioned) -> list[str]:
    share, today = turns.cached_share(answer), base(answer.inputs.shape.cached_input_share)
    if share is None:
        return []
    verb = "the first units pay" if answer.term is None else "no unit pays any more"
    return [
        f"About {percent(share, 0)} of the same requests' input read from cache ({percent(today, 0)} here): {verb}. "
        "Cached tokens load a unit little or not at all and cost less as you go."
    ]
