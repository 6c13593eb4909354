from dataclasses import replace
from itertools import pairwise

import altair as alt
import pandas as pd
import pytest
import vl_convert

from aiecon.charts.spend_forecast import bridge_chart, daily_chart, spend_forecast_chart
from aiecon.report.blocks import VEGA_LITE


def rows(chart):
    spec = chart.to_dict()
    return [row for name in spec["datasets"] for row in spec["datasets"][name]]


def test_the_main_chart_shows_the_months_of_the_table(sample_answer):
    shown = {row["period"]: row for row in rows(spend_forecast_chart(sample_answer))}
    table = sample_answer.table[sample_answer.table["level"] == "month"].set_index("period")
    for period in ("2026-04", "2026-05", "2026-06"):
        for column in ("p10", "p50", "p90", "budget"):
            assert shown[period][column] * 1_000 == pytest.approx(table.loc[period, column])
    assert shown["2026-03"]["actual"] * 1_000 == pytest.approx(table.loc["2026-03", "actual"])


def test_titles_say_what_to_see_and_in_which_unit(sample_answer):
    title = spend_forecast_chart(sample_answer).to_dict()["title"]
    assert sample_answer.gap > 0
    assert title["text"] == f"Q2 2026 is expected {sample_answer.gap / 1_000:.1f} thousand USD above its budget"
    assert "thousand USD" in title["subtitle"]


def test_the_fan_holds_the_forecast_of_every_day(sample_answer):
    data = pd.DataFrame(rows(daily_chart(sample_answer)))
    ahead = data.dropna(subset=["p50"])
    assert len(ahead) == 91
    assert ahead["p50"].sum() * 1_000 == pytest.approx(sample_answer.total["p50"], rel=0.01)


def test_altair_and_the_drawing_library_speak_the_same_vega_lite():
    assert VEGA_LITE in vl_convert.get_vegalite_versions()
    assert alt.VEGALITE_VERSION.startswith(VEGA_LITE)


def steps(answer):
    """The bars of the bridge in their order."""
    return sorted((row for row in rows(bridge_chart(answer)) if "step" in row), key=lambda row: row["order"])


def with_budget(answer, budget):
    return replace(answer, inputs=answer.inputs.model_copy(update={"budget": budget}))


def test_the_bridge_starts_from_the_budget_and_closes(sample_answer):
    shown, bridge = steps(sample_answer), sample_answer.bridge
    assert [bar["step"] for bar in shown] == ["Budget", "Over or under the budget", *bridge["step"]]
    budget, gap, start, *_, end = shown
    assert (budget["look"], start["look"], end["look"]) == ("budget", "start", "end")
    assert (budget["from"], budget["to"] * 1_000) == (0.0, sample_answer.budget.amount)
    assert gap["from"] == budget["to"]
    assert gap["to"] == start["to"]
    assert gap["look"] == ("more" if start["to"] > budget["to"] else "less")
    for before, bar in pairwise(shown[2:-1]):
        assert bar["from"] == pytest.approx(before["to"])
        assert bar["look"] == ("more" if bar["change"] > 0 else "less")
    assert end["to"] * 1_000 == pytest.approx(sample_answer.landing["p50"])
    assert "outline: budget" in bridge_chart(sample_answer).to_dict()["title"]["subtitle"]


def test_every_bar_of_the_bridge_is_drawn(sample_answer):
    layers = bridge_chart(sample_answer).to_dict()["layer"]
    drawn = {step["filter"] for layer in layers for step in layer.get("transform", [])}
    assert {f"datum.look == '{bar['look']}'" for bar in steps(sample_answer)} <= drawn


def test_a_bridge_that_starts_under_the_budget_says_less(sample_answer):
    rich = with_budget(sample_answer, 900_000.0)
    gap = steps(rich)[1]
    assert gap["look"] == "less"
    assert gap["label"].startswith("−")
    assert gap["change"] * 1_000 == pytest.approx(sample_answer.bridge["total"].iloc[0] - 900_000.0)


def test_without_a_budget_the_bridge_starts_where_it_did(sample_answer):
    free = with_budget(sample_answer, None)
    assert [bar["step"] for bar in steps(free)] == list(sample_answer.bridge["step"])
    assert steps(free)[0]["look"] == "start"
    assert "budget" not in bridge_chart(free).to_dict()["title"]["subtitle"]
