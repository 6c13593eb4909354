"""The tiering function: from tiers and success to what a mix saves."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np

from aiecon.models.tiering.answer import Tiering
from aiecon.models.tiering.chains import Chains, figures
from aiecon.models.tiering.inputs import TieringInputs
from aiecon.vocabulary.distribution import Beta, Empirical, base, draw
from aiecon.vocabulary.limits import draw_held, limits
from aiecon.vocabulary.question import day_of
from aiecon.vocabulary.strict import quoted
from aiecon.vocabulary.token_price import TokenPrice


def tiering(inputs: TieringInputs) -> Tiering:
    """Say what routing requests to cheaper models saves, at equal accepted quality.

    A request enters at a tier by its share; a failed attempt goes up the list of escalation and is paid again; every
    attempt is reviewed. The mix is held against a baseline per accepted answer where success rates are known.

    Parameters
    ----------
    inputs
        Tiers, shape, escalation, levers, baseline.

    Returns
    -------
    Tiering
        Cost per request and per accepted answer, saving, best mix and its saving, with the draws behind them.

    Examples
    --------
    >>> inputs = TieringInputs.build({"tiers": [
    ...     {"name": "small", "share": 0.7, "price": {"cost_per_request": 1.0}},
    ...     {"name": "middle", "share": 0.2, "price": {"cost_per_request": 3.0}},
    ...     {"name": "large", "share": 0.1, "price": {"cost_per_request": 5.0}},
    ... ]})
    >>> round(tiering(inputs).saving_share, 4)
    0.64
    """
    given = {name: value for name, value in figures(inputs).items() if value is not None}
    case = Chains(inputs, {name: np.array([base(value)]) for name, value in given.items()})
    varies = any(hasattr(value, "ppf") for value in given.values())
    cases = case
    if varies:
        drawn = {name: _drawn(value, name, inputs) for name, value in given.items() if hasattr(value, "ppf")}
        held = next(iter(case.baseline_shares)) if inputs.baseline is None else ""
        cases = Chains(inputs, {**case.values, **drawn}, dearest=held)
    days = [tier.price.effective_from for tier in inputs.tiers if isinstance(tier.price, TokenPrice)]
    as_of = day_of(inputs, *days)
    settled = inputs.model_copy(update={"as_of": as_of, "currency": inputs.money})
    return Tiering(settled, as_of, case, cases, _notes(inputs, as_of))


def _of_draws(inputs: TieringInputs, drawn: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Cost and success of many draws at once, by key; empty where shares are drawn, or something else."""
    values = {name: np.array([base(value)]) for name, value in figures(inputs).items() if value is not None}
    fixed = {f"tiers.{quoted(tier.name)}.share" for tier in inputs.tiers}
    if not set(drawn) <= set(values) - fixed:
        return {}
    count = max((len(one) for one in drawn.values()), default=1)
    shares = {tier.name: base(tier.share) for tier in inputs.tiers}
    cost, review, success = (np.broadcast_to(one, count) for one in Chains(inputs, {**values, **drawn}).of_mix(shares))
    found = {"cost_per_request": cost}
    if inputs.has_success:
        found |= {"success_rate": success, "cost_per_accepted": (cost + review) / np.maximum(success, 1e-300)}
    return found


tiering.vectorised = _of_draws  # type: ignore[attr-defined]


def _drawn(value: Any, name: str, inputs: TieringInputs) -> np.ndarray:
    """Draws of an uncertain figure; kept, as a slider leaves most as they were, unless a file is behind them."""
    if isinstance(value, Empirical):
        return draw_held(inputs, name, value)
    return _kept(value, name, inputs.draws, inputs.seed)


@lru_cache(maxsize=64)
def _kept(value: Any, name: str, draws: int, seed: int) -> np.ndarray:
    found = np.clip(draw(value, name, draws=draws, seed=seed), *limits(TieringInputs, name))
    found.setflags(write=False)
    return found


def _of_prices(inputs: TieringInputs, as_of: date | None) -> list[str]:
    """Prices that are stale, or of which nobody said a day; none where no age is a limit."""
    limit = inputs.stale_after_days
    if limit is None or as_of is None:
        return []
    found = []
    for one in inputs.price_days:
        age = one.age(as_of)
        if age is not None and age > limit:
            start = "Stale price of" if one.field.startswith("tiers.") else "Stale price of candidate"
            more = f"more than {limit:g} are not to be relied on"
            found.append(f"{start} {one.name}: {one.words}, {age} days before {as_of}; {more}")
    undated = [one.name for one in inputs.price_days if one.day is None]
    if undated:
        found.append(f"Nobody said when the price of {', '.join(undated)} was last seen (price_seen)")
    return found


def _notes(inputs: TieringInputs, as_of: date | None) -> list[str]:
    """What a reader must know before trusting the figures."""
    found = _of_prices(inputs, as_of)
    if base(inputs.batch_share) > 0:
        without = [
            tier.name
            for tier in inputs.tiers
            if not isinstance(tier.price, TokenPrice) or tier.price.batch_discount is None
        ]
        if without:
            found.append(f"No batch discount is known of {', '.join(without)}; batches cost them the full price")
    silent = [tier.name for tier in inputs.tiers if tier.success_rate is None]
    if silent and inputs.has_success:
        found.append(f"{', '.join(silent)} state no success rate; every attempt there counts as accepted")
    rates = [(tier.name, tier.success_rate) for tier in inputs.tiers]
    rates += [(one.name, one.success_rate) for one in inputs.candidates]
    empty = [name for name, rate in rates if isinstance(rate, Beta) and rate.successes + rate.failures == 0]
    if empty:
        found.append(
            f"No attempt of {', '.join(empty)} was counted (0 of 0): any success is as likely, nothing is known"
        )
    if not inputs.has_success:
        found.append("No success rate is known: the saving is per request, whatever it is worth")
    return found
