"""What an uncertain field may be, by its dotted name, and draws that are held to it."""

import math
from functools import lru_cache, partial
from typing import Any

import numpy as np

from aiecon.vocabulary.bounds import within
from aiecon.vocabulary.distribution import Distribution, draw
from aiecon.vocabulary.overrides import owners, parts
from aiecon.vocabulary.question import QuestionInputs
from aiecon.vocabulary.strict import Strict

_TINY = 1e-9  # how near draws come to an end that does not belong to what a field may be


@lru_cache(maxsize=1024)
def limits(model: type[Strict], name: str) -> tuple[float, float]:
    """Return the least and the most that a field may be, by its dotted name; infinite where nothing limits it.

    Examples
    --------
    >>> from aiecon.vocabulary.lever import Lever
    >>> limits(Lever, "saving"), limits(Lever, "effort_cost")
    ((0.0, 1.0), (0.0, inf))
    """
    found: dict[str, float] = {}
    for owner in owners(model, name):
        found |= _bounds(owner.model_fields[parts(name)[-1]].annotation)
    low = max(found.get("ge", -math.inf), found.get("gt", -math.inf) + _TINY)
    return float(low), float(min(found.get("le", math.inf), found.get("lt", math.inf) - _TINY))


def _bounds(annotation: Any) -> dict[str, float]:
    """The bounds that `uncertain` wrote into an annotation; none where it wrote none."""
    for note in getattr(annotation, "__metadata__", ()):
        check = getattr(note, "func", None)
        if isinstance(check, partial) and check.func is within:
            return dict(check.args[0])
    found: dict[str, float] = {}
    for inner in getattr(annotation, "__args__", ()):
        found |= _bounds(inner)
    return found


def draw_held(inputs: QuestionInputs, name: str, value: float | Distribution) -> np.ndarray:
    """Draw a field of a question from its own stream, tails held to what it may be. Returns shape (n_draws,)."""
    drawn = draw(value, name, draws=inputs.draws, seed=inputs.seed)
    return np.clip(drawn, *limits(type(inputs), name)) if hasattr(value, "ppf") else drawn
