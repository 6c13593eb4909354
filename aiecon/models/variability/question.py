"""The variability function: from inputs to futures, their attribution and the guardrails tried on them."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from aiecon.errors import InputError
from aiecon.models.variability.answer import Variability, row_of
from aiecon.models.variability.attribution import attribute
from aiecon.models.variability.calibration import calibrate
from aiecon.models.variability.inputs import VariabilityInputs
from aiecon.models.variability.parameters import ORIGINS, Parameters
from aiecon.models.variability.paths import Paths, base_months, simulate, standard_error
from aiecon.sensitivity.fields import value_at
from aiecon.sensitivity.inputs import varying_names
from aiecon.vocabulary.distribution import base
from aiecon.vocabulary.overrides import override, parts
from aiecon.vocabulary.question import day_of
from aiecon.vocabulary.strict import nearest, quoted

_PILOT = 10_000
_MOST = 5_000_000
_MOST_SPEND = 1e30  # beyond it figures lose their meaning, and soon their digits
_FAR = 0.2  # of a figure, from which on what past use says otherwise is told
_SPARE = 1.25  # more paths than the pilot says, since its own error is uncertain


def variability(
    inputs: VariabilityInputs,
    *,
    client: Any = None,
    tell: Callable[[int, int], None] = lambda done, every: None,
) -> Variability:
    """Draw futures of the bill and say how far it can stray, and which of the four origins is to blame.

    Spend of a month = users × requests of a user × cost of a request, summed over tiers. Users follow logistic growth
    (with Bass's innovation), churn and viral jumps; requests a season, noise that lasts and shocks; prices fall, step
    and change with updates, which also lengthen answers; the cost of a request is that of its steps, whose context
    grows. Every uncertain input is drawn once a path, chance once a period.

    Parameters
    ----------
    inputs
        Numbers or distributions; each left out switches its effect off.
    client
        A dask client that chunks are spread over; the figures are the same to the last bit.
    tell
        Called with how many paths are done, and of how many.

    Returns
    -------
    Variability
        Mean, p10 to p99, expected shortfall, months, Shapley shares of the four origins, guardrails.

    Raises
    ------
    InputError
        For a correlation of what does not vary or of an impossible matrix, or a guardrail that fits no field.

    Examples
    --------
    >>> inputs = VariabilityInputs.build({
    ...     "horizon_months": 12,
    ...     "scale": {"users_start": 100},
    ...     "utilization": {"requests_per_user_month": 50},
    ...     "agent": {"base_input_tokens": 1_000, "output_tokens_per_step": 200},
    ...     "tiers": [{"name": "all", "share": 1.0, "price": {"provider": "p", "model": "m",
    ...                "input_per_mtok": 2.0, "output_per_mtok": 10.0}}],
    ... })
    >>> answer = variability(inputs)
    >>> round(answer.quantiles["p90"], 6), answer.v_factor  # 100 × 50 × 0.004 × 12
    (240.0, 0.0)
    """
    inputs, learnt = _calibrated(inputs)
    parameters = Parameters(inputs)
    _check(parameters)
    count, notes = _count(inputs, client)
    notes = [*learnt, *notes]
    paths = simulate(inputs, count, client=client, tell=tell)
    _check_size(paths)
    notes += [*_clipped(parameters), *_above_ceiling(inputs)]
    resolved = inputs.model_copy(update={"paths": count, "currency": inputs.tiers[0].price.currency})
    as_of = day_of(inputs, *(tier.price.effective_from for tier in inputs.tiers))
    return Variability(
        inputs=resolved.model_copy(update={"as_of": as_of}),
        as_of=as_of,
        paths=paths,
        base=base_months(inputs),
        attribution=attribute(inputs),
        guardrails=_guardrails(inputs, paths, client),
        notes=notes,
    )


def _calibrated(inputs: VariabilityInputs) -> tuple[VariabilityInputs, list[str]]:
    """The inputs with what they leave out learnt from past use, and words about it."""
    tables = {name: source.table.frame for name in ("usage", "requests") if (source := getattr(inputs, name))}
    if not tables:
        return inputs, []
    found = calibrate(**tables) | _cached(inputs, tables.get("requests"))
    given = {f"{part}.{field}" for part in ORIGINS for field in getattr(inputs, part).model_fields_set}
    if "steps" not in tables.get("requests", ()) and base(inputs.agent.steps_mean) > 1:
        found = {name: value for name, value in found.items() if not name.startswith("agent.")}
    learnt = {name: value for name, value in found.items() if name not in given}
    shown = ", ".join(f"{name} {_shown(value)}" for name, value in learnt.items())
    words = [f"Learnt from past use: {shown}" if learnt else "Past use is too short, or all it could say is given"]
    for name in sorted(set(found) & given):
        words += _other(name, value_at(inputs, name), found[name])
    return (override(inputs, learnt) if learnt else inputs), words


def _cached(inputs: VariabilityInputs, requests: pd.DataFrame | None) -> dict[str, float]:
    """The cached part of the input of past requests, for tiers that do not say theirs."""
    if requests is None or "cached_tokens" not in requests or not requests["input_tokens"].sum():
        return {}
    share = float(requests["cached_tokens"].sum() / requests["input_tokens"].sum())
    silent = [tier.name for tier in inputs.tiers if "cached_input_share" not in tier.model_fields_set]
    return {f"tiers.{quoted(name)}.cached_input_share": share for name in silent}


def _other(name: str, stated: Any, found: Any) -> list[str]:
    """Words where what is stated is far from what past use says."""
    if not isinstance(found, float) or abs(base(stated) - found) <= _FAR * max(abs(found), abs(base(stated))):
        return []
    return [f"{name} is given as {base(stated):.3g}; past use says {found:.3g}"]


def _shown(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else f"{value['p10']:.3g} to {value['p90']:.3g}"


def _check(parameters: Parameters) -> None:
    """Correlations must be of what varies, and base values what their field can be."""
    varying = varying_names({name: parameters.given[name] for name in parameters.uncertain})
    problems = _base_problems(parameters)
    problems += [
        f"correlations: {name} is not a field of the simulation{nearest(name, list(parameters.given))}"
        if name not in parameters.given
        else f"correlations: {name} does not vary; give it a distribution, or leave the correlation out"
        for row in parameters.inputs.correlations
        for name in (row.a, row.b)
        if name not in varying
    ]
    if problems:
        raise InputError(list(dict.fromkeys(problems)))
    parameters.tied  # noqa: B018  # refuses an impossible matrix


def _base_problems(parameters: Parameters) -> list[str]:
    """Words about distributions whose base case is out of bounds: the draws are held to them, the base would not be."""
    found = []
    for name in parameters.uncertain:
        (low, high), value = parameters.bounds(name), base(parameters.given[name])
        if not low <= value <= high:
            limit = f"below {low:g}" if value < low else f"above {high:g}"
            found.append(f"{name}: the base case of its distribution is {value:g}, {limit}; give another one")
    return found


def _check_size(paths: Paths) -> None:
    """Refuse bills beyond all money, which growth without a ceiling leads to."""
    most = float(paths.totals.max())
    if not most <= _MOST_SPEND:
        raise InputError(
            f"spend passes {_MOST_SPEND:g} on some futures; growth, jumps or multiples are too high: give "
            "scale.users_ceiling or lower them"
        )


def _above_ceiling(inputs: VariabilityInputs) -> list[str]:
    """Words about a start above the ceiling, which counts as the ceiling."""
    start, ceiling = base(inputs.scale.users_start), inputs.scale.users_ceiling
    if ceiling is None or start <= base(ceiling):
        return []
    return [f"scale.users_start is {start:g}, above users_ceiling; it counts as {base(ceiling):g}"]


def _count(inputs: VariabilityInputs, client: Any) -> tuple[int, list[str]]:
    """How many paths to draw: as many as asked, or as the precision asked for takes; words about it."""
    asked = inputs.paths or inputs.draws
    if inputs.precision is None:
        return asked, []
    totals = simulate(inputs.model_copy(update={"store_paths": False}), _PILOT, client=client).totals
    p90 = float(np.quantile(totals, 0.9))
    error = standard_error(totals, 0.9) / p90 if p90 else 0.0
    needed = _PILOT * (error / inputs.precision) ** 2 * _SPARE
    count = int(min(max(_PILOT, math.ceil(needed / 1_000) * 1_000), _MOST))
    problems = inputs.model_copy(update={"paths": count}).memory_problems()
    if problems:
        raise InputError(problems)
    note = f"{count:,} paths were drawn for a standard error of {inputs.precision:.2%} of p90"
    if inputs.paths is not None and inputs.paths != count:
        note += f" (paths = {inputs.paths:,} does not count beside precision)"
    if needed > _MOST:
        note += f"; {needed:,.0f} would be needed, and {_MOST:,} are the most"
    return count, [note]


def _clipped(parameters: Parameters) -> list[str]:
    """Words about distributions that reach beyond what their field can be."""
    found = []
    shares = np.array([0.0001, 0.9999])
    for name in parameters.uncertain:
        low, high = parameters.bounds(name)
        ends = parameters.given[name].ppf(shares)
        if ends[0] < low or ends[1] > high:
            limit = f"{low:g}" if ends[0] < low else f"{high:g}"
            found.append(f"{name}: its distribution reaches beyond {limit}; draws beyond count as {limit}")
    return found


def _measured(inputs: VariabilityInputs, changes: Mapping[str, Any]) -> VariabilityInputs:
    """The inputs with a measure, on the same futures: correlations of what it fixes are left out."""
    foreign = [name for name in changes if parts(name)[0] not in (*ORIGINS, "tiers")]
    if foreign:
        raise InputError(
            [f"{name} is no part of a measure; one sets fields of {', '.join(ORIGINS)} or tiers" for name in foreign]
        )
    still_tied = [row for row in inputs.correlations if not {row.a, row.b} & set(changes)]
    return override(inputs.model_copy(update={"correlations": tuple(still_tied)}), changes)


def _guardrails(inputs: VariabilityInputs, paths: Paths, client: Any) -> pd.DataFrame:
    """Every guardrail on the same futures, the bill without any first."""
    rows = [row_of("As it is", paths.totals)]
    without = [float(rows[0][key]) for key in ("mean", "p50", "p90", "p99", "expected_shortfall_95")]  # type: ignore[arg-type]
    for guardrail in inputs.guardrails:
        try:
            changed = _measured(inputs, guardrail.set)
        except InputError as error:
            raise InputError([f"guardrails.{guardrail.name}: {problem}" for problem in error.problems]) from None
        found = simulate(changed.model_copy(update={"store_paths": False}), len(paths.totals), client=client)
        rows.append(row_of(guardrail.name, found.totals, without))
    return pd.DataFrame(rows)
