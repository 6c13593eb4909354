"""Signing: what each number of seats costs over the horizon, held against the static cost."""

import numpy as np
import pytest

import aiecon
from aiecon.models.seats import SeatsInputs, seats

TEN = [144.0, 89.0, 55.0, 34.0, 21.0, 13.0, 8.0, 5.0, 3.0, 2.0]
PLAN = {"name": "seat", "price_per_seat_month": 30, "included_usage_per_seat_month": 40, "overage_factor": 0.5}
STILL = {"horizon_months": 12, "usage_sigma": 0.0}


def signing(spend=TEN, future=None, draws=256, seed=0, fee=0.0, **plan):
    given = {"usage": {"per_user": spend}, "plans": [{**PLAN, **plan}], "future": {**STILL, **(future or {})}}
    inputs = SeatsInputs.build({**given, "draws": draws, "seed": seed, "metered_fee_per_user_month": fee})
    return seats(inputs).signing


def static_cost(held, spend=TEN, *, minimum=0, pooled=False, fee=0.0):
    inside, outside = np.array(spend[:held]), spend[held:]
    bought = max(held, minimum) if held else 0
    over = max(inside.sum() - 40 * bought, 0) if pooled else np.maximum(inside - 40, 0).sum()
    return 30 * bought + 0.5 * over + sum(outside) + fee * len(outside)


@pytest.mark.parametrize("pooled", [False, True])
@pytest.mark.parametrize("minimum", [0, 4])
@pytest.mark.parametrize("fee", [0.0, 6.0])
def test_without_spread_and_growth_each_number_costs_the_static_cost_times_the_months(pooled, minimum, fee):
    table = signing(pooled=pooled, minimum_seats=minimum, fee=fee).table
    costs = [12 * static_cost(held, minimum=minimum, pooled=pooled, fee=fee) for held in range(11)]
    expected = [costs[0], *([min(costs[1 : minimum + 1])] if minimum else []), *costs[minimum + 1 :]]
    assert table["seats"].tolist() == [0, *range(max(minimum, 1), 11)]
    np.testing.assert_allclose(table["expected_cost"], expected)
    np.testing.assert_allclose(table["p90"], expected)
    np.testing.assert_allclose(table["expected_regret"], np.array(expected) - min(expected), atol=1e-9)


def test_without_a_future_there_is_none_and_words_for_it():
    found = seats(SeatsInputs.build({"usage": {"per_user": TEN}, "plans": [PLAN]}))
    assert found.signing is None
    assert {metric.key: metric.note for metric in found.summary()}["seats_to_sign"] == "no future was given"


def test_the_best_number_is_that_of_the_static_allocation_when_nothing_moves():
    found = signing()
    assert found.best == int(np.argmin([static_cost(held) for held in range(11)]))


def test_growth_of_use_is_counted_month_by_month():
    table = signing(future={"usage_growth_per_month": 0.05}).table
    factors = 1.05 ** np.arange(12)
    assert table["expected_cost"].iloc[0] == pytest.approx(sum(TEN) * factors.sum())
    holder = 30 * 12 + 0.5 * np.maximum(144 * factors - 40, 0).sum()
    assert table["expected_cost"].iloc[1] == pytest.approx(holder + sum(TEN[1:]) * factors.sum())


def test_a_fall_of_api_prices_lowers_what_use_costs_and_no_seat():
    table = signing(future={"api_price_decline_per_year": 0.3}, overage_factor=0.0).table
    factors = 0.7 ** (np.arange(12) / 12)
    assert table["expected_cost"].iloc[0] == pytest.approx(sum(TEN) * factors.sum())
    assert table["expected_cost"].iloc[10] == pytest.approx(10 * 30 * 12)


def test_seats_grow_with_the_people_and_do_not_shrink_within_a_term():
    terms = {"overage_factor": 0.0, "commitment_months": 12}
    fewer = signing(future={"user_growth_per_month": -0.1}, **terms).table["expected_cost"]
    assert fewer.iloc[10] == pytest.approx(10 * 30 * 12)
    assert fewer.iloc[0] == pytest.approx(sum(TEN) * (0.9 ** np.arange(12)).sum())
    more = signing(future={"user_growth_per_month": 0.1}, **terms).table["expected_cost"]
    assert more.iloc[10] == pytest.approx(10 * 30 * (1.1 ** np.arange(12)).sum())


