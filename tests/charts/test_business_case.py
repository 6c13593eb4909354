import pytest

import aiecon
from aiecon.charts.business_case import business_case_chart, ends_chart, label, worth_chart

PLAIN = {"cash_flows": [-100.0, 39.0, 59.0, 55.0, 20.0], "discount_rate": 0.08}


@pytest.fixture(scope="module")
def answer(sample_answers):
    return sample_answers("business_case", "fast")


def rows(chart):
    spec = chart.to_dict()
    return [row for name in spec["datasets"] for row in spec["datasets"][name]]


def test_bars_and_line_are_the_flows_and_their_sum(answer):
    found = [row for row in rows(business_case_chart(answer)) if "capital" in row and "label" not in row]
    table = answer.to_frame()
    assert [row["net"] * 1_000 for row in found] == pytest.approx(list(table["net"]))
    assert [row["cumulated"] * 1_000 for row in found] == pytest.approx(list(table["cumulated"]))


def test_the_title_gives_the_payback_or_says_that_there_is_none(answer):
    title = business_case_chart(answer).to_dict()["title"]["text"]
    assert title == f"What is spent is back after {answer.payback_months:.0f} months"
    poor = aiecon.ask("business_case", inputs=PLAIN | {"cash_flows": [-100.0, 10.0, 10.0]})
    assert "does not come back" in business_case_chart(poor).to_dict()["title"]["text"]


def test_a_hundred_marks_stand_for_the_futures(answer):
    marks = [row for row in rows(worth_chart(answer)) if "look" in row]
    assert len(marks) == 100
    above = sum(mark["look"] == "above" for mark in marks) / 100
    assert above == pytest.approx(answer.npv_probability, abs=0.011)


def test_every_bar_shows_worth_at_both_ends(answer):
    bars = [row for row in rows(ends_chart(answer)) if "name" in row]
    table = answer.ends
    assert [bar["name"] for bar in bars] == [label(name) for name in table["name"][: len(bars)]]
    for bar, row in zip(bars, table.to_dict("records"), strict=False):
        assert sorted([bar["from"], bar["to"]]) == pytest.approx(
            sorted([row["npv_at_low"] / 1e6, row["npv_at_high"] / 1e6]), rel=1e-9
        )


def test_charts_of_a_case_in_which_nothing_varies():
    plain = aiecon.ask("business_case", inputs=PLAIN)
    assert ends_chart(plain).to_dict()["title"]["text"] == "Nothing in the case is uncertain"
    assert worth_chart(plain).to_dict()["title"]["text"] == "100 % of the futures are worth more than nothing"


def test_a_figure_goes_by_the_name_its_reader_gave_it():
    assert label('phases.scale.benefits."v. fast".amount') == "v. fast"
    assert label("phases.scale.investment") == "Scale: investment"
    assert label("approval.delay_months") == "Delay, months"
