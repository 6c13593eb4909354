"""The words of the provisioned page: reserve, do nothing, a short trace, a peak alone, a distribution, no demand."""

import numpy as np
import pytest

import aiecon
from aiecon.models.provisioned import provisioned
from aiecon.report.pages import provisioned as page
from aiecon.report.pages.provisioned import turns

UNIT = {
    "provider": "p",
    "model": "m",
    "tokens_per_minute": 100,
    "output_weight": 4,
    "minimum_units": 2,
    "increment_units": 1,
}
PRICE = {
    "provider": "p",
    "model": "m",
    "currency": "EUR",
    "input_per_mtok": 100.0,
    "cached_input_per_mtok": 50.0,
    "output_per_mtok": 400.0,
}
MONTH = {"name": "month", "price_per_unit_month": 300.0, "commitment_months": 1}
YEAR = {"name": "year", "price_per_unit_month": 250.0, "commitment_months": 12}
SHAPE = {"input_tokens_per_request": 10, "output_tokens_per_request": 0}
DAYS = 30
EVEN = [400.0] * 1_300 + [1_000.0] * 140  # a day: a unit is worth 438 EUR, the fifth is used a tenth of the time
PEAKY = [0.0] * 1_000 + [1_000.0] * 440  # no unit is used more than 31 %


def ask(demand, *, terms=(MONTH,), **fields):
    inputs = {"capacity_unit": UNIT, "payg": PRICE, "terms": list(terms), "shape": SHAPE, "demand": demand, **fields}
    return aiecon.ask("provisioned", inputs=inputs, changes={"bootstrap": 50})


def minutes(day, days=DAYS):
    return {"tokens_per_minute": day * days}


@pytest.fixture(scope="module")
def even():
    return ask(minutes(EVEN))


@pytest.fixture(scope="module")
def peaky():
    return ask(minutes(PEAKY))


@pytest.fixture(scope="module")
def peak():
    return ask({"peak_requests_per_minute": 100})


@pytest.fixture(scope="module")
def population():
    return ask({"distribution": {"shape": "normal", "p10": 372.0, "p90": 628.0}})


@pytest.fixture(scope="module")
def sample(sample_answers):
    return sample_answers("provisioned")


def words(block):
    return " ".join(block.content.get("paragraphs", []))


def decided(answer):
    return page.decision(answer).content


def test_units_that_pay_are_to_be_reserved(even):
    assert page.verdict(even) == "act"
    said = page.sentence(even)
    assert said.startswith("Reserve 4 units of m at p for one month: ")
    assert "below pay-as-you-go; 10 units for the busiest minute would cost 3.00 thousand EUR." in said
    assert decided(even)["what"].startswith("Reserve 4 units for one month, the rest pay-as-you-go: ")
    assert decided(even)["by"] == "before the next month begins"


def test_units_that_stand_idle_are_not(peaky):
    assert page.verdict(peaky) == "fine"
    assert page.sentence(peaky).startswith("Pay as you go and reserve nothing: ")
    assert decided(peaky)["what"].startswith("Sign no reservation for m at p")
    assert page.figures(peaky).content["cards"][2]["value"] == "31 %"
    assert "no number of units" in words(page.confidence(peaky))


def test_a_short_trace_is_watched_whatever_it_says():
    short = ask(minutes(EVEN, days=3))
    assert page.verdict(short) == "watch"
    assert page.sentence(short).startswith("Do not sign yet: the cheapest would be 4 units")
    assert "(from 3 days of demand)" in page.sentence(short)
    assert decided(short)["what"].startswith("Record 28 days of demand by the minute before signing")
    assert page.verdict(ask(minutes(PEAKY, days=3))) == "watch"


def test_a_year_is_not_signed_on_a_month_of_demand():
    gated = ask(minutes(EVEN), terms=[MONTH, YEAR])
    assert page.verdict(gated) == "watch"
    assert decided(gated)["what"].startswith("Sign no year before 6 months of production are seen")
    assert "Until then 4 units for one month save" in decided(gated)["what"]
    assert page.verdict(ask(minutes(EVEN), terms=[MONTH, YEAR], enough_months=0.9)) == "act"


def test_a_year_alone_leaves_pay_as_you_go_until_then():
    assert "Until then pay as you go: no shorter term pays." in decided(ask(minutes(EVEN), terms=[YEAR]))["what"]


