"""Costs that fall while they are paid: by learning, by the list price of the same, by switching to what is as good."""

from collections.abc import Callable

import numpy as np

from aiecon.models.cost_curve.inputs import RATES, Component
from aiecon.units import MONTHS_PER_YEAR

NAMES = dict(zip(RATES, ("(learning)", "(list prices)", "(newer models)"), strict=True))
"""Rate -> the line that it has in the step from pilot to production."""


def left_of(component: Component, month: int, rate: Callable[[str], np.ndarray]) -> dict[str, np.ndarray]:
    """Rate -> part of the component's full cost that it leaves in a month.

    Parameters
    ----------
    component
        Its first month and its months between switches.
    month
        Month of the curve.
    rate
        Field -> share by which the cost falls: each doubling, or a year. Shape (n_cases, 1)

    Notes
    -----
    With the same users every month, what has been served since the component's first month doubles with the months, so
    in the n-th a learnt cost is n^log2(1 − learning_rate) of the first (Wright 1936); what scale saves is the curve's
    own. A list price is (1 − decline)^(months ÷ 12) of the first; that of a model as good falls by its own, larger
    rate, and is had at each switch alone.
    """
    months = max(month - component.falls_from_month, 0)
    switched = 0 if component.switch_every_months is None else months - months % component.switch_every_months
    learnt, listed, newer = (1.0 - rate(field) for field in RATES)
    return {
        "learning_rate": (months + 1.0) ** np.log2(learnt),
        "price_decline_per_year": listed ** ((months - switched) / MONTHS_PER_YEAR),
        "fixed_quality_decline_per_year": newer ** (switched / MONTHS_PER_YEAR),
    }
