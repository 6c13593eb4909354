"""The tables of the page: where hosting wins, where the answer turns, months, waiting, what a million tokens takes."""

import math

import numpy as np

from aiecon.charts.formats import full, money, percent, scale_of, signed, signed_percent, significant
from aiecon.charts.self_host import count_of, figure, volume_words, with_unit
from aiecon.models.self_host import SelfHost, self_host
from aiecon.models.self_host.answer import API, HOST
from aiecon.models.self_host.deferral import DELAY_MONTHS
from aiecon.models.self_host.plans import BY_THE_HOUR, Plan
from aiecon.models.self_host.turns import swings, turn
from aiecon.queueing import erlang_c, mean_wait
from aiecon.report import blocks
from aiecon.report.blocks import Block
from aiecon.report.pages.self_host.alternatives import api_name
from aiecon.sensitivity import at_base
from aiecon.vocabulary.distribution import base
from aiecon.vocabulary.overrides import override

_PLAIN = 1e6  # amounts are written in full below ten million
_MOST_ROWS = 8
_BURSTS = (4.0, 16.0)  # times as uneven as arrivals by pure chance: what if
_MORE_REPLICAS = 3
_ROUNDING = 1e-6  # of a saving


def intervals(answer: SelfHost) -> Block:
    """Every stretch of volume in which a month of hosting is cheaper today, with its replicas."""
    found, case = answer.win_intervals, answer.case
    if not found:
        return blocks.nothing()
    volume = float(case.mtok[0, 0])
    carried = float(case.mtok_per_replica[0, 0])
    rows = []
    for low, high in found[:_MOST_ROWS]:
        first = max(answer.inputs.serving.minimum_replicas, math.floor(low / carried * (1 + 1e-9)) + 1)
        last = None if high is None else math.ceil(high / carried * (1 - 1e-9))
        replicas = f"{first} and more" if last is None else f"{first}" if last == first else f"{first} to {last}"
        is_in = low < volume and (high is None or volume <= high)
        away = (
            "inside"
            if is_in
            else signed_percent((low if volume <= low else high or low) / volume - 1)
            if volume
            else "–"
        )
        rows.append([volume_words(low), "no end" if high is None else volume_words(high), replicas, away])
    more = f" {len(found) - _MOST_ROWS} more stretches are left out." if len(found) > _MOST_ROWS else ""
    note = (
        f"At today's prices, growth and migration left aside; a replica carries {full(carried)} Mtok a month with its "
        f"peak. From now: what is missing to the stretch from {full(volume)} Mtok.{more}"
    )
    columns = ["From", "To", "Replicas", "From now"]
    return blocks.table("Where self-hosting wins, million tokens a month", columns, rows, note=note, text_columns=0)


def turning_points(answer: SelfHost) -> Block:
    """Each figure with its range, and the value at which the answer turns."""
    rows = []
    for bar in swings(answer).bars:
        found = turn(answer, bar.name)
        meets = "not found" if found.value is None else with_unit(bar.name, found.value, answer.currency)
        meets += "" if found.holds else " *"
        change = "–" if found.value is None or not found.base else signed_percent(found.value / found.base - 1, 0)
        ends = [signed_saving(end) for end in (bar.low, bar.high)]
        low, high = (figure(bar.name, value) for value in (bar.low_input, bar.high_input))
        rows.append([found.name, f"{low} to {high}", *ends, meets, change])
    if not rows:
        return blocks.nothing()
    columns = ["Figure", "Range", "Saving at low", "at high", "Turns at", "From base"]
    note = "Each alone, the others at base. Range: 10th to 90th percentile; ± 20 % where no doubt was given."
    if any(row[-2].endswith("*") for row in rows):
        note += " *: beyond it the answer turns again."
    return blocks.table(
        f"What would have to be true, saving in thousand {answer.currency}", columns, rows, note=note, text_columns=1
    )


def signed_saving(amount: float | None) -> str:
    """A saving in thousands; words where there is none."""
    return "none" if amount is None else signed(amount / 1e3)


