"""What is asked for beside the charges: the ramp from showback to chargeback, and what traces cost."""

import json

import pandas as pd
import pytest

import aiecon
from aiecon.errors import InputError
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
    assert charged["a"] == pytest.approx(165 / 3 / 2)  # 150 and 15 of the shared 18, a third of it in February
    assert charged["b"] == pytest.approx(33 / 2)
    assert figures(answer)["charged_cost"] == pytest.approx(charged.sum())
    assert "50 % from month 7" in said(page.who(answer))
    assert page.who(answer).content["columns"][-1] == "Charged"


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
t1,3,1,search,0.20,3000
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
