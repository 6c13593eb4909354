"""The tables of the page: the tiers with what they cost and how often they succeed, and the levers."""

from aiecon.charts.formats import full, percent, signed_percent, significant
from aiecon.charts.tiering import THOUSAND, unit_of
from aiecon.models.tiering import Tiering
from aiecon.models.tiering.bridge import BATCH
from aiecon.models.tiering.inputs import Tier
from aiecon.report import blocks
from aiecon.report.blocks import Block
from aiecon.report.pages.tiering.headline import baseline_words
from aiecon.vocabulary.distribution import Beta, base


def tiers(answer: Tiering) -> Block:
    """What entering at each tier costs and how often it ends well, the mix, the baseline and the best mix."""
    rows = [
        [
            row["tier"],
            _counts(tier),
            percent(row["share"], 0),
            "–" if row["best_share"] is None else percent(row["best_share"], 0),
            significant(THOUSAND * row["cost_per_attempt"]),
            significant(THOUSAND * row["cost_per_request"]),
            "–" if row["success_rate"] is None else percent(row["success_rate"]),
            "–" if row["cost_per_accepted"] is None else significant(THOUSAND * row["cost_per_accepted"]),
        ]
        for tier, row in zip(answer.inputs.tiers, answer.to_frame().to_dict("records"), strict=True)
    ]
    rows.append(_total(answer, "The mix", answer.shares, ["100 %", ""]))
    if answer.best_plan is not None:
        rows.append(_total(answer, "Best mix", answer.best_plan, ["", "100 %"]))
    rows.append(_baseline(answer))
    columns = ["Entered at", "Accepted of tried", "Mix", "Best", "Attempt", "Request", "Accepted", "Accepted answer"]
    note = (
        "Accepted of tried: what the success of one attempt rests on. Attempt: the vendor's price after batches and "
        "levers. Request: with the attempts it is escalated to, router and switches. Accepted: in the end. Accepted "
        "answer: request and review ÷ accepted."
    )
    if answer.inputs.has_fixed_cost:
        note += " What a tier costs by the month is spread over all requests, as if all entered there."
    title = f"Tiers, {answer.currency} per {THOUSAND:,}"
    return blocks.table(title, columns, rows, note=note, bold=[len(answer.inputs.tiers)])


def _counts(tier: Tier) -> str:
    rate = tier.success_rate
    if rate is None:
        return "not said"
    if isinstance(rate, Beta):
        return f"{full(rate.successes)} of {full(rate.successes + rate.failures)}"
    return percent(base(rate))


def _total(answer: Tiering, label: str, shares: dict[str, float], ends: list[str]) -> list[str]:
    cost, review, success = (float(part[0]) for part in answer.case.of_mix(shares))
    return [label, "", *ends, "", *_end(answer, cost, review, success)]


def _baseline(answer: Tiering) -> list[str]:
    cost, review, success = (float(part[0]) for part in answer.case.baseline)
    return [f"Baseline: {baseline_words(answer)}", "", "", "", "", *_end(answer, cost, review, success)]


def _end(answer: Tiering, cost: float, review: float, success: float) -> list[str]:
    if not answer.inputs.has_success or success <= 0:
        return [significant(THOUSAND * cost), "–", "–"]
    return [significant(THOUSAND * cost), percent(success), significant(THOUSAND * (cost + review) / success)]


def levers(answer: Tiering) -> Block:
    """What routing, batches and each lever take off, with the effort of levers and when it is repaid."""
    if answer.saving_share is None:
        return blocks.nothing()
    changes = answer.bridge[answer.bridge["kind"] == "change"]
    start, total = float(answer.bridge["amount"].iloc[0]), float(changes["amount"].sum())
    rows = [
        [_step(answer, row["step"]), *_taken(row["amount"], start), *_repaid(answer, row["step"])]
        for row in changes.to_dict("records")
    ]
    rows.append(["All", *_taken(total, start), "", "", ""])
    columns = ["Step", f"Δ per {unit_of(answer)}", "Δ %", "A month", "Effort", "Months to repay"]
    note = (
        "Δ: Shapley's share of the way from the baseline to the mix, the same in any order; together exactly the "
        f"saving. A month: what the lever takes off the mix's bill, {answer.currency}. Effort: once, not in the "
        "saving. Months to repay: from now, those before the lever starts included."
    )
    title = f"Routing and levers, {answer.currency}"
    return blocks.table(title, columns, rows, note=note, bold=[len(rows) - 1], variance=2)


def _taken(amount: float, start: float) -> list[str]:
    return [significant(THOUSAND * amount), signed_percent(amount / start)]


def _step(answer: Tiering, step: str) -> str:
    """The step with what it applies to, and its month where that is not the first."""
    lever = next((lever for lever in answer.inputs.levers if lever.name == step), None)
    if lever is not None:
        later = f", from month {lever.from_month}" if lever.from_month > 1 else ""
        hits = lever.prompt_hits
        found = "" if hits is None else f", {percent(hits, 0)} find it kept"
        return f"{step} ({', '.join(lever.targets)}{found}{later})"
    share = percent(base(answer.inputs.batch_share), 0)
    return f"{step} ({share} of requests, where discounted)" if step == BATCH else step


def _repaid(answer: Tiering, step: str) -> list[str]:
    """What a lever takes off a month's bill, its effort, and the months that repay it."""
    lever = next((lever for lever in answer.inputs.levers if lever.name == step), None)
    monthly = answer.inputs.requests_per_month
    if lever is None or monthly is None:
        return ["–", full(base(lever.effort_cost)) if lever else "–", "–"]
    gain, effort = answer.lever_savings[step] * base(monthly), base(lever.effort_cost)
    months = lever.from_month - 1 + effort / gain if effort and gain > 0 else None
    return [full(gain), full(effort), "–" if months is None else f"{months:,.1f}"]