def months(answer: SelfHost) -> Block:
    """The first month and the last of each year, and the totals."""
    frame = answer.to_frame()
    chance = answer.cheaper_by_month()["probability"]
    size, unit = _unit(answer, float(frame[["hosting_cost", "api_cost"]].to_numpy().max()))
    last = len(frame)
    shown = sorted({1, *range(12, last + 1, 12), last})
    rows = []
    for month in shown:
        row = frame.iloc[month - 1]
        amounts = [full(row[key] / size) for key in ("hosting_cost", "api_cost")]
        cells = [str(month), full(row["mtok"]), f"{row['replicas']:.0f}", *amounts]
        rows.append(
            [*cells, signed((row["hosting_cost"] - row["api_cost"]) / size), percent(float(chance[month - 1]), 0)]
        )
    sums = frame[["mtok", "hosting_cost", "api_cost"]].sum()
    gap = (sums["hosting_cost"] - sums["api_cost"]) / size
    total = [
        "Sum",
        full(sums["mtok"]),
        "",
        full(sums["hosting_cost"] / size),
        full(sums["api_cost"] / size),
        signed(gap),
        "",
    ]
    note = (
        "Hosting: capital as an annuity, migration left out. ΔAPI: hosting minus API; more is bad. P(cheaper): "
        "probability that hosting is cheaper that month."
    )
    columns = ["Month", "Mtok", "Replicas", "Hosting", "API", "ΔAPI", "P(cheaper)"]
    return blocks.table(f"Months, {unit}", columns, [*rows, total], note=note, bold=[len(rows)], variance=5)


def _unit(answer: SelfHost, largest: float) -> tuple[float, str]:
    """The divisor and the unit in words for a table's amounts."""
    size = next((size for size in (1.0, 1e3, 1e6) if largest < size * 10 * _PLAIN), 1e9)
    word = f"{scale_of(size)[1]} " if size > 1 else ""
    return size, f"{word}{answer.currency}"


def plans(answer: SelfHost) -> Block:
    """Each way to serve the load: replicas, share bought, the first month and the horizon, with ranges."""
    found = answer.plans
    if answer.load is None:
        return blocks.nothing()
    is_drawn = answer.cases is not answer.case
    size, unit = _unit(answer, max(plan.cost for plan in found))
    base_cost = found[0].cost
    rows = [
        [
            plan.name,
            _replicas_on(plan),
            percent(plan.bought_share, 0),
            full(plan.cost / size),
            *([_ends(plan.cost_range, size)] if is_drawn else []),
            signed((plan.cost - base_cost) / size) if plan is not found[0] else "",
            "–" if plan is found[0] else full(plan.savings / 1e3),
            *([_ends(plan.savings_range, 1e3)] if is_drawn else []),
        ]
        for plan in found
    ]
    ranged = (["80 % range"], ["80 % range "]) if is_drawn else ([], [])
    columns = ["Plan", "Replicas", "API share", "Month 1", *ranged[0], "ΔAPI", "Saving, k", *ranged[1]]
    place = [plan.name for plan in found].index(answer.cheapest_own_plan)
    widths = (1.5, 1.3, 0.8, 0.8, 1.4, 0.8, 0.8, 1.2) if is_drawn else ()
    title = f"Plans for the same load, {unit}"
    return blocks.table(title, columns, rows, note=_plans_note(answer), bold=[place], widths=widths)


def _ends(ends: tuple[float, float], size: float) -> str:
    low, high = (full(end / size) for end in ends)
    return "–" if low == high else f"{low.replace('–', '0')} to {high.replace('–', '0')}"


def _replicas_on(plan: Plan) -> str:
    if plan.most_replicas == 0:
        return "–"
    mean = plan.mean_replicas
    most = plan.most_replicas
    return f"{most}" if abs(mean - most) < 1e-9 else f"{significant(mean)} (at most {most})"


def _plans_note(answer: SelfHost) -> str:
    scaling, ways = answer.inputs.serving.autoscaling, answer.case.parts
    names = [plan.name for plan in answer.plans]
    said = "Month 1: capital as an annuity. Saving: present value over the horizon against the API for all. "
    if BY_THE_HOUR in names and scaling is not None:
        start = base(scaling.cold_start_minutes)
        said += (
            f"By the hour: replicas follow the load hour by hour, each start paid for {significant(start)} minutes. "
        )
        if not all(part.is_by_the_hour for part in ways):
            said += "Reserved and owned GPUs, their share of the most at once, stay on. "
    elif not any(part.is_by_the_hour for part in ways):
        said += "By the hour is left out: reserved and owned GPUs are paid whether they are on or not. "
    else:
        said += "By the hour is left out: serving.autoscaling was not given. "
    return (
        f"{said}Split: the number kept on all hours that makes each month cheapest; the API serves what exceeds them, "
        "peaks inside an hour counted as its whole hour. Bold: saves most over the horizon."
    )


