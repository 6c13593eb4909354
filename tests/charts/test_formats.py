import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import LAW

from aiecon.charts import formats


@LAW
@given(st.floats(1e-6, 1 - 1e-6))
def test_a_probability_never_claims_a_certainty_it_does_not_have(share):
    assert formats.probability(share) not in ("0 %", "100 %")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.591, "59.1 %"),
        (-0.03, "−3.0 %"),
        (0.0, "0.0 %"),
        (1.0, "100.0 %"),
        (-0.0001, "0.0 %"),
    ],
)
def test_percentages(value, expected):
    assert formats.percent(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (474_420, "474 thousand USD"),
        (1_844_900, "1.84 million USD"),
        (0.637, "0.637 USD"),
        (-999_999, "−1,000 thousand USD"),
    ],
)
def test_amounts_in_words(value, expected):
    assert formats.money(value, "USD") == expected


@pytest.mark.parametrize(("value", "expected"), [(0.086, "+8.6 %"), (-0.18, "−18.0 %"), (0.00001, "0.0 %")])
def test_signed_percentages(value, expected):
    assert formats.signed_percent(value) == expected


def test_zero_is_a_dash_in_tables():
    assert (formats.full(0.0), formats.full(-1234.5), formats.signed(12.6)) == ("–", "−1,234", "+13")


def test_numbers_too_long_to_read_are_written_by_their_power_of_ten():
    assert (formats.significant(1e300), formats.full(-2.5e17)) == ("1.00e+300", "−2.50e+17")
    assert formats.money(1e300, "USD") == "1.00e+300 USD"
    assert (formats.exact_percent(0.9746), formats.exact_percent(0.85)) == ("97.46 %", "85 %")
