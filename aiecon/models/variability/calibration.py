"""What past usage says of the four origins: growth, season, noise that lasts, the spread of answers, steps."""

from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import nnls

from aiecon.errors import InputError
from aiecon.vocabulary.distribution import Z90

_LEAST_MONTHS = 6
_SEASONAL_MONTHS = 24
_LEAST_REQUESTS = 30
_STEADIEST = 0.01  # dispersion of steps that vary no more than a Poisson's


def calibrate(*, usage: pd.DataFrame | None = None, requests: pd.DataFrame | None = None) -> dict[str, Any]:
    """Return what past usage says of the fields of a variability question, by dotted name.

    Parameters
    ----------
    usage
        Columns date, requests and, where known, users: one row a day or a month. Whole months alone count.
    requests
        Columns input_tokens, output_tokens and, where known, steps and attempts (of all steps together): one row a
        request. [tokens, steps]

    Returns
    -------
    dict
        Dotted name -> number or table of a distribution, ready for `override`; empty for too short a history.

    Notes
    -----
    Growth is the slope of log users (of log requests where users are not known) over months, a normal distribution
    with the slope's own standard error. Noise is what is left of log requests per user about its mean and, from 24
    months on, its yearly wave; its first autocorrelation is corrected for the length of the history by (1 + 4 r) ÷ n
    (Kendall 1954; Marriott and Pope 1954). Where steps are known, base and added input are the least squares of input
    = base × T + added × T (T - 1) ÷ 2 over T steps, none below zero, each request by its steps; the spread of a step's
    output is what fits the spread of a request's about its steps. Attempts beyond the steps are retries, as often as
    not each step's: the probability is 1 - steps ÷ attempts. Jumps, shocks, churn and updates are too rare to be learnt
    from one history and come from the assumptions.

    Examples
    --------
    >>> months = pd.date_range("2025-01-01", periods=12, freq="MS")
    >>> grown = 1.1 ** np.arange(12)
    >>> usage = pd.DataFrame({"date": months, "requests": 1000 * grown, "users": 10 * grown})
    >>> found = calibrate(usage=usage)
    >>> round(found["scale.growth_per_month"]["p10"], 6), found["utilization.noise_sigma"]
    (0.1, 0.0)
    """
    found: dict[str, Any] = {}
    if usage is not None:
        found |= _from_usage(usage)
    if requests is not None:
        found |= _from_requests(requests)
    return found


def _from_usage(usage: pd.DataFrame) -> dict[str, Any]:
    missing = [column for column in ("date", "requests") if column not in usage]
    if missing:
        raise InputError([f"usage: column '{column}' is missing; it has {list(usage)}" for column in missing])
    months = _whole_months(usage)
    months = months[(months > 0).all(axis=1)]
    if len(months) < _LEAST_MONTHS:
        return {}
    time = np.arange(len(months), dtype=float)
    grown = np.log(months["users"] if "users" in months else months["requests"]).to_numpy()
    slope, error, _ = _line(time, grown)
    low, high = np.exp(slope - Z90 * error) - 1, np.exp(slope + Z90 * error) - 1
    level = np.log(months["requests"].to_numpy())
    level = level - (np.log(months["users"].to_numpy()) if "users" in months else slope * time)
    wave, left = _season(level)
    sigma, lasting = _noise(left)
    found: dict[str, Any] = {
        "scale.growth_per_month": {"shape": "normal", "p10": float(low), "p90": float(high)},
        "utilization.noise_sigma": sigma,
        "utilization.noise_ar1": lasting,
    }
    return found | ({} if wave is None else {"utilization.seasonal_amplitude": wave})


def _whole_months(usage: pd.DataFrame) -> pd.DataFrame:
    """Requests of each whole month, and its mean users; a daily history's first and last months count when whole."""
    dates = pd.to_datetime(usage["date"])
    month = dates.dt.to_period("M")
    is_monthly = bool((dates.dt.day == 1).all())
    ways = {"requests": "sum", **({"users": "mean"} if "users" in usage else {})}
    sums = usage.groupby(month).agg(ways)
    if is_monthly:
        return sums
    days = dates.groupby(month).nunique()
    return sums[days == sums.index.days_in_month]


