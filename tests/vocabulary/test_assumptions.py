import pandas as pd
import pytest

from aiecon import catalog, resources
from aiecon.errors import FrameError, InputError
from aiecon.report import asking
from aiecon.vocabulary import assumptions
from aiecon.vocabulary.distribution import Normal, Pert
from aiecon.vocabulary.overrides import is_field, override
from aiecon.vocabulary.strict import Strict
from aiecon.vocabulary.token_price import Price


def row(name, **cells):
    given = {"value": "1", "unit": "share", "grade": "judgement", "source": "us", "retrieved_on": "2026-01-31"}
    return {**dict.fromkeys(assumptions.COLUMNS, ""), "name": name, **given, **cells}


def checked(*rows):
    return assumptions.check(pd.DataFrame(rows), name="assumptions.csv")


def problems(*rows):
    with pytest.raises(FrameError) as caught:
        checked(*rows)
    return caught.value.problems


def test_numbers_become_floats_and_blank_ends_stay_absent():
    frame = checked(row("growth", value="2", p10="1.5"))
    assert frame[["value", "p10"]].iloc[0].tolist() == [2.0, 1.5]
    assert pd.isna(frame["p90"].iloc[0])


def test_a_column_beyond_the_known_ones_is_left_out():
    assert list(checked({**row("growth"), "colour": "blue"}).columns) == list(assumptions.COLUMNS)


def test_missing_columns_are_all_named():
    with pytest.raises(FrameError) as caught:
        assumptions.check(pd.DataFrame([row("growth")]).drop(columns=["grade", "unit"]), name="mine.csv")
    assert caught.value.problems == (
        "mine.csv: column 'unit' is missing; add it",
        "mine.csv: column 'grade' is missing; add it",
    )


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"value": ""}, "'value' is empty"),
        ({"source": ""}, "'source' is empty"),
        ({"unit": None}, "'unit' is empty"),
        ({"value": "a lot"}, "'value' must be a number, got 'a lot'"),
        ({"p90": "1,5"}, "'p90' must be a number, got '1,5'"),
        ({"grade": "guess"}, "'grade' must be one of contract, measured, published, judgement, rumour, got 'guess'"),
        ({"retrieved_on": "31/1/2026"}, "'retrieved_on' must be an ISO date, got '31/1/2026'"),
    ],
)
def test_a_bad_cell_is_named_with_its_row(cells, words):
    assert problems(row("growth"), row("churn", **cells)) == (f"assumptions.csv: row 3: {words}",)


def test_a_name_that_stands_twice_is_refused_at_its_second_row():
    assert problems(row("growth"), row("churn"), row("growth")) == ("assumptions.csv: row 4: 'growth' stands twice",)


def test_every_problem_comes_at_once_in_the_order_of_the_rows():
    found = problems(row("growth", value="x", grade="guess"), row("churn"), row("churn", unit="", retrieved_on="soon"))
    assert [line.split(": ")[1] for line in found] == ["row 2", "row 2", "row 4", "row 4", "row 4"]


def test_the_shipped_assumptions_pass():
    raw = pd.read_csv(resources.path("data/assumptions.csv"), dtype=str, keep_default_na=False)
    frame = assumptions.check(raw, name="assumptions.csv")
    assert len(frame) == len(raw) > 0
    assert "rumour" not in set(frame["grade"])


def test_a_file_without_the_column_requirement_passes():
    frame = assumptions.check(pd.DataFrame([row("growth")]).drop(columns="requirement"), name="mine.csv")
    assert list(frame) == list(assumptions.COLUMNS)
    assert "requirement" not in assumptions.records(frame)["growth"]


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"low": "2"}, "'low' must not exceed 'value', got 2 and 1"),
        ({"high": "0.5"}, "'value' must not exceed 'high', got 1 and 0.5"),
        ({"p10": "3", "p90": "2"}, "'p10' must not exceed 'p90', got 3 and 2"),
    ],
)
def test_ends_and_percentiles_the_wrong_way_round_are_refused(cells, words):
    assert problems(row("growth", **cells)) == (f"assumptions.csv: row 2: {words}",)


def test_a_rumour_feeds_no_field():
    frame = checked(row("growth", grade="rumour"), row("churn"))
    assert assumptions.changes(frame) == {"churn": 1.0}
    assert "growth" in assumptions.records(frame)


def shipped(name):
    return pd.read_csv(resources.path(f"data/{name}.csv"), dtype=str, keep_default_na=False)


def test_rules_feed_no_field_by_themselves_and_say_whose_they_are():
    rows = shipped("assumptions")
    rules = rows[rows["name"].str.startswith("rule.")]
    assert rules["requirement"].str.fullmatch(r"S\d-\d\d").all()
    assert (rules["owner"] != "").all()
    feeding = [name for name in rows["name"] if not name.startswith("rule.")]
    assert [name for name in feeding if "." not in name] == [
        "back_test_origins",
        "forecast_error_gate",
        "price_decline_per_year",
        "volume_multiple",
        "short_to_long_cost",
        "day_spread",
        "day_autocorrelation",
        "hour_spread",
        "stale_after_days",
        "refused_after_days",
        "bootstrap",
        "enough_days",
        "enough_months",
        "refused_share",
        "outlier_multiple",
        "outlier_volume",
        "outlier_guard",
        "alarm_score",
        "gateway_tolerance",
        "invoice_tolerance",
        "act_below",
        "watch_below",
    ]
    inputs = {question.name: question.load_inputs() for question in catalog.QUESTIONS if question.is_built}
    own = {name: name.partition(".") for name in feeding if name.partition(".")[0] in inputs}
    assert not [name for name, (question, _, field) in own.items() if not is_field(inputs[question], field)]
    shared = [name for name in feeding if name not in own]
    assert not [name for name in shared if not any(is_field(model, name) for model in inputs.values())]


