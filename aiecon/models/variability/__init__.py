"""How far can the bill stray, and which of the four origins is to blame?"""

from aiecon.models.variability.answer import Variability
from aiecon.models.variability.inputs import VariabilityInputs
from aiecon.models.variability.moments import agent_cost_moments
from aiecon.models.variability.question import variability

__all__ = ["Variability", "VariabilityInputs", "agent_cost_moments", "variability"]
