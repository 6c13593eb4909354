"""Use of people from FOCUS charges: sums by person and whole month, and what is refused."""

import pandas as pd
import pytest

import aiecon
from aiecon.errors import InputError
from aiecon.models.seats import SeatsInputs, seats

FLAT = {"name": "seat", "price_per_seat_month": 30, "overage_factor": 0}
ROWS = [
    ("ann", "2026-01-03", 40.0, 44.0),
    ("ann", "2026-01-20", 20.0, 22.0),
    ("ann", "2026-02-02", 50.0, 55.0),
    ("bo", "2026-02-27", 10.0, 11.0),
    ("bo", "2026-02-28", 5.0, 5.5),
    (None, "2026-02-28", 25.0, 27.5),
    ("bo", "2026-03-01", 99.0, 99.0),
]


def charges(rows=ROWS, **columns):
    frame = pd.DataFrame(rows, columns=["x_User", "day", "EffectiveCost", "BilledCost"])
    start = pd.to_datetime(frame.pop("day"))
    end = start + pd.Timedelta(days=1)
    return frame.assign(ChargePeriodStart=start, ChargePeriodEnd=end, BillingCurrency="USD").assign(**columns)


@pytest.fixture
def asked(tmp_path):
    def ask(frame, **fields):
        folder = tmp_path / "store"
        folder.mkdir(exist_ok=True)
        frame.to_parquet(folder / "part.parquet")
        given = {"usage": {"file": str(folder)}, "plans": [FLAT], **fields}
        return seats(aiecon.resolve(SeatsInputs.build(given)))

    return ask


def test_charges_are_summed_by_person_and_whole_month(asked):
    """March has begun only; bo has joined in February."""
    found = asked(charges())
    assert dict(zip(found.people.names, found.people.spend, strict=True)) == {"ann": 55.0, "bo": 15.0}
    assert str(found.as_of) == "2026-02-28"
    assert "Use is EffectiveCost by x_User and whole month of charge" in found.notes
    assert "16.7 % of the cost names no person and is left out" in found.notes


def test_without_an_effective_cost_the_billed_one_is_read_and_a_csv_does(tmp_path):
    path = tmp_path / "bill.csv"
    charges().drop(columns="EffectiveCost").to_csv(path, index=False)
    inputs = SeatsInputs.build({"usage": {"file": str(path)}, "plans": [FLAT], "as_of": "2026-01-31"})
    assert seats(aiecon.resolve(inputs)).people.spend.tolist() == [66.0]


def test_the_order_of_charges_changes_nothing(asked):
    first, other = asked(charges()), asked(charges(ROWS[::-1]))
    assert first.by_person().equals(other.by_person())


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (charges(BillingCurrency=["USD"] * 6 + ["EUR"]), "mixes EUR, USD; one currency is expected"),
        (charges(BillingCurrency="EUR"), "is billed in EUR and the plans are priced in USD"),
        (charges(x_User=None), "no charge of a whole month up to 2026-02-28 names a person in x_User"),
        (charges([*ROWS, ("bo", "2026-02-03", -60.0, -60.0)]), r"'bo' in 2026-02 sum to -45.00; zero or more"),
        (charges([*ROWS, ("ann", "2025-11-03", 1.0, 1.0)]), "no row is of 2025-12"),
        (charges().drop(columns="ChargePeriodEnd"), "ChargePeriodEnd"),
        (charges(EffectiveCost="much"), "EffectiveCost"),
    ],
)
def test_what_is_wrong_with_charges_is_told(asked, frame, message):
    with pytest.raises(InputError, match=message):
        asked(frame)


def test_blanks_around_a_name_are_no_part_of_it(tmp_path):
    (tmp_path / "use.csv").write_text("user,month,spend\n ann ,2026-01,40\nann,2026-02,50\nbo,2026-02,5\n")
    inputs = SeatsInputs.build({"usage": {"file": str(tmp_path / "use.csv")}, "plans": [FLAT]})
    found = seats(aiecon.resolve(inputs))
    assert found.by_person()["user"].tolist() == ["ann", "bo"]
    (tmp_path / "use.csv").write_text("user,spend\n ann ,40\nann,50\n")
    with pytest.raises(InputError, match="ann"):
        aiecon.resolve(inputs)


def test_seats_taxes_and_other_layers_are_no_use_and_said(asked):
    frame = charges().assign(ChargeCategory="Usage", x_Layer="model")
    fees = charges(
        [("ann", "2026-01-01", 19.0, 19.0), ("bo", "2026-01-31", 6.0, 6.0), ("bo", "2026-02-01", 30.0, 30.0)]
    )
    fees = fees.assign(ChargeCategory=["Purchase", "Tax", "Usage"], x_Layer=["saas", None, "platform"])
    plain, mixed = asked(frame), asked(pd.concat([frame, fees], ignore_index=True))
    assert mixed.by_person().equals(plain.by_person())
    assert any("Charges of 55.00 (26.8 % of the cost) are no use of a model" in note for note in mixed.notes)
    assert not any("no use of a model" in note for note in plain.notes)


def test_a_first_month_without_its_beginning_is_left_out_and_said(asked):
    rows = [("ann", "2026-01-15", 40.0, 40.0), *(("ann", f"2026-0{month}-03", 30.0, 30.0) for month in (2, 3))]
    found = asked(charges([*rows, ("ann", "2026-04-01", 1.0, 1.0)]))
    assert found.people.spend.tolist() == [30.0]
    assert "Charges begin on 2026-01-15: 2026-01 is no whole month and is left out" in found.notes
    early = asked(charges([("ann", "2026-01-04", 40.0, 40.0), *rows[1:], ("ann", "2026-04-01", 1.0, 1.0)]))
    assert early.people.spend.tolist() == pytest.approx([100 / 3])


def test_a_person_twice_is_told_beside_a_broken_number(tmp_path):
    (tmp_path / "use.csv").write_text("user,month,spend\nann,2026-01,40\nann,2026-01,50\nbo,2026-01,x\n")
    with pytest.raises(InputError) as refused:
        aiecon.resolve(SeatsInputs.build({"usage": {"file": str(tmp_path / "use.csv")}, "plans": [FLAT]}))
    assert "row 4 has 'x'" in str(refused.value)
    assert "row 3 repeats user 'ann'" in str(refused.value)


def test_spend_may_be_written_as_money(tmp_path):
    (tmp_path / "use.csv").write_text('user,month,spend\nann,2026-01,$40.00\nbo,2026-01,"1,050.50"\n')
    inputs = SeatsInputs.build({"usage": {"file": str(tmp_path / "use.csv")}, "plans": [FLAT]})
    assert aiecon.resolve(inputs).usage.file.table.frame["spend"].tolist() == [40.0, 1050.5]
