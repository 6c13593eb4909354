"""Tornado: what each uncertain input does to one figure by itself, from its low to its high end."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from aiecon.errors import InputError
from aiecon.sensitivity.fields import Question, at_base, figures, number_at, uncertain_fields
from aiecon.vocabulary.overrides import override
from aiecon.vocabulary.strict import Strict

Swing = float | tuple[float, float]  # relative, 0.2 for 20 % down and up; or the two values


@dataclass(frozen=True)
class Bar:
    """One input swung: its two values, the figure at each, and words where the figure does not exist."""

    name: str
    low_input: float
    high_input: float
    low: float | None
    high: float | None
    base: float | None
    note: str | None = None

    @property
    def swing(self) -> float | None:
        """How far apart the figure is at the two ends; None when it does not exist at one of them."""
        return None if self.low is None or self.high is None else abs(self.high - self.low)


@dataclass(frozen=True, eq=False)
class Tornado:
    """Bars by swing, the widest first; an input that makes the figure vanish stands before all."""

    key: str
    label: str
    unit: str
    base: float | None
    bars: tuple[Bar, ...]

    def to_frame(self) -> pd.DataFrame:
        """One row an input: name, low_input, high_input, low, high, base, swing, note."""
        columns = ["name", "low_input", "high_input", "low", "high", "base", "swing", "note"]
        return pd.DataFrame(
            [{column: getattr(bar, column) for column in columns} for bar in self.bars], columns=columns
        )


def tornado(
    question: Question,
    inputs: Strict,
    *,
    key: str,
    fields: Mapping[str, Swing] | None = None,
    low: float = 0.1,
    high: float = 0.9,
) -> Tornado:
    """Swing each uncertain input from low to high, the others at their base, and see what one figure does.

    Parameters
    ----------
    question
        inputs -> answer.
    inputs
        Of the question; every field that is a distribution is swung.
    key
        Of the figure in the answer's summary.
    fields
        Further numeric fields, or other ends for an uncertain one, by dotted name: (low, high) in the field's unit, or
        a relative swing such as 0.2 for 20 % down and up. A whole number stays whole.
    low, high
        Shares between which a distribution is swung [0..1].

    Raises
    ------
    InputError
        For a key or field that is not there, ends the wrong way round and values that the inputs refuse.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from aiecon.vocabulary.distribution import Uniform, uncertain
    >>> from aiecon.vocabulary.metric import Metric
    >>> class Inputs(Strict):
    ...     price: uncertain(gt=0)
    ...     users: float
    >>> def question(inputs):
    ...     return SimpleNamespace(summary=lambda: [Metric("cost", "Cost", inputs.price * inputs.users, "USD")])
    >>> drawn = tornado(question, Inputs(price=Uniform(low=1, high=3), users=10), key="cost", fields={"users": 0.2})
    >>> drawn.to_frame()[["name", "low", "high"]].values.tolist()
    [['price', 12.0, 28.0], ['users', 16.0, 24.0]]
    """
    if not 0 < low < high < 1:
        raise InputError(f"low and high must be shares with 0 < low < high < 1, got {low!r} and {high!r}")
    still = at_base(inputs)
    ends = _ends(inputs, fields or {}, low, high)
    ((base, metric),) = figures(question(still), [key])
    bars = [_bar(question, still, key, name, *pair, base) for name, pair in ends.items()]
    return Tornado(key, metric.label, metric.unit, base, tuple(sorted(bars, key=_widest_first)))


def _ends(inputs: Strict, fields: Mapping[str, Swing], low: float, high: float) -> dict[str, tuple[float, float]]:
    found = {name: tuple(value.ppf(np.array([low, high])).tolist()) for name, value in uncertain_fields(inputs).items()}
    problems: list[str] = []
    for name, swing in fields.items():
        try:
            found[name] = _swung(number_at(inputs, name), swing, name)
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return found


def _swung(base: float, swing: Any, name: str) -> tuple[float, float]:
    if isinstance(swing, tuple | list):
        if len(swing) != 2 or not swing[0] <= swing[1]:
            raise InputError(f"fields.{name} must be (low, high) with low ≤ high, got {swing!r}")
        low, high = swing
    elif isinstance(swing, int | float) and not isinstance(swing, bool) and swing > 0:
        low, high = sorted((base * (1 - swing), base * (1 + swing)))
    else:
        raise InputError(f"fields.{name} must be (low, high) or a relative swing above zero, got {swing!r}")
    return (round(low), round(high)) if isinstance(base, int) else (float(low), float(high))


def _bar(question: Question, still: Strict, key: str, name: str, low: float, high: float, base: float | None) -> Bar:
    (at_low, low_metric), (at_high, high_metric) = (
        figures(question(override(still, {name: value})), [key])[0] for value in (low, high)
    )
    words = [
        f"at {value:g}: {metric.note or 'no figure'}"
        for value, figure, metric in ((low, at_low, low_metric), (high, at_high, high_metric))
        if figure is None
    ]
    return Bar(name, low, high, at_low, at_high, base, "; ".join(words) or None)


def _widest_first(bar: Bar) -> tuple[float, str]:
    return (-np.inf if bar.swing is None else -bar.swing), bar.name
