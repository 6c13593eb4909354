"""The keys of the contract one by one, and what bad input is told."""

import subprocess
import sys

import pytest

import aiecon
from aiecon.errors import InputError
from aiecon.models.seats import SeatsInputs, seats

TEN = [2, 3, 5, 8, 13, 21, 34, 55, 89, 144]
FLAT = {"name": "seat", "price_per_seat_month": 30, "overage_factor": 0}


def inputs(spend, *plans, **fields):
    return SeatsInputs.build({"usage": {"per_user": spend}, "plans": plans or (FLAT,), **fields})


def answer(spend, *plans, **fields):
    return seats(inputs(spend, *plans, **fields))


def figures(spend, *plans, **fields):
    return {metric.key: metric.value for metric in answer(spend, *plans, **fields).summary()}


def from_file(tmp_path, *rows, **fields):
    file = tmp_path / "usage.csv"
    file.write_text("\n".join(rows) + "\n")
    return seats(aiecon.resolve(SeatsInputs.build({"usage": {"file": str(file)}, "plans": [FLAT], **fields})))


def test_summary_has_the_keys_of_the_contract():
    assert list(figures(TEN)) == [
        "best_cost",
        "all_api_cost",
        "all_seats_cost",
        "savings_per_month",
        "seats",
        "seat_threshold",
        "shelfware_cost",
        "minimum_cost",
        "gini",
        "top_decile_share",
        "seats_by_plan",
        "best_cost_p10",
        "best_cost_p90",
        "seats_to_sign",
        "sign_by_plan",
        "signing_cost",
        "signing_cost_p10",
        "signing_cost_p90",
        "loses_probability",
        "expected_regret",
        "sign_month",
        "committed_cost",
        "foresight_gain",
        "stated_value",
    ]


def test_all_api_cost_has_the_fee_of_everyone():
    assert figures(TEN, metered_fee_per_user_month=7)["all_api_cost"] == 374 + 70


def test_all_seats_cost_is_everyone_in_the_cheapest_single_plan_with_its_minimum():
    dear = {**FLAT, "name": "dear", "price_per_seat_month": 40}
    cheap = {**FLAT, "name": "cheap", "price_per_seat_month": 20, "minimum_seats": 18}
    assert figures(TEN, dear)["all_seats_cost"] == 400
    assert figures(TEN, dear, cheap)["all_seats_cost"] == 360
    assert figures(TEN, dear, {**cheap, "minimum_seats": 25})["all_seats_cost"] == 400


def test_best_cost_is_seats_and_overage_and_everyone_else_at_api_prices_and_fee():
    plan = {**FLAT, "included_usage_per_seat_month": 50, "overage_factor": 0.5}
    found = figures([10, 40, 90], plan, metered_fee_per_user_month=2)
    assert found["best_cost"] == pytest.approx((10 + 2) + 30 + (30 + 0.5 * 40))
    assert found["savings_per_month"] == pytest.approx(140 + 6 - found["best_cost"])


def test_a_fee_makes_a_seat_pay_from_less_use():
    assert figures(TEN, metered_fee_per_user_month=10)["seat_threshold"] == 21


def test_the_threshold_is_the_smallest_use_that_gets_a_seat():
    assert figures(TEN)["seat_threshold"] == 34
    nobody = answer([1, 2])
    assert nobody.seat_threshold is None
    assert {metric.key: metric.note for metric in nobody.summary()}["seat_threshold"] == "nobody gets a seat"


def test_seats_and_shelfware_count_the_empty_seats_of_a_minimum():
    found = figures([100, 100, 100, 100], {**FLAT, "minimum_seats": 6})
    assert found["seats"] == 6
    assert found["shelfware_cost"] == 60
    assert found["minimum_cost"] == 60


def test_shelfware_counts_holders_without_use():
    """A fee above the price puts everyone in a seat, those who use nothing too."""
    found = answer([100, 50, 0], metered_fee_per_user_month=40)
    assert found.allocation.total_seats == 3
    assert found.shelfware_cost == 30
    assert found.idle_seats == 1


def test_gini_has_no_factor_for_small_samples():
    assert figures([0, 0, 0, 8])["gini"] == pytest.approx(0.75)
    assert figures([3, 3, 3])["gini"] == pytest.approx(0.0)


@pytest.mark.parametrize(
    ("spend", "share"),
    [
        ([1, 1, 1, 1, 1, 1, 4], 0.7 * 4 / 10),
        ([1] * 9 + [11], 11 / 20),
        ([1] * 11 + [2, 7], (7 + 0.3 * 2) / 20),
    ],
)
def test_the_top_decile_is_linear_inside_a_person(spend, share):
    assert figures(spend)["top_decile_share"] == pytest.approx(share)


