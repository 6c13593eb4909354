"""What a replica serves from measured rows: which are used, which miss the target and why, and the line between two."""

import pandas as pd
import pytest

import aiecon
from aiecon.errors import InputError
from aiecon.models.self_host import SelfHostInputs, self_host
from aiecon.models.self_host.throughput import USED, throughput
from aiecon.vocabulary.overrides import override

LLAMA = {"model": "meta-llama/Llama-3.1-70B", "gpu": "h100_sxm"}
PLAIN = {
    "workload": {
        "mtok_per_month": 5_000.0,
        "shape": {"input_tokens_per_request": 3_198, "output_tokens_per_request": 761},
    },
    "api_blended_per_mtok": 4.0,
    "serving": {"measured": LLAMA, "gpus_per_replica": 4, "latency": {"ttft_ms": 2_000, "tpot_ms": 60}},
    "gpu": {"purchase": "on_demand", "price_per_gpu_hour": 2.0},
    "horizon_months": 12,
    "discount_rate": 0.08,
}
HEADER = "model,gpu,gpus_per_replica,input_tokens,output_tokens,ttft_ms,tpot_ms,output_tokens_per_second"
ROWS = [  # a request takes input / 10,000 + output / 1,000 s of a replica; the third is fast and late
    "m,g,1,1000,500,100,10,833.3333333333334",
    "m,g,1,9000,500,900,20,357.14285714285717",
    "m,g,1,9000,500,5000,30,400",
]


def asked(changes=()):
    return aiecon.resolve(override(SelfHostInputs.build(PLAIN), dict(changes)))


def own(tmp_path, rows=ROWS, **changes):
    (tmp_path / "rows.csv").write_text("\n".join([HEADER, *rows]) + "\n")
    measured = {"file": str(tmp_path / "rows.csv"), "model": "m", "gpu": "g"}
    return asked({"serving.measured": measured, "serving.gpus_per_replica": 1} | changes)


def test_the_shipped_rows_give_the_rates_of_the_line_between_them():
    found = throughput(asked())
    # 1,024 in and out at 3,241.18 output tokens/s, 8,192 in at 1,160.54
    seconds = 1_024 / 3_241.18, 1_024 / 1_160.54
    assert found.input_tokens_per_second == pytest.approx(7_168 / (seconds[1] - seconds[0]))
    assert found.output_tokens_per_second == pytest.approx(1_024 / (seconds[0] - 1_024 / found.input_tokens_per_second))
    assert list(found.used["input_tokens"]) == [1_024, 8_192]
    assert list(found.used["concurrency"]) == [64, 64]
    assert found.left_out.empty
    assert not found.is_extended


def test_rows_that_miss_the_target_are_not_used_and_say_why():
    answer = self_host(asked({"serving.latency.tpot_ms": 30}))
    found = throughput(answer.inputs)
    late = found.left_out[["input_tokens", "concurrency", "use"]].to_numpy().tolist()
    assert late == [
        [8_192, 32, "each token after 33 ms, above 30"],
        [8_192, 64, "each token after 53 ms, above 30"],
    ]
    assert list(found.used["concurrency"]) == [64, 16]
    assert "2 of 15 measured rows miss the latency target and are not used" in answer.notes
    loose = self_host(asked())
    assert answer.case.seconds_per_request[0, 0] > loose.case.seconds_per_request[0, 0]
    assert throughput(asked({"serving.latency": None})).left_out.empty


def test_a_saturated_row_is_never_used():
    found = throughput(asked({"serving.gpus_per_replica": 2, "serving.latency": None}))
    assert (found.left_out["use"].str.contains("more requests than it serves")).all()
    assert len(found.left_out) == 2
    both = throughput(asked({"serving.gpus_per_replica": 2, "serving.latency.ttft_ms": 1_000}))
    assert "first token after 6,518 ms, above 1,000" in set(both.left_out["use"])


def test_a_file_of_ones_own_is_met_exactly_and_reaches_capacity(tmp_path):
    inputs = own(tmp_path)
    found = throughput(inputs)
    assert found.input_tokens_per_second == pytest.approx(10_000)
    assert found.output_tokens_per_second == pytest.approx(1_000)
    assert (found.rows["use"] == USED).tolist() == [True, True, False]
    answer = self_host(inputs)
    assert answer.case.seconds_per_request[0, 0] == pytest.approx(3_198 / 10_000 + 761 / 1_000)
    given = {"input_tokens_per_second": 10_000, "output_tokens_per_second": 1_000, "gpus_per_replica": 1}
    plain = SelfHostInputs.build(PLAIN | {"serving": given})
    assert answer.npv_savings == pytest.approx(self_host(plain).npv_savings)
    assert answer.notes == ["1 of 3 measured rows miss the latency target and are not used"]
    outside = own(tmp_path, **{"workload.shape.input_tokens_per_request": 20_000})
    assert self_host(outside).notes[-1] == (
        "Our input length lies outside those measured (1,000 and 9,000 tokens): extended"
    )


