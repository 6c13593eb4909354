import numpy as np
import pandas as pd
import pytest

import aiecon
from aiecon import resources
from aiecon.errors import InputError
from aiecon.forecasting import periods
from aiecon.forecasting.methods import METHODS
from aiecon.models.spend_forecast import SpendForecastInputs, spend_forecast


def points(days):
    return [{"date": row.date.date(), "value": row.value} for row in days.itertuples()]


def answer(days, **fields):
    return spend_forecast(SpendForecastInputs(history=points(days), **{"back_test_origins": 3, **fields}))


def summary(answer):
    return {metric.key: metric.value for metric in answer.summary()}


def test_summary_has_the_keys_of_the_contract(days):
    assert list(summary(answer(days))) == [
        "total_p50",
        "total_p10",
        "total_p90",
        "landing_p50",
        "landing_p10",
        "landing_p90",
        "budget",
        "breach_probability",
        "breach_month",
        "coverage_80",
        "coverage_95",
        "year_p50",
        "year_p10",
        "year_p90",
        "year_budget",
        "last_error",
        "last_verdict",
        "mase",
        "best_method",
    ]


def test_the_horizon_is_the_quarter_after_the_history(days):
    found = answer(days)
    assert found.as_of == pd.Timestamp("2026-03-31").date()
    assert found.period == "Q2 2026"
    assert len(found.forecast.dates) == 91


def test_a_figure_that_does_not_exist_is_none_with_words(days):
    notes = {metric.key: metric.note for metric in answer(days).summary()}
    assert summary(answer(days))["breach_probability"] is None
    assert notes["breach_probability"] == "no budget was given"


def test_months_add_up_to_the_quarter_and_the_total(days):
    found = answer(days)
    table = found.table[~found.table["complete"].astype(bool)]
    months, quarter = table[table["level"] == "month"], table[table["level"] == "quarter"].iloc[0]
    assert months["p50"].sum() == pytest.approx(quarter["p50"])
    assert quarter["p50"] == pytest.approx(found.total["p50"])
    assert quarter["p90"] == pytest.approx(found.total["p90"])


def test_actual_months_hold_what_the_history_holds_to_the_cent(days):
    table = answer(days).table
    months = table[(table["level"] == "month") & table["actual"].notna()]
    assert months["actual"].sum() == pytest.approx(days["value"].sum(), abs=0.005)


@pytest.mark.parametrize("level", ["p10", "p50", "p90"])
def test_a_budget_at_a_quantile_is_passed_with_its_probability(days, level):
    free = answer(days)
    held = answer(days, budget=free.total[level])
    assert held.breach_probability == pytest.approx({"p10": 0.9, "p50": 0.5, "p90": 0.1}[level], abs=1e-9)


def test_a_larger_budget_is_never_passed_more_often(days):
    total = answer(days).total["p50"]
    chances = [answer(days, budget=total * factor).breach_probability for factor in (0.5, 0.9, 1.0, 1.1, 2.0)]
    assert chances == sorted(chances, reverse=True)


def test_the_breach_month_is_the_first_by_whose_end_passing_is_likely(days):
    free = answer(days)
    april, may = free.table.loc[free.table["period"].isin(["2026-04", "2026-05"]), "p50"]
    assert answer(days, budget=april * 0.9).breach_month == "2026-04"
    assert answer(days, budget=april + may * 0.5).breach_month == "2026-05"
    assert answer(days, budget=free.total["p50"] * 2).breach_month is None


def test_the_budget_rate_meets_the_budget_exactly(days):
    found = answer(days, budget=9_100.0)
    assert found.budget_rate * 91 == pytest.approx(9_100.0)
    assert found.expected_rate * 91 == pytest.approx(found.total["p50"])