def test_nobody_who_uses_anything_has_words_instead_of_a_gini():
    found = {metric.key: metric for metric in answer([0, 0]).summary()}
    assert found["gini"].value is None
    assert found["gini"].note == "nobody uses anything"
    assert found["best_cost"].value == 0


@pytest.mark.parametrize(
    ("factor", "cost"), [(0.0, 30 + 30), (0.5, 30 + 30 + 30 + 5), (1.0, 30 + 60 + 30 + 10), (1.5, 100 + 30 + 15)]
)
def test_overage_may_be_free_cheaper_as_dear_or_dearer_than_the_api(factor, cost):
    """At factor 1 a seat of 30 that includes 40 saves 10 on each person; at 1.5 it loses on 100 and gains on 50."""
    plan = {**FLAT, "included_usage_per_seat_month": 40, "overage_factor": factor}
    assert answer([100, 50], plan).allocation.cost == pytest.approx(cost)


def test_the_seats_of_a_pool_share_what_they_include():
    plan = {**FLAT, "included_usage_per_seat_month": 60, "overage_factor": 1.0}
    assert figures([100, 35], {**plan, "pooled": True})["best_cost"] == pytest.approx(60 + 15)
    assert figures([100, 35], plan)["best_cost"] == pytest.approx(30 + 40 + 30)


def test_seats_of_a_minimum_bring_their_allowance_to_the_pool():
    plan = {**FLAT, "included_usage_per_seat_month": 60, "overage_factor": 1.0, "pooled": True, "minimum_seats": 3}
    found = answer([190], plan)
    assert found.allocation.cost == pytest.approx(90 + 10)
    assert found.allocation.total_seats == 3


@pytest.mark.parametrize("factor", [1.0, 1.5])
def test_no_other_empty_seat_is_bought_for_its_allowance(factor):
    """A seat of 30 that includes 60 would pay for itself in the pool; only people and minimums bring it."""
    plan = {**FLAT, "included_usage_per_seat_month": 60, "overage_factor": factor, "pooled": True}
    found = answer([400, 1], plan).allocation
    assert found.total_seats == sum(found.holders.values()) == {1.0: 2, 1.5: 0}[factor]


def test_a_tie_goes_to_fewer_seats_held_by_the_heaviest():
    found = answer([30, 50, 30])
    assert found.allocation.total_seats == 1
    assert found.by_person()["plan"].tolist() == ["seat", "API", "API"]
    free = {**FLAT, "minimum_seats": 2}
    assert answer([100, 0, 0], free).allocation.holders == {"seat": 1.0}


def test_volume_tiers_price_every_seat():
    tiers = [{"from_seats": 3, "price_per_seat_month": 25}, {"from_seats": 5, "price_per_seat_month": 18}]
    found = answer([100] * 4, {**FLAT, "volume_tiers": tiers})
    assert found.allocation.cost == pytest.approx(100)  # four at 25; no empty fifth is bought for 18
    assert found.allocation.total_seats == 4
    assert found.seat_price("seat") == 25
    assert found.shelfware_cost == 0
    assert answer([100] * 5, {**FLAT, "volume_tiers": tiers}).allocation.cost == pytest.approx(90)
    assert answer([100] * 3, {**FLAT, "volume_tiers": tiers}).allocation.cost == pytest.approx(75)


def test_the_table_adds_up_to_the_cost():
    plan = {"name": "pool", "price_per_seat_month": 12, "included_usage_per_seat_month": 20, "overage_factor": 0.4}
    found = answer(TEN, FLAT, {**plan, "pooled": True}, metered_fee_per_user_month=3)
    table = found.to_frame()
    assert table["cost"].sum() == pytest.approx(found.allocation.cost)
    assert table["seats"].sum() == found.allocation.total_seats
    assert table["spend_at_api"].sum() == pytest.approx(374)


def test_the_table_adds_up_where_prices_of_a_plan_are_equal():
    """A gift pool with two volume prices, both nothing, beside a pool and a dear plan."""
    gift = [{"from_seats": 2, "price_per_seat_month": 0}, {"from_seats": 8, "price_per_seat_month": 0}]
    plans = (
        {"name": "dear", "price_per_seat_month": 60, "overage_factor": 1.2, "included_usage_per_seat_month": 40},
        {"name": "gift", "price_per_seat_month": 0, "overage_factor": 1.2, "included_usage_per_seat_month": 10}
        | {"pooled": True, "minimum_seats": 2, "volume_tiers": gift},
        {"name": "pool", "price_per_seat_month": 19, "overage_factor": 0, "included_usage_per_seat_month": 40}
        | {"pooled": True, "minimum_seats": 3},
    )
    found = answer([0, 41, 0, 53], *plans, metered_fee_per_user_month=2)
    assert found.to_frame()["cost"].sum() == pytest.approx(found.allocation.cost)
    assert found.allocation.cost == pytest.approx(57)  # both idle in the gift, both users in three pool seats


