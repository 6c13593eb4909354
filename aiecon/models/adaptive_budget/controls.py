"""Controls on spend: caps, throttles, cheaper tiers and queues; what each refuses, defers, saves and costs in value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from aiecon.errors import InputError
from aiecon.models.adaptive_budget.inputs import Control
from aiecon.vocabulary.arguments import as_numbers
from aiecon.vocabulary.strict import nearest

_NEEDED = ("period", "spend")
_PARTS = ("refused", "deferred", "downgraded", "waiting")


@dataclass(frozen=True, eq=False)
class Effect:
    """What a control does to spend, arrays of the shape of the spend it met.

    Attributes
    ----------
    spend, value
        Of what is served, in the period it is served in. [currency]
    refused
        Turned away, at its usual cost. [currency]
    deferred
        That a period could not serve and hands on, at its usual cost; counted in every period it waits. [currency]
    downgraded
        Served on the cheaper tier, at its usual cost. [currency]
    waiting
        Handed on by the last period, in that period. [currency]
    """

    spend: np.ndarray
    value: np.ndarray
    refused: np.ndarray
    deferred: np.ndarray
    downgraded: np.ndarray
    waiting: np.ndarray


def act(control: Control, spend: np.ndarray, value: np.ndarray, limit: np.ndarray | float) -> Effect:
    """Apply one control to what is asked for, periods along the last axis.

    A cap serves up to the limit and refuses the rest; a throttle admits a share of the rest; a downgrade serves the
    rest on a tier of so much of the cost and of the value; a queue hands the rest to the next period, where it comes
    first, having lost a share of its value. Value is spread evenly over spend.
    """
    above = np.maximum(spend - limit, 0.0)
    part = np.divide(above, spend, out=np.zeros_like(above), where=spend > 0)
    none = np.zeros_like(above)
    if control.kind == "queue":
        return _queue(control, spend, value, np.broadcast_to(limit, spend.shape))
    if control.kind == "downgrade":
        served = spend - (1.0 - control.cost_ratio) * above
        return Effect(served, value * (1.0 - (1.0 - control.value_ratio) * part), none, none, above, none)
    refused = (1.0 - control.admitted_share) * above if control.kind == "throttle" else above
    kept = 1.0 - np.divide(refused, spend, out=np.zeros_like(above), where=spend > 0)
    return Effect(spend - refused, value * kept, refused, none, none, none)


def _queue(control: Control, spend: np.ndarray, value: np.ndarray, limit: np.ndarray) -> Effect:
    served, worth, handed = np.zeros_like(spend), np.zeros_like(spend), np.zeros_like(spend)
    waiting, carried = np.zeros(spend.shape[:-1]), np.zeros(spend.shape[:-1])  # spend, and its value
    for period in range(spend.shape[-1]):
        asked, asked_value = waiting + spend[..., period], carried + value[..., period]
        served[..., period] = np.minimum(asked, np.maximum(limit[..., period], 0.0))
        old = np.divide(
            np.minimum(waiting, served[..., period]), waiting, out=np.zeros_like(waiting), where=waiting > 0
        )
        new = served[..., period] - np.minimum(waiting, served[..., period])
        fresh = np.divide(new, spend[..., period], out=np.zeros_like(new), where=spend[..., period] > 0)
        worth[..., period] = old * carried + fresh * value[..., period]
        waiting = asked - served[..., period]
        carried = (asked_value - worth[..., period]) * (1.0 - control.value_lost_per_period)
        handed[..., period] = waiting
    left = np.zeros_like(spend)
    left[..., -1] = waiting
    return Effect(served, worth, np.zeros_like(spend), handed, np.zeros_like(spend), left)


def in_order(
    controls: Sequence[Control], spend: np.ndarray, value: np.ndarray, limits: Sequence[np.ndarray | float]
) -> Effect:
    """Apply controls one after another, each to what those before it let through."""
    parts = {name: np.zeros_like(spend) for name in _PARTS}
    for control, limit in zip(controls, limits, strict=True):
        found = act(control, spend, value, limit)
        spend, value = found.spend, found.value
        for name in parts:
            parts[name] = parts[name] + getattr(found, name)
    return Effect(spend, value, **parts)


def apply_controls(
    demand: pd.DataFrame | Sequence[Mapping[str, Any]], controls: Sequence[Control | Mapping[str, Any]]
) -> pd.DataFrame:
    """Say what controls would have refused, deferred, saved and cost in value, each alone and all in order.

    Parameters
    ----------
    demand
        Rows of period (a day, a month: anything that sorts), spend, and if known tenant, intent, value. What was asked
        for; absent periods of a group are zero. [currency/period]
    controls
        Each with a `limit` a period, of every tenant or intent when `by` says so, else of all together.

    Returns
    -------
    pandas.DataFrame
        One row a control, then "all in order": control, spend, refused, deferred, downgraded, waiting, saved (spend
        that does not come: what is refused, still waiting, or cheaper), value_lost. [currency]

    Notes
    -----
    All together are cut evenly: a limit without `by` takes the same share of every row of a period. The value of what
    still waits when the periods end counts as lost.

    Examples
    --------
    >>> asked = [{"period": 1, "tenant": "a", "spend": 150.0}, {"period": 1, "tenant": "b", "spend": 60.0}]
    >>> found = apply_controls(asked, [{"name": "cap", "kind": "cap", "by": "tenant", "limit": 100.0}])
    >>> found.loc[0, ["spend", "refused"]].tolist()
    [160.0, 50.0]
    """
    rules = [one if isinstance(one, Control) else Control.build(dict(one)) for one in controls]
    frame = demand if isinstance(demand, pd.DataFrame) else pd.DataFrame(list(demand))
    _check(frame, rules)
    spend, value, keys = _tables(frame)
    rows = []
    for names, chosen in [*((one.name, [one]) for one in rules), ("all in order", rules)]:
        cost, worth = spend, value
        sums = dict.fromkeys(_PARTS, 0.0)
        for one in chosen:
            found, shares = _grouped(one, cost, worth, keys)
            for name in sums:
                sums[name] += float(getattr(found, name).sum())
            cost, worth = shares
        saved, lost = float(spend.sum() - cost.sum()), float(value.sum() - worth.sum())
        rows.append({"control": names, "spend": float(cost.sum()), **sums, "saved": saved, "value_lost": lost})
    return pd.DataFrame(rows)


def _check(frame: pd.DataFrame, rules: Sequence[Control]) -> None:
    known = [*_NEEDED, "tenant", "intent", "value"]
    problems = [f"demand: column {name!r} is missing" for name in _NEEDED if name not in frame]
    problems += [f"demand: {name} is not known{nearest(str(name), known)}" for name in frame if name not in known]
    problems += [f"controls: {one.name} needs a limit" for one in rules if one.limit is None]
    problems += [
        f"controls: {one.name} acts by {one.by}, which demand does not have"
        for one in rules
        if one.by is not None and one.by not in frame
    ]
    if not rules:
        problems.append("controls: at least one is needed")
    for name in ("spend", "value"):
        amounts = as_numbers(frame[name]) if name in frame else np.zeros(0)
        if amounts is None or not (np.isfinite(amounts) & (amounts >= 0)).all():
            problems.append(f"demand: {name} must be zero or more in every row")
    if problems:
        raise InputError(problems)


def _tables(frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, pd.DataFrame]:
    """Spend and value by group and period, shape (n_groups, n_periods), and what tenant and intent each group is."""
    by = [name for name in ("tenant", "intent") if name in frame] or ["tenant"]
    whole = frame.assign(**{name: frame.get(name, 0.0 if name == "value" else "all") for name in [*by, "value"]})
    spend, value = (
        whole.pivot_table(index=by, columns="period", values=name, aggfunc="sum", fill_value=0.0)
        for name in ("spend", "value")
    )
    return spend.to_numpy(dtype=float), value.to_numpy(dtype=float), spend.index.to_frame(index=False)


def _grouped(
    control: Control, spend: np.ndarray, value: np.ndarray, keys: pd.DataFrame
) -> tuple[Effect, tuple[np.ndarray, np.ndarray]]:
    """A control on every group it speaks of, and the spend and value that it leaves each row, cut evenly in a group."""
    codes = pd.factorize(keys[control.by])[0] if control.by else np.zeros(len(keys), dtype=int)
    member = (codes[None, :] == np.arange(codes.max() + 1)[:, None]).astype(float)  # (n_units, n_groups)
    together, worth = member @ spend, member @ value
    found = act(control, together, worth, float(control.limit or 0.0))
    left = []
    for before, after, rows in ((together, found.spend, spend), (worth, found.value, value)):
        even = member.T @ np.divide(after, before, out=np.zeros_like(after), where=before > 0)
        idle = member.T @ np.where(before > 0, 0.0, after)  # served from the queue in a period that asked for nothing
        left.append(rows * even + idle / member.sum(axis=1)[codes][:, None])
    return found, (left[0], left[1])


@dataclass(frozen=True, eq=False)
class Asked:
    """What a pool is asked for in the months ahead.

    Attributes
    ----------
    pool
        Its line's name.
    spend
        Draws, shape (n_draws, n_months). [currency/month]
    budgets
        Shape (n_months,). [currency/month]
    value_per_spend
        Of what is served; None where it is not known. [ratio]
    """

    pool: str
    spend: np.ndarray
    budgets: np.ndarray
    value_per_spend: float | None

    def under(self, controls: Sequence[Control]) -> Effect:
        """What controls of this pool do to every draw, one after another."""
        ours = [one for one in controls if not one.pools or self.pool in one.pools]
        limits = [self.budgets * one.budget_share if one.limit is None else one.limit for one in ours]
        return in_order(ours, self.spend, self.spend * (self.value_per_spend or 0.0), limits)


def on_draws(parts: Sequence[Asked], controls: Sequence[Control]) -> pd.DataFrame:
    """Say what a policy's controls do to the months ahead, each alone and all in order, means over draws.

    Returns
    -------
    pandas.DataFrame
        One row "none", one a control, then "all in order" when there are several: control, spend, refused, deferred,
        downgraded, waiting, saved, value_lost [currency], breach_probability (spend of all pools passes their budgets).
    """
    chosen: list[tuple[str, list[Control]]] = [("none", []), *((one.name, [one]) for one in controls)]
    if len(controls) > 1:
        chosen.append(("all in order", list(controls)))
    budget = sum(float(part.budgets.sum()) for part in parts)
    value = sum(float(part.spend.sum(axis=1).mean()) * (part.value_per_spend or 0.0) for part in parts)
    asked = sum(float(part.spend.sum(axis=1).mean()) for part in parts)
    rows = []
    for name, some in chosen:
        found = [part.under(some) for part in parts]
        means = {
            field: sum(float(getattr(one, field).sum(axis=1).mean()) for one in found)
            for field in ("spend", "value", *_PARTS)
        }
        over = np.mean(sum(one.spend.sum(axis=1) for one in found) > budget)
        lost, served = value - means.pop("value"), means["spend"]
        rows.append(
            {"control": name, **means, "saved": asked - served, "value_lost": lost, "breach_probability": float(over)}
        )
    return pd.DataFrame(rows)