def test_a_budget_file_counts_the_actual_spend_of_its_first_month(days, tmp_path):
    (tmp_path / "budget.csv").write_text("month,amount\n2026-03,2800\n2026-04,2900\n2026-05,3000\n2026-06,3000\n")
    inputs = SpendForecastInputs(history=points(days.head(105)), budget=str(tmp_path / "budget.csv"))
    found = spend_forecast(aiecon.resolve(inputs))
    march = days["value"].iloc[89:105].sum()
    assert found.as_of == pd.Timestamp("2026-03-16").date()
    assert found.budget.amount == pytest.approx(11_700)
    assert found.budget.spent == pytest.approx(march)
    assert found.landing["p50"] == pytest.approx(march + found.total["p50"])
    row = found.table.set_index("period").loc["2026-03"]
    assert row["actual"] == pytest.approx(march)
    assert row["variance"] == pytest.approx(row["p50"] - 2_800)


def test_a_budget_with_a_gap_names_its_months_one_by_one(days, tmp_path):
    (tmp_path / "budget.csv").write_text("month,amount\n2026-04,2900\n2026-06,3000\n")
    found = spend_forecast(
        aiecon.resolve(SpendForecastInputs(history=points(days), budget=str(tmp_path / "budget.csv")))
    )
    assert found.budget.label == "April 2026 and June 2026"
    assert found.budget.amount == 5_900
    ahead = found.forecast.expected["total"]
    assert found.landing["p50"] == pytest.approx(ahead[np.isin(found.forecast.dates.month, [4, 6])].sum())


def test_a_budget_by_team_counts_whole_and_says_which_teams_do_not_match(days, tmp_path):
    both = pd.concat([days.assign(series="search"), days.assign(series="support")])
    history = [{"date": row.date.date(), "series": row.series, "value": row.value} for row in both.itertuples()]
    (tmp_path / "budget.csv").write_text("month,series,amount\n2026-04,search,2900\n2026-04,sales,500\n")
    inputs = SpendForecastInputs(history=history, budget=str(tmp_path / "budget.csv"), back_test_origins=3)
    found = spend_forecast(aiecon.resolve(inputs))
    assert found.budget.amount == 3_400
    assert [note for note in found.notes if "totals count" in note] == [
        "Series with a budget and no spend, which the totals count all the same: sales",
        "Series with spend and no budget, which the totals count all the same: support",
    ]


def test_missing_days_and_data_that_end_early_are_said(days):
    gone = answer(days.drop(index=[20, 21]))
    assert f"2 of {len(days)} periods have no value; they count as missing, not as zero" in gone.notes
    early = answer(days, as_of="2026-04-05")
    assert "The data end on 2026-03-31; the days from there to 2026-04-05 are forecast too" in early.notes
    assert not [note for note in answer(days).notes if "no value" in note or "data end" in note]


def test_a_history_that_repeats_itself_has_no_scaled_error_and_says_why(days):
    steady = answer(days.assign(value=100.0))
    assert summary(steady)["mase"] is None
    assert summary(steady)["best_method"] is None
    notes = {metric.key: metric.note for metric in steady.summary()}
    assert notes["mase"] == notes["best_method"]
    assert "makes no error on this history" in notes["mase"]


def test_daily_charges_add_up_to_the_months_they_are_asked_for():
    monthly = aiecon.ask("spend_forecast", changes={"frequency": "MS"}, profile="fast")
    daily = aiecon.ask("spend_forecast", changes={"horizon": 91}, profile="fast")
    past = monthly.table[monthly.table["complete"].astype(bool)].set_index(["level", "period"])["actual"]
    same = daily.table.set_index(["level", "period"])["actual"].loc[past.index]
    pd.testing.assert_series_equal(past, same, check_dtype=False)
    assert len(monthly.forecast.dates) == 3


def test_daily_values_are_not_taken_for_monthly_ones(days):
    with pytest.raises(InputError, match=r"two dates lie in 2025-12; one value a month is expected \(or leave freq"):
        answer(days, frequency="MS")


def test_a_budget_for_other_months_is_refused(days, tmp_path):
    (tmp_path / "budget.csv").write_text("month,amount\n2020-01,5\n")
    inputs = SpendForecastInputs(history=points(days), budget=str(tmp_path / "budget.csv"))
    with pytest.raises(InputError, match="no month from 2026-04 to 2026-06"):
        spend_forecast(aiecon.resolve(inputs))