@pytest.mark.parametrize("term", [0, 1, 6])
def test_seats_shrink_at_renewal_and_by_the_month_without_a_commitment(term):
    fewer = {"user_growth_per_month": -0.1}
    cost = signing(future=fewer, overage_factor=0.0, commitment_months=term).table["expected_cost"]
    months = np.arange(12)
    start = months // max(term, 1) * max(term, 1)
    assert cost.iloc[10] == pytest.approx(10 * 30 * (0.9**start).sum())


def test_seats_added_are_billed_from_the_true_up_date_and_used_before():
    """Two seats that include 40 each: what a pool holds grows at once, what is billed at months 1, 5 and 9."""
    plan = {"commitment_months": 12, "true_up_months": 4, "pooled": True, "overage_factor": 1.0}
    cost = signing([100.0, 100.0], future={"user_growth_per_month": 0.1}, **plan).table["expected_cost"].iloc[2]
    grown = 1.1 ** np.arange(12)
    assert cost == pytest.approx((30 * 2 * np.repeat(grown[::4], 4) + (200 - 80) * grown).sum())


def test_a_later_true_up_never_costs_more():
    costs = [
        signing(future={"user_growth_per_month": 0.05}, commitment_months=12, true_up_months=every).table
        for every in (1, 3, 6, 12)
    ]
    expected = np.array([table["expected_cost"] for table in costs])
    assert (np.diff(expected, axis=0)[:, 1:] < 0).all()


def test_people_who_join_use_little_at_first():
    """A tenth more each month, whose use grows over three months: a quarter, a half, three quarters, all of it."""
    ramp = {"user_growth_per_month": 0.1, "adoption_months": 3, "horizon_months": 4}
    cost = signing(future=ramp, overage_factor=0.0).table["expected_cost"].iloc[0]
    joined = np.array([0.1, 0.11, 0.121])
    use = [1, 1 + joined[0] / 4, 1 + joined[0] / 2 + joined[1] / 4, 1 + joined @ [0.75, 0.5, 0.25]]
    assert cost == pytest.approx(sum(TEN) * sum(use))
    at_once = signing(future={**ramp, "adoption_months": 0}, overage_factor=0.0).table["expected_cost"].iloc[0]
    assert at_once == pytest.approx(sum(TEN) * (1.1 ** np.arange(4)).sum())


def test_leavers_take_their_use_with_them_whatever_the_ramp():
    fewer = {"user_growth_per_month": -0.1}
    for months in (0, 6):
        cost = signing(future={**fewer, "adoption_months": months}).table["expected_cost"].iloc[0]
        assert cost == pytest.approx(sum(TEN) * (0.9 ** np.arange(12)).sum())


@pytest.mark.parametrize(("term", "factors"), [(12, [1.0] * 12), (6, [1.0] * 6 + [1.1**0.5] * 6)])
def test_a_seat_price_that_grows_holds_from_the_next_renewal(term, factors):
    table = signing(future={"seat_price_growth_per_year": 0.1}, overage_factor=0.0, commitment_months=term).table
    assert table["expected_cost"].iloc[10] == pytest.approx(10 * 30 * sum(factors))


def test_a_minimum_does_not_grow_with_the_people():
    table = signing(future={"user_growth_per_month": 0.1}, overage_factor=0.0, minimum_seats=8).table
    grown = 1.1 ** np.arange(12)
    costs = [(30 * np.maximum(held * grown, 8) + sum(TEN[held:]) * grown).sum() for held in range(1, 9)]
    assert table["seats"].tolist() == [0, 8, 9, 10]
    assert table["expected_cost"].iloc[1] == pytest.approx(min(costs))


def test_losing_is_to_be_dearer_than_no_seat_and_regret_is_to_the_best_in_each_future():
    table = signing(future={"usage_sigma": 0.8}, draws=2_000).table
    assert table["loses_probability"].iloc[0] == 0
    assert table["loses_probability"].between(0, 1).all()
    assert table["loses_probability"].iloc[10] > table["loses_probability"].iloc[2]
    assert (table["expected_regret"] >= 0).all()
    gap = table["expected_cost"] - table["expected_regret"]
    np.testing.assert_allclose(gap, gap.iloc[0])  # the mean of the best of each future
    assert (table["p10"] <= table["expected_cost"]).all()


def test_certain_loss_and_certain_gain_are_one_and_zero():
    table = signing([100.0, 1.0], overage_factor=0.0).table
    assert table["loses_probability"].tolist() == [0.0, 0.0, 0.0]
    assert signing([2.0, 1.0]).table["loses_probability"].tolist() == [0.0, 1.0, 1.0]


