"""What giving seats by expected use would have saved on giving them by last month's, and how sure that is."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from aiecon.models.seats.allocation import allocate, tariffs_of
from aiecon.models.seats.inputs import Plan
from aiecon.models.seats.people import People
from aiecon.models.seats.persistence import Habit, foreseen, lasting, learnt
from aiecon.vocabulary.distribution import stream

_FIRST = 2  # months that are seen before the first is foreseen
_MOST_MONTHS = 12  # foreseen, the last ones
_MANY, _NEAR = 500, 1e-3  # people above which an allocation within this share of the lowest cost will do
_RESAMPLES = 400
_GROUPS = 2_000  # of people, drawn together where there are more
_COLUMNS = ["month", "error_last", "error_expected", "cost_last", "cost_expected", "cost_best"]


@dataclass(frozen=True, eq=False)
class Backtest:
    """Months foreseen from those before them.

    Attributes
    ----------
    table
        One row a month foreseen: month, error_last, error_expected (mean absolute error of last month, and of the
        expectation), cost_last, cost_expected, cost_best (of seats chosen by each, and with hindsight).
        [currency/month]
    gain
        Mean cost by last month − by expectation; None where no month is foreseen. [currency/month]
    interval
        Its 80 % range when people are drawn anew (bootstrap); the months stay. [currency/month]
    """

    table: pd.DataFrame
    gain: float | None
    interval: tuple[float, float] | None


@dataclass(frozen=True, eq=False)
class Persistence:
    """What a panel says of next month.

    Attributes
    ----------
    expected
        User -> expected spend next month, of those there in the last. [currency/month]
    habit
        What makes use differ between people and between months.
    autocorrelation, sigma
        Of a person's log use about its own mean over the months, from month to month, and its standard deviation.
    backtest
        The months of the panel foreseen from those before.
    """

    expected: pd.Series
    habit: Habit
    autocorrelation: float
    sigma: float
    backtest: Backtest


def persistence_of(panel: pd.DataFrame, plans: Sequence[Plan], *, fee: float, seed: int) -> Persistence:
    """Return what a panel of two months or more says of next month."""
    here = panel.iloc[:, -1].notna()
    habit = learnt(panel)
    expected = foreseen(panel, habit)[here]
    return Persistence(expected, habit, *lasting(panel), backtest(panel, plans, fee=fee, seed=seed))


def backtest(panel: pd.DataFrame, plans: Sequence[Plan], *, fee: float, seed: int) -> Backtest:
    """Foresee each month from the third on, the last twelve, from those before, for those there in it and before it."""
    rows, sums = [], []
    group = np.arange(len(panel)) % min(len(panel), _GROUPS)
    for place in range(max(_FIRST, panel.shape[1] - _MOST_MONTHS), panel.shape[1]):
        past, came = panel.iloc[:, :place], panel.iloc[:, place]
        here = (past.iloc[:, -1].notna() & came.notna()).to_numpy()
        if not here.any():
            continue
        last, expected, came = past.iloc[:, -1][here], foreseen(past)[here], came[here]
        chosen = [_chosen(one.to_numpy(), plans, fee) for one in (last, expected, came)]
        parts = [_sums(one, came.to_numpy(), plans, group[here], int(group.max()) + 1) for one in chosen]
        costs = [float(_cost(one.sum(axis=0), plans, fee)) for one in parts]
        errors = [float((one - came).abs().mean()) for one in (last, expected)]
        rows.append(dict(zip(_COLUMNS, [panel.columns[place], *errors, *costs], strict=True)))
        sums.append(parts[:2])
    table = pd.DataFrame(rows, columns=_COLUMNS)
    if table.empty:
        return Backtest(table, None, None)
    drawn = _drawn(sums, plans, fee, seed)
    gain = float((table["cost_last"] - table["cost_expected"]).mean())
    return Backtest(table, gain, (float(np.quantile(drawn, 0.1)), float(np.quantile(drawn, 0.9))))


def stated_panel(median: float, *, people: int = 1_000, months: int = 6, seed: int = 0) -> pd.DataFrame:
    """Return a panel in which habits last in part, made by the rule written here. [currency/month]

    Log use = log median + person (normal, sd 1) + drift (AR 1, sd 0.8, correlation 0.3 from month to month). A tenth of
    people are idle; each month 15 % of people are dealt anew, idle or not.
    """
    random = stream("usage.stated_panel", seed=seed)
    person, drift = random.standard_normal(people), random.standard_normal(people)
    idle = random.random(people) < 0.1
    columns = []
    for _ in range(months):
        columns.append(np.where(idle, 0.0, median * np.exp(person + 0.8 * drift)))
        drift = 0.3 * drift + np.sqrt(1 - 0.3**2) * random.standard_normal(people)
        idle = np.where(random.random(people) < 0.15, random.random(people) < 0.1, idle)
    dates = pd.date_range("2025-01-01", periods=months, freq="MS")
    return pd.DataFrame(np.column_stack(columns), columns=dates)


def _chosen(spend: np.ndarray, plans: Sequence[Plan], fee: float) -> np.ndarray:
    """For each person the place of the plan they get for what is foreseen of them, the number of plans for none."""
    order = np.argsort(-spend, kind="stable")
    near = _NEAR if len(spend) > _MANY else 0.0
    plan = allocate(People(spend[order], np.ones(len(order)), order), plans, fee=fee, near=near).plan
    found = np.empty(len(spend), dtype=int)
    found[order] = np.where(plan < 0, len(plans), plan)
    return found


def _sums(chosen: np.ndarray, came: np.ndarray, plans: Sequence[Plan], group: np.ndarray, groups: int) -> np.ndarray:
    """Holders, use and overrun by group of people and plan, those without one last; (groups, n_plans + 1, 3)."""
    included = np.array([*(tariffs_of(plan)[0].included for plan in plans), 0.0])[chosen]
    found = np.zeros((groups, len(plans) + 1, 3))
    for place, values in enumerate((np.ones(len(came)), came, np.maximum(came - included, 0.0))):
        np.add.at(found[:, :, place], (group, chosen), values)
    return found


def _cost(sums: np.ndarray, plans: Sequence[Plan], fee: float) -> np.ndarray:
    """Cost of holders, use and overrun by plan, shape (..., n_plans + 1, 3). [currency/month]"""
    cost = sums[..., -1, 1] + fee * sums[..., -1, 0]
    for place, plan in enumerate(plans):
        held, used, over = (sums[..., place, column] for column in range(3))
        ways = []
        for one in tariffs_of(plan):
            seats = np.maximum(held, one.minimum)
            beyond = np.maximum(used - seats * one.included, 0.0) if one.is_pooled else over
            ways.append(seats * one.price + one.overage * beyond)
        cost = cost + np.where(held > 0, np.min(ways, axis=0), 0.0)
    return np.asarray(cost)


def _drawn(sums: list[list[np.ndarray]], plans: Sequence[Plan], fee: float, seed: int) -> np.ndarray:
    """The gain of resampled people, shape (n_resamples,)."""
    groups = len(sums[0][0])
    times = stream("usage.backtest", seed=seed).multinomial(groups, np.full(groups, 1 / groups), _RESAMPLES)
    gains = [
        _cost(np.tensordot(times, last, axes=1), plans, fee) - _cost(np.tensordot(times, expected, axes=1), plans, fee)
        for last, expected in sums
    ]
    return np.asarray(np.mean(gains, axis=0))
