"""When is self-hosting cheaper than the API?"""

from aiecon.models.self_host.answer import SelfHost
from aiecon.models.self_host.inputs import SelfHostInputs
from aiecon.models.self_host.intervals import win_intervals
from aiecon.models.self_host.map import probability_map
from aiecon.models.self_host.question import self_host
from aiecon.models.self_host.waiting import mean_wait_over_time, simulate_waits

__all__ = [
    "SelfHost",
    "SelfHostInputs",
    "mean_wait_over_time",
    "probability_map",
    "self_host",
    "simulate_waits",
    "win_intervals",
]
