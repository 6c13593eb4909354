"""The self-host function: from a workload, a price and a serving profile to where hosting wins."""

import numpy as np

from aiecon.errors import InputError
from aiecon.models.self_host.answer import SelfHost
from aiecon.models.self_host.economics import Economics, at_base, drawn, held, uncertain_values
from aiecon.models.self_host.gpu import Gpu
from aiecon.models.self_host.inputs import SelfHostInputs
from aiecon.models.self_host.intervals import too_fine
from aiecon.models.self_host.profile import load_by_minute, load_profile, with_peak
from aiecon.models.self_host.throughput import Throughput, throughput
from aiecon.models.self_host.waiting import Waiting, waiting
from aiecon.vocabulary.capacity import FORGIVEN
from aiecon.vocabulary.distribution import base
from aiecon.vocabulary.question import day_of
from aiecon.vocabulary.strict import quoted

_SECONDS_PER_HOUR = 3_600.0
MOST_REPLICAS = 1e6
_MANY = 0.005  # of the draws: fewer move no figure that is printed


def self_host(inputs: SelfHostInputs) -> SelfHost:
    """Say when self-hosting is cheaper than the API, at which volumes, and how sure that is.

    Whole replicas (and whole servers) carry the busiest load; every GPU is paid for all hours. Growth, falling API
    prices and capital that is bought, replaced and sold are followed month by month, for the base case and every draw.

    Parameters
    ----------
    inputs
        Read by `aiecon.resolve` when the workload has a file.

    Returns
    -------
    SelfHost
        Winning volumes, crossover month, payback, present value, probability, regret, cost per million tokens.

    Examples
    --------
    >>> inputs = SelfHostInputs.build({
    ...     "workload": {"mtok_per_month": 1_000.0,
    ...                  "shape": {"input_tokens_per_request": 750, "output_tokens_per_request": 250}},
    ...     "api_blended_per_mtok": 4.0,
    ...     "serving": {"requests_per_second": 1.0, "gpus_per_replica": 1},
    ...     "gpu": {"purchase": "on_demand", "price_per_gpu_hour": 2.0},
    ...     "horizon_months": 12, "discount_rate": 0.08,
    ... })
    >>> answer = self_host(inputs)
    >>> answer.win_intervals, answer.crossover_month, answer.payback_months
    ([(365.0, None)], 1, 0.0)
    """
    inputs = with_peak(inputs)
    case = Economics(inputs, at_base(inputs))
    _check_size(case)
    varies = any(hasattr(value, "ppf") for value in uncertain_values(inputs).values())
    cases = Economics(inputs, drawn(inputs)) if varies else case
    file = inputs.workload.file
    as_of = day_of(
        inputs, file.table.facts["as_of"] if file else None, inputs.api.effective_from if inputs.api else None
    )
    profile = None if file is None else load_by_minute(inputs)
    waits = _waiting(inputs, case, profile)
    return SelfHost(
        inputs=inputs.model_copy(update={"as_of": as_of}),
        as_of=as_of,
        case=case,
        cases=cases,
        waiting=waits,
        profile=profile,
        load=load_profile(inputs),
        notes=[*_notes(inputs, case), *_wait_notes(inputs, case, waits), *_held_notes(inputs)],
    )


def _check_size(case: Economics) -> None:
    """Refuse loads that no data centre holds: a unit is wrong."""
    most = float(case.needed.max())
    if not most <= MOST_REPLICAS:
        raise InputError(
            f"workload.mtok_per_month: {most:,.0f} replicas would be needed, more than {MOST_REPLICAS:,.0f}; it is in "
            "million tokens, and a replica serves what serving says"
        )


def _waiting(inputs: SelfHostInputs, case: Economics, profile: np.ndarray | None) -> Waiting | None:
    """Waiting in the busiest time of the first month, at its replicas."""
    service = float(case.seconds_per_request[0, 0])
    hours = base(inputs.gpu.hours_per_month) * _SECONDS_PER_HOUR
    requests = float(case.mtok[0, 0] * 1e6 / case.tokens_per_request[0, 0])
    peak = float(case.value("workload.peak_to_mean", 1.0)[0, 0])
    load = requests * peak * service / hours
    replicas = int(case.needed[0, 0])
    if load <= 0 or replicas < 1:
        return None
    minutes = None if profile is None or profile.mean() <= 0 else profile / profile.mean() * load / peak
    file, target = inputs.workload.file, inputs.serving.wait_share
    variation = None if file is None else file.table.facts["arrival_variation"]
    return waiting(load, replicas, service=service, target=target, minutes=minutes, arrival_variation=variation)


