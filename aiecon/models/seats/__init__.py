"""Seats or tokens, for whom?"""

from aiecon.models.seats.answer import Seats
from aiecon.models.seats.inputs import SeatsInputs
from aiecon.models.seats.question import seats
from aiecon.models.seats.tail import UsageFit, fit_usage

__all__ = ["Seats", "SeatsInputs", "UsageFit", "fit_usage", "seats"]
