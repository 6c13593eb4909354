"""The top of the page: the sentence, the figures beside it, what to decide and what would change it."""

from aiecon.charts.formats import full, money, percent, scale_of, signed_percent, significant
from aiecon.models.cost_curve import CostCurve
from aiecon.models.cost_curve.answer import NEAR
from aiecon.models.cost_curve.inputs import MUST_HAVE
from aiecon.report import blocks
from aiecon.report.blocks import Block
from aiecon.vocabulary.distribution import base

_SYNTHETIC = "(synthetic)"
FIRM = ("contract", "measured")
ENOUGH = 0.5  # part of the cost whose figures are firm from which the curve can be signed
_STOPS = 3  # artefacts of the gate before launch told in full
_WIDE = 0.25  # half the 80 % range over the cost from which it is watched


def sentence(answer: CostCurve) -> str:
    """The answer as one sentence with the figure, and before it what the gate before launch says against it."""
    return " ".join(words for words in (_gate(answer), _cost(answer)) if words)


def _gate(answer: CostCurve) -> str:
    """What the gate before launch says where it is not passed, by the artefacts that stop it."""
    if not answer.pre_launch_stops:
        return ""
    if answer.pre_launch_verdict == "failed":
        return f"Do not launch, the gate before launch has failed ({_stops(answer)})."
    return f"Launch waits, the gate before launch is held ({_stops(answer)})."


def _stops(answer: CostCurve) -> str:
    """The artefacts that stop the launch, inside a sentence."""
    names = [stop["artefact"].lower() for stop in answer.pre_launch_stops]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _cost(answer: CostCurve) -> str:
    pilot, production = answer.inputs.pilot_users, answer.inputs.production_users
    size = answer.production_cost
    cost = f"{money(size, answer.currency)} a month" if size > 0 else "nothing"
    said = f"{production:,.0f} users will cost {cost}{_ends(answer)}"
    if answer.cliff_multiple is None:
        return f"{said}; the pilot of {pilot:,.0f} costs nothing."
    times = significant(answer.cliff_multiple)
    users = significant(production / pilot)
    return f"{said}: {times} times the pilot for {users} times its users, and {_each(answer)}{_step(answer)}."


def _step(answer: CostCurve) -> str:
    """The step that is near, after the cost of a user that has none."""
    return f" between steps; {answer.near_step_words}" if answer.near_step else ""


def _ends(answer: CostCurve) -> str:
    low, high = answer.production_range
    size = scale_of(answer.production_cost)[0]
    if high <= low * (1 + 1e-9):
        return ""
    return f" (80 % range {significant(low / size)} to {significant(high / size)})"


def _each(answer: CostCurve) -> str:
    return f"{significant(answer.marginal_cost_per_user)} {answer.currency} for each user more"


def headline(answer: CostCurve) -> Block:
    """The sentence with its verdict."""
    return blocks.headline(sentence(answer), verdict=verdict(answer), synthetic=is_synthetic(answer))


def verdict(answer: CostCurve) -> str:
    """Act when people or governance are missing or the gate before launch failed, watch when it is held, else by doubt.

    Watch also when the figures are soft or the range is wide; else fine.
    """
    if missing(answer) or answer.pre_launch_verdict == "failed":
        return "act"
    low, high = answer.production_range
    is_wide = answer.production_cost > 0 and (high - low) / 2 / answer.production_cost > _WIDE
    is_soft = answer.weight_of(FIRM) < ENOUGH
    return "watch" if is_wide or is_soft or answer.pre_launch_verdict == "held" else "fine"


def missing(answer: CostCurve) -> list[str]:
    """Layers that production cannot do without and that have no component."""
    return [layer for layer in MUST_HAVE if all(one.layer != layer for one in answer.inputs.components)]


def is_synthetic(answer: CostCurve) -> bool:
    """Whether the page shows the made-up sample company."""
    sources = [component.source or "" for component in answer.inputs.components]
    return any(_SYNTHETIC in source for source in sources)


def figures(answer: CostCurve) -> Block:
    """Pilot, production, cost of a user and what levers save, each with what it is compared to."""
    currency = answer.currency
    pilot_each = answer.pilot_cost / answer.inputs.pilot_users
    against = "the pilot costs nothing"
    if pilot_each:
        change = signed_percent(answer.cost_per_user / pilot_each - 1, 0)
        against = f"{change} against the pilot's {significant(pilot_each)}"
    return blocks.figures(
        [
            ("Pilot, a month", money(answer.pilot_cost, currency), f"{answer.inputs.pilot_users:,.0f} users"),
            ("Production, a month", money(answer.production_cost, currency), _new_lines(answer)),
            (
                "Cost of a user, a month",
                f"{significant(answer.cost_per_user)} {currency}",
                against,
            ),
            (
                "What levers save",
                percent(answer.lever_saving_share or 0.0, 0),
                f"{len(answer.inputs.levers)} levers, {money(sum(answer.lever_savings().values()), currency)} a month"
                if answer.inputs.levers
                else "no lever was given",
            ),
        ]
    )