def test_rows_after_as_of_are_not_read(days):
    early = answer(days, as_of="2026-02-28", horizon=10)
    alone = answer(days[days["date"] <= "2026-02-28"], horizon=10)
    assert early.total == alone.total


def test_an_as_of_before_the_history_is_refused(days):
    with pytest.raises(InputError, match="as_of is 2020-01-01 and the history starts on 2025-12-02"):
        answer(days, as_of="2020-01-01")


def test_a_monthly_history_is_read_as_of_its_last_month_end():
    months = pd.DataFrame({"date": pd.date_range("2024-06-01", periods=22, freq="MS"), "value": np.arange(22) + 100.0})
    found = answer(months)
    assert found.as_of == pd.Timestamp("2026-03-31").date()
    assert found.period == "Q2 2026"
    cut = answer(months, as_of="2026-03-15")
    assert cut.forecast.history.index[-1] == pd.Timestamp("2026-02-01")


def test_the_horizon_is_what_was_asked_for(days):
    assert len(answer(days, horizon=30).forecast.to_frame()) == 30


def test_the_sample_breaks_down_to_its_total(sample_answer):
    teams = sample_answer.quarter_by("x_Team")
    quarter = sample_answer.table.set_index("period").loc["2026-Q1", "actual"]
    assert teams["now"].sum() == pytest.approx(quarter, abs=0.01)


def test_series_of_a_group_by_add_up_to_the_history():
    grouped = aiecon.ask("spend_forecast", changes={"group_by": ["x_Environment"], "horizon": 14}, profile="fast")
    frame = grouped.forecast.to_frame()
    assert set(frame["series"]) == {"dev", "prod", "Contract review for the legal team"}  # what is added to the total
    assert frame["p50"].sum() == pytest.approx(grouped.total["p50"], rel=0.01)  # medians add up but nearly


def test_an_unread_file_says_what_to_call():
    with pytest.raises(InputError, match=r"call aiecon.resolve\(inputs\)"):
        spend_forecast(SpendForecastInputs(file="history.csv"))


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("2026-01-01", "2026-12-31", "2026"),
        ("2026-02-01", "2026-02-28", "February 2026"),
        ("2025-11-01", "2026-01-31", "November 2025 to January 2026"),
        ("2026-05-07", "2026-09-30", "7 May to 30 September 2026"),
    ],
)
def test_spans_are_named_as_finance_names_them(first, last, expected):
    assert periods.name(pd.Timestamp(first), pd.Timestamp(last)) == expected


def test_a_month_that_the_forecast_does_not_finish_is_not_held_against_its_budget():
    part = aiecon.ask("spend_forecast", changes={"horizon": 14}, profile="fast")
    assert part.budget is None
    assert summary(part)["breach_probability"] is None
    assert part.table["budget"].iloc[-1] is None or pd.isna(part.table["budget"].iloc[-1])
    more = aiecon.ask("spend_forecast", changes={"horizon": 45}, profile="fast")
    assert more.budget.label == "April 2026"
    assert more.budget.amount == 165_000


def test_a_frame_does_for_a_history(days):
    framed = spend_forecast(SpendForecastInputs(history=days, back_test_origins=3))
    assert framed.total == answer(days).total


def test_the_answer_keeps_its_inputs_resolved_and_they_give_the_same_answer(days):
    found = answer(days)
    assert (str(found.inputs.as_of), found.inputs.horizon, found.inputs.frequency) == ("2026-03-31", 91, "D")
    assert spend_forecast(found.inputs).total == found.total


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("budget", float("nan"), "budget must be a finite number, got nan"),
        ("budget", -5, "budget must be greater than or equal to 0, got -5"),
        ("currency", "XQZ", "currency must be a currency of ISO 4217 such as USD or EUR, got 'XQZ'"),
        ("group_by", "x_Team", "group_by must be a list, got 'x_Team'"),
    ],
)
def test_one_line_says_what_a_field_expects(field, value, words):
    with pytest.raises(InputError) as caught:
        SpendForecastInputs(**{"file": "history.csv", field: value})
    assert caught.value.problems == (words,)


def test_an_as_of_years_after_the_data_is_refused(days):
    with pytest.raises(InputError, match="as_of is 2031-01-01 and the data end on 2026-03-31; 1500 periods at most"):
        answer(days, as_of="2031-01-01")


