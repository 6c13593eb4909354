"""Cost at any number of users: components, levers and regulation, for one case or many."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from aiecon.models.cost_curve.falling import left_of
from aiecon.models.cost_curve.inputs import RATES, Component, CostCurveInputs, Fixed, PerUser, Power, Step
from aiecon.vocabulary.capacity import FORGIVEN
from aiecon.vocabulary.lever import Lever
from aiecon.vocabulary.strict import quoted

_FIELDS = {
    "fixed": ("cost_per_month",),
    "per_user": ("cost_per_user_month",),
    "power": ("cost_per_month", "exponent"),
    "step": ("cost_per_step",),
}


def figures(inputs: CostCurveInputs) -> dict[str, Any]:
    """Dotted name -> number or distribution of every figure."""
    found: dict[str, Any] = {}
    for component in inputs.components:
        for field in (*_FIELDS[component.kind], *RATES):
            found[f"components.{quoted(component.name)}.{field}"] = getattr(component, field)
    for lever in inputs.levers:
        at = f"levers.{quoted(lever.name)}."
        found[f"{at}saving"] = lever.saving
        cache = lever.prompt_cache
        for field in () if cache is None else type(cache).model_fields:
            found[f"{at}prompt_cache.{field}"] = getattr(cache, field)
    if inputs.regulated is not None:
        for field in ("opex_share", "build_share", "roles", "cost_per_role_month"):
            found[f"regulated.{field}"] = getattr(inputs.regulated, field)
    return {name: value for name, value in found.items() if value is not None}


@dataclass(frozen=True, eq=False)
class Curve:
    """The curve of one case or many.

    Attributes
    ----------
    inputs
        The question's.
    values
        Dotted name -> values, shape (n_cases,).
    """

    inputs: CostCurveInputs
    values: Mapping[str, np.ndarray]

    def figure(self, name: str) -> np.ndarray:
        """A figure by its dotted name as a column, shape (n_cases or 1, 1); 0 where it is not given."""
        return np.atleast_1d(self.values.get(name, np.array([0.0])))[:, None]

    def plain(self, component: Component, users: np.ndarray) -> np.ndarray:
        """A component's cost without levers. [currency/month], shape (n_cases, n_users)"""
        return self.full(component, users) * self.fallen(component)

    def full(self, component: Component, users: np.ndarray) -> np.ndarray:
        """The same before it falls. [currency/month], shape (n_cases, n_users)"""
        return self._paid(component, users) * (users >= component.from_users)

    def falls(self, component: Component) -> dict[str, np.ndarray]:
        """Rate -> part of the full cost that it leaves in the month of the curve, shape (n_cases, 1)."""
        at = f"components.{quoted(component.name)}."
        return left_of(component, self.inputs.month or 1, lambda field: self.figure(f"{at}{field}"))

    def fallen(self, component: Component) -> np.ndarray:
        """Part of the full cost that all rates leave, shape (n_cases, 1)."""
        learnt, listed, newer = self.falls(component).values()
        return np.asarray(learnt * listed * newer)

    def _paid(self, component: Component, users: np.ndarray) -> np.ndarray:
        at = f"components.{quoted(component.name)}."
        if isinstance(component, Fixed):
            return self.figure(f"{at}cost_per_month") * np.ones_like(users)
        if isinstance(component, PerUser):
            return self.figure(f"{at}cost_per_user_month") * users
        if isinstance(component, Power):
            scaled = (users / component.at_users) ** self.figure(f"{at}exponent")
            return self.figure(f"{at}cost_per_month") * np.where(users > 0, scaled, 0.0)
        steps = np.ceil(users / component.users_per_step - FORGIVEN * np.maximum(users / component.users_per_step, 1.0))
        return self.figure(f"{at}cost_per_step") * steps

    def slope(self, component: Component, users: np.ndarray) -> np.ndarray:
        """Derivative of a component's cost by users, a step being flat. [currency/user/month]"""
        at = f"components.{quoted(component.name)}."
        if isinstance(component, PerUser):
            each = self.figure(f"{at}cost_per_user_month") * self.fallen(component)
            return np.asarray(each * (users >= component.from_users))
        if isinstance(component, Power):
            exponent = self.figure(f"{at}exponent")
            safe = np.where(users > 0, users, np.nan)
            return np.nan_to_num(self.plain(component, users) * exponent / safe)
        assert isinstance(component, Fixed | Step)
        return np.zeros((1, len(users)))

    def left(self, component: Component) -> np.ndarray:
        """Part of a component that levers leave, shape (n_cases, 1)."""
        left = np.ones((1, 1))
        for lever in self.inputs.working_levers:
            if lever.reaches(component.name, component.layer):
                left = left * (1.0 - lever.taken_of(partial(self._of_lever, lever)))
        return left

    def _of_lever(self, lever: Lever, name: str) -> np.ndarray:
        return self.figure(f"levers.{quoted(lever.name)}.{name}")

    @property
    def above(self) -> np.ndarray:
        """What regulation multiplies components by, shape (n_cases, 1)."""
        return 1.0 + self.figure("regulated.opex_share")

    @property
    def roles(self) -> np.ndarray:
        """What regulation adds. [currency/month], shape (n_cases, 1)"""
        return self.figure("regulated.roles") * self.figure("regulated.cost_per_role_month")

    def parts(self, users: np.ndarray, *, with_levers: bool = True) -> dict[str, np.ndarray]:
        """Component -> cost after levers, and what regulation adds. [currency/month], shape (n_cases, n_users)"""
        found = {
            one.name: self.plain(one, users) * (self.left(one) if with_levers else 1.0)
            for one in self.inputs.components
        }
        if self.inputs.regulated is not None:
            components = sum(found.values(), np.zeros((1, len(users))))
            found["(regulation)"] = components * self.figure("regulated.opex_share") + self.roles
        return found

    def total(self, users: np.ndarray, *, with_levers: bool = True) -> np.ndarray:
        """Cost of a month. [currency/month], shape (n_cases, n_users)"""
        return np.asarray(sum(self.parts(users, with_levers=with_levers).values(), np.zeros((1, len(users)))))

    def marginal(self, users: np.ndarray) -> np.ndarray:
        """Cost of one user more. [currency/user/month], shape (n_cases, n_users)"""
        slopes = sum(
            (self.slope(one, users) * self.left(one) for one in self.inputs.components), np.zeros((1, len(users)))
        )
        return np.asarray(slopes * self.above)