def test_a_peak_alone_sizes_and_says_what_is_missing(peak):
    assert page.verdict(peak) == "watch"
    said = page.sentence(peak)
    assert said.startswith("10 units of m at p serve the busiest minute (100 requests)")
    assert "3.00 thousand EUR a month for one month and pays only if used more than 68 % of the time" in said
    assert decided(peak)["what"].startswith("Record 28 days of demand by the minute before buying")
    for block in (page.duration, page.costs, page.break_even, page.sizes, page.resamples, page.premium, page.outlook):
        assert block(peak).kind == "nothing", block
    assert len(page.terms(peak).content["rows"]) == 1


def test_a_distribution_says_that_it_is_one(population):
    assert "(from an assumed distribution of minutes)" in page.sentence(population)
    assert "assumed distribution" in words(page.confidence(population))
    assert page.ladder(population).kind == page.resamples(population).kind == "nothing"
    assert page.duration(population).kind == page.costs(population).kind == "chart"


def test_nothing_demanded_is_said_and_not_drawn():
    none = ask(minutes([0.0] * 1_440))
    assert page.sentence(none) == "Reserve nothing: no m at p tokens are demanded."
    assert page.duration(none).kind == page.sizes(none).kind == page.premium(none).kind == "nothing"
    assert decided(none)["changes"] == ["Any demand at all: nothing has been asked of the model."]


def test_the_example_says_that_it_is_one_and_is_not_synthetic(sample):
    assert page.sentence(sample).startswith("Example, a real code service priced as gpt-5 at azure: pay as you go")
    assert not page.is_synthetic(sample)
    assert page.verdict(sample) == "watch"


def test_unit_and_prices_of_the_example_are_rows_of_the_shipped_tables(sample, even):
    rows = page.prices(sample).content["rows"]
    assert [row[2].split(",")[0] for row in rows] == ["published", "published", "published", "judgement", "judgement"]
    assert {row[2] for row in page.prices(even).content["rows"]} == {"as given"}


def test_the_claim_stands_beside_our_own_figure(sample, even):
    assert "no number of units saves anything" in words(page.claim(sample))
    said = words(page.claim(even))
    assert f"the cheapest choice saves {even.savings / even.payg_cost:.1%}".replace("%", " %") in said
    assert "wrong" in said
    assert "tables read 20" in said


def test_the_table_of_units_holds_the_answer_the_start_and_the_peak(even):
    content = page.sizes(even).content
    assert content["rows"][0][0] == "0"
    assert content["rows"][content["bold"][0]][0] == "4"
    assert content["rows"][-1][0] == "10"
    assert content["rows"][content["bold"][0]][4].startswith("−")


def test_the_ladder_buys_as_few_as_are_sold_and_one_of_nothing_is_not_shown(even):
    assert page.ladder(even).content["rows"][0] == ["month", "4", "1,200"]
    little = ask(minutes([150.0] * 1_440))
    assert sum(little.ladder.layers.values()) == UNIT["minimum_units"]
    assert page.ladder(little).content["rows"][0][:2] == ["month", f"{UNIT['minimum_units']}"]
    assert page.ladder(ask(minutes([10.0] * 1_440))).kind == "nothing"


def test_terms_under_change_are_shown_with_what_is_assumed(even):
    outlook = {"price_cut_probability": 0.9, "price_cut": 0.5}
    content = page.outlook(ask(minutes(EVEN), terms=[MONTH, YEAR], outlook=outlook)).content
    assert "pay-as-you-go 50 % cheaper with 90 % probability" in content["note"]
    assert [row[0] for row in content["rows"]] == ["month", "year", "pay as you go"]
    assert "no term would buy a unit" in words(page.outlook(ask(minutes(PEAKY), outlook=outlook)))


def with_price(answer, price):
    return provisioned(aiecon.override(answer.inputs, {"terms.month.price_per_unit_month": price}))


def test_the_unit_prices_said_are_those_at_which_the_answer_turns(even, peaky):
    dearest = turns.dearest_price(peaky)
    assert with_price(peaky, dearest * 1.001).optimal_units == 0
    assert with_price(peaky, dearest * 0.999).optimal_units > 0
    step, price = turns.next_price(even)
    assert with_price(even, price * 1.001).optimal_units == even.optimal_units
    assert with_price(even, price * 0.999).optimal_units >= even.optimal_units + step


def test_the_pay_as_you_go_cut_said_ends_the_reservation(even):
    ratio = turns.price_ratio(even)
    prices = {f"payg.{name}": PRICE[name] for name in ("input_per_mtok", "output_per_mtok")}
    for factor, units in ((1.001, True), (0.999, False)):
        changed = {name: price * ratio * factor for name, price in prices.items()}
        assert bool(provisioned(aiecon.override(even.inputs, changed)).optimal_units) is units


