"""A pool or two with a policy, as tests of the adaptive budget need them."""

import pandas as pd
import pytest

from aiecon.errors import InputError
from aiecon.models.adaptive_budget import AdaptiveBudgetInputs, adaptive_budget

PLAIN = {"name": "prod", "owner": "finance", "base": 100.0}
GATED = {"unit_cost_target": 1.0, "growth_cap": 1.0}


def months(spend, team="search", pool="prod", start="2026-01-01", **columns):
    dates = pd.date_range(start, periods=len(spend), freq="MS")
    rows = [{"month": f"{day:%Y-%m-%d}", "team": team, "pool": pool, "spend": cost} for day, cost in zip(dates, spend)]  # noqa: B905 - as many
    for name, values in columns.items():
        rows = [row | {name: value} for row, value in zip(rows, values, strict=True)]
    return rows


def asked(actuals, *pools, policy=None, **fields):
    values = {"version": "1", "pools": [PLAIN | pool for pool in pools or ({},)]} | (policy or {})
    return AdaptiveBudgetInputs.build({"draws": 2_000, "actuals": actuals, "policy": values} | fields)


def summary(answer):
    return {metric.key: metric.value for metric in answer.summary()}


def refused(*given, **fields):
    with pytest.raises(InputError) as error:
        adaptive_budget(asked(*given, **fields))
    return "\n".join(error.value.problems)


def expected(month, spend, **more):
    return {"month": month, "team": "search", "pool": "prod", "spend": spend} | more
