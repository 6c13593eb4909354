"""One scene, every vendor: the same usage at the same prices lands on the same rows and the same total."""

import json
from decimal import Decimal

import duckdb
import pandas as pd
import pytest
import spend_scene as scene
from spend_scene import ANTHROPIC, OPENAI, SCENE, TOTAL

from aiecon.ingestion import store

TOKENS = ("x_InputTokens", "x_CacheReadTokens", "x_CacheWrite5mTokens", "x_CacheWrite1hTokens", "x_OutputTokens")


def landed(folder):
    """Day and model -> uncached input, read, written for 5 minutes, for an hour, output, cost."""
    files = f"read_parquet('{folder}/**/*.parquet', union_by_name = true, hive_partitioning = false)"
    has = {row[0] for row in duckdb.execute(f"DESCRIBE SELECT * FROM {files}").fetchall()}
    sums = ", ".join(f"coalesce(sum({column}), 0)" if column in has else "0" for column in TOKENS)
    rows = duckdb.execute(
        f"SELECT strftime(ChargePeriodStart, '%Y-%m-%d'), x_ModelId, {sums}, sum(BilledCost) FROM {files} GROUP BY 1, 2"
    ).fetchall()
    return {row[:2]: (*map(int, row[2:-1]), Decimal(row[-1])) for row in rows}


def expected(requests):
    found = {}
    for one in requests:
        before = found.get((one.day, one.model), (0, 0, 0, 0, 0, Decimal(0)))
        own = (one.input, one.read, one.write, 0, one.output, Decimal(one.cost))
        found[one.day, one.model] = tuple(a + b for a, b in zip(before, own, strict=True))
    return found


def helicone_array(path):
    """As the export tool writes an array: with a comma behind the last request."""
    path.write_text("[\n" + "".join(json.dumps(one, indent=2) + ",\n" for one in scene.helicone_requests()) + "]\n")
    return path


UNCACHED = [one for one in SCENE if not one.read and not one.write]
WRITTEN = {
    "focus": (SCENE, lambda folder: scene.to_csv(folder / "focus.csv", scene.focus_rows())),
    "litellm_csv": (SCENE, lambda folder: scene.to_csv(folder / "spend_logs.csv", scene.litellm_rows())),
    "litellm_lines": (SCENE, lambda folder: scene.to_lines(folder / "logs.jsonl", scene.litellm_rows())),
    "otel_spans": (SCENE, lambda folder: scene.to_lines(folder / "spans.jsonl", scene.otel_spans())),
    "otlp_export": (SCENE, lambda folder: scene.to_lines(folder / "otlp.jsonl", scene.otlp_export())),
    "openai_usage": (OPENAI, lambda folder: scene.to_page(folder / "usage.json", scene.openai_usage())),
    "anthropic_usage": (ANTHROPIC, lambda folder: scene.to_page(folder / "usage.json", scene.anthropic_usage())),
    "azure_costs": (OPENAI, lambda folder: scene.to_csv(folder / "azure.csv", scene.azure_rows())),
    "aws_cur_2": (ANTHROPIC, lambda folder: scene.to_csv(folder / "cur.csv", scene.cur_rows())),
    "gcp_billing": (OPENAI, lambda folder: scene.to_csv(folder / "gcp.csv", scene.gcp_rows())),
    "helicone": (UNCACHED, lambda folder: scene.to_csv(folder / "helicone.csv", scene.helicone_rows(UNCACHED))),
    "helicone_lines": (SCENE, lambda folder: scene.to_lines(folder / "helicone.jsonl", scene.helicone_requests())),
    "helicone_array": (SCENE, lambda folder: helicone_array(folder / "helicone.json")),
    "helicone_page": (SCENE, lambda folder: scene.to_page(folder / "page.json", scene.helicone_requests())),
    "langfuse": (SCENE, lambda folder: scene.to_csv(folder / "observations.csv", scene.langfuse_rows())),
}
COSTS = {
    "openai_costs": (OPENAI, lambda folder: scene.to_page(folder / "costs.json", scene.openai_costs())),
    "anthropic_cost": (ANTHROPIC, lambda folder: scene.to_page(folder / "costs.json", scene.anthropic_cost())),
}


@pytest.mark.parametrize("vendor", WRITTEN)
def test_every_format_lands_on_the_same_rows_and_total(vendor, tmp_path):
    requests, write = WRITTEN[vendor]
    made = store.load([str(write(tmp_path))], to=str(tmp_path / "store"))
    assert not made.refused
    assert landed(tmp_path / "store") == expected(requests)
    assert made.total == sum(Decimal(one.cost) for one in requests)


def test_properties_of_helicone_name_team_and_session(tmp_path):
    store.load([str(WRITTEN["helicone"][1](tmp_path))], to=str(tmp_path / "store"))
    frame = pd.concat(map(pd.read_parquet, (tmp_path / "store").rglob("*.parquet")))
    assert set(frame["x_Team"]) == {"search"}
    assert set(frame["x_TraceId"]) == {"t"}


