"""A vendor's usage export and a gateway's log of the same calls count once, whichever comes first."""

from decimal import Decimal

import pandas as pd
import pytest
import spend_scene as scene
from hypothesis import given
from hypothesis import strategies as st
from spend_scene import OPENAI, SCENE, TOTAL
from strategies import LAW_WITH_FILES

from aiecon.ingestion import store
from aiecon.vocabulary.spend import TOKEN_COLUMNS

ALL_TOKENS = sum(one.whole_input + one.output for one in OPENAI)


def export(folder, requests=OPENAI):
    return str(scene.to_page(folder / "usage.json", scene.openai_usage(requests)))


def log(folder, requests=OPENAI, name="logs.jsonl", **other):
    rows = [{**row, **other} for row in scene.litellm_rows(requests)]
    return str(scene.to_lines(folder / name, rows))


def rows(folder):
    frame = pd.concat(map(pd.read_parquet, sorted((folder / "store").rglob("*.parquet"))), ignore_index=True)
    counts = [name for name in (*TOKEN_COLUMNS, "x_Requests") if name in frame]
    frame[counts] = frame[counts].fillna(0)
    return frame.assign(tokens=frame[[name for name in TOKEN_COLUMNS if name in frame]].sum(axis=1))


def load(folder, *sources):
    return store.load(list(sources), to=str(folder / "store"))


@pytest.mark.parametrize("turn", [1, -1])
def test_the_same_calls_count_once_with_the_records_as_owners(turn, tmp_path):
    for source in [export(tmp_path), log(tmp_path)][::turn]:
        made = load(tmp_path, source)
    frame = rows(tmp_path)
    assert made.total == sum(Decimal(one.cost) for one in OPENAI)
    assert (frame["tokens"].sum(), frame["x_Requests"].sum()) == (ALL_TOKENS, len(OPENAI))
    assert set(frame.loc[frame["BilledCost"] > 0, "x_Team"]) == {"search"}
    (one,) = made.recorded
    assert (one.counted, one.recorded, one.more, one.beyond) == (ALL_TOKENS, ALL_TOKENS, 0, 0)


def test_use_past_the_gateway_stays_with_the_export(tmp_path):
    made = load(tmp_path, export(tmp_path), log(tmp_path, OPENAI[:1]))
    frame = rows(tmp_path)
    past = frame[frame["x_Source"] == "openai_usage"]
    assert made.total == frame["BilledCost"].sum() == sum(Decimal(one.cost) for one in OPENAI)
    assert past["BilledCost"].sum() == made.recorded[0].beyond == Decimal(OPENAI[1].cost)
    assert past["tokens"].sum() == OPENAI[1].whole_input + OPENAI[1].output
    assert past["x_Requests"].sum() == 1


def test_calls_that_the_export_lacks_keep_their_own_cost(tmp_path):
    made = load(tmp_path, export(tmp_path), log(tmp_path, SCENE))
    assert made.total == TOTAL
    assert [one.provider for one in made.recorded] == ["OpenAI"]


def test_the_export_has_the_cost_and_a_log_with_more_tokens_is_said(tmp_path):
    made = load(tmp_path, export(tmp_path, OPENAI[:1]), log(tmp_path, model="openai/gpt-5-2025-08-07", spend=9.0))
    assert made.total == Decimal(OPENAI[0].cost)
    assert made.recorded[0].more == OPENAI[1].whole_input + OPENAI[1].output
    assert rows(tmp_path)["tokens"].sum() == ALL_TOKENS


def test_a_bill_has_the_cost_of_both(tmp_path):
    costs = str(scene.to_page(tmp_path / "costs.json", scene.openai_costs()))
    made = load(tmp_path, export(tmp_path), log(tmp_path), costs)
    assert made.total == sum(Decimal(one.cost) for one in OPENAI)
    assert rows(tmp_path)["tokens"].sum() == ALL_TOKENS
    assert [(one.source, one.by, one.rows) for one in made.covered] == [("litellm", "openai_costs", 2)]


def test_rows_in_are_counted_covered_twice_there_refused_or_left_out(tmp_path):
    made = load(tmp_path, export(tmp_path), log(tmp_path))
    assert [(one.rows_in, one.loaded, one.covered) for one in made.counted] == [(2, 2, 2), (2, 2, 0)]


def test_a_log_that_names_no_provider_is_said_to_be_perhaps_counted_twice(tmp_path):
    calls = str(scene.to_csv(tmp_path / "langfuse.csv", scene.langfuse_rows()))
    made = load(tmp_path, export(tmp_path), calls)
    (one,) = made.doubtful
    assert (one.source, one.by, one.rows, one.cost) == ("langfuse", "OpenAI", 2, Decimal("0.06175"))
    assert not load(tmp_path, log(tmp_path, SCENE)).doubtful


@pytest.mark.parametrize("together", [True, False])
def test_the_order_of_sources_changes_no_row(together, tmp_path):
    logs, usage = log(tmp_path, SCENE), export(tmp_path)
    spans = str(scene.to_lines(tmp_path / "spans.jsonl", scene.otel_spans()))
    calls = str(scene.to_csv(tmp_path / "langfuse.csv", scene.langfuse_rows()))
    found = []
    for place, sources in enumerate(([logs, usage, spans, calls], [calls, spans, usage, logs])):
        folder = tmp_path / str(place)
        for part in [sources] if together else [[one] for one in sources]:
            made = store.load(part, to=str(folder / "store"))
        found.append(rows(folder))
        assert made.total == TOTAL
    pd.testing.assert_frame_equal(*found)
    assert set(found[0]["x_Source"]) == {"litellm", "openai_usage"}


counts = st.lists(st.tuples(st.integers(0, 5_000), st.integers(0, 5_000)), min_size=1, max_size=4)


@LAW_WITH_FILES
@given(counts, counts)
def test_law_totals_are_the_exports_and_what_a_log_has_beyond_it(tmp_path_factory, counted, logged):
    folder = tmp_path_factory.mktemp("law")
    page = scene.openai_usage([OPENAI[0]] * len(counted))
    for bucket, (read, written) in zip(page, counted, strict=True):
        bucket["results"][0] |= {"input_tokens": read, "input_cached_tokens": 0, "output_tokens": written}
    lines = scene.litellm_rows([OPENAI[0]] * len(logged))
    for place, (line, (read, written)) in enumerate(zip(lines, logged, strict=True)):
        line |= {"request_id": str(place), "prompt_tokens": read, "completion_tokens": written, "metadata": "{}"}
    sources = [str(scene.to_page(folder / "a.json", page)), str(scene.to_lines(folder / "b.jsonl", lines))]
    used, said = sum(map(sum, counted)), sum(map(sum, logged))
    if not used or not said:
        return
    made = load(folder, *sources)
    frame = rows(folder)
    cost = sum(read * Decimal("1.25") + written * 10 for read, written in counted) / 1_000_000
    assert made.total == cost
    assert frame["tokens"].sum() == max(used, said)
    assert (frame[["BilledCost", "tokens"]] >= 0).all(axis=None)
