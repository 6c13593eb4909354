"""What is behind a day that stands out: its rows, its driver, and price changes that are known."""

import json

import numpy as np
import pandas as pd
import pytest

import aiecon
from aiecon.errors import InputError
from aiecon.models.spend_review.drivers import DRIVERS
from aiecon.report.pages import spend_review as page

DAY = pd.Timestamp("2026-03-11")  # a Wednesday
TOKENS = {("a", "big"): 10e6, ("a", "small"): 20e6, ("b", "small"): 40e6}
PRICES = {"big": 5.0, "small": 0.5}


def charges(change=lambda frame: frame):
    """Ninety days of two teams, with a week and a little noise; `change` plants something."""
    draw = np.random.default_rng(3)
    rows = [
        (day, team, model, tokens * (0.5 if day.dayofweek > 4 else 1.0) * draw.lognormal(0, 0.02))
        for day in pd.date_range("2026-01-01", "2026-03-31")
        for (team, model), tokens in TOKENS.items()
    ]
    frame = pd.DataFrame(rows, columns=["ChargePeriodStart", "x_Team", "x_ModelId", "x_InputTokens"])
    frame["price"] = frame["x_ModelId"].map(PRICES)
    frame = change(frame.assign(x_Environment="prod", SubAccountId="project-1"))
    cost = (frame["x_InputTokens"] / 1e6 * frame.pop("price")).round(6)
    return frame.assign(
        BilledCost=cost,
        BillingCurrency="USD",
        ChargePeriodEnd=frame["ChargePeriodStart"] + pd.Timedelta(days=1),
        x_InputTokens=frame["x_InputTokens"].round().astype("int64"),
    )


def times(factor, column, *, team="a", model="big", since=None):
    def change(frame):
        when = frame["ChargePeriodStart"] == DAY if since is None else frame["ChargePeriodStart"] >= since
        where = when & (frame["x_Team"] == team) & (frame["x_ModelId"] == model)
        return frame.assign(**{column: frame[column].where(~where, frame[column] * factor)})

    return change


@pytest.fixture
def ask(tmp_path):
    def asked(change, **fields):
        charges(change).to_parquet(tmp_path / "bill.parquet")
        return aiecon.ask("spend_review", inputs={"spend": str(tmp_path / "bill.parquet"), **fields})

    return asked


def test_the_rows_behind_a_day_add_up_to_its_excess_and_the_largest_is_named(ask):
    (spike,) = ask(times(4, "x_InputTokens")).spikes
    assert spike.date == DAY
    assert spike.cells["excess"].sum() == pytest.approx(spike.excess)
    assert spike.cells["share"].sum() == pytest.approx(1)
    assert spike.cells.iloc[0][["x_Team", "x_ModelId", "x_Environment", "SubAccountId"]].tolist() == [
        "a",
        "big",
        "prod",
        "project-1",
    ]
    assert spike.cells["excess"].iloc[0] == pytest.approx(150, rel=0.1)
    assert spike.cells["dearest"].iloc[0].startswith("row ")


def new_model(frame):
    row = frame[frame["ChargePeriodStart"] == DAY].head(1).assign(x_ModelId="huge", x_InputTokens=8e6, price=20.0)
    return pd.concat([frame, row], ignore_index=True)


def moved(frame):
    """Team a moves the tokens of its small model to the big one for a day."""
    at = (frame["ChargePeriodStart"] == DAY) & (frame["x_Team"] == "a")
    tokens = frame["x_InputTokens"].mask(at & (frame["x_ModelId"] == "small"), 0.0)
    return frame.assign(x_InputTokens=tokens.mask(at & (frame["x_ModelId"] == "big"), 30e6))


def without_tokens(frame):
    row = frame[frame["ChargePeriodStart"] == DAY].head(1).assign(x_ModelId=None, x_InputTokens=1e6, price=300.0)
    return pd.concat([frame, row], ignore_index=True)


@pytest.mark.parametrize(
    ("change", "driver"),
    [
        (times(4, "x_InputTokens"), "volume"),
        (times(4, "price"), "price"),
        (new_model, "new"),
        (without_tokens, "new"),
        (moved, "mix"),
    ],
)
def test_the_driver_is_what_was_planted_and_effects_close(ask, change, driver):
    (spike,) = ask(change).spikes
    assert spike.driver == driver
    assert set(spike.effects) == set(DRIVERS)
    assert sum(spike.effects.values()) == pytest.approx(spike.excess)
    assert spike.effects[driver] > 0.8 * spike.excess


STEP = times(2.5, "price", since=DAY)


def test_a_step_on_the_day_of_a_given_price_change_is_named_and_no_alarm(ask):
    (alarm,) = ask(STEP).alarms
    assert (alarm.date, alarm.days) == (DAY, 6)
    answer = ask(STEP, price_events=[{"date": "2026-03-11", "series": "big", "change": 1.5}])
    assert not answer.alarms
    (known,) = answer.spikes
    assert known.event.series == "big"
    assert known.explained == pytest.approx(75, rel=0.1)
    assert page.verdict(answer) == "act" if answer.attributed_share < 0.8 else page.verdict(answer) == "fine"
    said = page.stands_out(answer).html.replace("\N{NO-BREAK SPACE}", " ")
    assert "Nothing:" in said
    assert "Price of big +150 % from 2026-03-11" in said
    figures = {metric.key: metric.value for metric in answer.summary()}
    assert figures["anomalies"] == []
    assert [record["price_event"] for record in figures["price_steps"]] == ["Price of big +150 % from 2026-03-11"]
    assert page.behind(answer).content["rows"][0][1].startswith("All; no alarm: Price of big")


