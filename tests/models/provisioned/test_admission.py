"""Requests one by one at each number of units: what is refused, how many units refuse little, what max_tokens costs."""

import numpy as np
import pandas as pd
import pytest

from aiecon.errors import InputError
from aiecon.ingestion import request_log
from aiecon.ingestion.resolve import resolve
from aiecon.models.provisioned import ProvisionedInputs, provisioned, replay
from aiecon.vocabulary.overrides import override
from aiecon.vocabulary.source import Source

SPEED = 10.0  # output tokens a second


def asked(folder, *, most=None, **admission):
    """Sixty requests at one moment, then one a second for ten minutes; units of 60 tokens a minute."""
    arrival = np.concatenate([np.zeros(60), np.arange(1.0, 601.0)])
    frame = pd.DataFrame({"timestamp": arrival, "input_tokens": 10, "output_tokens": 5})
    if most is not None:
        frame["max_tokens"] = most
    frame.to_csv(folder / "log.csv", index=False)
    unit = {"tokens_per_minute": 60, "output_weight": 2, "minimum_units": 1, "increment_units": 1}
    inputs = {
        "capacity_unit": {"provider": "p", "model": "m", **unit},
        "payg": {"provider": "p", "model": "m", "input_per_mtok": 100.0, "output_per_mtok": 200.0},
        "terms": [{"name": "month", "price_per_unit_month": 2.0, "commitment_months": 1}],
        "shape": {"input_tokens_per_request": 10, "output_tokens_per_request": 5},
        "demand": {"file": str(folder / "log.csv")},
        "admission": {"output_tokens_per_second": SPEED, **admission},
        "bootstrap": 0,
    }
    return provisioned(resolve(ProvisionedInputs.build(inputs))), frame


def replayed(frame, units, *, most, window=1.0):
    requests = frame.assign(
        arrival_s=frame["timestamp"],
        cached_tokens=0,
        max_tokens=most,
        completion_s=frame["timestamp"] + frame["output_tokens"] / SPEED,
    )
    return replay(requests, tokens_per_minute=60.0 * units, output_weight=2.0, window_minutes=window)


def test_each_row_is_a_replay_of_the_requests(tmp_path):
    answer, frame = asked(tmp_path, most=50, window_minutes=0.5)
    for row in answer.refusals.table.to_dict("records"):
        exact = replayed(frame, row["units"], most=5, window=0.5)
        reserved = replayed(frame, row["units"], most=50, window=0.5)
        assert row["refused_share"] == pytest.approx(exact.refused_share)
        lost = exact.actual[~exact.admitted].sum() / exact.actual.sum()
        assert row["refused_token_share"] == pytest.approx(lost)
        assert row["refused_share_max_tokens"] == pytest.approx(reserved.refused_share)
        spilled = answer.to_frame().set_index("units")["spill_share"].get(row["units"], 0.0)
        assert row["spill_token_share"] == pytest.approx(spilled)
        assert row["cost_per_month"] == pytest.approx(2.0 * row["units"] + lost * answer.payg_cost)


def test_a_log_too_long_to_hold_is_counted_by_the_minute_and_that_is_said(tmp_path, monkeypatch):
    short, _ = asked(tmp_path)
    monkeypatch.setattr(request_log, "MOST_REQUESTS", 600)
    long, _ = asked(tmp_path)
    assert long.refusals is None
    assert [note for note in long.notes if "not run through admission" in note]
    assert not [note for note in short.notes if "not run through admission" in note]
    assert long.optimal_cost == short.optimal_cost


def test_the_units_needed_refuse_little_and_one_less_refuses_more(tmp_path):
    answer, frame = asked(tmp_path, most=50, accepted_refused_share=0.02)
    found = answer.refusals
    for units, most in ((found.units_needed, 5), (found.units_needed_max_tokens, 50)):
        assert replayed(frame, units, most=most).refused_share <= 0.02
        assert replayed(frame, units - 1, most=most).refused_share > 0.02
    more = found.units_needed_max_tokens - found.units_needed
    assert more > 0
    assert found.overestimate_cost == pytest.approx(more * 2.0)
    assert found.reserved_ratio == pytest.approx((10 + 2 * 50) / (10 + 2 * 5))


def test_max_tokens_of_the_log_goes_before_the_one_given_and_never_below_what_was_written(tmp_path):
    in_log = asked(tmp_path, most=50, max_tokens_per_request=9)[0].refusals
    given = asked(tmp_path, max_tokens_per_request=50)[0].refusals
    pd.testing.assert_frame_equal(in_log.table, given.table)
    assert asked(tmp_path, max_tokens_per_request=1)[0].refusals.reserved_ratio == 1.0


def test_without_max_tokens_its_cost_is_not_known(tmp_path):
    found = asked(tmp_path)[0].refusals
    assert found.units_needed is not None
    assert (found.units_needed_max_tokens, found.overestimate_cost, found.reserved_ratio) == (None, None, None)
    assert found.table["refused_share_max_tokens"].isna().all()


def test_a_higher_max_tokens_never_needs_fewer_units(tmp_path):
    needed = [
        asked(tmp_path, max_tokens_per_request=most)[0].refusals.units_needed_max_tokens for most in (5, 10, 20, 40)
    ]
    assert needed == sorted(needed)


def test_no_number_of_units_up_to_four_peaks_is_said_as_none(tmp_path):
    answer, _ = asked(tmp_path, max_tokens_per_request=1_000_000, accepted_refused_share=0.0)
    assert answer.refusals.units_needed_max_tokens is None
    assert answer.refusals.overestimate_cost is None


def test_a_setting_out_of_range_is_refused(tmp_path):
    with pytest.raises(InputError, match="window_minutes"):
        asked(tmp_path, window_minutes=0)


@pytest.mark.parametrize(
    "changes",
    [{"payg.input_per_mtok": 250.0}, {"capacity_unit.output_weight": 7.0}, {"shape.cached_input_share": 0.5}],
)
def test_a_log_is_priced_and_weighed_again_when_what_it_rests_on_changes(tmp_path, changes):
    answer, _ = asked(tmp_path)
    moved = provisioned(override(answer.inputs, changes))
    file = Source(path=answer.inputs.demand.file.path)
    anew = provisioned(resolve(override(answer.inputs, changes | {"demand.file": file})))
    assert moved.payg_cost == pytest.approx(anew.payg_cost)
    assert moved.peak_sized_units == anew.peak_sized_units
    if "shape" not in next(iter(changes)):  # a log says itself what is cached
        assert (moved.payg_cost, moved.peak_sized_units) != (answer.payg_cost, answer.peak_sized_units)