def test_the_volume_said_is_that_at_which_reserving_starts():
    little = ask(minutes([60.0] * 1_440))
    ratio = turns.volume_ratio(little)
    assert little.optimal_units == 0
    assert ratio > 1
    for factor, bought in ((0.99, False), (1.01, True)):
        more = ask(minutes([60.0 * ratio * factor] * 1_440))
        assert bool(more.optimal_units) is bought


def test_no_volume_makes_an_idle_unit_pay(peaky):
    assert turns.volume_ratio(peaky) is None
    assert turns.most_used(peaky) == pytest.approx(440 / 1_440)
    assert any(change.startswith("No volume in this pattern") for change in decided(peaky)["changes"])


def test_the_cached_share_said_is_that_at_which_reserving_starts():
    dear = ask(minutes(EVEN), terms=[{**MONTH, "price_per_unit_month": 500.0}])
    share = turns.cached_share(dear)
    assert dear.optimal_units == 0
    for cached, bought in ((share - 0.06, False), (share, True)):
        assert bool(cached_more(dear, cached).optimal_units) is bought


def cached_more(answer, share):
    """The same requests with such a part of their input cached, which weighs nothing on a unit."""
    fewer = [minute * (1 - share) for minute in answer.inputs.demand.tokens_per_minute]
    return provisioned(
        aiecon.override(answer.inputs, {"shape.cached_input_share": share, "demand.tokens_per_minute": fewer})
    )


def test_no_cached_share_is_said_where_none_turns_the_answer(sample):
    free = ask(minutes(EVEN), terms=[{**MONTH, "price_per_unit_month": 1.0}])
    assert turns.cached_share(free) == pytest.approx(1.0)  # of no load nothing is saved
    assert turns.cached_share(sample) is None
    assert not any("cache" in change for change in decided(sample)["changes"])


def test_refused_spill_is_told(even):
    refused = provisioned(aiecon.override(even.inputs, {"refused_share": 0.2, "refusal_cost_per_mtok": 900.0}))
    assert "20.0 % of what spills is refused" in words(page.method(refused))
    assert "is refused" not in words(page.method(even))


def test_an_uneven_saving_is_watched():
    random = np.random.default_rng(0)
    days = [np.full(1_440, level) for level in np.where(random.random(DAYS) < 0.69, 400.0, 0.0)]
    unsure = ask({"tokens_per_minute": np.concatenate(days).tolist()})
    if unsure.term is not None:
        assert unsure.confidence.saves_probability < 0.9
        assert page.verdict(unsure) == "watch"
        assert decided(unsure)["what"].startswith("Wait until more months agree")


def test_requests_one_by_one_are_shown_where_the_log_has_them(sample, even):
    block = page.admission(sample).content
    assert block["columns"][-1] == "Requests refused, max_tokens reserved"
    assert "units refuse at most 1.0 % of the requests; the busiest minute would need 290." in block["note"]
    assert "max_tokens of 256 reserves 1.81 times the tokens used and needs no more units" in block["note"]
    assert page.admission(even).kind == "nothing"


def test_a_max_tokens_that_needs_more_units_is_priced():
    high = aiecon.ask("provisioned", changes={"admission.max_tokens_per_request": 32_000})
    more = high.refusals.units_needed_max_tokens - high.refusals.units_needed
    assert more > 0
    assert f"needs {more:,} units more, " in page.admission(high).content["note"]
    assert "a month on term year" in page.admission(high).content["note"]


def test_a_contract_says_what_lies_idle_and_that_it_is_made_up(sample, even):
    block = page.rightsizing(sample).content
    assert [row[1] for row in block["rows"]] == ["150", "0"]
    assert (
        "43 % of the committed units are used; 18.8 thousand USD a month pays for units that no demand uses."
        in (block["note"])
    )
    assert "150 units fewer would cost 16.3 thousand USD a month less." in block["note"]
    assert "Synthetic: the contract and who shares it are made up" in block["note"]
    assert page.rightsizing(even).kind == "nothing"
    assert "contract" not in decided(sample)["what"]
    long = ask(minutes(EVEN), contract={"units": 9, "price_per_unit_month": 300.0})
    assert decided(long)["what"].startswith("Cut the contract from 9 to 4 units when it ends or can be changed: ")
    right = ask(minutes(EVEN), contract={"units": 4, "price_per_unit_month": 300.0})
    assert "No other number of units costs less." in page.rightsizing(right).content["note"]


