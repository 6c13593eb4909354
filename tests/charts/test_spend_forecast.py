import altair as alt
import pandas as pd
import pytest
import vl_convert

from aiecon.charts.spend_forecast import daily_chart, spend_forecast_chart
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
