"""The gate before launch: four things a team shows before production costs anything, and what is missing."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from aiecon.models.cost_curve.inputs import PreLaunch
from aiecon.vocabulary.distribution import base
from aiecon.vocabulary.gate import Verdict

_POINTS = 4_000  # numbers of users tried for the break-even
_BEYOND = 10.0  # times production up to which a break-even is looked for
_WORST: tuple[Verdict, ...] = ("failed", "held", "passed")


def break_even_users(
    cost: Callable[[np.ndarray], np.ndarray], value_per_user: float, *, production: float
) -> int | None:
    """Return the fewest users from which on up to production (or beyond it) value covers cost; None where none do.

    Parameters
    ----------
    cost
        Users, shape (n,) -> cost of a month, shape (n,). [currency/month]
    value_per_user
        [currency/user/month]
    production
        Users of production.

    Examples
    --------
    >>> break_even_users(lambda users: 1_000.0 + 0.0 * users, 2.0, production=2_000)
    500
    """
    users = np.unique(np.geomspace(1.0, _BEYOND * production, _POINTS).round())
    covered = value_per_user * users >= cost(users)
    if not covered[-1]:
        return None
    last_short = np.flatnonzero(~covered)
    if not len(last_short):
        return 1
    low, high = users[last_short[-1]], users[last_short[-1] + 1]
    whole = np.arange(low, high + 1)
    return int(whole[np.flatnonzero(value_per_user * whole >= cost(whole))[0]])


def gate(
    asked: PreLaunch, *, cost_per_user: float, production: float, break_even: int | None, currency: str
) -> pd.DataFrame:
    """Return one row an artefact: artefact, verdict (passed, held, failed), reason; what is missing is named."""
    unit = f"{currency} a user and month"
    rows: list[tuple[str, Verdict, str]] = []
    if asked.model_justification:
        rows.append(("Model justification", "passed", asked.model_justification))
    else:
        rows.append(("Model justification", "held", "pre_launch.model_justification is missing"))
    approved = asked.cost_per_user_month
    if approved is None:
        rows.append(("Cost of a user", "held", "pre_launch.cost_per_user_month, the cost approved, is missing"))
    else:
        most = approved * (1.0 + asked.tolerance)
        said = f"the curve says {cost_per_user:,.2f} {unit}; {approved:,.2f} is approved, {most:,.2f} at most"
        rows.append(("Cost of a user", "passed" if cost_per_user <= most else "failed", said))
    missing = [name for name in ("value_per_user_month", "value_source", "value_grade") if getattr(asked, name) is None]
    value = None if asked.value_per_user_month is None else f"{base(asked.value_per_user_month):,.2f} {unit}"
    if value is None:
        rows.append(("Break-even", "held", "it needs pre_launch.value_per_user_month"))
    elif break_even is None:
        said = f"a value of {value} covers the cost at no number of users"
        rows.append(("Break-even", "failed", said))
    else:
        said = f"from {break_even:,} users; production has {production:,.0f}"
        rows.append(("Break-even", "passed" if break_even <= production else "failed", said))
    if missing:
        names = ", ".join(f"pre_launch.{name}" for name in missing)
        rows.append(("Value", "held", f"{names} {'is' if len(missing) == 1 else 'are'} missing"))
    else:
        said = f"{value}, {asked.value_grade}: {asked.value_source}"
        rows.append(("Value", "passed", said))
    return pd.DataFrame(rows, columns=["artefact", "verdict", "reason"])


def verdict_of(found: pd.DataFrame) -> Verdict:
    """Return the worst of the verdicts: failed, held, passed."""
    return next(one for one in _WORST if one in set(found["verdict"]))
