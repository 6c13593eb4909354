"""How far the use of a person strays from month to month: as said, else as measured, else as is usual."""

from dataclasses import dataclass

from aiecon.models.seats.backtest import Persistence
from aiecon.models.seats.inputs import Future


@dataclass(frozen=True)
class Noise:
    """How a person's use strays about its mean from month to month.

    Attributes
    ----------
    sigma
        Standard deviation of log use. [log]
    lasting
        Correlation of log use with that of the month before. [ratio]
    """

    sigma: float = 0.5
    lasting: float = 0.7


def noise_of(future: Future | None, found: Persistence | None) -> tuple[Noise, list[str]]:
    """The noise of the futures, and in words where it is from when it was not said."""
    if future is None:
        return Noise(), []
    is_measured = found is not None and found.sigma > 0
    usual = Noise(found.sigma, found.autocorrelation) if found is not None and is_measured else Noise()
    sigma, lasting = future.usage_sigma, future.persistence
    noise = Noise(usual.sigma if sigma is None else sigma, usual.lasting if lasting is None else lasting)
    if sigma is not None and lasting is not None:
        return noise, []
    named = [f"future.usage_sigma {noise.sigma:.2f}"] if sigma is None else []
    named += [f"future.persistence {noise.lasting:.2f}"] if lasting is None else []
    origin = "measured in the months of the file" if is_measured else "a judgement: no three months of use tell"
    return noise, [f"How the use of a person strays was not said, so taken: {' and '.join(named)}, {origin}"]