def test_spread_leaves_expected_use_as_it_is():
    still, moving = (signing(future={"usage_sigma": s}, draws=2_000).table for s in (0.0, 0.5))
    assert moving["expected_cost"].iloc[0] == pytest.approx(still["expected_cost"].iloc[0], rel=0.02)
    assert moving["p90"].iloc[0] > still["p90"].iloc[0]


def test_the_same_seed_gives_the_same_bits_and_another_does_not():
    first, again, other = (signing(future={"usage_sigma": 0.5}, seed=seed).table for seed in (1, 1, 2))
    assert first.equals(again)
    assert not first.equals(other)


def test_the_price_of_a_plan_moves_the_cost_and_not_the_futures():
    cheap, dear = (signing(future={"usage_sigma": 0.5}, price_per_seat_month=price).table for price in (30, 31))
    np.testing.assert_allclose(dear["expected_cost"] - cheap["expected_cost"], 12.0 * cheap["seats"], rtol=1e-9)


def test_fewer_futures_are_drawn_for_many_people_and_their_number_is_told(monkeypatch):
    monkeypatch.setattr("aiecon.models.seats.futures._MOST_PATHS", 4_000)
    assert signing(draws=2_000).futures == 400
    assert signing(draws=100).futures == 100


FLAT = {"name": "flat", "price_per_seat_month": 60, "overage_factor": 0, "commitment_months": 12}
TWO = [{**PLAN, "name": "own", "price_per_seat_month": 20}, FLAT]


def mixes(plans=TWO, spend=TEN, future=None, draws=256, fee=0.0):
    given = {"usage": {"per_user": spend}, "plans": plans, "future": {**STILL, **(future or {})}}
    return seats(SeatsInputs.build({**given, "draws": draws, "metered_fee_per_user_month": fee}))


def test_when_nothing_moves_the_best_mix_is_the_cheapest_allocation_times_the_months():
    found = mixes(fee=5.0)
    best = found.signing.choices.iloc[0]
    assert best["expected_cost"] == pytest.approx(12 * found.allocation.cost)
    assert best["seats"] == found.allocation.seats
    assert found.signing.seats == found.allocation.total_seats
    assert best["expected_regret"] == 0


def test_no_bands_of_two_plans_beat_the_best_mix():
    """The heaviest in the dearer plan, then the others: every pair of cuts, at equal use in all months."""
    found = mixes([{**TWO[0], "pooled": True}, {**FLAT, "minimum_seats": 3}]).signing
    spend, costs = np.array(TEN), []
    for first in range(11):
        for start in range(first, 11):
            for end in range(start, 11):
                own = spend[start:end]
                flat = 60 * max(first, 3) if first else 0
                pool = 20 * len(own) + 0.5 * max(own.sum() - 40 * len(own), 0)
                costs.append(flat + pool + spend[first:start].sum() + spend[end:].sum())
    assert found.choices["expected_cost"].iloc[0] == pytest.approx(12 * min(costs))


def test_a_commitment_loses_against_the_best_choice_that_has_none():
    """Use falls by a fifth each month: the flat seat saves in the first months only."""
    falling = mixes(future={"usage_growth_per_month": -0.2}).signing
    free = falling.choices.set_index("name").loc["own alone"]
    assert free["loses_probability"] is None
    assert not free["is_committed"]
    assert falling.choices.set_index("name").loc["flat alone"]["loses_probability"] == 1.0
    steady = mixes().signing.choices
    assert steady.loc[steady["is_committed"], "loses_probability"].iloc[0] == 0.0


def test_choices_stand_cheapest_first_each_once_and_regret_is_to_the_best_of_each_future():
    table = mixes(future={"usage_sigma": 0.8}, draws=1_000).signing.choices
    assert table["expected_cost"].is_monotonic_increasing
    assert not table["seats"].map(str).duplicated().any() or not table["name"].duplicated().any()
    gap = (table["expected_cost"] - table["expected_regret"]).to_numpy(dtype=float)
    np.testing.assert_allclose(gap, gap[0])
    assert (table["expected_regret"] >= 0).all()


def test_waiting_costs_the_months_without_and_signs_where_these_would_have_been_cheaper():
    found = mixes([FLAT]).signing
    now, later, half, never = found.when.to_dict("records")
    monthly = found.choices["expected_cost"].iloc[0] / 12
    assert [row["month"] for row in (now, later, half, never)] == [1, 4, 7, None]
    assert now["expected_cost"] == pytest.approx(12 * monthly)
    assert later["expected_cost"] == pytest.approx(3 * sum(TEN) + 9 * monthly)
    assert never["expected_cost"] == pytest.approx(12 * sum(TEN))
    assert [row["signs_probability"] for row in (now, later, half, never)] == [1, 1, 1, 0]


