import pytest

import aiecon
from aiecon.charts import provisioned as charts
from aiecon.errors import InputError

UNIT = {
    "provider": "p",
    "model": "m",
    "tokens_per_minute": 100,
    "output_weight": 4,
    "minimum_units": 1,
    "increment_units": 1,
}
PRICE = {"provider": "p", "model": "m", "input_per_mtok": 100.0, "output_per_mtok": 400.0}
TERMS = [
    {"name": "hour", "price_per_unit_month": 900.0, "commitment_months": 0},
    {"name": "month", "price_per_unit_month": 300.0, "commitment_months": 1},
]


def ask(demand):
    shape = {"input_tokens_per_request": 10, "output_tokens_per_request": 0}
    inputs = {"capacity_unit": UNIT, "payg": PRICE, "terms": TERMS, "shape": shape, "demand": demand}
    return aiecon.ask("provisioned", inputs=inputs, changes={"bootstrap": 50})


@pytest.fixture(scope="module")
def bought():
    levels = [level for day in range(30) for level in [400.0 + 100 * (day % 3)] * 1_300 + [1_000.0] * 140]
    return ask({"tokens_per_minute": levels})


@pytest.fixture(scope="module")
def sample(sample_answers):
    return sample_answers("provisioned")


@pytest.fixture(scope="module")
def population():
    return ask({"distribution": {"shape": "normal", "p10": 372.0, "p90": 628.0}})


@pytest.fixture(scope="module")
def peak():
    return ask({"peak_requests_per_minute": 100})


def rows(chart):
    spec = chart.to_dict()
    return [row for name in spec["datasets"] for row in spec["datasets"][name]]


def title(chart):
    return chart.to_dict()["title"]["text"]


def test_the_duration_curve_falls_from_the_peak_and_names_both_sizes(bought):
    chart = charts.provisioned_chart(bought)
    curve = [row["units"] for row in rows(chart) if set(row) == {"share", "units"} and row["share"] < 1]
    assert max(curve) == pytest.approx(10.0)
    said = {row["words"] for row in rows(chart) if "words" in row}
    assert said >= {"sized to the peak: 10 units", f"bought: {bought.optimal_units} units"}
    assert title(chart).startswith(f"{bought.optimal_units} units serve")


def test_the_layers_of_a_ladder_are_drawn_where_it_has_more_than_one(bought):
    month = 730 * 60
    levels = [200.0] * month + [600.0] * month
    terms = [{"name": "month", "price_per_unit_month": 300.0, "commitment_months": 1}]
    terms.append({"name": "two months", "price_per_unit_month": 250.0, "commitment_months": 2})
    inputs = {"capacity_unit": UNIT, "payg": PRICE, "terms": terms, "demand": {"tokens_per_minute": levels}}
    inputs["shape"] = {"input_tokens_per_request": 10, "output_tokens_per_request": 0}
    answer = aiecon.ask("provisioned", inputs=inputs, changes={"bootstrap": 0})
    drawn = {row["words"]: row["units"] for row in rows(charts.provisioned_chart(answer)) if "ladder: " in str(row)}
    assert drawn == {"ladder: 2 two months": 2}
    words = {row.get("words") for row in rows(charts.provisioned_chart(answer))}
    assert "with month: up to 6" in words
    assert not [row for row in rows(charts.provisioned_chart(bought)) if "ladder" in str(row)]


def test_the_curve_of_nothing_bought_says_how_often_a_unit_must_be_used(sample):
    chart = charts.provisioned_chart(sample)
    assert title(chart) == "No unit is used often enough to pay for itself"
    assert "a unit pays when used 85 % of the time" in {row.get("words") for row in rows(chart)}


def test_the_cost_chart_marks_the_cheapest_and_the_premium_of_the_peak(bought, sample):
    for answer in (bought, sample):
        chart = charts.units_chart(answer)
        drawn = rows(chart)
        span = next(row for row in drawn if "top" in row)
        scale = 1_000 if answer.peak_sized_cost >= 1_000 else 1
        assert (span["top"] - span["cost"]) * scale == pytest.approx(answer.latency_premium)
        assert {row["term"] for row in drawn if "term" in row} == {term.name for term in answer.inputs.terms}
    assert title(charts.units_chart(sample)).startswith("No unit at all is cheapest; sizing to the peak costs 45.2")


def test_the_terms_that_pay_at_our_use_are_told_from_those_that_do_not(bought, sample):
    looks = {row["name"]: row["look"] for row in rows(charts.break_even_chart(bought)) if "look" in row}
    assert looks == {"hour": "never", "month": "pays"}
    assert title(charts.break_even_chart(sample)).startswith("No term breaks even")


def test_resamples_are_drawn_as_parts_of_one(bought):
    bars = [row for row in rows(charts.resamples_chart(bought)) if "words" not in row]
    assert sum(row["share"] for row in bars) == pytest.approx(1.0)


def test_a_distribution_is_drawn_too(population):
    for chart in (charts.provisioned_chart, charts.units_chart, charts.break_even_chart):
        assert len(rows(chart(population))) > 3, chart


def test_what_cannot_be_drawn_is_refused_in_words(peak, sample):
    for chart in (charts.provisioned_chart, charts.units_chart):
        with pytest.raises(InputError, match="a peak alone is known"):
            chart(peak)
    with pytest.raises(InputError, match="no utilisation"):
        charts.break_even_chart(peak)
    with pytest.raises(InputError, match="no resampled months"):
        charts.resamples_chart(sample)
