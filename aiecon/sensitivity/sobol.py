"""Sobol's indices: what share of the variance each independent input explains alone, and with all it interacts with."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from aiecon.kernels.sobol import sobol_sums
from aiecon.sensitivity.asking import as_function
from aiecon.sensitivity.fields import Question
from aiecon.sensitivity.inputs import Inputs, as_distributions, quantiles, steady, varying_names
from aiecon.sensitivity.points import BATCHES, Function, evaluate, is_flat, points, whole_draws
from aiecon.vocabulary.strict import Strict

FLAT = "the figure does not vary with these inputs: there is no variance to share out, and every share is zero"


@dataclass(frozen=True, eq=False)
class Sobol:
    """Sobol's indices by input, as shares of the variance [0..1], with their standard errors."""

    first: dict[str, float]  # by the input alone
    total: dict[str, float]  # with every interaction it has a part in
    first_standard_error: dict[str, float]
    total_standard_error: dict[str, float]
    mean: float
    variance: float
    draws: int
    seed: int
    notes: Sequence[str] = ()

    def to_frame(self) -> pd.DataFrame:
        """One row an input, in the order given: name, first, total and their standard errors."""
        columns = ("first", "total", "first_standard_error", "total_standard_error")
        rows = [{"name": name, **{column: getattr(self, column)[name] for column in columns}} for name in self.first]
        return pd.DataFrame(rows, columns=["name", *columns])


def sobol(
    f: Function | Question, inputs: Inputs | Strict, *, key: str | None = None, draws: int = 2**14, seed: int = 0
) -> Sobol:
    """Return the first-order and total Sobol indices of a function of independent inputs.

    Of the variance of f, `first` is the share that would go if the input were known, `total` the share that would
    stay if all the others were. With correlated inputs neither adds up; use shapley.

    Parameters
    ----------
    f
        {name: draws of shape (n,)} -> array of shape (n,), in any unit; or a question.
    inputs
        Name -> number or distribution; a plain number has indices of zero. Or the inputs of the question.
    key
        Of the figure in a question's summary. A question that is asked draw by draw takes (fields + 2) × draws times
        as long as once: choose draws by that.
    draws
        Points of the two samples, rounded up to a power of two; f is evaluated (inputs + 2) × draws times.
    seed
        Of the scrambling.

    Raises
    ------
    InputError
        For inputs that are neither numbers nor distributions, too few draws, and an f that returns another shape or
        figures that are not finite.

    Notes
    -----
    First order as Saltelli et al. 2010 (Computer Physics Communications 181, table 2, b), total as Jansen 1999, on
    scrambled Sobol points. The standard errors come from 32 consecutive parts of the points; since the points as a
    whole are spread more evenly than their parts, they are on the safe side.

    Examples
    --------
    >>> from aiecon.vocabulary.distribution import Uniform
    >>> unit = Uniform(low=0.0, high=1.0)
    >>> answer = sobol(lambda x: 2 * x["a"] + x["b"], {"a": unit, "b": unit})
    >>> {name: round(share, 3) for name, share in answer.first.items()}
    {'a': 0.8, 'b': 0.2}
    """
    f, inputs = as_function(f, inputs, key)
    inputs = as_distributions(inputs)
    draws, names = whole_draws(draws), varying_names(inputs)
    zeros = dict.fromkeys(inputs, 0.0)
    a, b, swapped = _outputs(f, inputs, names, draws=draws, seed=seed)
    mean = float((a.mean() + b.mean()) / 2)
    firsts, totals, variances = sobol_sums(a, b, swapped, mean, BATCHES)
    variance = float(variances.mean())
    if is_flat(variance, mean):
        return Sobol(zeros, dict(zeros), dict(zeros), dict(zeros), mean, 0.0, draws, seed, (FLAT,))
    first, first_error = ratios(firsts, variances)
    total, total_error = ratios(totals, variances)

    def named(values: np.ndarray) -> dict[str, float]:
        return zeros | dict(zip(names, values.tolist(), strict=True))

    return Sobol(named(first), named(total), named(first_error), named(total_error), mean, variance, draws, seed)


def _outputs(
    f: Function, inputs: Inputs, names: Sequence[str], *, draws: int, seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The function at the first sample, at the second, and at the first with one input at a time from the second."""
    still = {name: np.full(draws, value) for name, value in steady(inputs, names).items()}
    spread = points("sobol", dimensions=max(2 * len(names), 1), draws=draws, seed=seed)
    one = {name: quantiles(inputs[name], spread[:, place]) for place, name in enumerate(names)}
    two = {name: quantiles(inputs[name], spread[:, len(names) + place]) for place, name in enumerate(names)}

    def at(sample: dict[str, np.ndarray]) -> np.ndarray:
        found = {**still, **sample}
        return evaluate(f, {name: found[name] for name in inputs}, draws)

    swapped = np.empty((len(names), draws))
    for place, name in enumerate(names):
        swapped[place] = at({**one, name: two[name]})
    return at(one), at(two), swapped


def ratios(parts: np.ndarray, wholes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return mean part ÷ mean whole and its standard error over batches; shapes (d, batches) and (batches,), (d,).

    Examples
    --------
    >>> share, error = ratios(np.array([[1.0, 3.0]]), np.array([4.0, 4.0]))
    >>> share.tolist(), error.tolist()
    ([0.5], [0.25])
    """
    whole = wholes.mean()
    share = parts.mean(axis=1) / whole
    apart = parts - share[:, None] * wholes
    return share, apart.std(axis=1, ddof=1) / np.sqrt(len(wholes)) / whole