def test_the_landing_is_of_the_budgets_months(days, tmp_path):
    (tmp_path / "budget.csv").write_text("month,amount\n2026-03,2800\n2026-04,2900\n")
    inputs = SpendForecastInputs(history=points(days.head(105)), budget=str(tmp_path / "budget.csv"))
    found = summary(spend_forecast(aiecon.resolve(inputs)))
    table = spend_forecast(aiecon.resolve(inputs)).table.set_index("period")
    assert found["landing_p50"] == pytest.approx(table.loc[["2026-03", "2026-04"], "p50"].sum())
    assert found["landing_p10"] < found["landing_p50"] < found["landing_p90"]
    assert summary(answer(days))["landing_p50"] is None


CARD = "provider,model,input_per_mtok,output_per_mtok,effective_from,source,retrieved_on,grade,note\n"
LIST = """maker,small,2,2,2025-06-01,price page,2025-06-01,published,
maker,large,8,8,2025-06-01,price page,2025-06-01,published,
"""
CUT_AHEAD = "maker,small,1.5,1.5,2026-05-10,order form,2026-03-01,contract,\n"


@pytest.fixture
def bill(tmp_path):
    """Two models of 120 days by the token, `small` at a price from a day on; call it to get a bill.csv."""

    def write(days, *, small=2.0, later=2.0, day="2026-02-01", names=("small", "large")):
        parts = []
        for name, price, size in ((names[0], None, 1.0), (names[1], 8.0, 0.5)):
            mtok = days["value"] * size
            paid = price if price else np.where(days["date"] < day, small, later)
            parts.append(
                pd.DataFrame(
                    {
                        "ChargePeriodStart": days["date"],
                        "ChargePeriodEnd": days["date"] + pd.Timedelta(days=1),
                        "BillingCurrency": "USD",
                        "BilledCost": mtok * paid,
                        "x_ModelId": name,
                        "x_InputTokens": mtok * 0.75e6,
                        "x_OutputTokens": mtok * 0.25e6,
                    }
                )
            )
        pd.concat(parts).to_csv(tmp_path / "bill.csv", index=False)
        return str(tmp_path / "bill.csv")

    return write


@pytest.fixture
def card(tmp_path):
    def write(*rows):
        (tmp_path / "prices.csv").write_text(CARD + LIST + "".join(rows))
        return str(tmp_path / "prices.csv")

    return write


def billed(spend, **fields):
    asked = {"spend": spend, "horizon": 61, "back_test_origins": 3, **fields}
    return spend_forecast(aiecon.resolve(SpendForecastInputs(**asked)))


def listed(answer):
    return [note for note in answer.notes if note.startswith("List price")]


def test_a_step_ahead_in_a_card_moves_its_models_series_by_exactly_the_change_from_that_day_on(days, bill, card):
    asked = {"spend": bill(days), "group_by": ["x_ModelId"]}
    plain, cut = billed(**asked, rate_card=False), billed(**asked, rate_card=card(CUT_AHEAD))
    counts = plain.forecast.dates >= pd.Timestamp("2026-05-10")
    for name, change in (("small", -0.25), ("large", 0.0)):
        volume = plain.forecast.fans[name].quantiles
        np.testing.assert_allclose(cut.forecast.fans[name].quantiles, volume * (1 + change * counts), rtol=1e-12)
    (step,) = cut.bridge[cut.bridge["kind"] == "price"].to_dict("records")
    assert step["step"] == "List price of small, −25 % on 2026-05-10"
    assert step["amount"] == pytest.approx(-0.25 * plain.forecast.expected["small"][counts].sum())


def test_a_step_ahead_in_a_card_moves_a_total_by_the_change_times_the_models_share(days, bill, card):
    spend = bill(days)
    plain, cut = billed(spend, rate_card=False), billed(spend, rate_card=card(CUT_AHEAD))
    counts = plain.forecast.dates >= pd.Timestamp("2026-05-10")
    share = 2.0 / (2.0 + 0.5 * 8.0)
    volume = plain.forecast.fans["total"].quantiles
    moved = cut.forecast.fans["total"].quantiles - volume
    np.testing.assert_allclose(moved, -0.25 * share * volume * counts, rtol=1e-9, atol=1e-9)


