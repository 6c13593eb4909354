"""What a field may be is read off the inputs themselves, however deep it lies."""

import pytest

from aiecon.models.business_case import BusinessCaseInputs
from aiecon.models.cost_curve import CostCurveInputs
from aiecon.models.tiering import TieringInputs
from aiecon.vocabulary.limits import limits

INF = float("inf")


@pytest.mark.parametrize(
    ("model", "name", "least", "most"),
    [
        (CostCurveInputs, "components.Tokens.cost_per_month", 0, INF),
        (CostCurveInputs, 'levers."a.b".prompt_cache.share_of_cost', 0, 1),
        (CostCurveInputs, "levers.cache.prompt_cache.minutes_between", 1e-9, INF),
        (BusinessCaseInputs, "discount_rate", -1 + 1e-9, INF),
        (BusinessCaseInputs, "phases.scale.benefits.hours.amount", -INF, INF),
        (BusinessCaseInputs, "approval.delay_months", 0, INF),
        (TieringInputs, "tiers.small.success_rate", 0, 1),
        (TieringInputs, "tiers.small.nothing", -INF, INF),
    ],
)
def test_a_field_is_limited_as_it_says(model, name, least, most):
    assert limits(model, name) == (least, most)
