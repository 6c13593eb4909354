"""What the case would be worth otherwise: without delay, with one figure at its ends, in scenarios."""

from collections.abc import Mapping
from typing import cast

import numpy as np
import pandas as pd

from aiecon.finance import monthly_rate
from aiecon.models.business_case.flows import DELAY, at_base, flows_of, uncertain_values
from aiecon.models.business_case.inputs import BusinessCaseInputs
from aiecon.vocabulary.distribution import base
from aiecon.vocabulary.overrides import override

STRESS = 1.3  # costs over what is stated, when vendors raise prices (rule.stress.cost_increase_share, S3-05)
AS_ASKED = "as asked"
_ENDS = (0.1, 0.9)
_ROUNDING = 1e-12  # part of all discounted flows below which what they are worth is zero


def worth(inputs: BusinessCaseInputs, changed: Mapping[str, np.ndarray]) -> np.ndarray:
    """Present value of cases that differ from the base in some figures. [currency], shape (n_cases,)"""
    count = max((len(values) for values in changed.values()), default=1)
    values = {name: np.repeat(value, count) for name, value in at_base(inputs).items()} | dict(changed)
    return present_value(inputs, np.asarray(sum(flows_of(inputs, values).values())), values["discount_rate"])


def present_value(inputs: BusinessCaseInputs, flows: np.ndarray, rates: np.ndarray) -> np.ndarray:
    """Of net flows, the first not discounted; what rounding alone leaves is zero. [currency], shape (n_cases,)"""
    rate = np.asarray(monthly_rate(rates)) if inputs.period == "month" else rates
    discounted = flows * (1.0 + rate[:, None]) ** -np.arange(flows.shape[1])
    found = discounted.sum(axis=1)
    return np.where(np.abs(found) <= _ROUNDING * np.abs(discounted).sum(axis=1), 0.0, found)


def delay_cost(inputs: BusinessCaseInputs) -> float:
    """Value lost to the delay at its base. [currency]"""
    if not base(inputs.approval.delay_months):
        return 0.0
    now, without = worth(inputs, {DELAY: np.array([base(inputs.approval.delay_months), 0.0])})
    return float(without - now)


def ends(inputs: BusinessCaseInputs) -> pd.DataFrame:
    """Worth with each uncertain figure at its 10th and 90th percentile, the others at base, widest first.

    Columns name, low, high, npv_at_low, npv_at_high, width. [currency]
    """
    rows = []
    for name, value in uncertain_values(inputs).items():
        if hasattr(value, "ppf"):
            low, high = (float(end) for end in value.ppf(np.array(_ENDS)))
            at_low, at_high = worth(inputs, {name: np.array([low, high])})
            rows.append((name, low, high, float(at_low), float(at_high), abs(float(at_high - at_low))))
    columns = ["name", "low", "high", "npv_at_low", "npv_at_high", "width"]
    return pd.DataFrame(rows, columns=columns).sort_values("width", ascending=False, kind="stable", ignore_index=True)


def scenarios(inputs: BusinessCaseInputs) -> pd.DataFrame:
    """Worth in the base, low, high and stress scenario: scenario, npv, words. [currency]

    Low and high have every uncertain figure at the end that lowers or raises the worth, all at once. All four are of
    the inputs without the scenario that was chosen, which has a row of its own before them.
    """
    chosen = inputs.chosen
    given = inputs if chosen is None else override(cast(BusinessCaseInputs, chosen.without), chosen.since)
    rows = [] if chosen is None else [(AS_ASKED, _at(inputs, {}), f"this page: --scenario {chosen.scenario}")]
    rows += [(name, _at(given, changed), words) for name, changed, words in _cases(given)]
    return pd.DataFrame(rows, columns=["scenario", "npv", "words"])


def _at(inputs: BusinessCaseInputs, changed: Mapping[str, np.ndarray]) -> float:
    return float(worth(inputs, changed)[0])


def _cases(inputs: BusinessCaseInputs) -> list[tuple[str, Mapping[str, np.ndarray], str]]:
    """Each scenario by name: what it sets, and that in words."""
    worse, better = {}, {}
    for row in ends(inputs).to_dict("records"):
        falls = row["npv_at_high"] < row["npv_at_low"]
        worse[row["name"]] = np.array([row["high"] if falls else row["low"]])
        better[row["name"]] = np.array([row["low"] if falls else row["high"]])
    stated = base(inputs.cost_multiple)
    multiple = "" if stated == 1.0 else f", costs {stated:.3g} times what is stated"
    more = f"{STRESS - 1:.0%}".replace("%", " %")
    return [
        ("base", {}, f"every figure at its base{multiple}"),
        ("low", worse, "every uncertain figure at its worse end of ten (all at once: rarer than one in ten)"),
        ("high", better, "every uncertain figure at its better end of ten, all at once"),
        ("stress", {"cost_multiple": np.array([STRESS])}, f"costs and investment {more} higher than stated"),
    ]
