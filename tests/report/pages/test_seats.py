"""The words of the seats page: buy, buy none, a minimum above the people, a population, no future, own use."""

import json

import pytest

import aiecon
from aiecon.report import run
from aiecon.report.pages import seats as page
from aiecon.report.pages.seats import choices

FLAT = {"name": "Flat", "price_per_seat_month": 30.0, "overage_factor": 0.0}
DEAL = [2.0, 3.0, 5.0, 8.0, 13.0, 21.0, 34.0, 55.0, 89.0, 144.0]  # API 374, best 172
PARTS = [name for name in page.__all__ if name not in ("is_synthetic", "sentence", "verdict")]


def ask(usage, plans=(FLAT,), **others):
    return aiecon.ask("seats", inputs={"usage": usage, "plans": list(plans), **others}, profile="fast")


@pytest.fixture(scope="module")
def sample(sample_answers):
    return sample_answers("seats", "fast")


@pytest.fixture(scope="module")
def own_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("own") / "usage.csv"
    lines = [
        f"p{person},2026-0{month}-01,{use * (1 + month / 10)}" for person, use in enumerate(DEAL) for month in (1, 2)
    ]
    path.write_text("\n".join(["user,month,spend", *lines, "idle,2026-02-01,0"]) + "\n")
    return path


def said(block):
    return block.html.replace("\N{NO-BREAK SPACE}", " ")


def every_part(answer):
    return " ".join(said(getattr(page, name)(answer)) for name in PARTS)


def test_the_sentence_says_what_to_buy_for_whom_and_what_it_saves():
    answer = ask({"per_user": DEAL})
    assert page.sentence(answer) == (
        "Buy 4 Flat seats for 4 of 10 people; 6 pay by the token: 172 USD a month, 42.7 % less than everyone in Flat."
    )
    assert page.verdict(answer) == "act"


def test_where_no_seat_pays_the_page_says_buy_none_and_where_that_turns():
    answer = ask({"per_user": [5.0, 10.0, 20.0]})
    assert page.sentence(answer).startswith("Buy no seat: 3 people cost 35.0 USD a month by the token")
    assert page.verdict(answer) == "fine"
    assert "Below 20.0 USD a seat, Flat starts to pay (now 30)" in said(page.decision(answer))


def test_a_seat_for_everybody_reads_as_one():
    answer = ask({"per_user": [50.0, 60.0]})
    assert page.sentence(answer) == "Buy 2 Flat seats for all 2 people: 60.0 USD a month, 45.5 % less than paying " + (
        "everyone by the token."
    )


def test_nobody_who_uses_anything_needs_no_seat():
    answer = ask({"per_user": [0.0, 0.0]})
    assert page.sentence(answer) == "Nobody of 2 people used anything: buy no seat."
    assert page.lorenz_picture(answer).kind == "nothing"
    assert every_part(answer)


def test_a_minimum_above_the_people_is_priced_and_said():
    answer = ask({"per_user": [200.0, 150.0]}, [FLAT | {"minimum_seats": 5}])
    assert "Buy 5 Flat seats for all 2 people" in page.sentence(answer)
    words = every_part(answer)
    assert "minimum of 5 seats is above the 2 people" in words
    assert "3 of 5 seats" in said(page.figures(answer))
    assert "Without the minimum (5 Flat) the cheapest would cost 90.0 USD a month less." in words
    assert page.verdict(answer) == "watch"


SPREAD = {"shape": "lognormal", "p10": 2.0, "p90": 60.0}


def test_a_population_has_no_people_to_name_and_is_signed_for_by_its_mean_persons():
    answer = ask({"users": 1_000, "distribution": SPREAD}, future={"horizon_months": 12})
    words = every_part(answer)
    assert page.edge(answer).kind == page.fit(answer).kind == "nothing"
    assert page.signing(answer).kind == "table"
    assert "a population is followed as its mean persons, equal parts of it" in words
    assert "of 1,000 people" in page.sentence(answer)
    uses = [row[3] for row in page.allocation(answer).content["rows"]]
    assert uses[:2] == ["from 30.0", "up to 30.0"]


def test_too_large_a_population_is_not_followed_and_says_so():
    answer = ask({"users": 300_000, "distribution": SPREAD}, future={"horizon_months": 12})
    assert page.signing(answer).kind == "nothing"
    assert "more than 200,000 people of a population are not followed" in said(page.method(answer))


def test_without_a_future_the_page_says_that_none_was_given():
    answer = ask({"per_user": DEAL})
    assert page.signing_picture(answer).kind == page.signing(answer).kind == "nothing"
    assert "no future was given" in said(page.method(answer))