def test_shared_units_name_what_nobody_uses_and_close(sample, even):
    block = page.pool(sample).content
    assert [row[0] for row in block["rows"]] == [
        "code completion",
        "code review",
        "test writing",
        "nobody (unused)",
        "Together",
    ]
    costs = [int(row[2].replace(",", "")) for row in block["rows"]]
    assert sum(costs[:-1]) == costs[-1] == 150 * 221
    assert page.pool(even).kind == "nothing"


def test_units_beyond_the_contract_are_told():
    contract = {
        "units": 2,
        "price_per_unit_month": 300.0,
        "deployments": [{"name": "a", "units": 3}],
        "hourly_price_per_unit": 1.0,
    }
    assert (
        "1 units beyond the contract cost 730 by the hour"
        in page.pool(ask(minutes(EVEN), contract=contract)).content["note"]
    )


def test_a_ladder_over_months_lays_the_year_below_the_month(even):
    months = [[200.0] * 43_800, [600.0] * 43_800]
    answer = ask({"tokens_per_minute": [minute for month in months for minute in month]}, terms=[MONTH, YEAR])
    block = page.ladder(answer).content
    assert [row[:2] for row in block["rows"]] == [
        ["year", "2"],
        ["month", "0 to 4"],
        ["pay as you go", ""],
        ["Together", "2 to 6"],
    ]
    assert "a month less than the cheapest single number of units, over 2 months of 730 hours" in block["note"]
    assert page.ladder(even).content["note"].startswith("Within one month")
    stub = ask({"tokens_per_minute": [400.0] * 50_000})
    assert len(stub.ladder.by_month) == 1
    level = ask({"tokens_per_minute": [400.0] * 70_000})
    assert (
        page.ladder(level).content["note"].startswith("As cheap as the cheapest single number of units, over 2 months")
    )


def test_deployments_over_time_are_told_by_their_hours(tmp_path):
    path = tmp_path / "deployed.csv"
    path.write_text("timestamp,name,units\n2026-05-01T00:00Z,a,1\n2026-05-01T00:00Z,b,3\n2026-05-01T00:15Z,b,0\n")
    contract = {"units": 2, "price_per_unit_month": 300.0, "hourly_price_per_unit": 1.0, "deployed": str(path)}
    block = page.pool(ask(minutes(EVEN), contract=contract)).content
    assert [row[:2] for row in block["rows"]] == [
        ["b", "1.5"],
        ["a", "1"],
        ["nobody (unused)", "0.5"],
        ["Together", "3"],
    ]
    assert block["note"].startswith("Up to 2 and on average 1 units beyond the contract cost 730 by the hour")
    assert "in the 0.5 hours of " in block["note"]


def test_an_assumed_population_is_watched_whatever_it_says(population):
    assert population.optimal_units > 0
    assert page.verdict(population) == "watch"
    assert page.sentence(population).startswith("Do not sign yet: ")
    assert decided(population)["what"].startswith(
        "Record 28 days of demand by the minute before signing; what is assumed"
    )
    assert decided(population)["by"] == "once 28 days of minutes are in"
    gated = ask({"distribution": {"shape": "normal", "p10": 372.0, "p90": 628.0}}, terms=[YEAR])
    assert decided(gated)["what"].startswith("Sign no year before 6 months of production are seen; what is assumed")
    assert any("A commitment of 12 months should rest on" in note for note in gated.notes)


@pytest.mark.parametrize("months", [2, 11, 36])
def test_any_commitment_beyond_a_month_is_gated(months):
    gated = ask(minutes(EVEN), terms=[{**YEAR, "name": "long", "commitment_months": months}])
    assert page.verdict(gated) == "watch"
    assert decided(gated)["what"].startswith(f"Sign nothing for {months} months before 6 months of production are seen")
    assert any(f"A commitment of {months} months should rest on 6 months" in note for note in gated.notes)


def test_days_that_were_not_resampled_make_nobody_sure(even):
    unsure = provisioned(aiecon.override(even.inputs, {"bootstrap": 0}))
    assert page.verdict(unsure) == "watch"
    assert decided(unsure)["what"].startswith("Resample the days seen (bootstrap) before signing")


def test_a_price_of_another_model_is_watched():
    other = ask(minutes(EVEN), payg={**PRICE, "model": "another"})
    assert page.verdict(other) == "watch"
    assert decided(other)["what"].startswith("Give the pay-as-you-go price of m, which the units serve, before signing")


