"""The words of the self-host page: wins, never wins, wins in islands, owned with payback, no uncertainty."""

from html import unescape

import pytest

import aiecon
from aiecon.charts.self_host import cumulative_chart
from aiecon.cli.terminal import cells, told
from aiecon.models.self_host.turns import turn
from aiecon.report import asking
from aiecon.report.pages import self_host as page
from aiecon.report.pages.self_host.upper_bound import best_systems

PLAIN = {
    "workload": {
        "mtok_per_month": 1_000.0,
        "shape": {"input_tokens_per_request": 750, "output_tokens_per_request": 250},
    },
    "api_blended_per_mtok": 4.0,
    "currency": "EUR",
    "serving": {"requests_per_second": 1.0, "gpus_per_replica": 1},
    "gpu": {"purchase": "on_demand", "price_per_gpu_hour": 2.0},
    "horizon_months": 12,
    "discount_rate": 0.08,
}  # 1,460 a replica of 2,628 Mtok against 4,000
OWNED = PLAIN | {
    "gpu": {"purchase": "owned", "capex_per_gpu": 20_000.0, "life_months": 48},
    "fixed_cost_per_month": 500.0,
}
ISLANDS = PLAIN | {"fixed_cost_per_month": 500.0, "api_blended_per_mtok": 0.8}
DOUBTED = PLAIN | {"api_blended_per_mtok": {"shape": "lognormal", "p10": 1.0, "p90": 2.0}}
PARTS = [name for name in page.__all__ if name not in ("is_synthetic", "sentence", "verdict")]


def ask(inputs, **changes):
    return aiecon.ask("self_host", inputs=inputs, changes=changes, profile="fast")


@pytest.fixture(scope="module")
def sample(sample_answers):
    return sample_answers("self_host", "fast")


def said(block):
    return block.html


def test_where_hosting_wins_and_nothing_is_doubted_the_page_says_move():
    answer = ask(PLAIN)
    assert page.sentence(answer) == (
        "Self-hosting saves 29.2 thousand EUR over 12 months; a month of hosting is cheaper from 365 Mtok (now 1,000)."
    )
    assert page.verdict(answer) == "act"
    assert "Move to hosting: 1 replica for 1,000 Mtok" in said(page.decision(answer))
    assert "GPU price of 5.48 EUR an hour or more (here 2.00 EUR an hour): stay with the API." in said(
        page.decision(answer)
    )
    assert "no doubt was given" in said(page.figures(answer))
    assert "Probability" not in said(page.figures(answer))
    assert "the base case alone" in said(page.method(answer))


def test_where_hosting_never_wins_the_page_says_so():
    answer = ask(PLAIN, api_blended_per_mtok=0.3)
    assert page.verdict(answer) == "fine"
    assert "Stay with the API" in page.sentence(answer)
    assert "cheaper at no volume" in page.sentence(answer)
    assert page.intervals(answer).kind == "nothing"
    assert "rent or buy no GPUs" in said(page.decision(answer))
    assert "never" in said(page.alternatives(answer))


def test_islands_are_told_one_by_one_and_many_are_cut():
    answer = ask(ISLANDS)
    starts = [low for low, _ in answer.win_intervals]
    assert starts == pytest.approx([2_450.0, 4_275.0, 6_100.0, 7_925.0])
    assert "from 2,450 to 2,628, from 4,275 to 5,256, in one more stretch and from 7,925 Mtok" in page.sentence(answer)
    rows = page.intervals(answer).content["rows"]
    assert [row[2] for row in rows] == ["1", "2", "3", "4 and more"]
    assert rows[-1][1] == "no end"
    assert "inside" in said(page.intervals(ask(ISLANDS, **{"workload.mtok_per_month": 5_000.0})))


