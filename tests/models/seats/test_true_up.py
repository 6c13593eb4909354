"""Terms, ratchet and true-up: seats by hand, and the laws they obey."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import LAW

from aiecon.models.seats.true_up import months_billed, term_of, term_seats

needs = st.lists(st.integers(0, 50).map(float), min_size=1, max_size=30).map(np.array)
terms = st.integers(1, 14)


def billed(needed, **terms):
    return term_seats(np.array(needed, dtype=float), **terms)[1].tolist()


def test_added_seats_are_billed_from_their_month_to_the_end_of_the_term():
    assert billed([10, 10, 15, 12, 8, 8], commitment_months=4) == [10, 10, 15, 15, 8, 8]


def test_a_seat_added_in_month_m_of_a_year_is_billed_to_its_end():
    assert [months_billed(month, commitment_months=12) for month in (1, 4, 12)] == [12, 9, 1]


@pytest.mark.parametrize(("added", "months"), [(1, 12), (2, 9), (4, 9), (5, 6), (11, 0)])
def test_with_a_quarterly_true_up_from_the_next_date(added, months):
    """Dates are months 1, 4, 7 and 10; what is added after the last is billed at renewal."""
    assert months_billed(added, commitment_months=12, true_up_months=3) == months


def test_without_a_commitment_every_month_is_a_term():
    assert billed([10, 4, 7], commitment_months=0) == [10, 4, 7]
    assert term_of(0.0) == term_of(1.0) == 1
    assert term_of(11.5) == 12


@LAW
@given(needs, terms, terms)
def test_within_a_term_seats_never_shrink_cover_the_need_and_are_billed_no_earlier_than_used(needed, term, every):
    usable, paid = term_seats(needed, commitment_months=term, true_up_months=every)
    starts = np.arange(len(needed)) % term == 0
    for seats in (usable, paid):
        assert (np.diff(seats)[~starts[1:]] >= 0).all()
    assert (usable >= needed).all()
    assert (paid <= usable).all()
    assert (paid[starts] == needed[starts]).all()


@LAW
@given(needs, terms)
def test_true_up_every_month_bills_what_is_used(needed, term):
    usable, paid = term_seats(needed, commitment_months=term)
    assert (usable == paid).all()


@LAW
@given(needs, terms)
def test_futures_side_by_side_are_as_each_alone(needed, term):
    together = term_seats(np.column_stack([needed, needed * 2]), commitment_months=term, true_up_months=2)
    alone = term_seats(needed, commitment_months=term, true_up_months=2)
    for pair, one in zip(together, alone, strict=True):
        assert (pair == np.column_stack([one, one * 2])).all()