def test_a_commitment_is_told_with_its_chance_of_losing_money_and_when_to_sign():
    plan = FLAT | {"commitment_months": 12}
    answer = ask({"per_user": DEAL}, [plan], future={"horizon_months": 12})
    words = said(page.decision(answer))
    assert "the next renewal or signature (commitment: Flat 12 months)" in words
    assert "Sign for 4 Flat for 12 months: over 12 months they cost" in words
    assert page.sentence(answer).startswith("Buy 4 Flat seats")
    assert "less than no seat; it loses money in " in words
    assert "Sign now: waiting 3 months costs" in words
    rows = page.when(answer).content["rows"]
    assert [row[0] for row in rows] == ["Now", "After 3 months", "After 6 months", "Never"]


def test_idle_seats_stand_with_their_month(sample):
    assert f"{sample.idle_seats:.0f} of 130 seats in March 2026" in said(page.figures(sample))
    assert sample.shelfware_cost > 0


def test_one_seat_is_a_seat_and_an_uncertain_price_is_told_to_the_cent():
    price = {"shape": "normal", "p10": 25.0, "p90": 38.6397}
    answer = ask({"per_user": [10.0, 90.0]}, [FLAT | {"price_per_seat_month": price}])
    assert page.sentence(answer).startswith("Buy 1 Flat seat for 1 of 2 people")
    assert "1 Flat at 31.82 USD" in said(page.decision(answer))


def test_other_cases_of_a_population_have_their_own_threshold():
    spread = {"shape": "lognormal", "p10": 5, "p90": 80}
    rows = page.sensitivity(ask({"users": 100, "distribution": spread})).content["rows"]
    by_name = {row[0]: row[-3] for row in rows}
    assert (by_name["As it is"], by_name["Seat prices +20 %"]) == ("30.0", "36.0")


def test_where_more_or_fewer_are_signed_for_than_the_use_seen_would_take_the_sentence_says_both(sample):
    signed = sample.signing.choices["seats"].iloc[0]
    assert sum(signed.values()) != sample.allocation.total_seats
    both = (
        f"{signed['Claude Team Premium']} Claude Team Premium for 12 months and hold {signed['Copilot Business']} "
        "Copilot Business by the month"
    )
    assert page.sentence(sample).startswith(f"Sign for {both}: 4")
    assert "USD expected over 12 months" in page.sentence(sample)
    assert "cheapest on the use seen" not in page.sentence(sample)
    words = said(page.decision(sample))
    assert f"Sign for {both}, which differs since people come, go" in words
    assert "On the use seen alone the cheapest is 125 Copilot Business" in words


def test_a_commitment_that_loses_is_not_signed():
    plan = FLAT | {"commitment_months": 12}
    falls = {"horizon_months": 12, "usage_growth_per_month": -0.3}
    answer = ask({"per_user": [40.0, 30.0, 20.0]}, [plan], future=falls)
    words = said(page.decision(answer))
    assert "more than no seat: sign nothing for a term (it loses money in" in words


def test_all_plans_are_held_side_by_side_in_the_table_of_signing(sample):
    rows = page.signing(sample).content["rows"]
    assert rows[0][1].count("+") == 1
    assert {"No seat", "Copilot Business alone"} <= {row[0] for row in rows}
    costs = [float(row[2].replace(",", "")) for row in rows]
    assert costs == sorted(costs)


def test_plans_sold_by_the_month_have_nothing_to_sign_for_a_term():
    answer = ask({"per_user": DEAL}, future={"horizon_months": 12})
    assert page.when(answer).kind == "nothing"
    assert "signed for" not in said(page.decision(answer))


def test_the_renewal_sheet_says_when_added_seats_are_billed():
    plan = FLAT | {"commitment_months": 12}
    assert "billed from the month they are added to that end (one added in month 7: 180)" in said(
        page.terms(ask({"per_user": DEAL}, [plan]))
    )
    quarterly = said(page.terms(ask({"per_user": DEAL}, [plan | {"true_up_months": 5}])))
    assert "from the next true-up, every 5 months, to that end (one added in month 7: 60)" in quarterly
    assert "given back" not in said(page.terms(ask({"per_user": DEAL})))


def test_a_commitment_of_unsure_length_counts_its_base():
    months = {"shape": "uniform", "low": 6.0, "high": 30.0}
    answer = ask({"per_user": DEAL}, [FLAT | {"commitment_months": months}], future={"horizon_months": 24})
    assert "18 months" in every_part(answer)


