"""What is held and what is refused: requests one by one, the contract against the demand, and who shares its units."""

import numpy as np

from aiecon.charts.formats import full, money, percent, signed, significant
from aiecon.models.provisioned import Provisioned
from aiecon.models.provisioned.admission import Refusals
from aiecon.models.provisioned.inputs import Contract
from aiecon.models.provisioned.rightsizing import Rightsizing, deployed
from aiecon.report import blocks
from aiecon.report.blocks import Block
from aiecon.vocabulary.distribution import base

NOBODY = "nobody (unused)"


def admission(answer: Provisioned) -> Block:
    """What admission refuses at numbers of units, with and without a high max_tokens."""
    found = answer.refusals
    if found is None:
        return blocks.nothing()
    stated = found.reserved_ratio is not None
    columns = ["Units", "Tokens spilled, by the minute", "Requests refused", "Tokens refused"]
    columns += [f"{answer.currency} a month, refused sent on as you go"]
    columns += ["Requests refused, max_tokens reserved"] if stated else []
    rows = [
        [
            f"{row['units']:,.0f}",
            *(percent(row[name]) for name in ("spill_token_share", "refused_share", "refused_token_share")),
            full(row["cost_per_month"]),
            *([percent(row["refused_share_max_tokens"])] if stated else []),
        ]
        for row in found.table.to_dict("records")
    ]
    note = f"{_needed(answer, found)} {_overestimate(answer, found)} {_assumed(answer)} {_TWO_SHARES}"
    return blocks.table("Request by request: what admission refuses", columns, rows, note=note)


_TWO_SHARES = (
    "Tokens spill by the minute above the units; the bucket refuses whole requests while it is full, so both differ. "
    "Costs in this table are of what it refuses, all others on these pages are by the minute."
)


def _needed(answer: Provisioned, found: Refusals) -> str:
    accepted = percent(answer.inputs.admission.accepted_refused_share)
    if found.units_needed is None:
        return f"No number of units up to four times the peak's refuses only {accepted} of the requests."
    return (
        f"{found.units_needed:,} units refuse at most {accepted} of the requests; the busiest minute would need "
        f"{answer.peak_sized_units:,}."
    )


def _overestimate(answer: Provisioned, found: Refusals) -> str:
    """What reserving max_tokens instead of what is written costs."""
    if found.reserved_ratio is None:
        return "The log does not say max_tokens; admission.max_tokens_per_request would show what reserving it costs."
    given = answer.inputs.admission.max_tokens_per_request
    said = "of the log" if given is None or _is_in_log(answer) else f"of {base(given):,.0f}"
    words = f"max_tokens {said} reserves {significant(found.reserved_ratio)} times the tokens used"
    if found.overestimate_cost is None:
        return f"{words}, and no number of units up to four times the peak's is enough then."
    if found.overestimate_cost <= 0:
        return f"{words} and needs no more units: a reservation is corrected when its answer ends."
    more = (found.units_needed_max_tokens or 0) - (found.units_needed or 0)
    cost = money(found.overestimate_cost, answer.currency)
    return f"{words} and needs {more:,} units more, {cost} a month on term {answer.cheapest.name}."


def _is_in_log(answer: Provisioned) -> bool:
    file = answer.inputs.demand.file
    return file is not None and "max_tokens" in file.table.facts["log"]


def _assumed(answer: Provisioned) -> str:
    rules = answer.inputs.admission
    window = base(rules.window_minutes)
    return (
        f"Assumed: answers of {base(rules.output_tokens_per_second):g} tokens a second, a bucket of "
        f"{'one minute' if window == 1 else f'{window:g} minutes'} of capacity, empty at the start; what is refused "
        "goes to pay-as-you-go."
    )


def rightsizing(answer: Provisioned) -> Block:
    """The contract against the demand: what it costs, what lies idle, and what other numbers would cost."""
    found, contract, curve = answer.rightsizing, answer.inputs.held, answer.curve
    if found is None or contract is None or curve is None:
        return blocks.nothing()
    payg = answer.payg_cost or 0.0
    choices = [
        ("as it is", found.committed_units, found.cost_per_month),
        ("cheapest at its price", found.right_units, found.right_cost_per_month),
        *([("all at pay-as-you-go", 0, payg)] if found.right_units else []),
    ]
    rows = [[name, f"{units:,}", full(cost), signed(cost - found.cost_per_month)] for name, units, cost in choices]
    used = "" if found.utilization is None else f"{percent(found.utilization, 0)} of the committed units are used; "
    note = f"{used}{money(found.idle_cost_per_month, answer.currency)} a month pays for units that no demand uses. "
    note += f"{_capitalised(renegotiation(found, answer.currency))}{_made_up(answer)}"
    columns = ["Contract", "Units", f"{answer.currency} a month", "Δ contract"]
    title = f"Contract of {found.committed_units:,} units against this demand"
    return blocks.table(title, columns, rows, note=note, bold=[0], variance=3)


def _made_up(answer: Provisioned) -> str:
    words = " Synthetic: the contract and who shares it are made up, the demand and the prices are real."
    return "" if answer.inputs.contract else words


def renegotiation(found: Rightsizing, currency: str) -> str:
    """How many units fewer or more would cost less, as the end of a sentence."""
    if not found.is_better:
        return "no other number of units costs less."
    fewer = found.committed_units - found.right_units
    what = f"{abs(fewer):,} units {'fewer' if fewer > 0 else 'more'}"
    return f"{what} would cost {money(found.savings_per_month, currency)} a month less."


def _capitalised(words: str) -> str:
    return words[0].upper() + words[1:]


def _units(value: float) -> str:
    return f"{round(value, 1):,g}" if round(value, 1) else "–"


def _seen(contract: Contract) -> str:
    """For how long deployments were seen."""
    if contract.deployed is None:
        return " all month"
    hours = float(deployed(contract)[1].sum()) / 60
    return f" in the {hours:,g} hours of {contract.deployed.path}, which stand for a month"


def pool(answer: Provisioned) -> Block:
    """The contract's units by who deploys them, and what nobody does."""
    found, contract = answer.pool, answer.inputs.held
    if found is None or contract is None:
        return blocks.nothing()
    units, minutes = deployed(contract)
    mean = {name: float(np.average(row, weights=minutes)) for name, row in units.items()}
    beyond, most = float(np.average(found.hourly_units, weights=minutes)), float(found.hourly_units.max())
    unused = contract.units + beyond - sum(mean.values())
    order = sorted(mean, key=lambda name: -mean[name])
    rows = [[name, _units(mean[name]), full(found.by_team[name])] for name in order]
    rows += [[NOBODY, _units(unused), full(found.unused_cost)]]
    rows += [["Together", _units(contract.units + beyond), full(found.cost)]]
    on_average = "" if most == beyond else f"Up to {_units(most)} and on average "
    over = (
        f"{on_average}{_units(beyond)} units beyond the contract cost {full(found.hourly_cost)} by the hour, in the "
        "same proportion. "
        if beyond
        else ""
    )
    note = (
        f"{over}Shares by units deployed{_seen(contract)}; a unit that nobody deploys is paid and belongs to nobody."
        f"{_made_up(answer)}"
    )
    columns = ["Deployment", "Units deployed", f"{answer.currency} a month"]
    return blocks.table(f"Shared units: {contract.units:,} reserved", columns, rows, note=note, bold=[len(rows) - 1])
