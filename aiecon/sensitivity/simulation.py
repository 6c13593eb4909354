"""Simulation: a question asked once for every draw of its uncertain inputs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from aiecon.errors import InputError
from aiecon.sensitivity import estimates
from aiecon.sensitivity.copula import Correlations, draw_inputs
from aiecon.sensitivity.estimates import Estimate
from aiecon.sensitivity.fields import Question, at_base, figures, uncertain_fields
from aiecon.vocabulary.overrides import override
from aiecon.vocabulary.strict import Strict, nearest

LEVELS = {"p10": 0.1, "p50": 0.5, "p90": 0.9, "p99": 0.99}
_TRIED = 16  # further draws that are checked when the question takes all at once


@dataclass(frozen=True, eq=False)
class Simulated:
    """A question's figures over the draws of its inputs. A draw without the figure is left out of it, and counted."""

    inputs: Strict
    frame: pd.DataFrame  # one row a draw: the uncertain inputs by dotted name, then the keys; NaN where no figure
    keys: tuple[str, ...]
    draws: int
    seed: int
    notes: tuple[str, ...] = ()

    def figure(self, key: str) -> np.ndarray:
        """Return the figure of every draw that has one, shape (n,)."""
        if key not in self.keys:
            raise InputError(f"{key} was not simulated{nearest(key, self.keys)}")
        return self.frame[key].dropna().to_numpy()

    def mean(self, key: str) -> Estimate:
        """Return the mean of a figure and its standard error."""
        return estimates.mean(self.figure(key))

    def quantile(self, key: str, *, level: float) -> Estimate:
        """Return the value of a figure not exceeded with the given probability, and its standard error."""
        return estimates.quantile(self.figure(key), level=_share(level))

    def expected_shortfall(self, key: str, *, level: float = 0.95) -> Estimate:
        """Return the mean of a figure beyond its quantile at the level, and its standard error."""
        return estimates.expected_shortfall(self.figure(key), level=_share(level))

    def probability_above(self, key: str, threshold: float) -> Estimate:
        """Return the probability that a figure is above a threshold, and its standard error."""
        return estimates.probability_above(self.figure(key), threshold=threshold)

    def to_frame(self) -> pd.DataFrame:
        """One row a key: mean, p10, p50, p90, p99 with standard errors, and the share of draws that have the figure."""
        return pd.DataFrame([self._row(key) for key in self.keys])

    def _row(self, key: str) -> dict[str, Any]:
        found = {"mean": self.mean(key)} | {name: self.quantile(key, level=level) for name, level in LEVELS.items()}
        row: dict[str, Any] = {"key": key}
        for name, estimate in found.items():
            row |= {name: estimate.value, f"{name}_standard_error": estimate.standard_error}
        return row | {"share_with_figure": len(self.figure(key)) / self.draws}


def simulate(
    question: Question,
    inputs: Strict,
    *,
    keys: Sequence[str] | str,
    draws: int | None = None,
    correlations: Correlations | None = None,
    seed: int | None = None,
) -> Simulated:
    """Ask a question once for every draw of its uncertain inputs.

    Parameters
    ----------
    question
        inputs -> answer. With an attribute `vectorised`, (inputs at their base, {name: draws}) -> {key: array}, it is
        called once with all the draws; draw by draw for keys that are not among these.
    inputs
        Of the question; every field that is a distribution is drawn from the stream of its dotted name, so that the
        same seed means the same draws, whichever scenario they stand in.
    keys
        Of the figures in the answer's summary, or of one.
    draws, correlations, seed
        Those of the inputs by default, else 10,000, none and 0.

    Raises
    ------
    InputError
        For keys that are not there, correlations that cannot be, and draws that the inputs refuse: those in which a
        field is lowest or highest are checked first, so that every field that reaches too far is named.

    Notes
    -----
    Every draw passes every check of the inputs. A vectorised question sees no inputs draw by draw: there the draws in
    which a field is lowest or highest are checked, and sixteen others.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from aiecon.vocabulary.distribution import Uniform, uncertain
    >>> from aiecon.vocabulary.metric import Metric
    >>> class Inputs(Strict):
    ...     price: uncertain(gt=0)
    >>> def question(inputs):
    ...     return SimpleNamespace(summary=lambda: [Metric("cost", "Cost", 100 * inputs.price, "USD")])
    >>> simulated = simulate(question, Inputs(price=Uniform(low=1, high=3)), keys=["cost"], draws=1_000)
    >>> round(simulated.mean("cost").value, -1)
    200.0
    """
    keys = (keys,) if isinstance(keys, str) else tuple(keys)
    draws = _default(draws, inputs, "draws", 10_000)
    seed = _default(seed, inputs, "seed", 0)
    _check(inputs, draws, seed)
    correlations = _default(correlations, inputs, "correlations", ()) or ()
    drawn = draw_inputs(uncertain_fields(inputs), correlations=correlations, draws=draws, seed=seed)
    still = at_base(inputs)
    _check_ends(still, drawn)
    if drawn:
        found = answers(question, still, keys, drawn, draws)
    else:
        found = {key: np.repeat(one, draws) for key, one in answers(question, still, keys, {}, 1).items()}
    missing = {key: int(np.isnan(values).sum()) for key, values in found.items()}
    notes = [
        f"{key}: no figure in {count:,} of {draws:,} draws; mean and quantiles are of the others"
        for key, count in missing.items()
        if count
    ]
    if not drawn:
        notes.append("no input is uncertain: the question was asked once, and every draw is the same")
    return Simulated(inputs, pd.DataFrame({**drawn, **found}), keys, draws, seed, tuple(notes))


