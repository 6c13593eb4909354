"""The gate before launch: what a team shows before production costs anything, and what is missing."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date

import numpy as np
import pandas as pd

from aiecon.models.cost_curve.inputs import MUST_HAVE, Component, PreLaunch
from aiecon.vocabulary.distribution import base
from aiecon.vocabulary.gate import Verdict
from aiecon.vocabulary.lever import Lever
from aiecon.vocabulary.stand_ins import is_stand_in

_BEYOND = 10.0  # times production up to which stretches are looked for
_ALL = 100_000  # whole numbers of users that are all tried, and edges of steps that are
_POINTS = 4_000  # numbers tried beyond those
_WORST: tuple[Verdict, ...] = ("failed", "held", "passed")
_TOLD = 3  # stretches told in full
_RUMOUR = "rumour"
_EXAMPLE = "example of the template"  # how the template's example rows say where they are from

Stretch = tuple[int, int | None]
"""First and last number of users of a stretch; None for the last one where it goes on at the bound."""


def bound(production: float) -> int:
    """Return the largest number of users tried: ten times production."""
    return int(np.ceil(_BEYOND * production))


def edges(components: Iterable[Component], *, production: float) -> np.ndarray:
    """Return the numbers of users at which the curve jumps: starts of components and ends of steps, shape (n,)."""
    most, found = bound(production), [np.empty(0)]
    for one in components:
        found.append(np.array([one.from_users]))
        if one.kind == "step" and most / one.users_per_step <= _ALL:
            found.append(one.users_per_step * np.arange(1, most / one.users_per_step + 1))
    return np.concatenate(found)


def stretches(
    cost: Callable[[np.ndarray], np.ndarray],
    value_per_user: float,
    *,
    production: float,
    jumps: Sequence[float] | np.ndarray = (),
) -> list[Stretch]:
    """Return each stretch of whole numbers of users, up to ten times production, in which value covers cost.

    Parameters
    ----------
    cost
        Users, shape (n,) -> cost of a month, shape (n,). [currency/month]
    value_per_user
        [currency/user/month]
    production
        Users of production.
    jumps
        Numbers of users at which the cost jumps; beyond the first hundred thousand they are where a stretch may end.

    Examples
    --------
    >>> stretches(lambda users: 1_000.0 + 0.0 * users, 2.0, production=2_000)
    [(500, None)]
    """

    def is_covered(users: np.ndarray) -> np.ndarray:
        return np.asarray(value_per_user * users >= cost(users))

    users = _tried(bound(production), jumps)
    covered = is_covered(users)
    turns = np.flatnonzero(covered[1:] != covered[:-1])
    first = [_turn(is_covered, int(users[place]), int(users[place + 1])) for place in turns]
    starts = [1, *first] if covered[0] else first
    return [(start, end - 1) for start, end in zip(starts[::2], starts[1::2], strict=False)] + (
        [(starts[-1], None)] if len(starts) % 2 else []
    )


def _tried(most: int, jumps: Sequence[float] | np.ndarray) -> np.ndarray:
    """Whole numbers of users to try, ascending: all of the first, both sides of every jump, and more up to the most."""
    below = np.floor(np.asarray(jumps, dtype=float))
    found = [np.arange(1, min(most, _ALL) + 1), np.geomspace(1, most, _POINTS).round(), below, below + 1]
    users = np.unique(np.concatenate(found))
    return users[(users >= 1) & (users <= most)]


def _turn(is_covered: Callable[[np.ndarray], np.ndarray], low: int, high: int) -> int:
    """First whole number above `low` whose side is that of `high`."""
    side = bool(is_covered(np.array([float(high)]))[0])
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if bool(is_covered(np.array([float(middle)]))[0]) == side else (middle, high)
    return high


def break_even_users(found: Sequence[Stretch], *, production: float) -> int | None:
    """Return where the stretch with production starts, else the next above it, else the last below; None without any.

    Examples
    --------
    >>> break_even_users([(917, 1_000), (1_834, 2_000)], production=1_000)
    917
    """
    reached = [start for start, end in found if end is None or end >= production]
    return reached[0] if reached else found[-1][0] if found else None


def told(found: Sequence[Stretch], *, production: float) -> str:
    """Return the stretches in words."""
    if not found:
        return f"at no number of users up to {bound(production):,}"
    words = [f"from {start:,}" if end is None else f"from {start:,} to {end:,}" for start, end in found]
    if len(words) > _TOLD:
        words = [*words[: _TOLD - 1], f"{len(words) - _TOLD:,} stretches more", words[-1]]
    return f"{' and '.join([', '.join(words[:-1]), words[-1]] if len(words) > 1 else words)} users"


def gate(
    asked: PreLaunch,
    *,
    cost_per_user: float,
    production: float,
    covered: Sequence[Stretch],
    currency: str,
    items: tuple[Sequence[Component], Sequence[Lever]],
    as_of: date | None = None,
) -> pd.DataFrame:
    """Return one row an artefact: artefact, verdict (passed, held, failed), reason; what is missing is named."""
    unit, (components, levers) = f"{currency} a user and month", items
    rows = [
        _layers(components),
        _sources([*components, *levers]),
        _shown("Owner", asked, ("owner",), asked.owner),
        _shown("Model justification", asked, ("model_justification",), asked.model_justification),
        _cost(asked, cost_per_user, unit),
        _transaction(asked, cost_per_user, currency),
        _break_even(asked, cost_per_user, production, covered, unit),
        _value(asked, unit, as_of),
    ]
    return pd.DataFrame(rows, columns=["artefact", "verdict", "reason"])


Row = tuple[str, Verdict, str]


def _shown(name: str, asked: PreLaunch, fields: Sequence[str], words: str | None) -> Row:
    """Passed with its words, held where a field is blank or says nothing."""
    values = {f"pre_launch.{field}": getattr(asked, field) for field in fields}
    blank = [field for field, value in values.items() if value is None]
    said = [f"{', '.join(blank)} {'is' if len(blank) == 1 else 'are'} missing"] if blank else []
    said += [f"{field} is {value!r}, which says nothing" for field, value in values.items() if is_stand_in(value)]
    said += [f"{field} is {_RUMOUR}; a better grade is asked" for field, value in values.items() if value == _RUMOUR]
    return (name, "held", "; ".join(said)) if said else (name, "passed", words or "")


def _layers(components: Sequence[Component]) -> Row:
    """Held without a component of a layer that production cannot do without."""
    missing = [layer for layer in MUST_HAVE if all(one.layer != layer for one in components)]
    if missing:
        return (
            "Layers",
            "held",
            f"no component of {' and of '.join(missing)}; name what they cost, 0 where it is nothing",
        )
    return "Layers", "passed", f"{' and '.join(MUST_HAVE)} are among {len(components)} components"


def _sources(items: Sequence[Component | Lever]) -> Row:
    """Held where a component or lever is an example, says no source, or has no grade or that of a rumour."""
    examples = [one.name for one in items if (one.source or "").casefold().startswith(_EXAMPLE)]
    open_ones = [one.name for one in items if one.source is None or is_stand_in(one.source)]
    ungraded = [one.name for one in items if one.grade is None]
    rumours = [one.name for one in items if one.grade == _RUMOUR]
    said = [
        f"{words}: {', '.join(names)}"
        for words, names in (
            ("examples of the template, not yours", examples),
            ("no source", open_ones),
            ("no grade", ungraded),
            ("a rumour", rumours),
        )
        if names
    ]
    if said:
        return "Sources of the costs", "held", "; ".join(said)
    return "Sources of the costs", "passed", f"each of {len(items)} components and levers has a source and a grade"


def _cost(asked: PreLaunch, cost_per_user: float, unit: str) -> Row:
    approved = asked.cost_per_user_month
    if approved is None:
        return "Cost of a user", "held", "pre_launch.cost_per_user_month, the cost approved, is missing"
    most = approved * (1.0 + asked.tolerance)
    said = f"the curve says {cost_per_user:,.2f} {unit}; {approved:,.2f} is approved, {most:,.2f} at most"
    return "Cost of a user", "passed" if cost_per_user <= most else "failed", said


def _transaction(asked: PreLaunch, cost_per_user: float, currency: str) -> Row:
    count = asked.transactions_per_user_month
    words = None if count is None else f"{cost_per_user / count:,.4g} {currency} at {count:,.4g} a user and month"
    return _shown("Cost of a transaction", asked, ("transactions_per_user_month",), words)


def _break_even(
    asked: PreLaunch, cost_per_user: float, production: float, covered: Sequence[Stretch], unit: str
) -> Row:
    if asked.value_per_user_month is None:
        return "Break-even", "held", "it needs pre_launch.value_per_user_month"
    value = base(asked.value_per_user_month)
    said = (
        f"{value:,.2f} {unit} cover the cost {told(covered, production=production)}; production has {production:,.0f}"
    )
    return "Break-even", "passed" if value >= cost_per_user else "failed", said


def _value(asked: PreLaunch, unit: str, as_of: date | None) -> Row:
    value = asked.value_per_user_month
    if asked.value_dated and as_of and asked.value_dated > as_of:
        return "Value", "held", f"pre_launch.value_dated is {asked.value_dated}, after {as_of}: nothing is measured yet"
    words = None
    if value is not None:
        words = f"{base(value):,.2f} {unit}, {asked.value_grade} {asked.value_dated}: {asked.value_source}"
    return _shown("Value", asked, ("value_per_user_month", "value_source", "value_grade", "value_dated"), words)


def verdict_of(found: pd.DataFrame) -> Verdict:
    """Return the worst of the verdicts: failed, held, passed."""
    return next(one for one in _WORST if one in set(found["verdict"]))


def reasons(found: pd.DataFrame) -> str | None:
    """Return why it is not passed, each by its artefact; None where it is."""
    open_rows = found[found["verdict"] != "passed"].to_dict("records")
    return "; ".join(f"{row['artefact']}, {row['verdict']}: {row['reason']}" for row in open_rows) or None
