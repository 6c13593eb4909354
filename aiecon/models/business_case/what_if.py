"""What the case would be worth otherwise: without delay, with one figure at its ends, in scenarios."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from aiecon.finance import monthly_rate
from aiecon.models.business_case.flows import DELAY, at_base, flows_of, uncertain_values
from aiecon.models.business_case.inputs import BusinessCaseInputs
from aiecon.vocabulary.distribution import base

STRESS = 1.3  # costs over what is stated, when vendors raise prices (rule.stress.cost_increase_share, S3-05)
_ENDS = (0.1, 0.9)


def worth(inputs: BusinessCaseInputs, changed: Mapping[str, np.ndarray]) -> np.ndarray:
    """Present value of cases that differ from the base in some figures. [currency], shape (n_cases,)"""
    count = max((len(values) for values in changed.values()), default=1)
    values = {name: np.repeat(value, count) for name, value in at_base(inputs).items()} | dict(changed)
    return present_value(inputs, np.asarray(sum(flows_of(inputs, values).values())), values["discount_rate"])


def present_value(inputs: BusinessCaseInputs, flows: np.ndarray, rates: np.ndarray) -> np.ndarray:
    """Of net flows, the first not discounted. [currency], shape (n_cases,)"""
    rate = np.asarray(monthly_rate(rates)) if inputs.period == "month" else rates
    return np.asarray((flows * (1.0 + rate[:, None]) ** -np.arange(flows.shape[1])).sum(axis=1))


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

    Low and high have every uncertain figure at the end that lowers or raises the worth, all at once.
    """
    table = ends(inputs)
    worse, better = {}, {}
    for row in table.to_dict("records"):
        falls = row["npv_at_high"] < row["npv_at_low"]
        worse[row["name"]] = np.array([row["high"] if falls else row["low"]])
        better[row["name"]] = np.array([row["low"] if falls else row["high"]])
    stressed = {"cost_multiple": np.array([STRESS * base(inputs.cost_multiple)])}
    cases: tuple[tuple[str, Mapping[str, np.ndarray], str], ...] = (
        ("base", {}, "every figure at its base"),
        ("low", worse, "every uncertain figure at its worse end of ten (all at once: rarer than one in ten)"),
        ("high", better, "every uncertain figure at its better end of ten, all at once"),
        ("stress", stressed, f"costs and investment {STRESS - 1:.0%} higher".replace("%", " %")),
    )
    rows = [(name, float(worth(inputs, changed)[0]), words) for name, changed, words in cases]
    return pd.DataFrame(rows, columns=["scenario", "npv", "words"])
