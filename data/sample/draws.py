"""What the sample company draws: seeded streams, and shapes taken from real traces."""

import zlib
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

DATA = Path(__file__).resolve().parent.parent
SAMPLE = DATA / "sample"
FIRST, LAST = pd.Timestamp("2024-04-01"), pd.Timestamp("2026-03-31")
SEED = 20260331
NOISE_MEMORY = 0.6  # share of a day's noise that the next day keeps
REQUESTS_DRAWN = 400  # of a trace, for the mean size of a day's requests
TRACES = {"code": "azure_code_requests.csv", "conversation": "mooncake_conversation_requests.csv"}


def stream(*name: object) -> np.random.Generator:
    """The random numbers of one name; another name added leaves them as they were."""
    key = zlib.crc32("/".join(map(str, name)).encode())
    return np.random.Generator(np.random.Philox(key=[SEED, key]))


@cache
def _burstgpt() -> np.ndarray:
    return pd.read_csv(DATA / "traces" / "burstgpt_daily.csv")["total_tokens"].to_numpy()


@cache
def week() -> np.ndarray:
    """Load of Monday to Sunday over the mean day, shape (7,)."""
    tokens = _burstgpt()[:7]
    saturday = int(np.argmin(tokens + np.roll(tokens, -1)))
    return np.roll(tokens, 5 - saturday) / tokens.mean()


def pattern(name: str, days: pd.DatetimeIndex) -> np.ndarray:
    """Load of each day over the mean: the week's shape, the bursts of the whole trace over and over, or flat."""
    if name == "week":
        return week()[days.day_of_week]
    if name == "bursts":
        bursts = _burstgpt() / _burstgpt().mean()
        return bursts[(days - FIRST).days.to_numpy() % len(bursts)]
    return np.ones(len(days))


def ramp(days: pd.DatetimeIndex, *, midpoint: pd.Timestamp, ramp_days: float) -> np.ndarray:
    """A logistic rise from 0 to 1; 1 throughout where no midpoint is given."""
    if pd.isna(midpoint):
        return np.ones(len(days))
    return 1 / (1 + np.exp(-(days - midpoint).days.to_numpy() / (ramp_days / 2)))


def noise(count: int, *, sigma: float, name: tuple[object, ...]) -> np.ndarray:
    """Lognormal noise of mean 1 that fades over days."""
    level, levels = 0.0, np.empty(count)
    for day, shock in enumerate(stream(*name, "noise").standard_normal(count)):
        level = shock if day == 0 else NOISE_MEMORY * level + np.sqrt(1 - NOISE_MEMORY**2) * shock
        levels[day] = level
    return np.exp(sigma * levels - sigma**2 / 2)


def request_sizes(count: int, *, trace: str, name: tuple[object, ...]) -> pd.DataFrame:
    """Mean input and output of each day's requests over the trace's mean: input and output drawn together."""
    requests = pd.read_csv(DATA / "traces" / TRACES[trace])[["input_tokens", "output_tokens"]].to_numpy()
    drawn = stream(*name, "sizes").integers(0, len(requests), size=(count, REQUESTS_DRAWN))
    sizes = requests[drawn].mean(axis=1) / requests.mean(axis=0)
    return pd.DataFrame(sizes, columns=["input", "output"])
