"""How many units a rate of requests needs, as vendors size it, and where each term breaks even."""

import pandas as pd

from aiecon.errors import InputError
from aiecon.models.provisioned.demand import full_value
from aiecon.models.provisioned.inputs import ProvisionedInputs
from aiecon.vocabulary.arguments import number_problems
from aiecon.vocabulary.capacity import NO_WEIGHT, CapacityUnit
from aiecon.vocabulary.distribution import base
from aiecon.vocabulary.shape import RequestShape


def required_units(capacity_unit: CapacityUnit, shape: RequestShape, *, requests_per_minute: float) -> int:
    """Return the units that serve a rate of requests of one shape, within minimum and increment.

    Parameters
    ----------
    capacity_unit, shape
        What a unit serves, and the mean request; tables of the same fields do too.
    requests_per_minute
        Of the busiest minute. [requests/minute]

    Notes
    -----
    Normalised tokens of a request × requests a minute ÷ tokens a minute of a unit, rounded up to the increment and not
    below the minimum; 0 for no demand. Source: Microsoft, "Determine provisioned throughput unit requirements"; Google,
    "Calculate Provisioned Throughput requirements".

    Examples
    --------
    >>> unit = CapacityUnit(provider="azure", model="gpt-5.2", tokens_per_minute=3_400, output_weight=8,
    ...                     minimum_units=15, increment_units=5)
    >>> shape = RequestShape(input_tokens_per_request=200, output_tokens_per_request=20)
    >>> required_units(unit, shape, requests_per_minute=1_000)
    110
    """
    unit = capacity_unit if isinstance(capacity_unit, CapacityUnit) else CapacityUnit.build(capacity_unit)
    shape = shape if isinstance(shape, RequestShape) else RequestShape.build(shape)
    problems = [
        *number_problems(requests_per_minute=requests_per_minute),
        *(f"shape.other_input_tokens.{kind}: {NO_WEIGHT}" for kind in unit.unweighted(shape)),
    ]
    if problems:
        raise InputError(problems)
    return unit.units_for(unit.normalised(shape) * requests_per_minute)


def break_even_by_term(inputs: ProvisionedInputs) -> pd.DataFrame:
    """Return where each term breaks even with pay-as-you-go.

    Returns
    -------
    pandas.DataFrame
        One row a term: term, price_per_unit_month, commitment_months, payg_value_per_unit_month (of a unit used all
        month), break_even_utilization (price ÷ value; above 1 it never does, None when pay-as-you-go costs nothing).
        [currency/unit/month]
    """
    value = full_value(inputs)
    rows = [
        {
            "term": term.name,
            "price_per_unit_month": base(term.price_per_unit_month),
            "commitment_months": base(term.commitment_months),
            "payg_value_per_unit_month": value,
            "break_even_utilization": base(term.price_per_unit_month) / value if value > 0 else None,
        }
        for term in inputs.terms
    ]
    return pd.DataFrame(rows)
