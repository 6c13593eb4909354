"""The charts of the page with the words that stand for them; nothing where there is nothing to draw.

What draws is imported when it draws: a terminal, which only wants the page's sentence, is answered sooner.
"""

import numpy as np

from aiecon.charts.formats import full, percent
from aiecon.models.provisioned import Provisioned
from aiecon.report import blocks
from aiecon.report.blocks import Block
from aiecon.report.pages.provisioned.headline import first_use
from aiecon.vocabulary.distribution import base


def duration(answer: Provisioned) -> Block:
    """The minutes sorted by demand."""
    from aiecon.charts.provisioned import provisioned_chart

    if not _is_demanded(answer):
        return blocks.nothing()
    spilled = "" if answer.spill_share is None else f" {percent(answer.spill_share, 0)} of the tokens spill."
    words = (
        f"Minutes sorted by demand: the busiest needs {answer.peak_sized_units:,} units; {answer.optimal_units:,} are "
        f"bought.{spilled}"
    )
    return blocks.chart(provisioned_chart(answer), alt=words)


def costs(answer: Provisioned) -> Block:
    """Cost against units."""
    from aiecon.charts.provisioned import units_chart

    if not _is_demanded(answer):
        return blocks.nothing()
    words = (
        f"Cost a month against units, {answer.currency}: lowest at {answer.optimal_units:,} units "
        f"({full(answer.optimal_cost or 0.0)}); {full(answer.peak_sized_cost or 0.0)} sized to the peak; "
        f"{full(answer.payg_cost or 0.0)} all at pay-as-you-go."
    )
    return blocks.chart(units_chart(answer), alt=words)


def break_even(answer: Provisioned) -> Block:
    """Break-even utilisation of each term against ours."""
    from aiecon.charts.provisioned import break_even_chart

    first = first_use(answer)
    if not answer.unit_worth or first is None:
        return blocks.nothing()
    used = first[1] if answer.utilization is None else answer.utilization
    shares = {term.name: base(term.price_per_unit_month) / answer.unit_worth for term in answer.inputs.terms}
    terms = "; ".join(f"{name} {percent(share, 0)}" for name, share in shares.items())
    return blocks.chart(break_even_chart(answer), alt=f"Break-even use: {terms}; ours {percent(used, 0)}.")


def resamples(answer: Provisioned) -> Block:
    """Cheapest units in resampled months."""
    from aiecon.charts.provisioned import resamples_chart

    if answer.confidence is None or answer.term is None or np.ptp(answer.confidence.units) == 0:
        return blocks.nothing()
    low, high = answer.confidence.units_range
    words = f"Cheapest number of units in resampled months: {low:,} to {high:,} in eight of ten."
    return blocks.chart(resamples_chart(answer), alt=words)


def _is_demanded(answer: Provisioned) -> bool:
    return answer.curve is not None and len(answer.curve.units) > 1
