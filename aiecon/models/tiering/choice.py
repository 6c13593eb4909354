"""How sure the choice of a mix is over the draws, what keeps a better one out, and what more success costs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from aiecon.models.tiering.asked import Check, open_entries
from aiecon.models.tiering.chains import Chains
from aiecon.models.tiering.mix import Entry, Limits
from aiecon.models.tiering.program import best_plan

POINT = 0.01  # of success, what its price is of
_SAME = 1e-9
_MEANS = {"minimum_success_rate": "success", "maximum_latency_s": "time", "minimum_local_share": "local"}
_WORDS = {
    "minimum_success_rate": "requests accepted",
    "maximum_latency_s": "mean seconds of a request",
    "minimum_local_share": "requests that enter at local models",
}

Shares = Mapping[str, float]


def reaches_probability(cases: Chains, limits: Limits, shares: Shares) -> float | None:
    """Draws in which a mix accepts what is asked; None where no success is asked. [share of draws]"""
    if limits.success is None:
        return None
    return float(np.mean(cases.of_mix(shares)[2] >= limits.success - _SAME))


def rivals(case: Chains, limits: Limits, chosen: Shares, *, by_success: bool) -> list[dict[str, float]]:
    """Mixes that keep what is asked beside the chosen one: the best without each route or tier the chosen one enters.

    And the best that enters at each tier or route it leaves out, alone where that is allowed.
    """
    entries = open_entries(case)
    tiers = {case.routes[entry.name][0] for entry in entries}
    used = {case.routes[route][0] for route, share in chosen.items() if share > 0}
    subsets = [[entry for entry in entries if case.routes[entry.name][0] != tier] for tier in sorted(used)]
    subsets += [[entry for entry in entries if case.routes[entry.name][0] == tier] for tier in sorted(tiers)]
    found = [best_plan(some, limits, by_success=by_success) for some in subsets if some]
    kept: list[dict[str, float]] = []
    for one in found:
        if one is not None and not any(_is_same(one, other) for other in (chosen, *kept)):
            kept.append(one)
    return kept


def _is_same(one: Shares, other: Shares) -> bool:
    return all(abs(one.get(name, 0.0) - other.get(name, 0.0)) < _SAME for name in {*one, *other})


def cheapest_probability(
    cases: Chains, limits: Limits, chosen: Shares, others: Sequence[Shares], *, by_success: bool
) -> float:
    """Draws in which a mix accepts what is asked and none of the others that does costs less. [share of draws]"""
    cost, own = _cost(cases, chosen, by_success)
    wins: np.ndarray = np.ones(1, dtype=bool) if limits.success is None else own >= limits.success - _SAME
    for other in others:
        theirs, success = _cost(cases, other, by_success)
        allowed = np.array(True) if limits.success is None else success >= limits.success - _SAME
        wins = wins & ~(allowed & (theirs < cost * (1.0 - _SAME)))
    return float(np.mean(wins))


def _cost(cases: Chains, shares: Shares, by_success: bool) -> tuple[np.ndarray, np.ndarray]:
    cost, review, success = cases.of_mix(shares)
    return ((cost + review) / np.maximum(success, 1e-300) if by_success else cost), success


def point_price(case: Chains, limits: Limits, cost: float) -> float | None:
    """What a hundredth more success costs an accepted answer at the best mix. [currency/accepted answer]

    A step of a hundredth up from what is asked; where that is not to be had a step down to it. Zero where the limit
    does not bind; None where no success is asked.
    """
    if limits.success is None:
        return None
    entries = open_entries(case)
    above = _lowest(entries, replace(limits, success=min(1.0, limits.success + POINT)))
    if above is not None and limits.success + POINT <= 1.0:
        return max(0.0, above - cost)
    below = _lowest(entries, replace(limits, success=max(0.0, limits.success - POINT)))
    return None if below is None else max(0.0, cost - below)


def _lowest(entries: list[Entry], limits: Limits) -> float | None:
    plan = best_plan(entries, limits, by_success=True)
    if plan is None:
        return None
    known = {entry.name: entry for entry in entries}
    cost = sum(share * known[route].cost for route, share in plan.items())
    seen = {tier for route in plan for tier, tries in known[route].attempts.items() if tries}
    cost += sum(fixed for tier, (_, fixed) in limits.floors.items() if tier in seen)
    return cost / sum(share * known[route].success for route, share in plan.items())


def shortfalls(checks: Sequence[Check]) -> Iterator[str]:
    """Words for each limit that a mix misses, and by how much."""
    for one in checks:
        if one.is_kept:
            continue
        if one.field == "residency":
            yield f"requests of {one.name} ({_share(one.asked)} of all) may go to tiers outside their region"
        elif one.field == "minimum_share":
            yield f"{one.name} takes {_share(one.found)} of requests, at least {_share(one.asked)} is asked once used"
        else:
            yield _missed(one)


def _missed(one: Check) -> str:
    asked, found = one.asked or 0.0, one.found or 0.0
    gap = abs(asked - found)
    if one.field == "maximum_latency_s":
        return f"{_WORDS[one.field]} {found:.3g} s, at most {asked:.3g} s asked ({gap:.3g} s too many)"
    return f"{_WORDS[one.field]} {_share(found)}, at least {_share(asked)} asked ({100 * gap:.3g} points too few)"


def _share(value: float | None) -> str:
    return f"{100 * (value or 0.0):.4g} %"


def out_of_reach(case: Chains, limits: Limits) -> list[str]:
    """Words for what keeps every mix out: each limit without which one is left, and the best that can be reached."""
    entries = open_entries(case)
    asked = [(field, part) for field, part in _MEANS.items() if getattr(limits, part) is not None]
    alone = [
        _best_words(field, reached, getattr(limits, part))
        for field, part in asked
        if (reached := _reached(entries, limits.without(part), part)) is not None
    ]
    if alone:
        return alone
    free = replace(limits, success=None, time=None, local=None)
    each = [
        _best_words(field, reached, getattr(limits, part))
        for field, part in asked
        if (reached := _reached(entries, free, part)) is not None
    ]
    return [f"each by itself: {words}" for words in each] or ["regions and minimum shares leave no mix"]


def _reached(entries: list[Entry], limits: Limits, part: str) -> float | None:
    """The best of a limit's measure under the other limits; None where they leave no mix."""
    signed = {"success": -1.0, "time": 1.0, "local": -1.0}[part]
    field = "is_local" if part == "local" else part
    aimed = [replace(entry, cost=signed * float(getattr(entry, field))) for entry in entries]
    free = replace(limits, floors={tier: (least, 0.0) for tier, (least, _) in limits.floors.items()})
    plan = best_plan(aimed, free, by_success=False)
    if plan is None:
        return None
    known = {entry.name: entry for entry in entries}
    return sum(share * float(getattr(known[route], field)) for route, share in plan.items())


def _best_words(field: str, reached: float, asked: float) -> str:
    if field == "maximum_latency_s":
        return f"{_WORDS[field]} reach {reached:.3g} s at best, {asked:.3g} s asked ({field})"
    return f"{_WORDS[field]} reach {_share(reached)} at best, {_share(asked)} asked ({field})"
