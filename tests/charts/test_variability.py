import pytest

import aiecon
from aiecon.charts.variability import guardrails_chart, months_chart, origins_chart, variability_chart


@pytest.fixture(scope="module")
def answer(sample_answers):
    return sample_answers("variability", "fast")


def rows(chart):
    spec = chart.to_dict()
    return [row for name in spec["datasets"] for row in spec["datasets"][name]]


def test_the_main_chart_marks_the_quantiles_and_the_budget(answer):
    marks = {row["label"]: row for row in rows(variability_chart(answer)) if "label" in row}
    assert {label.split()[0] for label in marks} == {"budget", "p50", "p90", "p99"}
    p90 = next(row for label, row in marks.items() if label.startswith("p90"))
    assert p90["total"] * 1_000 == pytest.approx(answer.quantiles["p90"])
    assert p90["passed"] == 0.1


def test_the_curve_is_the_share_of_futures_that_cost_more(answer):
    curve = [row for row in rows(variability_chart(answer)) if "label" not in row]
    for row in curve[20:200:30]:
        assert answer.probability_above(row["total"] * 1_000)[0] == pytest.approx(row["passed"], abs=0.002)


def test_without_a_budget_nothing_is_drawn_for_one(answer):
    free = aiecon.ask("variability", profile="fast", changes={"budget": None})
    for chart in (variability_chart, guardrails_chart):
        spec = chart(free).to_dict()
        assert "budget" not in str(spec)
        assert "budget" in str(chart(answer).to_dict())


def test_the_bars_are_the_shares_largest_first(answer):
    bars = rows(origins_chart(answer))
    shares = [bar["share"] for bar in bars]
    assert shares == sorted(answer.shares.values(), reverse=True)
    assert sum(shares) == pytest.approx(1)
    assert bars[0]["label"] in origins_chart(answer).to_dict()["title"]["text"]


def test_guardrails_show_their_figures_in_the_order_given(answer):
    shown = [row for row in rows(guardrails_chart(answer)) if "name" in row]
    assert [row["name"] for row in shown] == list(answer.guardrails["name"])
    for key in ("p50", "p90", "expected_shortfall_95"):
        assert [row[key] * 1_000 for row in shown] == pytest.approx(list(answer.guardrails[key]))
    saved = answer.guardrails["saving_p90"].max()
    assert f"p90 falls by {saved / 1_000:.0f} thousand USD" in guardrails_chart(answer).to_dict()["title"]["text"]


def test_the_fan_holds_every_month(answer):
    months = [row for row in rows(months_chart(answer)) if "p10" in row]
    frame = answer.to_frame()
    assert [row["p90"] * 1_000 for row in months] == pytest.approx(list(frame["p90"]))
    futures = [row["drawn"] * 1_000 for row in rows(months_chart(answer)) if "drawn" in row]
    assert futures == pytest.approx(answer.sample_paths(12).ravel())
    width = float(frame["p90"].iloc[0] - frame["p10"].iloc[0]) / 1_000
    assert f"{width:.1f} thousand USD wide in month 1" in months_chart(answer).to_dict()["title"]["text"]


def test_titles_give_measure_unit_and_scope(answer):
    for chart in (variability_chart, guardrails_chart, months_chart):
        assert "thousand USD" in chart(answer).to_dict()["title"]["subtitle"]
    assert "9 months" in variability_chart(answer).to_dict()["title"]["subtitle"]
