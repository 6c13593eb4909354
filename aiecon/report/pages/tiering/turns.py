"""Where the choice turns: success and price of the small tier, and review, found by asking again at base values."""

from collections.abc import Callable
from typing import Any

from aiecon.charts.formats import percent, significant
from aiecon.models.tiering import Tiering, tiering
from aiecon.models.tiering.inputs import FlatPrice, Tier
from aiecon.vocabulary.distribution import base
from aiecon.vocabulary.lever import Lever
from aiecon.vocabulary.overrides import override
from aiecon.vocabulary.strict import quoted

_HALVINGS = 14  # to a ten-thousandth of the range
_MOST_TIMES = 100.0  # the dearest that a price is tried at, over what it is


def turns(answer: Tiering) -> list[str]:
    """Sentences with the success, price and review at which the choice turns."""
    small = small_tier(answer)
    if small is None or answer.saving_share is None:
        return []
    found = [
        *_success_words(answer, small),
        *_price_words(answer, small),
        *_review_words(answer),
        *_cache_words(answer),
    ]
    return [words for words in found if words]


def small_tier(answer: Tiering) -> Tier | None:
    """The cheapest tier that requests of the best mix, else of the mix, enter at; None when that is the baseline."""
    shares = answer.best_mix or answer.shares
    entered = [tier for tier in answer.inputs.tiers if shares[tier.name] > 0]
    small = min(entered, key=lambda tier: float(answer.case.attempt[tier.name][0]))
    return None if answer.case.baseline_shares.get(small.name) == 1.0 else small


def _asked(answer: Tiering, changes: dict[str, Any]) -> Tiering:
    return tiering(override(answer.inputs, {"draws": 100, **changes}))


def first(turned: Callable[[float], bool], low: float, high: float) -> float | None:
    """The value between low, where it has not turned, and high where it has; None when it does not turn between."""
    if turned(low) or not turned(high):
        return None
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if turned(middle) else (middle, high)
    return (low + high) / 2


def success_turn(answer: Tiering, small: Tier) -> float | None:
    """The success of the small tier below which fewer requests of the best mix enter there."""
    now = (answer.best_mix or {}).get(small.name, 0.0)
    rate = 1.0 if small.success_rate is None else base(small.success_rate)
    field = f"tiers.{quoted(small.name)}.success_rate"

    def turned(fall: float) -> bool:
        best = _asked(answer, {field: rate - fall}).best_mix
        return best is None or best[small.name] < now - 1e-6

    fall = first(turned, 0.0, rate * (1.0 - 1e-6))  # retries until accepted never end at no success
    return None if fall is None else rate - fall


def price_turn(answer: Tiering, small: Tier) -> float | None:
    """How many times its price the small tier may cost before fewer requests of the best mix enter there."""
    now = (answer.best_mix or {}).get(small.name, 0.0)
    field = f"tiers.{quoted(small.name)}.price"

    def turned(times: float) -> bool:
        best = _asked(answer, {field: _dearer(small, times)}).best_mix
        return best is None or best[small.name] < now - 1e-6

    return first(turned, 1.0, _MOST_TIMES)


def _dearer(tier: Tier, times: float) -> dict[str, Any]:
    """The price of a tier, every part of it as many times what it is."""
    price = tier.price
    if isinstance(price, FlatPrice):
        return {"cost_per_request": times * base(price.cost_per_request)}
    found = price.model_dump(exclude_none=True)
    return _times(found, times)


def _times(price: dict[str, Any], times: float) -> dict[str, Any]:
    result = dict(price)
    for name in price:
        if name == "long_context":
            result[name] = _times(price[name], times)
        elif name.endswith("_per_mtok"):
            value = price[name]
            result[name] = times * (value if isinstance(value, float) else _base_of(value))
    return result


def _base_of(value: dict[str, Any]) -> float:
    from pydantic import TypeAdapter

    from aiecon.vocabulary.distribution import Distribution

    return base(TypeAdapter(Distribution).validate_python(value))


def review_turn(answer: Tiering) -> float | None:
    """What reviewing an attempt may cost more, at every tier, before the mix no longer saves. [currency/attempt]"""
    reviews = {tier.name: base(tier.review_cost) for tier in answer.inputs.tiers}
    dearest = max(float(cost[0]) for cost in answer.case.attempt.values())

    def turned(more: float) -> bool:
        added = {f"tiers.{quoted(name)}.review_cost": review + more for name, review in reviews.items()}
        return (_asked(answer, added).saving_share or 0.0) <= 0

    return first(turned, 0.0, _MOST_TIMES * dearest)


def _success_words(answer: Tiering, small: Tier) -> list[str]:
    if small.success_rate is None or not answer.best_mix:
        return []
    found, now = success_turn(answer, small), base(small.success_rate)
    if found is None:
        return [f"However seldom {small.name} succeeds, as many requests enter there; here {percent(now, 0)}."]
    below = _asked(answer, {f"tiers.{quoted(small.name)}.success_rate": max(0.0, found - 0.005)}).best_mix
    other = max(below, key=lambda name: below[name]) if below else None
    to = "fewer requests should enter there" if other == small.name else f"requests should enter at {other}"
    to = "no mix reaches what is asked any more" if other is None else to
    return [f"Below {percent(found, 0)} success of {small.name} {to}; here {percent(now, 0)}."]


def _price_words(answer: Tiering, small: Tier) -> list[str]:
    found = price_turn(answer, small) if answer.best_mix else None
    if found is None:
        return []
    listed = float(answer.case.plain(small)[0])
    ends = f"{significant(1_000 * found * listed)} instead of {significant(1_000 * listed)} {answer.currency}"
    return [f"At {significant(found, 2)} times its price {small.name} stops paying: {ends} per 1,000 attempts."]


def _review_words(answer: Tiering) -> list[str]:
    if not answer.inputs.has_success or (answer.saving_share or 0.0) <= 0:
        return []
    found = review_turn(answer)
    if found is None:
        return ["However dear the review of an attempt, the mix still saves."]
    now = max(base(tier.review_cost) for tier in answer.inputs.tiers)
    cents = f"{significant(now + found)} {answer.currency}"
    return [
        f"From {cents} of review an attempt the mix saves nothing: every failed attempt is reviewed too; here {now:g}."
    ]


def wrong_turn(answer: Tiering, cache: Lever) -> float | None:
    """The share of wrong hits from which a semantic cache takes more than it saves; None where there is none."""
    left = tuple(lever for lever in answer.inputs.levers if lever.name != cache.name)
    without = tiering(answer.inputs.model_copy(update={"levers": left, "draws": 100})).saving_share or 0.0
    field = f"levers.{quoted(cache.name)}.semantic_cache.wrong_hit_share"

    def turned(wrong: float) -> bool:
        saved = _asked(answer, {field: wrong}).saving_share
        return saved is None or saved <= without

    return first(turned, 0.0, 1.0)


def _cache_words(answer: Tiering) -> list[str]:
    found = []
    for lever in answer.inputs.levers:
        if lever.semantic_cache is not None:
            turn, now = wrong_turn(answer, lever), percent(base(lever.semantic_cache.wrong_hit_share))
            if turn is not None:
                found.append(f"From {percent(turn)} wrong hits {lever.name} costs more than it saves; here {now}.")
    return found