def test_where_use_falls_waiting_avoids_the_signature_and_its_regret():
    """One person starts at 70 and may fall: who waits three months sees which."""
    unsure = {"usage_growth_per_month": {"shape": "uniform", "low": -0.5, "high": 0.1}}
    when = mixes([FLAT], [70.0], unsure, draws=2_000).signing.when
    assert when["expected_cost"].iloc[1] < when["expected_cost"].iloc[0]
    assert 0 < when["signs_probability"].iloc[1] < 1


def flat(name, price, months):
    return {"name": name, "price_per_seat_month": price, "overage_factor": 0.0, "commitment_months": months}


def decided_each_month(price, monthly, months=12):
    return sum(min(price, use * monthly**month) for month in range(months) for use in TEN)


@pytest.mark.parametrize(("year", "month", "growth"), [(32, 33, -0.15), (30, 30.5, -0.10), (30, 33, 0.05)])
def test_a_plan_by_the_month_is_decided_anew_each_month(year, month, growth):
    future = {"usage_growth_per_month": growth}
    table = mixes([flat("Year", year, 12), flat("Month", month, 1)], future=future).signing.choices
    by_name = table.set_index("name")["expected_cost"]
    assert by_name["Month alone"] == pytest.approx(decided_each_month(month, 1 + growth))
    assert table["expected_cost"].iloc[0] <= by_name["Month alone"] + 1e-9


def test_a_commitment_that_loses_for_sure_against_deciding_each_month_is_not_signed():
    found = mixes([flat("Year", 32, 12), flat("Month", 33, 1)], future={"usage_growth_per_month": -0.15}).signing
    assert not found.choices["is_committed"].iloc[0]
    assert found.choices.loc[found.choices["is_committed"], "loses_probability"].tolist() == [1.0, 1.0]


def test_at_a_renewal_the_seats_of_the_next_term_are_decided_from_the_use_expected_then():
    future = {"usage_growth_per_month": -0.1, "horizon_months": 24}
    found = mixes([flat("Year", 30, 12)], future=future).signing.choices.iloc[0]
    by_year = [[sum(use * 0.9**month for month in range(start, start + 12)) for use in TEN] for start in (0, 12)]
    assert found["expected_cost"] == pytest.approx(sum(min(360, spent) for year in by_year for spent in year))


def test_each_class_of_futures_decides_from_the_growth_so_far():
    """Use halves or doubles for sure within a year: the seat of month 1 goes where it halves, and stays where not."""
    unsure = {"usage_growth_per_month": {"shape": "discrete", "values": [-0.1, 0.1], "weights": [1, 1]}}
    table = mixes([flat("Month", 40, 1)], [50.0], unsure, draws=2_000).signing.choices
    ways = [sum(min(40, 50 * (1 + growth) ** month) for month in range(12)) for growth in (-0.1, 0.1)]
    assert table["p10"].iloc[0] == pytest.approx(min(ways))
    assert table["p90"].iloc[0] == pytest.approx(max(ways))


def test_without_a_commitment_there_is_nothing_to_wait_for():
    assert mixes([TWO[0]]).signing.when.empty


def test_the_number_of_the_most_held_plan_is_looked_at_beside_the_others():
    found = mixes(future={"usage_sigma": 0.4}).signing
    best = found.choices.iloc[0]
    assert found.beside == {name: count for name, count in best["seats"].items() if name != found.plan}
    row = found.table[found.table["seats"] == best["seats"][found.plan]].iloc[0]
    assert row["expected_cost"] == pytest.approx(best["expected_cost"])


def test_a_volume_price_is_a_way_to_sign():
    tiers = [{"from_seats": 8, "price_per_seat_month": 5}]
    found = mixes([{**FLAT, "volume_tiers": tiers}]).signing.choices.iloc[0]
    assert found["seats"] == {"flat": 8}
    assert found["expected_cost"] == pytest.approx(12 * (8 * 5 + 3 + 2))


def test_what_is_signed_can_be_read_by_a_program():
    found = {one.key: one for one in mixes(future={"usage_sigma": 0.4}).summary()}
    choices = mixes(future={"usage_sigma": 0.4}).signing.choices.iloc[0]
    assert found["sign_by_plan"].value == choices["seats"]
    assert found["signing_cost"].value == choices["expected_cost"]
    assert found["signing_cost_p10"].value <= found["signing_cost"].value <= found["signing_cost_p90"].value
    assert found["loses_probability"].value == choices["loses_probability"]
    assert found["expected_regret"].value == choices["expected_regret"]
    assert found["seats_to_sign"].value == sum(found["sign_by_plan"].value.values())
    assert found["sign_month"].value == 1
    assert found["foresight_gain"].note == "a file of three months or more is needed"