def _wait_notes(inputs: SelfHostInputs, case: Economics, waits: Waiting | None) -> list[str]:
    """That more wait than the target says, where the replicas priced are too few for it."""
    priced, target = int(case.needed[0, 0]), inputs.serving.wait_share
    if waits is None or target is None or waits.replicas_for_target is None or waits.replicas_for_target <= priced:
        return []
    return [
        f"{waits.wait_share * 100:.0f} % of requests wait in the busiest time at the {priced} replicas priced; for the "
        f"target of {target * 100:g} % it takes {waits.replicas_for_target}, which are not priced"
    ]


def _notes(inputs: SelfHostInputs, case: Economics) -> list[str]:
    found = []
    file = inputs.workload.file
    if file is not None:
        facts = file.table.facts
        peak, load = float(case.value("workload.peak_to_mean", 1.0)[0, 0]), load_by_minute(inputs)
        own = float(load.max() / load.mean()) if load.mean() > 0 else peak
        given = f"; the peak_to_mean given, {peak:.3g}, is used" if abs(own / peak - 1.0) > FORGIVEN else ""
        found.append(f"The busiest of {facts['minutes']:,} minutes is {own:.3g} times the mean one{given}")
        if facts["arrival_variation"] is None:
            found.append("The file's requests stand at whole minutes: bursts inside a minute are not seen")
    hours = inputs.workload.hourly_load
    if hours is not None and max(hours) / np.mean(hours) > base(inputs.workload.peak_to_mean) * (1 + FORGIVEN):
        found.append(
            f"The busiest hour is {max(hours) / np.mean(hours):.3g} times the mean one, above peak_to_mean "
            f"({base(inputs.workload.peak_to_mean):g}); by the hour and split are sized for it"
        )
    lives = [base(one.life_months) for one in inputs.gpu.purchases.values() if one.life_months is not None]
    if lives and inputs.horizon_months < max(lives):
        found.append(
            f"The horizon of {inputs.horizon_months} months ends before the life of {max(lives):g}; "
            "the GPUs count with their straight-line value then"
        )
    found += _electricity_notes(inputs.gpu)
    fine = too_fine(case)
    found += [] if fine is None else [fine]
    measured = throughput(inputs)
    if measured is not None:
        found += _left_out_notes(inputs) + _measured_notes(measured)
    elif inputs.serving.latency is not None:
        found.append("The throughput is taken as measured at the latency given; nothing here checks it")
    return found


def _electricity_notes(gpu: Gpu) -> list[str]:
    """Where one of power and price was given and the other forgotten."""
    ways = {**gpu.purchases, **{f"gpu.options.{quoted(option.name)}": option for option in gpu.options}}
    priced = [head for head, one in ways.items() if base(one.price_per_kwh) > 0]
    owned = [head for head, one in ways.items() if one.purchase == "owned" and head not in priced]
    if base(gpu.power_kw) > 0:
        words = "Electricity of owned GPUs counts nothing: gpu.power_kw is given, and {}.price_per_kwh is 0 or left out"
        return [words.format(head) for head in owned]
    return [f"Electricity counts nothing: {head}.price_per_kwh is given, and gpu.power_kw is not" for head in priced]


def _held_notes(inputs: SelfHostInputs) -> list[str]:
    """What is drawn beyond what the field may be and counts as its end, where it is more than a few draws."""
    return [
        f"{100 * share:.1f} % of the draws of {name} lie beyond what it may be ({_range_words(*ends)}) and count as "
        "its end"
        for name, share, ends in held(inputs)
        if share >= _MANY
    ]


def _range_words(low: float, high: float) -> str:
    least = f"{round(low, 6):g}"
    return f"at least {least}" if np.isinf(high) else f"{least} to {round(high, 6):g}"


def _left_out_notes(inputs: SelfHostInputs) -> list[str]:
    """That rows of the file were measured after the day asked about."""
    measured = inputs.serving.measured
    later = measured.file.table.facts["left_out"] if measured else 0
    return [f"{later:,} measured rows are later than {inputs.as_of} and are not read"] if later else []


def _measured_notes(measured: Throughput) -> list[str]:
    found = []
    if len(measured.left_out):
        found.append(
            f"{len(measured.left_out)} of {len(measured.rows)} measured rows miss the latency target and are not used"
        )
    low, high = measured.used["input_tokens"]
    if measured.is_extended:
        found.append(f"Our input length lies outside those measured ({low:,.0f} and {high:,.0f} tokens): extended")
    return found
