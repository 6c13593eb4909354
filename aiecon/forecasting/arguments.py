"""What `forecast` and `backtest` may be given."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from aiecon.forecasting.backtest import COMBINED

LONGEST_HORIZON = 5_000


def asked_problems(whole: Mapping[str, Any], *, methods: Any, is_weighted: Any) -> list[str]:
    """Everything wrong with the arguments that `forecast` and `backtest` share, as sentences."""
    problems = []
    for name, value in whole.items():
        least, most = (0, 2**63 - 1) if name == "seed" else (1, LONGEST_HORIZON)
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or not least <= value <= most:
            problems.append(f"{name} must be a whole number from {least} to {most:,}, got {value!r}")
    if methods is not None and (not isinstance(methods, Mapping) or not methods):
        problems.append(f"methods must map a name to a function, got {methods!r}; leave it out for the default family")
    elif COMBINED in (methods or {}):
        problems.append(f"methods: {COMBINED!r} is the name of the combination; call the method otherwise")
    if is_weighted is not None and not isinstance(is_weighted, bool | np.bool_):
        problems.append(f"is_weighted must be true, false or left out, got {is_weighted!r}")
    return problems


def ceiling_problems(ceiling: Any) -> list[str]:
    """What is wrong with a ceiling, as a sentence."""
    is_amount = isinstance(ceiling, int | float | np.number) and not isinstance(ceiling, bool) and 0 < ceiling < np.inf
    return [] if ceiling is None or is_amount else [f"ceiling must be an amount above zero, got {ceiling!r}"]