def test_owned_gpus_tell_payback_and_what_is_spent_at_the_start():
    answer = ask(OWNED)
    assert 5 < answer.payback_months < 7
    assert "5.71 months" in said(page.figures(answer))
    assert "of 20.0 thousand EUR at the start" in said(page.figures(answer))
    assert "Price of a GPU bought of" in said(page.decision(answer))
    late = ask(OWNED, horizon_months=3)
    assert "not in 3 months" in said(page.figures(late))


def test_doubt_moves_the_verdict_to_watch():
    answer = ask(DOUBTED)
    assert 0.2 < answer.probability < 0.8
    assert page.verdict(answer) == "watch"
    assert "probability" in page.sentence(answer)
    assert "Probability that hosting saves" in said(page.figures(answer))


@pytest.mark.parametrize("inputs", [PLAIN, OWNED, ISLANDS, DOUBTED], ids=["plain", "owned", "islands", "doubted"])
def test_every_part_of_the_page_is_made(inputs):
    answer = ask(inputs)
    for part in PARTS:
        block = getattr(page, part)(answer)
        assert block.kind == "nothing" or block.html, part
    assert not page.is_synthetic(answer)


def test_nothing_served_is_no_fault():
    answer = ask(PLAIN, **{"workload.mtok_per_month": 0.0})
    for part in PARTS:
        assert getattr(page, part)(answer), part
    assert "nothing served" in said(page.figures(answer))


def test_the_sample_is_synthetic_and_names_its_rows(sample):
    assert page.is_synthetic(sample)
    rows = sample.inputs.assumption_rows
    assert {"serving.usable_share", "gpu.price_per_gpu_hour", "fixed_cost_per_month", "discount_rate"} <= set(rows)
    assert "serving.parquet" in said(page.prices(sample))
    assert "tokencost" in said(page.prices(sample))


def test_a_row_of_the_sample_alone_never_feeds_inputs_of_a_user():
    answer = ask(PLAIN)
    assert answer.inputs.fixed_cost_per_month == 0
    assert answer.inputs.assumption_rows == {}


def test_ways_to_pay_and_other_models_stand_side_by_side(sample):
    rows = {row[0]: row for row in page.alternatives(sample).content["rows"]}
    names = ["On demand against gpt-5", "Reserved", "Spot", "Owned", "Mix"]
    assert list(rows) == [*names, "Against gpt-4.1-mini", "Against llama-3.3-70b-versatile"]
    assert float(rows["Spot"][1]) < float(rows["Reserved"][1]) < float(rows["On demand against gpt-5"][1])
    assert float(rows["Spot"][1]) < float(rows["Mix"][1]) < float(rows["On demand against gpt-5"][1])
    words = said(page.alternatives(sample)).replace("\xa0", " ")
    assert "mix: 60 % reserved (6.88 a GPU-hour less 66 %), 20 % spot (1.30 a GPU-hour and 15 % more hours" in words
    assert rows["Against gpt-4.1-mini"][-1] == "never"
    assert "Test gpt-4.1-mini by the token" in said(page.decision(sample))
    words = said(page.decision(sample)).replace("\xa0", " ")
    assert "Paid otherwise it would save: hosted as spot, by the hour, 295 thousand USD with 74 %" in words
    assert page.verdict(sample) == "watch"


def test_regret_of_each_choice_stands_beside_what_it_saves(sample):
    block = page.regrets(sample)
    rows = {row[0]: row for row in block.content["rows"]}
    assert list(rows) == [
        *("API for all", "Hosted, by the hour", "Split", "Hosted, always on"),
        *("Split: reserved", "Hosted: spot, by the hour", "Split: owned", "Hosted: mix, by the hour"),
    ]
    assert "Over 1,000 draws" in said(block)
    assert page.regrets(ask(PLAIN)).kind == "nothing"