def _line(x: np.ndarray, y: np.ndarray) -> tuple[float, float, np.ndarray]:
    """Slope, its standard error and what is left of a straight line through points."""
    centred = x - x.mean()
    slope = float(centred @ y / (centred @ centred))
    left = y - y.mean() - slope * centred
    return slope, float(np.sqrt(left @ left / (len(x) - 2) / (centred @ centred))), left


def _season(level: np.ndarray) -> tuple[float | None, np.ndarray]:
    """Height of the yearly wave, and what is left without it; None where two years are not there."""
    about = level - level.mean()
    if len(level) < _SEASONAL_MONTHS:
        return None, about
    angle = 2 * np.pi * np.arange(len(level)) / 12
    design = np.column_stack([np.sin(angle), np.cos(angle)])
    weights = np.linalg.lstsq(design, about, rcond=None)[0]
    return float(min(np.hypot(*weights), 1.0)), about - design @ weights


def _noise(left: np.ndarray) -> tuple[float, float]:
    """Standard deviation and lasting part of what is left."""
    count = len(left)
    variance = float(left @ left / (count - 1))
    if variance < 1e-24:
        return 0.0, 0.0
    r = float(left[1:] @ left[:-1] / (left @ left))
    return float(np.sqrt(variance)), float(np.clip(r + (1 + 4 * r) / count, 0.0, 0.95))


def _from_requests(requests: pd.DataFrame) -> dict[str, Any]:
    missing = [column for column in ("input_tokens", "output_tokens") if column not in requests]
    if missing:
        raise InputError([f"requests: column '{column}' is missing; it has {list(requests)}" for column in missing])
    rows = requests[requests["output_tokens"] > 0].astype(float)
    if len(rows) < _LEAST_REQUESTS:
        return {}
    steps = rows["steps"].to_numpy() if "steps" in rows else np.ones(len(rows))
    output, attempts = rows["output_tokens"].to_numpy(), steps.sum()
    found: dict[str, Any] = {}
    if "attempts" in rows:
        attempts = float(np.maximum(rows["attempts"].to_numpy(), steps).sum())
        found["agent.retry_probability"] = 1.0 - float(steps.sum()) / attempts
    repeated = float(attempts / steps.sum())
    of_step = float(output.sum() / attempts)
    spread = float(((output - of_step * repeated * steps) ** 2).sum() / steps.sum()) / (of_step * repeated) ** 2
    first, added = _growing_input(rows["input_tokens"].to_numpy() / repeated, steps)
    found |= {"agent.base_input_tokens": first, "agent.output_tokens_per_step": of_step}
    found["agent.output_sigma"] = float(np.sqrt(np.log1p(spread)))
    return found | (_steps(steps, added) if "steps" in rows else {})


def _growing_input(read: np.ndarray, steps: np.ndarray) -> tuple[float, float]:
    """Input of the first step and what each further one adds, from what requests of so many steps read. [tokens]"""
    if np.ptp(steps) == 0:
        return float(read.mean() / steps.mean()), 0.0
    design = np.column_stack([np.ones_like(steps), (steps - 1) / 2])  # both sides by steps, whose noise grows with them
    weights, _ = nnls(design, read / steps)
    return float(weights[0]), float(weights[1])


def _steps(steps: np.ndarray, added: float) -> dict[str, Any]:
    """What steps themselves say: their mean, their dispersion, and what each adds to the input."""
    mean = float(steps.mean())
    found: dict[str, Any] = {"agent.steps_mean": mean, "agent.added_input_tokens_per_step": added}
    beyond = mean - 1.0
    if beyond > 0:
        found["agent.steps_dispersion"] = max((float(steps.var(ddof=1)) - beyond) / beyond**2, _STEADIEST)
    return found