@pytest.mark.parametrize("vendor", COSTS)
def test_cost_reports_land_on_the_same_money_and_no_tokens(vendor, tmp_path):
    requests, write = COSTS[vendor]
    store.load([str(write(tmp_path))], to=str(tmp_path / "store"))
    assert landed(tmp_path / "store") == {
        key: (0, 0, 0, 0, 0, figures[-1]) for key, figures in expected(requests).items()
    }


def test_a_store_loaded_into_another_is_the_same(tmp_path):
    source = scene.to_csv(tmp_path / "focus.csv", scene.focus_rows())
    store.load([str(source)], to=str(tmp_path / "a"))
    store.load([str(tmp_path / "a")], to=str(tmp_path / "b"))
    assert landed(tmp_path / "b") == landed(tmp_path / "a") == expected(SCENE)


def test_a_request_counts_once_whether_the_gateway_or_a_span_tells_of_it(tmp_path):
    logs = scene.to_lines(tmp_path / "logs.jsonl", scene.litellm_rows())
    spans = scene.to_lines(tmp_path / "spans.jsonl", scene.otel_spans())
    made = store.load([str(logs), str(spans)], to=str(tmp_path / "store"))
    assert [(one.loaded, one.duplicates) for one in made.counted] == [(5, 0), (0, 5)]
    assert made.total == TOTAL


@pytest.mark.parametrize("turn", [1, -1])
def test_usage_and_costs_of_one_vendor_keep_tokens_and_pay_once(turn, tmp_path):
    folder = tmp_path / "exports"
    folder.mkdir()
    scene.to_page(folder / "a.json", scene.openai_usage())
    scene.to_page(folder / "b.json", scene.openai_costs())
    scene.to_page(folder / "c.json", scene.anthropic_usage())
    scene.to_page(folder / "d.json", scene.anthropic_cost())
    for file in sorted(folder.iterdir())[::turn]:
        made = store.load([str(file)], to=str(tmp_path / "store"))
    assert landed(tmp_path / "store") == expected(SCENE)
    assert made.total == TOTAL
    assert [(one.provider, one.rows) for one in made.covered] == [("Anthropic", 3), ("OpenAI", 2)]
    whole = store.load([str(folder)], to=str(tmp_path / "whole"))
    assert landed(tmp_path / "whole") == expected(SCENE)
    assert len(whole.counted) == 4


def test_writes_for_an_hour_are_told_from_those_for_five_minutes(tmp_path):
    log = scene.litellm_rows(SCENE[3:4])
    usage = {
        "cache_creation_input_tokens": 2_000,
        "prompt_tokens_details": {"cache_creation_token_details": {"ephemeral_1h_input_tokens": 1_500}},
    }
    log[0]["metadata"] = {"usage_object": usage}
    report = scene.anthropic_usage(SCENE[3:4])
    report[0]["results"][0]["cache_creation"] = {"ephemeral_5m_input_tokens": 500, "ephemeral_1h_input_tokens": 1_500}
    store.load([str(scene.to_lines(tmp_path / "log.jsonl", log))], to=str(tmp_path / "a"))
    made = store.load([str(scene.to_page(tmp_path / "report.json", report))], to=str(tmp_path / "b"))
    key = ("2026-03-03", "claude-sonnet-4-5")
    assert landed(tmp_path / "a")[key][:5] == landed(tmp_path / "b")[key][:5] == (500, 0, 500, 1_500, 100)
    assert made.total == Decimal("0.0015") + Decimal("0.001875") + Decimal("0.009") + Decimal("0.0015")


def test_agents_and_tools_do_not_repeat_the_usage_of_their_calls(tmp_path):
    spans = scene.otel_spans(SCENE[:2])
    agent = {
        **spans[0],
        "spanId": "a",
        "attributes": {**spans[0]["attributes"], "gen_ai.operation.name": "invoke_agent"},
    }
    made = store.load([str(scene.to_lines(tmp_path / "spans.jsonl", [agent, *spans]))], to=str(tmp_path / "store"))
    assert (made.counted[0].rows_in, made.counted[0].loaded, made.counted[0].left_out) == (3, 2, 1)
    assert landed(tmp_path / "store") == expected(SCENE[:2])


def test_older_spans_that_leave_cached_tokens_out_land_on_the_same_rows(tmp_path):
    spans = scene.otel_spans(SCENE[2:4])
    for span, one in zip(spans, SCENE[2:4], strict=True):
        span["attributes"]["gen_ai.usage.input_tokens"] = one.input
    store.load([str(scene.to_lines(tmp_path / "spans.jsonl", spans))], to=str(tmp_path / "store"))
    assert landed(tmp_path / "store") == expected(SCENE[2:4])


def test_batch_usage_costs_half(tmp_path):
    page = scene.openai_usage()
    for bucket in page:
        bucket["results"][0]["batch"] = True
    made = store.load([str(scene.to_page(tmp_path / "usage.json", page))], to=str(tmp_path / "store"))
    assert made.total == sum(Decimal(one.cost) for one in OPENAI) / 2
