"""The top of the page: the sentence, the figures beside it, what to decide and what would change it."""

from aiecon.charts.formats import money, percent, significant
from aiecon.models.cost_curve import CostCurve
from aiecon.report import blocks
from aiecon.report.blocks import Block

_SYNTHETIC = "(synthetic)"
_FAR = 0.25  # part by which the pilot's cost per user misleads, from which a reader must act


def sentence(answer: CostCurve) -> str:
    """The answer as one sentence with the figure and the verdict."""
    pilot, production = answer.inputs.pilot_users, answer.inputs.production_users
    low, high = answer.production_range
    size = answer.production_cost
    ends = f" (80 % range {money(low, like=size)} to {money(high, like=size)})" if high > low * (1 + 1e-9) else ""
    said = f"{production:,.0f} users will cost {money(size, answer.currency)} a month{ends}"
    if answer.cliff_multiple is None:
        return f"{said}; the pilot of {pilot:,.0f} costs nothing."
    times = significant(answer.cliff_multiple)
    return f"{said}, {times} times the pilot of {pilot:,.0f}; one user more costs {_each(answer)} a month."


def _each(answer: CostCurve) -> str:
    return f"{significant(answer.marginal_cost_per_user)} {answer.currency}"


def headline(answer: CostCurve) -> Block:
    """The sentence with its verdict."""
    return blocks.headline(sentence(answer), verdict=verdict(answer), synthetic=is_synthetic(answer))


def verdict(answer: CostCurve) -> str:
    """Act when the pilot's cost per user is far too low or high a guide, watch when it is off, else fine."""
    if answer.linear_cost <= 0:
        return "act"
    off = abs(answer.production_cost / answer.linear_cost - 1)
    return "act" if off > _FAR else "watch" if off > _FAR / 2 else "fine"


def is_synthetic(answer: CostCurve) -> bool:
    """Whether the page shows the made-up sample company."""
    sources = [component.source or "" for component in answer.inputs.components]
    return any(_SYNTHETIC in source for source in sources)


def figures(answer: CostCurve) -> Block:
    """Pilot, production, cost of a user and what levers save, each with what it is compared to."""
    currency = answer.currency
    linear = answer.production_cost / answer.linear_cost - 1 if answer.linear_cost > 0 else None
    against = "the pilot costs nothing" if linear is None else f"{percent(linear, 0)} on the pilot extrapolated"
    saved = answer.lever_saving_share
    return blocks.figures(
        [
            ("Production, a month", money(answer.production_cost, currency), against),
            ("Pilot, a month", money(answer.pilot_cost, currency), f"{answer.inputs.pilot_users:,.0f} users"),
            (
                "Cost of a user, a month",
                f"{significant(answer.cost_per_user)} {currency}",
                f"one more costs {_each(answer)}",
            ),
            (
                "What levers save",
                percent(saved or 0.0, 0),
                f"{len(answer.inputs.levers)} levers in production" if answer.inputs.levers else "no lever was given",
            ),
        ]
    )


def decision(answer: CostCurve) -> Block:
    """What to decide, who, by when, and what would change it."""
    top = answer.cliff().iloc[0]
    what = (
        f"Plan production at {money(answer.production_cost, answer.currency)} a month, not at the pilot's cost per "
        f"user ({money(answer.linear_cost, answer.currency)}); settle first what {top['component']} costs, the largest "
        "part of the step."
    )
    hidden = [component.name for component in answer.inputs.components if component.is_hidden]
    changes = [
        f"Ten per cent more users cost {percent(0.1 * (answer.elasticity or 0.0))} more: the elasticity is "
        f"{significant(answer.elasticity or 0.0)}.",
        *([f"Pilots rarely count {', '.join(hidden)}; they are in the figure."] if hidden else []),
    ]
    return blocks.decision(
        what=what, who="product owner with the finance partner", by="before production is approved", changes=changes
    )