def test_value_is_shown_apart_and_in_no_cost():
    found = answer(TEN, value_per_seat_month=100)
    assert found.stated_value == 400
    assert found.allocation.cost == answer(TEN).allocation.cost
    empty = answer(
        [500] * 10, {**FLAT, "minimum_seats": 100, "included_usage_per_seat_month": 0}, value_per_seat_month=40
    )
    assert empty.held_seats == 10
    assert empty.stated_value == 400  # 90 seats of the minimum have no person


def test_shelfware_is_the_seats_that_nobody_used_in_the_last_month(tmp_path):
    """Ann uses most in all and nothing in March: her seat is paid for and idle."""
    rows = [f"ann,2026-0{month},{use}" for month, use in ((1, 300), (2, 240), (3, 0))]
    rows += [f"bo,2026-0{month},60" for month in (1, 2, 3)]
    found = from_file(tmp_path, "user,month,spend", *rows)
    assert found.allocation.holders == {"seat": 2.0}
    assert found.idle_seats == 1
    assert found.shelfware_cost == 30


def test_the_threshold_of_a_list_of_values_with_weights_is_that_of_its_people():
    listed = answer([10.0, 20.0, 34.0, 50.0])
    spread = {"shape": "discrete", "values": [10, 20, 34, 50], "weights": [1, 1, 1, 1]}
    found = seats(SeatsInputs.build({"usage": {"users": 4, "distribution": spread}, "plans": [FLAT]}))
    assert found.seat_threshold == listed.seat_threshold == 34


def test_the_lightest_of_a_population_get_no_seat_by_the_rounding_of_a_program():
    spread = {"shape": "lognormal", "p10": 5, "p90": 80}
    part = {"name": "part", "price_per_seat_month": 10, "overage_factor": 1, "included_usage_per_seat_month": 20}
    found = seats(SeatsInputs.build({"usage": {"users": 157, "distribution": spread}, "plans": [FLAT, part]}))
    assert found.seat_threshold == pytest.approx(10, abs=0.05)
    assert found.people.count == 157.0


def test_a_minimum_that_costs_nothing_costs_zero_and_no_rounding():
    spread = {"shape": "lognormal", "p10": 5, "p90": 80}
    plan = {**FLAT, "minimum_seats": 3}
    found = seats(SeatsInputs.build({"usage": {"users": 157, "distribution": spread}, "plans": [plan]}))
    assert found.minimum_cost == 0.0


def test_a_month_of_zeros_is_said(tmp_path):
    empty = from_file(tmp_path, "user,month,spend", "ann,2026-01,60", "ann,2026-02,0", "ann,2026-03,9")
    assert "Nobody used anything in 2026-02" in empty.notes


def test_a_month_without_any_row_is_refused_with_what_to_do(tmp_path):
    with pytest.raises(InputError, match=r"no row is of 2026-02, 2026-03, between 2026-01 and 2026-04.*add them"):
        from_file(tmp_path, "user,month,spend", "ann,2026-01,60", "ann,2026-04,9")
    with pytest.raises(InputError, match=r"column 'month'.*row 3"):
        from_file(tmp_path, "user,month,spend", "ann,2026-01,60", "ann,,9")


def test_every_wrong_person_of_a_list_is_named():
    with pytest.raises(InputError, match=r"person 0 has -1, person 2 has -3; zero or more"):
        inputs([-1, 2, -3])


def test_amounts_that_are_slips_are_refused_with_field_or_row(tmp_path):
    with pytest.raises(
        InputError, match=r"person 0 has 1e\+300, person 1 has 1e\+308; zero or more is expected, at most 1e\+12"
    ):
        inputs([1e300, 1e308, 5])
    with pytest.raises(InputError, match=r"price_per_seat_month must be less than or equal to 1000000000000"):
        inputs(TEN, {**FLAT, "price_per_seat_month": 1e308})
    with pytest.raises(InputError, match=r"column 'spend': row 2 has '1e400', a number of 1e\+12 or less"):
        from_file(tmp_path, "user,spend", "ann,1e400", "bo,3")


def test_a_plan_is_not_called_as_those_without_one():
    with pytest.raises(InputError, match="API is what those without a seat are called"):
        inputs(TEN, {**FLAT, "name": "API"})


def test_every_problem_of_a_file_is_told_at_once(tmp_path):
    rows = ["ann,2026-01,-3", "bo,2026-01,3", "bo,2026-01,4", "cy,2026-03,5"]
    with pytest.raises(InputError) as caught:
        from_file(tmp_path, "user,month,spend", *rows)
    for words in ("row 2 has '-3'", "row 4 repeats user 'bo'", "no row is of 2026-02"):
        assert words in str(caught.value)


