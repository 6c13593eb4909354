from dataclasses import replace

import pandas as pd
import pytest

from aiecon.report import blocks
from aiecon.report.pages import spend_forecast as page

MISSED = {"expected": 300.0, "price": -120.0, "mix": 0.0, "event": 0.0, "volume": 30.0, "actual": 210.0}


def missing(answer, **amounts):
    rows = {**MISSED, **amounts}
    return replace(answer, why_missed=pd.DataFrame({"step": list(rows), "amount": list(rows.values())}))


def test_the_factors_are_shown_with_their_effects_and_the_sum_of_these(sample_answer):
    content = page.factors(sample_answer).content
    assert content["columns"] == ["Factor", "Q4 2025", "Q1 2026", "Change %", "Effect, USD"]
    *shown, total = content["rows"]
    assert [row[0].split(",")[0] for row in shown] == ["Requests", "Tokens per request", "Price"]
    assert "USD/Mtok" in shown[-1][0]
    assert total[0] == "Spend on tokens"
    effect = sample_answer.factors["effect"].sum()
    assert float(total[-1].replace(",", "").replace("−", "-")) == pytest.approx(effect, abs=0.5)


def test_the_miss_is_shown_without_what_did_nothing_and_names_the_largest(sample_answer):
    content = page.why_missed(missing(sample_answer)).content
    assert [row[0] for row in content["rows"]] == ["Expected then", "Price of the same models", "Volume", "Actual"]
    assert content["note"].startswith("Most of it is price of the same models: 120 USD less than expected.")
    dearer = page.why_missed(missing(sample_answer, event=500.0)).content
    assert dearer["note"].startswith("Most of it is known events: 500 USD more than expected.")


def test_what_is_not_known_is_not_shown(sample_answer):
    facts = {**sample_answer.facts, "volumes": sample_answer.facts["volumes"].head(0)}
    unknown = replace(sample_answer, facts=facts, why_missed=sample_answer.why_missed.head(0))
    assert page.factors(unknown).kind == page.why_missed(unknown).kind == blocks.nothing().kind


def test_the_bridge_table_starts_from_the_budget(sample_answer):
    rows = page.bridge(sample_answer).content["rows"]
    assert [row[0] for row in rows[:3]] == ["Budget", "Over or under the budget", sample_answer.bridge["step"].iloc[0]]
    free = replace(sample_answer, inputs=sample_answer.inputs.model_copy(update={"budget": None}))
    assert [row[0] for row in page.bridge(free).content["rows"]] == list(sample_answer.bridge["step"])
