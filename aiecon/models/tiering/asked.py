"""What is asked of a mix, the routes that are open to it, and whether a mix keeps what is asked."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from aiecon.models.tiering.chains import Chains
from aiecon.models.tiering.inputs import TieringInputs
from aiecon.models.tiering.mix import Entry, Limits
from aiecon.vocabulary.distribution import base

_NEAR = 1e-7  # a program keeps its rows this closely


@dataclass(frozen=True)
class Check:
    """One thing asked: the field that asks it, of whom, the figure asked and that of a mix; None where it is no figure.

    Attributes
    ----------
    field
        Of the inputs; of a tier for what a tier asks.
    name
        Tier or region it is about; empty for the whole mix.
    """

    field: str
    name: str
    asked: float | None
    found: float | None
    is_kept: bool


def limits_of(inputs: TieringInputs) -> Limits:
    """Gather what the inputs ask of a mix."""
    monthly = base(inputs.requests_per_month or 0.0)
    floors = {}
    for tier in inputs.tiers:
        fixed = base(tier.fixed_cost_per_month)
        if tier.minimum_share > 0 or fixed > 0:
            floors[tier.name] = (tier.minimum_share, fixed / monthly if fixed else 0.0)
    return Limits(
        success=inputs.minimum_success_rate,
        time=inputs.maximum_latency_s,
        local=inputs.minimum_local_share,
        regions={region.name: region.share for region in inputs.residency},
        floors=floors,
    )


def entry_of(case: Chains, route: str, region: str = "") -> Entry:
    """A request that takes a route, review counted where success is known."""
    cost, review, success, time = case.entered[route]
    paid = float(cost[0]) + (float(review[0]) if case.inputs.has_success else 0.0)
    local = {tier.name for tier in case.inputs.tiers if tier.is_local}
    is_local = case.routes[route][0] in local
    return Entry(route, paid, float(success[0]), time, is_local, region, case.visits({route: 1.0}))


def open_entries(case: Chains) -> list[Entry]:
    """Every route that requests may take."""
    if not case.inputs.residency:
        return [entry_of(case, name) for name in case.inputs.names]
    return [
        entry_of(case, f"{name} in {region.name}", region.name)
        for region in case.inputs.residency
        for name in region.tiers
    ]


def checks(case: Chains, limits: Limits, shares: Mapping[str, float]) -> list[Check]:
    """Whether a mix keeps each thing that is asked; by tier, requests of every region enter by the same shares."""
    used = {route: share for route, share in shares.items() if share > 0}
    entries = {route: entry_of(case, route) for route in used}
    success, time, local = (
        sum(share * float(getattr(entries[route], part)) for route, share in used.items())
        for part in ("success", "time", "is_local")
    )
    found = []
    for field, asked, is_at, sign in (
        ("minimum_success_rate", limits.success, success, 1),
        ("maximum_latency_s", limits.time, time, -1),
        ("minimum_local_share", limits.local, local, 1),
    ):
        if asked is not None:
            found.append(Check(field, "", asked, is_at, sign * (is_at - asked) >= -_NEAR))
    return [*found, *_of_regions(case, used), *_of_floors(case, limits, used)]


def _of_regions(case: Chains, used: Mapping[str, float]) -> Iterator[Check]:
    plain = [route for route in used if route in case.inputs.names]
    for region in case.inputs.residency:
        outside = [place for route in plain for place in case.routes[route] if place not in region.tiers]
        yield Check("residency", region.name, region.share, None, not outside)


def _of_floors(case: Chains, limits: Limits, used: Mapping[str, float]) -> Iterator[Check]:
    visits = case.visits(used)
    for tier, (minimum, _) in limits.floors.items():
        if minimum > 0:
            seen = visits[tier]
            yield Check("minimum_share", tier, minimum, seen, seen <= 0 or seen >= minimum - _NEAR)
