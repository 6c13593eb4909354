"""What is asked for beside the charges: the ramp from showback to chargeback, and what traces cost."""

import json
from dataclasses import replace
from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import LAW

import aiecon
from aiecon.errors import InputError
from aiecon.models.spend_review.charged import carried, charged
from aiecon.report.pages import spend_review as page

ROWS = [("2026-01-05", "a", 100.0), ("2026-02-05", "a", 50.0), ("2026-03-31", "b", 30.0), ("2026-02-10", None, 18.0)]


@pytest.fixture
def ask(tmp_path):
    def asked(currency="USD", **fields):
        frame = pd.DataFrame(ROWS, columns=["day", "x_Team", "BilledCost"])
        start = pd.to_datetime(frame.pop("day"))
        end = start + pd.Timedelta(days=1)
        frame.assign(BillingCurrency=currency, ChargePeriodStart=start, ChargePeriodEnd=end).to_csv(
            tmp_path / "bill.csv", index=False
        )
        return aiecon.ask("spend_review", inputs={"spend": str(tmp_path / "bill.csv"), **fields})

    return asked


def said(block):
    return block.html.replace("\N{NO-BREAK SPACE}", " ")


def figures(answer):
    return {metric.key: metric.value for metric in answer.summary()}


def test_without_a_chargeback_costs_are_shown(ask):
    answer = ask()
    assert answer.charged is None
    assert "charged_cost" not in figures(answer)
    assert "Shown, not charged." in said(page.who(answer))


def test_the_ramp_charges_each_month_at_its_share_to_the_cent(ask):
    answer = ask(chargeback={"since": "2025-08-01"})  # January is its 6th month, February the 7th
    charged = answer.charged.set_index("team")["charged"]
    assert charged["a"] == 34  # half of February's 50 and of all of the 18 that nobody else can be given in it
    assert charged["b"] == 15  # half of March's 30
    assert figures(answer)["charged_cost"] == pytest.approx(charged.sum())
    assert "50 % from month 7" in said(page.who(answer))
    assert page.who(answer).content["columns"][-1] == "Charged"


def test_a_quarter_is_charged_what_its_months_are_one_by_one(ask):
    asked = {"since": "2025-08-01", "ramp": [{"from_month": 1, "share": 0.1}, {"from_month": 7, "share": 0.333}]}
    quarter, *months = [ask(chargeback=asked, period=f"2026-{part}") for part in ("Q1", "01", "02", "03")]
    assert Decimal(str(quarter.charged_cost)) == sum(Decimal(str(month.charged_cost)) for month in months)
    parts = pd.concat([month.charged for month in months]).groupby("team")["charged"].sum().round(2)
    assert quarter.charged.set_index("team")["charged"].to_dict() == parts.to_dict()


@LAW
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["2026-01-05", "2026-02-10", "2026-03-31"]),
            st.sampled_from(["a", "b", "c", None]),
            st.integers(-(10**6), 10**8).map(lambda parts: parts / 10_000),
        ),
        min_size=1,
    ),
    st.sampled_from(["even", "proportional", "shapley"]),
    st.integers(-8, 4),
)
def test_months_are_whole_cents_cells_add_up_to_the_invoice_and_months_to_the_quarter(lines, method, shift):
    every = pd.DataFrame(lines, columns=["when", "x_Team", "billed"]).assign(
        when=lambda rows: pd.to_datetime(rows["when"])
    )
    every = pd.concat([every, pd.DataFrame({"when": [pd.Timestamp("2025-12-01")], "x_Team": "a", "billed": 1e5})])
    rows = every[every["when"] >= "2026-01-01"]
    since = (pd.Timestamp("2026-01-01") + pd.DateOffset(months=shift)).date()

    def asked(part):
        table = carried(part, every, dimension="x_Team", method=method)
        return table.assign(charged=charged(table, since=since, ramp=((1, 0.0), (2, 0.3), (5, 0.75))))

    whole, parts = asked(rows), [asked(part) for _, part in rows.groupby("when")]
    assert whole["charged"].sum() == sum((part["charged"].sum() for part in parts), Decimal(0))
    for month, part in rows.groupby(rows["when"].dt.to_period("M")):
        cells = whole.loc[whole["month"] == month, "total"]
        assert cells.sum() == Decimal(str(round(part["billed"].sum(), 9))).quantize(Decimal("0.01"))
        assert all(cell == cell.quantize(Decimal("0.01")) for cell in cells)


@pytest.mark.parametrize(("since", "share"), [("2026-05-01", 0.0), ("2026-01-01", 0.0), ("2024-01-01", 1.0)])
def test_before_showback_nothing_and_at_the_end_all_is_charged(ask, since, share):
    answer = ask(chargeback={"since": since})
    assert answer.charged_cost == pytest.approx(share * answer.billed_cost)


