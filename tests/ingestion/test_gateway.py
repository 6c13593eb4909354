"""A gateway's log is read as it is exported, like the store that `aiecon load` makes of it."""

from types import SimpleNamespace

import pandas as pd
import pytest
import spend_scene as scene

from aiecon.errors import InputError
from aiecon.ingestion import store
from aiecon.ingestion.gateway import read_gateway
from aiecon.vocabulary.source import Source

INPUTS = SimpleNamespace(is_by_day=False)


def read(path):
    return read_gateway(Source(path=str(path)), INPUTS).frame


@pytest.mark.parametrize(
    ("name", "write", "rows"),
    [
        ("logs.csv", scene.to_csv, scene.litellm_rows),
        ("logs.jsonl", scene.to_lines, scene.litellm_rows),
        ("spans.jsonl", scene.to_lines, scene.otel_spans),
        ("calls.csv", scene.to_csv, scene.langfuse_rows),
    ],
)
def test_a_log_reads_like_the_store_made_of_it(name, write, rows, tmp_path):
    path = write(tmp_path / name, rows())
    store.load([str(path)], to=str(tmp_path / "store"))
    found, stored = read(path), read(tmp_path / "store")
    shared = ["when", "x_ModelId", "tokens"]
    pd.testing.assert_frame_equal(found[shared], stored[shared])
    assert found["tokens"].sum() == sum(one.whole_input + one.output for one in scene.SCENE)


def test_a_plain_log_is_read_by_its_own_columns(tmp_path):
    (tmp_path / "log.csv").write_text("date,model,team,input_tokens\n2026-03-02,gpt-5,a,5\n2026-03-03,gpt-5,a,7\n")
    assert read(tmp_path / "log.csv")[["x_Team", "tokens"]].to_numpy().tolist() == [["a", 12.0]]


def test_a_vendors_own_count_is_no_log_and_broken_lines_are_named(tmp_path):
    with pytest.raises(InputError, match="the vendor's own count of use"):
        read(scene.to_page(tmp_path / "usage.json", scene.openai_usage()))
    path = scene.to_lines(tmp_path / "logs.jsonl", scene.litellm_rows())
    path.write_text(path.read_text()[:-80])
    with pytest.raises(InputError, match=r"row 5 not a whole JSON object"):
        read(path)
