"""A hierarchy of series forecast node by node and made coherent, the expected course and every path."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from aiecon.errors import InputError
from aiecon.forecasting.combine import MIDDLE
from aiecon.forecasting.ensemble import Forecast, Settings, forecast_values
from aiecon.forecasting.paths import Drawn, at_ranks_of
from aiecon.forecasting.predicted import filled
from aiecon.forecasting.reconciliation import Reconciling, reconcile, shrunk_covariance, summing_matrix


def coherent(
    forecast: Forecast,
    values: pd.DataFrame,
    hierarchy: Mapping[str, Sequence[str]],
    *,
    method: Reconciling = "mint",
    settings: Settings = Settings(),  # noqa: B008 (frozen)
) -> Forecast:
    """Return the forecast with the parents of a hierarchy forecast too and everything made to add up.

    A parent's path has, in each period, the rank that the sum of its leaves has there; then every path is reconciled.

    Parameters
    ----------
    forecast
        Of the leaves.
    values
        The leaves as they were forecast, shape (n_periods, n_leaves).
    hierarchy
        Parent -> children, each a series of the forecast or another parent.
    method
        bottom_up, ols, wls_struct, wls_var or mint.
    settings
        How the parents are forecast.

    Raises
    ------
    InputError
        When the hierarchy does not fit the series, or nothing is known of a node's errors that the method needs.
    """
    leaves = list(forecast.fans)
    nodes, summing = summing_matrix(hierarchy, leaves)
    parents = nodes[: len(hierarchy)]
    whole = pd.DataFrame({leaf: _bridged(values[leaf], forecast.calendar.season) for leaf in leaves}).to_numpy()
    above = pd.DataFrame({node: whole @ row for node, row in zip(parents, summing, strict=False)}, index=values.index)
    tops = forecast_values(above, forecast.calendar, horizon=len(forecast.dates), seed=forecast.seed, settings=settings)
    drawn = np.array([forecast.fans[leaf].paths(seed=forecast.seed) for leaf in leaves])
    upper = [
        at_ranks_of(np.tensordot(row, drawn, 1), tops.fans[node].said)
        for node, row in zip(parents, summing, strict=False)
    ]
    base = np.concatenate([np.array(upper), drawn])
    found = reconcile(base, summing, method=method, variances=_variances(forecast, tops, nodes, method))
    bottom = found[len(parents) :]
    return replace(
        forecast,
        fans={leaf: Drawn(one, forecast.fans[leaf].lowest) for leaf, one in zip(leaves, bottom, strict=True)},
        nodes={
            node: [leaf for leaf, part in zip(leaves, row, strict=True) if part]
            for node, row in zip(parents, summing, strict=False)
        },
    )


def _bridged(values: pd.Series, season: int) -> pd.Series:
    """A leaf without gaps, so that its parents have none: nothing before it begins, lines across what is missing."""
    begun = values.loc[values.first_valid_index() :] if values.notna().any() else values.iloc[:0]
    return filled(begun, season).reindex(values.index, fill_value=0.0)


def _variances(forecast: Forecast, tops: Forecast, nodes: Sequence[str], method: str) -> np.ndarray | None:
    """What the back-tests say of the nodes' errors, when the method asks."""
    if method not in ("wls_var", "mint"):
        return None
    tests = {**forecast.backtests, **tops.backtests}
    missing = [node for node in nodes if node not in tests]
    if missing:
        raise InputError(
            f"reconcile = {method} needs a back-test of every node; {missing[0]} is too short: try wls_struct"
        )
    shortest = min(len(tests[node].origins) for node in nodes)
    errors = np.column_stack(
        [np.nan_to_num(tests[node].actual[-shortest:] - tests[node].said[-shortest:, MIDDLE]).ravel() for node in nodes]
    )
    covariance = shrunk_covariance(errors)
    return np.diagonal(covariance).copy() if method == "wls_var" else covariance