def _check(inputs: Any, draws: Any, seed: Any) -> None:
    """Raise InputError with everything that is wrong with what a simulation is asked with."""
    problems = []
    if not isinstance(inputs, Strict):
        words = f"got {type(inputs).__name__}; aiecon.prepare makes them"
        problems.append(f"inputs must be the inputs of a question, {words}")
    for name, value, least in (("draws", draws, 1), ("seed", seed, 0)):
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
            problems.append(f"{name} must be a whole number of {least} or more, got {value!r}")
    if problems:
        raise InputError(problems)


def answers(
    question: Question, still: Strict, keys: Sequence[str], drawn: Mapping[str, np.ndarray], draws: int
) -> dict[str, np.ndarray]:
    """The figures of every draw by key, NaN where there is none: at once where the question can, else one by one."""
    vectorised = getattr(question, "vectorised", None)
    found = {} if vectorised is None else vectorised(still, drawn)
    if not set(keys) <= set(found):
        return _one_by_one(question, still, keys, drawn, draws)
    for place in np.unique(np.linspace(0, draws - 1, _TRIED).astype(int)):
        _changed(still, drawn, int(place))
    return _checked(found, keys, draws)


def _default(given: Any, inputs: Strict, name: str, other: Any) -> Any:
    return getattr(inputs, name, other) if given is None else given


def _share(level: float) -> float:
    if not 0 < level < 1:
        raise InputError(f"level must be between 0 and 1, got {level!r}")
    return level


def _check_ends(still: Strict, drawn: Mapping[str, np.ndarray]) -> None:
    """Check the draws in which a field is lowest or highest: each field that reaches too far, in one message."""
    problems: dict[str, str] = {}
    for place in sorted({int(end) for values in drawn.values() for end in (values.argmin(), values.argmax())}):
        try:
            _changed(still, drawn, place)
        except InputError as error:
            for problem in error.problems:
                problems.setdefault(problem.split(": ", 1)[1].split(" ", 1)[0], problem)  # one a field
    if problems:
        raise InputError(list(problems.values()))


def _changed(still: Strict, drawn: Mapping[str, np.ndarray], place: int) -> Strict:
    """The inputs of one draw, every check run."""
    try:
        return override(still, {name: float(values[place]) for name, values in drawn.items()})
    except InputError as error:
        raise InputError([f"draw {place + 1}: {problem}" for problem in error.problems]) from None


def _one_by_one(
    question: Question, still: Strict, keys: Sequence[str], drawn: Mapping[str, np.ndarray], draws: int
) -> dict[str, np.ndarray]:
    found = np.empty((draws, len(keys)))
    for place in range(draws):
        answer = question(_changed(still, drawn, place))
        found[place] = [np.nan if value is None else value for value, _ in figures(answer, keys)]
    return dict(zip(keys, found.T, strict=True))


def _checked(given: Mapping[str, Any], keys: Sequence[str], draws: int) -> dict[str, np.ndarray]:
    """The figures of a vectorised question by key, each of shape (draws,)."""
    found = {key: np.asarray(given[key], dtype=float) for key in keys}
    wrong = [
        f"{key} must have one figure a draw, shape ({draws},), got shape {values.shape}"
        for key, values in found.items()
        if values.shape != (draws,)
    ]
    if wrong:
        raise InputError(wrong)
    return {key: np.where(np.isfinite(values), values, np.nan) for key, values in found.items()}