def test_a_card_without_a_step_says_what_no_card_says(days, bill, card):
    spend = bill(days)
    with_card, without = billed(spend, rate_card=card()), billed(spend, rate_card=False)
    assert with_card.total == without.total
    assert with_card.bridge.equals(without.bridge)
    assert without.inputs.rate_card is None
    assert with_card.inputs.model_dump(mode="json")["rate_card"].endswith("prices.csv")


def test_a_history_whose_price_fell_is_forecast_as_if_it_had_always_been_the_last(days, bill, card):
    """The forecast of volume is that of the bill at the last price throughout."""
    always = billed(bill(days, small=1.0, later=1.0), group_by=["x_ModelId"], rate_card=False)
    steps = card("maker,small,1,1,2026-02-01,price page,2026-02-01,published,\n")
    fell = billed(bill(days, small=2.0, later=1.0), group_by=["x_ModelId"], rate_card=steps)
    np.testing.assert_allclose(fell.forecast.expected, always.forecast.expected, rtol=1e-9)
    assert listed(fell) == ["List price of small: −50 % on 2026-02-01; earlier spend is read at the new price"]
    assert fell.forecast.history["small"].iloc[0] == pytest.approx(2 * always.forecast.history["small"].iloc[0])


def test_a_step_that_the_bill_does_not_follow_does_not_count_and_is_noted(days, bill, card):
    spend, steps = bill(days), card("maker,small,1,1,2026-02-01,price page,2026-02-01,published,\n")
    found = billed(spend, rate_card=steps)
    assert found.total == billed(spend, rate_card=False).total
    assert listed(found) == [
        "List price of small: −50 % on 2026-02-01; the bill does not follow it, so it does not count"
    ]


def test_rows_of_the_shipped_card_after_the_history_are_not_read(days, bill, tmp_path):
    """gpt-4o halved on 2024-11-28, four weeks after these charges end; whoever keeps a copy knew it."""
    early = days.assign(date=pd.date_range("2024-07-04", periods=len(days)))
    spend = bill(early, names=("gpt-4o", "gpt-4o-2024-05-13"))
    shipped, none = billed(spend), billed(spend, rate_card=False)
    assert shipped.total == none.total
    assert listed(shipped) == []
    (tmp_path / "copy.csv").write_bytes(resources.path("data/prices/token_prices.csv").read_bytes())
    own = billed(spend, rate_card=str(tmp_path / "copy.csv"))
    assert [step for step in own.bridge["step"] if step.startswith("List price of gpt-4o")]


def test_a_card_is_not_read_for_a_history_without_models(days):
    found = spend_forecast(
        aiecon.resolve(SpendForecastInputs(history=points(days), rate_card="no.csv", back_test_origins=3))
    )
    assert found.total == answer(days).total


def test_a_card_that_is_true_is_refused():
    with pytest.raises(InputError, match="rate_card"):
        SpendForecastInputs(spend="bill.csv", rate_card=True)


def test_factors_and_misses_of_the_sample_close(sample_answer):
    factors, missed = sample_answer.factors, sample_answer.why_missed
    volumes = sample_answer.facts["volumes"].groupby("month")["cost"].sum()
    assert factors["effect"].sum() == pytest.approx(volumes.iloc[-3:].sum() - volumes.iloc[-6:-3].sum())
    assert missed["amount"].iloc[:-1].sum() == pytest.approx(missed["amount"].iloc[-1])
    assert missed["amount"].iloc[-1] == pytest.approx(sample_answer.last_forecast["actual"].sum())
    assert answer_without_tokens().factors is None


def answer_without_tokens():
    return spend_forecast(
        SpendForecastInputs(history=[{"date": f"2026-01-{day:02}", "value": 1 + day % 7} for day in range(1, 32)])
    )


def test_the_full_profile_tries_every_method():
    assert set(SpendForecastInputs.model_fields["compare"].default) == set(METHODS)