@pytest.mark.parametrize(
    "event",
    [
        {"date": "2026-03-12", "series": "big", "change": 1.5},  # after the day
        {"date": "2026-03-01", "series": "big", "change": 1.5},  # learnt by then
        {"date": "2026-03-11", "series": "small", "change": 1.5},  # of another model
        {"date": "2026-03-11", "series": "big", "change": 0.05},  # too small
        {"date": "2026-03-11", "series": "big", "change": -0.5},  # a fall
    ],
)
def test_a_price_change_that_cannot_explain_the_day_leaves_it_an_alarm(ask, event):
    assert [spike.date for spike in ask(STEP, price_events=[event]).alarms] == [DAY]


CARD = """provider,model,currency,input_per_mtok,output_per_mtok,effective_from,source,retrieved_on,grade
openai,big,USD,5,10,2025-01-01,list,2026-03-31,published
openai,big,USD,12.5,25,2026-03-11,list,2026-03-31,published
"""


def test_a_step_of_the_rate_card_is_known_too(ask, tmp_path):
    (tmp_path / "card.csv").write_text(CARD)
    answer = ask(STEP, rate_card=str(tmp_path / "card.csv"))
    assert not answer.alarms
    assert "List price of big" in answer.spikes[0].event.label
    assert ask(STEP, rate_card=False).alarms


def test_a_price_event_of_no_model_is_refused_with_the_nearest(ask):
    with pytest.raises(InputError, match=r"'bigg' is no model or service of the charges.*big"):
        ask(STEP, price_events=[{"date": "2026-03-11", "series": "bigg", "change": 1.5}])


def test_json_and_page_say_size_rows_and_driver(ask):
    answer = ask(times(4, "x_InputTokens"))
    (found,) = json.loads(json.dumps(aiecon.result("spend_review", answer)))["summary"]["anomalies"]
    assert (found["date"], found["driver"], found["price_event"]) == ("2026-03-11", "volume", None)
    assert found["excess"] == pytest.approx(150, rel=0.15)
    assert found["rows"][0]["x_ModelId"] == "big"
    assert found["rows"][0]["share"] == pytest.approx(1, abs=0.1)
    html = page.stands_out(answer).html + page.behind(answer).html
    assert "More tokens; a, big, prod, project-1" in html
    assert page.behind(answer).content["rows"][0][1] == "All"
    assert "Explain 2026-03-11" in page.decision(answer).html


def once(category, amount, charge_class=None):
    """Something that comes once, on the Monday before the day."""

    def change(frame):
        day = DAY - pd.Timedelta(days=2)
        row = frame.head(1).assign(
            ChargePeriodStart=day, ChargeCategory=category, ChargeClass=charge_class, x_ModelId=None
        )
        planted = times(4, "x_InputTokens")(frame).assign(ChargeCategory="Usage", ChargeClass=None)
        return pd.concat([planted, row.assign(x_InputTokens=1e6, price=amount)], ignore_index=True)

    return change


def told(answer):
    return [(spike.date, spike.excess, spike.score, spike.largest) for spike in answer.spikes]


@pytest.mark.parametrize(
    ("category", "amount", "charge_class"),
    [
        ("Credit", -5_000.0, None),
        ("Tax", 700.0, None),
        ("Purchase", 9_000.0, None),
        ("Usage", -400.0, "Correction"),
        ("Usage", 400.0, "Correction"),
        ("Usage", -60.0, None),
    ],
)
def test_what_comes_once_changes_no_alarm_of_other_days_and_is_listed_apart(ask, category, amount, charge_class):
    plain = ask(lambda frame: times(4, "x_InputTokens")(frame).assign(ChargeCategory="Usage"))
    answer = ask(once(category, amount, charge_class))
    assert told(answer) == told(plain)
    assert len(told(plain)) == 1
    (row,) = answer.once.to_dict("records")
    assert (row["billed"], row["first"]) == (amount, DAY - pd.Timedelta(days=2))
    assert "Use alone is watched; apart from it" in page.stands_out(answer).html
    assert answer.billed_cost == pytest.approx(plain.billed_cost + amount)


def test_charges_by_the_month_count_evenly_beside_those_of_a_day(tmp_path):
    frame = charges(times(8, "x_InputTokens"))
    starts = pd.date_range("2026-01-01", "2026-03-01", freq="MS")
    seats = pd.DataFrame({"ChargePeriodStart": starts, "ChargePeriodEnd": starts + pd.offsets.MonthBegin(1)})
    seats = seats.assign(BilledCost=10.0 * starts.days_in_month, BillingCurrency="USD", x_Team="b")
    pd.concat([frame, seats]).to_parquet(tmp_path / "bill.parquet")
    (spike,) = aiecon.ask("spend_review", inputs={"spend": str(tmp_path / "bill.parquet")}).spikes
    assert spike.cells["billed"].sum() == pytest.approx(spike.value)
    assert spike.cells["excess"].sum() == pytest.approx(spike.excess)
    assert spike.cells.iloc[0]["x_ModelId"] == "big"
