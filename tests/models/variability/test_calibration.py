"""What past use says of a question: made by known numbers, and found again."""

import numpy as np
import pandas as pd
import pytest
from models.test_variability import PLAIN

from aiecon.ingestion.resolve import resolve
from aiecon.models.variability import VariabilityInputs, variability
from aiecon.models.variability.calibration import calibrate

BASE, ADDED, WRITTEN, SIGMA, RETRY = 1_000.0, 500.0, 200.0, 0.5, 0.2


def log(count=20_000, *, seed=1):
    """Requests of an agent as the simulation makes them, one row each."""
    random = np.random.default_rng(seed)
    steps = random.geometric(0.4, count)
    rows = []
    for number in steps:
        attempts = random.geometric(1 - RETRY, number)
        written = WRITTEN * np.exp(SIGMA * random.standard_normal(attempts.sum()) - SIGMA**2 / 2)
        read = attempts * (BASE + ADDED * np.arange(number))
        rows.append((read.sum(), written.sum(), number, attempts.sum(), read.sum() / 4))
    return pd.DataFrame(rows, columns=["input_tokens", "output_tokens", "steps", "attempts", "cached_tokens"])


@pytest.fixture(scope="module")
def requests():
    return log()


def test_an_agent_is_found_again_in_its_log(requests):
    found = calibrate(requests=requests)
    assert found["agent.steps_mean"] == pytest.approx(2.5, rel=0.02)
    assert found["agent.steps_dispersion"] == pytest.approx(1.0, rel=0.1)
    assert found["agent.base_input_tokens"] == pytest.approx(BASE, rel=0.03)
    assert found["agent.added_input_tokens_per_step"] == pytest.approx(ADDED, rel=0.05)
    assert found["agent.output_tokens_per_step"] == pytest.approx(WRITTEN, rel=0.02)
    assert found["agent.retry_probability"] == pytest.approx(RETRY, rel=0.05)


def test_the_spread_of_a_steps_output_is_found_where_no_step_is_tried_twice():
    random = np.random.default_rng(2)
    steps = random.geometric(0.4, 20_000)
    written = [(WRITTEN * np.exp(SIGMA * random.standard_normal(n) - SIGMA**2 / 2)).sum() for n in steps]
    rows = pd.DataFrame({"input_tokens": BASE * steps, "output_tokens": written, "steps": steps})
    found = calibrate(requests=rows)
    assert found["agent.output_sigma"] == pytest.approx(SIGMA, rel=0.05)
    assert found["agent.added_input_tokens_per_step"] == pytest.approx(0.0, abs=1e-6)
    assert "agent.retry_probability" not in found


def test_requests_without_steps_are_of_one_step(requests):
    found = calibrate(requests=requests[["input_tokens", "output_tokens"]])
    assert found["agent.base_input_tokens"] == pytest.approx(requests["input_tokens"].mean())
    assert found["agent.output_tokens_per_step"] == pytest.approx(requests["output_tokens"].mean())
    assert "agent.steps_mean" not in found


def asked(folder, requests, **agent):
    requests.to_csv(folder / "requests.csv", index=False)
    fields = PLAIN | {"requests": str(folder / "requests.csv"), "agent": agent}
    return variability(resolve(VariabilityInputs.build(fields)))


def test_the_bill_of_a_question_with_a_log_is_that_of_the_log(tmp_path, requests):
    answer = asked(tmp_path, requests, base_input_tokens=BASE, output_tokens_per_step=WRITTEN)
    read, cached = requests["input_tokens"].sum(), requests["cached_tokens"].sum()
    log_cost = (2.0 * read + 10.0 * requests["output_tokens"].sum()) / 1e6 / len(requests)
    assert answer.inputs.tiers[0].cached_input_share == pytest.approx(cached / read)
    assert answer.base.sum() == pytest.approx(100 * 50 * 12 * log_cost, rel=0.03)
    assert answer.notes[0].startswith("Learnt from past use: agent.")
    assert not any("past use says" in note for note in answer.notes)


def test_a_given_figure_far_from_the_log_is_told(tmp_path, requests):
    answer = asked(tmp_path, requests, base_input_tokens=5 * BASE, output_tokens_per_step=WRITTEN)
    assert answer.inputs.agent.base_input_tokens == 5 * BASE
    (note,) = [note for note in answer.notes if "past use says" in note]
    assert note.startswith("agent.base_input_tokens is given as 5e+03; past use says ")


def test_a_log_without_steps_teaches_nothing_of_an_agent_of_several(tmp_path, requests):
    plain = requests[["input_tokens", "output_tokens"]]
    answer = asked(tmp_path, plain, base_input_tokens=BASE, output_tokens_per_step=WRITTEN, steps_mean=3.0)
    assert answer.inputs.agent.output_sigma == 0
    assert answer.notes == ["Past use is too short, or all it could say is given"]
