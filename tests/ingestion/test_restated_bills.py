"""A bill exported again with other amounts is refused; corrections and parts of one export are loaded."""

from decimal import Decimal

import pytest
import spend_scene as scene

from aiecon.ingestion import store

METERS = ("gpt-5 input", "gpt-5 output")


def rows(days=range(1, 11), times="1", quantity="100", meters=METERS, **other):
    """One charge a day and meter: day + 10 of the currency times `times`."""
    return [
        {
            "BilledCost": f"{(day + 10) * Decimal(times):f}",
            "BillingCurrency": "USD",
            "ChargePeriodStart": f"2026-03-{day:02}",
            "ChargePeriodEnd": f"2026-03-{day + 1:02}",
            "ChargeCategory": "Usage",
            "ProviderName": "OpenAI",
            "BillingAccountId": "B1",
            "SubAccountId": "one",
            "ServiceName": "OpenAI API",
            "SkuMeter": meter,
            "ConsumedQuantity": quantity,
            "x_Team": "Risk",
        }
        | other
        for day in days
        for meter in meters
    ]


def load(folder, first, second, turn=1):
    paths = [str(scene.to_csv(folder / name, made)) for name, made in (("a.csv", first), ("b.csv", second))]
    return store.load(paths[::turn], to=str(folder / "store"))


@pytest.mark.parametrize("turn", [1, -1])
@pytest.mark.parametrize("quantity", ["100", ""])
def test_a_restated_month_is_refused_with_its_amounts(quantity, turn, tmp_path):
    made = load(tmp_path, rows(quantity=quantity), rows(quantity=quantity, times="1.03"), turn)
    (problem,) = made.problems
    assert "one bill of OpenAI twice, restated: of the charges that both have 20, 2026-03-01 to 2026-03-10" in problem
    assert "310.00" in problem
    assert "319.30" in problem
    assert "leave out the older" in problem
    assert not made.is_written


def test_a_restated_month_is_refused_against_a_store_which_stays(tmp_path):
    (first,) = (str(scene.to_csv(tmp_path / "a.csv", rows())),)
    store.load([first], to=str(tmp_path / "store"))
    made = load(tmp_path, rows(), rows(times="1.03"))
    assert not made.is_written
    assert f"to replace it, load all other sources and {tmp_path}/b.csv into a new store" in made.problems[0]


def test_an_export_that_had_an_open_day_is_named_as_the_older(tmp_path):
    early = [*rows(range(1, 10)), *rows([10], times="0.4", quantity="31")]
    (problem,) = load(tmp_path, early, rows(range(1, 20))).problems
    assert "charges that both have 2, 2026-03-10 to 2026-03-10" in problem
    assert problem.endswith(f"leave out {tmp_path}/a.csv, since {tmp_path}/b.csv reaches further")


def test_the_same_amounts_under_the_number_of_an_invoice_are_one_bill(tmp_path):
    (problem,) = load(tmp_path, rows(InvoiceId=""), rows(InvoiceId="INV-3")).problems
    assert "are told otherwise (both 310.00, other cells)" in problem


@pytest.mark.parametrize(
    "other",
    [
        {"ChargeClass": "Correction", "times": "0.03"},
        {"times": "-0.1"},
        {"SubAccountId": "two"},
        {"BillingAccountId": "B2"},
        {"ServiceName": "Azure OpenAI", "SkuMeter": "gpt-5", "times": "0.8"},
        {"meters": ("text-embedding-3 input",)},
        {"x_Team": "HR", "quantity": "70", "times": "0.8"},
        {"x_Team": "HR", "quantity": "", "times": "1.7"},
    ],
    ids=lambda other: ", ".join(other.values()) if "meters" not in other else "another meter",
)
def test_corrections_and_parts_of_an_export_are_loaded_and_no_doubt_is_cast_on_them(other, tmp_path):
    made = load(tmp_path, rows(), rows(**other))
    assert (made.problems, made.bills, made.is_written) == ([], [], True)


def test_the_same_charges_of_other_quantities_and_amounts_are_told(tmp_path):
    made = load(tmp_path, rows(), rows(quantity="31", times="0.3"))
    (pair,) = made.bills
    assert made.is_written
    assert {part.cost for part in pair.parts} == {Decimal(310), Decimal(93)}


def test_a_bill_tagged_anew_is_told(tmp_path):
    made = load(tmp_path, rows(), rows(x_Team="Treasury"))
    assert len(made.bills) == 1