def test_the_turning_price_is_where_the_plan_goes():
    answer = ask({"per_user": DEAL})
    price = choices.turning_price(answer)
    assert price == pytest.approx(144.0, abs=1.0) or price is None
    plan = FLAT | {"price_per_seat_month": 150.0}
    none = ask({"per_user": DEAL}, [plan])
    found = choices.turning_price(none)
    assert found == pytest.approx(144.0, abs=0.5)


def test_what_is_asked_again_unchanged_is_the_answer(sample):
    found, _ = choices.asked_again(sample)
    assert found.cost == pytest.approx(sample.allocation.cost)
    assert page.sensitivity(sample).content["rows"][0][-2] == f"{sample.allocation.cost:,.0f}"


def test_many_people_are_asked_again_in_groups_that_cost_nearly_the_same():
    answer = ask({"per_user": [float((place * 37) % 211) for place in range(6_000)]})
    assert choices.asked_again(answer)[0].cost == pytest.approx(answer.allocation.cost, rel=0.005)


def test_tables_add_up(sample):
    rows = page.allocation(sample).content["rows"]
    assert sum(int(row[2]) for row in rows[:-1]) == int(rows[-1][2]) == 157
    tenths = page.use_by_decile(sample).content["rows"]
    assert sum(float(row[3].split()[0]) for row in tenths) == pytest.approx(100, abs=0.5)
    assert float(tenths[0][3].split()[0]) == pytest.approx(sample.people.top_share(0.1) * 100, abs=0.05)


def test_the_sample_is_synthetic_with_real_prices_that_name_their_row(sample):
    assert page.is_synthetic(sample)
    note = said(page.terms(sample))
    assert "GitHub, published, read 2026-06-01" in note
    assert "Anthropic, judgement" in note
    assert "future.usage_growth_per_month" in sample.inputs.assumption_rows


def test_the_gain_of_expectation_stands_with_its_range_and_beside_a_made_panel(sample):
    own, made = page.expectation(sample).content["rows"]
    test = sample.persistence.backtest
    assert [own[0], own[1], own[2], made[0], made[1]] == ["These people", "157", "4", "Made panel", "1,000"]
    assert made[4].startswith("+")
    low, high = test.interval
    words = said(page.persistence(sample))
    assert ("which chance may be" in words) == (low <= 0 <= high)
    assert own[5] in words


def test_the_assignment_by_expected_use_is_told(sample):
    assert "By the use expected next month:" in said(page.allocation(sample))
    assert page.edge(sample).content["columns"][-1] == "By the expected"


def test_value_is_apart_and_in_no_cost():
    usage = {"per_user": DEAL}
    without, with_value = ask(usage), ask(usage, value_per_seat_month=200.0)
    assert page.value(without).kind == "nothing"
    assert "as given, without a source" in said(page.value(with_value))
    assert "800 USD for 4 seats" in said(page.value(with_value))
    assert page.sentence(with_value) == page.sentence(without)
    assert said(page.figures(with_value)) == said(page.figures(without))


def test_own_use_stands_on_the_plans_of_the_sample(own_file):
    answer = aiecon.ask("seats", changes={"usage.file": str(own_file)}, profile="fast")
    assert not page.is_synthetic(answer)
    assert [plan.name for plan in answer.inputs.plans] == ["Copilot Business", "Claude Team Premium"]
    assert answer.people.count == 11
    assert f"{answer.as_of}" == "2026-02-28"
    assert "of whom used nothing in February 2026 (idle 30 days or more)" in every_part(answer)


def test_a_report_on_own_use_is_written(own_file, tmp_path):
    request = run.Request(out=str(tmp_path), profile="fast", formats=(), changes={"usage.file": str(own_file)})
    folder = run.report("seats", request)
    found = json.loads((folder / "results.json").read_text())
    assert "usage.csv" in json.dumps(found)
    assert "Synthetic data" not in json.dumps(found)


def test_uncertain_users_give_the_sentence_a_range():
    users = {"shape": "normal", "p10": 80.0, "p90": 120.0}
    answer = ask({"users": users, "distribution": {"shape": "lognormal", "p10": 2.0, "p90": 60.0}})
    assert "(80 % range " in page.sentence(answer)
    assert "With usage.users uncertain, the cheapest as it is held costs" in said(page.ways(answer))