def test_a_ramp_of_ones_own_and_what_is_wrong_with_one(ask):
    ramp = [{"from_month": 1, "share": 0.25}]
    assert ask(chargeback={"since": "2026-01-01", "ramp": ramp}).charged_cost == pytest.approx(0.25 * 198)
    with pytest.raises(InputError, match="months must rise from 1"):
        ask(chargeback={"since": "2026-01-01", "ramp": [{"from_month": 3, "share": 0.5}]})
    with pytest.raises(InputError, match=r"chargeback\.ramp"):
        ask(chargeback={"since": "2026-01-01", "ramp": [{"from_month": 1, "share": 1.5}]})


TABLE = """trace_id,span_id,parent_id,name,cost,input_tokens
t1,1,,resolve,0,
t1,2,1,search,0.10,1000
t1,3,1,search,0.20,1000
t1,4,1,write,0.50,4000
t2,1,,draft,0,
t2,2,1,write,0.05,500
"""


def test_spans_of_a_table_roll_up_to_workflow_and_step(ask, tmp_path):
    (tmp_path / "spans.csv").write_text(TABLE)
    answer = ask(spans=str(tmp_path / "spans.csv"))
    found = figures(answer)
    assert found["trace_cost"] == pytest.approx(0.85)
    assert found["trace_retry_cost"] == pytest.approx(0.20)
    assert found["context_growth"] == pytest.approx(4)
    assert found["dearest_branch"] == "resolve > write"
    assert answer.traced.workflows.to_numpy().tolist() == [["resolve", 1, pytest.approx(0.8)], ["draft", 1, 0.05]]
    names = [row[0] for row in page.traces(answer).content["rows"]]
    assert names == ["resolve", "– write", "– search", "draft", "– write"]
    assert "4.00 times" in said(page.traces(answer))


def span(own, name, parent=None, **attributes):
    named = {f"gen_ai.{key}": value for key, value in attributes.items()}
    start = f"2026-03-02T09:0{own}:00Z"
    return {
        "traceId": "t",
        "spanId": own,
        "parentSpanId": parent,
        "name": name,
        "startTime": start,
        "attributes": named,
    }


CALL = {"operation.name": "chat", "provider.name": "openai", "request.model": "gpt-5"}
SPANS = [
    span("1", "invoke_agent", **{"operation.name": "invoke_agent"}),
    span("2", "chat", "1", **CALL, **{"usage.input_tokens": 1_000_000, "usage.output_tokens": 0}),
    span("3", "execute_tool", "1", **{"operation.name": "execute_tool"}),
    span("4", "chat", "1", **CALL, **{"usage.input_tokens": 2_000_000, "usage.output_tokens": 100_000}),
]


def test_spans_of_opentelemetry_are_priced_and_rolled_up(ask, tmp_path):
    (tmp_path / "spans.jsonl").write_text("\n".join(json.dumps(one) for one in SPANS))
    found = figures(ask(spans=str(tmp_path / "spans.jsonl")))
    assert found["trace_cost"] == pytest.approx(3 * 1.25 + 0.1 * 10)
    assert found["context_growth"] == pytest.approx(2)
    assert found["dearest_branch"] == "invoke_agent > chat"
    with pytest.raises(InputError, match="is priced in USD, the charges are in EUR"):
        ask(currency="EUR", spans=str(tmp_path / "spans.jsonl"))


def test_spans_after_the_day_or_outside_the_period_are_not_read_and_said(ask, tmp_path):
    days = ["2026-01-10", "2026-01-20", "2026-01-21", "2027-01-01"]
    rows = "".join(f"t{place},1,,call,1.00,{day}\n" for place, day in enumerate(days))
    (tmp_path / "spans.csv").write_text("trace_id,span_id,parent_id,name,cost,start\n" + rows)
    answer = ask(spans=str(tmp_path / "spans.csv"), as_of="2026-01-20", period="2026-01")
    assert figures(answer)["trace_cost"] == 2
    assert "Spans that start outside the period or after 2026-01-20: 2, not read" in answer.notes


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("spans.csv", "trace_id,span_id\nt,1\n", "column 'parent_id' is missing"),
        ("spans.csv", TABLE.replace("0.50", "x"), "'x'"),
        ("spans.csv", TABLE + "t2,2,1,write,0.05,500\n", "repeats trace_id"),
        ("spans.json", '[{"name": "a"}]', "startTimeUnixNano"),
        ("spans.jsonl", '{"traceId": "t"\n{', "truncated"),
        ("none.jsonl", None, "no such file"),
    ],
)
def test_spans_that_are_none_are_refused_in_words(ask, tmp_path, name, text, words):
    if text is not None:
        (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match=words):
        ask(spans=str(tmp_path / name))


def test_what_floats_leave_of_cost_without_an_owner_is_nothing(ask):
    answer = ask()
    dust = answer.rows.head(1).assign(x_Team="(not tagged)", billed=3e-16, effective=3e-16)
    owned = pd.concat([answer.rows[answer.rows["x_Team"] != "(not tagged)"], dust], ignore_index=True)
    found = replace(answer, rows=owned, before=owned.iloc[:0])
    assert found.phantom_cost == 0
    assert "(not tagged)" not in set(found.to_frame()["item"])
    assert set(answer.to_frame()["item"]) >= set(found.to_frame()["item"])