def regrets(answer: SelfHost) -> Block:
    """What each choice saves on the mean, and what it costs on the mean when another would have been better."""
    if answer.cases is answer.case:
        return blocks.nothing()
    found = answer.regrets
    rows = [
        [
            row["choice"],
            full(choice.savings / 1e3),
            full(row["mean_savings"] / 1e3),
            full(row["expected_regret"] / 1e3),
            percent(row["best_share"], 0),
        ]
        for row, choice in zip(found.to_dict("records"), answer.choices, strict=True)
    ]
    note = (
        f"Over {answer.cases.cases:,} draws, present values over the horizon against the API for all. Regret: what the "
        "choice saves less than the best one of the same draw, mean of all draws. GPU prices as of today. Bold: least "
        "regret."
    )
    columns = ["Choice", "Saving, base case", "Saving, mean", "Expected regret", "Best in"]
    least = int(found["expected_regret"].to_numpy().argmin())
    return blocks.table(
        f"What a wrong choice costs, thousand {answer.currency}", columns, rows, note=note, bold=[least]
    )


def now_or_later(answer: SelfHost) -> Block:
    """What moving now, staying, and deciding in a year save, with ranges, and where the difference comes from."""
    found = answer.deferral
    if found is None:
        return blocks.nothing()
    is_drawn = answer.cases is not answer.case
    options = (("Move now, mean of the futures", found.now), (f"Decide in {DELAY_MONTHS} months", found.decided_later))
    rows = [
        [
            name,
            signed(float(saved.mean()) / 1e3),
            *([_ends(tuple(np.quantile(saved, [0.1, 0.9])), 1e3), percent(float((saved > 0).mean()), 0)] * is_drawn),
        ]
        for name, saved in options
    ]
    blank = [""] * is_drawn
    ends = [_ends(found.value_range, 1e3)] if is_drawn else []
    rows += [
        ["Worth of deciding later", signed(found.value / 1e3), *ends, *blank],
        ["of it: a year later, at prices of then", signed(found.of_time / 1e3), *blank, *blank],
        ["of it: the future is known by then", signed(found.of_knowing / 1e3), *blank, *blank],
    ]
    fall, base_fall = answer.inputs.gpu.price_decline_per_year, answer.inputs.api_price_decline_per_year
    note = (
        f"{_not_the_headline(answer)}Present value of what hosting, always on, saves against the API for all over "
        f"{count_of(answer.inputs.horizon_months)} from today; falling prices: API {percent(base(base_fall), 0)}, GPUs "
        f"{percent(base(fall), 0)} a year. Now is decided on the "
        "mean of the futures, later in each future by itself: an upper bound of what is learnt in a year. "
        + _who_keeps_prices(answer)
    )
    columns = ["Choice", "Mean", *(["80 % range", "P(saves)"] * is_drawn)]
    return blocks.table(
        f"Now or in {DELAY_MONTHS} months, thousand {answer.currency}", columns, rows, note=note, bold=[2]
    )


def _not_the_headline(answer: SelfHost) -> str:
    """Why the mean of moving now is another figure than the saving in the headline; nothing where it is the same."""
    found, saved = answer.deferral, answer.npv_savings
    if found is None or abs(float(found.now.mean()) - saved) <= _ROUNDING * abs(saved):
        return ""
    drawn = answer.cases is not answer.case
    figure = "the mean of the futures" if drawn else "the base case"
    falling = any(part.is_by_the_hour for part in answer.case.parts) and base(answer.inputs.gpu.price_decline_per_year)
    rents = ", rents falling from the second year on" if falling else ""
    return f"The headline's {signed_saving(saved)} is the base case at today's rents; here {figure}{rents}. "


def _who_keeps_prices(answer: SelfHost) -> str:
    by_the_hour = [part.is_by_the_hour for part in answer.case.parts]
    if all(by_the_hour):
        return "Rents fall for both."
    kept = "Who moves now keeps today's prices of reserved and owned GPUs."
    return f"Rents by the hour fall for both. {kept}" if any(by_the_hour) else "Who moves now keeps today's GPU prices."


