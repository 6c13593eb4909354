"""What will we spend next quarter, and how sure are we?"""

from aiecon.models.spend_forecast.answer import SpendForecast
from aiecon.models.spend_forecast.inputs import SpendForecastInputs
from aiecon.models.spend_forecast.question import spend_forecast

__all__ = ["SpendForecast", "SpendForecastInputs", "spend_forecast"]