def test_the_bursts_of_a_file_are_told_beside_chance(tmp_path):
    path = tmp_path / "requests.csv"
    rows = "".join(f"{5 + 60 * burst},750,250\n" * 8 for burst in range(60))
    path.write_text("timestamp,input_tokens,output_tokens\n" + rows)
    answer = ask(PLAIN, **{"workload.file": str(path), "serving.wait_share": 0.05})
    block = page.waiting(answer)
    times = answer.waiting.arrival_variation
    columns = ["Replicas", "Requests that wait", "in the file's bursts", "Mean wait", f"{times:.1f} times as uneven"]
    assert block.content["columns"] == [*columns, "over the file"]
    assert all(len(row) == 6 for row in block.content["rows"])
    assert f"With arrivals so uneven it takes {answer.waiting.replicas_for_bursts}." in said(block)
    assert answer.waiting.replicas_for_bursts > answer.waiting.replicas_for_target
    path.write_text("timestamp,input_tokens,output_tokens\n" + "0,750,250\n60,750,250\n")
    minutes = ask(PLAIN, **{"workload.file": str(path)})
    assert "The file's requests stand at whole minutes: bursts inside a minute are not seen" in minutes.notes
    assert page.waiting(minutes).content["columns"][3:5] == ["4.0 times as uneven", "16 times as uneven"]


def test_the_mean_of_moving_now_is_told_apart_from_the_headline(sample):
    words = unescape(said(page.now_or_later(sample))).replace("\xa0", " ")
    assert "Move now, mean of the futures" in words
    assert "The headline's −174 is the base case at today's rents; here the mean of the futures, rents falling" in words
    assert "The headline" not in said(page.now_or_later(ask(PLAIN, horizon_months=24)))


def test_the_draws_stand_beside_the_probability(sample):
    assert "of 1,000 draws; " in said(page.figures(sample))


def test_a_mix_is_told_with_its_shares_and_terms():
    spot = {"purchase": "spot", "price_per_gpu_hour": 1.5, "interruption_overhead": 0.1}
    owned = {"purchase": "owned", "capex_per_gpu": 30_000.0, "life_months": 48, "residual_share": 0.1}
    year = {"purchase": "reserved", "price_per_gpu_hour": 2.0, "commitment_discount": 0.4}
    mix = [
        {"name": "night", "share": 0.2, **spot},
        {"name": "base", "share": 0.3, **owned},
        {"name": "1 year", "share": 0.1, **year},
    ]
    changes = {"gpu.mix": mix, "workload.hourly_load": HOURS, "serving.autoscaling": {}}
    answer = ask(PLAIN, **changes)
    words = said(page.prices(answer)).replace("\xa0", " ")
    assert "20 % night (1.50 a GPU-hour and 10 % more hours for interruptions)" in words
    assert "30 % base (30,000 a GPU for 48.0 months, 10 % left then)" in words
    assert "10 % 1 year (2.00 a GPU-hour less 40 %), 40 % on demand (2.00 a GPU-hour)" in words
    first = page.alternatives(answer).content["rows"][0][0].replace("\xa0", " ")
    assert first == "Mix (20 % night, 30 % base, 10 % 1 year, 40 % on demand) against the API"
    assert "their share of the most at once, stay on" in said(page.plans(answer))
    later = said(page.now_or_later(ask(PLAIN, **changes, horizon_months=24)))
    assert "Rents by the hour fall for both. Who moves now keeps today" in later


def test_a_model_that_is_not_cheaper_is_not_proposed():
    assert "Test " not in said(page.decision(ask(PLAIN, api_blended_per_mtok=0.05, currency="USD")))


def test_break_even_values_hold(sample):
    for field in ("gpu.price_per_gpu_hour", "workload.mtok_per_month"):
        value = turn(sample, field).value
        turned = aiecon.ask("self_host", profile="fast", changes={field: value})
        assert abs(turned.npv_savings) < 1.0
    words = said(page.decision(sample)).replace("\xa0", " ")
    assert "Searched without a turn, each alone: usable share of throughput from 5.0 % to 100 % or fall" in words