def test_a_contract_is_told_as_what_to_change_and_what_that_saves():
    def held(units, **more):
        return ask(minutes(EVEN), contract={"units": units, "price_per_unit_month": 300.0}, **more)

    long = held(9)
    saved = long.rightsizing.savings_per_month
    assert page.verdict(long) == "act"
    assert page.sentence(long).startswith("Cut the contract from 9 to 4 units of m at p: ")
    assert f"{saved / 1_000:.2f} thousand EUR less than as it is" in page.sentence(long)
    assert f"{saved / 1_000:.2f} thousand EUR a month saved against the 9 units held" in decided(long)["what"]
    assert page.figures(long).content["cards"][0]["value"] == "4"
    assert any("The contract of 9 units costs" in note and "4 units would cost" in note for note in long.notes)
    right = held(4)
    assert page.verdict(right) == "fine"
    assert page.sentence(right).startswith("Keep the contract of 4 units of m at p: ")
    assert decided(right)["what"].startswith("Keep the contract of 4 units: no other number costs less")
    assert page.verdict(held(2)) == "watch"
    assert decided(held(2))["what"].startswith("Sign no more units before 6 months of production are seen")
    cheaper = held(9, terms=[{**MONTH, "price_per_unit_month": 200.0}])
    assert " Term month with 4 units would cost " in decided(cheaper)["what"]


def test_a_contract_that_never_pays_is_ended():
    idle = ask(minutes(PEAKY), contract={"units": 3, "price_per_unit_month": 300.0})
    assert page.sentence(idle).startswith("End the contract of 3 units of m at p and pay as you go: ")


def test_priced_refusals_count_in_the_use_that_pays(even):
    inputs = {"refused_share": 0.5, "refusal_cost_per_mtok": 900.0}
    priced = provisioned(aiecon.override(even.inputs, inputs))
    worth = 0.5 * 438 + 0.5 * 438 * 9
    assert priced.unit_worth == pytest.approx(worth)
    assert priced.break_even_utilization == pytest.approx(300 / 438)
    card = page.figures(priced).content["cards"][2]
    assert f"{300 / worth:.0%}".replace("%", " %") in str(card)
    assert "refusals priced" in str(card)
    assert page.terms(priced).content["rows"][0][4] == f"{300 / worth:.0%}".replace("%", " %")
    assert "with refusals priced" in page.sentence(priced)
    payg = {metric.key: metric.note for metric in priced.summary()}["payg_cost_per_month"]
    assert payg == "no bill alone: what is refused counts with what it costs the business"


def test_tokens_that_cost_nothing_are_not_called_no_demand():
    free = ask(minutes(EVEN), payg={**PRICE, "input_per_mtok": 0.0, "output_per_mtok": 0.0})
    assert page.sentence(free).startswith("Reserve nothing: m at p costs nothing at pay-as-you-go as priced here")
    assert decided(free)["changes"] == ["Any price of pay-as-you-go: as priced here it costs nothing."]


def test_a_slight_change_is_not_told_as_none():
    thin = ask(minutes([400.0] * 1_440), terms=[{**MONTH, "price_per_unit_month": 437.5}])
    said = [change for change in decided(thin)["changes"] if change.startswith("Pay-as-you-go")]
    assert said == ["Pay-as-you-go 0.1 % cheaper: no unit pays any more."]


def test_months_are_told_as_what_was_drawn(even):
    assert page.figures(even).content["cards"][3]["value"].endswith("of months")
    assert "resampled months of 30 days" in words(page.confidence(even))
    assert "in runs of 2 that followed each other" in words(page.confidence(even))
    short = ask(minutes(EVEN, days=10))
    assert page.figures(short).content["cards"][3]["value"].endswith("of 10 days")


def test_another_shipped_trace_is_named_as_it_is():
    other = aiecon.ask("provisioned", changes={"demand.file": "shipped:traces/burstgpt_week_per_minute.csv"})
    assert page.sentence(other).startswith("Example, the shipped trace burstgpt_week_per_minute.csv priced as gpt-5")


def test_shares_by_the_minute_and_by_the_bucket_are_told_apart(sample):
    assert "so both differ. Costs in this table are of what it refuses" in page.admission(sample).content["note"]


def test_the_move_is_what_is_decided_and_counts_only_once_the_page_does_not_wait(even, peaky, sample):
    (reserve,), (idle,), (example,) = (decided(answer)["moves"] for answer in (even, peaky, sample))
    assert decided(even)["what"].startswith(reserve["what"])
    assert (reserve["saved"], reserve["condition"]) == (even.savings, "")
    assert (idle["saved"], example["saved"]) == (0, 0)
    (short,) = decided(ask(minutes(EVEN, days=2)))["moves"]
    assert short["saved"] > 0
    assert short["condition"] == "enough of the demand is seen"
