"""Use that is billed or loaded with another month than its own explains what an invoice differs by, to the cent."""

from decimal import Decimal

import pytest

from aiecon.ingestion import store

COLUMNS = (
    "BilledCost,BillingCurrency,ChargePeriodStart,ChargePeriodEnd,BillingPeriodStart,BillingPeriodEnd,"
    "ChargeCategory,ProviderName,ServiceCategory,ChargeDescription"
)
MONTHS = {"01": "2026-02-01", "02": "2026-03-01", "03": "2026-04-01"}


def charge(cost, *, used, billed, category="Usage"):
    start, end = f"2026-{billed}-01", MONTHS[billed]
    what = f"{category},Vendor,AI and Machine Learning,{used} {cost}"
    return f"{cost},USD,2026-{used},{start if billed != used[:2] else end},{start},{end},{what}"


def load(folder, invoiced, **files):
    for name, rows in files.items():
        (folder / f"{name}.csv").write_text("\n".join([COLUMNS, *rows]) + "\n")
    lines = [f"Vendor,2026-{month},{amount},USD" for month, amount in invoiced.items()]
    (folder / "invoices.csv").write_text("\n".join(["provider,month,amount,currency", *lines]) + "\n")
    sources = [str(folder / f"{name}.csv") for name in files]
    made = store.load(sources, to=str(folder / "store"), invoice=str(folder / "invoices.csv"), tolerance=0.0)
    return {one.month[-2:]: one for one in made.reconciled}, made


JANUARY = [charge("100.00", used="01-05", billed="01"), charge("50.00", used="01-31", billed="02")]
FEBRUARY = [charge("200.00", used="02-05", billed="02")]


def test_use_billed_a_month_later_is_late_where_the_invoices_have_it_in_its_own_month(tmp_path):
    found, made = load(tmp_path, {"01": "150.00", "02": "200.00"}, bill=[*JANUARY, *FEBRUARY])
    assert found["01"].explained == {"late usage": Decimal(50)}
    assert found["02"].explained == {"late usage": Decimal(-50)}
    assert made.is_written
    assert not made.problems


def test_use_billed_a_month_later_explains_nothing_where_the_invoices_agree(tmp_path):
    found, _ = load(tmp_path, {"01": "100.00", "02": "250.00"}, bill=[*JANUARY, *FEBRUARY])
    assert [one.explained for one in found.values()] == [{}, {}]


def test_use_of_a_month_that_came_with_the_next_file_is_late(tmp_path):
    late = charge("30.00", used="01-30", billed="01")
    found, _ = load(tmp_path, {"01": "100.00", "02": "230.00"}, january=JANUARY[:1], february=[*FEBRUARY, late])
    assert found["01"].explained == {"late usage": Decimal(-30)}
    assert found["02"].explained == {"late usage": Decimal(30)}


def test_late_usage_stands_beside_credits_and_rounding(tmp_path):
    rows = [*JANUARY, *FEBRUARY, charge("-20.00", used="01-20", billed="01", category="Credit")]
    found, _ = load(tmp_path, {"01": "150.01", "02": "200.00"}, bill=rows)
    assert found["01"].explained == {"credits": Decimal(20), "late usage": Decimal(50), "rounding": Decimal("0.01")}


@pytest.mark.parametrize("invoiced", ["110.00", "124.99"])
def test_a_difference_that_late_usage_only_grazes_stays_unexplained(tmp_path, invoiced):
    found, made = load(tmp_path, {"01": invoiced}, bill=[*JANUARY, *FEBRUARY])
    assert found["01"].explained == {}
    assert not made.is_written
    assert "unexplained" in made.problems[0]


@pytest.mark.parametrize("amount", ["110.00", "113.00"])
def test_credits_that_no_invoice_states_explain_the_whole_difference_or_nothing(amount, tmp_path):
    """Loaded 80 with a credit of 20: 100 is the invoice before the credit, 110 and 113 are something else."""
    rows = [charge("100.00", used="01-05", billed="01"), charge("-20.00", used="01-20", billed="01", category="Credit")]
    found, made = load(tmp_path, {"01": amount}, bill=rows)
    assert found["01"].explained == {}
    assert made.problems
    found, made = load(tmp_path, {"01": "100.00"}, bill=rows)
    assert found["01"].explained == {"credits": Decimal(20)}


def test_charges_that_no_invoice_is_of_are_listed(tmp_path):
    _, made = load(tmp_path, {"01": "100.00"}, bill=[JANUARY[0], *FEBRUARY])
    assert [(one.provider, one.month, one.loaded) for one in made.uninvoiced] == [
        ("Vendor", "2026-02", Decimal("200.00"))
    ]
