"""The next jump of the curve beyond a number of users."""

from dataclasses import dataclass
from math import ceil, floor

import numpy as np

from aiecon.models.cost_curve.curve import Curve
from aiecon.models.cost_curve.inputs import Component
from aiecon.vocabulary.capacity import FORGIVEN, rounded_up


@dataclass(frozen=True)
class NextStep:
    """Where the cost jumps next.

    Attributes
    ----------
    users
        The user with whom it does.
    opened
        Components that open a step or begin there.
    cost
        More than with one user less. [currency/month]
    """

    users: int
    opened: tuple[str, ...]
    cost: float

    def words(self, users: float, currency: str) -> str:
        """Who opens it beyond so many users, and what it costs."""
        count = f"{len(self.opened)} steps" if len(self.opened) > 1 else "a step"
        who = "the next user" if self.users <= users + 1 else f"user {self.users:,.0f}"
        return f"{who} opens {count}: +{self.cost:,.0f} {currency} a month"


def next_step(curve: Curve, users: float, *, up_to: float) -> NextStep | None:
    """Return the first jump beyond some users, up to others; None where there is none."""
    found = {one.name: place for one in curve.inputs.components if (place := _place(one, users)) and place <= up_to}
    jumping = {name: place for name, place in found.items() if _more(curve, place, users)[name] > 0}
    if not jumping:
        return None
    first = min(jumping.values())
    opened = tuple(name for name, place in jumping.items() if place == first)
    return NextStep(first, opened, sum(_more(curve, first, users).values()))


def _more(curve: Curve, place: int, users: float) -> dict[str, float]:
    """Component -> what it costs more than with one user less. [currency/month]"""
    ends = np.array([max(users, place - 1.0), float(place)])
    return {name: float(np.diff(np.broadcast_to(cost, (1, 2))[0])[0]) for name, cost in curve.parts(ends).items()}


def _place(one: Component, users: float) -> int | None:
    """The user with whom a component jumps next, a whole number; None where it never does."""
    if one.from_users > users:
        return ceil(one.from_users)
    if one.kind != "step":
        return None
    return floor(rounded_up(users / one.users_per_step) * one.users_per_step * (1.0 + FORGIVEN)) + 1