def waiting(answer: SelfHost) -> Block:
    """How many requests wait at the busiest load, and how long, by replicas and by how uneven arrivals are."""
    found = answer.waiting
    if found is None:
        return blocks.nothing()
    service = float(answer.case.seconds_per_request[0, 0])
    target = found.replicas_for_target
    counts = sorted({answer.replicas + more for more in range(_MORE_REPLICAS)} | ({target} if target else set()))
    known = found.arrival_variation
    bursts = _BURSTS if known is None else (known,)
    rows = []
    for count in counts:
        shares = [erlang_c(found.load, count), found.bursty_wait_share(count)]
        waits = [mean_wait(found.load, count, service=service, arrival_variation=one) for one in (1.0, *bursts)]
        waits += [over_time] if (over_time := found.wait_over_time(count) if count else None) is not None else []
        name = f"{count}{' (planned)' if count == answer.replicas else ''}"
        rows.append([name, *(percent(one) for one in shares if one is not None), *(_seconds(one) for one in waits)])
    uneven = [f"{significant(one, 2)} times as uneven" for one in bursts]
    columns = [
        "Replicas",
        "Requests that wait",
        *(["in the file's bursts"] if known is not None else []),
        "Mean wait",
        *uneven,
    ]
    columns += ["over the file"] if found.minutes is not None else []
    share = answer.inputs.serving.wait_share
    goal = ""
    if target and share and target > answer.replicas:
        kept = self_host(override(at_base(answer.inputs), {"serving.minimum_replicas": target}))
        saving = money(kept.npv_savings, answer.currency)
        goal = (
            f" Fewer than {percent(share, 0)} wait from {target} replicas on; keeping them makes the saving {saving}."
        )
    timed = ""
    if found.minutes is not None:
        timed = " Over the file: its minutes one by one, mean of all requests; bursts inside a minute not seen."
    if known is not None:
        timed += (
            f" {significant(known, 2)} times: variance over mean of the file's requests of ten seconds, 1 by chance"
            " (share that waits: Hayward)."
        )
    if share and found.replicas_for_bursts and found.replicas_for_bursts != target:
        goal += f" With arrivals so uneven it takes {found.replicas_for_bursts}."
    note = (
        f"At the busiest load of {significant(found.load)} replicas, a request taking {significant(service)} s of one "
        f"at its full measured rate (Erlang C; uneven arrivals: Allen and Cunneen).{timed}{goal} A replica works on "
        "many requests at once, which makes each slower and lets fewer wait."
    )
    return blocks.table("Waiting in the busiest time of the first month, seconds", columns, rows, note=note)


def _seconds(value: float) -> str:
    return "without end" if not math.isfinite(value) else significant(value) if value >= 0.01 else "below 0.01"


def per_mtok(answer: SelfHost) -> Block:
    """What a million tokens takes: money, money for accepted answers, utilisation, electricity and emissions."""
    hosted, api = answer.cost_per_mtok, answer.api_per_mtok
    accepted = answer.cost_per_accepted
    rates = base(answer.inputs.success_rate), base(answer.inputs.api_success_rate)
    rows = [
        [f"Cost, {answer.currency}", _or_dash(hosted), significant(api), _gap(hosted, api)],
        [
            f"Cost of accepted answers, {answer.currency}",
            _or_dash(accepted[HOST]),
            _or_dash(accepted[API]),
            _gap(accepted[HOST], accepted[API]),
        ],
        ["Electricity, kWh", _or_dash(answer.kwh_per_mtok, "not given"), "not published", ""],
        ["Emissions, kg CO2e", _or_dash(answer.kg_co2e_per_mtok, "not given"), "not published", ""],
    ]
    quality = (
        "No acceptance rates were given: both count as accepted whole (success_rate, api_success_rate)."
        if rates == (1.0, 1.0)
        else f"Accepted: {percent(rates[0])} hosted, {percent(rates[1])} {api_name(answer.inputs)}."
    )
    note = f"First month.{_used(answer)} {quality} A rented GPU's electricity is in its rent."
    columns = ["A million tokens", "Self-host", api_name(answer.inputs), "ΔAPI"]
    return blocks.table("What a million tokens takes", columns, rows, note=note, variance=3)


def _used(answer: SelfHost) -> str:
    """How far replicas are used, and at which use or GPU price both cost the same; nothing without replicas."""
    month = answer.first_month
    if month.utilization is None:
        return ""
    even, price = month.break_even_utilization, month.break_even_gpu_price
    at = [] if even is None or month.utilization_note else [percent(even, 0)]
    at += [] if price is None else [f"a GPU price of {with_unit(month.priced, price, answer.currency)}"]
    same = f"; both cost the same at {' or '.join(at)}" if at else ""
    return f" Replicas are used {percent(month.utilization, 0)} on average{same}."


def _or_dash(value: float | None, words: str = "–") -> str:
    return words if value is None else significant(value)


def _gap(hosted: float | None, api: float | None) -> str:
    if hosted is None or api is None:
        return "–"
    return ("+" if hosted > api else "") + significant(hosted - api)
