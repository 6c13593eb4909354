"""Other ways to the same tokens: GPUs paid otherwise and other models by the token, from the shipped tables."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from aiecon.charts.formats import full, money, percent, probability, significant
from aiecon.charts.self_host import volume_words
from aiecon.errors import InputError
from aiecon.ingestion.rate_cards import shipped_rate_card
from aiecon.models.self_host import SelfHost, SelfHostInputs, self_host
from aiecon.models.self_host.gpu import Gpu
from aiecon.models.self_host.plans import ALL_API, ALWAYS_ON, BY_THE_HOUR, Plan
from aiecon.report import blocks
from aiecon.report.blocks import Block
from aiecon.report.pages.self_host.purchases import purchase_words, terms
from aiecon.vocabulary.overrides import override, raw

_ROUNDING = 1e-6  # of a saving
_MODELS = (("openai", "gpt-4.1-mini"), ("groq", "llama-3.3-70b-versatile"))


@dataclass(frozen=True, eq=False)
class Way:
    """One way to the tokens: its name, its answer, and where its prices are from."""

    name: str
    answer: SelfHost
    is_api: bool
    source: str


@lru_cache(maxsize=4)
def ways(answer: SelfHost) -> list[Way]:
    """What was asked, the GPUs paid as each option says, and other models by the token."""
    gpu = answer.inputs.gpu
    asked = Way(f"{purchase_words(gpu)} against {api_name(answer.inputs)}", answer, False, "")
    others = [
        _changed(answer, option.name, {"gpu": raw(gpu.paid_as(option))}, f"{option.name}: {terms(option)}")
        for option in gpu.options
    ]
    return [asked, *others, *_models(answer)]


def api_name(inputs: SelfHostInputs) -> str:
    """The model that is bought by the token, or the blended price."""
    return inputs.api.model if inputs.api else "the API"


def _changed(answer: SelfHost, name: str, changes: Mapping[str, Any], source: str, *, is_api: bool = False) -> Way:
    return Way(name, self_host(override(answer.inputs, changes)), is_api, source)


def _models(answer: SelfHost) -> list[Way]:
    """The same tokens by other models of the rate card on the day; none where prices are not in USD."""
    if answer.currency != "USD":
        return []
    card, found = shipped_rate_card(), []
    for provider, model in _MODELS:
        if answer.inputs.api is not None and answer.inputs.api.model == model:
            continue
        try:
            quote = card.on(model, day=answer.as_of or card.last_day, provider=provider)[0]
        except InputError:  # not sold on that day
            continue
        price = quote.price
        fields = {
            "provider": provider,
            "model": model,
            "input_per_mtok": price.input_per_mtok,
            "output_per_mtok": price.output_per_mtok,
            "cached_input_per_mtok": price.cached_input_per_mtok,
        }
        told = f"{price.input_per_mtok:g} in, {price.output_per_mtok:g} out"
        source = f"{provider}/{model}: {told} since {price.effective_from}"
        given = {key: value for key, value in fields.items() if value is not None}
        found.append(_changed(answer, f"Against {model}", {"api": given}, source, is_api=True))
    return found


def cheapest_model(answer: SelfHost) -> Way | None:
    """The model by the token that costs less than hosting and the API asked; None when there is none."""
    dear = min(answer.api_per_mtok, answer.cost_per_mtok or answer.api_per_mtok)
    cheaper = [way for way in ways(answer) if way.is_api and way.answer.api_per_mtok < dear]
    return min(cheaper, key=lambda way: way.answer.api_per_mtok, default=None)


def alternatives(answer: SelfHost) -> Block:
    """Each way: cost per million tokens, first cheaper month, payback, saving, and where it wins."""
    rows = [_row(way) for way in ways(answer)]
    said = "; ".join(way.source for way in ways(answer) if way.source)
    note = (
        "Saving: present value over the horizon in thousand, fixed cost and migration included; residual values count "
        "in it, not in payback. Wins from: least volume at which a month of hosting is cheaper, Mtok a month. First "
        "row: as asked; then the same GPUs paid otherwise (gpu.options), on in all hours; the last: as asked, against "
        "other models. "
        f"{said + '. ' if said else ''}Models differ in quality, which these figures leave out."
    )
    currency = answer.currency
    columns = [
        "Way",
        "Host /Mtok",
        "API /Mtok",
        "Cheaper from",
        "Payback",
        "Saving, k",
        "P(saves)",
        "Wins from",
    ]
    return blocks.table(f"Ways compared, {currency}", columns, rows, note=note, bold=[0])


def _row(way: Way) -> list[str]:
    found = way.answer
    hosted = found.cost_per_mtok
    payback = found.payback_months
    return [
        f"{way.name[0].upper()}{way.name[1:]}",
        "–" if hosted is None else significant(hosted),
        significant(found.api_per_mtok),
        f"month {found.crossover_month}" if found.crossover_month else "never",
        "never" if payback is None else "at once" if payback == 0 else f"{significant(payback)} months",
        full(found.npv_savings / 1e3),
        probability(found.probability),
        volume_words(found.win_intervals[0][0]) if found.win_intervals else "never",
    ]


def model_words(answer: SelfHost) -> str | None:
    """The sentence about a model by the token that beats both; None when none does."""
    way = cheapest_model(answer)
    if way is None or way.answer.inputs.api is None:
        return None
    price, currency = way.answer.api_per_mtok, answer.currency
    hosted = "" if answer.cost_per_mtok is None else f"hosting ({significant(answer.cost_per_mtok)}) and "
    return (
        f"Test {way.answer.inputs.api.model} by the token at {way.answer.inputs.api.provider} first: at "
        f"{significant(price)} {currency} a million tokens it undercuts {hosted}{api_name(answer.inputs)} "
        f"({significant(answer.api_per_mtok)}) and saves {money(model_saving(answer, way), currency)} a month if its "
        "answers do."
    )


def model_saving(answer: SelfHost, way: Way) -> float:
    """What another model by the token saves in the first month, if its answers do. [currency/month]"""
    return (answer.api_per_mtok - way.answer.api_per_mtok) * float(answer.case.mtok[0, 0])


def way_words(answer: SelfHost) -> str | None:
    """The sentence about another way to pay for GPUs that would save where the one asked does not; None without."""
    choice = better_way(answer)
    if choice is None:
        return None
    spot = ", for load that bears interruptions" if is_on_spot(choice.case.inputs.gpu) else ""
    sure = f" with {probability(choice.probability)} probability" if answer.cases is not answer.case else ""
    return f"Paid otherwise it would save: {way_name(choice)}, {money(choice.savings, answer.currency)}{sure}{spot}."


def way_name(choice: Plan) -> str:
    """A way of paying inside a sentence: 'hosted as spot, by the hour'."""
    return choice.name[0].lower() + choice.name[1:].replace(": ", " as ")


def is_on_spot(gpu: Gpu) -> bool:
    """Whether any of the GPUs may be taken away."""
    return any(one.purchase == "spot" for one in gpu.purchases.values())


def better_plan(answer: SelfHost) -> Plan | None:
    """The plan that saves most, where it saves more than both all by the API and all hosted always on; else None."""
    best = next(plan for plan in answer.plans if plan.name == answer.cheapest_own_plan)
    least = max(answer.npv_savings, 0.0)
    is_more = best.savings - least > _ROUNDING * abs(least)
    return best if is_more and best.name not in (ALL_API, ALWAYS_ON) else None


def plan_short(answer: SelfHost, plan: Plan) -> str:
    """What a plan saves, in a few words."""
    way = "hosting by the hour" if plan.name == BY_THE_HOUR else "a split"
    sure = f" with {probability(plan.probability)} probability" if answer.cases is not answer.case else ""
    return f"{way} would save {money(plan.savings, answer.currency)}{sure}"


def plan_words(answer: SelfHost) -> str | None:
    """The sentence about the plan that beats all or nothing; None when none does."""
    plan = better_plan(answer)
    if plan is None:
        return None
    kept, bought = plan.most_replicas, percent(plan.bought_share, 0)
    way = (
        f"Hosting by the hour (at most {kept} replicas, {significant(plan.mean_replicas)} on the mean)"
        if plan.name == BY_THE_HOUR
        else f"A split ({kept} replica{'s' if kept != 1 else ''} kept on, {bought} of the tokens from the API)"
    )
    sure = f" with {probability(plan.probability)} probability" if answer.cases is not answer.case else ""
    return f"{way} saves {money(plan.savings, answer.currency)}{sure}, more than all hosted or all bought."


def better_way(answer: SelfHost) -> Plan | None:
    """The option of paying for GPUs that saves most, where the terms asked do not save; None when none does."""
    if answer.npv_savings > 0:
        return None
    saving = [choice for choice in answer.choices if choice.name not in answer.base_plans and choice.savings > 0]
    return max(saving, key=lambda choice: choice.savings, default=None)
