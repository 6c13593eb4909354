"""The mappings that ship with aiecon, and the words of a mapping file."""

import pandas as pd
import pytest
import spend_scene as scene

from aiecon.errors import InputError
from aiecon.ingestion import store
from aiecon.ingestion.adapters import mapping


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def loaded(here, rows, **options):
    scene.to_csv(here / "bill.csv", rows)
    made = store.load(["bill.csv"], to="store", **options)
    files = sorted((here / "store").rglob("*.parquet"))
    return made, pd.concat(map(pd.read_parquet, files), ignore_index=True)


def cur_rows(**kinds):
    """A day of Bedrock by AWS line item type and cost; what is no use has neither meter nor amount."""
    first = scene.cur_rows()[0] | {"resource_tags": '{"user_team": "search"}'}
    silent = dict.fromkeys(("line_item_usage_type", "line_item_usage_amount", "pricing_unit"), "")
    return [
        first
        | ({} if kind == "Usage" else silent)
        | {"line_item_line_item_type": kind, "line_item_unblended_cost": cost}
        for kind, cost in kinds.items()
    ]


def test_line_item_types_of_aws_are_categories_of_focus_and_tags_are_kept(here):
    rows = cur_rows(Usage="2.00", Tax="0.18", Credit="-0.50", Refund="-0.10", RIFee="9.00", EdpDiscount="-0.20")
    _, frame = loaded(here, rows)
    found = {str(row.BilledCost.normalize()): row.ChargeCategory for row in frame.itertuples()}
    assert found == {
        "2": "Usage",
        "0.18": "Tax",
        "-0.5": "Credit",
        "-0.1": "Credit",
        "9": "Purchase",
        "-0.2": "Adjustment",
    }
    assert frame.set_index("ChargeCategory")["x_Layer"].dropna().to_dict() == {"Usage": "model", "Purchase": "model"}
    assert set(frame["Tags"]) == {'{"user_team": "search"}'}


def test_an_aws_invoice_with_tax_and_credits_reconciles(here):
    month = scene.ANTHROPIC[0].moment.strftime("%Y-%m")
    (here / "invoices.csv").write_text(f"provider,month,amount,currency,credits,tax\nAWS,{month},1.68,USD,-0.50,0.18\n")
    made, _ = loaded(here, cur_rows(Usage="2.00", Tax="0.18", Credit="-0.50"), invoice="invoices.csv")
    (one,) = made.reconciled
    assert (made.problems, one.unexplained) == ([], 0)


def test_charge_types_of_azure_are_categories_of_focus(here):
    first = scene.azure_rows()[0]
    kinds = {"Usage": "Usage", "purchase": "Purchase", "Refund": "Credit", "UnusedReservation": "Usage", "": "Usage"}
    rows = [first | {"chargeType": kind, "costInBillingCurrency": str(place)} for place, kind in enumerate(kinds)]
    _, frame = loaded(here, rows)
    assert frame.sort_values("BilledCost")["ChargeCategory"].tolist() == list(kinds.values())


def test_a_word_that_a_mapping_does_not_list_is_refused_and_named(here):
    made, frame = loaded(here, cur_rows(Usage="2.00", Banana="1.00"))
    (one,) = made.refused
    assert (one.row, one.column, len(frame)) == (3, "line_item_line_item_type", 1)
    assert "has 'Banana', one of Usage, DiscountedUsage" in one.reason
    assert one.reason.endswith("add it to the mapping's values")


def test_a_mapping_with_an_empty_table_of_values_is_refused(here):
    (here / "my.toml").write_text('name = "mine"\n[columns]\nx_Team = { column = "t", values = {} }\n')
    (here / "bill.csv").write_text("t\na\n")
    with pytest.raises(InputError, match=r"columns.x_Team.values"):
        store.load(["my.toml:bill.csv"], to="store")


def test_all_that_is_wrong_with_a_mapping_is_told_with_its_name_and_the_nearest_column(tmp_path):
    (tmp_path / "m.toml").write_text(
        "name = 'm'\n[columns]\nBilledCost = 'cost'\nChargePeriodStrt = 'day'\n"
        "x_InputTokens = {column = 'tokens', unit = 'M'}\n"
    )
    with pytest.raises(InputError) as caught:
        mapping.load(tmp_path / "m.toml", name="m.toml")
    column, needed, unit = caught.value.problems
    assert column == "m.toml: columns.ChargePeriodStrt is no column of the store; did you mean ChargePeriodStart?"
    assert unit.startswith("m.toml: columns.x_InputTokens.unit: unit 'M' can be a thousand or a million")
    assert needed.startswith("m.toml: BillingCurrency, ChargePeriodStart, ProviderName must be given")