def test_a_turn_far_from_the_base_is_found_and_one_that_turns_again_is_told():
    few = aiecon.ask("self_host", profile="fast", changes={"workload.mtok_per_month": 1_500.0})
    found = turn(few, "workload.mtok_per_month")
    assert found.value == pytest.approx(17_506, rel=0.01)
    still = {"workload.monthly_growth": 0.0, "api_price_decline_per_year": 0.0, "workload.mtok_per_month": 5_000.0}
    steps = aiecon.ask("self_host", profile="fast", changes=still)
    first = turn(steps, "workload.mtok_per_month")
    low, high = steps.win_intervals[0]
    assert low < first.value < high
    assert not first.holds
    assert "though not at every value beyond" in said(page.decision(steps))


def test_the_plan_that_saves_stands_in_the_sentence(sample):
    assert "(hosting by the hour would save 2" in page.sentence(sample)


def test_what_comes_back_and_is_lost_again_is_told():
    falling = ask(PLAIN, api_price_decline_per_year=0.9, horizon_months=36)
    assert falling.payback_months == 0
    assert falling.npv_savings < 0
    notes = {metric.key: metric.note for metric in falling.summary()}
    assert notes["payback_months"].startswith("lost again later")
    assert cumulative_chart(falling).to_dict()["title"]["text"].startswith("Hosting spends less at first, and more")


def test_waiting_tells_what_the_target_would_take(sample):
    words = said(page.waiting(sample))
    assert "2 (planned)" in words
    target = sample.waiting.replicas_for_target
    kept = aiecon.ask("self_host", profile="fast", changes={"serving.minimum_replicas": target})
    assert f"from {target} replicas on; keeping them makes the saving −{-kept.npv_savings / 1e3:.0f} thousand" in words


def test_months_add_up(sample):
    total = page.months(sample).content["rows"][-1]
    frame = sample.to_frame()
    assert total[3:5] == [f"{frame['hosting_cost'].sum():,.0f}", f"{frame['api_cost'].sum():,.0f}"]


def test_the_terminal_keeps_to_80_columns_and_lists_volumes_one_a_line(sample):
    lines = list(told("self_host", sample))
    assert max(len(line) for line in lines) <= 80
    assert any("13,089 to 15,963  win_intervals" in line for line in lines)
    assert any(line.strip() == "from 16,765 Mtok/month" for line in lines)
    assert cells([], "Mtok/month") == ["none"]
    many = [(float(low), float(low + 5)) for low in range(0, 100, 10)]
    assert cells(many, "u") == ["0 to 5", "10 to 15", "20 to 25", "6 more", "90 to 95 u"]


def test_one_month_reads_as_one():
    assert "over one month" in page.sentence(ask(PLAIN, horizon_months=1))


HOURS = [1.0] * 22 + [7.0] * 2  # one replica carries the base, six more the peak


def test_plans_stand_beside_each_other_and_the_best_is_proposed(sample):
    rows = {row[0]: row for row in page.plans(sample).content["rows"]}
    assert list(rows) == ["API for all", "Hosted, by the hour", "Split", "Hosted, always on"]
    assert [row[1] for row in rows.values()] == ["–", "1.47 (at most 2)", "1", "2"]
    assert "each start paid for 10.0 minutes" in said(page.plans(sample))
    assert "Hosting by the hour (at most 2 replicas, 1.47 on the mean) saves" in said(page.decision(sample))
    changes = {"workload.hourly_load": HOURS, "workload.mtok_per_month": 3_942.0, "api_blended_per_mtok": 2.0}
    split = ask(PLAIN, **changes)
    words = "A split (1 replica kept on, 33\N{NO-BREAK SPACE}% of the tokens from the API) saves 43.7 thousand EUR"
    assert words in said(page.decision(split))
    assert "serving.autoscaling was not given" in said(page.plans(split))
    assert "reserved and owned GPUs are paid whether they are on or not" in said(
        page.plans(ask(PLAIN, **changes, **{"gpu.purchase": "reserved"}))
    )
    assert page.plans(ask(PLAIN)).kind == "nothing"


