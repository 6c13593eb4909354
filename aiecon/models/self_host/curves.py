"""What pictures show of a self-host answer: costs over volume, sums over months, and how sure it is where."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from aiecon.models.self_host.answer import SelfHost
from aiecon.models.self_host.economics import Economics, chance_to_save
from aiecon.units import MONTHS_PER_YEAR
from aiecon.vocabulary.distribution import base

STEEP_DECLINE = 0.5  # per year; the fall of a price at fixed quality that is often quoted
_MOST_STEPS = 400  # of the staircase drawn; finer ones are a line
_WIDEST = 6.0  # times the volume of today that a picture shows at most
MAP_DRAWS = 1_000  # of those of the answer, for the map
_MULTIPLES = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0, 4.0, 6.0)
_SHARES = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


def volume_range(answer: SelfHost) -> tuple[float, float]:
    """Least and largest volume of the horizon with four in five draws between. [million tokens/month]"""
    ends = answer.cases.mtok[:, [0, -1]]
    low, high = np.quantile(ends, [0.1, 0.9], axis=0)
    return float(low.min()), float(high.max())


def volume_curve(answer: SelfHost) -> pd.DataFrame:
    """Cost of a month over volume: mtok, hosting, api, replicas; two rows a step, at its start and its end."""
    case, top = answer.case, _top(answer)
    carried = float(case.mtok_per_replica[0, 0])
    first = max(answer.inputs.serving.minimum_replicas, 1)
    last = max(first, int(np.ceil(top / carried)))
    stride = max(1, -(-(last - first + 1) // _MOST_STEPS))
    steps = np.arange(first, last + 1, stride, dtype=float)
    cost = case.hosting(steps[None, :])[0]
    starts = np.concatenate([[0.0], steps[1:] * carried - stride * carried])
    ends = np.minimum(steps * carried, top)
    volume = np.column_stack([starts, ends]).ravel()
    return pd.DataFrame(
        {
            "mtok": volume,
            "hosting": np.repeat(cost, 2),
            "api": volume * answer.api_per_mtok,
            "replicas": np.repeat(steps, 2),
        }
    )


def _top(answer: SelfHost) -> float:
    """Largest volume drawn: ours with its range, and the last place where the cheaper one changes."""
    ours = max(float(answer.case.mtok[0, 0]), float(answer.case.mtok_per_replica[0, 0]))
    turn = answer.win_intervals[-1][0] * 1.5 if answer.win_intervals else 0.0
    return max(1.8 * ours, 1.15 * min(volume_range(answer)[1], _WIDEST * ours), min(turn, _WIDEST * ours))


def cumulative(answer: SelfHost, *, declines: Sequence[float] | None = None) -> pd.DataFrame:
    """Cash spent up to the end of each month, from 0: option, month, cost; the API once for each yearly decline."""
    case, inputs = answer.case, answer.inputs
    if declines is None:
        declines = sorted({0.0, base(inputs.api_price_decline_per_year), STEEP_DECLINE})
    months = np.arange(inputs.horizon_months + 1)
    bought = case.capital[1][0].copy()
    bought[0] = 0.0  # stands in what is spent at the start
    parts = [("Self-host", answer.upfront + np.concatenate([[0.0], np.cumsum(case.running_cost[0] + bought)]))]
    monthly = case.mtok[0] * answer.api_per_mtok
    for decline in declines:
        fallen = (1.0 - decline) ** (months[:-1] / MONTHS_PER_YEAR)
        name = f"API, −{decline:.0%} a year".replace("%", " %") if decline else "API, price as today"
        parts.append((name, np.concatenate([[0.0], np.cumsum(monthly * fallen)])))
    return pd.concat(
        [pd.DataFrame({"option": option, "month": months, "cost": cost}) for option, cost in parts], ignore_index=True
    )


def probability_map(answer: SelfHost) -> pd.DataFrame:
    """Probability that hosting saves over the horizon: mtok, usable_share, probability, is_here.

    The answer's own draws with volume and usable share set; where nothing is drawn it is 0 or 1.
    """
    cases = Economics(answer.inputs, {name: values[:MAP_DRAWS] for name, values in answer.cases.figures.items()})
    volume, share = float(answer.case.mtok[0, 0]), base(answer.inputs.serving.usable_share)
    shares = sorted({*(one for one in _SHARES if abs(one - share) > 0.04), share})
    rows = []
    for multiple in _MULTIPLES if volume > 0 else ():
        for usable in shares:
            changed = {"workload.mtok_per_month": volume * multiple, "serving.usable_share": usable}
            chance = chance_to_save(cases, changed)
            rows.append((volume * multiple, usable, chance, multiple == 1.0 and usable == share))
    return pd.DataFrame(rows, columns=["mtok", "usable_share", "probability", "is_here"])