def test_rates_of_ones_own_replace_the_rows():
    rates = {"serving.input_tokens_per_second": 5_000.0, "serving.output_tokens_per_second": 500.0}
    inputs = asked(rates)
    assert inputs.serving.measured is None
    assert throughput(inputs) is None


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"serving.measured.model": "meta-llama/Llama-3.1-7B"}, "did you mean meta-llama/Llama-3.1-70B?"),
        ({"serving.measured.model": "llama 70b"}, "did you mean meta-llama/Llama-3.1-70B?"),
        ({"serving.measured.model": "Llama-3.1-70B-Instruct"}, "did you mean meta-llama/Llama-3.1-70B?"),
        ({"serving.measured.gpu": "a100"}, "no row of meta-llama/Llama-3.1-70B for 'a100'"),
        ({"serving.measured.gpu": "b200_sxm"}, "serving.measured.precision: rows of fp4 and fp8 were found; name one"),
        ({"serving.measured.gpu": "h200_sxm"}, "serving.measured.engine: rows of trtllm and vllm were found; name one"),
        ({"serving.gpus_per_replica": 3}, "was measured on 2, 4, 8 h100_sxm, got 3"),
        ({"serving.latency.ttft_ms": 1}, "serving.latency: 15 of 15 measured rows miss the target"),
    ],
)
def test_what_was_not_measured_is_said(changes, words):
    with pytest.raises(InputError) as caught:
        self_host(asked(changes))
    assert words in caught.value.problems[0]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([*ROWS, "m,g,1,10,10,1,1,0"], "column 'output_tokens_per_second' has 1 zeros (first in row 5)"),
        (["m,g,1,1000,500,100,10,800", "m,g,1,9000,500,100,10,900"], "which no two rates explain"),
        (["m,g,1,1000,500,100,10,800"], "no two input lengths at one output length"),
    ],
)
def test_rows_that_measure_nothing_are_refused(tmp_path, rows, words):
    with pytest.raises(InputError) as caught:
        self_host(own(tmp_path, rows))
    assert words in caught.value.problems[0]


def test_rows_are_those_of_the_shipped_table():
    rows = pd.DataFrame(throughput(asked()).rows)
    assert set(rows["model"]) == {"meta-llama/Llama-3.1-70B"}
    assert rows["source"].str.contains("aiconfigurator").all()


def test_rows_measured_after_the_day_are_not_read_and_those_without_a_day_are(tmp_path):
    dated = [f"{row},{day}" for row, day in zip(ROWS, ("2026-01-01", "", "2026-03-01"), strict=True)]
    extra = "m,g,1,1000,500,100,10,2000,2026-05-01"
    (tmp_path / "rows.csv").write_text("\n".join([HEADER + ",measured_on", *dated, extra]) + "\n")
    measured = {"file": str(tmp_path / "rows.csv"), "model": "m", "gpu": "g"}
    changes = {"serving.measured": measured, "serving.gpus_per_replica": 1}
    now, before = (asked(changes | {"as_of": day}) for day in ("2026-05-01", "2026-04-30"))
    assert len(throughput(now).rows) == 4
    assert throughput(now).output_tokens_per_second > throughput(before).output_tokens_per_second
    assert len(throughput(before).rows) == 3
    assert "1 measured rows are later than 2026-04-30 and are not read" in " ".join(self_host(before).notes)
    assert not any("are not read" in note for note in self_host(now).notes)
    with pytest.raises(InputError, match=r"no row for .*; 1,442 rows measured after the day asked about are not read"):
        self_host(asked({"as_of": "2025-10-01"}))


def test_the_rows_used_are_told_with_their_file():
    used = self_host(asked()).rows_used
    assert [row["input_tokens"] for row in used] == [1_024, 8_192]
    assert {row["file"] for row in used} == {"shipped:gpu/serving.parquet"}
    assert {str(row["measured_on"].date()) for row in used} == {"2025-10-29"}