def test_noise_is_as_said_else_as_measured_else_as_is_usual(tmp_path):
    months = ("2026-01", "2026-02", "2026-03", "2026-04")
    rows = [
        f"p{user},{month},{20 + user + 5 * (-1) ** place}" for user in range(9) for place, month in enumerate(months)
    ]
    (tmp_path / "use.csv").write_text("user,month,spend\n" + "\n".join(rows) + "\n")

    def noted(use, **future):
        plans = [{"name": "seat", "price_per_seat_month": 30, "overage_factor": 0}]
        inputs = aiecon.resolve(SeatsInputs.build({"usage": use, "plans": plans, "future": future}))
        return [note for note in seats(inputs).notes if "strays was not said" in note]

    file = {"file": str(tmp_path / "use.csv")}
    (words,) = noted(file)
    assert "future.usage_sigma 0.2" in words
    assert "future.persistence 0.00, measured in the months of the file" in words
    (words,) = noted({"per_user": [10.0, 50.0]}, persistence=0.3)
    assert words.endswith("future.usage_sigma 0.50, a judgement: no three months of use tell")
    assert not noted(file, persistence=0.3, usage_sigma=0.4)


def still_case(seed):
    random = np.random.default_rng(seed)
    plans = []
    for place in range(random.integers(1, 4)):
        price = float(random.integers(1, 40))
        tiers = [{"from_seats": int(random.integers(4, 7)), "price_per_seat_month": price * 0.8}]
        plans.append(
            {
                "name": f"plan {place}",
                "price_per_seat_month": price,
                "included_usage_per_seat_month": float(random.choice([0, 10, 40])),
                "pooled": bool(random.random() < 0.5),
                "overage_factor": float(random.choice([0, 0.4, 0.8, 1])),
                "minimum_seats": int(random.choice([0, 0, 2, 3])),
                "volume_tiers": tiers if random.random() < 0.4 else [],
                "commitment_months": float(random.choice([1, 6])),
            }
        )
    return random.lognormal(3, 1.3, random.integers(3, 12)).round(1).tolist(), plans


@pytest.mark.parametrize("part", range(4))
def test_when_nothing_moves_signing_costs_the_cheapest_allocation_whatever_the_plans(part):
    for seed in range(15 * part, 15 * part + 15):
        spend, plans = still_case(seed)
        found = mixes(plans, spend, future={"horizon_months": 6}, fee=2.0)
        table = found.signing.choices
        assert table["expected_cost"].iloc[0] == pytest.approx(6 * found.allocation.cost, rel=1e-6), seed
        if found.allocation.total_seats:
            signed = table[[row == found.allocation.seats for row in table["seats"]]]
            assert signed["expected_cost"].min() == pytest.approx(6 * found.allocation.cost, rel=1e-6), seed


def test_a_plan_with_a_volume_price_is_signed_for_once():
    plan = {**PLAN, "included_usage_per_seat_month": 30.0, "pooled": True, "overage_factor": 1.0, "minimum_seats": 3}
    tiered = {**plan, "price_per_seat_month": 20.0, "volume_tiers": [{"from_seats": 5, "price_per_seat_month": 18.0}]}
    found = mixes([tiered], [80.0, 60.0, 40.0, 30.0, 25.0, 20.0])
    assert found.signing.choices["seats"].iloc[0] == {"seat": 6}
    assert max(sum(seats.values()) for seats in found.signing.choices["seats"]) <= 6


def test_today_s_seats_are_held_by_who_holds_them():
    """The heaviest pay least on a metered plan with a low fee, though its seat is the cheaper one."""
    team = {"name": "team", "price_per_seat_month": 30.0, "included_usage_per_seat_month": 60.0, "overage_factor": 1.0}
    metered = {"name": "metered", "price_per_seat_month": 10.0, "overage_factor": 0.7}
    plans = [{**one, "commitment_months": 12} for one in (team, metered)]
    found = mixes(plans, [500.0, 460.0, 440.0, 420.0, 60.0, 58.0, 55.0, 52.0, 50.0, 48.0, 5.0, 4.0, 3.0, 2.0])
    assert found.allocation.seats == {"team": 6, "metered": 4}
    best = found.signing.choices.iloc[0]
    assert best["seats"] == found.allocation.seats
    assert best["expected_cost"] == pytest.approx(12 * found.allocation.cost)
