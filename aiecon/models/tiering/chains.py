"""What a request costs that enters at a tier: its attempts, their review, and whether one is accepted."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np

from aiecon.models.tiering.inputs import FlatPrice, Tier, TieringInputs
from aiecon.models.tiering.retries import tried
from aiecon.vocabulary.distribution import base
from aiecon.vocabulary.lever import Lever
from aiecon.vocabulary.shape import RequestShape
from aiecon.vocabulary.strict import Strict, quoted
from aiecon.vocabulary.token_price import TokenPrice


def figures(inputs: TieringInputs) -> dict[str, Any]:
    """Dotted name -> number or distribution of every figure."""
    found: dict[str, Any] = {}
    for field in ("tiers", "candidates"):
        for item in getattr(inputs, field):
            found |= figures_of(item, f"{field}.{quoted(item.name)}.")
    for lever in inputs.levers:
        at = f"levers.{quoted(lever.name)}."
        found |= {f"{at}saving": lever.saving}
        for name in ("semantic_cache", "prompt_cache"):
            found |= {} if (part := getattr(lever, name)) is None else figures_of(part, f"{at}{name}.")
    for name in ("shape", "migration"):
        if (part := getattr(inputs, name)) is not None:
            found |= figures_of(part, f"{name}.")
    names = ("batch_share", "router_cost", "requests_per_month")
    return found | {name: getattr(inputs, name) for name in names}


def figures_of(model: Strict, head: str) -> dict[str, Any]:
    """Dotted name -> number or distribution of every figure of one part of the inputs."""
    found: dict[str, Any] = {}
    for name in type(model).model_fields:
        value = getattr(model, name)
        if hasattr(value, "ppf") or (isinstance(value, float | int) and not isinstance(value, bool)):
            found[f"{head}{name}"] = value
        elif isinstance(value, Strict):
            found |= figures_of(value, f"{head}{name}.")
    return found


@dataclass(frozen=True, eq=False)
class Chains:
    """Every tier entered, for one case or many.

    Attributes
    ----------
    inputs
        The question's.
    values
        Dotted name -> values, shape (n_cases,).
    dearest
        The tier that a baseline left out stands for; that of these cases when not said.
    """

    inputs: TieringInputs
    values: Mapping[str, np.ndarray]
    dearest: str = ""

    def figure(self, name: str, default: float = 0.0) -> np.ndarray:
        """A figure by its dotted name, shape (n_cases,) or (1,)."""
        return self.values.get(name, np.array([default]))

    @cached_property
    def attempt(self) -> dict[str, np.ndarray]:
        """Tier -> cost of an attempt after batch and levers, review left out. [currency]"""
        found = {}
        for tier in self.inputs.tiers:
            cost = self.plain(tier)
            if isinstance(tier.price, TokenPrice) and tier.price.batch_discount is not None:
                discount = self.figure(f"tiers.{quoted(tier.name)}.price.batch_discount")
                cost = cost * (1.0 - self.figure("batch_share") * discount)
            for lever in self.inputs.levers:
                if lever.semantic_cache is None and lever.reaches(tier.name):
                    cost = cost * (1.0 - lever.taken_of(partial(self._of_lever, lever)))
            found[tier.name] = cost
        return found

    def _of_lever(self, lever: Lever, name: str) -> np.ndarray:
        return self.figure(f"levers.{quoted(lever.name)}.{name}")

    def plain(self, tier: Tier) -> np.ndarray:
        """Cost of an attempt at the list price, without batch and levers. [currency]"""
        at = f"tiers.{quoted(tier.name)}."
        if isinstance(tier.price, FlatPrice):
            return self.figure(f"{at}price.cost_per_request")
        shape = tier.shape or self.inputs.shape
        assert shape is not None  # the model takes no token price without one
        head = f"{at}shape." if tier.shape is not None else "shape."
        return self._token_cost(tier.price, shape, f"{at}price.", head)

    def _token_cost(self, price: TokenPrice, shape: RequestShape, at: str, head: str) -> np.ndarray:
        read, written = self.figure(f"{head}input_tokens_per_request"), self.figure(f"{head}output_tokens_per_request")
        other = sum((shape.other_input_tokens or {}).values())
        cached = read * self.figure(f"{head}cached_input_share")
        per_input, per_output = self.figure(f"{at}input_per_mtok"), self.figure(f"{at}output_per_mtok")
        per_cached = self.values.get(f"{at}cached_input_per_mtok", per_input)
        if price.long_context is not None:
            is_long = read + other >= price.long_context.from_tokens
            ratio = np.divide(per_cached, per_input, out=np.ones_like(per_input + per_cached), where=per_input > 0)
            per_input = np.where(is_long, self.figure(f"{at}long_context.input_per_mtok"), per_input)
            per_output = np.where(is_long, self.figure(f"{at}long_context.output_per_mtok"), per_output)
            per_cached = np.where(is_long, per_input * ratio, per_cached)
        cost: np.ndarray = ((read + other - cached) * per_input + cached * per_cached + written * per_output) / 1e6
        return cost

    def success(self, name: str) -> np.ndarray:
        """How often an attempt at a tier is accepted; 1 where it is not said."""
        return self.figure(f"tiers.{quoted(name)}.success_rate", 1.0)

    def tried(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """Mean attempts of a request that comes to a tier, and how often one of them is accepted."""
        repeats = self.figure(f"tiers.{quoted(name)}.repeat_failure_share")
        return tried(self.success(name), self.tiers[name].attempts, repeats)

    def checked(self, name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Cost of the check before a tier, requests that pass it, and the wrongly filtered of the others."""
        at = f"tiers.{quoted(name)}.check."
        passed = 1.0 - self.figure(f"{at}filtered_share")
        return self.figure(f"{at}cost_per_request"), passed, self.figure(f"{at}wrongly_filtered_share")

    @cached_property
    def tiers(self) -> dict[str, Tier]:
        """Tiers by name."""
        return {tier.name: tier for tier in self.inputs.tiers}

    def chain(self, name: str) -> list[str]:
        """The tiers an unlucky request sees, from the one it enters at."""
        order = list(self.inputs.escalate)
        return [name, *order[order.index(name) + 1 :]] if name in order else [name]

    @cached_property
    def routes(self) -> dict[str, list[str]]:
        """Where requests enter -> the tiers they may see; beside the tiers, 'TIER in REGION' where data must stay."""
        found = {name: self.chain(name) for name in self.inputs.names}
        for region in self.inputs.residency:
            for name in region.tiers:
                found[f"{name} in {region.name}"] = [place for place in found[name] if place in region.tiers]
        return found

    @cached_property
    def entered(self) -> dict[str, tuple[np.ndarray, np.ndarray, np.ndarray, float]]:
        """Route -> cost, review, success and mean time of a request that enters there. [currency/request, s]

        What a tier costs by the month is not in it: it depends on which tiers are used.
        """
        tiers, found = self.tiers, {}
        for name, route in self.routes.items():
            reaching: np.ndarray = np.array([1.0])
            cost, review, accepted = self.figure("router_cost"), np.array([0.0]), np.array([0.0])
            time, base_reaching = 0.0, 1.0
            for step, place in enumerate(route):
                at = f"tiers.{quoted(place)}."
                if tiers[place].check is not None:
                    looked, passed, wrong = self.checked(place)
                    cost = cost + reaching * looked
                    accepted = accepted + reaching * (1.0 - passed) * (1.0 - wrong)
                    reaching = reaching * passed
                tries, kept = self.tried(place)
                switch = self.figure(f"{at}switch_cost") if step else 0.0
                cost = cost + reaching * (tries * self.attempt[place] + switch)
                review = review + reaching * tries * self.figure(f"{at}review_cost")
                accepted = accepted + reaching * kept
                reaching = reaching * (1.0 - kept)
                base_tries, going, base_kept = _at_base(tiers[place])
                time += base_reaching * going * base_tries * (tiers[place].latency_s or 0.0)
                base_reaching *= going * (1.0 - base_kept)
            found[name] = self.looked_up(route[0], cost, review, accepted, time)
        return found

    def looked_up(
        self, name: str, cost: np.ndarray, review: np.ndarray, accepted: np.ndarray, time: float
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
        """The same of a request that a semantic cache is asked first; a hit sees no router, model or review.

        A wrong hit is not accepted and goes nowhere else.
        """
        lever = self.inputs.cache_before(name)
        if lever is None:
            return cost, review, accepted, time
        at = f"levers.{quoted(lever.name)}.semantic_cache."
        hit, wrong = self.figure(f"{at}hit_rate"), self.figure(f"{at}wrong_hit_share")
        paid = self.figure(f"{at}lookup_cost") + hit * wrong * self.figure(f"{at}wrong_hit_cost")
        missed = 1.0 - hit
        answered = missed * accepted + hit * (1.0 - wrong)
        return missed * cost + paid, missed * review, answered, (1.0 - lever.taken) * time

    def visits(self, shares: Mapping[str, float | np.ndarray]) -> dict[str, float]:
        """Tier -> attempts there of a mean request, first case, when requests enter by shares."""
        found = dict.fromkeys(self.inputs.names, 0.0)
        for name, share in shares.items():
            lever = self.inputs.cache_before(self.routes[name][0])
            reaching = float(np.mean(share)) * (1.0 if lever is None else 1.0 - lever.taken)
            for place in self.routes[name]:
                tries, kept = (float(part[0]) for part in self.tried(place))
                reaching *= float(self.checked(place)[1][0])
                found[place] += reaching * tries
                reaching *= 1.0 - kept
        return found

    def of_mix(self, shares: Mapping[str, float | np.ndarray]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Cost, review and success of a request when requests enter by shares of routes. [currency/request]"""
        parts = [(share, self.entered[name]) for name, share in shares.items()]
        cost, review, success = (
            np.asarray(sum((share * one[place] for share, one in parts), np.array([0.0]))) for place in range(3)
        )
        return cost + self.by_the_month([name for name, seen in self._seen(shares).items() if seen]), review, success

    def _seen(self, shares: Mapping[str, float | np.ndarray]) -> dict[str, float]:
        return self.visits(shares) if self.inputs.has_fixed_cost else {}

    def by_the_month(self, used: Collection[str]) -> np.ndarray:
        """What the used tiers cost by the month, of a request. [currency/request]"""
        if not self.inputs.has_fixed_cost or self.inputs.requests_per_month is None:
            return np.array([0.0])
        fixed = sum((self.figure(f"tiers.{quoted(name)}.fixed_cost_per_month") for name in used), np.array([0.0]))
        return np.asarray(fixed / np.maximum(self.figure("requests_per_month"), 1e-300))

    @cached_property
    def baseline_shares(self) -> dict[str, float]:
        """Tier -> share of the baseline; all on the dearest by list cost when it is left out."""
        given = self.inputs.baseline
        if given is None:
            plain = {tier.name: float(self.plain(tier).mean()) for tier in self.inputs.tiers}
            return {self.dearest or max(plain, key=lambda name: plain[name]): 1.0}
        return {given: 1.0} if isinstance(given, str) else dict(given)

    @cached_property
    def baseline(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Cost, review and success of the baseline: its shape, one attempt, no batch, lever, check or escalation."""
        plain = {tier.name: self.plain(tier) for tier in self.inputs.tiers}
        shares = self.baseline_shares
        cost = sum((share * plain[name] for name, share in shares.items()), np.array([0.0]))
        review = sum(
            (share * self.figure(f"tiers.{quoted(name)}.review_cost") for name, share in shares.items()),
            np.array([0.0]),
        )
        success = sum((share * self.success(name) for name, share in shares.items()), np.array([0.0]))
        cost = cost + self.by_the_month([name for name, share in shares.items() if share])
        return np.asarray(cost), np.asarray(review), np.asarray(success)


def _at_base(tier: Tier) -> tuple[float, float, float]:
    """Attempts, requests that pass the check, and accepted ones of a tier, at base values."""
    success = np.array([1.0 if tier.success_rate is None else base(tier.success_rate)])
    tries, kept = tried(success, tier.attempts, np.array([base(tier.repeat_failure_share)]))
    return float(tries[0]), 1.0 if tier.check is None else 1.0 - base(tier.check.filtered_share), float(kept[0])
