"""Known answers of variability. D-MC-7: the context of an agent's request grows with its steps, by hand."""

import pytest

from aiecon.models.variability import VariabilityInputs
from aiecon.models.variability.paths import base_months
from aiecon.vocabulary.overrides import override

ONE_REQUEST = {
    "horizon_months": 1,
    "scale": {"users_start": 1},
    "utilization": {"requests_per_user_month": 1},
    "agent": {"base_input_tokens": 4_000, "added_input_tokens_per_step": 1_500, "output_tokens_per_step": 0},
    "tiers": [
        {
            "name": "all",
            "share": 1.0,
            "price": {"provider": "p", "model": "m", "input_per_mtok": 1.0, "output_per_mtok": 0.0},
        }
    ],
}


def test_d_mc_7_twenty_steps_read_365_000_tokens():
    """Steps are geometric; with a mean beyond all measure every request runs to the cap of twenty."""
    changes = {"agent.steps_mean": 1e9, "agent.steps_cap": 20}
    inputs = override(VariabilityInputs.build(ONE_REQUEST), changes)
    input_tokens = base_months(inputs)[0] * 1e6  # at 1 per million tokens
    assert input_tokens == pytest.approx(365_000, rel=1e-6)
    assert input_tokens / 80_000 == pytest.approx(4.5625, rel=1e-6)