def _new_lines(answer: CostCurve) -> str:
    new = answer.production_cost - answer.pilot_lines_cost
    if new <= 0:
        times = answer.cliff_multiple
        return "no line costs anything" if times is None else f"{significant(times)} times the pilot"
    return f"{money(new, answer.currency)} of it in lines that the pilot does not pay"


def decision(answer: CostCurve) -> Block:
    """What to decide, who, by when, and what would change it."""
    return blocks.decision(
        what=" ".join(words for words in (_stop(answer), _plan(answer)) if words),
        who="product owner with the finance partner",
        by="before production is approved",
        changes=_changes(answer),
    )


def _stop(answer: CostCurve) -> str:
    """What to do about a gate before launch that is not passed."""
    if not answer.pre_launch_stops:
        return ""
    if answer.pre_launch_verdict == "failed":
        return (
            f"Do not launch: first {_stops(answer)} must hold, by a lower cost, more value, or another cost approved."
        )
    return f"Do not launch before the gate has what it lacks: {_stops(answer)}."


def _plan(answer: CostCurve) -> str:
    """What to plan production at, or what is missing for it; nothing where the gate before launch failed."""
    lacking = missing(answer)
    if lacking:
        return f"Name what {' and '.join(lacking)} cost before this curve is used: nothing stands there."
    if answer.pre_launch_verdict == "failed":
        return ""
    if answer.production_cost <= 0:
        return "Look for the figure that is missing before production is planned: no line of it costs anything."
    high = answer.production_range[1]
    reserve = f", and hold {money(high - answer.production_cost, answer.currency)} against the range"
    start = "Then plan production at" if answer.pre_launch_stops else "Plan production at"
    return (
        f"{start} {money(answer.production_cost, answer.currency)} a month"
        f"{reserve if high > answer.production_cost else ''}{_soft(answer)}."
    )


def _tenth_more(answer: CostCurve) -> str:
    """What a tenth more users cost more, steps included."""
    more = answer.cost(NEAR * answer.inputs.production_users)
    if answer.production_cost <= 0:
        cost = f"{money(more, answer.currency)} a month" if more > 0 else "nothing either"
        return f"Production costs nothing; ten per cent more users cost {cost}."
    steps = " between steps" if answer.near_step else ""
    return (
        f"Ten per cent more users cost {percent(more / answer.production_cost - 1)} more (elasticity "
        f"{significant(answer.elasticity or 0.0)}{steps})."
    )


def _soft(answer: CostCurve) -> str:
    firm = answer.weight_of(FIRM)
    if firm >= ENOUGH:
        return ""
    soft = [row for row in answer.cliff().to_dict("records") if _grade(answer, row["component"]) not in (*FIRM, None)]
    word = "judgement" if soft and _grade(answer, soft[0]["component"]) else "ungraded figure"
    first = f"; replace first the {word} for {soft[0]['component']}" if soft else ""
    return f"; only {percent(firm, 0)} of it is measured or in a contract{first}"


def _grade(answer: CostCurve, name: str) -> str | None:
    return next((one.grade or "" for one in answer.inputs.components if one.name == name), None)


def _changes(answer: CostCurve) -> list[str]:
    inputs = answer.inputs
    linear = "a bill that only grows with its users" if answer.linear_cost else ""
    found = [f"{stop['artefact']}, {stop['verdict']}: {stop['reason']}." for stop in answer.pre_launch_stops[:_STOPS]]
    found.append(_tenth_more(answer))
    if linear:
        found.append(
            f"Neither straight line holds: {linear} would be {money(answer.linear_cost, answer.currency)} a month, the "
            f"pilot's own lines alone {money(answer.pilot_lines_cost, answer.currency)}."
        )
    if inputs.levers:
        before = answer.production_cost + sum(answer.lever_savings().values())
        found.append(f"Without the levers, which start one by one, it is {full(before)} {answer.currency} a month.")
    if any(one.falling for one in inputs.components):
        fallen = sum(sum(saved.values()) for saved in answer.falls(inputs.production_users).values())
        found.append(
            f"It is of month {inputs.month}: learning and falling prices take {money(fallen, answer.currency)} a month "
            "off what it costs at first."
        )
    if inputs.regulated is None:
        found.append("Regulated use is not in it; it adds a share of every line, roles, and time to build.")
    else:
        share = percent(base(inputs.regulated.opex_share), 0)
        found.append(f"Regulation is in it: {share} on every line and {base(inputs.regulated.roles):g} roles.")
    return found
