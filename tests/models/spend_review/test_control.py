"""Charges held against invoices and against what gateways recorded."""

import pandas as pd
import pytest

import aiecon
from aiecon.errors import InputError
from aiecon.report.pages import spend_review as page

# day, team, account, model, tokens, billed
ROWS = [
    ("2026-01-10", "a", "main", "gpt-5-2025-08-07", 1_000_000, 10.00),
    ("2026-01-11", None, "card", "gpt-5-2025-08-07", 500_000, 5.00),
    ("2026-02-03", "b", "main", "big", 2_000_000, 8.00),
    ("2026-03-31", "b", "main", "huge", 1_000_000, 4.01),
    ("2026-03-31", None, "seats", None, 0, 20.00),
]
LOG = [("2026-01-10", "a", "openai/GPT-5", 1_000_000), ("2026-02-04", "b", "big", 1_000_000)]


def bill(more=()):
    rows = [*ROWS, *more]
    frame = pd.DataFrame(rows, columns=["day", "x_Team", "SubAccountName", "x_ModelId", "x_InputTokens", "BilledCost"])
    start = pd.to_datetime(frame.pop("day"))
    return frame.assign(
        BillingCurrency="USD",
        ChargePeriodStart=start,
        ChargePeriodEnd=start + pd.Timedelta(days=1),
        ProviderName="Vendor",
        x_Layer=["saas" if row[2] == "seats" else "model" for row in rows],
        ServiceName="svc",
    )


@pytest.fixture
def ask(tmp_path):
    def asked(*, log=None, invoices=None, ending="parquet", more=(), **fields):
        path = tmp_path / f"bill.{ending}"
        bill(more).to_parquet(path) if ending == "parquet" else bill(more).to_csv(path, index=False)
        if log is not None:
            pd.DataFrame(log, columns=["date", "team", "model", "input_tokens"]).to_csv(
                tmp_path / "log.csv", index=False
            )
            fields["gateway"] = str(tmp_path / "log.csv")
        if invoices is not None:
            lines = "\n".join(f"Vendor,{month},{amount},{code}" for month, amount, code in invoices)
            (tmp_path / "invoices.csv").write_text(f"provider,month,amount,currency\n{lines}\n")
            fields["invoice"] = str(tmp_path / "invoices.csv")
        return aiecon.ask("spend_review", inputs={"spend": str(path), **fields})

    return asked


def summary(answer):
    return {metric.key: metric for metric in answer.summary()}


def test_charges_of_models_without_a_record_are_shadow_and_seats_are_not(ask):
    answer = ask(log=LOG)
    assert answer.gateway_match == ["x_ModelId", "x_Team"]
    table = answer.shadow.set_index("SubAccountName")
    assert table.loc["card", ["why", "billed"]].tolist() == ["no record", 5.0]
    models = answer.shadow.set_index("x_ModelId")
    assert models.loc["huge", ["why", "billed"]].tolist() == ["no record", 4.01]
    assert models.loc["big", ["why", "billed"]].tolist() == ["more than recorded", 4.0]
    assert summary(answer)["shadow_cost"].value == pytest.approx(13.01)


@pytest.mark.parametrize("amount", [-10.0, -27.5, -60.0])
def test_the_share_of_shadow_stays_a_share_whatever_is_taken_off_the_bill(ask, amount):
    more = [("2026-03-31", "b", "main", "huge", 0, amount), ("2026-03-31", None, "main", "other", 0, amount)]
    answer = ask(log=LOG[1:], more=more)
    assert answer.model_use_cost == pytest.approx(23)  # what the refund leaves of huge is below zero
    assert 0 < answer.shadow_share <= 1
    assert summary(answer)["shadow_share"].value == answer.shadow_share
    assert page.shadow(answer).content["columns"][-1] == "Share of model use"


def test_a_log_of_everything_leaves_no_shadow(ask):
    log = [(day, team, model or "none", tokens) for day, team, _, model, tokens, _ in ROWS]
    assert ask(log=log).shadow_cost == 0


def test_a_tolerance_forgives_what_the_log_lacks(ask):
    answer = ask(log=LOG, gateway_tolerance=0.6)
    assert "big" not in set(answer.shadow["x_ModelId"])