def test_measured_rows_say_which_are_used_and_which_are_too_late(sample):
    rows = page.serving_rows(sample).content["rows"]
    assert [row[2] for row in rows if row[1] == "used"] == ["64", "64"]
    tight = aiecon.ask("self_host", profile="fast", changes={"serving.latency.tpot_ms": 30})
    uses = [row[1] for row in page.serving_rows(tight).content["rows"]]
    assert "each token after 53 ms, above 30" in uses
    assert "2 of 15 rows miss it and are not used" in said(page.serving_rows(tight))
    assert page.serving_rows(ask(PLAIN)).kind == "nothing"


def test_the_rows_used_stand_beside_what_tuned_systems_reach(sample):
    block = page.upper_bound(sample)
    ours = [row for row in block.content["rows"] if row[2] == "measured"]
    assert len(ours) == 2
    others = {row[0]: row for row in block.content["rows"] if "MLPerf" in row[0]}
    assert others["llama2-70b-99.9, MLPerf server"][1::2] == ["8 × NVIDIA H100-SXM-80GB (Supermicro)", "2,962"]
    assert "llama2-70b-99, MLPerf server" not in others
    assert "and not used for any figure here" in said(block)
    assert best_systems("gb200").empty
    assert page.upper_bound(ask(PLAIN)).kind == "nothing"


def test_deciding_later_is_told_with_its_range(sample):
    rows = {row[0]: row for row in page.now_or_later(sample).content["rows"]}
    worth = sample.deferral.value
    assert rows["Worth of deciding later"][1] == f"+{worth / 1e3:.0f}"
    assert " to " in rows["Worth of deciding later"][2]
    assert "Deciding in 12 months instead of now is worth" in said(page.decision(sample))
    certain = ask(PLAIN, horizon_months=36)
    assert "Deciding in 12 months instead of now is worth −29.2 thousand EUR." in said(page.decision(certain))
    assert page.now_or_later(certain).content["columns"] == ["Choice", "Mean"]
    assert page.now_or_later(ask(PLAIN)).kind == "nothing"


def test_waiting_over_a_file_has_a_column_of_its_own(tmp_path):
    path = tmp_path / "requests.csv"
    path.write_text(
        "timestamp,input_tokens,output_tokens,requests\n2026-03-01T10:00:00Z,90000,30000,120\n"
        "2026-03-01T10:01:00Z,15000,5000,20\n"
    )
    answer = ask(PLAIN, **{"workload.file": str(path)})
    block = page.waiting(answer)
    assert block.content["columns"][-1] == "over the file"
    assert "its minutes one by one" in said(block)
    waits = [row[-1] for row in block.content["rows"]]
    assert waits[0] != waits[-1]


@pytest.mark.parametrize("changes", [{"workload.monthly_growth": 0.01}, {"workload.mtok_per_month": 5_000.0}])
def test_the_sample_company_is_told_whatever_of_it_is_changed(changes):
    assert page.is_synthetic(asking.ask("self_host", changes=changes | {"draws": 100}))


def test_a_model_named_alone_has_its_own_price_and_prices_their_currency():
    answer = asking.ask("self_host", changes={"api.model": "gpt-4o", "draws": 100})
    assert (answer.inputs.api.input_per_mtok, answer.inputs.api.output_per_mtok) == (2.5, 10.0)
    assert page.sentence(answer).startswith("Self-hosting saves")
    euros = ask(PLAIN | {"gpu": PLAIN["gpu"] | {"currency": "EUR"}})
    assert euros.currency == "EUR"


def test_the_moves_are_what_is_decided_and_what_must_be_tested_first(sample):
    stay, *others = page.decision(sample).content["moves"]
    assert page.decision(sample).content["what"].startswith(stay["what"])
    assert stay["saved"] == 0
    assert any(one["what"].startswith("Test gpt-4.1-mini") for one in others)
    assert all(one["condition"] for one in others)
    (host,) = page.decision(ask(PLAIN)).content["moves"][:1]
    assert host["saved"] == pytest.approx(4_000 - 1_460)
    assert host["condition"] == ""
