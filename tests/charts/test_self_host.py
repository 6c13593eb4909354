from itertools import pairwise

import pytest

import aiecon
from aiecon.charts.self_host import (
    cumulative_chart,
    figure,
    probability_chart,
    self_host_chart,
    self_host_tornado_chart,
    wins_words,
    with_unit,
)


@pytest.fixture(scope="module")
def answer(sample_answers):
    return sample_answers("self_host", "fast")


def rows(chart):
    spec = chart.to_dict()
    return [row for name in spec["datasets"] for row in spec["datasets"][name]]


def title(chart):
    return chart.to_dict()["title"]["text"]


def test_the_shaded_volumes_are_the_winning_intervals(answer):
    shaded = [row for row in rows(self_host_chart(answer)) if set(row) == {"low", "high"}]
    assert [row["low"] for row in shaded] == pytest.approx([low for low, _ in answer.win_intervals])
    assert shaded[0]["high"] == pytest.approx(answer.win_intervals[0][1])
    assert wins_words(answer, most=2) in title(self_host_chart(answer))


def test_the_staircase_crosses_the_line_where_an_interval_begins(answer):
    curve = [row for row in rows(self_host_chart(answer)) if "replicas" in row]
    low = answer.win_intervals[0][0]
    before, after = next((a, b) for a, b in pairwise(curve) if a["mtok"] < low <= b["mtok"])
    share = (low - before["mtok"]) / (after["mtok"] - before["mtok"])
    api = before["api"] + share * (after["api"] - before["api"])
    assert api == pytest.approx(before["hosting"])
    assert before["replicas"] == after["replicas"] == 2


def test_our_volume_is_marked_with_its_range(answer):
    found = rows(self_host_chart(answer))
    assert any(row.get("label") == "today 12,489" for row in found)
    band = next(row for row in found if "edge" in row)
    assert band["from"] <= 12_489 < band["to"]


def test_where_hosting_never_wins_nothing_is_shaded():
    never = aiecon.ask("self_host", profile="fast", changes={"gpu.price_per_gpu_hour": 50.0})
    assert never.win_intervals == []
    assert title(self_host_chart(never)) == "Self-hosting is cheaper at no volume"
    assert not [row for row in rows(self_host_chart(never)) if set(row) == {"low", "high"}]


def test_the_sums_end_where_the_months_add_up(answer):
    found = rows(cumulative_chart(answer))
    frame = answer.to_frame()
    hosted = max(row["cost"] for row in found if row["option"] == "Self-host" and row["month"] == 36)
    assert hosted * 1e6 == pytest.approx(answer.upfront + frame["running_cost"].sum(), rel=1e-6)
    base = {row["option"]: row["cost"] for row in found if row["month"] == 18}
    assert base["API, −10 % a year"] * 1e6 == pytest.approx(frame["api_cost"].iloc[:18].sum())
    assert base["API, −50 % a year"] < base["API, −10 % a year"] < base["API, price as today"]


def test_the_map_holds_the_probability_of_the_base_and_rises_with_volume_and_share(answer):
    cells = {(row["mtok"], row["usable_share"]): row for row in rows(probability_chart(answer))}
    here = next(row for row in cells.values() if row["is_here"])
    assert (here["mtok"], here["usable_share"]) == (12_489, 0.65)
    shares = sorted({share for _, share in cells})
    column = [cells[12_489, share]["probability"] for share in shares]
    assert column == sorted(column)


def test_the_bars_start_at_the_base_and_tell_where_the_answer_turns(answer):
    bars = [row for row in rows(self_host_tornado_chart(answer)) if "turn" in row]
    assert all(bar["from"] * 1e3 == pytest.approx(answer.npv_savings) for bar in bars)
    price = next(bar for bar in bars if bar["name"] == "GPU price")
    turned = aiecon.ask("self_host", profile="fast", changes={"gpu.price_per_gpu_hour": float(price["turn"])})
    assert abs(turned.npv_savings) < 0.02 * abs(answer.npv_savings)


def test_figures_are_written_with_their_unit():
    assert figure("serving.usable_share", 0.65) == "65 %"
    assert figure("gpu.price_per_gpu_hour", 3.29) == "3.29"
    assert with_unit("gpu.price_per_gpu_hour", 2.464, "EUR") == "2.46 EUR an hour"
    assert with_unit("workload.mtok_per_month", 17_506.4, "USD") == "17,506 Mtok a month"
    assert with_unit("api_price_decline_per_year", 0.1, "USD") == "10 %"