def scenario(name):
    rows = shipped("scenarios")
    return {row["name"]: float(row["value"]) for row in rows[rows["scenario"] == name].to_dict("records")}


@pytest.mark.parametrize(("end", "percentile"), [("low", "p10"), ("high", "p90")])
def test_the_low_and_high_scenarios_are_the_ends_of_the_rows(end, percentile):
    moved = ("rule.", "business_case.approval.delay_months")
    rules = [row for row in shipped("assumptions").to_dict("records") if row["name"].startswith(moved)]
    ends = {row["name"]: row[end] or row[percentile] for row in rules}
    assert scenario(end) == {name: float(value) for name, value in ends.items() if value}


def test_the_stress_scenario_adds_thirty_per_cent_to_every_cost():
    rows = shipped("assumptions")
    of_items = rows["name"].str.startswith(
        ("tiers.", "levers.", "policy.", "migration.", "gpu.options.")
    )  # of the sample alone
    costs = rows[rows["unit"].str.startswith("USD") & ~of_items]
    stressed = {row["name"]: 1.3 * float(row["value"]) for row in costs.to_dict("records")}
    stressed |= {"volume_multiple": 1.3, "business_case.cost_multiple": 1.3}  # of forecast and case: S3-05 itself
    assert scenario("stress") == pytest.approx(stressed)
    assert set(shipped("scenarios").query("scenario == 'stress'")["requirement"]) == {"S3-05"}


def test_a_scenario_row_says_whose_number_it_is():
    rows = shipped("scenarios")
    assert list(rows) == ["scenario", "name", "value", "unit", "requirement", "source", "note"]
    assert set(rows["scenario"]) == {"production", "amortised", "low", "high", "stress", "fixed_quality"}
    assert not rows.duplicated(["scenario", "name"]).any()
    units = shipped("assumptions").set_index("name")["unit"]
    named = rows[rows["name"].isin(units.index)]
    assert named["unit"].tolist() == units[named["name"]].tolist()


def test_changes_are_numbers_where_no_shape_is_given():
    assert assumptions.changes(checked(row("growth", value="0.02"))) == {"growth": 0.02}


class Question(Strict):
    growth: Price = 0.0
    delay_months: Price = 0.0


def test_changes_make_distributions_whose_base_is_the_value():
    frame = checked(
        row("growth", shape="normal", value="0.02", p10="0.01", p90="0.05"),
        row("delay_months", shape="pert", value="9", low="6", high="18"),
    )
    inputs = override(Question(), assumptions.changes(frame))
    assert inputs.growth == Normal(value=0.02, p10=0.01, p90=0.05)
    assert inputs.growth.base == 0.02
    assert inputs.delay_months == Pert(value=9, low=6, mode=9, high=18)
    assert inputs.delay_months.base == 9
    assert inputs.delay_months.mean == 10.0


def test_records_keep_what_was_given_and_nothing_else():
    (record,) = assumptions.records(checked(row("growth", note="see memo"))).values()
    assert record["note"] == "see memo"
    assert "p10" not in record
    assert "owner" not in record


def asked(scenario, **inputs):
    return asking.build("spend_forecast", inputs={"spend": "sample:spend.parquet", **inputs}, scenario=scenario)


def test_a_scenario_that_chooses_among_charges_needs_some():
    history = [{"date": "2026-01-01", "value": 1}]
    with pytest.raises(InputError, match="where choose among FOCUS charges; give spend, or leave where out"):
        asking.build("spend_forecast", inputs={"history": history}, scenario="production")


def test_shipped_scenarios_reach_the_fields_they_name():
    assert asked("production").where == {"x_Environment": "prod"}
    assert asked("amortised").cost == "EffectiveCost"
    assert [asked(name).volume_multiple for name in (None, "stress")] == [1.0, 1.3]
    assert [asked(name).price_decline_per_year for name in (None, "fixed_quality")] == [0.0, 0.9]


def test_a_scenario_of_the_inputs_wins_over_a_shipped_one():
    own = {"amortised": {"set": {"cost": "BilledCost", "horizon": 9}}, "mine": {"set": {"back_test_origins": 5}}}
    assert (asked("amortised", scenarios=own).cost, asked("amortised", scenarios=own).horizon) == ("BilledCost", 9)
    assert asked("mine", scenarios=own).back_test_origins == 5
    assert asked("production", scenarios=own).where == {"x_Environment": "prod"}


@pytest.mark.parametrize(
    ("scenario", "own", "words"),
    [
        ("low", {}, "scenario 'low' would change nothing: it sets rule.launch.delay_months, "),
        ("mine", {"mine": {"set": {"gpu.capex_per_gpu": 1}}}, "would change nothing: it sets gpu.capex_per_gpu, and"),
        ("mine", {"mine": {"description": "as it is"}}, "would change nothing: it sets no field"),
        ("mine", {"mine": 3}, "scenarios.mine: a table with set.FIELD = value is expected, got 3"),
        ("mine", 3, "scenarios: a table \\[scenarios.NAME\\] is expected, got 3"),
        (
            "other",
            {"mine": {"set": {"horizon": 3}}},
            "known \\(scenarios of spend_forecast: amortised, base, fixed_quality, mine, production, stress\\)",
        ),
    ],
)
def test_a_scenario_that_cannot_change_anything_is_refused_in_words(scenario, own, words):
    with pytest.raises(InputError, match=words):
        asked(scenario, scenarios=own)
