import pytest

import aiecon
from aiecon.charts.seats import NO_SEAT, lorenz_chart, seat_cost_chart, seats_chart, signing_chart
from aiecon.errors import InputError

FLAT = {"name": "Flat", "price_per_seat_month": 30.0, "overage_factor": 0.0}
POPULATION = {"users": 1_000, "distribution": {"shape": "lognormal", "p10": 2.0, "p90": 60.0}}


@pytest.fixture(scope="module")
def answer(sample_answers):
    return sample_answers("seats", "fast")


def ask(usage, **others):
    return aiecon.ask("seats", inputs={"usage": usage, "plans": [FLAT], **others}, profile="fast")


def rows(chart):
    spec = chart.to_dict()
    return [row for name in spec["datasets"] for row in spec["datasets"][name]]


def bars(answer):
    return [row for row in rows(seats_chart(answer)) if {"floor", "people", "plan"} <= set(row)]


def test_people_stand_heaviest_first_in_the_shade_of_their_plan(answer):
    people = [row for row in bars(answer) if row["people"] == 1]
    assert [row["spend"] for row in people] == pytest.approx(list(answer.people.spend))
    assert [row["plan"] for row in people] == list(answer.by_person()["plan"])


def test_the_names_of_plans_count_their_people(answer):
    said = {row["label"] for row in rows(seats_chart(answer)) if "label" in row}
    outside = answer.people.count - sum(answer.allocation.holders.values())
    assert said == {f"{name}: {count:.0f}" for name, count in answer.allocation.holders.items()} | {
        f"API prices: {outside:.0f}"
    }


def test_many_people_are_drawn_in_groups_that_keep_their_use():
    answer = ask({"per_user": [float(place % 97) for place in range(5_000)]})
    groups = [row for row in bars(answer) if row["spend"] < 97.0]
    groups = [row for row in groups if row["end"] - row["start"] < 100]
    assert len(groups) < 310
    assert sum(row["spend"] * row["people"] for row in groups) == pytest.approx(answer.people.total)


def test_a_population_is_drawn_too():
    answer = ask(POPULATION)
    assert "of a population" in seats_chart(answer).to_dict()["title"]["subtitle"]
    for chart in (seats_chart, seat_cost_chart, lorenz_chart):
        assert len(rows(chart(answer))) > 3
    shown = {row["plan"] for row in bars(answer)}
    assert shown == {"Flat", NO_SEAT}


def test_the_picture_of_cost_marks_the_plain_choices_and_the_cheapest(answer):
    marks = {row["label"]: row for row in rows(seat_cost_chart(answer)) if "label" in row}
    assert marks["all at API prices"]["cost"] * 1_000 == pytest.approx(answer.all_api_cost)
    assert marks["all in Copilot Business"]["cost"] * 1_000 == pytest.approx(answer.all_seats_cost)
    cheapest = next(row for label, row in marks.items() if label.startswith("cheapest"))
    assert cheapest["cost"] * 1_000 == pytest.approx(answer.allocation.cost)
    assert cheapest["seats"] == answer.allocation.total_seats


def test_where_no_seat_pays_the_titles_say_so():
    answer = ask({"per_user": [1.0, 2.0, 3.0]})
    assert seats_chart(answer).to_dict()["title"]["text"] == "Nobody's use is worth a seat"
    assert seat_cost_chart(answer).to_dict()["title"]["text"] == "No number of seats is cheaper than none"


def test_the_lorenz_curve_says_what_the_heaviest_tenth_use(answer):
    share = f"{answer.people.top_share(0.1) * 100:.0f} %"
    spec = lorenz_chart(answer).to_dict()
    assert share in spec["title"]["text"]
    assert f"Gini {answer.people.gini:.2f}" in spec["title"]["subtitle"]


def test_a_chart_of_nothing_is_refused_in_words():
    with pytest.raises(InputError, match="nobody uses anything"):
        lorenz_chart(ask({"per_user": [0.0, 0.0]}))
    with pytest.raises(InputError, match="none was given"):
        signing_chart(ask({"per_user": [40.0, 2.0]}))


def test_signing_marks_none_and_the_best(answer):
    marks = {row["label"]: row for row in rows(signing_chart(answer)) if "label" in row}
    assert "none" in marks
    best = next(row for label, row in marks.items() if label.startswith("best"))
    assert best["seats"] == answer.signing.best
    assert f"{answer.signing.best:,} {answer.signing.plan} seats" in signing_chart(answer).to_dict()["title"]["text"]


POOL = {"name": "Pool", "price_per_seat_month": 8.0, "included_usage_per_seat_month": 20.0, "pooled": True}
LARGE = {**POOL, "overage_factor": 1.0, "minimum_seats": 5, "commitment_months": 12}
SMALL_FIRM = {"usage": {"per_user": [60.0, 45.0, 5.0]}, "plans": [LARGE], "metered_fee_per_user_month": 2.0}


def test_seats_of_a_minimum_are_counted_where_seats_are_counted():
    answer = aiecon.ask("seats", inputs={**SMALL_FIRM, "future": {"horizon_months": 12}}, profile="fast")
    assert answer.allocation.seats == {"Pool": 5.0}
    title = signing_chart(answer).to_dict()["title"]["text"]
    assert title.startswith("Held all months, 5 Pool seats are the cheapest")
    assert {row["seats"] for row in rows(signing_chart(answer)) if "p10" in row} == {0, 5}
    shown = [row for row in rows(seat_cost_chart(answer)) if row.get("plan") == "Pool"]
    assert [(row["seats"], row["cost"]) for row in shown] == [(5.0, pytest.approx(answer.allocation.cost))]


def test_everybody_has_a_seat_since_the_minimum_is_paid_anyway():
    answer = aiecon.ask("seats", inputs=SMALL_FIRM, profile="fast")
    assert seats_chart(answer).to_dict()["title"]["text"] == "Everybody has a seat, since the minimum is paid anyway"
    assert seats_chart(ask({"per_user": [90.0]})).to_dict()["title"]["text"] == "Everybody's use is worth a seat"


def test_the_words_for_api_prices_stand_clear_of_the_lines(answer):
    data = rows(seat_cost_chart(answer))
    words = next(row for row in data if row.get("label") == "all at API prices")
    most = max(row["seats"] for row in data)
    lines = [row for row in data if row.get("plan") and 0 <= row["seats"] - words["seats"] <= 0.24 * most]
    assert lines
    assert all(abs(row["cost"] - words["cost"]) > 0.05 or row["cost"] < words["cost"] for row in lines)
