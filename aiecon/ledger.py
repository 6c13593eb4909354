"""Accounts that close to the cent: shared cost allocated, charged back, and what stays nobody's.

Exact decimals; what rounding leaves over goes to the largest remainders (Hamilton's method), so parts always add up.
"""

from collections.abc import Mapping, Sequence
from decimal import ROUND_FLOOR, Decimal
from math import isfinite
from numbers import Real
from typing import Literal

from aiecon.errors import InputError

Method = Literal["even", "proportional", "fixed", "shapley"]
METHODS: tuple[str, ...] = Method.__args__  # type: ignore[attr-defined]  # of a Literal
RAMP = ((1, 0.0), (7, 0.5), (13, 1.0))
"""Month since showback began -> share that is charged from then on: six months shown, six charged by half, then all."""
_CENT = Decimal("0.01")


def money(value: float | Decimal | str) -> Decimal:
    """An amount as an exact decimal, as it is written."""
    return value if isinstance(value, Decimal) else Decimal(str(value))


def split(amount: float | Decimal, weights: Mapping[str, float | Decimal]) -> dict[str, Decimal]:
    """Split an amount by weights, to the cent: the parts add up to it exactly.

    Examples
    --------
    >>> {name: str(part) for name, part in split(100, {"a": 1, "b": 1, "c": 1}).items()}
    {'a': '33.34', 'b': '33.33', 'c': '33.33'}
    """
    whole = money(amount)
    sign = -1 if whole < 0 else 1
    given = {name: money(weight) for name, weight in weights.items()}
    total = sum(given.values(), Decimal(0))
    if not given or total <= 0 or min(given.values()) < 0:
        raise InputError("weights: numbers of zero or more are needed, one above zero at least")
    exact = {name: abs(whole) * weight / total for name, weight in given.items()}
    floored = {name: part.quantize(_CENT, ROUND_FLOOR) for name, part in exact.items()}
    left = abs(whole) - sum(floored.values(), Decimal(0))
    order = sorted(given, key=lambda name: floored[name] - exact[name])
    place = 0
    while left > 0:
        part = min(_CENT, left)
        floored[order[place % len(order)]] += part
        left -= part
        place += 1
    return {name: sign * part + 0 for name, part in floored.items()}  # + 0: none is minus zero


def to_the_cent(amounts: Mapping[str, float | Decimal]) -> dict[str, Decimal]:
    """Round amounts of either sign to the cent so that they add up to their rounded sum.

    Examples
    --------
    >>> {name: str(part) for name, part in to_the_cent({"a": 1.005, "b": 2.004, "c": -0.999}).items()}
    {'a': '1.01', 'b': '2.00', 'c': '-1.00'}
    """
    exact = {name: money(amount) for name, amount in amounts.items()}
    floored = {name: amount.quantize(_CENT, ROUND_FLOOR) for name, amount in exact.items()}
    left = sum(exact.values(), Decimal(0)).quantize(_CENT) - sum(floored.values(), Decimal(0))
    order = sorted(exact, key=lambda name: floored[name] - exact[name])
    return floored | {name: floored[name] + _CENT for name in order[: int(left / _CENT)]}


def allocate(
    amount: float | Decimal, weights: Mapping[str, float], *, method: Method = "proportional"
) -> dict[str, Decimal]:
    """Allocate a shared cost to teams, to the cent.

    Parameters
    ----------
    amount
        Cost that is shared. [currency]
    weights
        Team -> driver (proportional), share (fixed, adding up to 1), capacity it needs (shapley), or anything (even).
    method
        even; proportional to the driver; fixed shares; shapley: each team pays its Shapley value of the cost of the
        largest need, so nobody pays for capacity only larger teams need (Littlechild and Owen 1973).

    Examples
    --------
    >>> {team: str(part) for team, part in allocate(120, {"a": 10, "b": 20, "c": 40}, method="shapley").items()}
    {'a': '10.00', 'b': '25.00', 'c': '85.00'}
    """
    problems = [] if _is_number(amount) else [f"amount must be a finite number, got {amount!r}"]
    problems += [] if method in METHODS else [f"method must be one of {', '.join(METHODS)}, got {method!r}"]
    if not weights:
        problems.append("weights: at least one team is needed")
    broken = {team: value for team, value in weights.items() if not _is_number(value) or value < 0}
    problems += [f"weights.{team} must be zero or more, got {value!r}" for team, value in broken.items()]
    if method == "fixed" and weights and not broken and abs(sum(weights.values()) - 1) > 1e-9:
        problems.append(f"weights: fixed shares must add up to 1, they add up to {sum(weights.values()):g}")
    if method in ("proportional", "shapley") and weights and not broken and not sum(weights.values()) > 0:
        problems.append("weights: all are zero; nothing says whose the cost is")
    if problems:
        raise InputError(problems)
    if method == "even":
        return split(amount, dict.fromkeys(weights, 1.0))
    return split(amount, _largest_need(weights) if method == "shapley" else weights)


def _is_number(value: object) -> bool:
    return isinstance(value, Real | Decimal) and not isinstance(value, bool) and isfinite(value)


def _largest_need(needs: Mapping[str, float]) -> dict[str, Decimal]:
    """Shapley values of the game whose cost is the largest need: each step of need is shared by who reaches it."""
    ordered = sorted(needs, key=lambda team: needs[team])
    found, paid, before = {}, Decimal(0), Decimal(0)
    for place, team in enumerate(ordered):
        step = money(needs[team]) - before
        paid += step / (len(ordered) - place)
        before = money(needs[team])
        found[team] = paid
    return {team: found[team] for team in needs}


def chargeback(amount: float | Decimal, *, month: int, ramp: Sequence[tuple[int, float]] = RAMP) -> Decimal:
    """Return what a team is charged of its cost in a month: shown at first, then charged in part, then whole.

    Parameters
    ----------
    amount
        Cost allocated to the team in the month. [currency]
    month
        Month since showback began, the first is 1.
    ramp
        (month, share) from which each share holds, rising: nothing for six months, half from the seventh, all from the
        thirteenth.

    Examples
    --------
    >>> str(chargeback(100_000, month=6)), str(chargeback(100_000, month=7))
    ('0.00', '50000.00')
    """
    months = [start for start, _ in ramp]
    problems = [] if month >= 1 else [f"month must be 1 or more, got {month!r}"]
    if not ramp or months != sorted(set(months)) or months[0] != 1:
        problems.append("ramp: months must rise from 1")
    problems += [f"ramp: a share must be between 0 and 1, got {share!r}" for _, share in ramp if not 0 <= share <= 1]
    if problems:
        raise InputError(problems)
    share = [part for start, part in ramp if month >= start][-1]
    return (money(amount) * money(share)).quantize(_CENT)