def test_the_renewal_sheet_shows_use_month_by_month_and_how_far_it_strays(sample, own_file):
    rows = page.by_month(sample).content["rows"]
    assert [row[0] for row in rows] == ["2025-10", "2025-11", "2025-12", "2026-01", "2026-02", "2026-03"]
    assert [row[1] for row in rows] == ["157"] * 6
    assert int(rows[-1][2]) == 157 - 31
    assert sum(float(row[4].replace(",", "")) for row in rows) == pytest.approx(6 * sample.people.total, abs=4)
    assert "standard deviation" in said(page.by_month(sample))
    own = aiecon.ask("seats", changes={"usage.file": str(own_file)}, profile="fast")
    assert [row[1] for row in page.by_month(own).content["rows"]] == ["10", "11"]
    assert page.by_month(ask({"per_user": DEAL})).kind == "nothing"


def test_the_tail_has_a_row_for_each_parameter_and_the_best_family_first(sample):
    rows = page.fit(sample).content["rows"]
    assert len(rows) == sum(len(one.parameters) for one in sample.fit) == 9
    families = [row[0] for row in rows if row[0]]
    assert families == [f"{sample.fit[0].family} (best)", *(one.family for one in sample.fit[1:])]
    assert rows[0][4].endswith("%")


OWN = {
    "name": "Pool",
    "price_per_seat_month": 10.0,
    "included_usage_per_seat_month": 20.0,
    "pooled": True,
    "overage_factor": 1.0,
    "minimum_seats": 30,
    "commitment_months": 12,
    "volume_tiers": [{"from_seats": 20, "price_per_seat_month": 8.0}],
}
TWELVE = [59.0, 52.0, 46.0, 40.0, 33.0, 15.0, 9.0, 7.5, 4.9, 4.0, 4.0, 4.0]  # API prices with the fee: 302.4


@pytest.fixture(scope="module")
def bound():
    """Twelve people below a minimum of thirty seats at a volume price."""
    return ask({"per_user": TWELVE}, [OWN], metered_fee_per_user_month=2.0, future={"horizon_months": 12})


def test_the_price_that_turns_is_that_of_the_seats_bought(bound):
    assert "Above 10.1 USD a seat, no Pool is worth buying (now 8)" in said(page.decision(bound))
    assert choices.turning_price(bound) == pytest.approx(302.4 / 30, rel=0.001)


def test_who_has_a_seat_of_a_minimum_paid_anyway_has_no_threshold(bound):
    words = said(page.figures(bound))
    assert "everybody has a seat, since the minimum is paid anyway" in words
    assert "from a use of" not in words
    assert "18 of 30 seats; their allowance is shared by the pool" in words
    table = page.sensitivity(bound).content
    assert table["rows"][0][-3] == "everybody"
    assert "(everybody: the minimum is paid anyway)" in table["note"]


def test_a_minimum_that_saves_says_what_its_empty_seats_bring():
    plan = {**OWN, "minimum_seats": 5, "volume_tiers": [], "commitment_months": 1}
    answer = ask({"per_user": [100.0]}, [plan])
    assert answer.minimum_cost == pytest.approx(-40.0)
    why = "its empty seats bring a lower price or a larger pool, and may not be bought without it"
    assert f"the cheapest would cost 40.0 USD a month more: {why}" in said(page.decision(answer))
    assert f"The minimum saves 40.0 USD a month: {why}" in said(page.ways(answer))


def test_what_signing_commits_to_stands_in_the_decision_and_on_the_renewal_sheet(bound, sample):
    assert bound.committed == {"Pool": 30 * 8 * 12}
    assert "Signing commits 2,880 USD: 30 Pool × 8 × 12 months." in said(page.decision(bound))
    assert sample.committed == {"Claude Team Premium": 6_000}
    assert "Signing commits 6,000 USD: 5 Claude Team Premium × 100 × 12 months." in said(page.decision(sample))
    rows = {row[0]: row[-1] for row in page.terms(sample).content["rows"]}
    assert rows == {"Copilot Business": "–", "Claude Team Premium": "6,000", "At API prices": "–"}


def test_without_a_future_the_allocation_commits_and_plans_by_the_month_do_not():
    plan = {**FLAT, "price_per_seat_month": 45.0, "minimum_seats": 150, "commitment_months": 12}
    answer = ask({"per_user": [100.0] * 150}, [plan])
    assert answer.committed == {"Flat": 81_000.0}
    assert "Signing commits 81,000 USD" in said(page.decision(answer))
    assert ask({"per_user": DEAL}).committed == {}
    assert "Signing commits" not in said(page.decision(ask({"per_user": DEAL})))


