"""Use that is billed or loaded with another month than its own explains what an invoice differs by, to the cent."""

from decimal import Decimal

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import LAW_WITH_FILES

from aiecon.ingestion import store
from aiecon.ingestion.invoices import Invoice, reconcile

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


QUARTER = [
    charge("1000.00", used="01-05", billed="01"),
    charge("1000.01", used="01-06", billed="01"),
    charge("1500.00", used="02-05", billed="02"),
    charge("3000.00", used="03-05", billed="03"),
]


@pytest.mark.parametrize("march", ["3000.00", "6500.01"])
def test_the_earlier_months_of_a_quarters_export_are_not_late(march, tmp_path):
    found, made = load(tmp_path, {"01": "0.00", "02": "0.00", "03": march}, bill=QUARTER)
    assert [one.explained for one in found.values()] == [{}, {}, {}]
    assert not made.is_written
    assert "unexplained -2,000.01" in made.problems[0]


def test_late_use_that_the_other_months_invoice_denies_counts_in_neither(tmp_path):
    found, made = load(tmp_path, {"01": "150.00", "02": "250.00"}, bill=[*JANUARY, *FEBRUARY])
    assert [one.unexplained for one in found.values()] == [50, 0]
    assert made.problems


@pytest.mark.parametrize(("late", "is_written"), [("50.00", True), ("150.00", False)])
def test_late_use_that_no_other_invoice_confirms_is_a_small_part_of_a_month(late, is_written, tmp_path):
    rows = [charge("200.00", used="02-05", billed="02"), charge(late, used="01-31", billed="02")]
    _, made = load(tmp_path, {"02": "200.00"}, bill=rows)
    assert made.is_written == is_written


costs = st.lists(st.tuples(st.integers(1, 4), st.integers(1, 4), st.integers(1, 10**6)), min_size=1, max_size=12)


def held(charges, invoiced):
    """Charges as (file, month used, month billed, cents) against invoices by month in cents."""
    rows = [
        (f"2026-{used:02}-03", f"2026-{billed:02}-01", Decimal(cents) / 100, file)
        for file, used, billed, cents in charges
    ]
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE store (ChargePeriodStart TIMESTAMP, BillingPeriodStart TIMESTAMP, BilledCost DECIMAL(38, 12),"
            "x_SourceDigest VARCHAR, ProviderName VARCHAR DEFAULT 'Vendor', InvoiceIssuerName VARCHAR, "
            "BillingAccountId VARCHAR, SubAccountId VARCHAR, ChargeCategory VARCHAR DEFAULT 'Usage')"
        )
        connection.executemany(
            "INSERT INTO store (ChargePeriodStart, BillingPeriodStart, BilledCost, x_SourceDigest) VALUES (?, ?, ?, ?)",
            rows,
        )
        lines = [
            Invoice(row, "Vendor", None, f"2026-{month:02}", Decimal(cents) / 100, "USD", None, None)
            for row, (month, cents) in enumerate(sorted(invoiced.items()))
        ]
        return reconcile(connection, lines)


def by_month(charges, place):
    return {month: sum(one[-1] for one in charges if one[place] == month) for month in {one[place] for one in charges}}


@LAW_WITH_FILES
@given(costs, st.booleans())
def test_law_a_bill_loaded_twice_is_never_explained(drawn, is_late):
    """Whatever the files hold; where each charge is billed in its own month nothing is late."""
    charges = [(str(file % 3), used, min(used + (cents % 2) * is_late, 4), cents) for file, used, cents in drawn]
    invoiced = dict.fromkeys(range(1, 5), 0) | by_month(charges, 2)
    doubled = held([*charges, *((f"copy of {file}", *more) for file, *more in charges)], invoiced)
    rest = sum(one.unexplained + one.explained.get("rounding", 0) for one in doubled)
    assert rest == -sum(map(Decimal, invoiced.values())) / 100
    if not is_late:
        copied = held([*charges, *(("copy", *more) for _, *more in charges)], invoiced)
        assert [one.explained.get("late usage", 0) for one in copied] == [0, 0, 0, 0]


@LAW_WITH_FILES
@given(costs)
def test_law_what_is_late_in_one_month_is_billed_in_another(drawn):
    charges = [(str(file % 3), used, min(used + cents % 2, 4), cents) for file, used, cents in drawn]
    found = held(charges, dict.fromkeys(range(1, 5), 0) | by_month(charges, 1))
    assert sum(one.explained.get("late usage", 0) for one in found) == 0