def test_by_model_alone_a_model_of_two_owners_is_shared(ask):
    answer = ask(log=LOG, gateway_match=["x_ModelId"])
    gpt = answer.shadow.query("x_ModelId == 'gpt-5-2025-08-07'")
    assert gpt["billed"].sum() == pytest.approx(5.0)
    assert set(gpt["why"]) == {"more than recorded"}


def test_columns_to_match_by_that_one_side_lacks_are_named(ask):
    with pytest.raises(InputError) as error:
        ask(log=LOG, gateway_match=["x_ModelId", "x_Nope"])
    assert [problem.split(" is no column")[0] for problem in error.value.problems] == ["gateway_match: x_Nope"] * 2
    with pytest.raises(InputError, match="name the gateway"):
        ask(gateway_match=["x_ModelId"])


def test_the_phantom_bill_by_layer_adds_up_and_says_what_of_it_is_shadow(ask):
    table = ask(log=LOG).phantom_layers.set_index("layer")
    assert table["known"].sum() == pytest.approx(47.01)
    assert (table["known"] - table["attributed"]).tolist() == table["phantom"].tolist()
    assert table.loc["model", ["phantom", "shadow"]].tolist() == pytest.approx([5.0, 13.01])
    assert table.loc["saas", "shadow"] == 0


def test_without_records_shadow_is_unknown_and_says_what_is_needed(ask):
    found = summary(ask())["shadow_cost"]
    assert found.value is None
    assert "gateway names a log" in found.note


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a,b\n1,2\n", ["column 'date' is missing", "column 'model' is missing"]),
        ("date,model\n4/1/25,m\n", ["'4/1/25'"]),
    ],
)
def test_a_log_that_is_none_is_refused_in_words(ask, tmp_path, text, words):
    (tmp_path / "other.csv").write_text(text)
    with pytest.raises(InputError) as error:
        ask(gateway=str(tmp_path / "other.csv"))
    for word in words:
        assert word in str(error.value)


@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_invoices_of_the_period_agree_to_the_cent(ask, ending):
    answer = ask(
        invoices=[("2026-01", "15.00", "USD"), ("2026-02", "8", "USD"), ("2026-03", "24.01", "USD")], ending=ending
    )
    assert answer.reconciled["unexplained"].tolist() == [0, 0, 0]
    assert summary(answer)["unexplained_cost"].value == 0
    block = page.invoices(answer)
    assert block.content["title"] == "Reconciled to the cent"
    assert "3 invoices of 1 provider, 47.01 USD" in block.html
    assert "Nothing here was held against an invoice" not in page.method(answer).html


def test_an_invoice_that_is_off_is_a_thing_to_decide(ask):
    answer = ask(invoices=[("2026-01", "25.50", "USD"), ("2026-02", "8.00", "USD"), ("2025-12", "1", "USD")])
    assert answer.unexplained_cost == pytest.approx(10.50)
    assert page.verdict(answer) == "act"
    assert "Clear the Vendor invoice of 2026-01" in page.decision(answer).html
    block = page.invoices(answer)
    assert block.content["rows"][0] == ["Vendor, 2026-01", "15.00", "25.50", "10.50", "–", "10.50"]
    assert "on no invoice here" in block.html.replace("\N{NO-BREAK SPACE}", " ")


def test_invoices_of_other_months_or_currencies_are_told(ask):
    assert "nothing was reconciled" in page.invoices(ask(invoices=[("2025-01", "1", "USD")])).html
    with pytest.raises(InputError, match="the charges are in USD"):
        ask(invoices=[("2026-01", "1", "EUR")])
    with pytest.raises(InputError, match="'month': row 2"):
        ask(invoices=[("4/1/25", "1", "USD")])


@pytest.fixture(scope="module")
def sample(sample_answers):
    return sample_answers("spend_review")


def test_the_sample_reconciles_and_its_card_account_is_the_shadow(sample):
    assert not sample.reconciled[["difference", "unexplained"]].to_numpy().any()
    assert sample.shadow["SubAccountName"].tolist() == ["Card account of Marketing"]
    assert sample.shadow_cost == pytest.approx(sample.phantom_layers["phantom"].iloc[0])
