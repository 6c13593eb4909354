"""Speed of the tiering question: all its draws with uncertain success, prices and levers, and the move of a slider.

python benchmarks/tiering.py

The slider: one answer and the data of its three charts; what altair takes to make charts of it is told apart. The
yardstick is NumPy drawing and sorting as many numbers. Medians over rounds.
"""

import statistics
import time

import numpy as np

import aiecon
from aiecon.charts.tiering import saving_bridge_chart, saving_draws_chart, tiering_chart
from aiecon.models.tiering.chains import figures
from aiecon.models.tiering.question import _kept

ROUNDS, DRAWS = 7, 10_000
REGIONS = {
    "residency": [
        {"name": "EU", "share": 0.4, "tiers": ["economy", "standard"]},
        {"name": "elsewhere", "share": 0.6, "tiers": ["economy", "standard", "premium"]},
    ],
}
LIMITS = {"tiers.premium.minimum_share": 0.1, **REGIONS}
PRICES = ("input_per_mtok", "cached_input_per_mtok", "output_per_mtok")


def timed(function):
    started = time.perf_counter()
    function()
    return time.perf_counter() - started


def median(function):
    function()
    return statistics.median(timed(function) for _ in range(ROUNDS))


def whole(inputs):
    """Everything the page shows: the draws, the best mix, the frontiers, the bridge, the table."""
    _kept.cache_clear()
    answer = aiecon.tiering(inputs)
    answer.summary()
    answer.saving_range  # noqa: B018 (computed on first use)
    answer.savings(answer.best_mix)
    answer.frontier(), answer.direct_frontier(), answer.bridge, answer.to_frame()


def slider(inputs):
    """One answer and the data of its charts."""
    changed = aiecon.override(inputs, {"tiers.economy.share": 0.6, "tiers.standard.share": 0.3})
    answer = aiecon.tiering(changed)
    answer.summary()
    return answer


def data(answer):
    """What the three charts are drawn from."""
    answer.to_frame(), answer.frontier(), answer.direct_frontier(), answer.bridge
    np.quantile(answer.drawn_savings, np.linspace(0.01, 0.99, 50))


def charts(answer):
    for chart in (tiering_chart, saving_bridge_chart, saving_draws_chart):
        chart(answer)


def main():
    inputs = aiecon.prepare("tiering", changes={"draws": DRAWS})
    prices = {
        f"tiers.{tier.name}.price.{name}": {
            "shape": "lognormal",
            "p10": 0.8 * getattr(tier.price, name),
            "p90": 1.25 * getattr(tier.price, name),
        }
        for tier in inputs.tiers
        for name in PRICES
    }
    uncertain = aiecon.override(inputs, prices)
    count = sum(hasattr(value, "ppf") for value in figures(uncertain).values())
    numpy = median(lambda: [np.sort(np.random.default_rng(0).random(DRAWS)) for _ in range(count)])
    found = median(lambda: whole(uncertain))
    print(f"whole question, {DRAWS:,} draws, uncertain success, review, levers and {len(prices)} prices: {found:.3f} s")
    print(f"  {found / numpy:.0f} times NumPy drawing and sorting {count} x {DRAWS:,} numbers; target about 1 s")
    answer = slider(inputs)
    print(f"slider: one answer {1_000 * median(lambda: slider(inputs)):.1f} ms", end="")
    print(f", with chart data {1_000 * median(lambda: data(slider(inputs))):.1f} ms; target 50 ms")
    for name, changes in (("regions", REGIONS), ("regions and a tier's minimum", LIMITS)):
        held = aiecon.override(inputs, changes)
        one, both = 1_000 * median(lambda: slider(held)), 1_000 * median(lambda: data(slider(held)))  # noqa: B023
        print(f"  with {name}, every corner tried: one answer {one:.0f} ms, with chart data {both:.0f} ms")
    print(f"  three altair charts of it: {1_000 * median(lambda: charts(answer)):.0f} ms")


if __name__ == "__main__":
    main()
