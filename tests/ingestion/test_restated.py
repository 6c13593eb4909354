"""A bucket that a later export restates counts once, whatever the order of loading."""

from decimal import Decimal

import pandas as pd
import pytest
import spend_scene as scene

from aiecon.errors import InputError
from aiecon.ingestion import store

DAY = 86_400
START = 1_767_225_600  # 2026-01-01


def costs(folder, name, **days):
    """An export of OpenAI costs: day of January -> amount, or amounts by project."""
    buckets = []
    for day, said in days.items():
        start = START + (int(day[1:]) - 1) * DAY
        amounts = said if isinstance(said, dict) else {"proj_1": said}
        results = [
            {"amount": {"value": amount, "currency": "usd"}, "line_item": "gpt-5, input", "project_id": project}
            for project, amount in amounts.items()
        ]
        buckets.append({"object": "bucket", "start_time": start, "end_time": start + DAY, "results": results})
    return str(scene.to_page(folder / f"{name}.json", buckets))


def load(folder, *sources):
    return store.load(list(sources), to=str(folder / "store"))


@pytest.mark.parametrize("order", ["abc", "acb", "cba"])
def test_the_export_that_reaches_further_has_the_bucket(order, tmp_path):
    exports = {
        "a": costs(tmp_path, "a", d30=1.0, d31=7.0),
        "b": costs(tmp_path, "b", d30=1.0, d31=5.0, d32=2.0),
        "c": costs(tmp_path, "c", d31=7.0, d32=2.5, d33=3.0),
    }
    made = load(tmp_path, *(exports[name] for name in order))
    assert (made.total, made.rows) == (Decimal("13.5"), 4)
    assert made.restated >= 1
    assert all(one.rows_in == one.loaded + one.duplicates + one.left_out for one in made.counted)
    assert not load(tmp_path, *exports.values()).is_written


def test_a_day_that_was_open_counts_as_its_final_amount_and_it_is_told(tmp_path):
    open_day, whole = costs(tmp_path, "open", d31=0.01), costs(tmp_path, "whole", d30=1.0, d31=0.5, d32=1.0)
    load(tmp_path, open_day)
    made = load(tmp_path, whole)
    assert (made.total, made.restated) == (Decimal("2.5"), 1)
    frame = pd.concat(map(pd.read_parquet, sorted((tmp_path / "store").rglob("*.parquet"))))
    assert set(frame["x_SourceFile"]) == {whole}


def test_other_projects_of_a_bucket_stay(tmp_path):
    first, second = costs(tmp_path, "first", d1=1.0), costs(tmp_path, "second", d1={"proj_2": 2.0}, d2=4.0)
    assert load(tmp_path, first, second).total == 7


def test_use_that_is_restated_counts_once(tmp_path):
    def usage(name, *tokens):
        (bucket,) = scene.openai_usage(scene.OPENAI[:1])
        later = [
            {**bucket, "start_time": bucket["start_time"] + place * DAY, "end_time": bucket["end_time"] + place * DAY,
             "results": [{**bucket["results"][0], "output_tokens": count}]}
            for place, count in enumerate(tokens)
        ]  # fmt: skip
        return str(scene.to_page(tmp_path / f"{name}.json", later))

    both, alone = (
        load(tmp_path / name, *files)
        for name, files in (("both", (usage("a", 7), usage("b", 900, 20))), ("alone", (usage("b", 900, 20),)))
    )
    assert both.total == alone.total
    assert both.restated == 1


def test_exports_that_reach_as_far_and_disagree_are_refused_with_both_rows(tmp_path):
    with pytest.raises(InputError) as error:
        load(tmp_path, costs(tmp_path, "a", d1=1.0, d2=2.0), costs(tmp_path, "b", d1=1.0, d2=3.0))
    problem, go_on = error.value.problems
    assert go_on.endswith("a.json (2 rows)")
    assert "b.json row 2: the same bucket stands in" in problem
    assert "a.json row 2 with another amount" in problem


def test_exports_that_agree_in_no_period_are_of_two_organisations(tmp_path):
    ours, theirs = costs(tmp_path, "a", d1=1.0, d2=2.0, d3=3.0), costs(tmp_path, "b", d1=2.0, d2=3.0, d3=4.0, d4=1.0)
    with pytest.raises(InputError, match="of two organisations"):
        load(tmp_path, ours, theirs)
