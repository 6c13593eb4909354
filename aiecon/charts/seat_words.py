"""Numbers of people and seats in words, as the pictures and the page say them."""

from collections.abc import Mapping

from aiecon.charts import formats
from aiecon.models.seats import Seats
from aiecon.models.seats.allocation import Allocation

_WHOLE = 1e-6
_SEATS = ("seat", "seats")


def count_of(value: float) -> str:
    """A number of people or seats: whole ones whole, parts of a population with three figures.

    Examples
    --------
    >>> count_of(1257.0), count_of(28.457)
    ('1,257', '28.5')
    """
    return formats.full(value) if abs(value - round(value)) < _WHOLE else formats.significant(value)


def people_of(count: float) -> str:
    """A number of people in words.

    Examples
    --------
    >>> people_of(157), people_of(1)
    ('157 people', '1 person')
    """
    return f"{count_of(count)} {'person' if count == 1 else 'people'}"


def seats_named(seats: Mapping[str, float]) -> str:
    """Numbers of seats by plan in words; a plan that is called seat is not named twice.

    Examples
    --------
    >>> seats_named({"Flat": 4}), seats_named({"Flat": 1, "Pool": 1}), seats_named({"seat": 5})
    ('4 Flat seats', '1 Flat and 1 Pool seats', '5 seats')
    """
    words = [plan_seats(count, name) for name, count in seats.items()]
    is_said = [*seats][-1].lower().endswith(_SEATS)
    return " and ".join(words) + ("" if is_said else " seat" if sum(seats.values()) == 1 else " seats")


def plan_seats(count: float, name: str) -> str:
    """A number of seats of a plan in words, in the plural where the plan is called seat.

    Examples
    --------
    >>> plan_seats(5, "Flat"), plan_seats(5, "seat")
    ('5 Flat', '5 seats')
    """
    return f"{count_of(count)} {name}{'s' if count != 1 and name.lower().endswith('seat') else ''}"


def has_everybody_anyway(answer: Seats, allocation: Allocation) -> bool:
    """Whether everybody has a seat and the lightest has one of a minimum, which is paid however few hold one."""
    plans, place = answer.inputs.plans, int(allocation.plan[-1])
    if place < 0 or sum(allocation.holders.values()) < answer.people.count * (1 - 1e-9):
        return False
    return allocation.seats[plans[place].name] <= plans[place].minimum_seats