def test_the_price_to_aim_at_is_what_buyers_are_said_to_get_with_grade_and_source(sample, bound):
    table = page.terms(sample).content
    assert {row[0]: row[4] for row in table["rows"]} == {
        "Copilot Business": "–",
        "Claude Team Premium": "65 to 85",
        "At API prices": "–",
    }
    assert "are said to get 15 to 35 % off the first offer (judgement, unverified; source document S0" in table["note"]
    assert page.terms(bound).content["rows"][0][4] == "5.2 to 6.8"
    assert "off the first offer" not in page.terms(ask({"per_user": DEAL})).content["note"]


def test_the_verdict_is_about_the_saving_of_the_sentence(sample):
    assert page.verdict(sample) == "act"
    when = sample.signing.when["expected_cost"]
    share = 1 - when.iloc[0] / when.iloc[-1]
    assert f"({share * 100:.1f} %) less than Copilot Business alone" in page.sentence(sample)


def test_choices_are_named_in_running_text_as_a_sentence_would():
    small = {"name": "Small", "price_per_seat_month": 10.0, "included_usage_per_seat_month": 40.0}
    large = {**FLAT, "name": "Large", "price_per_seat_month": 60.0}
    plans = [large, {**small, "overage_factor": 0.9}, {**FLAT, "price_per_seat_month": 55.0, "commitment_months": 12}]
    answer = ask({"per_user": DEAL}, plans, future={"horizon_months": 12, "usage_sigma": 0.3})
    assert "Best without a commitment" in set(answer.signing.choices["name"])
    words = " ".join(said(part(answer)) for part in (page.headline, page.decision, page.when))
    assert "Best without" not in words
    assert "the best plans by the month" in words


def test_a_plan_the_use_seen_would_take_that_loses_over_its_term_is_not_bought_in_the_headline():
    plan = FLAT | {"commitment_months": 12}
    falls = {"horizon_months": 12, "usage_growth_per_month": -0.3}
    answer = ask({"per_user": [40.0, 30.0, 20.0]}, [plan], future=falls)
    assert page.sentence(answer).startswith("Sign nothing for a term: with no seat 12 months are expected to cost ")
    assert "On the use seen alone the cheapest is 1 Flat at 30 USD" in said(page.decision(answer))
    assert "Signing commits" not in said(page.decision(answer))
    assert page.verdict(answer) == "fine"


def test_one_person_and_a_plan_called_seat_read_as_words():
    plan = {**FLAT, "name": "seat"}
    answer = ask({"per_user": [90.0]}, [{**plan, "minimum_seats": 2}])
    assert page.sentence(answer).startswith("Buy 2 seats for the one person: 60.0 USD a month")
    words = every_part(answer)
    for wrong in ("seat seat", "2 seat ", "1 people"):
        assert wrong not in words
    assert page.sentence(ask({"per_user": [3.0]})).startswith("Buy no seat: 1 person costs 3.00 USD a month")


def test_a_gain_of_nothing_is_a_dash_and_nobody_moves(tmp_path):
    path = tmp_path / "usage.csv"
    lines = [f"p{person},2026-0{month},{90 + person}" for person in range(12) for month in (1, 2, 3)]
    path.write_text("\n".join(["user,month,spend", *lines]) + "\n")
    answer = ask({"file": str(path)})
    assert page.expectation(answer).content["rows"][0][-3:] == ["–", "–", "–"]
    assert "nobody then has another plan than by their mean" in said(page.allocation(answer))
    assert [row[0] for row in page.allocation(answer).content["rows"]] == ["Flat", "At API prices", "All"]


def test_a_price_read_after_the_day_of_the_page_says_so(sample):
    note = said(page.terms(sample))
    assert "read 2026-06-01 (after the day of this page)" in note
    later = aiecon.ask("seats", as_of="2026-12-31", profile="fast")
    assert "after the day of this page" not in said(page.terms(later))


def test_the_figures_split_seats_by_plan(sample):
    words = said(page.figures(sample))
    assert "125 Copilot Business + 5 Claude Team Premium, from a use of 2.21 USD a month on" in words
    signed = sample.signing.choices["seats"].iloc[0]
    assert f"to sign for: 5 Claude Team Premium + {signed['Copilot Business']} Copilot Business" in words


def test_the_move_is_what_is_signed_for_at_its_saving_by_the_month(sample):
    (move,) = page.decision(sample).content["moves"]
    months, when = sample.inputs.future.horizon_months, sample.signing.when["expected_cost"]
    assert move["what"] in said(page.decision(sample))
    assert move["saved"] == pytest.approx((when.iloc[-1] - sample.signing.choices["expected_cost"].min()) / months)
    assert move["condition"] == ""
    (seen,) = page.decision(ask({"per_user": DEAL})).content["moves"]
    assert seen["saved"] == pytest.approx(choices.gain(ask({"per_user": DEAL})))
