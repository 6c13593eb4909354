"""A question as a function of its uncertain inputs: what indices of a question are worked out on."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from aiecon.errors import InputError
from aiecon.sensitivity.fields import Question, at_base, uncertain_fields
from aiecon.sensitivity.simulation import answers
from aiecon.vocabulary.distribution import Distribution
from aiecon.vocabulary.strict import Strict


def as_function(
    f: Question, inputs: Any, key: str | None
) -> tuple[Callable[[Mapping[str, np.ndarray]], Any], Mapping[str, float | Distribution]]:
    """Return f and its inputs by name; of a question and its inputs, the figure of a key and the uncertain fields.

    Raises
    ------
    InputError
        For a question without a key, a key without a question, and inputs that are neither.
    """
    if isinstance(inputs, Mapping):
        if key is not None:
            raise InputError("key goes with the inputs of a question; f of a table of inputs returns the figure itself")
        return f, inputs
    if not isinstance(inputs, Strict):
        words = "{name: number or distribution}, or the inputs of a question"
        raise InputError(f"inputs must be {words}, got {type(inputs).__name__}")
    if key is None:
        raise InputError("key is needed: of the figure in the question's summary that is looked at")
    still, fields = at_base(inputs), uncertain_fields(inputs)

    def figure(rows: Mapping[str, np.ndarray]) -> np.ndarray:
        drawn = {name: np.asarray(rows[name], dtype=float) for name in fields}
        count = max((len(values) for values in drawn.values()), default=1)
        return answers(f, still, [key], drawn, count)[key]

    return figure, fields
