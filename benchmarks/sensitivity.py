"""Sobol indices of the Ishigami function beside SALib's, at the same points and in the same run.

python benchmarks/sensitivity.py            SALib has to be installed; without it, our own figures alone

Analysis: the same outputs at the same points into both. Whole: points, function and analysis. Medians over rounds that
alternate; one thread.
"""

import math
import statistics
import time

import numpy as np

from aiecon.kernels.sobol import sobol_sums
from aiecon.sensitivity import shapley, sobol
from aiecon.sensitivity.points import BATCHES
from aiecon.vocabulary.distribution import Uniform

try:
    from SALib.analyze.sobol import analyze
    from SALib.sample.sobol import sample
except ImportError:
    analyze = sample = None

ROUNDS = 5
NAMES = ("x1", "x2", "x3")
INPUTS = dict.fromkeys(NAMES, Uniform(low=-math.pi, high=math.pi))
PROBLEM = {"num_vars": 3, "names": list(NAMES), "bounds": [[-math.pi, math.pi]] * 3}
FIRST, TOTAL = (0.3139052, 0.4424111, 0.0), (0.5575889, 0.4424111, 0.2436837)
SHARES = (0.4357470, 0.4424111, 0.1218418)


def ishigami(x):
    return np.sin(x["x1"]) + 7.0 * np.sin(x["x2"]) ** 2 + 0.1 * x["x3"] ** 4 * np.sin(x["x1"])


def timed(function):
    started = time.perf_counter()
    result = function()
    return time.perf_counter() - started, result


def worst(found, known):
    return max(abs(one - other) for one, other in zip(found, known, strict=True))


def ours(draws):
    seconds, answer = timed(lambda: sobol(ishigami, INPUTS, draws=draws))
    error = max(worst(answer.first.values(), FIRST), worst(answer.total.values(), TOTAL))
    return seconds, error


def theirs(draws, resamples):
    def whole():
        points = sample(PROBLEM, draws, calc_second_order=False, seed=0)
        return analyze(
            PROBLEM, ishigami(dict(zip(NAMES, points.T, strict=True))), calc_second_order=False, num_resamples=resamples
        )

    seconds, found = timed(whole)
    return seconds, max(worst(found["S1"], FIRST), worst(found["ST"], TOTAL))


def analyses(draws, resamples):
    """Seconds of both analyses of the same outputs, and how far apart the indices are."""
    points = sample(PROBLEM, draws, calc_second_order=False, seed=0)
    y = ishigami(dict(zip(NAMES, points.T, strict=True)))
    rows = y.reshape(draws, 5)  # a, three swapped, b
    a, swapped, b = rows[:, 0].copy(), rows[:, 1:4].T.copy(), rows[:, 4].copy()
    mine, sums = timed(lambda: sobol_sums(a, b, swapped, (a.mean() + b.mean()) / 2, BATCHES))
    other, found = timed(lambda: analyze(PROBLEM, y, calc_second_order=False, num_resamples=resamples))
    first, total, variance = sums
    apart = max(
        np.abs(first.mean(axis=1) / variance.mean() - found["S1"]).max(),
        np.abs(total.mean(axis=1) / variance.mean() - found["ST"]).max(),
    )
    return mine, other, apart


def main():
    ours(256)
    for draws in (2**13, 2**16):
        print(f"Ishigami, {draws:,} points")
        print(f"  sobol    {seconds_and_error([ours(draws) for _ in range(ROUNDS)])}")
        shares = [timed(lambda: shapley(ishigami, INPUTS, draws=draws)) for _ in range(ROUNDS)]  # noqa: B023 (run here)
        print(f"  shapley  {seconds_and_error([(s, worst(a.shares.values(), SHARES)) for s, a in shares])}")
        if analyze is None:
            continue
        for resamples in (100, 2):
            pairs = [(ours(draws), theirs(draws, resamples)) for _ in range(ROUNDS)]
            ratio = statistics.median(other[0] / mine[0] for mine, other in pairs)
            print(
                f"  SALib, {resamples} resamples: {seconds_and_error([other for _, other in pairs])}, {ratio:.0f}x ours"
            )
            parts = [analyses(draws, resamples) for _ in range(ROUNDS)]
            ratio = statistics.median(other / mine for mine, other, _ in parts)
            print(f"    analysis of the same outputs alone: {ratio:.0f}x ours, indices {parts[0][2]:.1e} apart")
    if analyze is None:
        print("SALib is not installed: no comparison (pip install SALib)")


def seconds_and_error(rounds):
    return f"{statistics.median(seconds for seconds, _ in rounds):.4f} s, worst error {rounds[0][1]:.1e}"


if __name__ == "__main__":
    main()