def test_charges_that_name_nobody_are_told_of_x_user(tmp_path):
    with pytest.raises(InputError, match="charges without a column x_User"):
        from_file(tmp_path, "ChargePeriodStart,ChargePeriodEnd,BilledCost", "2026-01-01,2026-02-01,5")


def test_with_own_use_and_own_plans_nothing_of_the_sample_counts():
    own = {"usage.per_user": TEN, "plans": [FLAT]}
    found = aiecon.prepare("seats", changes=own)
    assert found.future is None
    assert found.metered_fee_per_user_month == 0
    for half in ("usage.per_user", "plans"):
        assert aiecon.prepare("seats", changes={half: own[half]}).future is not None
    priced = {"usage.per_user": TEN, 'plans."Copilot Business".price_per_seat_month': 20}
    assert aiecon.prepare("seats", changes=priced).future is not None


def test_negative_use_and_doubled_users_of_a_file_name_row_and_file(tmp_path):
    with pytest.raises(InputError, match=r"usage.csv: column 'spend': row 3 has '-1', a number of 0 or more"):
        from_file(tmp_path, "user,spend", "ann,60", "bo,-1")
    with pytest.raises(InputError, match=r"usage.csv: row 3 repeats user 'ann'"):
        from_file(tmp_path, "user,spend", "ann,60", "ann,1")
    with pytest.raises(InputError, match=r"row 3 repeats user 'ann'"):
        from_file(tmp_path, "user,month,spend", "ann,2026-01,60", "ann,2026-01,1")


def test_a_file_nobody_read_names_the_call():
    with pytest.raises(InputError, match="resolve"):
        seats(SeatsInputs.build({"usage": {"file": "usage.csv"}, "plans": [FLAT]}))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"usage": {"per_user": [1, -2]}}, "person 1 has -2; zero or more is expected"),
        ({"usage": {"per_user": []}}, "at least one person is needed"),
        ({"usage": {"users": 10}}, "one of per_user, file, distribution is needed"),
        (
            {
                "usage": {
                    "users": {"shape": "uniform", "low": 0, "high": 0},
                    "distribution": {"shape": "uniform", "low": 0, "high": 9},
                }
            },
            "users must be above 0 in the base case, got 0",
        ),
        ({"usage": {"users": 10, "per_user": [1]}}, "users and distribution go together"),
        ({"usage": {"distribution": {"shape": "uniform", "low": 0, "high": 9}}}, "users and distribution go together"),
        ({"plans": [{"name": "seat", "overage_factor": 0}]}, r"plans.seat.price_per_seat_month is missing"),
        ({"plans": [FLAT, FLAT]}, "the name stands twice"),
        ({"plans": []}, "plans"),
        ({"plans": [{**FLAT, "price_per_seat_month": -1}]}, r"plans.seat.price_per_seat_month"),
        ({"currency": "dollars"}, "currency must be a currency of ISO 4217"),
        (
            {"plans": [{**FLAT, "volume_tiers": [{"from_seats": 9, "price_per_seat_month": 31}]}]},
            "prices must not rise from tier to tier",
        ),
    ],
)
def test_bad_input_is_told_what_was_expected(given, message):
    with pytest.raises(InputError, match=message):
        SeatsInputs.build({"usage": {"per_user": [1]}, "plans": [FLAT], **given})


def test_a_minimum_above_the_people_is_priced_and_said():
    found = answer([500, 400], {**FLAT, "minimum_seats": 5})
    assert found.allocation.cost == 150
    assert "minimum of 5 seats is above the 2 people" in found.notes[0]


def test_a_commitment_beyond_the_horizon_is_said():
    found = answer(TEN, {**FLAT, "commitment_months": 24}, future={"horizon_months": 12}, draws=128)
    assert "commitment of 24 months is longer than the horizon of 12" in found.notes[0]


def test_standard_output_stays_clean():
    code = (
        "import numpy as np\n"
        "from aiecon.models.seats import SeatsInputs, seats\n"
        "plan = {'price_per_seat_month': 12, 'included_usage_per_seat_month': 20, 'overage_factor': 1.2}\n"
        "plans = [{**plan, 'name': 'a', 'pooled': True}, {**plan, 'name': 'b', 'minimum_seats': 9}]\n"
        "for n in (40, 2_000):\n"
        "    spend = np.random.default_rng(1).lognormal(3, 1, n).tolist()\n"
        "    seats(SeatsInputs.build({'usage': {'per_user': spend}, 'plans': plans}))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stdout == b""
